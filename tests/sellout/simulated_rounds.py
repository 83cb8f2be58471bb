"""Rounds with a known truth, for the tests of the room."""

import numpy as np
import pandas as pd


def sale_round(device="a", day=1, shop="mi_com", **more):
    """One sold-out round as a row of sale_rounds."""
    row = {
        "round_id": f"{device}{day}",
        "device": device,
        "market": "CN",
        "channel": shop,
        "round": np.nan,
        "date": pd.Timestamp("2014-01-01") + pd.Timedelta(day, unit="D"),
        "sold_out": "yes",
    }
    return row | more


def simulate_rounds(
    rng, shops=8, devices=14, each=4, shop_sd=2.0, rest_sd=1.0, slope=0.0, bound=0.3
):
    """Rounds of devices, in one or two shops each, with a known pace; some are lower bounds."""
    shop_effect = shop_sd * rng.standard_normal(shops)
    rows = []
    for device in range(devices):
        homes = rng.choice(shops, 2)
        for step in range(each):
            home = homes[step % 2]
            demand = rest_sd * rng.standard_normal()
            rate = np.exp(4 + shop_effect[home] + slope * step + demand)
            only_bound = rng.random() < bound
            figures = {
                "units": 1e5 * (rng.uniform(0.1, 1) if only_bound else 1),
                "units_bound": "lower" if only_bound else "exact",
                "sellout_s": 1e5 / rate,
                "seconds_bound": "exact",
                "round": step + 1,
                "true_demand": demand,
                "market": "CDEF"[home % 4],
            }
            rows.append(sale_round(f"d{device}", 7 * step, f"shop{home}", **figures))
    return pd.DataFrame(rows)
