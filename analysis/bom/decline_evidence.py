"""What tells how the cost of one product falls: a row per change between two costings or prices.

Each row has a log change over some years, a source (which kind of evidence it is) and what else
than time may have moved it. The rules that sort pairs never look at the direction of a change.
How rows weigh is left to `hierarchy`.
"""

import numpy as np
import pandas as pd

from .pairs import (
    DAYS_A_YEAR,
    LEAST_YEARS_FOR_A_DECLINE,
    LEAST_YEARS_FOR_A_RATE,
    require_positive_costs,
)

SOURCES = {
    "same product": "same phone or tablet, costed twice",
    "near specification": "nearly the same phone",
    "other house": "same phone, two houses",
    "console": "console, redesigned or not",
    "revision": "second thoughts within three months",
    "part": "same part, costed twice",
    "price series": "price of a part over years",
}
# Sources of which a fall is more likely to be published than a rise.
NEWS = ("same product", "near specification", "other house", "console")
FIRST_ESTIMATES = ("virtual", "preliminary")
PART_OF_COMPONENT = {
    "nand": "memory",
    "dram": "memory",
    "memory_total": "memory",
    "display_touch": "display",
    "application_processor": "processor",
    "graphics": "processor",
}
PART_OF_SERIES = {
    "nand_contract_per_gb": "memory",
    "phone_dram_per_gb_teardown": "memory",
    "phone_nand_per_gb_teardown": "memory",
    "smartphone_display_asp_ihs": "display",
}
HOUSES_ON_ONE_SCALE = ("ihs", "techinsights")  # whose mean difference has a prior
COLUMNS = [
    "label",
    "source",
    "part",
    "device",
    "product",
    "twin",
    "is_console",
    "start",
    "end",
    "years",
    "log_change",
    "first_costing",
    "second_costing",
    "revision",
    "volume_prices",
    "other_house",
]


def gather_evidence(
    pairs: pd.DataFrame, prices: pd.DataFrame, devices: pd.DataFrame
) -> pd.DataFrame:
    """Sort pairs of costings and price series into evidence about yearly rates.

    A pair of entire products counts where both have one specification or a near one, or where it
    is of a console, whose redesigns are part of its decline; a pair of parts counts where the
    part is the same. Forecasts never count. Two houses are compared only where the mean difference
    between them has a prior. Pairs may share a costing, a device or years: `hierarchy` lets them
    share errors, so that none counts twice. A price series counts by its first and last price,
    which hold all that a walk with drift tells of its drift; series of parts whose specification
    changes do not count.

    Parameters
    ----------
    pairs, prices, devices : DataFrame
        As in recosted_pairs.csv, component_prices.csv and devices.csv. A device that is not in
        `devices` counts as a phone.

    Returns
    -------
    DataFrame
        One row a change, `COLUMNS`: label, source (key of `SOURCES`), part ("product" for an entire
        one), device, product and twin (what rows with a common error share), is_console, start,
        end, years, log_change, names of the two costings, and the counts (0, 1 or -1) by which a
        revision, TechInsights' table of volume prices and its level enter.

    Raises
    ------
    ValueError
        If a cost is not above zero.
    """
    changes = _describe_pairs(require_positive_costs(pairs), devices)
    changes = changes.dropna(subset="source")
    series = [_change_of_series(name, group) for name, group in _counted_series(prices)]
    return pd.concat([changes[COLUMNS], pd.DataFrame(series, columns=COLUMNS)], ignore_index=True)


