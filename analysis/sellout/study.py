"""What the sell-out page says first: question, answer, three facts, how sure we are.

First screens of press lines are in `study_press`. One result a section stands in `study_sales`
(press lines), `study_log` (an order log) and `study_rounds` (all sales); the models are the other
modules of this room.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import Launch, load_table
from ..look import Chart, Facts, FirstScreen, Trust, exact, number, percent, plural, span
from . import study_press
from .order_rates import fit_lot_dependence, order_rates
from .order_study import OrderStudy, study_orders
from .own_sales import OwnSales, phone_rounds, read_own_sales
from .rounds import fit_rounds
from .study_log import OrderLogPage, three_digits
from .study_rounds import Hits, OtherChoices, PhoneOrShop, study_hits
from .study_sales import LotsAndSeconds, Sales, explore_speed
from .words import LEVEL, duration, product_name


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
            return study_press.screen_of_unknown_lot(self.name, self.own)
        return study_press.screen_of_known_lots(self.name, self.own)

    def lead(self) -> Chart:
        """Draw the order log with its prediction, or lots against seconds."""
        return self.log.chart() if self.log else self.lots.chart()

    def facts(self) -> Facts:
        """Give the three numbers that matter most."""
        if self.log:
            return _facts_of_log(self.log)
        if self.own.rates.empty:
            return study_press.facts_of_unknown_lot(self.name, self.own)
        return study_press.facts_of_known_lots(self.name, self.own)

    def trust(self) -> Trust:
        """Give how sure the answer is, and what would settle it."""
        if self.log:
            return _trust_in_log(self.log)
        if self.own.rates.empty:
            return study_press.trust_in_unknown_lot(self.name, self.own)
        return study_press.trust_in_known_lots(self.name, self.own)

    def decision(self) -> str:
        """Say what we would do with what this launch's sales show."""
        if self.log:
            return _decision_of_log(self.log)
        if self.own.rates.empty:
            return study_press.decision_of_unknown_lot(self.name, self.own)
        return study_press.decision_of_known_lots(self.name, self.own)

    def what_if(self) -> None:
        """Show orders a second by lot and time."""
        if self.log:
            explore_speed(self.name, self.fastest_s, self.log.orders.orders)
        elif self.own.rates.empty:
            explore_speed(self.name, self.fastest_s)
        else:
            explore_speed(self.name, self.own.top["sellout_s"], self.own.top["units"])


def study_launch(
    launch: Launch, *, draws: int = 4096, compared_draws: int = 1024, seed: int = 1
) -> LaunchStudy:
    """Study what the sell-outs of a launch say of demand.

    Parameters
    ----------
    launch : Launch
        A launch with a timed sell-out or an order log.
    draws : int
        Points of the model of all rounds, a power of 2. Which points is a fixed rule, so that the
        seed moves nothing that is printed of it.
    compared_draws : int
        Points of each of its variants.
    seed : int
        Of all random draws.

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
        log=OrderLogPage(name=product_name(launch), orders=orders) if orders else None,
        lots=LotsAndSeconds(
            name=product_name(launch), rates=rates, own=own, dependence=fit_lot_dependence(rates)
        ),
        sales=Sales(launch=launch, own=own, all_rates=rates),
        phone_or_shop=PhoneOrShop(
            launch=launch, model=fit_rounds(rounds, draws=draws, level=LEVEL)
        ),
        hits=study_hits(rounds, devices, seed),
        other_choices=OtherChoices(rounds=rounds, rates=rates, draws=compared_draws),
    )


# ---- first screens ----


def _screen_of_log(name: str, orders: OrderStudy) -> FirstScreen:
    """Answer from an order log; a simulated one is set against its truth."""
    people = f"{span(orders.low, orders.high)} people wanted one"
    if orders.simulated_people:
        answer = f"We say {people}; this log was simulated from {exact(orders.simulated_people)}."
    else:
        answer = f"{people[0].upper()}{people[1:]}, by the order log of the sale."
    detail = (
        f"Plan on such a log: the clock says only {exact(orders.orders)} orders in "
        f"{duration(orders.laws.closed_s)}."
    )
    if np.isinf(orders.high):
        detail = (
            "The stream of buyers does not thin out enough to set an upper limit: keep the next "
            "sale open longer before you size a lot."
        )
    return FirstScreen(f"How many people wanted the {name}?", answer, detail)


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
            f"orders by twice that time with more stock ({more}, {percent(LEVEL)} range)",
        ),
    )


# ---- how sure we are ----


def _trust_in_log(log: OrderLogPage) -> Trust:
    """Say how far the answer of an order log can be trusted."""
    patterns = plural(len(log.orders.laws.weights), "pattern")
    because = (
        f"The {percent(log.orders.level)} range holds if people come by one of {patterns}, each "
        "for one phone. Real crowds also come in waves, through queues and as bots."
    )
    would_settle = (
        f"Orders and requests for the {log.name} after the stock was gone, counted by the shop."
    )
    return Trust("fair" if np.isfinite(log.orders.high) else "low", because, would_settle)


# ---- what we would do ----


def _decision_of_log(log: OrderLogPage) -> str:
    """Size the next lot by the log, where it sets an upper limit."""
    orders = log.orders
    if np.isinf(orders.high):
        return (
            f"We would not size the next lot yet, because the order log of the {log.name} sets no "
            f"upper limit. We would sell longer than {duration(orders.laws.closed_s)} next time, "
            "or count the requests after the stock is gone."
        )
    left = span(orders.low - orders.orders, orders.high - orders.orders, 2)
    return (
        f"We would make {left} more of the {log.name} before its next sale, for those who wanted "
        "one and came too late. We would count requests after the stock is gone next time, because "
        "bots and queues can mislead the log."
    )
