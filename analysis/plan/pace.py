"""How fast people come where interest fades and prices fall, by rates fitted without either.

The study of demand fits constant rates of buying to counts, at one price. A plan plays the same
people with fading interest and price cuts. At the same rates it would sell less than was counted
where interest fades, and more where cuts let in more people. So rates are taken for means over the
weeks of their counts. Those of comparable launches become means over the weeks in which the launch
itself was counted, before they are fitted to its counts (`prior_over_weeks`). Then the rates of a
draw are raised or lowered until what was done would have sold, over these weeks, what the fit says
(`set_pace`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.optimize.elementwise import find_root

from ..data import Launch, load_table
from ..data.lengths import WEEKS_A_YEAR
from ..data.products import MOBILE
from ..demand import LaunchPrior, bass_share, family_of, milestone_sequences
from ..demand.prior import PARAMETER_UNITS
from .market import Market
from .policies import ReleasePolicy, policy_table
from .simulate import PLENTY, simulate
from .tree import grow_tree

MONTHS_OF_A_PHONE = 12  # for which interest_fade and market_price_erosion are assumed
LEAST_PACE = 0.01  # of the fitted one: so slow only where cuts let in very many more people
PACE_ERROR = 1e-3  # of the log of a pace


def lives_of_a_phone(launch: Launch) -> float:
    """Return how many times as long as a phone a launch of another class is sold, 1 or more.

    Interest in it fades, and the price that it may ask falls, so many times as slowly.
    """
    if launch.product.compared_classes == MOBILE:
        return 1.0
    return max(launch.figure("life_months").number / MONTHS_OF_A_PHONE, 1.0)


def middle_decay(launch: Launch) -> float:
    """Return the rate at which interest in a launch falls, log a week, by the middles assumed.

    It is the `Market.decay_of_interest` of draws.
    """
    middle = load_table("economics").set_index("item")["value"]
    a_year = middle["price_elasticity"] * middle["market_price_erosion"] + middle["interest_fade"]
    return a_year / WEEKS_A_YEAR / lives_of_a_phone(launch)


def weeks_of_comparable_counts(launch: Launch) -> int:
    """Return the weeks over which half of the comparable launches were counted.

    Those of phones where no launch of the class has counts.
    """
    comparable = _comparable_counts(launch)
    if comparable.empty:
        comparable = milestone_sequences(family_of(launch))
    return round(comparable.groupby(["device", "market"])["weeks"].max().median())


def count_comparable(launch: Launch) -> int:
    """Return how many launches of its class have counts on file, its own family left out."""
    return _comparable_counts(launch)["device"].nunique()


def _comparable_counts(launch: Launch) -> pd.DataFrame:
    """Return the counts of launches of its class, without its own family."""
    return milestone_sequences(family_of(launch), classes=launch.product.compared_classes)


def prior_over_weeks(
    prior: LaunchPrior, decay: float, *, fitted_weeks: int, weeks: int
) -> LaunchPrior:
    """Return a prior of rates that are means over so many weeks, where interest fades.

    Parameters
    ----------
    prior : LaunchPrior
        Of rates that are means over `fitted_weeks`.
    decay : float
        Rate at which interest falls, log a week.
    fitted_weeks, weeks : int
        Weeks over which rates were means, and are to be; 0 for rates at first sale.

    Returns
    -------
    LaunchPrior
        The same, but for the means of the logs of p and q.
    """
    before, after = (_mean_interest(decay, length) for length in (fitted_weeks, weeks))
    moves = [np.log(after / before) if name in ("p", "q") else 0 for name in PARAMETER_UNITS]
    return replace(prior, mean=prior.mean + moves)


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
        How many those weeks are; 0 where there are no counts, and p and q those at first sale.

    Returns
    -------
    Market
        The same, but for p and q. Their pace is at most what makes up for the fading alone, and at
        least `LEAST_PACE`, where cuts let in so many that the policy sells more at any pace.
    """
    if not weeks:
        return market
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
    fastest = 1 / _mean_interest(market.decay_of_interest, weeks)
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
    before, after = (_mean_interest(one.decay_of_interest, weeks) for one in (market, changed))
    return _at_pace(changed, before / after)


def _at_pace(market: Market, pace: np.ndarray) -> Market:
    """Return the market whose people come so many times as fast (draws,)."""
    return replace(market, p=market.p * pace, q=market.q * pace)


def _mean_interest(decay: np.ndarray | float, weeks: int) -> np.ndarray:
    """Return the mean over some weeks of the interest that is left; 1 over none."""
    left = np.exp(-np.multiply.outer(decay, np.arange(max(weeks, 1))))
    return left.mean(axis=-1)
