"""What the parts may cost and what a unit earns, month by month, as the page on margin shows it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import Launch, interval
from ..data.lengths import DAYS_A_WEEK
from ..data.uncertainty import Z_90
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
    with_range,
)
from ..look.page_words import name_of_currency
from .later_costings import (
    analyst_of_costing,
    first_may_hold_other_things,
    later_costings,
)
from .path import (
    LATER_DAYS,
    LEAST_OF_FIRST_COST,
    MarginPath,
    costing_error,
    days_costed_later,
    first_cost_on_file,
)
from .points import OFFICIAL_PRICES, price_events
from .results_points import MarginPoints
from .words import (
    days_of,
    dollars_on_file,
    dollars_with_range,
    whole_dollars,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOM_FOR_EVENT = 0.2  # share of the axis that the label of an event takes
BELOW_A_LABEL = 30  # points from the top of a label of two lines to that of one below it
ROOM_ABOVE = 0.16  # of the height of the data, for the labels of events


def _with_steps(band: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Let a band by day step on the days of events; between two of its own days it would slope."""
    for date in events["date"]:
        after = band.index.searchsorted(date)
        edge = band.iloc[[after - 1, after]].set_axis([date, date])
        band = pd.concat([band.iloc[:after], edge, band.iloc[after:]])
    return band


def _leave_room_for_events(axes: Axes, events: pd.DataFrame) -> None:
    """Let the y axis go on above the data, for the labels of events, where there are any."""
    if len(events):
        low, high = axes.get_ylim()
        axes.set_ylim(low, high + ROOM_ABOVE * (high - low))


def _draw_events(axes: Axes, launch: Launch, events: pd.DataFrame, foot: float = 0.0) -> None:
    """Mark what moves the net price with a line, from a share of the height up, and a label."""
    top = axes.get_xaxis_transform()
    first, last = axes.get_xlim()
    places = np.array([axes.convert_xunits(date) for date in events["date"]], dtype=float)
    until_next = np.diff(np.append(places, np.inf)) / (last - first)
    since_last = np.diff(np.insert(places, 0, -np.inf)) / (last - first)
    labels_drawn = set()
    for place, event, after, before in zip(
        places, events.itertuples(), until_next, since_last, strict=True
    ):
        stands_left = after < ROOM_FOR_EVENT
        # Beside the label of the event before it there is no room for its own on a phone.
        is_crowded = stands_left and is_narrow(axes) and before < 2 * ROOM_FOR_EVENT
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
            xytext=(-4 if stands_left else 4, -2 - BELOW_A_LABEL * is_crowded),
            textcoords="offset points",
            ha="right" if stands_left else "left",
            va="top",
            color=COLOUR[role],
        )


def _say_official_price(event: object, money: str) -> str:
    """Say what an official price is: a cut, a rise, or that of another version in its place."""
    assumed = " (day assumed)" if event.is_approximate else ""
    step = f"The step on {day(event.date)}{assumed} is"
    if event.kind == "other version":
        return f"{step} another version, the {event.variant}, at {number(event.after)} {money}."
    whose = f" of the {event.variant}" if event.variant else ""
    change = "rise" if event.kind == "price rise" else "cut"
    return (
        f"{step} the official {change}{whose} from {number(event.before)} to {number(event.after)} "
        f"{money}."
    )


def _event_label(launch: Launch, event: object, narrow: bool, *, is_short: bool = False) -> str:
    """Write an event in a few words."""
    if event.kind == "exchange rate":
        return "exchange\nrate"
    if event.kind == "tax":
        return f"sales tax\n{span(event.before, event.after, write=percent)}"
    money = name_of_currency(launch.currency)
    if event.kind == "other version":
        return ("\n" if narrow else " ").join(["at", number(event.after), money])
    change = "raised to" if event.kind == "price rise" else "cut to"
    if narrow:
        return f"{'to' if is_short else change}\n{number(event.after)}\n{money}"
    return f"{change} {number(event.after)} {money}"


