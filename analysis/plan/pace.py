"""How fast people come where interest fades and prices fall, by rates fitted without either.

The study of demand fits constant rates of buying to counts, at one price. A plan plays the same
people with fading interest and price cuts. At the same rates it would sell less than was counted
where interest fades, and more where cuts let in more people. So both rates of a draw are raised
or lowered until, over the weeks that were counted, what was done would have sold what they say.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.optimize.elementwise import find_root

from ..data import Launch
from ..demand import bass_share, family_of, milestone_sequences
from .market import Market, weeks_of_life
from .policies import ReleasePolicy, policy_table
from .simulate import PLENTY, simulate
from .tree import grow_tree

LEAST_PACE = 0.01  # of the fitted one: so slow only where cuts let in very many more people
PACE_ERROR = 1e-3  # of the log of a pace


def weeks_of_constant_rates(launch: Launch, counts: pd.DataFrame) -> int:
    """Return over how many weeks of the life the fit takes the rates of buying for constant.

    They are the weeks whose counts it was fitted to: up to the last of the launch itself, or up to
    the last ones of half of the comparable launches where those go further.

    Parameters
    ----------
    launch : Launch
        The launch.
    counts : DataFrame
        Its own counts that the fit used, by `week`.
    """
    classes = launch.product.compared_classes
    comparable = milestone_sequences(family_of(launch), classes=classes)
    last_weeks = comparable.groupby(["device", "market"])["weeks"].max()
    weeks = max(last_weeks.median(), counts["week"].max() if len(counts) else 0)
    return int(np.clip(round(weeks), 1, weeks_of_life(launch)))


def set_pace(market: Market, policy: ReleasePolicy, weeks: int) -> Market:
    """Return the market in which a policy sells what rates constant over some weeks say.

    Both are unconstrained sales, in which nothing is ever short: those of the policy, its price
    cuts and its S version played with fading interest, and the Bass curve of the same rates at the
    list price. The rates of alone and of following others (Bass's p and q) move by one factor.

    Parameters
    ----------
    market : Market
        By draws; its p and q were fitted as constants over the first weeks of sale.
    policy : ReleasePolicy
        What was done in them.
    weeks : int
        How many those weeks are.

    Returns
    -------
    Market
        The same, but for p and q. Their pace is at most what makes up for the fading alone, and at
        least `LEAST_PACE`, where cuts let in so many that the policy sells more at any pace.
    """
    tree = grow_tree(policy_table({"done": policy}), weeks)
    plenty = replace(market, supply_units=np.full((market.draws, weeks), PLENTY))
    share = bass_share(weeks, market.p, market.q, market.initial_share)
    fitted_units = market.potential * share

    def log_miss(log_pace: np.ndarray, draw: np.ndarray) -> np.ndarray:
        """Return the log of what the policy sells over what the curve says, for some draws."""
        draw = draw.astype(int)
        at_pace = _at_pace(plenty.select(draw), np.exp(log_pace))
        return np.log(simulate(tree, at_pace).units[0] / fitted_units[draw])

    slowest = np.full(market.draws, LEAST_PACE)
    fastest = weeks / _weeks_of_full_interest(market, weeks)
    root = find_root(
        log_miss,
        (np.log(slowest), np.log(fastest)),
        args=(np.arange(market.draws),),
        tolerances={"xatol": PACE_ERROR},
    )
    sells_less_at_fastest = root.f_bracket[1] < 0
    nearest = np.where(sells_less_at_fastest, fastest, slowest)
    return _at_pace(market, np.where(root.success, np.exp(root.x), nearest))


def keep_pace(changed: Market, market: Market, weeks: int) -> Market:
    """Return a changed market in which people come as fast, over some weeks, as they did before.

    For inputs by which interest fades: at another rate of fading the counts would have been fitted
    by other p and q. At the list price and with nothing short, as many then buy as before.

    Parameters
    ----------
    changed : Market
        The market with other inputs.
    market : Market
        As it was, with the same draws.
    weeks : int
        How many weeks were counted; 0 leaves p and q as they are.
    """
    if not weeks:
        return changed
    before, after = (_weeks_of_full_interest(one, weeks) for one in (market, changed))
    return _at_pace(changed, before / after)


def _at_pace(market: Market, pace: np.ndarray) -> Market:
    """Return the market whose people come so many times as fast (draws,)."""
    return replace(market, p=market.p * pace, q=market.q * pace)


def _weeks_of_full_interest(market: Market, weeks: int) -> np.ndarray:
    """Return how many weeks of full interest some fading ones are worth (draws,)."""
    return np.exp(-market.decay_of_interest[:, None] * np.arange(weeks)).sum(axis=1)
