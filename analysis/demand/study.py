"""What a notebook shows of demand: the textbook curve through a product's own counts of sales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import Launch
from ..look import (
    COLOUR,
    Chart,
    Charted,
    Shown,
    day,
    day_axis,
    is_narrow,
    label_end,
    millions,
    number_axis,
    plot_band,
    plural,
    span,
)
from .bass import LEAST_PERIODS, NO_IMITATION, NO_OPTIMUM, NO_PEAK, BassFit, fit_bass
from .counts import longest_counts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVEL = 0.8  # of the intervals shown
MEANINGS = {
    "p": "rate of buyers who decide alone",
    "q": "rate of buyers who follow owners",
    "m": "phones that would ever be sold",
}


def study_textbook_curve(launch: Launch) -> TextbookForecast | None:
    """Fit the textbook curve to a launch's own counts of sales.

    Parameters
    ----------
    launch : Launch
        The launch, as known on the day in question.

    Returns
    -------
    TextbookForecast or None
        None where fewer than four counts of one scope rise, or the first sale is not known.

    Raises
    ------
    DataError
        With the file, where counts fall or come before the first sale and nothing explains it.
    """
    first_sale = launch.figure("first_sale")
    if not first_sale.known or launch.sales.empty:
        return None
    counts = longest_counts(launch)
    if len(counts) < LEAST_PERIODS:
        return None
    sales = np.diff(counts["units"], prepend=0)
    return TextbookForecast(
        name=launch.name,
        first_sale=first_sale.value,
        counts=counts[["date", "week", "units", "kind", "scope"]].reset_index(drop=True),
        fit=fit_bass(sales, period_ends=counts["week"]),
    )


@dataclass(frozen=True)
class TextbookForecast(Charted, Shown):
    """The Bass curve of a textbook through the counts of one product, shortages disregarded.

    Attributes
    ----------
    name : str
        The product.
    first_sale : Timestamp
        The day on which the curve starts.
    counts : DataFrame
        date, week (since the first sale), units, kind and scope of the counts used.
    fit : BassFit
        The curve by the week, fitted to sales between counts by least squares.
    """

    name: str
    first_sale: pd.Timestamp
    counts: pd.DataFrame
    fit: BassFit

    @property
    def peak(self) -> pd.Timestamp:
        """The day on which the curve sells fastest; the first sale where it only falls."""
        p, q = self.fit.p, self.fit.q
        weeks = max(np.log(q / p) / (p + q), 0) if q > 0 else 0
        return self.first_sale + pd.Timedelta(days=round(7 * weeks))

    def curve(self, level: float = LEVEL) -> pd.DataFrame:
        """Return what the curve has sold, from the first sale to half as long again as the counts.

        Returns
        -------
        DataFrame
            date, low, median and high in phones.
        """
        last_week = self.counts["week"].iloc[-1]
        curve = self.fit.sold_by(np.linspace(0, 1.5 * last_week, 61), level)
        dates = self.first_sale + pd.to_timedelta(7 * curve.pop("age"), unit="D")
        curve.insert(0, "date", dates.dt.normalize())
        return curve

    def table(self, level: float = LEVEL) -> pd.DataFrame:
        """Return p, q and m with their intervals and meanings."""
        table = self.fit.table(level)
        return table.assign(
            meaning=table["term"].map(MEANINGS), unit=["per week", "per week", "phones"]
        )

    def sentence(self) -> str:
        """Return in words what the textbook curve says, or why it says nothing."""
        count = plural(len(self.counts), "count")
        problem = self.fit.problem
        if problem == NO_PEAK:
            return (
                f"We cannot tell from {count} where the textbook curve ends, because sales were "
                "still speeding up at the last one. Counts after the peak would show it."
            )
        if problem == NO_OPTIMUM:
            return (
                f"We cannot tell from {count} where the textbook curve ends, because many curves "
                "fit them alike. More counts, closer together, would show it."
            )
        if problem == NO_IMITATION:
            return (
                f"Sales slowed down over all {count}, so no curve that spreads from owners to "
                "others fits them."
            )
        _, low, high = self.table().set_index("term").loc["m", ["estimate", "low", "high"]]
        return (
            f"The textbook curve through {count} ends at {millions(self.fit.m)} phones "
            f"({span(low, high, write=millions)}) and sells fastest in {self.peak:%B %Y}. It takes "
            "weeks without stock for weeks without buyers, so demand may have been higher."
        )

    def chart(self) -> Chart:
        """Return the chart of the curve and the counts."""
        last = self.counts.iloc[-1]
        band = "80 % band of the curve" if self.fit.identified else "one of many curves that fit"
        return Chart(
            title="The textbook curve through the counts of sales",
            measure=(
                f"{self.name}: phones sold since {day(self.first_sale)}, "
                f"n = {plural(len(self.counts), 'count')}; {band}"
            ),
            draw=self._draw,
            alt=(
                f"A curve rises through {plural(len(self.counts), 'count')} of phones sold, the "
                f"last of {millions(last.units)} on {day(last.date)}."
            ),
            data=self._drawn(),
            note=(
                "A Bass curve fitted by least squares to sales between counts, as if supply never "
                f"ran short. Counts are of the {last.scope}."
            ),
            height_in=3.8,
        )

    def _drawn(self) -> pd.DataFrame:
        """Return what the chart draws: the curve, and the counts as rows of their own."""
        curve = self.curve().rename(columns={"median": "units"}).assign(series="textbook curve")
        counts = self.counts[["date", "units"]].assign(series="count")
        return pd.concat([counts, curve])[["series", "date", "units", "low", "high"]]

    def _draw(self, axes: Axes) -> Axes:
        """Draw the curve as a band and a line, the counts as points."""
        curve = self.curve().set_index("date")
        if self.fit.identified:
            plot_band(axes, curve, "demand")
        else:
            plot_band(axes, curve[["median"]], "demand", linestyle="--")
        axes.plot(
            self.counts["date"],
            self.counts["units"],
            "o",
            color=COLOUR["demand"],
            markeredgecolor=COLOUR["paper"],
            markersize=8,
        )
        last = self.counts.iloc[-1]
        above = {"xytext": (0, 10), "ha": "center", "va": "bottom"}
        label_end(axes, last.date, last.units, "counts", "demand", **above)
        label = "textbook\ncurve" if is_narrow(axes) else "textbook curve"
        label_end(axes, curve.index[-1], curve["median"].iloc[-1], label, "demand")
        axes.set_xlim(self.first_sale, curve.index[-1])
        axes.set_ylim(0, None)
        number_axis(axes.yaxis)
        day_axis(axes.xaxis)
        return axes
