"""The simulation of a plan: the slow plain version, the closed Bass curve, balances, identities."""

from dataclasses import fields, replace

import numpy as np
import pytest
from plain_plan import plain_policy
from random_market import AS_MADE, MANY, market, priced_at

from analysis import demand, plan
from analysis.plan.life import play_life
from analysis.plan.policies import DO_NOT_SELL
from analysis.plan.simulate import price_by_week, simulate
from analysis.plan.tree import PolicyTree, grow_tree

PEOPLE = ["potential", "p", "q", "initial_share", "reneging_rate"]


# ---- against a slow version and closed forms ----


@pytest.mark.oracle("slow version")
def test_a_plan_is_the_slow_plain_loop():
    given = market()
    outcomes = plan.outcomes_by_draw(MANY, given)
    for row in MANY.iloc[::7].itertuples():
        slow = plain_policy(row, given)
        largest = max(np.abs(values).max() for values in slow.values())
        for measure in plan.MEASURES:
            fast = getattr(outcomes, measure)[row.Index]
            assert fast == pytest.approx(slow[measure], rel=1e-9, abs=1e-9 * largest)


@pytest.mark.oracle("closed form")
def test_without_a_limit_sales_are_the_bass_curve_in_closed_form():
    given = market(fade=0.0, erosion=0.0, supply_units=1e12)
    sold = plan.outcomes_by_draw(AS_MADE, given).units[0]
    start, growth = given.initial_share, np.exp(-(given.p + given.q) * 60)
    # The state at age 0, carried on by the logistic's Moebius map.
    rest = (1 - start) / (given.p + given.q * start)
    share = (1 - rest * given.p * growth) / (1 + rest * given.q * growth)
    assert sold == pytest.approx(given.potential * share, rel=1e-10)


@pytest.mark.oracle("rival")
@pytest.mark.parametrize("level", [0.002, 1e3])
def test_at_the_list_price_with_lasting_interest_it_is_the_launch_model_of_the_demand_study(level):
    """Units made to order are units kept until sold wherever supply binds throughout, or never."""
    given = market(fade=0.0, erosion=0.0)
    supply_units = np.broadcast_to(level * given.potential[:, None], (40, 60))
    given = replace(given, supply_units=supply_units)
    people = {name: getattr(given, name) for name in PEOPLE}
    paths = demand.simulate_launch(supply_units, **people)
    same = (paths.stockout_share > 0).all(1) | (paths.stockout_share == 0).all(1)
    assert same.sum() > 5
    outcomes = plan.outcomes_by_draw(AS_MADE, given)
    assert outcomes.units[0, same] == pytest.approx(paths.sold[same, -1], rel=1e-9)
    waited = paths.waiting[same].sum(1)
    assert outcomes.waited_weeks[0, same] == pytest.approx(waited, rel=1e-8, abs=1e-6)


# ---- balances of one step ----


def test_nobody_is_lost_and_nothing_sold_that_was_not_made():
    rng = np.random.default_rng(2)
    people = rng.dirichlet(np.ones(4), 2000).T * 1e6
    owners, waiting, rest, left = people
    room = rng.choice([0, 1e3, 1e5, 1e7], 2000) * rng.random(2000)
    leave = rng.choice([0, 0.1, 2.0], 2000)
    p, q = rng.uniform(0, 0.1, 2000), rng.uniform(0, 5e-7, 2000)
    step = demand.advance_one_step(room, owners, waiting, rest, p, q, leave)
    sold, dry = step.sold, step.stockout_share
    after = [step.owners, step.waiting, step.untouched]
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
    waiting = demand.advance_one_step(none, none, none, none + 1, hazard, 0.0, 0.1).waiting
    assert waiting == pytest.approx(hazard * exact, rel=1e-9)


# ---- identities of sums ----


def test_means_do_not_depend_on_how_policies_are_grouped(monkeypatch):
    given = market(150)
    evaluated = plan.evaluate(MANY, given)
    means = plan.outcomes_by_draw(MANY, given).means()
    assert means == pytest.approx(evaluated[plan.MEASURES].to_numpy().T, rel=1e-9)
    shuffled = MANY.sample(frac=1, random_state=1)
    monkeypatch.setattr("analysis.plan.simulate.POLICIES_A_BLOCK", 17)
    again = plan.evaluate(shuffled, given).set_index(shuffled.index).sort_index()
    assert again[plan.MEASURES].to_numpy() == pytest.approx(
        evaluated[plan.MEASURES].to_numpy(), rel=1e-9
    )


