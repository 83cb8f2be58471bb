"""The same sums to the last bit on one process, on two, and on a Dask cluster that loses one."""

import subprocess
import time

import pandas as pd
import pytest
from random_market import market

from analysis import plan
from analysis.data import DataError
from analysis.data.scheduler import SCHEDULER
from analysis.evidence.workers import count_cells

WIDE = plan.make_policies(
    price=[1.0, 1.2],
    release=[1.0, 0.3],
    volume_week=[0, 4, 8, 13],
    cut=[0.1],
    cut_week=[20, 26, 30, 35, 40],
    s_week=[25, 33, 41, 50, plan.NEVER],
)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_count_on_this_machine_shows_how_far_it_is_and_keeps_the_order_of_cells(workers, capsys):
    assert count_cells(abs, [-3, 1, -2], workers) == [3, 1, 2]
    assert " 3/3 " in capsys.readouterr().err


@pytest.mark.slow
def test_serial_joblib_and_dask_give_the_same_numbers_even_when_a_worker_dies(
    scheduler, monkeypatch
):
    address, workers = scheduler
    given = market(1500, 60)
    monkeypatch.setattr("analysis.plan.simulate.POLICIES_A_BLOCK", 40)
    serial = plan.evaluate(WIDE, given)
    pd.testing.assert_frame_equal(plan.evaluate(WIDE, given, jobs=2), serial, check_exact=True)
    monkeypatch.setenv(SCHEDULER, address)
    pd.testing.assert_frame_equal(plan.evaluate(WIDE, given), serial, check_exact=True)
    assert count_cells(abs, [-3, 1, -2], workers=2) == [3, 1, 2]  # as `make evidence` counts

    began = time.perf_counter()
    plan.evaluate(WIDE, given)
    whole_s = time.perf_counter() - began
    killer = subprocess.Popen(["sh", "-c", f"sleep {whole_s / 2:.2f}; kill -9 {workers[0].pid}"])
    again = plan.evaluate(WIDE, given)
    assert killer.wait() == 0
    assert workers[0].wait(timeout=30) == -9
    pd.testing.assert_frame_equal(again, serial, check_exact=True)

    monkeypatch.setattr("analysis.data.scheduler.WITHOUT_WORKERS_S", 1.0)
    monkeypatch.setattr("analysis.data.scheduler.LOOK_EVERY_S", 0.2)
    # The one that is left takes twice as long; early enough where the machine is idle by then.
    killer = subprocess.Popen(["sh", "-c", f"sleep {whole_s / 4:.2f}; kill -9 {workers[1].pid}"])
    with pytest.raises(DataError, match=r"LAUNCH_SCHEDULER = .*: all of its workers were lost"):
        plan.evaluate(WIDE, given)
    assert killer.wait() == 0


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("tcp://nowhere:abc", "expected an address such as tcp://localhost:8786"),
        ("localhost", "expected an address such as"),
        ("tcp://localhost:99999", "expected an address such as"),
        ("tcp://127.0.0.1:1", "nothing answers there; expected a running Dask scheduler"),
        ("no.such.host.invalid:8786", "nothing answers there"),
        (f"tcp://{300 * 'a'}:80", "nothing answers there"),
    ],
)
def test_an_address_without_a_scheduler_is_one_clear_line_in_seconds(
    monkeypatch, address, expected
):
    monkeypatch.setenv(SCHEDULER, address)
    began = time.perf_counter()
    with pytest.raises(DataError, match=f"LAUNCH_SCHEDULER = .*{expected}"):
        plan.evaluate(WIDE, market(50, 60))
    assert time.perf_counter() - began < 60
