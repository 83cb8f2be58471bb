"""A launch of one's own: the file of `make launch` explains itself and loads.

That it makes its reports as it stands is a test of the README, whose commands make them.
"""

import re

import pytest

from analysis.data import load_launch, read_fields
from analysis.data.launches import missing_for
from analysis.data.new_launch import TAKEN_NAMES, launch_text, main, study_questions
from analysis.report.listing import RESERVED


@pytest.mark.parametrize(
    "name",
    [
        "",
        "My Phone",
        "my-phone",
        "../my_phone",
        "my__phone",
        "$(touch x)",
        "a b",
        "téléphone",
        101 * "a",
    ],
)
def test_a_name_that_is_no_slug_is_one_clear_line_and_no_file(project, monkeypatch, capsys, name):
    monkeypatch.setattr("analysis.data.new_launch.DATA", project.folder / "data")
    before = sorted(project.folder.rglob("*"))
    assert main(name) == 1
    line = capsys.readouterr().err
    assert "such as NAME=my_phone" in line
    assert line.count("\n") == 1
    assert sorted(project.folder.rglob("*")) == before


def test_a_disk_that_refuses_is_one_clear_line(project, monkeypatch, capsys):
    monkeypatch.setattr("analysis.data.new_launch.DATA", project.folder / "no such folder")
    assert main("my_phone") == 1
    line = capsys.readouterr().err
    assert line.startswith("data/launches/my_phone.yaml is not written: ")
    assert line.count("\n") == 1


@pytest.mark.parametrize("name", TAKEN_NAMES)
def test_the_name_of_a_page_beside_the_reports_is_taken(project, monkeypatch, capsys, name):
    monkeypatch.setattr("analysis.data.new_launch.DATA", project.folder / "data")
    assert main(name) == 1
    assert capsys.readouterr().err == f"NAME={name}: a page beside the reports has that name\n"
    assert not project.launch(name).exists()
    assert TAKEN_NAMES == RESERVED, "as the runner has them"


def test_nothing_is_written_where_a_link_leads(project, monkeypatch, capsys):
    monkeypatch.setattr("analysis.data.new_launch.DATA", project.folder / "data")
    project.launch("my_phone").symlink_to(project.folder / "elsewhere")
    assert main("my_phone") == 1
    assert "is there already" in capsys.readouterr().err
    assert not (project.folder / "elsewhere").exists()


def test_every_field_of_the_dictionary_is_explained_with_its_unit_and_what_its_absence_means():
    text = launch_text("my_phone")
    for name, field in read_fields().items():
        assert field.meaning in text, name
        assert not field.unit or f"{field.meaning}; {field.unit}" in text, name
        assert field.required or f"then {field.missing}" in text, name
    assert all(len(line) < 400 for line in text.splitlines())


@pytest.mark.parametrize("study", list(study_questions()))
def test_it_says_which_studies_need_more_than_it_has(project, study):
    text = re.sub(r"^studies: .*", f"studies: [{study}]", launch_text("my_phone"), flags=re.M)
    project.launch("my_phone").write_text(text, encoding="utf-8")
    launch = load_launch("my_phone", project.folder / "data")
    words = " ".join(text.replace("\n#", " ").split())
    is_said = f"{study} needs" in words and f"{study} needs no more than is here" not in words
    assert is_said == bool(missing_for(launch, study))


def test_the_examples_in_it_load_once_their_marks_are_taken_away(project):
    text = re.sub(r"\[\]\n(#~)", r"\n\1", launch_text("my_phone")).replace("\n#~", "\n")
    histories = project.folder / "data" / "histories"
    histories.mkdir()
    (histories / "example_sales.csv").write_text("date,units\n2020-02-01,60000\n2020-03-01,90000\n")
    (histories / "example_bom.csv").write_text("date,bom_usd\n2020-01-01,210\n2020-09-01,190\n")
    project.launch("my_phone").write_text(text, encoding="utf-8")
    launch = load_launch("my_phone", project.folder / "data")
    assert len(launch.price_cuts) == len(launch.drops) == len(launch.supply_reports) == 1
    assert launch.words["orders.file"] == "orders/example_simulated.csv"
    assert list(launch.sales["units"]) == [60000, 90000]
    assert launch.figure("costs.bom_usd").value == 210
    for figure in ("costs.bom_date", "supply.opening_stock_units", "supply.short_until"):
        assert launch.figure(figure).known, "may be filled in by taking a mark away"


def test_what_a_plan_cannot_do_without_is_among_the_questions_asked_first():
    first = launch_text("my_phone").split("the rest can wait")[1].split("# name of the launch")[0]
    assert "the three figures of the ramp" in first


def test_no_field_is_said_to_be_left_out_and_never_left_out():
    assert not re.search("May be left out: .*never", launch_text("my_phone"))
    stock = read_fields()["supply.opening_stock_units"]
    assert stock.unit == "units", "of what is sold, a phone or not"
