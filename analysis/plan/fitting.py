"""The market of one launch from the studies of demand, supply and margin, and what the firm spends.

It reads the tables, fits each study once and hands on draws; the plans are for `choose.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .. import bom, demand, margin, sellout, supply
from ..data import Launch, load_table, shared
from ..margin import MarginPath
from .market import RAMP, Market, launch_market, supply_ramp
from .policies import ReleasePolicy
from .simulate import sales_by_week

WEEKS_A_MONTH = 4.35
YUAN_PER_USD = 6.5  # for the low figure of what Xiaomi spends; about the average of 2015 to 2020
TABLES = [
    "devices",
    "recosted_pairs",
    "sale_rounds",
    "device_sales",
    "company_metrics",
    "economics",
]

# A second order after the first sale (assumed): a phone left over loses this share of its cost,
# the second order costs this share of the margin more, and demand spreads by half its mean.
LEFTOVER_LOSS_SHARE = 0.3
SECOND_ORDER_PREMIUM = 0.2
DEMAND_SD = 0.5


@dataclass(frozen=True, kw_only=True)
class LaunchMarket:
    """What the plans of one launch meet, and the studies that it comes from."""

    launch: Launch
    path: MarginPath
    """Unit margin by month at the list price, draws of search and fresh ones in this order."""
    search: Market
    """Draws on which the best plan is looked for."""
    fresh: Market
    """As many other draws, on which it is compared."""
    ceiling: np.ndarray
    """Probabilities that nothing was held back, over what documented shortages allow (draws,)."""
    ceiling_moved: bool
    """Whether two independent reports of one time moved them."""
    tables: dict[str, pd.DataFrame]
    """The tables read, by name."""

    @property
    def xiaomi(self) -> pd.DataFrame:
        """What Xiaomi reported, the one maker whose accounts are on file."""
        return self.tables["company_metrics"].query("company == 'xiaomi'")

    @property
    def marketing_share(self) -> float:
        """Share of its revenue that the firm spends on marketing."""
        return self.xiaomi.query("metric == 'marketing_share'")["value"].mean()

    @property
    def marketing_usd_a_year(self) -> float:
        """A low figure of what the firm spends on marketing in a year."""
        revenue = self.xiaomi.query("metric == 'revenue' and scope == 'group'")["value"]
        return 1e9 / YUAN_PER_USD * self.marketing_share * revenue.min()

    @property
    def rate_of_bom(self) -> np.ndarray:
        """Rate at which the parts get cheaper, log a year, of the fresh draws."""
        return self.path.rate_per_year[self.search.draws :]

    @property
    def bom_at_first_sale_usd(self) -> np.ndarray:
        """Cost of the parts at first sale, of the fresh draws."""
        return self.path.items["bom"][self.search.draws :, 0]

    def assumption(self, item: str) -> pd.Series:
        """Return a row of economics.csv: value, low, high, unit and note of an item."""
        return self.tables["economics"].set_index("item").loc[item]


def fit_market(launch: Launch, *, draws: int = 2000, seed: int = 1) -> LaunchMarket:
    """Fit the studies of a launch and join their draws into the market that its plans meet.

    Parameters
    ----------
    launch : Launch
        Supply, price and costs known or assumed.
    draws : int
        Draws of the search; as many more are kept fresh.
    seed : int
        Seed of every draw.

    Returns
    -------
    LaunchMarket
    """
    tables = {name: load_table(name) for name in TABLES}
    devices = tables["devices"]
    decline = bom.study_costs(launch).own_rate

    weeks = int(launch.figure("life_months").number * WEEKS_A_MONTH)
    normals = np.random.default_rng(seed).standard_normal((2 * draws, len(RAMP)))
    ramp = supply_ramp(launch, weeks, normals)
    family = devices.set_index("device")["family"].get(launch.device, launch.device)
    prior = shared(demand.fit_prior)(demand.milestone_sequences(family))
    counts = demand.launch_counts(launch, ramp)
    fit = demand.fit_launch(ramp, prior, counts=counts, draws=2 * draws, seed=seed)

    # Price cuts of the file are left out: they belong to a plan.
    at_list_price = replace(launch, price_cuts=launch.price_cuts[:0])
    path = margin.margin_path(at_list_price, decline, 2 * draws, seed)
    market = launch_market(path, fit.parameters, fit.paths.supply_units, seed)

    shortage = supply.explain_shortage(launch, seed=seed)
    ceiling = 1 - shortage.draw_chance("held_back", draws, seed)
    return LaunchMarket(
        launch=launch,
        path=path,
        search=market.select(slice(draws)),
        fresh=market.select(slice(draws, None)),
        ceiling=ceiling,
        ceiling_moved=shortage.has_two_numbers,
        tables=tables,
    )


@dataclass(frozen=True, kw_only=True)
class CashFloat:
    """What it is worth that buyers pay before the phone is sent and parts are paid after it."""

    by_week: pd.DataFrame
    """week, received, paid, in dollars."""
    worth_usd: float
    """Present value of the float."""
    revenue_usd: float
    """Undiscounted revenue of the life, for comparison."""
    inventory_days: float
    payable_days: float


def value_cash_float(known: LaunchMarket, policy: ReleasePolicy) -> CashFloat:
    """Return the worth of the float of a plan, by the days of Xiaomi's balance sheets."""
    market = known.fresh
    sold = sales_by_week(policy, market).mean(axis=0)
    revenue_usd = sold * market.net_usd.mean(axis=0)
    days = known.xiaomi.groupby("metric")["value"].mean()
    by_week, worth_usd = margin.cash_by_week(
        revenue_usd,
        sold * market.cost_usd.mean(axis=0),
        prepaid_days=known.assumption("prepaid_days")["value"],
        inventory_days=days["inventory_days"],
        payable_days=days["payable_days"],
        rate_per_year=known.assumption("discount_rate")["value"],
    )
    return CashFloat(
        by_week=by_week,
        worth_usd=worth_usd,
        revenue_usd=revenue_usd.sum(),
        inventory_days=days["inventory_days"],
        payable_days=days["payable_days"],
    )


@dataclass(frozen=True, kw_only=True)
class SignalValue:
    """What the first flash sale is worth as a signal to a maker that orders twice."""

    correlation: float
    """Rank correlation of the order rate of first drops with later sales."""
    correlation_low: float
    correlation_high: float
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

    def worth(accuracy: float) -> float:
        """Dollars a phone at an accuracy; one below 0 is taken as none."""
        return margin.two_orders(
            overage=LEFTOVER_LOSS_SHARE * known.fresh.cost_usd[:, 0].mean(),
            underage=unit_margin_usd,
            premium=SECOND_ORDER_PREMIUM * unit_margin_usd,
            mean=1.0,
            sd=DEMAND_SD,
            accuracy=max(accuracy, 0),
        ).value

    return SignalValue(
        correlation=correlation["estimate"],
        correlation_low=correlation["low"],
        correlation_high=correlation["high"],
        devices=int(correlation["devices"]),
        usd_a_phone=worth(correlation["estimate"]),
        usd_a_phone_low=worth(correlation["low"]),
        usd_a_phone_high=worth(correlation["high"]),
    )
