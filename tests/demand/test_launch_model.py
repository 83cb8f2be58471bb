"""The launch under limited supply: closed forms, slow versions, theorems on a thousand launches."""

import numpy as np
import pytest
from demand_cases import CASES, random_launches
from scipy import integrate

from analysis.demand import advance_one_step, bass_share, simulate_launch, sold_at, wait_weeks


@pytest.mark.parametrize("step_weeks", [1 / 7, 1.0, 5.0])
@pytest.mark.parametrize("supply", [np.inf, 1e7])
def test_without_a_limit_the_launch_is_the_closed_form_of_bass_at_any_step(step_weeks, supply):
    weeks = step_weeks * np.arange(1, 41)
    paths = simulate_launch(
        np.append(supply, np.zeros(39)),
        potential=1e6,
        p=0.01,
        q=0.2,
        initial_share=0.03,
        step_weeks=step_weeks,
    )
    assert paths.sold[0] == pytest.approx(1e6 * bass_share(weeks, 0.01, 0.2, 0.03), rel=1e-10)


@pytest.mark.parametrize("reneging_rate", [0.0, 0.3, np.inf])
def test_people_and_phones_balance_at_every_step_of_every_launch(reneging_rate):
    people, supply, _ = random_launches()
    paths = simulate_launch(supply, reneging_rate=reneging_rate, **people)
    everybody = paths.sold + paths.waiting + paths.left + paths.untouched
    potential = np.repeat(people["potential"][:, None], 20, 1)
    assert everybody == pytest.approx(potential, rel=1e-9)
    assert paths.sold + paths.stock == pytest.approx(np.cumsum(supply, axis=1), rel=1e-9)
    assert (paths.left <= 1e-9 * everybody).all() == (reneging_rate == 0)
    counts = [paths.sold, paths.waiting, paths.left, paths.untouched, paths.stock]
    assert np.min(counts) >= -1e-9 * people["potential"].max()


def test_a_launch_is_what_its_differential_equations_say():
    """The slow version: both phases solved in steps of a four thousandth of a week."""
    m, p, q, reneging = 1000.0, 0.03, 0.9, 0.4
    supply = [150.0, 0, 120, 300, 0, 0]
    untouched, waiting, owners, left, stock = 950.0, 50.0, 0.0, 0.0, 0.0
    sold = []
    for arrived in supply:
        stock += arrived
        for _ in range(4000):
            served = min(waiting, stock)
            waiting, owners, stock = waiting - served, owners + served, stock - served
            new_owners = (stock > 0) * (p + q * owners / m) * untouched / 8000
            came = untouched * -np.expm1(-(p + q * (owners + new_owners) / m) / 4000)
            gone = waiting * -np.expm1(-reneging / 4000)
            untouched, waiting, left = untouched - came, waiting + came - gone, left + gone
        served = min(waiting, stock)
        sold.append(owners + served)
    paths = simulate_launch(
        supply, potential=m, p=p, q=q, initial_share=0.05, reneging_rate=reneging
    )
    assert paths.sold[0] == pytest.approx(sold, rel=2e-4)
    assert paths.left[0, -1] == pytest.approx(left, rel=2e-3)


def lost_sales(m, p, q, initial_share, supply):
    """The model of lost sales (Kumar & Swaminathan 2003), integrated: sold by week, lost in all."""

    def flow(_, state, in_stock):
        came = (p + q * state[1] / m) * state[0]
        return [-came, came * in_stock, came * (not in_stock)]

    tight = {"rtol": 1e-10, "atol": 1e-10}
    crowd = m * initial_share
    state, stock = np.array([m - crowd, crowd, 0.0]), supply[0] - crowd
    sold = []
    for week, arrived in enumerate(supply):
        stock += arrived if week else 0
        spent = 0.0
        if stock > 1e-9:

            def stock_left(_, state, in_stock, top=state[1] + stock):
                return state[1] - top

            stock_left.terminal = True
            run = integrate.solve_ivp(flow, (0, 1), state, args=(True,), events=stock_left, **tight)
            spent, after = run.t[-1], run.y[:, -1]
            stock -= after[1] - state[1]
            state = after
        if spent < 1:
            run = integrate.solve_ivp(flow, (spent, 1), state, args=(False,), **tight)
            state = run.y[:, -1]
        sold.append(state[1])
    return sold, state[2]


def test_when_nobody_waits_it_is_the_model_of_lost_sales():
    """Kumar & Swaminathan 2003: what is not in stock is lost; hazards by those who own one."""
    supply = [100.0, 40, 0, 500, 0]
    sold, lost = lost_sales(1000.0, 0.05, 0.6, 0.1, supply)
    paths = simulate_launch(
        supply, potential=1000.0, p=0.05, q=0.6, initial_share=0.1, reneging_rate=np.inf
    )
    assert paths.sold[0] == pytest.approx(sold, rel=1e-6)
    assert paths.waiting.max() < 1e-200
    assert paths.left[0, -1] == pytest.approx(lost, rel=1e-5)


@pytest.mark.parametrize("more", ["supply", "p", "q"])
def test_patient_buyers_never_buy_less_by_any_week_when_there_is_more(more):
    """Ho, Savin & Terwiesch 2002: nobody leaves, so sales are the smaller of demand and supply."""
    people, supply, rng = random_launches(2)
    before = simulate_launch(supply, **people).sold
    if more == "supply":
        total = np.cumsum(supply, axis=1)
        total = np.maximum.accumulate(total * (1 + np.abs(rng.normal(0, 0.5, total.shape))), axis=1)
        supply = np.diff(total, axis=1, prepend=0)
    else:
        people[more] = people[more] * np.exp(np.abs(rng.normal(0, 1, CASES)))
    gain = (simulate_launch(supply, **people).sold - before) / people["potential"][:, None]
    assert gain.min() >= -1e-12
    assert gain.max() > 0.1


