"""The opening of the page of statements: answer, verdict bars, facts and trust."""

from collections import Counter
from dataclasses import dataclass
from textwrap import fill

import pandas as pd
from matplotlib.axes import Axes

from analysis.look import COLOUR, Chart, Facts, FirstScreen, Trust, plural

# Verdicts in the order of the bars, with the role and strength of their colour.
VERDICTS = {
    "supported": ("demand", 0.7),
    "partly_supported": ("demand", 0.3),
    "disputed": ("context", 0.9),
    "undecided": ("context", 0.4),
    "contradicted": ("event", 0.7),
}
LINE_OF_VERDICTS = 32  # letters of a line of verdicts below the name of a text
NO_FIGURE = ("no figure of ours", "shown for context")


@dataclass(frozen=True)
class Verdicts:
    """What sources say of the statements, and what our figures add.

    Attributes
    ----------
    rows : the statements, each a dict with `group`, `verdict`, `limit`, `sources_for`, `agreement`
    """

    rows: list[dict]

    @property
    def by_verdict(self) -> Counter:
        """Number of statements by what their sources say."""
        return Counter(row["verdict"] for row in self.rows)

    @property
    def tested(self) -> list[dict]:
        """The statements that a figure of ours was held against; their sources' own is no test."""
        return [
            row
            for row in self.rows
            if row["agreement"] not in NO_FIGURE and row["limit"] != "same_source"
        ]

    @property
    def confirmed(self) -> int:
        """Number of statements that sources and a figure from another source both support."""
        return sum(row["agreement"] == "agree" for row in self.tested)

    @property
    def single_source(self) -> int:
        """Number of supported statements that rest on one page."""
        supported = [row for row in self.rows if row["verdict"] == "supported"]
        return sum(len(row["sources_for"]) == 1 for row in supported)

    def first_screen(self) -> FirstScreen:
        """Give question and answer."""
        supported, partly = self.by_verdict["supported"], self.by_verdict["partly_supported"]
        tested = plural(len(self.tested), "statement")
        confirmed = self.confirmed or "none"
        advice = (
            "Quote a confirmed one as tested, any other with its sources."
            if self.confirmed
            else "So quote a statement with its sources, not as tested by us."
        )
        return FirstScreen(
            question="Which statements hold up?",
            answer=(
                f"Of {len(self.rows)} statements in the {plural(len(self.counts()), 'text')} that "
                f"we started from, sources back {supported}, and {partly} more in part."
            ),
            detail=f"Our own figures test {tested} and independently confirm {confirmed}. {advice}",
        )

    def counts(self) -> pd.DataFrame:
        """Count statements by source text and verdict, in the order of the bars."""
        groups = list(dict.fromkeys(row["group"] for row in self.rows))
        counts = pd.crosstab(
            pd.Series([row["group"] for row in self.rows], name="source text"),
            pd.Series([row["verdict"] for row in self.rows], name="verdict"),
        )
        return counts.reindex(index=groups, columns=list(VERDICTS), fill_value=0)

    def plot(self, axes: Axes) -> Axes:
        """Draw a bar for each source text, cut by verdict, with the number and name of each."""
        counts = self.counts()
        rows = range(len(counts))
        left = pd.Series(0, index=counts.index)
        for verdict, (role, strength) in VERDICTS.items():
            width = counts[verdict]
            bars = axes.barh(rows, width, left=left, color=COLOUR[role], alpha=strength, height=0.6)
            axes.bar_label(bars, [str(number or "") for number in width], label_type="center")
            left = left + width
        axes.set_yticks(rows, [_name_with_verdicts(row) for _, row in counts.iterrows()])
        axes.invert_yaxis()
        axes.set_xlabel("statements")
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False)
        return axes

    def chart(self) -> Chart:
        """Draw the verdicts of sources, by source text."""
        return Chart(
            title="What sources say of each text's statements",
            measure=f"{len(self.rows)} statements; below each text its pieces from left to right",
            draw=self.plot,
            alt=f"Bars of statements by verdict for each source text. {self.sentence()}",
            data=self.counts().reset_index(),
            note=(
                "Blue: supported, faint if in part. Grey: disputed, faint if undecided. "
                "Orange: contradicted."
            ),
            height_in=1.0 + 0.7 * len(self.counts()),
        )

    def sentence(self) -> str:
        """Say how many statements have each verdict."""
        counts = self.by_verdict
        parts = [f"{counts[verdict]} {verdict.replace('_', ' ')}" for verdict in VERDICTS]
        return f"Of {len(self.rows)} statements {', '.join(parts)}."

    def facts(self) -> Facts:
        """Give three numbers to remember."""
        settled = sum(row["agreement"] in ("agree", "disagree") for row in self.tested)
        return Facts(
            (
                f"{self.by_verdict['contradicted']}",
                f"contradicted by sources, {self.by_verdict['disputed']} disputed and "
                f"{self.by_verdict['undecided']} undecided",
            ),
            (f"{self.single_source}", "supported statements rest on one page alone"),
            (
                f"{settled} of {len(self.tested)}",
                "tests by a figure of ours settle their statement from another source",
            ),
        )

    def trust(self) -> Trust:
        """Say how far the verdicts can be trusted."""
        return Trust(
            level="fair",
            because=(
                "Each verdict was read off public pages by one person. Many pages repeat one "
                "origin, and a repeated claim is no second source."
            ),
            would_settle="Figures of the maker for output, parts and orders at one time.",
        )


def _name_with_verdicts(row: pd.Series) -> str:
    """Name a source text and, below it, the verdicts on its statements with the number of each."""
    pieces = [
        f"{count}\u00a0{verdict.replace('_', ' ')}" for verdict, count in row.items() if count
    ]
    return f"{row.name}\n{fill(', '.join(pieces), LINE_OF_VERDICTS)}"
