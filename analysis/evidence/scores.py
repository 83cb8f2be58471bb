"""Scores of forecasts of counts, in logs: lower is better."""

import numpy as np

LEVEL = 0.8


def interval_score(low: float, high: float, seen: float, level: float = LEVEL) -> float:
    """Return the interval score of a log count (Gneiting & Raftery 2007): width and fine."""
    low, high, seen = np.log([low, high, seen])
    miss = max(low - seen, 0) + max(seen - high, 0)
    return high - low + 2 / (1 - level) * miss


def crps_of_log(draws: np.ndarray, seen: float) -> float:
    """Return the continuous ranked probability score of a log count (Gneiting & Raftery 2007).

    The mean distance of draws from what came, less half of their mean distance from one another;
    of a point it is its absolute error.
    """
    x = np.sort(np.log(np.atleast_1d(draws)))
    rank = np.arange(1, len(x) + 1)
    half_spread = ((2 * rank - len(x) - 1) * x).sum() / len(x) ** 2
    return float(np.abs(x - np.log(seen)).mean() - half_spread)
