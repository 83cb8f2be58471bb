"""Reading text files below data/: regular files that lie inside, UTF-8, of a sensible size.

What the text means is for others: tables.py, dictionary.py and launch_yaml.py.
"""

import csv
import io
from contextlib import suppress
from pathlib import Path

from .errors import DataError, one_line, quoted

DATA = Path(__file__).resolve().parents[2] / "data"
LONGEST_PATH = 1_000  # characters of the path of a data file
LONGEST_NAME = 255  # bytes of the name of a file or folder, as most disks allow
MOST_BYTES = 20_000_000  # of a market table or a history; a launch file has a limit of its own

STEP_IN_EXCEL = 'in Excel, save it as "CSV UTF-8 (comma delimited)"'
KINDS_OF_FILE = {  # by how a file begins, what it is although its name says that it is a text
    b"PK\x03\x04": "an Excel workbook or another zip file",
    b"PK\x05\x06": "an empty zip file",
    b"%PDF": "a PDF file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls)",
    b"PAR1": "a Parquet file",
    b"\xff\xfe": "a text in UTF-16",
    b"\xfe\xff": "a text in UTF-16",
}


def refuse_other_kinds(beginning: bytes, name: str) -> None:
    """Refuse a file that is plainly no text in UTF-8, by how it begins.

    Parameters
    ----------
    beginning : bytes
        The first bytes of the file, four or more where it has them.
    name : str
        What an error calls the file.

    Raises
    ------
    DataError
        If it is an Excel workbook, a PDF or Parquet file, or a text in UTF-16.
    """
    for mark, what_it_is in KINDS_OF_FILE.items():
        if beginning.startswith(mark):
            raise DataError(
                f"{name}: this is {what_it_is}; expected a .csv file in UTF-8: {STEP_IN_EXCEL}"
            )


def path_below(folder: Path, name: str, place: str) -> Path:
    """Return the path of a data file that a launch file names.

    Parameters
    ----------
    folder : Path
        The project's data/; whatever is named has to lie below it.
    name : str
        A path relative to `folder`, such as "orders/my_log.csv".
    place : str
        File, line and field that name it, for the error.

    Returns
    -------
    Path
        `folder` / `name`, whether or not a file is there.

    Raises
    ------
    DataError
        If the name is an address, an absolute path or has "..", or if a link on its way leads out
        of `folder`: what lies there is not read and not looked for. Also if it begins with data/.
    """
    parts = name.replace("\\", "/").split("/")
    is_address_or_drive = ":" in parts[0]
    is_absolute = parts[0] in ("", "~")
    if is_address_or_drive or is_absolute or ".." in parts or not name.isprintable():
        raise DataError(
            f"{place}; expected the path of a file below data/, such as orders/my_log.csv"
        )
    if len(name) > LONGEST_PATH or max(len(part.encode()) for part in parts) > LONGEST_NAME:
        raise DataError(f"{place}; expected a path that a file can have")
    path = folder / name
    if not lies_below(path, folder):
        raise DataError(f"{place}; expected a file below data/, but a link leads out of it")
    if parts[0] == "data" and not is_file(path):
        raise DataError(f"{place}; expected the path without data/: {quoted('/'.join(parts[1:]))}")
    return path


def lies_below(path: Path, folder: Path) -> bool:
    """Whether a path, with every link on it followed, lies below a folder."""
    try:
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            path.stat()  # from Python 3.13 on, only this tells of a ring of links
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # a ring of links, a name too long, a NUL byte
        return False


def is_file(path: Path) -> bool:
    """Whether there is a regular file at a path; none is at one that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long a path, or one that may not be looked at
        return False


def read_text(path: Path, name: str, folder: Path, most_bytes: int = MOST_BYTES) -> str:
    """Return the text of a UTF-8 file below `folder`, without its byte-order mark.

    Raises
    ------
    DataError
        If the file is missing, is no regular file, lies outside, is too large, or is not UTF-8.
        `name` is what the message calls it.
    """
    if not lies_below(path, folder):
        raise DataError(f"{name}: a link leads out of data/; expected a file below it")
    try:
        if not path.is_file():
            raise DataError(f"{name}: expected a regular file")
        size = path.stat().st_size
        if size > most_bytes:
            raise DataError(f"{name}: {size:,} bytes; expected {most_bytes:,} at most")
        content = path.read_bytes()
    except OSError as err:
        raise DataError(f"{name}: {err.strerror}; expected a file that can be read") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        step = f": {STEP_IN_EXCEL}" if path.suffix == ".csv" else ": save it as UTF-8"
        raise DataError(
            f"{name}: byte {err.start} is not UTF-8; expected a UTF-8 file{step}"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_csv_rows(path: Path, folder: Path) -> tuple[list[str], list[list[str]]]:
    """Return the header of a CSV file below `folder`, and its other lines as cells of text.

    Raises
    ------
    DataError
        If the file cannot be read, is empty, is no CSV, or has a line that is not as wide as its
        header.
    """
    text = read_text(path, path.name, folder)
    before, zero_byte, _ = text.partition("\0")
    if zero_byte:
        line_number = before.count("\n") + 1
        raise DataError(f"{path.name}:{line_number}: a zero byte; expected comma-separated values")
    reader = csv.reader(io.StringIO(text, newline="\n"), strict=True)
    try:
        lines = list(reader)
    except csv.Error as err:
        raise DataError(
            f"{path.name}:{reader.line_num}: {one_line(err)}; expected comma-separated values"
        ) from None
    if not lines:
        raise DataError(f"{path.name}:1: the file is empty; expected a header line")
    header, *rows = lines
    for line_number, cells in enumerate(rows, 2):
        if len(cells) != len(header):
            raise DataError(
                f"{path.name}:{line_number}: {len(cells)} cells; expected {len(header)}"
            )
    return header, rows
