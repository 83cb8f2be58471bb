"""Demand forecasts: closed forms, slow versions, theorems on a thousand random launches, known truths with coverage counted, errors."""

import warnings

import numpy as np
import pandas as pd
import pytest
from evidence import (
    draw_launch,
    iphone_forecasts,
    launch_calibration,
    milestone_forecasts,
    random_rank,
)
from scipy import integrate, optimize, stats

from analysis.data.tables import DATA
from analysis.demand.diffusion import (
    LONG,
    P_BOUNDS,
    Q_BOUNDS,
    STARTS,
    bass_share,
    ends,
    sample_posterior,
    simulate_generations,
)
from analysis.demand.forecast import (
    COUNT_NOISE,
    TERMS,
    Prior,
    count_loglik,
    fit_bass,
    fit_bass_series,
    fit_launch,
    fit_prior,
    forecast_long,
    increase,
    milestone_sequences,
    simulate_launch,
    sold_at,
    thin_counts,
    wait_weeks,
)

CASES = 1000
PRIOR = Prior(np.array([14.0, -4.0, -2.5, -3.0, -2.7]), np.array([1.0, 0.8, 0.8, 1.0, 1.0]), 0.3, 0)


def bass_sales(periods, p=0.02, q=0.4, m=1e6):
    return m * np.diff(bass_share(np.arange(periods + 1.0), p, q))


def random_launches(seed=1, steps=20):
    """Launches of every kind: crowds, curves, weeks without supply."""
    rng = np.random.default_rng(seed)
    people = {"potential": np.exp(rng.normal(12, 1, CASES)), "opening": rng.beta(0.5, 5, CASES)}
    people |= {"p": np.exp(rng.normal(-4, 1.5, CASES)), "q": np.exp(rng.normal(-2, 1, CASES))}
    supply = np.exp(rng.normal(9, 1.5, (CASES, steps))) * rng.integers(0, 2, (CASES, steps))
    supply[:, 0] += 1
    return people, supply, rng


# ---- Bass curves ----


def test_least_squares_finds_the_curve_that_made_the_sales():
    fit = fit_bass(bass_sales(20))
    assert (fit.p, fit.q, fit.m) == pytest.approx((0.02, 0.4, 1e6), rel=1e-6)
    assert fit.identified
    assert fit.forecast(5)["median"].to_numpy() == pytest.approx(bass_sales(25)[20:], rel=1e-5)


def test_the_regression_of_1969_is_the_parabola_through_the_sum_before():
    sales = np.array([5.0, 9, 14, 17, 16, 12, 7])
    before = np.cumsum(sales) - sales
    a, b, c = np.linalg.lstsq(np.c_[np.ones(7), before, before**2], sales)[0]
    m = np.roots([c, b, a]).max()
    fit = fit_bass(sales, method="ols")
    assert (fit.p, fit.q, fit.m) == pytest.approx((a / m, -m * c, m), rel=1e-8)


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


def test_standard_errors_are_the_spread_of_the_estimates_over_many_samples():
    rng = np.random.default_rng(2)
    mean = bass_sales(18)
    fits = fit_bass_series(mean + rng.normal(0, 1500, (400, 18)))
    told = fit_bass(mean + rng.normal(0, 1500, 18))
    assert [told.se_p, told.se_q, told.se_m] == pytest.approx(
        fits[["p", "q", "m"]].std().to_numpy(), rel=0.5
    )


def test_forecast_bands_hold_what_comes_as_often_as_they_say():
    rng, held = np.random.default_rng(3), []
    for _ in range(200):
        sales = bass_sales(16) + rng.normal(0, 2000, 16)
        band = fit_bass(np.fmax(sales[:12], 0)).forecast(4, 0.8)
        held += list((band["low"] <= sales[12:]) & (sales[12:] <= band["high"]))
    assert 0.72 <= np.mean(held) <= 0.88


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


def test_a_regression_with_a_wrong_sign_returns_no_numbers():
    fit = fit_bass([9.0, 4, 3, 4, 9, 16], method="ols")
    assert np.isnan([fit.p, fit.q, fit.m]).all()
    assert fit.problem.startswith("wrong sign")


def test_one_generation_alone_is_bass_and_nobody_upgrades():
    first, upgrade = simulate_generations(30, [0], [1e6], [0.02], [0.4])
    assert first[0] == pytest.approx(bass_sales(30), rel=1e-12)
    assert (upgrade == 0).all()


