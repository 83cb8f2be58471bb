"""The forecast of a launch: counts stand, supply is no less than sales, dates and weeks agree."""

import numpy as np
import pandas as pd
import pytest
from demand_cases import PRIOR, UNLIMITED

from analysis.data import interval
from analysis.demand import fit_launch, simulate_launch, sold_at


def test_a_count_already_seen_is_not_undone_and_more_of_it_moves_the_prior_more():
    counts = pd.DataFrame({"week": [2.0, 4.0, 6.0, 8.0], "units": [2e5, 3e5, 4e5, 4.8e5]})
    few = fit_launch(np.full(20, np.inf), PRIOR, counts=counts[:1])
    many = fit_launch(np.full(20, np.inf), PRIOR, counts=counts)
    assert (many.sold_by(12) >= 4.8e5).all()
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


def test_weeks_already_counted_stand_as_counted():
    counts = pd.DataFrame({"week": [4.0, 8.0], "units": [5e5, 9e5]})
    fit = fit_launch(UNLIMITED, PRIOR, counts=counts)
    assert fit.sold_by(8) == pytest.approx(9e5)
    assert fit.weeks_until(1e6)[0] >= 8
    assert (np.diff(fit.sold_by_step(), axis=1) >= 0).all()
    for week, units in counts.itertuples(index=False):
        bands = fit.weekly().query(f"quantity == 'sold' and week == {week}")
        assert bands[["low", "median", "high"]].to_numpy()[0] == pytest.approx(units)
    early, late = fit.sold_by(2), fit.sold_by(6)
    assert ((early > 0) & (early < 5e5)).all()
    assert ((late > 5e5) & (late < 9e5)).all()


def test_a_million_that_supply_cannot_reach_is_never_reached():
    fit = fit_launch(np.full(10, 5e4), PRIOR)
    assert np.isinf(fit.weeks_until(1e6)).all()
    assert fit.weeks_until(1.0)[2] < 1


def test_the_date_of_a_count_is_the_week_by_which_half_of_the_draws_have_it():
    flags = np.append(1.0, np.full(19, np.nan))
    fit = fit_launch(np.full(20, 8e4), PRIOR, sold_out=flags)
    low, middle, high = fit.weeks_until(3e5)
    assert low <= middle <= high
    assert np.mean(fit.sold_by(np.ceil(middle)) >= 3e5) >= 0.5
    assert np.mean(fit.sold_by(np.floor(middle)) >= 3e5) <= 0.5


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
        ([1, 0.5, 0], "sold_out: 0.5 in step 2; expected 1, 0 or NaN"),
    ],
)
def test_flags_that_cannot_be_are_refused_by_place(flags, message):
    with pytest.raises(ValueError, match=message):
        fit_launch(np.full(8, 1e5), PRIOR, sold_out=flags)
