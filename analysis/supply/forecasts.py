"""A launch under limited supply, fitted under each belief about its supply, as known on a day.

The launch model, its prior from comparable launches and its posterior are room `demand`; beliefs
about supply are `beliefs`. What this module adds is the cut at a day, so that a forecast uses
nothing from after it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import Launch, as_day, as_known_on, load_table
from ..demand import (
    LaunchForecast,
    LaunchPrior,
    fit_launch,
    fit_prior,
    launch_counts,
    milestone_sequences,
    sold_at,
)
from .beliefs import SupplyBelief, list_beliefs
from .targets import target_hits

# Day of each market table by which its rows were known.
DAY_KNOWN = {
    "capacity_reports": "report_date",
    "device_sales": "period_end",
    "component_yields": "date",
}

# A belief is contradicted when no draw under it comes this near, in logs, to the last count.
NEAR_LAST_COUNT = 0.25


@dataclass(frozen=True)
class SupplyStudy:
    """A launch as known on a day, and its forecast under each belief about its supply."""

    launch: Launch  # as known on the day
    hits: pd.DataFrame  # outcomes of other families' targets known by then, from `target_hits`
    prior: LaunchPrior  # demand of comparable launches known by then, this family left out
    beliefs: tuple[SupplyBelief, ...]  # about supply, from `list_beliefs`
    fits: dict[
        str, LaunchForecast
    ]  # forecasts by label of the belief; none where counts contradict it
    dates: pd.DataFrame  # a row a belief: weeks until so many are sold, see `study_supply`
    units: float  # how many phones `dates` is about
    day: str  # the day as asked for, or "today"
    until: pd.Timestamp  # the same as a date; far ahead where nothing is cut
    weeks: int  # weeks after first sale that are simulated

    def first_belief(self) -> SupplyBelief:
        """Give the first belief that the counts do not contradict; "no limit" is always there."""
        return next(belief for belief in self.beliefs if belief.label in self.fits)


def study_supply(
    launch: Launch,
    as_of: str = "",
    *,
    units: float = 1e6,
    weeks: int = 26,
    draws: int = 1000,
    seed: int = 1,
) -> SupplyStudy:
    """Forecast a launch, as known on a day, under each belief about its supply.

    Parameters
    ----------
    launch : Launch
        The launch with all that is known of it.
    as_of : str
        ISO date after which nothing is used; empty for all that is known.
    units : float
        Phones whose date is asked for.
    weeks : int
        Weeks after first sale that are simulated; later counts are not used.
    draws, seed : int
        How many draws of each forecast, and from which seed.

    Returns
    -------
    SupplyStudy
        Its `dates` have `label`, `focus` (False for "no limit"), weeks until `units` are sold
        (`low`, `estimate`, `high`, 80 %; infinite where not reached, NaN where contradicted) and
        `dates`, the same as a text.

    Raises
    ------
    DataError
        If the day is no date, or the launch's counts cannot be.
    """
    known = as_known_on(launch, as_of)
    until = as_day(as_of)
    families = load_table("devices").set_index("device")["family"]
    family = families.get(launch.device, launch.device)

    tables = {name: load_table(name) for name in DAY_KNOWN}
    by_then = {name: table[table[DAY_KNOWN[name]] <= until] for name, table in tables.items()}
    hits = target_hits(by_then["capacity_reports"], by_then["device_sales"])
    hits = hits[hits["device"].map(families) != family]
    beliefs = list_beliefs(known, hits, by_then["component_yields"], weeks, draws=draws, seed=seed)

    prior = fit_prior(milestone_sequences(family, until=str(until.date())))
    fits = _fit_each(known, beliefs, prior, weeks, draws, seed)
    return SupplyStudy(
        launch=known,
        hits=hits,
        prior=prior,
        beliefs=beliefs,
        fits=fits,
        dates=_list_dates(beliefs, fits, units, launch.figure("first_sale").value),
        units=units,
        day=as_of or "today",
        until=until,
        weeks=weeks,
    )


def sold_out_flags(launch: Launch, weeks: int) -> np.ndarray:
    """Flag for each week since first sale whether a lot of the device sold out.

    Returns
    -------
    array of shape (weeks,)
        1 or 0; NaN where no lot, or nothing of its end, is known.
    """
    lots = launch.drops[launch.drops["device"] == launch.device]
    week = (lots["date"] - launch.figure("first_sale").value).dt.days // 7
    sold_out = lots["sold_out"].map({"yes": 1.0, "no": 0.0})
    return sold_out.groupby(week).max().reindex(range(weeks)).to_numpy()


def _fit_each(
    launch: Launch,
    beliefs: tuple[SupplyBelief, ...],
    prior: LaunchPrior,
    weeks: int,
    draws: int,
    seed: int,
) -> dict[str, LaunchForecast]:
    """Fit the launch under each belief, by label; those that the counts contradict are left out."""
    counts = launch_counts(launch, np.full((1, weeks), np.inf))
    sold_out = sold_out_flags(launch, weeks)
    settings = {"counts": counts, "sold_out": sold_out, "draws": draws, "seed": seed}
    fits = {}
    for belief in beliefs:
        try:
            with warnings.catch_warnings(action="ignore"):
                fit = fit_launch(belief.weekly_units, prior, **settings)
        except ValueError:  # more was counted than this belief supplies
            continue
        if _meets_last_count(fit):
            fits[belief.label] = fit
    return fits


def _meets_last_count(fit: LaunchForecast) -> bool:
    """Say whether some draw comes near the last count; without counts any does."""
    week, units = fit.last_count_week, fit.last_count_units
    if not week:
        return True
    gap = np.log(sold_at(fit.paths, [week]) / units)
    return bool((np.abs(gap) < NEAR_LAST_COUNT).any())


def _list_dates(
    beliefs: tuple[SupplyBelief, ...],
    fits: dict[str, LaunchForecast],
    units: float,
    first_sale: pd.Timestamp,
) -> pd.DataFrame:
    """List by belief when so many are sold, in weeks since first sale and as a text."""
    rows = []
    for belief in beliefs:
        fit = fits.get(belief.label)
        low, middle, high = fit.weeks_until(units) if fit else (np.nan, np.nan, np.nan)
        days = [_day_of(week, first_sale) for week in (low, middle, high)]
        row = {
            "label": belief.label,
            "focus": belief.kind != "no limit",
            "low": low,
            "estimate": middle,
            "high": high,
            "dates": _date_range(*days) if fit else "contradicted by the counts",
        }
        rows.append(row)
    return pd.DataFrame(rows)


def _day_of(week: float, first_sale: pd.Timestamp) -> str:
    """Write the day of a week since first sale, fractions and all."""
    if not np.isfinite(week):
        return "not reached"
    return f"{first_sale + pd.Timedelta(weeks=week):%d %b %Y}"


def _date_range(low: str, middle: str, high: str) -> str:
    """Write a date with its interval, once where all three are one."""
    return middle if low == middle == high else f"{middle} ({low} to {high})"