def test_generations_count_everybody_once_as_a_first_buyer_and_upgraders_only_from_owners():
    """Jiang & Jain 2012: over time everybody of every generation has bought once; who owns one upgrades at most once a version."""
    first, upgrade = simulate_generations(
        400, [0, 8, 15], [1e6, 4e5, 2e5], [0.02, 0.03, 0.03], [0.4, 0.5, 0.5]
    )
    assert first.sum() == pytest.approx(1.6e6, rel=1e-9)
    assert (first >= 0).all()
    assert (upgrade >= 0).all()
    assert upgrade[0].sum() == 0
    assert (upgrade.sum(1)[1:] < np.cumsum([1e6, 4e5])).all()
    assert (upgrade[1, :8] == 0).all()
    in_use = (first + upgrade)[0].sum() - upgrade[1].sum()
    assert in_use >= -1e-6  # no more upgrade to the second than bought the first


def test_two_generations_are_the_norton_bass_sum_when_buyers_are_not_told_apart():
    """Norton & Bass 1987: those who have come as far as the second version are F2 (m2 + m1 F1)."""
    first, upgrade = simulate_generations(40, [0, 10], [1e6, 5e5], [0.02, 0.03], [0.4, 0.5])
    age = np.arange(41.0)
    early, late = bass_share(age, 0.02, 0.4), bass_share(np.fmax(age - 10, 0), 0.03, 0.5)
    assert np.cumsum((first + upgrade)[1]) == pytest.approx(
        (late * (5e5 + 1e6 * early))[1:], rel=1e-9
    )


def noisy_series(count, seed):
    """Series short and long, before and after their peak, clean and noisy."""
    rng, series = np.random.default_rng(seed), []
    for _ in range(count):
        age = np.arange(rng.integers(5, 31) + 1.0)
        curve = np.exp(rng.uniform(3, 12)) * np.diff(
            bass_share(age, np.exp(rng.uniform(-7, -2.3)), rng.uniform(0.02, 0.9))
        )
        series.append(curve * np.exp(rng.normal(0, rng.choice([0.01, 0.1, 0.4]), len(curve))))
    return series


def fit_one_by_one(sales):
    """Least sum of squares of scipy's curve_fit from the same starts within the same bounds; infinite where all of them fail."""
    age, best = np.arange(len(sales) + 1.0), np.inf
    bounds = ([P_BOUNDS[0], Q_BOUNDS[0], 0], [P_BOUNDS[1], Q_BOUNDS[1], np.inf])
    for p, q in STARTS:
        shape = np.diff(bass_share(age, p, q))
        curve = lambda _, p, q, m: m * np.diff(bass_share(age, p, q))  # noqa: E731
        try:
            found, _ = optimize.curve_fit(
                curve, age[1:], sales, (p, q, sales @ shape / (shape @ shape)), bounds=bounds
            )
            best = min(best, np.sum((sales - curve(None, *found)) ** 2))
        except (RuntimeError, ValueError):  # curve_fit gave up, or its trust region broke
            continue
    return best


def test_a_curve_that_hardly_begins_and_then_is_steep_is_found():
    sales = noisy_series(10_000, 1)[
        8868
    ]  # the one of ten thousand in which curve_fit was once the better
    fits = fit_bass_series([sales])
    assert fits["rss"][0] <= fit_one_by_one(sales) * (1 + 1e-6)
    assert fits["problem"][0] == "no finite optimum", "p is on its bound"


def test_batches_are_never_worse_than_one_by_one_from_the_same_starts():
    series = noisy_series(60, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optimize.OptimizeWarning)
        rival = np.array([fit_one_by_one(sales) for sales in series])
    assert (fit_bass_series(series)["rss"] <= rival * (1 + 1e-6)).all()


# ---- theorems of the launch model ----


@pytest.mark.parametrize("step", [1 / 7, 1.0, 5.0])
@pytest.mark.parametrize("supply", [np.inf, 1e7])
def test_without_a_limit_the_launch_is_the_closed_form_of_bass_at_any_step(step, supply):
    weeks = step * np.arange(1, 41)
    paths = simulate_launch(
        np.r_[supply, np.zeros(39)], potential=1e6, p=0.01, q=0.2, opening=0.03, step=step
    )
    assert paths.sold[0] == pytest.approx(1e6 * bass_share(weeks, 0.01, 0.2, 0.03), rel=1e-10)


