"""What a notebook's cells show: the answer box, sentences, figures with alternative text, tables. Same in Lab and in reports."""

import io
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from . import figures
from .wording import emphasise, number, span, template

ANSWER = "application/vnd.research-report.answer+json"
QUANTITIES = "application/vnd.research-report.quantities+json"
CELLS = "cells.html.j2"
PIXELS_PER_INCH = 190  # drawn at about twice the size shown, so that it stays sharp on fine screens


def answer(headline: str, label: str, *bullets: str) -> None:
    """Show the answer box: headline, what it is, and at least one sentence (or ValueError); the index takes the first two."""
    if not bullets:
        raise ValueError("the answer box needs at least one sentence")
    data = {"headline": headline, "label": label, "bullets": list(bullets)}
    _show(template(CELLS).answer(**data), f"{headline} {label}", **{ANSWER: data})


def say(*sentences: str) -> None:
    """Show computed sentences as one paragraph; **words** between double asterisks become bold."""
    text = " ".join(sentences)
    _show(f"<p>{emphasise(text)}</p>", text)


def show_table(table: pd.DataFrame, caption: str) -> None:
    """Show a table that scrolls inside itself: numbers set right, what is missing as an en dash, addresses as links by host."""
    rows, numeric = [*table.itertuples(index=False)], [pd.api.types.is_numeric_dtype(table[column]) for column in table]
    _show(template(CELLS).table(rows, [*table], numeric, caption), table.to_string(index=False))


def publish(**quantities: tuple[float, float, float, str]) -> None:
    """Publish what a study found, name=(estimate, low, high, unit), both limits NaN without interval; other pages take it from here."""
    table = pd.DataFrame(quantities, ["estimate", "low", "high", "unit"]).T.rename_axis("name").reset_index()
    data = {
        name: {"estimate": str(e), "low": str(low), "high": str(high), "unit": u} for name, e, low, high, u in table.to_numpy()
    }
    html = template(CELLS).quantities(table.infer_objects().to_numpy().tolist())
    _show(html, table.to_string(index=False), **{QUANTITIES: data})


def show_inputs(tables: Mapping[str, pd.DataFrame], settled: pd.DataFrame, checksum: str) -> None:
    """Show the data files with their rows, and the figures that are assumed or unknown, one a row."""
    rows = [(f"data/market/{name}.csv", len(table), np.sum(table.get("weak_source", 0))) for name, table in tables.items()]
    files = pd.DataFrame(rows, columns=["file", "rows_used", "of_these_with_a_weak_source"])
    show_table(files, f"Data files used (checksum {checksum})")
    if len(settled):
        show_table(settled, "Figures of this launch that are assumed or unknown")


def show_figure(figure: Figure, alt: str, caption: str = "", data: pd.DataFrame | None = None) -> None:
    """Show a figure once, with alternative text that says what it shows (at least 15 characters, or ValueError); a page offers its
    `data` as a CSV file."""
    if len(alt) < 15:
        raise ValueError(f"alt text {alt!r}: expected at least 15 characters that say what the figure shows")
    image = _drawn(figure, PIXELS_PER_INCH)
    shown = {"alt": alt, "caption": caption, "width": image.width // 2, "height": image.height // 2}
    shown |= {} if data is None else {"csv": data.to_csv(index=False, lineterminator="\n", float_format="%.6g")}
    display({"image/png": small_png(image, 128), "text/plain": alt}, raw=True, metadata={"image/png": shown})


def what_if(question: str, measure: str, function: Callable[..., pd.DataFrame], **choices: Sequence) -> None:
    """Show a slider for each choice, the middle value first, and what `function` makes of them (label, estimate, low, high) beside what
    it made of the first; in a report a table in which one choice after the other takes its other values."""
    first = {name: values[len(values) // 2] for name, values in choices.items()}
    if os.environ.get("STATIC_REPORT"):
        tried = [first, *(first | {name: one} for name, values in choices.items() for one in values if one != first[name])]
        told = [
            one | {r.label: f"{number(r.estimate)} ({span(r.low, r.high)})" for r in function(**one).itertuples()}
            for one in tried
        ]
        return show_table(pd.DataFrame(told), f"{question} {measure[:1].upper()}{measure[1:]}")
    import ipywidgets as widgets  # noqa: PLC0415 (reports do without)

    before, picture = function(**first).assign(focus=False), widgets.Image(format="png", layout={"max_width": "760px"})
    style = {"style": {"description_width": "12em"}, "layout": {"width": "32em"}}
    sliders = {name: widgets.SelectionSlider(options=[(number(v), v) for v in values], value=first[name],
               description=name.replace("_", " "), **style) for name, values in choices.items()}  # fmt: skip

    def redraw(*_):
        now = function(**{name: slider.value for name, slider in sliders.items()}).assign(focus=True)
        ax = figures.new_axes(question, f"{measure}; grey: before a slider was moved", 1.6 + 0.4 * len(now))
        figures.plot_intervals(ax, pd.concat([now, before]))
        picture.value = b64decode(small_png(_drawn(ax.figure, 100), 128))

    for slider in sliders.values():
        slider.observe(redraw, "value")
    redraw()
    display(widgets.VBox([*sliders.values(), picture]))


def _drawn(figure: Figure, dpi: int) -> Image.Image:
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # one drawing, where savefig would lay the figure out twice
    return Image.fromarray(np.asarray(canvas.buffer_rgba()))


def small_png(image: Image.Image, colours: int, **options) -> str:
    """The image as PNG in base64, in so few colours: a chart needs no more, and its file shrinks to a third."""
    file = io.BytesIO()
    reduced = image.convert("RGB").quantize(colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    reduced.save(file, "PNG", **options)
    return b64encode(file.getvalue()).decode()


def _show(html: str, text: str, **more) -> None:
    display({"text/html": html, "text/plain": text, **more}, raw=True)
