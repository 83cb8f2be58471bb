"""What anchors the market of a launch: the size of its market, and prices that buyers paid.

Both speak of draws, not of plans: a draw with more would-be buyers than the market has is left
out, and a draw counts by how well its clearing price agrees with what dealers or resellers asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..data import Launch, draw_split_normal
from ..data.lengths import DAYS_A_WEEK, DAYS_A_YEAR, MONTHS_A_YEAR
from ..data.uncertainty import draw_assumed
from .clearing import clearing_prices
from .market import Market, weeks_of_life

OBSERVED_EVENTS = ["dealer_price", "resale_price"]  # of price_paths.csv
STREAM_OF_THE_BOUND = 2  # beside the seed, so that no other figure has the same draws
LEAST_INSIDE = 0.05  # share of draws that must lie inside a bound, else draws are cut off at it
TRACKERS_FIRST = "company"  # of several counts of one year, that of the maker itself is taken


@dataclass(frozen=True, kw_only=True)
class Anchors:
    """What is known beside the counts of a launch, held against the draws of its market."""

    largest_potential: np.ndarray
    """Most people who can be buyers, by draw; infinite where nothing bounds them (draws,)."""
    prices: pd.DataFrame
    """Observed prices: week, price_over_list (the mean of a week's prices)."""
    price_error: float
    """Standard deviation of the log of an observed price around the clearing price."""

    def bounded(self, market: Market) -> Market:
        """Return the market without more buyers than can be, where nearly all draws have more.

        What was counted tells how many came in a week, so fewer people come more readily: as many
        decide alone, and as many wait at first sale, as far as there are so many people.
        """
        if (market.potential <= self.largest_potential).mean() >= LEAST_INSIDE:
            return market
        share_kept = np.fmin(self.largest_potential / market.potential, 1)
        return replace(
            market,
            potential=np.minimum(market.potential, self.largest_potential),
            p=market.p / share_kept,
            initial_share=np.fmin(market.initial_share / share_kept, 1),
        )

    def weights(self, market: Market) -> np.ndarray:
        """Return the weight of each draw, with sum 1.

        A draw outside the bound weighs nothing. The others weigh by the normal density of the log
        of each observed price around the clearing price that the draw implies in that week.
        """
        inside = market.potential <= self.largest_potential
        log_weights = np.where(inside, 0.0, -np.inf)
        if len(self.prices):
            implied = np.log(clearing_prices(market, self.prices["week"].tolist()))
            apart = (np.log(self.prices["price_over_list"].to_numpy()) - implied) / self.price_error
            log_weights = log_weights - (apart**2).sum(axis=1) / 2
        weights = np.exp(log_weights - log_weights.max())
        return weights / weights.sum()

    def select(self, draws: slice) -> Anchors:
        """Return the anchors of some of the draws."""
        return replace(self, largest_potential=self.largest_potential[draws])


def find_anchors(launch: Launch, tables: dict[str, pd.DataFrame], draws: int, seed: int) -> Anchors:
    """Find what anchors the market of a launch.

    Parameters
    ----------
    launch : Launch
        Its own `market_units_a_year` and `price.observed[]` come first.
    tables : dict
        economics, devices, shipments and price_paths.
    draws : int
        Draws of the market.
    seed : int
        Seed of the assumed share of a maker's shipments.

    Returns
    -------
    Anchors
    """
    economics = tables["economics"].set_index("item")
    return Anchors(
        largest_potential=_largest_potential(launch, tables, economics, draws, seed),
        prices=observed_prices(launch, tables["price_paths"]),
        price_error=economics.loc["observed_price_error", "value"],
    )


def _largest_potential(
    launch: Launch,
    tables: dict[str, pd.DataFrame],
    economics: pd.DataFrame,
    draws: int,
    seed: int,
) -> np.ndarray:
    """Return the bound of the potential, by draw."""
    z = np.random.default_rng([seed, STREAM_OF_THE_BOUND]).standard_normal(draws)
    own = launch.figure("market_units_a_year")
    if own.known:
        return _life_years(launch) * draw_split_normal(own, z, "market_units_a_year")
    shipped = shipped_over_life(launch, tables["devices"], tables["shipments"])
    return shipped * np.minimum(draw_assumed(economics.loc["largest_model_share"], z), 1)


def shipped_over_life(launch: Launch, devices: pd.DataFrame, shipments: pd.DataFrame) -> float:
    """Return the phones that the maker of a launch ships worldwide in its life, by counts on file.

    A year without a count has that of the nearest year with one, the later where two are as near.

    Parameters
    ----------
    launch : Launch
        The launch, with its first sale and life.
    devices, shipments : DataFrame
        The tables of these names: brands, and millions of units by brand, year and tracker.

    Returns
    -------
    float
        Phones; infinite where no year of the maker is on file.
    """
    brand = devices.set_index("device")["brand"].get(launch.device, "")
    is_year = shipments["period"].astype(str).str.fullmatch(r"\d{4}")
    years = shipments[(shipments["brand"] == brand) & (shipments["market"] == "WORLD") & is_year]
    if years.empty:
        return np.inf
    own_first = years.sort_values("tracker", key=lambda tracker: tracker != TRACKERS_FIRST)
    units = own_first.groupby(own_first["period"].astype(int))["units_million"].first() * 1e6

    start = launch.figure("first_sale").value
    end = start + pd.Timedelta(days=DAYS_A_YEAR * _life_years(launch))
    days = pd.date_range(start, end, inclusive="left")
    days_of_year = pd.Series(days.year).value_counts() / DAYS_A_YEAR
    nearest = {
        year: min(units.index, key=lambda counted: (abs(counted - year), -counted))
        for year in days_of_year.index
    }
    return float(sum(share * units[nearest[year]] for year, share in days_of_year.items()))


def _life_years(launch: Launch) -> float:
    """Return the length of the life in years."""
    return launch.figure("life_months").number / MONTHS_A_YEAR


def observed_prices(launch: Launch, price_paths: pd.DataFrame) -> pd.DataFrame:
    """Gather what dealers and resellers asked for a launch: its own file's prices and the table's.

    A price of the table is taken over the list price of the same variant, where that is on file.

    Parameters
    ----------
    launch : Launch
        The launch, with its list price, first sale and life.
    price_paths : DataFrame
        The table of that name: prices in local currency by device, market, variant and event.

    Returns
    -------
    DataFrame
        A row a week, in order: week (from 0, that of the first sale), price_over_list (mean of the
        logs of the week's prices, since they are of one shortage); only weeks of the life.
    """
    list_local = launch.figure("price.list_local").number
    own = launch.observed_prices
    rows = [own.assign(price_over_list=own["price_local"] / list_local)]
    of_launch = price_paths[
        (price_paths["device"] == launch.device) & (price_paths["market"] == launch.market)
    ]
    lists = of_launch[of_launch["event"] == "launch"].groupby("variant")["price_local"].first()
    in_table = of_launch[of_launch["event"].isin(OBSERVED_EVENTS)]
    of_variant = in_table["variant"].map(lists).fillna(list_local)
    rows.append(in_table.assign(price_over_list=in_table["price_local"] / of_variant))
    prices = pd.concat([row[["date", "price_over_list"]] for row in rows if len(row)] or [rows[0]])
    weeks = (prices["date"] - launch.figure("first_sale").value).dt.days // DAYS_A_WEEK
    in_life = (weeks >= 0) & (weeks < weeks_of_life(launch))
    logs = np.log(prices["price_over_list"][in_life]).groupby(weeks[in_life]).mean()
    return pd.DataFrame(
        {"week": logs.index.astype(int), "price_over_list": np.exp(logs.to_numpy())}
    )


def resample(weights: np.ndarray, seed: int) -> np.ndarray:
    """Choose as many draws as there are weights, each about as often as its weight says.

    Systematic resampling (Kitagawa 1996): one random offset, evenly spaced from there.

    Parameters
    ----------
    weights : array (draws,)
        Weight of each draw; they sum to 1.
    seed : int
        Seed of the offset and of the order.

    Returns
    -------
    array of int
        Numbers of the draws, in a random order.

    Examples
    --------
    >>> sorted(resample(np.array([0.5, 0.0, 0.25, 0.25]), seed=1).tolist())
    [0, 0, 2, 3]
    """
    rng = np.random.default_rng(seed)
    places = (rng.random() + np.arange(len(weights))) / len(weights)
    chosen = np.searchsorted(np.cumsum(weights), places, side="right")
    return rng.permutation(np.minimum(chosen, len(weights) - 1))


def effective_draws(weights: np.ndarray) -> float:
    """Return how many equally likely draws carry as much as the weighted ones (Kish 1965)."""
    return float(1 / (weights**2).sum())
