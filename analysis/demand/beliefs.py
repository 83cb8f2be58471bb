"""What one may believe of a launch's weekly supply: parts, targets, lots, reports, its own plan.

Each belief is a set of draws of weekly supply with a weight, stated before any outcome was looked
at. `forecast` asks how well each explains what was seen, and mixes them. How a launch sells under
a given supply is `launch_model`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import Launch, draw_log_normal_between, draw_split_normal
from .drift import draw_drift, expected_growth
from .known import LOG_OVER_LOTS, NO_SALE, lots_sold
from .lots import LotRecord, draw_lots
from .parts import YIELD_LAWS, YieldGrowth, draw_output, fit_yields
from .reports import DAYS_PER, fit_ramp, monthly_rates, select_measured
from .targets import draw_target_ratio

MONTHS_PER_WEEK = 7 / DAYS_PER["month"]

# How much each kind of belief counts before anything is seen (stated, fitted to no outcome): what
# speaks of this launch's own supply counts twice what speaks of the like of it.
WEIGHTS = {"parts": 2.0, "word": 2.0, "lots": 2.0, "record": 1.0, "output": 1.0, "ramp": 1.0}
WEIGHT_OF_FEW_LOTS = 1.0  # of lots, where fewer than three are known by their size
LEAST_LOTS = 3

# Factors, 80 % (assumed): what a firm that keeps its word may miss it by, and what remains unsure
# of output that was reported.
SPREAD_OF_WORD = 1.15
SPREAD_OF_REPORTS = 1.3

# A target of fewer than this share of those who registered announces a lot, no mass supply.
LEAST_SHARE_OF_REGISTERED = 0.1
# Weeks of output, at most, that a target or a ramp may have put in stock before the first sale
# (assumed).
MOST_WEEKS_OF_STOCK = 4.0
# Share of a target's rate at which supply starts where the target's own time comes later (assumed).
SHARE_BEFORE_TARGET = 0.1

# A ramp that was measured goes on at half its rate, fading over two weeks (assumed): ramps end.
SHARE_OF_TREND, TREND_WEEKS = 0.5, 2.0

RAMP_FIGURES = (
    "supply.start_units_per_month",
    "supply.full_units_per_month",
    "supply.ramp_weeks",
)


@dataclass(frozen=True)
class SupplyBelief:
    """One belief about a launch's supply, with what it rests on.

    Attributes
    ----------
    label : str
        Its name, such as "its parts and lines".
    kind : str
        A key of `WEIGHTS`.
    weight : float
        How much it counts before anything is seen.
    weekly_units : array (draws, weeks)
        Phones supplied by week since the first sale.
    steady : bool
        Whether they come all week long; lots come at once.
    """

    label: str
    kind: str
    weight: float
    weekly_units: np.ndarray
    steady: bool = True


@dataclass(frozen=True)
class SupplyRecord:
    """What other launches say of supply, as known on the day of the forecast.

    Attributes
    ----------
    hits : DataFrame
        Outcomes of other families' targets, from `target_hits`.
    yields : DataFrame
        Yields of parts known by then, for how they grow.
    lots : LotRecord
        How lots of other products followed one another.
    """

    hits: pd.DataFrame
    yields: pd.DataFrame
    lots: LotRecord


def list_beliefs(
    launch: Launch,
    record: SupplyRecord,
    weeks: int = 26,
    *,
    now_week: float = 0.0,
    last_flag: float | None = None,
    with_ramp: bool = True,
    draws: int = 1000,
    seed: int = 1,
) -> tuple[SupplyBelief, ...]:
    """List what a launch's file lets one believe of its weekly supply.

    Parameters
    ----------
    launch : Launch
        The launch, as known on the day of the forecast.
    record : SupplyRecord
        What other launches say.
    weeks : int
        Weeks after first sale.
    now_week : float
        Weeks since first sale on the day of the forecast: from then on supply drifts.
    last_flag : float or None
        1 where the last lot sold out, 0 where it did not, None where that is not known.
    with_ramp : bool
        Whether the file's own ramp figures were known by then; they carry no day.
    draws, seed : int
        How many draws, and from which seed.

    Returns
    -------
    tuple of SupplyBelief
        From parts, targets at their word and by the record, lots, reported output and the file's
        own ramp; none where it says nothing of supply.

    Raises
    ------
    ValueError
        If a source of the launch cannot be (see `draw_output`).
    """
    rng = np.random.default_rng([seed, 3])
    rates = monthly_rates(launch.supply_reports)
    first_sale = launch.figure("first_sale").value
    growth = expected_growth(last_flag, record.lots.growth_a_week)
    drift = draw_drift(weeks, now_week, draws, rng, growth)

    parts = _from_parts(launch.supply_sources, first_sale, record.yields, weeks, draws, seed)
    targets = usable_targets(launch, rates)["targets"]
    beliefs = [
        *parts,
        *_from_targets(targets, launch, record.hits, weeks, drift, rng),
        *_from_lots(launch, record.lots, weeks, draws, seed),
        *_from_reported_output(rates, first_sale, weeks, now_week, drift, rng),
    ]
    if with_ramp:
        beliefs += _from_ramp_figures(launch, weeks, draws, rng)
    return tuple(beliefs)


# ---- parts ----


def _from_parts(
    sources: pd.DataFrame,
    first_sale: pd.Timestamp,
    yields: pd.DataFrame,
    weeks: int,
    draws: int,
    seed: int,
) -> list[SupplyBelief]:
    """Believe the ranges of the parts; yields below one grow by each law in as many draws."""
    if not len(sources):
        return []
    laws: list[YieldGrowth | None] = [None]
    if (sources["yield_low"] < 1).any():
        laws = _yield_growth_by_law(yields) or [None]
    supply = [
        draw_output(
            sources,
            first_sale,
            weeks,
            yield_growth=growth,
            draws=int(np.ceil(draws / len(laws))),
            seed=seed,
        ).supply
        for growth in laws
    ]
    return [
        SupplyBelief(
            label="its parts and lines",
            kind="parts",
            weight=WEIGHTS["parts"],
            weekly_units=np.concatenate(supply),
        )
    ]


def _yield_growth_by_law(yields: pd.DataFrame) -> list[YieldGrowth]:
    """Fit each law of growth; none where too few yields were known by then."""
    try:
        return [fit_yields(yields, law) for law in YIELD_LAWS]
    except ValueError:
        return []


# ---- targets ----


def usable_targets(launch: Launch, rates: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Select the targets of mass supply, and list those that are not used with the reason.

    A target below what is already made is a floor and no forecast; a total of a tenth of those who
    registered announces a lot; one of the series is of more than the product.

    Returns
    -------
    dict
        `targets` (rows of `rates`) and `not_used` (what, reason).
    """
    targets = rates[(rates["kind"] == "target") & (rates["units"] > 0)]
    measured = select_measured(rates)
    last_output = measured.sort_values("period_start")["units_per_month"].tail(1).max()
    registered = _registered(launch)
    reasons = pd.Series("", targets.index)
    reasons[targets["units_per_month"] < last_output] = "below what is made already"
    is_total = targets["per"] == "total"
    too_few = is_total & (targets["units"] < LEAST_SHARE_OF_REGISTERED * registered)
    reasons[too_few] = "far fewer than had registered"
    reasons[targets["scope"] == "series"] = "of the whole series"
    unused = targets[reasons != ""]
    words = [
        f"target of {row.units:,.0f} reported on {row.reported.date()}"
        for row in unused.itertuples()
    ]
    not_used = pd.DataFrame({"what": words, "reason": reasons[reasons != ""].to_numpy()})
    columns = ["units_per_month", "period_start", "per"]
    used = targets[reasons == ""].drop_duplicates(columns)
    return {"targets": used, "not_used": not_used}


