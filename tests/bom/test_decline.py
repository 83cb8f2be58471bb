"""Pairs of costings and their pooled rate: the rule, slow versions, known truths, coverage."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import bom
from analysis.bom.decline import spread_at
from analysis.evidence.count_costs import PairCell, count_pair_cell


def pairs_with(rates, years):
    return pd.DataFrame({"rate_per_year": rates, "years": years})


@pytest.mark.oracle("slow version")
def test_the_pooled_rate_is_paule_mandel_with_hartung_knapp_found_by_slow_search():
    """The spread at which the weighted sum of squares is k - 1, on a grid.

    The noise at its lower chi-squared limit.
    """
    rates, years = np.array([-0.5, -0.4, 0.1, -0.2, 0.0]), np.array([0.6, 1.0, 0.9, 0.4, 0.5])
    variance = (0.07 / years) ** 2 * 5 / stats.chi2.ppf(0.975, 5)
    grid = np.linspace(0, 0.5, 200_001)
    weight = 1 / (variance[:, None] + grid)
    mean = (weight * rates[:, None]).sum(0) / weight.sum(0)
    spread = grid[np.argmin(np.abs((weight * (rates[:, None] - mean) ** 2).sum(0) - 4))]
    w = 1 / (variance + spread)
    centre = np.average(rates, weights=w)
    error = np.sqrt((w * (rates - centre) ** 2).sum() / 4 / w.sum())
    fit = bom.pool_decline(pairs_with(rates, years), (0.07, 5))
    assert (fit.between_sd**2, fit.rate, fit.standard_error) == pytest.approx(
        (spread, centre, error), rel=1e-3
    )
    assert fit.high - fit.rate == pytest.approx(stats.t.ppf(0.975, 4) * error, rel=1e-3)
    assert fit.predicted_high - fit.rate == pytest.approx(
        stats.t.ppf(0.975, 4) * np.hypot(error, np.sqrt(spread)), rel=1e-3
    )
    assert fit.noise_share[1] < fit.noise_share[0] < fit.noise_share[2]
    assert fit.between_limits[0] < fit.between_sd < fit.between_limits[1]


@pytest.mark.oracle("known truth")
def test_the_limits_of_the_spread_hold_a_known_one():
    """Q-profile (Viechtbauer 2007) with the noise known: 95 % of the time."""
    rng, held = np.random.default_rng(9), 0
    for _ in range(300):
        rates = rng.normal(-0.2, 0.2, 8) + 0.1 * rng.standard_normal(8)
        low, high = (spread_at(p, rates, np.full(8, 0.1)) for p in (0.975, 0.025))
        held += low <= 0.2 <= high
    assert 0.92 <= held / 300 <= 0.98


def test_a_spread_beyond_the_widest_tried_is_unlimited_and_limits_are_never_reversed():
    """Three rates, nearly exact, some four apart.

    Their own sd is 4, above the 3 that are tried, and so is its upper limit.
    """
    rates, errors = np.array([-4.0, 0.0, 4.0]), np.full(3, 0.01)
    low, high = (spread_at(p, rates, errors) for p in (0.975, 0.025))
    assert low == pytest.approx(4 / np.sqrt(stats.chi2.ppf(0.975, 2) / 2), abs=0.002)
    assert high == np.inf
    assert bom.pool_decline(pairs_with(rates, np.ones(3)), (0.01, 5)).between_limits[1] == np.inf


@pytest.mark.oracle("known truth")
@pytest.mark.slow
@pytest.mark.parametrize("between", [0.0, 0.1, 0.2])
@pytest.mark.parametrize("factor", [1.0, 1.5, 1 / 1.5])
def test_a_sample_of_the_pair_counts_holds(between, factor):
    row = count_pair_cell(PairCell(between, factor, runs=150, seed=21))
    slack = (
        2.5 * np.sqrt(0.92 * 0.08 / 150),
        2.5 * np.sqrt(0.99 * 0.01 / 150),
    )  # of so small a sample
    assert 0.92 - slack[0] <= row["pooled_share"] <= 0.99 + slack[1]
    assert 0.90 - slack[0] <= row["next_phone_share"] <= 0.99 + slack[1]


def test_the_rule_for_a_pair_never_looks_at_the_sign_and_uses_each_device_once(tables):
    devices, pairs = tables.devices, tables.pairs
    swapped = pairs.assign(cost_a_usd=pairs["cost_b_usd"], cost_b_usd=pairs["cost_a_usd"])
    for rule in bom.PAIR_SETS.values():
        chosen = bom.select_clean_pairs(pairs, devices, rule)
        assert set(chosen["pair_id"]) == set(
            bom.select_clean_pairs(swapped, devices, rule)["pair_id"]
        )
        assert (chosen["analyst_house_a"] == chosen["analyst_house_b"]).all()
        assert chosen["basis"].isin(["bom", "total"]).all()
        assert chosen["device_a"].is_unique
    with pytest.raises(ValueError, match="expected costs above zero"):
        bom.select_clean_pairs(pairs.assign(cost_a_usd=0.0), devices, rule)
    with pytest.raises(ValueError, match="2 clean pairs; expected at least 3"):
        bom.pool_decline(chosen.head(2), (0.07, 5))


def test_noise_comes_from_revisions_that_no_rate_uses(tables):
    devices, pairs = tables.devices, tables.pairs
    sd, revisions = bom.costing_noise(pairs, devices)
    assert revisions >= 4
    assert 0.05 < sd < 0.12  # one house revises by about 7 % (data/market/recosted_pairs.csv)
    table = bom.compare_pair_sets(pairs, devices)
    assert len(table) == len(bom.PAIR_SETS) + table["pairs"].iloc[0]
    assert table["estimate"].between(-0.5, 0).all()


def test_each_device_keeps_its_longest_pair_and_a_forecast_is_no_costing(tables):
    """By hand: three pairs of one device on file, the longest a forecast."""
    like = tables.pairs.query("pair_id == 'kindle_fire_201111_201207'").iloc[0]
    dates = pd.to_datetime(["2012-03-01", "2012-07-12", "2013-07-12"])
    three = pd.DataFrame([like] * 3, index=range(3)).assign(
        pair_id=["short", "long", "longest"], date_b=dates, stage_b=["final", "final", "forecast"]
    )
    assert bom.select_clean_pairs(three, tables.devices)["pair_id"].to_list() == ["long"]
    of_another_house = three.assign(analyst_house_b="techinsights")
    assert bom.select_clean_pairs(of_another_house, tables.devices).empty
