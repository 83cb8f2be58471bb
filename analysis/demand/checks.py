"""Checks of numbers that people hand to the demand models; what the numbers mean is the models'."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike


def check_numbers(name: str, value: ArrayLike) -> np.ndarray:
    """Return numbers of 0 or more as an array of floats.

    Parameters
    ----------
    name : str
        What an error calls the numbers.
    value : array_like
        Numbers of any shape; infinity is allowed.

    Returns
    -------
    array of the shape of `value`

    Raises
    ------
    ValueError
        If one is text, a gap (NaN) or below 0; the message names its place, counted from 1.

    Examples
    --------
    >>> check_numbers("supply_units", [10, "20"]).tolist()
    [10.0, 20.0]
    """
    numbers = pd.to_numeric(np.ravel(value), errors="coerce").astype(float)
    faulty = np.flatnonzero(~(numbers >= 0))
    if len(faulty):
        first = faulty[0]
        place = np.add(np.unravel_index(first, np.shape(value)), 1).tolist()
        raise ValueError(
            f"{name}: {np.ravel(value)[first]!s:.60} at place {place}; "
            "expected numbers of 0 or more, without gaps"
        )
    return numbers.reshape(np.shape(value))
