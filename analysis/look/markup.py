"""What is shown, as HTML: templates that escape every text, and the small style that Lab needs.

A report has its own style sheet and takes the small one out (`for_page`).
"""

import re
from functools import cache
from html import escape
from pathlib import Path

import jinja2
from markupsafe import Markup

from .numbers import exact
from .page_words import in_page_words

FOLDER = Path(__file__).parent

# Lab, and viewers of notebooks, take what stands between two dollar signs for a formula, but not in
# what has these classes: the first by MathJax 2, the second by 3.
NO_FORMULAS = "tex2jax_ignore mathjax_ignore"

# A minus sign before the sign of a currency; before a digit no line ends anyway.
MINUS_OF_SUM = re.compile(r"−(?=[^\d\s])")
NO_BREAK = "\u2060"  # between two signs that stay on one line, and without width

# A word with a capital in it before a short number: Mi 9, iPhone 5s.
NUMBER_OF_NAME = re.compile(r"\b(\w*[A-Z]\w*) (?=\d{1,2}[a-zA-Z]?\b)")
# An address within escaped text: its site, then all up to a blank, a bracket, a quote or a stop.
ADDRESS = re.compile(r"https?://([^\s/<>()&]+)(?:(?!&(?:quot|#x27);)[^\s<>()])*(?<![.,;:!?])")


def emphasise(text: str) -> Markup:
    """Give text escaped for HTML; **words** between double asterisks become bold.

    A number and its percent sign stay on one line, and so do a sum and its minus sign.

    >>> str(emphasise("<b> & **5 s**")), str(emphasise("40 %")) == "40\u00a0%"
    ('&lt;b&gt; &amp; <strong>5 s</strong>', True)
    >>> str(emphasise("−$5")) == "−\u2060$5"
    True
    """
    return bold(in_page_words(str(text)))


def bold(text: str) -> Markup:
    """Give text that is in the words of the page, or quotes others, as `emphasise` does."""
    together = re.sub(r"(?<=\d) %", "\u00a0%", escape(text))
    together = MINUS_OF_SUM.sub(f"−{NO_BREAK}", together)
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", together))


def link_addresses(text: Markup) -> Markup:
    """Give text that is escaped already with each address in it as a link named by its site.

    >>> str(link_addresses(bold("1 < 2 (https://a.org/b?c=1&d=2 too)")))
    '1 &lt; 2 (<a href="https://a.org/b?c=1&amp;d=2">a.org</a> too)'
    """
    return Markup(ADDRESS.sub(r'<a href="\g<0>">\1</a>', str(text)))


def keep_names_together(text: str) -> str:
    """Give a text with no-break spaces before the numbers of names, as titles need it.

    No line of it starts with the 3 of a PlayStation 3.

    >>> keep_names_together("A PlayStation 3 in 4 years") == "A PlayStation\u00a03 in 4 years"
    True
    """
    return NUMBER_OF_NAME.sub("\\1\u00a0", text)


def plain(text: str) -> str:
    """Take out the asterisks that mark bold words; say it in the words of the page."""
    return re.sub(r"\*\*(.+?)\*\*", r"\1", in_page_words(text))


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
    environment.filters["bold"] = bold
    environment.filters["emphasise"] = emphasise
    environment.filters["in_page_words"] = in_page_words
    environment.filters["link_addresses"] = link_addresses
    environment.filters["keep_names_together"] = keep_names_together
    return environment.get_template("parts.html.j2").module


@cache
def lab_style() -> str:
    """Give the style that makes a part look right by itself, as in Lab."""
    css = (FOLDER / "lab.css").read_text(encoding="utf-8")
    without_comments = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return f'<style class="lab-look">{" ".join(without_comments.split())}</style>'


def for_lab(html: str) -> str:
    """Give a part as it is shown in Lab: with the style that it needs, and its sums as they are."""
    sums_as_they_are = str(html).replace('class="look', f'class="{NO_FORMULAS} look')
    return f"{lab_style()}{sums_as_they_are}"


def for_page(html: str, lead: bool = False) -> str:
    """Give what a cell shows as HTML for a page with a title and a style sheet of its own.

    Parameters
    ----------
    html
        The HTML of a part, with the style for Lab, or of a table of pandas.
    lead
        Whether it is the lead chart, whose title comes next below that of the page.

    Returns
    -------
    str
        The same without style and without the question of a first screen; a table of pandas
        scrolls inside itself.
    """
    html = re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)
    html = html.replace(f"{NO_FORMULAS} ", "").replace(f" {NO_FORMULAS}", "")
    html = re.sub(r'<p class="question">.*?</p>\n?', "", html, flags=re.DOTALL)
    if lead:
        title = r'<h3 class="chart-title">(.*?)</h3>'
        html = re.sub(title, r'<h2 class="chart-title">\1</h2>', html, flags=re.DOTALL)
    if 'class="dataframe"' in html:
        scrolling = '<div class="wide" role="region" tabindex="0" aria-label="Table">'
        html = f"{scrolling}{html}</div>"
    return html
