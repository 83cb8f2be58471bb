"""The page of claims: verdicts of sources, figures of studies, and whether they agree."""

import re

import pytest
from matplotlib.figure import Figure

from analysis.data import load_table, read_dictionary
from analysis.data.claims import list_statements
from analysis.report.figure_words import FIGURES, name_figure, say
from analysis.report.index import link_statements
from analysis.report.statements import (
    AGREEMENT,
    LIMITS,
    judge,
    list_quantities,
    set_against,
    write_statements,
)
from analysis.report.verdicts import Verdicts


def found(estimate, low="nan", high="nan", unit="share"):
    return {"estimate": str(estimate), "low": str(low), "high": str(high), "unit": unit}


@pytest.mark.parametrize(
    ("figure", "edges", "says"),
    [
        (found(0.3, 0.2, 0.4), (0.1, 0.5), "supports"),
        (found(0.3, 0.2, 0.4), (0.25, None), "does not settle"),
        (found(0.3, 0.2, 0.4), (None, 0.1), "contradicts"),
        (found(0.3, 0.2, "inf"), (0.1, None), "supports"),
        (found(0.3, 0.2, "inf"), (0.1, 0.5), "does not settle"),
        (found(53), (52.5, 53.5), "supports"),
        (found(53), (None, 52), "contradicts"),
        (found(53), (None, None), "context"),
    ],
)
def test_a_figure_supports_a_statement_only_with_its_whole_interval(figure, edges, says):
    assert judge(figure, *edges) == says


def statement(verdict, **more):
    names = {
        "reports": ["mi_9/margin"],
        "quantity": "gain",
        "true_from": 0.0,
        "true_to": None,
        "verdict": verdict,
        "limit": None,
    }
    return names | more


REPORTS = {
    "mi_9/margin": {
        "quantities": {"gain": found(0.2, 0.1, 0.3)},
        "question": "Q?",
        "subject": "Xiaomi Mi 9",
    },
    "mi_1/margin": {
        "quantities": {"gain": found(-0.2, -0.3, -0.1)},
        "question": "Q?",
        "subject": "Xiaomi Mi 1",
    },
}


def agreement(verdict, **more):
    return set_against(statement(verdict, **more), REPORTS)["agreement"]


def test_sources_and_figure_are_set_against_each_other_and_what_is_not_computed_says_so():
    assert agreement("supported") == "agree"
    assert agreement("contradicted") == "disagree"
    assert agreement("undecided") == "sources do not settle it"
    assert agreement("supported", true_from=0.2) == "our figure does not settle it"
    assert agreement("supported", reports=[]) == "no figure of ours"
    assert agreement("supported", quantity="gian") == "no figure of ours"
    assert {verdict for pair in AGREEMENT for verdict in pair} == {-1, 0, 1}
    missing = set_against(statement("supported", quantity="gian"), REPORTS)["found"]
    assert [one["says"] for one in missing] == ["mi_9/margin: publishes no gian"]
    assert [one["says"] for one in set_against(statement("supported"), {})["found"]] == [
        "mi_9/margin: not made yet"
    ]


def test_two_launches_that_differ_are_one_for_and_one_against_and_settle_nothing():
    both = ["mi_9/margin", "mi_1/margin"]
    assert agreement("partly_supported", reports=both) == "one figure for, one against"
    assert agreement("supported", reports=both, true_from=-1.0) == "agree"
    assert agreement("supported", reports=both, true_from=-0.2) == (
        "one figure for, one does not settle it"
    ), "one for, one across the edge"


def test_a_figure_that_contradicts_is_not_passed_over_where_another_settles_nothing():
    """A longer life did not pay for the Mi 1, and of the Mi 2 the figure leaves it open."""
    both = ["mi_9/margin", "mi_1/margin"]
    against = "one figure against, one does not settle it"
    assert agreement("supported", reports=both, true_from=0.25) == against
    assert agreement("supported", reports=[*both, both[0]], true_from=0.25) == (
        "one figure against, two do not settle it"
    )
    assert agreement("supported", reports=[*both, both[1]], true_from=0.25) == (
        "two figures against, one does not settle it"
    )
    assert agreement("supported", reports=both, true_from=0.25, true_to=0.5) == against


def test_a_figure_that_is_the_sources_own_agrees_without_being_counted_as_a_check():
    assert agreement("supported", limit="same_source") == "agree, same source: no check"
    assert agreement("supported", limit="same_source", true_from=0.5) == "disagree", (
        "then one of them was copied wrongly"
    )


