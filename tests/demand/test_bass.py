"""Bass curves: known truths found again, the regression of 1969, slow rivals, coverage, errors."""

import warnings

import numpy as np
import pytest
from bass_rivals import fit_one_by_one, noisy_series
from demand_cases import bass_sales
from scipy import optimize, stats

from analysis.demand import bass_share, fit_bass, fit_bass_series


@pytest.mark.oracle("known truth")
def test_least_squares_finds_the_curve_that_made_the_sales():
    fit = fit_bass(bass_sales(20))
    assert (fit.p, fit.q, fit.m) == pytest.approx((0.02, 0.4, 1e6), rel=1e-6)
    assert fit.identified
    assert fit.forecast(5)["median"].to_numpy() == pytest.approx(bass_sales(25)[20:], rel=1e-5)


def test_periods_of_unlike_length_give_the_same_curve_as_equal_ones():
    ends = np.array([1.0, 3, 4, 8, 9, 14, 20])
    sales = 1e6 * np.diff(bass_share(np.append(0, ends), 0.02, 0.4))
    fit = fit_bass(sales, period_ends=ends)
    assert (fit.p, fit.q, fit.m) == pytest.approx((0.02, 0.4, 1e6), rel=1e-6)
    assert fit.forecast(5)["median"].to_numpy() == pytest.approx(bass_sales(25)[20:], rel=1e-5)
    same = fit_bass(bass_sales(8), period_ends=np.arange(1, 9))
    assert same.point.tolist() == fit_bass(bass_sales(8)).point.tolist()


@pytest.mark.oracle("closed form")
def test_the_regression_of_1969_is_the_parabola_through_the_sum_before():
    sales = np.array([5.0, 9, 14, 17, 16, 12, 7])
    before = np.cumsum(sales) - sales
    a, b, c = np.linalg.lstsq(np.column_stack([np.ones(7), before, before**2]), sales)[0]
    m = np.roots([c, b, a]).max()
    fit = fit_bass(sales, method="ols")
    assert (fit.p, fit.q, fit.m) == pytest.approx((a / m, -m * c, m), rel=1e-8)


@pytest.mark.oracle("slow version")
def test_the_most_likely_split_is_the_one_a_slow_search_finds():
    sales = np.random.default_rng(1).poisson(bass_sales(15, m=3000.0)).astype(float)

    def loss(x):
        mean = np.exp(x[2]) * np.diff(bass_share(np.arange(16.0), np.exp(x[0]), np.exp(x[1])))
        return mean.sum() - sales @ np.log(mean)

    slow = optimize.minimize(
        loss,
        [-4, -1, 8],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-9, "maxiter": 4000},
    )
    fit = fit_bass(sales, method="mle")
    assert (fit.p, fit.q, fit.m) == pytest.approx(np.exp(slow.x), rel=1e-4)
    assert 0.3 < fit.noise < 3  # counts are Poisson: variance over mean is one


# Sales of IBM's second generation of mainframes, by year (Bass & Bass 2004).
SECOND_GENERATION = [
    *(880, 2510, 4725, 7720, 10_940, 13_090, 13_330, 9977, 6896, 4646),
    *(3297, 2916, 2384, 2079, 1676, 1397, 1107, 894, 829),
]


def test_the_likelihood_is_at_its_maximum_where_whole_steps_of_weights_would_swing():
    """There the curve of counts has just the sales in all that were counted."""
    fit = fit_bass(SECOND_GENERATION, method="mle")
    in_all = fit.sold_by([float(fit.periods)])["median"].iloc[0]
    assert in_all == pytest.approx(sum(SECOND_GENERATION), rel=1e-8)
    assert (fit.p, fit.q, fit.m) == pytest.approx((0.024358, 0.414218, 91_688), rel=1e-4)


@pytest.mark.oracle("known truth")
@pytest.mark.slow
def test_standard_errors_are_the_spread_of_the_estimates_over_many_samples():
    rng = np.random.default_rng(2)
    mean = bass_sales(18)
    fits = fit_bass_series(mean + rng.normal(0, 1500, (100, 18)))
    one = fit_bass(mean + rng.normal(0, 1500, 18))
    spread = fits[["p", "q", "m"]].std().to_numpy()
    assert [one.se_p, one.se_q, one.se_m] == pytest.approx(spread, rel=0.5)


@pytest.mark.oracle("known truth")
@pytest.mark.slow
def test_forecast_bands_hold_what_comes_as_often_as_they_say():
    rng = np.random.default_rng(3)
    held = []
    for _ in range(200):
        sales = bass_sales(16) + rng.normal(0, 2000, 16)
        band = fit_bass(np.fmax(sales[:12], 0)).forecast(4, 0.8)
        held += list((band["low"] <= sales[12:]) & (sales[12:] <= band["high"]))
    assert 0.72 <= np.mean(held) <= 0.88


def test_the_band_of_the_curve_is_the_spread_of_curves_drawn_from_the_estimates():
    """The delta method against draws of p, q and m, where the noise is small enough for it."""
    rng = np.random.default_rng(6)
    fit = fit_bass(bass_sales(18) + rng.normal(0, 500, 18))
    law = stats.multivariate_t(fit.point, fit.covariance, df=15, allow_singular=True, seed=rng)
    p, q, m = law.rvs(20_000).T[:, :, None]
    ages = np.array([4.0, 10, 18, 25])
    drawn = np.quantile(m * bass_share(ages, p, q), [0.1, 0.9], axis=0)
    band = fit.sold_by(ages)
    width = (band["high"] - band["low"]).to_numpy()
    assert width == pytest.approx(drawn[1] - drawn[0], rel=0.05)


