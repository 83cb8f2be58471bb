"""A Dask scheduler that is lost, hangs or has no workers: one clear line, and no wait for good."""

import os
import subprocess
import time
from functools import partial

import pytest
from dask_cluster import dask_cluster
from distributed import Client
from project import ROOT

from analysis.data import DataError, scheduler
from analysis.data.scheduler import check_scheduler, run_on_cluster


def test_a_scheduler_without_workers_is_told_with_the_command_that_starts_one(monkeypatch):
    async def count_none(_address):
        return 0

    monkeypatch.setattr(scheduler, "_ask_for_workers", count_none)
    with pytest.raises(DataError, match="dask worker, its address and --nthreads 1"):
        scheduler._check_workers("tcp://127.0.0.1:1", "LAUNCH_SCHEDULER = 'here'")


class LateFuture:
    """A task that has ended and whose result comes at the second try, or never."""

    def __init__(self, tries: float):
        self.tries = tries

    def result(self, timeout):
        self.tries -= 1
        if self.tries > 0:
            raise TimeoutError
        return "here"


def test_a_result_that_is_lost_with_its_worker_is_waited_for_while_there_are_others(monkeypatch):
    monkeypatch.setattr(scheduler, "WITHOUT_WORKERS_S", 0.05)
    watch = scheduler._Watch(None, "LAUNCH_SCHEDULER = 'here'")
    monkeypatch.setattr(scheduler, "_count_workers", lambda client: 1)
    assert scheduler._fetch(LateFuture(tries=3), watch) == "here"
    monkeypatch.setattr(scheduler, "_count_workers", lambda client: 0)
    with pytest.raises(DataError, match="LAUNCH_SCHEDULER = 'here': all of its workers were lost"):
        scheduler._fetch(LateFuture(tries=float("inf")), watch)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stop", "expected"), [("STOP", "stopped answering; expected"), ("KILL", "were lost; expected")]
)
def test_a_scheduler_that_hangs_or_is_killed_is_one_clear_line_in_seconds(
    monkeypatch, tmp_path, capfd, stop, expected
):
    """One that hangs still has its port open, and takes what is sent to it."""
    monkeypatch.setattr("analysis.data.scheduler.SILENT_S", 2.0)
    monkeypatch.setattr("analysis.data.scheduler.LOOK_EVERY_S", 0.2)
    monkeypatch.setattr("analysis.data.scheduler.ANSWER_WITHIN_S", 1.0)
    with dask_cluster(ROOT, tmp_path) as (address, _):
        with Client(address) as client:
            pid = client.run_on_scheduler(os.getpid)
        stopped = subprocess.Popen(["sh", "-c", f"sleep 2; kill -{stop} {pid}"])
        began = time.perf_counter()
        with pytest.raises(DataError, match=f"LAUNCH_SCHEDULER = .*{expected}"):
            list(run_on_cluster([partial(time.sleep, 120)], address))
        assert stopped.wait() == 0
        assert "Traceback" not in capfd.readouterr().err
        monkeypatch.setattr("analysis.data.scheduler.WORKERS_WITHIN_S", 3.0)
        with pytest.raises(DataError, match=r"no Dask scheduler; expected|nothing answers there"):
            check_scheduler(address)
        assert time.perf_counter() - began < 60
