"""How far markets, shops, devices and rounds differ: the posterior of five standard deviations.

Given these five, log order rates are one normal vector: all effects are integrated out, and rates
known from one side are `bounded_normal`. What is left is an integral over five numbers, taken at
weighted points. What it says of rounds is for `rounds`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats
from scipy.stats import qmc

from .bounded_normal import bound_normals, quantile_beyond

PARTS = ("market", "shop", "device", "rest of the round", "pace")
MARKET, SHOP, DEVICE, REST, PACE = range(5)
# Scales of the half-Cauchy priors, in logs; a pace adds up over the rounds of a line.
PRIOR_SCALES = np.array([1.0, 1.0, 1.0, 1.0, 0.5])
FIXED_VARIANCE = 100.0  # of the prior of the mean log rate, and of its change with each round
SETS = 4  # of points, each by itself, to be held against one another
FIRST_POINTS = 512  # of each of the steps that look for the posterior
MOST_STEPS = 6
FEWEST_FIRST_DRAWS = 60  # effective, that such a step goes by
FEWEST_EFFECTIVE = 400  # draws of all that is printed; with fewer the points are doubled
MOST_DOUBLINGS = 4
GOOD_STEP = 0.4  # share of a step's points that are effective once the posterior is found
TAIL = 4  # degrees of freedom of the law that points are drawn from; few markets have long tails
POINTS_AT_ONCE = 128  # few enough to stay in the processor's cache


@dataclass(frozen=True, kw_only=True)
class RoundsModelData:
    """Log order rates and how they go together.

    Attributes
    ----------
    log_rate : array (rounds,)
        Rates, or bounds of them.
    noise_sd : array (rounds,)
        Error of the report.
    side : array (rounds,)
        0 where the rate is seen, 1 where it is a bound from below, -1 from above.
    after_middle : array (rounds,)
        How many rounds a round lies after the middle of its line; 0 outside lines.
    shared : array (5, rounds, rounds)
        Covariance of any two rounds by each of `PARTS`, had it a variance of 1.
    """

    log_rate: np.ndarray
    noise_sd: np.ndarray
    side: np.ndarray
    after_middle: np.ndarray
    shared: np.ndarray


def model_data(used: pd.DataFrame) -> RoundsModelData:
    """Lay out rounds for the model.

    A line is a device in a market whose rounds are numbered. Its pace multiplies how many rounds a
    round lies after the middle of its line.
    """
    line = line_names(used)
    middle = used.groupby(line)["order"].transform("mean")
    after_middle = (used["order"] - middle).fillna(0).to_numpy()
    shared = {
        MARKET: _alike(used["market"]),
        SHOP: _alike(used["shop"]),
        DEVICE: _alike(used["device"]),
        REST: np.eye(len(used)),
        PACE: _alike(line) * np.outer(after_middle, after_middle),
    }
    return RoundsModelData(
        log_rate=used["log_rate"].to_numpy(float),
        noise_sd=used["sd"].to_numpy(float),
        side=used["side"].to_numpy(float),
        after_middle=after_middle,
        shared=np.array([shared[part] for part in range(len(PARTS))]),
    )


def line_names(used: pd.DataFrame) -> pd.Series:
    """Name the line of each round, a device in a market; "" where its rounds have no number."""
    return (used["device"] + " " + used["market"]).where(used["order"].notna(), "")


def _alike(names: pd.Series) -> np.ndarray:
    """Give 1 for two rounds of one name, and 0 otherwise."""
    codes = pd.factorize(names)[0]
    return (codes[:, None] == codes).astype(float)


# ---- the model given the five standard deviations ----


@dataclass(frozen=True, kw_only=True)
class Conditioned:
    """Log order rates given the five standard deviations and all that was reported.

    Attributes
    ----------
    log_likelihood : array (points,)
        Of the reports.
    covariance : array (points, rounds, rounds)
        Of the rates before the reports.
    rate_mean : array (points, rounds)
        Of the rates after the reports.
    bounded_covariance : array (points, bounded rounds, bounded rounds)
        Of the rates known from one side, after the reports.
    bounded_draws : array (draws, points, bounded rounds)
        Draws of each of these rates.
    """

    log_likelihood: np.ndarray
    covariance: np.ndarray
    rate_mean: np.ndarray
    bounded_covariance: np.ndarray
    bounded_draws: np.ndarray


def condition_on_reports(data: RoundsModelData, sds: np.ndarray, shares: np.ndarray) -> Conditioned:
    """Condition the rates on the reports, for standard deviations (points, 5).

    `shares` (draws, points) say which quantiles each rate known from one side takes in
    `bounded_draws`.
    """
    fixed = FIXED_VARIANCE * (1 + np.outer(data.after_middle, data.after_middle))
    noise = np.diag(data.noise_sd**2)
    covariance = np.tensordot(sds**2, data.shared, axes=1) + fixed + noise
    seen = np.flatnonzero(data.side == 0)
    bounded = np.flatnonzero(data.side)

    # Rates that were seen: a normal density.
    factor = np.linalg.cholesky(covariance[:, seen[:, None], seen])
    rates = np.broadcast_to(data.log_rate[seen, None], (len(sds), len(seen), 1))
    scaled = np.linalg.solve(factor, rates)
    log_density = (
        -(scaled[..., 0] ** 2).sum(axis=1) / 2
        - np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
        - len(seen) * np.log(2 * np.pi) / 2
    )
    rate_mean = np.tile(data.log_rate, (len(sds), 1))
    if not len(bounded):
        return Conditioned(
            log_likelihood=log_density,
            covariance=covariance,
            rate_mean=rate_mean,
            bounded_covariance=np.zeros((len(sds), 0, 0)),
            bounded_draws=np.zeros((*shares.shape, 0)),
        )

    # The others given those: a normal vector within its bounds.
    links = np.linalg.solve(factor, covariance[:, seen[:, None], bounded])
    linked = np.swapaxes(links, 1, 2)
    within = bound_normals(
        (linked @ scaled)[..., 0],
        covariance[:, bounded[:, None], bounded] - linked @ links,
        data.log_rate[bounded],
        data.side[bounded],
    )
    rate_mean[:, bounded] = within.mean
    return Conditioned(
        log_likelihood=log_density + within.log_probability,
        covariance=covariance,
        rate_mean=rate_mean,
        bounded_covariance=within.covariance,
        bounded_draws=quantile_beyond(
            shares[..., None],
            within.other_mean,
            within.other_sd,
            data.log_rate[bounded],
            data.side[bounded],
        ),
    )


def log_likelihood(data: RoundsModelData, sds: np.ndarray) -> np.ndarray:
    """Log-likelihood of the reports, (points,), for standard deviations (points, 5)."""
    blocks = np.split(sds, range(POINTS_AT_ONCE, len(sds), POINTS_AT_ONCE))
    no_draws = np.zeros((0, 1))
    return np.concatenate(
        [condition_on_reports(data, block, no_draws).log_likelihood for block in blocks]
    )


# ---- the integral over the five standard deviations ----


@dataclass(frozen=True, kw_only=True)
class SdPoints:
    """Weighted points of the posterior of the five standard deviations.

    Attributes
    ----------
    sds : array (points, 5)
        Standard deviations of `PARTS`, in logs.
    weights : array (points,)
        They sum to 1.
    set_number : array (points,)
        Which of the `SETS` independent sets a point belongs to.
    """

    sds: np.ndarray
    weights: np.ndarray
    set_number: np.ndarray

    @property
    def effective_draws(self) -> float:
        """Number of equal weights that would be worth as much."""
        return float(1 / (self.weights**2).sum())


def effective_number(log_weights: np.ndarray) -> float:
    """Give the number of equal weights that would be worth as much (Kong 1992)."""
    weights = np.exp(log_weights - log_weights.max())
    return float(weights.sum() ** 2 / (weights**2).sum())


def sd_points(data: RoundsModelData, points: int, seed: int) -> SdPoints:
    """Give weighted points of the posterior of the five standard deviations.

    Priors are half-Cauchy, with scale 1, of pace 0.5 (Gelman 2006). The posterior of the roots of
    the standard deviations is close to a t law; a few steps find it, from the prior on, and points
    of that law are weighted by what it misses (importance sampling; Geweke 1989). Points fill space
    evenly (scrambled Sobol numbers; Owen 1997), so that they are worth more than random ones.

    Parameters
    ----------
    data : RoundsModelData
        Rates.
    points : int
        Points in all, a power of 2; doubled while they are worth fewer than 400 draws.
    seed : int
        Of the scrambling.

    Returns
    -------
    SdPoints
        In `SETS` sets of their own.
    """
    rng = np.random.default_rng(seed)
    sds = PRIOR_SCALES * np.tan(np.pi / 2 * _even_numbers(FIRST_POINTS, len(PARTS), rng))
    law = _t_law(np.sqrt(sds), _temper(log_likelihood(data, sds)))
    for _ in range(MOST_STEPS):
        roots = _draw_roots(law, FIRST_POINTS, rng)
        log_weights = _log_weights(data, roots, law)
        law = _t_law(roots, _temper(log_weights))
        if effective_number(log_weights) > GOOD_STEP * FIRST_POINTS:
            break
    for _ in range(1 + MOST_DOUBLINGS):
        drawn = _draw_sets(data, law, points, rng)
        if drawn.effective_draws >= FEWEST_EFFECTIVE:
            break
        points *= 2
    return drawn


def _draw_sets(data: RoundsModelData, law, points: int, rng: np.random.Generator) -> SdPoints:
    """Draw the sets of points, so many in all, and weigh them."""
    sets = [_draw_roots(law, points // SETS, rng) for _ in range(SETS)]
    roots = np.concatenate(sets)
    log_weights = _log_weights(data, roots, law)
    weights = np.exp(log_weights - log_weights.max())
    return SdPoints(
        sds=roots**2,
        weights=weights / weights.sum(),
        set_number=np.repeat(np.arange(SETS), [len(roots) for roots in sets]),
    )


def _even_numbers(points: int, dimensions: int, rng: np.random.Generator) -> np.ndarray:
    """Scrambled Sobol numbers above 0 and below 1, (points, dimensions)."""
    numbers = qmc.Sobol(dimensions, rng=rng).random(points)
    return np.clip(numbers, 1e-9, 1 - 1e-9)


def _t_law(roots: np.ndarray, weights: np.ndarray):
    """Fit a t law to weighted points."""
    mean = np.average(roots, axis=0, weights=weights)
    return stats.multivariate_t(mean, np.cov(roots.T, aweights=weights), df=TAIL)


def _draw_roots(law, points: int, rng: np.random.Generator) -> np.ndarray:
    """Draw points of a t law; those with a root below zero are none and are left out."""
    numbers = _even_numbers(points, len(PARTS) + 1, rng)
    normal = special.ndtri(numbers[:, :-1]) @ np.linalg.cholesky(law.shape).T
    stretch = np.sqrt(TAIL / stats.chi2.ppf(numbers[:, -1:], TAIL))
    roots = law.loc + normal * stretch
    return roots[(roots > 0).all(axis=1)]


def _log_weights(data: RoundsModelData, roots: np.ndarray, law) -> np.ndarray:
    """Log of posterior over law at each point: likelihood, half-Cauchy priors, d sd / d root."""
    log_prior = (np.log(roots) - np.log1p((roots**2 / PRIOR_SCALES) ** 2)).sum(axis=1)
    return log_likelihood(data, roots**2) + log_prior - law.logpdf(roots)


def _temper(log_weights: np.ndarray) -> np.ndarray:
    """Weights, raised to a power below 1 where so few would count that no law could be fitted."""
    for power in 0.8 ** np.arange(60):
        if effective_number(power * log_weights) >= FEWEST_FIRST_DRAWS:
            break
    return np.exp(power * (log_weights - log_weights.max()))
