"""Sales that were capped: the demand behind them, how much of the speed of rounds is the shop, and whether a first drop tells a hit."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import linalg, optimize, special, stats
from statsmodels.tools.numdiff import approx_fprime, approx_hess3

from ..look.wording import Shown
from .press import told_rates, with_words

TERMS = ["term", "estimate", "low", "high", "unit"]
WEEK_S = 604_800.0
NOISE_SD = 0.05  # of a log rate at least: no press line is believed to better than 5 %
PARTS = ("market", "shop", "device", "rest of the round")
LAWS = {  # of demand: scipy's law, its arguments by mean and log sd (of logs), or by log mean and log size (Poisson beyond 12)
    "normal": (stats.norm, lambda a, b: (a, np.exp(b))),
    "lognormal": (stats.lognorm, lambda a, b: (np.exp(b), 0, np.exp(a))),
    "negative_binomial": (
        stats.nbinom,
        lambda a, b: ((size := np.exp(np.clip(b, -12, 12))), 1 / (1 + np.exp(a) / size)),
    ),
}


@dataclass(frozen=True)
class Unconstrained(Shown):
    """Demand behind sales that were capped by stock: mean and standard deviation a sale, in units, with standard errors."""

    mean_units: float
    sd_units: float
    mean_se: float
    sd_se: float
    loglik: float
    law: str
    sales: int
    at_limit: int  # sales that bound demand from below
    results: optimize.OptimizeResult  # .x: the parameters of `LAWS`

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """term, estimate, low, high, unit; normal limits, taken in logs for what cannot be negative."""
        reach = stats.norm.ppf((1 + level) / 2) * np.array([-1, 1])
        mean, sd = self.mean_units, self.sd_units
        about = (
            mean + reach * self.mean_se
            if self.law == "normal"
            else mean * np.exp(reach * self.mean_se / mean)
        )
        rows = [
            ("mean demand", mean, *about),
            ("sd of demand", sd, *sd * np.exp(reach * self.sd_se / sd)),
        ]
        return pd.DataFrame([(*row, "units a sale") for row in rows], columns=TERMS)


def unconstrain(sales_units, at_limit, *, law: str = "normal", method: str = "em") -> Unconstrained:
    """Mean and standard deviation of demand D, in units a sale, from sales min(D, C) of which some stopped at their stock C (flags
    `at_limit`). `law` of `LAWS`, independent of the stock; `method` "em" (Talluri & van Ryzin 2004, ch. 9) or "mle" (Tobin 1958; the
    negative binomial's). ValueError under three different open counts."""
    sales, full = _check_sales(sales_units, at_limit, law, method)
    scale = np.log(sales) if law == "lognormal" else sales
    if method == "em" and law != "negative_binomial":
        found = _expect_and_maximise(scale, full)
    else:
        start = (
            [np.log(sales.mean()), 1.0]
            if law == "negative_binomial"
            else [scale.mean(), np.log(scale.std())]
        )
        options = {"xatol": 1e-8, "fatol": 1e-10, "maxiter": 2000}
        found = optimize.minimize(
            lambda at: -_sales_loglik(at, sales, full, law),
            start,
            method="Nelder-Mead",
            options=options,
        )
    curvature = -approx_hess3(found.x, _sales_loglik, args=(sales, full, law))
    slope = approx_fprime(found.x, _moments, args=(law,), centered=True)
    errors = np.sqrt(np.diag(slope @ linalg.pinvh(curvature) @ slope.T).clip(0))
    loglik = float(_sales_loglik(found.x, sales, full, law))
    return Unconstrained(
        *_moments(found.x, law).tolist(),
        *errors.tolist(),
        loglik,
        law,
        len(sales),
        int(full.sum()),
        found,
    )


def _check_sales(sales_units, at_limit, law: str, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Sales and flags as arrays, or a ValueError that says what is wrong with them."""
    sales, full = np.asarray(sales_units, float), np.asarray(at_limit, float)
    if law not in LAWS or method not in ("em", "mle"):
        raise ValueError(
            f"law {law!r}; expected one of {', '.join(LAWS)}; method {method!r}; expected one of em, mle"
        )
    if (
        sales.ndim != 1
        or sales.shape != full.shape
        or not (np.isfinite(sales).all() and np.isin(full, (0, 1)).all())
    ):
        found = f"sales_units of shape {sales.shape}, at_limit of shape {full.shape}"
        raise ValueError(
            f"{found}; expected two lists of one length, of numbers (no NaN, no infinity) and of flags"
        )
    if (sales < 0).any() or (law == "lognormal" and (sales == 0).any()):
        raise ValueError(
            f"sales_units holds {sales.min():g}; expected {'more than' if law == 'lognormal' else 'at least'} 0"
        )
    if law == "negative_binomial" and (sales % 1).any():
        raise ValueError(
            "sales_units holds part of a unit; expected whole units under the negative binomial"
        )
    if np.unique(sales[full == 0]).size < 3:
        raise ValueError(
            f"{full.sum():.0f} of {len(full)} sales at their limit; expected at least 3 different open counts"
        )
    return sales, full == 1


def _sales_loglik(at: np.ndarray, sales: np.ndarray, full: np.ndarray, law: str) -> float:
    """Log-likelihood of open sales as densities and of sales at their limit as tails P[D >= sales]."""
    family, given = LAWS[law][0], LAWS[law][1](*at)
    if law == "negative_binomial":
        return np.where(full, family.logsf(sales - 1, *given), family.logpmf(sales, *given)).sum()
    return np.where(full, family.logsf(sales, *given), family.logpdf(sales, *given)).sum()


def _moments(at: np.ndarray, law: str) -> np.ndarray:
    """Mean and standard deviation of demand in units, (2,)."""
    mean, variance = LAWS[law][0].stats(*LAWS[law][1](*at))
    return np.array([mean, np.sqrt(variance)])


def _expect_and_maximise(x: np.ndarray, full: np.ndarray) -> optimize.OptimizeResult:
    """Mean and log sd of a normal cut from above at x where full: censored moments in, sample moments out, until they stay."""
    at = np.array([x.mean(), x.std()])
    for step in range(100_000):  # noqa: B007
        z = (x - at[0]) / at[1]
        hazard = np.where(
            full, np.sqrt(2 / np.pi) / special.erfcx(z / np.sqrt(2)), z
        )  # of the normal law beyond z
        filled, beyond = (
            at[0] + at[1] * hazard,
            at[1] ** 2 * np.mean(full * (1 - hazard * (hazard - z))),
        )
        before, at = at, np.array([filled.mean(), np.sqrt(filled.var() + beyond)])
        if np.abs(at - before).max() < 1e-11 * at[1]:
            break
    return optimize.OptimizeResult(x=np.array([at[0], np.log(at[1])]), nit=step + 1)


def read_rates(rounds: pd.DataFrame, longest_s: float = WEEK_S) -> pd.DataFrame:
    """What every round says of its log order rate: log_rate (per second), sd, side, role, shop, order (of a device in its market).
    Sold out: units (an audited units_sold first; stock prepared bounds from above, a reservation is no order) over seconds. Not sold
    out: units sold over their window; not known whether: that from below. `role`: seen, at least, at most, or why it is not used."""
    told = with_words(rounds)
    sold_out, unknown, counted = (
        told["sold_out"] == "yes",
        told["sold_out"] == "unknown",
        told["units_sold"].notna(),
    )
    units = told["units_sold"].fillna(
        told["units"].where(~unknown & (told["units_basis"] != "reserved"))
    )
    seconds = told["sellout_s"].where(sold_out, told["window_s"])
    words = told["units_bound"].mask(counted & told["units"].notna(), "reported")
    words = words.mask(~counted & ((told["units_basis"] == "prepared") | ~sold_out), "upper")
    rates = told_rates(units, seconds, words, told["seconds_bound"])
    least, most = rates["least"] | unknown, rates["most"]
    why = [
        "units or seconds unknown",
        "counted over too long",
        "bounds on both sides",
        "at least",
        "at most",
    ]
    role = np.select(
        [units.isna() | seconds.isna(), seconds > longest_s, least & most, least, most], why, "seen"
    )
    by_date = told.sort_values(["date", "round"]).groupby(["device", "market"])
    order = (by_date.cumcount() + 1).where(by_date["round"].transform("count") > 0)
    shop = told["channel"].str.replace("_com", ".com").str.replace("_", " ")
    shop = (
        shop + " " + told["market"] + " " + told["date"].dt.year.astype(str)
    )  # such as "flipkart IN 2014"
    side, sd = least.astype(int) - most.astype(int), rates["sd"].clip(lower=NOISE_SD)
    return told.assign(
        log_rate=rates["log_rate"],
        sd=sd,
        side=side,
        role=role,
        seconds=seconds,
        order=order,
        shop=shop,
    )


@dataclass(frozen=True)
class RoundsModel(Shown):
    """Log order rates split into market, shop, device and rest by draws; `rounds`: role, demand and percentile of each."""

    rounds: pd.DataFrame
    variances: np.ndarray  # (draws, 5): PARTS, and the pace of devices per round
    fixed: np.ndarray  # (draws, 2): mean log rate, change with each further round of a device
    series: int  # devices in a market with two rounds or more, which the change rests on
    one_shop_share: (
        float  # devices sold in one shop only: there device and shop cannot be told apart
    )

    def shares(self) -> pd.DataFrame:
        """Share of each part in the variance of log rates, and what is left for demand, one row a draw."""
        shares = pd.DataFrame(
            self.variances[:, :4] / self.variances[:, :4].sum(axis=1, keepdims=True),
            columns=list(PARTS),
        )
        return shares.assign(**{"left for demand": shares["device"] + shares["rest of the round"]})

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """term, estimate, low, high, unit: posterior medians and equal-tailed intervals."""
        told = [("median order rate", np.exp(self.fixed[:, 0]), "orders per second")]
        told += [
            (f"share of variance: {part}", draws, "share") for part, draws in self.shares().items()
        ]
        told += [("change with each further round of a device", self.fixed[:, 1], "log per round")]
        told += [
            ("sd of that change between devices", np.sqrt(self.variances[:, 4]), "log per round")
        ]
        at = [0.5, (1 - level) / 2, (1 + level) / 2]
        return pd.DataFrame(
            [(term, *np.quantile(draws, at), unit) for term, draws, unit in told], columns=TERMS
        )


def fit_rounds(
    rounds: pd.DataFrame, longest_s: float = WEEK_S, draws: int = 1500, seed: int = 1
) -> RoundsModel:
    """Split the variation of log order rates by normal effects of market, shop (a channel in a market and year), device, round, and pace
    of a device in a market, censored both ways; half-Cauchy(1) sds (Gelman 2006); Gibbs sampling. "Demand" is device, round, pace and
    whatever else differed; nothing mends that fast sell-outs are told more often. ValueError under 20 rounds seen, or 3 of a group."""
    told = read_rates(rounds, longest_s).reset_index(drop=True)
    used, kinds = told[told["role"].isin(["seen", "at least", "at most"])], list(PARTS[:3])
    if (used["side"] == 0).sum() < 20:
        raise ValueError(
            f"{(used['side'] == 0).sum()} rounds with a rate that is no mere bound; expected at least 20"
        )
    if (found := used[kinds].nunique()).min() < 3:
        by = found.idxmin()
        raise ValueError(
            f"rounds with a rate in {found[by]} {by}s; expected at least 3 to tell how {by}s differ"
        )
    line = (used["device"] + " " + used["market"]).where(used["order"].notna(), "")
    step = (used["order"] - used.groupby(line)["order"].transform("mean")).fillna(0).to_numpy()
    groups = [pd.get_dummies(used[by], dtype=float).to_numpy() for by in kinds]
    groups += [pd.get_dummies(line, dtype=float).to_numpy() * step[:, None]]
    design = np.column_stack([np.ones(len(used)), step, *groups])
    owner = np.repeat([-1, -1, 0, 1, 2, 4], [1, 1, *(g.shape[1] for g in groups)])
    effects, rest, variances = _sample_effects(
        used, design, owner, draws, np.random.default_rng(seed)
    )
    demand = effects[:, owner >= 2] @ design[:, owner >= 2].T + rest
    placed = stats.norm.cdf(demand / np.sqrt(variances[:, 2] + variances[:, 3])[:, None])
    for name, got in (("demand", demand), ("percentile", placed)):
        told.loc[used.index, [f"{name}_low", name, f"{name}_high"]] = np.quantile(
            got, [0.025, 0.5, 0.975], axis=0
        ).T
    series, shops = (
        int((line[line != ""].value_counts() > 1).sum()),
        used.groupby("device")["shop"].nunique(),
    )
    return RoundsModel(told, variances, effects[:, :2], series, float((shops == 1).mean()))


def _sample_effects(
    used: pd.DataFrame, design: np.ndarray, owner: np.ndarray, draws: int, rng
) -> tuple[np.ndarray, ...]:
    """Gibbs draws of the effects (draws, columns of the design), the rest of each round, and the five variances."""
    bound, side, noise = (used[column].to_numpy(float) for column in ("log_rate", "side", "sd"))
    seen, half, variance, slack = bound.copy(), np.flatnonzero(side), np.ones(5), np.ones(5)
    counts, kept = np.bincount(owner[owner >= 0], minlength=5) + len(used) * (np.arange(5) == 3), []
    for _ in range(draws + draws // 4):
        spread = variance[3] + noise**2
        prior = np.where(owner < 0, 1e-2, 1 / variance[owner])
        lower = linalg.cholesky(design.T @ (design / spread[:, None]) + np.diag(prior), lower=True)
        mean = linalg.cho_solve((lower, True), design.T @ (seen / spread))
        effects = mean + linalg.solve_triangular(
            lower, rng.standard_normal(len(owner)), lower=True, trans=1
        )
        middle = design @ effects
        sd, flip = (
            np.sqrt(spread[half]),
            side[half],
        )  # a rate known from one side: what the effects give, cut at its bound
        tail = special.log_ndtr(flip * (middle[half] - bound[half]) / sd) + np.log(
            rng.uniform(size=len(half))
        )
        seen[half] = middle[half] - flip * sd * special.ndtri_exp(tail)
        rest = (seen - middle) * variance[3] / spread + noise * np.sqrt(
            variance[3] / spread
        ) * rng.standard_normal(len(seen))
        squares = np.bincount(
            owner[owner >= 0], effects[owner >= 0] ** 2, minlength=5
        ) + rest @ rest * (np.arange(5) == 3)
        variance = (squares / 2 + 1 / slack) / rng.gamma((counts + 1) / 2)
        slack = (1 + 1 / variance) / rng.gamma(1.0, size=5)
        kept.append((effects, rest, variance))
    return tuple(map(np.array, zip(*kept[draws // 4 :], strict=True)))


def compare_rounds(rounds: pd.DataFrame, draws: int = 300) -> pd.DataFrame:
    """What is left for demand, and the change with each round, under each choice of rounds that we could defend."""
    choices = {
        "rounds of an hour at most": (rounds, 3600.0),
        "whatever was counted, over any time": (rounds, np.inf),
        "sold out only": (rounds[rounds["sold_out"] == "yes"], WEEK_S),
        "without weak sources": (rounds[~rounds["weak_source"]], WEEK_S),
    }
    names, rows = (
        ["left_for_demand", "low", "high", "change_per_round", "change_low", "change_high"],
        [],
    )
    for label, (chosen, longest_s) in choices.items():
        model = fit_rounds(chosen, longest_s, draws)
        told = np.column_stack([model.shares()["left for demand"], model.fixed[:, 1]])
        told = dict(
            zip(names, np.quantile(told, [0.5, 0.025, 0.975], axis=0).T.ravel(), strict=True)
        )
        rows.append({"rounds_used": label, "rounds": model.rounds["demand"].count()} | told)
    return pd.DataFrame(rows)
