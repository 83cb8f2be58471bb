"""The textbook Bass curve: its closed form and its fit to sales that no supply held back.

People buy by their own decision (p) or follow those who already own one (q). Supply limits are the
business of `launch_model`; a sold-out period is no measure of demand and does not belong here.
Reference: Bass (1969), A new product growth model for consumer durables, Management Science
15:215-227.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import least_squares
from scipy.stats import t as student_t

from ..look import Shown
from .checks import check_numbers

P_BOUNDS = (1e-7, 1.0)  # per period
Q_BOUNDS = (0.0, 3.0)  # per period; the potential m is at least 0
# p and q that a search starts from.
STARTS = [(0.0005, 0.1), (0.005, 0.4), (0.03, 0.8), (0.05, 0.05)]
# Curves that are steep, early or late, which searches from the others may miss.
STEEP_STARTS = [(1e-7, 2.1), (1e-7, 2.9), (0.002, 2.9), (0.9, 2.5)]
MOST_REWEIGHTINGS = 300  # they end far sooner, where no step changes the curve
LEAST_PERIODS = 4  # one more than there are parameters

WRONG_SIGN = "wrong sign: no positive p, q and m"
NO_IMITATION = "wrong sign: q on its bound 0"
NO_OPTIMUM = "no finite optimum"
NO_PEAK = "no peak yet"

Method = Literal["nls", "ols", "mle"]


def bass_share(
    age: ArrayLike, p: ArrayLike, q: ArrayLike, initial_share: ArrayLike = 0.0
) -> np.ndarray:
    """Return the share of the potential that has bought by an age (Bass 1969, closed form).

    The solution of dF/dt = (p + q F)(1 - F) with F(0) = `initial_share`.

    Parameters
    ----------
    age : array_like
        Age in periods.
    p, q : array_like
        Rates per period: of buyers who decide alone, and of those who follow owners.
    initial_share : array_like
        Share of the potential that buys at age 0.

    Returns
    -------
    array
        Shares from 0 to 1, of the shape that the arguments have together.

    Examples
    --------
    >>> bass_share([0, 1, 1000], p=0.03, q=0.4).round(3).tolist()
    [0.0, 0.036, 1.0]
    """
    untouched = 1 - initial_share
    hazard = p + q * initial_share
    turn = (hazard + q * untouched) * np.asarray(age)
    below = hazard + q * untouched * np.exp(-turn)
    return initial_share + untouched * hazard * -np.expm1(-turn) / below


@dataclass(frozen=True)
class BassFit(Shown):
    """The Bass curve of a series of sales.

    Attributes
    ----------
    p : float
        Rate per period of buyers who decide alone.
    q : float
        Rate per period of buyers who follow owners.
    m : float
        Potential in units: everybody who ever buys.
    covariance : array (3, 3)
        Covariance of the estimates of p, q and m.
    rss : float
        Sum of squared errors of sales, in units squared.
    noise : float
        Variance of the errors of sales; for "mle" their variance over their mean.
    period_ends : array (periods,)
        Age at the end of each period of sales.
    problem : str
        Why the sales do not pin the curve down, or "".
    method : str
        "nls", "ols" or "mle".
    """

    p: float
    q: float
    m: float
    covariance: np.ndarray
    rss: float
    noise: float
    period_ends: np.ndarray
    problem: str
    method: str

    @property
    def identified(self) -> bool:
        """Whether the sales pin the curve down."""
        return not self.problem

    @property
    def se_p(self) -> float:
        """Standard error of p."""
        return float(np.sqrt(self.covariance[0, 0]))

    @property
    def se_q(self) -> float:
        """Standard error of q."""
        return float(np.sqrt(self.covariance[1, 1]))

    @property
    def se_m(self) -> float:
        """Standard error of m, in units."""
        return float(np.sqrt(self.covariance[2, 2]))

    @property
    def periods(self) -> int:
        """Number of periods of sales."""
        return len(self.period_ends)

    @property
    def degrees_of_freedom(self) -> int:
        """Periods that are left to tell the noise, one at least."""
        return max(self.periods - 3, 1)

    @property
    def point(self) -> np.ndarray:
        """The estimates of p, q and m as an array."""
        return np.array([self.p, self.q, self.m])

    def sold_by(self, ages: ArrayLike, level: float = 0.8) -> pd.DataFrame:
        """Return the units that the curve has sold by each of some ages.

        Parameters
        ----------
        ages : array_like
            Ages in periods.
        level : float
            Chance that the interval holds the curve.

        Returns
        -------
        DataFrame
            age, low, median and high, by the delta method; from 0 to no limit where the curve is
            not identified. The errors of sales are not in it.
        """
        ages = np.asarray(ages, dtype=float)
        median = _sold_by(self.point, ages)
        gradient = _gradient(lambda point: _sold_by(point, ages), self.point)
        half_width = self._half_width((gradient * (self.covariance @ gradient)).sum(0), level)
        return pd.DataFrame(
            {
                "age": ages,
                "low": np.fmax(median - half_width, 0),
                "median": median,
                "high": median + half_width,
            }
        )

    def _half_width(self, variance: np.ndarray, level: float) -> np.ndarray:
        """Return half the width of intervals, infinite where nothing is identified."""
        if not self.identified:
            return np.full_like(variance, np.inf)
        return self._quantile(level) * np.sqrt(variance)

    def _quantile(self, level: float) -> float:
        """Return the Student quantile of an interval: its noise was estimated beside p, q and m."""
        return float(student_t.ppf((1 + level) / 2, self.degrees_of_freedom))

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """Return the estimates with their intervals: term, estimate, low, high, unit."""
        half_width = self._quantile(level) * np.sqrt(np.diag(self.covariance))
        return pd.DataFrame(
            {
                "term": ["p", "q", "m"],
                "estimate": self.point,
                "low": np.fmax(self.point - half_width, 0),
                "high": self.point + half_width,
                "unit": ["per period", "per period", "units"],
            }
        )

    def forecast(self, periods: int, level: float = 0.8) -> pd.DataFrame:
        """Return the units sold in each of the next periods of length one.

        Parameters
        ----------
        periods : int
            How many periods to forecast.
        level : float
            Chance that the interval holds the sales of a period.

        Returns
        -------
        DataFrame
            low, median and high a period, by the delta method and the noise of sales. Where the
            curve is not identified they run from 0 to no limit.
        """
        ages = np.arange(periods + 1.0) + self.period_ends[-1]
        median = _sales_between(self.point, ages)
        gradient = _gradient(lambda point: _sales_between(point, ages), self.point)
        variance_of_curve = (gradient * (self.covariance @ gradient)).sum(0)
        variance_of_sales = self.noise * (median if self.method == "mle" else 1.0)
        half_width = self._half_width(variance_of_curve + variance_of_sales, level)
        return pd.DataFrame(
            {
                "low": np.fmax(median - half_width, 0),
                "median": median,
                "high": median + half_width,
            }
        )


def fit_bass(
    sales_units: ArrayLike, *, method: Method = "nls", period_ends: ArrayLike | None = None
) -> BassFit:
    """Fit a Bass curve to the sales of successive periods, from the first period on.

    Assumes first purchases and no limit of supply.

    Parameters
    ----------
    sales_units : array_like
        Units sold in each period, four periods at least.
    method : str
        "nls", least squares on sales (Srinivasan & Mason 1986); "ols", the regression of 1969
        (Bass 1969); "mle", maximum likelihood of over-dispersed counts (Schmittlein & Mahajan
        1982).
    period_ends : array_like, optional
        Age at the end of each period, rising; 1, 2, 3, ... without it. "ols" needs equal periods.

    Returns
    -------
    BassFit
        With `problem` where the sales do not pin the curve down; a regression with a wrong sign,
        or of fewer than three different sums of sales before, gives NaN.

    Raises
    ------
    ValueError
        Under four periods, gaps, text, no sales at all, unknown method, or ends that do not rise.

    Examples
    --------
    >>> sales = 1e6 * np.diff(bass_share(np.arange(21), p=0.02, q=0.4))
    >>> fit = fit_bass(sales)
    >>> round(fit.p, 4), round(fit.q, 4), round(fit.m)
    (0.02, 0.4, 1000000)
    """
    if method not in ("nls", "ols", "mle"):
        raise ValueError(f"method {method!r}; expected nls, ols or mle")
    sales = _check_sales(sales_units)
    ages = _check_ages(period_ends, len(sales))
    weights = np.ones(len(sales))
    if method == "ols":
        if period_ends is not None:
            raise ValueError("period_ends with method 'ols'; expected equal periods")
        point = _regress_on_sales_before(sales)
    else:
        point = _least_squares(sales, ages, weights, [*STARTS, *STEEP_STARTS])
    if method == "mle":
        point, weights = _reweight_to_likelihood(sales, ages, point)

    gradient = _gradient(lambda moved: _sales_between(moved, ages), point)
    squared_errors = (sales - _sales_between(point, ages)) ** 2
    degrees_of_freedom = max(len(sales) - 3, 1)
    noise = (weights / degrees_of_freedom * squared_errors).sum()
    return BassFit(
        p=float(point[0]),
        q=float(point[1]),
        m=float(point[2]),
        covariance=_invert_information((gradient * weights) @ gradient.T, point) * noise,
        rss=float(squared_errors.sum()),
        noise=float(noise),
        period_ends=ages[1:],
        problem=_find_problem(point, ages[-1], sales.sum()),
        method=method,
    )


def fit_bass_series(series: Iterable[ArrayLike]) -> pd.DataFrame:
    """Fit each of many series of equal periods by least squares.

    Parameters
    ----------
    series : iterable of array_like
        Units sold by period, one array a series; they may differ in length.

    Returns
    -------
    DataFrame
        One row a series: p and q per period, m in units, rss in units squared, problem, identified.
    """
    fits = [fit_bass(sales) for sales in series]
    columns = ["p", "q", "m", "rss", "problem", "identified"]
    return pd.DataFrame([[getattr(fit, name) for name in columns] for fit in fits], columns=columns)


def _check_sales(sales_units: ArrayLike) -> np.ndarray:
    """Return sales of enough periods, not all of them 0."""
    sales = check_numbers("sales_units", sales_units).ravel()
    if len(sales) < LEAST_PERIODS or not 0 < sales.sum() < np.inf:
        raise ValueError(
            f"sales_units: {len(sales)} periods, {sales.sum():g} units; "
            f"expected at least {LEAST_PERIODS} periods, some sales"
        )
    return sales


def _check_ages(period_ends: ArrayLike | None, periods: int) -> np.ndarray:
    """Return the ages that bound the periods, 0 first."""
    if period_ends is None:
        return np.arange(periods + 1.0)
    ages = np.concatenate([[0.0], check_numbers("period_ends", period_ends).ravel()])
    if len(ages) != periods + 1 or not (np.diff(ages) > 0).all():
        raise ValueError(
            f"period_ends: {ages[1:].tolist()}; expected {periods} ages above 0 that rise"
        )
    return ages


def _sold_by(point: np.ndarray, ages: np.ndarray) -> np.ndarray:
    """Return the units that the curve with p, q and m has sold by some ages."""
    p, q, m = point
    return m * bass_share(ages, p, q)


def _sales_between(point: np.ndarray, ages: np.ndarray) -> np.ndarray:
    """Return the sales between ages of the curve with p, q and m."""
    return np.diff(_sold_by(point, ages))


def _gradient(function: Callable[[np.ndarray], np.ndarray], point: np.ndarray) -> np.ndarray:
    """Return the slopes (3, values) of a function of p, q and m.

    By a complex step, f'(x) = Im f(x + ih) / h, which is exact to the last digits because no
    difference of near numbers is taken.
    """
    step = 1e-30
    moved = [point + 1j * step * direction for direction in np.eye(3)]
    with np.errstate(invalid="ignore"):  # a regression with a wrong sign has no p, q and m
        return np.array([function(x).imag / step for x in moved])


def _sales_per_potential(log_p_and_q: np.ndarray, ages: np.ndarray) -> np.ndarray:
    """Return the sales between ages per unit of potential; no difference of near numbers."""
    p, q = np.exp(log_p_and_q[0]), log_p_and_q[1]
    decay = np.exp(-(p + q) * ages)
    below = p + q * decay
    turned = decay[:-1] * -np.expm1(-(p + q) * np.diff(ages))
    return turned * p * (p + q) / (below[1:] * below[:-1])


def _least_squares(
    sales: np.ndarray, ages: np.ndarray, weights: np.ndarray, starts: Sequence[tuple[float, float]]
) -> np.ndarray:
    """Return p, q and m of the least weighted sum of squares, the best of several searches.

    Sales are linear in m, so for given p and q the best m is a projection (variable projection,
    Kaufman 1975) and the search is over log p and q alone. Both the sales and the curve are scaled
    to length one, so that tolerances are relative.
    """
    root = np.sqrt(weights)
    target = root * sales
    unit_target = target / np.linalg.norm(target)
    low = np.array([np.log(P_BOUNDS[0]), Q_BOUNDS[0]])
    high = np.array([np.log(P_BOUNDS[1]), Q_BOUNDS[1]])

    def residuals(log_p_and_q):
        curve = root * _sales_per_potential(log_p_and_q, ages)
        unit_curve = curve / np.sqrt((curve * curve).sum())
        return unit_target - (unit_target * unit_curve).sum() * unit_curve

    searches = [
        least_squares(
            residuals,
            np.clip([np.log(p), q], low, high),
            jac="cs",
            bounds=(low, high),
            x_scale="jac",
            ftol=1e-12,
            xtol=1e-12,
            gtol=1e-12,
        )
        for p, q in starts
    ]
    best = min(searches, key=lambda search: search.cost).x

    # The search stays inside its bounds: what comes next to one lies on it.
    best = np.where(best - low < 1e-6, low, np.where(high - best < 1e-6, high, best))
    curve = root * _sales_per_potential(best, ages)
    return np.array([np.exp(best[0]), best[1], (target @ curve) / (curve @ curve)])


def _reweight_to_likelihood(
    sales: np.ndarray, ages: np.ndarray, point: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the p, q, m of maximum likelihood and the weights of the periods there.

    The score of over-dispersed counts is that of least squares with weights one over the mean:
    least squares is repeated with the weights of the curve before. Each time the curve goes half
    the way (in logs) to the new one, since whole steps can swing between two curves for good.
    """
    for _ in range(MOST_REWEIGHTINGS):
        weights = 1 / np.fmax(_sales_between(point, ages), 1e-9 * sales.sum())
        reached = _least_squares(sales, ages, weights, starts=[(point[0], point[1])])
        if np.allclose(reached, point, rtol=1e-11, atol=0):
            break
        point = np.sqrt(point * reached)
    return reached, weights


