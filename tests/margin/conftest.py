"""What tests of the room of margins share: a rate without uncertainty, and a path drawn with it."""

import pytest

from analysis import margin
from analysis.bom import DeclineRate
from analysis.data import load_launch


def exact_decline(rate: float) -> DeclineRate:
    """A yearly rate (logs) that is known exactly."""
    return DeclineRate(
        rate=rate,
        low=rate,
        high=rate,
        between_sd=0.0,
        between_limits=(0.0, 0.0),
        predicted_low=rate,
        predicted_high=rate,
        level=0.95,
        pairs=10**6,
        standard_error=0.0,
        results=None,
    )


@pytest.fixture(scope="session")
def decline_at():
    """Make a yearly rate (logs) that is known exactly."""
    return exact_decline


@pytest.fixture(scope="session")
def falling() -> DeclineRate:
    """Parts that get cheaper by 0.2 a year in logs, exactly."""
    return exact_decline(-0.2)


@pytest.fixture(scope="session")
def path(falling) -> margin.MarginPath:
    """Four hundred lives of the Mi 9 with parts that fall steadily."""
    return margin.margin_path(load_launch("mi_9"), falling, draws=400, seed=1)
