"""Reports on one scale: hand-made rates, a known ramp, and the published one of the Mi 1."""

import numpy as np
import pandas as pd
import pytest

from analysis.data import load_table
from analysis.demand import fit_ramp, monthly_rates


def reports(*rows):
    columns = ["kind", "period_start", "period_end", "units", "per"]
    table = pd.DataFrame(rows, columns=columns).assign(scope=None)
    for name in ("period_start", "period_end"):
        table[name] = pd.to_datetime(table[name])
    return table


def daily_output(first_day, every_days, units):
    days = pd.Timestamp(first_day) + pd.to_timedelta(every_days * np.arange(len(units)), unit="D")
    rows = [
        ("produced", str(day.date()), None, count, "day")
        for day, count in zip(days, units, strict=True)
    ]
    return monthly_rates(reports(*rows))


def test_rates_are_put_on_one_scale_and_lots_and_backlogs_are_left_out():
    rates = monthly_rates(
        reports(
            ("shipped", "2020-01-01", None, 1000, "day"),
            ("capacity", "2020-01-01", None, 7000, "week"),
            ("shipped", "2020-01-01", "2020-01-30", 30_000, "total"),
            ("shipped", "2020-01-01", "2020-01-01", 50_000, "total"),
            ("backlog", "2020-01-01", "2020-01-31", 10**6, "total"),
        )
    )
    assert rates["units_per_month"].to_numpy() == pytest.approx([30_400] * 3)


@pytest.mark.oracle("known truth")
def test_a_ramp_that_doubles_every_ten_days_is_found():
    rates = daily_output("2020-01-01", 10, [1000, 2000, 4000, 8000, 16_000])
    assert fit_ramp(rates).doubling_days == pytest.approx(10)
    with pytest.raises(ValueError, match="expected at least 4 on 3 dates"):
        fit_ramp(rates[:2])


def test_output_that_falls_never_doubles():
    assert (
        fit_ramp(daily_output("2020-01-01", 10, [9000, 8000, 7000, 6500])).doubling_days == np.inf
    )


@pytest.mark.oracle("published number")
def test_the_first_phones_deliveries_doubled_in_about_a_week():
    """Mi 1, 2011: 1,000 a day on 20 October, 15,000 on 18 November: 7.4 days by those two."""
    deliveries = load_table("capacity_reports").query(
        "device == 'mi_1' and per == 'day' and kind == 'shipped'"
    )
    ramp = fit_ramp(monthly_rates(deliveries.assign(scope=None)))
    assert ramp.low <= 7.4 <= ramp.high
