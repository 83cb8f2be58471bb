"""Which inputs move the margin, and what a ceramic body does to it, as the page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import Launch, interval
from ..look import (
    COLOUR,
    Chart,
    Charted,
    dollar_axis,
    in_page_currency,
    in_tense,
    is_narrow,
    label_bar_end,
    label_end,
    percent,
    percent_axis,
    plot_band,
    plural,
)
from ..look.page_words import is_in_dollars
from .body import CeramicBody
from .bridge import PARTS_COST, swing_of_inputs
from .items import OTHER_ITEMS
from .path import MarginPath, first_cost_on_file
from .words import (
    dollars_with_range,
    percent_with_range,
    whole_dollars,
    wrapped,
    writer_of_dollars,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST_SWING = 0.02  # of the margin, below which an input is not drawn


@dataclass(frozen=True)
class Inputs(Charted):
    """Which inputs move the unit margin over the life most.

    Attributes
    ----------
    launch : the launch
    path : unit margins by month
    """

    launch: Launch
    path: MarginPath

    @cached_property
    def swings(self) -> pd.DataFrame:
        """By how much each input moves it (see `swing_of_inputs`).

        The ends of a cost are those of the file, where it has them.
        """
        swings = swing_of_inputs(self.path)
        for name, (low, high) in self._ends_on_file().items():
            swings.loc[swings["input"] == name, ["at_low", "at_high"]] = [low, high]
        return swings

    def _ends_on_file(self) -> dict[str, tuple[float, float]]:
        """Low and high of each cost by the name of the input, as the launch file has them."""
        ends = {}
        for item in OTHER_ITEMS:
            figure = self.launch.figure(item.field)
            ends[item.input_name] = (figure.lowest, figure.highest)
        parts = first_cost_on_file(self.launch)
        if parts:
            low, _, high = parts
            ends[PARTS_COST] = (low, high)
        return ends

    def table(self) -> pd.DataFrame:
        """Return the inputs that move it by two points or more, the widest swing first."""
        return self.swings[self.swings["swing"] >= LEAST_SWING]

    def chart(self) -> Chart | None:
        """Draw the swings as a tornado about the mean margin; None where no input moves it."""
        table = self.table()
        if table.empty:
            return None
        mean = self.path.life_margin_share.mean()
        return Chart(
            title=f"Which input moves the margin of the {self.launch.name} most",
            measure=f"{self.launch.name}, mean unit margin over its life; ends of each input's "
            "80 % range, low in grey, high in green",
            draw=partial(_draw_tornado, table=table, mean=mean),
            alt=self.sentence(),
            data=_in_page_currency(table),
            height_in=0.9 + 0.42 * len(table),
        )

    def sentence(self) -> str:
        """Say which input matters most, and how the next one compares, where there is one."""
        inputs = [*self.table().itertuples()]
        least = plural(_points(LEAST_SWING), "point")
        if not inputs:
            return f"No input moves the margin of the {self.launch.name} by {least} or more."
        first, *others = inputs
        most = (
            f"The margin of the {self.launch.name} moves most with the "
            f"**{_plain_name(first.input)}**: by {plural(_points(first.swing), 'point')} between "
            "the ends of its range."
        )
        if not others:
            return f"{most} No other input moves it by {least} or more."
        second = others[0]
        return (
            f"{most} With the {_plain_name(second.input)} it moves by "
            f"{plural(_points(second.swing), 'point')}."
        )


def _in_page_currency(table: pd.DataFrame) -> pd.DataFrame:
    """Convert the ends of inputs that are sums: shares stand in their column as well."""
    ends = table[["at_low", "at_high"]]
    is_sum = table["input"].map(is_in_dollars)
    return table.assign(**ends.where(~is_sum, in_page_currency(ends), axis=0))


def _points(share: float) -> int:
    """Turn a share into whole percentage points."""
    return round(100 * share)


def _plain_name(label: str) -> str:
    """Name of an input without its unit."""
    return label.rpartition(", ")[0]


def _draw_tornado(axes: Axes, table: pd.DataFrame, mean: float) -> Axes:
    """Draw a bar from the margin at the low end of each input to that at its high end."""
    heights = np.arange(len(table))
    for height, row in zip(heights, table.itertuples(), strict=True):
        low_earns_more = row.margin_at_low > row.margin_at_high
        for margin, value, role, to_the_right in (
            (row.margin_at_low, row.at_low, "soft", low_earns_more),
            (row.margin_at_high, row.at_high, "margin", not low_earns_more),
        ):
            axes.barh(height, margin - mean, left=mean, height=0.55, color=COLOUR[role], lw=0)
            words = _value_with_unit(value, row.input)
            label_bar_end(axes, margin, height, words, on_right=to_the_right)
    axes.axvline(mean, color=COLOUR["text"], linewidth=1)
    axes.set_yticks(heights, [wrapped(_plain_name(label), axes) for label in table["input"]])
    axes.set_ylim(len(table) - 0.5, -0.5)
    margins = table[["margin_at_low", "margin_at_high"]].to_numpy()
    pad = (0.5 if is_narrow(axes) else 0.2) * np.ptp(margins)
    axes.set_xlim(margins.min() - pad, margins.max() + pad)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0, grid_linewidth=0)
    percent_axis(axes.xaxis)
    return axes


def _value_with_unit(value: float, label: str) -> str:
    """Write a value of an input in the unit of its label."""
    if label.endswith("$"):
        return whole_dollars(value)
    share = percent(np.expm1(value)) if label.endswith("logs") else percent(value)
    return share.replace("just ", "").replace("over ", ">").replace("under ", "<")


@dataclass(frozen=True)
class BodyByYield(Charted):
    """Unit margin at first sale by the share of ceramic bodies that pass.

    Attributes
    ----------
    launch : the launch
    body : costs and margins, a value a draw
    """

    launch: Launch
    body: CeramicBody

    @cached_property
    def band(self) -> pd.DataFrame:
        """Low, median, high margin in dollars by yield (80 %)."""
        yields = pd.Index(np.linspace(0.03, 1, 98), name="yield_share")
        margins = [interval(self.body.margin_at(share)) for share in yields]
        return pd.DataFrame(margins, index=yields, columns=["low", "median", "high"])

    def table(self) -> pd.DataFrame:
        """Return low, median, high margin in dollars by yield (80 %)."""
        return self.band.add_suffix("_usd").reset_index()

    def chart(self) -> Chart:
        """Draw the margin by yield, with the reported yield marked."""
        return Chart(
            title="What a unit earns, by the share of ceramic bodies that pass",
            measure=f"{self.launch.name}, dollars at first sale, ceramic body in the place of a "
            "metal one; 80 % band",
            draw=self._draw,
            alt=self.sentence(),
            data=self.table(),
            note="The costs of a ceramic body begun and of a metal one are assumed.",
            height_in=3.3,
            narrow_height_in=3.6,
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw the band, zero, and the reported yield."""
        plot_band(axes, self.band, "margin")
        own = self.body.yield_share
        low, median, _ = self._margin_at_own_yield()
        axes.axvline(own, color=COLOUR["event"], linewidth=1)
        axes.plot(own, median, "o", color=COLOUR["event"], markersize=8, zorder=5)
        label_end(
            axes,
            own,
            median,
            f"{percent(own)} pass, by report:\n{self._in_words(median)} a phone",
            "event",
            xytext=(12, 0),
        )
        axes.set_xlim(0, 1)
        axes.set_ylim(low - 0.15 * (self.band["high"].max() - low), None)
        axes.set_xlabel("share of ceramic bodies that pass")
        percent_axis(axes.xaxis)
        dollar_axis(axes.yaxis)
        return axes

    def _margin_at_own_yield(self) -> np.ndarray:
        """Low, median and high margin at the reported yield, in dollars."""
        return interval(self.body.margin_at(self.body.yield_share))

    def _in_words(self, usd: float) -> str:
        """Write the margin at the reported yield, or its loss, to the digits of its range."""
        low, _, high = self._margin_at_own_yield()
        return writer_of_dollars(low, high)(usd)

    def _yield_that_pays(self) -> tuple[str, str]:
        """Return the yield from which a unit pays, as a fact: its number and its words."""
        yields = self.body.yield_that_pays()
        low, median, high = interval(yields)
        if np.isinf(median):
            return "no yield", "pays for a ceramic body, not even 100 %, at the cost that we assume"
        paid = in_tense(
            "of the bodies had to pass before a unit paid for its own",
            "of the bodies must pass before a unit pays for its own",
        )
        if np.isinf(high):
            never = percent(np.isinf(yields).mean())
            paid = f"{paid}; in {never} of simulations not even all are enough"
        return percent_with_range(median, low, high), paid

    def _if_so_many_pass(self) -> str:
        """Say the condition of a margin: that so many bodies pass as was reported."""
        own_yield = percent(self.body.yield_share)
        return f"if {own_yield} of its ceramic bodies {in_tense('passed', 'pass')}, as reported"

    def facts(self) -> list[tuple[str, str]]:
        """Return what a unit leaves at the reported yield, and the yield from which it pays."""
        low, median, high = self._margin_at_own_yield()
        if high < 0:
            at_own_yield = (
                dollars_with_range(-median, -high, -low),
                f"lost on a unit at first sale {self._if_so_many_pass()}",
            )
        else:
            at_own_yield = (
                dollars_with_range(median, low, high),
                f"left of a unit at first sale {self._if_so_many_pass()}",
            )
        return [at_own_yield, self._yield_that_pays()]

    def sentence(self) -> str:
        """Say what a unit leaves at the reported yield, if our guess at the body's cost holds."""
        low, median, high = self._margin_at_own_yield()
        passed = f"If {percent(self.body.yield_share)} {in_tense('passed', 'pass')}, as reported"
        if high < 0:
            lost = dollars_with_range(-median, -high, -low)
            margin = f"a unit {in_tense('lost', 'loses')} {lost}"
        else:
            left = dollars_with_range(median, low, high)
            margin = f"a unit {in_tense('left', 'leaves')} {left}"
        return f"{passed}, {margin} by our guess at a body's cost."

    def decision(self) -> str:
        """Say what to do while the body's cost is unknown, and what would reverse it."""
        name, own_yield = self.launch.name, percent(self.body.yield_share)
        _, median, _ = self._margin_at_own_yield()
        _, pays, _ = interval(self.body.yield_that_pays())
        if np.isfinite(pays) and median < 0:
            return (
                f"Order few of the {name}: if {own_yield} of its bodies pass, each phone loses "
                f"about {self._in_words(-median)}. Ask for the price of a ceramic body and count "
                f"those that pass. If clearly more than {percent(pays)} pass, order more."
            )
        if median < 0:
            return (
                f"Order few of the {name}: each phone loses about {self._in_words(-median)}, and "
                "no share of bodies that pass would pay for them at the cost that we assume. A "
                "lower price for a ceramic body, in writing, would reverse us."
            )
        return (
            f"Sell the {name} as it is made: if {own_yield} of its bodies pass, each phone leaves "
            f"about {self._in_words(median)}. Clearly fewer that pass than "
            f"{percent(pays)} would reverse us."
        )
