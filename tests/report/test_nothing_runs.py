"""A data file is read and never run, whatever its name and its words, and it stops nobody else.

Each test plants a case and looks for its trace: a file that a planted command would make.
"""

import json
import os
import sys

import pytest

TRACE = "planted"  # the file that a planted command makes
COMMANDS = [
    f"`touch {TRACE}`",
    f"$(touch {TRACE})",
    f"$(shell touch {TRACE})",
    f"$$(touch {TRACE})",
    f"; touch {TRACE};",
    f"'; touch {TRACE}; '",
    f'"; touch {TRACE}; "',
    f"$(eval $(shell touch {TRACE}))",
    f"| touch {TRACE}\n\ttouch {TRACE}",
]
TARGETS = [["help"], ["-n", "reports"], ["-n", "zip"], ["-n", "launch"], ["reports"]]


@pytest.fixture
def small(project):
    """A project with one study of two launches."""
    project.set_studies("[margin]")
    return project


def run_everything(project, *words, also=()):
    """Run make as people do; every run, the last of them `make reports`."""
    return [project.make(*target, *words) for target in [*also, *TARGETS]]


def assert_nothing_ran(project):
    assert not list(project.folder.rglob(TRACE))


def test_words_behind_studies_in_a_mailed_file_are_never_run(small):
    text = small.launch("mi_mix").read_text(encoding="utf-8")
    for number, command in enumerate(COMMANDS):
        small.launch(f"mailed_{number}").write_text(text, encoding="utf-8")
        small.set_studies(f"[{command}]", f"mailed_{number}")
    done = run_everything(small)
    assert_nothing_ran(small)
    assert {page for page in small.pages() if "/" in page} == {
        "mi_9/margin.html",
        "mi_mix/margin.html",
    }
    assert done[-1].returncode != 0
    for number in range(len(COMMANDS)):
        assert done[-1].stderr.count(f"mailed_{number}.yaml") == 1, (
            "one line for each file that is left out"
        )
    assert "Traceback" not in done[-1].stderr
    assert all(one.returncode == 0 for one in done[:-1])


def test_names_of_launch_files_and_data_files_are_never_run(small):
    text = small.launch("mi_mix").read_bytes()
    for command in COMMANDS:
        (small.folder / "data" / "launches" / f"{command}.yaml").write_bytes(text)
        for folder in ("", "orders", "market", "evidence"):
            (small.folder / "data" / folder / f"{command}.csv").write_text("a\n1\n")
    done = run_everything(small)
    assert_nothing_ran(small)
    assert {page for page in small.pages() if "/" in page} == {
        "mi_9/margin.html",
        "mi_mix/margin.html",
    }
    assert done[-1].stderr.count("left out: data/launches/") == len(COMMANDS)
    assert all(one.returncode == 0 for one in done[:-1])


@pytest.mark.parametrize("variable", ["LAUNCH", "NAME", "OUT", "JOBS", "ARGS", "PY"])
def test_what_is_typed_behind_make_is_never_run(small, variable):
    for command in COMMANDS:
        words = [f"{variable}={command}"]
        targets = [
            ["help"],
            ["-n", "reports"],
            ["-n", "launch"],
            ["-n", "zip"],
            ["-n", "test"],
            ["-n", "bench"],
        ]
        if variable in ("LAUNCH", "JOBS"):
            targets.append(["reports"])
        if variable == "NAME" and command in COMMANDS[:3]:
            targets.append(["launch"])
        for target in targets:
            small.make(*target, *words)
        environment = os.environ | {variable: command}
        small.run("make", f"PY={sys.executable}", "-n", "reports", env=environment)
    assert_nothing_ran(small)


def test_a_name_for_make_launch_reaches_the_program_as_it_was_typed(small):
    done = small.make("launch", "NAME=$(shell touch planted) $$HOME")
    assert "NAME=$(shell touch planted) $$HOME: expected" in done.stderr
    assert_nothing_ran(small)


def test_a_launch_that_is_asked_for_by_a_path_or_an_option_is_one_line(small):
    for name in ("../../etc/passwd", "--clean", "mi9"):
        done = small.make("reports", f"LAUNCH={name}")
        assert done.returncode != 0
        assert f"there is no launch {name!r}" in done.stderr
        assert "Traceback" not in done.stderr
    assert not small.pages()


ODD = {
    "empty_parameters": ("studies: [margin]", "parameters:\nstudies: [margin]"),
    "a_tag": ("studies: [margin]", "studies: !odd [margin]"),
    "a_list_as_key": ("studies: [margin]", "? [a] : b\nstudies: [margin]"),
    "nested": ("studies: [margin]", f"studies: {'[' * 900}{']' * 900}"),
    "not_closed": ("studies: [margin]", "studies: [margin # why"),
    "on_two_lines": ("studies: [margin]", "studies:\n  - margin"),
    "no_studies": ("studies: [margin]\n", ""),
    "twice": ("studies: [margin]", "studies: [margin]\nstudies: [margin]"),
    "a_study_that_is_none": ("studies: [margin]", "studies: [margni]"),
    "quoted": ("studies: [margin]", "studies: ['mar gin']"),
}


