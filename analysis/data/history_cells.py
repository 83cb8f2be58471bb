"""The cells of a history as text: from CSV, Parquet or Excel, with its columns found.

Semicolons, tabs and decimal commas, a sheet that alone has the columns, and empty lines above and
below are read where they are unmistakable, and said. What the cells mean is for histories.py.
"""

import csv
import io
import re
import zipfile
from collections.abc import Collection
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from .duckdb_files import DELIMITERS, ONLY_A_DECIMAL_COMMA, open_source
from .errors import DataError, listed, one_line, quoted, suggest
from .text_files import MOST_BYTES, is_file, read_text, refuse_other_kinds

MOST_UNPACKED_BYTES = 30_000_000  # of a workbook, which is a zip file: half a minute to read
MOST_CELLS = 500_000  # of a sheet, empty ones between others too
ENDINGS = (".csv", ".parquet", ".xlsx")
DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
WHOLE_NUMBER = re.compile(r"(-?\d+)\.0")  # as Parquet and Excel keep it, likewise the next
DAY_AT_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d) 00:00:00")


@dataclass(frozen=True)
class Cells:
    """The cells of a history, stripped."""

    header: list[str]
    rows: list[list[str]]  # each as wide as the header
    lines: list[int]  # of each row, and before them that of the header, its line in the file
    read_as: str = ""  # how the file was read where that is not plain, in a sentence
    delimiter: str = ","  # what parts the cells of a text; a comma where the file is no text


def read_cells(path: Path, name: str, needed: Collection[str], sheet: str | None) -> Cells:
    """Return the cells of a history.

    Parameters
    ----------
    path : Path
        A .csv, .parquet or .xlsx file.
    name : str
        What an error calls the file.
    needed : names
        The columns that the header must have, by which it is found.
    sheet : str, optional
        The sheet of a workbook that is read; without it the one that alone has these columns.

    Raises
    ------
    DataError
        If the file is not what its name says, is too large, has lines wider than its header, or
        if no sheet or several have the columns.
    """
    if path.suffix not in ENDINGS or not is_file(path):
        expected = f"expected a file {', '.join(ENDINGS)} at {one_line(path.parent)}"
        raise DataError(f"{one_line(name)}: {expected}")
    if sheet and path.suffix != ".xlsx":
        raise DataError(f"{name}: sheet {quoted(sheet)}; expected a file .xlsx with sheets")
    _check_size(path, name)
    if path.suffix == ".csv":
        return _read_csv(path, name, needed)
    if path.suffix == ".xlsx":
        return _read_workbook(path, name, needed, sheet)
    table = open_source(path, name=name).ask("SELECT columns(*)::VARCHAR FROM source").fillna("")
    rows = [[_as_typed(cell) for cell in row] for row in table.to_numpy().tolist()]
    return _without_empty_lines(name, needed, [[column.strip() for column in table], *rows])


def _as_typed(cell: object) -> str:
    """Return a cell as its text: a whole number kept as 5.0 as 5, a day kept at midnight as it."""
    text = str(cell).strip()
    typed = WHOLE_NUMBER.fullmatch(text) or DAY_AT_MIDNIGHT.fullmatch(text)
    return typed[1] if typed else text


def _check_size(path: Path, name: str) -> None:
    """Refuse a history too large to be one, also a workbook that only unpacks to that size."""
    size, most = path.stat().st_size, MOST_BYTES
    if path.suffix == ".xlsx" and size <= MOST_BYTES:
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as workbook:
            size = sum(part.file_size for part in workbook.infolist())
            most = MOST_UNPACKED_BYTES
    if size > most:
        raise DataError(f"{name}: {size:,} bytes; expected {most:,} at most")


def _read_csv(path: Path, name: str, needed: Collection[str]) -> Cells:
    """Return the cells of a text; what parts them is what parts the columns that are needed."""
    with path.open("rb") as file:
        refuse_other_kinds(file.read(4), name)
    text = read_text(path, name, path.parent)
    first_line = next((line for line in text.split("\n") if line.strip(",;\t| ")), "")
    delimiter = _delimiter_of(first_line, needed)
    cells = _without_empty_lines(name, needed, *_split(name, text, delimiter))
    if delimiter == ",":
        return cells
    read_as = f"{name} was read with {DELIMITERS[delimiter]} between its cells."
    return replace(cells, read_as=f"{cells.read_as} {read_as}".strip(), delimiter=delimiter)


def _delimiter_of(first_line: str, needed: Collection[str]) -> str:
    """Return what parts the cells of a header; a comma where the header has not the columns."""
    for delimiter in DELIMITERS:
        columns = [cell.strip(' "') for cell in first_line.split(delimiter)]
        if set(needed) <= set(columns):
            return delimiter
    return ","


