"""The counts of coverage: read as listed, named where missing or older than the code."""

import ast
import hashlib
import shutil
import sys
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from analysis.data import DataError
from analysis.data.launches import STUDY_NAMES
from analysis.evidence import __main__ as command
from analysis.evidence import counts
from analysis.evidence.counts import (
    NO_PAGE,
    ROOT,
    by_interval,
    code_hash,
    coverage,
    digest_of_count,
    list_counts,
    list_oracles,
    load_counts,
    module_path,
    page_of_kinds,
    pool_groups,
    share_held_by_kind,
    state_of_counts,
)


def imports_within_the_room(module: str) -> set[str]:
    """Modules that a module imports from its own room."""
    room = module.split(".", maxsplit=1)[0]
    tree = ast.parse(module_path(module).read_text(encoding="utf-8"))
    beside = [
        node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level == 1
    ]
    return {f"{room}.{node.module}" for node in beside}


@pytest.fixture
def copy(tmp_path):
    """A project's data and tests that a test may spoil."""
    for name in ("data", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_every_table_on_file_is_listed_with_columns_that_it_has():
    listed = {count.table for count in list_counts()}
    assert {path.stem for path in (ROOT / "data" / "evidence").glob("*.csv")} <= listed
    for count in list_counts():
        if count.table in load_counts():
            here = set(load_counts()[count.table])
            assert {count.held, *([] if count.trials == "rows" else [count.trials])} <= here
            assert count.cell == ("all",) or set(count.cell) <= here


def test_a_count_made_with_other_code_is_named_and_so_is_one_that_is_missing(copy):
    path = copy / "data" / "evidence" / "pair_coverage.csv"
    table = pd.read_csv(path).assign(code="0" * 12)
    table.to_csv(path, index=False)
    (copy / "data" / "evidence" / "panel_coverage.csv").unlink()
    state = state_of_counts(copy).set_index("table")["state"]
    assert state["pair_coverage"] == "methods changed since"
    assert state["panel_coverage"] == "not counted yet"
    assert "panel_coverage" not in set(coverage(copy)["table"])


def test_every_table_on_file_counts_the_methods_as_they_are_today():
    """One that does not is counted anew: make evidence ARGS=pair_coverage."""
    state = state_of_counts().set_index("table")["state"]
    assert state[state != "methods unchanged since"].to_dict() == {}
    assert len(state) == len({count.table for count in list_counts()}) > 1


@pytest.mark.parametrize("most_bytes", [0, 300, -1])
def test_a_table_of_which_a_part_is_gone_is_refused_and_not_read_as_a_shorter_one(copy, most_bytes):
    path = copy / "data" / "evidence" / "pair_coverage.csv"
    path.write_bytes(path.read_bytes()[:most_bytes])
    with pytest.raises(DataError, match=r"pair_coverage\.csv:?\d*: .*expected"):
        load_counts(copy)


def test_a_table_of_its_header_alone_is_refused(copy):
    path = copy / "data" / "evidence" / "pair_coverage.csv"
    path.write_text(path.read_text(encoding="utf-8").split("\n")[0] + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"pair_coverage\.csv.* no rows; expected"):
        load_counts(copy)


def calls_of(method: str, folder: Path) -> set[str]:
    """Names of the folders below one whose modules call a function by its name."""
    return {
        path.parent.name
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == method
    }


@pytest.mark.parametrize(
    ("label", "method"),
    [
        ("order log, law of arrival known", "fit_arrivals"),
        ("iPhones sold, years ahead", "forecast_long"),
    ],
)
def test_a_kind_that_no_page_shows_is_of_a_method_that_only_its_count_calls(label, method):
    assert page_of_kinds()[label] == NO_PAGE
    assert calls_of(method, ROOT / "analysis") == {"evidence"}
    notebooks = [path.read_text(encoding="utf-8") for path in (ROOT / "notebooks").glob("*.ipynb")]
    assert notebooks
    assert not [text for text in notebooks if f"{method}(" in text]


def test_every_kind_names_a_study_that_shows_it_or_none():
    pages = {(count.label, count.page) for count in list_counts()}
    assert len(pages) == len(page_of_kinds()), "two pages for one kind"
    assert set(page_of_kinds().values()) <= {*STUDY_NAMES, NO_PAGE}


@pytest.mark.parametrize("count", list_counts(), ids=lambda count: count.label)
def test_a_digest_covers_all_that_a_counted_module_imports_of_its_room(count):
    for module in count.modules:
        assert imports_within_the_room(module) <= set(count.modules), module
    assert digest_of_count(count.table) == code_hash(*count.modules)
    assert count.modules == tuple(sorted(count.modules))


@pytest.fixture
def two_tables(tmp_path, monkeypatch):
    """The command, with two tables that are counted at once and a folder of their own."""
    tables = {name: partial(pd.DataFrame, {"held": [1.0]}) for name in ("one", "two")}
    monkeypatch.setattr(command, "COUNTS", tables)
    monkeypatch.setattr(command, "DATA", tmp_path)
    return tmp_path / "evidence"


@pytest.mark.parametrize(("named", "counted"), [([], ["one", "two"]), (["two"], ["two"])])
def test_the_command_counts_the_tables_named_or_all(two_tables, monkeypatch, named, counted):
    monkeypatch.setattr(sys, "argv", ["analysis.evidence", *named])
    command.main()
    assert sorted(path.stem for path in two_tables.glob("*.csv")) == counted


def test_the_command_refuses_a_word_that_names_no_table_and_says_which_there_are(
    two_tables, monkeypatch, capsys
):
    monkeypatch.setattr(sys, "argv", ["analysis.evidence", "one", "nope"])
    with pytest.raises(SystemExit):
        command.main()
    assert capsys.readouterr().err.endswith("no table 'nope' (choose from one, two)\n")
    assert not list(two_tables.glob("*.csv"))


def test_a_table_that_is_not_listed_has_no_digest():
    with pytest.raises(ValueError, match="'panels' is not listed"):
        digest_of_count("panels")


def test_the_digest_is_blind_to_comments_docstrings_and_layout_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(counts, "ROOT", tmp_path)
    (tmp_path / "analysis").mkdir()
    digests = []
    for text in (
        'def f(x):\n    """Add."""\n    return x + 1\n',
        "def f(x): return x+1  # one more\n",
        "def f(x):\n    return x + 2\n",
    ):
        (tmp_path / "analysis" / "m.py").write_text(text)
        digests.append(code_hash("m"))
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.oracle("closed form")
def test_the_digest_is_the_same_whichever_quotes_a_version_of_python_puts(tmp_path, monkeypatch):
    """Python 3.11 writes the outer quotes of this f-string double, 3.12 single."""
    monkeypatch.setattr(counts, "ROOT", tmp_path)
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis" / "m.py").write_text("x = f\"{a['b']}\"\n")
    assert code_hash("m") == hashlib.sha256(b"x = f'{a['b']}'").hexdigest()[:12]


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda table: table.drop(columns="pooled_share"), ":1: no column pooled_share; expected"),
        (
            lambda table: pd.concat([table, table.tail(1)]),
            r":\d+: the between_sd, noise_true_over_told of an earlier line again; expected",
        ),
        (lambda table: table.assign(next_phone_share=1.9), ":2: next_phone_share = .*1.9"),
        (lambda table: table.assign(next_phone_share="most"), ":2: next_phone_share = 'most'"),
        (lambda table: table.assign(code="a\0b"), ":2: a zero byte; expected comma-separated"),
    ],
    ids=["a column gone", "a row twice", "a share above one", "a word for a share", "a zero byte"],
)
def test_a_spoilt_table_is_one_line_with_its_place(copy, spoil, expected):
    path = copy / "data" / "evidence" / "pair_coverage.csv"
    spoil(pd.read_csv(path)).to_csv(path, index=False)
    with pytest.raises(DataError, match=f"^pair_coverage.csv{expected}") as caught:
        load_counts(copy)
    assert "\n" not in str(caught.value)