@pytest.mark.parametrize("leave", [0.0, 0.3, np.inf])
def test_people_and_phones_balance_at_every_step_of_every_launch(leave):
    people, supply, _ = random_launches()
    paths = simulate_launch(supply, leave=leave, **people)
    whole = paths.sold + paths.waiting + paths.left + paths.untouched
    assert whole == pytest.approx(np.repeat(people["potential"][:, None], 20, 1), rel=1e-9)
    assert paths.sold + paths.stock == pytest.approx(np.cumsum(supply, axis=1), rel=1e-9)
    assert (paths.left <= 1e-9 * whole).all() == (leave == 0)
    least = min(part.min() for part in paths[:5])
    assert least >= -1e-9 * people["potential"].max()


def test_a_launch_is_what_its_differential_equations_say():
    """The slow version: the phases in and out of stock solved by Runge-Kutta in steps of a thousandth of a week."""
    m, p, q, leave, supply = 1000.0, 0.03, 0.9, 0.4, [150.0, 0, 120, 300, 0, 0]
    rest, waiting, owners, left, stock, sold = 950.0, 50.0, 0.0, 0.0, 0.0, []
    for arrived in supply:
        stock += arrived
        for _ in range(4000):
            served = min(waiting, stock)
            waiting, owners, stock = waiting - served, owners + served, stock - served
            came = rest * -np.expm1(
                -(p + q * (owners + (stock > 0) * (p + q * owners / m) * rest / 8000) / m) / 4000
            )
            gone = waiting * -np.expm1(-leave / 4000)
            rest, waiting, left = rest - came, waiting + came - gone, left + gone
        served = min(waiting, stock)
        sold.append(owners + served)
    paths = simulate_launch(supply, potential=m, p=p, q=q, opening=0.05, leave=leave)
    assert paths.sold[0] == pytest.approx(sold, rel=2e-4)
    assert paths.left[0, -1] == pytest.approx(left, rel=2e-3)


def test_when_nobody_waits_it_is_the_model_of_lost_sales():
    """Kumar & Swaminathan 2003: what is not in stock is lost; integrated slowly, hazards by those who own one."""
    m, p, q, supply = 1000.0, 0.05, 0.6, [100.0, 40, 0, 500, 0]

    def flow(_, y, in_stock):
        came = (p + q * y[1] / m) * y[0]
        return [-came, came * in_stock, came * (not in_stock)]

    state, stock, sold = [900.0, 0.0, 0.0], 0.0, []
    for week, arrived in enumerate(supply):
        stock += arrived
        if week == 0:
            state = [900.0, 100.0, 0.0]
            stock -= 100.0
        gone = lambda _, y, in_stock, top=state[1] + stock: y[1] - top  # noqa: E731
        gone.terminal = True
        tight = {"rtol": 1e-10, "atol": 1e-10}
        first = (
            integrate.solve_ivp(flow, (0, 1), state, args=(True,), events=gone, **tight)
            if stock > 1e-9
            else None
        )
        spent = first.t[-1] if first else 0.0
        after = first.y[:, -1] if first else np.array(state)
        stock -= after[1] - state[1]
        last = (
            integrate.solve_ivp(flow, (spent, 1), after, args=(False,), **tight)
            if spent < 1
            else None
        )
        state = list(last.y[:, -1] if last else after)
        sold.append(state[1])
    paths = simulate_launch(supply, potential=m, p=p, q=q, opening=0.1, leave=np.inf)
    assert paths.sold[0] == pytest.approx(sold, rel=1e-6)
    assert paths.waiting.max() < 1e-200
    assert paths.left[0, -1] == pytest.approx(state[2], rel=1e-5)


@pytest.mark.parametrize("more", ["supply", "p", "q"])
def test_patient_buyers_never_buy_less_by_any_week_when_there_is_more(more):
    """Ho, Savin & Terwiesch 2002: nobody leaves, so sales are the smaller of cumulative demand and supply."""
    people, supply, rng = random_launches(2)
    before = simulate_launch(supply, **people).sold
    if more == "supply":
        total = np.cumsum(supply, axis=1)
        total = np.maximum.accumulate(total * (1 + np.abs(rng.normal(0, 0.5, total.shape))), axis=1)
        supply = np.diff(total, axis=1, prepend=0)
    else:
        people[more] = people[more] * np.exp(np.abs(rng.normal(0, 1, CASES)))
    gain = (simulate_launch(supply, **people).sold - before) / people["potential"][:, None]
    assert gain.min() >= -1e-12
    assert gain.max() > 0.1


