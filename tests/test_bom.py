"""Cost laws, pairs of costings, components and the BOM path: against closed forms, slow versions, known truths and published figures."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from bench import loop_hindcast
from evidence import cost_hindcast, cover_pairs, cover_panels, draw_technologies
from scipy import stats

from analysis.bom import decline as bom
from analysis.data.launches import load_launch
from analysis.data.tables import load_table
from analysis.margin import margin

TABLES = ("devices", "recosted_pairs", "bom_teardowns", "bom_components")


def walk(n=30, theta=0.0, drift=-0.1, sd=0.1, seed=1):
    shocks = sd * np.random.default_rng(seed).standard_normal(n)
    return np.exp(np.r_[0, np.cumsum(drift + shocks[1:] + theta * shocks[:-1])])


# ---- cost laws ----


def test_moore_is_the_mean_and_sd_of_log_changes():
    cost = walk()
    fit = bom.fit_cost_law(cost)
    assert fit.drift == pytest.approx(np.log(cost[-1] / cost[0]) / (len(cost) - 1), rel=1e-12)
    assert fit.noise == pytest.approx(np.diff(np.log(cost)).std(ddof=1), rel=1e-12)
    assert fit.results.params[0] == pytest.approx(fit.drift)
    assert np.isnan(fit.exponent)


@pytest.mark.parametrize("theta", [0.0, 0.63])
def test_the_band_of_moore_is_the_published_error_law(theta):
    """Farmer & Lafond (2016): variance of the error A* = -2 theta + (1 + theta^2 + 2 (m - 1) theta / m)(tau + tau^2 / m), and
    E[K^2] = (1 + theta^2 - 2 theta / m) innovations' variance; without autocorrelation t has m - 1 degrees of freedom."""
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


def test_wright_with_known_output_has_the_published_error_variance():
    """Lafond et al. (2018), no autocorrelation: variance of the error s^2 (tau + (sum of future dx)^2 / sum of past dx^2)."""
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
    """Sahal (1979): exponential output makes drift = exponent x growth; a jump in output breaks the tie."""
    rng = np.random.default_rng(4)
    even = np.exp(0.3 * np.arange(25) + 0.01 * rng.standard_normal(25))
    jumps = np.exp(np.repeat([0.0, 3.0, 3.0, 6.0, 6.0], 5) + 0.3 * rng.standard_normal(25))
    inflation = {}
    for output, apart in ((even, False), (jumps, True)):
        earlier = output[0] / np.expm1(0.3)  # as if the growth had always been going on
        x = np.log(earlier + np.cumsum(output))
        cost = np.exp(-0.5 * x + 0.02 * rng.standard_normal(25).cumsum())
        inflation[apart], told, ridge = bom.compare_moore_wright(cost, output, earlier)
        assert told == apart
        assert ridge["drift"].diff().dropna().gt(0).all()
    assert inflation[False] > 5 * inflation[True]


# ---- hindcast ----


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


# ---- same phone, costed twice ----


def real():
    return map(load_table, TABLES)


def pairs_with(rates, years):
    return pd.DataFrame({"rate_per_year": rates, "years": years})


def test_the_pooled_rate_is_paule_mandel_with_hartung_knapp_found_by_slow_search():
    """The spread at which the weighted sum of squares is k - 1, on a grid; the noise at its lower chi-squared limit."""
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


def test_the_limits_of_the_spread_hold_a_known_one():
    """Q-profile (Viechtbauer 2007) with the noise known: 95 % of the time."""
    rng, held = np.random.default_rng(9), 0
    for _ in range(300):
        rates = rng.normal(-0.2, 0.2, 8) + 0.1 * rng.standard_normal(8)
        low, high = (bom._spread_at(p, rates, np.full(8, 0.1)) for p in (0.975, 0.025))
        held += low <= 0.2 <= high
    assert 0.92 <= held / 300 <= 0.98


def test_a_spread_beyond_the_grid_is_unlimited_and_limits_are_never_reversed():
    """Three rates, nearly exact, some four apart: their own sd is 4, above the 3 that are tried, and so is its upper limit."""
    rates, errors = np.array([-4.0, 0.0, 4.0]), np.full(3, 0.01)
    low, high = (bom._spread_at(p, rates, errors) for p in (0.975, 0.025))
    assert low == pytest.approx(4 / np.sqrt(stats.chi2.ppf(0.975, 2) / 2), abs=0.002)
    assert high == np.inf
    assert bom.pool_decline(pairs_with(rates, np.ones(3)), (0.01, 5)).between_limits[1] == np.inf


