"""A file that somebody mailed is data: it stays below data/, and every fault is one line."""

import gzip
import os
import re
import subprocess
import sys
import time

import duckdb
import pytest

from analysis.data import (
    DATA,
    DataError,
    LaunchCheck,
    counts_per_second,
    data_checksum,
    list_launches,
    load_launch,
    load_table,
    prepare_report,
    read_orders,
    refused_launch_files,
)
from analysis.data.__main__ import main as check_launches
from analysis.data.histories import read_history

HANGS_S = 20  # what takes longer, on however slow a machine, is expanded or tried over and over
SECRET = "root:x:0:0:first line of somebody else's file"


@pytest.fixture
def copy(copy):
    """A copy of data/, and beside it a file that no message may quote."""
    (copy.parent / "secret.csv").write_text(f"{SECRET}\nt_s\n1.5\n", encoding="utf-8")
    return copy


def lines_of(folder, text=None, launch="mi_9"):
    """Write a launch file, load it, and return the error: short lines, quickly told."""
    if text is not None:
        (folder / "launches" / f"{launch}.yaml").write_text(text, encoding="utf-8")
    began = time.process_time()
    with pytest.raises(DataError) as caught:
        load_launch(launch, folder)
    assert time.process_time() - began < HANGS_S, "a fault is found before anything is expanded"
    assert all(len(line) < 500 for line in caught.value.problems)
    assert SECRET not in str(caught.value)
    return str(caught.value)


MI_9 = (DATA / "launches" / "mi_9.yaml").read_text(encoding="utf-8")
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
ODD_YAML = {
    "nine levels of aliases": (BOMB, r":1: an anchor, &a0, on a block"),
    "a list that holds itself": ("name: &a [*a]\n", ":1: an anchor, &a"),
    "a block that holds itself": ("name: &a {b: *a}\n", ":1: an anchor, &a"),
    "an alias of nothing": (
        "name: *nobody\n",
        ":1: not a YAML file: a text that begins with . stands in quotes",
    ),
    "many aliases": ("name: &a x\nb: [" + "*a, " * 101 + "]\n", ":2: more than 100 aliases"),
    "200,000 brackets": ("[" * 200_000, ":1: blocks or lists nested 11 deep; expected 10"),
    "900 brackets, closed": ("[" * 900 + "]" * 900, ":1: blocks or lists nested 11 deep"),
    "nested blocks": ("".join(" " * n + "a:\n" for n in range(900)), "nested 11 deep"),
    "a tag": ("name: !tag x\n", ":1: a tag, '!tag'; expected a plain value"),
    "a tag of Python": (
        "name: !!python/object/apply:os.system [id]\n",
        ":1: a tag, '!!python/object/apply:os.system'; expected a plain",
    ),
    "a list as a key": (
        "? [a]\n: b\n",
        r":1: a block as a field's name; expected one of announced",
    ),
    "a block as a key": ("? {a: b}\n: c\n", ":1: a block as a field's name"),
    "a list": ("- a\n", ":1: .*expected the fields"),
    "one word": ("word\n", ":1: .*expected the fields"),
    "two documents": ("a: 1\n---\nb: 2\n", "not a YAML file: there is a second document"),
    "a NUL byte": ("name: a\0b\n", "not a YAML file"),
    "a field named by a page of text": (f"{'x' * 900}: 1\n", ":1: unknown field 'x{60}'"),
    "a field named in two lines": ('"a\\nb": 1\n', r":1: unknown field 'a\\nb'"),
    "a large file": ("# " + "x" * 1_000_000, "1,000,002 bytes; expected 1,000,000 at most"),
}


@pytest.mark.parametrize("kind", ODD_YAML)
def test_odd_yaml_is_one_line_in_no_time(copy, kind):
    text, expected = ODD_YAML[kind]
    assert re.search(expected, lines_of(copy, text))


