"""The obvious way to hold Moore's law against later costs: one regression a window, in a loop."""

import numpy as np
import statsmodels.api as sm


def loop_hindcast(series: dict[str, np.ndarray], window: int) -> np.ndarray:
    """Return errors of Moore's law in logs, one regression a window, every horizon of it."""
    errors = []
    for cost in series.values():
        log_cost = np.log(cost)
        for last in range(window, len(log_cost) - 1):
            changes = np.diff(log_cost[last - window : last + 1])
            slope = sm.OLS(changes, np.ones(window)).fit().params[0]
            later = log_cost[last + 1 :]
            horizons = np.arange(1, len(later) + 1)
            errors.append(later - log_cost[last] - slope * horizons)
    return np.concatenate(errors)