@pytest.mark.slow
def test_bands_of_five_counts_hold_the_curve_as_often_as_they_say():
    """Two degrees of freedom: normal bands would hold 67 % of the ends, Student's hold 80 %."""
    rng = np.random.default_rng(8)
    ends = np.array([8.0, 14, 20, 30, 45])
    sales = 1e6 * np.diff(bass_share(np.append(0, ends), 0.01, 0.2))
    held = []
    for _ in range(120):
        fit = fit_bass(sales + rng.normal(0, 1e4, 5), period_ends=ends)
        band = fit.sold_by([45.0])
        truth = 1e6 * bass_share(45.0, 0.01, 0.2)
        held.append(bool((band["low"] <= truth).all() and (band["high"] >= truth).all()))
    assert np.mean(held) == pytest.approx(0.8, abs=3.5 * np.sqrt(0.8 * 0.2 / 120))


@pytest.mark.parametrize(
    ("sales", "problem"),
    [
        ([1, 2, 4, 8, 16, 32], "no finite optimum"),
        ([32, 12, 6, 4, 3, 2.5], "wrong sign: q on its bound 0"),
        (bass_sales(9, 0.002, 0.3), "no peak yet"),
    ],
)
def test_a_series_that_does_not_pin_the_curve_down_says_why(sales, problem):
    fit = fit_bass(sales)
    assert (fit.problem, fit.identified) == (problem, False)
    assert np.isinf(fit.forecast(2)["high"]).all()
    assert np.isinf(fit.sold_by([5.0, 10.0])["high"]).all()


def test_a_regression_with_a_wrong_sign_returns_no_numbers():
    fit = fit_bass([9.0, 4, 3, 4, 9, 16], method="ols")
    assert np.isnan([fit.p, fit.q, fit.m]).all()
    assert fit.problem.startswith("wrong sign")


@pytest.mark.parametrize("sales", [[0, 0, 0, 0, 10], [0, 0, 0, 5, 10], [5, 0, 0, 0, 0, 7]])
def test_a_regression_on_too_few_sums_of_sales_returns_no_numbers(sales):
    """Through two points of the sum before there are many parabolas."""
    fit = fit_bass(sales, method="ols")
    assert np.isnan([fit.p, fit.q, fit.m]).all()
    assert not fit.identified


@pytest.mark.oracle("slow version")
@pytest.mark.parametrize(
    "sales", [[2, 6, 28, 3, 2, 12, 0, 10, 5, 5], [6, 0, 37, 0, 6, 5, 10, 1, 16, 2]]
)
def test_the_best_curve_of_a_spiky_series_is_as_good_as_that_of_a_fine_grid(sales):
    sales, ages = np.array(sales, float), np.arange(11.0)
    p, q = np.meshgrid(np.geomspace(1e-7, 1, 200), np.linspace(0, 3, 200))
    curves = np.diff(bass_share(ages, p.ravel()[:, None], q.ravel()[:, None]), axis=1)
    squares = (sales**2).sum() - (curves @ sales) ** 2 / (curves**2).sum(axis=1)
    assert fit_bass(sales).rss <= np.nanmin(squares)


def test_a_curve_that_hardly_begins_and_then_is_steep_is_found():
    """The one of ten thousand series in which curve_fit was once the better by 10 %."""
    sales = noisy_series(10_000, 1)[8868]
    fit = fit_bass(sales)
    assert fit.rss <= fit_one_by_one(sales) * (1 + 1e-6)
    assert fit.problem == "no finite optimum", "p is on its bound"


@pytest.mark.oracle("rival")
@pytest.mark.slow
def test_no_fit_is_worse_than_that_of_curve_fit_from_the_same_starts():
    """100 series of 8 to 30 periods; `make bench ARGS=bass` fits a hundred others."""
    series = [sales for sales in noisy_series(400, 4) if len(sales) >= 8][:100]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optimize.OptimizeWarning)
        rival = np.array([fit_one_by_one(sales, with_slopes=True) for sales in series])
    assert (fit_bass_series(series)["rss"] <= rival * (1 + 1e-6)).all()


@pytest.mark.parametrize(
    "sales", [[1, 2, np.nan, 4], [1, 2, "x", 4], [1, -2, 3, 4], [1, 2, 3], [0, 0, 0, 0]]
)
def test_sales_with_gaps_text_or_too_little_are_refused(sales):
    with pytest.raises(ValueError, match="sales_units"):
        fit_bass(sales)


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="expected nls, ols or mle"):
        fit_bass([1, 2, 3, 4], method="guess")


@pytest.mark.parametrize("ends", [[1, 2, 3], [1, 3, 2, 4], [0, 1, 2, 3], [1, 2, 3, np.nan]])
def test_ends_of_periods_that_are_missing_or_do_not_rise_are_refused(ends):
    with pytest.raises(ValueError, match="period_ends"):
        fit_bass([5, 4, 3, 2], period_ends=ends)
