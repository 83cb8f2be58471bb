"""Latent demand from order times: closed forms, a slow search, known truths, clear errors."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats
from scipy.special import gammaln

from analysis.data import DATA
from analysis.evidence.count_order_logs import (
    ALL_LAWS,
    OWN_LAW,
    LogCell,
    count_log_cell,
    draw_log,
)
from analysis.sellout import (
    fit_arrival_count_laws,
    fit_arrival_counts,
    fit_arrival_laws,
    fit_arrivals,
)
from analysis.sellout.arrival_laws import ARRIVAL_LAWS
from analysis.sellout.arrival_sale import sale_of_times


def exponential_log(people=400, closed=1.2, seed=1):
    times = np.random.default_rng(seed).exponential(1.0, people)
    return np.sort(times[times < closed]), closed


# ---- closed forms and slow versions ----


@pytest.mark.oracle("closed form")
def test_the_exponential_law_with_a_poisson_population_solves_its_score_equations():
    """Goel & Okumoto 1979: a (1 - exp(-bT)) = n and n/b = sum t + a T exp(-bT)."""
    times, closed = exponential_log()
    fit = fit_arrivals(times, closed_s=closed)
    a, b, n = fit.interested, fit.parameters["rate_per_s"], len(times)
    assert a * -np.expm1(-b * closed) == pytest.approx(n, rel=1e-10)
    assert n / b == pytest.approx(times.sum() + a * closed * np.exp(-b * closed), rel=1e-8)
    assert fit.loglik == pytest.approx(
        n * np.log(a * b) - b * times.sum() - a * -np.expm1(-b * closed), rel=1e-12
    )


@pytest.mark.oracle("slow version")
def test_the_fixed_population_is_the_highest_point_of_the_likelihood_on_a_fine_grid():
    """Jelinski & Moranda 1972: N!/(N-n)! b^n exp(-b (sum t + (N-n) T)), b best for each N."""
    times, closed = exponential_log()
    n = len(times)
    people = n + np.linspace(0, 600, 60_001)
    rate = n / (times.sum() + (people - n) * closed)
    loglik = gammaln(people + 1) - gammaln(people - n + 1) + n * np.log(rate) - n
    fit = fit_arrivals(times, closed_s=closed, population="fixed")
    assert fit.interested == pytest.approx(people[np.argmax(loglik)], abs=0.02)
    assert fit.loglik == pytest.approx(loglik.max(), abs=1e-6)


@pytest.mark.oracle("slow version")
@pytest.mark.parametrize(
    ("law", "frozen"),
    [("weibull", stats.weibull_min), ("gamma", stats.gamma), ("lognormal", stats.lognorm)],
)
def test_two_parameter_laws_reach_the_height_of_a_slow_search_in_seconds(law, frozen):
    times, closed = exponential_log(people=300, closed=1.5, seed=2)
    times, closed = 60 * times, 60 * closed

    def loss(q):
        family = frozen(np.exp(q[0]), scale=np.exp(q[1]))
        seen = family.cdf(closed)
        return -(len(times) * (np.log(len(times)) - np.log(seen) - 1) + family.logpdf(times).sum())

    slow = min(
        optimize.minimize(loss, (s, 4.0), method="Nelder-Mead", options={"fatol": 1e-10}).fun
        for s in (-0.5, 0.0, 0.5)
    )
    fit = fit_arrivals(times, closed_s=closed, law=law)
    assert fit.loglik >= -slow - 1e-6
    if fit.identified:
        assert fit.loglik == pytest.approx(-slow, abs=1e-5)


@pytest.mark.parametrize("people", [400, 300_000])
def test_the_interval_ends_where_the_profile_has_fallen_by_the_chi_squared_limit(people):
    """Of many people too, where the profile is a peak between two points of its grid."""
    times, closed = exponential_log(people)
    fit = fit_arrivals(times, closed_s=closed)
    low, high = fit.interval(0.95)
    for end in (low, high):
        assert 2 * (fit.summit - fit.profile(end - len(times))[0]) == pytest.approx(
            stats.chi2.ppf(0.95, 1), abs=0.02
        )
    assert len(times) <= low <= fit.interested <= high
    assert fit.interval(0.5)[0] > low


@pytest.mark.oracle("closed form")
def test_counts_in_fine_intervals_say_what_times_say_and_have_the_poisson_likelihood():
    times, closed = exponential_log()
    edges = np.linspace(0, closed, 4001)
    counts = np.histogram(times, edges)[0]
    for law in ("exponential", "weibull"):
        by_counts, by_times = (
            fit_arrival_counts(edges, counts, law=law),
            fit_arrivals(times, closed_s=closed, law=law),
        )
        assert by_counts.interested == pytest.approx(by_times.interested, rel=2e-3)
    a, b = by_counts.interested, by_counts.parameters
    cdf = stats.weibull_min(b["shape"], scale=1 / b["rate_per_s"]).cdf(edges)
    assert by_counts.loglik == pytest.approx(
        stats.poisson.logpmf(counts, a * np.diff(cdf)).sum(), abs=1e-6
    )


@pytest.mark.oracle("slow version")
@pytest.mark.parametrize("law", ARRIVAL_LAWS)
def test_a_law_is_a_probability_law(law):
    family = ARRIVAL_LAWS[law]
    x = np.linspace(1e-3, 1, 200_001) ** 6  # dense near zero, where some densities grow without end
    for q in family.starts.T:
        one_each = [sale_of_times(x[[i]], 1.0) for i in range(0, len(x), 500)]
        density = np.exp([family.sum_log_density(one, q) for one in one_each])
        area = np.trapezoid(
            density * 6 * np.linspace(1e-3, 1, 200_001)[::500] ** 5,
            np.linspace(1e-3, 1, 200_001)[::500],
        )
        assert area == pytest.approx(float(family.cdf(1.0, q)), abs=2e-3)
        if family.limit is not None:
            assert np.exp(family.log_survival(1.0, q)) == pytest.approx(
                1 - float(family.cdf(1.0, q)), abs=1e-9
            )


# ---- when there is no finite answer ----


def test_equally_spaced_orders_say_nothing_of_their_number():
    steady = np.arange(1, 201)
    assert not fit_arrivals(steady).identified
    assert fit_arrivals(steady).interested == np.inf
    # A law with a shape may have a maximum by a hair; its interval says what that is worth.
    for law in ARRIVAL_LAWS:
        assert fit_arrivals(steady, law=law).interval(0.95)[1] == np.inf
    assert fit_arrival_laws(np.arange(1, 201)).interval(0.95)[1] == np.inf


@pytest.mark.oracle("closed form")
def test_a_finite_maximum_exists_exactly_when_the_mean_is_below_half_the_clock():
    rng = np.random.default_rng(3)
    for _ in range(200):
        times = np.sort(rng.uniform(0, 1, 30) ** rng.uniform(0.8, 1.3))
        assert fit_arrivals(times, closed_s=1.0).identified == (times.mean() < 0.5)
        fixed = fit_arrivals(
            times, population="fixed"
        )  # Littlewood & Verrall 1981, clock stopped by the last order
        gaps = np.diff(times, prepend=0)
        assert fixed.identified == (np.sum(np.arange(30) * gaps) / gaps.sum() > 29 / 2)


@pytest.mark.slow
def test_the_top_is_open_for_nearly_every_steady_log():
    rng = np.random.default_rng(4)
    opened = [
        np.isinf(fit_arrivals(np.sort(rng.uniform(0, 1, 100)), closed_s=1.0).interval(0.95)[1])
        for _ in range(300)
    ]
    assert np.mean(opened) >= 0.93


def test_a_power_law_never_saturates():
    fit = fit_arrivals(exponential_log()[0], law="power")
    assert (fit.interested, fit.identified) == (np.inf, False)
    assert fit.interval(0.5)[1] == np.inf
    assert "exponent" in fit.parameters


# ---- recovery of a known truth (a small sample of `make evidence`) ----


@pytest.mark.oracle("known truth")
@pytest.mark.slow
@pytest.mark.parametrize("law", ["exponential", "weibull", "gamma", "lognormal"])
def test_the_interval_holds_the_people_when_the_law_is_right(law):
    row = count_log_cell(LogCell(law, OWN_LAW, 500, 0.8, logs=60, seed=11))
    assert row["held_share"] >= 0.85


@pytest.mark.slow
def test_all_laws_together_hold_the_people_of_another_law():
    rows = [
        count_log_cell(LogCell(law, ALL_LAWS, 500, 0.5, logs=8, seed=12))
        for law in ("exponential", "gamma", "crowd")
    ]
    assert np.mean([row["held_share"] for row in rows]) >= 0.8


@pytest.mark.parametrize("file", ["arrival_coverage", "arrival_laws_coverage"])
def test_the_long_count_keeps_its_marks_in_every_cell(file):
    """200 logs a cell or more; only an interval with an open top may hold nearly always."""
    table = pd.read_csv(DATA / "evidence" / f"{file}.csv")
    cells, steady = table[table["truth"] != "steady"], table[table["truth"] == "steady"].iloc[0]
    assert len(cells) == 30
    assert cells["logs"].min() >= 200
    assert steady["logs"] >= 400
    low = cells[cells["held_share"] < 0.92]
    # Two cells miss the mark, both where half is seen of a crowd and the stream that follows it.
    missed = [("crowd", 500, 0.5), ("crowd", 5000, 0.5)] if file == "arrival_coverage" else []
    assert list(zip(low["truth"], low["people"], low["share_seen"], strict=True)) == missed
    assert cells["held_share"].min() >= 0.91
    if file == "arrival_coverage":
        assert cells.loc[cells["open_top_share"] < 0.05, "held_share"].max() <= 0.985


def test_the_first_seconds_lost_do_not_bias_the_rate_of_decay():
    times, closed = exponential_log(people=20_000, closed=2.0, seed=5)
    whole = fit_arrivals(times, closed_s=closed)
    cut = fit_arrivals(times[times > 0.3], closed_s=closed, lost_s=0.3)
    assert cut.parameters["rate_per_s"] == pytest.approx(whole.parameters["rate_per_s"], rel=0.1)
    assert cut.interested == pytest.approx(whole.interested, rel=0.1)


@pytest.mark.oracle("slow version")
def test_counts_of_a_steady_stream_have_no_probability_above_one():
    """A slow search finds the same height; floors that cancelled once put it far above zero."""
    edges, counts = np.arange(6), np.array([1000, 1010, 985, 1003, 300])

    def loss(q):
        shares = np.diff(stats.lognorm.cdf(edges / 5, np.exp(q[1]), scale=np.exp(q[0])))
        means = counts.sum() * shares / shares.sum()
        return -stats.poisson.logpmf(counts, np.maximum(means, 1e-200)).sum()

    slow = min(
        optimize.minimize(loss, start, method="Nelder-Mead").fun
        for start in [(-0.5, -0.5), (0.0, 0.0), (2.0, 1.0)]
    )
    fit = fit_arrival_counts(edges, counts, law="lognormal")
    assert fit.loglik == pytest.approx(-slow, abs=1e-3)
    laws = fit_arrival_count_laws(edges, counts)
    assert laws.weights["lognormal"] < 0.1
    assert laws.interested < 10_000


def test_a_law_of_which_nothing_is_left_after_the_lost_seconds_is_no_fit():
    for seed in range(8):
        times = np.sort(np.random.default_rng(seed).exponential(1, 400))
        late = times[(times > 0.2) & (times < 1.2)]
        fit = fit_arrivals(late, closed_s=1.2, lost_s=0.2, law="lognormal")
        by_exponential = fit_arrivals(late, closed_s=1.2, lost_s=0.2)
        assert abs(fit.loglik - by_exponential.loglik) < 20


def test_registrations_cap_the_interval_and_an_estimate_without_end():
    fit = fit_arrivals(np.arange(1, 51), registrations=900)
    assert fit.interval(0.95)[1] == fit.interested == 900
    assert not fit.identified


def test_an_order_at_the_opening_itself_is_one_right_after_it():
    """The likelihood has no logarithm of zero in it."""
    times, closed = exponential_log(people=60)
    at, after = (fit_arrivals(np.r_[first, times], closed_s=closed) for first in (0.0, 1e-9))
    assert at.interval() == pytest.approx(after.interval(), rel=1e-4)
    assert at.interval()[0] < at.interested < at.interval()[1]
    steady = fit_arrivals(np.arange(100.0))
    assert np.isfinite(steady.loglik)
    assert steady.interval()[0] > 100


@pytest.mark.oracle("slow version")
def test_one_buyer_at_once_before_a_stream_is_found_as_a_grid_of_all_crowds_finds_it():
    rng = np.random.default_rng(54)
    times = np.append(rng.uniform(0, 0.002, 1), rng.exponential(1 / 1.4, 100))
    edges = np.linspace(0, 1, 41)
    counts, _ = np.histogram(times[times < 1], edges)
    share, fast, slow = np.meshgrid(
        np.geomspace(1e-3, 0.9, 30), np.geomspace(2, 2000, 30), np.geomspace(0.01, 5, 40)
    )
    by_then = [-share * np.expm1(-fast * x) - (1 - share) * np.expm1(-slow * x) for x in edges]
    people = counts.sum() / by_then[-1]  # the best number for each crowd
    heights = sum(
        stats.poisson.logpmf(count, people * (after - before))
        for count, before, after in zip(counts, by_then, by_then[1:], strict=False)
    )
    fit = fit_arrival_counts(edges, counts, law="crowd")
    assert fit.loglik >= heights.max()
    assert fit.identified
    assert fit.interested == pytest.approx(people.flat[heights.argmax()], rel=0.1)


def test_registrations_below_the_estimate_leave_an_interval_that_ends_at_them():
    """Up to the cap the profile is highest there; at the low end it is lower by chi-squared / 2."""
    times = exponential_log(people=800, closed=0.8, seed=1)[0]
    free = fit_arrivals(times, closed_s=0.8)
    cap = 0.5 * (len(times) + free.interval(0.95)[0])
    capped = fit_arrivals(times, closed_s=0.8, registrations=cap)
    low, high = capped.interval(0.95)
    assert len(times) <= low < high == capped.interested == cap
    heights = capped.profile(np.array([low, cap]) - len(times))
    assert 2 * (heights[1] - heights[0]) == pytest.approx(stats.chi2.ppf(0.95, 1), abs=0.05)


@pytest.mark.slow
def test_the_prediction_holds_the_later_count_and_grows_with_time():
    rng, held = np.random.default_rng(6), []
    for _ in range(20):
        times, closed = draw_log("gamma", 500, 0.5, rng)
        later = times[times <= 0.5 * closed]
        laws = fit_arrival_laws(later, closed_s=0.5 * closed)
        low, mid, high = laws.orders_by(closed, level=0.8)
        assert len(later) <= low <= mid <= high
        assert laws.orders_by(0.5 * closed)[1] == len(later)
        held.append(low <= len(times) <= high)
    assert np.mean(held) >= 0.6
    assert sum(laws.weights.values()) == pytest.approx(1)
    with pytest.raises(ValueError, match="when the clock stopped"):
        laws.orders_by(0.1 * closed)


@pytest.mark.parametrize("law", ["exponential", "gamma"])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_orders_by_a_later_time_are_no_fewer_and_never_more_than_in_all(law, level):
    """Errors grow with time, and yet who came by an earlier time came by a later one too."""
    times, closed = draw_log(law, 600, 0.6, np.random.default_rng(2))
    laws = fit_arrival_laws(times, closed_s=closed)
    clocks = [1.2, 1.5, *np.geomspace(2, 16, 5), 1000]
    ranges = np.array([laws.orders_by(closed * clock, level) for clock in clocks])
    assert (np.diff(ranges, axis=0) >= -1e-9 * len(times)).all()
    assert (ranges[-1, 1:] <= laws.orders_by(np.inf, level)[1:]).all()


def test_grouping_a_long_log_changes_nothing_that_matters(monkeypatch):
    times, closed = exponential_log(people=2000, closed=1.0, seed=7)
    grouped = fit_arrival_laws(times, closed_s=closed)
    monkeypatch.setattr("analysis.sellout.arrival_sale.GROUPS", 10**6)
    whole = fit_arrival_laws(times, closed_s=closed)
    assert grouped.orders_by(2.0)[1] == pytest.approx(whole.orders_by(2.0)[1], rel=0.02)


# ---- errors ----


@pytest.mark.parametrize(
    ("times", "more", "told"),
    [
        ([], {}, "0 orders; expected at least 3"),
        ([1.0], {}, "1 orders; expected at least 3"),
        ([1, 2, np.nan], {}, "1 of 3 times are not finite"),
        (["a", "b", "c"], {}, "expected numbers, seconds"),
        ([-1, 2, 3], {}, "an order at -1 s; expected all of them after the opening"),
        ([1, 2, 3], {"lost_s": 1.5}, "expected all of them after the opening and the 1.5 s lost"),
        ([5, 5, 5], {}, "all orders at one time"),
        ([0, 0, 0], {"closed_s": 10}, "all orders at one time"),
        ([1, 2, 9], {"lost_s": -3}, "lost_s = -3; expected seconds, 0 or more"),
        ([1, 2, 9], {"lost_s": np.nan}, "lost_s = nan"),
        ([1, 2, 9], {"registrations": np.nan}, "nan registrations; expected at least"),
        ([1, 2, 9], {"closed_s": 8}, "an order at 9 s, after the clock stopped at 8 s"),
        ([1, 2, 9], {"registrations": 2}, "2 registrations; expected at least the 3 orders"),
        ([1, 2, 9], {"law": "pareto"}, "law 'pareto'"),
        ([1, 2, 9], {"population": "finite"}, "population 'finite'"),
        ([0, 2, 9], {"law": "lognormal"}, "no likelihood under the lognormal law"),
    ],
)
def test_times_that_cannot_be_orders_of_one_sale_are_refused(times, more, told):
    with pytest.raises(ValueError, match=told):
        fit_arrivals(times, **more)


@pytest.mark.parametrize(
    ("edges", "orders", "told"),
    [
        ([0, 1, 2], [1, 2, 3], "3 edges for 3 counts"),
        ([0, 2, 1], [3, 4], "rising edges"),
        ([0, 1, 2], [3, -4], "whole numbers"),
        ([0, 1, 2], [3, 1.5], "whole numbers"),
        ([0, 1, 2], [1, 1], "2 orders; expected at least 3"),
    ],
)
def test_counts_that_cannot_be_are_refused(edges, orders, told):
    with pytest.raises(ValueError, match=told):
        fit_arrival_counts(edges, orders, law="exponential")
