"""What notebook 3 shows of the cost of parts: its yearly fall, other rules, and the appendix.

Each result has a table, a chart and a sentence; the models' results stay reachable.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import Launch, load_table, shared
from ..look import (
    Chart,
    Charted,
    figures,
    percent,
    with_range,
)
from .components import component_rates, yearly_runs
from .cost_laws import (
    CostLaw,
    MooreOrWright,
    compare_moore_wright,
    fit_cost_law,
    hindcast,
    score_hindcast,
)
from .hierarchy import fit_decline
from .mixture import NormalMixture
from .pairs import without_own_life
from .price_shares import price_shares, summarise_shares
from .study_decline import SHOWN_LEVEL, CostDecline, as_changes, draw_changes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TABLES = (
    "devices",
    "recosted_pairs",
    "bom_teardowns",
    "bom_components",
    "component_prices",
    "shipments",
    "economics",
)
TRAINING_YEARS = 5  # of flash prices, before those that are forecast

percent_with_range = partial(with_range, write=percent)


@dataclass(frozen=True)
class CostStudy:
    """What data on file say of the cost of a phone's parts, for one launch.

    Attributes
    ----------
    launch : the launch; its own history of costings, if there is one, leads its own rate
    tables : the market tables used, by name
    """

    launch: Launch
    tables: dict[str, pd.DataFrame]

    @cached_property
    def decline(self) -> CostDecline:
        """How fast the cost of one and the same product falls."""
        fit = shared(fit_decline)(
            self.tables["recosted_pairs"],
            self.tables["bom_components"],
            self.tables["component_prices"],
            devices=self.tables["devices"],
            teardowns=self.tables["bom_teardowns"],
        )
        return CostDecline(
            fit=fit,
            all_pairs=self.tables["recosted_pairs"],
            devices=self.tables["devices"],
            costings=self.launch.costings,
            device_class=self._device_class,
        )

    @cached_property
    def own_rate(self) -> NormalMixture:
        """Rate of this very launch, logs a year: its own costings lead, other products follow."""
        return self.decline.fit.product(self.launch.costings, self._device_class)

    @property
    def _device_class(self) -> str:
        """Class whose rate the launch follows: consoles have their own, all else goes as phones."""
        is_console = "console" in self.launch.product.compared_classes
        return "console" if is_console else "phone"

    @property
    def parts(self) -> pd.DataFrame:
        """How memory and display move against the phone, as `forecast_bom` wants them."""
        return self.decline.fit.parts

    @cached_property
    def successors(self) -> Successors:
        """Why new phones do not tell how fast one phone gets cheaper."""
        rates = shared(component_rates)(
            self.tables["bom_components"], self.tables["bom_teardowns"], self.tables["devices"]
        )
        return Successors(rates=rates, same_device=self.decline.fit.rate.mid)

    @cached_property
    def flash(self) -> FlashMemory:
        """How the price of flash memory went, and what a cost law would have said of it."""
        prices = self.tables["component_prices"]
        per_gigabyte = prices[prices["unit"] == "usd_per_gb"]
        shipments = self.tables["shipments"]
        apple = shipments[(shipments["brand"] == "apple") & (shipments["tracker"] == "company")]
        year = apple["period"].str[:4].astype(int)
        return FlashMemory(
            runs=yearly_runs(per_gigabyte),
            iphones_million=apple.groupby(year)["units_million"].sum(),
        )

    @cached_property
    def brands(self) -> pd.DataFrame:
        """Share of the net price that the parts take, by brand (see `summarise_shares`)."""
        shares = price_shares(
            self.tables["bom_teardowns"], self.tables["devices"], self.tables["economics"]
        )
        return summarise_shares(shares)

    def share_of_brand(self, brand: str) -> list[float]:
        """Return the parts' mean share of the net price of a brand: estimate, low, high (95 %)."""
        return self.brands.set_index("brand").loc[brand, ["estimate", "low", "high"]].to_list()

    def share_of_own_brand(self) -> list[float]:
        """Return that share of the launch's own brand; NaN where none of its phones was costed."""
        brand = self.tables["devices"].set_index("device")["brand"].get(self.launch.device, "")
        if brand not in set(self.brands["brand"]):
            return [np.nan] * 3
        return self.share_of_brand(brand)


def study_costs(launch: Launch) -> CostStudy:
    """Read the market tables for the cost of a launch's parts.

    Parameters
    ----------
    launch : Launch
        As from `load_launch`.

    Returns
    -------
    CostStudy
        Its results are computed when asked for.
    """
    tables = {name: load_table(name) for name in TABLES}
    pairs = without_own_life(launch, tables["recosted_pairs"], tables["devices"])
    return CostStudy(launch=launch, tables=tables | {"recosted_pairs": pairs})


