"""The words for a cell of a table of counts: what sets it apart, and the group it is drawn with.

A table whose cells need no words of their own is one cell, "all". The counts themselves are read in
`counts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..look import number, percent
from ..sellout.arrival_laws import ARRIVAL_LAWS


@dataclass(frozen=True)
class CellName:
    """A cell of a table of counts in words, and the group that it is drawn with.

    Attributes
    ----------
    cell : what sets the cell apart from the other cells of its table
    group : the part of it that a chart shows; cells of one group are pooled there
    """

    cell: str
    group: str


def name_cell(table: str, row: dict) -> CellName:
    """Return the words for one cell of a table of counts.

    Parameters
    ----------
    table : str
        Name of the table in data/evidence/.
    row : dict
        A row of that table.

    Returns
    -------
    CellName
        Words for the cell and for its group.
    """
    if table not in NAMES:
        return CellName(cell="all", group="all")
    return NAMES[table](row)


def law_name(truth: str) -> str:
    """Return the name of a law of arrival; the stream that never ends is no law, and keeps its own.

    Parameters
    ----------
    truth : str
        As the tables of counts have it.

    Returns
    -------
    str
        As pages have it.
    """
    law = ARRIVAL_LAWS.get(truth)
    return law.label if law else truth


def _name_order_log(row: dict) -> CellName:
    """Name logs of one law, so many people and a share seen; they are drawn by law."""
    law = law_name(row["truth"])
    return CellName(cell=f"{law}, {_people_seen(row)}", group=law)


def _name_crowd(row: dict) -> CellName:
    """Name logs of a crowd that follows no law; they are drawn by crowd."""
    return CellName(cell=f"{row['crowd']}, {_people_seen(row)}", group=row["crowd"])


def _name_stamps(row: dict) -> CellName:
    """Name logs stamped to the second; they are drawn by how long the sale lasted."""
    group = f"gone in {row['sale_s']} s"
    return CellName(cell=f"{group}, {row['people']:,} people", group=group)


def _name_bots(row: dict) -> CellName:
    """Name logs with bots; they are drawn by the share of bots."""
    group = f"{percent(row['bot_share'])} bots"
    return CellName(cell=f"{group}, {row['people']:,} people", group=group)


def _name_pairs(row: dict) -> CellName:
    """Name sets of pairs by how far products lie apart and how wrong the noise is taken."""
    apart = f"{number(row['between_sd'])} apart" if row["between_sd"] else "alike"
    factor = row["noise_true_over_told"]
    noise = "as assumed" if factor == 1 else f"{number(factor, 2)} times what we assume"
    return _alone(f"products {apart}, noise {noise}")


def _name_decline(row: dict) -> CellName:
    """Name worlds of costings by how wrong the assumptions are and how many rises are hidden."""
    off = {
        "scatter": row["spread_true_over_prior"],
        "rates": row["rate_true_over_prior"],
    }
    words = [
        f"{what} {number(factor, 2)} times what we assume"
        for what, factor in off.items()
        if factor != 1
    ]
    if row["rises_published"] < 1:
        words.append("rises published half as often")
    return _alone(", ".join(words) or "all as assumed")


def _name_rounds(row: dict) -> CellName:
    """Name worlds of sale rounds by whether sales slow down."""
    return _alone("sales that slow down" if row["change"] else "sales at a steady pace")


def _name_panel(row: dict) -> CellName:
    """Name panels of a component by costings, prices and analysts."""
    words = f"{row['costings']} costings, {row['prices']} prices"
    return _alone(words + (", analysts come and go" if row["analysts_come_and_go"] else ""))


def _name_hindcast(row: dict) -> CellName:
    """Name cost forecasts by data, level and years ahead."""
    is_real = row["data"].startswith("prices")
    data = "real memory prices" if is_real else "simulated histories"
    years = "1 year" if row["horizon"] == 1 else f"{row['horizon']} years"
    return _alone(f"{data}, {percent(row['level'])} band, {years} ahead")


def _name_shortage(row: dict) -> CellName:
    """Name simulated classes of shortages by cause and by how they depart from the model."""
    return _alone(f"{row['cause']}, {row['departure']}")


def _name_launch(row: dict) -> CellName:
    """Name simulated launches by departure and weeks seen; they are drawn by departure."""
    return CellName(
        cell=f"{row['departure']}, {row['seen_weeks']} weeks seen", group=row["departure"]
    )


def _people_seen(row: dict) -> str:
    """Return how many people a log was drawn from, and the share of them that it shows."""
    return f"{row['people']:,} people, {percent(row['share_seen'])} seen"


def _alone(words: str) -> CellName:
    """Return the name of a cell that is a group of its own."""
    return CellName(cell=words, group=words)


NAMES: dict[str, Callable[[dict], CellName]] = {
    "arrival_coverage": _name_order_log,
    "arrival_laws_coverage": _name_order_log,
    "crowd_coverage": _name_crowd,
    "wave_coverage": _name_crowd,
    "stamp_coverage": _name_stamps,
    "burst_coverage": _name_bots,
    "pair_coverage": _name_pairs,
    "decline_coverage": _name_decline,
    "rounds_coverage": _name_rounds,
    "panel_coverage": _name_panel,
    "cost_hindcast": _name_hindcast,
    "shortage_coverage": _name_shortage,
    "launch_calibration": _name_launch,
}
