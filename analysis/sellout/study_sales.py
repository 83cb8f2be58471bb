"""What the sell-out page shows of press lines: the launch's sales, and lots against seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from ..data import Launch
from ..look import (
    COLOUR,
    Chart,
    Charted,
    Table,
    Text,
    is_narrow,
    label_end,
    number,
    number_axis,
    percent,
    plural,
    span,
    what_if,
)
from . import study_press
from .order_rates import LotDependence, order_rates
from .own_sales import OwnSales
from .study_press import day_of_sale
from .words import (
    LEVEL,
    NARROW_HEIGHT_IN,
    WIDE_HEIGHT_IN,
    country_name,
    duration,
    phones,
    product_name,
    rate_words,
    short_duration,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOTS_TRIED = (5_000, 20_000, 50_000, 200_000, 500_000)
SHARES_TRIED = (0.1, 0.25, 0.5, 0.75, 1)  # of what could be made in a month, where that is less
TIMES_TRIED = (0.1, 0.5, 1, 2, 10)  # those of the fastest sale
SECONDS_MARKED = (1, 10, 60, 600, 3600, 36_000)  # on the axis of seconds
LOTS_MARKED = (2_000, 10_000, 50_000, 200_000)


@dataclass(frozen=True, kw_only=True)
class LotsAndSeconds(Charted):
    """How long lots of phones lasted, with those of one launch marked.

    Attributes
    ----------
    name : str
        The product.
    market : str
        The launch's market, a code.
    rates : DataFrame
        Sold-out phone sales with `market`, `units` and `sellout_s`.
    own : OwnSales
        Those of the launch.
    dependence : LotDependence
        The fitted line.
    """

    name: str
    market: str
    rates: pd.DataFrame
    own: OwnSales
    dependence: LotDependence

    def table(self) -> pd.DataFrame:
        """Return what is drawn: round_id, market, date, units, sellout_s."""
        return self.rates[["round_id", "market", "date", "units", "sellout_s"]]

    def sentence(self) -> str:
        """Say how the seconds depend on the lot."""
        line = self.dependence
        times = number(10**line.slope, 2)
        return (
            f"Lots ten times larger lasted about **{times} times as long** (95 % range "
            f"{span(10**line.low, 10**line.high, 2)}); a steady stream would make it ten. "
            "Seconds alone say little of how many came."
        )

    @property
    def title(self) -> str:
        """Title of the chart: its finding, where the fitted line leaves no doubt."""
        if self.dependence.low < 0 < self.dependence.high < 1:
            return f"The {self.name} among other phones: seconds say little of the size of a lot"
        return f"Lots of the {self.name} and of other phones, and how long they lasted"

    @property
    def is_in_market(self) -> pd.Series:
        """Whether a sale was in the launch's own market."""
        return self.rates["market"] == self.market

    @property
    def sales_words(self) -> str:
        """How many sales are drawn, in how many markets, and how many of them stand out.

        Those of the launch's own market are the darker ones on white and the lighter ones on black.
        """
        sales = plural(len(self.rates), "known sale")
        markets = plural(self.rates["market"].nunique(), "market")
        in_market = int(self.is_in_market.sum())
        country = country_name(self.market)
        standing_out = f", {in_market} in {country} (stronger grey)" if in_market else ""
        return f"{sales} in {markets}{standing_out}"

    def chart(self) -> Chart:
        """Draw lots against seconds, with the fitted line and that of a steady stream."""
        years = self.rates["date"].dt.year
        return Chart(
            title=self.title,
            measure=(
                f"{self.sales_words}, {years.min()} to {years.max()}; the {self.name} in colour; "
                "logarithmic axes"
            ),
            draw=self._draw,
            alt=(
                f"Scatter of lots against seconds for {len(self.rates)} known sales, almost "
                f"without slope; the {self.name} is marked."
            ),
            data=self.table(),
            note=(
                f"Source: reports and sellers' claims on the {self.name} and others, "
                "data/market/sale_rounds.csv."
            ),
            height_in=WIDE_HEIGHT_IN,
            narrow_height_in=NARROW_HEIGHT_IN,
        )

    def _draw(self, axes: Axes) -> Axes:
        axes.set(xscale="log", yscale="log", xlabel="units in the lot", ylabel="time until gone")
        dots = {"edgecolor": COLOUR["paper"], "linewidth": 0.5}
        for is_strong, role in ((False, "context"), (True, "soft")):
            sales = self.rates[self.is_in_market == is_strong]
            axes.scatter(sales["units"], sales["sellout_s"], s=24, color=COLOUR[role], **dots)
        lots = np.array([self.rates["units"].min(), self.rates["units"].max()])
        axes.plot(lots, self.dependence.seconds_for(lots), color=COLOUR["soft"])
        label_end(axes, lots[1], self.dependence.seconds_for(lots)[1], "fitted line", "soft")
        self._draw_steady_stream(axes, lots)
        self._draw_own(axes, lots, dots)
        number_axis(axes.xaxis)
        axes.set_xticks(LOTS_MARKED)
        axes.set_yticks(SECONDS_MARKED)
        axes.yaxis.set_major_formatter(lambda seconds, _: short_duration(seconds))
        axes.set_yticks([], minor=True)
        return axes

    def _draw_steady_stream(self, axes: Axes, lots: np.ndarray) -> None:
        """Draw the line on which a lot lasts in proportion, through the middle of all sales."""
        middle = np.exp(np.log(self.rates[["units", "sellout_s"]]).mean())
        seconds = middle["sellout_s"] * lots / middle["units"]
        axes.plot(lots, seconds, color=COLOUR["soft"], linestyle="--", linewidth=1)
        words = "steady\norders" if is_narrow(axes) else "if orders came\nat one rate"
        label_end(axes, lots[1], seconds[1], words, "soft")

    def _draw_own(self, axes: Axes, lots: np.ndarray, dots: dict) -> None:
        """Mark the launch's sales; one whose lot is unknown is a line at its seconds."""
        own = self.own.rates
        axes.scatter(own["units"], own["sellout_s"], s=64, color=COLOUR["demand"], zorder=3, **dots)
        name = self.name.replace(" in ", "\nin ")
        if len(own):
            # The label stands clear of all points, in the margin at the end of a thin line.
            top = self.own.top
            ends = [top["units"], lots[1]]
            seconds = top["sellout_s"]
            axes.plot(ends, [seconds, seconds], color=COLOUR["demand"], linewidth=0.8, alpha=0.6)
            label_end(axes, lots[1], seconds, f"{name}: {short_duration(seconds)}", "demand")
        unknown = self.own.timed[self.own.timed["units"].isna()]
        for _, sale in unknown.iterrows():
            seconds = sale["sellout_s"]
            axes.plot(lots, [seconds, seconds], color=COLOUR["demand"], linewidth=2)
            what = f"{name}\npre-orders" if self.own.is_in_advance(sale) else name
            words = f"{what}: {short_duration(seconds)},\nlot unknown"
            label_end(axes, lots[1], seconds, words, "demand")


