"""A launch under one supply: counts stand within their noise, no more is sold than came."""

import numpy as np
import pandas as pd
import pytest
from demand_cases import PRIOR, UNLIMITED

from analysis.data import interval
from analysis.demand import fit_launch, simulate_launch, sold_at, weeks_until
from analysis.demand.counts import COUNT_NOISE
from analysis.demand.posterior import SupplyKind


def test_a_count_already_seen_is_not_undone_and_more_of_it_moves_the_prior_more():
    counts = pd.DataFrame({"week": [2.0, 4.0, 6.0, 8.0], "units": [2e5, 3e5, 4e5, 4.8e5]})
    few = fit_launch(np.full(20, np.inf), PRIOR, counts=counts[:1])
    many = fit_launch(np.full(20, np.inf), PRIOR, counts=counts)
    assert (many.sold_by(12) >= many.sold_by(8)).all()
    assert np.log(many.sold_by(12).min() / 4.8e5) > -4 * COUNT_NOISE
    assert many.table()["spread"].iloc[0] < few.table()["spread"].iloc[0] < 1


@pytest.mark.slow
def test_a_daily_history_is_forecast_as_well_as_a_weekly_one():
    """Counts a day apart share their noise: taken as independent they would make bands too narrow.

    An 80 % band holds 12 or fewer of 20 in about 1 of 100 tries.
    """
    people = PRIOR.parameters(np.random.default_rng(5).standard_normal((20, 5)))
    held = {1 / 7: 0, 1.0: 0}
    for k in range(20):
        truth = simulate_launch(UNLIMITED, **{name: x[[k]] for name, x in people.items()})
        for gap in held:
            weeks = np.arange(gap, 12 + 1e-9, gap)
            counts = pd.DataFrame({"week": weeks, "units": sold_at(truth, weeks)[0]})
            low, _, high = interval(fit_launch(UNLIMITED, PRIOR, counts=counts).sold_by(26))
            held[gap] += low <= truth.sold[0, -1] <= high
    assert min(held.values()) >= 12, held


def by_day(fit):
    """Units sold by the end of each day, as far as the fit goes."""
    weeks = np.arange(1, 7 * fit.paths.sold.shape[1] + 1) / 7
    return np.maximum.accumulate(fit.sold_by(weeks), axis=1)


def test_weeks_already_counted_stand_within_the_noise_of_the_counts():
    counts = pd.DataFrame({"week": [4.0, 8.0], "units": [5e5, 9e5]})
    fit = fit_launch(UNLIMITED, PRIOR, counts=counts)
    for week, units in counts.itertuples(index=False):
        miss = np.log(fit.sold_by(week) / units)
        assert abs(np.median(miss)) < COUNT_NOISE / 2
        assert 0.8 * COUNT_NOISE < miss.std() < 1.1 * COUNT_NOISE
    assert (np.diff(by_day(fit), axis=1) >= 0).all()
    early, middle, late = fit.sold_by([2.0, 4.0, 6.0]).T
    assert ((early > 0) & (early < middle) & (middle < late) & (late < fit.sold_by(8.0))).all()


def test_units_counted_within_a_week_are_reached_by_the_day_of_the_count():
    """A million by 27 March is day 30: a date from the ends of weeks would be 2 April."""
    counts = pd.DataFrame({"week": [30 / 7], "units": [1e6]})
    fit = fit_launch(
        np.full(12, 2.2e5),
        PRIOR,
        counts=counts,
        sold_out=np.ones(5),
        kind=SupplyKind(steady=True, error=0.15),
    )
    low, middle, high = interval(7 * weeks_until(by_day(fit), 1e6))
    assert low <= 30 <= high
    assert abs(middle - 30) <= 2
    assert high - low <= 6


@pytest.mark.oracle("closed form")
def test_between_counts_of_a_steady_shortage_sales_are_a_straight_line():
    """220,000 a week, all sold: 943,000 by day 30, and not the 1.1 million of five whole weeks."""
    fit = fit_launch(np.full(12, 2.2e5), PRIOR, sold_out=np.ones(12), kind=SupplyKind(steady=True))
    short = fit.paths.stockout_share[:, :6].min(1) == 1
    assert short.mean() > 0.5
    opening = sold_at(fit.paths, [0.0])[short, 0]
    assert fit.sold_by(30 / 7)[short] == pytest.approx(2.2e5 * 30 / 7, abs=opening.max() + 1)


