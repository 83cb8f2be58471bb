"""How fast the cost of one and the same device falls, pooled over clean pairs of costings.

Random effects (Paule-Mandel) with Hartung-Knapp errors, and the rate of one more phone by the t
form of IntHout et al. (2016). It is the plain rival of `hierarchy`, which uses all other evidence
too. Which pairs count is left to `pairs`.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import brentq

from ..look import Shown
from .pairs import PAIR_SETS, CostingNoise, costing_noise, select_clean_pairs

WIDEST_SPREAD = 3.0  # of rates between devices, logs a year; a limit beyond it is told as infinite


@dataclass(frozen=True)
class DeclineRate(Shown):
    """Yearly rate at which the cost of one device changes, pooled over pairs.

    Rates are in logs a year; negative means that the cost falls.
    """

    rate: float  # mean over devices
    low: float
    high: float
    between_sd: float  # of true rates between devices, with the noise at its lower limit
    between_limits: tuple[float, float]  # interval of that standard deviation
    predicted_low: float  # of the true rate of one more device
    predicted_high: float
    level: float  # of all intervals
    pairs: int
    standard_error: float  # of the mean rate
    # statsmodels' CombineResults, with the noise at its lower limit
    results: object = field(repr=False)
    # Share of the variance of the rates that is noise: estimate, and at either limit of the noise.
    noise_share: tuple[float, float, float] = (np.nan, np.nan, np.nan)

    def table(self) -> pd.DataFrame:
        """Return one row a term: term, estimate, low, high, unit."""
        rows = [
            ("yearly rate of the same phone", self.rate, self.low, self.high),
            ("the next phone", self.rate, self.predicted_low, self.predicted_high),
            ("spread between phones (sd)", self.between_sd, *self.between_limits),
            ("noise in the rates", *self.noise_share),
        ]
        table = pd.DataFrame(rows, columns=["term", "estimate", "low", "high"])
        return table.assign(unit=["log per year"] * 3 + ["share"])

    def draw(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Draw rates of one more phone, Student t about the mean rate.

        Parameters
        ----------
        rng : numpy Generator
            Source of the draws.
        draws : int
            Number of draws.

        Returns
        -------
        array (draws,)
            Logs a year.
        """
        spread_of_next = np.hypot(self.between_sd, self.standard_error)
        return self.rate + spread_of_next * rng.standard_t(self.pairs - 1, draws)


def pool_decline(
    pairs: pd.DataFrame, noise: CostingNoise | tuple[float, int], level: float = 0.95
) -> DeclineRate:
    """Pool the rates of clean pairs into that of the average device and that of one more.

    Effects are random (Paule-Mandel), errors Hartung-Knapp. The noise of a costing enters at its
    lower 95 % limit: intervals then bear a noise that is wrong by a factor of 1.5, as counted in
    data/evidence/pair_coverage.csv.

    Parameters
    ----------
    pairs : DataFrame
        Three or more clean pairs, with `rate_per_year` (logs) and `years`.
    noise : CostingNoise
        Standard deviation of a log difference of two costings, and the revisions behind it.
    level : float
        Level of all intervals.

    Returns
    -------
    DeclineRate
        Rates in logs a year.

    Raises
    ------
    ValueError
        If there are fewer than three pairs.

    Examples
    --------
    >>> rates = pd.DataFrame({"rate_per_year": [-0.3, -0.2, -0.1], "years": [0.5, 1.0, 0.5]})
    >>> float(round(pool_decline(rates, (0.05, 6)).rate, 3))
    -0.2
    """
    from statsmodels.stats import meta_analysis  # noqa: PLC0415 (only fits need it)

    if len(pairs) < 3:
        raise ValueError(f"{len(pairs)} clean pairs; expected at least 3")
    rates = pairs["rate_per_year"].to_numpy(float)
    years = pairs["years"].to_numpy(float)
    freedom = len(pairs) - 1

    # The noise of a difference at its estimate and at the limits of its own 95 % interval. The
    # variance of a rate is that of the difference over the years squared.
    sd, revisions = noise
    sd_low, sd_high = sd * np.sqrt(revisions / stats.chi2.ppf([0.975, 0.025], revisions))
    fits = [
        meta_analysis.combine_effects(
            rates, (noise_sd / years) ** 2, method_re="iterated", use_t=True
        )
        for noise_sd in (sd, sd_low, sd_high)
    ]
    noise_shares = [
        _noise_share(noise_sd / years, fit.tau2)
        for noise_sd, fit in zip((sd, sd_low, sd_high), fits, strict=True)
    ]

    fit = fits[1]
    rate, standard_error = fit.mean_effect_re, fit.sd_eff_w_re_hksj
    between_sd = np.sqrt(fit.tau2)
    quantile = stats.t.ppf((1 + level) / 2, freedom)
    half_width = quantile * standard_error
    half_width_of_next = quantile * np.hypot(standard_error, between_sd)
    return DeclineRate(
        rate=rate,
        low=rate - half_width,
        high=rate + half_width,
        between_sd=between_sd,
        between_limits=(
            spread_at((1 + level) / 2, rates, sd_high / years),
            spread_at((1 - level) / 2, rates, sd_low / years),
        ),
        predicted_low=rate - half_width_of_next,
        predicted_high=rate + half_width_of_next,
        level=level,
        pairs=len(pairs),
        standard_error=standard_error,
        results=fit,
        noise_share=tuple(noise_shares),
    )


