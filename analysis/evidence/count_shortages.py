"""Hold the chances of why a product was short against causes that came out, and against simulation.

Written to data/evidence/shortage_left_out.csv (each documented shortage, forecast from the others)
and shortage_coverage.csv (how often 80 % ranges hold the true chance, over simulated classes whose
true rates are drawn anew each time).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import load_table
from ..supply.shortage import (
    HELD_BACK,
    brier_score,
    countable_words,
    leave_each_out,
    log_score,
    share_causes,
)
from ..supply.shortage_class import (
    CAUSES,
    PULL,
    PULLS,
    SIGNS,
    build_class,
    select_documented,
)
from .counts import SHORTAGES, digest_of_count

COVERAGE = "shortage_coverage"

WORDS = ("yes", "no", "unknown")
CONCENTRATION = 20.0  # of the true rates of causes around those of the class
ADDED = 20  # rows beside the listed ones, in which holding back is over-sampled
OVER_SAMPLED = 4.0
LEAST_CHANCE = 1e-12


@dataclass(frozen=True)
class Departure:
    """How a simulated world differs from what the model assumes.

    Attributes
    ----------
    pull : how alike causes are in how often they show a sign
    agree_share : share of shortages whose signs are drawn together instead of one by one
    disputed_share : share of the shortages held back that are coded as disputed
    hidden_share : share of the shortages held back that are coded as something else
    """

    pull: float = PULL
    agree_share: float = 0.0
    disputed_share: float = 0.0
    hidden_share: float = 0.0


DEPARTURES = {
    "as assumed": Departure(),
    "signs tell causes apart more": Departure(pull=2.0),
    "signs come together": Departure(agree_share=0.5),
    "a third is disputed": Departure(disputed_share=1 / 3),
    "half is never confessed": Departure(hidden_share=0.5),
}


@dataclass(frozen=True)
class World:
    """True rates behind a simulated class.

    Attributes
    ----------
    sets : whether a cause is in a set, shape (sets, causes)
    set_rates : how often shortages have each set of causes, shape (sets,)
    word_rates : how often a cause shows each word of a sign, shape (signs, causes, words)
    departure : how the world differs from what the model assumes
    """

    sets: np.ndarray
    set_rates: np.ndarray
    word_rates: np.ndarray
    departure: Departure

    def words_of_set(self, one: int) -> np.ndarray:
        """Give the rates of each word of each sign for a set, shape (signs, words)."""
        return self.word_rates[:, self.sets[one]].mean(axis=1)


def draw_world(documented: pd.DataFrame, departure: Departure, rng: np.random.Generator) -> World:
    """Draw true rates around those of the documented shortages."""
    reference = build_class(documented)
    mean_rates = reference.weights / reference.weights.sum()
    word_rates = np.empty((len(SIGNS), len(CAUSES), len(WORDS)))
    for row, sign in enumerate(SIGNS):
        of_all = [(documented[sign] == word).mean() + 0.01 for word in WORDS]
        word_rates[row] = rng.dirichlet(departure.pull * np.array(of_all), size=len(CAUSES))
    return World(
        sets=reference.sets,
        set_rates=rng.dirichlet(CONCENTRATION * mean_rates),
        word_rates=word_rates,
        departure=departure,
    )


def draw_words(world: World, one: int, rng: np.random.Generator) -> list[str]:
    """Draw the words of all signs of one shortage with a set of causes."""
    draws = rng.random(len(SIGNS))
    if rng.random() < world.departure.agree_share:
        draws[:] = draws[0]
    edges = world.words_of_set(one).cumsum(axis=1)
    return [
        WORDS[min(np.searchsorted(edge, draw), len(WORDS) - 1)]
        for edge, draw in zip(edges, draws, strict=True)
    ]


def draw_class(world: World, listed: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw documented shortages of a world, coded as its departure has it.

    Returns
    -------
    DataFrame
        The columns that `build_class` reads.
    """
    favoured = world.set_rates * np.where(world.sets[:, HELD_BACK], OVER_SAMPLED, 1)
    chosen = np.concatenate(
        [
            rng.choice(len(world.sets), size=listed, p=world.set_rates),
            rng.choice(len(world.sets), size=ADDED, p=favoured / favoured.sum()),
        ]
    )
    rows = []
    for position, one in enumerate(chosen):
        marks = dict(zip(CAUSES.values(), world.sets[one], strict=True))
        words = dict(zip(SIGNS, draw_words(world, one, rng), strict=True))
        rows.append(_code(marks, world.departure, rng) | words | {"listed": position < listed})
    return pd.DataFrame(rows)


def _code(marks: dict, departure: Departure, rng: np.random.Generator) -> dict:
    """Code the causes of one shortage: what is disputed or hidden goes under another cause."""
    if not marks["held_back"]:
        return marks | {"held_back": "no"}
    draw = rng.random()
    if draw >= departure.disputed_share + departure.hidden_share:
        return marks | {"held_back": "yes"}
    word = "disputed" if draw < departure.disputed_share else "no"
    coded = marks | {"held_back": word}
    if not any(coded[column] for column in CAUSES.values() if column != "held_back"):
        coded["by_misjudged_demand"] = True
    return coded


