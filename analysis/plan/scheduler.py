"""The Dask scheduler that the environment names, tried before anything is sent to it.

A wrong address, or a scheduler without workers, would otherwise keep a run waiting for good.
"""

import re
import socket

from ..data import DataError

ADDRESS = re.compile(r"(?:(?:tcp|tls)://)?([A-Za-z0-9_.-]+|\[[0-9a-fA-F:]+\]):([0-9]{1,5})")
ANSWER_WITHIN_S = 5
WORKERS_WITHIN_S = 20


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
