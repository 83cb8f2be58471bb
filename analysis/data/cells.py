"""The types of the dictionary: which text a cell of a type may hold, and the value it becomes.

A type is one of
    text, slug, source, url, date, period, date or period, yes/no, integer, number
    timestamp, time zone              kept as text
    country, currency                 a code of ISO 3166 (or WORLD), of ISO 4217
    integer or number with a range    number > 0, integer >= 0, number 0 to 1
    one of red, green                 one of the words listed
    in devices.device                 a word of that column of that market table
Market tables, launch files and histories are all read through `cell_reader` and `read_cell`.
"""

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from .causes import cause_of
from .codes import code_of, country_codes, currency_codes
from .dictionary import Column
from .errors import MOST_NAMES, DataError, did_you_mean, listed, quoted, suggest
from .order_clock import as_moment, expected_zone, is_time_zone
from .text_files import DATA, read_csv_rows

CellReader = Callable[[str], object]  # a cell's text to its value; ValueError says what is expected


@dataclass(frozen=True)
class CellForm:
    """The form of the cells of one type."""

    pattern: re.Pattern  # that the whole text of a cell fits
    value: Callable[[str], object]  # the value of a text that fits
    expected: str  # how an error names the form


def _timestamp(text: str) -> str:
    """Return the text of a timestamp on a whole second; ValueError if it is none."""
    moment = as_moment(text, zone=None)
    if pd.isna(moment) or moment != moment.floor("s"):
        raise ValueError(text)
    return text


WEB_ADDRESS = r"https?://[^\s<>\"]+"
YEAR_1970_TO_2030 = r"(19[7-9][0-9]|20[0-2][0-9]|2030)"
CELL_FORMS = {
    "text": CellForm(pattern=re.compile(r"(?s).*"), value=str, expected="a text"),
    "slug": CellForm(
        pattern=re.compile(r"[a-z0-9]+(_[a-z0-9]+)*"),
        value=str,
        expected="lower-case letters, digits and single underscores",
    ),
    "source": CellForm(
        pattern=re.compile(rf"{WEB_ADDRESS}|own records.*"),
        value=str,
        expected="one web address, https://..., or: own records, and which",
    ),
    "url": CellForm(
        pattern=re.compile(WEB_ADDRESS), value=str, expected="one web address, https://..."
    ),
    "date": CellForm(
        pattern=re.compile(rf"{YEAR_1970_TO_2030}-[0-9][0-9]-[0-9][0-9]"),
        value=pd.Timestamp,
        expected="an ISO date, yyyy-mm-dd, a day from 1970 to 2030",
    ),
    "timestamp": CellForm(
        pattern=re.compile(r".*"),
        value=_timestamp,
        expected="an ISO timestamp on a whole second, such as 2019-02-26T10:00:00+08:00",
    ),
    "period": CellForm(
        pattern=re.compile(r"(FY)?(19|20)[0-9][0-9](Q[1-4]|H[12]|-(0[1-9]|1[0-2]))?"),
        value=str,
        expected="a period such as 2016, 2016Q2, 2016H1 or FY2016",
    ),
    "date or period": CellForm(
        pattern=re.compile(r"(19|20)[0-9][0-9](-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"),
        value=str,
        expected="a year, month or day such as 2016, 2016-03 or 2016-03-31",
    ),
    "yes/no": CellForm(
        pattern=re.compile(r"yes|no"), value=lambda text: text == "yes", expected="yes or no"
    ),
    # Digits are limited, so that every integer is exact as a float and no text takes long to read.
    "integer": CellForm(pattern=re.compile(r"-?[0-9]{1,15}"), value=int, expected="an integer"),
    "number": CellForm(
        pattern=re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?(e-?[0-9]{1,3})?"),
        value=float,
        expected="a number",
    ),
}
NUMBER_WITH_RANGE = re.compile(
    r"(?P<type>integer|number) "
    r"(?:(?P<sign>>=|>) (?P<least>-?[\d.]+)|(?P<low>-?[\d.]+) to (?P<high>-?[\d.]+))"
)

EXPLAINED = ("date", "timestamp", "integer", "number")  # an error says why a cell is none of these
CODES = {  # lists of codes, and how an error names them
    "country": (country_codes, "a country's code (ISO 3166), such as DE, or WORLD"),
    "currency": (currency_codes, "a currency's code (ISO 4217), such as EUR"),
}


def is_numeric(kind: str) -> bool:
    """Whether cells of a type are numbers, so that an empty one is NaN."""
    return kind.startswith(("integer", "number"))


