"""What the sell-out page says and shows of a launch agrees with the data behind it."""

import functools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from analysis.data import load_launch, load_table
from analysis.look import COLOUR, percent, span
from analysis.sellout import (
    phone_rounds,
    read_own_sales,
    study_launch,
    study_press,
    study_sales,
)
from analysis.sellout.own_sales import with_words_of_rounds
from analysis.sellout.study_press import decision_of_known_lots, screen_of_unknown_lot
from analysis.sellout.study_sales import Sales, lots_tried
from analysis.sellout.words import duration, rate_words


@pytest.fixture(scope="module")
def studies():
    """Give a function that studies a launch, each once."""
    return functools.cache(lambda name: study_launch(load_launch(name)))


def own_sales(name):
    return read_own_sales(load_launch(name), load_table("sale_rounds"), load_table("devices"))


# ---- which sales are whose ----


def test_reservations_and_later_versions_are_no_sales_of_a_phone():
    """300,000 reservations of 2011 and lots of the Mi 1S of 2012 stand in the file of the Mi 1."""
    own = own_sales("mi_1")
    assert own.fastest_s == 761
    assert set(own.sales["device"]) == {"mi_1"}
    assert not own.sales["units"].eq(300_000).any()
    assert own.left_out["units"].tolist() == [300_000, 200_000, 300_000]
    assert own_sales("mi_2").fastest_s == 149, "the second lot, twice the first"


def test_phones_are_compared_with_phones(sale_rounds):
    devices = load_table("devices").set_index("device")["device_class"]
    phones = phone_rounds(sale_rounds, load_table("devices"))
    assert set(devices[phones["device"]]) == {"phone"}
    assert not phones["device"].isin(["mi_tv", "mi_pad"]).any()
    assert sale_rounds["device"].isin(["mi_tv", "mi_pad"]).any()
    nearest = own_sales("mi_9").nearest
    assert set(devices[nearest["device"]]) == {"phone"}


def test_a_launch_is_not_compared_with_itself(sale_rounds):
    own = own_sales("mi_3_india")
    phones = phone_rounds(sale_rounds, load_table("devices"))
    sold_out = phones[(phones["sold_out"] == "yes") & (phones["sellout_s"] > 0)]
    assert len(own.other_seconds) == len(sold_out) - len(own.timed)


def test_a_lot_of_a_market_with_few_known_sales_has_no_range(sale_rounds):
    launch = load_launch("mi_9")
    other = replace(launch, words=launch.words | {"market": "KR"})
    own = read_own_sales(other, sale_rounds, load_table("devices"))
    assert own.lots is None
    assert own.nearest.empty


def test_a_launch_without_seconds_and_without_a_log_is_refused():
    launch = load_launch("mi_9")
    drops = launch.drops.assign(sellout_s=np.nan)
    with pytest.raises(ValueError, match="no round of this launch has seconds"):
        study_launch(replace(launch, drops=drops), draws=10)


# ---- what the page says ----


def test_an_unknown_lot_is_answered_by_we_cannot_tell(studies):
    study = studies("mi_9")
    screen = study.first_screen()
    assert screen.question == "How many wanted the Mi 9 in those 53 seconds?"
    lots = study.own.lots
    held = f"{float(f'{lots.low_units:.2g}'):,.0f} to {float(f'{lots.high_units:.2g}'):,.0f}"
    assert screen.answer == (
        "We cannot tell how many wanted the Mi 9: its lot was never published. Most known "
        f"Xiaomi lots in China held {held} phones."
    )
    assert study.facts().facts[0][1].endswith("another source says 9 seconds")
    assert study.facts().facts[1][0] == held
    assert study.facts().facts[2][0] == "at most 50,000"
    assert "Xiaomi Mi 10" in study.facts().facts[2][1]
    assert study.trust().level == "none"


