"""Laws of arrival: when those who want one come, on a clock that runs from 0 to 1.

The clock starts as the sale opens and ends as it stops being watched. A law knows the shape of
the stream and nothing of its size: likelihoods of a sale are in `arrival_sale`, fits of one law
in `arrivals`, several laws weighed together in `arrival_mix`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, gammainc, gammaincc, gammaln, log_ndtr, ndtr

if TYPE_CHECKING:
    from .arrival_sale import TimedSale

# Rate of a stream over that of the crowd before it, at least, where laws are weighed together.
SLOWEST_STREAM = 0.002
TINY = 1e-300  # added under a logarithm


class Law(ABC):
    """One family of arrival times X with parameters `q` on the whole line.

    `q` has one row a parameter and any shape behind it, so that many candidates are worked out at
    once.

    Attributes
    ----------
    name : str
        How fits and tables call it.
    label : str
        How sentences and charts call it.
    starts : array (parameters, starts)
        Where a search for the best parameters begins.
    prior_mean, prior_sd : tuple of float
        Vague normal prior of each parameter, for laws that are weighed together.
    limit : {"uniform", "power", "stream", None}
        What the times follow as F(1) goes to 0: uniform times, the power law x ** (c - 1), or a
        crowd before a stream at one rate. None where F never ends, so that there is no
        population.
    """

    name: str
    label: str
    starts: np.ndarray
    prior_mean: tuple[float, ...]
    prior_sd: tuple[float, ...]
    limit: str | None

    def cdf(self, x: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Share of all who want one that has come by clock time x, F(x)."""
        return -np.expm1(self.log_survival(x, q))

    @abstractmethod
    def log_survival(self, x: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Log of the share that comes after clock time x, log(1 - F(x))."""

    @abstractmethod
    def sum_log_density(self, sale: TimedSale, q: np.ndarray) -> np.ndarray:
        """Sum of log f over the orders of a sale, f the density of X."""

    @abstractmethod
    def parameters_per_second(self, q: np.ndarray, closed_s: float) -> dict[str, float]:
        """Name the parameters `q` (parameters,) on the clock in seconds, which stops at closed_s.

        A name ends in `_per_s` where its value is a rate per second.
        """


# Starts and priors of a log rate b or log median m, and of a log shape k or log sd s.
_RATES_AND_SHAPES = np.array([(b, k) for b in (-1.5, 0.0, 1.2) for k in (-0.7, 0.0, 0.7)]).T
_MEDIANS_AND_SDS = np.array([(m, s) for m in (-1.5, 0.0, 2.0) for s in (-0.5, 0.2, 0.9)]).T


class ExponentialLaw(Law):
    """Everybody comes at the same constant hazard: F(x) = 1 - exp(-b x), b = exp(q[0])."""

    name = "exponential"
    label = "exponential"
    starts = np.array([[-1.0, 1.0]])
    prior_mean = (0.0,)
    prior_sd = (2.0,)
    limit = "uniform"

    def log_survival(self, x, q):
        """Return -b x."""
        return -np.exp(q[0]) * x

    def sum_log_density(self, sale, q):
        """Sum log f(x) = log b - b x."""
        return sale.orders * q[0] - np.exp(q[0]) * sale.sum_x

    def parameters_per_second(self, q, closed_s):
        """Return the hazard b."""
        return {"rate_per_s": float(np.exp(q[0])) / closed_s}


class WeibullLaw(Law):
    """Hazard that falls or rises: F(x) = 1 - exp(-(b x)^k), b = exp(q[0]), k = exp(q[1])."""

    name = "weibull"
    label = "Weibull"
    starts = _RATES_AND_SHAPES
    prior_mean = (0.0, 0.0)
    prior_sd = (2.0, 0.5)
    limit = "power"

    def log_survival(self, x, q):
        """Return -(b x)^k."""
        return -((np.exp(q[0]) * x) ** np.exp(q[1]))

    def sum_log_density(self, sale, q):
        """Sum log f(x) = log k + k log b + (k - 1) log x - (b x)^k."""
        log_b, log_k = q
        k = np.exp(log_k)
        sum_x_to_k = sale.total(np.exp(sale.times_against(k) * k))
        constant = sale.orders * (log_k + k * log_b)
        return constant + (k - 1) * sale.sum_log_x - np.exp(k * log_b) * sum_x_to_k

    def parameters_per_second(self, q, closed_s):
        """Return the rate b and the shape k."""
        return {"rate_per_s": float(np.exp(q[0])) / closed_s, "shape": float(np.exp(q[1]))}


class GammaLaw(Law):
    """A wait of k stages: F(x) = P(k, b x), incomplete gamma, b = exp(q[0]), k = exp(q[1])."""

    name = "gamma"
    label = "gamma"
    starts = _RATES_AND_SHAPES
    prior_mean = (0.0, 0.0)
    prior_sd = (2.0, 0.5)
    limit = "power"

    def cdf(self, x, q):
        """Return P(k, b x)."""
        return gammainc(np.exp(q[1]), np.exp(q[0]) * x)

    def log_survival(self, x, q):
        """Return the log of Q(k, b x) = 1 - P(k, b x)."""
        return np.log(gammaincc(np.exp(q[1]), np.exp(q[0]) * x) + TINY)

    def sum_log_density(self, sale, q):
        """Sum log f(x) = k log b - log Gamma(k) + (k - 1) log x - b x."""
        log_b, log_k = q
        k = np.exp(log_k)
        constant = sale.orders * (k * log_b - gammaln(k))
        return constant + np.expm1(log_k) * sale.sum_log_x - np.exp(log_b) * sale.sum_x

    def parameters_per_second(self, q, closed_s):
        """Return the rate b and the shape k."""
        return {"rate_per_s": float(np.exp(q[0])) / closed_s, "shape": float(np.exp(q[1]))}


class LognormalLaw(Law):
    """Log times are normal: F(x) = Phi((log x - m) / s), m = q[0], s = exp(q[1])."""

    name = "lognormal"
    label = "lognormal"
    starts = _MEDIANS_AND_SDS
    prior_mean = (0.0, 0.0)
    prior_sd = (2.0, 0.5)
    limit = "power"

    def cdf(self, x, q):
        """Return Phi((log x - m) / s)."""
        with np.errstate(divide="ignore"):  # nobody has come by 0
            log_x = np.log(x)
        return ndtr((log_x - q[0]) / np.exp(q[1]))

    def log_survival(self, x, q):
        """Return the log of Phi((m - log x) / s)."""
        return log_ndtr((q[0] - np.log(x)) / np.exp(q[1]))

    def sum_log_density(self, sale, q):
        """Sum log f(x) = -log x - log s - log(2 pi) / 2 - (log x - m)^2 / (2 s^2)."""
        m, log_s = q
        squares = sale.sum_squared_log_x - 2 * m * sale.sum_log_x + sale.orders * m**2
        constant = sale.orders * (log_s + np.log(2 * np.pi) / 2)
        return -sale.sum_log_x - constant - squares * np.exp(-2 * log_s) / 2

    def parameters_per_second(self, q, closed_s):
        """Return m, moved by the log of a clock unit in seconds, and s."""
        return {"log_median_s": float(q[0] + np.log(closed_s)), "log_sd": float(np.exp(q[1]))}


class CrowdLaw(Law):
    """A waiting crowd, then a slower stream: 1 - F(x) = w exp(-fast x) + (1 - w) exp(-slow x).

    Parameters
    ----------
    slowest : float
        Rate of the stream over the crowd's, at least. At 0 the stream may never end (`limit`
        "stream").
    """

    name = "crowd"
    label = "crowd"
    starts = np.array(
        [
            *((w, b, r) for w in (-1.0, 0.5, 2.0) for b in (0.7, 1.7, 3.0) for r in (-3.5, -1.5)),
            (-5.0, 6.0, -6.0),  # a small crowd, and fast
        ]
    ).T
    prior_mean = (0.0, 0.0, 0.0)
    prior_sd = (1.5, 2.0, 2.0)

    def __init__(self, slowest: float = 0.0):
        self.slowest = slowest
        self.limit = "uniform" if slowest else "stream"

    def terms(self, q: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Share w of the crowd, its rate, and the rate of the stream, never above the crowd's."""
        crowd_share = expit(q[0])
        crowd_rate = np.exp(q[1])
        stream_over_crowd = self.slowest + (1 - self.slowest) * expit(q[2])
        return crowd_share, crowd_rate, crowd_rate * stream_over_crowd

    def cdf(self, x, q):
        """Return w (1 - exp(-fast x)) + (1 - w) (1 - exp(-slow x))."""
        w, fast, slow = self.terms(q)
        return -w * np.expm1(-fast * x) - (1 - w) * np.expm1(-slow * x)

    def log_survival(self, x, q):
        """Return the log of w exp(-fast x) + (1 - w) exp(-slow x)."""
        w, fast, slow = self.terms(q)
        return np.log(w * np.exp(-fast * x) + (1 - w) * np.exp(-slow * x) + TINY)

    def sum_log_density(self, sale, q):
        """Sum log f(x) = log(w fast exp(-fast x) + (1 - w) slow exp(-slow x))."""
        w, fast, slow = self.terms(q)
        x = np.exp(sale.times_against(fast))
        crowd = w * fast * np.exp(-x * fast)
        stream = (1 - w) * slow * np.exp(-x * slow)
        return sale.total(np.log(crowd + stream + TINY))

    def parameters_per_second(self, q, closed_s):
        """Return the share w of the crowd, its rate, and the rate of the stream."""
        crowd_share, crowd_rate, stream_rate = map(float, self.terms(q))
        return {
            "crowd_share": crowd_share,
            "crowd_rate_per_s": crowd_rate / closed_s,
            "stream_rate_per_s": stream_rate / closed_s,
        }


