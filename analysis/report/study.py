"""One report: check the parameters, run the notebook, publish its page and the executed notebook, or say what failed."""

import contextlib
import os
import re
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

import nbformat
import papermill
from papermill.engines import NBClientEngine, papermill_engines

from . import NOTEBOOKS, Preparation, ReportError, list_studies
from .kernel import forked_kernel
from .page import render_page


class OneWrite(NBClientEngine):
    """Papermill's own engine, but the notebook is written once at the end, not twice a cell."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, *args, **options):
        nb_man.save = lambda **_: None
        return super().execute_managed_notebook(nb_man, *args, **options)


papermill_engines.register("one_write", OneWrite)
TYPES = {"str": str, "int": int, "float": (int, float), "bool": bool, "list": list, "dict": dict}
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def notebook_of(study: str) -> Path:
    """The notebook of a study: notebooks/<digit>_<study>.ipynb."""
    if study not in list_studies():
        raise ReportError(f"there is no study {study!r}; known: {', '.join(sorted(list_studies()))}")
    return next(NOTEBOOKS.glob(f"[0-9]_{study}.ipynb"))


def check_parameters(notebook: Path, given: dict) -> dict:
    """Hold names and types of the given parameters against the notebook's own; papermill itself would only warn.

    Returns what papermill knows of the notebook's parameters.
    """
    known = papermill.inspect_notebook(str(notebook))
    for name, value in given.items():
        if name not in known:
            near = get_close_matches(name, known, n=2) or sorted(known)
            raise ReportError(f"{notebook.name} has no parameter {name!r}; did you mean {' or '.join(near)}?")
        wanted, meaning = known[name]["inferred_type_name"].split("[")[0], known[name]["help"]
        if not isinstance(value, TYPES.get(wanted, object)) or (wanted in ("int", "float") and isinstance(value, bool)):
            found = f"{name} = {value!r} is of type {type(value).__name__}"
            raise ReportError(f"{notebook.name}: {found}; expected {wanted} ({meaning})")
    return known


def make_report(name: str, out: Path, prepare: Callable[..., Preparation], forked: bool) -> None:
    """Make out/<name>.html and out/<name>.ipynb, where name is "subject/study" (or "study" alone).

    Nothing appears under these names until it is whole; what was there stays if anything fails.
    Raises ReportError when the data, the parameters or a cell of the notebook are wrong.
    """
    *subject, study = name.split("/")
    notebook, prepared = notebook_of(study), prepare(*subject, study)
    known = check_parameters(notebook, prepared.parameters)
    work = out / ".work"
    work.mkdir(parents=True, exist_ok=True)
    executed = work / f"{name.replace('/', '.')}.ipynb"
    ran = _run(name, notebook, executed, prepared.parameters, forked)
    page, whole = render_page(name, ran, prepared, known)
    (out / name).parent.mkdir(parents=True, exist_ok=True)
    for suffix, text in ((".ipynb", nbformat.writes(whole)), (".html", page)):  # the page last: make goes by it
        publish(out / f"{name}{suffix}", text, work)
    executed.unlink()
    (out / f"{name}.failed.ipynb").unlink(missing_ok=True)


def publish(path: Path, text: str, work: Path) -> None:
    """Write a file whole under another name on the same disk, then give it its own name in one step."""
    part = work / f"{path.parent.name}.{path.name}.part"
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def _run(name: str, notebook: Path, executed: Path, parameters: dict, forked: bool) -> nbformat.NotebookNode:
    options = {"engine_name": "one_write", "progress_bar": False, "kernel_name": "python3", "cwd": str(NOTEBOOKS)}
    try:
        with forked_kernel(NOTEBOOKS) if forked else contextlib.nullcontext() as manager:
            options |= {"km": manager} if forked else {}
            return papermill.execute_notebook(str(notebook), str(executed), parameters, **options)
    except papermill.PapermillExecutionError as err:
        failed = executed.parents[1] / f"{name}.failed.ipynb"
        failed.parent.mkdir(parents=True, exist_ok=True)
        os.replace(executed, failed)
        trace = [line for text in err.traceback for line in ESCAPES.sub("", text).splitlines()]
        shown = [f"| {line}" for line in err.source.splitlines()] + trace[-8:]
        shown += [f"{err.ename}: {ESCAPES.sub('', str(err.evalue))}", f"as far as it ran: {failed}"]
        raise ReportError(f"{notebook.name}, cell {err.cell_index}:\n" + "\n".join(f"    {line}" for line in shown)) from None
