"""Why was a phone short? Three questions, each answered from simulated plans.

Could more have been made? Documented shortages and the launch's own reports say how likely it is
(`supply.explain_shortage`), two simulated supplies what a phone more was worth. Did waiting for
cheaper parts pay? A plan that makes less and later is played against selling as made (`delay.py`).
Could hype pay? The same plan says what a phone withheld loses, hence how many others it must sell.
The second and the third only matter if more could have been made; the third builds on the second.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..data import interval
from .delay import Delay, play_delay
from .market import Market
from .policies import AS_MADE, SELL_AS_MADE, policy_table
from .simulate import outcomes_by_draw, sales_by_week

SOLD_OUT = 1 - 1e-9  # share of what a week offers from which on all of it is sold
MORE_SUPPLY = 0.1  # share by which supply grows to find what a phone more is worth


@dataclass(frozen=True, kw_only=True)
class Ceiling:
    """Whether more could have been made, and what one more was worth."""

    held_back: tuple[float, float, float]
    """Chance that phones were held back on purpose: estimate, low, high (80 %)."""
    signs_tell: bool
    """Whether its signs and reports together moved it by much from the rate of other shortages."""
    is_counted: bool
    """Whether two independent reports of one time on this launch moved it."""
    unit_worth_usd: np.ndarray
    """What one phone more that can be made while it is short adds to profit (draws,)."""
    short_weeks: range
    """The weeks in a row, from 0, in which it is short in most draws; empty where it never is."""

    @property
    def interval(self) -> tuple[float, float, float]:
        """Chance that nothing was held back, so that all was made that could be.

        Estimate, low, high (80 %).
        """
        estimate, low, high = self.held_back
        return 1 - estimate, 1 - high, 1 - low


@dataclass(frozen=True, kw_only=True)
class Hype:
    """Could phones withheld pay by selling others? Arrays (draws,), for the plan of a `Delay`."""

    sales_needed: np.ndarray
    """Others that a phone withheld must sell after the delay to make up for what it loses; infinite
    where they could not be made or would earn nothing, 0 where it loses nothing."""
    sales_bought: np.ndarray
    """Others that the same money sells at what the firm spends on marketing a phone."""
    mean_loss_usd: float
    """What the plan loses on average, over the phones withheld on average; 0 where it gains."""
    mean_bought: float
    """Others that this sum sells at what the firm spends on marketing a phone on average."""

    @property
    def chance(self) -> float:
        """Share of lives in which it pays if being sold out sells as well as marketing does."""
        return float((self.sales_needed <= self.sales_bought).mean())

    @property
    def never_share(self) -> float:
        """Share of lives in which no number of others makes up for it."""
        return float(np.isinf(self.sales_needed).mean())

    @property
    def needed_interval(self) -> np.ndarray:
        """Low, median and high of the others needed (80 %)."""
        return interval(self.sales_needed)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What speaks for each explanation of why a phone was short."""

    ceiling: Ceiling
    delay: Delay
    hype: Hype


def judge_shortage(
    market: Market,
    *,
    weeks: int,
    held_back: tuple[float, float, float],
    signs_tell: bool,
    ceiling_is_counted: bool,
    marketing_usd: np.ndarray,
    documented_weeks: float = np.inf,
) -> Verdict:
    """Answer the three questions by plans simulated on one market.

    Parameters
    ----------
    market : Market
        What the plans meet, in draws.
    weeks : int
        Weeks for which only half is made in the plan that holds phones back.
    held_back : tuple of float
        Chance that phones were held back on purpose: estimate, low, high.
    signs_tell : bool
        Whether its signs and reports together moved it by much from the rate of other shortages.
    ceiling_is_counted : bool
        Whether two independent reports of one time moved it.
    marketing_usd : array (draws,)
        What the firm spends on marketing for each phone sold.
    documented_weeks : float
        Weeks from first sale until it was no longer short, by later accounts.

    Returns
    -------
    Verdict
    """
    delay = play_delay(market, weeks)
    short_weeks = find_short_weeks(market, documented_weeks)
    return Verdict(
        ceiling=Ceiling(
            held_back=held_back,
            signs_tell=signs_tell,
            is_counted=ceiling_is_counted,
            unit_worth_usd=worth_of_more_supply(market, short_weeks),
            short_weeks=short_weeks,
        ),
        delay=delay,
        hype=weigh_hype(market, delay, marketing_usd),
    )


