"""Bad input of every kind: said in whole, with line and cause, and never in a parser's words."""

import re
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from console import RIGHT
from plain_messages import PARSERS_WORDS

from analysis.data import DataError, load_launch, order_times, read_history, read_orders
from analysis.data.duckdb_files import open_source
from analysis.data.inputs_log import find_odd_log, hold_log_against_drop
from analysis.data.launches import missing_for
from analysis.sellout.study import study_launch


@pytest.fixture
def load(tmp_path):
    """Give the function that writes a launch file, and more files below data/, and loads it."""

    def write_and_load(text, files=()):
        folder = tmp_path / "data"
        for name, content in {"launches/my_console.yaml": text, **dict(files)}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_launch("my_console", folder)

    return write_and_load


def problems_of(load, text, files=()):
    """Load a launch and return its problems; each is one short line in our own words."""
    with pytest.raises(DataError) as caught:
        load(text, files)
    for problem in caught.value.problems:
        assert not PARSERS_WORDS.search(problem), problem
        assert len(problem) < 600, problem
    return caught.value.problems


def spoiled(old, new):
    """The right file with one fault in it."""
    assert old in RIGHT, old
    return RIGHT.replace(old, new, 1)


def test_the_file_without_a_fault_loads_and_nothing_in_it_is_odd(load):
    assert load(RIGHT).odd_in_words() == []


LIST = "list_local: {value: 399, source: https://example.org/price}"
FIRST = "first_sale: {value: 2019-11-01, source: own records}"
TAX = "list_tax_share: {value: 0.19, source: https://example.org/tax}"
BOM = 'bom_usd: {value: 268, source: "own records, first costing"}'
DROP = "    units: 5000\n    sellout_s: 120\n"
UNSOLD = "    units_sold: 15000\n"
COUNT = "  - {date: 2019-11-08, units: 6000, "
FULL = "full_units_per_month: {assumed: 90000, low: 80000, high: 100000, reason: plan}"
LIFE = "life_months: {assumed: 36, low: 24, high: 48, reason: our plan}"
ANNOUNCED = 'source: "own records, press release"}'

