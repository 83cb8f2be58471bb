"""Release plans: the slow plain version, the closed Bass curve, two theorems, identities, the same sums on any workers."""

import os
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from plain_plan import plain_policy

from analysis.data.launches import load_launch
from analysis.demand import forecast as demand
from analysis.look.wording import tell
from analysis.margin import margin
from analysis.plan import plan

DAYS = 7 / 365


def market(draws=40, weeks=60, seed=1, **given) -> plan.Market:
    """A market of random draws in which supply binds for a while; `given` replaces what a test needs."""
    rng = np.random.default_rng(seed)
    drawn = {
        "potential": np.exp(rng.normal(15, 0.7, draws)), "p": np.exp(rng.normal(-4, 0.5, draws)),
        "q": np.exp(rng.normal(-2.3, 0.4, draws)), "opening": rng.uniform(0.01, 0.2, draws),
        "leave": rng.uniform(0, 0.2, draws), "elasticity": rng.uniform(1, 3, draws), "erosion": rng.uniform(0, 0.005, draws),
        "fade": rng.uniform(0, 0.02, draws), "upgrade": rng.uniform(0, 0.1, draws), "s_price": rng.uniform(0.8, 1, draws),
        "s_cost": rng.uniform(0.8, 1, draws), "s_fixed_usd": rng.uniform(1e6, 2e7, draws), "discount": np.full(draws, 0.002),
        "supply_units": np.exp(rng.normal(11, 0.5, draws))[:, None] * np.minimum(1, 0.2 + np.arange(weeks) / 30),
        "net_usd": np.full((draws, weeks), 350.0),
        "cost_usd": rng.uniform(240, 360, draws)[:, None] * np.exp(-np.arange(weeks) * 0.002),
    }  # fmt: skip
    given = {name: np.broadcast_to(value, np.shape(drawn[name])) for name, value in given.items()}
    return plan.Market(**drawn | given)


def patient(draws=40, weeks=60, seed=1, **given):
    """The conditions of the theorem: nobody leaves, margin constant and positive, no discounting, nothing fades."""
    still = dict.fromkeys(("leave", "discount", "fade", "erosion"), 0.0) | {
        "cost_usd": 300.0,
        "net_usd": 350.0,
    }
    return market(draws, weeks, seed, **still | given)


MANY = plan.make_policies(
    price=[0.9, 1.0, 1.3], release=[1.0, 0.0, 0.4], store=[0, 1], volume_week=[0, 3, 11, 26], cut=[0.2], cut_week=[9, 30, plan.NEVER],
    s_week=[20, 41, plan.NEVER],
)  # fmt: skip
RELEASES = plan.make_policies(
    release=[1.0, 0.0, 0.3, 0.7], store=[0, 1], volume_week=[0, 1, 4, 13, 26, 52]
)


# ---- the model ----


def test_a_plan_is_the_slow_plain_loop():
    given = market()
    drawn = plan.by_draw(MANY, given)
    for row in MANY.iloc[::7].itertuples():
        slow = np.array(list(plain_policy(row, given).values()))
        assert drawn[:, row.Index] == pytest.approx(slow, rel=1e-9, abs=1e-9 * np.abs(slow).max())


def test_means_do_not_depend_on_how_policies_are_grouped(monkeypatch):
    given = market(150)
    told, drawn = plan.evaluate(MANY, given), plan.by_draw(MANY, given)
    assert pytest.approx(drawn.mean(2), rel=1e-9) == told[plan.MEASURES].to_numpy().T
    shuffled = MANY.sample(frac=1, random_state=1)
    monkeypatch.setattr(plan, "GROUP", 17)
    again = plan.evaluate(shuffled, given).set_index(shuffled.index).sort_index()
    assert again[plan.MEASURES].to_numpy() == pytest.approx(
        told[plan.MEASURES].to_numpy(), rel=1e-9
    )


