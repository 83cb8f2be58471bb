"""The forecast of a launch that supply may hold back, given what was seen of it.

`fit_launch` checks what it is given, draws from the posterior and returns a `LaunchForecast`, which
answers by week and by units. Which supply to expect is the business of the supply room.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import logit
from scipy.stats import norm

from ..data import interval
from ..look import Shown
from .checks import check_numbers
from .counts import check_counts, thin_counts
from .launch_model import LaunchPaths, sold_at, wait_weeks
from .posterior import LaunchObservations, sample_launch
from .prior import PARAMETER_UNITS, SHARE, LaunchPrior
from .sampler import TARGET_EFFECTIVE_DRAWS


@dataclass(frozen=True)
class LaunchForecast(Shown):
    """Draws of one launch given what was seen of it.

    Attributes
    ----------
    parameters : dict of arrays (draws,)
        Parameters by name, in the units of `prior.PARAMETER_UNITS`.
    paths : LaunchPaths
        The launch of each draw under its supply.
    effective_draws : float
        How many independent draws would tell as much.
    prior : LaunchPrior
        Launches before any data.
    count_weeks : array (counts,)
        Weeks since the first sale of the counts of sales, rising.
    count_units : array (counts,)
        Units sold by then.
    """

    parameters: dict[str, np.ndarray]
    paths: LaunchPaths
    effective_draws: float
    prior: LaunchPrior
    count_weeks: np.ndarray
    count_units: np.ndarray

    @property
    def last_count_week(self) -> float:
        """Week of the last count, 0 without one."""
        return self.count_weeks[-1] if len(self.count_weeks) else 0.0

    @property
    def last_count_units(self) -> float:
        """Units of the last count, 0 without one."""
        return self.count_units[-1] if len(self.count_units) else 0.0

    def sold_by(self, week: float, seed: int = 1) -> np.ndarray:
        """Return draws of the units sold by a week.

        Up to the last count the curve is drawn through the counts; after it, its increase is
        added to the last count, with the model's error while supply does not bind.

        Parameters
        ----------
        week : float
            Weeks since the first sale.
        seed : int
            Seed of the model's error.

        Returns
        -------
        array (draws,)
        """
        if week <= self.last_count_week:
            return self._sold_between_counts(week)
        return self._sold_after_last_count(week, seed)

    def _sold_between_counts(self, week: float) -> np.ndarray:
        """Return units sold by a week: the curve, stretched to run through the counts about it."""
        weeks = np.append(0, self.count_weeks)
        units = np.append(0, self.count_units)
        after = max(np.searchsorted(self.count_weeks, week) + 1, 1)
        before = after - 1
        curve_before, curve, curve_after = sold_at(
            self.paths, [weeks[before], week, weeks[after]]
        ).T
        if before == 0:  # nothing is sold before the opening crowd, which comes at week 0
            curve_before = np.zeros_like(curve_before)
        increase = units[after] - units[before]
        curve_increase = np.fmax(curve_after - curve_before, 1e-300)
        return units[before] + increase * (curve - curve_before) / curve_increase

    def _sold_after_last_count(self, week: float, seed: int) -> np.ndarray:
        """Return units sold by a week after the last count: that count and the curve's increase."""
        since, counted = self.last_count_week, self.last_count_units
        step_weeks = self.paths.step_weeks
        curve_then = sold_at(self.paths, [since])[:, 0] if since else 0
        increase = sold_at(self.paths, [week])[:, 0] - curve_then

        first_step, end_step = int(since / step_weeks), int(np.ceil(week / step_weeks))
        steps = slice(first_step, max(first_step + 1, end_step))
        in_stock_share = 1 - self.paths.stockout_share[:, steps].mean(1)
        error = np.random.default_rng(seed).standard_normal(len(increase))
        sold = counted + increase * np.exp(self.prior.model_error * in_stock_share * error)

        supplied = self.paths.supply_units[:, :end_step].sum(1)
        return np.clip(sold, 0, np.fmax(counted, supplied))

    def sold_by_step(self) -> np.ndarray:
        """Return draws of the units sold by the end of each step.

        Returns
        -------
        array (draws, 1 + steps)
            The first column is 0; no row falls.
        """
        steps = self.paths.sold.shape[1]
        sold = [self.sold_by(self.paths.step_weeks * k) for k in range(1, steps + 1)]
        nothing = np.zeros(len(sold[0]))
        return np.maximum.accumulate(np.column_stack([nothing, *sold]), axis=1)

    def weeks_until(self, units: float, level: float = 0.8) -> np.ndarray:
        """Return low, median and high of the weeks until so many units are sold.

        Infinite where they are not sold in the weeks simulated.
        """
        sold = self.sold_by_step()
        draw = np.arange(len(sold))
        step = np.fmax((sold >= units).argmax(1), 1)
        before, after = sold[draw, step - 1], sold[draw, step]
        part = (units - before) / np.fmax(after - before, 1e-300)
        weeks = (step - 1 + part) * self.paths.step_weeks
        return interval(np.where(sold[:, -1] >= units, weeks, np.inf), level)

    def weekly(self, level: float = 0.8) -> pd.DataFrame:
        """Return intervals by step of what happens under the supply given.

        Parameters
        ----------
        level : float
            Share of the draws that an interval holds.

        Returns
        -------
        DataFrame
            quantity ("sold", "sales", "waiting", "left" in units or people; "wait_weeks"), week at
            the step's end, low, median and high.
        """
        sold = self.sold_by_step()
        quantities = {
            "sold": sold[:, 1:],
            "sales": np.diff(sold, axis=1),
            "waiting": self.paths.waiting,
            "left": self.paths.left,
            "wait_weeks": wait_weeks(self.paths),
        }
        week = pd.Index(self.paths.step_weeks * np.arange(1, sold.shape[1]), name="week")
        tables = {
            name: pd.DataFrame(interval(draws, level).T, week, ["low", "median", "high"])
            for name, draws in quantities.items()
        }
        return pd.concat(tables, names=["quantity"]).reset_index()

    def table(self, level: float = 0.8) -> pd.DataFrame:
        """Return the parameters beside their priors.

        Parameters
        ----------
        level : float
            Share of the draws that an interval holds.

        Returns
        -------
        DataFrame
            term, estimate, low, high, unit, prior_low, prior, prior_high, and spread: sd of the log
            (logit for the share) over that of the prior; 1 is a parameter that nothing moved.
        """
        names = [*PARAMETER_UNITS]
        draws = np.array([self.parameters[name] for name in names])
        low, estimate, high = interval(draws.T, level)

        tail = (1 - level) / 2
        quantiles = norm.ppf([tail, 0.5, 1 - tail])
        prior = self.prior.parameters(np.outer(quantiles, np.ones(5)))
        prior_low, prior_median, prior_high = np.array([prior[name] for name in names]).T

        is_share = np.array([name == SHARE for name in names])
        transformed = np.where(is_share[:, None], logit(draws), np.log(draws))
        return pd.DataFrame(
            {
                "term": names,
                "estimate": estimate,
                "low": low,
                "high": high,
                "unit": [*PARAMETER_UNITS.values()],
                "prior_low": prior_low,
                "prior": prior_median,
                "prior_high": prior_high,
                "spread": transformed.std(1) / self.prior.sd,
            }
        )


