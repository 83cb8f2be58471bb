"""The front page: the question that ties the studies together, answered over all launches on file.

A row a launch, from its launch file and from what its reports published; then what holds across
launches. `python -m analysis.report` calls `describe_front_page` and knows nothing of what it says.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite

import pandas as pd

from ..data import DataError, Launch, load_launch
from ..data.products import MOBILE
from ..look import day, number, percent, plural, span, trust_in_words
from ..margin import is_held_by_its_body
from ..plan.choose import AS_GOOD
from ..plan.study import SURELY
from ..supply import Shortage, explain_shortage, judge_choice, monthly_rates
from ..supply.choice import MADE
from ..supply.study_choice import Choice
from ..supply.study_shortage import CAUSE_NAMES, LIKELY
from ..supply.words import UNITS_OF_PARTS, duration, part_name, range_words, short_count
from .held_back import compare_held_back

COLUMNS = (
    "Fastest sale",
    "Shortage named",
    "Likeliest cause",
    "Would waiting have paid?",
    "Units counted",
)
NO_PART = {"import_stock": "imported stock", "none": "nothing named"}  # limits that are no part
FIGURES_OF_A_PLAN = {  # without which a launch is not played through
    "supply.start_units_per_month": "start volume",
    "supply.full_units_per_month": "full volume",
    "supply.ramp_weeks": "ramp-up",
}
NOT_KNOWN = "not known"
TO_COME = "still to be sold"
# Answers to whether waiting would have paid.
PROBABLY, PROBABLY_NOT, HARDLY = "probably", "probably not", "hardly"
CANNOT_TELL, NOT_PLAYED = "cannot tell", "not played through"
LEVELS = ("high", "fair", "low", "none")  # of `look.Trust`, the surest first
WIDE = 3  # high over low from which the range of a forecast is called wide


@dataclass(frozen=True)
class LaunchRow:
    """One launch of the front page's table.

    Attributes
    ----------
    subject : name of the launch's file, which is the folder of its reports
    name : name of the product
    cells : texts, one for each of `COLUMNS`
    """

    subject: str
    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class FrontPage:
    """What the front page says before it lists the reports.

    Attributes
    ----------
    title : the answer to the tying question, in one sentence
    sentences : what supports it, and what to do
    trust : how sure that is: `level`, `because` and `would_settle`, as of `look.Trust`
    chart : how likely it is that each launch was held back, as HTML; "" without one that was sold
    columns : heads of the table
    rows : a row a launch
    apart : names of launches that are listed apart, because they are simulated
    findings : sentences that hold across launches
    """

    title: str
    sentences: tuple[str, ...]
    trust: dict[str, str]
    chart: str
    columns: tuple[str, ...]
    rows: tuple[LaunchRow, ...]
    apart: tuple[str, ...]
    findings: tuple[str, ...]


def describe_front_page(reports: list[dict]) -> dict:
    """Return what the front page says, as plain values.

    Parameters
    ----------
    reports : list of dict
        What the reports made so far tell of themselves: `name` ("launch/study"), `quantities` and,
        where a report says how sure it is, `trust` (a level of `look.Trust`).

    Returns
    -------
    dict
        The fields of `FrontPage`.
    """
    quantities = {report["name"]: report["quantities"] for report in reports}
    names = dict.fromkeys(name.split("/")[0] for name in quantities if "/" in name)
    loaded = {name: load_if_sound(name) for name in names}
    launches = {name: launch for name, launch in loaded.items() if launch}
    apart = tuple(name for name, launch in launches.items() if is_simulated(launch))
    real = [launch for name, launch in launches.items() if name not in apart]
    sold = [launch for launch in real if not launch.is_ahead]
    counted_twice = sum(map(has_two_numbers, sold))
    shortages = {launch.launch: explain_shortage(launch) for launch in real}
    held_back = compare_held_back([(launch, shortages[launch.launch]) for launch in sold]).chart()
    page = FrontPage(
        title=say_title(counted_twice, [launch.name for launch in sold]),
        sentences=(*say_waiting(real, quantities), say_advice(real, quantities)),
        trust=describe_trust(sold, counted_twice, levels_of_plans(reports, real)),
        chart=held_back.html() if held_back else "",
        columns=COLUMNS,
        rows=tuple(
            describe_launch(launch, shortages[launch.launch], quantities) for launch in real
        ),
        apart=apart,
        findings=say_findings(quantities, launches),
    )
    return asdict(page)


def load_if_sound(name: str) -> Launch | None:
    """Return a launch, or None where its file is gone or wrong, which its reports tell."""
    try:
        return load_launch(name)
    except DataError:
        return None


def is_simulated(launch: Launch) -> bool:
    """Return whether a launch's order log was simulated from a known number of people."""
    return "orders.simulated_people" in launch.words


