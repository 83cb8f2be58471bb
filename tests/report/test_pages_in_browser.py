"""Pages in a real browser: no request, no overflow, no barrier, whole in print."""

import functools
import http.server
import threading
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from browser import barriers, needs_browser

from analysis.data import load_launch
from analysis.look import FirstScreen, Table, Trust
from analysis.look.markup import for_lab
from analysis.report import Preparation
from analysis.report.page import render_page

PHONE, DESKTOP = 390, 1280  # pixels: widths of the windows
SCREENS = {PHONE: 844, DESKTOP: 900}  # and their heights
WIDTHS = tuple(SCREENS)

PAGE_STYLE = Path(__file__).parents[2] / "analysis" / "report" / "template" / "page.css"

# What reaches beyond the window.
WIDER = """() => [...document.body.querySelectorAll('*')].filter(e => {
    const box = e.getBoundingClientRect(), held = e.closest('.wide, .formula, pre');
    return box.width && (box.right > innerWidth + 1) && !(held && held !== e)
        && getComputedStyle(e).position !== 'absolute';
}).map(e => e.outerHTML.slice(0, 120))
  .concat(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls'] : [])"""


# Where the answer begins and the lead chart begins and ends, pixels from the top; null without one.
FIRST_SCREEN = """() => {
    const box = name => document.querySelector(name)?.getBoundingClientRect();
    const answer = box('.answer'), lead = box('.lead figure');
    return {answer: answer?.top ?? null,
            lead_top: lead?.top ?? null, lead_bottom: lead?.bottom ?? null};
}"""

# Pairs of labels in a drawing that is shown of which one lies on the other.
OVERLAPPING_LABELS = """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
    const labels = [...svg.querySelectorAll('text')]
        .map(text => [text, text.getBoundingClientRect()])
        .filter(([, box]) => box.width);
    return labels.flatMap(([text, a], at) => labels.slice(at + 1)
        .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1
                        && a.top < b.bottom - 2 && b.top < a.bottom - 2)
        .map(([other]) => [text.textContent, other.textContent]));
})"""


@pytest.fixture(scope="module")
def address(reports_folder):
    """The folder of reports on a local server."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(reports_folder))
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


OPEN_ALL = "document.querySelectorAll('details').forEach(d => { d.open = true; })"


def look_at_each(browser, places: dict, width: int, code_seen_on: dict) -> dict[object, dict]:
    """What a tab of this width sees of each page as it opens one after the other, by page.

    With `code_seen_on`, whether the code of each page was seen on another, axe looks at it too.
    """
    tab = browser.new_page(viewport={"width": width, "height": SCREENS[width]})
    asked, errors, found = [], [], {}
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    for page, place in places.items():
        asked.clear()
        errors.clear()
        tab.emulate_media(color_scheme="light")
        tab.goto(place, wait_until="load")
        one = {"first": tab.evaluate(FIRST_SCREEN), "labels": tab.evaluate(OVERLAPPING_LABELS)}
        tab.evaluate(OPEN_ALL)
        one["wider"] = tab.evaluate(WIDER)
        if code_seen_on:
            leave_out = "code" if code_seen_on[page] else "nothing-is"
            one["light"] = barriers(tab, leave_out)
            tab.emulate_media(color_scheme="dark")
            one["dark"] = barriers(tab, leave_out, contrast_alone=True)  # a scheme changes colours
        one["asked"] = [
            url for url in asked if not url.startswith("data:") and not url.endswith("favicon.ico")
        ]
        found[page] = one | {"place": place, "errors": [*errors]}
    tab.close()
    return found


@pytest.fixture(scope="module")
def seen(pages, reports_folder, address, browser):
    """What the browser sees, by width and page: on a phone from the server, wide from the file."""
    served = {page: f"{address}/{page.relative_to(reports_folder)}" for page in pages}
    files = {page: page.as_uri() for page in pages}
    names = [page.name for page in pages]
    # A study's code is the same on the page of every launch.
    code_seen_on = {page: page.name in names[:place] for place, page in enumerate(pages)}
    return {
        PHONE: look_at_each(browser, served, PHONE, {}),
        DESKTOP: look_at_each(browser, files, DESKTOP, code_seen_on),
    }


@needs_browser
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_asks_the_network_for_anything(seen, width):
    for page, found in seen[width].items():
        assert found["asked"] == [found["place"]], page
        assert not found["errors"], page


@needs_browser
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(seen, width):
    wider = {page: found["wider"] for page, found in seen[width].items()}
    assert {page: found for page, found in wider.items() if found} == {}


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_barrier(seen, scheme):
    barred = {page: found[scheme] for page, found in seen[DESKTOP].items()}
    assert {page: found for page, found in barred.items() if found} == {}


@needs_browser
def test_a_table_of_figures_is_no_wider_than_lab_at_1280_pixels(browser):
    """Lab leaves a notebook's output 828 pixels of a window of 1280, and sets 14 to a letter."""
    table = for_lab(Table(load_launch("mi_9").table(), "Figures of the Mi 9").html())
    tab = browser.new_page()
    lab = '<body style="--jp-content-font-size1: 14px; font-family: sans-serif">'
    tab.set_content(f'{lab}<div class="look" style="width: 828px">{table}</div>')
    assert tab.locator(".wide").evaluate("all => all.scrollWidth - all.clientWidth") == 0
    narrow = "all => all.filter(one => one.offsetWidth < 200).length"
    assert tab.locator("td.long").evaluate_all(narrow) == 0, "a column as wide as a letter"
    tab.close()


