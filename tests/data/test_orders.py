"""An order log gives what a slow row-by-row version gives, whatever its form.

Every row is accounted for, and errors name their place.
"""

import gzip
import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.data import (
    ROW_STATUS,
    DataError,
    OrderLog,
    counts_per_second,
    order_counts,
    order_times,
    read_orders,
)

OPENING = datetime(2019, 2, 26, 2, 0, 0, tzinfo=UTC)
TYPES = {
    "order_id": "INTEGER",
    "t_s": "DOUBLE",
    "ordered_at": "TIMESTAMP",
    "units": "DOUBLE",
    "event": "VARCHAR",
    "status": "VARCHAR",
}
FORMS = ("csv", "csv.gz", "text.parquet", "typed.parquet")

seconds = st.sampled_from([0.0, 0.25, 0.999999, 1.0, 1.0, 2.5, 2.5, 61.125, -0.25, -3.0])
texts = {
    "order_id": st.sampled_from([None, *"1234567"]),
    "t_s": seconds.map(str) | st.sampled_from([None, "soon", "nan", "inf"]),
    "ordered_at": seconds.map(lambda s: str((OPENING + timedelta(seconds=s)).replace(tzinfo=None)))
    | st.sampled_from([None, "soon"]),
    "event": st.sampled_from(["a", "b", "b", None]),
    "status": st.sampled_from([None, "paid", "paid", " Cancelled", "refunded"]),
    "units": st.sampled_from(["1", "1", "2", "3", "0", "-1", "1.5", "two", None]),
}


def logs(clock: str):
    """Logs as lists of rows of text, with any of the optional columns."""
    optional = st.sets(st.sampled_from(["event", "status", "units"]))
    return optional.flatmap(
        lambda more: st.lists(
            st.fixed_dictionaries({c: texts[c] for c in ("order_id", clock, *sorted(more))}),
            min_size=1,
            max_size=25,
        )
    )


def write(folder: Path, rows: list[dict], form: str, name: str = "log") -> Path:
    """Write rows of text as CSV, as Parquet of texts, or as Parquet of numbers and timestamps."""
    path = folder / f"{name}.{form}"
    table = pd.DataFrame(
        rows, columns=[column for column in TYPES if column in rows[0]], dtype=object
    )
    if form.startswith("csv"):
        table.to_csv(path, index=False)
        return path
    kinds = TYPES if form == "typed.parquet" else dict.fromkeys(TYPES, "VARCHAR")
    cells = ", ".join(f"TRY_CAST({column} AS {kinds[column]}) AS {column}" for column in table)
    with duckdb.connect() as connection:
        connection.register("given", table.astype("str").where(table.notna(), None))
        connection.execute(f"COPY (SELECT {cells} FROM given) TO '{path}' (FORMAT parquet)")
    return path


def row(number: int, t_s: object, **more) -> dict:
    return {"order_id": str(number), "t_s": str(t_s), **more}


def whole_units(text: str | None) -> int | None:
    try:
        return int(text) if text is not None and int(text) >= 1 else None
    except ValueError:
        return None


def clock_us(text: str | None, clock: str) -> float | None:
    """Microseconds of the log's own clock, as exact as written; None if the text is no time."""
    try:
        if clock == "t_s":
            return float(text) * 1e6 if math.isfinite(float(text)) else None
        return (
            datetime.fromisoformat(text).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        ) // timedelta(microseconds=1)
    except (TypeError, ValueError):
        return None


def judge_slowly(
    rows: list[dict], clock: str, opened_at: datetime | None, deduplicate: bool
) -> tuple[Counter, dict]:
    """The oracle, one row at a time.

    Returns the number of rows by (event, status), and (t_s, units) of the orders kept by event.
    """
    statuses, orders_of, first_us, gone = Counter(), {}, {}, set()
    for number, row in enumerate(rows):
        event, at, order = (
            row.get("event", "all"),
            clock_us(row[clock], clock),
            row["order_id"] if deduplicate else number,
        )
        units = whole_units(row.get("units", "1"))
        if (row.get("status") or "").strip().lower() in ("cancelled", "refunded"):
            gone.add((event, order))
        reasons = {
            "no_event": event is None,
            "no_time": at is None,
            "bad_units": units is None,
            "no_order_id": order is None,
        }
        if status := next((reason for reason, holds in reasons.items() if holds), None):
            statuses[event, status] += 1
            continue
        orders_of.setdefault((event, order), []).append((at, units))
        first_us[event] = min(at, first_us.get(event, math.inf))
    kept = {}
    for (event, order), lines in orders_of.items():
        at, units = min(lines)
        statuses[event, "repeated"] += len(lines) - 1
        opening = (
            0
            if clock == "t_s"
            else opened_at.timestamp() * 1e6
            if opened_at
            else first_us[event] // 1e6 * 1e6
        )
        status = (
            "cancelled"
            if (event, order) in gone
            else "before_opening"
            if at < opening
            else "orders_kept"
        )
        statuses[event, status] += 1
        if status == "orders_kept":
            kept.setdefault(event, []).append(((at - opening) / 1e6, units))
    return +statuses, kept


