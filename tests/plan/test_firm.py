"""Whose days and marketing a plan takes: the brand's, its class's, or assumed ones."""

import pytest

from analysis.data import load_launch, load_table
from analysis.plan.firm import ASSUMED_DAYS, firm_figures


def figures_of(name):
    return firm_figures(load_launch(name), load_table("devices"), load_table("company_metrics"))


def test_a_phone_has_the_days_of_the_phone_maker_on_file():
    days = load_table("company_metrics").query("company == 'xiaomi' and metric == 'payable_days'")
    assert figures_of("mi_9").payable_days == pytest.approx(days["value"].mean())
    assert figures_of("mi_9").name == "Xiaomi"


def test_a_console_has_assumed_ones_that_name_nobody():
    firm = figures_of("nintendo_switch")
    assert firm.inventory_days == firm.payable_days == ASSUMED_DAYS
    assert firm.name == ""