ODD_FIELDS = {
    "a number of five million digits": (
        "currency: CNY",
        f"currency: {'9' * 5_000_000}",
        "bytes; expected 1,000,000 at most",
    ),
    "a value of 900,000 digits": (
        "    value: 2999",
        f"    value: {'9' * 900_000}",
        "900,000 characters; expected 20,000 at most",
    ),
    "a price of twenty thousand digits": (
        "    value: 2999",
        f"    value: {'9' * 19_999}",
        r"price.list_local.value = '9{60}'; expected a number > 0",
    ),
    "a price beyond all numbers": ("    value: 2999", "    value: 1e400", "'1e400'; expected"),
    "nothing for a name": (
        "name: Xiaomi Mi 9",
        "name: null",
        r":\d+: name = 'null'; expected a value; a text that is this word stands in quotes",
    ),
    "digits of another script": ("    value: 2999", "    value: ２９９９", "'２９９９'; expected"),
    "empty parameters": ("costs:\n", "parameters:\ncosts:\n", r":\d+: parameters: expected"),
    "a seed below zero": (
        "costs:\n",
        "parameters: {margin: {seed: -1}}\ncosts:\n",
        "parameters.margin.seed = -1; expected a whole number from 0",
    ),
    "a number for the name of a parameter": (
        "costs:\n",
        "parameters: {margin: {5: 1}}\ncosts:\n",
        "parameters.margin has 5; expected a name, as seed",
    ),
    "too few draws": (
        "costs:\n",
        "parameters: {margin: {draws: 0}}\ncosts:\n",
        "parameters.margin.draws = 0; expected a whole number from 100",
    ),
    "an empty study": ("costs:\n", "parameters: {margin: }\ncosts:\n", "parameters.margin: expec"),
    "parameters twice": (
        "costs:\n",
        "parameters: {margin: {seed: 1, seed: 2}}\ncosts:\n",
        "parameters.margin.seed stands twice",
    ),
    "a list of parameters": ("costs:\n", "parameters: [margin]\ncosts:\n", "parameters: expected"),
    "a parameter that is a block": (
        "costs:\n",
        "parameters: {margin: {seed: {a: 1}}}\ncosts:\n",
        "parameters.margin.seed: expected a text, a number, true or false",
    ),
    "a parameter of many digits": (
        "costs:\n",
        f"parameters: {{margin: {{seed: {'9' * 5000}}}}}\ncosts:\n",
        r"parameters.margin.seed = '9{60}'; expected a text, a number",
    ),
    "a parameter in base sixty": (
        "costs:\n",
        f"parameters: {{margin: {{seed: {'59:' * 5000}59}}}}\ncosts:\n",
        r"parameters.margin.seed = '59:.*'; expected a text, a number",
    ),
    "another launch's figures": (
        "costs:\n",
        "parameters: {margin: {launch: mi_5}}\ncosts:\n",
        r"mi_9.yaml:\d+: parameters.margin.launch; expected no such parameter",
    ),
    "a word with markup and many letters": (
        '    sold_out: "yes"',
        f'    sold_out: "<script>{"x" * 900}"',
        r"drops\[\].sold_out = '<script>x{52}'; expected one of",
    ),
    "studies with a command": (
        "[sellout_speed, capacity, margin, release_plan]",
        "[`touch planted`]",
        "studies|not a YAML file",
    ),
    "studies with a quoted command": (
        "[sellout_speed, capacity, margin, release_plan]",
        "['$(touch planted)']",
        r"studies has '\$\(touch planted\)'",
    ),
}


@pytest.mark.parametrize("kind", ODD_FIELDS)
def test_an_odd_value_is_one_line_in_no_time(copy, kind):
    old, new, expected = ODD_FIELDS[kind]
    assert old in MI_9
    assert re.search(expected, lines_of(copy, MI_9.replace(old, new, 1)))
    assert not list(copy.parent.rglob("planted"))


def test_an_alias_of_a_single_value_and_a_byte_order_mark_are_read(copy):
    text = MI_9.replace("name: Xiaomi Mi 9", "name: &it Xiaomi Mi 9").replace(
        "currency: CNY", "currency: CNY\nsummary: *it"
    )
    text = re.sub(r"^summary: [^*].*\n(?: +.*\n)*", "", text, flags=re.M)
    (copy / "launches" / "mi_9.yaml").write_text("\ufeff" + text, encoding="utf-8")
    assert load_launch("mi_9", copy).words["summary"] == "Xiaomi Mi 9"


