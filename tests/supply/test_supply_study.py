"""What the supply page says: answers from counts and reports, no date later than a count."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from supply_examples import launch_without_reports, with_a_count_of_the_model

from analysis.data import SourcedValue, load_launch, load_table
from analysis.demand.known import known_sales
from analysis.look import percent, speak_of
from analysis.supply import (
    explain_shortage,
    judge_choice,
    monthly_rates,
    study_forecasts,
    study_launch,
    study_trial,
    withholding_posterior,
)
from analysis.supply.pledges import follow_pledge
from analysis.supply.shortage_end import ShortageEnd, find_shortage_end
from analysis.supply.study import (
    LaunchStudy,
    first_fall,
    start_earlier,
    without_shortage_at_cut_prices,
)
from analysis.supply.study_answers import decide_part, decide_without_cause
from analysis.supply.study_choice import Choice
from analysis.supply.study_forecasts import million_by_count
from analysis.supply.study_reports import Reports
from analysis.supply.timeline_content import (
    headline_count,
    leading_pledge,
    line_of_capacity,
    list_events,
    lots_offered,
    point_of_pledge,
)
from analysis.supply.words import (
    blamed_part,
    duration,
    in_one_unit,
    middle_with_range,
    range_words,
    two_digits,
)

LAUNCHES = ["mi_9", "mi_mix", "mi_1", "mi_2", "mi_3_india", "mi_5"]


@cache
def study_of(name) -> LaunchStudy:
    """Study a launch once a session, with few draws."""
    return study_launch(load_launch(name), draws=60)


@pytest.fixture(params=LAUNCHES)
def study(request) -> LaunchStudy:
    return study_of(request.param)


@pytest.fixture
def mi_9() -> LaunchStudy:
    return study_of("mi_9")


def reports_of(name) -> Reports:
    launch = load_launch(name)
    rates = monthly_rates(launch.supply_reports)
    return Reports(launch=launch, rates=rates, until=pd.Timestamp("2199-12-31"))


# ---- names ----


def test_times_to_sell_out_are_written_in_the_unit_that_people_use():
    assert [duration(one).replace("\u00a0", " ") for one in (2.4, 516, 120, 122_400)] == [
        *("2.4 s", "8 min 36 s", "2 min", "34 hours")
    ]


def test_a_range_of_phones_has_two_digits_and_one_unit():
    assert range_words(206_737, 805_689) == "0.21 to 0.81 million"
    assert range_words(2_657, 20_341) == "2,700 to 20,000"
    assert range_words(150_000, 151_000) == two_digits(150_000) == "0.15 million"
    assert range_words(93_400, 956_000) == "93,000 to 960,000", "not 93,000 to 0.96 million"
    assert range_words(57_000, 1_400_000) == "57,000 to 1,400,000"
    assert range_words(0, 300_000) == "0 to 0.3 million"


# ---- what is chosen ----


def test_the_headline_count_is_the_first_reported_million_and_not_one_dated_back_later():
    count = headline_count(load_launch("mi_9"))
    assert (count["date"], count["kind"]) == (pd.Timestamp("2019-03-31"), "shipped")


def test_the_least_demand_is_the_largest_count_and_not_the_one_to_lead_with():
    """Counts of its series are of more than the Redmi Note 7; a later one of its own counts."""
    launch = load_launch("redmi_note_7")
    assert "Demand was at least the 1 million sold by 15 February 2019." in decide_without_cause(
        launch
    )
    later = with_a_count_of_the_model("redmi_note_7", "2019-05-27", 2_000_000)
    assert headline_count(later)["units"] == 1_000_000
    assert "the 2 million sold by 27 May 2019." in decide_without_cause(later)
    none = replace(launch, sales=launch.sales[:0])
    assert "Demand was at least" not in decide_without_cause(none)


def test_orders_are_no_sales():
    count = headline_count(load_launch("mi_3_india"))
    assert count["units"] == 95_000


def test_lots_stand_for_supply_only_where_each_is_known_by_its_size():
    assert lots_offered(load_launch("mi_3_india")).iloc[-1] == 120_000
    assert lots_offered(load_launch("mi_1")).empty
    assert lots_offered(load_launch("mi_9")).empty


def test_lots_of_known_size_are_drawn_where_nothing_else_is():
    """Of the Redmi 1S in India four lots held 200,000 phones; of a fifth nobody knows the size."""
    chart = study_of("redmi_1s_india").timeline.chart()
    assert chart.title == "Redmi 1S in India: phones offered in lots of known size"
    lots = chart.data.query("series == 'lots offered'")["phones"]
    assert lots.tolist() == [40_000, 80_000, 140_000, 200_000]
    words = " ".join(re.sub(r"<[^>]+>", " ", chart.svg()).split())
    assert "offered in 4 of 5 lots: 200,000" in words
    assert "Not drawn: 1 lot of unknown size." in chart.note
    assert study_of("mi_1").timeline.lots.empty, "its forecast is drawn"


def test_a_lead_chart_without_any_number_of_phones_has_no_axis_of_phones():
    redmi = load_launch("redmi_1s_india")
    timed_alone = replace(redmi, drops=redmi.drops.assign(units=np.nan))
    nothing_known = "no count, pledge, capacity or size of a lot is known"
    shown = [
        (timed_alone, "first lot gone in 4.2\u00a0s"),
        (launch_without_reports("mi_mix"), nothing_known),
    ]
    for launch, words in shown:
        timeline = study_launch(launch, draws=40).timeline
        axes = timeline.plot(Figure((9.2, 2.4), dpi=72).subplots())
        assert len(axes.get_yticks()) == 0
        assert [text.get_text() for text in axes.texts] == [words]
        assert timeline.chart().title.endswith("is not known")
        assert timeline.chart().measure.startswith("Days since first sale")


def test_the_leading_pledge_is_of_the_model_and_of_mass_supply():
    launch = load_launch("mi_9")
    pledge = leading_pledge(monthly_rates(launch.supply_reports), launch.figure("first_sale").value)
    assert (pledge["reported"], pledge["units"]) == (pd.Timestamp("2019-02-28"), 1e6)


def test_a_pledge_that_was_taken_back_before_first_sale_leads_no_more():
    """Sony pledged 2 million PlayStation 3 in May, and again less before its first sale."""
    first_sale = load_launch("playstation_3").figure("first_sale").value
    rates = monthly_rates(load_launch("playstation_3").supply_reports)
    pledge = leading_pledge(rates, first_sale)
    assert pledge["reported"] == rates.loc[rates["reported"] < first_sale, "reported"].max()
    told_after = rates[(rates["reported"] > first_sale) & (rates["kind"] == "target")]
    first_after = leading_pledge(told_after, first_sale)
    assert first_after["reported"] == told_after["reported"].min(), "where none was told before"


def test_a_pledge_comes_on_top_of_a_count_of_the_model_and_not_of_its_series():
    launch = with_a_count_of_the_model("mi_1", "2011-12-31", 180_000)
    first_sale, last_day = launch.figure("first_sale").value, pd.Timestamp("2012-07-01")
    pledge = leading_pledge(monthly_rates(launch.supply_reports), first_sale)
    point = point_of_pledge(pledge, launch.sales, first_sale, last_day)
    assert point.to_dict() == {pd.Timestamp("2012-03-31"): 180_000 + pledge["units"]}
    lead = re.sub(r"<[^>]+>|\s+", " ", study_launch(launch, draws=60).timeline.chart().svg())
    assert "500,000 more by" in " ".join(lead.split())
    of_series = load_launch("mi_1").sales
    assert (of_series["scope"] == "series").all()
    assert point_of_pledge(pledge, of_series, first_sale, last_day).empty, "on top of what?"
    before_due = pd.Timestamp("2012-03-30")
    assert point_of_pledge(pledge, launch.sales, first_sale, before_due).empty


def test_a_pledge_from_before_the_first_sale_is_drawn_on_the_day_it_is_due_alone():
    """4 million Mi 2 were pledged for August to December 2012; it was first sold on 30 October."""
    point = study_of("mi_2").timeline.pledge_point
    assert point.to_dict() == {pd.Timestamp("2012-12-31"): 4_000_000}


def test_a_capacity_of_a_later_month_is_drawn_in_that_month_from_the_forecast_on():
    """700,000 a month were reported for May 2016; the Mi 5 was first sold on 1 March."""
    timeline = study_of("mi_5").timeline
    line = timeline.capacity_line
    assert list(line.index) == [pd.Timestamp("2016-05-01"), pd.Timestamp("2016-05-31")]
    assert line.iloc[0] == timeline.fan.loc["2016-05-01", "median"]
    assert line.iloc[1] - line.iloc[0] == pytest.approx(700_000, rel=0.02)
    launch = timeline.launch
    rates = monthly_rates(launch.supply_reports).query("kind == 'capacity'")
    days = (launch.figure("first_sale").value, timeline.last_day)
    assert line_of_capacity(rates, pd.DataFrame(), *days).empty, "from which level is not known"
    mi_mix = study_of("mi_mix").timeline
    assert mi_mix.capacity_line.index[-1] == mi_mix.last_day


def test_the_lead_chart_says_what_hollow_points_and_the_line_through_them_are_of():
    mi_1, mi_9, mi_5 = (study_of(name).timeline.chart().note for name in ("mi_1", "mi_9", "mi_5"))
    assert "Hollow: the whole series, as is our line." in mi_1
    assert "Hollow: the whole series. " in mi_9, "its line is of the Mi 9 alone"
    assert "Hollow" not in mi_5


def test_days_are_named_with_their_year_where_what_is_shown_lies_in_several():
    playstation_3 = study_of("playstation_3")
    lead = re.sub(r"<[^>]+>", " ", playstation_3.timeline.chart().svg())
    assert re.search(r"pledged: 6\s+million by\s+31\s+March\s+2007", lead)
    assert "sold by 31 March 2007" in lead
    assert re.search(r"pledged: 6 million \(25.October.2006\)", playstation_3.reports.chart().svg())
    mi_9 = study_of("mi_9").timeline.chart().svg()
    mi_9 = " ".join(re.sub(r"<[^>]+>", " ", mi_9).split())
    assert re.search(r"pledged: 1 million by 31 March(?! 2019)", mi_9), "all of it lies in 2019"


def test_a_pledge_is_named_at_the_day_it_is_due():
    for name in ("playstation_3", "mi_9", "mi_2"):
        figure = Figure((9.2, 4), dpi=72)
        timeline = study_of(name).timeline
        axes = timeline.plot(figure.subplots())
        (label,) = [text for text in axes.texts if text.get_text().startswith("pledged:")]
        assert label.xy == (timeline.pledge_point.index[0], timeline.pledge_point.iloc[0])


def test_names_of_parts_keep_their_capitals_and_need_no_verb_in_the_singular():
    launch = load_launch("mi_9")
    bottleneck = replace(launch.figures["supply.bottleneck"], value="lcd_panel")
    of_panels = replace(launch, figures=launch.figures | {"supply.bottleneck": bottleneck})
    assert "LCD panels piling up" in decide_part(of_panels, None, launch.supply_reports[:0])
    assert "the limit of the first week is " in study_of("mi_9").parts.sentence()


def test_laser_diodes_are_blamed_and_blue_ones_are_the_limit_so_both_agree():
    sentence = study_of("playstation_3").parts.sentence()
    assert sentence.startswith("Reports blame laser diodes, and so do our guesses.")
    assert study_of("playstation_3").parts.limit_against_reports() == ""
    assert "go by deliveries of laser diodes." in study_of("playstation_3").detail()


def test_where_our_simulations_put_another_limit_first_the_advice_is_to_watch_both(mi_9):
    """Of the Mi 9 reports blame camera modules; in its first weeks assembly is the limit."""
    shares = mi_9.parts.shares.pivot(index="week", columns="component", values="binds")
    assert shares.loc[0, "assembly"] > shares.loc[0, "camera_module"]
    assert mi_9.parts.limit_against_reports() == "assembly"
    assert (
        "Watch deliveries of camera modules and assembly: reports blame the one, our guesses "
        "the other."
    ) in mi_9.detail()
    assert "by deliveries of camera modules and assembly in the two weeks before" in mi_9.decision()
    assert mi_9.parts.sentence().startswith(
        "Reports blame camera modules; our guesses put assembly first."
    )


def test_advice_on_what_is_sold_no_more_is_of_the_past_or_for_the_next_such_product():
    launch = launch_without_reports("redmi_note_7")
    study = study_launch(launch, draws=40)
    assert "Next time, go by paid orders." in study.detail()
    assert study.decision().startswith("We would have planned each month of the Redmi Note 7")
    speak_of(is_on_sale=True)
    assert "To plan the next month of the Redmi Note 7, go by paid orders." in study.detail()
    assert study.decision().startswith("We would plan the next month of the Redmi Note 7")
    speak_of()


def test_imported_stock_and_no_bottleneck_blame_no_part():
    assert blamed_part(load_launch("mi_3_india")) == ""
    assert blamed_part(load_launch("redmi_note_7")) == ""
    assert blamed_part(load_launch("mi_5")) == "the processor"


def test_a_cancelled_sale_is_an_event_and_events_come_in_order():
    events = list_events(load_launch("mi_9"), pd.Timestamp("2019-05-01"))
    assert events["text"].str.contains("cancelled").sum() == 1
    assert events["date"].is_monotonic_increasing


# ---- reports ----


def test_one_day_times_thirty_is_no_month_of_output():
    """15,000 on one day of November 2011 would be 456,000 a month; no longer report has so many."""
    assert reports_of("mi_1").rates["units_per_month"].max() > 450_000
    sentence = reports_of("mi_1").sentence()
    assert "196,000 a month" in sentence, "400,000 in the 62 days since deliveries began"
    assert "456,000" not in sentence
    assert "6 dated reports fit no steady growth" in sentence, "though days grow to 15,000"


def test_the_pace_of_lots_counts_those_of_unknown_size_and_is_not_told_where_some_are_missing():
    """The Redmi 1S had five weekly sales, one of unknown size; of the Mi 1 three of seven lack."""
    weekly = reports_of("redmi_1s_india").sentence()
    assert "4 lots of known size" in weekly
    assert "with 1 of unknown size, one came every 7 days on average" in weekly
    with_gaps = reports_of("mi_1").sentence()
    assert "phones**; 3 more are not on file." in with_gaps
    assert "days on average" not in with_gaps
    assert "one every 16 days on average" in reports_of("mi_2").sentence()
    study = study_of("redmi_1s_india")
    held = "It was imported; 4 of its 5 lots held 200,000 phones together."
    assert held in study.first_screen().detail
    assert "Only the sizes of its lots tell how many" in study.trust().text()


def test_phones_of_several_lots_are_those_of_all_and_one_lot_is_said_as_one():
    redmi = load_launch("redmi_1s_india")
    said = {}
    for lots in (slice(0, 1), slice(1, 3)):
        study = replace(study_of("redmi_1s_india"), launch=replace(redmi, drops=redmi.drops[lots]))
        said[lots.stop] = study.detail()
    assert "; its one lot held 40,000 phones." in said[1]
    assert "; 1 of its 2 lots held 40,000 phones." in said[3]


def test_the_chart_says_from_when_counts_of_the_world_run_where_another_market_came_first():
    """The PlayStation 3 was sold in Japan six days before it came to the United States."""
    measure = study_of("playstation_3").timeline.chart().measure
    assert measure.endswith("of sales, counted from 11 November 2006")
    assert "counted from" not in study_of("mi_9").timeline.chart().measure


def test_a_total_of_one_month_is_its_own_rate():
    """310,000 in December are 310,000 a month, not 304,000 of 30.4 days."""
    reports = reports_of("mi_1")
    total = reports.rates.query("units == 400_000").assign(units=310_000, units_per_month=304_000)
    in_december = total.assign(
        period_start=pd.Timestamp("2011-12-01"), period_end=pd.Timestamp("2011-12-31")
    )
    sentence = replace(reports, rates=in_december).sentence()
    assert "is **310,000 shipped in December 2011**." in sentence
    assert "a month" not in sentence
    to_twentieth = in_december.assign(period_end=pd.Timestamp("2011-12-20"))
    assert "or **304,000 a month**." in replace(reports, rates=to_twentieth).sentence()


def test_tables_mark_the_pages_that_the_market_tables_call_weak_and_no_others():
    reports = load_table("capacity_reports")
    weak_pages = set(reports.loc[reports["weak_source"], "source_url"])
    shown = reports_of("mi_9").shown_table().frame
    is_marked = shown["weak_source"].eq("yes")
    assert is_marked.tolist() == shown["source"].isin(weak_pages).tolist()
    assert 0 < is_marked.sum() < len(shown)
    lots = reports_of("mi_1").shown_lots().frame.set_index("date")["weak_source"]
    assert lots["2011-12-18"] == "yes", "a mirror of an encyclopedia"
    assert pd.isna(lots["2012-01-11"])
    assert "weak_source" not in reports_of("mi_mix").shown_table().frame


def test_the_series_of_the_mi_9_had_its_one_and_a_half_million_on_one_day_in_chart_and_table():
    """29 March 2019 by Wang Chuan; the page behind the row of the table has no day of its own."""
    count = load_launch("mi_9").sales.query("units == 1_500_000").iloc[0]
    (report,) = reports_of("mi_9").rates.query("units == 1_500_000").itertuples()
    assert count["date"] == report.period_end == pd.Timestamp("2019-03-29")


def test_of_pledges_of_as_many_phones_it_is_said_which_were_kept():
    """A million Mi 9 were counted by 27 or by 31 March: the laxest of its pledges was kept."""
    assert (
        "By its counts the pledge of 1 million by 31 March 2019 was kept, those by 20 March and "
        "26 March were not."
    ) in reports_of("mi_9").sentence()
    assert "2 million by 31 March 2017 was kept." in reports_of("nintendo_switch").sentence()
    assert "6 million by 31 March 2007 was not kept." in reports_of("playstation_3").sentence()
    for silent in ("mi_1", "mi_2", "mi_mix"):  # of whose model nothing was counted
        assert "By its counts" not in reports_of(silent).sentence()


def test_no_count_before_a_pledge_is_due_says_that_it_was_missed():
    launch, rates = load_launch("mi_9"), reports_of("mi_9").rates
    early = launch.sales.head(1).assign(date=pd.Timestamp("2019-03-15"), units=400_000)
    outcome = follow_pledge(replace(launch, sales=early), rates)
    assert (outcome.kept, outcome.missed, outcome.sentence()) == ((), (), "")
    at_the_end = early.assign(date=pd.Timestamp("2019-03-31"))
    assert len(follow_pledge(replace(launch, sales=at_the_end), rates).missed) == 3
    many = early.assign(units=1_500_000)
    assert len(follow_pledge(replace(launch, sales=many), rates).kept) == 3
    a_year_later = early.assign(date=pd.Timestamp("2020-03-15"), units=1_500_000)
    assert follow_pledge(replace(launch, sales=a_year_later), rates).sentence() == ""


def test_a_rumour_that_its_maker_denied_is_no_pledge():
    """An order of 10,000 chips for the Mi 1 was denied by Lei Jun on the day it was rumoured."""
    pledges = reports_of("mi_1").rates.query("kind == 'target'")
    assert pledges["units"].min() == 500_000


def test_output_of_single_days_alone_is_said_as_such_and_not_as_none():
    reports = reports_of("mi_1")
    of_days = replace(reports, rates=reports.rates.query("per == 'day' and kind == 'shipped'"))
    sentence = of_days.sentence()
    assert "over a week or more. The highest of shorter ones, of 18 November 2011," in sentence
    assert "**15,000 a day** shipped" in sentence
    assert "only how many" not in sentence


def test_the_highest_output_is_that_of_reports_of_what_was_made_and_higher_pledges_are_none():
    sentence = reports_of("mi_9").sentence()
    assert sentence.startswith(
        "The highest output reported over a week or more is 1 million shipped"
    )


def test_a_total_shipped_that_was_later_restated_as_fewer_sold_says_so():
    assert (
        "5.5 million shipped from 11 November 2006 to 31 March 2007, or **1.19 million a month**. "
        "In July 2007 this was restated: 3.57 million had been sold by that day"
    ) in reports_of("playstation_3").sentence()
    assert "restated" not in reports_of("mi_9").sentence()


def test_free_reservations_are_no_lots_of_phones():
    events = list_events(load_launch("mi_1"), pd.Timestamp("2012-06-01"))
    assert pd.Timestamp("2011-09-05") not in set(events["date"])
    assert reports_of("mi_1").lots()["units"].max() == 500_000
    assert pd.Timestamp("2011-09-05") not in set(reports_of("mi_1").lots()["date"])


def test_rates_of_other_phones_come_from_the_same_page():
    beside = reports_of("mi_5").beside()
    assert set(beside["device"]) == {"huawei_mate_8", "oppo_r9"}


def test_fewer_than_three_reports_need_no_chart():
    assert reports_of("mi_mix").chart() is None
    assert reports_of("mi_9").chart() is not None


def test_reports_of_the_series_alone_are_not_called_pledges():
    reports = reports_of("mi_9")
    of_series = reports.rates.query("kind == 'shipped' and scope == 'series'")
    assert len(of_series)
    said = replace(reports, rates=of_series).sentence()
    assert said == "**No report says how many of the Mi 9 were made**."


# ---- ceiling or choice ----


def mi_mix_choice():
    return judge_choice(reports_of("mi_mix").rates)


def test_a_prior_is_not_shown_as_a_finding():
    study = Choice(chances=mi_mix_choice())
    assert study.shown_table() is None
    assert study.sentence().startswith("**We cannot tell")


def test_numbers_tried_say_the_chance_that_bayes_rule_gives():
    chance = withholding_posterior((7e5, 0.13), (1e6, 0.13)).probability
    words = Choice(chances=mi_mix_choice()).try_numbers(7e5, 1e6, 0.13).text()
    assert f"{100 * chance:.0f} %" in words


def test_what_is_missing_of_the_two_numbers_is_said():
    bare = Choice(chances=mi_mix_choice(), product="Mi MIX", has_capacity=True)
    assert "could be made, none how many were" in bare.sentence()
    both = replace(bare, has_output=True)
    assert "No two independent reports" in both.sentence()


# ---- counts that disagree ----


def test_a_later_total_below_an_earlier_one_is_noticed():
    """1.8 million Mi 1 by March 2012 in one source, 1.65 million by April in another."""
    before, after = first_fall(load_launch("mi_1").sales)
    assert (before["units"], after["units"]) == (1_800_000, 1_650_000)


def test_two_sources_that_differ_over_one_day_tell_of_no_fall():
    last = load_launch("mi_9").sales.tail(1)
    pair = pd.concat([last, last.assign(units=0.9 * last["units"])], ignore_index=True)
    for counts in (pair, pair[::-1]):
        assert first_fall(counts) is None


def test_totals_that_grow_and_parts_of_them_counted_years_later_do_not_disagree():
    assert first_fall(load_launch("mi_9").sales) is None
    later = load_launch("mi_1").sales.query("date < '2012-03-01'")
    assert first_fall(later) is None


# ---- the page ----


def sentences_of(study):
    screen, trust = study.first_screen(), study.trust()
    texts = [screen.answer, screen.detail, trust.because, trust.would_settle]
    parts = [study.reports, study.forecasts, study.parts, study.choice]
    parts += [study.maker_effect(maker) for maker in study.makers()]
    texts += [part.sentence() for part in parts]
    return [one for text in texts for one in re.split(r"(?<=[.!?]) (?=[A-Z*0-9])", text) if one]


@pytest.mark.slow
def test_sentences_are_short_and_hold_no_code_words(study):
    for sentence in sentences_of(study):
        assert len(sentence.split()) <= 34, sentence
        assert not re.search(r"\bnan\b|\binf\b|None|_", sentence), sentence


@pytest.mark.slow
def test_what_we_would_do_names_the_product_and_what_would_reverse_it(study):
    decision = study.decision()
    assert study.launch.name.removeprefix("Xiaomi ") in decision
    assert "would reverse this" in decision
    assert 2 <= decision.count(". ") + 1 <= 3
    assert max(len(sentence.split()) for sentence in decision.split(". ")) <= 30


@pytest.mark.slow
def test_a_forecast_is_held_against_the_count_as_the_lead_chart_draws_both(mi_9):
    check, fan = mi_9.forecasts.check(), mi_9.timeline.fan
    days = (fan.index - fan.index[0]).days
    assert (check.date, check.units) == (pd.Timestamp("2019-03-27"), 1_000_000)
    assert check.high == pytest.approx(np.interp(29, days, fan["high"]))  # by the end of 27 March
    expected = f"Our forecast for 27 March 2019, {range_words(check.low, check.high)},"
    assert f"{expected} held the 1 million counted." in mi_9.forecasts.sentence()


def test_a_forecast_that_held_a_count_by_its_width_alone_says_so():
    """Of the PlayStation 3: 0.5 to 13 million for the day of the first count, 3.57 million."""
    forecasts = study_of("playstation_3").forecasts
    check = forecasts.check()
    assert check.high > 10 * check.low
    expected = f"Our forecast for 31 March 2007, {range_words(check.low, check.high)},"
    words = forecasts.sentence()
    assert f"{expected} held the 3.57 million counted, but is too wide to plan by." in words


def test_a_count_far_above_a_million_does_not_date_the_millionth():
    assert (
        "The first count above a million has 9 million of the series sold by **5 September 2013**."
    ) in study_of("mi_2").forecasts.sentence()
    assert (
        "The millionth was sold or shipped by **27 March 2019**"
        in study_of("mi_9").forecasts.sentence()
    )


@pytest.mark.slow
def test_the_first_screen_says_what_and_until_when_then_what_it_rests_on_and_what_to_do(study):
    screen = study.first_screen()
    assert len(screen.answer.split()) <= 25, screen.answer
    assert screen.answer.count(". ") <= 1
    assert screen.detail.count(". ") <= 2
    assert "forecast" not in screen.text()
    evidence = r"(A report blames|No report|It was imported|By later accounts)"
    assert re.match(rf"{evidence}[^;]*; [^.]*\b\d", screen.detail), "what is counted or reported"


def test_a_capacity_is_said_with_the_month_that_it_is_of():
    """Of the Mi 5 capacity was reported for May 2016, two months after its first sale."""
    words = "reports put capacity at 700,000 to 1 million a month in May 2016."
    assert words in study_of("mi_5").detail()


def test_the_chance_beside_that_of_holding_back_is_of_the_likeliest_cause_by_its_name():
    """Accounts have it that too few diodes passed; that diodes were short is what is likeliest."""
    study = study_of("playstation_3")
    assert study.shortage.likeliest["cause"] == "part"
    assert (
        "; a count has 3.57 million sold by 31 March 2007. The chance that a part was short is "
        in (study.detail())
    )
    demand = study_of("mi_3_india")
    assert demand.shortage.likeliest["cause"] == "misjudged_demand"
    assert "The chance that demand had been misjudged is " in demand.detail()
    speak_of(is_on_sale=True)
    assert "The chance that a part is short is " in study.detail()
    speak_of()
    of_no_part = replace(study.launch.figures["supply.yield_share"], basis="unknown", value=None)
    figures = study.launch.figures | {"supply.yield_share": of_no_part}
    unknown = replace(study, launch=replace(study.launch, figures=figures))
    assert unknown.detail().startswith("By later accounts too few passed tests; ")


def test_the_documented_end_of_a_shortage_is_said_and_not_that_of_simulations():
    study = study_of("playstation_3")
    assert study.shortage.documented_end.day == pd.Timestamp("2007-01-31")
    assert study.answer().endswith("It was short until January 2007.")
    assert study.detail().startswith("By later accounts too few laser diodes passed tests; ")
    at_the_time = explain_shortage(study.launch, as_of="2006-12-31")
    assert at_the_time.documented_end is None


def test_a_file_may_say_when_its_product_was_short_no_more_and_simulations_are_held_against_it():
    study = study_of("mi_5")
    assert study.answer().endswith("It was short until early June 2016.")
    assert study.shortage_end.surely_until == pd.Timestamp("2016-06-01")
    compared = r"Our simulations, not told when it ended, have it short until about \w+"
    assert re.search(compared, study.forecasts.sentence())
    at_the_time = explain_shortage(study.launch, as_of="2016-05-31")
    assert at_the_time.documented_end is None


def test_a_simulated_end_is_said_within_a_sentence_without_its_subject_and_capital():
    """A Mi 5 that was sold for two months, and is short in all simulations for longer."""
    forecasts = study_of("mi_5").forecasts
    launch = forecasts.now.launch
    life = SourcedValue(value=2, basis="sourced")
    launch = replace(launch, figures=launch.figures | {"life_months": life})
    short_for_good = replace(forecasts.outlook, stop_week=np.full(10, 60.0))
    now = replace(forecasts.now, launch=launch)
    said = replace(forecasts, now=now, outlook=short_for_good).sentence()
    assert "have it short until its sales ended (" in said


def test_no_fact_says_that_a_date_is_missing_which_the_answer_has():
    launch = launch_without_reports("mi_mix")
    told = SourcedValue(value=pd.Timestamp("2017-03-20"), basis="assumed", source_or_reason="x")
    launch = replace(launch, figures=launch.figures | {"supply.short_until": told})
    study = study_launch(launch, draws=40)
    assert study.shortage_end.sentence == "It was short until mid-March 2017, we assume."
    assert study.facts().facts[2] == ("mid-March 2017", "until then it was short, we assume")


def test_an_assumed_end_of_a_shortage_is_said_to_be_assumed_and_an_unknown_one_is_left_out():
    launch = load_launch("mi_5")
    told = launch.figures["supply.short_until"]
    ends = {}
    for basis in ("assumed", "unknown"):
        figures = launch.figures | {"supply.short_until": replace(told, basis=basis)}
        study = study_launch(replace(launch, figures=figures), draws=40)
        ends[basis] = study.shortage_end.sentence
    assert ends["assumed"] == "It was short until early June 2016, we assume."
    assert "June" not in ends["unknown"]
    assert "not told when it ended" not in study.forecasts.sentence()


def test_a_share_that_passed_is_said_of_a_part_that_is_blamed_and_whose_it_is():
    """What Nichia told of its diodes is assumed of Sony's own."""
    launch = load_launch("playstation_3")
    said = "of laser diodes passed, we assume (10 to 50 %)"
    assert said in study_of("playstation_3").facts().text()
    no_part = replace(launch.figures["supply.bottleneck"], value="none")
    for limit in (no_part, SourcedValue(value=None, basis="unknown")):
        figures = launch.figures | {"supply.bottleneck": limit}
        study = study_launch(replace(launch, figures=figures), draws=40)
        assert "passed" not in study.facts().text()
        assert study.shortage.named_limit("yield") == ""


