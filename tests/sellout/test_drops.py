"""People at each drop: what each says by itself, and how one with stock left limits others."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.data import DataError, load_launch
from analysis.sellout import list_logs, people_by_drop, study_orders
from analysis.sellout.study_drops import study_drops

DROPS = pd.DataFrame(
    {
        "date": pd.to_datetime(["2026-02-28", "2026-03-07", "2026-03-14", "2026-03-21"]),
        "units": [10_000.0, np.nan, 12_000.0, 15_000.0],
        "units_basis": None,
        "sellout_s": [200.0, 90.0, 400.0, np.nan],
        "sold_out": ["yes", "yes", "yes", "no"],
        "units_sold": [np.nan, np.nan, np.nan, 9_000.0],
        "registrations": [80_000.0, np.nan, np.nan, np.nan],
    }
)


@pytest.fixture
def launch_with_drops():
    """Give a function that puts drops into a launch of a console."""
    launch = load_launch("example")

    def make(drops, **words):
        plain = {key: word for key, word in launch.words.items() if not key.startswith("orders.")}
        words = plain | {"name": "Handheld", "product": "console"} | words
        drops = drops.assign(device=launch.device)
        for column in launch.drops.columns.difference(drops.columns):
            drops[column] = None
        return replace(launch, drops=drops, words=words)

    return make


def test_a_drop_with_stock_left_limits_who_was_left_since_the_last_gap(launch_with_drops):
    drops = people_by_drop(launch_with_drops(DROPS)).set_index("date")
    third, last = drops.loc["2026-03-14"], drops.loc["2026-03-21"]
    assert (last["at_least"], last["at_most"], last["says"]) == (9_000, 9_000, "stock left")
    # Whoever was left of the third drop and still wanted one is among the 9,000 of a week later.
    assert (third["at_least"], third["at_most"], third["left_at_most"]) == (12_000, np.inf, 9_000)
    # What the second drop sold is not known, so nobody knows who was left of the first.
    first = drops.loc["2026-02-28"]
    assert (first["at_least"], first["left_at_most"]) == (10_000, np.inf)
    assert first["registered"] == 80_000
    assert np.isnan(drops.loc["2026-03-07", "at_least"])
    assert drops.loc["2026-03-07", "says"] == "not counted"


def test_a_chain_of_known_drops_limits_the_first_one(launch_with_drops):
    drops = people_by_drop(launch_with_drops(DROPS.assign(units=[10_000, 5_000, 12_000, 15_000])))
    assert drops["left_at_most"].tolist() == [26_000, 21_000, 9_000, np.inf]


def test_stock_of_an_unsold_drop_is_its_most_where_nobody_counted(launch_with_drops):
    drops = people_by_drop(launch_with_drops(DROPS.assign(units_sold=np.nan))).set_index("date")
    assert np.isnan(drops.loc["2026-03-21", "at_least"])
    assert drops.loc["2026-03-21", "at_most"] == 15_000
    assert drops.loc["2026-03-14", "left_at_most"] == 15_000


def test_reservations_are_no_drop(launch_with_drops):
    reserved = DROPS.assign(units_basis=["reserved", None, None, None])
    assert len(people_by_drop(launch_with_drops(reserved))) == 3


def test_without_a_drop_that_had_stock_left_nothing_is_limited(launch_with_drops):
    drops = people_by_drop(launch_with_drops(DROPS.assign(sold_out="yes")))
    assert np.isinf(drops["left_at_most"]).all()
    assert study_drops(launch_with_drops(DROPS.assign(sold_out="yes"))).words() is None
    unregistered = DROPS.assign(sold_out="yes", registrations=np.nan)
    assert study_drops(launch_with_drops(unregistered)).table() is None
    assert "registered" in study_drops(load_launch("mi_3_india")).table().caption


@pytest.mark.oracle("known truth")
def test_the_limits_hold_the_truth_of_simulated_launches_in_which_some_give_up(launch_with_drops):
    """A crowd waits, a tenth gives up before each drop, newcomers join; the rest come back."""
    rng = np.random.default_rng(5)
    for _ in range(200):
        units = rng.integers(1_000, 12_000, 4)
        waiting, wanted, sold, left = 0, [], [], []
        for stock in units:
            waiting = int(0.9 * waiting) + int(rng.integers(500, 15_000))
            wanted.append(waiting)
            sold.append(min(waiting, int(stock)))
            waiting -= sold[-1]
            left.append(int(0.9**4 * waiting))  # still there at the last drop at the latest
        drops = DROPS.assign(
            units=units.astype(float),
            units_sold=np.array(sold, float),
            sold_out=["yes" if one > two else "no" for one, two in zip(wanted, sold, strict=True)],
            sellout_s=100.0,
        )
        table = people_by_drop(launch_with_drops(drops))
        assert (table["at_least"] <= wanted).all()
        assert (table["at_most"] >= wanted).all()
        assert (table["left_at_most"] >= left).all()


@pytest.fixture
def two_logs(tmp_path, monkeypatch, launch_with_drops):
    """The launch with a log of its first and third drop; 18,000 people came to the third."""
    monkeypatch.setattr("analysis.sellout.order_logs.DATA", tmp_path)
    rng = np.random.default_rng(4)
    for name, day, people, stock in (
        ("a", "2026-02-28", 25_000, 10_000),
        ("c", "2026-03-14", 18_000, 12_000),
    ):
        times_s = np.sort(rng.exponential(300, people))[:stock]
        stamps = pd.Timestamp(f"{day} 10:00") + pd.to_timedelta(times_s, "s")
        texts = stamps.strftime("%Y-%m-%d %H:%M:%S.%f")
        pd.DataFrame({"ordered_at": texts}).to_csv(tmp_path / f"{name}.csv", index=False)
    drops = DROPS.assign(
        units=[10_000.0, 5_000.0, 12_000.0, 15_000.0],
        orders_file=["a.csv", None, "c.csv", None],
        opened_at=["2026-02-28 10:00", None, "2026-03-14 10:00", None],
    )
    return launch_with_drops(drops)


def test_each_drop_with_a_log_has_its_interval_and_the_latest_leads(two_logs):
    logs = [(source, study_orders(two_logs, source=source)) for source in list_logs(two_logs)]
    table = people_by_drop(two_logs, logs).set_index("date")
    assert table["says"].tolist() == ["order log", "sold out", "order log", "stock left"]
    third = table.loc["2026-03-14"]
    assert third["at_least"] <= 18_000 <= third["at_most"]
    assert third["left_at_most"] == 9_000
    assert not table["many_gave_up"].any()
    assert study_orders(two_logs).orders == 12_000
    page = study_drops(two_logs, logs)
    assert "The drop of 21 March 2026 had consoles left" in page.limits_sentence()
    assert (
        "missed out on 14 March 2026, at most **9,000 people** were left" in page.limits_sentence()
    )
    assert page.gave_up_sentence() == ""
    assert page.table().frame["consoles"].tolist() == [10_000, 5_000, 12_000, 15_000]


def test_where_fewer_came_back_than_missed_out_the_page_says_so(two_logs):
    few = replace(two_logs, drops=two_logs.drops.assign(units_sold=[None, None, None, 100.0]))
    logs = [(source, study_orders(few, source=source)) for source in list_logs(few)]
    page = study_drops(few, logs)
    third = page.drops.set_index("date").loc["2026-03-14"]
    assert third["many_gave_up"]
    missed_out = f"{third['at_least'] - 12_000:,.0f}"
    assert f"at least {missed_out} missed out on 14 March 2026" in page.gave_up_sentence()
    assert all(len(one.split()) <= 30 for one in page.words().text().split(". "))


def test_a_log_of_a_drop_lies_below_the_data(launch_with_drops):
    drops = DROPS.assign(orders_file="../secret.csv", opened_at=None)
    with pytest.raises(DataError, match=r"drops: orders_file = '../secret.csv'; expected the path"):
        list_logs(launch_with_drops(drops))
