"""Launch files: what is right loads, what is wrong is one clear error with its line."""

import re
from dataclasses import replace
from itertools import product

import pandas as pd
import pytest

from analysis.data import (
    DataError,
    as_known_on,
    describe_launches,
    list_launches,
    load_launch,
    load_table,
    prepare_report,
    read_fields,
)
from analysis.data.products import product_of, singular_of
from analysis.demand import forecast_launch

CUT = "list_local: 1799, source: https://example.org/cut}"
LIST = "list_local: {assumed: 1799, low: 1799, high: 1799, reason: x}"


def edit(folder, old, new, launch="mi_9"):
    path = folder / "launches" / f"{launch}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("launch", list_launches())
def test_every_launch_file_loads_and_every_figure_is_sourced_assumed_or_unknown(launch):
    figures = load_launch(launch).table()
    assert set(figures["basis"]) <= {"sourced", "assumed", "unknown"}
    sourced = figures[figures["basis"] == "sourced"]
    assert sourced["source_or_reason"].str.startswith("http").all()
    assumed = figures[figures["basis"] == "assumed"]
    assert assumed[["value", "low", "high", "source_or_reason"]].notna().all(axis=None)


def test_the_launches_on_file_are_described_one_a_row():
    launches = describe_launches().set_index("launch")
    assert list(launches.index) == list_launches()
    mi_9 = launches.loc["mi_9"]
    assert (mi_9["name"], mi_9["product"], mi_9["market"]) == ("Xiaomi Mi 9", "phone", "China")
    assert mi_9["first_sale"] == pd.Timestamp("2019-02-26")
    assert mi_9["studies"] == "sellout_speed, capacity, margin, release_plan"
    assert launches.loc["nintendo_switch", "product"] == "console"


def test_what_the_world_never_published_is_unknown():
    for launch in ("mi_9", "mi_mix", "mi_5"):
        drops = load_launch(launch).drops
        assert pd.isna(drops["units"].iloc[0])
        assert drops["sellout_s"].iloc[0] > 0


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("currency: CNY", "curency: CNY", r":\d+: unknown field curency; did you mean currency"),
        ("currency: CNY\n", "", "missing field currency"),
        (
            "    value: 2999",
            "    value: 2.999 yuan",
            r":\d+: price.list_local.value = '2.999 yuan'; expected a number > 0",
        ),
        (
            "    value: 2999",
            "    value: -2999",
            r"price.list_local.value = '-2999'; expected a number > 0",
        ),
        (
            "  value: 2019-02-20",
            "  value: 20.02.2019",
            r"announced.value = '20.02.2019'; expected an ISO date",
        ),
        (
            "    assumed: 7\n",
            "    assumed: 70\n",
            "costs.assembly_usd: low 4.* value 70.* high 12.*; expected them in this order",
        ),
        (
            "  freight_warranty_usd:\n    assumed: ",
            "  freight_warranty_usd:\n    assumed: 0 #",
            "freight_warranty_usd: low .* value 0.*, high .*; expected them in this order",
        ),
        (
            "    units: unknown\n    sellout_s: 53",
            "    units: many\n    sellout_s: 53",
            r"drops\[\].units = 'many'; expected an integer",
        ),
        ("    sellout_s: 53", "    sellout_s: 35", r"mi9_cn_r1.sellout_s = 35.*; expected 53"),
        (
            "round: mi9_cn_r1",
            "round: mi9_cn_r9",
            "is not in sale_rounds.csv; did you mean mi9_cn_r1",
        ),
        (
            "    value: camera_module",
            "    value: camera",
            "supply.bottleneck.value = 'camera'; expected .* did you mean camera_module",
        ),
        (
            "[sellout_speed, capacity, margin, release_plan]",
            "[sellout_sped]",
            "studies has 'sellout_sped'; did you mean sellout_speed",
        ),
        ("cuts: []", "cuts: none at all", "price.cuts: expected a list|price.cuts"),
        ("name: Xiaomi Mi 9", "name: Xiaomi Mi 9\nname: again", r":\d+: name stands twice"),
        ("costs:\n", "costs: 12\nold_costs:\n", "costs: expected the fields|unknown field"),
        (
            "  cuts: []",
            f"  cuts:\n    - {{date: 2019-02-26, {CUT}",
            "price.cuts: 2019-02-26; expected a day after first_sale",
        ),
        (
            "costs:\n",
            "parameters: {capasity: {seed: 2}}\ncosts:\n",
            r":\d+: parameters has 'capasity'; did you mean capacity",
        ),
        (
            "costs:\n",
            "parameters: {evidence: {seed: 2}}\ncosts:\n",
            r":\d+: parameters has 'evidence'; known: capacity, margin",
        ),
        (
            "costs:\n",
            f"s_version: {{name: S, {LIST}}}\ncosts:\n",
            "s_version.list_local needs s_version.first_sale",
        ),
        (
            "costs:\n",
            f"s_version: {{first_sale: unknown, {LIST}}}\ncosts:\n",
            "s_version.list_local needs s_version.first_sale",
        ),
        (
            "supply:\n",
            "supply: unknown\nparameters:\n",
            r":\d+: supply: expected the fields bottleneck",
        ),
        (
            "source: https://ixbt.com/news/2019/02/26/xiaomi-mi-9-53.html",
            "source: ixbt",
            "source = 'ixbt'; expected one web address",
        ),
    ],
)
def test_a_wrong_field_is_one_clear_error(copy, old, new, expected):
    edit(copy, old, new)
    with pytest.raises(DataError, match=expected) as caught:
        load_launch("mi_9", copy)
    for problem in caught.value.problems:
        assert problem.startswith("data/launches/mi_9.yaml")


