"""Load and check the market tables. data/README.md is their dictionary and, read by this module, their schema."""

import csv
import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import pandas as pd

DATA = Path(__file__).resolve().parents[1] / "data"
SLUG = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
PERIOD = re.compile(r"(FY)?(19|20)\d\d(Q[1-4]|H[12]|-(0[1-9]|1[0-2]))?")
RANGE = re.compile(r"(integer|number) (?:(>=|>) (-?[\d.]+)|(-?[\d.]+) to (-?[\d.]+))")


class DataError(ValueError):
    """A table or launch file is not as its dictionary says; the text names file, line, column, value, expectation."""


@dataclass(frozen=True)
class Column:
    """One line of the dictionary: what a column holds, in which unit, and what an empty cell means."""

    name: str
    kind: str
    unit: str
    meaning: str
    missing: str

    @property
    def required(self) -> bool:
        return self.missing == "never"


@dataclass(frozen=True)
class Table:
    """One section of the dictionary: a table's columns, its key, and the rules between columns."""

    name: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    holds: tuple[tuple[str, str, str], ...]  # (left, "<=" or "<", right)
    needs: tuple[tuple[str, str, str], ...]  # this column is filled where that column has that value


def suggest(word: str, known) -> str:
    """Say which known names come nearest, as a clause to end an error message with."""
    near = get_close_matches(word, known, n=3, cutoff=0.5)
    return f"; did you mean {', '.join(near)}?" if near else f"; known: {', '.join(sorted(known))}"


def read_dictionary(folder: Path = DATA) -> dict[str, Table]:
    """Read data/README.md into one `Table` for each section headed `market/<name>.csv`, by name.

    Raises DataError naming the section for a type or a rule that is not of the dictionary's forms.
    """
    path = folder / "README.md"
    return _dictionary(path, path.stat().st_mtime_ns)


@cache
def _dictionary(path: Path, _changed: int) -> dict[str, Table]:
    text = path.read_text(encoding="utf-8")
    sections = re.split(r"^### `market/(\w+)\.csv`\n", text, flags=re.M)[1:]
    return {name: _table(name, body) for name, body in zip(sections[::2], sections[1::2], strict=True)}


@cache
def read_fields(folder: Path = DATA) -> dict[str, Column]:
    """Read the fields of a launch file from data/README.md, by their path, such as "price.cuts[].date"."""
    section = (folder / "README.md").read_text(encoding="utf-8").split("\n## Launch files")[1].split("\n## ")[0]
    return {column.name: column for column in _columns("launch files", section)}


def _columns(name: str, body: str) -> tuple[Column, ...]:
    rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in re.findall(r"^\|.*\|$", body, re.M)]
    for row in rows:
        if len(row) != 5:
            raise DataError(f"data/README.md, {name}: {row}: expected five cells a line")
    return tuple(Column(row[0].strip("`"), *row[1:]) for row in rows[2:])


def _table(name: str, body: str) -> Table:
    body = re.split(r"^#{1,3} ", body, flags=re.M)[0]
    columns = _columns(f"market/{name}.csv", body)
    said = {word: "".join(re.findall(rf"{word}: (.*?)\.(?:\s|$)", body, re.S)[:1]) for word in ("Key", "Holds", "Needs")}
    key = tuple(re.findall(r"`(\w+)`", said["Key"]))
    holds = tuple(re.findall(r"`(\w+) (<=|<) (\w+)`", said["Holds"]))
    needs = tuple(re.findall(r"`(\w+)` where `(\w+)` is `(\w+)`", said["Needs"]))
    unknown = {*key, *(c for h in holds for c in (h[0], h[2])), *(c for n in needs for c in n[:2])}
    unknown -= {column.name for column in columns}
    if unknown or not key:
        raise DataError(f"data/README.md, market/{name}.csv: key or rule names no column: {sorted(unknown) or 'no key'}")
    return Table(name, body.strip().split("\n")[0], key, columns, holds, needs)


def cell_reader(kind: str, folder: Path) -> Callable[[str], object]:
    """Give the function that turns a cell's text into its value, or raises ValueError saying what was expected."""
    if kind.startswith("one of "):
        return _word({word.strip() for word in kind[7:].split(",")})
    if kind.startswith("in "):
        table, column = kind[3:].split(".")
        return _word({row[column] for _, row in _rows(folder / "market" / f"{table}.csv")}, f"a {column} of {table}.csv")
    if match := RANGE.fullmatch(kind):
        return _number(match, kind)
    plain = {"text": str, "slug": _slug, "url": _url, "date": _date, "period": _period, "yes/no": _yes}
    if kind not in plain:
        raise DataError(f"data/README.md: {kind!r} is not a type of the dictionary")
    return plain[kind]


def _word(words: set[str], called: str = "") -> Callable[[str], str]:
    def read(cell):
        if cell not in words:
            raise ValueError((called or "one of the listed words") + suggest(cell, words))
        return cell

    return read


def _number(match: re.Match, kind: str) -> Callable[[str], float]:
    whole, sign, bound, low, high = match.groups()
    low, high = (float(bound), math.inf) if sign else (float(low), float(high))

    def read(cell):
        value = float(cell) if re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell) else math.nan
        value = math.nan if whole == "integer" and not re.fullmatch(r"-?\d+", cell) else value
        if not low <= value <= high or (sign == ">" and value == low) or math.isinf(value):
            raise ValueError(f"{'an' if whole == 'integer' else 'a'} {kind}")
        return int(cell) if whole == "integer" else value

    return read


