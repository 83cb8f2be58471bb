"""Labels beside what they name: moved apart, or set on the side where they cover least."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from .theme import COLOUR

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
ROUNDS = 2  # in which labels choose their places
SHORT_OF_POINT = 5  # points before its point at which the thin line of a far label ends
CLOSE = 4  # points from that line within which it runs into something else
# What a place for a label costs, where a place of a line that it covers costs 1.
COST_OF_DISTANCE, COST_OF_DOT, COST_OF_LABEL, COST_OF_LEAVING = 10, 30, 300, 1000


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
        A role such as "demand".
    where
        Options of `Axes.annotate`. A label with `textcoords` of its own is not moved.
    """
    may_move = "textcoords" not in where
    place = {"xytext": (6, 0), "textcoords": "offset points", "va": "center"} | where
    label = axes.annotate(text, (x, y), color=COLOUR[colour], annotation_clip=False, **place)
    if may_move:
        label.set_gid(SPREAD)


def label_bar_end(axes: Axes, x: float, y: float, text: str, *, on_right: bool) -> None:
    """Write a text beside the end of a horizontal bar, on the side to which the bar points.

    Parameters
    ----------
    axes
        Where to draw.
    x, y
        The end of the bar.
    text
        What is written.
    on_right
        Whether the bar points to the right.
    """
    axes.annotate(
        text,
        (x, y),
        xytext=(5 if on_right else -5, 0),
        textcoords="offset points",
        ha="left" if on_right else "right",
        va="center",
        color=COLOUR["text"],
    )


def label_point(
    axes: Axes, x, y, text: str, colour: str, *, left: bool = False, widths: tuple[int, ...] = ()
) -> None:
    """Name a point where its label covers least of what is drawn: on any side of it, or far off.

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
        A role such as "demand".
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
        color=COLOUR[colour],
        annotation_clip=False,
    )
    label.set_in_layout(False)  # it finds its place once the axes have theirs
    label.set_gid(SIDES)
    across = ("right", "left") if left else ("left", "right")
    label.places = [
        Place(shape, ha, up)
        for up in (NEAR, -NEAR, FAR, FARTHEST, -FAR)
        for ha in across
        for shape in [fill(text, width) for width in widths] or [text]
    ]


@dataclass(frozen=True)
class Place:
    """A place for a label beside its point."""

    text: str  # broken into lines
    ha: str  # "left" stands right of the point, "right" left of it
    up: int  # points above the point, or below

    @property
    def is_far(self) -> bool:
        """Whether a thin line leads from here to the point."""
        return abs(self.up) >= FAR

    def take(self, label: Annotation) -> None:
        """Set a label here."""
        label.set_text(self.text)
        label.set_position((ASIDE if self.ha == "left" else -ASIDE, self.up))
        label.set(ha=self.ha, va="bottom" if self.up > 0 else "top")


@dataclass(frozen=True)
class Surroundings:
    """What a label may cover, in pixels.

    Attributes
    ----------
    dots : places of dots, (places, 2)
    lines : places along lines, (places, 2)
    thin_lines : places along the line of each other label that is far, (places, 2)
    texts : boxes of other texts
    """

    dots: np.ndarray
    lines: np.ndarray
    thin_lines: list[np.ndarray]
    texts: list[Bbox]


def settle_labels(figure: Figure) -> None:
    """Set each label of `label_point` where it covers least; one that is far gets a thin line.

    The figure must be laid out, at 72 pixels an inch.
    """
    labels = figure.findobj(lambda artist: artist.get_gid() == SIDES)
    settled = [_settle_in_order(order) for order in (labels, labels[::-1])]
    taken, _ = min(settled, key=lambda one: one[1])
    for label, place in taken.items():
        place.take(label)
        if place.is_far:
            _lead_to(label)
        label.set_gid(None)


def _settle_in_order(labels: list[Annotation]) -> tuple[dict[Annotation, Place], float]:
    """Choose a place for each label beside those that have one; return places and their cost.

    The first ones choose again, and make way for the last.
    """
    taken: dict[Annotation, Place] = {}
    paid: dict[Annotation, float] = {}
    for label in labels * ROUNDS:
        taken.pop(label, None)
        around = _surroundings(label, taken)
        costs = {place: _cost(label, place, around) for place in label.places}
        taken[label] = min(costs, key=costs.get)  # the first of those that cost as little
        taken[label].take(label)
        paid[label] = costs[taken[label]]
    return taken, sum(paid.values())


def _surroundings(label: Annotation, taken: dict[Annotation, Place]) -> Surroundings:
    """Return what is drawn around a label; of labels yet to be set, those that have a place."""
    axes = label.axes
    texts = [text for text in axes.texts if text.get_gid() != SIDES or text in taken]
    dots, lines = _dots_and_lines(axes)
    far = [other for other, place in taken.items() if place.is_far and other.axes is axes]
    return Surroundings(
        dots=dots,
        lines=lines,
        thin_lines=[_thin_line_of(other) for other in far],
        texts=[text.get_window_extent() for text in texts],
    )


def _cost(label: Annotation, place: Place, around: Surroundings) -> float:
    """Return what it costs to set a label at a place, by what it would cover."""
    place.take(label)
    box = label.get_window_extent().padded(GAP)
    cost = (
        _count_inside(around.lines, box)
        + COST_OF_DOT * _count_inside(around.dots, box)
        + COST_OF_LABEL * box.count_overlaps(around.texts)
        + COST_OF_LABEL * sum(_count_inside(other, box) > 0 for other in around.thin_lines)
        + COST_OF_LEAVING * _leaves(box, label.axes.bbox)
        + COST_OF_DISTANCE * (abs(place.up) // FAR)
    )
    if not place.is_far:
        return cost
    thin_line = _thin_line_of(label)
    return (
        cost
        + _count_close(np.concatenate([around.lines, *around.thin_lines]), thin_line)
        + COST_OF_DOT * _count_close(around.dots, thin_line)
        + COST_OF_LABEL * sum(_count_inside(thin_line, text) > 0 for text in around.texts)
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
