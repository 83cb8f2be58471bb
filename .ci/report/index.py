"""Write the index: every report that is there, by subject and study, with its headline number and first figure."""

import json
import re
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import jinja2

from . import ROOT, TEMPLATE, list_studies
from .study import publish


def write_index(out: Path) -> None:
    """Write out/index.html from the executed notebooks that have a page, and tell which they are by their own metadata.

    Title and opening sentence are the README's: its first heading and first paragraph.
    """
    executed = [page.with_suffix(".ipynb") for page in sorted(out.rglob("*.html"))]
    told = [json.loads(path.read_text(encoding="utf-8"))["metadata"]["report"] for path in executed if path.exists()]
    reports = [{"summary": ""} | report for report in told]  # one that could not be made anew may be older than this field
    studies = [*list_studies()]
    reports.sort(key=lambda r: (r["order"], r["subject"], studies.index(r["name"].rsplit("/", 1)[-1])))
    subjects = [(*one, list(group)) for one, group in groupby(reports, itemgetter("subject", "detail", "summary"))]
    title, lead = re.match(r"# (.+)\n\n((?:.+\n)+)", (ROOT / "README.md").read_text(encoding="utf-8")).groups()
    names = {"title": title.strip(), "lead": re.sub(r"[*`]", "", " ".join(lead.split())), "subjects": subjects}
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATE), autoescape=True)  # every name is shown as text
    publish(out / "index.html", environment.get_template("reports.html.j2").render(names), out / ".work")