def test_a_pre_order_at_one_shop_is_not_passed_off_as_the_sale(studies):
    """The Switch: an hour of pre-orders at one shop, the day a guess, all by the note on file."""
    study = studies("nintendo_switch")
    assert study.first_screen().question == (
        "How many wanted the Switch in the hour of one shop's pre-orders?"
    )
    assert "sold later is on its page Supply." in study.first_screen().detail, "36.9 million"
    assert "page Supply" not in studies("mi_mix").first_screen().detail, "nobody counted them"
    assert (
        "The file notes: Pre-orders at one shop, gone after about an hour."
        in study.sales.sentence()
    )
    assert "Page undated, the day is a guess within a month." in study.sales.sentence()
    assert study.facts().facts[0] == (
        "1 hour",
        "until orders for the Switch in advance of its first sale, at one shop, were closed",
    )
    assert "order log of about 15 February 2017:" in study.trust().would_settle


def test_one_shops_pre_orders_are_not_called_the_whole_lot_wherever_their_hour_is_told(studies):
    """An hour at one shop is no time of the Switch, and its day is a guess within a month."""
    study = studies("nintendo_switch")
    assert study.sales.sentence().startswith(
        "Pre-orders for the Switch at one shop were gone in 1 hour on about 15 February 2017. How "
        "many that were, no source says."
    )
    assert "whole lot" not in study.sales.words().text()
    assert study.facts().facts[1][1] == (
        "other phone sell-outs took less than the 1 hour of one shop's pre-orders for the Switch"
    )
    whose = "the 1 hour of one shop's pre-orders"
    assert study.sales.implied_table().caption.endswith(f"had this lot gone in {whose}")
    assert f"next lot of the Switch by {whose}." in study.decision()
    drawn = [text.get_text() for text in study.lots.plot(Figure().subplots()).texts]
    assert any(label.startswith("Switch\npre-orders: 1 h") for label in drawn)
    at_several = replace(study.own, sales=study.own.sales.assign(channel="mixed"))
    assert study_press.unknown_lot_sentence("Switch", at_several).startswith(
        "Pre-orders for the Switch were gone in 1 hour on about"
    )
    assert "took less than the 1 hour of pre-orders for the Switch" in (
        study_press.facts_of_unknown_lot("Switch", at_several).text()
    )


def test_only_a_day_that_was_worked_out_is_called_about_that_day(studies):
    study = studies("mi_9")
    assert not study.own.fastest_day_is_approximate
    assert "order log of 26 February 2019:" in study.trust().would_settle
    known = studies("mi_2").own
    worked_out = replace(known, rates=known.rates.assign(date_approx=True))
    assert " on about " in decision_of_known_lots("Mi 2", worked_out)
    assert " about " not in decision_of_known_lots("Mi 2", known)


def test_a_phone_made_in_small_numbers_is_not_given_the_lots_of_others(studies):
    """10,000 Mi MIX a month could be made by the one report; no other lot was so small."""
    study = studies("mi_mix")
    assert study.own.is_made_in_smaller_numbers
    assert "Capacity was put at 10,000 a month" in study.first_screen().answer
    assert "Capacity for the Mi MIX was put at 10,000 a month" in study.sales.demand_words().text()
    assert study.facts().facts[1][0] == "10,000"
    assert "phones fits" not in study.decision()
    lots = lots_tried(study.own)
    assert max(lots) == study.own.capacity_a_month
    assert list(study.sales.implied_rates(10)["phones"]) == lots
    assert (study.own.nearest["units"] <= study.own.capacity_a_month).all()
    none_like_it = replace(study.own, nearest=study.own.nearest.head(0))
    assert study_press.nearest_sentence(none_like_it) == ""
    assert len(study_press.facts_of_unknown_lot("Mi MIX", none_like_it).facts) == 3
    assert max(lots_tried(studies("mi_9").own)) == 500_000, "as many as any known lot held"


