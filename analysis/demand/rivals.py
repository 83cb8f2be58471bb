"""Plain rivals of the forecasts, and the mean of a forecast and its rival.

Where a plain method is better out of sample on some cases and worse on others, the mean of both is
better than either (Bates & Granger 1969, Operational Research Quarterly 20:451-468).
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .checks import check_numbers

# Share of the last rate at which sales go on: rates of most products fall (assumed).
DAMPING = 0.9
# The mean of two forecasts whose errors correlate by 0.8 errs by so much of one (assumed).
MEAN_ERRS = 0.95


def last_rate(count_weeks: ArrayLike, count_units: ArrayLike, weeks: ArrayLike) -> np.ndarray:
    """Return units sold by weeks after the last count if sales go on at nearly their last rate.

    Parameters
    ----------
    count_weeks, count_units : array_like (counts,)
        Weeks and units of two counts or more, rising.
    weeks : array_like
        Weeks at or after the last count.

    Returns
    -------
    array of the shape of `weeks`

    Examples
    --------
    >>> last_rate([2, 4], [100, 200], [4, 6]).tolist()
    [200.0, 290.0]
    """
    count_weeks, count_units = np.asarray(count_weeks, float), np.asarray(count_units, float)
    rate = np.diff(count_units)[-1] / np.diff(count_weeks)[-1]
    since = np.asarray(weeks, float) - count_weeks[-1]
    return count_units[-1] + DAMPING * rate * since


def average_with_last_rate(
    sold: np.ndarray, count_weeks: ArrayLike, count_units: ArrayLike, weeks: ArrayLike
) -> np.ndarray:
    """Return draws of units sold, moved half of the way to the last rate, in logs.

    Parameters
    ----------
    sold : array (draws, weeks)
        Units sold by each of the weeks.
    count_weeks, count_units : array_like (counts,)
        Weeks and units of the counts known, rising.
    weeks : array_like (weeks,)
        Weeks at or after the last count.

    Returns
    -------
    array (draws, weeks)
        The same draws where fewer than two counts are known.
    """
    if len(np.atleast_1d(count_weeks)) < 2:
        return sold
    log_sold = np.log(sold)
    middle = np.median(log_sold, axis=0)
    rival = np.log(last_rate(count_weeks, count_units, weeks))
    return np.exp((middle + rival) / 2 + MEAN_ERRS * (log_sold - middle))


def damped_trend(
    units: ArrayLike, periods: int, *, season: int = 4, draws: int = 1000, seed: int = 1
) -> np.ndarray:
    """Forecast a seasonal series by exponential smoothing of its logs with a damped trend.

    Gardner & McKenzie (1985), Management Science 31:1237-1246, as state space model (Hyndman et
    al. 2008), fitted by statsmodels.

    Parameters
    ----------
    units : array_like
        Units sold in each period, two years at least, each above 0.
    periods : int
        How many periods to forecast.
    season : int
        Periods a year.
    draws, seed : int
        Number of simulated futures, and their seed.

    Returns
    -------
    array (draws, periods)
        Units sold by the end of each of the next periods, the past included.
    """
    from statsmodels.tsa.exponential_smoothing.ets import (  # noqa: PLC0415 (only fits need it)
        ETSModel,
    )

    sales = check_numbers("units", units)
    model = ETSModel(
        pd.Series(np.log(sales)),
        error="add",
        trend="add",
        damped_trend=True,
        seasonal="add",
        seasonal_periods=season,
    )
    with warnings.catch_warnings(action="ignore"):
        fit = model.fit(disp=False, maxiter=500)
        future = fit.simulate(periods, anchor="end", repetitions=draws, rng=seed)
    log_sales = np.asarray(future).reshape(periods, draws).T
    return sales.sum() + np.exp(log_sales).cumsum(1)


def average_forecasts(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the mean of two forecasts, quantile by quantile in logs.

    Quantiles are averaged, and not draws pooled: a forecast that both agree on is no wider than
    either, and by `MEAN_ERRS` narrower.

    Parameters
    ----------
    first, second : array (draws, periods)
        Draws of as many futures each.

    Returns
    -------
    array (draws, periods)
        In each period in rising order.
    """
    log_mean = (np.log(np.sort(first, axis=0)) + np.log(np.sort(second, axis=0))) / 2
    middle = np.median(log_mean, axis=0)
    return np.exp(middle + MEAN_ERRS * (log_mean - middle))
