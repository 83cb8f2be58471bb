"""Files of rows opened through DuckDB, larger than memory: Parquet, CSV and zipped CSV.

`open_source` lays one view, `source`, over the files and gives the function that asks DuckDB. Of
text every cell comes as text. What the columns mean is for orders.py and histories.py.
"""

import csv
import gzip
import re
import tempfile
import zlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from glob import escape, glob
from pathlib import Path

import jinja2
import pandas as pd

from .errors import DataError, named, one_line
from .text_files import STEP_IN_EXCEL, is_file, refuse_other_kinds

SQL = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent))
MOST_HEADER_BYTES = 1_000_000
MOST_COLUMNS = 2_000  # of more, DuckDB takes minutes to read the first row
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "strokes"}
ONLY_A_DECIMAL_COMMA = re.compile(r"-?(\d+,(\d{1,2}|\d{4,})|(0|\d{4,}),\d+)")  # no thousands
DAMAGED_PARQUET = (  # what DuckDB says of one, in its reader's many words
    *("Parquet", "Footer length", "Failed to read file", "enough bytes", "outside file"),
    *("TProtocol", "TType", "what type", "Out of buffer", "bit width", "Corrupted"),
    "Invalid unicode",
)
FAULTS = {  # what DuckDB says of a file: what it is, in the order in which they are looked for
    "unterminated quote": "a quote is not closed, or stands within a text",
    "utf-8": f"a byte that is not UTF-8; save the file as UTF-8: {STEP_IN_EXCEL}",
    "Maximum line size": "a line of more than two megabytes",
    "maximum_line_size": "a line of more than two megabytes",
    "magic bytes": "this is no Parquet file, or a damaged one",
    "too small to be a Parquet": "this is no Parquet file, or a damaged one",
    **dict.fromkeys(DAMAGED_PARQUET, "this is a damaged Parquet file"),
    "Out of Memory": "too little memory for it",
    "Permission": "it may not be read",
    "No space": "the disk is full",
}
EXPECTED_FILE = "expected a file .parquet, or .csv, .csv.gz in UTF-8 with a header"

Paths = str | Path | Sequence[str | Path]


@dataclass(frozen=True, eq=False)
class Source:
    """Files under one view, `source`, of a DuckDB connection of their own."""

    name: str  # what an error calls the files
    columns: dict[str, str]  # by name in lower case: DuckDB's type
    parquet_files: list[str]  # those that are Parquet; empty if any is text
    read_as: str  # how texts were read that are not parted by commas, in a sentence; else ""
    ask: Callable[[str], pd.DataFrame]  # runs SQL; DataError for what cannot be read


def sql_literal(value: object) -> str:
    """Return a value as SQL, quoted as it must be."""
    from duckdb import ConstantExpression  # noqa: PLC0415 (other studies can do without)

    return str(ConstantExpression(value))


@dataclass(frozen=True)
class _Text:
    """How a file of text is read."""

    columns: list[str]
    delimiter: str


def open_source(
    paths: Paths,
    once: Iterable[str] = (),
    progress: bool = False,
    name: str | None = None,
    numbers: Collection[str] = (),
) -> Source:
    """Open files of rows as one source.

    Parameters
    ----------
    paths : str, Path, or a list of them
        A `Path` is one file, whatever its name; a text may be a glob. Files are joined by the
        names of their columns.
    once : names
        Columns that no Parquet file may have twice, apart by case. Text may have none twice.
    progress : bool
        Whether DuckDB shows its bar.
    name : str, optional
        What an error of DuckDB's calls the files; without it `paths`.
    numbers : names
        Columns of numbers, in which a text that commas do not part may have decimal commas.

    Returns
    -------
    Source
        The files under the view `source`.

    Raises
    ------
    DataError
        If there is no file, or one of them cannot be read.
    """
    name = name or one_line(paths)
    files = _list_files(paths)
    texts = {file: _read_header(file) for file in files if not _is_parquet(file)}
    all_parquet = [] if texts else files
    ask = _connect(name, progress)

    parquet_files = [escape(file) for file in files if _is_parquet(file)]
    if parquet_files:
        _check_parquet_columns(ask, parquet_files, list(once))
    parts = [_part_of_source(ask, file, texts.get(file), numbers) for file in files]
    ask(SQL.get_template("orders.sql.j2").module.source(parts))
    described = ask("DESCRIBE source")
    types = zip(described["column_name"].str.lower(), described["column_type"], strict=True)
    return Source(
        name=name,
        columns=dict(types),
        parquet_files=[escape(file) for file in all_parquet],
        read_as=_how_read(texts.values(), parts),
        ask=ask,
    )