def test_without_word_of_mouth_more_supply_never_sells_less_even_when_buyers_leave():
    people, supply, rng = random_launches(3)
    people |= {"q": np.zeros(CASES), "reneging_rate": np.exp(rng.normal(-1, 1, CASES))}
    larger = supply * (1 + rng.random(supply.shape))
    extra = np.exp(rng.normal(6, 2, supply.shape)) * rng.integers(0, 2, supply.shape)
    before = simulate_launch(supply, **people).sold[:, -1]
    after = simulate_launch(larger + extra, **people).sold[:, -1]
    assert ((after - before) / people["potential"]).min() >= -1e-12


def test_with_word_of_mouth_and_leaving_a_larger_early_batch_can_sell_far_less():
    """A hundred more in week 2 spread the word; who hears it has left when 800 come in week 10."""
    launch = {"potential": 1000, "p": 0.001, "q": 4.0, "initial_share": 0.02, "reneging_rate": 3.0}
    late = np.concatenate([[5.0], np.zeros(8), [800, 0, 0]])
    early = late + 100 * (np.arange(12) == 1)
    fewer = simulate_launch(early, **launch).sold[0, -1]
    more = simulate_launch(late, **launch).sold[0, -1]
    assert fewer == pytest.approx(141.2, abs=0.1)
    assert more == pytest.approx(805, abs=0.1)


def test_supply_in_one_week_and_in_its_days_is_the_same_launch():
    people, supply, _ = random_launches(4)
    days = np.zeros((CASES, 140))
    days[:, ::7] = supply
    weekly = simulate_launch(supply, reneging_rate=0.2, **people)
    daily = simulate_launch(days, reneging_rate=0.2, step_weeks=1 / 7, **people)
    assert daily.sold[:, 6::7] == pytest.approx(weekly.sold, rel=1e-9)


def test_the_wait_of_the_last_in_line_is_what_a_queue_walked_step_by_step_gives():
    people, supply, rng = random_launches(5)
    reneging_rate = np.exp(rng.normal(-2, 1, CASES))
    paths = simulate_launch(supply, reneging_rate=reneging_rate, **people)
    waits = wait_weeks(paths)
    for draw in range(0, CASES, 50):
        for k in range(20):
            ahead = paths.waiting[draw, k]
            wait = np.inf if ahead >= 1 else 0.0
            for later in range(k + 1, 20):
                ahead -= supply[draw, later]
                if np.isinf(wait) and ahead <= 1e-6:
                    wait = later - k - 1.0
                ahead *= np.exp(-reneging_rate[draw])
            assert waits[draw, k] == wait


def test_counts_between_steps_lie_on_straight_lines():
    paths = simulate_launch(np.full(4, np.inf), potential=1e5, p=0.05, q=0.1, initial_share=0.1)
    first_week = paths.sold[0, 0]
    expected = [1e4, (1e4 + first_week) / 2, first_week]
    assert sold_at(paths, [0.0, 0.5, 1.0])[0] == pytest.approx(expected)


def test_a_lot_that_is_gone_at_once_counts_whole_from_its_first_day():
    paths = simulate_launch(np.full(4, 10.0), potential=1e5, p=0.05, q=0.1, initial_share=0.1)
    assert sold_at(paths, [1.0, 1.14, 2.0])[0] == pytest.approx([10, 20, 20])


def test_stock_that_runs_out_within_a_step_leaves_the_same_as_two_shorter_steps():
    """When stock runs out is in closed form: cutting the step there changes nothing."""
    people = {"untouched": np.array([900.0]), "waiting": np.array([0.0])}
    owners, p, q = np.array([100.0]), 0.1, 0.5 / 1000
    one = advance_one_step(np.array([50.0]), owners, p=p, q=q, reneging_rate=0.2, **people)
    in_stock = 1 - one.stockout_share[0]
    assert 0 < in_stock < 1
    first = advance_one_step(
        np.array([1e6]), owners, p=p * in_stock, q=q * in_stock, reneging_rate=0.0, **people
    )
    assert first.sold[0] == pytest.approx(50, rel=1e-12)
    rest = 1 - in_stock
    second = advance_one_step(
        np.array([0.0]),
        first.owners,
        first.waiting,
        first.untouched,
        p * rest,
        q * rest,
        0.2 * rest,
    )
    assert one.waiting == pytest.approx(second.waiting, rel=1e-12)
    assert one.untouched == pytest.approx(second.untouched, rel=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"supply_units": [0, 0]}, "expected above 0"),
        ({"supply_units": [10, np.nan]}, "supply_units: nan at place"),
        ({"supply_units": [10, -5]}, "supply_units: -5"),
        ({"supply_units": ["many"]}, "supply_units"),
        ({"potential": "all"}, "potential"),
        ({"initial_share": 1.2}, "initial_share 1.2"),
    ],
)
def test_a_launch_that_cannot_be_is_refused_by_name(change, message):
    launch = {"supply_units": [10.0], "potential": 100, "p": 0.1, "q": 0.1} | change
    with pytest.raises(ValueError, match=message):
        simulate_launch(**launch)
