"""What was counted of the project's intervals, as notebook 5 shows it.

The counts are read and pooled in counts.py; here each result gets a table, a chart and a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..look import Chart, Facts, FirstScreen, Trust, figures, number, percent, plural
from . import counts
from .study_shortages import ShortageScores

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The role, and so the colour, of a kind of range in the lead chart.
ROLES = {"near": "demand", "short": "event", "wide": "soft"}


@dataclass(frozen=True)
class EvidenceStudy:
    """Every count of coverage on file, and what it says of the intervals in the reports.

    Attributes
    ----------
    tables : the tables of counts, by name
    state : a row a table: its rows, and whether it was counted with today's code
    cells : a row a cell of every table (see `counts.coverage`)
    kinds : a row a kind of interval (see `counts.by_interval`)
    """

    tables: dict[str, pd.DataFrame]
    state: pd.DataFrame
    cells: pd.DataFrame
    kinds: pd.DataFrame

    @cached_property
    def overview(self) -> Overview:
        """How near each kind of interval stays to the share that it promises."""
        return Overview(kinds=self.kinds, cells=self.cells)

    @cached_property
    def order_logs(self) -> SharesHeld:
        """Intervals of an order log, by the law that people came by."""
        return SharesHeld(
            rows=counts.pool_groups(self.cells, "order log"),
            title="Order logs: how often the range held the people who wanted one",
            unit="simulated order logs",
            role="demand",
        )

    @cached_property
    def declines(self) -> SharesHeld:
        """Intervals of the yearly fall of a product's cost, from pairs of costings."""
        return SharesHeld(
            rows=counts.pool_groups(self.cells, "fall of cost"),
            title="Falling costs: how often the range held the true rate",
            unit="simulated sets of pairs",
            role="margin",
        )

    @cached_property
    def trends(self) -> SharesHeld:
        """Intervals of the trend of one component."""
        return SharesHeld(
            rows=counts.pool_groups(self.cells, "trend"),
            title="Trends of a component: how often the range held the true one",
            unit="simulated panels of costings",
            role="margin",
        )

    @cached_property
    def cost_forecasts(self) -> SharesHeld:
        """80 % bands of later costs, by years ahead."""
        bands = self.cells[self.cells["level"] == 0.8]
        return SharesHeld(
            rows=counts.pool_groups(bands, "cost forecast"),
            title="Cost forecasts: how often the band held the later cost",
            unit="histories of cost",
            role="margin",
        )

    @cached_property
    def shortages(self) -> SharesHeld:
        """Ranges of the chance that a cause made a product short, by way of going wrong."""
        return SharesHeld(
            rows=counts.pool_groups(self.cells, "cause of a shortage"),
            title="Causes of a shortage: how often the range held the true chance",
            unit="ranges over simulated lists of shortages",
            role="supply",
        )

    @cached_property
    def shortage_scores(self) -> ShortageScores:
        """Scores of documented shortages, each left out and forecast from the others."""
        return ShortageScores(rows=self.tables[counts.SHORTAGES])

    @cached_property
    def rivals(self) -> Rivals:
        """Our errors beside those of plain rivals, on real cases."""
        return Rivals(rows=counts.against_rivals(self.tables))

    @cached_property
    def shortfalls(self) -> Shortfalls:
        """Every cell whose interval is short of its level."""
        return Shortfalls(cells=self.cells)

    @cached_property
    def currency(self) -> Currency:
        """Which tables were counted with today's code."""
        return Currency(state=self.state)

    def launches(self) -> pd.DataFrame:
        """Return the cells of launches, milestones and iPhones, a row a cell."""
        tables = ["launch_calibration", counts.MILESTONES, counts.IPHONES, counts.OUTCOMES]
        cells = self.cells[self.cells["table"].isin(tables)]
        return cells[["label", "cell", "level", "trials", "estimate", "low", "high"]].round(3)

    def open_tops(self) -> pd.DataFrame:
        """Return how often the range of an order log is open at the top, by law and share seen."""
        table = self.tables["arrival_laws_coverage"]
        columns = ["held_share", "open_top_share"]
        return table.groupby(["truth", "share_seen"], as_index=False)[columns].mean().round(3)

    def first_screen(self) -> FirstScreen:
        """Return question and answer."""
        return self.overview.first_screen()

    def facts(self) -> Facts:
        """Return the three numbers to remember."""
        trials = self.cells.groupby("label")["trials"].max()
        real = self.cells.loc[self.cells["cell"] == "all", "trials"].sum()
        short = int(self.cells["short"].sum())
        return Facts(
            (
                f"{self.overview.near} of {len(self.kinds)}",
                "kinds of range stay within a few points of what they promise in every test",
            ),
            (
                f"{short} of {len(self.cells)}",
                "tests fall short by more than chance explains; chance alone makes about "
                f"{expected_short(self.cells)}",
            ),
            (
                f"{real:,.0f}",
                f"real sales forecasts are among the cases; up to {trials.max():,.0f} simulated "
                "cases stand behind each of the other tests",
            ),
        )

    def trust(self) -> Trust:
        """Return how far the counts themselves can be trusted."""
        return Trust(
            level="fair",
            because=(
                "Nearly all truths were simulated, from laws that we chose and our methods know. "
                "A crowd or a factory that behaves otherwise is in no test."
            ),
            would_settle=(
                "Real cases: an order log that ran on after the stock was gone, or a product "
                "costed by the same house at launch and a year later."
            ),
        )