@pytest.mark.oracle("closed form")
def test_a_cell_is_short_only_when_its_whole_wilson_interval_lies_below_the_level(copy):
    table = pd.read_csv(copy / "data" / "evidence" / "pair_coverage.csv").head(2)
    table["pooled_share"], table["runs"] = [0.9, 0.9], [50, 5000]
    table.to_csv(copy / "data" / "evidence" / "pair_coverage.csv", index=False)
    rows = coverage(copy).query("label == 'fall of cost by pairs, average phone'")
    assert rows["short"].tolist() == [False, True]
    z, p, n = 1.959964, 0.9, 50  # Wilson 1927
    centre, reach = (
        (p + z**2 / (2 * n)) / (1 + z**2 / n),
        z / (1 + z**2 / n) * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5,
    )
    assert rows["low"].iloc[0] == pytest.approx(centre - reach, abs=1e-6)
    assert rows["high"].iloc[0] == pytest.approx(centre + reach, abs=1e-6)


def test_cells_of_one_group_are_pooled_by_their_cases():
    cells = pd.DataFrame(
        {
            "label": "a",
            "group": ["x", "x"],
            "level": 0.95,
            "trials": [100, 300],
            "estimate": [0.8, 1.0],
        }
    )
    pooled = pool_groups(cells, "a")
    assert pooled["estimate"].tolist() == [0.95]
    assert pooled["trials"].tolist() == [400]
    assert share_held_by_kind(cells)["estimate"].tolist() == [0.95]


