"""Command: make the named reports, several at a time, then the index.

    PYTHONPATH=.ci python -m report --prepare analysis.data.launches:prepare_report --out reports mi_9/margin mi_9/capacity

Each report is made in a process of its own. On Linux that process, and the kernel of its notebook, are forked from
this one, which has imported the heavy libraries already. With --plain kernels start afresh; elsewhere both do.
"""

import argparse
import gc
import importlib
import logging
import multiprocessing
import os
import pkgutil
import shutil
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from pathlib import Path

# Both cost seconds at import where JupyterLab is installed, and reports need neither: a grammar of jsonschema's, a debugger.
sys.modules.setdefault("rfc3987_syntax", None)
sys.modules.setdefault("debugpy", None)
os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # forking needs one thread, and so do sums that must be the same each time

from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook  # noqa: E402

import analysis  # noqa: E402

from . import ROOT, Preparation, ReportError  # noqa: E402
from .kernel import die_with_parent  # noqa: E402
from .page import render_page, write_index  # noqa: E402
from .statements import write_statements  # noqa: E402
from .study import make_report  # noqa: E402

LINUX = (
    sys.platform == "linux"
)  # forking is safe there: one thread, and no libraries that forbid it


def main() -> int:
    """Make the reports and the index; the exit status is 1 if any report failed."""
    ask = argparse.ArgumentParser(prog="python -m report", description=__doc__.split("\n")[0])
    ask.add_argument("reports", nargs="*", help="subject/study, or a study that has no subject")
    ask.add_argument(
        "--prepare",
        required=True,
        help="module:function that checks a report's data and gives its parameters",
    )
    ask.add_argument(
        "--statements", help="module:function that lists statements for the page of them"
    )
    ask.add_argument("--out", type=Path, default=Path("reports"))
    ask.add_argument("--jobs", type=int, default=os.cpu_count(), help="reports made at a time")
    ask.add_argument(
        "--plain", action="store_true", help="start every kernel afresh instead of forking it"
    )
    given = ask.parse_args()
    logging.getLogger("papermill").setLevel("ERROR")
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(ROOT), str(ROOT / ".ci"), os.environ.get("PYTHONPATH")])
    )
    os.environ["STATIC_REPORT"] = "1"  # panels with sliders show a table instead
    prepare = pkgutil.resolve_name(given.prepare)
    good = check_all(given.reports, prepare)
    if good and LINUX:
        _warm()
    made = make_all(good, given.jobs, (given.out, prepare, LINUX and not given.plain))
    if given.statements:
        write_statements(given.out, pkgutil.resolve_name(given.statements)())
    write_index(given.out)
    shutil.rmtree(given.out / ".work", ignore_errors=True)
    failed = len(given.reports) - made
    if given.reports:
        print(
            f"{made} rendered, {failed} failed{' (their pages, if any, are of before)' * (failed > 0)}: {given.out / 'index.html'}"
        )
    gc.unfreeze()  # so that libraries find at the exit that nothing of theirs was left
    return int(failed > 0)


def check_all(reports: list[str], prepare: Callable) -> list[str]:
    """The reports whose data are right; what is wrong with the others is told before any kernel starts, and once."""
    wrong = {}
    for name in reports:
        try:
            prepare(*name.split("/"))
        except ValueError as err:
            wrong.setdefault(str(err), []).append(name)
    for message, names in wrong.items():
        print(f"FAILED {', '.join(names)}: {message}", file=sys.stderr, flush=True)
    return [name for name in reports if not any(name in names for names in wrong.values())]


def make_all(reports: list[str], jobs: int, options: tuple) -> int:
    """Make every report in its own process, `jobs` at a time, a line for each that ends; return how many were made."""
    context = multiprocessing.get_context("fork" if LINUX else "spawn")
    waiting, live, made = list(reports), {}, 0
    try:
        while waiting or live:
            while waiting and len(live) < jobs:
                name = waiting.pop(0)
                process = context.Process(target=_work, args=(name, *options), name=name)
                process.start()
                live[process.sentinel] = (process, time.monotonic())
            for sentinel in wait(live):
                process, began = live.pop(sentinel)
                process.join()
                made += process.exitcode == 0
                place = f"[{len(reports) - len(waiting) - len(live)}/{len(reports)}] {process.name}"
                print(
                    f"{place} {'FAILED' if process.exitcode else 'done'} in {time.monotonic() - began:.1f} s",
                    flush=True,
                )
    finally:  # an interrupt leaves nobody behind
        for process, _ in live.values():
            process.terminate()
            process.join()
    return made


def _work(name: str, out: Path, prepare: Callable, forked: bool) -> None:
    die_with_parent()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the kernel is ended too
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends us
    try:
        make_report(name, out, prepare, forked)
    except (ReportError, ValueError) as err:
        sys.stdout.flush()
        sys.exit(f"FAILED {name}: {err}")


def _warm() -> None:
    """Do once what the first report of each process would do: import our modules, read fonts and templates."""
    for module in pkgutil.walk_packages(analysis.__path__, "analysis."):
        importlib.import_module(module.name)
    figure = Figure(layout="constrained")
    figure.subplots().set_title("fonts")
    FigureCanvasAgg(figure).draw()
    render_page(
        "",
        new_notebook(cells=[new_markdown_cell("# Title"), new_code_cell("1")]),
        Preparation({}),
        {},
    )
    gc.collect()
    gc.freeze()  # so that a child's garbage collector does not copy our memory


if __name__ == "__main__":
    raise SystemExit(main())
