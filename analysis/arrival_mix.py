"""Several laws of arrival weighed together: what the orders seen say of those to come when the law itself is not known."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import gammaln, logsumexp
from scipy.stats import chi2

from .arrival_laws import LAWS, Sale, climb, poisson_loglik
from .arrivals import ArrivalFit, check_times, fit_sale
from .wording import Shown

DRAWS = 1_000  # of the parameters of each law
GROUPS = 800  # orders from which on they are counted in half as many intervals: fast, and no information to speak of is lost
POWER_PRIOR = (-0.3, 0.5)  # mean and sd of the log exponent of a power law


@dataclass(frozen=True)
class ArrivalLaws(Shown):
    """Laws weighed by their posterior probability, with draws of the orders still to come.

    `weights` posterior probability of each law (equal before the data); `dispersion` variance of counts over that of a
    Poisson stream, at least 1, from the best law's residuals; it widens the parameters and the prediction alike.
    """

    orders: int
    closed_s: float
    dispersion: float
    weights: dict[str, float]
    draws: dict[str, tuple[np.ndarray, np.ndarray]]  # law -> parameters (draws x terms), their weights (sum to one)
    sale: Sale

    def orders_by(self, t_s: float, level: float = 0.8) -> tuple[float, float, float]:
        """Orders by time t_s, those seen included: (low, median, high) of the prediction; t_s may be infinite.

        Raises ValueError for a time before the clock stopped.
        """
        if not t_s >= self.closed_s:
            raise ValueError(f"t_s = {t_s:g}; expected a time from {self.closed_s:g} s on, when the clock stopped")
        rng = np.random.default_rng(0)  # the same question gets the same answer
        totals = [self.orders + self._to_come(law, draws, t_s / self.closed_s, rng) for law, (draws, _) in self.draws.items()]
        shares = [self.weights[law] * weights for law, (_, weights) in self.draws.items()]
        values, share = np.concatenate(totals), np.concatenate(shares)
        order = np.argsort(values)
        cumulative = np.cumsum(share[order]) / share.sum()
        at = np.searchsorted(cumulative, [(1 - level) / 2, 0.5, (1 + level) / 2])
        low, mid, high = values[order][np.minimum(at, len(values) - 1)]
        return float(low), float(mid), float(high)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Limits of the number who wanted one, (low, high): never below the orders seen, high may be infinite.

        Every population that some law explains within chi-squared (one degree of freedom) times the dispersion of the
        best explanation there is: the profile likelihood over the laws as well, so that their disagreement widens it.
        """
        summits = {law: fit.summit() for law, fit in self.fits.items()}
        drop = max(top for _, top in summits.values()) - self.dispersion * chi2.ppf(level, 1) / 2
        limits = [self.fits[law].limits(drop) for law, (_, top) in summits.items() if top >= drop]
        return min(low for low, _ in limits), max(high for _, high in limits)

    @cached_property
    def fits(self) -> dict[str, ArrivalFit]:
        """Each law fitted alone."""
        return {law: fit_sale(self.sale, law) for law in self.draws}

    @property
    def interested(self) -> float:
        """Median of the number who wanted one, over all laws."""
        return self.orders_by(np.inf)[1]

    def _to_come(self, law: str, draws: np.ndarray, x: float, rng: np.random.Generator) -> np.ndarray:
        """Orders between the end of the clock and x, one a draw: a gamma population, then negative binomial counts."""
        if law == "power":
            ahead = np.full(len(draws), np.inf) if np.isinf(x) else np.expm1(np.exp(draws[:, 0]) * np.log(x))
        else:
            family, q = LAWS[law], draws.T
            until = 1.0 if np.isinf(x) else family.share(x, q)
            ahead = np.maximum(until - family.share(1.0, q), 0) / np.maximum(self.sale.caught(family, q), 1e-12)
        mean = ahead * rng.gamma(self.orders / self.dispersion, self.dispersion, len(draws))
        if self.dispersion > 1 + 1e-9:
            size = np.clip(mean, 1e-9, 1e12) / (self.dispersion - 1)
            mean = np.where(np.isfinite(mean), rng.gamma(size, self.dispersion - 1), mean)
        return np.where(mean < 1e12, rng.poisson(np.where(mean < 1e12, mean, 0)), mean)

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """One row a law: its weight, its own estimate of those interested with the profile interval; then all together."""
        rows = []
        for law, weight in self.weights.items():
            fit = self.fits[law]
            rows.append((law, weight, fit.interested, *fit.interval(level), fit.loglik))
        rows.append(("all together", 1.0, self.interested, *self.interval(level), np.nan))
        return pd.DataFrame(rows, columns=["law", "weight", "interested", "low", "high", "loglik"])


