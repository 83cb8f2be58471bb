"""Columns of order logs as shops export them: which of them looks like one of ours.

Only an error says so; nobody's column is read under another name. What ours mean is in
data/README.md, and reading a log is for orders.py.
"""

import re
from collections.abc import Collection

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
    plain = {re.sub(r"[\W_]+", " ", column.lower()).strip(): column for column in columns}
    likely = {}
    for name, shop_names in AS_SHOPS_NAME_THEM.items():
        there = [plain[shop_name] for shop_name in shop_names if shop_name in plain]
        if there and name not in columns:
            likely[name] = there[0]
    if "ordered_at" not in likely:
        return ""
    renamed = ", ".join(f"{quoted(column)} to {name}" for name, column in likely.items())
    return f"; rename these, if they are meant: {renamed}"
