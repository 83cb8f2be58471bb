"""One report: check the parameters, run the notebook, publish its page and the executed notebook, or say what failed."""

import contextlib
import os
import re
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

import nbformat
import papermill

from . import NOTEBOOKS, Preparation, ReportError, list_studies
from .kernel import forked_kernel
from .page import publish, render_page

TYPES = {"str": str, "int": int, "float": (int, float), "bool": bool, "list": list, "dict": dict}
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def notebook_of(study: str) -> Path:
    """The notebook of a study, or a ReportError that names those there are."""
    if study not in list_studies():
        raise ReportError(
            f"there is no study {study!r}; known: {', '.join(sorted(list_studies()))}"
        )
    return list_studies()[study]


def check_parameters(notebook: Path, given: dict) -> dict:
    """What papermill knows of a notebook's parameters; ReportError for a given name or type that it would only warn of."""
    known = papermill.inspect_notebook(str(notebook))
    for name, value in given.items():
        if name not in known:
            near = get_close_matches(name, known, n=2) or sorted(known)
            raise ReportError(
                f"{notebook.name} has no parameter {name!r}; did you mean {' or '.join(near)}?"
            )
        wanted, meaning = known[name]["inferred_type_name"].split("[")[0], known[name]["help"]
        if not isinstance(value, TYPES.get(wanted, object)) or (
            wanted in ("int", "float") and isinstance(value, bool)
        ):
            found = f"{name} = {value!r} is of type {type(value).__name__}"
            raise ReportError(f"{notebook.name}: {found}; expected {wanted} ({meaning})")
    return known


def make_report(name: str, out: Path, prepare: Callable[..., dict], forked: bool) -> None:
    """Make out/<name>.html and out/<name>.ipynb, where name is "subject/study" (or "study" alone).

    Nothing appears there until it is whole; what was there stays if anything fails. ReportError for wrong parameters or cells.
    """
    *subject, study = name.split("/")
    notebook, prepared, failed = (
        notebook_of(study),
        Preparation(**prepare(*subject, study)),
        out / f"{name}.failed.ipynb",
    )
    known = check_parameters(notebook, prepared.parameters)
    failed.parent.mkdir(parents=True, exist_ok=True)
    page, whole = render_page(
        name, _run(notebook, failed, out / ".work", prepared.parameters, forked), prepared, known
    )
    for suffix, text in (
        (".ipynb", nbformat.writes(whole)),
        (".html", page),
    ):  # the page last: make goes by it
        publish(out / f"{name}{suffix}", text, out / ".work")
    failed.unlink(missing_ok=True)


def _run(
    notebook: Path, failed: Path, work: Path, parameters: dict, forked: bool
) -> nbformat.NotebookNode:
    """The executed notebook; where a cell fails it is left at `failed`, as far as it ran."""
    work.mkdir(parents=True, exist_ok=True)
    executed = work / f"{failed.parent.name}.{failed.name}"
    options = {
        "progress_bar": False,
        "kernel_name": "python3",
        "cwd": NOTEBOOKS,
        "request_save_on_cell_execute": False,
    }
    try:
        with forked_kernel(NOTEBOOKS) if forked else contextlib.nullcontext() as manager:
            options |= {"km": manager} if forked else {}
            return papermill.execute_notebook(notebook, executed, parameters, **options)
    except papermill.PapermillExecutionError as err:
        os.replace(executed, failed)
        if (
            err.ename == "DataError"
        ):  # what is wrong with somebody's data, which needs no code beside it
            raise ReportError(ESCAPES.sub("", str(err.evalue))) from None
        trace = [line for text in err.traceback for line in ESCAPES.sub("", text).splitlines()]
        shown = [f"| {line}" for line in err.source.splitlines()] + trace[-8:]
        shown += [f"{err.ename}: {ESCAPES.sub('', str(err.evalue))}", f"as far as it ran: {failed}"]
        raise ReportError(
            f"{notebook.name}, cell {err.cell_index}:\n"
            + "\n".join(f"    {line}" for line in shown)
        ) from None
