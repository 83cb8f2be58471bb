"""Section of the supply page: one forecast, and how demand stands against supply."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ..data import interval
from ..data.products import MOBILE
from ..demand import LaunchForecast, launch_counts
from ..look import Table, day, in_tense, part_of_month, percent, plural, span
from ..sellout.words import product_name
from .outlook import MOST_FOLD, Outlook
from .section import Result
from .shortage_end import DocumentedEnd, find_shortage_end, life_weeks
from .study_trial import TIMES_MADE, try_supply
from .timeline_content import drawn_forecast, forecast_day
from .words import belief_name, count_words, range_words, short_count, two_digits

MILLION = 1e6
WEEKS_SHOWN = (4, 13)
WEEK_WITHOUT_LIMIT = 13  # by which is said what would sell with the most that the panel tries
LEAST_SHARE_OF_SUPPLY = 0.5  # of draws in which supply is simulated, for that to be said
MOST_SIMULATIONS = 0.75  # that end a shortage before later accounts do: then these contradict them
AS_ESTIMATED = 0.1  # how far draws with a simulated supply may be from the whole estimate
# Reasons for which something is not used, where the page says them at more length.
REASONS = {"below what is made already": "a slower pace, a month, than is made already"}


@dataclass(frozen=True)
class Check:
    """A count of sales beside what a forecast made before it had for its day."""

    date: pd.Timestamp  # of the count
    units: float  # phones counted
    low: float  # 80 % range of the forecast, phones
    high: float

    @property
    def is_wide(self) -> bool:
        """Whether the range is too wide for a plan."""
        return self.high > MOST_FOLD * self.low


@dataclass(frozen=True)
class MoreSupply:
    """Phones sold in `WEEK_WITHOUT_LIMIT` weeks as made, and with the most that the panel tries."""

    as_made: float  # the middle of simulations
    unlimited: float  # the same, with the most supply
    low: float  # 80 % range of the latter
    high: float


@dataclass(frozen=True)
class Forecasts(Result):
    """Phones sold by the one forecast, early and today, and under each belief that it weighs."""

    then: LaunchForecast
    now: LaunchForecast
    outlook: Outlook | None  # when supply stops binding, by what is counted and reported
    documented_end: DocumentedEnd | None  # when it did by later accounts, where these tell

    def forecast(self) -> LaunchForecast | None:
        """Choose the forecast to show: the early one where supply was known of by then.

        None where nothing but lots is known, which stand for themselves, or nothing at all.
        """
        return drawn_forecast(self.then, self.now)

    def table(self) -> pd.DataFrame:
        """List phones sold in four and thirteen weeks: the forecast, then each belief it weighs."""
        forecast = self.forecast()
        if forecast is None:
            return pd.DataFrame()
        weeks = np.array(WEEKS_SHOWN)
        rows = [_row("Forecast, all of these weighed", 1.0, forecast.draws_sold_by(weeks))]
        beliefs = forecast.beliefs[forecast.beliefs["weight_after"] > 0]
        rows += [
            _row(belief_name(row.kind), row.weight_after, forecast.fits[row.label].sold_by(weeks))
            for row in beliefs.itertuples()
        ]
        return pd.DataFrame(rows)

    def refuted(self) -> list[str]:
        """Name the beliefs about supply that the counts known today refute."""
        beliefs = self.now.beliefs
        return [belief_name(kind) for kind in beliefs.loc[beliefs["refuted"], "kind"]]

    def shown_table(self) -> Table | None:
        """Show phones sold, as ranges."""
        frame = self.table()
        if not len(frame):
            return None
        shown = pd.DataFrame({"if supply is": frame["belief"]})
        shown["weight"] = [percent(weight) for weight in frame["weight"]]
        for weeks, words in zip(WEEKS_SHOWN, ("in four weeks", "in thirteen weeks"), strict=True):
            shown[words] = [
                range_words(low, high)
                for low, high in zip(frame[f"low_{weeks}"], frame[f"high_{weeks}"], strict=True)
            ]
        product = product_name(self.now.launch)
        caption = f"{product} sold, {forecast_day(self.forecast())}, 80 % ranges"
        return Table(shown, f"{caption}{self._class_words()}{self._record_words()}")

    def _class_words(self) -> str:
        """Say with how many launches of its class one that is no phone is compared first."""
        product = self.now.launch.product
        if product.compared_classes == MOBILE:
            return ""
        launches = self.now.comparable.line.launches
        sales = f"of {product.noun} sales"
        of_class = plural(launches, f"record {sales}", f"records {sales}")
        return f"; comparable: {of_class} on file, drawn towards all products"

    def not_used(self) -> Table | None:
        """Show what the file has of sales and supply that the last estimate leaves out, and why."""
        frame = self.now.not_used()
        refuted = [
            {"what": f"belief: {name}", "reason": "the counts refute it"} for name in self.refuted()
        ]
        rows = [*self._sold_out_in_advance(), *self._order_logs(), *refuted]
        frame = pd.concat([frame, pd.DataFrame(rows, columns=frame.columns)])
        shown = frame.assign(reason=frame["reason"].replace(REASONS))
        return Table(shown, self._not_used_caption()) if len(shown) else None

    def _sold_out_in_advance(self) -> list[dict[str, str]]:
        """List lots of unknown size that were sold out before the first sale."""
        lots = self.now.launch.own_lots
        is_early = lots["date"] < self.now.first_sale
        early = lots[is_early & (lots["sold_out"] == "yes") & lots["units"].isna()]
        return [
            {
                "what": f"sold out on {date.date()}, before the first sale",
                "reason": "of no week of sale, and of unknown size",
            }
            for date in early["date"]
        ]

    def _order_logs(self) -> list[dict[str, str]]:
        """List the order logs of the launch, which the page on demand reads."""
        launch = self.now.launch
        files = [launch.words.get("orders.file"), *launch.drops["orders_file"].dropna()]
        return [
            {
                "what": f"order log {file}",
                "reason": "of one sale: it tells no supply, nor how many wait weeks later",
            }
            for file in files
            if file
        ]

    def _not_used_caption(self) -> str:
        """Say which estimate leaves it out, and that an earlier forecast may have used it."""
        caption = f"Known, and not used by the {forecast_day(self.now)}"
        if not self._is_of_an_earlier_day:
            return caption
        return f"{caption}; the {forecast_day(self.forecast())} went by what was known then"

    def sentence(self) -> str:
        """Say the forecast, what came, and how demand stands against supply."""
        sentences = [
            self._forecast_sentence(),
            self._outcome_sentence(),
            self._check_sentence(),
            self._end_sentence() or self._waiting_sentence(),
            self._without_limit_sentence(),
        ]
        return " ".join(sentence for sentence in sentences if sentence)

    def _forecast_sentence(self) -> str:
        """Say the one forecast for thirteen weeks."""
        frame = self.table()
        if not len(frame):
            return ""
        low, high = frame.loc[0, ["low_13", "high_13"]]
        middle = two_digits(frame.loc[0, "median_13"])
        name = forecast_day(self.forecast())
        return f"The {name} for thirteen weeks is **{middle} phones** ({range_words(low, high)})."

    def _outcome_sentence(self) -> str:
        """Say which count first had a million, where one had."""
        by_count = million_by_count(self.now)
        if by_count is None or self.forecast() is None:
            return ""
        first, last = by_count["date"].min(), by_count["date"].max()
        when = f"**{day(first)}**"
        if first != last:
            other_day = day(last, year=last.year != first.year)
            when = f"**{day(first)}**, in another source by {other_day}"
        count = by_count.loc[by_count["week"].idxmin()]
        if count["units"] == MILLION:
            kinds = " or ".join(by_count.sort_values("date")["kind"].unique())
            return f"The millionth was {kinds} by {when}."
        return f"The first count above a million has {count_words(count)} by {when}."

    def check(self) -> Check | None:
        """Hold the early forecast against the first count of a million of the model.

        None where the forecast shown knew counts of sales, or no count came.
        """
        forecast, by_count = self.forecast(), million_by_count(self.now)
        if forecast is None or by_count is None or len(forecast.known.counts):
            return None
        count = by_count.loc[by_count["week"].idxmin()]
        if count["scope"] == "series":
            return None
        low, _, high = forecast.sold_by(str(count["date"].date()))
        return Check(date=count["date"], units=count["units"], low=low, high=high)

    def _check_sentence(self) -> str:
        """Say whether the first count of a million came in where the forecast had it."""
        check = self.check()
        if check is None:
            return ""
        expected = f"Our forecast for {day(check.date)}, {range_words(check.low, check.high)},"
        counted = f"the {short_count(check.units)} counted"
        if check.units > check.high:
            return f"{expected} was below {counted}."
        if check.units < check.low:
            return f"{expected} was above {counted}."
        if check.is_wide:
            return f"{expected} held {counted}, but is too wide to plan by."
        return f"{expected} held {counted}."

    # ---- demand against supply ----

    def _end_sentence(self) -> str:
        """Hold the end of the shortage in our simulations against that of later accounts."""
        if self.documented_end is None:
            return ""
        simulated = find_shortage_end(self.now.launch, self.outlook)
        if not simulated.until:
            return "Our simulations, not told when it ended, cannot tell."
        return f"Our simulations, not told when it ended, have it {simulated.until}."

    def _without_limit_sentence(self) -> str:
        """Say today's estimate, and what would sell if nearly any number could be made.

        The latter is as the panel has it. Nothing where supply is simulated in few draws, or in
        such as are not like the whole estimate.
        """
        more = self._more_supply
        if more is None or self.now.share_of_supply() < LEAST_SHARE_OF_SUPPLY:
            return ""
        would_have = in_tense("would have sold", "would sell")
        if self.is_demand_too_low:
            return f"Demand in them is too low to tell what more supply {would_have}."
        estimate = np.median(self.now.draws_sold_by(np.array([WEEK_WITHOUT_LIMIT])))
        if abs(more.as_made / max(estimate, 1) - 1) > AS_ESTIMATED:
            return ""
        sold, with_more = two_digits(estimate), two_digits(more.unlimited)
        with_range = f"{with_more} ({range_words(more.low, more.high)})"
        is_hardly_more = more.unlimited <= estimate or with_more in (sold, two_digits(more.as_made))
        if self._is_of_an_earlier_day and is_hardly_more:
            return f"Today we estimate {sold} for thirteen weeks, and hardly more with more supply."
        if self._is_of_an_earlier_day:
            return (
                f"Today we estimate {sold} for thirteen weeks, and with ten times the supply "
                f"{with_range}."
            )
        if is_hardly_more:
            return f"More supply {would_have} hardly more than the {sold} of thirteen weeks."
        return f"With ten times the supply {with_range} {would_have} in thirteen weeks, not {sold}."

    @cached_property
    def _more_supply(self) -> MoreSupply | None:
        """What sells with more supply; None where it is not simulated for so many weeks."""
        trial = try_supply(self.now)
        if trial is None or WEEK_WITHOUT_LIMIT not in trial.weeks:
            return None
        place = list(trial.weeks).index(WEEK_WITHOUT_LIMIT)
        as_made, unlimited = (trial.sold(times).iloc[place] for times in (1, TIMES_MADE[-1]))
        return MoreSupply(
            as_made=as_made["estimate"],
            unlimited=unlimited["estimate"],
            low=unlimited["low"],
            high=unlimited["high"],
        )

    @property
    def is_demand_too_low(self) -> bool:
        """Whether more supply sells hardly more in simulations that end the shortage too early.

        A product that was short for longer than these have it was wanted by more people.
        """
        more = self._more_supply
        return more is not None and self._ends_too_early and more.low <= more.as_made

    @property
    def _ends_too_early(self) -> bool:
        """Whether most simulations end the shortage before the day on which it is known to have."""
        if self.documented_end is None or self.outlook is None:
            return False
        days = self.documented_end.day - self.now.first_sale
        ends_before = self.outlook.stop_week < days / pd.Timedelta(weeks=1)
        return bool(ends_before.mean() >= MOST_SIMULATIONS)

    @property
    def _is_of_an_earlier_day(self) -> bool:
        """Whether the forecast shown is not the estimate with all known today."""
        forecast = self.forecast()
        return forecast is not None and forecast.day != self.now.day

    def _waiting_sentence(self) -> str:
        """Say how many wait and which lot would serve them, where counts of sales moved that.

        Once supply has stopped being short it is said until when it was, and nobody waits.
        """
        outlook, product = self.outlook, product_name(self.now.launch)
        if outlook is not None and (outlook.has_stopped or outlook.nobody_waits):
            return ""
        if outlook is None or not outlook.informed:
            wait = in_tense("waited", "will wait", "wait")
            return f"We cannot tell how many people {wait} for the {product}."
        low, _, high = interval(outlook.waiting)
        drop, newcomers, output = (
            two_digits(float(np.median(draws)))
            for draws in (outlook.next_drop, outlook.demand_a_week, outlook.output_a_week)
        )
        sentences = [
            f"By {day(outlook.day_of(outlook.now_week))} about {range_words(low, high)} people "
            "waited.",
            f"A lot of {drop} would serve all who want one.",
            f"In the four weeks from then about {newcomers} a week come to want one, and we expect "
            f"{output} a week to be made.",
            self._ramp_sentence(outlook),
        ]
        return " ".join(sentence for sentence in sentences if sentence)

    def _ramp_sentence(self, outlook: Outlook) -> str:
        """Say from when output exceeds those who come, where it does in most draws."""
        middle = float(np.median(outlook.exceeds_week))
        if not np.isfinite(middle):
            return ""
        return f"We expect output to exceed demand from {part_of_month(outlook.day_of(middle))} on."

    def _record_words(self) -> str:
        """Say what became of targets of other phones and parts, where the forecast weighs that."""
        hits = self.now.comparable.record.hits
        if len(hits) < 2 or "record" not in set(self.now.beliefs["kind"]):
            return ""
        low, high = hits["ratio"].min(), hits["ratio"].max()
        return (
            f"; {plural(len(hits), 'target')} of others reached {span(low, high, write=percent)}, "
            f"the middle one {percent(hits['ratio'].median())}"
        )

    # ---- what other pages read ----

    def weeks_to_a_million(self) -> tuple[str, tuple[float, float, float]]:
        """Give the unit and the weeks (estimate, low, high) until the millionth, for `publish`.

        Where a count has the million, and the forecast not clearly before it, the days of the
        counts stand: the millionth came no later. Else it is simulated.
        """
        by_count = million_by_count(self.now)
        unit, forecast = self._simulated_weeks(self.now)
        _, _, latest = forecast
        if by_count is not None and not latest < by_count["week"].min():
            weeks = by_count["week"]
            return "weeks, no later by its counts", (weeks.min(), weeks.min(), weeks.max())
        return unit, forecast

    def weeks_as_known_then(self) -> tuple[str, tuple[float, float, float]]:
        """Give the unit and the weeks (estimate, low, high) until the millionth, as known early."""
        return self._simulated_weeks(self.then)

    def _simulated_weeks(self, forecast: LaunchForecast) -> tuple[str, tuple[float, float, float]]:
        """Give the unit and the weeks until a million would be sold: never once sales have ended.

        NaN, which is not published, where the page shows no forecast and no count is known.
        """
        life = life_weeks(forecast.launch)
        unit = "weeks on sale, simulated" if np.isfinite(life) else "weeks, simulated"
        if self.forecast() is None and not len(self.now.known.counts):
            return unit, (np.nan, np.nan, np.nan)
        weeks = forecast.draws_weeks_until(MILLION)
        low, middle, high = interval(np.where(weeks <= life, weeks, np.inf))
        return unit, (middle, low, high)


def _row(name: str, weight: float, sold: np.ndarray) -> dict:
    """Return a row of the table from draws (draws, weeks) of phones sold in `WEEKS_SHOWN`."""
    row = {"belief": name, "weight": weight}
    for column, weeks in enumerate(WEEKS_SHOWN):
        ends = interval(sold[:, column])
        names = (f"low_{weeks}", f"median_{weeks}", f"high_{weeks}")
        row |= dict(zip(names, ends, strict=True))
    return row


def million_by_count(forecast: LaunchForecast) -> pd.DataFrame | None:
    """Select the counts that first had a million, of the scope that is forecast.

    Returns
    -------
    DataFrame or None
        The first count of a million or more and others of as many phones (two sources may date them
        differently), with `week` since first sale; None where none has.
    """
    no_limit = np.full((1, forecast.horizon_weeks), np.inf)
    counts = launch_counts(forecast.launch, no_limit)
    mass = counts[(counts["kind"] != "ordered") & (counts["units"] >= MILLION)]
    if not len(mass):
        return None
    first = mass.loc[mass["week"].idxmin()]
    return mass[mass["units"] == first["units"]]
