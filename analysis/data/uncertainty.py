"""Draws and intervals that every study uses: split normals, log-normals, order statistics.

A low and a high of an assumed range are its 10 and 90 % points throughout the project. What a draw
means belongs to the studies.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

from .launch import SourcedValue

# How many standard deviations the low and the high of a range lie from its middle.
Z_90 = NormalDist().inv_cdf(0.9)  # the 90 % point of a standard normal


def interval(draws: np.ndarray, level: float = 0.8) -> np.ndarray:
    """Return the low end, the median and the high end of draws.

    Order statistics are used, so that an infinite draw ("never") is not averaged with a finite one.

    Parameters
    ----------
    draws : array, draws in rows
        Values of one or more quantities; what the columns are is the caller's.
    level : float
        Share of the draws that the interval holds.

    Returns
    -------
    array of shape (3, ...)
        Low, median and high, in the unit of the draws.

    Examples
    --------
    >>> interval(np.arange(1, 102)).tolist()
    [11, 51, 91]
    """
    tail = (1 - level) / 2
    return np.quantile(draws, [tail, 0.5, 1 - tail], axis=0, method="inverted_cdf")


def draw_split_normal(figure: SourcedValue, z: np.ndarray, name: str = "the figure") -> np.ndarray:
    """Turn standard normal draws into draws of a launch's figure.

    Two half normals meet at the figure's value; its low and high are the 10 and 90 % points. Draws
    stay between a tenth and ten times the value (or its range, where that is wider), and are never
    below zero.

    Parameters
    ----------
    figure : SourcedValue
        A sourced or assumed figure of a launch; one without a range gives its value in every draw.
    z : array
        Standard normal draws of any shape.
    name : str
        What an error calls the figure.

    Returns
    -------
    array of the shape of `z`
        Draws in the unit of the figure.

    Raises
    ------
    ValueError
        If the figure is unknown.
    """
    if not figure.known:
        raise ValueError(
            f"{name} is unknown ({figure.source_or_reason}); expected a value or an assumption"
        )
    low, high = figure.lowest, figure.highest
    half_range = np.where(z < 0, figure.number - low, high - figure.number)
    draws = figure.number + half_range * z / Z_90
    return np.clip(draws, max(0, min(0.1 * figure.number, low)), max(10 * figure.number, high))


def draw_assumed(item: pd.Series, z: np.ndarray) -> np.ndarray:
    """Turn standard normal draws into draws of what a row of economics.csv assumes.

    Parameters
    ----------
    item : Series
        The row, with value, low and high.
    z : array
        Standard normal draws of any shape.

    Returns
    -------
    array of the shape of `z`
        In the unit of the item, as `draw_split_normal` draws a figure.
    """
    figure = SourcedValue(value=item["value"], basis="assumed", low=item["low"], high=item["high"])
    return draw_split_normal(figure, z)


def draw_log_normal_between(low: float, high: float, z: np.ndarray) -> np.ndarray:
    """Turn standard normal draws into log-normal ones.

    Parameters
    ----------
    low, high : float
        The 10 and 90 % points, above zero.
    z : array
        Standard normal draws of any shape.

    Returns
    -------
    array of the shape of `z`
        Draws in the unit of `low` and `high`.
    """
    middle = np.sqrt(low * high)
    spread_of_log = np.log(high / low) / 2 / Z_90
    return middle * np.exp(spread_of_log * z)
