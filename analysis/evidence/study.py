"""What was counted of the project's intervals, as notebook 5 shows it.

The counts are read and pooled in `counts`; here they become a page: its answer and lead chart, and
the sections, whose results are in `results_coverage` and `study_shortages`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import DataError
from ..data.launches import STUDY_NAMES
from ..look import Chart, Facts, FirstScreen, Table, Trust, figures, number, percent, plural
from . import counts
from .cell_names import law_name
from .results_coverage import (
    ROLES,
    Freshness,
    Rivals,
    SharesHeld,
    Shortfalls,
    describe_tests,
    expected_short,
)
from .study_shortages import ShortageScores

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NEEDED = (  # tables that a section of its own shows; without another one the page is shorter
    "arrival_coverage",
    "arrival_laws_coverage",
    "cost_hindcast",
    "decline_coverage",
    "pair_coverage",
    "panel_coverage",
    "shortage_coverage",
    counts.SHORTAGES,
)
# Pages of a launch by the study behind them, as they lead to one another.
PAGE_NAMES = STUDY_NAMES | {counts.NO_PAGE: "none"}
CROWDS = "crowd_coverage"  # the table of tests on crowds that follow none of our laws
WAVE = "wave_coverage"  # the table of tests on buyers who come after the stock is gone
LOWEST_DRAWN = -0.2  # share held less share promised, below which the first chart has an arrow


@dataclass(frozen=True)
class EvidenceStudy:
    """Every count of coverage on file, and what it says of the intervals in the reports.

    Attributes
    ----------
    tables : the tables of counts, by name
    state : a row a table: its rows, and whether the methods counted are today's
    cells : a row a cell of every table (see `counts.coverage`)
    kinds : a row a kind of interval (see `counts.by_interval`), and `page`: the study whose pages
        show such ranges, or `counts.NO_PAGE`
    few_cases : what has fewer cases than this rests on few
    """

    tables: dict[str, pd.DataFrame]
    state: pd.DataFrame
    cells: pd.DataFrame
    kinds: pd.DataFrame
    few_cases: int = counts.FEW_CASES

    @cached_property
    def overview(self) -> Overview:
        """How near each kind of interval stays to the share that it promises."""
        return Overview(kinds=self.kinds, cells=self.cells)

    @cached_property
    def order_logs(self) -> SharesHeld:
        """Intervals of an order log, by the law that people came by."""
        return SharesHeld(
            rows=counts.pool_groups(self.cells, "order log, law of arrival"),
            title="Order logs: how often the range held the people who wanted one",
            unit="simulated order logs",
            few_cases=self.few_cases,
        )

    @property
    def has_other_crowds(self) -> bool:
        """Whether ranges were counted on crowds that follow none of the laws."""
        return {CROWDS, WAVE} <= set(self.tables)

    @cached_property
    def other_crowds(self) -> SharesHeld:
        """Intervals of an order log whose buyers follow none of the laws that are fitted."""
        return SharesHeld(
            rows=counts.pool_groups(self.cells, "order log, other crowds"),
            title="Crowds that follow no law of ours: how often the range held them",
            unit="simulated order logs of other crowds",
            few_cases=self.few_cases,
        )

    @cached_property
    def declines(self) -> SharesHeld:
        """Intervals of the yearly fall of a product's cost, from all evidence."""
        return SharesHeld(
            rows=counts.pool_groups(self.cells, "fall of cost by all evidence"),
            title="Falling costs: how often the range held the true rate",
            unit="simulated sets of evidence",
            few_cases=self.few_cases,
        )

    @cached_property
    def own_declines(self) -> SharesHeld:
        """Intervals of that fall for a product that its maker has costed himself."""
        return SharesHeld(
            rows=counts.pool_groups(self.cells, "fall of cost by own costings"),
            title="Costings of one's own: how often the range held the true rate",
            unit="simulated products with own costings",
            few_cases=self.few_cases,
        )

    @cached_property
    def declines_by_pairs(self) -> SharesHeld:
        """Intervals of that fall from pairs of costings alone."""
        return SharesHeld(
            rows=counts.pool_groups(self.cells, "fall of cost by pairs"),
            title="Falling costs by pairs alone: how often the range held the true rate",
            unit="simulated sets of pairs",
            few_cases=self.few_cases,
        )

    @cached_property
    def trends(self) -> SharesHeld:
        """Intervals of the trend of one component."""
        return SharesHeld(
            rows=counts.pool_groups(self.cells, "trend"),
            title="Trends of a component: how often the range held the true one",
            unit="simulated panels of costings",
            few_cases=self.few_cases,
        )

    @cached_property
    def cost_forecasts(self) -> SharesHeld:
        """80 % bands of later costs, by years ahead."""
        bands = self.cells[self.cells["level"] == 0.8]
        return SharesHeld(
            rows=counts.pool_groups(bands, "cost forecast"),
            title="Cost forecasts: how often the band held the later cost",
            unit="histories of cost",
            few_cases=self.few_cases,
        )

    @cached_property
    def shortages(self) -> SharesHeld:
        """Ranges of the chance that a cause made a product short, by way of going wrong."""
        return SharesHeld(
            rows=counts.pool_groups(self.cells, "cause of a shortage"),
            title="Causes of a shortage: how often the range held the true chance",
            unit="ranges over simulated lists of shortages",
            few_cases=self.few_cases,
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
    def freshness(self) -> Freshness:
        """Which tables count today's methods."""
        return Freshness(state=self.state)

    def launches(self) -> Table:
        """Show the cells of launches, milestones and iPhones, a row a cell."""
        tables = ["launch_calibration", counts.MILESTONES, counts.IPHONES, counts.OUTCOMES]
        cells = self.cells[self.cells["table"].isin(tables)]
        caption = "Launches, milestones and the long run: share held by 80 % ranges"
        return Table(describe_tests(cells), caption)

    def crowd_ranges(self) -> pd.DataFrame:
        """Return how ranges fare on other crowds, and on a second wave, by share of them seen.

        Columns are crowd, share_seen, the share of 95 % ranges that held, that of ranges whose low
        end lay above the truth, that of logs of which the page says that it cannot tell, high over
        low (median), and the share of 80 % ranges of orders by twice the clock that held; means
        over the sizes of crowd.
        """
        tables = [self.tables[name] for name in (CROWDS, WAVE)]
        columns = [
            "held_share",
            "low_above_share",
            "cannot_tell_share",
            "median_fold",
            "twice_held_share",
        ]
        cells = pd.concat(tables).groupby(["crowd", "share_seen"], sort=False)
        return cells[columns].mean().reset_index()

    def shown_crowds(self) -> Table:
        """Show how ranges fare on other crowds, and on a second wave."""
        cells = self.crowd_ranges()
        shown = pd.DataFrame(
            {
                "crowd": cells["crowd"],
                "seen": cells["share_seen"].map(percent),
                "range held": cells["held_share"].map(percent),
                "its low end too high": cells["low_above_share"].map(percent),
                "page cannot tell": cells["cannot_tell_share"].map(percent),
                "high over low, median": [number(fold, 2) for fold in cells["median_fold"]],
                "orders by twice the clock held": cells["twice_held_share"].map(percent),
            }
        )
        caption = "Other crowds: ranges that held, lay too high or told nothing, by share seen"
        return Table(shown, caption)

    def wave_sentence(self) -> str:
        """Say how often a range held where a second wave came, by the share of buyers seen."""
        shares = self.tables[WAVE].groupby("share_seen")["held_share"].mean()
        held = [f"{percent(share)} with {percent(seen)} seen" for seen, share in shares.items()]
        return (
            "A second wave, which no log can show, is not among them: there the range held "
            f"{' and '.join(held)}."
        )

    def open_tops(self) -> pd.DataFrame:
        """Return how often the range of an order log is open at the top, by law and share seen."""
        table = self.tables["arrival_laws_coverage"]
        columns = ["held_share", "open_top_share"]
        return table.groupby(["truth", "share_seen"], as_index=False)[columns].mean()

    def shown_open_tops(self) -> Table:
        """Show how often the range of an order log held, and was open at the top."""
        cells = self.open_tops()
        shown = pd.DataFrame(
            {
                "people came by": cells["truth"].map(law_name),
                "seen": cells["share_seen"].map(percent),
                "range held": cells["held_share"].map(percent),
                "range open at the top": cells["open_top_share"].map(percent),
            }
        )
        caption = "All laws weighed: ranges that held, and ranges open at the top"
        return Table(shown, caption)

    def first_screen(self) -> FirstScreen:
        """Return question and answer."""
        return self.overview.first_screen()

    def facts(self) -> Facts:
        """Return the three numbers to remember, all of the kinds of range on pages."""
        cells = self.overview.cells_on_pages
        trials = cells.groupby("label")["trials"].max()
        real = cells.loc[cells["cell"] == "all", "trials"].sum()
        short = int(cells["short"].sum())
        kinds_near = self.overview.count("near")
        stay_near = (
            "falls short in no test, holds little more than it promises and was tested on enough "
            "cases"
            if kinds_near == 1
            else "fall short in no test, hold little more than they promise and were tested on "
            "enough cases"
        )
        return Facts(
            (
                f"{kinds_near} of {len(self.overview.shown)}",
                f"kinds of range on our pages {stay_near}",
            ),
            (
                f"{short} of {len(cells)}",
                "tests of these kinds fall short by more than chance explains; chance alone makes "
                f"about {expected_short(cells)}",
            ),
            (
                f"{real:,.0f}",
                f"real sales forecasts are among their cases; up to {trials.max():,.0f} simulated "
                "cases stand behind each of the other tests",
            ),
        )

    def trust(self) -> Trust:
        """Return how far the counts themselves can be trusted."""
        return Trust(
            level="fair",
            because=(
                "Nearly all truths were simulated. Some come from laws that our methods lack, "
                "but all from laws that we thought of."
            ),
            would_settle=(
                "Real cases: an order log that ran on after the stock was gone, or a product "
                "costed by the same house at launch and a year later."
            ),
        )


def study_evidence(too_wide: float = 0.05, few_cases: int = counts.FEW_CASES) -> EvidenceStudy:
    """Return everything that was counted of the intervals in the reports.

    Parameters
    ----------
    too_wide : float
        Share held above the share promised, on average, from which a kind of range is too wide.
    few_cases : int
        A kind whose largest test has fewer cases than this rests on few, and so does a group of
        tests with fewer.

    Returns
    -------
    EvidenceStudy
        Tables, their state, and the share held by kind and by cell.

    Raises
    ------
    DataError
        If a table that a section shows is not there, or was cut.
    """
    tables = counts.load_counts()
    missing = [f"{name}.csv" for name in NEEDED if name not in tables]
    if missing:
        raise DataError(
            f"data/evidence: {', '.join(missing)}: not there; expected every table that the page "
            "shows, as they are kept in git or as make evidence counts them anew"
        )
    cells = counts.coverage()
    kinds = counts.by_interval(cells, too_wide=too_wide, few_cases=few_cases)
    return EvidenceStudy(
        tables=tables,
        state=counts.state_of_counts(),
        cells=cells,
        kinds=kinds.assign(page=kinds["label"].map(counts.page_of_kinds())),
        few_cases=few_cases,
    )


def points_on_axis(share: float) -> str:
    """Return a difference of shares as percentage points with its sign, for an axis.

    >>> points_on_axis(0.05), points_on_axis(-0.05), points_on_axis(0)
    ('+5', '−5', '0')
    """
    return f"{100 * share:+.4g}".replace("-", "−") if share else "0"


@dataclass(frozen=True)
class Overview:
    """Share held less share promised, a row a kind of interval.

    Attributes
    ----------
    kinds : see `EvidenceStudy`
    cells : see `counts.coverage`
    """

    kinds: pd.DataFrame
    cells: pd.DataFrame

    @property
    def shown(self) -> pd.DataFrame:
        """The kinds that pages of launches show, that with the worst test first."""
        shown = self.kinds[self.kinds["page"] != counts.NO_PAGE]
        return shown.sort_values("low", kind="stable")

    @property
    def cells_on_pages(self) -> pd.DataFrame:
        """The tests of the kinds that pages of launches show."""
        return self.cells[self.cells["label"].isin(self.shown["label"])]

    def count(self, verdict: str) -> int:
        """Return how many kinds on pages of launches have a verdict of `counts.by_interval`."""
        return int((self.shown["verdict"] == verdict).sum())

    @property
    def worst(self) -> pd.Series:
        """The test that falls furthest below what it promises."""
        return self.cells.loc[(self.cells["estimate"] - self.cells["level"]).idxmin()]

    def table(self) -> pd.DataFrame:
        """Return a row a kind: mean, worst and best excess, cells short, cases, verdict, page."""
        return self.kinds.drop(columns="focus").round(3)

    def shown_table(self) -> Table:
        """Show each kind: pages that show such ranges, tests, how many are short, and how far."""
        shown = pd.DataFrame(
            {
                "kind of range": self.kinds["label"],
                "pages that show it": self.kinds["page"].map(PAGE_NAMES),
                "tests": self.kinds["cells"],
                "short": self.kinds["short"],
                "points above promise, mean": (100 * self.kinds["estimate"]).round(1),
                "in its worst test": (100 * self.kinds["low"]).round(1),
            }
        )
        return Table(shown, "Kinds of range, and the pages of a launch that show them")

    def page_sentence(self) -> str:
        """Say how many kinds of range stand on pages of launches."""
        shown = len(self.shown)
        if shown == len(self.kinds):
            sentence = "Pages of launches show every kind of range that was tested."
        else:
            sentence = (
                f"Pages of launches show {shown} of the {len(self.kinds)} kinds of range. The "
                "others serve tests alone and are not in the first chart."
            )
        return " ".join([sentence, *self._untested_pages()])

    def _untested_pages(self) -> list[str]:
        """Say of which pages of a launch no range has been tested, where there are such pages."""
        tested = set(self.kinds["page"])
        untested = [name for study, name in STUDY_NAMES.items() if study not in tested]
        if not untested:
            return []
        return [f"No range on {' and '.join(untested)} pages has been tested."]

    def _real_launches(self) -> list[str]:
        """Say how often forecasts of launches on file held, where that was counted."""
        forecasts = self.cells[self.cells["table"] == counts.OUTCOMES]
        return [
            f"On {PAGE_NAMES[self._page_of(cell.label)]} pages, ranges of {cell.trials} forecasts "
            f"of real launches held {percent(cell.estimate)} where {percent(cell.level)} was "
            "promised."
            for cell in forecasts.itertuples()
        ]

    def _page_of(self, label: str) -> str:
        """Return the study whose pages show a kind of range."""
        return self.kinds.set_index("label").loc[label, "page"]

    def first_screen(self) -> FirstScreen:
        """Return question and answer."""
        return FirstScreen(
            question="Can you trust our ranges?", answer=self.answer(), detail=self.advice()
        )

    def answer(self) -> str:
        """Say how many kinds fell short, and how many tests on crowds unlike our models did."""
        if not self.cells["short"].any():
            return f"Yes, in all of the {len(self.cells)} tests that we made."
        short = f"Often, not always: {self.count('short')} of our {len(self.shown)} kinds of range"
        crowds = self.cells[self.cells["table"] == CROWDS]
        if crowds.empty:
            return f"{short} fell short in at least one test."
        return (
            f"{short} fell short at least once; on crowds unlike our models, "
            f"{crowds['short'].sum()} of {len(crowds)} tests did."
        )

    def advice(self) -> str:
        """Say which ranges of our pages were tested, and what they are worth at worst."""
        by_page = [*self._untested_pages(), *self._real_launches()]
        if not self.cells["short"].any():
            use = "Use them as they stand, where your case is like those tested."
            return " ".join([use, *by_page])
        worst = self.worst
        others = len(self.shown) - self.count("short")
        rest = (
            f"Of the other {plural(others, 'kind')}, {self.count('near')} kept to the promise in "
            f"every test; {plural(self.count('wide'), 'was', 'were')} too wide, or tested on few "
            f"cases. The worst single test, {worst['label']} ({worst['cell']}), held "
            f"{percent(worst['estimate'])} where {percent(worst['level'])} was promised."
        )
        return " ".join([*by_page, rest])

    @property
    def worst_is_beyond_the_edge(self) -> pd.Series:
        """Whether the worst test of a kind on pages lies too far below to be drawn to scale."""
        return self.shown["low"] < LOWEST_DRAWN

    def drawn(self) -> pd.DataFrame:
        """Return the rows of the lead chart: a worst test beyond its edge is told by the name."""
        kinds, is_beyond = self.shown, self.worst_is_beyond_the_edge
        with_worst = kinds["label"] + " (worst: " + kinds["low"].map(points_on_axis) + ")"
        return kinds.assign(
            label=kinds["label"].mask(is_beyond, with_worst),
            low=kinds["low"].mask(is_beyond, -np.inf),
            role=kinds["verdict"].map(ROLES),
        )

    def plot(self, axes: Axes) -> Axes:
        """Draw each kind on pages: a dot at its mean, a bar from its worst to its best cell."""
        figures.plot_intervals(axes, self.drawn())
        axes.xaxis.set_major_formatter(lambda share, _: points_on_axis(share))
        axes.set_xlabel("percentage points below or above the promise; line: the promise")
        return axes

    def chart(self) -> Chart:
        """Return the lead chart: promised against held, by kind of range."""
        note = (
            "Orange: in at least one test below its promise by more than counting explains. "
            "Blue: in none. Grey: in none, but wider than it need be, or tested on few cases."
        )
        if self.worst_is_beyond_the_edge.any():
            note += " Arrow: its worst test lies beyond the edge, as far as its name says."
        return Chart(
            title="How often ranges held the truth, against their promise",
            measure=(
                f"{plural(len(self.shown), 'kind')} of range on our pages; dot: mean over its "
                "tests, bar: from its worst test to its best"
            ),
            draw=self.plot,
            alt=(
                "A dot and a bar for each kind of range: how far the share of truths it held lies "
                f"from the share it promises. {self.sentence()}"
            ),
            data=self.shown,
            note=note,
        )

    def sentence(self) -> str:
        """Say how many kinds on pages stay near their level, fall short, or are too wide."""
        stay_near = plural(self.count("near"), "stays", "stay")
        fall_short = plural(self.count("short"), "falls", "fall")
        hold_more = plural(self.count("wide"), "holds", "hold")
        return (
            f"Of {len(self.shown)} kinds of range on our pages, {stay_near} near the level "
            f"promised. {fall_short} short in at least one test. {hold_more} more than promised, "
            "or had few cases."
        )


def publishable(cells: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the share held by each kind of interval, under the name that the claims page uses."""
    kinds = counts.share_held_by_kind(cells)
    names = [
        f"held_by_{100 * kind.level:.0f}_percent_intervals_{kind.label}".replace(", ", "_")
        for kind in kinds.itertuples()
    ]
    values = kinds[["estimate", "low", "high"]].to_numpy()
    return {name.replace(" ", "_"): row for name, row in zip(names, values, strict=True)}
