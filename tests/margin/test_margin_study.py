"""Words and tables of the margin page come from the draws, and say what the launch file says."""

import io
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from analysis import bom, margin
from analysis.data import SourcedValue, load_launch
from analysis.data.lengths import DAYS_A_MONTH
from analysis.data.uncertainty import interval
from analysis.look import dollars, percent, speak_of
from analysis.look.chart import csv_text
from analysis.margin import study as of_study
from analysis.margin.results_bridge import Bridge, points_apart
from analysis.margin.words import dollars_with_range, percent_with_range

LAUNCHES = ["mi_9", "mi_3_india", "mi_mix", "mi_2", "mi_1"]


@pytest.fixture(scope="module")
def studies() -> dict[str, margin.MarginStudy]:
    """Margin studies of launches, with few draws."""
    launches = {name: load_launch(name) for name in LAUNCHES}
    return {
        name: margin.study_launch(launch, bom.study_costs(launch), draws=2_000, seed=1)
        for name, launch in launches.items()
    }


def with_exact_figures(name: str, **figures: float) -> margin.MarginStudy:
    """The study of a launch whose prices and costs are its maker's own and known exactly."""
    launch = load_launch(name)
    known = {
        path: replace(figure, basis="sourced", low=figure.value, high=figure.value)
        for path, figure in launch.figures.items()
        if path.startswith(("costs.", "price.")) and figure.known and path != "costs.bom_date"
    }
    stated = {
        path.replace("__", "."): SourcedValue(value=value, basis="sourced", low=value, high=value)
        for path, value in figures.items()
    }
    launch = replace(launch, figures=launch.figures | known | stated)
    return margin.study_launch(launch, bom.study_costs(launch), draws=500, seed=1)


@pytest.fixture
def page_in_euros():
    """Have what is shown speak of consoles in euros, half a euro to the dollar."""
    speak_of("console", "consoles", currency="EUR", local_per_usd=0.5)
    yield
    speak_of()


def csv_of(result) -> pd.DataFrame:
    """The data of a chart as its page gives them away."""
    return pd.read_csv(io.StringIO(csv_text(result.chart().data)))


def first_words(study: margin.MarginStudy) -> str:
    """What the first screen says, with facts and trust."""
    return "\n".join(part.text() for part in (study.first_screen(), study.facts(), study.trust()))


def test_a_costing_on_file_is_what_the_page_rests_on(studies):
    """Mi 3 in India: 157 dollars, at most 185; no share of the net price stands in for it."""
    words = first_words(studies["mi_3_india"])
    assert words.startswith(
        "Was the Xiaomi Mi 3 in India profitable from day one?\nWe cannot tell: "
    )
    assert "$157 and $185" in words
    assert "75 %" not in words
    assert "No costing" not in words


def test_a_margin_that_may_lie_on_either_side_of_nothing_is_no_thin_one():
    """The Switch: a costing of 257 dollars five weeks after the first sale, about break-even."""
    launch = load_launch("nintendo_switch")
    study = margin.study_launch(launch, bom.study_costs(launch), draws=4_000, seed=1)
    assert study.first_screen().answer.startswith("We cannot tell: between a loss of ")
    costing = "by Fomalhaut's costing of $257 on 5 April 2017, 5 weeks later; four in five"
    assert costing in study.first_screen().text(), "first sale was on 3 March"
    low, _, high = interval(study.path.margin_share[:, 0])
    assert low < 0 < high
    beyond_our_limit = study.facts().facts[2]
    assert "after 24 months" in beyond_our_limit[1], "at the end its parts are at our limit"


def test_a_guess_above_what_the_books_say_is_said_to_be_too_good(studies):
    comparison = "Xiaomi reported 8 % on all its smartphones, so the guess is probably too good."
    assert comparison in studies["mi_9"].trust().text()
    left = studies["mi_9"].bridge.steps.set_index("label").loc["gross: left to explain"]
    assert left["high"] < 0
    assert "too good" not in studies["mi_3_india"].trust().text()


@pytest.mark.parametrize("name", LAUNCHES)
def test_no_headline_rests_on_a_guess_that_the_page_calls_too_good(studies, name):
    """The Mi 9: 83 % of its lives earn at first sale, by a guess of three times the books."""
    study = studies[name]
    words = first_words(study) + study.decision()
    assert study.guess_is_too_good == ("the guess is probably too good" in study.trust().text())
    assert study.guess_is_too_good == (name == "mi_9")
    if not study.guess_is_too_good:
        return
    assert study.path.probability_above(0).iloc[0] > 0.65
    answer = study.first_screen().answer
    margin_at_first = percent(np.median(study.path.margin_share[:, 0]))
    assert answer.startswith(f"We cannot tell: our guess at its parts leaves {margin_at_first}, ")
    assert len(answer.split()) <= 25
    assert study.parts_cost.sentence() in study.first_screen().detail
    assert study.decision().startswith("Do not settle a price on this margin.")
    assert "Sell the" not in words
    assert "it need not wait" not in words


def test_a_costing_is_never_called_a_guess_that_is_too_good(studies):
    """Parts of ten dollars keep far more than the books, yet the file says what they cost."""
    study = studies["mi_9"]
    cheap = study.with_figure("costs.bom_usd", 10.0)
    assert cheap.path.bom_is_known
    assert not cheap.guess_is_too_good
    assert cheap.case == "clear"


def test_an_assumed_share_is_marked_where_it_is_used(studies):
    words = first_words(studies["mi_1"])
    assert "Nobody has published a costing of the Xiaomi Mi 1." in words
    assert "if parts took 75 % of it, as in 4 other Xiaomi phones" in words
    break_even = studies["mi_1"].path.bom_that_leaves(0).mean()
    assert f"Probably: it broke even if its parts cost {dollars(break_even)}, and" in words


