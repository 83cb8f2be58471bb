"""Results that all launches share: computed once, then read from disk.

The rounds of every brand, or the prior of a forecast, are the same whichever launch is studied.
Such a result lies in `.cache/` of the project, in a folder for the code as it is: whatever changes
in `analysis/` makes a new folder, and arguments (data among them) make a new result. Where nothing
can be written, it is computed anew each time. Which results are shared is up to the studies.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from joblib import Memory

PROJECT = Path(__file__).resolve().parents[2]
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
        memory = _memory()
        if memory is None:
            return function(*args, **options)
        return memory.cache(function)(*args, **options)

    return look_up_or_compute


@cache
def _memory() -> Memory | None:
    """Return the store of the code as it is, and forget those of earlier code."""
    from joblib import Memory  # noqa: PLC0415 (only shared results need it)

    folder = PROJECT / ".cache"
    store = folder / _digest_of_code()
    try:
        store.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    for earlier in folder.iterdir():
        if earlier != store:
            shutil.rmtree(earlier, ignore_errors=True)
    return Memory(store, verbose=0)


def _digest_of_code() -> str:
    """Return a digest of all code below `analysis/`."""
    digest = hashlib.sha256()
    for file in sorted((PROJECT / "analysis").rglob("*.py")):
        digest.update(str(file.relative_to(PROJECT)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
