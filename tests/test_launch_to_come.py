"""Pages of a launch to come say what will be, and of no shortage yet; of one on sale, what is."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import bom, margin, plan, supply
from analysis.data import SourcedValue, load_launch
from analysis.evidence.front_page import TO_COME, describe_front_page
from analysis.look import in_tense, speak_of
from analysis.supply.shortage_end import find_shortage_end

# What a page of something never sold cannot say of it; other products may have done so.
PAST = re.compile(
    r"\b(was|broke|earned|lost|wanted|waited|kept|took|stood|it sold out|were made|been made|"
    r"have (cost|earned|lost|changed|been (held|sold|made)))\b"
)
OF_OTHERS = re.compile(r"[^.;]*\b(costed devices did|has been sold yet|been counted yet)\b[^.;]*")


LIFE_MONTHS = 18


def own_launch(days_to_first_sale):
    """Return an own launch with the figures of the Mi 9, first sold so many days from today."""
    launch = load_launch("mi_9")
    day = pd.Timestamp.today().normalize() + pd.Timedelta(days=days_to_first_sale)
    first_sale = replace(launch.figure("first_sale"), value=day)
    life = replace(launch.figure("life_months"), value=LIFE_MONTHS)
    words = {"name": "Next One", "device": "next_one"}
    none_yet = ["drops", "sales", "supply_reports", "supply_sources", "observed_prices"]
    return replace(
        launch,
        launch="next_one",
        figures=launch.figures
        | {"first_sale": first_sale, "announced": first_sale, "life_months": life},
        words={name: word for name, word in launch.words.items() if "." not in name} | words,
        **{name: getattr(launch, name).head(0) for name in none_yet},
    )


@pytest.fixture(scope="module")
def to_come():
    """An own launch to be sold from next spring on."""
    return own_launch(120)


@pytest.fixture(scope="module")
def on_sale():
    """An own launch first sold a week ago, of which no sale has been counted."""
    return own_launch(-7)


@pytest.fixture
def page_to_come(to_come):
    speak_of(**to_come.page_words())
    yield
    speak_of()


@pytest.fixture(scope="module")
def of_supply(to_come):
    return supply.study_launch(to_come, draws=60)


@pytest.fixture(scope="module")
def of_margin(to_come):
    return margin.study_launch(to_come, bom.study_costs(to_come), draws=400, seed=1)


@pytest.fixture(scope="module")
def of_plan(to_come):
    return plan.study_launch(to_come, draws=100)


def said(*parts) -> str:
    """Return what parts show, without what they say of other products."""
    text = " ".join(part if isinstance(part, str) else part.text() for part in parts)
    return OF_OTHERS.sub("", re.sub(r"\s+", " ", text))


def test_a_launch_is_ahead_until_the_day_of_its_first_sale(to_come):
    assert to_come.is_ahead
    assert not to_come.is_over
    assert not load_launch("mi_9").is_ahead
    assert to_come.page_words()["is_ahead"]


def test_a_launch_is_on_sale_from_its_first_sale_until_the_months_of_its_life_have_passed(on_sale):
    assert on_sale.is_on_sale
    assert not on_sale.is_ahead
    assert not on_sale.is_over
    assert on_sale.page_words()["is_on_sale"]
    assert own_launch(-int(30.4 * LIFE_MONTHS) + 3).is_on_sale
    assert own_launch(-int(30.5 * LIFE_MONTHS) - 3).is_over
    life = {"life_months": SourcedValue(None, "unknown")}
    assert replace(on_sale, figures=on_sale.figures | life).is_over, "nothing says that it is sold"
    no_day = {"first_sale": SourcedValue(None, "unknown")}
    assert replace(on_sale, figures=on_sale.figures | no_day).is_over


def test_words_in_tense_are_of_the_past_unless_a_page_says_that_its_product_is_ahead():
    assert in_tense("it was", "it will be") == "it was"
    speak_of(is_ahead=True)
    assert in_tense("it was", "it will be", "it is") == "it will be"
    speak_of(is_on_sale=True)
    assert in_tense("it was", "it will be") == "it will be", "until its sales have ended"
    assert in_tense("it was", "it will be", "it is") == "it is"
    speak_of()


def test_the_page_on_supply_asks_what_will_hold_it_back(page_to_come, of_supply):
    screen = of_supply.first_screen()
    assert screen.question == "What will hold the Next One back, and for how long?"
    text = said(screen, of_supply.facts(), of_supply.trust(), of_supply.decision())
    assert not PAST.findall(text), text
    assert "held back on purpose" not in text
    assert "Paid orders" in of_supply.trust().would_settle


def test_facts_of_a_launch_to_come_do_not_say_that_what_its_file_has_is_missing(
    page_to_come, to_come
):
    unknown = SourcedValue(None, "unknown")
    figures = to_come.figures | dict.fromkeys(("supply.ramp_weeks", "supply.yield_share"), unknown)
    with_a_part = replace(to_come, figures=figures)
    assert supply.study_launch(with_a_part, draws=60).facts().facts == (
        ("no order", "or registration has been counted yet"),
        ("no phone", "has been sold yet"),
        ("camera modules", "will be the limit, by its file"),
    )
    without = replace(to_come, figures=figures | {"supply.bottleneck": unknown})
    facts = supply.study_launch(without, draws=60).facts().facts
    assert facts[2] == ("no part", "is named that will run short")

    day = to_come.figure("first_sale").value
    drop = {"device": "next_one", "date": day, "registrations": 5000.0, "sold_out": "unknown"}
    drops = pd.DataFrame([drop], columns=to_come.drops.columns)
    registered = supply.study_launch(replace(without, drops=drops), draws=60).facts().facts
    assert registered[0][1] == "registered for a sale; free, so not orders"
    assert registered[1] == ("no order", "has been counted yet")


def test_what_has_not_been_short_has_no_section_on_why(page_to_come, of_supply):
    shown = (of_supply.shortage.chart(), of_supply.shortage.words())
    assert shown == (None, None)
    assert of_supply.shortage.shown_table() is None
    speak_of()
    assert of_supply.shortage.chart() is not None


def test_the_page_on_margin_asks_whether_it_will_earn(page_to_come, of_margin):
    screen = of_margin.first_screen()
    assert screen.question == "Will the Next One be profitable from day one?"
    text = said(screen, of_margin.facts(), of_margin.decision(), of_margin.parts_cost.sentence())
    assert not PAST.findall(text), text
    assert "breaks even" in text


def test_the_page_on_plans_asks_whether_it_should_be_held_back(page_to_come, of_plan):
    screen = of_plan.first_screen()
    assert screen.question == "Should Next One phones be held back, or sold as they are made?"
    answers = " ".join(of_plan.explanations.answers().to_numpy().ravel())
    text = said(screen, of_plan.facts(), of_plan.trust(), of_plan.decision(), answers)
    assert not PAST.findall(text), text
    assert "sell as made (as planned)" in set(of_plan.plans.table()["plan"])


def test_no_chance_is_given_that_it_was_held_back(page_to_come, of_plan):
    assert "held back on purpose" not in of_plan.explanations.chart().alt
    speak_of()
    assert "held back on purpose" in of_plan.explanations.chart().alt


def test_the_front_page_counts_only_what_was_sold_among_the_shortages(to_come, monkeypatch):
    launches = {"next_one": to_come, "mi_9": load_launch("mi_9")}
    monkeypatch.setattr("analysis.evidence.front_page.load_launch", launches.get)
    played = {"making_half_pays_share": {"estimate": "0.2", "low": "0.19", "high": "0.21"}}
    reports = [{"name": f"{name}/release_plan", "quantities": played} for name in launches]
    front = describe_front_page(reports)
    assert front["title"].startswith("We cannot tell whether the Xiaomi Mi 9 was held back")
    cells = dict(zip(front["columns"], front["rows"][0]["cells"], strict=True))
    assert cells["Likeliest cause"] == cells["Fastest sale"] == TO_COME
    assert cells["Would waiting have paid?"] == "probably not (pays in 20 % of simulations)"
    alone = describe_front_page(reports[:1])
    assert "Mi 9" in front["chart"]
    assert "Next One" not in front["chart"], "nobody has seen whether it is held back"
    assert alone["chart"] == ""
    assert "That probably would not pay for the Next One." in alone["sentences"]
    assert alone["trust"]["because"].startswith("None of these has been sold yet.")


# ---- on sale ----


@pytest.fixture
def page_on_sale(on_sale):
    speak_of(**on_sale.page_words())
    yield
    speak_of()


def test_supply_of_a_launch_on_sale_asks_what_holds_it_back_and_ends_with_its_sales(
    page_on_sale, on_sale
):
    study = supply.study_launch(on_sale, draws=60)
    screen = study.first_screen()
    assert screen.question == "What holds the Next One back, and for how long?"
    assert "held back on purpose" in screen.detail, "it may be held back by now"
    assert not re.search(r"\b(was short|ended|sold yet)\b", said(screen, study.facts()))
    assert study.shortage.chart() is not None
    assert "is on file" in study.timeline.chart().note
    outlook = replace(study.forecasts.outlook, stop_week=np.full(10, 500.0))
    end = find_shortage_end(on_sale, outlook)
    assert end.label == "short until its sales end, we simulate"
    assert end.sentence.startswith("Simulations have it short until its sales end (assumed: ")
    at_least = replace(outlook, stop_week=np.array([10.0, 10, 10, 500, 500]))
    assert find_shortage_end(on_sale, at_least).sentence.startswith("It is short at least until")


def test_margin_of_a_launch_on_sale_asks_whether_it_is_profitable(page_on_sale, on_sale):
    study = margin.study_launch(on_sale, bom.study_costs(on_sale), draws=400, seed=1)
    assert study.first_screen().question == "Is the Next One profitable from day one?"
    assert not PAST.findall(said(study.first_screen(), study.facts(), study.decision()))


def test_plans_of_a_launch_on_sale_speak_of_what_can_still_be_done(page_on_sale, on_sale):
    study = plan.study_launch(on_sale, draws=100)
    screen = study.first_screen()
    assert screen.question == "Should Next One phones be held back, or sold as they are made?"
    assert not PAST.findall(said(screen)), screen
    assert "sell as made (as planned)" in set(study.plans.table()["plan"])
    assert "sold yet" not in study.trust().because
    assert "before its first sale" not in study.trust().would_settle
    assert "held back on purpose" in study.explanations.chart().alt, "it may be by now"


def test_the_front_page_lists_a_launch_on_sale_as_sold_and_its_plan_as_to_come(
    on_sale, monkeypatch
):
    monkeypatch.setattr("analysis.evidence.front_page.load_launch", {"next_one": on_sale}.get)
    played = {"making_half_pays_share": {"estimate": "0.2", "low": "0.19", "high": "0.21"}}
    front = describe_front_page([{"name": "next_one/release_plan", "quantities": played}])
    cells = dict(zip(front["columns"], front["rows"][0]["cells"], strict=True))
    assert cells["Fastest sale"] != TO_COME
    assert cells["Would waiting have paid?"] == "probably not (pays in 20 % of simulations)"
    assert "That probably would not pay for the Next One." in front["sentences"]


def test_a_forecast_of_a_launch_to_come_goes_by_the_plan_in_its_file(of_supply, page_to_come):
    """A plan is no later knowledge: what is known today was known before the first sale."""
    assert of_supply.then is of_supply.now
    shown = of_supply.forecasts.shown_table()
    assert "The ramp that we assume in its file" in set(shown.frame["if supply is"])
    assert "sold, forecast, 80 % ranges" in shown.caption