def check_against(log: OrderLog, statuses: Counter, kept: dict) -> None:
    found = log.report.set_index("event")[list(ROW_STATUS)].stack()
    assert {
        (None if pd.isna(event) else event, status): rows
        for (event, status), rows in found.items()
        if rows
    } == statuses
    assert (log.report["rows_read"] == log.report[list(ROW_STATUS)].sum(axis=1)).all()
    counts, ends = (
        counts_per_second(log),
        log.seconds.groupby("event").agg({"first_s": "min", "last_s": "max"}),
    )
    assert set(counts["event"]) == set(ends.index) == set(kept)
    for event, mine in kept.items():
        times = np.array(sorted(t for t, _ in mine))
        assert order_times(log, event) == pytest.approx(times, abs=1e-9)
        assert ends.loc[event].tolist() == pytest.approx([times[0], times[-1]], abs=1e-9)
        per_second = counts[counts["event"] == event]
        assert per_second["second"].tolist() == list(range(int(times[-1]) + 1))
        assert per_second["orders"].tolist() == [
            sum(times // 1 == second) for second in per_second["second"]
        ]
        assert per_second["units"].tolist() == [
            sum(u for t, u in mine if t // 1 == second) for second in per_second["second"]
        ]


@pytest.mark.oracle("slow version")
@pytest.mark.parametrize("clock", ["t_s", "ordered_at"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_small_log_gives_what_the_row_by_row_version_gives(clock, data):
    rows, deduplicate, cut = (
        data.draw(logs(clock)),
        data.draw(st.booleans()),
        data.draw(st.integers(0, 25)),
    )
    opened_at = data.draw(st.sampled_from([None, OPENING])) if clock == "ordered_at" else None
    openings = dict.fromkeys(("a", "b", "all"), opened_at) if opened_at and cut % 2 else opened_at
    form = data.draw(st.sampled_from(FORMS))
    statuses, kept = judge_slowly(rows, clock, opened_at, deduplicate)
    with TemporaryDirectory() as folder:
        for number, part in enumerate(part for part in (rows[:cut], rows[cut:]) if part):
            write(Path(folder), part, form, f"part{number}")
        if not kept:
            with pytest.raises(DataError, match="expected at least one order to keep"):
                read_orders(f"{folder}/*.{form}", opened_at=openings, deduplicate=deduplicate)
        else:
            check_against(
                read_orders(f"{folder}/*.{form}", opened_at=openings, deduplicate=deduplicate),
                statuses,
                kept,
            )


@pytest.mark.parametrize("form", FORMS)
def test_orders_at_even_steps_come_back_at_those_steps(tmp_path, form):
    log = read_orders(write(tmp_path, [row(n, n / 4) for n in range(400)], form))
    assert order_times(log).tolist() == [n / 4 for n in range(400)]
    assert counts_per_second(log)["orders"].tolist() == [4] * 100


def test_an_event_that_the_quick_look_misses_is_counted_all_the_same(tmp_path):
    """Past the first 100,000 rows, and neither the first nor the last name of any row group."""
    path = tmp_path / "log.parquet"
    event = "if(i < 110000, 'a', if(i = 110500, 'm', if(i % 2 = 0, 'a', 'z')))"
    rows = f"SELECT {event} AS event, i / 1000 AS t_s FROM range(111000) n(i)"
    duckdb.sql(f"COPY ({rows}) TO '{path}' (FORMAT parquet)")
    report = read_orders(path).report.set_index("event")["orders_kept"]
    assert report.to_dict() == {"a": 110_499, "m": 1, "z": 500}


def test_an_opening_is_a_moment_whatever_the_zone_it_is_written_in(tmp_path):
    rows = [
        {"order_id": "1", "ordered_at": "2019-02-26T10:00:01+08:00"},
        {"order_id": "2", "ordered_at": "2019-02-26 02:00:03"},
    ]
    path = write(tmp_path, rows, "csv")
    for opened_at in (
        "2019-02-26 02:00:00",
        "2019-02-26T10:00+08:00",
        pd.Timestamp("2019-02-26 10:00", tz="Asia/Shanghai"),
    ):
        assert order_times(read_orders(path, opened_at=opened_at)).tolist() == [1, 3]
    assert order_times(read_orders(path)).tolist() == [0, 2], (
        "without it the first order opens the sale: times come out short"
    )


def test_a_cancelled_repeat_cancels_the_order_even_where_its_own_row_is_bad(tmp_path):
    rows = [
        row(1, 5, status="paid", units="1"),
        row(2, 1, status="paid", units="2"),
        row(2, 7, status="paid", units="1"),
    ]
    rows += [row(1, 9, status="CANCELLED", units="0")]
    log = read_orders(write(tmp_path, rows, "csv"))
    columns = ["rows_read", "orders_kept", "bad_units", "repeated", "cancelled"]
    assert log.report[columns].to_numpy().tolist() == [[4, 1, 1, 1, 1]]
    assert order_times(log).tolist() == [1]
    assert order_times(read_orders(tmp_path / "log.csv", cancelled=())).tolist() == [1, 5]


def test_an_odd_name_a_byte_order_mark_and_a_column_not_known_are_seen(tmp_path):
    odd = tmp_path / "Lei's [1] log.csv.gz"
    odd.write_bytes(gzip.compress(b"\xef\xbb\xbft_s,city\n1,x\n2,y\n"))
    log = read_orders(odd)
    assert (order_times(log).tolist(), log.ignored) == ([1, 2], ["city"])
    assert "Columns not read: city" in log._repr_html_()


def test_files_whose_columns_differ_are_joined_by_name_and_what_one_lacks_is_empty_there(tmp_path):
    write(tmp_path, [row(1, 2, event="a")], "csv", "day_1")
    (tmp_path / "day_2.csv").write_text("t_s,order_id\n3,2\n")
    write(tmp_path, [row(3, 4, event="a")], "typed.parquet", "day_3")
    log = read_orders(
        [tmp_path / "day_1.csv", tmp_path / "day_2.csv", str(tmp_path / "day_3.typed.parquet")]
    )
    assert log.report[["orders_kept", "no_event"]].sum().tolist() == [2, 1]
    assert order_times(log).tolist() == [2, 4]


GOOD = b"order_id,t_s,event\n1,2,a\n"
BROKEN = {
    "empty": (b"", r"log\.csv:1: .*an empty file; expected a file \.parquet, or \.csv"),
    "header alone": (b"order_id,t_s\n", r"log\.csv: .*expected at least one order to keep"),
    "no time": (
        b"order_id,orderd_at\n1,2\n",
        r"columns order_id, orderd_at, no such column; expected ordered_at or t_s",
    ),
    "semicolons": (
        b"order_id;orderd_at\n1;2\n",
        r"columns order_id, orderd_at, no such column; expected ordered_at or t_s",
    ),
    "short line": (
        GOOD + b"7,8\n",
        r"log\.csv:3: 2 cells, the header has 3; expected a file of rows",
    ),
    "long line": (
        GOOD + b"7,8,9,10\n",
        r"log\.csv:3: 4 cells, the header has 3; expected a file of rows",
    ),
    "open quote": (GOOD + b'"1,2,a\n', r"log\.csv:3: a quote is not closed"),
    "Latin 1": (
        GOOD + "2,3,café\n".encode("latin-1"),
        r"log\.csv:3: a byte that is not UTF-8; save",
    ),
    "UTF-16": (
        GOOD.decode().encode("utf-16"),
        r"log\.csv: this is a text in UTF-16; expected a .csv",
    ),
    "workbook": (
        b"PK\x03\x04\x14\x00\x08\x08\x08\x00\xb5",
        r"log\.csv: this is an Excel workbook .*; expected a .csv file",
    ),
    "all before the opening": (
        b"t_s\n-3\n-2\n",
        r"log\.csv: .*at least one order to keep \(opened_at without a zone is UTC",
    ),
    "every cell bad": (
        b"t_s\nsoon\nlater\n",
        r"log\.csv: t_s = 'soon', .*2 no_time; expected at least one order to keep",
    ),
    "no number": (
        b"order_id,t_s\n1,soon\n",
        r"log\.csv: .*1 no_time; expected at least one order to keep",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_one_error_that_names_the_place_and_what_was_expected(tmp_path, kind):
    content, message = BROKEN[kind]
    (tmp_path / "log.csv").write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_orders(tmp_path / "log.csv")
    assert "\n" not in str(caught.value)


def test_bad_cells_of_an_order_log_are_counted_in_its_report_and_left_out(tmp_path):
    rows = ["1.5,1,a,paid", "2.5,-3,b,paid", "1,x,c,paid", ",1,d,paid", "9.5,1,e,cancelled"]
    rows += ["1.5,1,a,paid", "3.5,2,f,paid"]
    text = "\n".join(["t_s,units,order_id,status", *rows])
    (tmp_path / "log.csv").write_text(f"{text}\n")
    report = read_orders(str(tmp_path / "log.csv")).report.iloc[0]
    statuses = ["rows_read", "orders_kept", "no_time", "bad_units", "repeated", "cancelled"]
    assert report[statuses].tolist() == [7, 2, 1, 2, 1, 1]


def test_missing_files_cut_files_and_no_files_are_named(tmp_path):
    for name, content in {
        "cut.parquet": b"PAR1" + bytes(50),
        "cut.csv.gz": gzip.compress(GOOD * 9)[:9],
        "no.csv.gz": GOOD,
    }.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=rf"{name}.*expected a"):
            read_orders(tmp_path / name)
    for name in ("day_l.csv", "day_l.parquet", "day_*.parquet", ""):
        with pytest.raises(DataError, match=rf"{tmp_path.name}.*expected a"):
            read_orders(tmp_path / name)
    with pytest.raises(DataError, match="expected at least one file"):
        read_orders([])


def test_openings_events_and_spans_that_do_not_fit_are_named(tmp_path):
    rows = [
        {"order_id": str(n), "ordered_at": f"2019-02-26 10:00:0{n}", "event": f"drop_{n}"}
        for n in (1, 2)
    ]
    path = write(tmp_path, rows, "typed.parquet")
    for opened_at in (
        "soon",
        5,
        "2019-02-26 10:00:00.5",
        {"drop_1": "2019-02-26 10:00"},
        float("nan"),
    ):
        with pytest.raises(
            DataError, match="expected a timestamp on a whole second for each of drop_1, drop_2"
        ):
            read_orders(path, opened_at=opened_at)
    with pytest.raises(DataError, match="2 before_opening; expected"):
        read_orders(path, opened_at="2020-01-01")
    with pytest.raises(DataError, match="event = None; expected an event of the log"):
        order_times(read_orders(path))
    with pytest.raises(
        DataError, match="event = 'drop_3'; expected an event of the log; did you mean drop_"
    ):
        order_times(read_orders(path), "drop_3")
    stray = write(tmp_path, [row(1, 2), row(2, 1e9)], "csv")
    with pytest.raises(
        DataError,
        match="of its columns order_id, t_s, no such column; expected ordered_at: t_s counts from ",
    ):
        read_orders(stray, opened_at="2019-02-26")
    long = write(
        tmp_path, [row(i, t_s, event=f"drop_{i}") for i, t_s in enumerate([1.5e7, 1.6e7])], "csv"
    )
    expected = (
        "events: 2 with 31,000,000 s in all, the longest 'drop_1' with 16,000,000 s; "
        "expected 20,000,000 s in all at most"
    )
    with pytest.raises(DataError, match=expected):
        counts_per_second(read_orders(long))
    expected = r"event 'drop_1': 16,000,000 s in steps of 0.1 s; expected 20,000,000 steps at most"
    with pytest.raises(DataError, match=expected):
        order_counts(read_orders(long), 0.1, "drop_1")


def test_of_an_event_without_a_kept_order_there_are_no_times_and_no_counts(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("event,t_s,status\na,1.5,paid\nb,1,cancelled\n")
    log = read_orders(path)
    assert order_times(log, "b").tolist() == []
    assert order_counts(log, 1.0, "b").tolist() == []
    assert counts_per_second(log)["event"].unique().tolist() == ["a"]
    assert order_counts(log, 1.0, "a").tolist() == [0, 1]


@pytest.mark.parametrize(
    ("times_s", "step_s", "counts"),
    [
        ("10 3599.997", 3600, [2]),
        ("0.3 0.7", 0.1, [0, 0, 0, 1, 0, 0, 0, 1]),
        ("3599.999999 3600", 3600, [1, 1]),
    ],
)
def test_a_time_counts_in_the_step_that_it_lies_in_however_long_the_steps(
    tmp_path, times_s, step_s, counts
):
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["t_s", *times_s.split()]) + "\n")
    assert order_counts(read_orders(path), step_s).tolist() == counts


def test_a_table_of_many_thousand_columns_is_refused_at_once(tmp_path):
    columns = ",".join(["t_s", *(f"c{number}" for number in range(5_000))])
    (tmp_path / "log.csv").write_text(f"{columns}\n")
    with pytest.raises(DataError, match=r"log.csv:1: 5,001 columns; expected 2,000 at most"):
        read_orders(tmp_path / "log.csv")


def test_a_column_whose_name_begins_like_a_zip_file_is_a_column(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("PK,t_s\n1,1\n2,2.5\n")
    assert order_times(read_orders(path)).tolist() == [1, 2.5]
    path.write_bytes(b"PK\x05\x06" + bytes(18))
    with pytest.raises(DataError, match=r"this is an empty zip file; expected a \.csv file"):
        read_orders(path)


def test_the_progress_bar_is_off_unless_asked_for(tmp_path):
    for progress in (False, True):
        log = read_orders(write(tmp_path, [row(1, 2)], "csv"), progress=progress)
        assert (
            log.ask("SELECT current_setting('enable_progress_bar') AS shown")["shown"].item()
            is progress
        )
