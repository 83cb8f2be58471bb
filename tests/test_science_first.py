"""First studies: order rates and ramps, against closed forms, slow versions and known truths."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.data.tables import load_table
from analysis.sellout import press
from analysis.sellout import study as sellout
from analysis.supply import capacity


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


# ---- order rates ----


def test_the_rate_of_an_exact_round_has_the_gamma_interval():
    """T of the Q-th order of a Poisson stream is Gamma: exact limits chi2(2Q) / 2T (closed form)."""
    rate = sellout.order_rates(round_of(400, 1.23456)).iloc[0]
    low, high = stats.chi2.ppf([0.025, 0.975], 800) / (2 * 1.23456)
    assert rate["low"] == pytest.approx(low, rel=0.006)
    assert rate["high"] == pytest.approx(high, rel=0.006)


def test_rounding_error_is_that_of_a_number_uniform_within_its_last_digit():
    rng = np.random.default_rng(1)
    true = rng.uniform(250_000, 350_000, 100_000)
    assert press.rounding_sd(300_000) == pytest.approx(np.std((true - 300_000) / 300_000), rel=0.01)


def test_a_time_within_seconds_leaves_the_rate_open_at_the_top_and_prepared_stock_is_no_sale():
    assert sellout.order_rates(round_of(1000, 60, seconds_bound="upper")).iloc[0]["high"] == np.inf
    assert sellout.order_rates(round_of(1000, 60, units_bound="upper")).iloc[0]["low"] == 0
    assert sellout.order_rates(round_of(4_000_000, 120, units_basis="prepared")).empty


def test_the_interval_of_a_rate_covers_the_truth_when_reports_err_as_assumed():
    rng = np.random.default_rng(2)
    held = []
    for _ in range(500):
        true_rate, units = 300.0, 20_000
        seconds = stats.gamma(units, scale=1 / true_rate).rvs(random_state=rng)
        told = seconds * np.exp(0.15 * rng.standard_normal())
        got = sellout.order_rates(round_of(units, told, seconds_bound="approx")).iloc[0]
        held.append(got["low"] <= true_rate <= got["high"])
    assert 0.92 <= np.mean(held) <= 0.98


def test_on_the_real_rounds_seconds_hardly_depend_on_the_lot():
    """The curated rounds give a slope near zero and a correlation near 0.07 (data/market/sale_rounds.csv)."""
    fit = sellout.fit_lot_dependence(sellout.order_rates(load_table("sale_rounds")))
    assert fit.low < 0 < fit.high < 1
    assert abs(fit.correlation) < 0.2


def test_the_range_of_an_unpublished_lot_holds_the_lots_of_left_out_rounds():
    """Leave one out over the real rounds of China and India: 80 % intervals hold 65 to 95 %."""
    rates = sellout.order_rates(load_table("sale_rounds"))
    for market in ("CN", "IN"):
        near = rates[rates["market"] == market]
        held = []
        for index, row in near.iterrows():
            lot = sellout.lot_range(near.drop(index), row["sellout_s"], market)
            held.append(lot.low_units <= row["units"] <= lot.high_units)
        assert 0.65 <= np.mean(held) <= 0.95


# ---- capacity ----


def reports(rows):
    columns = ["kind", "period_start", "period_end", "units", "per", "scope"]
    table = pd.DataFrame([(*row, None) for row in rows], columns=columns)
    return table.assign(
        period_start=pd.to_datetime(table["period_start"]),
        period_end=pd.to_datetime(table["period_end"]),
    )


def test_rates_are_put_on_one_scale_and_lots_and_backlogs_are_left_out():
    rates = capacity.monthly_rates(
        reports(
            [
                ("shipped", "2020-01-01", None, 1000, "day"),
                ("capacity", "2020-01-01", None, 7000, "week"),
                ("shipped", "2020-01-01", "2020-01-30", 30_000, "total"),
                ("shipped", "2020-01-01", "2020-01-01", 50_000, "total"),
                ("backlog", "2020-01-01", "2020-01-31", 10**6, "total"),
            ]
        )
    )
    assert rates["units_per_month"].to_numpy() == pytest.approx([30_400] * 3)


def test_a_ramp_that_doubles_every_ten_days_is_found():
    days = pd.to_datetime("2020-01-01") + pd.to_timedelta([0, 10, 20, 30, 40], unit="D")
    rows = [("produced", str(day.date()), None, 1000 * 2**i, "day") for i, day in enumerate(days)]
    assert capacity.fit_ramp(capacity.monthly_rates(reports(rows))).doubling_days == pytest.approx(
        10
    )
    with pytest.raises(ValueError, match="expected at least 4 on 3 dates"):
        capacity.fit_ramp(capacity.monthly_rates(reports(rows[:2])))


def test_the_first_phones_deliveries_doubled_in_about_a_week():
    """Mi 1, autumn 2011: 1,000 a day on 20 October, 15,000 on 18 November: doubling near 7.4 days by those two points."""
    told = (
        load_table("capacity_reports")
        .query("device == 'mi_1' and per == 'day' and kind == 'shipped'")
        .assign(scope=None)
    )
    ramp = capacity.fit_ramp(capacity.monthly_rates(told))
    assert ramp.low <= 7.4 <= ramp.high
