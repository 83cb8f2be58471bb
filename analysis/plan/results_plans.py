"""What the plans earn, as the page shows it: the lead chart, sales by week, a reader's plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import Launch, interval
from ..data.lengths import WEEKS_A_MONTH
from ..look import (
    Chart,
    Charted,
    Text,
    day,
    exact,
    in_page_currency,
    in_tense,
    millions,
    number,
    percent,
    plural,
    span,
    with_range,
)
from ..sellout.words import begin_sentence, product_name
from ..supply.words import short_count
from .choose import BEST_OF_ALL, RECOMMENDED, RUNNERS_UP, PlanChoice
from .delay import summarise_gain
from .policies import AS_MADE, CHOICES, NEVER, SELL_AS_MADE, ReleasePolicy
from .words import GAINS_IN_USD, in_millions, plan_words, plot_gains, times_list

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ACTUAL = "assumed actual"
NOT_DRAWN = [*RUNNERS_UP, BEST_OF_ALL]
MILESTONES = [1, 4, 13, 26, 52, 104]  # weeks by which sales are counted
NEAR_WEEKS = 1  # a count of so many weeks before a milestone stands beside it
LATE_WEEKS = 3 / 7  # and so does one of so many weeks after it


@dataclass(frozen=True, kw_only=True)
class PlanGains(Charted):
    """What each plan earns, and what it gains over selling phones as they are made."""

    launch: Launch
    choice: PlanChoice
    dearest: float
    """Highest price over list that the page may recommend."""
    margin_cap: float
    """Net margin that the maker had pledged not to exceed; NaN: none."""
    left_out: str = ""
    """What no plan pays for, in words, where there is such a thing."""

    @property
    def phone(self) -> str:
        """What the phone is called."""
        return product_name(self.launch)

    @property
    def draws(self) -> int:
        """Number of fresh draws on which the plans are compared."""
        return len(self.choice.profit_usd)

    def distinct(self) -> pd.DataFrame:
        """Return the rows of the choice's table, each plan once, named in words."""
        as_made_first = [AS_MADE, *self.choice.table.index.drop(AS_MADE)]
        table = self.choice.table.loc[as_made_first].drop_duplicates(CHOICES)
        words = pd.Series({label: plan_words(self.choice.policy(label)) for label in table.index})
        words[self.label_of_what_was_done] += f" ({self._what_was_done()})"
        return table.assign(plan=words)

    @property
    def label_of_what_was_done(self) -> str:
        """Label of the plan that was done; selling as made has a label of its own."""
        return AS_MADE if self.choice.policy(ACTUAL) == SELL_AS_MADE else ACTUAL

    @property
    def name_of_what_was_done(self) -> str:
        """Name the plan that was done, or is planned, within a sentence."""
        if self.label_of_what_was_done == AS_MADE:
            return "selling as made"
        return in_tense("what was done", "what is planned")

    def _what_was_done(self) -> str:
        """Say that a plan is what was done, as far as a plan can be."""
        cuts = self.launch.price_cuts
        name = "price cuts" if cuts["variant"].isna().all() else "lower prices"
        as_one = f", its {number(len(cuts))} {name} taken as one" if len(cuts) > 1 else ""
        return f"{in_tense('what was done, we assume', 'as planned')}{as_one}"

    def _short_name_of_what_was_done(self) -> str:
        """Name what was done for a chart: its weeks stand in the table below."""
        as_one = " (prices taken as one)" if len(self.launch.price_cuts) > 1 else ""
        return f"{in_tense('what was done', 'what is planned')}{as_one}"

    def gains(self) -> pd.DataFrame:
        """Return a row a plan but selling as made: label, gain over it (dollars, 80 %), chance.

        What was done has a name of its own, as its plan in words may take four lines of a phone.
        Plans at the list price come first; `focus` is false for those that rest on how people
        react to price or to an upgraded version. Runners-up are left out, as they are near the
        recommended one, and the best of all tried, as it rests most on a guess.
        """
        plans = self.distinct().drop(index=[AS_MADE, *NOT_DRAWN], errors="ignore")
        rows = []
        for label, plan in plans.iterrows():
            was_done = label == ACTUAL
            name = self._short_name_of_what_was_done() if was_done else plan["plan"]
            gain = summarise_gain(self.choice.gain_over(label, AS_MADE))
            is_at_list_price = plan["price"] == 1 and plan["s_week"] >= NEVER
            rows.append({"label": name, **gain, "focus": is_at_list_price})
        gains = pd.DataFrame(rows)
        return gains.sort_values(["focus", "estimate"], ascending=False, kind="stable")

    def table(self) -> pd.DataFrame:
        """Return a row a plan: phones, revenue, profit (million dollars), and how often it wins."""
        plans = self.distinct().drop(index=BEST_OF_ALL, errors="ignore")
        plans = plans.sort_values("profit_usd", ascending=False)
        table = pd.DataFrame(
            {
                "plan": plans["plan"],
                "phones sold": plans["units"].map(millions),
                "revenue, $ million": plans["revenue_usd"].div(1e6).round(1),
                "profit, $ million": plans["profit_usd"].div(1e6).round(1),
                "profit over revenue": plans["margin"].map(percent),
            }
        )
        wins = {head: self._wins(plans.index, rival) for head, rival in self._rivals().items()}
        return table.assign(**wins)

    def _rivals(self) -> dict[str, str]:
        """Return the plans that others are held against: their labels, by head of a column."""
        rivals = {"beats selling as made": AS_MADE}
        if self.label_of_what_was_done == ACTUAL:
            rivals[in_tense("beats what was done", "beats what is planned")] = ACTUAL
        return rivals

    def _wins(self, labels: pd.Index, rival: str) -> list[str]:
        """Return how often each plan earns more than a rival; empty for the rival itself."""
        policy = self.choice.policy
        return [
            ""
            if policy(label) == policy(rival)
            else percent((self.choice.gain_over(label, rival) > 0).mean())
            for label in labels
        ]

    def decisive(self) -> pd.DataFrame:
        """Return of each plan what decides: units sold, profit, and how often it beats the rest."""
        columns = ["plan", "phones sold", "profit, $ million", *self._rivals()]
        return self.table()[columns]

    def chart(self) -> Chart:
        """Draw what each plan gains over selling as made."""
        gains = self.gains()
        return Chart(
            title=f"What each {self.phone} plan gains over selling phones as they are made",
            measure=f"profit, mean and 80 % range of {number(self.draws)} simulations",
            draw=self._draw,
            alt=(
                f"Of {len(gains)} {self.phone} plans, {(gains['estimate'] > 0).sum()} gain on "
                "average over selling as made."
            ),
            data=gains.rename(columns=GAINS_IN_USD),
            note=self._note(),
            height_in=0.9 + 0.34 * len(gains),
            narrow_height_in=1.0 + 0.7 * len(gains),
        )

    def _note(self) -> str:
        """Say what the grey rows rest on."""
        guess = f"Grey: rests on our guess of how {self.phone} buyers react to"
        if (self.choice.table["s_week"] < NEVER).any():
            return f"{guess} a price or an upgraded version."
        return f"{guess} price."

    def _draw(self, axes: Axes) -> Axes:
        """Draw a row a plan, in dollars."""
        plot_gains(axes, self.gains())
        axes.set_xlabel("gain over selling as made")
        return axes

    def sentence(self) -> str:
        """Return the best plan among those that are not too dear, in words."""
        best = self.choice.policy(RECOMMENDED)
        tried = f"Of {exact(self.choice.tried)} {self.phone} plans"
        without = f", {self.left_out} left out" if self.left_out else ""
        if self.dearest > 1:
            bound = f"up to {times_list(self.dearest)}"
            reason = (
                "Nine of ten simulations then sell all that is made, if people react to "
                "price as we guess."
            )
        else:
            bound = "at or below the list price"
            reason = f"A dearer {self.phone} may leave phones unsold."
        as_made_margin = self.choice.table.loc[AS_MADE, "margin"]
        if self.dearest == 1 and as_made_margin > self.margin_cap:
            reason = (
                f"Sold as made, a {self.phone} keeps {percent(as_made_margin)} before overheads; "
                f"its maker had pledged at most {percent(self.margin_cap)} net on hardware, so we "
                "recommend none dearer. Our costs may be too low."
            )
        if best == SELL_AS_MADE:
            return f"{tried}{without}, none {bound} clearly beats selling as made. {reason}"
        unless = ", if nothing is earned after the sale" if best.sells_nothing else ""
        about_best = f"{tried} {bound}{without}, to {plan_words(best)} is about best{unless}"
        return f"{about_best}. {self._what_it_gains()} {reason}"

    def _what_it_gains(self) -> str:
        """Say what the recommended plan gains over what was done; over selling as made if it is."""
        rival, name = self.label_of_what_was_done, self.name_of_what_was_done
        is_what_was_done = self.choice.policy(RECOMMENDED) == self.choice.policy(rival)
        gain_usd = self.choice.gain_over(RECOMMENDED, AS_MADE if is_what_was_done else rival)
        low, _, high = interval(gain_usd)
        gains = f"gains {in_millions(gain_usd.mean())}"
        gain_range = f"({span(low, high, write=in_millions)})"
        if is_what_was_done:
            return f"It is {name}, and {gains} over selling as made {gain_range}."
        return f"It {gains} over {name} {gain_range}."