def test_without_a_limit_sales_are_the_bass_curve_in_closed_form():
    given = market(fade=0.0, erosion=0.0, supply_units=1e12)
    sold = plan.by_draw(plan.make_policies().head(1), given)[2, 0]
    start, growth = given.opening, np.exp(-(given.p + given.q) * 60)
    rest = (1 - start) / (
        given.p + given.q * start
    )  # the state at age 0, carried on by the logistic's Moebius map
    share = (1 - rest * given.p * growth) / (1 + rest * given.q * growth)
    assert sold == pytest.approx(given.potential * share, rel=1e-10)


@pytest.mark.parametrize("level", [0.002, 1e3])
def test_at_the_list_price_with_lasting_interest_it_is_the_launch_model_of_the_demand_study(level):
    """Units made to order are units kept until sold wherever supply binds throughout, or never."""
    given = market(fade=0.0, erosion=0.0)
    given = given._replace(supply_units=np.broadcast_to(level * given.potential[:, None], (40, 60)))
    paths = demand.simulate_launch(
        given.supply_units,
        potential=given.potential,
        p=given.p,
        q=given.q,
        opening=given.opening,
        leave=given.leave,
    )
    same = (paths.bound > 0).all(1) | (paths.bound == 0).all(1)
    assert same.sum() > 5
    _, _, units, waited = plan.by_draw(plan.make_policies().head(1), given)[:, 0]
    assert units[same] == pytest.approx(paths.sold[same, -1], rel=1e-9)
    assert waited[same] == pytest.approx(paths.waiting[same].sum(1), rel=1e-8, abs=1e-6)


def test_nobody_is_lost_and_nothing_sold_that_was_not_made():
    rng = np.random.default_rng(2)
    people = rng.dirichlet(np.ones(4), 2000).T * 1e6
    owners, waiting, rest, left = people
    room, leave = (
        rng.choice([0, 1e3, 1e5, 1e7], 2000) * rng.random(2000),
        rng.choice([0, 0.1, 2.0], 2000),
    )
    p, q = rng.uniform(0, 0.1, 2000), rng.uniform(0, 5e-7, 2000)
    sold, *after, dry = demand.sell(room, owners, waiting, rest, p, q, leave)
    assert (sold <= room * (1 + 1e-12)).all()
    assert after[0] - owners == pytest.approx(sold, rel=1e-9, abs=1e-3)
    assert min(x.min() for x in after) >= -1e-6
    assert ((dry > 0) == (room - sold <= 1e-9 * room)).all()
    gone = people.sum(0) - sum(after) - left
    assert (gone >= -1e-3).all()
    assert gone[leave == 0] == pytest.approx(0, abs=1e-3)


def test_near_equal_rates_of_leaving_and_buying_do_no_harm():
    hazard = 0.1 + np.array([0, 1e-12, 1e-8, 3e-7, 9e-7, 1.1e-6, 1e-4])
    exact = np.exp(-0.1) * -np.expm1(-(hazard - 0.1)) / np.where(hazard > 0.1, hazard - 0.1, 1)
    exact[0] = np.exp(-0.1)
    none = np.zeros(len(hazard))
    assert demand.sell(none, none, none, none + 1, hazard, 0.0, 0.1)[2] == pytest.approx(
        hazard * exact, rel=1e-9
    )


# ---- theorems ----


