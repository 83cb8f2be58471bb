"""When holding back pays: theorems with their conditions, and signs that can be proved."""

from dataclasses import replace

import numpy as np
import pytest
from random_market import AS_MADE, MANY, RELEASES, market, patient_market

from analysis import plan
from analysis.plan.choose import BEST_AT_LIST_PRICE, RECOMMENDED, best_policy


def best_of(evaluated):
    """The row of the best policy."""
    return evaluated.loc[best_policy(evaluated)]


def one_cohort(margins, leave: float, discount: float) -> plan.Market:
    """One draw in which everybody waits at first sale, and later capacity is free."""
    return market(
        1,
        len(margins),
        initial_share=1.0,
        p=1e-12,
        q=0.0,
        reneging_rate=-np.log1p(-leave),
        discount=-np.log1p(-discount),
        fade=0.0,
        erosion=0.0,
        supply_units=1e9,
        net_usd=400.0,
        cost_usd=(400 - margins)[None],
    )


@pytest.mark.oracle("closed form")
def test_one_cohort_is_held_back_exactly_when_the_closed_form_says_so():
    """Hold back D weeks when m0 < d^D (1 - l)^D m1, not selling allowed; 200 random cases."""
    rng, held, unsold = np.random.default_rng(3), 0, 0
    for _ in range(200):
        weeks = int(rng.integers(1, 30))
        now, later = rng.uniform(-40, 60), rng.uniform(-40, 90)
        leave, discount = rng.uniform(0, 0.06), rng.uniform(0, 0.02)
        given = one_cohort(np.where(np.arange(40) < weeks, now, later), leave, discount)
        choices = plan.make_policies(release=[1.0, 0.0], volume_week=[0, weeks])
        best = best_of(plan.evaluate(choices, given))
        stay = ((1 - leave) * (1 - discount)) ** weeks
        assert (best.volume_week == weeks) == (later > 0 and now < stay * later), (now, later, stay)
        assert (best.volume_week == plan.NEVER) == (now <= 0 and later <= 0)
        held, unsold = held + (best.volume_week == weeks), unsold + (best.volume_week == plan.NEVER)
    assert min(held, unsold, 200 - held - unsold) > 10


@pytest.mark.parametrize(("later_over_now", "holds_back"), [(1.005, False), (1.02, True)])
def test_phones_are_held_back_only_where_that_adds_a_hundredth_to_the_profit(
    later_over_now, holds_back
):
    """Everybody waits for ten weeks, and then a phone leaves a little more than at first."""
    margin_usd = np.where(np.arange(40) < 10, 50.0, 50.0 * later_over_now)
    given = one_cohort(margin_usd, leave=0.0, discount=0.0)
    choices = plan.make_policies(release=[1.0, 0.0], volume_week=[0, 10])
    chosen = plan.choose_plan(choices, {"as made": plan.SELL_AS_MADE}, given, given)
    for label in (RECOMMENDED, BEST_AT_LIST_PRICE):
        assert chosen.policy(label).sells_as_made != holds_back
    gain = chosen.gain_over(BEST_AT_LIST_PRICE, "as made").mean()
    as_made_usd = chosen.table.loc["as made", "profit_usd"]
    assert gain / as_made_usd == pytest.approx(later_over_now - 1 if holds_back else 0)


@pytest.mark.parametrize(("on_fresh_draws", "holds_back"), [(1.005, False), (1.015, True)])
def test_phones_are_not_held_back_for_a_gain_that_fresh_draws_do_not_show(
    on_fresh_draws, holds_back
):
    """Few lives of a long one may flatter the plan that they choose: others must bear it out."""
    is_later = np.arange(40) >= 10
    searched = one_cohort(np.where(is_later, 50.0 * 1.02, 50.0), leave=0.0, discount=0.0)
    fresh = one_cohort(np.where(is_later, 50.0 * on_fresh_draws, 50.0), leave=0.0, discount=0.0)
    choices = plan.make_policies(release=[1.0, 0.0], volume_week=[0, 10])
    chosen = plan.choose_plan(choices, {"as made": plan.SELL_AS_MADE}, searched, fresh)
    for label in (RECOMMENDED, BEST_AT_LIST_PRICE):
        assert chosen.policy(label).sells_as_made != holds_back


