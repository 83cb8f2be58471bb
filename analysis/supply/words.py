"""How the supply page names things: products, parts, lots, counts, beliefs about supply.

Whole sentences stand in `study` and its sections; here are the names that several of them share.
"""

from __future__ import annotations

import pandas as pd

from ..data import Launch, load_table
from ..look import day, millions, number, plural, span
from ..sellout.words import brand_name, brand_of

PARTS = {
    "soc": "the processor",
    "new_line": "a new assembly line",
    "camera_module": "camera modules",
    "ceramic_body": "the ceramic body",
    "laser_diode": "laser diodes",
    "blue_laser_diode": "blue laser diodes",
    "lcd_panel": "LCD panels",
    "oled_panel": "OLED panels",
    "flash": "flash memory",
    "battery": "batteries",
    "assembly": "assembly",
    "labour": "a lack of workers",
}

# Parts as they are counted.
UNITS_OF_PARTS = {
    "soc": "processors",
    "camera_module": "camera modules",
    "ceramic_body": "ceramic bodies",
    "laser_diode": "laser diodes",
    "blue_laser_diode": "blue laser diodes",
    "lcd_panel": "LCD panels",
    "oled_panel": "OLED panels",
    "battery": "batteries",
}

# What a report says was done with phones.
KIND_WORDS = {
    "shipped": "shipped",
    "produced": "made",
    "capacity": "could be made",
    "target": "pledged",
}

# What a file may put where the limit of supply is asked for: plants, whose output would settle the
# question as deliveries of a part would, and what names nothing that was short.
PLANT_LIMITS = ("new_line", "assembly", "labour")
NO_LIMIT = ("none", "demand", "unspecified", "import_stock")

# Phones from which a rounded number of them is written in millions.
IN_MILLIONS = 1e5


def part_name(component: str) -> str:
    """Name a part or plant as a reader would."""
    return PARTS.get(component, component.replace("_", " "))


def part_units(component: str) -> str:
    """Name units of a part, as they are delivered or pass a test."""
    return UNITS_OF_PARTS.get(component, f"units of {part_name(component)}")


def blamed_part(launch: Launch) -> str:
    """Name the part that reports blame; empty where they name none."""
    bottleneck = launch.figure("supply.bottleneck")
    if not bottleneck.known or bottleneck.value in NO_LIMIT:
        return ""
    return part_name(bottleneck.value)


def is_named_by_file(launch: Launch) -> bool:
    """Say whether the limit is known from the launch file alone, and no page can be read on it."""
    bottleneck = launch.figure("supply.bottleneck")
    return bottleneck.known and not bottleneck.source_or_reason.startswith("http")


def by_whom(launch: Launch, reports: str, file: str) -> str:
    """Choose the words that suit who names the limit: reports, or the launch file alone."""
    return file if is_named_by_file(launch) else reports


def are_own_records(counts: pd.DataFrame) -> bool:
    """Say whether all counts are from the books of the launch's owner, and no page tells one."""
    return not counts["source"].astype(str).str.startswith("http").any()


def is_imported(launch: Launch) -> bool:
    """Say whether reports say that the product was imported, which names no part."""
    bottleneck = launch.figure("supply.bottleneck")
    return bottleneck.known and bottleneck.value == "import_stock"


def maker_name(launch: Launch) -> str:
    """Name the firm; "the maker" for a device that is in no table."""
    return brand_name(brand_of(launch)) or "the maker"


def short_count(units: float) -> str:
    """Write a count in a sentence: 1 million, 315,000."""
    return millions(units, 3)


def two_digits(units: float) -> str:
    """Write phones with two digits, from `IN_MILLIONS` on in millions."""
    if units >= IN_MILLIONS:
        return f"{float(f'{units / 1e6:.2g}'):g} million"
    return short_count(float(f"{units:.2g}"))


