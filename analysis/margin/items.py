"""What a unit costs, item by item: one table that draws, bridge and pages read.

The draws themselves are in `path`; what is left after all items, in `bridge` and `results`.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CostItem:
    """One thing that a unit costs.

    Attributes
    ----------
    key : str
        Its name in `MarginPath.items`.
    field : str
        Path of its figure in a launch file.
    label : str
        Its name on pages and in tables.
    is_share : bool
        Its figure is a share of the net price; else dollars a unit.
    before_gross_margin : bool
        The books take it off before they state a gross margin.
    """

    key: str
    field: str
    label: str
    is_share: bool
    before_gross_margin: bool

    @property
    def unit(self) -> str:
        """Unit of its figure."""
        return "share of net price" if self.is_share else "$"

    @property
    def input_name(self) -> str:
        """Its name with its unit, as an input whose range moves a margin."""
        return f"{self.label}, {self.unit}"


# The parts have a path of their own over the months; where a file has no BOM, a share of the net
# price at first sale stands in (`costs.bom_share_of_net_price`).
PARTS = CostItem(
    key="bom",
    field="costs.bom_usd",
    label="parts",
    is_share=False,
    before_gross_margin=True,
)

# To add a cost item: put it last here, since one stream of random numbers runs through the items in
# this order; give its field to data/README.md, to every launch file and to `PRICE_AND_COSTS` of
# `data.launches`. A share of the price comes off the price in `plan.market` as well.
OTHER_ITEMS = (
    CostItem(
        key="royalty",
        field="costs.royalty_share",
        label="royalties",
        is_share=True,
        before_gross_margin=True,
    ),
    CostItem(
        key="channel",
        field="costs.channel_share",
        label="channel",
        is_share=True,
        before_gross_margin=False,
    ),
    CostItem(
        key="assembly",
        field="costs.assembly_usd",
        label="assembly and test",
        is_share=False,
        before_gross_margin=True,
    ),
    CostItem(
        key="freight_warranty",
        field="costs.freight_warranty_usd",
        label="freight and warranty",
        is_share=False,
        before_gross_margin=True,
    ),
)
COST_ITEMS = (PARTS, *OTHER_ITEMS)


def items_of(keys: Iterable[str]) -> list[CostItem]:
    """Return the cost items of some keys, in their order.

    Raises
    ------
    ValueError
        For a key without an item, which would have no label.

    Examples
    --------
    >>> [item.label for item in items_of(["bom", "royalty"])]
    ['parts', 'royalties']
    """
    by_key = {item.key: item for item in COST_ITEMS}
    items = []
    for key in keys:
        if key not in by_key:
            raise ValueError(f"cost item {key!r}; expected one of {', '.join(by_key)}")
        items.append(by_key[key])
    return items
