"""Run parameterised notebooks with papermill and render them to self-contained HTML pages. Knows nothing of phones."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
TEMPLATE = Path(__file__).parent / "template"


class ReportError(Exception):
    """A report cannot be made; the text says where and why."""


@dataclass(frozen=True)
class Preparation:
    """What a report is run with and how its page names it; made of the dictionary that the caller's `prepare` gives."""

    parameters: dict
    subject: str = ""  # the name of what is studied
    detail: str = ""  # where and when
    summary: str = ""  # one sentence for the index
    order: str = ""  # the index sorts by it
    footer: tuple[str, ...] = ()


def list_studies() -> dict[str, Path]:
    """The notebook of each study, notebooks/<digit>_<study>.ipynb, in their order."""
    return {path.stem.split("_", 1)[1]: path for path in sorted(NOTEBOOKS.glob("[0-9]_*.ipynb"))}
