"""Results that several reports share: computed once, then read from disk.

The rounds of every brand, or the prior of a forecast, are the same whichever launch is studied.
Such a result lies in `.cache/results/` of the project, in a folder for the code as it is: whatever
changes in `analysis/` or `environment.lock` makes a new folder, and arguments (data among them)
make a new result. Where nothing can be written, it is computed anew each time. Which results are
shared is up to the studies.

The code as it is was read when this module was imported. A process that lives on while its files
are edited, such as a kernel in JupyterLab, runs the code of before and writes no result any more.

Reports are made several at a time, each in a process of its own. Who finds that another process
computes a result already waits for it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache, wraps
from pathlib import Path
from typing import TypeVar

import pandas as pd

try:
    import fcntl
except ImportError:  # there is none on Windows: two processes may then compute the same
    fcntl = None

PROJECT = Path(__file__).resolve().parents[2]
RESULT = "output.pkl"
PART = "output.part"  # before it is whole
LOCK = "lock"
Result = TypeVar("Result")


def shared(function: Callable[..., Result]) -> Callable[..., Result]:
    """Have a function's results kept on disk, for every study that asks for the same.

    Parameters
    ----------
    function
        A function of a module, without side effects, whose result follows from its arguments.

    Returns
    -------
    callable
        The same function; it computes only what is not there yet.
    """

    @wraps(function)
    def look_up_or_compute(*args, **options) -> Result:
        import joblib  # noqa: PLC0415 (only shared results need it)

        store = _store()
        if store is None:
            return function(*args, **options)
        name = f"{function.__module__}.{function.__qualname__}"
        folder = store / name / joblib.hash(_in_brief([args, options]))
        with contextlib.suppress(Exception):  # it is not there yet, or damaged
            return joblib.load(folder / RESULT)
        with _alone_in(folder):
            with contextlib.suppress(Exception):  # another process may have put it there meanwhile
                return joblib.load(folder / RESULT)
            result = function(*args, **options)
            if _runs_code_on_disk():
                with contextlib.suppress(OSError):  # a full disk, say
                    joblib.dump(result, folder / PART)
                    os.replace(folder / PART, folder / RESULT)
            return result

    return look_up_or_compute


def _in_brief(value):
    """Return what stands for an argument when its result is looked up.

    It is the argument, with tables replaced by a hash of each row: to hash them cell by cell, as
    joblib does, takes longer than to read the result. Of a dataclass the fields count alone.
    """
    if isinstance(value, pd.DataFrame):
        cells = value.reset_index()
        if any(map(pd.api.types.is_object_dtype, cells.dtypes)):
            return value  # cells of any kind, which a hash may not tell apart
        rows = pd.util.hash_pandas_object(cells, index=False).to_numpy()
        return list(cells.columns), [str(dtype) for dtype in cells.dtypes], rows
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__qualname__, {
            field.name: _in_brief(getattr(value, field.name)) for field in fields(value)
        }
    if isinstance(value, dict):
        return {key: _in_brief(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_in_brief(one) for one in value]
    return value


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process computes the result of this folder, and keep others waiting."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # without a lock two may compute the same
            folder.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context((folder / LOCK).open("w"))
            if fcntl:
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def _store() -> Path | None:
    """Return the folder for the code that runs, and forget what earlier code computed.

    There is none where nothing can be written, or where the code on disk is another already.
    """
    if not _runs_code_on_disk():
        return None
    folder = PROJECT / ".cache" / "results"
    store = folder / CODE_THAT_RUNS
    try:
        store.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    for earlier in folder.iterdir():
        if earlier != store:
            shutil.rmtree(earlier, ignore_errors=True)
    return store


def _runs_code_on_disk() -> bool:
    """Whether the files are still those that were there when this process imported them."""
    return CODE_THAT_RUNS is not None and _digest_of_code() == CODE_THAT_RUNS


def _digest_of_code() -> str | None:
    """Return a digest of all code below `analysis/` and of the libraries' versions.

    It is None where a file cannot be read.
    """
    files = [*sorted((PROJECT / "analysis").rglob("*.py")), PROJECT / "environment.lock"]
    digest = hashlib.sha256()
    try:
        for file in filter(Path.is_file, files):
            digest.update(str(file.relative_to(PROJECT)).encode())
            digest.update(file.read_bytes())
    except OSError:
        return None
    return digest.hexdigest()[:16]


CODE_THAT_RUNS = _digest_of_code()  # some milliseconds; processes forked from this one inherit it
