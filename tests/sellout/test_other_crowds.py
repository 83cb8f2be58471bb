"""Order logs of crowds that follow no law: first seconds, the shop's limit, honest ranges."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import kstest

from analysis.data import DATA
from analysis.evidence.count_order_logs import OWN_LAW, LogCell, count_log_cell, draw_log
from analysis.evidence.count_other_crowds import (
    BotCell,
    CrowdCell,
    StampCell,
    count_bot_cell,
    count_crowd_cell,
    count_stamp_cell,
)
from analysis.evidence.simulate_example import FILE, PEOPLE, draw_mixed_crowd, mixed_log
from analysis.evidence.simulated_crowds import CALIBRATION, COUNTED, serve_in_turn
from analysis.sellout import fit_arrival_count_laws, fit_arrival_laws, fit_arrivals
from analysis.sellout.arrival_laws import ARRIVAL_LAWS, WEIGHED_LAWS
from analysis.sellout.arrival_mix import SHARE_OF_LEVEL, WORST_FIT
from analysis.sellout.arrival_sale import (
    poisson_loglik,
    poisson_maximum,
    sale_of_times,
    stack_sales,
)
from analysis.sellout.arrivals import join_intervals
from analysis.sellout.ascent import multistart_maximize
from analysis.sellout.discrepancy import USUAL_GROWTH, growth_sd, widen_growth, widen_total
from analysis.sellout.first_seconds import read_first_seconds
from analysis.sellout.hindcast import Hindcast, hindcast, pseudo_times
from analysis.sellout.order_times import complete_steps, stamp_step
from analysis.sellout.stream_end import read_stream_end


def seen(process, people, share, seed=1):
    """Order times of a simulated sale until the stock, a share of the people, is gone."""
    times_s = np.sort(COUNTED[process](people, np.random.default_rng(seed)))
    return times_s[: int(share * people)]


def steps(times_s):
    """Give the rising times of a log and the orders by each."""
    return times_s, np.arange(1, len(times_s) + 1)


# ---- the first seconds ----


def test_a_dead_time_is_found_and_taken_off_the_clock():
    """The exponential crowd of `delayed` starts at four seconds, at its full rate."""
    times_s = seen("delayed", 10_000, 0.6)
    first = read_first_seconds(*steps(times_s))
    assert first.dead_s == pytest.approx(4.0, abs=0.05)
    by_laws = fit_arrival_laws(times_s).table().set_index("law")["interested"]
    alone = fit_arrivals(times_s - 4.0, closed_s=times_s[-1] - 4.0).interested
    assert by_laws["exponential"] == pytest.approx(alone, rel=0.05)


@pytest.mark.parametrize("law", ["lognormal", "gamma"])
def test_a_crowd_that_builds_up_has_no_dead_time(law):
    rng = np.random.default_rng(2)
    times_s = {"lognormal": rng.lognormal(3, 1, 20_000), "gamma": rng.gamma(2.5, 20, 20_000)}[law]
    assert read_first_seconds(*steps(np.sort(times_s)[:12_000])).dead_s == 0


def test_the_share_of_bots_in_the_first_three_seconds_lies_in_its_interval():
    rows = [count_bot_cell(BotCell(share, 2_000, logs=20, seed=3)) for share in (0.1, 0.3)]
    assert min(row["held_share"] for row in rows) >= 0.85
    assert min(row["seen_share"] for row in rows) >= 0.85


def test_a_crowd_at_one_hazard_has_no_burst():
    rng = np.random.default_rng(4)
    bursts = [
        read_first_seconds(*steps(np.sort(rng.exponential(60, 3_000))[:2_000])).burst_s
        for _ in range(40)
    ]
    assert np.mean(np.array(bursts) > 0) <= 0.05


# ---- the end of the stream ----


@pytest.mark.oracle("known truth")
def test_a_queue_in_turn_is_what_a_loop_over_people_gives():
    """Lindley 1952: each starts when he comes or when the one before him is done."""
    rng = np.random.default_rng(5)
    arrivals_s = np.sort(rng.uniform(0, 10, 200))
    service_s = rng.exponential(0.06, 200)
    done, by_loop = 0.0, []
    for came, takes in zip(arrivals_s, service_s, strict=True):
        done = max(came, done) + takes
        by_loop.append(done)
    np.testing.assert_allclose(serve_in_turn(arrivals_s, service_s), by_loop)


@pytest.mark.parametrize("people", [1_000, 20_000])
def test_a_throttled_shop_sets_no_lower_limit_above_the_orders_seen(people):
    laws = [fit_arrival_laws(seen("server queue", people, 0.3, seed)) for seed in range(5)]
    assert all(one.stream_end.throttled and one.cannot_tell for one in laws)
    assert {one.interval() for one in laws} == {(0.3 * people, np.inf)}
    assert all(one.orders_by(2 * one.closed_s)[0] == one.orders for one in laws)


def test_a_stream_of_chance_is_seldom_called_a_queue():
    rng = np.random.default_rng(6)
    ends = [read_stream_end(*steps(np.sort(rng.uniform(0, 60, 2_000)))) for _ in range(200)]
    assert np.mean([end.flat for end in ends]) >= 0.95
    assert np.mean([end.throttled for end in ends]) <= 0.03


def test_a_stream_that_thins_out_is_not_flat_and_one_at_a_known_limit_is_throttled():
    times_s = np.sort(np.random.default_rng(7).exponential(60, 5_000))[:3_000]
    assert not read_stream_end(*steps(times_s)).flat
    end = read_stream_end(*steps(times_s))
    assert read_stream_end(*steps(times_s), limit_per_s=end.rate_per_s).throttled


@pytest.mark.oracle("closed form")
def test_an_exponential_stream_dries_up_as_its_law_says():
    """From T on exp(-T) of the people come; the estimate is one standard error lower."""
    quantiles = -np.log1p(-(np.arange(200_000) + 0.5) / 200_000)
    times = quantiles[quantiles <= 1.0]
    end = read_stream_end(*steps(times))
    assert end.orders_if_it_dries_up == pytest.approx(200_000 * np.exp(-1), rel=0.12)


# ---- hindcasts and what they widen ----


@pytest.mark.oracle("slow version")
@pytest.mark.parametrize("law", list(ARRIVAL_LAWS))
def test_stacked_sales_have_the_likelihoods_of_single_ones(law):
    rng = np.random.default_rng(8)
    sales = [
        sale_of_times(np.sort(rng.uniform(0.1, closed, 40)), closed, lost)
        for closed, lost in ((1.0, 0.0), (2.0, 0.05), (3.0, 0.0))
    ]
    family = WEIGHED_LAWS[law]
    starts = family.starts[:, :2]
    stacked = poisson_loglik(stack_sales(sales), family, np.repeat(starts[:, :, None], 3, axis=2))
    single = [[poisson_loglik(sale, family, q) for sale in sales] for q in starts.T]
    np.testing.assert_allclose(stacked, single, rtol=1e-9)


def test_a_log_of_one_hazard_predicts_its_own_end():
    times = np.sort(np.random.default_rng(9).exponential(1.0, 40_000))
    x = times[times <= 1.2] / 1.2
    errors = [one.error for one in hindcast(x, 0.0, 0, WEIGHED_LAWS, 1.0)]
    assert len(errors) == 3
    assert np.abs(errors).max() < 0.1


@pytest.mark.oracle("closed form")
def test_an_even_sample_of_counted_orders_gives_the_hindcasts_of_all_of_them(monkeypatch):
    rng = np.random.default_rng(8)
    edges = np.linspace(0, 1, 201)
    counts, _ = np.histogram(rng.weibull(0.7, 80_000), edges)
    every = _hindcasts_of_counts(edges, counts)
    monkeypatch.setattr("analysis.sellout.hindcast.MOST_POINTS", 4_000)
    sample = _hindcasts_of_counts(edges, counts)
    assert len(every) == 3
    for one, sampled in zip(every, sample, strict=True):
        assert sampled.seen == pytest.approx(one.seen, rel=1e-3)
        assert sampled.growth == pytest.approx(one.growth, abs=1e-3)
        assert sampled.predicted_growth == pytest.approx(one.predicted_growth, abs=2e-3)


def _hindcasts_of_counts(edges, counts):
    x, orders_each = pseudo_times(edges, counts)
    return hindcast(x, 0.0, 500, WEIGHED_LAWS, 3.0, orders_each)


def test_errors_of_growth_are_a_mean_square_of_floor_and_hindcasts():
    errors = (0.3, -0.1, 0.2)
    hindcasts = [
        Hindcast(cut=0.5, seen=100, growth=0.5 + error, predicted_growth=0.5) for error in errors
    ]
    expected = np.sqrt((0.05**2 + 0.3**2 + 0.1**2 + 0.2**2) / 4)
    assert growth_sd(hindcasts) == pytest.approx(expected)
    assert growth_sd([]) == pytest.approx(0.05)


def test_growth_is_drawn_towards_what_is_usual_and_orders_never_go_away():
    growth = np.full(500, 1.0)
    wide, weights = widen_growth(growth, np.ones(500), sd=0.3)
    assert USUAL_GROWTH < np.average(wide, weights=weights) < 1.0
    wide, _ = widen_growth(np.full(500, 0.01), np.ones(500), sd=0.3)
    assert wide.min() == 0


def test_a_wider_error_widens_the_total_on_both_sides():
    to_come = np.random.default_rng(10).gamma(50, 20, 1_000)

    def interval(sd):
        draws, weights = widen_total(to_come, np.ones(1_000), sd, in_one_more_clock=1_000)
        order = np.argsort(draws)
        share = np.cumsum(weights[order]) / weights.sum()
        return np.interp([0.1, 0.9], share, draws[order])

    narrow, wide = interval(0.1), interval(0.8)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def high_by_laws(laws, share):
    """Orders below which a share of all draws of the laws lies, those without end left out."""
    to_come, weights = laws._draws_to_come(np.inf)
    finite = np.isfinite(to_come)
    order = np.argsort(to_come[finite])
    share_by = np.cumsum(weights[finite][order]) / weights[finite].sum()
    return laws.orders + to_come[finite][order][np.searchsorted(share_by, share)]


def test_the_plain_rule_takes_away_nothing_that_the_laws_leave_open():
    """Of a log that shows a fifth of its people the rule knows little."""
    times, closed = draw_log("crowd", 5_000, 0.2, np.random.default_rng(10))
    laws = fit_arrival_laws(times, closed_s=closed)
    assert laws.chance_of_worse_fit > WORST_FIT
    high = high_by_laws(laws, (1 + SHARE_OF_LEVEL * 0.95) / 2)
    assert laws._quantiles_in_all([0.975])[0] < high
    assert laws.interval()[1] == pytest.approx(high)
    assert laws.orders_by(np.inf, 0.95)[2] == laws.interval()[1]


def test_laws_that_fit_badly_do_not_widen_the_range():
    laws = fit_arrival_laws(seen("clusters", 1_000, 0.6, seed=3))
    assert laws.chance_of_worse_fit < 0.01
    assert laws.dispersion > 3
    assert high_by_laws(laws, 0.975) > laws.interval()[1]


@pytest.mark.oracle("closed form")
def test_the_fit_of_the_right_law_is_worse_as_often_as_its_chance_says():
    """Chances of logs that follow a law lie evenly between 0 and 1."""
    rng = np.random.default_rng(5)
    chances = []
    for _ in range(60):
        times, closed = draw_log("exponential", 2_000, 0.8, rng)
        chances.append(fit_arrival_laws(times, closed_s=closed).chance_of_worse_fit)
    assert kstest(chances, "uniform").pvalue > 0.01


# ---- what the ranges hold (a small sample of `make evidence`) ----


def test_no_crowd_is_both_calibrated_on_and_counted():
    assert len(COUNTED) >= 6
    assert not set(COUNTED) & set(CALIBRATION)
    assert not set(COUNTED.values()) & set(CALIBRATION.values())


@pytest.mark.slow
@pytest.mark.oracle("known truth")
def test_ranges_hold_for_crowds_that_follow_no_law():
    rows = [
        count_crowd_cell(CrowdCell(crowd, people, 0.6, logs=3, seed=21))
        for crowd in COUNTED
        for people in (1_000, 10_000)
    ]
    assert np.mean([row["held_share"] for row in rows]) >= 0.85
    assert np.mean([row["twice_held_share"] for row in rows]) >= 0.7


@pytest.mark.slow
def test_short_sales_with_stamps_to_the_second_hold_their_people():
    rows = [count_stamp_cell(StampCell(sale_s, 1_000, 0.6, 8, seed=22)) for sale_s in (5, 10)]
    assert np.mean([row["held_share"] for row in rows]) >= 0.85


@pytest.mark.parametrize(
    ("count", "cell"),
    [
        (count_crowd_cell, CrowdCell("delayed", 1_000, 0.6, logs=1, seed=23)),
        (count_stamp_cell, StampCell(5, 1_000, 0.6, logs=1, seed=23)),
        (count_log_cell, LogCell("exponential", OWN_LAW, 500, 0.8, logs=1, seed=23)),
    ],
)
def test_a_count_neither_warns_nor_silences_what_else_its_process_warns_of(count, cell):
    filters = list(warnings.filters)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        count(cell)
        warnings.warn("still heard", UserWarning, stacklevel=1)
    assert [str(warning.message) for warning in warned] == ["still heard"]
    assert warnings.filters == filters


def test_the_long_count_of_other_crowds_keeps_its_marks():
    """At least 200 logs a cell."""
    path = DATA / "evidence" / "crowd_coverage.csv"
    if not path.exists():
        pytest.skip("not counted yet: make evidence ARGS=crowd_coverage")
    table = pd.read_csv(path)
    assert len(table) == len(COUNTED) * 3 * 3
    assert table["logs"].min() >= 200
    assert table["held_share"].mean() >= 0.88
    # One crowd misses the mark of 75 %: at 30 % seen its log ends before the second call of the
    # host, so that nothing in it shows who is still to come.
    by_size = table.groupby(["crowd", "people"])["held_share"].mean()
    short = by_size[by_size < 0.75].reset_index()
    assert set(short["crowd"]) <= {"live stream"}
    from_more = table[(table["crowd"] == "live stream") & (table["share_seen"] > 0.3)]
    assert from_more["held_share"].min() >= 0.75
    assert 0.72 <= table["twice_held_share"].mean() <= 0.9
    queue = table[table["crowd"] == "server queue"]
    assert queue["low_above_share"].max() <= 0.05


# ---- stamps, long logs, climbs ----


def test_a_log_counted_from_its_first_order_is_read():
    """Its ends are those of the log counted from the opening, but where the fit turns on it."""
    changes = []
    for seed in range(1, 9):
        times_s = seen("lognormal rates", 1_000, 0.6, seed)
        from_first = np.round(times_s - times_s[0], 3)
        assert from_first[0] == 0
        ends = [fit_arrival_laws(log_s).interval() for log_s in (from_first, times_s)]
        changes.append(abs(np.log(np.divide(*ends))))
    low_change, high_change = np.transpose(changes)
    assert max(low_change) < 0.01
    assert np.median(high_change) < 0.06
    assert np.mean(high_change > 0.25) <= 1 / 8


def test_a_sale_of_two_minutes_stamped_to_the_minute_has_no_times():
    """Of three orders two may fall on a full minute by chance, of three hundred hardly."""
    two_stamps_s = np.repeat([0.0, 60.0], [250, 50])
    assert stamp_step(two_stamps_s) == 60
    assert stamp_step(np.array([0.0, 0.0, 60.0])) == 1
    with pytest.raises(ValueError, match="minute"):
        fit_arrival_count_laws(*complete_steps(np.array([250, 50]), step_s=60.0))


def test_stamps_to_the_minute_are_counts_per_minute():
    rng = np.random.default_rng(11)
    times_s = np.sort(rng.exponential(1_800, 4_000))[:2_400]
    by_minute = times_s // 60 * 60
    assert (stamp_step(by_minute), stamp_step(np.floor(times_s)), stamp_step(times_s)) == (60, 1, 0)
    counts = np.bincount((by_minute / 60).astype(int))
    laws = fit_arrival_count_laws(*complete_steps(counts, step_s=60.0))
    assert laws.dispersion < 2
    low, high = laws.interval()
    assert low <= 4_000 <= high


def test_a_long_log_is_counted_in_few_intervals_without_losing_an_order():
    counts = np.random.default_rng(12).poisson(3, 20_000)
    edges_s, joined = join_intervals(np.arange(20_001.0), counts)
    assert len(joined) <= 160
    assert joined.sum() == counts.sum()
    assert (edges_s[0], edges_s[-1]) == (0, 20_000)


@pytest.mark.oracle("slow version")
def test_the_crowd_law_climbs_to_the_top_that_all_its_starts_reach():
    law = ARRIVAL_LAWS["crowd"]
    for seed in (3, 11, 23):
        times = np.sort(np.random.default_rng(seed).lognormal(0, 1, 300))
        sale = sale_of_times(times[:240], times[239])
        best = multistart_maximize(
            lambda q, sale=sale: poisson_loglik(sale, law, q), law.starts, tries=18
        )[1]
        assert poisson_maximum(sale, law)[1] == pytest.approx(best, abs=1e-3)


@pytest.mark.oracle("slow version")
@pytest.mark.parametrize(
    ("law", "process", "people", "share_seen", "seed"),
    [
        ("crowd", "two speeds", 50_000, 0.6, 1),
        ("crowd", "two speeds", 10_000, 0.8, 2),
        ("weibull", "clusters", 10_000, 0.8, 2),
        ("weibull", "bots, then people", 10_000, 0.8, 1),
    ],
)
def test_draws_of_a_law_lie_about_the_top_that_a_slow_climb_finds(
    law, process, people, share_seen, seed
):
    """On a few points that stand for the log each of these laws had another, lower summit."""
    fit = fit_arrival_laws(seen(process, people, share_seen, seed))
    family = WEIGHED_LAWS[law]

    def depth(q):
        return -poisson_loglik(fit.sale, family, q[:, None])[0]

    with np.errstate(all="ignore"):
        climbs = [minimize(depth, start, method="Nelder-Mead") for start in family.starts.T]
        drawn = poisson_loglik(fit.sale, family, fit.draws[law].points.T)
    assert np.nanmax(drawn) >= -min(climb.fun for climb in climbs) - 1


# ---- the log of a mixed crowd that ships ----


def test_the_mixed_log_is_what_its_command_draws():
    on_file = (DATA / FILE).read_text(encoding="utf-8")
    assert on_file == mixed_log().to_csv(index=False, lineterminator="\n")
    assert len(draw_mixed_crowd()) == PEOPLE
    first_line = (DATA / "launches" / "example_mixed.yaml").read_text(encoding="utf-8")
    assert first_line.startswith("# Simulated")


@pytest.mark.oracle("known truth")
def test_the_range_of_the_mixed_log_holds_its_truth_and_is_wider_than_that_of_any_likely_law():
    laws = fit_arrival_laws(mixed_log()["t_s"])
    low, high = laws.interval()
    assert low <= PEOPLE <= high < 10 * low
    table = laws.table().iloc[:-1]
    likely = table.loc[table["weight"].idxmax()]
    assert high / low > likely["high"] / likely["low"]
    assert laws.first_seconds.dead_s == pytest.approx(0.8, abs=0.05)
    assert laws.first_seconds.low <= 0.12 * PEOPLE / laws.orders <= laws.first_seconds.high
