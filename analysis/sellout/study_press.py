"""First screens of launches that have press lines alone: known lots, and lots never published."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..look import Facts, FirstScreen, Trust, day, dollars, millions, percent, plural
from .own_sales import OwnSales
from .words import (
    begin_sentence,
    brand_name,
    country_name,
    device_name,
    duration,
    phones,
    phones_range,
    rate_words,
)

AT_BOUND = {"upper": "at most {}", "lower": "at least {}"}
FIGURES_IN_WORDS = {"registrations": "registrations", "sellout_s": "time", "price_usd": "price"}


# ---- a lot that was never published ----


def screen_of_unknown_lot(
    name: str, own: OwnSales, *, is_counted_elsewhere: bool = False
) -> FirstScreen:
    """Say that the clock says nothing of demand, and what known lots held.

    Where no lots are known to compare with, and its sales are counted on its page on supply, that
    page is named.
    """
    gone_in = duration(own.fastest_s)
    time = gone_in.removeprefix("1 ")  # "that hour", not "those 1 hour"
    in_that_time = f"those {time}" if time == gone_in else f"that {time}"
    question = f"How many wanted the {name} in {in_that_time}?"
    if own.fastest_is_in_advance:
        question = f"How many wanted the {name} in the {time} of {pre_orders_words(own)}?"
    cannot = f"We cannot tell how many wanted the {name}: its lot was never published."
    detail = (
        f"Do not size the next sale by {in_that_time}; ask the shop for the time of each order "
        "first."
    )
    if own.lots is None:
        if is_counted_elsewhere:
            detail += f" How many of the {name} were sold later is on its page Supply."
        return FirstScreen(question, cannot, detail)
    if own.is_made_in_smaller_numbers:
        others = f"{brand_name(own.lots.brand)}'s" if own.lots.brand else "the"
        output = phones(own.capacity_a_month)
        beside = f"Capacity was put at {output} a month, below {others} other lots."
    else:
        held = phones_range(own.lots.low_units, own.lots.high_units)
        of_brand = f"{brand_name(own.lots.brand)} lots" if own.lots.brand else "lots"
        country = country_name(own.lots.market)
        beside = f"Most known {of_brand} in {country} held {held} phones."
    return FirstScreen(question, f"{cannot} {beside}", f"{clock_sentence(name, own)} {detail}")


def pre_orders_words(own: OwnSales) -> str:
    """Name the orders that closed fastest where they came in advance of the first sale."""
    return "one shop's pre-orders" if own.fastest_is_at_one_shop else "its pre-orders"


def own_time_words(own: OwnSales) -> str:
    """Write the time of the fastest sell-out with what it is of: "its 53 seconds"."""
    gone_in = duration(own.fastest_s)
    if own.fastest_is_in_advance:
        return f"the {gone_in} of {pre_orders_words(own)}"
    return f"its {gone_in}"


def unknown_lot_sentence(name: str, own: OwnSales) -> str:
    """Say how fast the launch's fastest sale went, whose lot no source gives.

    Orders in advance at one shop are no lot of the whole product, and are not called one.
    """
    sale, gone_in, date = own.fastest, duration(own.fastest_s), day_of_sale(own.fastest)
    if own.fastest_is_in_advance:
        at_one_shop = " at one shop" if own.fastest_is_at_one_shop else ""
        first = f"Pre-orders for the {name}{at_one_shop} were gone in {gone_in} on {date}."
    else:
        first = f"The {name} sold out in {gone_in} on {date}, so orders came for the whole lot."
    return f"{first} How many that were, no source says.{note_on_file(sale)}"


def day_of_sale(sale: pd.Series) -> str:
    """Write the day of a sale; about which day, where it was worked out or its source says so."""
    date = day(sale["date"])
    return f"about {date}" if sale["date_approx"] else date


def note_on_file(sale: pd.Series) -> str:
    """Quote what the launch file notes of a sale, a sentence a clause; empty where it has none."""
    if pd.isna(sale["note"]):
        return ""
    clauses = [clause.strip(" .") for clause in str(sale["note"]).split(";")]
    sentences = [f"{begin_sentence(clause)}." for clause in clauses if clause]
    return f" The file notes: {' '.join(sentences)}" if sentences else ""


def lots_name(own: OwnSales) -> str:
    """Name the lots that an unknown one is compared with: "Xiaomi's known lots in China"."""
    country = country_name(own.lots.market)
    if not own.lots.brand:
        return f"known lots in {country}"
    return f"{brand_name(own.lots.brand)}'s known lots in {country}"


def clock_sentence(name: str, own: OwnSales) -> str:
    """Say how little the seconds say of a lot, let alone of demand."""
    share = percent(own.clock_share)
    country = country_name(own.lots.market)
    return (
        f"The clock says next to nothing of the lot of the {name}: seconds explain {share} of the "
        f"differences between known lots in {country}."
    )


def lots_sentence(name: str, own: OwnSales) -> str:
    """Give the range of the known lots, and what is against it."""
    lots = own.lots
    range_words = phones_range(lots.low_units, lots.high_units)
    bounds = ""
    if lots.bounds:
        bounds = f", {lots.bounds} of them known from one side only"
    sentence = (
        f"{begin_sentence(lots_name(own))} held **{range_words} phones** "
        f"({percent(lots.level)} range, {plural(lots.lots, 'sale')}{bounds})."
    )
    if not own.is_made_in_smaller_numbers:
        return sentence
    return (
        f"{sentence} Capacity for the {name} was put at {phones(own.capacity_a_month)} a month, so "
        "its lot was smaller than those, if that report is right."
    )


def nearest_sentence(own: OwnSales) -> str:
    """Name the known sale that is most like the unknown one; "" where none can be like it.

    Where few lots were as small as the unknown one can have been, these are named, and none of
    them is called similar.
    """
    if own.nearest.empty:
        return ""
    if not own.nearest_are_chosen:
        return _few_small_lots(own)
    sale = own.nearest.iloc[0]
    words = likeness_words(sale, own.compared)
    known = f" Of that sale we know: {words}." if words else ""
    return (
        f"The most similar known sale, of the {device_name(sale['device'])} on "
        f"{day(sale['date'])}, held {lot_words(sale)} phones.{known}"
    )


def _few_small_lots(own: OwnSales) -> str:
    """Name the known lots that were as small as the unknown one can have been."""
    named = [
        f"the {device_name(sale['device'])} on {day(sale['date'])}"
        for _, sale in own.nearest.iterrows()
    ]
    only, known = ("that", "is known") if len(named) == 1 else ("those", "are known")
    return (
        f"Of published lots in {country_name(own.lots.market)} only {only} of {_listed(named)} "
        f"{known} to have held {phones(own.capacity_a_month)} phones or fewer."
    )


def nearest_caption(name: str, own: OwnSales) -> str:
    """Say by what the known sales of the table are like the unknown one, or how small they were."""
    if not own.nearest_are_chosen:
        return (
            f"Known lots in {country_name(own.lots.market)} of at most "
            f"{phones(own.capacity_a_month)} phones"
        )
    figures = _listed([FIGURES_IN_WORDS[figure] for figure in own.compared])
    return f"The known sales most like that of the {name} in {figures}"


def _listed(words: Sequence[str]) -> str:
    """List words: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def lot_words(sale: pd.Series) -> str:
    """Write a published lot, with the side that it is known from."""
    return AT_BOUND.get(sale["units_bound"], "{}").format(phones(sale["units"]))