def test_what_came_out_later_of_a_shortage_is_on_the_first_screen():
    """Xiaomi said of the Mi 3 in India that it had expected less demand."""
    study = study_of("mi_3_india")
    assert study.detail().startswith("By later accounts demand had been misjudged; ")
    assert [report.name for report in study.shortage.reports] == ["came_out_later"]
    redmi = study_of("redmi_1s_india")
    assert "later accounts" not in redmi.detail()
    assert redmi.shortage.reports == ()


@pytest.mark.slow
def test_the_answer_says_until_when_it_was_short_or_that_nobody_can_tell(study):
    answer = study.first_screen().answer
    month = r"(early |mid-|late )?[A-Z][a-z]+ \d{4}"
    end_of_sales = r"until its sales ended \((assumed: )?"
    a_day = rf"[sS]hort (until about |at least until |until |{end_of_sales}){month}"
    assert re.search(
        rf"{a_day}|short for two years|We cannot tell until when|nor until when", answer
    )


def end_after(life_months, *weeks) -> ShortageEnd:
    """End of the shortage of a Mi 9 of another life, whose supply stops binding in these weeks."""
    study = study_of("mi_9")
    life = SourcedValue(value=life_months, basis="assumed")
    launch = replace(study.launch, figures=study.launch.figures | {"life_months": life})
    outlook = replace(study.forecasts.outlook, stop_week=np.array(weeks, float))
    return find_shortage_end(launch, outlook)


