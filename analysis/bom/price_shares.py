"""What share of the net price the BOM takes, by teardown and by brand, with the tax of the day.

The shares stand in for a BOM that nobody has costed; how such a BOM then moves is left to
`forecast`.
"""

import numpy as np
import pandas as pd
from scipy import stats

from .components import phone_teardowns


def value_in_force(
    economics: pd.DataFrame, item: str, country: str, days: pd.DatetimeIndex
) -> np.ndarray:
    """Look up an item of economics.csv on each day.

    Parameters
    ----------
    economics : DataFrame
        One row per item, country and period, both ends of which are in it.
    item, country : str
        Such as "vat_rate" (a share of the net price) and "CN".
    days : DatetimeIndex
        At any hour.

    Returns
    -------
    array of the length of `days`
        In the unit of the item; NaN where none is on file.
    """
    days = days.floor("D")
    value = np.full(len(days), np.nan)
    rows = economics[(economics["item"] == item) & (economics["country"] == country)]
    for row in rows.itertuples():
        in_force = (days >= row.valid_from) & ~(days > row.valid_to)
        value[in_force] = row.value
    return value


def price_shares(
    teardowns: pd.DataFrame, devices: pd.DataFrame, economics: pd.DataFrame
) -> pd.DataFrame:
    """Set the BOM of each costed phone against its net price.

    Xiaomi's list prices are Chinese and hold the value added tax of the day; other brands' are
    American ones, which hold none.

    Parameters
    ----------
    teardowns, devices, economics : DataFrame
        The tables of these names: costings in dollars, brands and classes, and tax rates by
        country and day.

    Returns
    -------
    DataFrame
        The teardowns of phones with a BOM and a price, with brand, net_price_usd and share.
    """
    phones = phone_teardowns(teardowns, devices).dropna(subset=["bom_usd", "retail_price_usd"])
    phones = phones.reset_index(drop=True)
    days = pd.DatetimeIndex(phones["teardown_date"])
    chinese_tax = value_in_force(economics, "vat_rate", "CN", days)
    tax = np.where(phones["brand"] == "xiaomi", chinese_tax, 0)
    net_price = phones["retail_price_usd"] / (1 + tax)
    return phones.assign(net_price_usd=net_price, share=phones["bom_usd"] / net_price)


def summarise_shares(shares: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Summarise the share of the net price by brand of three phones or more.

    Each phone counts once, by its geometric mean; intervals are Student t in logs.

    Parameters
    ----------
    shares : DataFrame
        As from `price_shares`.
    level : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        One row a brand: brand, phones, mean and sd (of log shares), label, estimate (geometric
        mean), low, high, and next_low, next_high for one more phone of the brand.
    """
    log_share = np.log(shares["share"])
    by_phone = log_share.groupby([shares["brand"], shares["device"]]).mean()
    brands = by_phone.groupby(level=0).agg(phones="size", mean="mean", sd="std")
    brands = brands.query("phones >= 3").reset_index()
    phones, mean = brands["phones"], brands["mean"]
    quantile = stats.t.ppf((1 + level) / 2, phones - 1)
    of_mean = quantile * brands["sd"] / np.sqrt(phones)
    of_next = quantile * brands["sd"] * np.sqrt(1 + 1 / phones)
    return brands.assign(
        label=brands["brand"] + " (" + phones.astype(str) + " phones)",
        estimate=np.exp(mean),
        low=np.exp(mean - of_mean),
        high=np.exp(mean + of_mean),
        next_low=np.exp(mean - of_next),
        next_high=np.exp(mean + of_next),
    )
