"""A chosen plan, found once a session, and a real Dask cluster."""

from pathlib import Path

import pytest
from dask_cluster import dask_cluster
from random_market import MANY, market

from analysis import plan
from analysis.data import load_launch

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def fresh():
    """Draws that the search of the chosen plan has not seen."""
    return market(100, seed=5)


@pytest.fixture(scope="session")
def chosen(fresh) -> plan.PlanChoice:
    """The best of many policies beside the usual rivals."""
    rivals = {"assumed actual": plan.SELL_AS_MADE} | plan.RIVALS
    return plan.choose_plan(MANY, rivals, market(100, seed=4), fresh)


@pytest.fixture(scope="session")
def mi_9() -> plan.ReleaseStudy:
    """The study of a phone that no ceramic body held up; dealers' prices weigh its draws."""
    return plan.study_launch(load_launch("mi_9"), draws=1000)


@pytest.fixture(scope="session")
def mi_mix() -> plan.ReleaseStudy:
    """The study of the one launch with the yield of a ceramic body on file, on few draws."""
    return plan.study_launch(load_launch("mi_mix"), draws=250)


@pytest.fixture
def scheduler(tmp_path):
    """A real Dask scheduler and two worker processes; yields its address and the workers."""
    with dask_cluster(ROOT, tmp_path) as cluster:
        yield cluster
