"""Why a phone was short: three questions, each answered from simulated plans."""

import re
from dataclasses import replace

import numpy as np
import pytest
from random_market import market
from test_theorems import one_cohort

from analysis import plan, supply
from analysis.data import load_launch
from analysis.look import percent, span
from analysis.plan.delay import play_delay
from analysis.plan.policies import AS_MADE as SOLD_AS_MADE
from analysis.plan.results_verdict import small_dollars
from analysis.plan.verdict import find_short_weeks, judge_shortage, weigh_hype, worth_of_more_supply

# ---- could more have been made? ----


def test_a_phone_more_of_a_supply_that_always_binds_is_worth_its_margin():
    scarce = market(supply_units=10.0)
    week = np.arange(scarce.weeks)
    discounted = np.exp(-scarce.discount[:, None] * week) * scarce.margin_usd
    assert worth_of_more_supply(scarce) == pytest.approx(discounted.mean(axis=1))


def test_a_phone_more_is_worth_nothing_where_everybody_is_served():
    assert worth_of_more_supply(market(supply_units=1e12)) == pytest.approx(0, abs=1e-9)


def test_one_more_is_worth_its_margin_in_the_weeks_in_which_it_is_short_and_nothing_after_them():
    """Supply is short for six weeks and then plenty; nobody waits, so each week stands alone."""
    given = market(q=0.0, reneging_rate=1e3, leave_price=0.0)
    supply = np.full_like(given.supply_units, 1e12)
    supply[:, :6] = 10.0
    given = replace(given, supply_units=supply)
    assert find_short_weeks(given) == range(6)
    added_to_all = worth_of_more_supply(given)
    in_short_weeks = worth_of_more_supply(given, range(6))
    discounted = np.exp(-given.discount[:, None] * np.arange(6)) * given.margin_usd[:, :6]
    assert in_short_weeks == pytest.approx(discounted.mean(axis=1), rel=1e-3)
    assert added_to_all == pytest.approx(0, abs=1e-6)
    assert not find_short_weeks(market(supply_units=1e12))
    assert not find_short_weeks(market(supply_units=10.0, opening_stock=1e12))
    assert find_short_weeks(market(supply_units=10.0)) == range(given.weeks)


def test_a_phone_that_stock_lasts_for_at_first_is_short_later_and_one_more_is_worth_most_then():
    """The opening stock serves three weeks, supply is short for six, and then there is plenty."""
    given = market(q=0.0, reneging_rate=1e3, leave_price=0.0)
    supply = np.full_like(given.supply_units, 1e12)
    supply[:, :9] = 10.0
    plenty = replace(given, supply_units=np.full_like(supply, 1e12))
    stock = plan.sales_by_week(plan.SELL_AS_MADE, plenty)[:, :3].sum(axis=1)
    given = replace(given, supply_units=supply, opening_stock=stock)
    short_weeks = find_short_weeks(given)
    assert short_weeks == range(3, 9)
    while_short = np.arange(3, 9)
    discounted = np.exp(-given.discount[:, None] * while_short) * given.margin_usd[:, while_short]
    worth_usd = worth_of_more_supply(given, short_weeks)
    assert worth_usd == pytest.approx(discounted.mean(axis=1), rel=1e-3)
    verdict = judge_shortage(
        given,
        weeks=4,
        held_back=(0.1, 0.05, 0.2),
        ceiling_is_counted=False,
        signs_tell=True,
        marketing_usd=np.full(given.draws, 20.0),
    )
    assert verdict.ceiling.short_weeks == short_weeks
    assert verdict.ceiling.unit_worth_usd == pytest.approx(worth_usd)


def test_no_week_after_the_documented_end_of_a_shortage_is_short_whatever_is_simulated():
    given = market(potential=1e9, opening_stock=0.0)
    assert find_short_weeks(given) == range(60)
    assert find_short_weeks(given, documented_weeks=31.4) == range(32)
    assert find_short_weeks(given, documented_weeks=-2.0) == range(0)


