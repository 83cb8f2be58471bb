"""Drops and counts of a launch held against each other: what cannot be, and what is odd."""

import math
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from .inputs import Findings
from .launch import DAYS_PER, Launch

MOST_UNITS = 1e10  # more than there are people
LONGEST_SELLOUT_S = 366 * 24 * 3600
ROUNDED = 1.02  # how much more than a count its parts may be, as counts are rounded
IMPOSSIBLE = 2  # from where on no rounding and no other way of counting explains it
FEWEST_REGISTERED = 0.5  # people a unit sold: fewer look like a slip
MOST_REGISTERED = 2_000  # people a unit: the most on file are 1,000, for the first Nokia X in China
LATE_DAYS = 14  # after its end of sale, in which a product's last units may still be counted
LONGEST_LIFE = 1.5  # times the life that is stated, in which its last units may be counted
STUDIES_OF_COUNTS = ("capacity", "release_plan")
FAR_ABOVE_SUPPLY = 2  # times what can be made in the first week: a stock was sold too
ABOVE_ALL_SUPPLY = 1.25  # times the most that could be supplied, from where on a count is odd
NEAR_DAYS = 3  # two sources of one day may lie so far apart


def check_units(launch: Launch, findings: Findings) -> None:
    """Hold each drop, each count, and drops and counts together, against what can be."""
    for row in launch.drops.itertuples():
        _check_drop(launch, row, findings)
    for row in launch.sales.itertuples():
        _check_count(launch, row, findings)
    _check_totals(launch, findings)
    _note_drops_twice(launch, findings)
    _check_counts_beside_figures(launch, findings)
    _note_sales_after_life(launch, findings)
    _check_drops_beside_counts(launch, findings)
    _note_drops_above_supply(launch, findings)
    _note_counts_above_supply(launch, findings)


def _earliest_sale(launch: Launch) -> pd.Timestamp:
    """Return the first day on which anybody may have bought; NaT where it is not known."""
    figure = launch.figure("first_sale")
    return figure.low or figure.value or pd.NaT


def _check_drop(launch: Launch, row: object, findings: Findings) -> None:
    """Hold the figures of one drop against each other and against the first sale."""
    place = findings.fields.place("drops", row.Index)
    name = "drops: a drop" if pd.isna(row.date) else f"drops: the drop of {row.date.date()}"
    if row.units_sold > row.units:
        findings.refuse(
            place,
            f"{name}: units_sold = {row.units_sold:,.0f}; expected at most units, {row.units:,.0f}",
        )
    if row.sold_out == "no" and row.sellout_s > 0:
        findings.refuse(
            place,
            f"{name}: sellout_s = {row.sellout_s:g} and sold_out = no; expected sold_out: yes, or "
            "sellout_s: unknown and the time of the count in window_s",
        )
    is_absurd_count = row.units > MOST_UNITS or row.registrations > MOST_UNITS
    if is_absurd_count or row.sellout_s > LONGEST_SELLOUT_S:
        findings.refuse(place, f"{name}: a number of absurd size; expected units and seconds")
    if pd.notna(row.date):
        _check_day_of_drop(launch, row, place, findings)
        _note_odd_drop(row, place, findings)


def _check_day_of_drop(launch: Launch, row: object, place: str, findings: Findings) -> None:
    """Refuse a drop before the announcement, and one to come of which the end is told.

    One before the first sale may have been of orders in advance, and is odd.
    """
    name = f"drops: the drop of {row.date.date()}"
    first_sale, announced = (launch.figure(path).value for path in ("first_sale", "announced"))
    earliest_order = min(filter(None, (_earliest_sale(launch), announced)), default=pd.NaT)
    days_early = (earliest_order - row.date).days
    if days_early > NEAR_DAYS:
        findings.refuse(
            place,
            f"{name}; expected no drop before announced or first_sale, {earliest_order.date()}",
        )
    elif row.date < _earliest_sale(launch):
        findings.note(
            place, f"The drop of {row.date.date()} was before the first sale, {first_sale.date()}."
        )
    is_told = row.sellout_s > 0 or row.units_sold > 0 or row.sold_out in ("yes", "no")
    if row.date.date() > date.today() and is_told:
        findings.refuse(place, f"{name} is still to come; expected sold_out: unknown")