def test_without_word_of_mouth_more_supply_never_sells_less_even_when_buyers_leave():
    people, supply, rng = random_launches(3)
    people |= {"q": np.zeros(CASES), "leave": np.exp(rng.normal(-1, 1, CASES))}
    more = supply * (1 + rng.random(supply.shape)) + np.exp(
        rng.normal(6, 2, supply.shape)
    ) * rng.integers(0, 2, supply.shape)
    gain = (simulate_launch(more, **people).sold - simulate_launch(supply, **people).sold)[
        :, -1
    ] / people["potential"]
    assert gain.min() >= -1e-12


def test_with_word_of_mouth_and_leaving_a_larger_early_batch_can_sell_far_less():
    """A hundred phones more in week 2 spread the word; who hears it finds nothing for eight weeks and has left when 800 arrive."""
    launch = {"potential": 1000, "p": 0.001, "q": 4.0, "opening": 0.02, "leave": 3.0}
    late = np.r_[5.0, np.zeros(8), 800, 0, 0]
    early = late + 100 * (np.arange(12) == 1)
    fewer, more = (simulate_launch(supply, **launch).sold[0, -1] for supply in (early, late))
    assert (fewer, more) == (pytest.approx(141.2, abs=0.1), pytest.approx(805, abs=0.1))


def test_supply_in_one_week_and_in_its_days_is_the_same_launch():
    people, supply, _ = random_launches(4)
    days = np.zeros((CASES, 140))
    days[:, ::7] = supply
    week, day = (
        simulate_launch(s, leave=0.2, step=step, **people)
        for s, step in ((supply, 1.0), (days, 1 / 7))
    )
    assert day.sold[:, 6::7] == pytest.approx(week.sold, rel=1e-9)


def test_the_wait_of_the_last_in_line_is_what_a_queue_walked_step_by_step_gives():
    people, supply, rng = random_launches(5)
    leave = np.exp(rng.normal(-2, 1, CASES))
    paths = simulate_launch(supply, leave=leave, **people)
    waits = wait_weeks(paths)
    for draw in range(0, CASES, 50):
        for k in range(20):
            ahead, wait = paths.waiting[draw, k], np.inf if paths.waiting[draw, k] >= 1 else 0.0
            for later in range(k + 1, 20):
                ahead -= supply[draw, later]
                if np.isinf(wait) and ahead <= 1e-6:
                    wait = later - k - 1.0
                ahead *= np.exp(-leave[draw])
            assert waits[draw, k] == wait


# ---- posterior ----


def test_the_sampler_knows_how_much_its_draws_are_worth():
    """Means over 60 seeds spread as the effective sample size says; the posterior is normal in closed form."""
    runs = [
        sample_posterior(lambda z: -0.5 * ((z[:, 0] - 2) / 0.1) ** 2, 3, seed=seed)
        for seed in range(60)
    ]
    means, sizes = np.array([z[:, 0].mean() for z, _ in runs]), np.array([size for _, size in runs])
    sd = np.sqrt(1 / (1 + 100))
    assert means.mean() == pytest.approx(200 / 101, abs=4 * sd / np.sqrt(60 * 400))
    assert np.std([z[:, 0].std() for z, _ in runs]) < 0.1 * sd
    assert 0.5 < means.var() / (sd**2 / sizes.mean()) < 2
    assert sizes.min() >= 400


def test_a_launch_bound_throughout_has_the_prior_conditioned_on_its_flags():
    """The oracle is rejection: draws of the prior kept with the chance of the flags seen."""
    supply, flags = np.full(16, 6e4), np.r_[np.ones(12), np.full(4, np.nan)]
    fit = fit_launch(supply, PRIOR, sold_out=flags, draws=4000, target=2000)
    rng = np.random.default_rng(1)
    z = rng.standard_normal((100_000, 5))
    paths = simulate_launch(supply, **PRIOR.values(z))
    short = paths.bound[:, :12] > 0
    kept = rng.random(len(z)) < np.where(short, 0.95, 0.05).prod(1) / 0.95**12
    for term in TERMS:
        for share in (0.1, 0.5, 0.9):
            true = np.quantile(PRIOR.values(z[kept])[term], share)
            assert np.mean(fit.values[term] <= true) == pytest.approx(
                share, abs=4 * np.sqrt(share * (1 - share) / fit.effective)
            )
    assert np.mean(fit.values["potential"]) > 1.3 * np.mean(
        PRIOR.values(z)["potential"]
    )  # not the prior itself


