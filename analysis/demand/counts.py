"""Counts of sales as press and companies give them: are they possible, how sure, which to use.

A count says how many were sold by a day. Its noise is an assumption stated here; how a launch
model explains counts is the business of `posterior`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import DataError, Launch
from .checks import check_numbers

COUNT_NOISE = 0.05  # sd in logs of a press count, rounded and its day approximate (assumed)
# Of units shipped up to so many weeks of sales stand in shops, and are not sold yet; the sd in logs
# of what else a count of them misses, as shops may hold more (assumed).
CHANNEL_WEEKS = 4.0
SHIPPED_NOISE = 0.1
# Sd, in a normal, of the middle 80 % of its draws.
SDS_IN_80 = 2.56
# Ratio of the weeks of counts that are used, the last first: nearer ones share the model's error.
LEAST_RATIO_OF_WEEKS = 4 / 3
# Two counts may differ by this factor through noise alone (three sd of their difference).
NOISE_FACTOR = np.exp(3 * COUNT_NOISE * np.sqrt(2))


def increments_of_counts(total_units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the increase from count to count and how much noise of the counts blurs it.

    Parameters
    ----------
    total_units : array (draws, counts)
        Cumulative counts in order of time.

    Returns
    -------
    increments : array (draws, counts)
        Units since the count before, the first since nothing; above 0.
    sd_of_log : array (draws, counts)
        Sd of the log of each increment, from `COUNT_NOISE` in both of its counts.
    """
    nothing = np.zeros((len(total_units), 1))
    before = np.concatenate([nothing, total_units[:, :-1]], axis=1)
    increments = np.fmax(total_units - before, 1e-9 * np.max(total_units, initial=1))
    return increments, COUNT_NOISE * np.hypot(total_units, before) / increments


def noise_of_counts(counts: pd.DataFrame) -> np.ndarray:
    """Return the sd in logs (counts,) of each count as one of units sold, by its kind.

    Of units shipped none to `CHANNEL_WEEKS` of sales stand in shops: a good part of early counts.
    """
    log_over_sold = _log_over_sold(counts)
    noise = np.where(log_over_sold > 0, SHIPPED_NOISE, COUNT_NOISE)
    return np.hypot(noise, log_over_sold / SDS_IN_80)


def sold_of_counts(counts: pd.DataFrame) -> np.ndarray:
    """Return the units sold (counts,) that counts speak of: of units shipped those not in shops.

    The middle, in logs, between nothing in shops and `CHANNEL_WEEKS` of sales.
    """
    return counts["units"].to_numpy(float) * np.exp(-_log_over_sold(counts) / 2)


def lay_in_stock(counts: pd.DataFrame) -> pd.Series:
    """Say which units shipped were more than were sold, by a count of that day or later.

    Parameters
    ----------
    counts : DataFrame
        date, units and kind of counts of one scope.
    """
    last_first = counts.sort_values(["date", "kind"], ascending=False)  # "sold" before "shipped"
    least_sold = last_first["units"].where(last_first["kind"] == "sold").cummin().ffill()
    lay = (last_first["kind"] == "shipped") & (last_first["units"] > least_sold)
    return lay.reindex(counts.index)


def _log_over_sold(counts: pd.DataFrame) -> np.ndarray:
    """Return the log by which counts (counts,) may exceed what was sold, at a steady rate."""
    if "kind" not in counts:
        return np.zeros(len(counts))
    weeks = np.fmax(counts["week"].to_numpy(float), 1.0)
    return np.where(counts["kind"] == "shipped", np.log1p(CHANNEL_WEEKS / weeks), 0.0)


@dataclass(frozen=True)
class CountFault:
    """A way in which a count contradicts what else is known.

    Attributes
    ----------
    what : str
        The contradiction in words.
    explained : bool
        Whether noise, the kind of the count or pre-orders explain it.
    """

    what: str
    explained: bool


def check_counts(
    counts: pd.DataFrame | None, supply_units: np.ndarray, step_weeks: float
) -> pd.DataFrame:
    """Return the counts of sales that can be used, in order of weeks.

    Falls, counts before the first sale and more than was supplied are errors where neither noise
    nor the kind of count explains them, and warnings where one does. Counts that fall and orders
    (no sales yet) are left out.

    Parameters
    ----------
    counts : DataFrame or None
        week (since the first sale), units (sold by then) and, if there, kind ("sold", "shipped",
        "ordered"; "sold" without it). None is no counts.
    supply_units : array (draws, steps)
        Units that arrive as each step starts.
    step_weeks : float
        Length of a step in weeks.

    Returns
    -------
    DataFrame
        The rows that can be used, with the index of `counts`.

    Raises
    ------
    ValueError
        Where nothing explains a count, or it is no number; the message names the row.
    """
    table = pd.DataFrame({"week": [], "units": []} if counts is None else counts)
    table = table.assign(
        week=pd.to_numeric(table["week"]), units=check_numbers("units", table["units"])
    ).sort_values("week")
    used_rows = []
    highest_units, highest_kind = 0.0, ""
    for count in table.assign(kind=table.get("kind", "sold")).itertuples():
        faults = (
            _comes_before_the_first_sale(count),
            _falls_below_an_earlier_count(count, highest_units, highest_kind),
            _exceeds_supply(count, _units_supplied_by(count.week, supply_units, step_weeks)),
        )
        for fault in faults:
            if fault is not None:
                _report(fault, count)
        if count.week > 0 and count.kind != "ordered" and count.units > highest_units:
            used_rows.append(count.Index)
            highest_units, highest_kind = count.units, count.kind
    return table.loc[used_rows]


