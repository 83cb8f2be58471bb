"""The rate of one product from all evidence: closed forms, slow versions, what is left out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import bom
from analysis.bom import hierarchy
from analysis.data import load_table
from analysis.evidence.count_declines import CELLS, DeclineCell, count_decline_cell

SHARES = pd.Series({"memory": 0.15, "display": 0.2, "processor": 0.15, "rest": 0.5})


@pytest.fixture(scope="module")
def fit(tables) -> bom.Decline:
    """The rate by all evidence on file."""
    return bom.fit_decline(tables.pairs, tables.components, load_table("component_prices"))


def exact_priors(**centres: float) -> bom.Priors:
    """Spreads that are known exactly, and rises that are always published."""
    known = {"scatter": 1.0, "doubt": 1.0, "rises_published": 1.0} | centres
    spreads = [
        replace(
            prior,
            centre=known.get(prior.key, prior.centre),
            width=0.0 if prior.law == "even" else 1.0,
        )
        for prior in bom.PRIORS.spreads
    ]
    return bom.Priors(spreads=spreads)


def rows_of(*rows: dict) -> pd.DataFrame:
    """Rows of evidence of phones, each with what is said of it and no other move."""
    plain = {
        "source": "same product",
        "part": "product",
        "device": "a",
        "product": "a",
        "twin": "a a",
        "is_console": False,
        "start": pd.Timestamp("2010-01-01"),
        "end": pd.Timestamp("2011-01-01"),
        "years": 365 / 365.25,
        "first_costing": "first",
        "second_costing": "second",
        "revision": 0,
        "volume_prices": 0,
        "other_house": 0,
    }
    return pd.DataFrame([plain | row for row in rows])


@pytest.mark.oracle("closed form")
def test_one_pair_moves_the_rate_as_a_normal_prior_is_moved_by_a_normal_observation():
    """By hand: gain = prior variance / (prior variance + noise over years squared)."""
    priors = exact_priors(costing=0.06, product_walk=0.05, products=0.1)
    rows = rows_of({"label": "x", "log_change": -0.4})
    fit = bom.fit_evidence(rows, SHARES, priors)
    width = {prior.key: prior.width for prior in priors.means}
    prior = width["common"] ** 2 + width["shares"] ** 2
    prior += sum(share**2 * width[part] ** 2 for part, share in SHARES.items())
    years = rows["years"].iloc[0]
    overlap = 365 / 365.25
    noise = (2 * 0.06**2 + 0.05**2 * overlap) / years**2 + 0.1**2
    gain = prior / (prior + noise)
    assert fit.rate.mid == pytest.approx(-0.2 + gain * (-0.4 / years + 0.2), abs=1e-6)
    assert fit.class_rate().sd == pytest.approx(np.sqrt(prior * (1 - gain)), rel=1e-5)
    assert fit.product().sd == pytest.approx(np.hypot(fit.class_rate().sd, 0.1), rel=1e-6)


@pytest.mark.oracle("slow version")
def test_the_posterior_is_that_of_plain_importance_sampling_from_the_priors(fit):
    """Three thousand plain draws of the spreads, one dense conditioning each, in a loop.

    Rises are taken as always published, so that conditioning is exact. Plain sampling carries an
    error of its own; two hundredths of a year's log rate are a tenth of the range.
    """
    always = [
        replace(prior, centre=1.0, width=0.0) if prior.key == "rises_published" else prior
        for prior in bom.PRIORS.spreads
    ]
    priors = bom.Priors(spreads=always)
    rows = fit.evidence[fit.evidence["source"].isin(["same product", "part"])]
    fast = bom.fit_evidence(rows, fit.shares, priors).class_rate()

    design = bom.model_matrix(rows, fit.shares, priors).to_numpy()
    structure = bom.error_structure(rows, priors)
    phone = np.array([{"common": 1, "shares": 1, **fit.shares}.get(p.key, 0) for p in priors.means])
    centre = np.array([prior.centre for prior in priors.means])
    keys = [prior.key for prior in priors.spreads]
    rng = np.random.default_rng(3)
    draws = np.column_stack([prior.quantile(rng.random(3_000)) for prior in priors.spreads])
    log_weights, means = [], []
    for spreads in draws:
        doubt, scatter = spreads[keys.index("doubt")], spreads[keys.index("scatter")]
        prior = np.diag([(doubt * mean.width) ** 2 for mean in priors.means])
        covariance = (
            np.tensordot((scatter * spreads) ** 2, structure, 1) + design @ prior @ design.T
        )
        residual = rows["log_change"].to_numpy() - design @ centre
        solved = np.linalg.solve(covariance, residual)
        log_weights.append(-(residual @ solved + np.linalg.slogdet(covariance)[1]) / 2)
        means.append(phone @ (centre + prior @ design.T @ solved))
    weights = np.exp(np.array(log_weights) - max(log_weights))
    assert fast.mean == pytest.approx(np.average(means, weights=weights), abs=0.02)


@pytest.mark.oracle("slow version")
def test_hidden_rises_are_weighed_as_by_draws_from_the_posterior(fit):
    """Each draw weighed by one over the product of its pairs' chances of being published.

    The fit takes the logarithm of that weight as linear in the unknowns.
    """
    by_publication = bom.rate_by_publication(fit).set_index("chance")["estimate"]
    spreads = [
        replace(prior, centre=1.0, width=0.0) if prior.key == "rises_published" else prior
        for prior in bom.PRIORS.spreads
    ]
    full = bom.fit_evidence(fit.evidence, fit.shares, bom.Priors(spreads=spreads))
    rng, draws = np.random.default_rng(5), 8_000
    point = rng.choice(len(full.weights), size=draws, p=full.weights)
    unknowns = np.array(
        [rng.multivariate_normal(full.means[i], full.covariances[i]) for i in point]
    )
    news = full.evidence[full.evidence["source"].isin(bom.NEWS)]
    expected = unknowns @ bom.model_matrix(news, full.shares, full.priors).to_numpy().T
    own = np.diagonal(bom.error_structure(news, full.priors), axis1=1, axis2=2)
    sd = np.sqrt(full.spreads.to_numpy()[point] ** 2 @ own)
    published = 1 - 0.5 * stats.norm.cdf(expected / sd)
    phone = {"common": 1, "shares": 1, **full.shares}
    rate = unknowns @ np.array([phone.get(prior.key, 0) for prior in full.priors.means])
    slow = np.average(rate, weights=1 / published.prod(axis=1))
    assert by_publication[0.5] == pytest.approx(slow, abs=0.01)
    assert by_publication.is_monotonic_increasing  # the fewer rises are seen, the smaller the fall


@pytest.mark.oracle("closed form")
def test_a_chain_of_two_pairs_says_what_the_one_long_pair_says():
    """The costing in the middle cancels: second of one pair, first of the other."""
    middle, end = pd.Timestamp("2010-07-01"), pd.Timestamp("2011-01-01")
    first_half, second_half = 181 / 365.25, 184 / 365.25
    chain = rows_of(
        {
            "label": "x",
            "log_change": -0.3,
            "end": middle,
            "years": first_half,
            "second_costing": "m",
        },
        {
            "label": "y",
            "log_change": -0.1,
            "start": middle,
            "end": end,
            "years": second_half,
            "first_costing": "m",
        },
    )
    direct = rows_of({"label": "x", "log_change": -0.4})
    priors = exact_priors(costing=0.05, product_walk=1e-5)
    two = bom.fit_evidence(chain, SHARES, priors)
    one = bom.fit_evidence(direct, SHARES, priors)
    # The middle costing tells how the fall was spread over the year, which a steady rate is not
    # moved by where both halves are nearly as long.
    assert two.rate.mid == pytest.approx(one.rate.mid, abs=0.002)
    assert two.class_rate().sd == pytest.approx(one.class_rate().sd, rel=0.01)


@pytest.mark.oracle("closed form")
def test_own_costings_move_the_rate_by_their_noise_and_one_alone_says_nothing():
    """By hand for two costings a year apart: variance 2 x noise squared, plus a year of walk."""
    priors = exact_priors(own_costing=0.04, product_walk=0.03, products=0.12)
    fit = bom.fit_evidence(rows_of({"log_change": 0.0}).iloc[:0], SHARES, priors)
    prior = fit.product()
    dates = pd.to_datetime(["2019-01-01", "2020-01-01"])
    costings = pd.DataFrame({"date": dates, "bom_usd": [200.0, 200 * np.exp(-0.5)]})
    years = 365 / 365.25
    noise = (2 * 0.04**2 + 0.03**2 * years) / years**2
    gain = prior.sd**2 / (prior.sd**2 + noise)
    own = fit.product(costings)
    assert own.mean == pytest.approx(prior.mean + gain * (-0.5 / years - prior.mean), abs=1e-5)
    assert own.sd == pytest.approx(prior.sd * np.sqrt(1 - gain), rel=1e-4)
    assert fit.product(costings.head(1)).mean == prior.mean
    assert fit.product(costings.iloc[:0]).sd == prior.sd


def test_more_and_longer_own_costings_leave_less_doubt(fit):
    dates = pd.date_range("2019-01-01", periods=9, freq="91D")
    costings = pd.DataFrame({"date": dates, "bom_usd": 200 * np.exp(-0.1 * np.arange(9))})
    sds = [fit.product(costings.head(number)).sd for number in (1, 2, 3, 5, 9)]
    assert sds == sorted(sds, reverse=True)
    in_disorder = fit.product(costings.iloc[::-1])
    assert in_disorder.mean == pytest.approx(fit.product(costings).mean)
    assert in_disorder.mean == pytest.approx(-0.4, abs=0.05)


def test_no_evidence_gives_the_priors_back(fit):
    nothing = bom.fit_evidence(fit.evidence.iloc[:0], fit.shares)
    assert nothing.rate.mid == pytest.approx(-0.2, abs=0.01)
    assert nothing.rate.low < -0.6


def test_the_product_is_the_sum_of_shares_times_parts(fit):
    parts = sum(share * fit.part_rate(part).mean for part, share in fit.shares.items())
    rest = fit.combine({"shares": 1.0}).mean
    assert fit.class_rate().mean == pytest.approx(parts + rest)
    assert fit.shares.sum() == pytest.approx(1)
    gaps = fit.parts.set_index("part")["rate_gap"]
    memory = fit.class_rate().mean + gaps["memory"]
    assert memory == pytest.approx(fit.part_rate("memory").mean)


def test_memory_and_display_agree_with_their_price_series(fit):
    """What a path does with memory is what the series on the same page did, within its doubt."""
    series = fit.evidence[fit.evidence["source"] == "price series"]
    rate = (series["log_change"] / series["years"]).set_axis(series["label"])
    flash = rate["phone_nand_per_gb_teardown"]
    memory = fit.part_rate("memory").interval(0.8)
    assert memory.low < flash < memory.high
    assert memory.mid == pytest.approx(flash, abs=0.06)
    display = fit.part_rate("display").interval(0.8)
    assert display.low < rate["smartphone_display_asp_ihs"] < display.high


def test_sources_never_look_at_the_sign_and_forecasts_are_no_evidence(tables):
    prices = load_table("component_prices")
    swapped = tables.pairs.assign(
        cost_a_usd=tables.pairs["cost_b_usd"], cost_b_usd=tables.pairs["cost_a_usd"]
    )
    rows, mirrored = (
        bom.gather_evidence(pairs, prices, tables.devices) for pairs in (tables.pairs, swapped)
    )
    assert rows["source"].to_list() == mirrored["source"].to_list()
    forecasts = tables.pairs.loc[tables.pairs["stage_b"] == "forecast", "pair_id"]
    assert not set(forecasts) & set(rows["label"])
    is_pair = rows["source"] != "price series"
    assert rows.loc[is_pair, "log_change"].to_numpy() == pytest.approx(
        -mirrored.loc[is_pair, "log_change"].to_numpy()
    )
    with pytest.raises(ValueError, match="expected costs above zero"):
        bom.gather_evidence(tables.pairs.assign(cost_a_usd=0.0), prices, tables.devices)


def test_left_out_devices_are_foretold_better_than_by_two_rivals(fit, tables, clean_pairs):
    """Log changes of clean pairs within 0.19 (root mean square), 95 % ranges as often as they say.

    The rate pooled from clean pairs and "no change" are the rivals.
    """
    noise = bom.costing_noise(tables.pairs, tables.devices)
    left_out = bom.leave_one_out(fit, clean_pairs, noise)
    scores = bom.score_left_out(left_out).set_index("set")
    assert scores.loc["clean pairs", "error"] <= 0.19
    assert (scores["error"] < scores["error_pooled"]).all()
    assert (scores["error"] < scores["error_no_change"]).all()
    assert scores.loc["all", "held"] >= scores.loc["all", "pairs"] - 2


def test_every_device_and_every_prior_can_be_changed(fit):
    table = bom.sensitivity(fit)
    assert set(fit.evidence["device"]) <= set(table["change"])
    assert len(bom.PRIORS.table()) == len(bom.PRIORS.means) + len(bom.PRIORS.spreads)
    for prior in bom.PRIORS.means:
        assert table["change"].str.startswith(prior.label).any()
    assert table["estimate"].max() < 0  # no device and no prior alone makes the fall a rise


def test_a_console_falls_at_a_rate_of_its_own(fit):
    gap = fit.product(device_class="console").mean - fit.product().mean
    assert gap == pytest.approx(fit.combine({"console": 1.0}).mean)
    assert fit.product(device_class="tablet").mean == fit.product().mean


def test_a_fit_is_the_same_each_time(fit):
    again = bom.fit_evidence(fit.evidence, fit.shares)
    assert again.rate == fit.rate
    effective = 1 / (fit.weights**2).sum()
    assert effective > hierarchy.POINTS / 8


@pytest.mark.oracle("known truth")
@pytest.mark.slow
def test_a_sample_of_the_decline_counts_holds():
    """Twenty runs of each cell; data/evidence/decline_coverage.csv counts five hundred."""
    rows = [count_decline_cell(DeclineCell(*factors, runs=20, seed=21)) for factors in CELLS]
    held = np.array([row["class_held_share"] for row in rows])
    assert held.mean() >= 0.9 - 2.5 * np.sqrt(0.9 * 0.1 / (20 * len(CELLS)))
    assert held.min() >= 0.9 - 2.5 * np.sqrt(0.9 * 0.1 / 20)


def test_no_second_costing_on_file_is_dated_before_the_first(tables):
    """The first iPhone's revised costing once was, by a month."""
    day = tables.teardowns.set_index("teardown_id")["teardown_date"]
    dated = tables.pairs.dropna(subset=["teardown_a", "teardown_b"])
    first, second = dated["teardown_a"].map(day), dated["teardown_b"].map(day)
    assert (first <= second).all()
    assert ((dated["date_a"] - first).abs() <= pd.Timedelta("31D")).all()
    assert ((dated["date_b"] - second).abs() <= pd.Timedelta("31D")).all()
