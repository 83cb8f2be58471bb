"""The order log of a launch: which seconds count, and what a log with stamps to the second says."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.data import DataError, load_launch
from analysis.sellout import fit_arrival_count_laws, study_log, study_orders, study_own_log
from analysis.sellout.order_times import complete_steps
from analysis.sellout.study_log import OrderLogPage


@pytest.fixture
def launch_with_log(tmp_path):
    """Give a function that puts order times into the example launch's log."""

    def make(times_s, units=1, **more):
        path = tmp_path / f"log_{units}.csv"
        pd.DataFrame({"t_s": times_s, "units": units}).to_csv(path, index=False)
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


@pytest.fixture(scope="module")
def four_in_ten_cancelled(tmp_path_factory):
    """A log of 12,000 orders of 30,000 people, of which four in ten were cancelled later."""
    rng = np.random.default_rng(9)
    times_s = np.sort(rng.exponential(160.0, 30_000))[:12_000]
    status = np.where(rng.random(12_000) < 0.4, "cancelled", "paid")
    path = tmp_path_factory.mktemp("cancelled") / "log.csv"
    pd.DataFrame({"t_s": times_s, "status": status}).to_csv(path, index=False)
    launch = load_launch("example")
    launch.words.pop("orders.closed_s", None)
    launch.words["orders.file"] = str(path)
    return launch


def test_who_cancelled_came_all_the_same_also_where_the_log_names_nobody(four_in_ten_cancelled):
    study = study_orders(four_in_ten_cancelled)
    assert (study.placed, study.arrived) == (12_000, 12_000)
    assert study.orders == pytest.approx(7_200, rel=0.05)
    assert 12_000 <= study.low <= 30_000 <= study.high
    assert study.orders_per_s == pytest.approx(12_000 / study.laws.closed_s)


def test_the_next_lot_leaves_out_units_that_will_be_cancelled(four_in_ten_cancelled):
    study = study_orders(four_in_ten_cancelled)
    assert study.units_an_arrival == study.orders / 12_000
    page = page_of(four_in_ten_cancelled)
    seen, words = study_own_log.facts(page).facts[0]
    cancelled = 12_000 - study.orders
    assert seen == "12,000"
    assert words.endswith(f", {cancelled:,} of them cancelled")
    assert "counts twice" in page.people.returns_sentence()


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


def test_the_next_lot_is_sized_in_units_where_orders_are_for_several(launch_with_log):
    """Each of 900 buyers takes three; a lot for 500 more people is one of 1,500 units."""
    times_s = np.sort(np.random.default_rng(7).uniform(0, 60, 900)).round(3)
    page = page_of(launch_with_log(times_s))
    by_threes = page_of(launch_with_log(times_s, units=3))
    assert by_threes.orders.orders == page.orders.orders
    more, more_by_threes = (
        [float(end.replace(",", "")) for end in re.findall(r"make ([\d,]+) to ([\d,]+)", words)[0]]
        for words in map(study_own_log.decision, (page, by_threes))
    )
    assert more_by_threes == pytest.approx([3 * end for end in more], rel=0.03)


def test_a_steady_log_gives_orders_by_twice_the_time_and_no_total(launch_with_log):
    times_s = np.sort(np.random.default_rng(7).uniform(0, 60, 900)).round(3)
    page = page_of(launch_with_log(times_s))
    screen = study_own_log.first_screen(page)
    assert "We cannot tell how many wanted one in all" in screen.answer
    assert screen.answer.startswith("With more stock, about 1,")
    assert "in twice the time. We cannot tell" in screen.answer
    assert "hardly thinned out" in screen.detail
    assert study_own_log.trust(page).level == "low"
    assert page.width_sentence() == ""


def test_a_pattern_that_asks_for_more_people_than_there_can_be_sets_no_limit(
    launch_with_log, monkeypatch
):
    times_s = np.sort(np.random.default_rng(7).uniform(0, 60, 900)).round(3)
    page = page_of(launch_with_log(times_s))
    before = page.table().frame["at_most"]
    monkeypatch.setattr(study_log, "MOST_PEOPLE", 90_000)
    after = page.table().frame["at_most"]
    assert before.between(90_000, 1e9).any()
    assert after.tolist() == before.mask(before > 90_000, np.inf).tolist()


def test_a_burst_and_a_dead_time_are_said(launch_with_log):
    rng = np.random.default_rng(8)
    times_s = 2 + np.sort(np.r_[rng.uniform(0, 2, 300), rng.exponential(60, 2_000)])
    page = page_of(launch_with_log(times_s[:1_500].round(3)))
    sentence = page.first_seconds_sentence()
    assert "No order was possible in the first 2" in sentence
    assert "times as fast as right after" in sentence
    assert study_own_log.facts(page).facts[0][0] == "1,500"


# ---- logs of real shops ----


def test_a_person_with_many_orders_is_one_person(tmp_path):
    """2,000 people come; every tenth of them orders five times, one order right after another."""
    rng = np.random.default_rng(9)
    came_s = np.sort(rng.exponential(60, 2_000))[:1_200]
    orders = [1 if i % 10 else 5 for i in range(1_200)]
    log = pd.DataFrame(
        {
            "t_s": np.repeat(came_s, orders) + np.concatenate([0.2 * np.arange(n) for n in orders]),
            "customer": np.repeat([f"c{i}" for i in range(1_200)], orders),
        }
    )
    path = tmp_path / "log.csv"
    log.round(3).to_csv(path, index=False)
    launch = load_launch("example")
    words = {key: word for key, word in launch.words.items() if not key.startswith("orders.")}
    study = study_orders(replace(launch, words=words | {"orders.file": str(path)}))
    assert (study.orders, study.arrived, study.counted) == (1_680, 1_200, "people")
    assert study.low <= 2_000 <= study.high
    assert study.low >= 1_200
    page = OrderLogPage(name="Switch", orders=study)
    assert "people would have come" in study_own_log.first_screen(page).answer
    assert study_own_log.facts(page).facts[0][0] == "1,680"
    assert "**1,200 people** placed 1,680 orders" in page.people.people_sentence()


