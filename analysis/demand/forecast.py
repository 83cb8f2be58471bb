"""One forecast of a launch's sales from all that is known of it on a day.

What one may believe of its supply (`beliefs`) and how comparable launches sold (`reference_class`)
are each fitted to what was seen, weighed, and mixed into one set of draws. A launch under one given
supply is `fit`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from ..data import Launch, as_day, as_known_on, interval, load_table
from ..data.products import MOBILE
from ..look import Shown
from .beliefs import SupplyBelief, SupplyRecord, list_beliefs, usable_targets
from .ceilings import keep_within, list_ceilings, list_output
from .comparable import family_of, hits_of_class, line_of_class, prior_of_class
from .counts import thin_counts
from .drift import SUPPLY_ERROR
from .fit import LaunchFit, fit_launch
from .known import KnownSales, known_sales
from .launch_model import sold_at
from .lots import lot_record
from .posterior import LaunchObservations, SupplyKind, log_chance_of_flags
from .prior import LaunchPrior
from .reference_class import ReferenceClass, ReferencePaths, draw_reference_paths
from .reports import monthly_rates
from .targets import target_hits

# Weight of comparable launches before anything is seen, on the scale of `beliefs.WEIGHTS`.
WEIGHT_OF_CLASS = 1.0
CLASS = "comparable launches"
# Evidence counts with this power: early counts fit wrong beliefs too, so it may not decide alone.
TEMPER = 0.5
# A belief is refuted when no draw under it comes this near, in logs, to the last count.
NEAR_LAST_COUNT = 0.25
# Share of all below which the weight of a belief is nothing: the counts are said to refute it.
LEAST_WEIGHT = 0.005

# Few draws of a curve through counts keep to what was made, so that many times more are drawn.
TIMES_MORE = 4
MOST_EXTRA_ROUNDS = 12  # of the sampler for one belief: a mixture needs less of each

LEAST_HORIZON_WEEKS = 104
WEEKS_AFTER_LAST_FACT = 52
NOT_REACHED = "not reached"

# Day of each market table by which its rows were known.
DAY_KNOWN = {
    "capacity_reports": "report_date",
    "component_yields": "date",
    "device_sales": "period_end",
    "sale_rounds": "date",
}


@dataclass(frozen=True)
class Comparable:
    """What other families of products say, as known on a day.

    Attributes
    ----------
    prior : LaunchPrior
        Demand for a launch before its own data.
    line : ReferenceClass
        How fast comparable launches sold.
    record : SupplyRecord
        What became of targets, yields and lots.
    """

    prior: LaunchPrior
    line: ReferenceClass
    record: SupplyRecord


@dataclass(frozen=True)
class LaunchForecast(Shown):
    """One forecast of a launch: draws of beliefs about its supply, mixed by their weights.

    Attributes
    ----------
    launch : Launch
        As known on the day.
    day : str
        The day asked for; empty for all that is known.
    known : KnownSales
        What is known of its sales.
    beliefs : DataFrame
        A row a belief: label, kind, weight_before, weight_after (shares) and refuted.
    fits : dict
        By label the draws under each belief that is not refuted, a `LaunchFit` or, for comparable
        launches, `ReferencePaths`.
    mixed : dict
        The same with as many draws as its weight has of all.
    comparable : Comparable
        What other products say.
    horizon_weeks : int
        Weeks after the first sale that are simulated.
    """

    launch: Launch
    day: str
    known: KnownSales
    beliefs: pd.DataFrame
    fits: dict[str, LaunchFit | ReferencePaths]
    mixed: dict[str, LaunchFit | ReferencePaths]
    comparable: Comparable
    horizon_weeks: int

    @property
    def first_sale(self) -> pd.Timestamp:
        """The day on which week 0 starts."""
        return self.known.first_sale

    def draws_sold_by(self, weeks: np.ndarray) -> np.ndarray:
        """Return draws (draws, weeks) of the units sold by some weeks since the first sale."""
        weeks = np.minimum(np.atleast_1d(weeks), self.horizon_weeks)
        return np.concatenate([fit.sold_by(weeks) for fit in self.mixed.values()])

    def sold_by(self, day: str, level: float = 0.8) -> tuple[float, float, float]:
        """Return low, median and high of the units sold in all by the end of a day.

        Parameters
        ----------
        day : str
            ISO date; beyond the weeks simulated their last one stands.
        level : float
            Share of the draws between low and high.

        Returns
        -------
        (float, float, float)
            Units; none before the first sale.

        Raises
        ------
        DataError
            If `day` is no ISO date.
        """
        week = self.known.week_of(as_day(day))
        if week <= 0:
            return 0.0, 0.0, 0.0
        low, middle, high = interval(self.draws_sold_by(np.array([week]))[:, 0], level)
        return float(low), float(middle), float(high)

    def sold_by_day(self) -> np.ndarray:
        """Return draws (draws, days) of the units sold by the end of each day; no row falls."""
        weeks = np.arange(1, 7 * self.horizon_weeks + 1) / 7
        return np.maximum.accumulate(self.draws_sold_by(weeks), axis=1)

    def draws_weeks_until(self, units: float) -> np.ndarray:
        """Return draws of the weeks until so many are sold, infinite where they are not."""
        return weeks_until(self.sold_by_day(), units)

    def date_of(self, units: float, level: float = 0.8) -> tuple[str, str, str]:
        """Return low, median and high of the day by whose end so many are sold, as ISO dates.

        Parameters
        ----------
        units : float
            Units sold in all.
        level : float
            Share of the draws between low and high.

        Returns
        -------
        tuple of str
            "not reached" for what does not come in the weeks simulated.
        """
        return tuple(self.iso_day(week) for week in interval(self.draws_weeks_until(units), level))

    def iso_day(self, week: float) -> str:
        """Return the ISO date of the day on which a week since the first sale falls."""
        if not np.isfinite(week):
            return NOT_REACHED
        days = max(int(np.ceil(round(7 * week, 6))) - 1, 0)
        return str((self.first_sale + pd.Timedelta(days=days)).date())

    def share_of_supply(self) -> float:
        """Return the share of the forecast that rests on beliefs about supply."""
        weight = self.beliefs.set_index("kind")["weight_after"]
        return float(weight.drop("class").sum())

    def not_used(self) -> pd.DataFrame:
        """List what the file has and the forecast leaves out: what, reason."""
        targets = usable_targets(self.launch, monthly_rates(self.launch.supply_reports))
        return pd.concat([self.known.not_used, targets["not_used"]], ignore_index=True)

    def table(self) -> pd.DataFrame:
        """Return the beliefs with their weights."""
        return self.beliefs


def weeks_until(sold_by_day: np.ndarray, units: float) -> np.ndarray:
    """Return the weeks by whose end so many are sold.

    Parameters
    ----------
    sold_by_day : array (draws, days)
        Units sold in all by the end of each day, the first one that of the first sale.
    units : float
        Units sold in all.

    Returns
    -------
    array (draws,)
        Weeks since the first sale, in whole days; infinite where so many are not sold.
    """
    reached = sold_by_day >= units
    return np.where(reached[:, -1], (reached.argmax(1) + 1) / 7, np.inf)


def forecast_launch(
    launch: Launch, *, as_of: str = "", draws: int = 1000, seed: int = 1
) -> LaunchForecast:
    """Forecast a launch's sales from all that was known of it on a day.

    Beliefs about its supply have weights that are stated; how well each explains what was seen
    moves them, with the power `TEMPER`. A belief that the counts refute has none. No more is sold
    by a day than is reported to have been made by then, nor than the market of its file buys in
    that time, nor of a launch to come than its plan can have made; a belief under which few draws
    keep to that has less weight.

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
    output = list_output(known)
    ceilings = list_ceilings(known, output, is_plan=launch.is_ahead and not as_of)
    drawn = draws * (TIMES_MORE if len(output) else 1)
    bounded = _with_output(known, output)
    sales = known_sales(bounded)
    comparable = compare_with(family_of(launch), as_day(as_of), launch.product.compared_classes)
    weeks = max(LEAST_HORIZON_WEEKS, sales.last_week() + WEEKS_AFTER_LAST_FACT)
    beliefs = list_beliefs(
        bounded,
        comparable.record,
        weeks,
        now_week=sales.now_week(as_of),
        last_flag=sales.last_flag(),
        with_ramp=not as_of,
        draws=2 * drawn,
        seed=seed,
    )
    fits = {
        belief.label: _fit_belief(belief, sales, comparable.prior, drawn, seed)
        for belief in beliefs
    }
    fits[CLASS] = draw_reference_paths(
        comparable.line,
        thin_counts(sales.counts),
        sales.bounds,
        weeks,
        draws=drawn,
        seed=seed,
    )
    usable = {label: keep_within(fit, ceilings) for label, fit in fits.items() if fit is not None}
    table = weigh_beliefs(beliefs, usable, _log_chance_of_flags(beliefs, sales, comparable.prior))
    return LaunchForecast(
        launch=known,
        day=as_of,
        known=sales,
        beliefs=table,
        fits=usable,
        mixed=_mix(usable, table, draws),
        comparable=comparable,
        horizon_weeks=weeks,
    )


