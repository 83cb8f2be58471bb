"""From the net price down to the margin that the books report, as the page on margin shows it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import Launch
from ..look import (
    COLOUR,
    Chart,
    Charted,
    label_end,
    percent,
    percent_axis,
    plural,
)
from .bridge import bridge_margin
from .items import COST_ITEMS
from .path import MarginPath
from .words import (
    days_of,
    wrapped,
    years_in_words,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEPS = {
    **{item.label: item.label for item in COST_ITEMS if item.before_gross_margin},
    "gross margin, before channel cost": "gross margin",
    **{item.label: item.label for item in COST_ITEMS if not item.before_gross_margin},
    "unit margin": "unit margin",
}
TOTALS = ("gross margin", "unit margin")


@dataclass(frozen=True)
class Bridge(Charted):
    """From the net price down to the margin that the books report.

    Attributes
    ----------
    launch : the launch
    path : unit margins by month
    reported : gross margins that Xiaomi reported for all its smartphones, a row a period; no row
        where the launch is no phone
    """

    launch: Launch
    path: MarginPath
    reported: pd.DataFrame

    @cached_property
    def steps(self) -> pd.DataFrame:
        """The steps as `bridge_margin` returns them."""
        return bridge_margin(self.path, self.reported)

    def table(self) -> pd.DataFrame:
        """Return the steps from the net price, one a row, with where each bar starts and ends."""
        steps = self.steps.set_index("label")
        rows = [{"label": "net price", "start": 0.0, "end": 1.0, "low": np.nan, "high": np.nan}]
        level = 1.0
        for label, name in STEPS.items():
            share = steps.loc[label]
            start = 0.0 if name in TOTALS else level
            level = share["estimate"] if name in TOTALS else level + share["estimate"]
            rows.append(
                {
                    "label": name,
                    "start": start,
                    "end": level,
                    "low": share["low"] if name in TOTALS else start + share["low"],
                    "high": share["high"] if name in TOTALS else start + share["high"],
                }
            )
        if self.reported.empty:
            return pd.DataFrame(rows)
        reported = steps.loc["reported, all smartphones"]
        rows.append(
            {
                "label": f"Xiaomi reported, all smartphones, {self._reported_years()}",
                "start": 0.0,
                "end": reported["estimate"],
                "low": reported["low"],
                "high": reported["high"],
            }
        )
        return pd.DataFrame(rows)

    def chart(self) -> Chart:
        """Draw the steps as a waterfall."""
        table = self.table()
        return Chart(
            title=f"Where the net price of the {self.launch.name} goes",
            measure=f"{self.launch.name}, share of the net price, mean over an even life "
            f"({self._own_years()}), 80 % ranges",
            draw=partial(_draw_waterfall, table=table),
            alt=self.sentence(),
            data=table,
            height_in=0.8 + 0.36 * len(table),
        )

    def _own_years(self) -> str:
        """Years of the phone's assumed life."""
        days = days_of(self.launch, self.path.months)
        return years_in_words(days[0].year, days[-1].year)

    def _reported_years(self) -> str:
        """Years of the reports."""
        years = self.reported["period"].str[:4].astype(int)
        return years_in_words(years.min(), years.max())

    def sentence(self) -> str:
        """Say what is left before and after the channel, and how that compares with the books."""
        steps = self.steps.set_index("label")
        gross = steps.loc["gross margin, before channel cost", "estimate"]
        unit = steps.loc["unit margin", "estimate"]
        # A mean over months: in which of them more units were sold is not in it.
        share_kept = f"{keeps_or_loses(unit, '**')} of the net price"
        over_life = f"Sold evenly over its life, the {self.launch.name} {share_kept}"
        if self.reported.empty:
            return (
                f"{over_life}; before the channel is paid it {keeps_or_loses(gross)}."
                f"{self._limit_of_late_months()}"
            )
        reported, left = steps.loc["reported, all smartphones"], steps.loc["gross: left to explain"]
        # Of the shares as they are printed, so that readers who subtract find the same.
        apart = (round(100 * reported["estimate"]) - round(100 * gross)) / 100
        return (
            f"{over_life}. "
            f"Before the channel is paid it {keeps_or_loses(gross)}, where Xiaomi reported "
            f"{percent(reported['estimate'])} on all its smartphones in {self._reported_years()}. "
            f"That is **{points_apart(apart)}** than this phone's "
            f"(80 %: {points_apart(left['low'])} to {points_apart(left['high'])})."
            f"{self._limit_of_late_months()}{self._apart()}"
        )

    def _limit_of_late_months(self) -> str:
        """Say that late months rest on our limit of a cost's fall, where they mostly do."""
        if not self.path.parts_end_at_our_limit:
            return ""
        return " Its late months rest on our limit of how far a cost may fall."

    def _apart(self) -> str:
        """Say, of a phone sold before anything was reported, that the years are not the same."""
        years = self.reported["period"].str[:4].astype(int)
        last_year = days_of(self.launch, self.path.months)[-1].year
        if last_year >= years.min():
            return ""
        return (
            f" Those are later years and other phones: this one's life is taken to be "
            f"{self._own_years()}, of which no margin was reported."
        )


def keeps_or_loses(share: float, mark: str = "") -> str:
    """Write a margin with its verb, the share between two marks.

    >>> keeps_or_loses(0.25), keeps_or_loses(-0.37, "**")
    ('keeps 25 %', 'loses **37 %**')
    """
    verb = "loses" if share < 0 else "keeps"
    return f"{verb} {mark}{percent(abs(share))}{mark}"


def points_apart(share: float) -> str:
    """Write a difference of shares with its direction.

    Parameters
    ----------
    share : float
        A difference of two shares.

    Returns
    -------
    str
        Such as "17 points less".

    Examples
    --------
    >>> points_apart(-0.174), points_apart(0.012)
    ('17 points less', '1 point more')
    """
    direction = "less" if share < 0 else "more"
    points = round(abs(100 * share))
    return f"{plural(points, 'point')} {direction}"


def _draw_waterfall(axes: Axes, table: pd.DataFrame) -> Axes:
    """Draw bars from start to end, totals in full colour, with the range of each end."""
    heights = np.arange(len(table))
    for height, row in zip(heights, table.itertuples(), strict=True):
        is_total = row.start == 0.0
        role = "margin" if row.label in TOTALS else "soft" if is_total else "context"
        axes.barh(height, row.end - row.start, left=row.start, height=0.6, color=COLOUR[role], lw=0)
        if np.isfinite(row.low):
            for role, width in (("paper", 4), ("text", 1.4)):  # an edge parts line and bar
                axes.plot(
                    [row.low, row.high], [height, height], color=COLOUR[role], linewidth=width
                )
        right = np.nanmax([row.start, row.end, row.high])
        size = row.end if is_total else row.end - row.start
        label_end(axes, right, height, percent(size), "text", textcoords="offset points")
    axes.set_yticks(heights, [wrapped(label, axes) for label in table["label"]])
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.set_xlim(min(0, table["low"].min()) - 0.02, 1.12)
    axes.axvline(0, color=COLOUR["supply"], linewidth=1)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0, grid_linewidth=0)
    percent_axis(axes.xaxis)
    return axes
