"""The four points of the falling-BOM model, as the chart of the margin by month marks them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import Launch
from ..look import COLOUR, day, in_tense, is_narrow, percent
from .path import MarginPath
from .points import documented_end_of_shortage, locate_points
from .words import days_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KEY_ROW = 0.075  # height of a row of the key to the points, share of the chart
RING_POINTS = 21  # of type, from the middle of one ring to that of the one stacked on it


@dataclass(frozen=True)
class MarginPoints:
    """Where the four points of the falling-BOM model lie on the curve of a launch.

    Attributes
    ----------
    launch : the launch
    path : unit margins by month
    enough : gross margin, before the channel is paid, that counts as high enough for volume, share
        of the net price
    as_xiaomi : whether that is the margin which Xiaomi reported later; else it is assumed
    """

    launch: Launch
    path: MarginPath
    enough: float
    as_xiaomi: bool = True

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a point: when it comes, as `locate_points` finds it."""
        return locate_points(self.launch, self.path, self.enough)

    def in_life(self) -> pd.DataFrame:
        """Select the points that come within the life in most draws, in order of their day."""
        within = self.table["median"].between(0, self.path.months[-1])
        return self.table[within].sort_values("median", kind="stable")

    def named(self, without_days: bool = False) -> list[tuple[str, str]]:
        """List the points that came as number and words, in the order of their numbers."""
        whose = "Xiaomi's " if self.as_xiaomi else ""
        words = {
            "1": "starts near or below its cost",
            "2": self._end_of_shortage(),
            "3": f"gross margin reaches {whose}{percent(self.enough)}",
            "4": "first lower price or cheaper version",
        }
        named = []
        for point in self.in_life().sort_values("point").itertuples():
            mark = point.point[0]
            dated = f"{words[mark]}: {self._day_in_words(mark, point.median)}"
            named.append((mark, words[mark] if without_days else dated))
        return named

    def _end_of_shortage(self) -> str:
        """Say what is known of how long supply was short: its end, or when it sold out last."""
        documented = documented_end_of_shortage(self.launch)
        if documented is None:
            return "last sell-out on file"
        return f"{'assumed' if documented.is_assumed else 'documented'} end of its shortage"

    def _day_in_words(self, mark: str, month: float) -> str:
        """Write the day of a point; of a documented shortage no more than accounts tell."""
        documented = documented_end_of_shortage(self.launch) if mark == "2" else None
        if documented is not None:
            return documented.words()
        return day(days_of(self.launch, np.array([month]))[0])

    def note(self) -> str:
        """Say what the rings are, and which of the four steps did not come."""
        absence = {
            "1": "Not in most simulated lives: 1, a start at cost.",
            "2": self._absence_of_shortage(),
            "3": f"Not in most simulated lives: 3, {percent(self.enough)} earned.",
            "4": in_tense(
                "Not while it was sold: 4, a lower price.", "Not planned: 4, a lower price."
            ),
        }
        came = [mark for mark, _ in self.named()]
        absent = [words for mark, words in absence.items() if mark not in came]
        rings = "Rings: the four steps of selling near cost until parts get cheaper."
        return " ".join([rings, *absent])

    def _absence_of_shortage(self) -> str:
        """Say why the end of a shortage is not marked: it is not known, or not within the life."""
        month = self.table.set_index("point").loc["2 supply still short", "median"]
        if month < 0:
            return f"Before its first sale: 2, {self._end_of_shortage()}."
        if np.isfinite(month):
            return f"After its life: 2, {self._end_of_shortage()}."
        return in_tense(
            "Not known: 2, a sale that sold out.",
            "Still to come: 2, a sale that sells out.",
            "Not known: 2, a sale that sold out.",
        )

    def draw_key(self, axes: Axes) -> float:
        """Say below the data what each number is.

        Parameters
        ----------
        axes : Axes
            With the data drawn; its y axis is made longer for the key.

        Returns
        -------
        float
            How high the key stands, as a share of the height of the axes.
        """
        rows = self.named(is_narrow(axes))
        height_of_key = KEY_ROW * (len(rows) + 0.3)
        low, high = axes.get_ylim()
        axes.set_ylim(high - (high - low) / (1 - height_of_key), high)
        for row, (mark, words) in enumerate(reversed(rows)):
            foot = (0.0, KEY_ROW * (row + 0.6))
            _draw_number(axes, mark, foot, (12, 0), xycoords="axes fraction")
            axes.annotate(
                words,
                foot,
                xycoords="axes fraction",
                xytext=(26, 0),
                textcoords="offset points",
                va="center",
                color=COLOUR["event"],
            )
        return height_of_key

    def draw(self, axes: Axes, curve: pd.Series) -> None:
        """Mark the points that came within the life by their numbers, on the curve.

        A ring stands over its day; rings too close to stand side by side are stacked.

        Parameters
        ----------
        axes : Axes
            With days on its x axis.
        curve : Series
            The height of the curve by month since first sale.
        """
        points = self.in_life()
        too_close = (0.08 if is_narrow(axes) else 0.04) * self.path.months[-1]
        # A stack is a run of rings each too close to the one before; it stands on its first.
        stack = points["median"].diff().ge(too_close).cumsum()
        on_curve = np.interp(points["median"], curve.index, curve.to_numpy())
        foot = pd.Series(on_curve, index=points.index).groupby(stack).transform("first")
        rings_below = points.groupby(stack).cumcount()
        for row, point in enumerate(points.itertuples()):
            day_of_point = days_of(self.launch, np.array([point.median]))[0]
            place = (axes.convert_xunits(day_of_point), foot.iloc[row])
            _draw_number(axes, point.point[0], place, (0, RING_POINTS * rings_below.iloc[row]))


def _draw_number(
    axes: Axes, mark: str, place: tuple, offset: tuple, xycoords: str = "data"
) -> None:
    """Draw a number in a ring, so many points (of type) off a place."""
    axes.annotate(
        mark,
        place,
        xycoords=xycoords,
        xytext=offset,
        textcoords="offset points",
        ha="center",
        va="center",
        color=COLOUR["event"],
        bbox={"boxstyle": "circle,pad=0.2", "fc": COLOUR["paper"], "ec": COLOUR["event"]},
        zorder=5,
    )
