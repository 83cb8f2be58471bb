"""What charts of several studies share: labels, intervals, bands, and how axes write numbers.

Each function draws on the Axes it gets and returns them, in colours of roles (`theme.COLOUR`).
Title, measure and note of a chart are the business of `chart.Chart`.
"""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .chart import is_narrow
from .page_words import in_page_currency, page_words
from .theme import COLOUR

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.ticker import Locator

SHORT_NAME = 14  # letters of a row's name that a phone can show beside the row
PHONE_LINE = 44  # letters of a line of text as wide as a phone
STROKE = 0.18  # of the height of a row, that a stroke reaches up, and above it stands the name
DESKTOP_NAME = 44  # letters of a line of a row's name on wide screens


def percent_axis(axis: Axis) -> None:
    """Write an axis' shares as percentages, whole ones without decimals."""
    axis.set_major_formatter(lambda share, _: f"{100 * share:.6g} %".replace("-", "−"))


def number_axis(axis: Axis) -> None:
    """Write an axis' numbers with separators; one that reaches a million in millions."""
    axis.set_major_formatter(lambda value, _: _short_number(value, axis))
    _few_ticks_on_log(axis)


def dollar_axis(axis: Axis) -> None:
    """Write an axis' sums, in dollars, as dollars or in the currency of the page.

    One that reaches a million is written in millions, or a billion in billions.
    """
    if page_words().local_per_usd != 1 and axis.get_scale() != "log":
        axis.set_major_locator(_round_sums_locator(axis))
    axis.set_major_formatter(lambda value, _: _short_dollars(value, axis))
    _few_ticks_on_log(axis)


def day_axis(axis: Axis) -> None:
    """Write an axis' dates as days ("26 March"), or as months with their year from a year on.

    Days have their year below them where the axis begins in one year and ends in another.
    """
    from matplotlib import dates  # noqa: PLC0415 (only drawing needs it)

    narrow = is_narrow(axis.axes)
    first, last = dates.num2date(axis.get_view_interval())
    locator = dates.AutoDateLocator(minticks=3, maxticks=4 if narrow else 7)
    locator.intervald[dates.MONTHLY] = [1, 2, 3, 4, 6, 12]  # two years on a phone need the 12
    axis.set_major_locator(locator)
    if (last - first).days > 365:
        axis.set_major_formatter(dates.DateFormatter("%b %Y"))
    else:
        month = "%b" if narrow else "%B"
        year = "\n%Y" if first.year != last.year else ""
        axis.set_major_formatter(
            lambda value, _: f"{dates.num2date(value).day} {dates.num2date(value):{month}{year}}"
        )


def _short_number(value: float, axis: Axis) -> str:
    """Write a number at a tick as "1.5 million" or, on a phone, "1.5m"."""
    narrow = is_narrow(axis.axes)
    low, high = axis.get_view_interval()
    largest = max(abs(low), abs(high), abs(value))
    in_one_unit = axis.get_scale() != "log"  # there each tick has the unit that suits it
    size = largest if in_one_unit else abs(value)
    if value == 0:
        return "0"
    if size >= 1e9:
        return f"{value / 1e9:,.6g}{'bn' if narrow else ' billion'}"
    if size >= 1e6:
        return f"{value / 1e6:,.6g}{'m' if narrow else ' million'}"
    if narrow and size >= 1e3 and largest >= 1e4:  # no 2,000 beside 10k
        return f"{value / 1e3:,.6g}k"
    return f"{value:,.6g}"


def _short_dollars(value: float, axis: Axis) -> str:
    """Write dollars at a tick as "$1.5 million" or, on a phone, "$1.5m"."""
    sign = "−" if value < 0 else ""
    size = float(f"{in_page_currency(abs(value)):.6g}")
    return f"{sign}{page_words().sign}{_short_number(size, axis)}"


def _round_sums_locator(axis: Axis) -> Locator:
    """Return a locator of ticks, in dollars, that are round in the currency of the page."""
    from matplotlib.ticker import FixedLocator, MaxNLocator  # noqa: PLC0415 (only drawing needs it)

    low, high = (in_page_currency(end) for end in axis.get_view_interval())
    ticks = MaxNLocator(nbins=3 if is_narrow(axis.axes) else 6).tick_values(low, high)
    inside = ticks[(ticks >= low) & (ticks <= high)]
    return FixedLocator(inside / page_words().local_per_usd)


