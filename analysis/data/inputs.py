"""Inputs of a launch held against each other: what is impossible, and what is odd.

Single fields were checked before. What is impossible is noted as a problem of the file; what is
odd becomes an `OddInput`, which pages show. Here are days, money and output; drops and counts are
for inputs_units.py, lengths of time and changes of costings for inputs_time.py, and an order log
beside its drop for inputs_log.py.
"""

from dataclasses import dataclass, field

import pandas as pd

from .codes import currencies_of
from .errors import quoted
from .histories import LINES
from .launch import DAYS_PER, Launch, OddInput
from .launch_fields import LaunchFields
from .products import singular_of
from .tables import load_table

MONEY_STUDIES = ("margin", "release_plan")
LARGEST = {  # figures, and what is more than any product has had
    "life_months": 600,
    "supply.start_units_per_month": 1e9,
    "supply.full_units_per_month": 1e9,
    "supply.ramp_weeks": 1_000,
    "price.list_local": 1e10,
    "costs.bom_usd": 1e7,
}
DAYS_IN_ORDER = (  # an earlier day, and one that cannot come before it
    ("announced", "first_sale"),
    ("supply.second_source.announced", "supply.second_source.volume_from"),
    ("first_sale", "s_version.first_sale"),
    ("first_sale", "supply.short_until"),
)
RANGES_OF_SOURCES = ("starts", "units", "doubling_days", "yield")  # each with _low and _high
SLACK_OF_RATE = 1.25  # how far from the least and highest of a year a stated rate may lie
LOWEST_CUT = 0.25  # of the price before, below which a cut looks like a slip
LEAST_CUT_PRICE = 100  # below which a price that two costs exceed may lack its thousands
FAR_ABOVE_FULL_RATE = 5  # times the full rate of the file, above which a report has another `per`
LOW_BOM_SHARE = 0.05  # of the net price, below which parts do not fit it
MOST_BOM_SHARE = 3  # of the net price: consoles were sold at parts of up to 1.7 times it


@dataclass
class Findings:
    """What the inputs of one launch show when they are held against each other."""

    fields: LaunchFields
    odd: list[OddInput] = field(default_factory=list)

    def refuse(self, place: str, problem: str) -> None:
        """Note what is impossible as a problem of the file."""
        self.fields.problems.add(f"{place}: {problem}")

    def note(self, place: str, sentence: str, *studies: str) -> None:
        """Note what is odd, and the studies whose answer it touches."""
        self.odd.append(OddInput(place=place, sentence=sentence, studies=studies))


def check_figures(launch: Launch, findings: Findings) -> None:
    """Hold days, money, costs and output of a launch against each other."""
    _check_product(launch, findings)
    _check_requests(launch, findings)
    _check_sizes(launch, findings)
    _check_days(launch, findings)
    _check_price_cuts(launch, findings)
    _check_observed_prices(launch, findings)
    rate_is_possible = _check_exchange_rate(launch, findings)
    _check_currency(launch, findings)
    if rate_is_possible:
        _check_costs(launch, findings)
    _check_ramp(launch, findings)
    _note_reports_above_ramp(launch, findings)
    _check_sources(launch, findings)
    _check_s_version(launch, findings)


def _check_product(launch: Launch, findings: Findings) -> None:
    """Refuse a noun that looks like a plural: pages say one of what is sold, and many."""
    noun = launch.words.get("product") or ""
    if one := singular_of(noun):
        findings.refuse(
            findings.fields.place("product"),
            f"product = {quoted(noun)}; expected a noun for one, such as {one}",
        )


def _check_requests(launch: Launch, findings: Findings) -> None:
    """Refuse the order log itself as the log of requests after the stock was gone."""
    requests = launch.words.get("orders.requests_file")
    if requests and requests == launch.words.get("orders.file"):
        findings.refuse(
            findings.fields.place("orders.requests_file"),
            f"orders.requests_file = {quoted(requests)}, which is orders.file; expected requests "
            "that came after the stock was gone, or no such field",
        )