def _split(name: str, text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Return the lines of a text as cells, and the number of the line on which each begins."""
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter, strict=True)
    rows, numbers, number = [], [], 1
    try:
        for row in reader:
            rows.append([cell.strip() for cell in row])
            numbers.append(number)
            number = reader.line_num + 1
    except csv.Error as err:
        is_long = "field larger" in str(err)
        fault = (
            "a cell of more than 131,072 characters"
            if is_long
            else "a quote is not closed, or stands in a text"
        )
        raise DataError(f"{name}:{number}: {fault}; expected a .csv file, text in UTF-8") from None
    return rows, numbers


def _without_empty_lines(
    name: str,
    needed: Collection[str],
    rows: list[list[str]],
    numbers: list[int] | None = None,
) -> Cells:
    """Return rows without the empty ones above and below, each as wide as the first of them.

    A cell beyond the header's last one has to be empty.
    """
    numbers = numbers or list(range(1, len(rows) + 1))
    filled = [place for place, row in enumerate(rows) if any(row)]
    if not filled:
        raise DataError(f"{name}:1: the file is empty; expected a header line")
    first, last = filled[0], filled[-1]
    header = rows[first]
    while not header[-1]:
        header = header[:-1]
    if not set(needed) <= set(header):
        _refuse_title(name, needed, rows[first : last + 1], numbers[first : last + 1])
    body, lines = [], [numbers[first]]
    for row, number in zip(rows[first + 1 : last + 1], numbers[first + 1 : last + 1], strict=True):
        if any(row[len(header) :]):
            raise DataError(
                f"{name}:{number}: {len(row)} cells, the header has {len(header)}; expected as "
                "many as the header, and a comma within a number or a text in quotes"
            )
        body.append((row + [""] * len(header))[: len(header)])
        lines.append(number)
    read_as = f"{name} was read from line {lines[0]} on." if lines[0] > 1 else ""
    return Cells(header=header, rows=body, lines=lines, read_as=read_as)


def _refuse_title(
    name: str, needed: Collection[str], rows: list[list[str]], numbers: list[int]
) -> None:
    """Refuse lines above the header, where a later line has the columns that are needed."""
    for row, number in zip(rows[:20], numbers, strict=False):
        if set(needed) <= set(row):
            raise DataError(
                f"{name}:{numbers[0]}: {quoted(', '.join(filter(None, rows[0])))}; expected the "
                f"columns {' and '.join(needed)}, which line {number} has: take away what stands "
                "above it"
            )


def _read_workbook(path: Path, name: str, needed: Collection[str], sheet: str | None) -> Cells:
    """Return the cells of the sheet that is named, or that alone has the columns needed."""
    try:
        _check_sheets(path, name)
        tables = pd.read_excel(path, sheet_name=None, header=None, dtype=str, na_filter=False)
    except DataError:
        raise
    except Exception:  # of a damaged workbook its reader may raise anything
        raise DataError(
            f"{name}: this is no Excel workbook, or a damaged one; expected a .xlsx file"
        ) from None
    if sheet and sheet not in tables:
        raise DataError(f"{name}: there is no sheet {quoted(sheet)}{suggest(sheet, tables)}")
    sheets = {}
    for title in [sheet] if sheet else tables:
        rows = [[_as_typed(cell) for cell in row] for row in tables[title].to_numpy().tolist()]
        if any(any(row) for row in rows):
            sheets[title] = _without_empty_lines(name, needed, rows)
    return _choose_sheet(name, sheets, needed)


def _check_sheets(path: Path, name: str) -> None:
    """Refuse a sheet that is too large, read row by row: one far cell makes all before it cells."""
    from openpyxl import load_workbook  # noqa: PLC0415 (only workbooks need it)

    with closing(load_workbook(path, read_only=True, data_only=True)) as workbook:
        for sheet in workbook.worksheets:
            sheet.reset_dimensions()  # what a sheet says of its own size need not be true
            widest = 0
            for number, row in enumerate(sheet.rows, start=1):
                widest = max(widest, len(row))
                if number * widest > MOST_CELLS:
                    raise DataError(
                        f"{name}: sheet {quoted(sheet.title)} has more than "
                        f"{MOST_CELLS:,} cells by row {number:,}; expected a table of its columns"
                    )


def _choose_sheet(name: str, sheets: dict[str, Cells], needed: Collection[str]) -> Cells:
    """Return the only sheet, or the only one that has the columns needed."""
    if not sheets:
        raise DataError(f"{name}: every sheet is empty; expected a header line")
    if len(sheets) == 1:
        return next(iter(sheets.values()))
    fitting = [title for title, cells in sheets.items() if set(needed) <= set(cells.header)]
    columns = " and ".join(needed)
    if not fitting:
        raise DataError(f"{name}: sheets {listed(sheets)}; expected one with the columns {columns}")
    if len(fitting) > 1:
        raise DataError(
            f"{name}: sheets {listed(fitting)} have the columns {columns}; expected the name "
            "of one of them in histories.sales_sheet or histories.bom_sheet"
        )
    chosen = sheets[fitting[0]]
    read_as = f"Of {name} the sheet {fitting[0]} was read."
    return replace(chosen, read_as=f"{read_as} {chosen.read_as}".strip())


def with_decimal_points(cells: Cells, numeric: Collection[str]) -> Cells:
    """Return cells with decimal points where semicolons or tabs part them and commas are decimal.

    Parameters
    ----------
    cells : Cells
        The cells of a history.
    numeric : names
        The columns of numbers.
    """
    places = [place for place, column in enumerate(cells.header) if column in numeric]
    numbers = [row[place] for row in cells.rows for place in places if row[place]]
    has_decimal_comma = any(ONLY_A_DECIMAL_COMMA.fullmatch(number) for number in numbers)
    has_point = any("." in number for number in numbers)
    if cells.delimiter == "," or not has_decimal_comma or has_point:
        return cells
    rows = [list(row) for row in cells.rows]
    for row in rows:
        for place in places:
            if DECIMAL_COMMA.fullmatch(row[place]):
                row[place] = row[place].replace(",", ".")
    return replace(cells, rows=rows, read_as=f"{cells.read_as} Its commas are decimal commas.")
