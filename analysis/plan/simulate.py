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

from ..data.scheduler import cluster_of_environment, run_in_order
from .life import first_state, play_life, play_week
from .market import Market
from .policies import AS_MADE, SELL_AS_MADE, ReleasePolicy, is_cut, policy_table
from .tree import PolicyTree, grow_tree

PLENTY = 1e15  # phones a week that no market buys up

# Blocks that fit a processor's cache: many policies with few draws, or few policies with many.
POLICIES_A_BLOCK = 320
DRAWS_A_BLOCK = 16
MOST_DRAWS_A_BLOCK = 2000
PAIRS_A_BLOCK = 16_384  # of a policy and a draw


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


def simulate(tree: PolicyTree, market: Market) -> Outcomes:
    """Simulate the nodes of a tree of policies through the life of the phone (`play_life`).

    Returns
    -------
    Outcomes
        Arrays (nodes of the last week, draws).
    """
    for played in play_life(tree, market):
        state = played.state
    return Outcomes(**{measure: getattr(state, measure) for measure in MEASURES})


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
    # Draws that are alike in how short they are stand in one block, and so do plans that hold back
    # to the end: where nothing is short in a whole block, its weeks are played at once.
    order = np.argsort(market.supply_units.sum(axis=1) / market.potential, kind="stable")
    to_the_end = policies["volume_week"].to_numpy() >= market.weeks
    outcomes = np.empty((len(MEASURES), len(policies), market.draws))
    for rows in (np.flatnonzero(~to_the_end), np.flatnonzero(to_the_end)):
        if not len(rows):
            continue
        tree = grow_tree(policies.iloc[rows], market.weeks)
        draws = np.clip(PAIRS_A_BLOCK // len(rows), DRAWS_A_BLOCK, MOST_DRAWS_A_BLOCK)
        for start in range(0, market.draws, draws):
            block = order[start : start + draws]
            simulated = simulate(tree, market.select(block))
            for measure, values in zip(MEASURES, outcomes, strict=True):
                values[np.ix_(rows, block)] = getattr(simulated, measure)[tree.last_node]
    return Outcomes(**dict(zip(MEASURES, outcomes, strict=True)))


@dataclass(frozen=True, kw_only=True)
class UnitsByWeek:
    """Phones sold and made in each week by one policy, arrays (draws, weeks)."""

    sold: np.ndarray
    made: np.ndarray
    """Those that stood in stock at first sale are not among them."""


def units_by_week(policy: ReleasePolicy, market: Market) -> UnitsByWeek:
    """Return the phones that one policy sells and makes in each week."""
    tree = grow_tree(policy_table({"policy": policy}), market.weeks)
    played = [*play_life(tree, market)]
    return UnitsByWeek(
        sold=np.concatenate([some.sold[:, 0] for some in played]).T,
        made=np.concatenate([some.made[:, 0] for some in played]).T,
    )


def sales_by_week(policy: ReleasePolicy, market: Market) -> np.ndarray:
    """Return the phones that one policy sells in each week.

    Parameters
    ----------
    policy : ReleasePolicy
        What is released when, at which price.
    market : Market
        The launch's market, by draw.

    Returns
    -------
    array (draws, weeks)
        Phones, week 0 being that of the first sale.
    """
    return units_by_week(policy, market).sold


def price_by_week(policy: ReleasePolicy, market: Market) -> np.ndarray:
    """Return the price over list that buyers pay in each week, an array (draws, weeks)."""
    week = np.arange(market.weeks)
    cut = is_cut(week, policy.cut_week, policy.s_week)
    price = policy.price * np.where(cut, 1 - policy.cut, 1)
    return price * np.where(week >= policy.s_week, market.s_price[:, None], 1)


def buyers_and_supply(market: Market, weeks: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Count who would buy in some weeks if nothing were short in them, and what is on offer.

    In the weeks before phones are sold as they are made, at the list price.

    Returns
    -------
    tuple of array (draws, weeks)
        Those who wait or come in the week and would buy; phones made in it and in stock.
    """
    tree = grow_tree(policy_table({AS_MADE: SELL_AS_MADE}), max(weeks) + 1)
    market = market.with_weeks_together()
    state = first_state(tree.weeks[0], market)
    buyers, supply = {}, {}
    for week, step in enumerate(tree.weeks):
        if week in weeks:
            plenty = replace(market, supply_units=np.full_like(market.supply_units, PLENTY))
            [buyers[week]] = play_week(state, step, plenty, week).sold[0]
            supply[week] = state.stock[0] + market.supply_units[:, week]
        state = play_week(state, step, market, week).state
    return (
        np.column_stack([buyers[week] for week in weeks]),
        np.column_stack([supply[week] for week in weeks]),
    )


def mean_outcomes(policies: pd.DataFrame, market: Market) -> np.ndarray:
    """Return the means over draws of what policies come to, an array (measures, policies)."""
    return outcomes_by_draw(policies, market).means()


def evaluate(policies: pd.DataFrame, market: Market, jobs: int = 1) -> pd.DataFrame:
    """Simulate many policies and return their means over draws.

    Parameters
    ----------
    policies : DataFrame
        A row a policy, with the columns of `make_policies`.
    market : Market
        What they meet.
    jobs : int
        Processes (joblib); ignored where LAUNCH_SCHEDULER in the environment names a Dask one.

    Returns
    -------
    DataFrame
        The policies with the means of `MEASURES` and `margin`, profit over revenue.
    """
    # Data travel inside the task: what is sent to one worker alone is lost with it.
    tasks = [
        partial(mean_outcomes, policies.iloc[start : start + POLICIES_A_BLOCK], market)
        for start in range(0, len(policies), POLICIES_A_BLOCK)
    ]
    means = np.hstack(_results_of(tasks, jobs))
    evaluated = policies.reset_index(drop=True).assign(**dict(zip(MEASURES, means, strict=True)))
    return evaluated.assign(margin=evaluated["profit_usd"] / evaluated["revenue_usd"])


def _results_of(tasks: list[partial], jobs: int) -> list[np.ndarray]:
    """Run tasks on the Dask scheduler of the environment, or on so many processes; in order."""
    cluster = cluster_of_environment()
    if cluster:
        return run_in_order(cluster, tasks)
    return Parallel(n_jobs=jobs)(delayed(task)() for task in tasks)
