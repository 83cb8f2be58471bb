"""A chart as a page shows it: title, measure, a drawing for wide and for narrow screens, data.

What is drawn is up to each study, with helpers of `figures`; how it becomes SVG is `svg`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from textwrap import fill, shorten
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import pandas as pd

from .labels import settle_labels, spread_labels
from .markup import parts, plain
from .page_words import (
    PageWords,
    cells_in_page_words,
    frame_in_page_currency,
    in_page_words,
    page_words,
)
from .parts import Part
from .theme import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CHART = "application/vnd.research-report.chart+json"
WIDE_IN = 9.2
NARROW_IN = 4.2
PIXELS_PER_INCH = 72  # so that a pixel is a point, as SVG and offsets of labels have it
LEAST_ALT = 15
LONGEST_SLUG = 60
ROOM = 1.1  # of the height of a name beside its row that lies between two rows
ROOM_WITH_ROW = 1.8  # the same for a name above its row
MOST_STRETCH = 3.0
EDGE = 4  # pixels between the title of an axis and the edge of a figure: fonts differ in width
# What a spreadsheet takes for a formula: a sign of one, wide ones too, at the start or behind
# blanks, also such as have no width. A tab or an end of a line would hide the next sign.
FORMULA = re.compile(r"[\s\0\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


@dataclass(frozen=True)
class Chart(Part):
    """A chart with everything that a page says around it.

    It is drawn twice, for wide screens and for phones; the page shows the one that fits.
    """

    title: str
    """What is drawn, and the finding where it is firm."""
    measure: str
    """The grey line below the title: measure, unit, number of cases, period."""
    draw: Callable[[Axes], Axes]
    """Draws on the Axes that it gets, with colours of `COLOUR` alone, and returns them."""
    alt: str
    """What the chart shows, for those who cannot see it; at least 15 characters."""
    data: pd.DataFrame
    """What is drawn, offered as CSV."""
    note: str = ""
    """Source, and what a reader needs to read the chart."""
    height_in: float = 4.0
    """Height of the wide drawing, inches; its width is 9.2."""
    narrow_height_in: float | None = None
    """Height of the narrow drawing (4.2 inches wide); as `height_in` where it is not given."""
    keep: Callable[[Callable], Callable] | None = None
    """Wraps what draws, so that a drawing which many reports show is drawn once: `data.shared`."""

    def __post_init__(self):
        if len(self.alt) < LEAST_ALT:
            raise ValueError(
                f"alt {self.alt!r}: expected at least {LEAST_ALT} characters that say what the "
                "chart shows"
            )

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the chart with matplotlib, to look at it or to change it.

        Parameters
        ----------
        axes
            Where to draw; by default a new figure, which Lab shows below the cell.
        """
        if axes is not None:
            return self.draw(axes)
        from matplotlib import pyplot, rc_context  # noqa: PLC0415 (only exploring needs a window)

        with rc_context(theme()):
            _, axes = pyplot.subplots(figsize=(WIDE_IN, self.height_in), layout="constrained")
            return self.draw(axes)

    def svg(self, narrow: bool = False) -> str:
        """Draw the chart as an `<svg>` element, for a wide screen or a narrow one."""
        if narrow:
            height_in = self.narrow_height_in or self.height_in
            return self._drawing(NARROW_IN, height_in, "narrow-chart")
        return self._drawing(WIDE_IN, self.height_in, "wide-chart")

    def _drawing(self, width_in: float, height_in: float, css_class: str) -> str:
        """Draw the chart at one size, with the class by which style sheets know it."""
        draw = self.keep(draw_svg) if self.keep else draw_svg
        return draw(self, page_words(), width_in, height_in, css_class)

    def html(self) -> str:
        """Show both drawings as one figure; a page hides the one that does not fit."""
        return self._around(f"{self.svg()}\n{self.svg(narrow=True)}")

    def wide_html(self) -> str:
        """Show the wide drawing alone, for what is drawn again and again."""
        return self._around(self._drawing(WIDE_IN, self.height_in, "only-chart"))

    def _around(self, drawings: str) -> str:
        """Put title, measure, note and data around the drawings."""
        address = f"data:text/csv;charset=utf-8,{quote(csv_text(self.data))}"
        return parts().chart(
            self.title, self.measure, drawings, self.note, address, f"{self._slug()}.csv"
        )

    def _slug(self) -> str:
        """Make a file name of the first words of the title."""
        words = re.findall(r"[a-z0-9]+", plain(self.title).lower())
        return shorten(" ".join(words), LONGEST_SLUG, placeholder="").replace(" ", "_") or "chart"

    def text(self) -> str:
        """Give the title and what the chart shows."""
        return plain(f"{self.title}\n{self.alt}")

    def payload(self) -> dict:
        """Give title, measure and what the chart shows."""
        return {
            CHART: {
                "title": plain(self.title),
                "measure": plain(self.measure),
                "alt": plain(self.alt),
            }
        }


def draw_svg(
    chart: Chart, words: PageWords, width_in: float, height_in: float, css_class: str
) -> str:
    """Draw a chart at one size.

    Parameters
    ----------
    chart
        The chart.
    words
        The words of the page, `page_words()`: labels are written in them.
    width_in, height_in
        Its size, inches; it becomes higher where names of rows need it.
    css_class
        The class by which style sheets know the drawing.

    Returns
    -------
    str
        An `<svg>` element.
    """
    from matplotlib import rc_context  # noqa: PLC0415 (only drawing needs it)
    from matplotlib.figure import Figure  # noqa: PLC0415 (only drawing needs it)

    from .svg import svg_of  # noqa: PLC0415 (only drawing needs it)

    with rc_context(theme()):
        figure = Figure((width_in, height_in), dpi=PIXELS_PER_INCH, layout="constrained")
        chart.draw(figure.subplots())
        _say_in_page_words(figure)
        lay_out(figure)
        return svg_of(figure, css_class, plain(chart.alt))


