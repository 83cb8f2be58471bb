"""Latent demand of one sale under one law of arrival: how many wanted one.

Only the orders before the clock stopped are seen, either because the stock was gone (Type II
censoring) or because the log ended (Type I). Laws and likelihoods are in `arrival_laws` and
`arrival_sale`; `arrival_mix` weighs several laws, which is what pages show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import chi2

from ..look import Shown
from .arrival_laws import ARRIVAL_LAWS, Law
from .arrival_sale import (
    CountedSale,
    Sale,
    TimedSale,
    endless_loglik,
    fixed_loglik,
    fixed_maximum,
    poisson_loglik,
    poisson_maximum,
    sale_of_times,
)
from .ascent import NO_HEIGHT, newton_ascent

ENDLESS = 1e12  # a population that no data can tell from one without end
EQUAL_LOGLIK = 1e-7  # log-likelihoods nearer than this are equal
PROFILE_GRID = np.linspace(np.log(0.01), np.log(ENDLESS), 26)  # log numbers of people missed
TIMES_FINER = 3  # that a step of the grid is cut into twelve, to find where a profile crosses
POPULATIONS = ("poisson", "fixed")
MOST_INTERVALS = 160  # in which the orders of one log are counted


@dataclass(frozen=True, kw_only=True)
class ArrivalFit(Shown):
    """One law fitted to the orders of one sale.

    No page shows it: it serves the count "order log, law of arrival known", a row of the page on
    evidence.

    Attributes
    ----------
    law, population : str
        Name of the law of arrival; "poisson" or "fixed".
    orders : int
        Orders seen.
    closed_s : float
        When the clock stopped, seconds since the opening.
    interested : float
        People who wanted one, those seen included: at most the registrations, where they are given;
        infinite without a finite maximum.
    identified : bool
        Whether the likelihood has its maximum at a finite number of people. `interval` may still
        be open.
    loglik : float
        Log-density of the order times (of counts: log-probability), with every constant.
    parameters : dict
        The law's parameters by name, rates per second.
    registrations : float
        Cap on the number of people; infinite where none was given.
    sale : Sale
        What was seen, on the clock from 0 to 1.
    family : Law
        The law, with its functions.
    point : array
        The law's own parameters at the maximum.
    """

    law: str
    population: str
    orders: int
    closed_s: float
    interested: float
    identified: bool
    loglik: float
    parameters: dict[str, float]
    registrations: float
    sale: Sale
    family: Law
    point: np.ndarray

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Give limits of the number who wanted one, from those seen to infinity or the cap.

        They are profile limits of a fixed population: 2 (summit - profile) is held against
        chi-squared with one degree of freedom. With registrations the summit is that of the
        populations they allow.
        """
        if self.family.limit is None:
            return float(self.orders), self.registrations
        low, high = self.limits(self._summit_under_cap() - chi2.ppf(level, 1) / 2)
        low = min(low, self.interested)
        high = min(max(high, self.interested), self.registrations)
        return float(low), float(high)

    def _summit_under_cap(self) -> float:
        """Height of the profile at its highest point among populations up to the registrations."""
        if np.isinf(self.registrations):
            return self.summit
        most_missed = self.registrations - self.orders
        log_missed, heights = self._curve
        allowed = heights[np.exp(log_missed) <= most_missed]
        at_the_cap = float(self.profile(most_missed)[0])
        return max(at_the_cap, allowed.max(initial=-np.inf))

    def limits(self, least_loglik: float) -> tuple[float, float]:
        """Return the smallest and the largest population whose profile reaches a log-likelihood.

        The log-likelihood is that of the clock from 0 to 1, as `summit` and `profile` give it.
        """
        log_missed, heights = self._curve
        inside = np.flatnonzero(heights >= least_loglik)
        if not len(inside):
            return float(self.interested), float(self.interested)
        first, last = inside[0], inside[-1]
        low, high = float(self.orders), np.inf
        if first > 0:
            low = self._crossing(log_missed[first - 1], log_missed[first], least_loglik)
        endless = self._endless_height >= least_loglik or last == len(log_missed) - 1
        if not endless:
            high = self._crossing(log_missed[last], log_missed[last + 1], least_loglik)
        return low, high

    def profile(self, missed: np.ndarray) -> np.ndarray:
        """Highest log-likelihood, over the law's parameters, of fixed populations.

        Parameters
        ----------
        missed : array
            People more than those seen, one number a population.

        Returns
        -------
        array of the shape of `missed`
            Log-likelihoods on the clock from 0 to 1.
        """
        return self._best_for(np.atleast_1d(np.asarray(missed, float)))[1]

    @property
    def summit(self) -> float:
        """Height of the profile at its highest point, which may be its endless end."""
        if self.family.limit is None:
            return self._endless_height
        return max(self._endless_height, float(self._curve[1].max()))

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """Return term, estimate, low, high, unit: people who wanted one, then parameters."""
        low, high = self.interval(level)
        people = {
            "term": "people who wanted one",
            "estimate": self.interested,
            "low": low,
            "high": high,
            "unit": "people",
        }
        parameters = [
            {
                "term": name,
                "estimate": value,
                "low": np.nan,
                "high": np.nan,
                "unit": "per second" if name.endswith("per_s") else "",
            }
            for name, value in self.parameters.items()
        ]
        return pd.DataFrame([people, *parameters])

    @cached_property
    def _endless_height(self) -> float:
        """Height that the profile approaches without end."""
        return endless_loglik(self.sale, self.family)

    @cached_property
    def _curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Log numbers missed and the profile there, its highest point among them."""
        points, heights = self._best_for(np.exp(PROFILE_GRID))

        # The summit lies between points of the grid: climb to it from the three highest.
        best = np.argsort(-heights)[:3]
        starts = np.vstack([points, PROFILE_GRID])[:, best]
        top, peak = fixed_maximum(self.sale.grouped(), self.family, starts)
        log_missed = np.clip(top[-1], PROFILE_GRID[0], PROFILE_GRID[-1])
        position = int(np.searchsorted(PROFILE_GRID, log_missed))
        return (
            np.insert(PROFILE_GRID, position, log_missed),
            np.insert(heights, position, max(peak, heights.max())),
        )

    def _best_for(self, missed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Best parameters (parameters, n) and heights (n,) given the people missed (n,)."""
        law = self.family
        sale = self.sale.grouped()

        def height_at(q, missed):
            return fixed_loglik(sale, law, q, missed)

        # Every population is climbed from the best of all starts, then once more from the best
        # point that any population reached: neighbours help each other out of lower summits.
        points = np.column_stack([law.starts, self.point])
        for _ in range(2):
            with np.errstate(all="ignore"):
                start_heights = np.nan_to_num(height_at(points[:, :, None], missed), nan=NO_HEIGHT)
            starts = points[:, np.argmax(start_heights, axis=0)]
            points, heights = newton_ascent(height_at, starts, missed)
        return points, heights

    def _crossing(self, start: float, end: float, least_loglik: float) -> float:
        """Find the population between two log numbers missed with this profile height.

        The profile of a large log is a narrow peak between two points of its grid: the pair of
        points on either side of the height is looked for on finer and finer steps.
        """
        for _ in range(TIMES_FINER):
            log_missed = np.linspace(start, end, 13)
            above = self.profile(np.exp(log_missed)) - least_loglik
            changes_side = (above > 0) != (above[0] > 0)
            after = min(max(int(np.argmax(changes_side)), 1), len(log_missed) - 1)
            before = after - 1
            start, end = log_missed[before], log_missed[after]

        # A straight line between the two points on either side, in the log number missed.
        share = 0.5
        if above[before] != above[after]:
            share = np.clip(above[before] / (above[before] - above[after]), 0, 1)
        crossing = log_missed[before] + share * (log_missed[after] - log_missed[before])
        return self.orders + float(np.exp(crossing))


