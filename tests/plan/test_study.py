"""What the page of a plan says: the answer at the list price, what rests on a guess, no repeats."""

import re
from dataclasses import replace
from functools import cache
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from analysis import bom, margin, plan, supply
from analysis.bom import Interval
from analysis.data import interval, list_launches, load_launch
from analysis.look import millions, number, percent, span, speak_of
from analysis.look.chart import csv_text
from analysis.margin.words import dollars_with_range
from analysis.plan.choose import BEST_AT_LIST_PRICE, RECOMMENDED
from analysis.plan.levers import value_cash_float, value_signal
from analysis.plan.market import weeks_of_life
from analysis.plan.policies import CHOICES, DO_NOT_SELL
from analysis.plan.results_plans import ACTUAL, AS_MADE
from analysis.plan.study_parts import count_sales, list_counts, policies_to_try
from analysis.plan.words import (
    INPUTS,
    in_millions,
    input_words,
    plan_words,
    plot_gains,
    small_sum,
    two_digits,
)

_AS_MADE_TABLE = plan.policy_table({AS_MADE: plan.SELL_AS_MADE})
ON_PURPOSE = "held back on purpose"
WITH_A_PLAN = [name for name in list_launches() if "release_plan" in load_launch(name).studies]
FEW = 150  # simulated lives, where figures do not matter


@cache
def few_lives(launch: str) -> plan.ReleaseStudy:
    """Study a launch on few lives."""
    return plan.study_launch(load_launch(launch), draws=FEW)


# ---- words ----


def test_a_sum_on_a_page_is_no_smaller_than_a_cent():
    assert [small_sum(usd) for usd in (12.34, 0.456, 0.0234, 0.0041, -9.2e-05, -0.009)] == [
        "$12",
        "$0.46",
        "$0.02",
        "$0",
        "$0",
        "−$0.01",
    ]


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (plan.SELL_AS_MADE, "sell as made"),
        (DO_NOT_SELL, "sell nothing"),
        (plan.RIVALS["half throughout"], "make only half all the time"),
        (
            plan.RIVALS["a quarter for half a year"],
            "make a quarter for 26 weeks, then all",
        ),
        (plan.RIVALS["stock up for 13 weeks"], "store all that is made for 13 weeks"),
        (
            plan.ReleasePolicy(release=0.75, volume_week=8, store=1),
            "store a quarter of what is made for 8 weeks",
        ),
        (plan.RIVALS["a fifth dearer"], "sell as made at 20 % above list price"),
        (plan.ReleasePolicy(price=0.9), "sell as made at 10 % below list price"),
        (plan.ReleasePolicy(release=0.0, volume_week=4), "make none for 4 weeks"),
        (
            plan.ReleasePolicy(price=1.35, s_week=26, cut=0.15, cut_week=39),
            "sell as made at 35 % above list price, upgraded version after 26 weeks, "
            "15 % off after 39 weeks",
        ),
    ],
)
def test_a_plan_is_named_by_what_it_does(policy, words):
    assert plan_words(policy) == words


def test_every_input_of_a_market_has_words():
    from dataclasses import fields

    assert {field.name for field in fields(plan.Market)} == set(INPUTS)


def test_money_is_written_with_sign_and_unit_and_never_as_0_million():
    assert in_millions(-3.2e6) == "−$3.2 million"
    assert [in_millions(usd) for usd in (557_312.2, 0.0)] == ["$560,000", "nothing"]
    assert span(-4.15e8, 1.31e9, write=in_millions) == "−$415 million to $1.3 billion"


def test_gains_that_a_page_offers_as_data_are_in_its_currency(mi_9):
    speak_of(currency="EUR", local_per_usd=0.5)
    charts = [part.chart() for part in (mi_9.plans, mi_9.waiting, mi_9.price)]
    tables = [pd.read_csv(StringIO(csv_text(chart.data))) for chart in charts]
    speak_of()
    for chart, table in zip(charts, tables, strict=True):
        in_dollars = chart.data["estimate_usd"].to_numpy()
        assert table["estimate_eur"].to_numpy() == pytest.approx(0.5 * in_dollars, rel=1e-4)
        assert {"low_eur", "high_eur"} <= set(table)


# ---- the first screen ----


def test_the_headline_speaks_of_the_list_price_and_names_the_price_that_clears_the_market(mi_9):
    screen = mi_9.first_screen()
    assert "Xiaomi Mi 9" in screen.question
    assert screen.answer.startswith("Sell what is made")
    assert "above list price" not in screen.answer
    assert mi_9.price.what_decides() in screen.detail
    first_week = mi_9.clearing.by_week.iloc[0]
    assert first_week["estimate"] == mi_9.clearing.by_week["estimate"].max()
    first_range = span(first_week["low"], first_week["high"], write=two_digits)
    at_most = f"up to {number(first_week['estimate'], 2)} times the list price, in week 1"
    assert f"{at_most} ({first_range})" in screen.detail
    life = mi_9.clearing.life.mid
    assert f"and at {number(life, 2)} over the whole life." in screen.detail
    assert len(screen.answer.split()) <= 25


def test_the_price_on_the_first_screen_is_that_of_the_week_in_which_it_is_highest(mi_9):
    """A queue may grow for weeks: the first week of the Switch cleared below its list price."""
    by_week = pd.DataFrame(
        {
            "week": [0, 8, 26],
            "low": [0.5, 0.7, 0.6],
            "estimate": [0.8, 2.5, 1.4],
            "high": [1.0, 8.2, 5.1],
        }
    )
    clearing = replace(mi_9.clearing, by_week=by_week)
    detail = replace(mi_9, clearing=clearing).first_screen().detail
    assert "have met at up to 2.5 times the list price, in week 9 (0.7 to 8.2), and" in detail
    assert clearing.chart().alt == (
        "From 0.8 times the list price in the first week to 1.4 in week 27; highest in week 9, 2.5."
    )
    speak_of(is_ahead=True)
    assert clearing.headline().startswith("Buyers and supply would meet at up to 2.5 times")
    speak_of()


def test_a_price_that_may_be_five_or_two_hundred_times_the_list_is_said_not_to_be_told(mi_9):
    by_week = pd.DataFrame({"week": [8], "low": [5.7], "estimate": [28.0], "high": [260.0]})
    clearing = replace(mi_9.clearing, by_week=by_week)
    assert "up to" not in clearing.headline()
    assert "We cannot tell at which price" in clearing.headline()
    assert "(5.7 to 260 times the list price)" in clearing.headline()


