"""Reports of output, capacity and targets, put on one scale: phones a month.

A launch's reports come by the day, month or in total, from press, analysts and the maker. This
module makes them comparable and measures how fast output grew. What became of targets is `targets`;
what reports mean for supply week by week is `beliefs`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from statsmodels.regression.linear_model import RegressionResultsWrapper

# Days that one unit of a report's time base lasts, rounded: a month is a twelfth of a year.
DAYS_PER = {"day": 1.0, "week": 7.0, "month": 30.4, "quarter": 91.3, "year": 365.25}

# A total over fewer days than this is a lot put on sale, not a rate of output (assumed).
LEAST_DAYS_OF_A_RATE = 14

# Kinds of report that say what was made, and those that say at least what could be made.
MADE = ("shipped", "produced")
MEASURED = ("shipped", "produced", "capacity")


@dataclass(frozen=True)
class Ramp:
    """How fast reported output grew: the time in which it doubled."""

    doubling_days: float  # days; infinite where output did not grow
    low: float  # days, the fast end of the interval
    high: float  # days, the slow end; infinite where growth is not settled
    points: int  # dated output rates that the fit rests on
    # least squares of the log rate on the day
    results: RegressionResultsWrapper = field(repr=False)


def monthly_rates(reports: pd.DataFrame) -> pd.DataFrame:
    """Put reports on one scale, phones a month of 30.4 days.

    A total is spread evenly over its period. Lots (totals over less than two weeks) and backlogs
    say nothing of a rate and are left out, as are reports without a figure.

    Parameters
    ----------
    reports : DataFrame
        One row a report: `kind`, `period_start`, `period_end`, `units` and `per`, as in
        `data/market/capacity_reports.csv` or a launch's `supply_reports`.

    Returns
    -------
    DataFrame
        The reports that tell a rate, with `units_per_month` and `days` (length of the period, first
        and last day counted; NaN where it has no end).

    Examples
    --------
    >>> day = pd.Timestamp("2020-01-01")
    >>> report = {"kind": "capacity", "units": 1000, "per": "day"}
    >>> row = pd.DataFrame([report | {"period_start": day, "period_end": day}])
    >>> monthly_rates(row)["units_per_month"].tolist()
    [30400.0]
    """
    days = (reports["period_end"] - reports["period_start"]).dt.days + 1
    days_per_unit = reports["per"].map(DAYS_PER).fillna(days)
    units_per_month = reports["units"] / days_per_unit * DAYS_PER["month"]
    rates = reports.assign(units_per_month=units_per_month, days=days)

    is_lot = (rates["per"] == "total") & (days < LEAST_DAYS_OF_A_RATE)
    tells_a_rate = rates["units_per_month"].notna() & (rates["kind"] != "backlog")
    return rates[tells_a_rate & ~is_lot]


def select_measured(rates: pd.DataFrame) -> pd.DataFrame:
    """Return the rates of output or capacity that speak of the model, not of its series."""
    return rates.query("kind in @MEASURED and units > 0 and scope != 'series'")


def fit_ramp(rates: pd.DataFrame, level: float = 0.95) -> Ramp:
    """Estimate in how many days reported output doubled.

    Least squares of the log rate on the day: growth is taken as exponential. Totals are left out,
    as they average over the growth that is sought.

    Parameters
    ----------
    rates : DataFrame
        Rates of `monthly_rates`.
    level : float
        Confidence of the interval.

    Returns
    -------
    Ramp
        Doubling time with its interval, days.

    Raises
    ------
    ValueError
        If there are fewer than four rates or three dates.
    """
    import statsmodels.formula.api as smf  # noqa: PLC0415 (a second to load; only fits need it)

    dated = rates.query("kind in @MEASURED and per != 'total' and units > 0")
    dated = dated.drop_duplicates(["period_start", "units_per_month"])
    if len(dated) < 4 or dated["period_start"].nunique() < 3:
        raise ValueError(f"{len(dated)} dated output rates; expected at least 4 on 3 dates")

    log_rate = np.log(dated["units_per_month"])
    day = (dated["period_start"] - dated["period_start"].min()).dt.days
    fit = smf.ols("log_rate ~ day", dated.assign(log_rate=log_rate, day=day)).fit()

    slow_slope, fast_slope = fit.conf_int(1 - level).loc["day"]
    return Ramp(
        doubling_days=_doubling_days(fit.params["day"]),
        low=_doubling_days(fast_slope),
        high=_doubling_days(slow_slope),
        points=len(dated),
        results=fit,
    )


def _doubling_days(log_growth_per_day: float) -> float:
    """Turn growth of the log a day into a doubling time; what does not grow never doubles."""
    return float(np.log(2) / log_growth_per_day) if log_growth_per_day > 0 else np.inf
