"""Models of the real rounds, fitted once for all tests of the room."""

import pytest

from analysis.data import load_table, shared
from analysis.sellout import fit_rounds, hit_or_miss, order_rates


@pytest.fixture(scope="session")
def sale_rounds():
    return load_table("sale_rounds")


@pytest.fixture(scope="session")
def real_rates(sale_rounds):
    return order_rates(sale_rounds)


@pytest.fixture(scope="session")
def real_model(sale_rounds):
    return shared(fit_rounds)(sale_rounds)  # every process that runs tests needs it


@pytest.fixture(scope="session")
def real_hits(sale_rounds):
    return hit_or_miss(sale_rounds, load_table("device_sales"), load_table("devices"))