def test_a_parameter_is_a_text_a_number_or_true_and_a_day_stays_a_text(copy):
    given = "parameters: {margin: {seed: 2, quick: true}, capacity: {as_of: 2019-03-03}}"
    text = MI_9.replace("costs:\n", f"{given}\ncosts:\n")
    (copy / "launches" / "mi_9.yaml").write_text(text, encoding="utf-8")
    assert load_launch("mi_9", copy).parameters == {
        "margin": {"seed": 2, "quick": True},
        "capacity": {"as_of": "2019-03-03"},
    }


OUTSIDE = [
    "../secret.csv",
    "orders/../../secret.csv",
    "{outside}/secret.csv",
    "file://{outside}/secret.csv",
    "https://example.org/log.csv",
    "s3://bucket/log.csv",
    "~/secret.csv",
    "C:\\secret.csv",
    "..\\secret.csv",
    "orders/link.csv",
    "orders/linked_folder/secret.csv",
    "orders/ring",
]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("field", ["orders.file", "histories.sales", "histories.bom"])
def test_a_data_file_outside_data_is_refused_unread(copy, field, name):
    orders = copy / "orders"
    (orders / "link.csv").symlink_to(copy.parent / "secret.csv")
    (orders / "linked_folder").symlink_to(copy.parent)
    (orders / "ring").symlink_to(orders / "ring")
    name = name.format(outside=copy.parent)
    block, key = field.split(".")
    line = lines_of(copy, f"{MI_9}{block}:\n  {key}: '{name}'\n")
    assert re.search(
        rf"mi_9.yaml:\d+: {field} = .*expected (the path of )?a file below data/", line
    )


def test_a_launch_file_or_a_table_that_is_a_link_out_of_data_is_refused_unread(copy):
    (copy / "launches" / "mailed.yaml").symlink_to(copy.parent / "secret.csv")
    assert "a link leads out of data/" in lines_of(copy, launch="mailed")
    (copy / "launches" / "dangling.yaml").symlink_to(copy.parent / "gone.yaml")
    assert "a link leads out of data/" in lines_of(copy, launch="dangling")
    (copy / "launches" / "endless.yaml").symlink_to("/dev/zero")
    assert "a link leads out of data/" in lines_of(copy, launch="endless")
    (copy / "market" / "devices.csv").unlink()
    (copy / "market" / "devices.csv").symlink_to(copy.parent / "secret.csv")
    with pytest.raises(DataError, match=r"devices\.csv: a link leads out of data/") as caught:
        load_table("devices", copy)
    assert SECRET not in str(caught.value)


def test_a_checksum_reads_no_file_outside_data(copy, monkeypatch):
    monkeypatch.setattr("analysis.data.tables.DATA", copy)
    before = data_checksum()
    (copy / "market" / "endless.csv").symlink_to("/dev/zero")
    (copy / "market" / "secret.csv").symlink_to(copy.parent / "secret.csv")
    assert data_checksum() == before


def test_a_log_that_is_not_there_is_told_before_a_kernel_starts(monkeypatch):
    launch = load_launch("example")
    launch.words["orders.file"] = "orders/gone.csv"
    monkeypatch.setattr("analysis.data.launches.load_launch", lambda name: launch)
    with pytest.raises(DataError, match=r"orders.file = 'orders/gone.csv'; expected a file below"):
        prepare_report("example", "sellout_speed")


ODD_NAMES = [
    "a phone",
    "my-phone",
    "`touch planted`",
    "$(touch planted)",
    "A",
    "t\u00e9l",
    "a\nb",
    "",
]


def test_launch_files_with_odd_names_are_refused_by_name_and_the_others_work(copy):
    names = list_launches(copy)
    for name in ODD_NAMES:
        (copy / "launches" / f"{name}.yaml").write_text(MI_9, encoding="utf-8")
    (copy / "launches" / "folder.yaml").mkdir()
    (copy / "launches" / "nowhere.yaml").symlink_to(copy / "nowhere")
    assert list_launches(copy) == names
    lines = refused_launch_files(copy)
    hidden = 1  # the file without a name is an editor's own, not a launch
    assert len(lines) == len(ODD_NAMES) - hidden + 2
    assert all(line.startswith("data/launches: ") and "\n" not in line for line in lines)
    assert any(
        "'a phone.yaml' is left out; expected a name of lower-case" in line for line in lines
    )
    for name in [*ODD_NAMES, "../market/devices", "/etc/passwd"]:
        with pytest.raises(DataError, match="expected a name of lower-case letters, digits"):
            load_launch(name, copy)
    assert load_launch("mi_5", copy).name == "Xiaomi Mi 5"


