"""A page speaks of its own product, in its own currency, wherever a text or a sum is shown."""

import re

import pandas as pd
import pytest

from analysis.look import (
    Chart,
    Facts,
    FirstScreen,
    Table,
    Text,
    Trust,
    dollar_axis,
    dollars,
    in_page_words,
    plot_intervals,
    span,
    speak_of,
    what_if,
)
from analysis.look.chart import csv_text


@pytest.fixture
def euro_console():
    speak_of("console", "consoles", currency="EUR", local_per_usd=0.8)
    yield
    speak_of()


def draw(axes):
    rows = {"label": ["a phone late"], "estimate": [100.0], "low": [50.0], "high": [250.0]}
    plot_intervals(axes, pd.DataFrame(rows))
    dollar_axis(axes.xaxis)
    axes.annotate("phones", (100, 0))
    return axes


def every_part():
    frame = pd.DataFrame({"phones_sold": [1], "profit, $ million": [2.0], "what": ["a phone"]})
    return [
        FirstScreen("Is a phone dear?", "A phone is.", "Phones are."),
        Facts(("1", "phone"), ("2", "phones"), ("3", "dollars a phone")),
        Trust("fair", "Phones were counted.", "A count of phones."),
        Text("Each **phone** costs dollars."),
        Table(frame, "Phones"),
        Chart("Phones", "dollars a phone", draw, "What a phone earns", frame, note="Phones."),
    ]


def test_no_part_says_phone_or_dollar_on_a_page_of_a_console_in_euros(euro_console):
    for part in every_part():
        shown = f"{part.html()}{part.text()}{part.payload()}"
        assert "phone" not in shown.lower(), part
        assert not re.search(r"dollar|\$", shown), part
        assert "console" in shown


def test_words_of_phones_stay_as_they_are_without_a_word_on_the_product():
    for part in every_part():
        assert "phone" in part.html()
    assert in_page_words("A phone for $5, phones in million dollars") == (
        "A phone for $5, phones in million dollars"
    )


def test_sums_are_converted_and_ticks_are_round_in_the_currency_of_the_page(euro_console):
    assert dollars(100) == "€80"
    assert dollars(-5e6) == "−€4 million"
    assert span(100, 200, write=dollars) == "€80 to €160"
    ticks = re.findall(r">€(\d+)<", every_part()[-1].svg())
    assert len(ticks) > 2
    assert all(int(tick) % 10 == 0 for tick in ticks)


def test_sums_of_tables_and_panels_are_in_the_currency_of_the_page(euro_console, monkeypatch):
    frame = pd.DataFrame({"net_usd": [10.0], "profit, $ million": [5.0], "units": [10]})
    table = Table(frame, "Sums").html()
    assert "net eur" in table
    assert '<td class="number">8</td><td class="number">4</td><td class="number">10</td>' in table
    monkeypatch.setenv("STATIC_REPORT", "1")
    shown = []
    monkeypatch.setattr("analysis.look.panel.show", shown.append)

    def earn(price_usd):
        return pd.DataFrame({"label": ["sum"], "estimate": price_usd, "low": 0.0, "high": 100.0})

    words = {"price_usd": "price, $"}
    what_if("What if?", "dollars, 80 %", earn, words, price_usd=[10.0, 20.0, 30.0])
    html = shown[0].html()
    assert "price, €" in html
    assert '<td class="number">16</td><td>16 (0 to 80)</td>' in html


