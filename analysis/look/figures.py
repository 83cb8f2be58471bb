"""What charts of several studies share: labels, intervals, bands, and how axes write numbers.

Each function draws on the Axes it gets and returns them, in colours of roles (`theme.COLOUR`).
Title, measure and note of a chart are the business of `chart.Chart`.
"""

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.dates import AutoDateLocator, DateFormatter, num2date
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, PercentFormatter

from .chart import is_narrow
from .theme import COLOUR, colour_of, use_house_style

STYLES = {
    "shipped": ("-", "demand"),
    "produced": ("-", "demand"),
    "capacity": ("-.", "supply"),
    "target": ("--", "supply"),
}


def new_axes(finding: str, measure: str, height: float = 3.6) -> Axes:
    """A figure with one Axes: the finding (70 characters at most, or ValueError) as title, then measure, unit, n, period."""
    if len(finding) > 70:
        raise ValueError(f"title of {len(finding)} characters, expected 70 at most: {finding}")
    figure, size = Figure(figsize=(7.6, height), layout="constrained"), rcParams["font.size"]
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.5 / height))
    figure.text(
        0.008,
        1 - 0.1 / height,
        finding,
        va="top",
        fontweight="bold",
        fontsize=size + 1.5,
        color=COLOUR["text"],
    )
    figure.text(
        0.008, 1 - 0.33 / height, measure, va="top", fontsize=size - 1, color=COLOUR["soft"]
    )
    return figure.subplots()


def thousands(*axes) -> None:
    """Write the numbers of these axes with separators (1,000); on short logarithmic ones name 1, 2 and 5 of each decade."""
    for axis in axes:
        axis.set_major_formatter(
            lambda value, _: f"{value:,.0f}" if abs(value) >= 1 or value == 0 else f"{value:g}"
        )
        if axis.get_scale() == "log":
            low, high = axis.get_view_interval()
            axis.set_major_locator(
                LogLocator(subs=(1, 2, 5) if high < 300 * low else (1,), numticks=12)
            )
            axis.set_minor_locator(NullLocator())


def percent(axis) -> None:
    """Write an axis' shares as percentages."""
    axis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")


def label_end(axes: Axes, x, y, text: str, colour: str, **where) -> None:
    """Name a series beside its last point, in its own colour (a role, or a colour)."""
    place = {"xytext": (6, 0), "textcoords": "offset points", "va": "center"} | where
    axes.annotate(text, (x, y), color=colour_of(colour), annotation_clip=False, **place)


def percent_axis(axis: Axis) -> None:
    """Write an axis' shares as percentages."""
    axis.set_major_formatter(PercentFormatter(xmax=1, symbol=" %"))


def number_axis(axis: Axis) -> None:
    """Write an axis' numbers with separators; one that reaches a million in millions."""
    axis.set_major_formatter(lambda value, _: _short_number(value, axis))
    _few_ticks_on_log(axis)


def dollar_axis(axis: Axis) -> None:
    """Write an axis' sums in dollars; one that reaches a million in millions."""
    axis.set_major_formatter(lambda value, _: _short_dollars(value, axis))
    _few_ticks_on_log(axis)


def day_axis(axis: Axis) -> None:
    """Write an axis' dates as days ("26 March"), or as months with their year from a year on."""
    narrow = is_narrow(axis.axes)
    first, last = num2date(axis.get_view_interval())
    axis.set_major_locator(AutoDateLocator(minticks=3, maxticks=4 if narrow else 7))
    if (last - first).days > 365:
        axis.set_major_formatter(DateFormatter("%b %Y"))
    else:
        month = "%b" if narrow else "%B"
        axis.set_major_formatter(
            lambda value, _: f"{num2date(value).day} {num2date(value):{month}}"
        )


def _short_number(value: float, axis: Axis) -> str:
    """A number at a tick, "1.5 million" or, on a phone, "1.5m"."""
    narrow = is_narrow(axis.axes)
    low, high = axis.get_view_interval()
    largest = max(abs(low), abs(high), abs(value))
    in_one_unit = axis.get_scale() != "log"  # there each tick has the unit that suits it
    size = largest if in_one_unit else abs(value)
    if value == 0:
        return "0"
    if size >= 1e6:
        return f"{value / 1e6:,.6g}{'m' if narrow else ' million'}"
    if narrow and size >= 1e4:
        return f"{value / 1e3:,.6g}k"
    return f"{value:,.6g}"


