"""Order rates split into shop, device and round: press lines as bounds, truths found again."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.linalg import solve_triangular
from simulated_rounds import sale_round, simulate_rounds

from analysis.look import percent
from analysis.sellout import fit_rounds, read_rates
from analysis.sellout.bounded_normal import quantile_beyond
from analysis.sellout.rounds import CHANGE, LEFT, SHARED_OUT, weighted_quantiles
from analysis.sellout.rounds_posterior import (
    DEVICE,
    RoundsModelData,
    condition_on_reports,
    log_likelihood,
    model_data,
    sd_points,
)
from analysis.sellout.words import LEVEL

LEFT_SHARE = f"share of variance: {LEFT}"


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


def held_at_95(model, term, truth):
    """Whether the 95 % interval of a term of the table holds the truth."""
    row = model.table().set_index("term").loc[term]
    return row["low"] <= truth <= row["high"]


@pytest.fixture(scope="module")
def simulated_worlds():
    """Models of six simulated worlds that cool from round to round."""
    rng = np.random.default_rng(13)
    worlds = [simulate_rounds(rng, slope=-0.3) for _ in range(6)]
    return [fit_rounds(world, longest_s=np.inf, draws=1024) for world in worlds]


@pytest.mark.oracle("known truth")
@pytest.mark.slow
def test_shares_of_variance_and_cooling_are_found_again_and_their_intervals_hold(simulated_worlds):
    held = [
        (held_at_95(model, CHANGE, -0.3), held_at_95(model, LEFT_SHARE, 1 / 5))
        for model in simulated_worlds
    ]
    assert (np.sum(held, axis=0) >= 5).all()


@pytest.mark.oracle("known truth")
@pytest.mark.slow
def test_demand_and_place_of_a_round_hold_the_truth(simulated_worlds):
    """In a simulated world both are known; their intervals hold them in about 95 of 100 rounds."""
    held, places_held = [], []
    for model in simulated_worlds:
        rounds = model.rounds
        held.append(rounds["true_demand"].between(rounds["demand_low"], rounds["demand_high"]))
        place = pd.Series(stats.norm.cdf(rounds["true_demand"]))
        places_held.append(place.between(rounds["percentile_low"], rounds["percentile_high"]))
    assert 0.9 <= np.mean(np.concatenate(held)) <= 0.995
    assert 0.9 <= np.mean(np.concatenate(places_held)) <= 0.995


@pytest.mark.oracle("slow version")
@pytest.mark.slow
def test_the_integral_agrees_with_a_plain_gibbs_sampler():
    """A sampler of everything, in which nothing is integrated out but by its draws.

    It moves slowly: by its seed the upper decile of so many draws differs by a hundredth.
    """
    table = simulate_rounds(np.random.default_rng(3), shops=6, devices=8, each=4)
    model = fit_rounds(table, longest_s=np.inf, draws=8192)
    rates = read_rates(table, np.inf)
    sds = sample_plainly(model_data(rates), draws=48_000, rng=np.random.default_rng(4))
    variances = sds[:, :4] ** 2
    left = variances[:, DEVICE:].sum(axis=1) / variances.sum(axis=1)
    levels = [0.1, 0.5, 0.9]
    by_points = weighted_quantiles(
        model.shares()["left for demand"].to_numpy()[:, None], levels, model.points.weights
    )[:, 0]
    assert by_points == pytest.approx(np.quantile(left, levels), abs=0.04)


def sample_plainly(data, draws, rng):
    """Standard deviations by Gibbs sampling of effects, rates within bounds, and variances."""
    parts = []
    for part in range(5):
        values, vectors = np.linalg.eigh(data.shared[part])
        parts.append((vectors * np.sqrt(values.clip(0)))[:, values > 1e-9])
    fixed = np.column_stack([np.ones(len(data.log_rate)), data.after_middle])
    design = np.column_stack([fixed, *parts])
    group = np.repeat([-1, *range(5)], [2, *(part.shape[1] for part in parts)])
    weights = 1 / data.noise_sd**2
    by_rates = (design.T * weights) @ design
    rates, variances, slack, kept = data.log_rate.copy(), np.ones(5), np.ones(5), []
    bounded = np.flatnonzero(data.side)
    for step in range(draws + draws // 4):
        prior = np.where(group < 0, 0.01, 1 / variances[group])
        factor = np.linalg.cholesky(by_rates + np.diag(prior))
        half = solve_triangular(factor, design.T @ (weights * rates), lower=True)
        noise = rng.standard_normal(len(half))
        effects = solve_triangular(factor, half + noise, lower=True, trans="T")
        middle = (design @ effects)[bounded]
        rates[bounded] = quantile_beyond(
            rng.uniform(size=len(bounded)),
            middle,
            data.noise_sd[bounded],
            data.log_rate[bounded],
            data.side[bounded],
        )
        squares = np.bincount(group[2:], effects[2:] ** 2, minlength=5)
        members = np.bincount(group[2:], minlength=5)
        variances = (squares / 2 + 1 / slack) / rng.gamma((members + 1) / 2)
        slack = (1 + 1 / variances) / rng.gamma(1.0, size=5)
        if step >= draws // 4:
            kept.append(np.sqrt(variances))
    return np.array(kept)


def test_without_bounds_the_likelihood_is_that_of_one_normal_vector():
    data = model_data(read_rates(simulate_rounds(np.random.default_rng(2), bound=0), np.inf))
    sds = np.array([[1.0, 2.0, 0.5, 1.0, 0.2]])
    covariance = sum(sd**2 * shared for sd, shared in zip(sds[0], data.shared, strict=True))
    covariance = covariance + np.diag(data.noise_sd**2)
    covariance = covariance + 100 * (1 + np.outer(data.after_middle, data.after_middle))
    exact = stats.multivariate_normal(np.zeros(len(covariance)), covariance).logpdf(data.log_rate)
    assert log_likelihood(data, sds)[0] == pytest.approx(exact)


def test_rates_known_from_one_side_lie_beyond_their_bound():
    """Three rates at 0 and one of at least 5: but for noise (sd 0.05) it lies above 5."""
    data = RoundsModelData(
        log_rate=np.array([0.0, 0.0, 0.0, 5.0]),
        noise_sd=np.full(4, 0.05),
        side=np.array([0, 0, 0, 1]),
        after_middle=np.zeros(4),
        shared=np.array([np.eye(4)] * 5),
    )
    shares = np.array([[0.001], [0.5], [0.999]])
    given = condition_on_reports(data, np.full((1, 5), 0.1), shares)
    assert (given.bounded_draws > 5).all()
    assert given.rate_mean[0, 3] > 5
    assert given.rate_mean[0, :3] == pytest.approx(np.zeros(3))


def test_sets_of_points_agree_and_two_seeds_print_the_same_shares(real_model, sale_rounds):
    """Ends of ranges may lie on the edge between two printed digits: they differ by half of one."""
    convergence = real_model.convergence()
    assert (convergence["r_hat"] < 1.01).all()
    assert (convergence["effective_draws"] >= 400).all()
    other = fit_rounds(sale_rounds, seed=2, level=LEVEL)
    shares, others = (model.settled().set_index("part") for model in (real_model, other))
    assert others["estimate"].map(percent).equals(shares["estimate"].map(percent))
    in_sentence = ["estimate", "low", "high", "least", "most"]
    left, other_left = (part.loc[LEFT, in_sentence].astype(float) for part in (shares, others))
    assert other_left.sub(left).abs().max() < 0.005
    places = ["percentile_low", "percentile", "percentile_high"]
    assert other.rounds[places].sub(real_model.rounds[places]).abs().max().max() < 0.01


def test_shares_of_the_differences_add_up_to_one(real_model):
    table = real_model.table().set_index("term")
    parts = [f"share of variance: {part}" for part in SHARED_OUT]
    assert table.loc[parts, "estimate"].sum() == pytest.approx(1)


def test_a_share_that_the_prior_decides_is_not_settled(real_model):
    settled = real_model.settled().set_index("part")
    assert not settled.loc["left for demand", "is_settled"]
    assert not settled.loc["market", "is_settled"]
    assert (settled["least"] <= settled["estimate"]).all()
    assert (settled["most"] >= settled["estimate"]).all()
    by_prior = real_model.shares_by_prior()
    assert (by_prior["effective_draws"] >= 400).all()


@pytest.mark.oracle("slow version")
def test_points_weighed_anew_give_what_another_prior_gives():
    """A prior with scale 2.5 on rates in other units is the prior with scale 1 on these rates."""
    table = simulate_rounds(np.random.default_rng(8), bound=0)
    model = fit_rounds(table, longest_s=np.inf, draws=2048)
    by_prior = model.shares_by_prior().set_index(["prior", "part"])
    data = model_data(read_rates(table, np.inf))
    stretched = replace(data, log_rate=data.log_rate / 2.5, noise_sd=data.noise_sd / 2.5)
    points = sd_points(stretched, 2048, 1)
    variances = points.sds[:, :4] ** 2
    left = variances[:, DEVICE:].sum(axis=1) / variances.sum(axis=1)
    mean = points.weights @ left
    reweighed = by_prior.loc[("half-Cauchy, scale 2.5", "left for demand"), "estimate"]
    assert reweighed == pytest.approx(mean, abs=0.02)


def test_a_drop_is_judged_against_its_shop_and_not_against_the_fastest_shop():
    table = simulate_rounds(np.random.default_rng(10), rest_sd=0.3, bound=0)
    told = fit_rounds(table, longest_s=np.inf, draws=1024).rounds
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
    assert model.shares()[list(SHARED_OUT)].sum(axis=1).to_numpy() == pytest.approx(1)
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