def test_a_share_that_is_not_the_brands_is_said_to_be_the_files(studies):
    study = studies["mi_9"]
    figures = study.launch.figures | {
        "costs.bom_share_of_net_price": SourcedValue(value=0.6, basis="assumed")
    }
    own = replace(study, launch=replace(study.launch, figures=figures))
    assert "parts took 60 % of it, as the launch file assumes" in own.facts().text()


def test_a_known_bom_without_a_share_has_a_page(studies):
    study = studies["mi_9"]
    figures = study.launch.figures | {
        "costs.bom_usd": SourcedValue(value=286.0, basis="sourced", low=286.0, high=286.0),
        "costs.bom_share_of_net_price": SourcedValue(value=None, basis="unknown"),
    }
    launch = replace(study.launch, figures=figures)
    known = margin.study_launch(launch, study.costs, draws=500, seed=1)
    assert "They cost $286, by its costing." in known.first_screen().text()
    assert "by the published estimates of its parts" in known.facts().text()
    one_figure = figures | {"costs.bom_usd": SourcedValue(value=286.0, basis="sourced")}
    launch = replace(study.launch, figures=one_figure)
    words = margin.study_launch(launch, study.costs, draws=500, seed=1).first_screen().text()
    assert re.search(
        r"\$28\d \(\$2\d\d to \$3\d\d\), by its costing; four in five such costings are off by 9 % "
        r"at most\.",
        words,
    ), "the error on file, 7 %, is one standard deviation, beside ranges of 80 %"


def with_own_costings() -> margin.MarginStudy:
    """The study of a phone on file, with five dated costings that fall by 8 % a year."""
    launch = load_launch("mi_9")
    first_sale = launch.figure("first_sale").value
    months = np.array([0, 3, 6, 9, 12])
    days = first_sale + pd.to_timedelta(np.round(months * 30.44), unit="D")
    costings = pd.DataFrame({"date": days, "bom_usd": 290 * 0.92 ** (months / 12)})
    first = SourcedValue(290.0, "sourced", low=280.0, high=300.0, source_or_reason="bom.csv")
    figures = launch.figures | {
        "costs.bom_usd": first,
        "costs.bom_date": SourcedValue(first_sale, "sourced"),
    }
    own = replace(launch, costings=costings, figures=figures)
    return margin.study_launch(own, bom.study_costs(own), draws=500, seed=1)


def test_a_history_of_own_costings_is_said_to_be_what_the_page_rests_on():
    study = with_own_costings()
    change = study.parts_cost.change_over_life(study.costs.decline.costed_devices)
    assert change.startswith("By these costings and that rate the parts of the Xiaomi Mi 9, **$290")
    words = first_words(study)
    assert "if its parts go on as in its own 5 costings" in words
    assert "at first sale, by the costings in its own BOM history" in words
    assert "The parts of the Xiaomi Mi 9 are costed in its own BOM history at $280 to $300" in words
    assert "by the first of its own costings." in words
    for not_so in ("costed devices", "published", "dated roughly"):
        assert not_so not in words + change


def assuming(bom_usd: float, low: float, high: float) -> margin.MarginStudy:
    """The study of a launch whose file assumes what its parts cost."""
    launch = load_launch("mi_9")
    assumed = SourcedValue(bom_usd, "assumed", low=low, high=high, source_or_reason="our guess")
    launch = replace(launch, figures=launch.figures | {"costs.bom_usd": assumed})
    return margin.study_launch(launch, bom.study_costs(launch), draws=500, seed=1)


def test_what_a_file_assumes_is_quoted_as_it_stands_there_and_drawn_so():
    study = assuming(400, low=340, high=460)
    parts_cost, devices = study.parts_cost, study.costs.decline.costed_devices
    assert parts_cost.sentence().endswith("Its file assumes $400 ($340 to $460).")
    assert "assumed in its file at $340 to $460." in study.trust().text()
    assert "**$400** at first sale would be" in parts_cost.change_over_life(devices)
    for result in (parts_cost, study.inputs):
        drawn = [text.get_text() for text in result.plot(Figure().subplots()).texts]
        assert {"$400"} <= set(drawn) or {"$340", "$460"} <= set(drawn)


def test_one_guess_that_holds_break_even_is_not_called_two_estimates():
    study = assuming(320, low=280, high=380)
    break_even = study.parts_cost.break_even_in_words()
    assert study.parts_cost.sentence() == (
        f"Our range of its parts, $280 to $380, holds break-even at {break_even}."
    )


def test_what_we_compute_has_three_digits_and_what_a_file_has_all_of_its_own():
    study = assuming(64_250, low=50_000, high=80_000)
    assert study.parts_cost.sentence().endswith("Its file assumes $64,250 ($50,000 to $80,000).")
    _, median, _ = interval(study.path.items["bom"][:, -1])
    at_last = f"${float(f'{median:.3g}'):,.0f}"
    assert f"would be **{at_last} (" in study.parts_cost.change_over_life(9)


def test_the_company_s_own_cost_is_said_with_what_it_holds(studies):
    """Mi 2: 2,350 of 1,999 yuan with 17 % tax in it, so 138 % of the net price."""
    assert "The company stated 2,350 yuan, 138 % of the net price" in first_words(studies["mi_2"])
    assert "company stated" not in first_words(studies["mi_9"])


def test_every_step_of_the_net_price_is_explained(studies):
    """Mi 9: tax from 16 to 13 % on 1 April 2019 lifts the net price by 1.16 / 1.13."""
    tax = studies["mi_9"].unit_margin.sentence()
    assert "The step on 1 April 2019 is the value added tax, which went from 16 to 13 %" in tax
    assert f"rose by {100 * (1.16 / 1.13 - 1):.1f} %" in tax
    cut = studies["mi_1"].unit_margin.sentence()
    assert "The step on 15 August 2012 is the official cut from 1,999 to 1,299 yuan." in cut
    assert "The step on 1 January 2012 is the exchange rate" in cut
    assert "step" not in studies["mi_3_india"].unit_margin.sentence()