def likeness_words(sale: pd.Series, compared: Sequence[str]) -> str:
    """Say what is known of a sale among the figures that were compared; "" where nothing is."""
    written = {
        "registrations": lambda people: f"{phones(people)} had registered",
        "sellout_s": lambda seconds: f"it was gone in {duration(seconds)}",
        "price_usd": lambda usd: f"it cost {dollars(usd)}",
    }
    known = [written[figure](sale[figure]) for figure in compared if sale[figure] > 0]
    return _listed(known) if known else ""


def registrations_sentence(name: str, own: OwnSales) -> str:
    """Set registrations beside those of sales whose lot is known; "" where none were reported."""
    most = own.registrations
    if not most > 0:
        return ""
    sentence = (
        f"Up to {phones(most)} registered for a sale of the {name}. A registration was a free "
        "click: an upper limit where it was counted, and no order."
    )
    like = own.like_registrations
    if len(like) < 2:
        return sentence
    held = phones_range(like["units"].min(), like["units"].max())
    return (
        f"{sentence} Known sales with about as many registered held {held} phones "
        f"({plural(len(like), 'sale')})."
    )


def facts_of_unknown_lot(name: str, own: OwnSales) -> Facts:
    """Give seconds, the range of known lots or what could be made, and the most similar sale."""
    other = own.other_seconds_of_it
    until = f"until the {name} was sold out"
    if own.fastest_is_in_advance:
        at_one_shop = ", at one shop," if own.fastest_is_at_one_shop else ""
        until = f"until orders for the {name} in advance of its first sale{at_one_shop} were closed"
    if np.isfinite(other):
        until += f"; another source says {duration(other)}"
    clock = (duration(own.fastest_s), until)
    if own.lots is None:
        sales = plural(len(own.timed), "timed sale")
        unpublished = ("0", f"lots of the {name} published, of {sales}")
        return Facts(clock, _speed_fact(name, own, own.fastest), unpublished)
    known = (
        phones_range(own.lots.low_units, own.lots.high_units),
        f"phones in {lots_name(own)} ({percent(own.lots.level)} range, "
        f"{plural(own.lots.lots, 'sale')})",
    )
    if own.is_made_in_smaller_numbers:
        output = f"of the {name} could be made in a month, by a report; {lots_name(own)} held more"
        of_capacity = (phones(own.capacity_a_month), output)
        if own.nearest.empty or not own.nearest_are_chosen:
            return Facts(clock, of_capacity, _speed_fact(name, own, own.fastest))
        known = of_capacity
    sale = own.nearest.iloc[0]
    of_device = f"phones in the most similar known sale, of the {device_name(sale['device'])}"
    likeness = likeness_words(sale, own.compared)
    nearest = (lot_words(sale), f"{of_device}: {likeness}" if likeness else of_device)
    return Facts(clock, known, nearest)