@pytest.fixture
def launch_with_stamps(tmp_path):
    """Give a function that puts times of day, without a zone, into the example launch's log."""

    def make(times_s, **words):
        path = tmp_path / "log.csv"
        stamps = pd.Timestamp("2026-03-01 18:00") + pd.to_timedelta(times_s, "s")
        pd.DataFrame({"ordered_at": stamps.strftime("%Y-%m-%d %H:%M:%S.%f")}).to_csv(path)
        launch = load_launch("example")
        plain = {key: word for key, word in launch.words.items() if not key.startswith("orders.")}
        return replace(launch, words=plain | {"orders.file": str(path)} | words)

    return make


@pytest.fixture(scope="module")
def late_crowd():
    """12,000 of 36,000 people, lognormal: the first order comes seconds after the opening."""
    rng = np.random.default_rng(3)
    return np.sort(rng.lognormal(np.log(600), 1.1, 36_000))[:12_000]


@pytest.mark.oracle("known truth")
def test_an_opening_that_nobody_wrote_down_widens_the_range_which_then_holds(
    launch_with_stamps, late_crowd
):
    unknown = study_orders(launch_with_stamps(late_crowd))
    known = study_orders(launch_with_stamps(late_crowd, **{"orders.opened_at": "2026-03-01 18:00"}))
    assert not unknown.opening_is_known
    assert known.opening_is_known
    assert unknown.high / unknown.low > known.high / known.low
    assert unknown.low <= 36_000 <= unknown.high
    page = OrderLogPage(name="Switch", orders=unknown)
    assert "nobody wrote down when the sale opened" in page.rows_words().text()
    assert OrderLogPage(name="Switch", orders=known).rows_words() is None


def test_a_log_counted_from_its_first_order_has_no_known_opening(launch_with_log):
    times_s = np.sort(np.random.default_rng(8).exponential(30, 900))[:600]
    study = study_orders(launch_with_log((times_s - times_s[0]).round(4)))
    assert not study.opening_is_known


def test_an_offset_in_the_opening_alone_is_refused_with_what_would_help(
    launch_with_stamps, late_crowd
):
    with_offset = {"orders.opened_at": "2026-03-01T18:00+01:00"}
    message = (
        r"orders.opened_at = '2026-03-01T18:00\+01:00' names its time zone, and ordered_at = "
        r"'2026-03-01 18:00:\d\d.*' of data/.*log.csv names none; expected an offset in both, or "
        "time_zone"
    )
    with pytest.raises(DataError, match=r"1 hour apart|names its time zone"):
        study_orders(launch_with_stamps(late_crowd, **with_offset))
    west = {"orders.opened_at": "2026-03-01T18:00+00:00"}
    with pytest.raises(DataError, match=message.replace(r"\+01:00", r"\+00:00")):
        study_orders(launch_with_stamps(late_crowd, **west))
    zone = {"orders.time_zone": "Europe/Berlin"}
    study = study_orders(launch_with_stamps(late_crowd, **with_offset, **zone))
    assert study.ordered.times_s[0] == pytest.approx(late_crowd[0], abs=1e-5)


def test_a_status_that_nobody_knows_is_a_warning_on_the_page_until_the_file_has_its_words(tmp_path):
    times_s = np.sort(np.random.default_rng(8).exponential(30, 900))[:600].round(3)
    statuses = np.where(np.arange(600) % 5, "bezahlt", "zurückgelegt")
    path = tmp_path / "log.csv"
    pd.DataFrame({"t_s": times_s, "status": statuses}).to_csv(path, index=False)
    launch = load_launch("example")
    plain = {key: word for key, word in launch.words.items() if not key.startswith("orders.")}

    def page(**words):
        words = plain | {"orders.file": str(path)} | words
        study = study_orders(replace(launch, words=words))
        return OrderLogPage(name="Switch", orders=study, launch_words=words)

    warned = page()
    assert "Warning: we do not know the status “zurückgelegt”" in warned.rows_words().text()
    assert "counted 120 orders with it" in warned.rows_words().text()
    table = warned.statuses().frame.set_index("status")
    assert table.loc["bezahlt"].tolist() == [480, "bought"]
    cancelled = page(**{"orders.cancelled": ("zurückgelegt",)})
    assert cancelled.rows_words() is None
    assert cancelled.orders.orders == 480
    counts = page(**{"orders.cancelled": ()})
    assert counts.rows_words() is None
    assert counts.orders.orders == 600


def test_nothing_on_the_page_grows_with_the_rows_of_the_log(tmp_path):
    rng = np.random.default_rng(1)
    path = tmp_path / "log.csv"
    times_s = np.sort(rng.exponential(60, 60_000))[:40_000].round(4)
    words = [f"word {number}" for number in rng.integers(0, 3_000, 40_000)]
    pd.DataFrame({"t_s": times_s, "status": words}).to_csv(path, index=False)
    launch = load_launch("example")
    plain = {key: word for key, word in launch.words.items() if not key.startswith("orders.")}
    study = study_orders(replace(launch, words=plain | {"orders.file": str(path)}))
    page = OrderLogPage(name="Switch", orders=study)
    assert len(page.chart().data) == 25
    assert len(page.statuses().frame) == 13
    assert page.statuses().frame["rows"].sum() == 40_000
    assert len(page.rows_words().text()) < 400
    drawn = page.plot().lines[0].get_xdata()
    assert len(drawn) <= 800
