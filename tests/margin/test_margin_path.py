"""Margins by item, date and draw: the formula, sums, dates, the bridge, the points of the model."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import margin
from analysis.bom import study_costs
from analysis.data import SourcedValue, load_launch, load_table
from analysis.data.launches import PRICE_AND_COSTS
from analysis.data.lengths import DAYS_A_MONTH
from analysis.data.uncertainty import draw_split_normal, interval
from analysis.margin.items import COST_ITEMS
from analysis.margin.path import costing_error


def test_money_sums_to_the_same_total_by_month_by_item_and_by_draw(path):
    units = np.linspace(5, 1, len(path.months)) * np.arange(1, 401)[:, None]
    by_item = (units * path.net_usd).sum() - sum((units * usd).sum() for usd in path.items.values())
    by_month, by_phone = (units * path.margin_usd).sum(0), (units * path.margin_usd).sum(1)
    assert by_month.sum() == pytest.approx(by_item, rel=1e-9)
    assert by_phone.sum() == pytest.approx(by_item, rel=1e-9)
    assert path.margin_share * path.net_usd == pytest.approx(path.margin_usd)


def test_the_net_price_of_the_mi_9_rises_when_the_tax_falls(falling):
    launch = load_launch("mi_9")
    figures = launch.figures | {"price.local_per_usd": SourcedValue(value=6.8, basis="sourced")}
    net = margin.margin_path(replace(launch, figures=figures), falling, 3, 1).net_usd[0]
    april = (pd.Timestamp("2019-04-01") - launch.figure("first_sale").value).days / DAYS_A_MONTH
    months = margin.margin_path(launch, falling, 3, 1).months
    assert net[months < april] == pytest.approx(2999 / 1.16 / 6.8)
    assert net[(months >= april) & (months < 10)] == pytest.approx(2999 / 1.13 / 6.8)


def test_parts_that_get_cheaper_faster_bend_the_path_of_the_bom(falling):
    parts = pd.DataFrame({"share": [0.5], "rate_gap": [-0.4], "se": [0.0], "wander": [0.0]})
    plain, bent = (
        margin.margin_path(load_launch("mi_9"), falling, 5, 1, given).items["bom"]
        for given in (None, parts)
    )
    assert bent[:, 0] == pytest.approx(plain[:, 0])
    assert (
        bent[:, -1] > plain[:, -1]
    ).all()  # the rest balances the first slope, so that the sum of two exponentials is above one


@pytest.mark.oracle("slow version")
def test_long_steps_give_the_law_of_short_ones_at_the_months_of_both(falling):
    parts = pd.DataFrame({"share": [0.5], "rate_gap": [-0.1], "se": [0.1], "wander": [0.3]})
    short, long = (
        margin.margin_path(load_launch("mi_9"), falling, 20_000, 1, parts, step_months=step)
        for step in (0.25, 9)
    )
    months = short.months[-1]
    assert months % 9, "the last step would end after the end of life, and is left out"
    assert [*long.months] == [*np.arange(0, months, 9)]
    difference = short.band().loc[long.months] - long.band()
    assert abs(difference).max().max() < 0.01
    assert long.band().iloc[-1].q975 - long.band().iloc[-1].q025 > 0.1


def fixed(value):
    return SourcedValue(value=value, basis="sourced", low=value, high=value)


@pytest.mark.oracle("closed form")
def test_without_uncertainty_the_margin_path_is_the_formula(decline_at):
    launch = load_launch("mi_3_india")
    still = {path: fixed(figure.value) for path, figure in launch.figures.items()}
    object.__setattr__(launch, "figures", still | {"costs.bom_date": still["first_sale"]})
    path = margin.margin_path(launch, decline_at(-0.3), draws=3, seed=1)
    net = 13_999 / 1.08 / 60.8
    month = path.months[-1]
    expected = 1 - still["costs.royalty_share"].value - still["costs.channel_share"].value
    expected -= (
        157 * np.exp(-0.3 * month / 12)
        + still["costs.assembly_usd"].value
        + still["costs.freight_warranty_usd"].value
    ) / net
    assert path.margin_share[:, -1] == pytest.approx([expected] * 3)


def test_a_price_cut_lowers_the_margin_from_its_month_on(decline_at):
    launch = load_launch("mi_1")
    band = margin.margin_path(launch, decline_at(0.0), draws=500, seed=1).band()["median"]
    cut = (
        launch.price_cuts["date"].iloc[0] - launch.figure("first_sale").value
    ).days / DAYS_A_MONTH
    assert (
        band[band.index < cut].max() - band[band.index < cut].min() < 0.02
    )  # the exchange rate alone moves it
    assert (band[band.index >= cut] < band[band.index < cut].min() - 0.1).all()


def test_an_assumed_range_holds_eighty_percent_of_the_draws():
    drawn = draw_split_normal(
        SourcedValue(value=7.0, basis="assumed", low=4.0, high=12.0),
        np.random.default_rng(5).standard_normal(100_000),
    )
    assert np.mean((drawn >= 4) & (drawn <= 12)) == pytest.approx(0.8, abs=0.005)
    with pytest.raises(ValueError, match="the figure is unknown"):
        draw_split_normal(SourcedValue(value=None, basis="unknown"), np.zeros(10))


def test_an_assumed_range_about_zero_is_drawn_and_not_cut_to_nothing():
    z = np.random.default_rng(1).standard_normal(20_000)
    drawn = draw_split_normal(SourcedValue(value=0.0, basis="assumed", low=0.0, high=0.05), z)
    assert np.quantile(drawn, 0.9) == pytest.approx(0.05, rel=0.05)
    assert drawn.min() >= 0
    assert np.quantile(
        draw_split_normal(SourcedValue(value=5.0, basis="assumed", low=0.2, high=9.0), z), 0.1
    ) == pytest.approx(0.2, abs=0.1)


def test_lives_are_sorted_by_the_day_their_margin_is_reached():
    share = np.array([[0.1, 0.2, 0.3], [-0.1, 0.0, 0.2], [-0.2, -0.1, -0.1], [0.1, 0.1, -0.1]])
    path = margin.MarginPath(
        months=np.arange(3.0),
        net_usd=np.ones((4, 3)),
        items={"bom": 1 - share},
        rate_per_year=np.zeros(4),
        bom_is_known=False,
    )
    crossings = path.crossings(0)
    assert crossings.to_dict() == {
        "at first sale": 0.5,
        "later": 0.25,
        "never": 0.25,
        "lost again": 0.25,
    }
    assert crossings[["at first sale", "later", "never"]].sum() == pytest.approx(1)
    assert path.probability_above(0.1).to_list() == [0, 0.25, 0.5]


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
        61 / DAYS_A_MONTH
    )
    later = margin.locate_points(
        launch, path, enough=np.quantile(path.gross_margin_share[:, 0], 0.95)
    ).set_index("point")
    assert 0 < later.loc["3 margin high enough", "low"] < np.inf
    assert np.isinf(interval(np.r_[np.zeros(3), np.full(5, np.inf)])[1])


def test_a_margin_that_is_high_enough_from_the_first_day_is_no_missing_point(path):
    """Every life by hand.

    The first month at or above the level, the first day among them; never only where none is.
    """
    before_channel = 1 - (sum(path.items.values()) - path.items["channel"]) / path.net_usd
    enough = float(np.median(before_channel[:, 0]))
    first = [
        next((m for m, x in zip(path.months, life, strict=True) if x >= enough - 1e-12), np.inf)
        for life in before_channel
    ]
    high_enough = (
        margin.locate_points(load_launch("mi_9"), path, enough - 1e-12)
        .set_index("point")
        .loc["3 margin high enough"]
    )
    assert high_enough[["low", "median", "high"]].tolist() == interval(np.array(first)).tolist()
    assert high_enough["low"] == 0
    assert high_enough["never"] == np.isinf(first).mean()


def test_a_quarter_is_left_out_where_its_year_was_reported():
    metrics = pd.DataFrame(
        {"period": ["2017", "2018Q4", "2019", "2019Q3", "2021"], "value": [1.0, 2, 3, 4, 5]}
    ).assign(company="xiaomi", metric="gross_margin", scope="smartphones")
    assert margin.reported_margins(metrics)["value"].tolist() == [1, 2, 3]


def test_every_cost_item_is_a_figure_that_a_launch_must_have_and_has_a_label_of_its_own():
    assert {item.field for item in COST_ITEMS} == {
        field for field in PRICE_AND_COSTS if field.startswith("costs.")
    }
    assert len({item.label for item in COST_ITEMS}) == len(COST_ITEMS)


def test_a_cost_without_a_label_is_refused(path):
    unknown = replace(path, items=path.items | {"licence": path.items["royalty"]})
    with pytest.raises(ValueError, match="cost item 'licence'; expected one of bom, royalty"):
        margin.bridge_margin(unknown, pd.DataFrame({"value": [0.061]}))


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


@pytest.mark.oracle("slow version")
def test_what_is_left_to_explain_has_the_interval_of_one_draw_against_one_reported_period(path):
    """The slow version pairs draws and periods at random.

    The extremes of both would give an interval that holds far more than 80 %.
    """
    rng, value = np.random.default_rng(5), np.array([0.061, 0.072, 0.088])
    own = 1 - sum(usd for item, usd in path.items.items() if item != "channel").sum(
        1
    ) / path.net_usd.sum(1)
    slow = np.quantile(rng.choice(value, 400_000) - rng.choice(own, 400_000), [0.1, 0.9])
    left_to_explain = (
        margin.bridge_margin(path, pd.DataFrame({"value": value}))
        .set_index("label")
        .loc["gross: left to explain"]
    )
    assert left_to_explain[["low", "high"]].to_numpy(float) == pytest.approx(slow, abs=0.002)
    assert left_to_explain["low"] > value.min() - interval(own)[2]
    assert left_to_explain["high"] < value.max() - interval(own)[0]


# ---- whether the file has a BOM ----


def with_figures(launch, **figures):
    """The launch with some of its figures replaced, written costs__bom_usd for costs.bom_usd."""
    changed = {path.replace("__", "."): figure for path, figure in figures.items()}
    return replace(launch, figures=launch.figures | changed)


def test_a_bom_on_file_is_known_with_or_without_a_history(falling):
    """The Mi 3 in India has a sourced 157 dollars and no history; the Mi 9 has neither."""
    assert margin.margin_path(load_launch("mi_3_india"), falling, draws=3, seed=1).bom_is_known
    assert not margin.margin_path(load_launch("mi_9"), falling, draws=3, seed=1).bom_is_known
    launch = load_launch("mi_9")
    day = launch.figure("first_sale").value
    costings = pd.DataFrame({"date": [day], "bom_usd": [286.0]})
    with_history = replace(
        with_figures(launch, costs__bom_usd=fixed(286.0), costs__bom_date=fixed(day)),
        costings=costings,
    )
    assert margin.margin_path(with_history, falling, draws=3, seed=1).bom_is_known is True


def test_a_known_bom_needs_no_share_that_stands_in_for_it(falling):
    no_share = with_figures(
        load_launch("mi_9"),
        costs__bom_usd=fixed(286.0),
        costs__bom_share_of_net_price=SourcedValue(value=None, basis="unknown"),
    )
    path = margin.margin_path(no_share, falling, draws=3, seed=1)
    assert path.items["bom"][:, 0] == pytest.approx([286.0] * 3)
    with pytest.raises(ValueError, match=r"mi_9\.yaml: costs\.bom_share_of_net_price is unknown"):
        margin.margin_path(
            with_figures(no_share, costs__bom_usd=SourcedValue(value=None, basis="unknown")),
            falling,
            3,
            1,
        )


# ---- break-even, events, what matters ----


def test_parts_at_break_even_leave_nothing_and_a_tenth_leaves_a_tenth(path):
    for share in (0.0, 0.1):
        parts = path.parts_cost_that_leaves(share)
        same = replace(path, items=path.items | {"bom": parts})
        assert same.margin_share == pytest.approx(np.full(parts.shape, share), abs=1e-12)
    assert path.bom_that_leaves(0.1) == pytest.approx(path.parts_cost_that_leaves(0.1)[:, 0])


def test_the_events_of_a_price_are_the_cuts_of_the_file_and_changes_of_tax_and_exchange_rate(
    path, falling
):
    """Tax in China fell from 16 to 13 % on 1 April 2019, 34 days after the Mi 9's first sale."""
    events = margin.price_events(load_launch("mi_9"), path)
    assert events["date"].to_list() == [pd.Timestamp("2019-04-01")]
    assert events.loc[0, ["kind", "before", "after"]].to_list() == ["tax", 0.16, 0.13]
    assert events.loc[0, "month"] == pytest.approx(34 / DAYS_A_MONTH)
    launch = load_launch("mi_1")
    cuts = margin.price_events(launch, margin.margin_path(launch, falling, draws=3, seed=1))
    assert cuts["kind"].to_list() == ["exchange rate", "price cut"]
    assert cuts[["before", "after"]].to_numpy().tolist() == [[6.4588, 6.3125], [1999, 1299]]


