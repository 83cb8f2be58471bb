"""One launch: the figures, words and tables of its file, and the launch as it was known on a day.

Reading and checking the file is for launch_file.py; here is what comes of it.
"""

import math
from dataclasses import dataclass, field, replace

import pandas as pd

from .causes import cause_of
from .errors import DataError, quoted
from .products import Product, is_on_file, noun_of_device, product_of

UNKNOWN = "unknown"
LAST_DAY = "2199-12-31"  # so late that nothing is cut
DAYS_PER = {"day": 1, "week": 7, "month": 365.25 / 12, "quarter": 365.25 / 4, "year": 365.25}
NO_SALE = ("prepared", "reserved")  # of units_basis: stock and names on a list are no orders
KNOWN_FROM = {  # a table of a launch, and its column that says from when a row was known
    "drops": "date",
    "price_cuts": "date",
    "observed_prices": "date",
    "costings": "date",
    "sales": "reported",
    "supply_reports": "reported",
    "supply_sources": "known_on",
}
NAMED_AHEAD = ("announced", "first_sale")  # days that firms name before they come


@dataclass(frozen=True)
class SourcedValue:
    """One figure of a launch file: its value and range, and where it comes from."""

    value: float | str | pd.Timestamp | None  # None where it is unknown
    basis: str  # "sourced", "assumed" or "unknown"
    low: float | None = None  # 10 % point of what is assumed; None where no range is stated
    high: float | None = None  # 90 % point
    source_or_reason: str = (
        ""  # address of the source, reason of the assumption, or what was sought
    )
    note: str = ""

    @property
    def known(self) -> bool:
        """Whether there is a value, be it sourced or assumed."""
        return self.basis != UNKNOWN

    @property
    def number(self) -> float:
        """The value as a number, NaN where it is unknown."""
        return math.nan if self.value is None else float(self.value)

    @property
    def lowest(self) -> float:
        """The low end of its range, or its value where it has none; NaN where it is unknown."""
        return self.number if self.low is None else self.low

    @property
    def highest(self) -> float:
        """The high end of its range, or its value where it has none; NaN where it is unknown."""
        return self.number if self.high is None else self.high


@dataclass(frozen=True)
class OddInput:
    """An input that is odd beside another one, though neither is impossible."""

    place: str  # file and line
    sentence: str  # what does not fit, for a page
    studies: tuple[str, ...]  # those whose answer it touches


