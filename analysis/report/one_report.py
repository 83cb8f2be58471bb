"""Make one report: check its parameters, run its notebook, publish page and executed notebook."""

import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError

from . import NOTEBOOKS, Preparation, ReportError, list_notebooks, study_of
from .folder import WORK, publish
from .page import render_page
from .shell import SHELL

TYPES = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "list": list,
    "dict": dict,
}  # of Python, by the word that a notebook's `parameters` cell uses
TERMINAL_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
TRACE_LINES = 8  # of a traceback that are shown
ENDED_FROM_OUTSIDE = (
    "its process was ended from outside, as happens where memory runs out; expected it to live to "
    "the last cell (JOBS=1 needs the least memory)"
)
ENDED_BY_A_CELL = "this cell ends the notebook; expected it to run to its last cell"


@dataclass(frozen=True)
class Outcome:
    """How the making of one report ended."""

    name: str
    succeeded: bool


def failed_notebook(name: str) -> str:
    """Give the path of a report's notebook as far as it ran, from the folder of reports."""
    return f"{name}.failed.ipynb"


def notebook_of(study: str) -> Path:
    """Give the notebook of a study, or a ReportError that names those there are."""
    notebooks = list_notebooks()
    if study not in notebooks:
        raise ReportError(f"there is no study {study!r}; known: {', '.join(sorted(notebooks))}")
    return notebooks[study]


def check_parameters(notebook: Path, parameters: dict) -> dict:
    """Hold parameters against a notebook's own.

    Returns
    -------
    dict
        What papermill knows of each parameter of the notebook, by name.

    Raises
    ------
    ReportError
        For a name or type of which papermill would only warn.
    """
    known = papermill.inspect_notebook(_without_fields(notebook))
    for name, value in parameters.items():
        if name not in known:
            similar = get_close_matches(name, known, n=2) or sorted(known)
            hint = f"did you mean {' or '.join(similar)}?"
            raise ReportError(f"{notebook.name} has no parameter {name!r}; {hint}")
        type_name = known[name]["inferred_type_name"].split("[")[0]
        is_flag_for_number = isinstance(value, bool) and type_name in ("int", "float")
        if not isinstance(value, TYPES.get(type_name, object)) or is_flag_for_number:
            fault = f"{name} = {value!r} is of type {type(value).__name__}"
            expected = f"{type_name} ({known[name]['help']})"
            raise ReportError(f"{notebook.name}: {fault}; expected {expected}")
    return known


def make_report(name: str, prepared: Preparation, out: Path, *, own_kernel: bool) -> None:
    """Make out/<name>.html and out/<name>.ipynb.

    Nothing appears there until it is whole, and what was there stays if anything fails.

    Parameters
    ----------
    name
        "subject/study", or "study" alone.
    prepared
        What the notebook is run with.
    out
        The folder of reports.
    own_kernel
        Whether cells run in a kernel that is started for them, or in this process, which should
        then end with the report.

    Raises
    ------
    ReportError
        If a parameter is wrong, or a cell fails or ends the notebook, which is then left at
        out/<name>.failed.ipynb as far as it ran.
    """
    notebook = notebook_of(study_of(name))
    known = check_parameters(notebook, prepared.parameters)
    engine = None if own_kernel else SHELL
    executed = _run(name, notebook, out, prepared.parameters, engine)
    page = render_page(name, executed, prepared, known)
    publish(out, f"{name}.ipynb", nbformat.writes(executed))
    publish(out, f"{name}.html", page)
    (out / failed_notebook(name)).unlink(missing_ok=True)


def _run(
    name: str, notebook: Path, out: Path, parameters: dict, engine: str | None
) -> nbformat.NotebookNode:
    """Run a notebook with an engine of papermill's, by default with a kernel.

    Where a cell fails or ends it, it is left beside the reports as far as it ran.
    """
    work = out / WORK
    work.mkdir(parents=True, exist_ok=True)
    part = work / failed_notebook(name).replace("/", ".")
    try:
        executed = papermill.execute_notebook(
            _without_fields(notebook),
            _without_fields(part),
            parameters,
            engine_name=engine,
            progress_bar=False,
            kernel_name="python3",
            cwd=NOTEBOOKS,
            request_save_on_cell_execute=False,
        )
        _refuse_early_end(executed)
        return executed
    except papermill.PapermillExecutionError as err:
        failed = json.loads(part.read_text(encoding="utf-8"))
        failed["metadata"]["report"] = {"name": name}  # what tells that it was made here
        publish(out, failed_notebook(name), json.dumps(failed, indent=1, ensure_ascii=False))
        raise ReportError(_describe(err, notebook, out / failed_notebook(name))) from None
    except DeadKernelError:
        raise ReportError(f"{notebook.name}: {ENDED_FROM_OUTSIDE}") from None


def _refuse_early_end(executed: nbformat.NotebookNode) -> None:
    """Raise the error of a cell that papermill lets pass: one that ends all with `sys.exit()`."""
    for index, cell in enumerate(executed.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                raise papermill.PapermillExecutionError(
                    cell_index=index,
                    exec_count=cell.execution_count,
                    source=cell.source,
                    ename=output.ename,
                    evalue=f"{output.evalue}; {ENDED_BY_A_CELL}".removeprefix("; "),
                    traceback=output.traceback,
                )


def _without_fields(path: Path) -> str:
    """Give a path for papermill, which formats it like a template: braces in it are doubled."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _describe(err: papermill.PapermillExecutionError, notebook: Path, failed: Path) -> str:
    """Say which cell failed and why; of an error in somebody's data the message alone."""
    message = TERMINAL_COLOURS.sub("", str(err.evalue))
    if err.ename == "DataError":
        return message
    trace = TERMINAL_COLOURS.sub("", "\n".join(err.traceback)).splitlines()
    lines = [
        *(f"| {line}" for line in err.source.splitlines()),
        *trace[-TRACE_LINES:],
        f"{err.ename}: {message}",
        f"as far as it ran: {failed}",
    ]
    indented = "\n".join(f"    {line}" for line in lines)
    return f"{notebook.name}, cell {err.cell_index}:\n{indented}"
