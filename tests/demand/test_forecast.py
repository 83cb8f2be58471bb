"""The one forecast: named outcomes, weights, and dates and units that agree with every count."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from supply_examples import launch_without_reports

from analysis.data import list_launches, load_launch
from analysis.demand import LaunchForecast, counts_of_sales, forecast_launch, weeks_until
from analysis.demand.counts import noise_of_counts, sold_of_counts
from analysis.demand.forecast import CLASS, NOT_REACHED

FORECAST = [name for name in list_launches() if load_launch(name).figure("first_sale").known]
COUNTED = [name for name in FORECAST if len(counts_of_sales(load_launch(name)))]


@cache
def forecast_of(name, as_of="", draws=400) -> LaunchForecast:
    return forecast_launch(load_launch(name), as_of=as_of, draws=draws)


# ---- named outcomes ----


def test_the_millionth_mi_9_as_known_on_3_march_is_one_date_with_one_interval():
    low, middle, high = forecast_of("mi_9", "2019-03-03").date_of(1e6)
    assert low <= "2019-03-27"
    assert high >= "2019-03-31"
    assert low <= middle <= high


def test_the_millionth_redmi_note_7_as_known_on_20_january_holds_15_february():
    low, _, high = forecast_of("redmi_note_7", "2019-01-20").date_of(1e6)
    assert low <= "2019-02-15" <= high


def test_the_mi_1_had_its_million_in_january_or_february_2012():
    dates = forecast_of("mi_1").date_of(1e6)
    assert all(date[:7] in ("2012-01", "2012-02") for date in dates)


def test_lots_of_the_mi_1_are_a_part_of_what_its_counts_say():
    """Two lots of 100,000 by week 18 cannot be all of the 1.8 million counted by week 28."""
    by_lots = forecast_of("mi_1", "2012-03-15").fits["its lots go on"]
    assert by_lots.paths.supply_units[:, :28].sum(1).min() > 1.5e6


def test_the_mi_2_uses_its_counts():
    forecast = forecast_of("mi_2")
    low, middle, high = forecast.sold_by("2013-09-24")
    assert low <= 10e6 <= high
    assert high < 1.3 * low
    assert 9e6 < middle < 11e6


# ---- consistency ----


@pytest.mark.parametrize("name", COUNTED)
def test_no_number_or_date_contradicts_a_count_beyond_its_noise(name):
    forecast = forecast_of(name)
    counts = forecast.known.counts
    noises, units = noise_of_counts(counts), sold_of_counts(counts)
    for count, noise, sold_units in zip(counts.itertuples(), noises, units, strict=True):
        day = str(count.date.date())
        low, middle, high = np.log(forecast.sold_by(day)) - np.log(sold_units)
        assert low <= 2 * noise
        assert high >= -2 * noise
        assert abs(middle) <= 2.5 * noise
        # By the day of the count it is sold within the noise, and so the date is no other.
        sold = forecast.draws_sold_by(np.array([count.week]))[:, 0]
        reached = np.mean(sold >= sold_units * np.exp(-2.5 * noise))
        assert reached >= 0.5
        earliest, _, _ = forecast.date_of(sold_units * np.exp(-2.5 * noise))
        assert earliest <= day


@pytest.mark.parametrize("name", FORECAST)
def test_no_number_contradicts_what_bounds_it(name):
    forecast = forecast_of(name)
    for bound in forecast.known.bounds.itertuples():
        sold = forecast.draws_sold_by(np.array([bound.week]))[:, 0]
        room = bound.side * np.log(bound.units / np.median(sold))
        assert room >= -2 * bound.noise, bound.what


@pytest.mark.parametrize("name", ["mi_9", "mi_mix", "mi_3_india"])
def test_units_never_fall_and_dates_read_the_same_draws(name):
    forecast = forecast_of(name)
    by_day = forecast.sold_by_day()
    assert (np.diff(by_day, axis=1) >= 0).all()
    _, middle, _ = forecast.sold_by("2019-05-31" if name == "mi_9" else "2016-12-31")
    if 0 < middle < by_day[:, -1].max():
        weeks = weeks_until(by_day, middle)
        assert np.mean(weeks <= np.median(weeks)) >= 0.5
        assert forecast.date_of(middle)[0] <= forecast.date_of(middle)[2]
    assert forecast.date_of(1e12) == (NOT_REACHED,) * 3
    assert forecast.sold_by("2000-01-01") == (0.0, 0.0, 0.0)


def test_a_forecast_as_of_a_day_uses_nothing_from_after_it():
    whole = load_launch("mi_9")
    day = "2019-03-03"
    cut = replace(
        whole,
        sales=whole.sales[:0],
        supply_reports=whole.supply_reports[whole.supply_reports["reported"] <= day],
        supply_sources=whole.supply_sources[whole.supply_sources["known_on"] <= day],
        drops=whole.drops[whole.drops["date"] <= day],
    )
    forecast = forecast_launch(cut, as_of=day, draws=400)
    assert forecast.sold_by("2019-05-01") == forecast_of("mi_9", day).sold_by("2019-05-01")
    assert "ramp" not in set(forecast.beliefs["kind"])  # its figures carry no day


# ---- weights ----


def test_weights_are_shares_and_every_belief_has_as_many_draws_as_its_weight():
    forecast = forecast_of("mi_9")
    for column in ("weight_before", "weight_after"):
        assert forecast.beliefs[column].sum() == pytest.approx(1)
    weeks = np.array([4.0])
    for row in forecast.beliefs.itertuples():
        if row.label in forecast.mixed:
            share = len(forecast.mixed[row.label].sold_by(weeks)) / 400
            assert share == pytest.approx(row.weight_after, abs=2 / 400)


def counted_at_400_000_a_month(capacity_a_month):
    """A launch of 16 weeks with a report of what can be made, and a pledge of 4 million a month."""
    launch = load_launch("mi_mix")
    first_sale = launch.figure("first_sale").value
    weeks = np.array([4, 8, 12, 16])
    days = first_sale + pd.to_timedelta(7 * weeks - 1, unit="D")
    counts = {"date": days, "units": 4e5 / 30.4 * 7 * weeks, "kind": "sold", "scope": "model"}
    sales = pd.DataFrame(counts).assign(reported=days, source="x", note="")
    report = launch.supply_reports.iloc[[0]].assign(period_start=first_sale)
    reports = [
        report.assign(kind="capacity", units=capacity_a_month),
        report.assign(kind="target", units=4e6, period_end=first_sale + pd.Timedelta(days=29)),
    ]
    return replace(
        launch,
        sales=sales,
        drops=launch.drops.assign(date=first_sale),
        supply_reports=pd.concat(reports, ignore_index=True),
        supply_sources=launch.supply_sources[:0],
        figures={"first_sale": launch.figure("first_sale")},
    )


def test_output_of_a_fortieth_of_what_was_counted_is_refuted():
    beliefs = forecast_launch(counted_at_400_000_a_month(1e4), draws=200).beliefs
    output = beliefs.set_index("kind").loc["output"]
    assert output["refuted"]
    assert output["weight_after"] == 0


@pytest.mark.oracle("known truth")
def test_counts_move_the_weight_to_the_belief_that_explains_them():
    """Counts along output of 400,000 a month, against a pledge of 4 million a month."""
    bare = counted_at_400_000_a_month(4e5)
    after = forecast_launch(bare, draws=400).beliefs.set_index("kind")
    assert after.loc["output", "weight_after"] > 2 * after.loc["output", "weight_before"]
    assert after.loc["word", "weight_after"] < after.loc["word", "weight_before"] / 4


def test_of_a_launch_with_a_first_sale_alone_comparable_launches_speak():
    forecast = forecast_launch(launch_without_reports("mi_mix"), draws=200)
    assert forecast.beliefs["label"].tolist() == [CLASS]
    low, middle, high = forecast.sold_by("2017-03-01")
    assert 0 < low < middle < high


def test_the_same_seed_gives_the_same_forecast():
    launch = load_launch("redmi_note_7")
    one, two = (forecast_launch(launch, as_of="2019-01-20", draws=100) for _ in range(2))
    assert one.sold_by("2019-03-01") == two.sold_by("2019-03-01")
