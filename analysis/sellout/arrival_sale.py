"""What was seen of one sale, and how likely a law of arrival makes it.

A sale is either timed (an order time each) or counted (orders per interval, as stamps to the
second are). Two populations are on offer: a Poisson number of people (Goel & Okumoto 1979) and a
fixed one (Jelinski & Moranda 1972). Laws are in `arrival_laws`; who maximises these likelihoods
is `arrivals` and `arrival_mix`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from scipy.special import betaln, gammaln

from .arrival_laws import ARRIVAL_LAWS, Law
from .ascent import LEAST_GAIN, ROUGH_GAIN, multistart_maximize, newton_ascent

GROUPS = 150  # points that stand for a longer log where a profile is drawn
FEW_GROUPS = 60  # where a climb begins
TINY = 1e-300  # least probability under a logarithm
LEAST_SHARE = 1e-250  # of those who want one: smaller ones would meet the floor under a density
LEAST_PART = 1e-12  # observed share over the share that has come: smaller ones are rounding errors


@dataclass(frozen=True, kw_only=True)
class Sale(ABC):
    """What was seen of one sale on a clock from 0 (opening) to 1 (`closed_s`).

    Attributes
    ----------
    orders : int
        Orders seen.
    closed_s : float
        When the clock stopped, seconds since the opening.
    lost_share : float
        First part of the clock whose orders were not recorded.
    """

    orders: int
    closed_s: float
    lost_share: float

    @abstractmethod
    def sum_log_density(self, law: Law, q: np.ndarray) -> np.ndarray:
        """Log-density of the orders seen, on the clock from 0 to 1."""

    @abstractmethod
    def loglik_constant(self) -> float:
        """Return what a log-likelihood on the clock from 0 to 1 lacks of its constants."""

    def grouped(self, groups: int | None = None) -> Sale:
        """Return the same sale, small enough for many evaluations."""
        return self

    def observed_share(self, law: Law, q: np.ndarray) -> np.ndarray:
        """Share of all who want one that comes in the recorded part of the clock."""
        return law.cdf(1.0, q) - self.lost_people_share(law, q)

    def lost_people_share(self, law: Law, q: np.ndarray) -> np.ndarray | float:
        """Share of all who want one that came before recording began."""
        return law.cdf(self.lost_share, q) if self.lost_share else 0.0


@dataclass(frozen=True, kw_only=True)
class TimedSale(Sale):
    """A sale with a time for each order.

    Attributes
    ----------
    log_times : array
        Logs of the order times on the clock from 0 to 1.
    weights : array
        How many orders each of these times stands for.
    sum_x, sum_log_x, sum_squared_log_x : float
        Sums over all orders, also where the log is grouped.
    """

    log_times: np.ndarray
    weights: np.ndarray
    sum_x: float
    sum_log_x: float
    sum_squared_log_x: float

    def times_against(self, values: np.ndarray) -> np.ndarray:
        """Log times along a first axis, to be set against values of any shape."""
        return self.log_times.reshape(-1, *[1] * np.ndim(values))

    def total(self, terms: np.ndarray) -> np.ndarray:
        """Sum terms of single orders, which lie along the first axis."""
        return np.tensordot(self.weights, terms, 1)

    def sum_log_density(self, law, q):
        """Sum the law's log-density over the orders."""
        return law.sum_log_density(self, q)

    def loglik_constant(self):
        """Return what a density per clock loses when it becomes one per second."""
        return -self.orders * np.log(self.closed_s)

    def grouped(self, groups: int | None = None):
        """Return the sale with a long log put into equal groups by their mean log times."""
        groups = groups or GROUPS
        if len(self.log_times) <= groups:
            return self
        starts = np.arange(groups) * len(self.log_times) // groups
        sizes = np.diff(np.append(starts, len(self.log_times)))
        means = np.add.reduceat(np.sort(self.log_times), starts) / sizes
        return replace(self, log_times=means, weights=sizes.astype(float))


@dataclass(frozen=True, kw_only=True)
class StackedSales(TimedSale):
    """Timed sales side by side, a column each, with equally many times.

    Every field of `TimedSale` has a last axis (sales,) more; so have the parameters `q` that the
    likelihoods are asked for.
    """

    def times_against(self, values):
        """Log times along a first axis, columns along the last."""
        between = [1] * (np.ndim(values) - 1)
        return self.log_times.reshape(len(self.log_times), *between, -1)

    def total(self, terms):
        """Sum terms of single orders, each column with its weights."""
        between = [1] * (terms.ndim - 2)
        return np.sum(self.weights.reshape(len(self.weights), *between, -1) * terms, axis=0)

    def lost_people_share(self, law, q):
        """Share of all who want one that came before recording began."""
        return law.cdf(self.lost_share, q) if np.any(self.lost_share) else 0.0

    def columns(self, chosen: np.ndarray) -> StackedSales:
        """Return the sales in these columns, in any order and as often as they are named."""
        return StackedSales(
            **{field.name: getattr(self, field.name)[..., chosen] for field in fields(self)}
        )


def stack_sales(sales: Sequence[TimedSale]) -> StackedSales:
    """Put timed sales with equally many times side by side."""
    return StackedSales(
        **{
            field.name: np.stack([getattr(sale, field.name) for sale in sales], axis=-1)
            for field in fields(TimedSale)
        }
    )


