"""What a unit earns over the life of a phone, how many to order, and when the money moves.

`items` lists the costs, `path` draws the unit margin by month, `bridge` takes it to the margin that
the books report, `points` places it in the falling-BOM model; `orders` and `cash` serve the room of
plans.
"""

from .body import CeramicBody, ceramic_body, is_held_by_its_body
from .bridge import REPORTED, bridge_margin, guess_beats_books, reported_margins, swing_of_inputs
from .cash import cash_by_week
from .orders import Order, TwoOrders, newsvendor, two_order_cost, two_orders
from .path import MarginPath, margin_path, price_calendar
from .points import locate_points, price_events
from .study import MarginStudy, study_launch

__all__ = [
    "REPORTED",
    "CeramicBody",
    "MarginPath",
    "MarginStudy",
    "Order",
    "TwoOrders",
    "bridge_margin",
    "cash_by_week",
    "ceramic_body",
    "guess_beats_books",
    "is_held_by_its_body",
    "locate_points",
    "margin_path",
    "newsvendor",
    "price_calendar",
    "price_events",
    "reported_margins",
    "study_launch",
    "swing_of_inputs",
    "two_order_cost",
    "two_orders",
]


def __dir__() -> list[str]:
    """List what a notebook or a user may call: what Tab shows."""
    return __all__