class PowerLaw(Law):
    """Growth without end: orders by x go as F(x) = x^c, c = exp(q[0]); nobody is ever the last.

    Before any data c is likely between 0.3 and 1.4.
    """

    name = "power"
    label = "power"
    starts = np.array([[-0.5, 0.0, 0.5]])
    prior_mean = (-0.3,)
    prior_sd = (0.5,)
    limit = None

    def cdf(self, x, q):
        """Return x^c."""
        return np.asarray(x, float) ** np.exp(q[0])

    def log_survival(self, x, q):
        """Raise, as there is no population of which a share could be left."""
        raise TypeError("the power law never saturates; no share of it is left at any time")

    def sum_log_density(self, sale, q):
        """Sum log f(x) = log c + (c - 1) log x."""
        return sale.orders * q[0] + np.expm1(q[0]) * sale.sum_log_x

    def parameters_per_second(self, q, closed_s):
        """Return the exponent c, which has no unit."""
        return {"exponent": float(np.exp(q[0]))}


# To add a law: write its class, and put it last here, since one stream of random numbers runs
# through the laws in this order. A new word for `limit` needs its likelihood in `arrival_sale`
# (`endless_loglik`), and a count of coverage needs simulated times in `evidence.count_order_logs`.
_LAWS = (ExponentialLaw(), WeibullLaw(), GammaLaw(), LognormalLaw(), CrowdLaw(), PowerLaw())
ARRIVAL_LAWS: dict[str, Law] = {law.name: law for law in _LAWS}

# Weighed together, a law with a stream that never ends would leave nearly every top open; there the
# stream ends some day.
WEIGHED_LAWS: dict[str, Law] = ARRIVAL_LAWS | {"crowd": CrowdLaw(SLOWEST_STREAM)}
