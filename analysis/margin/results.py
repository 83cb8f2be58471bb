"""What notebook 3 shows of one launch: parts, margin by month, bridge, inputs, ceramic body.

Each result has a table, a chart and a sentence; the draws behind them are a `MarginPath`. What
the page says first, and how sure that is, stands in `study`.
"""

from dataclasses import dataclass
from functools import cached_property, partial
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num

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

MONEY = {"CNY": "yuan", "INR": "rupees", "USD": "dollars"}
POINTS = {
    "1 sold near its BOM": "priced near its parts",
    "2 supply still short": "last sold out",
    "3 margin high enough": "margin as reported later",
    "4 S version or cut at a lower price": "lower price",
}
STEPS = {
    **{item.label: item.label for item in COST_ITEMS if item.before_gross_margin},
    "gross margin, before channel cost": "gross margin",
    **{item.label: item.label for item in COST_ITEMS if not item.before_gross_margin},
    "unit margin": "unit margin",
}
TOTALS = ("gross margin", "unit margin")
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


def _draw_events(axes: Axes, launch: Launch, events: pd.DataFrame) -> None:
    """Mark price cuts and changes of the tax with a line and what they were."""
    top = axes.get_xaxis_transform()
    for event in events.itertuples():
        role, line = ("soft", ":") if event.kind == "exchange rate" else ("event", "-")
        axes.axvline(event.date, color=COLOUR[role], linewidth=1, linestyle=line)
        axes.annotate(
            _event_label(launch, event, is_narrow(axes)),
            (date2num(event.date), 1.0),
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
        return f"tax {percent(event.before)}\nto {percent(event.after)}"
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
            title="What the parts cost, and what they may cost",
            measure=f"{self.launch.name}, dollars a phone; bands of 50 and 80 % of simulated lives",
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
        break_even = self.break_even.set_axis(days)
        axes.fill_between(
            days, break_even["low"], break_even["high"], color=COLOUR["supply"], alpha=0.12, lw=0
        )
        plot_band(axes, parts, "margin")
        axes.plot(days, break_even["median"], color=COLOUR["supply"], linewidth=1.8, ls="--")
        room = 0.2 if is_narrow(axes) else 0.14
        axes.set_xlim(days[0] - 0.02 * (days[-1] - days[0]), days[-1] + room * (days[-1] - days[0]))
        low, high = axes.get_ylim()
        axes.set_ylim(low, high + 0.16 * (high - low))
        label_end(axes, days[-1], parts["median"].iloc[-1], "parts", "margin")
        label_end(axes, days[-1], break_even["median"].iloc[-1], "break-even", "supply")
        _draw_events(axes, self.launch, self.events)
        self._draw_points(axes, parts["median"])
        dollar_axis(axes.yaxis)
        day_axis(axes.xaxis)
        return axes

    def _draw_points(self, axes: Axes, parts: pd.Series) -> None:
        """Mark the model's points that came within the life by their numbers, on the curve."""
        points = self._points_in_life()
        too_close = 0.04 * self.path.months[-1]
        for place, point in enumerate(points.itertuples()):
            day_of_point = _days_of(self.launch, np.array([point.median]))[0]
            height = np.interp(point.median, self.path.months, parts.to_numpy())
            earlier = points["median"].iloc[:place]
            beside = int((point.median - earlier < too_close).sum())
            axes.annotate(
                point.point[0],
                (day_of_point, height),
                xytext=(14 * beside, 0),
                textcoords="offset points",
                ha="center",
                va="center",
                color=COLOUR["paper"],
                fontweight="bold",
                bbox={"boxstyle": "circle,pad=0.25", "fc": COLOUR["event"], "ec": COLOUR["paper"]},
                zorder=5,
            )

    def _points_in_life(self) -> pd.DataFrame:
        """Select the points that come within the life in most draws, in order of their day."""
        within = self.points["median"].between(0, self.path.months[-1])
        return self.points[within].sort_values("median", kind="stable")

    def _note(self) -> str:
        """Explain the numbers on the curve, and name the points that did not come."""
        came = self._points_in_life()["point"]
        absent = self.points["point"][~self.points["point"].isin(came)]
        sentences = []
        if len(came):
            marked = ", ".join(f"{point[0]} {POINTS[point]}" for point in came)
            sentences.append(f"Points of the falling-BOM model: {marked}.")
        if len(absent):
            missing = ", ".join(f"{point[0]} {POINTS[point]}" for point in absent)
            sentences.append(f"Not in most simulated lives: {missing}.")
        return " ".join(sentences)

    def sentence(self) -> str:
        """Say at which cost of parts a unit breaks even, and what they are thought to cost."""
        low, median, high = interval(self.path.items["bom"][:, 0])
        break_even = self.path.bom_that_leaves(0).mean()
        breaks_even = f"It breaks even if its parts cost {dollars(break_even)} at first sale."
        if not self.path.bom_is_known:
            return f"{breaks_even} Our guess is {dollars_with_range(median, low, high)}."
        bom = self.launch.figure("costs.bom_usd")
        file_low = bom.number if bom.low is None else bom.low
        file_high = bom.number if bom.high is None else bom.high
        if file_low < break_even < file_high:
            return (
                f"Estimates of its parts, {dollars(file_low)} and {dollars(file_high)}, lie on "
                f"either side of break-even at {dollars(break_even)}."
            )
        return f"{breaks_even} They cost {dollars_with_range(median, low, high)}, by its costing."


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
        return pd.DataFrame(
            {
                "month": by_month["month"],
                "parts": by_month["bom_usd"].map(whole_dollars),
                "low": by_month["bom_low_usd"].map(whole_dollars),
                "high": by_month["bom_high_usd"].map(whole_dollars),
                "earns": by_month["chance_above_0"].map(percent),
                "earns_a_tenth": by_month["chance_above_10_percent"].map(percent),
            }
        )

    def chart(self) -> Chart:
        """Draw the margin by month with its bands, and what moved the price."""
        band = self.path.band()
        return Chart(
            title="What a unit earns, month by month",
            measure=f"{self.launch.name}, unit margin over net price; bands hold 50 and 80 % of "
            f"{len(self.path.net_usd):,} simulated lives",
            draw=self._draw,
            alt=self.sentence(),
            data=band.reset_index(),
            note="Before development and overhead.",
        )

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the chart on Axes, to look at it or to change it."""
        return self.chart().plot(axes)

    def _draw(self, axes: Axes) -> Axes:
        """Draw the band over the days of the life, then events."""
        days = _days_of(self.launch, self.path.months)
        band = self.path.band().set_axis(days)
        plot_band(axes, band[["q10", "q25", "median", "q75", "q90"]], "margin")
        _draw_events(axes, self.launch, price_events(self.launch, self.path))
        percent_axis(axes.yaxis)
        day_axis(axes.xaxis)
        return axes

    def sentence(self) -> str:
        """Say how often a unit covers its cost at first and at the end, and why the curve jumps."""
        chance = self.path.probability_above(0)
        months = round(self.path.months[-1])
        cases = (
            f"A unit covers its cost at first sale in **{_in_ten(chance.iloc[0])} simulated "
            f"lives**, after {plural(months, 'month')} in {_in_ten(chance.iloc[-1])}."
        )
        sentences = [cases, self._lives(), *self._jumps()]
        if self.without_body:
            sentences.insert(0, "All this leaves out what the ceramic body may cost on top.")
        return " ".join(sentences)

    def _lives(self) -> str:
        """Say in how many lives the margin comes later or never."""
        lives = self.path.crossings(0)
        return (
            f"In {percent(lives['later'])} of them it starts to later, in "
            f"{percent(lives['never'])} it never does."
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
                    f"{span(event.before, event.after, write=percent)}: at an unchanged list price "
                    f"the net price rose by {100 * gain:.1f} %."
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
            f"Parts of {dollars(tenth)} at first sale would leave a tenth of the net price, parts "
            f"of {dollars(fifth)} a fifth: hold a first purchase order against these."
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
                "label": f"Xiaomi reported, {self._reported_years()}",
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
            title="Where the net price goes",
            measure=f"{self.launch.name}, share of the net price, mean over an even life "
            f"({self._own_years()}), 80 % ranges",
            draw=partial(_draw_waterfall, table=table),
            alt=self.sentence(),
            data=table,
            note=f"Last bar: gross margin of all Xiaomi smartphones, "
            f"{plural(len(self.reported), 'report')}.",
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
            f"Over its life the phone keeps **{percent(unit)}** of the net price, "
            f"{percent(gross)} before the channel is paid. "
            f"Xiaomi reported a gross margin of {percent(reported['estimate'])} on all its "
            f"smartphones in {self._reported_years()}. "
            f"That is **{points_less(left['estimate'])}** than this phone's "
            f"(80 %: {points_less(left['low'])} to {points_less(left['high'])}). {self._apart()}"
        )

    def _apart(self) -> str:
        """Say what the difference may be: other years, other phones."""
        years = self.reported["period"].str[:4].astype(int)
        last_year = _days_of(self.launch, self.path.months)[-1].year
        if last_year < years.min():
            return (
                f"Those are later years and other phones: this one's life is taken to be "
                f"{self._own_years()}, and no margin of that time was reported."
            )
        return (
            "What the items leave open are prices below list, cheaper phones in the mix, "
            "software, tooling and stock written down."
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
    path : unit margins by month
    """

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
            title="Which input moves the margin most",
            measure="Mean unit margin over the life, share of the net price",
            draw=partial(_draw_tornado, table=table, mean=mean),
            alt=self.sentence(),
            data=table,
            note="Grey: the input is low (10 % point). Green: it is high (90 % point).",
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
            f"The margin over the life moves most with the **{_plain_name(first['input'])}**: by "
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
    return percent(np.expm1(value)) if label.endswith("logs") else percent(value)


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
        return [
            (
                dollars_with_range(median, low, high),
                f"left of a unit at first sale if {own_yield} of its ceramic bodies pass, as "
                "reported",
            ),
            (self._yield_that_pays(), "of the bodies must pass before a unit pays for its own"),
        ]

    def sentence(self) -> str:
        """Say what a unit leaves at the reported yield, and from which yield it pays."""
        low, median, high = self._margin_at_own_yield()
        if high < 0:
            money = f"loses {dollars_with_range(-median, -high, -low)}"
        else:
            money = f"leaves {dollars_with_range(median, low, high)}"
        return (
            f"With it, at the reported {percent(self.body.yield_share)} that pass, a unit {money}. "
            f"It pays from a yield of {self._yield_that_pays()}."
        )
