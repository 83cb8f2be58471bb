"""A handheld console sold in Germany in four web sales: a launch of one's own, of known truth.

All simulated from the truth in `TRUTH`: by it about 5,000 people wait after the fourth week and
supply stops binding a week or two later. What an owner would have stands in the launch file: prices
and costs in their own books, a sales history, a BOM history and the order log of one sale. The last
sale, of which units are left, comes when nothing is short any more.
"""

from pathlib import Path

import numpy as np
import pandas as pd

NAME = "pocket_console"
FIRST_SALE = pd.Timestamp("2026-01-15")
TRUTH = {
    "people_of_third_sale": 36_000,
    "burst_units": 18_000,
    "potential": 350_000,
    "innovation_a_week": 0.008,
    "imitation_a_week": 0.06,
    "leave_a_week": 0.1,
    "bom_at_first_sale_usd": 328,
    "bom_falls_a_year": 0.14,
    "start_units_a_month": 24_000,
    "full_units_a_month": 90_000,
    "ramp_weeks": 20,
}
MEDIAN_ARRIVAL_S = 900
LOG_SD_OF_ARRIVALS = 1.0
SOURCE = '"own records, the books of the shop"'
LAUNCH = """\
name: Pocket Console
device: pocket_console
product: console
market: DE
currency: EUR
studies: [sellout_speed, capacity, margin, release_plan]
summary: A handheld console sold in four web sales; how many wanted one, and when will supply do?
parameters:
  sellout_speed: {{quick: true}}
  capacity: {{quick: true}}
  margin: {{quick: true}}
  release_plan: {{quick: true}}
announced: {{value: 2025-12-10, source: {source}}}
first_sale: {{value: 2026-01-15, source: {source}}}
life_months: {{assumed: 24, low: 20, high: 30, reason: "our plan"}}
price:
  list_local: {{value: 399, source: {source}}}
  list_tax_share: {{value: 0.19, source: {source}}}
  local_per_usd: {{assumed: 0.86, low: 0.84, high: 0.88, reason: "rate of the month"}}
  cuts: []
drops:
{drops}
orders:
  file: orders/pocket_console.csv
histories:
  sales: histories/pocket_console_sales.csv
  bom: histories/pocket_console_bom.csv
sales: []
supply:
  bottleneck: unknown
  reports:
    - period_start: 2026-01-15
      period_end: 2026-02-14
      units: 27000
      per: total
      kind: shipped
      reported: 2026-02-16
      source: {source}
  sources: []
  yield_share: unknown
  start_units_per_month: {{assumed: 24000, low: 20000, high: 30000, reason: "our line"}}
  full_units_per_month: {{assumed: 90000, low: 80000, high: 100000, reason: "contract"}}
  ramp_weeks: {{assumed: 20, low: 16, high: 26, reason: "contract"}}
  second_source: unknown
costs:
  bom_usd: unknown
  assembly_usd: {{assumed: 14, low: 12, high: 16, reason: "contract"}}
  royalty_share: {{assumed: 0.01, low: 0.005, high: 0.02, reason: "licences"}}
  channel_share: {{assumed: 0.06, low: 0.04, high: 0.09, reason: "payment and delivery"}}
  freight_warranty_usd: {{assumed: 12, low: 8, high: 18, reason: "returns so far"}}
"""


def write_console(data: Path, seed: int) -> None:
    """Write launch file, order log and histories of the console into a folder of data."""
    rng = np.random.default_rng(seed)
    (data / "histories").mkdir(exist_ok=True)
    supplied = _weekly_supply(rng)
    weeks = weekly_sales(supplied)
    sold = weeks["sold"]
    lots = supplied[:4].round(-2).astype(int)
    seconds = _write_log(data / "orders" / f"{NAME}.csv", lots[2], rng)

    days = FIRST_SALE + pd.to_timedelta(7 * np.arange(1, len(sold) + 1) - 1, "D")
    history = pd.DataFrame({"date": days.date, "units": sold.cumsum().astype(int)})
    history.to_csv(data / "histories" / f"{NAME}_sales.csv", index=False)

    months = np.array([0, 2, 4, 6])
    fall = (1 - TRUTH["bom_falls_a_year"]) ** (months / 12)
    costings = pd.DataFrame(
        {
            "date": [(FIRST_SALE + pd.DateOffset(months=int(month))).date() for month in months],
            "bom_usd": (
                TRUTH["bom_at_first_sale_usd"] * fall * np.exp(rng.normal(0, 0.004, len(months)))
            ).round(2),
        }
    )
    costings.to_csv(data / "histories" / f"{NAME}_bom.csv", index=False)

    sales = enumerate([0, 1, 2, stop_week(weeks) + 1])
    drops = "\n".join(_drop(sale, week, lots[sale], seconds) for sale, week in sales)
    text = LAUNCH.format(source=SOURCE, drops=drops)
    (data / "launches" / f"{NAME}.yaml").write_text(text, encoding="utf-8")


