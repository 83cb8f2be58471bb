"""What a unit earns by month and draw: net price less the parts and all else that a unit costs.

A draw is one possible life of the phone. Prices follow the official cuts and the tax of the
day; the parts move as the room of BOMs says. What those margins come to over a life, and where
the falling-BOM model's points lie on them, is left to `bridge` and `points`.
"""

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pandas as pd

from ..bom import DeclineRate, NormalMixture, forecast_bom, value_in_force
from ..bom.forecast import LARGEST_LOG_CHANGE
from ..data import Launch, load_table
from ..data.lengths import DAYS_A_MONTH
from ..data.uncertainty import Z_90, draw_split_normal
from .items import OTHER_ITEMS, PARTS, items_of

LATER_DAYS = 14  # after the first sale, from which a costing has another cost than that of the day
LEAST_OF_FIRST_COST = np.exp(-LARGEST_LOG_CHANGE)  # share of it, below which no cost falls
STEP_MONTHS = 0.25
QUANTILES = {
    "q025": 0.025,
    "q10": 0.1,
    "q25": 0.25,
    "median": 0.5,
    "q75": 0.75,
    "q90": 0.9,
    "q975": 0.975,
}


@dataclass(frozen=True)
class MarginPath:
    """A unit by month since first sale in many possible lives, in dollars.

    All arrays are draws x months unless they say otherwise.
    """

    months: np.ndarray  # since first sale, (months,)
    net_usd: np.ndarray  # list price without tax
    items: dict[str, np.ndarray]  # dollars by the key of a cost item, in the order of COST_ITEMS
    rate_per_year: np.ndarray  # of the parts' cost, logs, (draws,)
    bom_is_known: bool  # the launch file has a BOM, and no share of the price stands in for it

    @cached_property
    def margin_usd(self) -> np.ndarray:
        """Net price less all cost items, in dollars."""
        return self.net_usd - sum(self.items.values())

    @cached_property
    def margin_share(self) -> np.ndarray:
        """Unit margin as a share of the net price."""
        return self.margin_usd / self.net_usd

    @cached_property
    def gross_margin_share(self) -> np.ndarray:
        """Margin before the channel is paid, as books state it, as a share of the net price."""
        after = [item for item in items_of(self.items) if not item.before_gross_margin]
        return self.margin_share + sum(self.items[item.key] for item in after) / self.net_usd

    @cached_property
    def life_margin_share(self) -> np.ndarray:
        """Unit margin over an even life, as a share of what is paid in it, (draws,)."""
        return self.margin_usd.sum(axis=1) / self.net_usd.sum(axis=1)

    @property
    def parts_end_at_our_limit(self) -> bool:
        """Whether the parts' cost is mostly at its lower limit at the end of life."""
        bom_usd = self.items["bom"]
        return bool(np.median(bom_usd[:, -1] / bom_usd[:, 0]) <= 1.1 * LEAST_OF_FIRST_COST)

    @property
    def _month_index(self) -> pd.Index:
        return pd.Index(self.months, name="month")

    def band(self, item: str | None = None) -> pd.DataFrame:
        """Give the quantiles by month of the unit margin, or of a cost item.

        Parameters
        ----------
        item : str, optional
            A key of `items`; without it the unit margin as a share of the net price.

        Returns
        -------
        DataFrame
            One row a month; columns q025, q10, q25, median, q75, q90, q975, dollars for an item.

        Raises
        ------
        KeyError
            If there is no such item.
        """
        if item not in self._bands:
            self._bands[item] = self._sort_into_band(item)
        return self._bands[item].copy()

    @cached_property
    def _bands(self) -> dict[str | None, pd.DataFrame]:
        """The bands that were asked for so far, by item."""
        return {}

    def _sort_into_band(self, item: str | None) -> pd.DataFrame:
        """Compute a band (see `band`)."""
        values = self.margin_share if item is None else self.items[item]
        # Draws are sorted once for all quantiles, each month's in a row of its own: a row lies in
        # one piece of memory, a column does not.
        by_month = np.ascontiguousarray(values.T)
        quantiles = np.quantile(by_month, [*QUANTILES.values()], axis=1)
        return pd.DataFrame(dict(zip(QUANTILES, quantiles, strict=True)), index=self._month_index)

    def probability_above(self, share: float) -> pd.Series:
        """Give the chance by month that the unit margin exceeds a share of the net price."""
        return pd.Series((self.margin_share > share).mean(axis=0), index=self._month_index)

    def by_month(self) -> pd.DataFrame:
        """Give one row a whole month: the parts' cost in dollars, and the chances of two margins.

        Returns
        -------
        DataFrame
            Month, bom_low_usd, bom_usd, bom_high_usd (80 % interval about the median),
            chance_above_0 and chance_above_10_percent of the net price.
        """
        band = self.band("bom")
        table = pd.DataFrame(
            {
                "bom_low_usd": band["q10"],
                "bom_usd": band["median"],
                "bom_high_usd": band["q90"],
                "chance_above_0": self.probability_above(0),
                "chance_above_10_percent": self.probability_above(0.1),
            }
        )
        is_whole_month = np.isclose(self.months, np.round(self.months))
        return table[is_whole_month].reset_index()

    def crossings(self, share: float) -> pd.Series:
        """Ask in each life whether the unit margin exceeds a share of the net price, and when.

        Returns
        -------
        Series
            Shares of lives: "at first sale", only "later", "never", which add up to one; and of all
            lives "lost again", where it was exceeded and is not at the end.
        """
        above = self.margin_share > share
        at_first, ever, at_end = above[:, 0], above.any(axis=1), above[:, -1]
        return pd.Series(
            {
                "at first sale": at_first.mean(),
                "later": (ever & ~at_first).mean(),
                "never": (~ever).mean(),
                "lost again": (ever & ~at_end).mean(),
            }
        )

    def parts_cost_that_leaves(self, share: float) -> np.ndarray:
        """Give the parts' cost that would leave a share of the net price; 0 is break-even.

        Returns
        -------
        array of shape (draws, months)
            Dollars.
        """
        other_items = sum(usd for item, usd in self.items.items() if item != "bom")
        return (1 - share) * self.net_usd - other_items

    def bom_that_leaves(self, share: float) -> np.ndarray:
        """Give the parts' cost at first sale that would leave a share of the net price, a draw."""
        return self.parts_cost_that_leaves(share)[:, 0]


