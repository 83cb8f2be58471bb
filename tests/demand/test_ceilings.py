"""No more is sold than was made, than a plan can make, or than the market buys."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from supply_examples import FIRST_SALE, make_launch

from analysis.data import SourcedValue
from analysis.demand import forecast_launch
from analysis.demand.ceilings import list_output
from analysis.demand.forecast import TEMPER

WEEKS_MADE = 10
MADE_UNTIL = FIRST_SALE + pd.Timedelta(days=7 * WEEKS_MADE - 1)


def launch_with(*, counts=(), made=(), **figures):
    """A launch with counts of sales (day, units) and totals made or shipped from its first sale."""
    reports = [
        {"period_start": FIRST_SALE, "period_end": end, "reported": end, "per": "total"} | total
        for end, total in made
    ]
    launch = make_launch(reports=reports)
    sales = pd.DataFrame(counts, columns=["date", "units"])
    sales = sales.assign(
        date=pd.to_datetime(sales["date"]), kind="sold", scope="model", reported=sales["date"]
    )
    sales["reported"] = pd.to_datetime(sales["reported"])
    values = {name: SourcedValue(value, "sourced") for name, value in figures.items()}
    return replace(launch, sales=sales, figures=launch.figures | values)


RAMP = {
    "supply.start_units_per_month": SourcedValue(2e4, "assumed", 1e4, 4e4),
    "supply.full_units_per_month": SourcedValue(2e5, "assumed", 1.2e5, 3e5),
    "supply.ramp_weeks": SourcedValue(28.0, "assumed", 20.0, 40.0),
}


def test_no_more_is_sold_by_a_day_than_was_made_by_it_and_the_stock_before():
    """30,000 in ten weeks, and at that rate for four before; twelve weeks later half a million."""
    counts = [("2020-06-02", 500_000), ("2020-09-01", 1_000_000)]
    made = [(MADE_UNTIL, {"kind": "produced", "units": 30_000})]
    by_counts, launch = (
        replace(launch, figures=launch.figures | RAMP)
        for launch in (launch_with(counts=counts), launch_with(counts=counts, made=made))
    )
    day = str(MADE_UNTIL.date())
    low, _, _ = forecast_launch(by_counts, draws=100).sold_by(day)
    assert low > 60_000, "counts alone, with no word of what was made by then"
    forecast = forecast_launch(launch, draws=100)
    _, _, high = forecast.sold_by(day, level=1.0)
    assert high <= 1.4 * 30_000
    counted = [forecast.sold_by(day)[1] for day, _ in counts]
    assert counted == pytest.approx([500_000, 1_000_000], rel=0.1)
    assert forecast.launch.sales.equals(launch.sales), "what was made is no count of sales"


def test_stock_in_the_file_adds_to_what_was_made_and_a_total_from_before_has_its_own():
    made = {"kind": "shipped", "units": 70_000}
    launch = launch_with(made=[(MADE_UNTIL, made)])
    assert list_output(launch)["units"].tolist() == [98_000]
    in_stock = {"supply.opening_stock_units": SourcedValue(5_000, "assumed", 4_000, 6_000)}
    known = replace(launch, figures=launch.figures | in_stock)
    assert list_output(known)["units"].tolist() == [76_000]
    month_before = made | {"period_start": FIRST_SALE - pd.Timedelta(weeks=4), "units": 98_000}
    assert list_output(launch_with(made=[(MADE_UNTIL, month_before)]))["units"].tolist() == [98_000]


def test_targets_lots_and_totals_of_a_later_time_bound_nothing():
    later = {"period_start": FIRST_SALE + pd.Timedelta(days=1)}
    for total in ({"kind": "target"}, {"kind": "capacity"}, later, {"per": "month"}):
        report = {"kind": "produced", "units": 30_000} | total
        assert list_output(launch_with(made=[(MADE_UNTIL, report)])).empty
    lot = FIRST_SALE + pd.Timedelta(days=6), {"kind": "produced", "units": 30_000}
    assert list_output(launch_with(made=[lot])).empty


def test_a_total_says_nothing_that_counts_say_already():
    made = [(MADE_UNTIL, {"kind": "produced", "units": 30_000})]
    assert list_output(launch_with(made=made, counts=[("2020-02-01", 50_000)])).empty
    assert list_output(launch_with(made=made, counts=[("2020-06-02", 35_000)])).empty
    assert len(list_output(launch_with(made=made, counts=[("2020-06-02", 500_000)]))) == 1


def test_no_more_is_sold_than_the_market_of_the_file_buys():
    _, _, high = forecast_launch(launch_with(), draws=200).sold_by("2020-03-31")
    assert high > 2_000_000, "of a market that is not known"
    forecast = forecast_launch(launch_with(market_units_a_year=4_000_000.0), draws=200)
    quarter, year = forecast.draws_sold_by(np.array([13, 52])).max(0)
    assert quarter <= 4_000_000 * 13 * 7 / 365.25
    assert year <= 4_000_000


@pytest.mark.oracle("closed form")
def test_a_belief_weighs_less_by_the_share_of_its_draws_that_the_market_has_no_place_for():
    market_units_a_year = 2_500_000.0
    weeks = np.array([13, 52, 104])
    open_ended = forecast_launch(replace(launch_with(), figures=launch_with().figures | RAMP))
    most = market_units_a_year * weeks * 7 / 365.25
    share_within = {
        label: (fit.sold_by(weeks) <= most).all(axis=1).mean()
        for label, fit in open_ended.fits.items()
    }
    launch = launch_with(market_units_a_year=market_units_a_year)
    bounded = forecast_launch(replace(launch, figures=launch.figures | RAMP))
    before = open_ended.beliefs.set_index("label")["weight_after"]
    expected = before * pd.Series(share_within) ** TEMPER
    assert len(expected) > 1
    assert 0.05 < min(share_within.values()) < 0.8 * max(share_within.values())
    after = bounded.beliefs.set_index("label")["weight_after"]
    assert after.to_dict() == pytest.approx((expected / expected.sum()).to_dict())


def test_a_launch_to_come_sells_no_more_than_its_plan_makes_at_its_full_rate():
    launch = launch_with()
    ahead = pd.Timestamp.today().normalize() + pd.Timedelta(days=90)
    stock = {"supply.opening_stock_units": SourcedValue(12_000, "assumed", 10_000, 14_000)}
    figures = RAMP | stock | {"first_sale": SourcedValue(ahead, "assumed")}
    forecast = forecast_launch(replace(launch, figures=figures), draws=200)
    assert "ramp" in set(forecast.beliefs["kind"])
    assert forecast.draws_sold_by(np.array([13])).max() <= 14_000 + 3e5 * 13 * 7 / 30.4
