"""The parts of a page that are no charts: first screen, facts, trust, tables, sentences, figures.

Each part shows itself in Lab and in reports. Beside its HTML it passes on its content as JSON, from
which the report runner builds titles, the index and the page of claims. Charts are in `chart`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from IPython.display import display

from .markup import NO_FORMULAS, for_lab, parts, plain
from .numbers import exact
from .page_words import cells_in_page_words, frame_in_page_currency, in_page_words

ANSWER = "application/vnd.research-report.answer+json"
FACTS = "application/vnd.research-report.facts+json"
TRUST = "application/vnd.research-report.trust+json"
QUANTITIES = "application/vnd.research-report.quantities+json"
MOST_ODD_INPUTS = 2  # that stand beside the answer
TRUST_LEVELS = {"high": "High", "fair": "Fair", "low": "Low", "none": "Not at all"}


class Part:
    """Something that shows itself: `html`, the same as `text`, and as `payload` for reports."""

    def html(self) -> str:
        """Give the part as HTML, without the style that Lab needs."""
        raise NotImplementedError

    def text(self) -> str:
        """Give the part as plain text."""
        raise NotImplementedError

    def payload(self) -> dict:
        """Give what reports read, by its type; empty where they need only the HTML."""
        return {}

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        """Give what Jupyter shows of this part."""
        return {
            "text/html": for_lab(self.html()),
            "text/plain": self.text(),
            **self.payload(),
        }


@dataclass(frozen=True)
class FirstScreen(Part):
    """The question of a page and its answer."""

    question: str
    """The page's title, with the product's name in it."""
    answer: str
    """The first sentence, shown in bold; 25 words at most."""
    detail: str = ""
    """One or two sentences more."""

    def html(self) -> str:
        """Give question and answer; a page takes the question for its title."""
        return parts().first_screen(self.question, self.answer, self.detail)

    def text(self) -> str:
        """Give the question, then the answer."""
        return plain(f"{self.question}\n{self.answer} {self.detail}").strip()

    def payload(self) -> dict:
        """Give question, answer and detail."""
        return {ANSWER: {name: plain(text) for name, text in asdict(self).items()}}


class Facts(Part):
    """Three numbers, each with a short line of what it is."""

    def __init__(self, *facts: tuple[str, str]):
        """Take exactly three pairs (number, meaning), both texts, or raise a ValueError."""
        if len(facts) != 3 or any(len(pair) != 2 for pair in facts):
            raise ValueError(f"{facts!r}: expected three pairs of number and meaning")
        self.facts = facts

    def html(self) -> str:
        """Give the facts side by side, or below one another where it is narrow."""
        return parts().facts(self.facts)

    def text(self) -> str:
        """Give a fact a line."""
        return "\n".join(plain(f"{number}: {meaning}") for number, meaning in self.facts)

    def payload(self) -> dict:
        """Give the facts as a list of number and meaning."""
        named = [{"number": number, "meaning": plain(meaning)} for number, meaning in self.facts]
        return {FACTS: {"facts": named}}


def trust_in_words(level: str) -> str:
    """Say a level of `Trust` within a line: "low", "not at all"."""
    return TRUST_LEVELS[level].lower()


@dataclass(frozen=True)
class Trust(Part):
    """How sure the answer is, why, and which observation would settle the question."""

    level: str
    """high, fair, low or none."""
    because: str
    """The reason, in whole sentences."""
    would_settle: str
    """The observation that would settle the question, in whole sentences."""
    odd_inputs: str = ""
    """What does not fit among the inputs of the answer, in whole sentences."""

    def with_odd_inputs(self, sentences: Sequence[str]) -> Self:
        """Give the same box with what does not fit among the inputs: two of many, then a count."""
        shown = list(sentences[:MOST_ODD_INPUTS])
        if more := len(sentences) - len(shown):
            shown.append(f"More stand at the end: {more}.")
        return replace(self, odd_inputs=" ".join(shown))

    def __post_init__(self):
        if self.level not in TRUST_LEVELS:
            raise ValueError(f"level {self.level!r}: expected one of {', '.join(TRUST_LEVELS)}")

    def html(self) -> str:
        """Give a box with the level in words and both reasons."""
        return parts().trust(
            TRUST_LEVELS[self.level], self.because, self.would_settle, self.odd_inputs
        )

    def text(self) -> str:
        """Give the level, the reason, and what would settle it."""
        odd = f"Inputs that do not fit: {self.odd_inputs}" if self.odd_inputs else ""
        words = f"{TRUST_LEVELS[self.level]}. {self.because} {self.would_settle} {odd}"
        return plain(words.strip())

    def payload(self) -> dict:
        """Give level, reason and what would settle the question."""
        return {TRUST: {name: plain(text) for name, text in asdict(self).items()}}


@dataclass(frozen=True)
class Table(Part):
    """A table at full width: numbers set right, what is missing a dash, addresses as links."""

    frame: pd.DataFrame
    """The rows; underscores in the names of columns are shown as spaces."""
    caption: str
    """What the rows are."""

    def html(self) -> str:
        """Give a table that scrolls inside itself where it is wider than the page."""
        frame = cells_in_page_words(frame_in_page_currency(self.frame))
        numeric = [pd.api.types.is_numeric_dtype(frame[column]) for column in frame]
        rows = list(frame.itertuples(index=False))
        return parts().table(rows, list(frame), numeric, self.caption)

    def text(self) -> str:
        """Give the table in fixed-width columns."""
        frame = cells_in_page_words(frame_in_page_currency(self.frame))
        frame = frame.rename(columns=lambda name: in_page_words(str(name)))
        return f"{plain(self.caption)}\n{frame.to_string(index=False)}"


class Text(Part):
    """A paragraph of sentences; **words** between double asterisks are bold."""

    def __init__(self, *sentences: str):
        self.sentences = sentences

    def html(self) -> str:
        """Give the sentences as one paragraph."""
        return parts().text(" ".join(self.sentences))

    def text(self) -> str:
        """Give the sentences on one line."""
        return plain(" ".join(self.sentences))


class Shown:
    """A model's result that shows itself as its own `table()`, in a notebook and in a terminal."""

    def __str__(self) -> str:
        """Give the table as text, for `print`."""
        return self.table().to_string(index=False)

    def _repr_html_(self) -> str:
        """Give the table in the style of Lab."""
        table = cells_in_page_words(self.table())
        table = table.rename(columns=lambda name: in_page_words(str(name)))
        return table.to_html(index=False, float_format=exact, border=0, classes=NO_FORMULAS)


def show(*shown: Part) -> None:
    """Show parts in the middle of a cell, as in a loop; the last value of a cell shows itself."""
    for part in shown:
        display(part)


def say(*sentences: str) -> None:
    """Show sentences as one paragraph."""
    show(Text(*sentences))


def publish(unit: str, **quantities) -> None:
    """Publish what a study found to pages that set it beside other things; show nothing.

    Parameters
    ----------
    unit
        The unit of all of them; what it has behind a comma says under which assumption.
    quantities
        An estimate, or (estimate, low, high), by name; an estimate that is NaN is left out.
    """
    named = {name: _as_quantity(unit, value) for name, value in quantities.items()}
    known = {name: value for name, value in named.items() if value["estimate"] != "nan"}
    display({"text/html": "", "text/plain": "", QUANTITIES: known}, raw=True)


def _as_quantity(unit: str, value) -> Mapping[str, str]:
    """Write unit, estimate and ends as texts: JSON has no infinite numbers."""
    values = [str(number) for number in np.ravel(value).astype(float).tolist()]
    if len(values) == 1:
        values += ["nan", "nan"]  # an estimate without an interval
    estimate, low, high = values
    return {"unit": unit, "estimate": estimate, "low": low, "high": high}
