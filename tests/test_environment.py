"""The lock was made from today's environment.yml, is hashed, and names no address."""

import re
import subprocess
import sys

import pytest
from conftest import ROOT
from packaging.requirements import Requirement

sys.path.insert(0, str(ROOT / ".ci"))
from environment import fingerprint, requirements

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
