"""Count how often 80 % bands of a simulated launch under limited supply hold the truth.

A launch is drawn from the prior, its supply apart from it. The method sees flags, counts and what
came of supply up to a week, all of them with errors; of supply to come it knows nothing. Truths
depart from what the method assumes in six ways. Written to data/evidence/launch_calibration.csv.
"""

import warnings
from dataclasses import dataclass
from unittest import mock

import numpy as np
import pandas as pd
from scipy import stats

from ..demand import draw_drift, fit_launch, fit_prior, milestone_sequences
from ..demand.counts import COUNT_NOISE
from ..demand.drift import SUPPLY_ERROR, expected_growth
from ..demand.launch_model import advance_one_step
from ..demand.posterior import SupplyKind
from .counts import digest_of_count
from .workers import count_cells

HORIZON_WEEKS = 26  # "sold by week 26" is what is shown of a launch half a year on
LOG_WEEKLY_SUPPLY = (np.log(1.8e5), 1.2)  # mean and sd, drawn without a look at the launch
WEEKLY_NOISE = 0.3  # sd in logs of supply from week to week
# Sd in logs of supply as told, and of sales against it, and of its growth a week after the weeks
# seen; the method allows for a little more of both.
TRUE_SUPPLY_ERROR = 0.15
TRUE_DRIFT_SD = 0.07
# Log by which supply grows a week, about as lots on file do, while everything is sold.
GROWTH_WHILE_SOLD_OUT = 0.08
WRONG_FLAG_SHARE = 0.05
SEEN_WEEKS = (4, 8, 16)
WEEKS_OF_LEVEL = 4  # supply to come goes on from the mean of so many weeks
RANK_BINS = 20
POOL = 1000  # draws of supply to come


@dataclass(frozen=True)
class World:
    """How a truth departs from what the method assumes; nothing departs by default.

    Attributes
    ----------
    name : what the departure is called
    peak : factor of demand in weeks 18 to 21, a holiday
    raised : log by which supply of the next week grows where the last sold out
    cut : log by which it shrinks where stock was left
    growth : share of the potential that is added each week
    shock_sd : sd in logs of demand from week to week, kept by 0.8 into the next
    count_noise : sd in logs of counts
    shipped : whether counts are of units shipped, up to a month of sales in shops included
    """

    name: str
    peak: float = 1.0
    raised: float = 0.0
    cut: float = 0.0
    growth: float = 0.0
    shock_sd: float = 0.0
    count_noise: float = COUNT_NOISE
    shipped: bool = False


WORLDS = (
    World("in family"),
    World("holiday peak", peak=2.0),
    World("supply reacts, 4 % a week", raised=0.04, cut=0.02),
    World("potential grows 2 % a week", growth=0.02),
    World("correlated shocks", shock_sd=0.3),
    World("counts with 15 % noise", count_noise=0.15),
    World("shipped, not sold", shipped=True),
)
HOLIDAY_WEEKS = range(17, 21)
SHOCK_KEPT = 0.8


@dataclass(frozen=True)
class SimulatedLaunch:
    """A launch drawn from the prior, and what a user would see of it by a week.

    Attributes
    ----------
    supply : units by week, shape (weeks,)
    told_supply : units by week as far as seen, with their error
    sold : units sold in all by the end of each week, shape (weeks,)
    potential : people who would ever buy, at first
    short : share of each week without stock
    counts : cumulative counts with `week` and `units`, as far as seen
    sold_out : 1.0 where the week is flagged as sold out, else 0.0, as far as seen
    """

    supply: np.ndarray
    told_supply: np.ndarray
    sold: np.ndarray
    potential: float
    short: np.ndarray
    counts: pd.DataFrame
    sold_out: np.ndarray