def test_lots_that_likeness_did_not_choose_are_not_called_similar(studies):
    """One lot in China was as small as a month's output of the Mi MIX, six times as slow."""
    study = studies("mi_mix")
    assert study.own.nearest["device"].tolist() == ["nokia_6"], "of the Nokia X: at least 10,000"
    assert not study.own.nearest_are_chosen
    words = study.sales.demand_words().text() + study.facts().text() + study.sales.nearest().caption
    assert "similar" not in words
    assert "most like" not in words
    assert (
        "Of published lots in China only that of the Nokia 6 on 19 January 2017 is known to have "
        "held 10,000 phones or fewer." in words
    )
    assert study.sales.nearest().caption == "Known lots in China of at most 10,000 phones"
    many = replace(study.own, nearest_of=len(study.own.nearest) + 1)
    assert "most similar known sale" in study_press.nearest_sentence(many)
    assert study_press.facts_of_unknown_lot("Mi MIX", many).facts[2][0] == "10,000"
    two = replace(study.own, nearest=pd.concat([study.own.nearest] * 2), nearest_of=2)
    assert "only those of the Nokia 6 on 19 January 2017 and the Nokia 6 on" in (
        study_press.nearest_sentence(two)
    )


def test_a_similar_sale_is_named_by_the_figures_that_were_compared(studies):
    """Those registered for the Nokia 6 say nothing of its likeness to a sale without that count."""
    launch = load_launch("mi_9")
    uncounted = launch.drops.assign(registrations=np.nan)
    sales = sales_of(replace(launch, drops=uncounted))
    assert sales.own.compared == ["sellout_s", "price_usd"]
    assert sales.nearest().caption == "The known sales most like that of the Mi 9 in time and price"
    facts = study_press.facts_of_unknown_lot("Mi 9", sales.own)
    words = study_press.nearest_sentence(sales.own) + facts.text()
    assert "it was gone in " in words
    assert "registered" not in words
    whole = studies("mi_9").sales
    assert whole.nearest().caption.endswith("in registrations, time and price")
    assert "registered, it was gone in 60 seconds and it cost $573." in whole.demand_words().text()
    assert study_press.likeness_words(whole.own.nearest.iloc[0], []) == ""


def test_lots_of_all_brands_are_named_within_a_sentence_and_at_its_beginning(studies):
    own = studies("mi_9").own
    of_all_brands = replace(own, lots=replace(own.lots, brand=""))
    assert study_press.lots_sentence("Mi 9", of_all_brands).startswith("Known lots in China held")
    assert "phones in known lots in China (" in str(
        study_press.facts_of_unknown_lot("Mi 9", of_all_brands).facts
    )


def test_registrations_are_set_beside_those_of_known_lots(studies):
    study = studies("mi_9")
    like = study.own.like_registrations
    assert like["registrations"].between(400_000, 2_500_000).all()
    held = f"{like['units'].min():,.0f} to {like['units'].max():,.0f} phones"
    assert held in study.sales.registrations_sentence()


def test_a_share_that_the_data_do_not_settle_is_called_so_with_the_range_over_priors(studies):
    page = studies("mi_9").product_or_shop
    left = page.settled.loc["left for demand"]
    assert not left["is_settled"]
    assert "do not settle" in page.sentence()
    assert f"{100 * left['least']:.0f} to {100 * left['most']:.0f} %" in page.sentence()
    assert page.shares().frame.set_index("part").loc["left for demand", "settled_by_the_data"] == (
        "no"
    )


def test_the_page_says_how_far_the_choice_of_sales_moves_that_share(studies):
    """Further than the priors do, so that the range over priors alone would sound too sure."""
    study = studies("mi_9")
    guesses = study.other_choices.compared["left_for_demand"]
    moved = span(guesses.min(), guesses.max(), write=percent)
    assert study.other_choices.sentence().endswith(f"move the best guess to {moved}.")
    left = study.product_or_shop.settled.loc["left for demand"]
    assert guesses.min() < left["least"] < left["most"] < guesses.max()


def test_the_last_section_says_how_far_the_integrals_agree(studies):
    page = studies("mi_9").product_or_shop
    convergence = page.model.convergence()
    assert f"{convergence['r_hat'].max():.4f}" in page.convergence_sentence()


