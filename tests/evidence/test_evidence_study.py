"""The page on evidence: what its first screen advises follows the counts behind its chart."""

from dataclasses import replace

import pytest

from analysis.data import DataError
from analysis.evidence import counts, study_evidence
from analysis.evidence.study import NEEDED, Overview, points_on_axis
from analysis.look import percent


@pytest.fixture(scope="module")
def overview() -> Overview:
    return study_evidence().overview


def test_the_advice_names_the_worst_test_with_the_share_it_held(overview):
    worst = overview.cells.loc[(overview.cells["estimate"] - overview.cells["level"]).idxmin()]
    advice = overview.first_screen().detail
    assert worst["cell"] in advice
    assert advice.endswith(
        f"held {percent(worst['estimate'])} where {percent(worst['level'])} was promised."
    )
    held = replace(overview, cells=overview.cells.assign(short=False))
    assert held.advice().startswith("Use them as they stand, where your case")
    assert held.first_screen().answer.startswith("Yes, in all of the")


def test_a_kind_that_falls_short_is_orange_and_the_axis_counts_points(overview):
    figure = overview.chart().svg()
    assert "var(--event" in figure
    assert "percentage points below or above the promise" in figure
    assert [points_on_axis(share) for share in (-0.05, 0.0, 0.1)] == ["−5", "0", "+10"]


@pytest.mark.parametrize("table", NEEDED)
def test_a_table_that_the_page_shows_and_is_not_there_is_one_line(monkeypatch, table):
    there = {name: rows for name, rows in counts.load_counts().items() if name != table}
    monkeypatch.setattr(counts, "load_counts", lambda: there)
    with pytest.raises(DataError, match=rf"^data/evidence: {table}\.csv: not there; expected"):
        study_evidence()
