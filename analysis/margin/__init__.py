"""Room margin."""

from .margin import (
    DAYS_A_MONTH,
    NODES,
    QUANTILES,
    REPORTED,
    WEIGHTS,
    MarginPath,
    bridge_margin,
    cash_by_week,
    draw_figure,
    first_orders,
    locate_points,
    margin_path,
    newsvendor,
    two_order_cost,
    two_orders,
)

__all__ = [
    "DAYS_A_MONTH",
    "NODES",
    "QUANTILES",
    "REPORTED",
    "WEIGHTS",
    "MarginPath",
    "bridge_margin",
    "cash_by_week",
    "draw_figure",
    "first_orders",
    "locate_points",
    "margin_path",
    "newsvendor",
    "two_order_cost",
    "two_orders",
]
