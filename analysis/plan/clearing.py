"""The price at which buyers and supply meet.

Willingness to pay is Pareto, as in `market.py`: of the people who would take a phone at the list
price, a share price**-elasticity still does at a dearer one, and more come at a cheaper one. So
the price that clears a market follows from buyers over supply, both counted at the list price.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ..bom import Interval
from ..data import interval
from .market import Market
from .policies import AS_MADE, SELL_AS_MADE, policy_table
from .simulate import PLENTY, buyers_and_supply, outcomes_by_draw


def price_that_clears(buyers: np.ndarray, supply: np.ndarray, elasticity: np.ndarray) -> np.ndarray:
    """Return the price over list at which buyers, counted at the list price, meet a supply.

    Examples
    --------
    >>> price_that_clears(np.array([400.0]), np.array([100.0]), np.array([2.0]))
    array([2.])
    """
    return (buyers / np.fmax(supply, 1)) ** (1 / elasticity)


def clearing_prices(market: Market, weeks: list[int]) -> np.ndarray:
    """Return the price at which buyers and supply of some weeks meet.

    Until then phones are sold as they are made at the list price. Buyers of a week are those who
    wait and those who come in it; supply is what can be made in it and what is in stock.

    Parameters
    ----------
    market : Market
        The launch's market, by draw.
    weeks : list of int
        Weeks from first sale, which is in week 0.

    Returns
    -------
    array (draws, weeks)
        Price over the list price.
    """
    buyers, supply = buyers_and_supply(market, weeks)
    return price_that_clears(buyers, supply, market.elasticity[:, None])


def clearing_price(market: Market, week: int) -> Interval:
    """Return the price over list at which buyers and supply of a week meet.

    Phones are sold as they are made at the list price until then, so a queue raises it. It is the
    price of that week's last unit, as a dealer would ask it; for one price of the whole life see
    `life_clearing_price`.

    Parameters
    ----------
    market : Market
        By draws.
    week : int
        From 0, the week of the first sale.

    Returns
    -------
    Interval
        Low, median and high over the draws (80 %); below 1 where more can be made than is wanted.

    Raises
    ------
    ValueError
        If the week lies outside the life.
    """
    if not 0 <= week < market.weeks:
        raise ValueError(f"week {week}: expected one from 0 to {market.weeks - 1}")
    return Interval(*interval(clearing_prices(market, [week])[:, 0]).tolist())


def life_clearing_prices(market: Market) -> np.ndarray:
    """Return by draw the one price over list at which as many would buy as can be made.

    Unconstrained sales of the life fall with price by the elasticity, so this is the price at which
    they equal all that is made and in stock. Nobody waits or leaves in them, so a life played at
    this price sells less: some of its supply comes when few want one.
    """
    plenty = replace(market, supply_units=np.full_like(market.supply_units, PLENTY))
    as_made = policy_table({AS_MADE: SELL_AS_MADE})
    buyers = outcomes_by_draw(as_made, plenty).units[0]
    supply = market.supply_units.sum(axis=1) + market.opening_stock
    return price_that_clears(buyers, supply, market.elasticity)


def life_clearing_price(market: Market) -> Interval:
    """Return the one price over list at which as many would buy as can be made (80 %)."""
    return Interval(*interval(life_clearing_prices(market)).tolist())


def clearing_by_week(market: Market, weeks: list[int]) -> pd.DataFrame:
    """Summarise the clearing price of some weeks.

    Parameters
    ----------
    market : Market
        The launch's market, by draw.
    weeks : list of int
        Weeks from first sale, which is in week 0.

    Returns
    -------
    DataFrame
        A row a week: week, low, estimate (median), high (80 %), over the list price.
    """
    low, middle, high = interval(clearing_prices(market, weeks))
    return pd.DataFrame({"week": weeks, "low": low, "estimate": middle, "high": high})
