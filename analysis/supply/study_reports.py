"""Section of the supply page: what was promised, and what was made."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import Launch, load_table
from ..demand import Ramp, fit_ramp, monthly_rates, select_measured
from ..demand.reports import MADE
from ..look import (
    COLOUR,
    Chart,
    Table,
    day,
    day_axis,
    in_tense,
    is_narrow,
    number,
    plural,
    span,
)
from ..sellout.words import product_name
from .pledges import follow_pledge
from .section import Result
from .timeline_content import lie_in_several_years
from .words import KIND_WORDS, duration, known_lots, lots_not_on_file, short_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Fewer reports than this are read faster in a table.
LEAST_REPORTS_DRAWN = 3


@dataclass(frozen=True)
class Reports(Result):
    """Reports of output, capacity and targets, on one scale."""

    launch: Launch
    rates: pd.DataFrame  # from `monthly_rates`
    until: pd.Timestamp  # day after which nothing is used

    def ramp(self) -> Ramp | None:
        """Measure how fast output grew; None where too few dated rates were reported."""
        try:
            return fit_ramp(self.rates)
        except ValueError:
            return None

    def table(self) -> pd.DataFrame:
        """List the reports."""
        columns = ["kind", "period_start", "period_end", "units", "per", "scope"]
        columns += ["manufacturer", "reported", "source"]
        return self.rates[columns]

    def shown_table(self) -> Table | None:
        """Show the reports."""
        if not len(self.rates):
            return None
        shown = self.table()
        shown["kind"] = shown["kind"].map(KIND_WORDS)
        shown = mark_weak_sources(shown)
        return Table(shown, f"Reports on the supply of the {product_name(self.launch)}")

    def lots(self) -> pd.DataFrame:
        """Select the lots of the device with a known size."""
        return known_lots(self.launch)

    def shown_lots(self) -> Table | None:
        """Show the lots, where there are two or more."""
        lots = self.lots()
        if len(lots) < 2:
            return None
        seconds = lots["sellout_s"]
        shown = lots[["date", "units"]].assign(
            gone_in=[duration(one) if pd.notna(one) else None for one in seconds],
            registered=lots["registrations"],
            source=lots["source"],
        )
        shown = mark_weak_sources(shown)
        return Table(shown, f"Lots of the {product_name(self.launch)}")

    def sentence(self) -> str:
        """Say what was made, how fast it grew, how lots came, and what is said of other phones."""
        sentences = [
            self._output_sentence(),
            self._pledge_sentence(),
            self._ramp_sentence(),
            self._lots_sentence(),
            self._beside_sentence(),
        ]
        return " ".join(sentence for sentence in sentences if sentence)

    def _lots_sentence(self) -> str:
        """Say how large lots were and how often they came."""
        lots = self.lots()
        if len(lots) < 2:
            return ""
        sizes = span(lots["units"].min(), lots["units"].max())
        known = f"{plural(len(lots), 'lot')} of known size held **{sizes} phones**"
        missing = lots_not_on_file(self.launch)
        if missing:
            return f"{known}; {missing} more {'is' if missing == 1 else 'are'} not on file."
        all_lots = self.launch.own_lots
        days = all_lots["date"].diff().dt.days.mean()
        if len(all_lots) == len(lots):
            return f"{known}, one every {days:.0f} days on average."
        others = number(len(all_lots) - len(lots))
        return f"{known}; with {others} of unknown size, one came every {days:.0f} days on average."

    def _output_sentence(self) -> str:
        """Say the highest output reported of the model, or that none was and what was instead."""
        if not len(self.rates):
            return ""
        product = product_name(self.launch)
        measured = select_measured(self.rates)
        output = measured[measured["kind"].isin(MADE)]
        long = output[(output["per"] != "day") & (output["days"].fillna(30) >= 7)]
        if len(long):
            top = long.loc[long["units_per_month"].idxmax()]
            return f"{self._long_output_sentence(top)} {self._sold_of_them_sentence(top)}".strip()
        if len(output):
            return self._short_output_sentence(output.loc[output["units_per_month"].idxmax()])
        if len(measured):
            return (
                f"**No report says how many of the {product} were made**, only how many could be; "
                "capacity is not output."
            )
        were_made = in_tense("were made", "can be made", "are made")
        no_report = f"**No report says how many of the {product} {were_made}**"
        if not self.rates["kind"].eq("target").any():  # but of its series, or of a sale called off
            return f"{no_report}."
        return (
            f"{no_report}, only how many {in_tense('were', 'are')} pledged; a pledge is not supply."
        )

    def _long_output_sentence(self, top: pd.Series) -> str:
        """Say the highest output over a week or more."""
        rate = short_count(top["units_per_month"])
        highest = "The highest output reported over a week or more is"
        if top["per"] != "total":
            return f"{highest} **{rate} a month**."
        start, end = top["period_start"], top["period_end"]
        amount = f"{short_count(top['units'])} {KIND_WORDS[top['kind']]}"
        is_one_month = start.is_month_start and end == start + pd.offsets.MonthEnd()
        if is_one_month:
            return f"{highest} **{amount} in {start:%B %Y}**."
        first_day = day(start, year=start.year != end.year)
        return f"{highest} {amount} from {first_day} to {day(end)}, or **{rate} a month**."

    def _short_output_sentence(self, top: pd.Series) -> str:
        """Say the highest output where none covers a week."""
        rate = f"{short_count(top['units'])} a {top['per']}"
        return (
            f"No report says how many of the {product_name(self.launch)} were made over a week or "
            f"more. The highest of shorter ones, of {day(top['period_start'])}, has **{rate}** "
            f"{KIND_WORDS[top['kind']]}."
        )

    def _sold_of_them_sentence(self, top: pd.Series) -> str:
        """Say how many of a total shipped were sold by its last day, where a later count has it."""
        counts = self.launch.sales
        is_of_them = (
            (counts["kind"] == "sold")
            & (counts["scope"] == "model")
            & (counts["date"] == top["period_end"])
            & (counts["reported"] > top["reported"])
            & (counts["units"] < top["units"])
        )
        if top["kind"] != "shipped" or top["per"] != "total" or not is_of_them.any():
            return ""
        sold = counts[is_of_them].iloc[-1]
        return (
            f"In {sold['reported']:%B %Y} this was restated: {short_count(sold['units'])} had been "
            "sold by that day, and the rest lay in stock or was on its way."
        )

    def _pledge_sentence(self) -> str:
        """Say whether the pledge that stood at first sale was kept, where counts tell."""
        outcome = follow_pledge(self.launch, self.rates)
        return "" if outcome is None else outcome.sentence()

    def _ramp_sentence(self) -> str:
        """Say how fast reported output doubled."""
        ramp = self.ramp()
        if ramp is None:
            return ""
        if not np.isfinite(ramp.high):
            return (
                f"{plural(ramp.points, 'dated report')} fit no steady growth, so how fast output "
                "grew is not settled."
            )
        return (
            f"Reported output doubled in **{ramp.doubling_days:.0f} days** "
            f"(95 %: {ramp.low:.0f} to {ramp.high:.0f}), by {plural(ramp.points, 'dated report')}."
        )

    def _beside_sentence(self) -> str:
        """Say the rates of other phones that the same pages set beside this one."""
        others = self.beside()
        if not len(others):
            return ""
        names = load_table("devices").set_index("device")["name"]
        rates = [
            f"the {names[row.device]} at {short_count(row.units_per_month)} a month"
            for row in others.itertuples()
        ]
        return f"The same page puts {' and '.join(rates)}."

    def beside(self) -> pd.DataFrame:
        """Select rates of other families' devices from the pages that report on this one."""
        families = load_table("devices").set_index("device")["family"]
        reports = load_table("capacity_reports").assign(scope=None)
        of_others = reports["device"].map(families) != families.get(self.launch.device)
        same_page = reports["source_url"].isin(self.rates["source"])
        known = reports["report_date"] <= self.until
        return monthly_rates(reports[of_others & same_page & known])

    def chart(self) -> Chart | None:
        """Show each report as a bar over its period; fewer than three need no chart."""
        if len(self.rates) < LEAST_REPORTS_DRAWN:
            return None
        return Chart(
            title=f"What was pledged, could be made and was made: {self.launch.name}",
            measure=f"{plural(len(self.rates), 'report')}; in brackets the day of each",
            draw=self._draw,
            alt=f"{plural(len(self.rates), 'report')} on supply, in the order of their first day.",
            data=self.rates[["kind", "period_start", "period_end", "units", "per", "scope"]],
            note="Blue: made or shipped. Grey: pledged or possible. An arrow has no last day.",
            height_in=0.6 + 0.42 * len(self.rates),
            narrow_height_in=0.6 + 0.62 * len(self.rates),
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw a bar a report, its words above it; where it has no last day, an arrow."""
        rows = self.rates.sort_values(["period_start", "reported"]).reset_index(drop=True)
        first = rows["period_start"].min()
        last = rows[["period_start", "period_end"]].max(axis=None)
        length = max((last - first).days, 28)
        year = lie_in_several_years(*rows["reported"], first, last)
        axes.set_xlim(first - 0.02 * (last - first), first + pd.Timedelta(days=1.12 * length))
        for place, report in rows.iterrows():
            role = "demand" if report["kind"] in MADE else "supply"
            start, end = report["period_start"], report["period_end"]
            style = {"color": COLOUR[role], "linewidth": 3}
            if pd.isna(end):
                arrow = {"arrowstyle": "->", "color": COLOUR[role], "linewidth": 2}
                tip = start + pd.Timedelta(days=0.06 * length)
                axes.annotate("", (tip, place), xytext=(start, place), arrowprops=arrow)
            elif end == start:
                axes.plot(start, place, "o", color=COLOUR[role], markersize=6)
            else:
                axes.plot([start, end], [place, place], solid_capstyle="butt", **style)
            is_late = (start - first).days > 0.45 * length
            anchor = start if not is_late or pd.isna(end) else end
            words = _report_words(report, year=year)
            label = axes.annotate(
                fill(words, 36) if is_narrow(axes) else words,
                (anchor, place),
                xytext=(0, 5),
                textcoords="offset points",
                ha="right" if is_late else "left",
                va="bottom",
                color=COLOUR[role],
            )
            label.set_in_layout(False)  # a long one must not make the axes narrow
        axes.set_ylim(len(rows) - 0.6, -0.9)
        axes.set_yticks([])
        axes.grid(axis="x")
        day_axis(axes.xaxis)
        return axes


def mark_weak_sources(shown: pd.DataFrame) -> pd.DataFrame:
    """Add a column that marks pages of which the market tables hold only rows of a weak source.

    Such a page is a blog, a forum, a copy of unclear ownership or a rumour. Nothing is added where
    no `source` is one.
    """
    names = ("capacity_reports", "device_sales", "sale_rounds")
    rows = pd.concat([load_table(name)[["source_url", "weak_source"]] for name in names])
    is_weak = rows.groupby("source_url")["weak_source"].all()
    is_marked = shown["source"].isin(is_weak.index[is_weak])
    if not is_marked.any():
        return shown
    return shown.assign(weak_source=is_marked.map({True: "yes", False: None}))


def _report_words(report: pd.Series, *, year: bool) -> str:
    """Say a report and the day that it is from: shipped: 15,000 a day (18 November)."""
    when = day(report["reported"], year=year).replace(" ", "\u00a0")
    if report["units"] == 0:
        return f"none {KIND_WORDS[report['kind']]} ({when})"
    per = "" if report["per"] == "total" else f" a {report['per']}"
    scope = " of the series" if report["scope"] == "series" else ""
    words = f"{KIND_WORDS[report['kind']]}: {short_count(report['units'])}{per}{scope}"
    return f"{words} ({when})"
