"""Cost laws and their hindcasts: closed forms, published error laws, known truths, refusals."""

import numpy as np
import pandas as pd
import pytest
from hindcast_rival import loop_hindcast
from scipy import stats

from analysis import bom
from analysis.data import load_table
from analysis.evidence.count_costs import count_cost_forecasts, draw_technologies


def walk(n=30, theta=0.0, drift=-0.1, sd=0.1, seed=1):
    shocks = sd * np.random.default_rng(seed).standard_normal(n)
    return np.exp(np.r_[0, np.cumsum(drift + shocks[1:] + theta * shocks[:-1])])


@pytest.mark.oracle("closed form")
def test_moore_is_the_mean_and_sd_of_log_changes():
    cost = walk()
    fit = bom.fit_cost_law(cost)
    assert fit.drift == pytest.approx(np.log(cost[-1] / cost[0]) / (len(cost) - 1), rel=1e-12)
    assert fit.noise == pytest.approx(np.diff(np.log(cost)).std(ddof=1), rel=1e-12)
    assert fit.results.params[0] == pytest.approx(fit.drift)
    assert np.isnan(fit.exponent)


@pytest.mark.oracle("closed form")
@pytest.mark.parametrize("theta", [0.0, 0.63])
def test_the_band_of_moore_is_the_published_error_law(theta):
    """The error law of Farmer & Lafond (2016).

    Variance of the error A* = -2 theta + (1 + theta^2 + 2 (m - 1) theta / m)(tau + tau^2 / m), and
    E[K^2] = (1 + theta^2 - 2 theta / m) innovations' variance; without autocorrelation t has m - 1
    degrees of freedom.
    """
    cost, tau = walk(9), np.arange(1, 6)
    fit, m = bom.fit_cost_law(cost, theta=theta), 8
    ma = np.eye(m) * (1 + theta**2) + theta * (np.eye(m, k=1) + np.eye(m, k=-1))
    centre = np.eye(m) - 1 / m
    freedom = np.trace(centre @ ma) ** 2 / np.trace(centre @ ma @ centre @ ma)
    spread = -2 * theta + (1 + theta**2 + 2 * (m - 1) * theta / m) * (tau + tau**2 / m)
    reach = stats.t.ppf(0.9, freedom) * fit.noise * np.sqrt(spread / (1 + theta**2 - 2 * theta / m))
    band = np.log(fit.forecast(5, level=0.8))
    assert band["high"].to_numpy() - band["median"].to_numpy() == pytest.approx(reach, rel=1e-10)
    assert band["median"].to_numpy() == pytest.approx(np.log(cost[-1]) + fit.drift * tau)
    assert freedom == pytest.approx(m - 1) if theta == 0 else freedom < m - 1


@pytest.mark.oracle("closed form")
def test_wright_with_known_output_has_the_published_error_variance():
    """Lafond et al. (2018), no autocorrelation.

    Variance of the error s^2 (tau + (sum of future dx)^2 / sum of past dx^2).
    """
    rng = np.random.default_rng(2)
    output, cost, ahead = np.exp(np.cumsum(rng.normal(0.2, 0.1, 12))), walk(12), np.full(4, 5.0)
    fit = bom.fit_cost_law(cost, output=output, earlier_output=3, law="wright", theta=0)
    x, dy = np.log(3 + np.cumsum(np.r_[output, ahead])), np.diff(np.log(cost))
    dx, far = np.diff(x[:12]), x[12:] - x[11]
    slope = (dx * dy).sum() / (dx**2).sum()
    variance = ((dy - slope * dx) ** 2).sum() / 10 * (np.arange(1, 5) + far**2 / (dx**2).sum())
    known, guessed = np.log(fit.forecast(4, 0.9, future_output=ahead)), np.log(fit.forecast(4, 0.9))
    assert fit.exponent == pytest.approx(-slope)
    assert (known["high"] - known["median"]).to_numpy() == pytest.approx(
        stats.t.ppf(0.95, 10) * np.sqrt(variance)
    )
    assert (guessed["median"] - np.log(cost[-1])).to_numpy() == pytest.approx(
        slope * dx.mean() * np.arange(1, 5)
    )


