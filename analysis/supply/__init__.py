"""What held a launch's supply back: reports, targets, parts, beliefs, ceiling or choice, why."""

from .beliefs import SupplyBelief, draw_drops, list_beliefs, supply_priors
from .choice import Withholding, judge_choice, withholding_posterior
from .forecasts import SupplyStudy, study_supply
from .parts import (
    Output,
    YieldGrowth,
    draw_output,
    fit_yields,
    later_makers,
    second_source,
)
from .reports import Ramp, fit_ramp, monthly_rates
from .study import LaunchStudy, study_launch
from .study_shortage import Shortage, describe_cause, explain_shortage
from .targets import draw_target_ratio, target_hits

__all__ = [
    "LaunchStudy",
    "Output",
    "Ramp",
    "Shortage",
    "SupplyBelief",
    "SupplyStudy",
    "Withholding",
    "YieldGrowth",
    "describe_cause",
    "draw_drops",
    "draw_output",
    "draw_target_ratio",
    "explain_shortage",
    "fit_ramp",
    "fit_yields",
    "judge_choice",
    "later_makers",
    "list_beliefs",
    "monthly_rates",
    "second_source",
    "study_launch",
    "study_supply",
    "supply_priors",
    "target_hits",
    "withholding_posterior",
]