def test_a_price_beyond_those_on_file_is_not_drawn_and_not_told(mi_9):
    by_week = pd.DataFrame(
        {"week": [0, 8], "low": [2.0, 4.0], "estimate": [4.8, 16.1], "high": [14.3, 105.5]}
    )
    life, none = Interval(1.7, 4.5, 17.0), mi_9.clearing.observed.iloc[:0]
    clearing = replace(mi_9.clearing, by_week=by_week, observed=none, life=life)
    assert "We cannot tell at which price" in clearing.headline()
    assert clearing.chart().note == "Beyond 10 we cannot tell."
    assert clearing.chart().alt.endswith(
        "to more than 10 in week 9; highest in week 9, more than 10."
    )
    assert "4.5 times list (1.7 to more than 10)" in clearing.sentence()
    axes = clearing.chart().plot()
    assert axes.get_xlim()[1] == 10
    dots = [line.get_xdata()[0] for line in axes.get_lines() if line.get_marker() == "o"]
    assert dots == [4.8], "of the first week; that of the other lies beyond"
    assert not mi_9.clearing.chart().note


def test_simulations_that_miss_most_counts_carry_no_advice(mi_9):
    refuted = replace(mi_9, sales=_with_counts_off_by(mi_9.sales, np.array([1, 9, 9])))
    assert refuted.first_screen().answer.startswith("We cannot tell. The Mi 9 simulations miss")
    assert refuted.trust().level == "none"
    assert "against its counts before any plan" in refuted.decision()


def test_what_few_simulations_are_worth_is_said_and_lowers_trust(mi_9):
    assert "independent" not in mi_9.trust().because
    few = replace(mi_9, known=replace(mi_9.known, effective_draws=15.9))
    assert few.trust().level == "low"
    assert "simulations are worth 16 independent ones" in few.trust().because


def test_a_class_without_counts_says_whose_buyers_it_has(mi_9):
    words = mi_9.known.launch.words | {"product": "car"}
    car = replace(mi_9.known.launch, words=words)
    study = replace(mi_9, known=replace(mi_9.known, launch=car))
    assert "No car sales are on file" in study.trust().because
    assert study.trust().level == "low"


def test_the_headline_says_what_holding_back_would_have_cost_or_that_it_changes_little(mi_9):
    lost_usd = -mi_9.explanations.delay.mean_usd
    assert lost_usd > 0.01 * mi_9.explanations.delay.as_made_usd.mean()
    half = "Sell what is made: making half of the Mi 9 phones for 13 weeks would have "
    assert mi_9.first_screen().answer == f"{half}cost about {in_millions(lost_usd)}."
    as_made_usd = mi_9.explanations.delay.as_made_usd.mean()
    little = half.replace("Sell what is made", "It hardly matters")
    for share in (-0.009, 0.009):
        answer = _with_gain_by_waiting(mi_9, share * as_made_usd).first_screen().answer
        assert answer == f"{little}changed profit by less than 1 %."
    answer = _with_gain_by_waiting(mi_9, 0.02 * as_made_usd).first_screen().answer
    assert answer.endswith("no plan that holds Mi 9 phones back clearly earns more.")


def _with_gain_by_waiting(study, gain_usd: float):
    """The study if making half at first gained this in every draw."""
    verdict = study.explanations.verdict
    gains_usd = np.full(verdict.delay.gain_usd.shape, gain_usd)
    verdict = replace(verdict, delay=replace(verdict.delay, gain_usd=gains_usd))
    return replace(study, explanations=replace(study.explanations, verdict=verdict))


def test_the_first_screen_says_up_to_which_loss_of_buyers_a_dearer_price_earns_more(mi_9):
    turns_at = number(mi_9.price.turns_at, 2)
    assert f"loses over {turns_at} % of buyers" in mi_9.price.what_decides()
    dearer, as_made = (mi_9.choice.table.loc[label] for label in ("a fifth dearer", AS_MADE))
    each, each_as_made = (plan["profit_usd"] / plan["units"] for plan in (dearer, as_made))
    sells = f"A Mi 9 a fifth dearer sells {millions(dearer['units'])} instead of "
    assert mi_9.price.what_decides().startswith(
        f"{sells}{millions(as_made['units'])}, at {two_digits(each / each_as_made)} times the "
        "profit each. It earns more unless"
    )
    loses = pd.Series({"units": as_made["units"], "profit_usd": -1e6})
    at_a_loss = replace(mi_9.price, as_made=loses).what_decides()
    assert at_a_loss.startswith(f"{sells}{millions(as_made['units'])}. It earns more unless")
    gains_usd = mi_9.price.by_elasticity["estimate"].abs()
    for sign, more_or_less in ((1, "more"), (-1, "less")):
        always = mi_9.price.by_elasticity.assign(estimate=sign * gains_usd)
        price = replace(mi_9.price, by_elasticity=always, turns_at=np.nan)
        assert f"earns {more_or_less} however people react" in price.what_decides()


def test_the_loss_of_buyers_is_said_to_be_unmeasured_only_where_no_dealers_price_is_on_file(mi_9):
    moved = number(mi_9.known.fresh.elasticity.mean(), 2)
    ends = f"of buyers; by dealers' prices we expect {moved} %."
    assert mi_9.price.what_decides().endswith(ends)
    assert mi_9.price.guess().endswith(f"; dealers' prices move that to {moved} %")
    without = replace(mi_9.price, moved_elasticity=np.nan)
    assert without.what_decides().endswith("% of buyers, which nobody has measured.")


def test_the_headline_names_the_plan_where_holding_back_earns_most_at_the_list_price(mi_9):
    table = mi_9.choice.table.copy()
    row = table.loc["stock up for 13 weeks"]
    table.loc[BEST_AT_LIST_PRICE] = row
    plans = replace(mi_9.plans, choice=replace(mi_9.choice, table=table))
    answer = replace(mi_9, plans=plans).first_screen().answer
    assert answer.endswith("to store all that is made for 13 weeks earns most on average.")


def test_the_loss_on_a_ceramic_body_has_the_digits_of_the_page_on_margin(mi_mix):
    """Its ends are many times apart, so that a third digit of any of them tells nothing."""
    low, median, high = mi_mix.body.comparison.unit_margin_usd
    lost = dollars_with_range(-median, -high, -low)
    assert mi_mix.body.margin_words() == f"loses {lost}"
    number, _ = mi_mix.facts().facts[2]
    assert number == f"−{lost.split()[0]}"
    assert re.fullmatch(r"−\$\d0+", number)


def test_the_ceramic_body_stands_in_the_first_screen_of_the_one_launch_that_has_one(mi_9, mi_mix):
    assert "its ceramic body decides" in mi_mix.first_screen().answer
    assert mi_mix.body.margin_words() in mi_mix.first_screen().detail
    assert "ceramic" in mi_mix.facts().text()
    assert mi_9.body is None
    assert "ceramic" not in mi_9.first_screen().text() + mi_9.facts().text()


