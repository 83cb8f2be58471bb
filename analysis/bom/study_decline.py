"""What notebook 3 shows of how fast one product gets cheaper: the rate, its sources, its doubts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import load_table, shared
from ..look import (
    Chart,
    Charted,
    Table,
    dollars,
    number,
    percent,
    percent_axis,
    plot_intervals,
    plural,
    span,
)
from .decline_checks import (
    leave_one_out,
    rate_by_publication,
    rate_by_source,
    score_left_out,
    sensitivity,
)
from .decline_evidence import NEWS, SOURCES
from .hierarchy import Decline, fit_evidence
from .mixture import Interval
from .pairs import DAYS_A_YEAR, costing_noise, select_clean_pairs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN_LEVEL = 0.8  # of the intervals on a page; 95 % is what the literature and claims use
OWN_STATEMENTS = ("bom_decline", "total_cost_decline")  # statements about an entire device
HALF_AS_OFTEN = 0.5
STRONGEST = 12  # changes of a pair or a prior that are shown

percent_range = partial(span, write=percent)


@dataclass(frozen=True)
class CostDecline(Charted):
    """How fast the cost of one and the same product falls, by all evidence together.

    Attributes
    ----------
    fit : the regression over all evidence
    all_pairs : every pair of costings on file
    devices : the devices, with their class
    costings : dated costings of the launch itself; empty where it has no history of its own
    device_class : "console", or "phone" for phones, tablets and all else
    """

    fit: Decline
    all_pairs: pd.DataFrame
    devices: pd.DataFrame
    costings: pd.DataFrame
    device_class: str = "phone"

    @property
    def rate(self) -> Interval:
        """Mean rate of the class in logs a year: low, mid, high (95 %)."""
        return self.fit.class_rate(self.device_class).interval(0.95)

    @property
    def shown_rate(self) -> Interval:
        """Mean rate of the class with the range that a page shows."""
        return self.fit.class_rate(self.device_class).interval(SHOWN_LEVEL)

    @cached_property
    def shown(self) -> Decline:
        """The same fit with the intervals that a page shows."""
        return replace(self.fit, level=SHOWN_LEVEL)

    @property
    def costed_devices(self) -> int:
        """How many devices, consoles too, are costed twice."""
        evidence = self.fit.evidence
        return evidence.loc[evidence["source"].isin(NEWS), "device"].nunique()

    def without(self, *sources: str) -> CostDecline:
        """Return what comes of it without some sources of evidence, keys of `SOURCES`."""
        evidence = self.fit.evidence
        chosen = evidence[~evidence["source"].isin(sources)]
        return replace(self, fit=fit_evidence(chosen, self.fit.shares, self.fit.priors))

    def table(self) -> pd.DataFrame:
        """Return the rate by source of evidence, and all together, as changes a year (80 %)."""
        rates = shared(rate_by_source)(self.shown, self.device_class)
        counted = rates["label"] + np.where(
            rates["focus"] | (rates["rows"] == 0), "", " (" + rates["rows"].astype(str) + ")"
        )
        return as_changes(rates.assign(label=counted)).drop(columns="rows")

    def chart(self) -> Chart:
        """Draw the rate by each source alone, and by all together below them."""
        firm = self.rate.high < 0
        end = "got cheaper" if firm else "may have got cheaper"
        table = self.table()
        return Chart(
            title=f"By every kind of evidence together, one product's parts {end}",
            measure=f"Change of a {self.device_class}'s cost a year, each source alone with our "
            f"assumptions; 80 % ranges, {plural(len(self.fit.evidence), 'row')} of evidence",
            draw=partial(draw_changes, table=table),
            alt=f"{self.sentence()} Each source stands alone above the rate of all together.",
            data=table,
            note="In brackets: rows of evidence. Green: all together.",
            height_in=0.8 + 0.35 * len(table),
            keep=shared,
        )

    def sentence(self) -> str:
        """Say how fast, how sure, and what that leaves open for one more of the class."""
        low, mid, high = self.shown_rate
        one_more = self.fit.product(device_class=self.device_class)
        next_low, _, next_high = one_more.interval(SHOWN_LEVEL)
        firm = f"That the average {self.device_class} gets cheaper is firm."
        open_still = "That is not settled: a 95 % range still holds no change at all."
        mean = f"The cost of the same {self.device_class} changed by **{_change(mid)} a year**"
        how_sure = firm if self.rate.high < 0 else open_still
        return (
            f"{mean} on average ({_change_range(low, high)}). {how_sure} "
            f"One more {self.device_class} may change by anything from {_change(next_low)} to "
            f"{_change(next_high)}."
        )

    def own_history(self) -> list[str]:
        """Say how the launch's own costings went, where it has two or more."""
        costings = self.costings
        if len(costings) < 2:
            return []
        first, last = costings.iloc[0], costings.iloc[-1]
        years = (last["date"] - first["date"]).days / DAYS_A_YEAR
        change = (last["bom_usd"] / first["bom_usd"]) ** (1 / years) - 1
        low, mid, high = self.fit.product(costings, self.device_class).interval(SHOWN_LEVEL)
        return [
            f"Its own {len(costings)} costings go from {dollars(first['bom_usd'])} to "
            f"{dollars(last['bom_usd'])} in {number(12 * years, 2)} months, "
            f"**{percent(change)} a year**.",
            f"Beyond the last one the curve goes on at {_change(mid)} a year "
            f"({_change_range(low, high)}): its own rate, drawn towards that of others.",
        ]

    @cached_property
    def _left_out(self) -> pd.DataFrame:
        """Every change of an entire product as foretold from all other devices."""
        clean_pairs = select_clean_pairs(self.all_pairs, self.devices)
        noise = costing_noise(self.all_pairs, self.devices)
        return shared(leave_one_out)(self.fit, clean_pairs, noise)

    def left_out(self) -> Table:
        """Show how far each device was foretold from all others, beside two rivals."""
        scores = score_left_out(self._left_out).round(3)
        return Table(
            scores,
            "Error of the log change of a device that was left out: this rate, the simple one "
            "pooled from clean pairs, and no change; and how many 95 % ranges held",
        )

    def doubts(self) -> str:
        """Say how well left-out devices were foretold, and what hidden rises would do."""
        score = score_left_out(self._left_out).set_index("set").loc["clean pairs"]
        by_publication = shared(rate_by_publication)(self.shown).set_index("chance")["estimate"]
        by_device = self._changed("device left out")["estimate"]
        return (
            f"Foretold from all other devices, the log cost of {number(score['pairs'])} devices "
            f"was off by {score['error']:.2f}, without any change by "
            f"{score['error_no_change']:.2f}. Leaving out any one device gives phones "
            f"{_change_range(by_device.min(), by_device.max())} a year. Falls make news: if rises "
            f"are published half as often, it is {_change(by_publication[HALF_AS_OFTEN])} rather "
            f"than {_change(by_publication[1.0])}."
        )

    def _changed(self, kind: str | None = None) -> pd.DataFrame:
        """Rate with each device left out and each assumption changed, the strongest first."""
        table = shared(sensitivity)(self.shown)
        return table if kind is None else table[table["kind"] == kind]

    def what_moves_it(self) -> Table:
        """Show which devices and assumptions move the rate most."""
        names = self.devices.dropna(subset="name").set_index("device")["name"].to_dict()
        table = as_changes(self._changed().head(STRONGEST)).drop(columns="moved")
        in_percent = {name: table[name].map(percent) for name in ("estimate", "low", "high")}
        return Table(
            table.assign(change=table["change"].replace(names), **in_percent),
            "Change of cost a year if a device is left out or an assumption changed, 80 % ranges",
        )

    def priors(self) -> Table:
        """Show all that is assumed before any evidence."""
        return Table(self.fit.priors.table(), "What is assumed of the rate, with 95 % ranges")

    def evidence(self) -> Table:
        """Show the rows of evidence."""
        columns = ["label", "source", "part", "years", "log_change"]
        rows = self.fit.evidence[columns].replace({"source": SOURCES})
        return Table(rows.round(3), "The evidence: changes of log cost between two dates")

    def statements(self) -> Table:
        """Show the rates that others state, and where each lies in our range for one phone."""
        statements = load_table("decline_statements")
        stated = statements[statements["quantity"].isin(OWN_STATEMENTS)]
        next_phone = self.fit.product()
        below = np.log1p(stated["rate_per_year"]).map(next_phone.chance_below)
        columns = ["statement", "per", "rate_per_year", "place", "weak_source", "source_url"]
        return Table(
            stated.assign(place=below.round(2))[columns],
            "Changes a year that others state, and the share of phones that fall faster by ours",
        )


def as_changes(table: pd.DataFrame) -> pd.DataFrame:
    """Turn estimate, low and high from logs a year into changes a year, as shares."""
    columns = ["estimate", "low", "high"]
    return table.assign(**{name: np.expm1(table[name].astype(float)) for name in columns})


def draw_changes(axes: Axes, table: pd.DataFrame) -> Axes:
    """Draw intervals of changes a year with an axis in percent."""
    plot_intervals(axes, table, "margin")
    percent_axis(axes.xaxis)
    return axes


def _change(log_rate: float) -> str:
    """Write a rate in logs a year as a change a year."""
    return percent(np.expm1(log_rate))


def _change_range(low: float, high: float) -> str:
    """Write an interval of rates in logs a year as changes a year."""
    return percent_range(np.expm1(low), np.expm1(high))