def test_no_product_is_short_for_longer_than_it_is_sold():
    """First sold on 26 February 2019; a year later is late February 2020."""
    for_good = end_after(12, 60, 70, 80)
    assert for_good.sentence == (
        "Simulations have it short until its sales ended (assumed: late February 2020), "
        "if interest lasts."
    )
    assert for_good.label == "short until its sales ended, we simulate"
    some = end_after(12, 10, 10, 90)
    assert some.sentence == (
        "It was short at least until early May 2019, in nine of ten simulations."
    )
    assert some.perhaps_until is None
    assert end_after(30, 10, 10, 90).sentence.endswith("2020).")


def test_a_shortage_without_an_end_is_sure_for_as_long_as_is_simulated_and_no_longer():
    study = study_of("mi_9")
    unknown_life = {"life_months": SourcedValue(value=None, basis="unknown")}
    launch = replace(study.launch, figures=study.launch.figures | unknown_life)
    outlook = replace(study.forecasts.outlook, stop_week=np.full(10, np.inf))
    end = find_shortage_end(launch, outlook)
    assert end.sentence == "It was short for two years or more, if interest lasts."
    first_sale = study.now.first_sale
    assert end.surely_until == first_sale + pd.Timedelta(weeks=study.now.horizon_weeks)


def test_the_bar_of_the_shortage_ends_where_the_answer_has_it():
    """Ten draws, weeks 10 to 19: nine of ten are short after week 10, one of ten after week 18."""
    end = end_after(30, *range(10, 20))
    first_sale = load_launch("mi_9").figure("first_sale").value
    days = [(day - first_sale).days for day in (end.surely_until, end.perhaps_until)]
    assert days == [70, 126]
    chart = replace(study_of("mi_9").timeline, shortage_end=end).chart()
    assert "short in fewer than nine of ten" in chart.note
    bars = chart.data.set_index("series").loc[["surely short until", "perhaps short until"], "date"]
    assert bars.tolist() == [end.surely_until, end.perhaps_until]
    drawn = Figure((9.2, 4), dpi=72).subplots()
    chart.plot(drawn)
    assert end.label in [text.get_text() for text in drawn.texts]
    assert drawn.get_ylim()[0] < 0 <= min(drawn.get_yticks())


