"""What the parts of a phone allow: output, yields that grow, and makers that join later.

A phone needs one of each component. Makers of a component add up; components do not: output is the
least of them. Ranges come from a launch's `supply_sources`. Which of them to believe is `beliefs`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from ..data import Z_90, draw_log_normal_between, interval
from .reports import DAYS_PER

if TYPE_CHECKING:
    from statsmodels.regression.linear_model import RegressionResultsWrapper

# Weeks before first sale whose output makes its stock (assumed).
WEEKS_OF_STOCK = 9

# Share of its full rate that a new line starts at (Mi 1: 1,000 of 26,500 a day).
STARTING_SHARE = 0.04

# Most doublings that a ramp is followed: 2^5 times the starting share is above the full rate.
MOST_DOUBLINGS = 5

# Share of the variance of full rates, in logs, that all makers of a phone have in common: parts
# are ordered for one plan, of which nobody outside knows whether it is large (assumed).
SHARE_OF_PLAN = 0.5


@dataclass(frozen=True)
class YieldLaw:
    """A scale on which a yield grows along a straight line."""

    height: Callable[[np.ndarray], np.ndarray]  # from a yield, a share, to the scale
    share: Callable[[np.ndarray], np.ndarray]  # and back


YIELD_LAWS = {
    "logistic": YieldLaw(height=logit, share=expit),
    "gompertz": YieldLaw(
        height=lambda share: -np.log(-np.log(share)), share=lambda height: np.exp(-np.exp(-height))
    ),
}


@dataclass(frozen=True)
class YieldGrowth:
    """How fast yields grow a month, on the scale of a law, common to all processes."""

    law: str  # a key of YIELD_LAWS
    per_month: float  # growth of the height a month of 30.4 days
    se: float  # its standard error
    df: float  # degrees of freedom left, for Student t
    points: int  # yields that the fit rests on
    # least squares of height on months, a level each process
    results: RegressionResultsWrapper = field(repr=False)


@dataclass(frozen=True)
class Output:
    """Draws of what each component allows by week, from `WEEKS_OF_STOCK` before first sale on."""

    # Phones a week that its good units allow, by component, (draws, weeks).
    phones_by_component: dict[str, np.ndarray]

    # Share of the units that are good, by component, (draws, weeks).
    yields: dict[str, np.ndarray]

    @property
    def supply(self) -> np.ndarray:
        """Phones supplied (draws, weeks since first sale); week 0 brings all made before it too.

        Finished phones are stocked until first sale; parts never are, so that each week makes what
        its scarcest part allows.
        """
        least = np.min([*self.phones_by_component.values()], axis=0)

        # Columns are weeks from -WEEKS_OF_STOCK on: those up to and with week 0 are sold in week 0.
        first_week = least[:, : WEEKS_OF_STOCK + 1].sum(1)
        return np.c_[first_week, least[:, WEEKS_OF_STOCK + 1 :]]

    def table(self) -> pd.DataFrame:
        """List the limit by week.

        Returns
        -------
        DataFrame
            One row a `component` and `week` since first sale, from -9 on: `binds`, the share of
            draws in which it is the least, and `one_more_adds`, the phones that one more unit
            started in that week would add.
        """
        names = [*self.phones_by_component]
        phones = np.array([*self.phones_by_component.values()])
        is_least = phones.argmin(0) == np.arange(len(names))[:, None, None]
        gain = is_least * np.array([self.yields[name] for name in names])

        weeks = range(-WEEKS_OF_STOCK, phones.shape[2] - WEEKS_OF_STOCK)
        rows = pd.MultiIndex.from_product([names, weeks], names=["component", "week"])
        shares = {"binds": is_least.mean(1).ravel(), "one_more_adds": gain.mean(1).ravel()}
        return pd.DataFrame(shares, rows).reset_index()


def fit_yields(yields: pd.DataFrame, law: str = "logistic") -> YieldGrowth:
    """Estimate how fast yields grow, from processes with yields of two dates or more.

    Least squares with a level for each process and one slope for all, on the scale of the law.

    Parameters
    ----------
    yields : DataFrame
        Yields of parts, as in `data/market/component_yields.csv`; bounds and mere words are left
        out.
    law : str
        The scale, a key of `YIELD_LAWS`.

    Returns
    -------
    YieldGrowth
        Growth a month with its standard error.

    Raises
    ------
    ValueError
        If fewer than four yields can be used.
    """
    import statsmodels.formula.api as smf  # noqa: PLC0415 (a second to load; only fits need it)

    stated = yields[yields["value_kind"].isin(("point", "range"))]
    dates_of_process = stated.groupby(["process", "device"])["date"].transform("nunique")
    repeated = stated[dates_of_process > 1]
    if len(repeated) < 4:
        raise ValueError(f"{len(repeated)} yields of processes with two dates; expected 4 or more")

    months = (repeated["date"] - pd.Timestamp("2010-01-01")).dt.days / DAYS_PER["month"]
    height = YIELD_LAWS[law].height(repeated["yield_share"])
    rows = repeated.assign(height=height, months=months)
    fit = smf.ols("height ~ months + C(process)", rows).fit()
    return YieldGrowth(
        law=law,
        per_month=fit.params["months"],
        se=fit.bse["months"],
        df=fit.df_resid,
        points=len(repeated),
        results=fit,
    )


def draw_output(
    sources: pd.DataFrame,
    first_sale: pd.Timestamp,
    weeks: int = 26,
    *,
    yield_growth: YieldGrowth | None = None,
    draws: int = 1000,
    seed: int = 1,
) -> Output:
    """Draw what the parts of a phone allow, week by week.

    Each maker starts on a day, grows exponentially and then stays at its full rate. Low and high of
    a range are its 10 and 90 % points. Good units are those started times the yield. Parts are not
    stocked from week to week. Full rates of all makers share a part of their spread, as all parts
    are ordered for one plan; the rest are random numbers of each maker's own, so that leaving one
    out does not move the others.

    Parameters
    ----------
    sources : DataFrame
        Who makes what: the `supply_sources` of a launch. Of two rows on one maker's component the
        later `known_on` holds.
    first_sale : Timestamp
        Day that week 0 starts.
    weeks : int
        Weeks after first sale.
    yield_growth : YieldGrowth, optional
        Growth of yields below one; without it they stay as they were at first.
    draws, seed : int
        How many draws, and from which seed.

    Returns
    -------
    Output
        Phones that each component allows, by draw and week.

    Raises
    ------
    ValueError
        If there is no source, or one that cannot be: units of zero, a yield of zero or above one.
    """
    _check_sources(sources)
    by_day_known = sources.sort_values("known_on", kind="stable")
    latest = by_day_known.drop_duplicates(["component", "maker"], keep="last")
    day = np.arange(-7 * WEEKS_OF_STOCK, 7 * weeks) + 0.5  # middles of days since first sale

    plan = np.random.default_rng([seed, 6]).standard_normal((draws, 1))
    started, good = {}, {}
    for source in latest.itertuples():
        rng = np.random.default_rng([seed, *f"{source.component} {source.maker}".encode()])
        rate, yield_share = _draw_source(source, day, first_sale, yield_growth, plan, rng)
        for by_component, units in ((started, rate), (good, rate * yield_share)):
            by_week = units.reshape(draws, -1, 7).sum(2)
            by_component[source.component] = by_component.get(source.component, 0) + by_week
    yields = {name: good[name] / np.fmax(started[name], 1e-9) for name in good}
    return Output(phones_by_component=good, yields=yields)


def _check_sources(sources: pd.DataFrame) -> None:
    """Refuse an empty table and rows that cannot be, by the row."""
    expected = "expected units above 0, a yield above 0 and up to 1"
    if not len(sources):
        raise ValueError(f"supply.sources, no row; {expected}")
    possible = "0 < units_low <= units_high and 0 < yield_low <= yield_high <= 1"
    for row in sources.query(f"not ({possible})").reset_index().to_dict("records"):
        raise ValueError(f"supply.sources, {row}; {expected}")


def _draw_source(
    source: tuple,
    day: np.ndarray,
    first_sale: pd.Timestamp,
    yield_growth: YieldGrowth | None,
    plan: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the units a day that one maker starts, and their yield: (draws, days) each.

    `source` is a row of `sources` as `itertuples` gives it: its columns are attributes. `plan` are
    the standard normals (draws, 1) that all makers share.
    """
    draws = len(plan)
    z_start, z_doubling, z_own, z_yield = rng.standard_normal((4, draws, 1))
    z_rate = np.sqrt(SHARE_OF_PLAN) * plan + np.sqrt(1 - SHARE_OF_PLAN) * z_own

    # Days since the line started, normal between the two days of the range.
    early = (source.starts_low - first_sale).days
    late = (source.starts_high - first_sale).days
    days_running = day - (early + late) / 2 - (late - early) / 2 * z_start / Z_90

    # From the starting share the rate doubles every so many days, until it is full.
    doubling_days = draw_log_normal_between(
        source.doubling_days_low, source.doubling_days_high, z_doubling
    )
    doublings = days_running / doubling_days
    share_of_full = np.minimum(STARTING_SHARE * np.exp2(np.minimum(doublings, MOST_DOUBLINGS)), 1)
    full_rate = draw_log_normal_between(source.units_low, source.units_high, z_rate)
    rate = full_rate / DAYS_PER["month"] * share_of_full * (days_running >= 0)

    # The yield at first is normal on the logit scale; then it grows along the law's own scale.
    yield_range = np.clip([source.yield_low, source.yield_high], 1e-12, 1 - 1e-12)
    low_logit, high_logit = logit(yield_range)
    yield_share = expit(
        (low_logit + high_logit) / 2 + (high_logit - low_logit) / 2 * z_yield / Z_90
    )
    if yield_growth is not None and source.yield_high < 1:
        law = YIELD_LAWS[yield_growth.law]

        # The slope is common to all processes, yet its error is drawn for each maker afresh, with
        # that maker's own random numbers.
        slope_error = yield_growth.se * rng.standard_t(yield_growth.df, (draws, 1))
        growth = yield_growth.per_month + slope_error
        gain = growth * np.fmax(days_running, 0) / DAYS_PER["month"]
        yield_share = law.share(law.height(yield_share) + gain)
    return rate, yield_share


