"""Results that all launches share are computed once, and always what computing anew would give."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import partial

import pandas as pd
import pytest
from project import ROOT

from analysis.bom import select_clean_pairs
from analysis.data import load_table, shared, shared_results
from analysis.look import COLOUR, Chart, speak_of


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Have shared results lie in a project of the test's own."""
    monkeypatch.setattr(shared_results, "PROJECT", tmp_path)
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis" / "model.py").write_text("RATE = 1\n")
    (tmp_path / "environment.lock").write_text("numpy==2.0\n")
    import_anew(monkeypatch)
    yield tmp_path
    shared_results._store.cache_clear()


def import_anew(monkeypatch) -> None:
    """Have this process count as one that has imported the code on disk just now."""
    monkeypatch.setattr(shared_results, "CODE_THAT_RUNS", shared_results._digest_of_code())
    shared_results._store.cache_clear()


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    return load_table("recosted_pairs"), load_table("devices")


def results_on_disk(project) -> list:
    return list(project.rglob("output.pkl"))


def test_a_second_launch_reads_what_the_first_computed(project):
    expected = select_clean_pairs(*tables())
    first = shared(select_clean_pairs)(*tables())
    written = results_on_disk(project)[0].stat().st_mtime_ns
    read = shared(select_clean_pairs)(*tables())
    pd.testing.assert_frame_equal(first, expected)
    pd.testing.assert_frame_equal(read, expected)
    assert [file.stat().st_mtime_ns for file in results_on_disk(project)] == [written]


def test_other_data_are_computed_anew(project):
    pairs, devices = tables()
    shared(select_clean_pairs)(pairs, devices)
    fewer = shared(select_clean_pairs)(pairs.iloc[:5], devices)
    pd.testing.assert_frame_equal(fewer, select_clean_pairs(pairs.iloc[:5], devices))
    assert len(results_on_disk(project)) == 2


TABLE = pd.DataFrame({"name": ["a", "b"], "units": [1, 2]}, index=["x", "y"])


@dataclass(frozen=True)
class Held:
    """What stands for a study: a table, and how it is read."""

    table: pd.DataFrame
    level: float = 0.8


@pytest.mark.parametrize(
    "other",
    [
        TABLE.assign(units=[1, 3]),
        TABLE.assign(units=[1.0, 2.0]),
        TABLE.assign(name=["a", None]),
        TABLE.assign(name=pd.Series([1, "b"], TABLE.index, dtype=object)),
        TABLE.set_axis(["x", "z"]),
        TABLE.rename_axis("place"),
        TABLE.iloc[::-1],
        TABLE.rename(columns={"units": "phones"}),
        TABLE[["units", "name"]],
        TABLE.head(1),
        TABLE.assign(name=[["a"], ["b"]]),
    ],
)
def test_a_table_that_differs_anywhere_is_another_argument(project, other):
    for table in (TABLE, other, TABLE.copy()):
        for argument in (table, Held(table), [table], {"table": table}):
            assert shared(repr)(argument) == repr(argument)
    assert len(results_on_disk(project)) == 2 * 4


def test_cells_of_several_kinds_are_told_apart(project):
    tables = [pd.DataFrame({"name": pd.Series([one], dtype=object)}) for one in (1, "1")]
    assert [shared(_kinds)(table) for table in tables] == ["int", "str"]


def _kinds(table: pd.DataFrame) -> str:
    return ", ".join(type(cell).__name__ for cell in table["name"])


def test_another_field_beside_the_same_table_is_another_argument(project):
    results = [shared(repr)(Held(TABLE, level)) for level in (0.8, 0.9, 0.8)]
    assert results == [repr(Held(TABLE, level)) for level in (0.8, 0.9, 0.8)]
    assert len(results_on_disk(project)) == 2


@pytest.mark.parametrize("changed", ["analysis/model.py", "environment.lock"])
def test_changed_code_or_libraries_forget_what_was_computed_before(project, monkeypatch, changed):
    shared(select_clean_pairs)(*tables())
    (before,) = results_on_disk(project)
    (project / changed).write_text("other\n")
    import_anew(monkeypatch)
    shared(select_clean_pairs)(*tables())
    (after,) = results_on_disk(project)
    assert after != before


