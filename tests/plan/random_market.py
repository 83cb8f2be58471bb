"""Random markets and grids of policies that tests of release plans and the bench play on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.plan import NEVER, Market, make_policies

MANY = make_policies(
    price=[0.9, 1.0, 1.3],
    release=[1.0, 0.0, 0.4],
    store=[0, 1],
    volume_week=[0, 3, 11, 26],
    cut=[0.2],
    cut_week=[9, 30, NEVER],
    s_week=[20, 41, NEVER],
)
RELEASES = make_policies(
    release=[1.0, 0.0, 0.3, 0.7], store=[0, 1], volume_week=[0, 1, 4, 13, 26, 52]
)
AS_MADE = make_policies().head(1)


def market(draws: int = 40, weeks: int = 60, seed: int = 1, **fixed) -> Market:
    """Draw a market in which supply binds for a while; `fixed` replaces what a test needs."""
    rng = np.random.default_rng(seed)
    ramp = np.minimum(1, 0.2 + np.arange(weeks) / 30)
    decline = np.exp(-np.arange(weeks) * 0.002)
    drawn = {
        "potential": np.exp(rng.normal(15, 0.7, draws)),
        "p": np.exp(rng.normal(-4, 0.5, draws)),
        "q": np.exp(rng.normal(-2.3, 0.4, draws)),
        "initial_share": rng.uniform(0.01, 0.2, draws),
        "reneging_rate": rng.uniform(0, 0.2, draws),
        "elasticity": rng.uniform(1, 3, draws),
        "erosion": rng.uniform(0, 0.005, draws),
        "fade": rng.uniform(0, 0.02, draws),
        "upgrade": rng.uniform(0, 0.1, draws),
        "s_price": rng.uniform(0.8, 1, draws),
        "s_cost": rng.uniform(0.8, 1, draws),
        "s_fixed_usd": rng.uniform(1e6, 2e7, draws),
        "discount": np.full(draws, 0.002),
        "supply_units": np.exp(rng.normal(11, 0.5, draws))[:, None] * ramp,
        "net_usd": np.full((draws, weeks), 350.0),
        "cost_usd": rng.uniform(240, 360, draws)[:, None] * decline,
        "s_reset": rng.uniform(0, 1, draws),
        "leave_price": rng.uniform(0, 1, draws),
        "opening_stock": np.zeros(draws),
    }
    given = {name: np.broadcast_to(value, drawn[name].shape) for name, value in fixed.items()}
    return Market(**drawn | given)


def priced_at(given: Market, price: np.ndarray) -> Market:
    """Return the same market, its list price so many times what it was in each draw."""
    return replace(
        given,
        potential=given.people(price),
        net_usd=given.net_usd * price[:, None],
        reneging_rate=given.reneging_rate * price**given.leave_price,
    )


def patient_market(draws: int = 40, weeks: int = 60, seed: int = 1, **fixed) -> Market:
    """Draw one under the conditions of the theorem of Ho, Savin and Terwiesch (2002).

    Nobody leaves, the margin is constant and positive, nothing is discounted, nothing fades.
    """
    still = dict.fromkeys(("reneging_rate", "discount", "fade", "erosion"), 0.0)
    money = {"cost_usd": 300.0, "net_usd": 350.0}
    return market(draws, weeks, seed, **still | money | fixed)