def test_a_step_to_another_version_is_not_told_as_a_cut(studies):
    """The Mi 2 was never cut on file: the Mi 2S took its place, on a day that is assumed."""
    steps = studies["mi_2"].unit_margin.sentence()
    assert (
        "The step on 17 September 2013 (day assumed) is another version, the Mi 2S, at 1,699 yuan."
    ) in steps
    assert (
        "The step on 27 February 2014 is the official cut of the Mi 2S from 1,699 to 1,299 yuan."
    ) in steps
    assert "The step on 1 January 2014 is the exchange rate again, now 6.14." in steps
    facts = studies["mi_2"].facts().text()
    assert "and 2 lower prices" in facts
    assert "price cut" not in facts
    assert "and 1 price cut" in studies["mi_1"].facts().text()


def test_the_ceramic_body_opens_the_page_and_its_margins_are_by_hand(studies):
    study = studies["mi_mix"]
    assert study.first_screen().answer == "Unknown: the ceramic body decides."
    body = margin.ceramic_body(study.launch, study.path, study.seed)
    assert body.margin_at(0.05) == pytest.approx(body.spare_usd - 20 * body.started_usd)
    pays = body.yield_that_pays()
    able = np.isfinite(pays)
    assert able.any()
    assert (body.spare_usd - body.started_usd / pays)[able] == pytest.approx(
        np.zeros(able.sum()), abs=1e-9
    )
    assert (pays[able] <= 1).all()
    assert (body.margin_at(1.0)[~able] < 0).all()
    low, median, high = interval(body.margin_at(body.yield_share))
    lost, least, most = (float(f"{-usd:.2g}") for usd in (median, high, low))
    assert f"lost ${lost:.0f} (${least:.0f} to ${most:.0f})" in study.first_screen().text()
    assert margin.ceramic_body(load_launch("mi_9"), study.path, 1) is None
    assert "leaves out what the ceramic body may cost" in study.unit_margin.sentence()


def test_the_bars_of_the_bridge_hang_together(studies):
    table = studies["mi_9"].bridge.table().set_index("label")
    costs = table.loc[["parts", "royalties", "assembly and test", "freight and warranty"]]
    assert costs["start"].to_list() == pytest.approx([1.0, *costs["end"].iloc[:-1]])
    assert table.loc["gross margin", "end"] == pytest.approx(costs["end"].iloc[-1])
    assert table.loc["channel", "end"] == pytest.approx(table.loc["unit margin", "end"])
    assert table.loc["unit margin", "end"] == pytest.approx(
        studies["mi_9"].path.life_margin_share.mean(), rel=1e-9
    )


def test_the_bridge_dates_the_phone_and_what_was_reported(studies):
    assert "in 2017 to 2020" in studies["mi_2"].bridge.sentence()
    assert "Those are later years and other phones" in studies["mi_2"].bridge.sentence()
    assert "2012 to 2014" in studies["mi_2"].bridge.sentence()
    assert "later years" not in studies["mi_9"].bridge.sentence()


def test_a_difference_that_may_go_either_way_is_told_with_its_direction_at_both_ends(studies):
    study = studies["mi_9"]
    reported = pd.DataFrame({"period": ["2017", "2019Q1"], "value": [0.061, 0.088]})
    bridge = Bridge(launch=study.launch, path=study.path, reported=reported)
    steps = bridge.steps
    left = steps["label"] == "gross: left to explain"
    steps.loc[left, ["estimate", "low", "high"]] = (-0.174, -0.351, 0.012)
    assert (
        "That is **17 points less** than this phone's (80 %: 35 points less to 1 point more)."
        in bridge.sentence()
    )
    assert points_apart(-0.011) == "1 point less"


def test_ends_of_an_input_on_one_side_of_the_mean_are_named_on_either_side_of_its_bar(studies):
    """Few draws of a long life can put both there, as a known cost of parts once was."""
    inputs = replace(studies["mi_9"].inputs)
    mean = inputs.path.life_margin_share.mean()
    ends = {"margin_at_low": mean + 0.06, "margin_at_high": mean + 0.01}
    inputs.__dict__["swings"] = inputs.swings.assign(**ends)
    axes = inputs.plot(Figure().subplots())
    sides = [text.get_ha() for text in axes.texts]
    assert sides == ["left", "right"] * len(inputs.table())


def test_the_widest_swing_is_the_one_that_is_named(studies):
    table = studies["mi_9"].inputs.table()
    assert table["swing"].is_monotonic_decreasing
    assert table["swing"].min() >= 0.02
    name = table["input"].iloc[0].rpartition(",")[0]
    assert f"**{name}**" in studies["mi_9"].inputs.sentence()


def test_chances_are_those_of_the_draws(studies):
    path, table = studies["mi_9"].path, studies["mi_9"].unit_margin.table()
    assert table.loc[0, "earns"] == percent((path.margin_share[:, 0] > 0).mean())
    assert table["month"].to_list() == list(range(13))


@pytest.mark.parametrize("name", LAUNCHES)
def test_no_sentence_is_longer_than_thirty_words(studies, name):
    study = studies[name]
    results = [study.unit_margin, study.bridge, study.inputs, study.costs.decline]
    texts = [first_words(study), study.decision(), *(result.sentence() for result in results)]
    sentences = re.split(r"(?<=[.!?])\s+|\n", " \n".join(texts))
    assert max(len(sentence.split()) for sentence in sentences) <= 30