def margin_path(
    launch: Launch,
    decline: NormalMixture | DeclineRate,
    draws: int,
    seed: int,
    parts: pd.DataFrame | None = None,
    step_months: float = STEP_MONTHS,
) -> MarginPath:
    """Draw the unit margin of a phone by month of its assumed life.

    Net price is list less tax at the exchange rate of the day. The parts' cost is that of the
    file, or else a share of the net price at first sale; from there it goes as `forecast_bom`
    says. The other costs stay as they are. Every assumed range is read as 80 %
    (`draw_split_normal`), and a published costing without one has the error of one analyst.

    Parameters
    ----------
    launch : Launch
        With first_sale, life_months, price and costs known or assumed.
    decline : NormalMixture or DeclineRate
        Yearly rate of the cost of this very phone's parts, such as `CostStudy.own_rate`.
    draws, seed : int
        How many lives, and the seed of the random draws.
    parts : DataFrame, optional
        Parts that move on their own, as from `Decline.parts`.
    step_months : float
        Months from one step of the life to the next; those beyond its end are left out.

    Returns
    -------
    MarginPath
        Draws x steps, by default four a month.

    Raises
    ------
    ValueError
        For a figure that the file leaves unknown, with its name.
    """
    rng = np.random.default_rng(seed)
    draw = partial(_draw_figure, launch=launch, rng=rng, draws=draws)
    first_sale = _first_sale(launch)
    life_months = round(known_number(launch, "life_months"))
    months = np.arange(0, life_months + step_months, step_months)
    months = months[months <= life_months]
    days = first_sale + pd.to_timedelta(months * DAYS_A_MONTH, "D")
    calendar = price_calendar(launch, days)

    tax_share = draw("price.list_tax_share") + calendar["tax_change"].to_numpy()
    local_per_usd = draw("price.local_per_usd") * calendar["exchange_ratio"].to_numpy()
    net_usd = calendar["list_local"].to_numpy() / (1 + tax_share) / local_per_usd

    bom_is_known = launch.figure("costs.bom_usd").known
    cost_month = _draw_cost_month(launch, first_sale, rng, draws)
    if bom_is_known:
        first_cost = _draw_first_cost(launch, rng, draws)
    else:
        first_cost = draw("costs.bom_share_of_net_price") * net_usd[:, :1]
    rate_per_year = decline.draw(rng, draws)
    bom_usd = forecast_bom(
        months,
        first_cost[:, 0],
        rate_per_year,
        rng,
        parts=parts,
        cost_month=cost_month,
        costings=_costings_by_month(launch, first_sale),
    )
    items = {PARTS.key: bom_usd}
    for item in OTHER_ITEMS:
        figure = draw(item.field)
        if item.is_share:
            items[item.key] = figure * net_usd
        else:
            items[item.key] = np.broadcast_to(figure, net_usd.shape)
    return MarginPath(
        months=months,
        net_usd=net_usd,
        items=items,
        rate_per_year=rate_per_year,
        bom_is_known=bom_is_known,
    )


def _file_of(launch: Launch) -> str:
    """Name of the launch file, for errors."""
    return f"data/launches/{launch.launch}.yaml"


def _first_sale(launch: Launch) -> pd.Timestamp:
    """Day of first sale; ValueError where the file leaves it unknown."""
    first_sale = launch.figure("first_sale").value
    if first_sale is None:
        raise ValueError(f"{_file_of(launch)}: first_sale: expected a date, found unknown")
    return first_sale


