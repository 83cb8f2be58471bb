"""Making fewer phones at first, played out against selling as made."""

from dataclasses import replace

import numpy as np
import pytest
from random_market import AS_MADE, market, patient_market
from test_theorems import one_cohort

from analysis import plan
from analysis.plan.delay import compare_delays, play_delay


def gain_usd(policy: plan.ReleasePolicy, given: plan.Market) -> np.ndarray:
    """What a policy earns beyond selling as made, by draw, as the simulation of plans has it."""
    table = plan.policy_table({"policy": policy, "as made": plan.SELL_AS_MADE})
    profit_usd, as_made_usd = plan.outcomes_by_draw(table, given).profit_usd
    return profit_usd - as_made_usd


def test_a_delay_never_pays_patient_buyers_of_a_phone_with_a_constant_margin():
    """Ho, Savin and Terwiesch (2002), by the plan that the verdict plays."""
    delay = play_delay(patient_market(), weeks=13)
    assert delay.chance == 0
    assert delay.gain_usd.max() <= 0


def test_a_delay_beyond_the_life_is_refused():
    given = market()
    with pytest.raises(ValueError, match=f"weeks = {given.weeks}; expected 0 to"):
        play_delay(given, weeks=given.weeks)


@pytest.mark.oracle("slow version")
def test_the_gain_of_a_delay_is_the_margin_of_the_phones_that_it_sells_more_or_less():
    """Summed week by week: withheld phones lose theirs, later ones bring it, discounted."""
    given, weeks = market(), 13
    delay = play_delay(given, weeks)
    more = plan.sales_by_week(delay.policy, given) - plan.sales_by_week(plan.SELL_AS_MADE, given)
    gains = np.zeros(given.draws)
    later_cost = np.zeros(given.draws)
    for week in range(given.weeks):
        value_of_money = np.exp(-given.discount * week)
        gains += value_of_money * more[:, week] * given.margin_usd[:, week]
        if week >= weeks:
            later_cost += value_of_money * more[:, week] * given.cost_usd[:, week]
    assert delay.gain_usd == pytest.approx(gains, rel=1e-6, abs=1)
    assert delay.later_cost_usd == pytest.approx(later_cost, rel=1e-6, abs=1)
    assert delay.withheld_units == pytest.approx(-more[:, :weeks].sum(axis=1), rel=1e-9)
    assert delay.later_units == pytest.approx(more[:, weeks:].sum(axis=1), rel=1e-6, abs=1)


def test_the_delays_compared_are_each_played_out():
    given = market()
    delays = compare_delays(given, [4, 13]).set_index("weeks")
    delay = play_delay(given, 13)
    assert delays.loc[13, "estimate"] == pytest.approx(delay.mean_usd, rel=1e-12)
    assert delays.loc[13, "chance"] == delay.chance


def test_at_the_needed_fall_of_cost_a_delay_earns_as_much_as_selling_as_made():
    """Simulated again with later costs that come to that fall, not by the formula."""
    given, weeks = market(supply_units=5e4, reneging_rate=0.0), 13
    delay = play_delay(given, weeks)
    assert delay.expected_fall < delay.needed_fall < 1
    cost_usd = given.cost_usd.copy()
    cost_usd[:, weeks:] *= (1 - delay.needed_fall) / (1 - delay.expected_fall)
    cheaper = replace(given, cost_usd=cost_usd)
    as_made_usd = plan.outcomes_by_draw(AS_MADE, cheaper).profit_usd.mean()
    assert gain_usd(delay.policy, cheaper).mean() == pytest.approx(0, abs=1e-9 * as_made_usd)
    assert play_delay(cheaper, weeks).expected_fall == pytest.approx(delay.needed_fall)


@pytest.mark.oracle("closed form")
def test_with_one_crowd_and_free_capacity_later_the_needed_fall_is_that_of_the_rule_for_one_unit():
    """Both sides of m0 = exp(-(leave + discount) D) m1 are equal at the needed fall."""
    rng = np.random.default_rng(7)
    for _ in range(20):
        weeks, leave, discount = int(rng.integers(2, 30)), rng.uniform(0, 0.02), 0.002
        now = rng.uniform(5, 60)
        given = one_cohort(np.full(40, now), leave, discount)
        delay = play_delay(given, weeks, release=0.0)
        stay = ((1 - leave) * (1 - discount)) ** weeks
        cost_usd = 400 - now
        needed_fall = 1 - (400 - now / stay) / cost_usd
        assert delay.needed_fall == pytest.approx(needed_fall, rel=1e-6)
        assert delay.share_made_later == pytest.approx((1 - leave) ** weeks, rel=1e-6)


def test_where_supply_binds_throughout_a_phone_withheld_is_never_made_later():
    scarce = market(supply_units=10.0)
    delay = play_delay(scarce, weeks=13)
    assert delay.always_short.all()
    assert (delay.later_units == 0).all()
    assert delay.withheld_units == pytest.approx(np.full(scarce.draws, 13 * 5.0))
    assert delay.needed_fall == np.inf


def test_the_gain_is_held_against_the_profit_of_selling_as_made():
    given = market()
    delay = play_delay(given, 13)
    as_made = plan.outcomes_by_draw(AS_MADE, given).profit_usd[0]
    assert delay.as_made_usd == pytest.approx(as_made, rel=1e-12)
    assert delay.share_of_profit == pytest.approx(delay.mean_usd / as_made.mean())


def test_a_phone_that_loses_money_needs_no_fall_of_cost_to_be_held_back():
    """Fewer are sold at a loss; where none is made later, no cost of later ones matters."""
    delay = play_delay(market(supply_units=10.0, cost_usd=400.0), weeks=13)
    assert delay.mean_usd > 0
    assert delay.needed_fall == -np.inf


def test_where_everybody_is_served_at_once_nothing_is_withheld():
    delay = play_delay(market(supply_units=1e12), weeks=13)
    assert (delay.withheld_units == 0).all()
    assert delay.share_made_later == 0
    assert not delay.always_short.any()


def test_where_supply_always_binds_a_delay_pays_only_a_phone_that_starts_at_a_loss():
    delay = play_delay(market(supply_units=10.0), weeks=13)
    assert 0 < delay.chance < 1
    assert delay.at_a_loss_where_it_pays == 1
    dear = play_delay(market(supply_units=10.0, cost_usd=300.0), weeks=13)
    assert dear.chance == 0
    assert np.isnan(dear.at_a_loss_where_it_pays)


def test_the_expected_fall_is_that_of_the_cost_of_a_unit():
    delay = play_delay(market(), 13)
    assert delay.expected_fall == pytest.approx(1 - np.exp(-13 * 0.002))


def test_sales_by_week_sum_to_the_phones_sold():
    given = market()
    by_week = plan.sales_by_week(plan.SELL_AS_MADE, given)
    assert by_week.shape == (given.draws, given.weeks)
    assert by_week.min() >= 0
    sold = plan.outcomes_by_draw(AS_MADE, given).units[0]
    assert by_week.sum(axis=1) == pytest.approx(sold, rel=1e-9)
