"""What became of the pledge that stood at first sale: kept or missed, by counts of sales."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..data import Launch
from ..look import day
from .timeline_content import leading_pledge
from .words import counted_sales, short_count


@dataclass(frozen=True)
class PledgeOutcome:
    """Days by which so many phones were pledged, those that counts show kept, and missed.

    A day is in neither list where no count tells.
    """

    units: float
    kept: tuple[pd.Timestamp, ...]
    missed: tuple[pd.Timestamp, ...]

    def sentence(self) -> str:
        """Say which of the pledges were kept and which were not; empty where no count tells."""
        pledge = f"By its counts the pledge of {short_count(self.units)}"
        if self.kept and self.missed:
            those_were = "that by {} was not" if len(self.missed) == 1 else "those by {} were not"
            year = any(one.year != self.kept[-1].year for one in self.missed)
            others = those_were.format(list_days(self.missed, year=year))
            return f"{pledge} by {list_days(self.kept)} was kept, {others}."
        if self.kept:
            return f"{pledge} by {list_days(self.kept)} was kept."
        return f"{pledge} by {list_days(self.missed)} was not kept." if self.missed else ""


def follow_pledge(launch: Launch, rates: pd.DataFrame) -> PledgeOutcome | None:
    """Hold the pledge that stood at first sale, and others of as many phones, against counts.

    A pledge was kept where a count of its day or before has as many, and none dates just as many to
    a later day. It was missed where none has, and one has fewer on that day or later, or as many on
    a later day alone.

    Parameters
    ----------
    launch : Launch
        The launch as known.
    rates : DataFrame
        Its reports on one scale, from `monthly_rates`.

    Returns
    -------
    PledgeOutcome or None
        None without a pledge of units by a day.
    """
    pledge = leading_pledge(rates, launch.figure("first_sale").value)
    if pledge is None:
        return None
    is_alike = (
        (rates["kind"] == "target")
        & (rates["scope"] != "series")
        & (rates["units"] == pledge["units"])
        & rates["period_end"].notna()
    )
    days = [pd.Timestamp(one) for one in sorted(rates.loc[is_alike, "period_end"].unique())]
    counts = counted_sales(launch)
    counts = counts[counts["scope"] == "model"]
    return PledgeOutcome(
        units=float(pledge["units"]),
        kept=tuple(due for due in days if _is_kept(counts, pledge["units"], due)),
        missed=tuple(due for due in days if _is_missed(counts, pledge["units"], due)),
    )


def _is_kept(counts: pd.DataFrame, units: float, due: pd.Timestamp) -> bool:
    """Say whether as many were counted by a day, and no source dates them later."""
    reached = counts[counts["units"] >= units]
    dated_later = (reached["units"] == units) & (reached["date"] > due)
    return bool((reached["date"] <= due).any() and not dated_later.any())


def _is_missed(counts: pd.DataFrame, units: float, due: pd.Timestamp) -> bool:
    """Say whether counts show that fewer were there on a day."""
    reached = counts[counts["units"] >= units]
    if (reached["date"] <= due).any():
        return False
    dated_later = (reached["units"] == units).any()
    fewer_later = ((counts["units"] < units) & (counts["date"] >= due)).any()
    return bool(dated_later or fewer_later)


def list_days(days: tuple[pd.Timestamp, ...], *, year: bool = True) -> str:
    """Write days one after the other.

    >>> list_days((pd.Timestamp("2019-03-20"), pd.Timestamp("2019-03-26")), year=False)
    '20 March and 26 March'
    """
    *first_days, last_day = (day(one, year=year) for one in days)
    return " and ".join(filter(None, [", ".join(first_days), last_day]))
