"""Pages of an own launch speak of its product and in its currency, and of nobody else's phones."""

import re

import pytest
from console_launch import NAME, TRUTH, write_console
from project import Project, share_results

from analysis.data import load_launch

FOREIGN = re.compile(r"phone|xiaomi|\bcny\b|yuan|dollar|\$", re.I)
STUDIES = ("sellout_speed", "capacity", "margin", "release_plan")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project with the console's files and the real notebooks, its reports made."""
    project = Project(tmp_path_factory.mktemp("console"))
    project.take_notebooks()
    share_results(project.folder)
    write_console(project.folder / "data", seed=11)
    done = project.make("reports", f"LAUNCH={NAME}")
    assert done.returncode == 0, done.stderr
    return project


def text_of(page: str) -> str:
    """What a reader of a page can see of it, its charts and their data too; no style, no code."""
    body = page.split("<body", 1)[1]
    body = re.sub(r"(?s)<(style|script|pre)\b.*?</\1>", " ", body)
    return body


@pytest.mark.parametrize("study", STUDIES)
def test_no_page_of_an_own_console_speaks_of_phones_or_of_their_makers_and_money(made, study):
    page = made.folder / "reports" / NAME / f"{study}.html"
    text = text_of(page.read_text(encoding="utf-8"))
    found = {text[max(0, hit.start() - 40) : hit.end() + 40] for hit in FOREIGN.finditer(text)}
    assert not found
    assert "console" in text


@pytest.mark.oracle("known truth")
def test_the_page_of_the_sale_with_a_log_gives_a_range_that_holds_its_people(made):
    page = (made.folder / "reports" / NAME / "sellout_speed.html").read_text(encoding="utf-8")
    page = re.sub(r"<[^>]+>", "", page)  # figures are set in bold
    people = TRUTH["people_of_third_sale"]
    at_least = re.search(r"at least ([\d,]+) people", page)
    between = re.search(r"([\d,]+) to ([\d,]+) people", page)
    assert at_least or between
    low, high = (int(end.replace(",", "")) for end in between.groups()) if between else (0, people)
    assert low <= people <= high
    assert not at_least or int(at_least[1].replace(",", "")) <= people


def test_the_launch_is_its_owners_and_in_euros(made):
    launch = load_launch(NAME, made.folder / "data")
    assert launch.is_own
    assert launch.page_words() == {
        "noun": "console",
        "plural": "consoles",
        "names": (launch.name, ""),
        "is_ahead": False,
        "is_on_sale": launch.is_on_sale,
        "currency": "EUR",
        "local_per_usd": 0.86,
    }
