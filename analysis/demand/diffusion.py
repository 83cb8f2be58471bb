"""How sales spread when nothing holds them back: Bass curves of a series or of thousands at once, generations, long series; a sampler."""

from collections import namedtuple

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import logsumexp
from scipy.stats import norm

from ..look.wording import Shown

P_BOUNDS, Q_BOUNDS = (1e-7, 1.0), (0.0, 3.0)  # per period; m is at least 0
STARTS = [
    (0.0005, 0.1),
    (0.005, 0.4),
    (0.03, 0.8),
    (0.05, 0.05),
]  # p and q that searches start from
LATE = [
    (1e-7, 2.1),
    (1e-7, 2.9),
]  # more of them: curves that hardly begin and then are steep, which the others may miss
PROBLEMS = [
    "wrong sign: no positive p, q and m",
    "wrong sign: q on its bound 0",
    "no finite optimum",
    "no peak yet",
]
# Long series by the quarter, median and sd of log, assumed and fitted to none: owners, Bass, replacement, growth, noise and drift.
LONG = {
    "potential": (4e8, 1.0),
    "p": (0.005, 1.0),
    "q": (0.12, 0.5),
    "replace": (0.1, 0.35),
    "growth": (0.0125, 0.7),
}
LONG |= {"noise": (0.15, 0.5), "drift": (0.06, 0.5)}


def bass_share(age, p, q, opening=0.0) -> np.ndarray:
    """Share of the potential that has bought by `age` periods, a share `opening` of it at age 0 (Bass 1969, closed form)."""
    rest, hazard = 1 - opening, p + q * opening
    turn = (hazard + q * rest) * np.asarray(age)
    return opening + rest * hazard * -np.expm1(-turn) / (hazard + q * rest * np.exp(-turn))


def simulate_generations(periods: int, launched, m, p, q) -> np.ndarray:
    """Units to first buyers and to upgraders (2, generations, periods) of a durable's versions (Jiang & Jain 2012): each starts at
    `launched` with `m` people, who skip it by the share that the next has won by then; its owners upgrade as the next spreads."""
    start, p, q = (np.reshape(x, (-1, 1)) for x in (launched, p, q))
    share = bass_share(np.fmax(np.arange(periods + 1.0) - start, 0), p, q)
    middle, rise, owners = (share[:, 1:] + share[:, :-1]) / 2, np.diff(share), np.zeros(periods + 1)
    bought = np.zeros((2, *rise.shape))
    for g, people in enumerate(m):
        own = np.array([np.full(periods, people), (owners[1:] + owners[:-1]) / 2])
        bought[:, g] = own * rise[g] + bought[:, g - 1] * middle[g]
        owners = share[g] * (people + owners)
    return bought * (1 - np.vstack([middle[1:], np.zeros(periods)]))


class BassFit(Shown, namedtuple("BassFit", "point covariance rss noise periods problem method")):
    """Bass curve of a series: `point` p, q, m; variance of errors ("mle": over mean); `problem`: why there is no answer."""

    identified = property(lambda self: not self.problem)
    p, q, m = (property(lambda self, k=k: float(self.point[k])) for k in range(3))
    se_p, se_q, se_m = (
        property(lambda self, k=k: float(np.sqrt(self.covariance[k, k]))) for k in range(3)
    )

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """term, estimate, low, high, unit."""
        x, wide = self.point, norm.ppf((1 + level) / 2) * np.sqrt(np.diag(self.covariance))
        bands = {"estimate": x, "low": np.fmax(x - wide, 0), "high": x + wide}
        return pd.DataFrame(
            {"term": list("pqm"), **bands, "unit": ["per period", "per period", "units"]}
        )

    def forecast(self, periods: int, level: float = 0.8) -> pd.DataFrame:
        """Units of each of the next periods, low, median, high (delta method and noise): 0 to no limit if not identified."""
        middle, slope = _curve(self.point, np.arange(self.periods, self.periods + periods + 1.0))
        variance = (slope * (self.covariance @ slope)).sum(0) + self.noise * (
            middle if self.method == "mle" else 1.0
        )
        wide = norm.ppf((1 + level) / 2) * np.sqrt(variance) if self.identified else np.inf
        return pd.DataFrame(
            {"low": np.fmax(middle - wide, 0), "median": middle, "high": middle + wide}
        )


