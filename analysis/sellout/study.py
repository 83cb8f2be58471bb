"""What the sell-out page says first: question, answer, three facts, how sure we are.

One result a section stands in `study_sales` (press lines), `study_log` (an order log) and
`study_rounds` (all sales); the models are the other modules of this room.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..data import Launch, load_table
from ..look import Chart, Facts, FirstScreen, Trust, day, number, percent, plural
from . import study_own_log
from .order_rates import fit_lot_dependence, order_rates
from .order_study import study_orders
from .own_sales import OwnSales, phone_rounds, read_own_sales
from .rounds import fit_rounds
from .study_log import OrderLogPage
from .study_rounds import Hits, OtherChoices, PhoneOrShop, study_hits
from .study_sales import LotsAndSeconds, Sales, explore_speed
from .words import LEVEL, country_name, duration, phones, phones_range, product_name


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
            return study_own_log.first_screen(self.log)
        if self.own.rates.empty:
            return _screen_of_unknown_lot(self.name, self.own)
        return _screen_of_known_lots(self.name, self.own)

    def lead(self) -> Chart:
        """Draw the order log with its prediction, or lots against seconds."""
        return self.log.chart() if self.log else self.lots.chart()

    def facts(self) -> Facts:
        """Give the three numbers that matter most."""
        if self.log:
            return study_own_log.facts(self.log)
        if self.own.rates.empty:
            return _facts_of_unknown_lot(self.name, self.own)
        return _facts_of_known_lots(self.name, self.own)

    def trust(self) -> Trust:
        """Give how sure the answer is, and what would settle it."""
        if self.log:
            return study_own_log.trust(self.log)
        if self.own.rates.empty:
            return _trust_in_unknown_lot(self.name, self.own)
        return _trust_in_known_lots(self.name, self.own)

    def decision(self) -> str:
        """Say what we would do with what this launch's sales show."""
        if self.log:
            return study_own_log.decision(self.log)
        if self.own.rates.empty:
            return _decision_of_unknown_lot(self.name, self.own)
        return _decision_of_known_lots(self.name, self.own)

    def what_if(self) -> None:
        """Show orders a second by lot and time."""
        if self.log:
            explore_speed(self.name, self.fastest_s, self.log.orders.orders)
        elif self.own.rates.empty:
            explore_speed(self.name, self.fastest_s)
        else:
            explore_speed(self.name, self.own.top["sellout_s"], self.own.top["units"])


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
        log=OrderLogPage(name=product_name(launch), orders=orders) if orders else None,
        lots=LotsAndSeconds(
            name=product_name(launch), rates=rates, own=own, dependence=fit_lot_dependence(rates)
        ),
        sales=Sales(launch=launch, own=own, all_rates=rates),
        phone_or_shop=PhoneOrShop(
            launch=launch, model=fit_rounds(rounds, draws=draws, seed=seed, level=LEVEL)
        ),
        hits=study_hits(rounds, devices, seed),
        other_choices=OtherChoices(rounds=rounds, rates=rates, draws=compared_draws),
    )


# ---- first screens ----


def _screen_of_unknown_lot(name: str, own: OwnSales) -> FirstScreen:
    """Say that the clock of a lot that was never published says nothing."""
    gone_in = duration(own.fastest_s)
    return FirstScreen(
        f"How many wanted the {name} in those {gone_in}?",
        f"We cannot tell how many wanted the {name}: the number put on sale was never published.",
        f"Do not size the next sale by those {gone_in}; ask the shop for the time of each order "
        "first.",
    )


def _screen_of_known_lots(name: str, own: OwnSales) -> FirstScreen:
    """Give the lower bound that the largest counted sale sets."""
    top = own.top
    return FirstScreen(
        f"How many people wanted the {name}?",
        f"At least {phones(own.most_orders)} orders for the {name} came in one sale; nobody "
        "counted those who came too late.",
        f"Do not size the next sale by the {duration(top['sellout_s'])} of {day(top['date'])}; "
        "ask the shop for the time of each order first.",
    )


# ---- facts ----


def _speed_fact(name: str, own: OwnSales, seconds: float) -> tuple[str, str]:
    """Count the phone sell-outs that took less time."""
    compared = f"{own.faster_than(seconds)} of {len(own.other_seconds)}"
    return compared, f"other phone sell-outs took less than the {duration(seconds)} of the {name}"


def _facts_of_unknown_lot(name: str, own: OwnSales) -> Facts:
    """Give seconds, how many sell-outs were faster, and the lots of comparable sales."""
    gone_in = duration(own.fastest_s)
    clock = (gone_in, f"until the {name} was sold out")
    speed = _speed_fact(name, own, own.fastest_s)
    lots = own.lot_range
    if lots is None:
        sales = plural(len(own.timed), "timed sale")
        return Facts(clock, speed, ("0", f"lots of the {name} published, of {sales}"))
    comparable = (
        phones_range(lots.low_units, lots.high_units),
        f"phones in lots like that of the {name} in {country_name(lots.market)} "
        f"({percent(lots.level)} range)",
    )
    return Facts(clock, speed, comparable)


def _facts_of_known_lots(name: str, own: OwnSales) -> Facts:
    """Give the most orders, the highest order rate, and how many sell-outs were faster."""
    top = own.top
    return Facts(
        (phones(own.most_orders), f"orders for the {name} in one sale, the most counted"),
        (
            number(top["rate_per_s"]),
            f"orders a second for the {name} on {day(top['date'])}, its highest rate",
        ),
        _speed_fact(name, own, top["sellout_s"]),
    )


# ---- how sure we are ----


def _trust_in_unknown_lot(name: str, own: OwnSales) -> Trust:
    """Say that without a lot nothing is sure."""
    date = day(own.timed.loc[own.timed["sellout_s"].idxmin(), "date"])
    return Trust(
        "none",
        f"Neither the lot of the {name} nor those who came too late were counted in public.",
        f"The shop's order log of {date}: the time of each order for the {name}, and requests "
        "after the stock was gone.",
    )


def _trust_in_known_lots(name: str, own: OwnSales) -> Trust:
    """Say that lots which sold out are a lower bound."""
    date = day(own.top["date"])
    return Trust(
        "low",
        f"What was sold of the {name} is the least that was wanted, and one account is not one "
        "person.",
        f"The shop's order log of {date}: the time of each order for the {name}, and requests "
        "after the stock was gone.",
    )


# ---- what we would do ----


def _decision_of_unknown_lot(name: str, own: OwnSales) -> str:
    """Ask for the log, because lots of very different sizes fit the same seconds."""
    gone_in = duration(own.fastest_s)
    ask = (
        f"We would ask the shop how many of the {name} it had, and how many requests came after "
        "they were gone."
    )
    lots = own.lot_range
    if lots is None:
        return f"We would not size the next lot of the {name} by its {gone_in}. {ask}"
    return (
        f"We would not size the next lot of the {name} by its {gone_in}: a lot of "
        f"{phones(lots.low_units)} phones fits that time as well as one of "
        f"{phones(lots.high_units)}. {ask}"
    )


def _decision_of_known_lots(name: str, own: OwnSales) -> str:
    """Take what was sold as the least, and ask for those who came too late."""
    top = own.top
    return (
        f"We would read {phones(own.most_orders)} orders as the least demand for the {name}, and "
        f"its {duration(top['sellout_s'])} as no measure of the rest. We would ask the shop how "
        f"many came after the {phones(top['units'])} phones of {day(top['date'])} were gone."
    )