def test_a_figure_of_the_sources_own_is_not_counted_among_the_tests():
    one_source = {"group": "G", "sources_for": ["https://a.org/b"]}
    statements = [statement("supported"), statement("supported", limit="same_source")]
    rows = [one | one_source | set_against(one, REPORTS) for one in statements]
    detail = Verdicts(rows=rows).first_screen().detail
    assert detail.startswith("Our own figures test 1 statement and independently confirm 1.")


def test_each_bar_of_verdicts_names_its_pieces_in_their_order():
    """A text without a disputed statement has no third piece, and colours are no names."""
    of_one = ["supported", "undecided", "undecided"]
    rows = [{"group": "one text", "verdict": verdict} for verdict in of_one]
    rows += [{"group": "another", "verdict": "contradicted"}]
    axes = Figure().subplots()
    Verdicts(rows=rows).plot(axes)
    names = [label.get_text().replace("\u00a0", " ") for label in axes.get_yticklabels()]
    assert names == ["one text\n1 supported, 2 undecided", "another\n1 contradicted"]


def test_a_figure_for_the_first_half_alone_can_contradict_a_statement_and_not_confirm_it():
    half = set_against(statement("partly_supported", limit="first_half"), REPORTS)
    assert half["found"][0]["says"] == "supports its first half"
    assert half["agreement"] == "our figure does not settle it"
    assert agreement("partly_supported", limit="first_half", true_from=0.5) == "disagree"


def test_no_statement_is_confirmed_by_one_launch_or_half_where_another_says_otherwise():
    by_id = {one["claim_id"]: one for one in list_statements()}
    assert by_id["c041"]["reports"] == ["mi_2/margin", "mi_1/margin"], "the two old phones differ"
    assert by_id["c038"]["limit"] == "first_half", "how scarce it was then is in no figure"


@pytest.mark.parametrize("limit", ["selected", "simulation_error"])
def test_an_interval_that_leaves_out_what_matters_leans_and_settles_nothing(limit):
    for verdict in ("supported", "contradicted"):
        told = set_against(statement(verdict, limit=limit), REPORTS)
        assert told["found"][0]["says"] == "leans for it"
        assert told["agreement"] == "our figure does not settle it"
    assert (
        set_against(statement("supported", limit=limit, true_from=0.5), REPORTS)["found"][0]["says"]
        == "leans against it"
    )


def test_every_limit_that_the_table_may_name_has_its_words_on_the_page():
    column = next(one for one in read_dictionary()["claims"].columns if one.name == "figure_limit")
    assert column.kind == f"one of {', '.join(sorted(LIMITS))}"


def test_statements_and_checks_that_we_added_are_counted_apart_by_one_number(tmp_path):
    of_sources = [statement("supported", added=False)] * 3
    added = [statement("supported", added=True)] * 2
    common = {"group": "G", "claim": "C", "sources_for": [], "sources_against": [], "note": None}
    rows = [
        one | common | {"claim_id": f"c{at:03}"} for at, one in enumerate([*of_sources, *added])
    ]
    write_statements(tmp_path, rows)
    text = re.sub(r"<[^>]+>", "", (tmp_path / "claims.html").read_text(encoding="utf-8"))
    started = "Of 3 statements in the 1 text that we started from"
    assert f"{started}, sources back 3, and 0 more in part." in text
    assert "Our own figures test 0 statements and independently confirm none." in text
    assert "What our own figures add to the 3 statements:" in text
    assert "3: no figure of ours" in text
    assert "Not counted here: the 2 checks that we added." in text


def test_a_note_that_names_another_statement_links_to_it():
    assert str(link_statements("whether <it> came is c016")) == (
        'whether &lt;it&gt; came is <a href="#C016">C016</a>'
    )
    named = {word for row in list_statements() for word in re.findall(r"c\d{3}", row["note"] or "")}
    assert named <= {row["claim_id"] for row in list_statements()}


def test_a_note_that_is_all_evidence_against_a_supported_statement_says_so():
    """Below the word "supported" such a note would read as what supports it."""
    notes = {one["claim_id"]: one["note"] for one in list_statements()}
    assert notes["c037"].startswith("against: Mi 3 BOM 157 USD"), "of a price of about 327"
    assert notes["c032"].startswith("against: early batches took hours")


def test_a_change_of_a_share_is_said_in_points():
    """A margin that falls from 10 to -11 % of the price is down by 21 points, not by 21 %."""
    of_mi_1 = found(-21.3, -41.8, -4.9, "points")
    assert say(of_mi_1) == "−21 points (−42 to −4.9)"
    assert judge(of_mi_1, 0, None) == "contradicts"


