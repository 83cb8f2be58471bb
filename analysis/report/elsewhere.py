"""Make a report on another machine, which has a clone of this project of its own.

What runs a task there comes from the function that `--cluster` names; this module only says what
the task is. A machine whose clone is not the same as ours is refused.
"""

import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from . import NOTEBOOKS, ROOT, Preparation, ReportError
from .folder import publish
from .freshness import Digests, list_code
from .one_report import Outcome, failed_notebook, make_report
from .process import same_for_everybody

# Runs tasks elsewhere, and gives the place of each and what it returned as soon as it ends.
Cluster = Callable[[Sequence[Callable[[], object]]], Iterator[tuple[int, object]]]

# Held while a report is made: what its kernel finds in the environment is that of the process,
# and a worker may run several tasks, each in a thread.
ONE_AT_A_TIME = threading.Lock()


def make_all_elsewhere(
    prepared: dict[str, Preparation], out: Path, cluster: Cluster, files: Iterable[str] = ()
) -> Iterator[Outcome]:
    """Make every report on a cluster, and print a line for each that ends.

    Parameters
    ----------
    prepared
        What each report is run with, by name.
    out
        The folder of reports.
    cluster
        What runs tasks on the other machines.
    files
        Those that the reports stand on beside code, notebooks and data, as paths below the project.

    Yields
    ------
    Outcome
        Of each report, as soon as it ends.

    Raises
    ------
    ReportError
        If the cluster is lost.
    """
    names = list(prepared)
    files = tuple(sorted(files))
    clone = Clone(files=files, digest=digest_of_clone(files))
    tasks = [partial(make_for_another, name, one, clone, out) for name, one in prepared.items()]
    try:
        for ended, (place, report) in enumerate(cluster(tasks), 1):
            name = names[place]
            word = "FAILED" if report.fault else "done"
            print(f"[{ended}/{len(names)}] {name} {word}", flush=True)
            if report.fault:
                print(f"FAILED {name}: {report.fault}", file=sys.stderr, flush=True)
            _publish_what_came_back(out, name, report)
            yield Outcome(name=name, succeeded=not report.fault)
    except ValueError as err:
        raise ReportError(str(err)) from None


@dataclass(frozen=True)
class Clone:
    """What another machine's clone of the project has to be like."""

    files: tuple[str, ...]  # that count beside code, notebooks and data
    digest: str


@dataclass(frozen=True)
class MadeElsewhere:
    """What comes back from another machine: page and executed notebook, or what was wrong."""

    page: str = ""
    notebook: str = ""
    fault: str = ""
    failed: str = ""  # the notebook as far as it ran; "" where no cell failed


def make_for_another(name: str, prepared: Preparation, clone: Clone, out: Path) -> MadeElsewhere:
    """Make a report for the machine that asks, which has such a clone and this folder of reports.

    Where a cell fails, the message names the notebook in the folder of the machine that asks.
    """
    if digest_of_clone(clone.files) != clone.digest:
        return MadeElsewhere(fault="a machine of the cluster has other code or data than this one")
    with ONE_AT_A_TIME, TemporaryDirectory(prefix="report-") as folder, same_for_everybody():
        reports = Path(folder)
        try:
            make_report(name, prepared, reports, own_kernel=True)
        except (ReportError, ValueError, OSError) as err:
            failed = reports / failed_notebook(name)
            return MadeElsewhere(
                fault=str(err).replace(folder, str(out)),
                failed=failed.read_text("utf-8") if failed.is_file() else "",
            )
        return MadeElsewhere(
            page=(reports / f"{name}.html").read_text("utf-8"),
            notebook=(reports / f"{name}.ipynb").read_text("utf-8"),
        )


def _publish_what_came_back(out: Path, name: str, report: MadeElsewhere) -> None:
    """Put a report into the folder of reports, or the notebook of one that failed."""
    if report.failed:
        publish(out, failed_notebook(name), report.failed)
    if not report.fault:
        publish(out, f"{name}.ipynb", report.notebook)
        publish(out, f"{name}.html", report.page)
        (out / failed_notebook(name)).unlink(missing_ok=True)


def digest_of_clone(others: Iterable[str] = ()) -> str:
    """Digest of the code, the libraries, the notebooks and the data of this clone, and of others.

    `others` are more files below the project.
    """
    folders = ("analysis", str(NOTEBOOKS.relative_to(ROOT)), "data")
    files = [file for folder in folders for file in list_code(ROOT, folder)]
    notebooks = [file for file in files if file.endswith(".ipynb")]
    digests = Digests(ROOT, {})
    texts = {*files, "environment.lock", *others} - set(notebooks)
    return digests.of_files(texts) + "".join(digests.of_notebook(file) for file in notebooks)
