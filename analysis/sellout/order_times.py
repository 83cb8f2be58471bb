"""When orders came, in the form that the laws of arrival are fitted to.

Of most logs that is the time of each order. It is counts in steps of the clock where stamps are too
coarse for times, and where a log is so large that its times would fill the memory. The laws are
`arrival_mix`; what a log says of demand is `order_study`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..data import OrderLog, order_counts, order_times
from .arrival_mix import ArrivalLaws, fit_arrival_count_laws, fit_arrival_laws

STEPS_S = (60.0, 1.0, 0.1)  # how coarse stamps can be; finer ones are taken as times
FEWEST_STEPS = 4  # complete ones, to see a stream thin out in counts
FEWEST_NOT_BY_CHANCE = 50  # orders that all come on a full tenth of a second, or a full minute
FEWEST_STEPS_FOR_TIMES = 500  # of a clock, for stamps under a second to be taken as times
MOST_TIMES = 5_000_000  # orders whose times are held in memory; of more they are counted
STEPS_OF_A_LARGE_LOG = 100_000  # at least so many, far more than the laws tell apart
FIRST_ORDERS = 100_000  # of a large log, by which its stamps are judged


@dataclass(frozen=True, kw_only=True)
class ArrivalRecord:
    """When orders, or people, came while there was stock.

    Attributes
    ----------
    number : int
        How many came.
    last_s : float
        When the last one came, seconds since the opening.
    at_opening : int
        How many came at the very moment of the opening.
    is_coarse : bool
        Whether stamps are too coarse for times: to the minute, second or tenth of a second.
    times_s : array or None
        Seconds from the opening to each; None where a large log is counted instead.
    step_s : float
        Length of the steps in which they are counted, seconds; 0 where times are used.
    counts : array or None
        How many came in each step from the opening on; None where times are used.
    """

    number: int
    last_s: float
    at_opening: int
    is_coarse: bool
    times_s: np.ndarray | None
    step_s: float = 0.0
    counts: np.ndarray | None = None

    def fit_laws(
        self, closed_s: float | None = None, limit_per_s: float | None = None
    ) -> ArrivalLaws:
        """Weigh the laws of arrival by this record.

        Parameters
        ----------
        closed_s : float, optional
            When the clock stopped with stock left. None: the stock ran out with the last order.
        limit_per_s : float, optional
            Orders a second that the shop can take, where it is known.

        Returns
        -------
        ArrivalLaws
            The laws; of counts only complete steps are used.
        """
        if self.counts is None:
            return fit_arrival_laws(self.times_s, closed_s=closed_s, limit_per_s=limit_per_s)
        edges_s, counts = complete_steps(self.counts, closed_s, self.step_s)
        return fit_arrival_count_laws(edges_s, counts, limit_per_s=limit_per_s)

    def opened_earlier(self, by_s: float) -> ArrivalRecord:
        """Return the record as if the sale had opened that much earlier, in whole steps."""
        if self.counts is None:
            return record_of_times(self.times_s + by_s)
        steps = round(by_s / self.step_s)
        return replace(
            self,
            last_s=self.last_s + by_s,
            at_opening=0,
            times_s=None,
            counts=np.r_[np.zeros(steps, int), self.counts],
        )

    def curve(self, points: int) -> tuple[np.ndarray, np.ndarray]:
        """Return times and how many had come by them, at so many arrivals evenly spread."""
        rank = np.unique(np.linspace(1, self.number, points).astype(int))
        if self.times_s is not None:
            return self.times_s[rank - 1], rank
        step = np.searchsorted(np.cumsum(self.counts), rank)
        return self.step_s * (step + 1), rank


def record_of_times(times_s: np.ndarray) -> ArrivalRecord:
    """Return the record of times, sorted, with counts where their stamps are coarse."""
    step_s = stamp_step(times_s)
    counts = np.bincount(np.round(times_s / step_s).astype(int)) if step_s else None
    return ArrivalRecord(
        number=len(times_s),
        last_s=float(times_s[-1]),
        at_opening=int((times_s == 0).sum()),
        is_coarse=bool(step_s),
        times_s=times_s,
        step_s=step_s,
        counts=counts,
    )


def record_of_log(log: OrderLog, *, with_cancelled: bool = False) -> ArrivalRecord:
    """Return the record of the orders of a log of one sale; a large log is only counted.

    Parameters
    ----------
    log : OrderLog
        The log; its files are read again.
    with_cancelled : bool
        Whether orders that were cancelled are among them: they came all the same.

    Returns
    -------
    ArrivalRecord
        Of more than five million orders without their times, in steps of its clock so short that
        the laws, which tell 160 intervals apart, lose nothing.
    """
    rows = ["orders_kept", "cancelled"] if with_cancelled else ["orders_kept"]
    if log.report[rows].to_numpy().sum() <= MOST_TIMES:
        return record_of_times(order_times(log, with_cancelled=with_cancelled))
    last_s = float(log.seconds["last_s"].max())
    first_s = order_times(log, first=FIRST_ORDERS, with_cancelled=with_cancelled)
    stamps_s = stamp_step(np.append(first_s, last_s))
    step_s = stamps_s or 10.0 ** np.floor(np.log10(last_s / STEPS_OF_A_LARGE_LOG))
    counts = order_counts(log, step_s, with_cancelled=with_cancelled)
    return ArrivalRecord(
        number=int(counts.sum()),
        last_s=max(last_s, step_s * (len(counts) - 1)),  # a cancelled order may be the last one
        at_opening=int((first_s == 0).sum()),
        is_coarse=bool(stamps_s),
        times_s=None,
        step_s=step_s,
        counts=counts,
    )


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
    are_many = len(in_steps) >= FEWEST_NOT_BY_CHANCE
    if step_s > 1:
        return in_steps.max() >= (1 if are_many else 2)
    if step_s < 1:
        return are_many and in_steps.max() < FEWEST_STEPS_FOR_TIMES
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
