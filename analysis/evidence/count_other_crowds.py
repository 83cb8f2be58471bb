"""Count how often the ranges of an order log hold for crowds that follow none of its laws.

Each simulated sale ends when the stock, a share of all who want one, is gone; the method is asked
how many there were and how many orders would have come by twice that time. Written to
data/evidence/: crowd_coverage.csv (the crowds of `simulated_crowds.COUNTED`, and a second wave that
is in no log), stamp_coverage.csv (stamps to the second of short sales) and burst_coverage.csv (the
share of bots in the first three seconds).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from ..sellout.arrival_mix import ArrivalLaws, fit_arrival_count_laws, fit_arrival_laws
from ..sellout.first_seconds import read_first_seconds
from ..sellout.order_times import complete_steps
from .counts import digest_of_count
from .simulated_crowds import COUNTED, Process, bots_then_people, second_wave
from .workers import count_cells

PEOPLE = (1_000, 10_000, 50_000)
SHARES_SEEN = (0.3, 0.6, 0.8)
SECOND_WAVE = "second wave"  # comes after the stock is gone
CROWDS: dict[str, Process] = COUNTED | {SECOND_WAVE: second_wave}
SALE_SECONDS = (5, 10, 30)
BOT_SHARES = (0.1, 0.2, 0.3)
SHARE_SEEN_OF_BOTS = 0.6


@dataclass(frozen=True)
class CrowdCell:
    """One cell of the count of other crowds.

    Attributes
    ----------
    crowd : how people come, a name in `CROWDS`
    people : people who want one
    share_seen : stock over people
    logs : simulated logs
    seed : of the draws
    """

    crowd: str
    people: int
    share_seen: float
    logs: int
    seed: int


def count_crowd_cell(cell: CrowdCell) -> dict:
    """Return how often the ranges of a cell hold, and how wide they are."""
    place = list(CROWDS).index(cell.crowd)
    rng = np.random.default_rng([cell.seed, place, cell.people, int(100 * cell.share_seen)])
    trials = []
    for _ in range(cell.logs):
        times_s = np.sort(CROWDS[cell.crowd](cell.people, rng))
        stock = int(cell.share_seen * cell.people)
        laws = fit_arrival_laws(times_s[:stock])
        by_twice = int(np.searchsorted(times_s, 2 * laws.closed_s, side="right"))
        trials.append(judge(laws, cell.people, by_twice))
    return _row_of(cell, trials)


def judge(laws: ArrivalLaws, people: int, by_twice: int) -> dict:
    """Set the answers for one log against the truth: people, and orders by twice the clock."""
    low, high = laws.interval(0.95)
    low_twice, _, high_twice = laws.orders_by(2 * laws.closed_s, 0.8)
    return {
        "held_share": low <= people <= high,
        "low_above_share": low > people,
        "open_top_share": np.isinf(high),
        "cannot_tell_share": laws.cannot_tell,
        "median_fold": high / low,
        "twice_held_share": low_twice <= by_twice <= high_twice,
        "median_fold_twice": high_twice / low_twice,
    }


def _row_of(cell: CrowdCell, trials: list[dict]) -> dict:
    """Put the means of a cell's trials, and the medians of its folds, beside its name."""
    table = pd.DataFrame(trials)
    folds = table.columns[table.columns.str.startswith("median")]
    row = asdict(cell)
    seed = row.pop("seed")
    medians = {name: float(np.median(table[name])) for name in folds}
    means = table.drop(columns=folds).mean().to_dict()
    return row | means | medians | {"seed": seed}


# ---- stamps to the second ----


@dataclass(frozen=True)
class StampCell:
    """One cell of the count of stamps to the second.

    Attributes
    ----------
    sale_s : seconds until the stock is gone, on average
    people : people who want one
    share_seen : stock over people
    logs : simulated logs
    seed : of the draws
    """

    sale_s: int
    people: int
    share_seen: float
    logs: int
    seed: int


