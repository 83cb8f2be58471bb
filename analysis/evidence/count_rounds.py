"""Count how often the ranges of a sale's demand and place hold, over simulated worlds of sales.

In a simulated world the demand behind each sale is known, and so is its place among all sales.
Some rates are known as lower bounds only, as in the press. Written to
data/evidence/rounds_coverage.csv.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy import stats

from ..sellout.rounds import fit_rounds
from .counts import digest_of_count
from .workers import count_cells

CHANGES = (0.0, -0.3)  # of the log rate with each further sale of a device


@dataclass(frozen=True)
class RoundsCell:
    """One cell of the count.

    Attributes
    ----------
    change : change of the log rate with each further sale of a device
    worlds : simulated worlds
    seed : of the draws
    """

    change: float
    worlds: int
    seed: int


def sale_round(device: str = "a", day: int = 1, shop: str = "mi_com", **more: object) -> dict:
    """Return one sold-out sale as a row of sale_rounds."""
    row = {
        "round_id": f"{device}{day}",
        "device": device,
        "market": "CN",
        "channel": shop,
        "round": np.nan,
        "date": pd.Timestamp("2014-01-01") + pd.Timedelta(day, unit="D"),
        "sold_out": "yes",
    }
    return row | more


def simulate_rounds(
    rng: np.random.Generator,
    shops: int = 8,
    devices: int = 14,
    each: int = 4,
    shop_sd: float = 2.0,
    rest_sd: float = 1.0,
    slope: float = 0.0,
    bound: float = 0.3,
) -> pd.DataFrame:
    """Return sales of devices, each in one or two shops, some of them lower bounds.

    Parameters
    ----------
    rng : Generator
        Of the draws.
    shops, devices, each : int
        Shops (in four markets), devices, and sales of each device.
    shop_sd, rest_sd : float
        Standard deviations between shops, and between the sales of one shop, in logs.
    slope : float
        Change of the log rate with each further sale of a device.
    bound : float
        Share of sales of which a lower bound alone is known.

    Returns
    -------
    DataFrame
        Rows of sale_rounds, with `true_demand` (log, 0 on average).
    """
    shop_effect = shop_sd * rng.standard_normal(shops)
    rows = []
    for device in range(devices):
        homes = rng.choice(shops, 2)
        for step in range(each):
            home = homes[step % 2]
            demand = rest_sd * rng.standard_normal()
            rate = np.exp(4 + shop_effect[home] + slope * step + demand)
            only_bound = rng.random() < bound
            figures = {
                "units": 1e5 * (rng.uniform(0.1, 1) if only_bound else 1),
                "units_bound": "lower" if only_bound else "exact",
                "sellout_s": 1e5 / rate,
                "seconds_bound": "exact",
                "round": step + 1,
                "true_demand": demand,
                "market": "CDEF"[home % 4],
            }
            rows.append(sale_round(f"d{device}", 7 * step, f"shop{home}", **figures))
    return pd.DataFrame(rows)


def count_rounds_cell(cell: RoundsCell) -> dict:
    """Return how often 95 % ranges of demand and place held, and how far the fits converged."""
    rng = np.random.default_rng([cell.seed, int(-100 * cell.change)])
    demand_held = []
    place_held = []
    convergence = []
    for _ in range(cell.worlds):
        world = simulate_rounds(rng, slope=cell.change)
        model = fit_rounds(world, longest_s=np.inf, draws=1024)
        rounds = model.rounds
        demand = rounds["true_demand"]
        place = pd.Series(stats.norm.cdf(demand), index=demand.index)
        demand_held.append(demand.between(rounds["demand_low"], rounds["demand_high"]).mean())
        place_held.append(place.between(rounds["percentile_low"], rounds["percentile_high"]).mean())
        convergence.append(model.convergence())
    every_term = pd.concat(convergence)
    row = asdict(cell)
    seed = row.pop("seed")
    return row | {
        "demand_share": np.mean(demand_held),
        "place_share": np.mean(place_held),
        "worst_r_hat": every_term["r_hat"].max(),
        "least_effective_draws": every_term["effective_draws"].min(),
        "seed": seed,
    }


def count_rounds(worlds: int = 40, seed: int = 1, workers: int = 2) -> pd.DataFrame:
    """Return the table of coverage of the model of sale rounds.

    Parameters
    ----------
    worlds : int
        Simulated worlds in all, of 56 sales each.
    seed : int
        Of the draws.
    workers : int
        Processes side by side.

    Returns
    -------
    DataFrame
        A row a change from sale to sale, with the digest of the code that was counted.
    """
    cells = [RoundsCell(change, worlds // len(CHANGES), seed) for change in CHANGES]
    rows = count_cells(count_rounds_cell, cells, workers)
    return pd.DataFrame(rows).assign(code=digest_of_count("rounds_coverage"))
