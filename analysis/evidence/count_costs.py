"""Count how often ranges of costs hold the truth: pairs of costings, trends, forecasts.

Written to data/evidence/pair_coverage.csv, panel_coverage.csv and cost_hindcast.csv. Pairs and
panels are simulated; the forecasts run over histories drawn from published technologies, and over
the real prices of flash memory on file.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..bom import (
    PAIR_SETS,
    costing_noise,
    fit_trend,
    hindcast,
    pool_decline,
    score_hindcast,
    select_clean_pairs,
    yearly_runs,
)
from ..data import load_table
from .counts import digest_of_count
from .workers import count_cells

MEAN_RATE = -0.25  # log cost a year of the average simulated product
NO_DOUBT = 10**6  # so many revisions behind a noise that it is taken as known
PRICE_PATHS = ("steady", "wandering", "strongly wandering")
HINDCAST_COLUMNS = [
    "data",
    "level",
    "horizon",
    "estimate",
    "low",
    "high",
    "pit_mean",
    "pit_sd",
    "windows",
    "series",
]


@dataclass(frozen=True)
class PairCell:
    """One cell of simulated pairs of costings.

    Attributes
    ----------
    between_sd : standard deviation of true yearly rates between products, in logs
    noise_factor : true noise of a costing over the noise that the method is told
    runs : simulated sets of pairs
    seed : of the draws
    """

    between_sd: float
    noise_factor: float
    runs: int
    seed: int


def real_gaps(pairs: int = 8) -> np.ndarray:
    """Return the years between the costings of the first real pairs of the widest rule."""
    chosen = select_clean_pairs(
        load_table("recosted_pairs"),
        load_table("devices"),
        PAIR_SETS["near specification admitted"],
    )
    return chosen["years"].to_numpy()[:pairs]


def count_pair_cell(cell: PairCell) -> dict:
    """Return how often the ranges of the mean rate and of one more product's rate hold."""
    rng = np.random.default_rng(
        [cell.seed, round(100 * cell.between_sd), round(100 * cell.noise_factor)]
    )
    gaps = real_gaps()
    noise_sd, revisions = costing_noise(load_table("recosted_pairs"), load_table("devices"))
    mean_held = next_held = next_held_if_noise_trusted = 0
    for _ in range(cell.runs):
        true_rates = rng.normal(MEAN_RATE, cell.between_sd, len(gaps) + 1)
        next_rate = true_rates[-1]
        errors = cell.noise_factor * noise_sd / gaps * rng.standard_normal(len(gaps))
        pairs = pd.DataFrame({"rate_per_year": true_rates[:-1] + errors, "years": gaps})
        fit = pool_decline(pairs, (noise_sd, revisions))
        trusting = pool_decline(pairs, (noise_sd, NO_DOUBT))
        mean_held += fit.low <= MEAN_RATE <= fit.high
        next_held += fit.predicted_low <= next_rate <= fit.predicted_high
        next_held_if_noise_trusted += trusting.predicted_low <= next_rate <= trusting.predicted_high
    return {
        "between_sd": cell.between_sd,
        "noise_true_over_told": cell.noise_factor,
        "pairs": len(gaps),
        "runs": cell.runs,
        "pooled_share": mean_held / cell.runs,
        "next_phone_share": next_held / cell.runs,
        "next_phone_share_noise_trusted": next_held_if_noise_trusted / cell.runs,
        "seed": cell.seed,
    }


def count_pairs(runs: int = 2000, seed: int = 1, workers: int = 2) -> pd.DataFrame:
    """Return the coverage of pairs: spread between products by how wrong the noise is."""
    cells = [
        PairCell(between_sd=between, noise_factor=factor, runs=runs, seed=seed)
        for between in (0.0, 0.1, 0.2)
        for factor in (1.0, 1.5, 1 / 1.5)
    ]
    rows = count_cells(count_pair_cell, cells, workers)
    return pd.DataFrame(rows).assign(code=digest_of_count("pair_coverage"))


@dataclass(frozen=True)
class PanelCell:
    """One cell of simulated panels: costings of one component over ten years.

    Attributes
    ----------
    costings : costings in a panel
    prices : how the price of the component moves about its trend, one of `PRICE_PATHS`
    come_and_go : whether analysts enter and leave in the course of the ten years
    runs : simulated panels
    seed : of the draws
    """

    costings: int
    prices: str
    come_and_go: bool
    runs: int
    seed: int


def draw_panel(
    costings: int, wander: float, come_and_go: bool, rng: np.random.Generator
) -> tuple[pd.DataFrame, float]:
    """Return ten years of costings of one component by four analysts, and its true yearly rate.

    Parameters
    ----------
    costings : int
        Rows of the panel; about three in ten devices are costed twice on one day.
    wander : float
        Standard deviation of the price's random walk, in logs a root year.
    come_and_go : bool
        Whether analysts enter and leave; the last one stays to the end.
    rng : Generator
        Draws every truth anew.

    Returns
    -------
    (DataFrame, float)
        `teardown_date`, `analyst_house`, `device`, `cost_usd`, `size`; and the rate in logs a year.
    """
    years = np.sort(rng.uniform(0, 10, costings))
    device = np.arange(costings)
    costed_twice = np.flatnonzero(rng.random(costings) < 0.3)[:-1]
    years[costed_twice + 1] = years[costed_twice]
    device[costed_twice + 1] = device[costed_twice]
    analyst = _draw_analysts(years, come_and_go, rng)

    # Truths of this panel: the rate, the elasticity of cost to size, and a price that walks.
    rate = rng.normal(-0.2, 0.15)
    elasticity = rng.uniform(0.5, 1.2)
    grid = np.linspace(0, 10.1, 400)
    steps = wander * np.sqrt(grid[1]) * rng.standard_normal(399)
    log_price = np.interp(years, grid, np.r_[0, np.cumsum(steps)])

    # Sizes grow with the years; every analyst, every device and every costing has an error of its
    # own.
    log_size = 0.25 * years + rng.normal(0, 0.7, costings)
    noise = (
        0.15 * rng.standard_normal(4)[analyst]
        + 0.1 * rng.standard_normal(costings)[device]
        + 0.15 * rng.standard_normal(costings)
    )
    log_cost = 3 + rate * years + elasticity * log_size + log_price + noise
    panel = pd.DataFrame(
        {
            "teardown_date": pd.Timestamp("2010-01-01") + pd.to_timedelta(years * 365.25, unit="D"),
            "analyst_house": analyst,
            "device": device,
            "cost_usd": np.exp(log_cost),
            "size": np.exp(log_size),
        }
    )
    return panel, rate


