"""How numbers, shares, sums of money and days are written for people.

Every number that a page shows goes through one of these functions, so that it looks the same in
a sentence, a table and on an axis. Which number to show, and how sure it is, is left to others.
"""

import math
from collections.abc import Callable
from datetime import date

import pandas as pd

from .page_words import in_page_currency, page_words

LARGE_UNITS = ("million", "billion")


def number(value: float, digits: int = 3) -> str:
    """Give a number with separators and `digits` significant digits.

    Whole numbers below 10,000 keep all their digits. Infinity is "no limit", NaN "unknown"; below
    zero stands a true minus sign.

    Parameters
    ----------
    value : float
        In any unit.
    digits : int
        Significant digits.

    Returns
    -------
    str
        The number alone, without a unit.

    Examples
    --------
    >>> number(1_234_567), number(0.01234), number(-1191.4)
    ('1,230,000', '0.0123', '−1,190')
    """
    if math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "no limit" if value > 0 else "minus no limit"
    sign, size = "−" if value < 0 else "", abs(value)
    if float(size).is_integer() and size < 10_000:
        return f"{sign}{int(size):,}"
    if size < 1e-4:
        return f"{sign}{size:.1e}"
    rounded = float(f"{size:.{digits}g}")
    return f"{sign}{rounded:,.15g}"


def exact(value: float) -> str:
    """Give a whole number with all its digits, any other like `number`, as tables need it."""
    if math.isfinite(value) and float(value).is_integer():
        return f"{'−' if value < 0 else ''}{abs(int(value)):,}"
    return number(value)


def millions(value: float, digits: int = 2) -> str:
    """Give a large count as people say it.

    Parameters
    ----------
    value : float
        A count.
    digits : int
        Significant digits.

    Returns
    -------
    str
        In millions from what is written as a million on.

    Examples
    --------
    >>> millions(1_234_567), millions(829_456, digits=3)
    ('1.2 million', '829,000')
    """
    if math.isfinite(value) and _as_written(abs(value), digits) >= 1e6:
        return f"{number(value / 1e6, digits)} million"
    return number(value, digits)


def _as_written(size: float, digits: int) -> float:
    """Return a size with its significant digits alone: 996,000 is written as a million in two."""
    return float(f"{size:.{digits}g}")


def percent(share: float) -> str:
    """Give a share as whole percent, never rounding what is neither none nor all to 0 or 100.

    >>> percent(0.256), percent(-0.04), percent(0.999), percent(0.004), percent(-0.004)
    ('26 %', '−4 %', 'over 99 %', 'under 1 %', 'just under 0 %')
    """
    if not math.isfinite(share):
        return number(share)
    if 0 < abs(share) <= 0.005:
        return "under 1 %" if share > 0 else "just under 0 %"
    if 0.995 <= share < 1:
        return "over 99 %"
    sign = "−" if round(100 * share) < 0 else ""
    return f"{sign}{abs(100 * share):.0f} %"


def dollars(value: float, digits: int = 3, *, whole: bool = False) -> str:
    """Give a sum of money, from a million on in millions or billions.

    On a page of another currency (`speak_of`) the sum is converted and written in that.

    Parameters
    ----------
    value : float
        US dollars.
    digits : int
        Significant digits.
    whole : bool
        Whether to leave out what is less than one of the currency: cents.

    Returns
    -------
    str
        With the sign of the currency.

    Examples
    --------
    >>> dollars(326.2), dollars(-198), dollars(17_300_000), dollars(0.25)
    ('$326', '−$198', '$17.3 million', '$0.25')
    """
    if not math.isfinite(value):
        return number(value)
    size = abs(in_page_currency(value))
    if whole:
        size = round(size)
    sign = f"{'−' if value < 0 < size else ''}{page_words().sign}"
    written = _as_written(size, digits)
    if written >= 1e9:
        return f"{sign}{number(size / 1e9, digits)} billion"
    if written >= 1e6:
        return f"{sign}{number(size / 1e6, digits)} million"
    return f"{sign}{number(size, digits)}"


