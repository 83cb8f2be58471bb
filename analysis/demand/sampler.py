"""Draws from a posterior whose prior is standard normal: tempered sequential Monte Carlo.

The sampler knows nothing of launches; whoever calls it turns standard normals into parameters and
brings the log-likelihood. Reference: Del Moral, Doucet & Jasra (2006), Sequential Monte Carlo
samplers, Journal of the Royal Statistical Society B 68:411-436.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import logsumexp

TARGET_EFFECTIVE_DRAWS = 400  # what the draws should be worth, unless asked otherwise
MOVES_A_ROUND = 3
MOST_EXTRA_ROUNDS = 40  # on the last rung, its first round included, while draws are too few
PROPOSAL_SCALE = 1.2  # wider than the fitted normal, so that its tails are visited


@dataclass(frozen=True)
class PosteriorSample:
    """Draws from a posterior and what they are worth.

    Attributes
    ----------
    normals : array (draws, dimensions)
        Draws in the coordinates in which the prior is standard normal.
    effective_draws : float
        How many independent draws would tell as much.
    log_evidence : float
        Log of the mean likelihood over the prior, estimated on the way.
    """

    normals: np.ndarray
    effective_draws: float
    log_evidence: float


def sample_posterior(
    log_likelihood: Callable[[np.ndarray], np.ndarray],
    dimensions: int,
    *,
    draws: int = 1000,
    target: float = TARGET_EFFECTIVE_DRAWS,
    most_extra_rounds: int = MOST_EXTRA_ROUNDS,
    seed: int = 1,
) -> PosteriorSample:
    """Draw standard normals given what was observed.

    The posterior is reached over a ladder of distributions

        pi_t(z)  proportional to  N(z; 0, I) L(z)^t,      inverse temperature t from 0 to 1,

    each as far from the one before as keeps half of the draws effective. On every rung the draws
    are resampled by their weights and then moved by Metropolis-Hastings steps that leave pi_t as
    it is. Draws of one ancestor are worth less than independent ones: draws / (1 + excess) are
    effective, where resampling adds to the excess and moves reduce it to what they leave of the
    likeness of copies. On the last rung moves go on while the draws are worth less than `target`,
    `most_extra_rounds` rounds at most; the round that belongs to its resampling is one of them.

    Parameters
    ----------
    log_likelihood : function
        Takes normals (draws, dimensions), returns the log-likelihood of each draw (draws,).
    dimensions : int
        Number of standard normals in a draw.
    draws : int
        Number of draws.
    target : float
        Least number of effective draws that is asked for; it may not be reached.
    most_extra_rounds : int
        Most rounds on the last rung.
    seed : int
        Seed of the random numbers.

    Returns
    -------
    PosteriorSample

    Examples
    --------
    >>> sample = sample_posterior(lambda z: -50 * (z[:, 0] - 2) ** 2, 1, seed=1)
    >>> round(float(sample.normals.mean()), 1)
    2.0
    """
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((draws, dimensions))
    log_lik = log_likelihood(z)
    inverse_temperature = 0.0
    excess_duplication = 0.0  # draws / (1 + excess) are effective
    extra_rounds = 0
    log_evidence = 0.0

    def too_few_effective_draws() -> bool:
        return draws / (1 + excess_duplication) < target and extra_rounds < most_extra_rounds

    while inverse_temperature < 1 or too_few_effective_draws():
        if inverse_temperature < 1:
            # Reweight by L(z)^increment and resample: w_i of a draw becomes copies of it.
            increment = _next_increment(log_lik, 1 - inverse_temperature)
            log_total_weight = logsumexp(increment * log_lik)
            weights = np.exp(increment * log_lik - log_total_weight)
            log_evidence = log_evidence + log_total_weight - np.log(draws)
            ancestors = _resample_systematically(weights, rng)
            z, log_lik = z[ancestors], log_lik[ancestors]
            inverse_temperature = inverse_temperature + increment
            # Effective draws shrink by the factor draws * sum(w_i^2).
            excess_duplication = (1 + excess_duplication) * draws * (weights**2).sum() - 1
        extra_rounds += inverse_temperature >= 1

        before = z
        z, log_lik = _move(z, log_lik, log_likelihood, inverse_temperature, rng)
        # What the moves leave of the likeness of copies: the squared correlation of a draw with
        # itself before the moves, of the coordinate that moved least.
        likeness = [np.corrcoef(before[:, k], z[:, k])[0, 1] ** 2 for k in range(dimensions)]
        excess_duplication *= max(likeness)

    return PosteriorSample(
        normals=z,
        effective_draws=draws / (1 + excess_duplication),
        log_evidence=float(log_evidence),
    )


def _next_increment(log_lik: np.ndarray, most: float) -> float:
    """Return the step of inverse temperature, at most `most`, that keeps half of the draws."""
    half = len(log_lik) / 2

    def effective_above_half(increment):
        # Effective sample size of weights L^increment: (sum w)^2 / sum w^2.
        log_size = 2 * logsumexp(increment * log_lik) - logsumexp(2 * increment * log_lik)
        return np.exp(log_size) - half

    if effective_above_half(most) > 0:
        return most
    return brentq(effective_above_half, 0, most, rtol=1e-3)


def _resample_systematically(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the ancestor of each new draw: one uniform number, then equal steps of 1 / draws."""
    draws = len(weights)
    points = (np.arange(draws) + rng.random()) / draws
    return np.minimum(np.searchsorted(weights.cumsum(), points), draws - 1)


def _move(
    z: np.ndarray,
    log_lik: np.ndarray,
    log_likelihood: Callable[[np.ndarray], np.ndarray],
    inverse_temperature: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Move every draw by steps about the normal fitted to all of them; pi_t stays as it is.

    As the normal is fitted to the very draws that it moves, pi_t stays so but for the say that one
    draw among many has in the fit.

    In the coordinates u = root^-1 (z - mean) of the fitted normal a step goes to

        v = sqrt(1 - r^2) u + 1.2 r e,      r uniform on (0.1, 1),  e standard normal,

    which is reversible for N(0, 1.2^2 I). It is accepted with the chance

        min(1, pi_t(z') N(u; 0, 1.2^2 I) / (pi_t(z) N(v; 0, 1.2^2 I))).
    """
    draws, dimensions = z.shape
    mean = z.mean(0)
    covariance = np.cov(z.T).reshape(dimensions, dimensions)
    root = np.linalg.cholesky(covariance + 1e-9 * np.eye(dimensions))
    for _ in range(MOVES_A_ROUND):
        u = np.linalg.solve(root, (z - mean).T).T
        step_size = rng.uniform(0.1, 1, (draws, 1))
        noise = rng.standard_normal(z.shape)
        v = np.sqrt(1 - step_size**2) * u + PROPOSAL_SCALE * step_size * noise
        proposal = mean + v @ root.T
        proposal_log_lik = log_likelihood(proposal)

        gain_of_likelihood = inverse_temperature * (proposal_log_lik - log_lik)
        gain_of_prior = (z**2 - proposal**2).sum(1)
        loss_of_proposal = (v**2 - u**2).sum(1) / PROPOSAL_SCALE**2
        log_ratio = gain_of_likelihood + (gain_of_prior + loss_of_proposal) / 2
        accepted = np.log(rng.random(draws)) < log_ratio
        z = np.where(accepted[:, None], proposal, z)
        log_lik = np.where(accepted, proposal_log_lik, log_lik)
    return z, log_lik
