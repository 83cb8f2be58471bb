"""The life of a product under a tree of policies, week by week: people, phones and money.

A week is played as in the study of demand (`demand.advance_one_step`). Where nobody waits and no
plan changes, a closed form carries on from week to week until something runs short again: over a
life of years, in which supply binds for some months, that is several times as fast.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from ..demand import advance_one_step
from .market import Market
from .tree import EVERY, PolicyTree, TreeWeek

FREE_WEEKS_A_BLOCK = 32_768  # of a node and a draw: played at once where nothing is short


@dataclass(frozen=True, kw_only=True)
class State:
    """People and phones at the end of a week and sums so far, arrays (nodes, draws)."""

    owners: np.ndarray
    waiting: np.ndarray
    untouched: np.ndarray
    stock: np.ndarray
    profit_usd: np.ndarray
    revenue_usd: np.ndarray
    units: np.ndarray
    waited_weeks: np.ndarray

    def of_children(self, parents: np.ndarray | slice) -> State:
        """Give each node of the next week the state of its parent."""
        if parents is EVERY:
            return self
        return State(**{field.name: getattr(self, field.name)[parents] for field in fields(State)})


@dataclass(frozen=True, kw_only=True)
class _Priced:
    """What follows from prices alone, arrays (kinds, draws): the same until a price changes."""

    paid: np.ndarray
    """Price over list that buyers pay."""
    people: np.ndarray
    """People who would ever buy at it."""
    reneging_rate: np.ndarray


@dataclass(frozen=True, kw_only=True)
class PlayedWeeks:
    """What comes of some weeks in a row; phones are arrays (weeks, nodes, draws)."""

    state: State
    """At the end of the last of them."""
    sold: np.ndarray
    """Phones sold in each week."""
    made: np.ndarray
    """Phones made in each week."""


def play_life(tree: PolicyTree, market: Market) -> Iterator[PlayedWeeks]:
    """Play the nodes of a tree of policies through the life of the phone.

    Demand is a Bass diffusion among those whose willingness to pay exceeds the price; that is
    Pareto, so their number has a constant elasticity. Price acts through this number alone, hence
    unconstrained sales of the life have that elasticity. A lower price brings those who were priced
    out, a dearer version loses a part of those who have not come yet. Buyers who find nothing wait,
    and leave at a rate. The queue buys at the price of the week in which it is served, not of that
    in which people came. Those who have left are gone: no later price, stock or version brings them
    back. The price that the market bears erodes and interest fades. Phones are made to order up to
    what can be made. An S version sets both clocks back, and some owners come back for it (after
    Jiang and Jain 2012).

    Parameters
    ----------
    tree : PolicyTree
        From `grow_tree`.
    market : Market
        What the policies meet.

    Yields
    ------
    PlayedWeeks
        One week or several, in order, to the end of the life.
    """
    market = market.with_weeks_together()
    state = first_state(tree.weeks[0], market)
    week = 0
    while week < len(tree.weeks):
        step, end = tree.weeks[week], tree.next_change(week)
        priced = _at_prices(step, market)
        state = state.of_children(step.parents)
        played = None
        while week < end:
            # Twice as many as last time: little is lost where one of them turns out short.
            weeks = range(week, min(week + 2 * len(played.sold), end)) if played else ()
            played = _play_free_weeks(state, step, market, weeks, priced) or play_week(
                state, step, market, week, priced
            )
            yield played
            state = played.state
            week += len(played.sold)


def first_state(step: TreeWeek, market: Market) -> State:
    """Return the state at first sale: nobody owns one, the opening crowd waits."""
    shape = (step.nodes, market.draws)
    people = np.broadcast_to(market.people(step.price)[step.kind], shape)
    nothing = np.zeros(shape)
    return State(
        owners=nothing,
        waiting=people * market.initial_share,
        untouched=people * (1 - market.initial_share),
        stock=nothing + market.opening_stock,
        profit_usd=nothing - market.opening_stock * market.cost_usd[:, 0],
        revenue_usd=nothing,
        units=nothing,
        waited_weeks=nothing,
    )


def play_week(
    state: State, step: TreeWeek, market: Market, week: int, priced: _Priced | None = None
) -> PlayedWeeks:
    """Sell what a week releases and has in stock; `state` is that of its nodes as it starts."""
    priced = priced or _at_prices(step, market)
    interest = _interest(step, market, week)
    if step.is_repriced:
        state = replace(state, untouched=_reprice(state.untouched, step, market, week))
    if step.has_new_s_version:
        state = _bring_s_version(state, step, market, week)
    sale = advance_one_step(
        step.release * market.supply_units[:, week] + state.stock * (step.is_storing == 0),
        state.owners,
        state.waiting,
        state.untouched,
        (market.p * interest)[step.kind],
        (market.q * interest / priced.people)[step.kind],
        priced.reneging_rate[step.kind],
    )

    # Without a store what is sold is what was made; with one, stock is sold before more is made.
    produced, stock = sale.sold, state.stock
    if step.has_a_store or stock.any():
        can_make = market.supply_units[:, week]
        made_to_order = np.clip(sale.sold - stock, 0, can_make)
        produced = np.where(step.is_storing > 0, can_make, made_to_order)
        stock = stock + produced - sale.sold
    state = replace(
        state,
        owners=sale.owners,
        waiting=sale.waiting,
        untouched=sale.untouched,
        stock=stock,
        waited_weeks=state.waited_weeks + sale.waiting,
    )
    weeks = range(week, week + 1)
    return _count(state, sale.sold[None], produced[None], step, market, weeks, priced)


def _play_free_weeks(
    state: State, step: TreeWeek, market: Market, weeks: Sequence[int], priced: _Priced
) -> PlayedWeeks | None:
    """Play the first of some weeks in which no plan changes, as long as nothing runs short.

    p and q fade alike. So in a time that counts each week by the interest left in it, both are
    constant, and the Bass equation has one closed form for all of these weeks: of U untouched
    people, with h = p + q owners at the start, there buy by a time t

        U h (1 - e^-(h + qU)t) / (h + qU e^-(h + qU)t),

    what `advance_one_step` sells from week to week.

    Returns
    -------
    PlayedWeeks or None
        None where somebody waits already, or more is wanted in the first week than is on offer.
    """
    weeks = weeks[: max(FREE_WEEKS_A_BLOCK // state.owners.size, 1)]
    if not weeks or step.has_a_store or state.waiting.any():
        return None
    q_per_owner = (market.q / priced.people)[step.kind]
    hazard = market.p + q_per_owner * state.owners
    pull = q_per_owner * state.untouched
    time = _interest(step, market, np.reshape(weeks, (-1, 1, 1))).cumsum(axis=0)
    decay = np.exp(-(hazard + pull) * time[:, step.kind])
    bought = (state.untouched * hazard) * (1 - decay)
    decay *= pull
    decay += hazard + 1e-300
    bought /= decay
    sold = _steps(bought, np.zeros_like(state.owners))
    np.maximum(sold, 0, out=sold)  # rounding must not take any back

    produced = sold
    on_offer = step.release * market.supply_units.T[weeks[0] : weeks[-1] + 1, None]
    stock = np.broadcast_to(state.stock, bought.shape)
    if state.stock.any():  # it is sold before more is made
        stock = np.fmax(state.stock - bought, 0)
        produced = _steps(bought + stock, state.stock)
        on_offer = on_offer + np.concatenate([state.stock[None], stock[:-1]])

    is_short = (sold > on_offer).any(axis=(1, 2))
    free = int(is_short.argmax()) if is_short.any() else len(weeks)
    if free == 0:
        return None
    state = replace(
        state,
        owners=state.owners + bought[free - 1],
        untouched=state.untouched - bought[free - 1],
        stock=stock[free - 1],
    )
    return _count(state, sold[:free], produced[:free], step, market, weeks[:free], priced)


# ---- parts of a week ----


def _at_prices(step: TreeWeek, market: Market) -> _Priced:
    """Return what follows from the prices of a week."""
    paid = step.price * np.where(step.s_version_since > 0, market.s_price, 1)
    return _Priced(
        paid=paid,
        people=market.people(paid),
        reneging_rate=market.reneging_rate * paid**market.leave_price,
    )


def _interest(step: TreeWeek, market: Market, week: int | np.ndarray) -> np.ndarray:
    """Return the share of interest that is left, for each kind of product (kinds, draws).

    The price that the market bears erodes and interest fades, both with the age of the product; an
    S version takes back a part of that age. For weeks of the shape (weeks, 1, 1) they come first in
    the result.
    """
    age = week - market.s_reset * step.s_version_since
    return np.exp(-market.decay_of_interest * age)


def _reprice(untouched: np.ndarray, step: TreeWeek, market: Market, week: int) -> np.ndarray:
    """Let in those whom a lower price no longer keeps out, or lose those whom a dearer one does."""
    was_s_version = (step.s_version_since > 0) & (step.s_version_since < week)
    paid_before = step.price_before * np.where(was_s_version, market.s_price, 1)
    paid = step.price * np.where(step.s_version_since > 0, market.s_price, 1)
    change = (market.people(paid) - market.people(paid_before))[step.kind]
    share_left = ((paid / paid_before) ** -market.elasticity)[step.kind]
    return np.where(change >= 0, untouched + change, untouched * share_left)


def _bring_s_version(state: State, step: TreeWeek, market: Market, week: int) -> State:
    """Launch the S version where its week has come: it costs, and some owners come back for it."""
    come_back = step.s_version_starts * market.upgrade * state.owners
    fixed_usd = step.s_version_starts * np.exp(-market.discount * week) * market.s_fixed_usd
    return replace(
        state,
        owners=state.owners - come_back,
        untouched=state.untouched + come_back,
        profit_usd=state.profit_usd - fixed_usd,
    )


def _count(
    state: State,
    sold: np.ndarray,
    produced: np.ndarray,
    step: TreeWeek,
    market: Market,
    weeks: Sequence[int],
    priced: _Priced,
) -> PlayedWeeks:
    """Count phones and money of some weeks; `state` has people and stock of their end already.

    Money is discounted to first sale, and computed once for each kind of product on sale.
    """
    weeks = slice(weeks[0], weeks[-1] + 1)
    discount = np.exp(-market.discount * np.arange(weeks.start, weeks.stop)[:, None])
    cost_ratio = np.where(step.s_version_since > 0, market.s_cost, 1)
    net_per_unit_usd, made_for_usd = market.net_usd[:, weeks].T, market.cost_usd[:, weeks].T
    revenue_per_unit_usd = discount[:, None] * priced.paid * net_per_unit_usd[:, None]
    cost_per_unit_usd = discount[:, None] * cost_ratio * made_for_usd[:, None]
    revenue_usd = _sum_over_weeks(revenue_per_unit_usd[:, step.kind], sold)
    cost_usd = _sum_over_weeks(cost_per_unit_usd[:, step.kind], produced)
    state = replace(
        state,
        profit_usd=state.profit_usd + (revenue_usd - cost_usd),
        revenue_usd=state.revenue_usd + revenue_usd,
        units=state.units + sold.sum(axis=0),
    )
    return PlayedWeeks(state=state, sold=sold, made=produced)


def _steps(sums: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return what each week adds to sums over weeks (weeks, nodes, draws); faster than np.diff."""
    steps = np.empty_like(sums)
    np.subtract(sums[0], before, out=steps[0])
    np.subtract(sums[1:], sums[:-1], out=steps[1:])
    return steps


def _sum_over_weeks(usd_per_unit: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Return the sum of products over weeks, without an array of the products."""
    return np.einsum("wnd,wnd->nd", usd_per_unit, units)
