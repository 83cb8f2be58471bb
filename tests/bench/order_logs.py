"""Counts by second of a large order log against DuckDB's bare read of the same columns."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ratios import Check, Line

ROOT = Path(__file__).resolve().parents[2]
ROWS = 100_000_000
ROUNDS = 5
BARE, COUNTED = "the bare read", "DuckDB's own count by second"
MOST_MB = 600
SALES = 5  # in one log
SALE_S = 600
ROWS_A_SALE = ROWS // SALES
# Seconds since the opening, half a second out of order, as the logs of servers are.
SECONDS = f"(i % {ROWS_A_SALE} / {ROWS_A_SALE / SALE_S} + random() / 2)"


@dataclass(frozen=True)
class Log:
    """A simulated log: its columns, and the least work that reads all of them."""

    name: str
    """What is particular to it."""
    columns: str
    """SQL of the columns beside `event`."""
    bare_read: str
    """SQL that touches every value of these columns."""
    second: str
    """SQL of the second of a row, for DuckDB's own count by event and second."""
    rows: int
    """How many orders."""
    most_times: float | None
    """How many times the seconds of what it is held against may be; None where it is told alone."""
    against: str = BARE
    """What it is held against: the bare read or DuckDB's own count by second."""


LOGS = [
    Log(
        name="timestamps",
        columns=(
            f"TIMESTAMP '2019-02-26 10:00' + to_hours(i // {ROWS_A_SALE}) "
            f"+ to_microseconds((1e6 * {SECONDS})::BIGINT) AS ordered_at"
        ),
        bare_read="sum(epoch_us(ordered_at))",
        second="epoch_us(ordered_at) // 1000000",
        rows=ROWS,
        most_times=1.8,
    ),
    # Adding up a column of doubles is so cheap (6 ns a row) that putting each row in its second
    # costs twice as much again, in DuckDB's own barest count as well. So that is the rival here.
    Log(
        name="seconds",
        columns=f"{SECONDS}::DOUBLE AS t_s",
        bare_read="sum(t_s)",
        second="floor(t_s)::BIGINT",
        rows=ROWS,
        most_times=1.0,
        against=COUNTED,
    ),
    Log(  # one order in a hundred repeats another; told, not asked: the price of looking for them
        name="ids",
        columns=f"{SECONDS}::DOUBLE AS t_s, i - 10 * (random() < 0.01)::INT AS order_id",
        bare_read="sum(t_s), sum(order_id)",
        second="floor(t_s)::BIGINT",
        rows=ROWS // 10,
        most_times=None,
    ),
]

# Each run is a process of its own, which prints its seconds and the most memory it held.
DUCKDB_ALONE = """
import json, resource, sys, time
import duckdb

path, query = sys.argv[1:]
began = time.perf_counter()
connection = duckdb.connect(config={"memory_limit": "512MB"})
connection.execute("SET enable_progress_bar = false")
connection.execute(query).fetchall()
seconds = time.perf_counter() - began
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000]))
"""
OUR_COUNTS = """
import json, resource, sys, time
from analysis.data import counts_per_second, read_orders

path = sys.argv[1]
began = time.perf_counter()
counts_per_second(read_orders(path))
seconds = time.perf_counter() - began
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000]))
"""


def bench_order_logs() -> Iterator[Line]:
    """Count each log by second, in turns with a bare read of it."""
    for log in LOGS:
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/log.parquet"
            write_log(log, path)
            read = f"SELECT {log.bare_read}, sum(length(event)) FROM '{path}'"
            count = f"SELECT event, {log.second}, count(*) FROM '{path}' GROUP BY ALL"
            bare = []
            counted = []
            ours = []
            for _ in range(ROUNDS):
                bare.append(measure(DUCKDB_ALONE, path, read))
                counted.append(measure(DUCKDB_ALONE, path, count))
                ours.append(measure(OUR_COUNTS, path))
        yield line_of(log, bare, counted, ours)


def line_of(log: Log, bare: list[tuple], counted: list[tuple], ours: list[tuple]) -> Check:
    """Compare the median seconds of all ways, and tell the most memory of ours."""
    our_s = median(seconds for seconds, _ in ours)
    rivals_s = {
        BARE: median(seconds for seconds, _ in bare),
        COUNTED: median(seconds for seconds, _ in counted),
    }
    peak_mb = max(megabytes for _, megabytes in ours)
    times = [
        f"{our_s / rival_s:.2f} times {name} ({rival_s:.2f} s)"
        for name, rival_s in rivals_s.items()
    ]
    text = (
        f"orders, {log.rows / 1e6:g} million rows with {log.name}: {our_s:.2f} s, "
        f"{', '.join(times)}, peak {peak_mb:.0f} MB"
    )
    if log.most_times is None:
        return Check(text, is_asked=False)
    holds = our_s <= log.most_times * rivals_s[log.against] and peak_mb < MOST_MB
    asked = f"at most {log.most_times:g} times {log.against} and {MOST_MB} MB asked"
    return Check(f"{text}; {asked}", holds)


def write_log(log: Log, path: str) -> None:
    """Write a simulated log as Parquet, in a process whose memory then goes."""
    numbers = f"range(0, {ROWS}, {ROWS // log.rows}) numbers(i)"
    query = f"SELECT 'drop_' || i // {ROWS_A_SALE} AS event, {log.columns} FROM {numbers}"
    copy = f"COPY ({query}) TO '{path}' (FORMAT parquet)"
    code = f'import duckdb; duckdb.execute("""{copy}""")'
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def measure(code: str, *arguments: str) -> tuple[float, float]:
    """Return the seconds and the megabytes that a program tells of itself."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    seconds, megabytes = json.loads(done.stdout)
    return seconds, megabytes