def _describe_pairs(pairs: pd.DataFrame, devices: pd.DataFrame) -> pd.DataFrame:
    """One row a pair, in the columns of the evidence; source is missing where none fits."""
    device_class = pairs["device_a"].map(devices.set_index("device")["device_class"])
    component = pairs["component"].astype(object).where(pairs["component"].notna(), "")
    described = pd.DataFrame(
        {
            "label": pairs["pair_id"],
            "part": component.map(PART_OF_COMPONENT).where(component != "", "product"),
            "device": pairs["device_a"],
            "product": pairs["device_a"] + component,
            "twin": pairs["device_a"] + " " + pairs["device_b"] + component,
            "is_console": device_class == "console",
            "start": pairs["date_a"],
            "end": pairs["date_b"],
            "years": (pairs["date_b"] - pairs["date_a"]).dt.days / DAYS_A_YEAR,
            "log_change": np.log(pairs["cost_b_usd"] / pairs["cost_a_usd"]),
        }
    )
    for name, end in (("first_costing", "a"), ("second_costing", "b")):
        described[name] = (
            pairs[f"device_{end}"]
            + component
            + pairs[f"analyst_house_{end}"]
            + pairs[f"date_{end}"].dt.strftime(" %Y-%m-%d ")
            + pairs[f"cost_{end}_usd"].astype(str)
        )
    return described.assign(source=_source_of(pairs, described), **_other_moves(pairs))


def _other_moves(pairs: pd.DataFrame) -> dict[str, pd.Series]:
    """Count what moved a pair apart from time: a revision, a table of prices, another house."""
    first, second = pairs["analyst_house_a"], pairs["analyst_house_b"]
    early = {end: pairs[f"stage_{end}"].isin(FIRST_ESTIMATES).astype(int) for end in "ab"}
    levels = {
        house: (second == house).astype(int) - (first == house).astype(int)
        for house in HOUSES_ON_ONE_SCALE
    }
    is_table = (second == "techinsights") & (first == second) & (pairs["stage_b"] == "unspecified")
    return {
        "revision": early["a"] - early["b"],
        "volume_prices": is_table.astype(int),
        "other_house": levels["techinsights"],
    }


def _source_of(pairs: pd.DataFrame, described: pd.DataFrame) -> pd.Series:
    """Key of `SOURCES` that a pair belongs to, missing where it is no evidence."""
    specification, basis = pairs["same_specification"], pairs["basis"]
    one_house = pairs["analyst_house_a"] == pairs["analyst_house_b"]
    on_one_scale = pairs[["analyst_house_a", "analyst_house_b"]].isin(HOUSES_ON_ONE_SCALE)
    comparable = (one_house | on_one_scale.all(axis=1)) & (pairs["stage_b"] != "forecast")
    is_part = basis == "component"
    is_short = described["years"] < LEAST_YEARS_FOR_A_DECLINE
    alike = specification.isin(["yes", "near"]) & basis.isin(["bom", "total"])
    conditions = {
        "part": is_part & (specification == "yes") & described["part"].notna(),
        "console": ~is_part & described["is_console"] & (described["years"] > 0),
        "revision": ~is_part & alike & is_short & one_house,
        "other house": ~is_part & alike & ~one_house,
        "near specification": ~is_part & alike & ~is_short & (specification == "near"),
        "same product": ~is_part & alike & ~is_short,
    }
    source = np.select(
        [comparable & condition for condition in conditions.values()], list(conditions), default=""
    )
    return pd.Series(source, index=pairs.index).replace("", np.nan)


def _counted_series(prices: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Series of one part without its forecasts, at least `LEAST_YEARS_FOR_A_RATE` long."""
    counted = prices[prices["series_id"].isin(PART_OF_SERIES) & ~prices["forecast"]]
    series = [(name, group.sort_values("date")) for name, group in counted.groupby("series_id")]
    return [
        (name, group)
        for name, group in series
        if (group["date"].iloc[-1] - group["date"].iloc[0]).days
        > LEAST_YEARS_FOR_A_RATE * DAYS_A_YEAR
    ]


def _change_of_series(name: str, group: pd.DataFrame) -> dict:
    """First and last price of a series as a row of evidence."""
    first, last = group.iloc[0], group.iloc[-1]
    return {
        "label": name,
        "source": "price series",
        "part": PART_OF_SERIES[name],
        "device": name,
        "product": name,
        "twin": name,
        "is_console": False,
        "start": first["date"],
        "end": last["date"],
        "years": (last["date"] - first["date"]).days / DAYS_A_YEAR,
        "log_change": np.log(last["price_usd"] / first["price_usd"]),
        "first_costing": f"{name} first",
        "second_costing": f"{name} last",
        "revision": 0,
        "volume_prices": 0,
        "other_house": 0,
    }
