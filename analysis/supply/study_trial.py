"""Panel of the supply page: phones sold if more were made, or buyers less patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import Launch, interval
from ..demand import LaunchFit, LaunchForecast, simulate_launch, sold_at
from ..demand.reports import DAYS_PER
from ..look import what_if
from ..sellout.words import product_name
from .shortage_end import life_weeks
from .timeline_content import forecast_day
from .words import two_digits

PANEL_WEEKS = (4, 13, 26)  # by which the panel counts what is sold
SOME_LEAVE = 0.07  # of those waiting, in a week
TIMES_MADE = [0.1, 0.3, 1, 3, 10]  # of what is thought to be made, as the panel tries it


@dataclass(frozen=True)
class SupplyTrial:
    """Phones sold if more were made, or buyers less patient.

    Each simulation has the people who want one, and the supply, of one draw of the forecast. What
    it sells by a week changes that draw's forecast in proportion, as counts have moved the forecast
    beyond what is simulated. Draws in which no supply is simulated are left out.

    Attributes
    ----------
    weeks : array
        Weeks since first sale, by whose end what is sold is counted.
    people : dict of array
        Parameters of the launch model, a value a draw.
    supply_units : array (draws, weeks)
        Units made, as is thought.
    by_simulation : array (draws, weeks)
        The forecast over what is simulated without any change.
    """

    weeks: np.ndarray
    people: dict[str, np.ndarray]
    supply_units: np.ndarray
    by_simulation: np.ndarray

    def simulate(self, times_made: float, leave_a_week: float) -> np.ndarray:
        """Simulate phones sold by each week, as the model has them."""
        buyers = self.people | {"reneging_rate": -np.log1p(-leave_a_week)}
        return sold_at(simulate_launch(times_made * self.supply_units, **buyers), self.weeks)

    def sold(self, times_made: float, leave_a_week: float = SOME_LEAVE) -> pd.DataFrame:
        """Return phones sold by each week: label, estimate, low and high (80 %)."""
        draws = self.by_simulation * self.simulate(times_made, leave_a_week)
        low, middle, high = interval(draws)
        labels = [f"week {week}" for week in self.weeks]
        return pd.DataFrame({"label": labels, "estimate": middle, "low": low, "high": high})


def try_supply(forecast: LaunchForecast) -> SupplyTrial | None:
    """Prepare to try other supplies of a forecast; None where no supply is simulated."""
    fits = [fit for fit in forecast.mixed.values() if isinstance(fit, LaunchFit)]
    if not fits:
        return None
    people = {
        name: np.concatenate([fit.parameters[name] for fit in fits])[::2]
        for name in fits[0].parameters
    }
    weeks = weeks_of_panel(forecast.launch)
    first_weeks = [fit.paths.supply_units[:, : weeks[-1]] for fit in fits]
    as_forecast = np.concatenate([fit.sold_by(weeks) for fit in fits])[::2]
    simulated = np.concatenate([sold_at(fit.paths, weeks) for fit in fits])[::2]
    return SupplyTrial(
        weeks=weeks,
        people=people,
        supply_units=np.concatenate(first_weeks)[::2],  # of the same draws as the people
        by_simulation=as_forecast / np.fmax(simulated, 1),
    )


def weeks_of_panel(launch: Launch) -> np.ndarray:
    """Choose the weeks that the panel shows: those in which the product is sold, one at least."""
    within = [week for week in PANEL_WEEKS if week <= life_weeks(launch)]
    return np.array(within or PANEL_WEEKS[:1])


def explore_supply(
    forecast: LaunchForecast,
    shown: LaunchForecast | None = None,
    *,
    is_demand_too_low: bool = False,
) -> None:
    """Show a panel: phones sold by week if more were made, or buyers less patient.

    Parameters
    ----------
    forecast : LaunchForecast
        The one that is tried, with all that is known.
    shown : LaunchForecast, optional
        The one that the page shows, which may be of an earlier day.
    is_demand_too_low : bool
        Whether later accounts have it that more people wanted one than in these simulations.
    """
    product = product_name(forecast.launch)
    trial = try_supply(forecast)
    if trial is None:
        return
    made_a_month = np.median(trial.supply_units.mean(axis=1)) * DAYS_PER["month"] / 7
    made_in_all = np.median(trial.supply_units.sum(axis=1))
    caveat = "; by later accounts demand was higher" if is_demand_too_low else ""
    what_if(
        f"What if more of the {product} were made, or buyers less patient?",
        f"phones sold by then{_which_forecast(forecast, shown)}, 80 % range{caveat}",
        trial.sold,
        labels={
            "times_made": f"times the {_basis(forecast)} supply (on average "
            f"{two_digits(made_a_month)} a month)",
            "leave_a_week": f"share who stop waiting for the {product} in a week",
        },
        why_idle={
            "times_made": "fewer people want one than can be made at any of these rates",
            "leave_a_week": _why_leaving_is_idle(trial.simulate(1, SOME_LEAVE), made_in_all),
        },
        times_made=TIMES_MADE,
        leave_a_week=[0.0, 0.03, SOME_LEAVE, 0.15, 0.3],
    )


def _basis(forecast: LaunchForecast) -> str:
    """Say what the supply that is tried is: pledged, where nothing but pledges tells of any."""
    kinds = forecast.beliefs.set_index("label")["kind"]
    tried = {kinds[label] for label, fit in forecast.mixed.items() if isinstance(fit, LaunchFit)}
    return "pledged" if tried <= {"word", "record"} else "simulated"


def _which_forecast(forecast: LaunchForecast, shown: LaunchForecast | None) -> str:
    """Say that the panel knows more than the forecast above it, where it does."""
    if shown is None or shown.day == forecast.day:
        return ""
    return f" with all known today (above: {forecast_day(shown)})"


def _why_leaving_is_idle(sold: np.ndarray, made: float) -> str:
    """Say why it may not matter how many give up: all is sold in any case, or nobody waits.

    `sold` (draws, weeks) is what is sold by each week, `made` what is made by the last.
    """
    if np.median(sold[:, -1]) > 0.99 * made:
        return "all that is made is sold, however many give up"
    return "hardly anybody waits, as what is wanted can be made"
