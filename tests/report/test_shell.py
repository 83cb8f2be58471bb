"""Cells that run without a kernel say what they would say in one: papermill's own is held against
ours, on notebooks with everything that a cell can print, show and raise."""

import json
import re
import subprocess
import sys

import nbformat
import pytest
from project import ROOT, clean_environment

SAYS = [
    "import sys\nprint('one'); print('two', end=' '); print('three')",
    "print('to stdout')\nprint('to stderr', file=sys.stderr)",
    "from IPython.display import HTML, Markdown, clear_output, display\n40 + 2",
    "display(HTML('<b>shown</b>'), metadata={'text/html': {'key': 1}})\n'a result'",
    "'a result that nobody wants';",
    "shown = display(Markdown('before'), display_id='updated')",
    "shown.update(Markdown('after'))",
    "print('cleared')\nclear_output()\nprint('stays')",
    "print('cleared by what comes next')\nclear_output(wait=True)\nprint('comes next')",
    "import warnings\nwarnings.warn('a warning')",
    "!echo from a command",
    "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.gcf()",
    "plt.plot([2, 1])",
    "import os, neighbour\n(os.path.basename(os.getcwd()), neighbour.NAME, __name__, _, In[3])",
    "import asyncio\nawait asyncio.sleep(0)\nawait asyncio.sleep(0, 'awaited')",
    "",
    "# nothing but a note",
]
RAISES = {
    "error": "x = {}\nx['missing']",
    "syntax": "not python at all",
    "deeper": "import neighbour\nneighbour.fail()",
    "ends": "raise SystemExit(3)",
}
OURS = {"asks": "input('Who are you? ')", "leaves": "exit"}
RUN = """
import os
import sys
import papermill
from analysis.report.shell import SHELL

def run(notebook, engine, name):
    out = notebook.replace(".ipynb", f".{name}.ipynb")
    try:
        papermill.execute_notebook(
            notebook, out, cwd=os.path.dirname(notebook), engine_name=engine,
            kernel_name="python3", progress_bar=False,
        )
    except papermill.PapermillExecutionError:
        pass

for notebook in sys.argv[1:]:
    run(notebook, None, "kernel")
    process = os.fork()
    if process == 0:
        run(notebook, SHELL, "shell")
        os._exit(0)
    os.waitpid(process, 0)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Notebooks, each executed by both."""
    inside = tmp_path_factory.mktemp("notebooks")
    (inside / "neighbour.py").write_text("NAME = 'beside'\n\n\ndef fail():\n    1 / 0\n")
    write(inside / "says.ipynb", SAYS)
    for name, source in (RAISES | OURS).items():
        write(inside / f"{name}.ipynb", ["1", source, "print('runs after all')"])
    done = subprocess.run(
        [sys.executable, "-c", RUN, *map(str, inside.glob("*.ipynb"))],
        cwd=ROOT,
        env=clean_environment() | {"PYTHONHASHSEED": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return inside


def write(path, sources):
    cells = [nbformat.v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


def read(folder, name: str, engine: str) -> list:
    """Of each cell its source, number and outputs, without addresses and numbers of processes."""
    notebook = nbformat.read(folder / f"{name}.{engine}.ipynb", as_version=4)
    cells = [
        [cell.source, cell.execution_count, in_whole_streams(cell.outputs)]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    return json.loads(re.sub(r"0x[0-9a-f]+|ipykernel_\d+", "", json.dumps(cells)))


def in_whole_streams(outputs: list) -> list:
    """Join neighbours of one stream: on a busy machine a kernel sends what is printed in pieces."""
    joined = []
    for output in outputs:
        before = joined[-1] if joined else {}
        if output["output_type"] == "stream" and before.get("name") == output["name"]:
            before["text"] += output["text"]
        else:
            joined.append(dict(output))
    return joined


@pytest.mark.parametrize("place", range(len(SAYS)))
def test_a_cell_says_what_it_says_in_a_kernel(folder, place):
    assert read(folder, "says", "shell")[place] == read(folder, "says", "kernel")[place]


@pytest.mark.parametrize("name", RAISES)
def test_a_cell_that_fails_fails_as_in_a_kernel_and_none_after_it_runs(folder, name):
    ours, kernels = read(folder, name, "shell"), read(folder, name, "kernel")
    assert ours == kernels
    assert [source for source, number, _ in ours if number] == ["1", RAISES[name]]


@pytest.mark.parametrize(("name", "error"), [("asks", "EOFError"), ("leaves", "SystemExit")])
def test_a_cell_that_asks_for_input_or_leaves_fails(folder, name, error):
    _, (_, _, outputs), (_, number_of_last, _) = read(folder, name, "shell")
    assert error in [output.get("ename") for output in outputs]
    assert number_of_last is None


def test_the_notebook_says_of_its_language_what_it_says_behind_a_kernel(folder):
    ours, kernels = (
        nbformat.read(folder / f"says.{engine}.ipynb", as_version=4).metadata
        for engine in ("shell", "kernel")
    )
    assert ours.language_info == kernels.language_info
