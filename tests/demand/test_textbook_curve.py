"""The textbook curve through a product's own counts: what it says, and when it says nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.data import load_launch
from analysis.demand import bass_share, study_textbook_curve


def launch_with_counts(weeks, units):
    """The Mi 9 with counts of sales on these weeks."""
    launch = load_launch("mi_9")
    days = pd.to_timedelta(7 * np.asarray(weeks) - 1, unit="D")
    sales = pd.DataFrame(
        {
            "date": launch.figure("first_sale").value + days,
            "units": np.round(units),
            "kind": "sold",
            "scope": "model",
        }
    )
    return replace(launch, sales=sales)


@pytest.mark.oracle("known truth")
def test_counts_on_a_known_curve_give_its_end_and_its_peak():
    weeks = np.array([4, 9, 15, 20, 30, 40])
    study = study_textbook_curve(launch_with_counts(weeks, 2e6 * bass_share(weeks, 0.01, 0.15)))
    assert study.fit.point == pytest.approx([0.01, 0.15, 2e6], rel=1e-4)
    weeks_to_peak = np.log(0.15 / 0.01) / 0.16
    assert (study.peak - study.first_sale).days == pytest.approx(7 * weeks_to_peak, abs=1)
    curve = study.curve()
    assert curve["median"].is_monotonic_increasing
    assert curve["date"].iloc[0] == study.first_sale
    assert "ends at 2 million phones" in study.sentence()


def test_the_mi_1_has_a_textbook_curve_that_says_what_it_cannot_see():
    study = study_textbook_curve(load_launch("mi_1"))
    assert len(study.counts) == 5
    table = study.table().set_index("term")
    assert table.loc["m", "low"] < 3.52e6 < table.loc["m", "high"]
    assert "5 counts" in study.sentence()
    assert "without stock" in study.sentence()
    drawn = study.chart().data
    assert drawn.loc[drawn["series"] == "count", "units"].tolist() == study.counts["units"].tolist()


@pytest.mark.parametrize("name", ["mi_9", "mi_mix", "redmi_note_7", "example"])
def test_fewer_than_four_counts_of_one_scope_give_no_curve(name):
    assert study_textbook_curve(load_launch(name)) is None


@pytest.mark.parametrize(
    ("weeks", "units", "words"),
    [
        (
            np.arange(1, 8),
            1e6 * bass_share(np.arange(1, 8), 0.002, 0.3),
            "still speeding up",
        ),
        (np.arange(1, 7), np.cumsum([32.0, 12, 6, 4, 3, 2.5]) * 1e4, "slowed down"),
        (np.arange(1, 7), np.cumsum([1.0, 2, 4, 8, 16, 32]) * 1e4, "many curves fit"),
    ],
)
def test_counts_that_do_not_pin_the_curve_down_say_why_in_words(weeks, units, words):
    study = study_textbook_curve(launch_with_counts(weeks, units))
    assert not study.fit.identified
    assert words in study.sentence().replace("\n", " ")
    assert "million" not in study.sentence(), "no number that looks firm"
    assert len(study.chart().svg()) > 1000
