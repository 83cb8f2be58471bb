"""What the order log of one sale says of the demand behind it.

The laws of arrival are weighed by when its orders came (`order_times`), and by requests after the
stock was gone (`requests`, `after_stock`). Logs are read in `order_logs`; what a page shows is
`study_log`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import DataError, Launch, OrderLog, OrderPeople, people_of_log
from .after_stock import AfterStock, weigh_after_stock
from .arrival_mix import TOO_WIDE, ArrivalLaws
from .order_logs import LogSource, leading_log, list_logs, read_log
from .order_times import ArrivalRecord, record_of_log, record_of_times
from .requests import RequestEvidence, bound_by_requests, read_requests

# Our assumption of how long before the first order a sale may have opened whose opening nobody
# wrote down, as shares of the sale: the range has room for all of them.
OPENINGS_BEFORE = (0.01, 0.03, 0.1)


@dataclass(frozen=True, kw_only=True)
class OrderStudy:
    """What the order log of one sale says of the demand behind it.

    Attributes
    ----------
    log : OrderLog
        The log, its rows accounted for.
    source : LogSource
        Where the launch names it.
    ordered : ArrivalRecord
        When each order came that was not cancelled.
    came : ArrivalRecord
        When each person first came, where the log tells people apart; else when each order came,
        also one that was cancelled, as its person wanted one too.
    laws : ArrivalLaws
        Laws of arrival weighed by these; of stamps to the second only complete seconds count.
    low, high : float
        Interval of the people who wanted one; `high` may be infinite.
    level : float
        Of that interval.
    simulated_people : float or None
        The truth, where the log was simulated from it.
    people : OrderPeople or None
        Who ordered; None where the log names nobody and no order was cancelled.
    requests : RequestEvidence or None
        Requests after the stock was gone, where the launch names them.
    after_stock : AfterStock or None
        Arrivals beyond the end of the stock; None where too few requests tell people apart.
    opening_is_known : bool
        Whether the clock starts at the opening; else the interval has room for earlier ones.
    """

    log: OrderLog
    source: LogSource
    ordered: ArrivalRecord
    came: ArrivalRecord
    laws: ArrivalLaws
    low: float
    high: float
    level: float
    simulated_people: float | None
    people: OrderPeople | None = None
    requests: RequestEvidence | None = None
    after_stock: AfterStock | None = None
    opening_is_known: bool = True

    @property
    def orders(self) -> int:
        """Orders in the log that were not cancelled."""
        return self.ordered.number

    @property
    def placed(self) -> int:
        """Orders in the log, those that were cancelled included."""
        return self.orders + (self.people.cancelled if self.people else 0)

    @property
    def arrived(self) -> int:
        """People who came while there was stock, or orders where nobody can be told apart."""
        return self.came.number

    @property
    def counted(self) -> str:
        """What arrivals are: "people" where the log tells them apart, else "orders"."""
        return "people" if self.is_by_person else "orders"

    @property
    def is_by_person(self) -> bool:
        """Whether the log tells people apart."""
        return self.people is not None and self.people.is_by_person

    @property
    def orders_per_s(self) -> float:
        """Orders placed a second until the clock stopped."""
        placed = self.placed if self.is_by_person else self.laws.orders
        return placed / self.laws.closed_s

    @property
    def units_an_arrival(self) -> float:
        """Units that stay sold for each arrival: cancelled ones take none."""
        return float(self.log.seconds["units"].sum()) / self.arrived

    @property
    def is_queue(self) -> bool:
        """Whether the log shows the pace of the shop, and no request who stood in line."""
        return self.laws.stream_end.throttled and self.after_stock is None

    @property
    def cannot_tell(self) -> bool:
        """Whether the interval is open at the top or more than tenfold."""
        return self.high > TOO_WIDE * self.low

    def arrived_by(self, t_s: float, level: float = 0.8) -> tuple[float, float, float]:
        """Give the arrivals by a time, had there been stock: low, estimate, high.

        Parameters
        ----------
        t_s : float
            Seconds since the opening, from the end of the clock on.
        level : float
            Share of predictions between low and high.

        Returns
        -------
        (float, float, float)
            People; none is below those who are in the log.
        """
        if self.after_stock is None:
            by_then = self.laws.orders_by(t_s, level)
        else:
            by_then = self.after_stock.arrived_by(t_s, level)
        # Where stamps are coarse, the laws leave out the arrivals of the last step.
        return tuple(max(one, float(self.arrived)) for one in by_then)

    def curve(self, level: float = 0.8) -> pd.DataFrame:
        """Give the arrivals that would have been served with more stock.

        Columns are t_s, low, estimate and high, from the end of the clock to twice that.
        """
        times_s = self.laws.closed_s * np.linspace(1, 2, 25)
        ranges = [self.arrived_by(t_s, level) for t_s in times_s]
        curve = pd.DataFrame(ranges, columns=["low", "estimate", "high"])
        return curve.assign(t_s=times_s)[["t_s", *curve.columns]]


def study_orders(
    launch: Launch, level: float = 0.95, *, source: LogSource | None = None
) -> OrderStudy | None:
    """Read an order log that a launch names and weigh the laws of arrival by it.

    Stamps to the second or the minute are taken as counts of complete seconds or minutes: the one
    in which the stock ran out is left out of the fit, as it had orders for a part of it only.
    Where a log tells people apart, it is people whose arrival the laws describe; else it is orders,
    the cancelled ones included, as each is of a person who wanted one. Requests after the stock was
    gone raise the lower limit to those who were counted and, by person, go on with the stream where
    the orders end; the narrower of the two intervals is given.

    Parameters
    ----------
    launch : Launch
        The launch.
    level : float
        Of the interval of the people who wanted one.
    source : LogSource, optional
        One of `list_logs`. None: that of `orders.file`, else of the latest drop with a log.

    Returns
    -------
    OrderStudy or None
        None where the launch names no log.

    Raises
    ------
    DataError
        For a log that cannot be read, holds more than one sale, does not go with its opening, or
        has too few orders or, with stamps to the second, too few complete seconds.
    """
    source = source or leading_log(list_logs(launch))
    if source is None:
        return None
    log = read_log(launch, source)
    ordered = record_of_log(log)
    words = {} if source.is_of_a_drop else launch.words
    people = _people(log, with_requests="orders.requests_file" in words)
    came = _arrivals(log, ordered, people)
    closed_s = words.get("orders.closed_s", _last_order_s(ordered, came))
    opening_is_known = log.opening_is_known and not _starts_with_first_order(ordered)
    try:
        laws = came.fit_laws(closed_s, words.get("orders.limit_per_s"))
        low, high = _interval(laws, came, closed_s, level, opening_is_known)
    except ValueError as err:
        raise DataError(f"data/{source.file}: {err}") from None

    requests = None if source.is_of_a_drop else read_requests(launch, log, people)
    after_stock = _after_stock(requests, ordered.last_s)
    if requests is not None:
        low, high = _with_requests(low, high, requests, after_stock, level)
    return OrderStudy(
        log=log,
        source=source,
        ordered=ordered,
        came=came,
        laws=laws,
        low=max(low, float(came.number)),
        high=max(high, float(came.number)),
        level=level,
        simulated_people=words.get("orders.simulated_people"),
        people=people,
        requests=requests,
        after_stock=after_stock,
        opening_is_known=opening_is_known,
    )


def _people(log: OrderLog, *, with_requests: bool) -> OrderPeople | None:
    """Tell the people of a log apart; None where it names nobody and no order was cancelled."""
    if log.persons or with_requests or log.report["cancelled"].sum():
        return people_of_log(log, with_names=with_requests)
    return None


def _arrivals(log: OrderLog, ordered: ArrivalRecord, people: OrderPeople | None) -> ArrivalRecord:
    """Return when people came: each once, or with each order where the log names nobody."""
    if people is None:
        return ordered
    if people.is_by_person:
        return record_of_times(people.came_s)
    return record_of_log(log, with_cancelled=True) if people.cancelled else ordered


def _last_order_s(ordered: ArrivalRecord, came: ArrivalRecord) -> float | None:
    """Return when the stock ran out, where the last order was of a person who had come before.

    None where the last arrival tells it, and where stamps are too coarse to part the two.
    """
    is_later = ordered.last_s > came.last_s and not ordered.is_coarse
    return ordered.last_s if is_later else None


def _starts_with_first_order(ordered: ArrivalRecord) -> bool:
    """Whether a log counts from its first order: exactly one at 0, and fine stamps after it."""
    return ordered.at_opening == 1 and not ordered.is_coarse


def _interval(
    laws: ArrivalLaws,
    came: ArrivalRecord,
    closed_s: float | None,
    level: float,
    opening_is_known: bool,
) -> tuple[float, float]:
    """Give the interval by the laws; of an unknown opening that of all which may have been."""
    limits = [laws.interval(level)]
    if not opening_is_known:
        step_s = came.step_s or 1e-6
        for share in OPENINGS_BEFORE:
            before_s = np.ceil(share * laws.closed_s / step_s) * step_s
            later_end_s = None if closed_s is None else closed_s + before_s
            limits.append(came.opened_earlier(before_s).fit_laws(later_end_s).interval(level))
    lows, highs = zip(*limits, strict=True)
    return min(lows), max(highs)


def _after_stock(requests: RequestEvidence | None, sold_out_s: float) -> AfterStock | None:
    """Follow the arrivals beyond the end of the stock, where requests tell people apart."""
    if requests is None or not requests.is_by_person:
        return None
    share = 1.0 if requests.is_queue_of_all else None
    return weigh_after_stock(requests.arrived_s, sold_out_s, share=share)


def _with_requests(
    low: float,
    high: float,
    requests: RequestEvidence,
    after_stock: AfterStock | None,
    level: float,
) -> tuple[float, float]:
    """Give the narrower of two intervals, by orders alone and by requests, above those counted."""
    if after_stock is not None:
        asked_low, asked_high = after_stock.interval(level)
        if not np.isfinite(high) or asked_high / asked_low < high / low:
            low, high = asked_low, asked_high
    return bound_by_requests(low, high, requests)