def test_of_two_times_at_which_a_phone_is_short_the_longer_one_is_named():
    """Short for three weeks, and for seven later: between them a little is left of each week."""
    given = market(q=0.0, reneging_rate=1e3, leave_price=0.0)
    plenty = replace(given, supply_units=np.full_like(given.supply_units, 1e12))
    supply = 1.03 * plan.sales_by_week(plan.SELL_AS_MADE, plenty)
    supply[:, :3] = 10.0
    supply[:, 20:27] = 10.0
    assert find_short_weeks(replace(given, supply_units=supply)) == range(20, 27)


def test_what_one_more_is_worth_is_the_figure_of_the_other_levers(mi_9):
    worth_usd = mi_9.explanations.verdict.ceiling.unit_worth_usd
    assert worth_usd.tolist() == mi_9.levers.unit_usd.tolist()


def test_the_chance_of_a_ceiling_is_that_of_documented_shortages(mi_9):
    """Both ends are those of the page on supply, so that no rounding parts the two pages."""
    ceiling = mi_9.explanations.verdict.ceiling
    shortage = supply.explain_shortage(load_launch("mi_9"), seed=1)
    assert ceiling.held_back == shortage.interval("held_back")
    share, low, high = ceiling.held_back
    assert ceiling.interval == (1 - share, 1 - high, 1 - low)
    assert low < share < high


# ---- did waiting for parts pay? ----


def test_the_row_on_waiting_is_the_difference_of_two_plans_of_the_choice(mi_9):
    """The plans of the choice meet the same draws, so nothing but rounding may differ."""
    gain_usd = mi_9.choice.gain_over("half for some weeks", SOLD_AS_MADE)
    assert mi_9.explanations.delay.gain_usd == pytest.approx(gain_usd, rel=1e-9, abs=1e-3)
    rows = mi_9.explanations.table().set_index("explanation")
    row = rows.loc["making half at first pays"]
    assert row["estimate"] == pytest.approx((gain_usd > 0).mean())


@pytest.mark.parametrize("launch", ["mi_9", "mi_mix"])
def test_the_row_on_waiting_holds_on_draws_of_its_own_to_the_error_of_simulation(launch, request):
    """Both plans are played anew on the draws of the search, which the verdict has not seen.

    Weighed draws come several times, so the error is that of the effective number of draws.
    """
    study = request.getfixturevalue(launch)
    delay = study.explanations.delay
    table = plan.policy_table({"half": delay.policy, "as made": plan.SELL_AS_MADE})
    half, as_made = plan.outcomes_by_draw(table, study.known.search).profit_usd
    other_usd = half - as_made
    draws = study.known.effective_draws
    error_usd = np.hypot(delay.gain_usd.std(), other_usd.std()) / np.sqrt(draws)
    assert abs(other_usd.mean() - delay.mean_usd) < 3 * error_usd
    share_error = np.sqrt(2 * 0.25 / draws)
    assert abs((other_usd > 0).mean() - delay.chance) < 3 * share_error


# ---- could hype pay? ----


@pytest.mark.oracle("closed form")
def test_hype_must_sell_what_a_phone_withheld_loses_over_what_another_earns():
    """One crowd, free capacity later, no discounting: (m0 - stay m1) / m1 others for each phone."""
    leave, weeks = 0.03, 10
    margins = np.where(np.arange(40) < weeks, 50.0, 60.0)
    given = one_cohort(margins, leave, 0.0)
    delay = play_delay(given, weeks, release=0.0)
    hype = weigh_hype(given, delay, np.array([20.0]))
    stay = (1 - leave) ** weeks
    loss_usd = 50 - stay * 60
    assert loss_usd > 0
    assert hype.mean_loss_usd == pytest.approx(loss_usd)
    assert hype.sales_needed == pytest.approx(loss_usd / 60)
    assert hype.mean_bought == pytest.approx(loss_usd / 20)
    assert hype.chance == 1


def test_hype_cannot_pay_where_supply_binds_throughout():
    """Whom scarcity attracts could not be served either."""
    scarce = market(supply_units=10.0, cost_usd=300.0)
    delay = play_delay(scarce, weeks=13)
    hype = weigh_hype(scarce, delay, np.full(scarce.draws, 5.0))
    assert np.isinf(hype.sales_needed).all()
    assert (hype.chance, hype.never_share) == (0, 1)
    assert hype.mean_loss_usd == pytest.approx(50, rel=0.02)


