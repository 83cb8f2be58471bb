"""Order logs of flash sales: cleaned and counted by the second, nothing dropped in silence.

`read_orders` reads a log, larger than memory, through DuckDB. Opening the files is for
duckdb_files.py, the SQL of each step is in orders.sql.j2, and data/README.md says what the
columns of a log mean. What a model of arrivals is fitted to is for order_times.py, and who the
orders came from for order_people.py.
"""

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from .causes import cause_of
from .duckdb_files import SQL, Paths, Source, open_source, sql_literal
from .errors import DataError, listed, one_line, quoted
from .order_clock import as_moment, check_length, check_openings, check_time_zone
from .order_columns import which_to_rename
from .order_status import GONE, plain_list, read_statuses

COLUMNS = ("t_s", "ordered_at", "event", "order_id", "units", "status")
PERSON_COLUMNS = {  # what tells people apart, by either name
    "account": ("account", "account_id"),
    "customer": ("customer", "customer_id"),
}
RESTOCKED = {"t_s": "restocked_s", "ordered_at": "restocked_at"}  # by the log's clock
NUMBER_COLUMNS = ("t_s", "units", "restocked_s")
OPTIONAL_COLUMNS = (*sum(PERSON_COLUMNS.values(), ()), *RESTOCKED.values())
ROW_STATUS = (  # what becomes of a row, by the first that holds; the SQL has them by their number
    "orders_kept",
    "no_event",
    "no_time",
    "bad_units",
    "no_order_id",
    "repeated",
    "cancelled",
    "before_opening",
)
NUMBER_OF_STATUS = {status: number for number, status in enumerate(ROW_STATUS)}
MOST_UNITS = 1_000_000_000  # of one order; more is no count of anything sold
SQL.globals |= {"rule": NUMBER_OF_STATUS, "most_units": MOST_UNITS}
EXPECTED_CELL = {
    "t_s": "seconds since the opening, such as 12.5",
    "ordered_at": "an ISO timestamp, such as 2019-02-26 10:00:01, UTC where it names no zone",
    "units": "a whole number from 1",
    "status": "words, such as paid or cancelled; or name in `cancelled` those that mean so",
}
SHORTENED_ID = r"\d([.,]\d+)?[eE]\+\d+"  # a number as Excel writes one of many digits
MOST_KNOWN_EVENTS = 1_000  # with more names an ENUM is slower than texts
MOST_STATUSES = 10_000  # different words of a log whose meaning is looked for


class OpeningOfSecondsError(DataError):
    """A log of seconds since the opening that was given an opening beside them."""


@dataclass(frozen=True, eq=False)
class OrderLog:
    """The orders of one or more events; single times are read again from the files."""

    report: pd.DataFrame  # a row an event: event, rows_read, and the rows of each of ROW_STATUS
    seconds: pd.DataFrame  # a row an event and second with orders: orders, units, first_s, last_s
    opened_s: dict[str, int]  # by event: its opening, s since 1970 in UTC; 0 of a log in `t_s`
    ignored: list[str]  # columns that were not read
    ask: Callable[[str], pd.DataFrame] = field(repr=False)  # runs SQL on the view `orders`
    persons: tuple[str, ...] = ()  # of account and customer, those that the log has
    statuses: pd.DataFrame | None = None  # status, rows, meaning; None of a log without statuses
    clock: str = "t_s"  # the column of its times: t_s, or ordered_at
    opening_is_known: bool = True  # False where the first order stands in for it
    first_stamp: str = ""  # of a log of timestamps its first one, as it stands there
    read_as: str = ""  # how it was read where commas do not part its cells, in words

    def _repr_html_(self) -> str:
        """Show the report and the columns not read, every name escaped."""
        columns = html.escape(listed(self.ignored)) or "none"
        report = self.report.to_html(index=False, border=0, escape=True)
        return f"{report}<p>Columns not read: {columns}.</p>"


