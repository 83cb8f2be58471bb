"""First studies: order rates, decline of cost and unit margin, against closed forms, slow versions and known truths."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.bom import decline as bom
from analysis.data.launches import Figure, load_launch
from analysis.data.tables import load_table
from analysis.margin import margin
from analysis.sellout import press
from analysis.sellout import study as sellout


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


# ---- unit margin ----


def fixed(value):
    return Figure(value, "sourced")


def test_without_uncertainty_the_margin_path_is_the_formula():
    launch = load_launch("mi_3_india")
    still = {path: fixed(figure.value) for path, figure in launch.figures.items()}
    object.__setattr__(launch, "figures", still | {"costs.bom_date": still["first_sale"]})
    decline = bom.DeclineRate(-0.3, -0.3, -0.3, 0.0, (0.0, 0.0), -0.3, -0.3, 0.95, 10**6, 0.0, None)
    path = margin.margin_path(launch, decline, draws=3, seed=1)
    net = 13_999 / 1.08 / 60.8
    month = path.months[-1]
    expected = (
        1 - 0.01 * 0 - still["costs.royalty_share"].value - still["costs.channel_share"].value
    )
    expected -= (
        157 * np.exp(-0.3 * month / 12)
        + still["costs.assembly_usd"].value
        + still["costs.freight_warranty_usd"].value
    ) / net
    assert path.margin_share[:, -1] == pytest.approx([expected] * 3)


def test_an_assumed_range_holds_eighty_percent_of_the_draws():
    drawn = margin.draw_figure(
        Figure(7.0, "assumed", 4.0, 12.0), np.random.default_rng(5).standard_normal(100_000)
    )
    assert np.mean((drawn >= 4) & (drawn <= 12)) == pytest.approx(0.8, abs=0.005)
    with pytest.raises(ValueError, match="the figure is unknown"):
        margin.draw_figure(Figure(None, "unknown"), np.zeros(10))


def test_a_price_cut_lowers_the_margin_from_its_month_on():
    launch = load_launch("mi_1")
    decline = bom.DeclineRate(0.0, 0, 0, 0.0, (0, 0), 0, 0, 0.95, 10**6, 0.0, None)
    band = margin.margin_path(launch, decline, draws=500, seed=1).band()["median"]
    cut = (
        launch.price_cuts["date"].iloc[0] - launch.figure("first_sale").value
    ).days / margin.DAYS_A_MONTH
    assert (
        band[band.index < cut].max() - band[band.index < cut].min() < 0.02
    )  # the exchange rate alone moves it
    assert (band[band.index >= cut] < band[band.index < cut].min() - 0.1).all()


def test_vat_is_that_of_the_day():
    economics, days = (
        load_table("economics"),
        pd.DatetimeIndex(["2016-10-25", "2019-02-26", "2019-04-01"]),
    )
    assert bom.by_date(economics, "vat_rate", "CN", days).tolist() == [0.17, 0.16, 0.13]
    assert np.isnan(bom.by_date(economics, "vat_rate", "BR", days)).all()
