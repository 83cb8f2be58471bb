"""Section of the supply page: was it a ceiling, or a choice."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..look import Table, Text, number, percent, span
from .choice import withholding_posterior
from .section import Result


@dataclass(frozen=True)
class Choice(Result):
    """The chance that phones were held back."""

    chances: pd.DataFrame  # from `judge_choice`
    product: str = "product"  # its name without the brand
    has_output: bool = False  # whether a report says what was made
    has_capacity: bool = False  # whether a report says what could be made

    def even(self) -> pd.DataFrame:
        """Select the rows with even odds before."""
        return self.chances[self.chances["prior"] == 0.5]

    def settling_error(self) -> float:
        """Give the error, in logs, with which a count of parts would settle it at 19 to 1."""
        return self.even()["settled_by_sd"].min()

    def sentence(self) -> str:
        """Say whether two numbers move the odds, and what would settle it."""
        if not self.chances["moved"].any():
            return (
                f"**We cannot tell whether the {self.product} was held back.** "
                f"{self._missing_sentence()}"
            )
        error = percent(self.settling_error())
        settle = f"A count of parts or idle lines, right to within {error}, could settle it."
        even = self.even()["probability"]
        return (
            f"At even odds before, the chance that phones were held back is "
            f"**{span(even.min(), even.max(), write=percent)}**, by how much one thinks would "
            f"then be released. {settle}"
        )

    def _missing_sentence(self) -> str:
        """Say which of the two numbers is missing."""
        if self.has_output and self.has_capacity:
            return (
                f"No two independent reports say how many of the {self.product} were made and "
                "could be in the same weeks."
            )
        if self.has_capacity:
            return f"Reports say how many of the {self.product} could be made, none how many were."
        return f"No report says how many of the {self.product} could have come."

    def try_numbers(self, released: float, possible: float, error: float) -> Text:
        """Say what two numbers would tell, if two independent sources had them.

        Parameters
        ----------
        released, possible : float
            Phones released, and phones that could have been made, in the same time.
        error : float
            Standard error of the log of each number.
        """
        chance = withholding_posterior((released, error), (possible, error))
        return Text(
            f"If {number(released)} of {number(possible)} possible phones had been released, each "
            f"known to within {percent(error)}, even odds that some were held back would become "
            f"**{percent(chance.probability)}**."
        )

    def table(self) -> pd.DataFrame:
        """List the chances, by odds before and by the share that would be released."""
        return self.chances

    def shown_table(self) -> Table | None:
        """Show the chances, where two numbers moved them; a prior is no finding."""
        if not self.chances["moved"].any():
            return None
        shown = pd.DataFrame(
            {
                "released, if held back": self.chances["released"],
                "chance before": [percent(one) for one in self.chances["prior"]],
                "chance after": [percent(one) for one in self.chances["probability"]],
            }
        )
        return Table(shown, "Chance that phones were held back")
