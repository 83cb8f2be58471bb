"""The Dask scheduler that the environment names: tried, then given tasks, and never waited for.

A wrong address, a scheduler without workers, or workers that are all lost on the way would
otherwise keep a run waiting for good.
"""

import logging
import re
import socket
import time
from collections.abc import Callable, Sequence

from ..data import DataError

ADDRESS = re.compile(r"(?:(?:tcp|tls)://)?([A-Za-z0-9_.-]+|\[[0-9a-fA-F:]+\]):([0-9]{1,5})")
ANSWER_WITHIN_S = 5
WORKERS_WITHIN_S = 20
LOOK_EVERY_S = 2.0  # whether workers are there, while tasks run
WITHOUT_WORKERS_S = 60.0  # after all are lost: time enough for a nanny to start others


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


def run_on_cluster(tasks: Sequence[Callable[[], object]], address: str, name: str) -> list:
    """Run tasks on the workers of a Dask scheduler.

    Parameters
    ----------
    tasks : list of callables
        Each without arguments; a task of a worker that is lost is run again on another.
    address : str
        Of a scheduler that `check_scheduler` let pass.
    name : str
        What an error calls the setting.

    Returns
    -------
    list
        What the tasks return, in their order.

    Raises
    ------
    DataError
        If the scheduler is lost, or all of its workers are and none comes back in a minute.
    """
    from distributed import (  # noqa: PLC0415 (slow to import, and seldom needed)
        CancelledError,
        Client,
        KilledWorker,
        wait,
    )

    place = f"{name} = {address[:60]!r}"
    logging.getLogger("distributed.client").setLevel("CRITICAL")  # a loss is said once, below
    try:
        connected = Client(address, timeout=WORKERS_WITHIN_S, set_as_default=False)
        with connected as client, client.as_current():
            futures = [client.submit(task, pure=False) for task in tasks]
            last_seen_s = time.monotonic()
            while any(not future.done() for future in futures):
                try:
                    wait(futures, timeout=LOOK_EVERY_S)
                except TimeoutError:
                    if client.nthreads():
                        last_seen_s = time.monotonic()
                    elif time.monotonic() - last_seen_s > WITHOUT_WORKERS_S:
                        raise DataError(
                            f"{place}: all of its workers were lost; expected one or more to the "
                            "end of the run"
                        ) from None
            return client.gather(futures)
    except (KilledWorker, CancelledError, OSError):
        raise DataError(
            f"{place}: the scheduler, or several workers in turn, were lost; expected them to the "
            "end of the run"
        ) from None
