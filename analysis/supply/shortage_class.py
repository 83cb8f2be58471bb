"""The reference class: documented shortages, what caused them, and which signs they showed.

An outside view (Kahneman and Tversky 1979): before anything of a launch is looked at, its shortage
is one of a class whose causes came out later. Here the class is selected and counted; what it says
of one launch is for `shortage`, what a launch file shows for `shortage_signs`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

# Causes, each with the column of the table that says whether it played a role. Whether units were
# held back is a word there, as it may be disputed.
CAUSES = {
    "part": "by_part",
    "yield": "by_yield",
    "assembly": "by_assembly",
    "misjudged_demand": "by_misjudged_demand",
    "held_back": "held_back",
    "logistics": "by_logistics",
}

# Signs that a launch file can show as well, in the order in which they are looked at.
SIGNS = ("line_added", "target_raised", "registration", "lots_constant")

# A sign that is known of fewer shortages than this moves nothing.
LEAST_KNOWN = 20

# Shortages that the pull of a cause's rate of a sign towards that of all causes weighs (assumed),
# and other weights that are as likely to us: of causes that signs hardly tell apart to those that
# they tell apart well.
PULL = 8.0
PULLS = (1.0, 2.0, 4.0, PULL, 16.0)

# Of the shortages in which units were held back, at most this share never came out (assumed).
NEVER_CONFESSED = 0.5

# Weight of the prior, in shortages: for each cause alone, and for all pairs of causes together.
PRIOR_ALONE = 0.5
PRIOR_PAIRS = 1.0

KNOWN_WORDS = ("yes", "no")


@dataclass(frozen=True)
class ReferenceClass:
    """Documented shortages, counted by what caused them: sets of causes, as several may meet."""

    sets: np.ndarray  # (sets, causes): whether a cause is in a set
    weights: np.ndarray  # (sets,): listed shortages of a set, and its part of the prior
    listed: int  # shortages that count for rates
    held_back: int  # listed shortages in which units were held back
    disputed: int  # listed shortages in which that is disputed
    sign_words: pd.DataFrame  # a row a shortage, listed or added; a column a sign: its word
    cause_shares: np.ndarray  # (shortages, causes): rows of `sign_words`, in equal parts of 1
    pull: float = PULL  # shortages that weigh as much as the rate of all causes together


def select_documented(
    shortages: pd.DataFrame, leave_out: Collection[str] | None = None
) -> pd.DataFrame:
    """Select the shortages whose cause is documented well enough.

    Parameters
    ----------
    shortages : DataFrame
        The table of shortages.
    leave_out : collection of str, optional
        Devices to leave out: those of the family for which the class is asked.

    Returns
    -------
    DataFrame
        Rows with strong or fair evidence and a cause that is not in dispute.
    """
    documented = shortages["evidence"].isin(["strong", "fair"]) & (shortages["cause"] != "disputed")
    is_left_out = shortages["device"].isin(list(leave_out or []))
    return shortages[documented & ~is_left_out].reset_index(drop=True)


def mark_causes(documented: pd.DataFrame, *, count_disputed: bool = False) -> np.ndarray:
    """Say of each shortage which causes played a role.

    Parameters
    ----------
    documented : DataFrame
        Rows of the table of shortages.
    count_disputed : bool
        Whether a shortage of which it is disputed that units were held back counts as such.

    Returns
    -------
    array (shortages, causes) of bool
    """
    words = ["yes", "disputed"] if count_disputed else ["yes"]
    marks = documented[list(CAUSES.values())].copy()
    marks["held_back"] = documented["held_back"].isin(words)
    return marks.to_numpy(dtype=bool)


def build_class(
    documented: pd.DataFrame, *, count_disputed: bool = False, pull: float = PULL
) -> ReferenceClass:
    """Count documented shortages by their causes and signs.

    Rates are counted on listed rows alone; the others were partly added because units may have
    been held back, so they count for signs only. The prior gives half a shortage to each cause
    alone and one to all pairs of causes together, so that nothing unseen is impossible.

    Parameters
    ----------
    documented : DataFrame
        Rows of `select_documented`.
    count_disputed : bool
        As in `mark_causes`.
    pull : float
        Shortages that the pull of a cause's rate of a sign towards that of all causes weighs.

    Returns
    -------
    ReferenceClass
    """
    marks = mark_causes(documented, count_disputed=count_disputed)
    listed = documented["listed"].to_numpy(dtype=bool)
    sets, prior = _possible_sets(marks)
    is_set = (marks[:, None, :] == sets[None, :, :]).all(axis=2)
    word = documented.loc[listed, "held_back"]
    return ReferenceClass(
        sets=sets,
        weights=prior + is_set[listed].sum(axis=0),
        listed=int(listed.sum()),
        held_back=int((word == "yes").sum()),
        disputed=int((word == "disputed").sum()),
        sign_words=documented[list(SIGNS)],
        cause_shares=marks / marks.sum(axis=1, keepdims=True),
        pull=pull,
    )


def _possible_sets(marks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """List causes alone, pairs, and any larger set that was seen, with the prior weight of each."""
    causes = range(len(CAUSES))
    alone = [(cause,) for cause in causes]
    pairs = list(combinations(causes, 2))
    seen = {tuple(np.flatnonzero(row)) for row in marks}
    larger = sorted(one for one in seen if len(one) > 2)
    sets = np.zeros((len(alone) + len(pairs) + len(larger), len(CAUSES)), dtype=bool)
    for row, members in enumerate([*alone, *pairs, *larger]):
        sets[row, list(members)] = True
    prior = np.concatenate(
        [
            np.full(len(alone), PRIOR_ALONE),
            np.full(len(pairs), PRIOR_PAIRS / len(pairs)),
            np.zeros(len(larger)),
        ]
    )
    return sets, prior


def count_sign(
    reference: ReferenceClass, sign: str, word: str, pull: float | np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Count how often shortages of each cause showed a sign, pulled to the rate of all.

    The rate of a word among all shortages, those of which the sign is unknown included: a second
    line is reported where there is one, so not being reported is a third word, and no "no". With
    few shortages a cause's rate is pulled towards that of all of them, by `pull` shortages, so
    that none of fourteen does not become never.

    Parameters
    ----------
    reference : ReferenceClass
        Documented shortages.
    sign, word : str
        One of `SIGNS`, and "yes" or "no".
    pull : float or array (draws, 1), optional
        As of `build_class`, in place of that of the class.

    Returns
    -------
    array (causes,) or (draws, causes), twice
        Parameters a and b of each cause's beta distribution of the rate.
    """
    pull = reference.pull if pull is None else pull
    has_word = (reference.sign_words[sign] == word).to_numpy()
    shortages = reference.cause_shares.sum(axis=0)
    with_word = reference.cause_shares[has_word].sum(axis=0)
    rate_of_all = (has_word.sum() + 0.5) / (len(has_word) + 1)
    a = pull * rate_of_all + with_word
    b = pull * (1 - rate_of_all) + shortages - with_word
    return a, b


def is_countable(reference: ReferenceClass, sign: str) -> bool:
    """Whether a sign is known of enough shortages to move anything."""
    return known_of(reference, sign) >= LEAST_KNOWN


def known_of(reference: ReferenceClass, sign: str) -> int:
    """Count the shortages of which a sign is known."""
    return int(reference.sign_words[sign].isin(KNOWN_WORDS).sum())