def test_sales_of_the_own_market_stand_out_and_are_counted(studies):
    """So that a share explained in that market is seen in the dots that it is of.

    In dark mode they are the lighter ones: no word of the page may call them dark.
    """
    lots = studies("mi_9").lots
    in_china = int((lots.rates["market"] == "CN").sum())
    markets = lots.rates["market"].nunique()
    words = (
        f"{len(lots.rates)} known sales in {markets} markets, {in_china} in China (stronger grey)"
    )
    assert lots.chart().measure.startswith(words)
    assert "dark" not in lots.chart().measure
    figure = Figure().subplots()
    lots.plot(figure)
    faint, strong = figure.collections[:2]
    assert to_hex(strong.get_facecolor()[0]) == COLOUR["soft"].lower()
    assert len(strong.get_offsets()) == in_china
    assert len(faint.get_offsets()) == len(lots.rates) - in_china
    assert "(stronger grey)" not in replace(lots, market="XX").chart().measure


def test_known_lots_are_answered_by_a_lower_bound(studies):
    study = studies("mi_3_india")
    top = study.own.top
    screen = study.first_screen()
    assert screen.answer.startswith(f"At least {top['units']:,.0f} orders for the Mi 3 in India")
    assert f"the {top['sellout_s']:g} seconds of 19 August 2014" in screen.detail
    assert top["rate_per_s"] == study.own.rates["rate_per_s"].max()
    assert study.trust().level == "low"


def test_a_simulated_log_says_its_truth_on_the_first_screen(studies):
    study = studies("example")
    screen = study.first_screen()
    assert "simulated from 2,500" in screen.detail
    assert " in twice the time. In all " in screen.answer, "one range in a sentence"
    assert screen.answer.endswith(" people wanted one (95 % range).")
    assert "Nothing has to" in study.trust().would_settle
    assert study.log.orders.low <= 2500 <= study.log.orders.high
    assert study.lead().data["t_s"].iloc[0] == study.log.orders.laws.closed_s


def test_the_lower_bound_is_the_most_that_was_counted_of_one_sale(studies):
    """A sale of the Mi 1 that did not sell out had more orders than any of its lots."""
    study = studies("mi_1")
    assert study.own.most_orders == study.own.sales["units_sold"].max() == 230_000
    bound = f"{study.own.most_orders:,.0f}"
    assert bound in study.first_screen().answer
    assert study.facts().facts[0][0] == bound


def test_nobody_came_too_late_for_a_lot_that_is_not_known_to_have_sold_out(studies):
    """Of the 500,000 Mi 1 offered on 11 January 2012, 230,000 were gone after two hours."""
    assert studies("mi_1").own.largest["sold_out"] == "unknown"
    unknown, sold_out = (studies(name).first_screen().answer for name in ("mi_1", "mi_2"))
    assert unknown.endswith("one sale: within 2 hours on 11 January 2012, of 500,000 offered.")
    assert sold_out.endswith("one sale; nobody counted those who came too late.")


def test_the_least_demand_is_what_was_sold_in_all_where_that_is_more_than_one_sale(studies):
    """Of the Redmi Note 7 alone a million were counted; of the Mi 1 only its series."""
    redmi, mi_1 = studies("redmi_note_7"), studies("mi_1")
    assert redmi.own.sold_in_all["scope"] == "model"
    assert "read the 1 million sold by 15 February 2019 as the least demand" in redmi.decision()
    assert redmi.first_screen().detail.startswith("A count has 1 million sold by")
    assert "3.52 million of the series sold by 16 August 2012" in mi_1.decision()
    assert "the Mi 1 and its series" in mi_1.decision()
    uncounted = replace(redmi.own, counts=redmi.own.counts[:0])
    assert uncounted.sold_in_all is None
    assert "read 100,000 orders" in decision_of_known_lots("Redmi Note 7", uncounted)


