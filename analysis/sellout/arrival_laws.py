"""Laws of arrival times on a clock that runs from 0 to 1, and the likelihood of a sale of which only a part was seen."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy.special import betaln, expit, gammainc, gammaincc, gammaln, log_ndtr, ndtr

FAR = 1e12  # a population that no data can tell from one without end
SLOWEST = 0.02  # rate of a stream over that of the crowd before it, where laws are weighed together
SAME = 1e-7  # log-likelihoods nearer than this are equal
GROUPS = 150  # points that stand for a longer log where a curve is walked along; their sums are those of the whole log
WIDEST = 40.0  # of a parameter, all of them logs or logits


@dataclass(frozen=True)
class Law:
    """One family of arrival times, its parameters `q` (one row a parameter, then any shape) without bounds.

    `share(x, q)` is the cdf F, `rest(x, q)` log(1 - F), `summed(sale, q)` the sum of log f over the orders seen. `limit`: what
    the times follow as F(1) goes to 0: uniform, power x ** (c - 1), stream (a crowd on uniform times); None: F never ends.
    """

    name: str
    share: Callable
    rest: Callable
    summed: Callable
    starts: np.ndarray  # (terms, starts)
    prior: tuple[tuple[float, ...], tuple[float, ...]]  # means and standard deviations, vague
    limit: str | None


@dataclass(frozen=True)
class Sale:
    """What was seen of one sale: log times with their weights, or edges with counts; `lost` the first part not recorded."""

    seen: int
    closed_s: float
    lost: float
    logs: np.ndarray | None = None
    weights: np.ndarray | None = None
    sums: tuple[float, float, float] = (np.nan, np.nan, np.nan)  # of x, log x and its square
    edges: np.ndarray | None = None
    counts: np.ndarray | None = None

    def grouped(self) -> "Sale":
        """The same sale, a long log by the mean log times of equal groups."""
        if self.logs is None or len(self.logs) <= GROUPS:
            return self
        groups = np.array_split(np.sort(self.logs), GROUPS)
        return replace(
            self,
            logs=np.array([g.mean() for g in groups]),
            weights=np.array([len(g) for g in groups], float),
        )

    def density(self, law: Law, q: np.ndarray) -> np.ndarray:
        """Log-density of the seen orders under a law, one unit of clock each (counts: log-probability of their intervals)."""
        if self.logs is not None:
            return law.summed(self, q)
        edges = self.edges.reshape(-1, *[1] * np.ndim(q[0]))
        return np.tensordot(
            self.counts, np.log(np.maximum(np.diff(law.share(edges, q), axis=0), 1e-300)), 1
        )

    def constant(self) -> float:
        """What turns a density on the clock from 0 to 1 into one per second; for counts the Poisson factorials."""
        return (
            -self.seen * np.log(self.closed_s)
            if self.logs is not None
            else -float(np.sum(gammaln(self.counts + 1)))
        )

    def caught(self, law: Law, q: np.ndarray) -> np.ndarray:
        """Share of all times that falls in the recorded part of the clock."""
        return law.share(1.0, q) - (law.share(self.lost, q) if self.lost else 0.0)


def sale_of_times(times: np.ndarray, closed: float, lost: float = 0.0) -> Sale:
    """The sale of these order times (s), stopped at `closed` with the first `lost` seconds not recorded."""
    with np.errstate(divide="ignore"):
        x, logs = times / closed, np.log(times / closed)
    return Sale(
        len(x),
        closed,
        lost / closed,
        logs,
        np.ones(len(x)),
        (x.sum(), logs.sum(), np.sum(logs * logs)),
    )


def poisson_loglik(sale: Sale, law: Law, q: np.ndarray) -> np.ndarray:
    """Log-likelihood of a Poisson population, its mean at the best value seen / caught."""
    return sale.seen * (
        np.log(sale.seen) - np.log(np.maximum(sale.caught(law, q), 1e-300)) - 1
    ) + sale.density(law, q)


def fixed_loglik(sale: Sale, law: Law, q: np.ndarray, missed: np.ndarray) -> np.ndarray:
    """Log-likelihood of a fixed population, `missed` (continuous) more than those seen outside the recorded clock."""
    tail = (
        law.rest(1.0, q)
        if not sale.lost
        else np.log(np.exp(law.rest(1.0, q)) + law.share(sale.lost, q))
    )
    return (
        gammaln(sale.seen)
        - betaln(sale.seen, missed + 1)
        + sale.density(law, q)
        + np.where(missed > 0, missed * tail, 0.0)
    )


def fixed_maximum(sale: Sale, law: Law, starts: np.ndarray) -> tuple[np.ndarray, float]:
    """Highest point of a fixed population's likelihood, (parameters and log number missed) and its height."""
    return climb(lambda q: fixed_loglik(sale, law, q[:-1], np.exp(q[-1])), starts, tries=8)


