"""Section of the evidence page: whether signs tell why a product was short."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..look import number, plural
from ..supply.shortage_class import PULL
from ..supply.study_shortage import CAUSE_NAMES

FIRM_ERRORS = 2  # standard errors from which a difference of scores is more than chance explains


@dataclass(frozen=True)
class ShortageScores:
    """Scores of documented shortages, each left out and forecast from the others.

    Attributes
    ----------
    rows : the table `shortage_left_out` of data/evidence/
    """

    rows: pd.DataFrame

    @property
    def as_used(self) -> pd.DataFrame:
        """The rows of the weight that the reports use, by cause."""
        return self.rows[self.rows["pull"] == PULL].set_index("cause")

    def table(self) -> pd.DataFrame:
        """Return a row a cause: in how many shortages it played a role, and its scores."""
        rows = self.as_used
        columns = {
            "played": "shortages",
            "log_score_with_signs": "log score",
            "log_score_rate_alone": "by the rate",
            "log_score_one_half": "by one half",
            "brier_score_with_signs": "Brier score",
            "brier_score_rate_alone": "Brier by the rate",
        }
        table = rows[list(columns)].round(3).rename(columns=columns)
        names = [CAUSE_NAMES.get(cause, "All causes") for cause in rows.index]
        table.insert(0, "cause", names)
        return table.reset_index(drop=True)

    def sentence(self) -> str:
        """Say whether signs help to tell who held back, and whether chance could explain it."""
        row = self.as_used.loc["held_back"]
        gain = row["log_score_rate_alone"] - row["log_score_with_signs"]
        error = row["log_score_error_of_difference"]
        shortages = plural(int(row["shortages"]), "documented shortage")
        if gain <= 0:
            return (
                f"In {shortages}, signs do not help to tell who held back, so reports use the "
                "rate alone."
            )
        firm = "more than chance explains" if gain > FIRM_ERRORS * error else "which may be chance"
        return (
            f"In {shortages}, left out in turn, signs tell better than the rate alone who held "
            f"back: by {number(gain, 2)} of log score, {firm} (standard error "
            f"{number(error, 2)})."
        )
