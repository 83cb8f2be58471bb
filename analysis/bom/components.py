"""Components across teardowns of new phones: their trends, which is a price, their shares.

A trend over new phones is progress in specification, not the decline of a part; only a
component whose size is on file and whose cost goes with that size can be read as a price. The
BOM path that uses the shares is left to `forecast`, the rate of one and the same device and of its
parts to `hierarchy`.
"""

from itertools import product

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import brentq

from .pairs import DAYS_A_YEAR

# Spread of analysts, and wander of prices in a root year, over the noise of a costing. Prices stand
# still in half of the cases.
RATIOS = np.array(list(product((0, 2), (0, 0, 2, 8))))
LEAST_COSTINGS = 10  # a component's price rests on as many costings of two houses at least
LEAST_FOR_TREND = 6  # costings below which no trend is fitted
LUMPED = ("assembly", "other", "box_contents")  # lines of a teardown that are no component
GROUPS = {
    "nand": "memory",
    "dram": "memory",
    "memory_total": "memory",
    "display_touch": "display",
    "application_processor": "processor",
}


def fit_trend(
    costings: pd.DataFrame, cost: str, size: str | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Fit the yearly trend of a cost over devices, with analysts at random and prices that wander.

    log cost = a + trend * year + elasticity * log size + analyst + price walk + noise, by
    generalised least squares for each pair of spreads in `RATIOS`; the fits are weighed by
    their restricted likelihood, and an interval is that of the mixture of their Student t.

    Parameters
    ----------
    costings : DataFrame
        One row per costing, with teardown_date, analyst_house, `cost` and `size`.
    cost, size : str
        Columns with the cost and, if it is held constant, the size.
    level : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        Index term: "trend" (logs a year), "elasticity" where there is a size, and "wander"
        (standard deviation of prices in a root year, no interval); columns estimate, low, high.

    Raises
    ------
    ValueError
        If there are fewer than two costings more than terms, or a cost or size is not above zero.
    """
    days = (costings["teardown_date"] - costings["teardown_date"].min()).dt.days
    years = days.to_numpy() / DAYS_A_YEAR
    log_cost = np.log(costings[cost].to_numpy(float))
    columns = {"constant": np.ones(len(years)), "trend": years}
    if size is not None:
        columns["elasticity"] = np.log(costings[size].to_numpy(float))
    design = np.column_stack(list(columns.values()))
    freedom = len(design) - design.shape[1]
    if freedom < 2 or not np.isfinite(log_cost).all() or not np.isfinite(design).all():
        raise ValueError(
            f"{len(design)} costings; expected {design.shape[1] + 2} or more with {cost} and size "
            "above zero"
        )
    house = costings["analyst_house"].to_numpy()
    fits = [_fit_spreads(log_cost, design, years, house, *ratio) for ratio in RATIOS]
    return _mix_fits(fits, list(columns), freedom, level)


def _fit_spreads(
    log_cost: np.ndarray,
    design: np.ndarray,
    years: np.ndarray,
    house: np.ndarray,
    analyst_ratio: float,
    wander_ratio: float,
) -> dict:
    """Slopes, their errors, restricted log-likelihood and wander for one pair of spreads."""
    from statsmodels.regression.linear_model import GLS  # noqa: PLC0415 (only fits need it)

    same_house = 1.0 * (house[:, None] == house)
    shared_walk = np.minimum.outer(years, years)
    covariance = np.eye(len(years)) + analyst_ratio**2 * same_house + wander_ratio**2 * shared_walk
    fit = GLS(log_cost, design, sigma=covariance).fit()

    # Restricted likelihood with the noise profiled out (Patterson & Thompson 1971).
    residual_squares = max(fit.ssr, 1e-12)
    unscaled = fit.normalized_cov_params
    log_determinants = np.linalg.slogdet(unscaled)[1] - np.linalg.slogdet(covariance)[1]
    noise_variance = residual_squares / fit.df_resid
    return {
        "slopes": fit.params,
        "errors": np.sqrt(np.diag(unscaled) * noise_variance),
        "log_likelihood": (log_determinants - fit.df_resid * np.log(residual_squares)) / 2,
        "wander": wander_ratio * np.sqrt(noise_variance),
    }


def _mix_fits(fits: list[dict], terms: list[str], freedom: int, level: float) -> pd.DataFrame:
    """Weigh fits by their likelihood: mean slopes, quantiles of the mixture, mean wander."""
    log_likelihood = np.array([fit["log_likelihood"] for fit in fits])
    weights = np.exp(log_likelihood - log_likelihood.max())
    weights = weights / weights.sum()

    rows = {}
    for place, term in enumerate(terms):
        if term == "constant":
            continue
        slopes = np.array([fit["slopes"][place] for fit in fits])
        errors = np.array([fit["errors"][place] for fit in fits])
        low, high = (
            _mixture_quantile((1 + side * level) / 2, weights, slopes, errors, freedom)
            for side in (-1, 1)
        )
        rows[term] = {"estimate": weights @ slopes, "low": low, "high": high}
    wander = np.array([fit["wander"] for fit in fits])
    rows["wander"] = {"estimate": weights @ wander, "low": np.nan, "high": np.nan}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("term")


def _mixture_quantile(
    probability: float,
    weights: np.ndarray,
    centres: np.ndarray,
    scales: np.ndarray,
    freedom: int,
) -> float:
    """Quantile of a weighted mixture of Student t."""

    def excess(value: float) -> float:
        return weights @ stats.t.cdf((value - centres) / scales, freedom) - probability

    return brentq(excess, -99, 99)


def component_rates(
    components: pd.DataFrame, teardowns: pd.DataFrame, devices: pd.DataFrame
) -> pd.DataFrame:
    """Fit the yearly trend of the whole phone and of each component over new phones.

    Each phone counts once an analyst house, in its first costing. Size is held constant where it is
    on file for six costings or more.

    Parameters
    ----------
    components, teardowns, devices : DataFrame
        As in bom_components.csv, bom_teardowns.csv and devices.csv.

    Returns
    -------
    DataFrame
        One row per component: label, costings, houses, size (unit), estimate, low, high (logs a
        year), elasticity, wander, and `identified`: whether the trend can be read as a price.
        It can for gigabytes whose elasticity may be 1, from `LEAST_COSTINGS` of two houses;
        every other is progress in specification.
    """
    phones = phone_teardowns(teardowns, devices).drop(columns="derived")
    entire = phones.dropna(subset="bom_usd")
    entire = entire.assign(cost_usd=entire["bom_usd"], spec_unit=None, component="whole phone")
    single = ~components["partial"] & ~components["derived"]
    lines = components[single & ~components["component"].isin(LUMPED)]
    costings = pd.concat([entire, lines.merge(phones, on="teardown_id")])
    rows = [_rate_of_component(name, group) for name, group in costings.groupby("component")]
    return pd.DataFrame([row for row in rows if row is not None])


def _rate_of_component(name: str, costings: pd.DataFrame) -> dict | None:
    """One row of `component_rates`, or None where the costings are too few."""
    has_size = costings["spec_unit"].notna().sum() >= LEAST_FOR_TREND
    size = "spec_value" if has_size else None
    used = (
        costings.dropna(subset=size or "cost_usd")
        .sort_values("teardown_date")
        .drop_duplicates(["device", "analyst_house"])
    )
    if len(used) < LEAST_FOR_TREND:
        return None
    trend = fit_trend(used, "cost_usd", size)
    houses = used["analyst_house"].nunique()
    unit = used["spec_unit"].iloc[0]
    enough = unit == "gb" and len(used) >= LEAST_COSTINGS and houses >= 2
    return {
        "label": name,
        "costings": len(used),
        "houses": houses,
        "size": unit,
        **trend.loc["trend"],
        "elasticity": trend["estimate"].get("elasticity"),
        "wander": trend["estimate"]["wander"],
        "identified": enough and _may_be_one(trend.loc["elasticity"]),
    }


def _may_be_one(elasticity: pd.Series) -> bool:
    """Whether the interval of an elasticity holds 1, so that cost is price times size."""
    return elasticity["low"] <= 1 <= elasticity["high"]


def phone_teardowns(teardowns: pd.DataFrame, devices: pd.DataFrame) -> pd.DataFrame:
    """Return the teardowns of phones, with their brand."""
    phones = devices.loc[devices["device_class"] == "phone", ["device", "brand"]]
    return teardowns.merge(phones, on="device")


def part_shares(
    components: pd.DataFrame, teardowns: pd.DataFrame, devices: pd.DataFrame
) -> pd.Series:
    """Split the cost of a phone among memory, display, processor and the rest.

    Parameters
    ----------
    components, teardowns, devices : DataFrame
        As in bom_components.csv, bom_teardowns.csv and devices.csv.

    Returns
    -------
    Series
        Mean share by part over the teardowns that list it; the rest is what is left of one.
    """
    shares = _mean_shares(components, phone_teardowns(teardowns, devices))
    return pd.concat([shares, pd.Series({"rest": 1 - shares.sum()})])


def _mean_shares(components: pd.DataFrame, phones: pd.DataFrame) -> pd.Series:
    """Mean share of the BOM by group of components, over teardowns that list them whole."""
    costed = phones[["teardown_id", "bom_usd"]].dropna()
    lines = components[~components["partial"]].merge(costed, on="teardown_id")
    share = lines["cost_usd"] / lines["bom_usd"]
    group = lines["component"].map(GROUPS)
    by_teardown = share.groupby([group, lines["teardown_id"]]).sum()
    return by_teardown.groupby(level=0).mean()


def yearly_runs(prices: pd.DataFrame) -> dict[str, pd.Series]:
    """Turn prices into yearly runs without a gap.

    Parameters
    ----------
    prices : DataFrame
        As in component_prices.csv: series_id, date, price_usd, forecast.

    Returns
    -------
    dict of str to Series
        By series and first year, the geometric mean price of each year; forecasts are left out, a
        series is cut at years without a price, and runs of fewer than three years are dropped.
    """
    observed = prices[~prices["forecast"]]
    runs = {}
    for series_id, group in observed.groupby("series_id"):
        log_price = np.log(group["price_usd"])
        means = np.exp(log_price.groupby(group["date"].dt.year).mean())
        # Years in a row keep one difference to their place, so that a gap starts a new run.
        for _, run in means.groupby(means.index - np.arange(len(means))):
            if len(run) >= 3:
                runs[f"{series_id}_{run.index[0]}"] = run
    return runs
