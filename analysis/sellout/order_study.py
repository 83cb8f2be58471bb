"""What the order log of one sale says of the demand behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data.launches import Launch
from ..data.orders import OrderLog, counts_per_second, order_times, read_orders
from ..data.tables import DATA, DataError
from .arrival_mix import ArrivalLaws, fit_arrival_count_laws, fit_arrival_laws


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
        Laws of arrival weighed by these times.
    low, high : float
        95 % interval of the people who wanted one; `high` may be infinite.
    simulated_people : float or None
        The truth, where the log was simulated from it.
    """

    log: OrderLog
    times_s: np.ndarray
    laws: ArrivalLaws
    low: float
    high: float
    simulated_people: float | None

    def curve(self, level: float = 0.8) -> pd.DataFrame:
        """Orders that would have come had there been stock: t_s, low, estimate, high.

        From the end of the clock to twice that.
        """
        rows = []
        for t_s in self.laws.closed_s * np.linspace(1, 2, 25):
            low, estimate, high = self.laws.orders_by(t_s, level)
            rows.append({"t_s": t_s, "low": low, "estimate": estimate, "high": high})
        return pd.DataFrame(rows)


def study_orders(launch: Launch) -> OrderStudy | None:
    """Read the order log that a launch names (`orders.file`) and weigh the laws of arrival by it.

    Stamps to the second are taken as counts per second.

    Returns
    -------
    OrderStudy or None
        None where the launch names no log.

    Raises
    ------
    DataError
        For a log that cannot be read, holds more than one sale, or has too few orders.
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
    low, high = laws.interval()
    return OrderStudy(
        log=log,
        times_s=times_s,
        laws=laws,
        low=low,
        high=high,
        simulated_people=launch.words.get("orders.simulated_people"),
    )


def _fit_laws(log: OrderLog, times_s: np.ndarray, closed_s: float | None) -> ArrivalLaws:
    """Weigh the laws by the times, or by counts per second where all stamps are whole seconds."""
    stamped_to_the_second = not (times_s % 1).any()
    if not stamped_to_the_second:
        return fit_arrival_laws(times_s, closed_s=closed_s)
    counts = counts_per_second(log)["orders"]
    return fit_arrival_count_laws(range(len(counts) + 1), counts)
