"""What one may believe of a launch's weekly supply: its parts, reports, lots or targets.

Each belief is a set of draws of weekly supply. None is the truth; the study asks what follows from
each. How a launch sells under a given supply is room `demand`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import Launch, draw_log_normal_between
from .parts import YIELD_LAWS, YieldGrowth, draw_output, fit_yields
from .reports import DAYS_PER, monthly_rates, select_measured
from .targets import LEAST_MASS_TARGET, draw_target_ratio

MONTHS_PER_WEEK = 7 / DAYS_PER["month"]

# What remains unsure of output that was reported, and of the size of lots to come: a factor, 80 %
# (assumed).
SPREAD_OF_REPORTS = 1.3
SPREAD_OF_LOTS = 1.3

# A rate of output needs three lots; a target belongs to a launch if it starts within a month of
# first sale.
LEAST_LOTS = 3
DAYS_AROUND_FIRST_SALE = 31


@dataclass(frozen=True)
class SupplyBelief:
    """One belief about a launch's supply, with what it rests on."""

    label: str  # its name, such as "its parts, yields flat"
    kind: str  # "parts", "output", "lots", "target" or "no limit"
    weekly_units: np.ndarray  # phones supplied, (draws or 1, weeks since first sale)
    yield_law: str = ""  # parts: how yields grow, a key of YIELD_LAWS, or "flat"
    target_units: float = np.nan  # target: phones, as it was announced
    target_since: pd.Timestamp | None = None  # target: day from which it is counted
    target_until: pd.Timestamp | None = None  # target: its last day, where it is a total with one
    by_record: bool = False  # target: multiplied by what became of other targets


def list_beliefs(
    launch: Launch,
    hits: pd.DataFrame,
    yields: pd.DataFrame,
    weeks: int = 26,
    *,
    draws: int = 1000,
    seed: int = 1,
) -> tuple[SupplyBelief, ...]:
    """List what a launch's file lets one believe of its weekly supply.

    Parameters
    ----------
    launch : Launch
        The launch, as known on the day of the forecast.
    hits : DataFrame
        Outcomes of other targets, from `target_hits`.
    yields : DataFrame
        Yields of parts known by then, for how they grow.
    weeks : int
        Weeks after first sale.
    draws, seed : int
        How many draws, and from which seed.

    Returns
    -------
    tuple of SupplyBelief
        From the parts, from reported output, from its lots, from its targets (each at its word and
        by the record), and last, always, "no limit".

    Raises
    ------
    ValueError
        If a source of the launch cannot be (see `draw_output`).
    """
    rng = np.random.default_rng(seed)
    rates = monthly_rates(launch.supply_reports)
    first_sale = launch.figure("first_sale").value

    beliefs = _from_parts(launch.supply_sources, first_sale, yields, weeks, draws, seed)
    beliefs += _from_reported_output(rates, weeks, draws, rng)
    beliefs += _from_lots(launch, weeks, draws, seed)
    ratio = draw_target_ratio(hits, draws, rng)
    beliefs += _from_targets(launch, rates, weeks, ratio)
    no_limit = np.full((1, weeks), np.inf)
    beliefs += [SupplyBelief(label="no limit", kind="no limit", weekly_units=no_limit)]
    return tuple({belief.label: belief for belief in beliefs}.values())


def supply_priors(
    launch: Launch,
    hits: pd.DataFrame,
    yields: pd.DataFrame,
    weeks: int = 26,
    *,
    draws: int = 1000,
    seed: int = 1,
) -> dict[str, np.ndarray]:
    """Give the weekly supply (draws or 1, weeks) of each belief of `list_beliefs`, by its label."""
    beliefs = list_beliefs(launch, hits, yields, weeks, draws=draws, seed=seed)
    return {belief.label: belief.weekly_units for belief in beliefs}


def _from_parts(
    sources: pd.DataFrame,
    first_sale: pd.Timestamp,
    yields: pd.DataFrame,
    weeks: int,
    draws: int,
    seed: int,
) -> list[SupplyBelief]:
    """Believe the ranges of the parts: yields stay, or grow by each law where one is below 1."""
    if not len(sources):
        return []
    laws: dict[str, YieldGrowth | None] = {"flat": None}
    if (sources["yield_low"] < 1).any():
        laws |= _yield_growth_by_law(yields)
    return [
        SupplyBelief(
            label=f"its parts, yields {law}",
            kind="parts",
            weekly_units=draw_output(
                sources, first_sale, weeks, yield_growth=growth, draws=draws, seed=seed
            ).supply,
            yield_law=law,
        )
        for law, growth in laws.items()
    ]


def _yield_growth_by_law(yields: pd.DataFrame) -> dict[str, YieldGrowth]:
    """Fit each law of growth; none where too few yields were known by then."""
    try:
        return {law: fit_yields(yields, law) for law in YIELD_LAWS}
    except ValueError:
        return {}


