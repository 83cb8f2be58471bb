"""What notebook 3 shows of one launch: parts, margin by month, bridge, inputs, ceramic body.

Each result has a table, a chart and a sentence; the draws behind them are a `MarginPath`. What
the page says first, and how sure that is, stands in `study`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import Launch, interval
from ..look import (
    COLOUR,
    Chart,
    day,
    day_axis,
    dollar_axis,
    dollars,
    is_narrow,
    label_end,
    number,
    percent,
    percent_axis,
    plot_band,
    plural,
    span,
    with_range,
)
from .body import CeramicBody
from .bridge import bridge_margin, swing_of_inputs
from .items import COST_ITEMS
from .path import DAYS_A_MONTH, MarginPath
from .points import locate_points, price_events

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MONEY = {"CNY": "yuan", "INR": "rupees", "USD": "dollars"}
STEPS = {
    **{item.label: item.label for item in COST_ITEMS if item.before_gross_margin},
    "gross margin, before channel cost": "gross margin",
    **{item.label: item.label for item in COST_ITEMS if not item.before_gross_margin},
    "unit margin": "unit margin",
}
TOTALS = ("gross margin", "unit margin")
KEY_ROW = 0.075  # height of a row of the key to the points, share of the chart
LEAST_SWING = 0.02  # of the margin, below which an input is not drawn

percent_with_range = partial(with_range, write=percent)


def whole_dollars(value: float) -> str:
    """Write a sum a phone in dollars, without cents.

    Parameters
    ----------
    value : float
        Dollars.

    Returns
    -------
    str
        Such as "−$38".

    Examples
    --------
    >>> whole_dollars(-38.4), whole_dollars(1234.5)
    ('−$38', '$1,234')
    """
    return dollars(round(value), digits=12)


dollars_with_range = partial(with_range, write=whole_dollars)


def _days_of(launch: Launch, months: np.ndarray) -> pd.DatetimeIndex:
    """Days of months since first sale."""
    first_sale = launch.figure("first_sale").value
    return pd.DatetimeIndex(first_sale + pd.to_timedelta(months * DAYS_A_MONTH, "D"))


def _with_steps(band: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Let a band by day step on the days of events; between two of its own days it would slope."""
    for date in events["date"]:
        after = band.index.searchsorted(date)
        edge = band.iloc[[after - 1, after]].set_axis([date, date])
        band = pd.concat([band.iloc[:after], edge, band.iloc[after:]])
    return band


def _draw_events(axes: Axes, launch: Launch, events: pd.DataFrame, foot: float = 0.0) -> None:
    """Mark what moves the net price with a line, from a share of the height up, and a label."""
    top = axes.get_xaxis_transform()
    for event in events.itertuples():
        role, line = ("soft", ":") if event.kind == "exchange rate" else ("event", "-")
        axes.axvline(event.date, ymin=foot, color=COLOUR[role], linewidth=1, linestyle=line)
        axes.annotate(
            _event_label(launch, event, is_narrow(axes)),
            (axes.convert_xunits(event.date), 1.0),
            xycoords=top,
            xytext=(4, -2),
            textcoords="offset points",
            va="top",
            color=COLOUR[role],
        )


def _event_label(launch: Launch, event: object, narrow: bool) -> str:
    """Write an event in a few words."""
    if event.kind == "exchange rate":
        return "exchange\nrate"
    if event.kind == "tax":
        return f"sales tax\n{span(event.before, event.after, write=percent)}"
    money = MONEY.get(launch.currency, launch.currency)
    return f"cut to\n{number(event.after)}" if narrow else f"cut to {number(event.after)} {money}"