def test_a_process_that_runs_the_code_of_before_an_edit_writes_and_removes_nothing(
    project, monkeypatch
):
    shared(repr)(1)
    (project / "analysis" / "model.py").write_text("RATE = 2\n")
    assert shared(repr)(2) == "2"
    shared_results._store.cache_clear()  # the same where nothing was shared before the edit
    assert shared(repr)(3) == "3"
    assert len(results_on_disk(project)) == 1


def test_an_edit_after_the_import_is_computed_anew_by_the_next_process(tmp_path):
    package = tmp_path / "analysis"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "data" / "__init__.py").touch()
    shutil.copy(shared_results.__file__, package / "data")
    toy = package / "toy.py"
    toy.write_text("def answer(_):\n    return 'before'\n")
    program = (
        "import sys; from pathlib import Path; from analysis import toy; "
        "from analysis.data.shared_results import shared; edited = sys.argv[1]; "
        "edited and Path(toy.__file__).write_text(edited); print(shared(toy.answer)(1))"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", program, edited],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for edited in ("def answer(_):\n    return 'after the edit'\n", "")
    ]
    assert answers == ["before", "after the edit"]


def test_where_nothing_can_be_written_it_is_computed_each_time(project):
    (project / ".cache").write_text("a file where the folder should be")
    pd.testing.assert_frame_equal(
        shared(select_clean_pairs)(*tables()), select_clean_pairs(*tables())
    )


def test_a_damaged_result_is_computed_anew(project):
    expected = shared(select_clean_pairs)(*tables())
    results_on_disk(project)[0].write_bytes(b"half a res")
    pd.testing.assert_frame_equal(shared(select_clean_pairs)(*tables()), expected)


def test_another_process_reads_it_too(project):
    program = (
        "import sys; from pathlib import Path; from analysis.bom import select_clean_pairs; "
        "from analysis.data import load_table, shared, shared_results; "
        "shared_results.PROJECT = Path(sys.argv[1]); "
        "shared_results.CODE_THAT_RUNS = shared_results._digest_of_code(); "
        "shared(select_clean_pairs)(load_table('recosted_pairs'), load_table('devices'))"
    )
    written = []
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-c", program, str(project)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=True,
        )
        written += [file.stat().st_mtime_ns for file in results_on_disk(project)]
    first, second = written
    assert first == second


def test_of_two_processes_that_ask_at_once_one_computes_and_the_other_waits(project):
    program = (
        "import sys; from pathlib import Path; from analysis.data import shared, shared_results; "
        "shared_results.PROJECT = Path(sys.argv[1]); sys.path.append(sys.argv[1]); "
        "shared_results.CODE_THAT_RUNS = shared_results._digest_of_code(); "
        "from slow import count; print(shared(count)(3))"
    )
    (project / "slow.py").write_text(
        "import time\nfrom pathlib import Path\n\n\ndef count(number):\n    time.sleep(2)\n"
        "    with (Path(__file__).parent / 'calls').open('a') as calls:\n"
        "        calls.write('x')\n    return number + 1\n"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(project)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    assert [process.communicate()[0] for process in started] == [b"4\n", b"4\n"]
    assert (project / "calls").read_text() == "x"


def draw_rows(axes, table):
    axes.plot(table["price"], color=COLOUR["margin"])
    axes.set_ylabel("phones")
    return axes


def chart_of(prices, keep=None) -> Chart:
    table = pd.DataFrame({"price": prices})
    return Chart(
        title="Prices",
        measure="dollars",
        draw=partial(draw_rows, table=table),
        alt="A line that rises.",
        data=table,
        keep=keep,
    )


def test_a_kept_drawing_is_the_one_drawn_anew_to_the_last_byte(project):
    drawn = chart_of([1.0, 2.0]).html()
    first, second = chart_of([1.0, 2.0], shared).html(), chart_of([1.0, 2.0], shared).html()
    assert drawn == first == second
    assert len(results_on_disk(project)) == 2  # for a wide screen and for a narrow one


def test_a_kept_drawing_of_other_data_or_words_is_drawn_anew(project):
    chart_of([1.0, 2.0], shared).html()
    assert chart_of([1.0, 3.0], shared).html() == chart_of([1.0, 3.0]).html()
    try:
        speak_of("console", "consoles")
        of_a_console = chart_of([1.0, 2.0], shared).html()
        assert of_a_console == chart_of([1.0, 2.0]).html()
        assert ">consoles<" in of_a_console
    finally:
        speak_of()
