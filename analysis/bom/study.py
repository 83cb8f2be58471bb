"""What notebook 3 shows of the cost of parts: its yearly fall, other rules, and the appendix.

Each result has a table, a chart and a sentence; the models' results stay reachable.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import Launch, add_own_pair, load_table, shared
from ..look import (
    Chart,
    Charted,
    Table,
    dollars,
    figures,
    number,
    percent,
    percent_axis,
    plot_intervals,
    plural,
    span,
    with_range,
)
from .components import bom_parts, component_rates, yearly_runs
from .cost_laws import (
    CostLaw,
    MooreOrWright,
    compare_moore_wright,
    fit_cost_law,
    hindcast,
    score_hindcast,
)
from .decline import DeclineRate, compare_pair_sets, forest, pool_decline
from .pairs import (
    FIRST_RULE,
    CostingNoise,
    PairRule,
    costing_noise,
    rule_of_class,
    select_clean_pairs,
    without_own_life,
)
from .price_shares import price_shares, summarise_shares

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN_LEVEL = 0.8  # of the intervals on a page; 95 % is what the literature and claims use
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
OWN_STATEMENTS = ("bom_decline", "total_cost_decline")  # statements about a whole device

percent_range = partial(span, write=percent)
percent_with_range = partial(with_range, write=percent)


@dataclass(frozen=True)
class CostStudy:
    """What data on file say of the cost of a phone's parts, for one launch.

    Attributes
    ----------
    launch : the launch; its own history of costings, if there is one, joins the pairs
    tables : the market tables used, by name
    """

    launch: Launch
    tables: dict[str, pd.DataFrame]

    @cached_property
    def decline(self) -> CostDecline:
        """How fast the cost of one and the same device falls."""
        return CostDecline(
            all_pairs=self.tables["recosted_pairs"],
            devices=self.tables["devices"],
            costings=self.launch.costings,
            rule=rule_of_class(self.launch.product.compared_classes),
        )

    @cached_property
    def parts(self) -> pd.DataFrame:
        """How memory and display move against the phone, as `forecast_bom` wants them."""
        return shared(bom_parts)(
            self.tables["bom_components"],
            self.tables["bom_teardowns"],
            self.tables["recosted_pairs"],
            self.tables["devices"],
            self.decline.rate,
        )

    @cached_property
    def successors(self) -> Successors:
        """Why new phones do not tell how fast one phone gets cheaper."""
        rates = shared(component_rates)(
            self.tables["bom_components"], self.tables["bom_teardowns"], self.tables["devices"]
        )
        return Successors(rates=rates, same_device=self.decline.rate)

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
    pairs, devices = add_own_pair(launch, tables["recosted_pairs"], tables["devices"])
    pairs = without_own_life(launch, pairs, devices)
    return CostStudy(launch=launch, tables=tables | {"recosted_pairs": pairs, "devices": devices})


@dataclass(frozen=True)
class CostDecline(Charted):
    """How fast the cost of one and the same device falls, by a rule for a clean pair.

    Attributes
    ----------
    all_pairs : every pair of costings on file
    devices : the devices, with their class
    costings : dated costings of the launch itself; empty where it has no history of its own
    rule : what makes a pair clean
    """

    all_pairs: pd.DataFrame
    devices: pd.DataFrame
    costings: pd.DataFrame
    rule: PairRule = FIRST_RULE

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """The clean pairs."""
        return select_clean_pairs(self.all_pairs, self.devices, self.rule)

    @cached_property
    def noise(self) -> CostingNoise:
        """How much two costings of a device differ where no time has passed."""
        return costing_noise(self.all_pairs, self.devices)

    @cached_property
    def rate(self) -> DeclineRate:
        """The pooled rate in logs a year, with 95 % intervals."""
        return pool_decline(self.pairs, self.noise)

    @cached_property
    def shown_rate(self) -> DeclineRate:
        """The pooled rate with the intervals that a page shows."""
        return pool_decline(self.pairs, self.noise, SHOWN_LEVEL)

    def under(self, **changes) -> CostDecline:
        """Ask again under another rule, such as `device_classes=("phone",)`."""
        return replace(self, rule=replace(self.rule, **changes))

    def table(self) -> pd.DataFrame:
        """Return each clean pair and the pooled rate as changes a year (shares), 80 %."""
        rows = _as_changes(forest(self.pairs, self.shown_rate, self.noise))
        names = self.devices.dropna(subset="name").set_index("device")["name"]
        in_words = names.to_dict() | {
            "yearly rate of the same phone": "all, on average",
            "the next phone": "one more phone",
        }
        return rows.assign(label=rows["label"].replace(in_words))

    def chart(self) -> Chart:
        """Draw each pair, and the pooled rate below them."""
        if self.rate.high < 0:
            title = "The same device, costed twice: its parts got cheaper"
        else:
            title = "The same device, costed twice: did its parts get cheaper?"
        table = self.table()
        return Chart(
            title=title,
            measure=f"Change of cost a year, 80 % ranges, {plural(self.rate.pairs, 'pair')} of "
            "costings by one analyst each",
            draw=partial(_draw_changes, table=table),
            alt=f"{self.sentence()} Each pair stands alone above the pooled rate.",
            data=table,
            note="Grey: one device. Green: all together.",
            height_in=0.8 + 0.35 * len(table),
        )

    def sentence(self) -> str:
        """Say how fast, how sure, and what that leaves open for one more phone."""
        rate = self.shown_rate
        mean = f"The cost of the same device changed by **{_change(rate.rate)} a year**"
        sentences = [
            f"{mean} on average ({_change_range(rate.low, rate.high)}).",
            self._doubt(),
            f"For one more phone the pairs allow anything from "
            f"{_change(rate.predicted_low)} to {_change(rate.predicted_high)}.",
        ]
        return " ".join(sentences)

    def _doubt(self) -> str:
        """Say how firm the mean is, and what kind of pairs it rests on."""
        second_thoughts = int((self.pairs["difference_kind"] == "revision").sum())
        if self.rate.high < 0:
            return "That the average device gets cheaper is firm."
        return (
            f"That is not settled: {second_thoughts} of the pairs may be an analyst's second "
            "thoughts, and a 95 % range still holds no change at all."
        )

    def own_history(self) -> list[str]:
        """Say how the launch's own costings went, where it has two or more."""
        costings = self.costings
        if len(costings) < 2:
            return []
        first, last = costings.iloc[0], costings.iloc[-1]
        years = (last["date"] - first["date"]).days / 365.25
        change = (last["bom_usd"] / first["bom_usd"]) ** (1 / years) - 1
        return [
            f"This phone's own {len(costings)} costings go from {dollars(first['bom_usd'])} to "
            f"{dollars(last['bom_usd'])} in {number(12 * years, 2)} months, "
            f"**{percent(change)} a year**.",
            "The curve goes through them; the rate of other devices is for the time after.",
        ]

    def pairs_table(self) -> Table:
        """Show the pairs themselves, with what their sources say."""
        columns = ["device_a", "stage_a", "stage_b", "years", "log_change", "second_date", "note"]
        return Table(self.pairs[columns].round(3), "The pairs of costings that are pooled")

    def other_rules(self) -> Table:
        """Show the rate under other rules, and with each pair left out."""
        sets = compare_pair_sets(self.all_pairs, self.devices, SHOWN_LEVEL)
        changes = _as_changes(sets).rename(columns={"estimate": "change_a_year"})
        in_percent = {name: changes[name].map(percent) for name in ("change_a_year", "low", "high")}
        columns = ["rule", "change_a_year", "low", "high", "pairs"]
        table = changes.assign(rule=changes["label"].str.replace("_", " "), **in_percent)
        return Table(table[columns], "Change of cost a year by rule for a pair, 80 % ranges")

    def statements(self) -> Table:
        """Show the rates that others state, and how far each is from ours."""
        statements = load_table("decline_statements")
        stated = statements[statements["quantity"].isin(OWN_STATEMENTS)]
        errors_away = (
            np.log1p(stated["rate_per_year"]) - self.rate.rate
        ) / self.rate.standard_error
        columns = ["statement", "per", "rate_per_year", "errors_away", "weak_source", "source_url"]
        table = stated.assign(errors_away=errors_away.round(1))[columns]
        return Table(
            table, "Changes a year that others state, and how many standard errors from ours"
        )


