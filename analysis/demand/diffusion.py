"""Old names of parts of `bass`, `sampler` and `long_run`, until every room uses the new ones."""

from ..data import interval as ends
from .bass import LATE_STARTS as LATE
from .bass import P_BOUNDS, Q_BOUNDS, STARTS, BassFit, bass_share, fit_bass, fit_bass_series
from .checks import check_numbers
from .long_run import LONG_RUN_PRIORS as LONG
from .long_run import forecast_long
from .sampler import sample_posterior as draw_posterior

__all__ = [
    "LATE",
    "LONG",
    "P_BOUNDS",
    "Q_BOUNDS",
    "STARTS",
    "BassFit",
    "bass_share",
    "check_numbers",
    "ends",
    "fit_bass",
    "fit_bass_series",
    "forecast_long",
    "sample_posterior",
]


def sample_posterior(loglik, dims: int, **settings):
    """Return `sampler.sample_posterior` as draws and effective draws."""
    sample = draw_posterior(loglik, dims, **settings)
    return sample.normals, sample.effective_draws
