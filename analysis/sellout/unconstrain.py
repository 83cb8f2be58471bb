"""Demand behind sales that were capped by their stock, from the sales alone.

A sale that sold out says only that demand was at least its stock. `unconstrain` takes each sale
for what it says and gives mean and standard deviation of demand. When the times of the orders are
known, `arrivals` says more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import linalg, optimize, special, stats

from ..look import Shown

MOST_EM_STEPS = 100_000
STEP = 1e-4  # of a parameter, for slopes and curvature by differences


@dataclass(frozen=True, kw_only=True)
class DemandLaw:
    """One law of demand with its two parameters on the whole line.

    Attributes
    ----------
    family : scipy distribution
        What computes densities and tails.
    arguments : function
        The distribution's arguments from the two parameters.
    """

    family: stats.rv_continuous | stats.rv_discrete
    arguments: Callable


def _normal_arguments(mean: float, log_sd: float) -> tuple:
    """Mean and standard deviation."""
    return mean, np.exp(log_sd)


def _lognormal_arguments(log_median: float, log_sd_of_logs: float) -> tuple:
    """Shape, place (0) and scale as scipy's lognorm takes them."""
    return np.exp(log_sd_of_logs), 0, np.exp(log_median)


def _negative_binomial_arguments(log_mean: float, log_size: float) -> tuple:
    """Size and probability; beyond a log size of 12 the law is a Poisson law for all purposes."""
    size = np.exp(np.clip(log_size, -12, 12))
    return size, 1 / (1 + np.exp(log_mean) / size)


DEMAND_LAWS = {
    "normal": DemandLaw(family=stats.norm, arguments=_normal_arguments),
    "lognormal": DemandLaw(family=stats.lognorm, arguments=_lognormal_arguments),
    "negative_binomial": DemandLaw(family=stats.nbinom, arguments=_negative_binomial_arguments),
}


@dataclass(frozen=True, kw_only=True)
class Unconstrained(Shown):
    """Demand behind sales that were capped by stock.

    Attributes
    ----------
    mean_units, sd_units : float
        Mean and standard deviation of demand, units a sale.
    mean_se, sd_se : float
        Their standard errors.
    loglik : float
        Log-likelihood at the maximum.
    law : str
        A key of `DEMAND_LAWS`.
    sales, at_limit : int
        Sales, and how many of them bound demand from below only.
    results : OptimizeResult
        `.x` holds the two parameters of the law.
    """

    mean_units: float
    sd_units: float
    mean_se: float
    sd_se: float
    loglik: float
    law: str
    sales: int
    at_limit: int
    results: optimize.OptimizeResult = field(repr=False)

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """Return term, estimate, low, high, unit; normal limits, in logs for what is above 0."""
        z = stats.norm.ppf((1 + level) / 2) * np.array([-1, 1])
        if self.law == "normal":
            mean_low, mean_high = self.mean_units + z * self.mean_se
        else:
            mean_low, mean_high = self.mean_units * np.exp(z * self.mean_se / self.mean_units)
        sd_low, sd_high = self.sd_units * np.exp(z * self.sd_se / self.sd_units)
        rows = [
            {
                "term": "mean demand",
                "estimate": self.mean_units,
                "low": mean_low,
                "high": mean_high,
            },
            {
                "term": "sd of demand",
                "estimate": self.sd_units,
                "low": sd_low,
                "high": sd_high,
            },
        ]
        return pd.DataFrame(rows).assign(unit="units a sale")


def unconstrain(
    sales_units: Sequence[float],
    at_limit: Sequence[bool],
    *,
    law: str = "normal",
    method: str = "em",
) -> Unconstrained:
    """Estimate mean and standard deviation of demand behind sales that were capped by stock.

    A sale is min(demand, stock). Demand is assumed independent of the stock.

    Parameters
    ----------
    sales_units : sequence of float
        Units sold in each sale.
    at_limit : sequence of bool
        Whether the sale ended with its stock, so that demand may have been more.
    law : {"normal", "lognormal", "negative_binomial"}
        Law of demand.
    method : {"em", "mle"}
        Expectation and maximisation (Talluri & van Ryzin 2004, ch. 9), or the censored likelihood
        at once (Tobin 1958), which the negative binomial always uses.

    Returns
    -------
    Unconstrained
        Estimates with standard errors.

    Raises
    ------
    ValueError
        For lists of unlike length, numbers that are no sales, or under three different open counts.

    Examples
    --------
    >>> demand = unconstrain([10, 20, 30, 25, 25], at_limit=[0, 0, 0, 1, 1])
    >>> round(demand.mean_units, 1)
    25.1
    """
    sales, full = _check_sales(sales_units, at_limit, law, method)
    scale = np.log(sales) if law == "lognormal" else sales
    if method == "em" and law != "negative_binomial":
        results = _expect_and_maximise(scale, full)
    else:
        results = _search_likelihood(sales, full, law, scale)

    mean_se, sd_se = _standard_errors(results.x, sales, full, law)
    mean_units, sd_units = _mean_and_sd(results.x, law).tolist()
    return Unconstrained(
        mean_units=mean_units,
        sd_units=sd_units,
        mean_se=mean_se,
        sd_se=sd_se,
        loglik=float(_sales_loglik(results.x, sales, full, law)),
        law=law,
        sales=len(sales),
        at_limit=int(full.sum()),
        results=results,
    )


