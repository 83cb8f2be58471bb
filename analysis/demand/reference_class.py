"""How fast comparable launches sold, as counted: what to expect where nothing is known of supply.

Logs of units sold over logs of days are straight lines that wander a little (power laws), one a
launch. Nothing here knows why a launch sold as it did, whether for want of buyers or of units; a
launch under a supply that is known or guessed is the business of `fit`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.special import log_ndtr, logsumexp

from .counts import COUNT_NOISE, noise_of_counts, sold_of_counts
from .rivals import average_with_last_rate

DAYS_A_WEEK = 7
# The level of a launch is what it has sold after eight weeks; its slope is independent of that.
LEVEL_DAYS = 56
# Guess before any launch is seen, middle and sd, in the order of `ReferenceClass` (assumed): a
# million in eight weeks, sales that slow down; logs of the three spreads.
GUESS = np.array([np.log(1e6), 0.8, np.log(1.3), np.log(0.3), np.log(0.2)])
GUESS_SD = np.array([1.5, 0.3, 0.4, 0.5, 0.5])
# The same of a class of products about all of them: middles as wide as classes differ (assumed).
GUESS_SD_OF_CLASS = np.array([1.0, 0.2, 0.4, 0.5, 0.5])
MORE_DRAWS = 4  # as many more are drawn before bounds choose among them


@dataclass(frozen=True)
class ReferenceClass:
    """Launches as lines of log units over log days: normal levels and slopes, and a random walk.

    Attributes
    ----------
    level : float
        Mean log of the units sold after eight weeks.
    slope : float
        Mean slope of log units on log days.
    level_sd, slope_sd : float
        Spread of both between launches.
    walk_sd : float
        Sd of the walk about its line that a launch takes while its days grow by the factor e.
    level_error : float
        Standard error of the mean level.
    launches : int
        Number of launches that it was fitted to.
    """

    level: float
    slope: float
    level_sd: float
    slope_sd: float
    walk_sd: float
    level_error: float
    launches: int

    def mean(self, log_days: np.ndarray) -> np.ndarray:
        """Return the mean log of units sold, by log days."""
        return self.level + self.slope * (log_days - np.log1p(LEVEL_DAYS))

    def covariance(self, log_days: np.ndarray) -> np.ndarray:
        """Return the covariance of logs of units sold between the days of one launch.

        Log days (..., days) of several launches give a matrix each, (..., days, days).
        """
        one, other = log_days[..., :, None], log_days[..., None, :]
        level_at = np.log1p(LEVEL_DAYS)
        return (
            self.level_sd**2
            + self.level_error**2
            + self.slope_sd**2 * (one - level_at) * (other - level_at)
            + self.walk_sd**2 * np.minimum(one, other)
        )


def fit_reference_class(
    sequences: pd.DataFrame, *, around: ReferenceClass | None = None
) -> ReferenceClass:
    """Fit the class to counts of comparable launches, drawn towards a guess that is stated.

    Parameters
    ----------
    sequences : DataFrame
        device, market, weeks and units, as `milestone_sequences` gives them; one count will do.
    around : ReferenceClass, optional
        All products, where the sequences are of one class of them: the guess that it is drawn to.

    Returns
    -------
    ReferenceClass
    """
    launches = [counts for _, counts in sequences.groupby(["device", "market"])]
    stacks = _stack_by_length(launches)
    guess, guess_sd = GUESS, GUESS_SD
    if around is not None:
        guess, guess_sd = _as_guess(around), GUESS_SD_OF_CLASS

    def loss(x):
        pull_to_guess = (((x - guess) / guess_sd) ** 2).sum() / 2
        line = ReferenceClass(x[0], x[1], *np.exp(x[2:]), level_error=0.0, launches=0)
        return pull_to_guess - sum(_log_density(line, *stack) for stack in stacks)

    x = minimize(loss, guess, method="L-BFGS-B", options={"ftol": 1e-7}).x
    level_sd, slope_sd, walk_sd = np.exp(x[2:])
    # The mean of n launches beside a guess of its own: precisions add.
    level_error = (guess_sd[0] ** -2 + len(launches) / level_sd**2) ** -0.5
    return ReferenceClass(
        level=float(x[0]),
        slope=float(x[1]),
        level_sd=float(level_sd),
        slope_sd=float(slope_sd),
        walk_sd=float(walk_sd),
        level_error=float(level_error),
        launches=len(launches),
    )


def _stack_by_length(launches: list[pd.DataFrame]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return log days and log units (launches, counts), launches of as many counts in one stack."""
    by_length: dict[int, list[pd.DataFrame]] = {}
    for counts in launches:
        by_length.setdefault(len(counts), []).append(counts)
    return [
        (
            log_days_of([counts["weeks"] for counts in alike]),
            np.log(np.array([counts["units"] for counts in alike], dtype=float)),
        )
        for alike in by_length.values()
    ]


def _as_guess(line: ReferenceClass) -> np.ndarray:
    """Return a class as the middle of a guess, in the order of `GUESS`."""
    spreads = np.log([line.level_sd, line.slope_sd, line.walk_sd])
    return np.concatenate([[line.level, line.slope], spreads])


def log_days_of(weeks: ArrayLike) -> np.ndarray:
    """Return the log of one and the days since the first sale."""
    return np.log1p(DAYS_A_WEEK * np.asarray(weeks, dtype=float))


