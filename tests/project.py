"""Copies of this project, small and whole, in which tests run commands as a user would."""

import atexit
import compileall
import copy
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from warm_python import warm_python

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 1800  # only so that what hangs ends: a busy machine may take its time

TOY = """\
import sys

sys.path[:0] = [".", ".."]
import pandas as pd

from analysis.data import load_launch
from analysis.look import COLOUR, Chart, FirstScreen, say, show

phone = load_launch(launch)
show(FirstScreen("", "1 phone.", f"A toy answer for **{phone.name}**, seed {seed}."))
"""
TOY_CHART = """\
def draw(axes):
    axes.plot([1, 2], color=COLOUR["demand"])
    return axes

data = pd.DataFrame({"x": [0, 1], "y": [1, 2]})
Chart("A toy line", "units", draw, "A toy line that rises from one to two.", data)"""


def toy_notebook(question: str, extra: str = "") -> dict:
    """A notebook with the parts every page needs, quick to run, and a cell of source `extra`."""
    sources = [
        'launch: str = "mi_9"  # the launch\nseed: int = 1  # seed of draws',
        TOY,
        TOY_CHART,
        *([extra] if extra else []),
    ]
    cells = [
        {
            "cell_type": "markdown",
            "id": "title",
            "metadata": {},
            "source": f"# {question}\n\nA toy.",
        }
    ]
    for i, source in enumerate(sources):
        tags = {"tags": ["parameters"]} if i == 0 else {}
        cells.append(
            {
                "cell_type": "code",
                "id": f"cell-{i}",
                "metadata": tags,
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
        )
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


def clean_environment() -> dict[str, str]:
    """The environment without what a `make test` above us leaves in it."""
    left = (
        "MAKEFLAGS",
        "MFLAGS",
        "MAKELEVEL",
        "MAKEOVERRIDES",
        "PY",
        "OUT",
        "JOBS",
        "LAUNCH",
        "NAME",
        "ARGS",
    )
    return {name: value for name, value in os.environ.items() if name not in left}


@functools.cache
def toy_pattern() -> Path:
    """A folder with what every toy project has, its modules compiled; made once a process."""
    folder = tempfile.TemporaryDirectory(prefix="toy-pattern-")
    atexit.register(folder.cleanup)
    pattern = Path(folder.name)
    ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for name in ("analysis", "data", ".ci"):
        shutil.copytree(ROOT / name, pattern / name, ignore=ignore)
    for name in ("Makefile", "README.md", "environment.yml", "environment.lock"):
        shutil.copy2(ROOT / name, pattern / name)
    for launch in (pattern / "data" / "launches").glob("*.yaml"):
        if launch.stem not in ("mi_9", "mi_mix"):
            launch.unlink()
    compileall.compile_dir(pattern / "analysis", quiet=1)
    return pattern


class Project:
    """A copy of this project with toy notebooks and two launches; commands run as a user's do."""

    @property
    def python(self) -> str:
        """The program that `make` runs as Python: one that has the libraries imported already."""
        return warm_python()

    def __init__(self, folder: Path):
        self.folder = folder
        shutil.copytree(toy_pattern(), folder, dirs_exist_ok=True)
        self.write_notebook("1_sellout_speed", "A toy of speed?")
        self.write_notebook("2_capacity", "A toy of capacity?")
        self.write_notebook("3_margin", "A toy of margin?")
        self.write_notebook("4_release_plan", "A toy of plans?")

    def copy_to(self, folder: Path) -> "Project":
        """Copy the project with the reports made in it, which stay up to date."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        other = copy.copy(self)
        other.folder = folder
        return other

    def write_notebook(self, name: str, question: str, extra: str = "") -> Path:
        path = self.folder / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(toy_notebook(question, extra)))
        return path

    def take_notebooks(self) -> None:
        """Put the real notebooks in the place of the toys."""
        shutil.rmtree(self.folder / "notebooks")
        shutil.copytree(
            ROOT / "notebooks", self.folder / "notebooks", ignore=shutil.ignore_patterns(".*")
        )

    def set_studies(self, words: str, *launches: str) -> None:
        """Write what stands behind `studies:` in the files of these launches, or of all."""
        for path in (
            map(self.launch, launches) if launches else self.folder.glob("data/launches/*.yaml")
        ):
            line = re.compile(r"^studies: .*$", re.M)
            text = path.read_text(encoding="utf-8")
            path.write_text(
                line.sub(lambda _: f"studies: {words}", text, count=1), encoding="utf-8"
            )

    def launch(self, name: str) -> Path:
        return self.folder / "data" / "launches" / f"{name}.yaml"

    def make(self, *words: str, **more) -> subprocess.CompletedProcess:
        return self.run("make", f"PY={self.python}", *words, **more)

    def run(self, *words: str, **more) -> subprocess.CompletedProcess:
        settings = {
            "cwd": self.folder,
            "capture_output": True,
            "text": True,
            "timeout": PATIENCE_S,
        } | more
        return subprocess.run(words, check=False, **({"env": clean_environment()} | settings))

    def pages(self) -> set[str]:
        reports = self.folder / "reports"
        return {str(page.relative_to(reports)) for page in reports.rglob("*.html")}


def skip_what_is_made(folder: str, names: list[str]) -> set[str]:
    """Caches anywhere; at the top what git does not keep: environment, results and reports."""
    skipped = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", ".*_cache")(folder, names)
    if Path(folder) == ROOT:
        skipped |= shutil.ignore_patterns(".git", ".venv*", ".cache", "reports*")(folder, names)
    return skipped


def share_results(folder: Path) -> None:
    """Let a copy of this project, its code unchanged, compute once with us what reports share."""
    ours = ROOT / ".cache" / "results"
    ours.mkdir(parents=True, exist_ok=True)
    (folder / ".cache").mkdir()
    (folder / ".cache" / "results").symlink_to(ours)


class WholeProject(Project):
    """A copy of this project with all that is committed of it; commands run as a user's do."""

    python = sys.executable

    def __init__(self, folder: Path):
        self.folder = folder
        if not folder.exists():
            shutil.copytree(ROOT, folder, ignore=skip_what_is_made)