def draw_launch(prior, seed: int, seen: int, world: World = WORLDS[0]) -> SimulatedLaunch:
    """Return a launch drawn from the prior, with a supply drawn apart from it.

    Sales miss the curve by the model's error, or by that of supply while it binds, anew between
    counts that are a third of the weeks apart and once from the last on, as the method takes it.
    Every second launch is told weekly, the others each fourth week. One flag in twenty is wrong.
    """
    rng = np.random.default_rng(seed)
    level, spread = LOG_WEEKLY_SUPPLY
    noise = WEEKLY_NOISE * rng.standard_normal(HORIZON_WEEKS)
    supply = np.exp(rng.normal(level, spread) + noise)
    people = {
        name: value[0] for name, value in prior.parameters(rng.standard_normal((1, 5))).items()
    }
    shocks = world.shock_sd * rng.standard_normal(HORIZON_WEEKS)
    _, short, _, _ = simulate_world(supply, people, shocks, world)
    is_wrong = rng.random(HORIZON_WEEKS) < WRONG_FLAG_SHARE
    flags = np.where(is_wrong, short <= 0, short > 0).astype(float)[:seen]
    # What comes after the weeks seen drifts by what the last flag says, as the method takes it.
    later = np.random.default_rng([seed, seen])
    growth = expected_growth(flags[-1], GROWTH_WHILE_SOLD_OUT)
    drift = draw_drift(HORIZON_WEEKS, float(seen), 1, later, growth, TRUE_DRIFT_SD)[0]
    curve, short, stock, supply = simulate_world(supply * drift, people, shocks, world)

    error = rng.standard_normal(HORIZON_WEEKS)[_block_of_weeks(seen)]
    sd = prior.model_error + (TRUE_SUPPLY_ERROR - prior.model_error) * short
    sold = np.cumsum(np.diff(curve, prepend=0) * np.exp(sd * error))

    weeks = np.arange(1.0, HORIZON_WEEKS + 1)
    a_month_of_sales = 4 * np.diff(sold, prepend=0)
    counted = sold + np.minimum(stock, a_month_of_sales) if world.shipped else sold
    units = counted * np.exp(world.count_noise * rng.standard_normal(HORIZON_WEEKS))
    kind = "shipped" if world.shipped else "sold"
    counts = pd.DataFrame({"week": weeks, "units": units, "kind": kind})[:seen]
    told_error = np.exp(TRUE_SUPPLY_ERROR * rng.standard_normal())
    return SimulatedLaunch(
        supply=supply,
        told_supply=supply[:seen] * told_error,
        sold=sold,
        potential=people["potential"],
        short=short,
        counts=counts[3::4] if seed % 2 else counts,
        sold_out=flags,
    )


def _block_of_weeks(seen: int) -> np.ndarray:
    """Return by week the number of its stretch between counts; all weeks after `seen` are one."""
    edges = [seen]
    while edges[-1] > 1:
        edges.append(int(min(np.floor(edges[-1] * 0.75), edges[-1] - 1)))
    return np.searchsorted(edges[::-1], np.arange(HORIZON_WEEKS), side="right")