@pytest.mark.parametrize("seed", range(5))
def test_with_patient_buyers_and_a_constant_margin_no_policy_beats_release(seed):
    """Ho, Savin and Terwiesch (2002): Bass demand, no S version, no discounting."""
    given = patient_market(60, 60, seed)
    profit = plan.outcomes_by_draw(RELEASES, given).profit_usd
    at_once = profit[RELEASES.index[RELEASES["release"] == 1][0]]
    assert (profit <= at_once * (1 + 1e-9)).all()
    assert best_of(plan.evaluate(RELEASES, given))["release"] == 1


@pytest.mark.parametrize("seed", range(5))
def test_ties_break_towards_release(seed):
    everyone_is_served = {"supply_units": 1e12, "p": 0.0, "q": 0.0, "initial_share": 1.0}
    early = RELEASES[RELEASES["volume_week"] < 5]
    plenty = plan.evaluate(early, patient_market(20, 60, seed, **everyone_is_served))
    profit = plenty["profit_usd"]
    assert profit.iloc[:5].max() == pytest.approx(profit.iloc[0], rel=1e-12)  # all tie
    assert best_of(plenty)["release"] == 1


def test_a_phone_that_loses_money_all_its_life_is_not_sold():
    evaluated = plan.evaluate(RELEASES, market(cost_usd=400.0))
    assert best_of(evaluated)["units"] == 0
    assert evaluated["profit_usd"].max() == 0


def test_once_the_waiting_leave_a_cheaper_bom_can_pay_for_holding_back():
    falling = 340 * np.exp(-np.arange(60) * 0.02)
    still = {"fade": 0.0, "erosion": 0.0}
    evaluated = plan.evaluate(
        RELEASES, market(reneging_rate=0.001, cost_usd=falling[None], **still)
    )
    assert best_of(evaluated)["release"] < 1
    evaluated = plan.evaluate(RELEASES, market(reneging_rate=0.5, cost_usd=300.0, **still))
    assert best_of(evaluated)["release"] == 1


def test_a_dearer_unit_never_raises_the_profit_of_any_policy_and_changes_no_sale():
    given = market()
    before = plan.outcomes_by_draw(MANY, given)
    after = plan.outcomes_by_draw(MANY, replace(given, cost_usd=1.1 * given.cost_usd))
    assert (after.profit_usd <= before.profit_usd + 1e-6).all()
    assert after.units == pytest.approx(before.units)


def test_more_supply_never_lowers_the_best_profit_of_patient_buyers():
    profits = [
        plan.evaluate(RELEASES, patient_market(supply_units=level))["profit_usd"].max()
        for level in (1e3, 1e4, 3e4, 1e5, 1e6, 1e8)
    ]
    assert np.diff(profits).min() >= -1e-6


def test_where_the_waiting_leave_more_supply_early_can_sell_less():
    """The counter-example: an early batch breeds buyers who find nothing, and go."""
    early = np.r_[np.full(20, 1e3), np.full(40, 3e5)]
    more = early + np.r_[5e4, np.zeros(59)]
    lean = {"potential": 3e6, "initial_share": 0.0, "p": 0.01, "q": 0.6, "reneging_rate": 3.0}
    sold = {
        name: plan.outcomes_by_draw(
            AS_MADE, market(1, supply_units=supply[None], fade=0.0, erosion=0.0, **lean)
        ).units[0, 0]
        for name, supply in (("early", early), ("more", more))
    }
    assert sold["more"] < sold["early"]


def test_a_higher_leave_rate_never_raises_what_a_later_unit_earns():
    now, later, weeks = np.array([10.0, 10, -5, -5]), np.array([30.0, 5, 20, -10]), 13
    gains = [
        np.where(later > 0, np.exp(-(leave + 0.002) * weeks) * later, 0) - np.fmax(now, 0)
        for leave in np.linspace(0, 1, 30)
    ]
    assert np.diff(gains, axis=0).max() <= 0


def test_a_higher_leave_rate_never_raises_the_profit_of_waiting():
    given = market(
        reneging_rate=0.0,
        initial_share=1.0,
        p=1e-12,
        q=0.0,
        fade=0.0,
        erosion=0.0,
        supply_units=1e9,
    )
    wait = plan.make_policies(release=[0.0], volume_week=[13]).head(1)
    profit = [
        plan.outcomes_by_draw(wait, replace(given, reneging_rate=np.full(40, leave))).profit_usd[0]
        for leave in (0.0, 0.02, 0.1, 0.5)
    ]
    positive = given.cost_usd[:, 13] < 350
    assert np.diff(np.array(profit)[:, positive], axis=0).max() <= 1e-9
