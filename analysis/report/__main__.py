"""Command: make the named reports, several at a time, then the index.

    python -m analysis.report --prepare analysis.launches:prepare_report --out reports mi_9/margin mi_9/capacity

Each report is made in a process of its own. On Linux that process, and the kernel of its notebook, are forked from
this one, which has imported the heavy libraries already; elsewhere, or with --plain, kernels start afresh.
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
from multiprocessing.connection import wait
from pathlib import Path

# jsonschema builds a grammar from this module at import, a second or more, where JupyterLab is installed; it copes without.
sys.modules.setdefault("rfc3987_syntax", None)
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # forking needs one thread, and so do sums that must be the same each time
ROOT = Path(__file__).resolve().parents[2]
HEAVY = (
    "papermill nbformat nbconvert ipykernel.kernelapp ipykernel.inprocess IPython.core.completer seaborn statsmodels.formula.api"
)


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
    forked = sys.platform == "linux" and not given.plain
    if given.reports and forked:
        _preload()
    shutil.rmtree(given.out / ".work", ignore_errors=True)
    given.out.mkdir(parents=True, exist_ok=True)
    failed = make_all(given.reports, given.jobs, (given.out, given.prepare, forked))
    from .index import write_index  # noqa: PLC0415 (after the preload, which it would slow)

    write_index(given.out)
    shutil.rmtree(given.out / ".work", ignore_errors=True)
    if given.reports:
        print(f"{len(given.reports) - failed} rendered, {failed} failed: {given.out / 'index.html'}")
    return int(failed > 0)


def make_all(reports: list[str], jobs: int, options: tuple) -> int:
    """Make every report in its own process, `jobs` at a time, a line for each that ends; return how many failed."""
    context = multiprocessing.get_context("fork" if options[-1] else "spawn")
    waiting, live, failed = list(reports), {}, 0
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
                told = "done" if process.exitcode == 0 else "FAILED"
                left = len(waiting) + len(live)
                print(
                    f"[{len(reports) - left}/{len(reports)}] {name} {told} in {time.monotonic() - began:.1f} s",
                    flush=True,
                )
    finally:  # an interrupt leaves nobody behind
        for _, process, _ in live.values():
            process.terminate()
        for _, process, _ in live.values():
            process.join()
    return failed


def _work(name: str, out: Path, prepare: str, forked: bool) -> None:
    from .kernel import die_with_parent  # noqa: PLC0415
    from .study import ReportError, die, make_report  # noqa: PLC0415

    die_with_parent()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the kernel is ended too
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends us
    module, function = prepare.split(":")
    try:
        make_report(name, out, getattr(importlib.import_module(module), function), forked)
    except (ReportError, ValueError) as err:
        die(f"FAILED {name}: {err}")


def _preload() -> None:
    """Import what every report needs, once; the processes forked from here share it."""
    import analysis  # noqa: PLC0415

    ours = [f"analysis.{module.name}" for module in pkgutil.iter_modules(analysis.__path__)]
    for module in [*HEAVY.split(), *ours, "analysis.report.page", "analysis.report.study", "analysis.report.cells"]:
        if importlib.util.find_spec(module.split(".")[0]):
            importlib.import_module(module)
    gc.collect()
    gc.freeze()  # so that a child's garbage collector does not copy our memory


if __name__ == "__main__":
    sys.exit(main())
