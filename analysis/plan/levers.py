"""What else there is to gain: the float of cash, and the first sale as a signal for a second order.

Both are of the market of a launch (`fitting.py`) whose phones are sold as they are made.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from .. import margin, sellout
from ..data import interval
from ..data.lengths import WEEKS_A_YEAR
from .fitting import LaunchMarket
from .market import draw_items
from .policies import SELL_AS_MADE
from .simulate import sales_by_week

DRAWS_OF_CASH = 200  # of days and the cost of money, for the range of the float


@dataclass(frozen=True, kw_only=True)
class CashFloat:
    """What it is worth that buyers pay before the phone is sent and parts are paid after it."""

    by_week: pd.DataFrame
    """week, received, paid, in dollars."""
    worth_usd: float
    """Present value of the float."""
    worth_range_usd: tuple[float, float]
    """Its 80 % range, by what is assumed of prepaid days and of the cost of money."""
    revenue_usd: float
    """Undiscounted revenue of the life, for comparison."""
    inventory_days: float
    payable_days: float


def value_cash_float(known: LaunchMarket) -> CashFloat:
    """Return the worth of the float where phones are sold as made, by the firm's balance sheets."""
    market = known.fresh
    sold = sales_by_week(SELL_AS_MADE, market).mean(axis=0)
    revenue_usd = sold * market.net_usd.mean(axis=0)
    firm = known.firm
    flows = partial(
        margin.cash_by_week,
        revenue_usd,
        sold * market.cost_usd.mean(axis=0),
        inventory_days=firm.inventory_days,
        payable_days=firm.payable_days,
    )
    by_week, worth_usd = flows(
        prepaid_days=known.assumption("prepaid_days")["value"],
        rate_per_year=known.assumption("discount_rate")["value"],
    )
    prepaid_days, rate_a_week = draw_items(["prepaid_days", "discount_rate"], DRAWS_OF_CASH, seed=1)
    worths_usd = [
        flows(prepaid_days=max(days, 0), rate_per_year=rate * WEEKS_A_YEAR)[1]
        for days, rate in zip(prepaid_days, rate_a_week, strict=True)
    ]
    low_usd, _, high_usd = interval(np.array(worths_usd))
    return CashFloat(
        by_week=by_week,
        worth_usd=worth_usd,
        worth_range_usd=(low_usd, high_usd),
        revenue_usd=revenue_usd.sum(),
        inventory_days=firm.inventory_days,
        payable_days=firm.payable_days,
    )


@dataclass(frozen=True, kw_only=True)
class SignalValue:
    """What the first flash sale is worth as a signal to a maker that orders twice."""

    correlation: float
    """Rank correlation of the order rate of first drops with later sales."""
    devices: int
    usd_a_phone: float
    """Dollars a phone of the mean demand; 0 where the correlation is not above 0."""
    usd_a_phone_low: float
    usd_a_phone_high: float


def value_signal(known: LaunchMarket) -> SignalValue:
    """Return what a first sale is worth as a signal (Fisher and Raman 1996), at its accuracy."""
    tables = known.tables
    study = sellout.hit_or_miss(tables["sale_rounds"], tables["device_sales"], tables["devices"])
    comparisons = study.comparisons.set_index("term")
    correlation = comparisons.loc["rank correlation of order rate and later sales"]
    unit_margin_usd = max(known.fresh.margin_usd[:, 0].mean(), 1.0)

    overage_usd = known.fresh.cost_usd[:, 0].mean()
    overage_usd *= known.assumption("leftover_loss_share")["value"]
    premium_usd = unit_margin_usd * known.assumption("second_order_premium")["value"]
    spread = np.log(known.fresh.potential).std()

    def worth(accuracy: float) -> float:
        """Dollars a phone at an accuracy; one below 0 is taken as none."""
        return margin.two_orders(
            overage=overage_usd,
            underage=unit_margin_usd,
            premium=premium_usd,
            mean=1.0,
            sd=spread,
            accuracy=max(accuracy, 0),
        ).value

    return SignalValue(
        correlation=correlation["estimate"],
        devices=int(correlation["devices"]),
        usd_a_phone=worth(correlation["estimate"]),
        usd_a_phone_low=worth(correlation["low"]),
        usd_a_phone_high=worth(correlation["high"]),
    )
