"""The pace at which people come under fading and price cuts: closed form, slow version, counts."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from plain_plan import plain_policy
from random_market import market

from analysis import plan
from analysis.data import interval, load_launch
from analysis.demand import bass_share
from analysis.plan.fitting import fit_market
from analysis.plan.market import weeks_of_life
from analysis.plan.pace import LEAST_PACE, keep_pace, set_pace, weeks_of_constant_rates
from analysis.plan.policies import policy_table
from analysis.plan.simulate import PLENTY

WEEKS = 40


def pace_of(given: plan.Market, policy: plan.ReleasePolicy) -> np.ndarray:
    """Return by which factor both rates move."""
    paced = set_pace(given, policy, WEEKS)
    assert paced.q / given.q == pytest.approx(paced.p / given.p, rel=1e-12)
    return paced.p / given.p


def weeks_of_full_interest(given: plan.Market) -> np.ndarray:
    """Return the sum of a geometric series."""
    left_after_a_week = np.exp(-given.elasticity * given.erosion - given.fade)
    return (1 - left_after_a_week**WEEKS) / (1 - left_after_a_week)


@pytest.mark.oracle("closed form")
def test_without_price_cuts_the_pace_makes_up_for_the_interest_that_is_lost():
    given = market(seed=3)
    expected = WEEKS / weeks_of_full_interest(given)
    assert pace_of(given, plan.SELL_AS_MADE) == pytest.approx(expected, rel=2e-3)


@pytest.mark.oracle("closed form")
def test_rates_that_never_fade_stay_as_they_were_fitted():
    given = market(fade=0.0, erosion=0.0)
    assert pace_of(given, plan.SELL_AS_MADE) == pytest.approx(1, rel=2e-3)


@pytest.mark.oracle("slow version")
@pytest.mark.parametrize(
    "policy",
    [
        plan.ReleasePolicy(cut=0.2, cut_week=25),
        plan.ReleasePolicy(cut=0.1, cut_week=8, s_week=30),
    ],
)
def test_what_was_done_sells_with_nothing_short_what_constant_rates_say(policy):
    given = market(seed=5)
    paced = set_pace(given, policy, WEEKS)
    plenty = replace(
        paced,
        supply_units=np.full((paced.draws, WEEKS), PLENTY),
        net_usd=paced.net_usd[:, :WEEKS],
        cost_usd=paced.cost_usd[:, :WEEKS],
    )
    sold = plain_policy(policy_table({"done": policy}).iloc[0], plenty)["units"]
    fitted = given.potential * bass_share(WEEKS, given.p, given.q, given.initial_share)
    is_reached = paced.p / given.p > 2 * LEAST_PACE
    assert is_reached.mean() > 0.8
    assert sold[is_reached] == pytest.approx(fitted[is_reached], rel=5e-3)


def test_where_cuts_let_in_too_many_people_come_as_slowly_as_they_may():
    given = market(draws=5, initial_share=0.3, p=1e-6, q=1e-6, elasticity=3.0)
    nearly_given_away = plan.ReleasePolicy(cut=0.9, cut_week=1)
    slowest = pace_of(replace(given, p=given.p * 1e4), nearly_given_away)
    assert (slowest >= LEAST_PACE).all()
    assert (pace_of(given, nearly_given_away) < 1).all()


def test_people_whom_a_dear_version_loses_are_not_made_up_for_by_haste():
    """The pace goes no further than fading alone asks for."""
    given = market(s_price=2.0, upgrade=0.0, s_reset=0.0)
    pace = pace_of(given, plan.ReleasePolicy(s_week=2))
    assert pace == pytest.approx(WEEKS / weeks_of_full_interest(given), rel=1e-9)


@pytest.mark.oracle("slow version")
@pytest.mark.parametrize("name", ["fade", "erosion", "elasticity"])
def test_at_another_rate_of_fading_as_many_come_over_the_weeks_that_were_counted(name):
    given = market(seed=7, supply_units=PLENTY)
    changed = replace(given, **{name: np.full(given.draws, 1.5 * getattr(given, name).max())})
    kept = keep_pace(changed, given, WEEKS)
    as_made = policy_table({"as made": plan.SELL_AS_MADE}).iloc[0]
    before, after, without = (
        plain_policy(as_made, replace(one, supply_units=one.supply_units[:, :WEEKS]))["units"]
        for one in (given, kept, changed)
    )
    assert after == pytest.approx(before, rel=1e-9)
    assert (without < before).all()
    assert keep_pace(changed, given, 0) is changed


def test_counts_that_hold_the_pace_leave_little_to_how_fast_interest_fades():
    given = market(100, weeks=WEEKS, supply_units=PLENTY)
    policies = {"dearer": plan.RIVALS["a fifth dearer"], "as made": plan.SELL_AS_MADE}
    free, held = (
        plan.find_swings(policies, given, over="as made", weeks_counted=weeks)
        for weeks in (0, WEEKS)
    )
    moved = [abs(swings.loc["fade", "profit_change_usd"]) for swings in (free, held)]
    assert moved[1] < moved[0] / 4
    assert held.loc["potential", "profit_change_usd"] == free.loc["potential", "profit_change_usd"]


# ---- over which weeks ----


@pytest.mark.parametrize(
    ("last_count", "weeks"),
    [(69.3, 69), (2.0, "of others"), (9999.0, "of its life")],
)
def test_rates_are_constant_up_to_the_last_count_of_its_own_or_of_half_of_the_others(
    last_count, weeks
):
    launch = load_launch("mi_2")
    given = weeks_of_constant_rates(launch, pd.DataFrame({"week": [1.0, last_count]}))
    of_none = weeks_of_constant_rates(launch, pd.DataFrame({"week": []}))
    by_name = {"of others": of_none, "of its life": weeks_of_life(launch)}
    assert given == by_name.get(weeks, weeks)
    assert 26 <= of_none <= 52  # phones are counted for half a year to a year


@pytest.mark.oracle("published number")
def test_a_console_whose_interest_fades_sells_over_the_years_what_nintendo_counted():
    """Shipments of the Switch by its launch file: a range of 80 % is to hold ten of thirteen.

    At the fitted rates, fading, it held five. Nothing here knows of Christmas.
    """
    launch = load_launch("nintendo_switch")
    known = fit_market(launch, draws=300)
    sold = plan.sales_by_week(plan.actual_policy(launch), known.fresh).cumsum(axis=1)
    shipped = launch.sales[launch.sales["kind"] == "shipped"]
    days = (shipped["date"] - launch.figure("first_sale").value).dt.days
    low, _, high = interval(sold[:, (days / 7).round().astype(int) - 1])
    assert len(shipped) == 13
    assert shipped["units"].between(low, high).sum() >= 9
