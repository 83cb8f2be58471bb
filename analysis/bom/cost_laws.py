"""Cost laws (Moore, Wright and kin): how cost falls with time and output, and their hindcasts.

With y log cost, t time, q log output and x log cumulative output, a law is a regression of y on
some of t, q, x (Nagy et al. 2013), by default in changes from one period to the next. Errors
follow a moving average that is pooled over technologies, since a series of a few years cannot
tell its own (Farmer & Lafond 2016). What the parts of a phone cost is left to `components`.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike
from scipy import stats
from scipy.linalg import toeplitz

from ..look import Shown

# Moving average of yearly log changes, pooled over technologies (Farmer & Lafond 2016).
THETA = 0.63
# Regressors of each law: t time, q log output, x log cumulative output.
COST_LAWS = {"moore": "t", "wright": "x", "goddard": "q", "skc": "qx", "nordhaus": "tx"}
BAND_COLUMNS = ["low", "median", "high"]


def check_costs(cost: ArrayLike | pd.DataFrame) -> np.ndarray:
    """Check that costs are one series in equal steps, and return their logs.

    Parameters
    ----------
    cost : array or DataFrame
        One cost a period; a table has date and cost, and may have currency, unit and basis.

    Returns
    -------
    array of shape (periods,)
        Log costs.

    Raises
    ------
    ValueError
        For fewer than three costs, costs not above zero, dates not in equal steps (cut a series at
        its gaps), or currencies, units or bases that are mixed.
    """
    if isinstance(cost, pd.DataFrame):
        _check_one_series(cost)
        cost = cost["cost"]
    values = np.asarray(cost, dtype=float)
    wrong = values[~(np.isfinite(values) & (values > 0))]
    if values.ndim != 1 or len(values) < 3 or len(wrong):
        raise ValueError(
            f"{values.size} costs, not above zero: {wrong[:3]}; expected 3 or more, all finite and "
            "above zero"
        )
    return np.log(values)


def _check_one_series(costs: pd.DataFrame) -> None:
    """Refuse a table with mixed units or with dates that do not rise in equal steps."""
    for name in ("currency", "unit", "basis"):
        if name in costs and costs[name].nunique() > 1:
            values = ", ".join(costs[name].unique())
            raise ValueError(f"{name}: {values} in one series; expected one")
    steps_days = pd.to_datetime(costs["date"]).diff().dt.days
    shortest, longest = steps_days.min(), steps_days.max()
    if not 0 < longest <= 1.5 * shortest:
        raise ValueError(
            f"date: steps of {shortest:g} to {longest:g} days; expected rising dates, equal steps, "
            "no gap"
        )


def _regressors(law: str, output: np.ndarray, earlier_output: float) -> np.ndarray:
    """Regressors of a law in levels, (periods, terms)."""
    columns = {
        "t": np.arange(len(output)),
        "q": np.log(output),
        "x": np.log(earlier_output + np.cumsum(output)),
    }
    return np.column_stack([columns[term] for term in COST_LAWS[law]]).astype(float)


@dataclass(frozen=True)
class _Errors:
    """Second moments of errors whose innovations have variance one."""

    covariance: np.ndarray  # of the errors fitted and those ahead, (periods + ahead,) * 2
    residual_squares: float  # expected sum of squared residuals
    freedom: float  # degrees of freedom of that sum (Satterthwaite 1946)


def _error_moments(
    design: np.ndarray, theta: float, ahead: int = 0, differences: bool = True
) -> _Errors:
    """Moments of moving average errors in a regression, in changes or in levels."""
    changes = len(design) + ahead - (not differences)
    first_row = np.zeros(changes)
    first_row[:2] = [1 + theta**2, theta][:changes]
    covariance = toeplitz(first_row)
    if not differences:  # errors of levels are sums of those of changes
        covariance = np.pad(covariance.cumsum(0).cumsum(1), ((1, 0), (1, 0)))

    # Residuals are M e with M = I - X X+, so their squares have expectation tr(M S).
    fitted = covariance[: len(design), : len(design)]
    of_residuals = fitted - design @ (np.linalg.pinv(design) @ fitted)
    trace = np.trace(of_residuals)
    return _Errors(
        covariance=covariance,
        residual_squares=trace,
        freedom=trace**2 / np.sum(of_residuals * of_residuals.T),
    )


@dataclass(frozen=True)
class CostLaw(Shown):
    """A fitted cost law, with bands that heed the autocorrelation of its errors."""

    law: str  # a key of COST_LAWS
    differences: bool  # fitted in changes, or in levels with a constant
    drift: float  # mean log change a period
    noise: float  # standard deviation of log changes, n - 1
    exponent: float  # b of cumulative output ** -b; NaN in a law without cumulative output
    theta: float  # moving average of the errors of changes
    log_cost: np.ndarray  # (periods,)
    output: np.ndarray  # a period, (periods,); ones where the law knows no output
    earlier_output: float  # made before the first period
    # statsmodels OLS, whose own standard errors know nothing of autocorrelation
    results: object = field(repr=False)

    def forecast(
        self, periods: int, level: float = 0.95, future_output: ArrayLike | None = None
    ) -> pd.DataFrame:
        """Forecast the cost, as Farmer & Lafond (2016) and with output Lafond et al. (2018).

        Parameters
        ----------
        periods : int
            How far ahead.
        level : float
            Level of the band.
        future_output : array of shape (periods,), optional
            Output ahead, taken as known. Without it log output grows at its mean rate, and the
            spread of that growth widens the band.

        Returns
        -------
        DataFrame
            Low, median and high cost, one row a period from 1.

        Raises
        ------
        ValueError
            If future output is given to a law without output, or is not `periods` numbers above
            zero.
        """
        horizon = np.arange(1, periods + 1)
        levels = _regressors(self.law, self.output, self.earlier_output)
        if future_output is None:
            gain, gain_variance = self._usual_gain(levels, horizon)
        else:
            gain = self._known_gain(levels, periods, future_output)
            gain_variance = 0.0

        # In changes the errors ahead add up; in levels only the last one counts.
        if self.differences:
            contrast, errors_ahead, start = gain, np.tri(periods), self.log_cost[-1]
        else:
            contrast = np.column_stack([np.ones(periods), levels[-1] + gain])
            errors_ahead, start = np.eye(periods), 0.0
        variance, freedom = self._variance(contrast, errors_ahead)
        median = contrast @ self.results.params + start
        half_width = stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(variance + gain_variance)
        band = np.column_stack([median - half_width, median, median + half_width])
        return pd.DataFrame(np.exp(band), index=horizon, columns=BAND_COLUMNS)

    def _usual_gain(self, levels: np.ndarray, horizon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gain of the regressors at their mean rate, and the variance that their spread adds."""
        steps = np.diff(levels, axis=0)
        slopes = self.results.params[-levels.shape[1] :]
        gain = horizon[:, None] * steps.mean(axis=0)
        step_variance = slopes @ np.atleast_2d(np.cov(steps.T)) @ slopes
        return gain, step_variance * (horizon + horizon**2 / len(steps))

    def _known_gain(self, levels: np.ndarray, periods: int, future_output: ArrayLike) -> np.ndarray:
        """Gain of the regressors under a known output."""
        future = np.asarray(future_output, float)
        if self.law == "moore" or len(future) != periods or not np.min(future) > 0:
            raise ValueError(
                f"future_output: expected {periods} numbers above zero, in a law with output"
            )
        all_output = np.concatenate([self.output, future])
        return _regressors(self.law, all_output, self.earlier_output)[-periods:] - levels[-1]

    def _variance(self, contrast: np.ndarray, errors_ahead: np.ndarray) -> tuple[np.ndarray, float]:
        """Variance of `errors_ahead` @ errors ahead - `contrast` @ error of the coefficients.

        One value a row, and its degrees of freedom.
        """
        design = self.results.model.exog
        moments = _error_moments(design, self.theta, errors_ahead.shape[1], self.differences)
        weights = np.column_stack([-contrast @ np.linalg.pinv(design), errors_ahead])
        unscaled = np.einsum("hi,ij,hj->h", weights, moments.covariance, weights)
        return self.results.ssr / moments.residual_squares * unscaled, moments.freedom

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """Return the slopes, one a row: term, estimate, low, high, unit; autocorrelation heeded."""
        terms = list(COST_LAWS[self.law])
        all_slopes = np.eye(len(self.results.params))
        nothing_ahead = np.empty((len(terms), 0))
        variance, freedom = self._variance(all_slopes[-len(terms) :], nothing_ahead)
        slopes = self.results.params[-len(terms) :]
        half_width = stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(variance)
        return pd.DataFrame(
            {
                "term": terms,
                "estimate": slopes,
                "low": slopes - half_width,
                "high": slopes + half_width,
                "unit": "log",
            }
        )


