"""Numbers as people read them: separators, few digits, open ends said in words; and sentences from templates."""

import math
import re
from collections import namedtuple
from html import escape
from pathlib import Path

import jinja2


def number(value: float, digits: int = 3) -> str:
    """Write 1,230,000 or 0.0123: `digits` significant digits, all of a whole number below 10,000; "no limit" for infinity."""
    if not math.isfinite(value):
        return "unknown" if math.isnan(value) else "no limit" if value > 0 else "minus no limit"
    if float(value).is_integer() and abs(value) < 10_000:
        return f"{int(value):,}"
    return f"{value:.1e}" if abs(value) < 1e-4 else f"{float(f'{value:.{digits}g}'):,.15g}"


def exact(value: float) -> str:
    """Write a number with all its whole digits and at most three significant ones otherwise, as tables need it."""
    return (
        f"{int(value):,}" if math.isfinite(value) and float(value).is_integer() else number(value)
    )


def span(low: float, high: float, digits: int = 3) -> str:
    """Write an interval: "3 to 5", or "at least 3" where it has no upper end."""
    return (
        f"at least {number(low, digits)}"
        if math.isinf(high)
        else f"{number(low, digits)} to {number(high, digits)}"
    )


def percent(share: float) -> str:
    """Write a share as whole percent, with a true minus sign and never a rounded 0 or 100 for what is neither."""
    if 0 < abs(share) < 0.005:
        return "under 1 %"
    if 0.995 <= share < 1:
        return "over 99 %"
    return f"{'−' if round(100 * share) < 0 else ''}{abs(100 * share):.0f} %"


def emphasise(text: str) -> str:
    """Escape text for HTML; **words** between double asterisks become bold."""
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(text))


# What a study says first: a headline with its label, the sentences below it (a tuple), and the tables that they come from (by name).
Answer = namedtuple("Answer", "headline label sentences tables")
_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent), undefined=jinja2.StrictUndefined
)
_TEMPLATES.globals |= {
    word.__name__: word for word in (number, exact, span, percent, len, math.isinf, math.expm1)
}
_TEMPLATES.filters |= {"emphasise": emphasise, "escape_html": lambda value: escape(str(value))}


def template(name: str) -> object:
    """The macros of a template below this folder, such as sentences.j2; an unknown word in one is an error."""
    return _TEMPLATES.get_template(name).module


def tell(name: str, /, **given) -> str:
    """Say one sentence or title of sentences.j2 with the objects that a study made; **words** are for emphasis."""
    return " ".join(getattr(template("sentences.j2"), name)(**given).split())


class Shown:
    """A result that shows itself in a notebook as its own table."""

    def _repr_html_(self) -> str:
        return self.table().to_html(index=False, float_format=exact, border=0)
