"""How often families of ranges held the truth, as sections of notebook 5 show it.

Each result has a table, a chart or a sentence. The counts are read and pooled in `counts`; the page
as a whole is `study`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..look import COLOUR, Chart, Table, figures, number, percent, plural
from . import counts

if TYPE_CHECKING:
    from matplotlib.axes import Axes


# What a colour means in every chart of the page: the role of a range by what its tests show.
ROLES = {"near": "demand", "short": "event", "wide": "soft"}


def expected_short(cells: pd.DataFrame) -> int:
    """Return how many cells chance alone would make short: one in forty."""
    return round(0.025 * len(cells))


def describe_tests(cells: pd.DataFrame) -> pd.DataFrame:
    """Return tests as readers see them, a row each, with shares in per cent.

    Parameters
    ----------
    cells : DataFrame
        Rows of `counts.coverage`.

    Returns
    -------
    DataFrame
        Kind of range, test, cases, share promised, share held, and what counting leaves open of it.
    """
    ranges = [
        f"{tenths_of_percent(low)} to {tenths_of_percent(high)}"
        for low, high in zip(cells["low"], cells["high"], strict=True)
    ]
    return pd.DataFrame(
        {
            "kind of range": cells["label"],
            "test": cells["cell"],
            "cases": cells["trials"],
            "promised": cells["level"].map(percent),
            "held": cells["estimate"].map(tenths_of_percent),
            "95 % range of what was held": ranges,
        }
    )


def tenths_of_percent(share: float) -> str:
    """Return a share in per cent with a decimal, as shares near a promise of 95 % need it.

    >>> tenths_of_percent(0.948), tenths_of_percent(1)
    ('94.8 %', '100 %')
    """
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


@dataclass(frozen=True)
class SharesHeld:
    """How often one family of intervals held the truth, a row a group of cells.

    Attributes
    ----------
    rows : see `counts.pool_groups`
    title : title of the chart
    unit : what one case is
    few_cases : a group with fewer cases than this could hardly have been shown short
    """

    rows: pd.DataFrame
    title: str
    unit: str
    few_cases: int = counts.FEW_CASES

    def table(self) -> pd.DataFrame:
        """Return label, level, trials, share held with interval, whether it is short, its worst."""
        return self.rows.round(3)

    @property
    def level(self) -> float:
        """The share that these intervals promise."""
        return float(self.rows["level"].iloc[0])

    @property
    def has_few(self) -> pd.Series:
        """Whether a group that is not short rests on few cases."""
        return ~self.rows["short"] & (self.rows["trials"] < self.few_cases)

    @property
    def has_worse(self) -> pd.Series:
        """Whether a group has several tests, of which the worst held less than all together."""
        return self.rows["worst"].round(counts.ROUNDED_TO) < self.rows["estimate"].round(
            counts.ROUNDED_TO
        )

    def drawn(self) -> pd.DataFrame:
        """Return the rows of the chart: a group of few cases is grey, and its name counts them."""
        cases = [plural(trials, "case") for trials in self.rows["trials"]]
        with_cases = self.rows["label"] + " (" + pd.Series(cases, index=self.rows.index) + ")"
        roles = self.rows["short"].map({True: ROLES["short"], False: ROLES["near"]})
        return self.rows.assign(
            label=self.rows["label"].mask(self.has_few, with_cases),
            role=roles.mask(self.has_few, ROLES["wide"]),
        )

    def plot(self, axes: Axes) -> Axes:
        """Draw each group's share held with its 95 % interval, its worst test, and the promise."""
        rows = self.drawn()
        figures.plot_intervals(axes, rows)
        for height in np.flatnonzero(self.has_worse):
            row = rows.iloc[height]
            axes.plot(
                row["worst"], height, "|", color=COLOUR[row["role"]], markersize=9, clip_on=False
            )
        figures.mark_value(axes, self.level, rows)
        figures.percent_axis(axes.xaxis)
        axes.set_xlabel(f"share held; line: the {percent(self.level)} promised")
        return axes

    def chart(self) -> Chart:
        """Return the chart of shares held."""
        stroke = ", stroke: its worst test" if self.has_worse.any() else ""
        grey = f" Grey: fewer than {self.few_cases} cases, too few." if self.has_few.any() else ""
        return Chart(
            title=self.title,
            measure=(
                f"{self.rows['trials'].sum():,.0f} {self.unit}; bar: what counting leaves open"
                f"{stroke}"
            ),
            draw=self.plot,
            alt=f"Share of {self.unit} whose range held the truth. {self.sentence()}",
            data=self.rows,
            note=(
                "Orange: held less often than promised, by more than counting explains. "
                f"Blue: not shown to hold less.{grey}"
            ),
            height_in=1.4 + 0.3 * len(self.rows),
        )

    def sentence(self) -> str:
        """Say how many groups are short, and which is lowest."""
        lowest = self.rows.loc[(self.rows["estimate"] - self.rows["level"]).idxmin()]
        case = lowest["label"].replace(" (", ", ").replace(")", "")
        held, promised = percent(lowest["estimate"]), percent(lowest["level"])
        if lowest["estimate"] < lowest["level"]:
            worst = (
                f"The worst of these {len(self.rows)}, averaged over its tests, is {case}: "
                f"{held} of {promised} promised."
            )
        else:
            worst = f"Even the lowest share is above its promise: {case}, {held} held."
        short = int(self.rows["short"].sum())
        if not short:
            return f"No group of {self.unit} holds less than promised beyond chance. {worst}"
        return f"{short} of {len(self.rows)} groups of {self.unit} hold less than promised. {worst}"