def _draw_analysts(years: np.ndarray, come_and_go: bool, rng: np.random.Generator) -> np.ndarray:
    """Draw which of four analysts made each costing, among those at work in that year."""
    if come_and_go:
        start = np.r_[0, np.sort(rng.uniform(0, 7, 3))]
        end = np.r_[start[:-1] + rng.uniform(2.5, 7, 3), 11]
    else:
        start = np.zeros(4)
        end = np.full(4, 11)
    analysts = []
    for year in years:
        at_work = np.flatnonzero((start <= year) & (year <= end))
        analysts.append(rng.choice(at_work) if len(at_work) else 3)
    return np.array(analysts)


def count_panel_cell(cell: PanelCell) -> dict:
    """Return how often the 95 % range of the yearly rate holds the rate drawn for its panel."""
    rng = np.random.default_rng(
        [cell.seed, cell.costings, PRICE_PATHS.index(cell.prices), cell.come_and_go]
    )
    held = 0
    mean_width = 0.0
    for _ in range(cell.runs):
        # Drawn whatever the prices do, so that the cells of one size share their draws.
        drawn_wander = rng.uniform(0, 0.3)
        wander = {"steady": 0.0, "wandering": drawn_wander, "strongly wandering": 0.3}
        panel, rate = draw_panel(cell.costings, wander[cell.prices], cell.come_and_go, rng)
        trend = fit_trend(panel, "cost_usd", "size").loc["trend"]
        held += trend["low"] <= rate <= trend["high"]
        mean_width += (trend["high"] - trend["low"]) / cell.runs
    return {
        "costings": cell.costings,
        "prices": cell.prices,
        "analysts_come_and_go": cell.come_and_go,
        "runs": cell.runs,
        "held_share": held / cell.runs,
        "mean_width": mean_width,
        "seed": cell.seed,
    }


def count_panels(
    runs: int = 2000, seed: int = 2, workers: int = 2, costings: tuple[int, ...] = (14, 40)
) -> pd.DataFrame:
    """Return the coverage of trends: costings by price path by whether analysts stay.

    Seed 1 served to choose the grid of the model, so it is not counted here.
    """
    cells = [
        PanelCell(costings=size, prices=prices, come_and_go=come_and_go, runs=runs, seed=seed)
        for size in costings
        for prices in PRICE_PATHS
        for come_and_go in (False, True)
    ]
    rows = count_cells(count_panel_cell, cells, workers)
    return pd.DataFrame(rows).assign(code=digest_of_count("panel_coverage"))


def draw_technologies(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return one history of cost for each published technology, by its name.

    Drift, noise, length and moving average (theta, bounded by 0.9) are those published for it;
    noise is at least 0.005 in logs.
    """
    technologies = load_table("technologies").dropna(subset=["noise", "theta"])
    histories = {}
    for row in technologies.itertuples():
        theta = float(np.clip(row.theta, -0.9, 0.9))
        shock_sd = max(row.noise, 0.005) / np.sqrt(1 + theta**2)
        shocks = rng.standard_normal(int(row.years)) * shock_sd
        changes = row.drift + shocks[1:] + theta * shocks[:-1]
        histories[row.technology] = np.exp(np.r_[0, np.cumsum(changes)])
    return histories


def count_cost_forecasts(histories: int = 40, seed: int = 1, horizons: int = 10) -> pd.DataFrame:
    """Return coverage and probability integral transform of cost forecasts, by years ahead.

    Parameters
    ----------
    histories : int
        Histories drawn of each published technology; drift, noise and theta of each differ from the
        pooled theta that the bands use.
    seed : int
        Of the draws.
    horizons : int
        Years ahead that are counted.

    Returns
    -------
    DataFrame
        A row for each data, level and year ahead.
    """
    rng = np.random.default_rng(seed)
    memory_prices = yearly_runs(load_table("component_prices").query("unit == 'usd_per_gb'"))
    drawn = {
        f"{name} {number}": cost
        for number in range(histories)
        for name, cost in draw_technologies(rng).items()
    }
    drawn_errors = hindcast(drawn)
    # Histories of one technology are one series: its drift and noise are the same in all of them.
    drawn_errors["series"] = drawn_errors["series"].str.split(" ").str[0]
    errors_of = {
        "prices per gigabyte on file": hindcast(memory_prices, windows=(3, 4, 5)),
        "histories drawn from published technologies": drawn_errors,
    }
    scores = []
    for data, errors in errors_of.items():
        for level in (0.8, 0.95):
            score = score_hindcast(errors, level)
            score = score[score["horizon"] <= horizons]
            scores.append(score.assign(data=data, level=level))
    table = pd.concat(scores)[HINDCAST_COLUMNS]
    return table.assign(seed=seed, code=digest_of_count("cost_hindcast"))
