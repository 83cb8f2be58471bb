"""Words and charts of the supply page (to come)."""

from .forecasts import study_supply

__all__ = ["study_supply"]
