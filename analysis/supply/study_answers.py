"""Answers and decisions in words: what the first screen of supply says, and what we would do.

Each is chosen by what a file has: lots, a count, a capacity, or nothing. `study` says when.
"""

from __future__ import annotations

import pandas as pd

from ..data import Launch
from ..look import day, plural, span
from .study_shortage import CAUSE_NAMES, Shortage
from .timeline_content import headline_count
from .words import (
    PLANT_LIMITS,
    begin_sentence,
    blamed_part,
    brand_name,
    count_words,
    duration,
    is_imported,
    known_lots,
    lots_of_device,
    part_units,
    product_name,
    short_count,
)

# ---- answers ----


def blame_sentence(launch: Launch) -> str:
    """Say which part the report on file blames, and how long output took to its full rate."""
    part = blamed_part(launch)
    weeks = launch.figure("supply.ramp_weeks")
    if not weeks.known:
        return f"A report blames {part}; nobody says for how long."
    ramp = f"{round(weeks.number)}-week ramp-up"
    if weeks.basis == "assumed":
        return f"A report blames {part}; we guess a {ramp}."
    return f"A report blames {part}, in a {ramp}."


def answer_from_lots(part: str, lots: pd.Series, launch: Launch, shortage: Shortage) -> str:
    """Answer for a launch whose lots are all known by size."""
    total = short_count(lots.iloc[-1])
    days = (lots.index[-1] - launch.figure("first_sale").value).days
    weeks = plural(max(round(days / 7), 1), "week")
    known = f"The {len(lots)} lots we know of held at most {total} phones over {weeks}."
    if part:
        return f"{blame_sentence(launch)} {known}"
    imported = "It was imported. " if is_imported(launch) else ""
    accounts = [report.cause for report in shortage.reports if report.name == "came_out_later"]
    why = "No source says why so few came."
    if accounts:
        why = f"Its maker later said: {CAUSE_NAMES[accounts[0]].lower()}."
    return f"{imported}{why} {known}"


def answer_from_count(launch: Launch, count: pd.Series) -> str:
    """Answer for a launch with a count of sales; what was shipped, its maker says."""
    days = (count["date"] - launch.figure("first_sale").value).days + 1  # the first is day 1
    counted = f"A count has {count_words(count)} by {day(count['date'])}."
    if count["kind"] == "shipped" and count["scope"] == "model":
        counted = (
            f"{brand_name(launch)} says it shipped {short_count(count['units'])} "
            f"by {day(count['date'])}, day {days}."
        )
    if blamed_part(launch):
        return f"{blame_sentence(launch)} {counted}"
    return f"No report names a part that ran short. {counted}"


def answer_from_capacity(launch: Launch, capacity: pd.DataFrame) -> str:
    """Answer for a launch of which nothing is counted and a capacity is reported."""
    low, high = capacity["units_per_month"].min(), capacity["units_per_month"].max()
    rate = short_count(low) if low == high else span(low, high, write=short_count)
    put = f"One report puts capacity at {rate} a month"
    if len(capacity) > 1:
        put = f"Reports put capacity at {rate} a month"
    share = launch.figure("supply.yield_share")
    if not blamed_part(launch):
        return f"No report names a part that ran short. {put}."
    if share.known:
        units = part_units(launch.figure("supply.bottleneck").value)
        passed = f"{100 * share.number:.0f} in 100 {units} passed"
        return f"{blame_sentence(launch)} {put}; {passed}."
    return f"{blame_sentence(launch)} {put}."


# ---- decisions ----


def decide_part(launch: Launch, pledge: pd.Series | None, capacity: pd.DataFrame) -> str:
    """Decide for a product of which reports blame a part: go by what the part allows."""
    product, bottleneck = product_name(launch), launch.figure("supply.bottleneck").value
    yardstick = "how fast a lot is gone"
    if pledge is not None:
        yardstick = f"the pledge of {short_count(pledge['units'])}"
    elif len(capacity):
        yardstick = f"a capacity of {short_count(capacity['units_per_month'].max())} a month"
    limit = f"{part_units(bottleneck)} delivered"
    signal = f"{begin_sentence(part_units(bottleneck))} piling up"
    if bottleneck in PLANT_LIMITS:
        limit, signal = "what left the line", "An idle line"
    plan = (
        f"We would plan the next lot of the {product} by {limit} in the past two weeks, not by "
        f"{yardstick}."
    )
    reverse = f"{signal} while the {product} is short would reverse this."
    maker = launch.words.get("supply.second_source.manufacturer")
    share = launch.figure("supply.yield_share")
    if maker:
        middle = f"We would count on {maker} for the {product} once it has delivered for a week."
    elif share.known:
        middle = (
            f"While {100 * share.number:.0f} in 100 {part_units(bottleneck)} pass, we would pay "
            "for a better yield before starting more of them."
        )
    else:
        middle = f"We would name no second maker of the {product} before it has delivered."
    return f"{plan} {middle} {reverse}"


def decide_imports(launch: Launch) -> str:
    """Decide for a product that was imported in lots: import more, lot by lot, and say how many."""
    product, sizes = product_name(launch), known_lots(launch)["units"]
    gone = lots_of_device(launch)["sellout_s"].dropna()
    held = ""
    if len(sizes) > 1:
        held = f"; the known ones held {span(sizes.min(), sizes.max())} phones"
    plan = (
        f"As the seller of the {product}, we would import larger lots step by step and publish "
        f"their size{held}."
    )
    seconds = ""
    if len(gone):
        seconds = (
            f" We would not size them by time: one was gone in {duration(gone.min())}, which says "
            "little of how many people wanted one."
        )
    return f"{plan}{seconds} A lot of the {product} that stays open for a day would reverse this."


def decide_without_cause(launch: Launch) -> str:
    """Decide for a product of which no report names a part that ran short: go by orders."""
    product, count = product_name(launch), headline_count(launch)
    plan = (
        f"We would plan the next month of the {product} by paid orders, as no report names a part "
        "that ran short."
    )
    reverse = f"A part reported missing for the {product} would reverse this."
    if count is None:
        return f"{plan} {reverse}"
    demand = f"Demand was at least the {count_words(count)} by {day(count['date'])}."
    return f"{plan} {demand} {reverse}"
