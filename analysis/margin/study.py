"""The margin of one launch as notebook 3 opens it: answer, facts, trust, inputs, and what if.

The results that its sections show are in `results_path`, `results_bridge` and `results_inputs`; the
draws behind them are a `MarginPath`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from ..bom.study import CostStudy
from ..data import Launch, SourcedValue, interval, list_files, load_table
from ..data.products import MOBILE
from ..look import (
    Facts,
    FirstScreen,
    Table,
    Trust,
    day,
    dollars,
    in_tense,
    number,
    percent,
    plural,
    span,
    what_if,
)
from ..look.page_words import name_of_currency
from .body import ceramic_body
from .bridge import ENOUGH, guess_beats_books, reported_margins
from .items import OTHER_ITEMS
from .path import MarginPath, known_number, margin_path
from .points import OFFICIAL_PRICES
from .results_bridge import Bridge
from .results_inputs import BodyByYield, Inputs
from .results_path import PartsCost, UnitMargin
from .results_points import MarginPoints
from .words import dollars_on_file, percent_with_range, whole_dollars

LIKELY = 0.65  # chance of a margin above nothing from which we say "probably"
THIN = 0.1  # a unit margin of less than this share of the net price is called thin
MONTHS_OF_A_LONG_LIFE = 54  # beyond which a life is simulated in proportion fewer times
MONTHS_OF_COSTINGS = 24  # over which one product's costings were followed; a fact goes no further
PANEL_DRAWS = 1_000
MOST_COLUMNS = 7  # months shown by the panel


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
    def parts_cost(self) -> PartsCost:
        """Cost of the parts against break-even, by month."""
        return PartsCost(launch=self.launch, path=self.path)

    @cached_property
    def unit_margin(self) -> UnitMargin:
        """Margin of a unit by month."""
        enough = ENOUGH if self.reported.empty else self.reported["value"].mean()
        points = MarginPoints(
            launch=self.launch, path=self.path, enough=enough, as_xiaomi=not self.reported.empty
        )
        return UnitMargin(
            launch=self.launch, path=self.path, points=points, without_body=self.body is not None
        )

    @cached_property
    def bridge(self) -> Bridge:
        """From the net price to the margin that the books report."""
        return Bridge(launch=self.launch, path=self.path, reported=self.reported)

    @cached_property
    def inputs(self) -> Inputs:
        """Which inputs move the margin over the life most."""
        return Inputs(launch=self.launch, path=self.path)

    @cached_property
    def body(self) -> BodyByYield | None:
        """Margin by the yield of a ceramic body; None where none held the launch."""
        body = ceramic_body(self.launch, self.path, self.seed)
        if body is None:
            return None
        return BodyByYield(launch=self.launch, body=body)

    @cached_property
    def reported(self) -> pd.DataFrame:
        """Gross margins that Xiaomi reported for all its smartphones, a row a period.

        The one maker on file that did; a launch that is no phone has none to be held against.
        """
        reported = reported_margins(load_table("company_metrics"))
        return reported if self.is_mobile else reported.head(0)

    @cached_property
    def guess_is_too_good(self) -> bool:
        """Whether parts are guessed, and leave more than the books do (`guess_beats_books`)."""
        return guess_beats_books(self.path, self.reported)

    @property
    def is_mobile(self) -> bool:
        """Whether the launch is a phone or the like, to which margins of phones speak."""
        return self.launch.product.compared_classes == MOBILE

    @property
    def parts_are_assumed(self) -> bool:
        """Whether the cost of the parts that the file gives is an assumption, not a costing."""
        return self.launch.figure("costs.bom_usd").basis == "assumed"

    @property
    def _telling_parts(self) -> str:
        """The parts whose purchase price would tell most."""
        return "memory and display" if self.is_mobile else "dearest parts"

    @property
    def lead(self) -> PartsCost | BodyByYield:
        """The result that the page opens with."""
        return self.body or self.parts_cost

    def first_screen(self) -> FirstScreen:
        """Return question and answer."""
        if self.body is not None:
            answer = "Unknown: the ceramic body decides."
            detail = f"{self.body.sentence()} Ask what a body costs before you order more."
        elif self.path.bom_is_known:
            answer = self._answer_by_costing()
            detail = f"{self.parts_cost.sentence()} {self._advice()}"
        else:
            answer, detail = self._answer_by_assumption(), self._advice()
            if self.guess_is_too_good:  # the answer does not say what a guess is held against
                detail = f"{self.parts_cost.sentence()} {detail}"
        name = self.launch.name
        question = in_tense(
            f"Was the {name} profitable from day one?",
            f"Will the {name} be profitable from day one?",
            f"Is the {name} profitable from day one?",
        )
        return FirstScreen(question=question, answer=answer, detail=detail)

    def _stated_cost(self) -> list[str]:
        """Say what the company stated as its cost, where it did."""
        stated = self.launch.figure("costs.stated_cost_local")
        if not stated.known:
            return []
        list_price = self.launch.figure("price.list_local").number
        net_price = list_price / (1 + self.launch.figure("price.list_tax_share").number)
        money = name_of_currency(self.launch.currency)
        return [
            f"The company stated {number(stated.number)} {money}, "
            f"{percent(stated.number / net_price)} of the net price, but with overhead spread over "
            "planned volume."
        ]

    def _answer_by_costing(self) -> str:
        """Answer where the launch file has the cost of the parts."""
        low, median, high = interval(self.path.margin_share[:, 0])
        gain = f"{percent_with_range(median, low, high)} of the net price."
        loss = f"{percent_with_range(-median, -high, -low)} of the net price."
        earned = in_tense(f"a unit earned {gain}", f"a unit earns {gain}")
        lost = in_tense(f"a unit lost {loss}", f"a unit loses {loss}")
        answers = {
            "clear": f"Yes: {earned}" if low > 0 else f"Probably: {earned}",
            "thin": f"Thin: {earned}",
            "unknown": f"We cannot tell: between a loss of {percent(-low)} and a gain of "
            f"{percent(high)} of the net price.",
            "negative": f"No: {lost}" if high < 0 else f"Probably not: {lost}",
        }
        return answers[self.case]

    def _answer_by_assumption(self) -> str:
        """Answer where a share of the net price stands in for the cost of the parts."""
        if self.guess_is_too_good and self.case == "unknown":
            margin = percent(np.median(self.path.margin_share[:, 0]))
            return (
                f"We cannot tell: our guess at its parts leaves {margin}, but by what Xiaomi "
                "reported on its phones that is probably too good."
            )
        answer = {"clear": "Probably", "unknown": "We cannot tell", "negative": "Probably not"}
        broke_even = in_tense("it broke even", "it breaks even")
        break_even = self.parts_cost.break_even_in_words()
        guess = self.parts_cost.first_cost_in_words()
        return (
            f"{answer[self.case]}: {broke_even} if its parts cost {break_even}, and our guess is "
            f"{guess}."
        )

    def _advice(self) -> str:
        """Say in a sentence what to do."""
        if self.case in ("clear", "thin"):
            return (
                f"Do not hold the {self.launch.name} back for cheaper parts, unless a purchase "
                "order puts its parts above break-even."
            )
        return "See its first purchase order before you price it or hold it back."

    @property
    def case(self) -> str:
        """How the margin at first sale stands: "clear", "thin", "unknown" or "negative".

        It is unknown where a unit may as well lose as earn, or earns by a guess that is too good by
        the books. Where parts were costed, a small margin is thin if it is sure to be above
        nothing, and of unknown sign if it is not.
        """
        low, median, _ = interval(self.path.margin_share[:, 0])
        chance = self.path.probability_above(0).iloc[0]
        is_small = self.path.bom_is_known and median < THIN
        if chance <= 1 - LIKELY:
            return "negative"
        if self.guess_is_too_good or chance < LIKELY or (is_small and low <= 0):
            return "unknown"
        return "thin" if is_small else "clear"

    @property
    def _has_a_plan(self) -> bool:
        """Whether a page on plans of release weighs what this page leaves open."""
        return "release_plan" in self.launch.studies

    def decision(self) -> str:
        """Say what we would do with this launch, and which observation would reverse it."""
        if self.body is not None:
            return self.body.decision()
        decisions = {
            "clear": self._sell_as_made,
            "thin": self._sell_as_made,
            "unknown": self._settle_no_price,
            "negative": self._order_few,
        }
        return decisions[self.case]()

    def _sell_as_made(self) -> str:
        """Advise to sell, where a unit earns something at first sale."""
        name = self.launch.name
        margin = percent(np.median(self.path.margin_share[:, 0]))
        break_even = self.parts_cost.break_even_in_words()
        earned = in_tense("earned", "earns")
        if self.case == "thin":
            advice = (
                f"Sell the {name} as it is made, and do not cut its price before its parts are "
                f"cheaper. It {earned} only about {margin} of the net price at first sale."
            )
        else:
            advice = (
                f"Sell the {name} as it is made. It probably {earned} about {margin} of the net "
                "price at first sale, so it need not wait for cheaper parts."
            )
        return (
            f"{advice} Ask for the price of its {self._telling_parts} on the first and the latest "
            f"purchase order. If parts cost more than {break_even} at first sale and buyers are "
            "known to wait, we would hold it back."
        )

    def _settle_no_price(self) -> str:
        """Advise to find out what parts cost, where a unit may as well lose as earn."""
        break_even = self.parts_cost.break_even_in_words()
        tenth = whole_dollars(self.path.bom_that_leaves(0.1).mean())
        dearer_parts = (
            "would mean a loss on each at first, and Plan says whether to wait"
            if self._has_a_plan
            else "would say order few until they are cheaper"
        )
        stood = in_tense("stood", "will stand", "stands")
        return (
            f"Do not settle a price on this margin. At {break_even} of parts the "
            f"{self.launch.name} {in_tense('earned', 'earns')} nothing, and our figures do not say "
            f"on which side it {stood}. Hold its first purchase order "
            f"against that figure. Parts below {tenth} would say sell freely; parts above "
            f"{break_even} {dearer_parts}."
        )

    def _order_few(self) -> str:
        """Advise to wait for cheaper parts, where a unit loses at first sale."""
        lost = percent(-np.median(self.path.margin_share[:, 0]))
        break_even = self.parts_cost.break_even_in_words()
        unless = (
            ", unless what its buyers pay for later makes up for the loss (see Plan)"
            if self._has_a_plan
            else ""
        )
        return (
            f"Order few of the {self.launch.name} until its parts are cheaper{unless}. A unit "
            f"{in_tense('lost', 'loses')} about {lost} of the net price at first sale. Ask what "
            f"its {self._telling_parts} will cost in half a year. A first purchase order below "
            f"{break_even} would reverse us."
        )

    def facts(self) -> Facts:
        """Return the three numbers to remember."""
        first_margin = _with_its_range(self.path.margin_share[:, 0])
        basis = self._basis_of_parts() if self.path.bom_is_known else f"if {self._assumed_share()}"
        if self.body is not None:
            without_body = (
                first_margin,
                f"of the price without tax left before its ceramic body, {basis}",
            )
            return Facts(*self.body.facts(), without_body)
        last = -1
        if self.path.parts_end_at_our_limit:
            last = int(np.abs(self.path.months - MONTHS_OF_COSTINGS).argmin())
        last_margin = _with_its_range(self.path.margin_share[:, last])
        months = plural(round(self.path.months[last]), "month")
        events = self.parts_cost.events
        is_within = events["month"] <= self.path.months[last]
        steps = events[is_within & events["kind"].isin(OFFICIAL_PRICES)]
        then = " and ".join([f"after {months}", *_count_prices(steps)])
        return Facts(
            (
                self.parts_cost.break_even_in_words(),
                f"of parts, at which the {self.launch.name} "
                f"{in_tense('broke', 'breaks')} even at first sale",
            ),
            (
                first_margin,
                f"margin at first sale over the price without tax, {basis}"
                if first_margin.startswith("−")
                else f"of the price without tax left at first sale, {basis}",
            ),
            (
                last_margin,
                f"{'margin of' if last_margin.startswith('−') else 'left by'} the "
                f"{self.launch.name} {then}, {self._pace_of_parts()}",
            ),
        )

    def _basis_of_parts(self) -> str:
        """Say who tells the cost of the parts, behind a comma."""
        if self.parts_are_assumed:
            return "if its parts cost what its file assumes"
        if len(self.launch.costings):
            return "by the costings in its own BOM history"
        if self.launch.is_own:
            return "by its maker's costings of its parts"
        return "by the published estimates of its parts"

    def _pace_of_parts(self) -> str:
        """Say by what its parts are taken to get cheaper, as a condition."""
        if self.parts_cost.follows_own_costings:
            return f"if its parts go on as in its own {len(self.launch.costings)} costings"
        devices = plural(self.costs.decline.costed_devices, "costed device")
        return f"if its parts go as those of {devices} did"

    def _assumed_share(self) -> str:
        """Say which share of the net price the parts are assumed to take, and like whom."""
        share = self.launch.figure("costs.bom_share_of_net_price")
        taken = f"parts {in_tense('took', 'take')} {percent(share.number)} of it"
        brand = self._brand_with_costings(share.number)
        if brand is None:
            return f"{taken}, as the launch file assumes"
        phones = f"{number(brand['phones'])} other {brand['brand'].capitalize()} phones"
        return f"{taken}, as in {phones}"

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
        name = self.launch.name
        break_even = self.parts_cost.break_even_in_words()
        if self.body is not None:
            because = (
                f"No costing of the {name} is public, and nobody has published what a ceramic body "
                "costs. Both are assumed with wide ranges."
            )
            if self.path.bom_is_known:
                because = (
                    f"The parts of the {name} are {self._costed()} {self._bom_range()}, taken to "
                    "hold a metal body. Nobody has published what a ceramic body costs: it is "
                    "assumed with a wide range."
                )
            return Trust(
                level="none",
                because=because,
                would_settle="The price of a ceramic body begun, and the share that passes.",
            )
        if self.path.bom_is_known:
            sign_is_clear = low > 0 or high < 0
            return Trust(
                level="fair" if sign_is_clear and not self.parts_are_assumed else "low",
                because=f"The parts of the {name} are {self._costed()} {self._bom_range()}."
                f"{self._other_costs()}",
                would_settle=f"A dated purchase order for the {self._telling_parts} of the "
                f"{name}: it {in_tense('broke', 'breaks')} even at parts of {break_even}.",
            )
        because = (
            f"Nobody has published a costing of the {name}. Its parts are guessed from its price: "
            f"{percent(self.launch.figure('costs.bom_share_of_net_price').number)} of it without "
            "tax."
        )
        return Trust(
            level="low",
            because=" ".join(
                [because, *self._costing_of_family(), *self._stated_cost(), *self._what_books_say()]
            ),
            would_settle=f"A teardown of the {name}, or purchase orders for its parts, clearly "
            f"below or above {break_even}.",
        )

    def _costing_of_family(self) -> list[str]:
        """Say what another device of its family was costed at nearest to first sale, if one was."""
        devices = self.costs.tables["devices"].set_index("device")
        if self.launch.device not in devices.index:
            return []
        family = devices[devices["family"] == devices.loc[self.launch.device, "family"]]
        costings = self.costs.tables["bom_teardowns"].dropna(subset=["bom_usd"])
        costings = costings[costings["device"].isin(family.index)]
        others = costings[costings["device"] != self.launch.device]
        if others.empty:
            return []
        days = (others["teardown_date"] - self.launch.figure("first_sale").value).abs()
        nearest = others.loc[days.idxmin()]
        return [
            f"The parts of the {family.loc[nearest['device'], 'name']}, of its family, were costed "
            f"at {dollars(nearest['bom_usd'])} in {nearest['teardown_date']:%B %Y}."
        ]

    def _costed(self) -> str:
        """Say how the cost of the parts is known, as the begin of a sum."""
        if self.parts_are_assumed:
            return "assumed in its file at"
        if len(self.launch.costings):
            return "costed in its own BOM history at"
        if self.launch.is_own:
            return "costed by its maker at"
        return "estimated, dated roughly, at"

    def _other_costs(self) -> str:
        """Say that costs besides the parts are assumed, behind a sentence; empty where none is."""
        is_assumed = [self.launch.figure(item.field).basis == "assumed" for item in OTHER_ITEMS]
        if all(is_assumed):
            return " Assembly, royalties, channel and freight are assumed."
        return " Some of its other costs are assumed." if any(is_assumed) else ""

    def _bom_range(self) -> str:
        """Write the cost of the parts on file with its range."""
        return span(*self.parts_cost.ends_on_file(), write=dollars_on_file)

    def _what_books_say(self) -> list[str]:
        """Say that the guess leaves more than the books do, where that is more than its range."""
        if not self.guess_is_too_good:
            return []
        steps = self.bridge.steps.set_index("label")
        gross_margin = percent(steps.loc["gross margin, before channel cost", "estimate"])
        booked = percent(steps.loc["reported, all smartphones", "estimate"])
        return [
            f"By that guess it {in_tense('kept', 'keeps')} {gross_margin} over its life before its "
            f"channel is paid. Xiaomi reported {booked} on all its smartphones, so the guess is "
            "probably too good."
        ]

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

    def with_figure(self, path: str, value: float) -> MarginStudy:
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
        draws = len(self.path.net_usd)
        path = margin_path(launch, self.costs.own_rate, draws, self.seed, self.costs.parts)
        return replace(self, launch=launch, path=path)

    def explore(self) -> None:
        """Show a panel: unit margin by month, by list price, parts at launch and their change."""
        around = np.array([-0.2, -0.1, 0, 0.1, 0.2])
        list_price = self.launch.figure("price.list_local").number
        parts_usd = np.median(self.path.items["bom"][:, 0])
        change = np.expm1(self.costs.own_rate.interval().mid)
        what_if(
            "What if price, parts or their fall were different?",
            self._measure_of_panel(),
            self._margins_if,
            labels={
                "list_price": f"list price, {name_of_currency(self.launch.currency)}",
                "parts_usd": "parts at first sale, $",
                "change_a_year": "change of the parts' cost a year",
            },
            why_idle=self._why_idle(),
            list_price=_around(list_price, around),
            parts_usd=_around(parts_usd, around),
            change_a_year=np.round(change + around, 2).tolist(),
        )

    def _measure_of_panel(self) -> str:
        """Say what the panel shows, and until when the list price chosen in it holds."""
        measure = "unit margin, % of net price, 80 % ranges; parts at first sale taken as known"
        events = self.parts_cost.events
        prices = events[events["kind"].isin(OFFICIAL_PRICES)]
        if prices.empty:
            return measure
        return f"{measure}; list price until {day(prices['date'].iloc[0])}, then the official one"

    @property
    def _months_between_columns(self) -> int:
        """Months from one column of the panel to the next: half a year or several."""
        return 6 * (int(self.path.months[-1] // (6 * MOST_COLUMNS)) + 1)

    def _why_idle(self) -> dict[str, str]:
        """Say why another change of the parts' cost moves no margin of the panel, where we know."""
        if self.path.months[-1] < self._months_between_columns:
            return {"change_a_year": "of so short a life the first sale alone is shown"}
        if len(self.launch.costings):
            return {"change_a_year": "its parts follow its own costings in all months shown"}
        return {}

    def _margins_if(
        self, list_price: float, parts_usd: float, change_a_year: float
    ) -> pd.DataFrame:
        """Compute the margin in percent at a few months of the life, for other prices and parts."""
        figures = self.launch.figures | {
            "price.list_local": SourcedValue(value=list_price, basis="assumed"),
            "costs.bom_usd": SourcedValue(value=parts_usd, basis="assumed"),
            "costs.bom_date": self.launch.figure("first_sale"),
        }
        launch = replace(self.launch, figures=figures)
        own_rate = self.costs.own_rate
        rate = own_rate.shifted(np.log1p(change_a_year) - own_rate.interval().mid)
        step_months = self._months_between_columns
        path = margin_path(launch, rate, PANEL_DRAWS, self.seed, self.costs.parts, step_months)
        band = (100 * path.band()).round().reset_index()
        return pd.DataFrame(
            {
                "label": [f"month {month:g}" for month in band["month"]],
                "estimate": band["median"],
                "low": band["q10"],
                "high": band["q90"],
            }
        )


