"""Long counts of coverage, written to data/evidence/*.csv with seed and code hash: `make evidence` (ARGS=arrivals: one of them)."""

import os
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from unittest import mock

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from analysis.evidence.counts import code_hash  # noqa: E402
from scipy import optimize, stats  # noqa: E402

from analysis.bom.cost_laws import hindcast, score_hindcast  # noqa: E402
from analysis.bom.decline import (  # noqa: E402
    PAIR_SETS,
    clean_pairs,
    costing_noise,
    fit_trend,
    pool_decline,
    yearly_runs,
)
from analysis.data.tables import load_table  # noqa: E402
from analysis.demand.forecast import (  # noqa: E402
    COUNT_NOISE,
    fit_bass,
    fit_launch,
    fit_prior,
    forecast_long,
    free_error,
    milestone_sequences,
    simulate_launch,
    sold_at,
)
from analysis.sellout.arrival_mix import fit_arrival_laws  # noqa: E402
from analysis.sellout.arrivals import fit_arrivals  # noqa: E402

EVIDENCE = ROOT / "data" / "evidence"
# Arrival times of the people who want one, by law; the clock's unit is arbitrary.
TRUTHS = {
    "exponential": stats.expon(),
    "weibull": stats.weibull_min(0.7),
    "gamma": stats.gamma(1.8),
    "lognormal": stats.lognorm(1.0),
}
CROWD = (0.4, 12.0, 1.0)  # share of the crowd, its rate, the stream's rate
POPULATIONS, SHARES = (500, 5000), (0.2, 0.5, 0.8)


def crowd_share(t):
    w, fast, slow = CROWD
    return 1 - w * np.exp(-fast * t) - (1 - w) * np.exp(-slow * t)


def draw_log(law: str, people: int, share: float, rng) -> tuple[np.ndarray, float]:
    """Order times seen before the clock stops (Type I), and the clock, which lets in `share` of the people on average."""
    if law == "steady":  # nobody will ever be the last
        return np.sort(rng.uniform(0, 1, int(people * share))), 1.0
    if law == "crowd":
        closed = optimize.brentq(lambda t: crowd_share(t) - share, 1e-9, 100)
        w, fast, slow = CROWD
        times = rng.exponential(np.where(rng.random(people) < w, 1 / fast, 1 / slow))
    else:
        closed = TRUTHS[law].ppf(share)
        times = TRUTHS[law].rvs(people, random_state=rng)
    return np.sort(times[times <= closed]), float(closed)


def cover_arrivals(cell: tuple) -> dict:
    """Count one cell: how often the 95 % interval holds the people who wanted one, and how often its top is open."""
    law, people, share, fitted, logs, seed = cell
    rng = np.random.default_rng(
        [seed, people, int(100 * share), sorted([*TRUTHS, "crowd", "steady"]).index(law)]
    )
    held = opened = identified = 0
    warnings.simplefilter("ignore")
    for _ in range(logs):
        times, closed = draw_log(law, people, share, rng)
        own = "exponential" if law == "steady" else law
        fit = (
            fit_arrival_laws(times, closed_s=closed)
            if fitted == "all laws"
            else fit_arrivals(times, closed_s=closed, law=own)
        )
        low, high = fit.interval(0.95)
        held += low <= (np.inf if law == "steady" else people) <= high
        opened += np.isinf(high)
        identified += getattr(fit, "identified", False)
    return {"truth": law, "fitted": fitted, "people": people, "share_seen": share, "logs": logs, "held_share": held / logs,
            "open_top_share": opened / logs, "identified_share": identified / logs, "seed": seed}  # fmt: skip