def _few_ticks_on_log(axis: Axis) -> None:
    """Name 1, 2 and 5 of each decade of a short logarithmic axis, else only 1."""
    if axis.get_scale() != "log":
        return
    from matplotlib.ticker import LogLocator, NullLocator  # noqa: PLC0415 (only drawing needs it)

    low, high = axis.get_view_interval()
    named = (1, 2, 5) if high < 300 * low else (1,)
    axis.set_major_locator(LogLocator(subs=named, numticks=12))
    axis.set_minor_locator(NullLocator())


def plot_intervals(axes: Axes, table: pd.DataFrame, colour: str = "demand") -> Axes:
    """Draw a point with its interval a row; an open end is an arrow.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    table : DataFrame
        label, estimate, low, high; rows with `focus` false are drawn in grey, and a row with a
        `role` in the colour of that role. An infinite end, or an infinite estimate, is beyond the
        edge of the chart.
    colour : str
        The role of the rows in focus.

    Returns
    -------
    Axes
        The same.
    """
    values = table[["estimate", "low", "high"]].to_numpy(float)
    finite = values[np.isfinite(values)]
    smallest, largest = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    margin = 0.15 * ((largest - smallest) or abs(largest) or 1.0)
    left_edge, right_edge = smallest - margin, largest + margin
    for height, row in enumerate(table.itertuples()):
        in_focus = getattr(row, "focus", True)
        role = getattr(row, "role", colour if in_focus else "soft")
        style = {"color": COLOUR[role], "markersize": 7}
        low, high = max(row.low, left_edge), min(row.high, right_edge)
        axes.plot([low, high], [height, height], linewidth=2, solid_capstyle="butt", **style)
        if row.high == np.inf:
            axes.plot(right_edge, height, ">", **style)
        if row.low == -np.inf:
            axes.plot(left_edge, height, "<", **style)
        if np.isfinite(row.estimate):
            dot = {"markeredgecolor": COLOUR["paper"], "clip_on": False}  # whole at the frame too
            axes.plot(row.estimate, height, "o", **dot, **style)
    if smallest < 0 < largest:
        mark_value(axes, 0, table)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0, grid_linewidth=0)
    _name_rows(axes, [*table["label"]])
    return axes


def mark_value(axes: Axes, value: float, table: pd.DataFrame) -> None:
    """Mark a value that all rows of `plot_intervals` are held against, such as zero.

    It is a line through the chart, or a stroke at each row where names stand above their rows: a
    line would run through the names.

    Parameters
    ----------
    axes : Axes
        Where the rows are drawn.
    value : float
        The place on the horizontal axis.
    table : DataFrame
        The rows, with `label`.
    """
    style = {"color": COLOUR["supply"], "linewidth": 1}
    if _names_stand_above(axes, [*table["label"]]):
        rows = np.arange(len(table))
        axes.vlines(np.full(len(table), value), rows - STROKE, rows + STROKE, **style)
    else:
        axes.axvline(value, **style)


def _names_stand_above(axes: Axes, names: list[str]) -> bool:
    """Return whether a phone has no room for names beside their rows."""
    return is_narrow(axes) and max(map(len, names), default=0) > SHORT_NAME


def _name_rows(axes: Axes, names: list[str]) -> None:
    """Write a name beside each row, or above it where a phone has no room beside it."""
    rows = np.arange(len(names))
    if _names_stand_above(axes, names):
        names = [fill(name, PHONE_LINE) for name in names]
        axes.set_yticks(rows - STROKE, names, ha="left", va="bottom")
        axes.tick_params(axis="y", pad=0)
        axes.set_ylim(len(names) - 0.5, -0.8)
    else:
        axes.set_yticks(rows, [fill(name, DESKTOP_NAME) for name in names])
        axes.set_ylim(len(names) - 0.5, -0.5)


BANDS = {("q025", "q975"): 0.1, ("q10", "q90"): 0.15, ("q25", "q75"): 0.25, ("low", "high"): 0.2}
"""The columns of the lower and upper edge of each band that may be drawn, and its opacity."""


def plot_band(axes: Axes, band: pd.DataFrame, colour: str, **line) -> Axes:
    """Draw a median line over the index, with the bands that are there.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    band : DataFrame
        median, and pairs of q25 and q75, q10 and q90, q025 and q975, or low and high.
    colour : str
        The role of the series.
    **line
        Options of the line.

    Returns
    -------
    Axes
        The same.
    """
    for (low, high), opacity in BANDS.items():
        if low in band:
            axes.fill_between(
                band.index, band[low], band[high], color=COLOUR[colour], alpha=opacity, linewidth=0
            )
    axes.plot(band.index, band["median"], color=COLOUR[colour], **{"linewidth": 2.2} | line)
    if band.min(axis=None) < 0:
        axes.axhline(0, color=COLOUR["supply"], linewidth=1)
    return axes
