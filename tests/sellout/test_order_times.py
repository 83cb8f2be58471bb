"""When orders came, as the laws take it: counts of a large log against the times of its orders."""

import numpy as np
import pandas as pd
import pytest

from analysis.data import order_counts, order_times, read_orders
from analysis.sellout import order_times as records


@pytest.fixture(scope="module")
def log_file(tmp_path_factory):
    """20,000 orders of 30,000 people, gone within some twelve seconds."""
    times_s = np.sort(np.random.default_rng(11).exponential(10, 30_000))[:20_000]
    path = tmp_path_factory.mktemp("large") / "log.csv"
    pd.DataFrame({"t_s": times_s}).to_csv(path, index=False)
    return path


@pytest.fixture
def large_log(log_file, monkeypatch):
    """The log, of a size whose times are not held in memory."""
    monkeypatch.setattr(records, "MOST_TIMES", 10_000)
    monkeypatch.setattr(records, "FIRST_ORDERS", 1_000)
    return read_orders(log_file)


@pytest.mark.oracle("slow version")
@pytest.mark.parametrize("step_s", [1.0, 0.1, 0.001])
def test_counts_in_steps_are_those_of_the_times(log_file, step_s):
    log = read_orders(log_file)
    steps = np.floor(order_times(log) / step_s + 1e-6).astype(int)
    assert order_counts(log, step_s).tolist() == np.bincount(steps).tolist()


def test_the_earliest_orders_are_those_of_all(log_file):
    log = read_orders(log_file)
    assert order_times(log, first=50).tolist() == order_times(log)[:50].tolist()


@pytest.mark.oracle("slow version")
def test_a_large_log_says_in_counts_what_its_times_say(large_log, log_file):
    counted = records.record_of_log(large_log)
    timed = records.record_of_times(order_times(read_orders(log_file)))
    assert counted.times_s is None
    assert (counted.number, counted.last_s) == (timed.number, timed.last_s)
    by_counts, by_times = counted.fit_laws(), timed.fit_laws()
    assert by_counts.interval(0.95) == pytest.approx(by_times.interval(0.95), rel=0.02)
    twice_s = 2 * by_times.closed_s
    assert by_counts.orders_by(twice_s) == pytest.approx(by_times.orders_by(twice_s), rel=0.02)
    assert by_times.interval(0.95)[0] <= 30_000 <= by_times.interval(0.95)[1]


def test_a_large_log_is_drawn_and_opened_earlier_as_its_times_are(large_log, log_file):
    counted = records.record_of_log(large_log)
    timed = records.record_of_times(order_times(read_orders(log_file)))
    drawn_s, by_then = counted.curve(400)
    assert by_then.tolist() == timed.curve(400)[1].tolist()
    assert drawn_s == pytest.approx(timed.curve(400)[0], abs=1.1 * counted.step_s)
    earlier = counted.opened_earlier(0.5)
    assert earlier.counts.sum() == counted.number
    assert earlier.last_s == pytest.approx(timed.opened_earlier(0.5).last_s)
    assert earlier.curve(400)[0] == pytest.approx(drawn_s + 0.5)


def test_stamps_of_a_large_log_to_the_second_stay_counts_of_seconds(large_log, tmp_path):
    whole_s = np.floor(order_times(large_log))
    pd.DataFrame({"t_s": whole_s}).to_csv(tmp_path / "log.csv", index=False)
    record = records.record_of_log(read_orders(tmp_path / "log.csv"))
    assert (record.step_s, record.is_coarse) == (1.0, True)
    assert record.counts.tolist() == np.bincount(whole_s.astype(int)).tolist()


def test_cancelled_orders_of_a_large_log_are_counted_among_those_that_came(large_log, tmp_path):
    times_s = order_times(large_log)
    status = np.where(np.arange(len(times_s)) % 3 == 0, "paid", "cancelled")  # the last one too
    pd.DataFrame({"t_s": times_s, "status": status}).to_csv(tmp_path / "log.csv", index=False)
    log = read_orders(tmp_path / "log.csv")
    assert len(order_times(log)) < len(times_s) == len(order_times(log, with_cancelled=True))
    record = records.record_of_log(log, with_cancelled=True)
    whole = records.record_of_log(large_log)
    assert record.counts.tolist() == whole.counts.tolist()
    assert record.last_s == pytest.approx(whole.last_s, abs=record.step_s)