@pytest.mark.parametrize("between", [0.0, 0.1, 0.2])
@pytest.mark.parametrize("factor", [1.0, 1.5, 1 / 1.5])
def test_a_sample_of_the_pair_counts_holds(between, factor):
    row = cover_pairs((between, factor, 150, 21))
    slack = (
        2.5 * np.sqrt(0.92 * 0.08 / 150),
        2.5 * np.sqrt(0.99 * 0.01 / 150),
    )  # of so small a sample
    assert 0.92 - slack[0] <= row["pooled_share"] <= 0.99 + slack[1]
    assert 0.90 - slack[0] <= row["next_phone_share"] <= 0.99 + slack[1]


def test_the_rule_for_a_pair_never_looks_at_the_sign_and_uses_each_device_once():
    devices, pairs, *_ = real()
    swapped = pairs.assign(cost_a_usd=pairs["cost_b_usd"], cost_b_usd=pairs["cost_a_usd"])
    for rule in bom.PAIR_SETS.values():
        chosen = bom.clean_pairs(pairs, devices, **rule)
        assert set(chosen["pair_id"]) == set(bom.clean_pairs(swapped, devices, **rule)["pair_id"])
        assert (chosen["analyst_house_a"] == chosen["analyst_house_b"]).all()
        assert chosen["basis"].isin(["bom", "total"]).all()
        assert chosen["device_a"].is_unique
    with pytest.raises(ValueError, match="expected costs above zero"):
        bom.clean_pairs(pairs.assign(cost_a_usd=0.0), devices, **rule)
    with pytest.raises(ValueError, match="2 clean pairs; expected at least 3"):
        bom.pool_decline(chosen.head(2), (0.07, 5))


def test_noise_comes_from_revisions_that_no_rate_uses():
    devices, pairs, *_ = real()
    sd, revisions = bom.costing_noise(pairs, devices)
    assert revisions >= 4
    assert 0.05 < sd < 0.12  # one house revises by about 7 % (data/market/recosted_pairs.csv)
    table = bom.compare_pair_sets(pairs, devices)
    assert len(table) == len(bom.PAIR_SETS) + table["pairs"].iloc[0]
    assert table["estimate"].between(-0.5, 0).all()


# ---- components and the path ----


def test_the_trend_of_a_panel_is_generalised_least_squares_for_one_set_of_spreads(monkeypatch):
    _, _, teardowns, _ = real()
    rows = teardowns.dropna(subset="bom_usd").head(25)
    monkeypatch.setattr(bom, "RATIOS", np.array([[1.0, 0.5]]))
    t = (rows["teardown_date"] - rows["teardown_date"].min()).dt.days.to_numpy() / 365.25
    same = (rows["analyst_house"].to_numpy()[:, None] == rows["analyst_house"].to_numpy()).astype(
        float
    )
    slow = sm.GLS(
        np.log(rows["bom_usd"]),
        sm.add_constant(t),
        np.eye(25) + same + 0.25 * np.minimum.outer(t, t),
    ).fit()
    fit = bom.fit_trend(rows, "bom_usd").loc["trend"]
    assert fit["estimate"] == pytest.approx(slow.params.iloc[1])
    assert [fit["low"], fit["high"]] == pytest.approx(slow.conf_int().iloc[1].to_list(), rel=1e-6)
    with pytest.raises(ValueError, match="3 costings; expected 4 or more"):
        bom.fit_trend(rows.head(3), "bom_usd")


@pytest.mark.parametrize(
    ("prices", "go"), [("steady", True), ("wandering", False), ("wandering", True)]
)
def test_a_sample_of_the_panel_counts_holds(prices, go):
    assert (
        0.9 - 2.5 * np.sqrt(0.9 * 0.1 / 100)
        <= cover_panels((14, prices, go, 100, 31))["held_share"]
        <= 1
    )


def test_only_the_price_of_flash_is_identified_and_new_phones_do_not_get_cheaper():
    devices, _, teardowns, components = real()
    table = bom.component_rates(components, teardowns, devices).set_index("label")
    assert table.index[table["identified"]].to_list() == ["nand"]
    assert (
        table.loc["nand", "estimate"] < 0 < table.loc["nand", "high"]
    )  # ten costings do not settle even that
    assert table.loc["whole phone", "high"] > 0
    assert table.loc["application_processor", "low"] > 0