def test_one_cohort_is_held_back_exactly_when_the_closed_form_says_so():
    """One cohort, later capacity free, not selling allowed: hold back D weeks when m0 < d^D (1 - l)^D m1; 200 random cases."""
    rng, held, unsold = np.random.default_rng(3), 0, 0
    for _ in range(200):
        weeks = int(rng.integers(1, 30))
        now, later, leave, discount = (
            rng.uniform(-40, 60),
            rng.uniform(-40, 90),
            rng.uniform(0, 0.06),
            rng.uniform(0, 0.02),
        )
        margins = np.where(np.arange(40) < weeks, now, later)
        given = market(1, 40, opening=1.0, p=1e-12, q=0.0, leave=-np.log1p(-leave), discount=-np.log1p(-discount), fade=0.0,
                       erosion=0.0, supply_units=1e9, net_usd=400.0, cost_usd=(400 - margins)[None])  # fmt: skip
        choices = plan.make_policies(release=[1.0, 0.0], volume_week=[0, weeks])
        told = plan.evaluate(choices, given)
        best = told.loc[plan.best_policy(told)]
        kept = ((1 - leave) * (1 - discount)) ** weeks
        assert (best.volume_week == weeks) == (later > 0 and now < kept * later), (now, later, kept)
        assert (best.volume_week == plan.NEVER) == (now <= 0 and later <= 0)
        held, unsold = held + (best.volume_week == weeks), unsold + (best.volume_week == plan.NEVER)
    assert min(held, unsold, 200 - held - unsold) > 10


@pytest.mark.parametrize("seed", range(5))
def test_with_patient_buyers_and_a_constant_margin_no_policy_beats_release(seed):
    """Ho, Savin and Terwiesch (2002): Bass demand, no S version, no discounting; and ties break towards release."""
    given = patient(60, 60, seed)
    drawn = plan.by_draw(RELEASES, given)[0]
    at_once = drawn[RELEASES.index[RELEASES["release"] == 1][0]]
    assert (drawn <= at_once * (1 + 1e-9)).all()
    told = plan.evaluate(RELEASES, given)
    assert told.loc[plan.best_policy(told), "release"] == 1
    plenty = plan.evaluate(
        RELEASES[RELEASES["volume_week"] < 5],
        patient(20, 60, seed, supply_units=1e12, p=0.0, q=0.0, opening=1.0),
    )
    assert plenty["profit"].iloc[:5].max() == pytest.approx(
        plenty["profit"].iloc[0], rel=1e-12
    )  # all tie
    assert plenty.loc[plan.best_policy(plenty), "release"] == 1


def test_a_phone_that_loses_money_all_its_life_is_not_sold():
    told = plan.evaluate(RELEASES, market(cost_usd=400.0))
    assert told.loc[plan.best_policy(told), "units"] == 0
    assert told["profit"].max() == 0


def test_once_the_waiting_leave_a_cheaper_bom_can_pay_for_holding_back():
    falling = 340 * np.exp(-np.arange(60) * 0.02)
    told = plan.evaluate(
        RELEASES, market(leave=0.001, fade=0.0, erosion=0.0, cost_usd=falling[None])
    )
    assert told.loc[plan.best_policy(told), "release"] < 1
    told = plan.evaluate(RELEASES, market(leave=0.5, fade=0.0, erosion=0.0, cost_usd=300.0))
    assert told.loc[plan.best_policy(told), "release"] == 1


# ---- signs ----


def test_a_dearer_unit_never_raises_the_profit_of_any_policy_and_changes_no_sale():
    given = market()
    before, after = (
        plan.by_draw(MANY, given),
        plan.by_draw(MANY, given._replace(cost_usd=1.1 * given.cost_usd)),
    )
    assert (after[0] <= before[0] + 1e-6).all()
    assert after[2] == pytest.approx(before[2])


def test_more_supply_never_lowers_the_best_profit_of_patient_buyers():
    profits = [
        plan.evaluate(RELEASES, patient(supply_units=level))["profit"].max()
        for level in (1e3, 1e4, 3e4, 1e5, 1e6, 1e8)
    ]
    assert np.diff(profits).min() >= -1e-6


