"""What a sell-out reveals: demand behind an order log, a press line, a series of rounds."""

import pandas as pd

from ..data.launches import Launch
from ..look.wording import Answer, tell
from .order_rates import lot_range, order_rates
from .order_study import study_orders  # noqa: F401 (old name of this place, for tests of the data)
from .unconstrain import unconstrain  # noqa: F401 (old name of this place, for the README's test)


def judge_launch(launch: Launch, rates: pd.DataFrame, placed: pd.DataFrame, orders=None) -> Answer:
    """Say what a launch's rounds of its own device say; ValueError without log or timed round."""
    drops = launch.drops[
        (launch.drops["device"] == launch.device)
        & ~launch.drops["units_basis"].isin(["prepared", "reserved"])
    ]
    mine, timed = order_rates(drops), drops[drops["sellout_s"] > 0]
    if timed.empty and orders is None:
        raise ValueError(
            "no round of this launch has seconds to sell out, nor has it an order log; "
            "expected one of them"
        )
    own = launch.drops.loc[launch.drops["device"] == launch.device, "round"].dropna()
    standing = (
        placed[placed["round_id"].isin(own)].dropna(subset="percentile").sort_values("percentile")
    )
    tables = {
        "rates": mine,
        "placed": standing,
        "fastest_s": orders.laws.closed_s if orders else timed["sellout_s"].min(),
    }
    reports, lot = launch.supply_reports, None
    if orders is None and mine.empty:
        lot = lot_range(rates, tables["fastest_s"], launch.market)
    monthly = reports[(reports["per"] == "month") & (reports["kind"] == "capacity")]
    others = placed.loc[(placed["sold_out"] == "yes") & (placed["sellout_s"] > 0), "sellout_s"]
    bound = drops.loc[drops["sold_out"] == "yes", "units"].max()
    words = tell(
        "speed",
        study=orders,
        mine=mine,
        range=lot,
        monthly=monthly,
        seconds=tables["fastest_s"],
        others=others,
        here=standing,
        bound=bound,
    )
    headline, label, *sentences = words.split(" | ")
    return Answer(headline, label, tuple(sentences), tables)