def fit_arrivals(
    order_times_s: Sequence[float],
    *,
    closed_s: float | None = None,
    lost_s: float = 0.0,
    registrations: float | None = None,
    law: str = "exponential",
    population: str = "poisson",
) -> ArrivalFit:
    """Fit one law of arrival to the orders seen of a sale, and with it the number who wanted one.

    Arrivals are assumed independent of one another. Whether a finite maximum exists goes by the
    exact condition for the exponential law (fixed population: Littlewood & Verrall 1981), else by
    the likelihood of an endless population.

    Parameters
    ----------
    order_times_s : sequence of float
        Seconds from the opening to each order, in any sequence.
    closed_s : float, optional
        When the clock stopped with stock left (Type I censoring). None: the stock ran out with
        the last order (Type II).
    lost_s : float
        First seconds whose orders were not recorded.
    registrations : float, optional
        Cap on the number of people (times the share that shows up, where known: 0.67 for the Mi 1).
    law : str
        A key of `ARRIVAL_LAWS`; "power" never saturates.
    population : {"poisson", "fixed"}
        Poisson (Goel & Okumoto 1979) or fixed (Jelinski & Moranda 1972).

    Returns
    -------
    ArrivalFit
        Estimate, interval and parameters.

    Raises
    ------
    ValueError
        For times that no sale has, fewer than three orders, and unknown words.

    Examples
    --------
    >>> fit = fit_arrivals([1, 2, 3, 4, 6, 8, 11, 15, 22, 40])
    >>> float(round(fit.interested, 1)), fit.identified
    (10.5, True)
    """
    times, closed = check_times(order_times_s, closed_s, lost_s, registrations)
    if law != "exponential" and times[0] <= 0:
        raise ValueError(
            f"an order at {times[0]:g} s has no likelihood under the {law} law; "
            "expected times above 0, or counts"
        )
    return fit_sale(sale_of_times(times, closed, lost_s), law, population, registrations)


