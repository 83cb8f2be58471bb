"""Several laws of arrival weighed together: what the orders seen say of those to come.

The law is not known, so every one of `WEIGHED_LAWS` gets a posterior probability
(`law_weights`), the orders still to come are drawn from all of them, and the draws are given the
errors that laws have had on crowds which follow none of them (`hindcast`, `discrepancy`). Before
that the first seconds (`first_seconds`) and the end of the stream (`stream_end`) are looked at. A
single law is fitted in `arrivals`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ..look import Shown
from .arrival_laws import WEIGHED_LAWS
from .arrival_sale import Sale, sale_of_times
from .arrivals import check_times, join_intervals, sale_of_counts
from .discrepancy import growth_sd, to_come_sd, widen_growth, widen_total
from .first_seconds import FirstSeconds, read_first_seconds
from .hindcast import Hindcast, hindcast, pseudo_times
from .law_weights import LawDraws, weigh_laws
from .stream_end import StreamEnd, read_stream_end

SMALLEST_SHARE = 1e-12  # of those who want one that a sale can have caught
LEAST_OF_DRYING = 0.5  # of what comes if the stream dries up as it did at its end
ENDLESS_WEIGHT = 0.33  # of the power law, at which there is no upper limit
WORST_FIT = 0.2  # chance of a worse fit, above which a log is taken to follow a law
SHARE_OF_LEVEL = 0.99  # of the level asked for, that laws hold where the plain rule stands by them
TOO_WIDE = 10.0  # times from low to high, beyond which we cannot tell
FEWEST_AFTER_BURST = 30  # orders after a burst, to be fitted without it
EARLIER_CLOCKS = np.geomspace(2, 16, 13)  # whose orders are the least of any later time


@dataclass(frozen=True, kw_only=True)
class ArrivalLaws(Shown):
    """Laws of arrival weighed by posterior probability, with draws of the orders still to come.

    This is the answer for one sale; the module `arrival_laws` holds the laws themselves.

    Attributes
    ----------
    orders : int
        Orders seen.
    closed_s : float
        When the clock stopped, seconds since the opening.
    dispersion : float
        Variance of counts over that of a Poisson stream, by the best law's residuals, at least 1.
        It widens every interval.
    chance_of_worse_fit : float
        Chance that a log which follows the best law lies further from it.
    weights : dict
        Posterior probability of each law.
    draws : dict
        `LawDraws` of each law.
    sale : Sale
        What the laws were fitted to, on a clock from 0 (the end of the dead time) to 1: orders of a
        burst at the opening are left out.
    first_seconds : FirstSeconds
        Dead time and burst at the opening.
    stream_end : StreamEnd
        Rates when the clock stopped, and whether the shop's own limit made them.
    hindcasts : tuple of Hindcast
        Forecasts of the end of the log from earlier moments of it.
    """

    orders: int
    closed_s: float
    dispersion: float
    chance_of_worse_fit: float
    weights: dict[str, float]
    draws: dict[str, LawDraws]
    sale: Sale
    first_seconds: FirstSeconds
    stream_end: StreamEnd
    hindcasts: tuple[Hindcast, ...]

    def orders_by(self, t_s: float, level: float = 0.8) -> tuple[float, float, float]:
        """Give the orders by a time, had there been stock: low, median and high.

        Parameters
        ----------
        t_s : float
            Seconds since the opening, from the end of the clock to infinity.
        level : float
            Share of predictions between low and high.

        Returns
        -------
        tuple of float
            Low, median and high, in orders since the opening. Median and high are never more than
            in all; the low end in all may be lower, as it allows for a stream that dries up.

        Raises
        ------
        ValueError
            For a time before the clock stopped.
        """
        if not t_s >= self.closed_s:
            raise ValueError(
                f"t_s = {t_s:g}; expected a time from {self.closed_s:g} s on, "
                "when the clock stopped"
            )
        if t_s == self.closed_s:
            return (float(self.orders),) * 3
        if np.isinf(t_s):
            return self._range_in_all(level)

        levels = _levels_of_range(level)
        by_then = self._grown_by(t_s, levels)
        earlier_s = self.closed_s * EARLIER_CLOCKS
        for earlier in earlier_s[earlier_s < t_s]:  # who came by then came by the later time too
            by_then[0] = max(by_then[0], self._grown_by(earlier, levels)[0])
        by_then = np.minimum(by_then, self._quantiles_in_all(levels))
        if self.stream_end.throttled:
            by_then[0] = self.orders
        return tuple(float(value) for value in by_then)

    def _grown_by(self, t_s: float, levels: Sequence[float]) -> np.ndarray:
        """Quantiles of the orders by a time, by laws with errors.

        Errors grow with the log of time: they are those of the power by which orders grow.
        """
        log_time = np.log(t_s / self.closed_s)
        to_come, weights = self._draws_to_come(t_s)
        growth = np.log1p(to_come / self.orders) / log_time
        wide, shares = widen_growth(growth, weights, growth_sd(self.hindcasts))
        powers = np.array(weighted_quantiles(wide, shares, levels))
        return self.orders * np.exp(log_time * powers)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Give limits of those who wanted one, with the errors that laws have on other crowds.

        A stream that is flat to its end sets no limits but the orders seen.
        """
        low, _, high = self._range_in_all(level)
        return low, high

    @property
    def interested(self) -> float:
        """Median of the number who wanted one, over all laws."""
        return float(self._quantiles_in_all((0.5,))[0])

    @property
    def cannot_tell(self) -> bool:
        """Whether the 95 % interval is open at the top or more than tenfold."""
        low, high = self.interval()
        return high > TOO_WIDE * low

    def _quantiles_in_all(self, levels: Sequence[float]) -> np.ndarray:
        """Quantiles of the number who wanted one, those seen included, by laws with errors."""
        return self.orders + np.array(weighted_quantiles(*self._wide_total, levels))

    def _range_in_all(self, level: float) -> tuple[float, float, float]:
        """Low, median and high of the number who wanted one, open where the stream's end is."""
        low, middle, high = (
            float(total) for total in self._quantiles_in_all(_levels_of_range(level))
        )
        if self.stream_end.flat:
            return float(self.orders), middle, np.inf
        low = min(low, self.orders + LEAST_OF_DRYING * self.stream_end.orders_if_it_dries_up)
        if self.weights["power"] > ENDLESS_WEIGHT:
            return low, middle, np.inf
        if self.chance_of_worse_fit > WORST_FIT:
            high = max(high, self._high_by_laws(level))
        return low, middle, high

    def _high_by_laws(self, level: float) -> float:
        """Upper limit of the number who wanted one if one of the laws is right.

        The plain rule knows logs that show a third of their people or more. Of a log that shows
        less, and follows a law, it would take away what the law rightly leaves open. `WORST_FIT`
        and `SHARE_OF_LEVEL` widen no more than it takes for logs of the laws themselves, a fifth
        seen, to hold as often as they should.
        """
        to_come, weights = self._draws_to_come(np.inf)
        finite = np.isfinite(to_come)
        levels = _levels_of_range(SHARE_OF_LEVEL * level)
        _, _, high = weighted_quantiles(to_come[finite], weights[finite], levels)
        return self.orders + high

    @cached_property
    def _wide_total(self) -> tuple[np.ndarray, np.ndarray]:
        """Draws of all orders still to come with their errors, and weights."""
        to_come, weights = self._draws_to_come(np.inf)
        sd = to_come_sd(self.hindcasts)
        return widen_total(to_come, weights, sd, self.stream_end.orders_in_one_more_clock)

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """Return a row a law, as if it alone were right, and one for all laws with their errors.

        Columns are law, weight, interested (people), low and high.
        """
        levels = _levels_of_range(level)
        rows = []
        for law, weight in self.weights.items():
            to_come, weights = self._draws_of(law, np.inf)
            low, middle, high = weighted_quantiles(to_come, weights, levels)
            rows.append(
                {
                    "law": law,
                    "weight": weight,
                    "interested": self.orders + middle,
                    "low": self.orders + low,
                    "high": self.orders + high,
                }
            )
        low, high = self.interval(level)
        together = {
            "law": "all together",
            "weight": 1.0,
            "interested": self.interested,
            "low": low,
            "high": high,
        }
        return pd.DataFrame([*rows, together])

    def _draws_to_come(self, t_s: float) -> tuple[np.ndarray, np.ndarray]:
        """Orders from the end of the clock to a time, draws of all laws, and their weights."""
        to_come, weights = zip(*(self._draws_of(law, t_s) for law in self.draws), strict=True)
        shares = [self.weights[law] * one for law, one in zip(self.draws, weights, strict=True)]
        return np.concatenate(to_come), np.concatenate(shares)

    def _draws_of(self, law: str, t_s: float) -> tuple[np.ndarray, np.ndarray]:
        """Orders from the end of the clock to a time, one a draw of a law, and their weights."""
        rng = np.random.default_rng(len(law))  # the same question gets the same answer
        family = WEIGHED_LAWS[law]
        points, weights = self.draws[law]
        q = points.T
        dispersion = self.dispersion
        dead_s = self.first_seconds.dead_s
        x = (t_s - dead_s) / (self.closed_s - dead_s)

        # How many come in that time for each one seen.
        with np.errstate(over="ignore"):
            share_by_x = 1.0 if np.isinf(x) and family.limit else family.cdf(x, q)
            share_ahead = np.maximum(share_by_x - family.cdf(1.0, q), 0)
            observed_share = np.maximum(self.sale.observed_share(family, q), SMALLEST_SHARE)
        ahead_per_seen = share_ahead / observed_share

        # The population given those seen is a gamma; counts are negative binomial, that is Poisson
        # with a gamma mean, so that their variance is `dispersion` times their mean.
        mean = ahead_per_seen * rng.gamma(self.sale.orders / dispersion, dispersion, len(points))
        if dispersion > 1 + 1e-9:
            size = np.clip(mean, 1e-9, 1e12) / (dispersion - 1)
            mean = np.where(np.isfinite(mean), rng.gamma(size, dispersion - 1), mean)
        countable = mean < 1e12
        return np.where(countable, rng.poisson(np.where(countable, mean, 0)), mean), weights