def fit_bass(sales_units, *, method: str = "nls") -> BassFit:
    """Bass curve of equal periods from the first on: first purchases, no limit of supply. "nls" least squares (Srinivasan & Mason 1986),
    "ols" (Bass 1969), "mle" over-dispersed (Schmittlein & Mahajan 1982). ValueError: under 4 periods, gaps, text, no sales."""
    if method not in ("nls", "ols", "mle"):
        raise ValueError(f"method {method!r}; expected nls, ols or mle")
    point, y = (
        fit_bass_series([sales_units])[["p", "q", "m"]].to_numpy()[0],
        np.asarray(sales_units, dtype=float).ravel(),
    )
    age, weight = np.arange(len(y) + 1.0), np.ones(len(y))
    if method == "ols":
        c, b, a = np.polyfit(np.cumsum(y) - y, y, 2)
        m = (-b - np.sqrt(b * b - 4 * a * c)) / (2 * c) if min(a, -c) > 0 else np.nan
        point = np.array([a / m, -m * c, m])
    for _ in range(
        60 * (method == "mle")
    ):  # least squares weighted by one over the curve end where the score is zero
        weight = 1 / np.fmax(_curve(point, age)[0], 1e-9 * y.sum())
        fits = fit_bass_series(
            [y * np.sqrt(weight)], starts=[point[:2]], seen=np.sqrt(weight)[None]
        )
        point = fits[["p", "q", "m"]].to_numpy()[0]
    (curve, slope), scale = _curve(point, age), np.outer(point, point)
    noise, rss = (float((w * (y - curve) ** 2).sum()) for w in (weight / max(len(y) - 3, 1), 1))
    covariance = (
        np.linalg.pinv(np.nan_to_num(slope * weight @ slope.T * scale), hermitian=True)
        * scale
        * noise
    )
    return BassFit(
        point, covariance, rss, noise, len(y), str(_problem(*point, len(y), y.sum())), method
    )


def check_numbers(name: str, value) -> np.ndarray:
    """Numbers of 0 or more, any shape; ValueError, naming the place, for text, gaps (NaN) and what is below 0."""
    numbers = pd.to_numeric(np.ravel(value), errors="coerce").astype(float)
    for wrong in np.flatnonzero(~(numbers >= 0))[:1]:
        place = np.add(np.unravel_index(wrong, np.shape(value)), 1).tolist()
        raise ValueError(
            f"{name}: {np.ravel(value)[wrong]!s:.60} at place {place}; expected numbers of 0 or more, without gaps"
        )
    return numbers.reshape(np.shape(value))


def fit_bass_series(series, *, starts=(*STARTS, *LATE), seen=None) -> pd.DataFrame:
    """Least squares of many series: p, q (within bounds, from `starts`), m, rss, problem, identified; `seen`: roots of weights."""
    series = [check_numbers("sales_units", one).ravel() for one in series]
    for one in (one for one in series if len(one) < 4 or not 0 < one.sum() < np.inf):
        raise ValueError(
            f"sales_units: {len(one)} periods, {one.sum():g} units; expected at least 4 periods, some sales"
        )
    lengths = np.array([len(one) for one in series])
    y = np.stack([np.pad(one, (0, lengths.max() - len(one))) for one in series])
    seen = 1.0 * (np.arange(y.shape[1]) < lengths[:, None]) if seen is None else seen
    x, loss = _descend(
        np.tile(starts, (len(y), 1)),
        *(np.repeat(part, len(starts), 0) for part in (_unit(y), seen)),
    )
    x = x[loss.reshape(len(y), -1).argmin(1) + len(starts) * np.arange(len(y))]
    shape = _shape(x, seen)
    m = (y * shape).sum(1) / (shape**2).sum(1)
    fits = pd.DataFrame(
        {"p": np.exp(x[:, 0]), "q": x[:, 1], "m": m, "rss": ((y - m[:, None] * shape) ** 2).sum(1)}
    )
    problem = _problem(fits["p"], fits["q"], m, lengths, (y / np.where(seen > 0, seen, 1)).sum(1))
    return fits.assign(problem=problem, identified=problem == "")