def cell_reader(kind: str, folder: Path = DATA, unit: str = "") -> CellReader:
    """Return the function that turns the text of a cell of a type into its value.

    Parameters
    ----------
    kind : str
        A type of the dictionary, such as "number > 0"; the module's docstring lists them.
    folder : Path
        The project's data/, for words of another table.
    unit : str
        The unit of the dictionary, in which an error says how to write a number.

    Returns
    -------
    function
        Takes a cell's text; raises ValueError that says what was expected.

    Raises
    ------
    DataError
        If `kind` is no type of the dictionary.

    Examples
    --------
    >>> cell_reader("number 0 to 1")("0.25")
    0.25
    """
    if kind.startswith("one of "):
        words = {word.strip() for word in kind.removeprefix("one of ").split(",")}
        return _word_reader(words, expected="one of the listed words")
    if kind == "time zone":
        return _read_time_zone
    if kind in CODES:
        return _code_reader(*CODES[kind])
    if kind.startswith("in "):
        table, column = kind.removeprefix("in ").split(".")
        words = _words_of_column(table, column, folder)
        return _word_reader(words, expected=f"a {column} of {table}.csv")
    if match := NUMBER_WITH_RANGE.fullmatch(kind):
        return _range_reader(kind, match, unit)
    if kind in CELL_FORMS:
        form = CELL_FORMS[kind]
        return _form_reader(form, form.expected, kind if kind in EXPLAINED else "", unit)
    raise DataError(f"data/README.md: {kind!r} is not a type of the dictionary")


def _word_reader(words: Collection[str], expected: str) -> CellReader:
    """Return the reader of cells that hold one of some words.

    An error lists them all beside the nearest, where they are few enough to choose from.
    """

    def read(cell: str) -> str:
        if cell not in words:
            hint = did_you_mean(cell, words)
            if hint and len(words) <= MOST_NAMES:
                hint += f" Known: {listed(sorted(words))}"
            raise ValueError(f"{expected}{hint or suggest(cell, words)}")
        return cell

    return read


def _code_reader(list_codes: Callable[[], dict[str, str]], expected: str) -> CellReader:
    """Return the reader of cells that hold a code; an error names the code that was meant."""
    codes = list_codes()  # here, so that a fault of the list is not told of a cell

    def read(cell: str) -> str:
        if cell not in codes:
            meant = code_of(cell, codes)
            hint = f"; did you mean {meant}, {codes[meant]}?" if meant else ""
            raise ValueError(f"{expected}{hint}")
        return cell

    return read


def _read_time_zone(cell: str) -> str:
    """Read a cell that holds the name of a time zone."""
    if not is_time_zone(cell):
        raise ValueError(expected_zone(cell))
    return cell


def _words_of_column(table: str, column: str, folder: Path) -> set[str]:
    """Return the words in a column of a market table, whose own cells are not checked here."""
    header, rows = read_csv_rows(folder / "market" / f"{table}.csv", folder)
    if column not in header:
        raise DataError(f"{table}.csv:1: columns {listed(header)}; expected one named {column}")
    position = header.index(column)
    return {cells[position] for cells in rows} - {""}


def _range_reader(kind: str, match: re.Match, unit: str) -> CellReader:
    """Return the reader of numbers in a range, such as "integer >= 0" or "number 0 to 1"."""
    form = CELL_FORMS[match["type"]]
    if match["sign"]:
        ends_inside = "left" if match["sign"] == ">=" else "neither"
        allowed = pd.Interval(float(match["least"]), math.inf, closed=ends_inside)
    else:
        allowed = pd.Interval(float(match["low"]), float(match["high"]), closed="both")
    range_in_words = kind.removeprefix(match["type"])
    expected = f"{form.expected}{range_in_words}"
    cause_kind = "share" if range_in_words == " 0 to 1" else match["type"]
    read_number = _form_reader(form, expected, cause_kind, unit)

    def read(cell: str) -> float:
        number = read_number(cell)
        if number not in allowed:
            raise ValueError(f"{expected}{cause_of(cell, cause_kind, unit)}")
        return number

    return read


def _form_reader(form: CellForm, expected: str, cause_kind: str, unit: str) -> CellReader:
    """Return the reader of cells of one form; an error says what was `expected`.

    Where the kind of cell has causes (`cause_of`), the error ends with the one that shows.
    """
    explain = partial(cause_of, kind=cause_kind, unit=unit) if cause_kind else lambda _: ""

    def read(cell: str) -> object:
        if not form.pattern.fullmatch(cell):
            raise ValueError(f"{expected}{explain(cell)}")
        try:
            value = form.value(cell)
        except ValueError:  # a day that is in no calendar
            raise ValueError(f"{expected}{explain(cell)}") from None
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(expected)
        return value

    return read


def read_cell(place: str, column: Column, read: CellReader, cell: str) -> object:
    """Return the value of a cell; of an empty one that may be empty NaN or None.

    Parameters
    ----------
    place : str
        File and line, for an error.
    column : Column
        What the dictionary says of the cell.
    read : function
        The reader of the column's type.
    cell : str
        The text of the cell.

    Raises
    ------
    DataError
        If the cell is not of its type; the text has place, column, cell and what was expected.
    """
    if cell == "" and not column.required:
        return math.nan if is_numeric(column.kind) else None
    try:
        if cell != cell.strip() or "\n" in cell:
            raise ValueError("no blanks around it and no line break in it")
        if cell == "":
            raise ValueError(f"{column.kind} (never missing)")
        return read(cell)
    except ValueError as err:
        raise DataError(f"{place}: {column.name} = {quoted(cell)}; expected {err}") from None
