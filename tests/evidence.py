"""Long counts of coverage, written to data/evidence/*.csv with seed and code hash: `make evidence` (ARGS=arrivals: one of them)."""

import os
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / ".ci")]

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from counted import code_hash  # noqa: E402
from scipy import optimize, stats  # noqa: E402

from analysis.arrival_mix import fit_arrival_laws  # noqa: E402
from analysis.arrivals import fit_arrivals  # noqa: E402
from analysis.bom import PAIR_SETS, clean_pairs, costing_noise, fit_trend, pool_decline, yearly_runs  # noqa: E402
from analysis.cost_laws import hindcast, score_hindcast  # noqa: E402
from analysis.data import load_table  # noqa: E402

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
    rng = np.random.default_rng([seed, people, int(100 * share), sorted([*TRUTHS, "crowd", "steady"]).index(law)])
    held = opened = identified = 0
    warnings.simplefilter("ignore")
    for _ in range(logs):
        times, closed = draw_log(law, people, share, rng)
        own = "exponential" if law == "steady" else law
        fit = fit_arrival_laws(times, closed_s=closed) if fitted == "all laws" else fit_arrivals(times, closed_s=closed, law=own)
        low, high = fit.interval(0.95)
        held += low <= (np.inf if law == "steady" else people) <= high
        opened += np.isinf(high)
        identified += getattr(fit, "identified", False)
    return {"truth": law, "fitted": fitted, "people": people, "share_seen": share, "logs": logs, "held_share": held / logs,
            "open_top_share": opened / logs, "identified_share": identified / logs, "seed": seed}  # fmt: skip


def arrivals(fitted: str, logs: int = 500, seed: int = 1, workers: int = 2) -> pd.DataFrame:
    """The table of coverage: laws x people x share seen, fitted by its own law or by all laws weighed."""
    code = code_hash("arrival_laws", "arrivals", *["arrival_mix"] * (fitted == "all laws"))
    cells = [(law, n, share, fitted, logs, seed) for n in POPULATIONS for law in (*TRUTHS, "crowd") for share in SHARES]
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
    chosen = clean_pairs(load_table("recosted_pairs"), load_table("devices"), **PAIR_SETS["near specification admitted"])
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
    cells = [(between, factor, runs, seed) for between in (0.0, 0.1, 0.2) for factor in (1.0, 1.5, 1 / 1.5)]
    return pd.DataFrame(spread_out(cover_pairs, cells, workers)).assign(code=code_hash("bom"))


def draw_panel(costings: int, wander: float, come_and_go: bool, rng) -> tuple[pd.DataFrame, float]:
    """Ten years of costings of one component by four analysts, and its true yearly rate, all truths drawn anew."""
    years = np.sort(rng.uniform(0, 10, costings))
    twice = np.flatnonzero(rng.random(costings) < 0.3)[:-1]  # some devices are costed twice on a day
    device = np.arange(costings)
    years[twice + 1], device[twice + 1] = years[twice], device[twice]
    start = np.r_[0, np.sort(rng.uniform(0, 7, 3))] if come_and_go else np.zeros(4)
    end = np.r_[start[:-1] + rng.uniform(2.5, 7, 3), 11] if come_and_go else np.full(4, 11)
    analyst = np.array(
        [rng.choice(np.flatnonzero((start <= at) & (at <= end))) if ((start <= at) & (at <= end)).any() else 3 for at in years]
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
        {"teardown_date": day, "analyst_house": analyst, "device": device, "cost_usd": np.exp(log_cost), "size": np.exp(log_size)}
    ), rate


def cover_panels(cell: tuple) -> dict:
    """Count one cell of simulated panels: the 95 % interval of the yearly rate holds the rate drawn for that panel."""
    costings, prices, come_and_go, runs, seed = cell
    rng = np.random.default_rng([seed, costings, ("steady", "wandering", "strongly wandering").index(prices), come_and_go])
    held, width = 0, 0.0
    for _ in range(runs):
        wander = {"steady": 0.0, "wandering": rng.uniform(0, 0.3), "strongly wandering": 0.3}[prices]
        panel, rate = draw_panel(costings, wander, come_and_go, rng)
        trend = fit_trend(panel, "cost_usd", "size").loc["trend"]
        held += trend["low"] <= rate <= trend["high"]
        width += (trend["high"] - trend["low"]) / runs
    return {"costings": costings, "prices": prices, "analysts_come_and_go": come_and_go, "runs": runs, "held_share": held / runs,
            "mean_width": width, "seed": seed}  # fmt: skip


def panel_coverage(runs: int = 2000, seed: int = 1, workers: int = 2, costings=(14, 40)) -> pd.DataFrame:
    """The table of coverage: costings x how prices move x whether analysts come and go."""
    kinds = ("steady", "wandering", "strongly wandering")
    cells = [(n, prices, go, runs, seed) for n in costings for prices in kinds for go in (False, True)]
    return pd.DataFrame(spread_out(cover_panels, cells, workers)).assign(code=code_hash("bom"))


def draw_technologies(rng) -> dict[str, np.ndarray]:
    """One history of each published technology: its drift, noise, length and moving average (theta as fitted, bounded by 0.9)."""
    rows = load_table("technologies").dropna(subset=["noise", "theta"])
    made = {}
    for row in rows.itertuples():
        theta = float(np.clip(row.theta, -0.9, 0.9))
        shocks = rng.standard_normal(int(row.years)) * max(row.noise, 0.005) / np.sqrt(1 + theta**2)
        made[row.technology] = np.exp(np.r_[0, np.cumsum(row.drift + shocks[1:] + theta * shocks[:-1])])
    return made


def cost_hindcast(histories: int = 40, seed: int = 1, horizons: int = 10) -> pd.DataFrame:
    """Coverage and integral transform by horizon: part prices on file that hold a specification, and histories of the published
    technologies drawn from their own drift, noise and theta (which differ from the pooled one that the bands use)."""
    rng, tables = np.random.default_rng(seed), []
    real = yearly_runs(load_table("component_prices").query("unit == 'usd_per_gb'"))
    rows = [("prices per gigabyte on file", hindcast(real, windows=(3, 4, 5)))]
    drawn = {f"{name} {i}": cost for i in range(histories) for name, cost in draw_technologies(rng).items()}
    made = hindcast(drawn)
    rows.append(("histories drawn from published technologies", made.assign(series=made["series"].str.split(" ").str[0])))
    for name, errors in rows:
        for level in (0.8, 0.95):
            score = score_hindcast(errors, level)
            tables.append(score[score["horizon"] <= horizons].assign(data=name, level=level))
    told = pd.concat(tables)[["data", "level", "horizon", "estimate", "low", "high", "pit_mean", "pit_sd", "windows", "series"]]
    return told.assign(seed=seed, code=code_hash("cost_laws"))


COUNTS = {
    "arrivals": (partial(arrivals, "its own law"), "arrival_coverage"),
    "arrival_laws": (partial(arrivals, "all laws"), "arrival_laws_coverage"),
    "pairs": (pair_coverage, "pair_coverage"),
    "panels": (panel_coverage, "panel_coverage"),
    "hindcast": (cost_hindcast, "cost_hindcast"),
}

if __name__ == "__main__":
    for name in sys.argv[1:] or COUNTS:
        count, file = COUNTS[name]
        EVIDENCE.mkdir(exist_ok=True)
        count().to_csv(EVIDENCE / f"{file}.csv", index=False, float_format="%.4g", lineterminator="\n")
