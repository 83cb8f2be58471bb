"""Capacity behind a launch: reports on one scale, output as the least over its parts, second sources, ceiling or choice."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy.special import expit, logit, logsumexp
from scipy.stats import norm

from .launches import Launch
from .wording import Answer, tell

DAYS_PER = {"day": 1.0, "week": 7.0, "month": 30.4, "quarter": 91.3, "year": 365.25}
LOT_DAYS = 14  # a total over fewer days is what was put on sale at once
MADE = ("shipped", "produced")
MEASURED = (*MADE, "capacity")
TENTH = norm.ppf(0.9)  # the low and high of an assumed range are its 10 and 90 % points
LEAD = 9  # weeks before the first sale from which output counts: it makes the stock of the first week
FIRST = 0.04  # a line starts at this share of its full rate: the Mi 1's 1,000 of 26,500 a day
MASS = 100_000  # targets of fewer a month are lots and niche plans, no pledge of mass supply
LAWS = {"logistic": (logit, expit), "gompertz": (lambda y: -np.log(-np.log(y)), lambda x: np.exp(-np.exp(-x)))}


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


def target_hits(reports: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """One row a target: what was made or sold (cumulative counts) of the device in an overlapping period of like length, the ratio."""
    counts = sales[sales["cumulative"] & sales["period_start"].notna()]
    counts = counts.assign(kind="shipped", per="total", report_date=counts["period_end"], scope=None)
    rates = monthly_rates(pd.concat([reports, counts]).query("not weak_source"))
    targets = rates[(rates["kind"] == "target") & (rates["units_per_month"] >= MASS)].drop_duplicates(
        ["device", "units_per_month", "period_start"]
    )
    made = rates[rates["kind"].isin(MADE) & (rates["days"].fillna(30) >= 7) & (rates["units"] > 0)]
    pairs = targets.merge(made, on="device", suffixes=("_target", "_made"))
    pairs = pairs.query("period_start_made <= period_end_target and period_end_made >= period_start_target")
    pairs = pairs[(pairs["days_made"] / pairs["days_target"]).between(0.5, 2)]
    pairs = pairs.query("report_date_made > report_date_target").sort_values("report_date_made")
    pairs = pairs.drop_duplicates(["device", "units_per_month_target", "period_start_target"], keep="last")
    pairs = pairs.rename(columns={"units_per_month_target": "target_per_month", "units_per_month_made": "made_per_month"})
    columns = ["device", "target_per_month", "made_per_month", "ratio", "report_date_target", "report_date_made"]
    return pairs.assign(ratio=pairs["made_per_month"] / pairs["target_per_month"])[columns].reset_index(drop=True)


def draw_target_ratio(hits: pd.DataFrame, draws: int, rng: np.random.Generator) -> np.ndarray:
    """What is made of a target, as a share (log-normal over `target_hits`, Student t as they are few); 0.3 to 1.3 if under 3."""
    logs, n = np.log(hits["ratio"]), len(hits)
    if n < 3:
        return _between(0.3, 1.3, rng.standard_normal(draws))
    return np.exp(logs.mean() + logs.std() * np.sqrt(1 + 1 / n) * rng.standard_t(n - 1, draws))


def fit_yields(yields: pd.DataFrame, law: str = "logistic", level: float = 0.95) -> pd.Series:
    """Growth of yields a month on the scale of a logistic or Gompertz curve, common to the processes with two points or more.

    Least squares of logit(yield), or -log(-log(yield)), on months and process (`component_yields`: points and ranges alone).
    """
    used = yields[yields["value_kind"].isin(("point", "range"))]
    used = used[used.groupby(["process", "device"])["date"].transform("nunique") > 1]
    if len(used) < 4:
        raise ValueError(f"{len(used)} yields of processes with two dates; expected 4 or more")
    months = (used["date"] - pd.Timestamp("2010-01-01")).dt.days / DAYS_PER["month"]
    fit = smf.ols("height ~ months + C(process)", used.assign(height=LAWS[law][0](used["yield_share"]), months=months)).fit()
    low, high = fit.conf_int(1 - level).loc["months"]
    got = {"law": law, "per_month": fit.params["months"], "low": low, "high": high, "se": fit.bse["months"], "df": fit.df_resid}
    return pd.Series(got | {"points": len(used), "results": fit})


@dataclass(frozen=True)
class Output:
    """Phones a week that each component allows, and the share of units started that pass: draws x weeks, by component."""

    weeks: np.ndarray  # start of each, since the first sale; `LEAD` of them before it
    parts: dict[str, np.ndarray]
    yields: dict[str, np.ndarray]

    @property
    def supply(self) -> np.ndarray:
        """Phones supplied (draws x weeks since the first sale): the least over components; the first week has all made before."""
        made = np.min([*self.parts.values()], axis=0)
        return np.c_[made[:, : LEAD + 1].sum(1), made[:, LEAD + 1 :]]

    def table(self) -> pd.DataFrame:
        """By component and week: chance that it binds, phones that one more unit started in the week adds (exact: the least)."""
        names, stack = [*self.parts], np.array([*self.parts.values()])
        binds = stack.argmin(0) == np.arange(len(stack))[:, None, None]
        gain = (binds * np.array([self.yields[name] for name in names])).mean(1)
        rows = pd.MultiIndex.from_product([names, self.weeks], names=["component", "week"])
        return pd.DataFrame({"binds": binds.mean(1).ravel(), "one_more_adds": gain.ravel()}, rows).reset_index()


def draw_output(sources: pd.DataFrame, first_sale: pd.Timestamp, weeks: int = 26, *, ramp=None, draws=1000, seed=1) -> Output:
    """Draws of output: over components the least of units x yield, over the sources of each the sum.

    `sources`: the rows of a launch file's supply.sources, of two on one maker's part the later known. A source starts on a day,
    grows exponentially and stays at its rate; `ramp` (`fit_yields`) lets yields grow from then on. Each draws its own numbers:
    without one the others stay as they are. No stock of parts. Raises ValueError for no source, no units, a yield not in 0 to 1.
    """
    for row in sources.itertuples():
        if not (0 < row.units_low <= row.units_high and 0 < row.yield_low <= row.yield_high <= 1):
            told = f"{row.units_low} to {row.units_high} units, yield {row.yield_low} to {row.yield_high}"
            raise ValueError(f"supply.sources, {row.component} of {row.maker}: {told}; expected above 0, yields up to 1")
    if sources.empty:
        raise ValueError("supply.sources: no row; expected one or more")
    started, good = {}, {}
    day = np.arange(-7 * LEAD, 7 * weeks) + 0.5
    for row in sources.sort_values("known_on").drop_duplicates(["component", "maker"], keep="last").itertuples():
        rng = np.random.default_rng([seed, *f"{row.component} {row.maker}".encode()])
        z = rng.standard_normal((4, draws, 1))
        early, late = ((when - first_sale).days for when in (row.starts_low, row.starts_high))
        since = day - (early + late) / 2 - (late - early) / 2 * z[0] / TENTH
        growth = np.exp2(np.minimum(since / _between(row.doubling_days_low, row.doubling_days_high, z[1]), 5))
        rate = _between(row.units_low, row.units_high, z[2]) / DAYS_PER["month"] * np.minimum(FIRST * growth, 1) * (since >= 0)
        low, high = logit(np.clip([row.yield_low, row.yield_high], 1e-6, 1 - 1e-6))
        share = expit((low + high) / 2 + (high - low) / 2 * z[3] / TENTH)
        if ramp is not None and row.yield_high < 1:
            up, down = LAWS[ramp["law"]]
            slope = ramp["per_month"] + ramp["se"] * rng.standard_t(ramp["df"], (draws, 1))
            share = down(up(share) + slope * np.fmax(since, 0) / DAYS_PER["month"])
        for into, units in ((started, rate), (good, rate * share)):
            into[row.component] = into.get(row.component, 0) + units.reshape(draws, -1, 7).sum(2)
    passed = {name: good[name] / np.fmax(started[name], 1e-9) for name in good}
    return Output(np.arange(-LEAD, weeks), good, passed)


def _between(low: float, high: float, z) -> np.ndarray:
    return np.sqrt(low * high) * np.exp(np.log(high / low) / 2 / TENTH * z)


def second_source(sources: pd.DataFrame, maker: str, first_sale: pd.Timestamp, **more) -> pd.DataFrame:
    """What a maker adds: by week the phones supplied more than without it (cumulative: low, median, high, 80 %), chance of any."""
    runs = [draw_output(rows, first_sale, **more).supply for rows in (sources, sources[sources["maker"] != maker])]
    added = np.cumsum(runs[0] - runs[1], axis=1)
    low, median, high = np.quantile(added, [0.1, 0.5, 0.9], axis=0)
    return pd.DataFrame({"week": np.arange(len(low)), "low": low, "median": median, "high": high, "any": (added >= 1).mean(0)})


def supply_priors(launch: Launch, hits: pd.DataFrame, yields: pd.DataFrame, weeks=26, *, draws=1000, seed=1) -> dict:
    """Draws of weekly supply (draws x weeks) by what is believed: the parts, output as reported, the drops, targets, no limit.

    A target is taken at its word and by the record of others (`target_hits`); one "a month" from the announcement and from the
    first sale. Rates go on after their period.
    """
    rng, first, told = np.random.default_rng(seed), launch.figure("first_sale").value, launch.figure("announced").value
    rates, sources, priors, week = monthly_rates(launch.supply_reports), launch.supply_sources, {}, 7 / DAYS_PER["month"]
    learns = len(sources) and sources["yield_low"].min() < 1
    for law in ("flat", *LAWS)[: 3 if learns else len(sources[:1])]:
        with suppress(ValueError):  # too few yields known by then
            ramp = None if law == "flat" else fit_yields(yields, law)
            output = draw_output(sources, first, weeks, ramp=ramp, draws=draws, seed=seed)
            priors[f"its parts, yields {law}" if learns else "its parts"] = output.supply
    measured = rates[rates["kind"].isin(MEASURED) & (rates["units"] > 0)]["units_per_month"]
    if len(measured):
        spread = _between(measured.min() / 1.3, measured.max() * 1.3, rng.standard_normal((draws, 1)))
        priors["output as reported, steady"] = spread * week * np.ones(weeks)
    if launch.drops["units"].notna().all() and len(launch.drops) > 2:
        priors["its drops"] = np.bincount((launch.drops["date"] - first).dt.days // 7, launch.drops["units"], weeks)[None, :weeks]
    record = draw_target_ratio(hits, draws, rng)[:, None]
    targets = rates[(rates["kind"] == "target") & (rates["scope"] != "series") & (rates["units_per_month"] >= MASS)]
    targets = targets[(targets["period_start"] - first).abs() <= pd.Timedelta(days=31)]
    for row in targets.drop_duplicates("units_per_month").itertuples():
        readings = {"in the month from the announcement": told, "in the month from the first sale": first}
        for reading, start in readings.items() if row.per == "month" else [(f"by {row.period_end}"[:13], row.period_start)]:
            if start is not None:
                lead = (first - start).days
                path = row.units_per_month * week * (7 * np.arange(weeks) >= -lead)[None]
                path[:, 0] *= 1 + max(lead, 0) / 7
                priors[f"target, {row.units:,.0f} {reading}, at its word"] = path
                priors[f"target, {row.units:,.0f} {reading}, by the record"] = path * record
    return priors | {"no limit": np.full((1, weeks), np.inf)}


def held_back(release, ceiling, *, odds: float = 1.0, kept=(0.3, 0.9), one_source: bool = False) -> pd.Series:
    """Chance that units were held back: `kept` (uniform) of the ceiling released, against all of it; `odds` before the data.

    `release` and `ceiling`: units and sd of log. Where one published number is both nothing can move the odds (moved False).
    `settled_by_sd`: at which error of log(release / ceiling) a count upstream would tell the middle of `kept` at 19 to 1.
    """
    (made, error), (could, more) = release, ceiling
    gap, sd, share = np.log(made / could), np.hypot(error, more), np.linspace(*kept, 201)
    factor = 0.0 if one_source else logsumexp(norm.logpdf(gap, np.log(share), sd)) - np.log(201) - norm.logpdf(gap, 0, sd)
    settled_by = -np.log(np.mean(kept)) / np.sqrt(2 * np.log(max(19 / odds, 2)))
    got = {"prior": odds / (1 + odds), "probability": expit(np.log(odds) + factor), "bayes_factor": np.exp(factor)}
    return pd.Series(got | {"settled_by_sd": settled_by, "moved": not one_source, "says": "prior" if one_source else "posterior"})


def judge_choice(rates: pd.DataFrame) -> pd.DataFrame:
    """`held_back` under several odds and degrees, by what was made and a capacity reported for the same time by another source.

    Either is within 20 % (sd of log, assumed); without two such numbers the odds come back.
    """
    made, could = (rates[rates["kind"].isin(kinds) & (rates["units"] > 0)] for kinds in (MADE, ("capacity",)))
    pairs = made.merge(could, how="cross", suffixes=("", "_could")).query("source != source_could")
    pairs = pairs.query("period_start <= period_end_could and period_end >= period_start_could").tail(1)
    release, ceiling = (float(pairs[column].sum()) or 1.0 for column in ("units_per_month", "units_per_month_could"))
    rows = []
    for kept in ((0.3, 0.9), (0.5, 0.95), (0.1, 0.5)):
        for odds in (1 / 3, 1.0, 3.0):
            verdict = held_back((release, 0.2), (ceiling, 0.2), odds=odds, kept=kept, one_source=pairs.empty)
            rows.append({"released_at_least": kept[0], "released_at_most": kept[1], **verdict})
    return pd.DataFrame(rows)


def judge_supply(launch: Launch) -> Answer:
    """Say how much was made a month, how that grew, when the millionth came, what held it; ValueError if nothing is on file."""
    rates, sales = monthly_rates(launch.supply_reports), launch.sales
    known = rates[rates["kind"].isin(MEASURED) & (rates["units"] > 0)]
    known = known[known["scope"] != "series"] if (known["scope"] != "series").any() else known
    if known.empty and sales.empty and rates.empty:
        raise ValueError("the launch file has no rate of supply and no milestone of sales; expected at least one")
    passed, ramp = sales[sales["units"] >= 1e6], None
    with suppress(ValueError):
        ramp = fit_ramp(rates)
    before = sales[sales["date"] < passed["date"].min()] if len(passed) else sales
    sentences = [tell("output", known=known, sales=sales, rates=rates)]
    sentences += [tell("ramp", ramp=ramp)] if ramp is not None and np.isfinite(ramp.doubling_days) else []
    sentences += [tell("to_a_million", known=known, passed=passed, before=before), tell("bottleneck", launch=launch)]
    headline = tell("supply_headline", known=known, sales=sales, rates=rates)
    return Answer(headline, tell("supply_label", known=known, sales=sales), tuple(sentences), {"rates": rates})
