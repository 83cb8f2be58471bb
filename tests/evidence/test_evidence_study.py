"""The page on evidence: what its first screen advises follows the counts behind its chart."""

from dataclasses import replace

import pytest
from matplotlib.figure import Figure

from analysis.data import DataError
from analysis.evidence import counts, study_evidence
from analysis.evidence.results_coverage import Freshness
from analysis.evidence.study import NEEDED, EvidenceStudy, Overview, points_on_axis
from analysis.look import COLOUR, percent


@pytest.fixture(scope="module")
def study() -> EvidenceStudy:
    return study_evidence()


@pytest.fixture(scope="module")
def overview(study) -> Overview:
    return study.overview


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


def test_the_first_screen_says_which_pages_have_no_tested_range_and_how_real_launches_fared(
    overview,
):
    untested = "No range on Plan pages has been tested."
    [real] = overview.cells[overview.cells["table"] == "launch_outcomes"].itertuples()
    assert overview.kinds["page"].ne("release_plan").all()
    assert overview.advice().startswith(
        f"{untested} On Supply pages, ranges of {real.trials} forecasts of real launches held "
        f"{percent(real.estimate)} where 80 % was promised. Of the other "
    )
    assert overview.page_sentence().endswith(untested)
    of_plan = overview.kinds.assign(page=["release_plan", *overview.kinds["page"][1:]])
    tested = replace(overview, kinds=of_plan)
    assert "No range on" not in tested.advice() + tested.page_sentence()
    uncounted = replace(overview, cells=overview.cells[overview.cells["table"] != real.table])
    assert "real launches" not in uncounted.advice()


def test_the_page_calls_a_range_of_95_percent_that_held_every_time_wider_than_it_need_be(study):
    """As its method page says: it is grey in the first chart."""
    every_time = study.cells.groupby("label")["estimate"].min().eq(1)
    of_95 = study.cells.groupby("label")["level"].first().eq(0.95)
    kinds = study.kinds.set_index("label")
    assert (every_time & of_95).any()
    assert set(kinds.loc[every_time & of_95, "verdict"]) == {"wide"}


def test_the_answer_counts_kinds_on_pages_as_the_first_chart_colours_them(study, overview):
    figure = Figure().subplots()
    overview.plot(figure)
    dots = [line.get_color() for line in figure.lines if line.get_marker() == "o"]
    drawn = {role: dots.count(COLOUR[role]) for role in ("demand", "event", "soft")}
    kinds = sum(drawn.values())
    screen = overview.first_screen()
    assert f" {drawn['event']} of our {kinds} kinds of range fell short" in screen.answer
    others = drawn["demand"] + drawn["soft"]
    assert f"Of the other {others} kinds, {drawn['demand']} kept to the promise in every test" in (
        screen.detail
    )
    assert f"; {drawn['soft']} were too wide, or tested on few cases." in screen.detail
    assert f"<dt>{drawn['demand']} of {kinds}</dt>" in str(study.facts().html())


def test_the_three_facts_are_of_the_same_kinds_of_range(study):
    """Tests of kinds that no page shows stand in the list of kinds alone, as their kinds do."""
    kinds = study.overview.shown_table().frame
    on_pages = kinds[kinds["pages that show it"] != "none"]
    assert len(on_pages) < len(kinds)
    (of_kinds, _), (short, words), (real, of_real) = study.facts().facts
    assert of_kinds.endswith(f" of {len(on_pages)}")
    assert short == f"{on_pages['short'].sum()} of {on_pages['tests'].sum()}"
    assert words.startswith("tests of these kinds fall short")
    forecasts = study.cells[study.cells["table"] == "launch_outcomes"]
    assert real == f"{forecasts['trials'].sum():,.0f}", "of no forecast that serves tests alone"
    assert of_real.startswith("real sales forecasts are among their cases; ")
    every_test = f"Of all {len(study.cells)} tests, those of kinds that no page shows among them, "
    assert study.shortfalls.sentence().startswith(every_test)