def test_a_shortage_whose_end_nobody_can_tell_has_no_bar():
    timeline = replace(study_of("mi_9").timeline, shortage_end=ShortageEnd("We cannot tell"))
    assert not timeline.chart().data["series"].str.contains("short until").any()
    assert timeline.plot(Figure((9.2, 4), dpi=72).subplots()).get_ylim()[0] == 0


def test_what_no_forecast_reads_is_listed_with_its_reason():
    """Two sell-outs of orders in advance, of unknown size; an order log, for the page on demand."""
    listed = study_of("nintendo_switch").forecasts.not_used().frame.set_index("what")["reason"]
    early = listed[listed.index.str.endswith("before the first sale")]
    assert [what[12:22] for what in early.index] == ["2017-01-13", "2017-02-15"]

    mi_9 = study_of("mi_9")
    with_log = replace(mi_9.now.launch, words=mi_9.now.launch.words | {"orders.file": "log.csv"})
    forecasts = replace(mi_9.forecasts, now=replace(mi_9.now, launch=with_log))
    assert "order log log.csv" in set(forecasts.not_used().frame["what"])


def test_a_first_count_a_year_after_first_sale_is_still_one():
    mi_9 = load_launch("mi_9")
    late = mi_9.sales.tail(1).assign(date=pd.Timestamp("2020-04-20"), units=3_000_000.0)
    count = headline_count(replace(mi_9, sales=late))
    assert count["units"] == 3_000_000


