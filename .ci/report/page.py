"""Render executed notebooks as self-contained HTML pages, the same for the same inputs, and the index of those there are."""

import io
import json
import os
import re
from base64 import b64decode
from dataclasses import asdict
from functools import cache, partial
from importlib.metadata import version
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import jinja2
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.exporters import TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from PIL import Image

from analysis.look.cells import ANSWER, QUANTITIES, small_png
from analysis.look.wording import emphasise

from . import ROOT, TEMPLATE, Preparation, list_studies

PACKAGES = ["pandas", "statsmodels", "seaborn", "papermill", "nbconvert"]


def render_page(name: str, notebook, prepared: Preparation, known: dict) -> tuple[str, object]:
    """Give the page of an executed notebook, and the notebook itself without clocks, durations and process numbers."""
    clean(notebook)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    page = {"name": name, "question": take_title(notebook), "known": known, **asdict(prepared)}
    page["contents"] = [
        {"text": heading, "anchor": anchor(heading)}
        for heading in re.findall(r"^## (.+)$", text, re.M)
    ]
    page["versions"] = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    page["style"] = (TEMPLATE / "page.css").read_text(encoding="utf-8")
    html, _ = TemplateExporter.from_notebook_node(exporter(), notebook, resources={"page": page})
    told = {
        "name": name,
        "question": page["question"],
        "thumbnail": thumbnail(notebook),
        "headline": "",
        "label": "",
    }
    told["quantities"] = {
        key: value
        for output in outputs_of(notebook, QUANTITIES)
        for key, value in output.data[QUANTITIES].items()
    }
    for output in outputs_of(notebook, ANSWER)[:1]:
        told |= {"headline": output.data[ANSWER]["headline"], "label": output.data[ANSWER]["label"]}
    notebook.metadata["report"] = asdict(prepared) | told
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
                output["text"] = re.sub(
                    r"\S*ipykernel_\d+/\d+\.py:\d+: ", "", output["text"]
                ).replace(f"{ROOT}/", "")


def take_title(notebook) -> str:
    """Cut the question, the first cell's `# ` line, out of the notebook's body: the page has its own heading."""
    first = notebook.cells[0]
    if not (found := re.match(r"# (.+)\n?", first.source)):
        raise ValueError("the notebook's first cell does not open with '# ' and its question")
    first.metadata["report_body"] = first.source[found.end() :].strip()
    return found[1].strip()


def anchor(heading: str) -> str:
    """The id of a heading: its words in lower case, joined by hyphens."""
    return "-".join(re.findall(r"\w+", heading.lower()))


def outputs_of(notebook, mime: str) -> list:
    """The outputs of the notebook that hold data of this type, in their order."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output for output in outputs if mime in output.get("data", {})]


def thumbnail(notebook, width: int = 320) -> dict:
    """The first figure as a small PNG in base64 with its alternative text and size, for the index; empty if there is none."""
    for output in outputs_of(notebook, "image/png")[:1]:
        image = Image.open(io.BytesIO(b64decode(output.data["image/png"]))).convert("RGB")
        image.thumbnail((width, width))
        told = {
            "alt": output.metadata["image/png"]["alt"],
            "width": image.width,
            "height": image.height,
        }
        return told | {"png": small_png(image, 64, optimize=True)}
    return {}


class HouseRenderer(IPythonRenderer):
    """Markdown with formulas as MathML, and headings without link marks."""

    inline_math = staticmethod(convert)
    block_math = staticmethod(partial(convert, display="block"))

    def heading(self, text, level, **_):
        return f'<h{level} id="{anchor(text)}">{text}</h{level}>\n'


@cache
def exporter() -> HTMLExporter:
    """An exporter with our template; called as the plain one it builds on: its own last step slowly adds what our page has."""
    filters = {
        "markdown2html": lambda text: MarkdownWithMath(renderer=HouseRenderer(escape=False)).render(
            text
        ),
        "emphasise": emphasise,
        "highlight_code": Highlight2HTML(pygments_lexer="ipython3"),
    }
    return HTMLExporter(
        template_name=TEMPLATE.name, extra_template_basedirs=[str(TEMPLATE.parent)], filters=filters
    )


def publish(path: Path, text: str, work: Path) -> None:
    """Write a file whole under another name on the same disk, then give it its own name in one step."""
    work.mkdir(parents=True, exist_ok=True)
    part = work / f"{path.parent.name}.{path.name}.part"
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def read_reports(out: Path) -> list[dict]:
    """What the executed notebooks that have a page tell of themselves; one that could not be made anew may be older than a field."""
    executed = [page.with_suffix(".ipynb") for page in sorted(out.rglob("*.html"))]
    told = [
        json.loads(path.read_text(encoding="utf-8"))["metadata"]["report"]
        for path in executed
        if path.exists()
    ]
    return [{"summary": "", "quantities": {}} | report for report in told]


def write_index(out: Path) -> None:
    """Write out/index.html from the executed notebooks that have a page; title and first paragraph are the README's."""
    reports = read_reports(out)
    studies = [*list_studies()]
    reports.sort(
        key=lambda r: (r["order"], r["subject"], studies.index(r["name"].rsplit("/", 1)[-1]))
    )
    subjects = [
        (*one, list(group))
        for one, group in groupby(reports, itemgetter("subject", "detail", "summary"))
    ]
    title, lead = re.match(
        r"# (.+)\n\n((?:.+\n)+)", (ROOT / "README.md").read_text(encoding="utf-8")
    ).groups()
    names = {
        "title": title.strip(),
        "lead": re.sub(r"[*`]", "", " ".join(lead.split())),
        "subjects": subjects,
    }
    names["claims"] = (out / "claims.html").exists()
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATE), autoescape=True
    )  # every name is shown as text
    publish(
        out / "index.html", environment.get_template("reports.html.j2").render(names), out / ".work"
    )
