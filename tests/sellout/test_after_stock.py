"""A log that did not stop with the stock: intervals are narrower and hold the truth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.data import load_launch
from analysis.sellout import fit_arrival_laws, requests, study_orders, study_own_log
from analysis.sellout.after_stock import asking_share, weigh_after_stock
from analysis.sellout.study_log import OrderLogPage


def crowd(kind, people, rng):
    """Seconds at which people of one of four crowds come."""
    two_speeds = rng.random(people) < rng.uniform(0.2, 0.6)
    if kind == "exponential":
        return np.sort(rng.exponential(60, people))
    if kind == "lognormal":
        return np.sort(rng.lognormal(4, 1, people))
    slow = rng.exponential(300, people)
    if kind == "crowd before lognormal":
        slow = rng.lognormal(np.log(200), 1, people)
    return np.sort(np.where(two_speeds, rng.exponential(5, people), slow))


def follow(logs, share, seed):
    """Simulate sales whose stock goes while a share of the late ones still leaves a request.

    Yields people, their arrivals until the stock was gone, and the interval by requests.
    """
    rng = np.random.default_rng(seed)
    kinds = ("exponential", "lognormal", "two exponentials", "crowd before lognormal")
    for number in range(logs):
        people = int(rng.choice([1_000, 3_000, 10_000]))
        came_s = crowd(kinds[number % 4], people, rng)
        stock = int(people * rng.choice([0.3, 0.5, 0.7]))
        sold_out_s = came_s[stock - 1]
        late = came_s[stock:]
        is_counted = (late < sold_out_s * rng.choice([1.5, 3, 6])) & (rng.random(len(late)) < share)
        arrived_s = np.concatenate([came_s[:stock], late[is_counted]])
        known = 1.0 if share == 1 else None
        low, high = weigh_after_stock(arrived_s, sold_out_s, share=known).interval()
        yield people, came_s[:stock], (low, high)


def held_and_fold(people, interval):
    """Whether an interval holds the people, and how many times its low end its high end is."""
    low, high = interval
    return {"held": low <= people <= high, "fold": high / low}


@pytest.mark.slow
@pytest.mark.oracle("known truth")
def test_queue_entries_after_the_sell_out_narrow_the_interval_and_it_holds_in_most_of_40_logs():
    by_requests, by_orders = [], []
    for people, ordered_s, interval in follow(40, share=1.0, seed=1):
        by_requests.append(held_and_fold(people, interval))
        by_orders.append(held_and_fold(people, fit_arrival_laws(ordered_s).interval()))
    by_requests, by_orders = pd.DataFrame(by_requests), pd.DataFrame(by_orders)
    assert by_requests["held"].mean() >= max(0.8, by_orders["held"].mean())
    assert (by_requests["fold"] < by_orders["fold"]).mean() >= 0.7
    assert by_requests["fold"].median() < 0.8 * by_orders["fold"].median()


@pytest.mark.slow
@pytest.mark.oracle("known truth")
def test_where_six_in_ten_ask_the_share_is_read_off_the_step_and_the_interval_holds():
    held = [
        held_and_fold(people, interval)["held"]
        for people, _, interval in follow(20, share=0.6, seed=2)
    ]
    assert np.mean(held) >= 0.85


@pytest.mark.oracle("known truth")
def test_the_step_in_a_steady_stream_is_the_share_that_asks():
    rng = np.random.default_rng(3)
    before = np.sort(rng.uniform(0, 100, 10_000))
    after = np.sort(rng.uniform(100, 200, 4_000))
    low, share, high = asking_share(before, after, 100.0)
    assert share == pytest.approx(0.4, rel=0.05)
    assert low < 0.4 < high < 0.5


def test_few_requests_are_not_followed():
    times_s = np.linspace(0.1, 100, 1_000)
    assert weigh_after_stock(np.append(times_s, [101.0, 102.0]), 100.0) is None


# ---- from the files of a launch to its page ----


@pytest.fixture
def launch_with_requests(tmp_path, monkeypatch):
    """Give a function that writes orders and requests, and names them in a launch."""
    monkeypatch.setattr(requests, "DATA", tmp_path)

    def make(orders, asked):
        orders.to_csv(tmp_path / "orders.csv", index=False)
        asked.to_csv(tmp_path / "requests.csv", index=False)
        launch = load_launch("example")
        words = {key: word for key, word in launch.words.items() if not key.startswith("orders.")}
        files = {
            "orders.file": str(tmp_path / "orders.csv"),
            "orders.requests_file": "requests.csv",
        }
        return replace(launch, words=words | files)

    return make


@pytest.fixture(scope="module")
def queue():
    """3,000 people in one queue, all with a name; the stock of 1,200 goes first."""
    came_s = crowd("lognormal", 3_000, np.random.default_rng(2)).round(3)
    return pd.DataFrame({"t_s": came_s, "customer": [f"c{i}" for i in range(3_000)]})


def test_a_queue_that_all_enter_is_followed_and_the_page_says_so(launch_with_requests, queue):
    stock = 1_200
    until_s = 4 * queue["t_s"].iloc[stock]
    entries = queue[queue["t_s"] < until_s]
    study = study_orders(launch_with_requests(queue.head(stock), entries))
    assert study.requests.is_queue_of_all
    assert study.after_stock.share_low == 1
    assert study.low >= len(entries) > stock
    assert study.low <= 3_000 <= study.high
    by_orders = study.laws.interval()
    assert study.high / study.low < by_orders[1] / by_orders[0]

    # Up to the last entry arrivals are counted, not predicted.
    t_s = 2 * study.laws.closed_s
    came = float((queue["t_s"] <= t_s).sum())
    assert study.arrived_by(t_s) == (came, came, came)

    page = OrderLogPage(name="Switch", orders=study)
    assert "Everybody passed through one queue" in page.requests_sentence()
    assert f"{len(entries) - stock:,} people asked" in page.requests_sentence()
    assert "Everybody passed through one queue" in page.words().text()
    assert "requests counted" in study_own_log.trust(page).because
    assert "beyond the stock from requests" in page.chart().measure
    assert "until nobody comes any more" in study_own_log.decision(page)
    sentences = page.words().text().replace("...", "").split(". ")
    assert all(len(sentence.split()) <= 30 for sentence in sentences)
    assert page.curve["estimate"].iloc[-1] == came


def test_a_shop_that_set_the_pace_is_told_once_its_queue_was_counted(launch_with_requests):
    """5,000 people come in 50 s; the shop serves 20 a second until its 1,000 are gone."""
    rng = np.random.default_rng(6)
    came_s = np.sort(rng.exponential(15, 5_000)).round(3)
    names = [f"c{i}" for i in range(5_000)]
    served_s = np.maximum(came_s[:1_000], np.arange(1, 1_001) / 20 + rng.uniform(0, 0.01, 1_000))
    orders = pd.DataFrame({"t_s": np.sort(served_s).round(3), "customer": names[:1_000]})
    entries = pd.DataFrame({"t_s": came_s, "customer": names})
    study = study_orders(launch_with_requests(orders, entries))
    assert study.laws.stream_end.throttled
    assert not study.is_queue
    assert study.low >= 5_000
    assert not study.cannot_tell


def test_requests_without_names_change_no_interval(launch_with_requests, queue):
    orders = queue.head(1_200)
    clicks = pd.DataFrame({"t_s": np.arange(20.0, 400.0)})
    study = study_orders(launch_with_requests(orders, clicks))
    assert study.after_stock is None
    assert (study.low, study.high) == pytest.approx(study.laws.interval())
