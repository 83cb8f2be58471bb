"""A page for each study that says how it works: what is the same for every subject stands once.

Its text is notebooks/methods/<study>.md, whose first line, "# ...", is the title; below it stands
what the study's notebook says of each of its sections, and what cells of it showed that show the
same for every subject.
"""

import re
from pathlib import Path

import markupsafe
import nbformat

from . import ReportError, list_methods, list_notebooks, study_of
from .folder import publish
from .index import page_templates, read_reports
from .page import explained_headings, render_markdown


def write_methods(out: Path) -> None:
    """Write out/methods/<study>.html for each text there is, with links to the study's reports."""
    for page, html in render_methods(out, read_reports(out)).items():
        publish(out, page, html)


def methods_of_reports(out: Path, names: list[str]) -> dict[str, bytes]:
    """Give the pages on the methods of some reports alone, each with links to these alone."""
    reports = [report for report in read_reports(out) if report["name"] in names]
    of_their_studies = {f"methods/{study_of(name)}.html" for name in names}
    pages = render_methods(out, reports)
    return {page: html.encode() for page, html in pages.items() if page in of_their_studies}


def render_methods(out: Path, reports: list[dict]) -> dict[str, str]:
    """Render the page of each text there is, by its address, with links to some reports.

    Parameters
    ----------
    out
        The folder of reports.
    reports
        What those that a page may name tell of themselves.
    """
    template = page_templates().get_template("methods.html.j2")
    notebooks, pages = list_notebooks(), {}
    for study, path in list_methods().items():
        own = [report for report in reports if study_of(report["name"]) == study]
        executed = out / f"{own[0]['name']}.ipynb" if own else None
        notebook = notebooks[study]
        text = path.read_text(encoding="utf-8")
        title = re.match(r"# (.+)\n", text)
        if not title:
            raise ReportError(f"{path.name}: line 1 is no '# ' with the title of the page")
        pages[f"methods/{study}.html"] = template.render(
            title=title[1].strip(),
            body=markupsafe.Markup(render_markdown(text[title.end() :])),
            sections=[
                {"heading": one.heading, "anchor": one.anchor, "html": markupsafe.Markup(one.html)}
                for one in explained_headings(nbformat.read(executed or notebook, as_version=4))
            ],
            reports=own,
        )
    return pages
