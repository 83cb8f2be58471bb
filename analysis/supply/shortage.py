"""What the reference class says of one shortage: the chance that each cause played a role.

Naive Bayes over sets of causes. Rates of the class are multinomial with a Dirichlet prior, rates of
signs beta-binomial and pulled together, so the chances are products of means: closed forms. Their
ranges come from draws of the same distributions. How the class is counted is for `shortage_class`,
which signs a launch shows for `shortage_signs`; words are for `study_shortage`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.stats import norm

from .shortage_class import (
    CAUSES,
    KNOWN_WORDS,
    NEVER_CONFESSED,
    PULL,
    PULLS,
    SIGNS,
    ReferenceClass,
    build_class,
    count_sign,
    is_countable,
    mark_causes,
)

LEVEL = 0.8  # of all ranges
HELD_BACK = list(CAUSES).index("held_back")


@dataclass(frozen=True)
class Report:
    """Something known of a launch that the class cannot count: how much likelier if true."""

    name: str  # what was reported, such as "limit_named"
    cause: str  # one of `CAUSES`
    factor: float  # how many times likelier where that cause played a role
    low: float  # 10 % point of the factor
    high: float  # 90 % point

    @property
    def step(self) -> str:
        """Name of the report among the steps of `CauseShares.moves`."""
        return f"{self.name}_{self.cause}"

    def log_sd(self) -> float:
        """Give the standard deviation of the log of the factor."""
        return float(np.log(self.high / self.low) / (2 * norm.ppf(0.5 + LEVEL / 2)))


@dataclass(frozen=True)
class CauseShares:
    """Chances that each cause of a shortage played a role; they may add up to more than 1."""

    shares: pd.DataFrame  # cause; share, low, high; class_share: by the rate of the class alone
    moves: pd.DataFrame  # step (sign or report), cause, before, after: one step after the other


def share_causes(
    documented: pd.DataFrame,
    words: Mapping[str, str],
    reports: Sequence[Report] = (),
    *,
    draws: int = 4000,
    seed: int = 1,
) -> CauseShares:
    """Give the chance that each cause played a role in a shortage with these signs.

    Signs are taken as independent of one another, given the causes. A set of causes shows a sign
    as often as its causes do on average. Shortages of which it is disputed that units were held
    back do not count as such in a share. The range spans two readings of the class: this one, and
    one in which they count and up to `NEVER_CONFESSED` of all that was held back never came out.

    Parameters
    ----------
    documented : DataFrame
        Rows of `select_documented`, the shortage that is asked about left out.
    words : mapping of str
        The word of each sign that is known: "yes" or "no". Other words move nothing.
    reports : sequence of Report
        What is known of this shortage beyond its signs.
    draws, seed : int
        Draws for the ranges, and their seed.

    Returns
    -------
    CauseShares
        Shares with 80 % ranges, and how much each sign and report moved each cause.
    """
    reference = build_class(documented)
    countable = countable_words(reference, words)
    weights = _normalise(reference.weights)
    path = [("class", weights @ reference.sets)]
    for sign, word in countable.items():
        weights = _normalise(weights * _sign_likelihood(reference, sign, word))
        path.append((sign, weights @ reference.sets))
    for report in reports:
        weights = _apply_report(weights, reference.sets, report, report.factor)
        path.append((report.step, weights @ reference.sets))

    disputed_too = build_class(documented, count_disputed=True)
    readings = ((reference, 0.0), (disputed_too, NEVER_CONFESSED))
    drawn = [
        draw_chances(one, countable, reports, hidden_share=hidden, draws=draws, seed=seed)
        for one, hidden in readings
    ]
    tail = (1 - LEVEL) / 2
    shares = pd.DataFrame(
        {
            "cause": list(CAUSES),
            "share": path[-1][1],
            "low": np.min([np.quantile(one, tail, axis=0) for one in drawn], axis=0),
            "high": np.max([np.quantile(one, 1 - tail, axis=0) for one in drawn], axis=0),
            "class_share": path[0][1],
        }
    )
    return CauseShares(shares=shares, moves=_list_moves(path))


def countable_words(reference: ReferenceClass, words: Mapping[str, str]) -> dict[str, str]:
    """Select the signs that are known of a shortage, and of enough others to be counted."""
    return {
        sign: word
        for sign, word in words.items()
        if word in KNOWN_WORDS and is_countable(reference, sign)
    }


def chance_of_causes(reference: ReferenceClass, words: Mapping[str, str]) -> np.ndarray:
    """Give the chance that each cause played a role, by rates and signs: a closed form.

    Rates of the class and of each sign are independent, so the chance of a shortage that is not
    in the class is in proportion to the product of their means.

    Returns
    -------
    array (causes,)
    """
    weights = reference.weights
    for sign, word in countable_words(reference, words).items():
        weights = weights * _sign_likelihood(reference, sign, word)
    return _normalise(weights) @ reference.sets


def draw_chances(
    reference: ReferenceClass,
    words: Mapping[str, str],
    reports: Sequence[Report] = (),
    *,
    hidden_share: float = 0.0,
    draws: int = 4000,
    seed: int = 1,
) -> np.ndarray:
    """Draw the chance of each cause, over what the rates behind it may be.

    How much the rates of a sign are pulled together is drawn from `PULLS`.

    Parameters
    ----------
    reference : ReferenceClass
        Documented shortages.
    words : mapping of str
        As of `countable_words`.
    reports : sequence of Report
        Their factors are lognormal.
    hidden_share : float
        The share of what was held back that never came out is uniform from 0 to this.
    draws, seed : int
        Draws of every rate, each from its own distribution.

    Returns
    -------
    array (draws, causes)
    """
    rng = np.random.default_rng(seed)
    # A Dirichlet draw is a vector of gamma draws over their sum.
    weights = _normalise(rng.gamma(reference.weights, size=(draws, len(reference.weights))))
    came_out = 1 - rng.uniform(0, hidden_share, size=(draws, 1))
    weights = _normalise(weights * np.where(reference.sets[:, HELD_BACK], 1 / came_out, 1))
    pulls = rng.choice(PULLS, size=(draws, 1))
    for sign, word in words.items():
        rates = rng.beta(*count_sign(reference, sign, word, pulls))
        weights = _normalise(weights * _mean_of_sets(reference.sets, rates))
    for report in reports:
        factor = report.factor * np.exp(report.log_sd() * rng.standard_normal(draws))
        weights = _apply_report(weights, reference.sets, report, factor)
    return weights @ reference.sets


def _sign_likelihood(reference: ReferenceClass, sign: str, word: str) -> np.ndarray:
    """Give the mean rate at which each set of causes shows a sign, array (sets,)."""
    a, b = count_sign(reference, sign, word)
    return _mean_of_sets(reference.sets, a / (a + b))


def _mean_of_sets(sets: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Average rates (..., causes) over the causes of each set, array (..., sets)."""
    return rates @ sets.T / sets.sum(axis=1)