def fit_cost_law(
    cost: ArrayLike | pd.DataFrame,
    *,
    output: ArrayLike | None = None,
    earlier_output: float = 0,
    law: str = "moore",
    differences: bool = True,
    theta: float = THETA,
) -> CostLaw:
    """Fit a cost law by least squares on logs (forms: Nagy et al. 2013).

    Parameters
    ----------
    cost : array or DataFrame
        One cost a period, as in `check_costs`.
    output : array, optional
        Output a period, as many as costs; needed by every law but Moore's.
    earlier_output : float
        Made before the first period.
    law : str
        A key of `COST_LAWS`: "moore", "wright", "goddard", "skc", "nordhaus".
    differences : bool
        Fit changes through the origin (Moore's slope is then the drift), or else levels.
    theta : float
        Moving average of the errors of changes, taken as known.

    Returns
    -------
    CostLaw
        With statsmodels' results under `.results`.

    Raises
    ------
    ValueError
        As `check_costs`, for a law that is not known or output that does not fit it, or where the
        output of these periods cannot tell the law's slopes, as where it never changes.

    Examples
    --------
    >>> float(round(fit_cost_law([100, 90, 82, 72]).drift, 4))
    -0.1095
    """
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 (only fits need it)
    from statsmodels.tools.tools import add_constant  # noqa: PLC0415 (only fits need it)

    log_cost = check_costs(cost)
    output = _output_of(law, output, earlier_output, len(log_cost))
    levels = _regressors(law, output, float(earlier_output))
    changes = np.diff(log_cost)
    design = np.diff(levels, axis=0) if differences else add_constant(levels, has_constant="add")
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise ValueError(
            f"law {law!r}: output of {output.min():g} to {output.max():g} a period cannot tell its "
            "slopes; expected output that changes, and not by one rate in all periods"
        )
    results = OLS(changes if differences else log_cost, design).fit()
    return CostLaw(
        law=law,
        differences=differences,
        drift=changes.mean(),
        noise=changes.std(ddof=1),
        exponent=-results.params[-1] if "x" in COST_LAWS[law] else np.nan,
        theta=theta,
        log_cost=log_cost,
        output=output,
        earlier_output=float(earlier_output),
        results=results,
    )


