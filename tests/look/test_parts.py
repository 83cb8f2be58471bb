"""What notebooks show: content passed on as JSON, text escaped, panels that follow sliders."""

import json
import re
from functools import partial

import pandas as pd
import pytest

from analysis.look import markup, panel, parts
from analysis.look.chart import Chart, csv_text
from analysis.look.figures import plot_intervals


@pytest.fixture
def shown(monkeypatch):
    """What cells display: (data, metadata) of each output."""
    outputs = []

    def record(shown, **more):
        bundle = shown._repr_mimebundle_() if isinstance(shown, parts.Part) else shown
        outputs.append((bundle, more.get("metadata", {})))

    for module in (parts, panel):
        monkeypatch.setattr(module, "display", record)
    return outputs


def test_a_result_prints_as_its_table():
    class Rate(parts.Shown):
        def table(self):
            return pd.DataFrame({"term": ["rate"], "estimate": [0.18]})

    assert str(Rate()).split() == ["term", "estimate", "rate", "0.18"]


def test_an_address_within_a_cell_is_a_link_named_by_its_site():
    note = (
        'by every report (https://www.a.org/b too), "http://c.org/d?e=1&f=2", and https://g.org/h.'
    )
    html = parts.Table(pd.DataFrame({"note": [note, "<b> x"]}), "Notes").html()
    assert '(<a href="https://www.a.org/b">www.a.org</a> too)' in html
    assert '<a href="http://c.org/d?e=1&amp;f=2">c.org</a>&quot;, and' in html
    assert '<a href="https://g.org/h">g.org</a>.</td>' in html
    assert "&lt;b&gt; x" in html


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
    assert rows == [
        ["2", "20", "22 (2 to 200)"],
        ["1", "20", "21 (1 to 200)"],
        ["3", "20", "23 (3 to 200)"],
        ["2", "10", "12 (2 to 100)"],
        ["2", "30", "32 (2 to 300)"],
    ]


def test_choices_that_are_shares_are_written_in_per_cent(shown, monkeypatch):
    labels = {"x": "share of those waiting who leave", "y": "change of cost a year"}
    monkeypatch.setenv("STATIC_REPORT", "1")
    panel.what_if("What if?", "sum", doubled, labels, x=[0, 0.07, 0.3], y=[-0.18, -0.08, 0.02])
    html = shown[0][0]["text/html"].replace("\u00a0", " ")
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", html)
    assert cells[::3] == ["7 %", "0 %", "30 %", "7 %", "7 %"]
    assert cells[1::3] == ["−8 %", "−8 %", "−8 %", "−18 %", "2 %"]
    monkeypatch.delenv("STATIC_REPORT")
    panel.what_if("What if?", "sum", doubled, labels, x=[0, 0.07, 0.3], y=[-0.18, -0.08, 0.02])
    slider = panel_of(shown).children[0]
    assert [words for words, _ in slider.options] == ["0 %", "7 %", "30 %"]


def test_in_lab_a_slider_for_each_choice_starts_in_the_middle_and_asks_the_function_when_moved(
    shown, monkeypatch
):
    monkeypatch.delenv("STATIC_REPORT", raising=False)
    asked = []
    monkeypatch.setattr(panel, "plot_intervals", lambda ax, table: asked.append(table) or ax)
    panel.what_if("What if?", "sum", doubled, x=[1, 2, 3], y=[10, 20, 30])
    sliders = panel_of(shown)
    assert [slider.value for slider in sliders.children[:2]] == [2, 20]
    sliders.children[0].value = 3
    assert asked[-1]["estimate"].tolist() == [23, 22], "what it is now, then what it was first"
    assert asked[-1]["focus"].tolist() == [True, False]
    assert asked[-1]["label"].tolist() == ["sum", "at first"]
    assert [type(one).__name__ for one in sliders.children[2:]] == ["HTML"], (
        "an Output widget makes plain papermill hang"
    )


def panel_of(shown):
    """The sliders with their picture, of all that was displayed."""
    return next(one for one, _ in shown if hasattr(one, "children"))


def test_in_lab_each_row_has_its_first_values_below_it_and_the_axis_is_in_words(shown, monkeypatch):
    monkeypatch.delenv("STATIC_REPORT", raising=False)

    def sold(a_month):
        sums = [a_month, 4 * a_month]
        labels = ["week 4", "week 26"]
        return pd.DataFrame({"label": labels, "estimate": sums, "low": sums, "high": sums})

    panel.what_if("What if?", "phones.", sold, a_month=[1e5, 1e6, 2e6])
    sliders = panel_of(shown)
    sliders.children[0].value = 2e6
    picture = sliders.children[-1].value
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", picture)
    assert [text for text in texts if text.startswith(("week", "at"))] == [
        "week 4",
        "at first",
        "week 26",
        "at first",
    ]
    assert any(text.endswith(" million") for text in texts), "no 1e6 beside the axis"
    assert "phones; grey: before a slider was moved" in picture
    assert sliders.children[0].style.description_width == "min(7ch, 55%)", (
        "tracks of all sliders begin below one another"
    )


def test_in_lab_a_slider_that_changes_nothing_says_why_and_one_moved_back_asks_nothing(
    shown, monkeypatch
):
    monkeypatch.delenv("STATIC_REPORT", raising=False)
    asked = []

    def only_price(price, weeks):
        asked.append((price, weeks))
        return pd.DataFrame({"label": ["sum"], "estimate": [price], "low": [1.0], "high": [9.0]})

    why = {"weeks": "nobody waits"}
    panel.what_if("What if?", "sum", only_price, None, why, price=[1, 2, 3], weeks=[0, 4, 8])
    price, weeks, picture = panel_of(shown).children
    assert "changes nothing" not in picture.value
    weeks.value = 8
    assert "This changes nothing here: weeks. The reason: nobody waits." in picture.value
    price.value = 3
    assert "changes nothing" not in picture.value
    weeks.value, price.value = 4, 2
    assert len(asked) == len(set(asked))


