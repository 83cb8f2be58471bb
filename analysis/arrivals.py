"""Latent demand from an order log: how many wanted one, when only the first orders, or those before the clock stopped, are seen."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import chi2

from .arrival_laws import FAR, LAWS, SAME, Law, Sale, climb, crowd_terms, endless_loglik, fixed_loglik, poisson_loglik
from .wording import Shown


@dataclass(frozen=True)
class ArrivalFit(Shown):
    """One law fitted to the orders of one sale.

    `interested`: people who wanted one in this sale, those seen included; infinite where no finite maximum exists
    (`identified` is False then). `parameters` per second; `loglik` the density of the event times (of counts: their
    Poisson probability), every constant included. Headlines go by `interval`, which may be open at the top.
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
    point: np.ndarray  # the law's own parameters at the maximum (at the largest population tried if there is none)
    memo: dict = field(default_factory=dict, repr=False, compare=False)  # the profile where it was asked for

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Limits of the number who wanted one, (low, high): never below the orders seen, high may be infinite.

        Profile likelihood of the realised population (chi-squared with one degree of freedom; Littlewood & Verrall 1981
        for when it has a maximum at all), which is that of a fixed population for both kinds. Registrations cap it.
        """
        low, high = self.limits(self.summit()[1] - chi2.ppf(level, 1) / 2)
        return float(min(low, self.interested)), float(min(max(high, self.interested), self.registrations))

    def limits(self, drop: float) -> tuple[float, float]:
        """The smallest and the largest population whose profile reaches this log-likelihood (clock from 0 to 1)."""
        people, _ = self.summit()
        return self._limit(people, drop, -1), self._limit(people, drop, +1)

    def profile(self, people: float) -> float:
        """Highest log-likelihood of a fixed population of this size, over the law's parameters (clock from 0 to 1)."""
        law, known = LAWS[self.law], self.memo
        if not people < FAR:
            people = np.inf
        if people not in known:
            if np.isinf(people):
                known[people] = (endless_loglik(self.sale, law), self.point)
            else:
                nearest = sorted(
                    (n for n in known if np.isfinite(n)),
                    key=lambda n: abs(np.log((n - self.orders + 1) / (people - self.orders + 1))),
                )
                starts = [known[nearest[0]][1] if nearest else self.point, *law.starts]
                point, value = climb(lambda q: fixed_loglik(self.sale, law, q, people), starts, near=True)
                known[people] = (value, point)
        return known[people][0]

    def summit(self) -> tuple[float, float]:
        """The population at which the profile is highest (infinite if at its end), and its height."""
        _, people, _ = _fixed_maximum(self.sale, LAWS[self.law], self.point)
        return max(
            ((n, self.profile(n)) for n in (float(self.orders), people, np.inf)),
            key=lambda pair: pair[1] + SAME * np.isinf(pair[0]),
        )

    def _limit(self, people: float, drop: float, side: int) -> float:
        """Where the profile falls to `drop` below (side -1) or above (+1) its highest point; the end of the road if it does not."""
        end = float(self.orders) if side < 0 else np.inf
        if self.profile(end) >= drop:
            return end

        def above(log_rest):
            return self.profile(self.orders + np.exp(log_rest)) - drop

        inner = np.log(np.clip(people - self.orders, 1e-2, FAR / 10))
        if above(inner) <= 0:  # the summit is at an end of the road: come from the other end of it
            walk = np.linspace(-4.0, np.log(FAR / 10), 60)[::-side]
            inner = next((at for at in walk if above(at) > 0), None)
            if inner is None:
                return float(people)
            return self.orders + float(np.exp(inner))
        outer, step = inner + side * 0.3, side * 0.5
        while above(outer) > 0 and -7 < outer < np.log(FAR):
            inner, outer, step = outer, outer + step, step * 1.5
        return end if above(outer) > 0 else self.orders + float(np.exp(brentq(above, *sorted((inner, outer)), xtol=1e-3)))

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """term, estimate, low, high, unit."""
        low, high = self.interval(level)
        rows = [("people who wanted one", self.interested, low, high, "people")]
        rows += [
            (term, value, np.nan, np.nan, "per second" if term.endswith("per_s") else "")
            for term, value in self.parameters.items()
        ]
        return pd.DataFrame(rows, columns=["term", "estimate", "low", "high", "unit"])


