"""Release plans of a launch: what each earns over its life, the best of many, and why it was short.

Models: `market` (what a plan meets), `policies` (what a plan does), `tree`, `life` and `simulate`
(what comes of it), `clearing` (the price at which buyers and supply meet), `anchors` (what is known
of the market), `pace` (people come as fast as was counted), `choose` (the best of many),
`sensitivity` (what moves its gain), `delay` (making fewer at first), `verdict` (why it was short),
`body` (a ceramic body), `firm` (days and marketing of the firm behind a launch), `fitting` (the
market of a launch), `levers` (what else there is to gain), `scheduler` (a search on many machines).
`study` has the page.
"""

from .anchors import Anchors, find_anchors, observed_prices, resample, shipped_over_life
from .body import BodyComparison, compare_bodies
from .choose import (
    BEST_AT_LIST_PRICE,
    BEST_OF_ALL,
    RECOMMENDED,
    PlanChoice,
    best_policy,
    choose_plan,
    search_plans,
)
from .clearing import (
    clearing_by_week,
    clearing_price,
    clearing_prices,
    life_clearing_price,
    life_clearing_prices,
)
from .delay import Delay, compare_delays, play_delay
from .fitting import LaunchMarket, fit_market
from .market import RAMP, Market, draw_elasticity, draw_items, launch_market, supply_ramp
from .policies import (
    CHOICES,
    DO_NOT_SELL,
    NEVER,
    RIVALS,
    SELL_AS_MADE,
    ReleasePolicy,
    actual_policy,
    make_policies,
    policy_table,
)
from .scheduler import SCHEDULER, cluster_of_environment, run_in_order
from .sensitivity import (
    find_swings,
    gain_by_elasticity,
    turning_elasticity,
    weighted_quantiles,
)
from .simulate import MEASURES, Outcomes, evaluate, outcomes_by_draw, sales_by_week
from .study import ReleaseStudy, study_launch
from .verdict import (
    Ceiling,
    Hype,
    Verdict,
    find_short_weeks,
    judge_shortage,
    weigh_hype,
    worth_of_more_supply,
)

__all__ = [
    "BEST_AT_LIST_PRICE",
    "BEST_OF_ALL",
    "CHOICES",
    "DO_NOT_SELL",
    "MEASURES",
    "NEVER",
    "RAMP",
    "RECOMMENDED",
    "RIVALS",
    "SCHEDULER",
    "SELL_AS_MADE",
    "Anchors",
    "BodyComparison",
    "Ceiling",
    "Delay",
    "Hype",
    "LaunchMarket",
    "Market",
    "Outcomes",
    "PlanChoice",
    "ReleasePolicy",
    "ReleaseStudy",
    "Verdict",
    "actual_policy",
    "best_policy",
    "choose_plan",
    "clearing_by_week",
    "clearing_price",
    "clearing_prices",
    "cluster_of_environment",
    "compare_bodies",
    "compare_delays",
    "draw_elasticity",
    "draw_items",
    "evaluate",
    "find_anchors",
    "find_short_weeks",
    "find_swings",
    "fit_market",
    "gain_by_elasticity",
    "judge_shortage",
    "launch_market",
    "life_clearing_price",
    "life_clearing_prices",
    "make_policies",
    "observed_prices",
    "outcomes_by_draw",
    "play_delay",
    "policy_table",
    "resample",
    "run_in_order",
    "sales_by_week",
    "search_plans",
    "shipped_over_life",
    "study_launch",
    "supply_ramp",
    "turning_elasticity",
    "weigh_hype",
    "weighted_quantiles",
    "worth_of_more_supply",
]


def __dir__() -> list[str]:
    """List what a notebook or a user may call: what Tab shows."""
    return __all__
