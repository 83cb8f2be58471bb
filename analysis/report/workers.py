"""Make several reports at a time, each in a process of its own.

On Linux that process is forked from this one, which has imported the heavy libraries already. The
cells of the notebook run in it too; where plain kernels are asked for, in a kernel started for
them. What several reports compute alike they share by way of the disk: that is up to the studies
(`data.shared`). Here it is seen to that reports of one study do not run side by side where that
can be (`progress.in_turns`).
"""

import gc
import importlib
import logging
import multiprocessing
import pkgutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path

# No report needs the debugger, and it costs a second at import where JupyterLab is installed.
sys.modules.setdefault("debugpy", None)

import pandas as pd  # noqa: E402 (after that setting)
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook  # noqa: E402 (as above)

import analysis  # noqa: E402 (as above)
from analysis.look import Chart, plot_intervals  # noqa: E402 (as above)

from . import Preparation, ReportError  # noqa: E402 (as above)
from .one_report import ENDED_FROM_OUTSIDE, Outcome, make_report  # noqa: E402 (as above)
from .page import render_page  # noqa: E402 (as above)
from .process import die_with_parent, same_for_everybody  # noqa: E402 (as above)
from .progress import Progress, in_turns  # noqa: E402 (as above)

# Libraries that our modules import only when they need them, which takes each a second.
LATE_LIBRARIES = ("seaborn", "statsmodels.formula.api", "ipywidgets", "matplotlib.pyplot")
# Forking is safe there: one thread (analysis/__init__.py), and no libraries that forbid it.
LINUX = sys.platform == "linux"
MADE, TOLD = 17, 1  # how a worker ends: its report is made, or it has said why it is not


def prepare_all(names: list[str], prepare: Callable[..., dict]) -> dict[str, Preparation]:
    """Check the data of each report before any cell runs; those that are right, by name.

    What is wrong with the data of others is printed whole, a line for each fault, and once for all
    reports that share it.
    """
    prepared, reports_by_fault = {}, {}
    for name in names:
        try:
            prepared[name] = Preparation(**prepare(*name.split("/")))
        except Exception as err:  # whatever a data file can cause is told and ends with its report
            reports_by_fault.setdefault(_in_lines(err), []).append(name)
    for fault, reports in reports_by_fault.items():
        print(f"FAILED {', '.join(reports)}: {fault}", file=sys.stderr, flush=True)
    return prepared


def make_all(
    prepared: dict[str, Preparation], out: Path, jobs: int, *, plain: bool = False
) -> Iterator[Outcome]:
    """Make every report, `jobs` at a time; print a line for each that ends, and what is left.

    Parameters
    ----------
    prepared
        What each report is run with, by name.
    out
        The folder of reports.
    jobs
        How many reports are made at a time.
    plain
        Whether the cells of each notebook run in a kernel started for them.

    Yields
    ------
    Outcome
        Of each report, as soon as it ends.
    """
    logging.getLogger("papermill").setLevel("ERROR")
    context = multiprocessing.get_context("fork" if LINUX else "spawn")
    waiting = in_turns(prepared)
    progress = Progress(len(prepared), jobs)
    if prepared:
        print(progress.opening(), flush=True)
    running: dict[int, tuple[multiprocessing.process.BaseProcess, float]] = {}
    with same_for_everybody():
        if LINUX and prepared:
            _warm_up()
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    name = waiting.pop(0)
                    arguments = (name, prepared[name], out, plain)
                    process = context.Process(target=_work, args=arguments, name=name)
                    process.start()
                    running[process.sentinel] = (process, time.monotonic())
                for sentinel in wait(running):
                    process, began = running.pop(sentinel)
                    process.join()
                    if process.exitcode not in (MADE, TOLD):  # it could not say so itself
                        fault = f"FAILED {process.name}: {ENDED_FROM_OUTSIDE}"
                        print(fault, file=sys.stderr, flush=True)
                    line = progress.end(
                        process.name,
                        time.monotonic() - began,
                        failed=process.exitcode != MADE,
                        running=[other.name for other, _ in running.values()],
                        waiting=waiting,
                    )
                    print(line, flush=True)
                    yield Outcome(name=process.name, succeeded=process.exitcode == MADE)
        finally:  # an interrupt leaves nobody behind
            for process, _ in running.values():
                process.terminate()
                process.join()


def _work(name: str, prepared: Preparation, out: Path, plain: bool) -> None:
    """Make one report in this process and end it: as `MADE`, or as `TOLD` with the reason.

    A cell can end the process too, with any status, so that 0 does not say that a report is made.
    """
    die_with_parent()
    if plain:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the kernel is ended too
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends us
    try:
        make_report(name, prepared, out, own_kernel=plain)
    except (ReportError, ValueError) as err:
        sys.stdout.flush()
        sys.exit(f"FAILED {name}: {err}")
    except OSError as err:
        sys.stdout.flush()
        sys.exit(f"FAILED {name}: {(err.strerror or str(err)).lower()}")
    except MemoryError:
        sys.stdout.flush()
        sys.exit(f"FAILED {name}: too little memory (JOBS=1 needs the least)")
    sys.exit(MADE)


def _warm_up() -> None:
    """Do once what each report would do first: import all modules, read fonts, draw and render."""
    for module in pkgutil.walk_packages(analysis.__path__, "analysis."):
        is_command = module.name.endswith("__main__")
        if not is_command and not module.name.startswith(f"{__package__}."):
            importlib.import_module(module.name)
    for library in LATE_LIBRARIES:
        importlib.import_module(library)
    rows = pd.DataFrame({"label": ["a"], "estimate": [1.0], "low": [0.0], "high": [2.0]})
    Chart("Fonts", "", partial(plot_intervals, table=rows), "a chart for nobody", rows).html()
    toy = new_notebook(cells=[new_markdown_cell("# Title"), new_code_cell("1")])
    render_page("", toy, Preparation({}), {})
    gc.collect()
    gc.freeze()  # so that a child's garbage collector does not copy our memory


def _in_lines(err: Exception) -> str:
    """Give what an error says, each of several faults on a line of its own.

    Of an error that is not made for users it is one line, with the place where it arose.
    """
    if isinstance(err, ValueError):
        faults = [" ".join(line.split()) for line in str(err).splitlines()]
        return faults[0] if len(faults) == 1 else "".join(f"\n    {fault}" for fault in faults)
    message = " ".join(str(err).split())
    last = traceback.extract_tb(err.__traceback__)[-1]
    place = f"{Path(last.filename).name}:{last.lineno}"
    return f"{type(err).__name__}: {message[:200]} ({place})"