def fit_arrival_laws(
    order_times_s: Sequence[float],
    *,
    closed_s: float | None = None,
    limit_per_s: float | None = None,
) -> ArrivalLaws:
    """Weigh all laws of arrival by the times of a sale's orders.

    Parameters have vague normal priors on the clock from 0 to 1, the likelihood is tempered by the
    dispersion, the population is Poisson, and draws come by importance sampling. Times at the
    opening itself, as of a log counted from its first order, are put half-way to the next.

    Parameters
    ----------
    order_times_s : sequence of float
        Seconds from the opening to each order.
    closed_s : float, optional
        When the clock stopped with stock left; None: the stock ran out with the last order.
    limit_per_s : float, optional
        Orders a second that the shop can take, where it is known.

    Returns
    -------
    ArrivalLaws
        Weights, draws, and the orders still to come.

    Raises
    ------
    ValueError
        As `fit_arrivals`.
    """
    times, closed = check_times(order_times_s, closed_s, 0.0, None)
    later = times[times > 0]
    times = np.maximum(times, later[0] / 2)
    orders_by = np.arange(1, len(times) + 1)
    clock_s, orders_by_clock = times, orders_by
    if closed > times[-1]:
        clock_s, orders_by_clock = np.append(times, closed), np.append(orders_by, len(times))
    first = read_first_seconds(clock_s, orders_by_clock)
    end = read_stream_end(clock_s, orders_by_clock, limit_per_s=limit_per_s)

    # The laws' clock starts where orders were possible; orders of a burst are none of theirs.
    dead_s = first.dead_s
    in_burst = int(np.searchsorted(times, first.burst_s, side="right"))
    if len(times) - in_burst < FEWEST_AFTER_BURST:
        in_burst = 0
    burst_end_s = first.burst_s if in_burst else dead_s
    modelled = times[in_burst:] - dead_s
    sale = sale_of_times(modelled, closed - dead_s, burst_end_s - dead_s).grouped()
    x = modelled / (closed - dead_s)
    weighed = weigh_laws(sale, x, np.arange(1, len(x) + 1))
    return ArrivalLaws(
        orders=len(times),
        closed_s=closed,
        dispersion=weighed.dispersion,
        chance_of_worse_fit=weighed.chance_of_worse_fit,
        weights=weighed.weights,
        draws=weighed.draws,
        sale=sale,
        first_seconds=first,
        stream_end=end,
        hindcasts=hindcast(x, sale.lost_share, in_burst, WEIGHED_LAWS, weighed.dispersion),
    )


