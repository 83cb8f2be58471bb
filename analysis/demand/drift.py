"""What remains open of any belief about supply: its errors so far, and how it goes on."""

from __future__ import annotations

import numpy as np

# Supply drifts after the day of the forecast: log growth a week, which fades over so many weeks.
# It is raised while everything is sold (of 30 lots after another 14 were larger and 3 smaller), and
# not where stock was left; means by the last flag, sold out or not, and without one (assumed).
DRIFT_MEAN = {1.0: 0.08, 0.0: 0.0, None: 0.02}
DRIFT_SD, DRIFT_WEEKS = 0.07, 13.0

# Sd in logs by which sales miss what a belief supplies while it binds, as beliefs are smooth
# (assumed).
SUPPLY_ERROR = 0.2


def draw_drift(
    weeks: int,
    now_week: float,
    draws: int,
    rng: np.random.Generator,
    last_flag: float | None = None,
) -> np.ndarray:
    """Draw by how much supply grows after now: a factor (draws, weeks), 1 up to now.

    The log grows at a rate that fades, so that its total is rate * span * (1 - e^(-time / span)).
    """
    time = np.fmax(np.arange(weeks) + 0.5 - now_week, 0)
    rate = DRIFT_MEAN[last_flag] + DRIFT_SD * rng.standard_normal((draws, 1))
    return np.exp(rate * DRIFT_WEEKS * -np.expm1(-time / DRIFT_WEEKS))
