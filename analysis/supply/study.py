"""What the supply page shows: one result a section, which says and draws itself.

The models are the other modules of this room; names of things are in `words`, the lead chart is in
`timeline`. Every number of a sentence comes from the object behind its chart or table.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..data import Launch, interval, list_files, load_table
from ..look import Facts, FirstScreen, Trust, day, percent, plural, span
from .beliefs import SupplyBelief
from .choice import judge_choice
from .forecasts import DAY_KNOWN, SupplyStudy, study_supply
from .parts import draw_output, later_makers, second_source
from .reports import monthly_rates, select_measured
from .study_choice import Choice
from .study_forecasts import Forecasts, explore_supply
from .study_parts import MakerEffect, Parts
from .study_reports import Reports
from .timeline import (
    Timeline,
    draw_timeline,
    drawn_forecast,
    first_pledge,
    forecast_day,
    headline_count,
    lots_offered,
)
from .words import (
    assumption,
    blamed_part,
    brand_name,
    count_words,
    duration,
    known_lots,
    lots_of_device,
    part_units,
    product_name,
    short_count,
    target_words,
    two_digits,
)

# Days after first sale on which the early forecast is made.
EARLY_DAYS = 5

# What reports may blame that is a line and no part: its output would settle the question.
LINES = ("new_line", "assembly", "labour")


def study_launch(
    launch: Launch, *, as_of: str = "", draws: int = 1000, seed: int = 1
) -> LaunchStudy:
    """Study what held a launch's supply back, with what was known on a day.

    Parameters
    ----------
    launch : Launch
        The launch with all that is known of it.
    as_of : str
        ISO date after which nothing is used; empty for all that is known.
    draws, seed : int
        How many draws of each forecast, and from which seed.

    Returns
    -------
    LaunchStudy
        A result for each section of the page.
    """
    early_day = launch.figure("first_sale").value + pd.Timedelta(days=EARLY_DAYS)
    now = study_supply(launch, as_of, draws=draws, seed=seed)
    then = now
    if not as_of:
        then = study_supply(launch, str(early_day.date()), draws=draws, seed=seed)
    return LaunchStudy(
        launch=now.launch,
        then=then,
        now=now,
        rates=monthly_rates(now.launch.supply_reports),
        draws=draws,
        seed=seed,
    )


@dataclass(frozen=True)
class LaunchStudy:
    """All that the page says of a launch's supply."""

    launch: Launch  # as known on the day asked for
    then: SupplyStudy  # forecasts as known five days after first sale, or on the day asked for
    now: SupplyStudy  # forecasts with all that is known by the day asked for
    rates: pd.DataFrame  # reports on one scale, from `monthly_rates`
    draws: int
    seed: int

    # ---- first screen ----

    def first_screen(self) -> FirstScreen:
        """Show the question and its answer."""
        question = f"What held the {product_name(self.launch)} back, and for how long?"
        return FirstScreen(question, self.answer(), self.detail())

    def answer(self) -> str:
        """Return the answer, one sentence from counts and reports, never from a forecast."""
        part = blamed_part(self.launch)
        lots = lots_offered(self.launch)
        count = headline_count(self.launch)
        capacity = self._capacity()
        if len(lots):
            return _answer_from_lots(part, lots, self.launch.figure("first_sale").value)
        if count is not None:
            return _answer_from_count(self.launch, count)
        if len(capacity):
            return _answer_from_capacity(self.launch, capacity)
        if part:
            return f"Reports blame {part}; nobody published how many were made or sold."
        return "We cannot tell: nobody published how many were made or sold, or what was short."

    def detail(self) -> str:
        """Return what was pledged and what our forecast was, with its assumption."""
        sentences = [self._pledge_sentence(), self._forecast_sentence()]
        return " ".join(sentence for sentence in sentences if sentence)

    def _capacity(self) -> pd.DataFrame:
        """Select the capacities reported for the model, by the day only where all are.

        A rate of one day times thirty is no capacity of a month.
        """
        measured = select_measured(self.rates)
        capacity = measured[measured["kind"] == "capacity"]
        is_of_a_day = capacity["per"] == "day"
        return capacity if is_of_a_day.all() else capacity[~is_of_a_day]

    def _pledge_sentence(self) -> str:
        """Say what was pledged first, where something was."""
        pledge = first_pledge(self.rates, self.launch.figure("first_sale").value)
        if pledge is None:
            return ""
        return f"Its first pledge, of {day(pledge['reported'])}, was {target_words(pledge)}."

    def _forecast_sentence(self) -> str:
        """Say what the drawn forecast had for four weeks; nothing where counts tell it already."""
        four_weeks = self._four_weeks()
        if not four_weeks:
            return ""
        sold, study, belief = four_weeks
        return (
            f"Our {forecast_day(study)} has {sold} phones sold in four weeks (80 %), "
            f"{assumption(belief)}."
        )

    def _four_weeks(self) -> tuple[str, SupplyStudy, SupplyBelief] | None:
        """Give the drawn forecast for four weeks as a range, where no count fixes it."""
        study, belief = drawn_forecast(self.then, self.now)
        if study is None or len(lots_offered(self.launch)):
            return None
        fit = study.fits[belief.label]
        if fit.last_count_week:
            return None
        low, _, high = interval(fit.sold_by(4))
        return span(low, high, write=two_digits), study, belief

    @property
    def timeline(self) -> Timeline:
        """The lead chart."""
        return draw_timeline(self.launch, self.then, self.now, self.rates)

    def facts(self) -> Facts:
        """Show three numbers: the first three there are of a fixed order."""
        candidates = [
            self._pledge_fact(),
            self._yield_fact(),
            self._second_maker_fact(),
            self._forecast_fact(),
            self._capacity_fact(),
            *self._lot_facts(),
            self._last_count_fact(),
            self._registration_fact(),
            *self._missing_facts(),
        ]
        return Facts(*[fact for fact in candidates if fact][:3])

    def _pledge_fact(self) -> tuple[str, str] | None:
        """Give the first pledge."""
        pledge = first_pledge(self.rates, self.launch.figure("first_sale").value)
        if pledge is None:
            return None
        due = target_words(pledge).removeprefix(short_count(pledge["units"])).strip()
        reported = f"reported on {day(pledge['reported'])}"
        is_rate = pledge["per"] != "total"
        meaning = f"{due} pledged, {reported}" if is_rate else f"pledged {due}, {reported}"
        return short_count(pledge["units"]), meaning

    def _capacity_fact(self) -> tuple[str, str] | None:
        """Give the capacity reported."""
        capacity = self._capacity()
        if not len(capacity):
            return None
        low, high = capacity["units_per_month"].min(), capacity["units_per_month"].max()
        amount = short_count(low) if low == high else span(low, high, write=short_count)
        return amount, f"a month could be made, by {plural(len(capacity), 'report')}"

    def _yield_fact(self) -> tuple[str, str] | None:
        """Give the share of the part that passed, where it was published."""
        share = self.launch.figure("supply.yield_share")
        if not share.known:
            return None
        units = part_units(self.launch.figure("supply.bottleneck").value)
        return percent(share.number), f"of {units} passed, as reported"

    def _second_maker_fact(self) -> tuple[str, str] | None:
        """Give the days from naming a second maker to its first volume."""
        maker = self.launch.words.get("supply.second_source.manufacturer")
        announced = self.launch.figure("supply.second_source.announced")
        volume = self.launch.figure("supply.second_source.volume_from")
        if not (maker and announced.known and volume.known):
            return None
        days = (volume.value - announced.value).days
        assumed = "we assume" if volume.basis == "assumed" else "were reported"
        bounds = ""
        if volume.low is not None and volume.high is not None:
            low, high = ((end - announced.value).days for end in (volume.low, volume.high))
            bounds = f" ({span(max(low, 0), high)})"
        return plural(days, "day"), f"{assumed} from naming {maker} to its first volume{bounds}"

    def _forecast_fact(self) -> tuple[str, str] | None:
        """Give the drawn forecast for four weeks."""
        four_weeks = self._four_weeks()
        if not four_weeks:
            return None
        sold, study, belief = four_weeks
        return sold, f"in four weeks: {forecast_day(study)} (80 %), {assumption(belief)}"

    def _lot_facts(self) -> list[tuple[str, str]]:
        """Give how large lots were, and how fast the fastest was gone."""
        facts = []
        sizes = known_lots(self.launch)["units"]
        if len(sizes) > 1:
            facts.append((span(sizes.min(), sizes.max()), f"phones a lot, in {len(sizes)} lots"))
        elif len(sizes):
            facts.append((short_count(sizes.iloc[0]), "phones in the one lot of known size"))
        gone = lots_of_device(self.launch)["sellout_s"].dropna()
        if len(gone):
            facts.append((duration(gone.min()), "until its fastest lot was gone"))
        return facts

    def _last_count_fact(self) -> tuple[str, str] | None:
        """Give the last count of sales."""
        counts = self.launch.sales[self.launch.sales["kind"] != "ordered"]
        if not len(counts):
            return None
        last = counts.loc[counts["date"].idxmax()]
        words = count_words(last).removeprefix(short_count(last["units"])).strip()
        return short_count(last["units"]), f"{words} by {day(last['date'])}, the last count"

    def _registration_fact(self) -> tuple[str, str] | None:
        """Give the most people who registered for a sale."""
        registrations = self.launch.drops["registrations"].dropna()
        if not len(registrations):
            return None
        return short_count(registrations.max()), "registered for a sale; free, so not orders"

    def _missing_facts(self) -> list[tuple[str, str]]:
        """Name what nobody published, for a launch of which little is known."""
        missing = [("no date", "says when the shortage ended")]
        if not len(self._capacity()):
            missing.insert(0, ("no report", "says how many could be made"))
        if self._last_count_fact() is None:
            missing.insert(0, ("no count", "of phones made, shipped or sold is known"))
        return missing

    def trust(self) -> Trust:
        """Say how sure the answer is about the cause, and what would settle it."""
        part = blamed_part(self.launch)
        if part:
            return Trust(
                "low", f"One source names the cause. {self._counts_sentence()}", self._settling()
            )
        return Trust(
            "none", f"No source names a cause. {self._counts_sentence()}", self._settling()
        )

    def _counts_sentence(self) -> str:
        """Say how much was counted."""
        counts = len(self.launch.sales[self.launch.sales["kind"] != "ordered"])
        if not counts:
            return "Nobody published how many were made or sold."
        if counts == 1:
            return "One count of sales is known, not audited."
        return f"{counts} counts of sales are known, not audited."

    def _settling(self) -> str:
        """Say which count would settle whether phones were held back."""
        bottleneck = self.launch.figure("supply.bottleneck").value
        measure = f"Deliveries of {part_units(bottleneck)}" if bottleneck else ""
        if not blamed_part(self.launch):
            measure = "How many phones could have come"
        elif bottleneck in LINES:
            measure = "The daily output of the line"
        error = percent(self.choice.settling_error())
        return f"{measure}, counted to within {error}, would settle whether phones were held back."

    # ---- sections ----

    @property
    def reports(self) -> Reports:
        """What was promised, and what was made."""
        return Reports(launch=self.launch, rates=self.rates, until=self.now.until)

    @property
    def forecasts(self) -> Forecasts:
        """What each belief about supply would have sold."""
        return Forecasts(then=self.then, now=self.now)

    @property
    def parts(self) -> Parts:
        """Which part is the limit in the model."""
        sources = self.launch.supply_sources
        shares = pd.DataFrame(columns=["component", "week", "binds", "one_more_adds"])
        if len(sources):
            first_sale = self.launch.figure("first_sale").value
            shares = draw_output(sources, first_sale, draws=self.draws, seed=self.seed).table()
        return Parts(launch=self.launch, shares=shares, draws=self.draws)

    def makers(self) -> list[str]:
        """List the makers that joined a part that another made already, as they became known."""
        return later_makers(self.launch.supply_sources)

    def maker_effect(self, maker: str, weeks_earlier: int = 0) -> MakerEffect:
        """Return what a maker adds, as it came or if it had started some weeks earlier."""
        sources = start_earlier(self.launch.supply_sources, maker, weeks_earlier)
        first_sale = self.launch.figure("first_sale").value
        added = second_source(sources, maker, first_sale, draws=self.draws, seed=self.seed)
        return MakerEffect(maker=maker, weeks_earlier=weeks_earlier, added=added)

    @property
    def choice(self) -> Choice:
        """Whether phones were held back."""
        return Choice(chances=judge_choice(self.rates))

    def data_files(self) -> pd.DataFrame:
        """List the market tables used, with their rows known by the day and how many are weak."""
        known = {}
        for name, day_known in DAY_KNOWN.items():
            table = load_table(name)
            known[name] = table[table[day_known] <= self.now.until]
        return list_files(known)

    def what_if(self) -> None:
        """Show a panel: phones sold if others were made, or buyers less patient."""
        explore_supply(self.now)