def _shape(x, seen) -> np.ndarray:
    """Sales of each period per unit of potential, times `seen`; rows of x are log p and q."""
    p, q = np.exp(x[:, :1]), x[:, 1:]
    left = np.exp(-(p + q) * np.arange(seen.shape[1] + 1.0))
    below = p + q * left
    return seen * left[:, :-1] * -np.expm1(-p - q) * p * (p + q) / (below[:, 1:] * below[:, :-1])


def _unit(rows) -> np.ndarray:
    return rows / np.sqrt((rows**2).sum(1, keepdims=True))


def _descend(starts, y, seen, rounds: int = 200, tiny: float = 1e-6):
    """Damped Gauss-Newton on what is left once m is profiled out (Kaufman 1975), rows of unit length: log p and q, losses."""
    low, high = np.array([[np.log(P_BOUNDS[k]), Q_BOUNDS[k]] for k in (0, 1)])

    def look(x, rows):
        unit, *sides = (
            _unit(_shape(x + tiny * np.array(move), seen[rows]))
            for move in ((0, 0), (1, 0), (0, 1))
        )
        height = (y[rows] * unit).sum(1, keepdims=True)
        rest, (a, b) = y[rows] - height * unit, (height * (side - unit) / tiny for side in sides)
        return np.stack(
            [
                (i * j).sum(1)
                for i, j in ((rest, rest), (a, rest), (b, rest), (a, a), (b, b), (a, b))
            ],
            1,
        )

    rows, x = np.arange(len(y)), np.clip(np.c_[np.log(starts[:, 0]), starts[:, 1]], low, high)
    state, damp, calm = look(x, rows), np.full((len(y), 1), 1e-3), np.zeros(len(y), dtype=int)
    while len(rows) and (rounds := rounds - 1):
        at, pull, bend = x[rows], state[rows, 1:3], state[rows, 3:5] * (1 + damp[rows]) + 1e-300
        free = ~((at <= low) & (pull < 0) | (at >= high) & (pull > 0))
        pull, cross = pull * free, state[rows, 5:] * free.all(1, keepdims=True)
        step = (bend[:, ::-1] * pull - cross * pull[:, ::-1]) / (
            bend.prod(1, keepdims=True) - cross**2 + 1e-300
        )
        there = np.clip(at + np.clip(step, -3, 3), low, high)
        new = look(there, rows)
        better, gain = new[:, 0] < state[rows, 0], state[rows, 0] - new[:, 0]
        calm[rows] = np.where(gain > 1e-10 * state[rows, 0], 0, calm[rows] + 1)
        damp[rows] = np.fmax(damp[rows] * np.where(better, 0.2, 5.0)[:, None], 1e-4)
        x[rows[better]], state[rows[better]] = there[better], new[better]
        rows = rows[calm[rows] < 10]
    return x, state[:, 0]


def _problem(p, q, m, periods, sold) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        wrong, late = ~((p > 0) & (q >= 0) & (m > 0)), np.log(q / p) / (p + q) > periods
    edge = (p <= P_BOUNDS[0] * 1.01) | (p >= P_BOUNDS[1]) | (q >= Q_BOUNDS[1]) | (m > 100 * sold)
    return np.select([wrong, q <= Q_BOUNDS[0], edge, late], PROBLEMS, "")


def _curve(point, age):
    """Sales of each period between the ages, and their slopes in p, q, m (central differences)."""
    steps = np.diag(1e-6 * np.fmax(np.abs(point), 1e-6))
    middle, *sides = (
        x[2] * np.diff(bass_share(age, x[0], x[1]))
        for x in (np.array(point), *point + steps, *point - steps)
    )
    return middle, (np.array(sides[:3]) - sides[3:]) / (2 * steps.sum(1, keepdims=True))


def ends(draws, level: float = 0.8) -> np.ndarray:
    """Low, median and high of draws (rows), by order statistics: an infinite one is never interpolated."""
    return np.quantile(
        draws, [(1 - level) / 2, 0.5, (1 + level) / 2], axis=0, method="inverted_cdf"
    )