def test_where_the_waiting_leave_more_supply_early_can_sell_less():
    """The counter-example that keeps the last test honest: an early batch breeds buyers who find nothing, and go."""
    early = np.r_[np.full(20, 1e3), np.full(40, 3e5)]
    more = early + np.r_[5e4, np.zeros(59)]
    lean = {
        "potential": 3e6,
        "opening": 0.0,
        "p": 0.01,
        "q": 0.6,
        "leave": 3.0,
        "fade": 0.0,
        "erosion": 0.0,
    }
    less, plenty = (
        plan.by_draw(plan.make_policies().head(1), market(1, supply_units=supply[None], **lean))[
            2, 0, 0
        ]
        for supply in (early, more)
    )
    assert plenty < less


def test_a_higher_leave_rate_never_raises_the_gain_of_waiting():
    now, later, weeks = np.array([10.0, 10, -5, -5]), np.array([30.0, 5, 20, -10]), 13
    gains = [
        np.where(later > 0, np.exp(-(leave + 0.002) * weeks) * later, 0) - np.fmax(now, 0)
        for leave in np.linspace(0, 1, 30)
    ]
    assert np.diff(gains, axis=0).max() <= 0
    given = market(leave=0.0, opening=1.0, p=1e-12, q=0.0, fade=0.0, erosion=0.0, supply_units=1e9)
    wait = plan.make_policies(release=[0.0], volume_week=[13]).head(1)
    told = [
        plan.by_draw(wait, given._replace(leave=np.full(40, leave)))[0, 0]
        for leave in (0.0, 0.02, 0.1, 0.5)
    ]
    positive = given.cost_usd[:, 13] < 350
    assert np.diff(np.array(told)[:, positive], axis=0).max() <= 1e-9


def test_swings_have_the_sign_that_can_be_proved():
    swings = plan.find_swings(
        RELEASES.iloc[[0, 3, 5]], patient(cost_usd=np.linspace(280, 320, 40)[:, None])
    ).set_index("input")
    assert swings.loc["cost_usd", "profit_change_usd"] < 0
    assert swings.loc["supply_units", "profit_change_usd"] > 0
    assert swings.loc["upgrade", "profit_change_usd"] == 0


# ---- identities ----


def test_money_units_and_waiting_sum_to_the_same_totals_by_week_item_and_policy():
    given, one = market(), MANY.iloc[[50]]
    steps, leaf = plan.grow_tree(MANY, 60)
    total = plan.simulate(steps, given)[:, leaf]
    alone = plan.grow_tree(one, 60)[0]
    running = [plan.simulate(alone[: week + 1], given) for week in range(60)]
    weekly = np.diff([np.zeros_like(running[0]), *running], axis=0)
    assert weekly.sum(0)[:, 0] == pytest.approx(total[:, 50], rel=1e-9)
    assert weekly[:, 2].min() >= 0
    free = given._replace(cost_usd=0 * given.cost_usd, s_fixed_usd=0 * given.s_fixed_usd)
    items = [given._replace(net_usd=0 * given.net_usd, cost_usd=share * given.cost_usd, s_fixed_usd=fixed * given.s_fixed_usd)
             for share, fixed in ((0.7, 0), (0.3, 0), (0, 1))]  # fmt: skip
    by_item = sum(plan.by_draw(MANY, part)[0] for part in (free, *items))
    assert by_item == pytest.approx(total[0], rel=1e-9, abs=1e-9 * np.abs(total[0]).max())
    assert plan.by_draw(MANY, free)[0] == pytest.approx(total[1], rel=1e-9)
    mean = plan.evaluate(MANY, given)
    assert (mean["units"] <= given.supply_units.sum(1).mean() * (1 + 1e-9)).all()


def test_policies_that_come_to_the_same_stand_once():
    assert (
        len(
            plan.make_policies(
                release=[1.0],
                volume_week=[0, 5, 9],
                store=[0, 1],
                cut=[0.0, 0.2],
                cut_week=[plan.NEVER],
            )
        )
        == 2
    )
    told = plan.make_policies(release=[0.5], volume_week=[4], cut_week=[10])
    assert len(told) == 2  # itself, and not selling
    assert told.iloc[-1].to_dict() == plan.NOT_SOLD


