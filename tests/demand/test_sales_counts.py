"""Counts of sales: which can be, which are used, what the files of launches must not say."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from demand_cases import PRIOR

from analysis.data import DataError, load_launch
from analysis.demand import fit_launch, launch_counts, longest_counts, thin_counts
from analysis.demand.counts import (
    COUNT_NOISE,
    SHIPPED_NOISE,
    lay_in_stock,
    noise_of_counts,
    sold_of_counts,
)


def test_of_a_dense_history_weeks_a_third_apart_are_used_and_the_last_is_among_them():
    counts = pd.DataFrame({"week": np.arange(1.0, 17.0), "units": 10 * np.arange(1.0, 17.0)})
    assert thin_counts(counts)["week"].tolist() == [1, 2, 3, 4, 6, 9, 12, 16]
    assert thin_counts(counts[3::4])["week"].tolist() == [4, 8, 12, 16]
    assert thin_counts(counts[:0]).empty


def test_of_a_history_that_falls_no_count_above_a_later_one_is_used():
    units = [*range(12), 99, 99, 99, 15]
    counts = pd.DataFrame({"week": np.arange(1.0, 17.0), "units": units})
    assert thin_counts(counts)["units"].tolist()[-2:] == [11, 15]


@pytest.mark.parametrize(
    ("weeks", "units", "message"),
    [
        ([2, 4], [1.8e5, 1e5], "row 1: 100000 sold by week 4, down from 180000"),
        ([-1, 4], [1e4, 1e5], "row 0: 10000 sold by week -1, before the first sale"),
        ([2, 4], [1e5, 3e6], "row 1: .* more than the 400000 supplied"),
    ],
)
def test_counts_that_nothing_explains_are_refused_by_row(weeks, units, message):
    counts = pd.DataFrame({"week": weeks, "units": units})
    with pytest.raises(ValueError, match=message):
        fit_launch(np.full(8, 1e5), PRIOR, counts=counts)


@pytest.mark.parametrize(
    ("weeks", "units", "kinds", "message"),
    [
        pytest.param(
            [2, 4, 6], [1.5e5, 1.4e5, 3e5], ["sold"] * 3, "down from 150000", id="rounding"
        ),
        pytest.param(
            [2, 4, 6],
            [2e5, 1.2e5, 3e5],
            ["shipped", "sold", "sold"],
            "down from 200000",
            id="another kind",
        ),
        pytest.param(
            [-1, 4, 6],
            [2e5, 1.2e5, 3e5],
            ["ordered", "sold", "sold"],
            "before the first sale",
            id="pre-orders",
        ),
        pytest.param(
            [2, 4, 6],
            [2.1e5, 3e5, 4e5],
            ["sold"] * 3,
            "more than the 200000 supplied",
            id="rounding of supply",
        ),
    ],
)
def test_counts_that_noise_kind_or_orders_explain_are_warned_about_by_row(
    weeks, units, kinds, message
):
    counts = pd.DataFrame({"week": weeks, "units": units, "kind": kinds})
    with pytest.warns(UserWarning, match=f"row [01]: .*{message}"):
        fit_launch(np.full(8, 1e5), PRIOR, counts=counts, target=100)


def test_the_longest_counts_of_a_launch_are_of_one_scope_and_rise():
    counts = longest_counts(load_launch("mi_1"))
    assert counts["scope"].nunique() == 1
    assert counts["units"].tolist() == [315_000, 400_000, 1_800_000, 3_000_000, 3_520_000]
    assert counts["week"].is_monotonic_increasing


def test_counts_of_a_launch_that_cannot_be_are_refused_with_the_name_of_its_file():
    launch = load_launch("mi_2")
    early = launch.sales.assign(date=launch.figure("first_sale").value - pd.Timedelta(days=30))
    with pytest.raises(DataError, match=r"data/launches/mi_2.yaml: sales: counts, row 0"):
        launch_counts(replace(launch, sales=early), np.full((1, 26), np.inf))


@pytest.mark.oracle("closed form")
def test_a_month_of_sales_may_stand_in_shops_of_what_was_shipped():
    """By week 4 up to half of what was shipped is not sold: 80 % from the half to all of it."""
    counts = pd.DataFrame({"week": [4.0, 4.0], "units": [2e5, 2e5], "kind": ["sold", "shipped"]})
    assert sold_of_counts(counts) == pytest.approx([2e5, 2e5 / np.sqrt(2)])
    assert noise_of_counts(counts)[0] == COUNT_NOISE
    half_range = 1.2816 * np.sqrt(noise_of_counts(counts)[1] ** 2 - SHIPPED_NOISE**2)
    assert np.exp(half_range) == pytest.approx(np.sqrt(2), rel=0.01)
    late = counts.assign(week=200.0)
    assert sold_of_counts(late) == pytest.approx([2e5, 2e5], rel=0.01)


def test_a_count_of_units_shipped_is_fitted_as_fewer_units_sold():
    counts = pd.DataFrame({"week": [4.0], "units": [2e5], "kind": ["shipped"]})
    fit = fit_launch(np.full(26, np.inf), PRIOR, counts=counts, draws=200)
    middle = np.median(fit.sold_by(4.0))
    assert 1.1e5 < middle < 1.8e5


def test_units_shipped_that_a_later_count_of_units_sold_does_not_reach_lay_in_stock():
    days = pd.to_datetime(["2020-03-31", "2020-03-31", "2020-06-30", "2021-03-31"])
    kinds = ["shipped", "sold", "shipped", "sold"]
    counts = pd.DataFrame({"date": days, "units": [5.5e6, 3.57e6, 8e6, 12.8e6], "kind": kinds})
    assert lay_in_stock(counts).tolist() == [True, False, False, False]
