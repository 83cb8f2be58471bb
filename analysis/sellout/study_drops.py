"""What the sell-out page shows of all drops of a launch: people who wanted one at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import Launch
from ..look import Table, Text, day, exact
from .drops import BY_LOG, STOCK_LEFT, people_by_drop
from .order_logs import LogSource
from .order_study import OrderStudy
from .words import product_name, short_duration

FEWEST_DROPS = 2  # to be set beside each other


@dataclass(frozen=True, kw_only=True)
class PeopleByDrop:
    """The drops of one launch, with the people who wanted one at each.

    Attributes
    ----------
    name : str
        The product.
    plural : str
        Several of what is sold.
    drops : DataFrame
        As `people_by_drop` gives them.
    """

    name: str
    plural: str
    drops: pd.DataFrame

    def table(self) -> Table | None:
        """Show a row a drop; None where they say no more than the table of sales."""
        drops = self.drops
        has_limit = (
            drops[["registered", "left_at_most"]].replace(np.inf, np.nan).notna().any(axis=None)
        )
        has_log = (drops["says"] == BY_LOG).any()
        if len(drops) < FEWEST_DROPS or not (has_limit or has_log):
            return None
        shown = pd.DataFrame(
            {
                "date": drops["date"],
                self.plural: drops["units"],
                "sold": drops["sold"],
                "gone_in": drops["gone_s"].map(short_duration).replace("", None),
                "registered": drops["registered"],
                "told_by": drops["says"],
                "people_at_least": drops["at_least"],
                "people_at_most": drops["at_most"].replace(np.inf, np.nan),
                "missed_out_and_stayed_at_most": drops["left_at_most"].replace(np.inf, np.nan),
            }
        )
        shown = shown.dropna(axis="columns", how="all")
        caption = f"People who wanted the {self.name} at each drop; a dash is no limit"
        if "registered" in shown:
            caption += "; those registered are the most where nobody else could buy"
        return Table(shown, caption)

    def words(self) -> Text | None:
        """Say how later drops limit earlier ones; None where they do not."""
        if self.table() is None:
            return None
        sentences = [self.limits_sentence(), self.gave_up_sentence()]
        sentences = [sentence for sentence in sentences if sentence]
        return Text(*sentences) if sentences else None

    def limits_sentence(self) -> str:
        """Say what a drop with stock left says of those before it; "" where there is none."""
        drops = self.drops
        limited = drops[np.isfinite(drops["left_at_most"])]
        if limited.empty:
            return ""
        last = limited.iloc[-1]
        ends = drops[(drops["says"] == STOCK_LEFT) & (drops["date"] > last["date"])]
        return (
            f"The drop of {day(ends['date'].iloc[0])} had {self.plural} left, so it served all who "
            f"still wanted one. Of those who missed out on {day(last['date'])}, at most "
            f"**{exact(last['left_at_most'])} people** were left."
        )

    def gave_up_sentence(self) -> str:
        """Say where fewer came back than a log says missed out; "" where that is nowhere."""
        fewer = self.drops[self.drops["many_gave_up"]]
        if fewer.empty:
            return ""
        last = fewer.iloc[-1]
        missed_out = exact(round(last["at_least"] - last["sold"]))
        return (
            f"By the log at least {missed_out} missed out on {day(last['date'])}: the others gave "
            "up, or our range is too high."
        )


def study_drops(launch: Launch, logs: Sequence[tuple[LogSource, OrderStudy]] = ()) -> PeopleByDrop:
    """Say of each drop of a launch how many people wanted one.

    Parameters
    ----------
    launch : Launch
        The launch.
    logs : sequence of (LogSource, OrderStudy)
        Its order logs, each with its study.
    """
    return PeopleByDrop(
        name=product_name(launch),
        plural=launch.product.plural,
        drops=people_by_drop(launch, logs),
    )
