"""A brand's sales years ahead: the iPhone, and the limit in which the model is plain Bass."""

import numpy as np
import pytest

from analysis.demand import forecast_long
from analysis.demand.long_run import LONG_RUN_PRIORS
from analysis.evidence.count_real_cases import forecast_iphones


@pytest.mark.slow
def test_iphones_are_forecast_from_quarter_23_and_plain_bass_fails():
    row = forecast_iphones([("eight origins", 23, 23)]).iloc[-1]
    assert row["log_width"] <= 1.2
    assert row["low"] <= row["units"] <= row["high"]
    assert row["plain_bass"] < 0.8 * row["units"]


def test_long_series_without_replacement_or_growth_are_plain_bass(monkeypatch):
    """Priors as sharp as the truth: nobody replaces, the market stands still, no noise."""
    exact = {
        "potential": 1e8,
        "p": 0.01,
        "q": 0.1,
        "replace": 1e-12,
        "growth": 1e-12,
        "noise": 0.01,
        "drift": 1e-4,
    }
    for name, value in exact.items():
        monkeypatch.setitem(LONG_RUN_PRIORS, name, (value, 1e-3))
    sales = [1e6]
    for _ in range(29):
        owners = np.sum(sales)
        sales.append((1e8 - owners) * -np.expm1(-0.01 - 0.1 * owners / 1e8))
    paths = forecast_long(np.array(sales[:20]), 10, draws=200)
    assert np.median(paths[:, -1]) == pytest.approx(np.sum(sales), rel=0.02)


def test_a_series_of_under_two_years_is_refused():
    with pytest.raises(ValueError, match="units: 7 periods"):
        forecast_long([1e6] * 7, 4)
