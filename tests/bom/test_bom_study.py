"""What the margin page shows of parts is what the models computed, in percent a year."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import bom
from analysis.bom.decline_evidence import SOURCES
from analysis.data import load_launch

SHARES = pd.Series({"memory": 0.15, "display": 0.2, "processor": 0.15, "rest": 0.5})


@pytest.fixture(scope="module")
def costs() -> bom.CostStudy:
    """What is on file for a launch without a history of its own."""
    return bom.study_costs(load_launch("mi_9"))


def test_the_chart_is_in_changes_a_year_and_names_its_sources(costs):
    table = costs.decline.table().set_index("label")
    low, mid, high = costs.decline.shown_rate
    columns = ["estimate", "low", "high"]
    assert table.loc["all together", columns].to_list() == pytest.approx(
        np.expm1([mid, low, high]).tolist()
    )
    assert table["focus"].sum() == 2
    assert len(table) == len(SOURCES) + 2  # second thoughts tell no rate


def test_intervals_on_the_page_hold_80_percent_and_those_of_claims_95(costs):
    assert costs.decline.shown.level == 0.8
    assert costs.decline.fit.level == 0.95
    assert costs.decline.shown_rate.mid == costs.decline.rate.mid == costs.decline.fit.rate.mid
    assert costs.decline.rate.low < costs.decline.shown_rate.low


def test_a_fall_that_is_settled_is_said_to_be_firm_and_one_that_is_not_is_not(costs):
    assert costs.decline.rate.high < 0
    assert "is firm" in costs.decline.sentence()
    assert costs.decline.chart().title.endswith("parts got cheaper")
    nothing = replace(
        costs.decline, fit=bom.fit_evidence(costs.decline.fit.evidence.iloc[:0], SHARES)
    )
    assert "That is not settled" in nothing.sentence()
    assert nothing.rate.high > 0


def test_leaving_sources_out_is_a_fit_to_the_rest(costs):
    evidence = costs.decline.fit.evidence
    rest = evidence[evidence["source"] != "console"]
    fewer = costs.decline.without("console")
    assert fewer.rate == bom.fit_evidence(rest, costs.decline.fit.shares).rate


def test_own_costings_are_said_first_and_lead_the_rate(costs):
    """By hand: from 240 to 200 dollars in two years falls by 1 - sqrt(200 / 240) = 9 % a year."""
    costings = pd.DataFrame(
        {"date": pd.to_datetime(["2019-01-01", "2021-01-01"]), "bom_usd": [240.0, 200.0]}
    )
    own = replace(costs.decline, costings=costings)
    assert own.own_history()[0] == (
        "Its own 2 costings go from $240 to $200 in 24 months, **−9 % a year**."
    )
    launch = replace(costs.launch, costings=costings)
    led = bom.study_costs(launch).own_rate
    assert led.mean == pytest.approx(np.log(200 / 240) / 2, abs=0.02)
    assert led.sd < costs.own_rate.sd / 3


def test_words_on_doubt_come_from_their_tables(costs):
    words = costs.decline.doubts()
    scores = costs.decline.left_out().frame.set_index("set")
    assert f"off by {scores.loc['clean pairs', 'error']:.2f}" in words
    assert "published half as often" in words


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
