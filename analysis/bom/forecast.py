"""Where the BOM of a phone goes, month by month and draw by draw, from the costings that there are.

The yearly rate and the parts that move on their own come from `hierarchy`; what the phone earns
with it is left to the room of margins.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

MONTHS_A_YEAR = 12
LARGEST_LOG_CHANGE = 2.0  # whatever a rate is drawn, changes stay within a factor of 7


@dataclass(frozen=True)
class _Origin:
    """From where a path starts: at each month, the nearest costing and the cost there."""

    known_month: np.ndarray  # months since first sale, (draws or 1, months or 1)
    walk_month: np.ndarray  # the same for the walks of parts, which all draws share
    ratio: (
        np.ndarray | float
    )  # cost at the nearest costing over the first, straight in logs between


def forecast_bom(
    months: ArrayLike,
    cost_usd: ArrayLike,
    rate_per_year: ArrayLike,
    rng: np.random.Generator,
    *,
    parts: pd.DataFrame | None = None,
    cost_month: ArrayLike = 0.0,
    correlation: float = 0.3,
    costings: pd.DataFrame | None = None,
) -> np.ndarray:
    """Draw the BOM by month, from a cost known at one month and a yearly rate.

    With cost C known at month c, rate r, shares s_k of parts with rate gaps g_k and walks w_k:

        BOM(t) = C [ sum_k s_k exp((r + g_k) y + w_k(t) - w_k(c)) + s_0 exp((r + g_0) y) ]

    where y = (t - c) / 12, s_0 = 1 - sum s_k is the rest of the phone, and g_0 = -sum s_k g_k /
    s_0, so that the whole starts out at the rate r. It is a sum of draws, never a sum of logs.
    The walks share shocks with the assumed `correlation`. Log changes stay within 2.

    Parameters
    ----------
    months : array of shape (months,)
        Months since first sale.
    cost_usd : array of shape (draws,)
        Cost known at `cost_month`, in dollars.
    rate_per_year : float or array of shape (draws,)
        Rate of the whole phone in logs a year.
    rng : numpy Generator
        Source of the draws of parts.
    parts : DataFrame, optional
        One row a part: share, rate_gap and its se, wander in a root year, as from `Decline.parts`.
    cost_month : float or array of shape (draws,)
        Month since first sale at which the cost was known.
    correlation : float
        Assumed correlation, 0 to 1, between the walks of two parts.
    costings : DataFrame, optional
        Dated costings of this very phone, in order: month, bom_usd; the first is that of
        `cost_usd`. Between them the path is straight in logs, before and after it follows the
        rate.

    Returns
    -------
    array of shape (draws, months)
        BOM in dollars of a phone made in that month.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> forecast_bom([0, 12], [200.0], -0.3, rng).round(1).tolist()
    [[200.0, 148.2]]
    """
    months = np.asarray(months, float)
    first_cost = np.asarray(cost_usd, float)[:, None]
    rate = np.reshape(rate_per_year, (-1, 1))
    origin = _find_origin(months, cost_month, costings)
    years = (months - origin.known_month) / MONTHS_A_YEAR

    # Shocks on a grid that holds every month and every start of a walk.
    grid = np.union1d(months, origin.walk_month)
    at_month = np.searchsorted(grid, months)
    at_start = np.searchsorted(grid, origin.walk_month)
    step_sd = np.sqrt(np.diff(grid, prepend=grid[0]) / MONTHS_A_YEAR)
    shape = (len(first_cost), len(grid))
    common_shock = np.sqrt(correlation) * rng.standard_normal(shape)

    parts_ratio, rest_share, rest_pull = 0.0, 1.0, np.zeros_like(first_cost)
    for part in () if parts is None else parts.itertuples():
        gap = part.rate_gap + part.se * rng.standard_normal(first_cost.shape)
        shock = np.sqrt(1 - correlation) * rng.standard_normal(shape)
        shock += common_shock
        shock *= part.wander * step_sd
        walk = shock.cumsum(axis=1, out=shock)
        log_change = (rate + gap) * years
        log_change += walk[:, at_month]
        log_change -= walk[:, at_start]
        parts_ratio = parts_ratio + part.share * _bounded_exp(log_change)
        rest_share = rest_share - part.share
        rest_pull = rest_pull - part.share * gap
    rest_ratio = rest_share * _bounded_exp((rate + rest_pull / rest_share) * years)
    return first_cost * origin.ratio * (parts_ratio + rest_ratio)


def _find_origin(
    months: np.ndarray, cost_month: ArrayLike, costings: pd.DataFrame | None
) -> _Origin:
    """From the one month of a cost, or at each month from the nearest of dated costings."""
    if costings is None:
        known_month = np.asarray(cost_month, float).reshape(-1, 1)
        return _Origin(
            known_month=known_month, walk_month=np.array([known_month.mean()]), ratio=1.0
        )
    costed_month = costings["month"].to_numpy(float)
    log_ratio = np.log(costings["bom_usd"].to_numpy(float) / costings["bom_usd"].iloc[0])
    nearest = np.clip(months, costed_month[0], costed_month[-1])
    return _Origin(
        known_month=nearest,
        walk_month=nearest,
        ratio=np.exp(np.interp(months, costed_month, log_ratio)),
    )


def _bounded_exp(log_change: np.ndarray) -> np.ndarray:
    """Factor of a log change that stays within `LARGEST_LOG_CHANGE`."""
    bounded = np.clip(log_change, -LARGEST_LOG_CHANGE, LARGEST_LOG_CHANGE)
    return np.exp(bounded, out=bounded)
