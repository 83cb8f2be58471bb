"""What notebooks show: content is passed on as plain JSON, text is escaped, panels follow their sliders."""

import json
import re

import pandas as pd
import pytest

from analysis.look import cells, panel, parts


@pytest.fixture
def shown(monkeypatch):
    """What cells display: (data, metadata) of each output."""
    outputs = []

    def record(shown, **more):
        bundle = shown._repr_mimebundle_() if isinstance(shown, parts.Part) else shown
        outputs.append((bundle, more.get("metadata", {})))

    for module in (cells, parts, panel):
        monkeypatch.setattr(module, "display", record)
    return outputs


def test_published_figures_are_plain_json_with_unit_and_what_is_unknown_is_left_out(shown):
    parts.publish(
        "share",
        gain=(0.2, 0.1, float("inf")),
        chance=0.5,
        lost=float("nan"),
        row=pd.Series([1.0, 0.5, 2.0]),
    )
    data = shown[0][0]
    told = json.loads(json.dumps(data[parts.QUANTITIES], allow_nan=False))
    assert told == {
        "gain": {"unit": "share", "estimate": "0.2", "low": "0.1", "high": "inf"},
        "chance": {"unit": "share", "estimate": "0.5", "low": "nan", "high": "nan"},
        "row": {"unit": "share", "estimate": "1.0", "low": "0.5", "high": "2.0"},
    }
    assert data["text/html"] == ""


def doubled(x: float, y: float) -> pd.DataFrame:
    return pd.DataFrame({"label": ["sum"], "estimate": [x + y], "low": [x], "high": [10 * y]})


def test_in_reports_a_table_stands_in_for_the_panel_one_choice_changed_at_a_time(
    shown, monkeypatch
):
    monkeypatch.setenv("STATIC_REPORT", "1")
    panel.what_if("What if?", "sum", doubled, x=[1, 2, 3], y=[10, 20, 30])
    html = shown[0][0]["text/html"]
    rows = [
        re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", html)[1:]
    ]
    assert rows == [["2", "20", "22 (2 to 200)"], ["1", "20", "21 (1 to 200)"], ["3", "20", "23 (3 to 200)"],
                    ["2", "10", "12 (2 to 100)"], ["2", "30", "32 (2 to 300)"]]  # fmt: skip


def test_in_lab_a_slider_for_each_choice_starts_in_the_middle_and_asks_the_function_when_moved(
    shown, monkeypatch
):
    monkeypatch.delenv("STATIC_REPORT", raising=False)
    asked = []
    monkeypatch.setattr(
        panel.figures, "plot_intervals", lambda ax, table: asked.append(table) or ax
    )
    panel.what_if("What if?", "sum", doubled, x=[1, 2, 3], y=[10, 20, 30])
    sliders = next(one for one, _ in shown if hasattr(one, "children"))
    assert [slider.value for slider in sliders.children[:2]] == [2, 20]
    sliders.children[0].value = 3
    assert asked[-1]["estimate"].tolist() == [23, 22], "what it is now, then what it was first"
    assert asked[-1]["focus"].tolist() == [True, False]
    assert [type(one).__name__ for one in sliders.children[2:]] == ["HTML"], (
        "an Output widget makes plain papermill hang"
    )


def test_a_figure_offers_its_data_as_csv(shown):
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().plot([1, 2])
    cells.show_figure(
        figure,
        "A line that rises from one to two.",
        data=pd.DataFrame({"x": [1, 2], "y": [0.1234567, 3]}),
    )
    assert shown[0][1]["image/png"]["csv"] == "x,y\n1,0.123457\n2,3\n"
