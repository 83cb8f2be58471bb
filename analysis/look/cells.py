"""What a notebook's cells show: the answer box, sentences, figures with alternative text, tables. Same in Lab and in reports."""

import io
import os
from base64 import b64encode
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
ENDS = ["estimate", "low", "high"]
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
    rows, numeric = (
        [*table.itertuples(index=False)],
        [pd.api.types.is_numeric_dtype(table[column]) for column in table],
    )
    _show(template(CELLS).table(rows, [*table], numeric, caption), table.to_string(index=False))


def publish(unit: str, **quantities) -> None:
    """Publish what a study found by name, each an estimate or (estimate, low, high), to pages that set it beside other things; what
    is NaN is left out. Shows nothing."""
    told = {
        name: [*map(str, np.ravel(value).astype(float).tolist())]
        for name, value in quantities.items()
    }
    ends = {
        name: dict(zip(ENDS, [*found, "nan", "nan"], strict=False)) for name, found in told.items()
    }
    _show(
        "",
        "",
        **{
            QUANTITIES: {
                name: {"unit": unit} | end for name, end in ends.items() if end["estimate"] != "nan"
            }
        },
    )


def show_inputs(tables: Mapping[str, pd.DataFrame], settled: pd.DataFrame, checksum: str) -> None:
    """Show the data files with their rows, and the figures that are assumed or unknown, one a row."""
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
    """Show a figure once, with alternative text that says what it shows (at least 15 characters, or ValueError), its `data` as CSV."""
    if len(alt) < 15:
        raise ValueError(
            f"alt text {alt!r}: expected at least 15 characters that say what the figure shows"
        )
    png, width, height = _drawn(figure)
    shown = {"alt": alt, "caption": caption, "width": width, "height": height}
    shown |= (
        {}
        if data is None
        else {"csv": data.to_csv(index=False, lineterminator="\n", float_format="%.6g")}
    )
    display({"image/png": png, "text/plain": alt}, raw=True, metadata={"image/png": shown})


def _drawn(figure: Figure) -> tuple[str, int, int]:
    """The figure as PNG in base64, width and height to show it at."""
    figure.set_dpi(PIXELS_PER_INCH)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # one drawing, where savefig would lay the figure out twice
    image = Image.fromarray(np.asarray(canvas.buffer_rgba()))
    return small_png(image, 128, optimize=True), image.width // 2, image.height // 2


def what_if(
    question: str, measure: str, function: Callable[..., pd.DataFrame], **choices: Sequence
) -> None:
    """Show a slider for each choice, the middle value first, and what `function` makes of them (label, estimate, low, high) beside what
    it made of the first; in a report a table in which one choice after the other takes its other values."""
    first = {name: values[len(values) // 2] for name, values in choices.items()}
    if os.environ.get("STATIC_REPORT"):
        tried = [
            first,
            *(
                first | {name: one}
                for name, values in choices.items()
                for one in values
                if one != first[name]
            ),
        ]
        told = [
            {
                r.label: f"{number(r.estimate)} ({span(r.low, r.high)})"
                for r in function(**one).itertuples()
            }
            for one in tried
        ]
        return show_table(
            pd.DataFrame(tried).join(pd.DataFrame(told)),
            f"{question} {measure[:1].upper()}{measure[1:]}",
        )
    import ipywidgets  # noqa: PLC0415 (reports do without)

    options = {
        name: [(number(value), value) for value in values] for name, values in choices.items()
    }
    slider, style = ipywidgets.SelectionSlider, {"description_width": "initial"}
    sliders = {
        name: slider(description=name, options=options[name], value=one, style=style)
        for name, one in first.items()
    }
    before, picture = (
        function(**first).assign(focus=False),
        ipywidgets.HTML(),
    )  # an Output widget makes nbclient hang at times

    def redraw(_=None):
        now = function(**{name: slider.value for name, slider in sliders.items()}).assign(
            focus=True
        )
        ax = figures.new_axes(
            question, f"{measure}; grey: before a slider was moved", 1.6 + 0.4 * len(now)
        )
        drawn = _drawn(figures.plot_intervals(ax, pd.concat([now, before])).figure)
        picture.value = template(CELLS).picture(
            *drawn, now.drop(columns="focus").to_string(index=False)
        )

    for slider in sliders.values():
        slider.observe(redraw, "value")
    redraw()
    return display(ipywidgets.VBox([*sliders.values(), picture], _dom_classes=["what-if"]))


def small_png(image: Image.Image, colours: int, **options) -> str:
    """The image as PNG in base64, in so few colours: a chart needs no more, and its file shrinks to a third."""
    file = io.BytesIO()
    reduced = image.convert("RGB").quantize(
        colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    )
    reduced.save(file, "PNG", **options)
    return b64encode(file.getvalue()).decode()


def _show(html: str, text: str, **more) -> None:
    display({"text/html": html, "text/plain": text, **more}, raw=True)
