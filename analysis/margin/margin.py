"""Old names of this room, until every room uses the new ones."""

from ..data.uncertainty import Z_90 as TENTH
from ..data.uncertainty import draw_split_normal as draw_figure
from ..data.uncertainty import interval as ends
from . import (
    DAYS_A_MONTH,
    REPORTED,
    MarginPath,
    bridge_margin,
    cash_by_week,
    locate_points,
    margin_path,
    newsvendor,
    two_order_cost,
    two_orders,
)

__all__ = [
    "DAYS_A_MONTH",
    "REPORTED",
    "TENTH",
    "MarginPath",
    "bridge_margin",
    "cash_by_week",
    "draw_figure",
    "ends",
    "locate_points",
    "margin_path",
    "newsvendor",
    "two_order_cost",
    "two_orders",
]