def test_the_facts_are_those_of_the_verdict(mi_9):
    text = mi_9.facts().text()
    assert percent(mi_9.explanations.delay.chance) in text
    assert "beats selling as made; on average it loses" in text
    _, expected, _ = mi_9.waiting.expected_fall_range
    assert f"{percent(expected)}: how much cheaper we expect a Mi 9 to get in 13 weeks" in text


def test_what_a_phone_more_is_worth_lies_in_the_range_printed_beside_it(mi_9):
    """In one of twenty simulations it is worth a thousand times as much: that makes the mean."""
    unit_usd = np.append(np.linspace(-0.8, 1.2, 95), np.full(5, 1000.0))
    low, median, high = interval(unit_usd)
    assert not low <= unit_usd.mean() <= high
    levers = replace(mi_9.levers, unit_usd=unit_usd)
    text = replace(mi_9, levers=levers).facts().text()
    likely = span(low, high, write=small_sum)
    assert f"{small_sum(median)}: what one more Mi 9 in the first" in text
    assert f"is worth in the middle simulation, {likely}; a few move the average to $50" in text
    lever, worth, of_most = levers.table().iloc[0]
    assert lever.endswith("weeks, median")
    assert (worth, of_most) == (small_sum(median), likely)

    unit_usd = mi_9.levers.unit_usd
    assert f"{small_sum(unit_usd.mean())}: what one more Mi 9" in mi_9.facts().text()
    assert "is worth on average, " in mi_9.facts().text()
    assert mi_9.levers.table()["worth"][0] == small_sum(unit_usd.mean())


def test_the_chance_of_a_ceiling_is_a_fact_only_where_a_report_moved_it(mi_9):
    _, low, high = mi_9.explanations.verdict.ceiling.interval
    chance = span(low, high, write=percent)
    not_settled = "No two counts settle whether more Mi 9 phones could have been made."
    assert chance not in mi_9.facts().text() + mi_9.explanations.sentence()
    assert not_settled in mi_9.trust().because
    verdict = mi_9.explanations.verdict
    counted = replace(verdict, ceiling=replace(verdict.ceiling, is_counted=True))
    moved = replace(mi_9, explanations=replace(mi_9.explanations, verdict=counted))
    assert chance in moved.facts().text()
    assert not_settled not in moved.trust().because


@pytest.mark.parametrize("lost_over_later_cost", [np.inf, 1.2, 0.8])
def test_where_no_fall_in_sight_makes_waiting_pay_the_page_does_not_name_one(
    mi_9, lost_over_later_cost
):
    lost_usd = -mi_9.waiting.delay.mean_usd
    waiting = _with_later_cost(mi_9.waiting, lost_usd / lost_over_later_cost)
    study = replace(mi_9, waiting=waiting)
    assert "no fall in sight makes waiting pay" in study.facts().text()
    assert study.trust().would_settle.startswith("A count of how many give up waiting")
    assert "On average no fall of its cost in sight pays; we expect" in waiting.sentence()
    assert "No fall of its cost in sight would change that." in study.decision()


def test_where_a_fall_of_cost_makes_waiting_pay_the_page_names_it(mi_9):
    # Four times what is lost, in later cost: a quarter of it has to go.
    later_cost_usd = -4 * mi_9.waiting.delay.mean_usd
    waiting = _with_later_cost(mi_9.waiting, later_cost_usd)
    expected_fall = mi_9.waiting.delay.expected_fall
    assert waiting.needed == pytest.approx(1 - 0.75 * (1 - expected_fall))
    text = replace(mi_9, waiting=waiting).facts().text()
    assert f"{percent(waiting.needed)}: how much cheaper a Mi 9 must get in 13 weeks" in text
    assert f"if a Mi 9 gets {percent(waiting.needed)} cheaper in 13 weeks" in waiting.sentence()


def _with_later_cost(waiting, usd: float):
    """The section on waiting, with as much cost of phones made later in every draw."""
    delay = replace(waiting.delay, later_cost_usd=np.full(waiting.delay.gain_usd.shape, usd))
    return replace(waiting, delay=delay)


def test_the_share_published_for_making_half_is_the_one_that_the_page_prints(mi_9):
    share, low, high = mi_9.explanations.making_half_pays
    assert share == mi_9.explanations.delay.chance
    assert low < share < high
    error = np.sqrt(share * (1 - share) / mi_9.known.effective_draws)
    assert high - low == pytest.approx(2 * 1.28 * error)


def test_what_we_would_do_follows_from_the_answer(mi_9, mi_mix):
    assert mi_9.decision().startswith("We would release what can be made")
    assert mi_mix.decision().startswith("We would find out what the ceramic body costs")
    table = mi_9.choice.table.copy()
    table.loc[BEST_AT_LIST_PRICE] = table.loc["stock up for 13 weeks"]
    plans = replace(mi_9.plans, choice=replace(mi_9.choice, table=table))
    held_back = replace(mi_9, plans=plans).decision()
    assert held_back.startswith("We would store all that is made for 13 weeks")


def test_what_we_would_do_names_later_changes_that_earn_more_and_how_often_they_earn_less(mi_9):
    assert "Later changes" not in mi_9.decision()
    gains_usd = np.where(np.arange(mi_9.plans.draws) < 0.25 * mi_9.plans.draws, -2e6, 2e6)
    later = plan.ReleasePolicy(s_week=253, cut=0.15, cut_week=39)
    decision = _with_best_plan(mi_9, later, gains_usd).decision()
    assert (
        "Later changes (upgraded version after 253 weeks, 15 % off after 39 weeks) earn "
        "$1 million more on average than selling as made, less in 25 % of simulations. That rests "
        "on our guess of how buyers react. Before raising the Mi 9's price"
    ) in decision
    assert "Later changes (15 % off after 39 weeks) earn" in (
        _with_best_plan(mi_9, replace(later, s_week=plan.NEVER), gains_usd).decision()
    )
    worse = _with_best_plan(mi_9, later, -gains_usd).decision()
    assert "Later changes" not in worse, "it earns less"


