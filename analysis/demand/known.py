"""What a launch's file says of its sales: counts, bounds, sold-out weeks, registrations.

Everything that bears on the forecast is put in one form; what is not used stands in a list with the
reason. What it says of supply to come is `beliefs`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import Launch
from .counts import COUNT_NOISE, counts_of_sales, lay_in_stock, thin_counts
from .reports import DAYS_PER, monthly_rates, select_measured

# Registrations of sales this long after the first one are of people who came before (assumed).
DAYS_OF_FIRST_REGISTRATIONS = 14
# Lots that are no sale: free reservations, and stock made ready.
NO_SALE = ("reserved", "prepared")
# Chance that a lot of which fewer were counted as sold than were offered had sold out after all.
COUNTED_UNSOLD = 1e-6
# Output reported bounds what was sold by eight weeks at least, with a month of stock before them,
# within an error of two (sd in logs), as other plants may be in no report (assumed).
LEAST_WEEKS_OF_OUTPUT = 8
WEEKS_OF_STOCK_BEFORE = 4
NOISE_OF_OUTPUT = 0.7
# Lots sold are a good part of what was sold in all: the log of all over them is as the size of a
# normal of this sd (assumed: between them alone and seven times as many, 80 %).
LOG_OVER_LOTS = 1.5
LOTS_SOLD = "lots sold"  # what a bound is, where lots were sold for sure


@dataclass(frozen=True)
class KnownSales:
    """What is known of a launch's sales on a day.

    Attributes
    ----------
    first_sale : Timestamp
        Day on which week 0 starts.
    scope : str
        What is forecast: "model" or "series", as the counts have it; "model" without any.
    counts : DataFrame
        date, week, units, kind: counts of that scope that can be used, rising.
    bounds : DataFrame
        week, units, side (1: no more was sold by then, -1: no less), noise (sd in logs), over
        (about how far sales lie from it, sd in logs, infinite where that is open) and what: counts
        of a wider scope, of a narrower one, of orders, lots that were sold, and what could have
        been made by what is reported.
    sold_out : array (weeks,)
        By week 1 where a lot sold out, 0 where one did not, NaN where it is not known.
    registrations : float or None
        People who registered before the first sale.
    not_used : DataFrame
        what and reason: what the file has of sales that does not move the forecast.
    """

    first_sale: pd.Timestamp
    scope: str
    counts: pd.DataFrame
    bounds: pd.DataFrame
    sold_out: np.ndarray
    registrations: float | None
    not_used: pd.DataFrame

    def week_of(self, day: pd.Timestamp) -> float:
        """Return the weeks since the first sale by the end of a day."""
        return ((pd.Timestamp(day) - self.first_sale).days + 1) / 7

    def now_week(self, day: str) -> int:
        """Return the first whole week over by a day; by the last thing known if it is empty."""
        if not day:
            return self.last_week()
        return max(int(np.ceil(self.week_of(pd.Timestamp(day)))), 0)

    def last_flag(self) -> float | None:
        """Return 1 where the last lot sold out, 0 where it did not, None where none is known."""
        known = self.sold_out[np.isfinite(self.sold_out)]
        return float(np.round(known[-1])) if len(known) else None

    def last_week(self) -> int:
        """Return the first whole week by which everything known had happened."""
        happened = self.bounds[self.bounds["noise"] <= COUNT_NOISE]
        ends = [*self.counts["week"], *happened["week"], len(self.sold_out)]
        return int(np.ceil(max(ends, default=0)))


def known_sales(launch: Launch) -> KnownSales:
    """Put in one form what a launch's file says of its sales.

    Parameters
    ----------
    launch : Launch
        The launch as known on the day of the forecast.

    Returns
    -------
    KnownSales

    Raises
    ------
    DataError
        Where counts of sales cannot be.
    """
    first_sale = launch.figure("first_sale").value
    counts = counts_of_sales(launch)
    scope = counts["scope"].iloc[0] if len(counts) else "model"
    lots = launch.drops[launch.drops["device"] == launch.device]
    bounds = _list_bounds(launch, scope, lots, first_sale)
    sold_out = sold_out_weeks(lots, first_sale)
    last_week = int(np.ceil(max([*counts["week"], *bounds["week"], len(sold_out)])))
    if scope == "model":
        bounds = pd.concat([bounds, _most_made(launch, last_week)], ignore_index=True)
    return KnownSales(
        first_sale=first_sale,
        scope=scope,
        counts=counts,
        bounds=bounds,
        sold_out=sold_out,
        registrations=_first_registrations(lots, first_sale),
        not_used=_list_not_used(launch, counts, scope, lots, first_sale),
    )


def lots_sold(lots: pd.DataFrame) -> pd.Series:
    """Return the units that each lot has sold for sure; NaN where that is not known.

    A lot that sold out sold its units; of another what was counted is sold.
    """
    gone = lots["units"].where((lots["sold_out"] == "yes") & ~lots["units_basis"].isin(NO_SALE))
    return gone.fillna(lots["units_sold"])


def sold_out_weeks(lots: pd.DataFrame, first_sale: pd.Timestamp) -> np.ndarray:
    """Return by week since the first sale whether a lot sold out: 1, 0, or NaN.

    A lot of which fewer were counted than were offered had no shortage for sure: its demand is
    measured, and its flag is a chance next to 0.

    Returns
    -------
    array (weeks,)
        As long as the last week of which it is known.
    """
    week = (lots["date"] - first_sale).dt.days // 7
    flags = lots["sold_out"].map({"yes": 1.0, "no": 0.0})
    counted_unsold = (flags == 0) & (lots["units_sold"] < lots["units"])
    flags = flags.mask(counted_unsold, COUNTED_UNSOLD).groupby(week).max().dropna()
    flags = flags[flags.index >= 0]
    return (
        flags.reindex(range(int(flags.index.max()) + 1)).to_numpy() if len(flags) else np.zeros(0)
    )


def _list_bounds(
    launch: Launch, scope: str, lots: pd.DataFrame, first_sale: pd.Timestamp
) -> pd.DataFrame:
    """List what bounds the sales of the scope: counts of another one, orders, lots sold."""
    sales = launch.sales
    more = (sales["scope"] == "series") & (scope == "model") | (sales["kind"] == "ordered")
    less = (sales["scope"] == "model") & (scope == "series") & (sales["kind"] != "ordered")
    lot_totals = pd.DataFrame({"date": lots["date"], "units": lots_sold(lots).fillna(0).cumsum()})
    lot_totals = lot_totals[lots_sold(lots).gt(0)].groupby("date", as_index=False).max()
    tables = [
        sales.loc[more, ["date", "units"]].assign(side=1.0, what="count of more than the product"),
        sales.loc[less, ["date", "units"]].assign(side=-1.0, what="count of a part of it"),
        lot_totals.assign(side=-1.0, what=LOTS_SOLD),
    ]
    bounds = pd.concat(tables, ignore_index=True).sort_values("date", kind="stable")
    bounds["week"] = ((bounds["date"] - first_sale).dt.days + 1) / 7
    bounds = bounds[bounds["week"] > 0]
    thinned = [thin_counts(group) for _, group in bounds.groupby(["side", "what"])]
    bounds = pd.concat(thinned).sort_values("week") if thinned else bounds
    is_lots = bounds["what"] == LOTS_SOLD
    is_last_of_lots = is_lots & ~is_lots[::-1].duplicated()[::-1]
    over = np.where(is_last_of_lots, LOG_OVER_LOTS, np.inf)
    return bounds.assign(noise=COUNT_NOISE, over=over)


def _most_made(launch: Launch, now_week: int) -> pd.DataFrame:
    """Bound sales by the highest output or capacity reported, for as long, and stock before it.

    Reports of what could be made err by far more than counts do.
    """
    measured = select_measured(monthly_rates(launch.supply_reports))
    if not len(measured):
        return pd.DataFrame()
    week = max(now_week, LEAST_WEEKS_OF_OUTPUT)
    months = (week + WEEKS_OF_STOCK_BEFORE) * 7 / DAYS_PER["month"]
    units = measured["units_per_month"].max() * months
    row = {"week": float(week), "units": units, "side": 1.0, "noise": NOISE_OF_OUTPUT}
    row["over"] = np.inf
    return pd.DataFrame([row | {"what": "output reported"}])


def _first_registrations(lots: pd.DataFrame, first_sale: pd.Timestamp) -> float | None:
    """Return how many registered before the first sale, by its lots of the first two weeks."""
    early = (lots["date"] - first_sale).dt.days < DAYS_OF_FIRST_REGISTRATIONS
    registered = lots.loc[early, "registrations"].dropna()
    return float(registered.iloc[0]) if len(registered) else None


def _list_not_used(
    launch: Launch,
    counts: pd.DataFrame,
    scope: str,
    lots: pd.DataFrame,
    first_sale: pd.Timestamp,
) -> pd.DataFrame:
    """List what the file has of sales that does not move the forecast, with the reason."""
    of_scope = launch.sales[(launch.sales["scope"] == scope) & (launch.sales["kind"] != "ordered")]
    in_stock = lay_in_stock(of_scope)
    rows = [
        {
            "what": f"count of {row.units:,.0f} by {row.date.date()}",
            "reason": "shipped, and not sold by that day or later"
            if in_stock[row.Index]
            else "no more than an earlier count, or before the first sale",
        }
        for row in of_scope.drop(counts.index, errors="ignore").itertuples()
    ]
    late = lots[(lots["date"] - first_sale).dt.days >= DAYS_OF_FIRST_REGISTRATIONS]
    rows += [
        {
            "what": f"{row.registrations:,.0f} registrations for {row.date.date()}",
            "reason": "they repeat people who had come before",
        }
        for row in late[late["registrations"].notna()].itertuples()
    ]
    rows += [
        {
            "what": f"lot of {row.units:,.0f} on {row.date.date()}",
            "reason": "free reservations or stock made ready, no sale",
        }
        for row in lots[lots["units_basis"].isin(NO_SALE) & lots["units"].notna()].itertuples()
    ]
    rows += [
        {
            "what": f"lot of {row.date.date()}, {row.device}",
            "reason": "of another product",
        }
        for row in launch.drops[launch.drops["device"] != launch.device].itertuples()
    ]
    return pd.DataFrame(rows, columns=["what", "reason"])
