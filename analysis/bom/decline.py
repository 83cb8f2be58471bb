"""Bill of materials (BOM): how fast the cost of the same phone falls, of which parts that can be said, and where it goes from launch."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import brentq
from statsmodels.stats.meta_analysis import combine_effects

from ..look.wording import Shown
from .cost_laws import compare_moore_wright, fit_cost_law, hindcast, score_hindcast  # noqa: F401 (the cost half in one place)

# Rules for a clean pair, written before any estimate; none of them looks at the direction of the change.
FIRST_RULE = {"spec": ("yes",), "classes": ("phone", "tablet"), "years": 0.25}
PAIR_SETS = {
    "same phone or tablet, same analyst, 3 months or more apart": FIRST_RULE,
    "the same, phones alone": FIRST_RULE | {"classes": ("phone",)},
    "the same, with consoles": FIRST_RULE | {"classes": ("phone", "tablet", "console")},
    "near specification admitted": FIRST_RULE | {"spec": ("yes", "near")},
    "any gap in time": FIRST_RULE | {"years": 0.0},
    "date of the second costing stated": FIRST_RULE | {"dated": ("stated",)},
}
# Spread of analysts and wander of prices (a root year) over the noise of a costing; prices stand still in half of the cases.
RATIOS = np.array(list(product((0, 2), (0, 0, 2, 8))))
LEAST_COSTINGS = 10  # a component's price is told from as many costings of two houses at least


def clean_pairs(
    pairs, devices, spec, classes, years, dated=("stated", "assumed"), component=None
) -> pd.DataFrame:
    """Pairs of costings by one house that keep a rule of `PAIR_SETS`, of whole devices or of one component, no forecasts; each device
    once, in its longest pair. Adds years, log_change, rate_per_year (logs). ValueError for costs not above zero."""
    if len(bad := pairs.query("not (cost_a_usd > 0 and cost_b_usd > 0)")):
        raise ValueError(f"pair {bad['pair_id'].iloc[0]}: expected costs above zero")
    gap, change = (
        (pairs["date_b"] - pairs["date_a"]).dt.days / 365.25,
        np.log(pairs["cost_b_usd"] / pairs["cost_a_usd"]),
    )
    pairs = pairs.assign(years=gap, log_change=change, rate_per_year=change / gap)
    kept = pairs[
        pairs["basis"].isin(["bom", "total"])
        if component is None
        else pairs["component"] == component
    ]
    classed = kept["device_a"].map(devices.set_index("device")["device_class"]).isin(classes)
    kept = kept[classed & (kept["years"] >= max(years, 0.01))]
    kept = kept.query("analyst_house_a == analyst_house_b and stage_b != 'forecast'")
    kept = kept.query("second_date in @dated and same_specification in @spec")
    chosen, seen = [], set()
    for row in kept.sort_values(["years", "pair_id"], ascending=[False, True]).itertuples():
        if not seen & {row.device_a, row.device_b}:
            chosen, seen = [*chosen, row.Index], seen | {row.device_a, row.device_b}
    return pairs.loc[sorted(chosen)].reset_index(drop=True)


def costing_noise(pairs: pd.DataFrame, devices: pd.DataFrame) -> tuple[float, int]:
    """Sd of the log DIFFERENCE of two costings of one device under three months apart (root mean square), and how many those are."""
    changes = clean_pairs(pairs, devices, **FIRST_RULE | {"years": 0}).query("years < 0.25")[
        "log_change"
    ]
    return float(np.sqrt(np.mean(changes**2))), len(changes)


@dataclass(frozen=True)
class DeclineRate(Shown):
    """Yearly rate at which the cost of one device changes, in logs (negative: it falls), pooled over pairs."""

    rate: float
    low: float
    high: float
    between_sd: float  # of true rates between devices, noise at its lower limit
    between_limits: tuple[float, float]
    predicted_low: float  # the true rate of one more device
    predicted_high: float
    level: float
    pairs: int
    standard_error: float
    results: object  # statsmodels, noise at its lower limit
    noise_share: tuple = (
        np.nan,
        np.nan,
        np.nan,
    )  # of the rates' variance: noise at its estimate, lower and upper limit

    def table(self) -> pd.DataFrame:
        """term, estimate, low, high, unit."""
        ends = [
            (self.low, self.high),
            (self.predicted_low, self.predicted_high),
            self.between_limits,
            self.noise_share[1:],
        ]
        terms = [
            "yearly rate of the same phone",
            "the next phone",
            "spread between phones (sd)",
            "noise in the rates",
        ]
        rows = pd.DataFrame(
            {
                "term": terms,
                "estimate": [self.rate, self.rate, self.between_sd, self.noise_share[0]],
            }
        )
        return rows.join(pd.DataFrame(ends, columns=["low", "high"])).assign(
            unit=["log per year"] * 3 + ["share"]
        )

    def draw(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Rates of one more phone, one a draw."""
        return self.rate + np.hypot(self.between_sd, self.standard_error) * rng.standard_t(
            self.pairs - 1, draws
        )


