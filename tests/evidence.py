"""Long counts of coverage, written to data/evidence/*.csv with seed and code hash: `make evidence` (ARGS=arrivals: one of them)."""

import ast
import hashlib
import os
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from scipy import optimize, stats  # noqa: E402

from analysis.arrival_mix import fit_arrival_laws  # noqa: E402
from analysis.arrivals import fit_arrivals  # noqa: E402

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


def code_hash(*names: str) -> str:
    """Digest of the modules that a count rests on, as Python reads them: comments, docstrings and layout aside."""
    trees = [ast.parse((ROOT / "analysis" / f"{name}.py").read_text(encoding="utf-8")) for name in names]
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return hashlib.sha256("".join(map(ast.unparse, trees)).encode()).hexdigest()[:12]


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


COUNTS = {
    "arrivals": (partial(arrivals, "its own law"), "arrival_coverage"),
    "arrival_laws": (partial(arrivals, "all laws"), "arrival_laws_coverage"),
}

if __name__ == "__main__":
    for name in sys.argv[1:] or COUNTS:
        count, file = COUNTS[name]
        EVIDENCE.mkdir(exist_ok=True)
        count().to_csv(EVIDENCE / f"{file}.csv", index=False, float_format="%.4g", lineterminator="\n")