@pytest.mark.parametrize("name", LAUNCHES)
def test_points_that_did_not_come_are_named_below_the_chart(studies, name):
    unit_margin = studies[name].unit_margin
    points = unit_margin.points
    note = unit_margin.chart().note
    assert note.startswith("Rings: the four steps of selling near cost until parts get cheaper")
    absent = re.findall(r": ([1-4]),", note)
    named = [mark for mark, _ in points.named()]
    assert sorted(absent + named) == ["1", "2", "3", "4"]
    came = points.table["median"] <= points.path.months[-1]
    assert len(named) == came.sum()
    drawn = [text.get_text() for text in unit_margin.plot(Figure().subplots()).texts]
    assert [drawn.count(mark) for mark in named] == [2] * len(named)  # on the curve and in the key


@pytest.mark.parametrize("name", LAUNCHES)
def test_the_decision_names_the_product_and_its_own_figures(studies, name):
    study = studies[name]
    decision = study.decision()
    assert study.launch.name in decision
    if study.body is None:
        break_even = study.path.bom_that_leaves(0).mean()
        assert f"${break_even:.0f}" in decision
    else:
        _, median, _ = interval(study.body.body.margin_at(study.body.body.yield_share))
        assert f"loses about ${float(f'{-median:.2g}'):.0f}" in decision


def test_a_decision_turns_with_the_margin(studies):
    """Parts at a half of break-even, at break-even, and at its double."""
    study = studies["mi_9"]
    break_even = study.path.bom_that_leaves(0).mean()
    cases, decisions = [], []
    for share in (0.5, 1.0, 2.0):
        changed = study.with_figure("costs.bom_usd", share * break_even)
        cases.append(changed.case)
        decisions.append(changed.decision().split()[0])
    assert cases == ["clear", "unknown", "negative"]
    assert decisions == ["Sell", "Do", "Order"]


def test_a_small_margin_is_thin_only_where_it_is_sure_to_be_above_nothing(studies):
    """Parts of the Mi 1 known to be 216 dollars leave 1 to 9 %; the Mi 3's leave −9 to 16 %."""
    thin = studies["mi_1"].with_figure("costs.bom_usd", 216.0)
    low, _, high = interval(thin.path.margin_share[:, 0])
    assert 0 < low < high < 0.1
    assert thin.case == "thin"
    assert thin.first_screen().answer.startswith("Thin: a unit earned ")
    assert thin.decision().startswith("Sell the Xiaomi Mi 1 as it is made, and do not cut its")
    assert "our figures do not say" not in thin.decision()

    unknown = studies["mi_3_india"]
    low, median, _ = interval(unknown.path.margin_share[:, 0])
    assert low < 0 < median
    assert unknown.case == "unknown"
    assert unknown.first_screen().answer.startswith("We cannot tell: between a loss of 9 %")
    assert "earned nothing, and our figures do not say on which side it stood" in unknown.decision()


def test_a_loss_that_the_page_on_plans_weighs_is_no_order_to_wait(studies):
    """What buyers pay for later may make up for it; without a plan the page stands alone."""
    parts_usd = {"at the edge": 1.0, "at a loss": 2.0}
    for name, has_a_plan in {"mi_9": True, "mi_1": False}.items():
        study = studies[name]
        assert ("release_plan" in study.launch.studies) is has_a_plan
        break_even = study.path.bom_that_leaves(0).mean()
        decisions = {
            case: study.with_figure("costs.bom_usd", share * break_even).decision()
            for case, share in parts_usd.items()
        }
        assert ("Plan says whether to wait" in decisions["at the edge"]) is has_a_plan
        assert ("would say order few" in decisions["at the edge"]) is not has_a_plan
        assert ("buyers pay for later makes up" in decisions["at a loss"]) is has_a_plan


def test_a_life_of_many_years_is_simulated_fewer_times_also_with_another_figure():
    """Nine years of the Switch, against four and a half: half of the draws, the same ones again."""
    switch = load_launch("nintendo_switch")
    study = margin.study_launch(switch, bom.study_costs(switch), draws=900, seed=1)
    assert switch.figure("life_months").number == 108
    assert len(study.path.net_usd) == 450
    dearer = study.with_figure("price.list_local", 1.1 * switch.figure("price.list_local").number)
    assert dearer.path.net_usd == pytest.approx(1.1 * study.path.net_usd)
    assert (dearer.path.rate_per_year == study.path.rate_per_year).all()


def test_the_parts_at_both_ends_of_the_life_are_those_of_the_draws(studies):
    parts = studies["mi_9"].path.items["bom"]
    sentence = studies["mi_9"].parts_cost.change_over_life(6)
    assert f"**${np.median(parts[:, 0]):.0f}** at first sale" in sentence
    assert f"would be **${np.median(parts[:, -1]):.0f} (" in sentence
    assert "our limit" not in sentence


def test_a_cost_at_the_limit_of_its_fall_is_called_no_finding(studies):
    """Over nine years at the drawn rates the Switch comes to the least that a path may cost."""
    launch = load_launch("nintendo_switch")
    study = margin.study_launch(launch, bom.study_costs(launch), draws=500, seed=1)
    assert "we let no cost fall below 14 % of what it was" in study.parts_cost.change_over_life(9)


def test_a_loss_is_said_as_a_loss():
    launch = load_launch("playstation_3")
    study = margin.study_launch(launch, bom.study_costs(launch), draws=500, seed=1)
    share = study.path.margin_share[:, 0]
    low, median, high = interval(-share)
    lost = percent_with_range(median, low, high)
    assert study.first_screen().answer == f"No: a unit lost {lost} of the net price."


def test_a_loss_is_no_share_that_is_left_among_the_facts():
    """Its number is the one that is published, with its sign; so it is called a margin."""
    launch = load_launch("playstation_3")
    study = margin.study_launch(launch, bom.study_costs(launch), draws=500, seed=1)
    low, median, high = interval(study.path.margin_share[:, 0])
    _, at_first, at_last = study.facts().facts
    assert at_first[0] == percent_with_range(median, low, high)
    assert median < 0
    assert at_first[1].startswith("margin at first sale over the price without tax, ")
    assert np.median(study.path.margin_share[:, -1]) < 0
    assert at_last[1].startswith("margin of the Sony PlayStation 3 after 34 months")
    assert "left" not in at_first[1] + at_last[1]
    assert "by iSuppli's costing; four in five" in study.first_screen().text()


