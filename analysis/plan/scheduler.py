"""The Dask scheduler that the environment names: tried, then given tasks, and never waited for.

A wrong address, a scheduler without workers, or workers that are all lost on the way would
otherwise keep a run waiting for good.
"""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..data import DataError

if TYPE_CHECKING:
    from distributed import Client, Future

# Runs tasks elsewhere, and gives the place of each and what it returned as soon as it ends.
Cluster = Callable[[Sequence[Callable[[], object]]], Iterator[tuple[int, object]]]

SCHEDULER = "LAUNCH_SCHEDULER"  # environment variable: address of a Dask scheduler
ADDRESS = re.compile(r"(?:(?:tcp|tls)://)?([A-Za-z0-9_.-]+|\[[0-9a-fA-F:]+\]):([0-9]{1,5})")
ANSWER_WITHIN_S = 5
WORKERS_WITHIN_S = 20
LOOK_EVERY_S = 2.0  # whether workers are there, while tasks run
WITHOUT_WORKERS_S = 60.0  # after all are lost: time enough for a nanny to start others


def cluster_of_environment() -> Cluster | None:
    """Return what runs tasks on the scheduler that the environment names; None where it names none.

    Raises
    ------
    DataError
        If no Dask scheduler with workers answers at its address.
    """
    address = os.environ.get(SCHEDULER, "").strip()
    if not address:
        return None
    check_scheduler(address, SCHEDULER)
    return partial(run_on_cluster, address=address, name=SCHEDULER)


def run_in_order(cluster: Cluster, tasks: Sequence[Callable[[], object]]) -> list:
    """Return what tasks come to on a cluster, in the order of the tasks."""
    results = dict(cluster(tasks))
    return [results[place] for place in range(len(tasks))]


def check_scheduler(address: str, name: str) -> None:
    """Refuse an address at which no Dask scheduler with workers answers.

    Parameters
    ----------
    address : str
        Such as tcp://localhost:8786.
    name : str
        What an error calls the setting.

    Raises
    ------
    DataError
        If it is no address, if nothing answers there, or if the scheduler has no workers.
    """
    place = f"{name} = {address[:60]!r}"
    match = ADDRESS.fullmatch(address.strip())
    if match is None or int(match[2]) > 65_535:
        raise DataError(f"{place}; expected an address such as tcp://localhost:8786")
    try:
        socket.create_connection((match[1].strip("[]"), int(match[2])), ANSWER_WITHIN_S).close()
    except OSError:
        raise DataError(
            f"{place}: nothing answers there; expected a running Dask scheduler"
        ) from None
    _check_workers(address.strip(), place)


def _check_workers(address: str, place: str) -> None:
    """Refuse a scheduler that does not speak Dask, or has no workers after some seconds."""
    from distributed import Client  # noqa: PLC0415 (slow to import, and seldom needed)

    try:
        client = Client(address, timeout=WORKERS_WITHIN_S, set_as_default=False)
    except (OSError, ValueError):
        raise DataError(f"{place}: no Dask scheduler; expected one that is running") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKERS_WITHIN_S)
        except TimeoutError:
            raise DataError(
                f"{place}: the scheduler has no workers; expected one or more, started with "
                "dask worker and its address"
            ) from None


def run_on_cluster(
    tasks: Sequence[Callable[[], object]], address: str, name: str
) -> Iterator[tuple[int, object]]:
    """Run tasks on the workers of a Dask scheduler.

    Parameters
    ----------
    tasks : list of callables
        Each without arguments; a task of a worker that is lost is run again on another.
    address : str
        Of a scheduler that `check_scheduler` let pass.
    name : str
        What an error calls the setting.

    Yields
    ------
    (int, object)
        The place of a task and what it returned, as soon as it ends.

    Raises
    ------
    DataError
        If the scheduler is lost, or all of its workers are and none comes back in a minute.
    """
    from distributed import (  # noqa: PLC0415 (slow to import, and seldom needed)
        CancelledError,
        Client,
        KilledWorker,
    )

    place = f"{name} = {address[:60]!r}"
    try:
        connected = Client(address, timeout=WORKERS_WITHIN_S, set_as_default=False)
        with connected as client, client.as_current():
            futures = [client.submit(_run_there, task, pure=False) for task in tasks]
            running = dict(enumerate(futures))
            while running:
                _wait_for_some(client, list(running.values()), place)
                for number in [number for number, future in running.items() if future.done()]:
                    yield number, running.pop(number).result()
    except (KilledWorker, CancelledError, OSError):
        raise DataError(
            f"{place}: the scheduler, or several workers in turn, were lost; expected them to the "
            "end of the run"
        ) from None


def _wait_for_some(client: Client, running: list[Future], place: str) -> None:
    """Wait until some task has ended; DataError if meanwhile no worker is left for a minute."""
    from distributed import wait  # noqa: PLC0415 (as above)

    last_seen_s = time.monotonic()
    while not any(future.done() for future in running):
        try:
            wait(running, timeout=LOOK_EVERY_S, return_when="FIRST_COMPLETED")
        except TimeoutError:
            if client.nthreads():
                last_seen_s = time.monotonic()
            elif time.monotonic() - last_seen_s > WITHOUT_WORKERS_S:
                raise DataError(
                    f"{place}: all of its workers were lost; expected one or more to the end of "
                    "the run"
                ) from None


def _run_there(task: Callable[[], object]) -> object:
    """Run a task on a worker, which must not wait for the others in turn."""
    os.environ.pop(SCHEDULER, None)
    return task()
