"""What is shown, as HTML: templates that escape every text, and the small style that Lab needs.

A report has its own style sheet and takes the small one out (`without_lab_style`).
"""

import re
from functools import cache
from html import escape
from pathlib import Path

import jinja2
from markupsafe import Markup

from .numbers import exact

FOLDER = Path(__file__).parent


def emphasise(text: str) -> Markup:
    """Escape text for HTML; **words** between double asterisks become bold.

    >>> str(emphasise("<b> & **5 s**"))
    '&lt;b&gt; &amp; <strong>5 s</strong>'
    """
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(str(text))))


def plain(text: str) -> str:
    """Take out the asterisks that mark bold words."""
    return re.sub(r"\*\*(.+?)\*\*", r"\1", text)


@cache
def parts() -> object:
    """Load the macros of parts.html.j2, in which an unknown name is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["exact"] = exact
    environment.filters["emphasise"] = emphasise
    return environment.get_template("parts.html.j2").module


@cache
def lab_style() -> str:
    """Give the style that makes a part look right by itself, as in Lab."""
    css = (FOLDER / "lab.css").read_text(encoding="utf-8")
    without_comments = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return f'<style class="lab-look">{" ".join(without_comments.split())}</style>'


def without_lab_style(html: str) -> str:
    """Take the style for Lab out, for a page that has a style sheet of its own."""
    return re.sub(r'<style class="lab-look">.*?</style>', "", html, flags=re.DOTALL)