@dataclass(frozen=True)
class PartsCost:
    """Cost of the parts by month, against the cost at which a unit breaks even.

    Attributes
    ----------
    launch : the launch
    path : unit margins by month
    enough : unit margin that counts as high enough for volume, share of the net price
    """

    launch: Launch
    path: MarginPath
    enough: float

    @cached_property
    def break_even(self) -> pd.DataFrame:
        """Low, median, high cost of parts that leaves nothing, dollars by month (80 %)."""
        low, median, high = interval(self.path.parts_cost_that_leaves(0))
        return pd.DataFrame({"low": low, "median": median, "high": high}, index=self.path.months)

    @cached_property
    def points(self) -> pd.DataFrame:
        """The four points of the falling-BOM model (see `locate_points`)."""
        return locate_points(self.launch, self.path, self.enough)

    @cached_property
    def events(self) -> pd.DataFrame:
        """Price cuts and changes of the tax within the life (see `price_events`)."""
        return price_events(self.launch, self.path)

    def table(self) -> pd.DataFrame:
        """Return parts and break-even by month in dollars, with 80 % intervals."""
        parts = self.path.band("bom")
        table = pd.DataFrame(
            {
                "month": self.path.months,
                "date": _days_of(self.launch, self.path.months).normalize(),
                "parts_low_usd": parts["q10"].to_numpy(),
                "parts_usd": parts["median"].to_numpy(),
                "parts_high_usd": parts["q90"].to_numpy(),
                "break_even_low_usd": self.break_even["low"].to_numpy(),
                "break_even_usd": self.break_even["median"].to_numpy(),
                "break_even_high_usd": self.break_even["high"].to_numpy(),
            }
        )
        return table.round(dict.fromkeys(table.columns.drop(["month", "date"]), 1))

    def chart(self) -> Chart:
        """Draw the cost of the parts against break-even, with the model's points and events."""
        return Chart(
            title=f"What the parts of the {self.launch.name} may cost, against break-even",
            measure=(
                f"{self.launch.name}, dollars a phone; dark band: half of simulated lives, "
                "light and grey: 80 %"
            ),
            draw=self._draw,
            alt=self.sentence(),
            data=self.table(),
            note=self._note(),
            height_in=4.0,
        )

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the chart on Axes, to look at it or to change it."""
        return self.chart().plot(axes)

    def _draw(self, axes: Axes) -> Axes:
        """Draw both bands over the days of the life, then events and points."""
        days = _days_of(self.launch, self.path.months)
        parts = self.path.band("bom")[["q10", "q25", "median", "q75", "q90"]].set_axis(days)
        break_even = _with_steps(self.break_even.set_axis(days), self.events)
        grey = {"color": COLOUR["supply"], "alpha": 0.12, "lw": 0}
        axes.fill_between(break_even.index, break_even["low"], break_even["high"], **grey)
        plot_band(axes, parts, "margin")
        axes.plot(break_even["median"], color=COLOUR["supply"], linewidth=1.8, ls="--")
        axes.set_xlim(days[0] - 0.02 * (days[-1] - days[0]), days[-1])
        low, high = axes.get_ylim()
        height_of_key = KEY_ROW * (len(self._points_in_life()) + 0.3)
        above = 0.16 if len(self.events) else 0.02
        height = (1 + above) * (high - low) / (1 - height_of_key)
        axes.set_ylim(high + above * (high - low) - height, high + above * (high - low))
        label_end(axes, days[-1], parts["median"].iloc[-1], "parts", "margin")
        label_end(axes, days[-1], break_even["median"].iloc[-1], "break-even", "supply")
        _draw_events(axes, self.launch, self.events, height_of_key)
        self._draw_points(axes, parts["median"])
        self._draw_key(axes)
        axes.set_yticks([tick for tick in axes.get_yticks() if low <= tick <= axes.get_ylim()[1]])
        dollar_axis(axes.yaxis)
        day_axis(axes.xaxis)
        return axes

    def _draw_points(self, axes: Axes, parts: pd.Series) -> None:
        """Mark the model's points that came within the life by their numbers, on the curve."""
        points = self._points_in_life()
        too_close = (0.08 if is_narrow(axes) else 0.04) * self.path.months[-1]
        for row, point in enumerate(points.itertuples()):
            day_of_point = _days_of(self.launch, np.array([point.median]))[0]
            height = np.interp(point.median, self.path.months, parts.to_numpy())
            earlier = points["median"].iloc[:row]
            beside = int((point.median - earlier < too_close).sum())
            right = 1 if point.median < 0.9 * self.path.months[-1] else -1
            place = (axes.convert_xunits(day_of_point), height)
            _draw_number(axes, point.point[0], place, (21 * beside * right, 0))

    def _draw_key(self, axes: Axes) -> None:
        """Say what each number on the curve is, at the foot of the chart."""
        rows = self.named_points(is_narrow(axes))
        for row, (mark, words) in enumerate(reversed(rows)):
            foot = (0.0, KEY_ROW * (row + 0.6))
            _draw_number(axes, mark, foot, (12, 0), xycoords="axes fraction")
            axes.annotate(
                words,
                foot,
                xycoords="axes fraction",
                xytext=(26, 0),
                textcoords="offset points",
                va="center",
                color=COLOUR["event"],
            )

    def named_points(self, without_days: bool = False) -> list[tuple[str, str]]:
        """List the points that came as number and words, in the order of their numbers."""
        words = {
            "1": "starts at about what it costs",
            "2": "last sale seen to sell out",
            "3": f"first earns {percent(self.enough)}, as Xiaomi did later",
            "4": "first lower price or cheaper version",
        }
        named = []
        for point in self._points_in_life().sort_values("point").itertuples():
            mark = point.point[0]
            day_of_point = _days_of(self.launch, np.array([point.median]))[0]
            dated = words[mark] if without_days else f"{words[mark]}: {day(day_of_point)}"
            named.append((mark, dated))
        return named

    def _points_in_life(self) -> pd.DataFrame:
        """Select the points that come within the life in most draws, in order of their day."""
        within = self.points["median"].between(0, self.path.months[-1])
        return self.points[within].sort_values("median", kind="stable")

    def _note(self) -> str:
        """Say of each of the four points that is not on the curve that it did not come."""
        name = self.launch.name
        absence = {
            "1": f"Point 1, a start at cost, did not come in most lives of the {name}.",
            "2": f"Point 2, a sale that sold out, is not known of the {name}.",
            "3": f"Point 3, {percent(self.enough)} earned, came in few lives of the {name}.",
            "4": f"Point 4, a lower price, did not come while the {name} was sold.",
        }
        came = [mark for mark, _ in self.named_points()]
        return " ".join(words for mark, words in absence.items() if mark not in came)

    def sentence(self) -> str:
        """Say at which cost of parts a unit breaks even, and what they are thought to cost."""
        break_even = whole_dollars(self.path.bom_that_leaves(0).mean())
        broke_even = f"It broke even if its parts cost {break_even} at first sale"
        if not self.path.bom_is_known:
            return f"{broke_even}; our guess is {self.first_cost()}."
        if self.estimates_lie_on_either_side():
            low, high = self._ends_on_file()
            return (
                f"Estimates of its parts, {whole_dollars(low)} and {whole_dollars(high)}, lie on "
                f"either side of break-even at {break_even}."
            )
        return f"{broke_even}. They cost {self.first_cost()}, by its costing."

    def first_cost(self) -> str:
        """Write the cost of the parts at first sale with its 80 % range."""
        low, median, high = interval(self.path.items["bom"][:, 0])
        return dollars_with_range(median, low, high)

    def estimates_lie_on_either_side(self) -> bool:
        """Say whether the parts' cost in the launch file ranges from below to above break-even."""
        low, high = self._ends_on_file()
        return bool(low < self.path.bom_that_leaves(0).mean() < high)

    def _ends_on_file(self) -> tuple[float, float]:
        """Low and high of the parts' cost in the launch file, which are one where it is exact."""
        bom = self.launch.figure("costs.bom_usd")
        low = bom.number if bom.low is None else bom.low
        high = bom.number if bom.high is None else bom.high
        return low, high

    def change_over_life(self, devices: int) -> str:
        """Say what the parts came to in the end, if they went as those of costed devices did."""
        low, median, high = interval(self.path.items["bom"][:, -1])
        first = whole_dollars(np.median(self.path.items["bom"][:, 0]))
        months = plural(round(self.path.months[-1]), "month")
        return (
            f"If the parts of the {self.launch.name} went as those of "
            f"{plural(devices, 'costed device')}, **{first}** at first sale became "
            f"**{dollars_with_range(median, low, high)}** after {months}."
        )


