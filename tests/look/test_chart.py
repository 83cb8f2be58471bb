"""A chart is drawn for two widths in the page's colours and font, the same each time."""

import csv
import io
import re
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some
from matplotlib.figure import Figure

from analysis.look import (
    COLOUR,
    Chart,
    Charted,
    day_axis,
    dollar_axis,
    is_narrow,
    label_end,
    label_point,
    number_axis,
    percent_axis,
    plot_intervals,
)
from analysis.look.chart import csv_text, lay_out
from analysis.look.labels import spread
from analysis.look.svg import svg_of

ANALYSIS = Path(__file__).parents[2] / "analysis"
PHONE_PX = 350  # how wide the narrow drawing is shown on a phone


def chart_of(draw, **more) -> Chart:
    """A chart of what `draw` draws."""
    table = pd.DataFrame({"x": [0, 1]})
    texts = {"title": "What it shows", "measure": "units", "alt": "A chart made for a test."}
    return Chart(**{"draw": draw, "data": table} | texts | more)


def draw_sales(axes):
    """A line with its label, a pledge in two lines set right, and an axis in millions."""
    axes.plot([0, 1, 2], [0, 4e5, 1.2e6], color=COLOUR["demand"])
    label_end(axes, 2, 1.2e6, "sold", "demand")
    axes.text(1, 1e6, "pledge: a million\nin a month", ha="right", color=COLOUR["supply"])
    number_axis(axes.yaxis)
    return axes


def texts_of(svg: str) -> list[str]:
    """What is written in a drawing."""
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter("text")]


def test_a_chart_is_the_same_bytes_each_time_and_its_text_stays_text():
    chart = chart_of(draw_sales)
    assert chart.svg() == chart.svg()
    assert {"sold", "pledge: a million", "in a month", "1 million"} <= {*texts_of(chart.svg())}
    assert "1m" in texts_of(chart.svg(narrow=True))


def test_every_colour_is_a_role_with_a_fallback():
    svg = chart_of(draw_sales).svg()
    assert f"var(--demand,{COLOUR['demand']})" in svg
    outside = re.sub(r"var\(--\w+,#[0-9a-f]{6}\)", "", svg)
    assert not re.search(r":#[0-9a-f]{3,6}|rgb\(", outside)


def test_a_colour_that_is_no_role_is_refused_by_name():
    with pytest.raises(ValueError, match=r"colour #ff0000 is none of look\.COLOUR"):
        chart_of(lambda axes: axes.plot([0, 1], color="red")).svg()


def test_pixels_are_refused():
    figure = Figure()
    figure.subplots().imshow([[0, 1], [1, 0]], cmap="gray")
    with pytest.raises(ValueError, match="holds pixels"):
        svg_of(figure, "wide-chart", "a picture of pixels")


def test_a_phone_shows_no_label_smaller_than_11_pixels():
    root = ElementTree.fromstring(chart_of(draw_sales).svg(narrow=True))
    scale = PHONE_PX / float(root.get("viewBox").split()[2])
    sizes = [
        float(re.search(r"font-size:([\d.]+)px", element.get("style", "font-size:0px"))[1])
        for element in root.iter()
        if "font-size" in element.get("style", "")
    ]
    assert min(sizes) * scale >= 11


def test_draw_knows_for_which_width_it_draws():
    widths = []
    chart_of(lambda axes: widths.append(is_narrow(axes))).html()
    assert widths == [False, True]


def test_names_in_the_drawings_of_a_page_are_unique():
    charts = [chart_of(draw_sales), chart_of(lambda axes: axes.plot([3, 1, 2], "o-", color="w"))]
    names = re.findall(r'\bid="([^"]+)"', "".join(chart.html() for chart in charts))
    assert len(names) == len({*names}) > 0
    for drawing in [svg for chart in charts for svg in (chart.svg(), chart.svg(narrow=True))]:
        referred = {*re.findall(r"#(c[0-9a-f]{6}-\d+)", drawing)}
        assert referred <= {*re.findall(r'\bid="([^"]+)"', drawing)}


def test_lines_of_a_text_set_right_share_their_right_edge_in_any_font():
    root = ElementTree.fromstring(chart_of(draw_sales).svg())
    pledge = [
        text for text in root.iter("text") if text.text in ("pledge: a million", "in a month")
    ]
    assert len({text.get("x") for text in pledge}) == 1
    anchors = [group.get("style", "") for group in [*root.iter("g"), *pledge]]
    assert sum("text-anchor:end" in style for style in anchors) >= 1


