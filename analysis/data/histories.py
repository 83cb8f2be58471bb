"""Histories of one's own, sales or costings by date, in CSV, Parquet or Excel; data/README.md is their schema too."""

import re
import zipfile
from contextlib import suppress
from functools import partial
from pathlib import Path

import pandas as pd

from .orders import open_log
from .errors import DataError, listed, one_line, suggest
from .tables import DATA, cell_reader, read_cell, read_fields
from .text_files import MOST_BYTES

MOST_UNPACKED_BYTES = 10 * MOST_BYTES  # of a workbook, which is a zip file

CELLS = {"header": None, "dtype": str, "na_filter": False}
READERS = {  # cells of a file as text, its header as the first row, by its ending
    ".csv": partial(pd.read_csv, encoding="utf-8-sig", skip_blank_lines=False, **CELLS),
    ".parquet": lambda path: (
        open_log(str(path), False)[0]("SELECT columns(*)::VARCHAR FROM source").T.reset_index().T
    ),
    ".xlsx": partial(pd.read_excel, **CELLS),
}


def read_history(kind: str, path: Path) -> pd.DataFrame:
    """Read a "Sales history" or "BOM history": one row a date, in order, every column of that section of data/README.md.
    DataError (file, line, column, value, what was expected) for unknown, missing or repeated columns, a cell that is not of its type,
    dates or ends of a range out of order, a total of units that goes down, no row, a file of another type."""
    header, *lines = _text(path).to_numpy().tolist() or [[]]
    fields, name, rows = read_fields(section=kind), path.name, []
    _check_header(name, header, fields)
    readers = {column: cell_reader(fields[column].kind, DATA) for column in header}
    for line, cells in enumerate(lines, 2):
        where, told = f"{name}:{line}", zip(header, cells, strict=True)
        row = dict.fromkeys(fields) | {
            column: read_cell(where, fields[column], readers[column], cell) for column, cell in told
        }
        for column, least in (("date", pd.Timedelta(days=1)), ("units", 0)):
            if rows and column in fields and row[column] - (before := rows[-1][column]) < least:
                raise DataError(
                    f"{where}: {column} = {row[column]}; expected more than {before} of the line before"
                )
        ends = {
            end: row[end] for end in ("low_usd", "bom_usd", "high_usd") if pd.notna(row.get(end))
        }
        if sorted(ends.values()) != [*ends.values()]:
            raise DataError(
                f"{where}: {', '.join(f'{end} = {usd}' for end, usd in ends.items())}; expected them in this order"
            )
        rows.append(row)
    if not rows:
        raise DataError(f"{name}:2: no rows; expected at least one")
    return pd.DataFrame(rows)


def _text(path: Path) -> pd.DataFrame:
    if path.suffix not in READERS or not path.is_file():
        raise DataError(f"{path.name}: expected a file {', '.join(READERS)} at {path.parent}")
    _check_size(path)
    try:
        return (
            READERS[path.suffix](path)
            .fillna("")
            .replace(r"( 00:00:00|\.0)$", "", regex=True)
            .map(str.strip)
        )
    except (ValueError, KeyError, OSError, EOFError, SyntaxError, zipfile.BadZipFile) as err:
        said = re.sub(
            r".*Expected (\d+) fields in line (\d+), saw (\d+)",
            r"line \2: \3 cells, the header has \1",
            str(err),
        )
        raise DataError(
            f"{path.name}: {one_line(said)}; expected a {path.suffix} file, text in UTF-8"
        ) from None


def _check_size(path: Path) -> None:
    """Refuse a history too large to be one, also where a workbook would only unpack to that size."""
    size, most = path.stat().st_size, MOST_BYTES
    if path.suffix == ".xlsx" and size <= MOST_BYTES:
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as parts:
            size, most = sum(part.file_size for part in parts.infolist()), MOST_UNPACKED_BYTES
    if size > most:
        raise DataError(f"{path.name}: {size:,} bytes; expected {most:,} at most")


def _check_header(name: str, header: list[str], fields: dict) -> None:
    needed = {field for field, column in fields.items() if column.required}
    wrong = [column for column in header if column not in fields or header.count(column) > 1]
    if wrong or needed - {*header}:
        near = [
            f"column {one[:60]!r}{suggest(one, fields).partition('; known')[0]}"
            for one in wrong[:1]
        ]
        found = near[0] if near else f"columns {listed(header)}"
        wanted = ", ".join(field if field in needed else f"{field} (optional)" for field in fields)
        raise DataError(f"{name}:1: {found}; expected {wanted}, each once, parted by commas")
