"""A figure that stands in several places is one figure, and comes from the launch file.

The quantities that reports publish, their facts, sentences and charts are collected for each
launch and held against one another; then a launch file is changed, and every place changes.
"""

import csv
import html
import json
import re
from urllib.parse import unquote

import pytest

from analysis.bom import study_costs
from analysis.data import list_launches, load_launch
from analysis.look import day, percent, span, with_range
from analysis.plan.study import SURELY

ENDS = ("estimate", "low", "high")
LAUNCHES = [name for name in list_launches() if not name.startswith("example")]
OF_ALL_LAUNCHES = (  # quantities that come from market tables alone, whichever report says them
    "bom_change_a_year",
    "brand_bom_share_of_net_price",
    "first_drop_to_sales_correlation",
    "lot_dependence",
    "left_for_demand",
    "sold_out_within_an_hour",
)


def text_of(path) -> str:
    """What a page shows above "How this was made", with the labels of its charts and tables."""
    body = path.read_text(encoding="utf-8").split("<body", 1)[1]
    body = body.split('<h2 id="how-this-was-made"')[0]
    body = re.sub(r"(?s)<(style|details|nav|footer)\b.*?</\1>", " ", body)
    body = re.sub(r"</?(strong|b|bdi|a)\b[^>]*>", "", body)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " ").split())


def report_of(path) -> dict:
    """What the executed notebook beside a page tells of it: quantities, and texts by their part."""
    notebook = json.loads(path.with_suffix(".ipynb").read_text(encoding="utf-8"))
    report = dict(notebook["metadata"]["report"])
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            for mime, content in output.get("data", {}).items():
                part = re.fullmatch(r"application/vnd\.research-report\.(\w+)\+json", mime)
                if part and part[1] in ("facts", "trust"):
                    report[part[1]] = content
    return report


@pytest.fixture(scope="module")
def folder(whole_project):
    return whole_project.folder / "reports"


@pytest.fixture(scope="module")
def reports(folder) -> dict[str, dict]:
    """Each report by its name, with the text of its page."""
    pages = {str(path.relative_to(folder))[:-5]: path for path in sorted(folder.rglob("*.html"))}
    return {
        name: report_of(path) | {"text": text_of(path)}
        for name, path in pages.items()
        if path.with_suffix(".ipynb").exists()
    }


@pytest.fixture(scope="module")
def index_rows(folder) -> dict[str, str]:
    """The row of each launch on the front page, as text."""
    page = (folder / "index.html").read_text(encoding="utf-8")
    rows = re.findall(r'<tr><th scope="row"><a href="#(\w+)">(.*?)</tr>', page, re.S)
    texts = {name: re.sub(r"<[^>]+>", " ", row) for name, row in rows}
    return {name: " ".join(html.unescape(text).split()) for name, text in texts.items()}


@pytest.fixture(scope="module")
def chances_drawn(folder) -> dict[str, tuple[float, float, float]]:
    """The chance of holding back of each launch as the chart of the front page has it, by name."""
    page = (folder / "index.html").read_text(encoding="utf-8")
    (table,) = re.findall(r'href="data:text/csv;charset=utf-8,([^"]+)"', page)
    rows = csv.DictReader(unquote(table).splitlines())
    return {row["label"]: tuple(float(row[end]) for end in ENDS) for row in rows}


def figures(report: dict, quantity: str) -> tuple[float, float, float]:
    """Estimate, low and high of a published quantity."""
    values = report["quantities"][quantity]
    return tuple(float(values[end]) for end in ENDS)


def seconds_in(text: str) -> list[float]:
    """Every time in a text, in seconds."""
    written = r"(?:(\d+) hours?)?\s?(?:(\d+) min)?\s?(?:([\d.]+) s\b)?"
    times = re.findall(written, text.replace("\u00a0", " "))
    return [
        3600 * int(hours or 0) + 60 * int(minutes or 0) + float(seconds or 0)
        for hours, minutes, seconds in times
    ]


def is_of_a_phone(name: str) -> bool:
    """Whether a report is of a phone or of all launches; other classes have other costings."""
    launch = name.split("/", maxsplit=1)[0]
    return launch not in LAUNCHES or load_launch(launch).product.noun == "phone"


def test_what_market_tables_alone_tell_is_the_same_in_every_report(reports):
    for quantity in OF_ALL_LAUNCHES:
        told = {
            json.dumps(report["quantities"][quantity], sort_keys=True)
            for name, report in reports.items()
            if quantity in report["quantities"] and is_of_a_phone(name)
        }
        assert len(told) == 1, quantity


