"""Release plans of a launch: what each earns over its life, the best of many, and why it was short.

Models: `market` (what a plan meets), `policies` (what a plan does), `tree` and `simulate` (what
comes of it), `choose` (the best of many), `delay` (making fewer at first), `verdict` (why it was
short), `body` (a ceramic body), `fitting` (the market of a launch). `study` has the page.
"""

from .body import BodyComparison, compare_bodies
from .choose import (
    BEST_AT_LIST_PRICE,
    RECOMMENDED,
    PlanChoice,
    best_policy,
    choose_plan,
    find_swings,
    turning_elasticity,
)
from .delay import Delay, compare_delays, play_delay
from .fitting import LaunchMarket, fit_market
from .market import RAMP, Market, draw_items, launch_market, supply_ramp
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
from .simulate import MEASURES, SCHEDULER, Outcomes, evaluate, outcomes_by_draw, sales_by_week
from .study import ReleaseStudy, study_launch
from .verdict import Ceiling, Hype, Verdict, judge_shortage, weigh_hype, worth_of_more_supply

__all__ = [
    "BEST_AT_LIST_PRICE",
    "CHOICES",
    "DO_NOT_SELL",
    "MEASURES",
    "NEVER",
    "RAMP",
    "RECOMMENDED",
    "RIVALS",
    "SCHEDULER",
    "SELL_AS_MADE",
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
    "compare_bodies",
    "compare_delays",
    "draw_items",
    "evaluate",
    "find_swings",
    "fit_market",
    "judge_shortage",
    "launch_market",
    "make_policies",
    "outcomes_by_draw",
    "play_delay",
    "policy_table",
    "sales_by_week",
    "study_launch",
    "supply_ramp",
    "turning_elasticity",
    "weigh_hype",
    "worth_of_more_supply",
]
