"""The clock of an order log: time zones made explicit, and openings held against the orders.

A log in local time with an opening in UTC, or an opening two hours early, would pass for a sale in
which nobody ordered at first, and every figure after it would be wrong. Here the gap between the
opening and the first order is held against the pace of the log itself. Reading the log is for
orders.py.
"""

import re
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pandas as pd

from .errors import DataError, one_line, quoted

LEAST_GAP_S = 600.0  # between opening and first order, to be called wrong
SURELY_LATE = 50.0  # orders that the log's own pace would have brought in that gap
EARLY_ORDERS = 50  # first ones, whose pace is taken
FULL_AT_ONCE = 0.4  # least pace of these over the fastest of the log: else the stream builds up
SOON_S = 30.0  # after a full quarter of an hour, for a first order of another time zone
QUARTER_HOUR_S = 900  # clocks of time zones differ by whole ones
FEWEST_ORDERS = 20  # to judge an opening by
MOST_SECONDS = 20_000_000  # of one sale, 231 days; beside a stray date all others would look alike
EPOCH_S = (1e9, 1e11)  # seconds since 1970 of dates from 2001 on; in milliseconds from the second
NAMES_ZONE = re.compile(r"([zZ]|[+-]\d\d(:?\d\d)?|UTC|GMT)$")


def as_moment(stamp: object, zone: str | None) -> pd.Timestamp:
    """Return a timestamp as a moment in UTC; NaT where it is none.

    Parameters
    ----------
    stamp : timestamp, or its text
        One without a zone is in `zone`. When clocks change it is read as DuckDB reads those of a
        log: of an hour that comes twice it is the second, and one that is left out is an hour
        later.
    zone : str or None
        None: UTC.

    Examples
    --------
    >>> as_moment("2026-03-01 18:00", "Europe/Berlin").isoformat()
    '2026-03-01T17:00:00+00:00'
    """
    moment = pd.to_datetime(str(stamp), errors="coerce", format="ISO8601")
    if pd.isna(moment):
        return pd.NaT
    if moment.tzinfo is None:
        moment = moment.tz_localize(
            zone or "UTC", ambiguous=False, nonexistent=pd.Timedelta(1, "h")
        )
    return moment.tz_convert("UTC")


def check_time_zone(zone: str | None) -> str | None:
    """Return a time zone that is known; None where none is given.

    Raises
    ------
    DataError
        If no clock of the world goes by that name.
    """
    if zone is None:
        return None
    if not is_time_zone(zone):
        raise DataError(f"time_zone = {quoted(zone)}; expected {expected_zone(zone)}")
    return str(zone)


def is_time_zone(zone: object) -> bool:
    """Whether some clock of the world goes by a name."""
    try:
        ZoneInfo(str(zone))
    except (ValueError, OSError, LookupError):
        return False
    return True


def expected_zone(zone: object) -> str:
    """Return what a name that is no time zone should have been: of a city, its zone."""
    city = str(zone).strip().lower().replace(" ", "_")
    meant = sorted(name for name in available_timezones() if name.lower().endswith(f"/{city}"))
    hint = f"; did you mean {meant[0]}?" if meant else ""
    return f"a zone such as Europe/Berlin, Asia/Shanghai, UTC{hint}"


def names_zone(stamp: object) -> bool:
    """Whether a timestamp, or its text, says in which zone its clock stands.

    Examples
    --------
    >>> names_zone("2026-03-01T18:00:00+01:00"), names_zone("2026-03-01 18:00:00")
    (True, False)
    """
    text = str(stamp).strip()
    has_time_of_day = ":" in text
    return has_time_of_day and bool(NAMES_ZONE.search(text))


def check_openings(seconds: pd.DataFrame, opened_s: pd.Series, name: str) -> None:
    """Refuse an opening that does not go with the orders after it.

    Parameters
    ----------
    seconds : DataFrame
        event, second since the opening that was given, orders; those before it too.
    opened_s : Series
        By event: that opening, seconds since 1970 in UTC.
    name : str
        What an error calls the log.

    Raises
    ------
    DataError
        If most orders came before it, or so long after it that the log's own pace speaks against
        it; the error names the likely cause.
    """
    for event, orders in seconds.groupby("event"):
        at = orders.sort_values("second")
        opening = pd.Timestamp(int(opened_s[event]), unit="s", tz="UTC")
        too_early = int(at.loc[at["second"] < 0, "orders"].sum())
        if too_early >= FEWEST_ORDERS and too_early > at["orders"].sum() / 2:
            _fail_on_late_opening(at, opening, name)
        after = at[at["second"] >= 0]
        if len(after) and _comes_too_late(after):
            _fail_on_early_opening(after, opening, name)


