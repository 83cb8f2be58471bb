"""Comparable launches as lines in logs: regression of normals, bounds, a known class."""

import numpy as np
import pandas as pd
import pytest

from analysis.demand import (
    ReferenceClass,
    draw_reference_paths,
    fit_reference_class,
    milestone_sequences,
)
from analysis.demand.counts import COUNT_NOISE
from analysis.demand.reference_class import log_days_of

LINE = ReferenceClass(
    level=14.0, slope=0.8, level_sd=1.0, slope_sd=0.2, walk_sd=0.2, level_error=0.0, launches=30
)
NO_BOUNDS = pd.DataFrame(
    {"week": [], "units": [], "side": [], "noise": [], "over": []}, dtype=float
)


def counts_of(*rows):
    return pd.DataFrame(rows, columns=["week", "units"])


@pytest.mark.oracle("closed form")
def test_before_any_count_the_draws_are_normal_in_logs():
    paths = draw_reference_paths(LINE, counts_of(), NO_BOUNDS, 30, draws=8000)
    for week in (2, 8, 26):
        log_sold = np.log(paths.sold_by([week])[:, 0])
        log_days = log_days_of([week])
        assert log_sold.mean() == pytest.approx(LINE.mean(log_days)[0], abs=0.06)
        assert log_sold.std() == pytest.approx(LINE.covariance(log_days)[0, 0] ** 0.5, rel=0.05)


@pytest.mark.oracle("closed form")
def test_a_count_moves_the_draws_as_regression_of_normals_does():
    paths = draw_reference_paths(LINE, counts_of((8, 2e6)), NO_BOUNDS, 30, draws=8000)
    weeks = log_days_of([8, 26])
    of_count = LINE.covariance(weeks)
    gain = of_count[1, 0] / (of_count[0, 0] + COUNT_NOISE**2)
    mean = LINE.mean(weeks)
    expected = mean[1] + gain * (np.log(2e6) - mean[0])
    sd = np.sqrt(of_count[1, 1] - gain * of_count[0, 1])
    log_sold = np.log(paths.sold_by([26])[:, 0])
    assert log_sold.mean() == pytest.approx(expected, abs=0.03)
    assert log_sold.std() == pytest.approx(sd, rel=0.05)
    assert np.log(paths.sold_by([8])[:, 0] / 2e6).std() == pytest.approx(COUNT_NOISE, rel=0.1)


def test_bounds_hold_and_a_class_that_breaks_them_has_less_evidence():
    bound = {"week": [8.0], "units": [1e5], "side": [1.0], "noise": [0.05], "over": [np.inf]}
    paths = draw_reference_paths(LINE, counts_of(), pd.DataFrame(bound), 30, draws=2000)
    assert np.mean(paths.sold_by([8])[:, 0] < 1.15e5) > 0.98
    loose = pd.DataFrame(bound | {"units": [1e9]})
    assert paths.log_evidence < draw_reference_paths(LINE, counts_of(), loose, 30).log_evidence - 2


@pytest.mark.oracle("known truth")
def test_a_class_is_recovered_from_the_launches_drawn_from_it():
    rng = np.random.default_rng(4)
    rows = []
    for device in range(80):
        weeks = np.sort(rng.uniform(1, 40, 3))
        log_days = log_days_of(weeks)
        root = np.linalg.cholesky(LINE.covariance(log_days) + COUNT_NOISE**2 * np.eye(3))
        units = np.exp(LINE.mean(log_days) + root @ rng.standard_normal(3))
        rows += [(f"d{device}", "CN", week, one) for week, one in zip(weeks, units, strict=True)]
    fit = fit_reference_class(pd.DataFrame(rows, columns=["device", "market", "weeks", "units"]))
    assert fit.level == pytest.approx(LINE.level, abs=0.35)
    assert fit.slope == pytest.approx(LINE.slope, abs=0.1)
    assert fit.level_sd == pytest.approx(LINE.level_sd, rel=0.3)
    assert fit.launches == 80


@pytest.mark.slow
@pytest.mark.oracle("known truth")
def test_the_class_holds_the_last_counts_of_launches_that_it_has_not_seen():
    """Leave each device out: its last count lies in the 80 % band before any of its counts."""
    counts = milestone_sequences(least=1)
    held = []
    for (device, _), own in counts.groupby(["device", "market"]):
        others = counts[counts["device"] != device]
        if len(held) < 25 and len(own) > 1:
            line = fit_reference_class(others)
            last = own.iloc[-1]
            log_days = log_days_of([last["weeks"]])
            z = (np.log(last["units"]) - line.mean(log_days)) / line.covariance(log_days)[0] ** 0.5
            held.append(abs(z[0]) < 1.2816)
    assert len(held) == 25
    assert 0.64 <= np.mean(held) <= 0.98
