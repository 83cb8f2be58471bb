"""Words of the launch pages: few, in short sentences, and not the same on every page."""

import html
import re
from itertools import combinations

import pytest

MOST_WORDS = 700  # of a launch page, outside tables, code and "How this was made"
LONGEST_SENTENCE = 30  # words
HEADING = "§"  # stands before a heading, which two pages of a study may share
MOST_SHARED = 1 / 3  # of the sentences of two pages of one study


def sentences_of(page) -> list[str]:
    """The sentences of a page above "How this was made", outside tables, drawings and code.

    Nor does the line count by which a phone leads to the box on trust, which says it.
    """
    body = page.read_text(encoding="utf-8").split('<main id="report">', 1)[1]
    body = body.split('<h2 id="how-this-was-made"')[0]
    body = re.sub(r"(?s)<(svg|pre|table|details|nav|header|footer)\b.*?</\1>", " ", body)
    body = re.sub(r'(?s)<p class="how-sure".*?</p>', " ", body)
    body = re.sub(r"<h\d\b", f"{HEADING} \\g<0>", body)
    body = re.sub(r"</(p|li|h\d|dd|dt|figcaption)>", ". ", body)
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())
    return [one for one in re.split(r"(?<=[.!?])\s+", text) if len(one.split()) > 3]


@pytest.fixture(scope="module")
def launch_pages(whole_project):
    """The sentences of every page of a launch, by launch and study."""
    folder = whole_project.folder / "reports"
    pages = {
        (page.parent.name, page.stem): sentences_of(page)
        for page in sorted(folder.glob("*/*.html"))
        if page.parent.name != "methods"
    }
    assert len(pages) >= 28
    return pages


def test_a_launch_page_has_few_words(launch_pages):
    words = {
        name: sum(word != HEADING for word in " ".join(sentences).split())
        for name, sentences in launch_pages.items()
    }
    assert min(words.values()) > 100
    assert {name: count for name, count in words.items() if count > MOST_WORDS} == {}


def test_sentences_are_short_and_have_one_bracket_at_most(launch_pages):
    long = {
        sentence
        for sentences in launch_pages.values()
        for sentence in sentences
        if len(sentence.split()) > LONGEST_SENTENCE or sentence.count("(") > 1
    }
    assert long == set()


def test_pages_of_one_study_say_different_things(launch_pages):
    alike = {}
    for (one, study), (other, of_study) in combinations(launch_pages, 2):
        if study == of_study:
            mine, others = (
                {sentence for sentence in launch_pages[name, study] if HEADING not in sentence}
                for name in (one, other)
            )
            shared = len(mine & others) / min(len(mine), len(others))
            if shared >= MOST_SHARED:
                alike[study, one, other] = round(shared, 2)
    assert alike == {}