def weeks_of(seed: int) -> pd.DataFrame:
    """Return what truly happened in each week by a seed: consoles sold, people waiting after it."""
    return weekly_sales(_weekly_supply(np.random.default_rng(seed)))


def stop_week(weeks: pd.DataFrame) -> int:
    """Return the weeks since the first sale after which nobody waits any more."""
    return int(np.flatnonzero(weeks["waiting"] > 0)[-1]) + 1


def _drop(sale: int, week: int, units: int, seconds: int) -> str:
    """Write one sale of the file; the third has the order log, the fourth did not sell out."""
    day = (FIRST_SALE + pd.Timedelta(weeks=week)).date()
    gone = sale < 3
    lines = [
        f"  - date: {day}",
        f"    units: {units}",
        f"    sellout_s: {seconds if sale == 2 else 'unknown'}",
        f'    sold_out: "{"yes" if gone else "no"}"',
        *([] if gone else [f"    units_sold: {units * 8 // 10}", "    window_s: 86400"]),
        f"    source: {SOURCE}",
    ]
    return "\n".join(lines)


def _weekly_supply(rng: np.random.Generator) -> np.ndarray:
    """Units made by week: a ramp of twenty weeks to full output."""
    made = planned_supply(26)
    return made * np.exp(rng.normal(0, 0.03, len(made)))


def planned_supply(weeks: int) -> np.ndarray:
    """Return the units a week that can be made, by plan."""
    ramp = np.minimum(np.arange(weeks) / TRUTH["ramp_weeks"], 1)
    start_a_month = TRUTH["start_units_a_month"]
    a_month = start_a_month * (TRUTH["full_units_a_month"] / start_a_month) ** ramp
    return a_month * 7 / 30.4


def weekly_sales(supplied: np.ndarray, released: np.ndarray | float = 1.0) -> pd.DataFrame:
    """Sell what is made: a burst, then a Bass curve; a tenth of those waiting leave a week.

    Of the units that can be made in a week a share is made (`released`).

    Returns
    -------
    DataFrame
        A row a week: sold, waiting (people who still wait after it).
    """
    waiting, adopted = float(TRUTH["burst_units"]), float(TRUTH["burst_units"])
    stock, rows = 0.0, []
    p, q, stay = TRUTH["innovation_a_week"], TRUTH["imitation_a_week"], 1 - TRUTH["leave_a_week"]
    for made in supplied * released:
        left_to_come = TRUTH["potential"] - adopted
        new = (p + q * adopted / TRUTH["potential"]) * left_to_come
        adopted += new
        waiting += new
        stock += made
        bought = min(waiting, stock)
        waiting, stock = stay * (waiting - bought), stock - bought
        rows.append({"sold": bought, "waiting": waiting})
    return pd.DataFrame(rows)


def _write_log(path: Path, units: int, rng: np.random.Generator) -> int:
    """Write the orders of the third sale; return the seconds until it was sold out."""
    arrivals = np.sort(
        rng.lognormal(np.log(MEDIAN_ARRIVAL_S), LOG_SD_OF_ARRIVALS, TRUTH["people_of_third_sale"])
    )
    times = arrivals[:units].round(3)
    log = pd.DataFrame({"t_s": times, "order_id": [f"o{i}" for i in range(units)], "units": 1})
    log.to_csv(path, index=False)
    return int(np.ceil(times[-1]))
