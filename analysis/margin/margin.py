"""Unit and lifetime margin of a launch by draws, its cash, and what an early signal is worth to the one who orders."""

from collections import namedtuple
from functools import partial

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from ..bom.decline import DeclineRate, by_date, forecast_bom
from ..data.launches import Figure, Launch
from ..data.tables import load_table
from ..demand.diffusion import ends
from ..supply.capacity import TENTH

DAYS_A_MONTH = 30.44
QUANTILES = {
    "q025": 0.025,
    "q10": 0.1,
    "q25": 0.25,
    "median": 0.5,
    "q75": 0.75,
    "q90": 0.9,
    "q975": 0.975,
}
REPORTED = "company == 'xiaomi' and metric == 'gross_margin' and scope == 'smartphones' and period < '2021'"
NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)
Order = namedtuple("Order", "order_units expected_cost")
TwoOrders = namedtuple(
    "TwoOrders", "first_units expected_cost value"
)  # value of the signal: against none, same second order


def draw_figure(figure: Figure, z: np.ndarray, name: str = "the figure") -> np.ndarray:
    """Draws from standard normals z: half normals met at the value, low and high 10 and 90 % points; ValueError if unknown."""
    if not figure.known:
        raise ValueError(f"{name} is unknown ({figure.said}); expected a value or an assumption")
    low, high = (figure.number if end is None else end for end in (figure.low, figure.high))
    drawn = figure.number + np.where(z < 0, figure.number - low, high - figure.number) * z / TENTH
    return np.clip(drawn, max(0, min(0.1 * figure.number, low)), max(10 * figure.number, high))


class MarginPath(
    namedtuple(
        "MarginPath", "months net_usd items rate_per_year bom_is_known price_cuts", defaults=(0,)
    )
):
    """A unit by month since first sale, arrays draws x months in dollars: net price and cost items, "bom" among them; the BOM's rate
    by draw (logs), and how many price cuts there are."""

    margin_usd = property(lambda self: self.net_usd - sum(self.items.values()))
    margin_share = property(lambda self: self.margin_usd / self.net_usd)
    _by_month = property(lambda self: pd.Index(self.months, name="month"))

    def band(self, of: str | None = None) -> pd.DataFrame:
        """Quantiles by month of the margin share, or of a cost item in dollars: q025, q10, q25, median, q75, q90, q975."""
        values = self.items.get(of, self.margin_share)
        return pd.DataFrame(
            {name: np.quantile(values, q, axis=0) for name, q in QUANTILES.items()}, self._by_month
        )

    def probability_above(self, share: float) -> pd.Series:
        """Probability by month that the unit margin exceeds this share of the net price."""
        return pd.Series((self.margin_share > share).mean(axis=0), self._by_month)

    def by_month(self) -> pd.DataFrame:
        """One row a month: BOM in dollars (80 % interval and mean) and the chances of a unit margin above 0 and above 10 %."""
        told = self.band("bom")[["q10", "median", "q90"]].set_axis(
            ["bom_low_usd", "bom_usd", "bom_high_usd"], axis=1
        )
        told = told.assign(bom_mean_usd=self.items["bom"].mean(axis=0)).round(1)
        chances = {
            f"chance_above_{name}": self.probability_above(x).round(3)
            for name, x in {"0": 0, "10_percent": 0.1}.items()
        }
        return told.assign(**chances).iloc[::4].reset_index()

    def crossings(self, share: float) -> pd.Series:
        """Shares of lives whose unit margin exceeds `share`: already at first sale, only later, never; and, of all, lost again by the end."""
        above = self.margin_share > share
        first, ever, last = above[:, 0], above.any(axis=1), above[:, -1]
        lives = np.array([first, ever & ~first, ~ever, ever & ~last]).mean(axis=1)
        return pd.Series(lives, ["at first sale", "later", "never", "lost again"])

    def bom_that_leaves(self, share: float) -> np.ndarray:
        """BOM in dollars at first sale that would leave this share of the net price, one a draw."""
        return (
            (1 - share) * self.net_usd
            - sum(usd for item, usd in self.items.items() if item != "bom")
        )[:, 0]


