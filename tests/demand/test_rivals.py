"""Plain rivals: a straight line, exponential smoothing, and means of forecasts."""

import numpy as np
import pytest

from analysis.demand import (
    average_forecasts,
    average_with_last_rate,
    damped_trend,
    last_rate,
)
from analysis.demand.rivals import DAMPING, MEAN_ERRS


@pytest.mark.oracle("closed form")
def test_the_last_rate_is_a_line_through_the_last_two_counts_a_little_flatter():
    assert last_rate([1, 3], [10, 30], [3, 5]) == pytest.approx([30, 30 + DAMPING * 20])


@pytest.mark.oracle("closed form")
def test_a_forecast_moves_half_of_the_way_to_the_last_rate_in_logs():
    draws = np.exp(np.random.default_rng(1).normal(np.log(100), 0.2, (2001, 1)))
    moved = average_with_last_rate(draws, [1, 3], [10, 30], [5])
    middle, rival = np.median(draws), last_rate([1, 3], [10, 30], [5])[0]
    assert np.median(moved) == pytest.approx(np.sqrt(middle * rival))
    assert np.log(moved).std() == pytest.approx(MEAN_ERRS * np.log(draws).std())
    assert average_with_last_rate(draws, [1], [10], [5]) is draws


def test_two_forecasts_alike_have_their_own_mean_a_little_narrower():
    draws = np.exp(np.random.default_rng(2).normal(5, 0.3, (1001, 3)))
    mean = average_forecasts(draws, draws[::-1])
    assert np.median(mean, axis=0) == pytest.approx(np.median(draws, axis=0))
    assert np.log(mean).std(0) == pytest.approx(MEAN_ERRS * np.log(draws).std(0), rel=1e-3)


@pytest.mark.oracle("known truth")
def test_smoothing_goes_on_with_a_season_that_repeats():
    season = np.tile([1.0, 2.0, 3.0, 4.0], 8)
    noise = np.exp(0.02 * np.random.default_rng(3).standard_normal(32))
    units = 1e6 * season * noise
    paths = damped_trend(units, 8, draws=400)
    expected = units.sum() + 1e6 * np.cumsum(np.tile([1.0, 2.0, 3.0, 4.0], 2))
    assert np.median(paths, axis=0) == pytest.approx(expected, rel=0.02)
    assert paths.shape == (400, 8)
    assert damped_trend(units, 8, draws=400) == pytest.approx(paths)
