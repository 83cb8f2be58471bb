"""When the money of sales and costs moves, week by week, and what the float is worth.

What is sold when comes from the room of plans.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..data.lengths import DAYS_A_WEEK, DAYS_A_YEAR


def cash_by_week(
    revenue_usd: ArrayLike,
    cost_usd: ArrayLike,
    *,
    prepaid_days: float,
    inventory_days: float,
    payable_days: float,
    rate_per_year: float,
) -> tuple[pd.DataFrame, float]:
    """Spread revenue and costs over the weeks in which they are paid.

    Buyers pay `prepaid_days` before the sale; parts lie `inventory_days` before it and are paid
    `payable_days` after they came. Sales and payments are even within a week.

    Parameters
    ----------
    revenue_usd, cost_usd : array of shape (weeks,)
        Of the units sold in each week.
    prepaid_days, inventory_days, payable_days : float
        Days between payment, delivery and sale.
    rate_per_year : float
        Cost of money.

    Returns
    -------
    table : DataFrame
        Week, received and paid, in dollars; weeks before the first sale are negative.
    float
        Present value of the float in dollars, against paying and being paid all at the sale.

    Examples
    --------
    >>> days = {"prepaid_days": 7, "inventory_days": 0, "payable_days": 0, "rate_per_year": 0.1}
    >>> table, worth = cash_by_week([70.0], [50.0], **days)
    >>> table["received"].tolist()
    [70.0, 0.0]
    """
    received_late = -prepaid_days / DAYS_A_WEEK
    paid_late = (payable_days - inventory_days) / DAYS_A_WEEK
    first_week = np.floor(min(0, received_late, paid_late))
    last_week = len(revenue_usd) + np.ceil(max(0, received_late, paid_late))
    edges = np.arange(first_week, last_week + 1)

    def by_week(usd: ArrayLike, weeks_late: float) -> np.ndarray:
        """Dollars by week if they move so many weeks after the sale."""
        summed = np.concatenate([[0], np.cumsum(usd)])
        return np.diff(np.interp(edges - weeks_late, np.arange(len(summed)), summed))

    table = pd.DataFrame(
        {
            "week": edges[:-1],
            "received": by_week(revenue_usd, received_late),
            "paid": by_week(cost_usd, paid_late),
        }
    )
    at_sale = by_week(revenue_usd, 0) - by_week(cost_usd, 0)
    gain = table["received"] - table["paid"] - at_sale
    discount = (1 + rate_per_year) ** (-table["week"] * DAYS_A_WEEK / DAYS_A_YEAR)
    return table, float(gain @ discount)
