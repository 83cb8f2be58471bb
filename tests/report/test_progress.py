"""A run makes reports of one study apart from one another, and says how long the rest may take."""

import pytest

from analysis.report.progress import Progress, in_turns


def test_reports_of_one_study_are_apart_and_none_is_lost():
    names = ["a/demand", "b/demand", "c/demand", "c/supply", "c/margin", "evidence"]
    turns = in_turns(names)
    assert turns[:4] == ["a/demand", "c/supply", "c/margin", "evidence"]
    assert sorted(turns) == sorted(names)


def test_what_is_left_takes_as_long_as_the_latest_report_of_its_study_by_hand():
    progress = Progress(total=9, jobs=2)
    for name, seconds in (("a/demand", 30.0), ("a/supply", 5.0), ("b/demand", 3.0)):
        progress.end(name, seconds, failed=False, running=[], waiting=["b/plan"])
    progress.end("b/supply", 6.0, failed=False, running=[], waiting=["b/plan"])
    line = progress.end("a/plan", 9.0, failed=False, running=["c/demand"], waiting=["b/plan", "x"])
    # demand 3 s, plan 9 s, a study not seen yet the mean of the three, 6 s; two at a time.
    assert line == "[5/9] a/plan done in 9.0 s; about 9 s left"
    assert progress.seconds_left(["c/demand", "b/plan", "x"]) == pytest.approx((3 + 9 + 6) / 2)


def test_nothing_is_foretold_from_few_reports_nor_when_none_waits():
    progress = Progress(total=4, jobs=1)
    first = progress.end("a/demand", 2.0, failed=False, running=[], waiting=["b/demand"])
    assert first == "[1/4] a/demand done in 2.0 s"
    progress.end("b/demand", 2.0, failed=True, running=[], waiting=["c/demand"])
    last = progress.end("c/demand", 2.0, failed=True, running=["d/demand"], waiting=[])
    assert last == "[3/4] c/demand FAILED in 2.0 s"


def test_the_first_line_says_what_is_made():
    assert Progress(total=37, jobs=2).opening() == "making 37 reports, 2 at a time"
    assert Progress(total=1, jobs=8).opening() == "making 1 report, 1 at a time"