@dataclass(frozen=True)
class Rivals:
    """Our errors beside those of plain rivals, on the same real cases.

    Attributes
    ----------
    rows : see `counts.against_rivals`
    """

    rows: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return case, cases, our error, rival, the rival's error."""
        return self.rows.round(3)

    def shown_table(self) -> Table:
        """Show the errors side by side."""
        shown = self.table().rename(columns={"ours": "our error", "rivals": "the rival's error"})
        return Table(shown, "Ours beside plain rivals on the same real cases; lower is better")

    def sentence(self) -> str:
        """Say how often ours is the lower error."""
        if self.rows.empty:
            return "No table with rivals has been counted yet."
        lower = int((self.rows["ours"] < self.rows["rivals"]).sum())
        return (
            f"Our error is the lower one in {lower} of {plural(len(self.rows), 'comparison')}. "
            f"The cases are few ({self.rows['cases'].min()} to {self.rows['cases'].max()}), "
            "so a small difference means nothing."
        )


@dataclass(frozen=True)
class Shortfalls:
    """The cells whose interval held the truth less often than promised, beyond chance.

    Attributes
    ----------
    cells : see `counts.coverage`
    """

    cells: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return the short cells, worst first."""
        short = self.cells[self.cells["short"]].sort_values("estimate")
        return short[["label", "cell", "level", "trials", "estimate", "low", "high"]].round(3)

    def shown_table(self) -> Table:
        """Show the short cells, worst first."""
        caption = "Tests in which a range held less than it promised, worst first"
        return Table(describe_tests(self.table()), caption)

    def sentence(self) -> str:
        """Say how many cells are short, and how many chance alone would make short."""
        return (
            f"Of all {len(self.cells)} tests, those of kinds that no page shows among them, "
            f"{self.cells['short'].sum()} fall short. "
            f"Chance alone would make about {expected_short(self.cells)} of them short."
        )


@dataclass(frozen=True)
class Freshness:
    """Whether the counts are of today's methods.

    Attributes
    ----------
    state : see `counts.state_of_counts`
    """

    state: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return table, rows and state."""
        return self.state

    def sentence(self) -> str:
        """Say which tables count earlier methods or are not there, and what no digest covers."""
        earlier = self._names(counts.EARLIER)
        missing = self._names(counts.MISSING)
        sentences = []
        if earlier:
            sentences.append(
                f"Methods have changed since these were counted, so they speak of earlier ones: "
                f"{earlier}."
            )
        if missing:
            sentences.append(f"Not counted yet: {missing}.")
        if not sentences:
            sentences.append("The methods counted are as they are today, in every table listed.")
        sentences.append(
            "Only methods are compared: a change of the code that draws the cases would not show."
        )
        return " ".join(sentences)

    def _names(self, state: str) -> str:
        """Give the tables in a state, in words."""
        tables = self.state.loc[self.state["state"] == state, "table"]
        return ", ".join(tables.str.replace("_", " "))


@dataclass(frozen=True)
class PairsCounted:
    """How many pairs of costings the simulated sets hold, and how many the reports rest on.

    Attributes
    ----------
    simulated : pairs in a simulated set
    on_file : clean pairs on file
    """

    simulated: int
    on_file: int

    def sentence(self) -> str:
        """Say whether the counts are made for as many pairs as there are."""
        text = (
            f"A simulated set has {self.simulated} pairs; {number(self.on_file)} real ones are on "
            "file."
        )
        if self.on_file < self.simulated:
            text += " With fewer pairs a range is wider; how often it then holds was not counted."
        return text