# ---- choice and verdict ----


def test_the_choice_is_told_again_on_fresh_draws_beside_its_rivals():
    chosen = plan.choose_plan(MANY, plan.RIVALS, market(100, seed=4), market(100, seed=5))
    assert chosen.table["label"].tolist()[0] == "recommended"
    assert set(plan.RIVALS) < set(chosen.table["label"])
    assert chosen.table.loc[0, "gain"] == 0
    row = chosen.table.set_index("label").loc["a fifth dearer"]
    fresh = [plan.by_draw(pd.DataFrame([chosen.table.loc[at, list(plan.RELEASE_ALL)].astype(float)]), market(100, seed=5))[0, 0]
             for at in (0, chosen.table.index[chosen.table["label"] == "a fifth dearer"][0])]  # fmt: skip
    assert row["gain"] == pytest.approx((fresh[0] - fresh[1]).mean(), rel=1e-9)
    assert 1 <= chosen.as_good <= len(chosen.told)


@pytest.mark.parametrize("launch", ["mi_9", "mi_mix"])
def test_the_answer_names_the_plan_its_gain_and_why_the_phone_was_short(launch):
    chosen = plan.choose_plan(
        MANY, {"assumed actual": {}}, market(100, seed=4), market(100, seed=5)
    )
    now, none = np.linspace(-10, 30, 100), np.zeros(100)
    verdict = plan.explain_shortage(
        now, now + 5, 10, none + 0.01, none, none + 2, none + 0.5, {"now": now}
    )
    best, actual = chosen.table.iloc[0], chosen.table.query("label == 'assumed actual'").iloc[0]
    given = {
        "best": best,
        "actual": actual,
        "chosen": chosen,
        "verdict": verdict,
        "launch": load_launch(launch),
    }
    listed, short, earned = tell(
        "plan_told", **given, choice=pd.DataFrame({"moved": [False]})
    ).split(" | ")
    assert tell("plan_headline", best=best).lower() == tell("plan_words", plan=best).lower()
    assert tell("millions_span", low=actual.gain_low, high=actual.gain_high) in tell(
        "plan_gain", actual=actual
    )
    assert listed.startswith("At the list price")
    assert f"**{100 * verdict.estimate[1]:.0f} %** of the draws" in short
    assert "the prior" in short
    assert ("ceramic body may cost on top" in earned) == (
        launch == "mi_mix"
    )  # the one launch with a yield on file


def test_money_is_told_with_sign_and_unit_and_never_as_0_million():
    assert tell("millions", usd=-3.2e6) == "−3.2 million dollars"
    assert [tell("millions", usd=usd) for usd in (557_312.2, 0.0)] == ["557,000 dollars", "nothing"]
    assert tell("millions_span", low=-4.15e8, high=1.31e9) == "−415 to 1,310 million dollars"


def test_the_verdict_splits_the_draws_by_the_signs_of_both_margins():
    now, later = np.array([10.0, 10, -5, -5, -5]), np.array([30.0, 5, 20, -10, -2])
    none = np.zeros(5)
    told = plan.explain_shortage(
        now, later, 10, none + 0.01, none, none + 2, none + 0.5, {"now": now}
    ).set_index("label")
    assert told.loc["waiting for the BOM: a later unit earns more", "estimate"] == pytest.approx(
        2 / 5
    )
    assert told.loc["of these: both margins positive", "estimate"] == pytest.approx(1 / 5)
    assert told.loc["both margins negative: not selling", "estimate"] == pytest.approx(2 / 5)
    stops = told.loc["leave rate at which waiting stops paying (0: never pays)"]
    assert stops["undefined"] == pytest.approx(3 / 5)
    ends = np.quantile(
        [np.log(3) / 10, 0], [0.1, 0.5, 0.9]
    )  # from 10 to 5 dollars waiting never pays: not a negative rate
    assert stops[["low", "estimate", "high"]].tolist() == pytest.approx(ends.tolist())
    assert told.loc["hype: sales a withheld unit must create", "undefined"] == pytest.approx(2 / 5)


