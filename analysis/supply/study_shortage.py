"""Section of the supply page: why the product was short, judged by documented shortages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from ..data import Launch, as_day, as_known_on, load_table, shared
from ..look import (
    COLOUR,
    Chart,
    Charted,
    Table,
    Text,
    in_tense,
    page_words,
    percent,
    percent_axis,
    plot_intervals,
    plural,
    span,
    with_range,
)
from ..sellout.words import begin_sentence, product_name
from .section import Result
from .shortage import CauseShares, Report, leave_each_out, share_causes, signs_help
from .shortage_class import LEAST_KNOWN, ReferenceClass, build_class, known_of, select_documented
from .shortage_end import DocumentedEnd, find_documented_end
from .shortage_signs import (
    LaunchSign,
    name_own_device,
    read_reports,
    read_signs,
    select_own,
)
from .words import (
    PLANT_LIMITS,
    blamed_part,
    by_whom,
    part_name,
    part_units,
    short_count,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CAUSE_NAMES = {
    "part": "A part was short",
    "yield": "Too few passed tests",
    "assembly": "Lines or workers",
    "misjudged_demand": "Demand misjudged",
    "held_back": "Held back, or a planned limit",
    "logistics": "Ports and shipping",
}
# The same within a sentence.
CAUSE_WORDS = {
    "part": "a short part",
    "yield": "a low yield",
    "assembly": "a lack of lines or workers",
    "misjudged_demand": "a plan below demand",
    "held_back": "holding back, or a planned limit",
    "logistics": "slow shipping",
}
# What later accounts say when they name a cause.
CAUSE_ACCOUNTS = {
    "part": "a part was short",
    "yield": "too few passed tests",
    "assembly": "lines or workers were short",
    "misjudged_demand": "demand had been misjudged",
    "held_back": "some had been held back, or a limit planned",
    "logistics": "ports and shipping were slow",
}
# The same of what is on sale.
CAUSES_NOW = {
    "part": "a part is short",
    "yield": "too few pass tests",
    "assembly": "lines or workers are short",
    "misjudged_demand": "demand is misjudged",
    "held_back": "some are held back, or a limit planned",
    "logistics": "ports and shipping are slow",
}
SIGN_NAMES = {
    "line_added": "Second source or line added",
    "target_raised": "Target raised",
    "registration": "Registration needed",
    "lots_constant": "Lots all of one size",
}
# How a sentence names a sign that was seen, and one that was seen not to be there.
SIGN_CLAUSES = {
    ("line_added", "yes"): "that a maker joined",
    ("target_raised", "yes"): "that the target was raised",
    ("target_raised", "no"): "that the target was not raised",
    ("registration", "yes"): "that people had to register",
    ("lots_constant", "yes"): "that lots were all of one size",
    ("lots_constant", "no"): "that lots changed in size",
}
REPORT_NAMES = {
    "limit_named": "A report names the limit",
    "yield_published": "A low yield was published",
    "came_out_later": "Later accounts",
    "two_numbers": "Output against capacity",
}

REPORT_CLAUSES = {
    "came_out_later": "what came out later",
    "two_numbers": "output against capacity, from two sources,",
}

LIKELY = 0.5  # a cause at least so likely is named as the likeliest; below it none stands out


def explain_shortage(launch: Launch, *, as_of: str = "", seed: int = 1) -> Shortage:
    """Explain why a product was short, by documented shortages and the launch's own signs.

    Parameters
    ----------
    launch : Launch
        The launch with all that is known of it.
    as_of : str
        ISO date after which nothing is used, neither of the launch nor shortages that began later;
        empty for all that is known.
    seed : int
        Seed of the draws behind the ranges.

    Returns
    -------
    Shortage
        `.table()` has the chance that each cause played a role, `.signs` what moved it.
    """
    known = as_known_on(launch, as_of)
    shortages = name_own_device(load_table("shortages"), known)
    began = pd.to_datetime(shortages["start"], format="mixed")
    shortages = shortages[began <= as_day(as_of)]
    # When an account came out is not on file, so it counts only with all that is known.
    is_all_known = as_day(as_of) == as_day("")
    own = select_own(known, select_documented(shortages)) if is_all_known else None
    documented = select_documented(shortages, leave_out=_family(launch.device))
    ended = find_documented_end(known, own) if is_all_known else None
    last_day = ended.day if ended else None
    signs, reports = read_signs(known, last_day), read_reports(known, own)
    helps = do_signs_help()
    words = {sign.sign: sign.word for sign in signs} if helps else {}
    return Shortage(
        launch=known,
        causes=share_causes(documented, words, reports, seed=seed),
        launch_signs=tuple(signs),
        reports=tuple(reports),
        documented_end=ended,
        reference=build_class(documented),
        signs_used=helps,
    )


@cache
def do_signs_help() -> bool:
    """Whether signs forecast documented shortages that were left out better than rates alone."""
    documented = select_documented(load_table("shortages"))
    return signs_help(shared(leave_each_out)(documented))


def _family(device: str) -> list[str]:
    """List the devices of one family, which are left out together."""
    devices = load_table("devices").set_index("device")["family"]
    if device not in devices:
        return [device]
    return list(devices.index[devices == devices[device]])


def describe_cause(shortage: Shortage) -> str:
    """Say in a sentence which cause is the likeliest, or that none stands out.

    Parameters
    ----------
    shortage : Shortage
        From `explain_shortage`.
    """
    if not shortage.is_cause_likely:
        return f"We cannot tell what {in_tense('held', 'will hold', 'holds')} it back."
    likeliest = shortage.likeliest
    words = CAUSE_WORDS[likeliest["cause"]]
    named = shortage.named_limit(likeliest["cause"])
    names = by_whom(shortage.launch, ": reports name ", ": its file names ") + named
    return f"Probably {words} ({percent(likeliest['share'])}){names if named else ''}."


def describe_holding_back(shortage: Shortage) -> str:
    """Say how likely it is that the product was held back, beside the likeliest cause by name."""
    chance = _range_of(shortage.row("held_back"))
    if not shortage.is_cause_likely or shortage.likeliest["cause"] == "held_back":
        return f"The chance that the {shortage.product} was held back on purpose is {chance}."
    likeliest = shortage.likeliest
    cause = in_tense(CAUSE_ACCOUNTS[likeliest["cause"]], CAUSES_NOW[likeliest["cause"]])
    return (
        f"The chance that {cause} is {_range_of(likeliest)}; that the {shortage.product} was held "
        f"back on purpose is {chance}."
    )


def _range_of(chance: pd.Series) -> str:
    """Write the range of a chance, from its low and high."""
    return span(chance["low"], chance["high"], write=percent)


@dataclass(frozen=True)
class Shortage(Charted, Result):
    """Why a product was short: the chance that each cause played a role, and what moved it."""

    launch: Launch  # as known on the day asked for
    causes: CauseShares  # chances of each cause, and how each sign moved them
    launch_signs: tuple[LaunchSign, ...]  # the signs of the class, as the launch shows them
    reports: tuple[Report, ...]  # what is known beyond them
    documented_end: DocumentedEnd | None  # when it stopped being short, where accounts tell
    reference: ReferenceClass  # documented shortages, the launch's own family left out
    signs_used: bool  # whether signs help to forecast causes; if not, the rate of the class stands

    @property
    def product(self) -> str:
        """Name of the product without its brand."""
        return product_name(self.launch)

    @property
    def likeliest(self) -> pd.Series:
        """The row of the likeliest cause."""
        shares = self.causes.shares
        return shares.loc[shares["share"].idxmax()]

    @property
    def is_cause_likely(self) -> bool:
        """Whether one cause is likely enough to be named."""
        return bool(self.likeliest["share"] >= LIKELY)

    @property
    def has_later_account(self) -> bool:
        """Whether what came out later names a cause."""
        return any(report.name == "came_out_later" for report in self.reports)

    @property
    def has_two_numbers(self) -> bool:
        """Whether output and capacity of one time, from two sources, moved holding back."""
        return any(report.name == "two_numbers" for report in self.reports)

    def row(self, cause: str) -> pd.Series:
        """Give the row of one cause: share, low, high and class_share."""
        return self.causes.shares.set_index("cause").loc[cause]

    def interval(self, cause: str) -> tuple[float, float, float]:
        """Give the chance that a cause played a role: share, low, high."""
        row = self.row(cause)
        return float(row["share"]), float(row["low"]), float(row["high"])

    def table(self) -> pd.DataFrame:
        """List the causes, the likeliest first.

        Returns
        -------
        DataFrame
            cause (in words), share, low, high (80 %), class_share (rate of the class alone).
        """
        shares = self.causes.shares.sort_values("share", ascending=False, kind="stable")
        return shares.assign(cause=shares["cause"].map(CAUSE_NAMES)).reset_index(drop=True)

    @property
    def second_maker(self) -> str:
        """The second source of the file, where it was named while the product was short."""
        maker = self.launch.words.get("supply.second_source.manufacturer", "")
        joined = [name for sign in self.launch_signs for name in sign.makers]
        return maker if maker in joined else ""

    @property
    def signs(self) -> pd.DataFrame:
        """What the launch shows and how much it moved, a row a sign or report.

        Returns
        -------
        DataFrame
            sign, shown (of this launch, in words), held_back_before, held_back_after, moved_most
            (the cause that it moved most), before, after (of that cause); NaN where nothing was
            moved.
        """
        rows = [
            {"sign": SIGN_NAMES[sign.sign], "shown": self._shown(sign)} | self._move(sign.sign)
            for sign in self.launch_signs
        ]
        rows += [
            {"sign": self._report_name(report), "shown": self._reported(report)}
            | self._move(report.step)
            for report in self.reports
        ]
        if not self.has_two_numbers:
            missing = {"sign": REPORT_NAMES["two_numbers"], "shown": "No two reports of one time"}
            rows.append(missing | self._move("two_numbers_held_back"))
        return pd.DataFrame(rows)

    def _move(self, step: str) -> dict:
        """Give how a step moved holding back, and the cause that it moved most."""
        moves = self.causes.moves
        of_step = moves[moves["step"] == step].set_index("cause")
        columns = ["held_back_before", "held_back_after", "moved_most", "before", "after"]
        if not len(of_step):
            return dict.fromkeys(columns)
        most = (of_step["after"] - of_step["before"]).abs().idxmax()
        held_back = of_step.loc["held_back"]
        values = [held_back["before"], held_back["after"], CAUSE_NAMES[most]]
        return dict(zip(columns, [*values, *of_step.loc[most, ["before", "after"]]], strict=True))

    def _shown(self, sign: LaunchSign) -> str:
        """Say what the launch shows of a sign."""
        if sign.maker_after:
            return f"Only after the shortage: {sign.maker_after}, {sign.named_on:%B %Y}"
        if sign.word == "unknown":
            return "Not known"
        known = known_of(self.reference, sign.sign)
        if known < LEAST_KNOWN:
            return f"{sign.word.capitalize()}; known of only {known} others, so not used"
        if sign.makers:
            return f"Yes: {' and '.join(sign.makers)}"
        if sign.sign == "registration":
            return f"Yes: {short_count(sign.units[0])} people"
        if sign.sign == "lots_constant":
            sizes = span(min(sign.units), max(sign.units), write=short_count)
            return f"{sign.word.capitalize()}: {sizes} a lot"
        first, last = (short_count(units) for units in sign.units)
        if sign.word == "yes":
            return f"Yes: from {first} to {last} a month"
        return f"No: {first} a month, then {last}"

    def _report_name(self, report: Report) -> str:
        """Name what is known beyond signs."""
        if report.name == "limit_named":
            return by_whom(self.launch, REPORT_NAMES[report.name], "Its file names the limit")
        return REPORT_NAMES[report.name]

    def _reported(self, report: Report) -> str:
        """Say what was reported, and how much it weighs."""
        weight = f"weighs {with_range(report.factor, report.low, report.high)} to 1"
        if report.name == "two_numbers":
            return f"From two sources; {weight}"
        if report.name == "came_out_later":
            return f"{CAUSE_NAMES[report.cause]}; {weight}, assumed"
        if report.name == "yield_published":
            passed = percent(self.launch.figure("supply.yield_share").number)
            return f"{passed} passed; {weight}, assumed"
        limit = f"{begin_sentence(self.named_limit(report.cause))}; {weight}, assumed"
        note = self.launch.figure("supply.bottleneck").note
        return f"{limit}. On file: {note}" if note else limit

    def named_limit(self, cause: str) -> str:
        """Return the part or plant that stands for a cause, as it is counted; empty without one.

        The chance is that of its kind of cause: of the part that is named nobody counted any.
        """
        bottleneck = self.launch.figure("supply.bottleneck").value
        of_the_part = ("limit_named", "yield_published")
        named = {report.cause for report in self.reports if report.name in of_the_part}
        if cause not in named or not blamed_part(self.launch):
            return ""
        return part_name(bottleneck) if bottleneck in PLANT_LIMITS else part_units(bottleneck)

    def sentence(self) -> str:
        """Say what the class tells and cannot tell, and what moved holding back.

        The likeliest cause is said on the first screen, by `describe_cause`.
        """
        return f"{self._class_sentence()} {self._moved_sentence()}".strip()

    def _class_sentence(self) -> str:
        """Say how often makers held back in the class, and what it cannot tell."""
        reference = self.reference
        verb = "is" if reference.disputed == 1 else "are"
        return (
            f"In {reference.held_back} of {plural(reference.listed, 'documented shortage')} the "
            f"maker held back; {reference.disputed} more {verb} disputed, and makers seldom "
            "confess."
        )

    def _moved_sentence(self) -> str:
        """Say which sign moved the chance of holding back most."""
        if not self.signs_used:
            return "Signs did not help to tell causes apart, so we use this rate as it is."
        moves = self.causes.moves
        held_back = moves[moves["cause"] == "held_back"]
        steps = (held_back["after"] - held_back["before"]).abs()
        if not len(steps) or steps.max() < 0.005:
            return f"No sign of the {self.product} is known that would move that chance."
        most = held_back.loc[steps.idxmax()]
        word = "raises" if most["after"] > most["before"] else "lowers"
        return (
            f"For the {self.product}, {self._clause(most['step'])} {word} that chance most, from "
            f"{span(most['before'], most['after'], write=percent)}."
        )

    def _clause(self, step: str) -> str:
        """Name a sign or report within a sentence."""
        words = {sign.sign: sign.word for sign in self.launch_signs}
        if step in words:
            return SIGN_CLAUSES[step, words[step]]
        names = {report.step: report.name for report in self.reports}
        return REPORT_CLAUSES[names[step]]

    def words(self) -> Text | None:
        """Show the sentence; None for a launch to come, which has not been short yet."""
        return None if page_words().is_ahead else super().words()

    def shown_table(self) -> Table | None:
        """Show what the launch shows of each sign, and how much that moved.

        None for a launch to come.
        """
        if page_words().is_ahead:
            return None
        signs = self.signs
        moved = signs["held_back_before"].notna()
        shown = pd.DataFrame(
            {
                "sign": signs["sign"],
                "this launch": signs["shown"],
                "held back": _moves(signs["held_back_before"], signs["held_back_after"]),
                "moves most": [
                    f"{name}: {move}" if is_moved else None
                    for is_moved, name, move in zip(
                        moved,
                        signs["moved_most"],
                        _moves(signs["before"], signs["after"]),
                        strict=True,
                    )
                ],
            }
        )
        return Table(shown, f"What moves the chances for the {self.product}, one after the other")

    def chart(self) -> Chart | None:
        """Draw the chance of each cause with its range, beside the rate of the class.

        None for a launch to come.
        """
        if page_words().is_ahead:
            return None
        likeliest = self.table().iloc[0]
        return Chart(
            title=f"Chance that each cause played a role in the shortage of the {self.product}",
            measure=(
                f"{self.product}: 80 % ranges; ticks: rate of "
                f"{self.reference.listed} documented shortages"
            ),
            draw=self._draw,
            alt=(
                f"The likeliest cause is: {likeliest['cause'].lower()}, with "
                f"{percent(likeliest['share'])}."
            ),
            data=self.table(),
            note="Causes can meet: chances add up to over 100 %.",
            height_in=0.7 + 0.35 * len(self.table()),
        )

    def _draw(self, axes: Axes) -> Axes:
        """Draw a row a cause, and a tick where the class alone would have it."""
        table = self.table().rename(columns={"cause": "label", "share": "estimate"})
        plot_intervals(axes, table, "supply")
        heights = range(len(table))
        axes.plot(table["class_share"], heights, "|", color=COLOUR["event"], markersize=11)
        axes.set_xlim(0, 1)
        percent_axis(axes.xaxis)
        return axes


def _moves(before: pd.Series, after: pd.Series) -> list[str | None]:
    """Write moves of chances as "12 to 8 %", one number where both ends round alike, or None."""
    return [
        None if pd.isna(start) else _move_words(start, end)
        for start, end in zip(before, after, strict=True)
    ]


def _move_words(start: float, end: float) -> str:
    """Write a move of a chance, one number where both ends round alike."""
    if percent(start) == percent(end):
        return percent(end)
    return span(start, end, write=percent)
