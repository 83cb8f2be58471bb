"""What the sell-out page says first: question, answer, three facts, how sure we are.

One result a section stands in `study_sales` (press lines), `study_log` (an order log) and
`study_rounds` (all sales); the models are the other modules of this room.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import Launch, load_table
from ..look import Chart, Facts, FirstScreen, Trust, day, exact, number, percent, plural, span
from .order_rates import fit_lot_dependence, order_rates
from .order_study import OrderStudy, study_orders
from .own_sales import OwnSales, phone_rounds, read_own_sales
from .rounds import fit_rounds
from .study_log import OrderLogPage, three_digits
from .study_rounds import Hits, OtherChoices, PhoneOrShop, study_hits
from .study_sales import LotsAndSeconds, Sales, explore_speed
from .words import country_name, duration, phones, phones_range, product_name


@dataclass(frozen=True, kw_only=True)
class LaunchStudy:
    """What the sell-outs of one launch say of demand.

    Attributes
    ----------
    launch : Launch
        The launch.
    rounds : DataFrame
        All rounds of the market table.
    rates : DataFrame
        Order rates of all phone sales with lot and seconds known.
    own : OwnSales
        The launch's own sales beside them.
    log : OrderLogPage or None
        Its order log, where it has one.
    lots : LotsAndSeconds
        Lots against seconds.
    sales : Sales
        The launch's sales, for people to read.
    phone_or_shop : PhoneOrShop
        How much of the speed is the shop.
    hits : Hits
        Whether a fast first sale means a hit.
    other_choices : OtherChoices
        The same under other choices of rounds.
    """

    launch: Launch
    rounds: pd.DataFrame
    rates: pd.DataFrame
    own: OwnSales
    log: OrderLogPage | None
    lots: LotsAndSeconds
    sales: Sales
    phone_or_shop: PhoneOrShop
    hits: Hits
    other_choices: OtherChoices

    @property
    def name(self) -> str:
        """The product without its brand."""
        return product_name(self.launch)

    @property
    def fastest_s(self) -> float:
        """Seconds of the fastest sell-out, or until the order log ends."""
        return self.log.orders.laws.closed_s if self.log else self.own.fastest_s

    @property
    def sold_out_within_an_hour(self) -> float:
        """Share of all timed sell-outs that took an hour at most."""
        sold_out = self.rounds.loc[self.rounds["sold_out"] == "yes", "sellout_s"]
        return sold_out.dropna().le(3600).mean()

    def first_screen(self) -> FirstScreen:
        """Give the question, how many wanted one, and its answer."""
        if self.log:
            return _screen_of_log(self.name, self.log.orders)
        if self.own.rates.empty:
            return _screen_of_unknown_lot(self.name, self.own)
        return _screen_of_known_lots(self.name, self.own)

    def lead(self) -> Chart:
        """Draw the order log with its prediction, or lots against seconds."""
        return self.log.chart() if self.log else self.lots.chart()

    def facts(self) -> Facts:
        """Give the three numbers that matter most."""
        if self.log:
            return _facts_of_log(self.log)
        if self.own.rates.empty:
            return _facts_of_unknown_lot(self.own)
        return _facts_of_known_lots(self.own)

    def trust(self) -> Trust:
        """Give how sure the answer is, and what would settle it."""
        if self.log:
            return _trust_in_log(self.log.orders)
        would_settle = (
            "The shop's order log: a row for each order with its time, and requests after the "
            "stock was gone."
        )
        if self.own.rates.empty:
            because = "Neither the lot nor those who came too late were counted in public."
            return Trust("none", because, would_settle)
        because = (
            "A lot that sold out bounds demand from below only. Sellers counted carts, and one "
            "account is not one person."
        )
        return Trust("low", because, would_settle)

    def what_if(self) -> None:
        """Show orders a second by lot and seconds."""
        explore_speed(self.fastest_s)


def study_launch(
    launch: Launch, *, draws: int = 1500, compared_draws: int = 300, seed: int = 1
) -> LaunchStudy:
    """Study what the sell-outs of a launch say of demand.

    Parameters
    ----------
    launch : Launch
        A launch with a timed sell-out or an order log.
    draws : int
        Draws of the model of all rounds.
    compared_draws : int
        Draws of each of its variants.
    seed : int
        Of all draws.

    Returns
    -------
    LaunchStudy
        One result a section of the page.

    Raises
    ------
    ValueError
        If the launch has neither seconds to sell out nor an order log.
    DataError
        If its order log cannot be read.
    """
    rounds = load_table("sale_rounds")
    devices = load_table("devices")
    own = read_own_sales(launch, rounds, devices)
    orders = study_orders(launch)
    if own.timed.empty and orders is None:
        raise ValueError(
            "no round of this launch has seconds to sell out, nor has it an order log; "
            "expected one of them"
        )
    rates = order_rates(phone_rounds(rounds, devices))
    return LaunchStudy(
        launch=launch,
        rounds=rounds,
        rates=rates,
        own=own,
        log=OrderLogPage(orders=orders) if orders else None,
        lots=LotsAndSeconds(
            name=product_name(launch), rates=rates, own=own, dependence=fit_lot_dependence(rates)
        ),
        sales=Sales(launch=launch, own=own, all_rates=rates),
        phone_or_shop=PhoneOrShop(launch=launch, model=fit_rounds(rounds, draws=draws, seed=seed)),
        hits=study_hits(rounds, devices, seed),
        other_choices=OtherChoices(rounds=rounds, rates=rates, draws=compared_draws),
    )


# ---- first screens ----


def _screen_of_log(name: str, orders: OrderStudy) -> FirstScreen:
    """Answer from an order log; a simulated one is set against its truth."""
    question = f"How many people wanted the {name}?"
    people = f"{span(orders.low, orders.high)} people wanted one"
    if orders.simulated_people:
        answer = f"We say {people}; this log was simulated from {exact(orders.simulated_people)}."
    else:
        answer = f"{people[0].upper()}{people[1:]}, by the order log of the sale."
    clock = (
        f"The clock alone says {exact(orders.orders)} orders in {duration(orders.laws.closed_s)}. "
    )
    stream = "A time for each order shows how fast the stream of buyers thins out (95 % range)."
    if np.isinf(orders.high):
        stream = "The stream does not thin out enough to set an upper limit (95 % range)."
    return FirstScreen(question, answer, clock + stream)


def _screen_of_unknown_lot(name: str, own: OwnSales) -> FirstScreen:
    """Say that the clock of a lot that was never published says nothing."""
    faster = own.faster_than(own.fastest_s)
    detail = (
        f"{faster} of {plural(len(own.other_seconds), 'other phone sell-out')} were faster, and "
        "lots of all sizes went in such a time."
    )
    if own.registrations > 0:
        detail += f" The {phones(own.registrations)} registrations were free clicks, not orders."
    return FirstScreen(
        f"How many wanted the {name} in those {number(own.fastest_s)} seconds?",
        "We cannot tell: the lot was never published.",
        detail,
    )


def _screen_of_known_lots(name: str, own: OwnSales) -> FirstScreen:
    """Give the lower bound that the fastest sale with a known lot sets."""
    top = own.top
    detail = "How many more came too late, nobody counted; the clock stops at the cart."
    if len(own.rates) > 1:
        slowest = own.rates["sellout_s"].max()
        detail += f" Another of its lots lasted {duration(slowest)}."
    return FirstScreen(
        f"How many wanted the {name} when it sold out?",
        f"At least {phones(top['units'])} orders in {duration(top['sellout_s'])}, on "
        f"{day(top['date'])}.",
        detail,
    )


# ---- facts ----


def _facts_of_log(log: OrderLogPage) -> Facts:
    """Orders, their rate, and what twice the time would have brought."""
    orders = log.orders
    twice = log.curve.iloc[-1]
    more = span(twice["low"], twice["high"], write=three_digits)
    return Facts(
        (exact(orders.orders), f"orders in {duration(orders.laws.closed_s)}"),
        (number(orders.orders_per_s, 2), "orders a second, which is all that the clock says"),
        (
            three_digits(twice["estimate"]),
            f"orders by twice that time with more stock ({more}, 80 %)",
        ),
    )


def _speed_fact(own: OwnSales, seconds: float) -> tuple[str, str]:
    """Count the phone sell-outs that took less time."""
    compared = plural(len(own.other_seconds), "other timed phone sell-out")
    return number(own.faster_than(seconds)), f"of {compared} took less time"


def _facts_of_unknown_lot(own: OwnSales) -> Facts:
    """Give seconds, how many sell-outs were faster, and the lots of comparable sales."""
    clock = (f"{number(own.fastest_s)} s", "until the lot was gone, as reported")
    speed = _speed_fact(own, own.fastest_s)
    lots = own.lot_range
    if lots is None:
        sales = plural(len(own.timed), "timed sale")
        return Facts(clock, speed, ("0", f"lots published, of {sales}"))
    comparable = (
        phones_range(lots.low_units, lots.high_units),
        f"phones in comparable lots in {country_name(lots.market)} ({percent(lots.level)} range)",
    )
    return Facts(clock, speed, comparable)


def _facts_of_known_lots(own: OwnSales) -> Facts:
    """Give the highest order rate, how many sell-outs were faster, and all phones in known lots."""
    top = own.top
    offered = own.rates["units"].sum()
    return Facts(
        (number(top["rate_per_s"], 2), f"orders a second on {day(top['date'])}, its highest rate"),
        _speed_fact(own, top["sellout_s"]),
        (phones(offered), f"phones in {plural(len(own.rates), 'timed lot')} of known size"),
    )


def _trust_in_log(orders: OrderStudy) -> Trust:
    """Say how far the answer of an order log can be trusted."""
    because = (
        "The range holds if people come by one of six laws, each for one phone. Real crowds also "
        "come in waves, through queues and as bots."
    )
    would_settle = "Orders and requests that came after the stock was gone, counted by the shop."
    return Trust("fair" if np.isfinite(orders.high) else "low", because, would_settle)
