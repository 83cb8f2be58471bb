"""How many people wanted one at each drop of a launch, and how drops limit one another.

A drop says what it can: one with an order log gives an interval, one that sold out at least what it
sold, one that did not sell out how many came. Those who missed out and still wanted one bought at
the latest in the first later drop with stock left. So no more of them were left than were sold from
then to there; whoever gave up in between is not among them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..data import Launch
from .order_logs import LogSource
from .order_study import OrderStudy

SAME_SECONDS = 0.25  # log end over seconds of the launch file less 1, for one to be the other's
SAME_UNITS = 0.1  # the same of orders and units
BY_LOG, SOLD_OUT, STOCK_LEFT = "order log", "sold out", "stock left"
COUNTED, UNKNOWN = "sold so far", "not counted"
COLUMNS = (  # of a drop by itself
    "date",
    "units",
    "sold",
    "sold_out",
    "gone_s",
    "registered",
    "says",
    "at_least",
    "at_most",
)


def people_by_drop(
    launch: Launch, logs: Sequence[tuple[LogSource, OrderStudy]] = ()
) -> pd.DataFrame:
    """Say of each drop how many people wanted one, by all that is known of it and of later ones.

    Parameters
    ----------
    launch : Launch
        The launch.
    logs : sequence of (LogSource, OrderStudy)
        Its order logs, each with its study.

    Returns
    -------
    DataFrame
        A row a drop, by date: date (NaT of a log that no drop goes with), units, sold, sold_out,
        gone_s, registered, says (what its figures are), at_least and at_most (people who wanted
        one; NaN and infinite where open), left_at_most (people who missed out and still wanted one
        later; infinite where no later drop says) and many_gave_up (whether fewer were left than
        its log says missed out).
    """
    sales = launch.own_lots.reset_index(drop=True)
    study_of, without_drop = _drops_of_logs(launch, sales, logs)
    rows = [_row_of(sales.loc[place], study_of.get(place)) for place in sales.index]
    rows += [_row_of(_no_drop(), study) for study in without_drop]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["date"] = pd.to_datetime(table["date"])
    table["left_at_most"] = _left_by_later_drops(table)
    missed_out = table["at_least"] - table["sold"]
    table["many_gave_up"] = table["left_at_most"] < missed_out
    return table


def _no_drop() -> pd.Series:
    """Return the fields of a log that no drop of the file goes with."""
    return pd.Series(dtype=object)


def _row_of(drop: pd.Series, study: OrderStudy | None) -> dict:
    """Say what one drop tells by itself."""
    sold = _sold(drop, study)
    says, at_least, at_most = _by_itself(drop, study, sold)
    return {
        "date": drop.get("date", pd.NaT),
        "units": _number(drop.get("units")),
        "sold": sold,
        "sold_out": drop.get("sold_out"),
        "gone_s": _number(drop.get("sellout_s")) if study is None else study.laws.closed_s,
        "registered": _number(drop.get("registrations")),
        "says": says,
        "at_least": at_least,
        "at_most": at_most,
    }


def _sold(drop: pd.Series, study: OrderStudy | None) -> float:
    """Return what a drop sold: orders of its log, the count of the file, or all of its units."""
    if study is not None:
        return float(study.orders)
    counted, units = _number(drop.get("units_sold")), _number(drop.get("units"))
    if drop.get("sold_out") == "yes":
        return float(np.fmax(counted, units))
    return counted


def _by_itself(drop: pd.Series, study: OrderStudy | None, sold: float) -> tuple[str, float, float]:
    """Say what the figures of a drop are, and the least and most people who wanted one there."""
    if drop.get("sold_out") == "no":
        most = _number(drop.get("units")) if np.isnan(sold) else sold
        return STOCK_LEFT, sold, np.inf if np.isnan(most) else most
    if study is not None:
        return BY_LOG, study.low, study.high
    if np.isnan(sold):
        return UNKNOWN, np.nan, np.inf
    return (SOLD_OUT if drop.get("sold_out") == "yes" else COUNTED), sold, np.inf


def _number(value: object) -> float:
    """Return a figure of a drop as a number, NaN where there is none."""
    return np.nan if value is None or pd.isna(value) else float(value)


def _left_by_later_drops(table: pd.DataFrame) -> np.ndarray:
    """Return the most people who can have been left after each drop, by what later ones sold.

    All that was sold up to the first later drop with stock left, that drop included: nobody who
    still wanted one was left then. Infinite without such a drop or with a gap in the sales.
    """
    left = np.full(len(table), np.inf)
    dated = table[table["date"].notna()].sort_values("date", kind="stable")
    for place, row in dated.iterrows():
        later = dated[dated["date"] > row["date"]]
        ends = later.index[later["says"] == STOCK_LEFT]
        if not len(ends) or row["says"] == STOCK_LEFT:
            continue
        until_end = later.loc[: ends[0]]
        served = until_end["sold"].fillna(until_end["at_most"])  # at the most, where not counted
        left[table.index.get_loc(place)] = served.sum()
    return left


def _drops_of_logs(
    launch: Launch, sales: pd.DataFrame, logs: Sequence[tuple[LogSource, OrderStudy]]
) -> tuple[dict[int, OrderStudy], list[OrderStudy]]:
    """Find the drop that each log is of; logs that go with none come second."""
    study_of, without_drop = {}, []
    for source, study in logs:
        place = _drop_of_log(launch, sales, source, study)
        if place is None or place in study_of:
            without_drop.append(study)
        else:
            study_of[place] = study
    return study_of, without_drop


def _drop_of_log(
    launch: Launch, sales: pd.DataFrame, source: LogSource, study: OrderStudy
) -> int | None:
    """Find the drop that a log is of: by its day, or by seconds and units where it has no day."""
    date = day_of_log(launch, source, study)
    if date is not None:
        same = sales.index[sales["date"] == date]
    else:
        gone = sales["sellout_s"].astype(float) / study.laws.closed_s
        units = sales["units"].astype(float) / study.orders
        same_gone = (gone - 1).abs() <= SAME_SECONDS
        same_units = (units - 1).abs() <= SAME_UNITS
        same = sales.index[same_gone & (same_units | units.isna())]
    return int(same[0]) if len(same) == 1 else None


def day_of_log(launch: Launch, source: LogSource, study: OrderStudy) -> pd.Timestamp | None:
    """Return the day of a log in its own time zone; None of a log in seconds beside no drop."""
    if source.is_of_a_drop:
        return source.date
    opened_s = next(iter(study.log.opened_s.values()))
    if not opened_s:
        return None
    zone = launch.words.get("orders.time_zone") or "UTC"
    return pd.Timestamp(opened_s, unit="s", tz="UTC").tz_convert(zone).tz_localize(None).normalize()
