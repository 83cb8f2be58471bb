"""What a sell-out reveals: the order rate of a round with its error, what the shop explains of it, and what no clock can tell."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats

from .arrival_events import fit_weibull_events
from .arrival_mix import fit_arrival_laws
from .arrivals import fit_arrival_counts, fit_arrivals
from .launches import Launch
from .wording import number, percent, span

__all__ = ["fit_arrival_counts", "fit_arrival_laws", "fit_arrivals", "fit_weibull_events"]

# Our assumption: the standard deviation, in logs, of a figure that a report gives in these words, beyond its rounding.
REPORTING_SD = {"exact": 0.0, "reported": 0.05, "approx": 0.15, "lower": 0.0, "upper": 0.0}


def rounding_sd(value: float) -> float:
    """Standard deviation, in logs, that rounding to the last non-zero digit leaves: digit / (sqrt(12) value).

    >>> round(rounding_sd(300_000), 3), round(rounding_sd(53), 4)
    (0.096, 0.0054)
    """
    digits = f"{value:.6g}"
    mantissa = f"{value:e}".split("e")[0].rstrip("0").rstrip(".")
    places = len(mantissa.split(".")[1]) if "." in mantissa else 0
    step = 10.0 ** (int(f"{float(digits):e}".split("e")[1]) - places)
    return step / (np.sqrt(12) * value)


def order_rates(rounds: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Orders per second of each round that sold out with units and seconds known, with an interval.

    The rate of a Poisson stream that is stopped by its Q-th order at T is Q/T with relative error 1/sqrt(Q)
    (Gamma law of T); rounding and the words of the report (`REPORTING_SD`, assumed) are added in logs.
    A time "within" so many seconds or "at least" so many units leaves the rate open at the top, the opposite at
    the bottom. Stock prepared but not known to be sold is left out.

    Parameters: `rounds` with columns units, sellout_s, sold_out and, where there are any, units_bound,
    seconds_bound, units_basis. Returns the rows used with rate_per_s, low, high added (orders per second).
    """
    told = rounds.reindex(columns=[*rounds.columns.union(["units_bound", "seconds_bound", "units_basis"])])
    used = told[(told["sold_out"] == "yes") & (told["units"] > 0) & (told["sellout_s"] > 0)]
    used = used[~used["units_basis"].isin(["prepared", "reserved"])].copy()
    words = used[["units_bound", "seconds_bound"]].astype(object).fillna("reported")
    sd = np.sqrt(
        1 / used["units"]
        + np.where(words["units_bound"] == "exact", 0, used["units"].map(rounding_sd) ** 2)
        + used["sellout_s"].map(rounding_sd) ** 2
        + words["units_bound"].map(REPORTING_SD) ** 2
        + words["seconds_bound"].map(REPORTING_SD) ** 2
    )
    reach = stats.norm.ppf((1 + level) / 2) * sd
    open_top = (words["units_bound"] == "lower") | (words["seconds_bound"] == "upper")
    open_bottom = (words["units_bound"] == "upper") | (words["seconds_bound"] == "lower")
    used["rate_per_s"] = used["units"] / used["sellout_s"]
    used["low"] = np.where(open_bottom, 0, used["rate_per_s"] * np.exp(-reach))
    used["high"] = np.where(open_top, np.inf, used["rate_per_s"] * np.exp(reach))
    return used


@dataclass(frozen=True)
class RateVariation:
    """How order rates differ between shops and within a shop (log scale), from a random intercept for each shop."""

    rounds: int
    shops: int
    shop_share: float  # share of the variance of log rate that lies between shops
    median_rate_per_s: float
    results: object

    def table(self) -> pd.DataFrame:
        """term, estimate, low, high, unit: the median rate with its interval, and the share that the shop explains."""
        low, high = np.exp(self.results.conf_int().loc["Intercept"])
        return pd.DataFrame(
            [
                ("median order rate of a shop", self.median_rate_per_s, low, high, "orders per second"),
                ("variance of log rate between shops", self.shop_share, np.nan, np.nan, "share"),
            ],
            columns=["term", "estimate", "low", "high", "unit"],
        )


def name_shops(rounds: pd.DataFrame) -> pd.Series:
    """Name the shop of each round: its channel, market and year, such as "flipkart IN 2014"."""
    return (
        rounds["channel"].str.replace("_com", ".com").str.replace("_", " ")
        + " "
        + rounds["market"]
        + " "
        + rounds["date"].dt.year.astype(str)
    )