def _comes_before_the_first_sale(count) -> CountFault | None:
    """Return the fault of a count at or before week 0; orders and shipments may come then."""
    if count.week > 0:
        return None
    return CountFault("before the first sale", explained=count.kind in ("ordered", "shipped"))


def _falls_below_an_earlier_count(
    count, highest_units: float, highest_kind: str
) -> CountFault | None:
    """Return the fault of a count below the highest so far; noise or another kind explains it."""
    if count.units >= highest_units:
        return None
    within_noise = count.units * NOISE_FACTOR > highest_units
    return CountFault(
        f"down from {highest_units:g}", explained=within_noise or count.kind != highest_kind
    )


def _exceeds_supply(count, supplied_units: float) -> CountFault | None:
    """Return the fault of a count above all that was supplied; noise or orders explain it."""
    if not count.units > supplied_units > 0:
        return None
    within_noise = count.units < supplied_units * NOISE_FACTOR
    return CountFault(
        f"more than the {supplied_units:g} supplied",
        explained=within_noise or count.kind == "ordered",
    )


def _units_supplied_by(week: float, supply_units: np.ndarray, step_weeks: float) -> float:
    """Return the units that the most plentiful draw of supply has brought by a week."""
    steps = int(np.ceil(max(week, 0) / step_weeks - 1e-9))
    return supply_units[:, :steps].sum(1).max()


def _report(fault: CountFault, count) -> None:
    """Raise a fault that nothing explains, and warn of one that something does."""
    message = (
        f"counts, row {count.Index}: {count.units:g} {count.kind} by week {count.week:g}, "
        f"{fault.what}"
    )
    if not fault.explained:
        raise ValueError(f"{message}; expected rising counts of what was supplied")
    warnings.warn(message, stacklevel=4)


def thin_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the counts far enough apart that each adds something of its own.

    The last count and, going back, each whose week is at least `LEAST_RATIO_OF_WEEKS` below that
    of the count after it, and whose units are not above.
    """
    used_rows = []
    next_week = next_units = np.inf
    for count in counts[::-1].itertuples():
        far_enough = count.week * LEAST_RATIO_OF_WEEKS <= next_week + 1e-9
        if far_enough and count.units <= next_units:
            used_rows.insert(0, count.Index)
            next_week, next_units = count.week, count.units
    return counts.loc[used_rows]


def launch_counts(launch: Launch, supply_units: np.ndarray) -> pd.DataFrame:
    """Return the counts of a launch's own sales, for `fit_launch`.

    Counts are of the phone or of its series, whichever the file counts first.

    Parameters
    ----------
    launch : Launch
        The launch.
    supply_units : array (draws, weeks)
        Supply by week; counts after its last week are left out.

    Returns
    -------
    DataFrame
        The launch's sales with `week`, in weeks since the first sale.

    Raises
    ------
    DataError
        With the file, where counts fall, come before the first sale or exceed supply and nothing
        explains it.
    """
    counts = _with_weeks(launch)
    counts = counts[counts["week"] <= supply_units.shape[1]]
    counts = counts[counts["scope"] == counts["scope"].head(1).max()]
    _check_counts_of(launch, counts, supply_units)
    return counts


def counts_of_sales(launch: Launch) -> pd.DataFrame:
    """Return the counts of a launch's sales that rise, of one scope, whatever their week.

    They are of the scope (the phone or its series) of the first count of sales; orders are none,
    and units shipped that were not sold by a later day lay in stock.

    Parameters
    ----------
    launch : Launch
        The launch.

    Returns
    -------
    DataFrame
        The launch's sales with `week`, in weeks since the first sale.

    Raises
    ------
    DataError
        With the file, where counts fall or come before the first sale and nothing explains it.
    """
    counts = _with_weeks(launch)
    counts = counts[counts["kind"] != "ordered"]
    of_scope = counts[counts["scope"] == counts["scope"].head(1).max()]
    of_scope = of_scope[~lay_in_stock(of_scope)]
    return _check_counts_of(launch, of_scope, np.full((1, 1), np.inf))


def longest_counts(launch: Launch) -> pd.DataFrame:
    """Return the most counts of a launch's sales that count the same thing and rise.

    Parameters
    ----------
    launch : Launch
        The launch.

    Returns
    -------
    DataFrame
        The launch's sales of one scope (the phone or its series) with `week`, in weeks since the
        first sale; no orders and no counts that fall. Of two as long the scope counted first.

    Raises
    ------
    DataError
        With the file, where counts fall or come before the first sale and nothing explains it.
    """
    counts = _with_weeks(launch)
    no_limit = np.full((1, 1), np.inf)
    usable = [
        _check_counts_of(launch, counts[counts["scope"] == scope], no_limit)
        for scope in counts["scope"].unique()
    ]
    return max(usable, key=len, default=counts)


def _with_weeks(launch: Launch) -> pd.DataFrame:
    """Return a launch's sales with their weeks since the first sale, whose day counts whole."""
    first_sale = launch.figure("first_sale").value
    return launch.sales.assign(week=((launch.sales["date"] - first_sale).dt.days + 1) / 7)


def _check_counts_of(
    launch: Launch, counts: pd.DataFrame, supply_units: np.ndarray
) -> pd.DataFrame:
    """Return the counts of a launch that can be used, or name its file in the error."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return check_counts(counts, supply_units, step_weeks=1.0)
    except ValueError as error:
        raise DataError(f"data/launches/{launch.launch}.yaml: sales: {error}") from None
