"""The page of a launch's release plan.

`study_launch` fits a launch, plays its plans and weighs why it was short. Each section of the page
is a result that shows itself: `.table()`, `.chart()` or `.plot()`, `.sentence()`; they stand in
`results_plans`, `results_verdict` and `results_inputs`. The models' results stay reachable in them.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..bom.study import study_costs
from ..data import Launch, interval, list_files
from ..look import Facts, FirstScreen, Table, Trust, percent, span, what_if
from ..margin import margin_path
from .body import BodyComparison, compare_bodies, is_held_by_its_body
from .choose import (
    BEST_AT_LIST_PRICE,
    RECOMMENDED,
    RUNNERS_UP,
    PlanChoice,
    choose_plan,
    find_swings,
    turning_elasticity,
)
from .fitting import LaunchMarket, fit_market, value_cash_float, value_signal
from .policies import (
    NEVER,
    RIVALS,
    SELL_AS_MADE,
    ReleasePolicy,
    actual_policy,
    make_policies,
    policy_table,
)
from .results_inputs import CeramicBody, InputSwings, Levers
from .results_plans import A_FIFTH_DEARER, ACTUAL, AS_MADE, PlanGains, PlanTrial, PriceOption
from .results_verdict import CLEAR, Explanations, Waiting
from .simulate import outcomes_by_draw
from .verdict import Verdict, weigh_explanations
from .waiting import compare_delays, expected_cost_fall, needed_cost_fall, play_waiting
from .words import in_millions, phone_name, plan_words, whole_dollars

PLANS_OF_SWINGS = [ACTUAL, RECOMMENDED, *RUNNERS_UP, BEST_AT_LIST_PRICE, AS_MADE, "half throughout"]
WAITING = "half for some weeks"

GRID = {
    "price": [0.9, 1.0, 1.1, 1.2, 1.35, 1.5],
    "release": [1.0, 0.0, 0.5],
    "store": [0, 1],
    "volume_week": [0, 4, 8, 13, 26],
    "cut": [0.15],
    "cut_week": [26, 39, NEVER],
    "s_week": [26, 39, NEVER],
}
DELAYS = [4, 8, 13, 26]  # weeks of waiting that the section on waiting compares
QUICK_DRAWS = 400
PANEL_DRAWS = 320
DRAWS_OF_MARGIN = 20_000  # lives that the page on margin simulates


@dataclass(frozen=True, kw_only=True)
class ReleaseStudy:
    """The release plan of one launch, studied: a result for each section of its page."""

    known: LaunchMarket
    plans: PlanGains
    price: PriceOption
    explanations: Explanations
    waiting: Waiting
    levers: Levers
    inputs: InputSwings
    body: CeramicBody | None

    @property
    def choice(self) -> PlanChoice:
        """The plans on fresh draws."""
        return self.plans.choice

    @property
    def phone(self) -> str:
        """What the phone is called."""
        return phone_name(self.known.launch)

    def options(self) -> list[PriceOption | CeramicBody]:
        """Return what stands beside the plans: the price, and a ceramic body if there is one."""
        return [self.price, self.body] if self.body else [self.price]

    def first_screen(self) -> FirstScreen:
        """Return the question and its answer at the list price."""
        name = self.known.launch.name
        question = f"Should {name} phones have been held back, or sold as they were made?"
        return FirstScreen(question, self._answer(), self._detail())

    def _answer(self) -> str:
        """Answer at the list price; a price above it rests on a guess and is no headline."""
        best = self.choice.policy(BEST_AT_LIST_PRICE)
        if self.body and self.body.loses:
            return f"Sell what is made, if a {self.phone} earns anything: its ceramic body decides."
        if best.sells_as_made:
            return (
                f"Sell what is made: at the list price, no plan that holds {self.phone} phones "
                "back earns more on average."
            )
        return f"At the list price, to {plan_words(best)} earns most on average."

    def _detail(self) -> str:
        """Say what speaks of the ceramic body or of price, or else what holding back costs."""
        if self.body and self.body.loses:
            return (
                f"If that body comes on top of the assumed parts, each {self.phone} "
                f"{self.body.margin_words()}; the plans here leave it out."
            )
        if self.price.gain_usd.mean() > 0:
            return (
                f"A dearer {self.phone} may earn more, but only if people react to price as we "
                "guess."
            )
        return f"A price a fifth higher earns no more with the {self.phone} either."

    def facts(self) -> Facts:
        """Give three numbers: waiting, the ceiling, and price or the ceramic body."""
        return Facts(self._fact_of_half(), self._fact_of_limit_or_cost(), self._last_fact())

    def _fact_of_half(self) -> tuple[str, str]:
        """Give how often making half at first pays, and what it earns on average."""
        waiting = self.explanations.waiting
        mean_usd = waiting.gain_usd.mean()
        pays = f"of {self.phone} simulations in which making half until week {waiting.weeks}"
        if mean_usd > 0:
            meaning = f"{pays} earns more; on average it gains {in_millions(mean_usd)}"
        else:
            meaning = f"{pays} earns more; on average it loses {in_millions(-mean_usd)}"
        return percent(waiting.chance), meaning

    def _fact_of_limit_or_cost(self) -> tuple[str, str]:
        """Give the chance of a ceiling where reports speak of it, else the fall of cost needed."""
        if self.explanations.ceiling_moved:
            ceiling = self.explanations.verdict.ceiling
            chance = span(ceiling.low, ceiling.high, write=percent)
            return chance, f"chance that every {self.phone} was made that could be, by its reports"
        _, expected, _ = self.waiting.expected_fall
        if not self.waiting.can_pay:
            return (
                percent(expected),
                f"how much cheaper we expect a {self.phone} to get in {self.waiting.weeks} weeks; "
                "no fall of cost makes waiting pay",
            )
        return (
            percent(self.waiting.needed),
            f"how much cheaper a {self.phone} must get in {self.waiting.weeks} weeks to be worth "
            f"holding back; we expect {percent(expected)}",
        )

    def _last_fact(self) -> tuple[str, str]:
        """Give the ceramic body's margin, or what a dearer phone gains if the guess holds."""
        if self.body:
            share = percent(self.body.comparison.yield_share)
            return (
                whole_dollars(self.body.comparison.unit_margin_usd[1]),
                f"on each {self.phone}, if its ceramic body, of which {share} pass, comes on top",
            )
        low, _, high = interval(self.price.gain_usd)
        return (
            span(low, high, write=in_millions),
            f"range of what a {self.phone} a fifth dearer adds, if people react as we guess",
        )

    def trust(self) -> Trust:
        """Return how sure the answer is, and what would settle it."""
        settle = self._would_settle()
        if self.body and self.body.loses:
            because = (
                f"Nobody has published what the {self.phone}'s ceramic body cost, nor whether the "
                f"assumed parts hold one already. {self._unknown_limit()}"
            )
            return Trust("low", because.strip(), settle)
        if self.explanations.waiting.chance < CLEAR:
            because = (
                f"Selling as made beats making half in most {self.phone} simulations. Yet how many "
                "people wanted one, and how many give up waiting, are wide guesses. "
                f"{self._unknown_limit()}"
            )
            return Trust("fair", because.strip(), settle)
        because = (
            f"Selling as made and holding {self.phone} phones back each win in many simulations. "
            f"{self._unknown_limit()}"
        )
        return Trust("low", because.strip(), settle)

    def _unknown_limit(self) -> str:
        """Say that no two counts settle a ceiling where none do, else nothing."""
        if self.explanations.ceiling_moved:
            return ""
        return f"No two counts settle whether more {self.phone} phones could have been made."

    def _would_settle(self) -> str:
        """Say what would settle whether waiting pays, and whether phones were held back."""
        orders = (
            f"Supplier orders cut while the {self.phone} was sold out would show that more could "
            "have been made."
        )
        if self.body and self.body.loses:
            return (
                f"What one ceramic body costs, and how many pass: a {self.phone} breaks even if "
                f"{self.body.break_even_words()} do. {orders}"
            )
        if not self.waiting.can_pay:
            return f"A count of how many give up waiting for a {self.phone} would. {orders}"
        return (
            f"A supplier's price for parts {self.waiting.weeks} weeks later would. Waiting pays if "
            f"it makes a {self.phone} about {percent(self.waiting.needed)} cheaper and missed "
            f"phones can still be made. {orders}"
        )

    def decision(self) -> str:
        """Return what we would do, and what would reverse it, in words."""
        best = self.choice.policy(BEST_AT_LIST_PRICE)
        price = (
            f"Before raising the price of a {self.phone} we would measure how people react to it, "
            "in two regions at one time."
        )
        if self.body and self.body.loses:
            return (
                "We would find out what the ceramic body costs before making more. If a "
                f"{self.phone} earns anything, release each as soon as it is made. {price}"
            )
        if best.sells_as_made:
            return (
                f"We would release what can be made of the {self.phone} as soon as it is made, "
                f"unless a supplier firmly promises cheaper parts. {price}"
            )
        return (
            f"We would {plan_words(best)}, if {self.phone} buyers are as patient as we assume. "
            f"People who give up waiting faster would reverse this. {price}"
        )

    def try_plan(self, policy: ReleasePolicy) -> PlanTrial:
        """Return what a plan of one's own earns on the fresh draws, against selling as made."""
        table = policy_table({"own": policy, AS_MADE: SELL_AS_MADE})
        profit_usd, as_made_usd = outcomes_by_draw(table, self.known.fresh).profit_usd
        return PlanTrial(policy=policy, profit_usd=profit_usd, gain_usd=profit_usd - as_made_usd)

    def explore(self) -> None:
        """Show a panel: profit and its gain over selling as made, by price and weeks held back."""
        market = self.known.fresh.select(slice(PANEL_DRAWS))

        def earns(price: float, weeks: int, released: float) -> pd.DataFrame:
            """Profit and gain in million dollars, median and 80 %."""
            policy = ReleasePolicy(price=price, release=released, volume_week=weeks)
            table = policy_table({"own": policy, AS_MADE: SELL_AS_MADE})
            profit_usd, as_made_usd = outcomes_by_draw(table, market).profit_usd
            ranges = [interval(profit_usd / 1e6), interval((profit_usd - as_made_usd) / 1e6)]
            rows = pd.DataFrame(ranges, columns=["low", "estimate", "high"])
            return rows.assign(label=["profit", "gain over selling as made"])

        what_if(
            "What if the price or the release were others?",
            f"million dollars, median and 80 % of {market.draws} simulations",
            earns,
            labels={
                "price": "price over list",
                "weeks": "weeks held back",
                "released": "share released till then",
            },
            price=[0.9, 0.95, 1.0, 1.1, 1.2],
            weeks=[0, 4, 13, 26, 39],
            released=[0.0, 0.25, 0.5, 0.75, 1.0],
        )

    def files(self) -> Table:
        """Return the tables that the study read."""
        return Table(list_files(self.known.tables), "Data files used")

    def assumptions(self) -> Table:
        """Return the figures of the launch that are assumed or unknown."""
        unsettled = self.known.launch.not_sourced("costs", "price", "life", "supply")
        return Table(unsettled, "Figures of this launch that are assumed or unknown")


