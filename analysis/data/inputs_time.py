"""Lengths and days of a launch that hardly fit one another, and costings that change too fast.

All of it may be right and becomes odd; days in an order that cannot be are for inputs.py.
"""

from itertools import pairwise

import pandas as pd

from .inputs import MONEY_STUDIES, Findings, place_of_costing
from .launch import DAYS_PER, Launch

LONGEST_LIFE_MONTHS = 168  # 14 years; the PlayStation 2 was sold for 13
SHORT_AFTER_LIFE_DAYS = 31  # a month in which the last orders may still be filled
COSTED_EARLY_DAYS = 366  # before the announcement: a costing of an early design is rarely older
FOLD_BETWEEN_COSTINGS = 2  # in which the cost of one product has not changed within two years
DAYS_BETWEEN_COSTINGS = 731


def check_times(launch: Launch, findings: Findings) -> None:
    """Note lengths, days and costings of a launch that are odd beside one another."""
    _note_long_life(launch, findings)
    _note_short_after_life(launch, findings)
    _note_early_costing(launch, findings)
    _note_leaps_of_costings(launch, findings)


def _note_long_life(launch: Launch, findings: Findings) -> None:
    """Note a life longer than any product's, as days typed for months are."""
    months = launch.figure("life_months").number
    if months > LONGEST_LIFE_MONTHS:
        in_months = months / DAYS_PER["month"]
        findings.note(
            findings.fields.place_of_first("life_months"),
            f"A life of {months:g} months is {months / 12:.0f} years; if it is days, write "
            f"{in_months:.3g}.",
            "capacity",
            *MONEY_STUDIES,
        )


def _note_short_after_life(launch: Launch, findings: Findings) -> None:
    """Note a shortage that ended after the product was sold no more, at the longest life."""
    first_sale = launch.figure("first_sale").value
    short_until = launch.figure("supply.short_until").value
    life_months = launch.figure("life_months").highest
    if first_sale is None or short_until is None or pd.isna(life_months):
        return
    end_of_life = first_sale + pd.Timedelta(days=life_months * DAYS_PER["month"])
    if (short_until - end_of_life).days > SHORT_AFTER_LIFE_DAYS:
        findings.note(
            findings.fields.place_of_first("supply.short_until"),
            f"It was short until {short_until.date()}, and its life ends by {end_of_life.date()}, "
            f"after {life_months:g} months at most.",
            "capacity",
            "release_plan",
        )


def _note_early_costing(launch: Launch, findings: Findings) -> None:
    """Note parts that were costed long before anybody had heard of the product."""
    costed = launch.figure("costs.bom_date").value
    announced = launch.figure("announced").value or launch.figure("first_sale").value
    if costed is None or announced is None:
        return
    days_early = (announced - costed).days
    if days_early > COSTED_EARLY_DAYS:
        place = findings.fields.place_of_first("costs.bom_date")
        if len(launch.costings):
            place = place_of_costing(launch, launch.costings.index[0])
        findings.note(
            place,
            f"Its parts were costed on {costed.date()}, {days_early / DAYS_PER['year']:.1f} years "
            f"before the announcement of {announced.date()}.",
            *MONEY_STUDIES,
        )


def _note_leaps_of_costings(launch: Launch, findings: Findings) -> None:
    """Note costings that soon after are half or twice, as a wrong point makes them.

    The step back after such a one is not told again, nor a costing that does not fit the price.
    """
    misfits = {odd.place for odd in findings.odd}
    last_leap = None
    for before, row in pairwise(launch.costings.itertuples()):
        fold = row.bom_usd / before.bom_usd
        is_soon = (row.date - before.date).days <= DAYS_BETWEEN_COSTINGS
        is_leap = not 1 / FOLD_BETWEEN_COSTINGS <= fold <= FOLD_BETWEEN_COSTINGS
        if not (is_soon and is_leap) or before.Index == last_leap:
            continue
        last_leap = row.Index
        place = place_of_costing(launch, row.Index)
        if place not in misfits:
            findings.note(
                place,
                f"Its parts cost ${row.bom_usd:,g} on {row.date.date()}, and "
                f"${before.bom_usd:,g} on {before.date.date()}; a point may be misplaced.",
                *MONEY_STUDIES,
            )
