"""Other levers, inputs and the ceramic body, as the page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import interval
from ..look import (
    COLOUR,
    Chart,
    Charted,
    is_narrow,
    label_bar_end,
    millions,
    number,
    span,
)
from ..margin.words import dollars_with_range
from .body import BodyComparison
from .levers import CashFloat, SignalValue
from .words import (
    INPUTS,
    few_dollar_ticks,
    in_millions,
    input_words,
    small_sum,
    weeks_from_first,
    wrapped,
    yield_words,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


ROOM_FOR_VALUE = 0.4  # of the width of the bars, on either side of them


@dataclass(frozen=True, kw_only=True)
class Levers:
    """What a week of supply, the float of cash and the first sale's signal are worth."""

    phone: str
    """What the phone is called."""
    week_usd: np.ndarray
    """Gain, by draw, from a supply that comes a week earlier, sold as made."""
    unit_usd: np.ndarray
    """What one more phone that can be made while it is short is worth, by draw."""
    short_weeks: range
    """The weeks in a row, from 0, in which it is short in most draws; empty where it never is."""
    cash: CashFloat
    signal: SignalValue

    @property
    def is_mean_in_range(self) -> bool:
        """Whether what one more phone is worth on average lies in its 80 % range.

        Where a few simulations alone make the mean, the median says more.
        """
        low, _, high = interval(self.unit_usd)
        return bool(low <= self.unit_usd.mean() <= high)

    def table(self) -> pd.DataFrame:
        """Return a row a lever: what it is, what it is worth with its range."""
        low, _, high = interval(self.week_usd)
        unit_low, unit_median, unit_high = interval(self.unit_usd)
        signal = self.signal
        one_more = f"one more phone in {weeks_from_first(self.short_weeks)}"
        rows = [
            {
                "lever": one_more if self.is_mean_in_range else f"{one_more}, median",
                "worth": small_sum(self.unit_usd.mean() if self.is_mean_in_range else unit_median),
                "range": span(unit_low, unit_high, write=small_sum),
            },
            {
                "lever": "supply that comes a week earlier",
                "worth": in_millions(self.week_usd.mean()),
                "range": span(low, high, write=in_millions),
            },
            {
                "lever": self._who_pays_when(),
                "worth": in_millions(self.cash.worth_usd),
                "range": span(*self.cash.worth_range_usd, write=in_millions),
            },
        ]
        if signal.usd_a_phone > 0:
            usd = (signal.usd_a_phone_low, signal.usd_a_phone_high)
            rows.append(
                {
                    "lever": "the first sale as a signal for a second order, a phone",
                    "worth": small_sum(signal.usd_a_phone),
                    "range": span(*usd, write=small_sum),
                }
            )
        return pd.DataFrame(rows)

    def _who_pays_when(self) -> str:
        """Name the float; suppliers who are paid at the sale give none."""
        days_late = round(self.cash.payable_days - self.cash.inventory_days)
        if days_late <= 0:
            return "buyers pay early"
        return f"buyers pay early, suppliers are paid {days_late} days late"

    def basis(self) -> str:
        """Return what the worth of a signal rests on, the same for every launch, in words."""
        signal = self.signal
        if signal.correlation > 0:
            return (
                "Early order rates go with later sales (rank correlation "
                f"{number(signal.correlation, 2)}, {signal.devices} devices), so a second order "
                "gains."
            )
        return (
            f"{signal.devices} devices are too few to tell whether early order rates go with "
            "later sales, so a second order that follows them is taken to gain nothing."
        )


