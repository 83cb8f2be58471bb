"""The folder of reports: what in it is ours, and that nothing else is ever touched.

A manifest lists every report made. Only what it lists and bears our mark is overwritten, removed
or packed. One run at a time works in a folder, and a file appears there whole or not at all.
"""

import contextlib
import itertools
import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import ReportError, subject_of
from .listing import REPORT_NAME

try:
    import fcntl
except ImportError:  # there is none on Windows: one run at a time is then up to the user
    fcntl = None

MANIFEST = ".reports.json"
LOCK = ".reports.lock"
WORK = ".reports.work"
FORMAT = 1  # of the manifest
SUFFIXES = (".html", ".ipynb", ".failed.ipynb")  # of the files of a report
MARK = '<meta name="generator" content="analysis.report">'  # every page of ours has it near its top


@dataclass
class Made:
    """What the manifest holds of one report."""

    digest: str = ""  # of all that it stood on when its page was made; "" while there is none
    files: list[str] = field(default_factory=list)  # data files that it alone stood on
    failed: bool = False  # whether the last try failed, so that its page (if any) is of before


class ReportsFolder:
    """A folder with a manifest of the reports made in it."""

    def __init__(self, path: Path):
        self.path = path
        self.reports: dict[str, Made] = {}
        self.site_pages: list[str] = []  # the pages beside the reports, such as index.html
        self.site_digest = ""  # of all that they show
        self.large_files: dict[str, list] = {}
        self._read_manifest()

    @property
    def work(self) -> Path:
        """Where files are written before they are whole; it goes when a run ends."""
        return self.path / WORK

    def has_page(self, name: str) -> bool:
        """Whether the report has both its page and its executed notebook."""
        return all((self.path / f"{name}{suffix}").is_file() for suffix in (".html", ".ipynb"))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Wait until no other run works in this folder, and keep others waiting until the end."""
        self.path.mkdir(parents=True, exist_ok=True)
        with _lock(self.path / LOCK):
            self._read_manifest()
            shutil.rmtree(self.work, ignore_errors=True)  # of a run that was killed
            try:
                yield
            finally:
                shutil.rmtree(self.work, ignore_errors=True)

    @property
    def changed(self) -> bool:
        """Whether the manifest on disk is not as it is here."""
        return self._manifest() != self._as_read

    def _read_manifest(self) -> None:
        """Take over what an earlier run wrote; anything in another form counts for none."""
        try:
            manifest = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
            reports = {name: Made(**entry) for name, entry in manifest["reports"].items()}
            pages = manifest["site_pages"]
            names = [*reports, *(page.removesuffix(".html") for page in pages)]
            if manifest["format"] == FORMAT and all(map(REPORT_NAME.fullmatch, names)):
                self.reports = reports
                self.site_pages = pages
                self.site_digest = manifest["site_digest"]
                self.large_files = manifest["large_files"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass
        self._as_read = self._manifest()

    def _manifest(self) -> str:
        """Give the text of the manifest."""
        manifest = {
            "format": FORMAT,
            "reports": {name: asdict(entry) for name, entry in sorted(self.reports.items())},
            "site_pages": self.site_pages,
            "site_digest": self.site_digest,
            "large_files": self.large_files,
        }
        return json.dumps(manifest, indent=1) + "\n"

    def save(self) -> None:
        """Write the manifest."""
        self._as_read = self._manifest()
        publish(self.path, MANIFEST, self._as_read)

    def claim(self, name: str) -> None:
        """Enter a report that is about to be made, and put aside what others have in its place."""
        for suffix in SUFFIXES:
            self.put_aside(f"{name}{suffix}")
        self.reports.setdefault(name, Made())

    def put_aside(self, name: str) -> None:
        """Rename a page or notebook that is not ours: `index.html` to `index.before.html`."""
        path = self.path / name
        if not path.is_file() or _is_ours(path):
            return
        aside = path.with_name(f"{path.stem}.before{path.suffix}")
        for number in itertools.count(2):
            if not aside.exists():
                break
            aside = path.with_name(f"{path.stem}.before_{number}{path.suffix}")
        path.rename(aside)
        print(f"{path} was not made here: it is now {aside.name}", flush=True)

    def prune(self, listed: set[str]) -> list[str]:
        """Remove the reports of the manifest that are not listed any more; give their names."""
        gone = [name for name in self.reports if name not in listed]
        for name in gone:
            self._remove(name, SUFFIXES)
            del self.reports[name]
        return gone

    def claim_site_pages(self, pages: list[str], *, keep_others: bool = False) -> None:
        """Enter the pages beside the reports that are about to be written, as `claim` does.

        Others that were entered before go, unless they are to be kept.
        """
        for page in pages:
            self.put_aside(page)
        others = [page for page in self.site_pages if page not in pages]
        if keep_others:
            pages = [*pages, *others]
        else:
            for page in others:
                self._remove(page.removesuffix(".html"), (".html",))
        self.site_pages = pages
        self.save()

    def clean(self) -> None:
        """Remove all that is ours, and the folder too if nothing else is in it."""
        self.prune(set())
        self.claim_site_pages([])
        for name in (MANIFEST, LOCK):
            (self.path / name).unlink(missing_ok=True)
        shutil.rmtree(self.work, ignore_errors=True)
        with contextlib.suppress(OSError):  # it is not empty
            self.path.rmdir()

    def with_page(self, subjects: Sequence[str] = ()) -> list[str]:
        """Give the reports that have a page: those of some subjects, or all.

        Raises
        ------
        ReportError
            If a subject that is named has none.
        """
        reports = list(filter(self.has_page, sorted(self.reports)))
        if not subjects:
            return reports
        known = {subject_of(name) for name in reports} - {""}
        for subject in subjects:
            if subject not in known:
                hint = f"there are those of {', '.join(sorted(known)) or 'nobody'}"
                raise ReportError(f"{self.path}: no report of {subject[:60]!r} was made; {hint}")
        return [name for name in reports if subject_of(name) in subjects]

    def read_site_pages(self) -> dict[str, bytes]:
        """Read the pages beside the reports that are there."""
        paths = {page: self.path / page for page in self.site_pages}
        return {page: path.read_bytes() for page, path in paths.items() if path.is_file()}

    def pack(self, archive: Path, reports: list[str], site_pages: dict[str, bytes]) -> list[str]:
        """Zip reports, page and executed notebook, with pages beside them; give their names.

        The same contents give the same bytes each time.
        """
        contents = dict(site_pages)
        for name in (f"{report}{suffix}" for report in reports for suffix in (".html", ".ipynb")):
            contents[name] = (self.path / name).read_bytes()
        part = archive.with_name(f".{archive.name}.part")
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in contents.items():
                entry = zipfile.ZipInfo(f"reports/{name}")  # with a date that is always the same
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                packed.writestr(entry, content)
        os.replace(part, archive)
        return list(contents)

    def _remove(self, name: str, suffixes: tuple[str, ...]) -> None:
        """Remove files of this name that are ours, and their folder if that is empty then."""
        for path in (self.path / f"{name}{suffix}" for suffix in suffixes):
            if path.is_file() and _is_ours(path):
                path.unlink()
        if "/" in name:
            with contextlib.suppress(OSError):  # somebody's own files are in it
                (self.path / name).parent.rmdir()


def publish(folder: Path, name: str, text: str) -> None:
    """Write folder/name whole under another name on the same disk, then rename it in one step."""
    work = folder / WORK
    work.mkdir(parents=True, exist_ok=True)
    part = work / f"{name.replace('/', '.')}.part"
    part.write_text(text, encoding="utf-8")
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    os.replace(part, folder / name)


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold a lock file; it waits, and says so, while another process holds it."""
    while True:
        with path.open("w") as lock:
            if fcntl:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    print(f"another run works in {path.parent}: waiting until it ends", flush=True)
                    fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists() and os.path.samestat(os.fstat(lock.fileno()), path.stat()):
                yield
                return
        # The other run was `clean`, which took the lock away, and maybe the folder with it.
        path.parent.mkdir(parents=True, exist_ok=True)


def _is_ours(path: Path) -> bool:
    """Whether a page bears our mark, or a notebook the name of the report that it was run for.

    Whoever runs a notebook with papermill leaves no such name. Runs of ours that failed used to
    leave none either: what is left of them is put aside once, and never removed.
    """
    if path.suffix == ".html":
        with path.open("rb") as stream:
            return MARK.encode() in stream.read(2000)
    try:
        return "name" in json.loads(path.read_text(encoding="utf-8"))["metadata"]["report"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
