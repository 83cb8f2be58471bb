"""Notebooks keep the house's shape, and run as people expect of papermill."""

import ast
import json
import re
import subprocess
import sys

import nbformat
import pytest
from project import PATIENCE_S, ROOT

from analysis.report.lab import keep_what_was_typed

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]_*.ipynb"))


def cells(path, kind):
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [("".join(cell["source"]), cell) for cell in found if cell["cell_type"] == kind]


each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def tags_of(path):
    """Tags of the cells in their order, one after the other."""
    code = cells(path, "code")
    return [tag for _, cell in code for tag in cell["metadata"].get("tags", [])]


@each_notebook
def test_a_notebook_opens_with_a_question_and_its_answer_and_ends_with_its_checks(path):
    title = cells(path, "markdown")[0][0].splitlines()[0]
    assert re.fullmatch(r"# [^{}]+\?", title), "a question, without the value of a parameter"
    tags = tags_of(path)
    assert tags[:6] == ["parameters", "setup", "answer", "lead", "facts", "trust"]
    others = [tag for tag in tags[6:] if tag not in ("try-it", "common")]
    assert others == ["inputs", "checks"]
    assert tags[-1] == "checks"


@each_notebook
def test_a_notebook_of_a_launch_shows_which_inputs_do_not_fit_beside_its_trust_and_at_its_end(path):
    by_tag = {
        tag: source
        for source, cell in cells(path, "code")
        for tag in cell["metadata"].get("tags", [])
    }
    if "launch: str" not in by_tag["parameters"]:
        return
    study = path.stem.split("_", 1)[1]
    assert re.search(rf'\.with_odd_inputs\([\w.]+\.odd_for\("{study}"\)\)$', by_tag["trust"])
    assert "odd_in_words()" in by_tag["inputs"]


@each_notebook
def test_a_notebook_has_a_cell_to_try_something_in(path):
    assert "try-it" in tags_of(path)


@each_notebook
def test_a_notebook_says_how_far_to_trust_it_what_to_do_and_how_it_was_made_in_this_order(path):
    text = "\n".join(source for source, _ in cells(path, "markdown"))
    headings = re.findall(r"^## (.+)$", text, re.M)
    last = ["How far to trust this", "What we would do", "How this was made"]
    assert [heading for heading in headings if heading in last] == last
    assert headings[-1] == last[-1]


@each_notebook
def test_a_notebook_only_calls_and_its_lines_fit(path):
    for source, _ in cells(path, "code"):
        nodes = list(ast.walk(ast.parse(source)))
        assert not any(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in nodes)
        called = [ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)]
        assert "print" not in called
        assert max(map(len, source.splitlines())) <= 100


@each_notebook
def test_a_notebook_imports_the_package_before_what_does_linear_algebra(path):
    """The number of threads is read when a library is loaded; the package sets it to one."""
    tree = ast.parse("\n".join(source for source, _ in cells(path, "code")))
    imported = [
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    before = imported[: imported.index("analysis")]
    assert set(before) <= sys.stdlib_module_names


@each_notebook
def test_a_notebook_is_committed_without_outputs(path):
    for _, cell in cells(path, "code"):
        assert not cell["outputs"]
        assert cell["execution_count"] is None


@each_notebook
def test_setup_and_checks_are_folded_away_in_lab_and_no_other_code(path):
    for source, cell in cells(path, "code"):
        is_hidden = cell["metadata"].get("jupyter", {}).get("source_hidden", False)
        is_machinery = bool({"setup", "checks"} & set(cell["metadata"].get("tags", [])))
        assert is_hidden == is_machinery, source


def as_lab_saves(path):
    """A notebook that was opened, run and looked at in JupyterLab, as its server is given it."""
    notebook = nbformat.read(path, as_version=4)
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.12.1"}
    notebook["metadata"]["widgets"] = {"state": {}}
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] |= {"scrolled": True, "execution": {"iopub.status.idle": "2026-01-01"}}
        if cell["cell_type"] == "code":
            shown = nbformat.v4.new_output("stream", text="run")
            cell |= {"execution_count": number, "outputs": [shown]}
            cell["metadata"]["jupyter"] = {"source_hidden": number % 2 == 0, "outputs_hidden": True}
    return {"type": "notebook", "content": notebook}


def test_what_lab_saves_of_a_notebook_that_was_run_is_the_file_as_it_was(tmp_path):
    for path in [*NOTEBOOKS, ROOT / "notebooks" / "start.ipynb"]:
        model = as_lab_saves(path)
        keep_what_was_typed(model=model, path=f"/notebooks/{path.name}")
        saved = nbformat.writes(model["content"]) + "\n"  # as the server writes it
        assert saved == path.read_text(encoding="utf-8"), path.name


def test_lab_saves_a_notebook_of_your_own_with_what_it_shows():
    model = as_lab_saves(NOTEBOOKS[0])
    keep_what_was_typed(model=model, path="notebooks/my_own.ipynb")
    assert all(cell["outputs"] for cell in model["content"]["cells"] if "outputs" in cell)


@each_notebook
def test_no_number_that_data_could_change_is_typed_in_prose(path):
    """Prose may name a rule (80 %, three months); results with decimals or a unit are computed."""
    for source, _ in cells(path, "markdown"):
        assert not re.search(r"\d\.\d|\d,\d{3}|\d+ (yuan|USD|dollars|phones|orders)", source), (
            source[:200]
        )


def test_plain_papermill_runs_a_notebook_from_its_folder(tmp_path):
    """From the root it is run by a command of the README, whose tests run that."""
    made = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", "1_sellout_speed.ipynb", str(made)]
    words = ["-p", "launch", "mi_mix", "-k", "python3"]
    done = subprocess.run(
        [*command, *words],
        cwd=ROOT / "notebooks",
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "the Mi MIX" in made.read_text(encoding="utf-8")