def _short_dollars(value: float, axis: Axis) -> str:
    """A sum of dollars at a tick, "$1.5 million" or, on a phone, "$1.5m"."""
    sign = "−" if value < 0 else ""
    return f"{sign}${_short_number(abs(value), axis)}"


def _few_ticks_on_log(axis: Axis) -> None:
    """On a logarithmic axis name 1, 2 and 5 of each decade where it is short, else only 1."""
    if axis.get_scale() != "log":
        return
    low, high = axis.get_view_interval()
    named = (1, 2, 5) if high < 300 * low else (1,)
    axis.set_major_locator(LogLocator(subs=named, numticks=12))
    axis.set_minor_locator(NullLocator())


def plot_rounds(ax: Axes, rounds: pd.DataFrame, here: pd.DataFrame) -> Axes:
    """Lots against seconds to sell out (columns units, sellout_s); `here`, this launch's, in colour, unknown lots as lines."""
    ax.scatter(
        rounds["sellout_s"],
        rounds["units"],
        s=22,
        color=COLOUR["context"],
        edgecolor=COLOUR["paper"],
        linewidth=0.5,
    )
    ax.scatter(
        here["sellout_s"],
        here["units"],
        s=60,
        color=COLOUR["demand"],
        zorder=3,
        edgecolor=COLOUR["paper"],
    )
    for seconds in here.loc[here["units"].isna(), "sellout_s"].dropna():
        ax.axvline(seconds, color=COLOUR["demand"], linewidth=2)
        label_end(
            ax,
            seconds,
            0.97,
            f"lot unknown\n{seconds:g} s",
            COLOUR["demand"],
            xycoords=ax.get_xaxis_transform(),
            va="top",
        )
    ax.set(
        xscale="log", yscale="log", xlabel="seconds until sold out", ylabel="phones in the round"
    )
    thousands(ax.xaxis, ax.yaxis)
    return ax


def plot_orders(ax: Axes, times_s: np.ndarray, curve: pd.DataFrame) -> Axes:
    """Orders of one sale by time (s), and beyond the last one a prediction (columns t_s, low, estimate, high)."""
    ax.step(times_s, np.arange(1, len(times_s) + 1), color=COLOUR["demand"], linewidth=2)
    plot_band(
        ax,
        curve.set_index("t_s").rename(columns={"estimate": "median"}),
        "demand",
        linestyle="--",
        linewidth=1.5,
    )
    ax.axvline(curve["t_s"].iloc[0], color=COLOUR["supply"], linestyle="--", linewidth=1)
    label_end(
        ax,
        curve["t_s"].iloc[0],
        0.04,
        "stock gone",
        COLOUR["supply"],
        xycoords=ax.get_xaxis_transform(),
        va="baseline",
    )
    ax.set(xlabel="seconds since the opening", ylabel="orders", xlim=(0, None), ylim=(0, None))
    thousands(ax.yaxis)
    return ax


def plot_intervals(axes: Axes, table: pd.DataFrame, colour: str = "demand") -> Axes:
    """Draw a point with its interval a row; an open end is an arrow.

    Parameters
    ----------
    axes
        Where to draw.
    table
        label, estimate, low, high; rows with `focus` false are drawn in grey. An infinite end, or
        an infinite estimate, is beyond the edge of the chart.
    colour
        The role of the rows in focus.
    """
    values = table[["estimate", "low", "high"]].to_numpy(float)
    finite = values[np.isfinite(values)]
    smallest, largest = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    margin = 0.15 * ((largest - smallest) or abs(largest) or 1.0)
    left_edge, right_edge = smallest - margin, largest + margin
    for height, row in enumerate(table.itertuples()):
        in_focus = getattr(row, "focus", True)
        style = {"color": COLOUR[colour if in_focus else "soft"], "markersize": 7}
        low, high = max(row.low, left_edge), min(row.high, right_edge)
        axes.plot([low, high], [height, height], linewidth=2, solid_capstyle="butt", **style)
        if row.high == np.inf:
            axes.plot(right_edge, height, ">", **style)
        if row.low == -np.inf:
            axes.plot(left_edge, height, "<", **style)
        if np.isfinite(row.estimate):
            axes.plot(row.estimate, height, "o", markeredgecolor=COLOUR["paper"], **style)
    if smallest < 0 < largest:
        axes.axvline(0, color=COLOUR["supply"], linewidth=1)
    labels = [fill(label, 20 if is_narrow(axes) else 40) for label in table["label"]]
    axes.set_yticks(range(len(table)), labels)
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0, grid_linewidth=0)
    return axes


