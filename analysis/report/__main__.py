"""Command: make the reports that are out of date, then the index and the page of statements.

    python -m analysis.report --list FILE --prepare module:function --statements module:function \
        --front module:function --cluster module:function

FILE is a Python file whose `list_reports` says what there is to report on (see `listing`).
`prepare` checks the data of one report and gives what it is run with (the fields of `Preparation`).
`cluster` gives what runs tasks on other machines (see `elsewhere`), or None. `statements` lists
what the page of statements holds against the reports (see `statements`), and `front` says what the
front page opens with (see `index`).

Reports named one by one are made whether they are out of date or not. A run with nothing to do
imports the standard library alone.
"""

import argparse
import contextlib
import os
import pkgutil
import re
import sys
from collections.abc import Callable
from pathlib import Path

from . import (
    NOTEBOOKS,
    ROOT,
    ReportError,
    list_methods,
    list_notebooks,
    list_site_pages,
    study_of,
)
from .folder import Made, ReportsFolder
from .freshness import Digests, digest_of, list_code
from .listing import REPORT_NAME, Listing, read_listing

STATEMENTS = "claims.html"  # the page of statements
INTERRUPTED = 130  # the exit status of a command that Ctrl-C ended


def main() -> int:
    """Run the command; the exit status is 1 if anything failed or was left out."""
    options = _read_command_line()
    folder = ReportsFolder(options.out)
    try:
        if options.clean and not options.out.exists():
            return 0
        with folder.locked():
            if options.clean:
                folder.clean()
                return 0
            if options.zip:
                return _pack(folder, options)
            return _Run(options, folder).make()
    except ReportError as err:
        print(err, file=sys.stderr)
        return 1
    except OSError as err:
        print(_fault_of_disk(err, options.out), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _fault_of_disk(err: OSError, out: Path) -> str:
    """Say in one line what the disk refused, and what stays."""
    place = err.filename or out
    fault = (err.strerror or str(err)).lower()
    return f"{place}: {fault}; expected a folder to write in, with room; pages made before stay"


def _pack(folder: ReportsFolder, options: argparse.Namespace) -> int:
    """Zip what was made, of some subjects or of all, and say which page to open.

    With reports of some subjects go an index of these and the pages on their methods, and no word
    of other subjects.
    """
    subjects = options.only.split()
    reports = folder.with_page(subjects)
    if subjects:
        from .index import index_of_reports  # noqa: PLC0415 (slow to import)
        from .methods import methods_of_reports  # noqa: PLC0415 (slow to import)

        site_pages = {"index.html": index_of_reports(options.out, reports)}
        site_pages |= methods_of_reports(options.out, reports)
    else:
        site_pages = folder.read_site_pages()
    names = folder.pack(options.zip, reports, site_pages)
    print(f"{options.zip}: {len(names)} files; open reports/index.html")
    return 0


def _read_command_line() -> argparse.Namespace:
    """Read the options; an option that is wrong ends the command with one line."""
    command = argparse.ArgumentParser(
        prog="python -m analysis.report", description=__doc__.split("\n")[0]
    )
    function = "module:function"
    command.add_argument("reports", nargs="*", help="subject/study, or a study without a subject")
    command.add_argument("--list", type=Path, metavar="FILE", help="lists what to report on")
    command.add_argument("--prepare", metavar=function, help="prepares one report")
    command.add_argument("--statements", metavar=function, help="lists statements for their page")
    command.add_argument("--front", metavar=function, help="says what the front page opens with")
    command.add_argument("--cluster", metavar=function, help="gives what runs tasks elsewhere")
    command.add_argument("--out", type=Path, default=Path("reports"), help="folder of reports")
    command.add_argument(
        "--only", default="", help="subjects, parted by blanks: their reports alone"
    )
    command.add_argument("--jobs", default="", help="how many reports are made at a time")
    command.add_argument("--plain", action="store_true", help="start a kernel for each report")
    command.add_argument(
        "--zip", type=Path, metavar="FILE", help="pack what was made, nothing else"
    )
    command.add_argument("--clean", action="store_true", help="remove what was made, nothing else")
    options = command.parse_args()
    for name in options.reports:
        if not REPORT_NAME.fullmatch(name):
            sys.exit(f"{name[:60]!r}: expected subject/study, or a study without a subject")
    options.out = options.out.expanduser()
    if options.out.resolve() == ROOT:
        sys.exit("OUT: expected a folder of its own, such as OUT=reports, not the project's")
    options.jobs = _number_of_jobs(options.jobs.strip())
    return options


def _number_of_jobs(text: str) -> int:
    """Give how many reports are made at a time; where nothing is said, one for each processor."""
    if not text:
        return os.cpu_count() or 1
    if not re.fullmatch(r"0*[1-9][0-9]{0,3}", text):
        sys.exit(f"JOBS={text[:60]}: expected a whole number from 1 to 9999")
    return int(text)


class _Run:
    """One run of the command: what is out of date, and the making of it."""

    def __init__(self, options: argparse.Namespace, folder: ReportsFolder):
        self.options = options
        self.folder = folder
        self.subjects = options.only.split()
        self.listing = (
            read_listing(options.list, self.subjects)
            if options.list
            else Listing(reports={name: [] for name in options.reports}, complete=False)
        )
        self.notebooks = list_notebooks()
        self.digests = Digests(ROOT, folder.large_files)
        code = [*list_code(ROOT, "analysis"), "environment.lock"]
        self.common_digest = self.digests.of_files([*code, *self.listing.common])

    def make(self) -> int:
        """Make what is out of date and, unless that fails, remove what is gone; give the status."""
        for line in self.listing.refused:
            print(f"left out: {line}", file=sys.stderr, flush=True)
        chosen = self.options.reports or self.listing.choose(self.subjects)
        named = bool(self.options.reports)
        outdated = [name for name in chosen if named or not self.is_up_to_date(name)]
        failed = self.make_reports(outdated) if outdated else 0
        all_right = not failed and not self.listing.refused
        if self.listing.complete and all_right:
            self.folder.prune(set(self.listing.reports))
        if self.folder.changed:
            self.folder.save()
        if not self.is_site_up_to_date():
            all_right &= self.write_site(keep_others=not all_right)
        index = self.options.out / "index.html"
        if outdated:
            note = " (their pages, if any, are of before)" if failed else ""
            print(f"{len(outdated) - failed} rendered, {failed} failed{note}: {index}")
        else:
            print(f"{len(chosen)} reports are up to date: {index}")
        return 0 if all_right else 1

    def digest(self, name: str, files: list[str]) -> str:
        """Digest of all that a report stands on; `files` are those that only its own data name."""
        study = study_of(name)
        notebook = self.notebooks.get(study, NOTEBOOKS / f"{study}.ipynb")
        listed = self.listing.reports.get(name, [])
        return digest_of(
            {
                "common": self.common_digest,
                "notebook": self.digests.of_notebook(str(notebook.relative_to(ROOT))),
                "listed": self.digests.of_files(listed),
                "own": self.digests.of_files(files),
            }
        )

    def is_up_to_date(self, name: str) -> bool:
        """Whether a report's page was made of just what is there now, and the last try worked."""
        entry = self.folder.reports.get(name)
        return (
            entry is not None
            and not entry.failed
            and self.folder.has_page(name)
            and entry.digest == self.digest(name, entry.files)
        )

    def make_reports(self, names: list[str]) -> int:
        """Make these reports and enter them in the manifest; give how many failed."""
        # Imported here because it takes seconds, for which a run with nothing to do has no time.
        from .elsewhere import make_all_elsewhere  # noqa: PLC0415 (as below)
        from .workers import make_all, prepare_all  # noqa: PLC0415 (slow to import)

        cluster = self.cluster()
        prepared = prepare_all(names, pkgutil.resolve_name(self.options.prepare))
        for name in prepared:
            self.folder.claim(name)
        for name in set(names) & set(self.folder.reports):
            self.folder.reports[name].failed = True  # until it is made
        self.folder.save()
        if self.subjects and len(prepared) < len(names):
            return len(names)  # who asks for these subjects puts their data right first
        digests = {name: self.digest(name, list(one.files)) for name, one in prepared.items()}
        succeeded = 0
        out = self.options.out
        listed = {file for name in prepared for file in self.listing.reports.get(name, [])}
        reports = (
            make_all_elsewhere(prepared, out, cluster, listed)
            if cluster
            else make_all(prepared, out, self.options.jobs, plain=self.options.plain)
        )
        with contextlib.closing(reports) as outcomes:
            for name in (outcome.name for outcome in outcomes if outcome.succeeded):
                succeeded += 1
                self.folder.reports[name] = Made(
                    digest=digests[name], files=list(prepared[name].files), failed=False
                )
                self.folder.save()
        return len(names) - succeeded

    def cluster(self) -> Callable | None:
        """Give what makes reports on other machines; None where none was named."""
        if not self.options.cluster:
            return None
        try:
            return pkgutil.resolve_name(self.options.cluster)()
        except ValueError as err:  # no cluster answers
            raise ReportError(str(err)) from None

    def digest_of_site(self) -> str:
        """Digest of all that the index and the page of statements show."""
        reports = {
            name: [entry.digest, entry.failed, self.folder.has_page(name)]
            for name, entry in self.folder.reports.items()
        }
        methods = [str(path.relative_to(ROOT)) for path in list_methods().values()]
        texts = self.digests.of_files(["README.md", *methods])
        return digest_of({"common": self.common_digest, "texts": texts, "reports": reports})

    def list_site_pages(self) -> list[str]:
        """List the pages beside the reports; one of statements only if somebody lists them."""
        pages = list_site_pages()
        return pages if self.options.statements else [page for page in pages if page != STATEMENTS]

    def is_site_up_to_date(self) -> bool:
        """Whether index and page of statements are there and show what there is."""
        there = all((self.options.out / page).is_file() for page in self.list_site_pages())
        return there and self.folder.site_digest == self.digest_of_site()

    def write_site(self, *, keep_others: bool) -> bool:
        """Write the pages beside the reports and the index; give whether all worked.

        Pages on methods that are gone are kept where something failed: it may be why.
        """
        # Imported here for the same reason as above.
        from .index import write_index  # noqa: PLC0415 (slow to import)
        from .methods import write_methods  # noqa: PLC0415 (slow to import)
        from .statements import write_statements  # noqa: PLC0415 (slow to import)

        self.folder.claim_site_pages(self.list_site_pages(), keep_others=keep_others)
        all_right = True
        if self.options.statements:
            try:
                statements = pkgutil.resolve_name(self.options.statements)()
                write_statements(self.options.out, statements)
            except ValueError as err:  # the table of statements is not as it should be
                print(f"FAILED claims: {err}", file=sys.stderr, flush=True)
                all_right = False
        write_methods(self.options.out)
        front = pkgutil.resolve_name(self.options.front) if self.options.front else None
        write_index(self.options.out, front)
        is_final = all_right and not keep_others
        self.folder.site_digest = self.digest_of_site() if is_final else ""
        self.folder.save()
        return all_right


def _end(status: int) -> None:
    """End this process at once: to take apart all that was imported would take a second or two."""
    with contextlib.suppress(OSError):  # nobody reads any more
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _end(main())
