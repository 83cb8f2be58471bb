"""What a log's own past says of the error of the laws: forecasts from parts of its clock.

The laws are fitted to the log as it stood at half, 65 % and 80 % of its clock, and asked for what
came next, which is known. Their errors go into the range of every forecast beyond the log, in
`arrival_mix`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from .arrival_laws import Law
from .arrival_sale import StackedSales, poisson_loglik, sale_of_times, stack_sales
from .ascent import ROUGH_GAIN, derivatives, finite_heights, newton_ascent

CUTS = (0.5, 0.65, 0.8)  # of the clock
FEWEST_ORDERS = 10  # before a cut, and after it: fewer say nothing of an error
HINDCAST_GROUPS = 60  # points that stand for a longer log
TRIES = 2  # starts that are followed upwards for each law and cut
MOST_POINTS = 1_000_000  # that stand for counted orders; of more orders they are an even sample


@dataclass(frozen=True, kw_only=True)
class Hindcast:
    """A forecast of the end of a log from an earlier moment.

    Growth is p = log(orders at the end / orders by then) / log(end / then), the power of time by
    which orders grew.

    Attributes
    ----------
    cut : float
        The moment, as a share of the clock.
    seen : float
        Orders by then.
    growth, predicted_growth : float
        The power p that came, and the one that the laws had predicted.
    """

    cut: float
    seen: float
    growth: float
    predicted_growth: float

    @property
    def error(self) -> float:
        """Growth that came less growth predicted."""
        return self.growth - self.predicted_growth


def hindcast(
    x: np.ndarray,
    lost_share: float,
    orders_before: int,
    laws: Mapping[str, Law],
    dispersion: float,
    orders_each: float = 1.0,
) -> tuple[Hindcast, ...]:
    """Forecast the end of a log from three earlier moments of its clock.

    Parameters
    ----------
    x : array
        Sorted order times on a clock from 0 to 1, those of `lost_share` left out.
    lost_share : float
        First part of the clock whose orders the laws do not describe.
    orders_before : int
        Orders in that part.
    laws : mapping of Law
        Laws that are weighed.
    dispersion : float
        Variance of counts over that of a Poisson stream, by which likelihoods are tempered.
    orders_each : float
        Orders that each of the times stands for, where they are a sample of them.

    Returns
    -------
    tuple of Hindcast
        One for each moment with enough orders before and after it.
    """
    seen = {cut: int(np.searchsorted(x, cut, side="right")) for cut in CUTS}
    cuts = [
        cut
        for cut in CUTS
        if seen[cut] >= FEWEST_ORDERS and cut > 2 * lost_share and x[seen[cut] - 1] > x[0]
    ]
    if not cuts:
        return ()
    groups = min(HINDCAST_GROUPS, *(seen[cut] for cut in cuts))
    stack = stack_sales(
        [sale_of_times(x[: seen[cut]], cut, lost_share).grouped(groups) for cut in cuts]
    )
    # The likelihood of a sample is one of all orders, tempered by as much as they are more.
    to_come = _predict_to_end(stack, np.array(cuts), laws, dispersion / orders_each)
    forecasts = []
    for cut, ahead in zip(cuts, to_come, strict=True):
        log_time = np.log(1 / cut)
        seen_then = seen[cut] * orders_each
        by_then = orders_before + seen_then
        by_end = orders_before + len(x) * orders_each
        forecasts.append(
            Hindcast(
                cut=cut,
                seen=by_then,
                growth=float(np.log(by_end / by_then) / log_time),
                predicted_growth=float(np.log1p(ahead * seen_then / by_then) / log_time),
            )
        )
    return tuple(forecasts)


def _predict_to_end(
    stack: StackedSales, cuts: np.ndarray, laws: Mapping[str, Law], dispersion: float
) -> np.ndarray:
    """Orders between each cut and the end for each one seen, over all laws by their weight."""
    log_growth = []
    log_evidence = []
    for law in laws.values():
        points, evidence = _fit_columns(stack, law, dispersion)
        with np.errstate(all="ignore"):
            ahead = law.cdf(1 / cuts, points) - law.cdf(np.ones(len(cuts)), points)
            per_seen = ahead / np.maximum(stack.observed_share(law, points), 1e-12)
        log_growth.append(np.log1p(np.clip(np.nan_to_num(per_seen), 0, 1e6)))
        log_evidence.append(evidence)
    log_evidence = np.array(log_evidence)
    weights = np.exp(log_evidence - logsumexp(log_evidence, axis=0))
    return np.expm1(np.sum(weights * np.array(log_growth), axis=0))


def _fit_columns(stack: StackedSales, law: Law, dispersion: float) -> tuple[np.ndarray, np.ndarray]:
    """Best parameters (parameters, sales) of one law, and its log evidence by Laplace's rule."""
    sales = stack.orders.shape[-1]
    mean = np.reshape(law.prior_mean, (-1, 1))
    sd = np.reshape(law.prior_sd, (-1, 1))

    def height_at(q, column):
        shape = (-1, *[1] * (q.ndim - 1))
        log_prior = -0.5 * np.sum(((q - mean.reshape(shape)) / sd.reshape(shape)) ** 2, axis=0)
        sale = stack.columns(column)
        return poisson_loglik(sale, law, q) / dispersion + log_prior

    # The best starts of each sale, as many runs side by side.
    every_sale = np.arange(sales)
    starts = np.repeat(law.starts[:, :, None], sales, axis=2)
    order = np.argsort(-finite_heights(height_at, starts, every_sale), axis=0)[:TRIES]
    runs = law.starts[:, order].reshape(len(law.starts), -1)
    columns = np.tile(every_sale, len(order))
    points, heights = newton_ascent(height_at, runs, columns, least_gain=ROUGH_GAIN)
    best = np.argmax(heights.reshape(-1, sales), axis=0) * sales + every_sale

    points = points[:, best]
    _, hessians = derivatives(height_at, points, 0.02, every_sale)
    curvatures = np.clip(np.linalg.eigvalsh(-hessians), 1 / np.max(sd) ** 2, None)
    log_evidence = heights[best] - np.sum(np.log(sd)) - 0.5 * np.sum(np.log(curvatures), axis=1)
    return points, log_evidence


def pseudo_times(edges: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, float]:
    """Spread counted orders evenly over their intervals, for hindcasts alone.

    Parameters
    ----------
    edges : array (intervals + 1,)
        Ends of the intervals, rising.
    counts : array (intervals,)
        Orders in each of them.

    Returns
    -------
    (array, float)
        Rising times, and the orders that each stands for: one, but for more than `MOST_POINTS`
        orders.

    Examples
    --------
    >>> pseudo_times(np.array([0.0, 1.0, 3.0]), np.array([2, 1]))
    (array([0.25, 0.75, 2.  ]), 1.0)
    """
    orders_by = np.cumsum(counts)
    orders = orders_by[-1]
    points = int(min(orders, MOST_POINTS))
    place = (np.arange(points) + 0.5) * (orders / points)
    return np.interp(place, np.append(0, orders_by), edges), float(orders / points)
