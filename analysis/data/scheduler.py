"""The Dask scheduler that the environment names: tried, then given tasks, and never waited for.

A wrong address, a scheduler without workers, or workers that are all lost on the way would
otherwise keep a run waiting for good.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from .errors import DataError

if TYPE_CHECKING:
    from distributed import Client, Future

# Runs tasks elsewhere, and gives the place of each and what it returned as soon as it ends.
Cluster = Callable[[Sequence[Callable[[], object]]], Iterator[tuple[int, object]]]

SCHEDULER = "LAUNCH_SCHEDULER"  # environment variable: address of a Dask scheduler
ADDRESS = re.compile(r"(?:(?:tcp|tls)://)?([A-Za-z0-9_.-]+|\[[0-9a-fA-F:]+\]):([0-9]{1,5})")
ANSWER_WITHIN_S = 5
WORKERS_WITHIN_S = 20
ASK_EVERY_S = 0.2  # whether there are workers, before tasks run
LOOK_EVERY_S = 2.0  # whether workers are there, while tasks run
FETCH_WITHIN = 10  # looks that a result may take on its way before there is another look
WITHOUT_WORKERS_S = 60.0  # after all are lost: time enough for a nanny to start others
SILENT_S = 60.0  # a scheduler that is only busy answers sooner


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
    check_scheduler(address)
    return partial(run_on_cluster, address=address)


def run_in_order(cluster: Cluster, tasks: Sequence[Callable[[], object]]) -> list:
    """Return what tasks come to on a cluster, in the order of the tasks.

    Parameters
    ----------
    cluster : function
        As from `cluster_of_environment`.
    tasks : sequence of functions
        Functions without parameters, which can be sent to another process.

    Returns
    -------
    list
        What each returned.
    """
    results = dict(cluster(tasks))
    return [results[place] for place in range(len(tasks))]


def check_scheduler(address: str) -> None:
    """Refuse an address at which no Dask scheduler with workers answers.

    Parameters
    ----------
    address : str
        Such as tcp://localhost:8786.

    Raises
    ------
    DataError
        If it is no address, if nothing answers there, or if the scheduler has no workers.
    """
    place = _place(address)
    match = ADDRESS.fullmatch(address.strip())
    if match is None or int(match[2]) > 65_535:
        raise DataError(f"{place}; expected an address such as tcp://localhost:8786")
    try:
        socket.create_connection((match[1].strip("[]"), int(match[2])), ANSWER_WITHIN_S).close()
    except (OSError, UnicodeError):  # no such name, or one that cannot be
        raise DataError(
            f"{place}: nothing answers there; expected a running Dask scheduler"
        ) from None
    _check_workers(address.strip(), place)


def _place(address: str) -> str:
    """Name the setting with its value, for errors."""
    return f"{SCHEDULER} = {address[:60]!r}"


def _check_workers(address: str, place: str) -> None:
    """Refuse a scheduler that does not speak Dask, or has no workers after some seconds."""
    # A client would wait for good where the scheduler hangs. This asks one question, in a thread
    # of its own, as a notebook has a loop of events already.
    with ThreadPoolExecutor(1) as thread:
        state = thread.submit(asyncio.run, _ask_for_workers(address)).result()
    if state is None:
        raise DataError(f"{place}: no Dask scheduler; expected one that is running")
    if state == 0:
        raise DataError(
            f"{place}: the scheduler has no workers; expected one or more, started with "
            "dask worker, its address and --nthreads 1"
        )


async def _ask_for_workers(address: str) -> int | None:
    """Ask a scheduler for its workers until there are some; None where it gives no answer."""
    from distributed import rpc  # noqa: PLC0415 (slow to import, and seldom needed)

    workers, deadline_s = None, time.monotonic() + WORKERS_WITHIN_S
    try:
        async with rpc(address, timeout=WORKERS_WITHIN_S) as scheduler:
            while not workers and time.monotonic() < deadline_s:
                answer = await asyncio.wait_for(scheduler.ncores(workers=None), WORKERS_WITHIN_S)
                workers = len(answer)
                await asyncio.sleep(0 if workers else ASK_EVERY_S)
    except (OSError, ValueError, TypeError, MemoryError):  # silence, or another protocol
        return None
    return workers


def run_on_cluster(
    tasks: Sequence[Callable[[], object]], address: str
) -> Iterator[tuple[int, object]]:
    """Run tasks on the workers of a Dask scheduler.

    Parameters
    ----------
    tasks : list of callables
        Each without arguments; a task of a worker that is lost is run again on another.
    address : str
        Of a scheduler that `check_scheduler` let pass.

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

    place = _place(address)
    try:
        connected = Client(address, timeout=WORKERS_WITHIN_S, set_as_default=False)
        with _library_silenced(), connected as client, client.as_current():
            futures = [client.submit(_run_there, task, pure=False) for task in tasks]
            running = dict(enumerate(futures))
            watch = _Watch(client, place)
            while running:
                _wait_for_some(list(running.values()), watch)
                for number in [number for number, future in running.items() if future.done()]:
                    yield number, _fetch(running.pop(number), watch)
    except (KilledWorker, CancelledError, OSError):
        raise DataError(
            f"{place}: the scheduler, or several workers in turn, were lost; expected them to the "
            "end of the run"
        ) from None


@contextlib.contextmanager
def _library_silenced() -> Iterator[None]:
    """Keep the library from writing tracebacks of its own; what is wrong is said in one line."""
    names = [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


class _Watch:
    """Looks whether a scheduler answers and has workers, and knows when both were last so."""

    def __init__(self, client: Client, place: str):
        self.client = client
        self.place = place
        self.heard_s = self.seen_s = time.monotonic()

    def look(self) -> None:
        """Look; DataError if for a minute no worker was there, or the scheduler did not answer."""
        workers = _count_workers(self.client)
        now_s = time.monotonic()
        if workers is not None:
            self.heard_s = now_s
        if workers:
            self.seen_s = now_s
        if now_s - self.heard_s > SILENT_S:
            raise DataError(
                f"{self.place}: the scheduler has stopped answering; expected it to the end of the "
                "run"
            )
        if workers == 0 and now_s - self.seen_s > WITHOUT_WORKERS_S:
            raise DataError(
                f"{self.place}: all of its workers were lost; expected one or more to the end of "
                "the run"
            )


def _wait_for_some(running: list[Future], watch: _Watch) -> None:
    """Wait until some task has ended, and look meanwhile."""
    from distributed import wait  # noqa: PLC0415 (as above)

    while not any(future.done() for future in running):
        with contextlib.suppress(TimeoutError):
            wait(running, timeout=LOOK_EVERY_S, return_when="FIRST_COMPLETED")
            return
        watch.look()


def _fetch(future: Future, watch: _Watch) -> object:
    """Fetch what a task returned; if its worker is lost with it, it is run again meanwhile."""
    while True:
        with contextlib.suppress(TimeoutError):
            return future.result(timeout=FETCH_WITHIN * LOOK_EVERY_S)
        watch.look()


def _count_workers(client: Client) -> int | None:
    """Ask the scheduler how many workers it has; None where it does not answer in seconds."""
    try:
        ask = client.scheduler.ncores
        return len(client.sync(ask, workers=None, callback_timeout=ANSWER_WITHIN_S))
    except TimeoutError:
        return None


def _run_there(task: Callable[[], object]) -> object:
    """Run a task on a worker, which must not wait for the others in turn."""
    os.environ.pop(SCHEDULER, None)
    return task()
