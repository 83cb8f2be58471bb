"""Counts of comparable launches: how many were sold by some weeks after the first sale.

They are what priors are fitted to; the fit itself is in `prior`.
"""

from __future__ import annotations

import pandas as pd

from ..data import load_table
from ..data.products import MOBILE


def milestone_sequences(
    leave_out: str = "",
    *,
    until: str = "2199-12-31",
    least: int = 2,
    classes: tuple[str, ...] = MOBILE,
) -> pd.DataFrame:
    """Return the counts of devices and series of devices over the weeks since their first sale.

    Only cumulative counts of one model or series, sold or shipped; a count below an earlier one
    is left out, and the same count on several days stands on their mean day. Units shipped that
    a count of units sold, of that day or later, does not reach lay in stock, and are left out too.

    Parameters
    ----------
    leave_out : str
        Family of devices to leave out: the one that is to be forecast.
    until : str
        ISO date; counts of later days are left out.
    least : int
        Least counts of a sequence.
    classes : tuple of str
        Classes of devices, as in devices.csv.

    Returns
    -------
    DataFrame
        device, market, units, days and weeks since the first sale; rising in each sequence.
    """
    sequence = ["device", "market"]
    devices = load_table("devices")[["device", "family", "scope", "device_class"]]
    counts = load_table("device_sales").merge(devices, on="device")
    counts = counts[
        counts["cumulative"]
        & (counts["units"] > 0)
        & (counts["period_end"] <= until)
        & counts["kind"].isin(["sold", "shipped"])
        & counts["scope"].isin(["model", "series"])
        & (counts["family"] != leave_out)
        & counts["device_class"].isin(classes)
    ]
    days = (counts["period_end"] - counts["period_start"]).dt.days + 1
    counts = counts.assign(days=days)[days > 0].sort_values([*sequence, "days", "units"])
    counts = counts[~_lay_in_stock(counts, sequence)]

    # No falls, and the largest count of a day.
    highest_so_far = counts.groupby(sequence)["units"].cummax()
    counts = counts[counts["units"] >= highest_so_far]
    counts = counts.drop_duplicates([*sequence, "days"], keep="last")

    # One row a count, on the mean of the days that tell it.
    counts = counts.groupby([*sequence, "units"], as_index=False)["days"].mean()
    counts["weeks"] = counts["days"] / 7
    length = counts.groupby(sequence)["units"].transform("size")
    return counts[length >= least].reset_index(drop=True)


def _lay_in_stock(counts: pd.DataFrame, sequence: list[str]) -> pd.Series:
    """Say which units shipped were more than were sold, by a count of that day or later."""
    sold_only = counts.assign(sold=counts["units"].where(counts["kind"] == "sold"))[::-1]
    least_sold = sold_only.groupby(sequence)["sold"].cummin()
    least_sold_from_then_on = least_sold.groupby([sold_only[name] for name in sequence]).ffill()
    return (counts["kind"] == "shipped") & (counts["units"] > least_sold_from_then_on[counts.index])