def test_a_product_that_may_never_have_been_short_is_not_said_to_have_been():
    """Week 0 is the day of first sale, not a day until which it was short."""
    assert end_after(30, 0, 0, 0).sentence == "Nothing shows that it was short."
    perhaps = end_after(30, 0, 0, 0, 20, 30, 40)
    assert perhaps.sentence == "We cannot tell whether it was short."
    study = replace(study_of("mi_9"))
    study.__dict__["shortage_end"] = perhaps
    assert re.match(
        r"We cannot tell whether it was short; if so, probably a short part \(", study.answer()
    )


def test_a_forecast_by_a_ramp_of_the_file_alone_is_drawn_and_said():
    """A file of one's own may know no report, pledge or part, but the figures of its ramp."""
    launch = launch_without_reports("mi_mix")
    units = {"start_units_per_month": 2e4, "full_units_per_month": 1e5, "ramp_weeks": 12}
    ramp = {
        f"supply.{name}": SourcedValue(value, "assumed", 0.8 * value, 1.25 * value)
        for name, value in units.items()
    }
    day = pd.Timestamp("2017-01-31")
    count = {"date": day, "units": 40_000, "kind": "sold", "scope": "model", "reported": day}
    sales = pd.DataFrame([count | {"source": "x", "note": ""}])
    counted = replace(launch, figures=launch.figures | ramp, sales=sales)
    study = study_launch(counted, draws=60)
    assert study.forecasts.sentence().startswith("The estimate with all known today")
    assert len(study.timeline.fan)
    assert study.timeline.chart().title == "Mi MIX: phones sold, as forecast and counted"