def _check_sizes(launch: Launch, findings: Findings) -> None:
    """Refuse figures of absurd size."""
    for path, largest in LARGEST.items():
        number = launch.figure(path).number
        if number > largest:
            findings.refuse(
                findings.fields.place_of_first(path),
                f"{path} = {number:g}; expected at most {largest:,.0f}",
            )


def _check_days(launch: Launch, findings: Findings) -> None:
    """Refuse days in an order that cannot be."""
    for earlier_path, later_path in DAYS_IN_ORDER:
        earlier, later = launch.figure(earlier_path).value, launch.figure(later_path).value
        if earlier is not None and later is not None and later < earlier:
            findings.refuse(
                findings.fields.place_of_first(later_path),
                f"{later_path} = {later.date()}; expected no day before {earlier_path}, "
                f"{earlier.date()}",
            )
    reports = launch.supply_reports
    for row in reports[reports["period_end"] < reports["period_start"]].itertuples():
        findings.refuse(
            findings.fields.place("supply.reports", row.Index),
            f"supply.reports: ends {row.period_end.date()}, before its start "
            f"{row.period_start.date()}",
        )


def _check_price_cuts(launch: Launch, findings: Findings) -> None:
    """Refuse a cut from before the first sale; a cut to more than the price before is odd."""
    price = launch.figure("price.list_local").number
    first_sale = launch.figure("first_sale").value or pd.NaT
    for row in launch.price_cuts.itertuples():
        place = findings.fields.place("price.cuts", row.Index)
        if row.date <= first_sale:
            findings.refuse(
                place, f"price.cuts: {row.date.date()}; expected a day after first_sale"
            )
        if row.list_local >= price:
            findings.note(
                place,
                f"The price cut of {row.date.date()} is to {row.list_local:,g}, and the price "
                f"before it was {price:,g}.",
                *MONEY_STUDIES,
            )
        if row.list_local < LOWEST_CUT * price:
            findings.note(
                place,
                f"The price cut of {row.date.date()} is to {row.list_local:,g} from {price:,g}; a "
                "digit may be missing, or it may be the sum that was taken off.",
                *MONEY_STUDIES,
            )
        price = row.list_local


def _check_observed_prices(launch: Launch, findings: Findings) -> None:
    """Refuse an observed price without its date, price or source, or from before the first sale."""
    first_sale = launch.figure("first_sale").value or pd.NaT
    for row in launch.observed_prices.itertuples():
        place = findings.fields.place("price.observed", row.Index)
        if pd.isna([row.date, row.price_local, row.source]).any():
            findings.refuse(place, "price.observed: expected date, price_local and source")
        elif row.date < first_sale:
            findings.refuse(
                place,
                f"price.observed: {row.date.date()}; expected a day from first_sale on",
            )


def _check_exchange_rate(launch: Launch, findings: Findings) -> bool:
    """Hold the exchange rate against the rates of its year; return whether it may be one.

    A rate may have been turned round, or its point misplaced.
    """
    rate = launch.figure("price.local_per_usd").number
    currency, first_sale = launch.words.get("currency"), launch.figure("first_sale").value
    rates = load_table("exchange_rates")
    rates = rates[rates["currency"] == currency]
    if not rate > 0 or first_sale is None or (rates.empty and currency != "USD"):
        return True
    low = high = 1.0
    year = first_sale.year
    if currency != "USD":
        nearest = rates.loc[(rates["year"] - year).abs().idxmin()]
        low, high, year = nearest["low"], nearest["high"], int(nearest["year"])
    fault, is_impossible = _fault_of_rate(rate, low, high)
    if not fault:
        return True
    place = findings.fields.place_of_first("price.local_per_usd")
    usual = f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
    if is_impossible:
        findings.refuse(
            place,
            f"price.local_per_usd = {rate:g}; expected {usual} {currency} for a dollar, as in "
            f"{year}{fault}",
        )
        return False
    findings.note(
        place,
        f"The file has {rate:g} {currency} for a dollar; in {year} it was {usual}{fault}.",
        *MONEY_STUDIES,
    )
    return True


