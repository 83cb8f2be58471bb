"""The folder of reports: what in it is ours, and that nothing else is ever touched.

A manifest lists every report made. Only what it lists is overwritten, removed or packed. One
run at a time works in a folder, and a file appears there whole or not at all.
"""

import contextlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import list_site_pages
from .listing import REPORT_NAME

try:
    import fcntl
except ImportError:  # there is none on Windows: one run at a time is then up to the user
    fcntl = None

MANIFEST = ".reports.json"
LOCK = ".reports.lock"
WORK = ".reports.work"
FORMAT = 1  # of the manifest
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
        self.site_digest = ""  # of all that the index and the page of statements show
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
            reports = {name: Made(**made) for name, made in manifest["reports"].items()}
            if manifest["format"] == FORMAT and all(map(REPORT_NAME.fullmatch, reports)):
                self.reports = reports
                self.site_digest = manifest["site_digest"]
                self.large_files = manifest["large_files"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass
        self._as_read = self._manifest()

    def _manifest(self) -> str:
        """Give the text of the manifest."""
        manifest = {
            "format": FORMAT,
            "reports": {name: asdict(made) for name, made in sorted(self.reports.items())},
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
        if name not in self.reports:
            self.put_aside(f"{name}.html")
            self.reports[name] = Made()

    def put_aside(self, page: str) -> None:
        """Rename a page that is not ours to `<page>.before.html`, with the notebook beside it."""
        path = self.path / page
        if not path.is_file() or _is_ours(path):
            return
        for old in (path, path.with_suffix(".ipynb")):
            aside = old.with_name(f"{old.stem}.before{old.suffix}")
            if old.is_file() and not aside.exists():
                old.rename(aside)
                print(f"{old} was not made here: it is now {aside.name}", flush=True)

    def prune(self, listed: set[str]) -> list[str]:
        """Remove the reports of the manifest that are not listed any more; give their names."""
        gone = [name for name in self.reports if name not in listed]
        for name in gone:
            self._remove(name)
            del self.reports[name]
        return gone

    def clean(self) -> None:
        """Remove all that is ours, and the folder too if nothing else is in it."""
        self.prune(set())
        for name in list_site_pages():
            if (self.path / name).is_file() and _is_ours(self.path / name):
                (self.path / name).unlink()
        with contextlib.suppress(OSError):  # somebody's own files are in it
            (self.path / "methods").rmdir()
        for name in (MANIFEST, LOCK):
            (self.path / name).unlink(missing_ok=True)
        shutil.rmtree(self.work, ignore_errors=True)
        with contextlib.suppress(OSError):  # it is not empty
            self.path.rmdir()

    def pack(self, archive: Path) -> int:
        """Zip pages and executed notebooks, the same bytes each time; give how many files."""
        names = [name for name in list_site_pages() if (self.path / name).is_file()]
        for name in filter(self.has_page, sorted(self.reports)):
            names += [f"{name}.html", f"{name}.ipynb"]
        part = archive.with_name(f".{archive.name}.part")
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
            for name in names:
                entry = zipfile.ZipInfo(f"reports/{name}")  # with a date that is always the same
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                packed.writestr(entry, (self.path / name).read_bytes())
        os.replace(part, archive)
        return len(names)

    def _remove(self, name: str) -> None:
        """Remove a report's page and notebooks, and its subject's folder if that is empty."""
        for suffix in (".html", ".ipynb", ".failed.ipynb"):
            (self.path / f"{name}{suffix}").unlink(missing_ok=True)
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


def _is_ours(page: Path) -> bool:
    """Whether a page bears our mark, or its notebook was executed by an earlier version."""
    with page.open("rb") as stream:
        if MARK.encode() in stream.read(2000):
            return True
    try:
        notebook = json.loads(page.with_suffix(".ipynb").read_text(encoding="utf-8"))
        return "report" in notebook["metadata"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