def study_launch(
    launch: Launch,
    *,
    draws: int = 2000,
    delay_weeks: int = 13,
    workers: int = 1,
    quick: bool = False,
    seed: int = 1,
) -> ReleaseStudy:
    """Fit a launch, play its plans and weigh why it was short.

    Parameters
    ----------
    launch : Launch
        From `load_launch`; its supply, price and costs known or assumed.
    draws : int
        Simulated lives of the search, and as many fresh ones.
    delay_weeks : int
        How long units are held back in the verdict.
    workers : int
        Processes of the search; `LAUNCH_SCHEDULER` names a Dask scheduler instead.
    quick : bool
        400 draws, for a fast look.
    seed : int
        Seed of every random draw.

    Returns
    -------
    ReleaseStudy
    """
    phone = phone_name(launch)
    known = fit_market(launch, draws=QUICK_DRAWS if quick else draws, seed=seed)
    fresh = known.fresh
    weeks = min(delay_weeks, fresh.weeks - 1)  # a unit is not held back beyond the life
    waiting = play_waiting(fresh, weeks)
    rivals = {ACTUAL: actual_policy(launch), **RIVALS, WAITING: waiting.policy}
    choice = choose_plan(make_policies(**GRID), rivals, known.search, fresh, workers)
    verdict = _weigh(known, weeks)
    body = _compare_bodies(known, choice.table.loc[ACTUAL, "units"], seed)
    return ReleaseStudy(
        known=known,
        plans=PlanGains(launch=launch, choice=choice),
        price=_price_option(known, choice),
        explanations=Explanations(
            phone=phone,
            verdict=verdict,
            waiting=waiting,
            ceiling_moved=known.ceiling_moved,
        ),
        waiting=Waiting(
            phone=phone,
            delays=compare_delays(fresh, [delay for delay in DELAYS if delay < fresh.weeks]),
            weeks=weeks,
            needed_fall=needed_cost_fall(fresh, weeks),
            expected_fall=expected_cost_fall(fresh, weeks),
            one_unit_pays=verdict.waiting_pays.estimate,
        ),
        levers=_levers(known, choice),
        inputs=_swings(choice, known),
        body=CeramicBody(phone=phone, comparison=body) if body else None,
    )