def read_orders(
    paths: Paths,
    *,
    opened_at: object = None,
    cancelled: str | Sequence[str] | None = None,
    also_cancelled: Sequence[str] = (),
    time_zone: str | None = None,
    check_opening: bool = True,
    deduplicate: bool = True,
    progress: bool = False,
) -> OrderLog:
    """Read order logs, a row an order.

    A log has `t_s` (seconds since the opening) or `ordered_at` (an ISO timestamp, UTC where it
    names no zone), and may have `event`, `order_id`, `units` (a whole number from 1) and `status`.
    A row with a bad cell is counted in the report and left out. Who ordered (`account`,
    `customer`) and when the stock of a cancelled order came back (`restocked_s` or `restocked_at`)
    is read where it is asked for (`people_of_log`).

    Parameters
    ----------
    paths : str, Path, or a list of them
        Files .parquet, or .csv and .csv.gz (UTF-8; commas, semicolons, tabs or strokes between
        the cells); a text may be a glob.
    opened_at : timestamp, or a mapping of them by event, optional
        When the sale opened, on a whole second. Without it the second of the first order is the
        opening, and times come out short if nobody ordered at once.
    cancelled : words, optional
        Statuses of orders that do not count, in whatever case, and no others. None: what means
        cancelled, refunded, returned or a failed payment in the languages of `order_status`.
    also_cancelled : words
        Statuses of orders that do not count, beside those.
    time_zone : str, optional
        Zone of timestamps that name none, such as "Europe/Berlin"; that of `opened_at` too. None:
        they are UTC.
    check_opening : bool
        Whether `opened_at` is held against the orders; not for a log that starts later by nature.
    deduplicate : bool
        Whether repeats of an `order_id` are looked for; without it two of three reads are saved.
    progress : bool
        Whether DuckDB shows its bar.

    Returns
    -------
    OrderLog
        Counts by second, and a report in which every row of the files is accounted for.

    Raises
    ------
    DataError
        For files that cannot be read, no time, columns of a type that cannot mean what they are
        read as, an opening that is none or does not go with the orders, an order months after its
        opening, and where no order is left.
    """
    source = open_source(
        paths,
        once=(*COLUMNS, *OPTIONAL_COLUMNS),
        progress=progress,
        numbers=NUMBER_COLUMNS,
    )
    clock = _choose_clock(source, opened_at)
    zone = check_time_zone(time_zone)
    source.ask(f"SET TimeZone = {sql_literal(zone or 'UTC')}")
    _check_types(source, clock, statuses_are_named=cancelled is not None or bool(also_cancelled))
    statuses = _read_statuses(source, cancelled, also_cancelled)
    with_ids = deduplicate and "order_id" in source.columns
    persons = _person_columns(source)
    columns_read = {clock, "event", "order_id", "units", "status", RESTOCKED[clock]}
    columns_read |= set(persons.values())

    gone = _words_of_gone(statuses)
    _lay_views(source, clock, gone, persons, with_ids=with_ids, in_zone=zone is not None)
    cells = _count_cells(source, clock)
    opened_s = _find_openings(cells, clock, opened_at, zone)
    cells = _since_opening(cells, opened_s)
    cells["status"] = _number_statuses(cells)
    report = _count_statuses(cells)
    if with_ids and report["repeated"].sum():
        _check_ids(source, int(report["repeated"].sum()))
    if check_opening and opened_at is not None:
        check_openings(_seconds_of_orders(cells), opened_s, source.name)
    if not report["orders_kept"].sum():
        _fail_without_orders(source, clock, report)
    seconds = _seconds_with_orders(cells)
    check_length(seconds, opened_s, source.name, has_dates=clock == "ordered_at")
    return OrderLog(
        report=report,
        seconds=seconds,
        opened_s=opened_s.to_dict(),
        ignored=sorted(set(source.columns) - columns_read),
        ask=source.ask,
        persons=tuple(persons),
        statuses=statuses,
        clock=clock,
        opening_is_known=clock == "t_s" or opened_at is not None,
        first_stamp=_first_stamp(source) if clock == "ordered_at" else "",
        read_as=source.read_as,
    )


def _first_stamp(source: Source) -> str:
    """Return the first timestamp of a log, with its zone where it names one."""
    cells = source.ask(
        "SELECT ordered_at::VARCHAR AS cell FROM source WHERE ordered_at IS NOT NULL LIMIT 1"
    )
    return str(cells["cell"].iloc[0]) if len(cells) else ""


