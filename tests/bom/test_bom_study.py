"""What the margin page shows of parts is what the models computed, in percent a year."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import bom
from analysis.data import load_launch


@pytest.fixture(scope="module")
def costs() -> bom.CostStudy:
    """What is on file for a launch without a history of its own."""
    return bom.study_costs(load_launch("mi_9"))


def test_the_forest_is_in_changes_a_year_and_names_devices(costs):
    table = costs.decline.table().set_index("label")
    rate = costs.decline.shown_rate
    assert table.loc["all, on average", ["estimate", "low", "high"]].to_list() == pytest.approx(
        np.expm1([rate.rate, rate.low, rate.high]).tolist()
    )
    assert "Apple iPhone 4S" in table.index
    assert len(table) == rate.pairs + 2


def test_intervals_on_the_page_hold_80_percent_and_those_of_claims_95(costs):
    assert costs.decline.shown_rate.level == 0.8
    assert costs.decline.rate.level == 0.95
    assert costs.decline.shown_rate.rate == costs.decline.rate.rate
    assert costs.decline.rate.low < costs.decline.shown_rate.low


def test_a_fall_that_is_not_settled_is_in_no_title(costs):
    chart = costs.decline.chart()
    assert costs.decline.rate.high > 0
    assert "%" not in chart.title
    assert "That is not settled" in costs.decline.sentence()


def test_a_fall_that_is_settled_is_said_to_be_firm(costs):
    devices = costs.decline.pairs["device_a"].to_list()
    falls = costs.decline.pairs.assign(cost_b_usd=lambda pairs: 0.7 * pairs["cost_a_usd"])
    firm = replace(costs.decline, all_pairs=falls)
    firm.__dict__["noise"] = costs.decline.noise
    assert firm.pairs["device_a"].to_list() == devices
    assert firm.rate.high < 0
    assert "is firm" in firm.sentence()
    assert firm.chart().title.endswith("its parts got cheaper")


def test_another_rule_is_the_pooled_rate_of_its_pairs(costs, tables):
    phones = costs.decline.under(device_classes=("phone",))
    rule = bom.PAIR_SETS["the same, phones alone"]
    chosen = bom.select_clean_pairs(tables.pairs, tables.devices, rule)
    noise = bom.costing_noise(tables.pairs, tables.devices)
    assert phones.rate.rate == bom.pool_decline(chosen, noise).rate


def test_a_history_of_one_s_own_is_said_first(costs):
    """By hand: from 240 to 200 dollars in two years falls by 1 - sqrt(200 / 240) = 9 % a year."""
    costings = pd.DataFrame(
        {"date": pd.to_datetime(["2019-01-01", "2021-01-01"]), "bom_usd": [240.0, 200.0]}
    )
    own = replace(costs.decline, costings=costings)
    assert own.own_history()[0] == (
        "This phone's own 2 costings go from $240 to $200 in 24 months, **−9 % a year**."
    )


def test_the_forecast_of_flash_uses_the_first_years_alone(costs):
    flash = costs.flash
    first = flash.prices.iloc[:5]
    drift = np.log(first.iloc[-1] / first.iloc[0]) / 4
    assert flash.forecast["median"].iloc[0] == pytest.approx(first.iloc[-1] * np.exp(drift))
    assert flash.forecast.index[0] == first.index[-1] + 1
    assert "cannot be told apart" in flash.sentence()


def test_a_share_of_a_brand_is_published_with_its_95_percent_interval(costs):
    brand = costs.brands.set_index("brand").loc["xiaomi"]
    assert costs.share_of_brand("xiaomi") == [brand["estimate"], brand["low"], brand["high"]]
    assert 0.6 < brand["low"] < brand["estimate"] < brand["high"] < 0.9


def test_no_trend_of_new_phones_passes_for_a_price_but_flash(costs):
    assert "Only flash memory can be read as a price." in costs.successors.sentence()
    assert costs.successors.table()["focus"].sum() == 1
