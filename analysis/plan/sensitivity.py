"""How the gain of a plan moves with what is not known: each input in turn, and the elasticity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from .clearing import life_clearing_prices
from .market import Market, join_markets
from .pace import keep_pace
from .policies import NEVER, ReleasePolicy, policy_table
from .simulate import outcomes_by_draw


def _is_idle(name: str, table: pd.DataFrame) -> bool:
    """Say whether an input is read by none of some policies."""
    of_s_version = name.startswith("s_") or name == "upgrade"
    return of_s_version and (table["s_week"] >= NEVER).all()


def _at_point(market: Market, name: str, level: float) -> Market:
    """Return the market with one input at a point of its draws, the same in all of them."""
    values = getattr(market, name)
    point = np.broadcast_to(np.quantile(values, level, axis=0), values.shape)
    return replace(market, **{name: point})


def _value_at(market: Market, name: str, level: float) -> float:
    """Return an input at a point of its draws: of all weeks for supply, of the first for money."""
    point = np.quantile(getattr(market, name), level, axis=0)
    if name == "supply_units":
        return float(point.sum())
    return float(point[0] if point.ndim else point)


def _profits(table: pd.DataFrame, markets: list[Market]) -> np.ndarray:
    """Return the profit of policies in several markets of the same length and number of draws.

    Returns
    -------
    array (policies, markets, draws)
        In dollars.
    """
    profit_usd = outcomes_by_draw(table, join_markets(markets)).profit_usd
    return profit_usd.reshape(len(table), len(markets), -1)


def find_swings(
    policies: dict[str, ReleasePolicy], market: Market, *, over: str, weeks_counted: int = 0
) -> pd.DataFrame:
    """Find how far each input of a market moves the best of some policies, and its gain over one.

    Each input goes from its 10 to its 90 % point in all draws at once; the others stay, but for the
    pace at which people come, which counts hold whatever the rate of fading (`keep_pace`).

    Parameters
    ----------
    policies : dict
        Policies by label; the best of those that are not `over` is chosen anew at both points.
    market : Market
        What they meet.
    over : str
        Label of the policy over which the gain is counted.
    weeks_counted : int
        Weeks over which counts hold the pace; 0 where none do.

    Returns
    -------
    DataFrame
        A row an input, the largest change first: profit_change_usd of the best mean profit,
        gain_change_usd of its gain over `over`, the gain at both points (gain_low_usd where the
        input is low, gain_high_usd where it is high), and the input there (at_low, at_high): the
        supply of all weeks, prices and costs of the first.
    """
    table = policy_table(policies)
    rival = table.index.get_loc(over)
    inputs = market.inputs()
    moving = [
        name for name, values in inputs.items() if np.ptp(values) > 0 and not _is_idle(name, table)
    ]
    points = [_at_point(market, name, level) for name in moving for level in (0.1, 0.9)]
    markets = [market, *(keep_pace(point, market, weeks_counted) for point in points)]
    profit = _profits(table, markets).mean(axis=2)
    best = np.delete(profit, rival, axis=0).max(axis=0)
    gain = best - profit[rival]

    rows = []
    for name in inputs:
        low = high = 0  # an input that is certain, or that no plan reads: as drawn
        if name in moving:
            low = 1 + 2 * moving.index(name)
            high = low + 1
        rows.append(
            {
                "input": name,
                "profit_change_usd": best[high] - best[low],
                "gain_change_usd": gain[high] - gain[low],
                "gain_low_usd": gain[low],
                "gain_high_usd": gain[high],
                "at_low": _value_at(market, name, 0.1),
                "at_high": _value_at(market, name, 0.9),
            }
        )
    swings = pd.DataFrame(rows).set_index("input")
    return swings.sort_values("profit_change_usd", key=abs, ascending=False)


def gain_by_elasticity(
    policy: ReleasePolicy,
    rival: ReleasePolicy,
    market: Market,
    elasticities: list[float],
    weigh: Callable[[Market], np.ndarray],
    weeks_counted: int = 0,
) -> pd.DataFrame:
    """Return what a policy gains over a rival where the elasticity is one number in all draws.

    Draws are weighed anew at each elasticity, since what is known of prices speaks of it as well,
    and people come as fast as was counted (`keep_pace`).

    Parameters
    ----------
    policy, rival : ReleasePolicy
        What is compared.
    market : Market
        Draws before they are weighed.
    elasticities : list of float
        In rising order.
    weigh : callable
        Gives the weights of the draws of a market, with sum 1 (`Anchors.weights`).
    weeks_counted : int
        Weeks over which counts hold the pace at which people come; 0 where none do.

    Returns
    -------
    DataFrame
        A row an elasticity: elasticity, estimate (mean gain, dollars), low, high (80 %), chance
        that the policy earns more, clearing_price (median, of the life).
    """
    table = policy_table({"policy": policy, "rival": rival})
    everywhere = [np.full(market.draws, elasticity) for elasticity in elasticities]
    markets = [
        keep_pace(replace(market, elasticity=elasticity), market, weeks_counted)
        for elasticity in everywhere
    ]
    profit_usd, rival_usd = _profits(table, markets)
    clearing = life_clearing_prices(join_markets(markets)).reshape(len(markets), -1)
    rows = []
    for row, elasticity in enumerate(elasticities):
        weights = weigh(markets[row])
        gain_usd = profit_usd[row] - rival_usd[row]
        low, high = weighted_quantiles(gain_usd, weights, [0.1, 0.9])
        [price] = weighted_quantiles(clearing[row], weights, [0.5])
        rows.append(
            {
                "elasticity": elasticity,
                "estimate": (weights * gain_usd).sum(),
                "low": low,
                "high": high,
                "chance": weights[gain_usd > 0].sum(),
                "clearing_price": price,
            }
        )
    return pd.DataFrame(rows)


def turning_elasticity(gains: pd.DataFrame) -> float:
    """Return the elasticity at which the mean gain turns, between the rows of a table of gains.

    Parameters
    ----------
    gains : DataFrame
        From `gain_by_elasticity`, elasticities in rising order.

    Returns
    -------
    float
        Where the straight line between two neighbours crosses 0; NaN where none does.

    Examples
    --------
    >>> turning_elasticity(pd.DataFrame({"elasticity": [1.0, 3.0], "estimate": [10.0, -10.0]}))
    2.0
    """
    gain = gains["estimate"].to_numpy()
    crosses = np.flatnonzero(gain[:-1] * gain[1:] <= 0)
    if not len(crosses):
        return np.nan
    before = crosses[0]
    elasticity = gains["elasticity"].to_numpy()[before : before + 2]
    fall = gain[before] - gain[before + 1]
    share = gain[before] / fall if fall else 0.0
    return float(elasticity[0] + share * (elasticity[1] - elasticity[0]))


def weighted_quantiles(values: np.ndarray, weights: np.ndarray, levels: list[float]) -> np.ndarray:
    """Return the values below which shares of the weight lie.

    Parameters
    ----------
    values : array (draws,)
        In any order.
    weights : array (draws,)
        Weight of each value; they sum to 1.
    levels : list of float
        Shares of the weight, 0 to 1.

    Returns
    -------
    array (levels,)
        For each level the least value up to which at least that share lies.

    Examples
    --------
    >>> weighted_quantiles(np.array([3.0, 1.0, 2.0]), np.array([0.2, 0.2, 0.6]), [0.1, 0.5])
    array([1., 2.])
    """
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    return values[order][np.minimum(np.searchsorted(below, levels), len(values) - 1)]