def simulate_world(
    supply: np.ndarray, people: dict[str, float], shocks: np.ndarray, world: World
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return units sold by week, share without stock, stock and supply of one launch in a world.

    Walks the weeks one by one, as only so demand and supply can depart from the model on the way.
    """
    potential = people["potential"]
    owners = np.zeros(1)
    waiting = np.array([potential * people["initial_share"]])
    untouched = potential - waiting
    stock, shock, reaction = np.zeros(1), 0.0, 0.0
    rows = []
    for week, planned in enumerate(supply):
        shock = SHOCK_KEPT * shock + shocks[week]
        demand = np.exp(shock) * (world.peak if week in HOLIDAY_WEEKS else 1.0)
        arrived = planned * np.exp(reaction)
        step = advance_one_step(
            stock + arrived,
            owners,
            waiting,
            untouched,
            people["p"] * demand,
            people["q"] * demand / potential,
            people["reneging_rate"],
        )
        owners, waiting = step.owners, step.waiting
        untouched = step.untouched + world.growth * potential
        stock = np.fmax(stock + arrived - step.sold, 0)
        reaction += world.raised if step.stockout_share[0] > 0 else -world.cut
        rows.append((owners[0], step.stockout_share[0], stock[0], arrived))
    sold, short, stock_by_week, supply = np.array(rows).T
    return sold, short, stock_by_week, supply


def supply_to_come(told_supply: np.ndarray, last_flag: float, seed: int) -> np.ndarray:
    """Return draws of supply (draws, weeks): what was told, then its level with drift and noise.

    This is what the forecast of a launch believes of output that was reported.
    """
    rng = np.random.default_rng([seed, 4])
    seen = len(told_supply)
    level = np.log(told_supply[-WEEKS_OF_LEVEL:]).mean()
    level_error = WEEKLY_NOISE / np.sqrt(min(seen, WEEKS_OF_LEVEL))
    growth = expected_growth(last_flag, GROWTH_WHILE_SOLD_OUT)
    drift = draw_drift(HORIZON_WEEKS, float(seen), POOL, rng, growth)
    noise = WEEKLY_NOISE * rng.standard_normal((POOL, HORIZON_WEEKS))
    level = level + level_error * rng.standard_normal((POOL, 1))
    supply = np.exp(level + noise) * drift
    supply[:, :seen] = told_supply
    return supply * np.exp(SUPPLY_ERROR * rng.standard_normal((POOL, 1)))


def random_rank(draws: np.ndarray, truth: float, rng: np.random.Generator) -> float:
    """Return the share of draws below the truth, with a random place among those that tie."""
    tie = np.abs(draws - truth) <= 1e-9 * abs(truth)
    below = np.sum((draws < truth) & ~tie)
    return (below + rng.random() * (tie.sum() + 1)) / (len(draws) + 1)


def judge_launch(task: tuple) -> dict:
    """Return rank and band of what is shown of one drawn launch, `sold_by` week 26.

    No launch is left out, so its counts go unchecked: noise may make them fall.
    """
    prior, seed, seen, world, draws = task
    launch = draw_launch(prior, seed, seen, world)
    with (
        warnings.catch_warnings(action="ignore"),
        mock.patch("analysis.demand.fit.check_counts", lambda counts, *_: counts),
    ):
        fit = fit_launch(
            supply_to_come(launch.told_supply, launch.sold_out[-1], seed),
            prior,
            counts=launch.counts,
            sold_out=launch.sold_out,
            kind=SupplyKind(error=SUPPLY_ERROR),
            draws=draws,
            target=draws / 3,
            most_extra_rounds=12,
            seed=seed,
        )
    sold = fit.sold_by(float(HORIZON_WEEKS))
    low, high = np.quantile(sold, [0.1, 0.9])
    truth = launch.sold[-1]
    return {
        "departure": world.name,
        "seen_weeks": seen,
        "rank": random_rank(sold, truth, np.random.default_rng([seed, 1])),
        "held": low * (1 - 1e-9) <= truth <= high * (1 + 1e-9),
        "one_point": high - low <= 1e-9 * high,
        "fold": high / low,
        "effective": fit.effective_draws,
        "short": launch.short.mean(),
    }


def count_launches(
    launches: int = 500,
    seed: int = 1,
    workers: int = 2,
    draws: int = 300,
    worlds: tuple[World, ...] = WORLDS,
) -> pd.DataFrame:
    """Return how often 80 % bands hold what is sold by week 26, by departure and weeks seen.

    `date_of` reads the same draws the other way round, so what holds for the one holds for it.

    Parameters
    ----------
    launches : int
        Launches drawn from the prior, the same in every cell.
    seed : int
        Of the draws.
    workers : int
        Processes side by side.
    draws : int
        Draws of each forecast.
    worlds : tuple of World
        In family and the departures.

    Returns
    -------
    DataFrame
        A row for each departure and number of weeks seen: `held_share` with its Monte Carlo error,
        `one_point_share` of bands that are one point, `median_fold` of high over low, whether ranks
        are uniform, and the least effective sample size.
    """
    prior = fit_prior(milestone_sequences())
    tasks = [
        (prior, 1000 * seed + number, seen, world, draws)
        for world in worlds
        for seen in SEEN_WEEKS
        for number in range(launches)
    ]
    bands = pd.DataFrame(count_cells(judge_launch, tasks, workers, chunk=10))
    rows = []
    for (departure, seen), cell in bands.groupby(["departure", "seen_weeks"], sort=False):
        held = cell["held"].mean()
        rows.append(
            {
                "departure": departure,
                "seen_weeks": seen,
                "launches": len(cell),
                "held_share": held,
                "monte_carlo_sd": np.sqrt(held * (1 - held) / len(cell)),
                "one_point_share": cell["one_point"].mean(),
                "median_fold": cell["fold"].median(),
                "ranks_p_value": uniform_p_value(cell["rank"]),
                "median_effective": cell["effective"].median(),
                "bound_share": cell["short"].mean(),
                "seed": seed,
            }
        )
    return pd.DataFrame(rows).assign(code=digest_of_count("launch_calibration"))


def uniform_p_value(ranks: pd.Series) -> float:
    """Return the p value of a chi-squared test that ranks are uniform from 0 to 1."""
    seen = np.histogram(ranks, RANK_BINS, (0, 1))[0]
    return float(stats.chisquare(seen).pvalue)
