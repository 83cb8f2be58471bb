"""The page of a study's method: made of its text, linked from its reports, and gone with it."""

import re

import pytest
from nbformat import v4

from analysis.report import list_methods, list_notebooks
from analysis.report.page import (
    COMMON,
    TRY_IT,
    explained_headings,
    leave_out_tries,
    leave_out_what_is_common,
    link_headings,
)

TEXT = """\
# How we read a toy

## One scale

A rate is $Q/T$, and <script>alert(1)</script> stays text.
"""


def test_a_method_has_a_page_that_its_reports_lead_to_and_that_goes_with_its_text(project):
    text = project.folder / "notebooks" / "methods" / "margin.md"
    text.parent.mkdir()
    text.write_text(TEXT)
    project.set_studies("[capacity, margin]")
    done = project.make("reports", "LAUNCH=mi_mix")
    assert done.returncode == 0, done.stderr
    page = project.folder / "reports" / "methods" / "margin.html"
    html = page.read_text()
    assert "<h1>How we read a toy</h1>" in html
    assert "<math" in html
    assert 'href="../mi_mix/margin.html"' in html
    report = (project.folder / "reports" / "mi_mix" / "margin.html").read_text()
    assert 'href="../methods/margin.html"' in report
    assert "methods/" not in (project.folder / "reports" / "mi_mix" / "capacity.html").read_text()

    text.write_text("no title\n")
    done = project.make("reports", "LAUNCH=mi_mix")
    assert done.returncode != 0
    assert "margin.md: line 1 is no '# '" in done.stderr
    assert "Traceback" not in done.stderr
    assert page.read_text() == html, "the page of before stays"


def test_what_all_subjects_share_stands_on_the_page_of_the_method_alone(notebook):
    page = leave_out_what_is_common(leave_out_tries(notebook))
    assert [cell.source for cell in page.cells] == ["# Question?", "setup", "## Speed", "own()"]
    sections = explained_headings(notebook)
    assert [(section.heading, section.anchor) for section in sections] == [("Speed", "speed")]
    assert "All clocks lie." in sections[0].html
    assert "<p>of all</p>" in sections[0].html
    assert "tried" not in sections[0].html


def test_a_heading_leads_to_what_the_method_says_of_it_and_others_lead_nowhere(notebook):
    page = {"name": "mi_9/margin", "method": "../methods/margin.html"}
    page["explained"] = explained_headings(notebook)
    html = '<h2 id="speed">Speed</h2><h2 id="other">Other</h2>'
    linked = link_headings(html, page)
    assert linked.count("<a ") == 1
    assert 'href="../methods/margin.html#speed"' in linked
    assert link_headings(html, page | {"name": "evidence"}) == html


@pytest.fixture
def notebook():
    def code(source, shown, *tags):
        outputs = [v4.new_output("display_data", {"text/html": f"<p>{shown}</p>"})]
        return v4.new_code_cell(source, outputs=outputs, metadata={"tags": list(tags)})

    return v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# Question?\n\nWho asks."),
            v4.new_code_cell("setup"),
            v4.new_markdown_cell("## Speed\n\nAll clocks lie."),
            code("own()", "of this one"),
            code("all()", "of all", COMMON),
            code("other()", "tried", TRY_IT),
        ]
    )


def test_every_study_has_a_page_on_its_method_with_its_limits_and_sources():
    methods = list_methods()
    assert list(methods) == list(list_notebooks())
    for study, path in methods.items():
        text = path.read_text(encoding="utf-8")
        assert re.match(r"# How we .+\n", text), study
        assert "## Where this fails" in text, study
        assert "## Sources" in text, study