def test_a_hundred_points_are_a_small_picture():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 100))
    chart = chart_of(lambda axes: axes.scatter(x, y, color=COLOUR["context"]))
    assert len(chart.svg()) < 15_000


def test_no_text_becomes_markup():
    evil = "<script>alert(1)</script>"
    html = str(chart_of(draw_sales, title=evil, measure=evil, note=evil, alt=evil).html())
    assert "<script" not in html
    labelled = chart_of(lambda axes: label_end(axes, 0, 0, evil, "demand"))
    assert "<script" not in labelled.svg()


def test_a_result_without_a_chart_draws_nothing():
    class Empty(Charted):
        def chart(self):
            return None

    class Full(Charted):
        def chart(self):
            return chart_of(draw_sales)

    axes = Figure().subplots()
    assert Empty().plot(axes) is None
    assert not axes.has_data()
    assert Full().plot(axes) is axes


def test_a_chart_without_a_description_is_refused():
    with pytest.raises(ValueError, match="at least 15 characters"):
        chart_of(draw_sales, alt="short")


def csv_rows(chart: Chart) -> list[list[str]]:
    """The rows of the file that a chart offers."""
    address = re.search(r'href="data:text/csv;charset=utf-8,([^"]*)"', str(chart.html()))[1]
    return list(csv.reader(io.StringIO(unquote(address))))


def test_the_data_of_a_chart_are_offered_without_formulas():
    data = pd.DataFrame({"=name": ["=1+1", "+2", "-3", "@x", "\ty", "fine"], "value": -0.1234567})
    rows = csv_rows(chart_of(draw_sales, data=data))
    assert rows[0] == ["'=name", "value"]
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'+2", "'-3", "'@x", "'\ty", "fine"]
    assert rows[1][1] == "-0.123457", "a number below zero stays a number"


def test_sums_in_a_file_have_no_exponents_and_its_name_ends_with_a_whole_word():
    data = pd.DataFrame({"usd": [1.0051716e9, -2.5e-5, float("inf"), float("nan"), 12.0]})
    assert csv_text(data) == 'usd\n1005170000\n-0.000025\ninf\n""\n12\n'
    chart = chart_of(
        draw_sales, title="What a PlayStation 3 a fifth dearer gains, by how people react"
    )
    assert 'download="what_a_playstation_3_a_fifth_dearer_gains_by_how_people.csv"' in chart.html()


