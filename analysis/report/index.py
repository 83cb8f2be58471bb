"""Write the index: every report that is there, by subject and study, with its headline number and first figure."""

import json
import re
from itertools import groupby
from pathlib import Path

import jinja2

from . import NOTEBOOKS, ROOT
from .study import publish

TEMPLATE = Path(__file__).parent / "template"


def write_index(out: Path) -> None:
    """Write out/index.html from the executed notebooks that have a page, and tell which they are by their own metadata.

    Title and opening sentence are the README's: its first heading and first paragraph.
    """
    reports = [_entry(page) for page in sorted(out.rglob("*.html")) if page.with_suffix(".ipynb").exists()]
    studies = [path.stem.split("_", 1)[1] for path in sorted(NOTEBOOKS.glob("[0-9]_*.ipynb"))]
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


def _entry(page: Path) -> dict:
    told = json.loads(page.with_suffix(".ipynb").read_text(encoding="utf-8"))["metadata"]["report"]
    return {"summary": ""} | told  # a page that could not be made anew may be older than this field
