"""Where a guess turns the answer: the elasticity at which a dearer price stops to pay."""

from dataclasses import replace

import numpy as np
from random_market import market

from analysis import plan
from analysis.plan.sensitivity import gain_by_elasticity, turning_elasticity

DEARER = plan.ReleasePolicy(price=1.2)


def gains_over_the_list_price(given: plan.Market):
    """What a fifth dearer gains at a fine grid of elasticities, all draws alike in weight."""
    return gain_by_elasticity(
        DEARER,
        plan.SELL_AS_MADE,
        given,
        np.linspace(1.1, 8, 24).tolist(),
        lambda same: np.full(same.draws, 1 / same.draws),
    )


def test_at_the_turning_elasticity_a_dearer_price_earns_as_much_as_the_list_price():
    given = market(200)
    turns_at = turning_elasticity(gains_over_the_list_price(given))
    table = plan.policy_table({"dearer": DEARER, "as made": plan.SELL_AS_MADE})
    gain = {}
    for step in (-0.1, 0.1):
        elastic = replace(given, elasticity=np.full(200, turns_at + step))
        dearer_usd, as_made_usd = plan.outcomes_by_draw(table, elastic).profit_usd
        gain[step] = (dearer_usd - as_made_usd).mean()
    assert gain[-0.1] > 0 > gain[0.1]


def test_a_price_that_always_earns_more_turns_at_no_elasticity():
    scarce = market(supply_units=10.0)
    assert np.isnan(turning_elasticity(gains_over_the_list_price(scarce)))