FAULTS = {  # what is wrong: what stood there, what stands there, what is said
    # How it is written
    "an unquoted comma": (
        ANNOUNCED,
        "source: own records, press release}",
        r":7: announced.source = 'own records, press release'; a text with a comma stands in "
        r'quotes: source: "own records, press release"',
    ),
    "a reason with a comma": (
        "reason: our plan}",
        "reason: our plan, and more}",
        r":9: life_months.reason = 'our plan, and more'; a text with a comma stands in quotes",
    ),
    "a decimal comma": (
        LIST,
        LIST.replace("399", "399,00"),
        r"price.list_local.value = '399,00'; .* decimal comma: write 399.00",
    ),
    "a bare decimal comma": (
        LIST,
        "list_local: 399,00",
        r"list_local = '399,00', a bare value; expected \{value, source\}.*write 399.00",
    ),
    "a comma for thousands": (
        FULL,
        FULL.replace("90000", '"90,000"'),
        r"full_units_per_month.assumed = '90,000'; .*write 90000 or 90.000",
    ),
    "points for thousands": (
        "units: 5000\n",
        "units: 5.000\n",
        r"units = '5.000'; expected an integer >= 0; these look like points .*: write 5000",
    ),
    "points and a decimal comma": (
        LIST,
        LIST.replace("399", '"1.399,00"'),
        "'1.399,00'; .*points for thousands and a decimal comma: write 1399.00",
    ),
    "blanks for thousands": (
        "units: 5000\n",
        "units: 5 000\n",
        "'5 000'; .*without marks for thousands: 5000",
    ),
    "percent": (TAX, TAX.replace("0.19", "19%"), r"'19%'; .*no percent sign: write 0.19"),
    "a share above one": (
        TAX,
        TAX.replace("0.19", "19"),
        r"list_tax_share.value = '19'; expected a number 0 to 1; .*19 percent is 0.19",
    ),
    "a unit in the number": (
        LIST,
        LIST.replace("399", "399 EUR"),
        "'399 EUR'; .*write the number without its unit: 399",
    ),
    "minutes for seconds": (DROP, DROP.replace("120", "6 min"), "'6 min'; .*in s: 360$"),
    "hours for seconds": (DROP, DROP.replace("120", "4 hours"), "'4 hours'; .*in s: 14400$"),
    "minutes and seconds": (
        DROP,
        DROP.replace("120", "1:40"),
        "'1:40'; .*1:40 in s: 100, if it is minutes and seconds$",
    ),
    "a clock's time for seconds": (DROP, DROP.replace("120", "0:40:00"), "0:40:00 in s: 2400$"),
    "m for minutes or months": (DROP, DROP.replace("120", "6m"), "without a unit, in s$"),
    "years for months": (LIFE, LIFE.replace("36", "3 years"), "'3 years'; .*in months: 36$"),
    "bare years for months": (LIFE, "life_months: 2 years", "write 2 years in months: 24$"),
    "months for weeks": (
        "ramp_weeks: {assumed: 26,",
        "ramp_weeks: {assumed: 6 months,",
        "'6 months'; .*write 6 months in weeks: 26$",
    ),
    "a day for weeks": (
        "ramp_weeks: {assumed: 26,",
        "ramp_weeks: {assumed: 1 day,",
        "'1 day'; .*write 1 day in weeks: 0.14$",
    ),
    "days for a number of another unit": (
        LIST,
        LIST.replace("399", "399 days"),
        "without a unit, in local currency$",
    ),
    "a sign before the number": (
        LIST,
        LIST.replace("399", "€399"),
        "'€399'; .*write the number without its unit: 399",
    ),
    "thousand as k": ("units: 5000\n", "units: 5k\n", "'5k'; .*write all its digits: 5000"),
    "a million": ("units: 5000\n", "units: 1.5 million\n", "write all its digits: 1500000"),
    "about": (LIST, LIST.replace("399", "~399"), "'~399'; .*not exact is assumed, with low"),
    "a range in one field": (LIST, LIST.replace("399", "380-420"), "this is a range: write {ass"),
    "a formula": (LIST, LIST.replace("399", "=B3*2"), "this is a formula: write its value"),
    "n/a": (LIST, LIST.replace("399", "n/a"), "'n/a'; .*write unknown if the field allows"),
    "other digits": (LIST, LIST.replace("399", "３９９"), "another script: write 399"),
    "a negative price": (LIST, LIST.replace("399", "-399"), "'-399'; expected a number > 0"),
    "zero for a price": (LIST, LIST.replace("399", "0"), "'0'; expected a number > 0"),
    "an absurd price": (LIST, LIST.replace("399", "1e400"), "'1e400'; expected a number > 0"),
    "a German date": (
        FIRST,
        FIRST.replace("2019-11-01", "01.11.2019"),
        r"first_sale.value = '01.11.2019'; .*written as dd.mm.yyyy: write 2019-11-01",
    ),
    "a date with strokes": (
        FIRST,
        FIRST.replace("2019-11-01", "01/11/2019"),
        "'01/11/2019'; .*day or month may come first here: write 2019-11-01 or 2019-01-11",
    ),
    "an American date": (
        FIRST,
        FIRST.replace("2019-11-01", "11/21/2019"),
        "written as mm/dd/yyyy: write 2019-11-21",
    ),
    "a day that a month lacks": (
        FIRST,
        FIRST.replace("2019-11-01", "2019-11-31"),
        "'2019-11-31'; .*November 2019 has 30 days",
    ),
    "29 February": (
        FIRST,
        FIRST.replace("2019-11-01", "2019-02-29"),
        "February 2019 has 28 days",
    ),
    "day and month changed": (
        FIRST,
        FIRST.replace("2019-11-01", "2019-21-11"),
        "there is no month 21; day and month may have changed places",
    ),
    "a month and no day": (
        FIRST,
        "first_sale: {assumed: June 2019, low: 2019-06-01, high: 2019-06-30, reason: x}",
        "'June 2019'; .*this is a month and no day",
    ),
    "a month in digits": (FIRST, FIRST.replace("2019-11-01", "2019-11"), "a month and no day"),
    "a year": (FIRST, FIRST.replace("2019-11-01", "2019"), "a year and no day"),
    "a day in words": (
        FIRST,
        FIRST.replace("2019-11-01", "1 November 2019"),
        "'1 November 2019'; .*write 2019-11-01",
    ),
    "a day with a time": (
        FIRST,
        FIRST.replace("2019-11-01", "2019-11-01 10:00:00"),
        "this is a day with a time: write 2019-11-01",
    ),
    "a day of Excel": (
        FIRST,
        FIRST.replace("2019-11-01", "43770"),
        "a day as Excel counts them: write 2019-11-01",
    ),
    "no source": (
        ANNOUNCED,
        "source: 'German VAT'}",
        "source = 'German VAT'; expected one web address, .* own records",
    ),
    "low and high missing": (
        LIFE,
        "life_months: {assumed: 36, reason: our plan}",
        r":9: life_months: low and high are missing; expected \{assumed, low, high, reason\}",
    ),
    "no reason": (
        LIFE,
        "life_months: {assumed: 36, low: 24, high: 48}",
        "life_months: reason is missing",
    ),
    "a source beside an assumption": (
        LIFE,
        LIFE.replace("reason:", "source: own records, reason:"),
        "life_months: source beside assumed; expected {value, source}",
    ),
    "ends of a range changed": (
        LIFE,
        LIFE.replace("low: 24, high: 48", "low: 48, high: 24"),
        "low 48.0, value 36.0, high 24.0; expected them in this order",
    ),
    "a bare figure": (BOM, "bom_usd: 268", r"bom_usd = '268', a bare value; expected {value"),
    "nothing for a figure": (BOM, "bom_usd:", r"costs.bom_usd: expected \{value, source\}"),
    "a misspelt field": ("currency: EUR", "curency: EUR", "unknown field curency; did you mean"),
    "a field twice": ("market: DE", "market: DE\nmarket: DE", r":4: market stands twice|:5: mark"),
    "a field missing": ("market: DE\n", "", "the file: missing field market"),
    "a tab": ("  cuts:", "\tcuts:", r"not a YAML file: .*(tab|indented)"),
    "a colon in a text": (
        "summary: Four web drops.",
        "summary: Four web drops: all gone",
        ":6: not a YAML file: a text with a colon and a blank in it stands in quotes",
    ),
    "an open quote": (ANNOUNCED, 'source: "own records}', "not a YAML file: .*quote"),
    "an open brace": (LIST, LIST[:-1], "not a YAML file: a brace { is not closed"),
    "an open bracket": ("margin, release_plan]", "margin", "not a YAML file: a bracket"),
    "a line indented too little": ("  list_tax", " list_tax", "not a YAML file: .*not indented"),
    "a text that begins with @": ("name: My", "name: @My", "not a YAML file: .*in quotes"),
    "a list without its sign": (
        "sales:\n" + COUNT,
        "sales:\n    {date: 2019-11-08, units: 6000, ",
        "sales: expected a list|not a YAML file",
    ),
    # Words and codes
    "a country's name": ("market: DE", "market: Germany", "'Germany'; .*did you mean DE, Germany"),
    "no country": ("market: DE", "market: Atlantis", "'Atlantis'; expected a country's code"),
    "several of what is sold": (
        "market: DE",
        "product: consoles\nmarket: DE",
        r":3: product = 'consoles'; expected a noun for one, such as console$",
    ),
    "several with a plural of its own": (
        "market: DE",
        "product: bread knives\nmarket: DE",
        r"'bread knives'; expected a noun for one, such as bread knife$",
    ),
    "small letters": ("market: DE", "market: de", "'de'; .*did you mean DE"),
    "a currency's name": ("currency: EUR", "currency: Euro", "'Euro'; .*did you mean EUR, Euro"),
    "a currency's sign": ("currency: EUR", "currency: €", "'€'; .*did you mean EUR, Euro"),
    "yes for sold out": ('sold_out: "yes"', "sold_out: true", "sold_out = 'true'; expected one of"),
    "an unknown study": ("margin, release", "margins, release", "studies has 'margins'; did you"),
    "a part that is none of those on file": (
        "bottleneck: unknown",
        "bottleneck: {value: display, source: own records}",
        r"did you mean foldable_display\? Known: antenna, battery,",
    ),
    "an unknown kind": ("kind: capacity", "kind: output", "kind = 'output'; expected a kind of"),
    # Against each other
    "an exchange rate turned round": (
        "{assumed: 0.9, low: 0.88, high: 0.92, reason: the year}",
        "{assumed: 1.16, low: 1.1, high: 1.2, reason: the year}",
        r":13: price.local_per_usd = 1.16; expected 0.867 to 0.918 EUR for a dollar, as in 2019; "
        "this is dollars for a unit of it",
    ),
    "an exchange rate of cents": (
        "{assumed: 0.9, low: 0.88, high: 0.92, reason: the year}",
        "{assumed: 86, low: 80, high: 90, reason: the year}",
        r"local_per_usd = 86; .*a point is misplaced: 0.86",
    ),
    "an exchange rate of another currency": (
        "{assumed: 0.9, low: 0.88, high: 0.92, reason: the year}",
        "{assumed: 6.9, low: 6.8, high: 7, reason: the year}",
        r"local_per_usd = 6.9; .*another currency or year",
    ),
    "dollars with a rate": ("currency: EUR", "currency: USD", "expected 1 USD for a dollar"),
    "more sold than there were": (UNSOLD, UNSOLD.replace("15", "25"), "units_sold = 25,000; expec"),
    "a time to sell out of a drop that did not": (
        "    sellout_s: unknown\n",
        "    sellout_s: 360\n",
        r"sellout_s = 360 and sold_out = no; expected sold_out: yes",
    ),
    "a drop before the announcement": (
        "  - date: 2019-11-01\n    units: 5000",
        "  - date: 2019-08-01\n    units: 5000",
        r":17: drops: the drop of 2019-08-01; expected no drop before announced or first_sale",
    ),
    "a drop that is still to come": (
        "  - date: 2019-11-29",
        "  - date: 2029-11-29",
        "drops: the drop of 2029-11-29 is still to come; expected sold_out: unknown",
    ),
    "drops out of order": ("  - date: 2019-11-29", "  - date: 2019-10-30", "stands after a later"),
    "a drop of more than a year": ("sellout_s: 120", "sellout_s: 99999999", "absurd size"),
    "a drop of absurd size": ("units: 5000\n", "units: 999999999999\n", "absurd size"),
    "a drop above what was counted": (
        DROP,
        DROP.replace("5000", "50000"),
        "50,000 sold in drops up to 2019-11-08; expected at most the 6,000 that sales count",
    ),
    "weekly counts": (
        "units: 27304, ",
        "units: 5304, ",
        "units = 5,304 on 2019-12-06; expected at least 6,000 .*total since first sale",
    ),
    "a count before the first sale": (
        COUNT,
        COUNT.replace("11-08", "10-08"),
        "the count of 2019-10-08; expected no count before first_sale",
    ),
    "a count in the future": ("date: 2019-12-06", "date: 2029-12-06", "a day to come"),
    "a count told before its day": (
        COUNT,
        COUNT + "reported: 2019-11-02, ",
        "reported = 2019-11-02; expected no day before it",
    ),
    "a start above full output": (
        "start_units_per_month: {assumed: 20000, low: 15000, high: 25000, reason: plan}",
        "start_units_per_month: {assumed: 360000, low: 300000, high: 400000, reason: plan}",
        "start_units_per_month = 360,000; expected at most full_units_per_month, 90,000",
    ),
    "a life of centuries": (LIFE, LIFE.replace("36", "3600").replace("48", "4800"), "at most 600"),
    "output beyond mankind": (FULL, FULL.replace("000,", "000000000,"), "expected at most 1,000,0"),
    "volume before the second source": (
        "volume_from: {value: 2020-03-01",
        "volume_from: {value: 2019-12-01",
        "volume_from = 2019-12-01; expected no day before supply.second_source.announced",
    ),
    "announced after the first sale": (
        "announced: {value: 2019-09-01",
        "announced: {value: 2019-12-01",
        "first_sale = 2019-11-01; expected no day before announced, 2019-12-01",
    ),
    "a price cut before the first sale": (
        "date: 2020-11-01, list",
        "date: 2019-10-01, list",
        "price.cuts: 2019-10-01; expected a day after first_sale",
    ),
    "a report that ends before it starts": (
        "period_end: 2019-11-30",
        "period_end: 2019-10-30",
        "ends 2019-10-30, before its start 2019-11-01",
    ),
    "ends of a source changed": (
        "units_low: 20000",
        "units_low: 60000",
        "units_low = 60000, units_high = 40000; expected them in this order",
    ),
    "a source that starts late and early": (
        "starts_low: 2019-09-01",
        "starts_low: 2019-10-01",
        "starts_low = 2019-10-01, starts_high = 2019-09-21; expected",
    ),
    "a misplaced point in parts cost": (
        BOM,
        BOM.replace("268", "2680"),
        "costs.bom_usd = 2,680 dollars; expected a part of the net price .* 373 dollars",
    ),
    "a point for thousands in the price": (
        LIST,
        LIST.replace("399", "1.399"),
        r":11: price.list_local = 1.399; expected more than .*parts thousands, write 1399$",
    ),
    "a point for thousands before noughts": (
        LIST,
        LIST.replace("399", "1.500"),
        r":11: price.list_local = 1.5; expected more than .*parts thousands, write 1500$",
    ),
    "assembly above the price": (
        "{assumed: 9, low: 7, high: 12, reason: quote}",
        "{assumed: 900, low: 700, high: 1200, reason: quote}",
        "costs.assembly_usd = 900; expected less than the net price, 373 dollars",
    ),
    "shares of more than all": (
        "{assumed: 0.1, low: 0.08, high: 0.12, reason: shops}",
        "{assumed: 0.99, low: 0.9, high: 1, reason: shops}",
        "are 1.01 of the net price; expected less than 1 in all",
    ),
    "an upgraded version before the first": (
        "costs:\n",
        "s_version:\n  first_sale: {value: 2018-01-01, source: own records}\ncosts:\n",
        "s_version.first_sale = 2018-01-01; expected no day before first_sale",
    ),
    "a name that no file can have": (
        "costs:\n",
        f"orders: {{file: {'x' * 5000}.csv}}\ncosts:\n",
        "orders.file = 'x{60}'; expected a path that a file can have",
    ),
    "a number for a field's name": ("costs:\n", "1: 2\ncosts:\n", "unknown field 1; known"),
    "a German opening": (
        "costs:\n",
        "orders: {opened_at: 15.04.2025 10:00}\ncosts:\n",
        r":\d+: orders.opened_at = '15.04.2025 10:00'; .*: write 2025-04-15 10:00$",
    ),
    "an opening between two seconds": (
        "costs:\n",
        "orders: {opened_at: '2025-04-15T10:00:00.5'}\ncosts:\n",
        r"orders.opened_at = '2025-04-15T10:00:00.5'; expected .* on a whole second",
    ),
    "a German opening of a drop": (
        "    units: 5000\n",
        "    units: 5000\n    opened_at: 01.11.2019 10:00\n",
        r":\d+: drops\[\].opened_at = '01.11.2019 10:00'; .*: write 2019-11-01 10:00$",
    ),
    "a city for a time zone": (
        "costs:\n",
        "orders: {time_zone: Berlin}\ncosts:\n",
        r":\d+: orders.time_zone = 'Berlin'; .*did you mean Europe/Berlin\?",
    ),
    "an offset for a time zone": (
        "costs:\n",
        "orders: {time_zone: '+02:00'}\ncosts:\n",
        r":\d+: orders.time_zone = '\+02:00'; expected a zone such as Europe/Berlin",
    ),
    "a parameter that is a list": (
        "costs:\n",
        "parameters: {margin: {seed: [1]}}\ncosts:\n",
        "parameters.margin.seed: expected a text, a number, true or false",
    ),
    "a log with data/ in front": (
        "costs:\n",
        "orders: {file: data/orders/log.csv}\ncosts:\n",
        "file = 'data/orders/log.csv'; expected the path without data/: 'orders/log.csv'",
    ),
    "the order log for the requests": (
        "costs:\n",
        "orders: {file: orders/log.csv, requests_file: orders/log.csv}\ncosts:\n",
        r":\d+: orders.requests_file = 'orders/log.csv', which is orders.file; expected requests",
    ),
    "a log outside data": (
        "costs:\n",
        "orders: {file: ../log.csv}\ncosts:\n",
        "orders.file = '../log.csv'; expected the path of a file below data/",
    ),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_said_with_its_line_and_its_cause(load, kind):
    old, new, expected = FAULTS[kind]
    problems = problems_of(load, spoiled(old, new))
    assert any(re.search(expected, problem) for problem in problems), problems
    assert all(problem.startswith("data/launches/my_console.yaml") for problem in problems)
    assert len(problems) <= 3, problems


def test_enough_kinds_of_bad_input_are_tried():
    assert len(FAULTS) + len(BAD_HISTORIES) + len(BAD_LOGS) + len(ODD) >= 90


ODD = {  # what may be right and does not fit: what stood there, what stands there, what is said
    "a rate a little beside its year": (
        "{assumed: 0.9, low: 0.88, high: 0.92, reason: the year}",
        "{assumed: 0.6, low: 0.58, high: 0.62, reason: the year}",
        "The file has 0.6 EUR for a dollar; in 2019 it was 0.867 to 0.918.",
    ),
    "a rate near 1 turned round": (
        "{assumed: 0.9, low: 0.88, high: 0.92, reason: the year}",
        "{assumed: 1.12, low: 1.1, high: 1.14, reason: the year}",
        "The file has 1.12 EUR for a dollar; in 2019 .* 0.918; turned round it would be 0.893, wh",
    ),
    "a rate of 1 that was left": (
        "{assumed: 0.9, low: 0.88, high: 0.92, reason: the year}",
        "{assumed: 1, low: 1, high: 1, reason: the year}",
        "The file has 1 EUR for a dollar; .* 0.918; 1 is what a dollar costs in dollars.",
    ),
    "the currency of another country": (
        "currency: EUR",
        "currency: CHF",
        "Prices are in CHF, and money in DE was EUR.",
    ),
    "parts of twice the price": (BOM, BOM.replace("268", "800"), "Parts of \\$800 and a net price"),
    "parts of a fiftieth": (BOM, BOM.replace("268", "8"), "Parts of \\$8 and a net price of"),
    "a cut upwards": (
        "list_local: 349",
        "list_local: 449",
        "is to 449, and the price before it wa",
    ),
    "a cut to next to nothing": (
        "list_local: 349",
        "list_local: 50",
        "is to 50 from 399; a digit may be missing, or it may be the sum that was taken off",
    ),
    "a drop twice": (
        f"  - date: 2019-11-01\n{DROP}",
        f'  - date: 2019-11-01\n{DROP}    sold_out: "yes"\n    source: own records\n'
        f"  - date: 2019-11-01\n{DROP}".replace("5000", "2500"),
        "The drop of 2019-11-01 stands twice: its device, units and seconds are those",
    ),
    "few registrations": (
        DROP,
        f"{DROP}    registrations: 40\n",
        "The drop of 2019-11-01 sold 5,000, and 40 registered for it; digits may be missing",
    ),
    "years for months": (
        LIFE,
        "life_months: {assumed: 0.5, low: 0.4, high: 0.6, reason: years}",
        "counted up to 2019-12-06, long after the end of life_months, 0.6 at most; years may sta",
    ),
    "a market below what was sold": (
        "announced: {",
        "market_units_a_year: {assumed: 200, low: 100, high: 300, reason: x}\nannounced: {",
        "27,304 were counted by 2019-12-06, and market_units_a_year lets 1,200 be sold in all",
    ),
    "a stock that cannot have sold out": (
        "supply:\n",
        "supply:\n  opening_stock_units: {value: 5000000, source: own records}\n",
        "5,000,000 were in stock at first, and a drop sold out, but only 27,304 were sold",
    ),
    "all sold, not sold out": (
        UNSOLD,
        UNSOLD.replace("15000", "20000"),
        "sold all its units and is said not sold out",
    ),
    "sold out with some left": (
        DROP,
        f"{DROP}    units_sold: 3000\n",
        "is said sold out, with 3,000 of 5,000 sold",
    ),
    "a drop above the count of its week": (
        DROP,
        DROP.replace("5000", "9000"),
        "Drops up to 2019-11-08 sold 9,000, and 6,000 were counted",
    ),
    "a first drop far above supply": (
        "start_units_per_month: {assumed: 20000, low: 15000, high: 25000, reason: plan}",
        "start_units_per_month: {assumed: 8000, low: 6000, high: 9000, reason: plan}",
        "5,000 were sold in the first week, in which supply lets 1,840 be made; opening_stock_un",
    ),
    "a count of ten times what was sold": (
        "units: 27304,",
        "units: 273040,",
        "273,040 were counted by 2019-12-06, and supply, at the most, lets 41,312 be sold by then",
    ),
    "a capacity of a day for that of a month": (
        "per: month\n      kind: capacity",
        "per: day\n      kind: capacity",
        "20,000 a day is 608,750 a month, and full_units_per_month is 100,000 at most; is per r",
    ),
    "a life shorter than its own sales": (
        LIFE,
        "life_months: {assumed: 0.5, low: 0.4, high: 1, reason: plan}",
        "It was sold until 2019-12-06, and life_months, 0.5, ends on 2019-11-16.",
    ),
    "a crowd registered for ten units": (
        DROP,
        "    units: 10\n    sellout_s: 120\n    registrations: 120000\n",
        "The drop of 2019-11-01 is of 10, and 120,000 registered for it; digits of units may be m",
    ),
    "days for months": (
        LIFE,
        "life_months: {assumed: 480, low: 400, high: 560, reason: days}",
        "A life of 480 months is 40 years; if it is days, write 15.8.",
    ),
    "a shortage after the end of sale": (
        "supply:\n",
        "supply:\n  short_until: {value: 2027-11-01, source: own records}\n",
        "short until 2027-11-01, and its life ends by 2023-11-01, after 48 months at most",
    ),
    "parts costed years before anybody knew": (
        BOM,
        f"{BOM}\n  bom_date: {{value: 2014-09-01, source: own records}}",
        "Its parts were costed on 2014-09-01, 5.0 years before the announcement of 2019-09-01",
    ),
    "a drop before the first sale": (
        "  - date: 2019-11-01\n    units: 5000",
        "  - date: 2019-10-15\n    units: 5000",
        "The drop of 2019-10-15 was before the first sale, 2019-11-01",
    ),
}


@pytest.mark.parametrize("kind", ODD)
def test_what_is_odd_is_told_in_a_sentence_for_the_page(load, kind):
    old, new, expected = ODD[kind]
    launch = load(spoiled(old, new))
    assert len(launch.odd_inputs) == 1, launch.odd_inputs
    assert re.search(expected, launch.odd_inputs[0].sentence)
    assert re.fullmatch(r"data/launches/my_console.yaml:\d+", launch.odd_inputs[0].place)
    assert len(launch.odd_inputs[0].sentence.split()) <= 30


def test_counts_that_are_all_above_supply_are_told_once_by_the_first(load):
    text = spoiled("units: 6000,", "units: 60000,").replace("units: 27304,", "units: 273040,")
    (odd,) = load(text).odd_inputs
    assert odd.sentence.startswith("60,000 were counted by 2019-11-08, and supply, at the most, le")


@pytest.mark.parametrize(
    "spoil",
    [
        (LIST, LIST.replace("399", "1.399")),
        (LIST, LIST.replace("399", "1.500")),
        (LIST, LIST.replace("399", "1,399")),
    ],
)
def test_a_price_without_its_thousands_is_one_line_and_no_cost_is_blamed(load, spoil):
    (problem,) = problems_of(load, spoiled(*spoil))
    assert "price.list_local" in problem


def test_a_comma_for_thousands_between_braces_is_named_as_such(load):
    old = "{date: 2020-11-01, list_local: 349, "
    (problem,) = problems_of(load, spoiled(old, old.replace("349", "1,349")))[:1]
    assert "unknown field price.cuts[].349; this is a comma for thousands: write 1349" in problem


EIGHT = (  # mistakes in one file, from all of its parts
    (ANNOUNCED, "source: own records, press release}"),
    (LIST, LIST.replace("399", "399,00")),
    (LIFE, "life_months: {assumed: 36, reason: our plan}"),
    ("market: DE", "market: Germany"),
    ("  - date: 2019-11-29", "  - date: 2019-11-31"),
    (UNSOLD, UNSOLD.replace("15", "25")),
    ('    sold_out: "yes"\n', ""),
    (BOM, "bom_usd: 268"),
)


def test_a_file_with_eight_mistakes_shows_eight_at_once_in_the_order_of_lines(load):
    text = RIGHT
    for old, new in EIGHT:
        assert old in text
        text = text.replace(old, new, 1)
    problems = problems_of(load, text)
    assert len(problems) == len(EIGHT), problems
    lines = [int(re.search(r":(\d+):", problem)[1]) for problem in problems]
    assert lines == sorted(lines)


def test_a_fault_of_yaml_hides_no_mistake_elsewhere(load):
    text = spoiled("summary: Four web drops.", "summary: Four web drops: all gone")
    text = text.replace("market: DE", "market: Germany").replace(FULL, FULL[:-1])
    problems = problems_of(load, text)
    assert len(problems) == 3, problems
    assert "stands in quotes" in " ".join(problems)
    assert "did you mean DE" in " ".join(problems)


GOOD = "date,units\n2019-11-10,1000\n2020-02-10,5000\n"
BAD_HISTORIES = {
    "weekly": (
        "date,units\n2019-11-10,900\n2019-11-17,700\n2019-11-24,800\n",
        r"s.csv:3: units = 700; .*the total since first sale, not those of a period",
    ),
    "a decimal comma between commas": (
        "date,units\n2019-11-10,1000,5\n",
        r"s.csv:2: 3 cells, the header has 2; .*a comma within a number",
    ),
    "German dates": (
        "date,units\n10.11.2019,1000\n",
        r"s.csv:2: date = '10.11.2019'; .*dd.mm.yyyy: write 2019-11-10",
    ),
    "a title": (f"Sales of 2019\n{GOOD}", r"s.csv:1: 'Sales of 2019'; .*line 2 has: take away"),
    "a quote": (f'{GOOD}2020-03-10,"6000\n', "s.csv:4: a quote is not closed"),
    "UTF-16": (GOOD.encode("utf-16"), "s.csv: this is a text in UTF-16"),
    "Latin-1": ("date,units,note\n2019-11-10,5,é\n".encode("latin-1"), "s.csv: .*is not UTF-8"),
    "a workbook named .csv": (b"PK\x03\x04rest", "s.csv: this is an Excel workbook"),
    "nothing": ("", "s.csv:1: the file is empty"),
    "before the first sale": (
        "date,units\n2019-10-10,1000\n",
        "the count of 2019-10-10; expected no count before first_sale",
    ),
    "in the future": ("date,units\n2029-10-10,1000\n", "a day to come"),
}


@pytest.mark.parametrize("kind", BAD_HISTORIES)
def test_a_fault_of_a_history_is_a_problem_of_its_launch(load, kind):
    content, expected = BAD_HISTORIES[kind]
    text = re.sub(r"^sales:\n(?:  .*\n)*", "sales: []\n", RIGHT, flags=re.M)
    text += "histories: {sales: histories/s.csv}\n"
    problems = problems_of(load, text, {"histories/s.csv": content})
    assert any(re.search(expected, problem) for problem in problems), problems


def test_a_history_that_cannot_be_read_is_named_once_and_by_no_path_of_this_machine(load, tmp_path):
    text = re.sub(r"^sales:\n(?:  .*\n)*", "sales: []\n", RIGHT, flags=re.M)
    text += "histories: {sales: histories/bad.parquet}\n"
    (problem,) = problems_of(load, text, {"histories/bad.parquet": b"PAR1xxxxPAR1"})
    assert problem == (
        "data/histories/bad.parquet: this is a damaged Parquet file; expected a file of rows that "
        "can be read to its end"
    )


def test_a_fault_that_has_no_words_of_ours_shows_no_sql(tmp_path):
    (tmp_path / "log.csv").write_text("t_s\n1\n")
    source = open_source(tmp_path / "log.csv", name="data/orders/log.csv")
    with pytest.raises(DataError, match=r"^data/orders/log.csv: it cannot be read \(") as caught:
        source.ask("SELECT nothing FROM source")
    assert not re.search("LINE|SELECT|Error", str(caught.value))


def test_a_history_beside_counts_and_a_costing_beside_a_bom_are_refused_together(load):
    text = RIGHT + "histories: {sales: histories/s.csv, bom: histories/b.csv}\n"
    files = {
        "histories/s.csv": GOOD.replace("1000", "5000"),
        "histories/b.csv": "date,bom_usd\n2019-10-01,268\n2020-10-01,240\n",
    }
    problems = problems_of(load, text, files)
    doubled = [re.search("tell what (.*) tells? too", problem)[1] for problem in problems]
    assert doubled == ["costs.bom_usd", "sales"]


def test_a_history_longer_than_the_counts_beside_it_is_refused_in_one_line(load):
    weeks = "".join(f"2020-01-{day:02d},{1_000 * day}\n" for day in range(1, 31))
    text = RIGHT + "histories: {sales: histories/s.csv}\n"
    (problem,) = problems_of(load, text, {"histories/s.csv": f"date,units\n{weeks}"})
    assert "histories tell what sales tell too; expected sales: []" in problem


MANY = {  # one mistake on every line of a history: a line as it is written, and what is said
    "units of a week": ("{day:%Y-%m-%d},{falling}", r"data/histories/s.csv:3: units = .* 28 more"),
    "German dates": ("{day:%d.%m.%Y},{total}", r"s.csv:2: date = .* 29 more .*, up to line 31$"),
    "points for thousands": ("{day:%Y-%m-%d},{total:_}", r"s.csv:2: units = '1.000'; .* 29 more"),
    "a point and a nought": ("{day:%Y-%m-%d},{total}.0", r"without a point: 1000; 29 more like it"),
    "years ago": ("{day:2009-%m-%d},{total}", r"before first_sale, 2019-11-01; 29 more like it$"),
}


@pytest.mark.parametrize("kind", MANY)
def test_one_mistake_on_every_line_of_a_history_is_said_once_with_a_count(load, kind):
    line, expected = MANY[kind]
    days = pd.date_range("2020-01-01", periods=30)
    written = [
        line.format(day=day, total=1_000 * week, falling=9_000 - week)
        for week, day in enumerate(days, start=1)
    ]
    text = re.sub(r"^sales:\n(?:  .*\n)*", "sales: []\n", RIGHT, flags=re.M)
    text += "histories: {sales: histories/s.csv}\n"
    content = "\n".join(["date,units", *written]).replace("_", ".")
    (problem,) = problems_of(load, text, {"histories/s.csv": content})
    assert re.search(expected, problem), problem


@pytest.mark.parametrize("mark", [";", "\t"])
def test_semicolons_tabs_and_decimal_commas_are_read_and_said(tmp_path, mark):
    text = f"\ufeff\n\ndate{mark}bom_usd\n2019-10-01{mark}268,50\n2020-10-01{mark}240\n{mark}\n\n"
    (tmp_path / "b.csv").write_text(text, encoding="utf-8")
    history = read_history("BOM history", tmp_path / "b.csv")
    assert history["bom_usd"].tolist() == [268.5, 240]
    assert "line 3 on" in history.attrs["read_as"]
    assert "decimal commas" in history.attrs["read_as"]


def test_a_comma_that_may_part_thousands_is_not_guessed_at(tmp_path):
    (tmp_path / "b.csv").write_text("date;bom_usd\n2019-10-01;1,268\n2020-10-01;1,240\n")
    with pytest.raises(DataError, match=r"b.csv:2: .*write 1268 or 1.268") as caught:
        read_history("BOM history", tmp_path / "b.csv")
    assert len(caught.value.problems) == 2


def write_workbook(path, sheets):
    """Write a workbook of sheets: rows by name."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


COSTS = [["date", "bom_usd"], ["2019-10-01", 268], ["2020-10-01", 240.5], [None, None]]


def test_the_sheet_that_alone_has_the_columns_is_read_and_said(tmp_path):
    path = tmp_path / "b.xlsx"
    write_workbook(path, {"Notes": [["who", "when"]], "Costs": [[None, None], *COSTS]})
    history = read_history("BOM history", path)
    assert history["bom_usd"].tolist() == [268, 240.5]
    assert history.attrs["read_as"].startswith("Of b.xlsx the sheet Costs was read.")


def test_of_two_sheets_with_the_columns_one_has_to_be_named(tmp_path, load):
    path = tmp_path / "data" / "histories" / "b.xlsx"
    write_workbook(path, {"Old": COSTS[:2], "New": COSTS})
    with pytest.raises(DataError, match="sheets Old, New have the columns date and bom_usd; exp"):
        read_history("BOM history", path)
    assert len(read_history("BOM history", path, "New")) == 2
    with pytest.raises(DataError, match="there is no sheet 'Now'; did you mean New"):
        read_history("BOM history", path, "Now")
    text = spoiled(BOM, "bom_usd: unknown")
    text += "histories: {bom: histories/b.xlsx, bom_sheet: New}\n"
    assert len(load(text).costings) == 2


def test_a_workbook_without_such_a_sheet_names_its_sheets(tmp_path):
    write_workbook(tmp_path / "b.xlsx", {"A": [["x"]], "B": [["y"]]})
    with pytest.raises(DataError, match="sheets A, B; expected one with the columns date and bom"):
        read_history("BOM history", tmp_path / "b.xlsx")


BAD_LOGS = {
    "a line wider than its header of semicolons": (
        b"t_s;units\n1.5;1\n1;2;3\n",
        r"log.csv:3: 3 cells, the header has 2",
    ),
    "an empty first line": (b"\nt_s\n1.5\n", r"log.csv:1: an empty line"),
    "UTF-16": (
        "t_s\n1\n".encode("utf-16"),
        r'a text in UTF-16; .*: in Excel, save it as "CSV UTF-8 \(comma delimited\)"',
    ),
    "bytes that are no text": (b"\5felix\0\0", "log.csv:1: a zero byte, so this is no text"),
    "a long line": (b"t_s,units\n1,1\n1,2,3\n", r"log.csv:3: 3 cells, the header has 2"),
    "a quote": (b't_s,units\n1.5,"1\n', r"log.csv:2: a quote is not closed"),
    "Latin-1": ("t_s,status\n1.5,caf\xe9\n".encode("latin-1"), r"log.csv:2: a byte that is not"),
    "a shop's export": (
        b"Name,Financial Status,Paid at,Created at,Lineitem quantity\n1,paid,,2025-04-15,1\n",
        r"expected ordered_at or t_s .*; rename these, if they are meant: 'created at' to "
        r"ordered_at, 'name' to order_id, 'lineitem quantity' to units, 'financial status' to s",
    ),
    "another shop's export": (
        b"Order ID,Order Date,Order Status,Quantity,Customer User\n1,,paid,1,x\n",
        r"'order date' to ordered_at, 'order id' to order_id, 'quantity' to units, 'order status' ",
    ),
    "a marketplace's log": (
        b"order_ID,user_ID,order_date,order_time,quantity,type\n1,2,,,1,1\n",
        r"'order_time' to ordered_at, 'quantity' to units$",
    ),
    "a log in Chinese": (
        "订单号,下单时间,数量,订单状态\n1,,1,x\n".encode(),
        r"'下单时间' to ordered_at, '订单号' to order_id, '数量' to units, '订单状态' to status$",
    ),
    "our columns with blanks": (b"Order ID,Ordered At\n1,2\n", r"'ordered at' to ordered_at"),
    "columns like none of ours": (b"a,b\n1,2\n", r"columns a, b, .*since the opening\)$"),
    "German times": (
        b"ordered_at\n\n15.04.2025 10:00:00\n",
        r"ordered_at = '15.04.2025 10:00:00', .*: write 2025-04-15 10:00:00 \(row 2\); of its",
    ),
    "units with a word in every row": (
        b"t_s,units\n1,2 Stk\n2,1 Stk\n",
        r"units = '2 Stk', expected a whole number from 1; write the number without its unit: 2 "
        r"\(row 1\); of its rows 2 bad_units; expected at least one order to keep",
    ),
    "units with a decimal comma in every row": (
        b't_s,units\n1,"1,0"\n',
        r"units = '1,0', .*; this is a decimal comma: write 1.0 \(row 1\); of its rows 1 bad_units",
    ),
    "American times": (
        b"ordered_at\n04/15/2025 10:00:00 AM\n",
        r"'04/15/2025 10:00:00 AM', .*mm/dd/yyyy: write 2025-04-15 10:00:00 \(row 1\); of its row",
    ),
    "American times in the evening": (
        b'ordered_at\n"Apr 15, 2025 7:00:02 PM"\n',
        r"'Apr 15, 2025 7:00:02 PM', .*; write 2025-04-15 19:00:02 \(row 1\); of its rows 1 no_t",
    ),
    "ISO days with a clock of twelve hours": (
        b"ordered_at\n2025-04-15 12:00:02 am\n",
        r"'2025-04-15 12:00:02 am', .*; write 2025-04-15 00:00:02 \(row 1\)",
    ),
    "ids that Excel shortened": (
        b"order_id,t_s\n4.03E+15,1\n4.03E+15,2\n4.04E+15,3\n",
        r"order_id = '4.03E\+15', as a spreadsheet shortens .*in 3 rows, 1 of them rep"
        r"eated; expected all digits: export the log anew",
    ),
    "a header in GBK": (
        "订单号,下单时间\n1,2\n".encode("gbk"),
        r'log.csv:1: byte 0 is not UTF-8; .*: in Excel, save it as "CSV UTF-8',
    ),
    "times of Excel": (
        b"ordered_at\n45762.416667\n",
        r"a time as Excel counts days: write 2025-04-15 10:00:00 \(row 1\); of its rows",
    ),
    "days alone": (
        b"ordered_at\n2025-04-15\n2025-04-16\n",
        r"ordered_at = '2025-04-15', days without a time; expected the time of each order",
    ),
    "a workbook named .csv": (b"PK\x03\x04\x14\x00", "this is an Excel workbook"),
    "nothing": (b"", "log.csv:1: an empty line, or an empty file"),
}


@pytest.mark.parametrize("kind", BAD_LOGS)
def test_a_log_that_cannot_be_read_is_said_in_our_words(tmp_path, kind):
    content, expected = BAD_LOGS[kind]
    (tmp_path / "log.csv").write_bytes(content)
    with pytest.raises(DataError, match=expected) as caught:
        read_orders(tmp_path / "log.csv")
    assert not PARSERS_WORDS.search(str(caught.value))


def test_the_lock_file_of_an_open_workbook_is_named_as_such(tmp_path):
    (tmp_path / "~$log.xlsx").write_bytes(b"\5felix" + bytes(160))
    with pytest.raises(DataError, match=r"log.xlsx: this is the lock file of a workbook that is o"):
        read_orders(tmp_path / "~$log.xlsx")


def log_of(tmp_path, stamps, name="ordered_at"):
    """Write an order log of one column and read it."""
    (tmp_path / "log.csv").write_text("\n".join([name, *stamps]) + "\n")
    return tmp_path / "log.csv"


def with_log(load, opened_at="", drop=DROP):
    """Load the launch with an order log named in it."""
    opened = f", opened_at: '{opened_at}'" if opened_at else ""
    return load(spoiled(DROP, drop) + f"orders: {{file: orders/log.csv{opened}}}\n")


@pytest.fixture
def folder_with_log(tmp_path):
    """Give a function that writes an order log, line by line, and gives the folder of data."""

    def write(*lines):
        path = tmp_path / "data" / "orders" / "log.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
        return tmp_path / "data"

    return write


STAMPS = [f"2019-11-01 11:{second // 60:02d}:{second % 60:02d}" for second in range(120)]


def test_a_log_hours_beside_its_drop_is_refused_with_the_time_zone_as_the_cause(load, tmp_path):
    path = log_of(tmp_path, [f"{stamp[:11]}{int(stamp[11:13])}{stamp[13:]}" for stamp in STAMPS])
    launch = with_log(load, "2019-11-01T10:00:00", DROP.replace("5000", "120"))
    log = read_orders(path, opened_at="2019-11-01T10:00:00", check_opening=False)
    with pytest.raises(DataError, match=r"orders.file: its first .* 1 hour more: stamps in anothe"):
        hold_log_against_drop(launch, log)


def test_a_log_that_ends_a_little_later_or_has_fewer_units_is_odd(load, tmp_path):
    log = read_orders(log_of(tmp_path, STAMPS))
    launch = with_log(load, drop=DROP.replace("5000", "140").replace("120\n", "108\n"))
    sentences = [odd.sentence for odd in hold_log_against_drop(launch, log)]
    assert sentences == [
        "Of 2019-11-01 the log ends at 119 s, and the file says 108 s.",
        "Of 2019-11-01 the log has 120 units, and the file says 140.",
    ]


def test_a_log_with_more_than_twice_the_units_of_its_drop_is_refused(load, tmp_path):
    log = read_orders(log_of(tmp_path, STAMPS))
    launch = with_log(load, drop=DROP.replace("5000", "50"))
    with pytest.raises(DataError, match=r"120 units ordered; expected about 50, those of the dro"):
        hold_log_against_drop(launch, log)


def test_an_order_with_a_row_for_each_of_its_statuses_is_counted_once(load, folder_with_log):
    launch = with_log(load, drop=DROP.replace("5000", "120"))
    folder = folder_with_log(
        "ordered_at,order_id,status",
        *(
            f"{stamp},A{number},{status}"
            for status in ("paid", "shipped", "delivered")
            for number, stamp in enumerate(STAMPS)
        ),
    )
    assert find_odd_log(launch, folder) == ()


def test_lines_of_one_order_with_other_units_are_odd_as_one_of_them_alone_counts(
    load, folder_with_log
):
    rows = [f"{stamp},A{number},3" for number, stamp in enumerate(STAMPS)]
    cases = [f"{stamp},A{number},1" for number, stamp in enumerate(STAMPS[:40])]
    launch = with_log(load, drop=DROP.replace("5000", "280"))
    (odd,) = find_odd_log(launch, folder_with_log("ordered_at,order_id,units", *rows, *cases))
    assert odd.sentence == (
        "In 40 orders the rows of one order_id differ in units, and one row counts. Several lines "
        "an order? Keep the lines of this product and add their units."
    )
    assert odd.studies == ("sellout_speed",)
    sent_twice = folder_with_log("ordered_at,order_id,units", *rows, *rows)
    assert find_odd_log(with_log(load, drop=DROP.replace("5000", "360")), sent_twice) == ()


def test_the_log_of_a_drop_is_named_as_such_and_not_held_against_the_end_of_the_launchs_log(
    load, folder_with_log
):
    own_log = "    orders_file: orders/log.csv\n"
    closes_early = "orders: {closed_s: 10}\n"
    folder = folder_with_log("ordered_at", *STAMPS)
    fits = load(spoiled(DROP, DROP.replace("5000", "120") + own_log) + closes_early)
    assert find_odd_log(fits, folder) == ()
    too_small = load(spoiled(DROP, DROP.replace("5000", "50") + own_log) + closes_early)
    expected = r"drops\[\].orders_file = 'orders/log.csv': 120 units ordered; expected about 50"
    with pytest.raises(DataError, match=expected):
        find_odd_log(too_small, folder)


def test_the_log_of_a_drop_is_named_with_the_line_of_that_drop(load, folder_with_log):
    first, second = DROP, "    sellout_s: unknown\n"
    text = spoiled(first, f"{first}    orders_file: orders/none.csv\n")
    text = text.replace(second, f"{second}    orders_file: orders/log.csv\n", 1)
    line = text[: text.index("orders/none.csv")].count("\n") + 1
    launch = load(text)
    with pytest.raises(
        DataError, match=rf":{line}: drops\[\].orders_file = 'orders/none.csv'; exp"
    ):
        find_odd_log(launch, folder_with_log("t_s", *map(str, range(120))))
    missing = [problem for problem in missing_for(launch, "margin") if "none.csv" in problem]
    assert len(missing) == 1
    assert missing[0].endswith("a file below data/, and there is no data/orders/none.csv")
    assert f":{line}: drops[].orders_file" in missing[0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders/none.csv", "and there is no data/orders/none.csv"),
        ("../none.csv", "expected the path of a file below data/"),
        ("orders/empty.csv", "an empty line, or an empty file"),
    ],
)
def test_the_log_of_requests_is_read_as_well(load, folder_with_log, name, expected):
    folder = folder_with_log("t_s", *map(str, range(120)))
    (folder / "orders" / "empty.csv").touch()
    launch = with_log(load)
    words = launch.words | {"orders.requests_file": name}
    with pytest.raises(DataError, match=expected):
        find_odd_log(replace(launch, words=words), folder)


def test_of_two_columns_of_times_the_one_that_is_read_shows_a_cell_that_is_no_time(
    load, folder_with_log
):
    rows = [f"{second},{stamp}" for second, stamp in enumerate(STAMPS)]
    folder = folder_with_log("t_s,ordered_at", *rows, f"soon,{STAMPS[0]}", "1,tomorrow")
    (odd,) = find_odd_log(with_log(load, drop=DROP.replace("5000", "121")), folder)
    assert odd.sentence == (
        "1 of 122 rows of the log is left out: no time that can be read, such as 'soon'."
    )


def test_rows_with_a_time_in_another_form_are_shown_with_that_form(load, tmp_path):
    log = read_orders(log_of(tmp_path, [*STAMPS, *["01.11.2019 11:00"] * 3]))
    launch = with_log(load, drop=DROP.replace("5000", "120"))
    assert [odd.sentence for odd in hold_log_against_drop(launch, log)] == [
        "3 of 123 rows of the log are left out: no time that can be read, such as "
        "'01.11.2019 11:00'; this day is written as dd.mm.yyyy: write 2019-11-01 11:00."
    ]


LEFT_OUT = {  # why rows of a log are left out: its header, a right and a wrong row; what is said
    "units with a word": (
        ("t_s,units", "{},1", "{},1 Stk"),
        "no whole number of units, such as '1 Stk'; write the number without its unit: 1.",
    ),
    "part of a unit": (
        ("t_s,units", "{},1", "{},0.5"),
        "no whole number of units, such as '0.5'.",
    ),
    "no units": (("t_s,units", "{},1", "{},"), "no whole number of units."),
    "no order_id": (("t_s,order_id", "{0},A{0}", "{0},"), "no order_id."),
    "no event": (("t_s,event", "{},web", "{},"), "no event."),
}


@pytest.mark.parametrize("kind", LEFT_OUT)
def test_rows_that_are_left_out_are_counted_with_their_reason(load, folder_with_log, kind):
    (header, right, wrong), reason = LEFT_OUT[kind]
    rows = [right.format(second) for second in range(60)]
    spoilt = [wrong.format(second) for second in range(60, 120)]
    launch = with_log(load, drop=DROP.replace("5000", "unknown").replace("120\n", "unknown\n"))
    (odd,) = find_odd_log(launch, folder_with_log(header, *rows, *spoilt))
    assert odd.sentence == f"60 of 120 rows of the log are left out: {reason}"
    assert odd.studies == ("sellout_speed",)


def test_a_row_before_the_opening_is_counted_and_leaves_the_answer_alone(load, folder_with_log):
    launch = with_log(load, drop=DROP.replace("5000", "120"))
    folder = folder_with_log("t_s", "-0.5", *map(str, range(120)))
    (odd,) = find_odd_log(launch, folder)
    assert odd.sentence == "1 of 121 rows of the log is left out: ordered before the opening."
    assert odd.studies == ()


def test_a_last_order_months_after_all_others_is_odd_and_one_time_for_all_is_refused(
    load, tmp_path
):
    drop = DROP.replace("units: 5000", "units: unknown").replace("120\n", "unknown\n")
    launch = with_log(load, drop=drop)
    stray = read_orders(log_of(tmp_path, [*STAMPS, "2020-01-15 11:00:00"]))
    assert [odd.sentence for odd in hold_log_against_drop(launch, stray)] == [
        "The last order came 6,479,881 s after all others; a wrong date would look like that."
    ]
    assert hold_log_against_drop(launch, read_orders(log_of(tmp_path, STAMPS))) == ()
    at_once = read_orders(log_of(tmp_path, ["2019-11-01 11:00:00"] * 9))
    with pytest.raises(DataError, match="9 orders, all of them at 0 s; expected the time at which"):
        hold_log_against_drop(launch, at_once)


def test_a_log_of_two_events_is_refused_before_a_report_is_begun(load, folder_with_log):
    rows = [f"{stamp},{'AB'[number % 2]}" for number, stamp in enumerate(STAMPS)]
    folder = folder_with_log("ordered_at,event", *rows)
    launch = with_log(load, drop=DROP.replace("5000", "120"))
    expected = r":\d+: orders.file = 'orders/log.csv': events A, B; expected the log of one sale"
    with pytest.raises(DataError, match=expected):
        find_odd_log(launch, folder)


def test_an_opening_with_an_offset_beside_stamps_without_one_is_refused_as_by_the_report(
    load, folder_with_log
):
    folder = folder_with_log("ordered_at", *STAMPS)
    launch = with_log(load, "2019-11-01T11:00:00+00:00", DROP.replace("5000", "120"))
    with pytest.raises(
        DataError, match=r"opened_at = '2019-11-01T11:00:00\+00:00'; expected an off"
    ):
        find_odd_log(launch, folder)
    launch = with_log(load, "2019-11-01T11:00:00", DROP.replace("5000", "120"))
    assert find_odd_log(launch, folder) == ()


NO_SALES = {  # drops whose seconds to sell out say nothing of sellout_speed
    "none has seconds": DROP.replace("120", "unknown"),
    "places on a list": f"{DROP}    units_basis: reserved\n",
    "stock that was ready": f"{DROP}    units_basis: prepared\n",
    "another device": f"{DROP}    device: my_console_s\n",
}


@pytest.mark.parametrize("kind", NO_SALES)
def test_sellout_speed_without_a_timed_sale_is_said_with_its_line_and_a_way_out(load, kind):
    launch = load(spoiled(DROP, NO_SALES[kind]))
    (line,) = missing_for(launch, "sellout_speed")
    assert line.startswith("data/launches/my_console.yaml:5: sellout_speed needs sellout_s of a d")
    assert line.endswith("or take sellout_speed out of studies")
    assert ("no sale of it" in line) == (kind != "none has seconds")
    assert missing_for(load(RIGHT), "sellout_speed") == []
    with pytest.raises(ValueError, match="no round of this launch has seconds to sell out"):
        study_launch(launch)


def test_statuses_that_are_not_known_are_odd_until_the_file_has_its_words(load, folder_with_log):
    statuses = ("paid", "on the lorry", "teilweise", "cancelled")
    rows = [f"{stamp},{statuses[number % 4]}" for number, stamp in enumerate(STAMPS)]
    folder = folder_with_log("ordered_at,status", *rows)
    (odd,) = find_odd_log(with_log(load, drop=DROP.replace("5000", "90")), folder)
    assert odd.sentence.startswith(
        "Statuses of orders/log.csv that are not known: 'on the lorry', teilweise; their 60 rows"
    )
    own_words = load(
        spoiled(DROP, DROP.replace("5000", "90"))
        + "orders: {file: orders/log.csv, cancelled: []}\n"
    )
    assert find_odd_log(own_words, folder) == ()


def test_make_check_lists_the_lines_of_the_template_that_are_left(project):
    text = spoiled("reason: plan", 'reason: "PLACEHOLDER: a range"')
    text = text.replace("reason: licence", 'reason: "PLACEHOLDER: a range"')
    text += "# PLACEHOLDER in a comment\n"
    project.launch("my_console").write_text(text, encoding="utf-8")
    done = project.make("check", "LAUNCH=my_console")
    assert done.returncode == 0, done.stderr
    lines = [number for number, line in enumerate(text.split("\n"), 1) if '"PLACEHOLDER' in line]
    told = f":{lines[0]}: Figures of the template are left where the file says PLACEHOLDER: "
    assert f"{told}lines {lines[0]}, {lines[1]}." in done.stdout


def test_orders_of_several_days_are_odd_as_those_of_several_sales(load, tmp_path):
    unknown = DROP.replace("5000", "unknown").replace("120\n", "unknown\n")
    launch = with_log(load, drop=unknown)
    days = [f"2019-11-{day:02d}{stamp[10:]}" for day in (1, 8, 15) for stamp in STAMPS]
    (odd,) = hold_log_against_drop(launch, read_orders(log_of(tmp_path, days)))
    assert odd.sentence.startswith("The orders came in 3 bursts with hours or days between them")
    assert odd.studies == ("sellout_speed",)
    slow = pd.date_range("2019-11-01 08:00", periods=60, freq="h")
    slow = [f"{time:%Y-%m-%d %H:%M:%S}" for time in slow if 8 <= time.hour <= 23]
    assert hold_log_against_drop(launch, read_orders(log_of(tmp_path, slow))) == ()


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_a_log_with_other_marks_and_decimal_commas_is_read_and_said(load, folder_with_log, mark):
    rows = [f"{second},25{mark}1,0" for second in range(120)]
    folder = folder_with_log(f"t_s{mark}units", *rows)
    launch = with_log(load, drop=DROP.replace("5000", "120"))
    (odd,) = find_odd_log(launch, folder)
    word = {";": "semicolons", "\t": "tabs", "|": "strokes"}[mark]
    assert odd.sentence == (
        f"orders/log.csv was read with {word} between its cells; its commas are decimal commas."
    )
    assert odd.studies == ()
    assert order_times(read_orders(folder / "orders" / "log.csv"))[1] == 1.25


def test_a_comma_in_a_log_that_may_part_thousands_is_not_guessed_at(tmp_path):
    (tmp_path / "log.csv").write_text("t_s;units\n1;2\n1,250;2\n")
    assert read_orders(tmp_path / "log.csv").report["no_time"].item() == 1
    (tmp_path / "log.csv").write_text("t_s;units\n1.5;2\n2,5;2\n")
    assert read_orders(tmp_path / "log.csv").report["no_time"].item() == 1


def test_a_log_without_dates_that_fits_none_of_several_drops_is_odd(load, tmp_path):
    text = spoiled(DROP, DROP.replace("5000", "120"))
    second = (
        '    sellout_s: unknown\n    sold_out: "no"\n    units_sold: 15000\n    window_s: 86400\n'
    )
    assert second in text
    text = text.replace(second, '    sellout_s: 300\n    sold_out: "yes"\n')
    launch = load(text + "orders: {file: orders/log.csv}\n")

    def sentences(step_s):
        times = [str(order * step_s) for order in range(120)]
        log = read_orders(log_of(tmp_path, times, name="t_s"))
        return [odd.sentence for odd in hold_log_against_drop(launch, log)]

    assert sentences(step_s=1) == []
    assert sentences(step_s=0.5) == [
        "The log ends at 60 s with 120 units, as none of the 2 drops does; name it beside its "
        "drop, in orders_file."
    ]
    (in_thousandths,) = sentences(step_s=700)
    assert "of the 2 drops does, and its times look like milliseconds; name it" in in_thousandths


def test_units_with_three_decimals_are_odd_as_the_point_may_part_thousands(load, folder_with_log):
    rows = [f"{second},1" for second in range(120)]
    folder = folder_with_log("t_s,units", *rows, "50,1.000")
    launch = with_log(load, drop=DROP.replace("5000", "121"))
    (odd,) = find_odd_log(launch, folder)
    assert odd.sentence == (
        "1 row has units with three decimals, such as '1.000', read as 1; if the point parts "
        "thousands, take it out."
    )
    plain = folder_with_log("t_s,units", *rows, "50,1.00")
    assert find_odd_log(launch, plain) == ()


@pytest.mark.parametrize(("step", "end"), [(100, "120,000"), (70, "84,000")])
def test_times_in_milliseconds_are_odd_with_that_as_the_cause(load, tmp_path, step, end):
    times = [str(step * order) for order in range(1, 1201)]
    launch = load(spoiled(DROP, DROP.replace("5000", "1200") + "    orders_file: log.csv\n"))
    log = read_orders(log_of(tmp_path, times, name="t_s"))
    (odd,) = hold_log_against_drop(launch, log, launch.drops.iloc[0])
    assert odd.sentence == (
        f"Of 2019-11-01 the log ends at {end} s, and the file says 120 s; its times look like "
        "milliseconds."
    )


def test_make_check_says_all_at_once_and_runs_no_notebook(project):
    text = RIGHT
    for old, new in EIGHT:
        text = text.replace(old, new, 1)
    project.launch("my_console").write_text(text, encoding="utf-8")
    project.launch("my_other").write_text(
        spoiled("currency: EUR", "currency: CHF"), encoding="utf-8"
    )
    done = project.make("check", "LAUNCH=my_console")
    assert done.returncode != 0
    told = [line for line in done.stderr.splitlines() if line.startswith("data/launches/")]
    assert len(told) == len(EIGHT)
    assert "Traceback" not in done.stderr
    done = project.make("check", "LAUNCH=my_other mi_9")
    assert done.returncode == 0, done.stderr
    assert "odd: data/launches/my_other.yaml:4: Prices are in CHF, and money in DE" in done.stdout
    odd_things = done.stdout.count("odd: data/launches/my_other.yaml")
    verdict = re.search(r"my_other.yaml has no errors; (\d) things? (is|are) odd", done.stdout)
    assert int(verdict[1]) == odd_things
    assert "data/launches/mi_9.yaml is as it should be" in done.stdout
    assert not (project.folder / "reports").exists()


def test_a_log_is_read_unless_a_field_that_it_is_read_by_is_wrong(project):
    no_log = "orders.file = 'orders/none.csv'; expected a file below data/"
    quotes_the_word = spoiled("currency: EUR", "currency: by orders. EUR")
    project.launch("my_console").write_text(f"{quotes_the_word}orders: {{file: orders/none.csv}}\n")
    assert no_log in project.make("check", "LAUNCH=my_console").stderr
    own_log = spoiled(DROP, f"{DROP}    orders_file: orders/none.csv\n")
    project.launch("my_console").write_text(f"{own_log}orders: {{closed_s: soon}}\n")
    done = project.make("check", "LAUNCH=my_console")
    assert "orders.closed_s = 'soon'; expected a number" in done.stderr
    assert "orders_file" not in done.stderr


def test_reports_stop_with_the_whole_list_before_anything_is_rendered(project):
    text = spoiled(LIST, LIST.replace("399", "399,00")).replace("market: DE", "market: Germany")
    project.launch("my_console").write_text(text, encoding="utf-8")
    done = project.make("reports", "LAUNCH=my_console")
    assert done.returncode != 0
    assert "did you mean DE" in done.stderr
    assert "write 399.00" in done.stderr
    assert "Traceback" not in done.stderr
    assert not [page for page in project.pages() if page.startswith("my_console")]


def test_a_costing_of_a_tenth_between_two_others_is_odd_once_with_its_line(load):
    text = spoiled(BOM, "bom_usd: unknown") + "histories: {bom: bom.csv}\n"
    costings = "date,bom_usd\n2019-11-01,240\n2020-05-01,21.5\n2020-11-01,226\n2021-05-01,215\n"
    (odd,) = load(text, {"bom.csv": costings}).odd_inputs
    assert odd.place == "data/bom.csv:3"
    assert odd.sentence == (
        "Its parts cost $21.5 on 2020-05-01, and $240 on 2019-11-01; a point may be misplaced."
    )
    assert odd.studies == ("margin", "release_plan")
    over_four_years = costings.replace("2020-05-01,21.5", "2023-11-01,110").split("2020-11")[0]
    assert load(text, {"bom.csv": over_four_years}).odd_inputs == ()


UNTIMED = "    units: 120\n    sellout_s: unknown\n"


def odd_sentences(launch, log, drop=None):
    """What is odd about a log; the page on demand shows all of it."""
    odd = hold_log_against_drop(launch, log, drop)
    assert all(one.studies == ("sellout_speed",) for one in odd)
    return [one.sentence for one in odd]


def test_a_log_of_another_day_than_its_drop_is_odd(load, tmp_path):
    log = read_orders(log_of(tmp_path, [stamp.replace("11-01", "11-08") for stamp in STAMPS]))
    assert odd_sentences(with_log(load, drop=UNTIMED), log) == [
        "The log begins on 2019-11-08, and the drops of the file are of 2019-11-01, 2019-11-29."
    ]
    launch = load(spoiled(DROP, f"{UNTIMED}    orders_file: log.csv\n"))
    assert odd_sentences(launch, log, launch.drops.iloc[0]) == [
        "The log begins on 2019-11-08, and the drop of the file is of 2019-11-01."
    ]


def test_a_log_of_a_drop_with_stock_left_is_odd_until_the_file_says_when_it_ends(load, tmp_path):
    log = read_orders(log_of(tmp_path, [stamp.replace("11-01", "11-29") for stamp in STAMPS]))
    (told,) = odd_sentences(with_log(load), log)
    assert told.startswith("The drop of 2019-11-29 is said not sold out, and the last order of it")
    assert told.endswith("; give orders.closed_s, or write sold_out: yes.")
    closed = load(RIGHT + "orders: {file: orders/log.csv, closed_s: 86400}\n")
    assert odd_sentences(closed, log) == []


def test_a_log_of_seconds_that_goes_on_for_hours_is_odd_where_no_time_says_so(load, tmp_path):
    times = [str(687 * order) for order in range(120)]
    log = read_orders(log_of(tmp_path, times, name="t_s"))
    text = spoiled(DROP, f"{UNTIMED}    orders_file: log.csv\n")
    launch = load(text)
    assert odd_sentences(launch, log, launch.drops.iloc[0]) == [
        "The log ends at 81,753 s, 23 hours after the opening; if its times are milliseconds, it "
        "is 82 s. If they are right, give sellout_s."
    ]
    timed = load(text.replace("sellout_s: unknown", "sellout_s: 82000", 1))
    assert odd_sentences(timed, log, timed.drops.iloc[0]) == []


@pytest.mark.parametrize("stamps_to_s", [1, 60])
def test_a_log_faster_than_the_shop_is_said_to_be_is_odd_and_twice_as_fast_refused(
    load, tmp_path, stamps_to_s
):
    seconds = [order // 15 // stamps_to_s * stamps_to_s for order in range(15 * 600)]
    log = read_orders(log_of(tmp_path, [str(second) for second in seconds], name="t_s"))

    def told_with(limit_per_s):
        orders = f"orders: {{file: orders/log.csv, limit_per_s: {limit_per_s}}}\n"
        drop = DROP.replace("5000", "9000").replace("120\n", "600\n")
        text = spoiled(DROP, drop).replace("units: 6000,", "units: 9000,")
        return odd_sentences(load(text + orders), log)

    assert told_with(15) == []
    assert told_with(12) == [
        "The log has 15 orders a second at its fastest, and limit_per_s says that the shop takes "
        "12."
    ]
    with pytest.raises(
        DataError, match=r":\d+: orders.limit_per_s = 5; expected no less .* 15 ord"
    ):
        told_with(5)


@pytest.mark.parametrize("parted_by", [",", ";"])
def test_columns_of_a_history_in_another_language_are_said_with_how_to_name_them(
    tmp_path, parted_by
):
    for header, kind, hint in (
        ("日期,累计销量", "Sales history", "'日期' to date, '累计销量' to units"),
        ("Datum,Stückzahl", "Sales history", "'Datum' to date, 'Stückzahl' to units"),
        ("Datum,Materialkosten", "BOM history", "'Datum' to date, 'Materialkosten' to bom_usd"),
    ):
        (tmp_path / "h.csv").write_text(f"{header}\n2020-01-01,5\n".replace(",", parted_by))
        with pytest.raises(DataError, match=f"; rename these, if they are meant: {hint}$"):
            read_history(kind, tmp_path / "h.csv")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: My console", "name:My console"),
        ("  list_tax_share: {value: 0.19", "  list_tax_share:{value: 0.19"),
        ("    units: 5000\n", "    units:5000\n"),
        ("studies: [capacity", "studies:[capacity"),
    ],
)
def test_a_field_without_a_blank_after_its_colon_is_said_with_its_own_line(load, old, new):
    text = spoiled(old, new)
    (problem,) = problems_of(load, text)
    line = text.split(new.strip())[0].count("\n") + 1
    assert problem.startswith(f"data/launches/my_console.yaml:{line}: '{new.strip()[:10]}")
    assert f"; expected a blank after the colon: {old.strip()}" in problem


def test_parts_that_lost_their_thousands_are_refused_as_a_price_is(load):
    for bom_usd, whole in (("0.268", "268"), ("0.24", "240")):
        (problem,) = problems_of(load, spoiled(BOM, BOM.replace("268", bom_usd)))
        assert f"costs.bom_usd = {bom_usd} dollars; expected a part of the net price" in problem
        assert problem.endswith(f"if its point parts thousands, write {whole}")
    history = {"bom.csv": "date,bom_usd\n2019-11-01,0.268\n"}
    text = spoiled(BOM, "bom_usd: unknown") + "histories: {bom: bom.csv}\n"
    (problem,) = problems_of(load, text, history)
    assert problem.startswith("data/bom.csv:2: bom_usd = 0.268 dollars; ")


@pytest.mark.parametrize("number", ["1,20,000", "12,34,567"])
def test_commas_for_lakhs_are_named_as_such(load, number):
    plain = number.replace(",", "")
    text = spoiled("units: 5000\n", f"units: {number}\n")
    (problem,) = problems_of(load, text)
    assert (
        f"'{number}'; expected an integer >= 0; these are commas for thousands: write {plain}"
        in (problem)
    )


def test_an_opening_beside_a_log_of_seconds_is_refused_with_its_line(load, folder_with_log):
    folder = folder_with_log("t_s", *map(str, range(120)))
    launch = with_log(load, opened_at="2019-11-01T10:00:00", drop=DROP.replace("5000", "120"))
    with pytest.raises(DataError, match=r"yaml:\d+: orders.opened_at = .*: delete it$") as caught:
        find_odd_log(launch, folder)
    line = RIGHT.count("\n") + 1
    assert str(caught.value).startswith(f"data/launches/my_console.yaml:{line}: ")
    own_opening = "    orders_file: orders/log.csv\n    opened_at: 2019-11-01T10:00:00\n"
    launch = load(spoiled(DROP, f"{DROP.replace('5000', '120')}{own_opening}"))
    with pytest.raises(DataError, match=r"yaml:\d+: drops\[\].opened_at = .*: delete it$"):
        find_odd_log(launch, folder)


def test_make_check_says_of_a_log_what_its_report_would_fail_with(project):
    minutes = [f"2019-11-01T11:0{order // 60}:00" for order in range(120)]
    log = project.folder / "data" / "orders" / "log.csv"
    log.write_text("\n".join(["ordered_at", *minutes]) + "\n")
    text = spoiled("studies: [capacity,", "studies: [sellout_speed, capacity,")
    text = text.replace(DROP, "    units: 120\n    sellout_s: unknown\n")
    project.launch("my_console").write_text(f"{text}orders: {{file: orders/log.csv}}\n")
    done = project.make("check", "LAUNCH=my_console")
    (told,) = [line for line in done.stderr.splitlines() if line.startswith("data/")]
    assert told.startswith("data/orders/log.csv: stamps to the minute cover 60 s to their end")
    assert done.returncode != 0
    seconds = [f"2019-11-01T11:0{order // 60}:{order % 60:02d}" for order in range(120)]
    log.write_text("\n".join(["ordered_at", *seconds]) + "\n")
    assert project.make("check", "LAUNCH=my_console").returncode == 0
