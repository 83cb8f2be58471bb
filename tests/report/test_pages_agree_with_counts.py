"""No date or number that a page publishes contradicts a count of the same scope beyond its noise.

Sentences, facts and labels of charts are searched for units sold by a day or in so many weeks, and
the quantities that reports publish for weeks; each is held against all counts of the launch file.
"""

import html
import json
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from analysis.data import list_launches, load_launch
from analysis.demand.counts import noise_of_counts

NOISES = 2.5  # sd of a count beyond which a number contradicts it
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
AMOUNT = r"(?P<low>\d[\d,.]*)(?: to (?P<high>\d[\d,.]*))?(?: (?P<unit>million))?"
BY_A_DAY = re.compile(
    rf"(?:shipped |sold )?{AMOUNT}(?P<words>(?: [\w-]+){{0,6}}?) by "
    rf"(?P<date>\d{{1,2}} (?:{MONTHS}))(?P<year> \d{{4}})?"
)
IN_WEEKS = re.compile(
    rf"{AMOUNT}(?: phones)?,? in (?P<weeks>four|thirteen) weeks|"
    r"for (?P<weeks_2>four|thirteen) weeks is (?P<middle>\d[\d,.]*)(?: (?P<unit_2>million))?"
)
WEEKS = {"four": 4, "thirteen": 13}
WITH_ALL_KNOWN = "with all known today"  # another forecast is of a day before its counts


@dataclass(frozen=True)
class Claim:
    """Units that a page says were sold by a day, between two numbers."""

    low: float
    high: float
    date: pd.Timestamp
    scope: str


def units_of(number: str, unit: str | None) -> float:
    """Read a number of phones as it is written: 0.21, million."""
    return float(number.replace(",", "").rstrip(".")) * (1e6 if unit else 1)


def claims_of(sentence: str, launch) -> list[Claim]:
    """Read what a sentence says was sold by when."""
    first_sale = launch.figure("first_sale").value
    scope = "series" if "series" in sentence else "model"
    claims = []
    for match in BY_A_DAY.finditer(sentence):
        about = match.group(0)
        if not re.search(r"sold|shipped|counted", about) or "pledged" in about:
            continue
        year = match["year"] or str(first_sale.year)
        date = pd.Timestamp(f"{match['date']} {year}")
        if not match["year"] and date < first_sale:
            date += pd.DateOffset(years=1)
        low = units_of(match["low"], match["unit"])
        high = units_of(match["high"] or match["low"], match["unit"])
        claims.append(Claim(low, high, date, "series" if "series" in about else "model"))
    if WITH_ALL_KNOWN in sentence:
        for match in IN_WEEKS.finditer(sentence):
            weeks = WEEKS[match["weeks"] or match["weeks_2"]]
            date = first_sale + pd.Timedelta(days=7 * weeks - 1)
            unit = match["unit"] or match["unit_2"]
            low = units_of(match["low"] or match["middle"], unit)
            high = units_of(match["high"] or match["low"] or match["middle"], unit)
            claims.append(Claim(low, high, date, scope))
    return claims


def contradicted(claim: Claim, launch) -> bool:
    """Say whether counts rule a claim out; a count itself is none, even where others differ."""
    counts = launch.sales[
        (launch.sales["kind"] != "ordered") & (launch.sales["scope"] == claim.scope)
    ]
    if ((counts["date"] == claim.date) & (counts["units"] == claim.high)).any():
        return False
    first_sale = launch.figure("first_sale").value
    counts = counts.assign(week=((counts["date"] - first_sale).dt.days + 1) / 7)
    noise = NOISES * noise_of_counts(counts)
    # Two digits are written, so a number may be 5 % off.
    least = (counts["units"] * np.exp(-noise))[counts["date"] <= claim.date].min()
    most = (counts["units"] * np.exp(noise))[counts["date"] >= claim.date].max()
    return bool(1.05 * claim.high < least or claim.low > 1.05 * most)


