"""The front page: its title counts what was counted twice, its table says what launch files say."""

from dataclasses import replace

import pandas as pd
import pytest

from analysis import supply
from analysis.data import SourcedValue, list_launches, load_launch
from analysis.evidence.front_page import (
    COLUMNS,
    describe_front_page,
    describe_trust,
    describe_waiting,
    has_two_numbers,
    say_later_costings,
    say_title,
    say_trust_in_waiting,
    settling_error,
    what_came,
    what_was_short,
)
from analysis.evidence.held_back import compare_held_back
from analysis.look import day, percent
from analysis.supply import monthly_rates


def report(name: str, **quantities: tuple) -> dict:
    ends = ("estimate", "low", "high")
    values = {
        quantity: dict(zip(ends, map(str, value), strict=True))
        for quantity, value in quantities.items()
    }
    return {"name": name, "quantities": values}


@pytest.fixture(scope="module")
def front() -> dict:
    return describe_front_page(
        [
            report("example/sellout_speed", lot_dependence=(0, -0.5, 0.5)),
            report("mi_9/capacity"),
            report("mi_9/release_plan", making_half_pays_share=(0.3, 0.29, 0.31)),
            report("mi_mix/release_plan", making_half_pays_share=(0.2, 0.19, 0.21)),
            report("gone/margin"),
        ]
    )


def test_a_launch_has_one_row_whatever_its_reports_and_a_simulated_one_stands_apart(front):
    assert [row["subject"] for row in front["rows"]] == ["mi_9", "mi_mix"]
    assert front["apart"] == ("example",)
    assert all(len(row["cells"]) == len(COLUMNS) for row in front["rows"])


def test_the_row_says_what_the_launch_file_says(front):
    cells = dict(zip(front["columns"], front["rows"][0]["cells"], strict=True))
    own = load_launch("mi_9").drops.query("device == 'mi_9'")
    assert cells["Fastest sale"] == f"{own['sellout_s'].min():g}\u00a0s"
    assert cells["Shortage named"] == "camera modules"
    assert cells["Likeliest cause"].startswith("a part was short (")
    assert cells["Would waiting have paid?"] == "probably not (paid in 30 % of simulations)"
    assert cells["Units counted"] == "1 million by 31 March 2019"


def test_the_chart_has_the_chance_of_each_launch_sold_as_its_own_page_has_it(front):
    launch = load_launch("mi_9")
    shortage = supply.explain_shortage(launch)
    chances = compare_held_back([(launch, shortage)])
    (row,) = chances.rows.to_dict("records")
    assert (row["estimate"], row["low"], row["high"]) == shortage.interval("held_back")
    assert row["low"] < row["class_share"] < row["high"]
    assert row["label"] == "Xiaomi Mi 9", "no two counts are on file"
    assert chances.sentence() == f"The chance is {percent(row['estimate'])}, of the Xiaomi Mi 9."
    assert "Xiaomi Mi MIX" in front["chart"]
    assert compare_held_back([]).chart() is None


def test_a_part_is_named_as_on_the_page_on_supply():
    launch = load_launch("mi_9")
    names = {"oled_panel": "OLED panels", "lcd_panel": "LCD panels", "labour": "a lack of workers"}
    for part, words in names.items():
        limit = {"supply.bottleneck": SourcedValue(part, "sourced", source_or_reason="x")}
        assert what_was_short(replace(launch, figures=launch.figures | limit)) == words


def test_a_launch_without_a_plan_names_the_figures_that_would_add_one():
    launch = load_launch("mi_1")
    assert describe_waiting(launch, {}) == (
        "no plan: no start volume, full volume or ramp-up on file"
    )
    full = {"supply.full_units_per_month": SourcedValue(1e5, "sourced", source_or_reason="x")}
    with_one = replace(launch, figures=launch.figures | full)
    assert describe_waiting(with_one, {}).endswith("no start volume or ramp-up on file")
    assert describe_waiting(load_launch("mi_9"), {}) == "not played through"


def test_units_that_were_ordered_only_are_no_count():
    launch = load_launch("mi_3_india")
    ordered = launch.sales.query("kind == 'ordered'")["units"].max()
    assert ordered > launch.sales.query("kind != 'ordered'")["units"].max()
    last = launch.sales.query("kind != 'ordered'").sort_values("date").iloc[-1]
    assert what_came(launch) == f"{last['units']:,.0f} by {day(last['date'])}"


def test_the_trust_counts_reports_and_names_the_error_of_the_pages_on_supply(front):
    launches = [load_launch(name) for name in ("mi_9", "mi_mix")]
    trust = front["trust"]
    assert trust["level"] == "none"
    sentence = "of 2 launches, reports say for 2 how many could be made, and for 1 how many were"
    assert sentence in trust["because"]
    error = percent(settling_error(monthly_rates(launches[0].supply_reports)))
    assert f"Right to within {error}" in trust["would_settle"]
    assert error in supply.study_launch(launches[0], draws=50).trust().would_settle


