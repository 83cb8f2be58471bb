"""The choice among plans, told again on fresh draws, and the swings of its inputs."""

import numpy as np
import pytest
from random_market import patient_market

from analysis import plan


def test_the_choice_is_told_again_on_fresh_draws_beside_its_rivals(chosen, fresh):
    assert chosen.table.index[0] == plan.RECOMMENDED
    assert set(plan.RIVALS) < set(chosen.table.index)
    assert chosen.table.loc[plan.RECOMMENDED, "gain_usd"] == 0
    profit = {
        label: plan.outcomes_by_draw(chosen.table.loc[[label]], fresh).profit_usd[0]
        for label in (plan.RECOMMENDED, "a fifth dearer")
    }
    gain = (profit[plan.RECOMMENDED] - profit["a fifth dearer"]).mean()
    assert chosen.table.loc["a fifth dearer", "gain_usd"] == pytest.approx(gain, rel=1e-9)
    assert 1 <= chosen.as_good <= len(chosen.evaluated)


def test_the_gain_over_a_rival_is_that_of_the_same_draws(chosen):
    gain = chosen.gain_over(plan.RECOMMENDED, "a fifth dearer")
    row = chosen.table.loc["a fifth dearer"]
    assert gain.mean() == pytest.approx(row["gain_usd"], rel=1e-12)
    assert gain.std() / np.sqrt(len(gain)) == pytest.approx(row["gain_se_usd"], rel=1e-12)


def test_a_plan_is_had_back_by_its_label(chosen):
    assert chosen.policy("sell as made") == plan.SELL_AS_MADE
    assert chosen.policy("a fifth dearer") == plan.RIVALS["a fifth dearer"]
    assert chosen.policy(plan.BEST_AT_LIST_PRICE).price == 1


def test_swings_have_the_sign_that_can_be_proved():
    policies = {
        "as made": plan.SELL_AS_MADE,
        "none for a week": plan.ReleasePolicy(release=0.0, volume_week=1, store=1),
        "none for a month": plan.ReleasePolicy(release=0.0, volume_week=4, store=1),
    }
    given = patient_market(cost_usd=np.linspace(280, 320, 40)[:, None])
    swings = plan.find_swings(policies, given, over="as made")
    assert swings.loc["cost_usd", "profit_change_usd"] < 0
    assert swings.loc["supply_units", "profit_change_usd"] > 0
    assert swings.loc["upgrade", "profit_change_usd"] == 0
    change = swings["gain_high_usd"] - swings["gain_low_usd"]
    assert change.to_numpy() == pytest.approx(swings["gain_change_usd"].to_numpy())
