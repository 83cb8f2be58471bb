"""Tables of sources and reports built by hand, for the tests of supply."""

from dataclasses import replace

import pandas as pd

from analysis.data import SourcedValue, load_launch

FIRST_SALE = pd.Timestamp("2020-01-01")

PLAIN_SOURCE = {
    "component": "camera",
    "maker": "a",
    "known_on": "2019-12-01",
    "starts_low": "2019-12-01",
    "starts_high": "2019-12-01",
    "units_low": 3e5,
    "units_high": 3e5,
    "doubling_days_low": 7,
    "doubling_days_high": 7,
    "yield_low": 1.0,
    "yield_high": 1.0,
}
PLAIN_LOT = {
    "device": "mi_9",
    "date": "2020-01-01",
    "units": 50_000.0,
    "units_basis": "sold",
    "sold_out": "yes",
    "units_sold": None,
    "registrations": None,
}
PLAIN_REPORT = {
    "period_start": "2020-01-01",
    "period_end": None,
    "reported": "2020-01-01",
    "units": 9e5,
    "per": "month",
    "kind": "target",
    "scope": None,
}


def make_sources(*rows):
    """Sources, each row over `PLAIN_SOURCE`."""
    table = pd.DataFrame([PLAIN_SOURCE | row for row in rows])
    for name in ("known_on", "starts_low", "starts_high"):
        table[name] = pd.to_datetime(table[name])
    return table


def make_launch(*, lots=(), reports=()):
    """A launch on sale since `FIRST_SALE` with these lots and reports, and nothing else known."""
    lots = pd.DataFrame([PLAIN_LOT | lot for lot in lots], columns=[*PLAIN_LOT])
    reports = pd.DataFrame([PLAIN_REPORT | row for row in reports], columns=[*PLAIN_REPORT])
    for name in ("period_start", "period_end", "reported"):
        reports[name] = pd.to_datetime(reports[name])
    launch = load_launch("mi_9")
    return replace(
        launch,
        drops=lots.assign(date=pd.to_datetime(lots["date"])),
        supply_reports=reports,
        supply_sources=launch.supply_sources[:0],
        figures={"first_sale": SourcedValue(FIRST_SALE, "sourced")},
    )


def launch_without_reports(name):
    """A launch on file with its first sale alone: no figures, lots, reports or sources of parts."""
    launch = load_launch(name)
    return replace(
        launch,
        drops=launch.drops[:0],
        supply_reports=launch.supply_reports[:0],
        supply_sources=launch.supply_sources[:0],
        figures={"first_sale": launch.figure("first_sale")},
    )


def with_a_count_of_the_model(name: str, date: str, units: int):
    """A launch on file, with one more count in its sales: of the model itself, told at once."""
    launch = load_launch(name)
    day = pd.Timestamp(date)
    row = launch.sales.head(1).assign(date=day, reported=day, units=units, scope="model")
    sales = pd.concat([launch.sales, row]).sort_values("date", ignore_index=True)
    return replace(launch, sales=sales)
