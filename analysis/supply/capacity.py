"""Old address of this room's models, until every room uses the new ones."""

from ..data.uncertainty import Z_90 as TENTH
from .beliefs import supply_priors

__all__ = ["TENTH", "supply_priors"]
