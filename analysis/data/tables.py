"""Load and check the market tables. data/README.md is their dictionary and, read by this module, their schema."""

import hashlib
import math
import re
from collections import namedtuple
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import pandas as pd

from .errors import DataError, listed, named, quoted, suggest
from .text_files import read_csv_rows

DATA = Path(__file__).resolve().parents[2] / "data"
FORMS = {  # type of a column: the form of its cells, their value, and how an error names it
    "text": (r"(?s).*", str, "a text"),
    "slug": (r"[a-z0-9]+(_[a-z0-9]+)*", str, "lower-case letters, digits and single underscores"),
    "source": (
        r"https?://[^\s<>\"]+|own records.*",
        str,
        "one web address, https://..., or: own records, and which",
    ),
    "url": (r"https?://[^\s<>\"]+", str, "one web address, https://..."),
    "date": (
        r"(19[7-9][0-9]|20[0-2][0-9]|2030)-[0-9][0-9]-[0-9][0-9]",
        pd.Timestamp,
        "an ISO date, yyyy-mm-dd, a day from 1970 to 2030",
    ),
    "period": (
        r"(FY)?(19|20)[0-9][0-9](Q[1-4]|H[12]|-(0[1-9]|1[0-2]))?",
        str,
        "a period such as 2016, 2016Q2, 2016H1 or FY2016",
    ),
    "yes/no": (r"yes|no", "yes".__eq__, "yes or no"),
    "integer": (r"-?[0-9]{1,15}", int, "an integer"),
    "number": (r"-?[0-9]{1,20}(\.[0-9]{1,20})?(e-?[0-9]{1,3})?", float, "a number"),
}
RANGE = re.compile(r"(integer|number) (?:(>=|>) (-?[\d.]+)|(-?[\d.]+) to (-?[\d.]+))")


# One line of the dictionary, as texts: what a column holds, in which unit, what an empty cell means, and whether none may be empty.
Column = namedtuple("Column", "name kind unit meaning missing required")
# One section of the dictionary: names of the key, columns, rules (left, "<=" or "<", right), and (filled, where that, is this).
Table = namedtuple("Table", "key columns holds needs")


@cache
def read_dictionary(folder: Path = DATA) -> dict[str, Table]:
    """Read data/README.md into one `Table` for each section headed `market/<name>.csv`, by name; DataError for a wrong rule."""
    sections = re.split(
        r"^### `market/(\w+)\.csv`\n",
        (folder / "README.md").read_text(encoding="utf-8-sig"),
        flags=re.M,
    )[1:]
    return {
        name: _table(name, body) for name, body in zip(sections[::2], sections[1::2], strict=True)
    }


@cache
def read_fields(folder: Path = DATA, section: str = "Launch files") -> dict[str, Column]:
    """Read the fields of a section of data/README.md by their name; those of a launch file by path, as "price.cuts[].date"."""
    body = (
        (folder / "README.md")
        .read_text(encoding="utf-8-sig")
        .split(f"\n## {section}")[1]
        .split("\n## ")[0]
    )
    return {column.name: column for column in _columns(section, body)}


def _columns(name: str, body: str) -> tuple[Column, ...]:
    rows = [
        [cell.strip() for cell in line[1:-1].split("|")]
        for line in re.findall(r"^\|.*\|$", body, re.M)
    ]
    if wrong := [row for row in rows if len(row) != 5]:
        raise DataError(f"data/README.md, {name}: {wrong[0]}: expected five cells a line")
    return tuple(Column(row[0].strip("`"), *row[1:], row[4] == "never") for row in rows[2:])


def _table(name: str, body: str) -> Table:
    body = re.split(r"^#{1,3} ", body, flags=re.M)[0]
    columns = _columns(f"market/{name}.csv", body)
    said = {
        word: "".join(re.findall(rf"{word}: (.*?)\.(?:\s|$)", body, re.S)[:1])
        for word in ("Key", "Holds", "Needs")
    }
    key = tuple(re.findall(r"`(\w+)`", said["Key"]))
    holds = tuple(re.findall(r"`(\w+) (<=|<) (\w+)`", said["Holds"]))
    needs = tuple(re.findall(r"`(\w+)` where `(\w+)` is `(\w+)`", said["Needs"]))
    named = {
        *key,
        *(rule[at] for rule in holds for at in (0, 2)),
        *(word for rule in needs for word in rule[:2]),
    }
    if not key or named - {column.name for column in columns}:
        raise DataError(
            f"data/README.md, market/{name}.csv: no key, or key or rule names no column: {sorted(named)}"
        )
    return Table(key, columns, holds, needs)