def check_length(seconds: pd.DataFrame, opened_s: pd.Series, name: str, *, has_dates: bool) -> None:
    """Refuse an event whose last order came longer after its opening than any sale lasts.

    Parameters
    ----------
    seconds : DataFrame
        event, second since its opening, orders, of the orders that count.
    opened_s : Series
        By event: its opening, seconds since 1970 in UTC.
    name : str
        What an error calls the log.
    has_dates : bool
        Whether its times are dates, and not seconds since the opening.

    Raises
    ------
    DataError
        If an order came more than `MOST_SECONDS` after the opening; it names the likely cause.
    """
    is_late = seconds["second"] > MOST_SECONDS
    if not is_late.any():
        return
    late = seconds[is_late].iloc[0]
    last_s, opening_s = float(late["second"]), int(opened_s[late["event"]])
    expected = f"expected the orders of one sale, {MOST_SECONDS:,} s after its opening at most"
    if has_dates:
        # Of numpy, which can write a year that pandas cannot.
        moments = (np.datetime64(int(s), "s") for s in (opening_s, opening_s + last_s))
        first, stray = (str(moment).replace("T", " ") for moment in moments)
        cause = "a wrong date would look like that"
        if first.startswith("1970-"):
            cause = "1970-01-01 is what an empty date becomes"
        raise DataError(f"{name}: orders from {first} to {stray} UTC; {expected}; {cause}")
    cause = "a wrong time would look like that"
    if last_s >= EPOCH_S[0]:
        unit = "milliseconds" if last_s >= EPOCH_S[1] else "seconds"
        cause = f"{unit} since 1970 would look like that: write them as a date, in ordered_at"
    raise DataError(f"{name}: t_s = {last_s:,.0f}; {expected}; {cause}")


def _comes_too_late(after: pd.DataFrame) -> bool:
    """Whether the first order came so late that the log's own pace speaks against the opening.

    A sale at night that nobody wants before the morning has a long gap as well. So the gap has to
    be longer than all of the sale; or to end on a quarter of an hour, as a gap between time zones
    does, with orders that start at nearly their highest pace.
    """
    second = after["second"].to_numpy(float)
    orders = np.cumsum(after["orders"].to_numpy(float))
    gap_s = float(second[0])
    if gap_s < LEAST_GAP_S or orders[-1] < FEWEST_ORDERS:
        return False
    early = min(EARLY_ORDERS, orders[-1])
    early_s = second[np.searchsorted(orders, early)] + 1 - gap_s
    early_pace = early / early_s
    steps_s = np.linspace(gap_s, second[-1] + 1, 41)
    by_step = np.interp(steps_s, np.append(gap_s, second + 1), np.append(0.0, orders))
    highest_pace = np.diff(by_step).max() / (steps_s[1] - steps_s[0])
    starts_at_once = early_pace >= FULL_AT_ONCE * highest_pace
    is_late = gap_s * early_pace >= SURELY_LATE
    is_longer_than_sale = gap_s >= second[-1] - gap_s
    ends_on_a_quarter = gap_s % QUARTER_HOUR_S < SOON_S and starts_at_once
    return bool(is_late and (is_longer_than_sale or ends_on_a_quarter))


def _fail_on_early_opening(after: pd.DataFrame, opening: pd.Timestamp, name: str) -> None:
    """Raise the DataError of an opening long before the first order."""
    gap_s = float(after["second"].iloc[0])
    lasted_s = float(after["second"].iloc[-1]) - gap_s + 1
    pace = after["orders"].sum() / lasted_s
    raise DataError(
        f"{name}: opened_at = {_moment(opening)}, and the first order came {_duration(gap_s)} "
        f"later, though orders then came at {pace:,.3g} a second; expected an opening about "
        f"{_moment(opening + pd.Timedelta(gap_s, 's'))}. {_cause(gap_s)}"
    )


def _fail_on_late_opening(at: pd.DataFrame, opening: pd.Timestamp, name: str) -> None:
    """Raise the DataError of an opening that most orders came before."""
    first_s = float(at["second"].iloc[0])
    before = int(at.loc[at["second"] < 0, "orders"].sum())
    raise DataError(
        f"{name}: opened_at = {_moment(opening)}, and {before:,} of {int(at['orders'].sum()):,} "
        f"orders came before it, the first {_duration(-first_s)} earlier; expected an opening at "
        f"or before {_moment(opening + pd.Timedelta(first_s, 's'))}. {_cause(first_s)}"
    )


def _cause(gap_s: float) -> str:
    """Name the likely cause of a gap: another time zone, or another day or hour."""
    quarters = int(np.floor(gap_s / QUARTER_HOUR_S))
    hours = abs(quarters) / 4
    if 0 < hours <= 14 and gap_s % QUARTER_HOUR_S < LEAST_GAP_S / 2:
        apart = "1 hour" if hours == 1 else f"{hours:g} hours"
        direction = "later" if gap_s > 0 else "earlier"
        return (
            f"Cause: opened_at and ordered_at are {apart} apart, as clocks of two time zones are, "
            f"or the sale opened that much {direction} than opened_at says; give both an offset "
            "such as +01:00, or time_zone: in the launch file"
        )
    return "Cause: the opening of another sale or day, or a time zone; see opened_at"


def _moment(stamp: pd.Timestamp) -> str:
    """Write a moment as errors show it."""
    return one_line(f"{stamp:%Y-%m-%d %H:%M:%S} UTC")


def _duration(seconds: float) -> str:
    """Write a length of time as errors show it: 2 h 0 min 3 s."""
    hours, rest = divmod(int(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours} h {minutes} min {seconds} s"
