"""Lots that follow one another: how large the next is and when it comes.

The record of other products' lots says how often one is larger than the last; a launch's own lots
say at which size and pace it stands. What else one may believe of supply is `beliefs`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import draw_log_normal_between

# Lots further apart are no sequence, and steps larger than a factor of three another kind of sale.
MOST_DAYS_BETWEEN = 62
MOST_STEP = np.log(3.0)
# So many further lots may differ from the last; later ones stay as large (assumed: ramps end).
LOTS_THAT_GROW = 8
# Steps and gaps with which the record is filled up where it is short (assumed): half of them none.
GUESSED_STEPS = (0.0, 0.0, 0.0, 0.0, 0.3, 0.4, 0.5, -0.3)
GUESSED_GAPS_DAYS = (7.0, 7.0, 7.0, 14.0, 21.0, 30.0)
# What remains unsure of the pace of a launch's own lots, and of their size: a factor, 80 %
# (assumed).
SPREAD_OF_PACE = 1.3
SPREAD_OF_SIZE = 1.3


@dataclass(frozen=True)
class LotRecord:
    """How lots of one product followed one another.

    Attributes
    ----------
    steps : array
        Log of each lot over the one before it.
    gaps_days : array
        Days between them.
    """

    steps: np.ndarray
    gaps_days: np.ndarray

    @property
    def growth_a_week(self) -> float:
        """Log by which lots grow in a week: a mean step over a mean gap."""
        return float(7 * self.steps.mean() / self.gaps_days.mean())


def lot_record(rounds: pd.DataFrame) -> LotRecord:
    """Measure how lots followed one another.

    Parameters
    ----------
    rounds : DataFrame
        device, market, date and units of sales, as in `data/market/sale_rounds.csv`.

    Returns
    -------
    LotRecord
        With the guesses `GUESSED_STEPS` and `GUESSED_GAPS_DAYS` added.
    """
    known = rounds[rounds["units"] > 0].sort_values("date", kind="stable")
    product = known.groupby(["device", "market"])
    step = np.log(known["units"]) - np.log(product["units"].shift())
    gap = known["date"].sub(product["date"].shift()).dt.days
    follows = (gap > 0) & (gap <= MOST_DAYS_BETWEEN) & (step.abs() <= MOST_STEP)
    return LotRecord(
        steps=np.append(step[follows], GUESSED_STEPS),
        gaps_days=np.append(gap[follows], GUESSED_GAPS_DAYS),
    )


def draw_lots(
    lots: pd.DataFrame,
    first_sale: pd.Timestamp,
    weeks: int,
    record: LotRecord,
    draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw weekly supply from lots: those announced, then more of them.

    Later lots come at the launch's own pace (that of other products' lots, where it has but one),
    unsure by a factor; so is their size. Each of the next eight differs from the one before by a
    step out of the record, so that lots may grow; later ones are as large as the last of these.

    Parameters
    ----------
    lots : DataFrame
        Lots in order of their `date`, with their `units`; one before first sale is part of its
        stock.
    first_sale : Timestamp
        Day that week 0 starts.
    weeks, draws : int
        Weeks after first sale, and how many draws.
    record : LotRecord
        How lots of other products followed one another.
    rng : Generator
        Where they come from.

    Returns
    -------
    array of shape (draws, weeks)
        Phones supplied.
    """
    days = (lots["date"] - first_sale).dt.days.clip(lower=0).to_numpy()
    sizes = lots["units"].to_numpy(float)
    announced = np.bincount(days // 7, weights=sizes, minlength=weeks)[:weeks]

    # The pace: days from lot to lot, one a draw.
    if len(np.unique(days)) > 1:
        gap = np.full(draws, max(np.diff(np.unique(days)).mean(), 1.0))
    else:
        gap = rng.choice(record.gaps_days, draws)
    gap = gap * draw_log_normal_between(
        1 / SPREAD_OF_PACE, SPREAD_OF_PACE, rng.standard_normal(draws)
    )

    # Later lots (draws, lots): the size starts from a mean of the known ones, by bootstrap, and
    # takes a step from each to the next.
    most_lots = int(np.ceil(7 * weeks / gap.min())) + 1
    spread = draw_log_normal_between(1 / SPREAD_OF_SIZE, SPREAD_OF_SIZE, rng.standard_normal(draws))
    mean_size = rng.choice(sizes, (draws, len(sizes))).mean(1) * spread
    steps = rng.choice(record.steps, (draws, min(LOTS_THAT_GROW, most_lots)))
    growth = np.zeros((draws, most_lots))
    growth[:, : steps.shape[1]] = steps
    size = mean_size[:, None] * np.exp(np.cumsum(growth, axis=1))
    week = ((days[-1] + gap[:, None] * np.arange(1, most_lots + 1)) // 7).astype(int)

    supply = np.tile(announced, (draws, 1))
    draw, lot = np.nonzero(week < weeks)
    np.add.at(supply, (draw, week[draw, lot]), size[draw, lot])
    return supply
