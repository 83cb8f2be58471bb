"""How much to order before demand is known: one order, or two with a signal between them.

The costs of an order too many and of one too few come from the margins; what is done with the
orders over a life is left to the room of plans.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import optimize, special, stats

NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)
LARGEST_LOG = 100.0  # of demand; more units than that nobody sells
FARTHEST = 9.0  # standard deviations to which normal laws are integrated


@dataclass(frozen=True)
class Order:
    """The order that costs least on average."""

    order_units: float
    expected_cost: float  # in the currency of overage and underage


@dataclass(frozen=True)
class TwoOrders:
    """The first of two orders that costs least on average, with a signal before the second."""

    first_units: float
    expected_cost: float
    value: float  # of the signal: what it saves against no signal, with the same second order


def _normal(mean: float, sd: float | None) -> object:
    return stats.norm(mean, sd)


def _poisson(mean: float, sd: float | None) -> object:
    return stats.poisson(mean)


def _lognormal(mean: float, sd: float | None) -> object:
    return stats.lognorm(sd, scale=np.exp(mean))


DEMAND_LAWS = {"normal": _normal, "poisson": _poisson, "lognormal": _lognormal}


def newsvendor(
    *, overage: float, underage: float, law: str, mean: float, sd: float | None = None
) -> Order:
    """Find the order with the least expected cost (Arrow, Harris & Marschak 1951).

    It is the quantile underage / (overage + underage) of demand.

    Parameters
    ----------
    overage, underage : float
        Cost of a unit too many and of a unit too few.
    law : str
        "normal", "poisson" or "lognormal".
    mean, sd : float
        Of demand, lognormal: of its log; Poisson has no sd.

    Returns
    -------
    Order
        Units, and the expected cost in the currency of the costs.

    Raises
    ------
    ValueError
        If a cost or the sd (Poisson: the mean) is no finite number above zero, the mean no finite
        number, the law not known, or no number can hold the mean of a lognormal demand.

    Examples
    --------
    >>> newsvendor(overage=1, underage=4, law="poisson", mean=6).order_units
    8.0
    """
    spread = mean if law == "poisson" else (sd or 0)
    above_zero = all(0 < number < np.inf for number in (overage, underage, spread))
    if law not in DEMAND_LAWS or not (above_zero and np.isfinite(mean)):
        raise ValueError(
            f"overage {overage}, underage {underage}, law {law!r}, mean {mean}, sd {sd}; expected "
            f"costs above 0, a law of {', '.join(DEMAND_LAWS)}, its sd (poisson: its mean) above "
            "0, all of them finite"
        )
    if law == "lognormal" and mean + sd**2 / 2 > LARGEST_LOG:
        raise ValueError(
            f"mean {mean}, sd {sd}; expected mean and sd of the log of demand, such as 9.2 and 0.3 "
            "for about 10,000 units"
        )
    demand = DEMAND_LAWS[law](mean, sd)
    order = float(demand.ppf(underage / (overage + underage)))
    over, short = _expected_over_and_short(order, law, mean, sd)
    return Order(order_units=order, expected_cost=float(overage * over + underage * short))


def _expected_over_and_short(
    order: float, law: str, mean: float, sd: float | None
) -> tuple[float, float]:
    """Return the units left and the units short on average, each in its closed form.

    No large numbers are subtracted where that can be helped.
    """
    if law == "poisson":
        demand = stats.poisson(mean)
        short = mean * demand.sf(order - 1) - order * demand.sf(order)
        return order - mean + short, short
    if law == "normal":
        z = (order - mean) / sd
        density = stats.norm.pdf(z)
        return sd * (density + z * special.ndtr(z)), sd * (density - z * special.ndtr(-z))
    z = (np.log(order) - mean) / sd
    mean_units = np.exp(mean + sd**2 / 2)
    over = order * special.ndtr(z) - mean_units * special.ndtr(z - sd)
    return over, mean_units * special.ndtr(sd - z) - order * special.ndtr(-z)


def two_order_cost(
    units: float,
    accuracy: float,
    overage: float,
    underage: float,
    mean: float,
    sd: float,
    premium: float = 0.0,
    second: tuple[float, float] = (0.0, np.inf),
) -> float:
    """Compute the expected cost of a first order if a second follows a signal.

    Demand and signal are normal with correlation `accuracy` (Fisher & Raman 1996). The second
    order is the best one within its bounds; the cost is integrated over the signal, by
    Gauss-Legendre between the kinks that the bounds make.

    Parameters
    ----------
    units : float
        First order.
    accuracy : float
        Correlation of signal and demand, 0 to 1.
    overage, underage : float
        Cost of a unit too many and of a unit too few.
    mean, sd : float
        Of demand.
    premium : float
        By how much a unit of the second order is dearer.
    second : tuple of float
        Least and most units of the second order.

    Returns
    -------
    float
        Expected cost.
    """
    # After a signal z demand is normal about mean + pull z with what uncertainty remains.
    remaining_sd = sd * np.sqrt(max(1 - accuracy**2, 1e-18))
    pull = accuracy * sd
    critical_ratio = (underage - premium) / (overage + underage)
    second_at_no_news = mean - units + remaining_sd * special.ndtri(critical_ratio)

    edges = _panel_edges(np.array(second), second_at_no_news, pull, remaining_sd, sd)
    middles, half_widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges) / 2
    z = middles[:, None] + half_widths[:, None] * NODES

    second_units = np.clip(second_at_no_news + pull * z, *second)
    centre = mean + pull * z
    over = (units + second_units - centre) / remaining_sd
    normal_density = np.exp(-(over**2) / 2) / np.sqrt(2 * np.pi)
    short = remaining_sd * (normal_density - over * special.ndtr(-over))
    left_over = units + second_units - centre + short
    cost = premium * second_units + overage * left_over + underage * short
    weighted = half_widths[:, None] * WEIGHTS * cost * np.exp(-(z**2) / 2)
    return float(weighted.sum() / np.sqrt(2 * np.pi))


def _panel_edges(
    bounds: np.ndarray, second_at_no_news: float, pull: float, remaining_sd: float, sd: float
) -> np.ndarray:
    """Edges of the panels of integration, closer about each kink that a finite bound makes."""
    pull = max(pull, 1e-9 * sd)
    kinks = (bounds[np.isfinite(bounds)] - second_at_no_news) / pull
    about_kinks = kinks[:, None] + np.array([0, -1, 1, -3, 3, -9, 9]) * remaining_sd / pull
    even = np.linspace(-FARTHEST, FARTHEST, 19)
    return np.unique(np.clip(np.append(even, about_kinks), -FARTHEST, FARTHEST))


def two_orders(
    *,
    overage: float,
    underage: float,
    mean: float,
    sd: float,
    accuracy: float,
    premium: float = 0.0,
    first: tuple[float, float] = (0.0, np.inf),
    second: tuple[float, float] = (0.0, np.inf),
) -> TwoOrders:
    """Find the best first of two orders, and what the signal before the second is worth.

    Parameters
    ----------
    overage, underage, mean, sd, accuracy, premium, second
        As in `two_order_cost`.
    first : tuple of float
        Least and most units of the first order.

    Returns
    -------
    TwoOrders
        Where two first orders cost the same, the smaller.

    Raises
    ------
    ValueError
        Unless 0 <= premium < underage and 0 <= accuracy <= 1.
    """
    if not (0 <= premium < underage and 0 <= accuracy <= 1):
        raise ValueError(
            f"premium {premium}, underage {underage}, accuracy {accuracy}; expected 0 to underage, "
            "0 to 1"
        )
    cost_of = partial(
        two_order_cost,
        overage=overage,
        underage=underage,
        mean=mean,
        sd=sd,
        premium=premium,
        second=second,
    )
    bounds = np.clip((mean - FARTHEST * sd, mean + FARTHEST * sd), *first)
    with_signal = _best_first_order(partial(cost_of, accuracy=accuracy), bounds, sd, underage)
    without = _best_first_order(partial(cost_of, accuracy=0.0), bounds, sd, underage)
    return TwoOrders(
        first_units=with_signal.order_units,
        expected_cost=with_signal.expected_cost,
        value=without.expected_cost - with_signal.expected_cost,
    )


def _best_first_order(cost: partial, bounds: np.ndarray, sd: float, underage: float) -> Order:
    """Find the cheapest order within bounds, ends included; of equals the smallest."""
    inside = optimize.minimize_scalar(
        cost, bounds=bounds, method="bounded", options={"xatol": 1e-9 * sd}
    ).x
    candidates = [
        Order(order_units=float(units), expected_cost=cost(units))
        for units in (bounds[0], inside, bounds[1])
    ]
    tie_break = 1e-12 * underage
    return min(candidates, key=lambda order: order.expected_cost + tie_break * order.order_units)
