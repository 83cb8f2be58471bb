"""Capacity behind a launch: reports on one scale, output as the least over its parts, second sources, ceiling or choice."""

from collections import namedtuple
from contextlib import suppress

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy.special import expit, logit
from scipy.stats import norm

from ..data.launches import Launch
from ..demand.diffusion import ends

DAYS_PER = {"day": 1.0, "week": 7.0, "month": 30.4, "quarter": 91.3, "year": 365.25}
LOT_DAYS, MASS = (
    14,
    100_000,
)  # totals over fewer days and targets of fewer a month are lots, no rate and no pledge of mass supply
MADE, MEASURED = ("shipped", "produced"), ("shipped", "produced", "capacity")
TENTH = norm.ppf(0.9)  # the low and high of an assumed range are its 10 and 90 % points
LEAD, FIRST = (
    9,
    0.04,
)  # weeks before first sale that make its stock; share of its rate a line starts at (Mi 1: 1,000 of 26,500)
LAWS = {
    "logistic": (logit, expit),
    "gompertz": (lambda y: -np.log(-np.log(y)), lambda x: np.exp(-np.exp(-x))),
}


def monthly_rates(reports: pd.DataFrame) -> pd.DataFrame:
    """Reports with units_per_month (30.4 days; totals over first to last day) and days; lots and backlog left out."""
    days = (reports["period_end"] - reports["period_start"]).dt.days + 1
    per = reports["per"].map(DAYS_PER).fillna(days)
    used = reports.assign(units_per_month=reports["units"] / per * DAYS_PER["month"], days=days)
    lot = (used["per"] == "total") & (days < LOT_DAYS)
    return used[used["units_per_month"].notna() & (used["kind"] != "backlog") & ~lot]


def fit_ramp(rates: pd.DataFrame, level: float = 0.95) -> pd.Series:
    """Doubling time of measured output (days, infinite if flat), exponential; ValueError under four rows or three dates."""
    used = rates.query("kind in @MEASURED and per != 'total' and units > 0").drop_duplicates(
        ["period_start", "units_per_month"]
    )
    if len(used) < 4 or used["period_start"].nunique() < 3:
        raise ValueError(f"{len(used)} dated output rates; expected at least 4 on 3 dates")
    used = used.assign(
        log_rate=np.log(used["units_per_month"]),
        day=(used["period_start"] - used["period_start"].min()).dt.days,
    )
    fit = smf.ols("log_rate ~ day", used).fit()
    slopes = np.array([fit.params["day"], *fit.conf_int(1 - level).loc["day"][::-1]])
    doubling = np.where(slopes > 0, np.log(2) / slopes, np.inf)
    return pd.Series(
        [*doubling, len(used), fit], ["doubling_days", "low", "high", "points", "results"]
    )