def _with_output(launch: Launch, output: pd.DataFrame) -> Launch:
    """Add totals of output to a launch's counts, as bounds from above; see `list_output`."""
    if output.empty:
        return launch
    return replace(launch, sales=pd.concat([launch.sales, output], ignore_index=True))


@lru_cache(maxsize=64)
def compare_with(family: str, until: pd.Timestamp, classes: tuple[str, ...] = MOBILE) -> Comparable:
    """Return what families other than this one say, as known on a day; fitted once for all.

    Parameters
    ----------
    family : str
        The family to leave out.
    until : Timestamp
        The last day whose reports are used.
    classes : tuple of str
        Classes of devices.csv to compare with first: `Launch.product.compared_classes`.

    Returns
    -------
    Comparable
        Prior of demand, line of sales counts, and record of targets, yields and lots.
    """
    tables = {}
    for name, column in DAY_KNOWN.items():
        table = load_table(name)
        tables[name] = table[table[column] <= until]
    families = load_table("devices").set_index("device")["family"]
    hits = target_hits(tables["capacity_reports"], tables["device_sales"])
    rounds = tables["sale_rounds"]
    day = str(until.date())
    return Comparable(
        prior=prior_of_class(family, classes, day),
        line=line_of_class(family, classes, day),
        record=SupplyRecord(
            hits=hits_of_class(hits, family, classes),
            yields=tables["component_yields"],
            lots=lot_record(rounds[rounds["device"].map(families) != family]),
        ),
    )


