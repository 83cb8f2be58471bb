"""Histories of one's own, sales or costings by date, in CSV, Parquet or Excel.

data/README.md describes their columns, and is their schema. Which launch has a history, and what
it stands in for, is for launch_file.py.
"""

import re
import zipfile
from contextlib import suppress
from pathlib import Path

import pandas as pd

from .cells import cell_reader, read_cell
from .dictionary import Column, read_fields
from .duckdb_files import open_source
from .errors import DataError, listed, one_line, quoted, suggest
from .text_files import MOST_BYTES

MOST_UNPACKED_BYTES = 10 * MOST_BYTES  # of a workbook, which is a zip file
ENDINGS = (".csv", ".parquet", ".xlsx")
COST_RANGE = ("low_usd", "bom_usd", "high_usd")  # in their order


def read_history(kind: str, path: Path) -> pd.DataFrame:
    """Read a history of one's own.

    Parameters
    ----------
    kind : str
        "Sales history" or "BOM history", a section of data/README.md.
    path : Path
        A .csv (UTF-8, commas), .parquet or .xlsx file (its first sheet).

    Returns
    -------
    DataFrame
        A row a date, in order, with every column of that section; what the file leaves out or
        leaves empty is NaN or None.

    Raises
    ------
    DataError
        For unknown, missing or repeated columns, a cell that is not of its type, dates or ends of
        a range out of order, a total of units that goes down, no row, a file that is not what its
        name says or is too large; with file, line, column, the value seen and what was expected.
    """
    header, *lines = _read_cells(path)
    fields = read_fields(section=kind)
    _check_header(path.name, header, fields)
    readers = {column: cell_reader(fields[column].kind) for column in header}
    rows = []
    for line_number, cells in enumerate(lines, 2):
        place = f"{path.name}:{line_number}"
        row = dict.fromkeys(fields)
        for column, cell in zip(header, cells, strict=True):
            row[column] = read_cell(place, fields[column], readers[column], cell)
        if rows:
            _check_order(place, row, rows[-1])
        _check_cost_range(place, row)
        rows.append(row)
    if not rows:
        raise DataError(f"{path.name}:2: no rows; expected at least one")
    return pd.DataFrame(rows)


def _check_order(place: str, row: dict, row_before: dict) -> None:
    """Refuse a date that is not after the one before, and a total of units that goes down."""
    least_steps = {"date": pd.Timedelta(days=1), "units": 0}
    for column, least_step in least_steps.items():
        if column in row and row[column] - row_before[column] < least_step:
            raise DataError(
                f"{place}: {column} = {row[column]}; "
                f"expected more than {row_before[column]} of the line before"
            )


def _check_cost_range(place: str, row: dict) -> None:
    """Refuse a cost that lies outside its own range."""
    stated = {end: row[end] for end in COST_RANGE if pd.notna(row.get(end))}
    costs = list(stated.values())
    if costs != sorted(costs):
        shown = ", ".join(f"{end} = {usd}" for end, usd in stated.items())
        raise DataError(f"{place}: {shown}; expected them in this order")


def _read_cells(path: Path) -> list[list[str]]:
    """Return the cells of a history as stripped text, its header first.

    A whole number that a spreadsheet keeps as 5.0, and a day that it keeps as a time at midnight,
    are written as the whole number and the day.
    """
    if path.suffix not in ENDINGS or not path.is_file():
        raise DataError(f"{path.name}: expected a file {', '.join(ENDINGS)} at {path.parent}")
    _check_size(path)
    try:
        table = _read_table(path).fillna("")
        as_typed = table.replace(r"( 00:00:00|\.0)$", "", regex=True)
        return as_typed.map(str.strip).to_numpy().tolist() or [[]]
    except (ValueError, KeyError, OSError, EOFError, SyntaxError, zipfile.BadZipFile) as err:
        raise DataError(
            f"{path.name}: {_explained(err)}; expected a {path.suffix} file, text in UTF-8"
        ) from None


def _read_table(path: Path) -> pd.DataFrame:
    """Return the cells of a file as text, its header as the first row."""
    as_text = {"header": None, "dtype": str, "na_filter": False}
    if path.suffix == ".csv":
        return pd.read_csv(path, encoding="utf-8-sig", skip_blank_lines=False, **as_text)
    if path.suffix == ".xlsx":
        return pd.read_excel(path, **as_text)
    table = open_source(path).ask("SELECT columns(*)::VARCHAR FROM source")
    return pd.DataFrame([list(table), *table.to_numpy().tolist()])


def _explained(err: Exception) -> str:
    """Return what a library says of a file in one line, in our words where they are known."""
    pandas_on_width = r".*Expected (\d+) fields in line (\d+), saw (\d+)"
    in_our_words = r"line \2: \3 cells, the header has \1"
    return one_line(re.sub(pandas_on_width, in_our_words, str(err)))


def _check_size(path: Path) -> None:
    """Refuse a history too large to be one, also a workbook that only unpacks to that size."""
    size, most = path.stat().st_size, MOST_BYTES
    if path.suffix == ".xlsx" and size <= MOST_BYTES:
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as workbook:
            size = sum(part.file_size for part in workbook.infolist())
            most = MOST_UNPACKED_BYTES
    if size > most:
        raise DataError(f"{path.name}: {size:,} bytes; expected {most:,} at most")


def _check_header(name: str, header: list[str], fields: dict[str, Column]) -> None:
    """Refuse a header with a column that is unknown, there twice, or missing."""
    required = {field for field, column in fields.items() if column.required}
    wrong = [column for column in header if column not in fields or header.count(column) > 1]
    missing = required - set(header)
    if not wrong and not missing:
        return
    if wrong:
        nearest, _, _all_known = suggest(wrong[0], fields).partition("; known")
        seen = f"column {quoted(wrong[0])}{nearest}"
    else:
        seen = f"columns {listed(header)}"
    known = ", ".join(field if field in required else f"{field} (optional)" for field in fields)
    raise DataError(f"{name}:1: {seen}; expected {known}, each once, parted by commas")