def test_an_odd_launch_file_is_an_error_of_its_own_and_the_others_are_made(small):
    text = small.launch("mi_mix").read_text(encoding="utf-8")
    for name, (old, new) in ODD.items():
        assert old in text
        small.launch(name).write_text(text.replace(old, new), encoding="utf-8")
    small.launch("empty").write_text("")
    small.launch("not_text").write_bytes(b"\xff\xfe\x00name")
    done = small.make("reports")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert {page for page in small.pages() if "/" in page} == {
        "mi_9/margin.html",
        "mi_mix/margin.html",
    }
    for name in (*ODD, "empty", "not_text"):
        assert name in done.stderr, "it is told"
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert all(line.startswith(("left out: ", "FAILED ", "    data/")) for line in lines), lines
    assert max(map(len, lines)) < 400


def test_an_odd_launch_file_disturbs_nobody_who_asks_for_another(small):
    small.launch("odd").write_text("studies: [margin # why")
    assert small.make("reports", "LAUNCH=mi_9").returncode == 0
    assert {page for page in small.pages() if "/" in page} == {"mi_9/margin.html"}


@pytest.mark.parametrize("folder", ["", "orders", "histories"])
def test_data_files_of_any_name_disturb_nothing(pair, tmp_path, folder):
    names = [
        "my log.csv",
        "50% sales.xlsx",
        "a#b.csv",
        "a$b.csv",
        "a:b.csv",
        "~$my_bom.xlsx",
        "a*b.csv",
        "%.csv",
        "line\nbreak",
    ]
    place = pair.folder / "data" / folder
    place.mkdir(exist_ok=True)
    for name in names:
        (place / name).write_text("a\n1\n")
    (place / "nowhere.csv").symlink_to(tmp_path / "not there")
    done = pair.make("reports")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 reports are up to date" in done.stdout


@pytest.mark.parametrize("jobs", ["0", "-1", "two", "1.5", "99999999999999999999", "١"])
def test_a_number_of_jobs_that_is_none_is_one_line(pair, jobs):
    done = pair.make("reports", f"JOBS={jobs}")
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(lines) == 1
    assert lines[0].startswith(f"JOBS={jobs}: expected a whole number")


@pytest.mark.parametrize("folder", ["a {b} {0} clone", "it's % $HOME #1"])
def test_a_project_in_a_folder_of_any_name_makes_its_reports(tmp_path, folder):
    from project import Project

    (tmp_path / folder).mkdir()
    project = Project(tmp_path / folder)
    project.set_studies("[margin]")
    done = project.make("reports", "LAUNCH=mi_9")
    assert done.returncode == 0, done.stderr
    assert "mi_9/margin.html" in project.pages()


def test_start_up_files_of_the_user_do_not_run_in_reports(small, tmp_path):
    home = tmp_path / "home"
    startup = home / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    trace = str(small.folder / TRACE)
    code = f"open({trace!r}, 'w').close()\nimport warnings\nwarnings.warn('mine')\n"
    (startup / "00.py").write_text(code)
    (home / "startup.py").write_text(code)
    mine = {
        "HOME": str(home),
        "IPYTHONDIR": str(home / ".ipython"),
        "PYTHONSTARTUP": str(home / "startup.py"),
    }
    prepare = ["--prepare", "analysis.data.launches:prepare_report"]
    made = {}
    for out, python, environment, more in (
        ("usual", small.python, {}, []),
        ("mine", sys.executable, mine, []),
        ("plain", sys.executable, mine, ["--plain"]),
    ):
        command = [python, "-m", "analysis.report", *prepare, "--out", out, *more, "mi_9/margin"]
        done = small.run(*command, env=os.environ | environment)
        assert done.returncode == 0, done.stderr
        made[out] = [
            (small.folder / out / f"mi_9/margin{suffix}").read_bytes()
            for suffix in (".html", ".ipynb")
        ]
    assert_nothing_ran(small)
    assert made["usual"] == made["mine"] == made["plain"]


def test_a_file_that_was_opened_and_run_in_lab_makes_no_report_stale(pair):
    for path in pair.folder.glob("notebooks/*.ipynb"):
        notebook = json.loads(path.read_text())
        notebook["metadata"]["language_info"] = {"name": "python", "version": "3.12.1"}
        for number, cell in enumerate(notebook["cells"]):
            cell["metadata"]["execution"] = {"iopub.status.idle": "2026-01-01T00:00:00Z"}
            cell["source"] = cell["source"].splitlines(keepends=True)  # as Lab writes it
            if cell["cell_type"] == "code":
                cell["execution_count"] = number
                cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "run"}]
        path.write_text(json.dumps(notebook, indent=1))
    for folder in ("notebooks", "analysis"):
        (pair.folder / folder / ".ipynb_checkpoints").mkdir()
    code = pair.folder / "analysis" / ".ipynb_checkpoints" / "data-checkpoint.py"
    code.write_text("x = 1\n")
    assert "2 reports are up to date" in pair.make("reports").stdout
