"""Capacity behind a launch: reported output on one scale, how fast it ramped, and when the millionth phone came."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from .launches import Launch
from .wording import number, tell

DAYS_PER = {"day": 1.0, "week": 7.0, "month": 30.4, "quarter": 91.3, "year": 365.25}
LOT_DAYS = 14  # a total over fewer days is what was put on sale at once
MEASURED = ("shipped", "produced", "capacity")


def monthly_rates(reports: pd.DataFrame) -> pd.DataFrame:
    """Put reports of capacity, output and targets on one scale, phones a month of 30.4 days.

    A total is spread evenly over its own period (from its first to its last day, both counted). A total without a
    period or of less than two weeks is a lot, not a rate, and is left out, as is every backlog.
    Returns the rows used with units_per_month and days added.
    """
    days = (reports["period_end"] - reports["period_start"]).dt.days + 1
    span = reports["per"].map(DAYS_PER).fillna(days)
    used = reports.assign(units_per_month=reports["units"] / span * DAYS_PER["month"], days=days)
    lot = (used["per"] == "total") & (days < LOT_DAYS)
    return used[used["units_per_month"].notna() & (used["kind"] != "backlog") & ~lot]


@dataclass(frozen=True)
class Ramp:
    """Exponential growth of reported output: doubling time in days, with its interval; `high` is infinite if flat fits too."""

    doubling_days: float
    low: float
    high: float
    level: float
    points: int
    results: object


def fit_ramp(rates: pd.DataFrame, level: float = 0.95) -> Ramp:
    """Doubling time of daily output from reports of output a day or a week, log-linear least squares.

    `rates` from `monthly_rates`; used are rows of measured output per day, week or month, dated by their start.
    Assumes exponential growth over the rows given. Raises ValueError with fewer than four rows or two dates.
    """
    used = rates[rates["kind"].isin(MEASURED) & (rates["per"] != "total") & (rates["units"] > 0)]
    used = used.drop_duplicates(["period_start", "units_per_month"])
    if len(used) < 4 or used["period_start"].nunique() < 3:
        raise ValueError(f"{len(used)} dated output rates; expected at least 4 on 3 dates")
    day = (used["period_start"] - used["period_start"].min()).dt.days
    fit = smf.ols("log_rate ~ day", pd.DataFrame({"log_rate": np.log(used["units_per_month"]), "day": day})).fit()
    slope, (low, high) = fit.params["day"], fit.conf_int(1 - level).loc["day"]
    fast, slow = (np.log(2) / bound if bound > 0 else np.inf for bound in (high, low))
    return Ramp(float(np.log(2) / slope) if slope > 0 else np.inf, fast, slow, level, len(used), fit)


def growth_curves(sales: pd.DataFrame, least_points: int = 3) -> pd.DataFrame:
    """Cumulative sales of each device with enough dated counts in one market, by days since first sale.

    A count that a later one contradicts (falls below it) is dropped. Returns device, market, days, units, days rising.
    """
    counts = sales[sales["cumulative"] & sales["units"].gt(0) & sales["period_start"].notna()]
    days = (counts["period_end"] - counts["period_start"]).dt.days + 1
    counts = counts.assign(days=days)[["device", "market", "days", "units"]].dropna().query("days > 0")
    counts = counts.sort_values(["device", "market", "days", "units"])
    highest = counts.groupby(["device", "market"])["units"].cummax()
    counts = counts[counts["units"] >= highest].drop_duplicates(["device", "market", "days"], keep="last")
    size = counts.groupby(["device", "market"])["days"].transform("size")
    return counts[size >= least_points].reset_index(drop=True)


def fit_growth(curves: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Exponent b of cumulative units ~ days ** b for each device (log-log least squares), with its interval.

    Below one the launch slows from its first day, as unconstrained launches do; above one it speeds up, as those
    held by supply do. Returns device, market, points, exponent, low, high, million_days (days to a million on the line).
    """
    rows = []
    for (device, market), curve in curves.groupby(["device", "market"]):
        fit = smf.ols("units ~ days", np.log(curve[["units", "days"]])).fit()
        low, high = fit.conf_int(1 - level).loc["days"]
        million = float(np.exp((np.log(1e6) - fit.params["Intercept"]) / fit.params["days"]))
        rows.append((device, market, len(curve), float(fit.params["days"]), low, high, million))
    return pd.DataFrame(rows, columns=["device", "market", "points", "exponent", "low", "high", "million_days"])


