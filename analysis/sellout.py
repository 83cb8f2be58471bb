"""What a sell-out reveals: demand behind an order log, a press line, a series of rounds, and sales that were capped."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .arrival_events import fit_weibull_events
from .arrival_mix import ArrivalLaws, fit_arrival_count_laws, fit_arrival_laws
from .arrivals import fit_arrival_counts, fit_arrivals
from .data import DATA, DataError
from .hits import hit_or_miss
from .launches import Launch
from .orders import OrderLog, counts_per_second, order_times, read_orders
from .press import fit_lot_dependence, judge_launch, lot_range, name_shops, order_rates
from .rounds import compare_rounds, fit_rounds, unconstrain
from .wording import Shown

__all__ = ["compare_rounds", "fit_arrival_count_laws", "fit_arrival_counts", "fit_arrival_laws",
           "fit_arrivals", "fit_lot_dependence", "fit_rounds", "fit_weibull_events", "hit_or_miss", "judge_launch", "lot_range",
           "name_shops", "order_rates", "unconstrain"]  # fmt: skip


@dataclass(frozen=True)
class OrderStudy(Shown):
    """What the order log of one sale tells of the demand behind it."""

    log: OrderLog
    times_s: np.ndarray
    laws: ArrivalLaws
    low: float  # 95 % interval of the people who wanted one
    high: float
    simulated_people: float | None  # the truth, where the log was simulated from it

    def table(self) -> pd.DataFrame:
        """One row a law of arrival, then all together."""
        return self.laws.table()

    def curve(self, level: float = 0.8) -> pd.DataFrame:
        """Orders that would have come had there been stock: t_s from the clock's end to twice that, low, estimate, high."""
        ahead = self.laws.closed_s * np.linspace(1, 2, 25)
        told = [(t_s, *self.laws.orders_by(t_s, level)) for t_s in ahead]
        return pd.DataFrame(told, columns=["t_s", "low", "estimate", "high"])


def study_orders(launch: Launch) -> OrderStudy | None:
    """Read and weigh the order log that a launch file names (orders.file); None where it names none.

    Stamps to the whole second are taken as counts. Raises DataError for a log of several events or one that cannot be read.
    """
    file = launch.words.get("orders.file")
    if not file:
        return None
    log = read_orders(DATA / file, opened_at=launch.words.get("orders.opened_at"))
    if len(log.opened_s) > 1:
        raise DataError(f"data/{file}: events {', '.join(log.opened_s)}; expected the log of one sale")
    times, closed_s = order_times(log), launch.words.get("orders.closed_s")
    try:
        if (times % 1).any():
            laws = fit_arrival_laws(times, closed_s=closed_s)
        else:
            counts = counts_per_second(log)
            laws = fit_arrival_count_laws(np.arange(len(counts) + 1.0), counts["orders"])
    except ValueError as err:
        raise DataError(f"data/{file}: {err}") from None
    truth = launch.words.get("orders.simulated_people")
    return OrderStudy(log, times, laws, *laws.interval(), truth)
