"""How likely it is that each launch was held back, side by side, as the front page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ..data import Launch
from ..look import COLOUR, Chart, Charted, percent, percent_axis, plot_intervals, span
from ..supply import Shortage

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class HeldBack(Charted):
    """The chance that units were held back, a row a launch.

    Attributes
    ----------
    rows : DataFrame
        label, estimate, low, high (80 %) and class_share: the rate of documented shortages.
    """

    rows: pd.DataFrame

    def chart(self) -> Chart | None:
        """Draw each launch's range, and the rate of documented shortages; None without a launch."""
        if self.rows.empty:
            return None
        rates = self.rows["class_share"]
        rate = span(rates.min(), rates.max(), write=percent)
        return Chart(
            title="How likely it is that units were held back on purpose",
            measure=f"Chance with 80 % range; ticks: rate of documented shortages, {rate}",
            draw=self._draw,
            alt=self.sentence(),
            data=self.rows,
            note="Reports and signs on file move a launch away from the tick.",
            height_in=0.7 + 0.3 * len(self.rows),
            narrow_height_in=0.7 + 0.42 * len(self.rows),
        )

    def sentence(self) -> str:
        """Name the launch with the highest chance and that with the lowest; one that is alone."""
        chances = self.rows.set_index("label")["estimate"]
        if len(chances) == 1:
            return f"The chance is {percent(chances.item())}, of the {chances.index.item()}."
        highest, lowest = chances.idxmax(), chances.idxmin()
        return (
            f"The highest chance is {percent(chances.max())}, of the {highest}; the lowest is "
            f"{percent(chances.min())}, of the {lowest}."
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw a row a launch, and a tick where documented shortages alone would have it."""
        plot_intervals(axes, self.rows, "supply")
        ticks = {"color": COLOUR["event"], "markersize": 11}
        axes.plot(self.rows["class_share"], range(len(self.rows)), "|", **ticks)
        axes.set_xlim(0, 1)
        percent_axis(axes.xaxis)
        return axes


def compare_held_back(shortages: list[tuple[Launch, Shortage]]) -> HeldBack:
    """Return the chances that launches were held back, side by side.

    Parameters
    ----------
    shortages : list of (Launch, Shortage)
        Launches with what made them short.

    Returns
    -------
    HeldBack
        A row a launch, in their order; two independent counts of one time are named.
    """
    rows = []
    for launch, shortage in shortages:
        share, low, high = shortage.interval("held_back")
        by_counts = " (by two counts)" if shortage.has_two_numbers else ""
        rows.append(
            {
                "label": f"{launch.name}{by_counts}",
                "estimate": share,
                "low": low,
                "high": high,
                "class_share": float(shortage.row("held_back")["class_share"]),
            }
        )
    return HeldBack(pd.DataFrame(rows, columns=["label", "estimate", "low", "high", "class_share"]))
