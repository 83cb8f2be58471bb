"""Old names, until every room uses the new ones: `order_rates` has moved to its own module."""

from .order_rates import order_rates

__all__ = ["order_rates"]