def test_what_a_bound_week_sold_says_nothing_beyond_its_flag():
    supply, flags = np.full(12, 2e4), np.ones(12)
    told = pd.DataFrame({"week": [4.0, 8.0, 12.0], "units": np.cumsum([8e4] * 3)})
    with_counts, without = (
        fit_launch(supply, PRIOR, sold_out=flags, counts=counts, draws=4000, target=2000)
        for counts in (told, None)
    )
    for share in (0.1, 0.5, 0.9):
        cut = np.quantile(without.values["potential"], share)
        assert np.mean(with_counts.values["potential"] <= cut) == pytest.approx(share, abs=0.05)


def test_one_wrong_flag_does_not_empty_the_posterior():
    flags = np.zeros(12)
    flags[6] = 1
    fit = fit_launch(np.full(12, 1e9), PRIOR, sold_out=flags)
    assert fit.effective >= 400


def test_a_count_already_seen_is_not_undone_and_more_of_it_moves_the_prior_more():
    counts = pd.DataFrame({"week": [2.0, 4.0, 6.0, 8.0], "units": [2e5, 3e5, 4e5, 4.8e5]})
    few, many = (fit_launch(np.full(20, np.inf), PRIOR, counts=counts[:n]) for n in (1, 4))
    assert (many.sold_by(12) >= 4.8e5).all()
    assert many.table()["spread"].iloc[0] < few.table()["spread"].iloc[0] < 1


def test_a_daily_history_is_forecast_as_well_as_a_weekly_one():
    """Counts a day apart share their noise: taken as independent they would pull the curve up and make its bands too narrow."""
    z, held = np.random.default_rng(5).standard_normal((20, 5)), {1 / 7: 0, 1.0: 0}
    truths = simulate_launch(np.full(26, np.inf), **PRIOR.values(z))
    for k in range(20):
        for gap in held:
            weeks = np.arange(gap, 12 + 1e-9, gap)
            paths = simulate_launch(
                np.full(26, np.inf), **{name: x[[k]] for name, x in PRIOR.values(z).items()}
            )
            counts = pd.DataFrame({"week": weeks, "units": sold_at(paths, weeks)[0]})
            low, _, high = ends(fit_launch(np.full(26, np.inf), PRIOR, counts=counts).sold_by(26))
            held[gap] += low <= truths.sold[k, -1] <= high
    assert min(held.values()) >= 12, (
        held
    )  # of 20; 80 % bands hold that few of honest ones in 1 of 100 tries


def test_the_likelihood_of_counts_is_that_of_their_noise_where_supply_binds_and_of_simulated_ones_where_it_does_not():
    weeks, rng = np.array([2.0, 4.0, 8.0]), np.random.default_rng(3)
    bound = simulate_launch(np.full(8, 10.0), potential=1e6, p=0.01, q=0.1, opening=0.5)
    units = np.array([21.0, 38.0, 82.0])
    alone = stats.norm.logpdf(np.log(units / (10 * weeks)), 0, COUNT_NOISE).sum() + 1.5 * np.log(
        2 * np.pi
    )
    assert count_loglik(bound, weeks, units, 0.3)[0] == pytest.approx(alone)
    free = simulate_launch(np.full(8, np.inf), potential=1e6, p=0.01, q=0.3, opening=0.02)
    rises = np.diff(sold_at(free, weeks)[0], prepend=0) * np.exp(
        0.3 * rng.standard_normal((200_000, 3))
    )
    logs = np.log(rises.cumsum(1)) + COUNT_NOISE * rng.standard_normal((200_000, 3))
    law = stats.multivariate_normal(logs.mean(0), np.cov(logs.T))
    for told in (logs[0], logs[1], logs.mean(0)):
        expected = law.logpdf(told) + 1.5 * np.log(2 * np.pi)
        assert count_loglik(free, weeks, np.exp(told), 0.3)[0] == pytest.approx(expected, abs=0.25)


