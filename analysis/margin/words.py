"""How the page on margin writes sums, days and labels; whole sentences stand with their results."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import Launch
from ..data.lengths import DAYS_A_MONTH
from ..look import dollars, in_page_currency, is_narrow, percent, with_range

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE_FOLD = 5  # high over low from which a third digit of a sum tells nothing

percent_with_range = partial(with_range, write=percent)


def whole_dollars(value: float) -> str:
    """Write a sum a phone in dollars as we compute it: without cents, to three digits.

    One of less than ten is written to two digits, with its cents.

    Parameters
    ----------
    value : float
        Dollars.

    Returns
    -------
    str
        Such as "−$38".

    Examples
    --------
    >>> whole_dollars(-38.4), whole_dollars(63_693.2), whole_dollars(3.64)
    ('−$38', '$63,700', '$3.6')
    """
    is_small = abs(in_page_currency(value)) < 10
    return dollars(value, digits=2) if is_small else dollars(value, whole=True)


def dollars_on_file(value: float) -> str:
    """Write a sum a phone in dollars as a launch file has it: all digits, from 100 without cents.

    >>> dollars_on_file(63_693.2), dollars_on_file(3.6)
    ('$63,693', '$3.6')
    """
    return dollars(value, digits=12, whole=value >= 100)


def dollars_with_range(value: float, low: float, high: float) -> str:
    """Write a sum that we compute with its range: to two digits where the range is wide.

    >>> dollars_with_range(281, 236, 333), dollars_with_range(198.8, 41.1, 455.0)
    ('$281 ($236 to $333)', '$200 ($41 to $460)')
    """
    return with_range(value, low, high, write=writer_of_dollars(low, high))


def writer_of_dollars(low: float, high: float) -> Callable[[float], str]:
    """Return how sums of a range are written: to three digits, to two where the range is wide."""
    smaller, larger = sorted([abs(low), abs(high)])
    is_wide = low < 0 < high or larger >= WIDE_FOLD * smaller
    return _rounded_dollars if is_wide else whole_dollars


def _rounded_dollars(value: float) -> str:
    """Write a sum in dollars to two digits of the page's currency."""
    rate = in_page_currency(1.0)
    return whole_dollars(float(f"{rate * value:.2g}") / rate)


def days_of(launch: Launch, months: np.ndarray) -> pd.DatetimeIndex:
    """Days of months since first sale."""
    first_sale = launch.figure("first_sale").value
    return pd.DatetimeIndex(first_sale + pd.to_timedelta(months * DAYS_A_MONTH, "D"))


def wrapped(label: str, axes: Axes) -> str:
    """Break a long label of a row into lines."""
    return fill(label, 16 if is_narrow(axes) else 40)


def years_in_words(first: int, last: int) -> str:
    """Write a year, or two."""
    return str(first) if first == last else f"{first} to {last}"