def test_every_required_field_is_missed_when_it_is_gone(copy):
    text = (copy / "launches" / "mi_9.yaml").read_text(encoding="utf-8")
    tops = [name for name, field in read_fields().items() if field.required and "." not in name]
    for name in tops:
        cut = re.sub(rf"^{name}:.*\n(?:[ ].*\n)*", "", text, flags=re.M)
        (copy / "launches" / "mi_9.yaml").write_text(cut, encoding="utf-8")
        with pytest.raises(DataError, match=f"missing field {name}"):
            load_launch("mi_9", copy)


def test_dates_out_of_order_are_refused(copy):
    edit(
        copy, "  - date: 2019-03-31\n    units: 1000000", "  - date: 2019-03-01\n    units: 1000000"
    )
    lines = (copy / "launches" / "mi_9.yaml").read_text(encoding="utf-8").splitlines()
    line = lines.index("  - date: 2019-03-01") + 1
    with pytest.raises(
        DataError, match=rf"mi_9\.yaml:{line}: sales: 2019-03-01 stands after a later date"
    ):
        load_launch("mi_9", copy)


def test_an_empty_file_and_broken_yaml_are_refused(copy):
    path = copy / "launches" / "mi_9.yaml"
    path.write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="the file is empty"):
        load_launch("mi_9", copy)
    path.write_text("name: [", encoding="utf-8")
    with pytest.raises(DataError, match="not a YAML file"):
        load_launch("mi_9", copy)


def test_an_unknown_launch_offers_the_nearest_names():
    with pytest.raises(DataError, match=r"there is no launch 'mi9'.*did you mean .*mi_9"):
        load_launch("mi9")


def test_a_study_the_launch_does_not_name_is_refused_before_a_kernel_starts():
    with pytest.raises(DataError, match="studies has no 'capacty'; did you mean capacity"):
        prepare_report("mi_9", "capacty")


def test_a_page_says_in_words_where_and_when_its_launch_was(monkeypatch):
    assert prepare_report("mi_9", "margin")["detail"] == "first sale on 26 February 2019 (China)"
    launch = load_launch("mi_9")
    elsewhere = replace(launch, words=launch.words | {"market": "CH"})  # of no table
    monkeypatch.setattr("analysis.data.launches.load_launch", lambda name: elsewhere)
    assert prepare_report("mi_9", "margin")["detail"].endswith(" (Switzerland)")


@pytest.mark.parametrize(
    ("noun", "plural", "singular"),
    [
        ("pair of sneakers", "pairs of sneakers", ""),
        ("gaming mouse", "gaming mice", ""),
        ("camera lens", "camera lenses", ""),
        ("running shoes", "running shoes", ""),
        ("sneakers", "sneakerses", "sneaker"),
        ("e-bikes", "e-bikeses", "e-bike"),
        ("smart watches", "smart watcheses", "smart watch"),
        ("batteries", "batterieses", "battery"),
    ],
)
def test_a_noun_has_its_plural_and_one_that_is_a_plural_its_singular(noun, plural, singular):
    assert product_of(noun).plural == plural
    assert singular_of(noun) == singular


