"""Make a report on another machine, which has a clone of this project of its own.

What runs a task there comes from the function that `--cluster` names; this module only says what
the task is. A machine whose clone is not the same as ours is refused.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from . import NOTEBOOKS, ROOT, Preparation, ReportError
from .folder import publish
from .freshness import Digests, list_code
from .one_report import Outcome, make_report
from .process import same_for_everybody

# Runs tasks elsewhere, and gives the place of each and what it returned as soon as it ends.
Cluster = Callable[[Sequence[Callable[[], object]]], Iterator[tuple[int, object]]]


def make_all_elsewhere(
    prepared: dict[str, Preparation], out: Path, cluster: Cluster
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
    digest = digest_of_clone()
    tasks = [partial(make_for_another, name, one, digest) for name, one in prepared.items()]
    try:
        for ended, (place, report) in enumerate(cluster(tasks), 1):
            name = names[place]
            word = "FAILED" if report.fault else "done"
            print(f"[{ended}/{len(names)}] {name} {word}", flush=True)
            if report.fault:
                print(f"FAILED {name}: {report.fault}", file=sys.stderr, flush=True)
            else:
                publish(out, f"{name}.ipynb", report.notebook)
                publish(out, f"{name}.html", report.page)
            yield Outcome(name=name, succeeded=not report.fault)
    except ValueError as err:
        raise ReportError(str(err)) from None


@dataclass(frozen=True)
class MadeElsewhere:
    """What comes back from another machine: page and executed notebook, or what was wrong."""

    page: str = ""
    notebook: str = ""
    fault: str = ""


def make_for_another(name: str, prepared: Preparation, digest: str) -> MadeElsewhere:
    """Make a report for the machine that asks, which has code and data of a digest."""
    if digest_of_clone() != digest:
        return MadeElsewhere(fault="a machine of the cluster has other code or data than this one")
    with TemporaryDirectory(prefix="report-") as folder, same_for_everybody():
        try:
            make_report(name, prepared, Path(folder), own_kernel=True)
        except (ReportError, ValueError, OSError) as err:
            return MadeElsewhere(fault=str(err))
        page, notebook = (Path(folder) / f"{name}.{end}" for end in ("html", "ipynb"))
        return MadeElsewhere(page.read_text("utf-8"), notebook.read_text("utf-8"))


def digest_of_clone() -> str:
    """Digest of the code, the notebooks and the data of this clone of the project."""
    folders = ("analysis", str(NOTEBOOKS.relative_to(ROOT)), "data")
    files = [file for folder in folders for file in list_code(ROOT, folder)]
    notebooks = [file for file in files if file.endswith(".ipynb")]
    digests = Digests(ROOT, {})
    return digests.of_files(set(files) - set(notebooks)) + "".join(
        digests.of_notebook(file) for file in notebooks
    )