def margin_path(
    launch: Launch, decline: DeclineRate, draws: int, seed: int, parts: pd.DataFrame | None = None
) -> MarginPath:
    """The unit margin of a phone by month of its assumed life. Net price: list less tax at the exchange rate, by date. BOM: known, or a
    share of the net price at first sale, then `forecast_bom`; other costs stay. ValueError for an unknown figure."""
    rng, first, file = (
        np.random.default_rng(seed),
        launch.figure("first_sale").value,
        f"data/launches/{launch.launch}.yaml",
    )
    if first is None:
        raise ValueError(f"{file}: first_sale: expected a date, found unknown")

    def draw(path):
        return draw_figure(launch.figure(path), rng.standard_normal(draws), f"{file}: {path}")[
            :, None
        ]

    months = np.arange(0, round(launch.figure("life_months").number) + 0.25, 0.25)
    prices, tax, rate = _by_month(launch, first + pd.to_timedelta(months * DAYS_A_MONTH, "D"))
    net = prices / (1 + draw("price.list_tax_share") + tax) / (draw("price.local_per_usd") * rate)
    known, dated, start = (
        launch.figure("costs.bom_usd").known,
        launch.figure("costs.bom_date"),
        np.zeros(draws),
    )
    if known and dated.known:  # the month of which the BOM is told
        early, late = (
            (day - first).days / DAYS_A_MONTH
            for day in (dated.low or dated.value, dated.high or dated.value)
        )
        start = (early + late) / 2 + (late - early) / 2 / TENTH * rng.standard_normal(draws)
    level = draw("costs.bom_usd") if known else draw("costs.bom_share_of_net_price") * net[:, :1]
    yearly = decline.draw(rng, draws)
    told = launch.costings
    known = ((told["date"] - first).dt.days / DAYS_A_MONTH, told["bom_usd"]) if len(told) else None
    items = {
        "bom": forecast_bom(
            months, level[:, 0], yearly, rng, parts=parts, cost_month=start, known=known
        )
    }
    items |= {item: draw(f"costs.{item}_share") * net for item in ("royalty", "channel")}
    items |= {
        item: np.broadcast_to(draw(f"costs.{item}_usd"), net.shape)
        for item in ("assembly", "freight_warranty")
    }
    return MarginPath(months, net, items, yearly, known, len(launch.price_cuts))


def _by_month(launch: Launch, days: pd.DatetimeIndex) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List price; change of its tax and ratio of the exchange rate since the first day, which stay where the tables end."""
    prices, economics = (
        np.full(len(days), launch.figure("price.list_local").number),
        load_table("economics"),
    )
    for cut in launch.price_cuts.itertuples():
        prices[days >= cut.date] = cut.list_local
    items = ("vat_rate", f"{launch.currency.lower()}_per_usd")
    tax, rate = (
        pd.Series(by_date(economics, item, launch.market, days)).ffill().to_numpy()
        for item in items
    )
    return prices, np.nan_to_num(tax - tax[0]), np.nan_to_num(rate / rate[0], nan=1.0)


def bridge_margin(path: MarginPath, reported: pd.DataFrame) -> pd.DataFrame:
    """From the net price to reported margins (`value`): means over an even life add up, 80 % (any period; reported: extremes)."""
    steps = {
        item.replace("_", " and "): -usd.sum(1) / path.net_usd.sum(1)
        for item, usd in path.items.items()
    }
    channel, value = steps.pop("channel"), reported["value"].to_numpy()
    steps["gross margin, before channel cost"] = own = 1 + sum(steps.values())
    steps |= {
        "channel": channel,
        "unit margin": own + channel,
        "gross: left to explain": np.subtract.outer(value, own).ravel(),
    }
    told = [(label, share.mean(), *ends(share)[::2]) for label, share in steps.items()]
    told.append(("reported, all smartphones", value.mean(), value.min(), value.max()))
    return pd.DataFrame(told, columns=["label", "estimate", "low", "high"])


def locate_points(launch: Launch, path: MarginPath, enough: float) -> pd.DataFrame:
    """The falling-BOM model's four points on the launch's own curve: month (low, median, high), never (share; infinite there)."""
    above, s_price = path.margin_share >= enough, launch.figure("s_version.list_local").number
    out = launch.drops.query("sold_out == 'yes' and device == @launch.device")["date"].tail(1)
    lower = (
        [launch.figure("s_version.first_sale").value]
        if s_price < launch.figure("price.list_local").number
        else []
    )
    month = lambda day: (day - launch.figure("first_sale").value).days / DAYS_A_MONTH  # noqa: E731
    points = {
        "1 sold near its BOM": np.where(path.margin_share[:, 0] <= 0.05, 0.0, np.inf),
        "2 supply still short": [min(map(month, out), default=np.inf)],
        "3 margin high enough": np.where(above.any(1), path.months[above.argmax(1)], np.inf),
        "4 S version or cut at a lower price": [
            min(map(month, [*lower, *launch.price_cuts["date"]]), default=np.inf)
        ],
    }
    rows = [(point, *ends(months), np.isinf(months).mean()) for point, months in points.items()]
    return pd.DataFrame(rows, columns=["point", "low", "median", "high", "never"])


def cash_by_week(
    revenue_usd, cost_usd, *, prepaid_days, inventory_days, payable_days, rate_per_year
) -> tuple:
    """Table week, received, paid for sales and costs (weeks,); the float's present value beyond paying all at the sale."""
    received, paid = -prepaid_days / 7, (payable_days - inventory_days) / 7
    edges = np.arange(
        np.floor(min(0, received, paid)), len(revenue_usd) + np.ceil(max(0, received, paid)) + 1
    )

    def by_week(usd, late):
        return np.diff(np.interp(edges - late, np.arange(len(usd) + 1), np.r_[0, np.cumsum(usd)]))

    table = pd.DataFrame(
        {
            "week": edges[:-1],
            "received": by_week(revenue_usd, received),
            "paid": by_week(cost_usd, paid),
        }
    )
    gain = table["received"] - table["paid"] - by_week(revenue_usd, 0) + by_week(cost_usd, 0)
    return table, float(gain @ (1 + rate_per_year) ** (-table["week"] * 7 / 365))


