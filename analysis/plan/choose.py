"""The best of many release policies, and how it stands against plain rivals.

Every policy is played on the same draws. The best of many is flattered by the draws that chose
it, so the choice and its rivals are played again on draws that the search has not seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from ..data import interval
from .market import Market
from .policies import ReleasePolicy, policy_of, policy_table
from .simulate import MEASURES, evaluate, mean_outcomes, outcomes_by_draw

RECOMMENDED = "recommended"
BEST_AT_LIST_PRICE = "best at list price"
RUNNERS_UP = ["runner-up 1", "runner-up 2", "runner-up 3"]
AS_GOOD = 0.01  # share of the best profit within which another policy counts as good


@dataclass(frozen=True, kw_only=True)
class PlanChoice:
    """The best policy, its runners-up and its rivals on fresh draws."""

    table: pd.DataFrame
    """A row a policy, indexed by label: its choices, means of `MEASURES` with margin, 80 % of the
    profit, and what the recommended one gains over it (mean, its standard error, 80 %)."""
    profit_usd: pd.DataFrame
    """Profit by fresh draw (rows) of each policy (columns by label)."""
    evaluated: pd.DataFrame
    """Every policy tried, with its means on the draws of the search."""

    @property
    def as_good(self) -> int:
        """Number of policies whose mean profit lies within 1 % of the best."""
        profit = self.evaluated["profit_usd"]
        return int((profit >= profit.max() - AS_GOOD * abs(profit.max())).sum())

    def policy(self, label: str) -> ReleasePolicy:
        """Return a policy by its label."""
        return policy_of(self.table.loc[label])

    def gain_over(self, label: str, rival: str) -> np.ndarray:
        """Return by fresh draw what one policy earns beyond another, in dollars."""
        return (self.profit_usd[label] - self.profit_usd[rival]).to_numpy()


def best_policy(evaluated: pd.DataFrame, tolerance: float = 1e-9) -> int:
    """Return the index label of the policy with the most profit.

    Ties (relative to the most profit) go to the earliest and fullest release, then to the price
    nearest the list price, the smallest cut and the earliest S version: flat optima are the rule.
    """
    most = evaluated["profit_usd"].max()
    ties = evaluated[evaluated["profit_usd"] >= most - tolerance * abs(most)]
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
) -> PlanChoice:
    """Find the best of many policies and set it against rivals.

    Parameters
    ----------
    policies : DataFrame
        Policies to try, from `make_policies`.
    rivals : dict
        Policies to compare the best one with, by label; they need not be among those tried.
    market, fresh : Market
        Draws of the search, and others for the comparison.
    jobs : int
        Processes of the search (see `evaluate`).

    Returns
    -------
    PlanChoice
        The gains are paired: both policies meet the same draws.
    """
    evaluated = evaluate(policies, market, jobs)
    evaluated = evaluated.sort_values("profit_usd", ascending=False, kind="stable")
    best = best_policy(evaluated)
    best_at_list_price = best_policy(evaluated[evaluated["price"] == 1])
    runners_up = evaluated.drop(index=best).head(len(RUNNERS_UP))

    chosen = {RECOMMENDED: policy_of(evaluated.loc[best])}
    for label, (_, row) in zip(RUNNERS_UP, runners_up.iterrows(), strict=False):
        chosen[label] = policy_of(row)
    chosen[BEST_AT_LIST_PRICE] = policy_of(evaluated.loc[best_at_list_price])
    chosen |= rivals
    return _compare(policy_table(chosen), fresh, evaluated)


def _compare(table: pd.DataFrame, fresh: Market, evaluated: pd.DataFrame) -> PlanChoice:
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
        evaluated=evaluated,
    )


def find_swings(policies: dict[str, ReleasePolicy], market: Market, *, over: str) -> pd.DataFrame:
    """Find how far each input of a market moves the best of some policies.

    Each input goes from its 10 to its 90 % point in all draws at once; the others stay.

    Parameters
    ----------
    policies : dict
        Policies by label, among which the best is chosen anew at both points.
    market : Market
        What they meet.
    over : str
        Label of the policy over which the gain is counted.

    Returns
    -------
    DataFrame
        A row an input, the largest change first: profit_change_usd of the best mean profit,
        gain_change_usd of its gain over `over`, and the gain at both points (gain_low_usd where
        the input is low, gain_high_usd where it is high).
    """
    table = policy_table(policies)
    rival = table.index.get_loc(over)
    rows = []
    for name, values in market.inputs().items():
        best, rival_profit = {}, {}
        for end, level in {"low": 0.1, "high": 0.9}.items():
            point = np.broadcast_to(np.quantile(values, level, axis=0), values.shape)
            means = mean_outcomes(table, replace(market, **{name: point}))
            profit = means[MEASURES.index("profit_usd")]
            best[end] = profit.max()
            rival_profit[end] = profit[rival]
        rows.append(
            {
                "input": name,
                "profit_change_usd": best["high"] - best["low"],
                "gain_change_usd": (
                    best["high"] - rival_profit["high"] - best["low"] + rival_profit["low"]
                ),
                "gain_low_usd": best["low"] - rival_profit["low"],
                "gain_high_usd": best["high"] - rival_profit["high"],
            }
        )
    swings = pd.DataFrame(rows).set_index("input")
    return swings.sort_values("profit_change_usd", key=abs, ascending=False)


def turning_elasticity(
    policy: ReleasePolicy, rival: ReleasePolicy, market: Market, low: float = 0.5, high: float = 8.0
) -> float:
    """Find the elasticity at which a policy earns as much as its rival on average.

    Everything else stays as drawn; the elasticity is one number in all draws.

    Returns
    -------
    float
        The elasticity, to two digits after the point; NaN if none between `low` and `high` is one.
    """
    table = policy_table({"policy": policy, "rival": rival})

    def mean_gain(elasticity: float) -> float:
        same = replace(market, elasticity=np.full(market.draws, elasticity))
        profit_usd, rival_usd = mean_outcomes(table, same)[MEASURES.index("profit_usd")]
        return profit_usd - rival_usd

    if mean_gain(low) * mean_gain(high) >= 0:
        return np.nan
    return float(brentq(mean_gain, low, high, xtol=5e-3))
