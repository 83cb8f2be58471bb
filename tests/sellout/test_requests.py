"""Requests after the stock was gone: people count once, bounds hold, clicks bound nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.data import load_launch, people_of_log, read_orders
from analysis.sellout import (
    PeopleOfLog,
    bound_by_requests,
    fit_arrivals,
    people_of_study,
    read_requests,
    study_orders,
    weigh_requests,
)
from analysis.sellout import requests as requests_module


def people(folder, name, table):
    """The people of a log written from a table."""
    path = folder / f"{name}.csv"
    table.to_csv(path, index=False)
    return people_of_log(read_orders(path))


@pytest.fixture(scope="module")
def crowd():
    """3,000 people at two speeds; the stock of 1,200 goes first, 80 % of the rest ask."""
    rng = np.random.default_rng(2)
    came_s = np.where(rng.random(3000) < 0.4, rng.exponential(5, 3000), rng.exponential(300, 3000))
    crowd = pd.DataFrame({"t_s": np.sort(came_s), "customer": np.arange(3000).astype(str)})
    crowd["asks"] = (crowd.index >= 1200) & (rng.random(3000) < 0.8)
    return crowd


def test_a_person_who_asks_thrice_and_one_who_ordered_before_count_once(tmp_path):
    orders = pd.DataFrame({"t_s": [1, 2], "customer": ["a", "b"]})
    requests = pd.DataFrame({"t_s": [5, 6, 7, 8], "customer": ["c", "c", "a", "d"]})
    evidence = weigh_requests(people(tmp_path, "o", orders), people(tmp_path, "r", requests))
    assert (evidence.ordered, evidence.asked_in_vain, evidence.requests) == (2, 2, 4)
    assert evidence.least_people == 4
    assert evidence.arrived_s.tolist() == [1, 2, 5, 8]
    assert evidence.counted_until_s == 8


def test_clicks_without_names_raise_no_bound(tmp_path):
    orders = pd.DataFrame({"t_s": [1, 2], "customer": ["a", "b"]})
    clicks = pd.DataFrame({"t_s": np.arange(3, 103)})
    evidence = weigh_requests(people(tmp_path, "o", orders), people(tmp_path, "r", clicks))
    assert not evidence.is_by_person
    assert evidence.least_people == 2
    assert bound_by_requests(2, 10, evidence) == (2, 10)


@pytest.mark.oracle("known truth")
def test_the_bound_of_people_counted_never_exceeds_the_truth_and_beats_a_wrong_law(crowd, tmp_path):
    orders = crowd.head(1200)
    evidence = weigh_requests(
        people(tmp_path, "o", orders[["t_s", "customer"]]),
        people(tmp_path, "r", crowd.loc[crowd["asks"], ["t_s", "customer"]]),
    )
    assert evidence.least_people == 1200 + crowd["asks"].sum()
    assert evidence.least_people <= len(crowd)
    wrong_law = fit_arrivals(orders["t_s"].to_numpy(), law="exponential")
    low, high = wrong_law.interval()
    assert high < evidence.least_people  # one speed, fitted to the fast ones of two
    assert bound_by_requests(low, high, evidence)[0] == evidence.least_people


@pytest.fixture
def read_both(tmp_path, monkeypatch):
    """Give a function that reads tables of orders and of requests as those of the example."""
    monkeypatch.setattr(requests_module, "DATA", tmp_path)

    def read(orders, requests):
        orders.to_csv(tmp_path / "orders.csv", index=False)
        requests.to_csv(tmp_path / "requests.csv", index=False)
        launch = load_launch("example")
        log = read_orders(tmp_path / "orders.csv")
        assert read_requests(launch, log) is None  # which names none
        named = replace(launch, words=launch.words | {"orders.requests_file": "requests.csv"})
        return log, read_requests(named, log)

    return read


def test_requests_of_a_launch_are_read_on_the_clock_of_its_orders(read_both):
    """Orders open the sale at 02:00; a request at 02:10 came 600 s after."""
    orders = pd.DataFrame(
        {"ordered_at": ["2019-02-26 02:00:00", "2019-02-26 02:00:04"], "account": ["a", "b"]}
    )
    requests = pd.DataFrame({"ordered_at": ["2019-02-26 02:10:00"], "account": ["c"]})
    _, evidence = read_both(orders, requests)
    assert evidence.arrived_s.tolist() == [0, 4, 600]
    assert evidence.least_people == 3


def test_the_page_says_who_ordered_what_came_back_and_who_came_too_late(read_both):
    orders = pd.DataFrame(
        {
            "t_s": [0, 1, 2, 3],
            "customer": ["a", "a", "b", "c"],
            "status": ["paid", "paid", "paid", "cancelled"],
            "restocked_s": [None, None, None, 60],
        }
    )
    requests = pd.DataFrame({"t_s": [70, 71, 72], "customer": ["d", "d", "e"]})
    log, evidence = read_both(orders, requests)
    page = PeopleOfLog(name="Mi 9", people=people_of_log(log), requests=evidence)
    assert page.people_sentence() == (
        "By customer, **3 people** placed 4 orders; 1 of them got more than one, 2 at most."
    )
    assert "1 order came" in page.returns_sentence()
    assert "2 people asked" in page.requests_sentence()
    assert "at least **5 people** wanted one" in page.requests_sentence()
    assert page.table().frame.set_index("figure")["count"]["of them back on sale"] == 1


def test_a_log_that_names_nobody_has_no_page_of_people(tmp_path):
    path = tmp_path / "orders.csv"
    pd.DataFrame({"t_s": np.linspace(0.5, 60, 100)}).to_csv(path, index=False)
    launch = load_launch("example")
    study = study_orders(replace(launch, words=launch.words | {"orders.file": str(path)}))
    assert people_of_study("Mi 9", study) is None


def test_a_table_of_a_log_without_names_counts_no_people(tmp_path):
    (tmp_path / "orders.csv").write_text("t_s,status\n1,paid\n2,storniert\n")
    people = people_of_log(read_orders(tmp_path / "orders.csv"))
    table = PeopleOfLog(name="Mi 9", people=people, requests=None).table()
    assert table.frame["figure"].tolist() == ["orders", "orders cancelled", "of them back on sale"]
    assert "names nobody" in table.caption
