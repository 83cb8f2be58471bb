"""Unit margin over the life of a launch: net price less BOM, assembly, royalty, channel, freight and warranty, by draws."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .bom import DeclineRate
from .launches import Figure, Launch
from .wording import number, percent

DAYS_A_MONTH = 30.44
TENTH = 1.2815515655446004  # the 90 % point of the standard normal
QUANTILES = {"q10": 0.1, "q25": 0.25, "median": 0.5, "q75": 0.75, "q90": 0.9}


def draw_figure(figure: Figure, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Draws of one figure: two half normals that meet at its value, low and high being the 10 and 90 % points.

    A figure without a range is its value in every draw. Draws are kept between a tenth and ten times the value.
    Raises ValueError for a figure that is unknown.
    """
    if not figure.known:
        raise ValueError(f"the figure is unknown ({figure.said}); expected a value or an assumption")
    if figure.low is None or figure.high is None or figure.low == figure.high:
        return np.full(draws, figure.number)
    z = rng.standard_normal(draws) / TENTH
    drawn = figure.number + np.where(z < 0, (figure.number - figure.low) * z, (figure.high - figure.number) * z)
    return np.clip(drawn, 0.1 * figure.number, 10 * figure.number)


@dataclass(frozen=True)
class MarginPath:
    """Unit margin as a share of the net price by month since first sale, one row a draw, and what was drawn."""

    months: np.ndarray
    margin_share: np.ndarray  # draws x months
    net_price_usd: np.ndarray  # by draw, at launch
    bom_at_launch_usd: np.ndarray  # by draw
    rate_per_year: np.ndarray  # by draw, log
    bom_is_known: bool

    def band(self) -> pd.DataFrame:
        """Quantiles of the margin share by month: q10, q25, median, q75, q90."""
        return pd.DataFrame({name: np.quantile(self.margin_share, q, axis=0) for name, q in QUANTILES.items()}, index=self.months)

    def probability_above(self, share: float) -> pd.Series:
        """Probability by month that the unit margin exceeds this share of the net price."""
        return pd.Series((self.margin_share > share).mean(axis=0), index=self.months)

    def crossing(self, share: float = 0.0) -> dict[str, float]:
        """Shares of the draws whose margin is above `share` already at launch, first later in life, or never."""
        above = self.margin_share > share
        at_launch, ever = above[:, 0], above.any(axis=1)
        return {"at launch": at_launch.mean(), "later": (ever & ~at_launch).mean(), "never": (~ever).mean()}


def margin_path(launch: Launch, decline: DeclineRate, draws: int, seed: int) -> MarginPath:
    """Simulate the unit margin of a phone made and sold in each month of its assumed life.

    Net price: list price of the month (cuts applied) less tax, at the launch year's exchange rate. BOM: known, or a
    share of the net price at launch, changing at a constant yearly rate drawn for one more phone; the clock of a known
    BOM starts at its date, of a share at first sale. Other costs stay as at launch. All margins are of list-price sales.
    Raises ValueError if price, tax, exchange rate, first sale or a cost the margin needs is unknown.
    """
    rng = np.random.default_rng(seed)

    def draw(path):
        try:
            return draw_figure(launch.figure(path), rng, draws)
        except ValueError as err:
            raise ValueError(f"data/launches/{launch.launch}.yaml: {path}: {err}") from None

    first = launch.figure("first_sale").value
    if first is None:
        raise ValueError(f"data/launches/{launch.launch}.yaml: first_sale: expected a date, found unknown")
    months = np.arange(0, round(launch.figure("life_months").number) + 0.25, 0.25)
    to_usd = 1 / (1 + draw("price.list_tax_share")) / draw("price.local_per_usd")
    net = to_usd[:, None] * _list_prices(launch, first, months)
    known = launch.figure("costs.bom_usd").known
    dated = launch.figure("costs.bom_date").value if known else None
    start = 0.0 if dated is None else (dated - first).days / DAYS_A_MONTH
    level = draw("costs.bom_usd") if known else draw("costs.bom_share_of_net_price") * net[:, 0]
    rate = decline.draw(rng, draws)
    bom = level[:, None] * np.exp(np.clip(rate[:, None] * (months - start) / 12, -2, 2))
    shares = draw("costs.royalty_share") + draw("costs.channel_share")
    per_phone = draw("costs.assembly_usd") + draw("costs.freight_warranty_usd")
    margin = 1 - shares[:, None] - (bom + per_phone[:, None]) / net
    return MarginPath(months, margin, net[:, 0], bom[:, 0], rate, known)


def _list_prices(launch: Launch, first: pd.Timestamp, months: np.ndarray) -> np.ndarray:
    """List price, local currency, in force at the start of each month since first sale."""
    price = np.full(len(months), launch.figure("price.list_local").number)
    for cut in launch.price_cuts.itertuples():
        price[months >= (cut.date - first).days / DAYS_A_MONTH] = cut.list_local
    return price


@dataclass(frozen=True)
class MarginAnswer:
    """What the unit margin does over the life, in numbers and in the sentences that say them."""

    headline: str
    label: str
    sentences: tuple[str, ...]


def judge_margin(launch: Launch, path: MarginPath, decline: DeclineRate) -> MarginAnswer:
    """Say what the unit margin is at launch, what the falling BOM adds by the end of life, and how sure that is."""
    start, end = path.band().iloc[0], path.band().iloc[-1]
    chance, months = path.probability_above(0), round(path.months[-1])
    lost = ((path.margin_share[:, 0] > 0) & (path.margin_share[:, -1] <= 0)).mean()
    basis = "a published BOM" if path.bom_is_known else "a BOM share assumed from four costed phones of the brand, not measured"
    mean, low, high, one_low, one_high = (
        percent(np.expm1(rate))
        for rate in (decline.rate, decline.low, decline.high, decline.predicted_low, decline.predicted_high)
    )
    sentences = [
        f"At first sale a unit earned **{percent(start['median'])} of the net price** (80 % interval {percent(start['q10'])} to "
        f"{percent(start['q90'])}), on {basis}; the chance that it covered its cost is {percent(chance.iloc[0])}.",
        f"The cost of the same phone changes by **{mean} a year** on average (95 % {low} to {high}, {decline.pairs} pairs); of one more "
        f"phone the data say only {one_low} to {one_high}.",
        f"After {months} months the margin is {percent(end['median'])} (80 % interval {percent(end['q10'])} to {percent(end['q90'])}) and the "
        f"chance {percent(chance.iloc[-1])}; in {percent(lost)} of the draws a gain at first had turned into a loss.",
    ]
    stated = launch.figure("costs.stated_cost_local")
    if stated.known:
        net = launch.figure("price.list_local").number / (1 + launch.figure("price.list_tax_share").number)
        sentences.insert(1, f"The company stated a cost of {number(stated.number)} {launch.currency}, **{percent(stated.number / net)} of the "
                            "net price**; that planning figure holds overhead spread over expected volume and is not a BOM.")  # fmt: skip
    label = "unit margin at first sale, share of the net price (80 % interval)"
    return MarginAnswer(
        f"{percent(start['median'])} ({percent(start['q10'])} to {percent(start['q90'])})", label, tuple(sentences)
    )