def later_makers(sources: pd.DataFrame) -> list[str]:
    """List the makers that joined a component that another makes already, as they became known.

    Examples
    --------
    >>> day = pd.to_datetime(["2020-01-01", "2020-03-01"])
    >>> makers = {"component": "line", "maker": ["first", "second"]}
    >>> later_makers(pd.DataFrame(makers | {"starts_low": day, "known_on": day}))
    ['second']
    """
    by_day_known = sources.sort_values(["known_on", "starts_low"], kind="stable")
    makers = by_day_known.drop_duplicates(["component", "maker"])
    joined_later = makers.duplicated("component")
    return makers.loc[joined_later, "maker"].unique().tolist()


def second_source(
    sources: pd.DataFrame,
    maker: str,
    first_sale: pd.Timestamp,
    *,
    weeks: int = 26,
    yield_growth: YieldGrowth | None = None,
    draws: int = 1000,
    seed: int = 1,
) -> pd.DataFrame:
    """Count the phones that one maker adds, by the same draws with and without it.

    Where it is the only maker of some component, nothing is made without it and it adds all.

    Parameters
    ----------
    sources : DataFrame
        Who makes what, as `draw_output` takes it.
    maker : str
        The maker that is taken away.
    first_sale : Timestamp
        Day that week 0 starts.
    weeks, yield_growth, draws, seed
        As in `draw_output`.

    Returns
    -------
    DataFrame
        One row a `week` since first sale: phones added by its end, `low`, `median` and `high` (80
        %); `any`, the share of draws in which it has added a phone; and `low_if`, `median_if` and
        `high_if` of those draws alone, NaN where there is none.
    """
    settings = {"weeks": weeks, "yield_growth": yield_growth, "draws": draws, "seed": seed}
    others = sources[sources["maker"] != maker]
    supply = draw_output(sources, first_sale, **settings).supply
    made_by_nobody_else = set(sources["component"]).difference(others["component"])
    without = 0 if made_by_nobody_else else draw_output(others, first_sale, **settings).supply

    added = np.cumsum(supply - without, axis=1)
    table = pd.DataFrame(interval(added).T, columns=["low", "median", "high"])
    adds = added >= 1
    if_it_adds = [
        interval(units[does]) if does.any() else np.full(3, np.nan)
        for units, does in zip(added.T, adds.T, strict=True)
    ]
    table[["low_if", "median_if", "high_if"]] = np.array(if_it_adds)
    return table.assign(week=table.index, any=adds.mean(0))
