"""What the plans of a launch leave out where few of its ceramic bodies pass.

The body itself, its cost and the yield that pays stand in `margin.body`, so that the pages on
margin and on plans give one figure; here its loss is counted over the phones that a plan sells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..data import Launch, interval
from ..margin import MarginPath, ceramic_body


@dataclass(frozen=True, kw_only=True)
class BodyComparison:
    """A phone whose ceramic body comes on top of its assumed parts, in the place of a metal one.

    A body that fails is paid for as well: a good one costs what a begun one costs, over the yield.
    Intervals are low, median and high (80 %); a yield is infinite where none would do.
    """

    yield_share: float
    """Share of the ceramic bodies that passed, from the launch's file."""
    unit_margin_usd: np.ndarray
    """What a phone leaves at that yield, at first sale and list price."""
    break_even_yield: np.ndarray
    """Yield from which a phone with a ceramic body earns anything."""
    units: float
    """Phones over which a loss is counted."""
    loss_usd: float
    """Loss over all these phones (median)."""
    marketing_usd: float
    """What the firm spends on marketing in a year."""


def compare_bodies(
    launch: Launch, path: MarginPath, units: float, marketing_usd: float, seed: int
) -> BodyComparison | None:
    """Compare a ceramic body with a metal one at the yield of the launch's file.

    Parameters
    ----------
    launch : Launch
        Names the ceramic body as its bottleneck and gives its yield.
    path : MarginPath
        What a unit leaves without the ceramic body.
    units : float
        Phones sold.
    marketing_usd : float
        What the firm spends on marketing in a year.
    seed : int
        Seed of the costs of both bodies, which economics.csv assumes.

    Returns
    -------
    BodyComparison or None
        None where the bottleneck is no ceramic body, or its yield unknown.
    """
    body = ceramic_body(launch, path, seed)
    if body is None:
        return None
    unit_margin_usd = interval(body.margin_at(body.yield_share))
    _, median_margin_usd, _ = unit_margin_usd
    return BodyComparison(
        yield_share=body.yield_share,
        unit_margin_usd=unit_margin_usd,
        break_even_yield=interval(body.yield_that_pays()),
        units=units,
        loss_usd=max(-median_margin_usd, 0) * units,
        marketing_usd=marketing_usd,
    )
