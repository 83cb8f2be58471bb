"""The page of a study's method: made of its text, linked from its reports, and gone with it."""

import re

from analysis.report import list_methods, list_notebooks

TEXT = """\
# How we read a toy

## One scale

A rate is $Q/T$, and <script>alert(1)</script> stays text.
"""


def test_a_method_has_a_page_that_its_reports_lead_to_and_that_goes_with_its_text(project):
    text = project.folder / "notebooks" / "methods" / "margin.md"
    text.parent.mkdir()
    text.write_text(TEXT)
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


def test_every_study_has_a_page_on_its_method_with_its_limits_and_sources():
    methods = list_methods()
    assert list(methods) == list(list_notebooks())
    for study, path in methods.items():
        text = path.read_text(encoding="utf-8")
        assert re.match(r"# How we .+\n", text), study
        assert "## Where this fails" in text, study
        assert "## Sources" in text, study
