"""JupyterLab in a browser: every notebook opens and runs to its end, its panel follows a slider.

Minutes long, so it runs where LAB=1 is set, as .ci/run does.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from browser import CHROMIUM, QUIET
from project import PATIENCE_S, ROOT, share_results, skip_what_is_made

NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
WITH_PANEL = {name for name in NOTEBOOKS if name[0] in "1234"}
pytestmark = pytest.mark.skipif(
    not (os.environ.get("LAB") and CHROMIUM), reason="LAB=1 is not set, or no Chromium"
)


@pytest.fixture(scope="module")
def lab_folder(tmp_path_factory):
    """A copy of this project for JupyterLab to work in."""
    folder = tmp_path_factory.mktemp("lab") / "project"
    shutil.copytree(ROOT, folder, ignore=skip_what_is_made)
    share_results(folder)
    return folder


@pytest.fixture(scope="module")
def lab(lab_folder):
    """The address of a JupyterLab that `make lab` opened on a copy of this project."""
    folder = lab_folder
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = (
        f"--no-browser --port {port} --IdentityProvider.token= --LabApp.expose_app_in_browser=True"
    )
    command = ["make", "lab", f"PY={sys.executable}", f"ARGS={words}"]
    log = (folder / "lab.log").open("w")
    server = subprocess.Popen(
        command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )
    address, deadline = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{address}/api", timeout=2).read()
            break
        except OSError:
            time.sleep(0.5)
    yield address
    os.killpg(server.pid, signal.SIGTERM)
    with contextlib.suppress(
        subprocess.TimeoutExpired
    ):  # it waits for its kernels, longer than we do
        server.wait(timeout=10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def browser():
    """A browser whose tabs share what they have loaded of JupyterLab."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", *QUIET]
        )
        yield started.new_context(viewport={"width": 1400, "height": 1000})


def opened(browser, address):
    """A tab on a page of the lab, its notebook loaded and its kernel idle."""
    tab = browser.new_page()
    tab.goto(address)
    tab.wait_for_selector(".jp-Notebook .jp-Cell", timeout=1000 * PATIENCE_S)
    tab.wait_for_selector(
        '.jp-Notebook-ExecutionIndicator[data-status="idle"]', timeout=1000 * PATIENCE_S
    )
    return tab


def run_all(tab) -> None:
    """Run every cell by the command behind the menu's Run All Cells, and wait for the last."""
    script = """async () => { const { commands, shell } = window.jupyterapp;
        await shell.currentWidget.context.ready; await shell.currentWidget.sessionContext.ready;
        const { kernel } = shell.currentWidget.sessionContext.session; await kernel.info;
        commands.execute('notebook:run-all-cells').then(() => { window.ranAll = true; }); }"""
    tab.wait_for_function(
        "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel"
    )
    tab.evaluate(script)
    # By the clock: asked at each frame, the browser draws frames as long as the notebook runs.
    tab.wait_for_function("() => window.ranAll === true", polling=200, timeout=1000 * PATIENCE_S)


def cells_of(tab) -> list[dict]:
    """Type, execution count and error of every cell of the notebook's model, on screen or not."""
    script = """() => { const panel = window.jupyterapp.shell.currentWidget, found = [];
        for (const cell of panel.content.model.cells) { const told = cell.toJSON();
            const errors = (told.outputs || []).filter(o => o.output_type === 'error');
            found.push({type: told.cell_type, count: told.execution_count,
                        error: errors.map(o => o.ename + ': ' + o.evalue).join()}); }
        return found; }"""
    return tab.evaluate(script)