def test_the_check_of_all_launches_says_a_line_for_each(monkeypatch, capsys):
    wrong = LaunchCheck(
        name="mi_9",
        problems=("data/launches/mi_9.yaml:3: a = 'x'; expected y", "s.csv:2: b; expected c"),
        warnings=("data/launches/mi_9.yaml:4: The log ends late.",),
    )
    checks = {"mi_9": wrong, "mi_5": LaunchCheck(name="mi_5", problems=(), warnings=())}
    monkeypatch.setattr("analysis.data.__main__.check_launch", checks.get)
    monkeypatch.setattr("analysis.data.__main__.refused_launch_files", lambda: ["a b: left out"])
    monkeypatch.setattr("analysis.data.__main__.list_launches", lambda: ["mi_9", "mi_5"])
    assert check_launches([]) == 2, "a launch, and a file that is none"
    lines = capsys.readouterr()
    assert lines.err.splitlines() == ["a b: left out", *wrong.problems, "mi_9: 2 errors"]
    assert lines.out.splitlines() == [
        "odd: data/launches/mi_9.yaml:4: The log ends late.",
        "data/launches/mi_5.yaml is as it should be",
    ]
    assert check_launches(["mi_5"]) == 0
    assert "left out" not in capsys.readouterr().err, "nobody asked for it"


def test_a_fault_of_a_market_table_is_told_once_however_many_launches_read_it(monkeypatch, capsys):
    fault = "exchange_rates.csv: a link leads out of data/"
    checks = {
        name: LaunchCheck(name=name, problems=(fault,), warnings=()) for name in ("mi_9", "mi_5")
    }
    monkeypatch.setattr("analysis.data.__main__.check_launch", checks.get)
    monkeypatch.setattr("analysis.data.__main__.check_tables", lambda: [fault])
    monkeypatch.setattr("analysis.data.__main__.refused_launch_files", list)
    monkeypatch.setattr("analysis.data.__main__.list_launches", lambda: [*checks])
    assert check_launches([]) == 3, "the table and both launches"
    assert capsys.readouterr().err.splitlines() == [fault, "mi_9: 1 error", "mi_5: 1 error"]