def test_a_chance_is_rounded_once_so_that_sentence_and_table_agree(studies):
    """Of the Redmi 1S: 0.4051 is 41 %; rounded to 0.405 first, it would be 40 %."""
    path = replace(studies["mi_9"].path)
    earns = np.where(np.arange(10_000) < 4_051, 0.1, -0.1)
    path.__dict__["margin_share"] = np.tile(earns[:, None], len(path.months))
    unit_margin = replace(studies["mi_9"].unit_margin, path=path)
    assert unit_margin.table().loc[0, "earns"] == "41 %"
    assert "**41 % of simulated lives**" in unit_margin.sentence()


def test_the_sums_at_first_sale_in_the_lead_chart_are_those_of_the_sentence(studies):
    for name in ("mi_9", "mi_1"):
        parts_cost = studies[name].parts_cost
        drawn = [text.get_text() for text in parts_cost.plot(Figure().subplots()).texts]
        sums = re.findall(r"\$\d+", parts_cost.sentence())[:2]
        assert set(sums) <= set(drawn)


def test_a_cut_is_written_with_its_currency_on_a_phone_too(studies):
    """1,299 yuan, on an axis in dollars."""
    axes = studies["mi_1"].parts_cost.plot(Figure(figsize=(4.2, 4)).subplots())
    assert "cut to\n1,299\nyuan" in [text.get_text() for text in axes.texts]


def test_a_change_of_the_tax_is_a_step_on_its_day_and_no_slope(studies):
    """The Chinese value added tax fell on 1 April 2019, between two days of the path."""
    for result in (studies["mi_9"].parts_cost, studies["mi_9"].unit_margin):
        axes = result.chart().draw(Figure().subplots())
        steps = [line for line in axes.lines if len(line.get_xdata()) > 2 and is_step(line)]
        assert steps, type(result)


def is_step(line) -> bool:
    """Whether a line has two heights on 1 April 2019."""
    days = pd.DatetimeIndex(line.get_xdata())
    on_the_day = days == pd.Timestamp("2019-04-01")
    return on_the_day.sum() == 2 and bool(np.diff(line.get_ydata()[on_the_day])[0])


def test_an_exchange_rate_that_hardly_moves_is_no_step(studies):
    """6.8985 yuan a dollar in 2019 and 6.8974 in 2020: nobody could see it on the chart."""
    assert set(studies["mi_9"].parts_cost.events["kind"]) == {"tax"}


def test_points_of_one_day_stand_above_each_other_over_that_day(studies):
    """The first lot of the Mi 9 was its last known one, and it earned enough from that day on."""
    axes = studies["mi_9"].unit_margin.chart().draw(Figure().subplots())
    marks = [
        text for text in axes.texts if text.get_text() in ("2", "3") and text.xycoords == "data"
    ]
    place, other_place = (mark.xy for mark in marks)
    assert place == other_place
    assert {mark.get_position() for mark in marks} == {(0, 0), (0, 21)}


def test_parts_at_first_sale_do_not_depend_on_how_they_fall_later(studies):
    """The Mi 3 was costed months after its first sale; a reader's own cost is of the first sale."""
    study = studies["mi_3_india"]
    assert study.launch.figure("costs.bom_date").known
    steep, flat = (study._margins_if(14_000, 160, change).iloc[0] for change in (-0.5, 0.0))
    assert steep["label"] == flat["label"] == "month 0"
    assert [*steep] == [*flat]


def test_where_parts_are_guessed_the_costing_of_a_phone_of_the_family_is_said(studies):
    """The Redmi 1 was costed at $84.70 a year before the Redmi 1S; nobody published one of that."""
    launch = load_launch("redmi_1s_india")
    redmi = margin.study_launch(launch, bom.study_costs(launch), draws=200, seed=1)
    costing_of_family = (
        "The parts of the Redmi 1 (Hongmi), of its family, were costed at $84.7 in August 2013."
    )
    assert costing_of_family in redmi.trust().because
    assert "of its family" not in studies["mi_9"].trust().because


def test_a_page_whose_figures_are_exact_names_the_one_input_that_is_left():
    inputs = with_exact_figures("mi_9", costs__bom_usd=300.0).inputs
    assert len(inputs.table()) == 1
    assert inputs.sentence().endswith("No other input moves it by 2 points or more.")
    assert "yearly change of the parts' cost" in inputs.sentence()
    assert "<svg" in inputs.chart().html()


def test_a_page_without_an_input_that_moves_its_margin_says_so_and_draws_none():
    inputs = with_exact_figures("mi_9", costs__bom_usd=300.0, life_months=1.0).inputs
    assert inputs.table().empty
    name = inputs.launch.name
    assert inputs.sentence() == f"No input moves the margin of the {name} by 2 points or more."
    assert inputs.chart() is None


def test_costs_besides_the_parts_are_called_assumed_only_where_they_are(studies):
    all_assumed = "Assembly, royalties, channel and freight are assumed."
    assert all_assumed in studies["mi_3_india"].trust().because
    exact = with_exact_figures("mi_9", costs__bom_usd=300.0)
    assert "assumed" not in exact.trust().because
    channel = load_launch("mi_9").figure("costs.channel_share")
    figures = exact.launch.figures | {"costs.channel_share": channel}
    with_one = replace(exact, launch=replace(exact.launch, figures=figures))
    assert with_one.trust().because.endswith("Some of its other costs are assumed.")


