"""Why the phone was short, as the page shows it: three questions, and waiting played out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..look import COLOUR, Chart, Charted, is_narrow, percent, plot_intervals, span, with_range
from .verdict import SIMULATION_ERROR, Verdict
from .waiting import WaitingPlayedOut
from .words import few_dollar_ticks, two_digits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CLEAR = 0.25  # a chance below it, or above one less it, settles a question of the verdict
YES, NO, CANNOT_TELL = "yes", "no", "we cannot tell"
PROBABLY_NOT = "probably not"
LEANS = 0.5  # evidence that leans to an explanation without a count of this product behind it


@dataclass(frozen=True, kw_only=True)
class Explanations(Charted):
    """Three questions on why the phone was short, each with yes, no or we cannot tell."""

    phone: str
    """What the phone is called."""
    verdict: Verdict
    waiting: WaitingPlayedOut
    ceiling_moved: bool

    @property
    def making_half_pays(self) -> tuple[float, float, float]:
        """Share of simulated lives in which making half at first pays: estimate, low, high.

        Its range is the error of the simulation, as of the shares of the verdict.
        """
        pays = self.waiting.gain_usd > 0
        error = SIMULATION_ERROR * pays.std(ddof=1) / np.sqrt(len(pays))
        return self.waiting.chance, self.waiting.chance - error, self.waiting.chance + error

    def table(self) -> pd.DataFrame:
        """Return a row a question: explanation, question, answer, because."""
        questions = [self._ceiling(), self._waiting(), self._hype()]
        return pd.DataFrame(questions)

    def answers(self) -> pd.DataFrame:
        """Return a row a question with its answer and reason in one text, for narrow pages."""
        table = self.table()
        answer = table["answer"].str.capitalize() + ". " + table["because"]
        return pd.DataFrame({"question": table["question"], "answer": answer})

    def _ceiling(self) -> dict[str, str]:
        """Answer whether more could have been made."""
        ceiling = self.verdict.ceiling
        question = "Could more have been made?"
        if not self.ceiling_moved:
            return self._ceiling_by_other_shortages(question)
        evidence = _clear(ceiling.estimate)
        answer = {1: NO, -1: YES, 0: CANNOT_TELL}[evidence]
        chance = span(ceiling.low, ceiling.high, write=percent)
        because = (
            f"By its reports, the chance that every {self.phone} was made that could be is "
            f"{chance}."
        )
        return self._row("A ceiling", question, answer, because, evidence)

    def _ceiling_by_other_shortages(self, question: str) -> dict[str, str]:
        """Answer by documented shortages, where no count of this product speaks of it."""
        ceiling = self.verdict.ceiling
        held_back = span(1 - ceiling.high, 1 - ceiling.low, write=percent)
        because = (
            f"Going by documented shortages, the chance that the {self.phone} was held back on "
            f"purpose is {held_back}. No two independent reports of one time settle it."
        )
        leans = _clear(ceiling.estimate) == 1
        answer = PROBABLY_NOT if leans else CANNOT_TELL
        return self._row("A ceiling", question, answer, because, LEANS if leans else 0)

    def _waiting(self) -> dict[str, str]:
        """Answer whether waiting for cheaper parts paid."""
        evidence = _clear(self.waiting.chance)
        answer = {1: YES, -1: NO, 0: CANNOT_TELL}[evidence]
        because = (
            f"Making half until week {self.waiting.weeks} pays in {percent(self.waiting.chance)} "
            f"of {self.phone} simulations."
        )
        question = "Did waiting for cheaper parts pay?"
        return self._row("Waiting for cheaper parts", question, answer, because, evidence)

    def _hype(self) -> dict[str, str]:
        """Answer whether it was hunger marketing."""
        needed = self.verdict.hype_sales_needed
        because = (
            f"Each {self.phone} withheld must sell "
            f"{with_range(*needed.interval, write=two_digits)} other phones to pay for itself. "
            "No count says whether any did."
        )
        question = "Was it hunger marketing?"
        return self._row("Hunger marketing", question, CANNOT_TELL, because, 0)

    @staticmethod
    def _row(explanation, question, answer, because, evidence) -> dict:
        """Give one row; evidence is 1 for, -1 against, 0 nothing known, between them it leans."""
        return {
            "explanation": explanation,
            "question": question,
            "answer": answer,
            "because": because,
            "evidence": evidence,
        }

    def chart(self) -> Chart:
        """Draw for each explanation whether the evidence is for it, against it, or says nothing."""
        table = self.table()
        return Chart(
            title=f"What speaks for three explanations of why the {self.phone} was short",
            measure=f"from reports on the {self.phone}, other shortages and its simulations",
            draw=self._draw,
            alt="; ".join(f"{row.question} {row.answer}" for row in table.itertuples()),
            data=table,
            height_in=2.2,
            narrow_height_in=2.2,
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw a row an explanation, a column each for against, nothing known and for."""
        import seaborn as sns  # noqa: PLC0415 (a second to load; only drawing needs it)

        table = self.table()
        columns = {-1: "against", 0: "nothing known", 1: "for"}
        axes.hlines(range(len(table)), -1, 1, color=COLOUR["context"], linewidth=1, zorder=1)
        sns.stripplot(
            table,
            x="evidence",
            y="explanation",
            order=table["explanation"],
            color=COLOUR["event"],
            size=13,
            jitter=False,
            ax=axes,
        )
        labels = table["explanation"]
        if is_narrow(axes):
            labels = labels.str.replace(" for ", "\nfor ").str.replace("r m", "r\nm")
        axes.set_yticks(range(len(table)), labels)
        axes.set_xticks(list(columns), columns.values())
        axes.xaxis.tick_top()
        axes.set(xlim=(-1.4, 1.4), ylim=(len(table) - 0.5, -0.5), xlabel="", ylabel="")
        axes.grid(visible=False)
        axes.spines["bottom"].set_visible(False)
        axes.tick_params(length=0)
        return axes

    def sentence(self) -> str:
        """Return the answers to the three questions, in words."""
        rows = self.table().itertuples()
        return " ".join(
            f"{row.question} **{row.answer.capitalize()}.** {row.because}" for row in rows
        )


