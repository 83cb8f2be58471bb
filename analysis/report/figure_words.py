"""How the page of statements writes the figures that studies publish: values, edges, names."""

import re
from collections.abc import Callable
from functools import partial
from math import isfinite, isinf, isnan

from analysis.look import dollars, millions, number, percent, span

TIMES = ("s", "days", "weeks", "months", "years")
# What is said of a time that never came, by its unit.
NEVER = {unit: f"not within the {unit} simulated" for unit in TIMES}
NEVER |= {"weeks on sale": "not while on sale"}
# Nothing stands behind their numbers.
NO_UNIT = ("share", "USD", "correlation", "exponent", "number")
# What each published figure is, behind its value. One that is not here keeps its own name.
FIGURES = {
    "came_after_a_year": "units counted after about a year",
    "foreseen_after_a_year": "units forecast eight weeks in for about a year later",
    "held_back_chance": "chance that it was held back",
    "likeliest_cause_chance": "chance that the likeliest cause played a role",
    "weeks_as_known_then": "time to a million sold, as forecast five days in",
    "weeks_to_a_million": "time to a million sold",
    "bom_change_a_year": "change of the parts' cost in a year",
    "brand_bom_share_of_net_price": "share of parts in the net price, by costings of the brand",
    "later_costings": "number of costings made after the first",
    "later_costings_held": "share of later costings inside the range forecast",
    "list_price_usd": "list price",
    "margin_at_launch": "margin at launch, as a share of the net price",
    "margin_gain_over_life": "change of margin over the product's life, of the net price",
    "s_version_price_change": "price of the S version against the first one's",
    "ceiling_probability": "chance that all was made that could be",
    "making_half_pays_share": "share of simulated lives in which making half at first pays",
    "never_made_share": "share of units not made at first that are never made",
    "sold_below_cost_share": "share of simulated lives in which a unit first sells below cost",
    "waiting_gain_over_profit": "gain by waiting, as a share of profit",
    "fastest_sellout_s": "time until the fastest sale was sold out",
    "first_drop_to_sales_correlation": "correlation of a first sale's order rate with later sales",
    "left_for_demand": "share of the differences between order rates that demand may explain",
    "lot_dependence": "exponent by which the time to sell out grows with the lot",
    "sold_out_within_an_hour": "share of sales that were gone within an hour",
}


def name_figure(name: str) -> str:
    """Return what a published figure is, in words.

    >>> name_figure("list_price_usd"), name_figure("units_returned")
    ('list price', 'units returned')
    >>> name_figure("held_by_80_percent_intervals_place_of_a_sale")
    'share of 80 % ranges that held the truth: place of a sale'
    """
    words = FIGURES.get(name, name.replace("_", " "))
    held = r"share of \1 % ranges that held the truth: "
    return re.sub(r"^held by (\d+) percent intervals ", held, words)


def say(quantity: dict) -> str:
    """Say a quantity in words: estimate, interval where it has one, unit.

    A time that never came says so. What a unit has behind a comma ("weeks, if supply is as
    planned") says under which assumption.
    """
    estimate, low, high = (float(quantity[part]) for part in ("estimate", "low", "high"))
    unit, *assumption = quantity["unit"].split(", ", 1)
    return ", ".join([_say_with_unit(estimate, low, high, unit), *assumption])


def _say_with_unit(estimate: float, low: float, high: float, unit: str) -> str:
    """Say estimate and interval in a unit: a share in percent, what is infinite in words."""
    behind = "" if unit in NO_UNIT else f" {unit}"
    if isinf(estimate):
        least = f" (at least {number(low, 2)}{behind})" if isfinite(low) else ""
        return f"{NEVER.get(unit, 'without limit')}{least}"
    write = _writer(unit, is_estimated=not isnan(low))
    value = f"{write(estimate)}{behind}"
    if isnan(low) or write(low) == write(estimate) == write(high):
        return value
    return f"{value} ({span(low, high, write=write)})"


def _writer(unit: str, *, is_estimated: bool) -> Callable[[float], str]:
    """Return what writes a number of a unit: of an estimate two digits, of a count three."""
    if unit == "share":
        return percent
    if unit == "USD":
        return dollars
    return partial(millions, digits=2 if is_estimated else 3)


def say_edges(unit: str, true_from: float | None, true_to: float | None) -> str:
    """Say the range in which a statement is true, in the unit of its figure.

    Returns
    -------
    str
        Empty where there is no range.

    Examples
    --------
    >>> say_edges("share", None, 0.1), say_edges("USD", 450, 550)
    ('true up to 10 %', 'true from $450 up to $550')
    """
    edges = []
    if true_from is not None:
        edges.append(f"from {_say_edge(unit, true_from)}")
    if true_to is not None:
        edges.append(f"up to {_say_edge(unit, true_to)}")
    return f"true {' '.join(edges)}" if edges else ""


def _say_edge(unit: str, edge: float) -> str:
    """Say one edge: alone where a figure's value says of what kind it is."""
    if unit == "share":
        return percent(edge)
    return dollars(edge) if unit == "USD" else number(edge)
