"""Years ahead of a brand's sales: first buyers, replacement and growth, with the season.

For long quarterly series such as the iPhone's, where units sold are not first purchases: people
replace phones and markets widen. A single launch is the business of `forecast`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .checks import check_numbers
from .sampler import sample_posterior

# Log-normal priors by the quarter: median and sd of the log, assumed and fitted to no series.
LONG_RUN_PRIORS = {
    "potential": (4e8, 1.0),  # owners that the market has room for at first
    "p": (0.005, 1.0),  # per period, of buyers who decide alone
    "q": (0.12, 0.5),  # per period, of buyers who follow owners
    "replace": (0.1, 0.35),  # share of owners who replace theirs in a period
    "growth": (0.0125, 0.7),  # of the potential, log per period
    "noise": (0.15, 0.5),  # sd of log sales, each period anew
    "drift": (0.06, 0.5),  # sd of the steps of a random walk of log sales
}
SEASON_SD = 0.25  # of log sales, shared by the same period of every year (assumed)


def forecast_long(
    units: ArrayLike, periods: int, *, season: int = 4, draws: int = 4000, seed: int = 1
) -> np.ndarray:
    """Forecast a long series of sales by period.

    First buyers follow a Bass curve whose potential grows, owners replace at a steady rate. Logs
    of sales miss that by noise, a random walk and a season, all Gaussian, so that given the
    parameters the forecast is exact.

    Parameters
    ----------
    units : array_like
        Units sold in each period from the first on, two years at least, each above 0.
    periods : int
        How many periods to forecast.
    season : int
        Periods a year.
    draws, seed : int
        Number of draws from the posterior, and their seed.

    Returns
    -------
    array (draws, periods)
        Units sold by the end of each of the next periods, the past included.

    Raises
    ------
    ValueError
        If there are under two years of periods, or one has no sales.
    """
    sales = check_numbers("units", units)
    if len(sales) < 2 * season or not sales.min() > 0:
        raise ValueError(
            f"units: {len(sales)} periods, least {sales.min():g}; "
            "expected two years or more, every period above 0"
        )
    # The first period starts the recursion: the model explains those after it.
    known = len(sales) - 1
    log_sales = np.log(sales[1:])

    def log_likelihood(z):
        parameters = _parameters(z)
        root = _root_of_covariance(parameters, known, season)
        misses = log_sales - _log_expected_sales(parameters, sales[0], known)
        standardised = np.linalg.solve(root, misses[:, :, None])[:, :, 0]
        log_determinant = np.log(np.einsum("dii->di", root)).sum(1)
        return -(standardised**2).sum(1) / 2 - log_determinant

    sample = sample_posterior(log_likelihood, len(LONG_RUN_PRIORS), draws=draws, seed=seed)
    parameters = _parameters(sample.normals)

    # Future errors given past ones: the root of the covariance is triangular, so the first
    # `known` standardised errors are those of the past and the later ones are free.
    root = _root_of_covariance(parameters, known + periods, season)
    log_expected = _log_expected_sales(parameters, sales[0], known + periods)
    misses = log_sales - log_expected[:, :known]
    past = np.linalg.solve(root[:, :known, :known], misses[:, :, None])[:, :, 0]
    future = np.random.default_rng(seed).standard_normal((draws, periods))
    errors = np.einsum("dij,dj->di", root, np.concatenate([past, future], axis=1))
    future_sales = np.exp(log_expected + errors)[:, known:]
    return sales.sum() + future_sales.cumsum(1)


def _parameters(z: np.ndarray) -> dict[str, np.ndarray]:
    """Return the parameters by name, each (draws, 1), of standard normals (draws, parameters)."""
    medians, sds = np.array([*LONG_RUN_PRIORS.values()]).T
    values = medians * np.exp(sds * z)
    return {name: values[:, [k]] for k, name in enumerate(LONG_RUN_PRIORS)}


def _log_expected_sales(
    parameters: dict[str, np.ndarray], first_units: float, periods: int
) -> np.ndarray:
    """Return the log of sales expected in each period after the first (draws, periods)."""
    owners = np.full_like(parameters["potential"], first_units)
    sales = []
    for period in range(1, periods + 1):
        people = parameters["potential"] * np.exp(parameters["growth"] * period)
        hazard = parameters["p"] + parameters["q"] * owners / people
        first_buyers = (people - owners) * -np.expm1(-hazard)
        sales.append(first_buyers + parameters["replace"] * owners)
        owners = owners + first_buyers
    return np.log(np.hstack(sales))


def _root_of_covariance(parameters: dict[str, np.ndarray], periods: int, season: int) -> np.ndarray:
    """Return the Cholesky root (draws, periods, periods) of the covariance of errors of logs."""
    period = np.arange(periods)
    same_season = period[:, None] % season == period % season
    random_walk = np.minimum.outer(period, period) + 1.0
    covariance = (
        parameters["noise"][:, :, None] ** 2 * np.eye(periods)
        + parameters["drift"][:, :, None] ** 2 * random_walk
        + SEASON_SD**2 * same_season
    )
    return np.linalg.cholesky(covariance)
