"""What there is to report on, as the caller's lister tells it, and which of it a command chose.

The lister is a function `list_reports(root, notebooks, only)` in a file of its own, so that asking
it imports no library. It gives a dict with the fields of `Listing`. Names become paths and
addresses, so none passes that is not made of small letters, digits and underscores, whatever the
lister says.
"""

import importlib.util
import re
from dataclasses import dataclass, field
from pathlib import Path

from . import ROOT, ReportError, list_notebooks, subject_of

RESERVED = ("index", "claims", "methods")  # pages beside the reports, and the folder of some
REPORT_NAME = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)?")


@dataclass(frozen=True)
class Listing:
    """Every report there is to make, and the files that each stands on."""

    reports: dict[str, list[str]]  # files of one report, by "subject/study" (or "study" alone)
    common: list[str] = field(default_factory=list)  # files that every report stands on
    refused: list[str] = field(default_factory=list)  # one line for each file that was left out
    complete: bool = True  # False where a file could hold reports that are not listed

    def __post_init__(self):
        """Let no name pass that could lead out of the folder of reports."""
        for name in self.reports:
            if not REPORT_NAME.fullmatch(name):
                raise ReportError(f"{name[:60]!r} is no name of a report; expected subject/study")

    def choose(self, subjects: list[str]) -> list[str]:
        """Give the reports of these subjects, or of all and of none where no subject is named."""
        if not subjects:
            return list(self.reports)
        return [name for name in self.reports if subject_of(name) in subjects]


def read_listing(lister: Path, subjects: list[str]) -> Listing:
    """Ask the lister.

    Raises
    ------
    ReportError
        If there is no such file, for a subject that it does not know and a name that is no slug.
    """
    if lister.suffix != ".py" or not (ROOT / lister).is_file():
        raise ReportError(
            f"--list {lister}: there is no such file of Python; expected one with list_reports"
        )
    spec = importlib.util.spec_from_file_location("lister_of_reports", ROOT / lister)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    try:
        listing = Listing(**module.list_reports(ROOT, list_notebooks(), subjects))
    except LookupError as err:
        raise ReportError(str(err.args[0])) from None
    for name in [name for name in listing.reports if name.split("/")[0] in RESERVED]:
        del listing.reports[name]
        listing.refused.append(f"{name}: this name is that of a page beside the reports")
    return listing
