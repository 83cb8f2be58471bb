"""Capacity behind a launch: reported output on one scale, how fast it ramped, and when the millionth phone came."""

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from .launches import Launch
from .wording import Answer, tell

DAYS_PER = {"day": 1.0, "week": 7.0, "month": 30.4, "quarter": 91.3, "year": 365.25}
LOT_DAYS = 14  # a total over fewer days is what was put on sale at once
MADE = ("shipped", "produced")
MEASURED = (*MADE, "capacity")


def monthly_rates(reports: pd.DataFrame) -> pd.DataFrame:
    """Put reports of capacity, output and targets on one scale: the rows used, with units_per_month (30.4 days) and days added.

    A total is spread over its period, first and last day counted; one of less than two weeks is a lot and left out, as is backlog.
    """
    days = (reports["period_end"] - reports["period_start"]).dt.days + 1
    span = reports["per"].map(DAYS_PER).fillna(days)
    used = reports.assign(units_per_month=reports["units"] / span * DAYS_PER["month"], days=days)
    lot = (used["per"] == "total") & (days < LOT_DAYS)
    return used[used["units_per_month"].notna() & (used["kind"] != "backlog") & ~lot]


def fit_ramp(rates: pd.DataFrame, level: float = 0.95) -> pd.Series:
    """Doubling time in days of measured output (rows of `monthly_rates`, dated by their start), log-linear least squares.

    Returns doubling_days, low, high (infinite if flat fits too), points, results. Assumes exponential growth. Raises
    ValueError with fewer than four rows or three dates.
    """
    used = rates[rates["kind"].isin(MEASURED) & (rates["per"] != "total") & (rates["units"] > 0)]
    used = used.drop_duplicates(["period_start", "units_per_month"])
    if len(used) < 4 or used["period_start"].nunique() < 3:
        raise ValueError(f"{len(used)} dated output rates; expected at least 4 on 3 dates")
    day = (used["period_start"] - used["period_start"].min()).dt.days
    fit = smf.ols("log_rate ~ day", pd.DataFrame({"log_rate": np.log(used["units_per_month"]), "day": day})).fit()
    slope, (low, high) = fit.params["day"], fit.conf_int(1 - level).loc["day"]
    fast, slow = (np.log(2) / bound if bound > 0 else np.inf for bound in (high, low))
    doubling = np.log(2) / slope if slope > 0 else np.inf
    return pd.Series({"doubling_days": doubling, "low": fast, "high": slow, "points": len(used), "results": fit})


def growth_curves(sales: pd.DataFrame, least_points: int = 3) -> pd.DataFrame:
    """Cumulative sales of each device in one market by days since first sale; a count that a later one contradicts is dropped."""
    counts = sales[sales["cumulative"] & sales["units"].gt(0) & sales["period_start"].notna()]
    days = (counts["period_end"] - counts["period_start"]).dt.days + 1
    columns, curve = ["device", "market", "days", "units"], ["device", "market"]
    counts = counts.assign(days=days)[columns].dropna().query("days > 0").sort_values(columns)
    counts = counts[counts["units"] >= counts.groupby(curve)["units"].cummax()].drop_duplicates([*curve, "days"], keep="last")
    return counts[counts.groupby(curve)["days"].transform("size") >= least_points].reset_index(drop=True)


def fit_growth(curves: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Exponent b of cumulative units ~ days ** b by device, log-log least squares (below one: slowing), and days to a million."""
    rows = []
    for (device, market), curve in curves.groupby(["device", "market"]):
        fit = smf.ols("units ~ days", np.log(curve[["units", "days"]])).fit()
        low, high = fit.conf_int(1 - level).loc["days"]
        million = float(np.exp((np.log(1e6) - fit.params["Intercept"]) / fit.params["days"]))
        rows.append((device, market, len(curve), float(fit.params["days"]), low, high, million))
    return pd.DataFrame(rows, columns=["device", "market", "points", "exponent", "low", "high", "million_days"])


def target_hits(reports: pd.DataFrame) -> pd.DataFrame:
    """One row a target: what was made of the device in an overlapping period by later reports, and the ratio."""
    rates = monthly_rates(reports[~reports["weak_source"]])
    targets = rates[rates["kind"] == "target"].drop_duplicates(["device", "units_per_month", "period_start"])
    made = rates[rates["kind"].isin(MADE) & (rates["days"].fillna(30) >= 7) & (rates["units"] > 0)]
    pairs = targets.merge(made, on="device", suffixes=("_target", "_made"))
    pairs = pairs.query("period_start_made <= period_end_target and period_end_made >= period_start_target")
    pairs = pairs.query("report_date_made > report_date_target").sort_values("report_date_made")
    pairs = pairs.drop_duplicates(["device", "units_per_month_target", "period_start_target"], keep="last")
    pairs = pairs.rename(columns={"units_per_month_target": "target_per_month", "units_per_month_made": "made_per_month"})
    pairs["ratio"] = pairs["made_per_month"] / pairs["target_per_month"]
    columns = ["device", "target_per_month", "made_per_month", "ratio", "report_date_target", "report_date_made"]
    return pairs[columns].reset_index(drop=True)


def judge_supply(launch: Launch) -> Answer:
    """Say how much was made a month, how that grew, when the millionth came, what held it; ValueError if nothing is on file."""
    rates, sales = monthly_rates(launch.supply_reports), launch.sales
    known = rates[rates["kind"].isin(MEASURED) & (rates["units"] > 0)]
    known = known[known["scope"] != "series"] if (known["scope"] != "series").any() else known
    if known.empty and sales.empty and rates.empty:
        raise ValueError("the launch file has no rate of supply and no milestone of sales; expected at least one")
    passed, ramp = sales[sales["units"] >= 1e6], _ramp_or_none(rates)
    before = sales[sales["date"] < passed["date"].min()] if len(passed) else sales
    sentences = [tell("output", known=known, sales=sales, rates=rates)]
    sentences += [tell("ramp", ramp=ramp)] if ramp is not None and np.isfinite(ramp.doubling_days) else []
    sentences += [tell("to_a_million", known=known, passed=passed, before=before), tell("bottleneck", launch=launch)]
    headline = tell("supply_headline", known=known, sales=sales, rates=rates)
    return Answer(headline, tell("supply_label", known=known, sales=sales), tuple(sentences), {"rates": rates})


def _ramp_or_none(rates: pd.DataFrame) -> pd.Series | None:
    try:
        return fit_ramp(rates)
    except ValueError:
        return None


def compare_ramps(mine: pd.DataFrame, reports: pd.DataFrame) -> pd.DataFrame:
    """Doubling time of this launch under several choices of reports, and of every other device that has enough of them."""
    rates, everyone = monthly_rates(mine), monthly_rates(reports)
    choices = {
        "this launch, all measured reports": rates,
        "shipped or produced alone": rates[rates["kind"].isin(MADE)],
        "capacity alone": rates[rates["kind"] == "capacity"],
    } | {device.replace("_", " "): group for device, group in everyone.groupby("device")}
    rows = []
    for label, chosen in choices.items():
        if (ramp := _ramp_or_none(chosen)) is not None:
            rows.append((label, ramp.points, ramp.doubling_days, ramp.low, ramp.high))
        elif label.startswith("this launch"):
            rows.append((f"{label}: too few dated rates", 0, np.nan, np.nan, np.nan))
    return pd.DataFrame(rows, columns=["reports_used", "reports", "doubling_days", "low", "high"])