def _draw_number(
    axes: Axes, mark: str, place: tuple, offset: tuple, xycoords: str = "data"
) -> None:
    """Draw a number in a ring, so many points beside a place."""
    axes.annotate(
        mark,
        place,
        xycoords=xycoords,
        xytext=offset,
        textcoords="offset points",
        ha="center",
        va="center",
        color=COLOUR["event"],
        bbox={"boxstyle": "circle,pad=0.2", "fc": COLOUR["paper"], "ec": COLOUR["event"]},
        zorder=5,
    )


@dataclass(frozen=True)
class UnitMargin:
    """Margin of a unit by month, as a share of the net price.

    Attributes
    ----------
    launch : the launch
    path : unit margins by month
    without_body : a ceramic body may cost something on top that is not in these margins
    """

    launch: Launch
    path: MarginPath
    without_body: bool = False

    def table(self) -> pd.DataFrame:
        """Return one row a month: parts in dollars (80 %), chances of a margin above 0 and 10 %."""
        by_month = self.path.by_month()
        parts = self.path.band("bom").loc[by_month["month"]].reset_index()
        return pd.DataFrame(
            {
                "month": by_month["month"],
                "parts": parts["median"].map(whole_dollars),
                "low": parts["q10"].map(whole_dollars),
                "high": parts["q90"].map(whole_dollars),
                "earns": by_month["chance_above_0"].map(percent),
                "earns_a_tenth": by_month["chance_above_10_percent"].map(percent),
            }
        )

    def chart(self) -> Chart:
        """Draw the margin by month with its bands, and what moved the price."""
        band = self.path.band()
        return Chart(
            title=f"What one {self.launch.name} earns, month by month",
            measure=f"{self.launch.name}, share of the price without tax, before development; "
            "dark band: half of simulated lives, light: 80 %",
            draw=self._draw,
            alt=self.sentence(),
            data=band.reset_index(),
        )

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the chart on Axes, to look at it or to change it."""
        return self.chart().plot(axes)

    def _draw(self, axes: Axes) -> Axes:
        """Draw the band over the days of the life, then events."""
        days = _days_of(self.launch, self.path.months)
        events = price_events(self.launch, self.path)
        band = _with_steps(self.path.band().set_axis(days), events)
        plot_band(axes, band[["q10", "q25", "median", "q75", "q90"]], "margin")
        _draw_events(axes, self.launch, events)
        percent_axis(axes.yaxis)
        day_axis(axes.xaxis)
        return axes

    def sentence(self) -> str:
        """Say how often a unit covers its cost at first and at the end, and why the curve jumps."""
        chance = self.path.probability_above(0)
        months = round(self.path.months[-1])
        cases = (
            f"A {self.launch.name} covers its cost at first sale in **{_in_ten(chance.iloc[0])} "
            f"simulated lives**, after {plural(months, 'month')} in {_in_ten(chance.iloc[-1])}."
        )
        sentences = [cases, self._lives(), *self._jumps()]
        if self.without_body:
            sentences.insert(0, "All this leaves out what the ceramic body may cost on top.")
        return " ".join(sentences)

    def _lives(self) -> str:
        """Say in how many lives the margin comes later or never."""
        lives = self.path.crossings(0)
        return (
            f"In another {percent(lives['later'])} it does so only later, and in "
            f"{percent(lives['never'])} never."
        )

    def _jumps(self) -> list[str]:
        """Say what every step of the net price is."""
        sentences = []
        money = MONEY.get(self.launch.currency, self.launch.currency)
        for event in price_events(self.launch, self.path).itertuples():
            if event.kind == "tax":
                gain = (1 + event.before) / (1 + event.after) - 1
                sentences.append(
                    f"The step on {day(event.date)} is the value added tax, which went from "
                    f"{span(event.before, event.after, write=percent)}. At an unchanged list price "
                    f"the net price of the {self.launch.name} rose by {100 * gain:.1f} %."
                )
            elif event.kind == "price cut":
                sentences.append(
                    f"The step on {day(event.date)} is the official cut from "
                    f"{number(event.before)} to {number(event.after)} {money}."
                )
            else:
                sentences.append(
                    f"The step on {day(event.date)} is the exchange rate, of which we have yearly "
                    f"averages: {number(event.before)}, then {number(event.after)} {money} a "
                    "dollar."
                )
        return sentences

    def costs_that_leave(self) -> str:
        """Say which cost of parts at first sale leaves a tenth and a fifth of the net price."""
        tenth, fifth = (self.path.bom_that_leaves(share).mean() for share in (0.1, 0.2))
        return (
            f"Parts of {whole_dollars(tenth)} at first sale would leave a tenth of the net price, "
            f"parts of {whole_dollars(fifth)} a fifth: hold a first purchase order against these."
        )


def _in_ten(share: float) -> str:
    """Write a share of cases as people say it."""
    tenths = round(10 * share)
    if share >= 0.995:
        return "nearly all"
    if tenths == 0:
        return "fewer than 1 in 20"
    return "more than 9 of 10" if tenths == 10 else f"about {tenths} of 10"


@dataclass(frozen=True)
class Bridge:
    """From the net price down to the margin that the books report.

    Attributes
    ----------
    launch : the launch
    path : unit margins by month
    reported : gross margins that Xiaomi reported for all its smartphones, a row a period
    """

    launch: Launch
    path: MarginPath
    reported: pd.DataFrame

    @cached_property
    def steps(self) -> pd.DataFrame:
        """The steps as `bridge_margin` returns them."""
        return bridge_margin(self.path, self.reported)

    def table(self) -> pd.DataFrame:
        """Return the steps from the net price, one a row, with where each bar starts and ends."""
        own = self.steps[self.steps["label"].isin(list(STEPS))].set_index("label")
        rows = [{"label": "net price", "start": 0.0, "end": 1.0, "low": np.nan, "high": np.nan}]
        level = 1.0
        for label, name in STEPS.items():
            share = own.loc[label]
            start = 0.0 if name in TOTALS else level
            level = share["estimate"] if name in TOTALS else level + share["estimate"]
            rows.append(
                {
                    "label": name,
                    "start": start,
                    "end": level,
                    "low": share["low"] if name in TOTALS else start + share["low"],
                    "high": share["high"] if name in TOTALS else start + share["high"],
                }
            )
        last = self.steps.iloc[-1]
        rows.append(
            {
                "label": f"Xiaomi reported, all smartphones, {self._reported_years()}",
                "start": 0.0,
                "end": last["estimate"],
                "low": last["low"],
                "high": last["high"],
            }
        )
        return pd.DataFrame(rows)

    def chart(self) -> Chart:
        """Draw the steps as a waterfall."""
        table = self.table()
        return Chart(
            title=f"Where the net price of the {self.launch.name} goes",
            measure=f"{self.launch.name}, share of the net price, mean over an even life "
            f"({self._own_years()}), 80 % ranges",
            draw=partial(_draw_waterfall, table=table),
            alt=self.sentence(),
            data=table,
            height_in=0.8 + 0.36 * len(table),
        )

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the chart on Axes, to look at it or to change it."""
        return self.chart().plot(axes)

    def _own_years(self) -> str:
        """Years of the phone's assumed life."""
        days = _days_of(self.launch, self.path.months)
        return _years(days[0].year, days[-1].year)

    def _reported_years(self) -> str:
        """Years of the reports."""
        years = self.reported["period"].str[:4].astype(int)
        return _years(years.min(), years.max())

    def sentence(self) -> str:
        """Say what is left before and after the channel, and how that compares with the books."""
        steps = self.steps.set_index("label")
        gross = steps.loc["gross margin, before channel cost", "estimate"]
        unit = steps.loc["unit margin", "estimate"]
        reported, left = steps.loc["reported, all smartphones"], steps.loc["gross: left to explain"]
        return (
            f"Over its life the {self.launch.name} keeps **{percent(unit)}** of the net price. "
            f"Before the channel is paid it keeps {percent(gross)}, where Xiaomi reported "
            f"{percent(reported['estimate'])} on all its smartphones in {self._reported_years()}. "
            f"That is **{points_less(left['estimate'])}** than this phone's "
            f"(80 %: {points_less(left['low'])} to {points_less(left['high'])}).{self._apart()}"
        )

    def _apart(self) -> str:
        """Say, of a phone sold before anything was reported, that the years are not the same."""
        years = self.reported["period"].str[:4].astype(int)
        last_year = _days_of(self.launch, self.path.months)[-1].year
        if last_year >= years.min():
            return ""
        return (
            f" Those are later years and other phones: this one's life is taken to be "
            f"{self._own_years()}, and no margin of that time was reported."
        )