def pool_decline(pairs: pd.DataFrame, noise: tuple[float, int], level: float = 0.95) -> DeclineRate:
    """Pool three or more rates of `clean_pairs` (or ValueError): random effects (Paule-Mandel), Hartung-Knapp, t prediction (IntHout et
    al. 2016). `noise` (sd of a log difference, revisions behind it) enters at its lower 95 % limit: intervals bear one wrong by 1.5."""
    if len(pairs) < 3:
        raise ValueError(f"{len(pairs)} clean pairs; expected at least 3")
    effect, years, k = (
        pairs["rate_per_year"].to_numpy(float),
        pairs["years"].to_numpy(float),
        len(pairs),
    )
    sds = noise[0] * np.r_[1, np.sqrt(noise[1] / stats.chi2.ppf([0.975, 0.025], noise[1]))]
    fits = [
        combine_effects(effect, (sd / years) ** 2, method_re="iterated", use_t=True) for sd in sds
    ]
    shares = tuple(
        (noisy := np.mean((sd / years) ** 2)) / (noisy + fit.tau2)
        for sd, fit in zip(sds, fits, strict=True)
    )
    rate, error, spread = fits[1].mean_effect_re, fits[1].sd_eff_w_re_hksj, np.sqrt(fits[1].tau2)
    reach, ahead = stats.t.ppf((1 + level) / 2, k - 1) * np.array([error, np.hypot(error, spread)])
    limits = [
        _spread_at((1 + side * level) / 2, effect, sd / years)
        for side, sd in ((1, sds[2]), (-1, sds[1]))
    ]
    ends = rate - reach, rate + reach, spread, tuple(limits), rate - ahead, rate + ahead
    return DeclineRate(rate, *ends, level, k, error, fits[1], shares)


def _spread_at(p: float, effect: np.ndarray, error: np.ndarray) -> float:
    """Spread at which the weighted sum of squares is the p quantile of its law (Q-profile, Viechtbauer 2007), infinite above 3."""
    spreads = np.linspace(0, 3, 3001)
    weight = 1 / (error**2 + spreads[:, None] ** 2)
    squares = (
        weight
        * (effect - np.average(np.broadcast_to(effect, weight.shape), 1, weight)[:, None]) ** 2
    ).sum(1)
    return float(
        np.r_[spreads, np.inf][
            np.argmax(np.r_[squares <= stats.chi2.ppf(p, len(effect) - 1), True])
        ]
    )


def forest(chosen: pd.DataFrame, decline: DeclineRate, noise: tuple[float, int]) -> pd.DataFrame:
    """Rows for an interval chart: each clean pair with its costing noise (95 %), then the pooled rate and the next phone."""
    reach = stats.t.ppf(0.975, noise[1]) * noise[0] / chosen["years"]
    each = chosen.assign(
        label=chosen["device_a"].str.replace("_", " "),
        estimate=chosen["rate_per_year"],
        focus=False,
    )
    each = each.assign(low=each["estimate"] - reach, high=each["estimate"] + reach).sort_values(
        "estimate"
    )
    pooled = decline.table().head(2).assign(focus=True).rename(columns={"term": "label"})
    return pd.concat([each, pooled])[["label", "estimate", "low", "high", "focus"]]