def arrivals(fitted: str, logs: int = 500, seed: int = 1, workers: int = 2) -> pd.DataFrame:
    """The table of coverage: laws x people x share seen, fitted by its own law or by all laws weighed."""
    code = code_hash(
        "sellout.arrival_laws",
        "sellout.arrivals",
        *["sellout.arrival_mix"] * (fitted == "all laws"),
    )
    cells = [
        (law, n, share, fitted, logs, seed)
        for n in POPULATIONS
        for law in (*TRUTHS, "crowd")
        for share in SHARES
    ]
    cells.append(("steady", 500, 0.2, fitted, 2 * logs, seed))
    with ProcessPoolExecutor(workers) as pool:
        rows = []
        for row in pool.map(cover_arrivals, cells):
            rows.append(row)
            print(f"[{len(rows)}/{len(cells)}]", *row.values(), flush=True)
    return pd.DataFrame(rows).assign(code=code)


def spread_out(count, cells: list, workers: int) -> list:
    """Count every cell, in order, on so many processes."""
    if workers == 1:
        return [count(cell) for cell in cells]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(count, cells))


def real_gaps(pairs: int = 8) -> np.ndarray:
    """Years between the costings of the real pairs of the widest rule (each device once), the first so many."""
    chosen = clean_pairs(
        load_table("recosted_pairs"),
        load_table("devices"),
        **PAIR_SETS["near specification admitted"],
    )
    return chosen["years"].to_numpy()[:pairs]


def cover_pairs(cell: tuple) -> dict:
    """Count one cell of simulated pairs: pooled interval holds the mean rate, prediction interval the true rate of a new phone."""
    between, factor, runs, seed = cell
    pairs, devices = load_table("recosted_pairs"), load_table("devices")
    rng, gaps, (sd, revisions) = (
        np.random.default_rng([seed, round(100 * between), round(100 * factor)]),
        real_gaps(),
        costing_noise(pairs, devices),
    )
    pooled = ahead = plain = 0
    for _ in range(runs):
        true = rng.normal(-0.25, between, len(gaps) + 1)
        rates = true[:-1] + factor * sd / gaps * rng.standard_normal(len(gaps))
        fit = pool_decline(pd.DataFrame({"rate_per_year": rates, "years": gaps}), (sd, revisions))
        pooled += fit.low <= -0.25 <= fit.high
        ahead += fit.predicted_low <= true[-1] <= fit.predicted_high
        trusting = pool_decline(pd.DataFrame({"rate_per_year": rates, "years": gaps}), (sd, 10**6))
        plain += trusting.predicted_low <= true[-1] <= trusting.predicted_high
    return {"between_sd": between, "noise_true_over_told": factor, "pairs": len(gaps), "runs": runs, "pooled_share": pooled / runs,
            "next_phone_share": ahead / runs, "next_phone_share_noise_trusted": plain / runs, "seed": seed}  # fmt: skip


def pair_coverage(runs: int = 2000, seed: int = 1, workers: int = 2) -> pd.DataFrame:
    """The table of coverage: spread between phones x noise known, understated and overstated by 1.5."""
    cells = [
        (between, factor, runs, seed)
        for between in (0.0, 0.1, 0.2)
        for factor in (1.0, 1.5, 1 / 1.5)
    ]
    return pd.DataFrame(spread_out(cover_pairs, cells, workers)).assign(
        code=code_hash("bom.decline")
    )


