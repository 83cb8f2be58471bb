"""Figures of the firm behind a launch: days of stock and of credit, what it spends on marketing.

They are those of the launch's own brand where its accounts are on file, or of the one phone maker
whose accounts are, for another phone. For another class of product none are, and we assume.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..data import Launch
from ..data.products import MOBILE

PHONE_MAKER = "xiaomi"  # the one phone maker whose balance sheets are on file
SIZES = {"million": 1e6, "billion": 1e9}  # in units of sums, such as cny_billion

# Where no maker of the class is on file (assumed): stock and credit of two months, as is common
# among makers of hardware, and the share of revenue that phone makers spend.
ASSUMED_DAYS = 60.0
ASSUMED_MARKETING_SHARE = 0.04


@dataclass(frozen=True, kw_only=True)
class FirmFigures:
    """What is taken of the firm behind a launch."""

    name: str
    """Whose figures they are; empty where they are assumed."""
    inventory_days: float
    payable_days: float
    marketing_share: float
    """Share of revenue spent on marketing."""
    marketing_usd_a_year: float
    """A low figure of what is spent on marketing in a year; infinite where nobody has told."""


def firm_figures(
    launch: Launch, devices: pd.DataFrame, metrics: pd.DataFrame, exchange_rates: pd.DataFrame
) -> FirmFigures:
    """Return the figures of the firm behind a launch.

    Parameters
    ----------
    launch : Launch
        Its device tells the brand, its product the class.
    devices, metrics, exchange_rates : DataFrame
        The market tables devices, company_metrics and exchange_rates.
    """
    brand = devices.set_index("device")["brand"].get(launch.device, "")
    with_accounts = set(metrics.query("metric == 'inventory_days'")["company"])
    if brand not in with_accounts:
        brand = PHONE_MAKER if launch.product.compared_classes == MOBILE else ""
    if not brand:
        return FirmFigures(
            name="",
            inventory_days=ASSUMED_DAYS,
            payable_days=ASSUMED_DAYS,
            marketing_share=ASSUMED_MARKETING_SHARE,
            marketing_usd_a_year=float("inf"),
        )
    accounts = metrics[metrics["company"] == brand]
    mean = accounts.groupby("metric")["value"].mean()
    revenues = accounts.query("metric == 'revenue' and scope == 'group'")
    revenues_usd = [_in_dollars(row, exchange_rates) for row in revenues.itertuples()]
    return FirmFigures(
        name=brand.title(),
        inventory_days=mean["inventory_days"],
        payable_days=mean["payable_days"],
        marketing_share=mean["marketing_share"],
        marketing_usd_a_year=mean["marketing_share"] * min(revenues_usd),
    )


def _in_dollars(metric: tuple, exchange_rates: pd.DataFrame) -> float:
    """Return a sum of accounts, such as 66.8 cny_billion of 2015, in dollars of its year."""
    currency, _, size = metric.unit.partition("_")
    sum_local = metric.value * SIZES[size]
    if currency == "usd":
        return sum_local
    is_rate = (exchange_rates["currency"] == currency.upper()) & (
        exchange_rates["year"] == int(str(metric.period)[:4])
    )
    [local_per_usd] = exchange_rates.loc[is_rate, "local_per_usd"]
    return sum_local / local_per_usd
