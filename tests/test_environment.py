"""The lock is today's environment.yml, without addresses; .venv is made from it or stays."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from project import ROOT

sys.path.insert(0, str(ROOT / ".ci"))
import environment
from environment import FOR_TESTS, TOOLS_OF_TESTS, arrange, fingerprint, requirements

LOCK = (ROOT / "environment.lock").read_text(encoding="utf-8")


def test_the_lock_was_made_from_this_environment():
    assert LOCK.splitlines()[0].endswith(f"requirements sha256 {fingerprint()}")


def test_every_requirement_is_pinned_within_its_range():
    pins = dict(re.findall(r"^([\w.-]+)==([\w.]+)", LOCK, re.M))
    for line in requirements():
        asked = Requirement(line)
        assert pins[asked.name] in asked.specifier, line


def test_every_pin_is_hashed_and_no_address_is_named():
    entries = re.split(r"\n(?=[\w.-]+==)", LOCK)[1:]
    assert len(entries) > 50
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"://|file:", LOCK)
    assert not re.search(r"^\s*--(?!hash=)", LOCK, re.M), "no option of the installer but hashes"


def test_the_tools_of_tests_come_last_in_the_lock_and_nothing_else_that_was_asked_for():
    in_use, for_tests = (
        set(re.findall(r"^([\w.-]+)==", part, re.M)) for part in LOCK.split(FOR_TESTS)
    )
    assert {Requirement(line).name for line in requirements()} - TOOLS_OF_TESTS <= in_use
    assert for_tests >= TOOLS_OF_TESTS
    assert not for_tests & in_use


def test_a_lock_is_arranged_without_a_change_to_an_entry():
    lock = "# made\na==1 ; x \\\n    --hash=sha256:0\na==2\nb-c==1 \\\n    --hash=sha256:1\nd==1\n"
    arranged = "# made\na==1 ; x \\\n    --hash=sha256:0\na==2\nd==1\n"
    arranged += f"{FOR_TESTS}b-c==1 \\\n    --hash=sha256:1\n"
    assert arrange(lock, "a==1 ; x\na==2\nd==1\n") == arranged


BINDER = ROOT / ".binder" / "environment.yml"
BINDERS_PYTHON = re.compile(r"- python\s*=+\s*3\.1[1-3]$", re.M)  # the form that it knows


def test_binder_gets_the_same_list_without_the_tools_of_tests_and_a_python_it_can_read(tmp_path):
    text, python_replaced = BINDERS_PYTHON.subn("- python", BINDER.read_text(encoding="utf-8"))
    assert python_replaced == 1
    (tmp_path / "environment.yml").write_text(text, encoding="utf-8")
    listed = requirements(tmp_path / "environment.yml")
    of_binder = {Requirement(line).name: line for line in listed}
    ours = {Requirement(line).name: line for line in requirements()}
    assert of_binder == {name: ours[name] for name in ours if name not in TOOLS_OF_TESTS}


def test_a_form_that_conda_and_pip_read_differently_is_refused(tmp_path):
    path = tmp_path / "environment.yml"
    path.write_text("dependencies:\n  - pandas=3\n")
    with pytest.raises(ValueError, match="'pandas=3': expected a name and versions"):
        requirements(path)


def test_the_reader_needs_nothing_of_the_project():
    script = ROOT / ".ci" / "environment.py"
    done = subprocess.run(
        [sys.executable, "-I", script, "fingerprint"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == fingerprint()


def test_linear_algebra_has_one_thread_wherever_the_package_is_imported_unless_told_otherwise():
    """Two threads on small matrices made a notebook outside `make` three times as slow."""
    script = (
        "import os, analysis, numpy\n"
        "numpy.linalg.solve(numpy.eye(400), numpy.ones(400))\n"
        "threads = len(os.listdir('/proc/self/task')) if os.path.isdir('/proc/self/task') else 1\n"
        "print(threads, os.environ['OPENBLAS_NUM_THREADS'])\n"
    )
    free = {name: word for name, word in os.environ.items() if not name.endswith("_NUM_THREADS")}
    for settings, expected in ((free, "1 1"), (free | {"OPENBLAS_NUM_THREADS": "2"}, "2")):
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=settings,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip().endswith(expected)


# ---- making .venv, with an installer that only looks as if it did ----

FAKE_PYTHON = """#!/bin/sh
# Stands for the Python in a new environment: installs nothing, fails while "offline" is there.
for last in "$@"; do :; done
case "$2" in
  pip) [ ! -e {root}/offline ] || exit 1
       echo new > {root}/.venv/installed; cat "$last" >> {root}/.venv/pins ;;
