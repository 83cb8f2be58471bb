"""Charts of before, until each study draws its own with `Chart`."""

import numpy as np
import pandas as pd
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from .figures import plot_band
from .labels import label_end
from .theme import COLOUR

STYLES = {
    "shipped": ("-", "demand"),
    "produced": ("-", "demand"),
    "capacity": ("-.", "supply"),
    "target": ("--", "supply"),
}


def new_axes(finding: str, measure: str, height: float = 3.6) -> Axes:
    """Make Axes below a finding (70 characters at most, or ValueError) and a measure."""
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
    """Write the numbers of these axes with separators (1,000)."""
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


def plot_rounds(ax: Axes, rounds: pd.DataFrame, here: pd.DataFrame) -> Axes:
    """Draw lots against seconds to sell out; `here`, this launch's, in colour."""
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
    """Draw orders of one sale by time (s), and beyond the last one a prediction."""
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


def plot_supply(ax: Axes, reports: pd.DataFrame, sales: pd.DataFrame) -> Axes:
    """Draw rates in phones a month over their periods; targets are dashed."""
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
    """Draw a line a group of `name`, labelled at its end: the share `y` over `x`."""
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


def plot_forecast(ax: Axes, runs: dict[str, pd.Series], ahead: pd.DataFrame, colour: str) -> Axes:
    """Draw series on a log axis, the longest over the forecast of its later part."""
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