def _registered(launch: Launch) -> float:
    """Return the most people who had registered or reserved by then; 0 where nobody says."""
    drops, reports = launch.drops, launch.supply_reports
    numbers = [
        drops["registrations"].max(),
        drops.loc[drops["units_basis"].isin(NO_SALE), "units"].max(),
        reports.loc[reports["kind"] == "backlog", "units"].max(),
    ]
    return float(np.nanmax([0.0, *numbers]))


def _from_targets(
    targets: pd.DataFrame,
    launch: Launch,
    hits: pd.DataFrame,
    weeks: int,
    drift: np.ndarray,
    rng: np.random.Generator,
) -> list[SupplyBelief]:
    """Believe the targets at their word, and multiplied by what became of others.

    "A month" may be counted from the announcement or from the first sale; all readings of all
    targets have as many draws.
    """
    if not len(targets):
        return []
    first_sale = launch.figure("first_sale").value
    paths = np.array(
        [
            target.units_per_month * MONTHS_PER_WEEK * _steady_from(since, first_sale, weeks)
            for target in targets.itertuples()
            for since in readings_of(target, launch)
        ]
    )
    paths = np.fmax(paths, _sold_in_lots(launch, weeks))  # lots came, whatever the target says
    draws = len(drift)
    path = paths[np.arange(draws) % len(paths)]
    normals = rng.standard_normal((draws, 1))
    word_factor = draw_log_normal_between(1 / SPREAD_OF_WORD, SPREAD_OF_WORD, normals)
    ratio = draw_target_ratio(hits, draws, rng)[:, None]
    return [
        SupplyBelief(
            label="its targets, at their word",
            kind="word",
            weight=WEIGHTS["word"],
            weekly_units=path * word_factor * drift,
        ),
        SupplyBelief(
            label="its targets, by the record of others",
            kind="record",
            weight=WEIGHTS["record"],
            weekly_units=path * ratio * drift,
        ),
    ]


