"""What keeps the order logs of a launch from being studied: the words in which its report fails.

`make check` asks this, so that it and the report apply one test to stamps, orders and clock.
"""

from __future__ import annotations

from ..data import Launch
from ..data.errors import Problems
from .order_logs import list_logs
from .order_study import study_orders


def problems_of_logs(launch: Launch) -> list[str]:
    """Study each order log of a launch as its report does, and return what fails, a line each.

    Parameters
    ----------
    launch : Launch
        A launch whose file and logs can be read.
    """
    problems = Problems()
    for source in list_logs(launch):
        with problems.noted():
            study_orders(launch, source=source)
    return problems.lines
