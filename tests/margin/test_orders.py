"""Orders under uncertainty and two orders with a signal.

Textbook numbers, slow versions, identities.
"""

import numpy as np
import pytest
from scipy import integrate, stats

from analysis import margin

LAWS = {
    "normal": (stats.norm, 100.0, 30.0),
    "poisson": (stats.poisson, 12.0, None),
    "lognormal": (stats.lognorm, 4.0, 0.5),
}


def law_of(name):
    law, mean, sd = LAWS[name]
    return {
        "normal": lambda: law(mean, sd),
        "poisson": lambda: law(mean),
        "lognormal": lambda: law(sd, scale=np.exp(mean)),
    }[name]()


@pytest.mark.oracle("published number")
@pytest.mark.parametrize(
    ("given", "order", "cost"),
    [
        ({"overage": 0.18, "underage": 0.7, "law": "normal", "mean": 50, "sd": 8}, 56.604, 1.9976),
        ({"overage": 1, "underage": 4, "law": "poisson", "mean": 6}, 8, 3.5701),
    ],
)
def test_the_newsvendor_is_that_of_the_textbook(given, order, cost):
    """Snyder and Shen, Fundamentals of Supply Chain Theory, examples 4.3 and problem 4.9."""
    best = margin.newsvendor(**given)
    assert (best.order_units, best.expected_cost) == pytest.approx((order, cost), rel=1e-4)


@pytest.mark.oracle("slow version")
@pytest.mark.parametrize("name", LAWS)
def test_no_order_costs_less_than_the_newsvendors(name):
    law, (_, mean, sd) = law_of(name), LAWS[name]
    best = margin.newsvendor(overage=2.0, underage=5.0, law=name, mean=mean, sd=sd)

    def cost(order):
        points = (
            np.arange(0, 400)
            if name == "poisson"
            else law.ppf((np.arange(200_000) + 0.5) / 200_000)
        )
        weight = law.pmf(points) if name == "poisson" else 1 / 200_000
        return np.sum(weight * (2 * np.fmax(order - points, 0) + 5 * np.fmax(points - order, 0)))

    assert best.expected_cost == pytest.approx(cost(best.order_units), rel=1e-4)
    assert all(cost(best.order_units + step) >= cost(best.order_units) for step in (-3, -1, 1, 3))


@pytest.mark.oracle("slow version")
@pytest.mark.parametrize(
    ("law", "mean", "sd"), [("lognormal", 1.0, 5.0), ("lognormal", 5.0, 3.0), ("normal", 1e9, 1.0)]
)
@pytest.mark.parametrize("underage", [0.001, 1.0, 200.0])
def test_the_cost_of_a_very_wide_or_narrow_law_is_its_integral_piece_by_piece(
    law, mean, sd, underage
):
    """Most of the mean of a wide law is far out, where one quadrature of all misses it."""
    best = margin.newsvendor(overage=1.0, underage=underage, law=law, mean=mean, sd=sd)
    at_order = stats.norm.ppf(underage / (1.0 + underage))

    def misses(z):
        """Units by which the demand at a normal deviate misses the order, by its density."""
        demand = np.exp(mean + sd * z) if law == "lognormal" else mean + sd * z
        return abs(demand - best.order_units) * stats.norm.pdf(z)

    over = sum(integrate.quad(misses, at_order - z - 2, at_order - z)[0] for z in range(0, 20, 2))
    short = sum(integrate.quad(misses, at_order + z, at_order + z + 2)[0] for z in range(0, 20, 2))
    assert best.expected_cost == pytest.approx(over + underage * short, rel=1e-5)
    assert best.expected_cost > 0


@pytest.mark.parametrize(
    "wrong",
    [
        *({"overage": 0.0}, {"underage": -1.0}, {"sd": 0.0}, {"sd": None}),
        *({"underage": np.nan}, {"underage": np.inf}, {"mean": np.nan}, {"sd": np.nan}),
    ],
)
def test_costs_and_spread_that_are_no_numbers_above_zero_are_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        margin.newsvendor(
            **{"overage": 1.0, "underage": 2.0, "law": "normal", "mean": 10.0, "sd": 2.0} | wrong
        )


CASE = {"overage": 1.0, "underage": 3.0, "mean": 1000.0, "sd": 300.0}


BOUNDS = [
    ((0.0, np.inf), (0.0, np.inf)),
    ((0.0, np.inf), (0.0, 150.0)),
    ((700.0, 900.0), (50.0, 200.0)),
    ((1200.0, 1300.0), (0.0, 80.0)),
]


