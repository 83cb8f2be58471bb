"""A real Dask scheduler with two worker processes, for tests of runs on other machines."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def dask_cluster(project: Path, folder: Path) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """Start a scheduler and two workers that import a project; give the address and the workers."""
    env = os.environ | {
        "PYTHONPATH": str(project),
        "MALLOC_MMAP_THRESHOLD_": "67108864",
        "OPENBLAS_NUM_THREADS": "1",
    }
    quiet = {
        "env": env,
        "cwd": folder,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    address_file = folder / "scheduler.json"
    common = ["--scheduler-file", str(address_file), "--no-dashboard"]
    dask = [sys.executable, "-m"]
    scheduler_command = [*dask, "distributed.cli.dask_scheduler", "--port", "0", *common]
    worker_command = [*dask, "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny"]
    worker_command += ["--local-directory", str(folder), *common]
    started = [subprocess.Popen(scheduler_command, **quiet)]
    started += [subprocess.Popen(worker_command, **quiet) for _ in range(2)]
    from distributed import Client

    try:
        while not address_file.exists():
            time.sleep(0.05)
        with Client(scheduler_file=str(address_file), timeout=30) as client:
            client.wait_for_workers(2, timeout=60)
            yield client.scheduler.address, started[1:]
    finally:
        for process in started:
            process.kill()
            process.wait()