def fit_launch(
    supply_units: ArrayLike,
    prior: LaunchPrior,
    *,
    counts: pd.DataFrame | None = None,
    sold_out: ArrayLike = (),
    registrations: float | None = None,
    step_weeks: float = 1.0,
    **sampler: int,
) -> LaunchForecast:
    """Fit a launch to what was seen of it, under a supply that is known or drawn.

    What a sold-out step sold says nothing beyond its flag; people wait and leave as in
    `launch_model`. Few effective draws are a warning.

    Parameters
    ----------
    supply_units : array_like (steps,) or (draws, steps)
        Units that arrive as each step starts; infinity is no limit.
    prior : LaunchPrior
        Launches before any data, from `fit_prior`.
    counts : DataFrame, optional
        week (since the first sale), units (sold by then) and, if there, kind ("sold", "shipped",
        "ordered").
    sold_out : array_like (steps or fewer,)
        By step 1 where it sold out, 0 where it did not, NaN where it is not known; a flag is wrong
        with chance 0.05.
    registrations : float, optional
        People who registered before the first sale; 0.67 of them come, sd 1 in logs.
    step_weeks : float
        Length of a step in weeks.
    **sampler
        draws (1000), target (400 effective draws) and seed (1) of `sample_posterior`.

    Returns
    -------
    LaunchForecast

    Raises
    ------
    TypeError
        If the prior is none, or counts are no table.
    ValueError
        If supply, flags, counts or registrations cannot be; the message names the place.
    """
    supply = _check_supply(supply_units)
    _check_types(prior, counts)
    flags = _check_flags(sold_out, steps=supply.shape[1])
    if registrations is not None:
        check_numbers("registrations", registrations)
    usable = check_counts(counts, supply, step_weeks)[["week", "units"]]
    thinned = thin_counts(usable)
    flagged_steps = np.flatnonzero(np.isfinite(flags))

    posterior = sample_launch(
        supply,
        prior,
        LaunchObservations(
            count_weeks=thinned["week"].to_numpy(float),
            count_units=thinned["units"].to_numpy(float),
            flagged_steps=flagged_steps,
            sold_out=flags[flagged_steps],
            registrations=registrations,
        ),
        step_weeks,
        **sampler,
    )
    if posterior.effective_draws < sampler.get("target", TARGET_EFFECTIVE_DRAWS):
        warnings.warn(
            f"effective sample size {posterior.effective_draws:.0f}; "
            "quantiles are rougher than asked",
            stacklevel=2,
        )
    return LaunchForecast(
        parameters=posterior.parameters,
        paths=posterior.paths,
        effective_draws=posterior.effective_draws,
        prior=prior,
        count_weeks=usable["week"].to_numpy(float),
        count_units=usable["units"].to_numpy(float),
    )