@dataclass(frozen=True, kw_only=True)
class CountedSale(Sale):
    """A sale with its orders counted per interval.

    Attributes
    ----------
    edges : array (intervals + 1,)
        Ends of the intervals on the clock from 0 to 1, rising.
    counts : array (intervals,)
        Orders in each interval.
    """

    edges: np.ndarray
    counts: np.ndarray

    def sum_log_density(self, law, q):
        """Sum the log-probabilities of the orders' intervals."""
        edges = self.edges.reshape(-1, *[1] * np.ndim(q[0]))
        interval_shares = np.diff(law.cdf(edges, q), axis=0)
        return np.tensordot(self.counts, np.log(np.maximum(interval_shares, TINY)), 1)

    def loglik_constant(self):
        """Return the factorials of the Poisson probabilities."""
        return -float(np.sum(gammaln(self.counts + 1)))


def sale_of_times(times_s: np.ndarray, closed_s: float, lost_s: float = 0.0) -> TimedSale:
    """Put order times on the clock from 0 to 1.

    Parameters
    ----------
    times_s : array
        Seconds from the opening to each order.
    closed_s : float
        When the clock stopped.
    lost_s : float
        First seconds whose orders were not recorded.
    """
    x = times_s / closed_s
    log_x = np.log(np.maximum(x, TINY))
    return TimedSale(
        orders=len(x),
        closed_s=closed_s,
        lost_share=lost_s / closed_s,
        log_times=log_x,
        weights=np.ones(len(x)),
        sum_x=x.sum(),
        sum_log_x=log_x.sum(),
        sum_squared_log_x=np.sum(log_x * log_x),
    )


def poisson_maximum(
    sale: Sale,
    law: Law,
    height_of: Callable[[Sale, np.ndarray], np.ndarray] | None = None,
    tries: int | None = None,
    least_gain: float = LEAST_GAIN,
) -> tuple[np.ndarray, float]:
    """Find the highest point of a Poisson population's likelihood and its height.

    A law with three parameters has several summits: all its starts are followed upwards, on a few
    points that stand for the log, and the best of them to the end on the log itself.

    Parameters
    ----------
    sale : Sale
        What was seen.
    law : Law
        The law.
    height_of : function, optional
        Height of a sale and parameters to climb instead of `poisson_loglik`.
    tries : int, optional
        How many of the law's starts are followed upwards.
    least_gain : float
        Height of a step below which the climb is over.
    """
    if height_of is None:

        def height_of(sale, q):
            return poisson_loglik(sale, law, q)

    few = sale.grouped(FEW_GROUPS)
    if tries is None:
        tries = law.starts.shape[1] if len(law.starts) > 2 else 4
    point, _ = multistart_maximize(lambda q: height_of(few, q), law.starts, tries, ROUGH_GAIN)
    points, heights = newton_ascent(
        lambda q: height_of(sale, q), point[:, None], least_gain=least_gain
    )
    return points[:, 0], float(heights[0])


def poisson_loglik(sale: Sale, law: Law, q: np.ndarray) -> np.ndarray:
    """Log-likelihood of a Poisson population whose mean is at its best value.

    With mean a and observed share s the likelihood is a^n exp(-a s) times the density of the n
    orders; it is highest at a = n / s, which leaves n (log n - log s - 1). Where floating point has
    lost s there is no likelihood; else the floor under the density would cancel s.
    """
    n = sale.orders
    share = sale.observed_share(law, q)
    computable = (share > LEAST_SHARE) & (share > LEAST_PART * law.cdf(1.0, q))
    log_share = np.log(np.where(computable, share, 1.0))
    loglik = n * (np.log(n) - log_share - 1) + sale.sum_log_density(law, q)
    return np.where(computable, loglik, -np.inf)


def fixed_loglik(sale: Sale, law: Law, q: np.ndarray, missed: np.ndarray) -> np.ndarray:
    """Log-likelihood of a fixed population, `missed` people more than those seen.

    N! / (N - n)! orders of the n seen, times their density, times (1 - s)^missed for those who
    came outside the recorded clock. `missed` may be any number of 0 or more.
    """
    log_unobserved = law.log_survival(1.0, q)
    if sale.lost_share:
        log_unobserved = np.log(np.exp(log_unobserved) + sale.lost_people_share(law, q))
    log_orderings = gammaln(sale.orders) - betaln(sale.orders, missed + 1)
    log_missed = np.where(missed > 0, missed * log_unobserved, 0.0)
    return log_orderings + sale.sum_log_density(law, q) + log_missed


def fixed_maximum(sale: Sale, law: Law, starts: np.ndarray) -> tuple[np.ndarray, float]:
    """Find the highest point of a fixed population's likelihood and its height.

    Points and starts hold the law's parameters and, in the last row, the log number missed.
    """
    return multistart_maximize(
        lambda q: fixed_loglik(sale, law, q[:-1], np.exp(q[-1])), starts, tries=8
    )


def endless_loglik(sale: Sale, law: Law) -> float:
    """Log-likelihood that is approached as the population grows without end.

    Then F(1) goes to 0 and the times follow what `Law.limit` names.
    """
    power = ARRIVAL_LAWS["power"]
    if law.limit == "uniform":
        steady = np.zeros(1)  # x ** 1
        return float(poisson_loglik(sale, power, steady))
    if law.limit == "stream":
        return _endless_stream_loglik(sale, law)
    limit = power if law.limit == "power" else law
    return multistart_maximize(lambda q: poisson_loglik(sale, limit, q), limit.starts)[1]


def _endless_stream_loglik(sale: Sale, law: Law) -> float:
    """Height of a crowd before a stream of nearly all people that hardly decays."""
    hardly_decays = -25.0  # logit of the stream's rate over the crowd's
    shift = np.array([[-25.0], [0.0]])  # of the logit of the crowd's share, the log of its rate
    starts = law.starts[:2] + shift

    def height_at(q):
        return poisson_loglik(sale, law, np.stack([*q, np.full_like(q[0], hardly_decays)]))

    return multistart_maximize(height_at, starts)[1]
