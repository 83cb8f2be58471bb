"""Numbers, intervals and shares read as people write them; no name becomes markup."""

import math
import random

import pandas as pd
import pytest

from analysis.look.markup import emphasise, parts
from analysis.look.numbers import (
    day,
    dollars,
    exact,
    millions,
    number,
    percent,
    plural,
    span,
    with_range,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567, "1,230,000"),
        (0.01234, "0.0123"),
        (12.0, "12"),
        (1191.4, "1,190"),
        (math.inf, "no limit"),
        (9999.0, "9,999"),
        (-math.inf, "minus no limit"),
        (math.nan, "unknown"),
        (0.0, "0"),
        (0.00002, "2.0e-05"),
        (-0.5, "−0.5"),
        (-12_345.0, "−12,300"),
        (-7.0, "−7"),
        (-0.00002, "−2.0e-05"),
        (99_950, "100,000"),
    ],
)
def test_a_number_has_three_digits_that_count_and_separators(value, text):
    assert number(value) == text


def test_a_number_is_read_back_within_half_a_unit_of_its_last_digit():
    rng = random.Random(1)
    for _ in range(2000):
        value, digits = math.exp(rng.uniform(-9, 30)), rng.randint(2, 5)
        back = float(number(value, digits).replace(",", ""))
        assert abs(back - value) <= 0.5000001 * 10 ** (math.floor(math.log10(value)) - digits + 1)


def test_tables_keep_whole_digits_and_intervals_say_where_they_are_open():
    assert [exact(x) for x in (1234567, 0.01234, -2.0)] == ["1,234,567", "0.0123", "−2"]
    assert (span(3, 5), span(3, math.inf)) == ("3 to 5", "at least 3")


def test_a_share_is_never_rounded_to_none_or_all():
    assert [percent(x) for x in (0.256, -0.04, 0.999, 0.0, 0.004, 1.0)] == [
        "26 %",
        "−4 %",
        "over 99 %",
        "0 %",
        "under 1 %",
        "100 %",
    ]


def test_a_small_loss_is_not_written_as_a_small_gain():
    assert percent(-0.004) == "just under 0 %"
    assert (percent(0.005), percent(-0.005)) == ("under 1 %", "just under 0 %"), "not none"
    assert span(-0.004, 0.03, write=percent) == "just under 0 to 3 %"
    assert span(-0.03, -0.004, write=percent) == "−3 to just under 0 %"


def test_names_are_escaped_words_become_bold_and_missing_cells_are_dashes():
    assert emphasise("<b> & **5 s**") == "&lt;b&gt; &amp; <strong>5 s</strong>"
    cell, address = parts().cell, "https://example.org/a?b=1&c"
    assert cell(math.nan, True) == '<td class="number">–</td>'
    assert cell(None, False) == cell(pd.NaT, False) == "<td>–</td>"
    assert cell(pd.Timestamp("2019-02-26"), False) == '<td class="date">2019-02-26</td>'
    assert (cell(True, True), cell(False, True)) == ("<td>yes</td>", "<td>no</td>")
    assert cell(1234.0, True) == '<td class="number">1,234</td>'
    assert (
        cell(address, False) == '<td><a href="https://example.org/a?b=1&amp;c">example.org</a></td>'
    )
    assert cell("<i>", False) == "<td>&lt;i&gt;</td>"
    assert cell("x" * 61, False) == f'<td class="long">{"x" * 61}</td>'


def test_an_interval_says_its_unit_once():
    assert span(-0.04, 0.23, write=percent) == "−4 to 23 %"
    assert span(157, 185, write=dollars) == "$157 to $185"
    assert span(1.2e6, 1.5e6, write=millions) == "1.2 to 1.5 million"
    assert span(0.8e6, 1.2e6, write=millions) == "800,000 to 1.2 million"
    assert span(pd.Timestamp("2019-03-22"), pd.Timestamp("2019-05-09"), write=day) == (
        "22 March 2019 to 9 May 2019"
    )
    assert span(1e6, math.inf, write=millions) == "at least 1 million"


def test_the_millions_of_a_loss_are_said_beside_those_of_a_gain():
    """In "−$1 to $1.2 billion" a loss of a billion reads as one dollar."""
    assert span(-1e9, 1.2e9, write=dollars) == "−$1 billion to $1.2 billion"
    assert span(-1.7e6, 3.8e6, write=dollars) == "−$1.7 million to $3.8 million"
    assert span(-1.5e6, 2e6, write=millions) == "−1.5 million to 2 million"
    assert span(-3e6, -2e6, write=dollars) == "−$3 to −$2 million", "both are losses"
    assert with_range(2e8, -1e9, 1.2e9, write=dollars).endswith("(−$1 billion to $1.2 billion)")


def test_no_line_ends_between_a_minus_sign_and_the_sign_of_a_currency():
    """A browser may end it there, and what is left on the next line reads as a gain."""
    page = str(emphasise("on average, −$260 to −$3.8 of a unit, or −4 to 23 %"))
    assert page == "on average, −\u2060$260 to −\u2060$3.8 of a unit, or −4 to 23\u00a0%"
    facts = parts().facts([("−$199", "on each")] * 3)
    assert facts.count("<dt>−\u2060$199</dt>") == 3
    assert parts().cell("−€5", False) == "<td>−\u2060€5</td>"


def test_what_is_written_as_a_million_is_called_one():
    assert (millions(996_000), millions(996_000, digits=3)) == ("1 million", "996,000")
    assert span(730_000, 999_000, write=millions) == "730,000 to 1 million"
    assert [dollars(usd, 2) for usd in (997_000, -997e6)] == ["$1 million", "−$1 billion"]


def test_an_estimate_that_is_certain_has_no_interval():
    assert with_range(829_000, 829_000, 829_000) == "829,000"
    assert with_range(3, 2, math.inf) == "3 (at least 2)"


def test_money_days_and_counts_read_as_people_write_them():
    assert [dollars(x) for x in (326.4, -198, 17.34e6, 2.5e9, 0.25)] == [
        "$326",
        "−$198",
        "$17.3 million",
        "$2.5 billion",
        "$0.25",
    ]
    assert (day(pd.Timestamp("2019-02-26")), day(pd.NaT)) == ("26 February 2019", "not reached")
    assert [plural(n, "lot") for n in (0, 1, 2)] == ["0 lots", "1 lot", "2 lots"]
    assert plural(3, "batch", "batches") == "3 batches"
