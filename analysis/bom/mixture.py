"""A weighted mixture of normals: what a linear model says once its spreads are averaged over.

Given the spreads of a linear model with normal errors every unknown is normal, exactly; averaged
over weighted sets of spreads it is such a mixture. Which unknown it is belongs to `hierarchy`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

LEAST_SD = 1e-12  # below it a component counts as a point
FAR_SDS = 40  # so many standard deviations out no component has any weight left


class Interval(NamedTuple):
    """A low end, the median and a high end, in the unit of the quantity."""

    low: float
    mid: float
    high: float


@dataclass(frozen=True)
class NormalMixture:
    """A quantity that is normal given each of some weighted sets of spreads.

    Attributes
    ----------
    weights : array of shape (points,)
        They sum to one.
    means, sds : array of shape (points,)
        In the unit of the quantity.
    """

    weights: np.ndarray
    means: np.ndarray
    sds: np.ndarray

    @classmethod
    def at(cls, value: float) -> "NormalMixture":
        """Return a quantity that is known exactly."""
        return cls(weights=np.ones(1), means=np.array([float(value)]), sds=np.zeros(1))

    @property
    def mean(self) -> float:
        """Expectation."""
        return float(self.weights @ self.means)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        second_moment = self.weights @ (self.sds**2 + self.means**2)
        return float(np.sqrt(max(second_moment - self.mean**2, 0.0)))

    def chance_below(self, value: float) -> float:
        """Return the chance that the quantity lies below a value."""
        standard = (value - self.means) / np.maximum(self.sds, LEAST_SD)
        return float(self.weights @ ndtr(standard))

    def quantile(self, probability: float) -> float:
        """Return the value below which the quantity lies with a given probability."""
        far = FAR_SDS * np.maximum(self.sds, LEAST_SD)
        low, high = (self.means - far).min(), (self.means + far).max()
        return brentq(lambda value: self.chance_below(value) - probability, low, high, xtol=1e-10)

    def interval(self, level: float = 0.95) -> Interval:
        """Return the central interval of a level, with the median.

        Examples
        --------
        >>> standard = NormalMixture(np.ones(1), np.zeros(1), np.ones(1))
        >>> [round(end, 2) for end in standard.interval(0.95)]
        [-1.96, 0.0, 1.96]
        """
        tail = (1 - level) / 2
        return Interval(*(self.quantile(probability) for probability in (tail, 0.5, 1 - tail)))

    def draw(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Draw values of the quantity.

        Parameters
        ----------
        rng : numpy Generator
            Source of the draws.
        draws : int
            Number of draws.

        Returns
        -------
        array (draws,)
            In the unit of the quantity.
        """
        point = rng.choice(len(self.weights), size=draws, p=self.weights)
        return self.means[point] + self.sds[point] * rng.standard_normal(draws)

    def shifted(self, by: float) -> "NormalMixture":
        """Return the same quantity with a constant added."""
        return NormalMixture(weights=self.weights, means=self.means + by, sds=self.sds)