def _weigh(known: LaunchMarket, weeks: int) -> Verdict:
    """Weigh the explanations on the fresh draws."""
    fresh = known.fresh
    return weigh_explanations(
        margin_now_usd=fresh.margin_usd[:, 0],
        margin_later_usd=fresh.margin_usd[:, weeks],
        weeks=weeks,
        reneging_rate=fresh.reneging_rate,
        discount=fresh.discount,
        marketing_usd=known.marketing_share * fresh.net_usd[:, 0],
        ceiling=known.ceiling,
        inputs={
            "rate of the BOM": known.rate_of_bom,
            "BOM at first sale": known.bom_at_first_sale_usd,
            "leave rate": fresh.reneging_rate,
        },
    )


def _compare_bodies(known: LaunchMarket, units: float, seed: int) -> BodyComparison | None:
    """Compare bodies on the draws of the page on margin, so that both pages give one figure."""
    launch = known.launch
    if not is_held_by_its_body(launch):
        return None
    costs = study_costs(launch)
    path = margin_path(launch, costs.own_rate, DRAWS_OF_MARGIN, seed, costs.parts)
    return compare_bodies(launch, path, units, known.marketing_usd_a_year, seed)


def _price_option(known: LaunchMarket, choice: PlanChoice) -> PriceOption:
    """Value a price a fifth above list, everything else as when sold as made."""
    return PriceOption(
        phone=phone_name(known.launch),
        gain_usd=choice.gain_over(A_FIFTH_DEARER, AS_MADE),
        elasticity=known.assumption("price_elasticity"),
        turns_at=turning_elasticity(RIVALS[A_FIFTH_DEARER], SELL_AS_MADE, known.fresh),
    )


def _levers(known: LaunchMarket, choice: PlanChoice) -> Levers:
    """Value what else could be changed, for a phone that is sold as made."""
    as_made = policy_table({AS_MADE: SELL_AS_MADE})
    sooner = outcomes_by_draw(as_made, known.fresh.supplied_sooner()).profit_usd[0]
    return Levers(
        phone=phone_name(known.launch),
        week_usd=sooner - choice.profit_usd[AS_MADE].to_numpy(),
        cash=value_cash_float(known, SELL_AS_MADE),
        signal=value_signal(known),
    )


def _swings(choice: PlanChoice, known: LaunchMarket) -> InputSwings:
    """Swing each input, the best of the compared plans chosen anew."""
    labels = [label for label in PLANS_OF_SWINGS if label in choice.table.index]
    policies = {label: choice.policy(label) for label in labels}
    profit = choice.table.loc[labels, "profit_usd"]
    return InputSwings(
        phone=phone_name(known.launch),
        swings=find_swings(policies, known.fresh, over=ACTUAL),
        base_usd=profit.max() - profit[ACTUAL],
    )