def _read_statuses(
    source: Source, cancelled: str | Sequence[str] | None, also_cancelled: Sequence[str]
) -> pd.DataFrame | None:
    """Return the statuses of the log with what they mean; None where it has none."""
    if "status" not in source.columns:
        return None
    text = 'trim("status"::VARCHAR)'
    counts = source.ask(
        f"SELECT nullif(lower({text}), '') AS word, min({text}) AS status, count(*) AS rows "
        f"FROM source GROUP BY word ORDER BY rows DESC, word LIMIT {MOST_STATUSES}"
    )
    counts = counts.astype({"word": object, "status": object})
    words = None if cancelled is None else plain_list(cancelled)
    statuses = read_statuses(counts, words)
    named = statuses["word"].isin(plain_list(also_cancelled))
    return statuses.assign(meaning=statuses["meaning"].mask(named, "cancelled"))


def _words_of_gone(statuses: pd.DataFrame | None) -> list[str]:
    """Return the words of orders that do not count."""
    if statuses is None:
        return []
    return statuses.loc[statuses["meaning"].isin(GONE), "word"].to_list()


def _person_columns(source: Source) -> dict[str, str]:
    """Return the columns that tell accounts and customers apart, by what they tell apart."""
    columns = {}
    for person, names in PERSON_COLUMNS.items():
        there = [name for name in names if name in source.columns]
        if there:
            columns[person] = there[0]
    return columns


def _choose_clock(source: Source, opened_at: object) -> str:
    """Return the column of times: `t_s` where it is there and no opening is given."""
    if "t_s" in source.columns and opened_at is None:
        return "t_s"
    if "ordered_at" in source.columns:
        return "ordered_at"
    expected = "ordered_at"
    if opened_at is None:
        expected = "ordered_at or t_s (seconds since the opening)"
    columns = one_line(", ".join(source.columns), longest=200)
    fault = f"{source.name}: of its columns {columns}, no such column; expected {expected}"
    if "t_s" in source.columns:
        raise OpeningOfSecondsError(
            f"{fault}: t_s counts from the opening, and has no opened_at beside it"
        )
    raise DataError(f"{fault}{which_to_rename(source.columns)}")


def _check_types(source: Source, clock: str, statuses_are_named: bool) -> None:
    """Refuse columns whose type cannot mean what they are read as; the error shows a value."""
    time_type = source.columns[clock]
    if clock == "ordered_at" and not time_type.startswith(("VARCHAR", "DATE", "TIMESTAMP")):
        _fail_on_type(source, clock)
    if clock == "t_s" and time_type.startswith(("DATE", "TIME", "BOOL")):
        _fail_on_type(source, clock)
    if clock == "ordered_at" and _has_days_alone(source):
        _fail_on_type(source, clock, "days without a time; expected the time of each order")
    # Numbers do not say which of them is a cancelled order, unless the caller names them.
    if "status" in source.columns and not statuses_are_named and _has_odd_statuses(source):
        _fail_on_type(source, "status")


def _has_days_alone(source: Source) -> bool:
    """Whether the first timestamps, where there are any, are days without a time."""
    stamps = source.ask(
        "SELECT trim(ordered_at::VARCHAR) AS stamp FROM source WHERE stamp <> '' LIMIT 1000"
    )["stamp"]
    return len(stamps) > 0 and bool(stamps.str.fullmatch(r"\d{4}-\d\d-\d\d").all())


def _has_odd_statuses(source: Source) -> bool:
    """Whether statuses are no words: of another type, or all numbers, true and false."""
    status_type = source.columns["status"]
    if status_type != "VARCHAR":
        # Parquet may give a column in which no cell is filled any type.
        filled = source.ask("SELECT status FROM source WHERE status IS NOT NULL LIMIT 1")
        return len(filled) > 0 and not status_type.startswith("ENUM")
    first_rows = "(FROM source LIMIT 1000)"
    statuses = source.ask(f"SELECT DISTINCT lower(trim(status)) AS word FROM {first_rows}")["word"]
    words = statuses[statuses.fillna("") != ""]
    return len(words) > 0 and bool((words.str.isnumeric() | words.isin(["true", "false"])).all())