def target_hits(reports: pd.DataFrame) -> pd.DataFrame:
    """Targets beside what was made or shipped of the same device in an overlapping period, reported later, and their ratio.

    One row a target whose source is not weak, with the latest outcome: device, target_per_month, made_per_month, ratio and
    both report dates. Few, and not a sample of all targets.
    """
    rates = monthly_rates(reports[~reports["weak_source"]])
    targets = rates[rates["kind"] == "target"].drop_duplicates(["device", "units_per_month", "period_start"])
    made = rates[rates["kind"].isin(("shipped", "produced")) & (rates["days"].fillna(30) >= 7) & (rates["units"] > 0)]
    pairs = targets.merge(made, on="device", suffixes=("_target", "_made"))
    pairs = pairs[
        (pairs["period_start_made"] <= pairs["period_end_target"])
        & (pairs["period_end_made"] >= pairs["period_start_target"])
        & (pairs["report_date_made"] > pairs["report_date_target"])
    ].sort_values("report_date_made")
    pairs = pairs.drop_duplicates(["device", "units_per_month_target", "period_start_target"], keep="last")
    pairs = pairs.rename(columns={"units_per_month_target": "target_per_month", "units_per_month_made": "made_per_month"})
    pairs["ratio"] = pairs["made_per_month"] / pairs["target_per_month"]
    columns = ["device", "target_per_month", "made_per_month", "ratio", "report_date_target", "report_date_made"]
    return pairs[columns].reset_index(drop=True)


REPORT_COLUMNS = [
    "kind",
    "period_start",
    "period_end",
    "units",
    "per",
    "units_per_month",
    "scope",
    "manufacturer",
    "reported",
    "source",
]


@dataclass(frozen=True)
class SupplyAnswer:
    """What the reports say of a launch's supply, in numbers and in the sentences that say them."""

    headline: str
    label: str
    sentences: tuple[str, ...]
    rates: pd.DataFrame  # reports of the launch with units_per_month
    ramp: Ramp | None


def judge_supply(launch: Launch) -> SupplyAnswer:
    """Say how much was made a month, how fast that grew, when the millionth came, what held it, and the second source.

    Where no report gives an output, milestones of sales speak for it, then targets.
    Raises ValueError if the launch file has none of the three.
    """
    rates, sales = monthly_rates(launch.supply_reports), launch.sales
    known = rates[rates["kind"].isin(MEASURED) & (rates["units"] > 0)]
    known = known[known["scope"] != "series"] if (known["scope"] != "series").any() else known
    if known.empty and sales.empty and rates.empty:
        raise ValueError("the launch file has no rate of supply and no milestone of sales; expected at least one")
    passed, ramp = sales[sales["units"] >= 1e6], _ramp_or_none(rates)
    before = sales[sales["date"] < passed["date"].min()] if len(passed) else sales
    sentences = [
        tell("output", known=known, sales=sales, rates=rates),
        tell("ramp", ramp=ramp) if ramp and np.isfinite(ramp.doubling_days) else "",
    ]
    sentences += [tell("to_a_million", known=known, passed=passed, before=before), tell("bottleneck", launch=launch)]
    if len(known):
        top = known.loc[known["units_per_month"].idxmax()]
        headline, label = f"{number(top['units_per_month'])} a month", f"highest rate reported ({top['kind']})"
    elif len(sales):
        top = sales.loc[sales["units"].idxmax()]
        headline, label = number(top["units"]), f"{top['kind']} by {top['date'].date()}; no output was reported"
    else:
        headline, label = f"{number(rates['units_per_month'].max())} a month", "a target; no output was reported"
    return SupplyAnswer(headline, label, tuple(filter(None, sentences)), rates, ramp)


def _ramp_or_none(rates: pd.DataFrame) -> Ramp | None:
    try:
        return fit_ramp(rates)
    except ValueError:
        return None


def compare_ramps(mine: pd.DataFrame, reports: pd.DataFrame) -> pd.DataFrame:
    """Doubling time of this launch under several choices of reports, and of every other device that has enough of them."""
    rates = monthly_rates(mine)
    choices = {
        "this launch, all measured reports": rates,
        "shipped or produced alone": rates[rates["kind"].isin(("shipped", "produced"))],
        "capacity alone": rates[rates["kind"] == "capacity"],
    }
    everyone = monthly_rates(reports)
    choices |= {device.replace("_", " "): group for device, group in everyone.groupby("device")}
    rows = []
    for label, chosen in choices.items():
        ramp = _ramp_or_none(chosen)
        if ramp:
            rows.append((label, ramp.points, ramp.doubling_days, ramp.low, ramp.high))
        elif len(rows) == 0 and label.startswith("this"):
            rows.append((label + ": too few dated rates", 0, np.nan, np.nan, np.nan))
    return pd.DataFrame(rows, columns=["reports_used", "reports", "doubling_days", "low", "high"])


def title_of_reports(rates: pd.DataFrame, sales: pd.DataFrame) -> str:
    """The finding of the chart of reports: the highest rate made beside the highest target, or what is missing."""
    top = rates[rates["scope"] != "series"].groupby("kind")["units_per_month"].max()
    made = np.nanmax([top.get("shipped", 0), top.get("produced", 0)])
    return tell("reports_title", made=made, target=top.get("target", 0), capacity=top.get("capacity", 0), sales=sales)