def draw_panel(costings: int, wander: float, come_and_go: bool, rng) -> tuple[pd.DataFrame, float]:
    """Ten years of costings of one component by four analysts, and its true yearly rate, all truths drawn anew."""
    years = np.sort(rng.uniform(0, 10, costings))
    twice = np.flatnonzero(rng.random(costings) < 0.3)[
        :-1
    ]  # some devices are costed twice on a day
    device = np.arange(costings)
    years[twice + 1], device[twice + 1] = years[twice], device[twice]
    start = np.r_[0, np.sort(rng.uniform(0, 7, 3))] if come_and_go else np.zeros(4)
    end = np.r_[start[:-1] + rng.uniform(2.5, 7, 3), 11] if come_and_go else np.full(4, 11)
    analyst = np.array(
        [
            rng.choice(np.flatnonzero((start <= at) & (at <= end)))
            if ((start <= at) & (at <= end)).any()
            else 3
            for at in years
        ]
    )
    rate, elasticity = rng.normal(-0.2, 0.15), rng.uniform(0.5, 1.2)
    grid = np.linspace(0, 10.1, 400)
    price = np.r_[0, np.cumsum(wander * np.sqrt(grid[1]) * rng.standard_normal(399))]
    log_size = 0.25 * years + rng.normal(0, 0.7, costings)
    noise = (
        0.15 * rng.standard_normal(4)[analyst]
        + 0.1 * rng.standard_normal(costings)[device]
        + 0.15 * rng.standard_normal(costings)
    )
    log_cost = 3 + rate * years + elasticity * log_size + np.interp(years, grid, price) + noise
    day = pd.Timestamp("2010-01-01") + pd.to_timedelta(years * 365.25, unit="D")
    return pd.DataFrame(
        {
            "teardown_date": day,
            "analyst_house": analyst,
            "device": device,
            "cost_usd": np.exp(log_cost),
            "size": np.exp(log_size),
        }
    ), rate


def cover_panels(cell: tuple) -> dict:
    """Count one cell of simulated panels: the 95 % interval of the yearly rate holds the rate drawn for that panel."""
    costings, prices, come_and_go, runs, seed = cell
    rng = np.random.default_rng(
        [seed, costings, ("steady", "wandering", "strongly wandering").index(prices), come_and_go]
    )
    held, width = 0, 0.0
    for _ in range(runs):
        wander = {"steady": 0.0, "wandering": rng.uniform(0, 0.3), "strongly wandering": 0.3}[
            prices
        ]
        panel, rate = draw_panel(costings, wander, come_and_go, rng)
        trend = fit_trend(panel, "cost_usd", "size").loc["trend"]
        held += trend["low"] <= rate <= trend["high"]
        width += (trend["high"] - trend["low"]) / runs
    return {"costings": costings, "prices": prices, "analysts_come_and_go": come_and_go, "runs": runs, "held_share": held / runs,
            "mean_width": width, "seed": seed}  # fmt: skip


def panel_coverage(
    runs: int = 2000, seed: int = 2, workers: int = 2, costings=(14, 40)
) -> pd.DataFrame:
    """The table of coverage: costings x how prices move x whether analysts come and go; seed 1 served to choose `bom.RATIOS`."""
    kinds = ("steady", "wandering", "strongly wandering")
    cells = [
        (n, prices, go, runs, seed) for n in costings for prices in kinds for go in (False, True)
    ]
    return pd.DataFrame(spread_out(cover_panels, cells, workers)).assign(
        code=code_hash("bom.decline")
    )


def draw_technologies(rng) -> dict[str, np.ndarray]:
    """One history of each published technology: its drift, noise, length and moving average (theta as fitted, bounded by 0.9)."""
    rows = load_table("technologies").dropna(subset=["noise", "theta"])
    made = {}
    for row in rows.itertuples():
        theta = float(np.clip(row.theta, -0.9, 0.9))
        shocks = rng.standard_normal(int(row.years)) * max(row.noise, 0.005) / np.sqrt(1 + theta**2)
        made[row.technology] = np.exp(
            np.r_[0, np.cumsum(row.drift + shocks[1:] + theta * shocks[:-1])]
        )
    return made


