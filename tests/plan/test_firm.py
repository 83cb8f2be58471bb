"""Whose days and marketing a plan takes: the brand's, its class's, or assumed ones."""

import pytest

from analysis.data import load_launch, load_table
from analysis.plan.firm import ASSUMED_DAYS, firm_figures


def figures_of(name):
    tables = (load_table(table) for table in ("devices", "company_metrics", "exchange_rates"))
    return firm_figures(load_launch(name), *tables)


def test_a_phone_has_the_days_of_the_phone_maker_on_file():
    days = load_table("company_metrics").query("company == 'xiaomi' and metric == 'payable_days'")
    assert figures_of("mi_9").payable_days == pytest.approx(days["value"].mean())
    assert figures_of("mi_9").name == "Xiaomi"


def test_what_the_firm_spends_on_marketing_is_in_dollars_of_the_year_of_its_accounts():
    """4.1 % of the least revenue on file: 68.4 billion yuan in 2016, at 6.6444 yuan a dollar.

    In yuan 2015 had less, 66.8 billion, but a dollar cost 6.2854 yuan then.
    """
    shares = load_table("company_metrics").query("metric == 'marketing_share'")["value"]
    expected_usd = shares.mean() * 68.434e9 / 6.6444
    assert figures_of("mi_mix").marketing_usd_a_year == pytest.approx(expected_usd)
    assert 4e8 < expected_usd < 5e8


def test_a_console_has_assumed_ones_that_name_nobody():
    firm = figures_of("nintendo_switch")
    assert firm.inventory_days == firm.payable_days == ASSUMED_DAYS
    assert firm.name == ""