@dataclass(frozen=True, kw_only=True)
class Sales:
    """The sales of one launch, for people to read.

    Attributes
    ----------
    launch : Launch
        The launch.
    own : OwnSales
        Its sales.
    all_rates : DataFrame
        Order rates of all phone sales, to compare with.
    """

    launch: Launch
    own: OwnSales
    all_rates: pd.DataFrame

    def table(self) -> Table | None:
        """Show each sale with its order rate; None for a launch without sales.

        The open end of a limit is left empty.
        """
        if self.own.sales.empty:
            return None
        rates = order_rates(self.own.sales, LEVEL)[["rate_per_s", "low", "high"]]
        rates["rate_is"] = _limit_words(rates)
        rates["low"] = rates["low"].replace(0, np.nan)
        rates["high"] = rates["high"].replace(np.inf, np.nan)
        sales = self.own.sales.assign(
            gone_in=self.own.sales["sellout_s"].map(short_duration).replace("", None),
            counted_over=self.own.sales["window_s"].map(short_duration).replace("", None),
        )
        shown = sales.join(rates).rename(
            columns={
                "units": "phones",
                "units_sold": "phones_sold",
                "rate_per_s": "orders_a_second",
                "low": "at_least",
                "high": "at_most",
            }
        )
        columns = ["date", "phones", "gone_in", "sold_out", "phones_sold", "counted_over"]
        columns += ["registrations", "orders_a_second", "rate_is", "at_least", "at_most"]
        shown = shown[columns].dropna(axis="columns", how="all")
        rates_shown = f"; order rates with {percent(LEVEL)} range"
        has_rates = "orders_a_second" in shown
        name = product_name(self.launch)
        return Table(shown, f"Sales of the {name}{rates_shown if has_rates else ''}")

    def words(self) -> Text | None:
        """Say what the sales show; None where nothing is known that is worth a sentence."""
        if self.own.sales.empty:
            return None
        sentences = [self.sentence(), self.registrations_sentence(), self.left_out_sentence()]
        sentences = [sentence for sentence in sentences if sentence]
        return Text(*sentences) if sentences else None

    def sentence(self) -> str:
        """Say how fast orders came, or that the lot is unknown; "" where no sale was timed."""
        name = product_name(self.launch)
        if self.own.timed.empty:
            return ""
        if self.own.rates.empty:
            return study_press.unknown_lot_sentence(name, self.own)
        top = self.own.top
        slowest = self.own.rates.loc[self.own.rates["rate_per_s"].idxmin()]
        fastest = (
            f"On {day_of_sale(top)} the {name} had {phones(top['units'])} orders in "
            f"{duration(top['sellout_s'])}: **{rate_words(top)} a second**."
        )
        if len(self.own.rates) == 1:
            return fastest
        return (
            f"{fastest} Its slowest timed sale took {rate_words(slowest)} a second, on "
            f"{day_of_sale(slowest)}."
        )

    def registrations_sentence(self) -> str:
        """Say what the registrations before a sale are worth."""
        return study_press.registrations_sentence(product_name(self.launch), self.own)

    def left_out_sentence(self) -> str:
        """Say which entries of the launch file are no sales of this device."""
        if self.own.left_out.empty:
            return ""
        entries = plural(len(self.own.left_out), "entry", "entries")
        name = product_name(self.launch)
        return f"Reservations and other versions of the {name} are left out: {entries}."

    def demand_words(self) -> Text | None:
        """Say which lots comparable sales had; None unless the timed lot is unknown."""
        if self.own.lots is None:
            return None
        return Text(
            study_press.lots_sentence(product_name(self.launch), self.own),
            study_press.nearest_sentence(self.own),
        )

    def nearest(self) -> Table | None:
        """Show the most similar sales whose lot is known; None unless the timed lot is unknown."""
        if self.own.nearest.empty:
            return None
        caption = study_press.nearest_caption(product_name(self.launch), self.own)
        return Table(study_press.nearest_table(self.own), caption)

    def implied_table(self) -> Table | None:
        """Show what lots of several sizes would mean; None unless the timed lot is unknown."""
        if len(self.own.rates) or self.own.timed.empty:
            return None
        seconds = self.own.fastest_s
        caption = (
            f"Orders a second for the {product_name(self.launch)}, had this lot gone in "
            f"{study_press.own_time_words(self.own)}"
        )
        shown = self.implied_rates(seconds).drop(columns=["at_least", "at_most"])
        shown["orders_a_second"] = [float(f"{rate:.2g}") for rate in shown["orders_a_second"]]
        return Table(shown.rename(columns={"slower_sales": "known_sales_slower"}), caption)

    def implied_rates(self, seconds: float) -> pd.DataFrame:
        """Order rates that lots of several sizes would mean, had they lasted so long.

        Returns
        -------
        DataFrame
            phones, orders_a_second, at_least, at_most (80 %), slower_sales: share of all phone
            sales.
        """
        lots = lots_tried(self.own)
        tried = pd.DataFrame({"units": lots, "sellout_s": seconds, "sold_out": "yes"})
        rates = order_rates(tried, LEVEL)
        slower = [(self.all_rates["rate_per_s"] < rate).mean() for rate in rates["rate_per_s"]]
        return pd.DataFrame(
            {
                "phones": rates["units"],
                "orders_a_second": rates["rate_per_s"],
                "at_least": rates["low"],
                "at_most": rates["high"],
                "slower_sales": [percent(share) for share in slower],
            }
        )

    def entries(self) -> Table | None:
        """Show every entry of the launch file with its source; None where there is none."""
        drops = self.launch.drops.dropna(axis="columns", how="all")
        if drops.empty:
            return None
        return Table(drops, "Sales, reservations and other versions, as the launch file has them")


