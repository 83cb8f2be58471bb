"""Was it a ceiling, or a choice? The chance that units were held back.

Bayes' rule with two explanations: all that could be made was released, or a part of it was. One
published number cannot be both the release and the ceiling; where no two independent numbers speak
of one time, the odds of before come back. What else speaks for or against holding back is not
judged here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from ..demand.reports import MADE

# Shares of the ceiling that a firm that holds back would release, and odds of holding back before
# any data (assumed; each is shown with each).
RELEASED_SHARES = ((0.3, 0.9), (0.5, 0.95), (0.1, 0.5))
ODDS_BEFORE = (1 / 3, 1.0, 3.0)

# Error of the log of each of two published numbers (assumed).
ERROR_OF_A_NUMBER = 0.2

# Odds at which a count is said to settle the question.
SETTLED_ODDS = 19


@dataclass(frozen=True)
class Withholding:
    """The chance that units were held back, before and after two numbers are looked at."""

    prior: float  # chance before
    probability: float  # chance after; the same as before where nothing moved it
    bayes_factor: float  # how much the numbers speak for holding back; 1 where nothing does
    settled_by_sd: float  # error of log(release / ceiling) at which a count tells at 19 to 1
    moved: bool  # whether two independent numbers were there


def withholding_posterior(
    release: tuple[float, float] | None,
    ceiling: tuple[float, float] | None,
    *,
    odds: float = 1.0,
    released_share: tuple[float, float] = (0.3, 0.9),
) -> Withholding:
    """Weigh "a part was held back" against "all that could be made was released".

    Parameters
    ----------
    release, ceiling : (units, sd of its log), or None
        What was released and what could be made in the same time, from two sources. Without either
        of them the odds of before come back.
    odds : float
        Odds of holding back before the numbers are looked at.
    released_share : (low, high)
        If units were held back, the share of the ceiling that was released is uniform between
        these.

    Returns
    -------
    Withholding
        Chances before and after, and the error with which a count would settle the question.

    Examples
    --------
    >>> withholding_posterior(None, (10_000, 0.2), odds=3.0).probability
    0.75
    """
    moved = release is not None and ceiling is not None
    bayes_factor = 1.0
    if moved:
        # Likelihood of the gap between both numbers: averaged over shares held back, over that of
        # no gap.
        log_gap = np.log(release[0] / ceiling[0])
        sd = np.hypot(release[1], ceiling[1])
        log_share = np.log(np.linspace(*released_share, 201))
        ratios = np.exp(norm.logpdf(log_gap, log_share, sd) - norm.logpdf(log_gap, 0, sd))
        bayes_factor = ratios.mean()

    # A count at the middle of the shares must be `SETTLED_ODDS` times likelier under one
    # explanation.
    needed_factor = max(SETTLED_ODDS / odds, 2)
    settled_by_sd = -np.log(np.mean(released_share)) / np.sqrt(2 * np.log(needed_factor))
    return Withholding(
        prior=odds / (1 + odds),
        probability=1 / (1 + 1 / (odds * bayes_factor)),
        bayes_factor=bayes_factor,
        settled_by_sd=settled_by_sd,
        moved=moved,
    )


def judge_choice(rates: pd.DataFrame) -> pd.DataFrame:
    """Ask whether a launch's units were held back, under several odds and degrees of holding back.

    The last output reported is held against a capacity of the same time from another source.
    Reports of the whole series count for neither. A capacity without an end still holds; an output
    without one is of the day on which it starts.

    Parameters
    ----------
    rates : DataFrame
        Rates of `monthly_rates`.

    Returns
    -------
    DataFrame
        One row a pair of `released` (share of the ceiling, if held back) and odds of before: the
        fields of `Withholding`.
    """
    pairs = _pairs_of_one_time(rates)
    release, ceiling = None, None
    if len(pairs):
        last = pairs.iloc[-1]
        release = (last["units_per_month"], ERROR_OF_A_NUMBER)
        ceiling = (last["units_per_month_could"], ERROR_OF_A_NUMBER)

    rows = []
    for share in RELEASED_SHARES:
        for odds in ODDS_BEFORE:
            chance = withholding_posterior(release, ceiling, odds=odds, released_share=share)
            rows.append({"released": f"{share[0]:g} to {share[1]:g}", **asdict(chance)})
    return pd.DataFrame(rows)


def _pairs_of_one_time(rates: pd.DataFrame) -> pd.DataFrame:
    """Pair each output of the model with each capacity of its time from another source."""
    of_model = rates[(rates["units"] > 0) & (rates["scope"] != "series")]
    output = of_model[of_model["kind"].isin(MADE)]
    capacity = of_model[of_model["kind"] == "capacity"]
    pairs = output.merge(capacity, how="cross", suffixes=("", "_could"))
    is_over_before = pairs["period_end_could"] < pairs["period_start"]
    last_day = pairs["period_end"].fillna(pairs["period_start"])
    is_of_its_time = ~is_over_before & (last_day >= pairs["period_start_could"])
    return pairs[is_of_its_time & (pairs["source"] != pairs["source_could"])]
