"""The lead chart: phones sold since first sale, as forecast, pledged and counted, with events.

What is drawn is chosen in `timeline_content`; how charts look is room `look`.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING

import pandas as pd

from ..data import Launch
from ..demand import LaunchForecast
from ..demand.reports import DAYS_PER
from ..look import (
    COLOUR,
    Chart,
    Charted,
    day,
    day_axis,
    in_tense,
    is_narrow,
    label_end,
    label_point,
    number_axis,
    plural,
)
from ..sellout.words import product_name
from .shortage_end import ShortageEnd
from .timeline_content import (
    LEAST_DAYS,
    drawn_forecast,
    end_of_pledge,
    fan_of_forecast,
    first_day_counted,
    first_fall,
    forecast_day,
    headline_count,
    kinds_with_weight,
    last_day_shown,
    leading_pledge,
    lie_in_several_years,
    line_of_capacity,
    list_events,
    lots_of_known_size,
    lots_offered,
    point_of_pledge,
)
from .words import count_words, counted_sales, due_words, known_lots, short_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.dates import MonthLocator


NOTHING_KNOWN = "no count, pledge, capacity or size of a lot is known"
STRIP = 0.16  # of the height above it, for the bar of the shortage and its label


@dataclass(frozen=True)
class Timeline(Charted):
    """What is known of a launch's sales by day, beside what was forecast and pledged."""

    launch: Launch
    fan: pd.DataFrame  # low, median, high (80 %) of phones sold by day; may be empty
    fan_words: str  # from when the forecast is
    fan_is_of_series: bool  # whether it is of the whole series, as its counts are
    fan_rests_on_reports: bool  # whether ranges of ours for its parts are in the forecast
    pledge: pd.Series | None  # the first pledge of mass supply, a row of the reports
    pledge_point: pd.Series  # phones that it amounts to, by the day it is due; empty without one
    capacity_line: pd.Series  # phones at the first capacity reported, by day; empty without one
    counts: pd.DataFrame  # counts of sales: date, units, kind, scope
    headline: pd.Series | None  # the count that the page leads with, a row of `counts`
    lots: pd.Series  # phones offered so far, by day of each lot that is drawn
    lots_of_unknown_size: int  # that are not in it
    events: pd.DataFrame  # date, text
    shortage_end: ShortageEnd | None  # until when it was short, where that is drawn
    last_day: pd.Timestamp  # where the chart ends
    counted_since: pd.Timestamp | None = None  # first day counted, where sold elsewhere before

    def chart(self) -> Chart:
        """Show it as the lead chart of the page."""
        first_sale = self.launch.figure("first_sale").value
        counts = self._counts_drawn()
        number_of_counts = plural(len(counts), "count") if len(counts) else "no count"
        if len(counts) < len(self.counts):
            number_of_counts = f"{len(counts)} of {len(self.counts)} counts"
        drawn = f"{number_of_counts} of sales"
        if len(self.counts) and not len(counts):
            drawn = f"its {plural(len(self.counts), 'count')} of sales came later"
        if self.counted_since is not None:
            drawn = f"{drawn}, counted from {day(self.counted_since)}"
        measured = "Phones" if self.shows_phones else "Days"
        return Chart(
            title=self._title(),
            measure=f"{measured} since first sale on {day(first_sale)}; {drawn}",
            draw=self._draw,
            alt=self._alt(),
            data=self.data(),
            note=self._note(),
            height_in=3.6 / self._times_lower,
            narrow_height_in=4.6 / self._times_lower,
        )

    @property
    def shows_phones(self) -> bool:
        """Whether anything is drawn whose height is a number of phones."""
        lines = [self.fan, self.pledge_point, self.capacity_line, self.lots, self._counts_drawn()]
        return any(len(line) for line in lines)

    @property
    def _times_lower(self) -> float:
        """How many times lower the drawing is than one that shows phones."""
        return 1 if self.shows_phones else 1.5

    def data(self) -> pd.DataFrame:
        """List all that is drawn: series, date, and phones (low and high of the forecast)."""
        fan = self.fan.rename_axis("date").reset_index()
        fan = fan.rename(columns={"median": "phones"}).assign(series="forecast")
        counts = self.counts.rename(columns={"units": "phones"})[
            ["date", "phones", "kind", "scope"]
        ]
        tables = [fan, counts.assign(series="count")]
        lines = {
            "pledge": self.pledge_point,
            "capacity": self.capacity_line,
            "lots offered": self.lots,
        }
        for series, line in lines.items():
            table = pd.DataFrame({"date": line.index, "phones": line.to_numpy(float)})
            tables.append(table.assign(series=series))
        tables += [self.events.assign(series="event"), self._shortage_data()]
        columns = ["series", "date", "phones", "low", "high", "kind", "scope", "text"]
        filled = [table for table in tables if len(table)]
        if not filled:
            return pd.DataFrame(columns=columns)
        return pd.concat(filled, ignore_index=True).reindex(columns=columns)

    def _shortage_data(self) -> pd.DataFrame:
        """Give the days at which the bar of the shortage ends."""
        end = self.shortage_end
        days = {} if end is None else {"surely": end.surely_until, "perhaps": end.perhaps_until}
        return pd.DataFrame(
            [(f"{how} short until", day) for how, day in days.items() if day is not None],
            columns=["series", "date"],
        )

    def _counts_drawn(self) -> pd.DataFrame:
        """Give the counts of phones sold or shipped up to the end of the chart."""
        return self.counts[self.counts["date"] <= self.last_day]

    def _title(self) -> str:
        """Say what is drawn."""
        name = product_name(self.launch)
        is_counted = len(self._counts_drawn()) > 0
        if not self.shows_phones:
            return self._title_without_phones()
        lots = "its lot" if len(known_lots(self.launch)) == 1 else "lots"
        if self.lots_of_unknown_size:
            lots = f"{lots} of known size"
        if len(self.lots) and is_counted:
            return f"{name}: phones offered in {lots}, and counts of phones sold"
        if len(self.lots) and len(self.pledge_point):
            return f"{name}: phones offered in {lots}, and phones pledged"
        if len(self.lots):
            return f"{name}: phones offered in {lots}"
        if is_counted:
            return f"{name}: phones sold, as {self._drawn_beside_counts()}counted"
        return in_tense(
            f"{name}: phones that could have been sold; nobody published a count",
            f"{name}: phones that could be sold",
            f"{name}: phones that could be sold; no count of sales is on file",
        )

    def _title_without_phones(self) -> str:
        """Say what is drawn where no number of phones is known, nor can be forecast."""
        name = product_name(self.launch)
        if len(self.events):
            return f"{name}: what happened when; how many were sold is not known"
        return in_tense(
            f"{name}: how many could have been sold is not known",
            f"{name}: how many can be sold is not known",
        )

    def _drawn_beside_counts(self) -> str:
        """Name what is drawn of phones sold beside their counts, to be followed by "counted"."""
        has_forecast, has_pledge = len(self.fan) > 0, len(self.pledge_point) > 0
        if has_forecast and has_pledge:
            return "forecast, pledged and "
        if has_forecast:
            return "forecast and "
        return "pledged and " if has_pledge else ""

    def _alt(self) -> str:
        """Say what the chart shows."""
        counts = self._counts_drawn()
        if len(counts):
            last = counts.loc[counts["date"].idxmax()]
            return (
                f"Phones sold by day; the last count drawn has {count_words(last)} "
                f"by {day(last['date'])}."
            )
        if len(self.lots):
            return f"Phones offered in lots, {short_count(self.lots.iloc[-1])} in all."
        if not self.shows_phones:
            return f"Days since first sale; {NOTHING_KNOWN}."
        return in_tense(
            "Phones that could have been sold by day; no count of sales is known.",
            "Phones that could be sold by day.",
            "Phones that could be sold by day; no count of sales is on file.",
        )

    def _note(self) -> str:
        """Say where counts come from, and what lies beyond the chart."""
        product = product_name(self.launch)
        source = "Counts as reported."
        if not len(self.counts):
            source = in_tense(
                f"No count of sales of the {product} is known.",
                f"Nothing of the {product} has been sold yet.",
                f"No count of sales of the {product} is on file.",
            )
        source += self._lots_words() + self._scope_words() + self._bar_words()
        if self.fan_rests_on_reports:
            known = "counts" if len(self.counts) else "reports"
            source += f" Our ranges for its parts were set knowing these {known}."
        later = self.counts[self.counts["date"] > self.last_day]
        if not len(later):
            return source
        first = later.iloc[0]
        return f"{source} Later: {count_words(first)} by {day(first['date'])}."

    def _lots_words(self) -> str:
        """Say how many lots are left out of those drawn, as nobody knows their size."""
        if not len(self.lots) or not self.lots_of_unknown_size:
            return ""
        return f" Not drawn: {plural(self.lots_of_unknown_size, 'lot')} of unknown size."

    def _bar_words(self) -> str:
        """Say how the bar of the shortage is read, where its end is not known to the day."""
        end = self.shortage_end
        if end is None or end.surely_until in (None, end.perhaps_until):
            return ""
        return " Light bar: short in fewer than nine of ten simulations."

    def _scope_words(self) -> str:
        """Say what is of the whole series, where that is drawn: hollow points, and the forecast."""
        if not self._counts_drawn()["scope"].eq("series").any():
            return ""
        if len(self.fan) and self.fan_is_of_series:
            return " Hollow: the whole series, as is our line."
        return " Hollow: the whole series."

    # ---- drawing ----

    def _draw(self, axes: Axes) -> Axes:
        """Draw fan, pledge, lots and counts with their labels, and events above them."""
        first_sale = self.launch.figure("first_sale").value
        events = self._event_texts(axes)
        axes.set_xlim(first_sale - pd.Timedelta(days=1), self.last_day)
        axes.set_ylim(0, self._highest() / (1 - self._share_of_height(events)))
        number_axis(axes.yaxis)
        self._draw_shortage(axes)
        day_axis(axes.xaxis)
        if is_narrow(axes):
            axes.xaxis.set_major_locator(_few_days(self.last_day - first_sale))
        self._draw_fan(axes)
        self._draw_pledge(axes)
        self._draw_capacity(axes)
        self._draw_lots(axes)
        self._draw_counts(axes)
        self._draw_events(axes, events)
        if not self.shows_phones:
            self._leave_out_phones(axes)
        return axes

    def _leave_out_phones(self, axes: Axes) -> None:
        """Take the axis of phones away, and say so where nothing else is drawn."""
        axes.set_yticks([])
        if not len(self.events):
            middle = {"ha": "center", "va": "center", "color": COLOUR["soft"]}
            words = fill(NOTHING_KNOWN, 30 if is_narrow(axes) else 60)
            axes.text(0.5, 0.5, words, transform=axes.transAxes, **middle)

    def _draw_shortage(self, axes: Axes) -> None:
        """Draw below the axis of phones how long it was short: surely, then perhaps."""
        end = self.shortage_end
        if end is None or end.surely_until is None:
            return
        _, top = axes.get_ylim()
        axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= top])
        axes.set_ylim(-STRIP * top, top)
        bar = {"color": COLOUR["event"], "linewidth": 6, "clip_on": True}
        height = -0.8 * STRIP * top
        first_sale = self.launch.figure("first_sale").value
        surely_until = min(end.surely_until, self.last_day)
        perhaps_until = min(end.perhaps_until or self.last_day, self.last_day)
        axes.hlines(height, first_sale, surely_until, **bar)
        axes.hlines(height, surely_until, perhaps_until, alpha=0.3, **bar)
        place = {"xytext": (2, 5), "textcoords": "offset points", "va": "bottom"}
        axes.annotate(end.label, (first_sale, height), color=COLOUR["event"], **place)

    def _highest(self) -> float:
        """Give the height of all that is drawn, with room for the label of a count."""
        tops = [self.pledge_point, self.capacity_line, self.lots, self._counts_drawn()["units"]]
        if len(self.fan):
            tops.append(self.fan["high"])
        highest = max((line.max() for line in tops if len(line)), default=1.0)
        is_count = highest == self._counts_drawn()["units"].max()
        return highest * (1.22 if is_count else 1.05)

    def _draw_fan(self, axes: Axes) -> None:
        """Draw the forecast with its 80 % band."""
        if not len(self.fan):
            return
        fan = self.fan
        band = {"color": COLOUR["demand"], "alpha": 0.16, "linewidth": 0}
        axes.fill_between(fan.index, fan["low"], fan["high"], **band)
        axes.plot(fan.index, fan["median"], color=COLOUR["demand"])
        self._label_line(axes, fan["median"].iloc[-1], self.fan_words, "demand")

    def _draw_pledge(self, axes: Axes) -> None:
        """Draw what was pledged as a diamond on the day it is due; a count may lie in it."""
        point = self.pledge_point
        if not len(point):
            return
        due, phones = point.index[0], point.iloc[0]
        style = {"color": COLOUR["paper"], "markeredgecolor": COLOUR["supply"], "clip_on": False}
        axes.plot(due, phones, "D", markersize=13, markeredgewidth=1.8, zorder=4, **style)
        is_on_top = phones > self.pledge["units"]  # of what had been counted
        more = " more" if is_on_top else ""
        when = due_words(self.pledge, year=self._names_years)
        words = f"{short_count(self.pledge['units'])}{more} {when}"
        widths = (18, 12) if is_narrow(axes) else (60, 24, 18)
        is_left = self._share_of_width(due) > 0.75
        label_point(axes, due, phones, f"pledged: {words}", "supply", left=is_left, widths=widths)

    def _draw_capacity(self, axes: Axes) -> None:
        """Draw what was said could be made as a dash-dotted line."""
        line = self.capacity_line
        if not len(line):
            return
        axes.plot(line.index, line, color=COLOUR["supply"], linewidth=1.8, linestyle="-.")
        if line.index[-1] == self.last_day:
            self._label_line(axes, line.iloc[-1], str(line.name), "supply")
            return
        widths = (18,) if is_narrow(axes) else (24,)
        label_point(
            axes, line.index[-1], line.iloc[-1], str(line.name), "supply", left=True, widths=widths
        )

    def _draw_lots(self, axes: Axes) -> None:
        """Draw phones offered so far as steps."""
        if not len(self.lots):
            return
        total = self.lots.iloc[-1]
        days = [*self.lots.index, self.last_day]
        axes.step(days, [*self.lots, total], where="post", color=COLOUR["supply"])
        text = f"offered in {self._lots_drawn()}: {short_count(total)}"
        self._label_line(axes, total, text, "supply")

    def _lots_drawn(self) -> str:
        """Say how many lots are drawn, of how many."""
        drawn = len(known_lots(self.launch))
        if not self.lots_of_unknown_size:
            return plural(drawn, "lot")
        return f"{drawn} of {plural(drawn + self.lots_of_unknown_size, 'lot')}"

    def _label_line(self, axes: Axes, height: float, text: str, role: str) -> None:
        """Name a line to the right of the chart, at the height of its end."""
        width = 14 if is_narrow(axes) else 24
        label_end(axes, self.last_day, height, fill(text, width), role)

    def _draw_counts(self, axes: Axes) -> None:
        """Draw counts as points, those of the series hollow, and label the chief ones."""
        counts = self._counts_drawn()
        for scope, rows in counts.groupby("scope"):
            inside, edge = ("paper", "demand") if scope == "series" else ("demand", "paper")
            style = {"color": COLOUR[inside], "markeredgecolor": COLOUR[edge]}
            style |= {"markersize": 9, "markeredgewidth": 1.5, "zorder": 5, "clip_on": False}
            axes.plot(rows["date"], rows["units"], "o", **style)
        labelled = self._labelled_counts()
        for count in labelled[:1] if is_narrow(axes) else labelled:
            self._label_count(axes, count)
        if is_narrow(axes):
            self._name_rings(axes, labelled)

    def _name_rings(self, axes: Axes, labelled: list[pd.Series]) -> None:
        """Name a count of the series in short where only one of the product has a full label."""
        if not labelled or labelled[0]["scope"] == "series":
            return
        for count in labelled[1:]:
            if count["scope"] == "series":
                words = f"{short_count(count['units'])}\nof the series"
                label_point(axes, count["date"], count["units"], words, "demand")

    def _labelled_counts(self) -> list[pd.Series]:
        """Choose the counts to label: the headline, the highest, and one that contradicts another.

        A count is contradicted by a later one of fewer phones.
        """
        counts = self._counts_drawn()
        if not len(counts):
            return []
        highest = counts.loc[counts["units"].idxmax()]
        fall = first_fall(counts)
        chosen = [highest] if fall is None else [highest, fall[1]]
        headline = self.headline
        if headline is not None and headline.name in counts.index:
            others = [count for count in chosen if count["units"] != headline["units"]]
            return [headline, *others]
        return chosen

    def _label_count(self, axes: Axes, count: pd.Series) -> None:
        """Label a count, and others of as many phones with it, where nothing else is drawn."""
        counts = self._counts_drawn()
        alike = counts[(counts["units"] == count["units"]) & (counts["scope"] == count["scope"])]
        is_left = self._share_of_width(count["date"]) < 0.5
        point = alike["date"].max() if is_left else alike["date"].min()
        width = 14 if is_narrow(axes) else 40
        text = _counts_label(alike.sort_values("date"), width, year=self._names_years)
        label_point(axes, point, count["units"], text, "demand", left=not is_left)

    def _event_texts(self, axes: Axes) -> list[str]:
        """Give the texts of events, wrapped to what the chart can hold."""
        widths = [60] * len(self.events)
        if is_narrow(axes):
            widths = [18 if self._is_right(date) else 30 for date in self.events["date"]]
        return [fill(text, width) for text, width in zip(self.events["text"], widths, strict=True)]

    def _draw_events(self, axes: Axes, texts: list[str]) -> None:
        """Draw events as lines of falling height, so that no line crosses a label."""
        _, height = axes.get_ylim()
        for text, date in zip(texts, self.events["date"], strict=True):
            is_right = self._is_right(date)
            axes.vlines(date, 0, height, color=COLOUR["event"], linewidth=1, alpha=0.8)
            axes.annotate(
                text,
                (date, height),
                xytext=(-5 if is_right else 5, 0),
                textcoords="offset points",
                ha="right" if is_right else "left",
                va="top",
                color=COLOUR["event"],
            )
            height -= axes.get_ylim()[1] * self._share_of_height([text])

    def _share_of_height(self, texts: list[str]) -> float:
        """Give the share of the chart's height that lines of text take, one below the other."""
        share = sum(0.055 * (text.count("\n") + 1) + 0.015 for text in texts)
        return self._times_lower * share

    def _is_right(self, date: pd.Timestamp) -> bool:
        """Say whether an event lies so far to the right that its text stands left of it."""
        return self._share_of_width(date) > 0.55

    @property
    def _names_years(self) -> bool:
        """Whether days are named with their year, as what is shown lies in more than one."""
        first_sale = self.launch.figure("first_sale").value
        return lie_in_several_years(first_sale, self.last_day)

    def _share_of_width(self, date: pd.Timestamp) -> float:
        """Say how far to the right of the chart a day lies, 0 to 1."""
        first_sale = self.launch.figure("first_sale").value
        return (date - first_sale) / (self.last_day - first_sale)


