"""What a notebook's cells show: the answer box, sentences, figures with alternative text, tables. Same in Lab and in reports."""

import io
import re
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from ..wording import exact

ANSWER = "application/vnd.research-report.answer+json"
PIXELS_PER_INCH = 190  # drawn at about twice the size shown, so that it stays sharp on fine screens
COLOURS = 128  # a chart needs no more, and its file shrinks to a third


def emphasise(text: str) -> str:
    """Escape text for HTML; **words** between double asterisks become bold."""
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(text))


def answer(headline: str, label: str, *bullets: str) -> None:
    """Show the answer box: headline, what it is, and at least one sentence (or ValueError); the index takes the first two."""
    if not bullets:
        raise ValueError("the answer box needs at least one sentence")
    items = "".join(f"<li>{emphasise(bullet)}</li>" for bullet in bullets)
    head = f'<p class="headline"><strong>{escape(headline)}</strong> <span>{escape(label)}</span></p>'
    box = f'<div class="answer">{head}<p class="in-short">In short</p><ul>{items}</ul></div>'
    data = {"headline": headline, "label": label, "bullets": list(bullets)}
    display({"text/html": box, ANSWER: data, "text/plain": f"{headline} {label}"}, raw=True)


def say(*sentences: str) -> None:
    """Show computed sentences as one paragraph; **words** between double asterisks become bold."""
    text = " ".join(sentences)
    display({"text/html": f"<p>{emphasise(text)}</p>", "text/plain": text}, raw=True)


def show_figure(figure: Figure, alt: str, caption: str = "") -> None:
    """Show a figure once, with alternative text that says what it shows (at least 15 characters, or ValueError)."""
    if len(alt) < 15:
        raise ValueError(f"alt text {alt!r}: expected at least 15 characters that say what the figure shows")
    figure.set_dpi(PIXELS_PER_INCH)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # one drawing, where savefig would lay the figure out twice
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    small = io.BytesIO()
    image.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(small, "PNG")
    shown = {"alt": alt, "caption": caption, "width": image.width // 2, "height": image.height // 2}
    data = {"image/png": b64encode(small.getvalue()).decode(), "text/plain": alt}
    display(data, raw=True, metadata={"image/png": shown})


def html_table(table: pd.DataFrame, caption: str) -> str:
    """Write a table as HTML that scrolls inside itself when it is wide; addresses become links named by their host."""
    if table.empty:
        return f"<p><strong>{escape(caption)}</strong>: nothing on file.</p>"
    numeric = [pd.api.types.is_numeric_dtype(table[column]) for column in table]
    head = "".join(f'<th scope="col">{escape(str(column).replace("_", " "))}</th>' for column in table)
    rows = "".join(f"<tr>{''.join(map(_cell, row, numeric))}</tr>" for row in table.itertuples(index=False))
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(caption)}"><table>'
        f"<caption>{emphasise(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def show_table(table: pd.DataFrame, caption: str) -> None:
    """Show a table with its caption; columns of numbers are set right, missing cells as an en dash."""
    display({"text/html": html_table(table, caption), "text/plain": table.to_string(index=False)}, raw=True)


def _cell(value: object, numeric: bool) -> str:
    if value is None or (not isinstance(value, (list, tuple)) and pd.isna(value)):
        return '<td class="number">–</td>' if numeric else "<td>–</td>"
    if isinstance(value, pd.Timestamp):
        return f'<td class="date">{value.date()}</td>'
    if isinstance(value, bool):
        return f"<td>{'yes' if value else 'no'}</td>"
    if numeric:
        return f'<td class="number">{exact(value)}</td>'
    if str(value).startswith(("https://", "http://")):
        return f'<td><a href="{escape(str(value))}">{escape(urlsplit(str(value)).netloc)}</a></td>'
    long = ' class="long"' if len(str(value)) > 60 else ""
    return f"<td{long}>{emphasise(str(value))}</td>"


def show_inputs(tables: Mapping[str, pd.DataFrame], settled: pd.DataFrame, checksum: str) -> None:
    """Show the data files with their rows, and the figures that are assumed or unknown, one a row."""
    rows = [(f"data/market/{name}.csv", len(table), np.sum(table.get("weak_source", 0))) for name, table in tables.items()]
    files = pd.DataFrame(rows, columns=["file", "rows_used", "of_these_with_a_weak_source"])
    show_table(files, f"Data files used (checksum {checksum})")
    if len(settled):
        show_table(settled, "Figures of this launch that are assumed or unknown")
