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

DAYS_A_YEAR = 365.25
LEAST_YEARS = 0.01  # costings closer than this have no rate
REVISION_YEARS = 0.25  # below it a change is the analyst's second thought, not time


@dataclass(frozen=True)
class PairRule:
    """What makes a pair of costings clean; the direction of the change is no part of it."""

    device_classes: tuple[str, ...] = ("phone", "tablet")
    specifications: tuple[str, ...] = ("yes",)  # "near": the second differs a little from the first
    bases: tuple[str, ...] = ("bom", "total")  # parts alone, or parts and assembly
    component: str | None = None  # a part, with basis "component"; None: whole devices
    date_qualities: tuple[str, ...] = ("stated", "assumed")  # of the second costing
    least_years: float = REVISION_YEARS


FIRST_RULE = PairRule()
PAIR_SETS = {
    "same phone or tablet, same analyst, 3 months or more apart": FIRST_RULE,
    "the same, phones alone": replace(FIRST_RULE, device_classes=("phone",)),
    "the same, with consoles": replace(FIRST_RULE, device_classes=("phone", "tablet", "console")),
    "near specification admitted": replace(FIRST_RULE, specifications=("yes", "near")),
    "any gap in time": replace(FIRST_RULE, least_years=0.0),
    "date of the second costing stated": replace(FIRST_RULE, date_qualities=("stated",)),
}
DISPLAY_PAIRS = replace(FIRST_RULE, bases=("component",), component="display_touch")


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

    A pair is clean when one analyst house costed the same product twice, on one basis and at
    least `rule.least_years` apart, and the second costing is no forecast. The rule never looks
    at the direction of the change. Each device keeps its longest pair.

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
    device_class = pairs["device_a"].map(devices.set_index("device")["device_class"])
    clean = (
        device_class.isin(rule.device_classes)
        & pairs["basis"].isin(rule.bases)
        & _is_of_component(pairs, rule.component)
        & pairs["same_specification"].isin(rule.specifications)
        & pairs["second_date"].isin(rule.date_qualities)
        & (pairs["analyst_house_a"] == pairs["analyst_house_b"])
        & (pairs["stage_b"] != "forecast")
        & (pairs["years"] >= max(rule.least_years, LEAST_YEARS))
    )
    return longest_pair_of_each_device(pairs[clean])


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
    """Estimate the noise of the difference of two costings from revisions within three months.

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
    revisions = at_any_gap.query("years < @REVISION_YEARS")["log_change"]
    return CostingNoise(sd=float(np.sqrt(np.mean(revisions**2))), revisions=len(revisions))
