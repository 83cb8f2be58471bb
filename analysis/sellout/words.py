"""How the sell-out page names things: products, times to sell out, counts of phones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..data import Launch, load_table
from ..look import millions, number, plural, span

LEVEL = 0.8  # of every range that the page of a launch gives
WIDE_HEIGHT_IN, NARROW_HEIGHT_IN = 3.3, 4.0  # of lead charts: a wide one ends on the first screen
COUNTRIES = {"CN": "China", "IN": "India", "WORLD": "the world"}


def product_name(launch: Launch) -> str:
    """Name the product without its brand: Mi 9, not Xiaomi Mi 9."""
    return launch.name.removeprefix(f"{brand_name(brand_of(launch))} ")


def brand_of(launch: Launch) -> str:
    """Return the code of its brand; "" for a device that is in no table."""
    brands = load_table("devices").set_index("device")["brand"]
    return brands.get(launch.device, "")


def begin_sentence(words: str) -> str:
    """Write words as the first of a sentence: LCD panels stay LCD panels.

    >>> begin_sentence("camera modules"), begin_sentence("LCD panels")
    ('Camera modules', 'LCD panels')
    """
    return words[:1].upper() + words[1:]


def brand_name(brand: str) -> str:
    """Name a brand by its code."""
    return brand.replace("_", " ").title()


def device_name(device: str) -> str:
    """Name a device of the market tables, with its brand."""
    return str(load_table("devices").set_index("device").loc[device, "name"])


def country_name(market: str) -> str:
    """Name a country by its code; the code itself where it has no name here."""
    return COUNTRIES.get(market, market)


def duration(seconds: float) -> str:
    """Write a time to sell out: 2.4 seconds, 8 minutes 36 seconds, 1 hour 40 minutes, 20 hours."""
    if seconds < 120:
        count = number(seconds, 2 if seconds < 100 else 3)
        return "1 second" if count == "1" else f"{count} seconds"
    if seconds < 600:
        return _in_two_units(round(seconds), "minute", "second")
    minutes = round(seconds / 60)
    if minutes < 60:
        return plural(minutes, "minute")
    if minutes < 600:
        return _in_two_units(minutes, "hour", "minute")
    if seconds < 2 * 86_400:
        return plural(round(seconds / 3600), "hour")
    return plural(round(seconds / 86_400), "day")


def _in_two_units(count: int, whole: str, part: str) -> str:
    """Write a count of parts, sixty to a whole, as wholes and the rest where there is one."""
    wholes, rest = divmod(count, 60)
    words = plural(wholes, whole)
    return f"{words} {plural(rest, part)}" if rest else words


def short_duration(seconds: float) -> str:
    """Write a time for a table or an axis: 2.4 s, 2.9 min, 3 h, 3 days; "" where unknown."""
    if not np.isfinite(seconds):
        return ""
    if seconds < 60 or 60 < seconds < 120:
        return f"{number(seconds, 2 if seconds < 100 else 3)} s"
    if seconds < 3600:
        return f"{number(seconds / 60, 2)} min"
    if seconds < 2 * 86_400:
        return f"{number(seconds / 3600, 2)} h"
    return plural(round(seconds / 86_400), "day")


def phones(units: float) -> str:
    """Write a count of phones with two digits: 18,000, 220,000, 1.5 million."""
    return millions(float(f"{units:.2g}"), 3)


def phones_range(low: float, high: float) -> str:
    """Write a range of phones with two digits."""
    return span(low, high, write=phones)


def rate_words(sale: pd.Series) -> str:
    """Write an order rate with two digits, and the side that it is known from.

    Parameters
    ----------
    sale : Series
        With `rate_per_s`, `low` and `high`, as `order_rates` gives them.

    Examples
    --------
    >>> rate_words(pd.Series({"rate_per_s": 9.26, "low": 6.3, "high": np.inf}))
    'at least 9.3'
    """
    rate = number(sale["rate_per_s"], 2)
    if np.isinf(sale["high"]):
        return f"at least {rate}"
    return f"at most {rate}" if sale["low"] == 0 else rate