def fit_arrival_count_laws(
    edges_s: Sequence[float], orders: Sequence[int], *, limit_per_s: float | None = None
) -> ArrivalLaws:
    """Weigh all laws by orders counted per interval, as stamps to the second are.

    Parameters
    ----------
    edges_s : sequence of float
        Ends of the intervals in seconds since the opening, rising, one more than counts.
    orders : sequence of int
        Orders in each interval.
    limit_per_s : float, optional
        Orders a second that the shop can take, where it is known.

    Returns
    -------
    ArrivalLaws
        Weights, draws, and the orders still to come.

    Raises
    ------
    ValueError
        As `fit_arrival_counts`.
    """
    every = sale_of_counts(edges_s, orders)
    edges_s = np.asarray(edges_s, float)
    counts = np.asarray(orders, float)
    step_s = float(np.min(np.diff(edges_s)))
    first = FirstSeconds()
    if edges_s[0] == 0:
        first = read_first_seconds(edges_s[1:], np.cumsum(counts), step_s=step_s)
    end = read_stream_end(edges_s[1:], np.cumsum(counts), step_s=step_s, limit_per_s=limit_per_s)

    # The laws' clock starts where orders were possible; orders of a burst are none of theirs.
    start = int(np.searchsorted(edges_s, first.burst_s))
    if counts[start:].sum() < FEWEST_AFTER_BURST:
        start = 0
    in_burst = int(counts[:start].sum())
    start = max(start, int(np.searchsorted(edges_s, first.dead_s)))
    edges_s, counts = join_intervals(edges_s[start:] - first.dead_s, counts[start:])
    sale = sale_of_counts(edges_s, counts)
    weighed = weigh_laws(sale, sale.edges[1:], np.cumsum(sale.counts))
    x, orders_each = pseudo_times(sale.edges, sale.counts)
    hindcasts = hindcast(
        x, sale.lost_share, in_burst, WEIGHED_LAWS, weighed.dispersion, orders_each
    )
    return ArrivalLaws(
        orders=every.orders,
        closed_s=every.closed_s,
        dispersion=weighed.dispersion,
        chance_of_worse_fit=weighed.chance_of_worse_fit,
        weights=weighed.weights,
        draws=weighed.draws,
        sale=sale,
        first_seconds=first,
        stream_end=end,
        hindcasts=hindcasts,
    )


def _levels_of_range(level: float) -> tuple[float, float, float]:
    """Probabilities of the low end, the median and the high end of a range."""
    tail = (1 - level) / 2
    return tail, 0.5, 1 - tail


def weighted_quantiles(
    values: np.ndarray, weights: np.ndarray, levels: Sequence[float]
) -> tuple[float, ...]:
    """Order statistics of weighted values, infinite ones among them."""
    order = np.argsort(values)
    cumulative = np.cumsum(weights[order]) / weights.sum()
    positions = np.searchsorted(cumulative, levels)
    return tuple(float(value) for value in values[order][np.minimum(positions, len(values) - 1)])