def cost_hindcast(histories: int = 40, seed: int = 1, horizons: int = 10) -> pd.DataFrame:
    """Coverage and integral transform by horizon: part prices on file that hold a specification, and histories of the published
    technologies drawn from their own drift, noise and theta (which differ from the pooled one that the bands use)."""
    rng, tables = np.random.default_rng(seed), []
    real = yearly_runs(load_table("component_prices").query("unit == 'usd_per_gb'"))
    rows = [("prices per gigabyte on file", hindcast(real, windows=(3, 4, 5)))]
    drawn = {
        f"{name} {i}": cost
        for i in range(histories)
        for name, cost in draw_technologies(rng).items()
    }
    made = hindcast(drawn)
    rows.append(
        (
            "histories drawn from published technologies",
            made.assign(series=made["series"].str.split(" ").str[0]),
        )
    )
    for name, errors in rows:
        for level in (0.8, 0.95):
            score = score_hindcast(errors, level)
            tables.append(score[score["horizon"] <= horizons].assign(data=name, level=level))
    told = pd.concat(tables)[
        [
            "data",
            "level",
            "horizon",
            "estimate",
            "low",
            "high",
            "pit_mean",
            "pit_sd",
            "windows",
            "series",
        ]
    ]
    return told.assign(seed=seed, code=code_hash("bom.cost_laws"))


# ---- launches under limited supply ----
HORIZON = 26  # weeks: "cumulative sales" is what is sold by then, future supply known
LOG_SUPPLY = (np.log(1.8e5), 1.2)  # a week, drawn without a look at the launch


def draw_launch(prior, seed: int):
    """A launch drawn from the prior, a supply drawn apart from it, and what is told: flags each week, counts each or each fourth week."""
    rng = np.random.default_rng(seed)
    supply = np.exp(rng.normal(*LOG_SUPPLY) + 0.3 * rng.standard_normal(HORIZON))
    truth = simulate_launch(supply, **prior.values(rng.standard_normal((1, 5))))
    weeks = np.arange(1.0, 17.0)
    error = rng.standard_normal(8).repeat(
        [1, 1, 1, 1, 2, 3, 3, 4]
    )  # the model's, anew in weeks that are `demand.APART`
    drift = np.exp(free_error(truth, weeks, prior.model_error)[0] * error)
    units = np.cumsum(np.diff(sold_at(truth, weeks)[0], prepend=0) * drift) * np.exp(
        COUNT_NOISE * rng.standard_normal(16)
    )
    counts = pd.DataFrame({"week": weeks, "units": units})[
        slice(3, None, 4) if seed % 2 else slice(None)
    ]
    flags = np.where(rng.random(HORIZON) < 0.05, truth.bound[0] == 0, truth.bound[0] > 0)
    return supply, truth, counts, flags.astype(float)


def random_rank(draws, truth: float, rng) -> float:
    """Share of draws below the truth; where they tie with it, a random place among them."""
    tie = np.abs(draws - truth) <= 1e-9 * abs(truth)
    return (np.sum((draws < truth) & ~tie) + rng.random() * (tie.sum() + 1)) / (len(draws) + 1)


def judge_launch(task: tuple) -> list[dict]:
    """Ranks and bands of one drawn launch, seen to weeks 4, 8 and 16; none is left out, so its counts go unchecked."""
    prior, seed = task
    supply, truth, counts, flags = draw_launch(prior, seed)
    rng, rows = np.random.default_rng([seed, 1]), []
    for seen in (4, 8, 16):
        told = np.where(np.arange(HORIZON) < seen, flags, np.nan)
        with (
            warnings.catch_warnings(action="ignore"),
            mock.patch("analysis.demand.forecast.check_counts", lambda counts, *_: counts),
        ):
            fit = fit_launch(
                supply, prior, counts=counts[counts["week"] <= seen], sold_out=told, seed=seed
            )
        for name, draws, true in (
            ("sold by week 26", fit.paths.sold[:, -1], truth.sold[0, -1]),
            ("potential", fit.values["potential"], truth.potential[0]),
        ):
            low, high = np.quantile(draws, [0.1, 0.9])
            rows.append({"seen_weeks": seen, "quantity": name, "rank": random_rank(draws, true, rng),
                         "in_band": low * (1 - 1e-9) <= true <= high * (1 + 1e-9), "atom": high - low <= 1e-9 * high,
                         "effective": fit.effective, "bound": truth.bound.mean()})  # fmt: skip
    return rows


