"""The pace at which people come under fading and price cuts: closed form, slow version, counts."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from plain_plan import plain_policy
from random_market import market

from analysis import plan
from analysis.data import SourcedValue, interval, load_launch
from analysis.demand import bass_share, prior_of_class
from analysis.plan.fitting import fit_market
from analysis.plan.pace import (
    LEAST_PACE,
    keep_pace,
    middle_decay,
    prior_over_weeks,
    set_pace,
    weeks_of_comparable_counts,
)
from analysis.plan.policies import policy_table
from analysis.plan.sensitivity import find_swings
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
    assert slowest == pytest.approx(LEAST_PACE)
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
        find_swings(policies, given, over="as made", weeks_counted=weeks) for weeks in (0, WEEKS)
    )
    moved = [abs(swings.loc["fade", "profit_change_usd"]) for swings in (free, held)]
    assert moved[1] < moved[0] / 4
    assert held.loc["potential", "profit_change_usd"] == free.loc["potential", "profit_change_usd"]


# ---- from the weeks of comparable launches to those of its own ----


@pytest.mark.oracle("closed form")
@pytest.mark.parametrize(("fitted_weeks", "weeks"), [(37, 0), (37, 4), (37, 37), (37, 90)])
def test_a_mean_rate_over_fewer_weeks_is_higher_by_what_has_faded_since(fitted_weeks, weeks):
    prior = prior_of_class("")
    moved = prior_over_weeks(prior, 0.02, fitted_weeks=fitted_weeks, weeks=weeks)
    mean_interest = [
        np.mean([np.exp(-0.02 * week) for week in range(length)]) if length else 1
        for length in (fitted_weeks, weeks)
    ]
    higher = np.log(mean_interest[1] / mean_interest[0])
    assert moved.mean - prior.mean == pytest.approx([0, higher, higher, 0, 0], abs=1e-12)
    assert (moved.sd == prior.sd).all()


def test_the_middle_of_what_is_assumed_is_the_middle_of_the_draws():
    launch = load_launch("mi_9")
    drawn = fit_market(launch, draws=500).before
    assert middle_decay(launch) == pytest.approx(np.median(drawn.decay_of_interest), rel=0.1)


def test_phones_are_counted_for_half_a_year_to_a_year_and_consoles_for_longer():
    assert 26 <= weeks_of_comparable_counts(load_launch("mi_2")) <= 52
    assert weeks_of_comparable_counts(load_launch("nintendo_switch")) > 52


def test_a_launch_of_a_class_without_counts_is_held_against_phones():
    car = load_launch("mi_9")
    car = replace(car, words=car.words | {"device": "our_car", "product": "car"})
    assert weeks_of_comparable_counts(car) == weeks_of_comparable_counts(load_launch("mi_9"))


@pytest.mark.oracle("known truth")
def test_a_plan_with_enough_supply_sells_what_was_counted_of_the_launch_itself():
    """Three counts of its first weeks, though comparable launches were counted for longer."""
    launch = load_launch("mi_9")
    counted = {2: 300_000, 4: 500_000, 6: 650_000}
    first_sale = launch.figure("first_sale").value
    days = [first_sale + pd.Timedelta(days=7 * week - 1) for week in counted]
    row = launch.sales.query("kind == 'sold'").head(1)
    sales = pd.concat(
        [
            row.assign(date=day, units=units)
            for day, units in zip(days, counted.values(), strict=True)
        ]
    )
    plenty = {
        f"supply.{name}_units_per_month": SourcedValue(
            value=9e6, basis="assumed", low=8e6, high=1e7
        )
        for name in ("start", "full")
    }
    launch = replace(
        launch,
        sales=sales.reset_index(drop=True),
        drops=launch.drops.head(0),
        supply_reports=launch.supply_reports.head(0),
        observed_prices=launch.observed_prices.head(0),
        figures=launch.figures | plenty,
    )
    sold = plan.sales_by_week(plan.SELL_AS_MADE, fit_market(launch, draws=400).before)
    for week, units in counted.items():
        low, middle, high = interval(sold[:, :week].sum(axis=1))
        assert low < units < high
        assert abs(np.log(middle / units)) < 0.15


@pytest.mark.oracle("published number")
def test_a_phone_whose_price_was_cut_sells_about_what_was_counted():
    """The counts of the Mi 2 by its launch file; at the fitted rates, fading, 11 % less came."""
    launch = load_launch("mi_2")
    known = fit_market(launch, draws=500)
    sold = plan.sales_by_week(plan.actual_policy(launch), known.fresh).cumsum(axis=1)
    days = (launch.sales["date"] - launch.figure("first_sale").value).dt.days
    low, middle, high = interval(sold[:, (days / 7).round().astype(int) - 1])
    assert len(launch.sales) == 3
    assert launch.sales["units"].between(low, high).all()
    assert np.abs(np.log(middle / launch.sales["units"])).max() < 0.1