def study_evidence(too_wide: float = 0.05, few_cases: int = 100) -> EvidenceStudy:
    """Return everything that was counted of the intervals in the reports.

    Parameters
    ----------
    too_wide : float
        Share held over share promised, on average, from which a kind of range is called too wide.
    few_cases : int
        A kind whose largest test has fewer cases than this rests on few.

    Returns
    -------
    EvidenceStudy
        Tables, their state, and the share held by kind and by cell.
    """
    cells = counts.coverage()
    return EvidenceStudy(
        tables=counts.load_counts(),
        state=counts.state_of_counts(),
        cells=cells,
        kinds=counts.by_interval(cells, too_wide=too_wide, few_cases=few_cases),
    )


def expected_short(cells: pd.DataFrame) -> int:
    """Return how many cells chance alone would make short: one in forty."""
    return round(0.025 * len(cells))


def points_on_axis(share: float) -> str:
    """Return a difference of shares as percentage points with its sign, for an axis.

    >>> points_on_axis(0.05), points_on_axis(-0.05), points_on_axis(0)
    ('+5', '−5', '0')
    """
    return f"{100 * share:+.4g}".replace("-", "−") if share else "0"


def points(share: float) -> str:
    """Return a difference of shares in percentage points, as a size."""
    return f"{abs(100 * share):.1f} points"


@dataclass(frozen=True)
class Overview:
    """Share held less share promised, a row a kind of interval.

    Attributes
    ----------
    kinds : see `counts.by_interval`
    cells : see `counts.coverage`
    """

    kinds: pd.DataFrame
    cells: pd.DataFrame

    @property
    def near(self) -> int:
        """Number of kinds that stay near their level."""
        return int((self.kinds["verdict"] == "near").sum())

    @property
    def worst_gap(self) -> float:
        """The largest share by which a cell falls below its level, as a positive number."""
        return float(-(self.kinds["low"].min()))

    def table(self) -> pd.DataFrame:
        """Return label, cells, mean excess, worst and best cell, cells short, cases, verdict."""
        return self.kinds.drop(columns="focus").round(3)

    def first_screen(self) -> FirstScreen:
        """Return question and answer."""
        short = self.kinds[self.kinds["verdict"] == "short"]
        if len(short):
            answer = (
                f"Mostly. In {len(self.cells)} tests the worst range fell "
                f"{points(self.worst_gap)} below what it promises."
            )
        else:
            answer = f"Yes, in all of the {len(self.cells)} tests that we made."
        return FirstScreen(
            question="Can you trust our ranges?",
            answer=answer,
            detail=self.advice(),
        )

    def advice(self) -> str:
        """Say how to use the ranges of our pages."""
        short = self.cells[self.cells["short"]]
        if short.empty:
            return "Use them as they stand, where your case is like those tested."
        worst = short.loc[(short["estimate"] - short["level"]).idxmin()]
        return (
            f"Use them as they stand, but take a {percent(worst['level'])} range of a kind in "
            f"orange for one of {percent(worst['estimate'])}."
        )

    def plot(self, axes: Axes) -> Axes:
        """Draw each kind: a dot at its mean, a line from its worst to its best cell."""
        roles = self.kinds["verdict"].map(ROLES)
        figures.plot_intervals(axes, self.kinds.assign(role=roles))
        axes.xaxis.set_major_formatter(lambda share, _: points_on_axis(share))
        axes.set_xlabel("percentage points below or above the promise")
        return axes

    def chart(self) -> Chart:
        """Return the lead chart: promised against held, by kind of range."""
        return Chart(
            title="How often ranges held the truth, against their promise",
            measure=(
                f"{plural(len(self.kinds), 'kind')} of range; dot: mean over its tests, "
                "line: from its worst test to its best"
            ),
            draw=self.plot,
            alt=(
                "A dot and a line for each kind of range: how far the share of truths it held lies "
                f"from the share it promises. {self.sentence()}"
            ),
            data=self.kinds,
            note=(
                "Blue: keeps its promise in every test. Orange: falls short in at least one. "
                "Grey: wider than it need be, or tested on few cases."
            ),
        )

    def sentence(self) -> str:
        """Say how many kinds of range stay near their level, fall short, or are too wide."""
        short = self.kinds[self.kinds["verdict"] == "short"]
        wide = self.kinds[self.kinds["verdict"] == "wide"]
        return (
            f"{self.near} of {len(self.kinds)} kinds of range stay near their level. "
            f"{len(short)} fall short in at least one test. "
            f"{len(wide)} hold more than they promise, or rest on few cases."
        )


