"""The page of a launch's release plan.

`study_launch` fits a launch, plays its plans and weighs why it was short. Each section of the page
is a result that shows itself: `.table()`, `.chart()` or `.plot()`, `.sentence()`; they stand in
`results_plans`, `results_price`, `results_verdict` and `results_inputs`. The models' results stay
reachable in them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..bom.study import study_costs
from ..data import Launch, interval, list_files
from ..look import Facts, FirstScreen, Table, Trust, in_tense, number, percent, span, what_if
from ..margin import is_held_by_its_body, margin_path
from ..margin.words import writer_of_dollars
from ..sellout.words import product_name
from .body import BodyComparison, compare_bodies
from .choose import (
    AS_GOOD,
    BEST_AT_LIST_PRICE,
    PlanChoice,
    choose_plan,
)
from .delay import compare_delays
from .fitting import LaunchMarket, fit_market
from .market import weeks_of_life
from .pace import count_comparable
from .policies import (
    AS_MADE,
    RIVALS,
    SELL_AS_MADE,
    ReleasePolicy,
    actual_policy,
    policy_table,
)
from .results_inputs import BodySection, InputSwings, Levers
from .results_plans import ACTUAL, PlanGains, PlanTrial, SalesByWeek
from .results_price import Clearing, PriceOption
from .results_verdict import CLEAR, Explanations, Waiting, gains_or_loses
from .simulate import outcomes_by_draw
from .study_parts import (
    PanelProfits,
    count_sales,
    dearest_price,
    find_clearing,
    policies_to_try,
    swing_inputs,
    value_levers,
    value_price_option,
)
from .verdict import Verdict, judge_shortage
from .words import (
    in_millions,
    later_words,
    plan_words,
    small_sum,
    weeks_from_first,
)

WAITING = "half for some weeks"

DELAYS = [4, 8, 13, 26]  # weeks of waiting that the section on waiting compares
QUICK_DRAWS = 400
LEAST_QUICK_DRAWS = 200  # of a long life: fewer would move the advice from seed to seed
WEEKS_OF_A_LONG_LIFE = 104  # beyond which a life is simulated in proportion fewer times
PANEL_DRAWS = 320
PANEL = {  # price over list, weeks held back, share released till then
    "price": [0.9, 0.95, 1.0, 1.1, 1.2],
    "weeks": [0, 4, 13, 26, 39],
    "released": [0.0, 0.25, 0.5, 0.75, 1.0],
}
DRAWS_OF_MARGIN = 10_000  # lives that the page on margin simulates
FEWEST_DRAWS = 100  # independent ones of the market, with which a range says something
SURELY = 0.9  # share of simulations from which a loss on each unit is sure


@dataclass(frozen=True, kw_only=True)
class ReleaseStudy:
    """The release plan of one launch, studied: a result for each section of its page."""

    known: LaunchMarket
    plans: PlanGains
    clearing: Clearing
    price: PriceOption
    sales: SalesByWeek
    explanations: Explanations
    waiting: Waiting
    levers: Levers
    inputs: InputSwings
    body: BodySection | None

    @property
    def choice(self) -> PlanChoice:
        """The plans on fresh draws."""
        return self.plans.choice

    @property
    def phone(self) -> str:
        """What the product is called, whatever it is."""
        return product_name(self.known.launch)

    def options(self) -> list[BodySection]:
        """Return what stands beside the plans: a ceramic body if there is one."""
        return [self.body] if self.body else []

    @property
    def below_cost_share(self) -> float:
        """Share of simulations in which a unit sells below its cost at first sale."""
        market = self.known.fresh
        return float((market.net_usd[:, 0] < market.cost_usd[:, 0]).mean())

    @property
    def is_sold_below_cost(self) -> bool:
        """Whether each unit loses so surely that what buyers pay for later must make up for it."""
        return self.below_cost_share > SURELY and not self.body

    def first_screen(self) -> FirstScreen:
        """Return the question and its answer at the list price."""
        name = self.known.launch.name
        question = in_tense(
            f"Should {name} phones have been held back, or sold as they were made?",
            f"Should {name} phones be held back, or sold as they are made?",
        )
        return FirstScreen(question, self._answer(), self._detail())

    def _answer(self) -> str:
        """Answer at the list price; a price above it rests on a guess and is no headline."""
        best = self.choice.policy(BEST_AT_LIST_PRICE)
        if self.body and self.body.loses:
            return f"Sell what is made, if a {self.phone} earns anything: its ceramic body decides."
        if self.is_sold_below_cost:
            return (
                f"We cannot tell: each {self.phone} {in_tense('sold', 'sells')} below its cost at "
                f"first, so what its buyers {in_tense('paid', 'pay')} for later decides."
            )
        if self.sales.are_refuted:
            return f"We cannot tell. {self._missed_counts()}"
        if best.sells_as_made:
            if self._holding_back_hardly_matters:
                return f"It hardly matters: {self._what_holding_back_does()}."
            return f"Sell what is made: {self._what_holding_back_does()}."
        return f"At the list price, to {plan_words(best)} earns most on average."

    @property
    def _holding_back_hardly_matters(self) -> bool:
        """Whether making half at first changes profit by less than two plans can be told apart."""
        return bool(abs(self.explanations.delay.share_of_profit) < AS_GOOD)

    def _what_holding_back_does(self) -> str:
        """Say what making half at first costs, where that is more than hardly anything.

        The search takes a plan that holds back only where that adds more than `AS_GOOD`.
        """
        delay = self.explanations.delay
        half = f"making half of the {self.phone} phones for {delay.weeks} weeks"
        if self._holding_back_hardly_matters:
            changes = in_tense("would have changed", "would change")
            return f"{half} {changes} profit by less than {percent(AS_GOOD)}"
        if delay.mean_usd < 0:
            costs = in_tense("would have cost", "would cost")
            return f"{half} {costs} about {in_millions(-delay.mean_usd)}"
        return f"at the list price, no plan that holds {self.phone} phones back clearly earns more"

    def _detail(self) -> str:
        """Say what speaks of the ceramic body, or which price would clear the market."""
        if self.body and self.body.loses:
            return (
                f"If that body comes on top of the assumed parts, each {self.phone} "
                f"{self.body.margin_words()}; the plans here leave it out."
            )
        if self.is_sold_below_cost:
            return (
                "Games or services that buyers add are not counted here. Without them, "
                f"each {self.phone} not made saves money."
            )
        if not self.known.buyers_are_known:
            return (
                "Which price would clear the market we cannot tell: its file does not say how "
                f"many products like the {self.phone}, by all makers, are sold in a year."
            )
        return f"{self.clearing.headline()} {self.price.what_decides()}"

    def facts(self) -> Facts:
        """Give three numbers: waiting, the ceiling, and price or the ceramic body."""
        return Facts(self._fact_of_half(), self._fact_of_limit_or_cost(), self._last_fact())

    def _fact_of_half(self) -> tuple[str, str]:
        """Give how often making half at first pays, and what it earns on average."""
        delay = self.explanations.delay
        return percent(delay.chance), (
            f"of {self.phone} simulations in which making half for {delay.weeks} weeks beats "
            f"selling as made; on average it {gains_or_loses(delay.mean_usd)}"
        )

    def _fact_of_limit_or_cost(self) -> tuple[str, str]:
        """Give the chance of a ceiling where reports speak of it, else the fall of cost needed."""
        if self.explanations.ceiling_moved:
            _, low, high = self.explanations.verdict.ceiling.interval
            chance = span(low, high, write=percent)
            return chance, f"chance that every {self.phone} was made that could be, by its reports"
        _, expected, _ = self.waiting.expected_fall_range
        cheaper = f"how much cheaper we expect a {self.phone} to get in {self.waiting.weeks} weeks"
        if self.waiting.needed <= 0:
            return (
                percent(expected),
                f"{cheaper}; on average waiting pays without that, as fewer are made at a loss",
            )
        if not self.waiting.fall_is_in_sight:
            return percent(expected), f"{cheaper}; no fall in sight makes waiting pay"
        return (
            percent(self.waiting.needed),
            f"how much cheaper a {self.phone} must get in {self.waiting.weeks} weeks to be worth "
            f"holding back; we expect {percent(expected)}",
        )

    def _last_fact(self) -> tuple[str, str]:
        """Give the ceramic body's margin, or what a further phone is worth."""
        if self.body:
            share = percent(self.body.comparison.yield_share)
            low, median, high = self.body.comparison.unit_margin_usd
            return (
                writer_of_dollars(low, high)(median),
                f"on each {self.phone}, if its ceramic body, of which {share} pass, comes on top",
            )
        low, median, high = interval(self.levers.unit_usd)
        mean = small_sum(self.levers.unit_usd.mean())
        weeks = weeks_from_first(self.levers.short_weeks)
        short = ", short in most simulations," if self.levers.short_weeks else ""
        one_more = f"what one more {self.phone} in {weeks}{short} is worth"
        likely = span(low, high, write=small_sum)
        if self.levers.is_mean_in_range:
            return mean, f"{one_more} on average, {likely}"
        return (
            small_sum(median),
            f"{one_more} in the middle simulation, {likely}; a few move the average to {mean}",
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
        if self.is_sold_below_cost:
            because = f"What buyers of a {self.phone} pay for later is in no plan here."
            return Trust("none", because, f"What one {self.phone} earns after its sale.")
        if self.sales.are_refuted:
            because = f"{self._missed_counts()} No plan played on them says what it would earn."
            settle = (
                f"Which figure of the {self.phone}'s file does not go with its counts: supply, "
                "life or size of the market."
            )
            return Trust("none", because, settle)
        if not self._has_been_sold():
            nothing = in_tense(
                f"Nothing that was sold of the {self.phone} is on file.",
                f"Nothing of the {self.phone} has been sold yet.",
                f"Nothing that was sold of the {self.phone} is on file.",
            )
            because = f"{nothing} How many people want one is a guess from others of its class."
            settle = in_tense(
                f"Orders or registrations for the {self.phone}, counted before its first sale.",
                f"Orders or registrations for the {self.phone}, counted before its first sale.",
                f"Counts of the {self.phone} phones sold in its first weeks.",
            )
            return Trust("low", because, settle)
        if not self.known.buyers_are_known:
            because = (
                f"Nothing in the file of the {self.phone} bounds how many people could buy one, "
                "so how much was missed is a wide guess."
            )
            settle = (
                f"How many products like the {self.phone} are sold in a year "
                f"(market_units_a_year). {settle}"
            )
            return Trust("low", because, settle)
        if self.explanations.delay.chance < CLEAR:
            because = (
                f"Selling as made beats making half in most {self.phone} simulations. Yet how many "
                f"{in_tense('wanted', 'want')} one, and how many give up waiting, are wide "
                "guesses. "
                f"{self._doubts_of_the_market()} {self._doubted_margin()} {self._unknown_limit()} "
                f"{self._limit_of_the_fall()}"
            )
            is_doubted = self.known.parts_are_guessed or self._doubts_of_the_market()
            level = "low" if is_doubted else "fair"
            return Trust(level, " ".join(because.split()), settle)
        because = (
            f"Selling as made and holding {self.phone} phones back each win in many simulations. "
            f"{self._doubts_of_the_market()} {self._unknown_limit()} {self._limit_of_the_fall()}"
        )
        return Trust("low", " ".join(because.split()), settle)

    def _has_been_sold(self) -> bool:
        """Whether a count of sales or orders, or a lot, of the launch is on file."""
        launch = self.known.launch
        return bool(len(launch.sales) or len(launch.drops))

    def _missed_counts(self) -> str:
        """Say that the simulations miss most counts of units sold, where they do."""
        if not self.sales.misses_most:
            return ""
        counts = "the one count" if len(self.sales.tested()) == 1 else "most counts"
        return f"The {self.phone} simulations miss {counts} of units sold."

    def _doubts_of_the_market(self) -> str:
        """Say why the simulated buyers may be wrong; "" where nothing speaks against them."""
        doubts = [self._missed_counts(), self._few_draws(), self._borrowed_class()]
        return " ".join(filter(None, doubts))

    def _few_draws(self) -> str:
        """Say that few simulations agree with what is known, where the rest weigh nothing."""
        worth = self.known.effective_draws
        if worth >= FEWEST_DRAWS:
            return ""
        return (
            f"Its {self.known.fresh.draws:,} simulations are worth {number(worth, 2)} independent "
            "ones, as few agree with what is known."
        )

    def _borrowed_class(self) -> str:
        """Say that no sales of its class are on file, where its buyers are drawn from others."""
        product = self.known.launch.product
        if count_comparable(self.known.launch):
            return ""
        return f"No {product.noun} sales are on file: its buyers are drawn from other products."

    def _doubted_margin(self) -> str:
        """Say that the parts are guessed, and that the guess is too good by the books, if so."""
        if not self.known.parts_are_guessed:
            return ""
        if not self.known.guess_beats_books:
            return "Its margin is a guess."
        return "Its margin is a guess, and probably too good."

    def _unknown_limit(self) -> str:
        """Say that no two counts settle a ceiling where none do, else nothing."""
        if self.explanations.ceiling_moved:
            return ""
        could = in_tense("could have been made", "can be made")
        return f"No two counts settle whether more {self.phone} phones {could}."

    def _limit_of_the_fall(self) -> str:
        """Say that plans rest on our own limit of the fall of cost, where they do, else nothing."""
        if not self.known.parts_end_at_our_limit:
            return ""
        return (
            f"The parts of a {self.phone} end at our own limit of how far a cost may fall, so late "
            "profits are a guess."
        )

    def _would_settle(self) -> str:
        """Say what would settle whether waiting pays, and whether phones were held back."""
        orders = in_tense(
            f"Supplier orders cut while the {self.phone} was sold out would show that more could "
            "have been made.",
            f"A supplier's word on how many {self.phone} phones it can make would test the supply "
            "that we assume.",
        )
        if self.body and self.body.loses:
            return (
                f"What one ceramic body costs, and how many pass: a {self.phone} breaks even if "
                f"{self.body.break_even_words()} do. {orders}"
            )
        if not self.waiting.fall_is_in_sight:
            return f"A count of how many give up waiting for a {self.phone} would. {orders}"
        return (
            f"A supplier's price for parts {self.waiting.weeks} weeks later would. Waiting pays if "
            f"it makes a {self.phone} about {percent(self.waiting.needed)} cheaper. {orders}"
        )

    def decision(self) -> str:
        """Return what we would do, and what would reverse it, in words."""
        best = self.choice.policy(BEST_AT_LIST_PRICE)
        if self.is_sold_below_cost:
            return (
                f"We would sell as many of the {self.phone} as games or services make up for, and "
                f"count those before anything else. {self._measure_first()}"
            )
        if self.sales.are_refuted:
            return (
                f"We would hold supply, life and size of the market in the {self.phone}'s file "
                "against its counts before any plan."
            )
        price = self._advice_on_price()
        if self.body and self.body.loses:
            return (
                "We would find out what the ceramic body costs before making more. If a "
                f"{self.phone} earns anything, release each as soon as it is made. {price}"
            )
        if best.sells_as_made:
            return (
                f"We would release what can be made of the {self.phone} as soon as it is made. "
                f"{self._what_would_reverse()} {self._what_later_changes_earn()}{price}"
            )
        return (
            f"We would {plan_words(best)}, if {self.phone} buyers are as patient as we assume. "
            f"People who give up waiting faster would reverse this. {price}"
        )

    def _advice_on_price(self) -> str:
        """Say whether a higher price pays whatever buyers do, or has to be tried."""
        if not self.known.buyers_are_known:
            return self._measure_first()
        if self.price.always_gains:
            return "A higher price earns more at every reaction of buyers that we tried."
        if self.price.always_loses:
            return "A higher price earns less at every reaction of buyers that we tried."
        return self._measure_first()

    def _measure_first(self) -> str:
        """Advise to measure how buyers react before the price is raised."""
        return (
            f"Before raising the {self.phone}'s price we would measure in two regions how people "
            "react."
        )

    def _what_later_changes_earn(self) -> str:
        """Say what an upgraded version or a cut earns, where the best plan has one.

        It is held against what was done, and rests on our guess of how buyers react.
        """
        later = later_words(self.choice.policy(BEST_AT_LIST_PRICE))
        gain_usd = self.choice.gain_over(BEST_AT_LIST_PRICE, self.plans.label_of_what_was_done)
        if not later or gain_usd.mean() <= 0:
            return ""
        return (
            f"Later changes ({', '.join(later)}) earn {in_millions(gain_usd.mean())} more on "
            f"average than {self.plans.name_of_what_was_done}, less in "
            f"{percent((gain_usd < 0).mean())} of simulations. That rests on our guess of how "
            "buyers react. "
        )

    def _what_would_reverse(self) -> str:
        """Say which fall of cost would speak for holding back, where any would."""
        _, expected, _ = self.waiting.expected_fall_range
        if self.waiting.needed <= expected:
            share = self.waiting.delay.share_of_profit
            more = "more" if np.isnan(share) else f"{percent(share)} more"
            return f"Making half for {self.waiting.weeks} weeks earns {more} on average."
        if not self.waiting.fall_is_in_sight:
            return "No fall of its cost in sight would change that."
        return (
            f"If its cost fell {percent(self.waiting.needed)} in {self.waiting.weeks} weeks we "
            f"would hold back; we expect {percent(expected)}."
        )

    def try_plan(self, policy: ReleasePolicy) -> PlanTrial:
        """Return what a plan of one's own earns on the fresh draws, against selling as made."""
        table = policy_table({"own": policy, AS_MADE: SELL_AS_MADE})
        profit_usd, as_made_usd = outcomes_by_draw(table, self.known.fresh).profit_usd
        return PlanTrial(policy=policy, profit_usd=profit_usd, gain_usd=profit_usd - as_made_usd)

    def explore(self) -> None:
        """Show a panel: profit and its gain over selling as made, by price and weeks held back."""
        market = self.known.fresh.select(slice(PANEL_DRAWS))
        in_life = [week for week in PANEL["weeks"] if week < market.weeks]
        choices = PANEL | {"weeks": in_life}
        profits = PanelProfits(market, choices)

        def earns(price: float, weeks: int, released: float) -> pd.DataFrame:
            """Profit and gain in million dollars, median and 80 %."""
            profit_usd = profits.of(price=price, weeks=weeks, released=released)
            ranges = [interval(profit_usd / 1e6), interval((profit_usd - profits.as_made) / 1e6)]
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
            why_idle={
                "weeks": "what is made later sells out no sooner, so nothing waits for these weeks",
                "released": "a unit held back sells as well as one released at once",
            },
            **choices,
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
        Simulated lives of the search, and as many fresh ones; in proportion fewer where one is
        longer than `WEEKS_OF_A_LONG_LIFE`, so that a plan takes no longer to play.
    delay_weeks : int
        How long units are held back in the verdict.
    workers : int
        Processes of the search; `LAUNCH_SCHEDULER` names a Dask scheduler instead.
    quick : bool
        400 draws, for a fast look; of a long life no fewer than half of them.
    seed : int
        Seed of every random draw.

    Returns
    -------
    ReleaseStudy
    """
    phone = product_name(launch)
    draws = QUICK_DRAWS if quick else draws
    draws = int(draws * min(WEEKS_OF_A_LONG_LIFE / weeks_of_life(launch), 1))
    draws = max(draws, LEAST_QUICK_DRAWS) if quick else draws
    known = fit_market(launch, draws=draws, seed=seed)
    fresh = known.fresh
    weeks = min(delay_weeks, fresh.weeks - 1)  # a unit is not held back beyond the life
    verdict = _judge(known, weeks)
    rivals = {ACTUAL: actual_policy(launch), **RIVALS, WAITING: verdict.delay.policy}
    clearing = find_clearing(known)
    dearest = dearest_price(known)
    policies = policies_to_try(launch, dearest)
    choice = choose_plan(policies, rivals, known.search, fresh, workers, dearest=dearest)
    best = choice.policy(BEST_AT_LIST_PRICE)
    body = _compare_bodies(known, choice.table.loc[ACTUAL, "units"], seed)
    left_out = "its ceramic body" if body else ""
    return ReleaseStudy(
        known=known,
        plans=PlanGains(
            launch=launch,
            choice=choice,
            dearest=dearest,
            margin_cap=known.margin_cap,
            left_out=left_out,
        ),
        clearing=clearing,
        sales=count_sales(known, SELL_AS_MADE if best.sells_nothing else best),
        price=value_price_option(known, choice),
        explanations=Explanations(
            phone=phone,
            verdict=verdict,
            effective_draws=known.effective_draws,
            left_out=left_out,
        ),
        waiting=Waiting(
            phone=phone,
            delays=compare_delays(fresh, [delay for delay in DELAYS if delay < fresh.weeks]),
            delay=verdict.delay,
        ),
        levers=value_levers(known, choice, verdict.ceiling),
        inputs=swing_inputs(known, choice),
        body=BodySection(phone=phone, firm=known.firm.name, comparison=body) if body else None,
    )


def _judge(known: LaunchMarket, weeks: int) -> Verdict:
    """Answer the three questions of the verdict on the fresh draws."""
    fresh = known.fresh
    return judge_shortage(
        fresh,
        weeks=weeks,
        held_back=known.held_back,
        signs_tell=known.signs_tell,
        ceiling_is_counted=known.ceiling_moved,
        documented_weeks=known.documented_weeks,
        marketing_usd=known.firm.marketing_share * fresh.net_usd[:, 0],
    )


def _compare_bodies(known: LaunchMarket, units: float, seed: int) -> BodyComparison | None:
    """Compare bodies on the draws of the page on margin, so that both pages give one figure."""
    launch = known.launch
    if not is_held_by_its_body(launch):
        return None
    costs = study_costs(launch)
    path = margin_path(launch, costs.own_rate, DRAWS_OF_MARGIN, seed, costs.parts)
    return compare_bodies(launch, path, units, known.firm.marketing_usd_a_year, seed)
