"""First studies: ramps, growth, decline of cost and unit margin, against closed forms, slow versions and known truths."""

import numpy as np
import pandas as pd
import pytest

from analysis.bom import decline as bom
from analysis.data.launches import Figure, load_launch
from analysis.data.tables import load_table
from analysis.margin import margin
from analysis.supply import capacity

# ---- capacity ----


def reports(rows):
    columns = ["kind", "period_start", "period_end", "units", "per", "scope"]
    table = pd.DataFrame([(*row, None) for row in rows], columns=columns)
    return table.assign(
        period_start=pd.to_datetime(table["period_start"]),
        period_end=pd.to_datetime(table["period_end"]),
    )


def test_rates_are_put_on_one_scale_and_lots_and_backlogs_are_left_out():
    rates = capacity.monthly_rates(
        reports(
            [
                ("shipped", "2020-01-01", None, 1000, "day"),
                ("capacity", "2020-01-01", None, 7000, "week"),
                ("shipped", "2020-01-01", "2020-01-30", 30_000, "total"),
                ("shipped", "2020-01-01", "2020-01-01", 50_000, "total"),
                ("backlog", "2020-01-01", "2020-01-31", 10**6, "total"),
            ]
        )
    )
    assert rates["units_per_month"].to_numpy() == pytest.approx([30_400] * 3)


def test_a_ramp_that_doubles_every_ten_days_is_found():
    days = pd.to_datetime("2020-01-01") + pd.to_timedelta([0, 10, 20, 30, 40], unit="D")
    rows = [("produced", str(day.date()), None, 1000 * 2**i, "day") for i, day in enumerate(days)]
    assert capacity.fit_ramp(capacity.monthly_rates(reports(rows))).doubling_days == pytest.approx(
        10
    )
    with pytest.raises(ValueError, match="expected at least 4 on 3 dates"):
        capacity.fit_ramp(capacity.monthly_rates(reports(rows[:2])))


def test_the_first_phones_deliveries_doubled_in_about_a_week():
    """Mi 1, autumn 2011: 1,000 a day on 20 October, 15,000 on 18 November: doubling near 7.4 days by those two points."""
    told = (
        load_table("capacity_reports")
        .query("device == 'mi_1' and per == 'day' and kind == 'shipped'")
        .assign(scope=None)
    )
    ramp = capacity.fit_ramp(capacity.monthly_rates(told))
    assert ramp.low <= 7.4 <= ramp.high


# ---- unit margin ----


def fixed(value):
    return Figure(value, "sourced")


def test_without_uncertainty_the_margin_path_is_the_formula():
    launch = load_launch("mi_3_india")
    still = {path: fixed(figure.value) for path, figure in launch.figures.items()}
    object.__setattr__(launch, "figures", still | {"costs.bom_date": still["first_sale"]})
    decline = bom.DeclineRate(-0.3, -0.3, -0.3, 0.0, (0.0, 0.0), -0.3, -0.3, 0.95, 10**6, 0.0, None)
    path = margin.margin_path(launch, decline, draws=3, seed=1)
    net = 13_999 / 1.08 / 60.8
    month = path.months[-1]
    expected = (
        1 - 0.01 * 0 - still["costs.royalty_share"].value - still["costs.channel_share"].value
    )
    expected -= (
        157 * np.exp(-0.3 * month / 12)
        + still["costs.assembly_usd"].value
        + still["costs.freight_warranty_usd"].value
    ) / net
    assert path.margin_share[:, -1] == pytest.approx([expected] * 3)


def test_an_assumed_range_holds_eighty_percent_of_the_draws():
    drawn = margin.draw_figure(
        Figure(7.0, "assumed", 4.0, 12.0), np.random.default_rng(5).standard_normal(100_000)
    )
    assert np.mean((drawn >= 4) & (drawn <= 12)) == pytest.approx(0.8, abs=0.005)
    with pytest.raises(ValueError, match="the figure is unknown"):
        margin.draw_figure(Figure(None, "unknown"), np.zeros(10))


def test_a_price_cut_lowers_the_margin_from_its_month_on():
    launch = load_launch("mi_1")
    decline = bom.DeclineRate(0.0, 0, 0, 0.0, (0, 0), 0, 0, 0.95, 10**6, 0.0, None)
    band = margin.margin_path(launch, decline, draws=500, seed=1).band()["median"]
    cut = (
        launch.price_cuts["date"].iloc[0] - launch.figure("first_sale").value
    ).days / margin.DAYS_A_MONTH
    assert (
        band[band.index < cut].max() - band[band.index < cut].min() < 0.02
    )  # the exchange rate alone moves it
    assert (band[band.index >= cut] < band[band.index < cut].min() - 0.1).all()


def test_vat_is_that_of_the_day():
    economics, days = (
        load_table("economics"),
        pd.DatetimeIndex(["2016-10-25", "2019-02-26", "2019-04-01"]),
    )
    assert bom.by_date(economics, "vat_rate", "CN", days).tolist() == [0.17, 0.16, 0.13]
    assert np.isnan(bom.by_date(economics, "vat_rate", "BR", days)).all()
