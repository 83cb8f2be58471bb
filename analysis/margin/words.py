"""How the page on margin writes sums, days and labels; whole sentences stand with their results."""

from __future__ import annotations

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


dollars_with_range = partial(with_range, write=whole_dollars)


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
