"""Several laws of arrival weighed together: what the orders seen say of those to come when the law itself is not known."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import gammaln, logsumexp
from scipy.stats import chi2

from ..look.wording import Shown
from .arrival_laws import MIXED, Law, Sale, climb, poisson_loglik, rise, sale_of_times, slopes
from .arrivals import ArrivalFit, check_times, fit_arrival_counts, fit_sale

DRAWS = 1_000  # of the parameters of each law


@dataclass(frozen=True)
class ArrivalLaws(Shown):
    """Laws weighed by their posterior probability, equal before the data, with draws of the orders still to come.

    `dispersion`: variance of counts over that of a Poisson stream, at least 1, by the best law's residuals; it widens all.
    """

    orders: int
    closed_s: float
    dispersion: float
    weights: dict[str, float]
    draws: dict[
        str, tuple[np.ndarray, np.ndarray]
    ]  # law -> parameters (draws x terms), their weights (sum to one)
    sale: Sale

    def orders_by(self, t_s: float, level: float = 0.8) -> tuple[float, float, float]:
        """Orders by time t_s (from the clock's end to infinity), those seen included: (low, median, high) of the prediction."""
        if not t_s >= self.closed_s:
            raise ValueError(
                f"t_s = {t_s:g}; expected a time from {self.closed_s:g} s on, when the clock stopped"
            )
        rng = np.random.default_rng(0)  # the same question gets the same answer
        totals = [
            self.orders + self._to_come(law, draws, t_s / self.closed_s, rng)
            for law, (draws, _) in self.draws.items()
        ]
        shares = [self.weights[law] * weights for law, (_, weights) in self.draws.items()]
        values, share = np.concatenate(totals), np.concatenate(shares)
        order = np.argsort(values)
        cumulative = np.cumsum(share[order]) / share.sum()
        at = np.searchsorted(cumulative, [(1 - level) / 2, 0.5, (1 + level) / 2])
        low, mid, high = values[order][np.minimum(at, len(values) - 1)]
        return float(low), float(mid), float(high)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Limits of those who wanted one: every population that some law explains within chi-squared times the dispersion."""
        best = max(
            fit.loglik for fit in self.fits.values()
        )  # the profile of a law far below it need not be drawn
        ways = [
            fit
            for fit in self.fits.values()
            if fit.loglik > best - 20 - self.dispersion * chi2.ppf(level, 1) / 2
        ]
        drop = max(fit.summit for fit in ways) - self.dispersion * chi2.ppf(level, 1) / 2
        ways = [fit for fit in ways if fit.summit >= drop]
        limits = [fit.limits(drop) if fit.family.limit else (np.inf, np.inf) for fit in ways]
        low, high = np.min(limits, axis=0)[0], np.max(limits, axis=0)[1]
        return float(low if np.isfinite(low) else self.orders), float(high)

    @cached_property
    def fits(self) -> dict[str, ArrivalFit]:
        """Each law fitted alone."""
        return {law: fit_sale(self.sale, law, laws=MIXED) for law in self.draws}

    @property
    def interested(self) -> float:
        """Median of the number who wanted one, over all laws."""
        return self.orders_by(np.inf)[1]

    def _to_come(
        self, law: str, draws: np.ndarray, x: float, rng: np.random.Generator
    ) -> np.ndarray:
        """Orders between the end of the clock and x, one a draw: a gamma population, then negative binomial counts."""
        family, q = MIXED[law], draws.T
        with np.errstate(over="ignore"):
            until = 1.0 if np.isinf(x) and family.limit else family.share(x, q)
        ahead = np.maximum(until - family.share(1.0, q), 0) / np.maximum(
            self.sale.caught(family, q), 1e-12
        )
        mean = ahead * rng.gamma(self.orders / self.dispersion, self.dispersion, len(draws))
        if self.dispersion > 1 + 1e-9:
            size = np.clip(mean, 1e-9, 1e12) / (self.dispersion - 1)
            mean = np.where(np.isfinite(mean), rng.gamma(size, self.dispersion - 1), mean)
        return np.where(mean < 1e12, rng.poisson(np.where(mean < 1e12, mean, 0)), mean)

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """One row a law: its weight, its own estimate of those interested with the profile interval; then all together."""
        fits = [(self.fits[law], weight) for law, weight in self.weights.items()]
        rows = [
            (fit.law, weight, fit.interested, *fit.interval(level), fit.loglik)
            for fit, weight in fits
        ]
        rows.append(("all together", 1.0, self.interested, *self.interval(level), np.nan))
        return pd.DataFrame(rows, columns=["law", "weight", "interested", "low", "high", "loglik"])


def fit_arrival_laws(order_times_s, *, closed_s=None) -> ArrivalLaws:
    """Weigh every law of `fit_arrivals` by its posterior probability and draw its parameters by importance sampling.

    Vague normal priors on the clock from 0 to 1 (`Law.prior`), likelihood tempered by the dispersion, Poisson population.
    """
    times, closed = check_times(order_times_s, closed_s, 0.0, None)
    if times[0] <= 0:
        raise ValueError(
            f"an order at {times[0]:g} s; expected times above 0, or counts per second"
        )
    return _weigh(
        sale_of_times(times, closed).grouped(), times / closed, np.arange(1, len(times) + 1)
    )


def fit_arrival_count_laws(edges_s, orders) -> ArrivalLaws:
    """The same for orders counted per interval, as stamps to the second are; `edges_s`, `orders` as in fit_arrival_counts."""
    sale = fit_arrival_counts(edges_s, orders, law="power").sale
    return _weigh(sale, sale.edges[1:], np.cumsum(sale.counts))


def _weigh(sale: Sale, x: np.ndarray, until: np.ndarray) -> ArrivalLaws:
    """Weigh the laws for a sale of which `until` orders had come by clock times `x`."""
    peaks = {
        name: climb(lambda q, law=law: _log_posterior(sale, law, q, 1.0), law.starts)
        for name, law in MIXED.items()
    }
    best = max(peaks, key=lambda law: peaks[law][1])
    dispersion = _dispersion(sale, x, until, MIXED[best], peaks[best][0])
    rng = np.random.default_rng(0)
    sampled = {
        law: _sample(sale, MIXED[law], peak, dispersion, rng) for law, (peak, _) in peaks.items()
    }
    evidence = np.array([log_evidence for _, _, log_evidence in sampled.values()])
    weights = dict(zip(sampled, map(float, np.exp(evidence - logsumexp(evidence))), strict=True))
    draws = {law: (points, share) for law, (points, share, _) in sampled.items()}
    return ArrivalLaws(sale.seen, sale.closed_s, dispersion, weights, draws, sale)


def _log_posterior(sale: Sale, law: Law, q: np.ndarray, dispersion: float) -> np.ndarray:
    """Tempered log-likelihood plus log prior, one number a draw (`q`: one row a parameter)."""
    mean, sd = (np.reshape(part, (-1, *[1] * (q.ndim - 1))) for part in law.prior)
    prior = (
        -0.5 * np.sum(((q - mean) / sd) ** 2, axis=0)
        - np.sum(np.log(sd))
        - 0.5 * len(q) * np.log(2 * np.pi)
    )
    return poisson_loglik(sale, law, q) / dispersion + prior


def _dispersion(sale: Sale, x: np.ndarray, until: np.ndarray, law: Law, q: np.ndarray) -> float:
    """Pearson's statistic over its degrees of freedom, in about sqrt(n) intervals of equal expected count; at least 1."""
    bins = int(np.clip(np.sqrt(sale.seen), 4, 40))
    shares = (law.share(x, q) - (law.share(sale.lost, q) if sale.lost else 0.0)) / sale.caught(
        law, q
    )
    if sale.logs is not None:
        counts, _ = np.histogram(shares, bins=np.linspace(0, 1, bins + 1))
    else:
        counts = np.diff(np.interp(np.linspace(0, 1, bins + 1), np.r_[0, shares], np.r_[0, until]))
    expected = sale.seen / bins
    return max(1.0, float(np.sum((counts - expected) ** 2 / expected) / max(bins - 1 - len(q), 1)))


def _sample(
    sale: Sale, law: Law, peak: np.ndarray, dispersion: float, rng
) -> tuple[np.ndarray, np.ndarray, float]:
    """Draws of a law's parameters with their weights (sum to one), and the log of its evidence."""

    def value(q):
        return _log_posterior(sale, law, q, dispersion)

    peak, _ = rise(value, peak[:, None])
    _, bend = slopes(value, peak, 0.02)
    sizes, ways = np.linalg.eigh(-bend[0])
    spread = 1.2 * ways / np.sqrt(np.clip(sizes, 1 / np.max(law.prior[1]) ** 2, None))
    terms, df = len(peak), 5
    z = rng.standard_normal((DRAWS, terms)) / np.sqrt(rng.chisquare(df, (DRAWS, 1)) / df)
    points = peak[:, 0] + z @ spread.T
    log_t = -(df + terms) / 2 * np.log1p(np.sum(z * z, axis=1) / df) - np.linalg.slogdet(spread)[1]
    log_t += gammaln((df + terms) / 2) - gammaln(df / 2) - terms / 2 * np.log(df * np.pi)
    with np.errstate(all="ignore"):
        log_weight = np.nan_to_num(value(points.T), nan=-1e30, neginf=-1e30) - log_t
    log_sum = logsumexp(log_weight)
    return points, np.exp(log_weight - log_sum), float(log_sum - np.log(DRAWS))