def test_what_to_do_follows_the_plans_played_through(front):
    assert front["sentences"][-1].startswith("So sell what is made")
    lost = {"making_half_pays_share": (0.2, 0.19, 0.21), "never_made_share": (0.81, 0.81, 0.81)}
    advice = describe_front_page([report("mi_9/release_plan", **lost)])["sentences"][-1]
    assert "of the units not made at first 81 % are never made" in advice
    assert "can still be made" in front["sentences"][-1]  # no report published the share
    plan = report("mi_9/release_plan", making_half_pays_share=(0.7, 0.69, 0.71))
    assert "hold anything back" in describe_front_page([plan])["sentences"][-1]


def test_what_is_sold_at_a_loss_speaks_neither_for_selling_nor_of_what_is_never_made():
    """Of a PlayStation 3, and of a Mi MIX with its body, each one that is not made saves money."""
    plans = {
        "mi_9": {"making_half_pays_share": 0.2, "never_made_share": 0.87},
        "mi_2": {"making_half_pays_share": 0.2, "never_made_share": 0.92},
        "mi_mix": {"making_half_pays_share": 0.2, "never_made_share": 1.0},
        "playstation_3": {
            "making_half_pays_share": 0.99,
            "never_made_share": 0.8,
            "sold_below_cost_share": 1.0,
        },
    }
    reports = [
        report(f"{name}/release_plan", **{key: (share,) * 3 for key, share in published.items()})
        for name, published in plans.items()
    ]
    assert describe_front_page(reports)["sentences"][-1] == (
        "So sell what is made, if a unit earns anything: of the units not made at first 87 to 92 % "
        "are never made, however cheap parts get."
    )
    without_those_that_earn = describe_front_page(reports[2:])["sentences"][-1]
    assert "never made" not in without_those_that_earn
    assert without_those_that_earn.startswith("So sell what is made, if a unit earns anything, ")


def test_waiting_that_pays_by_hardly_anything_is_called_so():
    small = {
        "making_half_pays_share": (0.8, 0.79, 0.81),
        "waiting_gain_over_profit": (0.004, 0.004, 0.004),
    }
    page = describe_front_page([report("mi_9/release_plan", **small)])
    waiting = page["rows"][0]["cells"][page["columns"].index("Would waiting have paid?")]
    assert waiting == "hardly: under 1 % of profit (paid in 80 % of simulations)"
    assert page["sentences"][:2] == (
        "We played 1 launch through, making half at first to wait for cheaper parts, against "
        "selling as made.",
        "It would have changed profit by less than 1 % for the Xiaomi Mi 9.",
    )
    assert page["sentences"][-1].startswith("So sell what is made")


def test_a_plan_that_leaves_a_ceramic_body_out_says_so(front):
    waiting = front["columns"].index("Would waiting have paid?")
    mi_9, mi_mix = (row["cells"][waiting] for row in front["rows"])
    assert "ceramic body left out" in mi_mix
    assert "ceramic" not in mi_9


def test_sentences_and_findings_carry_the_published_figures(front):
    assert front["sentences"][1] == "That probably would not have paid for 2 of them."
    assert "lasted 1.0 times as long (95 % range 0.32 to 3.2)" in front["findings"][0]


def test_the_title_counts_launches_of_which_two_counts_speak():
    names = list("abcdefgh")
    assert say_title(0, names) == (
        "We cannot tell whether units were held back in any of 8 launches: no two independent "
        "counts exist"
    )
    both = say_title(0, names) + say_title(2, names)
    assert "ublic data" not in both, "one's own data are not public"
    two = "Two independent counts speak of whether units were held back in 2 of 8 launches"
    assert say_title(2, names) == two
    every = describe_front_page([report(f"{name}/capacity") for name in list_launches()])
    assert f"in any of {len(list_launches()) - 2} launches" in every["title"]  # two are simulated


def test_a_launch_that_is_alone_is_named_and_not_counted():
    """An owner's own index is of one launch: "in any of 1 launch 0 have a report" says nothing."""
    alone = describe_front_page([report("mi_9/capacity")])
    assert alone["title"] == (
        "We cannot tell whether the Xiaomi Mi 9 was held back: no two independent counts exist"
    )
    assert alone["trust"]["because"].startswith(
        "This is about holding back: of the Xiaomi Mi 9 reports say how many could be made, and "
        "how many were; no two independent ones speak of the same weeks."
    )
    bare = replace(load_launch("mi_9"), supply_reports=load_launch("mi_9").supply_reports.head(0))
    because = describe_trust([bare], 0, {})["because"]
    assert "of the Xiaomi Mi 9 no report says how many could be made, nor how many were." in because
    assert say_title(1, ["Mi 9"]).endswith("whether the Mi 9 was held back")
    assert say_trust_in_waiting({"fair": 1}) == "How sure we are of waiting: fair."


def test_two_counts_from_two_sources_are_two_numbers_whatever_they_make_of_holding_back():
    launch = load_launch("mi_mix")
    assert not has_two_numbers(launch)
    capacity = launch.supply_reports.iloc[0]
    made = capacity.copy()
    made["kind"], made["source"] = "produced", "https://example.org/count"
    with_both = replace(launch, supply_reports=pd.DataFrame([capacity, made]))
    assert has_two_numbers(with_both)
    assert with_both.supply_reports["units"].nunique() == 1, "as much was made as could be"