def _sold_in_lots(launch: Launch, weeks: int) -> np.ndarray:
    """Return the units that lots of the device sold by week since the first sale."""
    lots = launch.drops[launch.drops["device"] == launch.device]
    week = (lots["date"] - launch.figure("first_sale").value).dt.days.clip(lower=0) // 7
    return np.bincount(week, weights=lots_sold(lots).fillna(0), minlength=weeks)[:weeks]


def readings_of(target: tuple, launch: Launch) -> list[pd.Timestamp]:
    """Return the days from which a target may be counted: "a month" has two, others one."""
    first_sale = launch.figure("first_sale").value
    days_from_first_sale = abs((target.period_start - first_sale).days)
    if target.per == "month" and days_from_first_sale <= DAYS_PER["month"]:
        announced = launch.figure("announced").value or first_sale
        return [announced, first_sale]
    return [target.period_start]


def _steady_from(since: pd.Timestamp, first_sale: pd.Timestamp, weeks: int) -> np.ndarray:
    """Count weeks' worth of steady output by week.

    What was made before the first sale, in a month at most, comes in the first week. Where the
    steady time starts later, output rises to it at one rate of growth.
    """
    starts_after_days = (since - first_sale).days
    path = np.ones(weeks)
    if starts_after_days > 0:
        share_of_time = np.fmin(7 * np.arange(weeks) / starts_after_days, 1)
        path = SHARE_BEFORE_TARGET ** (1 - share_of_time)
    weeks_before = min(max(-starts_after_days, 0) / 7, MOST_WEEKS_OF_STOCK)
    path[0] *= 1 + weeks_before
    return path


# ---- lots ----


