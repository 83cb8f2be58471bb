"""Waiting for cheaper parts, played out over whole lives.

Here it is the firm that waits: it makes fewer phones until the parts get cheaper. Elsewhere in this
room `waiting` counts the people in the queue.

The rule for one unit (`verdict.py`) lets a phone withheld be made later. Where capacity binds
later as well it cannot, so lives must be simulated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import interval
from .market import Market
from .policies import SELL_AS_MADE, ReleasePolicy, policy_table
from .simulate import outcomes_by_draw


@dataclass(frozen=True, kw_only=True)
class WaitingPlayedOut:
    """What it earns to make only a part of the phones at first, against selling as made."""

    policy: ReleasePolicy
    gain_usd: np.ndarray
    """Gain over selling as made at the list price, by draw; negative where it loses."""

    @property
    def weeks(self) -> int:
        """Weeks for which only a part is made."""
        return self.policy.volume_week

    @property
    def chance(self) -> float:
        """Share of the simulated lives in which waiting earns more."""
        return float((self.gain_usd > 0).mean())

    @property
    def interval_usd(self) -> np.ndarray:
        """Low, median and high of the gain (80 %)."""
        return interval(self.gain_usd)


def play_waiting(market: Market, weeks: int, release: float = 0.5) -> WaitingPlayedOut:
    """Simulate making only a share of the phones for some weeks, and all that is possible after.

    Parameters
    ----------
    market : Market
        What both plans meet.
    weeks : int
        Weeks for which only a part is made.
    release : float
        The share that is made and sold meanwhile.

    Returns
    -------
    WaitingPlayedOut
        Against selling as made on the same draws.
    """
    waiting = ReleasePolicy(release=release, volume_week=weeks)
    policies = policy_table({"waiting": waiting, "sell as made": SELL_AS_MADE})
    profit_waiting, profit_as_made = outcomes_by_draw(policies, market).profit_usd
    return WaitingPlayedOut(policy=waiting, gain_usd=profit_waiting - profit_as_made)


def compare_delays(market: Market, weeks: list[int], release: float = 0.5) -> pd.DataFrame:
    """Simulate waiting for several numbers of weeks.

    Returns
    -------
    DataFrame
        A row a delay: weeks, estimate (mean gain over selling as made, dollars), low, high (80 %),
        chance that waiting earns more.
    """
    rows = []
    for delay in weeks:
        waiting = play_waiting(market, delay, release)
        low, _, high = waiting.interval_usd
        rows.append(
            {
                "weeks": delay,
                "estimate": waiting.gain_usd.mean(),
                "low": low,
                "high": high,
                "chance": waiting.chance,
            }
        )
    return pd.DataFrame(rows)


def expected_cost_fall(market: Market, weeks: int) -> np.ndarray:
    """Return by how much a unit gets cheaper in some weeks, a share: low, median, high (80 %)."""
    return interval(1 - market.cost_usd[:, weeks] / market.cost_usd[:, 0])


def needed_cost_fall(market: Market, weeks: int) -> np.ndarray:
    """Return by how much a unit must get cheaper for one phone to be worth more after some weeks.

    This is the rule for one unit: the margin then, less those who leave and the value of money,
    must exceed the margin now (or nothing, where a unit loses money now).

    Returns
    -------
    array (3,)
        Fall as a share of the cost at first sale: low, median, high (80 %); above 1: no fall does.
    """
    stay = np.exp(-(market.reneging_rate + market.discount) * weeks)
    needed_margin_usd = np.fmax(market.margin_usd[:, 0], 0) / stay
    needed_cost_usd = market.net_usd[:, weeks] - needed_margin_usd
    return interval(1 - needed_cost_usd / market.cost_usd[:, 0])
