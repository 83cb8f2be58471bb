"""Count the cells of a table on several processes, in order."""

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from tqdm import tqdm

Cell = TypeVar("Cell")


def count_cells(
    count: Callable[[Cell], dict], cells: Iterable[Cell], workers: int, chunk: int = 1
) -> list[dict]:
    """Return what `count` makes of every cell, in the order of the cells, with a progress bar."""
    cells = list(cells)
    if workers == 1:
        return [count(cell) for cell in cells]
    with ProcessPoolExecutor(workers) as pool:
        return list(tqdm(pool.map(count, cells, chunksize=chunk), total=len(cells)))