def test_weeks_already_counted_stand_as_counted():
    counts = pd.DataFrame({"week": [4.0, 8.0], "units": [5e5, 9e5]})
    fit = fit_launch(np.full(26, np.inf), PRIOR, counts=counts)
    assert fit.sold_by(8) == pytest.approx(9e5)
    assert fit.reached(1e6)[0] >= 8
    assert (np.diff(fit.sold_by_step(), axis=1) >= 0).all()
    for week, units in counts.itertuples(index=False):
        bands = fit.weekly().query(f"quantity == 'sold' and week == {week}")
        assert bands[["low", "median", "high"]].to_numpy()[0] == pytest.approx(units)
    early, late = fit.sold_by(2), fit.sold_by(6)
    assert ((early > 0) & (early < 5e5)).all()
    assert ((late > 5e5) & (late < 9e5)).all()


def test_of_a_dense_history_weeks_a_third_apart_are_used_and_the_last_is_among_them():
    counts = pd.DataFrame({"week": np.arange(1.0, 17.0), "units": 10 * np.arange(1.0, 17.0)})
    assert thin_counts(counts)["week"].tolist() == [1, 2, 3, 4, 6, 9, 12, 16]
    assert thin_counts(counts[3::4])["week"].tolist() == [4, 8, 12, 16]
    assert thin_counts(counts.assign(units=[*range(12), 99, 99, 99, 15]))["units"].tolist()[
        -2:
    ] == [11, 15], "none above a later one"
    assert thin_counts(counts[:0]).empty


def test_a_million_that_supply_cannot_reach_is_never_reached():
    fit = fit_launch(np.full(10, 5e4), PRIOR)
    assert np.isinf(fit.reached(1e6)).all()
    assert fit.reached(1.0)[2] < 1


def test_the_date_of_a_count_is_the_week_by_which_half_of_the_draws_have_it():
    fit = fit_launch(np.full(20, 8e4), PRIOR, sold_out=np.r_[1.0, np.full(19, np.nan)])
    low, middle, high = fit.reached(3e5)
    assert low <= middle <= high
    assert np.mean(fit.sold_by(np.ceil(middle)) >= 3e5) >= 0.5
    assert np.mean(fit.sold_by(np.floor(middle)) >= 3e5) <= 0.5
    assert all(
        (fit.sold_by(week) <= 8e4 * week * (1 + 1e-12)).all() for week in (1.0, 5.0, 20.0)
    )  # nobody sells what did not come


def test_counts_that_ask_for_much_supply_pick_the_draws_that_have_it():
    supply = 5e4 * np.exp(0.5 * np.random.default_rng(1).standard_normal((2000, 1))) * np.ones(12)
    told = pd.DataFrame({"week": [6.0], "units": [4.5e5]})
    fit = fit_launch(supply, PRIOR, counts=told, sold_out=np.r_[np.ones(6), np.full(6, np.nan)])
    assert np.median(fit.paths.supply[:, 0]) > 6e4


def test_weekly_bands_hold_every_quantity_in_order():
    week = fit_launch(np.full(10, 5e4), PRIOR).weekly()
    assert set(week["quantity"]) == {"sold", "sales", "waiting", "wait_weeks", "left"}
    assert ((week["low"] <= week["median"]) & (week["median"] <= week["high"])).all()
    assert len(week) == 50


def test_counts_between_steps_lie_on_straight_lines():
    paths = simulate_launch(np.full(4, np.inf), potential=1e5, p=0.05, q=0.1, opening=0.1)
    assert sold_at(paths, [0.0, 0.5, 1.0])[0] == pytest.approx(
        [1e4, (1e4 + paths.sold[0, 0]) / 2, paths.sold[0, 0]]
    )


def test_a_lot_that_is_gone_at_once_counts_whole_from_its_first_day():
    paths = simulate_launch(np.full(4, 10.0), potential=1e5, p=0.05, q=0.1, opening=0.1)
    assert sold_at(paths, [1.0, 1.14, 2.0])[0] == pytest.approx([10, 20, 20])


# ---- priors and real sequences ----


def test_the_prior_of_known_launches_is_found_again():
    rng = np.random.default_rng(7)
    values, rows = PRIOR.values(rng.standard_normal((50, 5))), []
    for k in range(50):
        weeks = np.array([1.0, 3, 6, 10, 15])
        total = values["potential"][k] * bass_share(
            weeks, values["p"][k], values["q"][k], values["opening"][k]
        )
        rise, noise = increase(total[None])
        noisy = np.cumsum(rise[0] * np.exp(rng.normal(0, np.hypot(0.3, noise[0]))))
        rows += [
            (f"device_{k}", "CN", units, week) for units, week in zip(noisy, weeks, strict=True)
        ]
    prior = fit_prior(pd.DataFrame(rows, columns=["device", "market", "units", "weeks"]))
    sampling = (
        np.array([0.22, 0.15, 0.32, 0.26]),
        np.array([0.17, 0.2, 0.1, 0.2]),
    )  # sd over eight such samples
    assert (np.abs(prior.mean - PRIOR.mean)[:4] < 3.5 * sampling[0]).all()
    assert (np.abs(prior.sd - PRIOR.sd)[:4] < 3.5 * sampling[1]).all()
    assert prior.model_error == pytest.approx(0.3, abs=3.5 * 0.02)


