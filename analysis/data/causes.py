"""Why a cell is not as expected, in words, where the cell shows it: a decimal comma, a German date.

`cause_of` gives the clause that ends an error message. Which cells are wrong is for cells.py.
"""

import calendar
import re
import unicodedata
from datetime import date, datetime, timedelta

PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")
NOTHING_WORDS = ("", "-", "--", "?", "n/a", "na", "nan", "none", "null", "tbd", "missing")
MULTIPLES = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "mn": 1_000_000, "million": 1_000_000}
SECONDS_OF = {  # a unit of time, as the dictionary or a reader writes it
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3_600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "wk", "week", "weeks"), 7 * 86_400),
    **dict.fromkeys(("mo", "mth", "month", "months"), 365.25 / 12 * 86_400),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), 365.25 * 86_400),
}
WRITTEN_DAYS = ("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%d. %B %Y")
WRITTEN_MONTHS = ("%B %Y", "%b %Y", "%Y-%m", "%m/%Y", "%m.%Y", "%Y/%m")
DAY_AND_TIME = re.compile(
    r"(?P<day>.+?),?[ T](?P<hour>\d{1,2}):(?P<minute>\d\d)(:(?P<second>\d\d(\.\d+)?))?"
    r"( ?(?P<half>[aApP]\.?[mM]\.?))?"
)
HOURS_OF_HALF = 12  # of a clock with a.m. and p.m.
FIRST_DAY_OF_EXCEL = date(1899, 12, 30)


def cause_of(cell: str, kind: str, unit: str = "") -> str:
    """Return why a cell is not of its type, as a clause to end an error with; "" where none shows.

    Parameters
    ----------
    cell : str
        The text of the cell.
    kind : str
        What it should be: "number", "integer", "share" (0 to 1), "date" or "timestamp".
    unit : str
        The unit of the number in the words of the dictionary, such as "s" or "months".

    Examples
    --------
    >>> cause_of("399,00", "number")
    '; this is a decimal comma: write 399.00'
    >>> cause_of("30.02.2019", "date")
    '; February 2019 has 28 days'
    >>> cause_of("6 min", "number", "s")
    '; write 6 min in s: 360'
    """
    text = " ".join(cell.split())[:60]
    if kind == "timestamp":
        cause = _cause_of_moment(text)
    elif kind == "date":
        cause = _cause_of_day(text)
    else:
        cause = _cause_of_time(text, unit) or _cause_of_number(text, kind)
    return f"; {cause}" if cause else ""


def _cause_of_time(text: str, unit: str) -> str:
    """Return how to write a length of time in the unit of its field; "" for any other text."""
    clock = re.fullmatch(r"(\d+):([0-5]\d):([0-5]\d)", text)
    if clock and unit == "s":
        hours, minutes, seconds = map(int, clock.groups())
        return f"write {text} in s: {3_600 * hours + 60 * minutes + seconds}"
    short_clock = re.fullmatch(r"(\d+):([0-5]\d)", text)
    if short_clock and unit == "s":
        minutes, seconds = map(int, short_clock.groups())
        return f"write {text} in s: {60 * minutes + seconds}, if it is minutes and seconds"
    length = re.fullmatch(r"(\d+(?:\.\d+)?) ?([a-z]+)\.?", text.lower())
    if length is None:
        return ""
    number, written = length.groups()
    if unit in SECONDS_OF and written in SECONDS_OF:
        in_unit = float(number) * SECONDS_OF[written] / SECONDS_OF[unit]
        shown = f"{in_unit:.0f}" if in_unit >= 10 else f"{in_unit:.2g}"
        return f"write {text} in {unit}: {shown}"
    is_month_or_million = written == "m"
    if written in SECONDS_OF or (unit in SECONDS_OF and is_month_or_million):
        return f"write the number without a unit{f', in {unit}' if unit else ''}"
    return ""


def _cause_of_number(text: str, kind: str) -> str:
    """Return why a text is not the number that was expected."""
    number = text.replace("\u2212", "-")
    if text.lower() in NOTHING_WORDS:
        return "where nobody knows it, write unknown if the field allows it" if text else ""
    if text.startswith("="):
        return "this is a formula: write its value"
    if not number.isascii() and number.isdecimal():
        digits = "".join(str(unicodedata.decimal(digit)) for digit in number)
        return f"these are digits of another script: write {digits}"
    percent = re.fullmatch(r"(\d+(?:[.,]\d+)?) ?%", number)
    if percent:
        return f"a share has no percent sign: write {_share_of(percent[1])}"
    if kind == "share" and re.fullmatch(r"\d{1,2}(\.\d+)?|100", number):
        return f"a share lies between 0 and 1: {number} percent is {_share_of(number)}"
    return _cause_of_marks(number, kind) or _cause_of_words(number)


