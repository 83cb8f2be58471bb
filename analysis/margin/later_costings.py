"""Costings of a launch that analysts made after its first, to hold a forecast from the first to.

The forecast of the parts' cost (`path`) starts from the costing in the launch file. What the same
house found later of the same family, redesigns among them, is not put into it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..data import Launch, load_table
from .path import DAYS_A_MONTH, MarginPath


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
    teardowns = load_table("bom_teardowns")
    families = load_table("devices").set_index("device")["family"]
    family = families.get(launch.device)
    of_family = teardowns[teardowns["device"].map(families) == family]
    first_cost = launch.figure("costs.bom_usd").number
    for basis in ("bom_usd", "total_usd"):
        first = of_family[of_family[basis] == first_cost]
        if len(first):
            return _beside_forecast(of_family, first.iloc[0], basis, launch, path)
    return _beside_forecast(of_family.head(0), None, "bom_usd", launch, path)


def _beside_forecast(
    costings: pd.DataFrame, first: pd.Series | None, basis: str, launch: Launch, path: MarginPath
) -> pd.DataFrame:
    """Set the costings of the first one's house that came later beside the forecast."""
    if first is not None:
        same_house = costings["analyst_house"] == first["analyst_house"]
        costings = costings[same_house & (costings["teardown_date"] > first["teardown_date"])]
    costings = costings.dropna(subset=[basis]).sort_values("teardown_date")
    first_sale = launch.figure("first_sale").value or pd.NaT
    month = (costings["teardown_date"] - first_sale).dt.days / DAYS_A_MONTH
    table = pd.DataFrame(
        {
            "date": costings["teardown_date"],
            "variant": costings["variant"],
            "month": month.astype(float),
            "cost_usd": costings[basis].astype(float),
        }
    )
    table = table[table["month"].between(0, path.months[-1])].reset_index(drop=True)
    parts = path.band("bom")
    for name, quantile in (("low", "q10"), ("median", "median"), ("high", "q90")):
        table[name] = np.interp(table["month"], path.months, parts[quantile])
    return table.assign(held=table["cost_usd"].between(table["low"], table["high"]))