@pytest.mark.oracle("slow version")
@pytest.mark.parametrize("law", ["goddard", "skc", "nordhaus", "wright", "moore"])
@pytest.mark.parametrize("differences", [True, False])
def test_every_law_is_ordinary_least_squares_on_its_own_regressors(law, differences):
    rng = np.random.default_rng(3)
    cost, output = walk(15), np.exp(rng.normal(1, 0.3, 15).cumsum() / 5)
    t, q, x = np.arange(15.0), np.log(output), np.log(2 + np.cumsum(output))
    columns = {"moore": [t], "wright": [x], "goddard": [q], "skc": [q, x], "nordhaus": [t, x]}[law]
    design = np.column_stack(
        [np.diff(c) for c in columns] if differences else [np.ones(15), *columns]
    )
    y = np.diff(np.log(cost)) if differences else np.log(cost)
    fit = bom.fit_cost_law(cost, output=output, earlier_output=2, law=law, differences=differences)
    assert fit.results.params == pytest.approx(np.linalg.lstsq(design, y, rcond=None)[0])
    assert fit.forecast(3)["low"].lt(fit.forecast(3)["high"]).all()
    assert list(fit.table()) == ["term", "estimate", "low", "high", "unit"]


@pytest.mark.oracle("known truth")
def test_bands_hold_the_future_of_walks_with_the_pooled_autocorrelation_and_levels_do_too():
    held = []
    for seed in range(300):
        cost = walk(14, theta=0.63, seed=seed)
        bands = [
            bom.fit_cost_law(cost[:8], differences=d).forecast(6, 0.8).iloc[-1]
            for d in (True, False)
        ]
        held.append([band["low"] <= cost[13] <= band["high"] for band in bands])
    assert np.abs(np.mean(held, axis=0) - 0.8).max() < 0.08


def test_moore_and_wright_cannot_be_told_apart_where_output_grows_evenly():
    """Sahal (1979).

    Exponential output makes drift = exponent x growth; a jump in output breaks the tie.
    """
    rng = np.random.default_rng(4)
    even = np.exp(0.3 * np.arange(25) + 0.01 * rng.standard_normal(25))
    jumps = np.exp(np.repeat([0.0, 3.0, 3.0, 6.0, 6.0], 5) + 0.3 * rng.standard_normal(25))
    inflation = {}
    for output, apart in ((even, False), (jumps, True)):
        earlier = output[0] / np.expm1(0.3)  # as if the growth had always been going on
        x = np.log(earlier + np.cumsum(output))
        cost = np.exp(-0.5 * x + 0.02 * rng.standard_normal(25).cumsum())
        verdict = bom.compare_moore_wright(cost, output, earlier)
        inflation[apart] = verdict.inflation
        assert verdict.told_apart == apart
        assert verdict.ridge["drift"].diff().dropna().gt(0).all()
    assert inflation[False] > 5 * inflation[True]


@pytest.mark.oracle("slow version")
def test_the_hindcast_equals_the_loop_of_ols_and_the_law_fitted_window_by_window():
    series = {"a": walk(20, seed=5), "b": walk(9, seed=6), "c": walk(6, seed=7)}
    rows = bom.hindcast(series)
    assert rows["error"].to_numpy() == pytest.approx(loop_hindcast(series, 5), abs=1e-10)
    first = bom.fit_cost_law(series["a"][:6]).forecast(14, 0.9)
    scale = rows.query("series == 'a'")["scale"].to_numpy()[:14] * stats.t.ppf(
        0.95, rows["freedom"].iloc[0]
    )
    assert np.log(first["high"] / first["median"]).to_numpy() == pytest.approx(scale, rel=1e-10)
    assert len(bom.hindcast(series, windows=(3, 5))) > len(rows)