def _note_odd_drop(row: object, place: str, findings: Findings) -> None:
    """Note what of a drop does not fit, though each figure may be right."""
    name = f"drop of {row.date.date()}"
    sold = row.units_sold if row.units_sold > 0 else row.units
    if row.registrations < FEWEST_REGISTERED * sold and row.sold_out == "yes":
        findings.note(
            place,
            f"The {name} sold {sold:,.0f}, and {row.registrations:,.0f} registered for it; digits "
            "may be missing.",
            "sellout_speed",
        )
    if row.registrations > MOST_REGISTERED * row.units:
        findings.note(
            place,
            f"The {name} is of {row.units:,.0f}, and {row.registrations:,.0f} registered for it; "
            "digits of units may be missing.",
            "sellout_speed",
        )
    if row.sold_out == "no" and row.units_sold >= row.units:
        findings.note(
            place, f"The {name} sold all its units and is said not sold out.", "sellout_speed"
        )
    ended = not row.window_s < row.sellout_s
    if row.sold_out == "yes" and row.units_sold < row.units and ended:
        findings.note(
            place,
            f"The {name} is said sold out, with {row.units_sold:,.0f} of {row.units:,.0f} sold.",
            "sellout_speed",
        )


def _note_drops_twice(launch: Launch, findings: Findings) -> None:
    """Note drops that stand twice: of one device, day, lot and time."""
    drops = launch.drops[launch.drops["date"].notna()]
    same = ["device", "date", "units", "sellout_s", "units_sold", "orders_file"]
    for row in drops[drops.duplicated(same)].itertuples():
        findings.note(
            findings.fields.place("drops", row.Index),
            f"The drop of {row.date.date()} stands twice: its device, units and seconds are those "
            "of the one before.",
            "sellout_speed",
            "capacity",
            "release_plan",
        )


def _check_counts_beside_figures(launch: Launch, findings: Findings) -> None:
    """Note counts of sales that go on beyond the life, or do not fit market or opening stock."""
    counts = launch.sales.dropna(subset=["date", "units"])
    if counts.empty:
        return
    last = counts.loc[counts["date"].idxmax()]
    most = counts.loc[counts["units"].idxmax()]
    place = findings.fields.place_of_first
    first_sale = launch.figure("first_sale").value
    life_months = launch.figure("life_months").highest
    longest_days = LONGEST_LIFE * life_months * DAYS_PER["month"]
    if first_sale is not None and (last["date"] - first_sale).days > longest_days:
        findings.note(
            place("life_months"),
            f"Sales were counted up to {last['date'].date()}, long after the end of life_months, "
            f"{life_months:g} at most; years may stand for months.",
            *STUDIES_OF_COUNTS,
        )
    market = launch.figure("market_units_a_year").highest * life_months / 12
    if most["units"] > market:
        findings.note(
            place("market_units_a_year"),
            f"{most['units']:,.0f} were counted by {most['date'].date()}, and "
            f"market_units_a_year lets {market:,.0f} be sold in all the life.",
            *STUDIES_OF_COUNTS,
        )
    least_stock = launch.figure("supply.opening_stock_units").lowest
    if least_stock > 2 * most["units"] and launch.drops["sold_out"].eq("yes").any():
        findings.note(
            place("supply.opening_stock_units"),
            f"{least_stock:,.0f} were in stock at first, and a drop sold out, but only "
            f"{most['units']:,.0f} were sold by {most['date'].date()}.",
            *STUDIES_OF_COUNTS,
        )


