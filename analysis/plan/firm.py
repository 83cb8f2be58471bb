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
YUAN_PER_USD = 6.5  # for the low figure of what it spends; about the average of 2015 to 2020

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


def firm_figures(launch: Launch, devices: pd.DataFrame, metrics: pd.DataFrame) -> FirmFigures:
    """Return the figures of the firm behind a launch.

    Parameters
    ----------
    launch : Launch
        Its device tells the brand, its product the class.
    devices, metrics : DataFrame
        The market tables devices and company_metrics.
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
    revenue = accounts.query("metric == 'revenue' and scope == 'group'")["value"]
    return FirmFigures(
        name=brand.title(),
        inventory_days=mean["inventory_days"],
        payable_days=mean["payable_days"],
        marketing_share=mean["marketing_share"],
        marketing_usd_a_year=1e9 / YUAN_PER_USD * mean["marketing_share"] * revenue.min(),
    )
