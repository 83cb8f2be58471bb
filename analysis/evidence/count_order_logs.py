"""Count how often the range of an order log holds the people who wanted one, over simulated logs.

People come by a law that we know; the clock stops after some of them; the method is asked how
many there were. The laws are those that the method fits, but the power law has no last person to
find: a steady stream that never ends stands in for it. Written
to data/evidence/arrival_coverage.csv (fitted by its own law) and arrival_laws_coverage.csv (all
laws weighed).
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from ..sellout.arrival_mix import fit_arrival_laws
from ..sellout.arrivals import fit_arrivals
from .counts import digest_of_count
from .workers import count_cells

# Laws of the times at which people come; the unit of the clock is arbitrary.
TRUE_LAWS = {
    "exponential": stats.expon(),
    "weibull": stats.weibull_min(0.7),
    "gamma": stats.gamma(1.8),
    "lognormal": stats.lognorm(1.0),
}
CROWD_SHARE, CROWD_RATE, STREAM_RATE = 0.4, 12.0, 1.0  # a waiting crowd, then a slower stream

# The seed of a cell holds the place of its law in this list, so that a law added to it shifts the
# draws of those behind it, and all cells must be counted afresh.
LAW_NAMES = sorted([*TRUE_LAWS, "crowd", "steady"])
POPULATIONS = (500, 5000)
SHARES_SEEN = (0.2, 0.5, 0.8)
OWN_LAW, ALL_LAWS = "its own law", "all laws"


@dataclass(frozen=True)
class LogCell:
    """One cell of the count.

    Attributes
    ----------
    truth : law by which people come; "steady" never ends
    fitted : `OWN_LAW` or `ALL_LAWS`
    people : people who want one
    share_seen : share of them that comes before the clock stops, on average
    logs : simulated logs
    seed : of the draws
    """

    truth: str
    fitted: str
    people: int
    share_seen: float
    logs: int
    seed: int


def crowd_cdf(time: np.ndarray | float) -> np.ndarray | float:
    """Return the share of people who have come by a time, a crowd first and then a stream."""
    still_in_crowd = CROWD_SHARE * np.exp(-CROWD_RATE * time)
    still_in_stream = (1 - CROWD_SHARE) * np.exp(-STREAM_RATE * time)
    return 1 - still_in_crowd - still_in_stream


def draw_log(
    law: str, people: int, share: float, rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Return the order times seen before the clock stops, and when it stops (Type I)."""
    if law == "steady":  # nobody will ever be the last
        return np.sort(rng.uniform(0, 1, int(people * share))), 1.0
    if law == "crowd":
        closed = optimize.brentq(lambda time: crowd_cdf(time) - share, 1e-9, 100)
        in_crowd = rng.random(people) < CROWD_SHARE
        times = rng.exponential(np.where(in_crowd, 1 / CROWD_RATE, 1 / STREAM_RATE))
    else:
        closed = TRUE_LAWS[law].ppf(share)
        times = TRUE_LAWS[law].rvs(people, random_state=rng)
    return np.sort(times[times <= closed]), float(closed)


def count_log_cell(cell: LogCell) -> dict:
    """Return how often the 95 % range of a cell holds the people, or is open at the top."""
    rng = np.random.default_rng(
        [cell.seed, cell.people, int(100 * cell.share_seen), LAW_NAMES.index(cell.truth)]
    )
    own_law = "exponential" if cell.truth == "steady" else cell.truth
    people = np.inf if cell.truth == "steady" else cell.people
    held = open_top = identified = 0
    for _ in range(cell.logs):
        times, closed = draw_log(cell.truth, cell.people, cell.share_seen, rng)
        if cell.fitted == ALL_LAWS:
            fit = fit_arrival_laws(times, closed_s=closed)
            finite = np.isfinite(fit.interval(0.95)[1])
        else:
            fit = fit_arrivals(times, closed_s=closed, law=own_law)
            finite = fit.identified
        low, high = fit.interval(0.95)
        held += low <= people <= high
        open_top += np.isinf(high)
        identified += finite
    row = asdict(cell)
    seed = row.pop("seed")
    return row | {
        "held_share": held / cell.logs,
        "open_top_share": open_top / cell.logs,
        "identified_share": identified / cell.logs,
        "seed": seed,
    }


def count_order_logs(fitted: str, logs: int = 200, seed: int = 1, workers: int = 2) -> pd.DataFrame:
    """Return the table of coverage of order logs: law by people by share seen.

    Parameters
    ----------
    fitted : str
        `OWN_LAW`: by the law that people came by; `ALL_LAWS`: all laws weighed, as the reports do
        it.
    logs : int
        Simulated logs a cell; the stream that never ends gets twice as many.
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
        LogCell(law, fitted, people, share, logs, seed)
        for people in POPULATIONS
        for law in (*TRUE_LAWS, "crowd")
        for share in SHARES_SEEN
    ]
    cells.append(LogCell("steady", fitted, POPULATIONS[0], SHARES_SEEN[0], 2 * logs, seed))
    table = "arrival_laws_coverage" if fitted == ALL_LAWS else "arrival_coverage"
    rows = count_cells(count_log_cell, cells, workers)
    return pd.DataFrame(rows).assign(code=digest_of_count(table))