def test_a_price_of_another_variant_is_no_cut_and_a_cut_of_that_variant_is(falling):
    """The 60 GB PlayStation 3 was cut once; at 399 came the 40 GB, whose like fell to 299."""
    launch = load_launch("playstation_3")
    events = margin.price_events(launch, margin.margin_path(launch, falling, draws=3, seed=1))
    assert events["kind"].to_list() == ["price cut", "other version", "price cut"]
    assert events[["before", "after"]].to_numpy().tolist() == [[599, 499], [499, 399], [399, 299]]
    assert events["variant"].to_list() == ["", *["model of 40, later 80 GB"] * 2]
    assert not events["is_approximate"].any()


def test_the_swing_of_an_input_is_that_of_the_formula_where_the_margin_is_linear_in_it():
    """One month, dear parts against cheap royalties: the margin falls one for one with both."""
    rng = np.random.default_rng(3)
    parts, royalty = rng.normal(60.0, 10.0, (200_000, 1)), rng.uniform(0.0, 4.0, (200_000, 1))
    still = np.full(parts.shape, 5.0)
    items = {"bom": parts, "royalty": royalty, "channel": still, "assembly": still}
    path = margin.MarginPath(
        months=np.zeros(1),
        net_usd=np.full(parts.shape, 100.0),
        items=items | {"freight_warranty": still},
        rate_per_year=np.zeros(200_000),
        bom_is_known=True,
    )
    table = margin.swing_of_inputs(path)
    assert table["input"].to_list() == [
        "parts' cost at first sale, $",
        "royalties, share of net price",
    ]
    between = parts[(parts > np.quantile(parts, 0.85)) & (parts < np.quantile(parts, 0.95))].mean()
    assert table.loc[0, "swing"] == pytest.approx(2 * (between - 60) / 100, abs=2e-3)
    assert table.loc[1, "swing"] == pytest.approx(0.032, abs=2e-3)
    assert (table["margin_at_high"] < table["margin_at_low"]).all()