def sentences_of(path) -> list[str]:
    """What a page shows, in sentences, with the labels of its charts."""
    body = path.read_text(encoding="utf-8").split("<body", 1)[1]
    body = re.sub(r"(?s)<(style|script|nav|footer)\b.*?</\1>", " ", body)
    body = re.sub(r"</?(strong|b|bdi|a)\b[^>]*>", "", body)
    text = html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " ")
    return re.split(r"(?<=[.?!])\s", " ".join(text.split()))


def weeks_published(path) -> dict:
    """Weeks until the millionth that the report beside a page publishes: estimate, low, high."""
    notebook = json.loads(path.with_suffix(".ipynb").read_text(encoding="utf-8"))
    quantities = notebook["metadata"]["report"]["quantities"]
    values = quantities.get("weeks_to_a_million")
    return {} if values is None else {end: float(values[end]) for end in ("estimate", "low")}


LAUNCHES = [
    name
    for name in list_launches()
    if len(load_launch(name).sales) and load_launch(name).figure("first_sale").known
]


# ---- the reader itself ----


@pytest.mark.parametrize(
    ("sentence", "is_contradicted"),
    [
        ("Xiaomi says it shipped 1 million by 31 March 2019, day 34.", False),
        ("A count has 0.2 million sold by 5 April 2019.", True),
        ("A count has 9 million sold by 20 March 2019.", True),
        ("1 million pledged by 31 March 2019.", False),
        ("Our estimate with all known today is 0.7 to 1.1 million in four weeks.", False),
        ("Our estimate with all known today is 2 to 3 million in four weeks.", True),
        ("The estimate with all known today for thirteen weeks is 0.1 million phones.", True),
        ("The estimate with all known today for thirteen weeks is 2.5 million phones.", False),
    ],
)
def test_the_reader_finds_what_a_count_of_the_mi_9_contradicts(sentence, is_contradicted):
    launch = load_launch("mi_9")
    claims = claims_of(sentence, launch)
    assert bool(claims) != ("pledged" in sentence)
    assert any(contradicted(claim, launch) for claim in claims) == is_contradicted


# ---- all pages ----


@pytest.mark.parametrize("name", LAUNCHES)
def test_no_sentence_of_a_page_contradicts_a_count(whole_project, name):
    launch = load_launch(name)
    folder = whole_project.folder / "reports"
    faults = [
        (path.stem, sentence)
        for path in sorted((folder / name).glob("*.html"))
        for sentence in sentences_of(path)
        if any(contradicted(claim, launch) for claim in claims_of(sentence, launch))
    ]
    assert faults == []


def test_pages_say_units_and_days_that_can_be_held_against_counts(whole_project):
    folder = whole_project.folder / "reports"
    launches = {name: load_launch(name) for name in LAUNCHES}
    read = [
        claim
        for name, launch in launches.items()
        for path in sorted((folder / name).glob("*.html"))
        for sentence in sentences_of(path)
        for claim in claims_of(sentence, launch)
    ]
    assert len(read) >= 2 * len(LAUNCHES)
    of_supply = [path for name in LAUNCHES for path in (folder / name).glob("capacity.html")]
    assert len(of_supply) >= len(LAUNCHES) / 2
    assert [path for path in of_supply if not weeks_published(path)] == []


@pytest.mark.parametrize("name", LAUNCHES)
def test_the_weeks_to_a_million_that_reports_publish_contradict_no_count(whole_project, name):
    path = whole_project.folder / "reports" / name / "capacity.html"
    weeks = weeks_published(path) if path.exists() else {}
    launch = load_launch(name)
    first_sale = launch.figure("first_sale").value
    counts = launch.sales[launch.sales["kind"] != "ordered"]
    counts = counts[counts["scope"] == counts["scope"].iloc[0]]
    counts = counts.assign(week=((counts["date"] - first_sale).dt.days + 1) / 7)
    noise = NOISES * noise_of_counts(counts)
    had_it = counts["week"][counts["units"] * np.exp(-noise) >= 1e6]
    had_not = counts["week"][counts["units"] * np.exp(noise) < 1e6]
    if weeks:
        assert weeks["low"] <= had_it.min() + 1 / 7 or not len(had_it)
        assert weeks["estimate"] <= had_it.min() + 1 or not len(had_it)
        assert weeks["estimate"] >= had_not.max() - 1 / 7 or not len(had_not)