def _check_types(prior: LaunchPrior, counts: pd.DataFrame | None) -> None:
    """Raise TypeError for a prior or counts of another kind."""
    if not isinstance(prior, LaunchPrior):
        raise TypeError(
            f"prior: {type(prior).__name__}; expected a LaunchPrior, such as "
            "fit_prior(milestone_sequences())"
        )
    if counts is not None and not isinstance(counts, pd.DataFrame):
        raise TypeError(
            f"counts: {type(counts).__name__}; expected a DataFrame with the columns week and units"
        )


def _check_supply(supply_units: ArrayLike) -> np.ndarray:
    """Return supply (draws, steps) in order of the draws' totals."""
    supply = np.atleast_2d(check_numbers("supply_units", supply_units))
    return supply[np.argsort(supply.sum(1))]


def _check_flags(sold_out: ArrayLike, steps: int) -> np.ndarray:
    """Return sold-out flags: 1, 0 or NaN, no more of them than steps."""
    flags = np.array(sold_out, dtype=float)
    if flags.ndim != 1 or len(flags) > steps:
        raise ValueError(
            f"sold_out: shape {flags.shape}; expected one flag a step, {steps} at most"
        )
    faulty = np.flatnonzero(np.isfinite(flags) & (flags != 0) & (flags != 1))
    if len(faulty):
        raise ValueError(
            f"sold_out: {flags[faulty[0]]:g} in step {faulty[0] + 1}; expected 1, 0 or NaN"
        )
    return flags