def test_noise_of_the_last_count_is_carried_on():
    counts = pd.DataFrame({"week": [8.0], "units": [1.5e5]})
    fit = fit_launch(
        np.full(26, 2e4), PRIOR, counts=counts, sold_out=np.ones(8), kind=SupplyKind(error=0.15)
    )
    low, _, high = interval(fit.sold_by(26))
    assert high > 1.05 * low


def test_a_million_that_supply_cannot_reach_is_never_reached():
    fit = fit_launch(np.full(10, 5e4), PRIOR)
    assert np.isinf(weeks_until(by_day(fit), 1e6)).all()
    assert weeks_until(by_day(fit), 1.0).max() < 1


def test_the_date_of_a_count_is_the_week_by_which_half_of_the_draws_have_it():
    flags = np.append(1.0, np.full(19, np.nan))
    fit = fit_launch(np.full(20, 8e4), PRIOR, sold_out=flags)
    low, middle, high = interval(weeks_until(by_day(fit), 3e5))
    assert low <= middle <= high
    assert np.mean(fit.sold_by(middle) >= 3e5) >= 0.5
    assert np.mean(fit.sold_by(middle - 1 / 7) >= 3e5) <= 0.5


@pytest.mark.oracle("closed form")
def test_the_evidence_of_a_fit_is_the_mean_likelihood_over_its_prior():
    """A flag of a week that always sells out is right with chance 0.95, whatever the launch."""
    fit = fit_launch(np.full(4, 1.0), PRIOR, sold_out=[1.0, 1.0])
    assert fit.log_evidence == pytest.approx(2 * np.log(0.95), abs=1e-6)


def test_a_count_of_more_than_the_product_holds_sales_down_and_one_of_a_part_up():
    supply = np.exp(np.random.default_rng(3).normal(np.log(1e5), 1, (2000, 1))) * np.ones(8)
    bound = {"week": [4.0], "units": [2e5], "noise": [COUNT_NOISE], "over": [np.inf]}
    middles = []
    for side in (1.0, -1.0):
        bounds = pd.DataFrame(bound | {"side": [side]})
        fit = fit_launch(supply, PRIOR, bounds=bounds, sold_out=np.ones(4))
        units = sold_at(fit.paths, [4.0])
        assert np.mean(side * np.log(2e5 / units) > -2 * COUNT_NOISE) > 0.97
        middles.append(np.median(units))
    assert middles[0] < 2e5 < middles[1]


def test_nobody_sells_what_did_not_come():
    flags = np.append(1.0, np.full(19, np.nan))
    fit = fit_launch(np.full(20, 8e4), PRIOR, sold_out=flags)
    for week in (1.0, 5.0, 20.0):
        assert (fit.sold_by(week) <= 8e4 * week * (1 + 1e-12)).all()


def test_weekly_bands_hold_every_quantity_in_order():
    week = fit_launch(np.full(10, 5e4), PRIOR).weekly()
    assert set(week["quantity"]) == {"sold", "sales", "waiting", "wait_weeks", "left"}
    assert ((week["low"] <= week["median"]) & (week["median"] <= week["high"])).all()
    assert len(week) == 50


@pytest.mark.parametrize("prior", [None, {"mean": 14}, (14.0, 1.0)])
def test_a_prior_that_is_none_says_where_to_get_one(prior):
    with pytest.raises(TypeError, match=r"prior: .*; expected a LaunchPrior, such as fit_prior\("):
        fit_launch(np.full(8, 1e5), prior)


def test_counts_that_are_no_table_are_refused_by_what_they_are():
    with pytest.raises(TypeError, match="counts: list; expected a DataFrame"):
        fit_launch(np.full(8, 1e5), PRIOR, counts=[1e5, 2e5])


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (np.ones(9), r"sold_out: shape \(9,\); expected one flag a step, 8 at most"),
        ([1, 1.5, 0], "sold_out: 1.5 in step 2; expected 1, 0, a chance between them or NaN"),
    ],
)
def test_flags_that_cannot_be_are_refused_by_place(flags, message):
    with pytest.raises(ValueError, match=message):
        fit_launch(np.full(8, 1e5), PRIOR, sold_out=flags)
