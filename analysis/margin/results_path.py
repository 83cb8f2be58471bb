"""What the parts may cost and what a unit earns, month by month, as the page on margin shows it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import Launch, interval
from ..look import (
    COLOUR,
    Chart,
    Charted,
    day,
    day_axis,
    dollar_axis,
    in_tense,
    is_narrow,
    label_end,
    number,
    percent,
    percent_axis,
    plot_band,
    plural,
    span,
)
from .later_costings import later_costings
from .path import LEAST_OF_FIRST_COST, MarginPath, costing_error
from .points import locate_points, price_events
from .words import (
    MONEY,
    days_of,
    dollars_with_range,
    whole_dollars,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOM_FOR_EVENT = 0.2  # share of the axis that the label of an event takes
LATER_DAYS = 14  # after the first sale, from which a costing has another cost than that of the day
KEY_ROW = 0.075  # height of a row of the key to the points, share of the chart
RING_POINTS = 21  # of type, from the middle of one ring to that of the one stacked on it


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
    first, last = axes.get_xlim()
    places = np.array([axes.convert_xunits(date) for date in events["date"]], dtype=float)
    until_next = np.diff(np.append(places, np.inf)) / (last - first)
    labels_drawn = set()
    for place, event, distance in zip(places, events.itertuples(), until_next, strict=True):
        stands_left = distance < ROOM_FOR_EVENT
        role, line = ("soft", ":") if event.kind == "exchange rate" else ("event", "-")
        axes.axvline(event.date, ymin=foot, color=COLOUR[role], linewidth=1, linestyle=line)
        label = _event_label(launch, event, is_narrow(axes), is_short=stands_left)
        if label in labels_drawn:  # the next step of the exchange rate looks like the first
            continue
        labels_drawn.add(label)
        axes.annotate(
            label,
            (place, 1.0),
            xycoords=top,
            xytext=(-4 if stands_left else 4, -2),
            textcoords="offset points",
            ha="right" if stands_left else "left",
            va="top",
            color=COLOUR[role],
        )


def _event_label(launch: Launch, event: object, narrow: bool, *, is_short: bool = False) -> str:
    """Write an event in a few words."""
    if event.kind == "exchange rate":
        return "exchange\nrate"
    if event.kind == "tax":
        return f"sales tax\n{span(event.before, event.after, write=percent)}"
    money = MONEY.get(launch.currency, launch.currency)
    if narrow:
        return f"{'to' if is_short else 'cut to'}\n{number(event.after)}"
    return f"cut to {number(event.after)} {money}"


@dataclass(frozen=True)
class PartsCost(Charted):
    """Cost of the parts by month, against the cost at which a unit breaks even.

    Attributes
    ----------
    launch : the launch
    path : unit margins by month
    enough : gross margin, before the channel is paid, that counts as high enough for volume, share
        of the net price
    as_xiaomi : whether that is the margin which Xiaomi reported later; else it is assumed
    """

    launch: Launch
    path: MarginPath
    enough: float
    as_xiaomi: bool = True

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

    @cached_property
    def later(self) -> pd.DataFrame:
        """Costings that analysts made later, beside the forecast (see `later_costings`)."""
        return later_costings(self.launch, self.path)

    def table(self) -> pd.DataFrame:
        """Return parts and break-even by month in dollars, with 80 % intervals."""
        parts = self.path.band("bom")
        table = pd.DataFrame(
            {
                "month": self.path.months,
                "date": days_of(self.launch, self.path.months).normalize(),
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
                f"{self.launch.name}, dollars a phone; inner band: half of simulated lives, "
                "outer and grey: 80 %"
            ),
            draw=self._draw,
            alt=self.sentence(),
            data=self.table(),
            note=self._note(),
            height_in=4.0,
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw both bands over the days of the life, then events and points."""
        days = days_of(self.launch, self.path.months)
        parts = self.path.band("bom")[["q10", "q25", "median", "q75", "q90"]].set_axis(days)
        break_even = _with_steps(self.break_even.set_axis(days), self.events)
        grey = {"color": COLOUR["supply"], "alpha": 0.12, "lw": 0}
        axes.fill_between(break_even.index, break_even["low"], break_even["high"], **grey)
        plot_band(axes, parts, "margin")
        axes.plot(break_even["median"], color=COLOUR["supply"], linewidth=1.8, ls="--")
        self._draw_later_costings(axes)
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

    def _draw_later_costings(self, axes: Axes) -> None:
        """Mark what analysts found later, which the band does not know of."""
        axes.plot(
            self.later["date"], self.later["cost_usd"], "D", color=COLOUR["text"], ms=7, zorder=6
        )
        for costing in self.later.itertuples():
            axes.annotate(
                whole_dollars(costing.cost_usd),
                (axes.convert_xunits(costing.date), costing.cost_usd),
                xytext=(-8, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                color=COLOUR["text"],
            )

    def _draw_points(self, axes: Axes, parts: pd.Series) -> None:
        """Mark the model's points that came within the life by their numbers, on the curve.

        A ring stands over its day; rings too close to stand side by side are stacked.
        """
        points = self._points_in_life()
        too_close = (0.08 if is_narrow(axes) else 0.04) * self.path.months[-1]
        # A stack is a run of rings each too close to the one before; it stands on its first.
        stack = points["median"].diff().ge(too_close).cumsum()
        on_curve = np.interp(points["median"], self.path.months, parts.to_numpy())
        foot = pd.Series(on_curve, index=points.index).groupby(stack).transform("first")
        rings_below = points.groupby(stack).cumcount()
        for row, point in enumerate(points.itertuples()):
            day_of_point = days_of(self.launch, np.array([point.median]))[0]
            place = (axes.convert_xunits(day_of_point), foot.iloc[row])
            _draw_number(axes, point.point[0], place, (0, RING_POINTS * rings_below.iloc[row]))

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
        whose = "Xiaomi's " if self.as_xiaomi else ""
        words = {
            "1": "starts near or below its cost",
            "2": "last sale seen to sell out",
            "3": f"gross margin reaches {whose}{percent(self.enough)}",
            "4": "first lower price or cheaper version",
        }
        named = []
        for point in self._points_in_life().sort_values("point").itertuples():
            mark = point.point[0]
            day_of_point = days_of(self.launch, np.array([point.median]))[0]
            dated = words[mark] if without_days else f"{words[mark]}: {day(day_of_point)}"
            named.append((mark, dated))
        return named

    def _points_in_life(self) -> pd.DataFrame:
        """Select the points that come within the life in most draws, in order of their day."""
        within = self.points["median"].between(0, self.path.months[-1])
        return self.points[within].sort_values("median", kind="stable")

    def _note(self) -> str:
        """Say what the rings are, and which of the four steps did not come."""
        absence = {
            "1": "Not in most simulated lives: 1, a start at cost.",
            "2": in_tense(
                "Not known: 2, a sale that sold out.", "Still to come: 2, a sale that sells out."
            ),
            "3": f"Not in most simulated lives: 3, {percent(self.enough)} earned.",
            "4": in_tense(
                "Not while it was sold: 4, a lower price.", "Not planned: 4, a lower price."
            ),
        }
        came = [mark for mark, _ in self.named_points()]
        absent = [words for mark, words in absence.items() if mark not in came]
        rings = "Rings: the four steps of selling near cost until parts get cheaper."
        diamonds = "" if self.later.empty else "Diamonds: costed later, unknown to the band."
        return " ".join([diamonds, rings, *absent]).strip()

    def later_sentence(self) -> str:
        """Say whether the band from the first costing held those made later; empty without any."""
        later = self.later
        if later.empty:
            return ""
        costings = " and ".join(
            f"{whole_dollars(row.cost_usd)} after {plural(round(row.month), 'month')}"
            for row in later.itertuples()
        )
        held = f"**{later['held'].sum()} of {len(later)}**"
        return (
            f"The same analysts later put the {self.launch.name} at {costings}, redesigns "
            f"included. The band, drawn from the first costing alone, holds {held}."
        )

    def sentence(self) -> str:
        """Say at which cost of parts a unit breaks even, and what they are thought to cost."""
        break_even = whole_dollars(self.path.bom_that_leaves(0).mean())
        verb = in_tense("broke", "breaks")
        broke_even = f"It {verb} even if its parts cost {break_even} at first sale"
        if not self.path.bom_is_known:
            return f"{broke_even}; our guess is {self.first_cost()}."
        if self.estimates_lie_on_either_side():
            low, high = self._ends_on_file()
            return (
                f"Estimates of its parts, {whole_dollars(low)} and {whole_dollars(high)}, lie on "
                f"either side of break-even at {break_even}."
            )
        if self.launch.figure("costs.bom_usd").basis == "assumed":
            return f"{broke_even}. Its file assumes {self.first_cost()}."
        error = costing_error(self.launch)
        off = f", which may be off by {percent(error)}" if error else ""
        costing = f"its costing{self._costed_later()}"
        return f"{broke_even}. They cost {self.first_cost()}, by {costing}{off}."

    def _costed_later(self) -> str:
        """Say what the costing itself found, where it was made well after the first sale."""
        costed = self.launch.figure("costs.bom_date")
        first_sale = self.launch.figure("first_sale").value
        if not costed.known or costed.value - first_sale < pd.Timedelta(days=LATER_DAYS):
            return ""
        cost_then = whole_dollars(self.launch.figure("costs.bom_usd").number)
        return f" of {cost_then} on {day(costed.value)}"

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
        change = (
            f"If the parts of the {self.launch.name} went as those of "
            f"{plural(devices, 'costed device')}, **{first}** at first sale would be "
            f"**{dollars_with_range(median, low, high)}** after {months}."
        )
        return f"{change} {self._limit_of_the_fall()}".strip()

    def _limit_of_the_fall(self) -> str:
        """Say that the parts' cost is at its lower limit at the end of life, where it mostly is."""
        if not self.path.parts_end_at_our_limit:
            return ""
        return (
            "That end is our limit and no finding: we let no cost fall below "
            f"{percent(LEAST_OF_FIRST_COST)} of what it was."
        )


def _draw_number(
    axes: Axes, mark: str, place: tuple, offset: tuple, xycoords: str = "data"
) -> None:
    """Draw a number in a ring, so many points (of type) off a place."""
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
class UnitMargin(Charted):
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
            "inner band: half of simulated lives, outer: 80 %",
            draw=self._draw,
            alt=self.sentence(),
            data=band.reset_index(),
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw the band over the days of the life, then events."""
        days = days_of(self.launch, self.path.months)
        events = price_events(self.launch, self.path)
        band = _with_steps(self.path.band().set_axis(days), events)
        plot_band(axes, band[["q10", "q25", "median", "q75", "q90"]], "margin")
        _draw_events(axes, self.launch, events)
        percent_axis(axes.yaxis)
        day_axis(axes.xaxis)
        return axes

    def sentence(self) -> str:
        """Say how often a unit covers its cost at first and at the end, and why the curve jumps."""
        sentences = [self._lives(), *self._jumps()]
        if self.without_body:
            sentences.insert(0, "All this leaves out what the ceramic body may cost on top.")
        return " ".join(sentences)

    def _lives(self) -> str:
        """Say in how many lives a unit covers its cost at first, only later, never, and at last."""
        lives = self.path.crossings(0)
        months = plural(round(self.path.months[-1]), "month")
        at_last = percent(self.path.probability_above(0).iloc[-1])
        return (
            f"A {self.launch.name} covers its cost from its first sale in "
            f"**{percent(lives['at first sale'])} of simulated lives**, in "
            f"{percent(lives['later'])} only later and in {percent(lives['never'])} never. After "
            f"{months} it does in {at_last}."
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