def compare_shop_shares(rates: pd.DataFrame) -> pd.DataFrame:
    """Share of the variance of log order rates between groups, for several definitions of a group and choices of rounds."""
    channel = rates["channel"] + " " + rates["market"]
    quick = rates["sellout_s"] < 600
    choices = {
        "channel in a market in one year": rates,
        "the same, rounds gone within ten minutes": rates[quick],
        "channel in a market, all years": rates.assign(shop=channel),
        "the phone instead of the shop": rates.assign(shop=rates["device"] + " " + rates["market"]),
    }
    fits = {label: fit_shop_rates(chosen) for label, chosen in choices.items()}
    rows = [(label, fit.rounds, fit.shops, fit.shop_share) for label, fit in fits.items()]
    return pd.DataFrame(rows, columns=["grouped_by", "rounds", "groups", "share_between_groups"])


def fit_shop_rates(rates: pd.DataFrame) -> RateVariation:
    """Split the variation of log order rates into between shops and within one.

    A shop is a channel in a market in one year (`name_shops`): servers, queues and payment rules changed from year to
    year. `rates` is what `order_rates` returns, with columns channel, market and date, or a column shop of its own.
    Assumes rounds independent given the shop; shop and phone are confounded where a shop sold one phone.
    Raises ValueError with fewer than three shops or ten rounds.
    """
    data = rates.assign(log_rate=np.log(rates["rate_per_s"]), shop=rates["shop"] if "shop" in rates else name_shops(rates))
    if len(data) < 10 or data["shop"].nunique() < 3:
        raise ValueError(f"{len(data)} rounds in {data['shop'].nunique()} shops; expected at least 10 rounds in 3 shops")
    fit = smf.mixedlm("log_rate ~ 1", data, groups=data["shop"]).fit()
    between, within = float(fit.cov_re.iloc[0, 0]), float(fit.scale)
    median = float(np.exp(fit.params["Intercept"]))
    return RateVariation(len(data), data["shop"].nunique(), between / (between + within), median, fit)


@dataclass(frozen=True)
class LotDependence:
    """Regression of log seconds to sell out on log lot: a slope near one would mean that buyers come at one rate."""

    slope: float
    low: float
    high: float
    correlation: float
    rounds: int
    results: object


def fit_lot_dependence(rates: pd.DataFrame, level: float = 0.95) -> LotDependence:
    """How many percent longer a one percent larger lot lasts, across rounds; robust (HC3) interval.

    At one common order rate the slope would be one. Assumes independent rounds.
    """
    data = pd.DataFrame({"seconds": np.log(rates["sellout_s"]), "lot": np.log(rates["units"])})
    fit = smf.ols("seconds ~ lot", data).fit(cov_type="HC3")
    low, high = fit.conf_int(1 - level).loc["lot"]
    return LotDependence(float(fit.params["lot"]), low, high, float(data.corr().iloc[0, 1]), len(data), fit)


@dataclass(frozen=True)
class LotRange:
    """The lots that past rounds of a market which sold out in about the same time had: a prediction, not a measurement."""

    low_units: float
    median_units: float
    high_units: float
    level: float
    rounds: int
    market: str
    sellout_s: float
    r_squared: float  # what the clock explains of the lots


def lot_range(rates: pd.DataFrame, sellout_s: float, market: str, level: float = 0.8) -> LotRange:
    """Range of a lot whose size was never published, from the rounds of the same market and its seconds to sell out.

    Prediction interval (Student t) of log units on log seconds by least squares. It says what lots such rounds had,
    nothing of how many people wanted one. Raises ValueError with fewer than five rounds in the market.
    """
    near = rates[rates["market"] == market]
    if len(near) < 5:
        raise ValueError(f"{len(near)} rounds with units and seconds in market {market}; expected at least 5")
    data = pd.DataFrame({"seconds": np.log(near["sellout_s"]), "lot": np.log(near["units"])})
    fit = smf.ols("lot ~ seconds", data).fit()
    at = fit.get_prediction(pd.DataFrame({"seconds": [np.log(sellout_s)]}))
    low, mid, high = np.exp(at.summary_frame(alpha=1 - level)).iloc[0][["obs_ci_lower", "mean", "obs_ci_upper"]]
    return LotRange(low, mid, high, level, len(near), market, sellout_s, float(fit.rsquared))


