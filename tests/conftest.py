"""What tests share: a small project of two launches and toy notebooks, made in an empty folder."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / ".ci")]
os.environ["PYTHONPATH"] = str(
    ROOT / ".ci"
)  # the report runner, for every process that tests start

# Begun first, so that none is left for the end.
LONGEST = ["test_pages", "test_lab", "test_runner", "test_reports", "test_readme"]


def pytest_collection_modifyitems(items):
    items.sort(
        key=lambda item: (
            LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST)
        )
    )


TOY = """\
import sys

sys.path[:0] = [".", ".."]
from matplotlib.figure import Figure

from analysis.data.launches import load_launch
from analysis.look.cells import answer, say, show_figure, show_table

phone = load_launch(launch)
answer("1 phone", "toy headline", f"A toy answer for **{phone.name}**, seed {seed}.")
"""
TOY_FIGURE = 'figure = Figure()\nfigure.subplots().plot([1, 2])\nshow_figure(figure, "A toy line that rises from one to two.")'


def toy_notebook(question: str, extra: str = "") -> dict:
    """A notebook with the parts every page needs, quick to run; `extra` is the source of one more cell."""
    sources = [
        'launch: str = "mi_9"  # the launch\nseed: int = 1  # seed of draws',
        TOY,
        TOY_FIGURE,
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


class Project:
    """A copy of this project with toy notebooks and two launches; commands run as a user would run them."""

    def __init__(self, folder: Path):
        self.folder = folder
        ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        for name in ("analysis", "data", ".ci"):
            shutil.copytree(ROOT / name, folder / name, ignore=ignore)
        for name in ("Makefile", "README.md", "environment.yml", "environment.lock"):
            shutil.copy2(ROOT / name, folder / name)
        for launch in (folder / "data" / "launches").glob("*.yaml"):
            if launch.stem not in ("mi_9", "mi_mix"):
                launch.unlink()
        self.write_notebook("1_sellout_speed", "A toy of speed?")
        self.write_notebook("2_capacity", "A toy of capacity?")
        self.write_notebook("3_margin", "A toy of margin?")
        self.write_notebook("4_release_plan", "A toy of plans?")

    def write_notebook(self, name: str, question: str, extra: str = "") -> Path:
        path = self.folder / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(toy_notebook(question, extra)))
        return path

    def launch(self, name: str) -> Path:
        return self.folder / "data" / "launches" / f"{name}.yaml"

    def make(self, *words: str, **more) -> subprocess.CompletedProcess:
        return self.run("make", f"PY={sys.executable}", *words, **more)

    def run(self, *words: str, **more) -> subprocess.CompletedProcess:
        settings = {"cwd": self.folder, "capture_output": True, "text": True, "timeout": 180} | more
        clean = {
            name: value
            for name, value in os.environ.items()
            if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")
        }
        return subprocess.run(words, env=clean, check=False, **settings)

    def pages(self) -> set[str]:
        reports = self.folder / "reports"
        return {str(page.relative_to(reports)) for page in reports.rglob("*.html")}


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(tmp_path)


@pytest.fixture(scope="session")
def rendered(tmp_path_factory) -> Project:
    """A project whose reports are made; tests that use it leave it as it is."""
    made = Project(tmp_path_factory.mktemp("rendered"))
    done = made.make("reports")
    assert done.returncode == 0, done.stdout + done.stderr
    return made