def _share_of(percent: str) -> str:
    """Return a percentage as a share."""
    return f"{float(percent.replace(',', '.')) / 100:g}"


def _cause_of_marks(number: str, kind: str) -> str:
    """Return which commas, points or blanks within a number were not expected."""
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})+,\d+", number):
        plain = number.replace(".", "").replace(",", ".")
        return f"these are points for thousands and a decimal comma: write {plain}"
    in_lakhs = r"-?\d{1,2}(,\d{2})+,\d{3}(\.\d+)?"  # as in India: 1,20,000
    if re.fullmatch(rf"-?\d{{1,3}}(,\d{{3}})+\.\d+|-?\d{{1,3}}(,\d{{3}}){{2,}}|{in_lakhs}", number):
        return f"these are commas for thousands: write {number.replace(',', '')}"
    if re.fullmatch(r"-?[1-9]\d{0,2},\d{3}", number):
        if kind == "integer":
            return f"this is a comma for thousands: write {number.replace(',', '')}"
        units, decimals = number.replace(",", ""), number.replace(",", ".")
        return f"a comma for thousands or a decimal comma: write {units} or {decimals}"
    if re.fullmatch(r"-?\d+,\d+", number):
        return f"this is a decimal comma: write {number.replace(',', '.')}"
    if kind == "integer" and re.fullmatch(r"-?\d+\.0+", number) and number[-4:] != ".000":
        return f"write it without a point: {number.partition('.')[0]}"
    if kind == "integer" and re.fullmatch(r"-?[1-9]\d{0,2}(\.\d{3})+", number):
        return f"these look like points for thousands: write {number.replace('.', '')}"
    if re.fullmatch(r"-?\d{1,3}([ '\u2019_]\d{3})+(\.\d+)?", number):
        return f"write it without marks for thousands: {re.sub(r'[^0-9.-]', '', number)}"
    return ""


def _cause_of_words(number: str) -> str:
    """Return what stands beside the digits of a number."""
    if re.fullmatch(r"(~|about |around |ca\.? ?|approx\.? ?|<|>|<=|>=|\+)\d[\d.]*", number):
        return "write the number alone; what is not exact is assumed, with low and high"
    if re.fullmatch(r"\d+(\.\d+)? ?(-|to|\u2013) ?\d+(\.\d+)?", number):
        return "this is a range: write {assumed, low, high, reason}"
    beside = re.fullmatch(r"(?:[^\d\s.,-]{1,4} ?)?(\d[\d.]*) ?([^\d\s]*)", number)
    if beside is None or PLAIN_NUMBER.fullmatch(beside[1]) is None:
        return ""
    digits, unit = beside[1], beside[2].lower()
    if unit in MULTIPLES:
        return f"write all its digits: {float(digits) * MULTIPLES[unit]:.0f}"
    if number != digits:
        return f"write the number without its unit: {digits}"
    return ""


def _cause_of_moment(text: str) -> str:
    """Return why a text is not an ISO timestamp; how to write its day keeps its time."""
    if re.fullmatch(r"[345]\d{4}\.\d+", text):
        days = timedelta(days=float(text))
        moment = datetime.combine(FIRST_DAY_OF_EXCEL, datetime.min.time()) + days
        return f"this is a time as Excel counts days: write {moment:%Y-%m-%d %H:%M:%S}"
    parts = DAY_AND_TIME.fullmatch(text)
    if parts is None:
        cause = _cause_of_day(text.partition(" ")[0])
        is_one_day = re.search(r"write \d{4}-\d\d-\d\d$", cause)
        return f"{cause} with its time of day" if is_one_day else cause
    cause, time = _cause_of_day(parts["day"]), _time_of_day(**parts.groupdict())
    if re.search(r"write \d{4}-\d\d-\d\d$", cause):
        return f"{cause} {time}"
    if re.search(r"or \d{4}-\d\d-\d\d$", cause):
        return f"{cause}, with {time} behind it"
    is_iso_day = re.fullmatch(r"\d{4}-\d\d-\d\d", parts["day"])
    is_rewritten = not text.endswith(time)
    return f"write {parts['day']} {time}" if is_iso_day and is_rewritten and not cause else cause


