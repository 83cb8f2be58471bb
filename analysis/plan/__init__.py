"""Release plans of a launch: what each earns over its life, the best of many, and why it was short.

Models: `market` (what a plan meets), `policies` (what a plan does), `tree`, `life` and `simulate`
(what comes of it), `clearing` (the price at which buyers and supply meet), `anchors` (what is known
of the market), `pace` (people come as fast as was counted), `choose` (the best of many),
`sensitivity` (what moves its gain), `delay` (making fewer at first), `verdict` (why it was short),
`body` (a ceramic body), `firm` (days and marketing of the firm behind a launch), `fitting` (the
market of a launch), `levers` (what else there is to gain). `study` has the page.
"""

from .choose import PlanChoice, choose_plan, search_plans
from .clearing import clearing_price
from .fitting import LaunchMarket, fit_market
from .market import Market
from .policies import (
    NEVER,
    RIVALS,
    SELL_AS_MADE,
    ReleasePolicy,
    actual_policy,
    make_policies,
    policy_table,
)
from .simulate import MEASURES, evaluate, outcomes_by_draw, sales_by_week
from .study import ReleaseStudy, study_launch

__all__ = [
    "MEASURES",
    "NEVER",
    "RIVALS",
    "SELL_AS_MADE",
    "LaunchMarket",
    "Market",
    "PlanChoice",
    "ReleasePolicy",
    "ReleaseStudy",
    "actual_policy",
    "choose_plan",
    "clearing_price",
    "evaluate",
    "fit_market",
    "make_policies",
    "outcomes_by_draw",
    "policy_table",
    "sales_by_week",
    "search_plans",
    "study_launch",
]


def __dir__() -> list[str]:
    """List what a notebook or a user may call: what Tab shows."""
    return __all__
