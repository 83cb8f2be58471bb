"""The README does what it says: commands run, one-line uses show themselves, links lead on."""

import re
import sys

import pytest
from project import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.split("  #")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", README, re.S)
    for line in block.splitlines()
]
LINES = [
    line.split("  #")[0].strip()
    for block in re.findall(r"```python\n(.*?)```", README, re.S)
    for line in block.splitlines()
]
ELSEWHERE = {
    "make test": "this suite",
    "make lab": "test_lab.py",
}  # here make only says what it would do


@pytest.fixture(scope="module")
def clone(whole_project, tmp_path_factory):
    """A copy of the project in which the README's commands have run in turn, and what each said."""
    made = whole_project.copy_to(tmp_path_factory.mktemp("clone") / "project")
    (made.folder / ".venv" / "bin").mkdir(parents=True)
    papermill = made.folder / ".venv" / "bin" / "papermill"
    papermill.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m papermill "$@" -k python3\n')
    papermill.chmod(0o755)
    made.said = {command: run_as_user(made, command) for command in COMMANDS}
    return made


def run_as_user(project, command):
    words = command.split()
    if words[0] == "make":
        return project.make(*(["-n"] if command in ELSEWHERE else []), *words[1:])
    return project.run(*words)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_runs(clone, command):
    done = clone.said[command]
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
    assert done.stdout or not command.startswith("make")


def test_the_readme_leads_from_a_name_to_reports(clone):
    assert (clone.folder / "reports" / "my_phone" / "margin.html").exists()
    assert (clone.folder / "reports" / "evidence.html").exists()
    assert (clone.folder / "reports.zip").stat().st_size > 100_000


def test_a_launch_written_makes_its_reports_as_it_stands_and_is_never_written_over(clone):
    text = clone.launch("my_phone").read_text(encoding="utf-8")
    page = clone.folder / "reports" / "my_phone" / "margin.html"
    assert "PLACEHOLDER" in page.read_text(encoding="utf-8")
    done = clone.make("launch", "NAME=my_phone")
    assert done.returncode != 0
    assert "is there already" in done.stderr
    assert clone.launch("my_phone").read_text(encoding="utf-8") == text


def test_what_the_readme_finds_is_what_the_front_page_says(whole_project):
    page = (whole_project.folder / "reports" / "index.html").read_text(encoding="utf-8")
    page = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    launches, played, unpaid = (
        int(re.search(words, page)[1])
        for words in (
            r"held back in any of (\d+) launches",
            r"played (\d+) launches through",
            r"probably would not have paid for (\d+) of them",
        )
    )
    hardly = len(re.findall(r"It would have changed profit by less than 1 % for the ", page))
    found = " ".join(README.split())
    assert f"held back in any of {launches} launches" in found
    assert f"Of {played} launches that we could play through" in found
    assert f"would not have paid, or hardly, in {unpaid + hardly};" in found
    assert "We cannot tell for the Sony PlayStation 3, sold below cost at first" in page


def test_papermill_runs_a_notebook_from_the_root(clone):
    assert "the Mi 9" in (clone.folder / "out.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", LINES)
def test_every_one_line_use_gives_a_result_that_shows_itself(line):
    from analysis import bom, data, sellout

    names = {"bom": bom, "data": data, "sellout": sellout}
    assert len(eval(line, names)._repr_html_()) > 200


def test_every_link_of_the_readme_leads_to_a_file_and_every_notebook_is_named():
    for target in re.findall(r"\]\(([^)h][^)]*)\)", README):
        assert (ROOT / target).exists(), target
    for path in (ROOT / "notebooks").glob("[0-9]_*.ipynb"):
        assert path.stem in README
        assert path.name in (ROOT / "notebooks" / "start.ipynb").read_text(encoding="utf-8")


def test_the_start_page_shows_the_uses_of_the_readme():
    page = (ROOT / "notebooks" / "start.ipynb").read_text(encoding="utf-8").replace('\\"', '"')
    assert sum(re.sub(r"\)$", "", line) in page for line in LINES) == len(LINES)