def test_a_console_sold_below_its_cost_is_no_case_of_waiting():
    """Each PlayStation 3 lost money: what its games earned is counted nowhere."""
    plan = report(
        "playstation_3/release_plan",
        making_half_pays_share=(0.99, 0.99, 0.99),
        sold_below_cost_share=(1.0, 1.0, 1.0),
    )
    page = describe_front_page([plan])
    waiting = page["columns"].index("Would waiting have paid?")
    assert "later earnings not counted" in page["rows"][0]["cells"][waiting]
    told = "We cannot tell for the Sony PlayStation 3, sold below cost at first."
    assert page["sentences"][1] == told
    assert page["sentences"][-1] == "So play your own launch through before you hold anything back."


def test_a_launch_whose_ceramic_body_is_left_out_is_not_called_sold_below_cost():
    plan = report(
        "mi_mix/release_plan",
        making_half_pays_share=(0.2, 0.2, 0.2),
        sold_below_cost_share=(0.95, 0.95, 0.95),
    )
    page = describe_front_page([plan])
    waiting = page["rows"][0]["cells"][page["columns"].index("Would waiting have paid?")]
    assert waiting.startswith("probably not (")


def test_each_launch_played_through_is_in_one_answer_to_whether_waiting_pays():
    shares = {"mi_9": 0.2, "mi_2": 0.3, "mi_mix": 0.7, "nintendo_switch": 0.8}
    reports = [
        report(f"{name}/release_plan", making_half_pays_share=(share, share, share))
        for name, share in shares.items()
    ]
    played, paid, not_paid, _ = describe_front_page(reports)["sentences"]
    assert played.startswith("We played 4 launches through")
    assert paid == "That probably would have paid for 2 of them."
    assert not_paid == "That probably would not have paid for 2 of them."


def test_forecasts_of_consoles_are_held_to_what_came():
    page = describe_front_page(
        [
            report(
                "playstation_3/margin",
                later_costings_held=(1.0, 1.0, 1.0),
                later_costings=(2.0, 2.0, 2.0),
            ),
            report(
                "nintendo_switch/capacity",
                foreseen_after_a_year=(20e6, 9.3e6, 47e6),
                came_after_a_year=(17.8e6, 17.8e6, 17.8e6),
            ),
        ]
    )
    costings, units = page["findings"]
    assert costings == (
        "Both later costings of the Sony PlayStation 3's parts lay inside the range forecast from "
        "the first alone."
    )
    assert "9.3 to 47 million of the Nintendo Switch" in units
    assert units.endswith("later, a wide range; 17.8 million came.")


@pytest.mark.parametrize(
    ("held", "costings", "words"),
    [
        (1, 1, "The one later costing of the Switch's parts lay inside the range"),
        (0, 1, "The one later costing of the Switch's parts lay outside the range"),
        (2, 2, "Both later costings of the Switch's parts lay inside the range"),
        (1, 2, "1 of 2 later costings of the Switch's parts lay inside the range"),
        (3, 3, "All 3 later costings of the Switch's parts lay inside the range"),
        (0, 3, "None of 3 later costings of the Switch's parts lay inside the range"),
    ],
)
def test_later_costings_are_told_with_their_number(held, costings, words):
    """Two that a forecast held are no large number of them."""
    assert say_later_costings(held, costings, "Switch").startswith(words)


def test_a_forecast_is_called_wide_only_where_it_is():
    narrow = {"foreseen_after_a_year": (2e7, 1.5e7, 2.5e7), "came_after_a_year": (2e7, 2e7, 2e7)}
    (units,) = describe_front_page([report("nintendo_switch/capacity", **narrow)])["findings"]
    assert "15 to 25 million" in units
    assert units.endswith("for about a year later; 20 million came.")


def test_a_correlation_has_two_digits_and_a_true_minus_sign():
    rank = {"first_drop_to_sales_correlation": (-0.409, -0.806, 0.241)}
    (finding,) = describe_front_page([report("mi_9/sellout_speed", **rank)])["findings"]
    assert "is −0.41 (95 % range −0.81 to 0.24)." in finding


def test_the_trust_says_of_what_it_is_and_how_sure_plans_are_of_waiting():
    reports = [
        report("mi_9/release_plan", making_half_pays_share=(0.2, 0.2, 0.2)) | {"trust": "fair"},
        report("mi_2/release_plan", making_half_pays_share=(0.2, 0.2, 0.2)) | {"trust": "fair"},
        report("mi_mix/release_plan", making_half_pays_share=(0.2, 0.2, 0.2)) | {"trust": "low"},
        report("mi_9/capacity") | {"trust": "none"},
    ]
    because = describe_front_page(reports)["trust"]["because"]
    assert because.startswith("This is about holding back: of 3 launches, ")
    sure = "How sure we are of waiting: fair in 2 launches and low in 1."
    assert because.endswith(f"speak of the same weeks. {sure}")
    assert "of waiting" not in describe_front_page(reports[3:])["trust"]["because"]