def _wrapped(label: str, axes: Axes) -> str:
    """Break a long label of a row into lines."""
    return fill(label, 16 if is_narrow(axes) else 40)


def _years(first: int, last: int) -> str:
    """Write a year, or two."""
    return str(first) if first == last else f"{first} to {last}"


def points_less(share: float) -> str:
    """Write a difference of shares with its direction.

    Parameters
    ----------
    share : float
        A difference of two shares.

    Returns
    -------
    str
        Such as "17 points less".

    Examples
    --------
    >>> points_less(-0.174), points_less(0.012)
    ('17 points less', '1 point more')
    """
    direction = "less" if share < 0 else "more"
    points = round(abs(100 * share))
    return f"{plural(points, 'point')} {direction}"


def _draw_waterfall(axes: Axes, table: pd.DataFrame) -> Axes:
    """Draw bars from start to end, totals in full colour, with the range of each end."""
    heights = np.arange(len(table))
    for height, row in zip(heights, table.itertuples(), strict=True):
        is_total = row.start == 0.0
        role = "margin" if row.label in TOTALS else "soft" if is_total else "context"
        axes.barh(height, row.end - row.start, left=row.start, height=0.6, color=COLOUR[role], lw=0)
        if np.isfinite(row.low):
            axes.plot([row.low, row.high], [height, height], color=COLOUR["text"], linewidth=1.4)
        right = np.nanmax([row.start, row.end, row.high])
        size = row.end if is_total else row.end - row.start
        label_end(axes, right, height, percent(size), "text", textcoords="offset points")
    axes.set_yticks(heights, [_wrapped(label, axes) for label in table["label"]])
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.set_xlim(min(0, table["low"].min()) - 0.02, 1.12)
    axes.axvline(0, color=COLOUR["supply"], linewidth=1)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0, grid_linewidth=0)
    percent_axis(axes.xaxis)
    return axes


