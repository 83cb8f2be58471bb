"""Series for Bass curves, and the plain way to fit one: scipy's curve_fit from several starts."""

import numpy as np
from scipy import optimize

from analysis.demand import bass_share
from analysis.demand.bass import P_BOUNDS, Q_BOUNDS, STARTS


def noisy_series(count, seed):
    """Series short and long, before and after their peak, clean and noisy."""
    rng = np.random.default_rng(seed)
    series = []
    for _ in range(count):
        age = np.arange(rng.integers(5, 31) + 1.0)
        potential = np.exp(rng.uniform(3, 12))
        share = bass_share(age, np.exp(rng.uniform(-7, -2.3)), rng.uniform(0.02, 0.9))
        curve = potential * np.diff(share)
        series.append(curve * np.exp(rng.normal(0, rng.choice([0.01, 0.1, 0.4]), len(curve))))
    return series


def share_and_slopes(age, p, q):
    """The share that has bought by an age, and its derivatives by p and by q, a row each."""
    fading = np.exp(-(p + q) * age)
    below = p + q * fading
    share = p * (1 - fading) / below
    by_p = (1 - fading + p * age * fading - share * (1 - q * age * fading)) / below
    by_q = (p * age * fading - share * fading * (1 - q * age)) / below
    return np.array([share, by_p, by_q])


def fit_one_by_one(sales, *, with_slopes=False):
    """Least sum of squares of curve_fit in the same bounds; infinite where every start fails.

    With its derivatives handed to it, curve_fit finds the same and takes less time.
    """
    age = np.arange(len(sales) + 1.0)
    bounds = ([P_BOUNDS[0], Q_BOUNDS[0], 0], [P_BOUNDS[1], Q_BOUNDS[1], np.inf])

    def curve(_, p, q, m):
        return m * np.diff(bass_share(age, p, q))

    def slopes(_, p, q, m):
        share, by_p, by_q = np.diff(share_and_slopes(age, p, q))
        return np.column_stack([m * by_p, m * by_q, share])

    more = {"jac": slopes} if with_slopes else {}
    least = np.inf
    for p, q in STARTS:
        shape = np.diff(bass_share(age, p, q))
        start = (p, q, sales @ shape / (shape @ shape))
        try:
            point, _ = optimize.curve_fit(curve, age[1:], sales, start, bounds=bounds, **more)
        except (RuntimeError, ValueError):  # curve_fit gave up, or its trust region broke
            continue
        least = min(least, np.sum((sales - curve(None, *point)) ** 2))
    return least
