"""Which order logs a launch has, and each read with its clock and statuses made explicit.

A launch file names one log (`orders.file`) or one for each drop (`drops[].orders_file`). What the
logs say of demand is for `order_study`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ..data import DATA, DataError, Launch, OrderLog, names_zone, path_below, read_orders
from ..data.errors import listed


@dataclass(frozen=True, kw_only=True)
class LogSource:
    """One order log that a launch file names.

    Attributes
    ----------
    file : str
        Its path from data/.
    opened_at : str or None
        When the sale opened.
    field : str
        The field of the launch file that holds that opening.
    date : Timestamp or None
        Day of the drop, where the log stands beside it.
    """

    file: str
    opened_at: str | None
    field: str
    date: pd.Timestamp | None = None

    @property
    def is_of_a_drop(self) -> bool:
        """Whether the log stands beside a drop, and not for the launch."""
        return self.date is not None


def list_logs(launch: Launch) -> list[LogSource]:
    """List the order logs of a launch: that of `orders.file`, then those of its drops.

    Raises
    ------
    DataError
        For a log of a drop that does not lie below data/.
    """
    logs = []
    file = launch.words.get("orders.file")
    if file:
        opened_at = launch.words.get("orders.opened_at")
        logs.append(LogSource(file=file, opened_at=opened_at, field="orders.opened_at"))
    for drop in _drops_with_log(launch).to_dict("records"):
        name = drop["orders_file"]
        path_below(DATA, name, f"data/launches/{launch.launch}.yaml: drops: orders_file = {name!r}")
        opened_at = drop.get("opened_at")
        logs.append(
            LogSource(
                file=name,
                opened_at=None if pd.isna(opened_at) else str(opened_at),
                field=f"drops: opened_at of {drop['date'].date()}",
                date=drop["date"],
            )
        )
    return logs


def leading_log(logs: list[LogSource]) -> LogSource | None:
    """Choose the log that a page is about: that of `orders.file`, else of the latest drop."""
    if not logs:
        return None
    return logs[-1] if logs[0].is_of_a_drop else logs[0]


def _drops_with_log(launch: Launch) -> pd.DataFrame:
    """Return the drops of a launch that name a log of their own."""
    if "orders_file" not in launch.drops:
        return launch.drops.head(0)
    return launch.drops.dropna(subset="orders_file")


def read_log(launch: Launch, source: LogSource) -> OrderLog:
    """Read an order log of a launch.

    Parameters
    ----------
    launch : Launch
        The launch, for time zone and words of cancelled orders.
    source : LogSource
        The log.

    Returns
    -------
    OrderLog
        The log of one sale.

    Raises
    ------
    DataError
        For a log that cannot be read, that holds more than one sale, or whose stamps and opening
        name no common time zone.
    """
    words = launch.words
    log = read_orders(
        DATA / source.file,
        opened_at=source.opened_at,
        also_cancelled=words.get("orders.cancelled", ()),
        time_zone=words.get("orders.time_zone"),
    )
    if len(log.opened_s) > 1:
        raise DataError(
            f"data/{source.file}: events {listed(log.opened_s)}; expected the log of one sale"
        )
    _check_zones(launch, source, log)
    return log


def _check_zones(launch: Launch, source: LogSource, log: OrderLog) -> None:
    """Refuse an opening with an offset beside stamps without one, or the other way round."""
    has_zone = launch.words.get("orders.time_zone") is not None
    if has_zone or source.opened_at is None or not log.first_stamp:
        return
    opening, stamps = names_zone(source.opened_at), names_zone(log.first_stamp)
    if opening == stamps:
        return
    with_zone, without = "names its time zone", "names none"
    raise DataError(
        f"data/launches/{launch.launch}.yaml: {source.field} = {source.opened_at!r} "
        f"{with_zone if opening else without}, and ordered_at = {log.first_stamp[:40]!r} of "
        f"data/{source.file} {with_zone if stamps else without}; expected an offset in both, or "
        "time_zone: below orders, such as Europe/Berlin, for those without"
    )


def unknown_statuses(log: OrderLog, words: Mapping[str, object]) -> pd.DataFrame:
    """Return the statuses of a log that nobody knows: status and rows; orders that count.

    A list of words in the launch file (`orders.cancelled`) says of all others that they count.
    """
    if log.statuses is None:
        return pd.DataFrame(columns=["status", "rows"])
    is_unknown = log.statuses["meaning"] == "unknown"
    if "orders.cancelled" in words:
        is_unknown &= False
    return log.statuses.loc[is_unknown, ["status", "rows"]].reset_index(drop=True)
