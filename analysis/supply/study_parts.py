"""Sections of the supply page: which part is the limit, and what each later maker adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ..data import Launch
from ..look import (
    COLOUR,
    Chart,
    Charted,
    Table,
    in_tense,
    is_narrow,
    label_end,
    number_axis,
    percent,
    percent_axis,
    plot_band,
    plural,
    span,
)
from ..sellout.words import product_name
from .section import Result
from .words import blamed_part, by_whom, in_one_unit, middle_with_range, part_name, short_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LITTLE = 0.05  # of what all makers make, below which a maker adds next to nothing
ROLES_OF_PARTS = ("supply", "demand", "margin", "soft", "event")  # colours, in the parts' order


@dataclass(frozen=True)
class Parts(Result):
    """How often each part is the least in simulations of a launch's sources."""

    launch: Launch
    shares: pd.DataFrame  # component, week since first sale, binds, one_more_adds
    draws: int

    WEEK_LATER = 8

    @property
    def has_several_parts(self) -> bool:
        """Whether two parts or more are on file, any of which could be the limit."""
        return self.shares["component"].nunique() > 1

    def sentence(self) -> str:
        """Say what reports blame and what our ranges imply, and that the latter is no evidence."""
        if not self.has_several_parts:
            return ""
        early, late = self._most_often(0), self._most_often(self.WEEK_LATER)
        first_week = (
            f"In our ranges the limit of the first week is {part_name(early['component'])} in "
            f"**{percent(early['binds'])}** of simulations"
        )
        week, share = f"week {self.WEEK_LATER + 1}", percent(late["binds"])
        later = f"of {week} {part_name(late['component'])} in {share}."
        if late["component"] == early["component"]:
            later = f"and in {week} in {share}."
        return f"{self._report_sentence(early)} {first_week}, {later} {self._basis_sentence()}"

    def _most_often(self, week: int) -> pd.Series:
        """Select the part that is most often the limit in a week."""
        of_week = self.shares[self.shares["week"] == week]
        return of_week.loc[of_week["binds"].idxmax()]

    def _report_sentence(self, early: pd.Series) -> str:
        """Say what reports blame, and whether our ranges agree."""
        part, product = blamed_part(self.launch), product_name(self.launch)
        if not part:
            return f"No report names a part of the {product}."
        blame = by_whom(self.launch, f"Reports blame {part}", f"Its file blames {part}")
        if _names_part(early["component"], part):
            return f"{blame}, and so do our guesses."
        return f"{blame}; our guesses put {part_name(early['component'])} first."

    def limit_against_reports(self) -> str:
        """Return what our guesses have as the limit of the first week where reports blame another.

        Empty where reports blame no part, where they blame that one, or where no two parts are on
        file.
        """
        part = blamed_part(self.launch)
        if not part or not self.has_several_parts:
            return ""
        limit = self._most_often(0)["component"]
        return "" if _names_part(limit, part) else part_name(limit)

    def _basis_sentence(self) -> str:
        """Say where the ranges come from."""
        sources, product = self._latest_sources(), product_name(self.launch)
        sourced = (sources["basis"] == "sourced").sum()
        if not sourced:
            return f"All ranges for the {product} are ours, so this checks nothing."
        return (
            f"Of {len(sources)} rates {sourced} come from a source; all ranges are ours, so this "
            "is no evidence."
        )

    def _latest_sources(self) -> pd.DataFrame:
        """Select the sources that hold: of two on one maker's part the one known later."""
        sources = self.launch.supply_sources.sort_values("known_on", kind="stable")
        return sources.drop_duplicates(["component", "maker"], keep="last").sort_index()

    def table(self) -> pd.DataFrame:
        """List who makes what, from when, and how much."""
        sources = self._latest_sources()
        return pd.DataFrame(
            {
                "part": [part_name(name) for name in sources["component"]],
                "maker": sources["maker"],
                "starts": _ranges(sources, "starts", lambda value: f"{value.date()}"),
                "units a month": _ranges(sources, "units", short_count),
                "yield": _ranges(sources, "yield", percent),
                "basis": sources["basis"],
            }
        )

    def shown_table(self) -> Table | None:
        """Show who makes what, where two parts or more could be the limit."""
        if not self.has_several_parts:
            return None
        product = product_name(self.launch)
        return Table(self.table(), f"Who makes what for the {product}; ranges are 80 % and ours")

    def chart(self) -> Chart | None:
        """Show by week how often each part is the limit, where two parts or more could be it."""
        if not self.has_several_parts:
            return None
        product = product_name(self.launch)
        return Chart(
            title=f"The limit of the {product} in our guesses, by week",
            measure=f"Share of {self.draws:,} simulations of the {product}",
            draw=self._draw,
            alt="A line a part: the share of simulations in which it limits output, by week.",
            data=self._since_first_sale()[["component", "week", "binds"]],
            height_in=3.0,
        )

    def _since_first_sale(self) -> pd.DataFrame:
        """Leave out the weeks whose output was stocked for the first sale."""
        return self.shares[self.shares["week"] >= 0]

    def _draw(self, axes: Axes) -> Axes:
        """Draw a line a part, named at its end."""
        import seaborn as sns  # noqa: PLC0415 (a second to load; only drawing needs it)

        shown = self._since_first_sale()
        last = shown.sort_values("week").groupby("component").tail(1).sort_values("component")
        role_of = dict(zip(last["component"], ROLES_OF_PARTS, strict=False))
        sns.lineplot(
            shown,
            x="week",
            y="binds",
            hue="component",
            palette={component: COLOUR[role] for component, role in role_of.items()},
            errorbar=None,
            legend=False,
            ax=axes,
        )
        for part in last.itertuples():
            name = part_name(part.component).replace(" ", "\n" if is_narrow(axes) else " ")
            label_end(axes, part.week, part.binds, name, role_of[part.component])
        axes.set_ylim(-0.02, 1.02)  # lines at both ends are seen whole
        percent_axis(axes.yaxis)
        axes.set(xlabel="weeks since first sale", ylabel="")
        return axes


