"""What the supply page shows: one result a section, which says and draws itself.

The models are the other modules of this room; names of things are in `words`, the lead chart is in
`timeline`. Every number of a sentence comes from the object behind its chart or table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from ..data import Launch, as_day, as_known_on, list_files, load_table
from ..demand import (
    LaunchForecast,
    draw_output,
    forecast_launch,
    later_makers,
    monthly_rates,
    second_source,
    select_measured,
)
from ..demand.forecast import DAY_KNOWN
from ..demand.known import lots_sold
from ..demand.reports import MADE
from ..look import Facts, FirstScreen, Trust, day, in_tense, page_words, percent, plural, span
from ..sellout.words import begin_sentence, product_name
from .choice import judge_choice
from .outlook import Outlook, look_ahead
from .shortage_end import ShortageEnd, find_shortage_end
from .study_answers import (
    decide_imports,
    decide_part,
    decide_unsold,
    decide_without_cause,
    say_evidence,
)
from .study_choice import Choice
from .study_forecasts import Forecasts
from .study_foreseen import Foreseen, hold_forecast
from .study_parts import MakerEffect, Parts
from .study_reports import Reports
from .study_shortage import (
    Shortage,
    describe_cause,
    describe_holding_back,
    explain_shortage,
)
from .study_trial import explore_supply
from .timeline import Timeline, choose_timeline
from .timeline_content import (
    first_fall,
    headline_count,
    leading_pledge,
    lots_offered,
)
from .words import (
    PLANT_LIMITS,
    are_own_records,
    blamed_part,
    by_whom,
    count_words,
    counted_sales,
    counted_words,
    due_words,
    duration,
    is_imported,
    known_lots,
    lots_not_sold_out,
    part_units,
    short_count,
    two_digits,
)

# Days after first sale on which the early forecast is made.
EARLY_DAYS = 5

# Of the draws of a forecast, how many must agree with its lots for a look ahead; where fewer do, so
# many times more are drawn.
FEWEST_LEFT = 0.4
TIMES_MORE = 4


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
    forecast_from = without_shortage_at_cut_prices(launch)
    now = forecast_launch(forecast_from, as_of=as_of, draws=draws, seed=seed)
    then = now
    if not (as_of or launch.is_ahead):  # of a launch to come the same is known on both days
        early = str(early_day.date())
        then = forecast_launch(forecast_from, as_of=early, draws=draws, seed=seed)
    return LaunchStudy(
        launch=as_known_on(launch, as_of),
        then=then,
        now=now,
        rates=monthly_rates(now.launch.supply_reports),
        as_of=as_of,
        draws=draws,
        seed=seed,
    )


def without_shortage_at_cut_prices(launch: Launch) -> Launch:
    """Leave open whether supply was short where a lot sold out from the first price cut on.

    Such a lot may be gone because it is cheap, as what is left at the end of a life is: it shows no
    shortage at the price before. What it sold stays sold, and a lot that did not sell out even so
    stays one that did not.
    """
    drops = launch.drops
    is_gone_at_cut_price = (drops["sold_out"] == "yes") & (
        drops["date"] >= launch.price_cuts["date"].min()
    )
    drops = drops.assign(
        sold_out=drops["sold_out"].mask(is_gone_at_cut_price, "unknown"),
        units_sold=drops["units_sold"].mask(is_gone_at_cut_price, lots_sold(drops)),
    )
    return replace(launch, drops=drops)


@dataclass(frozen=True)
class LaunchStudy:
    """All that the page says of a launch's supply."""

    launch: Launch  # as known on the day asked for
    then: LaunchForecast  # as known five days after first sale, or on the day asked for
    now: LaunchForecast  # with all that is known by the day asked for
    rates: pd.DataFrame  # reports on one scale, from `monthly_rates`
    as_of: str
    draws: int
    seed: int

    @cached_property
    def foreseen(self) -> Foreseen | None:
        """What was forecast eight weeks in, against what came; None where it is not asked."""
        return hold_forecast(self.launch, draws=self.draws, seed=self.seed)

    # ---- first screen ----

    def first_screen(self) -> FirstScreen:
        """Show the question and its answer."""
        product = product_name(self.launch)
        holds = in_tense("held", "will hold", "holds")
        question = f"What {holds} the {product} back, and for how long?"
        if page_words().is_ahead:
            return FirstScreen(question, self._answer_to_come(), self._detail_to_come())
        return FirstScreen(question, self.answer(), self.detail())

    def answer(self) -> str:
        """Return what held it back and until when, in two sentences at most."""
        unsold = lots_not_sold_out(self.launch)
        if unsold:
            return f"Nothing that we know of: {_none_sold_out(unsold)}."
        cause = describe_cause(self.shortage)
        if not self.shortage.is_cause_likely and self.forecasts.outlook is None:
            held = in_tense("held", "will hold", "holds")
            return f"We cannot tell what {held} it back, nor until when."
        end = self.shortage_end
        if end.is_doubtful and self.shortage.is_cause_likely:
            return f"{end.clause}; if so, {cause[:1].lower()}{cause[1:]}"
        return f"{cause} {end.sentence}"

    @cached_property
    def shortage_end(self) -> ShortageEnd:
        """Until when it was, or will be, short."""
        forecasts = self.forecasts
        return find_shortage_end(self.now.launch, forecasts.outlook, forecasts.documented_end)

    def _answer_to_come(self) -> str:
        """Return which part may run short and until when, of what is still to be sold."""
        part = blamed_part(self.launch)
        limit = f"By its file, the limit will be {part}"
        cause = limit if part else "No part is named that will run short"
        return f"{cause}. {self.shortage_end.sentence}"

    def _detail_to_come(self) -> str:
        """Return what the answer rests on while nothing is sold, and what to go by."""
        return (
            f"Nothing of the {product_name(self.launch)} has been sold yet, so how many want one "
            f"is a guess from comparable launches. {self._advice_sentence()}"
        )

    def detail(self) -> str:
        """Return what is reported and counted, if it was held back, and what to go by."""
        if lots_not_sold_out(self.launch):
            product = product_name(self.launch)
            advice = in_tense(
                "Next time, make no more than is ordered.",
                f"Make no more of the {product} than is ordered.",
            )
            return f"{self._counts_sentence()} {advice}"
        evidence = say_evidence(
            self.launch,
            self.shortage,
            lots_offered(self.launch),
            headline_count(self.launch),
            self._capacity(),
        )
        return f"{evidence} {describe_holding_back(self.shortage)} {self._advice_sentence()}"

    def _capacity(self) -> pd.DataFrame:
        """Select the capacities reported for the model, by the day only where all are.

        A rate of one day times thirty is no capacity of a month.
        """
        measured = select_measured(self.rates)
        capacity = measured[measured["kind"] == "capacity"]
        is_of_a_day = capacity["per"] == "day"
        return capacity if is_of_a_day.all() else capacity[~is_of_a_day]

    def _advice_sentence(self) -> str:
        """Say in a sentence what whoever plans the next lot, or such a product, should go by."""
        product = product_name(self.launch)
        bottleneck = self.launch.figure("supply.bottleneck").value
        such = "Next time,"
        if is_imported(self.launch):
            return in_tense(
                f"{such} make lots larger and publish their size.",
                f"Make the next lot of the {product} larger, and publish its size.",
            )
        next_lot = in_tense(such, f"To plan the next lot of the {product},")
        if not blamed_part(self.launch):
            first_month = f"To plan the first month of the {product},"
            next_month = f"To plan the next month of the {product},"
            return f"{in_tense(such, first_month, next_month)} go by paid orders."
        if bottleneck in PLANT_LIMITS:
            return f"{next_lot} go by what leaves the line."
        units = part_units(bottleneck)
        limit = self.parts.limit_against_reports()
        if not limit:
            return f"{next_lot} go by deliveries of {units}."
        return (
            f"Watch deliveries of {units} and {limit}: "
            f"{by_whom(self.launch, 'reports blame', 'its file blames')} the one, our guesses the "
            "other."
        )

    def _end_to_draw(self) -> ShortageEnd | None:
        """Give the end of the shortage where the first screen says it."""
        return None if lots_not_sold_out(self.launch) else self.shortage_end

    @property
    def timeline(self) -> Timeline:
        """The lead chart."""
        return choose_timeline(self.launch, self.then, self.now, self.rates, self._end_to_draw())

    def facts(self) -> Facts:
        """Show three numbers: the first three there are of a fixed order."""
        candidates = [
            self._pledge_fact(),
            self._yield_fact(),
            self._ramp_fact(),
            self._second_maker_fact(),
            self._capacity_fact(),
            *self._lot_facts(),
            self._last_count_fact(),
            self._registration_fact(),
            *self._missing_facts(),
        ]
        return Facts(*[fact for fact in candidates if fact][:3])

    def _pledge_fact(self) -> tuple[str, str] | None:
        """Give the pledge that stood at first sale."""
        pledge = leading_pledge(self.rates, self.launch.figure("first_sale").value)
        if pledge is None:
            return None
        due = due_words(pledge)
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
        since = capacity["period_start"].min()
        return amount, (
            f"a month could be made from {day(since)} on, by {plural(len(capacity), 'report')}"
        )

    def _yield_fact(self) -> tuple[str, str] | None:
        """Give the share of the part that passed; of a part that nobody blames it says nothing."""
        share = self.launch.figure("supply.yield_share")
        if not (share.known and blamed_part(self.launch)):
            return None
        units = part_units(self.launch.figure("supply.bottleneck").value)
        if share.basis == "sourced":
            return percent(share.number), f"of {units} passed, as reported"
        bounds = ""
        if share.low is not None and share.high is not None:
            bounds = f" ({span(share.low, share.high, write=percent)})"
        return percent(share.number), f"of {units} passed, we assume{bounds}"

    def _ramp_fact(self) -> tuple[str, str] | None:
        """Give the weeks until supply was full."""
        weeks = self.launch.figure("supply.ramp_weeks")
        if not weeks.known:
            return None
        number_of_weeks = plural(round(weeks.number), "week")
        full = self.launch.figure("supply.full_units_per_month")
        supply = "full supply"
        if full.known:
            supply = f"full supply of {two_digits(full.number)} a month"
        if weeks.basis == "assumed" and weeks.low is not None and weeks.high is not None:
            return number_of_weeks, f"until {supply}: we assume {span(weeks.low, weeks.high)}"
        return number_of_weeks, f"until {supply}, as reported"

    def _second_maker_fact(self) -> tuple[str, str] | None:
        """Give the days from naming a second maker to its first volume."""
        maker = self.launch.words.get("supply.second_source.manufacturer")
        announced = self.launch.figure("supply.second_source.announced")
        volume = self.launch.figure("supply.second_source.volume_from")
        if not (maker and announced.known and volume.known):
            return None
        effect = self._effect_of_second_maker()
        if effect is not None and effect.adds_little:
            return None
        days = (volume.value - announced.value).days
        assumed = "we assume" if volume.basis == "assumed" else "were reported"
        bounds = ""
        if volume.low is not None and volume.high is not None:
            low, high = ((end - announced.value).days for end in (volume.low, volume.high))
            bounds = f" ({span(max(low, 0), high)})"
        return plural(days, "day"), f"{assumed} from naming {maker} to its first volume{bounds}"

    def _lot_facts(self) -> list[tuple[str, str]]:
        """Give how large lots were, and how fast the fastest was gone."""
        facts = []
        product = product_name(self.launch)
        sizes = known_lots(self.launch)["units"]
        if len(sizes) > 1:
            facts.append((span(sizes.min(), sizes.max()), f"phones a lot, in {len(sizes)} lots"))
        elif len(sizes):
            facts.append((short_count(sizes.iloc[0]), "phones in the one lot of known size"))
        gone = self.launch.own_lots.dropna(subset=["sellout_s"])
        if len(gone):
            fastest = gone.loc[gone["sellout_s"].idxmin()]
            is_in_advance = fastest["date"] < self.launch.figure("first_sale").value
            until = f"until the fastest lot of the {product} was gone"
            if is_in_advance:
                until = f"until the fastest pre-orders for the {product} were gone"
            facts.append((duration(fastest["sellout_s"]), until))
        return facts

    def _last_count_fact(self) -> tuple[str, str] | None:
        """Give the last count of sales."""
        counts = counted_sales(self.launch)
        if not len(counts):
            return None
        last = counts.loc[counts["date"].idxmax()]
        meaning = f"{counted_words(last)} by {day(last['date'])}, the last count"
        return short_count(last["units"]), meaning

    def _registration_fact(self) -> tuple[str, str] | None:
        """Give the most people who registered for a sale."""
        registrations = self.launch.own_drops["registrations"].dropna()
        if not len(registrations):
            return None
        return short_count(registrations.max()), "registered for a sale; free, so not orders"

    def _missing_facts(self) -> list[tuple[str, str]]:
        """Name what nobody published, for a launch of which little is known."""
        if page_words().is_ahead:
            return self._facts_to_come()
        missing = [self._end_fact()]
        if not len(self._capacity()):
            missing.insert(0, ("no report", "says how many could be made"))
        if self._last_count_fact() is None:
            missing.insert(0, ("no count", "of phones made, shipped or sold is known"))
        return missing

    def _facts_to_come(self) -> list[tuple[str, str]]:
        """Say what has not been counted yet of a launch to come, and which part its file names."""
        no_order = ("no order", "or registration has been counted yet")
        if self._registration_fact() is not None:
            no_order = ("no order", "has been counted yet")
        limit = ("no part", "is named that will run short")
        part = blamed_part(self.launch)
        if part:
            limit = (part, "will be the limit, by its file")
        return [no_order, ("no phone", "has been sold yet"), limit]

    def _end_fact(self) -> tuple[str, str]:
        """Give until when it was short by later accounts, or that no date says so."""
        end = self.shortage.documented_end
        if end is not None:
            we_assume = ", we assume" if end.is_assumed else ""
            return end.words(), f"until then it was short{we_assume}"
        ended = in_tense("ended", "will end")
        return "no date", f"says when the shortage {ended}"

    def trust(self) -> Trust:
        """Say how sure the answer is about the cause, and what would settle it."""
        part, product = blamed_part(self.launch), product_name(self.launch)
        if page_words().is_ahead:
            because = (
                f"Nothing of the {product} has been sold yet, and its supply is what its file "
                "expects."
            )
            settle = f"Paid orders or registrations for the {product}, before its first sale."
            return Trust("low", because, settle)
        unsold = lots_not_sold_out(self.launch)
        if unsold:
            because = f"{begin_sentence(_none_sold_out(unsold))}. {self._counts_sentence()}"
            return Trust("fair", because, f"A day on which no {product} could be had.")
        level, cause = "none", f"No source says what the {product} was short of."
        if part:
            level = "low"
            who = by_whom(self.launch, "A report", "Its file")
            cause = f"{who}, no count, blames {part}."
        elif is_imported(self.launch):
            cause = f"No count says what limited imports of the {product}."
        elif self.shortage.has_later_account:
            level = "low"
            cause = f"Later accounts, no count, say why the {product} was short."
        return Trust(level, f"{cause} {self._counts_sentence()}", self._settling())

    def _counts_sentence(self) -> str:
        """Say how much was counted, and whether counts contradict one another."""
        product = product_name(self.launch)
        counts = counted_sales(self.launch)
        fall = first_fall(counts)
        if not len(counts):
            if len(known_lots(self.launch)):
                return f"Only the sizes of its lots tell how many of the {product} were sold."
            if self.launch.is_own:
                return f"No count of sales of the {product} is on file."
            return f"Nobody published how many of the {product} were made or sold."
        if fall is None and are_own_records(counts):
            verb = "is" if len(counts) == 1 else "are"
            return f"{plural(len(counts), 'count')} of its sales {verb} on file, from own records."
        if len(counts) == 1:
            return f"One count of sales of the {product} is known, not audited."
        if fall is not None:
            before, after = fall
            return (
                f"Counts disagree: {count_words(before)} by {day(before['date'])}, but "
                f"{short_count(after['units'])} by {day(after['date'])}."
            )
        return f"{len(counts)} counts of the {product} or its series are known, none audited."

    def _settling(self) -> str:
        """Say which count could show that phones were held back; that none were is hard to show."""
        product = product_name(self.launch)
        bottleneck = self.launch.figure("supply.bottleneck").value
        measure = f"Deliveries of {part_units(bottleneck)} for the {product}" if bottleneck else ""
        if is_imported(self.launch):
            measure = f"The number of the {product} that could have been imported"
        elif not blamed_part(self.launch):
            measure = f"The number of the {product} that could have been made"
        elif bottleneck in PLANT_LIMITS:
            measure = f"The daily output of the line that made the {product}"
        error = percent(self.choice.settling_error())
        return f"{measure}, known to within {error}, could show that phones were held back."

    def decision(self) -> str:
        """Say what we would do about this product, and what would make us do otherwise."""
        part = blamed_part(self.launch)
        if lots_not_sold_out(self.launch):
            return decide_unsold(self.launch)
        if is_imported(self.launch):
            return decide_imports(self.launch)
        if part:
            pledge = leading_pledge(self.rates, self.launch.figure("first_sale").value)
            other_limit = self.parts.limit_against_reports()
            second_maker = self.shortage.second_maker
            effect = self._effect_of_second_maker()
            no_maker = effect.advice() if effect is not None else ""
            return decide_part(
                self.launch, pledge, self._capacity(), other_limit, second_maker, no_maker
            )
        return decide_without_cause(self.launch, has_later_account=self.shortage.has_later_account)

    # ---- sections ----

    @property
    def reports(self) -> Reports:
        """What reports say of its supply: what was promised, and what was made."""
        return Reports(launch=self.launch, rates=self.rates, until=as_day(self.now.day))

    @cached_property
    def forecasts(self) -> Forecasts:
        """The one forecast, and what each belief about supply would have sold."""
        return Forecasts(
            then=self.then,
            now=self.now,
            outlook=self._outlook(),
            documented_end=self.shortage.documented_end,
        )

    def _outlook(self) -> Outlook | None:
        """When supply stops binding; from more draws where lots leave few of these."""
        outlook = look_ahead(self.now)
        if outlook is None or len(outlook.stop_week) >= FEWEST_LEFT * self.draws:
            return outlook
        draws = TIMES_MORE * self.draws
        return look_ahead(
            forecast_launch(self.now.launch, as_of=self.as_of, draws=draws, seed=self.seed)
        )

    @cached_property
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
        """Return what a maker adds, as it came or if it had started some weeks earlier.

        Parameters
        ----------
        maker : str
            Its name, as `supply.sources[].maker` of the launch file has it.
        weeks_earlier : int
            Weeks by which its start is moved ahead; 0 as it came.

        Returns
        -------
        MakerEffect
            Units added by week, from the same draws with and without it.
        """
        sources = start_earlier(self.launch.supply_sources, maker, weeks_earlier)
        first_sale = self.launch.figure("first_sale").value
        added = second_source(sources, maker, first_sale, draws=self.draws, seed=self.seed)
        supply = draw_output(sources, first_sale, draws=self.draws, seed=self.seed).supply
        return MakerEffect(
            maker=maker,
            weeks_earlier=weeks_earlier,
            added=added,
            all_units=float(np.median(supply.sum(axis=1))),
            product=product_name(self.launch),
        )

    def _effect_of_second_maker(self) -> MakerEffect | None:
        """Return what the second maker on file adds, where simulations have it."""
        maker = self.launch.words.get("supply.second_source.manufacturer")
        return self.maker_effect(maker) if maker in self.makers() else None

    @cached_property
    def shortage(self) -> Shortage:
        """Why the product was short, by documented shortages and its own signs."""
        return explain_shortage(self.launch, as_of=str(as_day(self.now.day).date()), seed=self.seed)

    @property
    def choice(self) -> Choice:
        """Whether phones were held back."""
        measured = select_measured(self.rates)
        return Choice(
            chances=judge_choice(self.rates),
            product=product_name(self.launch),
            has_output=bool(measured["kind"].isin(MADE).any()),
            has_capacity=bool(measured["kind"].eq("capacity").any()),
        )

    def data_files(self) -> pd.DataFrame:
        """List the market tables used, with their rows known by the day and how many are weak."""
        known = {}
        for name, day_known in DAY_KNOWN.items():
            table = load_table(name)
            known[name] = table[table[day_known] <= as_day(self.now.day)]
        return list_files(known)

    def what_if(self) -> None:
        """Show a panel: phones sold if others were made, or buyers less patient."""
        explore_supply(
            self.now, self.forecasts.forecast(), is_demand_too_low=self.forecasts.is_demand_too_low
        )


def start_earlier(sources: pd.DataFrame, maker: str, weeks: int) -> pd.DataFrame:
    """Move the start of one maker some weeks ahead."""
    is_maker = sources["maker"] == maker
    shift = pd.to_timedelta(7 * weeks * is_maker, unit="D")
    starts = {name: sources[name] - shift for name in ("starts_low", "starts_high")}
    return sources.assign(**starts)


def _none_sold_out(lots: int) -> str:
    """Say that no lot sold out."""
    return "its one lot did not sell out" if lots == 1 else f"none of its {lots} lots sold out"
