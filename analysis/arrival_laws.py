"""Laws of arrival times, and the likelihood of a sale of which only a part of the clock was seen."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, gammainc, gammaincc, gammaln, log_ndtr, ndtr, xlogy

FAR = 1e12  # a population that no data can tell from one without end
SLOWEST = 0.02  # rate of a stream over that of the crowd before it; a slower one would be a population without end
SAME = 1e-7  # log-likelihoods nearer than this are equal


@dataclass(frozen=True)
class Law:
    """One family of arrival times on a clock that runs from 0 to 1, in parameters without bounds.

    `share(x, q)` is the cdf F, `rest(x, q)` log(1 - F), `density(x, q)` log f; `ends` says whether the parameters
    let F(1) go to 0, and what the times then follow: the power law x ** (c - 1), uniform times, or a crowd on uniform times.
    """

    name: str
    terms: tuple[str, ...]
    share: Callable
    rest: Callable
    density: Callable
    starts: tuple[tuple[float, ...], ...]
    prior_sd: tuple[float, ...]
    limit: str


def _weibull_density(x, q):
    k, b = np.exp(q[1]), q[0]
    return q[1] + k * b + (k - 1) * np.log(x) - np.exp(k * (b + np.log(x)))


def _gamma_density(x, q):
    k, b = np.exp(q[1]), q[0]
    return k * b + (k - 1) * np.log(x) - np.exp(b) * x - gammaln(k)


def _lognormal_density(x, q):
    z = (np.log(x) - q[0]) / np.exp(q[1])
    return -np.log(x) - q[1] - 0.5 * np.log(2 * np.pi) - 0.5 * z * z


def crowd_terms(q):
    """Share of the crowd, its rate, and the rate of the stream: between a fiftieth of the crowd's and the crowd's own."""
    return expit(q[0]), np.exp(q[1]), np.exp(q[1]) * (SLOWEST + (1 - SLOWEST) * expit(q[2]))


def _crowd_rest(x, q):
    w, fast, slow = crowd_terms(q)
    return np.log(w * np.exp(-fast * x) + (1 - w) * np.exp(-slow * x) + 1e-300)


def _crowd_density(x, q):
    w, fast, slow = crowd_terms(q)
    return np.log(w * fast * np.exp(-fast * x) + (1 - w) * slow * np.exp(-slow * x) + 1e-300)


def _law(name, terms, rest, density, starts, prior_sd, limit, share=None) -> Law:
    return Law(name, terms, share or (lambda x, q: -np.expm1(rest(x, q))), rest, density, starts, prior_sd, limit)


def _weibull_rest(x, q):
    return -np.exp(np.exp(q[1]) * (q[0] + np.log(x)))


_SHAPES = tuple((b, k) for b in (-1.5, 0.0, 1.2) for k in (-0.7, 0.0, 0.7))
_MEDIANS = tuple((m, s) for m in (-1.5, 0.0, 2.0) for s in (-0.5, 0.2, 0.9))
_CROWDS = tuple((w, b, r) for w in (-1.0, 0.5, 2.0) for b in (0.7, 1.7, 3.0) for r in (-3.5, -1.5))
LAWS = {
    law.name: law
    for law in (
        _law("exponential", ("rate",), lambda x, q: -np.exp(q[0]) * x, lambda x, q: q[0] - np.exp(q[0]) * x, ((-1.0,), (1.0,)), (2.0,), "uniform"),
        _law("weibull", ("rate", "shape"), _weibull_rest, _weibull_density, _SHAPES, (2.0, 0.5), "power"),
        _law("gamma", ("rate", "shape"), lambda x, q: np.log(gammaincc(np.exp(q[1]), np.exp(q[0]) * x) + 1e-300), _gamma_density, _SHAPES,
             (2.0, 0.5), "power", share=lambda x, q: gammainc(np.exp(q[1]), np.exp(q[0]) * x)),
        _law("lognormal", ("log_median", "log_sd"), lambda x, q: log_ndtr((q[0] - np.log(x)) / np.exp(q[1])), _lognormal_density, _MEDIANS,
             (2.0, 0.5), "power", share=lambda x, q: ndtr((np.log(x) - q[0]) / np.exp(q[1]))),
        _law("crowd", ("crowd_share", "crowd_rate", "stream_rate"), _crowd_rest, _crowd_density, _CROWDS, (1.5, 2.0, 2.0), "uniform"),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Sale:
    """What was seen of one sale on the clock from 0 to 1: times, or edges with counts; `lost` the first part not recorded."""

    seen: int
    closed_s: float
    lost: float
    times: np.ndarray | None = None
    edges: np.ndarray | None = None
    counts: np.ndarray | None = None

    def density(self, law: Law, q):
        """Log-density of the seen orders under a law, one unit of clock each (counts: log-probability of their intervals).

        `q` holds one value a parameter, or one row a parameter and one column a draw; one number a draw comes back.
        """
        q = np.asarray(q, float)[..., None]
        if self.times is not None:
            return np.sum(law.density(self.times, q), axis=-1)
        with np.errstate(divide="ignore"):
            inside = np.diff(law.share(self.edges, q), axis=-1)
        return np.sum(xlogy(self.counts, np.maximum(inside, 1e-300)), axis=-1)

    def power_density(self, c):
        """Log-density of the seen orders if their times follow x ** (c - 1) over the recorded part of the clock."""
        c = np.asarray(c, float)
        whole = 1 - self.lost**c if self.lost else np.ones_like(c)
        if self.times is not None:
            return self.seen * np.log(c / whole) + (c - 1) * np.sum(np.log(self.times))
        inside = np.diff(self.edges ** c[..., None], axis=-1)
        return np.sum(xlogy(self.counts, np.maximum(inside, 1e-300)), axis=-1) - self.seen * np.log(whole)

    def constant(self) -> float:
        """What turns a density on the clock from 0 to 1 into one per second; for counts the Poisson factorials."""
        return -self.seen * np.log(self.closed_s) if self.times is not None else -float(np.sum(gammaln(self.counts + 1)))

    def caught(self, law: Law, q):
        """Share of all times that falls in the recorded part of the clock, one number a draw."""
        return law.share(1.0, q) - (law.share(self.lost, q) if self.lost else 0.0)

    def log_missed(self, law: Law, q) -> float:
        """Log of the share of all times outside the recorded part of the clock."""
        after = float(law.rest(1.0, q))
        return float(np.log(np.exp(after) + law.share(self.lost, q))) if self.lost else after


def poisson_loglik(sale: Sale, law: Law, q):
    """Log-likelihood of a Poisson population, its mean at the best value seen / caught."""
    caught = sale.caught(law, q)
    return sale.seen * (np.log(sale.seen) - np.log(np.maximum(caught, 1e-300)) - 1) + sale.density(law, q)


def fixed_loglik(sale: Sale, law: Law, q, people: float) -> float:
    """Log-likelihood of a fixed population of `people` (continuous), those not seen outside the recorded clock."""
    missed = people - sale.seen
    tail = missed * sale.log_missed(law, q) if missed > 0 else 0.0
    return float(gammaln(people + 1) - gammaln(missed + 1)) + sale.density(law, q) + tail


def climb(value: Callable, starts, near: bool = False) -> tuple[np.ndarray, float]:
    """Highest point of `value`: BFGS from the first start and the best others, then Nelder-Mead on the best (not if `near`)."""
    first, *others = starts
    chosen = [first, *sorted(others, key=value, reverse=True)[: 1 if near else 3]]

    def down(q):
        return -float(value(q)) if np.all(np.abs(q) < 40) else 1e300

    runs = [minimize(down, np.array(start, float), method="BFGS", options={"gtol": 1e-4, "maxiter": 80}) for start in chosen]
    best = min(runs, key=lambda run: run.fun)
    if not near:
        best = minimize(down, best.x, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 800})
    return best.x, -best.fun


def endless_loglik(sale: Sale, law: Law) -> float:
    """Log-likelihood that is approached as the population grows without end."""
    start = sale.seen * (np.log(sale.seen) - 1)
    if law.limit == "uniform":
        return start + sale.power_density(1.0)
    return start + climb(lambda q: sale.power_density(np.exp(q[0])), [(-0.5,), (0.0,), (0.5,)])[1]
