"""The order log of a launch: which seconds count, and what a log with stamps to the second says."""

import numpy as np
import pytest

from analysis.data import DataError, load_launch
from analysis.sellout import fit_arrival_count_laws, study_orders, study_own_log
from analysis.sellout.order_study import complete_steps
from analysis.sellout.study_log import OrderLogPage


@pytest.fixture
def launch_with_log(tmp_path):
    """Give a function that puts order times into the example launch's log."""

    def make(times_s, **more):
        path = tmp_path / "log.csv"
        path.write_text("t_s\n" + "\n".join(map(str, times_s)), encoding="utf-8")
        launch = load_launch("example")
        launch.words.pop("orders.closed_s", None)
        launch.words.update({"orders.file": str(path), **more})
        return launch

    return make


def test_the_second_in_which_the_stock_ran_out_is_no_full_second():
    edges, counts = complete_steps(np.array([1000, 1010, 985, 1003, 300]))
    assert edges.tolist() == [0, 1, 2, 3, 4]
    assert counts.tolist() == [1000, 1010, 985, 1003]


def test_a_clock_that_ran_on_after_the_last_order_counts_its_empty_time():
    edges, counts = complete_steps(np.array([5, 4, 3, 2]), closed_s=3600)
    assert edges.tolist() == [0, 1, 2, 3, 4, 3600]
    assert counts.tolist() == [5, 4, 3, 2, 0]
    edges, _ = complete_steps(np.array([5, 4, 3, 2, 1]), closed_s=4.3)
    assert edges.tolist() == [0, 1, 2, 3, 4, 4.3]
    with pytest.raises(ValueError, match=r"an order at 3 s, after the clock stopped at 2.5 s"):
        complete_steps(np.array([5, 4, 3, 2]), closed_s=2.5)


@pytest.mark.oracle("slow version")
def test_one_empty_interval_says_as_much_as_many_empty_seconds():
    counts = np.array([50, 31, 17, 12, 6, 2])
    short = fit_arrival_count_laws(*complete_steps(counts, closed_s=20))
    padded = np.r_[counts, np.zeros(14, int)]
    long = fit_arrival_count_laws(np.arange(21), padded)
    low, high = short.interval()
    assert (low, high) == pytest.approx(long.interval(), rel=0.05)


def test_a_log_in_whole_seconds_holds_the_people_of_the_same_log_in_milliseconds(launch_with_log):
    """10,000 orders of 14,000 people, gone within some ten seconds."""
    rng = np.random.default_rng(4)
    times = np.sort(rng.exponential(8.0, 14_000))[:10_000]
    study = study_orders(launch_with_log(times.astype(int)))
    assert study.laws.closed_s == int(times[-1])
    assert study.low <= 14_000 <= study.high
    assert study.low >= study.orders == 10_000


def test_a_log_in_whole_seconds_that_ended_with_stock_left_is_closed_when_it_says(launch_with_log):
    """Nobody came for most of the hour, so those who came are nearly all who wanted one."""
    times = np.sort(np.random.default_rng(5).exponential(60.0, 900)).astype(int)
    study = study_orders(launch_with_log(times, **{"orders.closed_s": 3600.0}))
    assert study.laws.closed_s == 3600
    assert study.low == pytest.approx(900, rel=0.01)
    assert study.high < 1000


def test_steady_orders_in_under_four_complete_steps_are_refused_with_their_rate(launch_with_log):
    times = np.repeat([0, 1, 2], [1000, 1000, 400])
    with pytest.raises(DataError, match=r"cover 2 s to their end \(1,000 orders a second\)"):
        study_orders(launch_with_log(times))
    with pytest.raises(DataError, match=r"cover 0 s to their end; expected at least 4 s"):
        study_orders(launch_with_log([0] * 5000))


# ---- what the page says first of a log ----


def page_of(launch):
    """Read the log of a launch as a page does."""
    return OrderLogPage(name=launch.name, orders=study_orders(launch))


def test_a_log_of_the_shops_queue_says_that_we_cannot_tell(launch_with_log):
    """2,000 orders at an even pace: one every 5 ms, a hair early or late."""
    jitter = np.random.default_rng(6).uniform(0, 0.004, 2_000)
    page = page_of(launch_with_log((0.005 * np.arange(1, 2_001) + jitter).round(4)))
    screen = study_own_log.first_screen(page)
    assert screen.answer.startswith("We cannot tell")
    assert "an even 200 a second" in screen.detail
    assert study_own_log.trust(page).level == "none"
    assert "the shop set the pace" in page.sentence()
    assert "would not size" in study_own_log.decision(page)


def test_a_steady_log_gives_orders_by_twice_the_time_and_no_total(launch_with_log):
    times_s = np.sort(np.random.default_rng(7).uniform(0, 60, 900)).round(3)
    page = page_of(launch_with_log(times_s))
    screen = study_own_log.first_screen(page)
    assert "We cannot tell how many wanted one in all" in screen.answer
    assert screen.answer.startswith("By twice the time about 1,")
    assert "hardly thinned out" in screen.detail
    assert study_own_log.trust(page).level == "low"
    assert page.width_sentence() == ""


def test_a_burst_and_a_dead_time_are_said(launch_with_log):
    rng = np.random.default_rng(8)
    times_s = 2 + np.sort(np.r_[rng.uniform(0, 2, 300), rng.exponential(60, 2_000)])
    page = page_of(launch_with_log(times_s[:1_500].round(3)))
    sentence = page.first_seconds_sentence()
    assert "No order was possible in the first 2" in sentence
    assert "times as fast as right after" in sentence
    assert study_own_log.facts(page).facts[0][0] == "1,500"
