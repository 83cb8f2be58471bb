"""Evidence and decisions in words: what the first screen of supply says, and what we would do.

Each is chosen by what a file has: lots, a count, a capacity, or nothing. `study` says when.
"""

from __future__ import annotations

import pandas as pd

from ..data import Launch
from ..look import day, in_tense, plural, span
from ..sellout.words import begin_sentence, product_name
from .study_shortage import CAUSE_ACCOUNTS, Shortage
from .timeline_content import largest_count
from .words import (
    PLANT_LIMITS,
    blamed_part,
    by_whom,
    count_words,
    duration,
    is_imported,
    known_lots,
    maker_name,
    part_units,
    short_count,
)

# ---- evidence ----


def say_evidence(
    launch: Launch,
    shortage: Shortage,
    lots: pd.Series,
    count: pd.Series | None,
    capacity: pd.DataFrame,
) -> str:
    """Say in one sentence what is reported of the shortage, and the first that is counted.

    Parameters
    ----------
    launch : Launch
        The launch as known.
    shortage : Shortage
        From `explain_shortage`.
    lots : Series
        Phones offered so far by day, from `lots_offered`; empty where not all sizes are known.
    count : Series or None
        The count of sales to lead with, if there is one.
    capacity : DataFrame
        The capacities reported of the model.
    """
    reported = _say_what_is_reported(launch, shortage)
    if len(lots):
        return f"{reported}; {_say_lots(launch, lots)}."
    if count is not None:
        return f"{reported}; {_say_count(launch, count)}."
    if len(capacity):
        return f"{reported}; {_say_capacity(launch, capacity)}."
    known = known_lots(launch)
    if len(known):
        return f"{reported}; {_say_known_lots(known, len(launch.own_lots))}."
    if launch.is_own:
        return f"{reported}; no count of what was made or sold is on file."
    return f"{reported}; nobody published how many were made or sold."


def _say_what_is_reported(launch: Launch, shortage: Shortage) -> str:
    """Say what came out later, or which part a report blames, or that it was imported."""
    accounts = [
        _say_account(launch, report.cause)
        for report in shortage.reports
        if report.name == "came_out_later"
    ]
    if accounts:
        return f"By later accounts {' and '.join(accounts)}"
    part = blamed_part(launch)
    if part:
        return by_whom(launch, f"A report blames {part}", f"Its file blames {part}")
    return "It was imported" if is_imported(launch) else "No report names a part that ran short"


def _say_account(launch: Launch, cause: str) -> str:
    """Say what later accounts tell of a cause; of a low yield, of which part where that is known.

    So that it is seen why a part was short: too few of it passed.
    """
    share = launch.figure("supply.yield_share")
    if cause == "yield" and share.known and blamed_part(launch):
        return f"too few {part_units(launch.figure('supply.bottleneck').value)} passed tests"
    return CAUSE_ACCOUNTS[cause]


def _say_lots(launch: Launch, lots: pd.Series) -> str:
    """Say how many phones the lots held, all of which are known by size."""
    days = (lots.index[-1] - launch.figure("first_sale").value).days
    weeks = plural(max(round(days / 7), 1), "week")
    total = short_count(lots.iloc[-1])
    return f"the {len(lots)} lots we know of held at most {total} phones over {weeks}"


def _say_known_lots(known: pd.DataFrame, lots: int) -> str:
    """Say how many phones the lots of known size held in all, of how many lots."""
    held = f"held {short_count(known['units'].sum())} phones"
    if lots == 1:
        return f"its one lot {held}"
    together = " together" if len(known) > 1 else ""
    return f"{len(known)} of its {lots} lots {held}{together}"


def _say_count(launch: Launch, count: pd.Series) -> str:
    """Say a count of sales; what was shipped, its maker says."""
    days = (count["date"] - launch.figure("first_sale").value).days + 1  # the first is day 1
    if count["kind"] == "shipped" and count["scope"] == "model":
        return (
            f"{maker_name(launch)} says it shipped {short_count(count['units'])} "
            f"by {day(count['date'])}, day {days}"
        )
    return f"a count has {count_words(count)} by {day(count['date'])}"


def _say_capacity(launch: Launch, capacity: pd.DataFrame) -> str:
    """Say the capacity reported, and the share of the part that passed where it was published."""
    low, high = capacity["units_per_month"].min(), capacity["units_per_month"].max()
    rate = short_count(low) if low == high else span(low, high, write=short_count)
    put = "one report puts" if len(capacity) == 1 else "reports put"
    capacity_words = f"{put} capacity at {rate} a month in {capacity['period_start'].min():%B %Y}"
    share = launch.figure("supply.yield_share")
    if not (blamed_part(launch) and share.known):
        return capacity_words
    units = part_units(launch.figure("supply.bottleneck").value)
    passed = f"{100 * share.number:.0f} in 100 {units} passed"
    return f"{capacity_words}, and {passed}"


# ---- decisions ----