def test_a_plan_is_held_against_what_was_done_where_the_file_says_that(mi_9):
    """The Switch had an upgraded version: beside it, adding one is no gain of a plan."""
    switch = few_lives("nintendo_switch")
    assert switch.choice.policy(RECOMMENDED).sells_as_made
    best_usd = switch.choice.profit_usd[BEST_AT_LIST_PRICE]
    gain_usd = best_usd - switch.choice.profit_usd[ACTUAL]
    over_as_made_usd = best_usd - switch.choice.profit_usd[AS_MADE]
    assert 0 < gain_usd.mean() < 0.5 * over_as_made_usd.mean()
    more = f" earn {in_millions(gain_usd.mean())} more on average than what was done, less in "
    assert f"{more}{percent((gain_usd < 0).mean())} of simulations." in switch.decision()
    low, _, high = interval(switch.choice.gain_over(RECOMMENDED, ACTUAL))
    mean = in_millions(switch.choice.gain_over(RECOMMENDED, ACTUAL).mean())
    gains = f"It gains {mean} over what was done ({span(low, high, write=in_millions)})."
    assert gains in switch.plans.sentence()
    speak_of(is_ahead=True)
    assert "more on average than what is planned, less" in switch.decision()
    assert " over what is planned (" in switch.plans.sentence()
    speak_of()

    recommended = switch.choice.table.copy()
    recommended.loc[ACTUAL, CHOICES] = recommended.loc[RECOMMENDED, CHOICES]
    done = replace(switch.plans, choice=replace(switch.choice, table=recommended))
    over_as_made = in_millions(switch.choice.gain_over(RECOMMENDED, AS_MADE).mean())
    assert f"It is what was done, and gains {over_as_made} over selling" in done.sentence()
    assert "what was done" not in mi_9.decision(), "what is made was sold"


def test_a_higher_price_is_measured_first_only_where_the_reaction_of_buyers_decides(mi_9, mi_mix):
    measure = "we would measure in two regions how people react."
    assert not mi_9.price.always_gains
    assert mi_9.decision().endswith(measure)
    assert mi_mix.price.always_gains
    earns = "A higher price earns more at every reaction of buyers that we tried."
    assert mi_mix.decision().endswith(earns)
    nothing_bounds = replace(
        mi_mix.known.anchors, largest_potential=np.full_like(mi_mix.known.fresh.potential, np.inf)
    )
    wide = np.geomspace(1e5, 1e8, mi_mix.known.fresh.draws)
    unknown = replace(
        mi_mix.known, anchors=nothing_bounds, fresh=replace(mi_mix.known.fresh, potential=wide)
    )
    assert not unknown.buyers_are_known
    assert replace(mi_mix, known=unknown).decision().endswith(measure)
    losses = mi_9.price.by_elasticity.assign(estimate=-1.0)
    price = replace(mi_9.price, by_elasticity=losses, turns_at=np.nan)
    loses = "A higher price earns less at every reaction of buyers that we tried."
    assert replace(mi_9, price=price).decision().endswith(loses)


def _with_best_plan(study, policy: plan.ReleasePolicy, gains_usd: np.ndarray):
    """The study if a plan were best at the list price and gained this over selling as made."""
    table, profit_usd = study.choice.table.copy(), study.choice.profit_usd.copy()
    table.loc[BEST_AT_LIST_PRICE, CHOICES] = plan.policy_table({"": policy}).iloc[0]
    profit_usd[BEST_AT_LIST_PRICE] = profit_usd[AS_MADE] + gains_usd
    choice = replace(study.choice, table=table, profit_usd=profit_usd)
    return replace(study, plans=replace(study.plans, choice=choice))


# ---- sections ----


def test_each_plan_is_held_against_selling_as_made_and_against_what_was_done_if_that_differs(mi_9):
    """So that how often a plan wins is the same number on the first screen and in the table."""
    as_made, done = "beats selling as made", "beats what was done"
    table = mi_9.plans.table().set_index("plan")
    assert done not in table, "what was done is what is made, sold"
    assert table.loc["sell as made (what was done, we assume)", as_made] == ""
    won = percent(mi_9.explanations.delay.chance)
    assert table.loc["make half for 13 weeks, then all", as_made] == won
    plans = few_lives("mi_2").plans
    table = plans.decisive().set_index("plan")
    gain_usd = plans.choice.gain_over(AS_MADE, ACTUAL)
    assert table.loc["sell as made", [as_made, done]].tolist() == [
        "",
        percent((gain_usd > 0).mean()),
    ]
    (of_what_was_done,) = [words for words in table.index if "(what was done, we assume" in words]
    assert table.loc[of_what_was_done, [as_made, done]].tolist() == [
        percent((gain_usd < 0).mean()),
        "",
    ]
    speak_of(is_ahead=True)
    assert "beats what is planned" in plans.table()
    speak_of()


def test_each_plan_is_drawn_once_and_selling_as_made_is_the_zero_line(mi_9):
    gains = mi_9.plans.gains()
    assert gains["label"].is_unique
    assert "sell as made" not in set(gains["label"])
    # The Mi 9 had no S version: what was done is what is made, sold.
    assert mi_9.choice.policy(ACTUAL) == plan.SELL_AS_MADE


def test_the_gains_drawn_are_paired_and_those_that_rest_on_a_guess_are_grey(mi_9):
    gains = mi_9.plans.gains().set_index("label")
    gain_usd = mi_9.choice.gain_over("a fifth dearer", AS_MADE)
    row = gains.loc["sell as made at 20 % above list price"]
    assert row["estimate"] == pytest.approx(gain_usd.mean())
    assert not row["focus"]
    assert gains.loc["make only half all the time", "focus"]


def test_what_was_done_has_a_short_name_in_the_chart_and_its_weeks_in_the_table():
    """The plan of the PlayStation 3 in words would take four lines of a phone."""
    plans = few_lives("playstation_3").plans
    labels = plans.gains()["label"]
    assert "what was done (prices taken as one)" in set(labels)
    assert labels.str.len().max() < 80
    (of_what_was_done,) = [words for words in plans.table()["plan"] if "what was done" in words]
    assert "upgraded version after 146 weeks" in of_what_was_done
    assert "its 3 lower prices taken as one" in of_what_was_done


@pytest.mark.parametrize("width_in", [4.2, 9.2])
def test_gains_on_both_sides_of_nothing_have_ticks_on_both_sides_and_are_written(width_in):
    gains = pd.DataFrame(
        {
            "label": ["make half for 13 weeks, then all", "sell as made at 20 % above list price"],
            "estimate": [-42e6, 190e6],
            "low": [-410e6, -50e6],
            "high": [8e6, 490e6],
        }
    )
    axes = Figure(figsize=(width_in, 4)).subplots()
    plot_gains(axes, gains)
    low, high = axes.get_xlim()
    ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
    assert min(ticks) < 0 < max(ticks)
    words = [label.get_text() for label in (*axes.get_yticklabels(), *axes.texts)]
    assert ("−$42m" in words) is (width_in > 5)
    assert ("make half for 13 weeks, then all: −$42m" in words) is (width_in < 5)