def _fail_on_type(source: Source, column: str, fault: str = "") -> None:
    """Raise the DataError of a column of the wrong type, or of another fault, with a value."""
    first = source.ask(
        f'SELECT "{column}"::VARCHAR AS cell FROM source WHERE cell IS NOT NULL LIMIT 1'
    )
    shown = quoted(first["cell"].iloc[0]) if len(first) else "empty"
    column_type = one_line(source.columns[column].lower(), longest=60)
    fault = fault or f"of type {column_type}; expected {EXPECTED_CELL[column]}"
    raise DataError(f"{source.name}: {column} = {shown}, {fault}")


def _lay_views(
    source: Source,
    clock: str,
    cancelled: Sequence[object],
    persons: Mapping[str, str],
    *,
    with_ids: bool,
    in_zone: bool,
) -> None:
    """Lay the views rows, lines and orders over the source."""
    sql = SQL.get_template("orders.sql.j2").module
    restocked = RESTOCKED[clock] if RESTOCKED[clock] in source.columns else ""
    words = sql_literal(list(cancelled)) if cancelled else "[NULL]"
    source.ask(sql.views(source.columns, clock, with_ids, words, dict(persons), restocked, in_zone))


def _count_cells(source: Source, clock: str) -> pd.DataFrame:
    """Count the rows by event, second of the log's own clock, and rule.

    Returns event, second (NaN where a row has no time), orders, units, first_s and last_s (seconds
    of the log's own clock) and rule, the number of a status.
    """
    sql = SQL.get_template("orders.sql.j2").module
    parquet_files = sql_literal(source.parquet_files) if source.parquet_files else ""
    known = source.ask(sql.known_events(parquet_files))["event"].dropna().to_list()
    if 0 < len(known) <= MOST_KNOWN_EVENTS:
        names = sql_literal(known).removeprefix("[").removesuffix("]")
        cells = source.ask(sql.cells(source.columns, clock, names))
        if cells["event"].notna().all():
            return cells
    return source.ask(sql.cells(source.columns, clock, ""))


def _find_openings(
    cells: pd.DataFrame, clock: str, opened_at: object, zone: str | None
) -> pd.Series:
    """Return the opening of each event in seconds of the log's own clock, by event."""
    with_event = _has_event(cells)
    events = sorted(cells["event"][with_event].unique())
    if opened_at is not None:
        return _read_openings(opened_at, events, zone)
    if clock == "t_s":
        return pd.Series(0, index=events, dtype=int)
    # A cancelled order was an order all the same: it too shows that the sale was open.
    was_ordered = cells["rule"].isin(
        [NUMBER_OF_STATUS["orders_kept"], NUMBER_OF_STATUS["cancelled"]]
    )
    first_s = cells[with_event & was_ordered].groupby("event")["second"].min()
    return first_s.reindex(events).fillna(0).astype(int)


def _has_event(cells: pd.DataFrame) -> pd.Series:
    """Whether cells name their event."""
    return cells["event"].fillna("") != ""