def test_a_launch_and_its_family_stay_out_of_their_own_prior():
    everyone, others = milestone_sequences(), milestone_sequences("mi_9")
    assert "mi_9" not in set(others["device"])
    assert len(milestone_sequences("galaxy_s4")) < len(everyone)
    assert "redmi_note_8_series" not in set(milestone_sequences(until="2019-03-03")["device"])
    assert not {"redmi_all", "xiaomi_all", "motorola_all"} & set(everyone["device"])
    assert everyone.groupby(["device", "market"])["weeks"].is_monotonic_increasing.all()


def test_last_counts_are_forecast_from_the_earlier_ones():
    told = milestone_forecasts(devices=["galaxy_s3", "huawei_p20_series", "redmi_note_7_series"])
    assert len(told) == 4
    assert told["held"].all()
    assert (told["low"] >= told["last_known_units"]).all()
    assert told["log_error"].abs().median() <= told["log_error_line_in_logs"].abs().median()


def test_iphones_are_forecast_from_quarter_23_and_plain_bass_fails():
    row = iphone_forecasts(origins=(23,)).iloc[-1]
    assert row["log_width"] <= 1.2
    assert row["low"] <= row["units"] <= row["high"]
    assert row["plain_bass"] < 0.8 * row["units"]


def test_long_series_without_replacement_or_growth_are_plain_bass(monkeypatch):
    """Priors as sharp as the truth: potential and p, q known, nobody replaces, the market stands still, sales have no noise."""
    age = np.arange(30.0)
    exact = {
        "potential": 1e8,
        "p": 0.01,
        "q": 0.1,
        "replace": 1e-12,
        "growth": 1e-12,
        "noise": 0.01,
        "drift": 1e-4,
    }
    for name, value in exact.items():
        monkeypatch.setitem(LONG, name, (value, 1e-3))
    sales = [1e6]
    for _ in age[1:]:
        owners = np.sum(sales)
        sales.append((1e8 - owners) * -np.expm1(-0.01 - 0.1 * owners / 1e8))
    path = forecast_long(np.array(sales[:20]), 10, draws=200)
    assert np.median(path[:, -1]) == pytest.approx(np.sum(sales), rel=0.02)


# ---- calibration (a small sample of `make evidence`) ----


def test_drawn_launches_are_held_as_often_as_their_bands_say():
    told = launch_calibration(30, seed=3, workers=1)
    assert (told["held_share"] >= 0.55).all()
    assert (told["ranks_p_value"] > 1e-4).all()


def test_supply_is_drawn_without_a_look_at_the_launch_and_binds_about_half_of_the_time():
    drawn = [draw_launch(PRIOR, seed) for seed in range(300)]
    supply, potential = np.array(
        [(np.log(s.sum()), np.log(truth.potential[0])) for s, truth, _, _ in drawn]
    ).T
    assert abs(np.corrcoef(supply, potential)[0, 1]) < 0.2


def test_ranks_at_ties_are_random():
    rng = np.random.default_rng(1)
    ranks = [random_rank(np.ones(10), 1.0, rng) for _ in range(2000)]
    assert np.mean(ranks) == pytest.approx(0.5, abs=0.02)
    assert np.std(ranks) == pytest.approx(12**-0.5, abs=0.02)


# ---- what `make evidence` counted at length ----


def counted(file):
    return pd.read_csv(DATA / "evidence" / f"{file}.csv")


def test_five_hundred_launches_are_calibrated():
    table = counted("launch_calibration")
    assert (table["launches"] == 500).all()
    assert table["bound_share"].between(0.4, 0.6).all()
    assert table["held_share"].between(0.75, 0.85).all()
    assert (table["ranks_p_value"] > 0.001).all()
    assert (table["least_effective"] >= 400).all()


