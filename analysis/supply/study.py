"""What the supply page shows: one result a section, which says and draws itself.

The models are the other modules of this room; names of things are in `words`, the lead chart is in
`timeline`. Every number of a sentence comes from the object behind its chart or table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..data import Launch, interval, load_table
from ..demand import launch_counts, simulate_launch, sold_at
from ..look import (
    COLOUR,
    Chart,
    Facts,
    FirstScreen,
    Table,
    Text,
    Trust,
    day,
    day_axis,
    is_narrow,
    label_end,
    number_axis,
    percent,
    percent_axis,
    plot_band,
    plural,
    span,
    what_if,
)
from .beliefs import SupplyBelief
from .choice import judge_choice
from .forecasts import SupplyStudy, study_supply
from .parts import draw_output, later_makers, second_source
from .reports import DAYS_PER, Ramp, fit_ramp, monthly_rates, select_measured
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
    belief_name,
    blamed_part,
    count_words,
    duration,
    part_name,
    product_name,
    short_count,
    target_words,
)

# Days after first sale on which the early forecast is made.
EARLY_DAYS = 5
MILLION = 1e6

# Below this width against the prior's, in logs, the data are said to have narrowed a guess.
INFORMED_SPREAD = 0.95


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


class Result:
    """A result of the page: `sentence` in words, `words` as a paragraph, none where it is empty."""

    def sentence(self) -> str:
        """Say what was found."""
        raise NotImplementedError

    def words(self) -> Text | None:
        """Show the sentence as a paragraph; None, which shows nothing, where there is none."""
        sentence = self.sentence()
        return Text(sentence) if sentence else None


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
        """Answer in one sentence from counts and reports, never from a forecast."""
        part = blamed_part(self.launch)
        lots = lots_offered(self.launch)
        count = headline_count(self.launch)
        capacity = self._capacity()
        if len(lots):
            return _answer_from_lots(part, lots, self.launch.figure("first_sale").value)
        if count is not None:
            return _answer_from_count(part, count, self.launch.figure("first_sale").value)
        if len(capacity):
            return _answer_from_capacity(part, capacity, self.launch)
        if part:
            return f"Reports blame {part}; nobody published how many were made or sold."
        return "We cannot tell: nobody published how many were made or sold, or what was short."

    def detail(self) -> str:
        """Add what was pledged and what our forecast was, with its assumption."""
        sentences = [self._pledge_sentence(), self._forecast_sentence()]
        return " ".join(sentence for sentence in sentences if sentence)

    def _capacity(self) -> pd.DataFrame:
        """Select the capacities reported for the model."""
        measured = select_measured(self.rates)
        return measured[measured["kind"] == "capacity"]

    def _pledge_sentence(self) -> str:
        """Say what was pledged first, where something was."""
        pledge = first_pledge(self.rates, self.launch.figure("first_sale").value)
        if pledge is None:
            return ""
        return (
            f"On {day(pledge['reported'])} the first pledge was reported: {target_words(pledge)}."
        )

    def _forecast_sentence(self) -> str:
        """Say what the drawn forecast had for four weeks; nothing where counts tell it already."""
        four_weeks = self._four_weeks()
        if not four_weeks:
            return ""
        sold, study, belief = four_weeks
        return (
            f"Our {forecast_day(study)} for the first four weeks is {sold} phones (80 %), "
            f"{assumption(belief)}."
        )

    def _four_weeks(self) -> tuple[str, SupplyStudy, SupplyBelief] | None:
        """Give the drawn forecast for four weeks as a range, where no count fixes it."""
        study, belief = drawn_forecast(self.then, self.now)
        if study is None or len(lots_offered(self.launch)):
            return None
        fit = study.fits[belief.label]
        if fit.last[0]:
            return None
        low, _, high = interval(fit.sold_by(4))
        return span(low, high, write=_two_digits), study, belief

    @property
    def timeline(self) -> Timeline:
        """The lead chart."""
        return draw_timeline(self.launch, self.then, self.now, self.rates)

    def facts(self) -> Facts:
        """Show three numbers: the first three there are of a fixed order."""
        candidates = [
            self._pledge_fact(),
            self._capacity_fact(),
            self._yield_fact(),
            self._second_maker_fact(),
            self._forecast_fact(),
            *self._lot_facts(),
            self._last_count_fact(),
            self._registration_fact(),
            ("no count", "of phones made, shipped or sold is known"),
            ("no report", "says how many could be made"),
            ("no date", "says when the shortage ended"),
        ]
        return Facts(*[fact for fact in candidates if fact][:3])

    def _pledge_fact(self) -> tuple[str, str] | None:
        """Give the first pledge."""
        pledge = first_pledge(self.rates, self.launch.figure("first_sale").value)
        if pledge is None:
            return None
        due = target_words(pledge).removeprefix(short_count(pledge["units"])).strip()
        return short_count(pledge["units"]), f"pledged {due}, reported on {day(pledge['reported'])}"

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
        part = part_name(self.launch.figure("supply.bottleneck").value)
        return percent(share.number), f"of units of {part} passed, as reported"

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
        drops = self.launch.drops[self.launch.drops["device"] == self.launch.device]
        facts = []
        sizes = drops["units"].dropna()
        if len(sizes) > 1:
            facts.append((span(sizes.min(), sizes.max()), f"phones a lot, in {len(sizes)} lots"))
        elif len(sizes):
            facts.append((short_count(sizes.iloc[0]), "phones in the one lot of known size"))
        gone = drops["sellout_s"].dropna()
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

    def trust(self) -> Trust:
        """Say how sure the answer is about the cause, and what would settle it."""
        part = blamed_part(self.launch)
        counts = len(self.launch.sales[self.launch.sales["kind"] != "ordered"])
        error = percent(self.choice.settling_error())
        would_settle = f"Deliveries of {part}, counted to within {error}, would settle it."
        if not part:
            would_settle = (
                f"How many phones could have been supplied, counted to within {error}, would "
                "settle it."
            )
        known_counts = (
            f"{plural(counts, 'count')} of sales "
            f"{'is' if counts == 1 else 'are'} known, not audited."
            if counts
            else "Nobody published how many were made or sold."
        )
        if part:
            return Trust("low", f"One source names the cause. {known_counts}", would_settle)
        return Trust("none", f"No source names a cause. {known_counts}", would_settle)

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
        """Count what a maker adds, as it came or if it had started some weeks earlier."""
        sources = start_earlier(self.launch.supply_sources, maker, weeks_earlier)
        first_sale = self.launch.figure("first_sale").value
        added = second_source(sources, maker, first_sale, draws=self.draws, seed=self.seed)
        return MakerEffect(maker=maker, weeks_earlier=weeks_earlier, added=added)

    @property
    def choice(self) -> Choice:
        """Whether phones were held back."""
        return Choice(table_by_odds=judge_choice(self.rates))

    def what_if(self) -> None:
        """Show a panel: phones sold if others were made, or buyers less patient."""
        explore_supply(self.now)


def start_earlier(sources: pd.DataFrame, maker: str, weeks: int) -> pd.DataFrame:
    """Move the start of one maker some weeks ahead."""
    is_maker = sources["maker"] == maker
    shift = pd.to_timedelta(7 * weeks * is_maker, unit="D")
    starts = {name: sources[name] - shift for name in ("starts_low", "starts_high")}
    return sources.assign(**starts)


def _two_digits(units: float) -> str:
    """Write phones with two digits, in millions from 100,000 on so that both ends have one unit."""
    if units >= 1e5:
        return f"{float(f'{units / 1e6:.2g}'):g} million"
    return short_count(float(f"{units:.2g}"))


def _answer_from_lots(part: str, lots: pd.Series, first_sale: pd.Timestamp) -> str:
    """Answer for a launch whose lots are all known by size."""
    total = short_count(lots.iloc[-1])
    weeks = plural(max(round((lots.index[-1] - first_sale).days / 7), 1), "week")
    if part:
        return f"Reports blame {part}; at most {total} were on open sale in the first {weeks}."
    return f"At most {total} were offered in {weeks}; why so few, no source says."


def _answer_from_count(part: str, count: pd.Series, first_sale: pd.Timestamp) -> str:
    """Answer for a launch with a count of sales."""
    number_of_day = (count["date"] - first_sale).days
    reached = f"{count_words(count)} by {day(count['date'])}, day {number_of_day}"
    if part:
        return f"Reports blame {part}; a count has {reached}."
    return f"No report names a cause; a count has {reached}."


def _answer_from_capacity(part: str, capacity: pd.DataFrame, launch: Launch) -> str:
    """Answer for a launch of which nothing is counted and a capacity is reported."""
    low, high = capacity["units_per_month"].min(), capacity["units_per_month"].max()
    rate = short_count(low) if low == high else span(low, high, write=short_count)
    share = launch.figure("supply.yield_share")
    if share.known:
        passed = f"{100 * share.number:.0f} in 100 units of {part or 'its key part'} passed"
        return f"One report says {rate} a month; {passed}. Nobody published output."
    if part:
        return f"Reports blame {part} and say {rate} a month. Nobody published output."
    return f"Reports say {rate} a month; no report names a cause. Nobody published output."


# ---- what was promised, and what was made ----


KIND_WORDS = {
    "shipped": "shipped",
    "produced": "made",
    "capacity": "could be made",
    "target": "pledged",
}


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

    def table(self) -> Table | None:
        """List the reports."""
        if not len(self.rates):
            return None
        columns = ["kind", "period_start", "period_end", "units", "per", "scope"]
        columns += ["manufacturer", "reported", "source"]
        caption = f"Reports on the supply of the {product_name(self.launch)}"
        return Table(self.rates[columns], caption)

    def sentence(self) -> str:
        """Say what was made, how fast it grew, and what the same pages say of other phones."""
        if not len(self.rates):
            return ""
        sentences = [self._output_sentence(), self._ramp_sentence(), self._beside_sentence()]
        return " ".join(sentence for sentence in sentences if sentence)

    def _output_sentence(self) -> str:
        """Say the highest output of the model over a week or more, or that none was reported."""
        measured = select_measured(self.rates)
        made = measured[measured["kind"] != "capacity"]
        long = made[(made["per"] != "day") & (made["days"].fillna(30) >= 7)]
        if len(long):
            top = long.loc[long["units_per_month"].idxmax()]
            return (
                f"Over a week or more, at most **{short_count(top['units_per_month'])} a month** "
                f"were reported as {KIND_WORDS[top['kind']]}."
            )
        if len(measured):
            return "**No report says what was made**, only what could be; capacity is not output."
        return "**No report says what was made**, only what was pledged; a pledge is not supply."

    def _ramp_sentence(self) -> str:
        """Say how fast reported output doubled."""
        ramp = self.ramp()
        if ramp is None:
            return ""
        if not np.isfinite(ramp.high):
            return f"Whether output grew is not settled by {plural(ramp.points, 'dated report')}."
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
        """Show each report as a bar over its period."""
        if not len(self.rates):
            return None
        return Chart(
            title=f"What was pledged, what could be made and what was made: {self.launch.name}",
            measure=f"{plural(len(self.rates), 'report')}, each over the days that it speaks of",
            draw=self._draw,
            alt=f"{plural(len(self.rates), 'report')} on supply, in the order of their first day.",
            data=self.rates[["kind", "period_start", "period_end", "units", "per", "scope"]],
            note="Blue: made or shipped. Grey: pledged or possible. An arrow has no last day.",
            height_in=0.6 + 0.42 * len(self.rates),
            narrow_height_in=0.6 + 0.5 * len(self.rates),
        )

    def plot(self, axes: Axes | None = None) -> Axes | None:
        """Draw the chart with matplotlib."""
        chart = self.chart()
        return chart.plot(axes) if chart else None

    def _draw(self, axes: Axes) -> Axes:
        """Draw a bar a report, its words above it; where it has no last day, an arrow."""
        rows = self.rates.sort_values(["period_start", "reported"]).reset_index(drop=True)
        first = rows["period_start"].min()
        last = rows[["period_start", "period_end"]].max(axis=None)
        length = max((last - first).days, 28)
        axes.set_xlim(first - 0.02 * (last - first), first + pd.Timedelta(days=1.12 * length))
        for place, report in rows.iterrows():
            role = "demand" if report["kind"] in ("shipped", "produced") else "supply"
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
            axes.annotate(
                _report_words(report),
                (anchor, place),
                xytext=(0, 5),
                textcoords="offset points",
                ha="right" if is_late else "left",
                va="bottom",
                color=COLOUR[role],
            )
        axes.set_ylim(len(rows) - 0.6, -0.9)
        axes.set_yticks([])
        axes.grid(axis="x")
        day_axis(axes.xaxis)
        return axes


def _report_words(report: pd.Series) -> str:
    """Say a report: shipped, 15,000 a day."""
    per = "" if report["per"] == "total" else f" a {report['per']}"
    scope = " (series)" if report["scope"] == "series" else ""
    return f"{KIND_WORDS[report['kind']]}: {short_count(report['units'])}{per}{scope}"


# ---- what each belief would have sold ----


@dataclass(frozen=True)
class Forecasts(Result):
    """Phones sold under each belief about supply, early and today."""

    then: SupplyStudy
    now: SupplyStudy

    def study(self) -> SupplyStudy | None:
        """Choose the forecasts to show: the early ones where something limited supply by then."""
        for study in (self.then, self.now):
            if study.first_belief().kind != "no limit":
                return study
        return None

    def frame(self) -> pd.DataFrame:
        """List phones sold in four and thirteen weeks and weeks to a million, by belief.

        Beliefs that the counts contradict, and "no limit", which limits nothing, are left out.
        """
        study = self.study()
        if study is None:
            return pd.DataFrame()
        rows = []
        for belief in study.beliefs:
            if belief.kind == "no limit" or belief.label not in study.fits:
                continue
            fit = study.fits[belief.label]
            four, thirteen = interval(fit.sold_by(4)), interval(fit.sold_by(13))
            rows.append(
                {
                    "belief": belief_name(belief),
                    "low_4": four[0],
                    "median_4": four[1],
                    "high_4": four[2],
                    "low_13": thirteen[0],
                    "median_13": thirteen[1],
                    "high_13": thirteen[2],
                }
            )
        return pd.DataFrame(rows)

    def table(self) -> Table | None:
        """Show phones sold by belief, as ranges."""
        frame = self.frame()
        if not len(frame):
            return None
        shown = pd.DataFrame({"if supply is": frame["belief"]})
        for weeks, words in ((4, "in four weeks"), (13, "in thirteen weeks")):
            shown[words] = [
                _range_words(low, high)
                for low, high in zip(frame[f"low_{weeks}"], frame[f"high_{weeks}"], strict=True)
            ]
        return Table(shown, f"Phones sold, {forecast_day(self.study())}, 80 % ranges")

    def sentence(self) -> str:
        """Say how far the beliefs are apart, what came, and what was learnt of demand."""
        frame = self.frame()
        if not len(frame):
            return ""
        sentences = [
            self._spread_sentence(frame),
            self._outcome_sentence(),
            self._demand_sentence(),
            self._record_sentence(),
        ]
        return " ".join(sentence for sentence in sentences if sentence)

    def _spread_sentence(self, frame: pd.DataFrame) -> str:
        """Say how far the medians of the beliefs are apart."""
        low, high = frame["median_4"].min(), frame["median_4"].max()
        if _two_digits(low) == _two_digits(high):
            return f"All in all about **{_two_digits(low)} phones** are sold in four weeks."
        return (
            "**The answer follows the supply you assume**: the middles for four weeks run from "
            f"{span(low, high, write=_two_digits)} phones."
        )

    def _outcome_sentence(self) -> str:
        """Say when a million had been counted, where it had been."""
        by_count = million_by_count(self.now)
        if by_count is None:
            return ""
        if by_count["date"].nunique() == 1:
            return f"The millionth was counted by **{day(by_count['date'].iloc[0])}**."
        return (
            f"The millionth was counted by **{day(by_count['date'].min())}** in one source and by "
            f"{day(by_count['date'].max())} in another."
        )

    def _demand_sentence(self) -> str:
        """Say whether sales told anything of how many would ever buy."""
        fit = self.now.fits[self.now.first_belief().label]
        spread = fit.table().set_index("term").loc["potential", "spread"]
        if spread > INFORMED_SPREAD:
            return (
                "Sales under a shortage say nothing of how many would have bought; "
                "we print no number of people waiting."
            )
        return (
            "What was seen narrows our guess of how many would ever buy by "
            f"{percent(1 - spread)} only, so we print no number of people waiting."
        )

    def _record_sentence(self) -> str:
        """Say what became of targets of other phones and parts."""
        hits = self.now.hits
        if len(hits) < 2 or not any(belief.kind == "target" for belief in self.now.beliefs):
            return ""
        low, high = hits["ratio"].min(), hits["ratio"].max()
        return (
            f"Of {plural(len(hits), 'earlier or later target')} with a known outcome, the middle "
            f"one reached {percent(hits['ratio'].median())} "
            f"({span(low, high, write=percent)}); a target is not supply."
        )

    # ---- what other pages read ----

    def weeks_to_a_million(self) -> tuple[str, tuple[float, float, float]]:
        """Give the unit and the weeks (estimate, low, high) until the millionth, for `publish`.

        Where a count has the million before the forecast does, the days of the counts stand: the
        millionth came no later.
        """
        row = self.now.dates.iloc[0]
        by_count = million_by_count(self.now)
        if by_count is not None and not row["estimate"] <= by_count["week"].min():
            weeks = by_count["week"]
            return "weeks, no later by its counts", (weeks.min(), weeks.min(), weeks.max())
        return f"weeks, supply: {row['label']}", (row["estimate"], row["low"], row["high"])

    def weeks_as_known_then(self) -> tuple[str, tuple[float, float, float]]:
        """Give the unit and the weeks (estimate, low, high) until the millionth, as known early."""
        row = self.then.dates.iloc[0]
        return f"weeks, supply: {row['label']}", (row["estimate"], row["low"], row["high"])


def million_by_count(study: SupplyStudy) -> pd.DataFrame | None:
    """Select the counts that first had a million, of the scope that the forecasts are held against.

    Returns
    -------
    DataFrame or None
        The counts of exactly the lowest number that is a million or more (two sources may date it
        differently), with `week` since first sale; None where no count within the weeks simulated
        has a million.
    """
    counts = launch_counts(study.launch, np.full((1, study.weeks), np.inf))
    mass = counts[(counts["kind"] != "ordered") & (counts["units"] >= MILLION)]
    if not len(mass):
        return None
    return mass[mass["units"] == mass["units"].min()]


def _range_words(low: float, high: float) -> str:
    """Write a range of phones, once where both ends round alike."""
    if _two_digits(low) == _two_digits(high):
        return _two_digits(low)
    return span(low, high, write=_two_digits)


# ---- which part is the limit ----


@dataclass(frozen=True)
class Parts(Result):
    """How often each part is the least in simulations of a launch's sources."""

    launch: Launch
    shares: pd.DataFrame  # component, week since first sale, binds, one_more_adds
    draws: int

    WEEK_LATER = 8

    def sentence(self) -> str:
        """Say what reports blame and what our ranges imply, and that the latter is no evidence."""
        if self.shares["component"].nunique() < 2:
            return ""
        early, late = self._most_often(0), self._most_often(self.WEEK_LATER)
        ours = (
            f"In our ranges {part_name(early['component'])} is the limit in "
            f"**{percent(early['binds'])}** of simulations of the first week."
        )
        later = (
            f"In week {self.WEEK_LATER + 1} it is {part_name(late['component'])} in "
            f"{percent(late['binds'])}; one more unit of it would add "
            f"{late['one_more_adds']:.1f} phones."
        )
        return f"{self._report_sentence(early)} {ours} {later} {self._basis_sentence()}"

    def _most_often(self, week: int) -> pd.Series:
        """Select the part that is most often the limit in a week."""
        of_week = self.shares[self.shares["week"] == week]
        return of_week.loc[of_week["binds"].idxmax()]

    def _report_sentence(self, early: pd.Series) -> str:
        """Say what reports blame, and whether our ranges agree."""
        part = blamed_part(self.launch)
        if not part:
            return "No report names a part."
        if part == part_name(early["component"]):
            return f"Reports blame {part}; our guesses say the same."
        return f"Reports blame {part}; our guesses do not settle it."

    def _basis_sentence(self) -> str:
        """Say where the ranges come from."""
        sources = self.launch.supply_sources
        sourced = (sources["basis"] == "sourced").sum()
        if not sourced:
            return (
                "All ranges are guesses of ours, so this checks nothing: it shows what they imply."
            )
        return (
            f"{sourced} of {len(sources)} rates come from a source, all ranges are ours: this "
            "shows what they imply and is no evidence."
        )

    def table(self) -> Table | None:
        """List who makes what, from when, and how much."""
        sources = self.launch.supply_sources
        if self.shares["component"].nunique() < 2:
            return None
        shown = pd.DataFrame(
            {
                "part": [part_name(name) for name in sources["component"]],
                "maker": sources["maker"],
                "starts": _ranges(sources, "starts", lambda value: f"{value.date()}"),
                "units a month": _ranges(sources, "units", short_count),
                "yield": _ranges(sources, "yield", percent),
                "basis": sources["basis"],
            }
        )
        return Table(shown, "Who makes what; ranges are 80 % and ours")

    def chart(self) -> Chart | None:
        """Show by week how often each part is the limit."""
        shown = self.shares[self.shares["week"] >= 0]
        if shown["component"].nunique() < 2:
            return None
        return Chart(
            title="Which part is the limit, in simulations of our ranges",
            measure=f"Share of {self.draws:,} simulations, by week since first sale",
            draw=self._draw,
            alt="A line a part: the share of simulations in which it limits output, by week.",
            data=shown[["component", "week", "binds"]],
            note="The ranges are ours, see the table; they are no report.",
            height_in=3.0,
        )

    def plot(self, axes: Axes | None = None) -> Axes | None:
        """Draw the chart with matplotlib."""
        chart = self.chart()
        return chart.plot(axes) if chart else None

    def _draw(self, axes: Axes) -> Axes:
        """Draw a line a part, named at its end."""
        shown = self.shares[self.shares["week"] >= 0]
        roles = ("supply", "demand", "margin", "soft")
        for role, (component, rows) in zip(roles, shown.groupby("component"), strict=False):
            axes.plot(rows["week"], rows["binds"], color=COLOUR[role])
            name = part_name(component).replace(" ", "\n" if is_narrow(axes) else " ")
            label_end(axes, rows["week"].iloc[-1], rows["binds"].iloc[-1], name, role)
        axes.set_ylim(0, 1)
        percent_axis(axes.yaxis)
        axes.set_xlabel("weeks since first sale")
        return axes


