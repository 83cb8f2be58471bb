"""Waiting for cheaper parts, played out; and where prices and costs turn the answer."""

from dataclasses import replace

import numpy as np
import pytest
from random_market import AS_MADE, market, patient_market

from analysis import plan


def test_waiting_that_is_played_out_never_pays_patient_buyers_of_a_phone_with_a_constant_margin():
    """Ho, Savin and Terwiesch (2002), by the plan that the verdict plays."""
    waiting = plan.play_waiting(patient_market(), weeks=13)
    assert waiting.chance == 0
    assert waiting.gain_usd.max() <= 0


def test_waiting_that_is_played_out_is_the_difference_of_two_simulated_plans():
    given = market()
    waiting = plan.play_waiting(given, weeks=13)
    table = plan.policy_table({"half": waiting.policy, "as made": plan.SELL_AS_MADE})
    half, as_made = plan.outcomes_by_draw(table, given).profit_usd
    assert waiting.gain_usd.tolist() == (half - as_made).tolist()
    assert waiting.chance == pytest.approx(np.mean(half > as_made))


def test_the_delays_compared_are_each_played_out():
    given = market()
    delays = plan.compare_delays(given, [4, 13]).set_index("weeks")
    waiting = plan.play_waiting(given, 13)
    assert delays.loc[13, "estimate"] == pytest.approx(waiting.gain_usd.mean(), rel=1e-12)
    assert delays.loc[13, "chance"] == waiting.chance


@pytest.mark.oracle("closed form")
def test_a_phone_gets_cheap_enough_to_wait_exactly_when_the_rule_for_one_unit_says_so():
    """At the needed fall both sides of m0 = exp(-(leave + discount) D) m1 are equal."""
    given, weeks = market(1), 13
    fall = plan.needed_cost_fall(given, weeks)
    assert fall[0] == fall[1] == fall[2]
    later_usd = given.net_usd[:, weeks] - given.cost_usd[:, 0] * (1 - fall[1])
    stay = np.exp(-(given.reneging_rate + given.discount) * weeks)
    assert stay * later_usd == pytest.approx(np.fmax(given.margin_usd[:, 0], 0))


def test_the_expected_fall_is_that_of_the_cost_of_a_unit():
    fall = plan.expected_cost_fall(market(), 13)
    assert fall.tolist() == pytest.approx([1 - np.exp(-13 * 0.002)] * 3)


def test_at_the_turning_elasticity_a_dearer_price_earns_as_much_as_the_list_price():
    given = market(200)
    dearer = plan.ReleasePolicy(price=1.2)
    turns_at = plan.turning_elasticity(dearer, plan.SELL_AS_MADE, given)
    table = plan.policy_table({"dearer": dearer, "as made": plan.SELL_AS_MADE})
    gain = {}
    for step in (-0.02, 0.02):
        elastic = replace(given, elasticity=np.full(200, turns_at + step))
        dearer_usd, as_made_usd = plan.outcomes_by_draw(table, elastic).profit_usd
        gain[step] = (dearer_usd - as_made_usd).mean()
    assert gain[-0.02] > 0 > gain[0.02]


def test_a_price_that_always_earns_more_turns_at_no_elasticity():
    scarce = market(supply_units=10.0)
    dearer = plan.ReleasePolicy(price=1.2)
    assert np.isnan(plan.turning_elasticity(dearer, plan.SELL_AS_MADE, scarce))


def test_sales_by_week_sum_to_the_phones_sold():
    given = market()
    by_week = plan.sales_by_week(plan.SELL_AS_MADE, given)
    assert by_week.shape == (given.draws, given.weeks)
    assert by_week.min() >= 0
    sold = plan.outcomes_by_draw(AS_MADE, given).units[0]
    assert by_week.sum(axis=1) == pytest.approx(sold, rel=1e-9)
