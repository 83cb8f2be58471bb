"""Chances of why a product was short: scores on file recounted, ranges recounted on a sample."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from analysis.data import load_table
from analysis.evidence.count_shortages import (
    DEPARTURES,
    WORDS,
    count_shortage_ranges,
    draw_class,
    draw_words,
    draw_world,
    score_left_out,
    true_chances,
)
from analysis.evidence.counts import SHORTAGES, against_rivals, load_counts
from analysis.supply.shortage_class import SIGNS, build_class, select_documented


@pytest.fixture(scope="module")
def documented():
    """Documented shortages of the table."""
    return select_documented(load_table("shortages"))


def test_the_scores_on_file_are_those_of_today():
    on_file = load_counts()[SHORTAGES]
    today = score_left_out()
    numbers = today.select_dtypes("number").columns
    assert on_file["cause"].tolist() == today["cause"].tolist()
    assert on_file[numbers].to_numpy() == pytest.approx(today[numbers].to_numpy(), rel=1e-3)


@pytest.mark.oracle("rival")
def test_chances_with_signs_score_better_than_the_rate_and_than_one_half():
    rows = against_rivals(load_counts())
    rows = rows[rows["case"].str.contains("shortage|held back")]
    assert len(rows) == 8
    assert (rows["ours"] < rows["rivals"]).all()


@pytest.mark.oracle("known truth")
@pytest.mark.parametrize("name", ["as assumed", "a third is disputed"])
def test_eighty_percent_ranges_hold_the_true_chance_about_as_often_on_a_sample(name):
    runs = 40
    table = count_shortage_ranges(runs, seed=9_000, departures={name: DEPARTURES[name]})
    held = table.set_index("cause")["held_share"]
    assert held["held back"] * runs >= binom.ppf(0.005, runs, 0.8)
    assert held["other causes"] > 0.7


@pytest.mark.oracle("slow version")
def test_true_chances_are_the_share_among_simulated_shortages_with_these_words(documented):
    rng = np.random.default_rng(4)
    world = draw_world(documented, DEPARTURES["signs come together"], rng)
    words = {"registration": "no", "target_raised": "yes"}
    held = []
    for one in rng.choice(len(world.sets), size=60_000, p=world.set_rates):
        drawn = dict(zip(SIGNS, draw_words(world, one, rng), strict=True))
        if all(drawn[sign] == word for sign, word in words.items()):
            held.append(world.sets[one])
    slow = np.mean(held, axis=0)
    error = 4 * np.sqrt(0.25 / len(held))
    assert true_chances(world, words) == pytest.approx(slow, abs=error)


def test_a_simulated_class_is_coded_as_its_departure_has_it(documented):
    rng = np.random.default_rng(6)
    classes = {}
    for name in ("as assumed", "half is never confessed", "a third is disputed"):
        world = draw_world(documented, DEPARTURES[name], rng)
        classes[name] = pd.concat([draw_class(world, 37, rng) for _ in range(20)])
    assert set(classes["as assumed"]["held_back"]) == {"yes", "no"}
    assert "disputed" in set(classes["a third is disputed"]["held_back"])
    for simulated in classes.values():
        assert set(simulated[list(SIGNS)].to_numpy().ravel()) <= set(WORDS)
        assert (build_class(simulated).cause_shares.sum(axis=1) > 0.99).all()
