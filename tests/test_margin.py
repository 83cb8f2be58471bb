"""Orders under uncertainty, two orders with a signal, margins by item and date, cash: closed forms, slow versions, identities."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from analysis.bom import decline as bom
from analysis.data.launches import Figure, load_launch
from analysis.data.tables import load_table
from analysis.look.wording import tell
from analysis.margin import margin

STILL = bom.DeclineRate(-0.2, -0.2, -0.2, 0.0, (0.0, 0.0), -0.2, -0.2, 0.95, 10**6, 0.0, None)
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


@pytest.mark.parametrize(
    ("given", "order", "cost"),
    [
        ({"overage": 0.18, "underage": 0.7, "law": "normal", "mean": 50, "sd": 8}, 56.604, 1.9976),
        ({"overage": 1, "underage": 4, "law": "poisson", "mean": 6}, 8, 3.5701),
    ],
)
def test_the_newsvendor_is_that_of_the_textbook(given, order, cost):
    """Snyder and Shen, Fundamentals of Supply Chain Theory, examples 4.3 and problem 4.9."""
    assert margin.newsvendor(**given) == pytest.approx((order, cost), rel=1e-4)


@pytest.mark.parametrize("name", LAWS)
def test_no_order_costs_less_than_the_newsvendors(name):
    law, (_, mean, sd) = law_of(name), LAWS[name]
    got = margin.newsvendor(overage=2.0, underage=5.0, law=name, mean=mean, sd=sd)

    def cost(order):
        points = (
            np.arange(0, 400)
            if name == "poisson"
            else law.ppf((np.arange(200_000) + 0.5) / 200_000)
        )
        weight = law.pmf(points) if name == "poisson" else 1 / 200_000
        return np.sum(weight * (2 * np.fmax(order - points, 0) + 5 * np.fmax(points - order, 0)))

    assert got.expected_cost == pytest.approx(cost(got.order_units), rel=1e-4)
    assert all(cost(got.order_units + step) >= cost(got.order_units) for step in (-3, -1, 1, 3))


@pytest.mark.parametrize("wrong", [{"overage": 0.0}, {"underage": -1.0}, {"sd": 0.0}, {"sd": None}])
def test_costs_and_spread_that_are_not_above_zero_are_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        margin.newsvendor(
            **{"overage": 1.0, "underage": 2.0, "law": "normal", "mean": 10.0, "sd": 2.0} | wrong
        )


# ---- two orders ----

CASE = {"overage": 1.0, "underage": 3.0, "mean": 1000.0, "sd": 300.0}
BOUNDS = [
    ((0.0, np.inf), (0.0, np.inf)),
    ((0.0, np.inf), (0.0, 150.0)),
    ((700.0, 900.0), (50.0, 200.0)),
    ((1200.0, 1300.0), (0.0, 80.0)),
]


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
    got = margin.two_order_cost(first, accuracy, 1.0, 3.0, mean, sd, premium, second)
    assert got == pytest.approx(slow, rel=1e-5)


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
    assert margin.two_orders(**CASE, accuracy=0.6, second=(0.0, 0.0)) == pytest.approx(
        (*alone, 0.0), rel=1e-6, abs=1e-9
    )
    assert margin.two_orders(**CASE | {"sd": 100.0}, accuracy=1.0).expected_cost == pytest.approx(
        0, abs=1e-6
    )
    assert (
        margin.two_orders(**CASE, accuracy=0.5, first=(400.0, 2000.0)).first_units == 400
    )  # both cost the same: the least


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


# ---- margin by item, date and draw ----


@pytest.fixture(scope="module")
def path():
    return margin.margin_path(load_launch("mi_9"), STILL, 400, 1)


def test_money_sums_to_the_same_total_by_month_by_item_and_by_draw(path):
    units = np.linspace(5, 1, len(path.months)) * np.arange(1, 401)[:, None]
    by_item = (units * path.net_usd).sum() - sum((units * usd).sum() for usd in path.items.values())
    by_month, by_phone = (units * path.margin_usd).sum(0), (units * path.margin_usd).sum(1)
    assert by_month.sum() == pytest.approx(by_item, rel=1e-9)
    assert by_phone.sum() == pytest.approx(by_item, rel=1e-9)
    assert path.margin_share * path.net_usd == pytest.approx(path.margin_usd)


def test_the_net_price_of_the_mi_9_rises_when_the_tax_falls():
    launch = load_launch("mi_9")
    figures = launch.figures | {"price.local_per_usd": Figure(6.8, "sourced")}
    net = margin.margin_path(replace(launch, figures=figures), STILL, 3, 1).net_usd[0]
    april = (
        pd.Timestamp("2019-04-01") - launch.figure("first_sale").value
    ).days / margin.DAYS_A_MONTH
    months = margin.margin_path(launch, STILL, 3, 1).months
    assert net[months < april] == pytest.approx(2999 / 1.16 / 6.8)
    assert net[(months >= april) & (months < 10)] == pytest.approx(2999 / 1.13 / 6.8)


def test_parts_that_get_cheaper_faster_bend_the_path_of_the_bom():
    parts = pd.DataFrame({"share": [0.5], "rate_gap": [-0.4], "se": [0.0], "wander": [0.0]})
    plain, bent = (
        margin.margin_path(load_launch("mi_9"), STILL, 5, 1, given).items["bom"]
        for given in (None, parts)
    )
    assert bent[:, 0] == pytest.approx(plain[:, 0])
    assert (
        bent[:, -1] > plain[:, -1]
    ).all()  # the rest balances the first slope, so that the sum of two exponentials is above one


def test_the_bridge_to_the_reported_margin_leaves_no_gap(path):
    steps = margin.bridge_margin(path, pd.DataFrame({"value": [0.061, 0.088]})).set_index("label")[
        "estimate"
    ]
    assert 1 + steps.iloc[:4].sum() == pytest.approx(
        steps["gross margin, before channel cost"], abs=1e-12
    )
    own, left = steps["gross margin, before channel cost"], steps["gross: left to explain"]
    assert own + left == pytest.approx(steps["reported, all smartphones"], abs=1e-12)
    assert own + steps["channel"] == pytest.approx(steps["unit margin"], abs=1e-12)
    assert steps["unit margin"] == pytest.approx(
        (path.margin_usd.mean(1) / path.net_usd.mean(1)).mean(), rel=1e-9
    )


def test_what_is_left_to_explain_has_the_interval_of_one_draw_against_one_reported_period(path):
    """The slow version pairs draws and periods at random; the extremes of both would give an interval that holds far more than 80 %."""
    rng, value = np.random.default_rng(5), np.array([0.061, 0.072, 0.088])
    own = 1 - sum(usd for item, usd in path.items.items() if item != "channel").sum(
        1
    ) / path.net_usd.sum(1)
    slow = np.quantile(rng.choice(value, 400_000) - rng.choice(own, 400_000), [0.1, 0.9])
    told = (
        margin.bridge_margin(path, pd.DataFrame({"value": value}))
        .set_index("label")
        .loc["gross: left to explain"]
    )
    assert told[["low", "high"]].to_numpy(float) == pytest.approx(slow, abs=0.002)
    assert told["low"] > value.min() - margin.ends(own)[2]
    assert told["high"] < value.max() - margin.ends(own)[0]


def test_a_difference_that_may_go_either_way_is_told_with_its_direction_at_both_ends(path):
    steps = margin.bridge_margin(path, pd.DataFrame({"value": [0.061, 0.088]}))
    steps.loc[steps["label"] == "gross: left to explain", ["estimate", "low", "high"]] = (
        -0.174,
        -0.351,
        0.012,
    )
    assert (
        "**17 points less** than this phone's in our draws (80 %: 35 points less to 1 point more)"
        in tell("bridge", steps=steps, path=path)
    )
    assert f"assumed life of {path.months[-1]:.0f} months" in tell("bridge_caption", path=path)


def test_a_point_of_the_model_that_a_launch_does_not_have_is_said_to_be_absent(path):
    launch = load_launch("mi_9")
    points = margin.locate_points(launch, path, enough=2.0).set_index("point")
    assert points.loc["3 margin high enough", ["median", "never"]].tolist() == [np.inf, 1.0]
    assert points.loc["4 S version or cut at a lower price", "never"] == 1
    cut = pd.DataFrame(
        {
            "date": [launch.figure("first_sale").value + pd.Timedelta(days=61)],
            "list_local": [2499.0],
        }
    )
    points = margin.locate_points(replace(launch, price_cuts=cut), path, enough=2.0).set_index(
        "point"
    )
    assert points.loc["4 S version or cut at a lower price", "median"] == pytest.approx(
        61 / margin.DAYS_A_MONTH
    )
    later = margin.locate_points(
        launch, path, enough=np.quantile(path.margin_share[:, 0], 0.95)
    ).set_index("point")
    assert 0 < later.loc["3 margin high enough", "low"] < np.inf
    assert np.isinf(margin.ends(np.r_[np.zeros(3), np.full(5, np.inf)])[1])


def test_a_margin_that_is_high_enough_from_the_first_day_is_no_missing_point(path):
    """Every life by hand: the first month at or above the level, the first day among them; never only where none is."""
    enough = float(np.median(path.margin_share[:, 0]))
    first = [
        next((m for m, x in zip(path.months, life, strict=True) if x >= enough), np.inf)
        for life in path.margin_share
    ]
    told = (
        margin.locate_points(load_launch("mi_9"), path, enough)
        .set_index("point")
        .loc["3 margin high enough"]
    )
    assert told[["low", "median", "high"]].tolist() == margin.ends(np.array(first)).tolist()
    assert told["low"] == 0
    assert (
        told["never"] == np.isinf(first).mean() == path.crossings(np.nextafter(enough, -1))["never"]
    )


def test_the_rate_of_a_day_is_that_of_its_table():
    days = pd.DatetimeIndex(["2010-05-01", "2013-06-01"])
    assert bom.by_date(load_table("economics"), "cny_per_usd", "CN", days)[1] == 6.1932
    assert np.isnan(bom.by_date(load_table("economics"), "cny_per_usd", "CN", days)[0])
    assert load_table("economics").query("item == 'price_elasticity'")["low"].item() > 1


# ---- cash ----


def test_cash_sums_to_the_sales_and_the_float_is_worth_the_days():
    revenue, cost = np.array([0.0, 100, 300, 50, 0]), np.array([0.0, 90, 250, 45, 0])
    table, worth = margin.cash_by_week(
        revenue, cost, prepaid_days=10, inventory_days=60, payable_days=110, rate_per_year=0.1
    )
    assert table["received"].sum() == pytest.approx(revenue.sum(), rel=1e-12)
    assert table["paid"].sum() == pytest.approx(cost.sum(), rel=1e-12)
    rough = np.log(1.1) * (10 * revenue.sum() + 50 * cost.sum()) / 365
    assert worth == pytest.approx(rough, rel=0.02)
    assert table["week"].iloc[0] == -2
    nothing = margin.cash_by_week(
        revenue, cost, prepaid_days=0, inventory_days=30, payable_days=30, rate_per_year=0.1
    )[1]
    assert nothing == pytest.approx(0, abs=1e-9)
    dear = margin.cash_by_week(
        revenue, cost, prepaid_days=0, inventory_days=90, payable_days=30, rate_per_year=0.1
    )[1]
    assert dear < 0


def test_first_orders_share_one_k_and_keep_their_bounds():
    """Fisher and Raman (1996): the common k in closed form where no bound binds; where some do, the rest still share one."""
    mean, sd = np.array([1000.0, 2500.0, 700.0, 4000.0]), np.array([400.0, 600.0, 300.0, 1500.0])
    k, orders = margin.first_orders(mean, sd, 5000.0)
    assert k == pytest.approx((mean.sum() - 5000) / sd.sum(), abs=1e-10)
    k, orders = margin.first_orders(mean, sd, 5000.0, low=np.array([600.0, 0, 600, 0]), high=2000.0)
    assert orders.sum() == pytest.approx(5000)
    bound = (orders <= [600, 0, 600, 0]) | (orders >= 2000)
    assert bound.any()
    assert ((mean - orders) / sd)[~bound] == pytest.approx(k)


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


def test_an_assumed_range_about_zero_is_drawn_and_not_cut_to_nothing():
    z = np.random.default_rng(1).standard_normal(20_000)
    drawn = margin.draw_figure(Figure(0.0, "assumed", 0.0, 0.05), z)
    assert np.quantile(drawn, 0.9) == pytest.approx(0.05, rel=0.05)
    assert drawn.min() >= 0
    assert np.quantile(
        margin.draw_figure(Figure(5.0, "assumed", 0.2, 9.0), z), 0.1
    ) == pytest.approx(0.2, abs=0.1)
