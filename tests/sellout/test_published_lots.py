"""Lots that were never published: ranges of known lots, and the most similar known sales."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats
from simulated_rounds import sale_round

from analysis.data import load_table
from analysis.sellout import comparable_lots, nearest_sales, phone_rounds, range_of_lots
from analysis.sellout.published_lots import (
    lots_of_at_most,
    lots_with_like_registrations,
    published_lots,
)

LEVEL = 0.8


def lots(units, bounds="exact"):
    """Published lots of these sizes."""
    return pd.DataFrame({"units": units, "units_bound": bounds})


@pytest.fixture(scope="module")
def xiaomi_lots_in_china(sale_rounds):
    devices = load_table("devices")
    brands = devices.set_index("device")["brand"]
    phones = published_lots(phone_rounds(sale_rounds, devices))
    return phones[(phones["market"] == "CN") & (phones["device"].map(brands) == "xiaomi")]


@pytest.mark.oracle("closed form")
def test_without_bounds_the_range_is_students_prediction_interval():
    units = np.array([10_000, 20_000, 50_000, 40_000, 90_000, 15_000])
    logs = np.log(units)
    width = stats.t(5).ppf(0.9) * logs.std(ddof=1) * np.sqrt(1 + 1 / 6)
    found = range_of_lots(lots(units), "CN")
    assert np.log(found.low_units) == pytest.approx(logs.mean() - width, abs=1e-4)
    assert np.log(found.high_units) == pytest.approx(logs.mean() + width, abs=1e-4)


def test_a_lot_known_from_above_draws_the_range_down_more_than_its_figure_would():
    units = [50_000, 60_000, 80_000, 100_000, 70_000]
    as_figure = range_of_lots(lots(units), "CN")
    as_bound = range_of_lots(lots(units, ["upper", *["exact"] * 4]), "CN")
    assert as_bound.median_units < as_figure.median_units
    assert as_bound.bounds == 1


@pytest.mark.oracle("known truth")
def test_ranges_of_simulated_lots_hold_the_next_lot_with_and_without_bounds():
    rng = np.random.default_rng(3)
    held = []
    for _ in range(300):
        truth = rng.normal(11, 0.8, 13)
        above = np.where(rng.uniform(size=12) < 0.2, rng.exponential(0.5, 12), 0.0)
        bounds = np.where(above > 0, "upper", "exact")
        found = range_of_lots(lots(np.exp(truth[:12] + above), bounds), "CN")
        held.append(found.low_units <= np.exp(truth[12]) <= found.high_units)
    assert 0.74 <= np.mean(held) <= 0.86


def test_the_brands_lots_without_the_clock_beat_those_with_it(xiaomi_lots_in_china):
    """Leave one out: the interval score (Gneiting and Raftery 2007) is lower without seconds."""
    timed = xiaomi_lots_in_china[xiaomi_lots_in_china["sellout_s"] > 0]
    without, with_clock, held = [], [], []
    for index, row in timed.iterrows():
        rest = timed.drop(index)
        found = range_of_lots(rest, "CN")
        ends = np.log([found.low_units, found.high_units])
        without.append(interval_score(*ends, np.log(row["units"])))
        held.append(ends[0] <= np.log(row["units"]) <= ends[1])
        line = smf.ols("np.log(units) ~ np.log(sellout_s)", rest).fit()
        predicted = line.get_prediction(row.to_frame().T.astype({"sellout_s": float}))
        frame = predicted.summary_frame(alpha=1 - LEVEL).iloc[0]
        with_clock.append(
            interval_score(frame["obs_ci_lower"], frame["obs_ci_upper"], np.log(row["units"]))
        )
    assert np.mean(without) < np.mean(with_clock)
    assert 0.7 <= np.mean(held) <= 0.95


def interval_score(low, high, truth):
    """Width, and a fine of 2 / (1 - level) times what lies outside."""
    outside = max(low - truth, 0) + max(truth - high, 0)
    return high - low + 2 / (1 - LEVEL) * outside


def test_too_few_lots_of_a_brand_fall_back_on_the_market_and_too_few_of_all_on_none(sale_rounds):
    devices = load_table("devices")
    phones = phone_rounds(sale_rounds, devices)
    brands = devices.set_index("device")["brand"]
    assert comparable_lots(phones, brands, "CN", "xiaomi").brand == "xiaomi"
    assert comparable_lots(phones, brands, "CN", "nobody").brand == ""
    assert comparable_lots(phones, brands, "KR", "xiaomi") is None
    with pytest.raises(ValueError, match="expected at least 5"):
        range_of_lots(lots([1000, 2000]), "CN")


def test_the_nearest_sale_is_the_one_alike_in_registrations_time_and_price(sale_rounds):
    phones = phone_rounds(sale_rounds, load_table("devices"))
    mi_10 = phones[phones["round_id"] == "mi10_cn_r1"].iloc[0]
    nearest = nearest_sales(phones, mi_10, "CN")
    assert nearest["round_id"].iloc[0] == "mi10_cn_r1"
    assert nearest["distance"].iloc[0] == 0
    assert nearest["distance"].is_monotonic_increasing
    assert len(nearest) == 3


def test_a_lot_known_from_below_is_not_taken_for_a_small_one():
    """Of "at least 10,000" nobody knows whether it held 10,000 at most."""
    of_each_kind = lots([10_000.0] * 4, ["exact", "reported", "upper", "lower"])
    assert lots_of_at_most(10_000, of_each_kind)["units_bound"].tolist() == [
        "exact",
        "reported",
        "upper",
    ]
    assert lots_of_at_most(9_000, of_each_kind).empty
    assert len(lots_of_at_most(np.inf, of_each_kind)) == 4


def test_stock_prepared_and_names_reserved_are_no_published_lots():
    sales = pd.DataFrame(
        [
            sale_round("a", units=1000, units_basis="sold", units_bound="exact"),
            sale_round("b", units=1000, units_basis="prepared", units_bound="exact"),
            sale_round("c", units=1000, units_basis="reserved", units_bound="exact"),
            sale_round("d", units=np.nan, units_basis=None, units_bound=None),
        ]
    ).assign(registrations=[100, 100, 100, 100])
    assert published_lots(sales)["device"].tolist() == ["a"]
    assert lots_with_like_registrations(sales, 240, "CN")["device"].tolist() == ["a"]
    assert lots_with_like_registrations(sales, 260, "CN").empty
