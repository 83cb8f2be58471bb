"""Section of the supply page: what each belief about supply would have sold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import interval
from ..demand import launch_counts, simulate_launch, sold_at
from ..look import Table, day, percent, plural, span, what_if
from .forecasts import SupplyStudy
from .reports import DAYS_PER
from .section import Result
from .timeline import DRAWN_BELIEFS, forecast_day
from .words import belief_name, product_name, range_words, two_digits

MILLION = 1e6

# Below this width against the prior's, in logs, the data are said to have narrowed a guess.
INFORMED_SPREAD = 0.95

# Middles of the beliefs that differ by less than this factor are one answer.
ALIKE = 1.3


@dataclass(frozen=True)
class Check:
    """A count of sales beside what a forecast made before it had for its day."""

    units: float  # phones counted
    low: float  # 80 % range of the forecast, phones
    high: float


@dataclass(frozen=True)
class Forecasts(Result):
    """Phones sold under each belief about supply, early and today."""

    then: SupplyStudy
    now: SupplyStudy

    def study(self) -> SupplyStudy | None:
        """Choose the forecasts to show: the early ones where something limited supply by then.

        None where nothing but lots is known: that they go on as they came forecasts nothing.
        """
        for study in (self.then, self.now):
            if study.first_belief().kind in DRAWN_BELIEFS:
                return study
        return None

    def table(self) -> pd.DataFrame:
        """List phones sold in four and thirteen weeks and weeks to a million, by belief.

        Beliefs that the counts contradict, and "no limit", which limits nothing, are left out.
        """
        study = self.study()
        if study is None:
            return pd.DataFrame()
        rows = []
        for belief in study.beliefs:
            if belief.kind == "no limit" or belief.label not in study.fits:
                continue
            fit = study.fits[belief.label]
            four, thirteen = interval(fit.sold_by(4)), interval(fit.sold_by(13))
            rows.append(
                {
                    "belief": belief_name(belief),
                    "low_4": four[0],
                    "median_4": four[1],
                    "high_4": four[2],
                    "low_13": thirteen[0],
                    "median_13": thirteen[1],
                    "high_13": thirteen[2],
                }
            )
        return pd.DataFrame(rows)

    def shown_table(self) -> Table | None:
        """Show phones sold by belief, as ranges."""
        frame = self.table()
        if not len(frame):
            return None
        shown = pd.DataFrame({"if supply is": frame["belief"]})
        for weeks, words in ((4, "in four weeks"), (13, "in thirteen weeks")):
            shown[words] = [
                range_words(low, high)
                for low, high in zip(frame[f"low_{weeks}"], frame[f"high_{weeks}"], strict=True)
            ]
        product = product_name(self.study().launch)
        return Table(shown, f"{product} sold, {forecast_day(self.study())}, 80 % ranges")

    def sentence(self) -> str:
        """Say how far the beliefs are apart, what came, and what was learnt of demand."""
        frame = self.table()
        if not len(frame):
            return ""
        sentences = [
            self._spread_sentence(frame),
            self._outcome_sentence(),
            self._check_sentence(),
            self._demand_sentence(),
            self._record_sentence(),
        ]
        return " ".join(sentence for sentence in sentences if sentence)

    def _spread_sentence(self, frame: pd.DataFrame) -> str:
        """Say how far the medians of the beliefs are apart."""
        low, high = frame["median_13"].min(), frame["median_13"].max()
        if len(frame) == 1 or high < ALIKE * low:
            return f"The middle forecast for thirteen weeks is **{range_words(low, high)} phones**."
        return (
            "**The answer follows the supply you assume**: middle forecasts for thirteen weeks "
            f"run from {span(low, high, write=two_digits)} phones."
        )

    def _outcome_sentence(self) -> str:
        """Say when a million had been counted, where it had been."""
        by_count = million_by_count(self.now)
        if by_count is None:
            return ""
        if by_count["date"].nunique() == 1:
            return f"The millionth was counted by **{day(by_count['date'].iloc[0])}**."
        return (
            f"The millionth was counted by **{day(by_count['date'].min())}** in one source and by "
            f"{day(by_count['date'].max())} in another."
        )

    def check(self) -> Check | None:
        """Hold the first forecast shown against the first count of a million of the model.

        None where the forecast knew counts of sales, or no count came.
        """
        study, by_count = self.study(), million_by_count(self.now)
        if study is None or by_count is None:
            return None
        fit, count = study.fits[study.first_belief().label], by_count.loc[by_count["week"].idxmin()]
        if fit.last_count_week or count["scope"] == "series":
            return None
        by_step = interval(fit.sold_by_step())  # as the lead chart draws it: straight between steps
        step = count["week"] / fit.paths.step_weeks
        low, _, high = (np.interp(step, np.arange(len(line)), line) for line in by_step)
        return Check(units=count["units"], low=low, high=high)

    def _check_sentence(self) -> str:
        """Say whether the first count of a million came in where the forecast had it."""
        check = self.check()
        if check is None:
            return ""
        expected = range_words(check.low, check.high)
        if check.units > check.high:
            return f"Our first row had {expected} for that day, which was too few."
        if check.units < check.low:
            return f"Our first row had {expected} for that day, which was too many."
        return f"Our first row had {expected} for that day, which agrees."

    def _demand_sentence(self) -> str:
        """Say whether sales told anything of how many would ever buy."""
        fit = self.now.fits[self.now.first_belief().label]
        spread = fit.table().set_index("term").loc["potential", "spread"]
        if spread > INFORMED_SPREAD:
            return (
                "Sales under a shortage say nothing of how many would have bought the "
                f"{product_name(self.now.launch)}; we print no number of people waiting."
            )
        return (
            "What was seen narrows our guess of how many would ever buy by "
            f"{percent(1 - spread)} only, so we print no number of people waiting."
        )

    def _record_sentence(self) -> str:
        """Say what became of targets of other phones and parts."""
        hits = self.now.hits
        if len(hits) < 2 or not any(belief.kind == "target" for belief in self.now.beliefs):
            return ""
        low, high = hits["ratio"].min(), hits["ratio"].max()
        return (
            f"Of {plural(len(hits), 'target')} of others with a known outcome, the middle one "
            f"reached {percent(hits['ratio'].median())} "
            f"({span(low, high, write=percent)})."
        )

    # ---- what other pages read ----

    def weeks_to_a_million(self) -> tuple[str, tuple[float, float, float]]:
        """Give the unit and the weeks (estimate, low, high) until the millionth, for `publish`.

        Where a count has the million before the forecast does, the days of the counts stand: the
        millionth came no later.
        """
        row = self.now.dates.iloc[0]
        by_count = million_by_count(self.now)
        if by_count is not None and not row["estimate"] <= by_count["week"].min():
            weeks = by_count["week"]
            return "weeks, no later by its counts", (weeks.min(), weeks.min(), weeks.max())
        return f"weeks, supply: {row['label']}", (row["estimate"], row["low"], row["high"])

    def weeks_as_known_then(self) -> tuple[str, tuple[float, float, float]]:
        """Give the unit and the weeks (estimate, low, high) until the millionth, as known early."""
        row = self.then.dates.iloc[0]
        return f"weeks, supply: {row['label']}", (row["estimate"], row["low"], row["high"])


def million_by_count(study: SupplyStudy) -> pd.DataFrame | None:
    """Select the counts that first had a million, of the scope that the forecasts are held against.

    Returns
    -------
    DataFrame or None
        The counts of exactly the lowest number that is a million or more (two sources may date it
        differently), with `week` since first sale; None where no count within the weeks simulated
        has a million.
    """
    counts = launch_counts(study.launch, np.full((1, study.weeks), np.inf))
    mass = counts[(counts["kind"] != "ordered") & (counts["units"] >= MILLION)]
    if not len(mass):
        return None
    return mass[mass["units"] == mass["units"].min()]


def explore_supply(study: SupplyStudy) -> None:
    """Show a panel: phones sold by week if more were made, or buyers less patient."""
    product = product_name(study.launch)
    fit = study.fits[study.first_belief().label]
    people = {name: draws[:400] for name, draws in fit.parameters.items()}
    weeks = np.array([4, 13, 26])

    def sold(phones_a_month: float, leave_a_week: float) -> pd.DataFrame:
        supply = np.full(26, phones_a_month * 7 / DAYS_PER["month"])
        buyers = people | {"reneging_rate": -np.log1p(-leave_a_week)}
        low, middle, high = interval(sold_at(simulate_launch(supply, **buyers), weeks))
        labels = [f"week {week}" for week in weeks]
        return pd.DataFrame({"label": labels, "estimate": middle, "low": low, "high": high})

    # This launch's own supply, if it has a limit, is the middle.
    rate = np.median(fit.paths.supply_units.mean(axis=1)) * DAYS_PER["month"] / 7
    around = (rate if np.isfinite(rate) else 500_000) * np.array([0.1, 0.3, 1, 3, 10])
    what_if(
        f"What if more of the {product} were made, or buyers less patient?",
        "phones sold by then, 80 %",
        sold,
        labels={
            "phones_a_month": "phones made a month",
            "leave_a_week": f"share of those waiting for the {product} who give up in a week",
        },
        phones_a_month=[float(f"{one:.1e}") for one in around],
        leave_a_week=[0.0, 0.03, 0.07, 0.15, 0.3],
    )
