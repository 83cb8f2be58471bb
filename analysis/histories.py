"""Histories of one's own, sales or costings by date, in CSV, Parquet or Excel; data/README.md is their schema too."""

import zipfile
from pathlib import Path

import pandas as pd

from .data import DATA, DataError, cell_reader, read_cell, read_fields, suggest

STARTS = {".parquet": b"PAR1", ".xlsx": b"PK", ".csv": b""}  # ending of a file: its first bytes


def read_history(kind: str, path: Path) -> pd.DataFrame:
    """Read a "Sales history" or "BOM history": one row a date, in order, every column of that section of data/README.md.

    Raises DataError with file, line, column, value and what was expected: unknown, missing or repeated columns, a cell that
    is not of its type, dates out of order, a total of units that goes down, no row, a file of another type.
    """
    header, *lines = _text(path).fillna("").map(str.strip).to_numpy().tolist() or [[]]
    fields, name, rows = read_fields(section=kind), path.name, []
    _check_header(name, header, fields)
    readers = {column: cell_reader(fields[column].kind, DATA) for column in header}
    for line, cells in enumerate(lines, 2):
        where, told = f"{name}:{line}", zip(header, cells, strict=True)
        row = {column: read_cell(where, fields[column], readers[column], cell) for column, cell in told}
        for column, least in (("date", pd.Timedelta(days=1)), ("units", 0)):
            if rows and column in row and row[column] - (before := rows[-1][column]) < least:
                raise DataError(f"{where}: {column} = {row[column]}; expected more than {before} of the line before")
        rows.append(row)
    if not rows:
        raise DataError(f"{name}:2: no rows; expected at least one")
    return pd.DataFrame(rows, columns=list(fields))


def _text(path: Path) -> pd.DataFrame:
    """The cells of a file as text, its header as the first row."""
    start, name = STARTS.get(path.suffix), f"{path.name}: expected a file {', '.join(STARTS)}"
    if start is None or not path.is_file():
        raise DataError(f"{name} at {path.parent}")
    found, options = path.read_bytes()[:4], {"header": None, "dtype": str, "na_filter": False}
    if not found.startswith(start) or (start == b"" and found.startswith((b"PK", b"PAR1", b"%PDF", b"\xd0\xcf"))):
        raise DataError(f"{name}, found what begins with {found!r}: another type of file than its name says")
    try:
        if path.suffix != ".csv":
            table = _parquet(path) if path.suffix == ".parquet" else pd.read_excel(path, **options)
            return table.replace(r"( 00:00:00|\.0)$", "", regex=True)
        return pd.read_csv(path, encoding="utf-8-sig", skip_blank_lines=False, **options)
    except (ValueError, KeyError, zipfile.BadZipFile) as err:
        raise DataError(f"{name} in UTF-8 with commas: {' '.join(str(err).split())}") from None


def _parquet(path: Path) -> pd.DataFrame:
    import duckdb  # noqa: PLC0415 (other studies can do without)

    try:
        table = duckdb.read_parquet(str(path)).project("columns(*)::VARCHAR").df()
    except duckdb.Error as err:
        raise ValueError(err) from None
    return pd.DataFrame([list(table), *table.to_numpy().tolist()])


def _check_header(name: str, header: list[str], fields: dict) -> None:
    wanted = ", ".join(f"{field}{'' if column.required else ' (optional)'}" for field, column in fields.items())
    for column in header:
        if column not in fields or header.count(column) > 1:
            what = "repeated" if column in fields else "unknown"
            near = "".join(suggest(column, fields).partition("; did")[1:]) if what == "unknown" else ""
            raise DataError(f"{name}:1: {what} column {column[:60]!r}{near}; expected {wanted}, parted by commas")
    if missing := [field for field, column in fields.items() if column.required and field not in header]:
        raise DataError(f"{name}:1: no column {', '.join(missing)}; expected {wanted}")