def has_two_numbers(launch: Launch) -> bool:
    """Return whether output and capacity of one time, from two sources, are on file.

    They move the chance that units were held back, and need not settle it.
    """
    return bool(judge_choice(monthly_rates(launch.supply_reports))["moved"].any())


def say_title(counted_twice: int, names: Sequence[str]) -> str:
    """Return the title: in how many launches two independent counts speak of holding back.

    Launches of one's own are among them, whose data are not public. One that is alone is named.

    Parameters
    ----------
    counted_twice : int
        In how many of them two independent counts speak of it.
    names : sequence of str
        Names of the launches that have been sold.
    """
    if not names:
        return "Sold out: a ceiling, hunger marketing, or waiting for cheaper parts?"
    is_alone = len(names) == 1
    if not counted_twice:
        held_back = (
            f"the {names[0]} was held back"
            if is_alone
            else f"units were held back in any of {len(names)} launches"
        )
        return f"We cannot tell whether {held_back}: no two independent counts exist"
    if is_alone:
        return f"Two independent counts speak of whether the {names[0]} was held back"
    return (
        "Two independent counts speak of whether units were held back in "
        f"{number(counted_twice)} of {len(names)} launches"
    )


def waiting_share(launch: Launch, quantities: dict[str, dict]) -> float | None:
    """Return the share of simulations in which making half at first paid, or None."""
    share = quantities.get(f"{launch.launch}/release_plan", {}).get("making_half_pays_share")
    return float(share["estimate"]) if share else None


def is_sold_below_cost(launch: Launch, quantities: dict[str, dict]) -> bool:
    """Return whether each unit sold below its cost at first, so that later earnings decide.

    Where a ceramic body is left out of the cost, that body decides and not what came later.
    """
    if is_held_by_its_body(launch):
        return False
    plan = quantities.get(f"{launch.launch}/release_plan", {})
    return float(plan.get("sold_below_cost_share", {"estimate": 0})["estimate"]) > SURELY


def hardly_matters(launch: Launch, quantities: dict[str, dict]) -> bool:
    """Say whether making half at first changed the mean profit by less than plans can be told."""
    plan = quantities.get(f"{launch.launch}/release_plan", {})
    gain = plan.get("waiting_gain_over_profit")
    return bool(gain) and abs(float(gain["estimate"])) < AS_GOOD


def would_waiting_have_paid(launch: Launch, quantities: dict[str, dict]) -> str:
    """Answer whether making half at first would have paid: one of the answers above."""
    share = waiting_share(launch, quantities)
    if share is None:
        return NOT_PLAYED
    if is_sold_below_cost(launch, quantities):
        return CANNOT_TELL
    if share <= 0.5:
        return PROBABLY_NOT
    return HARDLY if hardly_matters(launch, quantities) else PROBABLY


def say_waiting(launches: list[Launch], quantities: dict[str, dict]) -> tuple[str, ...]:
    """Return whether waiting for cheaper parts would have paid, over the launches with a plan.

    Waiting is played out as making only half of the phones at first, as the pages on plans show.
    """
    names: dict[str, list[str]] = {}
    for launch in launches:
        names.setdefault(would_waiting_have_paid(launch, quantities), []).append(launch.name)
    names.pop(NOT_PLAYED, None)
    if not names:
        return ("No launch has a plan yet, so we do not say whether waiting would have paid.",)
    played = plural(sum(map(len, names.values())), "launch", "launches")
    are_over = any(launch.is_over for launch in launches)
    pay, change = ("have paid", "have changed") if are_over else ("pay", "change")
    answers = (
        (PROBABLY, f"That probably would {pay} for {{}}."),
        (PROBABLY_NOT, f"That probably would not {pay} for {{}}."),
        (HARDLY, f"It would {change} profit by less than {percent(AS_GOOD)} for {{}}."),
        (CANNOT_TELL, "We cannot tell for {}, sold below cost at first."),
    )
    return (
        f"We played {played} through, making half at first to wait for cheaper parts, against "
        "selling as made.",
        *(
            words.format(_one_or_some(names[answer]))
            for answer, words in answers
            if answer in names
        ),
    )


