"""Latent demand from an order log: how many wanted one, when only the first orders, or those before the clock stopped, are seen."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import chi2

from ..look.wording import Shown
from . import arrival_laws as model
from .arrival_laws import LAWS, Law, Sale

WALK = np.linspace(
    np.log(0.01), np.log(model.FAR), 26
)  # log numbers of people missed, along which a profile is drawn


@dataclass(frozen=True)
class ArrivalFit(Shown):
    """One law fitted to the orders of one sale; headlines go by `interval`, which may be open at the top.

    `interested`: people who wanted one, those seen included (infinite without a finite maximum: `identified` False);
    `parameters` per second; `loglik` the density of the event times (of counts: their probability), with every constant.
    """

    law: str
    population: str
    orders: int
    closed_s: float
    interested: float
    identified: bool
    loglik: float
    parameters: dict[str, float]
    registrations: float
    sale: Sale
    family: Law
    point: np.ndarray  # the law's own parameters at the maximum

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Profile limits (of a fixed population, chi-squared) of those who wanted one: from those seen to infinity or the cap."""
        if self.family.limit is None:
            return float(self.orders), self.registrations
        low, high = self.limits(self.summit - chi2.ppf(level, 1) / 2)
        return float(min(low, self.interested)), float(
            min(max(high, self.interested), self.registrations)
        )

    def limits(self, drop: float) -> tuple[float, float]:
        """The smallest and the largest population whose profile reaches this log-likelihood (clock from 0 to 1)."""
        walk, height = self._curve
        inside = np.flatnonzero(height >= drop)
        if not len(inside):
            return float(self.interested), float(self.interested)
        first, last = inside[0], inside[-1]
        low = self._cross(walk[first - 1], walk[first], drop) if first else float(self.orders)
        open_top = self._end >= drop or last == len(walk) - 1
        return low, np.inf if open_top else self._cross(walk[last], walk[last + 1], drop)

    def profile(self, missed) -> np.ndarray:
        """Highest log-likelihood, over the law's parameters, of fixed populations with so many people missed (clock 0 to 1)."""
        return self._rise(np.atleast_1d(np.asarray(missed, float)))[1]

    @property
    def summit(self) -> float:
        """Height of the profile at its highest point, which may be its end (clock from 0 to 1)."""
        return (
            self._end if self.family.limit is None else max(self._end, float(self._curve[1].max()))
        )

    @cached_property
    def _end(self) -> float:
        return model.endless_loglik(self.sale, self.family)

    @cached_property
    def _curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Log numbers missed and the profile there, its highest point among them."""
        points, height = self._rise(np.exp(WALK))
        best = np.argsort(-height)[:3]
        top, peak = model.fixed_maximum(
            self.sale.grouped(), self.family, np.vstack([points, WALK])[:, best]
        )
        at = int(np.searchsorted(WALK, np.clip(top[-1], *WALK[[0, -1]])))
        return np.insert(WALK, at, np.clip(top[-1], *WALK[[0, -1]])), np.insert(
            height, at, max(peak, height.max())
        )

    def _rise(self, missed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Best parameters (terms, n) and heights (n,) for fixed populations with so many people missed."""
        law, sale = self.family, self.sale.grouped()

        def value(q, missed):
            return model.fixed_loglik(sale, law, q, missed)

        points = np.column_stack([law.starts, self.point])
        for _ in range(2):  # each point once more from the best of its fellows
            with np.errstate(all="ignore"):
                heights = np.nan_to_num(value(points[:, :, None], missed), nan=-1e30)
            points, height = model.rise(value, points[:, np.argmax(heights, axis=0)], missed)
        return points, height

    def _cross(self, start: float, end: float, drop: float) -> float:
        """The population between two log numbers missed where the profile passes `drop`."""
        walk = np.linspace(start, end, 13)
        above = self.profile(np.exp(walk)) - drop
        at = min(max(int(np.argmax((above > 0) != (above[0] > 0))), 1), len(walk) - 1)
        share = (
            np.clip(above[at - 1] / (above[at - 1] - above[at]), 0, 1)
            if above[at - 1] != above[at]
            else 0.5
        )
        return self.orders + float(np.exp(walk[at - 1] + share * (walk[at] - walk[at - 1])))

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """term, estimate, low, high, unit."""
        rows = [("people who wanted one", self.interested, *self.interval(level), "people")]
        rows += [
            (t, x, np.nan, np.nan, "per second" if t.endswith("per_s") else "")
            for t, x in self.parameters.items()
        ]
        return pd.DataFrame(rows, columns=["term", "estimate", "low", "high", "unit"])


