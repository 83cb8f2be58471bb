"""Unit margin over the life of a launch: net price less BOM, assembly, royalty, channel, freight and warranty, by draws."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .bom import DeclineRate, forecast_bom
from .launches import Figure, Launch
from .wording import Answer, tell

DAYS_A_MONTH = 30.44
TENTH = 1.2815515655446004  # the 90 % point of the standard normal
QUANTILES = {"q025": 0.025, "q10": 0.1, "q25": 0.25, "median": 0.5, "q75": 0.75, "q90": 0.9, "q975": 0.975}


def draw_figure(figure: Figure, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Draws of a figure: two half normals met at its value, low and high their 10 and 90 % points; ValueError if unknown."""
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
    bom_usd: np.ndarray  # draws x months
    bom_is_known: bool

    def band(self, values: np.ndarray | None = None) -> pd.DataFrame:
        """Quantiles by month of the margin share, or of such values (draws x months): q025, q10, q25, median, q75, q90, q975."""
        values = self.margin_share if values is None else values
        return pd.DataFrame({name: np.quantile(values, q, axis=0) for name, q in QUANTILES.items()}, index=self.months)

    def probability_above(self, share: float) -> pd.Series:
        """Probability by month that the unit margin exceeds this share of the net price."""
        return pd.Series((self.margin_share > share).mean(axis=0), index=self.months)

    def by_month(self) -> pd.DataFrame:
        """One row a month: BOM in dollars (80 % interval) and the chances of a unit margin above 0 and above 10 %."""
        bom = (
            self.band(self.bom_usd)[["q10", "median", "q90"]]
            .set_axis(["bom_low_usd", "bom_usd", "bom_high_usd"], axis=1)
            .round(1)
        )
        chances = {f"chance_above_{name}": self.probability_above(x).round(3) for name, x in {"0": 0, "10_percent": 0.1}.items()}
        return bom.assign(**chances).iloc[::4].rename_axis("month").reset_index()

    def crossings(self, share: float) -> pd.Series:
        """Shares of lives whose unit margin exceeds `share`: already at first sale, only later, never; and, of all, lost again by the end."""
        above = self.margin_share > share
        first, ever, last = above[:, 0], above.any(axis=1), above[:, -1]
        told = {"at first sale": first, "later": ever & ~first, "never": ~ever, "lost again": ever & ~last}
        return pd.Series({name: lives.mean() for name, lives in told.items()})


def margin_path(launch: Launch, decline: DeclineRate, draws: int, seed: int, parts: pd.DataFrame | None = None) -> MarginPath:
    """Simulate the unit margin of a phone made and sold in each month of its assumed life.

    Net price: list price of the month less tax, at the launch year's exchange rate. BOM: known (from its date), or a share of
    the net price at first sale, on the path of `forecast_bom` with its `parts`. Other costs stay as at launch.
    Raises ValueError if a figure that the margin needs is unknown.
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
    prices = np.full(len(months), launch.figure("price.list_local").number)
    for cut in launch.price_cuts.itertuples():
        prices[months >= (cut.date - first).days / DAYS_A_MONTH] = cut.list_local
    net = (1 / (1 + draw("price.list_tax_share")) / draw("price.local_per_usd"))[:, None] * prices
    known = launch.figure("costs.bom_usd").known
    dated = launch.figure("costs.bom_date").value if known else None
    start = 0.0 if dated is None else (dated - first).days / DAYS_A_MONTH
    level = draw("costs.bom_usd") if known else draw("costs.bom_share_of_net_price") * net[:, 0]
    bom = forecast_bom(months, level, decline, rng, parts=parts, cost_month=start)
    shares = draw("costs.royalty_share") + draw("costs.channel_share")
    per_phone = draw("costs.assembly_usd") + draw("costs.freight_warranty_usd")
    return MarginPath(months, 1 - shares[:, None] - (bom + per_phone[:, None]) / net, bom, known)


def judge_margin(launch: Launch, path: MarginPath, decline: DeclineRate) -> Answer:
    """Say what the unit margin is at launch, what the falling BOM adds by the end of life, and how sure that is."""
    sentences = [tell("margin_at_launch", path=path)]
    sentences += [tell("stated_cost", launch=launch)] if launch.figure("costs.stated_cost_local").known else []
    sentences += [tell("cost_decline", decline=decline), tell("margin_at_the_end", path=path, crossings=path.crossings(0))]
    headline = tell("margin_with_range", share=path.band().iloc[0])
    return Answer(headline, "unit margin at first sale, share of the net price (80 % interval)", tuple(sentences), {"path": path})
