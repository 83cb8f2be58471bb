"""The index: an opening that others write, and every report that has a page, with its answer."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from analysis.look import Trust, emphasise, for_page, keep_names_together, trust_in_words

from . import ROOT, TEMPLATE, list_notebooks, study_of, subject_of
from .folder import MARK, ReportsFolder, publish
from .page import security_policy


@dataclass(frozen=True)
class Subject:
    """What the index lists of one subject: its name, where and when, a sentence, its reports."""

    name: str
    detail: str
    summary: str
    reports: list[dict]


def page_templates() -> jinja2.Environment:
    """Give the templates of pages that are no notebook; every name is shown as text."""
    loader = jinja2.FileSystemLoader(TEMPLATE)
    templates = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    templates.globals |= {"mark": Markup(MARK), "policy": security_policy()}
    templates.filters |= {
        "keep_names_together": keep_names_together,
        "emphasise": emphasise,
        "link_statements": link_statements,
        "trust_in_words": trust_in_words,
    }
    return templates


def link_statements(text: str) -> Markup:
    """Give a note as HTML in which a statement that it names, such as c016, is a link to it.

    >>> link_statements("whether it came is c016")
    Markup('whether it came is <a href="#C016">C016</a>')
    """
    return Markup(re.sub(r"\bc(\d{3})\b", r'<a href="#C\1">C\1</a>', str(escape(text))))


def read_reports(out: Path) -> list[dict]:
    """Read what the executed notebooks of all reports that have a page tell of themselves.

    Returns
    -------
    list of dict
        Of each report what `page.describe` puts into its notebook, and `old`: whether the last
        try to make it failed, so that its page is of before. One that is of an earlier version
        of this module may be older than a field.
    """
    folder = ReportsFolder(out)
    reports = []
    for name in filter(folder.has_page, sorted(folder.reports)):
        notebook = json.loads((out / f"{name}.ipynb").read_text(encoding="utf-8"))
        old = {"old": folder.reports[name].failed}
        reports.append(
            {"summary": "", "trust": "", "quantities": {}} | notebook["metadata"]["report"] | old
        )
    return reports


def write_index(out: Path, front: Callable[[list[dict]], dict] | None = None) -> None:
    """Write out/index.html from executed notebooks.

    Parameters
    ----------
    out
        The folder of reports.
    front
        Says what the page opens with, from what the reports tell of themselves: `title`,
        `sentences`, `trust` (level, because, would_settle), `chart` (as HTML, or ""), a table
        (`columns` and `rows` with `subject`, `name`, `cells`), `findings`, and the subjects that
        are listed `apart`. Without it the page opens with the README's title.
    """
    has_statements = (out / "claims.html").exists()
    index = render_index(read_reports(out), front, has_statements=has_statements)
    publish(out, "index.html", index)


def index_of_reports(out: Path, names: list[str]) -> bytes:
    """Give an index of some reports alone, with no word of others."""
    chosen = [report for report in read_reports(out) if report["name"] in names]
    return render_index(chosen).encode()


def render_index(
    reports: list[dict],
    front: Callable[[list[dict]], dict] | None = None,
    *,
    has_statements: bool = False,
) -> str:
    """Render the index of these reports; `front` as in `write_index`."""
    place_of_study = {study: place for place, study in enumerate(list_notebooks())}

    def order(report: dict) -> tuple:
        place = place_of_study.get(study_of(report["name"]), len(place_of_study))
        return report["order"], report["subject"], place

    reports = sorted(reports, key=order)
    question, lead = read_question()
    opening = {"title": question, "sentences": [lead], "rows": [], "findings": [], "apart": []}
    opening |= {"trust": {}, "chart": ""}
    if front:
        opening |= front(reports)
    if opening["trust"]:
        opening["trust"] = Markup(for_page(Trust(**opening["trust"]).html()))
    opening["chart"] = Markup(for_page(opening["chart"], lead=True))
    return (
        page_templates()
        .get_template("reports.html.j2")
        .render(
            question=question,
            opening=opening,
            groups=group_by_subject(reports, set(opening["apart"])),
            claims=has_statements,
        )
    )


def read_question() -> tuple[str, str]:
    """Give the README's title and its first paragraph, without marks of emphasis."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    title, lead = re.match(r"# (.+)\n\n((?:.+\n)+)", readme).groups()
    return title.strip(), re.sub(r"[*`]", "", " ".join(lead.split()))


def group_by_subject(reports: list[dict], apart: set[str]) -> dict[str, list[Subject]]:
    """Give the subjects with their reports under three heads: each, simulated, and of all."""
    groups: dict[str, list[Subject]] = {"subjects": [], "apart": [], "all": []}
    for (name, detail, summary), group in groupby(
        reports, itemgetter("subject", "detail", "summary")
    ):
        subject = Subject(name=name, detail=detail, summary=summary, reports=list(group))
        folder = subject_of(subject.reports[0]["name"])
        kind = "all" if not folder else "apart" if folder in apart else "subjects"
        groups[kind].append(subject)
    return groups
