"""Capacity behind a launch: reported output on one scale, how fast it ramped, and when the millionth phone came."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from .launches import Launch
from .wording import number, percent, span

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


WORDS = {"soc": "the processor", "new_line": "a new assembly line", "import_stock": "imported stock", "camera_module": "camera modules",
         "ceramic_body": "the ceramic body"}  # fmt: skip
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
    second_source: str
    rates: pd.DataFrame  # reports of the launch with units_per_month
    ramp: Ramp | None


def judge_supply(launch: Launch) -> SupplyAnswer:
    """Say how much was made a month, how fast that grew, when the millionth came, what held it, and the second source.

    Where no report gives an output, milestones of sales speak for it, then targets.
    Raises ValueError if the launch file has none of the three.
    """
    rates = monthly_rates(launch.supply_reports)
    known = rates[rates["kind"].isin(MEASURED) & (rates["units"] > 0)]
    known = known[known["scope"] != "series"] if (known["scope"] != "series").any() else known
    headline, label, first = _output(rates, known, launch.sales)
    ramp = _ramp_or_none(rates)
    sentences = [first]
    if ramp and np.isfinite(ramp.doubling_days):
        sure = "" if np.isfinite(ramp.high) else ", so whether it grew at all is not settled"
        sentences.append(
            f"Reported output doubled in **{number(ramp.doubling_days, 2)} days** (95 % interval {span(ramp.low, ramp.high, 2)}, "
            f"{ramp.points} reports{sure})."
        )
    sentences.append(_to_a_million(known, launch.sales))
    part, second = launch.figure("supply.bottleneck"), describe_second_source(launch)
    named = part.known and part.value not in ("none", "unspecified")
    held = WORDS.get(part.value, part.value.replace("_", " ")) if named else "nothing named"
    share = launch.figure("supply.yield_share")
    yielded = f", of which **{percent(share.number)}** passed" if share.known else ""
    sentences.append(f"What held it, by the reports: **{held}**{yielded}; for how long is not on file. {second}")
    return SupplyAnswer(headline, label, tuple(sentences), second, rates, ramp)


def _output(rates: pd.DataFrame, known: pd.DataFrame, sales: pd.DataFrame) -> tuple[str, str, str]:
    """Headline, its label, and the first sentence: output if reported, else milestones, else a target."""
    if len(known):
        low, high = known["units_per_month"].min(), known["units_per_month"].max()
        kinds = " or ".join(sorted(known["kind"].unique()))
        many = (
            f"{len(known)} reports of what was {kinds}"
            if "capacity" not in kinds
            else f"{len(known)} report{'s' * (len(known) > 1)} ({kinds})"
        )
        said = (
            f"**{span(low, high) if low < high else number(high)} phones a month**, by {many}; a capacity is not yet an output."
        )
        return f"{number(high)} a month", f"highest rate reported ({known.loc[known['units_per_month'].idxmax(), 'kind']})", said
    if len(sales):
        top = sales.loc[sales["units"].idxmax()]
        said = f"No output was reported; **{number(top['units'])}** had been {top['kind']} by {top['date'].date()}."
        return number(top["units"]), f"{top['kind']} by {top['date'].date()}; no output was reported", said
    if len(rates):
        top = rates["units_per_month"].max()
        said = f"Only targets were reported, the highest **{number(top)} a month**; a target is not supply."
        return f"{number(top)} a month", "a target; no output was reported", said
    raise ValueError("the launch file has no rate of supply and no milestone of sales; expected at least one")


def _ramp_or_none(rates: pd.DataFrame) -> Ramp | None:
    try:
        return fit_ramp(rates)
    except ValueError:
        return None


def _to_a_million(known: pd.DataFrame, sales: pd.DataFrame) -> str:
    passed = sales[sales["units"] >= 1e6]
    if len(passed):
        first, before = passed.iloc[0], sales[sales["date"] < passed.iloc[0]["date"]]
        since = f"after {before['date'].iloc[-1].date()} ({number(before['units'].iloc[-1])}) and " if len(before) else ""
        count = f"{number(first['units'])} counted for the {first['scope']}"
        return (
            f"The millionth had been {first['kind']} {since}by **{first['date'].date()}** ({count}; counts as told, not audited)."
        )
    if known.empty or known["units_per_month"].max() <= 0:
        return "No figure says when a million was reached."
    months = 1e6 / known["units_per_month"].max()
    return (
        f"No count says that a million was reached; at the highest rate reported it takes about **{number(months, 2)} months**."
    )


def describe_second_source(launch: Launch) -> str:
    """One sentence: who the second source is, when it was announced, and how long its first volume took."""
    maker = launch.words.get("supply.second_source.manufacturer")
    told, volume = launch.figure("supply.second_source.announced"), launch.figure("supply.second_source.volume_from")
    if not maker or not told.known:
        return "Whether there was a second source is not on file."
    if not volume.known:
        return f"Second source: **{maker}**, announced {told.value.date()}; no volume from it is on file yet."
    days = (volume.value - told.value).days
    within = ""
    if volume.low is not None:
        within = f" (range {(volume.low - told.value).days} to {(volume.high - told.value).days}, {volume.basis})"
    return f"Second source: **{maker}**, announced {told.value.date()}; its first volume came {days} days later{within}."


def describe_growth(here: pd.DataFrame, growth: pd.DataFrame, name: str) -> str:
    """One sentence on the growth exponent of this launch, if it has one, beside the others'."""
    low, middle, high = growth["exponent"].quantile([0.1, 0.5, 0.9])
    others = (
        f"over all {len(growth)} sequences it runs from {low:.2f} to {high:.2f} (10th to 90th percentile, median {middle:.2f})"
    )
    if here.empty:
        return f"The {name} has fewer than three counts that fit together, so no exponent of its own; {others}."
    rows = [(row.device.replace("_", " "), row) for row in here.itertuples()]
    told = "; ".join(f"{device} **{r.exponent:.2f}** (95 % interval {r.low:.2f} to {r.high:.2f})" for device, r in rows)
    return f"Exponent of the family of the {name}: {told}; {others}."


