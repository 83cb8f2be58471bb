"""Launches fitted once a session, for the tests of supply."""

import pytest

from analysis.data import load_launch
from analysis.supply import study_supply


@pytest.fixture(scope="session")
def mi_9_early():
    """The Mi 9 as known five days after its first sale."""
    return study_supply(load_launch("mi_9"), "2019-03-03", draws=300)


@pytest.fixture(scope="session")
def mi_mix():
    """The Mi MIX with all that is known."""
    return study_supply(load_launch("mi_mix"), draws=300)
