"""How much of the speed of rounds is the market and the shop, and how much is left for demand.

One model takes every round for what its press line says (`round_rates`) and splits the differences
between log order rates into market, shop, device and the rest of the round; the integrals are
`rounds_posterior`. Whether a fast first drop goes with later sales is `hit_or_miss`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import special, stats

from ..look import Shown
from .round_rates import HOUR_S, USED_ROLES, WEEK_S, read_rates
from .rounds_posterior import (
    DEVICE,
    FEWEST_EFFECTIVE,
    FIXED_VARIANCE,
    PACE,
    PARTS,
    POINTS_AT_ONCE,
    PRIOR_SCALES,
    SETS,
    RoundsModelData,
    SdPoints,
    condition_on_reports,
    line_names,
    model_data,
    sd_points,
)

FEWEST_SEEN = 20
FEWEST_LEVELS = 3
SHARED_OUT = PARTS[:PACE]  # the parts whose shares of variance are given
LEFT = "left for demand"
CHANGE = "change with each further round of a device"
RATE = "median order rate"
PLACES_FROM = 1024  # points for places of rounds, which cost more than shares; more where needed
DRAWS_OF_BOUNDED = 4  # at each point, of each rate that is known from one side

# Priors of a standard deviation over its scale, as a density relative to half-Cauchy(1) but for a
# constant.
PRIORS = {
    "half-Cauchy, scale 1": np.ones_like,
    "half-Cauchy, scale 0.5": lambda sd: (1 + sd**2) / (1 + (sd / 0.5) ** 2),
    "half-Cauchy, scale 2.5": lambda sd: (1 + sd**2) / (1 + (sd / 2.5) ** 2),
    "half-normal, scale 1": lambda sd: (1 + sd**2) * np.exp(-(sd**2) / 2),
    "half-normal, scale 2.5": lambda sd: (1 + sd**2) * np.exp(-((sd / 2.5) ** 2) / 2),
    "exponential, mean 1": lambda sd: (1 + sd**2) * np.exp(-sd),
}
MOST_MOVED = 0.1  # by the priors, of a share that the data settle
WIDEST_SETTLED = 0.3  # interval (80 %) of such a share


@dataclass(frozen=True, kw_only=True)
class NormalMixture:
    """Terms that are normal given the standard deviations, over points of these.

    Attributes
    ----------
    mean, sd : array (points, terms)
        Of each term at each point.
    points : SdPoints
        The points with their weights.
    """

    mean: np.ndarray
    sd: np.ndarray
    points: SdPoints

    def quantiles(self, levels: list[float]) -> np.ndarray:
        """Give quantiles of each term, (levels, terms), by halving the interval they lie in."""
        wanted = np.array(levels)[:, None]
        low = np.tile((self.mean - 10 * self.sd).min(axis=0), (len(levels), 1))
        high = np.tile((self.mean + 10 * self.sd).max(axis=0), (len(levels), 1))
        for _ in range(20):
            middle = (low + high) / 2
            below = special.ndtr((middle[:, None, :] - self.mean) / self.sd)
            is_below = np.einsum("p,lpt->lt", self.points.weights, below) < wanted
            low = np.where(is_below, middle, low)
            high = np.where(is_below, high, middle)
        return (low + high) / 2

    def r_hat(self) -> np.ndarray:
        """Give the R-hat of each term, (terms,)."""
        return r_hat(self.mean, self.sd**2, self.points)


def r_hat(mean: np.ndarray, variance: np.ndarray, points: SdPoints) -> np.ndarray:
    """Hold the sets of points against one another (Gelman and Rubin 1992).

    Parameters
    ----------
    mean, variance : array (points, terms)
        Of each term at each point; a variance of 0 where the point gives the term itself.
    points : SdPoints
        The points with their weights and sets.

    Returns
    -------
    array (terms,)
        Root of the variance of all over that within the sets; 1 where all sets agree.
    """
    set_means = []
    set_variances = []
    for number in range(SETS):
        members = points.set_number == number
        weights = points.weights[members] / points.weights[members].sum()
        set_mean = weights @ mean[members]
        set_means.append(set_mean)
        set_variances.append(weights @ (variance[members] + (mean[members] - set_mean) ** 2))
    within = np.mean(set_variances, axis=0)
    return np.sqrt(1 + np.var(set_means, axis=0, ddof=1) / within)


@dataclass(frozen=True, kw_only=True)
class RoundsModel(Shown):
    """Log order rates split into market, shop, device and the rest of the round.

    Attributes
    ----------
    rounds : DataFrame
        All rounds as `read_rates` gives them, with `demand` and `percentile` (low, median, high)
        of those used.
    points : SdPoints
        Standard deviations of market, shop, device, rest and pace.
    fixed : NormalMixture
        Mean log rate, and its change with each further round of a device.
    places : NormalMixture
        Place of each round used among all, in standard deviations of demand.
    series : int
        Devices in a market with two rounds or more, on which the change rests.
    one_shop_share : float
        Share of devices sold in one shop only, where device and shop cannot be told apart.
    """

    rounds: pd.DataFrame
    points: SdPoints
    fixed: NormalMixture
    places: NormalMixture
    series: int
    one_shop_share: float

    def shares(self) -> pd.DataFrame:
        """Give the share of each part in the variance and what is left for demand, a row a point.

        Rows have the weights of `points`.
        """
        variances = self.points.sds[:, :PACE] ** 2
        shares = pd.DataFrame(
            variances / variances.sum(axis=1, keepdims=True), columns=list(SHARED_OUT)
        )
        shares[LEFT] = shares["device"] + shares["rest of the round"]
        return shares

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """Return term, estimate, low, high, unit: estimates with equal-tailed intervals.

        Shares are estimated by their posterior means, which add up to one; the other terms by
        their posterior medians.
        """
        levels = [0.5, (1 - level) / 2, (1 + level) / 2]
        shares = self.shares()
        of_shares = means_and_ends(shares.to_numpy(), level, self.points.weights)
        pace = weighted_quantiles(self.points.sds[:, [PACE]], levels, self.points.weights)
        rate, change = self.fixed.quantiles(levels).T
        terms = {RATE: np.exp(rate)}
        terms |= {f"share of variance: {part}": of_shares[:, i] for i, part in enumerate(shares)}
        terms |= {CHANGE: change, "sd of that change between devices": pace[:, 0]}
        table = pd.DataFrame(terms, index=["estimate", "low", "high"]).T
        table["unit"] = ["orders per second", *["share"] * shares.shape[1], *["log per round"] * 2]
        return table.reset_index(names="term")

    def shares_by_prior(self, level: float = 0.8) -> pd.DataFrame:
        """Give each share under each prior of the standard deviations that could be defended.

        The points are weighted anew.

        Returns
        -------
        DataFrame
            prior, part, estimate, low, high, effective_draws.
        """
        shares = self.shares()
        tables = []
        for prior, relative_density in PRIORS.items():
            weights = self.points.weights * relative_density(self.points.sds / PRIOR_SCALES).prod(
                axis=1
            )
            points = replace(self.points, weights=weights / weights.sum())
            of_shares = means_and_ends(shares.to_numpy(), level, points.weights)
            table = pd.DataFrame(of_shares.T, columns=["estimate", "low", "high"])
            table.insert(0, "part", shares.columns)
            table.insert(0, "prior", prior)
            tables.append(table.assign(effective_draws=points.effective_draws))
        return pd.concat(tables, ignore_index=True)

    def settled(self, level: float = 0.8) -> pd.DataFrame:
        """Say of each share whether the data settle it, or what was assumed before them.

        Settled is a share whose interval is narrower than 0.3 and whose estimate no prior moves by
        more than 0.1.

        Returns
        -------
        DataFrame
            part, estimate, low, high, least and most (estimates over the priors), is_settled.
        """
        by_prior = self.shares_by_prior(level)
        first = by_prior[by_prior["prior"] == next(iter(PRIORS))].set_index("part")
        estimates = by_prior.groupby("part", sort=False)["estimate"]
        table = first[["estimate", "low", "high"]].assign(
            least=estimates.min(), most=estimates.max()
        )
        is_narrow = table["high"] - table["low"] < WIDEST_SETTLED
        is_firm = table["most"] - table["least"] < MOST_MOVED
        return table.assign(is_settled=is_narrow & is_firm).reset_index()

    def convergence(self) -> pd.DataFrame:
        """Give R-hat and effective draws of everything that is read off the model.

        Returns
        -------
        DataFrame
            term, r_hat (between four sets of points), effective_draws.
        """
        shares = self.shares()
        parts = np.column_stack([shares, self.points.sds[:, PACE]])
        of_points = r_hat(parts, np.zeros_like(parts), self.points)
        of_fixed = self.fixed.r_hat()
        terms = dict(zip([*shares, "pace"], of_points, strict=True))
        terms |= {RATE: of_fixed[0], CHANGE: of_fixed[1]}
        terms["place of a round, the worst"] = self.places.r_hat().max()
        from_all = self.points.effective_draws
        from_some = self.places.points.effective_draws / DRAWS_OF_BOUNDED
        draws = [from_all] * (shares.shape[1] + 1) + [from_some] * 3
        return pd.DataFrame(
            {"term": list(terms), "r_hat": list(terms.values()), "effective_draws": draws}
        )


def weighted_quantiles(values: np.ndarray, levels: list[float], weights: np.ndarray) -> np.ndarray:
    """Give quantiles, (levels, terms), of weighted values (points, terms)."""
    return np.quantile(values, levels, axis=0, weights=weights, method="inverted_cdf")


def means_and_ends(values: np.ndarray, level: float, weights: np.ndarray) -> np.ndarray:
    """Give mean and ends of an interval, (3, terms), of weighted values (points, terms)."""
    ends = weighted_quantiles(values, [(1 - level) / 2, (1 + level) / 2], weights)
    return np.vstack([weights @ values, ends])


def fit_rounds(
    rounds: pd.DataFrame,
    longest_s: float = WEEK_S,
    draws: int = 4096,
    seed: int = 1,
    level: float = 0.95,
) -> RoundsModel:
    """Split the variation of log order rates into market, shop, device and the rest of a round.

    Normal effects of market, shop (a channel in a market and year), device, round, and pace of a
    device in a market; rates censored both ways; half-Cauchy standard deviations (Gelman 2006).
    "Demand" is device, round, pace and whatever else differed. Nothing mends that fast sell-outs
    are reported more often.

    Parameters
    ----------
    rounds : DataFrame
        Rounds as in data/market/sale_rounds.csv.
    longest_s : float
        Counts over more seconds than that are not used.
    draws : int
        Points of the posterior, a power of 2, in four sets of their own.
    seed : int
        Of the points.
    level : float
        Of the intervals of a round's demand and place.

    Returns
    -------
    RoundsModel
        Shares of variance, and the place of each round.

    Raises
    ------
    ValueError
        With fewer than 20 rates seen (rather than bounded), or 3 markets, shops or devices.
    """
    rounds = read_rates(rounds, longest_s).reset_index(drop=True)
    used = rounds[rounds["role"].isin(USED_ROLES)]
    _check_rounds(used)
    data = model_data(used)
    points = sd_points(data, draws, seed)
    effects = _effects(data, _first_points(points), seed)

    # Demand is what is left once market and shop are taken out; its place among all rounds is that
    # of a normal law. Its spread is that of demand over these rounds (Gelman 2005: the parts of it
    # that cannot be told apart add up to it), as far as so many rounds show the spread of all: the
    # sum of squares over the variance is chi-square.
    demand = replace(effects, mean=effects.mean[:, 2:], sd=effects.sd[:, 2:])
    squares = (demand.mean**2 + demand.sd**2).sum(axis=1, keepdims=True)
    chances = _even_shares(len(squares), np.random.default_rng([seed, 1]))
    spread = np.sqrt(squares / stats.chi2.ppf(chances, len(used))[:, None])
    places = replace(demand, mean=demand.mean / spread, sd=demand.sd / spread)
    ends = [(1 - level) / 2, 0.5, (1 + level) / 2]
    quantiles = {
        "demand": demand.quantiles(ends),
        "percentile": special.ndtr(places.quantiles(ends)),
    }
    for name, values in quantiles.items():
        rounds.loc[used.index, [f"{name}_low", name, f"{name}_high"]] = values.T

    line = line_names(used)
    rounds_a_line = line[line != ""].value_counts()
    shops_a_device = used.groupby("device")["shop"].nunique()
    return RoundsModel(
        rounds=rounds,
        points=points,
        fixed=replace(effects, mean=effects.mean[:, :2], sd=effects.sd[:, :2]),
        places=places,
        series=int((rounds_a_line > 1).sum()),
        one_shop_share=float((shops_a_device == 1).mean()),
    )


def _check_rounds(used: pd.DataFrame) -> None:
    """Raise a ValueError where there are too few rounds to split."""
    seen = (used["side"] == 0).sum()
    if seen < FEWEST_SEEN:
        raise ValueError(
            f"{seen} rounds with a rate that is no mere bound; expected at least {FEWEST_SEEN}"
        )
    levels = used[["market", "shop", "device"]].nunique()
    if levels.min() < FEWEST_LEVELS:
        part = levels.idxmin()
        raise ValueError(
            f"rounds with a rate in {levels[part]} {part}s; "
            f"expected at least {FEWEST_LEVELS} to tell how {part}s differ"
        )


def _first_points(points: SdPoints) -> SdPoints:
    """Give the first points of each set, enough to be worth 400 draws; they lie as evenly."""
    position = pd.Series(points.set_number).groupby(points.set_number).cumcount().to_numpy()
    number = PLACES_FROM
    while True:
        first = position < number // SETS
        weights = points.weights[first]
        chosen = SdPoints(
            sds=points.sds[first],
            weights=weights / weights.sum(),
            set_number=points.set_number[first],
        )
        if chosen.effective_draws >= FEWEST_EFFECTIVE or first.all():
            return chosen
        number *= 2


def _even_shares(count: int, rng: np.random.Generator) -> np.ndarray:
    """Give shares from 0 to 1 in even steps and in random order, (count,)."""
    return rng.permuted((np.arange(count) + 0.5) / count)


def _effects(data: RoundsModelData, points: SdPoints, seed: int) -> NormalMixture:
    """Give mean log rate, change with each round, and the demand of each round, at each point.

    A rate known from one side has no normal law: draws of it, spread evenly over its law, stand
    for it at each point, and the law of its demand is that given the draw.
    """
    count = len(points.sds)
    within_stratum = _even_shares(count, np.random.default_rng(seed))
    strata = np.arange(DRAWS_OF_BOUNDED)[:, None]
    shares = (strata + within_stratum) / DRAWS_OF_BOUNDED
    means = []
    variances = []
    for start in range(0, count, POINTS_AT_ONCE):
        block = slice(start, start + POINTS_AT_ONCE)
        mean, variance = _effects_at(data, points.sds[block], shares[:, block])
        means.append(mean)
        variances.append(variance)
    mean = np.concatenate(means, axis=1)
    sd = np.sqrt(np.concatenate(variances).clip(min=1e-12))
    every_draw = SdPoints(
        sds=np.tile(points.sds, (DRAWS_OF_BOUNDED, 1)),
        weights=np.tile(points.weights, DRAWS_OF_BOUNDED) / DRAWS_OF_BOUNDED,
        set_number=np.tile(points.set_number, DRAWS_OF_BOUNDED),
    )
    return NormalMixture(
        mean=mean.reshape(-1, mean.shape[2]),
        sd=np.tile(sd, (DRAWS_OF_BOUNDED, 1)),
        points=every_draw,
    )


def _effects_at(
    data: RoundsModelData, sds: np.ndarray, shares: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean (draws, points, terms) and variance (points, terms) of effects at points (points, 5).

    Effects and rates are one normal vector: given the rates, effects have mean G y with gain G =
    cov(effects, rates) cov(rates)^-1. What is not known of rates known from one side adds to their
    variance.
    """
    conditioned = condition_on_reports(data, sds, shares)
    variances = sds**2
    variances[:, :DEVICE] = 0  # market and shop are no demand
    demand = np.tensordot(variances, data.shared, axes=1)
    fixed = FIXED_VARIANCE * np.stack([np.ones_like(data.after_middle), data.after_middle])
    links = np.concatenate([np.broadcast_to(fixed, (len(sds), *fixed.shape)), demand], axis=1)
    before = np.concatenate(
        [np.full((len(sds), 2), FIXED_VARIANCE), np.diagonal(demand, axis1=1, axis2=2)], axis=1
    )
    gain = links @ np.linalg.inv(conditioned.covariance)
    mean = (gain @ conditioned.rate_mean[..., None])[..., 0]
    bounded = np.flatnonzero(data.side)
    carried = gain[..., bounded] @ conditioned.bounded_covariance
    variance = before - (gain * links).sum(axis=2) + (carried * gain[..., bounded]).sum(axis=2)

    # Demand of a round whose rate is known from one side, given the draw of that rate.
    own = 2 + bounded
    with_rate = carried[:, own, np.arange(len(bounded))]
    rate_variance = np.diagonal(conditioned.bounded_covariance, axis1=1, axis2=2)
    slope = with_rate / rate_variance
    mean = np.tile(mean, (len(shares), 1, 1))
    mean[..., own] += slope * (conditioned.bounded_draws - conditioned.rate_mean[:, bounded])
    variance[:, own] -= slope * with_rate
    return mean, variance


