"""Reports made on the machines of a Dask cluster, and machines that must not make them."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from dask_cluster import dask_cluster
from project import clean_environment

from analysis.report import Preparation, ReportError, elsewhere
from analysis.report.elsewhere import (
    Clone,
    digest_of_clone,
    make_all_elsewhere,
    make_for_another,
)
from analysis.report.folder import publish


@pytest.mark.slow
@pytest.mark.oracle("slow version")
def test_a_cluster_makes_the_pages_that_this_machine_makes(project, tmp_path_factory):
    project.set_studies("[margin]")
    here = project.make("reports")
    assert here.returncode == 0, here.stderr
    pages = {page: (project.folder / "reports" / page).read_bytes() for page in project.pages()}
    assert project.make("clean").returncode == 0
    with dask_cluster(project.folder, tmp_path_factory.mktemp("dask")) as (address, _):
        there = project.make("reports", env=clean_environment() | {"LAUNCH_SCHEDULER": address})
    assert there.returncode == 0, there.stderr
    assert "2 rendered, 0 failed" in there.stdout
    made = {page: (project.folder / "reports" / page).read_bytes() for page in project.pages()}
    assert made == pages


def test_reports_for_a_cluster_that_does_not_answer_fail_with_one_line(project):
    project.set_studies("[margin]")
    settings = clean_environment() | {"LAUNCH_SCHEDULER": "tcp://127.0.0.1:1"}
    done = project.make("reports", env=settings)
    assert done.returncode != 0
    assert "LAUNCH_SCHEDULER = 'tcp://127.0.0.1:1': nothing answers there" in done.stderr
    assert "Traceback" not in done.stderr
    assert not project.pages()


def test_a_machine_with_other_code_or_data_makes_no_report(tmp_path):
    other = Clone(files=(), digest="0" * 64)
    made = make_for_another("mi_9/margin", Preparation({}), other, tmp_path)
    assert made.fault == "a machine of the cluster has other code or data than this one"
    assert not made.page


@pytest.mark.parametrize("changed", ["environment.lock", "tests/test_listed.py", "data/one.csv"])
def test_other_libraries_or_files_that_a_report_stands_on_make_another_clone(
    tmp_path, monkeypatch, changed
):
    monkeypatch.setattr(elsewhere, "ROOT", tmp_path)
    monkeypatch.setattr(elsewhere, "NOTEBOOKS", tmp_path / "notebooks")
    for file in ("environment.lock", "tests/test_listed.py", "tests/other.py", "data/one.csv"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text("before")
    before = digest_of_clone(["tests/test_listed.py"])
    (tmp_path / "tests" / "other.py").write_text("after")
    assert digest_of_clone(["tests/test_listed.py"]) == before
    (tmp_path / changed).write_text("after")
    assert digest_of_clone(["tests/test_listed.py"]) != before


def run_here(tasks):
    """Stands for a cluster: runs each task in this process."""
    yield from enumerate(task() for task in tasks)


def test_a_notebook_that_failed_elsewhere_comes_back_and_goes_when_its_report_works(
    tmp_path, monkeypatch, capsys
):
    def fail(name, prepared, out, *, own_kernel):
        publish(out, f"{name}.failed.ipynb", "as far as it ran")
        raise ReportError(f"cell 5; as far as it ran: {out / name}.failed.ipynb")

    def succeed(name, prepared, out, *, own_kernel):
        publish(out, f"{name}.html", "page")
        publish(out, f"{name}.ipynb", "notebook")

    failed = tmp_path / "mi_9" / "margin.failed.ipynb"
    reports = {"mi_9/margin": Preparation({})}
    monkeypatch.setattr(elsewhere, "make_report", fail)
    assert [one.succeeded for one in make_all_elsewhere(reports, tmp_path, run_here)] == [False]
    assert failed.read_text() == "as far as it ran"
    assert f"FAILED mi_9/margin: cell 5; as far as it ran: {failed}\n" == capsys.readouterr().err
    monkeypatch.setattr(elsewhere, "make_report", succeed)
    assert [one.succeeded for one in make_all_elsewhere(reports, tmp_path, run_here)] == [True]
    assert (tmp_path / "mi_9" / "margin.html").read_text() == "page"
    assert not failed.exists()


def test_a_worker_of_several_threads_makes_one_report_after_the_other(tmp_path, monkeypatch):
    settings = []

    def make_slowly(name, prepared, out, *, own_kernel):
        settings.append(os.environ["IPYTHONDIR"])
        time.sleep(0.2)
        settings.append(os.environ["IPYTHONDIR"])
        publish(out, f"{name}.html", "page")
        publish(out, f"{name}.ipynb", "notebook")

    monkeypatch.setattr(elsewhere, "make_report", make_slowly)
    environment, clone = dict(os.environ), Clone(files=(), digest=digest_of_clone())
    with ThreadPoolExecutor(3) as threads:
        for name in ("a/margin", "b/margin", "c/margin"):
            threads.submit(make_for_another, name, Preparation({}), clone, tmp_path)
    assert settings[::2] == settings[1::2]
    assert len(set(settings)) == 3
    assert dict(os.environ) == environment