def _output_of(
    law: str, output: ArrayLike | None, earlier_output: float, periods: int
) -> np.ndarray:
    """Output that a law can use (Moore's: ones); ValueError where law, output, costs disagree."""
    if law == "moore":
        output = np.ones(periods)
    values = np.atleast_1d(np.asarray([] if output is None else output, dtype=float))
    fits = (
        law in COST_LAWS and values.shape == (periods,) and ((values > 0) & (values < np.inf)).all()
    )
    if not fits or periods < len(COST_LAWS[law]) + 2:
        raise ValueError(
            f"law {law!r} with {periods} costs and {values.size} outputs; expected one of "
            f"{', '.join(COST_LAWS)}, an output above zero for each cost, 2 costs more than slopes"
        )
    if not 0 <= earlier_output < np.inf:
        raise ValueError(f"earlier_output = {earlier_output}; expected units, 0 or more")
    return values


@dataclass(frozen=True)
class MooreOrWright:
    """Whether time and cumulative output can be told apart as causes of a fall in cost."""

    inflation: float  # of the variance of time's slope by log cumulative output
    told_apart: bool  # with both in, an interval leaves out zero
    ridge: pd.DataFrame  # exponent, its best drift, and the share of variance left over


def compare_moore_wright(
    cost: ArrayLike, output: ArrayLike, earlier_output: float = 0
) -> MooreOrWright:
    """Ask whether Moore's and Wright's laws can be told apart on one series (Sahal 1979).

    Where output grows evenly, drift and exponent times growth say the same.

    Parameters
    ----------
    cost, output, earlier_output
        As in `fit_cost_law`.

    Returns
    -------
    MooreOrWright
        Inflation, verdict and the ridge of exponents that fit about as well.

    Raises
    ------
    ValueError
        As `fit_cost_law`.
    """
    both = fit_cost_law(cost, output=output, earlier_output=earlier_output, law="nordhaus")
    slopes = both.table()
    changes = both.results.model.endog
    steps = both.results.model.exog[:, 1]  # of log cumulative output

    widest = max(abs(changes.mean() / steps.mean()), 0.05)
    exponent = np.linspace(-1, 2, 31) * widest
    without_output = changes + exponent[:, None] * steps
    ridge = pd.DataFrame(
        {
            "exponent": exponent,
            "drift": without_output.mean(axis=1),
            "left_over": without_output.var(axis=1) / changes.var(),
        }
    )
    return MooreOrWright(
        inflation=float(np.mean(steps**2) / steps.var()),
        told_apart=bool((slopes["low"] * slopes["high"] > 0).any()),
        ridge=ridge,
    )