def check_times(order_times_s, closed_s, lost_s, registrations) -> tuple[np.ndarray, float]:
    """Times sorted, and when the clock stopped; ValueError for what cannot be orders of one sale."""
    try:
        times = np.sort(np.asarray(order_times_s, dtype=float).ravel())
    except (TypeError, ValueError):
        raise ValueError("order_times_s: expected numbers, seconds since the sale opened") from None
    if len(times) < 3:
        raise ValueError(
            f"{len(times)} orders; expected at least 3 (with fewer nothing can be told of those to come)"
        )
    if not np.isfinite(times).all():
        raise ValueError(
            f"order_times_s: {np.sum(~np.isfinite(times))} of {len(times)} times are not finite numbers"
        )
    if times[0] <= lost_s and not times[0] == lost_s == 0:
        lost = f" and the {lost_s:g} s lost" * (lost_s > 0)
        raise ValueError(
            f"an order at {times[0]:g} s; expected all of them after the opening{lost}"
        )
    closed = float(times[-1]) if closed_s is None else float(closed_s)
    if not closed >= times[-1]:
        raise ValueError(f"an order at {times[-1]:g} s, after the clock stopped at {closed:g} s")
    if times[0] == closed:
        raise ValueError(
            "all orders at one time; expected stamps finer than that, or fit_arrival_counts for counts per second"
        )
    if registrations is not None and registrations < len(times):
        raise ValueError(
            f"{registrations:g} registrations; expected at least the {len(times)} orders seen"
        )
    return times, closed


def fit_arrivals(
    order_times_s,
    *,
    closed_s=None,
    lost_s=0.0,
    registrations=None,
    law="exponential",
    population="poisson",
) -> ArrivalFit:
    """Fit one law of arrival times to the orders seen of a sale, and with it the number who wanted one.

    `order_times_s` seconds since the opening; `closed_s` None: the stock ran out with the last order (Type II censoring), else
    when the clock stopped (Type I); `lost_s` first seconds not recorded; `registrations` a cap on the population (times a
    show-up share where known: 0.67 for the Mi 1); `law` of `LAWS` (crowd: a waiting crowd, then a slower stream; power never
    saturates); `population` "poisson" (Goel & Okumoto 1979) or "fixed" (Jelinski & Moranda 1972). Whether a finite maximum
    exists goes by the exact condition for the exponential law (fixed: Littlewood & Verrall 1981), else by the likelihood at
    an endless population. Assumes independent arrivals. ValueError for times that no sale has, and for unknown words.
    """
    times, closed = check_times(order_times_s, closed_s, lost_s, registrations)
    if law != "exponential" and times[0] <= 0:
        raise ValueError(
            f"an order at {times[0]:g} s has no likelihood under the {law} law; expected times above 0, or counts"
        )
    return fit_sale(model.sale_of_times(times, closed, lost_s), law, population, registrations)


def fit_arrival_counts(edges_s, orders, *, law: str) -> ArrivalFit:
    """Fit one law to orders counted between rising `edges_s` (right for stamps to the second; Poisson population); ValueError."""
    edges, counts = np.asarray(edges_s, dtype=float), np.asarray(orders, dtype=float)
    if (
        edges.ndim != 1
        or len(edges) != len(counts) + 1
        or not (np.diff(edges) > 0).all()
        or edges[0] < 0
    ):
        raise ValueError(
            f"{len(edges)} edges for {len(counts)} counts; expected rising edges from 0 on, one more than counts"
        )
    if not (
        np.isfinite(counts).all() and (counts >= 0).all() and (counts == np.round(counts)).all()
    ):
        raise ValueError("orders: expected whole numbers, 0 or more")
    if counts.sum() < 3:
        raise ValueError(f"{counts.sum():g} orders; expected at least 3")
    scaled = edges / edges[-1]
    return fit_sale(
        Sale(int(counts.sum()), float(edges[-1]), scaled[0], edges=scaled, counts=counts),
        law,
        "poisson",
        None,
    )


