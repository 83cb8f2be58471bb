"""What the page of a launch with an order log says first: answer, facts, trust, decision.

The order of things is what can be known best: orders by twice the time, then all who wanted one,
or that we cannot tell. Sections on the log are in `study_log`; the models are other modules.
"""

from __future__ import annotations

from ..look import Facts, FirstScreen, Trust, day, exact, number, percent, plural, span
from .order_study import OrderStudy
from .study_log import OrderLogPage, three_digits
from .words import LEVEL, duration

LONGEST_TITLE = 70  # characters of a page's title


def first_screen(log: OrderLogPage) -> FirstScreen:
    """Answer how many wanted one: orders by twice the time first, then people in all."""
    name, orders = log.name, log.orders
    question = _question(log)
    if orders.is_queue:
        return FirstScreen(
            question,
            f"We cannot tell how many wanted the {name}: its order log shows the pace of the shop, "
            "not of its buyers.",
            _join(
                f"Orders came at an even {number(orders.laws.stream_end.rate_per_s, 2)} a second "
                "to the end; how many stood in line is not in the log.",
                _truth(orders),
            ),
        )
    by_twice = (
        f"With more stock, about {three_digits(log.twice['estimate'])} {orders.counted} would "
        "have come in twice the time."
    )
    if orders.cannot_tell:
        return FirstScreen(
            question,
            f"{by_twice} We cannot tell how many wanted one in all.",
            _join(f"{_why_not(orders)} Keep the next sale open longer.", _truth(orders)),
        )
    in_all = span(orders.low, orders.high, write=three_digits)
    return FirstScreen(
        question,
        f"{by_twice} In all {in_all} people wanted one ({percent(orders.level)} range).",
        _join(
            "Plan on the first number. The second depends on when the last of them would have "
            "come, which no log can show.",
            _truth(orders),
        ),
    )


def _question(log: OrderLogPage) -> str:
    """Ask how many wanted one, with the day of the sale where it is known and has room."""
    plain = f"How many people wanted the {log.name}"
    if log.date is None:
        return f"{plain}?"
    dated = f"{plain} on {day(log.date)}?"
    return dated if len(dated) <= LONGEST_TITLE else f"{plain}?"


def facts(log: OrderLogPage) -> Facts:
    """Orders and their time, what twice the time would have brought, and people in all."""
    orders = log.orders
    cancelled = orders.placed - orders.orders
    gone = f", {exact(cancelled)} of them cancelled" if cancelled else ""
    seen = (exact(orders.placed), f"orders in {duration(orders.laws.closed_s)}{gone}")
    more = span(log.twice["low"], log.twice["high"], write=three_digits)
    by_twice = (
        three_digits(log.twice["estimate"]),
        f"{orders.counted} by {duration(log.twice['t_s'])} with more stock ({more}, "
        f"{percent(LEVEL)} range)",
    )
    if orders.cannot_tell:
        rate = "orders a second, which is all that the clock says"
        return Facts(seen, by_twice, (number(orders.orders_per_s, 2), rate))
    in_all = span(orders.low, orders.high, write=three_digits)
    return Facts(
        seen, by_twice, (in_all, f"people wanted one in all ({percent(orders.level)} range)")
    )


def trust(log: OrderLogPage) -> Trust:
    """Say how far the answer can be trusted, and what would settle it."""
    orders = log.orders
    patterns = plural(len(orders.laws.weights), "pattern")
    settle = (
        f"Orders and requests for the {log.name} after the stock was gone, counted by the shop."
    )
    if orders.after_stock is not None:
        settle = f"Requests for the {log.name} counted until nobody came any more."
    if orders.simulated_people:
        settle = (
            f"Nothing has to: the log is simulated, and {exact(orders.simulated_people)} people "
            f"stand behind it. For a product that is sold, requests after the stock is gone would."
        )
    if orders.is_queue:
        return Trust(
            "none",
            "A shop that lets in so many a second leaves the same log whether a few or a crowd "
            "wait in line.",
            settle,
        )
    if orders.cannot_tell:
        return Trust(
            "low", f"{_why_not(orders)} The orders by twice the time rest on less.", settle
        )
    if orders.after_stock is not None:
        return Trust(
            "fair",
            "With requests counted after the stock was gone, only those who came after the last of "
            f"them rest on our {patterns} of arrival.",
            settle,
        )
    return Trust(
        "fair",
        f"The {percent(orders.level)} range is wide because it has room for crowds that follow "
        f"none of our {patterns} of arrival. A second wave after the stock was gone is in no log.",
        settle,
    )


def decision(log: OrderLogPage) -> str:
    """Size the next lot by what twice the time would have brought."""
    orders = log.orders
    if orders.is_queue:
        return (
            f"We would not size the next lot of the {log.name} by this log. We would count those "
            "who wait in line next time, and the requests after the stock is gone."
        )
    more = span(
        orders.units_an_arrival * (log.twice["low"] - orders.arrived),
        orders.units_an_arrival * (log.twice["high"] - orders.arrived),
        2,
    )
    plan = (
        f"We would make {more} more of the {log.name} for a next sale open for "
        f"{duration(log.twice['t_s'])}, twice as long, if each earns its cost."
    )
    if orders.cannot_tell:
        return (
            f"{plan} We would not go further on this log, which sets no total, and count the "
            "requests after the stock is gone."
        )
    if orders.after_stock is not None:
        return (
            f"{plan} Before making more than that of the {log.name}, we would count requests until "
            "nobody comes any more."
        )
    return (
        f"{plan} Before making more than that of the {log.name}, we would count the requests after "
        "the stock is gone."
    )


def _why_not(orders: OrderStudy) -> str:
    """Say why the log sets no total."""
    if orders.laws.stream_end.flat:
        return "Orders had hardly thinned out when the stock was gone, so nobody can see their end."
    return "The last orders came so slowly that their end may be near or far."


def _truth(orders: OrderStudy) -> str:
    """Say the truth of a simulated log; nothing of a real one."""
    if not orders.simulated_people:
        return ""
    return f"This log was simulated from {exact(orders.simulated_people)} people."


def _join(*sentences: str) -> str:
    """Put sentences after one another, empty ones left out."""
    return " ".join(sentence for sentence in sentences if sentence)
