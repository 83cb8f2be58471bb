"""What comes of a release policy: people, phones and money, week by week, in every draw.

Policies are walked as a tree (`tree.py`) and draws in blocks that depend on the problem alone, so
that sums are the same to the last bit on one process, on many, and on a Dask cluster.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import partial

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from ..demand import advance_one_step
from .market import Market
from .policies import SELL_AS_MADE, ReleasePolicy, policy_table
from .scheduler import cluster_of_environment, run_in_order
from .tree import PolicyTree, TreeWeek, grow_tree

PLENTY = 1e15  # phones a week that no market buys up

# Blocks that fit a processor's cache: many policies with few draws, or few policies with many.
POLICIES_A_BLOCK = 320
DRAWS_A_BLOCK = 64
MOST_DRAWS_A_BLOCK = 2000
PAIRS_A_BLOCK = POLICIES_A_BLOCK * DRAWS_A_BLOCK  # of a policy and a draw


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """What policies come to over the life, arrays (policies, draws)."""

    profit_usd: np.ndarray
    """Revenue less the cost of what was made and of an S version, discounted to first sale."""
    revenue_usd: np.ndarray
    """What buyers paid, after tax, royalty and channel, discounted to first sale."""
    units: np.ndarray
    """Phones sold."""
    waited_weeks: np.ndarray
    """Weeks that people waited, all together."""

    def means(self) -> np.ndarray:
        """Return the means over draws, an array (measures, policies)."""
        return np.array([getattr(self, measure).mean(axis=1) for measure in MEASURES])


MEASURES = [field.name for field in fields(Outcomes)]


@dataclass(frozen=True, kw_only=True)
class _State:
    """People and phones at the end of a week and sums so far, arrays (nodes, draws)."""

    owners: np.ndarray
    waiting: np.ndarray
    untouched: np.ndarray
    stock: np.ndarray
    profit_usd: np.ndarray
    revenue_usd: np.ndarray
    units: np.ndarray
    waited_weeks: np.ndarray

    def of_children(self, parents: np.ndarray | slice) -> _State:
        """Give each node of the next week the state of its parent."""
        return _State(
            **{field.name: getattr(self, field.name)[parents] for field in fields(_State)}
        )


@dataclass(frozen=True, kw_only=True)
class _Priced:
    """What follows from prices alone, arrays (kinds, draws): the same until a price changes."""

    paid: np.ndarray
    """Price over list that buyers pay."""
    people: np.ndarray
    """People who would ever buy at it."""
    reneging_rate: np.ndarray


@dataclass(frozen=True, kw_only=True)
class _Terms:
    """What one week offers each node, arrays (nodes, draws); money discounted to first sale."""

    p: np.ndarray
    q_per_owner: np.ndarray
    reneging_rate: np.ndarray
    revenue_per_unit_usd: np.ndarray
    cost_per_unit_usd: np.ndarray


def simulate(tree: PolicyTree, market: Market) -> Outcomes:
    """Simulate the nodes of a tree of policies through the life of the phone.

    Demand is a Bass diffusion among those whose willingness to pay exceeds the price; that is
    Pareto, so their number has a constant elasticity. Price acts through this number alone, hence
    unconstrained sales of the life have that elasticity. A lower price brings those who were priced
    out, a dearer version loses a part of those who have not come yet. Buyers who find nothing wait,
    and leave at a rate. The queue buys at the price of the week in which it is served, not of that
    in which people came. Those who have left are gone: no later price, stock or version brings them
    back. The price that the market bears erodes and interest fades. Phones are made to order up to
    what can be made. An S version sets both clocks back, and some owners come back for it (after
    Jiang and Jain 2012).

    Returns
    -------
    Outcomes
        Arrays (nodes of the last week, draws).
    """
    market = market.with_weeks_together()
    state = _first_state(tree.weeks[0], market)
    last_step = priced = None
    for week, step in enumerate(tree.weeks):
        # Weeks in which nothing changes share their arrays of prices.
        if last_step is None or step.price is not last_step.price:
            priced = _at_prices(step, market)
        last_step = step
        state = _play_week(state.of_children(step.parents), step, market, week, priced)
    return Outcomes(**{measure: getattr(state, measure) for measure in MEASURES})


def _first_state(step: TreeWeek, market: Market) -> _State:
    """Return the state at first sale: nobody owns one, the opening crowd waits."""
    shape = (step.nodes, market.draws)
    people = np.broadcast_to(market.people(step.price)[step.kind], shape)
    nothing = np.zeros(shape)
    return _State(
        owners=nothing,
        waiting=people * market.initial_share,
        untouched=people * (1 - market.initial_share),
        stock=nothing + market.opening_stock,
        profit_usd=nothing - market.opening_stock * market.cost_usd[:, 0],
        revenue_usd=nothing,
        units=nothing,
        waited_weeks=nothing,
    )


def _at_prices(step: TreeWeek, market: Market) -> _Priced:
    """Return what follows from the prices of a week."""
    paid = step.price * np.where(step.s_version_since > 0, market.s_price, 1)
    return _Priced(
        paid=paid,
        people=market.people(paid),
        reneging_rate=market.reneging_rate * paid**market.leave_price,
    )


def _terms_of_week(step: TreeWeek, market: Market, week: int, priced: _Priced) -> _Terms:
    """Return rates and money of a week, computed once for each kind of product on sale."""
    discount = np.exp(-market.discount * week)
    cost_ratio = np.where(step.s_version_since > 0, market.s_cost, 1)

    # The price that the market bears erodes and interest fades, both with the age of the product;
    # an S version takes back a part of that age.
    decay = market.elasticity * market.erosion + market.fade
    scale = np.exp(-decay * (week - market.s_reset * step.s_version_since))

    revenue = discount * priced.paid * market.net_usd[:, week]
    cost = discount * cost_ratio * market.cost_usd[:, week]
    return _Terms(
        p=(market.p * scale)[step.kind],
        q_per_owner=(market.q * scale / priced.people)[step.kind],
        reneging_rate=priced.reneging_rate[step.kind],
        revenue_per_unit_usd=revenue[step.kind],
        cost_per_unit_usd=cost[step.kind],
    )


def _reprice(untouched: np.ndarray, step: TreeWeek, market: Market, week: int) -> np.ndarray:
    """Let in those whom a lower price no longer keeps out, or lose those whom a dearer one does."""
    was_s_version = (step.s_version_since > 0) & (step.s_version_since < week)
    paid_before = step.price_before * np.where(was_s_version, market.s_price, 1)
    paid = step.price * np.where(step.s_version_since > 0, market.s_price, 1)
    change = (market.people(paid) - market.people(paid_before))[step.kind]
    share_left = ((paid / paid_before) ** -market.elasticity)[step.kind]
    return np.where(change >= 0, untouched + change, untouched * share_left)


def _play_week(
    state: _State, step: TreeWeek, market: Market, week: int, priced: _Priced | None = None
) -> _State:
    """Sell what a week releases and has in stock; the state at its end."""
    terms = _terms_of_week(step, market, week, priced or _at_prices(step, market))
    owners, untouched, profit_usd = state.owners, state.untouched, state.profit_usd
    if step.is_repriced:
        untouched = _reprice(untouched, step, market, week)
    if step.has_new_s_version:
        come_back = step.s_version_starts * market.upgrade * owners
        owners = owners - come_back
        untouched = untouched + come_back
        fixed_usd = step.s_version_starts * np.exp(-market.discount * week) * market.s_fixed_usd
        profit_usd = profit_usd - fixed_usd

    can_make = market.supply_units[:, week]
    on_offer = step.release * can_make + state.stock * (step.is_storing == 0)
    sale = advance_one_step(
        on_offer,
        owners,
        state.waiting,
        untouched,
        terms.p,
        terms.q_per_owner,
        terms.reneging_rate,
    )

    # Without a store what is sold is what was made; with one, stock is sold before more is made.
    if step.has_a_store or state.stock.any():
        made_to_order = np.clip(sale.sold - state.stock, 0, can_make)
        output = np.where(step.is_storing > 0, can_make, made_to_order)
        stock = state.stock + output - sale.sold
    else:
        output = sale.sold
        stock = state.stock

    revenue_usd = terms.revenue_per_unit_usd * sale.sold
    return _State(
        owners=sale.owners,
        waiting=sale.waiting,
        untouched=sale.untouched,
        stock=stock,
        profit_usd=profit_usd + (revenue_usd - terms.cost_per_unit_usd * output),
        revenue_usd=state.revenue_usd + revenue_usd,
        units=state.units + sale.sold,
        waited_weeks=state.waited_weeks + sale.waiting,
    )


def outcomes_by_draw(policies: pd.DataFrame, market: Market) -> Outcomes:
    """Simulate policies, draw by draw.

    Parameters
    ----------
    policies : DataFrame
        A row a policy, with the columns of `make_policies`.
    market : Market
        What they meet.

    Returns
    -------
    Outcomes
        Arrays (policies, draws), both in the order given.
    """
    tree = grow_tree(policies, market.weeks)
    draws = np.clip(PAIRS_A_BLOCK // len(policies), DRAWS_A_BLOCK, MOST_DRAWS_A_BLOCK)
    blocks = [
        simulate(tree, market.select(slice(start, start + draws)))
        for start in range(0, market.draws, draws)
    ]
    joined = {
        measure: np.concatenate([getattr(block, measure) for block in blocks], axis=1)
        for measure in MEASURES
    }
    return Outcomes(**{measure: values[tree.last_node] for measure, values in joined.items()})


@dataclass(frozen=True, kw_only=True)
class UnitsByWeek:
    """Phones sold and made in each week by one policy, arrays (draws, weeks)."""

    sold: np.ndarray
    made: np.ndarray
    """Those that stood in stock at first sale are not among them."""


def units_by_week(policy: ReleasePolicy, market: Market) -> UnitsByWeek:
    """Return the phones that one policy sells and makes in each week."""
    tree = grow_tree(policy_table({"policy": policy}), market.weeks)
    market = market.with_weeks_together()
    state = _first_state(tree.weeks[0], market)
    weekly_sales, weekly_output = [], []
    for week, step in enumerate(tree.weeks):
        before = state.of_children(step.parents)
        state = _play_week(before, step, market, week)
        sales = state.units[0] - before.units[0]
        weekly_sales.append(sales)
        weekly_output.append(sales + state.stock[0] - before.stock[0])
    return UnitsByWeek(sold=np.column_stack(weekly_sales), made=np.column_stack(weekly_output))


def sales_by_week(policy: ReleasePolicy, market: Market) -> np.ndarray:
    """Return the phones that one policy sells in each week, an array (draws, weeks)."""
    return units_by_week(policy, market).sold


def price_by_week(policy: ReleasePolicy, market: Market) -> np.ndarray:
    """Return the price over list that buyers pay in each week, an array (draws, weeks)."""
    week = np.arange(market.weeks)
    price = policy.price * np.where(week >= policy.cut_week, 1 - policy.cut, 1)
    return price * np.where(week >= policy.s_week, market.s_price[:, None], 1)


def buyers_and_supply(market: Market, weeks: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Count who would buy in some weeks if nothing were short in them, and what is on offer.

    In the weeks before phones are sold as they are made, at the list price.

    Returns
    -------
    tuple of array (draws, weeks)
        Those who wait or come in the week and would buy; phones made in it and in stock.
    """
    tree = grow_tree(policy_table({"as made": SELL_AS_MADE}), max(weeks) + 1)
    market = market.with_weeks_together()
    state = _first_state(tree.weeks[0], market)
    buyers, supply = {}, {}
    for week, step in enumerate(tree.weeks):
        if week in weeks:
            plenty = replace(market, supply_units=np.full_like(market.supply_units, PLENTY))
            buyers[week] = (_play_week(state, step, plenty, week).units - state.units)[0]
            supply[week] = state.stock[0] + market.supply_units[:, week]
        state = _play_week(state, step, market, week)
    return (
        np.column_stack([buyers[week] for week in weeks]),
        np.column_stack([supply[week] for week in weeks]),
    )


