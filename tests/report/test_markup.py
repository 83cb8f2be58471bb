"""Markup in names and in what notebooks show: text stays text, nothing runs or fetches."""

import http.server
import re
import threading
import time

import pytest
from browser import needs_browser


@needs_browser
def test_markup_in_a_name_appears_as_text_everywhere(project, browser):
    name = "<script>alert(1)</script> & \"quotes\" 'single' <b>bold</b> **stars** שלום"
    project.set_studies("[margin]")
    path = project.launch("mi_9")
    quoted = name.replace("'", "''")
    path.write_text(
        re.sub(
            r"^name: .*$",
            lambda _: f"name: '{quoted}'",
            path.read_text(encoding="utf-8"),
            count=1,
            flags=re.M,
        ),
        encoding="utf-8",
    )
    done = project.make("reports", "LAUNCH=mi_9")
    assert done.returncode == 0, done.stderr
    for page, where in (("mi_9/margin.html", "bdi.subject"), ("index.html", ".launches h3")):
        tab, dialogs = browser.new_page(), []
        tab.on(
            "dialog",
            lambda dialog, dialogs=dialogs: (dialogs.append(dialog.message), dialog.dismiss()),
        )
        tab.goto((project.folder / "reports" / page).as_uri())
        assert tab.locator(where).first.text_content() == name
        assert "<script>alert(1)</script>" in tab.locator("body").text_content()
        assert not dialogs
        tab.close()


HOSTILE = """
from IPython.display import HTML, display
import pandas as pd

display(HTML('<script>document.title = "ran"</script><img src="x" onerror="document.title = `ran`">'
             '<svg onload="document.title = `ran`"></svg>'
             '<a id="trap" href="javascript:document.title=`ran`">trap</a>'
             '<img src="ADDRESS/spy.png"><iframe src="ADDRESS/"></iframe>'
             '<form action="ADDRESS/"><button id="send">send</button></form>'
             '<style>@import url(ADDRESS/spy.css); p { background: url(ADDRESS/p.png) }</style>'))
data = pd.DataFrame({"x": [1, 2], "y": ["a;b", "#c"]})
show(Chart("Hostile", "units", draw, "A toy line with its data.", data))
"""


@pytest.fixture
def listener():
    """A server that hears whatever is asked of it: its address, and the paths asked for."""
    heard = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", heard
        server.shutdown()


@needs_browser
def test_markup_that_reaches_a_page_runs_nothing_and_fetches_nothing(project, browser, listener):
    address, heard = listener
    project.set_studies("[margin]")
    project.write_notebook("3_margin", "A hostile toy?", HOSTILE.replace("ADDRESS", address))
    done = project.make("reports", "LAUNCH=mi_9")
    assert done.returncode == 0, done.stderr
    page = project.folder / "reports" / "mi_9" / "margin.html"
    tab = browser.new_page(accept_downloads=True)
    tab.goto(page.as_uri(), wait_until="load")
    tab.locator("#trap").click()
    tab.wait_for_timeout(500)
    assert tab.title() != "ran"
    assert tab.url.split("#")[0] == page.as_uri()
    assert heard == []
    tab.locator("details.code summary").click()
    assert tab.locator("details.code[open] pre").count() > 0, "code opens without a script"
    with tab.expect_download() as download:
        tab.locator("figcaption a[download]").last.click()
    assert download.value.path().read_text(encoding="utf-8") == "x,y\n1,a;b\n2,#c\n"
    assert tab.pdf(format="A4")[:4] == b"%PDF"
    tab.evaluate("() => document.querySelector('#send').click()")
    tab.wait_for_timeout(500)
    assert heard == []
    tab.close()

    tab = browser.new_page()
    bare = page.with_name("bare.html")  # without its policy the markup does run
    bare.write_text(re.sub(r"<meta http-equiv[^>]*>", "", page.read_text(encoding="utf-8")))
    tab.goto(bare.as_uri(), wait_until="domcontentloaded")
    tab.wait_for_function("() => document.title === 'ran'")
    patience_s = time.monotonic() + 60  # what it asks for comes after the title, late when busy
    while not heard and time.monotonic() < patience_s:
        tab.wait_for_timeout(100)
    assert heard
    tab.close()