@pytest.mark.parametrize("name", ["mi_9", "redmi_note_7", "mi_3_india", "redmi_1s_india"])
def test_an_assumed_exchange_rate_holds_the_average_of_its_year_on_file(name):
    """Its reason once said that no average of the year was in the tables, when one was."""
    launch = load_launch(name)
    rate = launch.figure("price.local_per_usd")
    year = launch.figure("first_sale").value.year
    economics = load_table("economics")
    is_rate = economics["item"] == f"{launch.currency.lower()}_per_usd"
    on_file = economics[is_rate & (economics["valid_from"].dt.year == year)]["value"].item()
    low, high = rate.low or rate.number, rate.high or rate.number
    assert low <= on_file * (1 + 1e-9)
    assert on_file <= high * (1 + 1e-9)
    assert "not in the table" not in rate.source_or_reason


def test_beyond_its_last_costing_a_launch_goes_on_at_its_own_rate():
    """Five costings that fall by 0.4 a year, twice as fast as those of others.

    The rate of the launch is drawn towards theirs by its noise, by less than a third of the way.
    """
    launch = load_launch("mi_9")
    first_sale = launch.figure("first_sale").value
    months = np.array([0, 2, 4, 6, 8])
    costings = pd.DataFrame(
        {
            "date": first_sale + pd.to_timedelta(np.round(months * 30.44), unit="D"),
            "bom_usd": 290 * np.exp(-0.4 * months / 12),
        }
    )
    own = replace(launch, costings=costings)
    own_rate = study_costs(own).own_rate
    others = study_costs(launch).own_rate
    assert own_rate.sd < 0.7 * others.sd
    led = margin.margin_path(own, own_rate, draws=4_000, seed=1)
    last, end = np.searchsorted(led.months, [8.1, 12.0])
    years = (led.months[end] - led.months[last]) / 12
    rate = np.log(led.items["bom"][:, end] / led.items["bom"][:, last]) / years
    assert np.median(rate) == pytest.approx(own_rate.interval().mid, abs=0.02)
    assert abs(np.median(rate) + 0.4) < 0.3 * abs(others.mean + 0.4)