def launch_calibration(launches: int = 500, seed: int = 1, workers: int = 2) -> pd.DataFrame:
    """80 % bands and randomised ranks of launches drawn from the priors, by weeks seen and quantity.

    `held_share` counts a truth as held if its randomised rank is within the middle 80 %: where supply decides, the band is one
    point (`one_point_share`) and holds whatever its level; `in_band_share` counts those too.
    """
    prior = fit_prior(milestone_sequences())
    tasks = [(prior, 1000 * seed + k) for k in range(launches)]
    if workers == 1:
        found = [row for task in tasks for row in judge_launch(task)]
    else:
        with ProcessPoolExecutor(workers) as pool:
            found = [row for rows in pool.map(judge_launch, tasks, chunksize=10) for row in rows]
    rows = []
    for (seen, quantity), cell in pd.DataFrame(found).groupby(["seen_weeks", "quantity"]):
        expected = len(cell) / 20
        chi = np.sum((np.histogram(cell["rank"], 20, (0, 1))[0] - expected) ** 2 / expected)
        held = cell["rank"].between(0.1, 0.9).mean()
        rows.append({"seen_weeks": seen, "quantity": quantity, "launches": len(cell), "held_share": held,
                     "monte_carlo_sd": np.sqrt(held * (1 - held) / len(cell)), "in_band_share": cell["in_band"].mean(),
                     "one_point_share": cell["atom"].mean(), "ranks_p_value": stats.chi2.sf(chi, 19),
                     "least_effective": cell["effective"].min(), "below_400_share": (cell["effective"] < 400).mean(),
                     "bound_share": cell["bound"].mean(), "seed": seed})  # fmt: skip
    return pd.DataFrame(rows).assign(code=code_hash("demand.diffusion", "demand.forecast"))


# ---- real sequences ----
def milestone_forecasts(seed: int = 1, devices=None) -> pd.DataFrame:
    """Last count of each sequence of 3 or more, forecast from the earlier ones with its family left out, beside two rivals."""
    families = load_table("devices").set_index("device")["family"]
    rows, priors = [], {}
    for (device, market), counts in milestone_sequences(least=3).groupby(["device", "market"]):
        if devices is not None and device not in devices:
            continue
        family = families[device]
        if family not in priors:
            priors[family] = fit_prior(milestone_sequences(family))
        weeks, units = counts["weeks"].to_numpy(), counts["units"].to_numpy()
        unlimited = np.full(int(np.ceil(weeks[-1])), np.inf)
        told = pd.DataFrame({"week": weeks[:-1], "units": units[:-1]})
        fit = fit_launch(unlimited, priors[family], counts=told, seed=seed)
        low, median, high = np.quantile(fit.sold_by(weeks[-1]), [0.1, 0.5, 0.9])
        slope, start = np.polyfit(np.log(weeks[:-1]), np.log(units[:-1]), 1)
        rate = (units[-2] - units[-3]) / (weeks[-2] - weeks[-3])
        rivals = {
            "line_in_logs": np.exp(start + slope * np.log(weeks[-1])),
            "last_rate": units[-2] + rate * (weeks[-1] - weeks[-2]),
        }
        rows.append({"device": device, "market": market, "counts": len(units), "last_known_units": units[-2],
                     "weeks_ahead": weeks[-1] - weeks[-2], "units": units[-1], "low": low, "median": median, "high": high,
                     "held": low <= units[-1] <= high, "log_error": np.log(median / units[-1])}
                    | {f"log_error_{name}": np.log(value / units[-1]) for name, value in rivals.items()}
                    | {"effective": fit.effective, "seed": seed})  # fmt: skip
    return pd.DataFrame(rows).assign(code=code_hash("demand.diffusion", "demand.forecast"))