def day(date: date, year: bool = True) -> str:
    """Give a day in words.

    Parameters
    ----------
    date : date
        A day, or NaT for one that was never reached.
    year : bool
        Whether to name the year.

    Returns
    -------
    str
        The day, or "not reached".

    Examples
    --------
    >>> from datetime import date
    >>> day(date(2019, 2, 26)), day(date(2019, 2, 26), year=False)
    ('26 February 2019', '26 February')
    """
    if pd.isna(date):
        return "not reached"
    return f"{date.day} {date:%B %Y}" if year else f"{date.day} {date:%B}"


def part_of_month(date: date, year: bool = True) -> str:
    """Give a day that is not known to the day: the early, middle or late part of its month.

    Parameters
    ----------
    date : date
        A day.
    year : bool
        Whether to name the year.

    Returns
    -------
    str
        Ten days or so in words.

    Examples
    --------
    >>> from datetime import date
    >>> part_of_month(date(2019, 2, 26)), part_of_month(date(2017, 6, 12), year=False)
    ('late February 2019', 'mid-June')
    """
    parts = ["early ", "mid-", "late "]
    part = parts[min((date.day - 1) // 10, 2)]
    return f"{part}{date:%B %Y}" if year else f"{part}{date:%B}"


def plural(count: float, one: str, many: str | None = None) -> str:
    """Give a count with its noun.

    Parameters
    ----------
    count : float
        How many.
    one : str
        The noun for one.
    many : str, optional
        The plural, where it is not `one` and an s.

    Returns
    -------
    str
        Both, with a space between.

    Examples
    --------
    >>> plural(1, "lot"), plural(2000, "lot"), plural(3, "batch", "batches")
    ('1 lot', '2,000 lots', '3 batches')
    """
    noun = one if count == 1 else many or f"{one}s"
    return f"{number(count)} {noun}"


def span(
    low: float, high: float, digits: int = 3, *, write: Callable[[float], str] | None = None
) -> str:
    """Give an interval in words; one without an upper end says "at least".

    Parameters
    ----------
    low, high : float
        The ends, or what else `write` takes, such as days; `high` may be infinite.
    digits : int
        Significant digits of `number`, where no `write` is given.
    write : function, optional
        How to write an end: `percent`, `dollars`, `day`, `millions` ...

    Returns
    -------
    str
        Both ends, or one of two that are written alike; a unit that both have ("%", "million") is
        said once, but for the millions of a loss and of a gain.

    Examples
    --------
    >>> span(3, 5), span(3, math.inf), span(-0.04, 0.23, write=percent)
    ('3 to 5', 'at least 3', '−4 to 23 %')
    >>> span(0.996, 0.999, write=percent)
    'over 99 %'
    >>> span(-1e9, 1.2e9, write=dollars)
    '−$1 billion to $1.2 billion'
    """
    write = write or (lambda value: number(value, digits))
    if isinstance(high, float) and math.isinf(high):
        return f"at least {write(low)}"
    return _join_ends(write(low), write(high))


def _join_ends(low: str, high: str) -> str:
    """Join the two ends of an interval, saying a unit that both have ("%", "million") once.

    "−$1 to $1.2 billion" would read as a loss of one dollar, so that unit is said at both.
    """
    if low == high:
        return low
    value, _, unit = low.rpartition(" ")
    sign_changes = low.startswith("−") and not high.startswith("−")
    stays_with_low = unit.isdigit() or (sign_changes and unit in LARGE_UNITS)
    if value and high.endswith(f" {unit}") and not stays_with_low:
        low = value
    return f"{low} to {high}"


def with_range(
    value: float, low: float, high: float, *, write: Callable[[float], str] = number
) -> str:
    """Give an estimate with its interval in brackets.

    Parameters
    ----------
    value : float
        The estimate.
    low, high : float
        The ends; `high` may be infinite.
    write : function
        How to write each of them: `percent`, `dollars`, `millions` ...

    Returns
    -------
    str
        The estimate alone where both ends are written as it is.

    Examples
    --------
    >>> with_range(0.1, -0.04, 0.23, write=percent), with_range(829_000, 829_000, 829_000)
    ('10 % (−4 to 23 %)', '829,000')
    """
    if write(low) == write(value) == write(high):
        return write(value)
    return f"{write(value)} ({span(low, high, write=write)})"
