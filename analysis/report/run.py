"""Command: make the named reports, several at a time, then the index.

    python -m analysis.report --prepare analysis.launches:prepare_report --out reports mi_9/margin mi_9/capacity

Each report is made in a process of its own. On Linux that process, and the kernel of its notebook, are forked from
this one, which has imported the heavy libraries already. With --plain kernels start afresh; elsewhere both do.
"""

import argparse
import contextlib
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
from multiprocessing.connection import wait
from pathlib import Path

# Both cost seconds at import where JupyterLab is installed, and reports need neither: a grammar of jsonschema's, a debugger.
sys.modules.setdefault("rfc3987_syntax", None)
sys.modules.setdefault("debugpy", None)
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # forking needs one thread, and so do sums that must be the same each time

import seaborn  # noqa: E402, F401 (for the kernels that are forked from here, as is the next)
import statsmodels.formula.api  # noqa: E402, F401
from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from nbconvert.exporters import TemplateExporter  # noqa: E402
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook  # noqa: E402

import analysis  # noqa: E402

from . import ROOT, ReportError  # noqa: E402
from .index import write_index  # noqa: E402
from .kernel import die_with_parent  # noqa: E402
from .page import exporter  # noqa: E402
from .study import make_report  # noqa: E402

LINUX = sys.platform == "linux"  # forking is safe there: one thread, and no libraries that forbid it


def main() -> int:
    """Make the reports and the index; the exit status is 1 if any report failed."""
    ask = argparse.ArgumentParser(prog="python -m analysis.report", description=__doc__.split("\n")[0])
    ask.add_argument("reports", nargs="*", help="subject/study, or a study that has no subject")
    ask.add_argument("--prepare", required=True, help="module:function that checks a report's data and gives its parameters")
    ask.add_argument("--out", type=Path, default=Path("reports"))
    ask.add_argument("--jobs", type=int, default=os.cpu_count(), help="reports made at a time")
    ask.add_argument("--plain", action="store_true", help="start every kernel afresh instead of forking it")
    given = ask.parse_args()
    logging.getLogger("papermill").setLevel("ERROR")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    if given.reports and LINUX:
        _warm(given.prepare, given.reports[0])
    shutil.rmtree(given.out / ".work", ignore_errors=True)
    given.out.mkdir(parents=True, exist_ok=True)
    failed = make_all(given.reports, given.jobs, (given.out, given.prepare, LINUX and not given.plain))
    write_index(given.out)
    shutil.rmtree(given.out / ".work", ignore_errors=True)
    if given.reports:
        print(f"{len(given.reports) - failed} rendered, {failed} failed: {given.out / 'index.html'}")
    return int(failed > 0)


def make_all(reports: list[str], jobs: int, options: tuple) -> int:
    """Make every report in its own process, `jobs` at a time, a line for each that ends; return how many failed."""
    context = multiprocessing.get_context("fork" if LINUX else "spawn")
    waiting, live, failed, told = list(reports), {}, 0, {}
    for name in reports:  # what is wrong with the data is told before any kernel starts, and once
        try:
            _function(options[1])(*name.split("/"))
        except ValueError as err:
            told.setdefault(str(err), []).append(name)
            waiting.remove(name)
            failed += 1
    for message, names in told.items():
        print(f"FAILED {', '.join(names)}: {message}", file=sys.stderr, flush=True)
    try:
        while waiting or live:
            while waiting and len(live) < jobs:
                name = waiting.pop(0)
                process = context.Process(target=_work, args=(name, *options))
                process.start()
                live[process.sentinel] = (name, process, time.monotonic())
            for sentinel in wait(live):
                name, process, began = live.pop(sentinel)
                process.join()
                failed += process.exitcode != 0
                place = f"[{len(reports) - len(waiting) - len(live)}/{len(reports)}]"
                ended = "done" if process.exitcode == 0 else "FAILED"
                print(f"{place} {name} {ended} in {time.monotonic() - began:.1f} s", flush=True)
    finally:  # an interrupt leaves nobody behind
        for _, process, _ in live.values():
            process.terminate()
        for _, process, _ in live.values():
            process.join()
    return failed


def _work(name: str, out: Path, prepare: str, forked: bool) -> None:
    die_with_parent()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the kernel is ended too
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends us
    try:
        make_report(name, out, _function(prepare), forked)
    except (ReportError, ValueError) as err:
        sys.stdout.flush()
        sys.exit(f"FAILED {name}: {err}")


def _function(path: str):
    module, name = path.split(":")
    return getattr(importlib.import_module(module), name)


def _warm(prepare: str, report: str) -> None:
    """Do once what the first report of each process would do: import our modules, read data, fonts and templates."""
    for module in pkgutil.iter_modules(analysis.__path__):
        importlib.import_module(f"analysis.{module.name}")
    with contextlib.suppress(Exception):  # what is wrong is told when the report's own turn comes
        _function(prepare)(*report.split("/"))
    figure = Figure(layout="constrained")
    figure.subplots().set_title("fonts")
    FigureCanvasAgg(figure).draw()
    cells = [new_markdown_cell("# Title"), new_code_cell("1")]
    TemplateExporter.from_notebook_node(exporter(), new_notebook(cells=cells), resources={"page": {"hidden": set()}})
    gc.collect()
    gc.freeze()  # so that a child's garbage collector does not copy our memory
