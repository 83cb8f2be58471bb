"""Every table keeps to its dictionary, and no corruption of any column of any table passes."""

import csv
import os

import pytest

from analysis.data import DATA, DataError, list_files, load_table, read_dictionary, suggest

TABLES = read_dictionary()


def corruptions(kind: str) -> list[str]:
    """Cells that a column of this type must refuse."""
    if kind.startswith(("integer", "number")):
        bounded = ["-7"] if kind.endswith((">= 0", "> 0", "to 1")) else ["-1e9"]
        return [
            "twelve",
            "1,000",
            "12 units",
            "nan",
            "inf",
            *bounded,
            *(["1.5"] if kind.startswith("integer") else []),
        ]
    return {
        "date": ["2019-02-30", "26.02.2019", "2019-2-6", "soon", "1066-10-14"],
        "period": ["2016Q5", "2016-13", "last year"],
        "yes/no": ["Yes", "true", "1"],
        "url": ["n/a", "www.example.org", "see note"],
        "slug": ["Mi 9", "mi-9", "mi__9"],
        "text": [" blank in front", "a\nbreak"],
    }.get(kind, ["no_such_word_on_earth"])


def spoil(folder, table, change):
    """Rewrite one table after `change` has edited its rows, header first; return the path."""
    path = folder / "market" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    change(rows)
    write_table(path, rows)
    return path


def write_table(path, rows):
    """Write rows of text as a CSV file that was changed just now."""
    changed_ns = path.stat().st_mtime_ns
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    os.utime(path, ns=(changed_ns + 1_000_000, changed_ns + 1_000_000))


@pytest.mark.parametrize("name", TABLES)
def test_every_table_keeps_to_its_dictionary(name):
    table = load_table(name)
    assert list(table) == [column.name for column in TABLES[name].columns]
    assert len(table) > 0
    assert not table.duplicated(list(TABLES[name].key)).any()


@pytest.mark.parametrize("name", TABLES)
def test_no_corrupt_cell_of_any_column_passes_and_the_error_names_its_place(copy, name):
    path = copy / "market" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    spoiled_line = 3
    for position, column in enumerate(TABLES[name].columns):
        for bad in corruptions(column.kind) + ([""] if column.required else []):
            spoiled = [list(row) for row in rows]
            spoiled[spoiled_line - 1][position] = bad
            write_table(path, spoiled)
            place = rf"{name}\.csv:{spoiled_line}: {column.name} = "
            with pytest.raises(DataError, match=f"^{place}.*expected"):
                load_table(name, copy)


@pytest.mark.parametrize("name", TABLES)
def test_a_repeated_key_a_short_line_and_an_empty_file_are_refused(copy, name):
    path = spoil(copy, name, lambda rows: rows.append(rows[1]))
    with pytest.raises(
        DataError, match=rf"{name}\.csv:\d+: {TABLES[name].key[0]}.* line 2 has it too"
    ):
        load_table(name, copy)
    spoil(copy, name, lambda rows: (rows.pop(), rows[1].pop()))
    with pytest.raises(DataError, match=rf"{name}\.csv:2: \d+ cells; expected \d+"):
        load_table(name, copy)
    path.write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="the file is empty"):
        load_table(name, copy)


@pytest.mark.parametrize("name", [name for name in TABLES if name not in ("devices", "claims")])
def test_every_row_has_its_source_or_says_that_it_is_assumed(name):
    table = load_table(name)
    unsourced = table[table["source_url"].isna()]
    assert unsourced.empty or (name == "economics" and unsourced["basis"].eq("assumed").all())


def test_a_sourced_row_of_economics_without_its_source_is_refused(copy):
    def change(rows):
        at, basis = rows[0].index("source_url"), rows[0].index("basis")
        next(row for row in rows[1:] if row[basis] == "sourced")[at] = ""

    spoil(copy, "economics", change)
    with pytest.raises(
        DataError,
        match=r"economics\.csv:\d+: source_url = ''; expected a value where basis is sourced",
    ):
        load_table("economics", copy)


def test_of_cells_that_are_needed_nought_and_no_are_values_and_an_empty_number_is_none(copy):
    readme = copy / "README.md"
    rule = "`source_url` where `basis` is `sourced`"
    needs = f"`weak_source` where `basis` is `assumed`, `low` where `basis` is `assumed`, {rule}"
    readme.write_text(readme.read_text(encoding="utf-8").replace(rule, needs), encoding="utf-8")
    economics = load_table("economics", copy).query("basis == 'assumed'")
    assert not economics["weak_source"].all()
    assert (economics["low"] == 0).any()

    line = economics.index[-1] + 2

    def change(rows):
        rows[line - 1][rows[0].index("low")] = ""

    spoil(copy, "economics", change)
    expected = rf"economics\.csv:{line}: low = ''; expected a value where basis is assumed"
    with pytest.raises(DataError, match=expected):
        load_table("economics", copy)


def test_an_assumed_figure_has_its_range():
    assumed = load_table("economics").query("basis == 'assumed'")
    assert (assumed["low"] <= assumed["value"]).all()
    assert (assumed["value"] <= assumed["high"]).all()


def test_a_period_that_ends_before_it_starts_is_refused(copy):
    def change(rows):
        start, end = rows[0].index("period_start"), rows[0].index("period_end")
        row = next(row for row in rows[1:] if row[start] and row[end])
        row[start], row[end] = "2019-05-01", "2019-04-01"

    spoil(copy, "capacity_reports", change)
    with pytest.raises(DataError, match="expected period_start <= period_end"):
        load_table("capacity_reports", copy)


def test_the_dictionary_describes_every_file_and_no_other():
    assert {path.stem for path in (DATA / "market").glob("*.csv")} == set(TABLES)


def test_an_unknown_table_or_word_offers_the_nearest():
    with pytest.raises(DataError, match="did you mean sale_rounds"):
        load_table("sales_rounds")
    assert suggest("zzz", ["mi_9", "mi_5"]) == "; known: mi_5, mi_9"


def test_a_file_in_another_encoding_is_refused(copy):
    path = copy / "market" / "devices.csv"
    path.write_bytes(path.read_bytes() + "caf\xe9".encode("latin-1"))
    with pytest.raises(DataError, match=r"devices\.csv: byte \d+ is not UTF-8"):
        load_table("devices", copy)


def test_files_used_are_listed_with_their_rows_and_how_many_are_weak():
    rounds, devices = load_table("sale_rounds"), load_table("devices")
    listed = list_files({"sale_rounds": rounds[:7], "devices": devices})
    assert listed["file"].tolist() == ["data/market/sale_rounds.csv", "data/market/devices.csv"]
    assert listed["rows"].tolist() == [7, len(devices)]
    weak = int(rounds["weak_source"][:7].sum())
    assert listed["rows_from_a_weak_source"].tolist() == [weak, 0]