@dataclass(frozen=True)
class Launch:
    """One launch as its file has it. The columns of its tables are the fields of data/README.md.

    A table has a row an entry of the file's list, in order of the dates; it may be empty.
    """

    launch: str  # name of the file, without .yaml
    drops: pd.DataFrame  # limited sales: drops[]
    sales: pd.DataFrame  # cumulative counts of units: sales[], or a sales history
    supply_reports: pd.DataFrame  # supply.reports[]
    supply_sources: pd.DataFrame  # supply.sources[]
    price_cuts: pd.DataFrame  # price.cuts[]
    observed_prices: pd.DataFrame  # price.observed[]: what dealers and resellers asked
    costings: pd.DataFrame  # the BOM by date, from a BOM history; else empty
    figures: dict[str, SourcedValue]  # by path, such as "price.list_local"
    words: dict[str, str | float]  # every plain field, by path, such as "orders.file"
    studies: tuple[str, ...]  # reports that the file asks for
    parameters: dict[str, dict]  # by study: parameters of its notebook that the file sets
    odd_inputs: tuple[OddInput, ...] = ()  # inputs that do not fit one another
    histories_read: dict[str, str] = field(default_factory=dict)  # by file: how, where not plainly
    lines: dict[str, int] = field(default_factory=dict)  # of fields that stand once in the file

    @property
    def name(self) -> str:
        """Name of the launch, as a page shows it."""
        return self.words["name"]

    @property
    def device(self) -> str:
        """Device slug, as in devices.csv."""
        return self.words["device"]

    @property
    def market(self) -> str:
        """Country, ISO 3166."""
        return self.words["market"]

    @property
    def product(self) -> Product:
        """The word for what is sold, and what it is compared with."""
        return product_of(self.words.get("product") or noun_of_device(self.device))

    @property
    def currency(self) -> str:
        """Currency of every `_local` figure, ISO 4217."""
        return self.words["currency"]

    @property
    def own_drops(self) -> pd.DataFrame:
        """The drops of its device; those of other versions are left out."""
        device = self.words.get("device")  # none in a file that lacks it and is checked
        return self.drops[self.drops["device"] == device]

    @property
    def own_lots(self) -> pd.DataFrame:
        """The drops of its device that were sales: no reservations, and no stock made ready."""
        drops = self.own_drops
        return drops[~drops["units_basis"].isin(NO_SALE)]

    @property
    def is_own(self) -> bool:
        """Whether the launch is its owner's and not one of the devices that the tables know."""
        return not is_on_file(self.device)

    @property
    def is_ahead(self) -> bool:
        """Whether its first sale is still to come, by the clock of this machine."""
        first_sale = self.figure("first_sale")
        return first_sale.known and first_sale.value > pd.Timestamp.today()

    @property
    def is_on_sale(self) -> bool:
        """Whether it is being sold: its first sale has come, and the end of its life has not.

        Where either is unknown, nothing says that it is, and its sales are taken as over.
        """
        first_sale, life = self.figure("first_sale"), self.figure("life_months")
        if self.is_ahead or not (first_sale.known and life.known):
            return False
        months_sold = (pd.Timestamp.today() - first_sale.value).days / DAYS_PER["month"]
        return months_sold < life.number

    @property
    def is_over(self) -> bool:
        """Whether its sales have ended."""
        return not (self.is_ahead or self.is_on_sale)

    def page_words(self) -> dict[str, str | float]:
        """Return what `look.speak_of` wants: the noun of its pages, their currency, its names.

        Pages of an own launch are in its own currency. Others are in dollars, in which analysts
        cost what the press reports on. Pages of a launch to come speak of what will be, those of
        one on sale of what is.
        """
        names = (self.name, self.words.get("s_version.name", ""))
        words = {"noun": self.product.noun, "plural": self.product.plural, "names": names}
        words |= {"is_ahead": self.is_ahead, "is_on_sale": self.is_on_sale}
        rate = self.figure("price.local_per_usd")
        if self.is_own and rate.known:
            words |= {"currency": self.currency, "local_per_usd": rate.number}
        return words

    def figure(self, path: str) -> SourcedValue:
        """Return the figure at a path such as "costs.bom_usd"; unknown where the file has none."""
        absent = SourcedValue(value=None, basis=UNKNOWN, source_or_reason="not in the launch file")
        return self.figures.get(path, absent)

    def place(self, path: str) -> str:
        """Return file and line of a field, for an error."""
        line = f":{self.lines[path]}" if path in self.lines else ""
        return f"data/launches/{self.launch}.yaml{line}"

    def table(self) -> pd.DataFrame:
        """Return every figure of the file, one a row.

        Returns
        -------
        DataFrame
            figure (its path), value, low, high, basis, source_or_reason.
        """
        columns = ["figure", "value", "low", "high", "basis", "source_or_reason"]
        rows = [
            {
                "figure": path,
                "value": figure.value,
                "low": figure.low,
                "high": figure.high,
                "basis": figure.basis,
                "source_or_reason": figure.source_or_reason,
            }
            for path, figure in self.figures.items()
        ]
        return pd.DataFrame(rows, columns=columns)

    def odd_for(self, study: str) -> list[str]:
        """Return what is odd among the inputs that the answer of a study rests on, in sentences."""
        return [odd.sentence for odd in self.odd_inputs if study in odd.studies]

    def odd_in_words(self) -> list[str]:
        """Return all that is odd among the inputs, and how files were read, in sentences."""
        ways = [how for how in self.histories_read.values() if how]
        return [*(odd.sentence for odd in self.odd_inputs), *ways]

    def not_sourced(self, *starts: str) -> pd.DataFrame:
        """Return the figures that are assumed or unknown, as rows of `table`.

        Parameters
        ----------
        *starts : str
            What their paths start with, such as "costs"; all where none is named.
        """
        figures = self.table()
        chosen = figures["basis"] != "sourced"
        if starts:
            chosen &= figures["figure"].str.startswith(starts)
        return figures[chosen]


def as_day(day: str) -> pd.Timestamp:
    """Return an ISO date as a day; an empty text stands for a day so late that nothing is cut.

    Raises
    ------
    DataError
        If the text is no ISO date.

    Examples
    --------
    >>> as_day("2019-02-26")
    Timestamp('2019-02-26 00:00:00')
    """
    timestamp = pd.to_datetime(day or LAST_DAY, format="%Y-%m-%d", errors="coerce")
    if pd.isna(timestamp):
        cause = cause_of(str(day), "date")
        raise DataError(f"day = {quoted(day)}; expected an ISO date, yyyy-mm-dd{cause}")
    return timestamp


def as_known_on(launch: Launch, day: str) -> Launch:
    """Return a launch without what came, or was reported, after a day.

    Its announcement and first sale stay, as firms name them ahead; any other later day is unknown,
    and so is a BOM of a later day.

    Parameters
    ----------
    launch : Launch
        The launch as it is known today.
    day : str
        An ISO date; an empty text for all that is known.

    Returns
    -------
    Launch
        With fewer rows in its tables, and figures of later days unknown.

    Raises
    ------
    DataError
        If `day` is no ISO date.
    """
    last_day = as_day(day)
    tables = {}
    for name, column in KNOWN_FROM.items():
        table = getattr(launch, name)
        tables[name] = table if table.empty else table[table[column] <= last_day]

    not_known_yet = SourcedValue(value=None, basis=UNKNOWN, source_or_reason=f"not known on {day}")
    figures = dict(launch.figures)
    for path, figure in launch.figures.items():
        is_later_day = isinstance(figure.value, pd.Timestamp) and figure.value > last_day
        if is_later_day and path not in NAMED_AHEAD:
            figures[path] = not_known_yet
    bom_date = launch.figure("costs.bom_date").value
    if bom_date is not None and bom_date > last_day:
        figures["costs.bom_usd"] = not_known_yet
    return replace(launch, **tables, figures=figures)
