"""Numbers as people read them: separators, few digits, open ends said in words."""

import math
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

import jinja2


def number(value: float, digits: int = 3) -> str:
    """Write a number with thousands separators and `digits` significant digits, all of them if it is whole and below 10,000.

    >>> number(1234567), number(0.01234), number(12.0), number(1191.4), number(float("inf"))
    ('1,230,000', '0.0123', '12', '1,190', 'no limit')
    """
    if math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "no limit" if value > 0 else "minus no limit"
    if float(value).is_integer() and abs(value) < 10_000:
        return f"{int(value):,}"
    if value == 0 or abs(value) < 1e-4:
        return f"{value:.1e}"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, places):,.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact(value: float) -> str:
    """Write a number with all its whole digits and at most three significant ones otherwise, as tables need it.

    >>> exact(1234567), exact(0.01234), exact(2.0)
    ('1,234,567', '0.0123', '2')
    """
    return f"{int(value):,}" if math.isfinite(value) and float(value).is_integer() else number(value)


def span(low: float, high: float, digits: int = 3) -> str:
    """Write an interval: "3 to 5", or "at least 3" where it has no upper end.

    >>> span(3, 5), span(3, float("inf"))
    ('3 to 5', 'at least 3')
    """
    return f"at least {number(low, digits)}" if math.isinf(high) else f"{number(low, digits)} to {number(high, digits)}"


def percent(share: float) -> str:
    """Write a share as whole percent, with a true minus sign and never a rounded 0 or 100 for what is neither.

    >>> percent(0.256), percent(-0.04), percent(0.999), percent(0.0)
    ('26 %', '−4 %', 'over 99 %', '0 %')
    """
    if 0 < abs(share) < 0.005:
        return "under 1 %"
    if 0.995 <= share < 1:
        return "over 99 %"
    return f"{'−' if round(100 * share) < 0 else ''}{abs(100 * share):.0f} %"


def emphasise(text: str) -> str:
    """Escape text for HTML; **words** between double asterisks become bold."""
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(text))


_TEMPLATES = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent), undefined=jinja2.StrictUndefined)
_TEMPLATES.globals |= {
    "exact": exact,
    "number": number,
    "span": span,
    "percent": percent,
    "len": len,
    "isinf": math.isinf,
    "expm1": math.expm1,
}
_TEMPLATES.filters |= {"emphasise": emphasise, "escape_html": lambda value: escape(str(value))}


def template(name: str) -> object:
    """The macros of a template beside this file, such as sentences.j2; an unknown word in one is an error."""
    return _TEMPLATES.get_template(name).module


def tell(name: str, /, **given) -> str:
    """Say one sentence or title of sentences.j2 with the objects that a study made; **words** are for emphasis."""
    return " ".join(getattr(template("sentences.j2"), name)(**given).split())


@dataclass(frozen=True)
class Answer:
    """What a study says first: a headline with its label, the sentences below it, and the tables that they come from."""

    headline: str
    label: str
    sentences: tuple[str, ...]
    tables: dict[str, object]


class Shown:
    """A result that shows itself in a notebook as its own table."""

    def _repr_html_(self) -> str:
        return self.table().to_html(index=False, float_format=exact, border=0)