@dataclass(frozen=True, kw_only=True)
class InputSwings(Charted):
    """How far each uncertain input moves what a price a fifth above the list gains."""

    phone: str
    """What the phone is called."""
    swings: pd.DataFrame
    """Indexed by input, from `find_swings` over selling as made at the list price."""
    base_usd: float
    """The gain with every input as drawn, on average over all fresh draws as on the whole page."""
    shown: int = 8

    def table(self) -> pd.DataFrame:
        """Return the inputs that move the gain most: the gain where each is low and high."""
        moved = self.swings[self.swings["gain_change_usd"].abs() >= 1]
        order = moved["gain_change_usd"].abs().sort_values(ascending=False).index
        return moved.loc[order].assign(words=[INPUTS[name] for name in order])

    def chart(self) -> Chart:
        """Draw a tornado of the gain."""
        rows = self.table().head(self.shown)
        return Chart(
            title=f"Which unknowns move what a {self.phone} a fifth dearer gains",
            measure="gain over the list price; grey: input low, green: high",
            draw=self._draw,
            alt=f"The widest bars are {', '.join(rows['words'].head(3))}.",
            data=rows.reset_index(),
            height_in=0.9 + 0.36 * len(rows),
            narrow_height_in=0.9 + 0.55 * len(rows),
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw a bar an input: grey to where it is low, in colour to where it is high."""
        rows = self.table().head(self.shown)
        for column, colour in {"gain_low_usd": "soft", "gain_high_usd": "margin"}.items():
            widths = rows[column] - self.base_usd
            axes.barh(
                range(len(rows)), widths, left=self.base_usd, height=0.6, color=COLOUR[colour]
            )
        if not is_narrow(axes):
            self._draw_values(axes, rows)
        axes.axvline(self.base_usd, color=COLOUR["supply"], linewidth=1)
        axes.set_yticks(range(len(rows)), [wrapped(words, axes) for words in rows["words"]])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        few_dollar_ticks(axes)
        axes.grid(axis="x")
        axes.tick_params(axis="y", length=0, grid_linewidth=0)
        return axes

    def _draw_values(self, axes: Axes, rows: pd.DataFrame) -> None:
        """Write the value of each input at both ends of its bar, and make room for that."""
        for height, row in enumerate(rows.itertuples()):
            low_gains_more = row.gain_low_usd > row.gain_high_usd
            for gain_usd, value, to_the_right in (
                (row.gain_low_usd, row.at_low, low_gains_more),
                (row.gain_high_usd, row.at_high, not low_gains_more),
            ):
                words = input_words(row.Index, value)
                label_bar_end(axes, gain_usd, height, words, on_right=to_the_right)
        gains_usd = rows[["gain_low_usd", "gain_high_usd"]].to_numpy()
        pad = ROOM_FOR_VALUE * np.ptp(gains_usd)
        axes.set_xlim(gains_usd.min() - pad, gains_usd.max() + pad)

    def sentence(self) -> str:
        """Return the inputs that matter most, in words."""
        first, second, *_ = self.table()["words"]
        return f"For the {self.phone} that depends most on **{first}**, then on **{second}**."


@dataclass(frozen=True, kw_only=True)
class BodySection:
    """What the plans leave out of a phone with a ceramic body, of which many fail."""

    phone: str
    """What the phone is called."""
    firm: str
    """The maker whose accounts tell what is spent on marketing; empty where none do."""
    comparison: BodyComparison

    @property
    def loses(self) -> bool:
        """Whether a phone loses money at the yield on file (median)."""
        return self.comparison.unit_margin_usd[1] < 0

    def margin_words(self) -> str:
        """Return what a phone leaves or loses, with its range, in words."""
        low, middle, high = self.comparison.unit_margin_usd
        if self.loses:
            return f"loses {dollars_with_range(-middle, -high, -low)}"
        return f"leaves {dollars_with_range(middle, low, high)}"

    def break_even_words(self) -> str:
        """Return the yield from which a phone pays, in words."""
        return yield_words(self.comparison.break_even_yield[1])

    def sentence(self) -> str:
        """Return from which yield a phone with such a body pays, and the loss of all, in words."""
        body = self.comparison
        low, _, high = body.break_even_yield
        pays = (
            f"**With its ceramic body** a {self.phone} breaks even if {self.break_even_words()} "
            f"pass ({yield_words(low)} to {yield_words(high)})."
        )
        if not self.loses:
            return pays
        loss = f"Over {millions(body.units)} phones the loss is {in_millions(body.loss_usd)}"
        if not self.firm:
            return f"{pays} {loss}."
        marketing = in_millions(body.marketing_usd)
        return f"{pays} {loss}; a year of {self.firm}'s marketing is {marketing} by a low figure."