def test_only_what_is_known_of_holding_back_has_a_range_in_the_chart_of_chances(mi_9):
    """The range of a share of simulations is an error of ours: it would pass for knowledge."""
    drawn = mi_9.explanations.chart().data.set_index("explanation")
    on_purpose, pays = drawn.loc[ON_PURPOSE], drawn.loc["making half at first pays"]
    assert on_purpose["low"] < on_purpose["estimate"] < on_purpose["high"]
    assert pays["low"] == pays["estimate"] == pays["high"]
    low, high = mi_9.explanations.making_half_pays[1:]
    assert low < pays["estimate"] < high, "it is published with its error"


def test_each_question_has_a_yes_a_no_or_we_cannot_tell(mi_9):
    table = mi_9.explanations.table().set_index("explanation")
    assert table.loc[ON_PURPOSE, "answer"] == "we cannot tell"  # other shortages alone speak
    _, low, high = supply.explain_shortage(load_launch("mi_9")).interval("held_back")
    chance = span(low, high, write=percent)
    assert f"the Mi 9 was held back on purpose is {chance}" in table.loc[ON_PURPOSE, "because"]
    assert table.loc["it pays, if hype is as good as marketing", "answer"] == "we cannot tell"
    assert table.loc["making half at first pays", "answer"] == "no"
    won = percent(mi_9.explanations.delay.chance)
    half = f"Making half for 13 weeks beats selling as made in {won} of Mi 9 simulations"
    assert table.loc["making half at first pays", "because"].startswith(half)


@pytest.mark.parametrize(("won", "answer"), [(0.9, "yes"), (0.5, "we cannot tell"), (0.1, "no")])
def test_waiting_is_answered_by_the_share_of_lives_in_which_it_wins(mi_9, won, answer):
    gain_usd = np.where(np.arange(100) < 100 * won, 1e8, -1e8)
    assert _answer_on_waiting(mi_9, gain_usd) == answer


def test_a_gain_of_less_than_a_hundredth_of_the_profit_is_no_yes(mi_9):
    as_made_usd = mi_9.explanations.delay.as_made_usd.mean()
    assert _answer_on_waiting(mi_9, np.full(100, 0.009 * as_made_usd)) == "we cannot tell"
    assert _answer_on_waiting(mi_9, np.full(100, 0.011 * as_made_usd)) == "yes"


def test_what_pays_without_any_fall_of_cost_does_not_pay_for_cheaper_parts(mi_9):
    """Where so little is made later that its cost hardly counts, it pays to make fewer."""
    row = _waiting_row(mi_9, np.full(100, 1e8), later_cost_usd=1e8)
    assert row["answer"] == "not for cheaper parts"
    assert row["explanation"] == "making half at first pays"


def _answer_on_waiting(study, gain_usd: np.ndarray) -> str:
    """The answer to the second question if waiting gained this, and much was made later."""
    return _waiting_row(study, gain_usd, later_cost_usd=1e11)["answer"]


def _waiting_row(study, gain_usd: np.ndarray, later_cost_usd: float) -> pd.Series:
    """The row of the second question if waiting gained this, and later units cost that much."""
    verdict = study.explanations.verdict
    later = np.full(len(gain_usd), later_cost_usd)
    delay = replace(verdict.delay, gain_usd=gain_usd, later_cost_usd=later)
    return replace(study.explanations, verdict=replace(verdict, delay=delay)).table().iloc[1]


@pytest.mark.parametrize(("chance", "answer"), [(0.1, "no"), (0.9, "yes"), (0.5, "we cannot tell")])
def test_more_could_have_been_made_where_reports_speak_against_a_ceiling(mi_9, chance, answer):
    held_back = (chance, chance - 0.05, chance + 0.05)
    assert _answer_on_holding_back(mi_9, held_back, is_counted=True) == answer


@pytest.mark.parametrize(
    ("held_back", "answer"),
    [
        ((0.1, 0.02, 0.37), "probably not"),
        ((0.2, 0.1, 0.61), "we cannot tell"),
        ((0.4, 0.3, 0.45), "we cannot tell"),
    ],
)
def test_a_range_past_one_half_is_no_probably_not(mi_9, held_back, answer):
    assert _answer_on_holding_back(mi_9, held_back, is_counted=False) == answer


def test_the_rate_of_other_shortages_alone_does_not_tell_whether_more_could_have_been_made(mi_9):
    """As of the Switch: 12 % of famous shortages, and 13 % of those whose target was raised.

    Of the Mi 9 a second line lowers that chance and the need to register raises it as much again.
    """
    for study in (few_lives("nintendo_switch"), mi_9):
        assert not study.known.signs_tell
        row = study.explanations.table().set_index("explanation").loc[ON_PURPOSE]
        assert row["answer"] == "we cannot tell"
        assert f"What is known of the {study.phone} moves it little." in row["because"]
        assert not row["focus"]
        note = study.explanations.chart().note
        assert note == f"Grey: rests on nothing counted of the {study.phone}."
    told = few_lives("mi_2")  # people had to register
    assert told.known.signs_tell
    row = told.explanations.table().set_index("explanation").loc[ON_PURPOSE]
    assert row["because"].startswith("Going by documented shortages, the chance that the Mi 2 was")
    assert row["focus"]


def _answer_on_holding_back(study, held_back: tuple[float, float, float], *, is_counted: bool):
    """The answer to the first question if the chance of holding back were this."""
    verdict = study.explanations.verdict
    ceiling = replace(verdict.ceiling, held_back=held_back, is_counted=is_counted, signs_tell=True)
    moved = replace(study.explanations, verdict=replace(verdict, ceiling=ceiling))
    return moved.table().set_index("explanation").loc[ON_PURPOSE, "answer"]


def test_a_price_names_its_guess_and_where_it_turns(mi_9):
    sentence = mi_9.price.sentence()
    assert "f people react to price as we assume" in sentence
    assert mi_9.price.guess() in sentence
    turn = f"Above {number(mi_9.price.turns_at, 2)} % it earns less"
    assert turn in mi_9.price.chart().alt
    assert turn not in sentence, "the first screen and the chart say it"
    always = mi_9.price.by_elasticity.assign(estimate=1.0)
    never = replace(mi_9.price, by_elasticity=always, turns_at=np.nan).sentence()
    assert "No loss of buyers up to 8 % turns that" in never


def test_the_advice_at_both_ends_of_the_guess_stands_on_the_page(mi_9):
    """The elasticity at its 10 and its 90 % point: what it earns, and which price clears."""
    advice = mi_9.price.advice().set_index("buyers lost by a price 1 % higher")
    for end in ("low", "high"):
        point = mi_9.price.elasticity[end]
        row = mi_9.price.at(point)
        assert row["elasticity"] == point
        price = f"{number(row['clearing_price'], 2)} times the list price"
        assert advice.loc[f"{point:g} %", "price that clears the market"] == price
        assert advice.loc[f"{point:g} %", "a fifth dearer gains"] == in_millions(row["estimate"])