@dataclass(frozen=True)
class SharesHeld:
    """How often one family of intervals held the truth, a row a group of cells.

    Attributes
    ----------
    rows : see `counts.pool_groups`
    title : title of the chart
    unit : what one case is
    role : colour of the chart, a role of `figures.COLOUR`
    """

    rows: pd.DataFrame
    title: str
    unit: str
    role: str

    def table(self) -> pd.DataFrame:
        """Return label, level, trials, share held with its interval, and whether it is short."""
        return self.rows.round(3)

    @property
    def level(self) -> float:
        """The share that these intervals promise."""
        return float(self.rows["level"].iloc[0])

    def plot(self, axes: Axes) -> Axes:
        """Draw each group's share held with its 95 % interval, and the level promised as a line."""
        figures.plot_intervals(axes, self.rows.assign(focus=~self.rows["short"]), self.role)
        axes.axvline(self.level, color=figures.COLOUR["supply"], linewidth=1)
        figures.percent_axis(axes.xaxis)
        axes.set_xlabel(f"share held; line: the {percent(self.level)} promised")
        return axes

    def chart(self) -> Chart:
        """Return the chart of shares held."""
        return Chart(
            title=self.title,
            measure=f"{self.rows['trials'].sum():,.0f} {self.unit}; line: 95 % interval",
            draw=self.plot,
            alt=f"Share of {self.unit} whose range held the truth. {self.sentence()}",
            data=self.rows,
            note="Grey: held less often than promised, by more than counting explains.",
            height_in=1.4 + 0.3 * len(self.rows),
        )

    def sentence(self) -> str:
        """Say how many groups are short, and which is lowest."""
        lowest = self.rows.loc[(self.rows["estimate"] - self.rows["level"]).idxmin()]
        case = lowest["label"].replace(" (", ", ").replace(")", "")
        held, promised = percent(lowest["estimate"]), percent(lowest["level"])
        if lowest["estimate"] < lowest["level"]:
            worst = f"The worst case is {case}: {held} held, {promised} promised."
        else:
            worst = f"Even the lowest share is above its promise: {case}, {held} held."
        short = int(self.rows["short"].sum())
        if not short:
            return f"No group of {self.unit} is shown to hold less than promised. {worst}"
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

    def sentence(self) -> str:
        """Say how many cells are short, and how many chance alone would make short."""
        return (
            f"{self.cells['short'].sum()} of {len(self.cells)} tests fall short. "
            f"Chance alone would make about {expected_short(self.cells)} of them short."
        )


@dataclass(frozen=True)
class Currency:
    """Whether the counts are of today's code.

    Attributes
    ----------
    state : see `counts.state_of_counts`
    """

    state: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return table, rows and state."""
        return self.state

    def sentence(self) -> str:
        """Say which tables were counted with earlier code, or not yet."""
        earlier = self._names(counts.EARLIER)
        missing = self._names(counts.MISSING)
        sentences = []
        if earlier:
            sentences.append(
                f"The code has changed since these were counted, so they speak of earlier code: "
                f"{earlier}."
            )
        if missing:
            sentences.append(f"Not counted yet: {missing}.")
        if not sentences:
            sentences.append("Every count on the list was made with the code as it is.")
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
    on_file : clean pairs that the margin reports use
    """

    simulated: int
    on_file: int

    def sentence(self) -> str:
        """Say whether the counts are made for as many pairs as the reports use."""
        text = (
            f"A simulated set has {self.simulated} pairs; the margin reports rest on "
            f"{number(self.on_file)} real ones."
        )
        if self.on_file < self.simulated:
            text += " With fewer pairs a range is wider; how often it then holds was not counted."
        return text


def publishable(cells: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the share held by each kind of interval, under the name that the claims page uses."""
    kinds = counts.share_held_by_kind(cells)
    names = [
        f"held_by_{100 * kind.level:.0f}_percent_intervals_{kind.label}".replace(", ", "_")
        for kind in kinds.itertuples()
    ]
    values = kinds[["estimate", "low", "high"]].to_numpy()
    return {name.replace(" ", "_"): row for name, row in zip(names, values, strict=True)}
