"""How far the laws of arrival can be wrong: ranges that admit a law nobody thought of.

Model discrepancy after Kennedy & O'Hagan (2001): an error is added to what the laws predict, as
large as the log's own hindcasts show and never below a floor; what the laws say is then weighed
against a plain rule. Floors and rules are set on the simulated crowds `CALIBRATION` of
`evidence.simulated_crowds` and never on the crowds that are counted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm

from .hindcast import Hindcast

# Orders grow with time as a power p, near 0.6 for most logs. Where a log surely grows otherwise,
# the rule of thumb gives way: it is a t law with two degrees of freedom.
USUAL_GROWTH, USUAL_GROWTH_SCALE, USUAL_GROWTH_FREEDOM = 0.6, 0.3, 2
GROWTH_FLOOR_SD = 0.06  # of p, beyond the laws' own errors
GROWTH_PRIOR_WEIGHT = 1.0  # hindcasts that the floor is worth

# Log of all orders still to come over those of one more clock at the rate of the end: mean and
# standard deviation over the crowds of the calibration, seen to 30, 60 and 80 %.
USUAL_TO_COME, USUAL_TO_COME_SD = 0.2, 0.85
NO_LAW_SHARE = 0.25  # chance that none of the laws is near: then the plain rule alone
TO_COME_FLOOR_SD = 0.45  # of the log of all orders still to come, beyond the laws' own errors
TO_COME_PER_GROWTH_SD = 2.0  # what an error of growth p adds to it

ERRORS = norm.ppf((np.arange(12) + 0.5) / 12)  # standard errors that each draw is given
RULE_ERRORS = norm.ppf((np.arange(200) + 0.5) / 200)  # standard errors of the plain rule alone


def growth_sd(hindcasts: Sequence[Hindcast]) -> float:
    """Return the standard deviation of growth p that the laws do not know of.

    Parameters
    ----------
    hindcasts : sequence of Hindcast
        Forecasts from earlier moments of the log.
    """
    squares = sum(one.error**2 for one in hindcasts)
    weight = GROWTH_PRIOR_WEIGHT + len(hindcasts)
    return float(np.sqrt((GROWTH_PRIOR_WEIGHT * GROWTH_FLOOR_SD**2 + squares) / weight))


def widen_growth(
    growth: np.ndarray, weights: np.ndarray, sd: float
) -> tuple[np.ndarray, np.ndarray]:
    """Give draws of growth p their errors and weigh them by what is usual.

    Parameters
    ----------
    growth, weights : array (draws,)
        Power p of each draw of the laws, with its weight.
    sd : float
        Of the errors.

    Returns
    -------
    (array (draws,), array (draws,))
        More draws and their weights; no draw is below 0, as orders do not go away.
    """
    wide = np.add.outer(ERRORS * sd, growth).ravel()
    # The density of a t law but for its constant, which scipy takes ten times as long for.
    distance = (wide - USUAL_GROWTH) / USUAL_GROWTH_SCALE
    freedom = USUAL_GROWTH_FREEDOM
    usual = (1 + distance**2 / freedom) ** (-(freedom + 1) / 2)
    return np.maximum(wide, 0), np.tile(weights, len(ERRORS)) * usual


def to_come_sd(hindcasts: Sequence[Hindcast]) -> float:
    """Return the standard deviation of the log of all orders still to come, beyond the laws' own.

    Parameters
    ----------
    hindcasts : sequence of Hindcast
        Forecasts from earlier moments of the log.
    """
    return float(np.hypot(TO_COME_FLOOR_SD, TO_COME_PER_GROWTH_SD * growth_sd(hindcasts)))


def widen_total(
    to_come: np.ndarray, weights: np.ndarray, sd: float, in_one_more_clock: float
) -> tuple[np.ndarray, np.ndarray]:
    """Give draws of all orders still to come their errors and weigh them by the plain rule.

    Parameters
    ----------
    to_come, weights : array (draws,)
        Orders still to come, which may be infinite, and the weight of each draw.
    sd : float
        Of the errors, in logs.
    in_one_more_clock : float
        Orders that one more clock would bring at the rate of the end of this one.

    Returns
    -------
    (array (draws,), array (draws,))
        More draws and their weights, among them draws of the plain rule alone; draws of the laws
        without end are left out.
    """
    finite = np.isfinite(to_come)
    log_to_come = np.log(np.maximum(to_come[finite], 0.1))
    wide = np.add.outer(ERRORS * sd, log_to_come).ravel()
    usual = np.log(in_one_more_clock) + USUAL_TO_COME
    distance = (wide - usual) / USUAL_TO_COME_SD
    with np.errstate(divide="ignore"):
        log_weights = np.log(np.tile(weights[finite], len(ERRORS))) - 0.5 * distance**2
    by_laws = np.exp(log_weights - log_weights.max())
    by_laws = (1 - NO_LAW_SHARE) * by_laws / by_laws.sum()
    by_rule = np.full(len(RULE_ERRORS), NO_LAW_SHARE / len(RULE_ERRORS))
    log_draws = np.append(wide, usual + USUAL_TO_COME_SD * RULE_ERRORS)
    return np.exp(log_draws), np.append(by_laws, by_rule)
