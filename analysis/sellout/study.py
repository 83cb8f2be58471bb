"""What a sell-out reveals: demand behind an order log, a press line, a series of rounds, and sales that were capped."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from ..data.launches import Launch
from ..data.orders import OrderLog, counts_per_second, order_times, read_orders
from ..data.tables import DATA, DataError
from ..look.wording import Shown
from .arrival_events import fit_weibull_events
from .arrival_mix import ArrivalLaws, fit_arrival_count_laws, fit_arrival_laws
from .arrivals import fit_arrival_counts, fit_arrivals
from .press import fit_lot_dependence, judge_launch, lot_range, order_rates
from .rounds import TERMS, WEEK_S, compare_rounds, fit_rounds, read_rates, unconstrain


@dataclass(frozen=True)
class OrderStudy:
    """What the order log of one sale tells of the demand behind it."""

    log: OrderLog
    times_s: np.ndarray
    laws: ArrivalLaws
    low: float  # 95 % interval of the people who wanted one
    high: float
    simulated_people: float | None  # the truth, where the log was simulated from it

    def curve(self, level: float = 0.8) -> pd.DataFrame:
        """Orders that would have come had there been stock: t_s from the clock's end to twice that, low, estimate, high."""
        told = [
            (t_s, *self.laws.orders_by(t_s, level))
            for t_s in self.laws.closed_s * np.linspace(1, 2, 25)
        ]
        return pd.DataFrame(told, columns=["t_s", "low", "estimate", "high"])


def study_orders(launch: Launch) -> OrderStudy | None:
    """Read and weigh the order log that a launch names (orders.file), or None; whole-second stamps as counts. DataError."""
    file = launch.words.get("orders.file")
    if not file:
        return None
    log = read_orders(DATA / file, opened_at=launch.words.get("orders.opened_at"))
    if len(log.opened_s) > 1:
        raise DataError(
            f"data/{file}: events {', '.join(log.opened_s)}; expected the log of one sale"
        )
    times, counts, closed_s = (
        order_times(log),
        counts_per_second(log)["orders"],
        launch.words.get("orders.closed_s"),
    )
    try:
        whole = not (times % 1).any()
        laws = (
            fit_arrival_count_laws(range(len(counts) + 1), counts)
            if whole
            else fit_arrival_laws(times, closed_s=closed_s)
        )
    except ValueError as err:
        raise DataError(f"data/{file}: {err}") from None
    return OrderStudy(
        log, times, laws, *laws.interval(), launch.words.get("orders.simulated_people")
    )


@dataclass(frozen=True)
class HitOrMiss(Shown):
    """What the speed of a first drop tells of later sales; `devices` has a row a device with both."""

    devices: pd.DataFrame
    comparisons: pd.DataFrame  # term, estimate, low, high, unit, devices
    told_apart: (
        float  # the weakest correlation, either way, that so many devices could tell from none
    )

    def table(self) -> pd.DataFrame:
        """term, estimate, low, high, unit."""
        return self.comparisons[TERMS]


def hit_or_miss(
    rounds: pd.DataFrame, sales: pd.DataFrame, devices: pd.DataFrame, days: int = 400, seed: int = 1
) -> HitOrMiss:
    """Whether the first drop of a device (its earliest round timed within a week; a bound counts as the figure) tells its later sales
    (largest count in the drop's market or else the world, 14 to `days` days on and above it): rank correlation, Fisher's z (Bonett &
    Wright 2000); error of left-out log sales by a line in log speed, bootstrap over devices. ValueError under six devices."""
    both, rows = _drops_and_sales(rounds, sales, devices, days), []
    for name, column in (("order rate", "rate_per_s"), ("seconds to sell out", "sellout_s")):
        chosen = both.dropna(subset=[column])
        if len(chosen) < 6:
            raise ValueError(
                f"{len(chosen)} devices with {name} of a first drop and later sales; expected at least 6"
            )
        x, y = np.log(chosen[column].to_numpy(float)), np.log(chosen["later_units"].to_numpy(float))
        rows.append(
            (
                f"rank correlation of {name} and later sales",
                *rank_correlation(x, y),
                "correlation",
                len(chosen),
            )
        )
        rows += [(f"{term} by {name}", *got, len(chosen)) for term, *got in _left_out(x, y, seed)]
    table, trial = pd.DataFrame(rows, columns=[*TERMS, "devices"]), np.linspace(0, 0.999, 1000)
    clear = np.arctanh(trial) > 1.96 * np.sqrt((1 + trial**2 / 2) / (table["devices"][0] - 3))
    return HitOrMiss(both, table, float(trial[clear].min()))