def hindcast(
    series: dict[str, ArrayLike], *, windows: tuple[int, ...] = (5,), theta: float = THETA
) -> pd.DataFrame:
    """Forecast every later point of every series by Moore's law from every window.

    Parameters
    ----------
    series : dict of str to array
        Costs, one a period, by name.
    windows : tuple of int
        How many changes a window holds; two or more.
    theta : float
        Moving average of the changes, taken as known.

    Returns
    -------
    DataFrame
        One row per window and later point: series, window, horizon, error (log), its scale, and the
        freedom of its Student t (A* of Farmer & Lafond 2016).

    Raises
    ------
    ValueError
        As `check_costs`, or if no point comes after a window.
    """
    logs = [check_costs(cost) for cost in series.values()]
    longest = max(len(log_cost) for log_cost in logs)
    tables = [
        _hindcast_window(logs, list(series), window, theta)
        for window in windows
        if 1 < window < longest - 1
    ]
    if not tables:
        raise ValueError(
            f"series of {longest} costs at most, windows {windows}; expected a point after a window"
        )
    return pd.concat(tables, ignore_index=True)


def _hindcast_window(
    logs: list[np.ndarray], names: list[str], window: int, theta: float
) -> pd.DataFrame:
    """Rows of `hindcast` for windows of one length, of all series at once."""
    # The series lie one behind the other; each point knows its own and where that begins and ends.
    log_cost = np.concatenate(logs)
    lengths = np.array([len(log) for log in logs])
    series = np.repeat(np.arange(len(logs)), lengths)
    end = np.cumsum(lengths)[series]
    begin = end - lengths[series]
    point = np.arange(len(log_cost))
    origins = np.flatnonzero((point - begin >= window) & (point < end - 1))
    changes = sliding_window_view(np.diff(log_cost), window)[origins - window]

    # Every origin with every later point of its series, a row each.
    later_points = end[origins] - 1 - origins
    row = np.repeat(np.arange(len(origins)), later_points)
    horizon = 1 + np.arange(len(row)) - (np.cumsum(later_points) - later_points)[row]
    origin = origins[row]
    drift = changes.mean(axis=1)[row]
    error = log_cost[origin + horizon] - log_cost[origin] - drift * horizon

    # Farmer & Lafond (2016): A* is the variance of the error for innovations of variance one.
    moments = _error_moments(np.ones((window, 1)), theta)
    growth = horizon + horizon**2 / window
    error_variance = -2 * theta + (1 + theta**2 + 2 * (window - 1) * theta / window) * growth
    noise = changes.std(axis=1)[row]
    return pd.DataFrame(
        {
            "series": pd.Categorical.from_codes(series[origin], names),
            "window": window,
            "horizon": horizon,
            "error": error,
            "scale": noise * np.sqrt(error_variance * window / moments.residual_squares),
            "freedom": moments.freedom,
        }
    )


def score_hindcast(rows: pd.DataFrame, level: float = 0.8) -> pd.DataFrame:
    """Count how often the bands of a hindcast held, by horizon.

    Windows of one series overlap, so that the interval of the count goes by series.

    Parameters
    ----------
    rows : DataFrame
        As from `hindcast`.
    level : float
        Level of the bands.

    Returns
    -------
    DataFrame
        By horizon: estimate (share of errors in the band), pit_mean and pit_sd of the
        probability integral transform (0.5 and 0.289 where the law is right), windows, low and
        high of the share (NaN with one series), series.
    """
    pit = stats.t.cdf(rows["error"] / rows["scale"], rows["freedom"])
    rows = rows.assign(pit=pit, held=np.abs(pit - 0.5) <= level / 2)
    by_horizon = rows.groupby("horizon")
    scores = by_horizon.agg(
        estimate=("held", "mean"),
        pit_mean=("pit", "mean"),
        pit_sd=("pit", "std"),
        windows=("pit", "size"),
    )

    # Standard error of a mean whose observations come in clusters, one a series.
    deviation = rows["held"] - by_horizon["held"].transform("mean")
    by_series = deviation.groupby([rows["horizon"], rows["series"]], observed=True).sum()
    clusters = by_series.groupby("horizon").size()
    clusters = clusters.where(clusters > 1)
    spread = np.sqrt(clusters / (clusters - 1) * (by_series**2).groupby("horizon").sum())
    half_width = stats.t.ppf(0.975, clusters - 1) * spread / scores["windows"]
    scores = scores.assign(
        low=scores["estimate"] - half_width,
        high=scores["estimate"] + half_width,
        series=clusters.fillna(1),
    )
    return scores.reset_index()