@dataclass(frozen=True)
class Standing:
    """Where a launch's rounds stand among all rounds, in numbers and in the sentences that say them."""

    headline: str
    label: str
    sentences: tuple[str, ...]
    rates: pd.DataFrame  # rounds of this launch whose order rate is known
    lot: LotRange | None  # for its fastest round of unknown size
    fastest_s: float


def judge_launch(launch: Launch, rates: pd.DataFrame, rounds: pd.DataFrame) -> Standing:
    """Say what the clock of a launch's rounds tells: an order rate where units are known, a range of lots where not.

    Only drops of the launch's own device count, and no reservations. `rates` from `order_rates` over all rounds;
    `rounds` all sale rounds. Raises ValueError if no round of the device has a time.
    """
    drops = launch.drops[(launch.drops["device"] == launch.device) & ~launch.drops["units_basis"].isin(["prepared", "reserved"])]
    timed = drops[drops["sellout_s"] > 0]
    if timed.empty:
        raise ValueError("no round of this launch has seconds to sell out; expected at least one")
    fastest = timed.loc[timed["sellout_s"].idxmin()]
    others = rounds.loc[(rounds["sold_out"] == "yes") & (rounds["sellout_s"] > 0), "sellout_s"]
    faster = int((others < fastest["sellout_s"]).sum())
    rank = (
        f"Its fastest sell-out took **{number(fastest['sellout_s'])} s**; {faster or 'none'} of the {len(others)} timed sell-outs "
        "on file took less."
    )
    mine = order_rates(drops)
    lot = lot_range(rates, fastest["sellout_s"], launch.market) if pd.isna(fastest["units"]) else None
    headline, label, rate = _rate_sentence(mine) if len(mine) else _lot_sentence(lot, launch)
    bound = drops.loc[drops["sold_out"] == "yes", "units"].max()
    least = (
        f"at least {number(bound)} orders were placed, by people, bots or resellers"
        if bound > 0
        else "orders came for the whole lot"
    )
    limit = f"Demand has **no upper limit** from this: a sold-out round says that {least}, and nothing of how many more would have been."
    return Standing(headline, label, (rank, rate, limit), mine, lot, float(fastest["sellout_s"]))


def _rate_sentence(mine: pd.DataFrame) -> tuple[str, str, str]:
    """Headline, its label and a sentence on the order rates of a launch's rounds with known lots."""
    top, least = mine.loc[mine["rate_per_s"].idxmax()], mine.loc[mine["rate_per_s"].idxmin()]
    said = (
        f"**{number(top['rate_per_s'])} orders a second** (95 % interval {span(top['low'], top['high'])}) on {top['date'].date()}"
    )
    if len(mine) > 1:
        said += f" and {number(least['rate_per_s'])} ({span(least['low'], least['high'])}) on {least['date'].date()}"
        said = f"Over {len(mine)} rounds with known lots the shop took between {said}; the notes below say where a site failed or a rule changed."
    else:
        said = f"In its one round with a known lot the shop took {said}."
    return f"{span(top['low'], top['high'])} orders/s", "in the fastest round with a known lot (95 % interval)", said


def _lot_sentence(lot: LotRange, launch: Launch) -> tuple[str, str, str]:
    """Headline, its label and a sentence on the lots that fit a sell-out whose lot was never published."""
    fits = span(lot.low_units, lot.high_units, 2)
    rate = span(lot.low_units / lot.sellout_s, lot.high_units / lot.sellout_s, 2)
    said = (
        f"The lot was never published. From {lot.rounds} rounds of any phone in {lot.market} one would expect **{fits} phones** "
        f"({percent(lot.level)} prediction interval), hence {rate} orders a second; the clock adds almost nothing (R² {lot.r_squared:.2f})."
    )
    monthly = launch.supply_reports[(launch.supply_reports["per"] == "month") & (launch.supply_reports["kind"] == "capacity")]
    if len(monthly) and monthly["units"].min() < lot.high_units:
        least = number(monthly["units"].min())
        said += f" A reported capacity of {least} a month speaks against the upper part, unless stock had been built up."
    return f"{fits} phones", f"expected in such a lot ({percent(lot.level)} prediction interval)", said