def test_a_kind_is_short_before_it_is_wide_and_near_only_when_it_is_neither():
    cells = pd.DataFrame(
        {
            "label": ["a", "b", "c", "d"],
            "level": 0.8,
            "trials": [1000, 1000, 10, 1000],
            "estimate": [0.5, 0.99, 0.8, 0.81],
            "short": [True, False, False, False],
        }
    )
    kinds = by_interval(cells).set_index("label")
    assert kinds["verdict"].to_dict() == {"a": "short", "b": "wide", "c": "wide", "d": "near"}
    assert kinds.loc["a", "low"] == pytest.approx(-0.3)


@pytest.mark.parametrize(("level", "too_wide"), [(0.95, 0.05), (0.9, 0.1), (0.8, 0.2), (0.7, 0.3)])
def test_a_range_that_held_every_time_is_wide_whichever_way_its_excess_is_rounded(level, too_wide):
    """In binary fractions 1 - 0.95 lies above 0.05, but 1 - 0.9 below 0.1."""
    cells = pd.DataFrame(
        {"label": "a", "level": level, "trials": 200, "estimate": [1.0, 1.0], "short": False}
    )
    assert by_interval(cells, too_wide=too_wide)["verdict"].tolist() == ["wide"]
    once_missed = cells.assign(estimate=[1.0, 0.995])
    assert by_interval(once_missed, too_wide=too_wide)["verdict"].tolist() == ["near"]


def test_every_cell_has_words_of_its_own_within_its_table():
    cells = coverage()
    assert not cells.duplicated(["label", "level", "cell"]).any()
    assert cells["cell"].str.len().gt(2).all()


def test_tests_with_an_oracle_are_listed_as_sentences_with_what_they_are_held_against(tmp_path):
    folder = tmp_path / "tests" / "bom"
    folder.mkdir(parents=True)
    (folder / "test_laws.py").write_text(
        "import pytest\n\n"
        "@pytest.mark.oracle('closed form')\ndef test_a_law_is_exact():\n    assert True\n\n"
        "def test_a_wrong_word_is_an_error():\n    assert True\n"
    )
    oracles = list_oracles(tmp_path)
    assert oracles.to_numpy().tolist() == [["bom", "closed form", "a law is exact"]]


def test_every_room_with_a_method_is_held_against_something_right_for_another_reason():
    by_room = list_oracles()["room"].value_counts()
    rooms = ["sellout", "demand", "supply", "bom", "margin", "plan"]
    assert by_room.reindex(rooms, fill_value=0).ge(2).all(), by_room
    kinds = {"closed form", "slow version", "known truth", "published number", "rival"}
    assert set(list_oracles()["held against"]) <= kinds


def test_a_digest_of_digits_alone_stays_a_text(copy):
    """As a number it would never be the digest of the code."""
    path = copy / "data" / "evidence" / "pair_coverage.csv"
    pd.read_csv(path).assign(code="349163319747").to_csv(path, index=False)
    assert set(load_counts(copy)["pair_coverage"]["code"]) == {"349163319747"}


@pytest.mark.parametrize(
    ("table", "row", "cell", "group"),
    [
        (
            "crowd_coverage",
            {"crowd": "clusters", "people": 10_000, "share_seen": 0.6},
            "clusters, 10,000 people, 60 % seen",
            "clusters",
        ),
        ("stamp_coverage", {"sale_s": 5, "people": 1_000}, "gone in 5 s, 1,000 people", None),
        ("burst_coverage", {"bot_share": 0.1, "people": 1_000}, "10 % bots, 1,000 people", None),
    ],
)
def test_a_cell_of_other_crowds_is_named_by_what_sets_it_apart(table, row, cell, group):
    name = counts.name_cell(table, row)
    assert name.cell == cell
    assert name.group == (group or cell.split(", ")[0])
