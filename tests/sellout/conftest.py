"""Models of the real rounds, fitted once for all tests of the room."""

import pytest

from analysis.data import load_table, shared
from analysis.sellout import fit_rounds, hit_or_miss, order_rates
from analysis.sellout.words import LEVEL

DRAWS = 4096  # as on pages


@pytest.fixture(scope="session")
def sale_rounds():
    return load_table("sale_rounds")


@pytest.fixture(scope="session")
def real_rates(sale_rounds):
    return order_rates(sale_rounds)


@pytest.fixture(scope="session")
def real_model(sale_rounds):
    """The model that pages show, so that tests and reports compute it once between them."""
    return shared(fit_rounds)(sale_rounds, draws=DRAWS, level=LEVEL)


@pytest.fixture(scope="session")
def real_hits(sale_rounds):
    return hit_or_miss(sale_rounds, load_table("device_sales"), load_table("devices"))
