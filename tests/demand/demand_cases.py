"""Cases that several tests of the demand room share: a curve's sales, launches of all kinds."""

import numpy as np

from analysis.demand import LaunchPrior, bass_share

CASES = 1000
PRIOR = LaunchPrior(
    mean=np.array([14.0, -4.0, -2.5, -3.0, -2.7]),
    sd=np.array([1.0, 0.8, 0.8, 1.0, 1.0]),
    model_error=0.3,
    sequences=0,
)
UNLIMITED = np.full(26, np.inf)


def bass_sales(periods, p=0.02, q=0.4, m=1e6):
    """Sales of a Bass curve by period."""
    return m * np.diff(bass_share(np.arange(periods + 1.0), p, q))


def random_launches(seed=1, steps=20):
    """Launches of every kind: crowds, curves, weeks without supply."""
    rng = np.random.default_rng(seed)
    people = {
        "potential": np.exp(rng.normal(12, 1, CASES)),
        "initial_share": rng.beta(0.5, 5, CASES),
        "p": np.exp(rng.normal(-4, 1.5, CASES)),
        "q": np.exp(rng.normal(-2, 1, CASES)),
    }
    supply = np.exp(rng.normal(9, 1.5, (CASES, steps))) * rng.integers(0, 2, (CASES, steps))
    supply[:, 0] += 1
    return people, supply, rng
