"""What the sell-out page shows of press lines: the launch's sales, and lots against seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..data import Launch
from ..look import (
    COLOUR,
    Chart,
    Table,
    Text,
    day,
    is_narrow,
    label_end,
    number,
    number_axis,
    percent,
    plural,
    span,
    what_if,
)
from .order_rates import LotDependence, order_rates
from .own_sales import OwnSales
from .words import country_name, duration, phones, phones_range, product_name

LOTS_TRIED = (5_000, 20_000, 50_000, 200_000, 500_000)
SECONDS_TRIED = (0.1, 0.5, 1, 2, 10)  # times those of the fastest sale


@dataclass(frozen=True, kw_only=True)
class LotsAndSeconds:
    """How long lots of phones lasted, with those of one launch marked.

    Attributes
    ----------
    name : str
        The product.
    rates : DataFrame
        Sold-out phone sales with `units` and `sellout_s`.
    own : OwnSales
        Those of the launch.
    dependence : LotDependence
        The fitted line.
    """

    name: str
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

    def chart(self) -> Chart:
        """Draw lots against seconds, with the fitted line and that of a steady stream."""
        years = self.rates["date"].dt.year
        return Chart(
            title="The size of a lot, and how long it lasted",
            measure=(
                f"phone sales that sold out with both figures reported, n = {len(self.rates)}, "
                f"{years.min()} to {years.max()}; logarithmic axes"
            ),
            draw=self._draw,
            alt=(
                f"Scatter of lots against seconds for {len(self.rates)} phone sales, almost "
                f"without slope; the {self.name} is marked."
            ),
            data=self.table(),
            note="Source: press reports and sellers' claims, data/market/sale_rounds.csv.",
            height_in=4.0,
        )

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the chart with matplotlib."""
        return self.chart().plot(axes)

    def _draw(self, axes: Axes) -> Axes:
        axes.set(xscale="log", yscale="log", xlabel="phones in the lot", ylabel="seconds")
        dots = {"edgecolor": COLOUR["paper"], "linewidth": 0.5}
        axes.scatter(
            self.rates["units"], self.rates["sellout_s"], s=24, color=COLOUR["context"], **dots
        )
        lots = np.array([self.rates["units"].min(), self.rates["units"].max()])
        axes.plot(lots, self.dependence.seconds_for(lots), color=COLOUR["soft"])
        label_end(axes, lots[1], self.dependence.seconds_for(lots)[1], "fitted", "soft")
        self._draw_steady_stream(axes, lots)
        self._draw_own(axes, lots, dots)
        number_axis(axes.xaxis)
        number_axis(axes.yaxis)
        return axes

    def _draw_steady_stream(self, axes: Axes, lots: np.ndarray) -> None:
        """Draw the line on which a lot lasts in proportion, through the middle of all sales."""
        middle = np.exp(np.log(self.rates[["units", "sellout_s"]]).mean())
        seconds = middle["sellout_s"] * lots / middle["units"]
        axes.plot(lots, seconds, color=COLOUR["soft"], linestyle="--", linewidth=1)
        words = "steady\nstream" if is_narrow(axes) else "steady stream\n(slope 1)"
        label_end(axes, lots[1], seconds[1], words, "soft")

    def _draw_own(self, axes: Axes, lots: np.ndarray, dots: dict) -> None:
        """Mark the launch's sales; one whose lot is unknown is a line at its seconds."""
        own = self.own.rates
        axes.scatter(own["units"], own["sellout_s"], s=64, color=COLOUR["demand"], zorder=3, **dots)
        if len(own):
            last = own.sort_values("units").iloc[-1]
            label_end(axes, last["units"], last["sellout_s"], self.name, "demand")
        unknown = self.own.timed[self.own.timed["units"].isna()]
        for seconds in unknown["sellout_s"]:
            axes.axhline(seconds, color=COLOUR["demand"], linewidth=2)
            words = f"{self.name}: {number(seconds)} s, lot unknown"
            label_end(axes, lots[0], seconds, words, "demand", xytext=(0, -9))


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
        """Show each sale with its order rate; None for a launch without sales."""
        if self.own.sales.empty:
            return None
        rates = self.own.rates[["rate_per_s", "low", "high"]]
        shown = self.own.sales.join(rates).rename(
            columns={
                "units": "phones",
                "sellout_s": "seconds",
                "rate_per_s": "orders_a_second",
                "low": "at_least",
                "high": "at_most",
            }
        )
        columns = ["date", "phones", "seconds", "sold_out", "units_sold", "window_s"]
        columns += ["registrations", "orders_a_second", "at_least", "at_most"]
        shown = shown[columns].dropna(axis="columns", how="all")
        name = product_name(self.launch)
        return Table(shown, f"Sales of the {name}; order rates with 95 % range")

    def words(self) -> Text | None:
        """Say what the sales show; None for a launch without sales."""
        if self.own.sales.empty:
            return None
        return Text(self.sentence(), self.left_out_sentence())

    def sentence(self) -> str:
        """Say how fast orders came, or that the lot is unknown."""
        if self.own.rates.empty:
            return (
                "No lot of a timed sale was published, so no order rate follows. "
                "A sold-out sale says that orders came for the whole lot, whatever it was."
            )
        top = self.own.top
        slowest = self.own.rates.loc[self.own.rates["rate_per_s"].idxmin()]
        fastest = (
            f"On {day(top['date'])} {phones(top['units'])} phones went in "
            f"{duration(top['sellout_s'])}: **{number(top['rate_per_s'], 2)} orders a second**."
        )
        if len(self.own.rates) == 1:
            return fastest
        return (
            f"{fastest} The slowest sale took {number(slowest['rate_per_s'], 2)} a second, on "
            f"{day(slowest['date'])}; notes below say where a site failed or a rule changed."
        )

    def left_out_sentence(self) -> str:
        """Say which entries of the launch file are no sales of this device."""
        if self.own.left_out.empty:
            return ""
        entries = plural(len(self.own.left_out), "entry", "entries")
        return f"Reservations and other versions of the phone are left out ({entries})."

    def demand_words(self) -> Text | None:
        """Say what the sales bound demand by, or which lots comparable sales had."""
        lots = self.own.lot_range
        if len(self.own.rates):
            most = np.nanmax([self.own.rates["units"].max(), self.own.sales["units_sold"].max()])
            return Text(
                f"At least **{phones(most)} orders** came in its largest sale. Nothing here bounds "
                "demand from above: nobody counted those who came too late."
            )
        if lots is None:
            return None
        return Text(
            f"Comparable phone sales in {country_name(lots.market)} had lots of "
            f"**{phones_range(lots.low_units, lots.high_units)} phones** "
            f"({percent(lots.level)} range, {lots.rounds} sales).",
            f"The {number(lots.sellout_s)} seconds narrow that by almost nothing: they explain "
            f"{percent(lots.r_squared)} of the differences between those lots.",
        )

    def implied_table(self) -> Table | None:
        """Show what lots of several sizes would mean; None unless the timed lot is unknown."""
        if len(self.own.rates) or self.own.timed.empty:
            return None
        seconds = self.own.fastest_s
        caption = f"Order rate of each lot, had it lasted {number(seconds)} s (95 % range)"
        return Table(self.implied_rates(seconds), caption)

    def implied_rates(self, seconds: float) -> pd.DataFrame:
        """Order rates that lots of several sizes would mean, had they lasted so long.

        Returns
        -------
        DataFrame
            phones, orders_a_second, at_least, at_most (95 %), slower_sales: share of all phone
            sales.
        """
        tried = pd.DataFrame({"units": LOTS_TRIED, "sellout_s": seconds, "sold_out": "yes"})
        rates = order_rates(tried)
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


def explore_speed(sellout_s: float) -> None:
    """Show a panel: orders a second by the size of a lot and the seconds until it was gone."""

    def rates(lot_units: int, seconds: float) -> pd.DataFrame:
        lot = pd.DataFrame({"units": [lot_units], "sellout_s": seconds, "sold_out": "yes"})
        rate = order_rates(lot).rename(columns={"rate_per_s": "estimate"})
        return rate.assign(label="orders a second")

    what_if(
        "What would the seconds mean?",
        "orders a second, 95 % range",
        rates,
        labels={"lot_units": "phones in the lot", "seconds": "seconds until gone"},
        lot_units=list(LOTS_TRIED),
        seconds=[sellout_s * times for times in SECONDS_TRIED],
    )
