"""What the sell-out page shows of an order log: its curve with the prediction, and the laws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..look import (
    COLOUR,
    Chart,
    Table,
    Text,
    exact,
    label_end,
    number,
    number_axis,
    percent,
    plot_band,
    plural,
    span,
)
from .arrival_laws import WEIGHED_LAWS
from .order_study import OrderStudy
from .words import LEVEL, duration, short_duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN_WEIGHT = 0.05  # laws with less are not named in the sentence


def three_digits(orders: float) -> str:
    """Write a predicted number of orders with three digits."""
    return number(float(f"{orders:.3g}"))


@dataclass(frozen=True, kw_only=True)
class OrderLogPage:
    """An order log for people to read.

    Attributes
    ----------
    name : str
        The product.
    orders : OrderStudy
        The log with the laws weighed by it.
    """

    name: str
    orders: OrderStudy

    @cached_property
    def curve(self) -> pd.DataFrame:
        """Orders that would have come had there been stock: t_s, low, estimate, high (80 %)."""
        return self.orders.curve()

    def chart(self) -> Chart:
        """Draw the orders seen, those to come, and the true number where it is known."""
        seen = self.orders.orders
        patterns = plural(len(self.orders.laws.weights), "pattern")
        return Chart(
            title=f"Orders for the {self.name}, and those that more stock would have brought",
            measure=(
                f"orders since the opening, n = {exact(seen)}; predicted from {patterns} of "
                f"arrival, {percent(LEVEL)} range"
            ),
            draw=self._draw,
            alt=f"Orders rise to {exact(seen)} and, beyond the stock, into a band of predictions.",
            data=self.curve,
            note=f"Source: the order log of the {self.name}.",
            height_in=4.0,
        )

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the chart with matplotlib."""
        return self.chart().plot(axes)

    def _draw(self, axes: Axes) -> Axes:
        times_s = self.orders.times_s
        axes.step(times_s, np.arange(1, len(times_s) + 1), color=COLOUR["demand"], linewidth=2)
        band = self.curve.set_index("t_s").rename(columns={"estimate": "median"})
        plot_band(axes, band, "demand", linestyle="--", linewidth=1.5)
        last = self.curve.iloc[-1]
        label_end(axes, last["t_s"], last["estimate"], "prediction", "demand")
        closed_s = self.orders.laws.closed_s
        axes.axvline(closed_s, color=COLOUR["event"], linestyle="--", linewidth=1)
        people = self.orders.simulated_people
        top = 1.12 * max(self.curve["high"].max(), people or 0)
        axes.set(xlabel="seconds since the opening", ylabel="orders", xlim=(0, None), ylim=(0, top))
        place = axes.get_xaxis_transform()
        words = f"stock gone, {short_duration(closed_s)}"
        label_end(axes, closed_s, 0.06, words, "event", xycoords=place)
        if people:
            axes.axhline(people, color=COLOUR["soft"], linewidth=1)
            label_end(axes, 0, people, f"truth: {exact(people)}", "soft", xytext=(4, 9))
        number_axis(axes.yaxis)
        return axes

    def named_laws(self) -> pd.DataFrame:
        """Laws with their weights and answers, named as people name them."""
        laws = self.orders.laws.table(self.orders.level)
        return laws.replace({"law": {name: law.label for name, law in WEIGHED_LAWS.items()}})

    def table(self) -> Table:
        """Show each law's own answer, and that of all together."""
        shown = self.named_laws().drop(columns="loglik").round({"weight": 3})
        shown = shown.rename(columns={"interested": "people", "low": "at_least", "high": "at_most"})
        caption = (
            f"People who wanted the {self.name}, by law of arrival: weight and "
            f"{percent(self.orders.level)} range"
        )
        return Table(shown, caption)

    def orders_by(self, t_s: float) -> Text:
        """Say how many orders would have come by a time (s since the opening) with more stock."""
        low, middle, high = self.orders.laws.orders_by(t_s)
        return Text(
            f"By {duration(t_s)} about **{three_digits(middle)} orders** would have come with more "
            f"stock (80 % range {span(low, high, write=three_digits)})."
        )

    def rows(self) -> Table:
        """Show what became of the rows of the log."""
        return Table(self.orders.log.report, f"Rows of the order log of the {self.name}")

    def words(self) -> Text:
        """Say what the log adds to the clock."""
        return Text(self.sentence(), self.laws_sentence())

    def sentence(self) -> str:
        """Say what a row for each order adds to the seconds."""
        orders = self.orders
        clock = (
            f"The clock alone says {exact(orders.orders)} orders for the {self.name} in "
            f"{duration(orders.laws.closed_s)}, **{number(orders.orders_per_s, 2)} a second**."
        )
        if np.isfinite(orders.high):
            return (
                f"{clock} The times show the stream thinning out: "
                f"**{span(orders.low, orders.high)} people** wanted one "
                f"({percent(orders.level)} range)."
            )
        return (
            f"{clock} The stream does not thin out enough to set an upper limit: at least "
            f"**{number(orders.low)} people** wanted one."
        )

    def laws_sentence(self) -> str:
        """Say how far the answer depends on the law of arrival."""
        laws = self.named_laws().iloc[:-1]
        likely = laws[laws["weight"] > SHOWN_WEIGHT].sort_values("weight", ascending=False)
        first = likely.iloc[0]
        if len(likely) == 1:
            return f"The {first['law']} law explains the times far better than the others."
        second = likely.iloc[1]
        return (
            f"How people arrive is an assumption: the {first['law']} law alone gives "
            f"{number(first['interested'])} people, the {second['law']} law alone "
            f"{number(second['interested'])}."
        )