def count_stamp_cell(cell: StampCell) -> dict:
    """Return how often the range holds the people of sales with stamps to the second.

    People come by a gamma law with shape 1.5, and the opening is known.
    """
    rng = np.random.default_rng([cell.seed, cell.sale_s, cell.people])
    trials = []
    refused = 0
    stock = int(cell.share_seen * cell.people)
    for _ in range(cell.logs):
        times = np.sort(rng.gamma(1.5, 1.0, cell.people))
        times_s = times * cell.sale_s / times[stock - 1] * rng.uniform(0.9, 1.1)
        by_second = np.bincount(times_s[:stock].astype(int))
        try:
            laws = fit_arrival_count_laws(*complete_steps(by_second))
        except ValueError:
            refused += 1
            continue
        by_twice = int(np.searchsorted(times_s, 2 * laws.closed_s))
        trials.append(judge(laws, cell.people, by_twice))
    return _row_of(cell, trials) | {"refused_share": refused / cell.logs}


# ---- bots in the first seconds ----


@dataclass(frozen=True)
class BotCell:
    """One cell of the count of bots.

    Attributes
    ----------
    bot_share : bots over all who want one
    people : people and bots who want one
    logs : simulated logs
    seed : of the draws
    """

    bot_share: float
    people: int
    logs: int
    seed: int


def count_bot_cell(cell: BotCell) -> dict:
    """Return how often the interval of a burst's share holds the bots' share of the orders."""
    rng = np.random.default_rng([cell.seed, int(100 * cell.bot_share), cell.people])
    trials = []
    for _ in range(cell.logs):
        is_bot, times_s = _bots_first(cell, rng)
        first = read_first_seconds(times_s, np.arange(1, len(times_s) + 1))
        trials.append(
            {
                "held_share": first.low <= is_bot.mean() <= first.high,
                "seen_share": first.burst_s > 0,
                "median_width": first.high - first.low,
            }
        )
    return _row_of(cell, trials)


def _bots_first(cell: BotCell, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw which orders of a log are bots', and the times of all of them, the stock being gone."""
    is_bot = rng.random(cell.people) < cell.bot_share
    by_bots_s = bots_then_people(cell.people, rng, bot_share=1.0)
    by_people_s = bots_then_people(cell.people, rng, bot_share=0.0)
    times_s = np.where(is_bot, by_bots_s, by_people_s)
    seen = np.argsort(times_s)[: int(SHARE_SEEN_OF_BOTS * cell.people)]
    return is_bot[seen], times_s[seen]


# ---- tables ----


def count_crowds(logs: int = 200, seed: int = 1, workers: int = 1) -> pd.DataFrame:
    """Return the coverage of crowds that set no constant: a row a crowd, size and share seen.

    Parameters
    ----------
    logs : int
        Simulated logs a cell.
    seed : int
        Of the draws.
    workers : int
        Processes side by side.

    Returns
    -------
    DataFrame
        A row a cell, with the digest of the code that was counted.
    """
    cells = [
        CrowdCell(crowd, people, share, logs, seed)
        for crowd in COUNTED
        for people in PEOPLE
        for share in SHARES_SEEN
    ]
    return _table("crowd_coverage", count_crowd_cell, cells, workers)


def count_second_wave(logs: int = 200, seed: int = 1, workers: int = 1) -> pd.DataFrame:
    """Return the coverage where a second wave comes after the stock is gone, as `count_crowds`."""
    cells = [CrowdCell(SECOND_WAVE, PEOPLE[1], share, logs, seed) for share in SHARES_SEEN[:2]]
    return _table("wave_coverage", count_crowd_cell, cells, workers)


def count_stamps(logs: int = 200, seed: int = 1, workers: int = 1) -> pd.DataFrame:
    """Return the coverage of short sales with stamps to the second, as `count_crowds`."""
    cells = [
        StampCell(sale_s, people, 0.6, logs, seed)
        for sale_s in SALE_SECONDS
        for people in PEOPLE[:2]
    ]
    return _table("stamp_coverage", count_stamp_cell, cells, workers)


def count_bots(logs: int = 200, seed: int = 1, workers: int = 1) -> pd.DataFrame:
    """Return how often the share of bots lies in its interval, as `count_crowds`."""
    cells = [BotCell(share, people, logs, seed) for share in BOT_SHARES for people in PEOPLE[:2]]
    return _table("burst_coverage", count_bot_cell, cells, workers)


def _table(name: str, count: Callable[..., dict], cells: list, workers: int) -> pd.DataFrame:
    """Count the cells of a table and put the digest of the code that was counted beside them."""
    return pd.DataFrame(count_cells(count, cells, workers)).assign(code=digest_of_count(name))