def test_on_a_narrow_screen_a_ring_beside_the_label_of_a_dot_has_its_own(mi_9):
    """A million Mi 9 by 27 March; the ring just above is 1.5 million of the series."""
    for is_narrow in (False, True):
        svg = mi_9.timeline.chart().svg(narrow=is_narrow)
        words = re.sub(r"<[^>]+>|\s+", " ", svg).replace("\u00a0", " ")
        assert "1 million" in words
        assert re.search(r"1\.5 million\s+of the series", words)


def test_the_title_of_the_lead_chart_names_what_is_drawn(mi_9):
    timeline = mi_9.timeline
    counted_alone = replace(
        timeline, fan=timeline.fan[:0], pledge_point=timeline.pledge_point[:0]
    ).chart()
    assert timeline.chart().title == "Mi 9: phones sold, as forecast, pledged and counted"
    assert counted_alone.title == "Mi 9: phones sold, as counted"


def test_a_lot_gone_at_a_cut_price_is_sold_and_shows_no_shortage():
    """The last 90,000 Mi 1 were gone in three hours once their price was cut in August 2012."""
    launch = load_launch("mi_1")
    as_on_file, known = known_sales(launch), known_sales(without_shortage_at_cut_prices(launch))
    week_of_last_shortage = known.week_of(pd.Timestamp("2012-04-24"))
    assert len(known.sold_out) == np.ceil(week_of_last_shortage)
    assert len(as_on_file.sold_out) > len(known.sold_out)
    pd.testing.assert_frame_equal(known.bounds, as_on_file.bounds)
    shown = study_of("mi_1").launch.drops.set_index("date")["sold_out"]
    assert shown[pd.Timestamp("2012-08-15")] == "yes", "the page shows the file"


@pytest.mark.slow
def test_a_clearance_sale_is_not_read_as_a_shortage_until_sales_end():
    assert "until sales end" not in study_of("mi_1").first_screen().answer


@pytest.mark.slow
def test_the_first_row_of_the_forecasts_is_the_answer_and_lies_between_its_beliefs(study):
    frame = study.forecasts.table()
    if not len(frame):
        return
    answer, beliefs = frame.iloc[0], frame.iloc[1:]
    assert beliefs["weight"].sum() == pytest.approx(1)
    for weeks in (4, 13):
        medians = beliefs[f"median_{weeks}"]
        assert medians.min() <= answer[f"median_{weeks}"] <= medians.max()


@pytest.mark.slow
def test_what_is_known_and_not_used_is_listed_with_the_reason():
    frame = study_of("mi_1").forecasts.not_used().frame
    assert "target of 1,000,000 reported on 2011-12-20" in set(frame["what"])
    assert frame["reason"].str.len().min() > 5


@pytest.mark.slow
def test_what_is_not_used_names_the_estimate_and_compares_paces(mi_9):
    table = mi_9.forecasts.not_used()
    assert table.caption == (
        "Known, and not used by the estimate with all known today; "
        "the forecast of 3 March 2019 went by what was known then"
    )
    assert "a slower pace, a month, than is made already" in set(table.frame["reason"])
    pledged = mi_9.forecasts.table().set_index("belief").loc["Its pledges, kept", "weight"]
    assert pledged > 0, "which the earlier forecast does use"


def waiting_words(name, **changed) -> str:
    """Say the forecasts of a launch with another outlook."""
    study = study_of(name)
    outlook = replace(study.forecasts.outlook, **changed)
    forecasts = replace(study.forecasts, outlook=outlook, documented_end=None)
    return forecasts.sentence()


def test_people_who_wait_are_counted_only_where_counts_of_sales_moved_them(study):
    outlook = study.forecasts.outlook
    is_over = outlook is not None and (outlook.has_stopped or outlook.nobody_waits)
    is_moved = outlook is not None and outlook.informed
    words = study.forecasts.sentence()
    assert ("people waited." in words and "We cannot tell" not in words) == (
        is_moved and not is_over
    )


def test_people_who_registered_for_nothing_do_not_count_those_who_wait():
    """Of the Mi 5 no sales were counted, though 17 million registered, which is free."""
    outlook = study_of("mi_5").forecasts.outlook
    assert not outlook.are_sales_counted
    few = {"waiting": np.array([2e6, 3e6, 4e6]), "waiting_spread": 0.2}
    few |= {"stop_week": np.full(3, 90.0)}
    assert "We cannot tell how many people waited" in waiting_words("mi_5", **few)
    counted = waiting_words("mi_5", **few, are_sales_counted=True)
    assert re.search(r"about [\d.]+ to [\d.]+ million people waited", counted)
    assert "In the four weeks from then about" in counted


def test_who_waits_is_not_said_once_supply_is_no_longer_short():
    """Of the Switch supply stopped being short in 2017, and its last count is of 2021."""
    study = study_of("nintendo_switch")
    assert study.forecasts.outlook.has_stopped
    words = study.forecasts.sentence()
    assert not re.search(r"wait|lot|expect|want one", words)
    simulated = find_shortage_end(study.launch, study.forecasts.outlook)
    assert simulated.sentence.startswith("It was short until about")


@pytest.mark.slow
def test_no_millionth_is_published_later_than_a_count_has_it(study):
    _, (estimate, _, _) = study.forecasts.weeks_to_a_million()
    by_count = million_by_count(study.now)
    if by_count is not None:
        assert estimate <= by_count["week"].min()


def test_no_million_is_published_that_was_simulated_after_the_end_of_sale():
    """The Mi 3 was sold in India for three months; unlimited, its simulations go on for years."""
    study = study_of("mi_3_india")
    assert np.median(study.now.draws_weeks_until(1e6)) > 14
    for unit, weeks in (
        study.forecasts.weeks_to_a_million(),
        study.forecasts.weeks_as_known_then(),
    ):
        assert unit == "weeks on sale, simulated"
        assert weeks[0] == np.inf
    unit, weeks = study_of("mi_5").forecasts.weeks_to_a_million()
    assert unit.endswith("simulated"), "no count has it"
    assert np.isfinite(weeks[0])


