"""Hold forecasts against real outcomes they have not seen, beside plain rivals.

Written to data/evidence/milestone_forecasts.csv (the last count of each sequence of a product's
sales, forecast from the earlier ones) and iphone_forecasts.csv (iPhones sold, years ahead).
"""

import numpy as np
import pandas as pd
from scipy import stats

from ..data import load_table
from ..demand import fit_bass, fit_launch, fit_prior, forecast_long, milestone_sequences
from .counts import IPHONES, MILESTONES, digest_of_count

QUARTERS_A_YEAR = 4


def forecast_milestones(seed: int = 1, devices: list[str] | None = None) -> pd.DataFrame:
    """Return the last count of each sequence of three or more, forecast from the earlier ones.

    Parameters
    ----------
    seed : int
        Of the posterior draws.
    devices : list of str, optional
        Only these devices.

    Returns
    -------
    DataFrame
        A row a sequence: what came, the 80 % band, and log errors of ours and of two rivals (a
        line in logs, the last rate going on). The prior leaves out the family of the device.
    """
    families = load_table("devices").set_index("device")["family"]
    priors = {}
    rows = []
    for (device, market), counts in milestone_sequences(least=3).groupby(["device", "market"]):
        if devices is not None and device not in devices:
            continue
        family = families[device]
        if family not in priors:
            priors[family] = fit_prior(milestone_sequences(family))
        rows.append(
            {"device": device, "market": market}
            | _forecast_last_count(counts, priors[family], seed)
        )
    return pd.DataFrame(rows).assign(code=digest_of_count(MILESTONES))


def _forecast_last_count(counts: pd.DataFrame, prior, seed: int) -> dict:
    """Forecast the last of some counts from the earlier ones, by our model and by two rivals."""
    weeks = counts["weeks"].to_numpy()
    units = counts["units"].to_numpy()
    last_week, came = weeks[-1], units[-1]
    no_limit = np.full(int(np.ceil(last_week)), np.inf)
    earlier = pd.DataFrame({"week": weeks[:-1], "units": units[:-1]})
    fit = fit_launch(no_limit, prior, counts=earlier, seed=seed)
    low, median, high = np.quantile(fit.sold_by(last_week), [0.1, 0.5, 0.9])

    slope, start = np.polyfit(np.log(weeks[:-1]), np.log(units[:-1]), 1)
    line_in_logs = np.exp(start + slope * np.log(last_week))
    rate = (units[-2] - units[-3]) / (weeks[-2] - weeks[-3])
    last_rate = units[-2] + rate * (last_week - weeks[-2])
    return {
        "counts": len(units),
        "last_known_units": units[-2],
        "weeks_ahead": last_week - weeks[-2],
        "units": came,
        "low": low,
        "median": median,
        "high": high,
        "held": low <= came <= high,
        "log_error": np.log(median / came),
        "log_error_line_in_logs": np.log(line_in_logs / came),
        "log_error_last_rate": np.log(last_rate / came),
        "effective": fit.effective_draws,
        "seed": seed,
    }


def fading_growth(units: np.ndarray, periods: int, season: int = QUARTERS_A_YEAR) -> np.ndarray:
    """Return the plain rival's forecast: last year again, with growth that halves each year.

    Its 80 % band has the root mean square of its own past errors a year ahead (0.3 before there
    are four of them, 0.1 at least), growing with the root of the years.

    Parameters
    ----------
    units : array
        Sales by period so far; at least two seasons.
    periods : int
        Periods to forecast.
    season : int
        Periods a year.

    Returns
    -------
    array of shape (3, periods)
        Low, median and high of all that is sold by each period, what was sold before included.
    """
    origins = range(2 * season, len(units) - season + 1)
    past_errors = [
        np.log(
            _fading_middle(units[:origin], season, season).sum()
            / units[origin : origin + season].sum()
        )
        for origin in origins
    ]
    sd = 0.3
    if len(past_errors) >= 4:
        sd = max(np.sqrt(np.mean(np.square(past_errors))), 0.1)
    years_ahead = np.arange(1, periods + 1) / season
    half_width = stats.norm.ppf(0.9) * sd * np.sqrt(years_ahead)
    middle = _fading_middle(units, periods, season)
    paths = [np.cumsum(middle * np.exp(side * half_width)) for side in (-1, 0, 1)]
    return np.sum(units) + np.array(paths)


def _fading_middle(units: np.ndarray, periods: int, season: int) -> np.ndarray:
    """Give last year's sales again, each year with half the log growth of the one before."""
    last_year = units[-season:]
    year_before = units[-2 * season : -season]
    growth = np.log(last_year.sum() / year_before.sum())
    year = np.arange(periods) // season + 1
    repeated = np.tile(last_year, periods // season + 1)[:periods]
    return repeated * np.exp(growth * (1 - 0.5**year))


def interval_score(low: float, high: float, seen: float, level: float = 0.8) -> float:
    """Return the interval score of a log count (Gneiting & Raftery 2007): width and fine."""
    low, high, seen = np.log([low, high, seen])
    miss = max(low - seen, 0) + max(seen - high, 0)
    return high - low + 2 / (1 - level) * miss


def iphone_quarters() -> np.ndarray:
    """Return iPhones sold by quarter from 2007Q2, as Apple reported them."""
    sales = load_table("shipments").query(
        "brand == 'apple' and tracker == 'company' and market == 'WORLD'"
    )
    quarters = sales[sales["period"].str.contains("Q")].sort_values("period")
    return 1e6 * quarters["units_million"].to_numpy()


def forecast_iphones(
    origins: tuple[int, ...] = (11, 15, 19, 23, 27, 31, 35, 39), seed: int = 1
) -> pd.DataFrame:
    """Return iPhones sold two years ahead and by the last quarter, forecast from each origin.

    Returns
    -------
    DataFrame
        A row for each origin and quarter forecast: what came, our 80 % band and its score, those
        of the plain rival (`fading_growth`), and a plain Bass curve with its problem, where it
        has one.
    """
    units = iphone_quarters()
    rows = []
    for origin in origins:
        known = units[:origin]
        left = len(units) - origin
        forecast = np.quantile(forecast_long(known, left, seed=seed), [0.1, 0.5, 0.9], axis=0)
        rival = fading_growth(known, left)
        bass = fit_bass(known)
        plain_bass = known.sum() + bass.forecast(left)["median"].cumsum().to_numpy()
        for ahead in sorted({min(8, left), left}):
            came = units[: origin + ahead].sum()
            low, median, high = forecast[:, ahead - 1]
            rival_low, rival_median, rival_high = rival[:, ahead - 1]
            rows.append(
                {
                    "origin_quarter": origin,
                    "to_quarter": origin + ahead,
                    "units_then": known.sum(),
                    "units": came,
                    "low": low,
                    "median": median,
                    "high": high,
                    "log_width": np.log(high / low),
                    "held": low <= came <= high,
                    "score": interval_score(low, high, came),
                    "rival_low": rival_low,
                    "rival_median": rival_median,
                    "rival_high": rival_high,
                    "rival_score": interval_score(rival_low, rival_high, came),
                    "plain_bass": plain_bass[ahead - 1],
                    "plain_bass_problem": bass.problem,
                    "seed": seed,
                }
            )
    return pd.DataFrame(rows).assign(code=digest_of_count(IPHONES))