def assert_parts_look_as_they_should(tab) -> None:
    """Hold what outputs look like against what Lab's own rules would make of them."""
    tab.set_viewport_size({"width": 1400, "height": 14_000})  # Lab draws only what is in sight
    tab.wait_for_timeout(3_000)
    style = "(all, name) => [...new Set(all.map(one => getComputedStyle(one)[name]))]"
    facts = tab.locator(".look .facts dt, .look .facts dd")
    assert facts.evaluate_all(style, "float") in ([], ["none"]), "facts lie on one another"
    for kind, side in ((".number", "right"), (":not(.number)", "left")):
        cells = tab.locator(f".look td{kind}, .look th{kind}")
        assert cells.evaluate_all(style, "textAlign") in ([], [side])
    narrow = "all => all.filter(one => one.offsetWidth < 200).length"
    assert tab.locator(".look td.long").evaluate_all(narrow) == 0, "a column as wide as a letter"
    assert tab.locator(".jp-OutputArea mjx-container").count() == 0, "a sum read as a formula"
    tab.set_viewport_size({"width": 1400, "height": 1_000})


def move_first_slider(tab) -> float:
    """Move the panel's first slider one step to the right; seconds until its picture changed."""
    tab.evaluate(
        """() => { const content = window.jupyterapp.shell.currentWidget.content;
            content.scrollToItem(content.widgets.length - 1); }"""
    )
    picture = tab.locator(".what-if svg").last
    picture.wait_for(timeout=1000 * PATIENCE_S)
    before, handle = picture.inner_html(), tab.locator(".what-if .noUi-handle").first
    handle.focus()
    began = time.monotonic()
    handle.press("ArrowRight")
    script = """old => [...document.querySelectorAll('.what-if svg')]
        .some(one => one.innerHTML !== old)"""
    tab.wait_for_function(script, arg=before, timeout=10_000)
    return time.monotonic() - began


def test_lab_opens_on_its_start_page(lab, browser):
    tab = opened(browser, f"{lab}/")
    assert (
        tab.evaluate("() => window.jupyterapp.shell.currentWidget.context.path")
        == "notebooks/start.ipynb"
    )
    run_all(tab)
    assert tab.locator(".Toastify__toast").count() == 0, "nothing pops up, of news or versions"
    tab.close()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook_opens_runs_without_error_and_is_saved_as_it_was(
    lab, lab_folder, browser, name
):
    tab = opened(browser, f"{lab}/lab/tree/notebooks/{name}?reset")
    run_all(tab)
    told = [cell for cell in cells_of(tab) if cell["type"] == "code"]
    assert not [cell["error"] for cell in told if cell["error"]]
    assert all(cell["count"] for cell in told)
    assert_parts_look_as_they_should(tab)
    if name in WITH_PANEL:
        print(f"{name}: the panel followed within {move_first_slider(tab):.2f} s")
    before = (ROOT / "notebooks" / name).stat().st_mtime_ns
    tab.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    saved = lab_folder / "notebooks" / name
    tab.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    assert saved.stat().st_mtime_ns > before
    assert saved.read_bytes() == (ROOT / "notebooks" / name).read_bytes()
    tab.close()


def test_a_column_name_of_a_mailed_order_log_runs_nothing_in_lab(lab, lab_folder, browser):
    """The last cell shows that a script would run here, if one were let through."""
    log = lab_folder / "data" / "orders" / "mailed.csv"
    rows = "".join(f"{second}.5,1\n" for second in range(9))
    log.write_text(f't_s,<img src=x onerror="window.planted = true">\n{rows}'.replace('"', "'"))
    sources = [
        'import sys\n\nsys.path[:0] = [".", ".."]\nfrom analysis.data import DATA, read_orders',
        'read_orders(DATA / "orders" / "mailed.csv")',
        "from IPython.display import HTML\n\nHTML('<img src=x onerror=\"window.control = true\">')",
    ]
    cells = [
        {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": source}
        | {"outputs": [], "execution_count": None}
        for number, source in enumerate(sources)
    ]
    start = json.loads((ROOT / "notebooks" / "start.ipynb").read_text(encoding="utf-8"))
    (lab_folder / "notebooks" / "mailed.ipynb").write_text(json.dumps(start | {"cells": cells}))
    tab = opened(browser, f"{lab}/lab/tree/notebooks/mailed.ipynb?reset")
    run_all(tab)
    tab.wait_for_function("() => window.control === true", timeout=1000 * PATIENCE_S)
    assert "onerror" in tab.locator(".jp-OutputArea").nth(1).inner_text()
    assert tab.evaluate("() => window.planted") is None
    tab.close()
