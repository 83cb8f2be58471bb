"""Command: count coverage at length and write data/evidence/*.csv.

python -m analysis.evidence              # every table: hours
python -m analysis.evidence pair_coverage iphone_forecasts
"""

import argparse
from collections.abc import Callable
from functools import partial

import pandas as pd

from ..data import DATA, DataError
from .count_costs import count_cost_forecasts, count_pairs, count_panels
from .count_declines import count_declines
from .count_launches import count_launches
from .count_order_logs import ALL_LAWS, OWN_LAW, count_order_logs
from .count_other_crowds import count_bots, count_crowds, count_second_wave, count_stamps
from .count_outcomes import forecast_outcomes
from .count_real_cases import forecast_iphones, forecast_milestones
from .count_rounds import count_rounds
from .count_shortages import count_shortage_ranges, score_left_out

COUNTS: dict[str, Callable[[], pd.DataFrame]] = {
    "arrival_coverage": partial(count_order_logs, OWN_LAW, logs=500),
    "arrival_laws_coverage": partial(count_order_logs, ALL_LAWS),
    "crowd_coverage": count_crowds,
    "wave_coverage": count_second_wave,
    "stamp_coverage": count_stamps,
    "burst_coverage": count_bots,
    "rounds_coverage": count_rounds,
    "pair_coverage": count_pairs,
    "decline_coverage": count_declines,
    "panel_coverage": count_panels,
    "cost_hindcast": count_cost_forecasts,
    "launch_calibration": count_launches,
    "milestone_forecasts": forecast_milestones,
    "iphone_forecasts": forecast_iphones,
    "launch_outcomes": forecast_outcomes,
    "shortage_coverage": count_shortage_ranges,
    "shortage_left_out": score_left_out,
}


def table_name(word: str) -> str:
    """Return a word that names a table; argparse.ArgumentTypeError for any other."""
    if word not in COUNTS:
        raise argparse.ArgumentTypeError(f"no table {word!r} (choose from {', '.join(COUNTS)})")
    return word


def main() -> None:
    """Count the tables named, or all of them, and write each as soon as it is counted."""
    ask = argparse.ArgumentParser(prog="python -m analysis.evidence", description=__doc__)
    ask.add_argument("tables", nargs="*", type=table_name, metavar="TABLE")
    folder = DATA / "evidence"
    folder.mkdir(exist_ok=True)
    for name in ask.parse_args().tables or COUNTS:
        print(f"counting {name}", flush=True)
        try:
            table = COUNTS[name]()
        except DataError as err:  # no cluster answers, or a market table is wrong
            raise SystemExit(str(err)) from None
        table.to_csv(folder / f"{name}.csv", index=False, float_format="%.4g", lineterminator="\n")


if __name__ == "__main__":
    main()
