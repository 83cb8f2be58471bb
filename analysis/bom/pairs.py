"""Pairs of costings of one product: which tell how its cost changed, how noisy a costing is.

A rate of decline comes only from the same product costed twice; successors get better and
dearer parts. The rules are written before any estimate and never look at the direction of a
change, because rises tend to be called revisions and falls declines. What the chosen pairs say
together is left to `decline`.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from ..data import Launch
from ..data.products import MOBILE

DAYS_A_YEAR = 365.25

# Two gaps between costings. A rate divides by the gap, so that costings of one day, or a few days
# apart, have none. Below the second, three months, a change is the analyst's second thought.
LEAST_YEARS_FOR_A_RATE = 0.01
LEAST_YEARS_FOR_A_DECLINE = 0.25


@dataclass(frozen=True)
class PairRule:
    """What may vary in the rule of `select_clean_pairs`, which lists the whole of it."""

    device_classes: tuple[str, ...] = ("phone", "tablet")  # of the first device
    specifications: tuple[str, ...] = ("yes",)  # "near": the second differs a little from the first
    bases: tuple[str, ...] = ("bom", "total")  # parts alone, or parts and assembly
    component: str | None = None  # a part, with basis "component"; None: whole devices
    date_qualities: tuple[str, ...] = ("stated", "assumed")  # of the second costing
    least_years: float = LEAST_YEARS_FOR_A_DECLINE  # between the two costings


FIRST_RULE = PairRule()
PAIR_SETS = {
    "same phone or tablet, same analyst, 3 months or more apart": FIRST_RULE,
    "the same, phones alone": replace(FIRST_RULE, device_classes=("phone",)),
    "the same, with consoles": replace(FIRST_RULE, device_classes=("phone", "tablet", "console")),
    "near specification admitted": replace(FIRST_RULE, specifications=("yes", "near")),
    "any gap in time": replace(FIRST_RULE, least_years=0.0),
    "date of the second costing stated": replace(FIRST_RULE, date_qualities=("stated",)),
}


def without_own_life(launch: Launch, pairs: pd.DataFrame, devices: pd.DataFrame) -> pd.DataFrame:
    """Leave out what analysts made of a launch's own family, so that a forecast is held to it.

    Costings of its owner stay. Of phones none is left out: the fall of a phone's cost is asked of
    all pairs on file, its own among them.

    Parameters
    ----------
    launch : Launch
        Names its device and what it sells.
    pairs, devices : DataFrame
        The tables recosted_pairs and devices.

    Returns
    -------
    DataFrame
        The pairs that may speak of the launch.
    """
    if launch.product.compared_classes == MOBILE:
        return pairs
    families = devices.set_index("device")["family"]
    is_own_family = pairs["device_a"].map(families) == families.get(launch.device)
    return pairs[~is_own_family | (pairs["analyst_house_a"] == "own")]


class CostingNoise(NamedTuple):
    """How much two costings of one device differ where hardly any time has passed."""

    sd: float  # of the log difference of two costings, not of one costing
    revisions: int  # pairs behind it


def require_positive_costs(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs as they are; ValueError for the first with a cost not above zero."""
    has_costs = (pairs["cost_a_usd"] > 0) & (pairs["cost_b_usd"] > 0)
    if not has_costs.all():
        raise ValueError(f"pair {pairs['pair_id'][~has_costs].iloc[0]}: expected costs above zero")
    return pairs


