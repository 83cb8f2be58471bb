"""Press lines: the order rate of a round with its error, the lots that fit a time, and what a launch's clock tells."""

from decimal import Decimal

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats

from ..data.launches import Launch
from ..look.wording import Answer, tell

# Our assumption: the standard deviation, in logs, of a figure that a report gives in these words, beyond its rounding.
REPORTING_SD = {"exact": 0.0, "reported": 0.05, "approx": 0.15, "lower": 0.0, "upper": 0.0}


def rounding_sd(value: float) -> float:
    """Standard deviation, in logs, that rounding to the last non-zero digit leaves: digit / (sqrt(12) value)."""
    return float(
        10.0 ** Decimal(f"{value:.6e}").normalize().as_tuple().exponent / (np.sqrt(12) * value)
    )


def told_rates(
    units: pd.Series, seconds: pd.Series, unit_words: pd.Series, second_words: pd.Series
) -> pd.DataFrame:
    """Log of units / seconds, its sd (Poisson count, rounding but of exact units, the report's words), and which side is open:
    the rate is `least` that (units from below, or seconds from above), or at `most`."""
    rounded = [figure.map(rounding_sd, na_action="ignore") ** 2 for figure in (units, seconds)]
    words = unit_words.map(REPORTING_SD) ** 2 + second_words.map(REPORTING_SD) ** 2
    sd = np.sqrt(1 / units + rounded[0].where(unit_words != "exact", 0) + rounded[1] + words)
    least, most = (
        (unit_words == "lower") | (second_words == "upper"),
        (unit_words == "upper") | (second_words == "lower"),
    )
    return pd.DataFrame(
        {"log_rate": np.log(units / seconds), "sd": sd, "least": least, "most": most}
    )


def with_words(rounds: pd.DataFrame) -> pd.DataFrame:
    """Rounds with every column the rates need; how firm units and seconds are is "reported" where it is not said."""
    wanted = [
        "units",
        "units_bound",
        "units_basis",
        "sellout_s",
        "seconds_bound",
        "sold_out",
        "units_sold",
        "window_s",
    ]
    told = rounds.reindex(columns=rounds.columns.union(wanted, sort=False))
    return told.assign(**told[["units_bound", "seconds_bound"]].astype(object).fillna("reported"))


def order_rates(rounds: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Rounds sold out with units (not prepared or reserved) and seconds known: rate_per_s, low, high. Q orders of a Poisson stream in T:
    Q/T with error 1/sqrt(Q); rounding and the report's words (`REPORTING_SD`, assumed) add in logs; a bound leaves its side open."""
    told = with_words(rounds)
    known = (told["sold_out"] == "yes") & (told["units"] > 0) & (told["sellout_s"] > 0)
    used = told[known & ~told["units_basis"].isin(["prepared", "reserved"])]
    rates = told_rates(used["units"], used["sellout_s"], used["units_bound"], used["seconds_bound"])
    rate, reach = (
        used["units"] / used["sellout_s"],
        np.exp(stats.norm.ppf((1 + level) / 2) * rates["sd"]),
    )
    low, high = (rate / reach).mask(rates["most"], 0), (rate * reach).mask(rates["least"], np.inf)
    return used.assign(rate_per_s=rate, low=low, high=high)


def fit_lot_dependence(rates: pd.DataFrame, level: float = 0.95) -> pd.Series:
    """Log seconds on log lot over rounds by least squares (HC3): slope, low, high, correlation, rounds, results."""
    logs = np.log(rates[["sellout_s", "units"]])
    fit = smf.ols("sellout_s ~ units", logs).fit(cov_type="HC3")
    told = [
        fit.params["units"],
        *fit.conf_int(1 - level).loc["units"],
        logs.corr().iloc[0, 1],
        len(logs),
        fit,
    ]
    return pd.Series(told, ["slope", "low", "high", "correlation", "rounds", "results"])


def lot_range(rates: pd.DataFrame, sellout_s: float, market: str, level: float = 0.8) -> pd.Series:
    """Range of a lot from its seconds to sell out and the rounds of its market (least squares in logs): low_units, median_units,
    high_units and what they rest on. The lots that such rounds had, not how many wanted one. ValueError under five rounds."""
    near = rates[rates["market"] == market]
    if len(near) < 5:
        raise ValueError(
            f"{len(near)} rounds with units and seconds in market {market}; expected at least 5"
        )
    fit = smf.ols("units ~ sellout_s", np.log(near[["sellout_s", "units"]])).fit()
    at = (
        fit.get_prediction(pd.DataFrame({"sellout_s": [np.log(sellout_s)]}))
        .summary_frame(alpha=1 - level)
        .iloc[0]
    )
    units = np.exp(at[["obs_ci_lower", "mean", "obs_ci_upper"]]).set_axis(
        ["low_units", "median_units", "high_units"]
    )
    told = {
        "level": level,
        "rounds": len(near),
        "market": market,
        "sellout_s": sellout_s,
        "r_squared": fit.rsquared,
    }
    return pd.Series(units.to_dict() | told)


def judge_launch(launch: Launch, rates: pd.DataFrame, placed: pd.DataFrame, orders=None) -> Answer:
    """Say what a launch's rounds of its own device tell (`rates` of `order_rates`, `placed` of `fit_rounds`, over all rounds): an order
    rate, a range of lots, or by an order log (`study_orders`) the people. ValueError without log or timed round."""
    drops = launch.drops[
        (launch.drops["device"] == launch.device)
        & ~launch.drops["units_basis"].isin(["prepared", "reserved"])
    ]
    mine, timed = order_rates(drops), drops[drops["sellout_s"] > 0]
    if timed.empty and orders is None:
        raise ValueError(
            "no round of this launch has seconds to sell out, nor has it an order log; expected one of them"
        )
    own = launch.drops.loc[launch.drops["device"] == launch.device, "round"].dropna()
    here = (
        placed[placed["round_id"].isin(own)].dropna(subset="percentile").sort_values("percentile")
    )
    tables = {
        "rates": mine,
        "placed": here,
        "fastest_s": orders.laws.closed_s if orders else timed["sellout_s"].min(),
    }
    reports, lot = launch.supply_reports, None
    if orders is None and mine.empty:
        lot = lot_range(rates, tables["fastest_s"], launch.market)
    monthly = reports[(reports["per"] == "month") & (reports["kind"] == "capacity")]
    others = placed.loc[(placed["sold_out"] == "yes") & (placed["sellout_s"] > 0), "sellout_s"]
    bound = drops.loc[drops["sold_out"] == "yes", "units"].max()
    given = {
        "mine": mine,
        "range": lot,
        "monthly": monthly,
        "seconds": tables["fastest_s"],
        "others": others,
    }
    headline, label, *said = tell("speed", study=orders, **given, here=here, bound=bound).split(
        " | "
    )
    return Answer(headline, label, tuple(said), tables)