@dataclass(frozen=True, kw_only=True)
class SalesByWeek:
    """Phones and money of one plan, week by week, on the fresh draws."""

    phone: str
    """What the phone is called."""
    policy: ReleasePolicy
    sold: np.ndarray
    """Phones sold in each week (draws, weeks)."""
    revenue_usd: np.ndarray
    """What they brought, after tax, royalty and channel, not discounted (draws, weeks)."""
    counts: pd.DataFrame
    """Counts of weeks in which what was done is this plan: week, date, units, and `kind`, which is
    sold, shipped, or lots for the total of the lots sold out so far."""

    @property
    def plan(self) -> str:
        """The plan in words."""
        return plan_words(self.policy)

    def table(self) -> pd.DataFrame:
        """Return a row a milestone: week, phones sold so far and revenue so far, 80 %."""
        last = self.sold.shape[1]
        weeks = [*[week for week in MILESTONES if week < 0.9 * last], last]
        rows = []
        for week in weeks:
            sold = interval(self.sold[:, :week].sum(axis=1))
            usd = interval(self.revenue_usd[:, :week].sum(axis=1))
            rows.append(
                {
                    "by the end of week": week,
                    "phones sold": with_range(sold[1], sold[0], sold[2], write=millions),
                    "revenue": with_range(usd[1], usd[0], usd[2], write=in_millions),
                    "counted": self._count_near(week),
                }
            )
        table = pd.DataFrame(rows)
        return table if table["counted"].any() else table.drop(columns="counted")

    def caption(self) -> str:
        """Name the plan, the length of life that its totals take for granted, and the figures."""
        months = round(self.sold.shape[1] / WEEKS_A_MONTH)
        life = f"of {plural(months, 'month')} in all"
        return (
            f"{self.phone} sales and money by week, {life}: {self.plan}; middle simulation and "
            "80 % range"
        )

    def _count_near(self, week: int) -> str:
        """Say the count that is nearest to the end of a week; nothing where none is near."""
        weeks_late = self.counts["week"] - week
        is_near = weeks_late.between(-NEAR_WEEKS, LATE_WEEKS, inclusive="neither")
        if not is_near.any():
            return ""
        nearest = self.counts.loc[weeks_late[is_near].abs().idxmin()]
        how = "in lots that sold out" if nearest["kind"] == "lots" else nearest["kind"]
        return f"{short_count(nearest['units'])} {how} by {day(nearest['date'])}"

    def tested(self) -> pd.DataFrame:
        """Return a row a count of units sold, with the range simulated for its day.

        Units shipped may not be sold yet, and lots are not all that was sold.
        """
        counts = self.counts[self.counts["kind"] == "sold"].reset_index(drop=True)
        week_ends = np.arange(self.sold.shape[1] + 1)
        sold_by_week = np.pad(self.sold.cumsum(axis=1), ((0, 0), (1, 0)))
        simulated = [
            interval(np.array([np.interp(week, week_ends, sold) for sold in sold_by_week]))
            for week in counts["week"]
        ]
        ranges = pd.DataFrame(simulated, columns=["low", "estimate", "high"])
        return counts.join(ranges.astype(float))

    def missed(self) -> pd.DataFrame:
        """Return the rows of `tested` whose count lies outside what is simulated for its day."""
        tested = self.tested()
        # As they are printed: a count on a rounded end lies inside.
        printed = tested[["units", "low", "high"]].map(lambda units: float(f"{units:.2g}"))
        return tested[~printed["units"].between(printed["low"], printed["high"])]

    @property
    def misses_most(self) -> bool:
        """Whether more than half of the counts of units sold lie outside what is simulated."""
        return len(self.missed()) > len(self.tested()) / 2

    @property
    def are_refuted(self) -> bool:
        """Whether counts refute the simulations: one in five may be missed by chance alone."""
        return self.misses_most and len(self.missed()) > 1

    def words(self) -> Text | None:
        """Say which counts the simulations miss; None where they miss none."""
        sentence = self.sentence()
        return Text(sentence) if sentence else None

    def sentence(self) -> str:
        """Say which counts of units sold lie outside what is simulated for their day, in words.

        Only those of weeks in which what was done is this plan; nothing where none lies outside.
        """
        tested, outside = self.tested(), self.missed()
        if outside.empty:
            return ""
        worst = outside.loc[np.log(outside["units"] / outside["estimate"]).abs().idxmax()]
        count = f"{short_count(worst['units'])} sold by {day(worst['date'])}"
        simulated = span(worst["low"], worst["high"], write=millions)
        if len(tested) == 1:
            return (
                f"The count of {count} lies outside the range simulated for that day, {simulated}."
            )
        which = ":" if len(outside) == 1 else ", most of all"
        return (
            f"Of {number(len(tested))} counts of units sold the simulations miss "
            f"{number(len(outside))}{which} {count}, where they have {simulated}."
        )


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
            low, _, high = in_page_currency(interval(usd / 1e6))
            mean = in_page_currency(usd.mean() / 1e6)
            rows.append({"$ million": label, "mean": mean, "low": low, "high": high})
        return pd.DataFrame(rows).round(1)

    def sentence(self) -> str:
        """Return what the plan gains or loses, and how often it wins, in words."""
        mean_usd, chance = self.gain_usd.mean(), percent((self.gain_usd > 0).mean())
        more_or_less = "more" if mean_usd > 0 else "less"
        return (
            f"**{begin_sentence(plan_words(self.policy))}:** this earns "
            f"{in_millions(abs(mean_usd))} {more_or_less} on average than selling as made, and "
            f"wins in {chance} of simulations."
        )
