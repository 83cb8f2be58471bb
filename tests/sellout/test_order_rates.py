"""Order rates of press lines: closed forms, rounding, coverage, and what seconds say of a lot."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.sellout import fit_lot_dependence, order_rates
from analysis.sellout.order_rates import rounding_sd


def round_of(units, seconds, **more):
    return pd.DataFrame(
        [
            {
                "units": units,
                "sellout_s": seconds,
                "sold_out": "yes",
                "units_bound": "exact",
                "seconds_bound": "exact",
                **more,
            }
        ]
    )


@pytest.mark.oracle("closed form")
def test_the_rate_of_an_exact_round_has_the_gamma_interval():
    """T of the Q-th order of a Poisson stream is Gamma: exact limits chi2(2Q) / 2T."""
    rate = order_rates(round_of(400, 1.23456)).iloc[0]
    low, high = stats.chi2.ppf([0.025, 0.975], 800) / (2 * 1.23456)
    assert rate["low"] == pytest.approx(low, rel=0.006)
    assert rate["high"] == pytest.approx(high, rel=0.006)


@pytest.mark.oracle("known truth")
def test_rounding_error_is_that_of_a_number_uniform_within_its_last_digit():
    rng = np.random.default_rng(1)
    true = rng.uniform(250_000, 350_000, 100_000)
    assert rounding_sd(300_000) == pytest.approx(np.std((true - 300_000) / 300_000), rel=0.01)


def test_a_time_within_seconds_leaves_the_rate_open_at_the_top_and_prepared_stock_is_no_sale():
    assert order_rates(round_of(1000, 60, seconds_bound="upper")).iloc[0]["high"] == np.inf
    assert order_rates(round_of(1000, 60, units_bound="upper")).iloc[0]["low"] == 0
    assert order_rates(round_of(4_000_000, 120, units_basis="prepared")).empty


@pytest.mark.oracle("known truth")
def test_the_interval_of_a_rate_covers_the_truth_when_reports_err_as_assumed():
    rng = np.random.default_rng(2)
    held = []
    for _ in range(500):
        true_rate, units = 300.0, 20_000
        seconds = stats.gamma(units, scale=1 / true_rate).rvs(random_state=rng)
        told = seconds * np.exp(0.15 * rng.standard_normal())
        got = order_rates(round_of(units, told, seconds_bound="approx")).iloc[0]
        held.append(got["low"] <= true_rate <= got["high"])
    assert 0.92 <= np.mean(held) <= 0.98


def test_on_the_real_rounds_seconds_hardly_depend_on_the_lot(real_rates):
    """Slope near zero and correlation near 0.07 (data/market/sale_rounds.csv)."""
    fit = fit_lot_dependence(real_rates)
    assert fit.low < 0 < fit.high < 1
    assert abs(fit.correlation) < 0.2


def test_at_one_order_rate_seconds_grow_with_the_lot():
    units = np.array([1e3, 5e3, 2e4, 1e5, 4e5])
    rates = order_rates(
        pd.DataFrame({"units": units, "sellout_s": units / 200, "sold_out": "yes", "market": "CN"})
    )
    assert fit_lot_dependence(rates).slope == pytest.approx(1)