def _read_openings(opened_at: object, events: list[str], zone: str | None) -> pd.Series:
    """Return the openings that the caller gives, in seconds since 1970, by event."""
    by_event = opened_at if isinstance(opened_at, Mapping) else dict.fromkeys(events, opened_at)
    stamps = pd.Series(by_event).map(lambda opening: as_moment(opening, zone))
    stamps = pd.to_datetime(stamps, utc=True).reindex(events)
    not_on_a_second = stamps != stamps.dt.floor("s")  # nor is one that is no timestamp
    if not_on_a_second.any():
        raise DataError(
            f"opened_at = {one_line(repr(opened_at))}; "
            f"expected a timestamp on a whole second for each of {listed(events)}"
        )
    return (stamps - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(seconds=1)


def _since_opening(cells: pd.DataFrame, opened_s: pd.Series) -> pd.DataFrame:
    """Return cells whose times count from the opening of their event, to the microsecond."""
    times = cells[["second", "first_s", "last_s"]].copy()
    times.loc[cells["second"].isna()] = np.nan  # what is no time may be any number
    since = times.sub(cells["event"].map(opened_s), axis=0).round(6)
    return cells.assign(second=since["second"], first_s=since["first_s"], last_s=since["last_s"])


def _number_statuses(cells: pd.DataFrame) -> np.ndarray:
    """Return the number of the status of each cell: the rule it met in SQL, or one met here."""
    kept_by_rule = cells["rule"] == NUMBER_OF_STATUS["orders_kept"]
    conditions = {
        "no_event": ~_has_event(cells),
        "no_time": cells["second"].isna(),
        "before_opening": kept_by_rule & (cells["second"] < 0),
    }
    numbers = [NUMBER_OF_STATUS[status] for status in conditions]
    return np.select(list(conditions.values()), numbers, default=cells["rule"])


def _count_statuses(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the report: a row an event, rows_read, and the rows of each status."""
    rows = cells.groupby(["event", "status"], dropna=False)["orders"].sum()
    report = rows.unstack(fill_value=0).reindex(columns=range(len(ROW_STATUS)), fill_value=0)
    report = report.set_axis(list(ROW_STATUS), axis=1)
    report.insert(0, "rows_read", report.sum(axis=1))
    return report.reset_index()


def _seconds_with_orders(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the orders kept: event, second since its opening, orders, units, first_s, last_s."""
    with_orders = cells[cells["status"] == NUMBER_OF_STATUS["orders_kept"]]
    counts = with_orders.drop(columns=["rule", "status"])
    counts = counts.sort_values(["event", "second"], ignore_index=True)
    return counts.astype({"second": int, "orders": int, "units": int})


def _seconds_of_orders(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the seconds of all sound orders, those before the opening too: event, second, orders.

    A cancelled order shows as well that the sale was open.
    """
    sound = ["orders_kept", "cancelled", "before_opening"]
    is_sound = cells["status"].isin([NUMBER_OF_STATUS[status] for status in sound])
    seconds = cells.loc[is_sound].groupby(["event", "second"])["orders"].sum()
    return seconds.reset_index()


def _first_cell(source: Source, column: str, kind: str) -> str:
    """Show the first cell of a column of which none is right, and why; "" where all are empty.

    It begins a sentence that the counts of rows end.
    """
    cells = source.ask(
        f'SELECT row_number() OVER () AS row, "{column}"::VARCHAR AS cell FROM source '
        "QUALIFY cell IS NOT NULL LIMIT 1"
    )
    if cells.empty:
        return ""
    row, cell = cells.iloc[0]
    return (
        f"{column} = {quoted(cell)}, expected {EXPECTED_CELL[column]}{cause_of(cell, kind)} "
        f"(row {row}); of its rows "
    )


def _check_ids(source: Source, repeated: int) -> None:
    """Refuse repeated ids that a spreadsheet shortened: of 4.03E+15 nobody knows the last digits.

    Each order but one of those that look alike would be left out as a repeat.
    """
    cells = source.ask(
        "SELECT min(trim(order_id::VARCHAR)) AS cell, count(*) AS rows FROM source "
        rf"WHERE regexp_full_match(trim(order_id::VARCHAR), '{SHORTENED_ID}')"
    )
    rows = int(cells["rows"].item())
    if not rows:
        return
    raise DataError(
        f"{source.name}: order_id = {quoted(cells['cell'].item())}, as a spreadsheet shortens long "
        f"numbers, in {rows:,} rows, {repeated:,} of them repeated; expected all digits: "
        "export the log anew and do not save it from Excel, or leave order_id out"
    )


def _fail_without_orders(source: Source, clock: str, report: pd.DataFrame) -> None:
    """Raise the DataError of a log of which no order is left, with a cell that no row has right."""
    statuses = report[list(ROW_STATUS)].sum()
    sample = ""
    if statuses["no_time"] == statuses.sum():
        sample = _first_cell(source, clock, "timestamp" if clock == "ordered_at" else "number")
    elif statuses["bad_units"] == statuses.sum():
        sample = _first_cell(source, "units", "integer")
    hint = " (opened_at without a zone is UTC)" if statuses["before_opening"] else ""
    rows = ", ".join(f"{count:,} {status}" for status, count in statuses.items() if count)
    raise DataError(
        f"{source.name}: {sample}{rows or 'no row'}; expected at least one order to keep{hint}"
    )
