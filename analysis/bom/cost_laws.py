"""Cost laws (Moore, Wright and their kin): how cost falls with time and output, bands that mean what they say, hindcasts."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.lib.stride_tricks import sliding_window_view
from scipy import stats
from scipy.linalg import toeplitz

from ..look.wording import Shown

THETA = 0.63  # moving average of yearly log changes pooled over technologies (Farmer & Lafond 2016); a window is too short for it
# Regressors: t time, q log output, x log cumulative output.
LAWS = {"moore": "t", "wright": "x", "goddard": "q", "skc": "qx", "nordhaus": "tx"}


def check_costs(cost) -> np.ndarray:
    """Log costs, one a period, of an array or a table (date, cost; currency, unit, basis if any). ValueError for under three, costs not
    above zero, dates not in equal steps (cut a series at its gaps), currencies, units or bases mixed."""
    if isinstance(cost, pd.DataFrame):
        for name in [
            name
            for name in ("currency", "unit", "basis")
            if name in cost and cost[name].nunique() > 1
        ]:
            raise ValueError(
                f"{name}: {', '.join(cost[name].unique())} in one series; expected one"
            )
        low, high = pd.to_datetime(cost["date"]).diff().dt.days.agg(["min", "max"])
        if not 0 < high <= 1.5 * low:
            raise ValueError(
                f"date: steps of {low:g} to {high:g} days; expected rising dates, equal steps, no gap"
            )
    values = np.asarray(cost["cost"] if isinstance(cost, pd.DataFrame) else cost, dtype=float)
    bad = values[~(np.isfinite(values) & (values > 0))]
    if values.ndim != 1 or len(values) < 3 or len(bad):
        raise ValueError(
            f"{values.size} costs, not above zero: {bad[:3]}; expected 3 or more, all finite and above zero"
        )
    return np.log(values)


def _levels(law: str, output, earlier: float) -> np.ndarray:
    """The law's regressors, one row a period."""
    made = {
        "t": np.arange(len(output)),
        "q": np.log(output),
        "x": np.log(earlier + np.cumsum(output)),
    }
    return np.column_stack([made[name] for name in LAWS[law]]).astype(float)


