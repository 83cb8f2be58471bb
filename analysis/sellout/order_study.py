"""What the order log of one sale says of the demand behind it.

Here a log becomes what the laws of arrival are fitted to: times, or counts where stamps are too
coarse for times. The laws are weighed in `arrival_mix`; what a page shows is `study_log`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import (
    DATA,
    DataError,
    Launch,
    OrderLog,
    order_times,
    read_orders,
)
from .arrival_mix import ArrivalLaws, fit_arrival_count_laws, fit_arrival_laws

STEPS_S = (60.0, 1.0, 0.1)  # how coarse stamps can be; finer ones are taken as times
FEWEST_STEPS = 4  # complete ones, to see a stream thin out in counts
FEWEST_FOR_TENTHS = 50  # orders that all come on a tenth of a second, not to be chance
FEWEST_STEPS_FOR_TIMES = 500  # of a clock, for stamps under a second to be taken as times


@dataclass(frozen=True, kw_only=True)
class OrderStudy:
    """What the order log of one sale says of the demand behind it.

    Attributes
    ----------
    log : OrderLog
        The log, its rows accounted for.
    times_s : array
        Seconds from the opening to each order.
    laws : ArrivalLaws
        Laws of arrival weighed by these times; of stamps to the second only complete seconds count.
    low, high : float
        Interval of the people who wanted one; `high` may be infinite.
    level : float
        Of that interval.
    simulated_people : float or None
        The truth, where the log was simulated from it.
    """

    log: OrderLog
    times_s: np.ndarray
    laws: ArrivalLaws
    low: float
    high: float
    level: float
    simulated_people: float | None

    @property
    def orders(self) -> int:
        """Orders in the log."""
        return len(self.times_s)

    @property
    def orders_per_s(self) -> float:
        """Orders a second until the clock stopped."""
        return self.laws.orders / self.laws.closed_s

    def curve(self, level: float = 0.8) -> pd.DataFrame:
        """Give the orders that would have come with more stock: t_s, low, estimate, high.

        Columns are t_s, low, estimate and high, from the end of the clock to twice that.
        """
        times_s = self.laws.closed_s * np.linspace(1, 2, 25)
        ranges = [self.laws.orders_by(t_s, level) for t_s in times_s]
        curve = pd.DataFrame(ranges, columns=["low", "estimate", "high"])

        # Where stamps are coarse, the laws leave out the orders of the last step.
        return curve.clip(lower=self.orders).assign(t_s=times_s)[["t_s", *curve.columns]]


def study_orders(launch: Launch, level: float = 0.95) -> OrderStudy | None:
    """Read the order log that a launch names (`orders.file`) and weigh the laws of arrival by it.

    Stamps to the second or the minute are taken as counts of complete seconds or minutes: the one
    in which the stock ran out is left out of the fit, as it had orders for a part of it only.

    Parameters
    ----------
    launch : Launch
        The launch.
    level : float
        Of the interval of the people who wanted one.

    Returns
    -------
    OrderStudy or None
        None where the launch names no log.

    Raises
    ------
    DataError
        For a log that cannot be read, holds more than one sale, or has too few orders or, with
        stamps to the second, too few complete seconds.
    """
    file = launch.words.get("orders.file")
    if not file:
        return None
    log = read_orders(DATA / file, opened_at=launch.words.get("orders.opened_at"))
    if len(log.opened_s) > 1:
        raise DataError(
            f"data/{file}: events {', '.join(log.opened_s)}; expected the log of one sale"
        )
    times_s = order_times(log)
    try:
        laws = _fit_laws(times_s, launch.words)
    except ValueError as err:
        raise DataError(f"data/{file}: {err}") from None
    low, high = laws.interval(level)
    return OrderStudy(
        log=log,
        times_s=times_s,
        laws=laws,
        low=max(low, float(len(times_s))),
        high=max(high, float(len(times_s))),
        level=level,
        simulated_people=launch.words.get("orders.simulated_people"),
    )


def _fit_laws(times_s: np.ndarray, words: Mapping[str, object]) -> ArrivalLaws:
    """Weigh the laws by the times, or by counts where stamps are coarse."""
    closed_s = words.get("orders.closed_s")
    limit_per_s = words.get("orders.limit_per_s")
    step_s = stamp_step(times_s)
    if not step_s:
        return fit_arrival_laws(times_s, closed_s=closed_s, limit_per_s=limit_per_s)
    counts = np.bincount(np.round(times_s / step_s).astype(int))
    edges_s, counts = complete_steps(counts, closed_s, step_s)
    return fit_arrival_count_laws(edges_s, counts, limit_per_s=limit_per_s)


def stamp_step(times_s: np.ndarray) -> float:
    """Return how coarse stamps are, in seconds; 0 where they are fine enough to be times.

    Parameters
    ----------
    times_s : array
        Seconds from the opening to each order.

    Returns
    -------
    float
        One of `STEPS_S`, or 0.

    Examples
    --------
    >>> stamp_step(np.array([0.0, 60.0, 60.0, 240.0]))
    60.0
    """
    for step_s in STEPS_S:
        in_steps = times_s / step_s
        in_full_steps = np.abs(in_steps - np.round(in_steps)).max() < 1e-5
        if in_full_steps and _is_coarse(step_s, in_steps):
            return step_s
    return 0.0


def _is_coarse(step_s: float, in_steps: np.ndarray) -> bool:
    """Whether stamps in full steps have to be counted: seconds always, others by the log."""
    if step_s > 1:
        return in_steps.max() >= 2
    if step_s < 1:
        return len(in_steps) >= FEWEST_FOR_TENTHS and in_steps.max() < FEWEST_STEPS_FOR_TIMES
    return True


def complete_steps(
    counts: np.ndarray, closed_s: float | None = None, step_s: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Give edges and counts of the time in which every order would have been seen.

    Parameters
    ----------
    counts : array
        Orders in each step (such as a second) from the opening to the last order.
    closed_s : float, optional
        When the clock stopped with stock left. None: the stock ran out in the last step, which is
        then left out.
    step_s : float
        Length of a step, in seconds.

    Returns
    -------
    (array (intervals + 1,), array (intervals,))
        Ends of the intervals in seconds since the opening, and orders in each.

    Raises
    ------
    ValueError
        If orders came after the clock stopped, or fewer than four steps are complete.
    """
    if closed_s is None:
        counts = counts[:-1]
        edges = step_s * np.arange(len(counts) + 1, dtype=float)
    else:
        # After the last order nobody came until the clock stopped: an interval without orders.
        last_s = step_s * (len(counts) - 1)
        if closed_s <= last_s:
            raise ValueError(f"an order at {last_s:g} s, after the clock stopped at {closed_s:g} s")
        edges = step_s * np.arange(len(counts) + 1, dtype=float)
        edges[-1] = min(edges[-1], closed_s)
        if closed_s > edges[-1]:
            edges = np.append(edges, closed_s)
            counts = np.append(counts, 0)
    if edges[-1] < FEWEST_STEPS * step_s:
        _refuse_few_steps(counts, edges, step_s)
    return edges, counts


def _refuse_few_steps(counts: np.ndarray, edges_s: np.ndarray, step_s: float) -> None:
    """Raise the ValueError of a log too short for its stamps, with the rate, which it does say."""
    stamps = {60.0: "minute", 1.0: "second", 0.1: "tenth of a second"}[step_s]
    full_s = step_s * int(edges_s[-1] / step_s + 1e-9)
    rate = f" ({counts.sum() / edges_s[-1]:,.0f} orders a second)" if full_s else ""
    raise ValueError(
        f"stamps to the {stamps} cover {full_s:g} s to their end{rate}; expected at least "
        f"{FEWEST_STEPS * step_s:g} s, or finer stamps: a rate is all that so short a log says"
    )
