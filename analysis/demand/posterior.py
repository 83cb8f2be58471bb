"""What a launch's own counts, sold-out flags and registrations say of its parameters.

While supply binds, sales repeat supply: only the flags, and what happens once there is stock,
speak of demand. The forecast made of the posterior is in `forecast`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_ndtr, logsumexp, ndtr
from scipy.stats import norm

from .counts import COUNT_NOISE
from .launch_model import LaunchPaths, simulate_launch, sold_at
from .prior import PARAMETER_UNITS, LaunchPrior
from .sampler import sample_posterior

WRONG_FLAG = 0.05  # chance that a sold-out flag is wrong (assumed)
CHANCES_OF_FLAGS = (WRONG_FLAG, 1 - WRONG_FLAG)  # that a step flagged 0, or 1, was sold out
SHOW_UP = 0.67  # share of the people registered who come when sales open (the Mi 1's)
SHOW_UP_SD = 1.0  # of its log (assumed)

# Columns of the standard normals: first the parameters, from here on what supply depends on.
SUPPLY_COLUMN = len(PARAMETER_UNITS)


@dataclass(frozen=True)
class LaunchObservations:
    """What was seen of one launch.

    Attributes
    ----------
    count_weeks : array (counts,)
        Weeks since the first sale of the counts used.
    count_units : array (counts,)
        Units sold by then.
    count_noise : array (counts,)
        Sd in logs of each.
    flagged_steps : array of int (flags,)
        Steps of which it is known whether they were sold out, counted from 0.
    sold_out : array (flags,)
        1 where the step was sold out, 0 where it was not, either wrong with `WRONG_FLAG`; or the
        chance itself that it was, above 0 and below 1.
    registrations : float or None
        People who registered before the first sale.
    bound_weeks : array (bounds,)
        Weeks of counts that only bound what was sold: of more than the product, or of a part of it.
    bound_units : array (bounds,)
        Units of those.
    bound_sides : array (bounds,)
        1 where no more than that was sold, -1 where no less was.
    bound_noise : array (bounds,)
        Sd in logs of each bound.
    bound_over : array (bounds,)
        About how far sales lie from it, sd in logs; infinite where that is open.
    """

    count_weeks: np.ndarray
    count_units: np.ndarray
    count_noise: np.ndarray
    flagged_steps: np.ndarray
    sold_out: np.ndarray
    registrations: float | None
    bound_weeks: np.ndarray = field(default_factory=lambda: np.zeros(0))
    bound_units: np.ndarray = field(default_factory=lambda: np.zeros(0))
    bound_sides: np.ndarray = field(default_factory=lambda: np.zeros(0))
    bound_noise: np.ndarray = field(default_factory=lambda: np.zeros(0))
    bound_over: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def last_week(self) -> float:
        """Return the last week of which anything was seen; 0 where nothing was."""
        ends = [*self.count_weeks, *self.bound_weeks, *(self.flagged_steps + 1.0)]
        return max(ends, default=0.0)

    def steps_seen(self, supply_units: np.ndarray, step_weeks: float) -> int:
        """Return the steps up to the last thing seen; all of them where no supply came by then."""
        steps = max(int(np.ceil(self.last_week() / step_weeks - 1e-9)), 1)
        return steps if supply_units[:, :steps].sum() > 0 else supply_units.shape[1]


@dataclass(frozen=True)
class SupplyKind:
    """How supply comes and how well it is known.

    Attributes
    ----------
    steady : bool
        Whether units come over the whole step, and not as it starts (see `sold_at`).
    error : float
        Sd in logs by which sales miss the supply while it binds; 0 where supply is known.
    """

    steady: bool = False
    error: float = 0.0


KNOWN_LOTS = SupplyKind()


@dataclass(frozen=True)
class SupplyLaw:
    """Supply that follows from a few figures, each of them drawn by one standard normal.

    What was seen moves the figures themselves. That reaches any supply they allow, where a set of
    draws holds but few that agree with precise counts.

    Attributes
    ----------
    figures : int
        Number of figures.
    steps : int
        Number of steps.
    units : function
        Takes normals (draws, figures) and a number of steps; returns the units that arrive as each
        step starts (draws, steps), or (steps,) where there are no figures.
    """

    figures: int
    steps: int
    units: Callable[[np.ndarray, int], np.ndarray]

    def draw(self, draws: int, seed: int = 1) -> np.ndarray:
        """Return supplies before anything was seen.

        Parameters
        ----------
        draws, seed : int
            How many, and the seed of their figures.

        Returns
        -------
        array (draws, steps)
            Units that arrive as each step starts.
        """
        normals = np.random.default_rng(seed).standard_normal((draws, self.figures))
        return np.atleast_2d(self.units(normals, self.steps))


@dataclass(frozen=True)
class LaunchPosterior:
    """Draws of a launch given what was seen of it.

    Attributes
    ----------
    parameters : dict of arrays (draws,)
        By name, in the units of `prior.PARAMETER_UNITS`.
    paths : LaunchPaths
        The launch of each draw.
    effective_draws : float
        How many independent draws would tell as much.
    log_evidence : float
        Log of the mean likelihood over prior and supply: how well they explain what was seen.
    """

    parameters: dict[str, np.ndarray]
    paths: LaunchPaths
    effective_draws: float
    log_evidence: float


def sample_launch(
    supply: SupplyLaw,
    prior: LaunchPrior,
    seen: LaunchObservations,
    seen_steps: int,
    step_weeks: float,
    kind: SupplyKind = KNOWN_LOTS,
    **sampler,
) -> LaunchPosterior:
    """Draw the parameters of a launch, and its supply, given what was seen of it.

    Only the steps of which something was seen are simulated while sampling, the others once.

    Parameters
    ----------
    supply : SupplyLaw
        Supply before any data.
    prior : LaunchPrior
        Launches before any data.
    seen : LaunchObservations
        What was seen of this one.
    seen_steps : int
        Steps of which something was seen.
    step_weeks : float
        Length of a step in weeks.
    kind : SupplyKind
        How supply comes and how well it is known.
    **sampler
        draws, target and seed of `sampler.sample_posterior`.

    Returns
    -------
    LaunchPosterior
    """

    def simulate(z, steps):
        return simulate_launch(
            supply.units(z[:, SUPPLY_COLUMN:], steps),
            **prior.parameters(z[:, :SUPPLY_COLUMN]),
            step_weeks=step_weeks,
            steady_supply=kind.steady,
        )

    def log_likelihood(z):
        return launch_log_likelihood(simulate(z, seen_steps), seen, prior.model_error, kind.error)

    sample = sample_posterior(log_likelihood, SUPPLY_COLUMN + supply.figures, **sampler)
    return LaunchPosterior(
        parameters=prior.parameters(sample.normals[:, :SUPPLY_COLUMN]),
        paths=simulate(sample.normals, supply.steps),
        effective_draws=sample.effective_draws,
        log_evidence=sample.log_evidence,
    )


def law_of_draws(supply_units: np.ndarray, seen_steps: int) -> SupplyLaw:
    """Return a law that gives one of some supplies, each as often.

    Parameters
    ----------
    supply_units : array (draws, steps)
        The supplies; where there is one alone, nothing is drawn.
    seen_steps : int
        Steps of which something was seen.

    Returns
    -------
    SupplyLaw
        Of one figure, which picks; of none where there is but one supply.
    """
    steps = supply_units.shape[1]
    if len(supply_units) == 1:
        return SupplyLaw(figures=0, steps=steps, units=lambda z, steps: supply_units[0, :steps])
    # In order of what came by the last thing seen, neighbours are alike, so that a small step of
    # the normal that picks is a small step of supply.
    ordered = supply_units[np.argsort(supply_units[:, :seen_steps].sum(1), kind="stable")]

    def units(z, steps):
        # A standard normal through its own distribution function picks each one as often.
        place = (ndtr(z[:, 0]) * len(ordered)).astype(int)
        return ordered[np.minimum(place, len(ordered) - 1), :steps]

    return SupplyLaw(figures=1, steps=steps, units=units)


def log_chance_of_flags(
    supply_units: np.ndarray,
    prior: LaunchPrior,
    seen: LaunchObservations,
    draws: int = 4000,
    seed: int = 1,
) -> float:
    """Return the log chance that a supply gives to flags and registrations, before any count.

    A plain mean over draws from the prior; counts and bounds in `seen` are not looked at.

    Parameters
    ----------
    supply_units : array (draws, steps)
        Draws of supply by step.
    prior : LaunchPrior
        Launches before any data.
    seen : LaunchObservations
        What was seen.
    draws, seed : int
        How many draws, and from which seed.

    Returns
    -------
    float
    """
    rng = np.random.default_rng(seed)
    steps = int(max(seen.flagged_steps, default=0)) + 1
    supply = supply_units[rng.integers(0, len(supply_units), draws), :steps]
    supply = np.fmax(supply, 1e-9)  # a launch without any supply cannot be simulated
    people = prior.parameters(rng.standard_normal((draws, SUPPLY_COLUMN)))
    none = np.zeros(0)
    flags_alone = replace(seen, count_units=none, bound_units=none)
    log_chance = launch_log_likelihood(simulate_launch(supply, **people), flags_alone, 0.0)
    return float(logsumexp(log_chance) - np.log(draws))


def launch_log_likelihood(
    paths: LaunchPaths, seen: LaunchObservations, model_error: float, supply_error: float = 0.0
) -> np.ndarray:
    """Return the log-likelihood (draws,) of all that was seen, up to a constant."""
    log_likelihood = np.zeros(len(paths.potential))
    if len(seen.count_units):
        log_likelihood = count_log_likelihood(
            paths, seen.count_weeks, seen.count_units, model_error, supply_error, seen.count_noise
        )
    if len(seen.bound_units):
        sold = np.fmax(sold_at(paths, seen.bound_weeks), 1e-9 * seen.bound_units.max())
        room = seen.bound_sides * np.log(seen.bound_units / sold)
        fits_bounds = log_ndtr(room / seen.bound_noise) - (room / seen.bound_over) ** 2 / 2
        log_likelihood = log_likelihood + fits_bounds.sum(1)
    if seen.registrations:
        crowd = paths.potential * paths.initial_share
        log_show_up = np.log(crowd / seen.registrations)
        log_likelihood = log_likelihood + norm.logpdf(log_show_up, np.log(SHOW_UP), SHOW_UP_SD)
    sold_out = paths.stockout_share[:, seen.flagged_steps] > 0
    chance_of_short = np.clip(seen.sold_out, *CHANCES_OF_FLAGS)
    is_sure = (seen.sold_out > 0) & (seen.sold_out < 1)
    chance_of_short = np.where(is_sure, seen.sold_out, chance_of_short)
    chance_of_flag = np.where(sold_out, chance_of_short, 1 - chance_of_short)
    return log_likelihood + np.log(chance_of_flag).sum(1)


def model_error_of_increments(
    paths: LaunchPaths, weeks: ArrayLike, model_error: float, supply_error: float = 0.0
) -> np.ndarray:
    """Return by how much the log of each increase from count to count misses the curve.

    The model errs while supply does not bind; what a bound step sells is supply, as far as that is
    known.

    Parameters
    ----------
    paths : LaunchPaths
        The launches.
    weeks : array_like (counts,)
        Weeks of the counts, rising.
    model_error : float
        Sd in logs with no limit of supply.
    supply_error : float
        Sd in logs while supply binds.

    Returns
    -------
    array (draws, counts)
        Sd in logs of each increase, the two errors weighed by the share of its steps with stock.
    """
    stockout_so_far = np.pad(np.cumsum(paths.stockout_share, axis=1), ((0, 0), (1, 0)))
    edges = np.ceil(np.append(0, weeks) / paths.step_weeks).astype(int)
    edges = np.clip(edges, 0, stockout_so_far.shape[1] - 1)
    stockout_steps = np.diff(stockout_so_far[:, edges], axis=1)
    stockout_share = stockout_steps / np.fmax(np.diff(edges), 1)
    return model_error + (supply_error - model_error) * stockout_share


def count_log_likelihood(
    paths: LaunchPaths,
    weeks: ArrayLike,
    units: np.ndarray,
    model_error: float,
    supply_error: float = 0.0,
    noise: np.ndarray | float = COUNT_NOISE,
) -> np.ndarray:
    """Return the log-likelihood of cumulative counts by draw, up to a constant.

    A count is the sum of increments d_j e^(s_j e_j), with d_j from the curve, s_j the model's error
    and e_j standard normal, times e^(noise). To second order in the mean and first in the variance
    the log of count i is normal about log(sum of d_j) with, for weights w_ij = d_j / sum of d_j,

        mean raised by  sum_j w_ij s_j^2 (1 - w_ij) / 2,
        covariance      sum_j w_ij s_j w_kj s_j  +  noise_i^2 where i = k,

    so counts share the errors of the increments that they have in common.

    Parameters
    ----------
    paths : LaunchPaths
        The launches.
    weeks, units : array_like (counts,)
        Weeks since the first sale, rising, and units sold by then.
    model_error : float
        Sd in logs by which increments miss the curve while supply does not bind.
    supply_error : float
        The same while it does.
    noise : float or array (counts,)
        Sd in logs of each count.

    Returns
    -------
    array (draws,)
    """
    # The curve at the counts, (draws, counts), and its increments d_j.
    expected_units = np.fmax(sold_at(paths, weeks), 1e-9 * units.max())
    increments = np.diff(expected_units, axis=1, prepend=0)

    # Axes are (draws, count i, increment j); a count has the increments up to itself, j <= i.
    errors = model_error_of_increments(paths, weeks, model_error, supply_error)
    increment_error = errors[:, None]  # s_j
    increment_share = np.tril(increments[:, None] / expected_units[:, :, None])  # w_ij
    error_of_share = increment_share * increment_error  # w_ij s_j
    rise_of_mean = (increment_share * increment_error**2 * (1 - increment_share)).sum(2) / 2

    # Log counts are normal with this covariance, (draws, count i, count k); with its Cholesky
    # factor L the density is that of the misses times L^-1, which are independent.
    shared_error = error_of_share @ error_of_share.transpose(0, 2, 1)
    covariance = shared_error + np.square(noise) * np.eye(len(weeks))
    cholesky_factor = np.linalg.cholesky(covariance)
    log_miss = np.log(units / expected_units) - rise_of_mean
    standardised_miss = np.linalg.solve(cholesky_factor, log_miss[:, :, None])
    half_log_determinant = np.log(np.einsum("dii->di", cholesky_factor)).sum(1)
    return -(standardised_miss**2).sum((1, 2)) / 2 - half_log_determinant