def decide_part(
    launch: Launch,
    pledge: pd.Series | None,
    capacity: pd.DataFrame,
    other_limit: str = "",
    second_maker: str = "",
    no_maker: str = "",
) -> str:
    """Decide for a product of which reports blame a part: go by what the part allows.

    Parameters
    ----------
    launch : Launch
        The launch as known.
    pledge : Series or None
        The first pledge of mass supply, if there is one.
    capacity : DataFrame
        The capacities reported of the model.
    other_limit : str
        What our simulations have as the limit at first, where that is not the part; else empty.
    second_maker : str
        Who was named as a second maker while it was short; empty where nobody was.
    no_maker : str
        Advice not to plan on the second maker, where it adds next to nothing; else empty.
    """
    product, bottleneck = product_name(launch), launch.figure("supply.bottleneck").value
    yardstick = "how fast a lot is gone"
    if pledge is not None:
        yardstick = f"the pledge of {short_count(pledge['units'])}"
    elif len(capacity):
        yardstick = f"a capacity of {short_count(capacity['units_per_month'].max())} a month"
    limit = f"{part_units(bottleneck)} delivered"
    if other_limit:
        limit = f"deliveries of {part_units(bottleneck)} and {other_limit}"
    signal = f"{begin_sentence(part_units(bottleneck))} piling up"
    if bottleneck in PLANT_LIMITS:
        limit, signal = "what left the line", "An idle line"
    plan = in_tense(
        f"We would have planned each lot of the {product} by {limit} in the two weeks before, "
        f"not by {yardstick}.",
        f"We would plan the next lot of the {product} by {limit} in the past two weeks, not by "
        f"{yardstick}.",
    )
    reverse = f"{signal} while the {product} {in_tense('was', 'is')} short would reverse this."
    share = launch.figure("supply.yield_share")
    middle = no_maker
    if second_maker and not no_maker:
        middle = in_tense(
            f"We would have counted on {second_maker} for the {product} once it had delivered for "
            "a week.",
            f"We would count on {second_maker} for the {product} once it has delivered for a week.",
        )
    elif share.known and not second_maker:
        assumed = ", as we assume" if share.basis == "assumed" else ""
        passed = f"{100 * share.number:.0f} in 100 {part_units(bottleneck)}"
        middle = in_tense(
            f"While {passed} passed{assumed}, we would have paid for a better yield before "
            "starting more of them.",
            f"While {passed} pass{assumed}, we would pay for a better yield before starting more "
            "of them.",
        )
    return " ".join(sentence for sentence in (plan, middle, reverse) if sentence)


def decide_unsold(launch: Launch) -> str:
    """Decide for a product of which no lot sold out: make what is ordered."""
    product = product_name(launch)
    plan = in_tense(
        f"We would have made no more of the {product} than was ordered.",
        f"We would make no more of the {product} than is ordered.",
    )
    return f"{plan} A day on which no {product} could be had would reverse this."


def decide_imports(launch: Launch) -> str:
    """Decide for a product that was imported in lots: import more, lot by lot, and say how many."""
    product, sizes = product_name(launch), known_lots(launch)["units"]
    gone = launch.own_lots["sellout_s"].dropna()
    held = ""
    if len(sizes) > 1:
        held = f"; the known ones held {span(sizes.min(), sizes.max())} phones"
    would = in_tense(
        "we would have imported larger lots step by step and published their size",
        "we would import larger lots step by step and publish their size",
    )
    plan = f"As the seller of the {product}, {would}{held}."
    seconds = ""
    if len(gone):
        would_not = in_tense(
            "We would not have sized them by time", "We would not size them by time"
        )
        seconds = (
            f" {would_not}: one was gone in {duration(gone.min())}, which says little of how many "
            "people wanted one."
        )
    stays = in_tense("stayed", "stays")
    return f"{plan}{seconds} A lot of the {product} that {stays} open for a day would reverse this."


def decide_without_cause(launch: Launch, *, has_later_account: bool = False) -> str:
    """Decide for a product of which no report names a part that ran short: go by orders.

    Parameters
    ----------
    launch : Launch
        The launch as known.
    has_later_account : bool
        Whether later accounts say why it was short, which nobody could plan by.
    """
    product, count = product_name(launch), largest_count(launch)
    named = "at the time named" if has_later_account else "names"
    plan = in_tense(
        f"We would have planned each month of the {product} by paid orders, as no report {named} a "
        "part that ran short.",
        f"We would plan the first month of the {product} by paid orders, as no part is named that "
        "will run short.",
        f"We would plan the next month of the {product} by paid orders, as no report names a part "
        "that is short.",
    )
    reverse = f"A part reported missing for the {product} would reverse this."
    if has_later_account:
        reverse = f"A part reported missing while the {product} was short would reverse this."
    if count is None:
        return f"{plan} {reverse}"
    demand = f"Demand was at least the {count_words(count)} by {day(count['date'])}."
    return f"{plan} {demand} {reverse}"
