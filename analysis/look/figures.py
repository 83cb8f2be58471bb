"""House style: one theme, one colour for each role, a finding as the title of every chart; and the charts that studies share."""

from pathlib import Path

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import rc_params_from_file, rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

COLOUR = {
    "demand": "#0072b2",
    "supply": "#4d4d4d",
    "margin": "#007a55",
    "context": "#b8bec4",
    "text": "#1c2024",
    "soft": "#5c656e",
}
STYLES = {
    "shipped": ("-", "demand"),
    "produced": ("-", "demand"),
    "capacity": ("-.", "supply"),
    "target": ("--", "supply"),
}


def use_house_style() -> None:
    """Set the theme of every figure made after this call: ticks, light horizontal grid, readable sizes (house.mplstyle)."""
    house = rc_params_from_file(
        Path(__file__).with_name("house.mplstyle"), use_default_template=False
    )
    sns.set_theme(
        context="notebook", style="ticks", palette="colorblind", font_scale=0.85, rc=house
    )


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


def label_end(ax: Axes, x, y, text: str, colour: str, **where) -> None:
    """Name a series beside its last point, in its own colour."""
    place = {"xytext": (6, 0), "textcoords": "offset points", "va": "center", "fontsize": 9} | where
    ax.annotate(text, (x, y), color=colour, annotation_clip=False, **place)


def plot_rounds(ax: Axes, rounds: pd.DataFrame, here: pd.DataFrame) -> Axes:
    """Lots against seconds to sell out (columns units, sellout_s); `here`, this launch's, in colour, unknown lots as lines."""
    ax.scatter(
        rounds["sellout_s"],
        rounds["units"],
        s=22,
        color=COLOUR["context"],
        edgecolor="white",
        linewidth=0.5,
    )
    ax.scatter(
        here["sellout_s"], here["units"], s=60, color=COLOUR["demand"], zorder=3, edgecolor="white"
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


def plot_intervals(ax: Axes, table: pd.DataFrame, colour: str = "demand") -> Axes:
    """A point with its interval a row (label, estimate, low, high), open ends as arrows; rows with `focus` false in grey."""
    finite = table[["estimate", "low", "high"]].replace([np.inf, -np.inf], np.nan).stack()
    edge = finite.max() + 0.15 * np.ptp(finite)
    for at, row in enumerate(table.itertuples()):
        style = {
            "color": COLOUR[colour if getattr(row, "focus", True) else "soft"],
            "markersize": 7,
        }
        ax.plot(
            [row.low, min(row.high, edge)], [at, at], linewidth=2, solid_capstyle="butt", **style
        )
        ax.plot(edge if np.isinf(row.high) else np.nan, at, ">", **style)
        ax.plot(row.estimate, at, "o", markeredgecolor="white", **style)
    if finite.min() < 0 < finite.max():
        ax.axvline(0, color=COLOUR["supply"], linewidth=1)
    ax.set(yticks=range(len(table)), yticklabels=table["label"])
    ax.invert_yaxis()
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0, grid_linewidth=0)
    return ax


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