def _from_lots(
    launch: Launch, record: LotRecord, weeks: int, draws: int, seed: int
) -> list[SupplyBelief]:
    """Believe that lots go on, where one or more of the device are known by size.

    In half of the draws they are all that is sold, in the others shops and operators sell more, by
    as much as lots sold say of all sales anywhere (`LOG_OVER_LOTS`).
    """
    lots = launch.drops[launch.drops["device"] == launch.device]
    lots = lots[~lots["units_basis"].isin(NO_SALE)]
    sizes = lots["units"]
    if not len(lots) or sizes.isna().any():
        return []
    rng = np.random.default_rng([seed, 1])
    first_sale = launch.figure("first_sale").value
    few = len(lots) < LEAST_LOTS
    in_lots = draw_lots(lots, first_sale, weeks, record, draws, rng)
    log_over = np.abs(np.random.default_rng([seed, 5]).standard_normal((draws, 1)))
    over_lots = np.exp(LOG_OVER_LOTS * log_over)
    over_lots[::2] = 1.0
    return [
        SupplyBelief(
            label="its lots go on",
            kind="lots",
            weight=WEIGHT_OF_FEW_LOTS if few else WEIGHTS["lots"],
            weekly_units=in_lots * over_lots,
            steady=False,
        )
    ]


# ---- reports and the file's own ramp ----


def _from_reported_output(
    rates: pd.DataFrame,
    first_sale: pd.Timestamp,
    weeks: int,
    now_week: float,
    drift: np.ndarray,
    rng: np.random.Generator,
) -> list[SupplyBelief]:
    """Believe that output ran through the rates reported, and goes on from the last with its trend.

    Before the first report output is taken as at that report.
    """
    measured = select_measured(rates)
    dated = measured[measured["per"] != "total"] if len(measured) else measured
    used = dated if len(dated) else measured
    if not len(used):
        return []
    middles = used["period_start"] + (used["days"].fillna(0) / 2).apply(pd.to_timedelta, unit="D")
    week = (middles - first_sale).dt.days / 7
    log_rate = np.log(used["units_per_month"]).groupby(week.round()).mean()
    path = np.interp(np.arange(weeks) + 0.5, log_rate.index, log_rate)

    time_since_last = np.fmax(np.arange(weeks) + 0.5 - max(log_rate.index[-1], 0), 0)
    trend = 7 * SHARE_OF_TREND * _log_growth_a_day(rates)
    path = path + trend * TREND_WEEKS * -np.expm1(-time_since_last / TREND_WEEKS)

    normals = rng.standard_normal((len(drift), 1))
    level = draw_log_normal_between(1 / SPREAD_OF_REPORTS, SPREAD_OF_REPORTS, normals)
    return [
        SupplyBelief(
            label="output as reported",
            kind="output",
            weight=WEIGHTS["output"],
            weekly_units=np.exp(path) * MONTHS_PER_WEEK * level * drift,
        )
    ]


def _log_growth_a_day(rates: pd.DataFrame) -> float:
    """Return the growth of reported output, log a day; 0 where too few reports measure it."""
    try:
        doubling_days = fit_ramp(rates).doubling_days
    except ValueError:
        return 0.0
    return float(np.log(2) / doubling_days)


def _from_ramp_figures(
    launch: Launch, weeks: int, draws: int, rng: np.random.Generator
) -> list[SupplyBelief]:
    """Believe the file's own ramp: from what could be made at first to full volume, in so long.

    No field tells of stock built before the first sale: some weeks of it, a month at most. Lots
    that were sold had come, whatever the ramp says.
    """
    if not all(launch.figure(path).known for path in RAMP_FIGURES):
        return []
    start, full, ramp_weeks = (
        draw_split_normal(launch.figure(path), rng.standard_normal((draws, 1)), path)
        for path in RAMP_FIGURES
    )
    share_of_ramp = np.clip(np.arange(weeks) / ramp_weeks, 0, 1)
    weekly_units = start * (full / start) ** share_of_ramp * MONTHS_PER_WEEK
    weekly_units[:, 0] *= 1 + MOST_WEEKS_OF_STOCK * rng.random(draws)
    return [
        SupplyBelief(
            label="its own ramp figures",
            kind="ramp",
            weight=WEIGHTS["ramp"],
            weekly_units=np.fmax(weekly_units, _sold_in_lots(launch, weeks)),
        )
    ]