def test_the_data_of_a_chart_are_in_the_currency_that_they_name(studies, page_in_euros):
    """Parts of 340 to 460 dollars are 170 to 230 euros; a share is one in any currency."""
    inputs = assuming(400, low=340, high=460).inputs
    table = csv_of(inputs).set_index("input")
    parts = table.loc["parts' cost at first sale, €"]
    assert parts[["at_low", "at_high"]].tolist() == [170, 230]
    channel = inputs.table().set_index("input").loc["channel, share of net price"]
    shares = ["at_low", "at_high", "margin_at_low", "margin_at_high"]
    assert table.loc["channel, share of net price", shares].tolist() == pytest.approx(
        channel[shares].tolist(), rel=1e-5
    )

    body = studies["mi_mix"].body
    by_yield = csv_of(body)
    assert list(by_yield) == ["yield_share", "low_eur", "median_eur", "high_eur"]
    half = body.band["median"].to_numpy() / 2
    assert by_yield["median_eur"].to_numpy() == pytest.approx(half, rel=1e-5)


def panel_choices(study: margin.MarginStudy, monkeypatch) -> dict:
    """What the panel is given, but for its calculation."""
    given = {}

    def what_if(_question, measure, _calculate, **options):
        given.update(options, measure=measure)

    monkeypatch.setattr(of_study, "what_if", what_if)
    study.explore()
    return given


def test_a_product_of_a_few_dollars_is_told_with_its_cents(monkeypatch):
    """Parts of 0.90 dollars: rounded to whole dollars, all values of the panel were 1."""
    costs = {"costs__assembly_usd": 0.1, "costs__freight_warranty_usd": 0.1}
    toy = with_exact_figures("mi_9", price__list_local=15.0, costs__bom_usd=0.9, **costs)
    choices = panel_choices(toy, monkeypatch)
    assert choices["parts_usd"] == [0.72, 0.81, 0.9, 0.99, 1.08]
    assert choices["list_price"] == [12, 13.5, 15, 16.5, 18]
    break_even = toy.path.bom_that_leaves(0).mean()
    assert toy.parts_cost.break_even_in_words() == f"${break_even:.2g}"
    assert toy.unit_margin.table()["parts"].str.fullmatch(r"\$0\.\d\d?").all()


def test_the_panel_of_a_phone_counts_in_whole_dollars(studies, monkeypatch):
    choices = panel_choices(studies["mi_9"], monkeypatch)
    assert choices["list_price"] == [2399, 2699, 2999, 3299, 3599]
    assert all(float(usd).is_integer() for usd in choices["parts_usd"])


def test_the_ends_of_a_cost_of_a_few_dollars_are_those_of_the_file(studies):
    """Freight and warranty of the Mi 9, 2 to 10 dollars; the draws have 1.9, and 0.04 for 0."""
    for name in ("mi_9", "mi_mix"):
        study = studies[name]
        ends = study.inputs.swings.set_index("input")[["at_low", "at_high"]]
        freight = study.launch.figure("costs.freight_warranty_usd")
        assert ends.loc["freight and warranty, $"].tolist() == [freight.low, freight.high]


def costed_days_before(days: int, bom_usd: float, low: float, high: float) -> margin.MarginStudy:
    """The study of a phone whose published costing was made so many days before its first sale."""
    launch = load_launch("mi_9")
    costed = launch.figure("first_sale").value - pd.Timedelta(days=days)
    figures = launch.figures | {
        "costs.bom_usd": SourcedValue(bom_usd, "sourced", low=low, high=high),
        "costs.bom_date": SourcedValue(costed, "sourced"),
    }
    launch = replace(launch, figures=figures)
    return margin.study_launch(launch, bom.study_costs(launch), draws=500, seed=1)


def test_a_costing_made_before_first_sale_is_told_with_its_sum_and_day():
    """250 dollars in October are less in February, and the page has both."""
    sentence = costed_days_before(120, 250, 240, 260).parts_cost.sentence()
    assert "by its costing of $250 on 29 October 2018, 17 weeks earlier." in sentence
    assert "by its costing." in costed_days_before(3, 250, 240, 260).parts_cost.sentence()


def test_estimates_of_another_day_lie_on_either_side_only_if_they_do_at_first_sale():
    """From 280 to 330 dollars four months before, below 322 on the first day."""
    study = costed_days_before(120, 300, 280, 330)
    low, _, high = interval(study.path.items["bom"][:, 0])
    break_even = study.path.bom_that_leaves(0).mean()
    assert 280 < break_even < 330
    assert high < break_even
    assert "either side" not in study.parts_cost.sentence()
    assert f"(${low:.0f} to ${high:.0f}), by its costing of $300" in study.parts_cost.sentence()
    assert "either side" in costed_days_before(3, 300, 280, 330).parts_cost.sentence()


def test_a_tax_that_rises_lowers_the_net_price_in_words_too():
    """India's tax on phones went from 12 to 18 % on 1 April 2020."""
    launch = load_launch("redmi_1s_india")
    first_sale = SourcedValue(pd.Timestamp("2020-01-10"), "sourced")
    launch = replace(launch, figures=launch.figures | {"first_sale": first_sale})
    study = margin.study_launch(launch, bom.study_costs(launch), draws=200, seed=1)
    assert "went from 12 to 18 %" in study.unit_margin.sentence()
    assert "fell by 5.1 %" in study.unit_margin.sentence()


def priced_later(studies, *prices: float) -> margin.MarginStudy:
    """The study of the Mi 9, at first 2,999 yuan, with other official prices later."""
    study = studies["mi_9"]
    first_sale = study.launch.figure("first_sale").value
    days = first_sale + pd.to_timedelta(100 * np.arange(1, len(prices) + 1), unit="D")
    later = pd.DataFrame({"date": days, "list_local": prices, "variant": None, "date_approx": "no"})
    launch = replace(study.launch, price_cuts=later)
    return margin.study_launch(launch, study.costs, draws=200, seed=1)