def fit_arrival_counts(edges_s: Sequence[float], orders: Sequence[int], *, law: str) -> ArrivalFit:
    """Fit one law to orders counted per interval, the right way for stamps to the second.

    The population is Poisson.

    Parameters
    ----------
    edges_s : sequence of float
        Ends of the intervals in seconds since the opening, rising, one more than counts.
    orders : sequence of int
        Orders in each interval.
    law : str
        A key of `ARRIVAL_LAWS`.

    Returns
    -------
    ArrivalFit
        Estimate, interval and parameters.

    Raises
    ------
    ValueError
        For edges that do not rise, counts that are no whole numbers, or fewer than three orders.
    """
    return fit_sale(sale_of_counts(edges_s, orders), law)


def sale_of_counts(edges_s: Sequence[float], orders: Sequence[int]) -> CountedSale:
    """Put counts on the clock from 0 to 1; ValueError for what cannot be one sale."""
    edges = np.asarray(edges_s, dtype=float)
    counts = np.asarray(orders, dtype=float)
    one_more = edges.ndim == 1 and len(edges) == len(counts) + 1
    if not (one_more and (np.diff(edges) > 0).all() and edges[0] >= 0):
        raise ValueError(
            f"{len(edges)} edges for {len(counts)} counts; "
            "expected rising edges from 0 on, one more than counts"
        )
    whole_numbers = np.isfinite(counts) & (counts >= 0) & (counts == np.round(counts))
    if not whole_numbers.all():
        raise ValueError("orders: expected whole numbers, 0 or more")
    if counts.sum() < 3:
        raise ValueError(f"{counts.sum():g} orders; expected at least 3")
    closed_s = float(edges[-1])
    return CountedSale(
        orders=int(counts.sum()),
        closed_s=closed_s,
        lost_share=edges[0] / closed_s,
        edges=edges / closed_s,
        counts=counts,
    )


