"""Ways to release a phone over its life, and the grids of them that a search tries."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from itertools import product

import numpy as np
import pandas as pd

from ..data import Launch
from ..data.lengths import DAYS_A_WEEK
from .market import weeks_of_life

NEVER = 9999  # a week after the end of every life


@dataclass(frozen=True, kw_only=True)
class ReleasePolicy:
    """One way to sell a phone; left as it is, it sells what is made at the list price."""

    price: float = 1.0
    """Price over the list price."""
    release: float = 1.0
    """Share of the output that is released before `volume_week`."""
    volume_week: int = 0
    """Week from which everything is released."""
    store: int = 0
    """1 where the rest of the output is made and stored till then, 0 where it is not made."""
    cut: float = 0.0
    """Share by which the price is lower from `cut_week` on, until an S version comes later."""
    cut_week: int = NEVER
    """Week of the price cut."""
    s_week: int = NEVER
    """Week from which an S version takes the place of the first one."""

    @property
    def sells_as_made(self) -> bool:
        """Whether every phone is released in the week in which it is made."""
        return self.release == 1 or self.volume_week == 0

    @property
    def sells_nothing(self) -> bool:
        """Whether no phone is ever sold."""
        return self.release == 0 and self.volume_week >= NEVER


CHOICES = [field.name for field in fields(ReleasePolicy)]  # the columns of a table of policies
SELL_AS_MADE = ReleasePolicy()
DO_NOT_SELL = ReleasePolicy(release=0.0, volume_week=NEVER)
AS_MADE = "sell as made"
A_FIFTH_DEARER = "a fifth dearer"
RIVALS = {
    AS_MADE: SELL_AS_MADE,
    "half throughout": ReleasePolicy(release=0.5, volume_week=NEVER),
    A_FIFTH_DEARER: ReleasePolicy(price=1.2),
    "a quarter for half a year": ReleasePolicy(release=0.25, volume_week=26),
    "stock up for 13 weeks": ReleasePolicy(release=0.0, volume_week=13, store=1),
}


def is_cut(week: np.ndarray | int, cut_week: np.ndarray | int, s_week: np.ndarray | int):
    """Say whether the price of what is sold in a week is cut.

    An S version that comes after the cut has a price of its own, over the list price.
    """
    return (week >= cut_week) & ((week < s_week) | (cut_week >= s_week))


def policy_of(row: pd.Series) -> ReleasePolicy:
    """Return the policy that a row of a table of policies describes."""
    return ReleasePolicy(**row[CHOICES])


def policy_table(policies: dict[str, ReleasePolicy]) -> pd.DataFrame:
    """Return named policies as a table: a row each, indexed by label."""
    rows = [asdict(policy) for policy in policies.values()]
    return pd.DataFrame(rows, index=pd.Index([*policies], name="label")).astype(float)


def actual_policy(launch: Launch) -> ReleasePolicy:
    """Return what the firm is assumed to have done.

    It sold all that it could make at the list price, cut the price as the file says, and brought
    the S version that the file names. A policy has one cut: of several, the one cut that comes
    nearest to them over the life.
    """
    first_sale = launch.figure("first_sale").value
    done = {}
    s_version = launch.figure("s_version.first_sale")
    if s_version.known:
        done["s_week"] = round((s_version.value - first_sale).days / DAYS_A_WEEK)
    prices = prices_by_week(launch)
    if (prices != 1).any():
        done["cut"], done["cut_week"] = _nearest_cut(prices)
    return ReleasePolicy(**done)


def prices_by_week(launch: Launch) -> np.ndarray:
    """Return the price over the list price in each week of the life, by the cuts of the file."""
    first_sale = launch.figure("first_sale").value
    list_price = launch.figure("price.list_local").number
    prices = np.ones(weeks_of_life(launch))
    for cut in launch.price_cuts.itertuples():
        week = round((cut.date - first_sale).days / DAYS_A_WEEK)
        prices[week:] = cut.list_local / list_price
    return prices


def _nearest_cut(prices: np.ndarray) -> tuple[float, int]:
    """Return share and week of the one cut with the least squared distance from these prices."""
    weeks = np.arange(len(prices))
    lower = np.array([prices[week:].mean() for week in weeks])
    distance = [
        ((prices[:week] - 1) ** 2).sum() + ((prices[week:] - price) ** 2).sum()
        for week, price in zip(weeks, lower, strict=True)
    ]
    nearest = int(np.argmin(distance))
    return float(1 - lower[nearest]), int(weeks[nearest])


def make_policies(**choices: list) -> pd.DataFrame:
    """Combine choices into a grid of policies, and add that of not selling.

    Parameters
    ----------
    **choices
        Values to try of any fields of `ReleasePolicy`; fields not named stay as they are there.

    Returns
    -------
    DataFrame
        A row a policy with the columns `CHOICES`. Policies that come to the same stand once.

    Examples
    --------
    >>> make_policies(release=[1.0, 0.5], volume_week=[0, 4])[["release", "volume_week"]].values
    array([[1.000e+00, 0.000e+00],
           [5.000e-01, 4.000e+00],
           [0.000e+00, 9.999e+03]])
    """
    values = {name: [value] for name, value in asdict(SELL_AS_MADE).items()} | choices
    rows = [*product(*values.values()), tuple(asdict(DO_NOT_SELL).values())]
    table = pd.DataFrame(rows, columns=CHOICES)
    holds_nothing_back = (table["release"] == 1) | (table["volume_week"] == 0)
    table.loc[holds_nothing_back, ["release", "volume_week", "store"]] = [1.0, 0, 0]
    cuts_nothing = (table["cut"] == 0) | (table["cut_week"] >= NEVER)
    table.loc[cuts_nothing, ["cut", "cut_week"]] = [0.0, NEVER]
    return table.drop_duplicates().reset_index(drop=True)