def test_a_ceramic_body_pays_from_its_cost_over_what_is_spare():
    usd = {"bom": np.full((500, 2), 300.0)}
    path = margin.MarginPath(
        np.arange(2.0), np.full((500, 2), 330.0), usd, np.zeros(500), bom_is_known=False
    )
    started, metal = plan.draw_items(["body_ceramic_started_usd", "body_metal_usd"], 500, 1)
    told = plan.compare_bodies(load_launch("mi_mix"), path, 1e5, 1e9, 1)
    assert told["zero"].tolist() == margin.ends(started / (30 + metal)).tolist()
    assert told["spent"] == pytest.approx(
        -np.quantile(30 + metal - started / 0.05, 0.5, method="inverted_cdf") * 1e-4
    )
    poor = margin.MarginPath(
        path.months, path.net_usd - 200, usd, np.zeros(500), bom_is_known=False
    )
    assert np.isinf(plan.compare_bodies(load_launch("mi_mix"), poor, 1e5, 1e9, 1)["zero"]).all()
    assert plan.compare_bodies(load_launch("mi_9"), path, 1e5, 1e9, 1) == {}, (
        "no ceramic body held it"
    )


# ---- the same sums on any workers ----

WIDE = plan.make_policies(price=[1.0, 1.2], release=[1.0, 0.3], volume_week=[0, 4, 8, 13], cut=[0.1], cut_week=[20, 26, 30, 35, 40],
                          s_week=[25, 33, 41, 50, plan.NEVER])  # fmt: skip


@pytest.fixture
def scheduler(tmp_path):
    """A real Dask scheduler and two worker processes; yields its address and the workers."""
    env = os.environ | {
        "PYTHONPATH": str(ROOT),
        "MALLOC_MMAP_THRESHOLD_": "67108864",
        "OPENBLAS_NUM_THREADS": "1",
    }
    quiet = {
        "env": env,
        "cwd": tmp_path,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    where = tmp_path / "scheduler.json"
    base = [
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--port",
        "0",
        "--no-dashboard",
        "--scheduler-file",
        str(where),
    ]
    started = [subprocess.Popen(base, **quiet)]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(where), "--nthreads", "1", "--no-nanny",
              "--no-dashboard", "--local-directory", str(tmp_path)]  # fmt: skip
    started += [subprocess.Popen(worker, **quiet) for _ in range(2)]
    from distributed import Client

    while not where.exists():
        time.sleep(0.05)
    with Client(scheduler_file=str(where), timeout=30) as client:
        client.wait_for_workers(2, timeout=60)
        yield client.scheduler.address, started[1:]
    for process in started:
        process.kill()
        process.wait()


def test_serial_joblib_and_dask_give_the_same_numbers_even_when_a_worker_dies(
    scheduler, monkeypatch
):
    address, workers = scheduler
    given = market(1500, 60)
    monkeypatch.setattr(plan, "GROUP", 40)
    serial = plan.evaluate(WIDE, given)
    pd.testing.assert_frame_equal(plan.evaluate(WIDE, given, jobs=2), serial, check_exact=True)
    monkeypatch.setenv(plan.SCHEDULER, address)
    pd.testing.assert_frame_equal(plan.evaluate(WIDE, given), serial, check_exact=True)
    began = time.perf_counter()
    plan.evaluate(WIDE, given)
    half = (time.perf_counter() - began) / 2
    killer = subprocess.Popen(["sh", "-c", f"sleep {half:.2f}; kill -9 {workers[0].pid}"])
    again = plan.evaluate(WIDE, given)
    assert killer.wait() == 0
    assert workers[0].wait(timeout=30) == -9
    pd.testing.assert_frame_equal(again, serial, check_exact=True)
