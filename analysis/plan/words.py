"""What plans, inputs and sums are called in sentences, tables and charts."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from ..data.lengths import WEEKS_A_YEAR
from ..look import (
    COLOUR,
    dollar_axis,
    dollars,
    is_narrow,
    millions,
    number,
    percent,
    plot_intervals,
    plural,
)
from .policies import NEVER, ReleasePolicy

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SHARES = {0.25: "a quarter", 0.5: "half"}

INPUTS = {
    "discount": "value of money over time",
    "erosion": "fall of the price buyers will pay",
    "fade": "fading of interest",
    "elasticity": "how strongly people react to price",
    "upgrade": "owners who come back for an upgraded version",
    "s_price": "price of an upgraded version",
    "s_cost": "cost of an upgraded version",
    "s_fixed_usd": "cost of launching an upgraded version",
    "potential": "how many people would ever buy",
    "p": "buying that needs no example",
    "q": "buying that follows others",
    "initial_share": "people waiting at first sale",
    "reneging_rate": "people who give up waiting",
    "supply_units": "phones that can be made",
    "net_usd": "net price of a phone",
    "cost_usd": "cost of a phone",
    "s_reset": "how far an upgraded version starts interest afresh",
    "leave_price": "how much faster people give up a dearer phone",
    "opening_stock": "phones made before the first sale",
}
# Names of gains in the data of a chart: by them they are told in the currency of the page.
GAINS_IN_USD = {"estimate": "estimate_usd", "low": "low_usd", "high": "high_usd"}
# How the inputs of a market are written; all others are sums of money or counts.
RATES_A_YEAR = ("discount", "erosion", "fade")
RATES_A_WEEK = ("p", "q", "reneging_rate")
ELASTICITIES = ("elasticity", "leave_price")
SHARES_OF_PEOPLE = ("initial_share", "upgrade", "s_reset")
RATIOS = ("s_price", "s_cost")


def input_words(name: str, value: float) -> str:
    """Return the value of an input of a market with its unit, in few words.

    >>> input_words("potential", 2.1e7), input_words("reneging_rate", 0.05)
    ('21 million', '4.9 % a week')
    >>> input_words("elasticity", 2.04), input_words("s_price", 0.9), input_words("cost_usd", 301.4)
    ('2 %', '0.9 times', '$300')
    """
    if name in RATES_A_YEAR:
        return f"{percent(-np.expm1(-WEEKS_A_YEAR * value))} a year"
    if name in RATES_A_WEEK:
        return f"{number(-100 * np.expm1(-value), 2)} % a week"
    if name in ELASTICITIES:
        return f"{number(value, 2)} %"
    if name in SHARES_OF_PEOPLE:
        return percent(value)
    if name in RATIOS:
        return f"{number(value, 2)} times"
    return in_millions(value) if name.endswith("_usd") else millions(value)


def release_words(policy: ReleasePolicy) -> str:
    """Return what a plan releases when, as "make half for 13 weeks, then all"."""
    if policy.sells_nothing:
        return "sell nothing"
    if policy.sells_as_made:
        return "sell as made"
    share = SHARES.get(policy.release, percent(policy.release))
    if policy.volume_week >= NEVER:
        return f"make only {share} all the time"
    weeks = plural(int(policy.volume_week), "week")
    if policy.store:
        share = SHARES.get(1 - policy.release, percent(1 - policy.release))
        stored = "all that is made" if policy.release == 0 else f"{share} of what is made"
        return f"store {stored} for {weeks}"
    if policy.release == 0:
        return f"make none for {weeks}"
    return f"make {share} for {weeks}, then all"


def plan_words(policy: ReleasePolicy) -> str:
    """Return a plan in words, as "sell as made at 20 % above list price"."""
    parts = [release_words(policy)]
    if policy.price != 1 and not policy.sells_nothing:
        side = "above" if policy.price > 1 else "below"
        parts[0] += f" at {percent(abs(policy.price - 1))} {side} list price"
    return ", ".join([*parts, *later_words(policy)])


def later_words(policy: ReleasePolicy) -> list[str]:
    """Return what a plan changes after the first sale, in words.

    >>> later_words(ReleasePolicy(s_week=253, cut=0.15, cut_week=39))
    ['upgraded version after 253 weeks', '15 % off after 39 weeks']
    """
    changes = []
    if policy.s_week < NEVER:
        changes.append(f"upgraded version after {plural(int(policy.s_week), 'week')}")
    if policy.cut_week < NEVER:
        changes.append(f"{percent(policy.cut)} off after {plural(int(policy.cut_week), 'week')}")
    return changes


def in_millions(usd: float) -> str:
    """Return dollars with two digits; sums below half a dollar are nothing."""
    return "nothing" if abs(usd) < 0.5 else dollars(usd, 2)


def small_sum(usd: float) -> str:
    """Return a small sum with two significant digits, and nothing smaller than a cent."""
    return dollars(round(usd, 2), 2)


def times_list(price: float) -> str:
    """Return a price over list in words, as "0.83 times the list price"."""
    return f"{number(price, 2)} times the list price"


def two_digits(value: float) -> str:
    """Return a small count with two significant digits."""
    return number(value, 2)


def weeks_from_first(weeks: range) -> str:
    """Name weeks in a row, counted from the first sale; none stands for no week in particular.

    >>> weeks_from_first(range(1)), weeks_from_first(range(26)), weeks_from_first(range(0))
    ('the first week', 'the first 26 weeks', 'any week')
    >>> weeks_from_first(range(3, 4)), weeks_from_first(range(3, 32))
    ('week 4', 'weeks 4 to 32')
    """
    if not weeks:
        return "any week"
    if weeks.start == 0:
        return "the first week" if len(weeks) == 1 else f"the first {len(weeks)} weeks"
    first, last = weeks.start + 1, weeks.stop
    return f"week {first}" if first == last else f"weeks {first} to {last}"


def yield_words(share: float) -> str:
    """Return a yield in words; one above 1 cannot be had."""
    return percent(share) if share <= 1 else "more than all"


def few_dollar_ticks(axes: Axes) -> None:
    """Write the x axis in dollars, with as many ticks as there is room for.

    One more is drawn where else one side of 0, on which data lie too, would have none.
    """
    low, high = axes.get_xlim()
    few = 3 if is_narrow(axes) else 4
    for bins in (few, few + 1):
        axes.locator_params(axis="x", nbins=bins)
        ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
        if not low < 0 < high or min(ticks) < 0 < max(ticks):
            break
    dollar_axis(axes.xaxis)


def plot_gains(axes: Axes, gains: pd.DataFrame) -> None:
    """Draw a gain with its range a row, in dollars, and write it: behind its name on a phone.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    gains : DataFrame
        label, estimate, low, high in dollars; rows with `focus` false are drawn in grey.
    """
    means = gains["estimate"].map(in_millions)
    means = means.str.replace(" million", "m").str.replace(" billion", "bn")
    narrow = is_narrow(axes)
    if narrow:
        gains = gains.assign(label=gains["label"] + ": " + means)
    plot_intervals(axes, gains, "margin")
    if not narrow:
        for row, mean in enumerate(means):
            axes.annotate(
                mean,
                (1, row),
                xycoords=("axes fraction", "data"),
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
                color=COLOUR["text"],
            )
    few_dollar_ticks(axes)


def wrapped(words: str, axes: Axes) -> str:
    """Return a label, broken into lines where the chart is narrow."""
    return fill(words, 18 if is_narrow(axes) else 40)