def _fault_of_rate(rate: float, low: float, high: float) -> tuple[str, bool]:
    """Return what is wrong with a rate beside a year's, in a clause, and whether it cannot be."""
    slack = SLACK_OF_RATE if low < high else 1.001  # the dollar's own rate is 1

    def is_usual(value: float) -> bool:
        return low / slack <= value <= high * slack

    if is_usual(rate):
        return _doubt_about_rate(rate, low, high), False
    if is_usual(1 / rate):
        return "; this is dollars for a unit of it: write it the other way round", True
    for factor in (100, 1 / 100, 1_000, 1 / 1_000):
        if is_usual(rate * factor):
            return f"; a point is misplaced: {rate * factor:g}", True
    is_impossible = low == high or not low / 3 <= rate <= high * 3
    return "; another currency or year", is_impossible


def _doubt_about_rate(rate: float, low: float, high: float) -> str:
    """Return why a rate near a year's may still be wrong, in a clause; "" where nothing says so.

    Near 1, as with euros, a rate that was turned round is near the right one.
    """
    if low <= rate <= high or low == high:
        return ""
    if rate == 1:
        return "; 1 is what a dollar costs in dollars"
    if low <= 1 / rate <= high:
        return f"; turned round it would be {1 / rate:.3g}, which fits"
    return ""


def _check_currency(launch: Launch, findings: Findings) -> None:
    """Note a currency that was no money in the market of the launch."""
    market, currency = launch.words.get("market"), launch.words.get("currency")
    first_sale = launch.figure("first_sale").value
    if not market or not currency or first_sale is None:
        return
    money = currencies_of(market, first_sale.date())
    if money and currency not in money:
        findings.note(
            findings.fields.place_of_first("currency"),
            f"Prices are in {currency}, and money in {market} was {' or '.join(money)}.",
            *MONEY_STUDIES,
        )


def net_price_usd(launch: Launch) -> float:
    """Return the list price without tax in dollars; NaN where it is not known."""
    list_local = launch.figure("price.list_local").number
    tax = launch.figure("price.list_tax_share").number
    return list_local / (1 + tax) / launch.figure("price.local_per_usd").number


def _check_costs(launch: Launch, findings: Findings) -> None:
    """Refuse costs that no price could carry; parts of twice the net price or of a 20th are odd."""
    net_usd = net_price_usd(launch)
    if _price_lost_its_thousands(launch, net_usd):
        price = launch.figure("price.list_local").number
        findings.refuse(
            findings.fields.place_of_first("price.list_local"),
            f"price.list_local = {price:g}; expected more than the costs below: if its point parts "
            f"thousands, write {1_000 * price:.0f}",
        )
        return
    place_of = findings.fields.place_of_first
    if launch.costings.empty:
        bom_usd, place = launch.figure("costs.bom_usd").number, place_of("costs.bom_usd")
        _check_bom(launch, "costs.bom_usd", bom_usd, place, findings)
    for row in launch.costings.itertuples():
        _check_bom(launch, "bom_usd", row.bom_usd, place_of_costing(launch, row.Index), findings)
    for path in ("costs.assembly_usd", "costs.freight_warranty_usd"):
        if launch.figure(path).number > net_usd:
            findings.refuse(
                place_of(path),
                f"{path} = {launch.figure(path).number:,g}; expected less than the net price, "
                f"{net_usd:,.0f} dollars",
            )
    shares = [launch.figure(f"costs.{name}_share").number for name in ("royalty", "channel")]
    if sum(shares) >= 1:
        findings.refuse(
            place_of("costs.channel_share"),
            f"costs.royalty_share and costs.channel_share are {sum(shares):g} of the net price; "
            "expected less than 1 in all",
        )


def place_of_costing(launch: Launch, row: int) -> str:
    """Return file and line of a costing of a BOM history."""
    return f"data/{launch.words['histories.bom']}:{launch.costings.attrs[LINES][row]}"