esac
"""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A folder with a lock in which `make` works without a network."""
    (tmp_path / "environment.lock").write_text("pandas==3.0\n")

    real_run = subprocess.run

    def start(command, *, check, **_):
        if "venv" in command:
            inside = Path(command[-1]) / "bin" / "python"
            inside.parent.mkdir(parents=True)
            inside.write_text(FAKE_PYTHON.format(root=shlex.quote(str(tmp_path))))
            inside.chmod(0o755)
        else:
            real_run(command, check=check, stdout=subprocess.DEVNULL)

    monkeypatch.setattr(environment.subprocess, "run", start)
    return tmp_path


def installed(machine):
    return (machine / ".venv" / "installed").read_text().strip()


def test_an_environment_is_made_once_and_again_only_for_another_lock(machine, capsys):
    assert environment.make(machine) == 0
    assert installed(machine) == "new"
    (machine / ".venv" / "installed").write_text("as it was")
    later = time.time() + 1000
    os.utime(machine / "environment.lock", (later, later))  # as a fresh checkout does
    capsys.readouterr()
    assert environment.make(machine) == 0
    assert installed(machine) == "as it was"
    assert capsys.readouterr().out == ""
    (machine / "environment.lock").write_text("pandas==3.1\n")
    assert environment.make(machine) == 0
    assert installed(machine) == "new"
    assert {path.name for path in machine.iterdir()} == {".venv", "environment.lock"}


def test_a_failed_installation_leaves_the_working_environment_as_it_was(machine, capsys):
    assert environment.make(machine) == 0
    (machine / ".venv" / "installed").write_text("as it was")
    (machine / "environment.lock").write_text("pandas==3.1\n")
    (machine / "offline").touch()
    assert environment.make(machine) == 1
    assert installed(machine) == "as it was"
    assert "the one of before is as it was" in capsys.readouterr().err
    assert not (machine / ".venv.before").exists()
    (machine / "offline").unlink()
    assert environment.make(machine) == 0
    assert installed(machine) == "new"


def test_a_first_installation_that_fails_leaves_nothing_half_made(machine, capsys):
    (machine / "offline").touch()
    assert environment.make(machine) == 1
    assert "there is none" in capsys.readouterr().err
    assert not (machine / ".venv").exists()


def test_a_link_that_leads_nowhere_is_no_environment(machine):
    (machine / ".venv").symlink_to(machine / "of another machine")
    assert environment.make(machine) == 0
    assert installed(machine) == "new"


def test_the_tools_of_tests_are_added_once_where_they_are_asked_for(machine, capsys):
    (machine / "environment.lock").write_text(f"pandas==3.0\n{FOR_TESTS}pytest==9.2\n")
    pins = machine / ".venv" / "pins"
    assert environment.make(machine) == 0
    assert pins.read_text() == "pandas==3.0\n"
    (machine / "offline").touch()
    capsys.readouterr()
    assert environment.make(machine, for_tests=True) == 1
    assert "the tools of tests could not be added: installing from" in capsys.readouterr().err
    assert environment.make(machine) == 0, "reports can be made all the same"
    (machine / "offline").unlink()
    assert environment.make(machine, for_tests=True) == 0
    assert pins.read_text() == "pandas==3.0\npytest==9.2\n"
    (machine / "offline").touch()
    assert environment.make(machine, for_tests=True) == 0, "they are there already"
    (machine / "offline").unlink()
    (machine / "environment.lock").write_text(f"pandas==3.1\n{FOR_TESTS}pytest==9.2\n")
    assert environment.make(machine, for_tests=True) == 0
    assert pins.read_text() == "pandas==3.1\npytest==9.2\n", "a new environment has both anew"


