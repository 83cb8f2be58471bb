"""Making fewer phones at first, until their parts get cheaper, played out over whole lives.

A phone not made now can be made later only where capacity is free then, for a buyer who still
waits. A rule for one unit takes both for granted, so two plans are simulated on the same draws
and compared. What their difference says of a launch is left to `verdict.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import interval
from .market import Market
from .policies import AS_MADE, SELL_AS_MADE, ReleasePolicy, policy_table
from .simulate import outcomes_by_draw, units_by_week

HALF = 0.5  # of the phones, that is made while a delay lasts
ROUNDING = 1e-9  # share of the output below which a difference of units is one of rounding


@dataclass(frozen=True, kw_only=True)
class Delay:
    """Making only a part of the phones at first, against selling as made; arrays (draws,)."""

    policy: ReleasePolicy
    gain_usd: np.ndarray
    """Gain over selling as made at the list price; negative where it loses."""
    as_made_usd: np.ndarray
    """Profit of selling as made, which the gain is held against."""
    sold: np.ndarray
    """Phones sold in each week, an array (draws, weeks)."""
    later_cost_usd: np.ndarray
    """What the phones cost, discounted, that are made after the delay because of it."""
    withheld_units: np.ndarray
    """Phones sold less than as made while only a part is made."""
    later_units: np.ndarray
    """Phones sold more after that; below 0 where owners are missed who would have led others."""
    always_short: np.ndarray
    """Whether every phone that can be made is sold in every week of a life sold as made."""
    starts_at_a_loss: np.ndarray
    """Whether a phone brings less than it costs at first sale, at the list price."""
    cost_fall: np.ndarray
    """Share by which the cost of a unit falls until the end of the delay."""

    @property
    def weeks(self) -> int:
        """Weeks for which only a part is made."""
        return self.policy.volume_week

    @property
    def chance(self) -> float:
        """Share of the simulated lives in which the delay earns more."""
        return float((self.gain_usd > 0).mean())

    @property
    def at_a_loss_where_it_pays(self) -> float:
        """Share of the lives in which the delay earns more that start at a loss; NaN if none.

        There it pays to sell less for a while, rather than to wait for cheaper parts.
        """
        pays = self.gain_usd > 0
        return float(self.starts_at_a_loss[pays].mean()) if pays.any() else np.nan

    @property
    def mean_usd(self) -> float:
        """Mean gain over selling as made."""
        return float(self.gain_usd.mean())

    @property
    def share_of_profit(self) -> float:
        """Mean gain over the mean profit of selling as made; NaN where that is none."""
        profit_usd = self.as_made_usd.mean()
        return float(self.mean_usd / profit_usd) if profit_usd > 0 else np.nan

    @property
    def share_made_later(self) -> float:
        """Phones made later after all, of those withheld: both summed over draws, 0 to 1."""
        withheld_units = self.withheld_units.sum()
        if withheld_units <= 0:
            return 0.0
        return float(np.clip(self.later_units.sum() / withheld_units, 0, 1))

    @property
    def always_short_share(self) -> float:
        """Share of lives in which a phone withheld cannot be made later: supply always binds."""
        return float(self.always_short.mean())

    @property
    def expected_fall(self) -> float:
        """Share by which we expect the cost of a unit to fall until the end of the delay."""
        return float(self.cost_fall.mean())

    @property
    def needed_fall(self) -> float:
        """Fall of cost until the end of the delay at which it earns as much as selling as made.

        On average over draws, as a share of the cost at first sale; infinite where no phone is
        made later, above 1 where even parts for nothing would not pay, and below 0 where it pays
        though the cost rises (minus infinity where it pays and no phone is made later).
        """
        # Sales do not depend on costs, so the gain grows in proportion to a further fall of all
        # later costs: the mean gain plus the fall times the mean later cost is 0.
        later_cost_usd = self.later_cost_usd.mean()
        if later_cost_usd <= 0:
            return np.inf if self.mean_usd <= 0 else -np.inf
        further_fall = -self.mean_usd / later_cost_usd
        return float(1 - (1 - further_fall) * (1 - self.expected_fall))


def play_delay(market: Market, weeks: int, release: float = HALF) -> Delay:
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
    Delay
        Against selling as made on the same draws.

    Raises
    ------
    ValueError
        If the delay does not end within the life.
    """
    if not 0 <= weeks < market.weeks:
        raise ValueError(f"weeks = {weeks}; expected 0 to {market.weeks - 1}, within the life")
    policy = ReleasePolicy(release=release, volume_week=weeks)
    policies = policy_table({"delay": policy, AS_MADE: SELL_AS_MADE})
    delayed_usd, as_made_usd = outcomes_by_draw(policies, market).profit_usd
    gain_usd = delayed_usd - as_made_usd

    delayed = units_by_week(policy, market)
    as_made = units_by_week(SELL_AS_MADE, market)
    more_sold = delayed.sold - as_made.sold
    rounding = ROUNDING * as_made.sold.sum(axis=1)
    later_units = _without_rounding(more_sold[:, weeks:].sum(axis=1), rounding)
    unit_cost_usd = np.exp(-market.discount[:, None] * np.arange(market.weeks)) * market.cost_usd
    later_cost_usd = ((delayed.made - as_made.made) * unit_cost_usd)[:, weeks:].sum(axis=1)
    return Delay(
        policy=policy,
        gain_usd=gain_usd,
        as_made_usd=as_made_usd,
        sold=delayed.sold,
        later_cost_usd=np.where(later_units == 0, 0, later_cost_usd),
        withheld_units=_without_rounding(-more_sold[:, :weeks].sum(axis=1), rounding),
        later_units=later_units,
        always_short=(as_made.sold >= market.supply_units * (1 - ROUNDING)).all(axis=1),
        starts_at_a_loss=market.margin_usd[:, 0] < 0,
        cost_fall=1 - market.cost_usd[:, weeks] / market.cost_usd[:, 0],
    )


def compare_delays(market: Market, weeks: list[int]) -> pd.DataFrame:
    """Simulate delays of several numbers of weeks.

    Parameters
    ----------
    market : Market
        The launch's market, by draw.
    weeks : list of int
        For how many weeks only half of the phones is made; the rest of them never is, unless
        capacity is free later (`play_delay`).

    Returns
    -------
    DataFrame
        A row a delay: weeks, estimate (mean gain over selling as made, dollars), low, high (80 %),
        chance that the delay earns more.
    """
    delays = {str(delay): ReleasePolicy(release=HALF, volume_week=delay) for delay in weeks}
    table = policy_table({AS_MADE: SELL_AS_MADE, **delays})
    as_made_usd, *delayed_usd = outcomes_by_draw(table, market).profit_usd
    rows = [
        {"weeks": delay, **summarise_gain(profit_usd - as_made_usd)}
        for delay, profit_usd in zip(weeks, delayed_usd, strict=True)
    ]
    return pd.DataFrame(rows)


def summarise_gain(gain_usd: np.ndarray) -> dict[str, float]:
    """Return of a gain (draws,) its mean as `estimate`, low and high (80 %), and the chance of any.

    >>> summarise_gain(np.array([-1.0, 1.0, 3.0, 5.0]))["chance"]
    0.75
    """
    low, _, high = interval(gain_usd)
    chance = float((gain_usd > 0).mean())
    return {"estimate": gain_usd.mean(), "low": low, "high": high, "chance": chance}


def _without_rounding(units: np.ndarray, rounding: np.ndarray) -> np.ndarray:
    """Return units, those within rounding as none."""
    return np.where(np.abs(units) <= rounding, 0, units)