def start_earlier(sources: pd.DataFrame, maker: str, weeks: int) -> pd.DataFrame:
    """Move the start of one maker some weeks ahead."""
    is_maker = sources["maker"] == maker
    shift = pd.to_timedelta(7 * weeks * is_maker, unit="D")
    starts = {name: sources[name] - shift for name in ("starts_low", "starts_high")}
    return sources.assign(**starts)


def _answer_from_lots(part: str, lots: pd.Series, first_sale: pd.Timestamp) -> str:
    """Answer for a launch whose lots are all known by size."""
    total = short_count(lots.iloc[-1])
    weeks = plural(max(round((lots.index[-1] - first_sale).days / 7), 1), "week")
    if part:
        return f"Reports blame {part}; at most {total} were on open sale in the first {weeks}."
    return f"At most {total} were offered in {weeks}; why so few, no source says."


def _answer_from_count(launch: Launch, count: pd.Series) -> str:
    """Answer for a launch with a count of sales; what was shipped, its maker says."""
    days = (count["date"] - launch.figure("first_sale").value).days
    when = f"by {day(count['date'])}, day {days}"
    counted = f"a count has {count_words(count)} {when}"
    if count["kind"] == "shipped" and count["scope"] == "model":
        counted = f"{brand_name(launch)} says it shipped {short_count(count['units'])} {when}"
    if blamed_part(launch):
        return f"Reports blame {blamed_part(launch)}; {counted}."
    return f"No report names a cause; {counted}."


def _answer_from_capacity(launch: Launch, capacity: pd.DataFrame) -> str:
    """Answer for a launch of which nothing is counted and a capacity is reported."""
    low, high = capacity["units_per_month"].min(), capacity["units_per_month"].max()
    rate = short_count(low) if low == high else span(low, high, write=short_count)
    part = blamed_part(launch)
    share = launch.figure("supply.yield_share")
    if share.known:
        units = part_units(launch.figure("supply.bottleneck").value)
        passed = f"{100 * share.number:.0f} in 100 {units} passed"
        reports = "One report says" if len(capacity) == 1 else "Reports say"
        return f"{reports} {rate} a month could be made; {passed}. Nobody published output."
    if part:
        return f"Reports blame {part} and put capacity at {rate} a month. Nobody published output."
    return f"Reports put capacity at {rate} a month. Nobody published output or names a cause."
