"""The price that clears a market: closed forms, the simulation, and a launch already priced so."""

from dataclasses import replace

import numpy as np
import pytest
from random_market import market, priced_at

from analysis import plan
from analysis.plan.anchors import Anchors, resample
from analysis.plan.clearing import (
    clearing_by_week,
    clearing_price,
    clearing_prices,
    life_clearing_price,
    life_clearing_prices,
)

PLENTY = 1e12


def supplied_as_wanted(given: plan.Market) -> plan.Market:
    """Return a market that can make, week by week, just what would be bought at its list price."""
    tree_of_sales = plan.sales_by_week(
        plan.SELL_AS_MADE, replace(given, supply_units=unlimited(given))
    )
    return replace(given, supply_units=tree_of_sales)


def unlimited(given: plan.Market) -> np.ndarray:
    return np.full_like(given.supply_units, PLENTY)


# ---- one week ----


@pytest.mark.oracle("closed form")
def test_the_first_week_clears_where_the_opening_crowd_and_supply_meet():
    """With all people there at once, x**-e of them buy a supply of half at x = 2**(1/e)."""
    given = market(initial_share=1.0, potential=1e6, supply_units=5e5, elasticity=2.0)
    assert clearing_price(given, 0) == pytest.approx([2**0.5] * 3, rel=1e-9)


@pytest.mark.oracle("known truth")
def test_at_the_clearing_price_the_simulation_of_that_week_leaves_neither_buyers_nor_phones():
    given = market(opening_stock=2e4)
    price = clearing_prices(given, [0])[:, 0]
    sold = plan.sales_by_week(
        plan.SELL_AS_MADE, replace(priced_at(given, price), supply_units=unlimited(given))
    )
    supply = given.supply_units[:, 0] + given.opening_stock
    assert sold[:, 0] == pytest.approx(supply, rel=1e-9)


def test_more_supply_never_raises_the_price_that_clears_the_first_week():
    given = market()
    more = replace(given, supply_units=1.3 * given.supply_units)
    assert (clearing_prices(more, [0]) < clearing_prices(given, [0])).all()


def test_a_queue_raises_the_clearing_price_of_the_weeks_after():
    short = market(supply_units=1e3, fade=0.0, erosion=0.0, reneging_rate=0.0)
    by_week = clearing_by_week(short, [0, 4, 12])
    assert by_week["estimate"].is_monotonic_increasing


def test_a_week_outside_the_life_is_refused():
    with pytest.raises(ValueError, match="expected one from 0 to 59"):
        clearing_price(market(), 60)


# ---- the launch that is priced right ----


@pytest.mark.parametrize("seed", range(50))
def test_a_launch_that_sells_week_by_week_what_it_makes_is_advised_its_own_price(seed):
    given = supplied_as_wanted(market(30, 60, seed, elasticity=np.full(30, 1.2 + seed / 20)))
    advised = life_clearing_prices(given)
    assert np.abs(advised - 1).mean() < 0.05
    assert np.abs(clearing_prices(given, [0, 7, 30]) - 1).mean() < 0.05


@pytest.mark.oracle("known truth")
def test_dealers_prices_lead_the_advice_to_the_price_of_a_launch_that_is_priced_right():
    """Fifty launches sold at their clearing price; a maker knows people only within a factor."""
    errors = []
    for seed in range(50):
        truth = supplied_as_wanted(market(1, 60, seed))
        guesses = market(400, 60, seed + 1000, elasticity=truth.elasticity[0])
        rng = np.random.default_rng(seed)
        scale = np.exp(rng.normal(0, 0.5, 400))
        same = {
            name: np.broadcast_to(values, getattr(guesses, name).shape)
            for name, values in truth.inputs().items()
        }
        guesses = replace(guesses, **same | {"potential": truth.potential * scale})
        weeks = [0, 4, 8, 13, 20]
        anchors = Anchors(
            largest_potential=np.full(400, np.inf),
            prices=clearing_by_week(truth, weeks).rename(columns={"estimate": "price_over_list"}),
            price_error=0.1,
        )
        chosen = resample(anchors.weights(guesses), seed)
        errors.append(life_clearing_price(guesses.select(chosen)).mid - 1)
    assert np.abs(errors).mean() < 0.05


def test_a_market_priced_at_its_clearing_price_clears_at_its_list_price():
    given = market()
    price = life_clearing_prices(given)
    assert life_clearing_prices(priced_at(given, price)) == pytest.approx(1, rel=1e-9)