def true_chances(world: World, words: dict[str, str]) -> np.ndarray:
    """Give the true chance of each cause of a shortage with these known words, array (causes,)."""
    likelihood = np.empty(len(world.sets))
    for one in range(len(world.sets)):
        rates = world.words_of_set(one)
        edges = np.hstack([np.zeros((len(SIGNS), 1)), rates.cumsum(axis=1)])
        starts, ends, chances = [0.0], [1.0], [1.0]
        for sign, word in words.items():
            row, column = SIGNS.index(sign), WORDS.index(word)
            starts.append(edges[row, column])
            ends.append(edges[row, column + 1])
            chances.append(rates[row, column])
        # Drawn together, all words come from one draw, which must lie in all their ranges.
        together = max(min(ends) - max(starts), 0)
        share = world.departure.agree_share
        likelihood[one] = share * together + (1 - share) * np.prod(chances)
    weights = world.set_rates * np.maximum(likelihood, LEAST_CHANCE)
    return weights / weights.sum() @ world.sets


def count_class(
    documented: pd.DataFrame, departure: Departure, seed: int, draws: int = 500
) -> pd.DataFrame:
    """Simulate a class and one more shortage, and say whether each range holds the true chance.

    Returns
    -------
    DataFrame
        A row a cause: cause, held, width.
    """
    rng = np.random.default_rng(seed)
    world = draw_world(documented, departure, rng)
    simulated = draw_class(world, int(documented["listed"].sum()), rng)
    one = rng.choice(len(world.sets), p=world.set_rates)
    drawn = dict(zip(SIGNS, draw_words(world, one, rng), strict=True))
    known = countable_words(build_class(simulated), drawn)
    shares = share_causes(simulated, known, draws=draws, seed=seed).shares
    truth = true_chances(world, known)
    return pd.DataFrame(
        {
            "cause": shares["cause"],
            "held": (shares["low"] <= truth) & (truth <= shares["high"]),
            "width": shares["high"] - shares["low"],
        }
    )


def count_shortage_ranges(
    runs: int = 400, seed: int = 1, departures: dict[str, Departure] = DEPARTURES
) -> pd.DataFrame:
    """Count how often 80 % ranges hold the true chance of a cause.

    Parameters
    ----------
    runs : int
        Simulated classes for each departure.
    seed : int
        Of the first class; each has its own.
    departures : dict
        Departures by name.

    Returns
    -------
    DataFrame
        A row a departure and cause (holding back, and the five others together): runs, held_share,
        width (mean), seed, code.
    """
    documented = select_documented(load_table("shortages"))
    rows = []
    for name, departure in departures.items():
        counted = pd.concat(
            [count_class(documented, departure, seed + run) for run in range(runs)],
            ignore_index=True,
        )
        is_held_back = counted["cause"] == "held_back"
        for cause, ranges in (
            ("held back", counted[is_held_back]),
            ("other causes", counted[~is_held_back]),
        ):
            rows.append(
                {
                    "departure": name,
                    "cause": cause,
                    "runs": runs,
                    "held_share": ranges["held"].mean(),
                    "width": ranges["width"].mean(),
                    "seed": seed,
                }
            )
    return pd.DataFrame(rows).assign(code=digest_of_count(COVERAGE))


def score_left_out() -> pd.DataFrame:
    """Score the causes of each listed shortage, forecast from the others, beside two rivals.

    Returns
    -------
    DataFrame
        A row a cause and weight of the pull towards all causes: shortages, played (in how many it
        did), mean log and Brier scores with signs, by the rate alone and at one half (lower is
        better), and the standard error of the difference that signs make.
    """
    documented = select_documented(load_table("shortages"))
    rows = []
    for pull in PULLS:
        scored = leave_each_out(documented, pull=pull)
        for cause, forecasts in [*scored.groupby("cause", sort=False), ("all causes", scored)]:
            shortages = forecasts["shortage_id"].nunique()
            row = {"cause": cause, "pull": pull, "shortages": shortages}
            row["played"] = int(forecasts["played"].sum())
            for score in (log_score, brier_score):
                row |= _scores(forecasts, score)
            rows.append(row)
    return pd.DataFrame(rows).assign(code=digest_of_count(SHORTAGES))


def _scores(forecasts: pd.DataFrame, score) -> dict[str, float]:
    """Give mean scores of forecasts with signs and of two rivals, and the error of a difference."""
    name, played = score.__name__, forecasts["played"]
    with_signs = score(forecasts["with_signs"], played)
    rate_alone = score(forecasts["rate_alone"], played)
    half = score(np.full(len(forecasts), 0.5), played)
    gain = pd.Series(with_signs - rate_alone, index=forecasts.index)
    of_shortage = gain.groupby(forecasts["shortage_id"]).mean()
    return {
        f"{name}_with_signs": with_signs.mean(),
        f"{name}_rate_alone": rate_alone.mean(),
        f"{name}_one_half": half.mean(),
        f"{name}_error_of_difference": of_shortage.sem(),
    }