def test_the_page_speaks_of_a_dealers_price_only_where_one_is_on_file(mi_9, mi_mix):
    assert "Dealers asked 1.17 times the list price in week 3" in mi_9.clearing.sentence()
    assert mi_9.clearing.table()["observed"].max() == pytest.approx(3500 / 2999)
    assert "No dealer's price tests it." in mi_mix.clearing.sentence()


@pytest.mark.parametrize("phone", ["mi_9", "mi_mix"])
def test_no_recommended_price_lies_at_the_edge_or_above_one_at_which_nine_of_ten_sell_all(
    phone, request
):
    study = request.getfixturevalue(phone)
    price = study.choice.policy(RECOMMENDED).price
    tried = policies_to_try(study.known.launch, study.plans.dearest)["price"]
    assert price < tried.max() or price == 1
    assert price <= study.plans.dearest
    market = study.known.fresh
    sold = plan.sales_by_week(plan.ReleasePolicy(price=study.plans.dearest), market).sum(axis=1)
    sells_all = sold >= 0.99 * market.supply_units.sum(axis=1)
    assert sells_all.mean() >= 0.9 or study.plans.dearest == 1


@pytest.mark.parametrize("launch", WITH_A_PLAN)
def test_no_launch_on_file_is_recommended_a_price_at_the_edge_of_what_was_searched(launch):
    study = few_lives(launch)
    tried = policies_to_try(study.known.launch, study.plans.dearest)["price"]
    assert tried.min() < study.choice.policy(RECOMMENDED).price < tried.max()
    assert tried.min() < study.choice.policy(BEST_AT_LIST_PRICE).price < tried.max()


def test_a_dearer_plan_names_its_guess_and_the_body_that_no_plan_pays_for(mi_mix):
    assert mi_mix.choice.policy(RECOMMENDED).price > 1
    assert "its ceramic body left out" in mi_mix.plans.sentence()
    assert "if people react to price as we guess" in mi_mix.plans.sentence()


def test_a_pledged_cap_that_the_plan_itself_exceeds_is_said_with_what_the_plan_keeps(mi_9):
    keeps = mi_9.choice.table.loc[AS_MADE, "margin"]
    assert keeps > mi_9.plans.margin_cap == 0.05
    keeps_words = f"Sold as made, a Mi 9 keeps {percent(keeps)} before overheads"
    assert (
        f"{keeps_words}; its maker had pledged at most 5 % net on hardware" in mi_9.plans.sentence()
    )
    assert mi_9.plans.sentence().endswith("Our costs may be too low.")
    for margin_cap in (0.9, np.nan):
        below_the_cap = replace(mi_9.plans, margin_cap=margin_cap)
        assert "pledged" not in below_the_cap.sentence()


@pytest.mark.parametrize("launch", WITH_A_PLAN)
def test_a_life_of_many_years_is_simulated_fewer_times(launch):
    """So that its plans take no longer to play: draws times weeks are bounded."""
    life = few_lives(launch).known.fresh
    assert life.draws == FEW if life.weeks <= 104 else life.draws == int(FEW * 104 / life.weeks)


def test_a_fast_look_at_a_life_of_many_years_has_lives_enough_to_compare_plans():
    switch = plan.study_launch(load_launch("nintendo_switch"), quick=True)
    assert 400 * 104 / switch.known.fresh.weeks < 100
    assert switch.known.fresh.draws == 200


def test_precise_counts_leave_a_plan_as_many_supplies_as_lives():
    """Twelve counts of the Switch: few of some hundred supplies drawn beforehand agree with all."""
    known = plan.fit_market(load_launch("nintendo_switch"), draws=300)
    assert len(np.unique(known.before.supply_units[:, -1])) > 0.9 * 300
    assert known.effective_draws > 150


def test_no_plan_has_an_upgraded_version_whose_price_is_not_on_file(mi_9):
    assert (mi_9.choice.table["s_week"] == plan.NEVER).all()


def test_an_upgraded_version_is_tried_at_its_own_price_and_no_earlier_than_it_came():
    mi_2 = load_launch("mi_2")
    came = plan.actual_policy(mi_2).s_week
    tried = policies_to_try(mi_2, dearest=1.0)["s_week"]
    assert sorted(tried.unique()) == [came, came + 13, plan.NEVER]
    unpriced = {
        path: figure for path, figure in mi_2.figures.items() if "s_version.list" not in path
    }
    assert set(policies_to_try(replace(mi_2, figures=unpriced), 1.0)["s_week"]) == {plan.NEVER}


def test_nothing_is_changed_after_the_end_of_a_short_life():
    mi_9 = load_launch("mi_9")
    figures = mi_9.figures | {"life_months": replace(mi_9.figure("life_months"), value=4)}
    tried = policies_to_try(replace(mi_9, figures=figures), 1.0)
    weeks = tried[["volume_week", "cut_week", "s_week"]].to_numpy()
    assert ((weeks < 17) | (weeks == plan.NEVER)).all()
    assert {0, 13} < set(tried["volume_week"])


def test_no_upgraded_version_is_tried_after_the_end_of_the_life():
    console = load_launch("playstation_3")
    came = plan.actual_policy(console).s_week
    assert came < weeks_of_life(console) < came + 13
    assert set(policies_to_try(console, 1.0)["s_week"]) == {came, plan.NEVER}


def test_the_sales_by_week_end_with_those_of_the_plan(mi_9):
    sold = mi_9.sales.sold.sum(axis=1).mean()
    assert sold == pytest.approx(mi_9.choice.table.loc[BEST_AT_LIST_PRICE, "units"])
    assert mi_9.sales.table()["by the end of week"].tolist() == [1, 4, 13, 26, 52]


def test_a_count_stands_beside_the_sales_simulated_by_its_week(mi_9):
    counted = mi_9.sales.table().set_index("by the end of week")["counted"]
    assert counted.to_dict() == {
        1: "",
        4: "1 million sold by 27 March 2019",
        13: "",
        26: "",
        52: "",
    }
    assert mi_9.sales.caption().endswith("; middle simulation and 80 % range")
    uncounted = replace(mi_9.sales, counts=mi_9.sales.counts[:0])
    assert "counted" not in uncounted.table()
    assert uncounted.words() is None