@dataclass(frozen=True)
class Inputs:
    """Which inputs move the unit margin over the life most.

    Attributes
    ----------
    launch : the launch
    path : unit margins by month
    """

    launch: Launch
    path: MarginPath

    def table(self) -> pd.DataFrame:
        """Return the inputs that move it by two points or more, the widest swing first."""
        swings = swing_of_inputs(self.path)
        return swings[swings["swing"] >= LEAST_SWING]

    def chart(self) -> Chart:
        """Draw the swings as a tornado about the mean margin."""
        table = self.table()
        mean = self.path.life_margin_share.mean()
        return Chart(
            title=f"Which input moves the margin of the {self.launch.name} most",
            measure=f"{self.launch.name}, mean unit margin over its life; ends of each input's "
            "80 % range, low in grey, high in green",
            draw=partial(_draw_tornado, table=table, mean=mean),
            alt=self.sentence(),
            data=table,
            height_in=0.9 + 0.42 * len(table),
        )

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the chart on Axes, to look at it or to change it."""
        return self.chart().plot(axes)

    def sentence(self) -> str:
        """Say which input matters most, and how the next one compares."""
        table = self.table()
        first, second = table.iloc[0], table.iloc[1]
        return (
            f"The margin of the {self.launch.name} moves most with the "
            f"**{_plain_name(first['input'])}**: by "
            f"{plural(_points(first['swing']), 'point')} between the ends of its range. "
            f"With the {_plain_name(second['input'])} it moves by "
            f"{plural(_points(second['swing']), 'point')}."
        )


def _points(share: float) -> int:
    """Turn a share into whole percentage points."""
    return round(100 * share)


def _plain_name(label: str) -> str:
    """Name of an input without its unit."""
    return label.rpartition(", ")[0]


def _draw_tornado(axes: Axes, table: pd.DataFrame, mean: float) -> Axes:
    """Draw a bar from the margin at the low end of each input to that at its high end."""
    heights = np.arange(len(table))
    for height, row in zip(heights, table.itertuples(), strict=True):
        for margin, value, role in (
            (row.margin_at_low, row.at_low, "soft"),
            (row.margin_at_high, row.at_high, "margin"),
        ):
            axes.barh(height, margin - mean, left=mean, height=0.55, color=COLOUR[role], lw=0)
            to_the_right = margin >= mean
            axes.annotate(
                _value_with_unit(value, row.input),
                (margin, height),
                xytext=(5 if to_the_right else -5, 0),
                textcoords="offset points",
                ha="left" if to_the_right else "right",
                va="center",
                color=COLOUR["text"],
            )
    axes.axvline(mean, color=COLOUR["text"], linewidth=1)
    axes.set_yticks(heights, [_wrapped(_plain_name(label), axes) for label in table["input"]])
    axes.set_ylim(len(table) - 0.5, -0.5)
    margins = table[["margin_at_low", "margin_at_high"]].to_numpy()
    pad = (0.5 if is_narrow(axes) else 0.2) * np.ptp(margins)
    axes.set_xlim(margins.min() - pad, margins.max() + pad)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0, grid_linewidth=0)
    percent_axis(axes.xaxis)
    return axes


def _value_with_unit(value: float, label: str) -> str:
    """Write a value of an input in the unit of its label."""
    if label.endswith("$"):
        return whole_dollars(value)
    share = percent(np.expm1(value)) if label.endswith("logs") else percent(value)
    return share.replace("over ", ">").replace("under ", "<")


@dataclass(frozen=True)
class BodyByYield:
    """Unit margin at first sale by the share of ceramic bodies that pass.

    Attributes
    ----------
    launch : the launch
    body : costs and margins, a value a draw
    """

    launch: Launch
    body: CeramicBody

    def table(self) -> pd.DataFrame:
        """Return low, median, high margin in dollars by yield (80 %)."""
        yields = np.linspace(0.03, 1, 98)
        rows = []
        for share in yields:
            low, median, high = interval(self.body.margin_at(share))
            rows.append({"yield_share": share, "low": low, "median": median, "high": high})
        return pd.DataFrame(rows)

    def chart(self) -> Chart:
        """Draw the margin by yield, with the reported yield marked."""
        return Chart(
            title="What a unit earns, by the share of ceramic bodies that pass",
            measure=f"{self.launch.name}, dollars at first sale, body on top of the assumed parts; "
            "80 % band",
            draw=self._draw,
            alt=self.sentence(),
            data=self.table(),
            note="The costs of a ceramic body begun and of a metal one are assumed.",
        )

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the chart on Axes, to look at it or to change it."""
        return self.chart().plot(axes)

    def _draw(self, axes: Axes) -> Axes:
        """Draw the band, zero, and the reported yield."""
        band = self.table().set_index("yield_share")
        plot_band(axes, band, "margin")
        own = self.body.yield_share
        _, median, _ = self._margin_at_own_yield()
        axes.axvline(own, color=COLOUR["event"], linewidth=1)
        axes.plot(own, median, "o", color=COLOUR["event"], markersize=8, zorder=5)
        label_end(
            axes,
            own,
            median,
            f"{percent(own)} pass, by report:\n{whole_dollars(median)} a phone",
            "event",
            xytext=(12, 0),
        )
        axes.set_xlim(0, 1)
        axes.set_ylim(band.loc[own:, "low"].iloc[0] * 1.15, None)
        axes.set_xlabel("share of ceramic bodies that pass")
        percent_axis(axes.xaxis)
        dollar_axis(axes.yaxis)
        return axes

    def _margin_at_own_yield(self) -> np.ndarray:
        """Low, median and high margin at the reported yield, in dollars."""
        return interval(self.body.margin_at(self.body.yield_share))

    def _yield_that_pays(self) -> str:
        """Write the yield from which a unit pays with its range, which may have no upper end."""
        low, median, high = interval(self.body.yield_that_pays())
        if np.isinf(median):
            return "no yield"
        if np.isinf(high):
            return f"{percent(median)} ({percent(low)} to never)"
        return percent_with_range(median, low, high)

    def facts(self) -> list[tuple[str, str]]:
        """Return what a unit leaves at the reported yield, and the yield from which it pays."""
        own_yield = percent(self.body.yield_share)
        low, median, high = self._margin_at_own_yield()
        if high < 0:
            at_own_yield = (
                dollars_with_range(-median, -high, -low),
                f"lost on a unit at first sale if {own_yield} of its ceramic bodies passed, as "
                "reported",
            )
        else:
            at_own_yield = (
                dollars_with_range(median, low, high),
                f"left of a unit at first sale if {own_yield} of its ceramic bodies passed, as "
                "reported",
            )
        return [
            at_own_yield,
            (self._yield_that_pays(), "of the bodies had to pass before a unit paid for its own"),
        ]

    def sentence(self) -> str:
        """Say what a unit leaves at the reported yield, if our guess at the body's cost holds."""
        low, median, high = self._margin_at_own_yield()
        own_yield = percent(self.body.yield_share)
        if high < 0:
            return (
                f"If {own_yield} passed, as reported, a unit lost "
                f"{dollars_with_range(-median, -high, -low)} by our guess at a body's cost."
            )
        return (
            f"If {own_yield} passed, as reported, a unit left "
            f"{dollars_with_range(median, low, high)} by our guess at a body's cost."
        )

    def decision(self) -> str:
        """Say what to do while the body's cost is unknown, and what would reverse it."""
        name, own_yield = self.launch.name, percent(self.body.yield_share)
        _, median, _ = self._margin_at_own_yield()
        _, pays, _ = interval(self.body.yield_that_pays())
        if np.isfinite(pays) and median < 0:
            return (
                f"Order few of the {name}: if {own_yield} of its bodies pass, each phone loses "
                f"about {whole_dollars(-median)}. Ask for the price of a ceramic body and count "
                f"those that pass. If clearly more than {percent(pays)} pass, order more."
            )
        if median < 0:
            return (
                f"Order few of the {name}: each phone loses about {whole_dollars(-median)}, and no "
                "share of bodies that pass would pay for them at the cost that we assume. A lower "
                "price for a ceramic body, in writing, would reverse us."
            )
        return (
            f"Sell the {name} as it is made: if {own_yield} of its bodies pass, each phone leaves "
            f"about {whole_dollars(median)}. Clearly fewer that pass than "
            f"{percent(pays)} would reverse us."
        )