def test_one_kind_that_stays_near_its_promise_falls_short_in_no_test_and_several_fall(study):
    for near, words in (
        (1, " falls short in no test, holds "),
        (2, " fall short in no test, hold "),
    ):
        verdicts = ["near" if place < near else "wide" for place in range(len(study.kinds))]
        kinds = study.kinds.assign(verdict=verdicts, page="margin")
        number, meaning = replace(study, kinds=kinds).facts().facts[0]
        assert number.startswith(f"{near} of ")
        assert words in meaning


def test_the_first_sentence_tells_of_crowds_unlike_our_models_where_they_were_counted(overview):
    crowds = overview.cells[overview.cells["table"] == "crowd_coverage"]
    answer = overview.first_screen().answer
    told = f"on crowds unlike our models, {crowds['short'].sum()} of {len(crowds)} tests did."
    assert answer.endswith(told)
    assert len(answer.split()) <= 25
    without = replace(overview, cells=overview.cells.drop(crowds.index))
    assert without.answer().endswith("kinds of range fell short in at least one test.")


def test_a_kind_that_no_page_shows_is_in_the_list_of_kinds_and_not_in_the_first_chart(study):
    shown = study.overview.shown_table().frame.set_index("kind of range")["pages that show it"]
    alone = {*shown[shown == "none"].index}
    assert "order log, law of arrival known" in alone
    assert {*study.overview.chart().data["label"]} == {*shown.index} - alone
    sentence = study.overview.page_sentence()
    assert f" show {len(shown) - len(alone)} of the {len(shown)} kinds of range." in sentence


def test_the_first_chart_begins_with_the_worst_test_and_one_beyond_its_edge_is_a_number(overview):
    figure = Figure().subplots()
    overview.plot(figure)
    names = [label.get_text().replace("\n", " ") for label in figure.get_yticklabels()]
    kinds = overview.shown
    assert kinds["low"].is_monotonic_increasing
    beyond = kinds[kinds["low"] < -0.2]
    assert len(beyond), "on some crowds a range of an order log never held"
    assert names[: len(beyond)] == [
        f"{kind.label} (worst: {points_on_axis(kind.low)})" for kind in beyond.itertuples()
    ]
    assert names[len(beyond) :] == [*kinds["label"][len(beyond) :]]
    assert sum(line.get_marker() == "<" for line in figure.lines) == len(beyond)
    assert figure.get_xlim()[0] > beyond["low"].max(), "what is near the promise has the width"
    assert " Arrow: " in overview.chart().note
    near = overview.kinds[overview.kinds["low"] >= -0.2]
    assert " Arrow: " not in replace(overview, kinds=near).chart().note


def test_a_kind_that_falls_short_is_orange_and_the_axis_counts_points(overview):
    figure = overview.chart().svg()
    assert "var(--event" in figure
    assert "percentage points below or above the promise" in figure
    assert [points_on_axis(share) for share in (-0.05, 0.0, 0.1)] == ["−5", "0", "+10"]


def test_the_worst_of_other_crowds_is_of_those_drawn_and_a_second_wave_is_told_apart(study):
    rows = study.other_crowds.rows
    worst = rows.loc[rows["estimate"].idxmin()]
    sentence = study.other_crowds.sentence()
    assert f" The worst of these {len(rows)}, " in sentence
    assert f" is {worst['label']}: {percent(worst['estimate'])} of " in sentence
    table = study.shown_crowds().frame.set_index("crowd")
    waves = table.loc[["second wave"]]
    assert "second wave" not in {*rows["label"]}
    held = [f"{one['range held']} with {one['seen']} seen" for _, one in waves.iterrows()]
    assert study.wave_sentence().endswith(f" there the range held {' and '.join(held)}.")


def colours_of_rows(family) -> list[str]:
    """Return the colour of each row of a chart, from its dot."""
    figure = Figure().subplots()
    family.plot(figure)
    dots = [line for line in figure.lines if line.get_marker() == "o"]
    return [dot.get_color() for dot in dots if len(dot.get_xdata()) == 1]


def test_orange_falls_short_and_blue_does_not_in_every_chart(study):
    for family in (study.order_logs, study.declines, study.trends, study.shortages):
        short = family.rows["short"]
        assert colours_of_rows(family) == [COLOUR["event" if one else "demand"] for one in short]
        assert "Grey" not in family.chart().note


