"""Cash by week: sums and the worth of the float."""

import numpy as np
import pytest

from analysis import margin


def test_cash_sums_to_the_sales_and_the_float_is_worth_the_days():
    revenue, cost = np.array([0.0, 100, 300, 50, 0]), np.array([0.0, 90, 250, 45, 0])
    table, worth = margin.cash_by_week(
        revenue, cost, prepaid_days=10, inventory_days=60, payable_days=110, rate_per_year=0.1
    )
    assert table["received"].sum() == pytest.approx(revenue.sum(), rel=1e-12)
    assert table["paid"].sum() == pytest.approx(cost.sum(), rel=1e-12)
    rough = np.log(1.1) * (10 * revenue.sum() + 50 * cost.sum()) / 365
    assert worth == pytest.approx(rough, rel=0.02)
    assert table["week"].iloc[0] == -2
    nothing = margin.cash_by_week(
        revenue, cost, prepaid_days=0, inventory_days=30, payable_days=30, rate_per_year=0.1
    )[1]
    assert nothing == pytest.approx(0, abs=1e-9)
    dear = margin.cash_by_week(
        revenue, cost, prepaid_days=0, inventory_days=90, payable_days=30, rate_per_year=0.1
    )[1]
    assert dear < 0
