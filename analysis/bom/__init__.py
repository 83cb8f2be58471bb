"""Cost of the parts of a phone (BOM): how fast it falls, of which parts, and where it goes.

`pairs` holds the rule for a clean pair of costings, `decline` pools their rates, `components` and
`price_shares` read teardowns of new phones, `forecast` draws the path of a BOM, `cost_laws` fits
Moore's and Wright's laws. What a unit earns with such a BOM is the room of margins.
"""

from .components import bom_parts, component_rates, fit_trend, yearly_runs
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
from .decline import DeclineRate, compare_pair_sets, forest, pool_decline
from .decline_evidence import NEWS, gather_evidence
from .decline_priors import PRIORS, Prior, Priors
from .forecast import forecast_bom
from .hierarchy import Decline, error_structure, fit_decline, fit_evidence, model_matrix
from .mixture import Interval, NormalMixture
from .pairs import (
    FIRST_RULE,
    PAIR_SETS,
    CostingNoise,
    PairRule,
    costing_noise,
    rule_of_class,
    select_clean_pairs,
    without_own_life,
)
from .price_shares import price_shares, summarise_shares, value_in_force
from .study import CostStudy, study_costs

__all__ = [
    "PRIORS",
    "NEWS",
    "gather_evidence",
    "Prior",
    "Priors",
    "Decline",
    "error_structure",
    "fit_decline",
    "fit_evidence",
    "model_matrix",
    "Interval",
    "NormalMixture",
    "COST_LAWS",
    "FIRST_RULE",
    "PAIR_SETS",
    "THETA",
    "CostLaw",
    "CostStudy",
    "CostingNoise",
    "DeclineRate",
    "MooreOrWright",
    "PairRule",
    "bom_parts",
    "check_costs",
    "compare_moore_wright",
    "compare_pair_sets",
    "component_rates",
    "costing_noise",
    "fit_cost_law",
    "fit_trend",
    "forecast_bom",
    "forest",
    "hindcast",
    "pool_decline",
    "price_shares",
    "rule_of_class",
    "score_hindcast",
    "select_clean_pairs",
    "study_costs",
    "summarise_shares",
    "value_in_force",
    "without_own_life",
    "yearly_runs",
]