def _drops_and_sales(
    rounds: pd.DataFrame, sales: pd.DataFrame, devices: pd.DataFrame, days: int
) -> pd.DataFrame:
    """The first timed drop of each device (rate_per_s, sellout_s; NaN where not told) and its largest later count: later_units,
    counted_in, days after the drop."""
    told = read_rates(rounds).merge(devices[["device", "scope"]], on="device")
    told["rate_per_s"] = np.exp(told["log_rate"]).where(
        told["role"].isin(["seen", "at least", "at most"])
    )
    timed = told.query(
        "scope != 'brand_total' and seconds <= @WEEK_S and units_basis != 'reserved'"
    )
    timed = timed.query(
        "sold_out == 'yes' or (sold_out != 'no' and units_sold.notna())"
    ).sort_values(["date", "round"])
    first = (
        timed.assign(sellout_s=timed["sellout_s"].where(timed["sold_out"] == "yes"))
        .groupby("device")
        .head(1)
    )
    first = first[
        ["device", "round_id", "market", "date", "units", "role", "rate_per_s", "sellout_s"]
    ]
    whole = sales.query(
        "cumulative and kind in ['sold', 'shipped', 'ordered'] and variant_or_lot.isna()"
    )
    whole = whole[["device", "period_end"]].assign(
        counted_in=whole["market"], later_units=whole["units"]
    )
    both = first.dropna(subset=["rate_per_s", "sellout_s"], how="all").merge(whole, on="device")
    both = both.assign(
        days=(both.pop("period_end") - both["date"]).dt.days,
        here=both["counted_in"] == both["market"],
    )
    later = both.query(
        "14 <= days <= @days and (here or counted_in == 'WORLD') and not later_units <= units"
    )
    return (
        later.sort_values(["here", "later_units"])
        .groupby("device")
        .tail(1)
        .sort_index()
        .drop(columns="here")
    )


def rank_correlation(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """Spearman's rank correlation with its 95 % interval by Fisher's z, standard error sqrt((1 + r^2 / 2) / (n - 3))."""
    r = float(stats.spearmanr(x, y).statistic)
    reach = 1.96 * np.sqrt((1 + r**2 / 2) / (len(x) - 3)) * np.array([-1, 1])
    return r, *map(float, np.tanh(np.arctanh(np.clip(r, -0.999999, 0.999999)) + reach))


def _left_out(x: np.ndarray, y: np.ndarray, seed: int) -> list[tuple]:
    """Root mean squared error of left-out devices by line and by mean (logs), and the share of squared error saved."""
    n, ones = len(x), np.column_stack([np.ones(len(x)), x])
    hat = ones @ np.linalg.pinv(ones)
    line, mean = ((y - hat @ y) / (1 - np.diag(hat))) ** 2, ((y - y.mean()) * n / (n - 1)) ** 2
    drawn = np.vstack(
        [np.arange(n), np.random.default_rng(seed).integers(0, n, (2000, n))]
    )  # the devices first, then bootstrap
    by_line, by_mean = line[drawn].mean(axis=1), mean[drawn].mean(axis=1)
    told = [
        ("error of the mean", np.sqrt(by_mean), "log"),
        ("error of a line", np.sqrt(by_line), "log"),
    ]
    told += [("squared error saved", 1 - by_line / by_mean, "share")]
    return [(term, got[0], *np.quantile(got[1:], [0.025, 0.975]), unit) for term, got, unit in told]
