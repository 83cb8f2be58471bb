"""Beliefs about supply: targets from their days, lots that go on, reports of the model alone."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from supply_examples import make_launch, make_sources

from analysis.data import as_known_on, load_launch, load_table
from analysis.supply import list_beliefs, supply_priors
from analysis.supply.reports import DAYS_PER

HITS = pd.DataFrame({"ratio": [0.5, 0.8, 1.0]})


def priors_of(**lists):
    yields = load_table("component_yields")
    return supply_priors(make_launch(**lists), HITS, yields, 20, draws=4000)


def test_a_target_in_the_first_month_has_two_readings_and_each_ends_on_its_own_day():
    known = as_known_on(load_launch("mi_9"), "2019-03-03")
    priors = supply_priors(known, HITS, load_table("component_yields"))
    for reading, start in (("announcement", "2019-02-20"), ("first sale", "2019-02-26")):
        path = priors[f"target 1,000,000, month from {reading}, at its word"][0]
        months_made = np.cumsum(path)[3] / 1e6 * 30.4
        days = (pd.Timestamp("2019-02-26") - pd.Timestamp(start)).days + 28
        assert months_made == pytest.approx(days)
    assert not any("1,500,000" in label for label in priors)  # reported in April
    assert np.isinf(priors["no limit"]).all()


def test_each_belief_says_what_it_rests_on():
    known = as_known_on(load_launch("mi_9"), "2019-03-03")
    beliefs = list_beliefs(known, HITS, load_table("component_yields"), draws=50)
    assert [belief.kind for belief in beliefs if belief.kind != "target"] == ["parts"] * 3 + [
        "no limit"
    ]
    targets = [belief for belief in beliefs if belief.kind == "target"]
    assert sum(belief.by_record for belief in targets) == len(targets) / 2
    assert {belief.target_units for belief in targets} == {1e6}


@pytest.mark.oracle("slow version")
def test_drops_are_supply_as_told_and_go_on_after_the_last_at_their_own_rate():
    """The slow version: the lots one by one, then one every so many days, 1.3 times unsure."""
    # The first is before the sale: stock of the first week.
    days = ["2019-12-28", "2020-01-01", "2020-01-11", "2020-01-21"]
    supply = priors_of(lots=[{"date": day} for day in days])["its drops"]
    announced, spacing = np.zeros(20), 20 / 3
    for day in (0, 0, 10, 20):
        announced[day // 7] += 50_000
    assert supply[:, :3] == pytest.approx(np.tile(announced[:3], (4000, 1)))
    later = [int((20 + k * spacing) // 7) for k in range(1, 60)]
    counts = np.array([later.count(week) for week in range(20)])
    assert np.median(supply, 0)[3:] == pytest.approx((announced + 50_000 * counts)[3:], rel=0.02)
    cumulated = supply[:, 3:].sum(1)
    assert np.quantile(cumulated, [0.1, 0.9]) / np.median(cumulated) == pytest.approx(
        [1 / 1.3, 1.3], rel=0.03
    )


def test_drops_of_unlike_sizes_leave_the_rate_less_sure():
    days = ["2020-01-01", "2020-01-08", "2020-01-15"]

    def last_week(*units):
        lots = [{"date": day, "units": size} for day, size in zip(days, units, strict=True)]
        return priors_of(lots=lots)["its drops"][:, -1]

    alike, unlike = last_week(50_000, 50_000, 50_000), last_week(10_000, 20_000, 120_000)
    assert np.std(np.log(unlike)) > 1.5 * np.std(np.log(alike)) > 0
    assert unlike.mean() == pytest.approx(alike.mean(), rel=0.05)


def test_drops_of_another_device_are_no_supply_of_this_one():
    own = [{"date": day} for day in ("2020-01-01", "2020-01-08", "2020-01-15")]
    other = {"date": "2020-01-22", "device": "mi_9_se_and_transparent"}
    alone = priors_of(lots=own)["its drops"]
    assert priors_of(lots=[*own, other])["its drops"] == pytest.approx(alone)
    assert "its drops" not in priors_of(lots=[*own[:2], other])
    assert "its drops" in priors_of(lots=[*own, other | {"units": np.nan}])


@pytest.mark.parametrize("per", ["day", "week", "quarter", "year"])
def test_a_target_without_an_end_is_named_by_its_start(per):
    units = 1e6 * DAYS_PER[per] / DAYS_PER["month"]
    priors = priors_of(reports=[{"per": per, "units": units}])
    label = f"target {units:,.0f}, from 2020-01-01, at its word"
    assert priors[label].sum() == pytest.approx(1e6 * 140 / 30.4)


def test_reports_of_a_series_are_no_output_of_the_model():
    output = {"kind": "shipped", "units": 5e5}
    of_series = output | {"scope": "series"}
    label = "output as reported, steady"
    alone = priors_of(reports=[output])[label]
    assert label not in priors_of(reports=[of_series])
    assert priors_of(reports=[output, of_series | {"units": 5e6}])[label] == pytest.approx(alone)


def test_a_source_that_cannot_be_is_an_error_and_not_a_belief_less():
    launch = replace(make_launch(), supply_sources=make_sources({"yield_high": 1.2}))
    with pytest.raises(ValueError, match=r"'yield_high': 1\.2"):
        list_beliefs(launch, HITS, load_table("component_yields"))
