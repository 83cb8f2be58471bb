"""Demand: how sales would spread, and what a launch under limited supply will have sold.

`bass` textbook curve; `launch_model` the launch that supply may hold back; `milestones`, `prior`
and `reference_class` what comparable launches say before any data; `counts`, `known`, `posterior`
and `fit` what a launch's own data say under one supply; `reports`, `targets`, `parts`, `lots`,
`drift` and `beliefs` what one may believe of its supply; `ceilings` what can have been sold at
most; `forecast` all of it in one; `sampler` draws from posteriors; `long_run` a
brand's sales years ahead; `rivals` plain methods that forecasts are averaged with; `study` what a
notebook shows.

A forecast of sales needs supply, so what one may believe of supply stands here; what held supply
back is the business of room `supply`.
"""

from .bass import BassFit, bass_share, fit_bass, fit_bass_series
from .beliefs import SupplyBelief, SupplyRecord, list_beliefs
from .comparable import family_of, line_of_class, prior_of_class
from .counts import check_counts, counts_of_sales, launch_counts, longest_counts, thin_counts
from .drift import draw_drift
from .fit import LaunchFit, fit_launch
from .forecast import LaunchForecast, compare_with, forecast_launch, weeks_until
from .known import KnownSales, known_sales
from .launch_model import (
    LaunchPaths,
    LaunchStep,
    advance_one_step,
    simulate_launch,
    sold_at,
    wait_weeks,
)
from .long_run import forecast_long
from .lots import LotRecord, draw_lots, lot_record
from .milestones import milestone_sequences
from .parts import (
    Output,
    YieldGrowth,
    draw_output,
    fit_yields,
    later_makers,
    second_source,
)
from .posterior import SupplyLaw
from .prior import LaunchPrior, fit_prior
from .reference_class import (
    ReferenceClass,
    ReferencePaths,
    draw_reference_paths,
    fit_reference_class,
)
from .reports import Ramp, fit_ramp, monthly_rates, select_measured
from .rivals import average_forecasts, average_with_last_rate, damped_trend, last_rate
from .sampler import PosteriorSample, sample_posterior
from .study import TextbookForecast, study_textbook_curve
from .targets import draw_target_ratio, target_hits

__all__ = [
    "BassFit",
    "KnownSales",
    "LaunchFit",
    "LaunchForecast",
    "LaunchPaths",
    "LaunchPrior",
    "LaunchStep",
    "LotRecord",
    "Output",
    "PosteriorSample",
    "Ramp",
    "ReferenceClass",
    "ReferencePaths",
    "SupplyBelief",
    "SupplyLaw",
    "SupplyRecord",
    "TextbookForecast",
    "YieldGrowth",
    "advance_one_step",
    "average_forecasts",
    "average_with_last_rate",
    "bass_share",
    "check_counts",
    "compare_with",
    "counts_of_sales",
    "damped_trend",
    "draw_drift",
    "draw_lots",
    "draw_output",
    "draw_reference_paths",
    "draw_target_ratio",
    "family_of",
    "fit_bass",
    "fit_bass_series",
    "fit_launch",
    "fit_prior",
    "fit_ramp",
    "fit_reference_class",
    "fit_yields",
    "forecast_launch",
    "forecast_long",
    "known_sales",
    "last_rate",
    "later_makers",
    "launch_counts",
    "line_of_class",
    "list_beliefs",
    "longest_counts",
    "lot_record",
    "milestone_sequences",
    "monthly_rates",
    "prior_of_class",
    "sample_posterior",
    "second_source",
    "select_measured",
    "simulate_launch",
    "sold_at",
    "study_textbook_curve",
    "target_hits",
    "thin_counts",
    "wait_weeks",
    "weeks_until",
]


def __dir__() -> list[str]:
    """List what a notebook or a user may call: what Tab shows."""
    return __all__
