"""The best of many release policies, and how it stands against plain rivals.

Every policy is played on the same draws; those that are clearly worse on some of them are dropped
before the rest is played. The best of many is flattered by the draws that chose it, so the choice
and its rivals are played again on draws that the search has not seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..data import interval
from .market import Market
from .policies import AS_MADE, NEVER, ReleasePolicy, policy_of, policy_table
from .simulate import MEASURES, evaluate, outcomes_by_draw

RECOMMENDED = "recommended"
BEST_AT_LIST_PRICE = "best at list price"
BEST_OF_ALL = "best of all tried"
RUNNERS_UP = ["runner-up 1", "runner-up 2", "runner-up 3"]
# Draws on which policies are tried before all draws are played, and how many of each set of them
# stay at most: where many are nearly as good, as they are over a life of years, it hardly matters
# which of them wins.
ROUNDS = {48: 64, 240: 24}
CLEARLY_WORSE = 4.0  # standard errors below the fourth best at which a policy is dropped
KEPT_ABREAST = 4  # so many of the best stay in the search whatever the errors
TIE = 1e-9  # share of the most profit within which another is a tie
AS_GOOD = 0.01  # share of a profit within which another counts as good


@dataclass(frozen=True, kw_only=True)
class PlanChoice:
    """The best policy, its runners-up and its rivals on fresh draws."""

    table: pd.DataFrame
    """A row a policy, indexed by label: its choices, means of `MEASURES` with margin, 80 % of the
    profit, and what the recommended one gains over it (mean, its standard error, 80 %)."""
    profit_usd: pd.DataFrame
    """Profit by fresh draw (rows) of each policy (columns by label)."""
    tried: int
    """Number of policies tried."""

    def policy(self, label: str) -> ReleasePolicy:
        """Return a policy by its label."""
        return policy_of(self.table.loc[label])

    def gain_over(self, label: str, rival: str) -> np.ndarray:
        """Return by fresh draw what one policy earns beyond another.

        Parameters
        ----------
        label, rival : str
            Labels of two policies of `table`.

        Returns
        -------
        array (draws,)
            Dollars; below 0 where the rival earns more.
        """
        return (self.profit_usd[label] - self.profit_usd[rival]).to_numpy()


def best_policy(evaluated: pd.DataFrame) -> int:
    """Return the index label of the policy with the most profit.

    Ties go to the earliest and fullest release, then to the price nearest the list price, the
    smallest cut and the earliest S version: flat optima are the rule.

    Parameters
    ----------
    evaluated : DataFrame
        A row a policy: its choices and `profit_usd`.

    Returns
    -------
    int
        Of the index of `evaluated`.
    """
    most = evaluated["profit_usd"].max()
    ties = evaluated[evaluated["profit_usd"] >= most - TIE * abs(most)]
    ties = ties.assign(
        held_back=(1 - ties["release"]) * ties["volume_week"],
        off_list_price=abs(ties["price"] - 1),
    )
    order = ["held_back", "off_list_price", "cut", "s_week"]
    return ties.sort_values(order, kind="stable").index[0]


def choose_plan(
    policies: pd.DataFrame,
    rivals: dict[str, ReleasePolicy],
    market: Market,
    fresh: Market,
    jobs: int = 1,
    *,
    dearest: float = np.inf,
) -> PlanChoice:
    """Find the best of many policies and set it against rivals.

    Parameters
    ----------
    policies : DataFrame
        Policies to try, from `make_policies`; some at the list price.
    rivals : dict
        Policies to compare the best one with, by label; they need not be among those tried.
    market, fresh : Market
        Draws of the search, and others for the comparison.
    jobs : int
        Processes of the search (see `evaluate`).
    dearest : float
        Highest price over list that may be recommended. The lowest and the highest price tried are
        never recommended: what lies beyond them was not seen.

    Returns
    -------
    PlanChoice
        The gains are paired: both policies meet the same draws. A plan that holds phones back is
        chosen only where that adds more than `AS_GOOD` to its profit, on either set of draws.

    Raises
    ------
    ValueError
        If no price tried may be recommended, with the prices.
    """
    may_be_recommended = _inner_prices(policies) & (policies["price"] <= dearest)
    if not may_be_recommended.any():
        tried = ", ".join(f"{price:g}" for price in sorted(policies["price"].unique()))
        raise ValueError(
            f"prices {tried} over list, of which the dearest allowed is {dearest:g}; expected one "
            "that may be recommended, between the lowest and the highest tried"
        )
    groups = [np.ones(len(policies), bool), policies["price"] == 1, may_be_recommended]
    evaluated = search_plans(policies, groups, market, jobs)
    evaluated = evaluated.sort_values("profit_usd", ascending=False, kind="stable")
    allowed = evaluated[may_be_recommended[evaluated.index]]
    at_list_price = evaluated[evaluated["price"] == 1]
    recommended = _simplest(policy_of(allowed.loc[best_policy(allowed)]), (market, fresh))
    chosen = {
        RECOMMENDED: recommended,
        **_runners_up(allowed, recommended),
        BEST_AT_LIST_PRICE: _simplest(
            policy_of(at_list_price.loc[best_policy(at_list_price)]), (market, fresh)
        ),
        BEST_OF_ALL: policy_of(evaluated.loc[best_policy(evaluated)]),
        **rivals,
    }
    return _compare(policy_table(chosen), fresh, tried=len(policies))


def _runners_up(allowed: pd.DataFrame, recommended: ReleasePolicy) -> dict[str, ReleasePolicy]:
    """Return the next best plans by label, of those allowed, the best first.

    One of them may earn more than the recommended plan on the draws of the search: the one that
    holds phones back and gave way to the same plan without.
    """
    best_rows = allowed.head(1 + len(RUNNERS_UP))
    others = [policy_of(row) for _, row in best_rows.iterrows()]
    others = [policy for policy in others if policy != recommended]
    return dict(zip(RUNNERS_UP, others, strict=False))


def _simplest(policy: ReleasePolicy, markets: tuple[Market, Market]) -> ReleasePolicy:
    """Return the policy without holding back, where that is as good on some draws; else as it is.

    Over a life of years many plans come within the error of the simulation of one another. Which
    of them wins says nothing then, and to hold phones back is a risk that must be paid for. The
    draws that chose it flatter it, so it must be worth that on fresh ones too.
    """
    if policy.sells_as_made or policy.sells_nothing:
        return policy
    as_made = replace(policy, release=1.0, volume_week=0, store=0)
    both = policy_table({AS_MADE: as_made, "held back": policy})
    for market in markets:
        as_made_usd, held_back_usd = outcomes_by_draw(both, market).profit_usd.mean(axis=1)
        if as_made_usd >= held_back_usd - AS_GOOD * abs(held_back_usd):
            return as_made
    return policy


def _inner_prices(policies: pd.DataFrame) -> pd.Series:
    """Say which prices are neither the lowest nor the highest at which any plan sells.

    All are, where plans sell at one price alone.
    """
    sells = (policies["release"] > 0) | (policies["volume_week"] < NEVER)
    prices = policies.loc[sells, "price"]
    if prices.nunique() == 1:
        return policies["price"].notna()
    return (policies["price"] > prices.min()) & (policies["price"] < prices.max())


def search_plans(
    policies: pd.DataFrame, groups: list[np.ndarray], market: Market, jobs: int = 1
) -> pd.DataFrame:
    """Evaluate policies, dropping early those that are clearly worse: successive halving.

    All are played on the first draws. One whose mean profit lies further below that of the fourth
    best than `CLEARLY_WORSE` standard errors of their paired difference is dropped, and so is what
    ranks behind the number of `ROUNDS`; the rest meets more draws (Jamieson and Talwalkar 2016).
    All draws are common to all policies.

    Parameters
    ----------
    policies : DataFrame
        From `make_policies`.
    groups : list of bool array (policies,)
        Sets of policies of which the best must be found: none is dropped that leads one of them.
    market : Market
        Draws in a random order.
    jobs : int
        Processes of the last round.

    Returns
    -------
    DataFrame
        What `evaluate` gives of those that are left, with their index.
    """
    index = np.arange(len(policies))
    for draws, most in ROUNDS.items():
        if 2 * draws > market.draws or len(index) <= KEPT_ABREAST:
            break
        some = market.select(slice(draws))
        profit_usd = outcomes_by_draw(policies.iloc[index], some).profit_usd
        leads = np.zeros(len(index), bool)
        for group in groups:
            members = np.flatnonzero(np.asarray(group)[index])
            leads[members] |= _nearly_leads(profit_usd[members], most)
        index = index[leads]
    evaluated = evaluate(policies.iloc[index], market, jobs)
    return evaluated.set_index(policies.index[index])


def _nearly_leads(profit_usd: np.ndarray, most: int) -> np.ndarray:
    """Say which policies stay: the best, at most so many, unless clearly worse than the fourth.

    Profit has the shape (policies, draws).
    """
    ranking = np.argsort(-profit_usd.mean(axis=1), kind="stable")
    is_among_best = np.zeros(len(profit_usd), bool)
    is_among_best[ranking[:most]] = True
    fourth = ranking[:KEPT_ABREAST][-1]
    below = profit_usd - profit_usd[fourth]
    error = below.std(axis=1, ddof=1) / np.sqrt(below.shape[1])
    return is_among_best & (below.mean(axis=1) + CLEARLY_WORSE * error >= 0)


def _compare(table: pd.DataFrame, fresh: Market, tried: int) -> PlanChoice:
    """Play the chosen policies on fresh draws; the first row is the recommended one."""
    outcomes = outcomes_by_draw(table, fresh)
    profit = outcomes.profit_usd
    gain = profit[0] - profit
    table[MEASURES] = outcomes.means().T
    table = table.assign(
        margin=table["profit_usd"] / table["revenue_usd"],
        gain_usd=gain.mean(axis=1),
        gain_se_usd=gain.std(axis=1) / gain.shape[1] ** 0.5,
    )
    table["profit_low_usd"], _, table["profit_high_usd"] = interval(profit.T)
    table["gain_low_usd"], _, table["gain_high_usd"] = interval(gain.T)
    return PlanChoice(
        table=table,
        profit_usd=pd.DataFrame(profit.T, columns=table.index),
        tried=tried,
    )
