"""Render an executed notebook as a page that stands alone, the same bytes for the same inputs."""

import hashlib
import io
import re
from base64 import b64decode, b64encode
from dataclasses import asdict
from functools import cache, partial
from importlib.metadata import version

from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.exporters import TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from PIL import Image

from analysis.look.cells import ANSWER, QUANTITIES, small_png
from analysis.look.wording import emphasise

from . import ROOT, TEMPLATE, Preparation

PACKAGES = ["pandas", "statsmodels", "seaborn", "papermill", "nbconvert"]  # named on each page
THUMBNAIL_PIXELS = 320
THUMBNAIL_COLOURS = 64
LEFT_BY_A_RUN = ("papermill", "widgets", "execution")  # metadata that differ from run to run
KERNEL_PLACE = re.compile(r"\S*ipykernel_\d+/\d+\.py:\d+: ")  # how a warning names its cell


def render_page(
    name: str, notebook: NotebookNode, prepared: Preparation, known_parameters: dict
) -> str:
    """Render an executed notebook.

    Parameters
    ----------
    name
        The report's name, which is the page's address without ".html".
    notebook
        The notebook as run. Clocks, durations and process numbers are taken out of it, and what the
        index shows of the report is put into its metadata as "report".
    prepared
        What the notebook was run with.
    known_parameters
        What papermill knows of each parameter.

    Returns
    -------
    str
        The page.
    """
    remove_what_differs(notebook)
    script = (TEMPLATE / "page.js").read_text(encoding="utf-8")
    page = asdict(prepared) | {
        "name": name,
        "question": take_title(notebook),
        "known": known_parameters,
        "contents": list_contents(notebook),
        "versions": ", ".join(f"{package} {version(package)}" for package in PACKAGES),
        "style": (TEMPLATE / "page.css").read_text(encoding="utf-8"),
        "script": script,
        "policy": security_policy(script),
    }
    html, _ = TemplateExporter.from_notebook_node(exporter(), notebook, resources={"page": page})
    notebook.metadata["report"] = describe(name, page["question"], notebook, prepared)
    return html


def security_policy(script: str = "") -> str:
    """Give the Content-Security-Policy of a page: nothing is fetched, no script runs but this.

    Styles are allowed where they stand, because charts and tables carry their own; without
    pictures or fonts from elsewhere they can send nothing away.
    """
    rules = [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    if script:
        digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
        rules.append(f"script-src 'sha256-{digest}'")
    return "; ".join(rules)


def remove_what_differs(notebook: NotebookNode) -> None:
    """Take out whatever differs between two runs on the same inputs."""
    for part in (notebook, *notebook.cells):
        for word in LEFT_BY_A_RUN:
            part.metadata.pop(word, None)
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                text = KERNEL_PLACE.sub("", output["text"])
                output["text"] = text.replace(f"{ROOT}/", "")


def take_title(notebook: NotebookNode) -> str:
    """Cut the question, the first cell's `# ` line, out of the body: the page has a heading."""
    first = notebook.cells[0]
    title = re.match(r"# (.+)\n?", first.source)
    if not title:
        raise ValueError("the notebook's first cell does not open with '# ' and its question")
    first.metadata["report_body"] = first.source[title.end() :].strip()
    return title[1].strip()


def list_contents(notebook: NotebookNode) -> list[dict[str, str]]:
    """List the page's contents, text and anchor of each `## ` heading."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    headings = re.findall(r"^## (.+)$", "\n".join(texts), re.M)
    return [{"text": heading, "anchor": anchor(heading)} for heading in headings]


def anchor(heading: str) -> str:
    """Give the id of a heading: its words in lower case, joined by hyphens."""
    return "-".join(re.findall(r"\w+", heading.lower()))


def describe(name: str, question: str, notebook: NotebookNode, prepared: Preparation) -> dict:
    """Give what the index and the page of statements show of a report."""
    answers = data_of_outputs(notebook, ANSWER)
    answer = answers[0] if answers else {"headline": "", "label": ""}
    quantities = {}
    for published in data_of_outputs(notebook, QUANTITIES):
        quantities.update(published)
    return {
        "parameters": prepared.parameters,
        "subject": prepared.subject,
        "detail": prepared.detail,
        "summary": prepared.summary,
        "order": prepared.order,
        "footer": prepared.footer,
        "name": name,
        "question": question,
        "thumbnail": thumbnail(notebook),
        "headline": answer["headline"],
        "label": answer["label"],
        "quantities": quantities,
    }


def outputs_of(notebook: NotebookNode, mime: str) -> list[NotebookNode]:
    """Give the outputs of the notebook that hold data of this type, in their order."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output for output in outputs if mime in output.get("data", {})]


def data_of_outputs(notebook: NotebookNode, mime: str) -> list:
    """Give the data of this type of all outputs, in their order."""
    return [output.data[mime] for output in outputs_of(notebook, mime)]


def thumbnail(notebook: NotebookNode) -> dict:
    """Give the first figure as a small PNG in base64 with alternative text and size, or nothing."""
    figures = outputs_of(notebook, "image/png")
    if not figures:
        return {}
    png = b64decode(figures[0].data["image/png"])
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    return {
        "alt": figures[0].metadata["image/png"]["alt"],
        "width": image.width,
        "height": image.height,
        "png": small_png(image, THUMBNAIL_COLOURS, optimize=True),
    }


class PageRenderer(IPythonRenderer):
    """Markdown with formulas as MathML, and headings without link marks."""

    inline_math = staticmethod(convert)
    block_math = staticmethod(partial(convert, display="block"))

    def heading(self, text: str, level: int, **_) -> str:
        """Write a heading that the contents can lead to."""
        return f'<h{level} id="{anchor(text)}">{text}</h{level}>\n'


def _render_markdown(text: str) -> str:
    """Render markdown; HTML in it stays, and the page's policy keeps scripts from running."""
    return MarkdownWithMath(renderer=PageRenderer(escape=False)).render(text)


@cache
def exporter() -> HTMLExporter:
    """Give an exporter with our template.

    It is called as the plain exporter that it builds on: its own last step slowly adds what our
    page has already.
    """
    filters = {
        "markdown2html": _render_markdown,
        "emphasise": emphasise,
        "highlight_code": Highlight2HTML(pygments_lexer="ipython3"),
    }
    return HTMLExporter(
        template_name=TEMPLATE.name,
        extra_template_basedirs=[str(TEMPLATE.parent)],
        filters=filters,
    )
