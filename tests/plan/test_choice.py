"""The choice among plans, told again on fresh draws, and the swings of its inputs."""

from dataclasses import replace

import numpy as np
import pytest
from random_market import MANY, market, patient_market

from analysis import plan
from analysis.plan.choose import BEST_AT_LIST_PRICE, BEST_OF_ALL, RECOMMENDED
from analysis.plan.sensitivity import find_swings, gain_by_elasticity, turning_elasticity


def test_the_choice_is_told_again_on_fresh_draws_beside_its_rivals(chosen, fresh):
    assert chosen.table.index[0] == RECOMMENDED
    assert set(plan.RIVALS) < set(chosen.table.index)
    assert chosen.table.loc[RECOMMENDED, "gain_usd"] == 0
    profit = {
        label: plan.outcomes_by_draw(chosen.table.loc[[label]], fresh).profit_usd[0]
        for label in (RECOMMENDED, "a fifth dearer")
    }
    gain = (profit[RECOMMENDED] - profit["a fifth dearer"]).mean()
    assert chosen.table.loc["a fifth dearer", "gain_usd"] == pytest.approx(gain, rel=1e-9)
    assert chosen.tried == len(MANY)


def test_the_gain_over_a_rival_is_that_of_the_same_draws(chosen):
    gain = chosen.gain_over(RECOMMENDED, "a fifth dearer")
    row = chosen.table.loc["a fifth dearer"]
    assert gain.mean() == pytest.approx(row["gain_usd"], rel=1e-12)
    assert gain.std() / np.sqrt(len(gain)) == pytest.approx(row["gain_se_usd"], rel=1e-12)


def test_a_plan_is_had_back_by_its_label(chosen):
    assert chosen.policy("sell as made") == plan.SELL_AS_MADE
    assert chosen.policy("a fifth dearer") == plan.RIVALS["a fifth dearer"]
    assert chosen.policy(BEST_AT_LIST_PRICE).price == 1


@pytest.mark.oracle("slow version")
@pytest.mark.parametrize("seed", range(6))
def test_dropping_the_clearly_worse_early_leaves_the_same_plans_on_top(seed):
    given = market(1000, 60, seed)
    groups = [np.ones(len(MANY), bool), MANY["price"] == 1]
    searched = plan.search_plans(MANY, groups, given)
    every_one = plan.evaluate(MANY, given)
    assert len(searched) < len(MANY) / 3
    for group in groups:
        rows = searched[np.asarray(group)[searched.index]]
        top = rows["profit_usd"].sort_values(ascending=False).head(4)
        best = every_one["profit_usd"][np.asarray(group)].sort_values(ascending=False).head(4)
        assert top.index.tolist() == best.index.tolist()
        assert top.to_numpy() == pytest.approx(best.to_numpy(), rel=1e-9)


def test_no_price_at_the_edge_of_what_was_searched_is_recommended_and_none_that_is_too_dear():
    given, fresh = market(100, seed=4, elasticity=1.05), market(100, seed=5, elasticity=1.05)
    policies = plan.make_policies(price=[0.9, 1.0, 1.2, 1.5, 2.0])
    rivals = {"as made": plan.SELL_AS_MADE}
    free = plan.choose_plan(policies, rivals, given, fresh)
    assert free.policy(BEST_OF_ALL).price == 2.0
    assert free.policy(RECOMMENDED).price == 1.5
    held = plan.choose_plan(policies, rivals, given, fresh, dearest=1.3)
    assert held.policy(RECOMMENDED).price == 1.2
    assert held.policy(BEST_AT_LIST_PRICE).price == 1.0


@pytest.mark.parametrize(("prices", "dearest"), [([0.9, 1.0], np.inf), ([0.9, 1.0, 1.2, 1.5], 0.5)])
def test_prices_of_which_none_may_be_recommended_are_refused(prices, dearest):
    given = market(50)
    with pytest.raises(ValueError, match="expected one that may be recommended, between"):
        plan.choose_plan(plan.make_policies(price=prices), {}, given, given, dearest=dearest)


def test_one_price_alone_may_be_recommended():
    given = market(50)
    chosen = plan.choose_plan(plan.make_policies(price=[1.2]), {}, given, given)
    assert chosen.policy(RECOMMENDED).price == 1.2


def test_the_gain_of_a_dearer_phone_falls_with_the_elasticity_and_turns_once():
    given = market(200, supply_units=1e12)
    gains = gain_by_elasticity(
        plan.ReleasePolicy(price=1.2),
        plan.SELL_AS_MADE,
        given,
        [1.1, 2.0, 4.0, 8.0],
        lambda same: np.full(same.draws, 1 / same.draws),
    )
    assert gains["estimate"].is_monotonic_decreasing
    turn = turning_elasticity(gains)
    assert 1.1 < turn < 8
    alike = replace(given, elasticity=np.full(200, 2.0))
    table = plan.policy_table({"dear": plan.ReleasePolicy(price=1.2), "list": plan.SELL_AS_MADE})
    dear, at_list = plan.outcomes_by_draw(table, alike).profit_usd
    assert gains.loc[1, "estimate"] == pytest.approx((dear - at_list).mean())
    assert gains.loc[1, "chance"] == pytest.approx((dear > at_list).mean())
    always = gains.assign(estimate=1.0)
    assert np.isnan(turning_elasticity(always))


def test_swings_have_the_sign_that_can_be_proved():
    policies = {
        "as made": plan.SELL_AS_MADE,
        "none for a week": plan.ReleasePolicy(release=0.0, volume_week=1, store=1),
        "none for a month": plan.ReleasePolicy(release=0.0, volume_week=4, store=1),
    }
    given = patient_market(cost_usd=np.linspace(280, 320, 40)[:, None])
    swings = find_swings(policies, given, over="as made")
    assert swings.loc["cost_usd", "profit_change_usd"] < 0
    assert swings.loc["supply_units", "profit_change_usd"] > 0
    assert swings.loc["upgrade", "profit_change_usd"] == 0
    change = swings["gain_high_usd"] - swings["gain_low_usd"]
    assert change.to_numpy() == pytest.approx(swings["gain_change_usd"].to_numpy())
