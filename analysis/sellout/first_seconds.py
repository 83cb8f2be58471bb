"""The first seconds of a sale: dead time before anybody could order, and a burst that then stops.

Bots, members let in early and buyers who wait with a finger on the button order in the first
seconds and leave a rate that drops at once. What comes after is fitted without them in
`arrival_mix`; who they were, no log of times can say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

FEWEST_ORDERS = 50  # to look for a dead time or a burst
EARLY_SHARE = 0.005  # of the orders, whose rate says how soon the first one should have come
SURELY_DEAD = 12.0  # orders that should have come before the first one, at the rate that followed
FULL_AT_ONCE = 0.4  # least rate of the earliest orders over the highest rate: else it builds up
LATEST_BURST = 0.25  # of the clock, at which a burst can end
DROP = 1.7  # least rate just before a burst ends over the rate just after it
SURE_DROP = 4.0  # standard errors by which the rates differ, at least
LEAST_BURST_SHARE = 0.02  # of the orders: less is not worth a word
HUMAN_RATE_SD = 0.4  # assumed, of the log of others' rate during a burst over that just after it


@dataclass(frozen=True, kw_only=True)
class FirstSeconds:
    """Dead time and burst at the opening of a sale.

    Attributes
    ----------
    dead_s : float
        Seconds from the opening until orders were possible; 0 where the first one came in time.
    burst_s : float
        When the burst ended, seconds since the opening; 0 where there was none.
    burst_rate_ratio : float
        Rate of orders in the burst over the rate after it; 1 without a burst.
    share, low, high : float
        Orders of the burst over all orders seen, those left out that others placed meanwhile.
    level : float
        Of the interval from low to high.
    """

    dead_s: float = 0.0
    burst_s: float = 0.0
    burst_rate_ratio: float = 1.0
    share: float = 0.0
    low: float = 0.0
    high: float = 0.0
    level: float = 0.95


def read_first_seconds(
    times_s: np.ndarray, orders_by: np.ndarray, *, step_s: float = 0.0, level: float = 0.95
) -> FirstSeconds:
    """Look for a dead time and for a burst in the first seconds of a sale.

    Parameters
    ----------
    times_s : array
        Rising times, seconds since the opening; the last one is when the clock stopped.
    orders_by : array
        Orders by each of these times.
    step_s : float
        How coarse the stamps are; 0 for times.
    level : float
        Of the interval of the share of a burst.

    Returns
    -------
    FirstSeconds
        What was seen; all zero for a log with few orders.

    Examples
    --------
    >>> at_once = np.linspace(2.0, 12.0, 501)[1:]  # fifty orders a second, from two seconds on
    >>> round(read_first_seconds(at_once, np.arange(1, 501)).dead_s, 1)
    2.0
    """
    if orders_by[-1] < FEWEST_ORDERS:
        return FirstSeconds(level=level)
    dead_s = _dead_time(times_s, orders_by, step_s)
    return _burst(times_s, orders_by, dead_s, step_s, level)


def _dead_time(times_s: np.ndarray, orders_by: np.ndarray, step_s: float) -> float:
    """Give the time before orders were possible: none came, then they came at the full rate."""
    closed_s = times_s[-1]
    orders = orders_by[-1]
    first_s = max(times_s[np.argmax(orders_by > 0)] - step_s, 0.0)
    early_orders = max(20.0, EARLY_SHARE * orders)
    early_end_s = np.interp(early_orders, orders_by, times_s)
    early_rate = early_orders / max(early_end_s - first_s, 1e-9 * closed_s)

    # A stream that builds up leaves the first seconds empty as well, but starts below its peak.
    steps = np.linspace(first_s, closed_s, 41)
    highest_rate = np.diff(np.interp(steps, times_s, orders_by)).max() / (steps[1] - steps[0])
    at_once = early_rate >= FULL_AT_ONCE * highest_rate
    late = first_s * min(early_rate, highest_rate) > SURELY_DEAD
    if not (at_once and late):
        return 0.0
    return float(first_s if step_s else first_s - 1 / early_rate)


def _burst(
    times_s: np.ndarray, orders_by: np.ndarray, dead_s: float, step_s: float, level: float
) -> FirstSeconds:
    """Find the moment at which the rate drops most, and the orders before it beyond the others."""
    closed_s = times_s[-1]
    orders = orders_by[-1]
    clock_s = closed_s - dead_s
    first_end_s = np.interp(min(0.01 * orders, 20), orders_by, times_s)
    first_end_s = max(first_end_s, dead_s + 2 * step_s)
    latest_s = dead_s + LATEST_BURST * clock_s
    none = FirstSeconds(dead_s=dead_s, level=level)
    if first_end_s >= latest_s:
        return none
    ends_s = dead_s + np.geomspace(
        max(first_end_s - dead_s, 1e-6 * clock_s), latest_s - dead_s, 400
    )

    def orders_between(start_s, end_s):
        return np.interp(end_s, times_s, orders_by) - np.interp(
            start_s, times_s, orders_by, left=0.0
        )

    # One rate up to the end of the burst and another for twice that long, against one rate.
    lasted_s = ends_s - dead_s
    before = orders_between(dead_s, ends_s)
    after = orders_between(ends_s, ends_s + 2 * lasted_s)
    gain = (
        _log_power(before, lasted_s)
        + _log_power(after, 2 * lasted_s)
        - _log_power(before + after, 3 * lasted_s)
    )

    # A rate that falls step by step drops little in a short time; a burst stops at once.
    just_before = orders_between(ends_s - 0.3 * lasted_s, ends_s)
    just_after = orders_between(ends_s, ends_s + 0.3 * lasted_s)
    ratio = (just_before + 1) / (just_after + 1)
    standard_errors = (just_before - just_after) / np.sqrt(just_before + just_after + 1)
    drops = (ratio >= DROP) & (standard_errors >= SURE_DROP)
    if not drops.any():
        return none
    best = np.argmax(np.where(drops, gain, -np.inf))

    # Others ordered meanwhile, at about the rate that came after: its error is our assumption.
    rate_after = (after[best] + 0.5) / (2 * lasted_s[best])
    others = rate_after * lasted_s[best]
    z = norm.ppf((1 + level) / 2)
    noise = np.sqrt(before[best] + others / 2)
    share = max(before[best] - others, 0) / orders
    low = (before[best] - others * np.exp(HUMAN_RATE_SD * z) - z * noise) / orders
    high = (before[best] - others * np.exp(-HUMAN_RATE_SD * z) + z * noise) / orders
    if share < LEAST_BURST_SHARE:
        return none
    return FirstSeconds(
        dead_s=dead_s,
        burst_s=float(ends_s[best]),
        burst_rate_ratio=float(before[best] / lasted_s[best] / rate_after),
        share=float(share),
        low=float(max(low, 0)),
        high=float(min(high, 1)),
        level=level,
    )


def _log_power(orders: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Return the Poisson log-likelihood of a count at its own rate, without constants."""
    return orders * np.log(np.maximum(orders, 0.5) / seconds)
