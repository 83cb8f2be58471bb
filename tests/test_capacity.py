"""Capacity: slow versions, closed forms, recovery of known truths, published ramps; what is refused, and what is only a prior."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.data.launches import Figure, as_known_on, load_launch
from analysis.data.tables import load_table
from analysis.demand import forecast as demand
from analysis.demand.diffusion import ends
from analysis.supply import capacity
from analysis.supply import study as supply_study

FIRST_SALE = pd.Timestamp("2020-01-01")


def source(component="camera", maker="a", **more):
    given = {
        "component": component,
        "maker": maker,
        "known_on": "2019-12-01",
        "starts_low": "2019-12-01",
        "starts_high": "2019-12-01",
    }
    given |= {
        "units_low": 3e5,
        "units_high": 3e5,
        "doubling_days_low": 7,
        "doubling_days_high": 7,
        "yield_low": 1.0,
        "yield_high": 1.0,
    }
    row = given | more
    return row | {
        name: pd.Timestamp(row[name]) for name in ("known_on", "starts_low", "starts_high")
    }


def sources(*rows):
    return pd.DataFrame([source(**row) for row in rows])


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


def test_output_is_the_least_component_walked_day_by_day():
    """The slow version: one draw without spread, each day of each maker, exponential and then flat."""
    rows = sources({"yield_low": 0.5, "yield_high": 0.5}, {"component": "line", "units_low": 2e5, "units_high": 2e5, "starts_low": "2020-01-05",
                   "starts_high": "2020-01-05", "doubling_days_low": 10, "doubling_days_high": 10})  # fmt: skip
    made = {"camera": [], "line": []}
    for component, start, units, doubling, share in (
        ("camera", -31, 3e5, 7, 0.5),
        ("line", 4, 2e5, 10, 1.0),
    ):
        for week in range(-capacity.LEAD, 12):
            days = [day + 0.5 - start for day in range(7 * week, 7 * week + 7)]
            made[component].append(
                sum(
                    units / 30.4 * share * min(1, 0.04 * 2 ** (d / doubling))
                    for d in days
                    if d >= 0
                )
            )
    least = np.minimum(made["camera"], made["line"])
    slow = np.r_[least[: capacity.LEAD + 1].sum(), least[capacity.LEAD + 1 :]]
    output = capacity.draw_output(rows, FIRST_SALE, 12, draws=3)
    assert output.supply == pytest.approx(np.repeat(slow[None], 3, 0), rel=1e-9)


def test_ranges_of_the_file_hold_eighty_percent_of_the_draws():
    rows = sources({"units_low": 2e5, "units_high": 8e5, "yield_low": 0.2, "yield_high": 0.6})
    output = capacity.draw_output(rows, FIRST_SALE, 30, draws=20_000)
    assert np.mean(
        (output.yields["camera"][:, -1] >= 0.2) & (output.yields["camera"][:, -1] <= 0.6)
    ) == pytest.approx(0.8, abs=0.01)
    started = output.parts["camera"][:, -1] / output.yields["camera"][:, -1] * 30.4 / 7
    assert np.mean((started >= 2e5) & (started <= 8e5)) == pytest.approx(0.8, abs=0.01)


def test_one_component_binds_in_each_draw_and_one_more_unit_is_worth_its_yield_there():
    """The oracle is a second run with one more unit of the component started in the week: a difference of the least."""
    output = capacity.draw_output(sources(*UNSURE), FIRST_SALE, 10, draws=2000)
    table = output.table()
    assert table.groupby("week")["binds"].sum().to_numpy() == pytest.approx(1)
    least = np.min([*output.parts.values()], axis=0)
    for name in output.parts:
        more = output.parts | {name: output.parts[name] + output.yields[name]}
        gain = (np.min([*more.values()], axis=0) - least).mean(0)
        told = table.query("component == @name")
        late = told["week"] >= 0  # before, nothing may be made of either
        assert told["one_more_adds"][late].to_numpy() == pytest.approx(
            gain[late.to_numpy()], abs=2e-3
        )


def test_the_later_known_row_of_a_maker_holds():
    early, late = {"units_low": 1e5, "units_high": 1e5}, {"known_on": "2020-02-01"}
    assert capacity.draw_output(sources(early, late), FIRST_SALE, draws=2).supply == pytest.approx(
        capacity.draw_output(sources(late), FIRST_SALE, draws=2).supply
    )


def test_a_second_source_never_takes_away_and_adds_what_two_independent_runs_say():
    rows = sources(*UNSURE)
    added = capacity.second_source(rows, "b", FIRST_SALE, weeks=20, draws=3000)
    assert (added["low"] >= 0).all()
    assert added["median"].is_monotonic_increasing
    assert added["any"].iloc[0] < 0.1
    runs = [
        capacity.draw_output(r, FIRST_SALE, 20, draws=3000, seed=s).supply.sum(1)
        for r, s in ((rows, 1), (rows[rows["maker"] != "b"], 2))
    ]
    paired = (
        capacity.draw_output(rows, FIRST_SALE, 20, draws=3000).supply
        - capacity.draw_output(rows[:2], FIRST_SALE, 20, draws=3000).supply
    )
    error = np.hypot(*[run.std() for run in runs]) / np.sqrt(4000)
    assert paired.sum(1).mean() == pytest.approx(runs[0].mean() - runs[1].mean(), abs=4 * error)
    assert paired.sum(1).std() < 0.7 * np.hypot(
        *[run.std() for run in runs]
    )  # common numbers tell it more sharply


@pytest.mark.parametrize("rows", [UNSURE, UNSURE[1:2]])
def test_without_the_only_maker_of_a_component_nothing_is_made_and_it_adds_all(rows):
    rows = sources(*(row | {"maker": row.get("maker", "only")} for row in rows))
    maker = rows["maker"].iloc[0]
    added = capacity.second_source(rows, maker, FIRST_SALE, weeks=20, draws=500)
    supply = capacity.draw_output(rows, FIRST_SALE, 20, draws=500).supply
    assert added["median"].to_numpy() == pytest.approx(ends(np.cumsum(supply, 1))[1])
    assert (added["low"] >= 0).all()


def test_more_supply_from_a_second_source_shortens_the_wait_of_patient_buyers():
    rows = sources(*UNSURE)
    people = {"potential": 3e6, "p": 0.03, "q": 0.2, "opening": 0.2}
    with_b, without = (
        demand.simulate_launch(capacity.draw_output(r, FIRST_SALE, 20, draws=500).supply, **people)
        for r in (rows, rows[:2])
    )
    assert (with_b.sold - without.sold).min() >= -1e-3
    assert (
        np.minimum(demand.wait_weeks(with_b)[:, 0], 99)
        <= np.minimum(demand.wait_weeks(without)[:, 0], 99)
    ).all()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"yield_high": 1.2}, "'index': 0, .*'yield_high': 1.2"),
        ({"units_low": 0.0}, "'component': 'camera', .*'units_low': 0.0"),
        ({"yield_low": 0.0}, "'yield_low': 0.0"),
    ],
)
def test_sources_that_cannot_be_are_refused_by_row(row, said):
    with pytest.raises(ValueError, match=said):
        capacity.draw_output(sources(row), FIRST_SALE)


def test_no_source_is_an_error_and_not_an_endless_supply():
    with pytest.raises(ValueError, match="no row"):
        capacity.draw_output(sources({})[:0], FIRST_SALE)


# ---- yields ----


def made_up_yields(law, slope, processes=6, points=5, noise=0.1, seed=1):
    rng, rows = np.random.default_rng(seed), []
    down = capacity.LAWS[law][1]
    for process in range(processes):
        level = rng.normal(-1, 1)
        for month in range(points):
            share = down(level + slope * month + noise * rng.standard_normal())
            day = pd.Timestamp("2018-01-01") + pd.Timedelta(days=30.4 * month)
            rows.append(
                {
                    "process": f"p{process}",
                    "device": "x",
                    "date": day,
                    "yield_share": share,
                    "value_kind": "point",
                }
            )
    return pd.DataFrame(rows)


@pytest.mark.parametrize("law", capacity.LAWS)
def test_the_growth_of_yields_is_found_again_with_an_error_that_holds(law):
    held = []
    for seed in range(60):
        fit = capacity.fit_yields(made_up_yields(law, 0.3, seed=seed), law)
        held.append(abs(fit["per_month"] - 0.3) <= stats.t.ppf(0.95, fit["df"]) * fit["se"])
    assert 0.76 <= np.mean(held) <= 1.0  # of 60 at 0.9


def test_yields_on_file_grow_and_two_points_of_one_process_are_not_enough():
    fit = capacity.fit_yields(load_table("component_yields"))
    assert fit["per_month"] > 2 * fit["se"]
    with pytest.raises(ValueError, match="expected 4 or more"):
        capacity.fit_yields(made_up_yields("logistic", 0.3, processes=1, points=2))


@pytest.mark.parametrize("law", capacity.LAWS)
def test_a_yield_that_grows_stays_a_share_and_ends_above_where_it_began(law):
    rows = sources({"yield_low": 0.03, "yield_high": 0.08})
    output = capacity.draw_output(
        rows,
        FIRST_SALE,
        50,
        ramp=capacity.fit_yields(load_table("component_yields"), law),
        draws=2000,
    )
    share = output.yields["camera"][:, capacity.LEAD :]
    assert 0 <= share.min() <= share.max() <= 1
    assert np.median(share[:, -1]) > 1.5 * np.median(share[:, 0])


# ---- targets ----


def test_a_share_of_targets_drawn_from_few_outcomes_holds_the_next_one():
    """Student t: with three known ratios, 80 % bands of the next hold it 80 % of the time."""
    rng, held = np.random.default_rng(1), []
    for _ in range(400):
        ratios = np.exp(rng.normal(-0.3, 0.4, 4))
        low, high = np.quantile(
            capacity.draw_target_ratio(pd.DataFrame({"ratio": ratios[:3]}), 2000, rng), [0.1, 0.9]
        )
        held.append(low <= ratios[3] <= high)
    assert np.mean(held) == pytest.approx(0.8, abs=4 * 0.02)


def test_targets_are_matched_with_outcomes_told_later_of_like_length():
    hits = capacity.target_hits(load_table("capacity_reports"), load_table("device_sales"))
    assert (hits["report_date_made"] > hits["report_date"]).all()
    assert (hits["units_per_month"] >= capacity.MASS).all()
    assert hits.query("device == 'boe_flexible_oled'")["ratio"].min() == pytest.approx(17 / 50)
    assert not hits.duplicated(["device", "units_per_month"]).any()


# ---- supply priors and their launches ----


def test_a_target_in_the_first_month_has_two_readings_and_each_ends_on_its_own_day():
    known = as_known_on(load_launch("mi_9"), "2019-03-03")
    hits, yields = pd.DataFrame({"ratio": [0.5, 0.8, 1.0]}), load_table("component_yields")
    priors = capacity.supply_priors(known, hits, yields)
    for reading, start in (("announcement", "2019-02-20"), ("first sale", "2019-02-26")):
        path = priors[f"target 1,000,000, month from {reading}, at its word"][0]
        made = np.cumsum(path)[3] / 1e6 * 30.4
        assert made == pytest.approx((pd.Timestamp("2019-02-26") - pd.Timestamp(start)).days + 28)
    assert not any("1,500,000" in label for label in priors)  # told in April
    assert np.isinf(priors["no limit"]).all()


def launch_with(**lists):
    """A launch on sale since `FIRST_SALE` with these lists, each row over a plausible one, and nothing else told."""
    plain = {
        "drops": {"device": "mi_9", "date": "2020-01-01", "units": 50_000.0},
        "supply_reports": {
            "period_start": "2020-01-01",
            "period_end": None,
            "units": 9e5,
            "per": "month",
            "kind": "target",
            "scope": None,
        },
    }
    made = {
        name: pd.DataFrame(
            [plain[name] | row for row in lists.get(name, [])], columns=[*plain[name]]
        )
        for name in plain
    }
    for table, name in (
        ("drops", "date"),
        ("supply_reports", "period_start"),
        ("supply_reports", "period_end"),
    ):
        made[table][name] = pd.to_datetime(made[table][name])
    whole = load_launch("mi_9")
    first = Figure(FIRST_SALE, "sourced")
    return replace(
        whole, **made, supply_sources=whole.supply_sources[:0], figures={"first_sale": first}
    )


def priors_of(**lists):
    hits, yields = pd.DataFrame({"ratio": [0.5, 0.8, 1.0]}), load_table("component_yields")
    return capacity.supply_priors(launch_with(**lists), hits, yields, 20, draws=4000)


def test_drops_are_supply_as_told_and_go_on_after_the_last_at_their_own_rate():
    """The slow version: the drops told one by one, then one every ten days; its size is theirs within a factor of 1.3 in 80 %."""
    days = [
        "2019-12-28",
        "2020-01-01",
        "2020-01-11",
        "2020-01-21",
    ]  # the first is before the sale: stock of the first week
    supply = priors_of(drops=[{"date": day} for day in days])["its drops"]
    told, spacing = np.zeros(20), 20 / 3
    for day in (0, 0, 10, 20):
        told[day // 7] += 50_000
    assert supply[:, :3] == pytest.approx(np.tile(told[:3], (4000, 1)))
    later = [int((20 + k * spacing) // 7) for k in range(1, 60)]
    counts = np.array([later.count(week) for week in range(20)])
    assert np.median(supply, 0)[3:] == pytest.approx((told + 50_000 * counts)[3:], rel=0.02)
    cumulated = supply[:, 3:].sum(1)
    assert np.quantile(cumulated, [0.1, 0.9]) / np.median(cumulated) == pytest.approx(
        [1 / 1.3, 1.3], rel=0.03
    )


def test_drops_of_unlike_sizes_leave_the_rate_less_sure():
    days = ["2020-01-01", "2020-01-08", "2020-01-15"]
    alike, unlike = (
        priors_of(drops=[{"date": day, "units": n} for day, n in zip(days, units, strict=True)])[
            "its drops"
        ][:, -1]
        for units in ((50_000, 50_000, 50_000), (10_000, 20_000, 120_000))
    )
    assert np.std(np.log(unlike)) > 1.5 * np.std(np.log(alike)) > 0
    assert unlike.mean() == pytest.approx(alike.mean(), rel=0.05)


def test_drops_of_another_device_are_no_supply_of_this_one():
    days, other = (
        ["2020-01-01", "2020-01-08", "2020-01-15"],
        {"date": "2020-01-22", "device": "mi_9_se_and_transparent"},
    )
    own = [{"date": day} for day in days]
    assert priors_of(drops=[*own, other])["its drops"] == pytest.approx(
        priors_of(drops=own)["its drops"]
    )
    assert "its drops" not in priors_of(drops=[*own[:2], other])
    assert "its drops" in priors_of(drops=[*own, other | {"units": np.nan}])


@pytest.mark.parametrize("per", ["day", "week", "quarter", "year"])
def test_a_target_without_an_end_is_named_by_its_start(per):
    units = 1e6 * capacity.DAYS_PER[per] / capacity.DAYS_PER["month"]
    priors = priors_of(supply_reports=[{"per": per, "units": units}])
    label = f"target {units:,.0f}, from 2020-01-01, at its word"
    assert priors[label].sum() == pytest.approx(1e6 * 140 / 30.4)


def test_reports_of_a_series_are_no_output_of_the_model():
    made = {"kind": "shipped", "units": 5e5}
    assert "output as reported, steady" in priors_of(supply_reports=[made])
    assert "output as reported, steady" not in priors_of(
        supply_reports=[made | {"scope": "series"}]
    )
    with_both = priors_of(supply_reports=[made, made | {"scope": "series", "units": 5e6}])[
        "output as reported, steady"
    ]
    assert with_both == pytest.approx(
        priors_of(supply_reports=[made])["output as reported, steady"]
    )


def test_the_millionth_mi_9_as_known_on_3_march_moves_with_the_supply_prior():
    study = supply_study.study_supply(load_launch("mi_9"), "2019-03-03", draws=300)
    dates = study.dates.set_index("label")
    word = dates.loc[[label for label in dates.index if "at its word" in label], "estimate"]
    record = dates.loc[[label for label in dates.index if "by the record" in label], "estimate"]
    assert record.min() > word.max()
    assert (dates["low"] <= dates["estimate"]).all()
    assert (dates["estimate"] <= dates["high"]).all()
    assert study.launch.sales.empty  # nothing of what came later was known
    parts = dates.loc[[label for label in dates.index if label.startswith("its parts")]]
    outcome = (pd.Timestamp("2019-03-31") - pd.Timestamp("2019-02-26")).days / 7
    assert (parts["low"] < outcome + 1).all()


def test_ten_thousand_a_month_never_reach_a_million_and_hold_the_report():
    study = supply_study.study_supply(load_launch("mi_mix"), draws=300)
    limited = study.dates[study.dates["label"] != "no limit"]
    assert np.isinf(limited["estimate"]).all()
    month = study.fits["its parts, yields flat"].paths.supply[:, 8:12].sum(1) * 30.4 / 28
    low, high = np.quantile(month, [0.1, 0.9])
    assert low <= 10_000 <= high


# ---- ceiling or choice ----


def test_the_chance_of_holding_back_is_bayes_rule_done_by_simulation():
    rng = np.random.default_rng(1)
    n, sd = 400_000, 0.2
    back = rng.random(n) < 0.25
    gap = np.where(back, np.log(rng.uniform(0.3, 0.9, n)), 0) + sd * np.sqrt(
        2
    ) * rng.standard_normal(n)
    for release in (6e5, 8e5, 1e6):
        near = np.abs(gap - np.log(release / 1e6)) < 0.02
        told = capacity.held_back((release, sd), (1e6, sd), odds=1 / 3)
        assert told["moved"]
        assert told["probability"] == pytest.approx(
            back[near].mean(), abs=4 * np.sqrt(0.25 / near.sum()) + 0.005
        )


def test_stated_chances_are_right_as_often_as_they_say():
    rng, told = np.random.default_rng(2), []
    for _ in range(2000):
        back = rng.random() < 0.5
        release = (
            1e6 * (rng.uniform(0.3, 0.9) if back else 1) * np.exp(0.15 * rng.standard_normal())
        )
        ceiling = 1e6 * np.exp(0.15 * rng.standard_normal())
        told.append((capacity.held_back((release, 0.15), (ceiling, 0.15))["probability"], back))
    chance, truth = np.array(told).T
    for low in (0.0, 0.25, 0.5, 0.75):
        cell = (chance >= low) & (chance < low + 0.25 + 1e-9)
        assert truth[cell].mean() == pytest.approx(
            chance[cell].mean(), abs=4 * np.sqrt(0.25 / cell.sum())
        )


def test_one_number_for_both_returns_the_prior_and_says_so():
    told = capacity.held_back(None, (1e4, 0.2), odds=3.0)
    assert (told["probability"], told["moved"]) == (0.75, False)
    rates = capacity.monthly_rates(load_launch("mi_mix").supply_reports)
    choice = capacity.judge_choice(rates)
    assert choice["probability"].to_numpy() == pytest.approx(choice["prior"].to_numpy())
    assert not choice["moved"].any()


def test_two_sources_for_one_time_move_the_odds_and_the_assumed_degree_matters():
    rows = [("shipped", 5e5, "http://a"), ("capacity", 1e6, "http://b")]
    rates = pd.DataFrame(rows, columns=["kind", "units_per_month", "source"]).assign(
        units=1.0, scope=None
    )
    rates = rates.assign(
        period_start=pd.Timestamp("2020-01-01"), period_end=pd.Timestamp("2020-01-31")
    )
    choice = capacity.judge_choice(rates)
    assert (choice["probability"] > choice["prior"]).all()
    assert (
        choice.query("prior == 0.5")["probability"].max()
        - choice.query("prior == 0.5")["probability"].min()
        > 0.02
    )
    assert choice["settled_by_sd"].between(0.02, 1).all()
    still_valid = rates.assign(period_end=rates["period_end"].where(rates["kind"] == "shipped"))
    pd.testing.assert_frame_equal(capacity.judge_choice(still_valid), choice)
    later = still_valid.assign(
        period_start=[pd.Timestamp("2020-01-01"), pd.Timestamp("2020-02-01")]
    )
    assert not capacity.judge_choice(later)["moved"].any()
    for at in (0, 1):  # one of them speaks of the whole series
        series = rates.assign(scope=[("model", "series")[row == at] for row in (0, 1)])
        assert not capacity.judge_choice(series)["moved"].any()
