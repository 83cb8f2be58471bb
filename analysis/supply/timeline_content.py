"""What is drawn of a launch, and said of it: its counts, lots, pledge, capacity, events, forecast.

All is chosen here from a launch's file and its forecasts; `timeline` draws it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..data import Launch, interval, load_table
from ..demand import LaunchForecast, counts_of_sales, launch_counts
from ..demand.reports import DAYS_PER
from ..demand.targets import LEAST_MASS_TARGET
from ..look import day, page_words
from .words import duration, known_lots, short_count

# Days after first sale that the chart shows at least and at most.
LEAST_DAYS = 56
MOST_DAYS = 300
WEEKS_OF_ANY_LIFE = 52 * 50

# A pledge or a capacity belongs to the launch if it starts within a month of first sale.
DAYS_AROUND_FIRST_SALE = 31

# Beliefs that make a forecast worth drawing: lots are drawn themselves, comparable launches know
# nothing of this one.
DRAWN_BELIEFS = ("parts", "word", "output", "ramp")

MOST_EVENTS = 4

# A count reported later than this many days after its day is not the sum of its day (assumed).
REPORTED_WITHIN = 60


def drawn_forecast(then: LaunchForecast, now: LaunchForecast) -> LaunchForecast | None:
    """Choose the forecast to show: the early one where supply was known of by then, or today's.

    None where neither rests on parts, pledges, reports of output or a ramp that the file assumes.
    """
    for forecast in (then, now):
        if kinds_with_weight(forecast).intersection(DRAWN_BELIEFS):
            return forecast
    return None


def kinds_with_weight(forecast: LaunchForecast) -> set[str]:
    """Return the kinds of belief that a forecast rests on."""
    beliefs = forecast.beliefs
    return set(beliefs.loc[beliefs["weight_after"] > 0, "kind"])


def forecast_day(forecast: LaunchForecast, *, year: bool = True) -> str:
    """Say from which day a forecast is."""
    if page_words().is_ahead:  # all that is known of it is a forecast
        return "forecast"
    if not forecast.day:
        return "estimate with all known today"
    return f"forecast of {day(pd.Timestamp(forecast.day), year=year)}"


def lie_in_several_years(*days: pd.Timestamp) -> bool:
    """Say whether days lie in more than one year, so that each is named with its own."""
    return pd.to_datetime(pd.Series(days)).dt.year.nunique() > 1


def lots_offered(launch: Launch) -> pd.Series:
    """Sum the lots of the device by day; empty unless two or more are known, all by their size."""
    lots = launch.own_lots
    if len(lots) < 2 or lots["units"].isna().any():
        return pd.Series(dtype=float)
    return lots_of_known_size(launch)


def lots_of_known_size(launch: Launch) -> pd.Series:
    """Sum the lots of the device whose size is known by day; empty without any."""
    return known_lots(launch).groupby("date")["units"].sum().cumsum()


def first_fall(counts: pd.DataFrame) -> tuple[pd.Series, pd.Series] | None:
    """Find the first total of sales that is below one of an earlier day and of the same scope.

    Two sources that differ over one day tell of no fall.

    Returns
    -------
    tuple of Series, or None
        The earlier count and the later, lower one.
    """
    for _, rows in counts.sort_values(["date", "units"]).groupby("scope"):
        totals = rows[rows["reported"] <= rows["date"] + pd.Timedelta(days=REPORTED_WITHIN)]
        falls = totals["units"].lt(totals["units"].cummax())
        if falls.any():
            after = totals[falls].iloc[0]
            earlier = totals[totals["date"] < after["date"]]
            return earlier.loc[earlier["units"].idxmax()], after
    return None


def leading_pledge(rates: pd.DataFrame, first_sale: pd.Timestamp) -> pd.Series | None:
    """Choose the pledge of mass supply of the model that stood at its first sale.

    It is the last that was told before, as makers take pledges back; else the first told after.
    """
    targets = rates[(rates["kind"] == "target") & (rates["scope"] != "series")]
    targets = targets[targets["units_per_month"] >= LEAST_MASS_TARGET]
    targets = targets[targets["period_end"].isna() | (targets["period_end"] > first_sale)]
    if not len(targets):
        return None
    targets = targets.sort_values(["reported", "period_end"])
    told_before = targets[targets["reported"] < first_sale]
    if not len(told_before):
        return targets.iloc[0]
    is_last = told_before["reported"] == told_before["reported"].max()
    return told_before[is_last].iloc[0]


def end_of_pledge(pledge: pd.Series, first_sale: pd.Timestamp) -> pd.Timestamp:
    """Give the day by which a pledge is due: its last day, or one time base after it starts."""
    start = max(pledge["period_start"], first_sale)
    if pledge["per"] != "total":
        return start + pd.Timedelta(days=round(DAYS_PER[pledge["per"]]))
    return start if pd.isna(pledge["period_end"]) else pledge["period_end"]


def point_of_pledge(
    pledge: pd.Series | None,
    counts: pd.DataFrame,
    first_sale: pd.Timestamp,
    last_day: pd.Timestamp,
) -> pd.Series:
    """Give the phones that there would be on the day a pledge is due, by that day.

    What is pledged from a later day on comes on top of what was counted by then. It is of the
    model, so counts of the series say nothing of how many that is. Empty where that is not known
    or the pledge is due after the chart ends.
    """
    if pledge is None or end_of_pledge(pledge, first_sale) > last_day:
        return pd.Series(dtype=float)
    start = max(pledge["period_start"], first_sale)
    of_model = counts[counts["scope"] != "series"]
    before = of_model.loc[of_model["date"] <= start, "units"].max()
    is_late = start > first_sale + pd.Timedelta(days=DAYS_AROUND_FIRST_SALE)
    if pd.isna(before) and is_late:
        return pd.Series(dtype=float)
    level = 0.0 if pd.isna(before) else before
    return pd.Series({end_of_pledge(pledge, first_sale): level + pledge["units"]})


def line_of_capacity(
    capacity: pd.DataFrame, fan: pd.DataFrame, first_sale: pd.Timestamp, last_day: pd.Timestamp
) -> pd.Series:
    """Draw the first capacity reported: from the first sale on, or over its own period if later.

    One of a later period starts from the middle of the forecast, as nothing else says how many
    phones there were by then; empty without a forecast.
    """
    if not len(capacity):
        return pd.Series(dtype=float)
    first = capacity.sort_values("reported").iloc[0]
    rate = f"{short_count(first['units_per_month'])} a month"
    start, end, level, text = first_sale, last_day, 0.0, f"{rate}, as reported"
    if first["period_start"] > first_sale + pd.Timedelta(days=DAYS_AROUND_FIRST_SALE):
        start, text = first["period_start"], f"{rate}, reported for {first['period_start']:%B %Y}"
        end = start + pd.Timedelta(days=round(DAYS_PER["month"]))
        if pd.notna(first["period_end"]):
            end = first["period_end"]
        if start not in fan.index:
            return pd.Series(dtype=float)
        level = fan.loc[start, "median"]
    months = (end - start).days / DAYS_PER["month"]
    line = {start: level, end: level + first["units_per_month"] * months}
    return pd.Series(line, name=text)


def last_day_shown(ends: list[pd.Timestamp], first_sale: pd.Timestamp) -> pd.Timestamp:
    """End the chart a little after the last thing to show, within its least and most days."""
    days = [(end - first_sale).days for end in ends]
    shown = [count for count in days if count <= MOST_DAYS]
    longest = max([LEAST_DAYS, *(1.08 * count for count in shown)])
    return first_sale + pd.Timedelta(days=round(longest))


def fan_of_forecast(forecast: LaunchForecast, last_day: pd.Timestamp) -> pd.DataFrame:
    """Give the forecast by the end of each day, up to the end of the chart."""
    low, median, high = interval(forecast.sold_by_day())
    days = forecast.first_sale + pd.to_timedelta(np.arange(len(median)), unit="D")
    fan = pd.DataFrame({"low": low, "median": median, "high": high}, index=days)
    return fan[fan.index <= last_day]


def list_events(launch: Launch, last_day: pd.Timestamp) -> pd.DataFrame:
    """List events: the first lot gone, a second maker named, a sale cancelled for want of stock.

    Returns
    -------
    DataFrame
        One row an event in order of `date`, with its `text`; four at most.
    """
    rows = []
    lots = launch.own_lots
    gone = lots[lots["sellout_s"].gt(0)]
    if len(gone):
        first = gone.iloc[0]
        text = f"first lot gone in {duration(first['sellout_s'])}"
        rows.append({"date": first["date"], "text": text})
    second_maker = launch.words.get("supply.second_source.manufacturer")
    announced = launch.figure("supply.second_source.announced")
    if second_maker and announced.known:
        text = f"{second_maker} named as second maker"
        rows.append({"date": announced.value, "text": text})
    reports = launch.supply_reports
    cancelled = reports[(reports["units"] == 0) & (reports["kind"] == "shipped")]
    for report in cancelled.drop_duplicates("period_start").to_dict("records"):
        of_series = " of the series" if report["scope"] == "series" else ""
        text = f"a sale{of_series} cancelled: no stock"
        rows.append({"date": report["period_start"], "text": text})
    events = pd.DataFrame(rows, columns=["date", "text"])
    events["date"] = pd.to_datetime(events["date"])
    events = events[events["date"] <= last_day].sort_values("date")
    return events.head(MOST_EVENTS).reset_index(drop=True)


def first_day_counted(launch: Launch) -> pd.Timestamp | None:
    """Give the first day of its counts, where they are of more markets, one of them earlier."""
    first_sale = launch.figure("first_sale").value
    counts = load_table("device_sales")
    is_own = (counts["device"] == launch.device) & counts["period_end"].isin(launch.sales["date"])
    is_wider = counts["cumulative"] & (counts["market"] != launch.market)
    earlier = counts.loc[is_own & is_wider & (counts["period_start"] < first_sale), "period_start"]
    return earlier.min() if len(earlier) else None


def headline_count(launch: Launch) -> pd.Series | None:
    """Choose the count to lead with: the first reported that has a million, or the last there is.

    Only counts of one scope are compared, the one whose count comes first, and those of the first
    weeks; a later one leads where there are none.
    """
    for weeks in (MOST_DAYS // 7, WEEKS_OF_ANY_LIFE):
        counts = launch_counts(launch, np.full((1, weeks), np.inf))
        counts = counts[counts["kind"] != "ordered"]
        mass = counts[counts["units"] >= 1e6]
        if len(mass):
            return mass.sort_values(["reported", "date"]).iloc[0]
        if len(counts):
            return counts.iloc[-1]
    return None


def largest_count(launch: Launch) -> pd.Series | None:
    """Choose the count that has most: the last of those that rise; None without any."""
    counts = counts_of_sales(launch)
    return counts.iloc[-1] if len(counts) else None
