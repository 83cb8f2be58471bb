"""Count how often ranges of the yearly fall of a product's cost hold a simulated truth.

Written to data/evidence/decline_coverage.csv. Each run draws true rates, spreads and biases, gives
every row of evidence on file a change made from them, and fits the regression as on file. In some
worlds the truth scatters twice or half as far as the priors say, or rises are published less often
than falls.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..bom import (
    NEWS,
    PRIORS,
    SPREADS,
    Decline,
    NormalMixture,
    Priors,
    error_structure,
    fit_decline,
    fit_evidence,
    model_matrix,
)
from ..data import load_table
from .counts import digest_of_count
from .workers import count_cells

LEVEL = 0.95
MONTHS_OF_OWN_COSTINGS = {2: (0, 6), 5: (0, 3, 6, 9, 12)}


@dataclass(frozen=True)
class DeclineCell:
    """One simulated world.

    Attributes
    ----------
    spread_factor : true spread over the median that its prior says, all alike
    rate_factor : true standard deviation of every mean over the one that the priors say
    rises_published : chance that a rise of an entire product's cost is published, a fall being 1
    runs : simulated sets of evidence
    seed : of the draws
    """

    spread_factor: float
    rate_factor: float
    rises_published: float
    runs: int
    seed: int


CELLS = (
    (1.0, 1.0, 1.0),
    (2.0, 1.0, 1.0),
    (0.5, 1.0, 1.0),
    (1.0, 2.0, 1.0),
    (1.0, 0.5, 1.0),
    (1.0, 1.0, 0.5),
    (2.0, 1.0, 0.5),
)


def true_priors(cell: DeclineCell) -> Priors:
    """Return what the truths of a world are drawn from."""
    return Priors(
        means=[replace(prior, width=prior.width * cell.rate_factor) for prior in PRIORS.means],
        spreads=[
            replace(prior, centre=prior.centre * cell.spread_factor)
            for prior in PRIORS.spreads
            if prior in SPREADS
        ],
    )


def draw_changes(
    decline: Decline,
    truth: Priors,
    unknowns: np.ndarray,
    spreads: dict[str, float],
    rises_published: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw the log change of every row of evidence, in a world that hides some rises.

    A device whose row is not published is drawn anew, with all rows of that device, as if the next
    device of the kind had been costed instead.

    Parameters
    ----------
    decline : Decline
        Its evidence and shares are those of the world.
    truth : Priors
        Names of the unknowns and spreads, in order.
    unknowns : array of shape (unknowns,)
        True values.
    spreads : dict of str to float
        True values by key.
    rises_published : float
        Chance that a rise of an entire product is published.
    rng : Generator
        Of the draws.

    Returns
    -------
    array of shape (rows,)
        Logs.
    """
    evidence = decline.evidence
    mean = model_matrix(evidence, decline.shares, truth).to_numpy() @ unknowns
    variances = np.array(list(spreads.values())) ** 2
    covariance = np.tensordot(variances, error_structure(evidence, truth), axes=1)
    root = np.linalg.cholesky(covariance + 1e-9 * np.eye(len(mean)))
    device = evidence["device"].to_numpy()
    is_news = evidence["source"].isin(NEWS).to_numpy()
    change = mean + root @ rng.standard_normal(len(mean))
    while True:
        is_hidden = is_news & (change > 0) & (rng.random(len(mean)) > rises_published)
        if not is_hidden.any():
            return change
        anew = np.isin(device, device[is_hidden])
        change = np.where(anew, mean + root @ rng.standard_normal(len(mean)), change)
        is_news = is_news & anew


def draw_own_costings(
    rate: float, months: tuple[int, ...], spreads: dict[str, float], rng: np.random.Generator
) -> pd.DataFrame:
    """Draw costings that the maker of one product has of it: date, bom_usd."""
    years = np.array(months) / 12
    steps = spreads["product_walk"] * np.sqrt(np.diff(years)) * rng.standard_normal(len(years) - 1)
    noise = spreads["own_costing"] * rng.standard_normal(len(years))
    log_cost = np.log(200) + rate * years + np.r_[0, np.cumsum(steps)] + noise
    dates = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.round(365.25 * years), unit="D")
    return pd.DataFrame({"date": dates, "bom_usd": np.exp(log_cost)})


def count_decline_cell(cell: DeclineCell) -> dict:
    """Return how often 95 % ranges of a rate hold it in one world, and how wide they are."""
    rng = np.random.default_rng(
        [cell.seed, *(round(100 * factor) for factor in (cell.spread_factor, cell.rate_factor))]
    )
    on_file = fit_decline(
        load_table("recosted_pairs"), load_table("bom_components"), load_table("component_prices")
    )
    names = [f"own_{costings}_held_share" for costings in MONTHS_OF_OWN_COSTINGS]
    held = dict.fromkeys(["class_held_share", "next_held_share", *names], 0.0)
    width = error = 0.0
    for _ in range(cell.runs):
        truth = true_priors(cell)
        unknowns = np.array([rng.normal(prior.centre, prior.width) for prior in truth.means])
        spreads = {prior.key: prior.centre for prior in truth.spreads}
        changes = draw_changes(on_file, truth, unknowns, spreads, cell.rises_published, rng)
        fit = fit_evidence(on_file.evidence.assign(log_change=changes), on_file.shares)
        class_rate = true_class_rate(on_file, unknowns)
        next_rate = class_rate + spreads["products"] * rng.standard_normal()
        held["class_held_share"] += holds(fit.class_rate(), class_rate) / cell.runs
        held["next_held_share"] += holds(fit.product(), next_rate) / cell.runs
        for name, months in zip(names, MONTHS_OF_OWN_COSTINGS.values(), strict=True):
            costings = draw_own_costings(next_rate, months, spreads, rng)
            held[name] += holds(fit.product(costings), next_rate) / cell.runs
        low, mid, high = fit.rate
        width += (high - low) / cell.runs
        error += (mid - class_rate) / cell.runs
    return {
        "spread_true_over_prior": cell.spread_factor,
        "rate_true_over_prior": cell.rate_factor,
        "rises_published": cell.rises_published,
        "runs": cell.runs,
        **{name: round(share, 6) for name, share in held.items()},
        "mean_width": round(width, 6),
        "mean_error": round(error, 6),
        "seed": cell.seed,
    }


def true_class_rate(decline: Decline, unknowns: np.ndarray) -> float:
    """Return the mean rate of phones in a world: its sum of shares times parts."""
    of = dict(zip((prior.key for prior in PRIORS.means), unknowns, strict=True))
    of_parts = sum(share * of[part] for part, share in decline.shares.items())
    return of["common"] + of["shares"] + of_parts


def holds(quantity: NormalMixture, truth: float) -> bool:
    """Whether the central interval of a quantity holds the truth."""
    tail = (1 - LEVEL) / 2
    return tail <= quantity.chance_below(truth) <= 1 - tail


def count_declines(runs: int = 500, seed: int = 1, workers: int = 2) -> pd.DataFrame:
    """Return the coverage of yearly rates by world: how wrong the priors, how many rises hidden."""
    cells = [DeclineCell(*factors, runs=runs, seed=seed) for factors in CELLS]
    rows = count_cells(count_decline_cell, cells, workers)
    return pd.DataFrame(rows).assign(code=digest_of_count("decline_coverage"))