class Charted:
    """A result that has a chart, which can be drawn on Axes of one's own."""

    def chart(self) -> Chart | None:
        """Give the chart; None where there is nothing to draw.

        Raises
        ------
        NotImplementedError
            If a result says that it has a chart and does not define one.
        """
        raise NotImplementedError

    def plot(self, axes: Axes | None = None) -> Axes | None:
        """Draw the chart on Axes, by default on a new figure; None where there is nothing to draw.

        It is there to be looked at, or to be changed.
        """
        chart = self.chart()
        return None if chart is None else chart.plot(axes)


def _say_in_page_words(figure: Figure) -> None:
    """Write the labels of a figure, names of rows among them, in the words of the page."""
    if page_words() == PageWords():  # in which they are written
        return
    from matplotlib.text import Text  # noqa: PLC0415 (only drawing needs it)
    from matplotlib.ticker import FuncFormatter  # noqa: PLC0415 (only drawing needs it)

    for text in figure.findobj(Text):
        text.set_text(in_page_words(text.get_text()))
    for axes in figure.axes:
        names = axes.yaxis.get_major_formatter()
        if isinstance(names, FuncFormatter):  # as names of rows have, and sums
            axes.yaxis.set_major_formatter(partial(_in_page_words_at, names))


def _in_page_words_at(names: Callable, value: float, position: int) -> str:
    """Return the name of a tick in the words of the page."""
    return in_page_words(names(value, position))


def lay_out(figure: Figure) -> None:
    """Give axes and labels their final places, once: drawing would do it three times.

    A figure whose names of rows would lie on one another becomes higher until they do not.
    """
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if not axis.label.get_text():
                axis.set_label_coords(0, 0)  # or else its place is looked for, which takes long
    engine = figure.get_layout_engine()
    engine.execute(figure)
    if _wrap_titles(figure):
        engine.execute(figure)
    stretch = max((_crowding(axes) for axes in figure.axes), default=1)
    if stretch > 1:
        figure.set_figheight(figure.get_figheight() * min(stretch, MOST_STRETCH))
        engine.execute(figure)
    figure.set_layout_engine("none")
    for axes in figure.axes:
        _lift_lowest_label(axes)
    spread_labels(figure)
    settle_labels(figure)


def _lift_lowest_label(axes: Axes) -> None:
    """Let a label at the foot of the y axis stand on the x axis, not astride it.

    Below it, in the corner, the first label of the x axis may begin.
    """
    for label in axes.get_yticklabels():
        box = label.get_window_extent()
        middle = (box.y0 + box.y1) / 2
        if label.get_text() and abs(middle - axes.bbox.y0) < box.height / 4:
            label.set_verticalalignment("bottom")


def _wrap_titles(figure: Figure) -> bool:
    """Break titles of horizontal axes that the figure's edge would cut; say if there were any."""
    wrapped = False
    for axes in figure.axes:
        title = axes.xaxis.label
        box = title.get_window_extent()
        is_cut = min(box.x0, figure.bbox.width - box.x1) < EDGE
        if title.get_text() and is_cut:
            letters = len(title.get_text()) * axes.bbox.width / box.width
            title.set_text(fill(title.get_text(), int(letters)))
            wrapped = True
    return wrapped


def _crowding(axes: Axes) -> float:
    """Return the height that names along the y axis need over that which they have."""
    labels = [label for label in axes.get_yticklabels() if label.get_text()]
    boxes = sorted((label.get_window_extent() for label in labels), key=lambda box: box.y0)
    if len(boxes) < 2:
        return 1
    # A name that stands above its row, set left, needs room for the row as well.
    room = ROOM_WITH_ROW if labels[0].get_ha() == "left" else ROOM
    needed = [room * (low.height + high.height) / 2 for low, high in pairwise(boxes)]
    middles = [(box.y0 + box.y1) / 2 for box in boxes]
    distances = [max(high - low, 1) for low, high in pairwise(middles)]
    return max(need / distance for need, distance in zip(needed, distances, strict=True))


def is_narrow(axes: Axes) -> bool:
    """Return whether Axes are drawn for a phone, with fewer ticks and shorter labels."""
    return axes.figure.get_figwidth() <= NARROW_IN


def csv_text(frame: pd.DataFrame) -> str:
    """Write a table as CSV, six significant digits, in which no cell is a formula."""
    texts = frame.select_dtypes(exclude=["number", "bool", "datetime"]).columns
    safe = cells_in_page_words(frame_in_page_currency(frame.copy()))
    for name in texts:
        safe[name] = safe[name].map(_without_formula)
    safe = safe.rename(columns=lambda name: _without_formula(in_page_words(str(name))))
    return safe.to_csv(index=False, lineterminator="\n", float_format=_six_digits)


def _six_digits(value: float) -> str:
    """Write a number with six significant digits and without an exponent, for people to read."""
    return np.format_float_positional(value, precision=6, fractional=False, trim="-")


def _without_formula(cell):
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    if isinstance(cell, str) and FORMULA.match(cell):
        return f"'{cell}"
    return cell
