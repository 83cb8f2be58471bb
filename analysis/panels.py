"""What-if panels: a study's own calculation behind sliders, quick enough to follow them."""

from dataclasses import replace

import numpy as np
import pandas as pd

from .data.launches import Figure
from .demand.diffusion import ends
from .demand.forecast import LaunchForecast, simulate_launch, sold_at
from .look.cells import what_if
from .margin.margin import margin_path
from .sellout.press import order_rates


def explore_margin(launch, path, decline, parts=None, seed: int = 1) -> None:
    """Show a panel: unit margin by year, 80 % intervals, by list price (local currency), BOM at launch (USD, then exact) and its change."""

    def margins(list_price: float, bom_usd: float, bom_change_a_year: float) -> pd.DataFrame:
        other = {
            "price.list_local": Figure(list_price, "assumed"),
            "costs.bom_usd": Figure(bom_usd, "assumed"),
        }
        changed = (
            replace(launch, figures=launch.figures | other),
            replace(decline, rate=np.log1p(bom_change_a_year)),
        )
        band = (
            margin_path(*changed, 1_000, seed, parts).band().iloc[::24].reset_index(names="label")
        )
        band["label"] = [f"month {month:g}" for month in band["label"]]
        return band.rename(columns={"median": "estimate", "q10": "low", "q90": "high"})

    around, price = np.array([-0.2, -0.1, 0, 0.1, 0.2]), launch.figure("price.list_local").number
    choices = {
        "list_price": np.round(price * (1 + around)),
        "bom_usd": np.round(np.median(path.items["bom"][:, 0]) * (1 + around)),
    }
    choices |= {"bom_change_a_year": np.round(np.expm1(decline.rate) + around, 2)}
    what_if(
        "What if price, parts or their fall were others?",
        "unit margin, share of net price, 80 %",
        margins,
        **choices,
    )


def explore_speed(sellout_s: float) -> None:
    """Show a panel: orders a second, 95 % interval, by the size of a lot and the seconds until it was gone."""

    def rates(lot_units: int, seconds: float) -> pd.DataFrame:
        told = order_rates(
            pd.DataFrame({"units": [lot_units], "sellout_s": seconds, "sold_out": "yes"})
        )
        return told.rename(columns={"rate_per_s": "estimate"}).assign(label="orders a second")

    lots, seconds = (
        [5_000, 20_000, 50_000, 200_000, 1_000_000],
        [sellout_s * times for times in (0.1, 0.5, 1, 2, 10)],
    )
    what_if(
        "What would the seconds mean?",
        "orders a second, 95 % interval",
        rates,
        lot_units=lots,
        seconds=seconds,
    )


def explore_supply(fit: LaunchForecast) -> None:
    """Show a panel: units sold by week, 80 % intervals, by phones a month and the share of those waiting who leave in a week."""

    def sold(phones_a_month: float, leave_a_week: float) -> pd.DataFrame:
        people = {name: x[:400] for name, x in fit.values.items()} | {
            "leave": -np.log1p(-leave_a_week)
        }
        weeks = np.array([4, 13, 26])
        low, mid, high = ends(
            sold_at(simulate_launch(np.full(26, phones_a_month * 7 / 30.4), **people), weeks)
        )
        return pd.DataFrame(
            {"label": [f"week {week}" for week in weeks], "estimate": mid, "low": low, "high": high}
        )

    rate = (
        np.median(fit.paths.supply.mean(axis=1)) * 30.4 / 7
    )  # this launch's own supply, if it has a limit, is the middle
    around = (rate if np.isfinite(rate) else 500_000) * np.array([0.1, 0.3, 1, 3, 10])
    choices = {
        "phones_a_month": [float(f"{one:.1e}") for one in around],
        "leave_a_week": [0.0, 0.03, 0.07, 0.15, 0.3],
    }
    what_if(
        "What if more were made, or buyers less patient?",
        "phones sold by then, 80 %",
        sold,
        **choices,
    )
