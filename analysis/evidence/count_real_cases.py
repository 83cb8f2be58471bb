"""Hold forecasts against real outcomes they have not seen, beside plain rivals.

Written to data/evidence/milestone_forecasts.csv (every count of a product's sales from the third
on, forecast from the earlier ones) and iphone_forecasts.csv (iPhones sold, years ahead). Launches
on file are in `count_outcomes`.
"""

import warnings

import numpy as np
import pandas as pd
from scipy import stats

from ..data import load_table
from ..demand import (
    average_forecasts,
    average_with_last_rate,
    damped_trend,
    fit_bass,
    fit_launch,
    fit_prior,
    forecast_long,
    milestone_sequences,
)
from .counts import IPHONES, MILESTONES, digest_of_count
from .scores import interval_score

QUARTERS_A_YEAR = 4


# ---- milestones ----


def forecast_milestones(seed: int = 1, devices: list[str] | None = None) -> pd.DataFrame:
    """Return each count of a sequence from the third on, forecast from the earlier ones.

    Parameters
    ----------
    seed : int
        Of the posterior draws.
    devices : list of str, optional
        Only these devices.

    Returns
    -------
    DataFrame
        A row a count: what came, the 80 % band of the model averaged with the last rate, and log
        errors of it, of the model alone and of two rivals (a line in logs, the last rate going
        on). The prior leaves out the family of the device.
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
        for known in range(2, len(counts)):
            row = {"device": device, "market": market, "is_last": known == len(counts) - 1}
            rows.append(row | _forecast_next_count(counts[: known + 1], priors[family], seed))
    return pd.DataFrame(rows).assign(code=digest_of_count(MILESTONES))


def _forecast_next_count(counts: pd.DataFrame, prior, seed: int) -> dict:
    """Forecast the last of some counts from the earlier ones, by our model and by two rivals."""
    weeks = counts["weeks"].to_numpy()
    units = counts["units"].to_numpy(float)
    last_week, came = weeks[-1], units[-1]
    no_limit = np.full(int(np.ceil(last_week)), np.inf)
    earlier = pd.DataFrame({"week": weeks[:-1], "units": units[:-1]})
    with warnings.catch_warnings(action="ignore"):
        fit = fit_launch(no_limit, prior, counts=earlier, seed=seed)
    alone = fit.sold_by([last_week])
    averaged = average_with_last_rate(alone, weeks[:-1], units[:-1], [last_week])
    low, median, high = np.quantile(averaged, [0.1, 0.5, 0.9])

    slope, start = np.polyfit(np.log(weeks[:-1]), np.log(units[:-1]), 1)
    line_in_logs = np.exp(start + slope * np.log(last_week))
    rate = (units[-2] - units[-3]) / (weeks[-2] - weeks[-3])
    at_last_rate = units[-2] + rate * (last_week - weeks[-2])
    return {
        "counts": len(units),
        "last_known_units": units[-2],
        "weeks_ahead": last_week - weeks[-2],
        "units": came,
        "low": low,
        "median": median,
        "high": high,
        "held": low <= came <= high,
        "score": interval_score(low, high, came),
        "log_error": np.log(median / came),
        "log_error_model_alone": np.log(np.median(alone) / came),
        "log_error_line_in_logs": np.log(line_in_logs / came),
        "log_error_last_rate": np.log(at_last_rate / came),
        "effective": fit.effective_draws,
        "seed": seed,
    }


# ---- iPhones ----


def fading_growth(units: np.ndarray, periods: int, season: int = QUARTERS_A_YEAR) -> np.ndarray:
    """Return a plain rival's forecast: last year again, with growth that halves each year.

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


def iphone_quarters() -> np.ndarray:
    """Return iPhones sold by quarter from 2007Q2, as Apple reported them."""
    sales = load_table("shipments").query(
        "brand == 'apple' and tracker == 'company' and market == 'WORLD'"
    )
    quarters = sales[sales["period"].str.contains("Q")].sort_values("period")
    return 1e6 * quarters["units_million"].to_numpy()