def _normalise(weights: np.ndarray) -> np.ndarray:
    """Scale weights (..., sets) to add up to 1."""
    return weights / weights.sum(axis=-1, keepdims=True)


def _apply_report(
    weights: np.ndarray, sets: np.ndarray, report: Report, factor: float | np.ndarray
) -> np.ndarray:
    """Weigh sets (..., sets) with the cause of a report `factor` times as much as the others.

    A report on any other cause says nothing of holding back, as a maker that holds back would name
    a part as well: it moves causes among the cases of holding back, and among the others.
    """
    in_set = sets[:, list(CAUSES).index(report.cause)]
    moved = weights * np.where(in_set, np.asarray(factor)[..., None], 1)
    if report.cause == "held_back":
        return _normalise(moved)
    held_back = sets[:, HELD_BACK]
    for group in (held_back, ~held_back):
        before = weights[..., group].sum(axis=-1, keepdims=True)
        moved[..., group] = before * _normalise(moved[..., group])
    return moved


def _list_moves(path: list[tuple[str, np.ndarray]]) -> pd.DataFrame:
    """List how much each step moved each cause, a row a step and cause."""
    rows = [
        {"step": step, "cause": cause, "before": before[at], "after": after[at]}
        for (_, before), (step, after) in pairwise(path)
        for at, cause in enumerate(CAUSES)
    ]
    return pd.DataFrame(rows, columns=["step", "cause", "before", "after"])


def leave_each_out(documented: pd.DataFrame, pull: float = PULL) -> pd.DataFrame:
    """Forecast the causes of each listed shortage from all others, with its signs and without.

    Parameters
    ----------
    documented : DataFrame
        Rows of `select_documented`.
    pull : float
        As of `build_class`.

    Returns
    -------
    DataFrame
        A row a listed shortage and cause: shortage_id, cause, played (whether it played a role),
        with_signs and rate_alone (chances that it did).
    """
    played = mark_causes(documented)
    tables = []
    for at in np.flatnonzero(documented["listed"]):
        shortage = documented.iloc[at]
        reference = build_class(documented.drop(index=documented.index[at]), pull=pull)
        words = {sign: shortage[sign] for sign in SIGNS}
        table = pd.DataFrame(
            {
                "shortage_id": shortage["shortage_id"],
                "cause": list(CAUSES),
                "played": played[at],
                "with_signs": chance_of_causes(reference, words),
                "rate_alone": chance_of_causes(reference, {}),
            }
        )
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def log_score(chance: np.ndarray, played: np.ndarray) -> np.ndarray:
    """Give the log score of chances of yes-or-no events (Good 1952): lower is better."""
    return -np.log(np.where(played, chance, 1 - np.asarray(chance)))


def brier_score(chance: np.ndarray, played: np.ndarray) -> np.ndarray:
    """Give the Brier score of chances of yes-or-no events (Brier 1950): lower is better."""
    return (np.asarray(chance) - np.asarray(played)) ** 2


def signs_help(scored: pd.DataFrame) -> bool:
    """Whether signs forecast shortages left out better than rates, by both scores.

    Better for all causes together and for holding back alone.

    Parameters
    ----------
    scored : DataFrame
        From `leave_each_out`.
    """
    held_back = scored[scored["cause"] == "held_back"]
    return all(
        score(rows["with_signs"], rows["played"]).mean()
        < score(rows["rate_alone"], rows["played"]).mean()
        for rows in (scored, held_back)
        for score in (log_score, brier_score)
    )