def _clear(chance: float) -> int:
    """Return 1 where a chance is clearly high, -1 where it is clearly low, else 0."""
    if chance > 1 - CLEAR:
        return 1
    return -1 if chance < CLEAR else 0


@dataclass(frozen=True, kw_only=True)
class Waiting(Charted):
    """What it earns to make only half at first and wait for cheaper parts."""

    phone: str
    """What the phone is called."""
    delays: pd.DataFrame
    """A row a delay: weeks, mean gain over selling as made, 80 %, chance."""
    weeks: int
    """Weeks of the one delay of which the sentence speaks."""
    needed_fall: np.ndarray
    """Fall of a unit's cost by then at which one phone held back pays (low, median, high)."""
    expected_fall: np.ndarray
    """Fall that is expected (low, median, high)."""
    one_unit_pays: float
    """Share of draws in which one phone held back earns more, if it can be made later."""

    @property
    def needed(self) -> float:
        """Fall of cost, as a share, at which one phone held back pays (median)."""
        return float(self.needed_fall[1])

    @property
    def can_pay(self) -> bool:
        """Whether any fall of cost makes it pay to hold one phone back."""
        return self.needed < 1

    def table(self) -> pd.DataFrame:
        """Return a row a delay."""
        return self.delays

    def chart(self) -> Chart:
        """Draw the gain by the weeks for which half is made."""
        return Chart(
            title=f"What it gains to make only half of the {self.phone} phones at first",
            measure=f"{self.phone} profit over selling as made, mean and 80 %, list price",
            draw=self._draw,
            alt="The longer only half is made, the more is lost on average."
            if self.delays["estimate"].is_monotonic_decreasing
            else "Mean gain and range by the weeks for which only half is made.",
            data=self.delays,
            height_in=0.9 + 0.38 * len(self.delays),
            narrow_height_in=1.0 + 0.38 * len(self.delays),
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw a row a delay, in dollars."""
        rows = self.delays.assign(label=[f"until week {weeks}" for weeks in self.delays["weeks"]])
        plot_intervals(axes, rows, "margin")
        few_dollar_ticks(axes)
        return axes

    def sentence(self) -> str:
        """Return how far costs must fall, and how far they are expected to, in words."""
        low, expected, high = self.expected_fall
        if self.can_pay:
            must = (
                f"For one {self.phone} to be worth holding back {self.weeks} weeks, its cost must "
                f"fall by about {percent(self.needed)} in that time."
            )
        else:
            must = (
                f"No fall of its cost makes one {self.phone} worth holding back {self.weeks} "
                "weeks: too many give up waiting."
            )
        return (
            f"{must} We expect a {self.phone} to get cheaper by "
            f"{with_range(expected, low, high, write=percent)}. Counted alone, one phone held back "
            f"earns more in {percent(self.one_unit_pays)} of simulations, if it can still be "
            "made later."
        )