def test_weeks_sum_to_the_totals_of_the_life():
    given, policy = market(), MANY.loc[[50]]
    tree = grow_tree(policy, 60)
    total = plan.outcomes_by_draw(MANY, given)
    for measure in plan.MEASURES:
        up_to = [
            getattr(simulate(_first_weeks(tree, weeks), given), measure) for weeks in range(1, 61)
        ]
        by_week = np.diff([np.zeros_like(up_to[0]), *up_to], axis=0)
        assert by_week.sum(0)[0] == pytest.approx(getattr(total, measure)[50], rel=1e-9)
        if measure == "units":
            assert by_week.min() >= 0


def _first_weeks(tree: PolicyTree, weeks: int) -> PolicyTree:
    """The tree of a single policy, cut after some weeks."""
    return PolicyTree(weeks=tree.weeks[:weeks], last_node=tree.last_node)


def test_profit_is_revenue_less_each_item_of_cost():
    given = market()
    total = plan.outcomes_by_draw(MANY, given)
    free = replace(given, cost_usd=0 * given.cost_usd, s_fixed_usd=0 * given.s_fixed_usd)
    nothing_earned = replace(free, net_usd=0 * given.net_usd)
    items = [
        replace(nothing_earned, cost_usd=0.7 * given.cost_usd),
        replace(nothing_earned, cost_usd=0.3 * given.cost_usd),
        replace(nothing_earned, s_fixed_usd=given.s_fixed_usd),
    ]
    by_item = sum(plan.outcomes_by_draw(MANY, part).profit_usd for part in (free, *items))
    largest = np.abs(total.profit_usd).max()
    assert by_item == pytest.approx(total.profit_usd, rel=1e-9, abs=1e-9 * largest)
    revenue = plan.outcomes_by_draw(MANY, free).profit_usd
    assert revenue == pytest.approx(total.revenue_usd, rel=1e-9)


def test_no_policy_sells_more_than_can_be_made():
    given = market()
    mean = plan.evaluate(MANY, given)
    assert (mean["units"] <= given.supply_units.sum(1).mean() * (1 + 1e-9)).all()


# ---- policies and the market ----


def test_policies_that_come_to_the_same_stand_once():
    choices = {"release": [1.0], "volume_week": [0, 5, 9], "store": [0, 1]}
    table = plan.make_policies(**choices, cut=[0.0, 0.2], cut_week=[plan.NEVER])
    assert len(table) == 2
    table = plan.make_policies(release=[0.5], volume_week=[4], cut_week=[10])
    assert len(table) == 2  # itself, and not selling
    assert plan.ReleasePolicy(**table.iloc[-1]) == DO_NOT_SELL


def test_a_market_that_is_supplied_sooner_has_each_weeks_phones_a_week_before():
    given = market()
    sooner = given.supplied_sooner()
    assert (sooner.supply_units[:, :-1] == given.supply_units[:, 1:]).all()
    assert (sooner.supply_units[:, -1] == given.supply_units[:, -1]).all()
    assert sooner.weeks == given.weeks


def test_a_market_selects_the_same_draws_of_every_input():
    some = market().select(np.array([3, 1]))
    assert some.draws == 2
    for field in fields(plan.Market):
        whole = getattr(market(), field.name)
        assert (getattr(some, field.name) == whole[[3, 1]]).all()


# ---- price ----


@pytest.mark.oracle("closed form")
@pytest.mark.parametrize("price", [0.8, 1.1, 1.5])
def test_unconstrained_sales_of_the_life_move_with_price_by_the_elasticity_once(price):
    given = market(supply_units=1e12, elasticity=2.0)
    dear = plan.policy_table({"list": plan.SELL_AS_MADE, "dear": plan.ReleasePolicy(price=price)})
    at_list, at_price = plan.outcomes_by_draw(dear, given).units
    assert np.log(at_price / at_list) / np.log(price) == pytest.approx(-2.0, abs=1e-9)


@pytest.mark.oracle("closed form")
def test_a_cut_on_the_first_day_sells_nearly_as_much_as_a_lower_list_price():
    """With nothing short and a long life, what counts is the price in the end."""
    given = market(weeks=600, supply_units=1e12, erosion=0.0, fade=0.0, p=0.02)
    cut = plan.policy_table({"cut": plan.ReleasePolicy(cut=0.2, cut_week=1)})
    low = plan.policy_table({"low": plan.ReleasePolicy(price=0.8)})
    sold_after_cut = plan.outcomes_by_draw(cut, given).units
    assert sold_after_cut == pytest.approx(plan.outcomes_by_draw(low, given).units, rel=1e-3)


def test_a_market_priced_anew_is_the_same_market_under_a_plan_of_that_price():
    given = market()
    dear = plan.policy_table({"dear": plan.ReleasePolicy(price=1.3)})
    by_plan = plan.outcomes_by_draw(dear, given)
    by_market = plan.outcomes_by_draw(AS_MADE, priced_at(given, np.full(40, 1.3)))
    assert by_plan.units == pytest.approx(by_market.units, rel=1e-9)
    assert by_plan.profit_usd == pytest.approx(by_market.profit_usd, rel=1e-9)


