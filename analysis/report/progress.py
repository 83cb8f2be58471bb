"""In which turn reports are made, and what a run says of itself while it makes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import zip_longest
from statistics import fmean

from . import study_of

ENOUGH = 5  # reports that have ended, from which on a run says how long the rest may take


def in_turns(names: Iterable[str]) -> list[str]:
    """Order reports in turns, each with one report of every study that has any left.

    Reports of one study share results. The first of them computes these, and others of its study
    begin only after one of each other study; where more are made at a time than there are studies,
    some of a study are made side by side all the same. Who stands first within a study stays first.

    Examples
    --------
    >>> in_turns(["a/demand", "a/margin", "b/demand", "b/margin", "c/demand"])
    ['a/demand', 'a/margin', 'b/demand', 'b/margin', 'c/demand']
    >>> in_turns(["a/demand", "b/demand", "b/margin"])
    ['a/demand', 'b/margin', 'b/demand']
    """
    by_study = defaultdict(list)
    for name in names:
        by_study[study_of(name)].append(name)
    rounds = zip_longest(*by_study.values())
    return [name for turn in rounds for name in turn if name is not None]


class Progress:
    """How far a run is: which reports ended and after how long, and what that says of the rest.

    Parameters
    ----------
    total
        How many reports are made.
    jobs
        How many at a time.
    """

    def __init__(self, total: int, jobs: int):
        self.total = total
        self.jobs = jobs
        self.ended = 0
        self.seconds: dict[str, float] = {}  # that the latest report of each study took

    def opening(self) -> str:
        """Say what is about to be made."""
        reports = "1 report" if self.total == 1 else f"{self.total} reports"
        at_a_time = min(self.jobs, self.total)
        return f"making {reports}, {at_a_time} at a time"

    def end(
        self, name: str, seconds: float, *, failed: bool, running: list[str], waiting: list[str]
    ) -> str:
        """Note that a report ended; give the line that says so and what is left.

        Parameters
        ----------
        name, seconds, failed
            The report, how long it took, and whether it failed.
        running, waiting
            Reports at work now, and those that are not begun.
        """
        self.ended += 1
        self.seconds[study_of(name)] = seconds
        word = "FAILED" if failed else "done"
        line = f"[{self.ended}/{self.total}] {name} {word} in {seconds:.1f} s"
        if self.ended < ENOUGH or not waiting:
            return line
        left = self.seconds_left([*running, *waiting])
        return f"{line}; about {left:.0f} s left"

    def seconds_left(self, names: list[str]) -> float:
        """Estimate how long some reports will take, each as long as the latest of its study.

        The first of a study takes longest: it computes what the others share.
        """
        of_all = fmean(self.seconds.values())
        return sum(self.seconds.get(study_of(name), of_all) for name in names) / self.jobs