def trust_in_unknown_lot(name: str, own: OwnSales) -> Trust:
    """Say that without a lot nothing is sure."""
    date = day_of_sale(own.fastest)
    return Trust(
        "none",
        f"Neither the lot of the {name} nor those who came too late were counted in public. Known "
        f"lots of other phones say what was sold, not how many wanted the {name}.",
        f"The shop's order log of {date}: the time of each order for the {name}, and requests "
        "after the stock was gone.",
    )


def decision_of_unknown_lot(name: str, own: OwnSales) -> str:
    """Ask for the log, because lots of very different sizes fit the same seconds."""
    time = own_time_words(own)
    ask = (
        f"We would ask the shop how many of the {name} it had, and how many requests came after "
        "they were gone."
    )
    lots = own.lots
    if lots is None or own.is_made_in_smaller_numbers:
        return f"We would not size the next lot of the {name} by {time}. {ask}"
    return (
        f"We would not size the next lot of the {name} by {time}: a lot of "
        f"{phones(lots.low_units)} phones fits that time as well as one of "
        f"{phones(lots.high_units)}. {ask}"
    )


# ---- known lots ----


def screen_of_known_lots(name: str, own: OwnSales) -> FirstScreen:
    """Give the lower bound that the largest counted sale sets, and what was sold in all."""
    top = own.top
    advice = (
        f"Do not size the next sale by the {duration(top['sellout_s'])} of {day_of_sale(top)}; "
        "ask the shop for the time of each order first."
    )
    if own.sold_in_all is not None:
        counted_on = day(own.sold_in_all["date"])
        advice = f"A count has {all_sold_words(own)} sold by {counted_on}. {advice}"
    return FirstScreen(
        f"How many people wanted the {name}?", largest_sale_sentence(name, own), advice
    )