def _ranges(sources: pd.DataFrame, name: str, write) -> list[str]:
    """Write the low and high of a column of sources as ranges, once where both are one."""
    lows, highs = sources[f"{name}_low"], sources[f"{name}_high"]
    return [
        write(low) if low == high else span(low, high, write=write)
        for low, high in zip(lows, highs, strict=True)
    ]


# ---- what a later maker adds ----


@dataclass(frozen=True)
class MakerEffect(Result):
    """What one maker adds, by the same draws with and without it."""

    maker: str
    weeks_earlier: int  # weeks by which its start is moved ahead; 0 as it came
    added: pd.DataFrame  # from `second_source`

    def sentence(self) -> str:
        """Say from when it adds phones and how many, and the chance that it adds any."""
        last = self.added.iloc[-1]
        weeks = int(last["week"]) + 1
        when = self._when()
        amount = (
            f"By week {weeks} it has added about **{_two_digits(last['median'])}** phones "
            f"(80 %: {_range_words(last['low'], last['high'])})."
        )
        if self.weeks_earlier:
            return (
                f"Had **{self.maker}** started {plural(self.weeks_earlier, 'week')} earlier, "
                f"{when} {amount}"
            )
        return f"With **{self.maker}**, {when} {amount}"

    def _when(self) -> str:
        """Say from which week on it has probably added a phone, and the chance that it ever does."""
        chance = percent(self.added["any"].iloc[-1])
        likely = self.added[self.added["any"] > 0.5]
        if not len(likely):
            return f"phones are added in {chance} of simulations only."
        week = int(likely["week"].iloc[0]) + 1
        return f"more phones probably come from week {week} on; in {chance} of simulations any do."

    def chart(self) -> Chart:
        """Show the phones added by week."""
        moved = f", {plural(self.weeks_earlier, 'week')} earlier" if self.weeks_earlier else ""
        return Chart(
            title=f"Phones that {self.maker} adds{moved}",
            measure="Phones in all by week since first sale, median and 80 % band",
            draw=self._draw,
            alt=f"Phones added by {self.maker}, rising from none in the first weeks.",
            data=self.added[["week", "low", "median", "high"]],
            note="The same draws with and without it. What it adds ends where another part binds.",
            height_in=2.6,
        )

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the chart with matplotlib."""
        return self.chart().plot(axes)

    def _draw(self, axes: Axes) -> Axes:
        """Draw the band of phones added."""
        plot_band(axes, self.added.set_index("week")[["low", "median", "high"]], "supply")
        axes.set_ylim(0, None)
        number_axis(axes.yaxis)
        axes.set_xlabel("weeks since first sale")
        return axes


# ---- ceiling or choice ----


@dataclass(frozen=True)
class Choice(Result):
    """The chance that phones were held back."""

    table_by_odds: pd.DataFrame  # from `judge_choice`

    def even(self) -> pd.DataFrame:
        """Select the rows with even odds before."""
        return self.table_by_odds[self.table_by_odds["prior"] == 0.5]

    def settling_error(self) -> float:
        """Give the error, in logs, with which a count of parts would settle it at 19 to 1."""
        return self.even()["settled_by_sd"].min()

    def sentence(self) -> str:
        """Say whether two numbers move the odds, and what would settle it."""
        error = percent(self.settling_error())
        settle = f"A count of parts or idle lines, right to within {error}, would settle it."
        if not self.table_by_odds["moved"].any():
            return (
                "**We cannot tell whether phones were held back.** No two independent sources say, "
                f"for one time, what was released and what could have been made. {settle}"
            )
        even = self.even()["probability"]
        return (
            f"At even odds before, the chance that phones were held back is "
            f"**{span(even.min(), even.max(), write=percent)}**, by how much one thinks would "
            f"then be released. {settle}"
        )

    def table(self) -> Table | None:
        """Show the chances, where two numbers moved them; a prior is no finding."""
        if not self.table_by_odds["moved"].any():
            return None
        shown = pd.DataFrame(
            {
                "released, if held back": self.table_by_odds["released"],
                "chance before": [percent(one) for one in self.table_by_odds["prior"]],
                "chance after": [percent(one) for one in self.table_by_odds["probability"]],
            }
        )
        return Table(shown, "Chance that phones were held back")


# ---- what if ----


def explore_supply(study: SupplyStudy) -> None:
    """Show a panel: phones sold by week if more were made, or buyers less patient."""
    fit = study.fits[study.first_belief().label]
    people = {name: draws[:400] for name, draws in fit.values.items()}
    weeks = np.array([4, 13, 26])

    def sold(phones_a_month: float, leave_a_week: float) -> pd.DataFrame:
        supply = np.full(26, phones_a_month * 7 / DAYS_PER["month"])
        buyers = people | {"leave": -np.log1p(-leave_a_week)}
        low, middle, high = interval(sold_at(simulate_launch(supply, **buyers), weeks))
        labels = [f"week {week}" for week in weeks]
        return pd.DataFrame({"label": labels, "estimate": middle, "low": low, "high": high})

    # This launch's own supply, if it has a limit, is the middle.
    rate = np.median(fit.paths.supply.mean(axis=1)) * DAYS_PER["month"] / 7
    around = (rate if np.isfinite(rate) else 500_000) * np.array([0.1, 0.3, 1, 3, 10])
    what_if(
        "What if more were made, or buyers less patient?",
        "phones sold by then, 80 %",
        sold,
        labels={
            "phones_a_month": "phones made a month",
            "leave_a_week": "share of those waiting who give up in a week",
        },
        phones_a_month=[float(f"{one:.1e}") for one in around],
        leave_a_week=[0.0, 0.03, 0.07, 0.15, 0.3],
    )
