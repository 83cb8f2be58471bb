"""People, accounts and orders of a log are told apart as a slow count does it."""

from collections import Counter, defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.data import people_of_log, read_orders
from analysis.data.errors import DataError

HEADER = "t_s,order_id,account,customer,status,restocked_s"


def write_log(folder, lines, header=HEADER):
    path = folder / "log.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def test_one_customer_with_three_accounts_and_four_orders_is_one_person(tmp_path):
    lines = ["1,1,a1,lei,paid,", "2,2,a1,lei,paid,", "3,3,a2,lei,paid,", "4,4,a3,lei,cancelled,9"]
    people = people_of_log(read_orders(write_log(tmp_path, [*lines, "5,5,b1,wang,paid,"])))
    assert (people.known_by, people.people, people.orders, people.cancelled) == (
        "customer",
        2,
        4,
        1,
    )
    assert (people.accounts, people.most_orders_of_account) == (4, 2)
    assert (people.most_orders, people.people_with_several) == (3, 1)
    assert people.most_accounts_of_customer == 3
    assert people.came_s.tolist() == [1, 5]
    table = people.table().set_index("figure")["count"]
    assert table["most orders of one account"] == 2


def test_a_cancelled_order_is_a_person_who_came_and_its_stock_came_back_when_the_log_says(tmp_path):
    lines = ["1,1,a,,paid,", "2,2,b,,cancelled,30.5", "3,3,c,,refunded,", "31,4,d,,paid,"]
    people = people_of_log(read_orders(write_log(tmp_path, lines)))
    assert people.came_s.tolist() == [1, 2, 3, 31]
    assert people.restocked_s.tolist() == [30.5]
    assert (people.orders, people.cancelled) == (2, 2)


def test_the_return_of_stock_may_stand_on_a_later_row_of_the_order(tmp_path):
    lines = ["1,1,a,,paid,", "2,2,b,,paid,", "20,2,b,,cancelled,21"]
    people = people_of_log(read_orders(write_log(tmp_path, lines)))
    assert people.came_s.tolist() == [1, 2]
    assert people.restocked_s.tolist() == [21]


def test_timestamps_count_the_return_of_stock_from_the_opening(tmp_path):
    header = "ordered_at,account_id,status,restocked_at"
    lines = [
        "2019-02-26 02:00:01,a,paid,",
        "2019-02-26 02:00:02,b,cancelled,2019-02-26T10:05+08:00",
    ]
    log = read_orders(write_log(tmp_path, lines, header), opened_at="2019-02-26 02:00:00")
    people = people_of_log(log)
    assert people.known_by == "account"
    assert people.restocked_s.tolist() == [300]
    assert log.ignored == []


def test_without_names_every_order_counts_as_a_person(tmp_path):
    people = people_of_log(read_orders(write_log(tmp_path, ["1,1", "1,2", "2,3"], "t_s,order_id")))
    assert (people.known_by, people.people, people.is_by_person) == ("order", 3, False)
    assert people.accounts is None
    assert people.most_orders == 1


def test_an_event_that_is_not_there_is_named(tmp_path):
    log = read_orders(write_log(tmp_path, ["1,1,a,b,,"]))
    with pytest.raises(DataError, match="event = 'x'; expected an event of the log"):
        people_of_log(log, "x")


orders = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.5, 1.0, 2.25, 7.0]),
        st.sampled_from(["", "a", "b", "c"]),
        st.sampled_from(["", "x", "y"]),
        st.sampled_from(["paid", "cancelled", "refunded"]),
        st.sampled_from(["", "3.5", "8"]),
    ),
    min_size=1,
    max_size=20,
).filter(lambda rows: any(row[3] == "paid" for row in rows))


@pytest.mark.oracle("slow version")
@settings(max_examples=40, deadline=None)
@given(rows=orders)
def test_any_small_log_gives_what_counting_row_by_row_gives(rows, tmp_path_factory):
    lines = [f"{t},{i},{a},{c},{s},{r}" for i, (t, a, c, s, r) in enumerate(rows)]
    people = people_of_log(read_orders(write_log(tmp_path_factory.mktemp("log"), lines)))
    first, kept, accounts, of_account, unnamed, restocked = (
        {},
        Counter(),
        defaultdict(set),
        {},
        [],
        [],
    )
    for t_s, account, customer, status, back in rows:
        is_kept = status == "paid"
        if account:
            of_account[account] = of_account.get(account, 0) + is_kept
        if not is_kept and back:
            restocked.append(float(back))
        if not customer:
            unnamed.append(t_s)
            continue
        first[customer] = min(t_s, first.get(customer, np.inf))
        kept[customer] += is_kept
        accounts[customer] |= {account} - {""}
    assert people.first_s.to_dict() == first
    assert people.unnamed_s.tolist() == sorted(unnamed)
    assert people.restocked_s.tolist() == sorted(restocked)
    assert people.people_with_several == sum(orders > 1 for orders in kept.values())
    assert people.accounts == (len(of_account) or None)
    if of_account:
        assert people.most_orders_of_account == max(of_account.values())
    if of_account and first:
        assert people.most_accounts_of_customer == max(map(len, accounts.values()))


@pytest.mark.oracle("known truth")
def test_a_simulated_crowd_with_resellers_is_counted_as_people(tmp_path):
    """900 people with one order each, and 20 resellers with 30 accounts each."""
    rng = np.random.default_rng(1)
    customers = [f"p{i}" for i in range(900)] + [f"r{i % 20}" for i in range(600)]
    log = pd.DataFrame({"t_s": rng.exponential(60, 1500), "customer_id": customers})
    log["account_id"] = [f"account {i}" for i in range(1500)]
    path = tmp_path / "log.csv"
    log.to_csv(path, index=False)
    people = people_of_log(read_orders(path))
    assert (people.people, people.orders, people.accounts) == (920, 1500, 1500)
    assert (people.most_orders, people.most_accounts_of_customer) == (30, 30)
    assert people.most_orders_of_account == 1
    assert people.came_s == pytest.approx(
        log.groupby("customer_id")["t_s"].min().round(6).sort_values().to_numpy()
    )