def _part_of_source(
    ask: Callable[[str], pd.DataFrame], file: str, text: _Text | None, numbers: Collection[str]
) -> dict:
    """Return what the SQL of the source needs of one file; of a Parquet file `text` is None."""
    part = {"file": sql_literal(escape(file)), "is_text": text is not None, "with_commas": []}
    if text is None:
        return part
    part["delimiter"] = sql_literal(text.delimiter)
    part["text_columns"] = sql_literal(dict.fromkeys(text.columns, "VARCHAR"))
    numeric = [column for column in text.columns if column.lower() in numbers]
    if text.delimiter != "," and numeric:
        part["with_commas"] = [
            column for column in numeric if _has_decimal_commas(ask, part, column)
        ]
    return part


def _has_decimal_commas(ask: Callable[[str], pd.DataFrame], part: dict, column: str) -> bool:
    """Whether commas in a column of a text can only be decimal ones, and no points stand there."""
    sql = SQL.get_template("orders.sql.j2").module
    marks = ask(sql.decimal_commas(part, column, sql_literal(ONLY_A_DECIMAL_COMMA.pattern)))
    return bool(marks["has_comma"].item() and not marks["has_point"].item())


def _how_read(texts: Iterable[_Text], parts: Iterable[dict]) -> str:
    """Say what parts the cells of texts where it is not commas, and that commas are decimal."""
    marks = {DELIMITERS[text.delimiter]: None for text in texts if text.delimiter != ","}
    if not marks:
        return ""
    has_commas = any(part["with_commas"] for part in parts)
    decimal = "; its commas are decimal commas" if has_commas else ""
    return f"read with {' and '.join(marks)} between its cells{decimal}"


def _is_parquet(file: str) -> bool:
    """Whether a file is Parquet, by its name."""
    return file.endswith(".parquet")


def _list_files(paths: Paths) -> list[str]:
    """Return the files that paths and globs name; all are there."""
    files = []
    for path in [paths] if isinstance(paths, (str, Path)) else paths:
        matches = [] if isinstance(path, Path) else sorted(glob(path))
        files += matches or [str(path)]
    if not files:
        raise DataError(f"paths = {paths!r}; expected at least one file")
    for file in files:
        if not is_file(Path(file)):
            raise DataError(
                f"{one_line(file)}: there is no such file; "
                "expected an order log, .parquet, .csv or .csv.gz"
            )
    return files


def _read_header(file: str) -> _Text:
    """Return the columns of a text file, each there once in whatever case, and what parts them.

    DuckDB would guess at the header, and may skip lines. A header with commas is parted by them.
    """
    first_line = _first_line(file)
    if not first_line.strip():
        raise DataError(
            f"{file}:1: an empty line, or an empty file; {EXPECTED_FILE} on its first line"
        )
    delimiter = next((mark for mark in DELIMITERS if mark in first_line), ",")
    try:
        columns = next(csv.reader([first_line], delimiter=delimiter), [])
    except csv.Error:
        raise DataError(f"{file}:1: a column's name without an end; {EXPECTED_FILE}") from None
    if len(columns) > MOST_COLUMNS:
        raise DataError(f"{file}:1: {len(columns):,} columns; expected {MOST_COLUMNS:,} at most")
    # A column without a name, as pandas writes its row numbers, goes by its place.
    columns = [column.strip() or f"column_{at}" for at, column in enumerate(columns, start=1)]
    earlier_by_name = {}
    for column in columns:
        name = column.lower()
        if name in earlier_by_name:
            raise DataError(
                f"{file}:1: columns {named(earlier_by_name[name])} and {named(column)}; "
                "expected each once, in whatever case"
            )
        earlier_by_name[name] = column
    return _Text(columns, delimiter)