def _regress_on_sales_before(sales: np.ndarray) -> np.ndarray:
    """Return p, q and m of the regression of 1969, NaN where a sign is wrong.

    Sales are a parabola in the sum of sales before, a + b Y + c Y^2, with m its larger root,
    p = a / m and q = -m c. Through fewer than three different sums go many parabolas.
    """
    sold_before = np.cumsum(sales) - sales
    if len(np.unique(sold_before)) < 3:
        return np.full(3, np.nan)
    c, b, a = np.polyfit(sold_before, sales, 2)
    if min(a, -c) <= 0:
        return np.full(3, np.nan)
    m = (-b - np.sqrt(b * b - 4 * a * c)) / (2 * c)
    return np.array([a / m, -m * c, m])


def _invert_information(information: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Return the inverse of an information matrix, taken of p, q and m as shares of themselves."""
    scale = np.outer(point, point)
    return np.linalg.pinv(np.nan_to_num(information * scale), hermitian=True) * scale


def _find_problem(point: np.ndarray, last_age: float, sold_units: float) -> str:
    """Return why sales do not pin the curve down, or ""."""
    p, q, m = point
    if not (p > 0 and q >= 0 and m > 0):
        return WRONG_SIGN
    if q <= Q_BOUNDS[0]:
        return NO_IMITATION
    on_a_bound = p <= 1.01 * P_BOUNDS[0] or p >= P_BOUNDS[1] or q >= Q_BOUNDS[1]
    if on_a_bound or m > 100 * sold_units:
        return NO_OPTIMUM
    peak_age = np.log(q / p) / (p + q)
    return NO_PEAK if peak_age > last_age else ""
