"""Where a launch stands in the falling-BOM model, and what happens to its net price on which day.

The model: sold near the cost of its parts at first (1), short while they get cheaper (2),
volume once the margin is high enough (3), an S version or a cut at a lower price in the end
(4).
"""

import numpy as np
import pandas as pd

from ..data import Launch, load_table
from ..data.lengths import DAYS_A_MONTH
from ..data.uncertainty import interval
from ..supply.shortage_class import select_documented
from ..supply.shortage_end import DocumentedEnd, find_documented_end
from ..supply.shortage_signs import name_own_device, select_own
from .path import MarginPath

NEAR_ITS_PARTS = (
    0.05  # a unit margin up to this share of the net price counts as "sold near its BOM"
)

OFFICIAL_PRICES = ("price cut", "price rise", "other version")  # kinds of events
EVENT_COLUMNS = ["date", "kind", "before", "after", "variant", "is_approximate"]
LEAST_CHANGE = 0.005  # of a tax or an exchange rate, as a share of it; less is no step to be seen


def months_since_first_sale(launch: Launch, day: pd.Timestamp) -> float:
    """Give the months from first sale to a day."""
    return (day - launch.figure("first_sale").value).days / DAYS_A_MONTH


def locate_points(launch: Launch, path: MarginPath, enough: float) -> pd.DataFrame:
    """Find the four points of the falling-BOM model on the launch's own curve.

    Parameters
    ----------
    launch : Launch
        With its drops, price cuts and S version, and when its shortage ended where that is known.
    path : MarginPath
        Its unit margins.
    enough : float
        Gross margin, before the channel is paid, as a share of the net price, that counts as high
        enough for volume.

    Returns
    -------
    DataFrame
        One row a point: point, low, median, high (80 %, months since first sale, infinite where it
        never comes), never (share of the draws in which it does not come).
    """
    near_parts = path.margin_share[:, 0] <= NEAR_ITS_PARTS
    is_enough = path.gross_margin_share >= enough
    first_enough = path.months[is_enough.argmax(axis=1)]
    months = {
        "1 sold near its BOM": np.where(near_parts, 0.0, np.inf),
        "2 supply still short": np.array([_last_month_short(launch)]),
        "3 margin high enough": np.where(is_enough.any(axis=1), first_enough, np.inf),
        "4 S version or cut at a lower price": np.array([_first_lower_price(launch)]),
    }
    rows = []
    for point, month in months.items():
        low, median, high = interval(month)
        rows.append(
            {
                "point": point,
                "low": low,
                "median": median,
                "high": high,
                "never": np.isinf(month).mean(),
            }
        )
    return pd.DataFrame(rows)


def documented_end_of_shortage(launch: Launch) -> DocumentedEnd | None:
    """Find when supply stopped being short by the launch file or by later accounts, if they tell.

    >>> from ..data import load_launch
    >>> documented_end_of_shortage(load_launch("nintendo_switch")).words()
    'December 2017'
    """
    shortages = name_own_device(load_table("shortages"), launch)
    return find_documented_end(launch, select_own(launch, select_documented(shortages)))


def _last_month_short(launch: Launch) -> float:
    """Month in which its documented shortage ended, or else in which it sold out last."""
    documented = documented_end_of_shortage(launch)
    if documented is None:
        return _last_sellout(launch)
    return months_since_first_sale(launch, documented.day)


def _last_sellout(launch: Launch) -> float:
    """Month of the last drop of this device that sold out; infinite where none did."""
    drops = launch.drops
    sold_out = drops[(drops["sold_out"] == "yes") & (drops["device"] == launch.device)]
    if sold_out.empty:
        return np.inf
    return months_since_first_sale(launch, sold_out["date"].iloc[-1])


def _first_lower_price(launch: Launch) -> float:
    """Month of the first official cut or S version at a lower price; infinite where none came."""
    before, after = _prices_before_and_after(launch)
    days = list(launch.price_cuts.loc[after < before, "date"])
    s_price = launch.figure("s_version.list_local").number
    if s_price < launch.figure("price.list_local").number:
        days.append(launch.figure("s_version.first_sale").value)
    return min((months_since_first_sale(launch, day) for day in days), default=np.inf)


def price_events(launch: Launch, path: MarginPath) -> pd.DataFrame:
    """List what moves the net price within the life: official prices and changes of the tax.

    Parameters
    ----------
    launch : Launch
        With its market and price cuts.
    path : MarginPath
        For the length of the life.

    Returns
    -------
    DataFrame
        One row an event, in order: date, month (since first sale), kind (one of `OFFICIAL_PRICES`,
        "tax" or "exchange rate"), before and after (local currency; share of the net
        price; local currency per dollar), and of a price: variant (in words, empty where it is that
        of the list price) and is_approximate (its day). The table of exchange rates holds yearly
        averages, so a rate steps at New Year.
    """
    exchange_rate = f"{launch.currency.lower()}_per_usd"
    events = pd.DataFrame(
        _official_prices(launch)
        + _changes("vat_rate", "tax", launch.market)
        + _changes(exchange_rate, "exchange rate", launch.market),
        columns=EVENT_COLUMNS,
    )
    month = [months_since_first_sale(launch, day) for day in events["date"]]
    events.insert(1, "month", np.array(month, dtype=float))
    within = (events["month"] > 0) & (events["month"] <= path.months[-1])
    return events[within].sort_values("date", ignore_index=True)


def _official_prices(launch: Launch) -> list[dict]:
    """List official prices as events; one of another variant than the last is no cut or rise."""
    cuts = launch.price_cuts
    variants = cuts["variant"].astype(object).fillna("")
    before, after = _prices_before_and_after(launch)
    kind = np.where(after > before, "price rise", "price cut")
    steps = pd.DataFrame(
        {
            "date": cuts["date"],
            "kind": np.where(variants == variants.shift(fill_value=""), kind, "other version"),
            "before": before,
            "after": after,
            "variant": variants,
            "is_approximate": cuts["date_approx"] == "yes",
        }
    )
    return steps.to_dict("records")


def _prices_before_and_after(launch: Launch) -> tuple[np.ndarray, np.ndarray]:
    """List prices, local currency, before and after each later official price of the file."""
    list_price = launch.figure("price.list_local").number
    prices = np.array([list_price, *launch.price_cuts["list_local"]])
    return prices[:-1], prices[1:]


def _changes(item: str, kind: str, country: str) -> list[dict]:
    """List changes of an item of economics.csv from one period to the next that follows at once."""
    economics = load_table("economics")
    is_item = (economics["item"] == item) & (economics["country"] == country)
    periods = economics[is_item].sort_values("valid_from")
    before = periods.shift()
    follows = periods["valid_from"] - before["valid_to"] == pd.Timedelta(days=1)
    changed = follows & ((periods["value"] / before["value"] - 1).abs() > LEAST_CHANGE)
    return [
        {"date": row.valid_from, "kind": kind, "before": earlier, "after": row.value}
        for row, earlier in zip(
            periods[changed].itertuples(), before["value"][changed], strict=True
        )
    ]