def fit_arrival_laws(order_times_s, *, closed_s=None) -> ArrivalLaws:
    """Weigh every law of `fit_arrivals` by its posterior probability and draw its parameters.

    Vague normal priors on the laws' parameters on the clock from 0 to 1 (sd 2 of log rates and medians, 0.5 of log
    shapes; log exponent of the power law about -0.3 +- 0.5, so that growth as t ** 0.3 to t ** 1.4 is likely before
    any data), equal prior probability of the laws, likelihood tempered by the dispersion; importance sampling around each
    maximum. Assumes a Poisson population and independent arrivals but for the dispersion. Errors as `fit_arrivals`.
    """
    times, closed = check_times(order_times_s, closed_s, 0.0, None)
    if times[0] <= 0:
        raise ValueError(f"an order at {times[0]:g} s; expected times above 0, or counts per second")
    sale = _grouped(times / closed, closed)
    peaks = {law: climb(lambda q, law=law: _log_posterior(sale, law, q, 1.0), _starts(law)) for law in (*LAWS, "power")}
    best = max(peaks, key=lambda law: peaks[law][1])
    dispersion = _dispersion(sale, times / closed, best, peaks[best][0])
    rng = np.random.default_rng(0)
    sampled = {law: _sample(sale, law, peak, dispersion, rng) for law, (peak, _) in peaks.items()}
    evidence = np.array([log_evidence for _, _, log_evidence in sampled.values()])
    weights = dict(zip(sampled, np.exp(evidence - logsumexp(evidence)), strict=True))
    draws = {law: (points, share) for law, (points, share, _) in sampled.items()}
    return ArrivalLaws(len(times), closed, dispersion, {law: float(w) for law, w in weights.items()}, draws, sale)


def _grouped(x: np.ndarray, closed: float) -> Sale:
    """The sale on the clock from 0 to 1; more than `GROUPS` orders as counts in intervals of about equal number."""
    if len(x) <= GROUPS:
        return Sale(len(x), closed, 0.0, times=x)
    edges = np.unique(np.concatenate([[0.0], np.quantile(x, np.linspace(0, 1, GROUPS // 2 + 1)[1:-1]), [1.0]]))
    counts = np.diff(np.searchsorted(x, edges, side="right"), prepend=0)[1:]
    return Sale(len(x), closed, 0.0, edges=edges, counts=counts)


def _starts(law: str) -> tuple:
    return ((-0.5,), (0.0,), (0.5,)) if law == "power" else LAWS[law].starts


def _log_posterior(sale: Sale, law: str, q, dispersion: float):
    """Tempered log-likelihood plus log prior, one number a draw (`q`: one row a parameter)."""
    q = np.asarray(q, float)
    if law == "power":
        mean, sd = POWER_PRIOR
        loglik, z = sale.seen * (np.log(sale.seen) - 1) + sale.power_density(np.exp(q[0])), (q - mean) / sd
        scale = np.log(sd)
    else:
        sd = np.array(LAWS[law].prior_sd)
        loglik, z, scale = poisson_loglik(sale, LAWS[law], q), (q.T / sd).T, np.sum(np.log(sd))
    value = loglik / dispersion - 0.5 * np.sum(z * z, axis=0) - scale - 0.5 * len(q) * np.log(2 * np.pi)
    return np.where(np.isfinite(value), value, -1e300)


def _dispersion(sale: Sale, times: np.ndarray, law: str, q) -> float:
    """Pearson's statistic over its degrees of freedom, in about sqrt(n) intervals of equal expected count; at least 1."""
    bins = int(np.clip(np.sqrt(sale.seen), 4, 40))
    seen = times ** np.exp(q[0]) if law == "power" else LAWS[law].share(times, q) / sale.caught(LAWS[law], q)
    counts, _ = np.histogram(seen, bins=np.linspace(0, 1, bins + 1))
    expected = sale.seen / bins
    return max(1.0, float(np.sum((counts - expected) ** 2 / expected) / max(bins - 1 - len(q), 1)))


def _sample(sale: Sale, law: str, peak: np.ndarray, dispersion: float, rng) -> tuple[np.ndarray, np.ndarray, float]:
    """Draws of a law's parameters with their weights (sum to one), and the log of its evidence."""

    def value(q):
        return _log_posterior(sale, law, q, dispersion)

    peak, _ = climb(value, [peak], near=True)
    size, df = len(peak), 5
    spread = np.linalg.cholesky(_covariance(value, peak, np.array(LAWS[law].prior_sd if law != "power" else (POWER_PRIOR[1],))))
    z = rng.standard_normal((DRAWS, size)) / np.sqrt(rng.chisquare(df, (DRAWS, 1)) / df)
    points = peak + 1.2 * z @ spread.T
    log_t = -(df + size) / 2 * np.log1p(np.sum(z * z, axis=1) / df) - np.sum(np.log(1.2 * np.diag(spread)))
    log_t += gammaln((df + size) / 2) - gammaln(df / 2) - size / 2 * np.log(df * np.pi)
    log_weight = value(points.T) - log_t
    log_sum = logsumexp(log_weight)
    return points, np.exp(log_weight - log_sum), float(log_sum - np.log(DRAWS))


def _covariance(value, peak: np.ndarray, prior_sd: np.ndarray) -> np.ndarray:
    """Inverse of minus the second derivatives at the peak by central differences; the prior's where they are no maximum."""
    size, step = len(peak), 0.02
    eye = step * np.eye(size)
    hessian = np.array(
        [
            [
                (
                    value(peak + eye[i] + eye[j])
                    - value(peak + eye[i] - eye[j])
                    - value(peak - eye[i] + eye[j])
                    + value(peak - eye[i] - eye[j])
                )
                / (4 * step * step)
                for j in range(size)
            ]
            for i in range(size)
        ]
    )
    values, vectors = np.linalg.eigh(-hessian)
    return vectors @ np.diag(1 / np.clip(values, 1 / np.max(prior_sd) ** 2, None)) @ vectors.T