def find_short_weeks(market: Market, documented_weeks: float = np.inf) -> range:
    """Find the most weeks in a row in which all on offer is sold in most draws, as made.

    What was made before the first sale may last for the first weeks, so they need not be short.
    After the end of a documented shortage none is, whatever is simulated.

    Parameters
    ----------
    market : Market
        What the plans meet, in draws.
    documented_weeks : float
        Weeks from first sale until it was no longer short, by later accounts.

    Returns
    -------
    range
        Weeks from 0; empty where no week is short in most draws.
    """
    sold = sales_by_week(SELL_AS_MADE, market)
    sold_before = sold.cumsum(axis=1) - sold
    stock_left = np.fmax(market.opening_stock[:, None] - sold_before, 0)
    is_short = (sold >= SOLD_OUT * (market.supply_units + stock_left)).mean(axis=0) > 0.5
    is_short &= np.arange(market.weeks) < documented_weeks
    turns = np.diff(is_short, prepend=False, append=False).nonzero()[0].tolist()
    runs = map(range, turns[::2], turns[1::2])  # it turns short, and then plentiful
    return max(runs, key=len, default=range(0))


def worth_of_more_supply(market: Market, weeks: range | None = None) -> np.ndarray:
    """Return what one phone more that can be made adds to the profit of selling as made.

    Parameters
    ----------
    market : Market
        What the plan meets.
    weeks : range, optional
        Weeks, from 0, in which more can be made; all of the life where left out or empty.

    Returns
    -------
    array (draws,)
        Dollars a phone of the added supply, sold or not.
    """
    as_made = policy_table({AS_MADE: SELL_AS_MADE})
    in_weeks = np.isin(np.arange(market.weeks), weeks or range(market.weeks))
    added_units = MORE_SUPPLY * market.supply_units * in_weeks
    larger = replace(market, supply_units=market.supply_units + added_units)
    (profit_usd,) = outcomes_by_draw(as_made, market).profit_usd
    (larger_profit_usd,) = outcomes_by_draw(as_made, larger).profit_usd
    return (larger_profit_usd - profit_usd) / added_units.sum(axis=1)


def weigh_hype(market: Market, delay: Delay, marketing_usd: np.ndarray) -> Hype:
    """Weigh what phones withheld lose against others that they might sell after the delay.

    The others are made where capacity is left after the delay and sold at the list price; whether
    being sold out sells any is not asked.

    Parameters
    ----------
    market : Market
        What the plan of the delay met.
    delay : Delay
        From `play_delay` on the same market.
    marketing_usd : array (draws,)
        What the firm spends on marketing for each phone sold.

    Returns
    -------
    Hype
    """
    after = slice(delay.weeks, None)
    week = np.arange(market.weeks)
    spare_units = (market.supply_units - delay.sold)[:, after]
    spare_units = np.fmax(spare_units, 0)
    margin_usd = (np.exp(-market.discount[:, None] * week) * market.margin_usd)[:, after]
    capacity = spare_units.sum(axis=1)
    other_earns_usd = _divide((spare_units * margin_usd).sum(axis=1), capacity, where_none=0)

    lost_usd = np.fmax(-delay.gain_usd, 0)
    others = _divide(lost_usd, np.fmax(other_earns_usd, 0))
    others = np.where(others <= capacity, others, np.inf)
    sales_needed = np.where(lost_usd > 0, _divide(others, delay.withheld_units), 0)
    loss_usd = _divide(lost_usd, delay.withheld_units, where_none=0)
    withheld_units = delay.withheld_units.mean()
    mean_loss_usd = max(-delay.mean_usd, 0) / withheld_units if withheld_units > 0 else 0.0
    return Hype(
        sales_needed=sales_needed,
        sales_bought=loss_usd / marketing_usd,
        mean_loss_usd=mean_loss_usd,
        mean_bought=mean_loss_usd / marketing_usd.mean(),
    )


def _divide(part: np.ndarray, by: np.ndarray, where_none: float = np.inf) -> np.ndarray:
    """Divide; `where_none` stands where there is nothing to divide by."""
    return np.divide(part, by, out=np.full(part.shape, float(where_none)), where=by > 0)
