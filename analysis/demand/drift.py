"""What remains open of any belief about supply: its errors so far, and how it goes on."""

from __future__ import annotations

import numpy as np

# Supply drifts after the day of the forecast: log growth a week, which fades over so many weeks.
# It grows as lots of other products did while everything is sold (`LotRecord.growth_a_week`), and
# not where stock was left. Without a flag it grows by a little (assumed), and so much is open
# beside the mean, two sd being half again or a third less in a month (assumed).
GROWTH_WITHOUT_FLAG = 0.02
DRIFT_SD, DRIFT_WEEKS = 0.09, 13.0

# Sd in logs by which sales miss what a belief supplies while it binds, as beliefs are smooth
# (assumed).
SUPPLY_ERROR = 0.2


def expected_growth(last_flag: float | None, growth_while_sold_out: float) -> float:
    """Return the mean log growth of supply a week after now.

    Parameters
    ----------
    last_flag : float or None
        1 where the last lot sold out, 0 where it did not, None where that is not known.
    growth_while_sold_out : float
        That of products whose lots sell out.
    """
    by_flag = {1.0: growth_while_sold_out, 0.0: 0.0, None: GROWTH_WITHOUT_FLAG}
    return by_flag[last_flag]


def draw_drift(
    weeks: int,
    now_week: float,
    draws: int,
    rng: np.random.Generator,
    growth_a_week: float = 0.0,
    sd: float = DRIFT_SD,
) -> np.ndarray:
    """Draw by how much supply grows after now: a factor (draws, weeks), 1 up to now.

    The log grows at a rate that fades, so that its total is rate * span * (1 - e^(-time / span)).

    Parameters
    ----------
    weeks : int
        Weeks since the first sale.
    now_week : float
        Weeks over by the day of the forecast.
    draws : int
        How many draws.
    rng : Generator
        Where they come from.
    growth_a_week : float
        Mean of the rate, from `expected_growth`.
    sd : float
        Its standard deviation.

    Returns
    -------
    array (draws, weeks)
    """
    time = np.fmax(np.arange(weeks) + 0.5 - now_week, 0)
    rate = growth_a_week + sd * rng.standard_normal((draws, 1))
    return np.exp(rate * DRIFT_WEEKS * -np.expm1(-time / DRIFT_WEEKS))
