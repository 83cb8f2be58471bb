"""When the orders of a log came: each time, or counted by the second or in finer steps.

Logs are read in `orders`, which counts them by second as it goes; here their files are read again,
as each time of a large log would not fit in memory beside the others.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .duckdb_files import sql_literal
from .errors import DataError, quoted, suggest
from .orders import NUMBER_OF_STATUS, OrderLog

MOST_STEPS = 20_000_000  # that are counted; a stray date must not fill the memory with zeros
ROUNDING_S = 5e-7  # times are known to the microsecond


def counts_per_second(log: OrderLog) -> pd.DataFrame:
    """Count orders by the second, empty seconds included.

    Returns
    -------
    DataFrame
        event, second since its opening (from 0 to its last order), orders, units. An event of
        which no order was kept has no row.

    Raises
    ------
    DataError
        If orders came so late that the seconds of all events would fill the memory.
    """
    last_second = log.seconds.groupby("event")["second"].max()
    if last_second.sum() > MOST_STEPS:
        raise DataError(
            f"events: {len(last_second):,} with {last_second.sum():,} s in all, the longest "
            f"{quoted(last_second.idxmax())} with {last_second.max():,} s; expected "
            f"{MOST_STEPS:,} s in all at most"
        )
    # Every second of every event, one event after the other.
    lengths = last_second.to_numpy() + 1
    starts = lengths.cumsum() - lengths
    second = np.arange(lengths.sum()) - np.repeat(starts, lengths)
    event = np.repeat(last_second.index.to_numpy(), lengths)
    every_second = pd.DataFrame({"event": event, "second": second})

    counted = log.seconds[["event", "second", "orders", "units"]]
    counts = every_second.merge(counted, how="left", on=["event", "second"])
    return counts.fillna({"orders": 0, "units": 0}).astype({"orders": int, "units": int})


def order_times(
    log: OrderLog,
    event: str | None = None,
    *,
    first: int | None = None,
    with_cancelled: bool = False,
) -> np.ndarray:
    """Return the times of an event's orders, all in memory.

    Parameters
    ----------
    log : OrderLog
        What `read_orders` returned; its files are read again.
    event : str, optional
        The event; a lone one needs no name.
    first : int, optional
        How many of its earliest orders; None for all.
    with_cancelled : bool
        Whether orders that were cancelled are among them: they came all the same.

    Returns
    -------
    array of shape (orders,)
        Seconds since the opening, sorted, to the microsecond; empty where no order was kept.

    Raises
    ------
    DataError
        If the log has no such event, or several and none is named.
    """
    times = _times_since_opening(log, event, with_cancelled)
    earliest = "" if first is None else f" ORDER BY t_s LIMIT {first:d}"
    return log.ask(times + earliest)["t_s"].sort_values(ignore_index=True).to_numpy()


def order_counts(
    log: OrderLog, step_s: float, event: str | None = None, *, with_cancelled: bool = False
) -> np.ndarray:
    """Count an event's orders in steps of its clock, holding none of their times.

    Parameters
    ----------
    log : OrderLog
        What `read_orders` returned; its files are read again.
    step_s : float
        Length of a step, seconds.
    event : str, optional
        The event; a lone one needs no name.
    with_cancelled : bool
        Whether orders that were cancelled are counted: they came all the same.

    Returns
    -------
    array of shape (steps,)
        Orders in each step, from the opening to the last order; empty where no order was kept.

    Raises
    ------
    DataError
        As `order_times`, and if there are so many steps that they would fill the memory.
    """
    event = event_of(log, event)
    step_s = float(step_s)
    last_s = log.seconds.loc[log.seconds["event"] == event, "last_s"].max()
    if pd.isna(last_s):
        return np.zeros(0, dtype=int)
    if last_s / step_s > MOST_STEPS:
        raise DataError(
            f"event {quoted(event)}: {last_s:,.0f} s in steps of {step_s:g} s; expected "
            f"{MOST_STEPS:,} steps at most"
        )
    counted = log.ask(
        # A time on the edge of two steps falls into the later one, however it is rounded.
        f"SELECT floor((t_s + {ROUNDING_S!r}) / {step_s!r})::BIGINT AS step, count(*) AS orders "
        f"FROM ({_times_since_opening(log, event, with_cancelled)}) GROUP BY step"
    )
    counts = np.zeros(counted["step"].max() + 1, dtype=int)
    counts[counted["step"]] = counted["orders"]
    return counts


def _times_since_opening(log: OrderLog, event: str | None, with_cancelled: bool) -> str:
    """Return SQL of the times of an event's orders: t_s, seconds since its opening."""
    event = event_of(log, event)
    counted = ("orders_kept", "cancelled") if with_cancelled else ("orders_kept",)
    rules = ", ".join(str(NUMBER_OF_STATUS[status]) for status in counted)
    return (
        f"SELECT round(stamp_s - {log.opened_s[event]}, 6) AS t_s FROM orders "
        f"WHERE rule IN ({rules}) AND {is_of_sale(log, event)}"
    )


def is_of_sale(log: OrderLog, event: str) -> str:
    """Return the SQL condition of rows of an event from its opening on, at a time that is one."""
    since_opening = f"clock >= moment({log.opened_s[event]})"
    return f"abs(stamp_s) < 9e18 AND event = {sql_literal(event)} AND {since_opening}"


def event_of(log: OrderLog, event: str | None = None) -> str:
    """Return an event of the log, by its name or as its only one; DataError if it has none such."""
    if event is None and len(log.opened_s) == 1:
        event = next(iter(log.opened_s))
    if event not in log.opened_s:
        name = None if event is None else quoted(event)
        raise DataError(
            f"event = {name}; expected an event of the log{suggest(event, log.opened_s)}"
        )
    return event
