"""A launch that supply may hold back, fitted to what was seen of it, under one supply.

`fit_launch` checks what it is given, draws from the posterior and returns a `LaunchFit`, which
answers by week and by units. Which supply to expect is the business of the supply room.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import logit
from scipy.stats import norm

from ..data import interval
from ..look import Shown
from .checks import check_numbers
from .counts import check_counts, noise_of_counts, sold_of_counts, thin_counts
from .launch_model import LaunchPaths, sold_at, wait_weeks
from .posterior import (
    KNOWN_LOTS,
    LaunchObservations,
    SupplyKind,
    SupplyLaw,
    law_of_draws,
    sample_launch,
)
from .prior import PARAMETER_UNITS, SHARE, LaunchPrior
from .sampler import TARGET_EFFECTIVE_DRAWS

DRAWS_TO_CHECK = 1000  # of a law of supply, to see whether any of them could meet the counts


@dataclass(frozen=True)
class LaunchFit(Shown):
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
        Units sold by then; of units shipped those that do not stand in shops.
    count_noise : array (counts,)
        Sd in logs of each.
    log_evidence : float
        Log of the mean likelihood of what was seen, over prior and supply.
    error : array (draws, 2)
        Standard normals: of the noise of the counts, and of the model's error after the last.
    supply_error : float
        Sd in logs by which sales miss the supply while it binds; 0 where supply is known.
    """

    parameters: dict[str, np.ndarray]
    paths: LaunchPaths
    effective_draws: float
    prior: LaunchPrior
    count_weeks: np.ndarray
    count_units: np.ndarray
    count_noise: np.ndarray
    log_evidence: float
    error: np.ndarray
    supply_error: float = 0.0

    @property
    def last_count_week(self) -> float:
        """Week of the last count, 0 without one."""
        return self.count_weeks[-1] if len(self.count_weeks) else 0.0

    @property
    def last_count_units(self) -> float:
        """Units of the last count, 0 without one."""
        return self.count_units[-1] if len(self.count_units) else 0.0

    def select(self, rows: np.ndarray) -> LaunchFit:
        """Return the fit with some of its draws, by their numbers; one may come more than once."""
        return replace(
            self,
            parameters={name: draws[rows] for name, draws in self.parameters.items()},
            paths=self.paths.select(rows),
            error=self.error[rows],
        )

    def sold_by(self, weeks: ArrayLike) -> np.ndarray:
        """Return draws of the units sold by a week, or by each of several.

        Up to the last count the curve is drawn through what was truly sold by the counts; after
        it, its increase is added to that, with the model's error while supply does not bind.

        Parameters
        ----------
        weeks : float or array_like (weeks,)
            Weeks since the first sale.

        Returns
        -------
        array (draws,) or (draws, weeks)
        """
        asked = np.atleast_1d(np.asarray(weeks, dtype=float))
        sold = np.where(
            asked <= self.last_count_week,
            self._sold_between_counts(np.minimum(asked, self.last_count_week)),
            self._sold_after_last_count(np.maximum(asked, self.last_count_week)),
        )
        return sold if np.ndim(weeks) else sold[:, 0]

    def sold_at_counts(self) -> np.ndarray:
        """Return draws of what was truly sold by each count.

        The count errs by its noise, the curve by the model's error (of supply while it binds). The
        truth lies between both in logs, weighed by their precisions:

            variance 1 / (1 / noise^2 + 1 / error^2),  mean nearer to the one that errs less.

        One normal a draw for all counts keeps them in order.

        Returns
        -------
        array (draws, counts)
        """
        curve = np.fmax(sold_at(self.paths, self.count_weeks), 1e-9 * self.count_units)
        starts = np.zeros(len(self.count_weeks))
        error = self._model_error(starts, self.count_weeks)
        share_of_count = error**2 / (self.count_noise**2 + error**2)
        spread = self.count_noise * np.sqrt(share_of_count)
        log_sold = np.log(curve) + share_of_count * np.log(self.count_units / curve)
        sold = np.exp(log_sold + spread * self.error[:, :1])
        return np.maximum.accumulate(sold, axis=1)

    def _model_error(self, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Return the sd in logs (draws, spans) by which the curve errs between weeks, by steps."""
        stockout_so_far = np.pad(np.cumsum(self.paths.stockout_share, axis=1), ((0, 0), (1, 0)))
        steps = stockout_so_far.shape[1] - 1
        first = np.clip(np.floor(starts / self.paths.step_weeks).astype(int), 0, steps - 1)
        end = np.ceil(ends / self.paths.step_weeks - 1e-9).astype(int)
        end = np.clip(end, first + 1, steps)
        stockout = stockout_so_far[:, end] - stockout_so_far[:, first]
        model_error = self.prior.model_error
        return model_error + (self.supply_error - model_error) * stockout / (end - first)

    def _sold_between_counts(self, weeks: np.ndarray) -> np.ndarray:
        """Return units sold by weeks: the curve, stretched to run through the counts about them."""
        if not len(self.count_weeks):
            return np.zeros((len(self.error), len(weeks)))
        edges = np.append(0, self.count_weeks)
        sold_by_edges = np.pad(self.sold_at_counts(), ((0, 0), (1, 0)))
        after = np.clip(np.searchsorted(self.count_weeks, weeks) + 1, 1, len(self.count_weeks))
        before = after - 1
        curve = sold_at(self.paths, weeks)
        curve_after = sold_at(self.paths, edges[after])
        # Nothing is sold before the opening crowd, which comes at week 0.
        curve_before = np.where(before == 0, 0, sold_at(self.paths, edges[before]))
        part = (curve - curve_before) / np.fmax(curve_after - curve_before, 1e-300)
        sold_before, sold_after = sold_by_edges[:, before], sold_by_edges[:, after]
        return sold_before + (sold_after - sold_before) * np.clip(part, 0, 1)

    def _sold_after_last_count(self, weeks: np.ndarray) -> np.ndarray:
        """Return units sold by weeks after the last count: what it had and the curve's increase."""
        since = self.last_count_week
        counted = curve_then = np.zeros((len(self.error), 1))
        if since:
            counted = self.sold_at_counts()[:, -1:]
            curve_then = sold_at(self.paths, [since])
        increase = sold_at(self.paths, weeks) - curve_then

        error = self._model_error(np.full(len(weeks), since), weeks)
        sold = counted + increase * np.exp(error * self.error[:, 1:])

        supplied = np.cumsum(self.paths.supply_units, axis=1)
        end_step = np.ceil(weeks / self.paths.step_weeks - 1e-9).astype(int)
        end_step = np.clip(end_step, 1, supplied.shape[1])
        most = supplied[:, end_step - 1] * np.exp(self.supply_error * np.fmax(self.error[:, 1:], 0))
        return np.clip(sold, 0, np.fmax(counted, most))

    def sold_by_step(self) -> np.ndarray:
        """Return draws of the units sold by the end of each step.

        Returns
        -------
        array (draws, 1 + steps)
            The first column is 0; no row falls.
        """
        steps = self.paths.sold.shape[1]
        sold = self.sold_by(self.paths.step_weeks * np.arange(1, steps + 1))
        return np.maximum.accumulate(np.pad(sold, ((0, 0), (1, 0))), axis=1)

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
    supply_units: ArrayLike | SupplyLaw,
    prior: LaunchPrior,
    *,
    counts: pd.DataFrame | None = None,
    bounds: pd.DataFrame | None = None,
    sold_out: ArrayLike = (),
    registrations: float | None = None,
    step_weeks: float = 1.0,
    kind: SupplyKind = KNOWN_LOTS,
    **sampler: int,
) -> LaunchFit:
    """Fit a launch to what was seen of it, under a supply that is known or drawn.

    What a sold-out step sold says nothing beyond its flag; people wait and leave as in
    `launch_model`. Few effective draws are a warning.

    Parameters
    ----------
    supply_units : array_like (steps,) or (draws, steps), or SupplyLaw
        Units that arrive as each step starts; infinity is no limit. Of several draws any may be the
        true one; a law says how supply follows from figures that are not known.
    prior : LaunchPrior
        Launches before any data, from `fit_prior`.
    counts : DataFrame, optional
        week (since the first sale), units (sold by then) and, if there, kind ("sold", "shipped",
        "ordered").
    bounds : DataFrame, optional
        week, units, side (1 where no more was sold by then, -1 where no less was), noise and over,
        as `known_sales` gives them.
    sold_out : array_like (steps or fewer,)
        By step 1 where it sold out, 0 where it did not, NaN where it is not known; such a flag is
        wrong with chance 0.05. Between 0 and 1: the chance itself that it sold out.
    registrations : float, optional
        People who registered before the first sale; 0.67 of them come, sd 1 in logs.
    step_weeks : float
        Length of a step in weeks.
    kind : SupplyKind
        How supply comes and how well it is known.
    **sampler
        draws (1000), target (400 effective draws), most_extra_rounds and seed (1) of
        `sample_posterior`.

    Returns
    -------
    LaunchFit

    Raises
    ------
    TypeError
        If the prior is none, or counts are no table.
    ValueError
        If supply, flags, counts or registrations cannot be; the message names the place.
    """
    if isinstance(supply_units, SupplyLaw):
        supply = supply_units.draw(DRAWS_TO_CHECK)
    else:
        supply = np.atleast_2d(check_numbers("supply_units", supply_units))
    _check_types(prior, counts)
    flags = _check_flags(sold_out, steps=supply.shape[1])
    if registrations is not None:
        check_numbers("registrations", registrations)
    usable = check_counts(counts, supply, step_weeks)
    thinned = thin_counts(usable)
    flagged_steps = np.flatnonzero(np.isfinite(flags))
    if bounds is None:
        bounds = pd.DataFrame(
            {"week": [], "units": [], "side": [], "noise": [], "over": []}, dtype=float
        )

    seen = LaunchObservations(
        count_weeks=thinned["week"].to_numpy(float),
        count_units=sold_of_counts(thinned),
        count_noise=noise_of_counts(thinned),
        flagged_steps=flagged_steps,
        sold_out=flags[flagged_steps],
        registrations=registrations,
        bound_weeks=bounds["week"].to_numpy(float),
        bound_units=bounds["units"].to_numpy(float),
        bound_sides=bounds["side"].to_numpy(float),
        bound_noise=bounds["noise"].to_numpy(float),
        bound_over=bounds["over"].to_numpy(float),
    )
    seen_steps = seen.steps_seen(supply, step_weeks)
    law = supply_units
    if not isinstance(law, SupplyLaw):
        law = law_of_draws(supply, seen_steps)
    posterior = sample_launch(law, prior, seen, seen_steps, step_weeks, kind, **sampler)
    if posterior.effective_draws < sampler.get("target", TARGET_EFFECTIVE_DRAWS):
        warnings.warn(
            f"effective sample size {posterior.effective_draws:.0f}; "
            "quantiles are rougher than asked",
            stacklevel=2,
        )
    return LaunchFit(
        parameters=posterior.parameters,
        paths=posterior.paths,
        effective_draws=posterior.effective_draws,
        prior=prior,
        count_weeks=usable["week"].to_numpy(float),
        count_units=sold_of_counts(usable),
        count_noise=noise_of_counts(usable),
        log_evidence=posterior.log_evidence,
        error=np.random.default_rng([sampler.get("seed", 1), 7]).standard_normal(
            (len(posterior.paths.potential), 2)
        ),
        supply_error=kind.error,
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


def _check_flags(sold_out: ArrayLike, steps: int) -> np.ndarray:
    """Return sold-out flags: 0 to 1 or NaN, no more of them than steps."""
    flags = np.array(sold_out, dtype=float)
    if flags.ndim != 1 or len(flags) > steps:
        raise ValueError(
            f"sold_out: shape {flags.shape}; expected one flag a step, {steps} at most"
        )
    faulty = np.flatnonzero(np.isfinite(flags) & ((flags < 0) | (flags > 1)))
    if len(faulty):
        raise ValueError(
            f"sold_out: {flags[faulty[0]]:g} in step {faulty[0] + 1}; "
            "expected 1, 0, a chance between them or NaN"
        )
    return flags
