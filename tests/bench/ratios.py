"""Lines that a bench prints: ratios of times, and checks beside them; and how times are taken."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Check:
    """Something that must hold beside a time, or a figure that is only told."""

    text: str
    """What was measured, and what is asked of it."""
    holds: bool = True
    """Whether what is asked holds."""
    is_asked: bool = True
    """False for a figure of which nothing is asked."""

    def __str__(self) -> str:
        """Write the line, with its verdict in front."""
        verdict = ("HOLDS " if self.holds else "MISSED") if self.is_asked else "      "
        return f"{verdict} {self.text}"


@dataclass(frozen=True)
class Ratio:
    """How many times as long the rival takes."""

    name: str
    """What is held against what."""
    rival_s: float
    """Seconds of the rival."""
    our_s: float
    """Seconds of this project."""
    least: float
    """The ratio that is asked."""

    @property
    def times(self) -> float:
        """The rival's seconds over ours."""
        return self.rival_s / self.our_s

    @property
    def holds(self) -> bool:
        """Whether the ratio is as large as asked."""
        return self.times >= self.least

    def __str__(self) -> str:
        """Write the line, with its verdict in front."""
        seconds = f"{self.rival_s:.2f} s against {self.our_s:.2f} s"
        asked = f"at least {self.least:g} asked"
        return str(Check(f"{self.name}: {self.times:.1f} times, {asked} ({seconds})", self.holds))


Line = Check | Ratio


def seconds_of(work: Callable[[], object]) -> float:
    """Return the seconds that some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def interleave(rivals: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each rival; they take turns, so that both meet a busy hour."""
    taken = {name: [] for name in rivals}
    for _ in range(rounds):
        for name, work in rivals.items():
            taken[name].append(seconds_of(work))
    return {name: median(seconds) for name, seconds in taken.items()}