def test_a_bound_of_the_table_of_rounds_is_a_limit_on_the_page_too(studies):
    """The 100,000 Mi 1 of 4 January 2012 were gone within three hours, perhaps far sooner."""
    study = studies("mi_1")
    sale = study.sales.table().frame.set_index("date").loc["2012-01-04"]
    assert sale["rate_is"] == "a lower limit"
    assert np.isnan(sale["at_most"])
    limit = study.own.rates.set_index("date").loc["2012-01-04"]
    assert rate_words(limit) == "at least 9.3"


def test_a_bound_is_of_the_figure_that_its_round_has(sale_rounds):
    """Where a launch file has another lot or time than the table, the word is not of that."""
    drops = load_launch("mi_1").drops.query("round == 'mi1_cn_2012_01_04'")
    assert with_words_of_rounds(drops, sale_rounds)["seconds_bound"].item() == "upper"
    other = drops.assign(sellout_s=9000.0)
    assert with_words_of_rounds(other, sale_rounds)["seconds_bound"].isna().all()
    assert with_words_of_rounds(other, sale_rounds)["units_bound"].item() == "reported"


def test_a_day_is_called_approximate_where_the_round_of_that_day_is(sale_rounds):
    drops = load_launch("nintendo_switch").drops.query("round == 'switch_us_bestbuy_preorder'")
    assert with_words_of_rounds(drops, sale_rounds)["date_approx"].item()
    another_day = drops.assign(date=drops["date"] + pd.Timedelta(days=1))
    assert not with_words_of_rounds(another_day, sale_rounds)["date_approx"].item()
    of_no_round = drops.assign(round=None)
    assert not with_words_of_rounds(of_no_round, sale_rounds)["date_approx"].item()


@pytest.mark.parametrize("name", ["mi_9", "mi_3_india", "example"])
def test_the_decision_names_the_product_and_its_time(studies, name):
    study = studies(name)
    assert study.name in study.decision()
    assert all(len(sentence.split()) <= 30 for sentence in study.decision().split(". "))


@pytest.mark.parametrize(
    "name", ["mi_1", "mi_2", "mi_3_india", "mi_9", "mi_mix", "example", "example_mixed"]
)
def test_first_screens_are_short(studies, name):
    """Voice: a first sentence of 25 words at most, and one or two more."""
    screen = studies(name).first_screen()
    assert len(screen.answer.split()) <= 25
    assert len(screen.detail.split()) <= 50
    assert all(len(number) <= 25 for number, _ in studies(name).facts().facts)


def test_a_section_without_anything_to_show_says_nothing(studies):
    log_only, unknown, known = studies("example"), studies("mi_9"), studies("mi_2")
    assert log_only.sales.table() is None
    assert log_only.sales.words() is None
    assert log_only.sales.demand_words() is None
    assert log_only.sales.entries() is None
    assert log_only.product_or_shop.table() is None
    assert unknown.log is None
    assert unknown.sales.implied_table() is not None
    assert known.sales.implied_table() is None


def sales_of(launch):
    """Give the sales of a launch, for people to read."""
    own = read_own_sales(launch, load_table("sale_rounds"), load_table("devices"))
    return Sales(launch=launch, own=own, all_rates=own.rates)


def test_a_lot_that_was_gone_in_one_second_is_asked_about_in_the_singular():
    launch = load_launch("mi_9")
    drops = launch.drops.head(1).assign(sellout_s=1.0)
    sales = sales_of(replace(launch, drops=drops))
    screen = screen_of_unknown_lot("Mi 9", sales.own)
    assert screen.question == "How many wanted the Mi 9 in that second?"
    assert "sold out in 1 second on" in sales.sentence()
    assert [duration(seconds) for seconds in (0.999, 1.4)] == ["1 second", "1.4 seconds"]


def test_a_sale_of_hours_is_told_to_the_minute_so_that_twice_its_time_is_twice():
    assert duration(1.67 * 3600) == "1 hour 40 minutes"
    assert duration(2 * 1.67 * 3600) == "3 hours 20 minutes"
    assert [duration(seconds) for seconds in (3_590, 7_200, 40_000)] == [
        "1 hour",
        "2 hours",
        "11 hours",
    ]