def test_hype_as_good_as_marketing_pays_where_a_later_phone_earns_more_than_marketing_costs():
    plenty = market(supply_units=2e5, cost_usd=300.0)  # short at first, with capacity to spare
    delay = play_delay(plenty, weeks=13)
    loses = delay.gain_usd < 0
    cheap = weigh_hype(plenty, delay, np.full(plenty.draws, 1.0))
    dear = weigh_hype(plenty, delay, np.full(plenty.draws, 60.0))
    can_be_made = np.isfinite(cheap.sales_needed)
    assert (loses & can_be_made).sum() > 5
    assert cheap.chance == pytest.approx((~loses | can_be_made).mean())
    assert dear.chance == pytest.approx((~loses).mean())


def test_a_plan_that_withholds_nothing_needs_no_hype():
    served = market(supply_units=1e12)
    delay = play_delay(served, weeks=13)
    hype = weigh_hype(served, delay, np.full(served.draws, 5.0))
    assert hype.mean_loss_usd == 0
    assert hype.needed_interval.tolist() == [0, 0, 0]


# ---- what the page says of them ----


def test_rows_that_depend_on_one_another_say_so(mi_9):
    table = mi_9.explanations.table()
    first, second, third = table["question"]
    assert first == "Could more have been made?"
    assert second.startswith("If so, ")
    assert third.endswith("what that loses?")
    hype = table.iloc[2]
    assert "If being sold out sells as well as marketing" in hype["because"]
    assert not hype["focus"]  # nobody has counted it: drawn in grey


def test_every_question_has_an_answer_a_chance_and_a_sum_in_whole_sentences(mi_9, mi_mix):
    for study in (mi_9, mi_mix):
        answers = study.explanations.answers()["answer"]
        answer = answers.str.split(". ", regex=False).str[0]
        assert set(answer) <= {"Yes", "No", "No need", "Probably not", "We cannot tell"}
        assert answers.str.contains(r"%.*\$|\$.*%", regex=True).all()
        sentences = [one for row in answers for one in re.split(r"(?<=\.) ", row)]
        assert all(re.fullmatch(r"[A-Z].*\.", sentence) for sentence in sentences)


def test_the_text_beside_the_chart_of_explanations_says_each_chance_once(mi_9):
    explanations = mi_9.explanations
    _, low, high = explanations.verdict.ceiling.held_back
    assert explanations.chart().alt == (
        f"held back on purpose: {span(low, high, write=percent)}; making half at first pays: "
        f"{percent(explanations.delay.chance)}; it pays, if hype is as good as marketing: "
        f"{percent(explanations.verdict.hype.chance)}"
    )


def test_hype_is_drawn_in_grey_whichever_way_its_share_speaks(mi_9):
    """Nobody has counted what hype sells; where nothing is lost it has nothing to repay."""
    verdict = mi_9.explanations.verdict
    for needed, share in ((0.0, "100 %"), (np.inf, "0 %")):
        hype = replace(verdict.hype, sales_needed=np.full_like(verdict.hype.sales_needed, needed))
        explanations = replace(mi_9.explanations, verdict=replace(verdict, hype=hype))
        chart = explanations.chart()
        assert f"if hype is as good as marketing: {share}" in chart.alt
        assert not explanations.table().iloc[2]["focus"]
        assert chart.note == "Grey: rests on nothing counted of the Mi 9."
        assert share in explanations.answers()["answer"][2]
    nothing_lost = replace(verdict, hype=replace(verdict.hype, mean_loss_usd=0.0))
    no_need = replace(mi_9.explanations, verdict=nothing_lost)
    assert no_need.answers()["answer"][2].startswith("No need.")
    assert "hype" not in no_need.chart().alt


def test_what_one_more_is_worth_is_said_of_one_that_may_not_sell(mi_9):
    """One withheld would have sold, so it may lose more than one more earns."""
    hype = mi_9.explanations.table().iloc[2]["because"]
    lost = small_dollars(mi_9.explanations.verdict.hype.mean_loss_usd)
    assert hype.startswith(
        f"Each Mi 9 withheld in the first 13 weeks that would have sold loses {lost}."
    )
    worth_of = {
        12.0: "earned $12.",
        104.6: "earned $100.",  # two digits, as the fact has
        0.4: "earned under $1.",
        -0.2: "earned nothing.",
        -4.0: "lost $4.",
        -104.6: "lost $100.",
    }
    verdict = mi_9.explanations.verdict
    for usd, words in worth_of.items():
        ceiling = replace(verdict.ceiling, unit_worth_usd=np.full(10, usd))
        moved = replace(mi_9.explanations, verdict=replace(verdict, ceiling=ceiling))
        weeks = f"the first {len(ceiling.short_weeks)} weeks"
        told = f" One more Mi 9 in {weeks}, sold or not, would have {words}"
        assert moved.table()["because"][0].endswith(told)