def fit_sale(
    sale: Sale, law: str, population: str = "poisson", registrations=None, laws=LAWS
) -> ArrivalFit:
    """Fit one of `laws` to a sale already on the clock from 0 to 1; `fit_arrivals` and `fit_arrival_counts` make one."""
    if law not in LAWS or population not in ("poisson", "fixed"):
        raise ValueError(
            f"law {law!r}, population {population!r}; expected one of {', '.join(LAWS)}, and poisson or fixed"
        )
    family = laws[law]
    exact = law == "exponential" and sale.logs is not None and not sale.lost
    if exact:
        point, people, value = _exponential(sale, population)
    elif population == "poisson" or family.limit is None:
        point, value = model.climb(lambda q: model.poisson_loglik(sale, family, q), family.starts)
        people = (
            np.inf
            if family.limit is None
            else sale.seen / max(float(sale.caught(family, point)), 1 / model.FAR)
        )
    else:
        starts = [
            (*start, np.log(sale.seen) + m)
            for start in family.starts.T
            for m in (-4.0, -2.0, 0.0, 2.0)
        ]
        best, value = model.fixed_maximum(sale, family, np.array(starts).T)
        point, people = best[:-1], sale.seen + float(np.exp(best[-1]))
    end = model.endless_loglik(sale, family)
    finite = bool(
        np.isfinite(people) and (exact or (value > end + model.SAME and people < model.FAR))
    )
    people, value = (people, value) if finite else (np.inf, max(value, end))
    cap, told = (
        np.inf if registrations is None else float(registrations),
        _parameters(law, point, sale.closed_s),
    )
    return ArrivalFit(
        law,
        population,
        sale.seen,
        sale.closed_s,
        people,
        finite,
        value + sale.constant(),
        told,
        cap,
        sale,
        family,
        point,
    )


def _exponential(sale: Sale, population: str) -> tuple[np.ndarray, float, float]:
    """The exponential law in closed form but for one root: parameters, population (infinite), log-likelihood."""
    n, total, law = sale.seen, sale.sums[0], LAWS["exponential"]
    if population == "poisson" and total / n < 0.5:
        rate = float(model.rate_of_mean(np.array(total / n))[0])
        q = np.array([np.log(rate)])
        return q, n / -np.expm1(-rate), float(model.poisson_loglik(sale, law, q))
    if population == "fixed" and total < (n + 1) / 2:
        slope = lambda m: np.sum(1 / (n + m - np.arange(n))) - n / (total + m)  # noqa: E731 (of the log-likelihood in the missed)
        top = 1.0
        while slope(top) > 0 and top < model.FAR:
            top *= 2
        missed = brentq(slope, 0, top, xtol=1e-12, rtol=1e-14) if slope(0.0) > 0 else 0.0
        q = np.array([np.log(n / (total + missed))])
        return q, n + missed, float(model.fixed_loglik(sale, law, q, missed))
    return np.array([-12.0]), np.inf, -np.inf


def _parameters(law: str, q: np.ndarray, closed_s: float) -> dict[str, float]:
    """The law's parameters on the clock in seconds."""
    first = float(np.exp(q[0]))
    if law == "power":
        return {"exponent": first}
    if law == "lognormal":
        return {"log_median_s": float(q[0] + np.log(closed_s)), "log_sd": float(np.exp(q[1]))}
    if law == "crowd":
        w, fast, slow = map(float, model.crowd_terms(q))
        return {
            "crowd_share": w,
            "crowd_rate_per_s": fast / closed_s,
            "stream_rate_per_s": slow / closed_s,
        }
    return {"rate_per_s": first / closed_s} | ({"shape": float(np.exp(q[1]))} if len(q) > 1 else {})