def test_the_path_starts_at_the_cost_falls_at_the_rate_and_parts_keep_its_first_slope():
    rng, months = np.random.default_rng(1), np.array([0.0, 0.1, 12.0])
    plain = bom.forecast_bom(months, np.full(4, 200.0), -0.3, rng)
    assert plain[:, 0] == pytest.approx([200] * 4)
    assert plain[:, 2] == pytest.approx([200 * np.exp(-0.3)] * 4)
    parts = pd.DataFrame(
        {"share": [0.2, 0.25], "rate_gap": [-0.2, 0.1], "se": [0.0, 0.0], "wander": [0.0, 0.0]}
    )
    split = bom.forecast_bom(months, np.full(4, 200.0), -0.3, rng, parts=parts)
    assert split[:, 1] == pytest.approx(plain[:, 1], rel=1e-4)
    by_hand = (
        0.2 * np.exp(-0.5)
        + 0.25 * np.exp(-0.2)
        + 0.55 * np.exp(-0.3 - (0.2 * -0.2 + 0.25 * 0.1) / 0.55)
    )
    assert split[:, 2] == pytest.approx([200 * by_hand] * 4)


def test_the_mean_path_is_the_expectation_of_the_sum_of_parts():
    """A part that wanders with sd s a root year has the expectation exp(s^2 / 2) after a year, not 1."""
    parts = pd.DataFrame({"share": [0.5], "rate_gap": [0.0], "se": [0.0], "wander": [0.4]})
    path = bom.forecast_bom(
        np.linspace(0, 12, 13), np.full(100_000, 1.0), 0.0, np.random.default_rng(2), parts=parts
    )
    assert path[:, -1].mean() == pytest.approx(0.5 * np.exp(0.08) + 0.5, rel=0.004)


def test_the_walk_of_a_part_starts_where_its_cost_was_known():
    parts = pd.DataFrame({"share": [0.5], "rate_gap": [0.0], "se": [0.0], "wander": [0.4]})
    months = np.array([0.0, 6.0, 12.0])
    path = bom.forecast_bom(
        months, np.full(20_000, 1.0), 0.0, np.random.default_rng(4), parts=parts, cost_month=6
    )
    assert path[:, 1] == pytest.approx(1)
    assert np.log(2 * path[:, [0, 2]] - 1).std(axis=0) == pytest.approx(
        [0.4 * np.sqrt(0.5)] * 2, rel=0.03
    )


def test_a_path_from_an_older_costing_has_moved_by_first_sale():
    path = bom.forecast_bom(
        [0.0], np.full(3, 100.0), -0.3, np.random.default_rng(3), cost_month=-12
    )
    assert path[:, 0] == pytest.approx([100 * np.exp(-0.3)] * 3)


def test_a_path_passes_through_later_costings_and_goes_on_at_the_rate_on_either_side():
    """By hand: half way between 200 and 160 their geometric mean; two years before the first and after the last the yearly rate."""
    months, costings = (
        np.array([-24.0, 0.0, 3.0, 6.0, 30.0]),
        (np.array([0.0, 6.0]), np.array([200.0, 160.0])),
    )
    path = bom.forecast_bom(
        months, np.array([200.0, 220.0]), -0.3, np.random.default_rng(1), known=costings
    )
    by_hand = [200 * np.exp(0.6), 200, np.sqrt(200 * 160), 160, 160 * np.exp(-0.6)]
    assert path == pytest.approx(
        np.outer([1, 1.1], by_hand)
    )  # the error of the first costing is that of all


def test_parts_wander_from_the_last_costing_and_not_between_costings():
    parts = pd.DataFrame({"share": [0.5], "rate_gap": [0.1], "se": [0.1], "wander": [0.4]})
    months, costings = np.array([0.0, 3.0, 6.0, 12.0]), (np.array([0.0, 6.0]), np.array([1.0, 0.8]))
    path = bom.forecast_bom(
        months, np.ones(20_000), 0.0, np.random.default_rng(4), parts=parts, known=costings
    )
    assert path[:, :3] == pytest.approx(np.tile([1, np.sqrt(0.8), 0.8], (20_000, 1)))
    assert path[:, 3].std() > 0.05