@needs_browser
def test_a_caption_is_no_wider_than_what_a_phone_shows_of_its_table(browser, tmp_path):
    words = "A caption that is so long that it would reach far beyond the window of a phone"
    table = Table(pd.DataFrame({f"column_{number}": ["a" * 12] for number in range(8)}), words)
    style = f"<style>{PAGE_STYLE.read_text(encoding='utf-8')}</style>"
    (tmp_path / "table.html").write_text(f"<html>{style}<main>{table.html()}</main></html>")
    tab = browser.new_page(viewport={"width": PHONE, "height": SCREENS[PHONE]})
    tab.goto((tmp_path / "table.html").as_uri())
    assert tab.evaluate("() => document.querySelector('table').offsetWidth") > PHONE
    right = "() => document.querySelector('caption').getBoundingClientRect().right"
    assert tab.evaluate(right) <= PHONE
    tab.evaluate("() => document.querySelector('.wide').scrollTo(200, 0)")
    assert tab.evaluate(right) <= PHONE, "it stays where the rest of the table is looked at"
    tab.close()


@pytest.fixture
def page_of_an_answer(tmp_path):
    """The page of a notebook with an answer and how sure it is, as a file."""
    answer = FirstScreen("How many?", "About ten. " * 20)
    trust = Trust("low", "Nobody counted.", "A count.")
    cells = [nbformat.v4.new_markdown_cell("# How many?")]
    for tag, part in (("answer", answer), ("trust", trust)):
        shown = nbformat.v4.new_output("display_data", part._repr_mimebundle_())
        cells.append(nbformat.v4.new_code_cell("x", outputs=[shown], metadata={"tags": [tag]}))
    notebook = nbformat.v4.new_notebook(cells=cells)
    page = tmp_path / "page.html"
    page.write_text(render_page("page", notebook, Preparation(parameters={}), {}), encoding="utf-8")
    return page


@needs_browser
def test_how_sure_we_are_stands_below_the_answer_of_a_phone_and_beside_that_of_a_wide_screen(
    browser, page_of_an_answer
):
    tab = browser.new_page(viewport={"width": PHONE, "height": SCREENS[PHONE]})
    tab.goto(page_of_an_answer.as_uri())
    line = tab.locator(".how-sure")
    assert line.text_content() == "How sure: low"
    answer, box = tab.locator(".answer").bounding_box(), tab.locator(".trust").bounding_box()
    assert answer["y"] < line.bounding_box()["y"] < box["y"]
    assert tab.locator(line.locator("a").get_attribute("href")).inner_text().startswith("How sure")
    assert line.get_attribute("aria-hidden") == "true", "the box says it to those who listen"
    assert barriers(tab) == []
    tab.set_viewport_size({"width": DESKTOP, "height": SCREENS[DESKTOP]})
    assert not line.is_visible(), "the box stands beside the answer"
    tab.close()


