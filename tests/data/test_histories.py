"""Histories of one's own: what is wrong is one clear error, what is repaired is stated.

An error has file, line, column, the value seen and what was expected.
"""

import re

import duckdb
import openpyxl
import pandas as pd
import pytest

from analysis.data import DATA, DataError, as_known_on, load_launch
from analysis.data.histories import read_history
from analysis.look import Table

GOOD = "date,units\n2020-01-10,1000\n2020-02-10,5000\n"
BAD_SALES = {  # what is wrong: the file's bytes or text, what the error says after the file's name
    "empty file": ("", r":1: the file is empty; expected a header line"),
    "header alone": ("date,units\n", r":2: no rows; expected at least one"),
    "Latin-1": (
        "date,units,note\n2020-01-10,5,caf\xe9\n".encode("latin-1"),
        r"byte 32 is not UTF-8; expected a UTF-8 file",
    ),
    "UTF-16": (GOOD.encode("utf-16"), "this is a text in UTF-16; expected a .csv file in UTF-8"),
    "decimal comma": (
        "date,units\n2020-01-10,1000,5\n",
        r":2: 3 cells, the header has 2; expected .* a comma within a number or a text in quotes",
    ),
    "quoted decimal comma": (
        'date,units\n2020-01-10,"1000,5"\n',
        r":2: units = '1000,5'; expected an integer > 0; this is a decimal comma: write 1000.5",
    ),
    "thousands": (
        'date,units\n2020-01-10,"1,000"\n',
        r":2: units = '1,000'; expected .*; this is a comma for thous",
    ),
    "points as thousands": (
        "date,units\n2020-01-10,1.000\n",
        r":2: units = '1.000'; expected an integer > 0; these look like points for thousands",
    ),
    "repeated column": (
        "date,units,units\n2020-01-10,5,5\n",
        r":1: column 'units' twice; expected date, units",
    ),
    "misspelt column": (
        "date,unit\n2020-01-10,5\n",
        r":1: column 'unit'; did you mean units.*; expected date, units",
    ),
    "column not known": (
        "date,units,colour\n2020-01-10,5,red\n",
        r":1: column 'colour'.*; expected date, units",
    ),
    "column missing": (
        "date,kind\n2020-01-10,sold\n",
        r":1: columns date, kind, without units; expected date, units",
    ),
    "no header": (
        "2020-01-10,5\n2020-02-10,6\n",
        r":1: column '2020-01-10'; column '5'; expected date, units",
    ),
    "dates of two forms": (
        GOOD + "10/03/2020,6000\n",
        r":4: date = '10/03/2020'; expected an ISO date, yyyy-mm-dd",
    ),
    "a day in no calendar": (
        GOOD + "2020-02-30,6000\n",
        r":4: date = '2020-02-30'; expected an ISO date",
    ),
    "a date far ahead": (
        GOOD + "2120-03-10,6000\n",
        r":4: date = '2120-03-10'; expected .* a day from 1970 to 2030",
    ),
    "dates out of order": (
        GOOD + "2020-01-20,6000\n",
        r":4: date = 2020-01-20; expected a day after 2020-02-10",
    ),
    "a day twice": (
        GOOD + "2020-02-10,6000\n",
        r":4: date = 2020-02-10; expected a day after 2020-02-10",
    ),
    "negative units": (GOOD + "2020-03-10,-5\n", r":4: units = '-5'; expected an integer > 0"),
    "total that goes down": (
        GOOD + "2020-03-10,4999\n",
        r":4: units = 4999; expected at least 5000 of the line before; units are the total since",
    ),
    "a formula": (GOOD + "2020-03-10,=B3*2\n", r":4: units = '=B3\*2'; expected an integer > 0"),
    "words for a number": (
        GOOD + "2020-03-10,many\n",
        r":4: units = 'many'; expected an integer > 0",
    ),
    "not a number": (GOOD + "2020-03-10,nan\n", r":4: units = 'nan'; expected an integer > 0"),
    "units in the cell": (
        GOOD + "2020-03-10,6000 pcs\n",
        r":4: units = '6000 pcs'; expected an integer > 0",
    ),
    "an empty needed cell": (GOOD + "2020-03-10,\n", r":4: units = ''; expected integer > 0"),
    "a short line": (GOOD + "2020-03-10\n", r":4: units = ''; expected integer > 0"),
    "a blank line": (
        GOOD.replace("1000\n", "1000\n\n"),
        r":3: an empty line between others; expected a row",
    ),
    "an unknown word": (
        "date,units,kind\n2020-01-10,5,given\n",
        r":2: kind = 'given'; expected one of.*sold",
    ),
    "a very long line": (
        GOOD + "2020-03-10," + "9" * 1_000_000 + "x\n",
        r":4: a cell of more than 131,072 characters; expected a .csv file",
    ),
    "an open quote": (GOOD + '2020-03-10,"6000\n', r":4: a quote is not closed"),
    "NUL bytes": (
        GOOD.encode() + b"2020-03-10,\x00\x00\n",
        r":4: units = .*; expected an integer > 0",
    ),
    "Excel named .csv": (b"PK\x03\x04rest", r"this is an Excel workbook .*; expected a .csv file"),
    "PDF named .csv": (
        b"%PDF-1.7 \xe2\xe3",
        r"this is a PDF file; expected a .csv file in UTF-8",
    ),
}