@pytest.mark.parametrize("month", [0.0, -3.5, 6.0])
def test_one_costing_told_by_its_date_is_the_cost_known_at_a_month(month):
    months, parts = (
        np.linspace(0, 12, 49),
        pd.DataFrame({"share": [0.4], "rate_gap": [0.1], "se": [0.1], "wander": [0.4]}),
    )
    told = [
        bom.forecast_bom(
            months,
            np.full(9, 200.0),
            -0.2,
            np.random.default_rng(5),
            parts=parts,
            cost_month=month,
            **more,
        )
        for more in ({}, {"known": (np.array([month]), np.array([200.0]))})
    ]
    assert told[0] == pytest.approx(told[1], rel=1e-12)


def test_the_last_day_of_a_row_of_economics_is_in_it_at_any_hour():
    table = pd.DataFrame({"item": "vat_rate", "country": "CN", "value": [0.17, 0.16]})
    table = table.assign(
        valid_from=pd.to_datetime(["2016-05-01", "2018-05-01"]),
        valid_to=pd.to_datetime(["2018-04-30", None]),
    )
    days = pd.DatetimeIndex(
        ["2016-05-01 00:00", "2018-04-30 17:05", "2018-05-01 00:00", "2018-05-01 12:00"]
    )
    assert bom.by_date(table, "vat_rate", "CN", days).tolist() == [0.17, 0.17, 0.16, 0.16]


def test_the_parts_on_file_leave_most_of_the_phone_to_the_rest():
    devices, pairs, teardowns, components = real()
    chosen = bom.clean_pairs(pairs, devices, **next(iter(bom.PAIR_SETS.values())))
    parts = bom.bom_parts(
        components,
        teardowns,
        pairs,
        devices,
        bom.pool_decline(chosen, bom.costing_noise(pairs, devices)),
    )
    assert 0.3 < parts["share"].sum() < 0.6
    assert (parts["se"] > 0).all()


def test_one_more_phone_of_a_brand_spreads_wider_than_the_mean_of_its_phones():
    table = bom.summarise_shares(
        bom.price_shares(
            load_table("bom_teardowns"), load_table("devices"), load_table("economics")
        )
    )
    assert (table["next_low"] < table["low"]).all()
    assert (table["next_high"] > table["high"]).all()
    assert table["phones"].ge(3).all()


# ---- errors ----


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
    ],
)
def test_a_law_without_what_it_needs_is_refused(more):
    with pytest.raises(ValueError, match="expected one of moore"):
        bom.fit_cost_law([4, 3, 2, 1], **more)
    with pytest.raises(ValueError, match="expected 2 numbers above zero"):
        bom.fit_cost_law([4, 3, 2, 1]).forecast(2, future_output=[1, 2])
    with pytest.raises(ValueError, match="expected a point after a window"):
        bom.hindcast({"a": [4, 3, 2, 1]})


def test_a_sample_of_the_hindcast_counts_runs():
    table = cost_hindcast(histories=1, horizons=3)
    assert table["estimate"].between(0.6, 1).all()


# ---- margin by month ----


def test_lives_are_sorted_by_the_day_their_margin_is_reached():
    share = np.array([[0.1, 0.2, 0.3], [-0.1, 0.0, 0.2], [-0.2, -0.1, -0.1], [0.1, 0.1, -0.1]])
    path = margin.MarginPath(
        np.arange(3.0), np.ones((4, 3)), {"bom": 1 - share}, np.zeros(4), False, 0
    )
    told = path.crossings(0)
    assert told.to_dict() == {
        "at first sale": 0.5,
        "later": 0.25,
        "never": 0.25,
        "lost again": 0.25,
    }
    assert told[["at first sale", "later", "never"]].sum() == pytest.approx(1)
    assert path.probability_above(0.1).to_list() == [0, 0.25, 0.5]


def test_the_share_assumed_in_launch_files_is_what_the_phones_of_the_brand_allow():
    """Four phones, 80 % for one more (Student t): the files of phones like them say so, and give their reasons where they go further."""
    table = bom.summarise_shares(
        bom.price_shares(*map(load_table, ("bom_teardowns", "devices", "economics"))), 0.8
    )
    xiaomi = table.set_index("brand").loc["xiaomi"]
    for name in ("mi_1", "mi_2", "mi_9"):
        assumed = load_launch(name).figure("costs.bom_share_of_net_price")
        assert (assumed.low, assumed.number, assumed.high) == pytest.approx(
            xiaomi[["next_low", "estimate", "next_high"]], abs=0.01
        )
