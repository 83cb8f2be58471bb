"""Count the cells of a table on several processes, or on a cluster, in order."""

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TypeVar

from tqdm import tqdm

from ..data.scheduler import cluster_of_environment, run_in_order

Cell = TypeVar("Cell")


def count_cells(
    count: Callable[[Cell], dict], cells: Iterable[Cell], workers: int, chunk: int = 1
) -> list[dict]:
    """Return what `count` makes of every cell, in the order of the cells, with a progress bar.

    Where the environment variable LAUNCH_SCHEDULER names a Dask scheduler, its workers count, and
    its dashboard shows how far they are.
    """
    cells = list(cells)
    cluster = cluster_of_environment()
    if cluster:
        return run_in_order(cluster, [partial(count, cell) for cell in cells])
    if workers == 1:
        return list(tqdm(map(count, cells), total=len(cells)))
    with ProcessPoolExecutor(workers) as pool:
        return list(tqdm(pool.map(count, cells, chunksize=chunk), total=len(cells)))
