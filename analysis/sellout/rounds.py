"""How much of the speed of rounds is the market and the shop, and how much is left for demand.

One model takes every round for what its press line says (a rate, or a bound of one) and splits
the differences between log order rates into market, shop, device and the rest of the round. Rates
are read by `order_rates`; whether a fast first drop goes with later sales is `hit_or_miss`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse, special, stats
from scipy.sparse.linalg import splu

from ..look import Shown
from .order_rates import log_rates, with_report_words

WEEK_S = 604_800.0
HOUR_S = 3_600.0
NOISE_SD = 0.05  # of a log rate, at least: no press line is believed to better than 5 %
PARTS = ("market", "shop", "device", "rest of the round")
MARKET, SHOP, DEVICE, REST, PACE = range(5)  # the five variances
FIXED = -1  # mean and change with each round: effects without a variance of their own
FIXED_PRECISION = 1e-2  # of the prior of a fixed effect
USED_ROLES = ("seen", "at least", "at most")
FEWEST_SEEN = 20
FEWEST_LEVELS = 3


def read_rates(rounds: pd.DataFrame, longest_s: float = WEEK_S) -> pd.DataFrame:
    """Read what every round says of its log order rate.

    A round that sold out gives units over seconds: units sold, if they were counted, first; stock
    prepared bounds from above, a reservation is no order. One that did not sell out gives units
    sold over their window. Where it is not known whether it sold out, that is a bound from below.

    Parameters
    ----------
    rounds : DataFrame
        Rounds as in data/market/sale_rounds.csv.
    longest_s : float
        Counts over more seconds than that are not used.

    Returns
    -------
    DataFrame
        The rounds with `log_rate` (per second), its `sd`, `side` (1 bound from below, -1 from
        above, 0 seen), `role` (seen, at least, at most, or why it is not used), `seconds`, `shop`
        (a channel in a market and year) and `order` (of a device in its market).
    """
    rounds = with_report_words(rounds)
    sold_out = rounds["sold_out"] == "yes"
    unknown = rounds["sold_out"] == "unknown"
    counted = rounds["units_sold"].notna()

    usable_units = rounds["units"].where(~unknown & (rounds["units_basis"] != "reserved"))
    units = rounds["units_sold"].fillna(usable_units)
    seconds = rounds["sellout_s"].where(sold_out, rounds["window_s"])

    # A count of what was sold is as firm as a report; units that were ready bound from above.
    units_bound = rounds["units_bound"].mask(counted & rounds["units"].notna(), "reported")
    only_ready = ~counted & ((rounds["units_basis"] == "prepared") | ~sold_out)
    units_bound = units_bound.mask(only_ready, "upper")

    rates = log_rates(units, seconds, units_bound, rounds["seconds_bound"])
    at_least = rates["at_least"] | unknown
    at_most = rates["at_most"]
    role = np.select(
        [
            units.isna() | seconds.isna(),
            seconds > longest_s,
            at_least & at_most,
            at_least,
            at_most,
        ],
        [
            "units or seconds unknown",
            "counted over too long",
            "bounds on both sides",
            "at least",
            "at most",
        ],
        "seen",
    )
    return rounds.assign(
        log_rate=rates["log_rate"],
        sd=rates["sd"].clip(lower=NOISE_SD),
        side=at_least.astype(int) - at_most.astype(int),
        role=role,
        seconds=seconds,
        order=_order_of_rounds(rounds),
        shop=_name_shops(rounds),
    )


def _order_of_rounds(rounds: pd.DataFrame) -> pd.Series:
    """Count the rounds of a device in its market by date; NaN where none has a number."""
    by_date = rounds.sort_values(["date", "round"]).groupby(["device", "market"])
    numbered = by_date["round"].transform("count") > 0
    return (by_date.cumcount() + 1).where(numbered)


def _name_shops(rounds: pd.DataFrame) -> pd.Series:
    """Name each shop by channel, market and year, such as "flipkart IN 2014"."""
    channel = rounds["channel"].str.replace("_com", ".com").str.replace("_", " ")
    return channel + " " + rounds["market"] + " " + rounds["date"].dt.year.astype(str)


@dataclass(frozen=True, kw_only=True)
class RoundsModel(Shown):
    """Log order rates split into market, shop, device and the rest of the round, by draws.

    Attributes
    ----------
    rounds : DataFrame
        All rounds as `read_rates` gives them, with `demand` and `percentile` (low, median, high)
        of those used.
    variances : array (draws, 5)
        Of `PARTS`, and of the pace of devices per round.
    fixed : array (draws, 2)
        Mean log rate, and its change with each further round of a device.
    series : int
        Devices in a market with two rounds or more, on which the change rests.
    one_shop_share : float
        Share of devices sold in one shop only, where device and shop cannot be told apart.
    """

    rounds: pd.DataFrame
    variances: np.ndarray
    fixed: np.ndarray
    series: int
    one_shop_share: float

    def shares(self) -> pd.DataFrame:
        """Give the share of each part in the variance and what is left for demand, a row a draw."""
        parts = self.variances[:, : len(PARTS)]
        shares = pd.DataFrame(parts / parts.sum(axis=1, keepdims=True), columns=list(PARTS))
        shares["left for demand"] = shares["device"] + shares["rest of the round"]
        return shares

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """Return term, estimate, low, high, unit: posterior medians and equal-tailed intervals."""
        draws = {"median order rate": np.exp(self.fixed[:, 0])}
        units = {"median order rate": "orders per second"}
        for part, share in self.shares().items():
            draws[f"share of variance: {part}"] = share
            units[f"share of variance: {part}"] = "share"
        change = "change with each further round of a device"
        spread = "sd of that change between devices"
        draws |= {change: self.fixed[:, 1], spread: np.sqrt(self.variances[:, PACE])}
        units |= {change: "log per round", spread: "log per round"}

        levels = [0.5, (1 - level) / 2, (1 + level) / 2]
        table = pd.DataFrame(
            {term: np.quantile(values, levels) for term, values in draws.items()},
            index=["estimate", "low", "high"],
        ).T
        table["unit"] = pd.Series(units)
        return table.reset_index(names="term")


def fit_rounds(
    rounds: pd.DataFrame,
    longest_s: float = WEEK_S,
    draws: int = 1500,
    seed: int = 1,
    level: float = 0.95,
) -> RoundsModel:
    """Split the variation of log order rates into market, shop, device and the rest of a round.

    Normal effects of market, shop (a channel in a market and year), device, round, and pace of a
    device in a market; rates censored both ways; half-Cauchy(1) standard deviations (Gelman
    2006); Gibbs sampling. "Demand" is device, round, pace and whatever else differed. Nothing
    mends that fast sell-outs are reported more often.

    Parameters
    ----------
    rounds : DataFrame
        Rounds as in data/market/sale_rounds.csv.
    longest_s : float
        Counts over more seconds than that are not used.
    draws, seed : int
        Draws kept (a quarter as many are thrown away first), and the seed of them.
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
    design, group, line = _design(used)
    draws_of = _sample_effects(used, design, group, draws, np.random.default_rng(seed))

    # Demand is what is left once market and shop are taken out; its place among all rounds is that
    # of a normal law with the variances of device and rest.
    left = group >= DEVICE
    demand = (design[:, left] @ draws_of.effects[:, left].T).T + draws_of.rest
    demand_sd = np.sqrt(draws_of.variances[:, DEVICE] + draws_of.variances[:, REST])
    percentile = stats.norm.cdf(demand / demand_sd[:, None])
    ends = [(1 - level) / 2, 0.5, (1 + level) / 2]
    for name, values in {"demand": demand, "percentile": percentile}.items():
        columns = [f"{name}_low", name, f"{name}_high"]
        rounds.loc[used.index, columns] = np.quantile(values, ends, axis=0).T

    rounds_a_line = line[line != ""].value_counts()
    shops_a_device = used.groupby("device")["shop"].nunique()
    return RoundsModel(
        rounds=rounds,
        variances=draws_of.variances,
        fixed=draws_of.effects[:, :2],
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


def _design(used: pd.DataFrame) -> tuple[sparse.csr_array, np.ndarray, pd.Series]:
    """Design of the effects, the variance that each column belongs to, and each round's line.

    A line is a device in a market whose rounds are numbered; "" is none. Its pace multiplies how
    many rounds a round lies after the middle of its line.
    """
    line = (used["device"] + " " + used["market"]).where(used["order"].notna(), "")
    middle = used.groupby(line)["order"].transform("mean")
    rounds_after_middle = (used["order"] - middle).fillna(0).to_numpy()
    blocks = {
        MARKET: pd.get_dummies(used["market"], dtype=float).to_numpy(),
        SHOP: pd.get_dummies(used["shop"], dtype=float).to_numpy(),
        DEVICE: pd.get_dummies(used["device"], dtype=float).to_numpy(),
        PACE: pd.get_dummies(line, dtype=float).to_numpy() * rounds_after_middle[:, None],
    }
    mean = np.ones(len(used))
    design = np.column_stack([mean, rounds_after_middle, *blocks.values()])
    columns = [block.shape[1] for block in blocks.values()]
    group = np.repeat([FIXED, FIXED, *blocks], [1, 1, *columns])
    return sparse.csr_array(design), group, line


@dataclass(frozen=True, kw_only=True)
class EffectDraws:
    """Gibbs draws of the model of rounds.

    Attributes
    ----------
    effects : array (draws, columns of the design)
        Fixed effects, then those of market, shop, device and pace.
    rest : array (draws, rounds)
        The rest of each round.
    variances : array (draws, 5)
        Of market, shop, device, rest and pace.
    """

    effects: np.ndarray
    rest: np.ndarray
    variances: np.ndarray


def _sample_effects(
    used: pd.DataFrame,
    design: sparse.csr_array,
    group: np.ndarray,
    draws: int,
    rng: np.random.Generator,
) -> EffectDraws:
    """Gibbs draws of effects b, rest r and variances v.

    The log rate of round i is y_i = x_i b + r_i + e_i with b_j ~ N(0, v of its group), r_i ~ N(0,
    v_rest) and e_i ~ N(0, noise_i^2), the error of the report. Of some rounds only a bound of y_i
    is known.
    """
    bound = used["log_rate"].to_numpy(float)
    side = used["side"].to_numpy(float)
    noise_sd = used["sd"].to_numpy(float)
    bounded = np.flatnonzero(side)
    rates = bound.copy()
    variances = np.ones(5)
    slack = np.ones(5)
    equations = NormalEquations.of(design)
    sampled = []
    burn_in = draws // 4
    for _ in range(burn_in + draws):
        # b | y, v, with r integrated out.
        spread = variances[REST] + noise_sd**2
        effects = _draw_effects(rates, equations, group, variances, spread, rng)
        middle = design @ effects

        # y | b, v where only a bound is known: a normal law cut at the bound.
        rates[bounded] = _draw_beyond_bound(
            middle[bounded], np.sqrt(spread[bounded]), bound[bounded], side[bounded], rng
        )

        # r | y, b, v: the report's noise takes its share of what the effects leave.
        rest_share = variances[REST] / spread
        rest = (rates - middle) * rest_share
        rest = rest + noise_sd * np.sqrt(rest_share) * rng.standard_normal(len(rates))

        # v | b, r, slack and slack | v.
        variances, slack = _draw_variances(effects, rest, group, slack, rng)
        sampled.append((effects, rest, variances))
    effects, rest, variances = (np.array(values) for values in zip(*sampled[burn_in:], strict=True))
    return EffectDraws(effects=effects, rest=rest, variances=variances)


@dataclass(frozen=True, kw_only=True)
class NormalEquations:
    """The matrix A = X' W X + P of the effects, as its weights W and prior precisions P change.

    Which entries of A are not zero depends on X alone; it is worked out once.

    Attributes
    ----------
    transposed : sparse array (effects, rounds)
        X'.
    pattern : sparse array (effects, effects)
        A with some values; only its entries' places count.
    products : sparse array (entries of A, rounds)
        x_ij x_ik of each entry (j, k) and round i.
    diagonal : array (effects,)
        Which entries are on the diagonal.
    """

    transposed: sparse.csr_array
    pattern: sparse.csc_array
    products: sparse.csr_array
    diagonal: np.ndarray

    @classmethod
    def of(cls, design: sparse.csr_array) -> NormalEquations:
        """Work out the places and products of a design X (rounds, effects)."""
        effects = design.shape[1]
        places = (abs(design).T @ abs(design) + sparse.eye_array(effects)).tocsc()
        places.sort_indices()
        rows = places.indices
        columns = np.repeat(np.arange(effects), np.diff(places.indptr))
        products = design[:, rows].multiply(design[:, columns])
        return cls(
            transposed=sparse.csr_array(design.T),
            pattern=places,
            products=sparse.csr_array(products.T),
            diagonal=np.flatnonzero(rows == columns),
        )

    def matrix(self, weights: np.ndarray, prior_precision: np.ndarray) -> sparse.csc_array:
        """Give A for the weight of each round and the prior precision of each effect."""
        entries = self.products @ weights
        entries[self.diagonal] += prior_precision
        places = (entries, self.pattern.indices, self.pattern.indptr)
        return sparse.csc_array(places, shape=self.pattern.shape)


def _draw_effects(
    rates: np.ndarray,
    equations: NormalEquations,
    group: np.ndarray,
    variances: np.ndarray,
    spread: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw all effects at once from their normal law given the rates.

    Its precision is A = X' W X + P (weights 1 / spread, prior precisions P), its mean solves
    A m = X' W y. A is sparse, so that one sparse factor A = L D L' does: A b = X' W y + L D^(1/2) z
    gives b the mean m and the variance A^-1. (A dense factor of this size makes threads of BLAS
    wait for one another, at thirty times the cost.)
    """
    prior_precision = np.where(group == FIXED, FIXED_PRECISION, 1 / variances[group])
    factor = splu(
        equations.matrix(1 / spread, prior_precision),
        permc_spec="NATURAL",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    z = rng.standard_normal(len(group))
    noise = factor.L @ (np.sqrt(factor.U.diagonal()) * z)
    return factor.solve(equations.transposed @ (rates / spread) + noise)


def _draw_variances(
    effects: np.ndarray,
    rest: np.ndarray,
    group: np.ndarray,
    slack: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the five variances, and the slack that makes their roots half-Cauchy(1).

    Both are inverse gamma given the other (Makalic & Schmidt 2016).
    """
    grouped = group >= 0
    members = np.bincount(group[grouped], minlength=5)
    squares = np.bincount(group[grouped], effects[grouped] ** 2, minlength=5)
    members[REST] = len(rest)
    squares[REST] = rest @ rest
    variances = (squares / 2 + 1 / slack) / rng.gamma((members + 1) / 2)
    slack = (1 + 1 / variances) / rng.gamma(1.0, size=5)
    return variances, slack


def _draw_beyond_bound(
    middle: np.ndarray,
    sd: np.ndarray,
    bound: np.ndarray,
    side: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw from normal laws that are cut at a bound: above it where `side` is 1, below where -1."""
    log_tail = special.log_ndtr(side * (middle - bound) / sd)
    log_probability = log_tail + np.log(rng.uniform(size=len(middle)))
    return middle - side * sd * special.ndtri_exp(log_probability)


def compare_rounds(rounds: pd.DataFrame, draws: int = 300) -> pd.DataFrame:
    """Fit the model under each choice of rounds that could be defended.

    Returns
    -------
    DataFrame
        A row a choice: rounds_used, rounds, left_for_demand with low and high, change_per_round
        with change_low and change_high (95 %).
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
        left_for_demand = np.quantile(model.shares()["left for demand"], [0.5, 0.025, 0.975])
        change = np.quantile(model.fixed[:, 1], [0.5, 0.025, 0.975])
        rows.append(
            {
                "rounds_used": label,
                "rounds": model.rounds["demand"].count(),
                "left_for_demand": left_for_demand[0],
                "low": left_for_demand[1],
                "high": left_for_demand[2],
                "change_per_round": change[0],
                "change_low": change[1],
                "change_high": change[2],
            }
        )
    return pd.DataFrame(rows)