def test_as_of_a_day_nothing_later_is_known():
    then = as_known_on(load_launch("mi_9"), "2019-03-03")
    assert then.supply_reports["reported"].max() <= pd.Timestamp("2019-03-03")
    assert then.sales.empty
    assert len(then.drops) == 1
    with pytest.raises(DataError, match=r"^day = '3 March'; expected an ISO date, yyyy-mm-dd$"):
        as_known_on(then, "3 March")
    with pytest.raises(DataError, match=r"this day is written as dd.mm.yyyy: write 2019-03-03$"):
        as_known_on(then, "03.03.2019")


def test_the_planned_first_sale_is_known_before_it_comes_and_other_days_to_come_are_not():
    then = as_known_on(load_launch("mi_9"), "2019-02-22")
    assert then.figure("first_sale").value == pd.Timestamp("2019-02-26")
    assert as_known_on(load_launch("mi_9"), "2019-02-01").figure("announced").value == pd.Timestamp(
        "2019-02-20"
    )
    assert not then.figure("supply.second_source.announced").known
    forecast = forecast_launch(load_launch("mi_9"), as_of="2019-02-22", draws=20)
    assert forecast.beliefs["kind"].tolist() == ["class"]


def test_a_count_is_known_from_the_day_on_which_it_was_told():
    """Of the million that the Mi 9 reached on 27 March 2019 nobody heard before 2021."""
    whole = load_launch("mi_9")
    assert whole.sales["date"].min() == pd.Timestamp("2019-03-27")
    assert as_known_on(whole, "2019-03-28").sales.empty
    assert as_known_on(whole, "2020-12-31").sales["date"].min() == pd.Timestamp("2019-03-29")
    assert len(as_known_on(whole, "2021-12-31").sales) == len(whole.sales)
    assert (whole.sales["reported"] >= whole.sales["date"]).all()


NEEDED = [
    *((study, "first_sale") for study in ("capacity", "margin", "release_plan")),
    *product(
        ("margin", "release_plan"),
        ("life_months", "price.list_local", "price.list_tax_share", "price.local_per_usd"),
    ),
    *product(
        ("margin", "release_plan"),
        ("costs.bom_share_of_net_price", "costs.assembly_usd", "costs.royalty_share"),
    ),
    *product(("margin", "release_plan"), ("costs.channel_share", "costs.freight_warranty_usd")),
    *(
        ("release_plan", f"supply.{name}")
        for name in ("start_units_per_month", "full_units_per_month", "ramp_weeks")
    ),
]


@pytest.mark.parametrize(("study", "field"), NEEDED)
def test_a_figure_that_a_study_cannot_do_without_is_missed_before_a_kernel_starts(
    monkeypatch, study, field
):
    whole = load_launch("mi_9")
    monkeypatch.setattr("analysis.data.launches.load_launch", lambda name: whole)
    assert prepare_report("mi_9", study)["parameters"] == {"launch": "mi_9"}
    without = replace(
        whole, figures={path: figure for path, figure in whole.figures.items() if path != field}
    )
    monkeypatch.setattr("analysis.data.launches.load_launch", lambda name: without)
    missed = "costs.bom_usd" if "bom" in field else field
    with pytest.raises(
        DataError, match=f"data/launches/mi_9.yaml: {missed} is unknown; {study} needs"
    ):
        prepare_report("mi_9", study)
    assert prepare_report("mi_9", "sellout_speed")


@pytest.mark.parametrize("name", list_launches())
def test_milestones_and_reports_of_a_launch_file_are_those_of_the_market_tables(name):
    launch, sales, reports = (
        load_launch(name),
        load_table("device_sales"),
        load_table("capacity_reports"),
    )
    in_table = set(zip(sales["source_url"], sales["units"], sales["period_end"], strict=True))
    counts = launch.sales
    assert set(zip(counts["source"], counts["units"], counts["date"], strict=True)) <= in_table
    in_table = set(
        zip(reports["source_url"], reports["units"], reports["report_date"], strict=True)
    )
    rates = launch.supply_reports
    assert set(zip(rates["source"], rates["units"], rates["reported"], strict=True)) <= in_table


def test_figures_without_a_source_are_found_by_what_their_paths_start_with():
    launch = load_launch("mi_9")
    costs = launch.not_sourced("costs")
    assert len(costs) > 0
    assert costs["figure"].str.startswith("costs").all()
    assert set(launch.not_sourced()["basis"]) <= {"assumed", "unknown"}
    assert set(costs["figure"]) < set(launch.not_sourced()["figure"])
