"""Ceiling or choice: Bayes' rule by simulation, chances that hold, priors returned."""

import numpy as np
import pandas as pd
import pytest

from analysis.data import load_launch
from analysis.supply import judge_choice, monthly_rates, withholding_posterior


@pytest.mark.oracle("slow version")
def test_the_chance_of_holding_back_is_bayes_rule_done_by_simulation():
    rng = np.random.default_rng(1)
    n, sd = 400_000, 0.2
    held_back = rng.random(n) < 0.25
    log_share = np.where(held_back, np.log(rng.uniform(0.3, 0.9, n)), 0)
    log_gap = log_share + sd * np.sqrt(2) * rng.standard_normal(n)
    for release in (6e5, 8e5, 1e6):
        alike = np.abs(log_gap - np.log(release / 1e6)) < 0.02
        chance = withholding_posterior((release, sd), (1e6, sd), odds=1 / 3)
        assert chance.moved
        assert chance.probability == pytest.approx(
            held_back[alike].mean(), abs=4 * np.sqrt(0.25 / alike.sum()) + 0.005
        )


@pytest.mark.oracle("known truth")
def test_stated_chances_are_right_as_often_as_they_say():
    rng, rows = np.random.default_rng(2), []
    for _ in range(2000):
        held_back = rng.random() < 0.5
        share = rng.uniform(0.3, 0.9) if held_back else 1
        release = 1e6 * share * np.exp(0.15 * rng.standard_normal())
        ceiling = 1e6 * np.exp(0.15 * rng.standard_normal())
        chance = withholding_posterior((release, 0.15), (ceiling, 0.15)).probability
        rows.append((chance, held_back))
    chance, truth = np.array(rows).T
    for low in (0.0, 0.25, 0.5, 0.75):
        cell = (chance >= low) & (chance < low + 0.25 + 1e-9)
        error = np.sqrt(0.25 / cell.sum())
        assert truth[cell].mean() == pytest.approx(chance[cell].mean(), abs=4 * error)


def test_one_number_for_both_returns_the_prior_and_says_so():
    chance = withholding_posterior(None, (1e4, 0.2), odds=3.0)
    assert (chance.probability, chance.moved) == (0.75, False)
    choice = judge_choice(monthly_rates(load_launch("mi_mix").supply_reports))
    assert choice["probability"].to_numpy() == pytest.approx(choice["prior"].to_numpy())
    assert not choice["moved"].any()


@pytest.fixture
def rates():
    """Half a million shipped and a capacity of a million, by two sources for one month."""
    rows = [("shipped", 5e5, "http://a"), ("capacity", 1e6, "http://b")]
    table = pd.DataFrame(rows, columns=["kind", "units_per_month", "source"])
    return table.assign(
        units=1.0,
        scope=None,
        period_start=pd.Timestamp("2020-01-01"),
        period_end=pd.Timestamp("2020-01-31"),
    )


def test_two_sources_for_one_time_move_the_odds_and_the_assumed_degree_matters(rates):
    choice = judge_choice(rates)
    assert (choice["probability"] > choice["prior"]).all()
    even = choice.query("prior == 0.5")["probability"]
    assert even.max() - even.min() > 0.02
    assert choice["settled_by_sd"].between(0.02, 1).all()


def test_a_capacity_without_an_end_still_holds_and_a_later_one_tells_nothing(rates):
    still_valid = rates.assign(period_end=rates["period_end"].where(rates["kind"] == "shipped"))
    pd.testing.assert_frame_equal(judge_choice(still_valid), judge_choice(rates))
    starts = [pd.Timestamp("2020-01-01"), pd.Timestamp("2020-02-01")]
    assert not judge_choice(still_valid.assign(period_start=starts))["moved"].any()


def test_an_output_without_an_end_is_of_the_day_on_which_it_starts(rates):
    of_a_day = rates.assign(period_end=rates["period_end"].where(rates["kind"] == "capacity"))
    pd.testing.assert_frame_equal(judge_choice(of_a_day), judge_choice(rates))
    starts = [pd.Timestamp("2019-12-31"), pd.Timestamp("2020-01-01")]
    assert not judge_choice(of_a_day.assign(period_start=starts))["moved"].any(), "a day too early"


@pytest.mark.parametrize("scopes", [("series", "model"), ("model", "series")])
def test_a_number_of_the_whole_series_moves_nothing(rates, scopes):
    assert not judge_choice(rates.assign(scope=list(scopes)))["moved"].any()