def test_what_was_interrupted_comes_back_or_is_finished(machine):
    assert environment.make(machine) == 0
    (machine / ".venv" / "installed").write_text("as it was")
    (machine / ".venv").rename(machine / ".venv.before")  # killed before the new one was whole
    (machine / ".venv" / "bin").mkdir(parents=True)
    assert environment.make(machine) == 0
    assert installed(machine) == "as it was"
    shutil.copytree(machine / ".venv", machine / ".venv.before")  # killed after it was whole
    assert environment.make(machine) == 0
    assert not (machine / ".venv.before").exists()
    assert installed(machine) == "as it was"


def test_an_interrupt_while_installing_brings_the_working_environment_back(machine, monkeypatch):
    assert environment.make(machine) == 0
    (machine / ".venv" / "installed").write_text("as it was")
    (machine / "environment.lock").write_text("pandas==3.1\n")

    def interrupt(command, **_):
        raise KeyboardInterrupt

    monkeypatch.setattr(environment.subprocess, "run", interrupt)
    with pytest.raises(KeyboardInterrupt):
        environment.make(machine)
    assert installed(machine) == "as it was"


STEPS = ["venv begun", "venv", "pip", "compileall", "old one removed"]


def stop_at(step: str, monkeypatch, stop) -> None:
    """Have `stop` called as soon as the making of an environment has come to a step."""
    run, remove = environment.subprocess.run, environment._remove

    def run_until(command, **more):
        if step == "venv begun" and "venv" in command:
            (Path(command[-1]) / "lib").mkdir(parents=True)
            stop()
        if step in command:
            stop()
        return run(command, **more)

    def remove_until(folder):
        if step == "old one removed" and folder.name == ".venv.before":
            stop()
        remove(folder)

    monkeypatch.setattr(environment.subprocess, "run", run_until)
    monkeypatch.setattr(environment, "_remove", remove_until)


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_next_run_makes_a_whole_environment(machine, monkeypatch, step):
    assert environment.make(machine) == 0
    (machine / ".venv" / "installed").write_text("as it was")
    (machine / "environment.lock").write_text("pandas==3.1\n")
    child = os.fork()
    if child == 0:
        stop_at(step, monkeypatch, lambda: os.kill(os.getpid(), signal.SIGKILL))
        environment.make(machine)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert environment.make(machine) == 0
    assert installed(machine) == "new"
    assert {path.name for path in machine.iterdir()} == {".venv", "environment.lock"}
    (machine / ".venv" / "installed").write_text("stays")
    assert environment.make(machine) == 0
    assert installed(machine) == "stays"


@pytest.mark.parametrize("step", STEPS)
def test_interrupted_at_any_step_there_is_a_whole_environment_at_once(machine, monkeypatch, step):
    assert environment.make(machine) == 0
    (machine / ".venv" / "installed").write_text("as it was")
    (machine / "environment.lock").write_text("pandas==3.1\n")

    def interrupt():
        monkeypatch.undo()  # as Ctrl-C comes once
        raise KeyboardInterrupt

    stop_at(step, monkeypatch, interrupt)
    with pytest.raises(KeyboardInterrupt):
        environment.make(machine)
    assert installed(machine) == ("new" if step == "old one removed" else "as it was")


def test_an_interrupt_of_the_command_is_one_line(monkeypatch, capsys):
    def interrupt(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "make", interrupt)
    assert environment.main(["make"]) == 130
    assert capsys.readouterr().err == "interrupted: .venv is as it was before\n"


def test_what_venv_says_of_its_failure_is_shown(machine, monkeypatch, capsys):
    def fail(command, **_):
        raise subprocess.CalledProcessError(1, command, stderr="long\nensurepip is not here\n")

    monkeypatch.setattr(environment.subprocess, "run", fail)
    assert environment.make(machine) == 1
    said = capsys.readouterr().err
    assert "python -m venv ended with status 1; ensurepip is not here\nthere is none\n" in said


def test_an_environment_of_before_there_were_digests_stays_while_it_is_younger_than_the_lock(
    machine,
):
    assert environment.make(machine) == 0
    mark, installation = machine / ".venv" / ".made", machine / ".venv" / "installed"
    digest = mark.read_text()
    mark.write_text("")
    installation.write_text("as it was")
    assert environment.make(machine) == 0
    assert (installed(machine), mark.read_text()) == ("as it was", digest)
    mark.write_text("")
    os.utime(mark, (0, 0))
    assert environment.make(machine) == 0
    assert installed(machine) == "new"
