"""The sales of one launch: which entries of its file are sales, and how fast they went."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import Launch
from .order_rates import FEWEST_ROUNDS, NO_SALE, LotRange, lot_range, order_rates


def phone_rounds(rounds: pd.DataFrame, devices: pd.DataFrame) -> pd.DataFrame:
    """Give the rounds that sold phones: no television, tablet, console or watch."""
    device_class = rounds["device"].map(devices.set_index("device")["device_class"])
    return rounds[device_class == "phone"]


@dataclass(frozen=True, kw_only=True)
class OwnSales:
    """The sales of a launch's own device, beside the sell-outs of other phones.

    Attributes
    ----------
    sales : DataFrame
        A row a sale, as in the launch file; no reservation, no other version of the device.
    rates : DataFrame
        Those with lot and seconds known, with `rate_per_s`, `low` and `high` (95 %).
    left_out : DataFrame
        Entries of the launch file that are no sale of this device.
    other_seconds : array
        Seconds that the other phone sell-outs lasted.
    lot_range : LotRange or None
        Lots of comparable sales, where no lot of a timed sale was published.
    """

    sales: pd.DataFrame
    rates: pd.DataFrame
    left_out: pd.DataFrame
    other_seconds: np.ndarray
    lot_range: LotRange | None

    @property
    def timed(self) -> pd.DataFrame:
        """Sales whose seconds to sell out are known."""
        return self.sales[self.sales["sellout_s"] > 0]

    @property
    def fastest_s(self) -> float:
        """Seconds of the fastest sell-out; NaN where none was timed."""
        return self.timed["sellout_s"].min()

    @property
    def top(self) -> pd.Series:
        """The sale with the highest order rate, of those whose lot is known."""
        return self.rates.loc[self.rates["rate_per_s"].idxmax()]

    @property
    def most_orders(self) -> float:
        """Most orders that came in one sale: a lot that sold out, or what was counted of one."""
        return float(np.nanmax([self.rates["units"].max(), self.sales["units_sold"].max()]))

    @property
    def registrations(self) -> float:
        """Most free registrations before one of the sales; NaN where none were reported."""
        return self.sales["registrations"].max()

    def faster_than(self, seconds: float) -> int:
        """Give how many of the other phone sell-outs took less."""
        return int((self.other_seconds < seconds).sum())


def read_own_sales(launch: Launch, rounds: pd.DataFrame, devices: pd.DataFrame) -> OwnSales:
    """Read the sales of a launch's own device, and set them beside all rounds of phones.

    Parameters
    ----------
    launch : Launch
        The launch.
    rounds, devices : DataFrame
        The market tables sale_rounds and devices.

    Returns
    -------
    OwnSales
        Its sales, their order rates, and what they are compared with.
    """
    drops = launch.drops
    is_sale = (drops["device"] == launch.device) & ~drops["units_basis"].isin(NO_SALE)
    sales = drops[is_sale]
    rates = order_rates(sales)
    timed = sales[sales["sellout_s"] > 0]
    others = phone_rounds(rounds, devices)
    others = others[~others["round_id"].isin(sales["round"])]
    sold_out = (others["sold_out"] == "yes") & (others["sellout_s"] > 0)
    comparable = None
    if rates.empty and len(timed):
        comparable = _comparable_lots(order_rates(others), timed["sellout_s"].min(), launch.market)
    return OwnSales(
        sales=sales,
        rates=rates,
        left_out=drops[~is_sale],
        other_seconds=others.loc[sold_out, "sellout_s"].to_numpy(float),
        lot_range=comparable,
    )


def _comparable_lots(rates: pd.DataFrame, sellout_s: float, market: str) -> LotRange | None:
    """Lots of the market's phone sales, or None where it has too few."""
    if (rates["market"] == market).sum() < FEWEST_ROUNDS:
        return None
    return lot_range(rates, sellout_s, market)