def _slug(cell: str) -> str:
    if not SLUG.fullmatch(cell):
        raise ValueError("lower-case letters, digits and single underscores")
    return cell


def _url(cell: str) -> str:
    if not re.fullmatch(r"https?://[^\s<>\"]+", cell):
        raise ValueError("one web address, https://...")
    return cell


def _date(cell: str) -> pd.Timestamp:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
        raise ValueError("an ISO date, yyyy-mm-dd")
    try:
        day = date.fromisoformat(cell)
    except ValueError:
        raise ValueError("a day of the calendar, yyyy-mm-dd") from None
    if not 1970 <= day.year <= 2030:
        raise ValueError("a date from 1970 to 2030")
    return pd.Timestamp(day)


def _period(cell: str) -> str:
    if not PERIOD.fullmatch(cell):
        raise ValueError("a period such as 2016, 2016Q2, 2016H1, 2016-04 or FY2016")
    return cell


def _yes(cell: str) -> bool:
    if cell not in ("yes", "no"):
        raise ValueError("yes or no")
    return cell == "yes"


def _rows(path: Path):
    """Yield (line number, row as a dict of text) of a CSV file whose lines all have the header's width."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as err:
        raise DataError(f"{path.name}: byte {err.start} is not UTF-8; expected a UTF-8 file") from None
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    header = next(reader, None)
    if not header:
        raise DataError(f"{path.name}:1: the file is empty; expected a header line")
    try:
        for cells in reader:
            if len(cells) != len(header):
                raise DataError(f"{path.name}:{reader.line_num}: {len(cells)} cells; expected {len(header)}")
            yield reader.line_num, dict(zip(header, cells, strict=True))
    except csv.Error as err:
        raise DataError(f"{path.name}:{reader.line_num}: {err}; expected comma-separated values") from None


def load_table(name: str, folder: Path = DATA) -> pd.DataFrame:
    """Load one market table, every cell checked against the dictionary.

    Returns one row per line of data/market/<name>.csv: dates as timestamps, yes/no as booleans, numbers as
    numbers, NaN or None where a cell is empty. Raises DataError for the first cell, key or rule that is wrong,
    with file, line, column, value found and what was expected.

    >>> load_table("devices").columns[0]
    'device'
    """
    tables = read_dictionary(folder)
    if name not in tables:
        raise DataError(f"data/market/{name}.csv is not in data/README.md{suggest(name, tables)}")
    path = folder / "market" / f"{name}.csv"
    if not path.exists():
        raise DataError(f"{path.name}: there is no such file in data/market, but data/README.md describes it")
    return _checked(tables[name], folder, path.stat().st_mtime_ns).copy()


@cache
def _checked(table: Table, folder: Path, _changed: int) -> pd.DataFrame:
    path = folder / "market" / f"{table.name}.csv"
    readers = [(column, cell_reader(column.kind, folder)) for column in table.columns]
    seen, rows = {}, []
    for line, raw in _rows(path):
        if list(raw) != [column.name for column in table.columns]:
            raise DataError(f"{path.name}:1: columns {', '.join(raw)}; expected those of data/README.md in their order")
        row = {column.name: _read(path, line, column, read, raw[column.name]) for column, read in readers}
        _check_rules(path, line, table, row)
        key = tuple(raw[column] for column in table.key)
        if key in seen:
            raise DataError(f"{path.name}:{line}: {', '.join(table.key)} = {', '.join(key)}: line {seen[key]} has it too")
        seen[key] = line
        rows.append(row)
    if not rows:
        raise DataError(f"{path.name}:2: no rows; expected at least one")
    return pd.DataFrame(rows)


def _read(path: Path, line: int, column: Column, read: Callable[[str], object], cell: str):
    if cell == "" and not column.required:
        return None if column.kind.split()[0] not in ("integer", "number") else math.nan
    try:
        if cell != cell.strip() or "\n" in cell:
            raise ValueError("no blanks around it and no line break in it")
        if cell == "":
            raise ValueError(f"{column.kind} (never missing)")
        return read(cell)
    except ValueError as err:
        raise DataError(f"{path.name}:{line}: {column.name} = {cell!r}; expected {err}") from None


def _check_rules(path: Path, line: int, table: Table, row: dict) -> None:
    for left, sign, right in table.holds:
        a, b = row[left], row[right]
        if pd.notna(a) and pd.notna(b) and (a > b or (sign == "<" and a == b)):
            raise DataError(f"{path.name}:{line}: {left} = {a}, {right} = {b}; expected {left} {sign} {right}")
    for needed, column, value in table.needs:
        if row[column] == value and not row[needed]:
            raise DataError(f"{path.name}:{line}: {needed} = ''; expected a value where {column} is {value}")


def data_checksum(*names: str, folder: Path = DATA) -> str:
    """Short SHA-256 over the named market tables (all of them if none is named), in the order of their names."""
    paths = sorted(folder.glob("market/*.csv"))
    chosen = [path for path in paths if not names or path.stem in names]
    return hashlib.sha256(b"".join(path.read_bytes() for path in chosen)).hexdigest()[:12]