def _counts_label(counts: pd.DataFrame, width: int, *, year: bool) -> str:
    """Say counts of as many phones, in lines of so many letters: how many, of what, by when."""
    count = counts.iloc[0]
    days = [
        f"{kind} by {day(date, year=year)}"
        for kind, date in zip(counts["kind"], counts["date"], strict=True)
    ]
    of_series = " of the series" if count["scope"] == "series" else ""
    lines = [f"{short_count(count['units'])}{of_series}", *",\n".join(days).split("\n")]
    return "\n".join(fill(line, width) for line in lines)


def _few_days(length: pd.Timedelta) -> MonthLocator:
    """Choose four days at most to name on a narrow axis: mid-months too where it is short."""
    from matplotlib.dates import MonthLocator  # noqa: PLC0415 (only drawing needs it)

    if length.days <= LEAST_DAYS + 7:
        return MonthLocator(bymonthday=(1, 15))
    return MonthLocator(interval=max(round(length.days / DAYS_PER["month"] / 4), 1))


# ---- what is drawn ----


def choose_timeline(
    launch: Launch,
    then: LaunchForecast,
    now: LaunchForecast,
    rates: pd.DataFrame,
    shortage_end: ShortageEnd | None = None,
) -> Timeline:
    """Choose what the lead chart shows.

    The forecast is the one made five days after first sale, if something limited supply by then;
    otherwise today's. Where lots are known by size they stand for themselves; where only some are,
    these are drawn if no forecast is.

    Parameters
    ----------
    launch : Launch
        The launch as known.
    then, now : LaunchForecast
        Its forecasts as known early and today.
    rates : DataFrame
        Its reports on one scale, from `monthly_rates`.
    shortage_end : ShortageEnd, optional
        Until when it was short, where that is drawn.

    Returns
    -------
    Timeline
        What to draw.
    """
    first_sale = launch.figure("first_sale").value
    counts = counted_sales(launch)
    headline = headline_count(launch)
    lots = lots_offered(launch)
    forecast = None if len(lots) else drawn_forecast(then, now)
    if forecast is None:
        lots = lots_of_known_size(launch)
    pledge = leading_pledge(rates, first_sale)
    capacity = rates[(rates["kind"] == "capacity") & (rates["scope"] != "series")]
    capacity = capacity[capacity["units"] > 0] if not len(counts) else capacity[:0]

    of_one_scope = counts[counts["scope"] == ("" if headline is None else headline["scope"])]
    ends = [*of_one_scope["date"], *lots.index, *capacity["period_end"].dropna()]
    if pledge is not None:
        ends.append(end_of_pledge(pledge, first_sale))
    last_day = last_day_shown(ends, first_sale)

    fan = pd.DataFrame() if forecast is None else fan_of_forecast(forecast, last_day)
    fan_words = ""
    if forecast is not None:
        year = lie_in_several_years(first_sale, last_day)
        fan_words = f"{forecast_day(forecast, year=year)}, 80\u00a0% range"
    return Timeline(
        launch=launch,
        fan=fan,
        fan_words=fan_words,
        fan_is_of_series=forecast is not None and forecast.known.scope == "series",
        fan_rests_on_reports=forecast is not None and "parts" in kinds_with_weight(forecast),
        pledge=pledge,
        pledge_point=point_of_pledge(pledge, counts, first_sale, last_day),
        capacity_line=line_of_capacity(capacity, fan, first_sale, last_day),
        counts=counts,
        headline=headline,
        lots=lots,
        lots_of_unknown_size=int(launch.own_lots["units"].isna().sum()),
        events=list_events(launch, last_day),
        shortage_end=shortage_end,
        last_day=last_day,
        counted_since=first_day_counted(launch),
    )
