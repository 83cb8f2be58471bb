"""What a launch file says of sales, in one form: which counts, which bounds, which flags."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from supply_examples import with_a_count_of_the_model

from analysis.data import as_known_on, list_launches, load_launch
from analysis.demand import known_sales
from analysis.demand.known import LOTS_SOLD, lots_sold, sold_out_weeks


def test_counts_of_every_week_are_used_and_falls_are_named():
    """The Mi 2 was counted in weeks 44 to 69; the Mi 1 fell from 1.8 to 1.65 million."""
    mi_2 = known_sales(load_launch("mi_2"))
    assert mi_2.counts["units"].tolist() == [9e6, 10e6, 15e6]
    assert mi_2.counts["week"].iloc[-1] > 69
    mi_1 = known_sales(load_launch("mi_1"))
    assert 1_650_000 not in set(mi_1.counts["units"])
    assert mi_1.not_used["what"].str.contains("1,650,000").any()


def test_counts_of_more_than_the_product_hold_it_down_and_of_a_part_of_it_up():
    mi_9 = known_sales(load_launch("mi_9"))
    assert mi_9.scope == "model"
    row = mi_9.bounds[mi_9.bounds["what"].str.startswith("count")].iloc[0]
    assert (row["units"], row["side"]) == (1.5e6, 1.0)
    mi_1 = known_sales(with_a_count_of_the_model("mi_1", "2011-12-31", 180_000))
    assert mi_1.scope == "series"
    row = mi_1.bounds[mi_1.bounds["what"].str.startswith("count")].iloc[0]
    assert (row["units"], row["side"]) == (180_000, -1.0)


def test_orders_bound_what_was_sold_and_lots_that_sold_out_are_sold():
    india = known_sales(load_launch("mi_3_india"))
    assert india.bounds.query("side == 1")["units"].tolist() == [120_000]
    lots = india.bounds[india.bounds["what"] == LOTS_SOLD]
    assert lots["units"].iloc[-1] == 95_000
    assert np.isfinite(lots["over"]).sum() == 1


def test_a_lot_not_sold_out_is_no_shortage_and_sold_what_was_counted():
    launch = load_launch("mi_3_india")
    open_lot = launch.drops.iloc[[5]].assign(sold_out="no", units_sold=12_000.0)
    lots = pd.concat([launch.drops.iloc[:5], open_lot])
    assert lots_sold(lots).iloc[-1] == 12_000
    assert sold_out_weeks(lots, launch.figure("first_sale").value) == pytest.approx(
        [1, 1, 1, 1, 1, 0], abs=1e-5
    )
    known = known_sales(replace(launch, drops=lots, sales=launch.sales[:0]))
    assert known.last_flag() == 0.0
    assert known.bounds["units"].max() == 87_000


def test_registrations_of_the_first_sale_count_and_later_ones_are_named():
    assert known_sales(load_launch("mi_2")).registrations == 1e6
    mi_3 = known_sales(load_launch("mi_3_india"))
    assert mi_3.registrations == 1e5
    assert mi_3.not_used["what"].str.contains("150,000 registrations").any()


def test_free_reservations_are_no_units_sold():
    mi_1 = known_sales(as_known_on(load_launch("mi_1"), "2011-10-01"))
    assert not len(mi_1.bounds)
    assert mi_1.not_used["reason"].str.contains("no sale").any()


def test_reported_capacity_holds_sales_down_by_an_error_of_its_own():
    """10,000 a month and a month of stock: 27,600 in eight weeks, give or take a factor of two."""
    bounds = known_sales(load_launch("mi_mix")).bounds
    assert bounds["units"].iloc[0] == pytest.approx(1e4 * 12 * 7 / 30.4)
    assert bounds["noise"].iloc[0] > 0.5


@pytest.mark.parametrize("name", list_launches())
def test_whatever_a_file_has_of_sales_is_used_or_named_with_the_reason(name):
    launch = load_launch(name)
    known = known_sales(launch)
    of_scope = launch.sales.query("scope == @known.scope and kind != 'ordered'")
    named = known.not_used["what"].str.startswith("count").sum()
    assert len(of_scope) == len(known.counts) + named
    assert (known.not_used["reason"] != "").all()
