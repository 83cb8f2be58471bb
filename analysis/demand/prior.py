"""What is known of a launch before its own data: parameters of comparable launches.

The prior is fitted to counts of other launches by empirical Bayes; what a launch's own supply and
counts say on top is the business of `posterior`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit, logsumexp
from scipy.stats import norm, qmc

from .bass import bass_share
from .counts import increments_of_counts

# The parameters of a launch and their units, in the order of the prior's normals.
PARAMETER_UNITS = {
    "potential": "phones",
    "p": "per week",
    "q": "per week",
    "initial_share": "share of potential",
    "reneging_rate": "per week",
}
SHARE = "initial_share"  # normal in its logit; the others are normal in their logs

# Where the fit starts, and the middle of the wide guess that keeps its spreads from collapsing.
FIRST_MEANS = np.array([16.0, -4.0, -2.5, -3.0])  # log potential, log p, log q, logit share
FIRST_LOG_SDS = np.array([0.4, 0.0, -0.2, 0.4])  # of the same
FIRST_LOG_MODEL_ERROR = -1.2
FIRST_MEANS_SD = 2.0  # of that guess
# How far the means of one class of products lie from those of all (assumed), in the same order.
BETWEEN_CLASSES_SD = np.array([1.0, 0.5, 0.5, 0.5])


@dataclass(frozen=True)
class LaunchPrior:
    """Launches before any data: independent normals in logs, the logit for the initial share.

    Attributes
    ----------
    mean : array (5,)
        Means in the order of `PARAMETER_UNITS`.
    sd : array (5,)
        Standard deviations in the same order.
    model_error : float
        Sd in logs by which the increase from count to count misses the curve.
    sequences : int
        Number of comparable launches that it was fitted to.
    """

    mean: np.ndarray
    sd: np.ndarray
    model_error: float
    sequences: int

    def parameters(self, z: np.ndarray) -> dict[str, np.ndarray]:
        """Return the parameters of launches from standard normals.

        Parameters
        ----------
        z : array (draws, 5 or more)
            Standard normals, the first five in the order of `PARAMETER_UNITS`.

        Returns
        -------
        dict of arrays (draws,)
            By name, in the units of `PARAMETER_UNITS`: arguments of `simulate_launch`.
        """
        transformed = self.mean[:, None] + self.sd[:, None] * z[:, :5].T
        return {
            name: expit(transformed[k]) if name == SHARE else np.exp(transformed[k])
            for k, name in enumerate(PARAMETER_UNITS)
        }


@dataclass(frozen=True)
class _Sequence:
    """Counts of one launch: weeks, units since the count before, sd of their log from noise."""

    weeks: np.ndarray
    increments: np.ndarray
    noise_sd: np.ndarray


def fit_prior(
    sequences: pd.DataFrame,
    *,
    reneging_rate: tuple[float, float] = (0.07, 1.0),
    points: int = 512,
    around: LaunchPrior | None = None,
) -> LaunchPrior:
    """Fit the prior of a launch to counts of comparable launches, by empirical Bayes.

    Assumes that each followed a Bass curve with people waiting at the opening, missed by a model
    error, and that supply held none of them back for long. Two sequences' worth of a wide guess
    keeps the spreads from collapsing to nothing.

    Parameters
    ----------
    sequences : DataFrame
        device, market, weeks and units, as `milestone_sequences` gives them.
    reneging_rate : (median, sd of log)
        Rate a week at which people who wait leave; counts do not tell it, so it is assumed.
    points : int
        Sobol points over which p, q and the initial share are integrated; a power of 2.
    around : LaunchPrior, optional
        The prior of all products, where the sequences are of one class of them: the guess that the
        fit is drawn to, so that a class of few launches stays near it. What is not known of the
        class' means widens the spreads.

    Returns
    -------
    LaunchPrior
    """
    launches = []
    for _, group in sequences.groupby(["device", "market"]):
        increments, noise_sd = increments_of_counts(group["units"].to_numpy()[None])
        launches.append(_Sequence(group["weeks"].to_numpy(), increments[0], noise_sd[0]))
    normals = norm.ppf(qmc.Sobol(3, rng=1).random(points))
    guess, means_sd = _first_guess(around)

    def loss(x):
        return -_log_posterior(x, guess, means_sd, launches, normals)

    x = minimize(loss, guess, method="L-BFGS-B", options={"ftol": 1e-7}).x
    spread = np.exp(x[4:8])
    if around is not None:  # precisions of the class' own mean and of the guess add
        spread = np.hypot(spread, (means_sd**-2 + len(launches) / spread**2) ** -0.5)
    median, sd_of_log = reneging_rate
    return LaunchPrior(
        mean=np.append(x[:4], np.log(median)),
        sd=np.append(spread, sd_of_log),
        model_error=float(np.exp(x[8])),
        sequences=len(launches),
    )


def _first_guess(around: LaunchPrior | None) -> tuple[np.ndarray, np.ndarray | float]:
    """Return where a fit starts and is drawn to, and the sd of its means about that."""
    if around is None:
        first = np.concatenate([FIRST_MEANS, FIRST_LOG_SDS, [FIRST_LOG_MODEL_ERROR]])
        return first, FIRST_MEANS_SD
    log_spreads = np.log(np.append(around.sd[:4], around.model_error))
    return np.append(around.mean[:4], log_spreads), BETWEEN_CLASSES_SD


def _log_posterior(
    x: np.ndarray,
    guess: np.ndarray,
    means_sd: np.ndarray | float,
    launches: list[_Sequence],
    normals: np.ndarray,
) -> float:
    """Return the log posterior of the prior's own parameters x: 4 means, 4 log sds, log error.

    The guess: means normal about it with `means_sd`; each log sd s by the inverse gamma shape
    -2 (s - g + e^(2 (g - s)) / 2), which falls without end as an sd goes to 0.
    """
    means, sds, model_error = x[:4], np.exp(x[4:8]), np.exp(x[8])
    pull_to_means = -(((means - guess[:4]) / means_sd) ** 2).sum() / 2
    above_guess = x[4:] - guess[4:]
    pull_to_sds = -2 * (above_guess + np.exp(-2 * above_guess) / 2).sum()

    log_p, log_q, logit_share = (means[1:] + sds[1:] * normals).T[:, :, None]
    by_point = [
        _log_likelihood_by_point(
            launch,
            bass_share(launch.weeks, np.exp(log_p), np.exp(log_q), expit(logit_share)),
            means[0],
            sds[0],
            model_error,
        )
        for launch in launches
    ]
    # The integral over p, q and the share of each launch is a sum over its points.
    by_launch = np.reshape(by_point, (-1, len(normals)))  # also where there is no launch at all
    return sum(logsumexp(by_launch, axis=1), start=pull_to_means + pull_to_sds)


def _log_likelihood_by_point(
    launch: _Sequence, share: np.ndarray, mean: float, sd: float, model_error: float
) -> np.ndarray:
    """Return the log-likelihood of a launch's increments at each point, up to a constant.

    Logs of increments are those of the curve per unit of potential, plus the log potential, plus
    errors of variance v (model and noise). The log potential is normal (mean, sd), so it
    integrates out in closed form: with d the misses at the mean log potential,

        -1/2 [ sum log v + log(sd^2 P) + sum d^2 / v - (sum d / v)^2 / P ],  P = sum 1/v + 1/sd^2.

    `share` (points, counts) is the curve by the week of each count, a row a point of p, q and
    initial share.
    """
    increments_of_share, _ = increments_of_counts(share)
    miss = np.log(launch.increments / increments_of_share) - mean
    variance = model_error**2 + launch.noise_sd**2 + 0 * increments_of_share
    precision = (1 / variance).sum(1) + sd**-2
    pull = (miss / variance).sum(1)
    minus_twice_log_likelihood = (
        np.log(variance).sum(1)
        + np.log(precision * sd**2)
        + (miss**2 / variance).sum(1)
        - pull**2 / precision
    )
    return -minus_twice_log_likelihood / 2
