"""The most that a launch can have sold by a day: what was or will be made, what its market buys.

What was made from the first sale to a day, with the stock before it, bounds the units sold by that
day; so do the market of the launch's file and, for a launch to come, its plan at full rate. What is
forecast within these ceilings is for `forecast`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ..data import Launch
from .beliefs import MONTHS_PER_WEEK, RAMP_FIGURES
from .fit import LaunchFit
from .known import WEEKS_OF_STOCK_BEFORE, known_sales
from .reference_class import ReferencePaths
from .reports import DAYS_PER, LEAST_DAYS_OF_A_RATE, MADE

# No more is sold by these weeks than the market buys, or a plan has made, in as many.
WEEKS_OF_MARKET = (13, 52, 104)
WEEKS_OF_PLAN = (4, 13, 52, 104)
WEEKS_A_YEAR = DAYS_PER["year"] / 7
# So many draws are left at least, those that exceed a ceiling by least.
LEAST_DRAWS = 5


def keep_within(
    fit: LaunchFit | ReferencePaths, ceilings: pd.DataFrame
) -> LaunchFit | ReferencePaths:
    """Leave the draws of a fit that stay below all ceilings; how rare they were is evidence.

    Parameters
    ----------
    fit : LaunchFit or ReferencePaths
        Draws of a launch's sales.
    ceilings : DataFrame
        week and units, from `list_ceilings`.

    Returns
    -------
    LaunchFit or ReferencePaths
        The draws that sell no more, five at least; the chance to do so is part of the evidence.
    """
    if ceilings.empty:
        return fit
    times_ceiling = fit.sold_by(ceilings["week"]) / ceilings["units"].to_numpy()
    highest = times_ceiling.max(axis=1)
    within = (highest <= 1).sum()
    left = np.sort(np.argsort(highest, kind="stable")[: max(within, LEAST_DRAWS)])
    share_within = max(within, 0.5) / len(highest)  # of none the chance is below that of one draw
    changed = {"log_evidence": fit.log_evidence + np.log(share_within)}
    if isinstance(fit, LaunchFit):
        changed["effective_draws"] = fit.effective_draws * share_within
    return replace(fit.select(left), **changed)


def list_ceilings(launch: Launch, output: pd.DataFrame, *, is_plan: bool) -> pd.DataFrame:
    """List what a launch cannot have sold more than, by its week.

    Parameters
    ----------
    launch : Launch
        As known on the day of the forecast.
    output : DataFrame
        Totals of what was made, from `list_output`.
    is_plan : bool
        Whether the ramp of the file is a plan of what will be made.

    Returns
    -------
    DataFrame
        week (since the first sale) and units; empty where nothing is known.
    """
    first_sale = launch.figure("first_sale").value
    weeks_made = ((output["date"] - first_sale).dt.days + 1) / 7
    rows = [*zip(weeks_made, output["units"], strict=True)]
    rows += _most_of_market(launch)
    rows += _most_of_plan(launch) if is_plan else []
    return pd.DataFrame(rows, columns=["week", "units"], dtype=float)


def _most_of_market(launch: Launch) -> list[tuple[float, float]]:
    """List weeks, and the units that the market of a launch's file buys in them; none without."""
    market = launch.figure("market_units_a_year")
    if not market.known:
        return []
    return [(weeks, market.highest * weeks / WEEKS_A_YEAR) for weeks in WEEKS_OF_MARKET]


def _most_of_plan(launch: Launch) -> list[tuple[float, float]]:
    """List weeks, and the units that a plan has made by them if it runs at its full rate at once.

    None where a ramp figure is not known; without a stock in the file there are four weeks of it.
    """
    full = launch.figure("supply.full_units_per_month")
    if not all(launch.figure(path).known for path in RAMP_FIGURES):
        return []
    a_week = full.highest * MONTHS_PER_WEEK
    stock = launch.figure("supply.opening_stock_units")
    opening = stock.highest if stock.known else WEEKS_OF_STOCK_BEFORE * a_week
    return [(weeks, opening + a_week * weeks) for weeks in WEEKS_OF_PLAN]


def list_output(launch: Launch) -> pd.DataFrame:
    """List totals of output from the first sale on that bound sales as no count does.

    Stock that was made before is the file's own, or what four weeks at the rate of the total would
    have made. A total bounds nothing where as many were counted by its day already, or no more than
    it by a later day.

    Parameters
    ----------
    launch : Launch
        As known on the day of the forecast.

    Returns
    -------
    DataFrame
        date, units, kind ("ordered": no more was sold), scope and reported, as rows of
        `Launch.sales`.
    """
    first_sale = launch.figure("first_sale").value
    scope = known_sales(launch).scope
    totals = _totals_from_first_sale(launch.supply_reports, first_sale)
    if scope == "series":
        totals = totals[totals["scope"] == "series"]
    bounds = pd.DataFrame(
        {
            "date": totals["period_end"],
            "units": totals["units"] + _stock_before(launch, totals, first_sale),
            "kind": "ordered",
            "scope": scope,
            "reported": totals["reported"],
        }
    )
    counts = launch.sales[(launch.sales["scope"] == scope) & (launch.sales["kind"] != "ordered")]
    tells_more = [_tells_more(bound, counts) for bound in bounds.itertuples()]
    return bounds[np.array(tells_more, dtype=bool)]


def _totals_from_first_sale(reports: pd.DataFrame, first_sale: pd.Timestamp) -> pd.DataFrame:
    """Select totals of what was made or shipped over two weeks or more, that of first sale in them.

    A shorter total is of a lot.
    """
    days = (reports["period_end"] - reports["period_start"]).dt.days + 1
    is_total = reports["kind"].isin(MADE) & (reports["per"] == "total") & (reports["units"] > 0)
    has_first_sale = (reports["period_start"] <= first_sale) & (first_sale <= reports["period_end"])
    return reports[is_total & has_first_sale & (days >= LEAST_DAYS_OF_A_RATE)]


def _stock_before(
    launch: Launch, totals: pd.DataFrame, first_sale: pd.Timestamp
) -> pd.Series | float:
    """Return the units in stock before each total of output began.

    The file's own, or what was made in the weeks before the first sale that a total leaves out.
    """
    stock = launch.figure("supply.opening_stock_units")
    if stock.known:
        return stock.highest
    days = (totals["period_end"] - totals["period_start"]).dt.days + 1
    weeks_in_total = (first_sale - totals["period_start"]).dt.days / 7
    weeks_left_out = (WEEKS_OF_STOCK_BEFORE - weeks_in_total).clip(lower=0)
    return totals["units"] / days * 7 * weeks_left_out


def _tells_more(bound: tuple, counts: pd.DataFrame) -> bool:
    """Say whether no count has as many by the day of a bound already, or no more by a later day."""
    as_many_before = (counts["date"] <= bound.date) & (counts["units"] >= bound.units)
    no_more_later = (counts["date"] >= bound.date) & (counts["units"] <= bound.units)
    return not (as_many_before | no_more_later).any()
