"""Notebooks keep the house's shape, and run as people expect of papermill."""

import ast
import json
import re
import subprocess
import sys

import pytest
from project import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]_*.ipynb"))


def cells(path, kind):
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [("".join(cell["source"]), cell) for cell in found if cell["cell_type"] == kind]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_keeps_the_shape_of_the_house(path):
    code, text = cells(path, "code"), cells(path, "markdown")
    assert all(not cell["outputs"] and cell["execution_count"] is None for _, cell in code), (
        "committed with outputs"
    )
    assert not any(
        isinstance(node, (ast.FunctionDef, ast.ClassDef))
        for source, _ in code
        for node in ast.walk(ast.parse(source))
    )
    assert re.match(r"# .+\?\n", text[0][0]), "opens with a question"
    assert "launch" not in re.match(r"# (.+)\n", text[0][0])[1].split("{")[1:], (
        "no parameter value in the question"
    )
    tags = [tag for _, cell in code for tag in cell["metadata"].get("tags", [])]
    assert tags[:4] == ["parameters", "setup", "answer", "inputs"]
    assert tags[-1] == "checks"
    headings = [heading for source, _ in text for heading in re.findall(r"^## (.+)$", source, re.M)]
    assert "How far to trust this" in headings
    assert any(heading.startswith("What we would do") for heading in headings)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_number_that_data_could_change_is_typed_in_prose(path):
    """Prose may name a rule (80 %, three months); a result with decimals, thousands or a unit of money is computed."""
    for source, _ in cells(path, "markdown"):
        assert not re.search(r"\d\.\d|\d,\d{3}|\d+ (yuan|USD|dollars|phones|orders)", source), (
            source[:200]
        )


@pytest.mark.parametrize("folder", [".", "notebooks"])
def test_plain_papermill_runs_a_notebook_from_the_root_and_from_its_folder(folder, tmp_path):
    notebook = (
        "1_sellout_speed.ipynb" if folder == "notebooks" else "notebooks/1_sellout_speed.ipynb"
    )
    command = [
        sys.executable,
        "-m",
        "papermill",
        notebook,
        str(tmp_path / "out.ipynb"),
        "-p",
        "launch",
        "mi_mix",
        "-k",
        "python3",
    ]
    done = subprocess.run(
        command, cwd=ROOT / folder, capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Xiaomi Mi MIX" in (tmp_path / "out.ipynb").read_text(encoding="utf-8")