def _count_prices(steps: pd.DataFrame) -> list[str]:
    """Count official prices by what they have in common; empty where there are none."""
    if steps.empty:
        return []
    kinds = set(steps["kind"])
    if kinds in ({"price cut"}, {"price rise"}):
        return [plural(len(steps), *kinds)]
    if (steps["after"] < steps["before"]).all():
        return [plural(len(steps), "lower price")]
    return [plural(len(steps), "other price")]


def _around(value: float, changes: np.ndarray) -> list[float]:
    """Change a value by shares of it: whole numbers, or to within 1 % of it where it is small."""
    decimals = max(0, math.ceil(-np.log10(value / 50)))
    return np.round(value * (1 + changes), decimals).tolist()


def _with_its_range(margin_share: np.ndarray) -> str:
    """Write the median of a margin with its range."""
    low, median, high = interval(margin_share)
    return percent_with_range(median, low, high)


def study_launch(launch: Launch, costs: CostStudy, *, draws: int, seed: int) -> MarginStudy:
    """Draw the unit margins of a launch.

    Parameters
    ----------
    launch : Launch
        As from `load_launch`.
    costs : CostStudy
        As from `bom.study_costs`.
    draws, seed : int
        How many lives are simulated, in proportion fewer where one is longer than
        `MONTHS_OF_A_LONG_LIFE`, and the seed of the random draws.

    Returns
    -------
    MarginStudy
        What notebook 3 shows.

    Raises
    ------
    ValueError
        For a figure that the file leaves unknown and that cannot be done without.
    """
    long_lives = known_number(launch, "life_months") / MONTHS_OF_A_LONG_LIFE
    draws = int(draws / max(long_lives, 1))
    path = margin_path(launch, costs.own_rate, draws, seed, costs.parts)
    return MarginStudy(launch=launch, costs=costs, path=path, seed=seed)
