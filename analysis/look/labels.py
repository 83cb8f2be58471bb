"""Labels beside what they name: moved apart, or set on the side where they cover least."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from .theme import colour_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox

SPREAD = "spread"  # the name of labels that may be moved up and down
SIDES = "sides"  # the name of labels that may stand on any side of their point
GAP = 1.5  # points between two labels
ASIDE = 8  # points that a label stands right or left of its point
NEAR, FAR, FARTHEST = 7, 45, 90  # and above or below it
STEP = 3  # points between the places of a line that a label may cover
SHORT_OF_POINT = 5  # points before its point at which the thin line of a far label ends
CLOSE = 4  # points from that line within which it runs into something else
# What a place for a label costs, where a place of a line that it covers costs 1.
COST_OF_DISTANCE, COST_OF_DOT, COST_OF_LABEL, COST_OF_LEAVING = 10, 30, 100, 1000


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


def label_point(
    axes: Axes, x, y, text: str, colour: str, *, left: bool = False, widths: tuple[int, ...] = ()
) -> None:
    """Name a point where its label covers least of what is drawn: on any side, or high above.

    What passes below the label stays in sight: style sheets of pages and of Lab draw an edge in
    the colour of the paper around its letters, and a box around them would cut holes into bands.

    Parameters
    ----------
    axes
        Where to draw.
    x, y
        The point.
    text
        The label; lines are separated by a newline.
    colour
        A role such as "demand", or a colour.
    left
        Whether it rather stands left of the point; above it is always tried first.
    widths
        Letters of a line into which the label may be broken; as it is without any.
    """
    text = text.replace(" million", "\u00a0million")  # which stays with its number
    label = axes.annotate(
        text,
        (x, y),
        xytext=(0, 0),
        textcoords="offset points",
        color=colour_of(colour),
        annotation_clip=False,
    )
    label.set_in_layout(False)  # it finds its place once the axes have theirs
    label.set_gid(SIDES)
    across = ("right", "left") if left else ("left", "right")
    label.places = [
        Place(shape, ha, up)
        for up in (NEAR, -NEAR, FAR, FARTHEST)
        for ha in across
        for shape in [fill(text, width) for width in widths] or [text]
    ]


@dataclass(frozen=True)
class Place:
    """A place for a label beside its point."""

    text: str  # broken into lines
    ha: str  # "left" stands right of the point, "right" left of it
    up: int  # points above the point, or below

    def take(self, label: Annotation) -> None:
        """Set a label here."""
        label.set_text(self.text)
        label.set_position((ASIDE if self.ha == "left" else -ASIDE, self.up))
        label.set(ha=self.ha, va="bottom" if self.up > 0 else "top")


def settle_labels(figure: Figure) -> None:
    """Set each label of `label_point` where it covers least; one that is far gets a thin line.

    The figure must be laid out, at 72 pixels an inch.
    """
    waiting = figure.findobj(lambda artist: artist.get_gid() == SIDES)
    while waiting:
        label = waiting.pop(0)
        others = [text for text in label.axes.texts if text is not label and text not in waiting]
        boxes = [text.get_window_extent() for text in others]
        costs = {place: _cost(label, place, boxes) for place in label.places}
        best = min(costs, key=costs.get)  # the first of those that cost as little
        best.take(label)
        if best.up >= FAR:
            _lead_to(label)
        label.set_gid(None)


def _cost(label: Annotation, place: Place, others: list[Bbox]) -> float:
    """Return what it costs to set a label at a place, by what it would cover."""
    place.take(label)
    box = label.get_window_extent().padded(GAP)
    dots, lines = _dots_and_lines(label.axes)
    cost = (
        _count_inside(lines, box)
        + COST_OF_DOT * _count_inside(dots, box)
        + COST_OF_LABEL * box.count_overlaps(others)
        + COST_OF_LEAVING * _leaves(box, label.axes.bbox)
        + COST_OF_DISTANCE * max(place.up // FAR, 0)
    )
    if place.up < FAR:
        return cost
    thin_line = _thin_line_of(label)
    return (
        cost
        + _count_close(lines, thin_line)
        + COST_OF_DOT * _count_close(dots, thin_line)
        + COST_OF_LABEL * sum(_count_inside(thin_line, other) > 0 for other in others)
    )


def _thin_line_of(label: Annotation) -> np.ndarray:
    """Return places, in pixels (places, 2), along the line that leads from a label to its point."""
    x, y = label.xy
    in_numbers = (label.convert_xunits(x), label.convert_yunits(y))
    point = label.axes.transData.transform(in_numbers)
    places = _places_along(np.array([point, point + label.get_position()]))
    return places[np.hypot(*(places - point).T) >= SHORT_OF_POINT]


def _count_close(places: np.ndarray, thin_line: np.ndarray) -> int:
    """Count places (places, 2) into which a line through others (others, 2) runs."""
    steps = places[:, None] - thin_line
    return int((np.hypot(*steps.T) < CLOSE).any(axis=0).sum())


def _lead_to(label: Annotation) -> None:
    """Draw a thin line from a label to its point."""
    line = {"arrowstyle": "-", "color": label.get_color(), "linewidth": 0.8}
    label.axes.annotate(
        "",
        label.xy,
        xytext=label.get_position(),
        textcoords="offset points",
        arrowprops=line | {"shrinkA": 0, "shrinkB": SHORT_OF_POINT},
    )


def _dots_and_lines(axes: Axes) -> tuple[np.ndarray, np.ndarray]:
    """Return the dots of axes, and places along their lines, in pixels, each (places, 2)."""
    from matplotlib.collections import LineCollection  # noqa: PLC0415 (only drawing needs it)

    dots, lines = [np.empty((0, 2))], [np.empty((0, 2))]
    for line in axes.lines:
        places = line.get_transform().transform(line.get_xydata())
        if line.get_marker() not in ("None", None, "", " "):
            dots.append(places)
        if line.get_linestyle() != "None" and len(places) > 1:
            lines.append(_places_along(places))
    for strokes in axes.collections:
        if isinstance(strokes, LineCollection):  # as of vlines; a band is none
            to_pixels = strokes.get_transform().transform
            lines += [_places_along(to_pixels(corners)) for corners in strokes.get_segments()]
    return np.concatenate(dots), np.concatenate(lines)


def _places_along(corners: np.ndarray) -> np.ndarray:
    """Return places a few pixels apart along a line through corners (corners, 2)."""
    lengths = np.hypot(*np.diff(corners, axis=0).T)
    run = np.concatenate([[0.0], np.cumsum(lengths)])
    at = np.arange(0, run[-1] + STEP, STEP)
    return np.column_stack([np.interp(at, run, corners[:, axis]) for axis in (0, 1)])


def _count_inside(places: np.ndarray, box: Bbox) -> int:
    """Count places (places, 2) inside a box."""
    inside = (places >= box.min) & (places <= box.max)
    return int(inside.all(axis=1).sum())


def _leaves(box: Bbox, axes: Bbox) -> bool:
    """Say whether a box reaches beyond axes."""
    return bool((box.min < axes.min).any() or (box.max > axes.max).any())


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
