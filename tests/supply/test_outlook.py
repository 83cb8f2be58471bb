"""When supply stops binding: known by construction, beside what the one forecast says of it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from supply_examples import launch_without_reports

from analysis.data import SourcedValue, interval, load_launch
from analysis.demand import forecast_launch, simulate_launch
from analysis.supply import look_ahead
from analysis.supply.outlook import _as_lots_show, _end_of_last, _newcomers

PEOPLE = {"potential": 1e5, "p": 0.05, "q": 0.1, "initial_share": 0.1, "reneging_rate": 0.05}


def test_supply_binds_to_the_end_of_the_last_step_without_stock():
    holds = np.array([[1, 0, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1]], dtype=bool)
    assert _end_of_last(holds).tolist() == [3.0, 0.0, np.inf]


@pytest.mark.oracle("slow version")
def test_newcomers_are_all_who_are_no_longer_untouched():
    paths = simulate_launch(np.full(8, 3000.0), **PEOPLE)
    touched = paths.sold + paths.waiting + paths.left
    before = np.r_[1e4, touched[0, :-1]]
    assert _newcomers(paths)[0] == pytest.approx(touched[0] - before)


def plain_launch(**figures):
    """The Mi MIX with a ramp of its own, no lots, reports or sources."""
    ramp = {
        f"supply.{name}": SourcedValue(value, "assumed", 0.8 * value, 1.25 * value)
        for name, value in figures.items()
    }
    launch = launch_without_reports("mi_mix")
    return replace(launch, figures=launch.figures | ramp)


def with_counts(launch, weeks, units):
    """Counts of sales of the device, in order."""
    first_sale = launch.figure("first_sale").value
    days = first_sale + pd.to_timedelta(7 * np.array(weeks) - 1, unit="D")
    counts = {"date": days, "units": units, "kind": "sold", "scope": "model", "reported": days}
    return replace(launch, sales=pd.DataFrame(counts).assign(source="x", note=""))


@pytest.mark.oracle("known truth")
def test_a_ramp_that_overtakes_demand_is_seen_to_stop_binding():
    """Sales level off at 100,000 while output goes on to 100,000 a month."""
    ramp = {"start_units_per_month": 2e4, "full_units_per_month": 1e5, "ramp_weeks": 12}
    weeks = [4, 8, 12, 16, 20]
    launch = with_counts(plain_launch(**ramp), weeks, [2e4, 5e4, 8e4, 9.3e4, 9.7e4])
    outlook = look_ahead(forecast_launch(launch, draws=400))
    _, middle, high = interval(outlook.stop_week)
    assert high < 30
    assert middle < 20
    assert outlook.has_stopped
    assert np.median(outlook.output_a_week) > 3 * np.median(outlook.demand_a_week)
    assert np.isfinite(np.median(outlook.exceeds_week))


@pytest.mark.oracle("known truth")
def test_a_drop_of_which_fewer_were_sold_than_offered_ends_the_shortage():
    """Three lots sold out, of the fourth 7,300 of 9,000 were sold: nobody waits any more."""
    ramp = {"start_units_per_month": 2e4, "full_units_per_month": 9e4, "ramp_weeks": 16}
    launch = load_launch("mi_mix")
    first_sale = launch.figure("first_sale").value
    lots = pd.concat([launch.drops] * 4, ignore_index=True).assign(
        date=first_sale + pd.to_timedelta([0, 7, 14, 21], unit="D"),
        units=[10_000.0, 4_500.0, 5_500.0, 9_000.0],
        sold_out=["yes", "yes", "yes", "no"],
        units_sold=[np.nan, np.nan, np.nan, 7_300.0],
    )
    outlook = look_ahead(forecast_launch(replace(plain_launch(**ramp), drops=lots)))
    assert outlook.nobody_waits
    assert outlook.has_stopped


def test_supply_does_not_stop_binding_before_the_last_lot_sold_out():
    """Only draws count that are still short then; where too few are, none stops before."""
    stop_week = np.array([1.0] * 60 + [20.0] * 40 + [np.inf] * 10)
    columns = {"stop_week": stop_week, "waiting": np.arange(110.0)}
    sold_out = np.array([1.0, np.nan, 0.0, 1.0, np.nan, np.nan])
    short = _as_lots_show(columns, sold_out)
    assert short["stop_week"].tolist() == [20.0] * 40 + [np.inf] * 10
    assert short["waiting"].tolist() == [*range(60, 110)]
    few = {name: draws[:70] for name, draws in columns.items()}
    assert _as_lots_show(few, sold_out)["stop_week"].tolist() == [4.0] * 60 + [20.0] * 10
    assert _as_lots_show(columns, np.array([0.0, np.nan])) == columns


def test_supply_has_stopped_binding_by_a_later_lot_that_did_not_sell_out():
    """In the fourth week a lot sold out, in the tenth one did not; the weeks between are open."""
    sold_out = np.full(20, np.nan)
    sold_out[[0, 3]], sold_out[[9, 15]] = 1, 0
    stop_week = np.array([1.0] * 60 + [7.0] * 60 + [20.0] * 40)
    columns = {"stop_week": stop_week, "waiting": np.arange(160.0)}
    agree = _as_lots_show(columns, sold_out)
    assert agree["stop_week"].tolist() == [7.0] * 60
    assert agree["waiting"].tolist() == [*range(60, 120)]

    none_agree = {"stop_week": np.array([20.0, np.inf, 1.0, 12.0]), "waiting": np.arange(4.0)}
    spread = _as_lots_show(none_agree, sold_out)["stop_week"]
    assert spread == pytest.approx(
        [4 + 5 * 2.5 / 4, 4 + 5 * 3.5 / 4, 4 + 5 * 0.5 / 4, 4 + 5 * 1.5 / 4]
    )


def test_without_any_belief_about_supply_nothing_is_said_of_it():
    assert look_ahead(forecast_launch(plain_launch(), draws=100)) is None


def test_counts_that_hardly_move_the_belief_of_who_waits_do_not_inform_it():
    outlook = look_ahead(forecast_launch(load_launch("mi_9"), draws=100))
    waiting = {"waiting": np.array([2e5, 3e5, 4e5]), "are_sales_counted": True}
    assert replace(outlook, waiting_spread=0.94, **waiting).informed
    assert not replace(outlook, waiting_spread=0.96, **waiting).informed
    far_apart = {"waiting": np.array([1e4, 3e5, 4e5]), "are_sales_counted": True}
    assert not replace(outlook, waiting_spread=0.94, **far_apart).informed


def test_nothing_is_said_where_a_forecast_hardly_rests_on_supply():
    forecast = forecast_launch(load_launch("mi_9"), draws=100)
    is_class = forecast.beliefs["kind"] == "class"
    for of_supply, is_told in ((0.11, True), (0.09, False)):
        weights = np.where(is_class, 1 - of_supply, of_supply / (~is_class).sum())
        beliefs = forecast.beliefs.assign(weight_after=weights)
        assert (look_ahead(replace(forecast, beliefs=beliefs)) is not None) == is_told