def newsvendor(
    *, overage: float, underage: float, law: str, mean: float, sd: float | None = None
) -> Order:
    """Order with the least expected cost, and that cost (Arrow, Harris & Marschak 1951); ValueError for costs or sd not above 0."""
    laws = {
        "normal": stats.norm,
        "poisson": stats.poisson,
        "lognormal": lambda mean, sd: stats.lognorm(sd, scale=np.exp(mean)),
    }
    if law not in laws or not min(overage, underage, mean if law == "poisson" else sd or 0) > 0:
        expected = f"costs above 0, a law of {', '.join(laws)}, its sd (poisson: its mean) above 0"
        raise ValueError(
            f"overage {overage}, underage {underage}, law {law!r}, mean {mean}, sd {sd}; expected {expected}"
        )
    demand = laws[law](*((mean,) if law == "poisson" else (mean, sd)))
    order = float(demand.ppf(underage / (overage + underage)))
    if law == "poisson":  # in closed form, as scipy sums a thousand terms at most
        short = mean * demand.sf(order - 1) - order * demand.sf(order)
    else:
        short = demand.expect(lambda units: units - order, lb=order, ub=demand.isf(1e-15))
    return Order(order, float(overage * (order - demand.mean() + short) + underage * short))


def two_order_cost(
    units, accuracy, overage, underage, mean, sd, premium=0.0, second=(0.0, np.inf)
) -> float:
    """Expected cost if a second order follows a signal (Fisher & Raman 1996); normal, integrated between kinks of its bounds."""
    rest, pull = sd * np.sqrt(max(1 - accuracy**2, 1e-18)), accuracy * sd
    aim = mean - units + rest * special.ndtri((underage - premium) / (overage + underage))
    kinks = (np.array(second)[np.isfinite(second)] - aim) / max(pull, 1e-9 * sd)
    near = kinks[:, None] + np.array([0, -1, 1, -3, 3, -9, 9]) * rest / max(pull, 1e-9 * sd)
    cuts = np.unique(np.clip(np.r_[np.linspace(-9, 9, 19), near.ravel()], -9, 9))
    z = ((cuts[1:] + cuts[:-1])[:, None] + np.diff(cuts)[:, None] * NODES) / 2
    more, centre = np.clip(aim + pull * z, *second), mean + pull * z
    over = (units + more - centre) / rest
    short = rest * (np.exp(-(over**2) / 2) / np.sqrt(2 * np.pi) - over * special.ndtr(-over))
    cost = premium * more + overage * (units + more - centre + short) + underage * short
    return float(
        (np.diff(cuts)[:, None] / 2 * WEIGHTS * cost * np.exp(-(z**2) / 2)).sum()
        / np.sqrt(2 * np.pi)
    )


def two_orders(
    *, overage, underage, mean, sd, accuracy, premium=0.0, first=(0.0, np.inf), second=(0.0, np.inf)
) -> TwoOrders:
    """Best first order, its cost, value of a signal of correlation `accuracy`; ValueError unless 0 <= premium < underage."""
    if not (0 <= premium < underage and 0 <= accuracy <= 1):
        raise ValueError(
            f"premium {premium}, underage {underage}, accuracy {accuracy}; expected 0 to underage, 0 to 1"
        )
    bounds, least = np.clip((mean - 9 * sd, mean + 9 * sd), *first), []
    given = {
        "overage": overage,
        "underage": underage,
        "mean": mean,
        "sd": sd,
        "premium": premium,
        "second": second,
    }
    for rho in (accuracy, 0.0):
        cost = partial(two_order_cost, accuracy=rho, **given)
        found = optimize.minimize_scalar(
            cost, bounds=bounds, method="bounded", options={"xatol": 1e-9 * sd}
        ).x
        tried = [Order(float(units), cost(units)) for units in (bounds[0], found, bounds[1])]
        least.append(
            min(tried, key=lambda order: order.expected_cost + 1e-12 * underage * order.order_units)
        )
    return TwoOrders(*least[0], least[1].expected_cost - least[0].expected_cost)


def first_orders(mean, sd, total: float, low=0.0, high=np.inf) -> tuple[float, np.ndarray]:
    """Common k and orders mean - k sd of many styles, each within its bounds, that come to `total` (Fisher & Raman 1996)."""
    reach = (np.abs(mean).max() + total + 1) / np.min(sd)
    k = optimize.brentq(
        lambda k: np.clip(mean - k * sd, low, high).sum() - total, -reach, reach, xtol=1e-13
    )
    return k, np.clip(mean - k * sd, low, high)
