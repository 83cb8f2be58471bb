"""What requests after the stock was gone say of how many wanted one.

Queue entries, carts and names on a waiting list are the one direct count of those who came too
late. Told apart by person they set a lower bound that needs no law of arrival, and make a log of
arrivals that did not stop with the stock. How many more they speak for is `after_stock`; what is
made of both is for `order_study`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import DATA, Launch, OrderLog, OrderPeople, people_of_log, read_orders

QUEUE_OF_ALL = 0.9  # share of those who ordered that have a request, in a queue that all enter


@dataclass(frozen=True, kw_only=True)
class RequestEvidence:
    """Orders of a sale and requests after it, as people.

    Attributes
    ----------
    ordered : int
        People who ordered, those whose order was cancelled included.
    asked_in_vain : int
        People who asked and never ordered; 0 where people cannot be told apart.
    requests : int
        Requests of all kinds, a person's repeats included.
    is_by_person : bool
        Whether orders and requests tell people apart by the same names.
    arrived_s : array
        Seconds from the opening until each person first ordered or asked, sorted; that of orders
        alone where people cannot be told apart.
    counted_until_s : float
        When the last order or request came.
    share_in_both : float
        Of the people who ordered, how many have a request as well; near 1 where everybody passed
        through one queue.
    """

    ordered: int
    asked_in_vain: int
    requests: int
    is_by_person: bool
    arrived_s: np.ndarray
    counted_until_s: float
    share_in_both: float = 0.0

    @property
    def is_queue_of_all(self) -> bool:
        """Whether everybody who came left a request, as far as those who ordered show."""
        return self.share_in_both >= QUEUE_OF_ALL

    @property
    def least_people(self) -> int:
        """The least number of people who wanted one: those who were counted."""
        return self.ordered + self.asked_in_vain

    def table(self) -> pd.DataFrame:
        """Return what was counted: figure, count."""
        rows = {
            "people who ordered": self.ordered,
            "people who asked after the stock was gone": self.asked_in_vain,
            "requests, repeats included": self.requests,
            "people who wanted one, at least": self.least_people,
        }
        return pd.DataFrame({"figure": list(rows), "count": list(rows.values())})


def weigh_requests(ordered: OrderPeople, asked: OrderPeople) -> RequestEvidence:
    """Join the people who ordered with those who asked after the stock was gone.

    A request is a person's only where it has a name of the same kind as the orders have. Requests
    without such names raise no bound: one person may click a hundred times.

    Parameters
    ----------
    ordered : OrderPeople
        People of the order log.
    asked : OrderPeople
        People of the log of requests, read in the same way and on the same clock.

    Returns
    -------
    RequestEvidence
        Those who ordered, those who asked in vain, and when each first came.
    """
    is_by_person = ordered.is_by_person and ordered.known_by == asked.known_by
    counted_until_s = float(np.concatenate([ordered.came_s, asked.came_s]).max())
    arrived_s = ordered.came_s
    asked_in_vain = 0
    share_in_both = 0.0
    if is_by_person:
        first_s = pd.concat([ordered.first_s, asked.first_s]).groupby(level=0).min()
        arrived_s = np.sort(np.concatenate([first_s.to_numpy(float), ordered.unnamed_s]))
        asked_in_vain = int((~asked.first_s.index.isin(ordered.first_s.index)).sum())
        share_in_both = float(ordered.first_s.index.isin(asked.first_s.index).mean())
    return RequestEvidence(
        ordered=ordered.people,
        asked_in_vain=asked_in_vain,
        requests=asked.orders + asked.cancelled,
        is_by_person=is_by_person,
        arrived_s=arrived_s,
        counted_until_s=counted_until_s,
        share_in_both=share_in_both,
    )


def read_requests(
    launch: Launch, log: OrderLog, people: OrderPeople | None = None
) -> RequestEvidence | None:
    """Read the requests that a launch names (`orders.requests_file`) beside its order log.

    Parameters
    ----------
    launch : Launch
        The launch.
    log : OrderLog
        Its order log, of one sale; requests count from its opening.
    people : OrderPeople, optional
        The people of that log, where they have been told apart already.

    Returns
    -------
    RequestEvidence or None
        None where the launch names no requests.

    Raises
    ------
    DataError
        For requests that cannot be read.
    """
    file = launch.words.get("orders.requests_file")
    if not file:
        return None
    ordered = people if people is not None else people_of_log(log)
    opened_s = next(iter(log.opened_s.values()))
    opened_at = pd.Timestamp(opened_s, unit="s", tz="UTC") if opened_s else None
    time_zone = launch.words.get("orders.time_zone")
    requests = read_orders(DATA / file, opened_at=opened_at, time_zone=time_zone, deduplicate=False)
    asked = people_of_log(requests)
    return weigh_requests(ordered, asked)


def bound_by_requests(low: float, high: float, evidence: RequestEvidence) -> tuple[float, float]:
    """Raise an interval of people who wanted one to those who were counted.

    Parameters
    ----------
    low, high : float
        Interval by a law of arrival.
    evidence : RequestEvidence
        Orders and requests.

    Returns
    -------
    (float, float)
        The interval, with nothing below the people counted.

    Examples
    --------
    >>> counted = RequestEvidence(ordered=900, asked_in_vain=300, requests=500, is_by_person=True,
    ...                           arrived_s=np.arange(1200.0), counted_until_s=1199.0)
    >>> bound_by_requests(1000.0, 1100.0, counted)
    (1200.0, 1200.0)
    """
    least = float(evidence.least_people)
    return max(low, least), max(high, least)