@pytest.mark.parametrize("kind", BAD_SALES)
def test_a_bad_sales_history_is_one_clear_error(tmp_path, kind):
    content, expected = BAD_SALES[kind]
    path = tmp_path / "my_sales.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError, match=expected) as caught:
        read_history("Sales history", path)
    said = str(caught.value)
    assert said.startswith("my_sales.csv:")
    assert "expected" in said
    assert "\n" not in said
    assert len(said) < 500


def workbook(path, rows, more_sheets=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name in more_sheets:
        book.create_sheet(name).append(["other"])
    book.save(path)


BAD_EXCEL = {
    "a formula never worked out": (
        [["date", "bom_usd"], ["2020-01-10", "=A1*2"]],
        r":2: bom_usd = ''; expected number > 0",
    ),
    "a day with a time": (
        [["date", "bom_usd"], [pd.Timestamp("2020-01-10 12:30"), 5]],
        r":2: date = '2020-01-10 12:30:00'; expected",
    ),
    "a number for a date": (
        [["date", "bom_usd"], [43840, 5]],
        r":2: date = '43840'; expected an ISO date",
    ),
    "no cost": (
        [["date", "bom_usd"], ["2020-01-10", 0]],
        r":2: bom_usd = '0'; expected a number > 0",
    ),
    "a title above the header": (
        [["Costs 2020", None], ["date", "bom_usd"]],
        r":1: 'Costs 2020'; expected the columns date and bom_usd, which line 2 has: take away",
    ),
    "an empty sheet": ([], "my_bom.xlsx"),
}


@pytest.mark.parametrize("kind", BAD_EXCEL)
def test_a_bad_workbook_is_one_clear_error(tmp_path, kind):
    rows, expected = BAD_EXCEL[kind]
    workbook(tmp_path / "my_bom.xlsx", rows)
    with pytest.raises(DataError, match=expected) as caught:
        read_history("BOM history", tmp_path / "my_bom.xlsx")
    assert str(caught.value).startswith("my_bom.xlsx:")
    assert "expected" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            "200,250,260",
            ":3: low_usd = 250.0, bom_usd = 200.0, high_usd = 260.0; expected them in this order",
        ),
        ("200,150,190", ":3: low_usd = 150.0, bom_usd = 200.0, high_usd = 190.0; expected"),
        ("200,210,", ":3: low_usd = 210.0, bom_usd = 200.0; expected"),
        ("200,,190", ":3: bom_usd = 200.0, high_usd = 190.0; expected"),
    ],
)
def test_a_costing_outside_its_own_range_is_one_clear_error(tmp_path, cells, expected):
    path = tmp_path / "my_bom.csv"
    path.write_text(f"date,bom_usd,low_usd,high_usd\n2020-01-10,210,200,220\n2020-05-10,{cells}\n")
    with pytest.raises(DataError, match=f"^my_bom.csv{expected}"):
        read_history("BOM history", path)
    path.write_text("date,bom_usd,low_usd,high_usd\n2020-01-10,210,210,\n2020-05-10,200,,200\n")
    assert read_history("BOM history", path)["bom_usd"].tolist() == [210, 200]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("my_bom.xlsx", b"date,bom_usd\n"),
        ("my_bom.xlsx", b"PK\x03\x04 but no workbook"),
        ("my_bom.xls", b"\xd0\xcf\x11\xe0"),
        ("my_bom.parquet", b"date,bom_usd\n"),
        ("my_bom.parquet", b"PAR1 cut short"),
        ("my_bom.txt", b"date,bom_usd\n2020-01-10,5\n"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_one_clear_error(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(
        DataError,
        match=rf"{name}: .*expected a file|{name}: .*expected a .xlsx file",
    ) as caught:
        read_history("BOM history", tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_names_its_place(tmp_path):
    with pytest.raises(DataError, match=rf"none.csv: expected a file .* at {tmp_path}"):
        read_history("BOM history", tmp_path / "none.csv")


def test_the_same_history_reads_alike_from_csv_parquet_and_excel(tmp_path):
    """The repairs that data/README.md states: a byte-order mark, blanks, typed cells."""
    note = "see https://example.org/v2.0"
    (tmp_path / "a.csv").write_text(
        f"\ufeffdate, bom_usd ,note\n2020-01-10, 210.5,\n2020-09-10,190,{note}\n", encoding="utf-8"
    )
    rows = [[pd.Timestamp("2020-01-10"), 210.5, None], [pd.Timestamp("2020-09-10"), 190, note]]
    workbook(tmp_path / "a.xlsx", [["date", "bom_usd", "note"], *rows], more_sheets=["left out"])
    costings = duckdb.from_df(pd.DataFrame(rows, columns=["date", "bom_usd", "note"]))
    costings.write_parquet(str(tmp_path / "a.parquet"))
    histories = [
        read_history("BOM history", tmp_path / f"a.{ending}")
        for ending in ("csv", "parquet", "xlsx")
    ]
    for other in histories[1:]:
        pd.testing.assert_frame_equal(histories[0], other, check_dtype=False)
    assert list(histories[0]["bom_usd"]) == [210.5, 190]
    assert histories[0]["note"].isna().tolist() == [True, False]


@pytest.fixture
def with_histories(project):
    """Give the function that writes two histories and a launch file naming them, and loads it."""
    text = project.launch("mi_9").read_text(encoding="utf-8")
    text = re.sub(r"^sales:\n(?:  .*\n)*", "sales: []\n", text, flags=re.M)
    folder = project.folder / "data"
    (folder / "histories").mkdir()

    def load(
        sales=GOOD,
        bom="date,bom_usd\n2019-01-10,240\n2019-05-10,231\n2020-01-10,200\n",
        old="sales: []",
        new="sales: []",
    ):
        (folder / "histories" / "s.csv").write_text(sales, encoding="utf-8")
        (folder / "histories" / "b.csv").write_text(bom, encoding="utf-8")
        named = f"{text}histories:\n  sales: histories/s.csv\n  bom: histories/b.csv\n".replace(
            old, new
        )
        project.launch("mi_9").write_text(named, encoding="utf-8")
        return load_launch("mi_9", folder)

    return load


def test_histories_give_milestones_a_bom_with_its_day_and_each_costing(with_histories):
    launch = with_histories()
    assert launch.sales[["kind", "scope", "source"]].iloc[0].tolist() == [
        "sold",
        "model",
        "histories/s.csv",
    ]
    assert launch.figure("costs.bom_usd").value == 240
    assert launch.figure("costs.bom_date").value == pd.Timestamp("2019-01-10")
    assert launch.costings["bom_usd"].tolist() == [240, 231, 200]


def test_each_costing_is_held_against_the_net_price_with_its_line(with_histories):
    first = "date,bom_usd\n2019-01-10,240\n"
    with pytest.raises(DataError, match=r"data/histories/b.csv:3: bom_usd = 2,310 dollars; expect"):
        with_histories(bom=f"{first}2019-07-10,2310\n")
    odd_before = len(with_histories(bom=f"{first}2019-07-10,231\n").odd_inputs)
    *_, odd = with_histories(bom=f"{first}2019-07-10,2.31\n").odd_inputs
    assert len(with_histories(bom=f"{first}2019-07-10,2.31\n").odd_inputs) == odd_before + 1
    assert odd.place == "data/histories/b.csv:3"
    assert odd.sentence.startswith("Parts of $2 and a net price of $")


def test_a_figure_told_in_the_launch_file_and_in_a_history_is_refused(with_histories):
    with pytest.raises(
        DataError,
        match=r"mi_9.yaml:\d+: histories tell what costs.bom_usd tells too; expected bom_usd: unk",
    ):
        with_histories(
            old="bom_usd: {unknown: no teardown of the Mi 9 found}",
            new="bom_usd: {assumed: 1, low: 1, high: 1, reason: x}",
        )


def test_a_bom_history_beside_costs_that_are_only_the_word_unknown_is_one_clear_error(
    with_histories, project
):
    costs = re.search(
        r"^costs:\n(?:  .*\n)*", project.launch("mi_9").read_text(encoding="utf-8"), re.M
    )[0]
    with pytest.raises(DataError, match=r"mi_9.yaml:\d+: costs: expected the fields .*bom_usd"):
        with_histories(old=costs, new="costs: unknown\n")


def test_a_count_of_a_sales_history_is_known_from_the_day_on_which_it_was_told(with_histories):
    launch = with_histories(
        sales="date,units,reported\n2019-03-10,1000,\n2019-04-10,5000,2019-06-01\n"
    )
    assert as_known_on(launch, "2019-03-09").sales.empty
    assert as_known_on(launch, "2019-05-31").sales["units"].tolist() == [1000]
    assert as_known_on(launch, "2019-06-01").sales["units"].tolist() == [1000, 5000]


def test_a_costing_is_known_from_its_day_and_the_bom_with_the_first_of_them(with_histories):
    launch = with_histories()
    then = as_known_on(launch, "2019-06-01")
    assert then.costings["bom_usd"].tolist() == [240, 231]
    assert then.figure("costs.bom_usd").value == 240
    before = as_known_on(launch, "2019-01-09")
    assert before.costings.empty
    assert not before.figure("costs.bom_usd").known
    assert as_known_on(launch, "").figure("costs.bom_usd").value == 240


def test_markup_and_formulas_in_a_note_are_shown_as_text(with_histories):
    launch = with_histories(
        sales='date,units,note\n2020-01-10,5,"<script>alert(1)</script> =1+1 & more"\n'
    )
    html = Table(launch.sales[["note"]], "c").html()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; =1+1 &amp; more" in html
    assert DATA.name == "data"
