"""Why was the phone short? Three explanations, weighed by draws.

A ceiling: output stood at what could be made. Waiting for cheaper parts: a unit made later earns
more than one made now, less those who leave meanwhile. Hype: a phone withheld sells others.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

SIMULATION_ERROR = 1.28  # standard errors on either side of a share: 80 %
LEAST_RANK_CORRELATION = 0.1  # below it no input is said to move a finding


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One number of an explanation, over the draws in which it is defined."""

    label: str
    unit: str
    low: float
    estimate: float
    high: float
    undefined: float
    """Share of the draws in which the number means nothing, as a ratio to a loss."""
    moved_most: str
    """Input that moves it most (rank correlation), or "its prior" where none does."""

    @property
    def interval(self) -> tuple[float, float, float]:
        """Estimate, low, high."""
        return self.estimate, self.low, self.high


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What speaks for each explanation; units are held back for some weeks in one cohort."""

    ceiling: Finding
    """Probability that nothing was held back, so that output stood at what could be made."""
    waiting_pays: Finding
    """Share of draws in which a later unit earns more, leaving buyers counted; its range is the
    error of the simulation."""
    waiting_pays_both_positive: Finding
    """The part of these in which a unit earns something now as well."""
    not_selling: Finding
    """Share of draws in which a unit earns nothing now or later."""
    stopping_leave_rate: Finding
    """Rate of leaving (a week) from which waiting no longer pays; 0: it never does."""
    hype_sales_needed: Finding
    """Other phones that each phone withheld must sell to pay for itself."""
    hype_sales_bought: Finding
    """Other phones that the same money sells at what the firm spends on marketing a phone."""

    def table(self) -> pd.DataFrame:
        """Return a row a finding, indexed by its name."""
        rows = {field.name: vars(getattr(self, field.name)) for field in fields(self)}
        return pd.DataFrame.from_dict(rows, orient="index")


UNITS = {
    "ceiling": ("ceiling: output stood at what could be made", "probability"),
    "waiting_pays": ("waiting for cheaper parts: a later unit earns more", "share"),
    "waiting_pays_both_positive": ("of these: it earns something now as well", "share"),
    "not_selling": ("it earns nothing now or later", "share"),
    "stopping_leave_rate": ("leave rate at which waiting stops paying", "per week"),
    "hype_sales_needed": ("hype: other sales that a phone withheld must create", "phones"),
    "hype_sales_bought": ("hype: other sales that its cost would buy as marketing", "phones"),
}
SHARES = ["waiting_pays", "waiting_pays_both_positive", "not_selling"]


def weigh_explanations(
    *,
    margin_now_usd: np.ndarray,
    margin_later_usd: np.ndarray,
    weeks: int,
    reneging_rate: np.ndarray,
    discount: np.ndarray,
    marketing_usd: np.ndarray,
    ceiling: np.ndarray,
    inputs: dict[str, np.ndarray],
) -> Verdict:
    """Weigh why a phone was short: a ceiling, waiting for cheaper parts, or hype.

    A unit held back for D weeks is sold to those who still wait. With one cohort, later capacity
    free and not selling allowed, waiting pays exactly where the later margin is above 0 and
    m0 < exp(-(leave + discount) D) m1. Waiting that merely loses less is not waiting that pays.

    Parameters
    ----------
    margin_now_usd, margin_later_usd : array (draws,)
        What a unit leaves at first sale and after `weeks`.
    weeks : int
        Weeks for which units are held back.
    reneging_rate, discount : array (draws,)
        Rates a week, in logs.
    marketing_usd : array (draws,)
        What the firm spends on marketing for each phone sold.
    ceiling : array (draws,)
        Probabilities that nothing was held back.
    inputs : dict
        Draws of inputs by name, among which the one is named that moves a finding most.

    Returns
    -------
    Verdict
    """
    now, later = margin_now_usd, margin_later_usd
    stay = np.exp(-(reneging_rate + discount) * weeks)
    waiting_pays = (later > 0) & (now < stay * later)
    later_if_positive = np.where(later > 0, later, np.nan)
    now_if_positive = np.where(now > 0, now, np.nan)

    # A phone withheld loses its margin now, less what those who still wait pay later.
    lost_usd = np.fmax(now - stay * np.fmax(later, 0), 0)
    break_even_rate = np.log(later_if_positive / now_if_positive) / weeks - discount
    draws = {
        "ceiling": ceiling,
        "waiting_pays": waiting_pays,
        "waiting_pays_both_positive": waiting_pays & (now > 0) & (later > 0),
        "not_selling": (now <= 0) & (later <= 0),
        "stopping_leave_rate": np.maximum(break_even_rate, 0),
        "hype_sales_needed": lost_usd / later_if_positive * np.exp(discount * weeks),
        "hype_sales_bought": lost_usd / marketing_usd,
    }
    return Verdict(**_findings(pd.DataFrame(draws, dtype=float), inputs))


def _findings(draws: pd.DataFrame, inputs: dict[str, np.ndarray]) -> dict[str, Finding]:
    """Sum up the draws of each finding: 80 % of them, of shares the error of the simulation."""
    ranges = draws.quantile([0.1, 0.5, 0.9]).T.set_axis(["low", "estimate", "high"], axis=1)
    half_range = SIMULATION_ERROR * draws.std() / np.sqrt(len(draws))
    for name in SHARES:
        share = draws[name].mean()
        ranges.loc[name] = [share - half_range[name], share, share + half_range[name]]
    undefined = draws.isna().mean()
    moved_most = _moved_most(draws, inputs)
    return {
        name: Finding(
            label=UNITS[name][0],
            unit=UNITS[name][1],
            **ranges.loc[name].to_dict(),
            undefined=undefined[name],
            moved_most=moved_most[name],
        )
        for name in draws
    }


def _moved_most(draws: pd.DataFrame, inputs: dict[str, np.ndarray]) -> pd.Series:
    """Name the input of the highest rank correlation with each finding."""
    ranks = draws.rank()
    correlations = pd.DataFrame(
        {name: ranks.corrwith(pd.Series(values).rank()) for name, values in inputs.items()}
    )
    strength = correlations.abs().fillna(0)
    return strength.idxmax(axis=1).where(strength.max(axis=1) > LEAST_RANK_CORRELATION, "its prior")