def test_a_price_that_rises_is_told_as_a_rise_and_is_no_lower_price(studies):
    dearer = priced_later(studies, 3499.0)
    sentence = dearer.unit_margin.sentence()
    assert "is the official rise from 2,999 to 3,499 yuan." in sentence
    assert "cut" not in sentence
    assert "after 12 months and 1 price rise, " in dearer.facts().text()
    assert "4, a lower price." in dearer.unit_margin.chart().note
    drawn = [text.get_text() for text in dearer.parts_cost.plot(Figure().subplots()).texts]
    assert "raised to 3,499 yuan" in drawn


def test_the_first_lower_price_after_a_rise_is_the_cut(studies):
    study = priced_later(studies, 3499.0, 2499.0)
    assert list(study.parts_cost.events["kind"]) == ["tax", "price rise", "price cut"]
    points = study.unit_margin.points.table.set_index("point")
    lower = points.loc["4 S version or cut at a lower price", "median"]
    assert lower == pytest.approx(200 / DAYS_A_MONTH)
    assert "after 12 months and 2 other prices, " in study.facts().text()


def points_named(launch, study: margin.MarginStudy) -> dict[str, str]:
    """What the key of the chart by month says of each point."""
    points = replace(study.unit_margin.points, launch=launch)
    return dict(points.named())


def test_supply_is_short_until_the_documented_end_of_the_shortage(studies):
    """The Switch sold out in May and was short until December, as the page on supply says."""
    ends = {"nintendo_switch": "December 2017", "playstation_3": "January 2007"}
    for name, end in ends.items():
        launch = load_launch(name)
        study = margin.study_launch(launch, bom.study_costs(launch), draws=200, seed=1)
        assert points_named(launch, study)["2"] == f"documented end of its shortage: {end}"
        month = study.unit_margin.points.table.set_index("point").loc["2 supply still short"]
        assert (
            month["median"]
            == (
                pd.Timestamp(end) + pd.offsets.MonthEnd(0) - study.launch.figure("first_sale").value
            ).days
            / DAYS_A_MONTH
        )


def test_without_such_an_end_the_last_sell_out_on_file_is_named_as_what_it_is(studies):
    mi_9 = studies["mi_9"]
    named = points_named(mi_9.launch, mi_9)
    assert named["2"] == "last sell-out on file: 26 February 2019"
    free_sale = SourcedValue(pd.Timestamp("2019-04-15"), "assumed")
    launch = replace(mi_9.launch, figures=mi_9.launch.figures | {"supply.short_until": free_sale})
    assert points_named(launch, mi_9)["2"] == "assumed end of its shortage: mid-April 2019"


def test_the_panel_says_from_when_the_official_price_holds_whatever_list_price_is_chosen(
    studies, monkeypatch
):
    """The Mi 1 was cut to 1,299 yuan on 15 August 2012, so month 12 was alike in all its rows."""
    mi_1 = studies["mi_1"]
    cheap, dear = (mi_1._margins_if(price, 200, -0.2).set_index("label") for price in (1599, 2399))
    assert cheap.loc["month 12"].tolist() == dear.loc["month 12"].tolist()
    assert cheap.loc["month 6", "high"] < dear.loc["month 6", "low"]
    measure = panel_choices(mi_1, monkeypatch)["measure"]
    assert measure.endswith("; list price until 15 August 2012, then the official one")
    assert "official" not in panel_choices(studies["mi_9"], monkeypatch)["measure"]


def test_a_margin_over_the_life_is_said_to_be_of_even_sales(studies):
    """A mean over months: three of four Mi 9 may have been sold in the first of them."""
    share = percent(studies["mi_9"].path.life_margin_share.mean())
    assert (
        studies["mi_9"]
        .bridge.sentence()
        .startswith(
            f"Sold evenly over its life, the Xiaomi Mi 9 keeps **{share}** of the net price."
        )
    )


def test_a_margin_over_the_life_names_our_limit_of_a_fall_where_it_rests_on_it():
    for name, at_the_limit in {"nintendo_switch": True, "playstation_3": False}.items():
        launch = load_launch(name)
        study = margin.study_launch(launch, bom.study_costs(launch), draws=500, seed=1)
        assert study.path.parts_end_at_our_limit is at_the_limit
        assert ("late months rest on our limit" in study.bridge.sentence()) is at_the_limit


def test_the_share_held_against_the_books_is_said_to_be_of_the_whole_life(studies):
    """Parts of 75 % at first sale leave less than 24 %: they get cheaper."""
    study = studies["mi_9"]
    steps = study.bridge.steps.set_index("label")
    kept = percent(steps.loc["gross margin, before channel cost", "estimate"])
    assert f"it kept {kept} over its life before its channel is paid." in study.trust().because


def with_a_ceramic_body(yield_share: float, **figures: SourcedValue) -> margin.MarginStudy:
    """The study of the Mi MIX with another yield of its body and other figures."""
    launch = load_launch("mi_mix")
    changed = {path.replace("__", "."): figure for path, figure in figures.items()}
    own_yield = {"supply.yield_share": SourcedValue(yield_share, "sourced")}
    launch = replace(launch, figures=launch.figures | own_yield | changed)
    return margin.study_launch(launch, bom.study_costs(launch), draws=500, seed=1)


def test_a_ceramic_body_beside_parts_that_were_costed_is_told_with_their_costing():
    unknown = SourcedValue(None, "unknown")
    costing = SourcedValue(150.0, "sourced", low=145.0, high=155.0)
    study = with_a_ceramic_body(0.9, costs__bom_usd=costing, costs__bom_share_of_net_price=unknown)
    words = first_words(study)
    assert "left before its ceramic body, by the published estimates of its parts" in words
    assert "estimated, dated roughly, at $145 to $155, taken to hold a metal body." in words
    for not_so in ("unknown of it", "No costing", "Both are assumed"):
        assert not_so not in words