def test_no_million_is_published_where_the_page_shows_neither_forecast_nor_count():
    """Of the Redmi 1S in India four lots are known; a million is of comparable launches alone."""
    forecasts = study_of("redmi_1s_india").forecasts
    assert forecasts.forecast() is None
    _, of_today = forecasts.weeks_to_a_million()
    _, of_then = forecasts.weeks_as_known_then()
    assert np.isnan([*of_today, *of_then]).all()


@pytest.mark.slow
def test_charts_are_drawn_for_wide_and_narrow_screens_in_colours_of_the_page(study):
    charts = [study.timeline.chart(), study.reports.chart(), study.parts.chart()]
    charts += [study.maker_effect(maker).chart() for maker in study.makers()]
    for chart in charts:
        if chart is not None:
            assert chart.svg(narrow=True) != chart.svg()  # another colour is a ValueError


@pytest.mark.slow
def test_the_lead_chart_offers_what_it_draws(study):
    data = study.timeline.data()
    counts = study.launch.sales.query("kind != 'ordered'")
    assert (data["series"] == "count").sum() == len(counts)
    fan = data[data["series"] == "forecast"]
    assert (fan["low"] <= fan["phones"]).all()
    assert (fan["phones"] <= fan["high"]).all()


@pytest.mark.slow
def test_the_millionth_mi_9_is_dated_by_its_counts(mi_9):
    """27 March by one source, 31 March by another: 30 and 34 days."""
    unit, (estimate, low, high) = mi_9.forecasts.weeks_to_a_million()
    assert unit == "weeks, no later by its counts"
    assert (estimate, low, high) == pytest.approx((30 / 7, 30 / 7, 34 / 7))
    assert "27 March 2019" in mi_9.forecasts.sentence()


@pytest.mark.slow
def test_every_later_maker_of_the_mi_9_has_its_own_effect(mi_9):
    effects = {maker: mi_9.maker_effect(maker).added for maker in mi_9.makers()}
    assert list(effects) == ["BYD", "Inventec"]
    assert not effects["BYD"].equals(effects["Inventec"])


@pytest.mark.slow
def test_words_and_chart_of_a_maker_take_all_simulations(mi_9):
    effect = mi_9.maker_effect("BYD")
    last = effect.added.iloc[-1]
    assert 0 < last["any"] < 1
    assert f"By week 26 it adds about **{two_digits(last['median'])}**" in effect.sentence()
    assert f"and none in {percent(1 - last['any'])} of simulations." in effect.sentence()
    assert effect.chart().measure == "Median and 80 % range of all simulations"
    middle, ends = middle_with_range(last["median"], last["low"], last["high"])
    assert f"({ends})" in effect.sentence()
    assert middle_with_range(29_000, 0, 960_000) == ("29,000", "0 to 960,000"), "in one unit"
    assert effect.chart().alt.endswith(f"by week 26 about {middle} ({ends}).")


def test_nobody_is_told_to_plan_on_a_maker_that_adds_next_to_nothing(mi_9):
    """BYD assembles, and camera modules are the limit: it adds 1 % of the phones by week 26."""
    effect = mi_9.maker_effect("BYD")
    assert effect.added["median"].iloc[-1] < 0.05 * effect.all_units
    assert effect.advice() in mi_9.decision()
    assert "We would not have planned on BYD: half our simulations add under " in mi_9.decision()
    assert "BYD" not in mi_9.facts().text()
    middle, high = in_one_unit(*effect.added[["median", "high"]].iloc[-1])
    assert effect.advice().endswith(f"under {middle} by week 26, one in ten over {high}."), "wide"
    mi_5 = study_of("mi_5")
    assert mi_5.maker_effect("Inventec").advice() == ""
    assert "We would have counted on Inventec for the Mi 5" in mi_5.decision()


def test_a_maker_that_most_simulations_leave_out_is_not_said_to_add_less_than_nothing(mi_9):
    effect = mi_9.maker_effect("BYD")
    seldom = replace(effect, added=effect.added.assign(low=0.0, median=0.0, high=960_000.0))
    assert seldom.advice() == (
        "We would not have planned on BYD: half our simulations add none by week 26, one in ten "
        "over 960,000."
    )
    never = replace(effect, added=effect.added.assign(low=0.0, median=0.0, high=0.0))
    assert never.advice().endswith("on BYD: our simulations add none by week 26.")


def test_ranges_were_set_knowing_the_counts_or_where_there_are_none_the_reports(mi_9):
    assert "set knowing these counts" in mi_9.timeline.chart().note
    mi_mix = study_of("mi_mix").timeline.chart().note
    assert "No count of sales of the Mi MIX is known." in mi_mix
    assert "set knowing these reports" in mi_mix


def test_no_second_maker_is_named_where_none_is_in_question():
    assert "second maker" not in study_of("mi_2").decision()


def test_the_weeks_until_full_supply_say_how_many_that_is(mi_9):
    full = mi_9.launch.figure("supply.full_units_per_month").number
    assert f"until full supply of {two_digits(full)} a month: we assume" in mi_9.facts().text()


def estimate_of_thirteen_weeks(study) -> str:
    """Write the middle of the estimate with all known today."""
    return two_digits(np.median(study.now.draws_sold_by(np.array([13]))))


def test_what_more_supply_would_have_sold_is_said_as_the_panel_has_it(mi_9, monkeypatch):
    panels = []
    monkeypatch.setattr(study_trial, "what_if", lambda *words, **_: panels.append(words))
    mi_9.what_if()
    _, measure, sold = panels[0]
    ten_times = sold(10, 0.07).set_index("label").loc["week 13"]
    unlimited = two_digits(ten_times["estimate"])
    ends = range_words(ten_times["low"], ten_times["high"])
    today = f"Today we estimate {estimate_of_thirteen_weeks(mi_9)} for thirteen weeks, and"
    assert mi_9.forecasts.sentence().endswith(
        f"{today} with ten times the supply {unlimited} ({ends})."
    )
    assert "with all known today (above: forecast of 3 March 2019)" in measure
    panels.clear()
    study_of("mi_1").what_if()  # its forecast above is that of today too
    assert panels[0][1] == "phones sold by then, 80 % range"
    monkeypatch.setattr(study_forecasts, "TIMES_MADE", [1])
    at_most_as_made = replace(mi_9.forecasts)
    assert at_most_as_made.sentence().endswith(f"{today} hardly more with more supply.")


def test_more_supply_is_set_beside_the_estimate_that_the_page_has_already():
    """Of the Mi 1 and Mi 5 the forecast shown is that of today: one number, not one of the panel's.

    Both lie up to a tenth apart, as counts are not used again in the panel.
    """
    for name in ("mi_1", "mi_5"):
        study = study_of(name)
        estimate = estimate_of_thirteen_weeks(study)
        words = study.forecasts.sentence()
        assert f"The estimate with all known today for thirteen weeks is **{estimate} " in words
        if "ten times the supply" in words:
            assert words.endswith(f"would have sold in thirteen weeks, not {estimate}.")
    assert "ten times the supply" in study_of("mi_1").forecasts.sentence()


