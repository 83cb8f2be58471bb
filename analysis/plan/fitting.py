"""The market of one launch from the studies of demand, supply and margin, and what the firm spends.

It reads the tables, fits each study once and hands on draws; the plans are for `choose.py`, and
what else could be changed for `levers.py`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from .. import bom, demand, margin, supply
from ..data import Launch, draw_split_normal, interval, load_table
from ..data.lengths import DAYS_A_MONTH, DAYS_A_WEEK
from ..data.products import MOBILE
from ..demand.fit import DRAWS_TO_CHECK
from ..margin import MarginPath
from ..supply.outlook import MOST_FOLD
from ..supply.shortage_end import DocumentedEnd
from .anchors import Anchors, effective_draws, find_anchors, resample
from .firm import FirmFigures, firm_figures
from .market import RAMP, Market, launch_market, supply_ramp, weeks_of_life
from .pace import (
    lives_of_a_phone,
    middle_decay,
    prior_over_weeks,
    set_pace,
    weeks_of_comparable_counts,
)
from .policies import actual_policy

MOVES_BY_MUCH = 0.2  # signs that move a chance by more than this share of it tell something
STREAM_OF_OWN_FIGURES = 3  # beside the seed, so that no other figure has the same draws
# Independent draws that those of the fit are to be worth, where that is less than `MOST_WORTH` of
# them: plans differ by little, and few draws would move the advice from seed to seed.
ENOUGH_DRAWS = 1000
MOST_WORTH = 0.9
TABLES = [
    "devices",
    "recosted_pairs",
    "sale_rounds",
    "device_sales",
    "company_metrics",
    "economics",
    "exchange_rates",
    "price_paths",
    "shipments",
]


@dataclass(frozen=True, kw_only=True)
class LaunchMarket:
    """What the plans of one launch meet, and the studies that it comes from."""

    launch: Launch
    search: Market
    """Draws on which the best plan is looked for."""
    fresh: Market
    """As many other draws, on which it is compared."""
    before: Market
    """The fresh draws before prices and the size of the market weigh them."""
    weeks_counted: int
    """Weeks over which counts, of it or of comparable launches, hold how fast people come."""
    anchors: Anchors
    """What weighs them, in the order of `before`."""
    effective_draws: float
    """How many independent draws the fresh ones are worth."""
    held_back: tuple[float, float, float]
    """Chance that phones were held back, by documented shortages: estimate, low, high (80 %)."""
    signs_tell: bool
    """Whether its signs and reports together moved it by much from the rate of other shortages."""
    documented_weeks: float
    """Weeks from first sale until it was no longer short, by later accounts; infinite: none."""
    ceiling_moved: bool
    """Whether two independent reports of one time moved it."""
    parts_are_guessed: bool
    """Whether the cost of the parts is guessed from the price, as no costing is on file."""
    guess_beats_books: bool
    """Whether that guess is too good by the books, as the page on margin asks it."""
    parts_end_at_our_limit: bool
    """Whether the cost of parts mostly falls to our own limit by the end of the life."""
    tables: dict[str, pd.DataFrame]
    """The tables read, by name."""

    @property
    def buyers_are_known(self) -> bool:
        """Whether a bound, or else counts, tell to a factor of ten how many could buy."""
        low, _, high = interval(self.fresh.potential)
        is_bounded = np.isfinite(self.anchors.largest_potential).all()
        return bool(is_bounded or high <= MOST_FOLD * low)

    @property
    def firm(self) -> FirmFigures:
        """What is taken of the firm behind the launch."""
        tables = ("devices", "company_metrics", "exchange_rates")
        return firm_figures(self.launch, *(self.tables[name] for name in tables))

    @property
    def margin_cap(self) -> float:
        """Net margin of its hardware that the maker had pledged by first sale; NaN: none."""
        metrics = self.tables["company_metrics"]
        maker = self.tables["devices"].set_index("device")["brand"].get(self.launch.device, "")
        pledges = metrics[(metrics["metric"] == "net_margin_cap") & (metrics["company"] == maker)]
        year = pledges["period"].astype(str).str[:4].astype(int)
        in_force = pledges[year <= self.launch.figure("first_sale").value.year]
        return in_force["value"].min() if len(in_force) else np.nan

    def assumption(self, item: str) -> pd.Series:
        """Return a row of economics.csv: value, low, high, unit and note of an item."""
        return self.tables["economics"].set_index("item").loc[item]


def fit_market(launch: Launch, *, draws: int = 2000, seed: int = 1) -> LaunchMarket:
    """Fit the studies of a launch and join their draws into the market that its plans meet.

    Parameters
    ----------
    launch : Launch
        Supply, price and costs known or assumed.
    draws : int
        Draws of the search; as many more are kept fresh.
    seed : int
        Seed of every draw.

    Returns
    -------
    LaunchMarket
    """
    tables = {name: load_table(name) for name in TABLES}
    costs = bom.study_costs(launch)

    people = _fit_people(launch, draws, seed)

    # Price cuts of the file are left out: they belong to a plan.
    at_list_price = replace(launch, price_cuts=launch.price_cuts[:0])
    path = margin.margin_path(at_list_price, costs.own_rate, 2 * draws, seed, costs.parts)
    path_with_cuts = margin.margin_path(launch, costs.own_rate, 2 * draws, seed, costs.parts)
    made_units = people.fit.paths.supply_units - _stock_in_first_week(launch)
    market = launch_market(path, people.fit.parameters, made_units, seed)
    market = _with_own_figures(launch, path, market, seed)
    market = set_pace(market, actual_policy(launch), people.own_weeks)
    anchors = find_anchors(launch, tables, 2 * draws, seed)

    reported = margin.reported_margins(tables["company_metrics"])
    if launch.product.compared_classes != MOBILE:  # of no other class is a margin on file
        reported = reported.head(0)
    shortage = supply.explain_shortage(launch, seed=seed)
    tables = tables | {"recosted_pairs": costs.tables["recosted_pairs"]}
    return LaunchMarket(
        launch=launch,
        **_weigh_draws(anchors, market, draws, seed, worth=people.worth_of_a_draw),
        weeks_counted=max(people.own_weeks, people.others_weeks),
        held_back=shortage.interval("held_back"),
        signs_tell=_do_signs_tell(shortage),
        documented_weeks=_weeks_until(launch, shortage.documented_end),
        ceiling_moved=shortage.has_two_numbers,
        parts_are_guessed=not path.bom_is_known,
        guess_beats_books=margin.guess_beats_books(path_with_cuts, reported),
        parts_end_at_our_limit=path.parts_end_at_our_limit,
        tables=tables,
    )


def _weeks_until(launch: Launch, documented_end: DocumentedEnd | None) -> float:
    """Return the weeks from first sale to the end of a shortage; infinite where none is known."""
    if documented_end is None:
        return np.inf
    return (documented_end.day - launch.figure("first_sale").value).days / DAYS_A_WEEK


def _do_signs_tell(shortage: supply.Shortage) -> bool:
    """Whether signs and reports together moved the chance that it was held back by much.

    Those that cancel each other tell no more than the rate of other shortages does.
    """
    moves = shortage.causes.moves
    of_holding_back = moves[moves["cause"] == "held_back"]
    if of_holding_back.empty:
        return False
    before, after = of_holding_back["before"].iloc[0], of_holding_back["after"].iloc[-1]
    return bool(abs(after / before - 1) > MOVES_BY_MUCH)


@dataclass(frozen=True, kw_only=True)
class _People:
    """Who would buy a launch, drawn together with its supply."""

    fit: demand.LaunchFit
    own_weeks: int
    """Weeks up to the last count of the launch itself; 0 without any."""
    others_weeks: int
    """Weeks of the life over which comparable launches were counted."""

    @property
    def worth_of_a_draw(self) -> float:
        """Independent draws that one of the fit is worth, 0 to 1."""
        return self.fit.effective_draws / len(self.fit.paths.potential)


def _fit_people(launch: Launch, draws: int, seed: int) -> _People:
    """Fit people and supply to counts, lots that sold out and registrations on file.

    Twice as many draws as asked for: those of the search, and the fresh ones.
    """
    weeks = weeks_of_life(launch)
    ramp = demand.SupplyLaw(figures=len(RAMP), steps=weeks, units=partial(_supply_of_weeks, launch))
    # The supplies that the fit holds counts against as well, whatever draws and seed it has.
    counts = demand.launch_counts(launch, ramp.draw(DRAWS_TO_CHECK))
    known = demand.known_sales(launch)
    own_weeks = round(counts["week"].max()) if len(counts) else 0
    others_weeks = min(weeks_of_comparable_counts(launch), weeks)
    prior = demand.prior_of_class(demand.family_of(launch), launch.product.compared_classes)
    decay = middle_decay(launch)
    with warnings.catch_warnings():
        # The page says how much the draws are worth, and `make check` what is odd in the counts.
        warnings.simplefilter("ignore", UserWarning)
        fit = demand.fit_launch(
            ramp,
            prior_over_weeks(prior, decay, fitted_weeks=others_weeks, weeks=own_weeks),
            counts=counts,
            bounds=known.bounds[known.bounds["week"] <= weeks],
            sold_out=known.sold_out[:weeks],
            registrations=known.registrations,
            draws=2 * draws,
            target=min(ENOUGH_DRAWS, MOST_WORTH * 2 * draws),
            seed=seed,
        )
    return _People(fit=fit, own_weeks=own_weeks, others_weeks=others_weeks)


def _supply_of_weeks(launch: Launch, z: np.ndarray, weeks: int) -> np.ndarray:
    """Draw what can be sold from each week on: what is made in it, and first what was in stock."""
    return supply_ramp(launch, weeks, z) + _stock_in_first_week(launch)[:weeks]


def _stock_in_first_week(launch: Launch) -> np.ndarray:
    """Return the stock made before the first sale, in the middle of its range (weeks of life,)."""
    opening_stock = launch.figure("supply.opening_stock_units")
    stock = np.zeros(weeks_of_life(launch))
    stock[0] = opening_stock.number if opening_stock.known else 0
    return stock


def _with_own_figures(launch: Launch, path: MarginPath, market: Market, seed: int) -> Market:
    """Let the file's own figures of an S version, of stock and of its life replace ranges."""
    rng = np.random.default_rng([seed, STREAM_OF_OWN_FIGURES])
    z_price, z_bom, z_stock = rng.standard_normal((3, market.draws))
    own = {}
    s_price = launch.figure("s_version.list_local")
    if s_price.known:
        own["s_price"] = (
            draw_split_normal(s_price, z_price) / launch.figure("price.list_local").number
        )
    s_bom = launch.figure("s_version.bom_usd")
    if s_bom.known:
        # All other costs stay as they are; so the ratio moves with the parts alone.
        week = min(actual_policy(launch).s_week, market.weeks - 1)
        month = np.abs(path.months - week * DAYS_A_WEEK / DAYS_A_MONTH).argmin()
        dearer_usd = draw_split_normal(s_bom, z_bom) - path.items["bom"][:, month]
        own["s_cost"] = 1 + dearer_usd / market.cost_usd[:, week]
    opening_stock = launch.figure("supply.opening_stock_units")
    if opening_stock.known:
        own["opening_stock"] = draw_split_normal(opening_stock, z_stock)
    # Ranges of fading and of the market's price are those of phones, which last a year.
    own["fade"] = market.fade / lives_of_a_phone(launch)
    own["erosion"] = market.erosion / lives_of_a_phone(launch)
    return replace(market, **own)


def _weigh_draws(
    anchors: Anchors, market: Market, draws: int, seed: int, worth: float
) -> dict[str, object]:
    """Weigh the draws of the search and the fresh ones apart, so that none is in both.

    Before they are weighed each is worth a share `worth` of an independent one.
    """
    bounded = anchors.bounded(market)
    of_search, of_fresh = slice(draws), slice(draws, None)
    before, fresh_anchors = bounded.select(of_fresh), anchors.select(of_fresh)
    search_weights = anchors.select(of_search).weights(bounded.select(of_search))
    fresh_weights = fresh_anchors.weights(before)
    chosen = resample(fresh_weights, seed)
    return {
        "search": bounded.select(of_search).select(resample(search_weights, seed)),
        "fresh": before.select(chosen),
        "before": before,
        "anchors": fresh_anchors,
        "effective_draws": worth * effective_draws(fresh_weights),
    }
