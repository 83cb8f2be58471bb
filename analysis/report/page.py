"""Render an executed notebook as a page that stands alone, the same bytes for the same inputs."""

import re
from dataclasses import asdict, dataclass
from functools import cache
from html import escape
from importlib.metadata import version

from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.exporters import TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from analysis.look import (
    ANSWER,
    QUANTITIES,
    TRUST,
    emphasise,
    for_page,
    keep_names_together,
    trust_in_words,
)

from . import ROOT, TEMPLATE, Preparation, list_methods, study_of, subject_of
from .figure_words import name_figure, say
from .freshness import Digests, list_code

PACKAGES = ["numpy", "scipy", "pandas", "statsmodels", "seaborn"]  # named on each page
FIRST_SCREEN = {"answer", "lead", "facts", "trust"}  # tags of the cells that a page shows first
TRY_IT = "try-it"  # tag of cells that change an input and run again, which a page cannot
COMMON = "common"  # tag of cells whose output is the same for every subject of a study
HOW_MADE = "How this was made"  # the heading of the last section of every page
LEFT_BY_A_RUN = ("papermill", "widgets", "execution")  # metadata that differ from run to run
KERNEL_PLACE = re.compile(r"\S*ipykernel_\d+/\d+\.py:\d+: ")  # how a warning names its cell


@dataclass(frozen=True)
class Explanation:
    """What the page on a method says of one section of a study's reports."""

    heading: str
    texts: list[str]  # of the notebook, in markdown
    outputs: list[NotebookNode]  # of its cells that show what all subjects have in common

    def __bool__(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.outputs or any(text.strip() for text in self.texts))

    @property
    def anchor(self) -> str:
        """The id of its heading."""
        return anchor(self.heading)

    @property
    def html(self) -> str:
        """Its text, and below it what the cells showed."""
        shown = [output.data.get("text/html", "") for output in self.outputs if "data" in output]
        return render_markdown("\n\n".join(self.texts)) + "".join(map(for_page, shown))


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
    method = method_address(name)
    shown = leave_out_tries(notebook)
    if method and subject_of(name):
        shown = leave_out_what_is_common(shown)
    shown = leave_out_empty_sections(shown)
    page = asdict(prepared) | {
        "name": name,
        "question": question_of(notebook),
        "trust": trust_of(notebook),
        "introduction": introduction_of(shown),
        "first_cell": notebook.cells[0].get("id"),
        "first_screen_end": end_of_first_screen(notebook),
        "tabs": list_tabs(name, prepared.studies),
        "known": known_parameters,
        "contents": list_contents(shown),
        "method": method,
        "explained": explained_headings(notebook) if method else [],
        "has_how_made": HOW_MADE in headings_of(shown),
        "figures": published_figures(notebook),
        "versions": made_with(),
        "style": (TEMPLATE / "page.css").read_text(encoding="utf-8"),
        "policy": security_policy(),
    }
    html, _ = TemplateExporter.from_notebook_node(exporter(), shown, resources={"page": page})
    notebook.metadata["report"] = describe(name, page["question"], notebook, prepared)
    return html


@cache
def made_with() -> str:
    """Say of which code, and with which libraries, a page was made."""
    code = Digests(ROOT, {}).of_files(list_code(ROOT, "analysis"))[:12]
    libraries = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return f"Code checksum {code} (analysis/); {libraries}."


def method_address(name: str) -> str:
    """Give the address of the page on a report's method, seen from the report; "" without one."""
    study = study_of(name)
    return f"{'../' * name.count('/')}methods/{study}.html" if study in list_methods() else ""


