"""How often bands hold: a small sample of `python -m analysis.evidence`, and what it counted."""

import numpy as np
import pandas as pd
import pytest
from demand_cases import PRIOR

from analysis.data import DATA
from analysis.demand import simulate_launch
from analysis.evidence.count_launches import (
    WORLDS,
    count_launches,
    draw_launch,
    random_rank,
    simulate_world,
)
from analysis.evidence.count_real_cases import forecast_milestones


@pytest.mark.slow
def test_counts_are_forecast_from_the_earlier_ones():
    forecasts = forecast_milestones(
        devices=["galaxy_s3", "huawei_p20_series", "redmi_note_7_series"]
    )
    assert len(forecasts) == 8
    assert forecasts["held"].mean() >= 6 / 8
    error = forecasts[["log_error", "log_error_line_in_logs"]].abs().median()
    assert error["log_error"] <= error["log_error_line_in_logs"]


@pytest.mark.slow
def test_drawn_launches_are_held_as_often_as_their_bands_say():
    """A sample of what was counted: of 40, an 80 % band holds 24 or fewer in 1 of 300 tries."""
    coverage = count_launches(40, seed=3, workers=1, worlds=(WORLDS[0], WORLDS[2]))
    in_family = coverage[coverage["departure"] == "in family"]
    assert (in_family["held_share"] > 24 / 40).all()
    assert (in_family["ranks_p_value"] > 1e-4).all()
    assert (coverage["held_share"] > 0.5).all()
    assert (coverage["one_point_share"] == 0).all()


def test_supply_is_drawn_without_a_look_at_the_launch_and_binds_about_half_of_the_time():
    drawn = [draw_launch(PRIOR, seed, 8) for seed in range(300)]
    log_supply = [np.log(launch.supply[:8].sum()) for launch in drawn]
    log_potential = [np.log(launch.potential) for launch in drawn]
    assert abs(np.corrcoef(log_supply, log_potential)[0, 1]) < 0.2


@pytest.mark.oracle("slow version")
def test_a_world_that_departs_from_nothing_is_the_launch_model():
    people = {name: x[0] for name, x in PRIOR.parameters(np.zeros((1, 5))).items()}
    supply = np.full(12, 5e4)
    sold, short, stock, _ = simulate_world(supply, people, np.zeros(12), WORLDS[0])
    paths = simulate_launch(supply, **people)
    assert sold == pytest.approx(paths.sold[0])
    assert short == pytest.approx(paths.stockout_share[0])
    assert stock == pytest.approx(paths.stock[0])


def test_departures_do_what_they_say():
    people = {name: x[0] for name, x in PRIOR.parameters(np.zeros((1, 5))).items()}
    plenty, little = np.full(26, 1e9), np.full(26, 1e3)

    def of(world, supply):
        return simulate_world(supply, people, np.zeros(26), world)

    plain, peak = of(WORLDS[0], plenty)[0], of(WORLDS[1], plenty)[0]
    assert peak[:17] == pytest.approx(plain[:17])
    assert peak[20] > plain[20]
    reacting = of(WORLDS[2], little)[3]
    assert np.diff(np.log(reacting)) == pytest.approx(WORLDS[2].raised)
    assert of(WORLDS[3], plenty)[0][-1] > plain[-1]


def test_ranks_at_ties_are_random():
    rng = np.random.default_rng(1)
    ranks = [random_rank(np.ones(10), 1.0, rng) for _ in range(2000)]
    assert np.mean(ranks) == pytest.approx(0.5, abs=0.02)
    assert np.std(ranks) == pytest.approx(12**-0.5, abs=0.02)


def counted(table):
    return pd.read_csv(DATA / "evidence" / f"{table}.csv")


def test_five_hundred_launches_are_calibrated_as_a_user_knows_them():
    table = counted("launch_calibration")
    assert (table["launches"] == 500).all()
    assert table["departure"].nunique() == 7
    in_family = table[table["departure"] == "in family"]
    assert in_family["held_share"].between(0.75, 0.88).all()
    assert (in_family["ranks_p_value"] > 0.001).all()
    assert (table["held_share"] >= 0.7 - 2 * table["monte_carlo_sd"]).all()
    assert (table["one_point_share"] == 0).all()


@pytest.mark.oracle("rival")
def test_outcomes_of_launches_were_held_and_the_class_alone_and_the_last_rate_scored_worse():
    table = counted("launch_outcomes")
    assert len(table) >= 11
    assert table["launch"].nunique() >= 6
    assert table["held"].mean() >= 0.8, "what an 80 % range promises"
    assert table["crps"].mean() <= 0.55
    assert table["score"].mean() <= 4.0
    for rival in ("crps_class_alone", "crps_last_rate"):
        both = table.dropna(subset=[rival])
        assert both["crps"].mean() < both[rival].mean()
    # Weights that the outcomes of the other launches chose would have been hardly better.
    assert table["crps"].mean() < 1.1 * table["crps_weights_of_others"].mean()


@pytest.mark.oracle("rival")
def test_counts_of_real_sequences_were_held_and_no_rival_was_nearer():
    table = counted("milestone_forecasts")
    assert len(table) >= 30
    assert 0.7 <= table["held"].mean() <= 0.9
    errors = table.filter(regex="^log_error").abs().median()
    assert errors["log_error"] == errors.min()


@pytest.mark.oracle("rival")
def test_iphones_were_forecast_better_than_by_each_rival():
    table = counted("iphone_forecasts")
    for _, cells in table.groupby("cells"):
        assert len(cells) in (15, 47)
        scores = cells.filter(regex="^score").mean()
        assert scores["score"] == scores.min()
    held = table.groupby("cells")["held"].agg(["sum", "mean"])
    assert 0.75 <= held.loc["every second quarter", "mean"] <= 0.95
    # Of eight origins 11 of 15 hold, which misses three quarters; on another processor, where the
    # search of the damped trend ends at another of its two optima, 12 did.
    assert held.loc["eight origins", "sum"] >= 11
    row = table.query("origin_quarter == 23 and to_quarter == 46").iloc[0]
    assert row["log_width"] <= 1.2
    assert row["low"] <= row["units"] <= row["high"]