def lots_tried(own: OwnSales) -> list[float]:
    """Choose sizes for a lot that was never published: none above what a month could make."""
    if own.is_made_in_smaller_numbers:
        return [share * own.capacity_a_month for share in SHARES_TRIED]
    return list(LOTS_TRIED)


def explore_speed(
    name: str,
    sellout_s: float,
    lot_units: float | None = None,
    lots: Sequence[float] = LOTS_TRIED,
) -> None:
    """Show a panel: orders a second by the size of a lot and the time until it was gone.

    Parameters
    ----------
    name : str
        The product.
    sellout_s : float
        Seconds of the sale that the panel starts from.
    lot_units : float or None
        Its lot; None where no source gives it.
    lots : sequence of float
        Lots that are tried where no source gives it.
    """
    unit_s, unit = (1, "seconds") if sellout_s < 120 else (60, "minutes")
    lots = [lot_units * times for times in TIMES_TRIED] if lot_units else list(lots)

    def rates(lot_units: int, time: float) -> pd.DataFrame:
        # Lot and time are what was typed, so only the chance in a count of orders is left.
        rate = lot_units / (time * unit_s)
        factor = np.exp(stats.norm.ppf((1 + LEVEL) / 2) / np.sqrt(lot_units))
        return pd.DataFrame(
            {
                "label": ["orders a second"],
                "estimate": rate,
                "low": rate / factor,
                "high": rate * factor,
            }
        )

    what_if(
        f"What would another lot or another time mean for the {name}?",
        f"orders a second if both are exact, {percent(LEVEL)} range.",
        rates,
        labels={"lot_units": "phones in the lot", "time": f"{unit} until gone"},
        lot_units=lots,
        time=[sellout_s / unit_s * times for times in TIMES_TRIED],
    )


def _limit_words(rates: pd.DataFrame) -> pd.Series:
    """Say of each order rate whether it is a limit; missing where its range has two ends."""
    words = pd.Series(None, index=rates.index, dtype=object)
    words = words.mask(np.isinf(rates["high"]), "a lower limit")
    return words.mask(rates["low"] == 0, "an upper limit")