def mean_outcomes(policies: pd.DataFrame, market: Market) -> np.ndarray:
    """Return the means over draws of what policies come to, an array (measures, policies)."""
    return outcomes_by_draw(policies, market).means()


def evaluate(
    policies: pd.DataFrame, market: Market, jobs: int = 1, verbose: int = 0
) -> pd.DataFrame:
    """Simulate many policies and return their means over draws.

    Parameters
    ----------
    policies : DataFrame
        A row a policy, with the columns of `make_policies`.
    market : Market
        What they meet.
    jobs : int
        Processes (joblib); ignored where LAUNCH_SCHEDULER in the environment names a Dask one.
    verbose : int
        How much joblib reports.

    Returns
    -------
    DataFrame
        The policies with the means of `MEASURES` and `margin`, profit over revenue.
    """
    # Draws that are alike stand in one block: then whole blocks skip what they do not need.
    order = np.argsort(market.supply_units.sum(1) / market.potential, kind="stable")
    market = market.select(order)
    # Data travel inside the task: what is sent to one worker alone is lost with it.
    tasks = [
        partial(mean_outcomes, policies.iloc[start : start + POLICIES_A_BLOCK], market)
        for start in range(0, len(policies), POLICIES_A_BLOCK)
    ]
    means = np.hstack(_results_of(tasks, jobs, verbose))
    evaluated = policies.reset_index(drop=True).assign(**dict(zip(MEASURES, means, strict=True)))
    return evaluated.assign(margin=evaluated["profit_usd"] / evaluated["revenue_usd"])


def _results_of(tasks: list[partial], jobs: int, verbose: int) -> list[np.ndarray]:
    """Run tasks on the Dask scheduler of the environment, or on so many processes; in order."""
    cluster = cluster_of_environment()
    if cluster:
        return run_in_order(cluster, tasks)
    return Parallel(n_jobs=jobs, verbose=verbose)(delayed(task)() for task in tasks)
