"""Newton's method on many surfaces at once, for likelihoods with a few parameters.

The profile of one order log is some hundred maximisations of the same function, and the laws of
arrival start from a dozen points each. Taken one at a time by `scipy.optimize.minimize` they last
seconds; in arrays they last hundredths of one. What is maximised belongs to the modules that
call.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np

PARAMETER_LIMIT = 40.0  # of a parameter either way; all of them are logs or logits
MOST_STEPS = 60
LONGEST_STEP = 3.0
STEP_LENGTHS = np.array([2.0, 1.0, 0.3, 0.03])  # times Newton's step, all tried at once
DIFFERENCE = 1e-4  # of a parameter, for numerical derivatives
LEAST_GAIN = 1e-9  # height of a step below which a climb is over
ROUGH_GAIN = 1e-3  # the same where a climb is only begun
NO_HEIGHT = -1e30  # height where the surface has none


def multistart_maximize(
    height_at: Callable, starts: np.ndarray, tries: int = 4, least_gain: float = LEAST_GAIN
) -> tuple[np.ndarray, float]:
    """Find the highest point of one surface from several starts.

    Parameters
    ----------
    height_at : function
        Heights (any shape) of points (parameters, any shape).
    starts : array (parameters, starts)
        Where to begin.
    tries : int
        How many of the starts, the highest of them, are followed upwards.
    least_gain : float
        As in `newton_ascent`.

    Returns
    -------
    (array (parameters,), float)
        The highest point that was reached, and its height.
    """
    best_first = np.argsort(-finite_heights(height_at, starts))
    chosen = starts[:, best_first[:tries]]
    points, heights = newton_ascent(height_at, chosen, least_gain=least_gain)
    return points[:, np.argmax(heights)], float(np.max(heights))


def newton_ascent(
    height_at: Callable, points: np.ndarray, *data: np.ndarray, least_gain: float = LEAST_GAIN
) -> tuple[np.ndarray, np.ndarray]:
    """Climb from each point until a Newton step gains nothing.

    Parameters
    ----------
    height_at : function
        Heights (any shape, runs) of points (parameters, any shape, runs), given `data`.
    points : array (parameters, runs)
        Where each run begins.
    *data : arrays (runs,)
        What differs between the surfaces of the runs, such as the size of a population.
    least_gain : float
        Height that a step must gain for a run to go on.

    Returns
    -------
    (array (parameters, runs), array (runs,))
        Where each run ends, and the height there.
    """
    points = points.copy()
    heights = finite_heights(height_at, points, *data)
    climbing = np.arange(points.shape[1])
    for _ in range(MOST_STEPS):
        their_data = [values[climbing] for values in data]
        gradients, hessians = derivatives(height_at, points[:, climbing], DIFFERENCE, *their_data)
        steps = _upward_steps(gradients, hessians)

        # Every run tries four lengths of its step and takes the best of them.
        tried = points[:, None, climbing] + STEP_LENGTHS[:, None] * steps[:, None]
        tried_heights = finite_heights(height_at, tried, *their_data)
        best = np.argmax(tried_heights, axis=0)
        runs = np.arange(len(climbing))
        gains = tried_heights[best, runs] - heights[climbing]
        higher = gains > 0
        points[:, climbing[higher]] = tried[:, best, runs][:, higher]
        heights[climbing[higher]] += gains[higher]

        climbing = climbing[gains > least_gain]
        if not climbing.size:
            break
    return points, heights


def derivatives(
    height_at: Callable, points: np.ndarray, difference: float, *data: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Take first and second derivatives of heights by central differences.

    Parameters
    ----------
    height_at, points, *data
        As in `newton_ascent`.
    difference : float
        How far from a point the surface is looked at.

    Returns
    -------
    (array (runs, parameters), array (runs, parameters, parameters))
        Gradients and Hessians.
    """
    parameters, runs = points.shape
    pairs = list(combinations(range(parameters), 2))

    # All points that are needed in one call: the middle, a step up and down each axis, and both up.
    axes = difference * np.eye(parameters)
    both_up = [axes[i] + axes[j] for i, j in pairs]
    offsets = np.column_stack([np.zeros(parameters), *axes, *-axes, *both_up])
    heights = finite_heights(height_at, points[:, None] + offsets[:, :, None], *data)
    middle = heights[0]
    up = heights[1 : parameters + 1]
    down = heights[parameters + 1 : 2 * parameters + 1]
    corners = heights[2 * parameters + 1 :]

    gradients = ((up - down) / (2 * difference)).T
    hessians = np.zeros((runs, parameters, parameters))
    diagonal = np.arange(parameters)
    hessians[:, diagonal, diagonal] = ((up + down - 2 * middle) / difference**2).T
    for (i, j), corner in zip(pairs, corners, strict=True):
        mixed = (corner - up[i] - up[j] + middle) / difference**2
        hessians[:, i, j] = mixed
        hessians[:, j, i] = mixed
    return gradients, hessians


def finite_heights(height_at: Callable, points: np.ndarray, *data: np.ndarray) -> np.ndarray:
    """Heights of points; `NO_HEIGHT` where there is none or a parameter is out of bounds."""
    with np.errstate(all="ignore"):
        heights = height_at(np.clip(points, -PARAMETER_LIMIT, PARAMETER_LIMIT), *data)
    within = (np.abs(points) <= PARAMETER_LIMIT).all(axis=0)
    return np.where(np.isfinite(heights) & within, heights, NO_HEIGHT)


def _upward_steps(gradients: np.ndarray, hessians: np.ndarray) -> np.ndarray:
    """Newton steps (parameters, runs) that always lead upwards, none longer than `LONGEST_STEP`."""
    # The step s solves -H s = g. In the eigenvectors of -H each coordinate is g / curvature; where
    # the surface curves upwards the curvature's size is used, so that the step still climbs.
    curvatures, directions = np.linalg.eigh(-hessians)
    slopes = np.einsum("rij,ri->rj", directions, gradients)
    coordinates = slopes / np.maximum(np.abs(curvatures), 1e-6)
    steps = np.einsum("rij,rj->ir", directions, coordinates)
    lengths = np.linalg.norm(steps, axis=0)
    return steps * np.minimum(1, LONGEST_STEP / np.maximum(lengths, 1e-300))