@pytest.mark.parametrize("start", [" ", "\u00a0", "\n", "\r", " \t", "\ufeff", "\u200b", "\0"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d"])
def test_a_formula_behind_a_blank_is_marked_too(start, sign):
    text = csv_text(pd.DataFrame({"x": [f"{start}{sign}1+1"]}))
    assert text.removeprefix("x\n").removeprefix('"').startswith("'")


@pytest.mark.parametrize("words", [" a = b", "\u22124 %", "5 - 6", " 12 March", ""])
def test_words_and_ranges_are_no_formulas(words):
    text = csv_text(pd.DataFrame({"x": [words], "y": [1]}))
    assert text == f"x,y\n{words},1\n"


def arrows(axes) -> dict[str, list[float]]:
    """Where arrows stand, by their direction."""
    return {
        marker: [line.get_xdata()[0] for line in axes.lines if line.get_marker() == marker]
        for marker in "<>"
    }


def test_an_interval_without_an_end_is_drawn_to_the_edge_with_an_arrow():
    table = pd.DataFrame(
        {
            "label": ["both ends", "no upper end", "never", "no lower end"],
            "estimate": [2.0, 5.0, np.inf, 3.0],
            "low": [1.0, 4.0, 6.0, -np.inf],
            "high": [3.0, np.inf, np.inf, 4.0],
        }
    )
    axes = plot_intervals(Figure().subplots(), table)
    edge = {direction: [*map(float, places)] for direction, places in arrows(axes).items()}
    assert edge == {">": [6.75, 6.75], "<": [0.25]}, "15 % of 1 to 6 beyond them"
    assert sum(line.get_marker() == "o" for line in axes.lines) == 3, "no dot for 'never'"


def test_one_value_alone_has_an_edge_beyond_it():
    table = pd.DataFrame({"label": ["a"], "estimate": [4.0], "low": [4.0], "high": [np.inf]})
    assert arrows(plot_intervals(Figure().subplots(), table))[">"] == [pytest.approx(4.6)]


@pytest.mark.parametrize("narrow", [False, True])
def test_names_of_many_rows_do_not_lie_on_one_another_however_low_the_chart(narrow):
    names = [f"row {row}, of which the name is long, in fact two lines" for row in range(12)]
    table = pd.DataFrame({"label": names, "estimate": 2.0, "low": 1.0, "high": 3.0})
    chart = chart_of(lambda axes: plot_intervals(axes, table), height_in=1.5)
    root = ElementTree.fromstring(chart.svg(narrow=narrow))
    lines = [text for text in root.iter("text") if not re.fullmatch(r"[\d.]+", text.text)]
    heights = sorted(float(text.get("y")) for text in lines)
    assert len(heights) == 24
    assert np.diff(heights).min() > 10, "points between two lines of 11"
    assert heights[-1] < float(root.get("viewBox").split()[3])


boxes = some.lists(some.tuples(some.floats(0, 400), some.floats(5, 40)), min_size=1, max_size=8)


@given(boxes)
def test_labels_that_are_spread_never_overlap_keep_their_order_and_stay_inside(boxes):
    centres = np.sort([centre for centre, _ in boxes])
    heights = np.array([height for _, height in boxes])
    moved = spread(centres, heights, 0, 400)
    tops, bottoms = moved + heights / 2, moved - heights / 2
    assert (bottoms[1:] >= tops[:-1] - 1e-9).all()
    assert bottoms[0] >= -1e-9
    assert tops[-1] <= max(400, heights.sum()) + 1e-9


def test_labels_that_do_not_touch_stay_where_they_are():
    assert spread(np.array([10.0, 30.0]), np.array([8.0, 8.0]), 0, 100).tolist() == [10, 30]


def test_labels_of_lines_that_end_at_one_point_stand_below_each_other():
    def draw(axes):
        for name in ("first", "second", "third"):
            axes.plot([0, 1], [0, 1], color=COLOUR["demand"])
            label_end(axes, 1, 1, name, "demand")

    root = ElementTree.fromstring(chart_of(draw).svg())
    labels = {"first", "second", "third"}
    heights = sorted(float(text.get("y")) for text in root.iter("text") if text.text in labels)
    assert min(np.diff(heights)) > 11


def test_a_label_of_a_point_covers_no_dot_or_line_where_there_is_room_and_tells_its_point():
    def draw(axes):
        axes.plot([0, 0.1, 1], [0, 0.05, 0.1], "o-", color=COLOUR["demand"])
        axes.set(xlim=(0, 1), ylim=(0, 1))
        label_point(axes, 0, 0, "a label as long as half the chart is wide", "demand")
        return axes

    figure = Figure((9.2, 4), dpi=72, layout="constrained")
    axes = draw(figure.subplots())
    lay_out(figure)
    label, thin_line = axes.texts
    box = label.get_window_extent()
    covered = [box.contains(*axes.transData.transform(one)) for one in [(0.1, 0.05), (0.3, 0.06)]]
    assert covered == [False, False]
    assert label.get_ha() == "left", "its other side lies beyond the axes"
    assert (thin_line.get_text(), thin_line.xy) == ("", (0, 0)), "so far off, a line leads to it"


def test_a_label_of_a_point_stays_near_it_where_nothing_is_in_the_way():
    figure = Figure((9.2, 4), dpi=72, layout="constrained")
    axes = figure.subplots()
    axes.plot([0.5], [0.5], "o", color=COLOUR["demand"])
    label_point(axes, 0.5, 0.5, "half", "demand", left=True)
    lay_out(figure)
    (label,) = axes.texts
    assert (label.get_ha(), label.get_va(), label.get_position()) == ("right", "bottom", (-8, 7))


def test_a_label_of_a_point_stands_clear_of_strokes_that_vlines_draws():
    """As lines of events are: a label above its point, on its left, would be struck through."""
    figure = Figure((9.2, 4), dpi=72, layout="constrained")
    axes = figure.subplots()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.plot([0.5], [0.5], "o", color=COLOUR["demand"])
    axes.vlines(0.45, 0, 1, color=COLOUR["event"])
    label_point(axes, 0.5, 0.5, "one million", "demand", left=True)
    lay_out(figure)
    (label,) = axes.texts
    event = axes.transData.transform((0.45, 0))[0]
    assert label.get_ha() == "left"
    assert label.get_window_extent().x0 > event


def test_the_thin_line_of_a_far_label_runs_through_no_other_dot():
    """All near places lie on lines; of those high above, the first would lead through a dot."""
    figure = Figure((9.2, 4), dpi=72, layout="constrained")
    axes = figure.subplots()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    lay_out(figure)  # so that pixels are known
    for height in np.linspace(0.2, 0.38, 10):
        axes.plot([0, 1], [height, height], color=COLOUR["demand"])
    axes.plot([0.5], [0.3], "o", color=COLOUR["demand"])
    x, y = axes.transData.transform((0.5, 0.3))
    on_the_way = axes.transData.inverted().transform((x + 6, y + 34))
    axes.plot(*on_the_way, "o", color=COLOUR["demand"])
    label_point(axes, 0.5, 0.3, "one million", "demand")
    lay_out(figure)
    label, _ = axes.texts
    assert label.get_ha() == "right", "the line to its other side would cross the dot"


def test_a_label_makes_way_for_the_thin_line_of_another():
    """Both points lie among lines; the label of the left one could lie on the way to the other."""
    figure = Figure((4.2, 4), dpi=72, layout="constrained")
    axes = figure.subplots()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    for height in np.linspace(0, 0.25, 12):
        axes.plot([0, 1], [height, height], color=COLOUR["demand"])
    label_point(axes, 0.05, 0.1, "pledged: two million", "supply")
    label_point(axes, 0.4, 0.12, "three million", "demand")
    lay_out(figure)
    pledged, counted = axes.texts[:2]
    place = counted.get_position()
    assert abs(place[1]) > 40, "near its point are lines"
    x, y = axes.transData.transform((0.4, 0.12))
    box = pledged.get_window_extent()
    ways = [(x + share * place[0], y + share * place[1]) for share in np.linspace(0, 1, 50)]
    assert not any(box.contains(*way) for way in ways)
    assert not box.overlaps(counted.get_window_extent())


def test_a_dot_of_a_row_at_the_frame_is_whole():
    axes = Figure().subplots()
    rows = pd.DataFrame({"label": ["never"], "estimate": [0.0], "low": [0.0], "high": [0.5]})
    plot_intervals(axes, rows)
    axes.set_xlim(0, 1)
    dots = [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata()) == 1]
    assert [dot.get_clip_on() for dot in dots] == [False]


def drawn_without_its_text(svg: str) -> str:
    """A drawing, without what is written in it, and without the chart's name in names of parts."""
    root = ElementTree.fromstring(re.sub(r"\bc[0-9a-f]{6}-", "", svg))
    for group in [one for one in root if one.find("text") is not None]:
        root.remove(group)
    return ElementTree.tostring(root, encoding="unicode")


@pytest.mark.parametrize("narrow", [False, True])
def test_a_label_of_a_point_cuts_no_hole_into_the_band_that_it_lies_on(narrow):
    def draw(axes, name=""):
        axes.fill_between([0, 1], 0, [1, 2], color=COLOUR["demand"], alpha=0.16, linewidth=0)
        axes.plot(0.5, 0.7, "o", color=COLOUR["demand"])
        if name:
            label_point(axes, 0.5, 0.7, name, "demand")
        return axes

    labelled = chart_of(lambda axes: draw(axes, "a count")).svg(narrow)
    assert "a count" in texts_of(labelled)
    assert drawn_without_its_text(labelled) == drawn_without_its_text(chart_of(draw).svg(narrow))


@pytest.mark.parametrize("sheet", ["look/lab.css", "report/template/page.css"])
def test_letters_of_charts_have_an_edge_of_paper_so_that_lines_pass_below_them(sheet):
    rules = (ANALYSIS / sheet).read_text(encoding="utf-8")
    edge = re.search(r"^figure(?:\.look)? svg text \{([^}]*)\}", rules, re.M)[1]
    assert "paint-order: stroke; stroke: var(--paper); stroke-width: 3px" in edge


def test_a_label_of_a_point_is_broken_where_it_would_leave_the_axes():
    figure = Figure((4.2, 4), dpi=72, layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=COLOUR["demand"])
    words = "pledged on a day long ago: two million by another day"
    label_point(axes, 0.1, 0.8, words, "supply", widths=(60, 20))
    lay_out(figure)
    (label,) = axes.texts
    assert label.get_text().split() == words.split()
    assert max(map(len, label.get_text().split("\n"))) <= 20


def written(axis_format, values) -> list[str]:
    """What an axis writes at these values of its limits and ticks."""
    axes = Figure().subplots()
    axes.set_ylim(values[0], values[-1])
    axes.set_yticks(values)
    axis_format(axes.yaxis)
    return [label.get_text() for label in axes.get_yticklabels()]


def test_axes_write_shares_money_and_large_numbers_in_one_unit():
    assert written(percent_axis, [-0.05, 0, 0.1, 0.125]) == ["−5 %", "0 %", "10 %", "12.5 %"]
    assert written(number_axis, [0, 5e5, 1.5e6]) == ["0", "0.5 million", "1.5 million"]
    assert written(number_axis, [0, 500, 20_000]) == ["0", "500", "20,000"]
    assert written(dollar_axis, [-250, 0, 250]) == ["−$250", "$0", "$250"]
    assert written(dollar_axis, [0, 2e7]) == ["$0", "$20 million"]
    assert written(dollar_axis, [-5e8, 2e9]) == ["−$0.5 billion", "$2 billion"]


def test_a_log_axis_of_a_phone_writes_thousands_one_way():
    axes = Figure((4.2, 4)).subplots()
    axes.set(yscale="log", ylim=(1_000, 300_000))
    number_axis(axes.yaxis)
    axes.set_yticks([2_000, 10_000])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["2k", "10k"]
    axes.set_ylim(1_000, 8_000)
    axes.set_yticks([2_000])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["2,000"]


def test_a_date_axis_writes_days_and_from_a_year_on_months():
    axes = Figure().subplots()
    axes.set_xlim(pd.Timestamp("2019-02-26"), pd.Timestamp("2019-04-26"))
    day_axis(axes.xaxis)
    assert "1 March" in [label.get_text() for label in axes.get_xticklabels()]
    axes.set_xlim(pd.Timestamp("2016-01-01"), pd.Timestamp("2019-01-01"))
    day_axis(axes.xaxis)
    assert "Jan 2017" in [label.get_text() for label in axes.get_xticklabels()]


def test_days_of_two_years_have_their_year_below_them():
    axes = Figure().subplots()
    axes.set_xlim(pd.Timestamp("2006-11-17"), pd.Timestamp("2007-05-17"))
    day_axis(axes.xaxis)
    assert {"1 December\n2006", "1 March\n2007"} <= {
        label.get_text() for label in axes.get_xticklabels()
    }


@pytest.mark.parametrize("narrow", [False, True])
def test_in_the_corner_of_two_axes_no_label_lies_on_another(narrow):
    def draw(axes):
        axes.plot([0, 1], [0, 1], color=COLOUR["demand"])
        axes.set(xlim=(0, 1), ylim=(0, 1))
        axes.set_xticks([0, 1], ["1 September", "1 October"])
        axes.set_yticks([0, 1], ["nothing", "all"])
        return axes

    root = ElementTree.fromstring(chart_of(draw).svg(narrow=narrow))
    baseline = {text.text: float(text.get("y")) for text in root.iter("text")}
    assert baseline["1 September"] - baseline["nothing"] > 11, "a line of text between them"


def test_the_title_of_an_axis_is_broken_where_a_phone_would_cut_it():
    title = "per cent of buyers lost by a price 1 % higher, and then some more"

    def draw(axes):
        axes.plot([0, 1], [0, 1e6], color=COLOUR["demand"])
        axes.set_xlabel(title)
        return axes

    for narrow, lines in [(False, 1), (True, 2)]:
        root = ElementTree.fromstring(chart_of(draw).svg(narrow=narrow))
        texts = [text.text for text in root.iter("text") if text.text in title]
        assert " ".join(one for one in texts if " " in one) == title
        assert sum(" " in one for one in texts) == lines


@pytest.mark.parametrize("width", [9.2, 4.2])
def test_the_line_at_zero_runs_through_no_name_that_stands_above_its_row(width):
    names = ["a plan whose name is long", "another such plan"]
    table = pd.DataFrame({"label": names, "estimate": 0.5, "low": -1.0, "high": 1.0})
    axes = plot_intervals(Figure((width, 3)).subplots(), table)
    whole_lines = [line for line in axes.lines if [*line.get_xdata()] == [0, 0]]
    strokes = [part for lines in axes.collections for part in lines.get_segments()]
    if width > 4.2:
        assert (len(whole_lines), strokes) == (1, [])
    else:
        assert not whole_lines
        foot_of_names = axes.get_yticks()
        for row, stroke in enumerate(strokes):
            assert stroke[:, 1].min() >= foot_of_names[row], "y grows downwards"
            assert stroke[:, 1].max() < row + 0.5
        assert len(strokes) == 2


def test_a_row_with_a_role_of_its_own_is_drawn_in_its_colour():
    table = pd.DataFrame(
        {"label": ["a", "b"], "estimate": 2.0, "low": 1.0, "high": 3.0, "role": ["event", "soft"]}
    )
    axes = plot_intervals(Figure().subplots(), table)
    dots = [line.get_color() for line in axes.lines if line.get_marker() == "o"]
    assert dots == [COLOUR["event"], COLOUR["soft"]]
