"""Whether the speed of a first drop tells a hit from a miss: first drops against later sales."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from ..look import Shown
from .round_rates import USED_ROLES, WEEK_S, read_rates

FEWEST_DEVICES = 6
FIRST_DAY_OF_LATER_SALES = 14
BOOTSTRAP_DRAWS = 2_000
MEASURES = {"order rate": "rate_per_s", "seconds to sell out": "sellout_s"}  # of a first drop


@dataclass(frozen=True, kw_only=True)
class HitOrMiss(Shown):
    """What the speed of a first drop says of later sales.

    Attributes
    ----------
    devices : DataFrame
        A row a device with both: its first drop and the largest later count.
    comparisons : DataFrame
        term, estimate, low, high, unit, devices.
    told_apart : float
        The weakest rank correlation, either way, that so many devices could tell from none.
    """

    devices: pd.DataFrame
    comparisons: pd.DataFrame
    told_apart: float

    def table(self) -> pd.DataFrame:
        """Return term, estimate, low, high, unit."""
        return self.comparisons.drop(columns="devices")


def hit_or_miss(
    rounds: pd.DataFrame, sales: pd.DataFrame, devices: pd.DataFrame, days: int = 400, seed: int = 1
) -> HitOrMiss:
    """Set first drops against later sales: rank correlation, and errors of left-out devices.

    The first drop of a device is its earliest round timed within a week; a bound counts as the
    figure. Its later sales are the largest count in the drop's market, or else the world, from 14
    days on.

    Parameters
    ----------
    rounds, sales, devices : DataFrame
        The market tables sale_rounds, device_sales and devices.
    days : int
        Counts later than that after the drop are left out.
    seed : int
        Of the bootstrap over devices.

    Returns
    -------
    HitOrMiss
        Rank correlations with Fisher's z interval (Bonett & Wright 2000); errors of left-out log
        sales by a line in log speed and by the mean, with bootstrap intervals (95 %).

    Raises
    ------
    ValueError
        With fewer than six devices.
    """
    pairs = _first_drops_with_later_sales(rounds, sales, devices, days)
    rows = []
    for name, column in MEASURES.items():
        chosen = pairs.dropna(subset=[column])
        if len(chosen) < FEWEST_DEVICES:
            raise ValueError(
                f"{len(chosen)} devices with {name} of a first drop and later sales; "
                f"expected at least {FEWEST_DEVICES}"
            )
        log_speed = np.log(chosen[column].to_numpy(float))
        log_sales = np.log(chosen["later_units"].to_numpy(float))
        estimate, low, high = rank_correlation(log_speed, log_sales)
        correlation = {
            "term": f"rank correlation of {name} and later sales",
            "estimate": estimate,
            "low": low,
            "high": high,
            "unit": "correlation",
        }
        errors = _left_out_errors(log_speed, log_sales, seed)
        for row in [correlation, *errors]:
            by = "" if row is correlation else f" by {name}"
            rows.append(row | {"term": row["term"] + by, "devices": len(chosen)})
    comparisons = pd.DataFrame(rows)
    return HitOrMiss(
        devices=pairs,
        comparisons=comparisons,
        told_apart=_weakest_clear_correlation(comparisons["devices"].iloc[0]),
    )


def rank_correlation(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """Spearman's rank correlation with its 95 % interval.

    Fisher's z with standard error sqrt((1 + r^2 / 2) / (n - 3)) (Bonett & Wright 2000).
    """
    r = float(stats.spearmanr(x, y).statistic)
    z = np.arctanh(np.clip(r, -0.999999, 0.999999))
    half_width = 1.96 * np.sqrt((1 + r**2 / 2) / (len(x) - 3))
    return r, float(np.tanh(z - half_width)), float(np.tanh(z + half_width))


def _weakest_clear_correlation(devices: int) -> float:
    """Find the smallest rank correlation whose 95 % interval leaves out 0."""
    tried = np.linspace(0, 0.999, 1000)
    half_width = 1.96 * np.sqrt((1 + tried**2 / 2) / (devices - 3))
    return float(tried[np.arctanh(tried) > half_width].min())


def _first_drops_with_later_sales(
    rounds: pd.DataFrame, sales: pd.DataFrame, devices: pd.DataFrame, days: int
) -> pd.DataFrame:
    """Join the first timed drop of each device with the largest later count of its sales.

    Adds `later_units`, `counted_in` (a market) and `days` after the drop.
    """
    counts = sales[
        sales["cumulative"].astype(bool)
        & sales["kind"].isin(["sold", "shipped", "ordered"])
        & sales["variant_or_lot"].isna()
    ]
    counts = counts[["device", "period_end"]].assign(
        counted_in=counts["market"], later_units=counts["units"]
    )
    pairs = _first_drops(rounds, devices).merge(counts, on="device")
    pairs["days"] = (pairs.pop("period_end") - pairs["date"]).dt.days
    same_market = pairs["counted_in"] == pairs["market"]
    later = (
        pairs["days"].between(FIRST_DAY_OF_LATER_SALES, days)
        & (same_market | (pairs["counted_in"] == "WORLD"))
        & ~(pairs["later_units"] <= pairs["units"])  # the drop itself is no later sale
    )

    # The drop's own market before the world, then the largest count.
    ranked = pairs.assign(same_market=same_market)[later].sort_values(
        ["same_market", "later_units"]
    )
    return ranked.groupby("device").tail(1).sort_index().drop(columns="same_market")


def _first_drops(rounds: pd.DataFrame, devices: pd.DataFrame) -> pd.DataFrame:
    """First timed drop of each device: `rate_per_s` and `sellout_s`, NaN where not reported."""
    read = read_rates(rounds).merge(devices[["device", "scope"]], on="device")
    read["rate_per_s"] = np.exp(read["log_rate"]).where(read["role"].isin(USED_ROLES))
    sold_out = read["sold_out"] == "yes"
    counted = (read["sold_out"] != "no") & read["units_sold"].notna()
    timed = read[
        (read["scope"] != "brand_total")
        & (read["seconds"] <= WEEK_S)
        & (read["units_basis"] != "reserved")
        & (sold_out | counted)
    ]
    timed = timed.assign(sellout_s=timed["sellout_s"].where(timed["sold_out"] == "yes"))
    first = timed.sort_values(["date", "round"]).groupby("device").head(1)
    columns = ["device", "round_id", "market", "date", "units", "role", "rate_per_s", "sellout_s"]
    return first[columns].dropna(subset=["rate_per_s", "sellout_s"], how="all")


def _left_out_errors(x: np.ndarray, y: np.ndarray, seed: int) -> list[dict]:
    """Errors of left-out devices by the mean and by a line in x, and what the line saves."""
    n = len(x)

    # Residual of a left-out point = residual / (1 - leverage); of the mean, the leverage is 1 / n.
    line = np.column_stack([np.ones(n), x])
    hat = line @ np.linalg.pinv(line)
    squared_by_line = ((y - hat @ y) / (1 - np.diag(hat))) ** 2
    squared_by_mean = ((y - y.mean()) * n / (n - 1)) ** 2

    # The first row is the devices themselves, the others are bootstrap samples of them.
    rng = np.random.default_rng(seed)
    samples = np.vstack([np.arange(n), rng.integers(0, n, (BOOTSTRAP_DRAWS, n))])
    by_line = squared_by_line[samples].mean(axis=1)
    by_mean = squared_by_mean[samples].mean(axis=1)
    return [
        _estimate_with_bootstrap("error of the mean", np.sqrt(by_mean), "log"),
        _estimate_with_bootstrap("error of a line", np.sqrt(by_line), "log"),
        _estimate_with_bootstrap("squared error saved", 1 - by_line / by_mean, "share"),
    ]


def _estimate_with_bootstrap(term: str, values: np.ndarray, unit: str) -> dict:
    """Make a row of the first of the values and the others' 95 % interval."""
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return {"term": term, "estimate": values[0], "low": low, "high": high, "unit": unit}