def test_a_chart_offers_its_data_as_csv():
    data = pd.DataFrame({"x": [1, 2], "y": [0.1234567, 3]})
    assert csv_text(data) == "x,y\n1,0.123457\n2,3\n"


def test_choices_that_change_nothing_are_named_and_choices_have_words(shown, monkeypatch):
    monkeypatch.setenv("STATIC_REPORT", "1")

    def only_price(price, weeks):
        return pd.DataFrame({"label": ["sum"], "estimate": [price], "low": [1.0], "high": [9.0]})

    words = {"price": "price, dollars", "weeks": "weeks held back"}
    why = {"weeks": "nobody waits"}
    panel.what_if("What if?", "sum", only_price, words, why, price=[1, 2, 3], weeks=[0, 4])
    sentence, table = (bundle["text/html"] for bundle, _ in shown)
    assert "This changes nothing here: weeks held back. The reason: nobody waits." in sentence
    assert '<th scope="col" class="number">price, dollars</th>' in table


def test_the_first_screen_passes_on_question_and_answer_without_marks():
    screen = parts.FirstScreen("What of the <Mi 9>?", "About **5** weeks.", "More & more.")
    bundle = screen._repr_mimebundle_()
    assert bundle[parts.ANSWER]["question"] == "What of the <Mi 9>?"
    assert bundle[parts.ANSWER]["answer"] == "About 5 weeks."
    assert "What of the &lt;Mi\u00a09&gt;?" in bundle["text/html"]
    assert (
        "<strong>About <strong>5</strong> weeks.</strong> More &amp; more." in bundle["text/html"]
    )


def test_no_line_of_a_chart_title_starts_with_the_number_of_a_name():
    rows = pd.DataFrame({"label": ["a"], "estimate": [1.0], "low": [0.0], "high": [2.0]})
    draw, words = partial(plot_intervals, table=rows), "A point with its range."
    chart = Chart("The **PlayStation 3** and the iPhone 5s over 12 years", "USD", draw, words, rows)
    together = "The <strong>PlayStation\u00a03</strong> and the iPhone\u00a05s over 12 years"
    assert together in chart.html()


def test_numbers_in_a_column_of_mixed_cells_are_written_as_in_one_of_numbers():
    values = [1_100_000.0, 0.16, None, "camera_module", True, pd.Timestamp("2019-02-26")]
    html = parts.Table(pd.DataFrame({"value": pd.Series(values, dtype=object)}), "Figures").html()
    cells = re.findall(r"<td[^>]*>(.*?)</td>", html)
    assert cells == ["1,100,000", "0.16", "–", "camera_module", "yes", "2019-02-26"]


def test_facts_are_three_and_trust_has_one_of_four_levels():
    with pytest.raises(ValueError, match="expected three pairs"):
        parts.Facts(("1", "one"), ("2", "two"))
    with pytest.raises(ValueError, match="level 'sure': expected one of high, fair, low, none"):
        parts.Trust("sure", "Because.", "A count.")
    facts = parts.Facts(("1", "one"), ("2", "**two**"), ("3", "three"))
    assert facts.payload()[parts.FACTS]["facts"][1] == {"number": "2", "meaning": "two"}
    trust = parts.Trust("none", "No count.", "A count.")
    assert "Not at all.</strong> No count." in trust.html()


def test_a_page_takes_out_the_style_that_lab_needs():
    bundle = parts.Text("One.")._repr_mimebundle_()
    assert markup.for_page(bundle["text/html"]) == '<div class="look"><p>One.</p></div>'
    json.dumps(bundle)


def test_sums_in_dollars_are_no_formulas_in_lab_and_a_page_has_no_trace_of_it(shown, monkeypatch):
    monkeypatch.delenv("STATIC_REPORT", raising=False)

    class Rows(parts.Shown):
        def table(self):
            return pd.DataFrame({"parts": ["$239"], "and": ["$338"]})

    table = parts.Table(Rows().table(), "From $239 to $338")
    chart = Chart(
        "From $2 to $3", "$", lambda axes: axes, "A chart of nothing.", pd.DataFrame({"x": [1]})
    )
    panel.what_if("From $2 to $3?", "sum", doubled, x=[1, 2, 3], y=[10, 20, 30])
    texts = [part._repr_mimebundle_()["text/html"] for part in (table, chart)]
    texts += [Rows()._repr_html_(), panel_of(shown).children[-1].value]
    for html in texts:
        without_style = re.sub(r"<style.*?</style>", "", html)
        outermost = re.search(r"<[^>]+>", without_style)[0]
        assert markup.NO_FORMULAS in outermost
        assert "ignore" not in markup.for_page(html)
    assert 'class="dataframe"' in markup.for_page(Rows()._repr_html_())


def test_inputs_that_do_not_fit_stand_in_the_box_of_trust_and_of_many_two():
    trust = parts.Trust("fair", "Because.", "A count.")
    assert trust.with_odd_inputs([]) == trust
    assert "Inputs that do not fit" not in trust.html()
    odd = trust.with_odd_inputs(["One <b>log</b>.", "Two.", "Three.", "Four."])
    assert (
        "Inputs that do not fit:</strong> One &lt;b&gt;log&lt;/b&gt;. Two. More stand" in odd.html()
    )
    assert odd.text().endswith(
        "Inputs that do not fit: One <b>log</b>. Two. More stand at the end: 2."
    )
    assert parts.Trust(**odd.payload()[parts.TRUST]).odd_inputs.startswith("One")