def known_number(launch: Launch, path: str) -> float:
    """Give the number of a figure; ValueError with its name where the file leaves it unknown."""
    figure = launch.figure(path)
    if not figure.known:
        raise ValueError(f"{_file_of(launch)}: {path} is unknown")
    return figure.number


def _draw_figure(path: str, launch: Launch, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Draws of a figure of the launch, (draws, 1)."""
    name = f"{_file_of(launch)}: {path}"
    return draw_split_normal(launch.figure(path), rng.standard_normal(draws), name)[:, None]


def costing_error(launch: Launch) -> float:
    """Error of the parts' cost of a launch, sd of its log; 0 for one's own, or one with a range.

    A published costing without a range is one analyst's; a maker knows what its own parts cost.
    """
    bom = launch.figure("costs.bom_usd")
    if bom.basis != "sourced" or bom.low is not None or launch.is_own:
        return 0.0
    return float(load_table("economics").set_index("item").loc["costing_error", "value"])


def days_costed_later(launch: Launch) -> int:
    """Days from the first sale to the day of the parts' cost on file; 0 where it has no day."""
    costed = launch.figure("costs.bom_date")
    return (costed.value - launch.figure("first_sale").value).days if costed.known else 0


def first_cost_on_file(launch: Launch) -> tuple[float, float, float] | None:
    """Low, middle and high of the parts' cost at first sale where the file itself has them.

    None where it is drawn: of a share of the price, of a costing without a range, whose error is
    that of one analyst, or of another time.
    """
    bom = launch.figure("costs.bom_usd")
    is_about_first_sale = abs(days_costed_later(launch)) < LATER_DAYS
    if not bom.known or costing_error(launch) or not is_about_first_sale:
        return None
    return bom.lowest, bom.number, bom.highest


def _draw_first_cost(launch: Launch, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Draws of the parts' cost on file, (draws, 1), with the error of a costing."""
    z = rng.standard_normal(draws)
    name = f"{_file_of(launch)}: costs.bom_usd"
    on_file = draw_split_normal(launch.figure("costs.bom_usd"), z, name)
    return (on_file * np.exp(costing_error(launch) * z))[:, None]


def _draw_cost_month(
    launch: Launch, first_sale: pd.Timestamp, rng: np.random.Generator, draws: int
) -> np.ndarray:
    """Month since first sale of a known costing, (draws,); first sale where it has no date."""
    date = launch.figure("costs.bom_date")
    if not (launch.figure("costs.bom_usd").known and date.known):
        return np.zeros(draws)
    early = ((date.low or date.value) - first_sale).days / DAYS_A_MONTH
    late = ((date.high or date.value) - first_sale).days / DAYS_A_MONTH
    middle, half_range = (early + late) / 2, (late - early) / 2
    return middle + half_range / Z_90 * rng.standard_normal(draws)


def _costings_by_month(launch: Launch, first_sale: pd.Timestamp) -> pd.DataFrame | None:
    """Costings of the launch's own history by month since first sale; None where there are none."""
    if launch.costings.empty:
        return None
    month = (launch.costings["date"] - first_sale).dt.days / DAYS_A_MONTH
    return pd.DataFrame({"month": month, "bom_usd": launch.costings["bom_usd"]})


def price_calendar(launch: Launch, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Look up what moves the net price on each day of a life.

    Tax and exchange rate stay at their last value where the tables end.

    Parameters
    ----------
    launch : Launch
        With its list price, currency, market and price cuts.
    days : DatetimeIndex
        From the first sale on.

    Returns
    -------
    DataFrame
        One row a day: list_local (currency of the launch), tax_change (of the tax share since the
        first day) and exchange_ratio (local currency per dollar over that of the first day).

    Raises
    ------
    ValueError
        For a list price that the file leaves unknown.
    """
    list_local = np.full(len(days), known_number(launch, "price.list_local"))
    for cut in launch.price_cuts.itertuples():
        list_local[days >= cut.date] = cut.list_local

    economics = load_table("economics")
    exchange_rate = f"{launch.currency.lower()}_per_usd"
    tax = _value_by_day(economics, "vat_rate", launch.market, days)
    rate = _value_by_day(economics, exchange_rate, launch.market, days)
    return pd.DataFrame(
        {
            "list_local": list_local,
            "tax_change": np.nan_to_num(tax - tax[0]),
            "exchange_ratio": np.nan_to_num(rate / rate[0], nan=1.0),
        },
        index=days,
    )


def _value_by_day(
    economics: pd.DataFrame, item: str, country: str, days: pd.DatetimeIndex
) -> np.ndarray:
    """Look up an item of economics.csv by day; the last value goes on where the table ends."""
    return pd.Series(value_in_force(economics, item, country, days)).ffill().to_numpy()
