"""The forecast of a launch within what was, or will be, made, and within what its market buys.

What was made from the first sale to a day, with the stock before it, bounds the units sold by that
day. `forecast` takes orders as such a bound, so a total of output is handed to it in that form; it
holds for the curve through counts too, as only draws that keep to it are left.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ..data import Launch, as_known_on
from .beliefs import MONTHS_PER_WEEK, RAMP_FIGURES
from .fit import LaunchFit
from .forecast import LaunchForecast
from .forecast import forecast_launch as forecast_by_counts
from .known import WEEKS_OF_STOCK_BEFORE, known_sales
from .reference_class import ReferencePaths
from .reports import DAYS_PER, LEAST_DAYS_OF_A_RATE, MADE

# No more is sold by these weeks than the market buys, or a plan has made, in as many.
WEEKS_OF_MARKET = (13, 52, 104)
WEEKS_OF_PLAN = (4, 13, 52, 104)
WEEKS_A_YEAR = DAYS_PER["year"] / 7
# Few draws of a curve through counts keep to what was made, so that many times more are drawn.
TIMES_MORE = 4
# So many draws of a belief are left at least.
LEAST_DRAWS = 5


def forecast_launch(
    launch: Launch, *, as_of: str = "", draws: int = 1000, seed: int = 1
) -> LaunchForecast:
    """Forecast a launch's sales from all that was known of it on a day.

    Beliefs about its supply have weights that are stated; how well each explains what was seen
    moves them. A belief that the counts refute has none. No more is sold by a day than is reported
    to have been made by then, nor than the market of its file buys in that time, nor of a launch to
    come than its planner can have made.

    Parameters
    ----------
    launch : Launch
        The launch with all that is known of it.
    as_of : str
        ISO date after which nothing is used; empty for all that is known.
    draws, seed : int
        How many draws, and from which seed.

    Returns
    -------
    LaunchForecast

    Raises
    ------
    DataError
        If the day is no date, or the launch's counts cannot be.
    """
    known = as_known_on(launch, as_of)
    output, times_more = list_output(known), 1
    if len(output):
        launch = replace(known, sales=pd.concat([known.sales, output], ignore_index=True))
        times_more = TIMES_MORE
    forecast = forecast_by_counts(launch, as_of=as_of, draws=times_more * draws, seed=seed)
    first_sale = forecast.first_sale
    most = [(((row.date - first_sale).days + 1) / 7, row.units) for row in output.itertuples()]
    most += _most_of_market(known)
    if launch.is_ahead and not as_of:
        most += _most_of_plan(known)
    if not most:
        return forecast
    weeks, units = np.array(most).T

    def keep(fits):
        return {label: _keep_within(fit, weeks, units, times_more) for label, fit in fits.items()}

    return replace(forecast, launch=known, fits=keep(forecast.fits), mixed=keep(forecast.mixed))


def _keep_within(
    fit: LaunchFit | ReferencePaths, weeks: np.ndarray, units: np.ndarray, times_more: int
) -> LaunchFit | ReferencePaths:
    """Leave one in so many draws, of those alone that sell no more by the weeks than the units.

    Where next to none keeps to that, they are those that exceed it by least.
    """
    excess = (fit.sold_by(weeks) / units).max(1)
    left = max((excess <= 1).sum(), LEAST_DRAWS)
    rows = np.sort(np.argsort(excess, kind="stable")[:left])
    size = max(len(excess) // times_more, 1)
    return fit.select(rows[np.arange(size) * len(rows) // size])


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
