"""Columns of order logs and histories as shops name them: which of them looks like one of ours.

Only an error says so; nobody's column is read under another name. What ours mean is in
data/README.md; reading a log is for orders.py, and a history for histories.py.
"""

import re
from collections.abc import Collection, Mapping

from .errors import quoted

AS_SHOPS_NAME_THEM = {  # by our name: theirs in small letters, the likeliest first
    "ordered_at": (
        *("ordered at", "created at", "order created at", "date created", "order time"),
        *("placed at", "order placed at", "purchase date", "purchased at", "order datetime"),
        *("order timestamp", "timestamp", "datetime", "order date", "paid at", "time", "date"),
        *("bestellt am", "bestellzeit", "bestelldatum", "angelegt am", "下单时间", "创建时间"),
    ),
    "order_id": (
        *("order id", "order number", "order no", "order", "id", "name"),
        *("bestellnummer", "auftragsnummer", "verkaufsbeleg", "订单号", "订单编号"),
    ),
    "units": (
        *("lineitem quantity", "item quantity", "quantity", "qty", "units"),
        *("menge", "auftragsmenge", "anzahl", "数量"),
    ),
    "status": (
        *("financial status", "order status", "payment status", "status"),
        *("bestellstatus", "auftragsstatus", "订单状态"),
    ),
}

AS_HISTORIES_NAME_THEM = {
    "date": (
        *("date", "day", "as of", "period end", "month", "week", "time"),
        *("datum", "tag", "stichtag", "monat", "日期", "时间", "月份"),
    ),
    "units": (
        *("units", "cumulative units", "total units", "units sold", "sales", "quantity", "total"),
        *("stück", "stückzahl", "menge", "absatz", "anzahl", "累计销量", "销量", "数量", "台数"),
    ),
    "bom_usd": (
        *("bom usd", "bom", "bom cost", "parts cost", "cost", "cost usd"),
        *("stückkosten", "materialkosten", "kosten", "物料成本", "成本"),
    ),
}


def which_to_rename(columns: Collection[str]) -> str:
    """Say which columns of a log look like ours, as a clause to end an error with.

    Parameters
    ----------
    columns : names
        Those of the log.

    Returns
    -------
    str
        "" where none looks like a time of orders.

    Examples
    --------
    >>> which_to_rename(["Name", "Created at", "Total"])
    "; rename these, if they are meant: 'Created at' to ordered_at, 'Name' to order_id"
    """
    likely = _likely_columns(columns, AS_SHOPS_NAME_THEM)
    return _as_hint(likely) if "ordered_at" in likely else ""


def which_of_history_to_rename(columns: Collection[str], missing: Collection[str]) -> str:
    """Say which columns of a history look like those that it lacks, as a clause to end an error.

    Parameters
    ----------
    columns : names
        Those of the history.
    missing : names
        Ours that it needs and has not.

    Returns
    -------
    str
        "" where none looks like one of these.

    Examples
    --------
    >>> which_of_history_to_rename(["Datum", "Stückzahl"], ["date", "units"])
    "; rename these, if they are meant: 'Datum' to date, 'Stückzahl' to units"
    """
    theirs = {name: names for name, names in AS_HISTORIES_NAME_THEM.items() if name in missing}
    likely = _likely_columns(columns, theirs)
    return _as_hint(likely) if likely else ""


def _likely_columns(
    columns: Collection[str], names_by_ours: Mapping[str, Collection[str]]
) -> dict[str, str]:
    """Return the columns that look like ours, by our name."""
    plain = {re.sub(r"[\W_]+", " ", column.lower()).strip(): column for column in columns}
    likely = {}
    for our_name, names in names_by_ours.items():
        there = [plain[name] for name in names if name in plain]
        if there and our_name not in columns:
            likely[our_name] = there[0]
    return likely


def _as_hint(likely: Mapping[str, str]) -> str:
    """Say which columns to rename, as a clause."""
    renamed = ", ".join(f"{quoted(column)} to {name}" for name, column in likely.items())
    return f"; rename these, if they are meant: {renamed}"