def test_a_time_zone_of_the_machine_that_is_none_is_said_to_be_the_fault(tmp_path):
    """Babel reads TZ when it loads the names of countries; a folder of zones is no zone either."""
    (tmp_path / "zone").write_text("no zone\n", encoding="utf-8")
    for zone in (str(tmp_path / "zone"), "Europe"):
        done = subprocess.run(
            [sys.executable, "-m", "analysis.data", "mi_9"],
            env=os.environ | {"TZ": zone},
            cwd=DATA.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        told = [line for line in done.stderr.splitlines() if "in the environment" in line]
        assert len(told) == 1
        assert told[0].startswith(f"TZ = '{zone[:40]}")
        assert "expected the name of a time zone, such as Europe/Berlin" in told[0]
        assert "Traceback" not in done.stderr


def spoiled_table(folder, change):
    path = folder / "market" / "sale_rounds.csv"
    path.write_bytes(change(path.read_bytes()))
    return lambda: load_table("sale_rounds", folder)


def test_a_table_with_a_byte_order_mark_and_odd_line_ends_is_read(copy):
    plain = load_table("sale_rounds")
    marked = spoiled_table(copy, lambda text: b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert marked().equals(plain)
    odd_note = spoiled_table(copy, lambda text: text.replace(b"Xiaomi", "Xiao\u2028mi".encode(), 1))
    assert len(odd_note()) == len(plain), "a line separator inside a cell ends no line"


def test_a_table_with_a_column_twice_or_digits_of_another_script_is_refused(copy):
    lines = (copy / "market" / "sale_rounds.csv").read_text(encoding="utf-8").splitlines()
    twice = "\n".join(f"{line},{line.split(',')[0]}" for line in lines).encode()
    with pytest.raises(DataError, match=r"sale_rounds\.csv:1: columns round_id, .*expected those"):
        spoiled_table(copy, lambda text: twice)()
    arabic = "\n".join(lines).replace("-02-", "-\u0660\u0662-", 1).encode()
    with pytest.raises(DataError, match=r"sale_rounds\.csv:\d+: date = .*expected an ISO date"):
        spoiled_table(copy, lambda text: arabic)()


def parquet(path, columns):
    duckdb.sql(f"COPY (SELECT {columns}) TO '{path}' (FORMAT parquet)")
    return path


ODD_LOGS = {
    "status of integers": ("1.5 AS t_s, 3 AS status", "status = '3', of type integer; expected wo"),
    "status of booleans": ("1.5 AS t_s, true AS status", "status = 'true', of type boolean; expec"),
    "a list of statuses": ("1.5 AS t_s, [1] AS status", r"status = '\[1\]', of type .*expected wo"),
    "stamps in epoch seconds": ("1551146400 AS ordered_at", "ordered_at = '1551146400', .*an ISO"),
    "stamps in epoch milliseconds": ("1551146400000 AS ordered_at", "'1551146400000', .*an ISO"),
    "a time of no day": ("TIME '10:00' AS ordered_at", "'10:00:00', .*expected an ISO timestamp"),
    "a day for seconds": ("DATE '2019-02-26' AS t_s", "t_s = '2019-02-26', .*expected seconds"),
}


@pytest.mark.parametrize("kind", ODD_LOGS)
def test_a_log_whose_columns_are_of_another_type_shows_a_value_and_the_form_expected(
    tmp_path, kind
):
    columns, expected = ODD_LOGS[kind]
    with pytest.raises(DataError, match=expected) as caught:
        read_orders(parquet(tmp_path / "log.parquet", columns))
    assert "\n" not in str(caught.value)


ODD_TEXT_LOGS = {
    "status of numbers": ("t_s,status\n1.5,0\n2.5,1\n", "status = '0', .*expected words, such as"),
    "status true and false": ("t_s,status\n1.5,True\n2.5,False\n", "status = 'True', .*expected"),
    "days with points": ("ordered_at\n26.02.2019 10:00\n", r"ordered_at = '26\.02\.2019 10:00'"),
    "days with strokes": ("ordered_at\n26/02/2019\n", "'26/02/2019', expected an ISO timestamp"),
    "epoch seconds": ("ordered_at\n1551146400\n", "'1551146400', expected an ISO timestamp"),
    "one clock in two cases": (
        "t_s,T_S\n1.5,9\n",
        r"log\.csv:1: columns t_s and T_S; expected each",
    ),
    "a column twice": ("t_s,t_s\n1.5,9\n", r"log\.csv:1: columns t_s and t_s; expected each once"),
    "an empty first line": ("\nt_s\n1.5\n", r"log\.csv:1: .*expected a file .* with a header"),
    "a long word": (f"t_s\n{'x' * 900}\n", "t_s = 'x{60}', expected seconds"),
}


@pytest.mark.parametrize("kind", ODD_TEXT_LOGS)
def test_a_log_of_text_in_another_form_shows_a_value_and_the_form_expected(tmp_path, kind):
    text, expected = ODD_TEXT_LOGS[kind]
    (tmp_path / "log.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=expected) as caught:
        read_orders(tmp_path / "log.csv")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700


def test_statuses_of_another_type_are_read_where_the_cancelled_ones_are_named(tmp_path):
    log = parquet(tmp_path / "log.parquet", "unnest([1.5, 2.5]) AS t_s, unnest([3, 4]) AS status")
    assert read_orders(log, cancelled=("4",)).report["cancelled"].item() == 1
    assert read_orders(log, cancelled=()).report["orders_kept"].item() == 2


def test_a_parquet_file_with_one_column_in_two_cases_is_refused(tmp_path):
    path = parquet(tmp_path / "log.parquet", "1.5 AS t_s, 2.5 AS t_q")
    path.write_bytes(path.read_bytes().replace(b"t_q", b"T_S"))
    with pytest.raises(DataError, match="columns named t_s in any case; expected it once"):
        read_orders(path)


def test_a_log_shows_itself_with_its_names_escaped(tmp_path):
    script = "<img src=x onerror=alert(1)>"
    (tmp_path / "log.csv").write_text(f"t_s,event,{script}\n1.5,{script},x\n", encoding="utf-8")
    html = read_orders(tmp_path / "log.csv")._repr_html_()
    assert "<img" not in html
    assert html.count("&lt;img src=x onerror=alert(1)&gt;") >= 2


def test_a_path_is_one_file_whatever_its_name(tmp_path):
    (tmp_path / "a*b.csv").write_text("t_s\n1.5\n")
    (tmp_path / "a_b.csv").write_text("t_s\n2.5\n3.5\n")
    assert read_orders(tmp_path / "a*b.csv").report["rows_read"].item() == 1
    assert read_orders(str(tmp_path / "a?b.csv")).report["rows_read"].item() == 3


def test_many_events_are_counted_quickly_and_not_all_named(tmp_path):
    path = tmp_path / "log.parquet"
    duckdb.sql(
        f"COPY (SELECT 'e' || i AS event, i % 7 + 0.5 AS t_s FROM range(20000) n(i)) TO '{path}'"
    )
    log = read_orders(path)
    began = time.process_time()
    assert counts_per_second(log)["orders"].sum() == 20_000
    assert time.process_time() - began < HANGS_S
    stamps = tmp_path / "stamps.parquet"
    columns = "'e' || i AS event, TIMESTAMP '2019-02-26' AS ordered_at"
    duckdb.sql(f"COPY (SELECT {columns} FROM range(20000) n(i)) TO '{stamps}'")
    with pytest.raises(DataError, match="and 19,980 more") as caught:
        read_orders(stamps, opened_at="soon")
    assert len(str(caught.value)) < 500


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unopened(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "my_bom.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"\0" * 31_000_000)
    with pytest.raises(DataError, match=r"my_bom\.xlsx: 31,000,000 bytes; expected 30,000,000"):
        read_history("BOM history", tmp_path / "my_bom.xlsx")


def workbook_with_one_far_cell(path):
    """A small workbook that opens as a sheet of 17 thousand million cells."""
    import zipfile

    import pandas as pd

    pd.DataFrame({"date": ["2019-10-01"], "bom_usd": [268]}).to_excel(path, index=False)
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = next(name for name in parts if "sheet1" in name)
    end = b"</sheetData>"
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    parts[sheet] = parts[sheet].replace(end, far + end)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)


def test_a_workbook_with_one_far_cell_fills_no_memory(tmp_path):
    workbook_with_one_far_cell(tmp_path / "my_bom.xlsx")
    with pytest.raises(DataError, match="sheet 'Sheet1' has more than 500,000 cells"):
        read_history("BOM history", tmp_path / "my_bom.xlsx")


def damaged_parquet(path):
    parquet(path, "unnest(range(100000)) + 0.5 AS t_s")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2] + content[-2000:])


def zipped_header_without_end(path):
    path.write_bytes(gzip.compress(b"t_s" + b"9" * 5_000_000))


ODD_FILES = {
    "log.parquet": (damaged_parquet, "it cannot be read|damaged"),
    "log.csv.gz": (zipped_header_without_end, r"log\.csv\.gz:1: a column's name without an end"),
    "log.csv.zip": (lambda path: path.write_bytes(b"PK\x03\x04"), "an Excel workbook or another"),
    "log.csv": (lambda path: path.mkdir(), "there is no such file"),
    "x" * 5_000: (lambda path: None, "^.{300}: there is no such file"),
    "x\0.csv": (lambda path: None, "there is no such file"),
}


@pytest.mark.parametrize("name", ODD_FILES)
def test_an_odd_file_for_a_log_is_one_short_line(tmp_path, name):
    write, expected = ODD_FILES[name]
    write(tmp_path / name)
    with pytest.raises(DataError, match=expected) as caught:
        read_orders(tmp_path / name)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.filterwarnings("error")
def test_numbers_of_absurd_size_in_a_log_are_bad_cells_and_leave_no_warning(tmp_path):
    log = tmp_path / "log.csv"
    log.write_text("t_s,units\n1.5,2\n1.5,1000000001\n2.5,1e18\n1e308,1\n-1e308,1\ninf,1\nnan,1\n")
    report = read_orders(log).report.iloc[0]
    assert (report["orders_kept"], report["bad_units"], report["no_time"]) == (1, 2, 4)