def test_names_sources_reasons_and_notes_stay_as_their_owner_wrote_them():
    speak_of("dock", "docks", currency="EUR", local_per_usd=0.9, names=("Phone Dock", "Dock S"))
    assert in_page_words("Was the Phone Dock dear? A phone of the Phone Dock, in dollars") == (
        "Was the Phone Dock dear? A dock of the Phone Dock, in euros"
    )
    assert in_page_words("a Phone\nDock, of phones") == "a Phone\nDock, of docks"
    assert in_page_words("Should Phone Dock phones wait?") == "Should Phone Docks wait?"
    words = "contract in dollars: $7 a phone, made by Phone Parts Ltd"
    row = {"kind": "a phone, in dollars", "phones": 1, "day": pd.Timestamp("2024-03-12")}
    frame = pd.DataFrame([row | {"source_or_reason": words, "note": words, "maker": "Phone Parts"}])
    table = Table(frame, "Prices of the Phone Dock")
    chart = Chart("Docks", "euros", draw, "What a dock earns", frame)
    for shown in (table.html(), table.text(), csv_text(frame)):
        assert "a dock, in euros" in shown
        assert shown.count(words) == 2
        assert "Phone Parts" in shown
        assert not re.search(r"\bphones\b", shown)
    assert "Prices of the Phone Dock" in table.html()
    assert "dock" in chart.svg()
    speak_of()
    assert in_page_words("A phone in dollars") == "A phone in dollars"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Aurora One", "an Aurora One"),
        ("One Plus", "a One Plus"),
        ("OnePlus One", "a OnePlus One"),
        ("Oneida", "an Oneida"),
        ("Nova", "a Nova"),
        ("Aurora 5+", "an Aurora 5+"),
        ("Aurora (2)", "an Aurora (2)"),
    ],
)
def test_a_name_takes_the_article_that_suits_its_sound(name, said):
    speak_of(names=(name,))
    assert in_page_words(f"What a {name} earns") == f"What {said} earns"
    assert in_page_words(f"A {name} earns") == f"{said[:1].upper()}{said[1:]} earns"
    assert in_page_words("A phone and a unit") == "A phone and a unit"
    speak_of()


def test_a_title_that_keeps_a_name_together_has_its_article_too():
    speak_of(names=("Aurora 5",))
    frame = pd.DataFrame({"phones": [1]})
    title = Chart("What a Aurora 5 earns", "dollars", draw, "A Aurora 5 earns", frame).html()
    speak_of()
    assert "What an Aurora\u00a05 earns" in title
    assert "a Aurora" not in title


def test_a_name_of_several_words_is_said_once_where_the_noun_holds_phone():
    speak_of("phone case", "phone cases", names=("Phone Case",))
    table = Table(pd.DataFrame({"what": ["a phone"], "phones": [1]}), "Cost of the Phone Case")
    assert "a phone case</td>" in table.html()
    assert "case case" not in f"{table.html()}{table.text()}".lower()
    speak_of()


def test_sliders_are_labelled_in_the_currency_and_the_words_of_the_page(euro_console, monkeypatch):
    monkeypatch.delenv("STATIC_REPORT", raising=False)
    shown = []
    monkeypatch.setattr("analysis.look.panel.display", shown.append)

    def earn(price_usd, sold):
        return pd.DataFrame({"label": ["sum"], "estimate": price_usd, "low": 0.0, "high": 100.0})

    words = {"price_usd": "price, $", "sold": "phones sold"}
    what_if("What if?", "dollars", earn, words, price_usd=[10.0, 20.0, 30.0], sold=[1, 2, 3])
    price, sold = shown[0].children[:2]
    assert (price.description, sold.description) == ("price, €", "consoles sold")
    assert [text for text, _ in price.options] == ["8", "16", "24"]


def test_articles_follow_the_noun_and_brands_keep_their_names():
    speak_of("e-bike", "e-bikes")
    assert in_page_words("A phone, a phone and the Fire Phone; smartphones") == (
        "An e-bike, an e-bike and the Fire Phone; smartphones"
    )
    assert in_page_words("as other Xiaomi phones and other phone sales") == (
        "as other Xiaomi devices and other device sales"
    )
    for noun in ("unicycle", "USB stick", "euro coin"):
        speak_of(noun, f"{noun}s")
        assert in_page_words("a phone") == f"a {noun}"
    for noun in ("hour lamp", "uninterrupted supply", "umbrella"):
        speak_of(noun, f"{noun}s")
        assert in_page_words("A phone") == f"An {noun}"
    speak_of("console", "consoles")
    assert in_page_words("Should Pocket Console phones wait?") == "Should Pocket Consoles wait?"
    speak_of()
