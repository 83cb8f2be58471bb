"""What tests share: a small project of toy notebooks, and the whole project, rendered once."""

import fcntl
import os

import pytest
from project import Project, WholeProject, share_results

# Begun first, so that none is left for the end.
LONGEST = [
    "test_pages_in_browser",
    "test_lab",
    "test_reports",
    "test_runner",
    "test_only_ours",
    "test_nothing_runs",
    "test_readme",
    "test_own_console",
    "test_figures_agree",
    "test_hierarchy",
    "test_bass",
]


def pytest_collection_modifyitems(items):
    items.sort(
        key=lambda item: (
            LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST)
        )
    )


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


@pytest.fixture(scope="session")
def pair_rendered(tmp_path_factory) -> Project:
    """A project with one study of two launches, its reports made; tests work in copies of it."""
    project = Project(tmp_path_factory.mktemp("pair"))
    project.set_studies("[margin]")
    done = project.make("reports")
    assert done.returncode == 0, done.stdout + done.stderr
    return project


@pytest.fixture
def pair(pair_rendered, tmp_path) -> Project:
    """A project with one study of two launches, its reports made."""
    return pair_rendered.copy_to(tmp_path)


@pytest.fixture(scope="session")
def whole_project(tmp_path_factory) -> WholeProject:
    """The whole project with every report made, once a run of all tests; nobody changes it."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent  # of all processes of this run
    with (shared / "whole_project.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the others wait for the first
        project, done = WholeProject(shared / "whole_project"), shared / "whole_project.done"
        if not done.exists():
            share_results(project.folder)
            made = project.make("reports", f"JOBS={max(2, os.cpu_count() or 2)}")
            assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-4000:]
            done.touch()
    return project
