"""When supply stops binding, who waits, and how demand stands against planned output.

Read off the draws of the one forecast under the beliefs about supply; comparable launches, which
know of no supply, have no say. Where what was seen hardly narrows what was believed of those who
wait, or no sales were counted, nothing is said of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import interval
from ..demand import LaunchFit, LaunchForecast, LaunchPaths, simulate_launch

# Spread of the log of those who wait over that of the prior, below which the data moved it.
INFORMED_SPREAD = 0.95
# An 80 % range whose ends differ by more than this factor tells nobody anything.
MOST_FOLD = 10
# Shares of the draws under a limit of supply below which nothing is said of it.
LEAST_SHARE_OF_SUPPLY = 0.1
# Supply is looked at this far ahead; what binds longer binds for as long as it matters.
WEEKS_AHEAD = 104
WEEKS_OF_PLAN = 4  # planned output is the mean of so many weeks
LEAST_DRAWS = 30  # that are still short when the last lot sold out, for these alone to be read


@dataclass(frozen=True)
class Outlook:
    """Demand against supply from the day of the forecast on.

    Attributes
    ----------
    now_week : int
        Weeks since the first sale by the last thing known.
    weeks_simulated : int
        Weeks since the first sale that are looked at.
    stop_week : array (draws,)
        Weeks since the first sale after which supply binds no more; infinite where it always does.
    waiting : array (draws,)
        People who wait now.
    demand_a_week : array (draws,)
        People who come to want one in a week, now.
    output_a_week : array (draws,)
        Units a week that come in the next weeks.
    next_drop : array (draws,)
        Units that would serve all who wait in a week.
    exceeds_week : array (draws,)
        Weeks since the first sale from which output is above those who come, for good.
    waiting_spread : float
        Sd of the log of those who wait over that before anything was seen; 1 is not moved.
    are_sales_counted : bool
        Whether a count of sales was used. Lots that sold out and people who registered, which is
        free, show that more want one than there are, but not how many.
    share_of_supply : float
        Share of the forecast that rests on beliefs about supply.
    first_sale : Timestamp
        The day on which week 0 starts.
    """

    now_week: int
    weeks_simulated: int
    stop_week: np.ndarray
    waiting: np.ndarray
    demand_a_week: np.ndarray
    output_a_week: np.ndarray
    next_drop: np.ndarray
    exceeds_week: np.ndarray
    waiting_spread: float
    are_sales_counted: bool
    share_of_supply: float
    first_sale: pd.Timestamp

    @property
    def informed(self) -> bool:
        """Whether counts of sales moved what is believed of those who wait, to a range of use."""
        low, _, high = interval(self.waiting)
        is_moved = self.are_sales_counted and self.waiting_spread < INFORMED_SPREAD
        return bool(is_moved and high <= MOST_FOLD * low)

    @property
    def nobody_waits(self) -> bool:
        """Whether nine of ten draws have nobody waiting now."""
        return bool(interval(self.waiting)[2] < 1)

    @property
    def has_stopped(self) -> bool:
        """Whether supply has probably stopped binding by now."""
        return bool(np.median(self.stop_week) <= self.now_week)

    def day_of(self, week: float) -> pd.Timestamp:
        """Return the day of a week since the first sale; NaT where it is infinite."""
        if not np.isfinite(week):
            return pd.NaT
        return self.first_sale + pd.Timedelta(days=round(7 * float(week)))

    def table(self, level: float = 0.8) -> pd.DataFrame:
        """Return low, median and high of each quantity, in units, people or weeks."""
        quantities = {
            "supply stops binding, weeks since first sale": self.stop_week,
            "people waiting": self.waiting,
            "people who come in a week": self.demand_a_week,
            "units a week that we expect": self.output_a_week,
            "next drop that would serve all who wait": self.next_drop,
            "output exceeds newcomers from, weeks since first sale": self.exceeds_week,
        }
        rows = {name: interval(draws, level) for name, draws in quantities.items()}
        table = pd.DataFrame(rows, index=["low", "median", "high"]).T
        return table.rename_axis("quantity").reset_index()


def look_ahead(forecast: LaunchForecast) -> Outlook | None:
    """Ask when supply stops binding, and how demand stands against output.

    Parameters
    ----------
    forecast : LaunchForecast
        The forecast of the launch.

    Returns
    -------
    Outlook or None
        None where the forecast hardly rests on any belief about supply.
    """
    fits = [fit for fit in forecast.mixed.values() if isinstance(fit, LaunchFit)]
    share = forecast.share_of_supply()
    if not fits or share < LEAST_SHARE_OF_SUPPLY:
        return None
    now = min(forecast.known.now_week(forecast.day), forecast.horizon_weeks - 1)
    weeks = min(forecast.horizon_weeks, now + WEEKS_AHEAD)
    parts = [_look_ahead_of(fit, now, weeks) for fit in fits]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    columns = _as_lots_show(columns, forecast.known.sold_out)
    spread = _log_spread(columns["waiting"]) / _log_spread(columns.pop("waiting_before"))
    return Outlook(
        now_week=now,
        weeks_simulated=weeks,
        waiting_spread=float(spread),
        are_sales_counted=len(forecast.known.counts) > 0,
        share_of_supply=share,
        first_sale=forecast.first_sale,
        **columns,
    )


def _look_ahead_of(fit: LaunchFit, now: int, weeks: int) -> dict[str, np.ndarray]:
    """Return the quantities of the outlook under one belief, by name, each (draws,)."""
    paths = fit.paths
    newcomers = _newcomers(paths)[:, :weeks]
    output = paths.supply_units[:, :weeks]
    step = max(now - 1, 0)
    waiting = paths.waiting[:, step]
    return {
        "stop_week": _end_of_last(paths.stockout_share[:, :weeks] > 0),
        "waiting": waiting,
        "demand_a_week": newcomers[:, min(now, weeks - 1)],
        "output_a_week": output[:, now : now + WEEKS_OF_PLAN].mean(1),
        "next_drop": waiting + newcomers[:, min(now, weeks - 1)],
        "exceeds_week": np.fmax(_end_of_last(output < newcomers), now),
        "waiting_before": _waiting_before_data(fit, step),
    }


def _as_lots_show(columns: dict[str, np.ndarray], sold_out: np.ndarray) -> dict[str, np.ndarray]:
    """Keep the draws in which supply binds as long as lots show.

    A lot that sold out shows that supply bound in its week; one that did not, after the last that
    did, that it no longer bound in its own. The forecast takes both as likely, as a lot is not the
    whole supply; of the day on which supply stops binding they are proof. Where too few draws
    agree, none stops before the one week, and all weeks up to the other are as likely. `sold_out`
    is 1, 0 or NaN by week.
    """
    short = np.flatnonzero(sold_out > 0.5)
    if not len(short):
        return columns
    unsold = np.flatnonzero(sold_out <= 0.5)
    later = unsold[unsold > short[-1]]
    first, last = short[-1] + 1.0, later[0] if len(later) else np.inf
    stop_week = columns["stop_week"]
    agrees = (stop_week >= first) & (stop_week <= last)
    if agrees.sum() >= LEAST_DRAWS:
        return {name: draws[agrees] for name, draws in columns.items()}
    if np.isinf(last):
        return columns | {"stop_week": np.fmax(stop_week, first)}
    rank = stop_week.argsort(kind="stable").argsort()
    return columns | {"stop_week": first + (last - first) * (rank + 0.5) / len(rank)}


def _newcomers(paths: LaunchPaths) -> np.ndarray:
    """Return the people who come to want one in each step (draws, steps)."""
    untouched_at_first = paths.potential * (1 - paths.initial_share)
    return -np.diff(paths.untouched, axis=1, prepend=untouched_at_first[:, None])


def _end_of_last(holds: np.ndarray) -> np.ndarray:
    """Return the end of the last step in which something holds; 0 for none, infinite if it lasts.

    `holds` is (draws, steps).
    """
    steps = holds.shape[1]
    end = np.where(holds.any(1), steps - holds[:, ::-1].argmax(1), 0.0)
    return np.where(holds[:, -1], np.inf, end)


def _waiting_before_data(fit: LaunchFit, step: int) -> np.ndarray:
    """Return those who would wait by what is believed before anything is seen, same supply."""
    normals = np.random.default_rng(1).standard_normal((len(fit.paths.potential), 5))
    people = fit.prior.parameters(normals)
    return simulate_launch(fit.paths.supply_units[:, : step + 1], **people).waiting[:, step]


def _log_spread(people: np.ndarray) -> float:
    """Return the sd of the log of people, one more than there are."""
    return max(float(np.log1p(people).std()), 1e-9)