def with_rates(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs with `years` between costings, `log_change` and `rate_per_year` (logs)."""
    years = (pairs["date_b"] - pairs["date_a"]).dt.days / DAYS_A_YEAR
    log_change = np.log(pairs["cost_b_usd"] / pairs["cost_a_usd"])
    return pairs.assign(years=years, log_change=log_change, rate_per_year=log_change / years)


def select_clean_pairs(
    pairs: pd.DataFrame, devices: pd.DataFrame, rule: PairRule = FIRST_RULE
) -> pd.DataFrame:
    """Keep the pairs of costings that tell how the cost of one product changed.

    All costs must be above zero. Then a pair is clean where

    1. its first device is of one of the rule's classes; the second is the same device, its near
       twin or, for a component, a successor with the same part, so that one class speaks for both;
    2. it is on one of the rule's bases: parts alone, or parts and assembly;
    3. it is of whole devices or, where the rule names one, of that component;
    4. both have the same specification, or one as near as the rule admits;
    5. the second costing is dated as well as the rule asks;
    6. one analyst house made both;
    7. the second costing is no forecast;
    8. they lie `rule.least_years` apart, and 0.01 years under every rule: a rate divides by the
       time between, and over a few days that would blow the noise of a costing up.

    Of the clean pairs each device, near twins too, keeps its longest alone, so that no device
    counts twice. The rule never looks at the direction of the change. Nor does it use the column
    `difference_kind`: a revision there may come a year after the first costing, and whether time
    or a second thought moved the cost is asked here by the time between alone.

    Parameters
    ----------
    pairs : DataFrame
        One row per pair, as in recosted_pairs.csv; its index is unique.
    devices : DataFrame
        One row per device with its `device_class`.
    rule : PairRule
        What makes a pair clean; `PAIR_SETS` holds the rules that reports compare.

    Returns
    -------
    DataFrame
        The clean pairs with `years`, `log_change` and `rate_per_year` (log cost a year).

    Raises
    ------
    ValueError
        If a cost is not above zero.
    """
    pairs = with_rates(require_positive_costs(pairs))
    return longest_pair_of_each_device(pairs[_is_clean(pairs, devices, rule)])


def _is_clean(pairs: pd.DataFrame, devices: pd.DataFrame, rule: PairRule) -> pd.Series:
    """Which pairs keep all eight conditions of `select_clean_pairs`, one a line, in its order."""
    device_class = pairs["device_a"].map(devices.set_index("device")["device_class"])
    return (
        device_class.isin(rule.device_classes)
        & pairs["basis"].isin(rule.bases)
        & _is_of_component(pairs, rule.component)
        & pairs["same_specification"].isin(rule.specifications)
        & pairs["second_date"].isin(rule.date_qualities)
        & (pairs["analyst_house_a"] == pairs["analyst_house_b"])
        & (pairs["stage_b"] != "forecast")
        & (pairs["years"] >= max(rule.least_years, LEAST_YEARS_FOR_A_RATE))
    )


def _is_of_component(pairs: pd.DataFrame, component: str | None) -> pd.Series:
    """Which pairs are of this component, or of whole devices where it is None."""
    if component is None:
        return pairs["component"].isna()
    return pairs["component"] == component


def longest_pair_of_each_device(pairs: pd.DataFrame) -> pd.DataFrame:
    """Keep pairs from the longest down, so that no device (or its near twin) is used twice."""
    by_length = pairs.sort_values(["years", "pair_id"], ascending=[False, True])
    chosen, used_devices = [], set()
    for row in by_length.itertuples():
        if used_devices.isdisjoint({row.device_a, row.device_b}):
            chosen.append(row.Index)
            used_devices.update({row.device_a, row.device_b})
    return pairs.loc[sorted(chosen)].reset_index(drop=True)


def costing_noise(pairs: pd.DataFrame, devices: pd.DataFrame) -> CostingNoise:
    """Estimate the noise of the difference of two costings from second thoughts of the analyst.

    They come of devices whose longest clean pair spans less than `LEAST_YEARS_FOR_A_DECLINE`.

    Parameters
    ----------
    pairs, devices : DataFrame
        As in `select_clean_pairs`.

    Returns
    -------
    CostingNoise
        Root mean square of the log differences, and how many revisions there are.

    Raises
    ------
    ValueError
        If a cost is not above zero.
    """
    at_any_gap = select_clean_pairs(pairs, devices, replace(FIRST_RULE, least_years=0.0))
    revisions = at_any_gap.query("years < @LEAST_YEARS_FOR_A_DECLINE")["log_change"]
    return CostingNoise(sd=float(np.sqrt(np.mean(revisions**2))), revisions=len(revisions))