def _note_sales_after_life(launch: Launch, findings: Findings) -> None:
    """Note a life that ends before its own last drop or count, though its range may not."""
    first_sale = launch.figure("first_sale").value
    life_months = launch.figure("life_months")
    sales = launch.sales
    dates = pd.concat([sales["date"][sales["scope"] == "model"], launch.own_drops["date"]]).dropna()
    if first_sale is None or not life_months.known or dates.empty:
        return
    end_of_life = first_sale + pd.Timedelta(days=life_months.number * DAYS_PER["month"])
    days_late = (dates.max() - end_of_life).days
    longest_days = LONGEST_LIFE * life_months.highest * DAYS_PER["month"]
    is_said_as_years = dates.max() > first_sale + pd.Timedelta(days=longest_days)
    if days_late > LATE_DAYS and not is_said_as_years:
        findings.note(
            findings.fields.place_of_first("life_months"),
            f"It was sold until {dates.max().date()}, and life_months, {life_months.number:g}, "
            f"ends on {end_of_life.date()}.",
            *STUDIES_OF_COUNTS,
        )


def _place_of_count(row: object, findings: Findings) -> str:
    """Return file and line of a count, or those of the history that it stands in."""
    if findings.fields.lists.get("sales"):
        return findings.fields.place("sales", row.Index)
    return findings.fields.place_of_first("histories.sales")


def _check_count(launch: Launch, row: object, findings: Findings) -> None:
    """Refuse a count of sales from before the first sale, in the future, or told before its day."""
    place = _place_of_count(row, findings)
    if pd.isna(row.date):
        return
    name = f"sales: the count of {row.date.date()}"
    if row.date < _earliest_sale(launch):
        first_sale = launch.figure("first_sale").value.date()
        findings.refuse(place, f"{name}; expected no count before first_sale, {first_sale}")
    if row.date.date() > date.today():
        findings.refuse(place, f"{name}; expected no count of a day to come")
    if row.reported < row.date:
        findings.refuse(
            place, f"{name}: reported = {row.reported.date()}; expected no day before it"
        )
    if row.units > MOST_UNITS:
        findings.refuse(place, f"{name}: units = {row.units:g}; expected at most {MOST_UNITS:g}")


def _check_totals(launch: Launch, findings: Findings) -> None:
    """Refuse totals of one source that go down; those of two sources may contradict each other."""
    if not findings.fields.lists.get("sales"):  # a history was checked when it was read
        return
    for (kind, scope), counts in launch.sales.groupby(["kind", "scope"]):
        for before, row in pairwise(counts.itertuples()):
            if not row.units < before.units:
                continue
            place = findings.fields.place("sales", row.Index)
            if row.source == before.source or str(row.source).startswith("own records"):
                findings.refuse(
                    place,
                    f"sales: units = {row.units:,.0f} on {row.date.date()}; expected at least "
                    f"{before.units:,.0f} of {before.date.date()} ({kind}, {scope}); units are "
                    "the total since first sale, not those of a period",
                )
            else:
                findings.note(
                    place,
                    f"{row.units:,.0f} were counted by {row.date.date()}, and {before.units:,.0f} "
                    f"by {before.date.date()} in another source.",
                    *(("capacity",) if row.units < 0.8 * before.units else ()),
                )


def _check_drops_beside_counts(launch: Launch, findings: Findings) -> None:
    """Hold the units of drops against the counts of sales that they are part of."""
    drops = launch.own_drops
    is_of_units_sold = drops["units_basis"].astype(object).fillna("sold") == "sold"
    all_sold = is_of_units_sold & (drops["sold_out"] == "yes")
    drops = drops.assign(sold=drops["units_sold"].fillna(drops["units"].where(all_sold)))
    drops = drops[drops["sold"].gt(0)]
    for _, counts in launch.sales.groupby(["kind", "scope"]):
        before_day, before_units = pd.Timestamp.min, 0
        for row in counts.itertuples():
            in_between = drops[drops["date"].gt(before_day) & drops["date"].le(row.date)]
            counted = row.units - before_units
            _check_drops_of_count(in_between, row, counted, before_units > 0, findings)
            before_day, before_units = row.date, row.units


