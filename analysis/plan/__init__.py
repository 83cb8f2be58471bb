"""Release plans of a launch: what each earns over its life, the best of many, and why it was short.

Models: `market` (what a plan meets), `policies` (what a plan does), `tree` and `simulate` (what
comes of it), `choose` (the best of many), `verdict` (why it was short), `body` (a ceramic body).
"""

from .body import BodyComparison, compare_bodies
from .choose import (
    BEST_AT_LIST_PRICE,
    RECOMMENDED,
    PlanChoice,
    best_policy,
    choose_plan,
    find_swings,
)
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
from .simulate import MEASURES, SCHEDULER, Outcomes, evaluate, outcomes_by_draw
from .verdict import Finding, Verdict, WaitingPlayedOut, play_waiting, weigh_explanations

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
    "Finding",
    "Market",
    "Outcomes",
    "PlanChoice",
    "ReleasePolicy",
    "Verdict",
    "WaitingPlayedOut",
    "actual_policy",
    "best_policy",
    "choose_plan",
    "compare_bodies",
    "draw_items",
    "evaluate",
    "find_swings",
    "launch_market",
    "make_policies",
    "outcomes_by_draw",
    "play_waiting",
    "policy_table",
    "supply_ramp",
    "weigh_explanations",
]
