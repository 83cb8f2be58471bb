"""Until when a product was short: by later accounts, or else by simulations of its supply."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import Launch, interval
from ..demand.reports import DAYS_PER
from ..look import in_tense, part_of_month
from ..sellout.words import begin_sentence
from .outlook import Outlook

INTEREST_STAYS = "if interest lasts"  # as is assumed in these simulations


@dataclass(frozen=True)
class ShortageEnd:
    """Until when supply was short, as far as that can be told.

    Attributes
    ----------
    opening : str
        What the answer opens with, such as "It was"; all of it where nobody can tell.
    until : str
        Until when, such as "short until about mid-May 2019"; empty where nobody can tell.
    how_sure : str
        In how many simulations it was so, with a comma before it; empty where that is not said.
    label : str
        Until when in a few words, without a year; empty where nobody can tell.
    surely_until : Timestamp, optional
        Until then it was short in nine of ten simulations; None where nobody can tell.
    perhaps_until : Timestamp, optional
        After that day it was short in one of ten; None where that lies beyond what is simulated.
    is_doubtful : bool
        Whether nobody can tell that it was short at all.
    """

    opening: str
    until: str = ""
    how_sure: str = ""
    label: str = ""
    surely_until: pd.Timestamp | None = None
    perhaps_until: pd.Timestamp | None = None
    is_doubtful: bool = False

    @property
    def clause(self) -> str:
        """The answer, to be followed by a full stop or by more."""
        return begin_sentence(f"{self.opening} {self.until}".strip() + self.how_sure)

    @property
    def sentence(self) -> str:
        """The answer."""
        return f"{self.clause}."


@dataclass(frozen=True)
class DocumentedEnd:
    """When supply stopped being short by later accounts, of which a simulation knows no better."""

    day: pd.Timestamp  # the last day of the month where that is all that is told
    month_alone: bool = False
    is_assumed: bool = False

    def words(self, *, year: bool = True) -> str:
        """Write the month, or its early, middle or late part."""
        if self.month_alone:
            return f"{self.day:%B %Y}" if year else f"{self.day:%B}"
        return part_of_month(self.day, year=year)


def find_documented_end(launch: Launch, own: pd.DataFrame | None) -> DocumentedEnd | None:
    """Find when a product stopped being short by its file, or else by documented shortages.

    Parameters
    ----------
    launch : Launch
        With `supply.short_until` where its file knows it.
    own : DataFrame, optional
        Rows of shortages.csv on this product; None where it has none.

    Returns
    -------
    DocumentedEnd or None
        None where no account tells.
    """
    short_until = launch.figure("supply.short_until")
    if short_until.known:
        return DocumentedEnd(short_until.value, is_assumed=short_until.basis == "assumed")
    months = pd.Series(dtype=str) if own is None else own["end"].dropna()
    if not len(months):
        return None
    last_month = pd.to_datetime(months, format="mixed").max()
    return DocumentedEnd(last_month + pd.offsets.MonthEnd(0), month_alone=True)


def life_weeks(launch: Launch) -> float:
    """Give the weeks from first sale to end of sale; infinite where the file does not say."""
    life = launch.figure("life_months")
    return life.number * DAYS_PER["month"] / 7 if life.known else np.inf


def find_shortage_end(
    launch: Launch, outlook: Outlook | None, documented_end: DocumentedEnd | None = None
) -> ShortageEnd:
    """Find until when a product was, or will be, short.

    Parameters
    ----------
    launch : Launch
        As known on the day asked for.
    outlook : Outlook, optional
        When supply stops binding in simulations; None where none can be made.
    documented_end : DocumentedEnd, optional
        When it ended by later accounts.

    Returns
    -------
    ShortageEnd
    """
    if documented_end is not None:
        we_assume = ", we assume" if documented_end.is_assumed else ""
        return ShortageEnd(
            opening="It was",
            until=f"short until {documented_end.words()}{we_assume}",
            label=f"short until {documented_end.words(year=False)}",
            surely_until=documented_end.day,
            perhaps_until=documented_end.day,
        )
    it_was_short = in_tense("it was short", "it will be short", "it is short")
    if outlook is None:
        return ShortageEnd(f"We cannot tell until when {it_was_short}")
    low, _, high = interval(outlook.stop_week)
    if high == 0:
        return ShortageEnd(f"Nothing shows that {it_was_short}")
    if low == 0:
        return ShortageEnd(f"We cannot tell whether {it_was_short}", is_doubtful=True)
    end_of_sale = life_weeks(launch)
    if np.isfinite(end_of_sale) and low >= end_of_sale:
        return _until_sales_end(launch, outlook.day_of(end_of_sale))
    if np.isfinite(high) and high < end_of_sale:
        return _within_a_range(outlook)
    if np.isfinite(low):
        return _at_least(outlook.day_of(low))
    return _for_years(outlook)


def _until_sales_end(launch: Launch, end: pd.Timestamp) -> ShortageEnd:
    """Say that supply is short for as long as it is sold, and whether that end is assumed."""
    label = in_tense("short until its sales ended", "short until its sales end")
    month = part_of_month(end)
    is_assumed = launch.figure("life_months").basis == "assumed"
    when = f"assumed: {month}" if is_assumed else month
    return ShortageEnd(
        opening="Simulations have it",
        until=f"{label} ({when}), {INTEREST_STAYS}",
        label=f"{label}, we simulate",
        surely_until=end,
        perhaps_until=end,
    )


def _within_a_range(outlook: Outlook) -> ShortageEnd:
    """Say about when supply stops binding, and between which parts of months."""
    first, middle, last = (outlook.day_of(week) for week in interval(outlook.stop_week))
    around = ""
    if part_of_month(first) != part_of_month(last):
        begin = part_of_month(first, year=first.year != last.year)
        around = f" ({begin} to {part_of_month(last)})"
    return ShortageEnd(
        opening="It was" if outlook.has_stopped else "It will be",
        until=f"short until about {part_of_month(middle)}{around}",
        label=f"short until about {part_of_month(middle, year=False)}",
        surely_until=first,
        perhaps_until=last,
    )


def _at_least(first: pd.Timestamp) -> ShortageEnd:
    """Say until when supply binds at least, where nobody can tell how much longer."""
    return ShortageEnd(
        opening=in_tense("It was", "It will be", "It is"),
        until=f"short at least until {part_of_month(first)}",
        how_sure=", in nine of ten simulations",
        label=f"short at least until {part_of_month(first, year=False)}",
        surely_until=first,
    )


def _for_years(outlook: Outlook) -> ShortageEnd:
    """Say that supply binds for as long as is simulated."""
    label = "short for two years or more"
    return ShortageEnd(
        opening=in_tense("It was", "It will be", "It is"),
        until=f"{label}, {INTEREST_STAYS}",
        label=label,
        surely_until=outlook.day_of(outlook.weeks_simulated),
    )
