"""The path of a BOM: by hand, by expectation, through dated costings."""

import numpy as np
import pandas as pd
import pytest

from analysis import bom


def test_the_path_starts_at_the_cost_falls_at_the_rate_and_parts_keep_its_first_slope():
    rng, months = np.random.default_rng(1), np.array([0.0, 0.1, 12.0])
    plain = bom.forecast_bom(months, np.full(4, 200.0), -0.3, rng)
    assert plain[:, 0] == pytest.approx([200] * 4)
    assert plain[:, 2] == pytest.approx([200 * np.exp(-0.3)] * 4)
    parts = pd.DataFrame(
        {"share": [0.2, 0.25], "rate_gap": [-0.2, 0.1], "se": [0.0, 0.0], "wander": [0.0, 0.0]}
    )
    split = bom.forecast_bom(months, np.full(4, 200.0), -0.3, rng, parts=parts)
    assert split[:, 1] == pytest.approx(plain[:, 1], rel=1e-4)
    by_hand = (
        0.2 * np.exp(-0.5)
        + 0.25 * np.exp(-0.2)
        + 0.55 * np.exp(-0.3 - (0.2 * -0.2 + 0.25 * 0.1) / 0.55)
    )
    assert split[:, 2] == pytest.approx([200 * by_hand] * 4)


@pytest.mark.oracle("closed form")
def test_the_mean_path_is_the_expectation_of_the_sum_of_parts():
    """A part that wanders with sd s a root year has the expectation exp(s^2 / 2) after a year.

    Not 1.
    """
    parts = pd.DataFrame({"share": [0.5], "rate_gap": [0.0], "se": [0.0], "wander": [0.4]})
    path = bom.forecast_bom(
        np.linspace(0, 12, 13), np.full(100_000, 1.0), 0.0, np.random.default_rng(2), parts=parts
    )
    assert path[:, -1].mean() == pytest.approx(0.5 * np.exp(0.08) + 0.5, rel=0.004)


def test_the_walk_of_a_part_starts_where_its_cost_was_known():
    parts = pd.DataFrame({"share": [0.5], "rate_gap": [0.0], "se": [0.0], "wander": [0.4]})
    months = np.array([0.0, 6.0, 12.0])
    path = bom.forecast_bom(
        months, np.full(20_000, 1.0), 0.0, np.random.default_rng(4), parts=parts, cost_month=6
    )
    assert path[:, 1] == pytest.approx(1)
    assert np.log(2 * path[:, [0, 2]] - 1).std(axis=0) == pytest.approx(
        [0.4 * np.sqrt(0.5)] * 2, rel=0.03
    )


def test_a_path_from_an_older_costing_has_moved_by_first_sale():
    path = bom.forecast_bom(
        [0.0], np.full(3, 100.0), -0.3, np.random.default_rng(3), cost_month=-12
    )
    assert path[:, 0] == pytest.approx([100 * np.exp(-0.3)] * 3)


def test_a_path_passes_through_later_costings_and_goes_on_at_the_rate_on_either_side():
    """By hand.

    Half way between 200 and 160 their geometric mean; two years before the first and after the
    last the yearly rate.
    """
    months = np.array([-24.0, 0.0, 3.0, 6.0, 30.0])
    costings = pd.DataFrame({"month": [0.0, 6.0], "bom_usd": [200.0, 160.0]})
    path = bom.forecast_bom(
        months, np.array([200.0, 220.0]), -0.3, np.random.default_rng(1), costings=costings
    )
    by_hand = [200 * np.exp(0.6), 200, np.sqrt(200 * 160), 160, 160 * np.exp(-0.6)]
    assert path == pytest.approx(
        np.outer([1, 1.1], by_hand)
    )  # the error of the first costing is that of all


def test_parts_wander_from_the_last_costing_and_not_between_costings():
    parts = pd.DataFrame({"share": [0.5], "rate_gap": [0.1], "se": [0.1], "wander": [0.4]})
    months = np.array([0.0, 3.0, 6.0, 12.0])
    costings = pd.DataFrame({"month": [0.0, 6.0], "bom_usd": [1.0, 0.8]})
    path = bom.forecast_bom(
        months, np.ones(20_000), 0.0, np.random.default_rng(4), parts=parts, costings=costings
    )
    assert path[:, :3] == pytest.approx(np.tile([1, np.sqrt(0.8), 0.8], (20_000, 1)))
    assert path[:, 3].std() > 0.05


@pytest.mark.parametrize("month", [0.0, -3.5, 6.0])
def test_one_costing_told_by_its_date_is_the_cost_known_at_a_month(month):
    months = np.linspace(0, 12, 49)
    parts = pd.DataFrame({"share": [0.4], "rate_gap": [0.1], "se": [0.1], "wander": [0.4]})
    costings = pd.DataFrame({"month": [month], "bom_usd": [200.0]})
    by_month, by_costing = (
        bom.forecast_bom(
            months,
            np.full(9, 200.0),
            -0.2,
            np.random.default_rng(5),
            parts=parts,
            cost_month=month,
            **more,
        )
        for more in ({}, {"costings": costings})
    )
    assert by_month == pytest.approx(by_costing, rel=1e-12)