def _note_drops_above_supply(launch: Launch, findings: Findings) -> None:
    """Note drops of the first week that sold out of far more than can be made in it."""
    start = launch.figure("supply.start_units_per_month")
    stock = launch.figure("supply.opening_stock_units")
    first_sale = launch.figure("first_sale").value
    if not start.known or first_sale is None:
        return
    drops = launch.own_drops
    in_week = drops["date"].between(first_sale, first_sale + pd.Timedelta(days=6))
    sold_out = drops[in_week & drops["sold_out"].eq("yes")]
    units = sold_out["units"].sum()
    units_made = start.number * 7 / DAYS_PER["month"]
    if stock.known or units <= FAR_ABOVE_SUPPLY * units_made:
        return
    findings.note(
        findings.fields.place("drops", sold_out.index[0]),
        f"{units:,.0f} were sold in the first week, in which supply lets {units_made:,.0f} be "
        "made; opening_stock_units may be missing.",
        "release_plan",
    )


def _note_counts_above_supply(launch: Launch, findings: Findings) -> None:
    """Note the first count far above all that lots, stock and output let be supplied by then."""
    counts = launch.sales[launch.sales["kind"].ne("ordered")].dropna(subset=["date", "units"])
    if counts.empty:
        return
    of_first_scope = counts[counts["scope"] == counts["scope"].iloc[0]]
    for row in of_first_scope.itertuples():
        # Without a ramp in the file this is NaN, and no count is above it.
        supplied = np.maximum(_most_made_by(launch, row.date), _lots_by(launch, row.date))
        if row.units > ABOVE_ALL_SUPPLY * supplied:
            findings.note(
                _place_of_count(row, findings),
                f"{row.units:,.0f} were counted by {row.date.date()}, and supply, at the most, "
                f"lets {supplied:,.0f} be sold by then; a digit may be too many.",
                *STUDIES_OF_COUNTS,
            )
            return


def _most_made_by(launch: Launch, day: pd.Timestamp) -> float:
    """Return opening stock and output up to a day, at the high ends; NaN without a ramp."""
    first_sale = launch.figure("first_sale").value
    if first_sale is None or day < first_sale:
        return math.nan
    start = launch.figure("supply.start_units_per_month").highest
    full = launch.figure("supply.full_units_per_month").highest
    shortest_ramp_weeks = launch.figure("supply.ramp_weeks").lowest
    stock = launch.figure("supply.opening_stock_units").highest
    week = np.arange(np.ceil(((day - first_sale).days + 1) / 7))
    share_of_ramp = np.minimum(week / shortest_ramp_weeks, 1)
    units_per_month = start * (full / start) ** share_of_ramp
    return float(np.nan_to_num(stock) + units_per_month.sum() * 7 / DAYS_PER["month"])


def _lots_by(launch: Launch, day: pd.Timestamp) -> float:
    """Return the units of all drops of the device up to a day."""
    drops = launch.own_drops
    return float(drops["units"][drops["date"] <= day].sum())


def _check_drops_of_count(
    drops: pd.DataFrame, row: object, counted: float, since_last: bool, findings: Findings
) -> None:
    """Hold the drops of the time of one count against what it counted."""
    sold = drops["sold"].sum()
    if not sold > ROUNDED * counted or counted < 0:
        return
    place = findings.fields.place("drops", drops.index[-1])
    since = " since the count before" if since_last else ""
    if sold > IMPOSSIBLE * counted and not since_last:
        findings.refuse(
            place,
            f"drops: {sold:,.0f} sold in drops up to {row.date.date()}; expected at most the "
            f"{counted:,.0f} that sales count by then",
        )
        return
    findings.note(
        place,
        f"Drops up to {row.date.date()} sold {sold:,.0f}, and {counted:,.0f} were counted{since}.",
        "sellout_speed",
        "capacity",
        "release_plan",
    )