def security_policy() -> str:
    """Give the Content-Security-Policy of a page: nothing is fetched, and no script runs.

    Styles are allowed where they stand, because charts and tables carry their own; without
    pictures or fonts from elsewhere they can send nothing away.
    """
    return "; ".join(
        [
            "default-src 'none'",
            "style-src 'unsafe-inline'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


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


def question_of(notebook: NotebookNode) -> str:
    """Give the question of a page: that of its first screen, or else the notebook's title."""
    title = re.match(r"# (.+)", notebook.cells[0].source)
    if not title:
        raise ValueError("the notebook's first cell does not open with '# ' and its question")
    answers = data_of_outputs(notebook, ANSWER)
    return (answers[0] if answers else {}).get("question") or title[1].strip()


def trust_of(notebook: NotebookNode) -> str:
    """Give how sure the answer of a page is, a level of `look.Trust`; "" where it does not say."""
    trusts = data_of_outputs(notebook, TRUST)
    return trusts[0]["level"] if trusts else ""


def introduction_of(notebook: NotebookNode) -> str:
    """Give what the first cell says below its title: who asks, and what the data are."""
    return notebook.cells[0].source.partition("\n")[2].strip()


def end_of_first_screen(notebook: NotebookNode) -> str:
    """Give the id of the last cell of answer, lead chart, facts and trust; "" if there is none."""
    first = [cell for cell in notebook.cells if FIRST_SCREEN & {*cell.metadata.get("tags", [])}]
    return first[-1].get("id") if first else ""


def list_tabs(name: str, studies: dict[str, str]) -> list[dict]:
    """List the studies of a subject: study, label, and whether it is the page's own."""
    return [
        {"study": study, "label": label, "here": study == study_of(name)}
        for study, label in studies.items()
    ]


def leave_out_tries(notebook: NotebookNode) -> NotebookNode:
    """Give the notebook without cells that only a reader with a kernel has a use for."""
    cells = [cell for cell in notebook.cells if TRY_IT not in cell.metadata.get("tags", [])]
    return NotebookNode({**notebook, "cells": cells})


def leave_out_what_is_common(notebook: NotebookNode) -> NotebookNode:
    """Give the notebook without what is the same for every subject.

    That stands once, on the page of the study's method: the text, of which headings stay here, and
    what cells tagged `COMMON` show.
    """
    cells = []
    for cell in notebook.cells:
        if COMMON in cell.metadata.get("tags", []):
            continue
        if cell.cell_type == "markdown":
            headings = [line for line in cell.source.splitlines() if line.startswith("#")]
            cells.append(NotebookNode({**cell, "source": "\n\n".join(headings)}))
        else:
            cells.append(cell)
    return NotebookNode({**notebook, "cells": cells})


def link_headings(html: str, page: dict) -> str:
    """Put a link behind each heading of a page that the page on its method explains."""
    if not subject_of(page["name"]):  # its text stands on the page itself
        return html
    for section in page["explained"]:
        place = f"{page['method']}#{section.anchor}"
        link = f' <a class="how" href="{escape(place)}">Method</a></h2>'
        start = f'<h2 id="{section.anchor}">'
        html = re.sub(
            f"({re.escape(start)}.*?)</h2>", lambda found, link=link: found[1] + link, html
        )
    return html


def explained_headings(notebook: NotebookNode) -> list[Explanation]:
    """List the sections of a notebook that have a text or show what all subjects have in common."""
    sections: list[Explanation] = []
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if TRY_IT in tags:
            continue
        if cell.cell_type == "markdown":
            for part in re.split(r"^(?=## )", cell.source, flags=re.M):
                heading, _, text = part.partition("\n")
                if heading.startswith("## "):
                    sections.append(Explanation(heading.removeprefix("## ").strip(), [text], []))
                elif sections and not part.startswith("#"):
                    sections[-1].texts.append(part)
        elif COMMON in tags and sections:
            sections[-1].outputs.extend(cell.get("outputs", []))
    return [section for section in sections if section and section.heading != HOW_MADE]


def leave_out_empty_sections(notebook: NotebookNode) -> NotebookNode:
    """Give the notebook without sections that have nothing to show for this subject.

    A section runs from a `## ` heading to the next one. Sections of text alone stay, and so does
    how the page was made.
    """
    sections, cells = [[]], notebook.cells
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            sections.append([])
        sections[-1].append(cell)
    shown = [cell for section in sections if not _is_empty(section) for cell in section]
    return NotebookNode({**notebook, "cells": shown})


def _is_empty(section: list[NotebookNode]) -> bool:
    """Say whether a section has neither text nor a cell that shows anything."""
    starts_page = not section or not section[0].source.startswith("## ")
    if starts_page or section[0].source.startswith(f"## {HOW_MADE}"):
        return False
    code = [cell for cell in section if cell.cell_type == "code"]
    texts = [cell.source for cell in section if cell.cell_type == "markdown"]
    if not code and re.sub(r"^#.*$", "", "\n".join(texts), flags=re.M).strip():
        return False
    return not any(_shows_something(output) for cell in code for output in cell.outputs)


def _shows_something(output: NotebookNode) -> bool:
    """Say whether an output can be seen: data that only other pages read cannot."""
    if output.output_type not in ("display_data", "execute_result"):
        return True
    return any(bool(value) for mime, value in output.data.items() if not mime.endswith("+json"))


def headings_of(notebook: NotebookNode) -> list[str]:
    """List the `## ` headings of a notebook."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return re.findall(r"^## (.+)$", "\n".join(texts), re.M)


def list_contents(notebook: NotebookNode) -> list[dict[str, str]]:
    """List the page's contents, text and anchor of each section; how it was made is the last."""
    headings = [heading for heading in headings_of(notebook) if heading != HOW_MADE]
    return [{"text": text, "anchor": anchor(text)} for text in [*headings, HOW_MADE]]


def anchor(heading: str) -> str:
    """Give the id of a heading: its words in lower case, joined by hyphens."""
    return "-".join(re.findall(r"\w+", heading.lower()))


def describe(name: str, question: str, notebook: NotebookNode, prepared: Preparation) -> dict:
    """Give what the index and the page of statements show of a report."""
    answers = data_of_outputs(notebook, ANSWER)
    return {
        "parameters": prepared.parameters,
        "subject": prepared.subject,
        "detail": prepared.detail,
        "summary": prepared.summary,
        "order": prepared.order,
        "footer": prepared.footer,
        "name": name,
        "question": question,
        "answer": answers[0]["answer"] if answers else "",
        "trust": trust_of(notebook),
        "quantities": quantities_of(notebook),
    }


def quantities_of(notebook: NotebookNode) -> dict[str, dict[str, str]]:
    """Give the figures that a notebook publishes for other pages, by name."""
    quantities = {}
    for published in data_of_outputs(notebook, QUANTITIES):
        quantities.update(published)
    return quantities


def published_figures(notebook: NotebookNode) -> list[dict[str, str]]:
    """Give the figures that other pages quote from a notebook, in the words in which they do."""
    return [
        {"what": name_figure(name), "value": say(quantity)}
        for name, quantity in quantities_of(notebook).items()
    ]


def data_of_outputs(notebook: NotebookNode, mime: str) -> list:
    """Give the data of this type of all outputs, in their order."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output.data[mime] for output in outputs if mime in output.get("data", {})]


class PageRenderer(IPythonRenderer):
    """Markdown with formulas as MathML, and headings without link marks."""

    inline_math = staticmethod(convert)

    @staticmethod
    def block_math(text: str) -> str:
        """Write a formula that scrolls inside itself where it is wider than the window."""
        formula = convert(text, display="block")
        scrolls = 'class="formula" role="region" tabindex="0" aria-label="Formula"'
        return f"<span {scrolls}>{formula}</span>"

    def heading(self, text: str, level: int, **_) -> str:
        """Write a heading that the contents can lead to."""
        return f'<h{level} id="{anchor(text)}">{text}</h{level}>\n'


def render_markdown(text: str) -> str:
    """Render markdown; HTML in it stays, and the page's policy keeps scripts from running."""
    return MarkdownWithMath(renderer=PageRenderer(escape=False)).render(text)


@cache
def exporter() -> HTMLExporter:
    """Give an exporter with our template.

    It is called as the plain exporter that it builds on: its own last step slowly adds what our
    page has already.
    """
    filters = {
        "markdown2html": render_markdown,
        "emphasise": emphasise,
        "trust_in_words": trust_in_words,
        "for_page": for_page,
        "keep_names_together": keep_names_together,
        "link_headings": link_headings,
        "highlight_code": Highlight2HTML(pygments_lexer="ipython3"),
    }
    return HTMLExporter(
        template_name=TEMPLATE.name,
        extra_template_basedirs=[str(TEMPLATE.parent)],
        filters=filters,
    )
