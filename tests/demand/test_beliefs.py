"""Beliefs about supply: targets from their days, lots that go on, reports of the model alone."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from supply_examples import make_launch, make_sources

from analysis.data import SourcedValue, as_known_on, load_launch, load_table
from analysis.demand import LotRecord, SupplyRecord, draw_drift, list_beliefs, monthly_rates
from analysis.demand.beliefs import RAMP_FIGURES, usable_targets
from analysis.demand.drift import DRIFT_SD, DRIFT_WEEKS, expected_growth
from analysis.demand.known import LOG_OVER_LOTS
from analysis.demand.reports import DAYS_PER

HITS = pd.DataFrame({"ratio": [0.5, 0.8, 1.0]})
NO_GROWTH = LotRecord(steps=np.zeros(3), gaps_days=np.array([7.0]))
RECORD = SupplyRecord(hits=HITS, yields=load_table("component_yields"), lots=NO_GROWTH)
LONG_AFTER = 10_000  # a week so late that nothing drifts


def beliefs_of(launch=None, *, record=RECORD, now_week=LONG_AFTER, **lists):
    launch = launch or make_launch(**lists)
    found = list_beliefs(launch, record, 20, now_week=now_week, draws=4000)
    return {belief.kind: belief for belief in found}


def test_a_target_in_the_first_month_has_two_readings_in_as_many_draws():
    """A million a month at its word: from the announcement on, six days are stock of week 0."""
    launch = as_known_on(load_launch("mi_9"), "2019-03-03")
    month = launch.supply_reports.query("per == 'month' and scope != 'series'")
    supply = beliefs_of(replace(launch, supply_reports=month))["word"].weekly_units
    announced, first_sale = (np.median(supply[k::2, :4].sum(1)) for k in (0, 1))
    assert announced / first_sale == pytest.approx((28 + 6) / 28, rel=0.02)
    assert first_sale == pytest.approx(1e6 * 28 / 30.4, rel=0.02)


def test_a_target_by_the_record_is_its_path_times_what_became_of_others():
    found = beliefs_of(reports=[{"units": 9e5}])
    at_word, by_record = (np.log(found[kind].weekly_units[:, 5]) for kind in ("word", "record"))
    log_ratio = np.median(by_record) - np.median(at_word)
    assert log_ratio == pytest.approx(np.log(HITS["ratio"]).mean(), abs=0.03)
    assert by_record.std() > 2 * at_word.std()


def test_a_target_for_later_is_risen_to_and_met_from_its_first_day_on():
    later = {"period_start": "2020-02-12", "units": 9e5}  # six weeks after the first sale
    path = np.median(beliefs_of(reports=[later])["word"].weekly_units, axis=0)
    assert np.all(np.diff(path[:7]) > 0)
    assert path[7] == pytest.approx(9e5 * 7 / 30.4, rel=0.02)
    assert path[0] == pytest.approx(0.1 * path[7], rel=0.1)


def test_targets_that_are_floors_small_totals_or_of_a_series_are_not_used_and_named():
    shipped = {"kind": "shipped", "units": 5e5}
    floor = {"units": 4e5}
    series = {"units": 9e5, "scope": "series"}
    rates = monthly_rates(make_launch(reports=[shipped, floor, series]).supply_reports)
    found = usable_targets(make_launch(reports=[shipped, floor, series]), rates)
    assert not len(found["targets"])
    assert set(found["not_used"]["reason"]) == {"below what is made already", "of the whole series"}
    few = {"units": 1e4, "per": "total", "period_end": "2020-01-31"}
    wanted = make_launch(lots=[{"registrations": 3e5}], reports=[few])
    small = usable_targets(wanted, monthly_rates(wanted.supply_reports))["not_used"]
    assert small["reason"].tolist() == ["far fewer than had registered"]


@pytest.mark.oracle("slow version")
def test_lots_are_supply_as_told_and_go_on_after_the_last_at_their_own_pace():
    """The slow version: the lots one by one, then one every so many days, draw by draw."""
    days = ["2019-12-28", "2020-01-01", "2020-01-11", "2020-01-21"]  # the first is stock of week 0
    supply = beliefs_of(lots=[{"date": day} for day in days])["lots"].weekly_units
    supply = supply[::2]  # where lots are all that is sold
    assert supply[:, :2] == pytest.approx(np.tile([100_000, 50_000], (2000, 1)))
    assert (supply[:, 2] >= 50_000).all()

    rng = np.random.default_rng(5)
    totals = []
    for _ in range(4000):
        gap = 10 * 1.3 ** (rng.standard_normal() / 1.2816)
        size = 50_000 * 1.3 ** (rng.standard_normal() / 1.2816)
        later = np.arange(20 + gap, 140, gap)
        totals.append(size * len(later))
    got = supply.sum(1) - 200_000
    assert np.quantile(got, [0.1, 0.5, 0.9]) == pytest.approx(
        np.quantile(totals, [0.1, 0.5, 0.9]), rel=0.06
    )


def test_lots_grow_as_those_of_others_did_for_eight_lots_and_no_longer():
    record = replace(RECORD, lots=LotRecord(steps=np.array([0.1]), gaps_days=np.array([7.0])))
    lots = [{"date": day} for day in ("2020-01-01", "2020-01-08", "2020-01-15")]
    grown = beliefs_of(record=record, lots=lots)["lots"].weekly_units.sum(1)
    level = beliefs_of(lots=lots)["lots"].weekly_units.sum(1)
    assert np.median(grown / level) > 1.4
    assert (grown / level).max() < np.exp(0.8)


def test_one_lot_goes_on_at_the_pace_of_others_and_counts_less():
    lots = beliefs_of(lots=[{"date": "2020-01-01"}])["lots"]
    lots_alone = lots.weekly_units[::2, 1:].sum(1)
    assert np.median(lots_alone) == pytest.approx(19 * 50_000, rel=0.1)
    three = [{"date": day} for day in ("2020-01-01", "2020-01-08", "2020-01-15")]
    assert beliefs_of(lots=three)["lots"].weight == 2 * lots.weight


@pytest.mark.oracle("closed form")
def test_in_half_of_the_draws_lots_are_all_that_is_sold_and_in_the_others_a_part():
    """Of the rest the log over the lots is as the size of a normal of sd 1.5."""
    lots = [{"date": day} for day in ("2020-01-01", "2020-01-08", "2020-01-15")]
    supply = beliefs_of(lots=lots)["lots"].weekly_units
    assert (supply[::2, 0] == 50_000).all()
    log_over = np.log(supply[1::2, 0] / 50_000)
    assert (log_over >= 0).all()
    assert np.quantile(log_over, 0.8) == pytest.approx(1.2816 * LOG_OVER_LOTS, rel=0.05)


def test_supply_grows_as_lots_of_other_products_did_while_everything_is_sold():
    """Steps of 0.1 a week, at the same flag, against lots that did not grow."""
    growing = replace(RECORD, lots=LotRecord(steps=np.array([0.1]), gaps_days=np.array([7.0])))
    assert growing.lots.growth_a_week == pytest.approx(0.1)
    target = make_launch(reports=[{"units": 9e5}])
    last = [
        np.median(
            {
                belief.kind: belief
                for belief in list_beliefs(target, record, 60, last_flag=1.0, draws=4000)
            }["word"].weekly_units[:, -1]
        )
        for record in (RECORD, growing)
    ]
    assert np.log(last[1] / last[0]) == pytest.approx(0.1 * DRIFT_WEEKS, rel=0.1)


def test_lots_of_another_device_or_of_unknown_size_are_no_supply_that_goes_on():
    own = [{"date": day} for day in ("2020-01-01", "2020-01-08", "2020-01-15")]
    other = {"date": "2020-01-22", "device": "mi_9_se_and_transparent"}
    alone = beliefs_of(lots=own)["lots"].weekly_units
    assert beliefs_of(lots=[*own, other])["lots"].weekly_units == pytest.approx(alone)
    assert "lots" not in beliefs_of(lots=[*own, {"date": "2020-01-22", "units": np.nan}])


@pytest.mark.parametrize("per", ["day", "week", "quarter", "year"])
def test_a_target_is_the_same_supply_by_whatever_time_base(per):
    units = 1e6 * DAYS_PER[per] / DAYS_PER["month"]
    supply = beliefs_of(reports=[{"per": per, "units": units}])["word"].weekly_units
    assert np.median(supply.sum(1)) == pytest.approx(1e6 * 140 / 30.4, rel=0.02)


def test_reports_of_a_series_are_no_output_of_the_model():
    output = {"kind": "shipped", "units": 5e5}
    of_series = output | {"scope": "series"}
    alone = beliefs_of(reports=[output])["output"].weekly_units
    assert "output" not in beliefs_of(reports=[of_series])
    both = beliefs_of(reports=[output, of_series | {"units": 5e6}])["output"].weekly_units
    assert both == pytest.approx(alone)


def test_output_runs_through_its_reports_and_a_ramp_goes_on_but_fades():
    days = pd.date_range("2020-01-01", periods=6, freq="7D")
    rows = [
        {"kind": "shipped", "per": "day", "units": 1000 * 1.5**k, "period_start": one}
        for k, one in enumerate(days)
    ]
    path = np.median(beliefs_of(reports=rows)["output"].weekly_units, axis=0)
    assert path[0] == pytest.approx(7000 * 1.5**0.5, rel=0.05)
    assert path[4] == pytest.approx(7000 * 1.5**4.5, rel=0.05)
    # Half of log 1.5 a week, over two weeks.
    assert path[-1] / (7000 * 1.5**5) == pytest.approx(1.5, rel=0.05)


@pytest.mark.oracle("closed form")
@pytest.mark.parametrize("last_flag", [1.0, 0.0, None])
def test_supply_drifts_after_now_alone_and_its_drift_ends(last_flag):
    growth = expected_growth(last_flag, growth_while_sold_out=0.08)
    drift = draw_drift(60, 10.0, 40_000, np.random.default_rng(1), growth)
    assert (drift[:, :10] == 1).all()
    log_end = np.log(drift[:, -1])
    share = 1 - np.exp(-(59.5 - 10) / DRIFT_WEEKS)
    assert log_end.mean() == pytest.approx(growth * DRIFT_WEEKS * share, abs=0.015)
    assert log_end.std() == pytest.approx(DRIFT_SD * DRIFT_WEEKS * share, rel=0.02)


def test_the_ramp_of_the_file_is_believed_where_all_of_its_figures_stand():
    figures = dict(zip(RAMP_FIGURES, (1e5, 4e5, 8), strict=True))
    known = {path: SourcedValue(value, "sourced") for path, value in figures.items()}
    launch = make_launch()
    with_ramp = replace(launch, figures=launch.figures | known)
    supply = beliefs_of(with_ramp)["ramp"].weekly_units
    assert supply[:, [8, 19]] * 30.4 / 7 == pytest.approx(np.full((4000, 2), 4e5))
    stock_weeks = supply[:, 0] * 30.4 / 7 / 1e5 - 1  # a month of stock at most
    assert (stock_weeks >= 0).all()
    assert np.quantile(stock_weeks, [0.25, 0.75]) == pytest.approx([1, 3], abs=0.1)
    known.popitem()
    assert "ramp" not in beliefs_of(replace(launch, figures=launch.figures | known))


def test_a_source_that_cannot_be_is_an_error_and_not_a_belief_less():
    launch = replace(make_launch(), supply_sources=make_sources({"yield_high": 1.2}))
    with pytest.raises(ValueError, match=r"'yield_high': 1\.2"):
        beliefs_of(launch)
