"""Labels beside the lines that they name, moved apart where they would lie on one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .theme import colour_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SPREAD = "spread"  # the name of labels that may be moved up and down
GAP = 1.5  # points between two labels


def label_end(axes: Axes, x, y, text: str, colour: str, **where) -> None:
    """Name a series beside its last point, in its own colour.

    When a `Chart` is drawn, labels that would overlap are moved apart.

    Parameters
    ----------
    axes
        Where to draw.
    x, y
        The point beside which the label stands.
    text
        The label; lines are separated by a newline.
    colour
        A role such as "demand", or a colour.
    where
        Options of `Axes.annotate`. A label with `textcoords` of its own is not moved.
    """
    may_move = "textcoords" not in where
    place = {"xytext": (6, 0), "textcoords": "offset points", "va": "center"} | where
    label = axes.annotate(text, (x, y), color=colour_of(colour), annotation_clip=False, **place)
    if may_move:
        label.set_gid(SPREAD)


def spread_labels(figure: Figure) -> None:
    """Move labels of `label_end` up or down, as little as can be, until none overlaps another.

    The figure must be laid out, at 72 pixels an inch.
    """
    labels = figure.findobj(lambda artist: artist.get_gid() == SPREAD)
    boxes = [label.get_window_extent() for label in labels]
    for column in _columns(boxes):
        column.sort(key=lambda index: boxes[index].y0 + boxes[index].y1)
        heights = np.array([boxes[index].height for index in column]) + GAP
        centres = np.array([(boxes[index].y0 + boxes[index].y1) / 2 for index in column])
        shifts = spread(centres, heights, 0, figure.bbox.height) - centres
        for index, shift in zip(column, shifts, strict=True):
            x, y = labels[index].get_position()
            labels[index].set_position((x, y + shift))
    for label in labels:
        label.set_gid(None)


def spread(centres: np.ndarray, heights: np.ndarray, bottom: float, top: float) -> np.ndarray:
    """Move boxes on a line apart with the least sum of squared moves.

    Parameters
    ----------
    centres
        Where each box would best be, in ascending order.
    heights
        The height of each box, gaps included.
    bottom, top
        The boxes stay between these, if they fit.

    Returns
    -------
    array
        The new centres, in the same order.

    Notes
    -----
    If box i starts at s_i, boxes do not overlap when s_i minus the heights below it never falls:
    an isotonic regression. Clipping its result keeps it the best one within the bounds.

    >>> spread(np.array([10.0, 10.0, 40.0]), np.array([8.0, 8.0, 8.0]), 0, 100).tolist()
    [6.0, 14.0, 40.0]
    """
    from scipy.optimize import isotonic_regression  # noqa: PLC0415 (only drawing needs it)

    below = np.cumsum(heights) - heights
    starts = centres - heights / 2 - below
    free = isotonic_regression(starts).x
    highest = max(top - heights.sum(), bottom)
    return np.clip(free, bottom, highest) + below + heights / 2


def _columns(boxes: list) -> list[list[int]]:
    """Group the indices of boxes that stand above or below one another."""
    columns = []
    right = -np.inf
    for index in sorted(range(len(boxes)), key=lambda index: boxes[index].x0):
        if boxes[index].x0 >= right:
            columns.append([])
        columns[-1].append(index)
        right = max(right, boxes[index].x1)
    return columns