def test_a_figure_is_said_with_its_interval_and_unit():
    assert say(found(0.123, 0.05, 0.2)) == "12 % (5 to 20 %)"
    assert say(found(53, unit="s")) == "53 s"
    assert say(found(2000, 1500, "inf", "people")) == "2,000 people (at least 1,500)"
    assert say(found(527.4, unit="USD")) == "$527"
    assert say(found(-0.409, -0.806, 0.241, "correlation")) == "−0.41 (−0.81 to 0.24)"


def test_an_estimate_has_two_digits_a_count_three_and_ends_alike_are_not_said():
    assert say(found(16_512_000, 7_490_000, 40_800_000, "units")) == (
        "17 million units (7.5 to 41 million)"
    )
    assert say(found(17_790_000, unit="units")) == "17.8 million units"
    assert say(found(4.571, 4.571, 4.571, "weeks, by its counts")) == "4.6 weeks, by its counts"
    assert say(found(0.999, 0.998, 0.9995)) == "over 99 %"


def test_figures_are_listed_by_what_they_are_and_by_the_names_of_products():
    (row,) = list_quantities({name: REPORTS[name] for name in REPORTS if name == "mi_9/margin"})
    assert row["figures"] == {
        "20 % (10 to 30 %)": [{"name": "mi_9/margin", "subject": "Xiaomi Mi 9"}]
    }
    assert set_against(statement("supported"), REPORTS)["found"][0]["subject"] == "Xiaomi Mi 9"
    nouns = ("chance", "change", "correlation", "exponent", "gain", "list price", "margin")
    nouns += ("number", "price", "share", "time", "units")
    assert all(words.startswith(nouns) for words in FIGURES.values())
    held = name_figure("held_by_95_percent_intervals_place_of_a_sale")
    assert held == "share of 95 % ranges that held the truth: place of a sale"


def test_figures_and_their_edges_are_named_in_words_not_in_code():
    named = load_table("claims")["figure_name"].dropna()
    assert set(named) <= set(FIGURES)
    assert not any("_" in words for words in FIGURES.values())
    assert name_figure("fastest_sellout_s") == "time until the fastest sale was sold out"
    at_most_a_tenth = statement("supported", true_from=None, true_to=0.1)
    found_there = set_against(at_most_a_tenth, REPORTS)["found"]
    assert found_there[0]["edges"] == "true up to 10 %"


def test_a_time_that_was_not_reached_is_not_said_as_a_limit():
    assert say(found("inf", "inf", "inf", "weeks")) == "not within the weeks simulated"
    assert say(found("inf", unit="weeks")) == "not within the weeks simulated"
    assert (
        say(found("inf", 4.5, "inf", "weeks"))
        == "not within the weeks simulated (at least 4.5 weeks)"
    )
    assert (
        say(found("inf", unit="weeks, supply: its drops"))
        == "not within the weeks simulated, supply: its drops"
    )
    assert say(found(4, 3, 5, "weeks, supply: a, b")) == "4 weeks (3 to 5), supply: a, b"
    on_sale = "weeks on sale, simulated"
    assert say(found("inf", "inf", "inf", on_sale)) == "not while on sale, simulated"
    assert say(found(10, 4, 17, on_sale)) == "10 weeks on sale (4 to 17), simulated"
    assert say(found("inf", 90, "inf", "people")) == "without limit (at least 90 people)"


def test_a_statement_names_launch_study_and_figure_together_or_none_and_ten_figures_are_named():
    table = load_table("claims")
    named = table[["figure_launch", "figure_study", "figure_name"]].notna()
    assert (named.all(axis=1) | ~named.any(axis=1)).all()
    assert (
        not table.loc[
            ~named["figure_name"], ["true_from", "true_to", "figure_also", "figure_limit"]
        ]
        .notna()
        .any(axis=None)
    )
    assert named["figure_name"].sum() >= 10
    statements = list_statements()
    assert len({one["claim_id"] for one in statements}) == len(table) == len(statements)
    assert sum(one["added"] for one in statements) == 2


def test_every_statement_has_a_verdict_with_links_or_says_that_it_is_undecided():
    for one in list_statements():
        assert one["sources_for"] or one["sources_against"], one["claim_id"]
        assert all(
            re.match(r"https?://\S+$", address)
            for address in one["sources_for"] + one["sources_against"]
        )
