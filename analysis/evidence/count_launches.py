"""Count how often 80 % bands of a simulated launch under limited supply hold the truth.

A launch is drawn from the prior, its supply apart from it; the method sees flags and counts up to
a week and knows the supply. Written to data/evidence/launch_calibration.csv.
"""

import warnings
from dataclasses import dataclass
from unittest import mock

import numpy as np
import pandas as pd
from scipy import stats

from ..demand import fit_launch, fit_prior, milestone_sequences, simulate_launch, sold_at
from ..demand.counts import COUNT_NOISE
from ..demand.posterior import model_error_of_increments
from .counts import digest_of_count
from .workers import count_cells

HORIZON_WEEKS = 26  # "cumulative sales" is what is sold by then, future supply known
LOG_WEEKLY_SUPPLY = (np.log(1.8e5), 1.2)  # mean and sd, drawn without a look at the launch
WRONG_FLAG_SHARE = 0.05
SEEN_WEEKS = (4, 8, 16)
RANK_BINS = 20


@dataclass(frozen=True)
class SimulatedLaunch:
    """A launch drawn from the prior, and what a user would see of it.

    Attributes
    ----------
    supply : phones a week, shape (weeks,)
    truth : the simulated paths of this one launch
    counts : cumulative counts with `week` and `units`, each week's or each fourth
    sold_out : 1.0 where the week is flagged as sold out, else 0.0, shape (weeks,)
    """

    supply: np.ndarray
    truth: object
    counts: pd.DataFrame
    sold_out: np.ndarray


def draw_launch(prior, seed: int) -> SimulatedLaunch:
    """Return a launch drawn from the prior, with a supply drawn apart from it.

    Counts carry the model's own error, anew in weeks a third apart, and the noise of a count;
    every second launch is told weekly, the others each fourth week. One flag in twenty is wrong.
    """
    rng = np.random.default_rng(seed)
    level, spread = LOG_WEEKLY_SUPPLY
    supply = np.exp(rng.normal(level, spread) + 0.3 * rng.standard_normal(HORIZON_WEEKS))
    truth = simulate_launch(supply, **prior.parameters(rng.standard_normal((1, 5))))

    weeks = np.arange(1.0, 17.0)
    model_error = rng.standard_normal(8).repeat([1, 1, 1, 1, 2, 3, 3, 4])
    drift = np.exp(model_error_of_increments(truth, weeks, prior.model_error)[0] * model_error)
    weekly_sales = np.diff(sold_at(truth, weeks)[0], prepend=0) * drift
    units = np.cumsum(weekly_sales) * np.exp(COUNT_NOISE * rng.standard_normal(16))
    counts = pd.DataFrame({"week": weeks, "units": units})
    if seed % 2:
        counts = counts[3::4]

    short = truth.stockout_share[0] > 0
    wrong = rng.random(HORIZON_WEEKS) < WRONG_FLAG_SHARE
    return SimulatedLaunch(
        supply=supply,
        truth=truth,
        counts=counts,
        sold_out=np.where(wrong, ~short, short).astype(float),
    )


def random_rank(draws: np.ndarray, truth: float, rng: np.random.Generator) -> float:
    """Return the share of draws below the truth, with a random place among those that tie."""
    tie = np.abs(draws - truth) <= 1e-9 * abs(truth)
    below = np.sum((draws < truth) & ~tie)
    return (below + rng.random() * (tie.sum() + 1)) / (len(draws) + 1)


def judge_launch(task: tuple) -> list[dict]:
    """Return ranks and bands of one drawn launch, seen to each of `SEEN_WEEKS`.

    No launch is left out, so its counts go unchecked: noise may make them fall.
    """
    prior, seed = task
    launch = draw_launch(prior, seed)
    rng = np.random.default_rng([seed, 1])
    rows = []
    for seen in SEEN_WEEKS:
        in_view = np.arange(HORIZON_WEEKS) < seen
        with (
            warnings.catch_warnings(action="ignore"),
            mock.patch("analysis.demand.forecast.check_counts", lambda counts, *_: counts),
        ):
            fit = fit_launch(
                launch.supply,
                prior,
                counts=launch.counts[launch.counts["week"] <= seen],
                sold_out=np.where(in_view, launch.sold_out, np.nan),
                seed=seed,
            )
        quantities = {
            "sold by week 26": (fit.paths.sold[:, -1], launch.truth.sold[0, -1]),
            "potential": (fit.parameters["potential"], launch.truth.potential[0]),
        }
        for name, (draws, true) in quantities.items():
            low, high = np.quantile(draws, [0.1, 0.9])
            rows.append(
                {
                    "seen_weeks": seen,
                    "quantity": name,
                    "rank": random_rank(draws, true, rng),
                    "in_band": low * (1 - 1e-9) <= true <= high * (1 + 1e-9),
                    "one_point": high - low <= 1e-9 * high,
                    "effective": fit.effective_draws,
                    "bound": launch.truth.stockout_share.mean(),
                }
            )
    return rows


def count_launches(launches: int = 500, seed: int = 1, workers: int = 2) -> pd.DataFrame:
    """Return how often 80 % bands hold, and whether ranks are uniform, by weeks and quantity.

    Parameters
    ----------
    launches : int
        Launches drawn from the prior.
    seed : int
        Of the draws.
    workers : int
        Processes side by side.

    Returns
    -------
    DataFrame
        A row for each number of weeks seen and quantity. `held_share` counts a truth as held if its
        randomised rank is within the middle 80 %: where supply decides, the band is one point
        (`one_point_share`) and holds whatever its level; `in_band_share` counts those too.
    """
    prior = fit_prior(milestone_sequences())
    tasks = [(prior, 1000 * seed + number) for number in range(launches)]
    judged = count_cells(judge_launch, tasks, workers, chunk=10)
    bands = pd.DataFrame([row for rows in judged for row in rows])
    rows = []
    for (seen, quantity), cell in bands.groupby(["seen_weeks", "quantity"]):
        held = cell["rank"].between(0.1, 0.9).mean()
        rows.append(
            {
                "seen_weeks": seen,
                "quantity": quantity,
                "launches": len(cell),
                "held_share": held,
                "monte_carlo_sd": np.sqrt(held * (1 - held) / len(cell)),
                "in_band_share": cell["in_band"].mean(),
                "one_point_share": cell["one_point"].mean(),
                "ranks_p_value": uniform_p_value(cell["rank"]),
                "least_effective": cell["effective"].min(),
                "below_400_share": (cell["effective"] < 400).mean(),
                "bound_share": cell["bound"].mean(),
                "seed": seed,
            }
        )
    return pd.DataFrame(rows).assign(code=digest_of_count("launch_calibration"))


def uniform_p_value(ranks: pd.Series) -> float:
    """Return the p value of a chi-squared test that ranks are uniform from 0 to 1."""
    seen = np.histogram(ranks, RANK_BINS, (0, 1))[0]
    return float(stats.chisquare(seen).pvalue)
