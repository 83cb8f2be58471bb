"""What every sale round says of its log order rate: a figure, or a bound from one side.

Rates of rounds that sold out, with intervals, are `order_rates`; here a round that did not sell
out, or of which only a bound was published, counts too. `rounds` splits the differences.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .order_rates import log_rates, with_report_words

WEEK_S = 604_800.0
HOUR_S = 3_600.0
NOISE_SD = 0.05  # of a log rate, at least: no press line is believed to better than 5 %
USED_ROLES = ("seen", "at least", "at most")


def read_rates(rounds: pd.DataFrame, longest_s: float = WEEK_S) -> pd.DataFrame:
    """Read what every round says of its log order rate.

    A round that sold out gives units over seconds: units sold, if they were counted, first; stock
    prepared bounds from above, a reservation is no order. One that did not sell out gives units
    sold over their window. Where it is not known whether it sold out, that is a bound from below.

    Parameters
    ----------
    rounds : DataFrame
        Rounds as in data/market/sale_rounds.csv.
    longest_s : float
        Counts over more seconds than that are not used.

    Returns
    -------
    DataFrame
        The rounds with `log_rate` (per second), its `sd`, `side` (1 bound from below, -1 from
        above, 0 seen), `role` (seen, at least, at most, or why it is not used), `seconds`, `shop`
        (a channel in a market and year) and `order` (of a device in its market).
    """
    rounds = with_report_words(rounds)
    sold_out = rounds["sold_out"] == "yes"
    unknown = rounds["sold_out"] == "unknown"
    counted = rounds["units_sold"].notna()

    usable_units = rounds["units"].where(~unknown & (rounds["units_basis"] != "reserved"))
    units = rounds["units_sold"].fillna(usable_units)
    seconds = rounds["sellout_s"].where(sold_out, rounds["window_s"])

    # A count of what was sold is as firm as a report; units that were ready bound from above.
    units_bound = rounds["units_bound"].mask(counted & rounds["units"].notna(), "reported")
    only_ready = ~counted & ((rounds["units_basis"] == "prepared") | ~sold_out)
    units_bound = units_bound.mask(only_ready, "upper")

    rates = log_rates(units, seconds, units_bound, rounds["seconds_bound"])
    at_least = rates["at_least"] | unknown
    at_most = rates["at_most"]
    role = np.select(
        [
            units.isna() | seconds.isna(),
            seconds > longest_s,
            at_least & at_most,
            at_least,
            at_most,
        ],
        [
            "units or seconds unknown",
            "counted over too long",
            "bounds on both sides",
            "at least",
            "at most",
        ],
        "seen",
    )
    return rounds.assign(
        log_rate=rates["log_rate"],
        sd=rates["sd"].clip(lower=NOISE_SD),
        side=at_least.astype(int) - at_most.astype(int),
        role=role,
        seconds=seconds,
        order=_order_of_rounds(rounds),
        shop=_name_shops(rounds),
    )


def _order_of_rounds(rounds: pd.DataFrame) -> pd.Series:
    """Count the rounds of a device in its market by date; NaN where none has a number."""
    by_date = rounds.sort_values(["date", "round"]).groupby(["device", "market"])
    numbered = by_date["round"].transform("count") > 0
    return (by_date.cumcount() + 1).where(numbered)


def _name_shops(rounds: pd.DataFrame) -> pd.Series:
    """Name each shop by channel, market and year, such as "flipkart IN 2014"."""
    channel = rounds["channel"].str.replace("_com", ".com").str.replace("_", " ")
    return channel + " " + rounds["market"] + " " + rounds["date"].dt.year.astype(str)
