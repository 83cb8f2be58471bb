"""What the sell-out page shows of all sales: phone or shop, hits and misses, other choices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from ..data import Launch, load_table, shared
from ..look import Table, Text, day, number, percent, plural, span
from .hit_or_miss import HitOrMiss, hit_or_miss
from .order_rates import fit_lot_dependence
from .rounds import LEFT, RoundsModel, compare_rounds
from .words import LEVEL, product_name

WIDE_INTERVAL = 0.5  # of a percentile: one that wide places a sale nowhere
ROLES = {"seen": "counted", "at least": "a lower limit", "at most": "an upper limit"}


@dataclass(frozen=True, kw_only=True)
class ProductOrShop:
    """How much of the speed of sales is the shop, and where a launch's sales stand.

    Attributes
    ----------
    launch : Launch
        The launch.
    model : RoundsModel
        Order rates of all rounds, split.
    """

    launch: Launch
    model: RoundsModel

    @cached_property
    def settled(self) -> pd.DataFrame:
        """Whether the data settle each share of the differences, by part (80 % range)."""
        return self.model.settled(LEVEL).set_index("part")

    @property
    def left_for_demand(self) -> pd.Series:
        """Share of the differences between order rates left for demand (80 % range)."""
        return self.settled.loc[LEFT, ["estimate", "low", "high"]]

    @property
    def standing(self) -> pd.DataFrame:
        """The launch's own rounds with a rate, or a bound of one, by date."""
        own = self.launch.own_drops["round"].dropna()
        rounds = self.model.rounds
        return rounds[rounds["round_id"].isin(own)].dropna(subset="percentile").sort_values("date")

    def standing_words(self) -> Text | None:
        """Say where this launch's sales stand among all; None where none has an order rate."""
        return None if self.standing.empty else Text(self.standing_sentence())

    def sentence(self) -> str:
        """Say how much of the differences between order rates is left for demand."""
        left = self.settled.loc[LEFT]
        about = span(left["low"], left["high"], write=percent)
        share = f"**{percent(left['estimate'])}** of the differences between order rates"
        one_shop = (
            f"{percent(self.model.one_shop_share)} of the devices were sold in one shop only, so "
            "that phone and shop are hard to tell apart."
        )
        if left["is_settled"]:
            return f"Demand explains {share} ({about}), market and shop the rest. {one_shop}"
        other = span(left["least"], left["most"], write=percent)
        return (
            f"The data do not settle how much is demand: our best guess is {share} ({about}). "
            f"Other assumptions on how much shops differ move that guess to {other}. {one_shop}"
        )

    def shares(self) -> Table:
        """Show each share of the differences, and whether the data settle it."""
        shown = self.settled.reset_index()
        for column in ("estimate", "low", "high", "least", "most"):
            shown[column] = shown[column].map(percent)
        shown["is_settled"] = shown["is_settled"].map({True: "yes", False: "no"})
        shown = shown.rename(
            columns={
                "least": "least_guess",
                "most": "highest_guess",
                "is_settled": "settled_by_the_data",
            }
        )
        priors = self.model.shares_by_prior(LEVEL)["prior"].nunique()
        caption = (
            f"Shares of the differences between order rates, {percent(LEVEL)} range; least and "
            f"highest of the best guesses under {priors} assumptions on how much each part varies"
        )
        return Table(shown, caption)

    def convergence_sentence(self) -> str:
        """Say how far the integrals behind these shares and places can be trusted."""
        convergence = self.model.convergence()
        return (
            "The shares and places come from weighted points, in four sets drawn apart. Over all "
            f"that is printed, R-hat between the sets is at most "
            f"{convergence['r_hat'].max():.4f}, and the points are worth at least "
            f"{number(convergence['effective_draws'].min(), 2)} independent draws."
        )

    def standing_sentence(self) -> str:
        """Say where this launch's sales stand among all, once market and shop are taken out."""
        standing = self.standing
        name = product_name(self.launch)
        if standing.empty:
            return f"No sale of the {name} has an order rate, so none has a place among all sales."
        counted = standing[standing["role"] == "seen"]
        ranked = standing if counted.empty else counted
        best = ranked.loc[ranked["percentile"].idxmax()]
        first = "highest-placed" if counted.empty else "best counted"
        which = f"The {first} sale of the {name} was that of {day(best['date'])}."
        about = span(best["percentile_low"], best["percentile_high"], write=percent)
        if best["percentile_high"] - best["percentile_low"] > WIDE_INTERVAL:
            return (
                f"{which} With market and shop taken out, it was faster than anything from "
                f"{about} of all sales: it has no clear place."
            )
        return (
            f"{which} With market and shop taken out, it was faster than **{about}** of all sales "
            f"({percent(LEVEL)} range)."
        )

    def table(self) -> Table | None:
        """Show the place of each of the launch's sales; None where none has an order rate."""
        standing = self.standing
        if standing.empty:
            return None
        places = standing[["percentile", "percentile_low", "percentile_high"]].mul(100).round()
        places.columns = ["place", "at_least", "at_most"]
        rate_is = standing["role"].replace(ROLES)
        shown = standing[["date"]].assign(order_rate=rate_is).join(places)
        caption = (
            f"Place of each sale of the {product_name(self.launch)} among 100, market and shop "
            f"taken out (50: ordinary), {percent(LEVEL)} range"
        )
        return Table(shown, caption)