@dataclass(frozen=True)
class Successors(Charted):
    """Yearly trends over new phones, beside the fall of one and the same phone.

    Attributes
    ----------
    rates : one row a component (see `component_rates`)
    same_device : the rate of one and the same device
    """

    rates: pd.DataFrame
    same_device: DeclineRate

    def table(self) -> pd.DataFrame:
        """Return the trends as changes a year (shares), with 95 % intervals."""
        return _as_changes(self.rates.assign(focus=self.rates["identified"]))

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
            draw=partial(_draw_changes, table=table),
            alt=self.sentence(),
            data=table,
            note=f"Green: can be read as a price. Too wide to draw: {too_wide}.",
            height_in=0.8 + 0.35 * len(table),
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
            f"{_change(self.same_device.rate)}. A new phone holds more memory and a newer "
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
            measure="Dollars a gigabyte, log scale, 80 % band",
            draw=self._draw,
            alt=self.sentence(),
            data=data.rename_axis("year").reset_index(),
            note="Grey: contract prices.",
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


def _as_changes(table: pd.DataFrame) -> pd.DataFrame:
    """Turn estimate, low and high from logs a year into changes a year, as shares."""
    columns = ["estimate", "low", "high"]
    return table.assign(**{name: np.expm1(table[name].astype(float)) for name in columns})


def _change(log_rate: float) -> str:
    """Write a rate in logs a year as a change a year."""
    return percent(np.expm1(log_rate))


def _change_range(low: float, high: float) -> str:
    """Write an interval of rates in logs a year as changes a year."""
    return percent_range(np.expm1(low), np.expm1(high))


def _draw_changes(axes: Axes, table: pd.DataFrame) -> Axes:
    """Draw intervals of changes a year with an axis in percent."""
    plot_intervals(axes, table, "margin")
    percent_axis(axes.xaxis)
    return axes