def fading_growth(units, periods: int, season: int = 4) -> np.ndarray:
    """The rival: last year again, each year with half the growth (in logs) of the one before; rows low, median, high by period.

    Its 80 % band has the root mean square of its own past errors a year ahead (0.3 before there are four, 0.1 at least),
    growing with the root of the years.
    """

    def middle(y, n):
        growth = np.log(y[-season:].sum() / y[-2 * season : -season].sum())
        return np.tile(y[-season:], n // season + 1)[:n] * np.exp(
            growth * (1 - 0.5 ** (np.arange(n) // season + 1))
        )

    ends = range(2 * season, len(units) - season + 1)
    errors = [
        np.log(middle(units[:end], season).sum() / units[end : end + season].sum()) for end in ends
    ]
    sd = max(np.sqrt(np.mean(np.square(errors))), 0.1) if len(errors) >= 4 else 0.3
    wide = stats.norm.ppf(0.9) * sd * np.sqrt(np.arange(1, periods + 1) / season)
    return np.array(
        [
            np.sum(units) + np.cumsum(middle(units, periods) * np.exp(side * wide))
            for side in (-1, 0, 1)
        ]
    )


def interval_score(low: float, high: float, seen: float, level: float = 0.8) -> float:
    """Gneiting & Raftery 2007, on logs: width, and a fine for missing."""
    low, high, seen = np.log([low, high, seen])
    return high - low + 2 / (1 - level) * (max(low - seen, 0) + max(seen - high, 0))


def iphone_quarters() -> np.ndarray:
    sales = load_table("shipments").query(
        "brand == 'apple' and tracker == 'company' and market == 'WORLD'"
    )
    return (
        1e6
        * sales[sales["period"].str.contains("Q")].sort_values("period")["units_million"].to_numpy()
    )


def iphone_forecasts(origins=(11, 15, 19, 23, 27, 31, 35, 39), seed: int = 1) -> pd.DataFrame:
    """iPhones sold by quarter 46 and by two years ahead, from each origin's earlier quarters: ours, the rival, plain Bass."""
    units, rows = iphone_quarters(), []
    for origin in origins:
        known, last = units[:origin], len(units) - origin
        ours = np.quantile(forecast_long(known, last, seed=seed), [0.1, 0.5, 0.9], axis=0)
        rival, bass = fading_growth(known, last), fit_bass(known)
        plain = known.sum() + bass.forecast(last)["median"].cumsum().to_numpy()
        for ahead in sorted({min(8, last), last}):
            true, (low, median, high), other = (
                units[: origin + ahead].sum(),
                ours[:, ahead - 1],
                rival[:, ahead - 1],
            )
            rows.append({"origin_quarter": origin, "to_quarter": origin + ahead, "units_then": known.sum(), "units": true,
                         "low": low, "median": median, "high": high, "log_width": np.log(high / low), "held": low <= true <= high,
                         "score": interval_score(low, high, true), "rival_low": other[0], "rival_median": other[1],
                         "rival_high": other[2], "rival_score": interval_score(other[0], other[2], true),
                         "plain_bass": plain[ahead - 1], "plain_bass_problem": bass.problem, "seed": seed})  # fmt: skip
    return pd.DataFrame(rows).assign(code=code_hash("demand.diffusion", "demand.forecast"))


COUNTS = {
    "arrivals": (partial(arrivals, "its own law"), "arrival_coverage"),
    "arrival_laws": (partial(arrivals, "all laws"), "arrival_laws_coverage"),
    "pairs": (pair_coverage, "pair_coverage"),
    "panels": (panel_coverage, "panel_coverage"),
    "hindcast": (cost_hindcast, "cost_hindcast"),
    "launches": (launch_calibration, "launch_calibration"),
    "milestones": (milestone_forecasts, "milestone_forecasts"),
    "iphone": (iphone_forecasts, "iphone_forecasts"),
}

if __name__ == "__main__":
    for name in sys.argv[1:] or COUNTS:
        count, file = COUNTS[name]
        EVIDENCE.mkdir(exist_ok=True)
        count().to_csv(
            EVIDENCE / f"{file}.csv", index=False, float_format="%.4g", lineterminator="\n"
        )
