"""The order log of a launch beside the drop that it is of: its end, its units, its clock.

A log that ends hours after the shop says that it sold out has another clock; one with more units
than the drop holds other orders too; one of another day is of another drop. Reading the log is for
orders.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from .causes import cause_of
from .duckdb_files import SQL
from .errors import DataError, Problems, listed, one_line, quoted
from .launch import Launch, OddInput
from .order_clock import QUARTER_HOUR_S, names_zone
from .orders import MOST_UNITS, OpeningOfSecondsError, OrderLog, read_orders
from .text_files import DATA, path_below

STUDY = "sellout_speed"
LOG_OF_LAUNCH, LOG_OF_DROP = "orders.file", "drops[].orders_file"  # fields of a launch file
REQUESTS = "orders.requests_file"
SLACK = 0.05  # by which two sources of one time or count may differ
SLACK_S = 2  # s; as above, of short times
SLACK_OF_ZONE_S = 120  # how near to such a difference a difference has to be
LEAST_OF_ZONE_H = 1  # by which stamps of two zones differ; less may be the sale's own
LONGEST_OF_ZONE_S = 14 * 3600
FEW_ROWS = 0.01  # share of a log's rows that may be left out without a word on the first screen
GAP_BEFORE_STRAY_S = 600.0  # least, before the last orders of a log, to be odd
STRAY = 0.01  # most of a log's orders that may come after such a gap and be taken for stray
GAP_BETWEEN_SALES_S = 6 * 3_600.0  # least, between the bursts of orders of two sales
MOSTLY_GAPS = 0.9  # of the time of a log: less may be a slow sale's nights
LEFT_OUT = {  # statuses of rows that a reader may not expect to be left out, and why, in words
    "no_event": "no event",
    "no_time": "no time that can be read",
    "bad_units": "no whole number of units",
    "no_order_id": "no order_id",
    "before_opening": "ordered before the opening",
}
FAR_FROM_MS = 2  # times a stated time, from where on a log in thousandths is not taken for it
IMPOSSIBLE = 2  # times the units of the drop that no second sale of cancelled orders explains
LONG_IN_SECONDS_S = 2 * 3_600.0  # a log of seconds this long may be one of thousandths
RATE_WINDOW_S = 10  # in which orders are held against the limit of the shop


def find_odd_log(launch: Launch, folder: Path = DATA) -> tuple[OddInput, ...]:
    """Read the order log that a launch names, and hold it against the launch's drops.

    Parameters
    ----------
    launch : Launch
        A launch; without a log nothing is read.
    folder : Path
        The project's data/.

    Returns
    -------
    tuple of OddInput
        What is odd and may still be right.

    Raises
    ------
    DataError
        If the log cannot be read, holds several sales, or cannot be that of the drop.
    """
    problems, odd = Problems(), []
    for log_file in _logs_of(launch):
        with problems.noted():
            log = _read_log(launch, log_file, folder)
            odd += hold_log_against_drop(launch, log, log_file.drop)
            odd += _unknown_statuses(launch, log, log_file)
    with problems.noted():
        _check_requests(launch, folder)
    problems.raise_all()
    return tuple(odd)


def _unknown_statuses(launch: Launch, log: OrderLog, log_file: "_LogFile") -> list[OddInput]:
    """Return which statuses of a log are not known; none where the file names words of its own."""
    if log.statuses is None or "orders.cancelled" in launch.words:
        return []
    unknown = log.statuses[log.statuses["meaning"] == "unknown"]
    if unknown.empty:
        return []
    sentence = (
        f"Statuses of {log_file.name} that are not known: {listed(unknown['status'])}; their "
        f"{unknown['rows'].sum():,} rows count as orders. Name in orders.cancelled those that do "
        "not, or write cancelled: []."
    )
    return [OddInput(place=_place_of(launch, log_file.drop), sentence=sentence, studies=())]


@dataclass(frozen=True, eq=False)
class _LogFile:
    """An order log that a launch file names."""

    name: str  # its path from data/
    opened_at: str | None  # when the sale opened
    drop: pd.Series | None = None  # the drop that names it; None where the launch does


def _logs_of(launch: Launch) -> Iterator[_LogFile]:
    """Give the order logs of a launch: its own, then those of its drops."""
    if launch.words.get("orders.file"):
        yield _LogFile(launch.words["orders.file"], launch.words.get("orders.opened_at"))
    for _, drop in launch.drops.iterrows():
        if pd.notna(drop["orders_file"]):
            opened_at = None if pd.isna(drop["opened_at"]) else str(drop["opened_at"])
            yield _LogFile(drop["orders_file"], opened_at, drop)


def _field_of(drop: pd.Series | None) -> str:
    """Return the field of a launch file that names the log of a drop, or that of the launch."""
    return LOG_OF_LAUNCH if drop is None else LOG_OF_DROP


def _place_of(launch: Launch, drop: pd.Series | None) -> str:
    """Return file and line of the field that names the log of a drop, or that of the launch."""
    return launch.place(LOG_OF_LAUNCH if drop is None else f"drops[{drop.name}].orders_file")


def _read_log(launch: Launch, log_file: _LogFile, folder: Path) -> OrderLog:
    """Read a log of one sale with the clock and the words of its launch."""
    field = _field_of(log_file.drop)
    place = f"{_place_of(launch, log_file.drop)}: {field} = {quoted(log_file.name)}"
    path = _file_below(folder, log_file.name, place)
    try:
        log = read_orders(
            path,
            opened_at=log_file.opened_at,
            also_cancelled=launch.words.get("orders.cancelled") or (),
            time_zone=launch.words.get("orders.time_zone"),
        )
    except OpeningOfSecondsError:
        _refuse_opening(launch, log_file)
    if len(log.opened_s) > 1:
        raise DataError(
            f"{place}: events {listed(log.opened_s)}; expected the log of one sale: write one file "
            "an event, each beside its drop, in orders_file"
        )
    if not launch.words.get("orders.time_zone"):
        _check_offsets(log_file.opened_at, log.first_stamp, place)
    return log


def _check_requests(launch: Launch, folder: Path) -> None:
    """Read the log of requests after the stock was gone, where a launch names one."""
    name = launch.words.get(REQUESTS)
    if not name:
        return
    place = f"{launch.place(REQUESTS)}: {REQUESTS} = {quoted(name)}"
    read_orders(
        _file_below(folder, name, place),
        opened_at=launch.words.get("orders.opened_at"),
        time_zone=launch.words.get("orders.time_zone"),
        deduplicate=False,
    )


def _file_below(folder: Path, name: str, place: str) -> Path:
    """Return the path of a file below data/, or a DataError that says where it is named."""
    path = path_below(folder, name, place)
    if not path.is_file():
        no_file = one_line(f"data/{name}")
        raise DataError(f"{place}; expected a file below data/, and there is no {no_file}")
    return path


def _refuse_opening(launch: Launch, log_file: _LogFile) -> None:
    """Refuse an opening beside a log of seconds, with the line on which it stands."""
    field, path = "orders.opened_at", "orders.opened_at"
    if log_file.drop is not None:
        field, path = "drops[].opened_at", f"drops[{log_file.drop.name}].opened_at"
    raise DataError(
        f"{launch.place(path)}: {field} = {quoted(log_file.opened_at)}, and {log_file.name} has "
        "t_s, which counts from the opening, and no ordered_at; expected no opened_at: delete it"
    ) from None


def _check_offsets(opening: str | None, stamp: str, place: str) -> None:
    """Refuse an opening with an offset beside stamps without one, or the other way round."""
    if opening and stamp and names_zone(opening) != names_zone(stamp):
        raise DataError(
            f"{place}: ordered_at = {quoted(stamp)} and opened_at = {quoted(opening)}; expected an "
            "offset such as +01:00 in both, or time_zone: below orders"
        )


def with_odd_log(launch: Launch, log: OrderLog, drop: pd.Series | None = None) -> Launch:
    """Return a launch with what is odd about one of its logs among its odd inputs.

    Parameters
    ----------
    launch : Launch
        The launch that names the log.
    log : OrderLog
        Its log as it was read.
    drop : Series, optional
        The row of `launch.drops` that names the log as its own.

    Returns
    -------
    Launch
        The same, with odd inputs added to those that it had.

    Raises
    ------
    DataError
        If the log cannot be that of the drop.
    """
    odd = hold_log_against_drop(launch, log, drop)
    return replace(launch, odd_inputs=launch.odd_inputs + odd)


def hold_log_against_drop(
    launch: Launch, log: OrderLog, drop: pd.Series | None = None
) -> tuple[OddInput, ...]:
    """Hold a log that was read against the drop that it is of.

    Parameters
    ----------
    launch : Launch
        The launch that names the log.
    log : OrderLog
        Its log; of a log of several events nothing is held against a drop.
    drop : Series, optional
        The row of `launch.drops` that names the log as its own. Without it the log is that of the
        launch, and its drop that of its day, or the only one; of several it has to fit one.

    Returns
    -------
    tuple of OddInput
        What is odd and may still be right.

    Raises
    ------
    DataError
        If the log cannot be that of the drop: hours beside it, or with twice its units.
    """
    field = _field_of(drop)
    place = _place_of(launch, drop)
    file = launch.words.get(LOG_OF_LAUNCH) if drop is None else drop["orders_file"]
    which = "" if drop is None else f" = {quoted(drop['orders_file'])}"
    name = f"{place}: {field}{which}"
    odd = _way_of_reading(log, place, file)
    odd += _rows_left_out(log, place) + _several_lines(log, place) + _three_decimals(log, place)
    if len(log.opened_s) != 1 or log.seconds.empty:
        return tuple(odd)
    first_s, last_s = float(log.seconds["first_s"].min()), float(log.seconds["last_s"].max())
    orders = int(log.seconds["orders"].sum())
    if first_s == last_s and orders > 1:
        raise DataError(
            f"{name}: {orders:,} orders, all of them at {first_s:,.6g} s; "
            "expected the time at which each came"
        )
    odd += _stray_orders(log, place)
    odd += _several_sales(log, place)
    closed_s = launch.words.get("orders.closed_s") if field == LOG_OF_LAUNCH else None
    if closed_s and last_s > closed_s * (1 + SLACK) + SLACK_S:
        odd.append(_note(place, f"The log ends at {last_s:,.0f} s, and closed_s is {closed_s:g}."))
    odd += _long_in_seconds(launch, log, drop, place)
    if drop is None:
        odd += _above_limit(launch, log)
        may_be_of = _drops_of_log(launch.drops, log)
        if len(may_be_of) != 1:
            odd += _of_another_day(launch.drops, log, place)
            return (*odd, *_fits_no_drop(log, may_be_of, place))
        drop = may_be_of.iloc[0]
    odd += _of_another_day(launch.drops.loc[[drop.name]], log, place)
    if drop["sold_out"] == "no" and not closed_s:
        odd.append(_note(place, _stock_left(drop, field)))
    problems = Problems()
    day = drop["date"].date()
    for check in (_check_end, _check_units):
        with problems.noted():
            sentence = check(log, drop, last_s, name)
            if sentence:
                odd.append(_note(place, f"Of {day} {sentence}"))
    problems.raise_all()
    return tuple(odd)


def _note(place: str, sentence: str) -> OddInput:
    """Return what is odd about a log."""
    return OddInput(place=place, sentence=sentence, studies=(STUDY,))


def _way_of_reading(log: OrderLog, place: str, file: str) -> list[OddInput]:
    """Return how a log was read that commas do not part, as a page says it of a history."""
    if not log.read_as:
        return []
    return [OddInput(place=place, sentence=f"{file} was {log.read_as}.", studies=())]


def _rows_left_out(log: OrderLog, place: str) -> list[OddInput]:
    """Return how many rows are left out and why, a sentence a reason."""
    rows = int(log.report["rows_read"].sum())
    odd = []
    for status, reason in LEFT_OUT.items():
        count = int(log.report[status].sum())
        if not count:
            continue
        verb = "is" if count == 1 else "are"
        example = _example_of(log, status)
        sentence = f"{count:,} of {rows:,} rows of the log {verb} left out: {reason}{example}."
        studies = (STUDY,) if count > FEW_ROWS * rows else ()
        odd.append(OddInput(place=place, sentence=sentence, studies=studies))
    return odd


def _several_lines(log: OrderLog, place: str) -> list[OddInput]:
    """Return in how many orders the rows of one id differ in units, as the lines of an order do."""
    if not log.report["repeated"].sum():
        return []
    differing = log.ask(
        "SELECT order_id FROM again GROUP BY event, order_id HAVING count(DISTINCT units) > 1"
    )
    if differing.empty:
        return []
    orders = "one order" if len(differing) == 1 else f"{len(differing):,} orders"
    sentence = (
        f"In {orders} the rows of one order_id differ in units, and one row "
        "counts. Several lines an order? Keep the lines of this product and add their units."
    )
    return [_note(place, sentence)]


def _three_decimals(log: OrderLog, place: str) -> list[OddInput]:
    """Return that counts of units have three decimals: 1.000 may be a thousand in German."""
    described = log.ask("DESCRIBE source")
    type_of = dict(zip(described["column_name"].str.lower(), described["column_type"], strict=True))
    if type_of.get("units") != "VARCHAR":
        return []
    cells = log.ask(
        "SELECT min(trim(units)) AS cell, count(*) AS rows FROM source "
        r"WHERE regexp_full_match(trim(units), '[1-9]\d{0,2}\.000')"
    )
    rows = int(cells["rows"].item())
    if not rows:
        return []
    cell = str(cells["cell"].item())
    count = "1 row has" if rows == 1 else f"{rows:,} rows have"
    sentence = (
        f"{count} units with three decimals, such as {quoted(cell)}, read as {float(cell):.0f}; "
        "if the point parts thousands, take it out."
    )
    return [_note(place, sentence)]


def _stray_orders(log: OrderLog, place: str) -> list[OddInput]:
    """Return how long after all others a few last orders came; none where the stream ends."""
    seconds = log.seconds.sort_values("second", ignore_index=True)
    gaps_s = seconds["first_s"] - seconds["last_s"].shift()
    after_gap = int(gaps_s.fillna(0).argmax())
    gap_s = float(gaps_s.fillna(0)[after_gap])
    stray = int(seconds["orders"][after_gap:].sum())
    is_long = gap_s >= GAP_BEFORE_STRAY_S and gap_s > float(seconds["last_s"].iloc[-1]) / 2
    if not is_long or stray > STRAY * seconds["orders"].sum():
        return []
    count = "The last order" if stray == 1 else f"The last {stray:,} orders"
    sentence = f"{count} came {gap_s:,.0f} s after all others; a wrong date would look like that."
    return [_note(place, sentence)]


def _several_sales(log: OrderLog, place: str) -> list[OddInput]:
    """Return that orders came in bursts, with far longer gaps between them, as of several sales."""
    seconds = log.seconds.sort_values("second", ignore_index=True)
    gaps_s = (seconds["first_s"] - seconds["last_s"].shift()).fillna(0)
    is_new_burst = gaps_s >= GAP_BETWEEN_SALES_S
    orders = seconds.groupby(is_new_burst.cumsum())["orders"].sum()
    bursts = int((orders > STRAY * orders.sum()).sum())
    span_s = float(seconds["last_s"].iloc[-1] - seconds["first_s"].iloc[0])
    is_mostly_gaps = gaps_s[is_new_burst].sum() > MOSTLY_GAPS * span_s
    if bursts < 2 or not is_mostly_gaps:
        return []
    sentence = (
        f"The orders came in {bursts} bursts with hours or days between them, as those of several "
        "sales do: give each drop a log of its own, orders_file."
    )
    return [_note(place, sentence)]


def _example_of(log: OrderLog, status: str) -> str:
    """Return a cell for which rows are left out, and why, as a clause; "" where none shows it."""
    if status == "no_time" and log.clock == "ordered_at":
        is_time = f"{SQL.get_template('orders.sql.j2').module.as_moment('cell')} IS NOT NULL"
        return _such_as(log, log.clock, is_time, "timestamp")
    if status == "no_time":
        return _such_as(log, log.clock, "TRY_CAST(cell AS DOUBLE) IS NOT NULL", "number")
    if status == "bad_units":
        number = "TRY_CAST(cell AS DOUBLE)"
        is_count = f"{number} BETWEEN 1 AND {MOST_UNITS} AND {number} = floor({number})"
        return _such_as(log, "units", is_count, "integer")
    return ""


def _such_as(log: OrderLog, column: str, is_right: str, kind: str) -> str:
    """Return the first cell of a column that some SQL finds wrong; "" where all such are empty."""
    cells = log.ask(
        f'SELECT trim("{column}"::VARCHAR) AS cell FROM source '
        f"WHERE cell <> '' AND ({is_right}) IS NOT TRUE LIMIT 1"
    )
    if cells.empty:
        return ""
    cell = str(cells["cell"].iloc[0])
    return f", such as {quoted(cell)}{cause_of(cell, kind)}"


def _drops_of_log(drops: pd.DataFrame, log: OrderLog) -> pd.DataFrame:
    """Return the drops that a log may be of: those of its day, or all where it has no dates."""
    opened_s = next(iter(log.opened_s.values()))
    if opened_s:
        day = pd.Timestamp(opened_s, unit="s").normalize()
        drops = drops[(drops["date"] - day).abs() <= pd.Timedelta(days=1)]
    return drops


def _of_another_day(drops: pd.DataFrame, log: OrderLog, place: str) -> list[OddInput]:
    """Return that a log with dates is of none of the days of the drops; nothing without drops."""
    if drops.empty or len(_drops_of_log(drops, log)):
        return []
    opened = pd.Timestamp(next(iter(log.opened_s.values())), unit="s")
    days = sorted(f"{day.date()}" for day in drops["date"].dropna())
    if not days:
        return []
    of_the_file = "the drop of the file is" if len(days) == 1 else "the drops of the file are"
    sentence = f"The log begins on {opened.date()}, and {of_the_file} of {', '.join(days)}."
    return [_note(place, sentence)]


def _stock_left(drop: pd.Series, field: str) -> str:
    """Say that a drop with stock left has a log whose last order is taken for the end of it."""
    is_of_launch = field == LOG_OF_LAUNCH
    where = "give orders.closed_s" if is_of_launch else "name its log in orders.file, with closed_s"
    return (
        f"The drop of {drop['date'].date()} is said not sold out, and the last order of its log is "
        f"taken for the end of its stock; {where}, or write sold_out: yes."
    )


def _long_in_seconds(
    launch: Launch, log: OrderLog, drop: pd.Series | None, place: str
) -> list[OddInput]:
    """Return that seconds go on for hours, as thousandths do, where no time of the file says so."""
    drops = launch.drops if drop is None else launch.drops.loc[[drop.name]]
    is_timed = "orders.closed_s" in launch.words or drops["sellout_s"].notna().any()
    last_s = float(log.seconds["last_s"].max())
    if log.clock != "t_s" or is_timed or last_s < LONG_IN_SECONDS_S:
        return []
    sentence = (
        f"The log ends at {last_s:,.0f} s, {last_s / 3_600:.0f} hours after the opening; if its "
        f"times are milliseconds, it is {last_s / 1_000:,.0f} s. If they are right, give sellout_s."
    )
    return [_note(place, sentence)]


def _above_limit(launch: Launch, log: OrderLog) -> list[OddInput]:
    """Return that orders came faster than the shop is said to take; refuse twice as fast."""
    limit_per_s = launch.words.get("orders.limit_per_s")
    if not limit_per_s:
        return []
    highest_per_s = _highest_rate(log.seconds)
    if highest_per_s <= (1 + SLACK) * limit_per_s:
        return []
    place = launch.place("orders.limit_per_s")
    if highest_per_s > IMPOSSIBLE * limit_per_s:
        raise DataError(
            f"{place}: orders.limit_per_s = {limit_per_s:g}; expected no less than the log has, "
            f"{highest_per_s:,.3g} orders a second at its fastest"
        )
    sentence = (
        f"The log has {highest_per_s:,.3g} orders a second at its fastest, and limit_per_s says "
        f"that the shop takes {limit_per_s:g}."
    )
    return [_note(place, sentence)]


def _highest_rate(seconds: pd.DataFrame) -> float:
    """Return the most orders a second in a window of ten seconds; of stamps to the minute, 60."""
    window_s = 60
    if (seconds["second"] % 60 != 0).any():
        lasted_s = int(seconds["second"].max() - seconds["second"].min()) + 1
        window_s = min(RATE_WINDOW_S, lasted_s)
    in_window = seconds["orders"].groupby(seconds["second"] // window_s).sum()
    return float(in_window.max() / window_s)


def _fits_no_drop(log: OrderLog, drops: pd.DataFrame, place: str) -> list[OddInput]:
    """Return that a log fits none of several drops; nothing where it fits one of them."""
    last_s = float(log.seconds["last_s"].max())
    fits = [_fits_drop(log, drop, last_s) for _, drop in drops.iterrows()]
    if not fits or any(fits):
        return []
    looks_like_ms = log.clock == "t_s" and _look_like_milliseconds(last_s, drops["sellout_s"]).any()
    cause = ", and its times look like milliseconds" if looks_like_ms else ""
    sentence = (
        f"The log ends at {last_s:,.0f} s with {log.seconds['units'].sum():,} units, as none of "
        f"the {len(drops)} drops does{cause}; name it beside its drop, in orders_file."
    )
    return [_note(place, sentence)]


def _fits_drop(log: OrderLog, drop: pd.Series, last_s: float) -> bool:
    """Whether a log ends as a drop does, and has its units."""
    try:
        return not any(check(log, drop, last_s, "") for check in (_check_end, _check_units))
    except DataError:
        return False


def _look_like_milliseconds(last_s: float, stated_s: float | pd.Series) -> bool | pd.Series:
    """Whether the end of a log, read as milliseconds, is near a time that the file states."""
    fold = last_s / 1_000 / stated_s
    return (fold >= 1 / FAR_FROM_MS) & (fold <= FAR_FROM_MS)


def _check_end(log: OrderLog, drop: pd.Series, last_s: float, name: str) -> str:
    """Say how the end of a log differs from the time of the drop; refuse one of another clock."""
    stated_s = drop["sellout_s"]
    difference_s = last_s - stated_s
    if pd.isna(stated_s) or abs(difference_s) <= SLACK * stated_s + SLACK_S:
        return ""
    quarters = round(difference_s / QUARTER_HOUR_S)
    hours = abs(quarters) / 4
    off_quarter_s = abs(difference_s - quarters * QUARTER_HOUR_S)
    is_full_quarters = off_quarter_s <= max(SLACK_OF_ZONE_S, SLACK * stated_s)
    is_zone = hours >= LEAST_OF_ZONE_H and abs(difference_s) <= LONGEST_OF_ZONE_S
    first_s = float(log.seconds["first_s"].min())
    if is_zone and is_full_quarters and first_s > abs(difference_s) / 2:
        more = "1 hour" if hours == 1 else f"{hours:g} hours"
        raise DataError(
            f"{name}: its first order came {first_s:,.0f} s and its last {last_s:,.0f} s after the "
            f"opening; expected sellout_s, {stated_s:g} s. That is {more} more: stamps in another "
            "time zone than opened_at, or an opening that much too early"
        )
    looks_like_ms = log.clock == "t_s" and _look_like_milliseconds(last_s, stated_s)
    cause = "; its times look like milliseconds" if looks_like_ms else ""
    return f"the log ends at {last_s:,.0f} s, and the file says {stated_s:g} s{cause}."


def _check_units(log: OrderLog, drop: pd.Series, last_s: float, name: str) -> str:
    """Say how the units of a log differ from those of the drop; refuse twice as many."""
    lot, ordered = drop["units"], int(log.seconds["units"].sum())
    if drop["sold_out"] == "no" and drop["units_sold"] > 0:
        lot = drop["units_sold"]
    if pd.isna(lot) or lot <= 0:
        return ""
    if ordered > IMPOSSIBLE * lot:
        raise DataError(
            f"{name}: {ordered:,} units ordered; expected about {lot:,.0f}, those of the drop. "
            "Another sale, several of them, or cancelled orders that count"
        )
    too_few = drop["sold_out"] == "yes" and ordered < (1 - SLACK) * lot
    if ordered > (1 + SLACK) * lot or too_few:
        return f"the log has {ordered:,} units, and the file says {lot:,.0f}."
    return ""