def _error_law(
    design: np.ndarray, theta: float, ahead: int = 0, differences: bool = True
) -> tuple[np.ndarray, float, float]:
    """Of errors with innovations of variance one: covariance (and `ahead` of them), expected residual squares, their freedom."""
    size = len(design) + ahead - (not differences)
    covariance = toeplitz(np.r_[1 + theta**2, theta, np.zeros(size)][:size])
    if not differences:  # errors of levels are sums of those of changes
        covariance = np.pad(covariance.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    seen = covariance[: len(design), : len(design)]
    made = seen - design @ (np.linalg.pinv(design) @ seen)
    return covariance, np.trace(made), np.trace(made) ** 2 / np.sum(made * made.T)


@dataclass(frozen=True)
class CostLaw(Shown):
    """`drift`, `noise`: mean and sd (n - 1) of log changes; `exponent`: b of cumulative output ** -b, NaN in a law without it."""

    law: str
    differences: bool
    drift: float
    noise: float
    exponent: float
    theta: float
    log_cost: np.ndarray
    output: tuple  # (output a period, output earlier)
    results: object  # statsmodels OLS, whose own standard errors know nothing of autocorrelation

    def _variance(self, reach: np.ndarray, ahead: np.ndarray) -> tuple[np.ndarray, float]:
        """Variance of `ahead` @ coming errors - `reach` @ errors of the coefficients, by row, and its degrees of freedom."""
        design = self.results.model.exog
        covariance, expected, freedom = _error_law(
            design, self.theta, ahead.shape[1], self.differences
        )
        weights = np.c_[-reach @ np.linalg.pinv(design), ahead]
        return self.results.ssr / expected * np.einsum(
            "hi,ij,hj->h", weights, covariance, weights
        ), freedom

    def forecast(self, periods: int, level: float = 0.95, future_output=None) -> pd.DataFrame:
        """Cost ahead (low, median, high; one row a period): Farmer & Lafond (2016), with output Lafond et al. (2018). `future_output`
        counts as known; without it log output grows at its mean rate, whose spread widens the band. ValueError where it does not fit."""
        h, levels = np.arange(1, periods + 1), _levels(self.law, *self.output)
        steps, slopes = np.diff(levels, axis=0), self.results.params[-levels.shape[1] :]
        gain, extra = (
            h[:, None] * steps.mean(0),
            slopes @ np.atleast_2d(np.cov(steps.T)) @ slopes * (h + h**2 / len(steps)),
        )
        if future_output is not None:
            if (
                self.law == "moore"
                or len(future_output) != periods
                or not np.min(future_output) > 0
            ):
                raise ValueError(
                    f"future_output: expected {periods} numbers above zero, in a law with output"
                )
            gain, extra = (
                _levels(self.law, np.r_[self.output[0], future_output], self.output[1])[-periods:]
                - levels[-1],
                0,
            )
        reach = gain if self.differences else np.c_[np.ones(periods), levels[-1] + gain]
        spread, freedom = self._variance(
            reach, np.tri(periods) if self.differences else np.eye(periods)
        )
        median = reach @ self.results.params + self.differences * self.log_cost[-1]
        band = stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(spread + extra)
        return pd.DataFrame(
            np.exp(np.c_[median - band, median, median + band]), h, ["low", "median", "high"]
        )

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """term, estimate, low, high, unit of the slopes, autocorrelation heeded."""
        terms, slopes = list(LAWS[self.law]), self.results.params
        spread, freedom = self._variance(
            np.eye(len(slopes))[-len(terms) :], np.empty((len(terms), 0))
        )
        slopes, reach = (
            slopes[-len(terms) :],
            stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(spread),
        )
        return pd.DataFrame(
            {
                "term": terms,
                "estimate": slopes,
                "low": slopes - reach,
                "high": slopes + reach,
                "unit": "log",
            }
        )


def fit_cost_law(
    cost, *, output=None, earlier_output=0, law="moore", differences=True, theta=THETA
) -> CostLaw:
    """Fit log cost, one period apart, on time, log output, log cumulative output after `earlier_output` (forms: Nagy et al. 2013):
    changes through the origin (Moore's slope is the drift), or levels. ValueError as `check_costs`, or for law and output that fail.

    >>> round(fit_cost_law([100, 90, 82, 72]).drift, 4)
    -0.1095
    """
    y = check_costs(cost)
    output = (
        np.ones(len(y))
        if law == "moore"
        else np.asarray([] if output is None else output, dtype=float)
    )
    if (
        law not in LAWS
        or len(output) != len(y)
        or not output.min() > 0
        or len(y) < len(LAWS[law]) + 2
    ):
        expected = f"one of {', '.join(LAWS)}, an output above zero for each cost, 2 costs more than slopes"
        raise ValueError(
            f"law {law!r} with {len(y)} costs and {len(output)} outputs; expected {expected}"
        )
    levels, changes = _levels(law, output, float(earlier_output)), np.diff(y)
    results = (
        sm.OLS(changes, np.diff(levels, axis=0))
        if differences
        else sm.OLS(y, sm.add_constant(levels))
    ).fit()
    exponent, noise = -results.params[-1] if "x" in LAWS[law] else np.nan, changes.std(ddof=1)
    return CostLaw(
        law,
        differences,
        changes.mean(),
        noise,
        exponent,
        theta,
        y,
        (output, float(earlier_output)),
        results,
    )


def compare_moore_wright(cost, output, earlier_output=0) -> tuple[float, bool, pd.DataFrame]:
    """Variance inflation of time by log cumulative output; whether Moore and Wright can be told apart (with both in, an interval leaves
    out zero; Sahal 1979); their ridge: each exponent with its best drift and the share of variance left over."""
    both = fit_cost_law(cost, output=output, earlier_output=earlier_output, law="nordhaus")
    table, steps, changes = both.table(), both.results.model.exog[:, 1], both.results.model.endog
    exponent = np.linspace(-1, 2, 31) * max(abs(changes.mean() / steps.mean()), 0.05)
    left = changes + exponent[:, None] * steps
    ridge = pd.DataFrame(
        {"exponent": exponent, "drift": left.mean(1), "left_over": left.var(1) / changes.var()}
    )
    return (
        float(np.mean(steps**2) / steps.var()),
        bool((table["low"] * table["high"] > 0).any()),
        ridge,
    )


def hindcast(series: dict, *, windows=(5,), theta=THETA) -> pd.DataFrame:
    """Moore's law from every window (of so many differences) of every series to every later point, all at once. Rows: series, window,
    horizon, error (log), scale, freedom of its Student t (A* of Farmer & Lafond 2016). ValueError as `check_costs`, or for no window."""
    logs, found = [check_costs(cost) for cost in series.values()], []
    sizes = np.array([len(values) for values in logs])
    packed = np.full((len(logs), sizes.max()), np.nan)
    packed[np.arange(sizes.max()) < sizes[:, None]] = np.concatenate(logs)
    for m in [m for m in windows if 1 < m < sizes.max() - 1]:
        h = np.arange(1, sizes.max() - m)
        which, last, step = np.nonzero((h + m - 1)[:, None] + h < sizes[:, None, None])
        changes, (_, expected, freedom) = (
            sliding_window_view(np.diff(packed), m, axis=1),
            _error_law(np.ones((m, 1)), theta),
        )
        ahead, now, window = (
            h[step],
            which * packed.shape[1] + last + m,
            which * changes.shape[1] + last,
        )  # flat places: fast
        error = packed.take(now + ahead) - packed.take(now) - changes.mean(-1).take(window) * ahead
        spread = np.sqrt(
            (-2 * theta + (1 + theta**2 + 2 * (m - 1) * theta / m) * (h + h**2 / m)) * m / expected
        )
        told = {
            "series": pd.Categorical.from_codes(which, list(series)),
            "window": m,
            "horizon": ahead,
            "error": error,
        }
        scale = changes.std(-1).take(window) * spread.take(step)
        found.append(pd.DataFrame(told | {"scale": scale, "freedom": freedom}, copy=False))
    if not found:
        raise ValueError(
            f"series of {sizes.max()} costs at most, windows {windows}; expected a point after a window"
        )
    return pd.concat(found, ignore_index=True) if found[1:] else found[0]


def score_hindcast(rows: pd.DataFrame, level: float = 0.8) -> pd.DataFrame:
    """By horizon: share of errors in the band (estimate; low, high by series, as windows of one overlap), mean and sd of the probability
    integral transform (0.5 and 0.289 where the law is right)."""
    rows = rows.assign(pit=stats.t.cdf(rows["error"] / rows["scale"], rows["freedom"]))
    rows["held"] = (rows["pit"] - 0.5).abs() <= level / 2
    by = rows.groupby("horizon")
    told = by.agg(
        estimate=("held", "mean"),
        pit_mean=("pit", "mean"),
        pit_sd=("pit", "std"),
        windows=("pit", "size"),
    )
    off = (rows["held"] - by["held"].transform("mean")).groupby(
        [rows["horizon"], rows["series"]], observed=True
    )
    k = off.sum().groupby("horizon").size().where(lambda n: n > 1)  # one series has no interval
    spread = np.sqrt(k / (k - 1) * (off.sum() ** 2).groupby("horizon").sum())
    reach = stats.t.ppf(0.975, k - 1) * spread / told["windows"]
    return told.assign(
        low=told["estimate"] - reach, high=told["estimate"] + reach, series=k.fillna(1)
    ).reset_index()