def _log_density(
    line: ReferenceClass,
    log_days: np.ndarray,
    log_units: np.ndarray,
    noise: np.ndarray | float = COUNT_NOISE,
) -> float:
    """Return the log density of the counts of one launch, or of a stack of them, up to a constant.

    Log days and log units are (counts,) or (launches, counts).
    """
    covariance = line.covariance(log_days) + np.square(noise) * np.eye(log_days.shape[-1])
    root = np.linalg.cholesky(covariance)
    miss = log_units - line.mean(log_days)
    standardised = np.linalg.solve(root, miss[..., None])
    log_scale = np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum()
    return -(standardised**2).sum() / 2 - log_scale


@dataclass(frozen=True)
class ReferencePaths:
    """Draws of a launch's sales as comparable launches went, given what was counted of it.

    Attributes
    ----------
    weeks : array (points,)
        Weeks since the first sale, rising.
    log_sold : array (draws, points)
        Log of the units sold by then.
    log_evidence : float
        Log density of what was counted, up to the same constant as that of a `LaunchFit`.
    """

    weeks: np.ndarray
    log_sold: np.ndarray
    log_evidence: float

    def select(self, rows: np.ndarray) -> ReferencePaths:
        """Return the paths of some draws, by their numbers."""
        return ReferencePaths(self.weeks, self.log_sold[rows], self.log_evidence)

    def sold_by(self, weeks: ArrayLike) -> np.ndarray:
        """Return draws of the units sold by each week (draws, weeks): logs between the points."""
        asked = log_days_of(np.atleast_1d(weeks))
        points = log_days_of(self.weeks)
        after = np.clip(np.searchsorted(points, asked), 1, len(points) - 1)
        part = (asked - points[after - 1]) / (points[after] - points[after - 1])
        before = self.log_sold[:, after - 1]
        sold = np.exp(before + np.clip(part, 0, None) * (self.log_sold[:, after] - before))
        sold = np.where(asked > 0, sold, 0.0)
        return sold if np.ndim(weeks) else sold[:, 0]


def draw_reference_paths(
    line: ReferenceClass,
    counts: pd.DataFrame,
    bounds: pd.DataFrame,
    weeks: int,
    *,
    draws: int = 1000,
    seed: int = 1,
) -> ReferencePaths:
    """Draw how a launch sells if it goes as comparable ones went, given its own counts.

    Counts move the draws as in regression of normals; bounds then choose among the draws. After the
    last of two counts or more the draws are averaged with the last rate.

    Parameters
    ----------
    line : ReferenceClass
        The comparable launches.
    counts : DataFrame
        week, units and kind.
    bounds : DataFrame
        week, units, side, noise and over, as `known_sales` gives them.
    weeks : int
        Weeks after the first sale that are drawn.
    draws, seed : int
        How many draws, and from which seed.

    Returns
    -------
    ReferencePaths
    """
    own_weeks = np.union1d(counts["week"], bounds["week"])
    days = np.geomspace(1, DAYS_A_WEEK * weeks, 40)
    grid = np.union1d(days / DAYS_A_WEEK, own_weeks)
    log_days = log_days_of(grid)
    mean, covariance = line.mean(log_days), line.covariance(log_days)

    log_evidence = 0.0
    if len(counts):
        # Regression of normals: move by the gain times the misses, lose what they explain.
        seen = np.searchsorted(grid, counts["week"])
        log_units = np.log(sold_of_counts(counts))
        noise = noise_of_counts(counts)
        log_evidence = _log_density(line, log_days[seen], log_units, noise)
        of_counts = covariance[np.ix_(seen, seen)] + np.square(noise) * np.eye(len(seen))
        gain = cho_solve(cho_factor(of_counts), covariance[seen]).T
        mean = mean + gain @ (log_units - mean[seen])
        covariance = covariance - gain @ covariance[seen]

    rng = np.random.default_rng([seed, 2])
    root = np.linalg.cholesky(covariance + 1e-9 * np.eye(len(grid)))
    log_sold = mean + rng.standard_normal((MORE_DRAWS * draws, len(grid))) @ root.T
    log_sold = np.maximum.accumulate(log_sold, axis=1)
    if len(bounds):
        at_bounds = log_sold[:, np.searchsorted(grid, bounds["week"])]
        log_bounds = np.log(bounds["units"].to_numpy(float))
        room = bounds["side"].to_numpy(float) * (log_bounds - at_bounds)
        log_weights = log_ndtr(room / bounds["noise"].to_numpy(float)).sum(1)
        log_weights = log_weights - ((room / bounds["over"].to_numpy(float)) ** 2).sum(1) / 2
        log_total = logsumexp(log_weights)
        log_evidence = log_evidence + log_total - np.log(len(log_sold))
        chosen = rng.choice(len(log_sold), draws, p=np.exp(log_weights - log_total))
        log_sold = log_sold[chosen]
    log_sold = log_sold[:draws]
    if len(counts) > 1:
        later = grid >= counts["week"].iloc[-1]
        moved = average_with_last_rate(
            np.exp(log_sold[:, later]), counts["week"], counts["units"], grid[later]
        )
        log_sold[:, later] = np.log(moved)
        log_sold = np.maximum.accumulate(log_sold, axis=1)
    return ReferencePaths(grid, log_sold, float(log_evidence))
