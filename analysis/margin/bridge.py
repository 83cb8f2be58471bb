"""From the net price to the margin that the books report, and what moves a margin most.

Means over an even life add up; the draws behind them are those of `path`.
"""

import numpy as np
import pandas as pd
from scipy import special

from ..data.uncertainty import interval
from .items import OTHER_ITEMS, items_of
from .path import MarginPath

# Gross margins that a maker reported for all its smartphones together, periods up to 2020. Xiaomi
# alone did; for phones of other makers its margins stand in, as those of their class.
REPORTED = (
    "company == 'xiaomi' and metric == 'gross_margin' and scope == 'smartphones' "
    "and period < '2021'"
)
# Gross margin, before the channel is paid, that counts as high enough for volume where no margin of
# the class is on file (assumed).
ENOUGH = 0.1
PARTS_COST = "parts' cost at first sale, $"  # of a launch whose parts have a cost, as an input
BRIDGE_COLUMNS = ["label", "estimate", "low", "high"]

# The draws about the 10 % point of an input; those about the 90 % point mirror it.
TAIL = (0.05, 0.15)


def reported_margins(metrics: pd.DataFrame) -> pd.DataFrame:
    """Select the gross margins that were reported, each time once.

    Parameters
    ----------
    metrics : DataFrame
        The table company_metrics.

    Returns
    -------
    DataFrame
        Its rows of `REPORTED`; a quarter is left out where its year is there.
    """
    reported = metrics.query(REPORTED)
    period = reported["period"].astype(str)
    year = period.str[:4]
    return reported[(period == year) | ~year.isin(period)]


def bridge_margin(path: MarginPath, reported: pd.DataFrame) -> pd.DataFrame:
    """Take the cost items off the net price one by one, down to the reported gross margin.

    The books state a gross margin before the cost of the channel; the unit margin is after it.
    What is left to explain sets every draw against every reported period.

    Parameters
    ----------
    path : MarginPath
        The phone's own prices and costs.
    reported : DataFrame
        One row per period with its gross margin as `value`; no row where none is on file for
        this class of product, and then the last two steps are left out.

    Returns
    -------
    DataFrame
        One row a step: label, estimate (mean, share of what is paid over an even life), low and
        high (80 % of the draws; of what was reported the lowest and the highest period).

    Raises
    ------
    ValueError
        For a cost of the path that is no `CostItem`.
    """
    paid = path.net_usd.sum(axis=1)
    before, after = {}, {}  # shares of what is paid by label, before and after gross margin
    for item in items_of(path.items):
        shares = before if item.before_gross_margin else after
        shares[item.label] = path.items[item.key].sum(axis=1) / paid
    gross = 1 - sum(before.values())
    values = reported["value"].to_numpy()

    steps = {label: -share for label, share in before.items()}
    steps["gross margin, before channel cost"] = gross
    steps |= {label: -share for label, share in after.items()}
    steps["unit margin"] = gross - sum(after.values())
    if len(values):
        steps["gross: left to explain"] = np.subtract.outer(values, gross).ravel()

    rows = []
    for label, share in steps.items():
        low, _, high = interval(share)
        rows.append({"label": label, "estimate": share.mean(), "low": low, "high": high})
    if len(values):
        rows.append(
            {
                "label": "reported, all smartphones",
                "estimate": values.mean(),
                "low": values.min(),
                "high": values.max(),
            }
        )
    return pd.DataFrame(rows, columns=BRIDGE_COLUMNS)


def guess_beats_books(path: MarginPath, reported: pd.DataFrame) -> bool:
    """Return whether parts are guessed, and the guess is too good by the books.

    It is where nine of ten draws leave more, before the channel, than the books report. No headline
    rests on such a guess.

    Parameters
    ----------
    path : MarginPath
        The phone's own prices, its cuts included as in the books, and costs.
    reported : DataFrame
        As of `bridge_margin`; without a row nothing is beaten.

    Returns
    -------
    bool
    """
    if path.bom_is_known or reported.empty:
        return False
    steps = bridge_margin(path, reported).set_index("label")
    return bool(steps.loc["gross: left to explain", "high"] < 0)


def swing_of_inputs(path: MarginPath) -> pd.DataFrame:
    """Ask by how much each input moves the unit margin over the life.

    The mean margin of the lives in which an input lies about its 10 % point (5 to 15 %), and of
    those about its 90 % point, all else as drawn. Inputs without a range are left out.

    Returns
    -------
    DataFrame
        One row an input, the widest swing first: input, at_low, at_high (of the input, with its
        unit), margin_at_low, margin_at_high (shares of the net price), swing.
    """
    inputs = _inputs_with_a_range(path)
    margin = path.life_margin_share
    effects = _smooth_effects(inputs, margin)
    rows = []
    for name, values in inputs.items():
        # What the other inputs do is taken off first, so that few draws leave little noise.
        partial_margin = margin - effects.drop(columns=name).sum(axis=1)
        about_low = _between_quantiles(values, *TAIL)
        about_high = _between_quantiles(values, 1 - TAIL[1], 1 - TAIL[0])
        rows.append(
            {
                "input": name,
                "at_low": np.quantile(values, 0.1),
                "at_high": np.quantile(values, 0.9),
                "margin_at_low": partial_margin[about_low].mean(),
                "margin_at_high": partial_margin[about_high].mean(),
            }
        )
    table = pd.DataFrame(rows)
    table["swing"] = (table["margin_at_high"] - table["margin_at_low"]).abs()
    return table.sort_values("swing", ascending=False, ignore_index=True)


def _inputs_with_a_range(path: MarginPath) -> pd.DataFrame:
    """Draws of each input by name and unit, (draws, inputs); those that never vary are left out."""
    net_usd = path.net_usd[:, 0]
    first_usd = {item: usd[:, 0] for item, usd in path.items.items()}
    if path.bom_is_known:
        parts_name, parts = PARTS_COST, first_usd["bom"]
    else:
        parts_name, parts = (
            "parts' share at first sale, share of net price",
            first_usd["bom"] / net_usd,
        )
    inputs = pd.DataFrame(
        {
            parts_name: parts,
            "yearly change of the parts' cost, logs": path.rate_per_year,
            "net price at first sale, $": net_usd,
        }
    )
    for item in OTHER_ITEMS:
        usd = first_usd[item.key]
        inputs[item.input_name] = usd / net_usd if item.is_share else usd
    varies = np.ptp(inputs.to_numpy(), axis=0) > 1e-9 * inputs.abs().max()
    return inputs.loc[:, varies]


def _smooth_effects(inputs: pd.DataFrame, margin: np.ndarray) -> pd.DataFrame:
    """Effects of the inputs on the margin, (draws, inputs), quadratic in their normal scores."""
    ranks = inputs.rank().to_numpy() / (len(inputs) + 1)
    scores = special.ndtri(ranks)
    squares = scores**2 - (scores**2).mean(axis=0)
    design = np.column_stack([np.ones(len(inputs)), scores, squares])
    coefficients = np.linalg.lstsq(design, margin, rcond=None)[0][1:]
    linear, quadratic = np.split(coefficients, 2)
    return pd.DataFrame(scores * linear + squares * quadratic, columns=inputs.columns)


def _between_quantiles(values: pd.Series, low: float, high: float) -> pd.Series:
    """Which values lie between two of their quantiles."""
    return values.between(values.quantile(low), values.quantile(high))
