"""Why the phone was short, as the page shows it: three questions, and waiting played out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import interval
from ..look import (
    Chart,
    Charted,
    in_tense,
    number,
    page_words,
    percent,
    percent_axis,
    plot_intervals,
    span,
    with_range,
)
from ..sellout.words import begin_sentence
from .choose import AS_GOOD
from .delay import Delay
from .verdict import Verdict
from .words import (
    GAINS_IN_USD,
    in_millions,
    plot_gains,
    small_sum,
    two_digits,
    weeks_from_first,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CLEAR = 0.25  # a chance below it, or above one less it, settles a question of the verdict
SIMULATION_ERROR = 1.28  # standard errors on either side of a share: 80 %
HELD_BACK = "held back on purpose"
YES, NO, CANNOT_TELL = "yes", "no", "we cannot tell"
PROBABLY_NOT = "probably not"
NOT_FOR_PARTS = "not for cheaper parts"  # making fewer pays, whatever parts do
NO_NEED = "no need"  # holding back loses nothing that hype would have to make up for
HYPE = "it pays, if hype is as good as marketing"
HALF = 0.5
WORTH_SAYING = 0.05
LARGEST_FALL = 0.5  # of a unit's cost during a delay; no device costed twice fell by so much


@dataclass(frozen=True, kw_only=True)
class Explanations(Charted):
    """Three questions on why the phone was short, each with yes, no or we cannot tell.

    The second matters only if the answer to the first is yes, and the third starts from the loss
    of the second; the questions say so.
    """

    phone: str
    """What the phone is called."""
    verdict: Verdict
    effective_draws: float
    """How many equally likely draws the weighed ones of the simulations are worth."""
    left_out: str = ""
    """What the simulations leave out, as "its ceramic body"; empty where nothing."""

    @property
    def delay(self) -> Delay:
        """Making half at first, against selling as made."""
        return self.verdict.delay

    @property
    def ceiling_moved(self) -> bool:
        """Whether two independent reports of one time moved the chance of a ceiling."""
        return self.verdict.ceiling.is_counted

    @property
    def making_half_pays(self) -> tuple[float, float, float]:
        """Share of simulated lives in which making half at first pays: estimate, low, high.

        Its range is the error of the simulation.
        """
        return self._with_simulation_error(self.delay.chance)

    @property
    def hype_pays(self) -> tuple[float, float, float]:
        """Share of lives in which hype that sells as well as marketing pays: estimate, low, high.

        Its range is the error of the simulation.
        """
        return self._with_simulation_error(self.verdict.hype.chance)

    def _with_simulation_error(self, share: float) -> tuple[float, float, float]:
        """Return a share of draws with the error of the simulation, 0 to 1."""
        error = SIMULATION_ERROR * np.sqrt(share * (1 - share) / self.effective_draws)
        return share, max(share - error, 0.0), min(share + error, 1.0)

    def table(self) -> pd.DataFrame:
        """Return a row a question with its answer, the chance behind it and what speaks for it.

        `estimate`, `low` and `high` are the chance in numbers; `focus` is false where it rests on
        something that nobody has counted.
        """
        ceiling = self._ceiling_to_come() if page_words().is_ahead else self._ceiling()
        return pd.DataFrame([ceiling, self._waiting(), self._hype()])

    def answers(self) -> pd.DataFrame:
        """Return a row a question: its answer with what speaks for it, in whole sentences."""
        table = self.table()
        answer = table["answer"].map(begin_sentence) + ". " + table["because"]
        return pd.DataFrame({"question": table["question"], "answer": answer})

    def _ceiling(self) -> dict:
        """Answer whether more could have been made."""
        ceiling = self.verdict.ceiling
        estimate, low, high = ceiling.held_back
        chance = span(low, high, write=percent)
        evidence = 0 if low <= HALF <= high else _clear(estimate)
        if ceiling.is_counted:
            _, all_low, all_high = ceiling.interval
            answer = {1: YES, -1: NO, 0: CANNOT_TELL}[evidence]
            because = (
                f"By its reports, the chance that every {self.phone} was made that could be is "
                f"{span(all_low, all_high, write=percent)}."
            )
        elif ceiling.signs_tell:
            answer = PROBABLY_NOT if evidence == -1 else CANNOT_TELL
            because = (
                f"Going by documented shortages, the chance that the {self.phone} was held back on "
                f"purpose is {chance}. No two independent reports of one time settle it."
            )
        else:
            answer = CANNOT_TELL
            because = (
                f"By documented shortages alone, the chance that the {self.phone} was held back on "
                f"purpose is {chance}. What is known of the {self.phone} moves it little."
            )
        return {
            "explanation": HELD_BACK,
            "question": "Could more have been made?",
            "answer": answer,
            "chance": chance,
            "because": f"{because} {self._worth_of_one_more()}",
            "estimate": estimate,
            "low": low,
            "high": high,
            "focus": ceiling.signs_tell or ceiling.is_counted,
        }

    def _ceiling_to_come(self) -> dict:
        """Say that nobody can have held back yet what is still to be made: there is no chance."""
        return {
            "explanation": HELD_BACK,
            "question": "Could more be made?",
            "answer": CANNOT_TELL,
            "chance": "",
            "because": (
                f"How many of the {self.phone} can be made is assumed; no count of output tests it "
                f"yet. {self._worth_of_one_more()}"
            ),
            "estimate": np.nan,
            "low": np.nan,
            "high": np.nan,
            "focus": True,
        }

    def _worth_of_one_more(self) -> str:
        """Say what one more would have earned, which is what room for it could cost."""
        ceiling = self.verdict.ceiling
        worth_usd = ceiling.unit_worth_usd.mean()
        weeks = weeks_from_first(ceiling.short_weeks)
        one_more = f"One more {self.phone} in {weeks}, sold or not,"
        but_for = f", {self.left_out} left out" if self.left_out else ""
        earned = in_tense("would have earned", "would earn")
        if worth_usd <= -1:
            lost = in_tense("would have lost", "would lose")
            return f"{one_more} {lost} {small_dollars(-worth_usd)}{but_for}."
        if worth_usd <= 0:
            return f"{one_more} {earned} nothing{but_for}."
        return f"{one_more} {earned} {small_dollars(worth_usd)}{but_for}."

    def _waiting(self) -> dict:
        """Answer whether waiting for cheaper parts paid."""
        delay = self.delay
        estimate, low, high = self.making_half_pays
        chance = percent(delay.chance)
        of_profit = abs(delay.share_of_profit)
        if np.isnan(of_profit):  # selling as made loses
            share = ", if nothing is earned after the sale"
        else:
            share = f", {percent(of_profit)} of profit"
        too_little = ", too little to tell two plans apart" if self._gains_too_little() else ""
        return {
            "explanation": "making half at first pays",
            "question": in_tense(
                "If so, did waiting for cheaper parts pay?",
                "Would waiting for cheaper parts pay?",
            ),
            "answer": self._does_waiting_pay(),
            "chance": chance,
            "because": (
                f"Making half for {delay.weeks} weeks beats selling as made in {chance} of "
                f"{self.phone} simulations; on average it {gains_or_loses(delay.mean_usd)}{share}"
                f"{too_little}. {self._needed_fall()}"
            ),
            "estimate": estimate,
            "low": low,
            "high": high,
            "focus": True,
        }

    def _does_waiting_pay(self) -> str:
        """Answer by the chance; a gain too small to tell two plans apart is no yes."""
        if self._gains_too_little():
            return CANNOT_TELL
        answer = {1: YES, -1: NO, 0: CANNOT_TELL}[_clear(self.delay.chance)]
        return NOT_FOR_PARTS if answer == YES and self._pays_without_a_fall() else answer

    def _pays_without_a_fall(self) -> bool:
        """Say whether making fewer at first pays on average even if its cost never falls."""
        return self.delay.needed_fall <= 0

    def _gains_too_little(self) -> bool:
        """Say whether waiting pays in most simulations, yet by less than plans can be told."""
        return _clear(self.delay.chance) == 1 and self.delay.share_of_profit < AS_GOOD

    def _needed_fall(self) -> str:
        """Say at which fall of cost waiting breaks even, beside the one expected."""
        delay = self.delay
        expected = f"we expect {percent(delay.expected_fall)}"
        if delay.needed_fall >= LARGEST_FALL:
            return f"No fall of its cost in sight would make it pay; {expected}."
        if self._pays_without_a_fall():
            return (
                "On average that takes no fall of its cost, as fewer are made at a loss; "
                f"{expected}."
            )
        return (
            f"On average it breaks even if its cost falls {percent(delay.needed_fall)} in that "
            f"time; {expected}."
        )

    def _hype(self) -> dict:
        """Answer whether hype could pay; a yes would need a count of what it sold."""
        hype = self.verdict.hype
        estimate, low, high = self.hype_pays
        chance = percent(hype.chance)
        _, needed, _ = hype.needed_interval
        loses = (
            f"Each {self.phone} withheld in the first {self.delay.weeks} weeks that "
            f"{in_tense('would have sold', 'would sell')} loses {small_dollars(hype.mean_loss_usd)}"
        )
        pays = f"If being sold out sells as well as marketing, it pays in {chance} of simulations"
        if hype.mean_loss_usd == 0:
            answer = NO_NEED
            because = f"Holding {self.phone} phones back loses nothing on average."
        elif np.isinf(needed):
            answer = NO if _clear(hype.chance) == -1 else PROBABLY_NOT
            because = (
                f"{loses}. In {percent(hype.never_share)} of simulations no number of other sales "
                f"makes up for that, as too few can be made. {pays}."
            )
        else:
            answer = NO if _clear(hype.chance) == -1 else CANNOT_TELL
            because = (
                f"{loses}. To break even it must sell {two_digits(needed)} others; marketing sells "
                f"{two_digits(hype.mean_bought)} for the money. {pays}; nobody has counted what "
                "it sells."
            )
        return {
            "explanation": HYPE,
            "question": "Could hype make up for what that loses?",
            "answer": answer,
            "chance": chance,
            "because": because,
            "estimate": estimate,
            "low": low,
            "high": high,
            "focus": False,
        }

    def chart(self) -> Chart:
        """Draw the chance behind each answer."""
        table = self._drawn()
        simulations = f"{number(len(self.delay.gain_usd))} simulations"
        return Chart(
            title=in_tense(
                f"Chance that the {self.phone} was held back, and that holding back pays",
                f"How likely it is that holding {self.phone} phones back pays",
                f"Chance that the {self.phone} was held back, and that holding back pays",
            ),
            measure=in_tense(
                f"by documented shortages and reports, 80 % range; below, share of {simulations}",
                f"share of {simulations}",
                f"by documented shortages and reports, 80 % range; below, share of {simulations}",
            ),
            draw=self._draw,
            alt="; ".join(f"{row.explanation}: {row.chance}" for row in table.itertuples()),
            data=table.drop(columns="focus"),
            note=self._note(table),
            height_in=1.5 + 0.3 * len(table),
            narrow_height_in=1.6 + 0.4 * len(table),
        )

    def _note(self, drawn: pd.DataFrame) -> str:
        """Say what grey rows rest on, where there are any."""
        if drawn["focus"].all():
            return ""
        return f"Grey: rests on nothing counted of the {self.phone}."

    def _drawn(self) -> pd.DataFrame:
        """Return the rows that have a chance; of hype only where there is a loss to make up for.

        A share of simulations is a point: its range is the error of the simulation, and would pass
        for that of what is known.
        That of hype is grey, as nobody has counted what hype sells.
        """
        table = self.table().dropna(subset="estimate")
        is_share = table["explanation"] != HELD_BACK
        for end in ("low", "high"):
            table[end] = table[end].mask(is_share, table["estimate"])
        return table[table["answer"] != NO_NEED]

    def _draw(self, axes: Axes) -> Axes:
        """Draw a row a question on a scale of chances, with whole points at both of its ends."""
        rows = self._drawn().assign(label=lambda table: table["explanation"])
        plot_intervals(axes, rows, "event")
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
        percent_axis(axes.xaxis)
        for line in axes.lines:
            line.set_clip_on(False)
        return axes

    def sentence(self) -> str:
        """Return the answers to the three questions, in words."""
        rows = self.table().itertuples()
        return " ".join(
            f"{row.question} **{begin_sentence(row.answer)}.** {row.because}" for row in rows
        )


def _clear(chance: float) -> int:
    """Return 1 where a chance is clearly high, -1 where it is clearly low, else 0."""
    if chance > 1 - CLEAR:
        return 1
    return -1 if chance < CLEAR else 0


def small_dollars(usd: float) -> str:
    """Return what one phone earns or loses with two digits, and less than a dollar as such."""
    if abs(usd) >= 1:
        return small_sum(usd)
    return f"under {page_words().sign}1" if usd > 0 else "nothing"


def gains_or_loses(usd: float) -> str:
    """Return a mean gain in words."""
    if in_millions(usd) == "nothing":
        return "gains nothing"
    return f"gains {in_millions(usd)}" if usd > 0 else f"loses {in_millions(-usd)}"


@dataclass(frozen=True, kw_only=True)
class Waiting(Charted):
    """What it earns to make only half at first and wait for cheaper parts."""

    phone: str
    """What the phone is called."""
    delays: pd.DataFrame
    """A row a delay: weeks, mean gain over selling as made, 80 %, chance."""
    delay: Delay
    """The one delay of which the sentence speaks, simulated in full."""

    @property
    def weeks(self) -> int:
        """Weeks for which only half is made in that delay."""
        return self.delay.weeks

    @property
    def needed(self) -> float:
        """Fall of a unit's cost by then, a share of it, at which that delay breaks even."""
        return self.delay.needed_fall

    @property
    def fall_is_in_sight(self) -> bool:
        """Whether it takes a fall of cost for it to pay, and one that a supplier could promise."""
        return 0 < self.needed < LARGEST_FALL

    @property
    def never_made(self) -> float:
        """Share of the phones not made at first that are not made later either."""
        return 1 - self.delay.share_made_later

    @property
    def expected_fall_range(self) -> np.ndarray:
        """Fall that is expected: low, mean, high (80 %)."""
        low, _, high = interval(self.delay.cost_fall)
        return np.array([low, self.delay.expected_fall, high])

    def table(self) -> pd.DataFrame:
        """Return a row a delay."""
        return self.delays

    def chart(self) -> Chart:
        """Draw the gain by the weeks for which half is made."""
        return Chart(
            title=f"What it gains to make only half of the {self.phone} phones at first",
            measure="profit over selling as made, mean and 80 % range",
            draw=self._draw,
            alt="The longer only half is made, the more is lost on average."
            if self.delays["estimate"].is_monotonic_decreasing
            else "Mean gain and range by the weeks for which only half is made.",
            data=self.delays.rename(columns=GAINS_IN_USD),
            height_in=0.9 + 0.38 * len(self.delays),
            narrow_height_in=1.0 + 0.38 * len(self.delays),
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw a row a delay, in dollars."""
        rows = self.delays.assign(label=[f"for {weeks} weeks" for weeks in self.delays["weeks"]])
        plot_gains(axes, rows)
        return axes

    def sentence(self) -> str:
        """Return whether withheld phones can be made later, and which fall of cost pays."""
        low, expected, high = self.expected_fall_range
        expect = f"we expect {with_range(expected, low, high, write=percent)}"
        if self.needed <= 0:
            must = f"On average it pays without any fall of its cost; {expect}."
        elif self.fall_is_in_sight:
            must = (
                f"On average it pays if a {self.phone} gets {percent(self.needed)} cheaper in "
                f"{self.weeks} weeks; {expect}."
            )
        else:
            must = f"On average no fall of its cost in sight pays; {expect}."
        return f"{self.made_later()} {must} {self._where_it_pays()}".strip()

    def _where_it_pays(self) -> str:
        """Say how often a phone sells at a loss at first, where the delay pays."""
        share = self.delay.at_a_loss_where_it_pays
        if np.isnan(share):
            return ""
        saves = ", so one not made saves money" if self.needed <= 0 else ""
        starts = f"Where it pays, a {self.phone} starts below cost in {percent(share)}"
        return f"{starts} of simulations{saves}."

    def made_later(self) -> str:
        """Say how many of the phones withheld are made later, and where none can be."""
        delay = self.delay
        always = percent(delay.always_short_share)
        if delay.always_short_share > HALF:
            return (
                f"A {self.phone} withheld cannot be made later in {always} of simulations: supply "
                "is short in every week."
            )
        never = number(round(100 * self.never_made))
        never_made = f"Of 100 {self.phone} phones not made at first, {never} are never made."
        if delay.always_short_share < WORTH_SAYING:
            return never_made
        return (
            f"{never_made} In {always} of simulations supply is short in every week, so none can "
            "be made later."
        )