def test_a_row_of_few_cases_is_grey_and_its_name_counts_them(study):
    """Five rows of cost forecasts rest on one real series each, which shows nothing."""
    forecasts = study.cost_forecasts
    alone = forecasts.rows["trials"] == 1
    assert alone.any()
    drawn = forecasts.drawn()
    assert drawn.loc[alone, "label"].str.endswith(" (1 case)").all()
    assert set(drawn.loc[alone, "role"]) == {"soft"}
    assert forecasts.chart().note.endswith("Grey: fewer than 100 cases, too few.")
    all_enough = replace(forecasts, few_cases=1)
    assert set(colours_of_rows(all_enough)) == {COLOUR["demand"]}
    assert "Grey" not in all_enough.chart().note


def test_the_worst_test_of_each_row_is_a_stroke_in_its_chart(study):
    """So that the worst of the first chart is seen in the chart of its kind."""
    crowds = study.other_crowds
    tests = study.cells[study.cells["label"] == "order log, other crowds"]
    assert crowds.rows["worst"].min() == tests["estimate"].min()
    figure = Figure().subplots()
    crowds.plot(figure)
    strokes = [line.get_xdata()[0] for line in figure.lines if line.get_marker() == "|"]
    worse = crowds.rows["worst"] < crowds.rows["estimate"]
    assert strokes == [*crowds.rows.loc[worse, "worst"]]
    low, high = figure.get_xlim()
    assert low <= min(strokes) < max(strokes) <= high
    assert "stroke: its worst test" in crowds.chart().measure
    assert "stroke" not in study.declines.chart().measure, "each row is one test"


def test_blue_is_said_to_be_what_it_is_in_the_first_chart(overview):
    """Not every test of a blue kind reaches its promise: counting explains the rest."""
    blue = overview.shown[overview.shown["verdict"] == "near"]
    assert (blue["low"] < 0).any()
    note = overview.chart().note
    assert "below its promise by more than counting explains. Blue: in none." in note


def test_a_bar_is_a_range_and_a_line_is_the_promise_in_every_chart(study):
    for chart in (study.overview.chart(), study.order_logs.chart(), study.shortages.chart()):
        assert "bar: " in chart.measure
        assert "line" not in chart.measure
        figure = Figure().subplots()
        chart.draw(figure)
        assert "; line: the " in figure.get_xlabel()


def test_tables_of_the_page_have_headings_in_words_and_shares_in_per_cent(study):
    shown = [
        study.launches(),
        study.shown_crowds(),
        study.shown_open_tops(),
        study.shortfalls.shown_table(),
        study.rivals.shown_table(),
        study.overview.shown_table(),
    ]
    code_names = {"label", "cell", "level", "trials", "estimate", "low", "high", "truth", "rivals"}
    for table in shown:
        assert not code_names & set(table.frame)
        assert not any("_" in heading for heading in table.frame)
    for table in shown[:4]:
        shares = table.frame.filter(regex="held|seen|promised|cannot|open")
        assert shares.map(lambda text: text.endswith(" %")).all(axis=None)
    worst = study.shortfalls.shown_table().frame.iloc[0]
    assert (worst["promised"], worst["held"]) == ("95 %", "0 %")


def test_a_changed_method_is_named_and_what_draws_the_cases_is_never_said_to_be_unchanged(study):
    state = study.state.set_index("table")["state"]
    changed = state.where(state.index != "pair_coverage", counts.EARLIER).reset_index()
    assert "so they speak of earlier ones: pair coverage." in Freshness(changed).sentence()
    unchanged = Freshness(changed.assign(state=counts.AS_IT_IS)).sentence()
    assert unchanged.startswith("The methods counted are as they are today")
    for sentence in (Freshness(changed).sentence(), unchanged):
        assert sentence.endswith("a change of the code that draws the cases would not show.")


@pytest.mark.parametrize("table", NEEDED)
def test_a_table_that_the_page_shows_and_is_not_there_is_one_line(monkeypatch, table):
    there = {name: rows for name, rows in counts.load_counts().items() if name != table}
    monkeypatch.setattr(counts, "load_counts", lambda: there)
    with pytest.raises(DataError, match=rf"^data/evidence: {table}\.csv: not there; expected"):
        study_evidence()