def compare_rounds(rounds: pd.DataFrame, draws: int = 1024, level: float = 0.8) -> pd.DataFrame:
    """Fit the model under each choice of rounds that could be defended.

    Parameters
    ----------
    rounds : DataFrame
        Rounds as in data/market/sale_rounds.csv.
    draws : int
        Points of the posterior of each fit, a power of 2.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        A row a choice: rounds_used, rounds, left_for_demand with low and high, change_per_round
        with change_low and change_high, and the worst r_hat and effective_draws of the fit.

    Raises
    ------
    ValueError
        As `fit_rounds`, where a choice leaves too few rounds.
    """
    sold_out = rounds[rounds["sold_out"] == "yes"]
    firm = rounds[~rounds["weak_source"]]
    models = {
        "rounds of an hour at most": fit_rounds(rounds, HOUR_S, draws),
        "whatever was counted, over any time": fit_rounds(rounds, np.inf, draws),
        "sold out only": fit_rounds(sold_out, WEEK_S, draws),
        "without weak sources": fit_rounds(firm, WEEK_S, draws),
    }
    rows = []
    for label, model in models.items():
        terms = model.table(level).set_index("term")
        left = terms.loc[f"share of variance: {LEFT}"]
        change = terms.loc[CHANGE]
        convergence = model.convergence()
        rows.append(
            {
                "rounds_used": label,
                "rounds": model.rounds["demand"].count(),
                "left_for_demand": left["estimate"],
                "low": left["low"],
                "high": left["high"],
                "change_per_round": change["estimate"],
                "change_low": change["low"],
                "change_high": change["high"],
                "r_hat": convergence["r_hat"].max(),
                "effective_draws": convergence["effective_draws"].min(),
            }
        )
    return pd.DataFrame(rows)
