"""What a launch file shows of why the product was short: signs, and reports that name a cause.

Signs are those that the reference class can count (`shortage_class`). A report that names a part, a
published yield and two independent numbers are more than the class can count; what they weigh is
assumed here, or comes from `choice`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..data import Launch
from ..demand import later_makers, monthly_rates
from .choice import judge_choice
from .shortage import Report
from .shortage_class import CAUSES, SIGNS
from .words import NO_LIMIT, PLANT_LIMITS, known_lots

UNKNOWN = "unknown"

# Where the named cause played a role, a report that names it is so many times likelier (assumed,
# with the range that we would bet four to one holds the truth). Accusations of holding back, which
# the class can count, were hardly likelier where they were right, so it is not set high.
REPORT_FACTOR = (4.0, 2.0, 8.0)

LARGEST_FACTOR = 1e6  # two numbers speak at most so loudly; beyond it the odds are settled anyway

LOW_YIELD = 0.5  # a yield below it is a report that the yield was a cause
RAISED_BY = 1.2  # a target this many times the first one of its kind is raised
SAME_SIZE = 1.2  # lots whose largest is at most this many times the smallest are of one size
LEAST_LOTS = 3  # lots from which on their sizes show whether they are constant
# A documented shortage that began so near to its announcement or first sale is the launch's.
SAME_START_DAYS = 60


@dataclass(frozen=True)
class LaunchSign:
    """One sign of the reference class, as a launch shows it."""

    sign: str  # one of `SIGNS`
    word: str  # "yes", "no" or "unknown"
    makers: tuple[str, ...] = ()  # who joined, of an added line
    units: tuple[float, ...] = ()  # first and last target, people registered, sizes of lots
    maker_after: str = ""  # who was named as a second source only once it was short no more
    named_on: pd.Timestamp | None = None  # the day on which that one was named


def read_signs(launch: Launch, ended: pd.Timestamp | None = None) -> list[LaunchSign]:
    """Read the signs of the reference class from a launch, in the order of `SIGNS`.

    Parameters
    ----------
    launch : Launch
        As known on the day asked for.
    ended : Timestamp, optional
        Day by which it was short no more, by later accounts. A maker named after it is no sign of
        the shortage.

    Returns
    -------
    list of LaunchSign
        One for each sign; "unknown" where the file does not show it.
    """
    readers = {
        "line_added": lambda launch: _read_line_added(launch, ended),
        "target_raised": _read_target,
        "registration": _read_registration,
        "lots_constant": _read_lots,
    }
    return [readers[sign](launch) for sign in SIGNS]


def _read_line_added(launch: Launch, ended: pd.Timestamp | None) -> LaunchSign:
    """Read whether a second source or line was added while the product was short.

    A file that names none does not say no.
    """
    maker = launch.words.get("supply.second_source.manufacturer")
    announced = launch.figure("supply.second_source.announced")
    was_over = ended is not None and announced.known and announced.value > ended
    is_named = maker and announced.known and not was_over
    sources = launch.supply_sources
    if ended is not None:
        sources = sources[sources["known_on"] <= ended]
    joined = [*([maker] if is_named else []), *later_makers(sources)]
    if not joined and maker and was_over:
        named_on = announced.value
        return LaunchSign("line_added", UNKNOWN, maker_after=maker, named_on=named_on)
    word = "yes" if joined else UNKNOWN
    return LaunchSign("line_added", word, makers=tuple(dict.fromkeys(joined)))


def _read_target(launch: Launch) -> LaunchSign:
    """Read whether what was planned or could be made was raised after first sale.

    Only reports of the model that are of one kind and on one time base are compared, those that
    most reports give; totals only where they are of the very same period, since totals over periods
    of different length may rise though no plan did. What could be made may be above what was
    planned.
    """
    first_sale = launch.figure("first_sale").value
    if first_sale is None:
        return LaunchSign("target_raised", UNKNOWN)
    reports = launch.supply_reports
    is_plan = reports["kind"].isin(["target", "capacity"]) & (reports["scope"] != "series")
    rates = monthly_rates(reports[is_plan & (reports["reported"] >= first_sale)])
    rates = rates.sort_values("reported", kind="stable")
    is_total = rates["per"] == "total"
    same_base = [
        rates["kind"],
        rates["per"],
        rates["period_start"].where(is_total),
        rates["period_end"].where(is_total),
    ]
    alike = [group for _, group in rates.groupby(same_base, sort=True, dropna=False)]
    most = max(alike, key=len, default=rates)
    if len(most) < 2:
        return LaunchSign("target_raised", UNKNOWN)
    first, last = most["units_per_month"].iloc[[0, -1]]
    word = "yes" if last >= RAISED_BY * first else "no"
    return LaunchSign("target_raised", word, units=(round(first), round(last)))


def _read_registration(launch: Launch) -> LaunchSign:
    """Read whether people registered to buy; a file without a count does not say that none did.

    Those who registered for another version of the product are not asked.
    """
    backlogs = launch.supply_reports.query("kind == 'backlog'")["units"]
    people = pd.concat([launch.own_drops["registrations"], backlogs]).dropna().astype(float)
    if not len(people):
        return LaunchSign("registration", UNKNOWN)
    return LaunchSign("registration", "yes", units=(float(people.max()),))


def _read_lots(launch: Launch) -> LaunchSign:
    """Read whether lots were all of one size."""
    sizes = known_lots(launch)["units"].astype(float)
    if len(sizes) < LEAST_LOTS:
        return LaunchSign("lots_constant", UNKNOWN)
    word = "yes" if sizes.max() <= SAME_SIZE * sizes.min() else "no"
    return LaunchSign("lots_constant", word, units=tuple(sizes))


def read_reports(launch: Launch, documented: pd.DataFrame | None = None) -> list[Report]:
    """Read what names a cause of this shortage, beyond the signs that the class can count.

    Parameters
    ----------
    launch : Launch
        As known on the day asked for.
    documented : DataFrame, optional
        The launch's own rows of the table of shortages, from `select_own`; they came out later.

    Returns
    -------
    list of Report
        A named part or plant, a low yield, the maker's later account, two independent numbers.
    """
    reports = []
    named = _named_cause(launch)
    if named:
        reports.append(Report("limit_named", named, *REPORT_FACTOR))
    passed = launch.figure("supply.yield_share")
    if passed.basis == "sourced" and passed.number < LOW_YIELD:
        reports.append(Report("yield_published", "yield", *REPORT_FACTOR))
    if documented is not None:
        reports += [
            Report("came_out_later", cause, *REPORT_FACTOR)
            for cause, column in CAUSES.items()
            if documented[column].isin([True, "yes"]).any()
        ]
    return [*reports, *_two_numbers(launch)]


def _named_cause(launch: Launch) -> str:
    """Give the cause that the limit named by reports stands for; empty where it names none.

    That its yield was low is a report of its own: one figure is not weighed twice.
    """
    limit = launch.figure("supply.bottleneck")
    if not limit.known or limit.value in NO_LIMIT:
        return ""
    return "assembly" if limit.value in PLANT_LIMITS else "part"


def _two_numbers(launch: Launch) -> list[Report]:
    """Give what output and capacity of one time, from two sources, say of holding back.

    The factor depends on how much would have been released, had some been held back. Its draws lie
    evenly about the middle in logs, so the middle is that of its ends: numbers that speak against
    holding back whatever was released never speak for it in a draw.
    """
    chances = judge_choice(monthly_rates(launch.supply_reports))
    moved = chances[chances["moved"] & (chances["prior"] == 0.5)]
    if not len(moved):
        return []
    factors = moved["bayes_factor"].clip(1 / LARGEST_FACTOR, LARGEST_FACTOR)
    low, high = factors.min(), factors.max()
    return [Report("two_numbers", "held_back", np.sqrt(low * high), low, high)]


def name_own_device(shortages: pd.DataFrame, launch: Launch) -> pd.DataFrame:
    """Give the launch's device to shortages without one that are of a product of its name.

    The name is that of the product, with or without its maker's before it, in any case of letters:
    "AirPods Pro" are no AirPods.

    Parameters
    ----------
    shortages : DataFrame
        The table of shortages.
    launch : Launch
        Any launch.
    """
    product = shortages["product"].map(_plain_name)
    with_maker = (shortages["maker"] + " " + shortages["product"]).map(_plain_name)
    name = _plain_name(launch.name)
    is_named = shortages["device"].isna() & ((product == name) | (with_maker == name))
    return shortages.assign(device=shortages["device"].mask(is_named, launch.device))


def _plain_name(name: str) -> str:
    """Write a name in small letters with single blanks."""
    return " ".join(name.casefold().split())


def select_own(launch: Launch, shortages: pd.DataFrame) -> pd.DataFrame | None:
    """Select the documented shortages that are this launch's own: same device, same time.

    Its time is from its announcement, as a queue may be long before the first sale.

    Parameters
    ----------
    launch : Launch
        Any launch.
    shortages : DataFrame
        Rows of `select_documented`.

    Returns
    -------
    DataFrame, or None
        None where there is none.
    """
    first_sale = launch.figure("first_sale").value
    if first_sale is None:
        return None
    of_device = shortages[shortages["device"] == launch.device]
    start = pd.to_datetime(of_device["start"], format="mixed")
    around = pd.Timedelta(days=SAME_START_DAYS)
    announced = launch.figure("announced").value or first_sale
    earliest = min(announced, first_sale) - around
    own = of_device[start.between(earliest, first_sale + around)]
    return own if len(own) else None