def check_times(order_times_s, closed_s, lost_s, registrations) -> tuple[np.ndarray, float]:
    """Times sorted, and when the clock stopped; ValueError for what cannot be orders of one sale."""
    try:
        times = np.sort(np.asarray(order_times_s, dtype=float).ravel())
    except (TypeError, ValueError):
        raise ValueError("order_times_s: expected numbers, seconds since the sale opened") from None
    if len(times) < 3:
        raise ValueError(f"{len(times)} orders; expected at least 3 (with fewer nothing can be told of those to come)")
    if not np.isfinite(times).all():
        raise ValueError(f"order_times_s: {np.sum(~np.isfinite(times))} of {len(times)} times are not finite numbers")
    if times[0] <= lost_s and not times[0] == lost_s == 0:
        raise ValueError(
            f"an order at {times[0]:g} s; expected all of them after the opening" + f" and the {lost_s:g} s lost" * (lost_s > 0)
        )
    closed = float(times[-1]) if closed_s is None else float(closed_s)
    if not closed >= times[-1]:
        raise ValueError(f"an order at {times[-1]:g} s, after the clock stopped at {closed:g} s")
    if times[0] == closed:
        raise ValueError("all orders at one time; expected stamps finer than that, or fit_arrival_counts for counts per second")
    if registrations is not None and registrations < len(times):
        raise ValueError(f"{registrations:g} registrations; expected at least the {len(times)} orders seen")
    return times, closed


def fit_arrivals(
    order_times_s, *, closed_s=None, lost_s=0.0, registrations=None, law="exponential", population="poisson"
) -> ArrivalFit:
    """Fit one law of arrival times to the orders seen of a sale, and with it the number who wanted one.

    Parameters: `order_times_s` seconds since the sale opened, any order; `closed_s` None when the stock ran out with the
    last order (Type II censoring), else when the clock stopped (Type I); `lost_s` first seconds that were not recorded
    (left truncation); `registrations` a cap on the population (times a show-up share, where one is known: 0.67 for the
    Mi 1); `law` one of exponential, weibull, gamma, lognormal, crowd (a waiting crowd followed by a slower stream), power
    (never saturates); `population` "poisson" (Goel & Okumoto 1979) or "fixed" (Jelinski & Moranda 1972).

    Whether a finite maximum exists is decided by the exact condition for the exponential law (Poisson: mean time below
    half the clock; fixed: Littlewood & Verrall 1981), by the likelihood at an endless population for the others.
    Assumes independent arrivals. Raises ValueError for times that cannot be orders of one sale, and for unknown words.

    >>> fit_arrivals([1, 2, 3, 4, 5]).interested      # a steady stream: no end in sight
    inf
    """
    times, closed = check_times(order_times_s, closed_s, lost_s, registrations)
    sale = Sale(len(times), closed, lost_s / closed, times=times / closed)
    if law != "exponential" and times[0] <= 0:
        raise ValueError(f"an order at {times[0]:g} s has no likelihood under the {law} law; expected times above 0, or counts")
    return fit_sale(sale, law, population, registrations)


def fit_arrival_counts(edges_s, orders, *, law: str) -> ArrivalFit:
    """Fit one law to orders counted per interval, the right likelihood for stamps to the second (Poisson population).

    Parameters: `edges_s` rising, one more than `orders`; the first edge is where recording began (0, or the seconds
    lost), the last when the clock stopped. Raises ValueError for counts or edges that cannot be.
    """
    edges, counts = np.asarray(edges_s, dtype=float), np.asarray(orders, dtype=float)
    if edges.ndim != 1 or len(edges) != len(counts) + 1 or not (np.diff(edges) > 0).all() or edges[0] < 0:
        raise ValueError(f"{len(edges)} edges for {len(counts)} counts; expected rising edges from 0 on, one more than counts")
    if not (np.isfinite(counts).all() and (counts >= 0).all() and (counts == np.round(counts)).all()):
        raise ValueError("orders: expected whole numbers, 0 or more")
    if counts.sum() < 3:
        raise ValueError(f"{counts.sum():g} orders; expected at least 3")
    scaled = edges / edges[-1]
    return fit_sale(Sale(int(counts.sum()), float(edges[-1]), scaled[0], edges=scaled, counts=counts), law, "poisson", None)