def _check_bom(launch: Launch, name: str, bom_usd: float, place: str, findings: Findings) -> None:
    """Hold a BOM against the net price: that of the file, or of a line of a BOM history."""
    net_usd = net_price_usd(launch)
    if bom_usd > MOST_BOM_SHARE * net_usd:
        in_usd = bom_usd / launch.figure("price.local_per_usd").number
        hint = f"; {in_usd:,.0f} if it is in {launch.words.get('currency')}, not dollars"
        is_local = 0.1 * net_usd < in_usd < 1.5 * net_usd
        findings.refuse(
            place,
            f"{name} = {bom_usd:,g} dollars; expected a part of the net price or little "
            f"more, which is {net_usd:,.0f} dollars{hint if is_local else ''}",
        )
    elif LOW_BOM_SHARE * net_usd < 1_000 * bom_usd < net_usd:
        findings.refuse(
            place,
            f"{name} = {bom_usd:g} dollars; expected a part of the net price, {net_usd:,.0f} "
            f"dollars: if its point parts thousands, write {1_000 * bom_usd:.0f}",
        )
    elif bom_usd > 2 * net_usd or bom_usd < LOW_BOM_SHARE * net_usd:
        parts = f"{bom_usd:,.0f}" if bom_usd >= 1 else f"{bom_usd:.2g}"
        findings.note(
            place,
            f"Parts of ${parts} and a net price of ${net_usd:,.0f} do not fit.",
            *MONEY_STUDIES,
        )


def _price_lost_its_thousands(launch: Launch, net_usd: float) -> bool:
    """Whether a price is too low for its costs, and looks like 1.299 for 1,299."""
    price = launch.figure("price.list_local").number
    parts_usd = launch.figure("costs.bom_usd").number
    others_usd = [
        launch.figure(f"costs.{name}_usd").number for name in ("assembly", "freight_warranty")
    ]
    too_dear = [usd for usd in others_usd if usd > net_usd]
    too_dear += [parts_usd] if parts_usd > MOST_BOM_SHARE * net_usd else []
    has_thousandths = round(price, 2) != price == round(price, 3)
    looks_cut = has_thousandths or (price < LEAST_CUT_PRICE and len(too_dear) > 1)
    return bool(too_dear) and looks_cut and max(too_dear) < 1_000 * net_usd


def _check_ramp(launch: Launch, findings: Findings) -> None:
    """Refuse a ramp that goes down."""
    start, full = (
        launch.figure(f"supply.{name}_units_per_month").number for name in ("start", "full")
    )
    if start > full:
        findings.refuse(
            findings.fields.place_of_first("supply.start_units_per_month"),
            f"supply.start_units_per_month = {start:,.0f}; expected at most "
            f"full_units_per_month, {full:,.0f}",
        )


def _note_reports_above_ramp(launch: Launch, findings: Findings) -> None:
    """Note reports of capacity that are far above the full rate, as of another span of time."""
    highest = launch.figure("supply.full_units_per_month").highest
    reports = launch.supply_reports[launch.supply_reports["kind"] == "capacity"]
    per_month = reports["units"] / reports["per"].map(DAYS_PER) * DAYS_PER["month"]
    for row in reports[per_month > FAR_ABOVE_FULL_RATE * highest].itertuples():
        findings.note(
            findings.fields.place("supply.reports", row.Index),
            f"A capacity of {row.units:,.0f} a {row.per} is {per_month[row.Index]:,.0f} a month, "
            f"and full_units_per_month is {highest:,.0f} at most; is per right?",
            "capacity",
            "release_plan",
        )


def _check_sources(launch: Launch, findings: Findings) -> None:
    """Refuse ranges of supply sources whose low end lies above the high one."""
    for row in launch.supply_sources.itertuples():
        for name in RANGES_OF_SOURCES:
            low, high = getattr(row, f"{name}_low"), getattr(row, f"{name}_high")
            if low > high:
                shown = [str(end.date()) if name == "starts" else f"{end:g}" for end in (low, high)]
                findings.refuse(
                    findings.fields.place("supply.sources", row.Index),
                    f"supply.sources: {name}_low = {shown[0]}, {name}_high = {shown[1]}; "
                    "expected them in this order",
                )


def _check_s_version(launch: Launch, findings: Findings) -> None:
    """Refuse the price of an upgraded version whose first sale is not known."""
    priced = launch.figure("s_version.list_local").known
    if priced and not launch.figure("s_version.first_sale").known:
        findings.refuse(
            findings.fields.place_of_first("s_version.list_local"),
            "s_version.list_local needs s_version.first_sale; expected its date",
        )
