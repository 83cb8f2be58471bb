"""Demand: how sales would spread, and what a launch under limited supply says of them.

`bass` textbook curve; `launch_model` the launch that supply may hold back; `milestones` and `prior`
what comparable launches say before any data; `counts`, `posterior` and `forecast` what a launch's
own data say; `sampler` draws from posteriors; `long_run` a brand's sales years ahead; `study` what
a notebook shows.
"""

from .bass import BassFit, bass_share, fit_bass, fit_bass_series
from .counts import check_counts, launch_counts, longest_counts, thin_counts
from .forecast import LaunchForecast, fit_launch
from .launch_model import (
    LaunchPaths,
    LaunchStep,
    advance_one_step,
    simulate_launch,
    sold_at,
    wait_weeks,
)
from .long_run import forecast_long
from .milestones import milestone_sequences
from .prior import LaunchPrior, fit_prior
from .sampler import PosteriorSample, sample_posterior
from .study import TextbookForecast, study_textbook_curve

__all__ = [
    "BassFit",
    "LaunchForecast",
    "LaunchPaths",
    "LaunchPrior",
    "LaunchStep",
    "PosteriorSample",
    "TextbookForecast",
    "advance_one_step",
    "bass_share",
    "check_counts",
    "fit_bass",
    "fit_bass_series",
    "fit_launch",
    "fit_prior",
    "forecast_long",
    "launch_counts",
    "longest_counts",
    "milestone_sequences",
    "sample_posterior",
    "simulate_launch",
    "sold_at",
    "study_textbook_curve",
    "thin_counts",
    "wait_weeks",
]
