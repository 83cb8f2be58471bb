"""Cost of the parts of a phone (BOM): how fast it falls, of which parts, and where it goes.

`hierarchy` fits the yearly rate of one product to the evidence that `decline_evidence` gathers,
under the assumptions of `decline_priors`; `decline_checks` holds it against what was left out.
`pairs` holds the rule for a clean pair of costings and `decline` pools clean pairs alone, the plain
rival. `components` and `price_shares` read teardowns of new phones, `forecast` draws the path of a
BOM, `cost_laws` fits Moore's and Wright's laws. What a unit earns with such a BOM is the room of
margins.
"""

from .components import component_rates, fit_trend, part_shares, yearly_runs
from .cost_laws import (
    COST_LAWS,
    THETA,
    CostLaw,
    MooreOrWright,
    check_costs,
    compare_moore_wright,
    fit_cost_law,
    hindcast,
    score_hindcast,
)
from .decline import DeclineRate, compare_pair_sets, pool_decline
from .decline_checks import (
    leave_one_out,
    rate_by_publication,
    rate_by_source,
    score_left_out,
    sensitivity,
)
from .decline_evidence import NEWS, gather_evidence
from .decline_model import error_structure, model_matrix
from .decline_priors import PRIORS, SPREADS, Prior, Priors
from .forecast import forecast_bom
from .hierarchy import Decline, fit_decline, fit_evidence
from .mixture import Interval, NormalMixture
from .pairs import (
    FIRST_RULE,
    PAIR_SETS,
    CostingNoise,
    PairRule,
    costing_noise,
    select_clean_pairs,
    without_own_life,
)
from .price_shares import price_shares, summarise_shares, value_in_force
from .study import CostStudy, study_costs
from .study_decline import CostDecline

__all__ = [
    "COST_LAWS",
    "FIRST_RULE",
    "NEWS",
    "PAIR_SETS",
    "PRIORS",
    "SPREADS",
    "THETA",
    "CostDecline",
    "CostLaw",
    "CostStudy",
    "CostingNoise",
    "Decline",
    "DeclineRate",
    "Interval",
    "MooreOrWright",
    "NormalMixture",
    "PairRule",
    "Prior",
    "Priors",
    "check_costs",
    "compare_moore_wright",
    "compare_pair_sets",
    "component_rates",
    "costing_noise",
    "error_structure",
    "fit_cost_law",
    "fit_decline",
    "fit_evidence",
    "fit_trend",
    "forecast_bom",
    "gather_evidence",
    "hindcast",
    "leave_one_out",
    "model_matrix",
    "part_shares",
    "pool_decline",
    "price_shares",
    "rate_by_publication",
    "rate_by_source",
    "score_hindcast",
    "score_left_out",
    "select_clean_pairs",
    "sensitivity",
    "study_costs",
    "summarise_shares",
    "value_in_force",
    "without_own_life",
    "yearly_runs",
]


def __dir__() -> list[str]:
    """List what a notebook or a user may call: what Tab shows."""
    return __all__