def _fit_belief(
    belief: SupplyBelief, sales: KnownSales, prior: LaunchPrior, draws: int, seed: int
) -> LaunchFit | None:
    """Fit a launch under one belief; None where the counts refute it."""
    own_draws = max(draws // 2, 100)
    try:
        with warnings.catch_warnings(action="ignore"):
            fit = fit_launch(
                belief.weekly_units,
                prior,
                counts=sales.counts[["week", "units", "kind"]],
                bounds=sales.bounds,
                sold_out=sales.sold_out,
                registrations=sales.registrations,
                kind=SupplyKind(steady=belief.steady, error=SUPPLY_ERROR),
                draws=own_draws,
                target=own_draws / 3,
                most_extra_rounds=MOST_EXTRA_ROUNDS,
                seed=seed,
            )
    except ValueError:  # more was counted than this belief supplies
        return None
    return fit if _meets_last_count(fit) else None


def _meets_last_count(fit: LaunchFit) -> bool:
    """Say whether some draw comes near the last count; without counts any does."""
    if not fit.last_count_week:
        return True
    curve = np.fmax(sold_at(fit.paths, [fit.last_count_week]), 1e-300)
    return bool((np.abs(np.log(curve / fit.last_count_units)) < NEAR_LAST_COUNT).any())


def _log_chance_of_flags(
    beliefs: tuple[SupplyBelief, ...], sales: KnownSales, prior: LaunchPrior
) -> float:
    """Return the log of the mean chance that the beliefs give to flags and registrations."""
    if not beliefs:
        return 0.0
    flagged = np.flatnonzero(np.isfinite(sales.sold_out))
    none = np.zeros(0)
    seen = LaunchObservations(
        count_weeks=none,
        count_units=none,
        count_noise=none,
        flagged_steps=flagged,
        sold_out=sales.sold_out[flagged],
        registrations=sales.registrations,
    )
    chances = [log_chance_of_flags(belief.weekly_units, prior, seen) for belief in beliefs]
    weights = np.array([belief.weight for belief in beliefs])
    return float(logsumexp(chances, b=weights / weights.sum()))


def weigh_beliefs(
    beliefs: tuple[SupplyBelief, ...],
    fits: dict[str, LaunchFit | ReferencePaths],
    log_chance_of_rest: float,
) -> pd.DataFrame:
    """Weigh beliefs by how well they explain what was seen.

    The weight after is proportional to the weight before times the evidence to the power `TEMPER`.
    A belief without a fit is refuted. Comparable launches explain counts and bounds alone; flags
    and registrations are given the chance that beliefs about supply give them on average.

    Returns
    -------
    DataFrame
        label, kind, weight_before, weight_after (shares of all) and refuted.
    """
    table = pd.DataFrame(
        [(belief.label, belief.kind, belief.weight) for belief in beliefs]
        + [(CLASS, "class", WEIGHT_OF_CLASS)],
        columns=["label", "kind", "weight_before"],
    )
    evidence = np.array(
        [fits[label].log_evidence if label in fits else -np.inf for label in table["label"]]
    )
    evidence[-1] = evidence[-1] + log_chance_of_rest
    likelihood = np.exp(TEMPER * (evidence - evidence.max()))
    share_after = table["weight_before"] * likelihood
    share_after = share_after / share_after.sum()
    table["refuted"] = share_after < LEAST_WEIGHT
    table["weight_after"] = share_after.mask(table["refuted"], 0.0)
    for column in ("weight_before", "weight_after"):
        table[column] = table[column] / table[column].sum()
    return table


def _mix(
    fits: dict[str, LaunchFit | ReferencePaths], table: pd.DataFrame, draws: int
) -> dict[str, LaunchFit | ReferencePaths]:
    """Give each belief as many draws as its weight has of all, by equal steps along the weights."""
    ends = np.round(np.cumsum(table["weight_after"]) * draws).astype(int)
    sizes = np.diff(ends, prepend=0)
    mixed = {}
    for label, size in zip(table["label"], sizes, strict=True):
        if size:
            fit = fits[label]
            available = len(fit.log_sold if isinstance(fit, ReferencePaths) else fit.error)
            mixed[label] = fit.select(np.arange(size) * available // size)
    return mixed
