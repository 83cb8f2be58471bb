"""How often bands hold: a small sample of `python -m analysis.evidence`, and what it counted."""

import numpy as np
import pandas as pd
import pytest
from demand_cases import PRIOR
from scipy import stats

from analysis.data import DATA
from analysis.evidence.count_launches import count_launches, draw_launch, random_rank
from analysis.evidence.count_real_cases import forecast_milestones


@pytest.mark.slow
def test_last_counts_are_forecast_from_the_earlier_ones():
    forecasts = forecast_milestones(
        devices=["galaxy_s3", "huawei_p20_series", "redmi_note_7_series"]
    )
    assert len(forecasts) == 4
    assert forecasts["held"].all()
    assert (forecasts["low"] >= forecasts["last_known_units"]).all()
    error = forecasts[["log_error", "log_error_line_in_logs"]].abs().median()
    assert error["log_error"] <= error["log_error_line_in_logs"]


@pytest.mark.slow
def test_drawn_launches_are_held_as_often_as_their_bands_say():
    coverage = count_launches(30, seed=3, workers=1)
    assert (coverage["held_share"] >= 0.55).all()
    assert (coverage["ranks_p_value"] > 1e-4).all()


def test_supply_is_drawn_without_a_look_at_the_launch_and_binds_about_half_of_the_time():
    drawn = [draw_launch(PRIOR, seed) for seed in range(300)]
    log_supply = [np.log(launch.supply.sum()) for launch in drawn]
    log_potential = [np.log(launch.truth.potential[0]) for launch in drawn]
    assert abs(np.corrcoef(log_supply, log_potential)[0, 1]) < 0.2


def test_ranks_at_ties_are_random():
    rng = np.random.default_rng(1)
    ranks = [random_rank(np.ones(10), 1.0, rng) for _ in range(2000)]
    assert np.mean(ranks) == pytest.approx(0.5, abs=0.02)
    assert np.std(ranks) == pytest.approx(12**-0.5, abs=0.02)


def counted(table):
    return pd.read_csv(DATA / "evidence" / f"{table}.csv")


def test_five_hundred_launches_are_calibrated():
    table = counted("launch_calibration")
    assert (table["launches"] == 500).all()
    assert table["bound_share"].between(0.4, 0.6).all()
    assert table["held_share"].between(0.75, 0.85).all()
    assert (table["ranks_p_value"] > 0.001).all()
    assert (table["least_effective"] >= 400).all()


@pytest.mark.oracle("rival")
def test_last_counts_of_real_sequences_were_held_and_no_rival_was_nearer():
    table = counted("milestone_forecasts")
    held = stats.binomtest(int(table["held"].sum()), len(table)).proportion_ci(0.95)
    assert held.low <= 0.8 <= held.high
    assert 0.6 <= table["held"].mean() <= 0.95
    error = table[["log_error", "log_error_line_in_logs", "log_error_last_rate"]].abs().median()
    assert error["log_error"] <= error.iloc[1:].min()


@pytest.mark.oracle("rival")
def test_iphones_were_forecast_better_than_by_last_year_with_fading_growth():
    table = counted("iphone_forecasts")
    assert table["origin_quarter"].nunique() >= 6
    assert table["score"].mean() < table["rival_score"].mean()
    row = table.query("origin_quarter == 23 and to_quarter == 46").iloc[0]
    assert row["log_width"] <= 1.2
    assert row["low"] <= row["units"] <= row["high"]
