"""From the net price to the margin that the books report, and what moves a margin most.

Means over an even life add up; the draws behind them are those of `path`.
"""

import numpy as np
import pandas as pd

from ..data.uncertainty import interval
from .path import MarginPath

# Gross margins of all Xiaomi smartphones together, periods of 2017 to 2020.
REPORTED = (
    "company == 'xiaomi' and metric == 'gross_margin' and scope == 'smartphones' "
    "and period < '2021'"
)
BRIDGE_COLUMNS = ["label", "estimate", "low", "high"]
TAIL = (
    0.05,
    0.15,
)  # the draws about the 10 % point of an input; those about the 90 % point mirror it


def bridge_margin(path: MarginPath, reported: pd.DataFrame) -> pd.DataFrame:
    """Take the cost items off the net price one by one, down to the reported gross margin.

    The books state a gross margin before the cost of the channel; the unit margin is after it.
    What is left to explain sets every draw against every reported period.

    Parameters
    ----------
    path : MarginPath
        The phone's own prices and costs.
    reported : DataFrame
        One row per period with its gross margin as `value`.

    Returns
    -------
    DataFrame
        One row a step: label, estimate (mean, share of what is paid over an even life), low and
        high (80 % of the draws; of what was reported the lowest and the highest period).
    """
    paid = path.net_usd.sum(axis=1)
    costs = {item: usd.sum(axis=1) / paid for item, usd in path.items.items()}
    gross = 1 - sum(share for item, share in costs.items() if item != "channel")
    values = reported["value"].to_numpy()

    steps = {
        item.replace("_", " and "): -share for item, share in costs.items() if item != "channel"
    }
    steps["gross margin, before channel cost"] = gross
    steps["channel"] = -costs["channel"]
    steps["unit margin"] = gross - costs["channel"]
    steps["gross: left to explain"] = np.subtract.outer(values, gross).ravel()

    rows = []
    for label, share in steps.items():
        low, _, high = interval(share)
        rows.append({"label": label, "estimate": share.mean(), "low": low, "high": high})
    rows.append(
        {
            "label": "reported, all smartphones",
            "estimate": values.mean(),
            "low": values.min(),
            "high": values.max(),
        }
    )
    return pd.DataFrame(rows, columns=BRIDGE_COLUMNS)


def swing_of_inputs(path: MarginPath) -> pd.DataFrame:
    """Ask by how much each input moves the unit margin over the life.

    The mean margin of the lives in which an input lies about its 10 % point (5 to 15 %), and of
    those about its 90 % point, everything else as drawn. Inputs without a range are left out.

    Returns
    -------
    DataFrame
        One row an input, the widest swing first: input, at_low, at_high (of the input, with its
        unit), margin_at_low, margin_at_high (shares of the net price), swing.
    """
    first_month = {item: usd[:, 0] for item, usd in path.items.items()}
    inputs = {
        "parts at first sale, $": first_month["bom"],
        "yearly change of the parts, logs": path.rate_per_year,
        "net price at first sale, $": path.net_usd[:, 0],
        "royalties, share of net price": first_month["royalty"] / path.net_usd[:, 0],
        "channel, share of net price": first_month["channel"] / path.net_usd[:, 0],
        "assembly and test, $": first_month["assembly"],
        "freight and warranty, $": first_month["freight_warranty"],
    }
    margin = path.life_margin_share
    rows = []
    for name, values in inputs.items():
        if np.ptp(values) <= 1e-9 * np.abs(values).max():
            continue
        about_low = _between_quantiles(values, *TAIL)
        about_high = _between_quantiles(values, 1 - TAIL[1], 1 - TAIL[0])
        rows.append(
            {
                "input": name,
                "at_low": np.quantile(values, 0.1),
                "at_high": np.quantile(values, 0.9),
                "margin_at_low": margin[about_low].mean(),
                "margin_at_high": margin[about_high].mean(),
            }
        )
    table = pd.DataFrame(rows)
    table["swing"] = (table["margin_at_high"] - table["margin_at_low"]).abs()
    return table.sort_values("swing", ascending=False, ignore_index=True)


def _between_quantiles(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Which values lie between two of their quantiles."""
    return (values >= np.quantile(values, low)) & (values <= np.quantile(values, high))
