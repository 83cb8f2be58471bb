"""What a release plan meets: the market of one launch, in draws of all that is not known.

A `Market` joins what the studies of demand, supply and margin say of a launch with what
data/market/economics.csv assumes. What a plan then does stands in `policies.py`, what comes of
it in `simulate.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from ..data import Z_90, Launch, draw_split_normal, load_table
from ..data.lengths import DAYS_A_MONTH, DAYS_A_WEEK, DAYS_A_YEAR, WEEKS_A_MONTH
from ..data.uncertainty import draw_assumed
from ..margin import MarginPath

# Figures of a launch file that say how supply grows, in the order of the columns of their draws.
RAMP = ["supply.start_units_per_month", "supply.full_units_per_month", "supply.ramp_weeks"]

# A number beside the seed keeps draws of one figure apart from those of any other.
STREAM_OF_ELASTICITY = 1
STREAM_OF_ASSUMED = 4

# Fields of a market that are assumed, and the items of economics.csv that give their ranges.
ASSUMED = {
    "discount": "discount_rate",
    "erosion": "market_price_erosion",
    "fade": "interest_fade",
    "upgrade": "upgrade_share",
    "s_price": "s_version_price_ratio",
    "s_cost": "s_version_cost_ratio",
    "s_fixed_usd": "s_version_fixed_usd",
    "s_reset": "s_version_reset",
    "leave_price": "leave_price_elasticity",
}


@dataclass(frozen=True, kw_only=True)
class Market:
    """One launch by draws: arrays (draws,), of supply and money (draws, weeks)."""

    discount: np.ndarray
    """Rate at which money loses value, log a week."""
    erosion: np.ndarray
    """Rate at which the price falls that buyers pay for the same phone, log a week."""
    fade: np.ndarray
    """Rate at which interest in the phone fades, log a week."""
    elasticity: np.ndarray
    """Per cent by which all who would ever buy fall when the price of the whole life rises by one
    per cent: of unconstrained sales over the life, and of nothing else; above 1."""
    upgrade: np.ndarray
    """Share of owners who look at the S version (the upgraded phone) when it comes."""
    s_price: np.ndarray
    """Price of the S version over the list price of the first one."""
    s_cost: np.ndarray
    """Cost of a unit of the S version over that of the first one in the same week."""
    s_fixed_usd: np.ndarray
    """What it costs to develop and launch an S version."""
    potential: np.ndarray
    """People who would ever buy at the list price."""
    p: np.ndarray
    """Hazard of buying that does not depend on others (Bass's innovation), a week."""
    q: np.ndarray
    """Hazard that comes from those who own one (Bass's imitation), a week."""
    initial_share: np.ndarray
    """Share of the potential that waits at the first sale."""
    reneging_rate: np.ndarray
    """Rate at which people who wait give up, log a week."""
    supply_units: np.ndarray
    """Phones that can be made in each week (draws, weeks)."""
    net_usd: np.ndarray
    """What a phone brings at the list price, after tax, royalty and channel (draws, weeks)."""
    cost_usd: np.ndarray
    """What a phone made in that week costs (draws, weeks)."""
    s_reset: np.ndarray | None = None
    """How far an S version starts interest and the price that buyers pay afresh, from 0, not at
    all, to 1, wholly; where left out, wholly."""
    leave_price: np.ndarray | None = None
    """Per cent by which the rate of leaving rises with one per cent of price; left out, none."""
    opening_stock: np.ndarray | None = None
    """Phones made before the first sale and paid for in any case; left out, none."""

    def __post_init__(self) -> None:
        """Fill in what may be left out."""
        for name, value in {"s_reset": 1.0, "leave_price": 0.0, "opening_stock": 0.0}.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, np.full(len(self.p), value))

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.p)

    @property
    def weeks(self) -> int:
        """Length of the life in weeks."""
        return self.supply_units.shape[1]

    @property
    def margin_usd(self) -> np.ndarray:
        """What a phone made and sold in a week leaves at the list price (draws, weeks)."""
        return self.net_usd - self.cost_usd

    @property
    def decay_of_interest(self) -> np.ndarray:
        """Rate at which p and q fall as the phone ages: fading, and the price that is borne."""
        return self.elasticity * self.erosion + self.fade

    def inputs(self) -> dict[str, np.ndarray]:
        """Return the arrays by the name of their field."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def select(self, draws: slice | np.ndarray) -> Market:
        """Return the market of some of the draws, in the order asked for."""
        chosen = np.arange(self.draws)[draws]
        # Draws are the last axis of the transposed arrays: what lies together by week stays so.
        inputs = {name: values.T.take(chosen, axis=-1).T for name, values in self.inputs().items()}
        return Market(**inputs)

    def with_weeks_together(self) -> Market:
        """Return the same market whose values of one week lie side by side in memory."""
        # A life is played week by week: the values of a week are then read in one piece.
        by_week = ["supply_units", "net_usd", "cost_usd"]
        return replace(self, **{name: np.asfortranarray(getattr(self, name)) for name in by_week})

    def people(self, paid: np.ndarray | float) -> np.ndarray:
        """Return those who would ever buy at a price over list: willingness to pay is Pareto."""
        return self.potential * paid**-self.elasticity

    def supplied_sooner(self) -> Market:
        """Return the market whose supply comes a week earlier and then stays as it was last."""
        last = self.supply_units[:, -1:]
        return replace(self, supply_units=np.column_stack([self.supply_units[:, 1:], last]))


def join_markets(markets: list[Market]) -> Market:
    """Return one market with the draws of several, one after another: faster than each alone."""
    inputs = [market.inputs() for market in markets]
    return Market(**{name: np.concatenate([each[name] for each in inputs]) for name in inputs[0]})


def weeks_of_life(launch: Launch) -> int:
    """Return the weeks from first sale to end of sale."""
    return int(launch.figure("life_months").number * WEEKS_A_MONTH)


def supply_ramp(launch: Launch, weeks: int, z: np.ndarray) -> np.ndarray:
    """Draw the supply that the file of a launch expects, week by week.

    Output grows at one rate from its start to its full volume and stays there.

    Parameters
    ----------
    launch : Launch
        Its figures named in `RAMP` have a value or an assumed range.
    weeks : int
        Length of the life.
    z : array (draws, 3)
        Standard normals, a column for each figure of `RAMP`.

    Returns
    -------
    array (draws, weeks)
        Phones a week.

    Raises
    ------
    ValueError
        If one of the figures is unknown.
    """
    drawn = {
        path: draw_split_normal(launch.figure(path), z[:, column], path)[:, None]
        for column, path in enumerate(RAMP)
    }
    start_per_month = drawn["supply.start_units_per_month"]
    full_per_month = drawn["supply.full_units_per_month"]
    ramp_weeks = drawn["supply.ramp_weeks"]
    share_of_ramp = np.clip(np.arange(weeks) / ramp_weeks, 0, 1)
    units_per_month = start_per_month * (full_per_month / start_per_month) ** share_of_ramp
    return units_per_month * DAYS_A_WEEK / DAYS_A_MONTH


def draw_items(items: list[str], draws: int, seed: int) -> np.ndarray:
    """Draw what economics.csv assumes of some items; rates a year become rates a week.

    Parameters
    ----------
    items : list of str
        Names in the column `item`.
    draws : int
        Number of draws.
    seed : int
        Seed of the draws.

    Returns
    -------
    array (items, draws)
        In the unit of each item, rates a week.
    """
    rng = np.random.default_rng([seed, STREAM_OF_ASSUMED])
    table = load_table("economics").set_index("item").loc[items]
    drawn = [draw_assumed(row, rng.standard_normal(draws)) for _, row in table.iterrows()]
    is_yearly = table["unit"].str.endswith("per_year")
    return np.array(drawn) * np.where(is_yearly, DAYS_A_WEEK / DAYS_A_YEAR, 1)[:, None]


def draw_elasticity(draws: int, seed: int) -> np.ndarray:
    """Draw the elasticity of economics.csv, above 1 throughout.

    At an elasticity of 1 or below the best price has no limit (Lerner 1934), so its excess over 1
    is drawn, log-normal on either side of its middle: low and high are the 10 and 90 % points.

    Parameters
    ----------
    draws : int
        Number of draws.
    seed : int
        Seed of the draws.

    Returns
    -------
    array (draws,)
        Per cent by which buyers fall when the price is one per cent higher.
    """
    row = load_table("economics").set_index("item").loc["price_elasticity"]
    z = np.random.default_rng([seed, STREAM_OF_ELASTICITY]).standard_normal(draws)
    low, middle, high = row["low"] - 1, row["value"] - 1, row["high"] - 1
    spread = np.where(z < 0, np.log(middle / low), np.log(high / middle)) / Z_90
    return 1 + middle * np.exp(spread * z)


def launch_market(
    path: MarginPath, people: dict[str, np.ndarray], supply_units: np.ndarray, seed: int
) -> Market:
    """Join what the studies say of a launch into the market that its plans meet.

    Parameters
    ----------
    path : MarginPath
        Price and costs of a unit by month, without price cuts: those belong to a plan.
    people : dict
        Draws of potential, p, q, initial_share and reneging_rate, from the demand study.
    supply_units : array (draws, weeks)
        Phones that can be made in each week.
    seed : int
        Seed of what economics.csv assumes.

    Returns
    -------
    Market
        Each draw joins the same draw of every study.
    """
    months = np.arange(supply_units.shape[1]) * DAYS_A_WEEK / DAYS_A_MONTH
    month_of_week = np.abs(path.months - months[:, None]).argmin(axis=1)
    net_usd = path.net_usd - path.items["royalty"] - path.items["channel"]
    cost_usd = net_usd - path.margin_usd
    assumed = dict(zip(ASSUMED, draw_items([*ASSUMED.values()], len(net_usd), seed), strict=True))
    assumed["elasticity"] = draw_elasticity(len(net_usd), seed)
    assumed["s_reset"] = np.minimum(assumed["s_reset"], 1)
    return Market(
        **assumed,
        **people,
        supply_units=supply_units,
        net_usd=net_usd[:, month_of_week],
        cost_usd=cost_usd[:, month_of_week],
    ).with_weeks_together()
