"""Posterior weights of the laws of arrival for one sale, with draws of their parameters.

Every law has equal odds before any data, vague normal priors on its parameters, and a Poisson
population; the likelihood is tempered by the dispersion. What the draws say of orders to come is
for `arrival_mix`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, logsumexp
from scipy.stats import chi2

from .arrival_laws import WEIGHED_LAWS, Law
from .arrival_sale import CountedSale, Sale, poisson_loglik
from .ascent import NO_HEIGHT, ROUGH_GAIN, derivatives, multistart_maximize, newton_ascent

DRAWS = 1_000  # of the parameters of each law
T_FREEDOM = 5  # degrees of freedom of the t law that proposes draws


@dataclass(frozen=True, kw_only=True)
class LawDraws:
    """Weighted draws of one law's parameters.

    Attributes
    ----------
    points : array (draws, parameters)
        Parameters of the law.
    weights : array (draws,)
        Importance of each draw; they add up to 1.
    """

    points: np.ndarray
    weights: np.ndarray

    def __iter__(self):
        """Give points, then weights."""
        return iter((self.points, self.weights))


@dataclass(frozen=True, kw_only=True)
class WeighedLaws:
    """Laws with their posterior probabilities and draws.

    Attributes
    ----------
    dispersion : float
        Variance of counts over that of a Poisson stream, by the best law's residuals, at least 1.
    chance_of_worse_fit : float
        Chance that a log which follows that law lies further from it (Pearson's test).
    weights : dict
        Posterior probability of each law.
    draws : dict
        `LawDraws` of each law.
    """

    dispersion: float
    chance_of_worse_fit: float
    weights: dict[str, float]
    draws: dict[str, LawDraws]


def weigh_laws(sale: Sale, x: np.ndarray, orders_by_x: np.ndarray) -> WeighedLaws:
    """Weigh the laws of `WEIGHED_LAWS` for a sale.

    Parameters
    ----------
    sale : Sale
        What was seen, on the clock from 0 to 1.
    x : array
        Rising times on that clock.
    orders_by_x : array
        Orders by each of these times.

    Returns
    -------
    WeighedLaws
        Probabilities and draws of all laws.
    """
    peaks = {name: _posterior_peak(sale, law) for name, law in WEIGHED_LAWS.items()}
    best = max(peaks, key=lambda name: peaks[name][1])
    pearson, freedom = _distance(sale, x, orders_by_x, WEIGHED_LAWS[best], peaks[best][0])
    dispersion = max(1.0, pearson / freedom)

    rng = np.random.default_rng(0)
    draws = {}
    log_evidence = []
    for name, (peak, _) in peaks.items():
        draws[name], evidence = _sample(sale, WEIGHED_LAWS[name], peak, dispersion, rng)
        log_evidence.append(evidence)
    probabilities = np.exp(np.array(log_evidence) - logsumexp(log_evidence))
    return WeighedLaws(
        dispersion=dispersion,
        chance_of_worse_fit=float(chi2.sf(pearson, freedom)),
        weights=dict(zip(draws, probabilities.tolist(), strict=True)),
        draws=draws,
    )


def _posterior_peak(sale: Sale, law: Law) -> tuple[np.ndarray, float]:
    """Find the best parameters of a law before any tempering, and the height there.

    A law has several summits, and which of them is highest cannot be seen from its starts: all of
    them are followed upwards.
    """
    return multistart_maximize(
        lambda q: _log_posterior(sale, law, q, dispersion=1.0),
        law.starts,
        tries=law.starts.shape[1],
        least_gain=ROUGH_GAIN,
    )


def _log_posterior(sale: Sale, law: Law, q: np.ndarray, dispersion: float) -> np.ndarray:
    """Tempered log-likelihood plus log prior of parameters (parameters, any shape)."""
    shape = (-1, *[1] * (q.ndim - 1))
    mean = np.reshape(law.prior_mean, shape)
    sd = np.reshape(law.prior_sd, shape)
    log_prior = (
        -0.5 * np.sum(((q - mean) / sd) ** 2, axis=0)
        - np.sum(np.log(sd))
        - 0.5 * len(q) * np.log(2 * np.pi)
    )
    return poisson_loglik(sale, law, q) / dispersion + log_prior


def _distance(
    sale: Sale, x: np.ndarray, orders_by_x: np.ndarray, law: Law, q: np.ndarray
) -> tuple[float, int]:
    """Return how far a log lies from a law, as Pearson's statistic, and its degrees of freedom."""
    # About sqrt(n) intervals in which the law expects equally many orders.
    bins = int(np.clip(np.sqrt(sale.orders), 4, 40))
    edges = np.linspace(0, 1, bins + 1)
    shares = (law.cdf(x, q) - sale.lost_people_share(law, q)) / sale.observed_share(law, q)
    if isinstance(sale, CountedSale):
        by_edge = np.interp(edges, np.r_[0, shares], np.r_[0, orders_by_x])
        counts = np.diff(by_edge)
    else:
        counts, _ = np.histogram(shares, bins=edges)
    expected = sale.orders / bins
    pearson = float(np.sum((counts - expected) ** 2 / expected))
    return pearson, max(bins - 1 - len(q), 1)


def _sample(
    sale: Sale, law: Law, peak: np.ndarray, dispersion: float, rng: np.random.Generator
) -> tuple[LawDraws, float]:
    """Weighted draws of a law's parameters and the log of its evidence."""

    def log_posterior(q):
        return _log_posterior(sale, law, q, dispersion)

    # Proposals: a t law around the peak, a little wider than the curvature there says.
    peak, _ = newton_ascent(log_posterior, peak[:, None])
    scale = _proposal_scale(log_posterior, peak, law)
    parameters = len(peak)
    z = rng.standard_normal((DRAWS, parameters))
    z = z / np.sqrt(rng.chisquare(T_FREEDOM, (DRAWS, 1)) / T_FREEDOM)
    points = peak[:, 0] + z @ scale.T

    # Importance weights: posterior over proposal; their mean estimates the evidence.
    with np.errstate(all="ignore"):
        log_target = np.nan_to_num(log_posterior(points.T), nan=NO_HEIGHT, neginf=NO_HEIGHT)
    log_weights = log_target - _log_t_density(z, scale)
    log_sum = logsumexp(log_weights)
    draws = LawDraws(points=points, weights=np.exp(log_weights - log_sum))
    return draws, float(log_sum - np.log(DRAWS))


def _proposal_scale(log_posterior: Callable, peak: np.ndarray, law: Law) -> np.ndarray:
    """Matrix that makes standard draws as wide as the posterior, at most as the prior."""
    _, hessians = derivatives(log_posterior, peak, difference=0.02)
    curvatures, directions = np.linalg.eigh(-hessians[0])
    least_curvature = 1 / np.max(law.prior_sd) ** 2
    return 1.2 * directions / np.sqrt(np.clip(curvatures, least_curvature, None))


def _log_t_density(z: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Log-density of multivariate t draws at standardised points z (draws, parameters)."""
    parameters = z.shape[1]
    half = (T_FREEDOM + parameters) / 2
    log_kernel = -half * np.log1p(np.sum(z * z, axis=1) / T_FREEDOM)
    log_kernel = log_kernel - np.linalg.slogdet(scale)[1]
    log_constant = gammaln(half) - gammaln(T_FREEDOM / 2)
    return log_kernel + log_constant - parameters / 2 * np.log(T_FREEDOM * np.pi)