def test_a_count_of_days_later_does_not_stand_beside_a_week():
    """Lots of the Mi 2 held 100,000 by 1 December 2012; its fourth week ended on 27 November."""
    sales = few_lives("mi_2").sales
    sales = replace(sales, counts=list_counts(load_launch("mi_2")))
    counted = sales.table().set_index("by the end of week")["counted"]
    assert counted[1] == "50,000 in lots that sold out by 30 October 2012"
    assert counted[4] == ""


def test_the_page_says_which_counts_lie_outside_what_is_simulated_for_their_day(mi_9):
    """A count in the middle of a week is held against the sales up to that day."""
    by_week = np.array([100.0, 300.0])
    sold = by_week * np.linspace(0.9, 1.1, 11)[:, None]  # of eleven lives
    counts = pd.DataFrame(
        {
            "week": [1.5, 1.5, 2.0],
            "date": pd.to_datetime(["2019-03-08", "2019-03-08", "2019-03-11"]),
            "units": [269.0, 9000.0, 900.0],  # simulated are 250, 250 and 400
            "kind": ["sold", "shipped", "sold"],
        }
    )
    sales = replace(mi_9.sales, sold=sold, counts=counts)
    tested = sales.tested()
    assert tested["estimate"].tolist() == pytest.approx([250, 400])
    assert tested["low"].tolist() == pytest.approx([230, 368])
    assert tested["high"].tolist() == pytest.approx([270, 432])
    assert sales.sentence() == (
        "Of 2 counts of units sold the simulations miss 1: 900 sold by 11 March 2019, where they "
        "have 368 to 432."
    )
    both = replace(sales, counts=counts.assign(units=[300.0, 9000.0, 900.0]))
    assert "the simulations miss 2, most of all 900 sold by 11 March 2019" in both.sentence()
    assert replace(sales, counts=counts[:1]).words() is None, "it agrees"
    alone = replace(sales, counts=counts[2:]).words()
    assert alone.text() == (
        "The count of 900 sold by 11 March 2019 lies outside the range simulated for that day, "
        "368 to 432."
    )


def test_counts_are_of_the_product_alone_and_lots_are_added_up():
    """Of the Mi 2 no count is on file, as those of its series hold other phones too."""
    mi_2 = load_launch("mi_2")
    assert set(mi_2.sales["scope"]) == {"series"}
    counts = list_counts(mi_2)
    assert counts["kind"].tolist() == ["lots", "lots", "lots"]
    assert counts["units"].tolist() == [50_000, 150_000, 200_000]
    assert counts["week"].tolist() == pytest.approx([1 / 7, 21 / 7, 33 / 7])


def test_no_count_is_held_against_a_plan_after_it_parts_from_what_was_done():
    known = few_lives("nintendo_switch").known
    all_weeks = list_counts(known.launch)["week"]
    for policy, alike in {
        plan.ReleasePolicy(cut=0.15, cut_week=39): 39,
        plan.ReleasePolicy(price=1.2): 0,
        plan.actual_policy(known.launch): np.inf,
    }.items():
        counts = count_sales(known, policy).counts
        assert counts["week"].tolist() == all_weeks[all_weeks <= alike].tolist()


def test_a_console_whose_opening_stock_lasts_for_some_weeks_is_said_to_be_short_after_them():
    """The Switch: its stock lasts for three weeks of most lives, and then it is short."""
    switch = few_lives("nintendo_switch")
    short_weeks = switch.levers.short_weeks
    assert 0 < short_weeks.start < short_weeks.stop < 52
    weeks = f"weeks {short_weeks.start + 1} to {short_weeks.stop}"
    assert f"one more Switch in {weeks}, short in most simulations, is" in switch.facts().text()
    assert switch.levers.table()["lever"][0] == f"one more phone in {weeks}"
    assert (
        f"One more Switch in {weeks}, sold or not, would have"
        in switch.explanations.table()["because"][0]
    )


def test_where_selling_nothing_earns_most_the_sales_by_week_are_those_of_selling_as_made():
    console = few_lives("playstation_3")
    assert console.choice.policy(BEST_AT_LIST_PRICE).sells_nothing
    assert console.sales.plan == "sell as made"
    assert console.sales.sold.sum(axis=1).min() > 0


def test_what_pays_where_each_unit_loses_says_that_nothing_is_earned_after_the_sale(mi_9):
    console = few_lives("playstation_3")
    unless = "if nothing is earned after the sale"
    assert f"to sell nothing is about best, {unless}. It gains" in console.plans.sentence()
    assert f", {unless}. " in console.explanations.table()["because"][1]
    assert unless not in mi_9.plans.sentence() + mi_9.explanations.sentence()


def test_where_making_fewer_pays_whatever_parts_do_the_page_says_that_it_saves_a_loss(mi_9):
    console = few_lives("playstation_3")
    assert console.waiting.needed <= 0
    saves = "as fewer are made at a loss"
    assert f"on average waiting pays without that, {saves}" in console.facts().text()
    assert console.waiting.sentence().endswith("of simulations, so one not made saves money.")
    assert f"that takes no fall of its cost, {saves}; " in console.explanations.sentence()
    assert saves not in mi_9.facts().text()
    assert mi_9.waiting.sentence().endswith(" of simulations.")


def test_a_plan_of_the_readers_own_is_played_against_selling_as_made(mi_9):
    nothing = mi_9.try_plan(plan.SELL_AS_MADE)
    assert (nothing.gain_usd == 0).all()
    dearer = mi_9.try_plan(plan.RIVALS["a fifth dearer"])
    assert dearer.gain_usd == pytest.approx(mi_9.choice.gain_over("a fifth dearer", AS_MADE))


def test_the_money_that_comes_in_is_the_revenue(mi_9):
    cash = mi_9.levers.cash
    assert cash.by_week["received"].sum() == pytest.approx(cash.revenue_usd)
    assert cash.by_week["paid"].sum() < cash.revenue_usd


def test_the_worth_of_the_float_has_the_range_of_what_is_assumed(mi_9):
    """It is about in proportion to the days and to the cost of money (economics.csv)."""
    cash = mi_9.levers.cash
    low, high = cash.worth_range_usd
    assert low < cash.worth_usd < high
    assert high / low > 1.5
    levers = mi_9.levers.table().set_index("lever")
    row = levers.loc["buyers pay early, suppliers are paid 50 days late"]
    assert row["range"] == span(low, high, write=in_millions)


def test_suppliers_who_are_paid_at_the_sale_are_not_said_to_be_paid_late():
    levers = few_lives("playstation_3").levers
    assert levers.cash.payable_days == levers.cash.inventory_days
    assert "buyers pay early" in levers.table()["lever"].tolist()


