"""Hold forecasts of launches on file against what was counted later, beside plain rivals.

Written to data/evidence/launch_outcomes.csv. No weight of a belief is fitted to an outcome; what
fitting them would change is one of the rivals, with the launch itself left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.stats import norm

from ..data import Launch, interval, list_launches, load_launch
from ..demand import LaunchForecast, forecast_launch, known_sales, last_rate
from ..demand.beliefs import WEIGHTS
from ..demand.counts import noise_of_counts, sold_of_counts
from ..demand.forecast import CLASS
from ..demand.known import LOTS_SOLD
from .counts import OUTCOMES, digest_of_count
from .scores import LEVEL, crps_of_log, interval_score

# Days after first sale on which a launch is forecast, beside the days on which counts were told.
FIRST_ORIGINS_DAYS = (5, 35)
WORD = "its targets, at their word"

# Weights fitted to outcomes start from those stated, open by a factor (sd in logs). The density of
# an outcome under a belief is a sum of normals about its draws, with a share of a wide one, so that
# no outcome is impossible.
KINDS = [*WEIGHTS]
FACTOR_SD = 1.0
LEAST_WIDTH = 0.02
WIDE_SHARE, WIDE_SD = 0.02, 2.0


@dataclass(frozen=True)
class OutcomeForecast:
    """A count of a launch and what was forecast of it.

    Attributes
    ----------
    launch : name of the launch file
    as_of : day of the forecast
    outcome : the count: date, week, units, kind
    beliefs : beliefs not refuted, with label, kind and weight_after
    log_sold : by label draws of the log of the count under each belief, with the noise of a count
    sold : draws of the units sold, of all beliefs mixed
    last_rate : units at the last rate, NaN where none is known
    """

    launch: str
    as_of: str
    outcome: pd.Series
    beliefs: pd.DataFrame
    log_sold: dict[str, np.ndarray]
    sold: np.ndarray
    last_rate: np.ndarray

    @property
    def noise(self) -> float:
        """Sd in logs of the count that came."""
        return float(noise_of_counts(self.outcome.to_frame().T)[0])

    @property
    def came(self) -> float:
        """Units sold by the count that came."""
        return float(sold_of_counts(self.outcome.to_frame().T)[0])

    def densities(self) -> np.ndarray:
        """Return the density (beliefs,) of the log of what came under each belief."""
        came = np.log(self.came)
        densities = []
        for label in self.beliefs["label"]:
            draws = self.log_sold[label]
            width = max(draws.std() * len(draws) ** -0.2, LEAST_WIDTH)
            about_draws = norm.pdf(came, draws, width).mean()
            wide = norm.pdf(came, draws.mean(), WIDE_SD)
            densities.append((1 - WIDE_SHARE) * about_draws + WIDE_SHARE * wide)
        return np.array(densities)

    def weights(self, log_factors: np.ndarray) -> np.ndarray:
        """Return the weights (beliefs,) after, each times the factor of its kind."""
        factor = pd.Series(np.exp(log_factors), KINDS)
        weights = self.beliefs["weight_after"] * self.beliefs["kind"].map(factor).fillna(1.0)
        return (weights / weights.sum()).to_numpy()


def list_outcomes(launch: Launch) -> Iterator[tuple[pd.Timestamp, pd.Series]]:
    """Return the days on which a launch is forecast, and the counts that came later.

    From five days and five weeks after first sale and from the day on which each count was told,
    the next count and the last one, if they came and were told later.
    """
    sales = known_sales(launch)
    first = [sales.first_sale + pd.Timedelta(days=days) for days in FIRST_ORIGINS_DAYS]
    for origin in sorted({*first, *sales.counts["reported"]}):
        later = sales.counts[(sales.counts["date"] > origin) & (sales.counts["reported"] > origin)]
        for place in sorted({0, len(later) - 1}) if len(later) else []:
            yield origin, later.iloc[place]


def forecast_outcomes(
    seed: int = 1, names: list[str] | None = None, draws: int = 1000
) -> pd.DataFrame:
    """Return every outcome of a launch on file, forecast from what was known on earlier days.

    Weights of beliefs are stated, and what other launches say leaves out the family of the launch
    and all that came after the day.

    Parameters
    ----------
    seed : int
        Of the draws.
    names : list of str, optional
        Only these launch files.
    draws : int
        Draws of each forecast.

    Returns
    -------
    DataFrame
        A row a day and outcome: the 80 % interval, whether it held the count, CRPS and interval
        score in logs, and the CRPS of rivals where they can be had: the target at its word,
        comparable launches alone, the last rate, and our beliefs with weights that the outcomes of
        the other launches chose.
    """
    forecasts = []
    for name in names or list_launches():
        launch = load_launch(name)
        if len(launch.sales) and launch.figure("first_sale").known:
            forecasts += list(_forecast_each(launch, draws, seed))
    log_factors = {
        launch: fit_log_factors([other for other in forecasts if other.launch != launch])
        for launch in {forecast.launch for forecast in forecasts}
    }
    rows = [
        _judge_forecast(forecast)
        | {"crps_weights_of_others": _score_with(log_factors[forecast.launch], forecast)}
        for forecast in forecasts
    ]
    return pd.DataFrame(rows).assign(seed=seed, code=digest_of_count(OUTCOMES))


def _forecast_each(launch: Launch, draws: int, seed: int) -> Iterator[OutcomeForecast]:
    """Forecast each outcome of a launch, once a day."""
    by_day: dict[str, LaunchForecast] = {}
    for origin, outcome in list_outcomes(launch):
        as_of = str(origin.date())
        if as_of not in by_day:
            by_day[as_of] = forecast_launch(launch, as_of=as_of, draws=draws, seed=seed)
        yield _forecast_one(by_day[as_of], outcome)


def _forecast_one(forecast: LaunchForecast, outcome: pd.Series) -> OutcomeForecast:
    """Keep of a forecast what bears on one outcome.

    What came is a count, so draws of units sold get the noise of a count.
    """
    week = np.array([forecast.known.week_of(outcome["date"])])
    rng = np.random.default_rng(1)
    noise = noise_of_counts(outcome.to_frame().T)[0]

    def with_noise(sold: np.ndarray) -> np.ndarray:
        return sold * np.exp(noise * rng.standard_normal(len(sold)))

    return OutcomeForecast(
        launch=forecast.launch.launch,
        as_of=forecast.day,
        outcome=outcome,
        beliefs=forecast.beliefs[forecast.beliefs["label"].isin(forecast.fits)],
        sold=with_noise(forecast.draws_sold_by(week)[:, 0]),
        log_sold={
            label: np.log(with_noise(fit.sold_by(week)[:, 0]))
            for label, fit in forecast.fits.items()
        },
        last_rate=_last_rate_of(forecast, week),
    )


def _judge_forecast(forecast: OutcomeForecast) -> dict:
    """Return interval and scores of one forecast of a count, and the scores of its rivals."""
    came = forecast.came
    low, median, high = interval(forecast.sold, LEVEL)
    row = {
        "launch": forecast.launch,
        "as_of": forecast.as_of,
        "outcome_date": forecast.outcome["date"].date(),
        "units": came,
        "low": low,
        "median": median,
        "high": high,
        "held": low <= came <= high,
        "crps": crps_of_log(forecast.sold, came),
        "score": interval_score(low, high, came),
    }
    for name, label in {"target_at_its_word": WORD, "class_alone": CLASS}.items():
        alone = forecast.log_sold.get(label, np.array([np.nan]))
        row[f"crps_{name}"] = crps_of_log(np.exp(alone), came)
    return row | {"crps_last_rate": crps_of_log(forecast.last_rate, came)}


def _last_rate_of(forecast: LaunchForecast, week: np.ndarray) -> np.ndarray:
    """Return what a launch would have sold at its last rate; NaN without a count or lots."""
    counts = forecast.known.counts
    if not len(counts):
        lots = forecast.known.bounds
        counts = lots[lots["what"] == LOTS_SOLD]
    if not len(counts):
        return np.array([np.nan])
    counts = counts.drop_duplicates("week", keep="last")
    return last_rate([0, *counts["week"]], [0, *counts["units"]], week)


# ---- weights that outcomes choose ----


def fit_log_factors(forecasts: list[OutcomeForecast]) -> np.ndarray:
    """Fit by how much each kind of belief should count more than is stated, from outcomes.

    The most likely factors, drawn towards one; each launch counts once, however many of its
    outcomes are known.

    Parameters
    ----------
    forecasts : list of OutcomeForecast
        Of the launches to learn from; none leave all factors at one.

    Returns
    -------
    array (kinds,)
        Logs, in the order of `KINDS`; comparable launches have none.
    """
    outcomes = pd.Series([forecast.launch for forecast in forecasts]).value_counts()
    densities = [forecast.densities() for forecast in forecasts]

    def loss(log_factors: np.ndarray) -> float:
        log_likelihood = sum(
            np.log(forecast.weights(log_factors) @ density) / outcomes[forecast.launch]
            for forecast, density in zip(forecasts, densities, strict=True)
        )
        return (log_factors**2).sum() / (2 * FACTOR_SD**2) - log_likelihood

    return minimize(loss, np.zeros(len(KINDS)), method="L-BFGS-B").x


def _score_with(log_factors: np.ndarray, forecast: OutcomeForecast) -> float:
    """Return the CRPS of a forecast whose kinds of belief count more by some factors."""
    sizes = np.round(len(forecast.sold) * forecast.weights(log_factors)).astype(int)
    mixed = [
        np.quantile(forecast.log_sold[label], (np.arange(size) + 0.5) / size)
        for label, size in zip(forecast.beliefs["label"], sizes, strict=True)
        if size
    ]
    return crps_of_log(np.exp(np.concatenate(mixed)), forecast.came)
