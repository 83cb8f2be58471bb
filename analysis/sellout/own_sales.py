"""The sales of one launch: which entries of its file are sales, and how fast they went."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import Launch
from .order_rates import order_rates
from .published_lots import (
    FEWEST_LOTS,
    PublishedLots,
    comparable_lots,
    figures_compared,
    lots_of_at_most,
    lots_with_like_registrations,
    nearest_sales,
    published_lots,
)

SEVERAL_SHOPS = ("mixed", "carriers")  # channels of sale_rounds.csv that are not one shop


def phone_rounds(rounds: pd.DataFrame, devices: pd.DataFrame) -> pd.DataFrame:
    """Give the rounds that sold phones: no television, tablet, console or watch.

    Parameters
    ----------
    rounds, devices : DataFrame
        As in data/market/sale_rounds.csv and devices.csv.

    Returns
    -------
    DataFrame
        Those rows of `rounds`.
    """
    device_class = rounds["device"].map(devices.set_index("device")["device_class"])
    return rounds[device_class == "phone"]


@dataclass(frozen=True, kw_only=True)
class OwnSales:
    """The sales of a launch's own device, beside the sell-outs of other phones.

    Attributes
    ----------
    sales : DataFrame
        A row a sale, as in the launch file, with what `with_words_of_rounds` adds; no reservation,
        no other version of the device.
    rates : DataFrame
        Those with lot and seconds known, with `rate_per_s`, `low` and `high` (95 %).
    counts : DataFrame
        Counts of all that was sold by a day, of the device or its series, as in the launch file.
    left_out : DataFrame
        Entries of the launch file that are no sale of this device.
    other_seconds : array
        Seconds that the other phone sell-outs lasted.
    lots : PublishedLots or None
        Range of the brand's published lots, where no lot of a timed sale was published.
    nearest : DataFrame
        The published lots of the sales most like that one; no row where its lot is known.
    nearest_of : int
        Lots that they were chosen from: those of the market, none above what could be made.
    compared : list of str
        Figures by which they are like that one: `registrations`, `sellout_s`, `price_usd`, as far
        as they are known of it.
    like_registrations : DataFrame
        The published lots of sales with about as many registrations, in the same case.
    clock_share : float
        Share of the differences between the market's log lots that log seconds explain; NaN where
        fewer than five sales tell.
    capacity_a_month : float
        Phones a month that could be made by the lowest report; NaN without one.
    first_sale : Timestamp or None
        Day of first sale; sales before it are of orders in advance.
    """

    sales: pd.DataFrame
    rates: pd.DataFrame
    counts: pd.DataFrame
    left_out: pd.DataFrame
    other_seconds: np.ndarray
    lots: PublishedLots | None
    nearest: pd.DataFrame
    nearest_of: int
    compared: list[str]
    like_registrations: pd.DataFrame
    clock_share: float
    capacity_a_month: float
    first_sale: pd.Timestamp | None

    @property
    def timed(self) -> pd.DataFrame:
        """Sales whose seconds to sell out are known."""
        return self.sales[self.sales["sellout_s"] > 0]

    @property
    def fastest_s(self) -> float:
        """Seconds of the fastest sell-out; NaN where none was timed."""
        return self.timed["sellout_s"].min()

    @property
    def fastest(self) -> pd.Series:
        """The fastest sell-out."""
        return self.timed.loc[self.timed["sellout_s"].idxmin()]

    @property
    def fastest_is_in_advance(self) -> bool:
        """Whether the fastest sell-out was one of orders before the first sale."""
        return not self.timed.empty and self.is_in_advance(self.fastest)

    @property
    def fastest_day_is_approximate(self) -> bool:
        """Whether the day of the fastest sell-out was worked out, or a source says about."""
        return bool(self.fastest["date_approx"])

    @property
    def fastest_is_at_one_shop(self) -> bool:
        """Whether the fastest sell-out was at one shop that is known, not at several."""
        return self.is_at_one_shop(self.fastest)

    def is_in_advance(self, sale: pd.Series) -> bool:
        """Say whether one of its sales was of orders before the first sale."""
        return self.first_sale is not None and sale["date"] < self.first_sale

    def is_at_one_shop(self, sale: pd.Series) -> bool:
        """Say whether one of its sales was at one shop that is known, not at several."""
        return sale["channel"] not in SEVERAL_SHOPS and pd.notna(sale["channel"])

    @property
    def other_seconds_of_it(self) -> float:
        """Seconds of the fastest sell-out by another source; NaN where none gives other ones."""
        if self.timed.empty or "other_sellout_s" not in self.timed:
            return np.nan
        return float(self.fastest["other_sellout_s"])

    @property
    def top(self) -> pd.Series:
        """The sale with the highest order rate, of those whose lot is known."""
        return self.rates.loc[self.rates["rate_per_s"].idxmax()]

    @property
    def orders(self) -> pd.Series:
        """Orders by sale: a timed lot that sold out, or what was counted of one if that is more."""
        return self.sales["units_sold"].combine(self.rates["units"], np.fmax)

    @property
    def most_orders(self) -> float:
        """Most orders that came in one sale."""
        return float(self.orders.max())

    @property
    def largest(self) -> pd.Series:
        """The sale in which the most orders came."""
        return self.sales.loc[self.orders.idxmax()]

    @property
    def sold_in_all(self) -> pd.Series | None:
        """The largest count of all that was sold, of the device first; None if one sale had more.

        A count of its series is taken only where none of the device is above the largest sale.
        """
        more = self.counts[self.counts["units"] > self.most_orders]
        of_device = more[more["scope"] == "model"]
        chosen = more if of_device.empty else of_device
        return None if chosen.empty else chosen.loc[chosen["units"].idxmax()]

    @property
    def registrations(self) -> float:
        """Most free registrations before one of the sales; NaN where none were reported."""
        return self.sales["registrations"].max()

    @property
    def is_made_in_smaller_numbers(self) -> bool:
        """Whether a month's output was put below the range of lots that a lot is compared with."""
        return self.lots is not None and self.capacity_a_month < self.lots.low_units

    @property
    def nearest_are_chosen(self) -> bool:
        """Whether likeness chose them; where so few lots were small enough, they are all there."""
        return self.nearest_of > len(self.nearest)

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
    sales = with_words_of_rounds(launch.own_lots, rounds)
    rates = order_rates(sales)
    timed = sales[sales["sellout_s"] > 0]
    others = phone_rounds(rounds, devices)
    others = others[~others["round_id"].isin(sales["round"])]
    sold_out = (others["sold_out"] == "yes") & (others["sellout_s"] > 0)
    capacity_a_month = _capacity_a_month(launch.supply_reports)
    lots, nearest, like_registrations = None, others.head(0), others.head(0)
    nearest_of, compared = 0, []
    if rates.empty and len(timed):
        brands = devices.set_index("device")["brand"]
        lots = comparable_lots(others, brands, launch.market, brands.get(launch.device, ""))
    if lots is not None:
        unknown = _unknown_lot(launch, timed)
        most_units = capacity_a_month if capacity_a_month < lots.low_units else np.inf
        nearest = nearest_sales(others, unknown, launch.market, most_units)
        in_market = published_lots(others[others["market"] == launch.market])
        nearest_of = len(lots_of_at_most(most_units, in_market))
        compared = figures_compared(unknown)
        like_registrations = lots_with_like_registrations(
            others, unknown["registrations"], launch.market
        )
    return OwnSales(
        sales=sales,
        rates=rates,
        counts=launch.sales[launch.sales["kind"] == "sold"],
        left_out=launch.drops.drop(index=sales.index),
        other_seconds=others.loc[sold_out, "sellout_s"].to_numpy(float),
        lots=lots,
        nearest=nearest,
        nearest_of=nearest_of,
        compared=compared,
        like_registrations=like_registrations,
        clock_share=_clock_share(order_rates(others), launch.market),
        capacity_a_month=capacity_a_month,
        first_sale=launch.figure("first_sale").value,
    )