@needs_browser
def test_the_checks_of_a_page_find_what_is_wrong_on_it(browser, tmp_path):
    """On a page made wrong on purpose: an image without words, grey on grey, a line too wide.

    A cell too dark to read has the name and colour of others, in a table of its own ground.
    """
    bad = (
        "<html lang=en><title>bad</title>"
        "<style>td, p { color: #222 } .box td { background: #000 }</style>"
        "<main><h1>Bad</h1><img src='data:,'>"
        "<table><tr><td>clear</td><td>clear</td></tr></table>"
        "<table class=box><tr><td>dark</td></tr></table>"
        "<p>clear</p><p style='color:#999;background:#888'>faint</p>"
    )
    (tmp_path / "bad.html").write_text(f"{bad}<p style='width:3000px'>wide</p></main></html>")
    tab = browser.new_page(viewport={"width": 390, "height": 900}, color_scheme="dark")
    tab.goto((tmp_path / "bad.html").as_uri())
    assert {rule for rule, *_ in barriers(tab)} >= {"image-alt", "color-contrast"}
    alone = barriers(tab, contrast_alone=True)
    assert [rule for rule, *_ in alone] == ["color-contrast"]
    marked = tab.locator(".first-of-look").all_text_contents()
    assert marked == ["Bad", "clear", "dark", "clear", "faint"], "one of each look"
    tab.evaluate("() => document.querySelector('p + p').remove()")
    assert "dark" in barriers(tab, contrast_alone=True)[0][1]
    assert tab.evaluate(WIDER)
    tab.close()


@needs_browser
@pytest.mark.parametrize("width", WIDTHS)
def test_the_answer_and_the_lead_chart_begin_on_the_first_screen(seen, studies, width):
    first = {page: found["first"] for page, found in seen[width].items()}
    without = [page for page in studies if None in first[page].values()]
    assert not without, "a study has an answer and a lead chart"
    below = SCREENS[width]
    late = {page: one for page, one in first.items() if (one["answer"] or 0) >= below}
    late |= {page: one for page, one in first.items() if (one["lead_top"] or 0) >= below}
    assert late == {}


@needs_browser
def test_title_answer_and_lead_chart_end_within_a_thousand_pixels(seen):
    ends = {page: found["first"]["lead_bottom"] or 0 for page, found in seen[DESKTOP].items()}
    assert {page: end for page, end in ends.items() if end > 1000} == {}


@needs_browser
@pytest.mark.parametrize("width", WIDTHS)
def test_no_label_of_a_chart_lies_on_another(seen, width):
    lying = {page: found["labels"] for page, found in seen[width].items()}
    assert {page: labels for page, labels in lying.items() if labels} == {}


@needs_browser
def test_in_print_figures_stay_whole_and_folded_code_leaves_a_trace(pages, studies, browser):
    tab = browser.new_page(viewport={"width": 794, "height": 1123})
    tab.emulate_media(media="print")
    printed = set()
    for page in pages:
        tab.goto(page.as_uri())
        if page.name not in printed:  # one of each study
            printed.add(page.name)
            assert tab.pdf(format="A4")[:4] == b"%PDF"
        if page in studies:
            trace = """() => getComputedStyle(
                document.querySelector('details.code summary'), '::after').content"""
            assert "folded" in tab.evaluate(trace)
        script = """() => [...document.querySelectorAll('figure')].map(
            f => [getComputedStyle(f).breakInside, f.offsetHeight])"""
        for inside, height in tab.evaluate(script):
            assert inside == "avoid"
            assert height < 1000
    tab.close()