def join_intervals(edges_s: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Join the intervals of a long log, so that a fit costs no more than that of a short one.

    Joined intervals end at even steps of time or at even steps of its logarithm, so that both the
    opening and the end keep their detail.

    Parameters
    ----------
    edges_s : array (intervals + 1,)
        Ends of the intervals, rising from 0 or more.
    counts : array (intervals,)
        Orders in each.

    Returns
    -------
    (array (fewer + 1,), array (fewer,))
        Some of the edges, and the orders between them.

    Examples
    --------
    >>> edges_s, counts = join_intervals(np.arange(3601.0), np.ones(3600))
    >>> len(counts) <= MOST_INTERVALS, counts.sum()
    (True, np.float64(3600.0))
    """
    if len(counts) <= MOST_INTERVALS:
        return edges_s, counts
    half = MOST_INTERVALS // 2
    even = np.linspace(edges_s[0], edges_s[-1], half)
    by_logarithm = edges_s[0] + np.geomspace(
        edges_s[1] - edges_s[0], edges_s[-1] - edges_s[0], half
    )
    chosen = np.searchsorted(edges_s, np.concatenate([even, by_logarithm]))
    chosen = np.unique(np.clip(chosen, 0, len(counts)))
    orders_by = np.append(0, np.cumsum(counts))[chosen]
    return edges_s[chosen], np.diff(orders_by)


def check_times(
    order_times_s: Sequence[float],
    closed_s: float | None,
    lost_s: float,
    registrations: float | None,
) -> tuple[np.ndarray, float]:
    """Return sorted times and when the clock stopped; ValueError where they are no sale."""
    try:
        times = np.sort(np.asarray(order_times_s, dtype=float).ravel())
    except (TypeError, ValueError):
        raise ValueError("order_times_s: expected numbers, seconds since the sale opened") from None
    if len(times) < 3:
        raise ValueError(
            f"{len(times)} orders; expected at least 3 "
            "(with fewer nothing can be told of those to come)"
        )
    if not np.isfinite(times).all():
        unfinite = np.sum(~np.isfinite(times))
        raise ValueError(f"order_times_s: {unfinite} of {len(times)} times are not finite numbers")
    if not 0 <= lost_s < np.inf:
        raise ValueError(f"lost_s = {lost_s:g}; expected seconds, 0 or more")
    at_the_opening = times[0] == lost_s == 0
    if times[0] <= lost_s and not at_the_opening:
        lost = f" and the {lost_s:g} s lost" if lost_s > 0 else ""
        raise ValueError(
            f"an order at {times[0]:g} s; expected all of them after the opening{lost}"
        )
    closed = float(times[-1]) if closed_s is None else float(closed_s)
    _check_close(times, closed, registrations)
    return times, closed


def _check_close(times: np.ndarray, closed_s: float, registrations: float | None) -> None:
    """Hold sorted times against when the clock stopped and against the number registered."""
    if not closed_s >= times[-1]:
        raise ValueError(f"an order at {times[-1]:g} s, after the clock stopped at {closed_s:g} s")
    if times[0] == times[-1] and times[0] in (0, closed_s):
        raise ValueError(
            "all orders at one time; expected stamps finer than that, "
            "or fit_arrival_counts for counts per second"
        )
    if registrations is not None and not registrations >= len(times):
        raise ValueError(
            f"{registrations:g} registrations; expected at least the {len(times)} orders seen"
        )


def fit_sale(
    sale: Sale,
    law: str,
    population: str = "poisson",
    registrations: float | None = None,
    laws: Mapping[str, Law] = ARRIVAL_LAWS,
) -> ArrivalFit:
    """Fit one of `laws` to a sale that is already on the clock from 0 to 1.

    `fit_arrivals` and `fit_arrival_counts` make such a sale and call this; see there.
    """
    if law not in laws or population not in POPULATIONS:
        raise ValueError(
            f"law {law!r}, population {population!r}; "
            f"expected one of {', '.join(laws)}, and poisson or fixed"
        )
    family = laws[law]
    exact = law == "exponential" and isinstance(sale, TimedSale) and not sale.lost_share
    if exact:
        point, people, loglik = _fit_exponential(sale, population)
    elif population == "poisson" or family.limit is None:
        point, people, loglik = _fit_poisson_population(sale, family)
    else:
        point, people, loglik = _fit_fixed_population(sale, family)

    # The maximum is finite where it beats a population without end.
    endless = endless_loglik(sale, family)
    beats_endless = loglik > endless + EQUAL_LOGLIK and people < ENDLESS
    identified = bool(np.isfinite(people) and (exact or beats_endless))
    if not identified:
        people = np.inf
        loglik = max(loglik, endless)
    cap = np.inf if registrations is None else float(registrations)
    return ArrivalFit(
        law=law,
        population=population,
        orders=sale.orders,
        closed_s=sale.closed_s,
        interested=float(min(people, cap)),
        identified=identified,
        loglik=float(loglik + sale.loglik_constant()),
        parameters=family.parameters_per_second(point, sale.closed_s),
        registrations=cap,
        sale=sale,
        family=family,
        point=point,
    )


def _fit_poisson_population(sale: Sale, family: Law) -> tuple[np.ndarray, float, float]:
    """Parameters, population and log-likelihood at the maximum of a Poisson population."""
    point, loglik = poisson_maximum(sale, family)
    if family.limit is None:
        return point, np.inf, loglik
    share = max(float(sale.observed_share(family, point)), 1 / ENDLESS)
    return point, sale.orders / share, loglik


def _fit_fixed_population(sale: Sale, family: Law) -> tuple[np.ndarray, float, float]:
    """Parameters, population and log-likelihood at the maximum of a fixed population."""
    log_missed_over_seen = (-4.0, -2.0, 0.0, 2.0)
    starts = [
        (*start, np.log(sale.orders) + log_ratio)
        for start in family.starts.T
        for log_ratio in log_missed_over_seen
    ]
    best, loglik = fixed_maximum(sale, family, np.array(starts).T)
    return best[:-1], sale.orders + float(np.exp(best[-1])), loglik


def _fit_exponential(sale: TimedSale, population: str) -> tuple[np.ndarray, float, float]:
    """Fit the exponential law in closed form but for one root.

    Gives parameters, population and log-likelihood. A finite maximum exists where the mean time
    lies in the first half of the clock (fixed population: nearly so); else people are infinite.
    """
    n = sale.orders
    total = sale.sum_x
    law = ARRIVAL_LAWS["exponential"]
    if population == "poisson" and total / n < 0.5:
        rate = _rate_of_mean(total / n)
        q = np.array([np.log(rate)])
        return q, n / -np.expm1(-rate), float(poisson_loglik(sale, law, q))
    if population == "fixed" and total < (n + 1) / 2:
        missed = _missed_of_fixed_exponential(n, total)
        q = np.array([np.log(n / (total + missed))])
        return q, n + missed, float(fixed_loglik(sale, law, q, missed))
    no_rate = np.array([-12.0])
    return no_rate, np.inf, -np.inf


def _rate_of_mean(mean: float) -> float:
    """Rate b of exponential times cut at 1 that have this mean (below one half)."""

    def mean_of_rate(b):
        # 1/b - 1/(e^b - 1); for small b its series, as the two terms cancel.
        if b < 1e-3:
            return 0.5 - b / 12 + b**3 / 720
        return 1 / b - np.exp(-b) / -np.expm1(-b)

    # The mean lies above 1/2 - b/12 and below 1/b, which brackets the rate.
    least = 6 * (0.5 - mean)
    most = 1.01 / mean
    return brentq(lambda b: mean_of_rate(b) - mean, least, most, xtol=1e-15, rtol=1e-14)


def _missed_of_fixed_exponential(n: int, total: float) -> float:
    """People missed at the maximum, with n orders whose clock times add up to `total`."""

    def slope(missed):
        # d/dm of log[(n+m)! / m!] - n log(total + m), the rate being at its best, n / (total + m).
        return np.sum(1 / (n + missed - np.arange(n))) - n / (total + missed)

    if slope(0.0) <= 0:
        return 0.0
    top = 1.0
    while slope(top) > 0 and top < ENDLESS:
        top *= 2
    return brentq(slope, 0, top, xtol=1e-12, rtol=1e-14)
