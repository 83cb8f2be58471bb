"""Costings of a launch that analysts made after its first, to hold a forecast from the first to.

The forecast of the parts' cost (`path`) starts from the costing in the launch file. What the same
house found later of the same family, redesigns among them, is not put into it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..data import Launch, load_table
from ..data.lengths import DAYS_A_MONTH
from .path import MarginPath

ANALYSTS = {  # whose names are not written as other words are
    "ihs": "IHS",
    "ihs_isuppli": "iSuppli",
    "ihs_markit": "IHS Markit",
    "techinsights": "TechInsights",
    "ubm_techinsights": "UBM TechInsights",
}


def later_costings(launch: Launch, path: MarginPath) -> pd.DataFrame:
    """Return later costings of a launch's family on the basis of its first, beside its forecast.

    Assumes that a redesign is the maker's way to a lower cost, and so part of what is forecast.

    Parameters
    ----------
    launch : Launch
        Its `costs.bom_usd` is looked for among the teardowns on file.
    path : MarginPath
        Its parts by month, drawn from that first costing.

    Returns
    -------
    DataFrame
        A row a costing within the life, in order: date, variant, month since first sale, cost_usd
        (parts, or parts and assembly, as the first), low, median and high of the forecast (80 %),
        and held. Empty where the first costing is not on file or was the last.
    """
    first, basis = _costing_of_file(launch)
    later = _later_of_same_house(launch, first).dropna(subset=[basis])
    first_sale = launch.figure("first_sale").value or pd.NaT
    table = pd.DataFrame(
        {
            "date": later["teardown_date"],
            "variant": later["variant"],
            "month": ((later["teardown_date"] - first_sale).dt.days / DAYS_A_MONTH).astype(float),
            "cost_usd": later[basis].astype(float),
        }
    )
    table = table[table["month"].between(0, path.months[-1])].reset_index(drop=True)
    parts = path.band("bom")
    for name, quantile in (("low", "q10"), ("median", "median"), ("high", "q90")):
        table[name] = np.interp(table["month"], path.months, parts[quantile])
    return table.assign(held=table["cost_usd"].between(table["low"], table["high"]))


def analyst_of_costing(launch: Launch) -> str:
    """Name the analyst whose costing the launch file gives; empty where none on file is the same.

    >>> from ..data import load_launch
    >>> analyst_of_costing(load_launch("playstation_3"))
    'iSuppli'
    """
    costing, _ = _costing_of_file(launch)
    if costing is None:
        return ""
    return ANALYSTS.get(costing["analyst"], costing["analyst"].replace("_", " ").title())


def first_may_hold_other_things(launch: Launch) -> bool:
    """Say whether what the first costing holds may differ from what a later one of it does.

    >>> from ..data import load_launch
    >>> first_may_hold_other_things(load_launch("playstation_3"))  # its box is in later ones alone
    True
    """
    first, _ = _costing_of_file(launch)
    if first is None:
        return False
    pairs = load_table("recosted_pairs")
    starts_there = pairs["teardown_a"] == first["teardown_id"]
    return bool((starts_there & (pairs["basis"] == "unclear")).any())


def _costings_of_family(launch: Launch) -> pd.DataFrame:
    """Select the teardowns of the devices of a launch's family."""
    teardowns = load_table("bom_teardowns")
    families = load_table("devices").set_index("device")["family"]
    return teardowns[teardowns["device"].map(families) == families.get(launch.device)]


def _costing_of_file(launch: Launch) -> tuple[pd.Series | None, str]:
    """Find the costing whose sum is `costs.bom_usd` of the file, and the column of that sum."""
    costings = _costings_of_family(launch)
    cost_usd = launch.figure("costs.bom_usd").number
    for basis in ("bom_usd", "total_usd"):
        same = costings[costings[basis] == cost_usd]
        if len(same):
            return same.iloc[0], basis
    return None, "bom_usd"


def _later_of_same_house(launch: Launch, first: pd.Series | None) -> pd.DataFrame:
    """Select costings of the family by the house of the first one, made after it, by date."""
    costings = _costings_of_family(launch)
    if first is None:
        return costings.head(0)
    same_house = costings["analyst_house"] == first["analyst_house"]
    later = costings[same_house & (costings["teardown_date"] > first["teardown_date"])]
    return later.sort_values("teardown_date")
