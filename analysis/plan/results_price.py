"""The price, as the page shows it: what would clear the market, and what a dearer product earns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..bom import Interval
from ..data import interval
from ..look import (
    COLOUR,
    Chart,
    Charted,
    dollar_axis,
    in_tense,
    is_narrow,
    label_end,
    mark_value,
    millions,
    number,
    number_axis,
    percent,
    plot_band,
    plot_intervals,
    span,
)
from .words import GAINS_IN_USD, in_millions, times_list, two_digits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Beyond so many times the list price our simulations tell no clearing price: of all resale prices
# on file (data/market/shortages.csv) only one is higher.
MOST_TIMES_LIST = 10
MOST_FOLD_OF_PEAK = 20  # high over low from which they do not tell it either
WIDE = 25  # high over low from which clearing prices are drawn on a logarithmic axis


@dataclass(frozen=True, kw_only=True)
class Clearing(Charted):
    """The price at which buyers and supply meet, by week and over the life."""

    phone: str
    """What the phone is called."""
    by_week: pd.DataFrame
    """A row a week: week (from 0), low, estimate, high over list (80 %)."""
    life: Interval
    """The one price over list at which as many would buy over the life as can be made."""
    observed: pd.DataFrame
    """Prices of dealers and resellers: week (from 0), price_over_list."""
    buyers_are_known: bool = True
    """Whether anything bounds how many could buy; else the prices are a guess."""

    @property
    def peak(self) -> pd.Series:
        """The row of the week in which the market clears at the highest price."""
        return self.by_week.loc[self.by_week["estimate"].idxmax()]

    @property
    def peak_week(self) -> str:
        """That week in words, counted from 1."""
        return f"week {number(self.peak['week'] + 1)}"

    def headline(self) -> str:
        """Return the highest price of a week with its range, and the one price of the life."""
        peak = self.peak
        peak_range = span(peak["low"], peak["high"], write=two_digits)
        would_meet = in_tense("would have met", "would meet")
        if peak["high"] > min(MOST_TIMES_LIST, MOST_FOLD_OF_PEAK * peak["low"]):
            return (
                f"We cannot tell at which price buyers and supply {would_meet} at the scarcest "
                f"({peak_range} times the list price); over the whole life at "
                f"{_two_digits_as_far_as_told(self.life.mid)}."
            )
        return (
            f"Buyers and supply {would_meet} at up to {times_list(peak['estimate'])}, in "
            f"{self.peak_week} ({peak_range}), and at {two_digits(self.life.mid)} over the whole "
            "life."
        )

    @property
    def _is_wide(self) -> bool:
        """Whether prices differ so much that a plain axis would hide the low ones."""
        return min(self.by_week["high"].max(), MOST_TIMES_LIST) > WIDE * self.by_week["low"].min()

    @property
    def _reaches_beyond(self) -> bool:
        """Whether some price may lie beyond what our simulations tell."""
        return self.by_week["high"].max() > MOST_TIMES_LIST

    def table(self) -> pd.DataFrame:
        """Return a row a week: the clearing price over list with its range, and those observed."""
        seen = self.observed.set_index("week")["price_over_list"]
        return self.by_week.assign(observed=self.by_week["week"].map(seen))

    def chart(self) -> Chart:
        """Draw the clearing price of some weeks over the list price."""
        rows = self.by_week
        first, last = rows.iloc[0], rows.iloc[-1]
        return Chart(
            title=f"The price at which {self.phone} buyers and supply would meet",
            measure="times the list price, by week since first sale, 80 % range",
            draw=self._draw,
            alt=(
                f"From {_two_digits_as_far_as_told(first['estimate'])} times the list price in the "
                f"first week to {_two_digits_as_far_as_told(last['estimate'])} in week "
                f"{number(last['week'] + 1)}; highest in {self.peak_week}, "
                f"{_two_digits_as_far_as_told(self.peak['estimate'])}."
            ),
            data=rows,
            note=f"Beyond {MOST_TIMES_LIST} we cannot tell." if self._reaches_beyond else "",
            height_in=0.9 + 0.36 * (len(rows) + len(self.observed)),
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw a row a week; a dealer's price as a point of its own."""
        rows = self.by_week.assign(label=[f"week {week + 1}" for week in self.by_week["week"]])
        rows["estimate"] = rows["estimate"].mask(rows["estimate"] > MOST_TIMES_LIST, np.inf)
        if len(self.observed):
            price = self.observed["price_over_list"]
            seen = self.observed.assign(
                label=[f"week {week + 1}, dealers asked" for week in self.observed["week"]],
                estimate=price,
                low=price,
                high=price,
            )
            rows = pd.concat([rows, seen]).sort_values("week", kind="stable")
        plot_intervals(axes, rows.reset_index(drop=True), "demand")
        if self._is_wide:
            axes.set_xscale("log")
            number_axis(axes.xaxis)
        if self._reaches_beyond:
            axes.set_xlim(None if self._is_wide else 0, MOST_TIMES_LIST)
        mark_value(axes, 1, rows)
        axes.set_xlabel("price over list" + (", logarithmic" if self._is_wide else ""))
        return axes

    def sentence(self) -> str:
        """Return what anchors the clearing price: dealers' prices, or else nothing, in words."""
        if len(self.observed):
            asked = number(self.observed["price_over_list"].iloc[-1], 3)
            return (
                f"Dealers asked {asked} times the list price in week "
                f"{number(self.observed['week'].iloc[-1] + 1)}; simulations count by how well they "
                "agree with it."
            )
        low, middle, high = self.life
        if not self.buyers_are_known:
            return (
                f"Take these prices for a guess: nothing in the file of the {self.phone} bounds "
                "how many people could buy one."
            )
        return (
            f"Over the whole life that is {_two_digits_as_far_as_told(middle)} times list "
            f"({span(low, high, write=_two_digits_as_far_as_told)}). No dealer's price tests it."
        )


