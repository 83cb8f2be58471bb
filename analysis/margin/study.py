"""The margin of one launch as notebook 3 opens it: answer, facts, trust, inputs, and what if.

The results that its sections show are in `results`; the draws behind them are a `MarginPath`.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from ..bom.study import CostStudy
from ..data import Launch, SourcedValue, interval, list_files, load_table
from ..look import (
    Facts,
    FirstScreen,
    Table,
    Trust,
    dollars,
    number,
    percent,
    plural,
    span,
    what_if,
)
from .body import ceramic_body
from .bridge import REPORTED
from .path import MarginPath, margin_path
from .results import MONEY, BodyByYield, Bridge, Inputs, PartsCost, UnitMargin, percent_with_range

THIN = 0.1  # a unit margin of less than this share of the net price, either way, is called thin
PANEL_DRAWS = 1_000


@dataclass(frozen=True)
class MarginStudy:
    """What a unit of one launch earns over its life, and how sure that is.

    Attributes
    ----------
    launch : the launch
    costs : what data on file say of the cost of its parts
    path : unit margins by month, draws x months
    seed : of the draws
    """

    launch: Launch
    costs: CostStudy
    path: MarginPath
    seed: int

    @cached_property
    def parts_cost(self) -> "PartsCost":
        """Cost of the parts against break-even, by month."""
        return PartsCost(launch=self.launch, path=self.path, enough=self.reported["value"].mean())

    @cached_property
    def unit_margin(self) -> "UnitMargin":
        """Margin of a unit by month."""
        return UnitMargin(launch=self.launch, path=self.path, without_body=self.body is not None)

    @cached_property
    def bridge(self) -> "Bridge":
        """From the net price to the margin that the books report."""
        return Bridge(launch=self.launch, path=self.path, reported=self.reported)

    @cached_property
    def inputs(self) -> "Inputs":
        """Which inputs move the margin over the life most."""
        return Inputs(path=self.path)

    @cached_property
    def body(self) -> "BodyByYield | None":
        """Margin by the yield of a ceramic body; None where none held the launch."""
        body = ceramic_body(self.launch, self.path, self.seed)
        if body is None:
            return None
        return BodyByYield(launch=self.launch, body=body)

    @cached_property
    def reported(self) -> pd.DataFrame:
        """Gross margins that Xiaomi reported for all its smartphones, a row a period."""
        return load_table("company_metrics").query(REPORTED)

    @property
    def lead(self) -> "PartsCost | BodyByYield":
        """The result that the page opens with."""
        return self.body or self.parts_cost

    def first_screen(self) -> FirstScreen:
        """Return question and answer."""
        if self.body is not None:
            answer, detail = "Unknown: the ceramic body decides.", self.body.sentence()
        elif self.path.bom_is_known:
            answer, detail = self._answer_by_costing()
        else:
            answer, detail = self._answer_by_assumption()
        question = f"Was the {self.launch.name} profitable from day one?"
        detail = " ".join([detail, *self._stated_cost()])
        return FirstScreen(question=question, answer=answer, detail=detail)

    def _stated_cost(self) -> list[str]:
        """Say what the company stated as its cost, where it did."""
        stated = self.launch.figure("costs.stated_cost_local")
        if not stated.known:
            return []
        list_price = self.launch.figure("price.list_local").number
        net_price = list_price / (1 + self.launch.figure("price.list_tax_share").number)
        money = MONEY.get(self.launch.currency, self.launch.currency)
        return [
            f"The company stated {number(stated.number)} {money}, "
            f"{percent(stated.number / net_price)} of the net price, but with overhead spread over "
            "planned volume."
        ]

    def _answer_by_costing(self) -> tuple[str, str]:
        """Answer where the launch file has the cost of the parts."""
        low, median, high = interval(self.path.margin_share[:, 0])
        margin = percent_with_range(median, low, high)
        if abs(median) < THIN:
            answer = f"Thin: {margin} of the net price."
        elif low > 0:
            answer = f"Yes: a unit earned {margin} of the net price."
        elif median > 0:
            answer = f"Probably: a unit earned {margin} of the net price."
        elif high > 0:
            answer = f"Probably not: a unit earned {margin} of the net price."
        else:
            answer = f"No: a unit earned {margin} of the net price."
        return answer, self.parts_cost.sentence()

    def _answer_by_assumption(self) -> tuple[str, str]:
        """Answer where a share of the net price stands in for the cost of the parts."""
        chance = self.path.probability_above(0).iloc[0]
        if chance >= 0.65:
            answer = "Probably, but its parts cost was never published."
        elif chance > 0.35:
            answer = "We cannot tell: its parts cost was never published."
        else:
            answer = "Probably not, but its parts cost was never published."
        return answer, self.parts_cost.sentence()

    def facts(self) -> Facts:
        """Return the three numbers to remember."""
        low, median, high = interval(self.path.margin_share[:, 0])
        first_margin = percent_with_range(median, low, high)
        if self.body is not None:
            without_body = (
                first_margin,
                f"of the net price left without a ceramic body on top, if {self._assumed_share()}",
            )
            return Facts(*self.body.facts(), without_body)
        if self.path.bom_is_known:
            basis = "by the published estimates of its parts"
        else:
            basis = f"if {self._assumed_share()}"
        low, median, high = interval(self.path.margin_share[:, -1])
        months = plural(round(self.path.months[-1]), "month")
        devices = plural(self.costs.decline.rate.pairs, "costed device")
        return Facts(
            (
                dollars(self.path.bom_that_leaves(0).mean()),
                "of parts at which a unit breaks even at first sale",
            ),
            (first_margin, f"of the net price left at first sale, {basis}"),
            (
                percent_with_range(median, low, high),
                f"left after {months}, if parts go as those of {devices} did",
            ),
        )

    def _assumed_share(self) -> str:
        """Say which share of the net price the parts are assumed to take, and like whom."""
        share = self.launch.figure("costs.bom_share_of_net_price")
        written = percent(share.number)
        brand = self._brand_with_costings(share.number)
        if brand is None:
            return f"parts took {written} of it, as the launch file assumes"
        return (
            f"parts took {written} of it, as in {number(brand['phones'])} other "
            f"{brand['brand'].capitalize()} phones"
        )

    def _brand_with_costings(self, share: float) -> pd.Series | None:
        """Find the brand's row in the table of shares, if the assumed share is the brand's mean."""
        brand_of = self.costs.tables["devices"].set_index("device")["brand"]
        brands = self.costs.brands.set_index("brand", drop=False)
        brand = brand_of.get(self.launch.device)
        if brand not in brands.index or abs(brands.loc[brand, "estimate"] - share) > 0.01:
            return None
        return brands.loc[brand]

    def trust(self) -> Trust:
        """Return how sure the answer is, why, and what would settle it."""
        low, _, high = interval(self.path.margin_share[:, 0])
        if self.body is not None:
            return Trust(
                level="none",
                because="No costing of the phone is public, and nobody has published what a "
                "ceramic body costs. Both are assumed with wide ranges.",
                would_settle="The price of a ceramic body begun, and the share that passes.",
            )
        if self.path.bom_is_known:
            return Trust(
                level="fair" if low > 0 or high < 0 else "low",
                because=f"The cost of the parts is an estimate of {self._bom_range()}, dated "
                f"roughly. Assembly, royalties, channel and freight are assumed.",
                would_settle="A dated purchase order for the memory and the display.",
            )
        return Trust(
            level="low",
            because="No costing of this phone is public. One share of the net price stands in for "
            "every phone here that nobody has costed: this is what a price implies, not what this "
            "phone earned.",
            would_settle="A teardown, or purchase orders for the memory and the display.",
        )

    def _bom_range(self) -> str:
        """Write the cost of the parts on file with its range."""
        bom = self.launch.figure("costs.bom_usd")
        low = bom.number if bom.low is None else bom.low
        high = bom.number if bom.high is None else bom.high
        return dollars(bom.number) if low == high else span(low, high, write=dollars)

    def prices_and_costs(self) -> Table:
        """Show prices and costs of the launch file, with source or reason."""
        figures = self.launch.table()
        own = figures[figures["figure"].str.startswith(("costs", "price"))]
        return Table(own, f"Prices and costs of the {self.launch.name}")

    def assumptions(self) -> Table:
        """Show the figures of this launch that are assumed or unknown."""
        unsettled = self.launch.not_sourced("costs", "price", "life")
        return Table(unsettled, "Figures of this launch that are assumed or unknown")

    def files(self) -> Table:
        """Show the data files with the rows used, and how many have a weak source."""
        return Table(list_files(self.costs.tables), "Data files used")

    def with_figure(self, path: str, value: float) -> "MarginStudy":
        """Ask again with another figure of the launch file, taken as exact.

        Parameters
        ----------
        path : str
            Such as "price.list_local" or "costs.bom_usd".
        value : float
            In the unit of the file.

        Returns
        -------
        MarginStudy
            The same draws otherwise.
        """
        changed = self.launch.figures | {path: SourcedValue(value=value, basis="assumed")}
        launch = replace(self.launch, figures=changed)
        return study_launch(launch, self.costs, draws=len(self.path.net_usd), seed=self.seed)

    def explore(self) -> None:
        """Show a panel: unit margin by month, by list price, parts at launch and their change."""
        around = np.array([-0.2, -0.1, 0, 0.1, 0.2])
        list_price = self.launch.figure("price.list_local").number
        parts_usd = np.median(self.path.items["bom"][:, 0])
        change = np.expm1(self.costs.decline.rate.rate)
        what_if(
            "What if price, parts or their fall were different?",
            "unit margin, % of net price, 80 % ranges",
            self._margins_if,
            labels={
                "list_price": f"list price, {MONEY.get(self.launch.currency, 'local money')}",
                "parts_usd": "parts at first sale, $",
                "change_a_year": "change of the parts' cost a year",
            },
            list_price=np.round(list_price * (1 + around)).tolist(),
            parts_usd=np.round(parts_usd * (1 + around)).tolist(),
            change_a_year=np.round(change + around, 2).tolist(),
        )

    def _margins_if(
        self, list_price: float, parts_usd: float, change_a_year: float
    ) -> pd.DataFrame:
        """Compute the margin in percent every half year, for other prices and parts."""
        figures = self.launch.figures | {
            "price.list_local": SourcedValue(value=list_price, basis="assumed"),
            "costs.bom_usd": SourcedValue(value=parts_usd, basis="assumed"),
        }
        launch = replace(self.launch, figures=figures)
        decline = replace(self.costs.decline.rate, rate=np.log1p(change_a_year))
        path = margin_path(launch, decline, PANEL_DRAWS, self.seed, self.costs.parts)
        every_half_year = (100 * path.band()).round().iloc[::24].reset_index()
        return pd.DataFrame(
            {
                "label": [f"month {month:g}" for month in every_half_year["month"]],
                "estimate": every_half_year["median"],
                "low": every_half_year["q10"],
                "high": every_half_year["q90"],
            }
        )


def study_launch(launch: Launch, costs: CostStudy, *, draws: int, seed: int) -> MarginStudy:
    """Draw the unit margins of a launch.

    Parameters
    ----------
    launch : Launch
        As from `load_launch`.
    costs : CostStudy
        As from `bom.study_costs`.
    draws, seed : int
        How many lives are simulated, and the seed of the random draws.

    Returns
    -------
    MarginStudy
        What notebook 3 shows.

    Raises
    ------
    ValueError
        For a figure that the file leaves unknown and that cannot be done without.
    """
    path = margin_path(launch, costs.decline.rate, draws, seed, costs.parts)
    return MarginStudy(launch=launch, costs=costs, path=path, seed=seed)
