"""Run parameterised notebooks and render each as a page; this room knows nothing of phones.

`python -m analysis.report` makes the reports that are out of date, then the index and the page
of statements. What there is to report on, with which parameters and from which files, it learns
from the functions that its command line names (see `__main__`). Of the other rooms it imports
`look` alone.

How a sentence gets from a notebook to the pages: the cell tagged `answer` ends in a
`look.FirstScreen`, which a room of a question writes in its `study.py`. Jupyter shows it as HTML
and, beside it, as data. `page` takes the question out of the data for the title of the page, and
the bold answer is the cell's own HTML. `page.describe` keeps question and answer in the metadata
of the executed notebook, from which `index` writes the card of the report.

Order of reading: `__main__` (the command), `listing` (what there is to make), `freshness` (what
is out of date), `folder` (what of the folder of reports is ours), `workers` (several reports at
a time), `progress` (in which turn, and how long it may take), `elsewhere` (the same on other
machines), `process` (what processes have around them), `one_report`, `shell` (what runs cells),
`page`, and at last `index`, `methods`, `statements` and `verdicts` (what the page of statements
opens with). Apart stands `lab`: what JupyterLab saves of a notebook.
"""

from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
METHODS = NOTEBOOKS / "methods"
TEMPLATE = Path(__file__).parent / "template"


class ReportError(Exception):
    """A report cannot be made; the text says where and why."""


@dataclass(frozen=True)
class Preparation:
    """What a report is run with and how its page names it; fields of the dict of `prepare`."""

    parameters: dict
    subject: str = ""  # the name of what is studied
    detail: str = ""  # where and when
    summary: str = ""  # one sentence for the index
    order: str = ""  # the index sorts by it
    studies: dict[str, str] = field(default_factory=dict)  # of this subject: name by study
    footer: tuple[str, ...] = ()
    files: tuple[str, ...] = ()  # data files of this report alone, as paths below the project


def study_of(name: str) -> str:
    """Give the study of a report by its name, "subject/study" or "study" alone."""
    return name.rpartition("/")[2]


def subject_of(name: str) -> str:
    """Give the subject of a report by its name; "" for one without."""
    return name.rpartition("/")[0]


def list_notebooks() -> dict[str, Path]:
    """Give the notebook of each study, notebooks/<digit>_<study>.ipynb, by study in their order."""
    return {path.stem.split("_", 1)[1]: path for path in sorted(NOTEBOOKS.glob("[0-9]_*.ipynb"))}


def list_methods() -> dict[str, Path]:
    """Give the text on the method of each study that has one, notebooks/methods/<study>.md."""
    texts = {study: METHODS / f"{study}.md" for study in list_notebooks()}
    return {study: path for study, path in texts.items() if path.is_file()}


def list_site_pages() -> list[str]:
    """Give the pages beside the reports: the index, the page of statements, a page a method."""
    return ["index.html", "claims.html", *(f"methods/{study}.html" for study in list_methods())]