def test_coverage_is_right_where_the_law_is_and_its_interval_counts_series_not_windows():
    rng = np.random.default_rng(8)
    rows = bom.hindcast({f"{i}": walk(14, theta=0.63, seed=rng.integers(1e9)) for i in range(300)})
    score = bom.score_hindcast(rows).set_index("horizon")
    assert score.loc[[1, 3, 6], "estimate"].to_numpy() == pytest.approx([0.8] * 3, abs=0.04)
    assert score.loc[1, "pit_sd"] == pytest.approx(np.sqrt(1 / 12), abs=0.02)
    naive = 1.97 * np.sqrt(0.16 / score.loc[6, "windows"])
    assert (score.loc[6, "high"] - score.loc[6, "low"]) / 2 > naive
    assert bom.score_hindcast(rows[rows["series"] == "0"])["low"].isna().all()


def test_part_prices_make_yearly_runs_and_published_technologies_have_histories():
    runs = bom.yearly_runs(load_table("component_prices").query("unit == 'usd_per_gb'"))
    assert set(runs) == {"nand_contract_per_gb_2008", "phone_nand_per_gb_teardown_2009"}
    assert len(draw_technologies(np.random.default_rng(1))) > 60


def dated(dates, **more):
    return pd.DataFrame({"date": pd.to_datetime(dates), "cost": [3.0, 2.0, 1.5], **more})


@pytest.mark.parametrize(
    ("cost", "told"),
    [
        ([3, 0, 1], r"3 costs, not above zero: \[0.\]"),
        ([3, -1, 1], "not above zero"),
        ([3, np.nan, 1], "not above zero"),
        ([3], "1 costs.*expected 3 or more"),
        (dated(["2010-01-01", "2012-01-01", "2011-01-01"]), "expected rising dates"),
        (dated(["2010-01-01", "2010-01-01", "2011-01-01"]), "expected rising dates"),
        (dated(["2010-01-01", "2011-01-01", "2014-01-01"]), "equal steps, no gap"),
        (
            dated(["2010", "2011", "2012"], currency=["USD", "CNY", "USD"]),
            "currency: USD, CNY in one series; expected one",
        ),
        (
            dated(["2010", "2011", "2012"], basis=["bom", "bom", "total"]),
            "basis: bom, total in one series",
        ),
    ],
)
def test_costs_that_cannot_be_one_series_are_refused(cost, told):
    with pytest.raises(ValueError, match=told):
        bom.fit_cost_law(cost)


@pytest.mark.parametrize(
    "more",
    [
        {"law": "sahal"},
        {"law": "wright"},
        {"law": "wright", "output": [1, 2]},
        {"law": "skc", "output": [1, 0, 2, 3]},
        {"law": "wright", "output": [1, 2, 3, np.inf]},
        {"law": "wright", "output": 5},
    ],
)
def test_a_law_without_what_it_needs_is_refused(more):
    with pytest.raises(ValueError, match="expected one of moore"):
        bom.fit_cost_law([4, 3, 2, 1], **more)
    with pytest.raises(ValueError, match="expected 2 numbers above zero"):
        bom.fit_cost_law([4, 3, 2, 1]).forecast(2, future_output=[1, 2])
    with pytest.raises(ValueError, match="expected a point after a window"):
        bom.hindcast({"a": [4, 3, 2, 1]})


@pytest.mark.parametrize("earlier", [-5, np.nan, np.inf])
def test_output_before_the_first_period_that_cannot_be_is_refused(earlier):
    with pytest.raises(ValueError, match=r"earlier_output = .*; expected units, 0 or more"):
        bom.fit_cost_law([4, 3, 2, 1], law="wright", output=[1, 2, 3, 4], earlier_output=earlier)


@pytest.mark.parametrize("differences", [True, False])
@pytest.mark.parametrize("law", ["goddard", "skc"])
def test_a_slope_that_constant_output_cannot_tell_is_refused_and_no_certain_zero(law, differences):
    with pytest.raises(ValueError, match="output of 1 to 1 a period cannot tell its slopes"):
        bom.fit_cost_law([4, 3, 2.5, 2], law=law, output=[1, 1, 1, 1], differences=differences)


@pytest.mark.slow
def test_a_sample_of_the_hindcast_counts_runs():
    table = count_cost_forecasts(histories=1, horizons=3)
    assert table["estimate"].between(0.6, 1).all()