def test_of_a_sale_without_a_note_none_is_quoted():
    launch = load_launch("mi_9")
    drops = launch.drops.head(1).assign(note=np.nan)
    sales = sales_of(replace(launch, drops=drops))
    assert "The file notes" in sales_of(launch).sentence()
    assert sales.sentence().endswith("How many that were, no source says.")


def test_of_a_sale_without_its_seconds_the_page_has_a_row_and_no_sentence():
    """The log of `orders.file` may be all that a launch knows of its sale."""
    launch = load_launch("mi_9")
    untimed = {"units": np.nan, "sellout_s": np.nan, "registrations": np.nan}
    sales = sales_of(replace(launch, drops=launch.drops.head(1).assign(**untimed)))
    assert sales.words() is None
    assert len(sales.table().frame) == 1


# ---- what the page shows ----


def test_the_lead_chart_draws_each_phone_sale_once(studies):
    study = studies("mi_9")
    chart = study.lead()
    assert len(chart.data) == study.lots.dependence.rounds
    assert chart.data["round_id"].is_unique
    assert chart.measure.startswith(f"{len(chart.data)} known sales")


def test_on_the_line_of_a_steady_stream_ten_times_the_lot_lasts_ten_times_as_long(studies):
    axes = studies("mi_3_india").lots.plot()
    steady = next(line for line in axes.lines if line.get_linestyle() == "--")
    units, seconds = steady.get_data()
    assert seconds[1] / seconds[0] == pytest.approx(units[1] / units[0])
    marked = axes.collections[2].get_offsets()
    assert len(marked) == len(own_sales("mi_3_india").rates)


def test_a_lot_ten_times_as_large_means_ten_times_the_rate(studies):
    rates = studies("mi_9").sales.implied_rates(seconds=53).set_index("phones")["orders_a_second"]
    assert rates[50_000] == pytest.approx(10 * rates[5_000])
    assert rates[20_000] == pytest.approx(20_000 / 53)


def test_rates_of_lots_that_were_never_published_have_two_digits(studies):
    shown = studies("mi_9").sales.implied_table().frame["orders_a_second"]
    assert shown.tolist() == [94, 380, 940, 3_800, 9_400]


def test_half_the_lot_means_half_the_rate_and_hardly_another_range(monkeypatch):
    """Which lot is typed moves the range by its count alone, not by how many zeros it ends in."""
    shown = {}
    monkeypatch.setattr(
        study_sales, "what_if", lambda question, measure, rates, **_: shown.update(rates=rates)
    )
    study_sales.explore_speed("Redmi Note 7", 516, 100_000)
    whole, half = shown["rates"](100_000, 8.6), shown["rates"](50_000, 8.6)
    assert whole["estimate"].item() == pytest.approx(2 * half["estimate"].item())
    wide, narrow = ((rates["high"] / rates["low"]).item() for rates in (half, whole))
    assert np.log(wide) == pytest.approx(np.sqrt(2) * np.log(narrow))


def test_the_table_of_sales_has_a_row_a_sale(studies):
    table = studies("mi_1").sales.table().frame
    assert len(table) == len(own_sales("mi_1").sales)
    pd.testing.assert_series_equal(
        table["orders_a_second"].dropna(), own_sales("mi_1").rates["rate_per_s"], check_names=False
    )


@pytest.mark.parametrize("name", ["mi_1", "mi_9", "nintendo_switch"])
def test_the_caption_of_sales_names_order_rates_only_where_the_table_has_them(studies, name):
    """Where no lot is known, there is no rate and no range."""
    table = studies(name).sales.table()
    assert ("order rates" in table.caption) == ("orders_a_second" in table.frame)
    assert table.caption.startswith(f"Sales of the {studies(name).name}")


def test_orders_by_a_later_time_lie_between_those_seen_and_the_truth(studies):
    log = studies("example").log
    low, middle, high = log.orders.laws.orders_by(600)
    assert log.orders.orders < low < middle < high
    assert f"{float(f'{middle:.3g}'):,.0f} orders" in log.orders_by(600).text()