def test_the_cash_is_that_of_the_plan_in_its_own_simulation(mi_9):
    """Interest that fades lowers what comes in as it lowers what the plan sells."""
    known = mi_9.known
    undiscounted = replace(known.fresh, discount=np.zeros(known.fresh.draws))
    faded = replace(undiscounted, fade=4 * known.fresh.fade)
    revenue_usd = {}
    for name, market in {"as drawn": undiscounted, "faded": faded}.items():
        simulated_usd = plan.outcomes_by_draw(_AS_MADE_TABLE, market).revenue_usd.mean()
        cash = value_cash_float(replace(known, fresh=market))
        assert cash.revenue_usd == pytest.approx(simulated_usd, rel=0.02)
        revenue_usd[name] = cash.revenue_usd
    assert mi_9.levers.cash.revenue_usd == revenue_usd["as drawn"]
    assert revenue_usd["faded"] < 0.9 * revenue_usd["as drawn"]


def _with_item(known, item: str, factor: float):
    """The market of a launch whose economics.csv has another value of an item."""
    economics = known.tables["economics"].copy()
    economics.loc[economics["item"] == item, "value"] *= factor
    return replace(known, tables=known.tables | {"economics": economics})


def test_a_wider_forecast_makes_the_signal_of_the_first_sale_worth_more(mi_9):
    known = mi_9.known
    wide = replace(known.fresh, potential=known.fresh.potential**2)  # twice the spread of the log
    worth_usd = value_signal(known).usd_a_phone_high
    assert 0 < worth_usd < value_signal(replace(known, fresh=wide)).usd_a_phone_high


@pytest.mark.parametrize("item", ["leftover_loss_share", "second_order_premium"])
def test_the_signal_follows_the_table_of_economics(mi_9, item):
    before = value_signal(mi_9.known).usd_a_phone_high
    assert value_signal(_with_item(mi_9.known, item, 2)).usd_a_phone_high != before


@pytest.mark.parametrize("item", ["prepaid_days", "discount_rate"])
def test_the_float_of_cash_follows_the_table_of_economics(mi_9, item):
    before_usd = value_cash_float(mi_9.known).worth_usd
    more_usd = value_cash_float(_with_item(mi_9.known, item, 2)).worth_usd
    assert more_usd > 1.01 * before_usd


def test_the_tornado_starts_from_the_gain_with_all_inputs_as_drawn(mi_9):
    table = mi_9.inputs.table()
    gain_usd = mi_9.choice.gain_over("a fifth dearer", AS_MADE)
    assert mi_9.inputs.base_usd == pytest.approx(gain_usd.mean())
    idle = mi_9.inputs.swings.loc["s_cost"]  # no plan reads it: its bar would start and end there
    assert idle[["gain_low_usd", "gain_high_usd"]].tolist() == pytest.approx([gain_usd.mean()] * 2)
    assert table["gain_change_usd"].abs().is_monotonic_decreasing
    first_weeks_cost = mi_9.known.fresh.select(slice(200)).cost_usd[:, 0]
    ends = np.quantile(first_weeks_cost, [0.1, 0.9])
    assert table.loc["cost_usd", ["at_low", "at_high"]].tolist() == pytest.approx(ends.tolist())
    drawn = [text.get_text() for text in mi_9.inputs.plot(Figure((9.2, 4)).subplots()).texts]
    assert {input_words("cost_usd", usd) for usd in ends} <= set(drawn)
    assert "how strongly people react to price" in mi_9.inputs.sentence()


def test_a_plan_says_where_the_cost_of_parts_ends_at_our_own_limit():
    limit = "end at our own limit of how far a cost may fall, so late profits are a guess."
    switch, mi_9 = few_lives("nintendo_switch"), few_lives("mi_9")
    assert switch.known.parts_end_at_our_limit
    assert limit in switch.trust().text()
    assert not mi_9.known.parts_end_at_our_limit
    assert limit not in mi_9.trust().text()


def test_a_plan_whose_simulations_miss_a_count_is_trusted_less_and_two_of_three_refute_it(mi_9):
    trusted = replace(mi_9, known=replace(mi_9.known, parts_are_guessed=False))
    most = "The Mi 9 simulations miss most counts of units sold."
    one = "The Mi 9 simulations miss the one count of units sold."
    for off, level, sentence in [
        ([1, 1, 9, 9], "fair", ""),
        ([1, 9, 9, 9], "none", most),
        ([1, 1, 9], "fair", ""),
        ([1, 9, 9], "none", most),
        ([1], "fair", ""),
        ([9], "low", one),
        ([], "fair", ""),
    ]:
        sales = _with_counts_off_by(mi_9.sales, np.array(off))
        assert sales.misses_most is bool(sentence)
        study = replace(trusted, sales=sales)
        assert study.trust().level == level
        assert sentence in study.trust().because
        assert ("simulations miss" in study.trust().because) is bool(sentence)
        waits = _with_gain_by_waiting(study, 1e6)
        assert waits.trust().level == ("none" if level == "none" else "low")
        assert sentence in waits.trust().because


def _with_counts_off_by(sales, off: np.ndarray):
    """The sales with counts in their first weeks, each so many times the median simulated."""
    medians = np.median(sales.sold.cumsum(axis=1)[:, : len(off)], axis=0)
    counts = pd.DataFrame(
        {
            "week": np.arange(1.0, len(off) + 1),
            "date": pd.Timestamp("2019-03-08"),
            "units": off * medians,
            "kind": "sold",
        }
    )
    return replace(sales, counts=counts)


@pytest.mark.parametrize("name", WITH_A_PLAN)
def test_two_pages_of_a_launch_agree_on_whether_its_guessed_margin_is_too_good(name):
    """The Mi 2 at its list price beats the books, but not with the cut that it had."""
    launch = load_launch(name)
    of_margin = margin.study_launch(launch, bom.study_costs(launch), draws=1000, seed=1)
    known = few_lives(name).known
    assert known.guess_beats_books == of_margin.guess_is_too_good
    assert known.parts_are_guessed == (not of_margin.path.bom_is_known)
    assert known.guess_beats_books == (name == "mi_9")


def test_a_plan_is_no_surer_than_the_guess_of_its_margin():
    trust = few_lives("mi_2").trust()
    assert trust.level == "low"
    assert "Its margin is a guess. " in trust.because
    assert "Its margin is a guess, and probably too good. " in few_lives("mi_9").trust().because


def test_a_plan_for_a_launch_of_which_nothing_was_sold_is_a_guess():
    launch = load_launch("mi_mix")
    assert len(launch.drops)
    unsold = replace(launch, drops=launch.drops[:0], sales=launch.sales[:0])
    study = plan.study_launch(unsold, draws=60, seed=1)
    if study.body and study.body.loses:
        study = replace(study, body=None)
    assert study.trust().level == "low"
    assert "is a guess from others of its class" in study.trust().text()
