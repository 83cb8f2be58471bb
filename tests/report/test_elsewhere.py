"""Reports made on the machines of a Dask cluster, and machines that must not make them."""

import pytest
from dask_cluster import dask_cluster
from project import clean_environment

from analysis.report import Preparation
from analysis.report.elsewhere import make_for_another


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


def test_a_machine_with_other_code_or_data_makes_no_report():
    made = make_for_another("mi_9/margin", Preparation({}), "0" * 64)
    assert made.fault == "a machine of the cluster has other code or data than this one"
    assert not made.page