@pytest.mark.parametrize("name", ["playstation_3", "nintendo_switch"])
def test_a_published_costing_without_a_range_has_the_error_of_one_analyst(name, falling):
    launch = load_launch(name)
    on_file = launch.figure("costs.bom_usd")
    assert on_file.low is None
    undated = replace(launch, figures=launch.figures | {"costs.bom_date": launch.figure("none")})
    cost = margin.margin_path(undated, falling, draws=4_000, seed=1).items["bom"][:, 0]
    assert np.median(cost) == pytest.approx(on_file.number, rel=0.01)
    assert np.log(cost).std() == pytest.approx(0.07, rel=0.05)


def test_a_cost_of_ones_own_or_with_a_range_is_taken_as_it_is(falling):
    launch = load_launch("nintendo_switch")
    own = replace(launch, words=launch.words | {"device": "a_console_of_ours"})
    exact = SourcedValue(value=257.0, basis="sourced", low=257.0, high=257.0)
    ranged = replace(launch, figures=launch.figures | {"costs.bom_usd": exact})
    assert costing_error(own) == costing_error(ranged) == 0
    cost = margin.margin_path(ranged, falling, draws=400, seed=1).items["bom"][:, 0]
    assert np.log(cost).std() < 0.02  # of the day of the costing alone


@pytest.mark.parametrize("name", ["life_months", "price.list_local", "costs.channel_share"])
def test_a_figure_that_cannot_be_done_without_is_asked_for_by_its_name(name, falling):
    """Unknown, the first was a NaN that is no whole number, the second a margin of NaN."""
    launch = load_launch("mi_9")
    unknown = {name: SourcedValue(value=None, basis="unknown")}
    launch = replace(launch, figures=launch.figures | unknown)
    refusal = rf"data/launches/mi_9\.yaml: {name} is unknown"
    with pytest.raises(ValueError, match=refusal):
        margin.margin_path(launch, falling, draws=3, seed=1)
    with pytest.raises(ValueError, match=refusal):
        margin.study_launch(launch, study_costs(launch), draws=3, seed=1)


@pytest.mark.parametrize(
    ("step_months", "months"),
    [(0.25, range(13)), (1, range(13)), (1.5, range(0, 13, 3)), (6, [0, 6, 12])],
)
def test_a_table_by_month_has_the_whole_months_of_any_steps(step_months, months, falling):
    launch = load_launch("mi_9")
    path = margin.margin_path(launch, falling, 3, 1, step_months=step_months)
    assert path.by_month()["month"].to_list() == list(months)