def fit_sale(sale: Sale, law: str, population: str = "poisson", registrations: float | None = None) -> ArrivalFit:
    """Fit one law to a sale already on the clock from 0 to 1; `fit_arrivals` and `fit_arrival_counts` make one."""
    if law not in (*LAWS, "power") or population not in ("poisson", "fixed"):
        raise ValueError(
            f"law {law!r}, population {population!r}; expected one of {', '.join(LAWS)}, power, and poisson or fixed"
        )
    cap = np.inf if registrations is None else float(registrations)
    if law == "power":
        c, value = climb(lambda q: sale.power_density(np.exp(q[0])), [(-0.5,), (0.0,), (0.5,)])
        loglik = sale.seen * (np.log(sale.seen) - 1) + value + sale.constant()
        return PowerFit(
            law, population, sale.seen, sale.closed_s, np.inf, False, loglik, {"exponent": float(np.exp(c[0]))}, cap, sale, c
        )
    family = LAWS[law]
    exact = law == "exponential" and sale.times is not None and not sale.lost
    if exact:
        found = _exponential(sale, population)
    elif population == "poisson":
        point, value = climb(lambda q: poisson_loglik(sale, family, q), family.starts)
        found = point, sale.seen / max(sale.caught(family, point), 1 / FAR), value
    else:
        found = _fixed_maximum(sale, family)
    point, people, value = found
    end = endless_loglik(sale, family)
    finite = bool(np.isfinite(people)) if exact else bool(value > end + SAME and people < FAR)
    told = _parameters(family, point, sale.closed_s)
    people, value = (people, value) if finite else (np.inf, max(value, end))
    return ArrivalFit(law, population, sale.seen, sale.closed_s, people, finite, value + sale.constant(), told, cap, sale, point)


class PowerFit(ArrivalFit):
    """A power law that never saturates: nobody can be said to be the last, at any level."""

    def summit(self) -> tuple[float, float]:
        return np.inf, self.loglik - self.sale.constant()

    def limits(self, drop: float) -> tuple[float, float]:
        return float(self.orders), np.inf


def _exponential(sale: Sale, population: str) -> tuple[np.ndarray, float, float]:
    """The exponential law in closed form but for one root: parameters, population (infinite), log-likelihood."""
    n, total = sale.seen, float(np.sum(sale.times))
    law = LAWS["exponential"]
    if population == "poisson" and total / n < 0.5:
        rate = brentq(
            lambda r: 1 / r - np.exp(-r) / -np.expm1(-r) - total / n if r > 1e-6 else 0.5 - r / 12 - total / n,
            1e-12,
            700 * n,
            xtol=1e-14,
            rtol=1e-14,
        )
        q = np.array([np.log(rate)])
        return q, n / -np.expm1(-rate), poisson_loglik(sale, law, q)
    if population == "fixed" and total < (n + 1) / 2:
        slope = lambda m: np.sum(1 / (n + m - np.arange(n))) - n / (total + m)  # noqa: E731 (of the log-likelihood in the missed)
        top = 1.0
        while slope(top) > 0 and top < FAR:
            top *= 2
        missed = brentq(slope, 0, top, xtol=1e-12, rtol=1e-14) if slope(0.0) > 0 else 0.0
        q = np.array([np.log(n / (total + missed))])
        return q, n + missed, fixed_loglik(sale, law, q, n + missed)
    return np.array([-12.0]), np.inf, -np.inf


def _fixed_maximum(sale: Sale, family: Law, point=None) -> tuple[np.ndarray, float, float]:
    """Highest point of the fixed population's likelihood over people and parameters, from everywhere or from a good point."""

    def value(q):
        return fixed_loglik(sale, family, q[:-1], sale.seen + np.exp(q[-1]))

    starts = family.starts if point is None else (point,)
    best, height = climb(
        value, [(*start, np.log(sale.seen) + m) for start in starts for m in (-4.0, -2.0, 0.0, 2.0)], near=point is not None
    )
    return best[:-1], sale.seen + float(np.exp(best[-1])), height


def _parameters(law: Law, q, closed_s: float) -> dict[str, float]:
    """The law's parameters on the clock in seconds."""
    if law.name == "lognormal":
        return {"log_median_s": float(q[0] + np.log(closed_s)), "log_sd": float(np.exp(q[1]))}
    if law.name == "crowd":
        w, fast, slow = crowd_terms(q)
        return {"crowd_share": float(w), "crowd_rate_per_s": float(fast / closed_s), "stream_rate_per_s": float(slow / closed_s)}
    shape = {"shape": float(np.exp(q[1]))} if len(q) > 1 else {}
    return {"rate_per_s": float(np.exp(q[0]) / closed_s)} | shape