def _one_or_some(names: list[str]) -> str:
    """Name a launch that is alone, and count several."""
    return f"the {names[0]}" if len(names) == 1 else f"{number(len(names))} of them"


def never_made_share(launch: Launch, quantities: dict[str, dict]) -> float | None:
    """Return the share of the units not made at first that were never made, or None."""
    plan = quantities.get(f"{launch.launch}/release_plan", {})
    share = plan.get("never_made_share")
    return float(share["estimate"]) if share else None


def is_sold_at_a_gain(launch: Launch, quantities: dict[str, dict]) -> bool:
    """Return whether a unit earned something, as its plan has it, with nothing left out of it."""
    return not is_sold_below_cost(launch, quantities) and not is_held_by_its_body(launch)


def say_advice(launches: list[Launch], quantities: dict[str, dict]) -> str:
    """Return what to do with a launch of one's own, as far as the plans played through say.

    A unit sold at a loss is better not made, so only those that earn something speak for selling
    what is made.
    """
    answers = {would_waiting_have_paid(launch, quantities) for launch in launches}
    if PROBABLY in answers or not answers & {PROBABLY_NOT, HARDLY}:
        return "So play your own launch through before you hold anything back."
    sell = "So sell what is made, if a unit earns anything"
    earning = [launch for launch in launches if is_sold_at_a_gain(launch, quantities)]
    lost = [never_made_share(launch, quantities) for launch in earning]
    lost = [share for share in lost if share is not None]
    if lost and min(lost) > 0.5:
        one = percent(min(lost)) == percent(max(lost))
        never = percent(min(lost)) if one else span(min(lost), max(lost), write=percent)
        return (
            f"{sell}: of the units not made at first {never} are never made, however cheap parts "
            "get."
        )
    return f"{sell}, unless parts get far cheaper and missed units can still be made."


def levels_of_plans(reports: list[dict], launches: list[Launch]) -> Counter:
    """Count how sure the plans of some launches are, by level of `look.Trust`."""
    plans = {f"{launch.launch}/release_plan" for launch in launches}
    levels = [report.get("trust", "") for report in reports if report["name"] in plans]
    return Counter(filter(None, levels))


def describe_trust(
    launches: list[Launch], counted_twice: int, levels: Mapping[str, int]
) -> dict[str, str]:
    """Return how sure the title is, why, and what would settle whether units were held back.

    Parameters
    ----------
    launches : list of Launch
        Those of the table that have been sold.
    counted_twice : int
        In how many of them two independent counts speak of holding back.
    levels : mapping of int
        How many plans are how sure of waiting, by level of `look.Trust`.
    """
    if not launches:
        return {
            "level": "low",
            "because": f"None of these has been sold yet. {say_trust_in_waiting(levels)}".strip(),
            "would_settle": "Paid orders or registrations, counted before the first sale.",
        }
    rates = {launch.launch: monthly_rates(launch.supply_reports) for launch in launches}
    possible = sum(_tells(of_launch, ["capacity"]) for of_launch in rates.values())
    counted = sum(_tells(of_launch, MADE) for of_launch in rates.values())
    error = max(map(settling_error, rates.values()), default=0.0)
    return {
        "level": "low" if counted_twice else "none",
        "because": (
            f"This is about holding back: "
            f"{say_what_was_counted(launches, possible, counted, counted_twice)} "
            f"{say_trust_in_waiting(levels)}"
        ).strip(),
        "would_settle": (
            "Two independent counts for the same weeks: units made, and units or parts that "
            f"could have been made. Right to within {percent(error)}, they could show that some "
            "were held back; that none were is harder to show."
        ),
    }


def say_what_was_counted(
    launches: list[Launch], possible: int, counted: int, counted_twice: int
) -> str:
    """Say how many launches have a report of what could be made, of what was, and of both at once.

    One that is alone is named instead.
    """
    if len(launches) > 1:
        return (
            f"of {len(launches)} launches, reports say for {possible or 'none'} how many could be "
            f"made, and for {counted or 'none'} how many were made. For {counted_twice or 'none'} "
            "do two independent ones speak of the same weeks."
        )
    of_the_launch = f"of the {launches[0].name}"
    if not possible and not counted:
        return f"{of_the_launch} no report says how many could be made, nor how many were."
    if not counted:
        return f"{of_the_launch} no report says how many were made, only how many could be."
    if not possible:
        return f"{of_the_launch} no report says how many could be made, only how many were."
    two = "two" if counted_twice else "no two"
    return (
        f"{of_the_launch} reports say how many could be made, and how many were; {two} independent "
        "ones speak of the same weeks."
    )


