"""What the order log of one sale says of the demand behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import (
    DATA,
    DataError,
    Launch,
    OrderLog,
    counts_per_second,
    order_times,
    read_orders,
)
from .arrival_mix import ArrivalLaws, fit_arrival_count_laws, fit_arrival_laws

FEWEST_SECONDS = 4  # complete ones, to see a stream thin out in counts per second


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

        From the end of the clock to twice that.
        """
        rows = []
        for t_s in self.laws.closed_s * np.linspace(1, 2, 25):
            low, estimate, high = self.laws.orders_by(t_s, level)
            rows.append({"t_s": t_s, "low": low, "estimate": estimate, "high": high})
        return pd.DataFrame(rows)


def study_orders(launch: Launch, level: float = 0.95) -> OrderStudy | None:
    """Read the order log that a launch names (`orders.file`) and weigh the laws of arrival by it.

    Stamps to the second are taken as counts of complete seconds: the second in which the stock ran
    out is left out of the fit, as it had orders for a part of it only.

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
        laws = _fit_laws(log, times_s, launch.words.get("orders.closed_s"))
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


def _fit_laws(log: OrderLog, times_s: np.ndarray, closed_s: float | None) -> ArrivalLaws:
    """Weigh the laws by the times, or by counts per second where all stamps are whole seconds."""
    stamped_to_the_second = not (times_s % 1).any()
    if not stamped_to_the_second:
        return fit_arrival_laws(times_s, closed_s=closed_s)
    counts = counts_per_second(log)["orders"].to_numpy()
    return fit_arrival_count_laws(*complete_seconds(counts, closed_s))


def complete_seconds(
    counts: np.ndarray, closed_s: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Give edges and counts of the time in which every order would have been seen.

    Parameters
    ----------
    counts : array
        Orders in each second from the opening to the last order.
    closed_s : float, optional
        When the clock stopped with stock left. None: the stock ran out in the last second, which is
        then left out.

    Raises
    ------
    ValueError
        If orders came after the clock stopped, or fewer than four seconds are complete.
    """
    if closed_s is None:
        counts = counts[:-1]
        edges = np.arange(len(counts) + 1, dtype=float)
    else:
        # After the last order nobody came until the clock stopped: an interval without orders.
        last_second = len(counts) - 1
        if closed_s <= last_second:
            raise ValueError(
                f"an order at {last_second} s, after the clock stopped at {closed_s:g} s"
            )
        edges = np.arange(len(counts) + 1, dtype=float)
        edges[-1] = min(edges[-1], closed_s)
        if closed_s > edges[-1]:
            edges = np.append(edges, closed_s)
            counts = np.append(counts, 0)
    whole_seconds = int(edges[-1])
    if whole_seconds < FEWEST_SECONDS:
        rate = f" ({counts.sum() / edges[-1]:,.0f} orders a second)" if whole_seconds else ""
        raise ValueError(
            f"stamps to the second cover {whole_seconds} s to their end{rate}; expected at least "
            f"{FEWEST_SECONDS} s, or finer stamps: a rate is all that so short a log says"
        )
    return edges, counts
