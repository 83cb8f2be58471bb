"""How a stream of orders ended: still at its highest rate, at the shop's own limit, or falling.

A stream that is flat to its end says nothing of those still to come. Where it is also more even
than chance, the log shows the shop: it let in so many a second and held the rest in line, and how
many stood there is not in the log. `arrival_mix` sets no limits for such logs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

WINDOW = 0.2  # of the clock: rates are compared between windows so long
STEP = 0.05  # of the clock between two windows
FLAT_RATIO = 0.9  # rate at the end over the highest rate, at least
SURELY_FALLEN = 3.0  # standard errors below the highest rate: the stream has thinned out
EVEN_INTERVALS = 40  # in which the flat part is counted to see whether it is more even than chance
FEWEST_AN_INTERVAL = 5.0
FEWEST_INTERVALS = 5
EVEN_LEVEL = 0.01  # chance that a Poisson stream looks so even


@dataclass(frozen=True, kw_only=True)
class StreamEnd:
    """How a stream of orders ended.

    Attributes
    ----------
    rate_per_s : float
        Orders a second in the last fifth of the clock.
    earlier_rate_per_s : float
        Orders a second in the fifth before it.
    highest_rate_per_s : float
        Orders a second in the busiest fifth.
    window_s : float
        Length of a fifth of the clock.
    flat : bool
        Whether the stream stayed at its highest rate to the end, as far as can be seen.
    even : bool
        Whether it was, from its busiest fifth on, more even than chance; or stood at a limit of the
        shop that is known.
    """

    rate_per_s: float
    earlier_rate_per_s: float
    highest_rate_per_s: float
    window_s: float
    flat: bool
    even: bool

    @property
    def throttled(self) -> bool:
        """Whether the log shows the shop's queue: flat to the end and more even than chance."""
        return self.flat and self.even

    @property
    def orders_in_one_more_clock(self) -> float:
        """Orders that as long a time again would bring at the rate of the end."""
        return (self.rate_per_s * self.window_s + 0.5) / WINDOW

    @property
    def orders_if_it_dries_up(self) -> float:
        """Orders still to come if the rate goes on falling as fast as it did at the end.

        Each fifth of the clock then brings the same share of the one before it. The fall is taken
        one standard error steeper than it was; a stream that did not fall dries up in one clock.
        """
        last = self.rate_per_s * self.window_s + 0.5
        before = self.earlier_rate_per_s * self.window_s + 0.5
        log_fall = np.log(before / last) + np.sqrt(1 / before + 1 / last)
        return float(last / max(log_fall, WINDOW))


def read_stream_end(
    times_s: np.ndarray,
    orders_by: np.ndarray,
    *,
    step_s: float = 0.0,
    limit_per_s: float | None = None,
) -> StreamEnd:
    """Look at the end of a stream of orders: its rates, and whether the shop's limit made them.

    Parameters
    ----------
    times_s : array
        Rising times, seconds since the opening; the last one is when the clock stopped.
    orders_by : array
        Orders by each of these times.
    step_s : float
        How coarse the stamps are: orders are counted in full steps.
    limit_per_s : float, optional
        Orders a second that the shop can take, where it is known.

    Returns
    -------
    StreamEnd
        Rates at the end and before, and whether the stream was flat and even.

    Examples
    --------
    >>> times_s = np.arange(1, 1001) / 100  # one every hundredth of a second, as from a queue
    >>> read_stream_end(times_s, np.arange(1, 1001)).throttled
    True
    """
    closed_s = times_s[-1]
    window_s = WINDOW * closed_s

    def orders_between(start_s, end_s):
        by_start = np.interp(start_s, times_s, orders_by, left=0.0)
        return np.interp(end_s, times_s, orders_by, left=0.0) - by_start

    last = float(orders_between(closed_s - window_s, closed_s))
    before = float(orders_between(closed_s - 2 * window_s, closed_s - window_s))
    starts_s = np.arange(0, 1 - 2 * WINDOW + 1e-9, STEP) * closed_s
    windows = orders_between(starts_s, starts_s + window_s)
    busiest = int(np.argmax(windows))
    highest = float(windows[busiest])
    standard_errors_below = (highest - last) / np.sqrt(highest + last + 1)
    flat = last >= FLAT_RATIO * highest or standard_errors_below < SURELY_FALLEN
    even = _is_even(orders_between, starts_s[busiest], closed_s, step_s)
    if limit_per_s is not None and last / window_s >= FLAT_RATIO * limit_per_s:
        flat = even = True
    return StreamEnd(
        rate_per_s=last / window_s,
        earlier_rate_per_s=before / window_s,
        highest_rate_per_s=max(highest, last) / window_s,
        window_s=float(window_s),
        flat=bool(flat),
        even=bool(even),
    )


def _is_even(orders_between: Callable, start_s: float, closed_s: float, step_s: float) -> bool:
    """Whether counts from a time on vary less than those of a Poisson stream (dispersion test)."""
    orders = float(orders_between(start_s, closed_s))
    intervals = int(min(EVEN_INTERVALS, orders / FEWEST_AN_INTERVAL))
    edges_s = np.linspace(start_s, closed_s, max(intervals, 1) + 1)
    if step_s:
        edges_s = np.unique(np.round(edges_s / step_s) * step_s)
    if len(edges_s) <= FEWEST_INTERVALS:
        return False
    counts = orders_between(edges_s[:-1], edges_s[1:])
    expected = counts.sum() * np.diff(edges_s) / (edges_s[-1] - edges_s[0])
    statistic = np.sum((counts - expected) ** 2 / expected)
    return bool(chi2.cdf(statistic, len(counts) - 1) < EVEN_LEVEL)