def sample_posterior(loglik, dims: int, *, draws: int = 1000, target: float = 400, seed: int = 1):
    """Draws (draws, dims) of standard normals given `loglik` of all at once, and their effective sample size: tempered sequential Monte
    Carlo (Del Moral, Doucet & Jasra 2006); draws of one ancestor count by what moves leave; below `target` 40 rounds more at most."""
    rng, heat, alike, more = np.random.default_rng(seed), 0.0, 0.0, 0
    z = rng.standard_normal((draws, dims))
    value = loglik(z)

    def spare(rise):
        return np.exp(2 * logsumexp(rise * value) - logsumexp(2 * rise * value)) - draws / 2

    while heat < 1 or (draws / (1 + alike) < target and more < 40):
        if heat < 1:
            rise = 1 - heat if spare(1 - heat) > 0 else brentq(spare, 0, 1 - heat, rtol=1e-3)
            w = np.exp(rise * value - logsumexp(rise * value))
            pick = np.minimum(
                np.searchsorted(w.cumsum(), (np.arange(draws) + rng.random()) / draws), draws - 1
            )
            heat, alike, z, value = (
                heat + rise,
                (1 + alike) * draws * (w**2).sum() - 1,
                z[pick],
                value[pick],
            )
        more += heat >= 1
        before, mean, root = (
            z,
            z.mean(0),
            np.linalg.cholesky(np.cov(z.T).reshape(dims, dims) + 1e-9 * np.eye(dims)),
        )
        for _ in range(3):  # steps about the fitted normal
            u, reach = np.linalg.solve(root, (z - mean).T).T, rng.uniform(0.1, 1, (draws, 1))
            v = np.sqrt(1 - reach**2) * u + 1.2 * reach * rng.standard_normal(z.shape)
            there = mean + v @ root.T
            new = loglik(there)
            gain = (
                heat * (new - value)
                + ((z**2 - there**2).sum(1) + (v**2 - u**2).sum(1) / 1.2**2) / 2
            )
            went = np.log(rng.random(draws)) < gain
            z, value = np.where(went[:, None], there, z), np.where(went, new, value)
        alike *= max(np.corrcoef(a, b)[0, 1] ** 2 for a, b in zip(before.T, z.T, strict=True))
    return z, draws / (1 + alike)


def forecast_long(
    units, periods: int, *, season: int = 4, draws: int = 4000, seed: int = 1
) -> np.ndarray:
    """Draws (draws, periods) of units sold by each of the next periods, the past included: first buyers by Bass with a growing potential,
    owners replace at a rate (priors `LONG`); logs of sales miss that by noise, a random walk and the season (Gaussian, so exact)."""
    y, (middle, sd) = check_numbers("units", units), np.array([*LONG.values()]).T
    if len(y) < 2 * season or not y.min() > 0:
        raise ValueError(
            f"units: {len(y)} periods, least {y.min():g}; expected two years or more, every period above 0"
        )
    n, k, t = len(y) + periods - 1, len(y) - 1, np.arange(len(y) + periods - 1)
    shared, walk = 0.25**2 * (t[:, None] % season == t % season), np.minimum.outer(t, t) + 1.0

    def misses(z, n):
        m, p, q, replace, growth, noise, drift = (middle * np.exp(sd * z)).T[:, :, None]
        owners, curve = np.full((len(z), 1), y[0]), []
        for late in t[:n] + 1:
            people = m * np.exp(growth * late)
            new = (people - owners) * -np.expm1(-p - q * owners / people)
            curve, owners = [*curve, new + replace * owners], owners + new
        root = (
            noise[:, :, None] ** 2 * np.eye(n)
            + drift[:, :, None] ** 2 * walk[:n, :n]
            + shared[:n, :n]
        )
        root, curve = np.linalg.cholesky(root), np.log(np.hstack(curve))
        return (
            root,
            curve,
            np.linalg.solve(root[:, :k, :k], (np.log(y[1:]) - curve[:, :k])[:, :, None])[:, :, 0],
        )

    def loglik(z):
        root, _, miss = misses(z, k)
        return -(miss**2).sum(1) / 2 - np.log(np.einsum("dii->di", root)).sum(1)

    z, _ = sample_posterior(loglik, len(LONG), draws=draws, seed=seed)
    root, curve, miss = misses(z, n)
    future = np.random.default_rng(seed).standard_normal((len(z), periods))
    return y.sum() + np.exp(curve + np.einsum("dij,dj->di", root, np.c_[miss, future]))[
        :, k:
    ].cumsum(1)
