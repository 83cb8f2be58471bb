"""Which reports are out of date: by the contents of the files they stand on, never by the clock.

The standard library alone is used, because a run with nothing to do should end at once.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

LARGE_BYTES = 16_000_000  # a file from this size on is read again only if size or time changed
MISSING = "missing"


class Digests:
    """SHA-256 of files below a folder, each read at most once.

    Parameters
    ----------
    root
        The folder that paths are relative to.
    large_files
        What an earlier run read of large files: [size, time of change in ns, digest] by path. It is
        updated in place.
    """

    def __init__(self, root: Path, large_files: dict[str, list]):
        self.root = root
        self.large_files = large_files
        self._known: dict[str, str] = {}

    def of_file(self, path: str) -> str:
        """Digest of a file's contents; "missing" for whatever is no file that can be read."""
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def of_files(self, paths: Iterable[str]) -> str:
        """One digest of the names and contents of several files, in the order of their names."""
        return digest_of([[path, self.of_file(path)] for path in sorted(paths)])

    def of_notebook(self, path: str) -> str:
        """Digest of what a notebook's author wrote, which running it in JupyterLab leaves alone."""
        key = f"notebook {path}"
        if key not in self._known:
            self._known[key] = _digest_of_notebook(self.root / path)
        return self._known[key]

    def _read(self, path: str) -> str:
        file = self.root / path
        try:
            if not file.is_file():  # a folder, a pipe, a link that leads nowhere
                return MISSING
            state = file.stat()
            if state.st_size < LARGE_BYTES:
                return hashlib.sha256(file.read_bytes()).hexdigest()
            remembered = self.large_files.get(path)
            if not remembered or remembered[:2] != [state.st_size, state.st_mtime_ns]:
                with file.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
                self.large_files[path] = [state.st_size, state.st_mtime_ns, digest]
            return self.large_files[path][2]
        except (OSError, ValueError):  # not readable, or a name that no file can have
            return MISSING


def digest_of(value: object) -> str:
    """Digest of a value made of lists, dicts, texts and numbers."""
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def list_code(root: Path, folder: str) -> list[str]:
    """List the files below a folder of code, without caches and what is hidden."""
    files = []
    for place, folders, names in os.walk(root / folder):
        folders[:] = [name for name in folders if name != "__pycache__" and name[0] != "."]
        for name in names:
            if name[0] != "." and not name.endswith(".pyc"):
                files.append((Path(place) / name).relative_to(root).as_posix())
    return sorted(files)


def _digest_of_notebook(file: Path) -> str:
    """Digest of type, id, tags and source of each cell; of the bytes where they are no notebook."""
    try:
        contents = file.read_bytes()
    except OSError:
        return MISSING
    try:
        cells = [
            [
                cell["cell_type"],
                cell.get("id", ""),
                cell["metadata"].get("tags", []),
                "".join(cell["source"]),
            ]
            for cell in json.loads(contents)["cells"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return hashlib.sha256(contents).hexdigest()
    return digest_of(cells)
