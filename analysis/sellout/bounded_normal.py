"""Normal vectors of which each entry is known to lie beyond a bound, many vectors at once.

`bound_normals` gives the probability of the bounds, and mean and covariance of a vector within
them, by expectation propagation: quick, without draws, and close to exact for such bounds. What
the vectors mean is for the caller.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

MOST_SWEEPS = 100
ENOUGH = 1e-2  # sds that a mean may still move: what a probability then moves by is far less


@dataclass(frozen=True, kw_only=True)
class BoundedNormals:
    """Normal vectors within their bounds; the axes are vectors, then entries.

    Attributes
    ----------
    log_probability : array (vectors,)
        Of all bounds together.
    mean : array (vectors, entries)
        Within the bounds.
    covariance : array (vectors, entries, entries)
        Within the bounds.
    other_mean, other_sd : array (vectors, entries)
        Of each entry by the bounds of all other entries alone.
    """

    log_probability: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray
    other_mean: np.ndarray
    other_sd: np.ndarray


def bound_normals(
    mean: np.ndarray, covariance: np.ndarray, bound: np.ndarray, side: np.ndarray
) -> BoundedNormals:
    """Condition normal vectors on bounds of their entries.

    Each bound is replaced by a normal factor that gives its entry the mean and variance that the
    bound itself would give, one after the other until they stay (expectation propagation; Minka
    2001; for such bounds Cunningham, Hennig and Lacoste-Julien 2011, who find it close to exact).

    Parameters
    ----------
    mean : array (vectors, entries)
        Before the bounds.
    covariance : array (vectors, entries, entries)
        Before the bounds.
    bound, side : array (entries,)
        Bounds, and 1 where the entry lies above it, -1 where below.

    Returns
    -------
    BoundedNormals
        Probability of the bounds, mean and covariance within them.

    Examples
    --------
    >>> half = bound_normals(np.zeros((1, 1)), np.ones((1, 1, 1)), np.zeros(1), np.ones(1))
    >>> half.log_probability.round(4), half.mean.round(4)
    (array([-0.6931]), array([[0.7979]]))
    """
    # Vectors go last, so that each step works on long rows.
    shift = (bound - mean).T
    inside_mean = np.zeros_like(shift)
    inside = np.array(np.moveaxis(covariance, 0, 2), order="C")
    precision = np.zeros_like(shift)  # of the normal factor of each bound
    weighted_mean = np.zeros_like(shift)  # its mean times its precision
    log_shrinkage = np.zeros(len(mean))  # log of det(inside) / det(covariance)

    for _ in range(MOST_SWEEPS):
        largest_move = 0.0
        for entry in range(len(bound)):
            old_mean = inside_mean[entry].copy()
            old_variance = inside[entry, entry].copy()
            other_precision = 1 / old_variance - precision[entry]
            other_mean = (old_mean / old_variance - weighted_mean[entry]) / other_precision
            cut = cut_normal(other_mean, other_precision**-0.5, shift[entry], side[entry])
            precision[entry] = 1 / cut.variance - other_precision
            weighted_mean[entry] = cut.mean / cut.variance - other_mean * other_precision

            # The entry takes its new mean and variance, and the others move along with it.
            column = inside[entry] / old_variance
            move = cut.mean - old_mean
            inside_mean += column * move
            inside += column[:, None] * (column * (cut.variance - old_variance))
            log_shrinkage += np.log(cut.variance / old_variance)
            largest_move = max(largest_move, np.abs(move / np.sqrt(old_variance)).max())
        if largest_move < ENOUGH:
            break

    variance = np.einsum("iiv->iv", inside)
    other_variance = 1 / (1 / variance - precision)
    other_mean = other_variance * (inside_mean / variance - weighted_mean)
    cut = cut_normal(other_mean, np.sqrt(other_variance), shift, side[:, None])
    factors = (
        cut.log_probability
        + (other_mean**2 / other_variance + np.log(other_variance)) / 2
        - (inside_mean**2 / variance + np.log(variance)) / 2
    )
    log_normal = ((weighted_mean * inside_mean).sum(axis=0) + log_shrinkage) / 2
    return BoundedNormals(
        log_probability=log_normal + factors.sum(axis=0),
        mean=mean + inside_mean.T,
        covariance=np.moveaxis(inside, 2, 0),
        other_mean=mean + other_mean.T,
        other_sd=np.sqrt(other_variance).T,
    )


@dataclass(frozen=True, kw_only=True)
class CutNormal:
    """A normal law cut at a bound.

    Attributes
    ----------
    log_probability : array
        Of what lies beyond the bound.
    mean, variance : array
        Of the law beyond the bound.
    """

    log_probability: np.ndarray
    mean: np.ndarray
    variance: np.ndarray


def cut_normal(mean: np.ndarray, sd: np.ndarray, bound: np.ndarray, side: np.ndarray) -> CutNormal:
    """Cut normal laws at a bound: what is above stays where `side` is 1, below where it is -1."""
    inside_by = side * (mean - bound) / sd
    log_probability = special.log_ndtr(inside_by)
    hazard = np.exp(-(inside_by**2) / 2 - log_probability) / np.sqrt(2 * np.pi)
    return CutNormal(
        log_probability=log_probability,
        mean=mean + side * sd * hazard,
        variance=sd**2 * np.clip(1 - hazard * (inside_by + hazard), 1e-10, 1),
    )


def quantile_beyond(
    share: np.ndarray, mean: np.ndarray, sd: np.ndarray, bound: np.ndarray, side: np.ndarray
) -> np.ndarray:
    """Give the value of a normal law cut at a bound that lies a share of its way from far off."""
    log_tail = special.log_ndtr(side * (mean - bound) / sd)
    return mean - side * sd * special.ndtri_exp(log_tail + np.log(share))
