"""The index: every report that has a page, by subject, with its answer and first figure."""

import json
import re
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import jinja2

from . import ROOT, TEMPLATE, list_notebooks
from .folder import MARK, ReportsFolder, publish
from .page import security_policy


def page_templates() -> jinja2.Environment:
    """Give the templates of pages that are no notebook; every name is shown as text."""
    loader = jinja2.FileSystemLoader(TEMPLATE)
    templates = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    templates.globals |= {"mark": jinja2.utils.markupsafe.Markup(MARK), "policy": security_policy()}
    return templates


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


def write_index(out: Path) -> None:
    """Write out/index.html from executed notebooks; title and first paragraph are the README's."""
    place_of_study = {study: place for place, study in enumerate(list_notebooks())}

    def order(report: dict) -> tuple:
        study = report["name"].rsplit("/", 1)[-1]
        return report["order"], report["subject"], place_of_study.get(study, len(place_of_study))

    reports = sorted(read_reports(out), key=order)
    subjects = [
        (subject, detail, summary, list(group))
        for (subject, detail, summary), group in groupby(
            reports, itemgetter("subject", "detail", "summary")
        )
    ]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    title, lead = re.match(r"# (.+)\n\n((?:.+\n)+)", readme).groups()
    page = page_templates().get_template("reports.html.j2")
    text = page.render(
        title=title.strip(),
        lead=re.sub(r"[*`]", "", " ".join(lead.split())),
        subjects=subjects,
        claims=(out / "claims.html").exists(),
    )
    publish(out, "index.html", text)