def test_simulations_that_end_a_shortage_too_early_do_not_tell_what_more_supply_would_sell(
    monkeypatch,
):
    """The Switch was short until December 2017, and most of its simulations end that in June.

    With ten times the supply they would have sold 6 % more in thirteen weeks.
    """
    panels = []
    monkeypatch.setattr(study_trial, "what_if", lambda *words, **_: panels.append(words))
    study = study_of("nintendo_switch")
    assert study.forecasts.sentence().endswith(
        "Demand in them is too low to tell what more supply would have sold."
    )
    study.what_if()
    assert panels[0][1].endswith("; by later accounts demand was higher")
    told_nothing = replace(study.forecasts, documented_end=None)
    assert not told_nothing.is_demand_too_low


def test_a_shortage_that_simulations_end_too_early_does_not_hide_that_more_would_have_sold():
    """The Mi 5: its simulations end a little early, and still most of the demand is not met."""
    forecasts = study_of("mi_5").forecasts
    documented = (forecasts.documented_end.day - forecasts.now.first_sale).days / 7
    assert np.mean(forecasts.outlook.stop_week < documented) > 0.75
    assert not forecasts.is_demand_too_low
    assert not study_of("playstation_3").forecasts.is_demand_too_low, "half of them end it later"


def test_what_more_supply_sells_is_left_out_where_few_draws_simulate_supply(monkeypatch):
    """The estimate of the Redmi Note 7 rests on comparable launches, of no supply of its own."""
    monkeypatch.setattr(study_forecasts, "AS_ESTIMATED", 1)  # whether they are like it or not
    forecasts = study_of("redmi_note_7").forecasts
    assert forecasts.now.share_of_supply() < 0.5
    assert "more supply" not in forecasts.sentence().lower()
    assert "ten times the supply" not in forecasts.sentence()


def test_a_maker_that_starts_earlier_never_adds_less(mi_9):
    as_it_came, earlier = (mi_9.maker_effect("BYD", weeks).added for weeks in (0, 4))
    for column in ("low", "median", "high", "any"):
        assert (earlier[column] >= as_it_came[column] - 1e-6).all()


def test_only_the_maker_named_is_moved():
    sources = load_launch("mi_9").supply_sources
    moved = start_earlier(sources, "BYD", 4)
    days = (sources["starts_low"] - moved["starts_low"]).dt.days
    assert set(days[sources["maker"] == "BYD"]) == {28}
    assert set(days[sources["maker"] != "BYD"]) == {0}


@pytest.mark.slow
def test_sections_without_anything_to_show_are_empty(study):
    if not len(study.launch.supply_sources):
        assert study.parts.chart() is None
        assert study.parts.words() is None
        assert study.makers() == []
    if study.forecasts.forecast() is None:
        assert study.forecasts.shown_table() is None


@pytest.mark.slow
def test_a_study_as_of_a_day_uses_nothing_from_after_it():
    early = study_launch(load_launch("mi_9"), as_of="2019-03-10", draws=60)
    assert early.then is early.now
    assert early.launch.sales.empty
    assert headline_count(early.launch) is None
    assert np.isfinite(early.forecasts.table()["median_4"]).all()


@pytest.mark.slow
def test_of_a_launch_with_a_first_sale_alone_the_page_says_that_we_cannot_tell():
    study = study_launch(launch_without_reports("mi_mix"), draws=40)
    assert study.answer() == "We cannot tell what held it back, nor until when."
    assert study.trust().level == "none"
    facts = study.facts().facts
    assert [number for number, _ in facts] == ["no count", "no report", "no date"]
    assert facts[2][1] == "says when the shortage ended"
    assert study.timeline.chart().svg()
    assert study.forecasts.shown_table() is None
    assert "nobody published how many were made or sold" in study.detail()
    assert study.reports.words() is None
    assert "would reverse this" in study.decision()


def test_of_a_product_that_never_sold_out_the_page_says_that_nothing_held_it_back():
    launch = load_launch("mi_9")
    unsold = replace(launch, drops=launch.drops.assign(sold_out="no", sellout_s=np.nan))
    study = study_launch(unsold, draws=40)
    assert study.answer() == "Nothing that we know of: its one lot did not sell out."
    assert "held back on purpose" not in study.first_screen().text()
    assert study.trust().level == "fair"
    assert study.decision().startswith("We would have made no more of the Mi 9 than was ordered.")
    assert not study_launch(launch, draws=40).answer().startswith("Nothing that we know of")


LETTERS_OF_A_SLIDER = 60  # of its label, which Lab cuts off where it is longer


@pytest.mark.slow
def test_labels_of_the_panel_are_short(study, monkeypatch):
    panels = []
    monkeypatch.setattr(
        study_trial, "what_if", lambda *_, labels, **__: panels.append(labels.values())
    )
    study.what_if()
    for labels in panels:
        assert all(len(label) <= LETTERS_OF_A_SLIDER for label in labels), labels


def test_the_panel_says_whose_supply_it_tries_and_that_it_is_an_average(monkeypatch):
    """Nobody reported how many Redmi Note 7 were made: what is tried is what was pledged."""
    panels = []
    monkeypatch.setattr(study_trial, "what_if", lambda *_, labels, **__: panels.append(labels))
    said = {}
    for name in ("redmi_note_7", "mi_9"):
        study_of(name).what_if()
        said[name] = panels.pop()["times_made"]
    assert re.fullmatch(
        r"times the pledged supply \(on average [\d.]+ million a month\)", said["redmi_note_7"]
    )
    assert re.fullmatch(
        r"times the simulated supply \(on average [\d.]+ million a month\)", said["mi_9"]
    )


def test_the_panel_ends_with_the_sales():
    """The Mi 3 was sold in India for three months, by assumption."""
    assert study_trial.weeks_of_panel(load_launch("mi_3_india")).tolist() == [4, 13]
    assert study_trial.weeks_of_panel(load_launch("mi_9")).tolist() == [4, 13, 26]


@pytest.mark.parametrize("name", ["mi_mix", "mi_9", "mi_1", "redmi_note_7", "nintendo_switch"])
def test_the_panel_starts_about_where_the_estimate_of_today_is(name, monkeypatch):
    """Counts move the estimate beyond what is simulated, by half for the Redmi Note 7."""
    panels = []
    monkeypatch.setattr(study_trial, "what_if", lambda *words, **values: panels.append(words))
    study = study_launch(load_launch(name), draws=1000)
    study.what_if()
    middle = np.median(study.now.draws_sold_by(np.array([13.0])))
    calculate = panels[0][2]
    sold = calculate(1, study_trial.SOME_LEAVE).set_index("label")["estimate"]
    assert sold["week 13"] == pytest.approx(middle, rel=0.1)
    more = calculate(3, study_trial.SOME_LEAVE).set_index("label")["estimate"]
    assert more["week 13"] > sold["week 13"]


def test_one_shops_orders_in_advance_are_called_no_lot():
    meanings = [meaning for _, meaning in study_of("nintendo_switch").facts().facts]
    assert "until the fastest pre-orders for the Switch were gone" in meanings
    meanings = [meaning for _, meaning in study_of("redmi_1s_india").facts().facts]
    assert "until the fastest lot of the Redmi 1S in India was gone" in meanings
