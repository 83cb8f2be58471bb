"""Order rates from press lines: units over seconds with an interval, and how seconds go with lots.

A press line gives a lot and the seconds that it lasted, often rounded or as a bound. Here each
becomes an order rate with its error. How rates differ between shops and devices is `rounds`; what
a lot may have held that was never published is `published_lots`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

if TYPE_CHECKING:
    from statsmodels.regression.linear_model import RegressionResultsWrapper

# Our assumption: standard deviation, in logs, of a figure that a report gives in these words,
# beyond its rounding.
REPORTING_SD = {"exact": 0.0, "reported": 0.05, "approx": 0.15, "lower": 0.0, "upper": 0.0}
NO_SALE = ("prepared", "reserved")  # stock that was ready and names that were taken are not orders
COLUMNS_READ = (
    "units",
    "units_bound",
    "units_basis",
    "sellout_s",
    "seconds_bound",
    "sold_out",
    "units_sold",
    "window_s",
)


def rounding_sd(value: float) -> float:
    """Return the standard deviation, in logs, that rounding to the last non-zero digit leaves.

    A number uniform within its last digit d has standard deviation d / sqrt(12).

    Examples
    --------
    >>> round(rounding_sd(300_000), 4)
    0.0962
    """
    last_digit = 10.0 ** Decimal(f"{value:.6e}").normalize().as_tuple().exponent
    return float(last_digit / (np.sqrt(12) * value))


def with_report_words(rounds: pd.DataFrame) -> pd.DataFrame:
    """Return rounds with every column that rates need.

    How firm units and seconds are (`units_bound`, `seconds_bound`) is "reported" where no word is
    given.
    """
    every_column = rounds.columns.union(COLUMNS_READ, sort=False)
    complete = rounds.reindex(columns=every_column)
    firmness = complete[["units_bound", "seconds_bound"]].astype(object).fillna("reported")
    return complete.assign(**firmness)


def log_rates(
    units: pd.Series, seconds: pd.Series, units_bound: pd.Series, seconds_bound: pd.Series
) -> pd.DataFrame:
    """Log order rates with their errors.

    Parameters
    ----------
    units, seconds : Series
        Units ordered and the seconds that took.
    units_bound, seconds_bound : Series
        How firm each is: a key of `REPORTING_SD`.

    Returns
    -------
    DataFrame
        `log_rate` (log of units a second), `sd` of it (Poisson count, rounding, the report's
        words), `at_least` and `at_most`: whether the true rate is open to that side.
    """
    units_rounding = units.map(rounding_sd, na_action="ignore") ** 2
    units_rounding = units_rounding.where(units_bound != "exact", 0)
    seconds_rounding = seconds.map(rounding_sd, na_action="ignore") ** 2
    reporting = units_bound.map(REPORTING_SD) ** 2 + seconds_bound.map(REPORTING_SD) ** 2
    variance = 1 / units + units_rounding + seconds_rounding + reporting
    return pd.DataFrame(
        {
            "log_rate": np.log(units / seconds),
            "sd": np.sqrt(variance),
            "at_least": (units_bound == "lower") | (seconds_bound == "upper"),
            "at_most": (units_bound == "upper") | (seconds_bound == "lower"),
        }
    )


def order_rates(rounds: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Order rates of the rounds that sold out with units and seconds known.

    Stock prepared and names reserved are left out. Q orders of a Poisson stream in T seconds give
    Q / T with error 1 / sqrt(Q); rounding and the report's words (`REPORTING_SD`, assumed) add in
    logs. A bound leaves its side open.

    Parameters
    ----------
    rounds : DataFrame
        Rounds as in data/market/sale_rounds.csv; columns that are absent count as not told.
    level : float
        Of the interval.

    Returns
    -------
    DataFrame
        The rounds used, with `rate_per_s`, `low` (0 where open) and `high` (infinite where open).

    Examples
    --------
    >>> lot = pd.DataFrame({"units": [9000], "sellout_s": [30], "sold_out": ["yes"]})
    >>> order_rates(lot)["rate_per_s"].item()
    300.0
    """
    rounds = with_report_words(rounds)
    known = (rounds["sold_out"] == "yes") & (rounds["units"] > 0) & (rounds["sellout_s"] > 0)
    used = rounds[known & ~rounds["units_basis"].isin(NO_SALE)]
    logs = log_rates(used["units"], used["sellout_s"], used["units_bound"], used["seconds_bound"])
    rate = used["units"] / used["sellout_s"]
    factor = np.exp(stats.norm.ppf((1 + level) / 2) * logs["sd"])
    return used.assign(
        rate_per_s=rate,
        low=(rate / factor).mask(logs["at_most"], 0),
        high=(rate * factor).mask(logs["at_least"], np.inf),
    )


@dataclass(frozen=True, kw_only=True)
class LotDependence:
    """How the seconds that a lot lasts depend on its size, over rounds.

    Attributes
    ----------
    slope, low, high : float
        Exponent of the lot in the seconds with its interval; 1 if every lot met one steady stream.
    correlation : float
        Of log seconds and log lot.
    rounds : int
        Rounds that it rests on.
    results : statsmodels results
        Regression of log seconds on log units.
    """

    slope: float
    low: float
    high: float
    correlation: float
    rounds: int
    results: RegressionResultsWrapper = field(repr=False)

    def seconds_for(self, units: np.ndarray) -> np.ndarray:
        """Give seconds on the fitted line for lots of these sizes."""
        log_units = pd.DataFrame({"units": np.log(np.asarray(units, float))})
        return np.exp(self.results.predict(log_units).to_numpy())


def fit_lot_dependence(rates: pd.DataFrame, level: float = 0.95) -> LotDependence:
    """Regress log seconds on log lot over rounds (least squares, errors HC3).

    Parameters
    ----------
    rates : DataFrame
        Rounds with `sellout_s` and `units`, as `order_rates` gives them.
    level : float
        Of the interval of the slope.

    Returns
    -------
    LotDependence
        The line with its slope and interval.
    """
    import statsmodels.formula.api as smf  # noqa: PLC0415 (a second to load; only fits need it)

    logs = np.log(rates[["sellout_s", "units"]])
    results = smf.ols("sellout_s ~ units", logs).fit(cov_type="HC3")
    low, high = results.conf_int(1 - level).loc["units"]
    return LotDependence(
        slope=results.params["units"],
        low=low,
        high=high,
        correlation=logs["sellout_s"].corr(logs["units"]),
        rounds=len(logs),
        results=results,
    )
