"""Old ways to show things, until every notebook uses the parts of `parts` and `chart`."""

import io
from base64 import b64encode
from collections.abc import Mapping

import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from .chart import csv_text
from .panel import what_if
from .parts import ANSWER, QUANTITIES, Table, publish, say, show
from .wording import template

ENDS = ["estimate", "low", "high"]
CELLS = "cells.html.j2"
PIXELS_PER_INCH = 190  # drawn at about twice the size shown, so that it stays sharp on fine screens


def answer(headline: str, label: str, *bullets: str) -> None:
    """Show the answer box of before: headline, what it is, and sentences (or ValueError)."""
    if not bullets:
        raise ValueError("the answer box needs at least one sentence")
    data = {"headline": headline, "label": label, "bullets": list(bullets)}
    _show(template(CELLS).answer(**data), f"{headline} {label}", **{ANSWER: data})


def show_table(table: pd.DataFrame, caption: str) -> None:
    """Show a table, see `parts.Table`."""
    show(Table(table, caption))


def show_inputs(tables: Mapping[str, pd.DataFrame], settled: pd.DataFrame, checksum: str) -> None:
    """Show the data files with their rows, and the figures that are assumed or unknown."""
    rows = [
        (f"data/market/{name}.csv", len(table), np.sum(table.get("weak_source", 0)))
        for name, table in tables.items()
    ]
    files = pd.DataFrame(rows, columns=["file", "rows_used", "of_these_with_a_weak_source"])
    show_table(files, f"Data files used (checksum {checksum})")
    if len(settled):
        show_table(settled, "Figures of this launch that are assumed or unknown")


def show_figure(
    figure: Figure, alt: str, caption: str = "", data: pd.DataFrame | None = None
) -> None:
    """Show a figure as a picture with alternative text (or ValueError) and its data."""
    if len(alt) < 15:
        raise ValueError(
            f"alt text {alt!r}: expected at least 15 characters that say what the figure shows"
        )
    png, width, height = _drawn(figure)
    shown = {"alt": alt, "caption": caption, "width": width, "height": height}
    shown |= {} if data is None else {"csv": csv_text(data)}
    display({"image/png": png, "text/plain": alt}, raw=True, metadata={"image/png": shown})


def _drawn(figure: Figure) -> tuple[str, int, int]:
    """Draw the figure as PNG in base64, with width and height to show it at."""
    figure.set_dpi(PIXELS_PER_INCH)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # one drawing, where savefig would lay the figure out twice
    image = Image.fromarray(np.asarray(canvas.buffer_rgba()))
    return small_png(image, 128, optimize=True), image.width // 2, image.height // 2


def small_png(image: Image.Image, colours: int, **options) -> str:
    """Give the image as PNG in base64, in so few colours that its file is small."""
    file = io.BytesIO()
    reduced = image.convert("RGB").quantize(
        colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    )
    reduced.save(file, "PNG", **options)
    return b64encode(file.getvalue()).decode()


def _show(html: str, text: str, **more) -> None:
    display({"text/html": html, "text/plain": text, **more}, raw=True)
