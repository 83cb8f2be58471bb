"""What held a launch's supply back: reports, parts, one forecast, ceiling or choice, why."""

from ..demand import (
    Output,
    Ramp,
    SupplyBelief,
    YieldGrowth,
    draw_output,
    draw_target_ratio,
    fit_ramp,
    fit_yields,
    later_makers,
    list_beliefs,
    monthly_rates,
    second_source,
    target_hits,
)
from .choice import Withholding, judge_choice, withholding_posterior
from .outlook import Outlook, look_ahead
from .study import LaunchStudy, study_launch
from .study_shortage import Shortage, describe_cause, explain_shortage

__all__ = [
    "LaunchStudy",
    "Outlook",
    "Output",
    "Ramp",
    "Shortage",
    "SupplyBelief",
    "Withholding",
    "YieldGrowth",
    "describe_cause",
    "draw_output",
    "draw_target_ratio",
    "explain_shortage",
    "fit_ramp",
    "fit_yields",
    "judge_choice",
    "later_makers",
    "list_beliefs",
    "look_ahead",
    "monthly_rates",
    "second_source",
    "study_launch",
    "target_hits",
    "withholding_posterior",
]


def __dir__() -> list[str]:
    """List what a notebook or a user may call: what Tab shows."""
    return __all__
