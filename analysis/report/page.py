"""Render an executed notebook as one self-contained HTML page that is the same for the same inputs."""

import io
import re
from base64 import b64decode, b64encode
from functools import cache
from importlib.metadata import version
from pathlib import Path

from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.exporters import TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from PIL import Image

from . import ROOT, Preparation
from .cells import ANSWER, emphasise

FOLDER = Path(__file__).parent
PACKAGES = ["pandas", "statsmodels", "seaborn", "papermill", "nbconvert"]
HIDDEN_TAGS = {"parameters", "injected-parameters", "setup", "checks"}


def render_page(name: str, notebook, prepared: Preparation, known: dict) -> tuple[str, object]:
    """Give the page of an executed notebook, and the notebook itself without clocks, durations and process numbers."""
    clean(notebook)
    named = {"question": take_title(notebook), "subject": prepared.subject, "detail": prepared.detail}
    page = named | {
        "index": "../" * name.count("/") + "index.html",
        "notebook": name.rsplit("/", 1)[-1] + ".ipynb",
        "parameters": parameters_in_force(known, prepared.parameters),
        "contents": contents(notebook),
        "footer": [*prepared.footer, ", ".join(f"{package} {version(package)}" for package in PACKAGES)],
        "hidden": HIDDEN_TAGS,
        "style": (FOLDER / "template" / "page.css").read_text(encoding="utf-8"),
    }
    html, _ = TemplateExporter.from_notebook_node(exporter(), notebook, resources={"page": page})
    answers = [output.data[ANSWER] for output in outputs_of(notebook, ANSWER)] or [{"headline": "", "label": ""}]
    told = {"name": name, "order": prepared.order, "summary": prepared.summary, "parameters": prepared.parameters}
    told |= {"headline": answers[0]["headline"], "label": answers[0]["label"], "thumbnail": thumbnail(notebook)}
    notebook.metadata["report"] = named | told
    return html, notebook


def clean(notebook) -> None:
    """Take out whatever differs between two runs on the same inputs."""
    for part in (notebook, *notebook.cells):
        for passing in ("papermill", "widgets", "execution"):
            part.metadata.pop(passing, None)
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"
        for output in cell.get("outputs", []):
            if output.output_type == "stream":  # a warning names the kernel's process
                output["text"] = re.sub(r"\S*ipykernel_\d+/\d+\.py:\d+: ", "", output["text"]).replace(f"{ROOT}/", "")


def take_title(notebook) -> str:
    """Cut the question, the first cell's `# ` line, out of the notebook's body: the page has its own heading."""
    first = notebook.cells[0]
    if not (found := re.match(r"# (.+)\n?", first.source)):
        raise ValueError("the notebook's first cell does not open with '# ' and its question")
    first.metadata["report_body"] = first.source[found.end() :].strip()
    return found[1].strip()


def contents(notebook) -> list[dict]:
    """The second-level headings, with the anchors that the Markdown renderer gives them."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return [{"text": heading, "anchor": anchor(heading)} for heading in re.findall(r"^## (.+)$", text, re.M)]


def anchor(heading: str) -> str:
    """The id of a heading: its words in lower case, joined by hyphens."""
    return "-".join(re.findall(r"\w+", heading.lower()))


def parameters_in_force(known: dict, given: dict) -> list[dict]:
    """One row a parameter: its name, the value of this run, whether that is the default, and its meaning."""
    values = {name: repr(given[name]) if name in given else told["default"] for name, told in known.items()}
    return [{"name": n, "value": values[n], "given": n in given, "help": told["help"]} for n, told in known.items()]


def outputs_of(notebook, mime: str) -> list:
    """The outputs of the notebook that hold data of this type, in their order."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output for output in outputs if mime in output.get("data", {})]


def thumbnail(notebook, width: int = 320) -> dict:
    """The first figure as a small PNG in base64 with its alternative text and height, for the index; empty if there is none."""
    for output in outputs_of(notebook, "image/png")[:1]:
        image = Image.open(io.BytesIO(b64decode(output.data["image/png"]))).convert("RGB")
        image.thumbnail((width, width))
        small = io.BytesIO()
        image.quantize(64, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
        alt = output.metadata["image/png"]["alt"]
        return {"png": b64encode(small.getvalue()).decode(), "alt": alt, "width": image.width, "height": image.height}
    return {}


@cache
def exporter():
    """An HTML exporter with our template, formulas as MathML, and headings without link marks.

    Called as the plain template exporter it builds on: its own last step adds what our page has, as slowly as all the rest.
    """

    class HouseRenderer(IPythonRenderer):
        def heading(self, text, level, **_):
            return f'<h{level} id="{anchor(text)}">{text}</h{level}>\n'

        def inline_math(self, body):
            return convert(body)

        def block_math(self, body):
            return convert(body, display="block")

    made = HTMLExporter(template_name="template", extra_template_basedirs=[str(FOLDER)], embed_images=True)
    made.register_filter("markdown2html", lambda text: MarkdownWithMath(renderer=HouseRenderer(escape=False)).render(text))
    made.register_filter("emphasise", emphasise)
    made.register_filter("highlight_code", Highlight2HTML(pygments_lexer="ipython3", parent=made))
    return made