def _check_sales(
    sales_units: Sequence[float], at_limit: Sequence[bool], law: str, method: str
) -> tuple[np.ndarray, np.ndarray]:
    """Sales and flags as arrays, or a ValueError that says what is wrong with them."""
    sales = np.asarray(sales_units, float)
    flags = np.asarray(at_limit, float)
    if law not in DEMAND_LAWS or method not in ("em", "mle"):
        raise ValueError(
            f"law {law!r}; expected one of {', '.join(DEMAND_LAWS)}; "
            f"method {method!r}; expected one of em, mle"
        )
    one_length = sales.ndim == 1 and sales.shape == flags.shape
    if not (one_length and np.isfinite(sales).all() and np.isin(flags, (0, 1)).all()):
        raise ValueError(
            f"sales_units of shape {sales.shape}, at_limit of shape {flags.shape}; expected two "
            "lists of one length, of numbers (no NaN, no infinity) and of flags"
        )
    _check_units(sales, law)
    if np.unique(sales[flags == 0]).size < 3:
        raise ValueError(
            f"{flags.sum():.0f} of {len(flags)} sales at their limit; "
            "expected at least 3 different open counts"
        )
    return sales, flags == 1


def _check_units(sales: np.ndarray, law: str) -> None:
    """Raise a ValueError for units that the law cannot have."""
    if law == "lognormal" and (sales <= 0).any():
        raise ValueError(f"sales_units holds {sales.min():g}; expected more than 0")
    if (sales < 0).any():
        raise ValueError(f"sales_units holds {sales.min():g}; expected at least 0")
    if law == "negative_binomial" and (sales % 1).any():
        raise ValueError(
            "sales_units holds part of a unit; expected whole units under the negative binomial"
        )


def _sales_loglik(point: np.ndarray, sales: np.ndarray, full: np.ndarray, law: str) -> float:
    """Log-likelihood of open sales as densities and of sales at their limit as P[D >= sales]."""
    family = DEMAND_LAWS[law].family
    arguments = DEMAND_LAWS[law].arguments(*point)
    if law == "negative_binomial":
        # P[D >= s] = P[D > s - 1] for whole units.
        log_tails = family.logsf(sales - 1, *arguments)
        log_densities = family.logpmf(sales, *arguments)
    else:
        log_tails = family.logsf(sales, *arguments)
        log_densities = family.logpdf(sales, *arguments)
    return np.where(full, log_tails, log_densities).sum()


def _standard_errors(
    point: np.ndarray, sales: np.ndarray, full: np.ndarray, law: str
) -> tuple[float, float]:
    """Give the standard errors of mean and sd by the inverse curvature of the log-likelihood.

    The middle of a normal law is moved in steps of its sd, and not of itself: far from 0 these
    would leave its peak.
    """
    from statsmodels.tools import numdiff  # noqa: PLC0415 (a second to load; only fits need it)

    middle_step = 1.0 if law == "negative_binomial" else np.exp(point[1])
    steps = np.array([middle_step, 1.0])

    def loglik_at(moved):
        return _sales_loglik(point + steps * moved, sales, full, law)

    def mean_and_sd_at(moved):
        return _mean_and_sd(point + steps * moved, law)

    start = np.zeros(2)
    curvature = -numdiff.approx_hess3(start, loglik_at, epsilon=STEP)
    gradient = numdiff.approx_fprime(start, mean_and_sd_at, epsilon=STEP, centered=True)
    variances = np.diag(gradient @ linalg.pinvh(curvature) @ gradient.T)
    mean_se, sd_se = np.sqrt(variances.clip(0)).tolist()
    return mean_se, sd_se


def _mean_and_sd(point: np.ndarray, law: str) -> np.ndarray:
    """Mean and standard deviation of demand in units, (2,)."""
    mean, variance = DEMAND_LAWS[law].family.stats(*DEMAND_LAWS[law].arguments(*point))
    return np.array([mean, np.sqrt(variance)])


def _search_likelihood(
    sales: np.ndarray, full: np.ndarray, law: str, scale: np.ndarray
) -> optimize.OptimizeResult:
    """Maximise the censored likelihood from the moments of the capped sales."""
    if law == "negative_binomial":
        start = [np.log(sales.mean()), 1.0]
    else:
        start = [scale.mean(), np.log(scale.std())]
    return optimize.minimize(
        lambda point: -_sales_loglik(point, sales, full, law),
        start,
        method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 2000},
    )


def _expect_and_maximise(x: np.ndarray, full: np.ndarray) -> optimize.OptimizeResult:
    """Mean and log sd of a normal law that is cut from above at x where full (EM).

    Expected moments of what was cut go in, sample moments come out, until they stay.
    """
    mean, sd = x.mean(), x.std()
    steps = 0
    while steps < MOST_EM_STEPS:
        steps += 1
        z = (x - mean) / sd

        # Hazard of the normal law beyond z gives mean and variance of a cut demand.
        hazard = np.where(full, np.sqrt(2 / np.pi) / special.erfcx(z / np.sqrt(2)), z)
        filled = mean + sd * hazard
        variance_beyond = sd**2 * np.mean(full * (1 - hazard * (hazard - z)))

        new_mean = filled.mean()
        new_sd = np.sqrt(filled.var() + variance_beyond)
        moved = max(abs(new_mean - mean), abs(new_sd - sd))
        mean, sd = new_mean, new_sd
        if moved < 1e-11 * sd:
            break
    return optimize.OptimizeResult(x=np.array([mean, np.log(sd)]), nit=steps)