def _time_of_day(hour: str, minute: str, second: str | None, half: str | None, **_day: str) -> str:
    """Return a time of day as an ISO timestamp has it, also of a clock with a.m. and p.m."""
    hours = int(hour)
    if half and hours <= HOURS_OF_HALF:
        hours = hours % HOURS_OF_HALF + (HOURS_OF_HALF if half[0] in "pP" else 0)
    return f"{hours:02d}:{minute}{f':{second}' if second else ''}"


def _cause_of_day(text: str) -> str:
    """Return why a text is not an ISO date."""
    for form, cause in CAUSES_OF_DAYS.items():
        match = re.match(form, text)
        if match:
            return cause(*match.groups())
    return _cause_of_words_for_a_day(text)


def _cause_of_points(day: str, month: str, year: str) -> str:
    """Return what of a day such as 26.02.2019 is in no calendar, or how to write it."""
    return _cause_of_parts(year, month, day) or _written_as("dd.mm.yyyy", year, month, day)


def _cause_of_year_first(year: str, month: str, day: str) -> str:
    """Return what of a day such as 2019/2/26 is in no calendar, or how to write it."""
    return _cause_of_parts(year, month, day) or _written_as("another form", year, month, day)


def _cause_of_excel(days: str) -> str:
    """Return the day that a number of days is in Excel."""
    day = FIRST_DAY_OF_EXCEL + timedelta(days=int(days))
    return f"this is a day as Excel counts them: write {day.isoformat()}"


def _cause_of_seconds(_seconds: str) -> str:
    """Say that a number is a time since 1970."""
    return "this is a time in seconds or milliseconds since 1970"


def _cause_of_parts(year: str, month: str, day: str, rest: str = "") -> str:
    """Return why year, month and day are in no calendar, or that a time stands behind them."""
    if not 1 <= int(month) <= 12:
        swapped = 1 <= int(day) <= 12
        hint = "; day and month may have changed places" if swapped else ""
        return f"there is no month {month}{hint}"
    days = calendar.monthrange(int(year), int(month))[1] if int(year) > 0 else 31
    if not 1 <= int(day) <= days:
        return f"{calendar.month_name[int(month)]} {year} has {days} days"
    if rest and ":" in rest:
        return f"this is a day with a time: write {year}-{month}-{day}"
    if rest:
        return f"write {year}-{month}-{day} alone"
    return ""


def _written_as(form: str, year: str, month: str, day: str) -> str:
    """Say how a day was written, and how to write it."""
    return f"this day is written as {form}: write {year}-{int(month):02d}-{int(day):02d}"


def _cause_of_strokes(first: str, second: str, year: str) -> str:
    """Return how a day with strokes may be read: either part may be the month."""
    if int(first) > 12:
        return _cause_of_parts(year, second, first) or _written_as(
            "dd/mm/yyyy", year, second, first
        )
    if int(second) > 12:
        return _cause_of_parts(year, first, second) or _written_as(
            "mm/dd/yyyy", year, first, second
        )
    day_first = f"{year}-{int(second):02d}-{int(first):02d}"
    month_first = f"{year}-{int(first):02d}-{int(second):02d}"
    return f"day or month may come first here: write {day_first} or {month_first}"


def _cause_of_words_for_a_day(text: str) -> str:
    """Return what a day written in words is, or what of it is missing."""
    if re.fullmatch(r"(19|20)\d\d", text):
        return "this is a year and no day; a day nobody knows is assumed, with low and high"
    for form in WRITTEN_MONTHS:
        if _reads_as(text, form):
            return "this is a month and no day; a day nobody knows is assumed, with low and high"
    for form in WRITTEN_DAYS:
        if day := _reads_as(text, form):
            return f"write {day.date().isoformat()}"
    return ""


def _reads_as(text: str, form: str) -> datetime | None:
    """Return a text as a time of a form, or None."""
    try:
        return datetime.strptime(text, form)
    except ValueError:
        return None


CAUSES_OF_DAYS = {  # forms of days, in the order in which they are tried
    r"(\d{4})-(\d{2})-(\d{2})(?!\d)(.*)": _cause_of_parts,
    r"(\d{1,2})\.(\d{1,2})\.(\d{4})": _cause_of_points,
    r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})": _cause_of_strokes,
    r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})(?!\d)": _cause_of_year_first,
    r"((?:19|20)\d\d)(\d\d)(\d\d)$": _cause_of_year_first,
    r"(\d{10}(?:\.\d+)?|\d{13})$": _cause_of_seconds,
    r"([345]\d{4})$": _cause_of_excel,
}
