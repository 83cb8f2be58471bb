"""What becomes of targets: pledges of mass supply held against what was then made.

A target is not supply. The record of past ones says what share of a target comes true; `beliefs`
multiplies a launch's own targets by it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..data import draw_log_normal_between
from .reports import MADE, monthly_rates

# Targets of fewer phones a month than this announce a lot and pledge no mass supply (assumed).
LEAST_MASS_TARGET = 100_000

# Share of a target that comes true, 10 and 90 % points, where fewer than three outcomes are known
# (assumed).
ASSUMED_RATIO = (0.3, 1.3)
LEAST_OUTCOMES = 3


def target_hits(reports: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """Match targets with what was made or sold of the same device.

    An outcome belongs to a target when its period overlaps the target's, is between half and twice
    as long, and was reported later. Each target keeps the outcome whose period is most nearly its
    own, and of several such the one reported last: a cumulative count grows on, and a later one
    speaks of later months too. Weak sources are left out, as are counts of one country where the
    world was counted as well.

    Parameters
    ----------
    reports : DataFrame
        Reports of output and targets, as in `data/market/capacity_reports.csv`.
    sales : DataFrame
        Counts of sales, as in `data/market/device_sales.csv`; cumulative ones count as shipped.

    Returns
    -------
    DataFrame
        One row a target: `device`, `units_per_month` (the target) and `units_per_month_made`, their
        `ratio`, and the days of both reports.
    """
    rates = _rates_of_all(reports, sales)
    targets = rates.query("kind == 'target' and units_per_month >= @LEAST_MASS_TARGET")
    is_output = rates["kind"].isin(MADE) & (rates["units_per_month"] > 0)
    lasts_a_week = rates["days"].fillna(30) >= 7

    pairs = targets.merge(rates[is_output & lasts_a_week], on="device", suffixes=("", "_made"))
    overlap = "period_start_made <= period_end and period_end_made >= period_start"
    pairs = pairs.query(f"{overlap} and report_date_made > report_date")
    pairs = pairs[(pairs["days_made"] / pairs["days"]).between(0.5, 2)]

    pairs = pairs.assign(shared=_shared_part(pairs)).sort_values(["shared", "report_date_made"])
    pairs = pairs.drop_duplicates(["device", "units_per_month", "period_start"], keep="last")
    pairs = pairs.sort_values("report_date_made", kind="stable")
    pairs = pairs.assign(ratio=pairs["units_per_month_made"] / pairs["units_per_month"])
    columns = ["device", "units_per_month", "units_per_month_made", "ratio"]
    return pairs[[*columns, "report_date", "report_date_made"]].reset_index(drop=True)


def _shared_part(pairs: pd.DataFrame) -> pd.Series:
    """Return the days that target and outcome share over the days that either covers, 0 to 1."""
    first = pairs[["period_start", "period_start_made"]]
    last = pairs[["period_end", "period_end_made"]]
    shared_days = (last.min(axis=1) - first.max(axis=1)).dt.days + 1
    all_days = (last.max(axis=1) - first.min(axis=1)).dt.days + 1
    return shared_days / all_days


def _rates_of_all(reports: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """Put reports and cumulative counts of sales in one table of rates; leave out weak sources."""
    counted_for_world = sales.loc[sales["market"] == "WORLD", "device"]
    is_part = sales["device"].isin(counted_for_world) & (sales["market"] != "WORLD")
    counts = sales[~is_part].query("cumulative and period_start.notna()")
    counts = counts.assign(kind="shipped", per="total", report_date=counts["period_end"])
    rates = monthly_rates(pd.concat([reports, counts]).query("not weak_source"))
    columns = ["device", "kind", "period_start", "period_end", "units_per_month", "days"]
    return rates[[*columns, "report_date"]]


def draw_target_ratio(hits: pd.DataFrame, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw what share of a target is made.

    The logs of the known ratios are taken as normal; as they are few, the next one is drawn from a
    Student t distribution. Under three outcomes an assumed range stands in (`ASSUMED_RATIO`).

    Parameters
    ----------
    hits : DataFrame
        Outcomes of other targets, from `target_hits`.
    draws : int
        How many draws.
    rng : Generator
        Where they come from.

    Returns
    -------
    array of shape (draws,)
        Units made over units targeted.
    """
    log_ratios = np.log(hits["ratio"])
    count = len(log_ratios)
    if count < LEAST_OUTCOMES:
        return draw_log_normal_between(*ASSUMED_RATIO, rng.standard_normal(draws))
    sd_of_next = log_ratios.std() * np.sqrt(1 + 1 / count)
    return np.exp(log_ratios.mean() + sd_of_next * rng.standard_t(count - 1, draws))