def endless_loglik(sale: Sale, law: Law) -> float:
    """Log-likelihood that is approached as the population grows without end."""
    if law.limit == "uniform":
        return float(poisson_loglik(sale, LAWS["power"], np.zeros(1)))
    if law.limit == "stream":  # nearly all belong to a stream that hardly decays
        starts = law.starts[:2] - [[25.0], [0.0]]
        return climb(
            lambda q: poisson_loglik(sale, law, np.stack([*q, np.full_like(q[0], -25.0)])), starts
        )[1]
    limit = LAWS["power"] if law.limit == "power" else law
    return climb(lambda q: poisson_loglik(sale, limit, q), limit.starts)[1]


def climb(value: Callable, starts: np.ndarray, tries: int = 4) -> tuple[np.ndarray, float]:
    """Highest point (terms,) of `value` and its height, by `rise` from the best few of the starts (terms, starts)."""
    best = np.argsort(-_finite(value, starts))[:tries]
    at, height = rise(value, starts[:, best])
    return at[:, np.argmax(height)], float(np.max(height))


def rise(value: Callable, at: np.ndarray, *along: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points and heights above each column of `at` (terms, runs), by Newton steps; `value` takes (terms, any, runs) and `along`."""
    at, height = at.copy(), _finite(value, at, *along)
    active, lengths = np.arange(at.shape[1]), np.array([2.0, 1.0, 0.3, 0.03])[:, None]
    for _ in range(60):
        rest = [given[active] for given in along]
        slope, bend = slopes(value, at[:, active], 1e-4, *rest)
        sizes, ways = np.linalg.eigh(-bend)
        step = np.einsum(
            "rij,rj->ir",
            ways,
            np.einsum("rij,ri->rj", ways, slope) / np.maximum(np.abs(sizes), 1e-6),
        )
        step = step * np.minimum(1, 3 / np.maximum(np.linalg.norm(step, axis=0), 1e-300))
        tried = at[:, None, active] + lengths * step[:, None]
        heights = _finite(value, tried, *rest)
        best = np.argmax(heights, axis=0)
        gain = heights[best, np.arange(len(active))] - height[active]
        better = gain > 0
        at[:, active[better]] = tried[:, best, np.arange(len(active))][:, better]
        height[active[better]] += gain[better]
        active = active[gain > 1e-9]
        if not len(active):
            break
    return at, height


def slopes(
    value: Callable, at: np.ndarray, h: float, *along: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """First and second differences of `value` at each column of `at`: (runs, terms), (runs, terms, terms)."""
    terms, pairs = len(at), list(combinations(range(len(at)), 2))
    eye = h * np.eye(terms)
    ways = np.column_stack([np.zeros(terms), *eye, *-eye, *[eye[i] + eye[j] for i, j in pairs]])
    got = _finite(value, at[:, None] + ways[:, :, None], *along)
    middle, up, down, both = (
        got[0],
        got[1 : terms + 1],
        got[terms + 1 : 2 * terms + 1],
        got[2 * terms + 1 :],
    )
    bend = np.zeros((at.shape[1], terms, terms))
    bend[:, range(terms), range(terms)] = ((up + down - 2 * middle) / h**2).T
    for (i, j), corner in zip(pairs, both, strict=True):
        bend[:, i, j] = bend[:, j, i] = (corner - up[i] - up[j] + middle) / h**2
    return ((up - down) / (2 * h)).T, bend


def _finite(value: Callable, q: np.ndarray, *along: np.ndarray) -> np.ndarray:
    """Heights at `q`, very low where there is none or a parameter is out of all bounds."""
    with np.errstate(all="ignore"):
        got = value(np.clip(q, -WIDEST, WIDEST), *along)
    return np.where(np.isfinite(got) & (np.abs(q) <= WIDEST).all(axis=0), got, -1e30)


def rate_of_mean(mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rate of exponential times cut at one that have this mean (0 from one half on), and its derivative; by Newton steps."""
    below = np.minimum(mean, 0.5 - 1e-12)
    rate = np.where(below < 0.25, 1 / below, 12 * (0.5 - below))
    for _ in range(30):
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            reached = np.where(
                rate > 1e-3, 1 / rate - 1 / np.expm1(rate), 0.5 - rate / 12 + rate**3 / 720
            )
            turn = np.where(
                rate > 1e-3,
                1 / (np.exp(-rate) / np.expm1(-rate) ** 2 - 1 / rate**2),
                -12 - rate**2 / 5 * 3,
            )
        step = (below - reached) * turn
        rate = np.maximum(rate + step, 1e-12)
        if np.max(np.abs(step) / (1e-3 + rate)) < 1e-10:
            break
    return np.where(mean < 0.5, rate, 0.0), np.where(mean < 0.5, turn, 0.0)


def _weibull_sum(s, q):
    k = np.exp(q[1])
    powers = np.tensordot(s.weights, np.exp(np.multiply.outer(s.logs, k)), 1)
    return s.seen * (q[1] + k * q[0]) + (k - 1) * s.sums[1] - np.exp(k * q[0]) * powers


def _law(name, rest, summed, starts, prior, limit, share=None) -> Law:
    return Law(
        name,
        share or (lambda x, q: -np.expm1(rest(x, q))),
        rest,
        summed,
        np.array(starts).T,
        prior,
        limit,
    )


def crowd_terms(q, slowest: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share of the crowd, its rate, and the rate of the stream: at least `slowest` times the crowd's and at most the crowd's own."""
    return expit(q[0]), np.exp(q[1]), np.exp(q[1]) * (slowest + (1 - slowest) * expit(q[2]))


def _crowd(slowest: float, limit: str) -> Law:
    def rest(x, q):
        w, fast, slow = crowd_terms(q, slowest)
        return np.log(w * np.exp(-fast * x) + (1 - w) * np.exp(-slow * x) + 1e-300)

    def share(x, q):
        w, fast, slow = crowd_terms(q, slowest)
        return -w * np.expm1(-fast * x) - (1 - w) * np.expm1(-slow * x)

    def summed(s, q):
        w, fast, slow = crowd_terms(q, slowest)
        x = np.exp(s.logs)
        mixed = w * fast * np.exp(-np.multiply.outer(x, fast)) + (1 - w) * slow * np.exp(
            -np.multiply.outer(x, slow)
        )
        return np.tensordot(s.weights, np.log(mixed + 1e-300), 1)

    starts = [(w, b, r) for w in (-1.0, 0.5, 2.0) for b in (0.7, 1.7, 3.0) for r in (-3.5, -1.5)]
    return _law("crowd", rest, summed, starts, ((0.0, 0.0, 0.0), (1.5, 2.0, 2.0)), limit, share)


_SHAPES = [(b, k) for b in (-1.5, 0.0, 1.2) for k in (-0.7, 0.0, 0.7)]
_MEDIANS = [(m, s) for m in (-1.5, 0.0, 2.0) for s in (-0.5, 0.2, 0.9)]
_VAGUE = ((0.0, 0.0), (2.0, 0.5))  # of a log rate or median, and of a log shape
LAWS = {
    law.name: law
    for law in (
        _law("exponential", lambda x, q: -np.exp(q[0]) * x, lambda s, q: s.seen * q[0] - np.exp(q[0]) * s.sums[0],
             [(-1.0,), (1.0,)], ((0.0,), (2.0,)), "uniform"),
        _law("weibull", lambda x, q: -(np.exp(q[0]) * x) ** np.exp(q[1]), _weibull_sum, _SHAPES, _VAGUE, "power"),
        _law("gamma", lambda x, q: np.log(gammaincc(np.exp(q[1]), np.exp(q[0]) * x) + 1e-300), lambda s, q: s.seen * (
             np.exp(q[1]) * q[0] - gammaln(np.exp(q[1]))) + np.expm1(q[1]) * s.sums[1] - np.exp(q[0]) * s.sums[0],
             _SHAPES, _VAGUE, "power", share=lambda x, q: gammainc(np.exp(q[1]), np.exp(q[0]) * x)),
        _law("lognormal", lambda x, q: log_ndtr((q[0] - np.log(x)) / np.exp(q[1])), lambda s, q: -s.sums[1] - s.seen * (
             q[1] + np.log(2 * np.pi) / 2) - (s.sums[2] - 2 * q[0] * s.sums[1] + s.seen * q[0] ** 2) * np.exp(-2 * q[1]) / 2,
             _MEDIANS, _VAGUE, "power", share=lambda x, q: ndtr((np.log(x) - q[0]) / np.exp(q[1]))),
        _crowd(0.0, "stream"),
        # Growth as t ** c without end; before any data c is likely between 0.3 and 1.4.
        _law("power", None, lambda s, q: s.seen * q[0] + np.expm1(q[0]) * s.sums[1], [(-0.5,), (0.0,), (0.5,)],
             ((-0.3,), (0.5,)), None, share=lambda x, q: np.asarray(x, float) ** np.exp(q[0])),
    )
}  # fmt: skip
# Weighed together, laws with a stream that never ends would leave nearly every top open: there the stream ends some day.
MIXED = LAWS | {"crowd": _crowd(SLOWEST, "uniform")}
