"""Where a guess turns the answer: the elasticity at which a dearer price stops to pay."""

from dataclasses import replace

import numpy as np
import pytest
from random_market import market

from analysis import plan
from analysis.data import load_table
from analysis.plan.market import draw_items
from analysis.plan.sensitivity import gain_by_elasticity, turning_elasticity
from analysis.plan.words import input_words

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


def test_a_rate_a_year_is_written_as_long_as_the_year_by_which_it_was_drawn(monkeypatch):
    """0.7034 a year in logs is 50.51 % of it; a year of 52 weeks alone would make it 50.41 %."""
    exact = load_table("economics").assign(value=0.7034, low=0.7034, high=0.7034)
    monkeypatch.setattr("analysis.plan.market.load_table", lambda name: exact)
    [[a_week]] = draw_items(["interest_fade"], draws=1, seed=1)
    assert np.exp(-a_week * 365 / 7) == pytest.approx(1 - 0.5051, abs=1e-4)
    assert input_words("fade", a_week) == "51 % a year"
