"""Hindcasts of all windows and horizons at once, against a loop of regressions."""

from collections.abc import Iterator

import numpy as np
from hindcast_rival import loop_hindcast
from ratios import Check, Line, Ratio, interleave

from analysis.bom import hindcast

WINDOW = 5  # years that each forecast is made from, the default of `hindcast`
MOST_APART = 1e-10
CALLS = 10  # one after another: one alone is over before a clock can tell


def bench_hindcasts() -> Iterator[Line]:
    """Forecast 100 series from every window; the errors must be those of the loop."""
    series = random_walks(100)
    ours = hindcast(series)["error"].to_numpy()
    apart = np.abs(ours - loop_hindcast(series, WINDOW)).max()
    text = f"hindcast errors differ by {apart:.1e} at most, {MOST_APART:g} allowed"
    yield Check(text, bool(apart <= MOST_APART))

    seconds = interleave(
        {
            "loop": lambda: loop_hindcast(series, WINDOW),
            "ours": lambda: [hindcast(series) for _ in range(CALLS)],
        },
        rounds=5,
    )
    yield Ratio(
        name="hindcast of 100 series against a loop of regressions",
        rival_s=seconds["loop"],
        our_s=seconds["ours"] / CALLS,
        least=50,
    )


def random_walks(count: int) -> dict[str, np.ndarray]:
    """Draw costs that fall by a tenth a year, with noise, over 30 to 49 years."""
    rng = np.random.default_rng(1)
    return {
        f"s{number}": np.exp(np.cumsum(rng.normal(-0.1, 0.1, rng.integers(30, 50))))
        for number in range(count)
    }