def with_words_of_rounds(sales: pd.DataFrame, rounds: pd.DataFrame) -> pd.DataFrame:
    """Add a sale's shop, and how firm its day, lot and seconds are, by the round that it names.

    Parameters
    ----------
    sales : DataFrame
        Drops of a launch file.
    rounds : DataFrame
        As in data/market/sale_rounds.csv.

    Returns
    -------
    DataFrame
        With `channel`, `date_approx`, `units_bound` and `seconds_bound`. Where no round is named,
        and where the round has another day or figure than the file, `date_approx` is false and
        bounds are missing.
    """
    of_round = rounds.set_index("round_id").reindex(sales["round"]).set_index(sales.index)
    is_approximate = of_round["date_approx"].eq(True)  # missing where no round is named
    is_same_lot = of_round["units"] == sales["units"]
    is_same_time = of_round["sellout_s"] == sales["sellout_s"]
    return sales.assign(
        channel=of_round["channel"],
        date_approx=is_approximate & (of_round["date"] == sales["date"]),
        units_bound=of_round["units_bound"].where(is_same_lot),
        seconds_bound=of_round["seconds_bound"].where(is_same_time),
    )


def _unknown_lot(launch: Launch, timed: pd.DataFrame) -> pd.Series:
    """Give what is known of the fastest sale without a lot: registrations, seconds, price."""
    fastest = timed.loc[timed["sellout_s"].idxmin()]
    price = launch.figure("price.list_local").number
    return pd.Series(
        {
            "registrations": fastest["registrations"],
            "sellout_s": fastest["sellout_s"],
            "price_usd": price / launch.figure("price.local_per_usd").number,
        },
        dtype=float,
    )


def _clock_share(rates: pd.DataFrame, market: str) -> float:
    """Give the squared correlation of log lots and log seconds in a market."""
    logs = np.log(rates.loc[rates["market"] == market, ["units", "sellout_s"]])
    return logs["units"].corr(logs["sellout_s"]) ** 2 if len(logs) >= FEWEST_LOTS else np.nan


def _capacity_a_month(reports: pd.DataFrame) -> float:
    """Give the lowest report of what could be made in a month; NaN where there is none."""
    is_capacity = (reports["kind"] == "capacity") & (reports["per"] == "month")
    return float(reports.loc[is_capacity, "units"].min())
