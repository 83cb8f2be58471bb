"""The dictionary of all data, data/README.md, read as the schema that cells are held against.

What of that page is read, and in which form:

    section of a market table    ### `market/<name>.csv`, up to the next heading
    section of other files       ## <title>, up to the next heading of that depth
    a column or field            | `name` | type | unit | meaning | missing means |
                                 (the first two lines of a section's table, its head, are not)
    the key of a table           Key: `a`, `b`.                     together unique
    comparisons that hold        Holds: `a <= b`, `c < d`.          on every row that has both
    cells that are needed        Needs: `a` where `b` is `word`.    filled where another has a word

The last three stand in the prose of a table's section and end with a full stop. All else on the
page is for people. What the types mean is for cells.py.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .errors import DataError, listed
from .text_files import DATA, read_text

NEVER_MISSING = "never"  # the word of the dictionary for a cell that is always filled

TABLE_HEADING = re.compile(r"^### `market/(\w+)\.csv`\n", re.M)
ANY_HEADING = re.compile(r"^#{1,3} ", re.M)
LINE_OF_CELLS = re.compile(r"^\|.*\|$", re.M)
COMPARISON = re.compile(r"`(\w+) (<=|<) (\w+)`")
REQUIREMENT = re.compile(r"`(\w+)` where `(\w+)` is `(\w+)`")


@dataclass(frozen=True)
class Column:
    """One column of a table, or one field of a launch file, as the dictionary describes it."""

    name: str  # of a field its path, such as "price.cuts[].date"
    kind: str  # the type, in the words of cells.py
    unit: str
    meaning: str
    missing: str  # what an empty cell or an absent field means

    @property
    def required(self) -> bool:
        """Whether a cell is never empty and a field never left out."""
        return self.missing == NEVER_MISSING


@dataclass(frozen=True)
class Comparison:
    """A rule between two columns of a row, such as `bom_usd <= total_usd`."""

    left: str
    sign: str  # "<=" or "<"
    right: str

    def __str__(self) -> str:
        return f"{self.left} {self.sign} {self.right}"


@dataclass(frozen=True)
class Requirement:
    """A column that is filled on every row where another column has a certain word."""

    filled: str
    where: str
    word: str


@dataclass(frozen=True)
class TableSchema:
    """What the dictionary says of one market table."""

    key: tuple[str, ...]  # columns that together are unique
    columns: tuple[Column, ...]  # in the order of the file
    holds: tuple[Comparison, ...]
    needs: tuple[Requirement, ...]


@cache
def read_dictionary(folder: Path = DATA) -> dict[str, TableSchema]:
    """Return what data/README.md says of each market table, by the table's name.

    Raises
    ------
    DataError
        If a line of the dictionary has not five cells, or a rule names a column that is not there.
    """
    page = _page(folder)
    return {
        heading[1]: _read_schema(heading[1], page[heading.end() :])
        for heading in TABLE_HEADING.finditer(page)
    }


@cache
def read_fields(folder: Path = DATA, section: str = "Launch files") -> dict[str, Column]:
    """Return the fields that a section of data/README.md describes, by name, in its order.

    Parameters
    ----------
    folder : Path
        The project's data/.
    section : str
        How the section's title begins: "Launch files", "Sales history" or "BOM history".

    Returns
    -------
    dict of str to Column
        Type, unit and meaning of each field, and what it means that one is left out.

    Raises
    ------
    DataError
        If there is no such section, or a line of it has not five cells.
    """
    _, title, after_title = _page(folder).partition(f"\n## {section}")
    if not title:
        raise DataError(f"data/README.md: expected a section that begins with {section!r}")
    body = after_title.split("\n## ")[0]
    return {column.name: column for column in _read_columns(section, body)}


def _page(folder: Path) -> str:
    """Return the text of the dictionary."""
    return read_text(folder / "README.md", "data/README.md", folder)


def _read_schema(name: str, section: str) -> TableSchema:
    """Read the section of one market table, which ends where the next heading stands."""
    body = ANY_HEADING.split(section)[0]
    schema = TableSchema(
        key=tuple(re.findall(r"`(\w+)`", _rule_text("Key", body))),
        columns=_read_columns(f"market/{name}.csv", body),
        holds=tuple(
            Comparison(left=left, sign=sign, right=right)
            for left, sign, right in COMPARISON.findall(_rule_text("Holds", body))
        ),
        needs=tuple(
            Requirement(filled=filled, where=where, word=word)
            for filled, where, word in REQUIREMENT.findall(_rule_text("Needs", body))
        ),
    )
    _check_rules(name, schema)
    return schema


def _rule_text(word: str, body: str) -> str:
    """Return what stands between "Key:" (or another such word) and the full stop after it."""
    match = re.search(rf"{word}: (.*?)\.(?:\s|$)", body, re.S)
    return match[1] if match else ""


def _check_rules(name: str, schema: TableSchema) -> None:
    """Refuse a table without a key, and rules that name no column."""
    in_rules = {
        *schema.key,
        *(rule.left for rule in schema.holds),
        *(rule.right for rule in schema.holds),
        *(rule.filled for rule in schema.needs),
        *(rule.where for rule in schema.needs),
    }
    not_columns = in_rules - {column.name for column in schema.columns}
    if not_columns or not schema.key:
        raise DataError(
            f"data/README.md, market/{name}.csv: no key, or key or rule names no column: "
            f"{listed(sorted(not_columns))}"
        )


def _read_columns(section: str, body: str) -> tuple[Column, ...]:
    """Read the lines of a section's table of columns, in their order."""
    lines = LINE_OF_CELLS.findall(body)
    lines_of_head = 2
    return tuple(_read_column(section, line) for line in lines[lines_of_head:])


def _read_column(section: str, line: str) -> Column:
    """Read one line of a section's table of columns."""
    cells = [cell.strip() for cell in line[1:-1].split("|")]
    if len(cells) != 5:
        raise DataError(f"data/README.md, {section}: {cells}: expected five cells a line")
    name, kind, unit, meaning, missing = cells
    return Column(name=name.strip("`"), kind=kind, unit=unit, meaning=meaning, missing=missing)