def list_iphone_cells(quarters: int) -> list[tuple[str, int, int]]:
    """Return the cells that are forecast: which set, quarters known and quarters ahead.

    Every second quarter from the tenth on, one and two years ahead and to the last quarter; and
    the eight origins of the first count of this kind, two years ahead and to the last.
    """
    last_origin = quarters - QUARTERS_A_YEAR
    cells = []
    for origin in range(10, last_origin + 1, 2):
        left = quarters - origin
        cells += [("every second quarter", origin, a) for a in sorted({4, min(8, left), left})]
    for origin in range(11, last_origin, 4):
        left = quarters - origin
        cells += [("eight origins", origin, ahead) for ahead in sorted({min(8, left), left})]
    return cells


def forecast_iphones(
    cells: list[tuple[str, int, int]] | None = None, seed: int = 1
) -> pd.DataFrame:
    """Return iPhones sold some quarters ahead, forecast from the quarters before.

    Parameters
    ----------
    cells : list of (set, origin, ahead), optional
        Those of `list_iphone_cells` where none is given.
    seed : int
        Of the draws.

    Returns
    -------
    DataFrame
        A row a cell: what came, our 80 % band (the model averaged with exponential smoothing with a
        damped trend) and its score, the scores of the model alone, of smoothing alone and of fading
        growth, and a plain Bass curve with its problem, where it has one.
    """
    units = iphone_quarters()
    forecasts = {}
    rows = []
    for cells_of, origin, ahead in cells or list_iphone_cells(len(units)):
        if origin not in forecasts:
            forecasts[origin] = _forecast_all_ways(units[:origin], len(units) - origin, seed)
        rows.append(
            {"cells": cells_of}
            | _judge_iphones(units, origin, ahead, forecasts[origin])
            | {"seed": seed}
        )
    return pd.DataFrame(rows).assign(code=digest_of_count(IPHONES))


def _forecast_all_ways(known: np.ndarray, left: int, seed: int) -> dict[str, np.ndarray]:
    """Return low, median and high (3, quarters) of all methods by name; plain Bass has a median."""
    model = forecast_long(known, left, draws=1000, seed=seed)
    smoothing = damped_trend(known, left, draws=1000, seed=seed)
    draws = {
        "ours": average_forecasts(model, smoothing),
        "model_alone": model,
        "damped_trend": smoothing,
    }
    bands = {name: np.quantile(paths, [0.1, 0.5, 0.9], axis=0) for name, paths in draws.items()}
    bass = fit_bass(known)
    plain_bass = known.sum() + bass.forecast(left)["median"].cumsum().to_numpy()
    return bands | {
        "fading_growth": fading_growth(known, left),
        "plain_bass": plain_bass,
        "plain_bass_problem": bass.problem,
    }


def _judge_iphones(units: np.ndarray, origin: int, ahead: int, forecasts: dict) -> dict:
    """Return bands and scores of one cell."""
    came = units[: origin + ahead].sum()
    low, median, high = forecasts["ours"][:, ahead - 1]
    row = {
        "origin_quarter": origin,
        "to_quarter": origin + ahead,
        "units_then": units[:origin].sum(),
        "units": came,
        "low": low,
        "median": median,
        "high": high,
        "log_width": np.log(high / low),
        "held": low <= came <= high,
        "score": interval_score(low, high, came),
    }
    for rival in ("model_alone", "damped_trend", "fading_growth"):
        rival_low, _, rival_high = forecasts[rival][:, ahead - 1]
        row[f"score_{rival}"] = interval_score(rival_low, rival_high, came)
    return row | {
        "plain_bass": forecasts["plain_bass"][ahead - 1],
        "plain_bass_problem": forecasts["plain_bass_problem"],
    }