def plot_supply(ax: Axes, reports: pd.DataFrame, sales: pd.DataFrame) -> Axes:
    """Rates in phones a month over their periods: targets dashed, what was made or shipped solid; milestones of sales marked."""
    drawn, day = (
        reports[reports["units_per_month"] > 0].sort_values("units_per_month"),
        pd.Timedelta(days=1),
    )
    last = (
        drawn["period_end"]
        .clip(lower=drawn["period_start"] + 2 * day)
        .fillna(drawn["period_start"] + 21 * day)
    )
    for kind, group in drawn.assign(last=last).groupby("kind"):
        style, role = STYLES.get(kind, (":", "supply"))
        for row in group.itertuples():
            ax.plot(
                [row.period_start, row.last],
                [row.units_per_month] * 2,
                style,
                color=COLOUR[role],
                linewidth=2.5,
            )
        label_end(ax, row.period_start, row.units_per_month, kind, COLOUR[role], xytext=(0, 8))
    for date in sales["date"] if len(sales) < 9 else []:
        ax.axvline(date, color=COLOUR["context"], linewidth=1, zorder=0)
    limits = (drawn["units_per_month"].min() / 3, None) if len(drawn) else (1e3, 1e6)
    ax.set(yscale="log", ylabel="phones a month, log scale", ylim=limits)
    if drawn.empty:
        ax.annotate(
            "no report gives a rate",
            (0.5, 0.5),
            xycoords="axes fraction",
            ha="center",
            color=COLOUR["soft"],
        )
    thousands(ax.yaxis)
    return ax


def plot_shares(ax: Axes, table: pd.DataFrame, name: str, x: str, y: str) -> Axes:
    """A line a group of `name`, labelled at its end: the share `y` over `x`."""
    for role, (group, rows) in zip(
        ("supply", "demand", "margin", "soft"), table.groupby(name), strict=False
    ):
        ax.plot(rows[x], rows[y], color=COLOUR[role], linewidth=2.2)
        label_end(
            ax, rows[x].iloc[-1], rows[y].iloc[-1], str(group).replace("_", " "), COLOUR[role]
        )
    percent(ax.yaxis)
    ax.set(ylim=(0, 1))
    return ax


def plot_band(ax: Axes, band: pd.DataFrame, colour: str, **line) -> Axes:
    """Median line over the index with the bands that are there: q25 to q75, q10 to q90, q025 to q975, or low to high."""
    for low, high, alpha in (
        ("q025", "q975", 0.1),
        ("q10", "q90", 0.15),
        ("q25", "q75", 0.25),
        ("low", "high", 0.2),
    ):
        if low in band:
            ax.fill_between(
                band.index, band[low], band[high], color=COLOUR[colour], alpha=alpha, linewidth=0
            )
    ax.plot(band.index, band["median"], color=COLOUR[colour], **{"linewidth": 2.2} | line)
    if band.min(axis=None) < 0:
        ax.axhline(0, color=COLOUR["supply"], linewidth=1)
    return ax


def plot_forecast(ax: Axes, runs: dict[str, pd.Series], ahead: pd.DataFrame, colour: str) -> Axes:
    """Series on a log axis, the longest over the forecast of its later part (low, median, high), the others in grey."""
    plot_band(ax, ahead, colour, linestyle="--", linewidth=1)
    for run in runs.values():
        ax.plot(
            run.index,
            run,
            "o-",
            color=COLOUR[colour if run.index[-1] == ahead.index[-1] else "soft"],
            linewidth=2,
        )
    ax.set(yscale="log")
    thousands(ax.yaxis)
    return ax