def _from_reported_output(
    rates: pd.DataFrame, weeks: int, draws: int, rng: np.random.Generator
) -> list[SupplyBelief]:
    """Believe that output stays between the lowest and the highest rate reported, roughly."""
    measured = select_measured(rates)["units_per_month"]
    if not len(measured):
        return []
    low = measured.min() / SPREAD_OF_REPORTS
    high = measured.max() * SPREAD_OF_REPORTS
    per_month = draw_log_normal_between(low, high, rng.standard_normal((draws, 1)))
    steady = per_month * MONTHS_PER_WEEK * np.ones(weeks)
    label = "output as reported, steady"
    return [SupplyBelief(label=label, kind="output", weekly_units=steady)]


def _from_lots(launch: Launch, weeks: int, draws: int, seed: int) -> list[SupplyBelief]:
    """Believe that lots go on as they came, where three or more of the device are known by size."""
    lots = launch.drops[launch.drops["device"] == launch.device]
    if lots["units"].isna().any() or len(lots) < LEAST_LOTS:
        return []
    rng = np.random.default_rng([seed, 1])
    supply = draw_drops(lots, launch.figure("first_sale").value, weeks, draws, rng)
    return [SupplyBelief(label="its drops", kind="lots", weekly_units=supply)]


def draw_drops(
    drops: pd.DataFrame, first_sale: pd.Timestamp, weeks: int, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw weekly supply from lots: those announced, then more of them at their mean interval.

    In each draw the later lots have one size: the mean of a bootstrap sample of the known ones,
    unsure by a factor of 1.3 (80 %). This assumes that lots go on, and that they do not grow.

    Parameters
    ----------
    drops : DataFrame
        Lots in order of their `date`, with their `units`; one before first sale is part of its
        stock.
    first_sale : Timestamp
        Day that week 0 starts.
    weeks, draws : int
        Weeks after first sale, and how many draws.
    rng : Generator
        Where they come from.

    Returns
    -------
    array of shape (draws, weeks)
        Phones supplied.
    """
    days = (drops["date"] - first_sale).dt.days.clip(lower=0).to_numpy()
    lot_sizes = drops["units"].to_numpy(float)

    # Lots already announced arrive in the week of their day.
    announced = np.bincount(days // 7, weights=lot_sizes, minlength=weeks)[:weeks]

    # Later lots: one per mean interval, of one unknown size per draw.
    interval_days = max(np.diff(days).mean(), 1)
    later_days = np.arange(days[-1], 7 * weeks, interval_days)[1:]
    later_lots = np.bincount(later_days.astype(int) // 7, minlength=weeks)[:weeks]

    mean_size = rng.choice(lot_sizes, (draws, len(lot_sizes))).mean(1)
    spread = draw_log_normal_between(1 / SPREAD_OF_LOTS, SPREAD_OF_LOTS, rng.standard_normal(draws))
    later_size = mean_size * spread
    return announced + later_size[:, None] * later_lots


def _from_targets(
    launch: Launch, rates: pd.DataFrame, weeks: int, ratio: np.ndarray
) -> list[SupplyBelief]:
    """Believe each target of about the first month, at its word and by the record of targets."""
    first_sale = launch.figure("first_sale").value
    targets = rates.query("kind == 'target' and scope != 'series'")
    targets = targets[targets["units_per_month"] >= LEAST_MASS_TARGET]
    days_from_first_sale = (targets["period_start"] - first_sale).abs().dt.days
    targets = targets[days_from_first_sale <= DAYS_AROUND_FIRST_SALE]

    beliefs = []
    for target in targets.drop_duplicates("units_per_month").itertuples():
        for reading, since in _readings(target, launch).items():
            per_week = target.units_per_month * MONTHS_PER_WEEK
            path = per_week * _steady_from(since, first_sale, weeks)
            words = f"target {target.units:,.0f}, {reading}"
            is_total = target.per != "month" and pd.notna(target.period_end)
            details = {
                "kind": "target",
                "target_units": target.units,
                "target_since": since,
                "target_until": target.period_end if is_total else None,
            }
            at_its_word = SupplyBelief(
                label=f"{words}, at its word", weekly_units=path[None], **details
            )
            by_the_record = SupplyBelief(
                label=f"{words}, by the record",
                weekly_units=path[None] * ratio[:, None],
                by_record=True,
                **details,
            )
            beliefs += [at_its_word, by_the_record]
    return beliefs


def _readings(target: tuple, launch: Launch) -> dict[str, pd.Timestamp]:
    """Name the days from which a target may be counted: "a month" has two, others one."""
    first_sale = launch.figure("first_sale").value
    if target.per == "month":
        announced = launch.figure("announced").value or first_sale
        return {"month from announcement": announced, "month from first sale": first_sale}
    if pd.isna(target.period_end):
        return {f"from {target.period_start.date()}": target.period_start}
    return {f"by {target.period_end.date()}": target.period_start}


def _steady_from(since: pd.Timestamp, first_sale: pd.Timestamp, weeks: int) -> np.ndarray:
    """Count weeks' worth of steady output by week; what was made before comes in the first."""
    week_starts = 7 * np.arange(weeks)
    path = 1.0 * (week_starts >= (since - first_sale).days)
    path[0] *= 1 + max((first_sale - since).days, 0) / 7
    return path
