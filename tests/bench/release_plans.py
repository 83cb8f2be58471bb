"""Thousands of release plans at once against a plain loop over them, and the plan of a launch."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from plain_plan import plain_policy
from random_market import market
from ratios import Check, Line, Ratio, interleave, seconds_of

from analysis import plan
from analysis.data import list_launches, load_launch
from analysis.plan.study_parts import policies_to_try

ROOT = Path(__file__).resolve().parents[2]
POLICIES = 8_000
DRAWS = 2_000
WEEKS = 104
PARTS = 5  # of the policies, so that the two ways take turns
ONE_IN = 80  # policies that the plain loop runs; its seconds are scaled up
MOST_APART = 1e-9
MOST_MB = 500
SEARCHED = "mi_2"  # a phone of a long life, with an S version: most plans to try
MOST_S = 8
PEAK_MEMORY = """
import resource, sys

sys.path[:0] = ["tests/bench", "tests/plan", "."]
from release_plans import many_policies, random_market_of_a_life

from analysis import plan

plan.evaluate(many_policies(), random_market_of_a_life())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
"""


def many_policies() -> pd.DataFrame:
    """Return 8,000 policies: prices, releases, weeks of a price cut and of an S version."""
    policies = plan.make_policies(
        price=[0.9, 1.0, 1.1, 1.2, 1.3],
        release=[0.0, 0.5],
        volume_week=[2, 4, 8, 13, 17, 21, 26, 30, 39, 52],
        cut=[0.15],
        cut_week=[26, 35, 39, 43, 52, 61, 70, 78, 91, plan.NEVER],
        s_week=[39, 48, 52, 61, 70, 78, 91, plan.NEVER],
    )
    return policies.iloc[:POLICIES]


def random_market_of_a_life() -> plan.Market:
    """Draw a market of two years."""
    return market(DRAWS, WEEKS)


def bench_plans() -> Iterator[Line]:
    """Evaluate the policies both ways in turns, then on one process and on two."""
    policies = many_policies()
    life = random_market_of_a_life()
    our_s = rival_s = apart = 0.0
    for part in np.array_split(np.arange(len(policies)), PARTS):
        comparison = compare_ways(policies.iloc[part], life)
        our_s += comparison["our_s"]
        rival_s += comparison["rival_s"]
        apart = max(apart, comparison["apart"])
    yield check_means_and_memory(apart)
    yield Ratio(
        name=f"{POLICIES:,} policies at once against a loop over them",
        rival_s=rival_s,
        our_s=our_s,
        least=4,
    )
    yield ratio_of_two_processes(policies, life)
    yield from bench_search()
    yield from times_of_studies()


def bench_search() -> Iterator[Line]:
    """Search the plans of a launch with and without dropping the clearly worse early."""
    launch = load_launch(SEARCHED)
    known = plan.fit_market(launch)
    policies = policies_to_try(launch, dearest=1.0)
    groups = [np.ones(len(policies), bool), policies["price"] == 1]
    searched, evaluated = [], []
    our_s = seconds_of(lambda: searched.append(plan.search_plans(policies, groups, known.search)))
    rival_s = seconds_of(lambda: evaluated.append(plan.evaluate(policies, known.search)))
    on_top = [
        found[0]["profit_usd"].sort_values(ascending=False, kind="stable").head(4).index.tolist()
        for found in (searched, evaluated)
    ]
    yield Check("search: the same four plans on top", on_top[0] == on_top[1])
    yield Ratio(
        name=f"search of {len(policies):,} plans of {SEARCHED} against playing all of them",
        rival_s=rival_s,
        our_s=our_s,
        least=4,
    )


def times_of_studies() -> Iterator[Check]:
    """Time the study of each launch with a plan, with what all launches share at hand."""
    for name in list_launches():
        launch = load_launch(name)
        if "release_plan" not in launch.studies:
            continue
        plan.fit_market(launch, draws=200)
        started_s = time.process_time()
        plan.study_launch(launch)
        taken_s = time.process_time() - started_s
        text = f"plan of {name}: {taken_s:.1f} s of processor time ({MOST_S:g} allowed)"
        yield Check(text, taken_s <= MOST_S)


def compare_ways(policies: pd.DataFrame, life: plan.Market) -> dict[str, float]:
    """Return the seconds of both ways for some policies, and how far their means lie apart."""
    results = []
    plain = []
    some = list(policies.iloc[::ONE_IN].itertuples())
    our_s = seconds_of(lambda: results.append(plan.evaluate(policies, life)))
    rival_s = ONE_IN * seconds_of(
        lambda: plain.extend(plain_policy(policy, life) for policy in some)
    )
    means = np.array([[draws.mean() for draws in measures.values()] for measures in plain])
    ours = results[0].loc[::ONE_IN, plan.MEASURES].to_numpy()
    return {"our_s": our_s, "rival_s": rival_s, "apart": np.abs(ours / means - 1).max()}


def check_means_and_memory(apart: float) -> Check:
    """Tell how far the means lie apart, and the most memory that all policies at once take."""
    command = [sys.executable, "-c", PEAK_MEMORY]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    peak_mb = float(done.stdout)
    text = (
        f"plans: at most {apart:.1e} from the loop ({MOST_APART:g} allowed), "
        f"peak {peak_mb:.0f} MB ({MOST_MB} allowed)"
    )
    return Check(text, bool(apart <= MOST_APART and peak_mb < MOST_MB))


def ratio_of_two_processes(policies: pd.DataFrame, life: plan.Market) -> Ratio:
    """Evaluate some of the policies on one process and on two, in turns."""
    plan.evaluate(policies.iloc[:640], life, jobs=2)  # the processes start
    some = policies.iloc[:1600]
    seconds = interleave(
        {
            "one": lambda: plan.evaluate(some, life, jobs=1),
            "two": lambda: plan.evaluate(some, life, jobs=2),
        },
        rounds=3,
    )
    return Ratio(
        name="plans on two processes against one",
        rival_s=seconds["one"],
        our_s=seconds["two"],
        least=1.6,
    )
