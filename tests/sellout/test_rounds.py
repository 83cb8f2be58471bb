"""Order rates split into shop, device and round: press lines as bounds, truths found again."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats
from simulated_rounds import sale_round, simulate_rounds

from analysis.sellout import fit_rounds, read_rates
from analysis.sellout.rounds import FIXED, PARTS, _sample_effects


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
    read = read_rates(pd.DataFrame([sale_round(**told)])).iloc[0]
    assert read["role"] == role
    assert rate is None or np.exp(read["log_rate"]) == pytest.approx(rate)


@pytest.mark.oracle("known truth")
@pytest.mark.slow
def test_shares_of_variance_and_cooling_are_found_again_and_their_intervals_hold():
    rng, held = np.random.default_rng(9), []
    for _ in range(6):
        model = fit_rounds(simulate_rounds(rng, slope=-0.3), longest_s=np.inf, draws=800)
        low, high = np.quantile(model.shares()["left for demand"], [0.025, 0.975])
        slope = np.quantile(model.fixed[:, 1], [0.025, 0.975])
        held.append((slope[0] <= -0.3 <= slope[1], 0 < low <= 1 / 5 <= high < 1))
    assert (np.sum(held, axis=0) >= 5).all()


@pytest.mark.oracle("known truth")
@pytest.mark.slow
def test_percentiles_of_a_drop_hold_the_truth():
    """In a simulated world demand is known; its interval holds it in about 95 of 100 rounds."""
    rng, held = np.random.default_rng(13), []
    for _ in range(5):
        table = simulate_rounds(rng, bound=0.3)
        told = fit_rounds(table, longest_s=np.inf, draws=800).rounds
        held.append(told["true_demand"].between(told["demand_low"], told["demand_high"]))
    assert 0.9 <= np.mean(np.concatenate(held)) <= 0.995


def test_rates_known_from_one_side_are_drawn_beyond_their_bound():
    """Three rates at 0 and one of at least 5: but for noise (sd 0.05) its draws lie above 5."""
    used = pd.DataFrame({"log_rate": [0.0, 0.0, 0.0, 5.0], "side": [0, 0, 0, 1], "sd": 0.05})
    one_mean = sparse.csr_array(np.ones((4, 1)))
    draws = _sample_effects(used, one_mean, np.array([FIXED]), 6000, np.random.default_rng(14))
    total = draws.effects + draws.rest
    assert (total[:, 3] > 5 - 0.3).all()
    assert np.median(total[:, 3]) > 5
    assert (
        np.abs(total[:, :3]).max() < 0.3
    )  # five standard deviations and more of the noise of those seen


def test_a_drop_is_judged_against_its_shop_and_not_against_the_fastest_shop():
    table = simulate_rounds(np.random.default_rng(10), rest_sd=0.3, bound=0)
    told = fit_rounds(table, longest_s=np.inf, draws=800).rounds
    shop = told.groupby("shop")["log_rate"].transform("mean")
    assert stats.spearmanr(told["percentile"], told["log_rate"] - shop).statistic > 0.9
    assert abs(stats.spearmanr(told["percentile"], told["log_rate"]).statistic) < 0.5
    assert told["percentile"].between(told["percentile_low"], told["percentile_high"]).all()


def test_the_real_rounds_leave_less_to_demand_than_to_shop_and_market_and_show_no_cooling(
    real_model, sale_rounds
):
    model = real_model
    table = model.table().set_index("term")
    assert len(model.rounds) == len(sale_rounds)
    assert table.loc["share of variance: left for demand", "estimate"] < 0.5
    assert model.shares()[list(PARTS)].sum(axis=1).to_numpy() == pytest.approx(1)
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
        fit_rounds(sale_rounds.head(20))
    with pytest.raises(ValueError, match="in 1 markets; expected at least 3"):
        fit_rounds(sale_rounds.query("market == 'IN'"))
