"""Who the orders of a log came from: people, accounts and orders told apart.

An order is not a person: one person may hold many accounts, and one account may order often. A
cancelled order is a person who came all the same, while its phone went back on sale. Which rows of
a log count as orders is for orders.py.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .order_times import event_of, is_of_sale
from .orders import NUMBER_OF_STATUS, OrderLog


@dataclass(frozen=True, eq=False)
class OrderPeople:
    """The people behind the orders of one event, those whose order was cancelled included."""

    known_by: str  # what tells people apart: "customer", "account", or "order" where nothing does
    orders: int  # that were not cancelled
    cancelled: int  # orders of people who came and whose phone went back on sale
    first_s: pd.Series  # by person: seconds from the opening to the first order
    unnamed_s: np.ndarray  # of orders without a person's name; each counts as a person
    people_with_several: int  # with two orders or more that were not cancelled
    most_orders: int  # of one person, not cancelled
    accounts: int | None  # that ordered; None where the log has no accounts
    most_orders_of_account: int | None  # not cancelled; more than 1 breaks one order an account
    most_accounts_of_customer: int | None  # None where the log lacks either
    restocked_s: np.ndarray  # seconds from the opening to the return of cancelled phones, sorted

    @property
    def people(self) -> int:
        """How many came, as far as they can be told apart."""
        return len(self.first_s) + len(self.unnamed_s)

    @property
    def is_by_person(self) -> bool:
        """Whether people are told apart by more than their orders."""
        return self.known_by != "order"

    @property
    def came_s(self) -> np.ndarray:
        """Seconds from the opening until each of them first came, sorted."""
        return np.sort(np.concatenate([self.first_s.to_numpy(float), self.unnamed_s]))

    def table(self) -> pd.DataFrame:
        """Return what was counted, a row a figure: figure, count; None where it was not."""
        rows = {
            "orders": self.orders,
            "orders cancelled": self.cancelled,
            "of them back on sale": len(self.restocked_s),
            f"people, told apart by {self.known_by}": self.people,
            "people with several orders": self.people_with_several,
            "most orders of one person": self.most_orders,
            "accounts": self.accounts,
            "most orders of one account": self.most_orders_of_account,
            "most accounts of one customer": self.most_accounts_of_customer,
        }
        counts = pd.array(list(rows.values()), dtype="Int64")
        return pd.DataFrame({"figure": list(rows), "count": counts})


def people_of_log(
    log: OrderLog, event: str | None = None, *, with_names: bool = True
) -> OrderPeople:
    """Tell people, accounts and orders of an event apart.

    People are told apart by `customer`, else by `account`, else each order counts as one.

    Parameters
    ----------
    log : OrderLog
        What `read_orders` returned; its files are read again.
    event : str, optional
        The event; a lone one needs no name.
    with_names : bool
        Whether `first_s` goes by the names of people, to be joined with other logs; without them a
        log of millions takes a third less memory.

    Returns
    -------
    OrderPeople
        Counts, and when each person first came.

    Raises
    ------
    DataError
        If the log has no such event, or several and none is named.
    """
    event = event_of(log, event)
    known_by = next((name for name in ("customer", "account") if name in log.persons), "order")
    person = "NULL::VARCHAR" if known_by == "order" else known_by
    # Asked five times, so the rows are put together once; DuckDB lays on disk what is too much.
    log.ask(f"CREATE OR REPLACE TEMP TABLE came AS {_orders_that_came(log, event, person)}")
    by_customer = known_by == "customer" and "account" in log.persons
    accounts = "count(DISTINCT account)" if by_customer else "0"
    name, order = ("person, ", ", person") if with_names else ("", "")
    named = log.ask(
        f"SELECT {name}min(t_s) AS first_s, count(*) FILTER (is_order) AS orders, "
        f"{accounts} AS accounts FROM came WHERE person IS NOT NULL "
        f"GROUP BY person ORDER BY first_s{order}"
    )
    unnamed = log.ask("SELECT t_s, is_order FROM came WHERE person IS NULL ORDER BY t_s")
    returned = log.ask(
        "SELECT restocked_s FROM came WHERE NOT is_order AND restocked_s IS NOT NULL "
        "ORDER BY restocked_s"
    )
    totals = log.ask(
        "SELECT count(*) FILTER (is_order) AS orders, count(*) FILTER (NOT is_order) AS cancelled "
        "FROM came"
    ).iloc[0]
    counts_of_accounts = _counts_of_accounts(log, named if known_by == "customer" else named[:0])
    log.ask("DROP TABLE came")
    most_orders_of_unnamed = 1 if unnamed["is_order"].any() else 0  # each counts as a person
    return OrderPeople(
        known_by=known_by,
        orders=int(totals["orders"]),
        cancelled=int(totals["cancelled"]),
        first_s=(named.set_index("person") if with_names else named)["first_s"],
        unnamed_s=unnamed["t_s"].to_numpy(float),
        people_with_several=int((named["orders"] > 1).sum()),
        most_orders=max([most_orders_of_unnamed, *named["orders"].nlargest(1).astype(int)]),
        restocked_s=returned["restocked_s"].to_numpy(float),
        **counts_of_accounts,
    )


def _counts_of_accounts(log: OrderLog, customers: pd.DataFrame) -> dict:
    """Count accounts, the orders of the busiest, and the accounts of whoever has most."""
    orders = log.ask(
        "SELECT count(*) FILTER (is_order) AS orders FROM came WHERE account IS NOT NULL "
        "GROUP BY account"
    )["orders"]
    if len(orders) == 0:
        return {"accounts": None, "most_orders_of_account": None, "most_accounts_of_customer": None}
    return {
        "accounts": len(orders),
        "most_orders_of_account": int(orders.max()),
        "most_accounts_of_customer": int(customers["accounts"].max()) if len(customers) else None,
    }


def _orders_that_came(log: OrderLog, event: str, person: str) -> str:
    """Give the SQL of the orders of an event, the cancelled ones too, with times since opening."""
    opened_s = log.opened_s[event]
    order = NUMBER_OF_STATUS["orders_kept"]
    cancelled = NUMBER_OF_STATUS["cancelled"]
    return (
        f"SELECT round(stamp_s - {opened_s}, 6) AS t_s, round(restocked_s - {opened_s}, 6) AS "
        f"restocked_s, {person} AS person, account, rule = {order} AS is_order FROM orders "
        f"WHERE rule IN ({order}, {cancelled}) AND {is_of_sale(log, event)}"
    )
