"""Results of a plan's page that follow from its market: plans to try, prices, sales, levers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from .. import demand
from ..data import Launch
from ..data.lengths import DAYS_A_WEEK
from ..look.panel import one_change_at_a_time
from ..sellout.words import product_name
from ..supply.words import known_lots
from .choose import PlanChoice
from .clearing import clearing_by_week, life_clearing_price
from .fitting import LaunchMarket
from .levers import value_cash_float, value_signal
from .market import Market, weeks_of_life
from .policies import (
    A_FIFTH_DEARER,
    AS_MADE,
    NEVER,
    RIVALS,
    SELL_AS_MADE,
    ReleasePolicy,
    actual_policy,
    make_policies,
    policy_table,
)
from .results_inputs import InputSwings, Levers
from .results_plans import SalesByWeek
from .results_price import Clearing, PriceOption
from .sensitivity import find_swings, gain_by_elasticity, turning_elasticity
from .simulate import outcomes_by_draw, price_by_week, sales_by_week
from .verdict import Ceiling

GRID = {
    "release": [1.0, 0.0, 0.5],
    "store": [0, 1],
    "volume_week": [0, 4, 8, 13, 26],
    "cut": [0.15],
    "cut_week": [26, 39, NEVER],
}
S_WEEKS_LATER = [0, 13]  # after the week in which it came: before, its parts were not there
PRICES = [0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0]
SELLS_ALL = 0.99  # of what can be made: from there on a life is said to sell all of it
SHARE_THAT_SELLS_ALL = 0.9  # of simulations, at a price that may be recommended
LEAST_PRICES = 7  # of them are tried even where the market clears at the list price
ELASTICITIES = [1.05, 1.5, 2.5, 5.0, 8.0]  # at which a dearer price is weighed, beside the guess
CLEARING_WEEKS = [0, 2, 4, 8, 13, 26, 39, 52, 78]
# Shares of the draws on which each input in turn is moved, and each elasticity is played.
SHARE_OF_SWINGS = 0.16
SHARE_OF_ELASTICITIES = 0.5
LEAST_DRAWS = 200  # of either


def dearest_price(known: LaunchMarket) -> float:
    """Return the highest price over list that may be recommended: of those tried, and at least 1.

    At it, and at all lower ones, nine of ten draws still sell all that can be made. Where the maker
    pledged a cap on its net margin and the phone, before overheads, earns more than it, or where
    nothing says how many people could buy, none is above the list.
    """
    market = known.fresh
    if not known.buyers_are_known:
        return 1.0
    if market.margin_usd.mean() > known.margin_cap * market.net_usd.mean():
        return 1.0
    dearer = [price for price in PRICES if price > 1]
    plans = policy_table({f"at {price}": ReleasePolicy(price=price) for price in dearer})
    all_made = market.supply_units.sum(axis=1) + market.opening_stock
    sells_all = outcomes_by_draw(plans, market).units >= SELLS_ALL * all_made
    is_enough = sells_all.mean(axis=1) >= SHARE_THAT_SELLS_ALL
    return max([1.0, *dearer[: np.logical_and.accumulate(is_enough).sum()]])


def policies_to_try(launch: Launch, dearest: float) -> pd.DataFrame:
    """Return the plans that the search tries: two prices beyond the dearest that it may choose.

    An upgraded version is tried only where its price is known, and no earlier than it came.
    Nothing is tried after the end of the life.
    """
    weeks = weeks_of_life(launch)
    tried = max(LEAST_PRICES, sum(price <= dearest for price in PRICES) + 2)
    s_weeks = []
    if launch.figure("s_version.list_local").known:
        s_weeks = [actual_policy(launch).s_week + later for later in S_WEEKS_LATER]
    choices = GRID | {"price": PRICES[:tried], "s_week": [*s_weeks, NEVER]}
    for name in ("volume_week", "cut_week", "s_week"):
        choices[name] = [week for week in choices[name] if week < weeks or week == NEVER]
    return make_policies(**choices)


def find_clearing(known: LaunchMarket) -> Clearing:
    """Find the price that clears the market, in some weeks and over the life."""
    market = known.fresh
    weeks = {week for week in CLEARING_WEEKS if week < market.weeks} | {*known.anchors.prices.week}
    return Clearing(
        phone=product_name(known.launch),
        by_week=clearing_by_week(market, sorted(weeks)),
        life=life_clearing_price(market),
        observed=known.anchors.prices,
        buyers_are_known=known.buyers_are_known,
    )


def count_sales(known: LaunchMarket, policy: ReleasePolicy) -> SalesByWeek:
    """Count what a plan sells and brings by week."""
    market = known.fresh
    sold = sales_by_week(policy, market)
    revenue_usd = sold * price_by_week(policy, market) * market.net_usd
    counts = list_counts(known.launch)
    comparable = min(weeks_alike(policy, actual_policy(known.launch)), market.weeks)
    return SalesByWeek(
        phone=product_name(known.launch),
        policy=policy,
        sold=sold,
        revenue_usd=revenue_usd,
        counts=counts[counts["week"] <= comparable],
    )


def list_counts(launch: Launch) -> pd.DataFrame:
    """List what is counted of a product itself, without its series.

    Parameters
    ----------
    launch : Launch
        With its counts of sales and its lots.

    Returns
    -------
    DataFrame
        A row a count: week since the first sale, whose day counts whole, date, units since then,
        and `kind`: sold, shipped, or lots for the total of the lots sold out so far.
    """
    counts = demand.counts_of_sales(launch).query("scope == 'model'")
    lots = known_lots(launch).query("sold_out == 'yes'").sort_values("date")
    days = (lots["date"] - launch.figure("first_sale").value).dt.days
    lots = lots.assign(week=(days + 1) / DAYS_A_WEEK)[days >= 0]
    lots = lots.assign(units=lots["units"].cumsum(), kind="lots")
    columns = ["week", "date", "units", "kind"]
    tables = [table[columns] for table in (counts, lots) if len(table)]
    return pd.concat(tables or [counts[columns]], ignore_index=True)


def weeks_alike(policy: ReleasePolicy, other: ReleasePolicy) -> float:
    """Return for how many weeks two plans are the same.

    Examples
    --------
    >>> weeks_alike(SELL_AS_MADE, SELL_AS_MADE), weeks_alike(SELL_AS_MADE, RIVALS["a fifth dearer"])
    (inf, 0.0)
    >>> weeks_alike(SELL_AS_MADE, ReleasePolicy(cut=0.1, cut_week=39))
    39.0
    >>> weeks_alike(ReleasePolicy(s_week=20), ReleasePolicy(s_week=20, cut=0.1, cut_week=39))
    39.0
    """
    later = {"cut": 0.0, "cut_week": NEVER, "s_week": NEVER}
    if replace(policy, **later) != replace(other, **later):
        return 0.0
    part_in = [np.inf]
    if (policy.cut, policy.cut_week) != (other.cut, other.cut_week):
        part_in += [policy.cut_week, other.cut_week]
    if policy.s_week != other.s_week:
        part_in += [policy.s_week, other.s_week]
    return float(min(part_in))


def value_price_option(known: LaunchMarket, choice: PlanChoice) -> PriceOption:
    """Value a price a fifth above list, everything else as when sold as made."""
    guess = known.assumption("price_elasticity")
    few = _first_draws(known.before.draws, SHARE_OF_ELASTICITIES)
    gains = gain_by_elasticity(
        RIVALS[A_FIFTH_DEARER],
        SELL_AS_MADE,
        known.before.select(few),
        sorted({*ELASTICITIES, *guess[["low", "value", "high"]]}),
        known.anchors.select(few).weights,
        known.weeks_counted,
    )
    return PriceOption(
        phone=product_name(known.launch),
        gain_usd=choice.gain_over(A_FIFTH_DEARER, AS_MADE),
        as_made=choice.table.loc[AS_MADE, ["units", "profit_usd"]],
        dearer=choice.table.loc[A_FIFTH_DEARER, ["units", "profit_usd"]],
        elasticity=guess,
        moved_elasticity=known.fresh.elasticity.mean() if len(known.anchors.prices) else np.nan,
        by_elasticity=gains,
        turns_at=turning_elasticity(gains),
    )


def value_levers(known: LaunchMarket, choice: PlanChoice, ceiling: Ceiling) -> Levers:
    """Value what else could be changed, for a phone that is sold as made.

    What one phone more that can be made is worth comes from the verdict.
    """
    as_made = policy_table({AS_MADE: SELL_AS_MADE})
    sooner = outcomes_by_draw(as_made, known.fresh.supplied_sooner()).profit_usd[0]
    return Levers(
        phone=product_name(known.launch),
        week_usd=sooner - choice.profit_usd[AS_MADE].to_numpy(),
        unit_usd=ceiling.unit_worth_usd,
        short_weeks=ceiling.short_weeks,
        cash=value_cash_float(known),
        signal=value_signal(known),
    )


def swing_inputs(known: LaunchMarket, choice: PlanChoice) -> InputSwings:
    """Swing each input and see what a fifth dearer gains over the list price.

    Inputs swing on some of the draws. What they add there is set on the mean gain of all draws,
    so that the chart has the mean that the page says.
    """
    policies = {A_FIFTH_DEARER: RIVALS[A_FIFTH_DEARER], AS_MADE: SELL_AS_MADE}
    some = _first_draws(known.fresh.draws, SHARE_OF_SWINGS)
    swings = find_swings(
        policies, known.fresh.select(some), over=AS_MADE, weeks_counted=known.weeks_counted
    )
    gain_usd = choice.gain_over(A_FIFTH_DEARER, AS_MADE)
    swings[["gain_low_usd", "gain_high_usd"]] += gain_usd.mean() - gain_usd[some].mean()
    return InputSwings(
        phone=product_name(known.launch), swings=swings, base_usd=float(gain_usd.mean())
    )


def _first_draws(draws: int, share: float) -> slice:
    """Return the first draws of a share of them, but at least `LEAST_DRAWS`."""
    return slice(max(int(share * draws), LEAST_DRAWS))


class PanelProfits:
    """Profits of the plans that a panel can set, by draw.

    Those that one slider reaches alone are played at once, which costs little more than one of
    them; others when they are asked for.
    """

    def __init__(self, market: Market, choices: Mapping[str, Sequence[float]]):
        self.market = market
        middle = {name: values[len(values) // 2] for name, values in choices.items()}
        policies = [self._policy(**trial) for trial in one_change_at_a_time(middle, choices)]
        self.by_policy = self._play([SELL_AS_MADE, *policies])

    @property
    def as_made(self) -> np.ndarray:
        """Profit of selling as made at the list price, in dollars (draws,)."""
        return self.by_policy[SELL_AS_MADE]

    def of(self, *, price: float, weeks: int, released: float) -> np.ndarray:
        """Return the profit of holding back for some weeks at a price, in dollars (draws,)."""
        policy = self._policy(price, weeks, released)
        if policy not in self.by_policy:
            self.by_policy |= self._play([policy])
        return self.by_policy[policy]

    def _policy(self, price: float, weeks: int, released: float) -> ReleasePolicy:
        """Return the plan of some settings."""
        return ReleasePolicy(price=price, release=released, volume_week=weeks)

    def _play(self, policies: list[ReleasePolicy]) -> dict[ReleasePolicy, np.ndarray]:
        """Play plans on the same draws."""
        table = policy_table(dict(enumerate(policies)))
        profits_usd = outcomes_by_draw(table, self.market).profit_usd
        return dict(zip(policies, profits_usd, strict=True))