def cell_reader(kind: str, folder: Path) -> Callable[[str], object]:
    """Give the function that turns a cell's text into its value, or raises ValueError saying what was expected."""
    words, within, (form, value, expected) = (), None, FORMS.get(kind, FORMS["text"])
    if kind.startswith("one of "):
        words, expected = {word.strip() for word in kind[7:].split(",")}, "one of the listed words"
    elif kind.startswith("in "):
        table, column = kind[3:].split(".")
        header, rows = read_csv_rows(folder / "market" / f"{table}.csv", folder)
        if column not in header:
            raise DataError(f"{table}.csv:1: columns {listed(header)}; expected one named {column}")
        words = {cells[header.index(column)] for cells in rows}
        expected = f"a {column} of {table}.csv"
    elif match := RANGE.fullmatch(kind):
        number, sign, bound, low, high = match.groups()
        form, value, expected = FORMS[number]
        expected, ends = (
            expected + kind.removeprefix(number),
            {">=": "left", ">": "neither", None: "both"}[sign],
        )
        within = pd.Interval(float(bound or low), float(high or "inf"), closed=ends)
    elif kind not in FORMS:
        raise DataError(f"data/README.md: {kind!r} is not a type of the dictionary")

    fits = re.compile(form).fullmatch

    def read(cell):
        if fits(cell) and (not words or cell in words):
            with suppress(ValueError):  # a day that is in no calendar
                got = value(cell)
                finite = not isinstance(got, float) or math.isfinite(got)
                if finite and (within is None or got in within):
                    return got
        raise ValueError(expected + (suggest(cell, words) if words else ""))

    return read


def load_table(name: str, folder: Path = DATA) -> pd.DataFrame:
    """Load one market table, a row a line, every cell checked against the dictionary; an empty cell is NaN or None.
    DataError for the first cell, key or rule that is wrong, with file, line, column, value found and what was expected."""
    tables, path = read_dictionary(folder), folder / "market" / f"{name}.csv"
    if name not in tables:
        raise DataError(f"data/market/{name}.csv is not in data/README.md{suggest(name, tables)}")
    if not path.exists():
        raise DataError(
            f"{path.name}: there is no such file in data/market, but data/README.md describes it"
        )
    return _checked(tables[name], path, path.stat().st_mtime_ns).copy()


@cache
def _checked(table: Table, path: Path, _changed: int) -> pd.DataFrame:
    readers = [(column, cell_reader(column.kind, path.parents[1])) for column in table.columns]
    header, lines = read_csv_rows(path, path.parents[1])
    rows, seen = [], {}
    if header != [column.name for column in table.columns]:
        raise DataError(
            f"{path.name}:1: columns {listed(header)}; expected those of data/README.md in their order"
        )
    if not lines:
        raise DataError(f"{path.name}:2: no rows; expected at least one")
    for line, cells in enumerate(lines, 2):
        raw = dict(zip(header, cells, strict=True))
        where, key = f"{path.name}:{line}", tuple(raw[column] for column in table.key)
        row = {
            column.name: read_cell(where, column, read, raw[column.name])
            for column, read in readers
        }
        for left, sign, right in table.holds:
            a, b = row[left], row[right]
            if pd.notna(a) and pd.notna(b) and (a > b or (sign == "<" and a == b)):
                raise DataError(
                    f"{where}: {left} = {a}, {right} = {b}; expected {left} {sign} {right}"
                )
        for needed, column, value in table.needs:
            if row[column] == value and not row[needed]:
                raise DataError(
                    f"{where}: {needed} = ''; expected a value where {column} is {value}"
                )
        if seen.setdefault(key, line) != line:
            raise DataError(
                f"{where}: {', '.join(table.key)} = {', '.join(map(named, key))}: line {seen[key]} has it too"
            )
        rows.append(row)
    return pd.DataFrame(rows)


def read_cell(where: str, column: Column, read: Callable[[str], object], cell: str) -> object:
    """The value of a cell, NaN or None where it is empty and may be; DataError with place, column, cell and what was expected."""
    if cell == "" and not column.required:
        return math.nan if column.kind.startswith(("integer", "number")) else None
    try:
        if cell != cell.strip() or "\n" in cell or "\r" in cell:
            raise ValueError("no blanks around it and no line break in it")
        if cell == "":
            raise ValueError(f"{column.kind} (never missing)")
        return read(cell)
    except ValueError as err:
        raise DataError(f"{where}: {column.name} = {quoted(cell)}; expected {err}") from None


def data_checksum(*names: str) -> str:
    """Short SHA-256 over the named market tables (all of them if none is named), in the order of their names."""
    chosen = [path for path in sorted(DATA.glob("market/*.csv")) if not names or path.stem in names]
    return hashlib.sha256(b"".join(path.read_bytes() for path in chosen)).hexdigest()[:12]
