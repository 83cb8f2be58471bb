"""Order logs of flash sales, larger than memory: cleaned and counted by the second through DuckDB, nothing dropped in silence."""

import html
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from glob import escape, glob
from pathlib import Path

import jinja2
import numpy as np
import pandas as pd

from .errors import DataError, listed, named, one_line, quoted, suggest

SQL = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent))
CANCELLED = ("cancelled", "refunded")  # words of a status, in whatever case
FORMS = {  # what a column of an order log has to be like, as an error says it
    "t_s": "seconds since the opening, such as 12.5",
    "ordered_at": "an ISO timestamp, such as 2019-02-26 10:00:01, UTC where it names no zone",
    "status": "words, such as paid or cancelled; or name in `cancelled` those that mean so",
}
COLUMNS = ["t_s", "ordered_at", "event", "order_id", "units", "status"]
FATES = [
    "orders_kept",
    "no_event",
    "no_time",
    "bad_units",
    "no_order_id",
    "repeated",
    "cancelled",
    "before_opening",
]


@dataclass(frozen=True, eq=False)
class OrderLog:
    """The orders of one or more events, cleaned and counted by the second; single times are read again from the files."""

    report: pd.DataFrame  # one row per event: rows_read = orders_kept + the rows dropped, by the first reason that holds
    seconds: pd.DataFrame  # one row per event and second since its opening that has an order: orders, units, first_s, last_s
    opened_s: dict[
        str, int
    ]  # by event: its opening in seconds from 1970, UTC; 0 where the log counts from the opening
    ignored: list[str]  # columns that were not read
    ask: Callable[[str], pd.DataFrame] = field(
        repr=False
    )  # runs SQL; the view `orders` has every row and the rule it meets

    def _repr_html_(self) -> str:
        return (
            self.report.to_html(index=False, border=0)
            + f"<p>Columns not read: {html.escape(listed(self.ignored)) or 'none'}.</p>"
        )


