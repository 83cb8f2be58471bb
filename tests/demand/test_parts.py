"""Output from parts: walked day by day, run with one unit more, with and without a maker."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from supply_examples import FIRST_SALE, make_sources

from analysis.data import interval, load_launch, load_table
from analysis.demand import (
    draw_output,
    fit_yields,
    later_makers,
    second_source,
    simulate_launch,
    wait_weeks,
)
from analysis.demand.parts import SHARE_OF_PLAN, STARTING_SHARE, WEEKS_OF_STOCK, YIELD_LAWS

UNSURE = (
    {
        "component": "camera",
        "units_low": 2e5,
        "units_high": 9e5,
        "yield_low": 0.3,
        "yield_high": 0.8,
    },
    {"component": "assembly", "maker": "a", "units_low": 1e5, "units_high": 4e5},
    {
        "component": "assembly",
        "maker": "b",
        "units_low": 1e5,
        "units_high": 3e5,
        "starts_low": "2020-01-10",
        "starts_high": "2020-02-20",
    },
)


# ---- output ----


def walk_one_maker(start_day, units, doubling_days, yield_share, weeks):
    """Good units by week of one maker, each day on its own: exponential, then flat."""
    by_week = []
    for week in range(-WEEKS_OF_STOCK, weeks):
        days_running = [day + 0.5 - start_day for day in range(7 * week, 7 * week + 7)]
        shares = [min(1, STARTING_SHARE * 2 ** (d / doubling_days)) for d in days_running if d >= 0]
        by_week.append(units / 30.4 * yield_share * sum(shares))
    return np.array(by_week)


@pytest.mark.oracle("slow version")
def test_output_is_the_least_component_walked_day_by_day():
    """The slow version: one draw without spread, each day of each maker."""
    camera = {"yield_low": 0.5, "yield_high": 0.5}
    line = {
        "component": "line",
        "units_low": 2e5,
        "units_high": 2e5,
        "starts_low": "2020-01-05",
        "starts_high": "2020-01-05",
        "doubling_days_low": 10,
        "doubling_days_high": 10,
    }
    least = np.minimum(
        walk_one_maker(-31, 3e5, 7, 0.5, weeks=12), walk_one_maker(4, 2e5, 10, 1.0, weeks=12)
    )
    slow = np.r_[least[: WEEKS_OF_STOCK + 1].sum(), least[WEEKS_OF_STOCK + 1 :]]
    output = draw_output(make_sources(camera, line), FIRST_SALE, 12, draws=3)
    assert output.supply == pytest.approx(np.repeat(slow[None], 3, 0), rel=1e-9)


def test_ranges_of_the_file_hold_eighty_percent_of_the_draws():
    rows = make_sources({"units_low": 2e5, "units_high": 8e5, "yield_low": 0.2, "yield_high": 0.6})
    output = draw_output(rows, FIRST_SALE, 30, draws=20_000)
    shares = output.yields["camera"][:, -1]
    assert np.mean((shares >= 0.2) & (shares <= 0.6)) == pytest.approx(0.8, abs=0.01)
    started = output.phones_by_component["camera"][:, -1] / shares * 30.4 / 7
    assert np.mean((started >= 2e5) & (started <= 8e5)) == pytest.approx(0.8, abs=0.01)


@pytest.mark.oracle("slow version")
def test_one_component_binds_in_each_draw_and_one_more_unit_is_worth_its_yield_there():
    """The oracle is a second run with one more unit started in the week."""
    output = draw_output(make_sources(*UNSURE), FIRST_SALE, 10, draws=2000)
    table = output.table()
    assert table.groupby("week")["binds"].sum().to_numpy() == pytest.approx(1)
    least = np.min([*output.phones_by_component.values()], axis=0)
    for name in output.phones_by_component:
        more = output.phones_by_component | {
            name: output.phones_by_component[name] + output.yields[name]
        }
        gain = (np.min([*more.values()], axis=0) - least).mean(0)
        of_component = table.query("component == @name")
        late = of_component["week"] >= 0  # before, nothing may be made of either
        assert of_component["one_more_adds"][late].to_numpy() == pytest.approx(
            gain[late.to_numpy()], abs=2e-3
        )


def test_the_later_known_row_of_a_maker_holds():
    early, late = {"units_low": 1e5, "units_high": 1e5}, {"known_on": "2020-02-01"}
    both = draw_output(make_sources(early, late), FIRST_SALE, draws=2).supply
    assert both == pytest.approx(draw_output(make_sources(late), FIRST_SALE, draws=2).supply)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"yield_high": 1.2}, "'index': 0, .*'yield_high': 1.2"),
        ({"units_low": 0.0}, "'component': 'camera', .*'units_low': 0.0"),
        ({"yield_low": 0.0}, "'yield_low': 0.0"),
    ],
)
def test_sources_that_cannot_be_are_refused_by_row(row, message):
    with pytest.raises(ValueError, match=message):
        draw_output(make_sources(row), FIRST_SALE)


def test_no_source_is_an_error_and_not_an_endless_supply():
    with pytest.raises(ValueError, match="no row"):
        draw_output(make_sources({})[:0], FIRST_SALE)


# ---- makers that join later ----


def test_every_maker_that_joined_a_component_later_is_listed_as_it_became_known():
    assert later_makers(load_launch("mi_9").supply_sources) == ["BYD", "Inventec"]
    assert later_makers(load_launch("mi_1").supply_sources) == ["Foxconn"]
    assert later_makers(load_launch("mi_mix").supply_sources) == []
    assert later_makers(make_sources(*UNSURE)) == ["b"]


@pytest.mark.oracle("slow version")
def test_a_second_source_never_takes_away_and_adds_what_two_independent_runs_say():
    rows = make_sources(*UNSURE)
    added = second_source(rows, "b", FIRST_SALE, weeks=20, draws=3000)
    assert (added["low"] >= 0).all()
    assert added["median"].is_monotonic_increasing
    assert added["any"].iloc[0] < 0.1

    def total(sources, seed=1):
        return draw_output(sources, FIRST_SALE, 20, draws=3000, seed=seed).supply.sum(1)

    with_b, without_b = total(rows), total(rows[rows["maker"] != "b"], seed=2)
    independent_sd = np.hypot(with_b.std(), without_b.std())
    paired = total(rows) - total(rows[:2])
    difference = with_b.mean() - without_b.mean()
    assert paired.mean() == pytest.approx(difference, abs=4 * independent_sd / np.sqrt(4000))
    assert paired.std() < 0.7 * independent_sd, "common numbers tell it more sharply"


@pytest.mark.parametrize("rows", [UNSURE, UNSURE[1:2]])
def test_without_the_only_maker_of_a_component_nothing_is_made_and_it_adds_all(rows):
    rows = make_sources(*(row | {"maker": row.get("maker", "only")} for row in rows))
    maker = rows["maker"].iloc[0]
    added = second_source(rows, maker, FIRST_SALE, weeks=20, draws=500)
    supply = draw_output(rows, FIRST_SALE, 20, draws=500).supply
    assert added["median"].to_numpy() == pytest.approx(interval(np.cumsum(supply, 1))[1])
    assert (added["low"] >= 0).all()


def test_more_supply_from_a_second_source_shortens_the_wait_of_patient_buyers():
    rows = make_sources(*UNSURE)
    people = {"potential": 3e6, "p": 0.03, "q": 0.2, "initial_share": 0.2}
    with_b, without_b = (
        simulate_launch(draw_output(sources, FIRST_SALE, 20, draws=500).supply, **people)
        for sources in (rows, rows[:2])
    )
    assert (with_b.sold - without_b.sold).min() >= -1e-3
    wait_with_b = np.minimum(wait_weeks(with_b)[:, 0], 99)
    assert (wait_with_b <= np.minimum(wait_weeks(without_b)[:, 0], 99)).all()


# ---- yields ----


def simulate_yields(law, slope, processes=6, points=5, noise=0.1, seed=1):
    rng, rows = np.random.default_rng(seed), []
    for process in range(processes):
        level = rng.normal(-1, 1)
        for month in range(points):
            height = level + slope * month + noise * rng.standard_normal()
            row = {
                "process": f"p{process}",
                "device": "x",
                "date": pd.Timestamp("2018-01-01") + pd.Timedelta(days=30.4 * month),
                "yield_share": YIELD_LAWS[law].share(height),
                "value_kind": "point",
            }
            rows.append(row)
    return pd.DataFrame(rows)


@pytest.mark.parametrize("law", YIELD_LAWS)
@pytest.mark.oracle("known truth")
def test_the_growth_of_yields_is_found_again_with_an_error_that_holds(law):
    held = []
    for seed in range(60):
        fit = fit_yields(simulate_yields(law, 0.3, seed=seed), law)
        held.append(abs(fit.per_month - 0.3) <= stats.t.ppf(0.95, fit.df) * fit.se)
    assert 0.76 <= np.mean(held) <= 1.0  # of 60 at 0.9


def test_yields_on_file_grow_and_two_points_of_one_process_are_not_enough():
    fit = fit_yields(load_table("component_yields"))
    assert fit.per_month > 2 * fit.se
    with pytest.raises(ValueError, match="expected 4 or more"):
        fit_yields(simulate_yields("logistic", 0.3, processes=1, points=2))


@pytest.mark.parametrize("law", YIELD_LAWS)
def test_a_yield_that_grows_stays_a_share_and_ends_above_where_it_began(law):
    rows = make_sources({"yield_low": 0.03, "yield_high": 0.08})
    growth = fit_yields(load_table("component_yields"), law)
    output = draw_output(rows, FIRST_SALE, 50, yield_growth=growth, draws=2000)
    share = output.yields["camera"][:, WEEKS_OF_STOCK:]
    assert 0 <= share.min() <= share.max() <= 1
    assert np.median(share[:, -1]) > 1.5 * np.median(share[:, 0])


def test_what_a_maker_adds_if_it_adds_anything_is_said_apart_from_whether_it_does():
    """Two parts each short in half of the draws: the mean is that of those that add, times both."""
    rows = make_sources(*UNSURE)
    last = second_source(rows, "b", FIRST_SALE, weeks=20, draws=3000).iloc[-1]
    assert 0 < last["any"] < 1
    assert last["low_if"] >= 1 > last["low"]
    assert last["median_if"] >= last["median"]
    assert last["high_if"] >= last["high"]


def test_later_makers_have_effects_that_the_order_of_rows_does_not_change():
    sources = load_launch("mi_9").supply_sources
    first_sale = load_launch("mi_9").figure("first_sale").value
    for maker in ("BYD", "Inventec"):
        one, two = (
            second_source(rows, maker, first_sale, weeks=8, draws=200)
            for rows in (sources, sources[::-1])
        )
        assert one["median_if"].to_numpy() == pytest.approx(two["median_if"], nan_ok=True)


def test_the_order_of_rows_moves_no_maker_and_what_it_adds():
    rows = make_sources(*UNSURE)
    backwards = rows[::-1].reset_index(drop=True)
    for maker in ("a", "b"):
        added, also = (second_source(one, maker, FIRST_SALE, draws=50) for one in (rows, backwards))
        pd.testing.assert_frame_equal(added, also)


@pytest.mark.oracle("closed form")
def test_full_rates_of_two_parts_share_half_of_their_spread():
    """Logs of rates of parts that have run long correlate by the share of the common plan."""
    long_ago = {"starts_low": FIRST_SALE - pd.Timedelta(days=900)}
    long_ago["starts_high"] = long_ago["starts_low"]
    part = {"units_low": 1e5, "units_high": 4e5, **long_ago}
    rows = make_sources(part | {"component": "one"}, part | {"component": "two"})
    phones = draw_output(rows, FIRST_SALE, 4, draws=20_000).phones_by_component
    one, two = (np.log(phones[name][:, -1]) for name in ("one", "two"))
    assert np.corrcoef(one, two)[0, 1] == pytest.approx(SHARE_OF_PLAN, abs=0.02)
    assert one.std() == pytest.approx(np.log(2) / 1.2816, rel=0.02)
