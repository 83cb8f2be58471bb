"""Bass curves against scipy's curve_fit, and the seconds of a launch's posterior."""

import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
from bass_rivals import fit_one_by_one, noisy_series
from ratios import Check, Line, Ratio, seconds_of

from analysis.demand import fit_bass, fit_launch, fit_prior, milestone_sequences

SERIES = 100
MOST_WORSE = 1e-6  # relative, of the least sum of squares
LAUNCHES = 20
MOST_LAUNCH_S = 0.5
LEAST_EFFECTIVE = 400


def bench_bass() -> Iterator[Line]:
    """Fit series one by one, in turns with curve_fit from the same starts in the same bounds."""
    ours = []
    rival = []
    our_s = rival_s = 0.0
    with warnings.catch_warnings(action="ignore"):
        for sales in noisy_series(SERIES, 1):
            our_s += seconds_of(lambda sales=sales: ours.append(fit_bass(sales).rss))
            rival_s += seconds_of(lambda sales=sales: rival.append(fit_one_by_one(sales)))
    yield Ratio(
        name=f"{SERIES} Bass series against curve_fit, one by one",
        rival_s=rival_s,
        our_s=our_s,
        least=0.8,
    )

    rival_rss = np.array(rival)
    rival_ended = np.isfinite(rival_rss)
    worse = (np.array(ours)[rival_ended] / rival_rss[rival_ended] - 1).max()
    text = f"least squares at most {worse:.1e} worse, {MOST_WORSE:g} allowed"
    gave_up = f"curve_fit gave up on {np.sum(~rival_ended)} series"
    yield Check(f"{text}; {gave_up}", bool(worse <= MOST_WORSE))


def bench_launch() -> Iterator[Line]:
    """Fit a launch of 16 weeks that supply holds back in the first ten, with twenty seeds."""
    prior = fit_prior(milestone_sequences())
    weeks = np.arange(4.0, 17.0, 4.0)
    counts = pd.DataFrame({"week": weeks, "units": 2e5 * weeks})
    sold_out = np.repeat([1.0, 0.0], [10, 6])
    supply_units = np.full(16, 2.2e5)

    seconds = []
    effective = []

    def fit(seed: int) -> None:
        """Fit the launch once, and note its effective draws."""
        forecast = fit_launch(supply_units, prior, counts=counts, sold_out=sold_out, seed=seed)
        effective.append(forecast.effective_draws)

    for seed in range(LAUNCHES):
        seconds.append(seconds_of(lambda seed=seed: fit(seed)))
    middle = np.median(seconds)
    text = (
        f"launch posterior, 16 weeks: {middle:.3f} s, slowest of {LAUNCHES} {max(seconds):.3f} s, "
        f"{min(effective):.0f} effective draws at least; "
        f"below {MOST_LAUNCH_S:g} s and {LEAST_EFFECTIVE} asked"
    )
    yield Check(text, bool(middle < MOST_LAUNCH_S and min(effective) >= LEAST_EFFECTIVE))
