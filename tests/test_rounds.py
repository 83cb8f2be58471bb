"""Rounds and capped sales: against closed forms, slow obvious versions, scipy, and truths that we put in."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from analysis.data.tables import load_table
from analysis.sellout import press
from analysis.sellout import rounds as r
from analysis.sellout import study as sellout

# ---- demand behind capped sales ----


def capped(law, stock, size, rng):
    demand = law.rvs(size, random_state=rng)
    cap = rng.choice(stock, size)
    return np.minimum(demand, cap), demand >= cap


def test_without_a_limit_the_answer_is_the_mean_and_sd_with_their_textbook_errors():
    sales = np.array([12.0, 18, 25, 31, 22, 16, 27, 20])
    fit = r.unconstrain(sales, np.zeros(8))
    assert (fit.mean_units, fit.sd_units) == pytest.approx((sales.mean(), sales.std()), rel=1e-6)
    assert (fit.mean_se, fit.sd_se) == pytest.approx(
        (sales.std() / 8**0.5, sales.std() / 16**0.5), rel=1e-4
    )


def test_em_reaches_the_censored_likelihood_maximum_of_scipy():
    sales, full = capped(stats.norm(50, 12), [40, 50, 60], 60, np.random.default_rng(1))
    scipy = stats.norm.fit(stats.CensoredData(uncensored=sales[~full], right=sales[full]))
    em, direct = r.unconstrain(sales, full), r.unconstrain(sales, full, method="mle")
    assert (em.mean_units, em.sd_units) == pytest.approx(scipy, rel=1e-4)
    assert (em.mean_units, em.sd_units, em.loglik) == pytest.approx(
        (direct.mean_units, direct.sd_units, direct.loglik), rel=1e-6
    )
    logs = r.unconstrain(np.exp(sales / 20), full, law="lognormal")
    assert logs.results.x == pytest.approx([em.mean_units / 20, np.log(em.sd_units / 20)], rel=1e-6)
    assert logs.mean_units == pytest.approx(
        stats.lognorm(em.sd_units / 20, scale=np.exp(em.mean_units / 20)).mean(), rel=1e-6
    )


def test_the_negative_binomial_is_the_maximum_of_its_probabilities_summed_one_by_one():
    sales, full = capped(stats.nbinom(4, 0.2), [10, 15, 25], 80, np.random.default_rng(2))

    def minus(at):
        law = stats.nbinom(at[1], at[1] / (at[1] + at[0]))
        tail = [1 - sum(law.pmf(k) for k in range(int(x))) for x in sales[full]]
        return -np.log(law.pmf(sales[~full])).sum() - np.log(tail).sum()

    mean, size = optimize.minimize(
        minus, [10, 2], method="Nelder-Mead", options={"xatol": 1e-5, "maxiter": 150}
    ).x
    fit = r.unconstrain(sales, full, law="negative_binomial")
    assert (fit.mean_units, fit.sd_units) == pytest.approx(
        (mean, np.sqrt(mean + mean**2 / size)), rel=1e-3
    )


@pytest.mark.parametrize(
    ("law", "truth", "stock", "runs"),
    [
        ("normal", stats.norm(100, 20), [80, 100, 120], 200),
        ("lognormal", stats.lognorm(0.5, scale=100), [80, 120, 200], 200),
        ("negative_binomial", stats.nbinom(3, 0.05), [40, 60, 90], 100),
    ],
)
def test_intervals_of_mean_and_sd_hold_the_truth(law, truth, stock, runs):
    rng, held = np.random.default_rng(3), []
    for _ in range(runs):
        table = r.unconstrain(*capped(truth, stock, 60, rng), law=law).table().set_index("term")
        held.append(
            [
                low <= x <= high
                for x, (low, high) in zip(
                    (truth.mean(), truth.std()), table[["low", "high"]].values, strict=True
                )
            ]
        )
    assert (np.mean(held, axis=0) >= 0.88).all()


def test_taking_capped_sales_for_demand_would_be_too_low():
    sales, full = capped(stats.norm(100, 20), [90], 300, np.random.default_rng(4))
    assert sales[~full].mean() < sales.mean() < 90
    assert r.unconstrain(sales, full).mean_units == pytest.approx(100, abs=4)


@pytest.mark.parametrize(
    ("sales", "full", "more", "message"),
    [
        ([1, 2, 3], [0, 0], {}, "one length"),
        ([1, 2, np.nan, 4], [0] * 4, {}, "NaN"),
        ([1, 2, -3, 4], [0] * 4, {}, "holds -3; expected at least 0"),
        ([1, 2, 3, 4], [1] * 4, {}, "4 of 4 sales at their limit"),
        ([1, 2, 3, 4], [0, 0, 1, 1], {}, "expected at least 3 different open counts"),
        ([5, 5, 5, 5], [0] * 4, {}, "different open counts"),
        ([1, 2, 0, 4], [0] * 4, {"law": "lognormal"}, "more than 0"),
        ([1, 2, 2.5, 4], [0] * 4, {"law": "negative_binomial"}, "part of a unit"),
        ([1, 2, 3, 4], [0] * 4, {"law": "gamma"}, "law 'gamma'; expected one of normal"),
        ([1, 2, 3, 4], [0] * 4, {"method": "pd"}, "method 'pd'; expected one of em, mle"),
    ],
)
def test_sales_that_cannot_be_used_are_refused_in_words(sales, full, more, message):
    with pytest.raises(ValueError, match=message):
        r.unconstrain(sales, full, **more)


# ---- reading rounds ----


def sale(device="a", day=1, shop="mi_com", **more):
    date = pd.Timestamp("2014-01-01") + pd.Timedelta(day, unit="D")
    told = {
        "round_id": f"{device}{day}",
        "device": device,
        "market": "CN",
        "channel": shop,
        "round": np.nan,
        "date": date,
    }
    return told | {"sold_out": "yes"} | more


@pytest.mark.parametrize(
    ("told", "role", "rate"),
    [
        ({"units": 1000, "sellout_s": 10}, "seen", 100),
        ({"units": 1000, "sellout_s": 10, "units_sold": 900}, "seen", 90),
        ({"units": 1000, "sellout_s": 10, "seconds_bound": "upper"}, "at least", 100),
        ({"units": 1000, "sellout_s": 10, "units_bound": "upper"}, "at most", 100),
        (
            {"units": 1000, "sellout_s": 10, "units_bound": "upper", "seconds_bound": "upper"},
            "bounds on both sides",
            100,
        ),
        ({"units": 1000, "sellout_s": 10, "units_basis": "prepared"}, "at most", 100),
        (
            {"units": 1000, "sellout_s": 10, "units_basis": "reserved"},
            "units or seconds unknown",
            None,
        ),
        ({"sellout_s": 10}, "units or seconds unknown", None),
        ({"sold_out": "no", "units_sold": 600, "window_s": 60}, "seen", 10),
        ({"sold_out": "no", "units": 600, "window_s": 60}, "at most", 10),
        ({"sold_out": "unknown", "units_sold": 600, "window_s": 60}, "at least", 10),
        ({"sold_out": "unknown", "units": 600, "window_s": 60}, "units or seconds unknown", None),
        ({"sold_out": "no", "units_sold": 600, "window_s": 3e6}, "counted over too long", 2e-4),
    ],
)
def test_each_way_of_telling_a_round_bounds_the_rate_on_its_own_side(told, role, rate):
    read = r.read_rates(pd.DataFrame([sale(**told)])).iloc[0]
    assert read["role"] == role
    assert rate is None or np.exp(read["log_rate"]) == pytest.approx(rate)


def world(rng, shops=8, devices=14, each=4, shop_sd=2.0, rest_sd=1.0, slope=0.0, bound=0.3):
    """Rounds of devices, each in one or two shops, with a known pace; a share of them known from below only."""
    effect, rows = shop_sd * rng.standard_normal(shops), []
    for device in range(devices):
        homes = rng.choice(shops, 2)
        for step in range(each):
            home = homes[step % 2]
            demand = rest_sd * rng.standard_normal()
            rate = np.exp(4 + effect[home] + slope * step + demand)
            least = rng.random() < bound
            told = {
                "units": 1e5 * (rng.uniform(0.1, 1) if least else 1),
                "units_bound": "lower" if least else "exact",
            }
            told |= {
                "sellout_s": 1e5 / rate,
                "round": step + 1,
                "seconds_bound": "exact",
                "true_demand": demand,
            }
            rows.append(
                sale(f"d{device}", 7 * step, f"shop{home}", **told, market="CDEF"[home % 4])
            )
    return pd.DataFrame(rows)


def test_shares_of_variance_and_cooling_are_found_again_and_their_intervals_hold():
    rng, held = np.random.default_rng(9), []
    for _ in range(6):
        model = r.fit_rounds(world(rng, slope=-0.3), longest_s=np.inf, draws=800)
        low, high = np.quantile(model.shares()["left for demand"], [0.025, 0.975])
        slope = np.quantile(model.fixed[:, 1], [0.025, 0.975])
        held.append((slope[0] <= -0.3 <= slope[1], 0 < low <= 1 / 5 <= high < 1))
    assert (np.sum(held, axis=0) >= 5).all()


def test_percentiles_of_a_drop_hold_the_truth():
    """Demand of a round is known in a simulated world; its percentile interval holds it in about 95 of 100 rounds."""
    rng, held = np.random.default_rng(13), []
    for _ in range(5):
        table = world(rng, bound=0.3)
        told = r.fit_rounds(table, longest_s=np.inf, draws=800).rounds
        held.append(told["true_demand"].between(told["demand_low"], told["demand_high"]))
    assert 0.9 <= np.mean(np.concatenate(held)) <= 0.995


def test_rates_known_from_one_side_are_drawn_beyond_their_bound():
    """Three rates seen at 0 and one known to be at least 5: but for the noise of the report (sd 0.05) its draws lie above 5."""
    used = pd.DataFrame({"log_rate": [0.0, 0.0, 0.0, 5.0], "side": [0, 0, 0, 1], "sd": 0.05})
    effects, rest, _ = r._sample_effects(
        used, np.ones((4, 1)), np.array([-1]), 6000, np.random.default_rng(14)
    )
    total = effects + rest
    assert (total[:, 3] > 5 - 0.3).all()
    assert np.median(total[:, 3]) > 5
    assert (
        np.abs(total[:, :3]).max() < 0.3
    )  # five standard deviations and more of the noise of those seen


def test_a_drop_is_judged_against_its_shop_and_not_against_the_fastest_shop():
    table = world(np.random.default_rng(10), rest_sd=0.3, bound=0)
    told = r.fit_rounds(table, longest_s=np.inf, draws=800).rounds
    shop = told.groupby("shop")["log_rate"].transform("mean")
    assert stats.spearmanr(told["percentile"], told["log_rate"] - shop).statistic > 0.9
    assert abs(stats.spearmanr(told["percentile"], told["log_rate"]).statistic) < 0.5
    assert told["percentile"].between(told["percentile_low"], told["percentile_high"]).all()


def test_the_real_rounds_leave_less_to_demand_than_to_shop_and_market_and_show_no_common_cooling():
    model = r.fit_rounds(load_table("sale_rounds"), draws=1500)
    table = model.table().set_index("term")
    assert len(model.rounds) == len(load_table("sale_rounds"))
    assert table.loc["share of variance: left for demand", "estimate"] < 0.5
    assert model.shares()[list(r.PARTS)].sum(axis=1).to_numpy() == pytest.approx(1)
    change = table.loc["change with each further round of a device"]
    assert change["low"] < 0 < change["high"]
    assert model.one_shop_share > 0.5
    roles = model.rounds.set_index("round_id")["role"]
    assert [roles[x] for x in ("mi5_cn_r1", "mi9_cn_r1", "mi1_cn_r3")] == [
        "at most",
        "units or seconds unknown",
        "at least",
    ]
    with pytest.raises(ValueError, match="expected at least 20"):
        r.fit_rounds(load_table("sale_rounds").head(20))
    with pytest.raises(ValueError, match="in 1 markets; expected at least 3"):
        r.fit_rounds(load_table("sale_rounds").query("market == 'IN'"))


def test_at_one_order_rate_seconds_grow_with_the_lot_and_the_lot_is_told_by_the_seconds():
    units = np.array([1e3, 5e3, 2e4, 1e5, 4e5])
    rates = press.order_rates(
        pd.DataFrame({"units": units, "sellout_s": units / 200, "sold_out": "yes", "market": "CN"})
    )
    assert press.fit_lot_dependence(rates).slope == pytest.approx(1)
    assert press.lot_range(rates, 50, "CN").median_units == pytest.approx(10_000)
    with pytest.raises(ValueError, match="expected at least 5"):
        press.lot_range(rates, 50, "IN")
    with pytest.raises(ValueError, match="no round of this launch has seconds"):
        press.judge_launch(
            SimpleNamespace(
                device="a", drops=pd.DataFrame([sale(sellout_s=np.nan, units_basis="sold")])
            ),
            rates,
            rates,
        )


def speedy(speed, later):
    names = [f"d{i}" for i in range(len(speed))]
    drops = pd.DataFrame(
        [
            sale(name, units=1000, sellout_s=1000 / rate)
            for name, rate in zip(names, speed, strict=True)
        ]
    )
    counts = pd.DataFrame(
        {
            "device": names,
            "market": "CN",
            "kind": "sold",
            "cumulative": True,
            "units": later,
            "variant_or_lot": None,
        }
    )
    counts["period_end"] = pd.Timestamp("2014-06-01")
    return drops, counts, pd.DataFrame({"device": names, "scope": "model"})


def test_the_error_of_left_out_devices_is_that_of_refitting_without_each():
    rng = np.random.default_rng(11)
    speed, later = np.exp(rng.normal(5, 2, 9)), np.exp(rng.normal(14, 1, 9))
    x, y = np.log(speed), np.log(later)
    line = [
        y[i] - np.polyval(np.polyfit(np.delete(x, i), np.delete(y, i), 1), x[i]) for i in range(9)
    ]
    mean = [y[i] - np.delete(y, i).mean() for i in range(9)]
    got = sellout.hit_or_miss(*speedy(speed, later)).table().set_index("term")["estimate"]
    assert got["error of a line by order rate"] == pytest.approx(np.sqrt(np.mean(np.square(line))))
    assert got["squared error saved by order rate"] == pytest.approx(
        1 - np.sum(np.square(line)) / np.sum(np.square(mean))
    )
    assert got["rank correlation of order rate and later sales"] == pytest.approx(
        stats.spearmanr(x, y).statistic
    )


def test_the_interval_of_a_rank_correlation_of_twelve_holds_the_truth():
    """Normal pairs of correlation 0.6 have rank correlation 6 / pi asin(0.3) (Pearson 1907)."""
    rng, held = np.random.default_rng(12), []
    for _ in range(1000):
        x, y = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 12).T
        _, low, high = sellout.rank_correlation(x, y)
        held.append(low <= 6 / np.pi * np.arcsin(0.3) <= high)
    assert np.mean(held) >= 0.93


def test_the_drop_itself_part_counts_series_and_other_markets_are_no_later_sales():
    drops, counts, devices = speedy(np.arange(1, 12), np.arange(11, 0, -1) * 10_000)
    counts.loc[0, "units"], counts.loc[1, "variant_or_lot"], counts.loc[2, "market"] = (
        1000,
        "one shop",
        "US",
    )
    counts.loc[3, "period_end"], devices.loc[4, "scope"] = pd.Timestamp("2014-01-09"), "brand_total"
    result = sellout.hit_or_miss(drops, counts, devices)
    assert result.devices["device"].tolist() == [f"d{i}" for i in range(5, 11)]
    assert result.table()["estimate"].iloc[0] == pytest.approx(-1)
    with pytest.raises(ValueError, match="expected at least 6"):
        sellout.hit_or_miss(drops, counts.head(9), devices)


def test_the_real_devices_are_about_a_dozen_and_tell_no_hit_from_a_miss():
    result = sellout.hit_or_miss(
        load_table("sale_rounds"), load_table("device_sales"), load_table("devices")
    )
    rate = result.comparisons.iloc[0]
    assert 10 <= rate["devices"] <= 16
    assert rate["low"] < 0 < rate["high"]
    assert result.told_apart > abs(rate["estimate"])