def test_last_counts_of_real_sequences_were_held_and_no_rival_was_nearer():
    table = counted("milestone_forecasts")
    held = stats.binomtest(int(table["held"].sum()), len(table)).proportion_ci(0.95)
    assert held.low <= 0.8 <= held.high
    assert 0.6 <= table["held"].mean() <= 0.95
    error = table[["log_error", "log_error_line_in_logs", "log_error_last_rate"]].abs().median()
    assert error["log_error"] <= error.iloc[1:].min()


def test_iphones_were_forecast_better_than_by_last_year_with_fading_growth():
    table = counted("iphone_forecasts")
    assert table["origin_quarter"].nunique() >= 6
    assert table["score"].mean() < table["rival_score"].mean()
    row = table.query("origin_quarter == 23 and to_quarter == 46").iloc[0]
    assert row["log_width"] <= 1.2
    assert row["low"] <= row["units"] <= row["high"]


# ---- errors ----


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"supply_units": [0, 0]}, "expected above 0"),
        ({"supply_units": [10, np.nan]}, "supply_units: nan at place"),
        ({"supply_units": [10, -5]}, "supply_units: -5"),
        ({"supply_units": ["many"]}, "supply_units"),
        ({"potential": "all"}, "potential"),
        ({"opening": 1.2}, "opening 1.2"),
    ],
)
def test_a_launch_that_cannot_be_is_refused_by_name(given, said):
    with pytest.raises(ValueError, match=said):
        simulate_launch(**({"supply_units": [10.0], "potential": 100, "p": 0.1, "q": 0.1} | given))


@pytest.mark.parametrize(
    "sales", [[1, 2, np.nan, 4], [1, 2, "x", 4], [1, -2, 3, 4], [1, 2, 3], [0, 0, 0, 0]]
)
def test_sales_with_gaps_text_or_too_little_are_refused(sales):
    with pytest.raises(ValueError, match="sales_units"):
        fit_bass(sales)


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="expected nls, ols or mle"):
        fit_bass([1, 2, 3, 4], method="guess")


@pytest.mark.parametrize(
    ("weeks", "units", "said"),
    [
        ([2, 4], [1.8e5, 1e5], "row 1: 100000 sold by week 4, down from 180000"),
        ([-1, 4], [1e4, 1e5], "row 0: 10000 sold by week -1, before the first sale"),
        ([2, 4], [1e5, 3e6], "row 1: .* more than the 400000 supplied"),
    ],
)
def test_counts_that_nothing_explains_are_refused_by_row(weeks, units, said):
    with pytest.raises(ValueError, match=said):
        fit_launch(np.full(8, 1e5), PRIOR, counts=pd.DataFrame({"week": weeks, "units": units}))


@pytest.mark.parametrize(
    ("weeks", "units", "kinds", "said"),
    [
        ([2, 4, 6], [1.5e5, 1.4e5, 3e5], ["sold"] * 3, "down from 150000"),  # rounding
        (
            [2, 4, 6],
            [2e5, 1.2e5, 3e5],
            ["shipped", "sold", "sold"],
            "down from 200000",
        ),  # another kind
        (
            [-1, 4, 6],
            [2e5, 1.2e5, 3e5],
            ["ordered", "sold", "sold"],
            "before the first sale",
        ),  # pre-orders
        ([2, 4, 6], [2.1e5, 3e5, 4e5], ["sold"] * 3, "more than the 200000 supplied"),  # rounding
    ],
)
def test_counts_that_noise_kind_or_orders_explain_are_warned_about_by_row(
    weeks, units, kinds, said
):
    counts = pd.DataFrame({"week": weeks, "units": units, "kind": kinds})
    with pytest.warns(UserWarning, match=f"row [01]: .*{said}"):
        fit_launch(np.full(8, 1e5), PRIOR, counts=counts, target=100)


def test_registrations_pull_the_opening_crowd_towards_their_show_up():
    """Two thirds of those registered come, more or less by a factor e: the crowd of the posterior moves with their number."""
    prior = Prior(
        np.array([14.0, -4.0, -2.5, -2.0, -2.6]), np.array([1.0, 1.0, 0.5, 1.0, 1.0]), 0.2, 16
    )
    crowds = []
    for registered in (3e4, 3e6):
        values = fit_launch(np.full(8, np.inf), prior, registrations=registered, seed=3).values
        crowds.append(np.median(values["potential"] * values["opening"]))
    assert crowds[0] < 0.67 * 3e6 > crowds[1] > 5 * crowds[0]