def _two_digits_as_far_as_told(price_over_list: float) -> str:
    """Write a price over the list price, or that it lies beyond what our simulations tell."""
    if price_over_list > MOST_TIMES_LIST:
        return f"more than {MOST_TIMES_LIST}"
    return two_digits(price_over_list)


@dataclass(frozen=True, kw_only=True)
class PriceOption(Charted):
    """What a price a fifth above the list would earn, and the guess that it rests on."""

    phone: str
    """What the phone is called."""
    gain_usd: np.ndarray
    """Gain over selling as made at the list price, by fresh draw."""
    as_made: pd.Series
    """Mean units and profit_usd of selling as made at the list price."""
    dearer: pd.Series
    """The same at the dearer price."""
    elasticity: pd.Series
    """The assumed elasticity: value, low, high."""
    moved_elasticity: float
    """What dealers' prices move it to on average; NaN where none was seen."""
    by_elasticity: pd.DataFrame
    """From `gain_by_elasticity`: the same gain where all people react alike."""
    turns_at: float
    """Elasticity at which it earns as much as the list price; NaN where none does."""

    @property
    def chance(self) -> float:
        """Share of the simulated lives in which the dearer price earns more."""
        return float((self.gain_usd > 0).mean())

    @property
    def always_gains(self) -> bool:
        """Whether the dearer price earns more on average at every elasticity that was tried."""
        return bool((self.by_elasticity["estimate"] > 0).all())

    @property
    def always_loses(self) -> bool:
        """Whether the dearer price earns less on average at every elasticity that was tried."""
        return bool((self.by_elasticity["estimate"] < 0).all())

    def at(self, elasticity: float) -> pd.Series:
        """Return the row of the table at one of its elasticities."""
        rows = self.by_elasticity
        return rows.iloc[(rows["elasticity"] - elasticity).abs().argmin()]

    def table(self) -> pd.DataFrame:
        """Return a row an elasticity: gain, range, chance and the price that clears the market."""
        return self.by_elasticity

    def chart(self) -> Chart:
        """Draw the gain by the elasticity, with the point where it turns."""
        return Chart(
            title=f"What a {self.phone} a fifth dearer gains, by how people react to price",
            measure="gain over the list price, mean and 80 % range",
            draw=self._draw,
            alt=self._turn(),
            data=self.by_elasticity.rename(columns=GAINS_IN_USD),
            height_in=3.0,
            narrow_height_in=3.0,
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw a band over the elasticity, the zero line and the turn."""
        rows = self.by_elasticity.set_index("elasticity")
        band = rows.rename(columns={"estimate": "median"})[["median", "low", "high"]]
        plot_band(axes, band, "margin")
        axes.axhline(0, color=COLOUR["supply"], linewidth=1)
        if np.isfinite(self.turns_at):
            axes.axvline(self.turns_at, color=COLOUR["event"], linewidth=1, linestyle="--")
            words = f"turns at {number(self.turns_at, 2)} %"
            label_end(axes, self.turns_at, band["high"].max(), words, "event")
        axes.set_xlabel("per cent of buyers lost by a price 1 % higher")
        axes.locator_params(axis="y", nbins=4 if is_narrow(axes) else 6)
        dollar_axis(axes.yaxis)
        return axes

    def guess(self) -> str:
        """Return the guess with its range, in words."""
        figure = self.elasticity
        guess = (
            f"a price 1 % higher loses {number(figure['value'])} % of buyers "
            f"({span(figure['low'], figure['high'], write=number)} %)"
        )
        if np.isnan(self.moved_elasticity):
            return guess
        return f"{guess}; dealers' prices move that to {number(self.moved_elasticity, 2)} %"

    def _turn(self) -> str:
        """Say at which elasticity the gain turns."""
        if np.isfinite(self.turns_at):
            return f"Above {number(self.turns_at, 2)} % it earns less than at the list price."
        last = number(self.by_elasticity["elasticity"].iloc[-1])
        if self.always_gains:
            return f"No loss of buyers up to {last} % turns that."
        return f"It earns less at every loss of buyers up to {last} %."

    def what_decides(self) -> str:
        """Say up to which loss of buyers a dearer price earns more, and what is known of it."""
        dearer = f"A {self.phone} a fifth dearer earns"
        if np.isfinite(self.turns_at):
            unless = (
                f"{self._what_it_sells()} It earns more unless a price 1 % higher loses over "
                f"{number(self.turns_at, 2)} % of buyers"
            )
            if np.isnan(self.moved_elasticity):
                return f"{unless}, which nobody has measured."
            return f"{unless}; by dealers' prices we expect {number(self.moved_elasticity, 2)} %."
        if self.always_gains:
            return f"{dearer} more however people react to price, as far as we tried."
        return f"{dearer} less however people react to price, as far as we tried."

    def _what_it_sells(self) -> str:
        """Say how many the dearer price sells, and at what profit each where there is one."""
        sells = (
            f"A {self.phone} a fifth dearer sells {millions(self.dearer['units'])} instead of "
            f"{millions(self.as_made['units'])}"
        )
        profit_each, profit_each_as_made = (
            plan["profit_usd"] / max(plan["units"], 1) for plan in (self.dearer, self.as_made)
        )
        if min(profit_each, profit_each_as_made) <= 0:
            return f"{sells}."
        return f"{sells}, at {two_digits(profit_each / profit_each_as_made)} times the profit each."

    def advice(self) -> pd.DataFrame:
        """Return what a fifth dearer earns, and which price clears, where the guess is off."""
        rows = [self.at(self.elasticity[point]) for point in ("low", "value", "high")]
        return pd.DataFrame(
            {
                "buyers lost by a price 1 % higher": [f"{row['elasticity']:g} %" for row in rows],
                "a fifth dearer gains": [in_millions(row["estimate"]) for row in rows],
                "in simulations": [percent(row["chance"]) for row in rows],
                "price that clears the market": [times_list(row["clearing_price"]) for row in rows],
            }
        )

    def sentence(self) -> str:
        """Return what the price earns if the guess holds, and where it turns, in words."""
        mean_usd = self.gain_usd.mean()
        low, _, high = interval(self.gain_usd)
        range_words = span(low, high, write=in_millions)
        if mean_usd > 0:
            gain = (
                f"**If people react to price as we assume**, a {self.phone} a fifth dearer earns "
                f"{in_millions(mean_usd)} more on average ({range_words})."
            )
        else:
            gain = (
                f"**Even if people react to price as we assume**, a {self.phone} a fifth dearer "
                f"earns {in_millions(-mean_usd)} less on average ({range_words})."
            )
        guess = f"Our {self.phone} guess: {self.guess()}."
        if np.isfinite(self.turns_at):  # the first screen and the chart say where
            return f"{gain} {guess}"
        return f"{gain} {guess} {self._turn()}"