@dataclass(frozen=True)
class PartsCost(Charted):
    """Cost of the parts by month, against the cost at which a unit breaks even.

    Attributes
    ----------
    launch : the launch
    path : unit margins by month
    """

    launch: Launch
    path: MarginPath

    @cached_property
    def break_even(self) -> pd.DataFrame:
        """Low, median, high cost of parts that leaves nothing, dollars by month (80 %)."""
        low, median, high = interval(self.path.parts_cost_that_leaves(0))
        return pd.DataFrame({"low": low, "median": median, "high": high}, index=self.path.months)

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
        """Draw the cost of the parts against break-even, with both at first sale and events."""
        return Chart(
            title=f"What the parts of the {self.launch.name} may cost, against break-even",
            measure=(
                f"{self.launch.name}, dollars a phone; inner band: half of simulated lives, "
                "outer and grey: 80 % range"
            ),
            draw=self._draw,
            alt=self.sentence(),
            data=self.table(),
            note=self._note(),
            height_in=3.3,
            narrow_height_in=3.6,
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw both bands over the days of the life, then events and what is known at first."""
        days = days_of(self.launch, self.path.months)
        parts = self.path.band("bom")[["q10", "q25", "median", "q75", "q90"]].set_axis(days)
        break_even = _with_steps(self.break_even.set_axis(days), self.events)
        grey = {"color": COLOUR["supply"], "alpha": 0.12, "lw": 0}
        axes.fill_between(break_even.index, break_even["low"], break_even["high"], **grey)
        plot_band(axes, parts, "margin")
        axes.plot(break_even["median"], color=COLOUR["supply"], linewidth=1.8, ls="--")
        self._draw_later_costings(axes)
        axes.set_xlim(days[0] - 0.02 * (days[-1] - days[0]), days[-1])
        _leave_room_for_events(axes, self.events)
        label_end(axes, days[-1], parts["median"].iloc[-1], "parts", "margin")
        label_end(axes, days[-1], break_even["median"].iloc[-1], "break-even", "supply")
        _draw_events(axes, self.launch, self.events)
        self._draw_first_sale(axes, parts["median"], break_even["median"])
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

    def _draw_first_sale(self, axes: Axes, parts: pd.Series, break_even: pd.Series) -> None:
        """Write at first sale what the parts cost and at which cost a unit breaks even.

        The sums are those of the sentence.
        """
        is_below = parts.iloc[0] < break_even.iloc[0]
        for usd, role, above, label in (
            (parts, "margin", not is_below, self.middle_of_first_cost_in_words()),
            (break_even, "supply", is_below, self.break_even_in_words()),
        ):
            axes.plot(usd.index[0], usd.iloc[0], "o", color=COLOUR[role], ms=5, zorder=5)
            axes.annotate(
                label,
                (axes.convert_xunits(usd.index[0]), usd.iloc[0]),
                xytext=(3, 5 if above else -5),
                textcoords="offset points",
                va="bottom" if above else "top",
                color=COLOUR[role],
            )

    def _note(self) -> str:
        """Say what the diamonds are, where there are any."""
        return "" if self.later.empty else "Diamonds: costed later, unknown to the band."

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
        unlike = ""
        if first_may_hold_other_things(self.launch):
            unlike = " Their first sum was an early one and may not hold the same things."
        return (
            f"The same analysts later put the {self.launch.name} at {costings}, redesigns "
            f"included.{unlike} The band, drawn from the first costing alone, holds {held}."
        )

    def sentence(self) -> str:
        """Say at which cost of parts a unit breaks even, and what they are thought to cost."""
        break_even = self.break_even_in_words()
        verb = in_tense("broke", "breaks")
        broke_even = f"It {verb} even if its parts cost {break_even} at first sale"
        if not self.path.bom_is_known:
            return f"{broke_even}; our guess is {self.first_cost_in_words()}."
        if self.estimates_lie_on_either_side():
            return self._either_side(break_even)
        if self.launch.figure("costs.bom_usd").basis == "assumed":
            return f"{broke_even}. Its file assumes {self._cost_on_file()}{self._on_its_date()}."
        error = Z_90 * costing_error(self.launch)
        off = f"; four in five such costings are off by {percent(error)} at most" if error else ""
        costing = f"{self._whose_costing()}{self._costed_at_another_time()}"
        they_cost = "They cost" if first_cost_on_file(self.launch) else "We estimate"
        return f"{broke_even}. {they_cost} {self.first_cost_in_words()}, by {costing}{off}."

    def _either_side(self, break_even: str) -> str:
        """Say that the range of the parts' cost in the file holds break-even, and whose it is."""
        low, high = (dollars_on_file(end) for end in self.ends_on_file())
        if self.launch.figure("costs.bom_usd").basis == "assumed":
            return f"Our range of its parts, {low} to {high}, holds break-even at {break_even}."
        if self.launch.is_own or len(self.launch.costings):
            return (
                f"The range of its own costing, {low} to {high}, holds break-even at {break_even}."
            )
        return (
            f"Estimates of its parts, {low} and {high}, lie on either side of break-even at "
            f"{break_even}."
        )

    def _whose_costing(self) -> str:
        """Say whose the costing is: an analyst's on file, or the first of its own history."""
        if self.follows_own_costings:
            return "the first of its own costings"
        analyst = analyst_of_costing(self.launch)
        return f"{analyst}'s costing" if analyst else "its costing"

    def _on_its_date(self) -> str:
        """Say of which day a cost on file is, where that is not about the first sale."""
        if abs(days_costed_later(self.launch)) < LATER_DAYS:
            return ""
        return f" on {day(self.launch.figure('costs.bom_date').value)}"

    def _costed_at_another_time(self) -> str:
        """Say what the costing itself found, where it was made well before or after first sale."""
        costed = self.launch.figure("costs.bom_date")
        days_later = days_costed_later(self.launch)
        if abs(days_later) < LATER_DAYS:
            return ""
        cost_then = dollars_on_file(self.launch.figure("costs.bom_usd").number)
        weeks = plural(round(abs(days_later) / DAYS_A_WEEK), "week")
        direction = "later" if days_later > 0 else "earlier"
        return f" of {cost_then} on {day(costed.value)}, {weeks} {direction}"

    def break_even_in_words(self) -> str:
        """Write the cost of parts at first sale at which a unit breaks even (mean)."""
        return whole_dollars(self.path.bom_that_leaves(0).mean())

    def _cost_on_file(self) -> str:
        """Write the parts' cost that the file has, with its range."""
        return with_range(
            self.launch.figure("costs.bom_usd").number, *self.ends_on_file(), write=dollars_on_file
        )

    def first_cost_in_words(self) -> str:
        """Write the cost of the parts at first sale with its 80 % range.

        It is as the file has it, where it has it; else that of the draws.
        """
        if first_cost_on_file(self.launch):
            return self._cost_on_file()
        low, median, high = self._range_of_first_cost()
        return dollars_with_range(median, low, high)

    def middle_of_first_cost_in_words(self) -> str:
        """Write the cost of the parts at first sale, without its range."""
        _, middle, _ = self._range_of_first_cost()
        return dollars_on_file(middle) if first_cost_on_file(self.launch) else whole_dollars(middle)

    def estimates_lie_on_either_side(self) -> bool:
        """Say whether the parts' cost ranges from below to above break-even.

        It does by the launch file, and at first sale too where the file's cost is of another time.
        """
        lowest, highest = self.ends_on_file()
        low, _, high = self._range_of_first_cost()
        break_even = self.path.bom_that_leaves(0).mean()
        return bool(max(low, lowest) < break_even < min(high, highest))

    def _range_of_first_cost(self) -> tuple[float, float, float]:
        """Low, middle and high of the parts' cost at first sale: of the file, else of the draws."""
        return first_cost_on_file(self.launch) or tuple(interval(self.path.items["bom"][:, 0]))

    def ends_on_file(self) -> tuple[float, float]:
        """Low and high of the parts' cost in the launch file, which are one where it is exact."""
        bom = self.launch.figure("costs.bom_usd")
        return bom.lowest, bom.highest

    @property
    def follows_own_costings(self) -> bool:
        """Whether its parts go on at a rate that its own costings show, two or more of them."""
        return len(self.launch.costings) > 1

    def change_over_life(self, devices: int) -> str:
        """Say what the parts came to in the end, if they went as those of costed devices did.

        Where it has costings of its own, they went as these did (`CostDecline.own_history`).
        """
        low, median, high = interval(self.path.items["bom"][:, -1])
        first = self.middle_of_first_cost_in_words()
        at_last = dollars_with_range(median, low, high)
        months = plural(round(self.path.months[-1]), "month")
        change = (
            f"If the parts of the {self.launch.name} went as those of "
            f"{plural(devices, 'costed device')}, **{first}** at first sale would be "
            f"**{at_last}** after {months}."
        )
        if self.follows_own_costings:
            change = (
                f"By these costings and that rate the parts of the {self.launch.name}, "
                f"**{first}** at first sale, come to **{at_last}** after {months}."
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


@dataclass(frozen=True)
class UnitMargin(Charted):
    """Margin of a unit by month, as a share of the net price.

    Attributes
    ----------
    launch : the launch
    path : unit margins by month
    points : the four points of the falling-BOM model
    without_body : a ceramic body may cost something on top that is not in these margins
    """

    launch: Launch
    path: MarginPath
    points: MarginPoints
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
        """Draw the margin by month with its bands, the model's points and what moved the price."""
        band = self.path.band()
        return Chart(
            title=f"What one {self.launch.name} earns, month by month",
            measure=f"{self.launch.name}, share of the price without tax, before development; "
            "inner band: half of simulated lives, outer: 80 % range",
            draw=self._draw,
            alt=self.sentence(),
            data=band.reset_index(),
            note=self.points.note(),
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw the band over the days of the life, then events and points."""
        days = days_of(self.launch, self.path.months)
        events = price_events(self.launch, self.path)
        band = _with_steps(self.path.band().set_axis(days), events)
        plot_band(axes, band[["q10", "q25", "median", "q75", "q90"]], "margin")
        axes.set_xlim(days[0] - 0.02 * (days[-1] - days[0]), days[-1])
        _leave_room_for_events(axes, events)
        low, _ = axes.get_ylim()
        height_of_key = self.points.draw_key(axes)
        _draw_events(axes, self.launch, events, height_of_key)
        self.points.draw(axes, self.path.band()["median"])
        axes.set_yticks([tick for tick in axes.get_yticks() if low <= tick <= axes.get_ylim()[1]])
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
        money = name_of_currency(self.launch.currency)
        events = price_events(self.launch, self.path)
        rates = events[events["kind"] == "exchange rate"]
        for event in events.itertuples():
            if event.kind == "tax":
                change = (1 + event.before) / (1 + event.after) - 1
                moved = "rose" if change > 0 else "fell"
                sentences.append(
                    f"The step on {day(event.date)} is the value added tax, which went from "
                    f"{span(event.before, event.after, write=percent)}. At an unchanged list price "
                    f"the net price of the {self.launch.name} {moved} by {abs(100 * change):.1f} %."
                )
            elif event.kind in OFFICIAL_PRICES:
                sentences.append(_say_official_price(event, money))
            elif event.Index == rates.index[0]:
                sentences.append(
                    f"The step on {day(event.date)} is the exchange rate, of which we have yearly "
                    f"averages: {number(event.before)}, then {number(event.after)} {money} a "
                    "dollar."
                )
            else:
                sentences.append(
                    f"The step on {day(event.date)} is the exchange rate again, now "
                    f"{number(event.after)}."
                )
        return sentences

    def costs_that_leave(self) -> str:
        """Say which cost of parts at first sale leaves a tenth and a fifth of the net price."""
        tenth, fifth = (self.path.bom_that_leaves(share).mean() for share in (0.1, 0.2))
        return (
            f"Parts of {whole_dollars(tenth)} at first sale would leave a tenth of the net price, "
            f"parts of {whole_dollars(fifth)} a fifth: hold a first purchase order against these."
        )
