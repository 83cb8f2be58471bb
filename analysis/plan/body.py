"""What a ceramic body costs where many fail, against a metal one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..data import Launch, interval
from ..margin import MarginPath
from .market import draw_items


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
    as_good_as_metal_yield: np.ndarray
    """Yield from which a ceramic body costs no more than a metal one."""
    units: float
    """Phones over which a loss is counted."""
    loss_over_marketing: float
    """Loss over all these phones (median), over what the firm spends on marketing in a year."""


def is_held_by_its_body(launch: Launch) -> bool:
    """Say whether a ceramic body of known yield held the launch."""
    is_ceramic = launch.figure("supply.bottleneck").value == "ceramic_body"
    return is_ceramic and launch.figure("supply.yield_share").number > 0


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
    if not is_held_by_its_body(launch):
        return None
    yield_share = launch.figure("supply.yield_share").number
    items = ["body_ceramic_started_usd", "body_metal_usd"]
    started_usd, metal_usd = draw_items(items, len(path.net_usd), seed)
    spare_usd = path.margin_usd[:, 0] + metal_usd
    break_even_yield = np.where(spare_usd > 0, started_usd / np.fmax(spare_usd, 1e-9), np.inf)
    unit_margin_usd = interval(spare_usd - started_usd / yield_share)
    _, median_margin_usd, _ = unit_margin_usd
    return BodyComparison(
        yield_share=yield_share,
        unit_margin_usd=unit_margin_usd,
        break_even_yield=interval(break_even_yield),
        as_good_as_metal_yield=interval(started_usd / metal_usd),
        units=units,
        loss_over_marketing=max(-median_margin_usd, 0) * units / marketing_usd,
    )