@dataclass(frozen=True)
class Successors(Charted):
    """Yearly trends over new phones, beside the fall of one and the same phone.

    Attributes
    ----------
    rates : one row a component (see `component_rates`)
    same_device : the rate of one and the same device, logs a year
    """

    rates: pd.DataFrame
    same_device: float

    def table(self) -> pd.DataFrame:
        """Return the trends as changes a year (shares), with 95 % intervals."""
        return as_changes(self.rates.assign(focus=self.rates["identified"]))

    def chart(self) -> Chart:
        """Draw the trends that are narrow enough to say something."""
        narrow = self.rates["high"] - self.rates["low"] < 1
        table = self.table()[narrow].sort_values("estimate")
        too_wide = ", ".join(self.rates["label"][~narrow].str.replace("_", " "))
        table = table.assign(label=table["label"].str.replace("_", " "))
        return Chart(
            title="What new phones' parts cost, year by year",
            measure="Change a year over teardowns of new phones, size held constant where known; "
            "95 % ranges",
            draw=partial(draw_changes, table=table),
            alt=self.sentence(),
            data=table,
            note=f"Green: can be read as a price. Too wide to draw: {too_wide}.",
            height_in=0.8 + 0.35 * len(table),
            keep=shared,
        )

    def sentence(self) -> str:
        """Say how new phones change beside the same phone, and which part is a price."""
        entire = self.rates.set_index("label").loc["whole phone"]
        new_phone = percent_with_range(*np.expm1(entire[["estimate", "low", "high"]].astype(float)))
        prices = self.rates.loc[self.rates["identified"], "label"].replace("nand", "flash memory")
        if prices.empty:
            price = "No single part's trend can be read as a price."
        else:
            price = f"Only {', '.join(prices)} can be read as a price."
        return (
            f"The parts of a new phone changed by {new_phone} a year, those of the same phone by "
            f"{percent(np.expm1(self.same_device))}. A new phone holds more memory and a newer "
            f"processor, so successors do not tell how fast one phone gets cheaper. {price}"
        )


@dataclass(frozen=True)
class FlashMemory(Charted):
    """Prices of flash memory by year, and what Moore's law said of them.

    Attributes
    ----------
    runs : yearly prices in dollars a gigabyte by series
    iphones_million : iPhones made by year, a poor stand-in for the output of such memory
    """

    runs: dict[str, pd.Series]
    iphones_million: pd.Series

    @property
    def prices(self) -> pd.Series:
        """The longest run of prices."""
        return max(self.runs.values(), key=len)

    @cached_property
    def law(self) -> CostLaw:
        """Moore's law fitted to the first five years alone."""
        return fit_cost_law(self.prices.iloc[:TRAINING_YEARS])

    @cached_property
    def forecast(self) -> pd.DataFrame:
        """What that law says of the later years: low, median, high (80 %)."""
        later = self.prices.index[TRAINING_YEARS:]
        return self.law.forecast(len(later), SHOWN_LEVEL).set_axis(later)

    @cached_property
    def moore_or_wright(self) -> MooreOrWright:
        """Whether time and output can be told apart."""
        years = self.prices.index
        return compare_moore_wright(
            self.prices,
            self.iphones_million[years],
            self.iphones_million[: years[0] - 1].sum(),
        )

    def table(self) -> pd.DataFrame:
        """Return how often bands from three to five years held later prices, by years ahead."""
        return score_hindcast(hindcast(self.runs, windows=(3, 4, 5))).dropna(axis=1, how="all")

    def chart(self) -> Chart:
        """Draw the prices over the forecast of the later ones."""
        data = pd.DataFrame({"price": self.prices}).join(self.forecast)
        return Chart(
            title="Flash memory: later prices beside what the first five years said of them",
            measure="Price in dollars a gigabyte, log scale, 80 % band",
            draw=self._draw,
            alt=self.sentence(),
            data=data.add_suffix("_usd").rename_axis("year").reset_index(),
            note="Grey: contract prices.",
            keep=shared,
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw every run on a log axis, the longest in colour."""
        import seaborn as sns  # noqa: PLC0415 (a second to load; only drawing needs it)

        figures.plot_band(axes, self.forecast, "margin", linestyle="--", linewidth=1)
        for run in self.runs.values():
            role = "margin" if run is self.prices else "soft"
            sns.lineplot(run, marker="o", color=figures.COLOUR[role], linewidth=2, ax=axes)
        axes.set(yscale="log", xlabel="", ylabel="")
        figures.dollar_axis(axes.yaxis)
        return axes

    def sentence(self) -> str:
        """Say how the forecast held, and whether time or output made the price fall."""
        later = self.prices.iloc[TRAINING_YEARS:]
        inside = int(later.between(self.forecast["low"], self.forecast["high"]).sum())
        rises = int((self.prices.diff() > 0).sum())
        if self.moore_or_wright.told_apart:
            cause = "Time and output can be told apart as causes."
        else:
            cause = "Time and output cannot be told apart as causes: both only rise."
        return (
            f"{inside} of {len(later)} later prices fell inside the 80 % band, which is very wide. "
            f"The price rose in {rises} of {len(self.prices) - 1} years. {cause}"
        )