def _first_line(file: str) -> str:
    """Return the first line of a text file, zipped or not, without a byte-order mark."""
    try:
        with gzip.open(file) if file.endswith(".gz") else Path(file).open("rb") as stream:
            beginning = stream.readline(MOST_HEADER_BYTES)
    except (OSError, EOFError, zlib.error):
        fault = "this is no gzip file, or a damaged one" if file.endswith(".gz") else "not readable"
        raise DataError(f"{file}: {fault}; {EXPECTED_FILE}") from None
    refuse_other_kinds(beginning, file)
    if Path(file).name.startswith("~$"):
        raise DataError(
            f"{file}: this is the lock file of a workbook that is open in Excel; {EXPECTED_FILE}"
        )
    if b"\0" in beginning:
        raise DataError(f"{file}:1: a zero byte, so this is no text; {EXPECTED_FILE}")
    try:
        return beginning.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as err:
        raise DataError(
            f"{file}:1: byte {err.start} is not UTF-8; {EXPECTED_FILE}: {STEP_IN_EXCEL}"
        ) from None


def _connect(name: str, progress: bool) -> Callable[[str], pd.DataFrame]:
    """Open a DuckDB connection and return the function that asks it."""
    import duckdb  # noqa: PLC0415 (other studies can do without)

    # DuckDB makes the folder anew when it must spill, and removes it at its end.
    with tempfile.TemporaryDirectory() as spill:
        settings = {
            "memory_limit": "512MB",
            "temp_directory": spill,
            "perfect_ht_threshold": 20,  # bits: counts by event and second are looked up
        }
        connection = duckdb.connect(config=settings)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET parquet_metadata_cache = true")
    connection.execute(f"SET enable_progress_bar = {bool(progress)}")

    def ask(sql: str) -> pd.DataFrame:
        try:
            return connection.execute(sql).df()
        except duckdb.InterruptException:
            raise KeyboardInterrupt from None
        except duckdb.Error as err:  # a damaged file may raise any of its kinds
            raise DataError(_fault_in_words(str(err), name)) from None

    return ask


def _fault_in_words(message: str, name: str) -> str:
    """Return what DuckDB says of a file in our words: file, line where there is one, and cause."""
    file = message.partition("file = ")[2].split("\n")[0] or name
    line = re.search(r"CSV Error on Line: (\d+)", message)
    widths = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message)
    fault = re.sub(r"^[\w ]+ Error: ", "", message).partition("\nLINE ")[0]  # without its SQL
    not_known = f"it cannot be read ({one_line(fault, longest=150)})"
    cause = next((cause for words, cause in FAULTS.items() if words in message), not_known)
    if widths:
        cause = f"{widths[2]} cells, the header has {widths[1]}"
    place = f"{file}:{line[1]}" if line else file
    return f"{place}: {cause}; expected a file of rows that can be read to its end"


def _check_parquet_columns(
    ask: Callable[[str], pd.DataFrame], files: list[str], once: list[str]
) -> None:
    """Refuse a Parquet file that has a column twice, apart by case, where one is wanted."""
    twice = ask(
        SQL.get_template("orders.sql.j2").module.repeated_columns(
            sql_literal(files), sql_literal(once)
        )
    )
    for row in twice.itertuples():
        raise DataError(f"{row.file_name}: columns named {row.field} in any case; expected it once")
