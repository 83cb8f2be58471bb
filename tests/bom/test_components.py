"""Trends of components, their shares, and the share of the net price: slow versions, coverage."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis import bom
from analysis.bom import components as bom_components
from analysis.data import load_launch
from analysis.evidence.count_costs import PanelCell, count_panel_cell


@pytest.mark.oracle("rival")
def test_the_trend_of_a_panel_is_generalised_least_squares_for_one_set_of_spreads(
    monkeypatch, tables
):
    rows = tables.teardowns.dropna(subset="bom_usd").head(25)
    monkeypatch.setattr(bom_components, "RATIOS", np.array([[1.0, 0.5]]))
    t = (rows["teardown_date"] - rows["teardown_date"].min()).dt.days.to_numpy() / 365.25
    same = (rows["analyst_house"].to_numpy()[:, None] == rows["analyst_house"].to_numpy()).astype(
        float
    )
    slow = sm.GLS(
        np.log(rows["bom_usd"]),
        sm.add_constant(t),
        np.eye(25) + same + 0.25 * np.minimum.outer(t, t),
    ).fit()
    fit = bom.fit_trend(rows, "bom_usd").loc["trend"]
    assert fit["estimate"] == pytest.approx(slow.params.iloc[1])
    assert [fit["low"], fit["high"]] == pytest.approx(slow.conf_int().iloc[1].to_list(), rel=1e-6)
    with pytest.raises(ValueError, match="3 costings; expected 4 or more"):
        bom.fit_trend(rows.head(3), "bom_usd")


@pytest.mark.oracle("known truth")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("prices", "go"), [("steady", True), ("wandering", False), ("wandering", True)]
)
def test_a_sample_of_the_panel_counts_holds(prices, go):
    assert (
        0.9 - 2.5 * np.sqrt(0.9 * 0.1 / 100)
        <= count_panel_cell(PanelCell(14, prices, go, runs=100, seed=31))["held_share"]
        <= 1
    )


def test_only_the_price_of_flash_is_identified_and_new_phones_do_not_get_cheaper(tables):
    table = bom.component_rates(tables.components, tables.teardowns, tables.devices).set_index(
        "label"
    )
    assert table.index[table["identified"]].to_list() == ["nand"]
    assert (
        table.loc["nand", "estimate"] < 0 < table.loc["nand", "high"]
    )  # ten costings do not settle even that
    assert table.loc["whole phone", "high"] > 0
    assert table.loc["application_processor", "low"] > 0


def test_the_parts_on_file_leave_half_of_the_phone_to_the_rest(tables):
    shares = bom.part_shares(tables.components, tables.teardowns, tables.devices)
    assert set(shares.index) == {"memory", "display", "processor", "rest"}
    assert shares.sum() == pytest.approx(1)
    assert 0.4 < shares["rest"] < 0.6


def test_one_more_phone_of_a_brand_spreads_wider_than_the_mean_of_its_phones(tables):
    shares = bom.price_shares(tables.teardowns, tables.devices, tables.economics)
    table = bom.summarise_shares(shares)
    assert (table["next_low"] < table["low"]).all()
    assert (table["next_high"] > table["high"]).all()
    assert table["phones"].ge(3).all()


def test_the_share_assumed_in_launch_files_is_what_the_phones_of_the_brand_allow(tables):
    """Four phones, 80 % for one more (Student t).

    The files of phones like them say so, and give their reasons where they go further.
    """
    shares = bom.price_shares(tables.teardowns, tables.devices, tables.economics)
    table = bom.summarise_shares(shares, level=0.8)
    xiaomi = table.set_index("brand").loc["xiaomi"]
    for name in ("mi_1", "mi_2", "mi_9"):
        assumed = load_launch(name).figure("costs.bom_share_of_net_price")
        assert (assumed.low, assumed.number, assumed.high) == pytest.approx(
            xiaomi[["next_low", "estimate", "next_high"]], abs=0.01
        )


def test_the_last_day_of_a_row_of_economics_is_in_it_at_any_hour():
    table = pd.DataFrame({"item": "vat_rate", "country": "CN", "value": [0.17, 0.16]})
    table = table.assign(
        valid_from=pd.to_datetime(["2016-05-01", "2018-05-01"]),
        valid_to=pd.to_datetime(["2018-04-30", None]),
    )
    days = pd.DatetimeIndex(
        ["2016-05-01 00:00", "2018-04-30 17:05", "2018-05-01 00:00", "2018-05-01 12:00"]
    )
    assert bom.value_in_force(table, "vat_rate", "CN", days).tolist() == [0.17, 0.17, 0.16, 0.16]


def test_the_rate_of_a_day_is_that_of_its_table(tables):
    economics = tables.economics
    days = pd.DatetimeIndex(["2010-05-01", "2013-06-01"])
    assert bom.value_in_force(economics, "cny_per_usd", "CN", days)[1] == 6.1932
    assert np.isnan(bom.value_in_force(economics, "cny_per_usd", "CN", days)[0])
    assert economics.query("item == 'price_elasticity'")["low"].item() > 1


def test_vat_is_that_of_the_day(tables):
    economics = tables.economics
    days = pd.DatetimeIndex(["2016-10-25", "2019-02-26", "2019-04-01"])
    assert bom.value_in_force(economics, "vat_rate", "CN", days).tolist() == [0.17, 0.16, 0.13]
    assert np.isnan(bom.value_in_force(economics, "vat_rate", "BR", days)).all()