@pytest.mark.parametrize("launch", LAUNCHES)
def test_a_quantity_of_two_reports_of_one_launch_is_one_figure(reports, launch):
    told = {}
    for name, report in reports.items():
        if name.startswith(f"{launch}/"):
            for quantity, values in report["quantities"].items():
                told.setdefault(quantity, {})[name] = values
    assert {
        quantity: by_report
        for quantity, by_report in told.items()
        if len({json.dumps(values, sort_keys=True) for values in by_report.values()}) > 1
    } == {}


@pytest.mark.parametrize("launch", LAUNCHES)
def test_break_even_is_one_sum_wherever_the_page_on_margin_names_it(reports, launch):
    report = reports[f"{launch}/margin"]
    named = re.findall(
        r"broke even (?:if its parts cost|at parts of) \$(\d[\d,]*\d)", report["text"]
    )
    named += re.findall(r"break-even at \$(\d[\d,]*\d)", report["text"])
    first, *_ = report["facts"]["facts"]
    if "broke even" in first["meaning"]:
        named.append(first["number"].removeprefix("$"))
        named += re.findall(r"\$(\d[\d,]*\d)", report["trust"]["would_settle"])
        assert len(named) >= 3
    assert len(set(named)) <= 1


@pytest.mark.parametrize("launch", LAUNCHES)
def test_the_margin_at_first_sale_is_the_published_one(reports, launch):
    report = reports[f"{launch}/margin"]
    margin = with_range(*figures(report, "margin_at_launch"), write=percent)
    assert any(fact["number"] == margin for fact in report["facts"]["facts"])
    list_price_usd, *_ = figures(report, "list_price_usd")
    per_usd = load_launch(launch).figure("price.local_per_usd").number
    list_price = load_launch(launch).figure("price.list_local").number
    assert list_price_usd * per_usd == pytest.approx(list_price)


def test_devices_and_phones_behind_an_assumption_are_counted_once(reports):
    texts = {name: report["text"] for name, report in reports.items() if name.endswith("/margin")}
    for name, text in texts.items():
        launch = load_launch(name.split("/")[0])
        costed = {int(number) for number in re.findall(r"(\d+) costed devices", text)}
        assert costed == {study_costs(launch).decline.costed_devices}
    phones = {n for text in texts.values() for n in re.findall(r"(\d+) other Xiaomi phones", text)}
    assert len(phones) == 1


def test_a_ceramic_body_costs_the_same_on_the_pages_on_margin_and_on_plans(reports):
    margin, plan = reports["mi_mix/margin"], reports["mi_mix/release_plan"]
    lost = margin["facts"]["facts"][0]["number"]
    assert re.fullmatch(r"\$\d+ \(\$\d+ to \$\d+\)", lost)
    assert set(re.findall(r"loses (\$\d+ \(\$\d+ to \$\d+\))", plan["text"])) == {lost}
    assert plan["facts"]["facts"][2]["number"] == f"−{lost.split()[0]}"
    pays = margin["facts"]["facts"][1]["number"].split(" (")[0]
    assert set(re.findall(r"(?:if|even if) (\d+ %)(?: do\b| pass \()", plan["text"])) == {pays}


def test_a_plan_that_leaves_a_ceramic_body_out_publishes_its_own_share_below_cost(reports):
    published = reports["mi_mix/release_plan"]["quantities"]["sold_below_cost_share"]
    assert 0 < float(published["estimate"]) < SURELY
    assert published["unit"] == "share, its ceramic body left out"


def test_the_front_page_says_of_waiting_and_speed_what_the_reports_say(reports, index_rows):
    assert set(index_rows) == set(LAUNCHES)
    for launch, row in index_rows.items():
        plan = reports.get(f"{launch}/release_plan")
        if plan and figures(plan, "sold_below_cost_share")[0] > SURELY:
            assert "cannot tell: sold below its cost" in row
        elif plan:
            pays = percent(figures(plan, "making_half_pays_share")[0])
            assert f"paid in {pays} of simulations" in row
            assert plan["facts"]["facts"][0]["number"] == pays
        speed = reports.get(f"{launch}/sellout_speed")
        if speed:
            fastest, *_ = figures(speed, "fastest_sellout_s")
            assert any(time == pytest.approx(fastest, abs=0.5) for time in seconds_in(row)), row
        else:
            assert "not known" in row


