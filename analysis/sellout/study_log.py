"""What the sell-out page shows of an order log: its curve with the prediction, and the laws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..look import (
    COLOUR,
    Chart,
    Charted,
    Table,
    Text,
    exact,
    label_end,
    number,
    number_axis,
    percent,
    plot_band,
    plural,
    span,
)
from .arrival_laws import WEIGHED_LAWS
from .order_logs import unknown_statuses
from .order_study import OPENINGS_BEFORE, OrderStudy
from .study_people import PeopleOfLog, people_of_study
from .words import LEVEL, NARROW_HEIGHT_IN, WIDE_HEIGHT_IN, duration, short_duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SMALL_ERROR = 0.03  # in logs, of a forecast of the log's own end, not worth a word
MOST_PEOPLE = 1e9  # of one launch: a pattern that asks for more sets no limit
MOST_STEPS = 800  # of the drawn curve of orders
MOST_STATUSES = 12  # status words in a table, the most frequent


def three_digits(orders: float) -> str:
    """Write a predicted number of orders with three digits, and never a part of an order."""
    return number(round(float(f"{orders:.3g}")))


@dataclass(frozen=True, kw_only=True)
class OrderLogPage(Charted):
    """An order log for people to read.

    Attributes
    ----------
    name : str
        The product.
    orders : OrderStudy
        The log with the laws weighed by it.
    launch_words : mapping
        Plain fields of the launch file.
    date : Timestamp or None
        Day of the sale, where the log or the launch file says it.
    """

    name: str
    orders: OrderStudy
    launch_words: Mapping[str, object] = field(default_factory=dict)
    date: pd.Timestamp | None = None

    @cached_property
    def curve(self) -> pd.DataFrame:
        """Orders that would have come had there been stock: t_s, low, estimate, high (80 %)."""
        return self.orders.curve()

    @cached_property
    def people(self) -> PeopleOfLog | None:
        """The people behind the orders; None where the log says nothing of them."""
        return people_of_study(self.name, self.orders)

    @property
    def twice(self) -> pd.Series:
        """What twice the time would have brought: t_s, low, estimate, high (80 %)."""
        return self.curve.iloc[-1]

    def chart(self) -> Chart:
        """Draw the orders seen, those to come, and the true number where it is known."""
        seen = self.orders.arrived
        counted = self.orders.counted
        patterns = plural(len(self.orders.laws.weights), "pattern")
        basis = f"predicted from {patterns} of arrival"
        if self.orders.after_stock is not None:
            basis = "beyond the stock from requests"
        return Chart(
            title=(
                f"People who came for the {self.name}, and those whom more stock would have served"
                if self.orders.is_by_person
                else f"Orders for the {self.name}, and those that more stock would have brought"
            ),
            measure=f"{exact(seen)} {counted} since the opening; {basis}, {percent(LEVEL)} range",
            draw=self._draw,
            alt=(
                f"{counted.capitalize()} rise to {exact(seen)} and, beyond the stock, into a band "
                "of predictions."
            ),
            data=self.curve,
            note=f"Source: the order log of the {self.name}.",
            height_in=WIDE_HEIGHT_IN,
            narrow_height_in=NARROW_HEIGHT_IN,
        )

    def _draw(self, axes: Axes) -> Axes:
        # A long log is drawn through some of its arrivals, evenly spread.
        axes.step(*self.orders.came.curve(MOST_STEPS), color=COLOUR["demand"], linewidth=2)
        band = self.curve.set_index("t_s").rename(columns={"estimate": "median"})
        plot_band(axes, band, "demand", linestyle="--", linewidth=1.5)
        last = self.curve.iloc[-1]
        source = "prediction" if self.orders.after_stock is None else "by requests"
        label_end(axes, last["t_s"], last["estimate"], source, "demand")
        closed_s = self.orders.laws.closed_s
        axes.axvline(closed_s, color=COLOUR["event"], linestyle="--", linewidth=1)
        people = self.orders.simulated_people
        top = 1.12 * max(self.curve["high"].max(), people or 0)
        axes.set(
            xlabel="seconds since the opening",
            ylabel=self.orders.counted,
            xlim=(0, None),
            ylim=(0, top),
        )
        place = axes.get_xaxis_transform()
        words = f"stock gone, {short_duration(closed_s)}"
        label_end(axes, closed_s, 0.06, words, "event", xycoords=place)
        if people:
            axes.axhline(people, color=COLOUR["soft"], linewidth=1)
            label_end(axes, 0, people, f"truth: {exact(people)}", "soft", xytext=(4, 9))
        number_axis(axes.yaxis)
        return axes

    def named_laws(self) -> pd.DataFrame:
        """Laws with their weights and answers, named as people name them; what cannot be is inf."""
        laws = self.orders.laws.table(self.orders.level)
        people = ["interested", "low", "high"]
        laws[people] = laws[people].mask(laws[people] > MOST_PEOPLE, np.inf)
        return laws.replace({"law": {name: law.label for name, law in WEIGHED_LAWS.items()}})

    def table(self) -> Table:
        """Show each law's own answer, and that of all together."""
        shown = self.named_laws().round({"weight": 3})
        words = {"law": "pattern", "interested": "people", "low": "at_least", "high": "at_most"}
        shown = shown.rename(columns=words)
        caption = (
            f"People who wanted the {self.name} if one pattern of arrival were right, and our "
            f"answer: weight and {percent(self.orders.level)} range"
        )
        return Table(shown, caption)

    def orders_by(self, t_s: float) -> Text:
        """Say how many orders would have come by a time (s since the opening) with more stock."""
        low, middle, high = self.orders.arrived_by(t_s)
        return Text(
            f"By {duration(t_s)} about **{three_digits(middle)} {self.orders.counted}** would have "
            f"come with more stock (80 % range {span(low, high, write=three_digits)})."
        )

    def rows(self) -> Table:
        """Show what became of the rows of the log."""
        return Table(self.orders.log.report, f"Rows of the order log of the {self.name}")

    def statuses(self) -> Table | None:
        """Show the status words of the log and how each is read; None where it has none."""
        statuses = self.orders.log.statuses
        if statuses is None:
            return None
        shown = statuses[["status", "rows", "meaning"]].astype({"status": object})
        shown = shown.fillna({"status": "(empty)"})
        if len(shown) > MOST_STATUSES:
            rest = shown.iloc[MOST_STATUSES:].groupby("meaning", as_index=False)["rows"].sum()
            shown = pd.concat([shown.head(MOST_STATUSES), rest.assign(status="(all others)")])
        shown = shown.rename(columns={"meaning": "read_as"}).reset_index(drop=True)
        return Table(shown, f"Status words in the order log of the {self.name}")

    def rows_words(self) -> Text | None:
        """Warn of statuses that are not known and of an opening that nobody wrote down."""
        sentences = [self.statuses_sentence(), self.opening_sentence()]
        sentences = [sentence for sentence in sentences if sentence]
        return Text(*sentences) if sentences else None

    def statuses_sentence(self) -> str:
        """Name the statuses that are not known; "" where all are."""
        unknown = unknown_statuses(self.orders.log, self.launch_words)
        if unknown.empty:
            return ""
        named = ", ".join(f"“{status}”" for status in unknown["status"].head(3))
        more = len(unknown) - 3
        rest = f" and {plural(more, 'other')}" if more > 0 else ""
        rows = plural(int(unknown["rows"].sum()), "order")
        return (
            f"**Warning:** we do not know the status {named}{rest}, and counted {rows} with it. "
            "If it means a cancelled order, name it in the launch file below orders, as cancelled."
        )

    def opening_sentence(self) -> str:
        """Say what it costs that nobody wrote down the opening; "" where it is known."""
        if self.orders.opening_is_known:
            return ""
        earlier = percent(max(OPENINGS_BEFORE))
        return (
            "**Warning:** nobody wrote down when the sale opened, so its clock starts at the first "
            f"order. The range has room for an opening earlier by up to {earlier} of the sale."
        )

    def words(self) -> Text:
        """Say what the log adds to the clock, and why its range is as wide as it is."""
        sentences = [
            self.sentence(),
            self.requests_sentence(),
            self.first_seconds_sentence(),
            self.width_sentence(),
            self.hindcast_sentence(),
        ]
        return Text(*[sentence for sentence in sentences if sentence])

    def sentence(self) -> str:
        """Say what a row for each order adds to the seconds."""
        orders = self.orders
        clock = (
            f"The clock alone says {exact(orders.placed)} orders for the {self.name} in "
            f"{duration(orders.laws.closed_s)}, **{number(orders.orders_per_s, 2)} a second**."
        )
        end = orders.laws.stream_end
        if orders.after_stock is not None:
            return clock
        if end.throttled:
            return (
                f"{clock} They came more evenly than chance allows, up to the end: the shop set "
                "the pace, and the log shows its queue."
            )
        if end.flat:
            return (
                f"{clock} The stream does not thin out: at least **{exact(orders.arrived)} "
                "people** wanted one, and there is no upper limit."
            )
        fall = end.rate_per_s / end.highest_rate_per_s
        thinning = f"{clock} At the end they came at {percent(fall)} of the highest rate"
        if orders.cannot_tell:
            return f"{thinning}, which leaves open when the last of them would have come."
        return (
            f"{thinning}: **{span(orders.low, orders.high)} people** wanted one "
            f"({percent(orders.level)} range)."
        )

    def requests_sentence(self) -> str:
        """Say what requests after the stock was gone add; "" where they tell nobody apart."""
        after = self.orders.after_stock
        if after is None:
            return ""
        came = (
            f"Counting went on after the stock was gone: {exact(len(after.after))} people asked "
            f"until {duration(after.laws[after.share].closed_s)}."
        )
        share = span(after.share_low, after.share_high, write=percent)
        who = f"By the step in the stream, those were {share} of all who came too late."
        if after.share_low == 1:
            who = "Everybody passed through one queue, so nobody came unseen."
        if self.orders.cannot_tell:
            return f"{came} {who} That leaves open when the last of them would have come."
        in_all = span(self.orders.low, self.orders.high)
        level = percent(self.orders.level)
        return f"{came} {who} So **{in_all} people** wanted one ({level} range)."

    def first_seconds_sentence(self) -> str:
        """Say what stood out in the first seconds; nothing where nothing did."""
        first = self.orders.laws.first_seconds
        words = []
        if first.dead_s:
            words.append(
                f"No order was possible in the first {duration(first.dead_s)}; our clock starts "
                "there."
            )
        if first.burst_s:
            words.append(
                f"In the first {duration(first.burst_s)} orders came "
                f"{number(first.burst_rate_ratio, 2)} times as fast as right after. That burst "
                f"holds {span(first.low, first.high, write=percent)} of them "
                f"({percent(first.level)} range): bots, members or the quickest, who no longer "
                "count in what is still to come."
            )
        return " ".join(words)

    def width_sentence(self) -> str:
        """Say how much of the range is due to laws that nobody thought of."""
        laws = self.named_laws().iloc[:-1]
        likely = laws.sort_values("weight", ascending=False).iloc[0]
        if (
            self.orders.cannot_tell
            or self.orders.after_stock is not None
            or not np.isfinite(likely["high"])
        ):
            return ""
        return (
            f"If people surely came by the {likely['law']} pattern, the range would be "
            f"{span(likely['low'], likely['high'])} people."
        )

    def hindcast_sentence(self) -> str:
        """Say how well the log's own end was predicted from its first half."""
        hindcasts = self.orders.laws.hindcasts
        if not hindcasts or self.orders.after_stock is not None:
            return ""
        early = hindcasts[0]
        predicted = early.seen * (1 / early.cut) ** early.predicted_growth
        came = early.seen * (1 / early.cut) ** early.growth
        past = (
            f"Asked at {percent(early.cut)} of the time, our patterns would have predicted "
            f"{three_digits(predicted)} {self.orders.counted} by the end; {three_digits(came)} "
            "came."
        )
        if abs(np.log(predicted / came)) > SMALL_ERROR:
            return f"{past} Such errors widen the ranges."
        return past
