"""The simulated order log of the launch `example`; a test holds the file against this.

python tests/data/example_log.py    # writes it anew
"""

from pathlib import Path

import numpy as np

PATH = Path(__file__).resolve().parents[2] / "data" / "orders" / "example_simulated.csv"
PEOPLE, STOCK, SEED = 2_500, 2_000, 1


def example_log() -> str:
    """Return the log: orders at Weibull times until the stock is gone, with the dirt of real logs.

    2,500 people order with shape 0.8 and scale 40 s; there are 2,000 phones.
    """
    rng = np.random.default_rng(SEED)
    times = np.sort(40 * rng.weibull(0.8, PEOPLE))[:STOCK]
    rows = [(f"A{i:04d}", f"{t:.3f}", "paid") for i, t in enumerate(times)]
    rows += [rows[i] for i in rng.choice(STOCK, 25, replace=False)]  # sent twice
    rows += [
        (f"B{i:02d}", f"{t:.3f}", "cancelled") for i, t in enumerate(rng.uniform(1, times[-1], 30))
    ]
    rows += [(f"C{i}", time, "paid") for i, time in enumerate(["", "soon", "-0.500"])]
    rows.sort(key=lambda row: row[0][::-1])
    lines = ["order_id,t_s,status,simulated", *(",".join([*row, "yes"]) for row in rows)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(example_log(), encoding="utf-8")