def say_trust_in_waiting(levels: Mapping[str, int]) -> str:
    """Say how sure the plans are of waiting; nothing without a plan.

    >>> say_trust_in_waiting({"none": 1, "fair": 2})
    'How sure we are of waiting: fair in 2 launches and not at all in 1.'
    """
    counts = [(trust_in_words(level), levels[level]) for level in LEVELS if level in levels]
    if not counts:
        return ""
    if sum(levels.values()) == 1:
        return f"How sure we are of waiting: {counts[0][0]}."
    (surest, count), *others = counts
    parts = [f"{surest} in {plural(count, 'launch', 'launches')}"]
    parts += [f"{level} in {number(count)}" for level, count in others]
    listed = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    return f"How sure we are of waiting: {listed}."


def settling_error(rates: pd.DataFrame) -> float:
    """Return the error, as a share, with which a count would settle whether units were held back.

    As on the launch's own page, at even odds before.
    """
    return Choice(chances=judge_choice(rates)).settling_error()


def _tells(rates: pd.DataFrame, kinds: list[str]) -> bool:
    """Say whether a report of one of these kinds speaks of the product itself."""
    of_model = rates[(rates["units"] > 0) & (rates["scope"] != "series")]
    return bool(of_model["kind"].isin(kinds).any())


def describe_launch(launch: Launch, shortage: Shortage, quantities: dict[str, dict]) -> LaunchRow:
    """Return the row of one launch."""
    return LaunchRow(
        subject=launch.launch,
        name=launch.name,
        cells=(
            fastest_sale(launch),
            what_was_short(launch),
            TO_COME if launch.is_ahead else likeliest_cause(shortage),
            describe_waiting(launch, quantities),
            what_came(launch),
        ),
    )


def describe_waiting(launch: Launch, quantities: dict[str, dict]) -> str:
    """Return whether waiting would have paid, with the share of simulations in which it did."""
    answer = would_waiting_have_paid(launch, quantities)
    if answer == NOT_PLAYED:
        return why_not_played(launch)
    if answer == CANNOT_TELL:
        return f"{answer}: sold below its cost, later earnings not counted"
    left_out = ", ceramic body left out" if is_held_by_its_body(launch) else ""
    share = percent(waiting_share(launch, quantities))
    how_much = f": under {percent(AS_GOOD)} of profit" if answer == HARDLY else ""
    paid = "paid" if launch.is_over else "pays"
    return f"{answer}{how_much} ({paid} in {share} of simulations{left_out})"


def why_not_played(launch: Launch) -> str:
    """Return which figures a launch file lacks for a plan; without a reason where it has all."""
    missing = [words for name, words in FIGURES_OF_A_PLAN.items() if not launch.figure(name).known]
    if not missing:
        return NOT_PLAYED
    listed = " or ".join(filter(None, [", ".join(missing[:-1]), missing[-1]]))
    return f"no plan: no {listed} on file"


def likeliest_cause(shortage: Shortage) -> str:
    """Return the cause that probably played a role, by documented shortages, with its chance."""
    likeliest = shortage.likeliest
    if likeliest["share"] < LIKELY:
        return "none stands out"
    return f"{CAUSE_NAMES[likeliest['cause']].lower()} ({percent(likeliest['share'])})"


def fastest_sale(launch: Launch) -> str:
    """Return the shortest time in which a lot of the product itself sold out."""
    own = launch.drops[launch.drops["device"] == launch.device].dropna(subset=["sellout_s"])
    if own.empty:
        return TO_COME if launch.is_ahead else NOT_KNOWN
    fastest = own.loc[own["sellout_s"].idxmin()]
    first_sale = launch.figure("first_sale").value
    is_in_advance = first_sale is not None and fastest["date"] < first_sale
    return duration(float(fastest["sellout_s"])) + (", in advance" if is_in_advance else "")


def what_was_short(launch: Launch) -> str:
    """Return what reports name as the limit."""
    limit = launch.figure("supply.bottleneck")
    if not limit.known:
        return NOT_KNOWN
    part = str(limit.value)
    return NO_PART.get(part) or UNITS_OF_PARTS.get(part, part_name(part))


