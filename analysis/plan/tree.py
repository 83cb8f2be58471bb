"""Policies as a tree: those that have acted alike so far are simulated once.

Two policies that differ from week 26 on have one past. `grow_tree` finds, week by week, the
different things that the policies of a table do; `simulate.py` walks the tree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from .policies import CHOICES, is_cut

EVERY = slice(None)  # each one once, in order: cheaper than an index that says the same


@dataclass(frozen=True, kw_only=True)
class TreeWeek:
    """What the policies do in one week; a node is a set of policies that acted alike so far."""

    parents: np.ndarray | slice
    """Node of the week before from which each node comes (nodes,)."""
    release: np.ndarray
    """Share of the output released (nodes, 1)."""
    is_storing: np.ndarray
    """1 where what is not released is made and stored, else 0 (nodes, 1)."""
    s_version_starts: np.ndarray
    """1 in the week in which the S version comes, else 0 (nodes, 1)."""
    price: np.ndarray
    """Price over list in this week, without the S version's ratio, of each kind of product on sale
    (kinds, 1)."""
    price_before: np.ndarray
    """The same in the week before; at first sale the price itself (kinds, 1)."""
    s_version_since: np.ndarray
    """Week in which the S version came; 0 while the first one is on sale (kinds, 1)."""
    kind: np.ndarray | slice
    """Kind of product that each node sells (nodes,)."""

    @property
    def nodes(self) -> int:
        """Number of nodes of this week."""
        return len(self.release)

    @cached_property
    def has_new_s_version(self) -> bool:
        """Whether the S version comes to any node in this week."""
        return bool(self.s_version_starts.any())

    @cached_property
    def is_repriced(self) -> bool:
        """Whether any node asks another price than in the week before."""
        return self.has_new_s_version or bool((self.price != self.price_before).any())

    @cached_property
    def has_a_store(self) -> bool:
        """Whether any node makes and stores what it does not release."""
        return bool(self.is_storing.any())


@dataclass(frozen=True, kw_only=True)
class PolicyTree:
    """The policies of a table, joined where they act alike."""

    weeks: list[TreeWeek]
    """One for each week of the life."""
    last_node: np.ndarray
    """Node of the last week in which each policy ends (policies,)."""

    def next_change(self, week: int) -> int:
        """Return the first week after this one in which a policy does something else, or the end.

        Weeks in which nothing changes share their arrays.
        """
        later = range(week + 1, len(self.weeks))
        changes = (at for at in later if self.weeks[at].price is not self.weeks[at - 1].price)
        return next(changes, len(self.weeks))


def grow_tree(policies: pd.DataFrame, weeks: int) -> PolicyTree:
    """Join policies into a tree of what they do, week by week.

    Parameters
    ----------
    policies : DataFrame
        A row a policy, columns `CHOICES`.
    weeks : int
        Length of the life.

    Returns
    -------
    PolicyTree
    """
    choices = dict(zip(CHOICES, policies[CHOICES].to_numpy(float).T, strict=True))
    node = np.zeros(len(policies), int)
    tree_weeks = []
    changes = _weeks_of_change(choices)
    for week in range(weeks):
        if week not in changes:
            last = tree_weeks[-1]
            tree_weeks.append(last if last.parents is EVERY else replace(last, parents=EVERY))
            continue
        nodes_before = tree_weeks[-1].nodes if tree_weeks else 0
        week_of_tree, node = _branch(choices, week, node, nodes_before)
        tree_weeks.append(week_of_tree)
    return PolicyTree(weeks=tree_weeks, last_node=node)


def _weeks_of_change(choices: dict[str, np.ndarray]) -> set[int]:
    """Return the weeks in which any policy does something else than in the week before."""
    starts = np.concatenate([choices[name] for name in ("volume_week", "cut_week", "s_week")])
    # In the week after a cut or an S version the price is that of the week before again.
    return {0, *starts.astype(int).tolist(), *(starts.astype(int) + 1).tolist()}


def _branch(
    choices: dict[str, np.ndarray], week: int, node: np.ndarray, nodes_before: int
) -> tuple[TreeWeek, np.ndarray]:
    """Split the nodes of the week before by what their policies do now; each policy's new node."""
    holds_back = week < choices["volume_week"]
    cut_and_version = choices["cut_week"], choices["s_week"]
    cut_now, cut_before = (is_cut(at, *cut_and_version) for at in (week, max(week - 1, 0)))
    is_s_version = week >= choices["s_week"]
    product = {
        "price": choices["price"] * np.where(cut_now, 1 - choices["cut"], 1),
        "price_before": choices["price"] * np.where(cut_before, 1 - choices["cut"], 1),
        "s_version_since": np.where(is_s_version, choices["s_week"], 0),
    }
    actions = {
        "parent": node,
        **product,
        "release": np.where(holds_back, choices["release"], 1),
        "is_storing": choices["store"] * holds_back,
        "s_version_starts": week == choices["s_week"],
    }
    # A column of numbers for each policy; those that are equal share a node.
    distinct, node_of_policy = np.unique([*actions.values()], axis=1, return_inverse=True)
    of_node = dict(zip(actions, distinct, strict=True))
    nodes = distinct.shape[1]

    # Nodes that sell the same product at the same price share what price and age do to demand.
    products = [of_node[name] for name in product]
    kinds, kind_of_node = np.unique(products, axis=1, return_inverse=True)
    of_kind = dict(zip(product, kinds, strict=True))

    no_split = nodes == nodes_before or week == 0
    week_of_tree = TreeWeek(
        parents=EVERY if no_split else of_node["parent"].astype(int),
        release=of_node["release"][:, None],
        is_storing=of_node["is_storing"][:, None],
        s_version_starts=of_node["s_version_starts"][:, None],
        price=of_kind["price"][:, None],
        price_before=of_kind["price_before"][:, None],
        s_version_since=of_kind["s_version_since"][:, None],
        kind=kind_of_node if kinds.shape[1] > 1 else EVERY,
    )
    return week_of_tree, node_of_policy