def describe_targets(targets: pd.DataFrame) -> str:
    """One sentence: how many targets have an outcome and what share of them it was, with the range."""
    if targets.empty:
        return "No target on file has an outcome of the same device in its period."
    ratio = targets["ratio"]
    return (
        f"Of {len(targets)} targets from sources that are not weak, of {targets['device'].nunique()} devices and parts, the median reached "
        f"**{percent(ratio.median())}** (range {percent(ratio.min())} to {percent(ratio.max())}); too few for more than that."
    )


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
    model = rates[rates["scope"] != "series"]
    made = model.loc[model["kind"].isin(("shipped", "produced")), "units_per_month"].max()
    target = model.loc[model["kind"] == "target", "units_per_month"].max()
    capacity = model.loc[model["kind"] == "capacity", "units_per_month"].max()
    if made > 0 and target > 0:
        return f"Made or shipped: up to {number(made)} a month; targets: up to {number(target)}"
    if made > 0:
        return f"No report of output speaks of more than {number(made)} phones a month"
    if capacity > 0:
        return f"A capacity of {number(capacity)} a month was reported, and no output"
    if target > 0:
        return f"A target of {number(target)} a month was reported, and no output"
    return "No report gives a rate; milestones of sales are all there is" if len(sales) else "No report gives a rate"


def title_of_growth(growth: pd.DataFrame) -> str:
    """The finding of the chart of growth: how many sequences clearly sped up, and how many clearly slowed."""
    up, down = (growth["low"] > 1).sum(), (growth["high"] < 1).sum()
    return f"Of {len(growth)} sequences {up} clearly sped up after their start, {down} clearly slowed"
