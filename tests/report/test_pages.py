"""Pages as files: small, with words for every picture, and with nothing that could be fetched."""

import html
import os
import re
import shutil
import subprocess
import urllib.parse

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook
from project import PATIENCE_S, ROOT

from analysis.data import load_table
from analysis.report import Preparation
from analysis.report.page import render_page


def test_every_page_is_small_and_every_image_says_what_it_shows(pages, studies, reports_folder):
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert len(text.encode()) < 350_000, page
        images = re.findall(r"<img\b[^>]*>", text)
        charts = re.findall(r"<svg\b[^>]*>", text)
        assert images or charts or page not in studies, page
        for image in images:
            assert re.search(r'\balt="[^"]{15,}"', image), (page, image[-200:])
        for chart in charts:
            assert re.search(r'role="img" aria-label="[^"]{15,}"', chart), (page, chart[:300])
        names = re.findall(r'\bid="([^"]+)"', text)
        assert len(names) == len({*names}), page
        assert str(reports_folder.parent) not in text, "where it was made is nobody's business"
        assert str(ROOT) not in text


def test_no_line_of_a_page_title_starts_with_the_number_of_a_name():
    notebook = new_notebook(cells=[new_markdown_cell("# Was the PlayStation 3 sold at a loss?")])
    page = render_page("", notebook, Preparation({}), {})
    assert "<title>Was the PlayStation 3 sold at a loss?</title>" in page
    assert "<h1>Was the PlayStation\u00a03 sold at a loss?</h1>" in page


def test_no_warning_of_a_library_reaches_a_page(pages):
    assert not [page for page in pages if 'class="out warning"' in page.read_text(encoding="utf-8")]


def test_the_policy_of_every_page_lets_nothing_be_fetched_and_no_page_holds_a_script(pages):
    for page in pages:
        text = page.read_text(encoding="utf-8")
        head = re.split(r"<(?:style|title)", text)[0]
        policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', head)
        assert set(html.unescape(policy[1]).split("; ")) == {
            "default-src 'none'",
            "style-src 'unsafe-inline'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        }
        assert not re.search(r"<script\b", text, re.I), page


def test_every_figure_of_a_study_with_a_panel_offers_its_data_and_the_data_are_a_table(studies):
    for page in (page for page in studies if page.stem in ("sellout_speed", "margin", "evidence")):
        figures = re.findall(r"<figure\b.*?</figure>", page.read_text(encoding="utf-8"), re.S)
        assert figures, page
        for figure in figures:
            link = re.search(
                r'<a download="(\S+\.csv)" href="data:text/csv;charset=utf-8,([^"]+)"', figure
            )
            assert link, (page, figure[-300:])
            lines = urllib.parse.unquote(link[2]).splitlines()
            assert len(lines) > 1
            assert "," in lines[0]


def test_every_statement_has_its_row_and_no_figure_that_claims_name_is_missing(reports_folder):
    text = (reports_folder / "claims.html").read_text(encoding="utf-8")
    claims = load_table("claims")
    rows = dict(re.findall(r'<tr id="(C\d{3})">(.*?)</tr>', text, re.S))
    assert set(rows) == set(claims["claim_id"].str.upper())
    for claim in claims.dropna(subset="figure_name").itertuples():
        page = f"{claim.figure_launch}/{claim.figure_study}.html"
        assert f'href="{page}#figures"' in rows[claim.claim_id.upper()], claim.claim_id
    assert 'href="claims.html"' in (reports_folder / "index.html").read_text(encoding="utf-8")


def test_no_line_of_the_front_page_starts_with_a_per_cent_sign(reports_folder):
    """Outside the chart, that is, whose labels are one line each."""
    page = (reports_folder / "index.html").read_text("utf-8")
    text = re.sub(r"(?s)<style>.*?</style>|<svg.*?</svg>", "", page)
    assert "\u00a0%" in text
    assert not re.findall(r".{20}\d %", text)


@pytest.mark.skipif(
    not (os.environ.get("VNU_JAR") and shutil.which("java")),
    reason="VNU_JAR names no Nu HTML checker",
)
def test_the_nu_html_checker_finds_no_error(pages):
    # A property of SVG 2 that browsers know and this checker, of September 2026, does not.
    unknown = ["--filterpattern", ".*paint-order.*"]
    command = ["java", "-jar", os.environ["VNU_JAR"], "--errors-only", *unknown, *map(str, pages)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr[:3000]


def test_every_entry_of_the_contents_leads_to_its_heading(pages):
    for page in pages:
        if page.name == "index.html" or page.parent.name == "methods":
            continue  # they have no list of contents
        text = page.read_text(encoding="utf-8")
        targets = re.findall(r'<li><a href="#([^"]+)"', text)
        assert len(targets) >= 5
        assert not [target for target in targets if f'id="{target}"' not in text], page


def test_a_figure_that_the_page_of_statements_quotes_is_on_the_page_that_it_links_to(
    reports_folder,
):
    claims = (reports_folder / "claims.html").read_text(encoding="utf-8")
    quotes = re.findall(
        r"<strong>([^<]*)</strong> <span class=\"label\">.*?</span> <a href=\"([^\"#]*)#figures\">",
        claims,
    )
    assert len(quotes) > 10
    for figure, address in quotes:
        page = (reports_folder / address).read_text(encoding="utf-8")
        table = page.split('id="figures"', 1)[1].split("</table>", 1)[0]
        assert f"<td>{figure}</td>" in table, address