def target_hits(reports: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """One row a target: what was made or sold of the device in an overlapping period of like length, told later, and the ratio."""
    counts = sales.query("cumulative and period_start.notna()")
    counts = counts.assign(kind="shipped", per="total", report_date=counts["period_end"])
    rates = monthly_rates(pd.concat([reports, counts]).query("not weak_source"))
    rates = rates[
        ["device", "kind", "period_start", "period_end", "units_per_month", "days", "report_date"]
    ]
    made = rates[
        rates["kind"].isin(MADE) & (rates["days"].fillna(30) >= 7) & (rates["units_per_month"] > 0)
    ]
    pairs = rates.query("kind == 'target' and units_per_month >= @MASS").merge(
        made, on="device", suffixes=("", "_made")
    )
    pairs = pairs.query(
        "period_start_made <= period_end and period_end_made >= period_start and report_date_made > report_date"
    )
    pairs = pairs[(pairs["days_made"] / pairs["days"]).between(0.5, 2)].sort_values(
        "report_date_made"
    )
    pairs = pairs.drop_duplicates(
        ["device", "units_per_month", "period_start"], keep="last"
    ).reset_index(drop=True)
    pairs.insert(0, "ratio", pairs["units_per_month_made"] / pairs["units_per_month"])
    return pairs[
        [
            "device",
            "units_per_month",
            "units_per_month_made",
            "ratio",
            "report_date",
            "report_date_made",
        ]
    ]


def draw_target_ratio(hits: pd.DataFrame, draws: int, rng: np.random.Generator) -> np.ndarray:
    """What is made of a target, as a share (log-normal over `target_hits`, Student t as they are few); 0.3 to 1.3 if under 3."""
    if (n := len(logs := np.log(hits["ratio"]))) < 3:
        return _between(0.3, 1.3, rng.standard_normal(draws))
    return np.exp(logs.mean() + logs.std() * np.sqrt(1 + 1 / n) * rng.standard_t(n - 1, draws))


def _between(low: float, high: float, z) -> np.ndarray:
    return np.sqrt(low * high) * np.exp(np.log(high / low) / 2 / TENTH * z)


def fit_yields(yields: pd.DataFrame, law: str = "logistic") -> pd.Series:
    """Growth of yields a month, common to processes with two dates or more, on the scale of `law`; ValueError under four."""
    used = yields[yields["value_kind"].isin(("point", "range"))]
    used = used[used.groupby(["process", "device"])["date"].transform("nunique") > 1]
    if len(used) < 4:
        raise ValueError(f"{len(used)} yields of processes with two dates; expected 4 or more")
    months = (used["date"] - pd.Timestamp("2010-01-01")).dt.days / DAYS_PER["month"]
    fit = smf.ols(
        "height ~ months + C(process)",
        used.assign(height=LAWS[law][0](used["yield_share"]), months=months),
    ).fit()
    got = {
        "law": law,
        "per_month": fit.params["months"],
        "se": fit.bse["months"],
        "df": fit.df_resid,
    }
    return pd.Series(got | {"points": len(used), "results": fit})


class Output(namedtuple("Output", "parts yields")):
    """Phones a week that each component allows, and its share of good units: draws x weeks, from `LEAD` weeks before first sale."""

    @property
    def supply(self) -> np.ndarray:
        """Phones supplied (draws x weeks since first sale): the least over components; the first week has all made before."""
        made = np.min([*self.parts.values()], axis=0)
        return np.c_[made[:, : LEAD + 1].sum(1), made[:, LEAD + 1 :]]

    def table(self) -> pd.DataFrame:
        """By component and week: chance that it binds, phones that one more unit started in that week adds."""
        names, stack = [*self.parts], np.array([*self.parts.values()])
        binds = stack.argmin(0) == np.arange(len(stack))[:, None, None]
        gain = (binds * np.array([self.yields[name] for name in names])).mean(1)
        rows = pd.MultiIndex.from_product(
            [names, range(-LEAD, stack.shape[2] - LEAD)], names=["component", "week"]
        )
        return pd.DataFrame(
            {"binds": binds.mean(1).ravel(), "one_more_adds": gain.ravel()}, rows
        ).reset_index()


def draw_output(
    sources: pd.DataFrame,
    first_sale: pd.Timestamp,
    weeks: int = 26,
    *,
    ramp=None,
    draws=1000,
    seed=1,
) -> Output:
    """Draws of output, the least over components of what the makers of each start times its yield; parts are not stocked. A maker
    (later known row) starts on a day and grows to its rate; `ramp` (`fit_yields`) lifts yields. ValueError for impossible rows."""
    bad = sources.query(
        "not (0 < units_low <= units_high and 0 < yield_low <= yield_high <= 1)"
    ).reset_index()
    for row in bad.to_dict("records") if len(sources) else ["no row"]:
        raise ValueError(
            f"supply.sources, {row}; expected units above 0, a yield above 0 and up to 1"
        )
    day, started, good = np.arange(-7 * LEAD, 7 * weeks) + 0.5, {}, {}
    for row in (
        sources.sort_values("known_on")
        .drop_duplicates(["component", "maker"], keep="last")
        .itertuples()
    ):
        rng = np.random.default_rng([seed, *f"{row.component} {row.maker}".encode()])
        z = rng.standard_normal((4, draws, 1))
        early, late = ((when - first_sale).days for when in (row.starts_low, row.starts_high))
        since = day - (early + late) / 2 - (late - early) / 2 * z[0] / TENTH
        growth = np.exp2(
            np.minimum(since / _between(row.doubling_days_low, row.doubling_days_high, z[1]), 5)
        )
        rate = (
            _between(row.units_low, row.units_high, z[2])
            / DAYS_PER["month"]
            * np.minimum(FIRST * growth, 1)
            * (since >= 0)
        )
        low, high = logit(np.clip([row.yield_low, row.yield_high], 1e-12, 1 - 1e-12))
        share = expit((low + high) / 2 + (high - low) / 2 * z[3] / TENTH)
        if ramp is not None and row.yield_high < 1:
            up, down = LAWS[ramp["law"]]
            slope = ramp["per_month"] + ramp["se"] * rng.standard_t(ramp["df"], (draws, 1))
            share = down(up(share) + slope * np.fmax(since, 0) / DAYS_PER["month"])
        for into, units in ((started, rate), (good, rate * share)):
            into[row.component] = into.get(row.component, 0) + units.reshape(draws, -1, 7).sum(2)
    return Output(good, {name: good[name] / np.fmax(started[name], 1e-9) for name in good})


def second_source(
    sources: pd.DataFrame, maker: str, first_sale: pd.Timestamp, **more
) -> pd.DataFrame:
    """What a maker adds: by week the phones supplied more than without it (cumulative: low, median, high, 80 %), chance of any."""
    rest, supply = (
        sources[sources["maker"] != maker],
        draw_output(sources, first_sale, **more).supply,
    )
    alone = {*rest["component"]} < {
        *sources["component"]
    }  # the only maker of some component: nothing is made without it
    added = np.cumsum(
        supply - (0 if alone else draw_output(rest, first_sale, **more).supply), axis=1
    )
    table = pd.DataFrame(ends(added).T, columns=["low", "median", "high"])
    return table.assign(week=table.index, any=(added >= 1).mean(0))


def draw_drops(
    drops: pd.DataFrame, first_sale: pd.Timestamp, weeks: int, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Weekly supply (draws x weeks): drops as told (one before first sale is in its stock), then more at their mean spacing, in each
    draw of one size: the mean of a bootstrap sample of theirs, a factor 1.3 unsure (80 %). Assumes that drops go on."""
    day, units = (
        np.fmax((drops["date"] - first_sale).dt.days.to_numpy(), 0),
        drops["units"].to_numpy(float),
    )
    more = np.arange(day[-1], 7 * weeks, max(np.diff(day).mean(), 1))[1:]
    size = rng.choice(units, (draws, len(units))).mean(1) * _between(
        1 / 1.3, 1.3, rng.standard_normal(draws)
    )
    told, after = (
        np.bincount(on.astype(int) // 7, each, weeks)[:weeks]
        for on, each in ((day, units), (more, more**0))
    )
    return told + size[:, None] * after


def supply_priors(
    launch: Launch, hits: pd.DataFrame, yields: pd.DataFrame, weeks=26, *, draws=1000, seed=1
) -> dict:
    """Draws of weekly supply (draws x weeks) by what is believed; a target at its word and by the record (`target_hits`)."""
    rng, first, week = (
        np.random.default_rng(seed),
        launch.figure("first_sale").value,
        7 / DAYS_PER["month"],
    )
    rates, sources, priors = monthly_rates(launch.supply_reports), launch.supply_sources, {}
    for law in ("flat", *LAWS)[: 3 if (sources["yield_low"] < 1).any() else len(sources[:1])]:
        with suppress(ValueError):  # too few yields known by then
            ramp = None if law == "flat" else fit_yields(yields, law)
            priors[f"its parts, yields {law}"] = draw_output(
                sources, first, weeks, ramp=ramp, draws=draws, seed=seed
            ).supply
    if len(
        measured := rates.query("kind in @MEASURED and units > 0 and scope != 'series'")[
            "units_per_month"
        ]
    ):
        spread = _between(
            measured.min() / 1.3, measured.max() * 1.3, rng.standard_normal((draws, 1))
        )
        priors["output as reported, steady"] = spread * week * np.ones(weeks)
    own = launch.drops[launch.drops["device"] == launch.device]
    if own["units"].notna().all() and len(own) > 2:
        priors["its drops"] = draw_drops(own, first, weeks, draws, np.random.default_rng([seed, 1]))
    record = draw_target_ratio(hits, draws, rng)[:, None]
    targets = rates.query("kind == 'target' and scope != 'series' and units_per_month >= @MASS")
    for row in (
        targets[(targets["period_start"] - first).abs().dt.days <= 31]
        .drop_duplicates("units_per_month")
        .itertuples()
    ):
        readings = {
            "month from announcement": launch.figure("announced").value or first,
            "month from first sale": first,
        }
        span = (
            f"from {row.period_start.date()}"
            if pd.isna(row.period_end)
            else f"by {row.period_end.date()}"
        )
        for reading, start in (
            readings if row.per == "month" else {span: row.period_start}
        ).items():
            path = row.units_per_month * week * (7 * np.arange(weeks) >= (start - first).days)[None]
            path[:, 0] *= (
                1 + max((first - start).days, 0) / 7
            )  # what was made before the first sale
            told = f"target {row.units:,.0f}, {reading}"
            priors |= {f"{told}, at its word": path, f"{told}, by the record": path * record}
    return priors | {"no limit": np.full((1, weeks), np.inf)}


def held_back(release, ceiling, *, odds: float = 1.0, kept=(0.3, 0.9)) -> pd.Series:
    """Chance that units were held back (`kept`, uniform, of the ceiling released), by `release` and `ceiling` (units, sd of log; None:
    the odds come back, moved False). `settled_by_sd`: the error of log(release / ceiling) with which a count tells at 19 to 1."""
    moved, factor, share = release is not None and ceiling is not None, 1.0, np.linspace(*kept, 201)
    if moved:
        gap, sd = np.log(release[0] / ceiling[0]), np.hypot(release[1], ceiling[1])
        factor = np.exp(norm.logpdf(gap, np.log(share), sd) - norm.logpdf(gap, 0, sd)).mean()
    settled_by = -np.log(np.mean(kept)) / np.sqrt(2 * np.log(max(19 / odds, 2)))
    got = {
        "prior": odds / (1 + odds),
        "probability": 1 / (1 + 1 / (odds * factor)),
        "bayes_factor": factor,
    }
    return pd.Series(got | {"settled_by_sd": settled_by, "moved": moved})


def judge_choice(rates: pd.DataFrame, sd: float = 0.2) -> pd.DataFrame:
    """`held_back` under several odds and degrees, by the last output and a capacity of the same time from another source; no series."""
    made, could = (
        rates.query("kind in @kinds and units > 0 and scope != 'series'")
        for kinds in (MADE, ("capacity",))
    )
    pairs = made.merge(could, how="cross", suffixes=("", "_could")).query("source != source_could")
    pairs = pairs.query("not period_start > period_end_could and period_end >= period_start_could")[
        -1:
    ]  # no end: it still holds
    known = [
        (pairs[name].iloc[0], sd) if len(pairs) else None
        for name in ("units_per_month", "units_per_month_could")
    ]
    cells = [
        (kept, odds) for kept in ((0.3, 0.9), (0.5, 0.95), (0.1, 0.5)) for odds in (1 / 3, 1.0, 3.0)
    ]
    told = (
        {"released": f"{kept[0]:g} to {kept[1]:g}", **held_back(*known, odds=odds, kept=kept)}
        for kept, odds in cells
    )
    return pd.DataFrame(told)