def read_orders(
    paths, *, opened_at=None, cancelled=CANCELLED, deduplicate=True, progress=False
) -> OrderLog:
    """Read order logs, one row per order: a file, a list or a glob of .parquet, or .csv, .csv.gz (UTF-8, commas).
    Columns: `t_s` (seconds since the opening) or `ordered_at` (timestamp, UTC where it names no zone); optional `event`, `order_id`,
    `units` (whole number from 1), `status`. `opened_at`: a timestamp on a whole second, or one for each event; None takes that of
    its first order: times too short if nobody ordered at once. `deduplicate=False` saves two of three reads. DataError for what
    cannot be read, no time, no opening, no order left; a bad cell is counted instead."""
    ask, columns = open_log(paths, progress)
    clock = "t_s" if "t_s" in columns and opened_at is None else "ordered_at"
    if clock not in columns:
        found = f"{paths}: of its columns {one_line(', '.join(columns), 200)}, no such column"
        raise DataError(
            f"{found}; expected ordered_at{' or t_s (seconds since the opening)' * (opened_at is None)}"
        )
    _check_types(ask, columns, clock, paths, cancelled)
    cells = _count(
        ask, columns, clock, np.atleast_1d(cancelled), deduplicate and "order_id" in columns
    )
    named, rule, times = (
        cells["event"].fillna("") != "",
        cells["rule"],
        ["second", "first_s", "last_s"],
    )
    events = sorted(cells["event"][named].unique())
    first = cells[named & rule.isin([0, 6])].groupby("event")["second"].min()
    opened = (first * (clock == "ordered_at")).reindex(events).fillna(0).astype(int)
    if opened_at is not None:
        given = pd.Series(
            opened_at if isinstance(opened_at, Mapping) else dict.fromkeys(events, opened_at)
        ).map(str)
        stamps = pd.to_datetime(given, utc=True, errors="coerce", format="ISO8601").reindex(events)
        if (stamps != stamps.dt.floor("s")).any():  # an empty one is not itself
            raise DataError(
                f"opened_at = {one_line(repr(opened_at))}; expected a timestamp on a whole second for each of {listed(events)}"
            )
        opened = (stamps - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(seconds=1)
    cells[times] = cells[times].sub(cells["event"].map(opened), axis=0).round(6)
    cells["fate"] = np.select(
        [~named, cells["second"].isna(), (rule == 0) & (cells["second"] < 0)], [1, 2, 7], rule
    )
    report = cells.groupby(["event", "fate"], dropna=False)["orders"].sum().unstack(fill_value=0)
    report = report.reindex(columns=range(8), fill_value=0).set_axis(FATES, axis=1)
    if not report["orders_kept"].sum():
        hint = " (opened_at without a zone is UTC)" * bool(report["before_opening"].sum())
        raise DataError(
            f"{paths}: {_sample(ask, columns, clock)}{report.sum().to_dict()}; "
            f"expected at least one order to keep{hint}"
        )
    report.insert(0, "rows_read", report.sum(axis=1))
    kept = (
        cells[cells["fate"] == 0]
        .drop(columns=["rule", "fate"])
        .sort_values(["event", "second"], ignore_index=True)
    )
    kept = kept.astype({"second": int, "orders": int, "units": int})
    ignored = sorted(columns.keys() - {clock, "event", "order_id", "units", "status"})
    return OrderLog(report.reset_index(), kept, opened.to_dict(), ignored, ask)


def counts_per_second(log: OrderLog) -> pd.DataFrame:
    """Count by the second: event, second since its opening, orders, units; from 0 to its last order, empty seconds included."""
    last = log.seconds.groupby("event")["second"].max()
    if last.sum() > 20_000_000:  # a stray date must not fill the memory with zeros
        raise DataError(
            f"event {quoted(last.idxmax())}: an order {last.max():,} s after its opening; expected 20,000,000 s at most"
        )
    lengths = last.to_numpy() + 1
    second = np.arange(lengths.sum()) - np.repeat(lengths.cumsum() - lengths, lengths)
    every = pd.DataFrame({"event": np.repeat(last.index.to_numpy(), lengths), "second": second})
    return (
        every.merge(log.seconds.iloc[:, :4], "left", ["event", "second"])
        .fillna(0)
        .astype({"orders": int, "units": int})
    )


def time_of_unit(log: OrderLog, k: int) -> pd.DataFrame:
    """Find when the k-th unit of each event was ordered, t_(k): event, t_s (seconds since its opening, NaN where fewer were)."""
    if k < 1:
        raise DataError(f"k = {k}; expected 1 or more")
    times = dict.fromkeys(log.opened_s, np.nan)
    ends = (
        log.seconds.assign(upto=log.seconds.groupby("event")["units"].cumsum())
        .query("upto >= @k")
        .groupby("event")
        .head(1)
    )
    for event, second, units, upto in ends[["event", "second", "units", "upto"]].itertuples(
        index=False
    ):
        at = second + log.opened_s[event]
        found = _find(log, event, f"clock >= moment({at}) AND clock < moment({at + 1})")
        times[event] = found["t_s"][found["units"].cumsum().searchsorted(k - upto + units)]
    return pd.DataFrame(times.items(), columns=["event", "t_s"])


def order_times(log: OrderLog, event: str | None = None) -> np.ndarray:
    """Give the times of an event's orders in seconds since its opening, sorted (all in memory); a lone event needs no name."""
    chosen = next(iter(log.opened_s)) if event is None and len(log.opened_s) == 1 else event
    if chosen not in log.opened_s:
        raise DataError(
            f"event = {quoted(event) if event is not None else None}; expected an event of the log{suggest(str(event), log.opened_s)}"
        )
    return _find(log, chosen, f"clock >= moment({log.opened_s[chosen]})")["t_s"].to_numpy()


def _sql(value: object) -> str:
    """Write a value as SQL, quoted as it must be. DuckDB is imported where it works: other studies can do without."""
    from duckdb import ConstantExpression  # noqa: PLC0415

    return str(ConstantExpression(value))


def _find(log: OrderLog, event: str, where: str) -> pd.DataFrame:
    sql = f"SELECT round(stamp_s - {log.opened_s[event]}, 6) AS t_s, units FROM orders WHERE rule = 0 AND abs(stamp_s) < 9e18"
    return log.ask(f"{sql} AND event = {_sql(event)} AND {where}").sort_values(
        "t_s", ignore_index=True
    )


def open_log(paths, progress: bool) -> tuple[Callable[[str], pd.DataFrame], dict[str, str]]:
    """Lay the view `source` over the files; give the function that asks DuckDB, and the columns with their types."""
    import duckdb  # noqa: PLC0415

    names, parts, headers = [], [], []
    for path in [paths] if isinstance(paths, (str, Path)) else paths:
        is_pattern = not isinstance(path, Path)  # a Path is one file, whatever its name
        names += (is_pattern and sorted(glob(path))) or [str(path)]
    if not names:
        raise DataError(f"paths = {paths!r}; expected at least one file")
    for name in names:
        if not Path(name).is_file():
            raise DataError(
                f"{name}: there is no such file; expected an order log, .parquet, .csv or .csv.gz"
            )
        text = [] if name.endswith(".parquet") else _header(name)
        headers.append(text)
        parts.append(
            (_sql(escape(name)), _sql(dict.fromkeys(text, "VARCHAR")) if len(text) else "")
        )
    with (
        tempfile.TemporaryDirectory() as spill
    ):  # gone at once: DuckDB makes it when it must spill, and removes it at its end
        db = duckdb.connect(
            config={"memory_limit": "512MB", "temp_directory": spill, "perfect_ht_threshold": 20}
        )
    db.execute(
        f"SET TimeZone = 'UTC'; SET parquet_metadata_cache = true; SET enable_progress_bar = {bool(progress)}"
    )

    def ask(sql: str) -> pd.DataFrame:
        try:
            return db.execute(sql).df()
        except (
            duckdb.IOException,
            duckdb.InvalidInputException,
            duckdb.ConversionException,
            duckdb.BinderException,
            duckdb.OutOfMemoryException,
        ) as err:
            said, _, more = str(err).split("\n\nLINE")[0].partition("\nPossible")
            place = more.partition("file = ")[2].split("\n")[0] or paths
            raise DataError(
                f"{place}: {one_line(said)}; expected a log that can be read to its end"
            ) from None

    parquet = "" if any(columns for _, columns in parts) else _sql([escape(name) for name in names])
    if parquet_files := [
        escape(name) for name, text in zip(names, headers, strict=True) if not text
    ]:
        _check_parquet_columns(ask, parquet_files)
    ask(SQL.get_template("orders.sql.j2").module.source(parts, parquet))
    return ask, {
        name.lower(): kind for name, kind, *_ in ask("DESCRIBE source").itertuples(index=False)
    }


def _header(name: str) -> list[str]:
    """The columns of a text file, each once in whatever case; DuckDB's own guess at them may skip lines."""
    expected = "expected a file .parquet, or .csv, .csv.gz in UTF-8 with a header"
    options = {"header": None, "nrows": 1, "dtype": str, "na_filter": False}
    try:
        columns = pd.read_csv(name, skip_blank_lines=False, **options).iloc[0].tolist()
    except (ValueError, OSError, EOFError) as err:
        raise DataError(f"{name}: {one_line(err)}; {expected}") from None
    first_in_any_case = {}
    for column in columns:
        earlier = first_in_any_case.setdefault(column.lower(), column)
        if columns.count(column) > 1 or earlier != column:
            raise DataError(
                f"{name}:1: columns {named(earlier)} and {named(column)}; "
                "expected each once, in whatever case"
            )
    if not any(columns):
        raise DataError(f"{name}:1: an empty line; {expected}")
    return columns


def _check_types(ask, columns: dict[str, str], clock: str, paths, cancelled) -> None:
    """Refuse columns of Parquet whose type cannot mean what they are read as; the error shows a value."""
    times = ("VARCHAR", "DATE", "TIMESTAMP")
    wrong_time = clock == "ordered_at" and not columns[clock].startswith(times)
    wrong_time |= clock == "t_s" and columns[clock].startswith(("DATE", "TIME", "BOOL"))
    status = columns.get("status", "VARCHAR")
    wrong_status = not status.startswith(("VARCHAR", "ENUM")) and cancelled is CANCELLED
    if columns.get("status") == "VARCHAR" and cancelled is CANCELLED:
        wrong_status = _only_numbers(ask)
    wrong = [(clock, FORMS[clock])] * wrong_time + [("status", FORMS["status"])] * wrong_status
    for column, form in wrong:
        seen = ask(f'SELECT "{column}"::VARCHAR AS seen FROM source WHERE seen IS NOT NULL LIMIT 1')
        shown = quoted(seen["seen"].iloc[0]) if len(seen) else "empty"
        raise DataError(
            f"{paths}: {column} = {shown}, of type {columns[column].lower()[:60]}; expected {form}"
        )


def _only_numbers(ask) -> bool:
    """Whether the first statuses are all numbers or true and false, which say nothing of themselves."""
    words = ask("SELECT DISTINCT trim(status) AS word FROM (FROM source LIMIT 1000)")["word"]
    words = words[words.fillna("") != ""].str.lower()
    return len(words) > 0 and bool((words.str.isnumeric() | words.isin(["true", "false"])).all())


def _check_parquet_columns(ask, names: list[str]) -> None:
    """Refuse a Parquet file that has a column of a log twice, apart by its case alone."""
    twice = ask(
        f"""SELECT file_name, lower(name) AS field FROM parquet_schema({_sql(names)})
        WHERE field IN {_sql(COLUMNS)} GROUP BY ALL HAVING count(*) > 1"""
    )
    for row in twice.itertuples():
        raise DataError(f"{row.file_name}: columns named {row.field} in any case; expected it once")


def _sample(ask, columns: dict[str, str], clock: str) -> str:
    """Where no order was kept: the first cell of the clock that is no time, and the form expected."""
    trouble = f"""SELECT "{clock}"::VARCHAR AS seen FROM source, (SELECT 1)
        WHERE "{clock}" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM rows WHERE abs(stamp_s) < 9e18) LIMIT 1"""
    seen = ask(trouble)
    if not len(seen):
        return ""
    return f"{clock} = {quoted(seen['seen'].iloc[0])}, expected {FORMS[clock]}; of its rows "


def _count(ask, columns: dict[str, str], clock: str, cancelled, ids: bool) -> pd.DataFrame:
    """Count the rows by event, absolute second and rule (the number of a fate); known events go as an ENUM, which is quicker."""
    sql, words = (
        SQL.get_template("orders.sql.j2").module,
        _sql([str(word).strip().lower() for word in cancelled]),
    )
    ask(sql.views(columns, clock, ids, words))
    known = (
        ask("FROM known UNION SELECT event FROM (SELECT event FROM rows LIMIT 2000)")["event"]
        .dropna()
        .to_list()
    )
    if len(known) > 1000:
        known = []
    found = ask(sql.cells(columns, clock, _sql(known)[1:-1]))
    return (
        found if found["event"].notna().all() or not known else ask(sql.cells(columns, clock, ""))
    )
