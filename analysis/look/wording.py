"""Old sentences from templates, until every study writes its own."""

import math
from collections import namedtuple
from html import escape
from pathlib import Path

import jinja2

from .markup import emphasise
from .numbers import exact, number, percent, span
from .parts import Shown

# What a study says first: headline, label, sentences below it, and the tables they come from.
Answer = namedtuple("Answer", "headline label sentences tables")
_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent), undefined=jinja2.StrictUndefined
)
_TEMPLATES.globals |= {
    word.__name__: word for word in (number, exact, span, percent, len, math.isinf, math.expm1)
}
_TEMPLATES.filters |= {"emphasise": emphasise, "escape_html": lambda value: escape(str(value))}


def template(name: str) -> object:
    """Load the macros of a template of this folder, in which an unknown word is an error."""
    return _TEMPLATES.get_template(name).module


def tell(name: str, /, **given) -> str:
    """Give one sentence or title of sentences.j2 with the objects that a study made."""
    return " ".join(getattr(template("sentences.j2"), name)(**given).split())