@dataclass(frozen=True, kw_only=True)
class Hits:
    """Whether a fast first sale means a hit.

    Attributes
    ----------
    result : HitOrMiss
        First drops against later sales.
    """

    result: HitOrMiss

    @property
    def correlation(self) -> pd.Series:
        """Rank correlation of order rate and later sales: estimate, low, high (95 %)."""
        return self.result.comparisons.iloc[0]

    def table(self) -> Table:
        """Show correlations, and the errors of predicting devices left out."""
        caption = "First sale and later sales: rank correlation, error for devices left out (logs)"
        return Table(self.result.table(), caption)

    def words(self) -> Text:
        """Say whether a fast first sale went with high later sales."""
        return Text(self.sentence())

    def sentence(self) -> str:
        """Say whether order rate and later sales go together."""
        rate = self.correlation
        devices = plural(int(rate["devices"]), "device")
        about = span(rate["low"], rate["high"], write=_signed)
        correlation = f"{_signed(rate['estimate'])} (95 % range {about})"
        if rate["low"] > 0:
            return f"Over {devices} faster first sales went with more later sales: {correlation}."
        if rate["high"] < 0:
            return f"Over {devices} faster first sales went with fewer later sales: {correlation}."
        return (
            f"**We cannot tell.** Over {devices} the rank correlation with later sales is "
            f"{correlation}. So few devices could show only one beyond "
            f"{number(self.result.told_apart, 2)} either way."
        )


@dataclass(frozen=True, kw_only=True)
class OtherChoices:
    """The two numbers that carry the argument, under each choice of rounds that could be defended.

    Attributes
    ----------
    rounds : DataFrame
        All rounds.
    rates : DataFrame
        Order rates of phone sales.
    draws : int
        Points of each fit, a power of 2.
    """

    rounds: pd.DataFrame
    rates: pd.DataFrame
    draws: int

    def slopes(self) -> Table:
        """Show the slope of log seconds on log lot for several choices of sales."""
        choices = {
            "all phones": self.rates,
            "without weak sources": self.rates[~self.rates["weak_source"]],
            "India": self.rates[self.rates["market"] == "IN"],
            "China": self.rates[self.rates["market"] == "CN"],
            "up to 2014": self.rates[self.rates["date"] < "2015"],
        }
        rows = []
        for label, chosen in choices.items():
            line = fit_lot_dependence(chosen)
            rows.append(
                {
                    "sales_used": label,
                    "sales": line.rounds,
                    "slope": line.slope,
                    "low": line.low,
                    "high": line.high,
                    "correlation": line.correlation,
                }
            )
        caption = "Slope of log seconds on log lot (1: a steady stream), 95 % range"
        return Table(pd.DataFrame(rows), caption)

    @cached_property
    def compared(self) -> pd.DataFrame:
        """What is left for demand for several choices of rounds, with how far to trust each fit."""
        return shared(compare_rounds)(self.rounds, self.draws, LEVEL)

    def shares(self) -> Table:
        """Show what is left for demand for several choices of rounds."""
        shown = self.compared.drop(columns=["r_hat", "effective_draws"])
        caption = (
            f"Share left for demand, and change of the log rate a sale, {percent(LEVEL)} ranges"
        )
        return Table(shown, caption)

    def sentence(self) -> str:
        """Say how far the choice of sales moves what is left for demand."""
        guesses = self.compared["left_for_demand"]
        return (
            "Other choices of the sales that count move the best guess to "
            f"{span(guesses.min(), guesses.max(), write=percent)}."
        )

    def convergence_sentence(self) -> str:
        """Say the same of these fits as of the first."""
        return (
            "Under the other choices of sales R-hat is at most "
            f"{self.compared['r_hat'].max():.4f}, and the points are worth at least "
            f"{number(self.compared['effective_draws'].min(), 2)} draws."
        )


def study_hits(rounds: pd.DataFrame, devices: pd.DataFrame, seed: int) -> Hits:
    """Set first sales against later sales of the market tables."""
    return Hits(result=hit_or_miss(rounds, load_table("device_sales"), devices, seed=seed))


def _signed(value: float) -> str:
    """Write a correlation with two decimals and a true minus sign."""
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")