def what_came(launch: Launch) -> str:
    """Return the last count of the product itself, or else of its series; orders are no count."""
    counts = launch.sales.query("kind != 'ordered'").dropna(subset=["units"])
    of_model = counts[counts["scope"] == "model"]
    counts = counts if of_model.empty else of_model
    if counts.empty:
        return "no count"
    last = counts.sort_values("date").iloc[-1]
    of_series = " of the series" if of_model.empty else ""
    return f"{short_count(last['units'])}{of_series} by {day(pd.Timestamp(last['date']))}"


def say_findings(quantities: dict[str, dict], launches: dict[str, Launch]) -> tuple[str, ...]:
    """Return what holds across launches, one sentence each."""
    shared: dict[str, dict] = {}
    # What differs by class is that of phones, which come last.
    for name in sorted(quantities, key=lambda name: is_of_a_phone(name, launches)):
        shared |= quantities[name]
    findings = []
    if "lot_dependence" in shared:
        times = [10 ** float(shared["lot_dependence"][end]) for end in ("estimate", "low", "high")]
        findings.append(
            "Do not size a lot by the seconds of the last one. Lots ten times larger lasted "
            f"{times[0]:.1f} times as long (95 % range {span(times[1], times[2], 2)})."
        )
    if "first_drop_to_sales_correlation" in shared:
        rank = shared["first_drop_to_sales_correlation"]
        low, middle, high = (float(rank[end]) for end in ("low", "estimate", "high"))
        if low < 0 < high:
            findings.append(
                "Too few products were counted to tell whether a fast first sale means a hit: the "
                f"rank correlation is {number(middle, 2)} (95 % range {span(low, high, 2)})."
            )
    if "bom_change_a_year" in shared:
        change = shared["bom_change_a_year"]
        low, high = float(change["low"]), float(change["high"])
        if isfinite(low) and low < 0 < high:
            findings.append(
                "How fast the parts of one product get cheaper is not settled: between "
                f"{percent(abs(low))} cheaper and {percent(high)} dearer a year."
            )
    return (*findings, *say_consoles(quantities, launches))


def is_of_a_phone(name: str, launches: dict[str, Launch]) -> bool:
    """Return whether a report, by its name, is of a phone or of all launches."""
    launch = launches.get(name.split("/", maxsplit=1)[0])
    return launch is None or launch.product.compared_classes == MOBILE


def say_consoles(quantities: dict[str, dict], launches: dict[str, Launch]) -> tuple[str, ...]:
    """Return the second proof of the models, on products that are no phones: forecasts held to.

    The first costing of a console against those made later, and units forecast eight weeks in
    against those counted about a year later.
    """
    sentences = []
    for name, published in quantities.items():
        launch = launches.get(name.split("/")[0])
        if launch is None or launch.product.noun != "console" or launch.is_own:
            continue
        if "later_costings_held" in published:
            held, costings = (
                float(published[name]["estimate"])
                for name in ("later_costings_held", "later_costings")
            )
            lay_inside = say_later_costings(round(held * costings), round(costings), launch.name)
            sentences.append(lay_inside)
        if "came_after_a_year" in published:
            foreseen = published["foreseen_after_a_year"]
            low, high = float(foreseen["low"]), float(foreseen["high"])
            came = short_count(float(published["came_after_a_year"]["estimate"]))
            is_wide = ", a wide range" if high > WIDE * low else ""
            sentences.append(
                f"Eight weeks in, {range_words(low, high)} of the {launch.name} were forecast for "
                f"about a year later{is_wide}; {came} came."
            )
    return tuple(sentences)


def say_later_costings(held: int, costings: int, name: str) -> str:
    """Say how many later costings of a product's parts a forecast from the first one held.

    >>> say_later_costings(2, 3, "Switch").split("'")[0]
    '2 of 3 later costings of the Switch'
    """
    if costings == 1:
        where = "inside" if held else "outside"
        which = "The one later costing"
    else:
        where = "inside"
        which = f"{number(held)} of {number(costings)} later costings"
        if held == costings:
            which = f"{'Both' if costings == 2 else f'All {number(costings)}'} later costings"
        elif held == 0:
            which = f"None of {number(costings)} later costings"
    return f"{which} of the {name}'s parts lay {where} the range forecast from the first alone."