def test_no_answer_on_hype_is_yes_since_nobody_counted_what_it_sold(mi_9):
    verdict = mi_9.explanations.verdict
    for needed, answer in ((0.0, "we cannot tell"), (np.inf, "no")):
        hype = replace(verdict.hype, sales_needed=np.full_like(verdict.hype.sales_needed, needed))
        explanations = replace(mi_9.explanations, verdict=replace(verdict, hype=hype))
        assert explanations.table().iloc[2]["answer"] == answer


def test_hype_that_mostly_finds_no_capacity_is_probably_no_answer(mi_9):
    verdict = mi_9.explanations.verdict
    draws = verdict.hype.sales_needed.size
    needed = np.where(np.arange(draws) < 0.4 * draws, 0.0, np.inf)
    hype = replace(verdict.hype, sales_needed=needed)
    row = replace(mi_9.explanations, verdict=replace(verdict, hype=hype)).table().iloc[2]
    assert row["answer"] == "probably not"
    assert (
        "In 60 % of simulations no number of other sales makes up for that, as too few can be made"
        in row["because"]
    )


def test_where_holding_back_loses_nothing_the_page_needs_no_hype_and_no_fall_of_cost(mi_9):
    verdict = mi_9.explanations.verdict
    delay = replace(verdict.delay, gain_usd=np.abs(verdict.delay.gain_usd) + 1e6)
    hype = weigh_hype(mi_9.known.fresh, delay, np.full(delay.gain_usd.size, 10.0))
    explanations = replace(
        mi_9.explanations, verdict=replace(verdict, delay=delay, hype=hype), left_out=""
    )
    _, waiting, loss = explanations.table().itertuples()
    assert waiting.answer == "not for cheaper parts"
    assert "On average that takes no fall of its cost" in waiting.because
    assert loss.answer == "no need"
    assert loss.because == "Holding Mi 9 phones back loses nothing on average."
    section = replace(mi_9.waiting, delay=delay)
    assert "it pays without any fall of its cost" in section.sentence()
    study = replace(mi_9, explanations=explanations, waiting=section)
    assert "on average waiting pays without that" in study.facts().text()
    assert "−" not in study.trust().would_settle
    earns = f"Making half for 13 weeks earns {percent(delay.share_of_profit)} more on average."
    assert earns in study.decision()


def test_where_supply_binds_throughout_the_page_says_that_none_can_be_made_later(mi_9, mi_mix):
    waiting = mi_mix.waiting
    assert waiting.delay.always_short_share > 0.5
    assert waiting.sentence().startswith("A Mi MIX withheld cannot be made later in ")
    assert "supply is short in every week" in waiting.sentence()
    assert waiting.delay.always_short_share == pytest.approx(
        np.mean(
            [
                np.allclose(sold, can_be_made, rtol=1e-8)
                for sold, can_be_made in zip(
                    plan.sales_by_week(plan.SELL_AS_MADE, mi_mix.known.fresh),
                    mi_mix.known.fresh.supply_units,
                    strict=True,
                )
            ]
        )
    )
    some = mi_9.waiting.sentence()
    assert "so none can be made later" in some
    assert f"{100 * (1 - mi_9.waiting.delay.share_made_later):.0f} are never made" in some
    hardly_ever = np.arange(1000) < 40
    delay = replace(mi_9.waiting.delay, always_short=hardly_ever)
    assert "so none can be made later" not in replace(mi_9.waiting, delay=delay).sentence()


def test_the_worth_of_a_phone_more_says_that_a_ceramic_body_is_left_out(mi_9, mi_mix):
    assert "its ceramic body left out" in mi_mix.explanations.table()["because"][0]
    assert "left out" not in mi_9.explanations.table()["because"][0]
