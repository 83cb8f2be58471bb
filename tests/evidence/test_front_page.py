"""The front page: its title counts what is settled, its table says what launch files say."""

import pytest

from analysis.data import list_launches, load_launch
from analysis.evidence.front_page import COLUMNS, describe_front_page, say_title


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
    assert cells["Fastest sale"] == f"{own['sellout_s'].min():g} s"
    assert cells["Shortage named"] == "camera modules"
    assert cells["Would waiting have paid?"] == "probably not (paid in 30 % of simulations)"
    assert cells["Units counted"] == "1 million by 31 March 2019"


def test_sentences_and_findings_carry_the_published_figures(front):
    assert "any of the 2 launches" in front["sentences"][0]
    assert "20 to 30 %" in front["sentences"][0]
    assert "lasted 1.0 times as long (0.32 to 3.2)" in front["findings"][0]


def test_the_title_counts_launches_whose_odds_two_counts_moved():
    assert say_title(0, 8).endswith("in any of 8 launches")
    assert "in 2 of 8 launches" in say_title(2, 8)
    every = describe_front_page([report(f"{name}/capacity") for name in list_launches()])
    assert every["title"] == say_title(0, len(list_launches()) - 2)  # two are simulated
