"""Section of the supply page: what was forecast eight weeks in, against what came.

Only for launches of a class with few others on file: what came of forecasts of phones is counted
over all of them on the page of evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import Launch
from ..data.products import MOBILE
from ..demand import LaunchForecast, forecast_launch
from ..demand.counts import launch_counts
from ..look import (
    COLOUR,
    Chart,
    Charted,
    Table,
    day,
    day_axis,
    number_axis,
    plot_band,
    plural,
)
from ..sellout.words import product_name
from .section import Result
from .words import range_words, short_count, two_digits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WEEKS_IN = 8  # when the forecast is made, after first sale
WEEKS_AHEAD = (26, 78)  # of the count that the forecast is held against, the one nearest to a year
POINTS_DRAWN = 24


@dataclass(frozen=True)
class Foreseen(Result, Charted):
    """What was forecast eight weeks in, beside the counts that came after.

    Attributes
    ----------
    launch : the launch with all that is known of it
    forecast : as known eight weeks after first sale
    later : counts that came later, with low, median and high of the forecast (80 %) and held
    """

    launch: Launch
    forecast: LaunchForecast
    later: pd.DataFrame

    @property
    def after_a_year(self) -> pd.Series:
        """The count about a year after the forecast was made."""
        forecast_day = pd.Timestamp(self.forecast.day)
        away = (self.later["date"] - forecast_day).dt.days - 365
        return self.later.loc[away.abs().idxmin()]

    def quantities(self) -> dict[str, float | tuple[float, float, float]]:
        """Return what the front page says of it: forecast and count after about a year."""
        count = self.after_a_year
        return {
            "foreseen_after_a_year": (count["median"], count["low"], count["high"]),
            "came_after_a_year": count["units"],
        }

    def table(self) -> pd.DataFrame:
        """List the counts with their forecasts."""
        return self.later

    def shown_table(self) -> Table | None:
        """Show nothing: the chart holds the table."""
        return None

    def sentence(self) -> str:
        """Say what was forecast for about a year later and what came, and how many counts held."""
        count = self.after_a_year
        forecast_day = day(pd.Timestamp(self.forecast.day))
        came = f"**{short_count(count['units'])}** were {count['kind']} by then"
        held = f"{self.later['held'].sum()} of {plural(len(self.later), 'later count')}"
        return (
            f"As known on {forecast_day}, **{two_digits(count['median'])}** of the "
            f"{product_name(self.launch)} ({range_words(count['low'], count['high'])}) would be "
            f"sold by {day(count['date'])}; {came}. The range held {held}."
        )

    def chart(self) -> Chart:
        """Draw the forecast as a band and the counts as points."""
        forecast_day = day(pd.Timestamp(self.forecast.day))
        later_counts = plural(len(self.later), "later count")
        return Chart(
            title=f"{self.launch.name}: forecast on {forecast_day}, and what came",
            measure=f"phones since first sale, 80 % range shaded; {later_counts}",
            draw=self._draw,
            alt=self.sentence().replace("**", ""),
            data=self.later,
            note="Points: counts that nobody knew on that day.",
            height_in=3.6,
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw the band up to the last count, and the counts."""
        start, end = pd.Timestamp(self.forecast.day), self.later["date"].max()
        days = pd.date_range(start, end, periods=POINTS_DRAWN)
        rows = [self.forecast.sold_by(str(one.date())) for one in days]
        band = pd.DataFrame(rows, columns=["low", "median", "high"], index=days)
        plot_band(axes, band, "demand")
        dots = {"color": COLOUR["demand"], "markeredgecolor": COLOUR["paper"], "clip_on": False}
        axes.plot(self.later["date"], self.later["units"], "o", markersize=8, **dots)
        axes.set_xlim(start, end + (end - start) * 0.03)
        axes.set_ylim(bottom=0)
        number_axis(axes.yaxis)
        day_axis(axes.xaxis)
        return axes


def hold_forecast(launch: Launch, *, draws: int, seed: int) -> Foreseen | None:
    """Hold a forecast made eight weeks in against the counts that came later.

    Returns
    -------
    Foreseen or None
        None for a phone or the like, for an own launch, and where no count came about a year
        later.
    """
    if launch.product.compared_classes == MOBILE or launch.is_own:
        return None
    forecast_day = launch.figure("first_sale").value + pd.Timedelta(weeks=WEEKS_IN)
    counts = launch_counts(launch, np.full((1, 2 * WEEKS_AHEAD[1]), np.inf))
    counts = counts[counts["reported"] > forecast_day]
    ahead = (counts["date"] - forecast_day).dt.days / 7
    if not ahead.between(*WEEKS_AHEAD).any():
        return None
    forecast = forecast_launch(launch, as_of=str(forecast_day.date()), draws=draws, seed=seed)
    later = counts[(ahead > 0) & (ahead <= WEEKS_AHEAD[1])]
    later = (
        later.sort_values(["date", "units"])
        .drop_duplicates("date")[["date", "units", "kind"]]
        .reset_index(drop=True)
    )
    ranges = [forecast.sold_by(str(one.date())) for one in later["date"]]
    later[["low", "median", "high"]] = ranges
    held = later["units"].between(later["low"], later["high"])
    return Foreseen(launch=launch, forecast=forecast, later=later.assign(held=held))
