"""Histories of one's own, sales or costings by date, in CSV, Parquet or Excel.

data/README.md describes their columns, and is their schema. How the cells come from a file is for
history_cells.py; which launch has a history, and what it stands in for, for launch_file.py.
"""

import re
from pathlib import Path

import pandas as pd

from .cells import cell_reader, is_numeric, read_cell
from .dictionary import Column, read_fields
from .errors import DataError, Problems, did_you_mean, listed, quoted
from .history_cells import Cells, read_cells, with_decimal_points
from .order_columns import which_of_history_to_rename

READ_AS = "read_as"  # of the attributes of a history: how its file was read, in a sentence
LINES = "lines"  # of the attributes of a history: the line of each row in its file
COST_RANGE = ("low_usd", "bom_usd", "high_usd")  # in their order


def read_history(
    kind: str, path: Path, sheet: str | None = None, name: str | None = None
) -> pd.DataFrame:
    """Read a history of one's own.

    Parameters
    ----------
    kind : str
        "Sales history" or "BOM history", a section of data/README.md.
    path : Path
        A .csv (UTF-8), .parquet or .xlsx file.
    sheet : str, optional
        The sheet of a workbook; without it the one that alone has the columns.
    name : str, optional
        What an error calls the file; without it the file's name without its folders.

    Returns
    -------
    DataFrame
        A row a date, in order, with every column of that section; what the file leaves out or
        leaves empty is NaN or None. Its attribute `read_as` says how the file was read where it
        is not plain, and `lines` on which line each row stands.

    Raises
    ------
    DataError
        With a line for every problem: unknown, missing or repeated columns, a cell that is not of
        its type, dates or ends of a range out of order, a total of units that goes down, no row, a
        file that is not what its name says or is too large; with file, line, column, the value
        seen and what was expected.
    """
    name = name or path.name
    fields = read_fields(section=kind)
    needed = [field for field, column in fields.items() if column.required]
    cells = read_cells(path, name, needed, sheet)
    _check_header(name, cells, fields)
    numeric = [field for field, column in fields.items() if is_numeric(column.kind)]
    cells = with_decimal_points(cells, numeric)
    if not cells.rows:
        raise DataError(f"{name}:{cells.lines[0] + 1}: no rows; expected at least one")
    history = pd.DataFrame(_read_rows(name, cells, fields))
    history.attrs[READ_AS] = cells.read_as
    history.attrs[LINES] = cells.lines[1:]
    return history


def _read_rows(name: str, cells: Cells, fields: dict[str, Column]) -> list[dict]:
    """Return the values of all rows; one DataError with every problem where there are any."""
    problems = Problems()
    readers = {column: cell_reader(fields[column].kind) for column in cells.header}
    rows, row_before = [], None
    for cells_of_row, line_number in zip(cells.rows, cells.lines[1:], strict=True):
        place = f"{name}:{line_number}"
        if not any(cells_of_row):
            problems.add(f"{place}: an empty line between others; expected a row")
            continue
        row, is_right = dict.fromkeys(fields), False
        for column, cell in zip(cells.header, cells_of_row, strict=True):
            with problems.noted():
                row[column] = read_cell(place, fields[column], readers[column], cell)
        with problems.noted():
            _check_cost_range(place, row)
            if row_before is not None:
                _check_order(place, row, row_before)
            is_right = True
        if is_right and row["date"] is not None:
            row_before = row
        rows.append(row)
    problems.raise_all()
    return rows


def _check_order(place: str, row: dict, row_before: dict) -> None:
    """Refuse a date that is not after the one before, and a total of units that goes down."""
    date, date_before = row["date"], row_before["date"]
    if date is not None and date <= date_before:
        raise DataError(
            f"{place}: date = {date.date()}; expected a day after {date_before.date()} of the line "
            "before"
        )
    units, units_before = row.get("units"), row_before.get("units")
    if units is not None and units_before is not None and units < units_before:
        raise DataError(
            f"{place}: units = {units}; expected at least {units_before} of the line before; units "
            "are the total since first sale, not those of a period"
        )


def _check_cost_range(place: str, row: dict) -> None:
    """Refuse a cost that lies outside its own range."""
    stated = {end: row[end] for end in COST_RANGE if pd.notna(row.get(end))}
    costs = list(stated.values())
    if costs != sorted(costs):
        shown = ", ".join(f"{end} = {usd}" for end, usd in stated.items())
        raise DataError(f"{place}: {shown}; expected them in this order")


def _check_header(name: str, cells: Cells, fields: dict[str, Column]) -> None:
    """Refuse a header with columns that are unknown, there twice, or missing."""
    header = cells.header
    required = {field for field, column in fields.items() if column.required}
    unknown = [column for column in header if column not in fields]
    twice = sorted({column for column in header if header.count(column) > 1})
    missing = [field for field in fields if field in required and field not in header]
    if not unknown and not twice and not missing:
        return
    seen = [f"column {quoted(column)}{did_you_mean(column, fields)}" for column in unknown]
    seen += [f"column {quoted(column)} twice" for column in twice]
    if missing and not unknown:
        seen.append(f"columns {listed(header)}, without {listed(missing)}")
    # Of a header that no comma parts, whatever else parts it.
    columns = header if len(header) > 1 else re.split(r"[;\t|]", header[0])
    known = ", ".join(field if field in required else f"{field} (optional)" for field in fields)
    raise DataError(
        f"{name}:{cells.lines[0]}: {'; '.join(seen[:5])}; expected {known}, each once, "
        f"parted by commas{which_of_history_to_rename(columns, missing)}"
    )
