"""What the plans earn, as the page shows it: the lead chart, the price option, a reader's plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import Launch, interval
from ..look import Chart, Charted, exact, millions, number, percent, plot_intervals, span
from .choose import RECOMMENDED, RUNNERS_UP, PlanChoice
from .policies import CHOICES, NEVER, ReleasePolicy
from .words import few_dollar_ticks, in_millions, phone_name, plan_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ACTUAL = "assumed actual"
AS_MADE = "sell as made"
A_FIFTH_DEARER = "a fifth dearer"


@dataclass(frozen=True, kw_only=True)
class PlanGains(Charted):
    """What each plan earns, and what it gains over selling phones as they are made."""

    launch: Launch
    choice: PlanChoice

    @property
    def phone(self) -> str:
        """What the phone is called."""
        return phone_name(self.launch)

    @property
    def draws(self) -> int:
        """Number of fresh draws on which the plans are compared."""
        return len(self.choice.profit_usd)

    def distinct(self) -> pd.DataFrame:
        """Return the rows of the choice's table, each plan once, named in words."""
        as_made_first = [AS_MADE, *self.choice.table.index.drop(AS_MADE)]
        table = self.choice.table.loc[as_made_first].drop_duplicates(CHOICES)
        words = pd.Series({label: plan_words(self.choice.policy(label)) for label in table.index})
        if ACTUAL in words:
            words[ACTUAL] += " (what was done, we assume)"
        return table.assign(plan=words)

    def gains(self) -> pd.DataFrame:
        """Return a row a plan but selling as made: label, gain over it (dollars, 80 %), chance.

        Plans at the list price come first; `focus` is false for those that rest on how people
        react to price or to an upgraded version. Runners-up are left out: they are near the
        recommended one.
        """
        plans = self.distinct().drop(index=[AS_MADE, *RUNNERS_UP], errors="ignore")
        rows = []
        for label, plan in plans.iterrows():
            gain_usd = self.choice.gain_over(label, AS_MADE)
            low, _, high = interval(gain_usd)
            rows.append(
                {
                    "label": plan["plan"],
                    "estimate": gain_usd.mean(),
                    "low": low,
                    "high": high,
                    "chance": (gain_usd > 0).mean(),
                    "focus": plan["price"] == 1 and plan["s_week"] >= NEVER,
                }
            )
        gains = pd.DataFrame(rows)
        return gains.sort_values(["focus", "estimate"], ascending=False, kind="stable")

    def table(self) -> pd.DataFrame:
        """Return a row a plan: price over list, phones, revenue and profit (million dollars)."""
        plans = self.distinct().sort_values("profit_usd", ascending=False)
        return pd.DataFrame(
            {
                "plan": plans["plan"],
                "phones sold, million": plans["units"].div(1e6).round(2),
                "revenue, $ million": plans["revenue_usd"].div(1e6).round(1),
                "profit, $ million": plans["profit_usd"].div(1e6).round(1),
                "profit over revenue": plans["margin"].map(percent),
            }
        )

    def chart(self) -> Chart:
        """Draw what each plan gains over selling as made."""
        gains = self.gains()
        return Chart(
            title=f"What each {self.phone} plan gains over selling phones as they are made",
            measure=(
                f"{self.phone} profit over that of selling each phone as soon as it is made; mean "
                f"and 80 % range of {number(self.draws)} simulations"
            ),
            draw=self._draw,
            alt=(
                f"Of {len(gains)} {self.phone} plans, {(gains['estimate'] > 0).sum()} gain on "
                "average over selling as made."
            ),
            data=gains,
            note=(
                f"Grey: rests on our guess of how {self.phone} buyers react to a price or an "
                "upgraded version."
            ),
            height_in=1.0 + 0.42 * len(gains),
            narrow_height_in=1.0 + 0.7 * len(gains),
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw a row a plan, in dollars."""
        plot_intervals(axes, self.gains(), "margin")
        axes.set_xlabel("gain over selling as made")
        few_dollar_ticks(axes)
        return axes

    def sentence(self) -> str:
        """Return how flat the top is and what the most profitable plan rests on, in words."""
        best = self.choice.policy(RECOMMENDED)
        gain_usd = self.choice.gain_over(RECOMMENDED, AS_MADE)
        low, _, high = interval(gain_usd)
        if self.choice.as_good > 1:
            flat = (
                f"In the search {self.choice.as_good} {self.phone} plans earned within 1 % of the "
                "most, so their order is not settled."
            )
        else:
            flat = f"In the search no other {self.phone} plan came within 1 % of it."
        if best.price == 1 and best.s_week >= NEVER:
            return f"{flat} {self._sold()}"
        top = (
            f"Of {exact(len(self.choice.evaluated))} plans our search chose to {plan_words(best)}. "
            f"If our guesses hold, it gains {in_millions(gain_usd.mean())} over selling as made "
            f"({span(low, high, write=in_millions)})."
        )
        if best.price >= self.choice.evaluated["price"].max():
            edge = (
                f"No dearer {self.phone} was tried, and nobody measured how people react to its "
                "price."
            )
        else:
            edge = f"Nobody measured how people react to the price of a {self.phone}."
        return f"{top} {edge} {flat} {self._sold()}"

    def _sold(self) -> str:
        """Say how many phones are sold as made, and the supply that this assumes."""
        units = self.choice.table.loc[AS_MADE, "units"]
        first = self.launch.figure("supply.start_units_per_month").number
        later = self.launch.figure("supply.full_units_per_month").number
        return (
            f"Sold as made, {millions(units)} {self.phone} phones are sold over the life, if "
            f"output goes from {millions(first)} to {millions(later)} a month."
        )


@dataclass(frozen=True, kw_only=True)
class PriceOption:
    """What a price a fifth above the list would earn, and the guess that it rests on."""

    phone: str
    """What the phone is called."""
    gain_usd: np.ndarray
    """Gain over selling as made at the list price, by fresh draw."""
    elasticity: pd.Series
    """The assumed elasticity: value, low, high."""
    turns_at: float
    """Elasticity at which it earns as much as the list price; NaN where none does."""

    @property
    def chance(self) -> float:
        """Share of the simulated lives in which the dearer price earns more."""
        return float((self.gain_usd > 0).mean())

    def guess(self) -> str:
        """Return the guess with its range, in words."""
        figure = self.elasticity
        return (
            f"a price 1 % higher loses {number(figure['value'])} % of buyers, between "
            f"{number(figure['low'])} and {number(figure['high'])} %"
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
        if np.isnan(self.turns_at):
            turn = "No loss up to 8 % turns that."
        else:
            turn = f"Above {number(self.turns_at, 2)} % it earns less."
        return f"{gain} Our guess for the {self.phone}: {self.guess()}. {turn}"


@dataclass(frozen=True, kw_only=True)
class PlanTrial:
    """One plan of the reader's own, on the fresh draws, against selling as made."""

    policy: ReleasePolicy
    profit_usd: np.ndarray
    gain_usd: np.ndarray

    def table(self) -> pd.DataFrame:
        """Return profit and gain in million dollars: mean, low and high (80 %)."""
        rows = []
        for label, usd in (("profit", self.profit_usd), ("gain over sell as made", self.gain_usd)):
            low, _, high = interval(usd / 1e6)
            rows.append({"$ million": label, "mean": usd.mean() / 1e6, "low": low, "high": high})
        return pd.DataFrame(rows).round(1)

    def sentence(self) -> str:
        """Return what the plan gains or loses, and how often it wins, in words."""
        mean_usd, chance = self.gain_usd.mean(), percent((self.gain_usd > 0).mean())
        words = plan_words(self.policy)
        if mean_usd > 0:
            return (
                f"**{words[:1].upper()}{words[1:]}:** this earns {in_millions(mean_usd)} more on "
                f"average than selling as made, and wins in {chance} of simulations."
            )
        return (
            f"**{words[:1].upper()}{words[1:]}:** this earns {in_millions(-mean_usd)} less on "
            f"average than selling as made, and wins in {chance} of simulations."
        )
