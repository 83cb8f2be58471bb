"""What tests of reports share: the pages of the whole project, and a browser to open them in."""

import pytest
from browser import CHROMIUM, QUIET

from analysis.data import list_launches, load_launch
from analysis.report import list_site_pages


@pytest.fixture(scope="module")
def reports_folder(whole_project):
    """The reports of this project as `make reports` makes them: every study of every launch."""
    return whole_project.folder / "reports"


@pytest.fixture(scope="module")
def pages(reports_folder):
    found = sorted(reports_folder.rglob("*.html"))
    assert {str(page.relative_to(reports_folder)) for page in found} == {
        *(
            f"{launch}/{study}.html"
            for launch in list_launches()
            for study in load_launch(launch).studies
        ),
        "evidence.html",
        *list_site_pages(),
    }
    return found


@pytest.fixture(scope="module")
def studies(pages):
    """The pages of studies: all but the index and the page of claims."""
    return [page for page in pages if page.with_suffix(".ipynb").exists()]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *QUIET])