def compare_pair_sets(pairs: pd.DataFrame, devices: pd.DataFrame) -> pd.DataFrame:
    """The pooled rate under every rule of `PAIR_SETS`, then under the first with each pair left out; one row each."""
    noise, sets = (
        costing_noise(pairs, devices),
        {name: clean_pairs(pairs, devices, **rule) for name, rule in PAIR_SETS.items()},
    )
    first = next(iter(sets.values()))
    sets |= {
        f"first rule without {name}": first[first["device_a"] != name] for name in first["device_a"]
    }
    fits = pd.DataFrame(
        [{"label": label} | vars(pool_decline(chosen, noise)) for label, chosen in sets.items()]
    )
    fits[["noise_share", "noise_share_low", "noise_share_high"]] = fits["noise_share"].to_list()
    fits = fits.rename(columns={"rate": "estimate", "between_sd": "spread_between_phones"})
    return fits.drop(columns=["between_limits", "level", "standard_error", "results"])


def fit_trend(
    rows: pd.DataFrame, cost: str, size: str | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Yearly log trend of `cost`, elasticity to `size`, wander of prices (sd, root year): term, estimate, low, high. GLS with random
    analysts and walking prices, weighed over `RATIOS` by restricted likelihood. ValueError under two rows more than terms."""
    t = (rows["teardown_date"] - rows["teardown_date"].min()).dt.days.to_numpy() / 365.25
    design = np.column_stack([np.ones(len(t)), t, *([] if size is None else [np.log(rows[size])])])
    y, freedom = np.log(rows[cost].to_numpy(float)), len(t) - design.shape[1]
    if freedom < 2 or not np.isfinite(y).all() or not np.isfinite(design).all():
        raise ValueError(
            f"{len(t)} costings; expected {design.shape[1] + 2} or more with {cost} and size above zero"
        )
    house = rows["analyst_house"].to_numpy()
    cover = np.eye(len(t)) + np.tensordot(
        RATIOS**2, [1.0 * (house[:, None] == house), np.minimum.outer(t, t)], 1
    )
    solved = np.linalg.solve(cover, np.c_[design, y])
    inverse, cross = np.linalg.inv(design.T @ solved[..., :-1]), design.T @ solved[..., -1:]
    slopes = (inverse @ cross)[..., 0]
    rest = np.maximum(solved[..., -1] @ y - (slopes * cross[..., 0]).sum(1), 1e-12)
    fit = (np.linalg.slogdet(inverse)[1] - np.linalg.slogdet(cover)[1] - freedom * np.log(rest)) / 2
    weight = np.exp(fit - fit.max()) / np.exp(fit - fit.max()).sum()
    scale = np.sqrt(np.diagonal(inverse, axis1=1, axis2=2) * rest[:, None] / freedom)

    def quantile(at: int, p: float) -> float:
        return brentq(
            lambda x: weight @ stats.t.cdf((x - slopes[:, at]) / scale[:, at], freedom) - p, -99, 99
        )

    terms, ends = ["trend", "elasticity"][: design.shape[1] - 1], ((1 - level) / 2, (1 + level) / 2)
    told = {
        term: (weight @ slopes[:, at], *(quantile(at, p) for p in ends))
        for at, term in enumerate(terms, 1)
    }
    told["wander"] = (weight @ (RATIOS[:, 1] * np.sqrt(rest / freedom)), np.nan, np.nan)
    return pd.DataFrame(told, ["estimate", "low", "high"]).T.rename_axis("term")


def component_rates(
    components: pd.DataFrame, teardowns: pd.DataFrame, devices: pd.DataFrame
) -> pd.DataFrame:
    """Yearly log trend over new phones (each once a house) of the whole and each component, size held where it is on file. `identified`
    as a price: gigabytes with an elasticity that may be 1, `LEAST_COSTINGS` of two houses; every other is progress in specification."""
    phones = _phones(teardowns, devices).drop(columns="derived")
    whole = phones.assign(
        cost_usd=phones["bom_usd"], spec_unit=None, component="whole phone"
    ).dropna(subset="bom_usd")
    lines = components.query(
        "not partial and not derived and component not in ['assembly', 'other', 'box_contents']"
    )
    told = []
    for name, rows in pd.concat([whole, lines.merge(phones, on="teardown_id")]).groupby(
        "component"
    ):
        size = "spec_value" if rows["spec_unit"].notna().sum() >= 6 else None
        used = (
            rows.dropna(subset=size or "cost_usd")
            .sort_values("teardown_date")
            .drop_duplicates(["device", "analyst_house"])
        )
        if len(used) >= 6:
            fit, houses, unit = (
                fit_trend(used, "cost_usd", size),
                used["analyst_house"].nunique(),
                used["spec_unit"].iloc[0],
            )
            row = {
                "label": name,
                "costings": len(used),
                "houses": houses,
                "size": unit,
                **fit.loc["trend"],
            }
            row |= {
                "elasticity": fit["estimate"].get("elasticity"),
                "wander": fit["estimate"]["wander"],
            }
            known = unit == "gb" and len(used) >= LEAST_COSTINGS and houses >= 2
            told.append(
                row
                | {
                    "identified": known
                    and fit["low"]["elasticity"] <= 1 <= fit["high"]["elasticity"]
                }
            )
    return pd.DataFrame(told)


def _phones(teardowns: pd.DataFrame, devices: pd.DataFrame) -> pd.DataFrame:
    """Teardowns of phones, with their brand."""
    return teardowns.merge(
        devices.query("device_class == 'phone'")[["device", "brand"]], on="device"
    )


def bom_parts(components, teardowns, pairs, devices, decline: DeclineRate) -> pd.DataFrame:
    """Display (rate from same-part pairs) and memory (from flash in the panel) as `forecast_bom` wants them; mean shares of the BOM."""
    rates = component_rates(components, teardowns, devices).set_index("label")
    panels = pool_decline(
        clean_pairs(pairs, devices, **FIRST_RULE, component="display_touch"),
        costing_noise(pairs, devices),
    )
    flash, display = rates.loc["nand"], rates.loc["display_touch"]
    lines = components.query("not partial").merge(
        _phones(teardowns, devices)[["teardown_id", "bom_usd"]].dropna()
    )
    group = lines["component"].map(
        {"nand": "memory", "dram": "memory", "memory_total": "memory", "display_touch": "display"}
    )
    share = (
        (lines["cost_usd"] / lines["bom_usd"])
        .groupby([group, lines["teardown_id"]])
        .sum()
        .groupby(level=0)
        .mean()
    )
    told = [
        (
            "memory",
            share["memory"],
            flash["estimate"] - decline.rate,
            (flash["high"] - flash["low"]) / 4,
            flash["wander"],
        )
    ]
    told += [
        (
            "display",
            share["display"],
            panels.rate - decline.rate,
            panels.standard_error,
            display["wander"],
        )
    ]
    return pd.DataFrame(told, columns=["label", "share", "rate_gap", "se", "wander"])


def forecast_bom(
    months, cost_usd, rate_per_year, rng, *, parts=None, cost_month=0.0, correlation=0.3, known=None
) -> np.ndarray:
    """BOM in dollars, draws x months since first sale, for `cost_usd` known at `cost_month` and `rate_per_year` (logs), one a draw.
    `parts` (share, rate_gap and its se against the whole, wander a root year) deviate from the rate, the rest of the phone balancing
    them, with shocks of the assumed `correlation`; summed draw by draw. Log changes stay within 2: rates of a Student t have no mean.
    `known` (rising months and dollars of dated costings, the first that of `cost_usd`): between them the path is straight in logs."""
    months, cost = np.asarray(months, float), np.asarray(cost_usd, float)
    rate, known_at = (
        np.reshape(rate_per_year, (-1, 1)),
        np.asarray(cost_month, float).reshape(-1, 1),
    )
    start, held = [known_at.mean()], 1.0
    if known is not None:  # from the nearest costing on, one way or the other
        dated, usd = map(np.asarray, known)
        start = known_at = np.clip(months, dated[0], dated[-1])
        held = np.exp(np.interp(months, dated, np.log(usd / usd[0])))
    years, grid = (months - known_at) / 12, np.union1d(months, start)
    at, zero = np.searchsorted(grid, months), np.searchsorted(grid, start)
    total, share_left, pull = 0.0, 1.0, np.zeros((len(cost), 1))
    common, step = (
        rng.standard_normal((len(cost), len(grid))),
        np.sqrt(np.diff(grid, prepend=grid[0]) / 12),
    )
    for part in [] if parts is None else parts.itertuples():
        gap = part.rate_gap + part.se * rng.standard_normal((len(cost), 1))
        shocks = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * rng.standard_normal(
            common.shape
        )
        walk = (part.wander * step * shocks).cumsum(1)
        total = total + part.share * np.exp(
            np.clip((rate + gap) * years + walk[:, at] - walk[:, zero], -2, 2)
        )
        share_left, pull = share_left - part.share, pull - part.share * gap
    return (
        cost[:, None]
        * held
        * (total + share_left * np.exp(np.clip((rate + pull / share_left) * years, -2, 2)))
    )


def yearly_runs(prices: pd.DataFrame) -> dict[str, pd.Series]:
    """Yearly prices (geometric mean, no forecasts) by series_id and first year, cut at years without a price, three years or more."""
    runs = {}
    for name, group in prices[~prices["forecast"]].groupby("series_id"):
        means = np.exp(np.log(group["price_usd"]).groupby(group["date"].dt.year).mean())
        cut = {
            f"{name}_{run.index[0]}": run
            for _, run in means.groupby(means.index - np.arange(len(means)))
        }
        runs |= {key: run for key, run in cut.items() if len(run) >= 3}
    return runs


def by_date(economics: pd.DataFrame, item: str, country: str, days: pd.DatetimeIndex) -> np.ndarray:
    """The value of an item of economics.csv in force on each day, NaN where none is on file (VAT: share of the net price)."""
    days, value = days.floor("D"), np.full(len(days), np.nan)
    for row in economics[
        (economics["item"] == item) & (economics["country"] == country)
    ].itertuples():
        value[(days >= row.valid_from) & ~(days > row.valid_to)] = row.value
    return value


def price_shares(
    teardowns: pd.DataFrame, devices: pd.DataFrame, economics: pd.DataFrame
) -> pd.DataFrame:
    """BOM over net price by teardown of a phone (adds brand, net_price_usd, share); Xiaomi's Chinese list prices hold the day's VAT."""
    phones = (
        _phones(teardowns, devices)
        .dropna(subset=["bom_usd", "retail_price_usd"])
        .reset_index(drop=True)
    )
    tax = by_date(economics, "vat_rate", "CN", pd.DatetimeIndex(phones["teardown_date"]))
    net = phones["retail_price_usd"] / (1 + np.where(phones["brand"] == "xiaomi", tax, 0))
    return phones.assign(net_price_usd=net, share=phones["bom_usd"] / net)


def summarise_shares(shares: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Geometric mean share by brand of three phones or more (each once): label, phones, estimate, low, high (t, logs), next_low, _high."""
    logs = (
        np.log(shares["share"]).groupby([shares["brand"], shares["device"]]).mean().groupby(level=0)
    )
    told = logs.agg(phones="size", mean="mean", sd="std").query("phones >= 3").reset_index()
    told["label"], told["estimate"] = (
        told["brand"] + " (" + told["phones"].astype(str) + " phones)",
        np.exp(told["mean"]),
    )
    reach = stats.t.ppf((1 + level) / 2, told["phones"] - 1) * told["sd"]
    for name, wide in (
        ("", reach / np.sqrt(told["phones"])),
        ("next_", reach * np.sqrt(1 + 1 / told["phones"])),
    ):
        told[f"{name}low"], told[f"{name}high"] = (
            np.exp(told["mean"] - wide),
            np.exp(told["mean"] + wide),
        )
    return told
