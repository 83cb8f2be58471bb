"""What anchors a market: prices of dealers, the size of the market, the file's own figures."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from random_market import market
from scipy.stats import spearmanr

from analysis import demand, plan
from analysis.data import DataError, SourcedValue, load_launch, load_table
from analysis.demand.counts import NOISE_FACTOR
from analysis.plan.anchors import (
    Anchors,
    effective_draws,
    find_anchors,
    observed_prices,
    resample,
    shipped_over_life,
)
from analysis.plan.clearing import clearing_price, clearing_prices
from analysis.plan.fitting import fit_market
from analysis.plan.market import ASSUMED, RAMP, draw_elasticity, supply_ramp
from analysis.plan.policies import prices_by_week

NO_PRICES = pd.DataFrame({"week": [], "price_over_list": []}).astype({"week": int})
TABLES = ("economics", "devices", "shipments", "price_paths")


def sourced(value) -> SourcedValue:
    return SourcedValue(value=value, basis="sourced", source_or_reason="own records")


@pytest.fixture(scope="module")
def tables():
    return {name: load_table(name) for name in TABLES}


@pytest.fixture(scope="module")
def mi_9_market():
    return fit_market(load_launch("mi_9"), draws=400)


@pytest.fixture(scope="module")
def mi_2_market():
    return fit_market(load_launch("mi_2"), draws=400)


# ---- prices ----


def test_the_dealers_price_of_the_mi_9_is_read_in_its_third_week(tables):
    prices = observed_prices(load_launch("mi_9"), tables["price_paths"])
    assert prices["week"].tolist() == [2]
    assert prices["price_over_list"].item() == pytest.approx(3500 / 2999)
    assert observed_prices(load_launch("mi_2"), tables["price_paths"]).empty


def test_prices_of_the_files_own_join_those_of_the_table_a_week_at_a_time(tables):
    own = pd.DataFrame(
        {"date": pd.to_datetime(["2019-03-18", "2019-04-20"]), "price_local": [3100.0, 2999.0]}
    )
    launch = replace(load_launch("mi_9"), observed_prices=own)
    prices = observed_prices(launch, tables["price_paths"]).set_index("week")
    both = np.sqrt(3500 / 2999 * 3100 / 2999)  # of one shortage: one price
    assert prices.loc[2, "price_over_list"] == pytest.approx(both)
    assert prices.loc[7, "price_over_list"] == pytest.approx(1)


@pytest.mark.oracle("closed form")
def test_draws_weigh_by_the_normal_density_of_the_price_that_they_imply():
    given = market(3, initial_share=1.0, potential=np.array([1e6, 2e6, 4e6]), elasticity=2.0)
    given = replace(given, supply_units=np.full((3, 60), 1e6))
    seen = pd.DataFrame({"week": [0], "price_over_list": [2**0.5]})
    anchors = Anchors(largest_potential=np.full(3, np.inf), prices=seen, price_error=0.3)
    apart = np.array([1, 0, -1]) * np.log(2) / 2 / 0.3  # implied: 1, sqrt 2 and 2 times the list
    expected = np.exp(-(apart**2) / 2)
    assert anchors.weights(given) == pytest.approx(expected / expected.sum())


def test_a_dealers_price_moves_the_implied_one_towards_it_and_narrows_it(mi_9_market):
    before = clearing_price(mi_9_market.before, 2)
    after = clearing_price(mi_9_market.fresh, 2)
    assert before.mid > after.mid > 3500 / 2999
    assert after.high / after.low < 0.5 * before.high / before.low
    assert 100 < mi_9_market.effective_draws < 400


def test_resampling_is_as_often_as_weights_say():
    weights = np.random.default_rng(1).dirichlet(np.ones(50))
    counts = np.bincount(resample(np.repeat(weights, 100) / 100, seed=2) // 100, minlength=50)
    assert counts == pytest.approx(5000 * weights, abs=1.01)
    assert effective_draws(np.full(50, 1 / 50)) == pytest.approx(50)


# ---- the size of the market ----


def test_shipments_of_a_life_are_those_of_its_years(tables):
    """The Mi 9: of 2019 from 26 February on, then of 2020 as far as its twelve months go."""
    mi_9 = load_launch("mi_9")
    units = shipped_over_life(mi_9, tables["devices"], tables["shipments"])
    in_2019 = len(pd.date_range("2019-02-26", "2019-12-31"))
    expected = (in_2019 * 125.6e6 + (365 - in_2019) * 147.8e6) / 365
    assert units == pytest.approx(expected)
    unknown = replace(mi_9, words=mi_9.words | {"device": "our_own_phone"})
    assert np.isinf(shipped_over_life(unknown, tables["devices"], tables["shipments"]))


def test_a_life_of_a_year_ships_what_a_year_does(tables):
    flat = tables["shipments"].assign(units_million=100.0)
    units = shipped_over_life(load_launch("mi_9"), tables["devices"], flat)
    assert units == pytest.approx(100e6)


def test_no_more_people_can_be_buyers_than_the_market_sells(mi_9_market, tables):
    fresh, before = mi_9_market.fresh, mi_9_market.before
    shipped = shipped_over_life(load_launch("mi_9"), tables["devices"], tables["shipments"])
    assert before.potential.max() > 2 * shipped
    assert fresh.potential.max() <= shipped
    small = load_launch("mi_9")
    small = replace(small, figures=small.figures | {"market_units_a_year": sourced(20e6)})
    anchors = find_anchors(small, tables, 400, seed=1)
    assert anchors.largest_potential == pytest.approx(20e6)  # of a life of twelve months
    assert fit_market(small, draws=400).fresh.potential.max() <= 20e6


def test_where_nearly_all_draws_are_too_large_they_are_cut_off_at_the_bound():
    given = market()
    bound = np.full(40, given.potential.min() / 2)
    anchors = Anchors(largest_potential=bound, prices=NO_PRICES, price_error=0.3)
    bounded = anchors.bounded(given)
    assert bounded.potential == pytest.approx(bound)
    assert anchors.weights(bounded) == pytest.approx(1 / 40)


def test_fewer_people_than_were_fitted_come_more_readily_so_that_counts_are_met_as_before():
    """A hundredth of 100 million buyers in 8 weeks: cut to 10 million they buy about as many."""
    given = market(potential=1e8, p=0.001, q=0.01, initial_share=0.002, reneging_rate=0.0)
    given = replace(given, supply_units=np.full_like(given.supply_units, 1e9))
    given = replace(given, fade=0 * given.fade, erosion=0 * given.erosion)
    bounds = Anchors(largest_potential=np.full(40, 1e7), prices=NO_PRICES, price_error=0.3)

    def sold_by_week_8(one):
        return plan.sales_by_week(plan.SELL_AS_MADE, one)[:, :8].sum(axis=1)

    assert sold_by_week_8(bounds.bounded(given)) == pytest.approx(sold_by_week_8(given), rel=0.1)


# ---- counts that no supply could meet ----


@pytest.mark.parametrize(("over_most_supplied", "is_refused"), [(0.98, False), (1.02, True)])
def test_whether_a_count_is_more_than_could_be_supplied_does_not_depend_on_the_seed(
    over_most_supplied, is_refused
):
    """Few draws of supply hold none as plentiful as the thousand that counts are held against."""
    launch = load_launch("mi_9")
    weeks = 4
    most_supplied = _most_supplied(launch, weeks, draws=1000, seed=1)
    units = over_most_supplied * NOISE_FACTOR * most_supplied
    few, seeds = 20, (2, 3, 4)
    assert min(_most_supplied(launch, weeks, few, seed) for seed in seeds) < 0.95 * most_supplied
    day = launch.figure("first_sale").value + pd.Timedelta(days=7 * weeks - 1)
    counted = replace(launch, sales=launch.sales.head(1).assign(date=day, units=units))
    for seed in seeds:
        if is_refused:
            with pytest.raises(DataError, match=r"data/launches/mi_9.yaml: sales: .* supplied"):
                fit_market(counted, draws=few, seed=seed)
        else:
            assert fit_market(counted, draws=few, seed=seed).fresh.draws == few


def _most_supplied(launch, weeks: int, draws: int, seed: int) -> float:
    """The most that can be made by the end of some weeks, in any of some draws."""
    normals = np.random.default_rng(seed).standard_normal((draws, len(RAMP)))
    return supply_ramp(launch, weeks, normals).sum(axis=1).max()


# ---- the file's own figures ----


def test_the_mi_2s_is_sold_at_its_own_price(mi_2_market):
    assert mi_2_market.fresh.s_price == pytest.approx(1999 / 1999)


def test_an_own_parts_cost_of_an_s_version_moves_its_cost_by_the_parts_alone():
    launch = load_launch("mi_2")
    same = fit_market(launch, draws=50)
    cheap = replace(launch, figures=launch.figures | {"s_version.bom_usd": sourced(100.0)})
    dear = replace(launch, figures=launch.figures | {"s_version.bom_usd": sourced(130.0)})
    cheap, dear = fit_market(cheap, draws=50).fresh, fit_market(dear, draws=50).fresh
    in_week = plan.actual_policy(launch).s_week
    difference_usd = (dear.s_cost - cheap.s_cost) * dear.cost_usd[:, in_week]
    assert difference_usd == pytest.approx(30.0)
    assert same.fresh.s_cost.std() > 0


def test_the_assumed_actual_plan_cuts_the_price_as_the_file_does():
    launch = load_launch("mi_1")
    policy = plan.actual_policy(launch)
    last = launch.price_cuts["list_local"].iloc[-1] / launch.figure("price.list_local").number
    assert 1 - policy.cut == pytest.approx(last)
    first_sale = launch.figure("first_sale").value
    weeks = (launch.price_cuts["date"] - first_sale).dt.days / 7
    assert weeks.min() - 1 < policy.cut_week < weeks.max() + 1


def test_several_cuts_are_played_as_the_one_that_comes_nearest():
    """Against every week with every share, in steps of a per cent; the prices are those on file."""
    launch = load_launch("playstation_3")
    prices = prices_by_week(launch)
    changes = np.flatnonzero(np.diff(prices)) + 1
    assert prices[[0, *changes]] == pytest.approx(np.array([599, 499, 399, 299]) / 599, abs=1e-3)
    assert [*changes] == [33, 50, 144]

    def distance(share, week):
        return ((np.where(np.arange(len(prices)) < week, 1, 1 - share) - prices) ** 2).sum()

    tried = [(distance(share, w), w) for share in np.arange(0.01, 1, 0.01) for w in range(1, 147)]
    policy = plan.actual_policy(launch)
    assert policy.cut_week == min(tried)[1]
    assert distance(policy.cut, policy.cut_week) <= min(tried)[0]


def test_what_was_done_sells_about_what_was_counted():
    """23.7 million consoles were counted by week 137; the middle simulation is within a fifth."""
    launch = load_launch("playstation_3")
    market = fit_market(launch, draws=400).fresh
    sold = plan.sales_by_week(plan.actual_policy(launch), market)
    counted = launch.sales.set_index("date")["units"]["2009-06-30"]
    assert np.median(sold[:, :137].sum(axis=1)) == pytest.approx(counted, rel=0.2)


def test_interest_in_a_product_that_is_sold_for_years_fades_slower_than_in_a_phone():
    launch = load_launch("nintendo_switch")
    lives = launch.figure("life_months").number / 12
    fade = fit_market(launch, draws=100).before.fade
    of_phones = fit_market(load_launch("mi_9"), draws=100).before.fade
    assert lives > 2
    assert fade == pytest.approx(of_phones / lives)


def test_opening_stock_of_the_file_is_in_the_market():
    launch = load_launch("mi_9")
    launch = replace(
        launch, figures=launch.figures | {"supply.opening_stock_units": sourced(150_000.0)}
    )
    stocked = fit_market(launch, draws=50).fresh
    assert (stocked.opening_stock == 150_000).all()


def test_what_was_made_before_the_first_sale_serves_the_first_weeks_counts():
    """1.5 million Switches were counted on day seven, of which a week had not made a third."""
    launch = load_launch("nintendo_switch")
    counted = launch.sales.iloc[0]
    assert counted["units"] == 1.5e6
    market = fit_market(launch, draws=100).fresh
    first_week = plan.sales_by_week(plan.SELL_AS_MADE, market)[:, 0]
    assert np.quantile(market.supply_units[:, 0], 0.9) < counted["units"] / 2
    low, high = np.quantile(first_week, [0.1, 0.9])
    assert low < counted["units"] < high
    unknown = SourcedValue(value=None, basis="unknown")
    without = replace(launch, figures=launch.figures | {"supply.opening_stock_units": unknown})
    assert (
        np.quantile(
            plan.sales_by_week(plan.SELL_AS_MADE, fit_market(without, draws=100).fresh)[:, 0], 0.9
        )
        < counted["units"]
    )


def test_a_pledged_cap_on_margin_holds_from_its_year_on_and_for_its_maker(mi_9_market, mi_2_market):
    assert mi_9_market.margin_cap == 0.05
    assert np.isnan(mi_2_market.margin_cap)


# ---- elasticity ----


def test_every_draw_of_the_elasticity_has_a_best_price_and_keeps_the_range_of_the_table():
    drawn = draw_elasticity(20_000, seed=3)
    row = load_table("economics").set_index("item").loc["price_elasticity"]
    assert drawn.min() > 1
    low, middle, high = np.quantile(drawn, [0.1, 0.5, 0.9])
    assert (low, middle, high) == pytest.approx(row[["low", "value", "high"]], rel=0.03)


def test_draws_of_the_elasticity_have_nothing_to_do_with_those_of_other_figures(mi_9_market):
    given = mi_9_market.before
    for name in ("discount", "erosion", "fade", "potential", "reneging_rate", "s_price"):
        ranks = pd.DataFrame({"e": given.elasticity, name: getattr(given, name)}).corr("spearman")
        assert abs(ranks.loc["e", name]) < 4 / np.sqrt(given.draws), name


def test_a_cut_in_the_first_days_is_a_cut_from_the_first_week_on():
    launch = load_launch("mi_9")
    day = launch.figure("first_sale").value + pd.Timedelta(days=2)
    listed = launch.figure("price.list_local").number
    cut = pd.DataFrame({"date": [day], "list_local": [0.8 * listed], "source": ["own records"]})
    policy = plan.actual_policy(replace(launch, price_cuts=cut))
    assert policy.cut_week == 0
    assert policy.cut == pytest.approx(0.2)


# ---- draws of one study are not those of another ----


@pytest.mark.parametrize("name", ["mi_9", "nintendo_switch"])
def test_what_is_assumed_of_buyers_does_not_move_with_what_a_unit_costs(name):
    """Nothing says that interest in a dear phone fades faster."""
    drawn = fit_market(load_launch(name), draws=1500).before
    money = [drawn.cost_usd[:, 0], drawn.net_usd[:, 0]]
    assumed = [getattr(drawn, name) for name in ASSUMED]
    moving = [values for values in (*money, *assumed) if np.ptp(values) > 0]
    apart = spearmanr(np.column_stack(moving)).statistic - np.eye(len(moving))
    apart[0, 1] = apart[1, 0] = 0  # both are in dollars by one exchange rate
    assert np.abs(apart).max() < 0.12


def test_where_nothing_tells_how_many_could_buy_no_dearer_price_is_recommended():
    """A small maker's phone whose file has neither a market nor counts that go far."""
    launch = load_launch("mi_mix")
    unknown = replace(launch, words=launch.words | {"device": "our_own_phone"})
    study = plan.study_launch(unknown, draws=100)
    assert not study.known.buyers_are_known
    assert study.plans.dearest == 1
    assert "nothing in the file" in study.clearing.sentence()
    of_its_maker = fit_market(launch, draws=100)
    assert of_its_maker.buyers_are_known
    counted = fit_market(load_launch("playstation_3"), draws=100)
    assert np.isinf(counted.anchors.largest_potential).all()
    assert counted.buyers_are_known


def test_lots_that_sold_out_speak_of_the_market_of_a_plan():
    """The Switch was sold out in its ninth week: more of its lives are short then than without."""
    launch = load_launch("nintendo_switch")
    flagged = np.flatnonzero(demand.known_sales(launch).sold_out > 0.5)
    prices = [
        clearing_prices(fit_market(given, draws=300).before, flagged.tolist())
        for given in (replace(launch, drops=launch.drops.head(0)), launch)
    ]
    without, with_lots = [(price > 1).mean() for price in prices]
    assert without < 0.6
    assert with_lots > 0.7