def test_the_chance_of_holding_back_is_one_figure_on_all_pages(reports, chances_drawn):
    for launch in LAUNCHES:
        supply = reports[f"{launch}/capacity"]
        share, low, high = figures(supply, "held_back_chance")
        chance = span(low, high, write=percent)
        drawn = chances_drawn[load_launch(launch).name]
        assert drawn == pytest.approx((share, low, high), rel=1e-5)
        assert f"was held back on purpose is {chance}" in supply["text"]
        plan = reports.get(f"{launch}/release_plan")
        if plan:
            ceiling = figures(plan, "ceiling_probability")
            assert ceiling == pytest.approx((1 - share, 1 - high, 1 - low))
            assert f"held back on purpose is {chance}" in plan["text"]


@pytest.mark.parametrize("launch", LAUNCHES)
def test_days_lots_and_counts_are_the_same_in_title_facts_and_trust(reports, index_rows, launch):
    report = reports[f"{launch}/capacity"]
    text, trust = report["text"], report["trust"]["because"]
    first_sale = day(load_launch(launch).figure("first_sale").value)
    assert f"first sale on {first_sale}" in report["detail"]
    assert set(re.findall(r"since first sale on (\d+ \w+ \d{4})", text)) == {first_sale}
    lots = set(re.findall(r"(?:The|in) (\d+) lots", text))
    assert len(lots) <= 1
    counted = re.search(r"(\d+) counts? of the", trust)
    drawn = re.search(r"(?:(?:\d+|none) of )?(\d+|no) counts? of sales", text)
    if counted and drawn:
        assert counted[1] == drawn[1]
    for fact in report["facts"]["facts"]:
        last_count = re.fullmatch(r"\w+ by (\d+ \w+ \d{4}), the last count", fact["meaning"])
        if last_count:
            assert index_rows[launch].endswith(f"{fact['number']} by {last_count[1]}")


# ---- a launch file is changed ----

CHANGES = {  # of the Mi 9: what the file says, and what is put in its place
    "    value: 2999\n": "    value: 3333\n",
    "    sellout_s: 53\n": "    sellout_s: 67\n",
    "  - date: 2019-03-31\n    units: 1000000\n": "  - date: 2019-03-31\n    units: 1230000\n",
}


def change_figures(project) -> None:
    """Put other figures into the file of the Mi 9, and the same time into the market's table."""
    launch = project.launch("mi_9")
    text = launch.read_text(encoding="utf-8")
    for old, new in CHANGES.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    launch.write_text(text, encoding="utf-8")
    table = project.folder / "data" / "market" / "sale_rounds.csv"
    rows = table.read_text(encoding="utf-8").splitlines(keepends=True)
    rows = [re.sub(",53,", ",67,", row) if row.startswith("mi9_cn_r1,") else row for row in rows]
    table.write_text("".join(rows), encoding="utf-8")


def texts_of(project) -> dict[str, str]:
    """The text of each page on the Mi 9, and of the front page."""
    folder = project.folder / "reports"
    pages = {study: folder / "mi_9" / f"{study}.html" for study in load_launch("mi_9").studies}
    return {
        name: text_of(page) for name, page in (pages | {"index": folder / "index.html"}).items()
    }


def break_even_of(project) -> str:
    """The cost of parts at which a Mi 9 breaks even, as its page on margin says."""
    report = report_of(project.folder / "reports" / "mi_9" / "margin.html")
    return report["facts"]["facts"][0]["number"]


def test_a_figure_changed_in_a_launch_file_changes_wherever_it_is_shown(whole_project, tmp_path):
    project = whole_project.copy_to(tmp_path / "changed")
    change_figures(project)
    done = project.make("reports", "LAUNCH=mi_9")
    assert done.returncode == 0, done.stderr
    before, after = texts_of(whole_project), texts_of(project)
    break_even, new_break_even = break_even_of(whole_project), break_even_of(project)
    assert break_even != new_break_even
    renamed = {
        r"\b53 s(?! while)": r"\b67 s",  # "while": the summary in the file, in its author's words
        # Not in a row of a table, where another sum may be the same.
        rf"{re.escape(break_even)}\b(?! \d)": rf"{re.escape(new_break_even)}\b(?! \d)",
        "shipped 1 million by 31 March": "shipped 1.23 million by 31 March",
        "probably not .{,45} 1 million by 31 March 2019": (
            "probably not .{,45} 1.23 million by 31 March 2019"
        ),
    }
    for old, new in renamed.items():
        shown = {page: len(re.findall(old, text)) for page, text in before.items()}
        assert sum(shown.values()) >= 1, old
        assert {page: len(re.findall(new, text)) for page, text in after.items()} == shown
        assert not any(re.search(old, text) for text in after.values()), old