def _names_part(component: str, part: str) -> bool:
    """Say whether a report that blames a part means a component: it may leave out which kind."""
    return part_name(component).endswith(part)


def _ranges(sources: pd.DataFrame, name: str, write) -> list[str]:
    """Write the low and high of a column of sources as ranges, once where both are one."""
    lows, highs = sources[f"{name}_low"], sources[f"{name}_high"]
    return [
        write(low) if low == high else span(low, high, write=write)
        for low, high in zip(lows, highs, strict=True)
    ]


@dataclass(frozen=True)
class MakerEffect(Charted, Result):
    """What one maker adds, by the same draws with and without it."""

    maker: str
    weeks_earlier: int  # weeks by which its start is moved ahead; 0 as it came
    added: pd.DataFrame  # from `second_source`
    all_units: float  # phones of all makers by the last week, the middle of the simulations
    product: str  # its name without the brand

    @property
    def adds_little(self) -> bool:
        """Whether what it adds by the last week is next to nothing of what all makers make."""
        return bool(self.added["median"].iloc[-1] < LITTLE * self.all_units)

    def _added_by_the_last_week(self) -> tuple[str, str]:
        """Write the phones that it adds by the last week, and their range."""
        last = self.added.iloc[-1]
        return middle_with_range(last["median"], last["low"], last["high"])

    def sentence(self) -> str:
        """Say from when it adds phones and how many, over all simulations as the chart does."""
        last = self.added.iloc[-1]
        weeks = int(last["week"]) + 1
        if last["any"] == 0:
            return f"**{self.maker}** adds no phones in any simulation."
        middle, low_to_high = self._added_by_the_last_week()
        amount = f"By week {weeks} it adds about **{middle}** ({low_to_high})"
        none = f", and none in {percent(1 - last['any'])} of simulations" if last["any"] < 1 else ""
        if self.weeks_earlier:
            earlier = plural(self.weeks_earlier, "week")
            return f"Had **{self.maker}** started {earlier} earlier: {self._when()} {amount}{none}."
        return f"With **{self.maker}**: {self._when()} {amount}{none}."

    def table(self) -> pd.DataFrame:
        """List the phones added by week."""
        return self.added

    def advice(self) -> str:
        """Say that it is no maker to plan on, where half of simulations add next to nothing.

        What one in ten adds is said as well, as that may be a lot. Empty for any other maker.
        """
        if not self.adds_little:
            return ""
        plan = in_tense(
            f"We would not have planned on {self.maker}", f"We would not plan on {self.maker}"
        )
        last = self.added.iloc[-1]
        week = f"by week {int(last['week']) + 1}"
        middle, high = in_one_unit(last["median"], last["high"])
        if last["high"] == 0:
            return f"{plan}: our simulations add none {week}."
        if last["median"] == 0:
            return f"{plan}: half our simulations add none {week}, one in ten over {high}."
        return f"{plan}: half our simulations add under {middle} {week}, one in ten over {high}."

    def _when(self) -> str:
        """Say from which week on it has probably added a phone."""
        likely = self.added[self.added["any"] > 0.5]
        if not len(likely):
            return "more phones are not likely in any week."
        return f"more phones are likely from week {int(likely['week'].iloc[0]) + 1} on."

    def chart(self) -> Chart:
        """Show the phones added by week."""
        weeks = int(self.added["week"].iloc[-1]) + 1
        middle, low_to_high = self._added_by_the_last_week()
        moved = f", {plural(self.weeks_earlier, 'week')} earlier" if self.weeks_earlier else ""
        return Chart(
            title=f"{self.product}: phones that {self.maker} adds{moved}",
            measure="Median and 80 % range of all simulations",
            draw=self._draw,
            alt=(
                f"Phones added by {self.maker}, by week: by week {weeks} about {middle} "
                f"({low_to_high})."
            ),
            data=self.added[["week", "low", "median", "high"]],
            height_in=2.6,
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw the band of phones added."""
        plot_band(axes, self.added.set_index("week")[["low", "median", "high"]], "supply")
        axes.set_ylim(0, None)
        number_axis(axes.yaxis)
        axes.set_xlabel("weeks since first sale")
        return axes
