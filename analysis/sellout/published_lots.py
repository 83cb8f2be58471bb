"""What a lot that was never published may have held: published lots, and the nearest sales.

The lots of the same brand in the same market give a range; the seconds are no part of it, as they
hardly go with the lot and make the range worse (`order_rates`). Registrations, seconds and price
only choose which known sales to name beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from .order_rates import NO_SALE

FEWEST_LOTS = 5  # of which one may bound the lot from one side
NEAREST = 3
APART_AT_RANDOM = 2.0  # mean squared difference, in variances, of any two sales
LIKENESS = ("registrations", "sellout_s", "price_usd")  # what makes two sales alike
LIKE_FACTOR = 2.5  # between registrations that count as like


@dataclass(frozen=True, kw_only=True)
class PublishedLots:
    """Range of a lot by the published lots of one brand in one market.

    Attributes
    ----------
    low_units, median_units, high_units : float
        Prediction interval of one more lot, and its middle.
    level : float
        Of the interval.
    lots, bounds : int
        Lots that it rests on, and how many of them are known from one side only.
    brand : str
        Whose lots; "" where they are of all brands.
    market : str
        Their country.
    """

    low_units: float
    median_units: float
    high_units: float
    level: float
    lots: int
    bounds: int
    brand: str
    market: str


def published_lots(sales: pd.DataFrame) -> pd.DataFrame:
    """Give the sales that sold out with the number of phones known, or known from one side."""
    known = (sales["sold_out"] == "yes") & (sales["units"] > 0)
    return sales[known & ~sales["units_basis"].isin(NO_SALE)]


def range_of_lots(
    lots: pd.DataFrame, market: str, brand: str = "", level: float = 0.8
) -> PublishedLots:
    """Predict one more lot from published ones.

    Log lots are normal; a lot known from one side counts as a bound (censored maximum likelihood).
    The interval is that of one more draw by Student's t, as without bounds.

    Parameters
    ----------
    lots : DataFrame
        Sales with `units` and `units_bound`, all of the market and brand.
    market, brand : str
        Of these lots.
    level : float
        Of the interval.

    Returns
    -------
    PublishedLots
        The range and what it rests on.

    Raises
    ------
    ValueError
        With fewer than five lots, or no two unlike ones that are known from both sides.
    """
    log_units = np.log(lots["units"].to_numpy(float))
    bound = lots["units_bound"].to_numpy(object)
    is_exact = (bound != "upper") & (bound != "lower")
    if len(lots) < FEWEST_LOTS or np.unique(log_units[is_exact]).size < 2:
        raise ValueError(
            f"{len(lots)} published lots in market {market}; expected at least {FEWEST_LOTS}, two "
            "of them unlike"
        )
    data = stats.CensoredData(
        uncensored=log_units[is_exact],
        left=log_units[bound == "upper"],
        right=log_units[bound == "lower"],
    )
    mean, sd = stats.norm.fit(data)
    count = len(lots)
    spread = sd * np.sqrt(count / (count - 1) * (1 + 1 / count))
    low, high = stats.t(count - 1, loc=mean, scale=spread).interval(level)
    return PublishedLots(
        low_units=float(np.exp(low)),
        median_units=float(np.exp(mean)),
        high_units=float(np.exp(high)),
        level=level,
        lots=count,
        bounds=int((~is_exact).sum()),
        brand=brand,
        market=market,
    )


def comparable_lots(
    sales: pd.DataFrame, brands: pd.Series, market: str, brand: str
) -> PublishedLots | None:
    """Give the range of the brand's lots in a market, or of all brands' where it has too few.

    Parameters
    ----------
    sales : DataFrame
        Sales of phones.
    brands : Series
        Brand of each device, by device.
    market, brand : str
        Of the lot that was never published.

    Returns
    -------
    PublishedLots or None
        None where the market has too few lots of any brand.
    """
    of_market = published_lots(sales[sales["market"] == market])
    own = of_market[of_market["device"].map(brands) == brand]
    for lots, name in ((own, brand), (of_market, "")):
        try:
            return range_of_lots(lots, market, name)
        except ValueError:
            continue
    return None


def nearest_sales(
    sales: pd.DataFrame, own: pd.Series, market: str, most_units: float = np.inf
) -> pd.DataFrame:
    """Give the sales with a published lot that are most like one without.

    Alike are sales with like registrations, seconds and price, in logs, each measured by how much
    it varies between known sales of all markets. What is not known of the sale without a lot is
    left out; where a known sale lacks a figure, the two count as far apart in it as any two are.

    Parameters
    ----------
    sales : DataFrame
        Sales of phones.
    own : Series
        `registrations`, `sellout_s` and `price_usd` of the sale without a lot; NaN where unknown.
    market : str
        Its country.
    most_units : float
        Phones that its lot can have held; sales of larger ones are not like it.

    Returns
    -------
    DataFrame
        At most three of the sales, the nearest first, with their `distance`.
    """
    everywhere = published_lots(sales)
    known = lots_of_at_most(most_units, everywhere[everywhere["market"] == market])
    figures = figures_compared(own)
    logs = np.log(known[figures].astype(float))
    spread = np.log(everywhere[figures].astype(float)).std()
    differences = (logs - np.log(own[figures].astype(float))) / spread
    distance = np.sqrt((differences**2).fillna(APART_AT_RANDOM).mean(axis=1))
    return known.assign(distance=distance).nsmallest(NEAREST, "distance")


def figures_compared(own: pd.Series) -> list[str]:
    """Name the figures by which others can be like a sale: those that are known of it."""
    return [figure for figure in LIKENESS if own[figure] > 0]


def lots_of_at_most(most_units: float, lots: pd.DataFrame) -> pd.DataFrame:
    """Give the published lots that held so many at most; of "at least 10,000" nobody knows."""
    if np.isinf(most_units):
        return lots
    return lots[(lots["units"] <= most_units) & (lots["units_bound"] != "lower")]


def lots_with_like_registrations(
    sales: pd.DataFrame, registrations: float, market: str
) -> pd.DataFrame:
    """Give the sales with a published lot and within a factor of 2.5 as many registrations."""
    known = published_lots(sales[sales["market"] == market])
    factor = known["registrations"] / registrations
    return known[factor.between(1 / LIKE_FACTOR, LIKE_FACTOR)]