def range_words(low: float, high: float) -> str:
    """Write a range of phones in one unit, once where both ends round alike.

    >>> range_words(206_737, 805_689), range_words(93_400, 956_000)
    ('0.21 to 0.81 million', '93,000 to 960,000')
    """
    if two_digits(low) == two_digits(high):
        return two_digits(low)
    if 0 < low < IN_MILLIONS <= high:
        return span(low, high, write=_two_digits_in_full)
    return span(low, high, write=two_digits)


def middle_with_range(middle: float, low: float, high: float) -> tuple[str, str]:
    """Write phones and their range, the range in full where the middle is not in millions.

    >>> middle_with_range(29_000, 0, 960_000)
    ('29,000', '0 to 960,000')
    """
    if middle < IN_MILLIONS <= high:
        return two_digits(middle), span(low, high, write=_two_digits_in_full)
    return two_digits(middle), range_words(low, high)


def in_one_unit(few: float, many: float) -> tuple[str, str]:
    """Write two numbers of phones with two digits, both in full where one is not in millions.

    >>> in_one_unit(29_000, 960_000), in_one_unit(370_000, 700_000)
    (('29,000', '960,000'), ('0.37 million', '0.7 million'))
    """
    write = _two_digits_in_full if few < IN_MILLIONS <= many else two_digits
    return write(few), write(many)


def _two_digits_in_full(units: float) -> str:
    """Write phones with two digits and no word for millions."""
    return f"{float(f'{units:.2g}'):,.0f}"


def counted_sales(launch: Launch) -> pd.DataFrame:
    """Select the counts of what was sold or shipped; what was ordered is not sold yet."""
    return launch.sales[launch.sales["kind"] != "ordered"]


def known_lots(launch: Launch) -> pd.DataFrame:
    """Select the lots of the device with a known size."""
    return launch.own_lots.dropna(subset="units")


def lots_not_on_file(launch: Launch) -> int:
    """Count the sales that are on no file, by the numbers that the market table gives to others."""
    numbers = load_table("sale_rounds").set_index("round_id")["round"]
    known = numbers.reindex(launch.own_drops["round"].dropna()).dropna()
    return int(known.max()) - known.nunique() if len(known) else 0


def lots_not_sold_out(launch: Launch) -> int:
    """Count the lots of which it is known that they did not sell out; 0 where any other did."""
    sold_out = launch.own_lots["sold_out"]
    return 0 if (sold_out == "yes").any() else int((sold_out == "no").sum())


def duration(seconds: float) -> str:
    """Write a time to sell out: 2.4 s, 8 min 36 s, 34 hours."""
    if seconds < 100:
        return f"{number(seconds)}\u00a0s"
    if seconds < 3600:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes}\u00a0min\u00a0{rest}\u00a0s" if rest else f"{minutes}\u00a0min"
    return plural(round(seconds / 3600), "hour")


def due_words(target: pd.Series, *, year: bool = True) -> str:
    """Say by when a pledge is due, or how fast its units come."""
    if target["per"] != "total":
        return f"a {target['per']}"
    if pd.isna(target["period_end"]):
        return f"from {day(target['period_start'], year=year)} on"
    return f"by {day(target['period_end'], year=year)}"


def count_words(count: pd.Series) -> str:
    """Say a count of sales: how many, of what, and how."""
    return f"{short_count(count['units'])} {counted_words(count)}"


def counted_words(count: pd.Series) -> str:
    """Say of what a count of sales is, and how they were counted."""
    return f"of the series {count['kind']}" if count["scope"] == "series" else count["kind"]


def belief_name(kind: str) -> str:
    """Name a belief about supply as a row of a table, by its kind."""
    return {
        "parts": "Our guess at its parts and lines",
        "word": "Its pledges, kept",
        "record": "Its pledges, kept as well as others were",
        "lots": "Lots go on and may grow",
        "output": "Output goes on as reported",
        "ramp": "The ramp that we assume in its file",
        "class": "Sales go as of comparable launches",
    }[kind]
