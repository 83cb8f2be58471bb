"""Several laws of arrival weighed together: what the orders seen say of those to come.

The law is not known, so every one of `WEIGHED_LAWS` gets a posterior probability from equal odds,
and the orders still to come are drawn from all of them. A single law is fitted in `arrivals`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import gammaln, logsumexp
from scipy.stats import chi2

from ..look import Shown
from .arrival_laws import WEIGHED_LAWS, Law
from .arrival_sale import CountedSale, Sale, poisson_loglik, sale_of_times
from .arrivals import ArrivalFit, check_times, fit_sale, sale_of_counts
from .ascent import NO_HEIGHT, derivatives, multistart_maximize, newton_ascent

DRAWS = 1_000  # of the parameters of each law
T_FREEDOM = 5  # degrees of freedom of the t law that proposes draws
LAWS_TOO_FAR = 20.0  # log-likelihood below the best law at which a law's profile need not be drawn
SMALLEST_SHARE = 1e-12  # of those who want one that a sale can have caught


@dataclass(frozen=True, kw_only=True)
class LawDraws:
    """Weighted draws of one law's parameters.

    Attributes
    ----------
    points : array (draws, parameters)
        Parameters of the law.
    weights : array (draws,)
        Importance of each draw; they add up to 1.
    """

    points: np.ndarray
    weights: np.ndarray

    def __iter__(self):
        """Give points, then weights."""
        return iter((self.points, self.weights))


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
    weights : dict
        Posterior probability of each law.
    draws : dict
        `LawDraws` of each law.
    sale : Sale
        What was seen, on the clock from 0 to 1.
    """

    orders: int
    closed_s: float
    dispersion: float
    weights: dict[str, float]
    draws: dict[str, LawDraws]
    sale: Sale

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
            Low, median and high, in orders since the opening.

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
        rng = np.random.default_rng(0)  # the same question gets the same answer
        totals = []
        shares = []
        for law, draws in self.draws.items():
            to_come = self._draw_orders_to_come(law, draws.points, t_s / self.closed_s, rng)
            totals.append(self.orders + to_come)
            shares.append(self.weights[law] * draws.weights)
        tail = (1 - level) / 2
        return _weighted_quantiles(
            np.concatenate(totals), np.concatenate(shares), [tail, 0.5, 1 - tail]
        )

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Give limits of those who wanted one: all that some law explains well enough.

        Well enough is within chi-squared (one degree of freedom) times the dispersion of the best.
        """
        allowed_drop = self.dispersion * chi2.ppf(level, 1) / 2
        best = max(fit.loglik for fit in self.fits.values())
        plausible = [
            fit for fit in self.fits.values() if fit.loglik > best - LAWS_TOO_FAR - allowed_drop
        ]
        least_loglik = max(fit.summit for fit in plausible) - allowed_drop
        limits = [
            fit.limits(least_loglik) if fit.family.limit else (np.inf, np.inf)
            for fit in plausible
            if fit.summit >= least_loglik
        ]
        low = min(one[0] for one in limits)
        high = max(one[1] for one in limits)
        return float(low if np.isfinite(low) else self.orders), float(high)

    @cached_property
    def fits(self) -> dict[str, ArrivalFit]:
        """Each law fitted alone."""
        return {law: fit_sale(self.sale, law, laws=WEIGHED_LAWS) for law in self.draws}

    @property
    def interested(self) -> float:
        """Median of the number who wanted one, over all laws."""
        return self.orders_by(np.inf)[1]

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """Return a row a law, one for all: law, weight, interested, low, high (profile), loglik."""
        rows = []
        for law, weight in self.weights.items():
            fit = self.fits[law]
            low, high = fit.interval(level)
            rows.append(
                {
                    "law": law,
                    "weight": weight,
                    "interested": fit.interested,
                    "low": low,
                    "high": high,
                    "loglik": fit.loglik,
                }
            )
        low, high = self.interval(level)
        together = {
            "law": "all together",
            "weight": 1.0,
            "interested": self.interested,
            "low": low,
            "high": high,
            "loglik": np.nan,
        }
        return pd.DataFrame([*rows, together])

    def _draw_orders_to_come(
        self, law: str, points: np.ndarray, x: float, rng: np.random.Generator
    ) -> np.ndarray:
        """Orders between the end of the clock and clock time x, one a draw of the parameters."""
        family = WEIGHED_LAWS[law]
        q = points.T
        dispersion = self.dispersion

        # How many come in that time for each one seen.
        with np.errstate(over="ignore"):
            share_by_x = 1.0 if np.isinf(x) and family.limit else family.cdf(x, q)
        share_ahead = np.maximum(share_by_x - family.cdf(1.0, q), 0)
        ahead_per_seen = share_ahead / np.maximum(
            self.sale.observed_share(family, q), SMALLEST_SHARE
        )

        # The population given those seen is a gamma; counts are negative binomial, that is Poisson
        # with a gamma mean, so that their variance is `dispersion` times their mean.
        mean = ahead_per_seen * rng.gamma(self.orders / dispersion, dispersion, len(points))
        if dispersion > 1 + 1e-9:
            size = np.clip(mean, 1e-9, 1e12) / (dispersion - 1)
            mean = np.where(np.isfinite(mean), rng.gamma(size, dispersion - 1), mean)
        countable = mean < 1e12
        return np.where(countable, rng.poisson(np.where(countable, mean, 0)), mean)


def fit_arrival_laws(
    order_times_s: Sequence[float], *, closed_s: float | None = None
) -> ArrivalLaws:
    """Weigh all laws of arrival by the times of a sale's orders.

    Parameters have vague normal priors on the clock from 0 to 1, the likelihood is tempered by the
    dispersion, the population is Poisson, and draws come by importance sampling.

    Parameters
    ----------
    order_times_s : sequence of float
        Seconds from the opening to each order, above 0.
    closed_s : float, optional
        When the clock stopped with stock left; None: the stock ran out with the last order.

    Returns
    -------
    ArrivalLaws
        Weights, draws, and the orders still to come.

    Raises
    ------
    ValueError
        As `fit_arrivals`, and for an order at the opening itself.
    """
    times, closed = check_times(order_times_s, closed_s, 0.0, None)
    if times[0] <= 0:
        raise ValueError(
            f"an order at {times[0]:g} s; expected times above 0, or counts per second"
        )
    sale = sale_of_times(times, closed).grouped()
    return _weigh(sale, times / closed, np.arange(1, len(times) + 1))


def fit_arrival_count_laws(edges_s: Sequence[float], orders: Sequence[int]) -> ArrivalLaws:
    """Weigh all laws by orders counted per interval, as stamps to the second are.

    Parameters and errors are those of `fit_arrival_counts`.

    Returns
    -------
    ArrivalLaws
        Weights, draws, and the orders still to come.
    """
    sale = sale_of_counts(edges_s, orders)
    return _weigh(sale, sale.edges[1:], np.cumsum(sale.counts))


def _weigh(sale: Sale, x: np.ndarray, orders_by_x: np.ndarray) -> ArrivalLaws:
    """Weigh the laws for a sale that had `orders_by_x` orders by clock times `x`."""
    peaks = {
        name: multistart_maximize(
            lambda q, law=law: _log_posterior(sale, law, q, dispersion=1.0), law.starts
        )
        for name, law in WEIGHED_LAWS.items()
    }
    best = max(peaks, key=lambda name: peaks[name][1])
    dispersion = _dispersion(sale, x, orders_by_x, WEIGHED_LAWS[best], peaks[best][0])

    rng = np.random.default_rng(0)
    draws = {}
    log_evidence = []
    for name, (peak, _) in peaks.items():
        draws[name], evidence = _sample(sale, WEIGHED_LAWS[name], peak, dispersion, rng)
        log_evidence.append(evidence)
    probabilities = np.exp(np.array(log_evidence) - logsumexp(log_evidence))
    return ArrivalLaws(
        orders=sale.orders,
        closed_s=sale.closed_s,
        dispersion=dispersion,
        weights=dict(zip(draws, probabilities.tolist(), strict=True)),
        draws=draws,
        sale=sale,
    )


def _log_posterior(sale: Sale, law: Law, q: np.ndarray, dispersion: float) -> np.ndarray:
    """Tempered log-likelihood plus log prior of parameters (parameters, any shape)."""
    shape = (-1, *[1] * (q.ndim - 1))
    mean = np.reshape(law.prior_mean, shape)
    sd = np.reshape(law.prior_sd, shape)
    log_prior = (
        -0.5 * np.sum(((q - mean) / sd) ** 2, axis=0)
        - np.sum(np.log(sd))
        - 0.5 * len(q) * np.log(2 * np.pi)
    )
    return poisson_loglik(sale, law, q) / dispersion + log_prior


def _dispersion(
    sale: Sale, x: np.ndarray, orders_by_x: np.ndarray, law: Law, q: np.ndarray
) -> float:
    """Pearson's statistic over its degrees of freedom, at least 1."""
    # About sqrt(n) intervals in which the law expects equally many orders.
    bins = int(np.clip(np.sqrt(sale.orders), 4, 40))
    edges = np.linspace(0, 1, bins + 1)
    shares = (law.cdf(x, q) - sale.lost_people_share(law, q)) / sale.observed_share(law, q)
    if isinstance(sale, CountedSale):
        by_edge = np.interp(edges, np.r_[0, shares], np.r_[0, orders_by_x])
        counts = np.diff(by_edge)
    else:
        counts, _ = np.histogram(shares, bins=edges)
    expected = sale.orders / bins
    pearson = np.sum((counts - expected) ** 2 / expected)
    freedom = max(bins - 1 - len(q), 1)
    return max(1.0, float(pearson / freedom))


