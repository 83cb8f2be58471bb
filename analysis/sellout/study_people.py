"""What the sell-out page shows of the people behind an order log: accounts, returns, requests."""

from __future__ import annotations

from dataclasses import dataclass

from ..data import OrderPeople
from ..look import Table, Text, exact, plural
from .order_study import OrderStudy
from .requests import RequestEvidence


@dataclass(frozen=True, kw_only=True)
class PeopleOfLog:
    """The people behind the orders of one sale, and those who asked after its stock was gone.

    Attributes
    ----------
    name : str
        The product.
    people : OrderPeople
        People, accounts and orders.
    requests : RequestEvidence or None
        Requests after the stock was gone, where the launch names them.
    """

    name: str
    people: OrderPeople
    requests: RequestEvidence | None

    def table(self) -> Table:
        """Show what was counted; figures that the log cannot tell are left out."""
        counted = self.people.table().dropna(subset="count")
        caption = f"People, accounts and orders in the order log of the {self.name}"
        if not self.people.is_by_person:
            counted = counted[~counted["figure"].str.contains("people|person")]
            caption = f"Orders in the order log of the {self.name}, which names nobody"
        return Table(counted.reset_index(drop=True), caption)

    def words(self) -> Text:
        """Say who ordered, and who asked too late."""
        sentences = self.people_sentence(), self.returns_sentence(), self.requests_sentence()
        return Text(*filter(None, sentences))

    def people_sentence(self) -> str:
        """Say how many people placed the orders; "" where the log cannot tell."""
        people = self.people
        if not people.is_by_person:
            return ""
        placed = people.orders + people.cancelled
        counted = f"**{exact(people.people)} people** placed {plural(placed, 'order')}"
        several = f"{exact(people.people_with_several)} of them got more than one"
        return f"By {people.known_by}, {counted}; {several}, {exact(people.most_orders)} at most."

    def returns_sentence(self) -> str:
        """Say what became of cancelled orders; "" where there were none."""
        if not self.people.cancelled:
            return ""
        orders = plural(self.people.cancelled, "order")
        cancelled = f"{orders} came and were cancelled: people who wanted one."
        if not self.people.is_by_person:
            cancelled = f"{cancelled} Whoever tried again counts twice, as the log names nobody."
        returned = len(self.people.restocked_s)
        if not returned:
            return f"{cancelled} The log does not say when these units went back on sale."
        return f"{cancelled} By the log, {exact(returned)} of these units went back on sale."

    def requests_sentence(self) -> str:
        """Say how many people wanted one at least, by requests after the stock was gone."""
        evidence = self.requests
        if evidence is None:
            return ""
        if not evidence.is_by_person:
            return (
                f"{plural(evidence.requests, 'request')} came after the stock was gone. They have "
                "no name of a person, so that one person may stand behind many."
            )
        return (
            f"{plural(evidence.asked_in_vain, 'person', 'people')} asked for the {self.name} in "
            f"vain: at least **{exact(evidence.least_people)} people** wanted one."
        )


def people_of_study(name: str, orders: OrderStudy) -> PeopleOfLog | None:
    """Take the people of an order log from its study.

    Parameters
    ----------
    name : str
        The product.
    orders : OrderStudy
        The order log.

    Returns
    -------
    PeopleOfLog or None
        None where the log names nobody, has no cancelled order, and nobody asked too late.
    """
    if orders.people is None:
        return None
    return PeopleOfLog(name=name, people=orders.people, requests=orders.requests)
