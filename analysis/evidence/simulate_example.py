"""Command: draw the simulated order log of a mixed crowd, data/orders/example_mixed_simulated.csv.

python -m analysis.evidence.simulate_example

The log stands beside the example whose buyers follow one law, to show what real crowds do to a
range: bots order in the first three seconds, members were let in first, the public comes slowly,
and a post that spreads brings some of them together. The truth is in the launch file.
"""

import numpy as np
import pandas as pd

from ..data import DATA

FILE = "orders/example_mixed_simulated.csv"
SEED = 20190226
PEOPLE = 8_000  # who want one, bots among them
STOCK = 6_000
DEAD_S = 0.8  # before the first order is possible
SHARES = {"bots": 0.12, "members": 0.18, "public": 0.6, "followers": 0.1}
POST_S = 45.0  # when a post sends its followers


def draw_mixed_crowd(seed: int = SEED) -> np.ndarray:
    """Return when each of a mixed crowd orders, had there been stock for all.

    Parameters
    ----------
    seed : int
        Of the draws.

    Returns
    -------
    array (people,)
        Rising times, seconds since the opening.
    """
    rng = np.random.default_rng(seed)
    group = rng.choice(list(SHARES), PEOPLE, p=list(SHARES.values()))
    times_s = {
        "bots": DEAD_S + rng.uniform(0.0, 2.2, PEOPLE),
        "members": DEAD_S + rng.gamma(1.5, 8.0, PEOPLE),
        "public": DEAD_S + rng.lognormal(np.log(90.0), 1.1, PEOPLE),
        "followers": POST_S + rng.exponential(15.0, PEOPLE),
    }
    return np.sort(np.select([group == name for name in SHARES], list(times_s.values())))


def mixed_log(seed: int = SEED) -> pd.DataFrame:
    """Return the order log that ends as the stock is gone: order_id, t_s, status, simulated."""
    times_s = np.maximum(draw_mixed_crowd(seed)[:STOCK].round(3), 0.001)
    return pd.DataFrame(
        {
            "order_id": [f"M{number:04d}" for number in range(STOCK)],
            "t_s": times_s,
            "status": "paid",
            "simulated": "yes",
        }
    )


if __name__ == "__main__":
    mixed_log().to_csv(DATA / FILE, index=False, lineterminator="\n")