def largest_sale_sentence(name: str, own: OwnSales) -> str:
    """Say the most orders of one sale; only after a lot that sold out may some come too late."""
    sale = own.largest
    sentence = f"At least {phones(own.most_orders)} orders for the {name} came in one sale"
    if sale["sold_out"] == "yes":
        return f"{sentence}; nobody counted those who came too late."
    if sale["units"] > 0 and sale["window_s"] > 0:
        return (
            f"{sentence}: within {duration(sale['window_s'])} on {day(sale['date'])}, "
            f"of {phones(sale['units'])} offered."
        )
    return f"{sentence}."


def all_sold_words(own: OwnSales) -> str:
    """Write the largest count of all that was sold: 1 million, 3.52 million of the series."""
    of_series = " of the series" if own.sold_in_all["scope"] == "series" else ""
    return f"{millions(own.sold_in_all['units'], 3)}{of_series}"


def facts_of_known_lots(name: str, own: OwnSales) -> Facts:
    """Give the most orders, the highest order rate, and how many sell-outs were faster."""
    top = own.top
    return Facts(
        (phones(own.most_orders), f"orders for the {name} in one sale, the most counted"),
        (
            rate_words(top),
            f"orders a second for the {name} on {day_of_sale(top)}, its highest rate",
        ),
        _speed_fact(name, own, top),
    )


def _speed_fact(name: str, own: OwnSales, sale: pd.Series) -> tuple[str, str]:
    """Count the phone sell-outs that took less time than one of the launch's."""
    seconds = sale["sellout_s"]
    whose = f"the {name}"
    if own.is_in_advance(sale):
        at_one_shop = "one shop's " if own.is_at_one_shop(sale) else ""
        whose = f"{at_one_shop}pre-orders for the {name}"
    compared = f"{own.faster_than(seconds)} of {len(own.other_seconds)}"
    return compared, f"other phone sell-outs took less than the {duration(seconds)} of {whose}"


def trust_in_known_lots(name: str, own: OwnSales) -> Trust:
    """Say that lots which sold out are a lower bound."""
    date = day_of_sale(own.top)
    return Trust(
        "low",
        f"What was sold of the {name} is the least that was wanted, and one account is not one "
        "person.",
        f"The shop's order log of {date}: the time of each order for the {name}, and requests "
        "after the stock was gone.",
    )


def decision_of_known_lots(name: str, own: OwnSales) -> str:
    """Take what was sold, in one sale or in all, as the least; ask for those who came too late."""
    top, count = own.top, own.sold_in_all
    wanted, least = f"the {name}", f"{phones(own.most_orders)} orders"
    if count is not None:
        least = f"the {all_sold_words(own)} sold by {day(count['date'])}"
        wanted += " and its series" if count["scope"] == "series" else ""
    return (
        f"We would read {least} as the least demand for {wanted}. That {phones(top['units'])} "
        f"phones went in {duration(top['sellout_s'])} on {day_of_sale(top)} is no measure of the "
        "rest. We would ask the shop how many came after them."
    )


# ---- a table of the most similar sales ----


def nearest_table(own: OwnSales) -> pd.DataFrame:
    """Give the most similar known sales for people to read.

    Columns are device, date, phones, known_as, registrations, gone_in_s, price_usd.
    """
    nearest = own.nearest
    known_as = nearest["units_bound"].map({"upper": "at most", "lower": "at least"})
    return pd.DataFrame(
        {
            "device": nearest["device"].map(device_name),
            "date": nearest["date"],
            "phones": nearest["units"],
            "known_as": known_as.fillna("a count"),
            "registrations": nearest["registrations"],
            "gone_in_s": nearest["sellout_s"],
            "price_usd": nearest["price_usd"],
        }
    ).reset_index(drop=True)
