"""What the sell-out page says first: question, answer, three facts, how sure we are.

First screens are in `study_press` (press lines) and `study_own_log` (an order log). One result a
section stands in `study_sales` (press lines), `study_log` (an order log), `study_drops` (people by
drop) and `study_rounds` (all sales); the models are the other modules of this room.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..data import Launch, load_table, shared, with_odd_log
from ..look import Chart, Facts, FirstScreen, Trust
from . import study_own_log, study_press
from .drops import day_of_log
from .order_logs import LogSource, leading_log, list_logs
from .order_rates import fit_lot_dependence, order_rates
from .order_study import OrderStudy, study_orders
from .own_sales import OwnSales, phone_rounds, read_own_sales
from .rounds import fit_rounds
from .study_drops import PeopleByDrop, study_drops
from .study_log import OrderLogPage
from .study_rounds import Hits, OtherChoices, ProductOrShop, study_hits
from .study_sales import LotsAndSeconds, Sales, explore_speed, lots_tried
from .words import LEVEL, product_name


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
    drops : PeopleByDrop
        People who wanted one at each of its drops.
    sales : Sales
        The launch's sales, for people to read.
    product_or_shop : ProductOrShop
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
    drops: PeopleByDrop
    sales: Sales
    product_or_shop: ProductOrShop
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
            is_counted = "capacity" in self.launch.studies and len(self.launch.sales) > 0
            return study_press.screen_of_unknown_lot(
                self.name, self.own, is_counted_elsewhere=is_counted
            )
        return study_press.screen_of_known_lots(self.name, self.own)

    def lead(self) -> Chart:
        """Draw the order log with its prediction, or lots against seconds."""
        return self.log.chart() if self.log else self.lots.chart()

    def facts(self) -> Facts:
        """Give the three numbers that matter most."""
        if self.log:
            return study_own_log.facts(self.log)
        if self.own.rates.empty:
            return study_press.facts_of_unknown_lot(self.name, self.own)
        return study_press.facts_of_known_lots(self.name, self.own)

    def trust(self) -> Trust:
        """Give how sure the answer is, and what would settle it."""
        if self.log:
            return study_own_log.trust(self.log)
        if self.own.rates.empty:
            return study_press.trust_in_unknown_lot(self.name, self.own)
        return study_press.trust_in_known_lots(self.name, self.own)

    def decision(self) -> str:
        """Say what we would do with what this launch's sales show."""
        if self.log:
            return study_own_log.decision(self.log)
        if self.own.rates.empty:
            return study_press.decision_of_unknown_lot(self.name, self.own)
        return study_press.decision_of_known_lots(self.name, self.own)

    def what_if(self) -> None:
        """Show orders a second by lot and time."""
        if self.log:
            explore_speed(self.name, self.fastest_s, self.log.orders.orders)
        elif self.own.rates.empty:
            explore_speed(self.name, self.fastest_s, lots=lots_tried(self.own))
        else:
            explore_speed(self.name, self.own.top["sellout_s"], self.own.top["units"])


def _with_odd_logs(launch: Launch, logs: list[tuple[LogSource, OrderStudy]]) -> Launch:
    """Return a launch with what is odd about each of its order logs among its odd inputs."""
    drops = launch.drops
    for source, orders in logs:
        drop = None
        if source.is_of_a_drop:
            drop = drops[drops["orders_file"] == source.file].iloc[0]
        launch = with_odd_log(launch, orders.log, drop)
    return launch


def _log_page(launch: Launch, orders: OrderStudy | None) -> OrderLogPage | None:
    """Give the order log of a launch for people to read; None where it has none."""
    if orders is None:
        return None
    return OrderLogPage(
        name=product_name(launch),
        orders=orders,
        launch_words=launch.words,
        date=day_of_log(launch, orders.source, orders),
    )


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
    sources = list_logs(launch)
    logs = [(source, study_orders(launch, source=source)) for source in sources]
    orders = next((study for source, study in logs if source == leading_log(sources)), None)
    if own.timed.empty and orders is None:
        raise ValueError(
            "no round of this launch has seconds to sell out, nor has it an order log; "
            "expected one of them"
        )
    rates = order_rates(phone_rounds(rounds, devices))
    return LaunchStudy(
        launch=_with_odd_logs(launch, logs),
        rounds=rounds,
        rates=rates,
        own=own,
        log=_log_page(launch, orders),
        lots=LotsAndSeconds(
            name=product_name(launch),
            market=launch.market,
            rates=rates,
            own=own,
            dependence=fit_lot_dependence(rates),
        ),
        drops=study_drops(launch, logs),
        sales=Sales(launch=launch, own=own, all_rates=rates),
        product_or_shop=ProductOrShop(
            launch=launch, model=shared(fit_rounds)(rounds, draws=draws, level=LEVEL)
        ),
        hits=study_hits(rounds, devices, seed),
        other_choices=OtherChoices(rounds=rounds, rates=rates, draws=compared_draws),
    )
