"""Why a product was short: closed forms, slow versions, and scores of shortages left out."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

from analysis.data import SourcedValue, load_launch, load_table
from analysis.look import percent
from analysis.supply import explain_shortage, study_launch, study_shortage
from analysis.supply.shortage import (
    HELD_BACK,
    Report,
    brier_score,
    chance_of_causes,
    draw_chances,
    leave_each_out,
    log_score,
    share_causes,
    signs_help,
)
from analysis.supply.shortage_class import (
    CAUSES,
    PULL,
    SIGNS,
    build_class,
    count_sign,
    mark_causes,
    select_documented,
)
from analysis.supply.shortage_signs import read_reports, read_signs, select_own
from analysis.supply.study_shortage import describe_cause, describe_holding_back

LAUNCHES = [
    "mi_1",
    "mi_2",
    "mi_3_india",
    "mi_5",
    "mi_9",
    "mi_mix",
    "redmi_1s_india",
    "redmi_note_7",
]


@pytest.fixture(scope="module")
def documented():
    """Documented shortages of the table."""
    return select_documented(load_table("shortages"))


@pytest.mark.oracle("published number")
def test_the_class_has_the_counts_of_its_table(documented):
    reference = build_class(documented)
    assert (reference.listed, reference.held_back, reference.disputed) == (37, 4, 3)
    listed = documented[documented["listed"]]
    ceilings = listed["cause"].isin(["part", "yield", "assembly"]).sum()
    assert (ceilings, (listed["cause"] == "misjudged_demand").sum()) == (20, 8)
    of_added_line = listed[listed["line_added"] == "yes"]
    assert len(of_added_line) == 13
    assert not (of_added_line["held_back"] == "yes").any()


def test_causes_that_played_a_role_agree_with_the_one_cause_of_a_row():
    table = load_table("shortages")
    marks = pd.DataFrame(mark_causes(table), columns=list(CAUSES), index=table["cause"])
    for cause in ("part", "yield", "assembly", "misjudged_demand"):
        rows = marks.loc[[cause]]
        assert rows[cause].all()
        assert rows.sum(axis=1).eq(1).all()
    assert marks.loc[["held_back"], "held_back"].all()
    assert not marks.loc[["disputed"]].to_numpy().any()
    disputed = (table["held_back"] == "disputed").to_numpy()
    assert (marks.sum(axis=1) + disputed)[marks.index == "mixed"].ge(2).sum() >= 13


@pytest.mark.oracle("closed form")
def test_without_signs_a_chance_is_the_mean_of_a_beta_and_its_range_are_its_quantiles(documented):
    reference = build_class(documented)
    with_cause = reference.weights @ reference.sets
    total = reference.weights.sum()
    assert chance_of_causes(reference, {}) == pytest.approx(with_cause / total)
    low, high = np.quantile(draw_chances(reference, {}, draws=40_000), [0.1, 0.9], axis=0)
    rates = beta(with_cause, total - with_cause)
    assert low == pytest.approx(rates.ppf(0.1), abs=0.004)
    assert high == pytest.approx(rates.ppf(0.9), abs=0.004)


@pytest.mark.oracle("slow version")
def test_a_chance_is_bayes_rule_over_drawn_shortages(documented):
    reference = build_class(documented)
    words = {"line_added": "yes", "registration": "yes"}
    rng = np.random.default_rng(3)
    n = 1_000_000
    drawn_set = rng.choice(
        len(reference.sets), size=n, p=reference.weights / reference.weights.sum()
    )
    shows_all = np.ones(n, dtype=bool)
    for sign, word in words.items():
        a, b = count_sign(reference, sign, word)
        rate_of_set = [(a / (a + b))[members].mean() for members in reference.sets]
        shows_all &= rng.random(n) < np.take(rate_of_set, drawn_set)
    slow = reference.sets[drawn_set[shows_all]].mean(axis=0)
    assert chance_of_causes(reference, words) == pytest.approx(slow, abs=0.006)


def test_none_of_fourteen_does_not_become_never(documented):
    reference = build_class(documented)
    a, b = count_sign(reference, "line_added", "yes")
    rate = a / (a + b)
    has_line = reference.sign_words["line_added"] == "yes"
    assert reference.cause_shares[has_line, HELD_BACK].sum() == 0
    assert rate[HELD_BACK] == pytest.approx(
        PULL * (has_line.sum() + 0.5) / (len(has_line) + 1) / (a + b)[HELD_BACK]
    )
    before = chance_of_causes(reference, {})[HELD_BACK]
    after = chance_of_causes(reference, {"line_added": "yes"})[HELD_BACK]
    assert 0.3 * before < after < before


@pytest.mark.parametrize("pull", [1e6, 0.0])
def test_pulled_hard_signs_move_nothing_and_not_at_all_they_move_as_counted(documented, pull):
    reference = build_class(documented, pull=pull)
    a, b = count_sign(reference, "registration", "yes")
    if pull:
        assert chance_of_causes(reference, {"registration": "yes"}) == pytest.approx(
            chance_of_causes(reference, {}), abs=1e-4
        )
    else:
        has_word = (reference.sign_words["registration"] == "yes").to_numpy()
        counted = reference.cause_shares[has_word].sum(axis=0) / reference.cause_shares.sum(axis=0)
        assert a / (a + b) == pytest.approx(counted)


def test_a_sign_that_is_known_of_few_shortages_or_not_of_this_one_moves_nothing(documented):
    reference = build_class(documented)
    rate = chance_of_causes(reference, {})
    assert chance_of_causes(reference, {"lots_constant": "no"}) == pytest.approx(rate)
    assert chance_of_causes(reference, {"registration": "unknown"}) == pytest.approx(rate)


@pytest.mark.oracle("closed form")
def test_a_report_multiplies_odds_and_a_named_part_leaves_holding_back_where_it_was(documented):
    plain = share_causes(documented, {}).shares.set_index("cause")["share"]
    numbers = Report("two_numbers", "held_back", 5.0, 5.0, 5.0)
    moved = share_causes(documented, {}, [numbers]).shares.set_index("cause")["share"]
    odds = plain["held_back"] / (1 - plain["held_back"])
    assert moved["held_back"] == pytest.approx(5 * odds / (1 + 5 * odds))
    named = share_causes(documented, {}, [Report("limit_named", "part", 4.0, 2.0, 8.0)])
    named = named.shares.set_index("cause")["share"]
    assert named["held_back"] == pytest.approx(plain["held_back"])
    assert named["part"] > 1.4 * plain["part"]


def test_the_range_allows_for_what_is_disputed_and_what_never_came_out(documented):
    strict = draw_chances(build_class(documented), {})[:, HELD_BACK]
    row = share_causes(documented, {}).shares.set_index("cause").loc["held_back"]
    assert row["low"] == pytest.approx(np.quantile(strict, 0.1), abs=0.005)
    assert row["high"] > np.quantile(strict, 0.9) + 0.1
    assert row["low"] < row["share"] < row["high"]


@pytest.mark.oracle("rival")
def test_shortages_left_out_are_forecast_better_with_signs_than_by_the_rate_or_by_one_half(
    documented,
):
    scored = leave_each_out(documented)
    assert len(scored) == 37 * len(CAUSES)
    assert signs_help(scored)
    held_back = scored[scored["cause"] == "held_back"]
    half = np.full(len(held_back), 0.5)
    for score in (log_score, brier_score):
        ours = score(held_back["with_signs"], held_back["played"]).mean()
        assert ours < score(held_back["rate_alone"], held_back["played"]).mean()
        assert ours < score(half, held_back["played"]).mean()


def test_where_signs_add_nothing_that_is_seen(documented):
    rng = np.random.default_rng(5)
    shuffled = documented.copy()
    for sign in SIGNS:
        shuffled[sign] = rng.permutation(shuffled[sign])
    assert not signs_help(leave_each_out(shuffled))


def test_scores_are_those_of_good_and_of_brier():
    chance, played = np.array([0.2, 0.9]), np.array([False, True])
    assert log_score(chance, played) == pytest.approx(-np.log([0.8, 0.9]))
    assert brier_score(chance, played) == pytest.approx([0.04, 0.01])


@pytest.mark.parametrize("name", LAUNCHES)
def test_every_launch_has_its_table_with_reasons(name):
    shortage = explain_shortage(load_launch(name))
    table = shortage.table()
    assert list(table)[:4] == ["cause", "share", "low", "high"]
    assert len(table) == len(CAUSES)
    assert ((table["low"] <= table["share"]) & (table["share"] <= table["high"])).all()
    assert table["share"].is_monotonic_decreasing
    assert len(shortage.signs) == len(SIGNS) + len(shortage.reports) + 1
    assert shortage.signs["shown"].iloc[-1] == "No two reports of one time"
    assert shortage.product in shortage.sentence()


def test_mi_9_and_mi_mix_name_their_cause():
    mi_9 = explain_shortage(load_launch("mi_9"))
    share = percent(mi_9.likeliest["share"])
    assert describe_cause(mi_9) == f"Probably a short part ({share}): reports name camera modules."
    mi_mix = describe_cause(explain_shortage(load_launch("mi_mix")))
    assert re.fullmatch(r"Probably a short part \(.*\): reports name ceramic bodies\.", mi_mix)
    assert describe_cause(explain_shortage(load_launch("redmi_1s_india"))).startswith(
        "We cannot tell"
    )


def test_the_chance_is_of_a_part_and_what_its_file_notes_of_the_one_named_is_told():
    """Of the Switch three parts were named; 79 % is the chance that any was short."""
    switch = explain_shortage(load_launch("nintendo_switch"))
    named = switch.signs.set_index("sign").loc["A report names the limit", "shown"]
    note = load_launch("nintendo_switch").figure("supply.bottleneck").note
    assert note
    assert named.startswith("LCD panels; weighs ")
    assert named.endswith(f"On file: {note}")
    mi_mix = explain_shortage(load_launch("mi_mix")).signs["shown"]
    assert not mi_mix.str.contains("On file").any(), "its file notes nothing"


def test_what_an_owner_files_is_no_report():
    launch = load_launch("mi_9")
    limit = SourcedValue("oled_panel", "sourced", source_or_reason="own records, planning")
    own = replace(launch, figures=launch.figures | {"supply.bottleneck": limit})
    shortage = explain_shortage(own)
    assert describe_cause(shortage).endswith(": its file names OLED panels.")
    assert "Its file names the limit" in set(shortage.signs["sign"])
    counts = own.sales[own.sales["kind"] != "ordered"].assign(source="own records")
    study = study_launch(replace(own, sales=counts), draws=50)
    assert study.detail().startswith("Its file blames OLED panels; ")
    assert "its file blames the one, our guesses the other" in study.detail()
    assert study.parts.sentence().startswith("Its file blames OLED panels")
    because = study.trust().because
    assert because.startswith("Its file, no count, blames OLED panels")
    assert because.endswith(f"{len(counts)} counts of its sales are on file, from own records.")


@pytest.mark.parametrize("name", ["mi_9", "mi_mix"])
def test_the_first_screen_of_supply_names_the_cause(name):
    study = study_launch(load_launch(name), draws=50)
    shortage = explain_shortage(load_launch(name))
    assert study.first_screen().answer.startswith(describe_cause(shortage))
    assert describe_holding_back(shortage) in study.first_screen().detail
    for sentence in (describe_cause(shortage), describe_holding_back(shortage)):
        assert sentence not in study.shortage.sentence()  # said once on a page


def test_a_launch_is_not_judged_by_its_own_row_of_the_class():
    shortage = explain_shortage(load_launch("mi_3_india"))
    assert shortage.reference.listed == 36
    assert [report.name for report in shortage.reports] == ["came_out_later"]
    assert not explain_shortage(load_launch("mi_3_india"), as_of="2014-08-30").reports


def test_what_a_launch_shows_is_read_as_known_on_the_day():
    early = explain_shortage(load_launch("mi_9"), as_of="2019-03-01")
    late = explain_shortage(load_launch("mi_9"))
    words = [{sign.sign: sign.word for sign in one.launch_signs} for one in (early, late)]
    assert words[0]["line_added"] == "unknown"
    assert words[1]["line_added"] == "yes"
    moves = [
        one.signs.set_index("sign").loc["Second source or line added"] for one in (early, late)
    ]
    assert np.isnan(moves[0]["held_back_after"])
    assert moves[1]["held_back_after"] < moves[1]["held_back_before"]


def test_shortages_that_began_later_are_not_known_on_a_day():
    table = select_documented(load_table("shortages"))
    earlier = table[pd.to_datetime(table["start"], format="mixed") <= "2012-12-31"]
    shortage = explain_shortage(load_launch("mi_2"), as_of="2012-12-31")
    assert shortage.reference.listed == earlier["listed"].sum() < 20


def test_a_target_above_an_earlier_capacity_is_not_a_raised_target():
    """What could be made and what was planned are of two kinds, one report of each."""
    launch = load_launch("mi_5")
    one = launch.supply_reports.query("kind == 'target' and per != 'total'").head(1)
    earlier = one["reported"] - pd.Timedelta(days=1)
    could_be_made = one.assign(kind="capacity", units=one["units"] / 2, reported=earlier)
    first_sale = {"first_sale": SourcedValue(value=earlier.iloc[0], basis="sourced")}
    two_kinds = replace(
        launch,
        supply_reports=pd.concat([could_be_made, one]),
        figures=launch.figures | first_sale,
    )
    signs = {sign.sign: sign for sign in read_signs(two_kinds)}
    assert signs["target_raised"].word == "unknown"
    raised = one.assign(units=one["units"] * 2, reported=one["reported"] + pd.Timedelta(days=1))
    of_one_kind = replace(two_kinds, supply_reports=pd.concat([could_be_made, one, raised]))
    signs = {sign.sign: sign for sign in read_signs(of_one_kind)}
    assert signs["target_raised"].word == "yes"


def test_totals_tell_a_raised_target_where_they_are_of_the_very_same_period():
    """Of the Switch eight million were planned for a year, and fourteen later on."""
    switch = load_launch("nintendo_switch")
    sign = {sign.sign: sign for sign in read_signs(switch)}["target_raised"]
    assert sign.word == "yes"
    assert [units * 365 / 30.4 for units in sign.units] == pytest.approx([8e6, 14e6], rel=1e-5)

    reports = switch.supply_reports.query("kind == 'target' and per == 'total'")
    longer_and_longer = reports.drop_duplicates("period_end").drop_duplicates("period_start")
    assert len(longer_and_longer) >= 2
    others = replace(switch, supply_reports=longer_and_longer)
    sign = {sign.sign: sign for sign in read_signs(others)}["target_raised"]
    assert sign.word == "unknown"


def test_signs_are_read_from_the_fields_of_a_launch():
    signs = {sign.sign: sign for sign in read_signs(load_launch("mi_5"))}
    assert signs["line_added"].makers == ("Inventec",)
    assert signs["target_raised"].word == "yes"
    assert signs["target_raised"].units == (700_000, 1_000_000)
    assert signs["registration"].units == (16_800_000,)
    assert signs["lots_constant"].word == "unknown"
    lots = {sign.sign: sign for sign in read_signs(load_launch("mi_3_india"))}["lots_constant"]
    assert lots.word == "no"
    of_mi_1 = {sign.sign: sign for sign in read_signs(load_launch("mi_1"))}["registration"]
    assert of_mi_1.units == (320_000,), "1.3 million registered for another phone, the Mi 1S"


def test_a_maker_that_was_named_after_the_shortage_is_no_sign_of_it():
    """Foxconn was named for the PlayStation 3 in September 2007; shops were full by January."""
    launch = load_launch("playstation_3")
    signs = {sign.sign: sign for sign in read_signs(launch, pd.Timestamp("2007-01-31"))}
    assert (signs["line_added"].word, signs["line_added"].makers) == ("unknown", ())
    shortage = explain_shortage(launch)
    assert shortage.documented_end.day == pd.Timestamp("2007-01-31")
    assert shortage.second_maker == ""
    shown = shortage.signs.set_index("sign").loc["Second source or line added"]
    assert shown["shown"] == "Only after the shortage: Foxconn, September 2007", "the chart has it"
    assert pd.isna(shown["before"]), "it moves nothing"

    signs = {sign.sign: sign for sign in read_signs(launch, pd.Timestamp("2007-09-30"))}
    assert signs["line_added"].makers == ("Foxconn",), "named within the month of its end"
    assert explain_shortage(load_launch("mi_5")).second_maker == "Inventec"


def test_a_maker_among_the_sources_that_was_known_after_the_shortage_is_no_sign_of_it():
    """Inventec was known to make the Mi 5 on 27 May 2016."""
    launch = load_launch("mi_5")
    words = {path: word for path, word in launch.words.items() if "second_source" not in path}
    by_its_sources = replace(launch, words=words)
    for day, makers in {"2016-05-20": (), "2016-05-31": ("Inventec",)}.items():
        signs = {sign.sign: sign for sign in read_signs(by_its_sources, pd.Timestamp(day))}
        assert signs["line_added"].makers == makers


def test_imported_stock_names_no_cause_and_a_published_low_yield_is_weighed_once():
    assert read_reports(load_launch("redmi_1s_india")) == []
    mi_mix = load_launch("mi_mix")
    assert [report.cause for report in read_reports(mi_mix)] == ["part", "yield"]
    for share, basis in ((0.9, "sourced"), (0.05, "assumed")):
        other = {"supply.yield_share": SourcedValue(value=share, basis=basis)}
        without_report = replace(mi_mix, figures=mi_mix.figures | other)
        assert [report.cause for report in read_reports(without_report)] == ["part"]


def test_two_independent_numbers_enter_as_their_bayes_factor():
    launch = load_launch("mi_mix")
    capacity = launch.supply_reports.iloc[0]
    shipped = capacity.copy()
    shipped["kind"], shipped["units"] = "shipped", 4000
    shipped["period_end"] = pd.Timestamp("2016-11-30")
    shipped["source"] = "https://example.org/count"
    reports = pd.DataFrame([capacity, shipped])
    launch = replace(launch, supply_reports=reports)
    numbers = [report for report in read_reports(launch) if report.name == "two_numbers"]
    assert len(numbers) == 1
    assert numbers[0].factor > 1
    with_numbers = explain_shortage(launch).row("held_back")["share"]
    assert with_numbers > explain_shortage(load_launch("mi_mix")).row("held_back")["share"]


def test_an_output_at_its_ceiling_or_above_lowers_the_whole_range_of_holding_back():
    """The more was made of what could be made, the less likely that some was held back."""
    launch = load_launch("mi_mix")
    capacity = launch.supply_reports.iloc[0]
    tops = [explain_shortage(launch).row("held_back")["high"]]
    for share in (1.0, 1.2, 1.7):
        made = capacity.copy()
        made["kind"], made["units"] = "produced", share * capacity["units"]
        made["source"] = "https://example.org/count"
        with_both = replace(launch, supply_reports=pd.DataFrame([capacity, made]))
        tops.append(explain_shortage(with_both).row("held_back")["high"])
    assert tops == sorted(tops, reverse=True)
    assert tops[-1] < tops[0] / 2


def test_a_launch_of_which_nothing_is_known_has_the_rates_of_the_class():
    mi_9 = load_launch("mi_9")
    bare = replace(
        mi_9,
        words={"name": "New phone", "device": "a_new_phone"},
        figures={},
        drops=mi_9.drops[:0],
        supply_reports=mi_9.supply_reports[:0],
        supply_sources=mi_9.supply_sources[:0],
    )
    shortage = explain_shortage(bare)
    assert shortage.table()["share"].to_numpy() == pytest.approx(shortage.table()["class_share"])
    assert "No sign of the New phone is known" in shortage.sentence()
    assert shortage.signs["held_back_before"].isna().all()


def test_a_later_account_that_names_holding_back_is_what_moves_it_most():
    table = load_table("shortages")
    own = table[table["shortage_id"] == "nes_games_1988"]
    reports = read_reports(load_launch("redmi_note_7"), own)
    assert [report.cause for report in reports] == ["part", "held_back"]
    assert len({report.step for report in reports}) == 2


def test_a_shortage_of_the_same_device_years_later_is_another():
    """Of the Switch one of 2017 and one of 2020 are on file."""
    launch, documented = load_launch("nintendo_switch"), select_documented(load_table("shortages"))
    assert (documented["device"] == launch.device).sum() == 2
    assert select_own(launch, documented)["shortage_id"].tolist() == ["switch_2017"]


def launch_named(name, announced, first_sale):
    """A Mi MIX of another name, announced and first sold on these days, that is on no table."""
    days = {"announced": announced, "first_sale": first_sale}
    figures = {path: SourcedValue(pd.Timestamp(value), "sourced") for path, value in days.items()}
    launch = load_launch("mi_mix")
    words = launch.words | {"name": name, "device": "own_device"}
    return replace(launch, words=words, figures=launch.figures | figures)


def test_a_documented_shortage_without_a_device_is_that_of_the_product_of_its_name():
    """The queue for the Steam Deck began with its announcement, seven months before any sale."""
    deck = launch_named("Valve steam deck", "2021-07-15", "2022-02-28")
    shortage = explain_shortage(deck)
    assert shortage.reference.listed == 36, "its own is none of the others"
    assert ("came_out_later", "part") in {(row.name, row.cause) for row in shortage.reports}
    assert shortage.documented_end.day == pd.Timestamp("2022-10-31")


def test_where_later_accounts_name_a_cause_no_source_is_said_to_be_missing():
    """No report of its time named a part of the Steam Deck; Valve did so later."""
    deck = launch_named("Steam Deck", "2021-07-15", "2022-02-28")
    no_limit = {"supply.bottleneck": SourcedValue(None, "unknown")}
    study = study_launch(replace(deck, figures=deck.figures | no_limit), draws=40)
    trust = study.trust()
    assert trust.level == "low"
    assert trust.because.startswith("Later accounts, no count, say why the Steam Deck was short.")
    assert "no report at the time named a part" in study.decision()


@pytest.mark.parametrize(
    ("name", "announced"), [("AirPods Pro", "2016-09-07"), ("AirPods", "2019-09-07")]
)
def test_a_product_of_a_longer_name_or_of_a_later_time_has_no_part_in_a_shortage(name, announced):
    """AirPods were short from December 2016 on."""
    first_sale = pd.Timestamp(announced) + pd.Timedelta(days=98)
    shortage = explain_shortage(launch_named(name, announced, first_sale))
    assert "came_out_later" not in {report.name for report in shortage.reports}
    assert shortage.documented_end is None


def test_lots_of_one_size_or_not_are_told_with_their_sizes(monkeypatch):
    """Too few shortages with such lots are known to use them today; seven lots are told as one."""
    monkeypatch.setattr(study_shortage, "LEAST_KNOWN", 1)
    signs = explain_shortage(load_launch("mi_3_india")).signs.set_index("sign")
    assert signs.loc["Lots all of one size", "shown"] == "No: 10,000 to 25,000 a lot"