def test_an_s_version_that_resets_nothing_at_the_same_price_and_cost_only_costs_its_launch():
    same = {"s_price": 1.0, "s_cost": 1.0, "upgrade": 0.0}
    plans = plan.policy_table({"one": plan.SELL_AS_MADE, "s": plan.ReleasePolicy(s_week=20)})
    for s_reset, gains in ((0.0, False), (1.0, True)):
        given = market(s_reset=s_reset, supply_units=1e12, fade=0.02, cost_usd=300.0, **same)
        without, with_s = plan.outcomes_by_draw(plans, given).units
        assert (with_s > without * (1 + 1e-9)).all() == gains
        if not gains:
            assert with_s == pytest.approx(without, rel=1e-12)


def test_an_s_version_that_comes_after_a_cut_has_a_price_of_its_own():
    given = market(s_price=0.9)
    cut_first = plan.ReleasePolicy(cut=0.3, cut_week=10, s_week=20)
    assert price_by_week(cut_first, given)[0, [0, 10, 19, 20]] == pytest.approx([1, 0.7, 0.7, 0.9])
    cut_later = plan.ReleasePolicy(cut=0.3, cut_week=30, s_week=20)
    assert price_by_week(cut_later, given)[0, [20, 30]] == pytest.approx([0.9, 0.63])
    earned = plan.outcomes_by_draw(plan.policy_table({"cut first": cut_first}), given).revenue_usd
    sold_usd = plan.sales_by_week(cut_first, given) * price_by_week(cut_first, given)
    discount = np.exp(-given.discount[:, None] * np.arange(given.weeks))
    assert earned[0] == pytest.approx((sold_usd * given.net_usd * discount).sum(axis=1))


def test_a_dearer_phone_loses_waiting_buyers_faster_by_the_price_of_leaving():
    still = {"initial_share": 1.0, "p": 1e-12, "q": 0.0, "fade": 0.0, "erosion": 0.0}
    given = market(supply_units=0.0, reneging_rate=0.1, leave_price=0.5, **still)
    dear = plan.policy_table({"dear": plan.ReleasePolicy(price=1.44)})
    waited = plan.outcomes_by_draw(dear, given).waited_weeks[0]
    people = given.people(1.44)
    stay = np.exp(-0.1 * 1.2)
    assert waited == pytest.approx(people * stay * (1 - stay**60) / (1 - stay), rel=1e-9)


def test_opening_stock_is_paid_for_once_and_sold_before_more_is_made():
    stocked = market(opening_stock=5e4)
    slow = plain_policy(next(AS_MADE.itertuples()), stocked)
    fast = plan.outcomes_by_draw(AS_MADE, stocked)
    assert fast.profit_usd[0] == pytest.approx(slow["profit_usd"], rel=1e-9)
    none_wanted = replace(stocked, potential=np.full(40, 1e-6))
    nothing_sold = plan.outcomes_by_draw(AS_MADE, none_wanted)
    assert nothing_sold.profit_usd[0] == pytest.approx(-5e4 * stocked.cost_usd[:, 0])


def test_sales_times_the_price_of_the_week_are_the_revenue():
    given = market(discount=0.0)
    policy = plan.ReleasePolicy(price=1.1, cut=0.2, cut_week=30, s_week=40)
    revenue_usd = plan.sales_by_week(policy, given) * price_by_week(policy, given) * given.net_usd
    table = plan.policy_table({"policy": policy})
    assert revenue_usd.sum(axis=1) == pytest.approx(
        plan.outcomes_by_draw(table, given).revenue_usd[0], rel=1e-9
    )


@pytest.mark.oracle("slow version")
@pytest.mark.parametrize("seed", range(4))
def test_weeks_played_at_once_where_nothing_is_short_are_those_played_one_by_one(seed, monkeypatch):
    given = market(weeks=120, seed=seed, opening_stock=2e4)
    supply_units = 3 * given.supply_units
    supply_units[:, 70:73] = 0.0  # nothing is made for three weeks in a row: it runs short again
    given = replace(given, supply_units=supply_units)
    at_once = plan.outcomes_by_draw(MANY, given)
    assert 0 < _weeks_played_apart(given) < 120
    monkeypatch.setattr("analysis.plan.life._play_free_weeks", lambda *_: None)
    assert _weeks_played_apart(given) == 120
    one_by_one = plan.outcomes_by_draw(MANY, given)
    for measure in plan.MEASURES:
        slow = getattr(one_by_one, measure)
        largest = np.abs(slow).max()
        assert getattr(at_once, measure) == pytest.approx(slow, rel=1e-9, abs=1e-12 * largest)


def _weeks_played_apart(given: plan.Market) -> int:
    """How many pieces a life sold as made is played in."""
    return len([*play_life(grow_tree(AS_MADE, given.weeks), given)])
