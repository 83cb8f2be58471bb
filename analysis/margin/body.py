"""A body of which few pass: what a unit earns by the yield, against a metal body.

The costs of both bodies are assumed (economics.csv). Only a launch whose file names the ceramic
body as what held it, with a yield, has this question.
"""

from dataclasses import dataclass

import numpy as np

from ..data import Launch, load_table
from ..data.uncertainty import draw_assumed
from .path import MarginPath

STARTED, METAL = "body_ceramic_started_usd", "body_metal_usd"
STREAM_OF_BODIES = 5  # beside the seed, so that no other figure has the same draws


@dataclass(frozen=True)
class CeramicBody:
    """A ceramic body on top of the assumed parts, in the place of a metal one; a value a draw."""

    yield_share: float  # bodies that pass, of those begun, by the launch file
    spare_usd: np.ndarray  # unit margin at first sale plus what a metal body costs
    started_usd: np.ndarray  # cost of a body begun, good or not

    def margin_at(self, yield_share: float) -> np.ndarray:
        """Give the unit margin at first sale in dollars if so many bodies pass."""
        return self.spare_usd - self.started_usd / yield_share

    def yield_that_pays(self) -> np.ndarray:
        """Give the yield from which a unit pays for its body; infinite where not even 1 does."""
        pays_if_all_pass = self.spare_usd >= self.started_usd
        spare_usd = np.where(pays_if_all_pass, self.spare_usd, np.nan)
        return np.where(pays_if_all_pass, self.started_usd / spare_usd, np.inf)


def is_held_by_its_body(launch: Launch) -> bool:
    """Say whether a ceramic body of known yield held the launch."""
    is_ceramic = launch.figure("supply.bottleneck").value == "ceramic_body"
    return is_ceramic and launch.figure("supply.yield_share").number > 0


def ceramic_body(launch: Launch, path: MarginPath, seed: int) -> CeramicBody | None:
    """Set a ceramic body against a metal one, where the launch was held by its ceramic body.

    Parameters
    ----------
    launch : Launch
        With `supply.bottleneck` and `supply.yield_share`.
    path : MarginPath
        Unit margins on the assumed parts, which hold a metal body.
    seed : int
        Of the draws of both bodies' costs.

    Returns
    -------
    CeramicBody or None
        None where another part, or none, held supply, or no yield is on file.
    """
    if not is_held_by_its_body(launch):
        return None
    rng = np.random.default_rng([seed, STREAM_OF_BODIES])
    economics = load_table("economics").set_index("item")
    draws = len(path.net_usd)
    started_usd = draw_assumed(economics.loc[STARTED], rng.standard_normal(draws))
    metal_usd = draw_assumed(economics.loc[METAL], rng.standard_normal(draws))
    return CeramicBody(
        yield_share=launch.figure("supply.yield_share").number,
        spare_usd=path.margin_usd[:, 0] + metal_usd,
        started_usd=started_usd,
    )