def _noise_share(errors: np.ndarray, between_variance: float) -> float:
    """Share of the variance of rates that their errors make, the rest being between devices."""
    noise_variance = np.mean(errors**2)
    return noise_variance / (noise_variance + between_variance)


def spread_at(probability: float, rates: np.ndarray, errors: np.ndarray) -> float:
    """Find the spread between devices at which Q has a given probability (Q-profile).

    Q, the weighted sum of squares about the weighted mean, falls as the spread grows and follows
    chi-squared with one freedom less than rates at the true spread (Viechtbauer 2007).

    Parameters
    ----------
    probability : float
        Of a Q this small or smaller; 0.975 and 0.025 give the low and high 95 % limit.
    rates, errors : array of shape (devices,)
        Rates in logs a year and their standard errors.

    Returns
    -------
    float
        Zero where no spread is needed, infinite beyond `WIDEST_SPREAD`.
    """
    quantile = stats.chi2.ppf(probability, len(rates) - 1)

    def excess(spread: float) -> float:
        weights = 1 / (errors**2 + spread**2)
        mean = np.average(rates, weights=weights)
        return weights @ (rates - mean) ** 2 - quantile

    if excess(0.0) <= 0:
        return 0.0
    if excess(WIDEST_SPREAD) > 0:
        return np.inf
    return brentq(excess, 0.0, WIDEST_SPREAD)


def compare_pair_sets(
    pairs: pd.DataFrame, devices: pd.DataFrame, level: float = 0.95
) -> pd.DataFrame:
    """Pool the rate under every rule of `PAIR_SETS`, then with each pair of the first left out.

    Parameters
    ----------
    pairs, devices : DataFrame
        As in `select_clean_pairs`.
    level : float
        Level of all intervals.

    Returns
    -------
    DataFrame
        One row a set of pairs: label, estimate, low, high, spread_between_phones, predicted_low,
        predicted_high (logs a year), pairs, and the share of the variance that is noise.
    """
    noise = costing_noise(pairs, devices)
    sets = {label: select_clean_pairs(pairs, devices, rule) for label, rule in PAIR_SETS.items()}
    first_set = next(iter(sets.values()))
    for device in first_set["device_a"]:
        sets[f"first rule without {device}"] = first_set[first_set["device_a"] != device]
    return pd.DataFrame(
        [_row_of_set(label, pool_decline(chosen, noise, level)) for label, chosen in sets.items()]
    )


def _row_of_set(label: str, decline: DeclineRate) -> dict:
    """One row of `compare_pair_sets`."""
    noise_share, noise_share_low, noise_share_high = decline.noise_share
    return {
        "label": label,
        "estimate": decline.rate,
        "low": decline.low,
        "high": decline.high,
        "spread_between_phones": decline.between_sd,
        "predicted_low": decline.predicted_low,
        "predicted_high": decline.predicted_high,
        "pairs": decline.pairs,
        "noise_share": noise_share,
        "noise_share_low": noise_share_low,
        "noise_share_high": noise_share_high,
    }
