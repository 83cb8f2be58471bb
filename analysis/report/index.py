"""Write the index: every report that is there, by subject and study, with its headline number and first figure."""

import json
import re
from itertools import groupby
from pathlib import Path

import jinja2

from . import ROOT, list_studies
from .study import publish

TEMPLATE = Path(__file__).parent / "template"


def write_index(out: Path) -> None:
    """Write out/index.html from the executed notebooks that have a page, and tell which they are by their own metadata.

    Title and opening sentence are the README's: its first heading and first paragraph.
    """
    executed = [page.with_suffix(".ipynb") for page in sorted(out.rglob("*.html"))]
    told = [json.loads(path.read_text(encoding="utf-8"))["metadata"]["report"] for path in executed if path.exists()]
    reports = [{"summary": ""} | report for report in told]  # one that could not be made anew may be older than this field
    studies = list_studies()
    reports.sort(key=lambda r: (r["order"], r["subject"], studies.index(r["name"].rsplit("/", 1)[-1])))
    subjects = [
        {"name": name, "detail": detail, "summary": summary, "reports": list(group)}
        for (name, detail, summary), group in groupby(reports, key=lambda r: (r["subject"], r["detail"], r["summary"]))
    ]
    title, lead = re.match(r"# (.+)\n\n((?:.+\n)+)", (ROOT / "README.md").read_text(encoding="utf-8")).groups()
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATE), autoescape=True)  # every name is shown as text
    page = environment.get_template("reports.html.j2").render(
        title=title.strip(), lead=re.sub(r"[*`]", "", " ".join(lead.split())), subjects=subjects,
        style=(TEMPLATE / "page.css").read_text(encoding="utf-8"),
    )  # fmt: skip
    (out / ".work").mkdir(exist_ok=True)
    publish(out / "index.html", page, out / ".work")
