"""The forecast of a parts' cost from the first costing, held against those made later."""

from analysis import bom, margin
from analysis.data import load_launch
from analysis.margin.later_costings import later_costings


def test_the_playstation_3_is_held_against_both_costings_that_came_within_its_life():
    """iSuppli: 840 in November 2006, then 690 in mid-2007 and 449 in October 2008."""
    launch = load_launch("playstation_3")
    costs = bom.study_costs(launch)
    study = margin.study_launch(launch, costs, draws=1_000, seed=1)
    later = study.parts_cost.later
    assert later["cost_usd"].tolist() == [690.23, 448.73]
    assert later["month"].round().tolist() == [7, 23]
    assert (later["low"] < later["median"]).all()
    assert later["held"].all()
    sentence = study.parts_cost.later_sentence()
    assert "holds **2 of 2**" in sentence
    assert "may not hold the same things" in sentence, "the first leaves controller and box out"


def test_its_own_later_costings_are_in_no_pair_that_the_forecast_rests_on():
    own = bom.study_costs(load_launch("playstation_3")).decline.fit.evidence["device"]
    assert not own.astype(str).str.startswith("playstation_3").any()
    of_switch = bom.study_costs(load_launch("nintendo_switch")).decline.fit.evidence["device"]
    assert "playstation_3" in set(of_switch)


def test_a_launch_whose_first_costing_is_not_on_file_has_none_to_be_held_against(path):
    launch = load_launch("mi_9")
    assert later_costings(launch, path).empty


def test_a_console_is_held_against_no_margin_that_a_phone_maker_reported():
    launch = load_launch("playstation_3")
    study = margin.study_launch(launch, bom.study_costs(launch), draws=200, seed=1)
    assert study.reported.empty
    assert "Xiaomi" not in study.bridge.sentence()
    assert not study.bridge.table()["label"].str.contains("reported").any()