@pytest.mark.parametrize("bom_usd", [150.0, 600.0])
def test_the_range_at_the_reported_yield_is_on_the_chart_of_margins_by_yield(bom_usd):
    """Of a gain its lower end once lay below the axis."""
    study = with_a_ceramic_body(0.9, costs__bom_usd=SourcedValue(bom_usd, "sourced"))
    low, _, high = interval(study.body.body.margin_at(0.9))
    assert (low > 0) == (bom_usd < 500)
    bottom, top = study.body.plot(Figure().subplots()).get_ylim()
    assert bottom < low < high < top


def test_no_more_than_all_bodies_can_have_to_pass():
    """At 400 yuan the page once said that 115 % of its bodies had to pass."""
    never = with_a_ceramic_body(0.05, price__list_local=SourcedValue(400.0, "sourced"))
    _, (number, meaning), _ = never.facts().facts
    assert number == "no yield"
    assert meaning.startswith("pays for a ceramic body, not even 100 %")
    assert "no share of bodies that pass would pay" in never.decision()


def test_a_yield_that_pays_in_most_simulations_says_in_how_many_none_does(studies):
    body = studies["mi_mix"].body
    yields = body.body.yield_that_pays()
    low, median, high = interval(yields)
    assert np.isinf(high)
    number, meaning = body.facts()[1]
    assert number == f"{percent(median)} (at least {percent(low)})"
    share = percent(np.isinf(yields).mean())
    assert meaning.endswith(f"; in {share} of simulations not even all are enough")


def test_a_ceramic_body_still_to_be_sold_is_spoken_of_as_such(studies):
    body = studies["mi_mix"].body
    assert "If 5 % passed, as reported, a unit lost $" in body.sentence()
    speak_of(is_ahead=True)
    try:
        words = body.sentence() + str(body.facts())
    finally:
        speak_of()
    assert "If 5 % pass, as reported, a unit loses $" in words
    assert "of the bodies must pass before a unit pays for its own" in words
    for past in ("passed", "had to", "paid", "a unit lost"):
        assert past not in words


def test_orders_in_advance_that_sold_out_are_not_said_to_be_unknown(studies):
    study = studies["mi_9"]
    day_before = study.launch.figure("first_sale").value - pd.Timedelta(days=20)
    in_advance = study.launch.drops.head(1).assign(date=day_before, sold_out="yes")
    launch = replace(study.launch, drops=in_advance)
    note = replace(study.unit_margin.points, launch=launch).note()
    assert "Before its first sale: 2, last sell-out on file." in note
    assert "Not known" not in note
    none = replace(study.unit_margin.points, launch=replace(launch, drops=in_advance.head(0)))
    assert "Not known: 2, a sale that sold out." in none.note()


def test_a_shortage_that_outlasts_the_life_is_said_to(studies):
    study = studies["mi_9"]
    years_later = SourcedValue(pd.Timestamp("2021-12-01"), "sourced")
    figures = study.launch.figures | {"supply.short_until": years_later}
    points = replace(study.unit_margin.points, launch=replace(study.launch, figures=figures))
    assert "After its life: 2, documented end of its shortage." in points.note()


@pytest.mark.parametrize(
    ("of_short_life", "reason"),
    [
        (False, "its parts follow its own costings in all months shown"),
        (True, "of so short a life the first sale alone is shown"),
    ],
)
def test_a_change_of_parts_that_moves_no_margin_of_the_panel_has_its_reason(
    of_short_life, reason, studies, monkeypatch
):
    """A year of own costings; and the three months for which the Mi 3 was sold in India."""
    study = studies["mi_3_india"] if of_short_life else with_own_costings()
    slow, fast = (study._margins_if(3000, 160, change) for change in (-0.1, -0.4))
    assert slow.equals(fast)
    assert panel_choices(study, monkeypatch)["why_idle"]["change_a_year"] == reason
    assert panel_choices(studies["mi_9"], monkeypatch)["why_idle"] == {}


def test_the_bars_of_the_bridge_are_found_by_their_names(studies):
    """Not by their places: the last step need not be the last row."""
    bridge = studies["mi_9"].bridge
    reversed_steps = replace(bridge)
    reversed_steps.__dict__["steps"] = bridge.steps.iloc[::-1]
    pd.testing.assert_frame_equal(reversed_steps.table(), bridge.table())


def test_an_estimate_from_a_costing_is_not_told_as_the_cost():
    """Drawn from one analyst's sum of another day or without a range; else the file's own."""
    launch = load_launch("nintendo_switch")
    switch = margin.study_launch(launch, bom.study_costs(launch), draws=500, seed=1)
    assert ". We estimate $2" in switch.parts_cost.sentence()
    assert "They cost" not in switch.parts_cost.sentence()
    assert (
        ". They cost $300, by "
        in with_exact_figures("mi_9", costs__bom_usd=300.0).parts_cost.sentence()
    )


def test_a_sum_whose_ends_are_many_times_apart_is_told_to_two_digits(studies, page_in_euros):
    """The loss on a Mi MIX, from 41 to 455 dollars; in euros the digits are those of euros."""
    assert dollars_with_range(198.8, 41.1, 455.4) == "€99 (€21 to €230)"
    assert dollars_with_range(281.0, 236.0, 333.0) == "€140 (€118 to €166)"
    body = studies["mi_mix"].body
    low, median, high = interval(body.body.margin_at(0.05)) / 2
    words = [float(f"{-euros:.2g}") for euros in (median, high, low)]
    assert f"lost €{words[0]:.0f} (€{words[1]:.0f} to €{words[2]:.0f})" in body.sentence()
    drawn = [text.get_text() for text in body.plot(Figure().subplots()).texts]
    assert any(f"−€{words[0]:.0f} a phone" in text for text in drawn)
