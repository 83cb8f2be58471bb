"""Demand behind capped sales: textbook errors, scipy's censored fit, slow sums, known truths."""

import numpy as np
import pytest
from scipy import optimize, stats

from analysis.sellout import unconstrain


def capped(law, stock, size, rng):
    demand = law.rvs(size, random_state=rng)
    cap = rng.choice(stock, size)
    return np.minimum(demand, cap), demand >= cap


@pytest.mark.oracle("closed form")
def test_without_a_limit_the_answer_is_the_mean_and_sd_with_their_textbook_errors():
    sales = np.array([12.0, 18, 25, 31, 22, 16, 27, 20])
    fit = unconstrain(sales, np.zeros(8))
    assert (fit.mean_units, fit.sd_units) == pytest.approx((sales.mean(), sales.std()), rel=1e-6)
    assert (fit.mean_se, fit.sd_se) == pytest.approx(
        (sales.std() / 8**0.5, sales.std() / 16**0.5), rel=1e-4
    )


@pytest.mark.oracle("closed form")
@pytest.mark.parametrize("law", ["normal", "lognormal"])
@pytest.mark.parametrize("far", [1e4, 1e6])
def test_errors_are_those_of_the_textbook_however_far_sales_are_from_zero(law, far):
    """A lognormal law so narrow is a normal one."""
    sales = far + np.array([12.0, 18, 25, 31, 22, 16, 27, 20])
    fit = unconstrain(sales, np.zeros(8), law=law)
    errors = (sales.std() / 8**0.5, sales.std() / 16**0.5)
    assert (fit.mean_se, fit.sd_se) == pytest.approx(errors, rel=0.01)


@pytest.mark.oracle("rival")
def test_em_reaches_the_censored_likelihood_maximum_of_scipy():
    sales, full = capped(stats.norm(50, 12), [40, 50, 60], 60, np.random.default_rng(1))
    scipy = stats.norm.fit(stats.CensoredData(uncensored=sales[~full], right=sales[full]))
    em, direct = unconstrain(sales, full), unconstrain(sales, full, method="mle")
    assert (em.mean_units, em.sd_units) == pytest.approx(scipy, rel=1e-4)
    assert (em.mean_units, em.sd_units, em.loglik) == pytest.approx(
        (direct.mean_units, direct.sd_units, direct.loglik), rel=1e-6
    )
    logs = unconstrain(np.exp(sales / 20), full, law="lognormal")
    assert logs.results.x == pytest.approx([em.mean_units / 20, np.log(em.sd_units / 20)], rel=1e-6)
    assert logs.mean_units == pytest.approx(
        stats.lognorm(em.sd_units / 20, scale=np.exp(em.mean_units / 20)).mean(), rel=1e-6
    )


@pytest.mark.oracle("slow version")
def test_the_negative_binomial_is_the_maximum_of_its_probabilities_summed_one_by_one():
    sales, full = capped(stats.nbinom(4, 0.2), [10, 15, 25], 80, np.random.default_rng(2))

    def minus(at):
        law = stats.nbinom(at[1], at[1] / (at[1] + at[0]))
        tail = [1 - sum(law.pmf(k) for k in range(int(x))) for x in sales[full]]
        return -np.log(law.pmf(sales[~full])).sum() - np.log(tail).sum()

    mean, size = optimize.minimize(
        minus, [10, 2], method="Nelder-Mead", options={"xatol": 1e-5, "maxiter": 150}
    ).x
    fit = unconstrain(sales, full, law="negative_binomial")
    assert (fit.mean_units, fit.sd_units) == pytest.approx(
        (mean, np.sqrt(mean + mean**2 / size)), rel=1e-3
    )


@pytest.mark.oracle("known truth")
@pytest.mark.slow
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
        table = unconstrain(*capped(truth, stock, 60, rng), law=law).table().set_index("term")
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
    assert unconstrain(sales, full).mean_units == pytest.approx(100, abs=4)


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
        unconstrain(sales, full, **more)
