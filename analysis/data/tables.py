"""The market tables, data/market/*.csv: loaded and checked against the dictionary, data/README.md.

`load_table` is what everybody calls. What a table's columns are is for dictionary.py, what a cell
may hold for cells.py.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from .cells import cell_reader, read_cell
from .dictionary import Comparison, Requirement, TableSchema, read_dictionary
from .errors import DataError, listed, quoted, suggest
from .text_files import DATA, lies_below, read_csv_rows


def load_table(name: str, folder: Path = DATA) -> pd.DataFrame:
    """Load one market table, every cell, rule and key of it checked against the dictionary.

    Parameters
    ----------
    name : str
        The table's name, as in data/market/<name>.csv.
    folder : Path
        The project's data/, or a copy of it.

    Returns
    -------
    DataFrame
        A row a line of the file and a column a column of the dictionary, in its units. An empty
        cell is NaN where the column is of numbers, else None.

    Raises
    ------
    DataError
        For the first cell, rule or key that is wrong, with file, line, column, the value seen and
        what was expected; for a table that is not in the dictionary, with the nearest names.
    """
    schemas = read_dictionary(folder)
    path = folder / "market" / f"{name}.csv"
    if name not in schemas:
        raise DataError(f"data/market/{name}.csv is not in data/README.md{suggest(name, schemas)}")
    if not path.exists():
        raise DataError(
            f"{path.name}: there is no such file in data/market, but data/README.md describes it"
        )
    return _load_checked(schemas[name], path, path.stat().st_mtime_ns).copy()


@cache
def _load_checked(schema: TableSchema, path: Path, changed_ns: int) -> pd.DataFrame:
    """Load and check a table once for each time that its file changed."""
    folder = path.parents[1]
    header, lines = read_csv_rows(path, folder)
    if header != [column.name for column in schema.columns]:
        raise DataError(
            f"{path.name}:1: columns {listed(header)}; "
            "expected those of data/README.md in their order"
        )
    if not lines:
        raise DataError(f"{path.name}:2: no rows; expected at least one")

    readers = [cell_reader(column.kind, folder, column.unit) for column in schema.columns]
    rows, line_of_key = [], {}
    for line_number, cells in enumerate(lines, 2):
        place = f"{path.name}:{line_number}"
        row = {
            column.name: read_cell(place, column, read, cell)
            for column, read, cell in zip(schema.columns, readers, cells, strict=True)
        }
        for comparison in schema.holds:
            _check_comparison(place, row, comparison)
        for requirement in schema.needs:
            _check_requirement(place, row, requirement)

        key = tuple(cells[header.index(name)] for name in schema.key)
        if key in line_of_key:
            raise DataError(
                f"{place}: {', '.join(schema.key)} = {listed(key)}: "
                f"line {line_of_key[key]} has it too"
            )
        line_of_key[key] = line_number
        rows.append(row)
    return pd.DataFrame(rows)


def _check_comparison(place: str, row: dict, rule: Comparison) -> None:
    """Refuse a row that has both sides of a comparison, and the wrong way round."""
    left, right = row[rule.left], row[rule.right]
    if pd.isna(left) or pd.isna(right):
        return
    holds = left < right or (rule.sign == "<=" and left == right)
    if not holds:
        raise DataError(f"{place}: {rule.left} = {left}, {rule.right} = {right}; expected {rule}")


def _check_requirement(place: str, row: dict, rule: Requirement) -> None:
    """Refuse a row without a cell that is needed where another has a certain word."""
    if row[rule.where] == rule.word and pd.isna(row[rule.filled]):
        raise DataError(
            f"{place}: {rule.filled} = {quoted('')}; "
            f"expected a value where {rule.where} is {rule.word}"
        )


def list_files(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the files of market tables, with the rows used and how many have a weak source.

    Parameters
    ----------
    tables : mapping of DataFrame
        The rows used, by the table's name.

    Returns
    -------
    DataFrame
        file, rows, rows_from_a_weak_source.
    """
    rows = [
        {
            "file": f"data/market/{name}.csv",
            "rows": len(table),
            "rows_from_a_weak_source": int(np.sum(table.get("weak_source", 0))),
        }
        for name, table in tables.items()
    ]
    return pd.DataFrame(rows)


def data_checksum(*names: str) -> str:
    """Return a short SHA-256 of market tables as they are on disk.

    Parameters
    ----------
    *names : str
        The tables; none stands for all of them. Their order does not matter.
    """
    digest = hashlib.sha256()
    for path in sorted((DATA / "market").glob("*.csv")):
        is_chosen = not names or path.stem in names
        if is_chosen and path.is_file() and lies_below(path, DATA):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