def _sample(
    sale: Sale, law: Law, peak: np.ndarray, dispersion: float, rng: np.random.Generator
) -> tuple[LawDraws, float]:
    """Weighted draws of a law's parameters and the log of its evidence."""

    def log_posterior(q):
        return _log_posterior(sale, law, q, dispersion)

    # Proposals: a t law around the peak, a little wider than the curvature there says.
    peak, _ = newton_ascent(log_posterior, peak[:, None])
    scale = _proposal_scale(log_posterior, peak, law)
    parameters = len(peak)
    z = rng.standard_normal((DRAWS, parameters))
    z = z / np.sqrt(rng.chisquare(T_FREEDOM, (DRAWS, 1)) / T_FREEDOM)
    points = peak[:, 0] + z @ scale.T

    # Importance weights: posterior over proposal; their mean estimates the evidence.
    with np.errstate(all="ignore"):
        log_target = np.nan_to_num(log_posterior(points.T), nan=NO_HEIGHT, neginf=NO_HEIGHT)
    log_weights = log_target - _log_t_density(z, scale)
    log_sum = logsumexp(log_weights)
    draws = LawDraws(points=points, weights=np.exp(log_weights - log_sum))
    return draws, float(log_sum - np.log(DRAWS))


def _proposal_scale(log_posterior: Callable, peak: np.ndarray, law: Law) -> np.ndarray:
    """Matrix that makes standard draws as wide as the posterior, at most as the prior."""
    _, hessians = derivatives(log_posterior, peak, difference=0.02)
    curvatures, directions = np.linalg.eigh(-hessians[0])
    least_curvature = 1 / np.max(law.prior_sd) ** 2
    return 1.2 * directions / np.sqrt(np.clip(curvatures, least_curvature, None))


def _log_t_density(z: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Log-density of multivariate t draws at standardised points z (draws, parameters)."""
    parameters = z.shape[1]
    half = (T_FREEDOM + parameters) / 2
    log_kernel = -half * np.log1p(np.sum(z * z, axis=1) / T_FREEDOM)
    log_kernel = log_kernel - np.linalg.slogdet(scale)[1]
    log_constant = gammaln(half) - gammaln(T_FREEDOM / 2)
    return log_kernel + log_constant - parameters / 2 * np.log(T_FREEDOM * np.pi)


def _weighted_quantiles(
    values: np.ndarray, weights: np.ndarray, levels: Sequence[float]
) -> tuple[float, ...]:
    """Order statistics of weighted values, infinite ones among them."""
    order = np.argsort(values)
    cumulative = np.cumsum(weights[order]) / weights.sum()
    positions = np.searchsorted(cumulative, levels)
    return tuple(float(value) for value in values[order][np.minimum(positions, len(values) - 1)])