@pytest.mark.oracle("slow version")
@pytest.mark.slow
@pytest.mark.parametrize("accuracy", [0.3, 0.8])
@pytest.mark.parametrize("second", [(0.0, np.inf), (20.0, 200.0)])
def test_the_cost_of_two_orders_is_the_slow_double_integral(accuracy, second):
    first, premium, mean, sd = 950.0, 0.4, CASE["mean"], CASE["sd"]
    rest = sd * np.sqrt(1 - accuracy**2)

    def after(z):
        centre = mean + accuracy * sd * z
        more = np.clip(centre + rest * stats.norm.ppf((3 - premium) / 4) - first, *second)
        top, law = first + more, stats.norm(centre, rest)
        over = integrate.quad(law.cdf, centre - 10 * rest, top)[0]
        under = integrate.quad(law.sf, top, max(top, centre) + 10 * rest)[0]
        return premium * more + over + 3 * under

    z = np.linspace(-6, 6, 241)
    slow = integrate.simpson([after(at) * stats.norm.pdf(at) for at in z], x=z)
    best = margin.two_order_cost(first, accuracy, 1.0, 3.0, mean, sd, premium, second)
    assert best == pytest.approx(slow, rel=1e-5)


@pytest.mark.parametrize("premium", [0.0, 0.3, 1.5])
@pytest.mark.parametrize(("first", "second"), BOUNDS)
def test_a_signal_is_never_worth_less_than_nothing_and_more_the_better_it_is(
    premium, first, second
):
    values = [
        margin.two_orders(**CASE, accuracy=rho, premium=premium, first=first, second=second).value
        for rho in np.linspace(0, 1, 21)
    ]
    assert min(values) >= -1e-9
    assert np.diff(values).min() >= -1e-9
    assert values[-1] > 1


def test_two_orders_without_a_signal_are_one_and_a_perfect_one_costs_nothing():
    alone = margin.newsvendor(**CASE, law="normal")
    assert margin.two_orders(**CASE, accuracy=0.0, premium=0.5).expected_cost == pytest.approx(
        alone.expected_cost, rel=1e-9
    )
    no_second = margin.two_orders(**CASE, accuracy=0.6, second=(0.0, 0.0))
    assert [no_second.first_units, no_second.expected_cost, no_second.value] == pytest.approx(
        [alone.order_units, alone.expected_cost, 0.0], rel=1e-6, abs=1e-9
    )
    assert margin.two_orders(**CASE | {"sd": 100.0}, accuracy=1.0).expected_cost == pytest.approx(
        0, abs=1e-6
    )
    assert (
        margin.two_orders(**CASE, accuracy=0.5, first=(400.0, 2000.0)).first_units == 400
    )  # both cost the same: the least


def test_a_lognormal_demand_in_units_is_refused_as_its_log_is_expected():
    with pytest.raises(ValueError, match="expected mean and sd of the log of demand"):
        margin.newsvendor(overage=1, underage=3, law="lognormal", mean=10_000, sd=3_000)
    assert (
        9_000
        < margin.newsvendor(overage=1, underage=1, law="lognormal", mean=9.2, sd=0.3).order_units
        < 11_000
    )


def test_a_dearer_second_order_raises_the_first_and_a_better_signal_lowers_it():
    firsts = [
        margin.two_orders(**CASE, accuracy=0.7, premium=premium).first_units
        for premium in (0.1, 0.5, 1.0, 2.0)
    ]
    assert np.diff(firsts).min() > 0
    firsts = [
        margin.two_orders(**CASE, accuracy=rho, premium=0.5).first_units
        for rho in (0.2, 0.5, 0.8, 0.95)
    ]
    assert np.diff(firsts).max() < 0
    with pytest.raises(ValueError, match="premium"):
        margin.two_orders(**CASE, accuracy=0.5, premium=3.0)


@pytest.mark.parametrize("mean", [3.0, 400.0, 1e6, 1e8])
def test_the_poisson_newsvendor_costs_what_its_normal_limit_or_its_sum_says(mean):
    order = margin.newsvendor(overage=1, underage=3, law="poisson", mean=mean)
    if mean < 1000:
        units = np.arange(2000)
        over = np.where(
            units < order.order_units, order.order_units - units, 3 * (units - order.order_units)
        )
        assert order.expected_cost == pytest.approx(stats.poisson(mean).pmf(units) @ over, rel=1e-9)
    else:
        limit = margin.newsvendor(overage=1, underage=3, law="normal", mean=mean, sd=mean**0.5)
        assert order.expected_cost == pytest.approx(limit.expected_cost, rel=1e-3)


def test_a_law_that_is_not_known_is_one_clear_error():
    with pytest.raises(
        ValueError,
        match=r"law 'gamma'.*expected costs above 0, a law of normal, poisson, lognormal",
    ):
        margin.newsvendor(overage=1, underage=3, law="gamma", mean=5, sd=1)
