"""A chosen plan, found once a session, and a real Dask cluster."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
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
    env = os.environ | {
        "PYTHONPATH": str(ROOT),
        "MALLOC_MMAP_THRESHOLD_": "67108864",
        "OPENBLAS_NUM_THREADS": "1",
    }
    quiet = {
        "env": env,
        "cwd": tmp_path,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    address_file = tmp_path / "scheduler.json"
    common = ["--scheduler-file", str(address_file), "--no-dashboard"]
    dask = [sys.executable, "-m"]
    scheduler_command = [*dask, "distributed.cli.dask_scheduler", "--port", "0", *common]
    worker_command = [*dask, "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny"]
    worker_command += ["--local-directory", str(tmp_path), *common]
    started = [subprocess.Popen(scheduler_command, **quiet)]
    started += [subprocess.Popen(worker_command, **quiet) for _ in range(2)]
    from distributed import Client

    while not address_file.exists():
        time.sleep(0.05)
    with Client(scheduler_file=str(address_file), timeout=30) as client:
        client.wait_for_workers(2, timeout=60)
        yield client.scheduler.address, started[1:]
    for process in started:
        process.kill()
        process.wait()
