"""Bill of materials (BOM): how fast the cost of the same phone falls, of which parts that can be said, and where it goes from launch."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import brentq
from statsmodels.stats.meta_analysis import combine_effects

from .cost_laws import compare_moore_wright, fit_cost_law, hindcast, score_hindcast  # noqa: F401 (the cost half in one place)
from .wording import Shown

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


def clean_pairs(pairs, devices, spec, classes, years, dated=("stated", "assumed"), component=None) -> pd.DataFrame:
    """Pairs of costings by one house on one basis that keep a rule of `PAIR_SETS`, of whole devices or of one component, no forecasts.
    Each device stands once, in its longest pair, so that no costing counts twice. Adds years, log_change, rate_per_year (logs).
    ValueError for costs not above zero."""
    costs, kinds = pairs[["cost_a_usd", "cost_b_usd"]], devices.set_index("device")["device_class"]
    if len(bad := pairs.loc[~(costs > 0).all(axis=1), "pair_id"]):
        raise ValueError(f"pair {bad.iloc[0]}: expected costs above zero")
    gap, change = (pairs["date_b"] - pairs["date_a"]).dt.days / 365.25, np.log(pairs["cost_b_usd"] / pairs["cost_a_usd"])
    keep = pairs["basis"].isin(["bom", "total"]) if component is None else pairs["component"] == component
    keep &= (pairs["analyst_house_a"] == pairs["analyst_house_b"]) & (pairs["stage_b"] != "forecast")
    keep &= (
        pairs["second_date"].isin(dated)
        & pairs["same_specification"].isin(spec)
        & pairs["device_a"].map(kinds).isin(classes)
        & (gap >= max(years, 0.01))
    )
    pairs, chosen, seen = pairs.assign(years=gap, log_change=change, rate_per_year=change / gap), [], set()
    for row in pairs[keep].sort_values(["years", "pair_id"], ascending=[False, True]).itertuples():
        if not seen & {row.device_a, row.device_b}:
            chosen, seen = [*chosen, row.Index], seen | {row.device_a, row.device_b}
    return pairs.loc[sorted(chosen)].reset_index(drop=True)


def costing_noise(pairs: pd.DataFrame, devices: pd.DataFrame) -> tuple[float, int]:
    """Sd of the log DIFFERENCE of two costings of one device under three months apart (root mean square), and how many those are."""
    changes = clean_pairs(pairs, devices, **FIRST_RULE | {"years": 0}).query("years < 0.25")["log_change"]
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
    noise_share: tuple = (np.nan, np.nan, np.nan)  # of the rates' variance: noise at its estimate, lower and upper limit

    def table(self) -> pd.DataFrame:
        """term, estimate, low, high, unit."""
        ends = [(self.low, self.high), (self.predicted_low, self.predicted_high), self.between_limits, self.noise_share[1:]]
        terms = ["yearly rate of the same phone", "the next phone", "spread between phones (sd)", "noise in the rates"]
        rows = pd.DataFrame({"term": terms, "estimate": [self.rate, self.rate, self.between_sd, self.noise_share[0]]})
        return rows.join(pd.DataFrame(ends, columns=["low", "high"])).assign(unit=["log per year"] * 3 + ["share"])

    def draw(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Rates of one more phone, one a draw."""
        return self.rate + np.hypot(self.between_sd, self.standard_error) * rng.standard_t(self.pairs - 1, draws)


def pool_decline(pairs: pd.DataFrame, noise: tuple[float, int], level: float = 0.95) -> DeclineRate:
    """Pool the rates of `clean_pairs`: random effects (Paule-Mandel), Hartung-Knapp interval, t prediction (IntHout et al. 2016).
    `noise`: sd of a log difference and the revisions it rests on. Weights and spread take it at its lower 95 % limit, so that what may
    be spread between phones is not put down to noise and the intervals bear a noise wrong by 1.5. ValueError below three pairs."""
    if len(pairs) < 3:
        raise ValueError(f"{len(pairs)} clean pairs; expected at least 3")
    effect, years, k = pairs["rate_per_year"].to_numpy(float), pairs["years"].to_numpy(float), len(pairs)
    sds = noise[0] * np.r_[1, np.sqrt(noise[1] / stats.chi2.ppf([0.975, 0.025], noise[1]))]
    fits = [combine_effects(effect, (sd / years) ** 2, method_re="iterated", use_t=True) for sd in sds]
    shares = tuple((noisy := np.mean((sd / years) ** 2)) / (noisy + fit.tau2) for sd, fit in zip(sds, fits, strict=True))
    rate, error, spread = fits[1].mean_effect_re, fits[1].sd_eff_w_re_hksj, np.sqrt(fits[1].tau2)
    reach, ahead = stats.t.ppf((1 + level) / 2, k - 1) * np.array([error, np.hypot(error, spread)])
    limits = [_spread_at((1 + side * level) / 2, effect, sd / years) for side, sd in ((1, sds[2]), (-1, sds[1]))]
    ends = rate - reach, rate + reach, spread, tuple(limits), rate - ahead, rate + ahead
    return DeclineRate(rate, *ends, level, k, error, fits[1], shares)


def _spread_at(p: float, effect: np.ndarray, error: np.ndarray) -> float:
    """Spread at which the weighted sum of squares is the p quantile of its law (Q-profile, Viechtbauer 2007), on a grid up to 3."""
    spreads = np.linspace(0, 3, 3001)
    weight = 1 / (error**2 + spreads[:, None] ** 2)
    squares = (weight * (effect - np.average(np.broadcast_to(effect, weight.shape), 1, weight)[:, None]) ** 2).sum(1)
    return float(spreads[np.argmax(squares <= stats.chi2.ppf(p, len(effect) - 1))])


def forest(chosen: pd.DataFrame, decline: DeclineRate, noise: tuple[float, int]) -> pd.DataFrame:
    """Rows for an interval chart: each clean pair with its costing noise (95 %), then the pooled rate and the next phone."""
    reach = stats.t.ppf(0.975, noise[1]) * noise[0] / chosen["years"]
    each = chosen.assign(label=chosen["device_a"].str.replace("_", " "), estimate=chosen["rate_per_year"], focus=False)
    each = each.assign(low=each["estimate"] - reach, high=each["estimate"] + reach).sort_values("estimate")
    pooled = decline.table().head(2).assign(focus=True).rename(columns={"term": "label"})
    return pd.concat([each, pooled])[["label", "estimate", "low", "high", "focus"]]


def compare_pair_sets(pairs: pd.DataFrame, devices: pd.DataFrame) -> pd.DataFrame:
    """The pooled rate under every rule of `PAIR_SETS`, then under the first with each pair left out; one row each."""
    noise, sets = costing_noise(pairs, devices), {name: clean_pairs(pairs, devices, **rule) for name, rule in PAIR_SETS.items()}
    first, told = next(iter(sets.values())), []
    sets |= {f"first rule without {name}": first[first["device_a"] != name] for name in first["device_a"]}
    for label, chosen in sets.items():
        fit = pool_decline(chosen, noise)
        told.append((label, fit.pairs, fit.rate, fit.low, fit.high, fit.predicted_low, fit.predicted_high, fit.between_sd))
        told[-1] += fit.noise_share
    names = ["label", "pairs", "estimate", "low", "high", "predicted_low", "predicted_high", "spread_between_phones"]
    return pd.DataFrame(told, columns=[*names, "noise_share", "noise_share_low", "noise_share_high"])


def fit_trend(rows: pd.DataFrame, cost: str, size: str | None = None, level: float = 0.95) -> pd.DataFrame:
    """Yearly log trend of the column `cost`, elasticity to `size` if given, wander of prices (sd, root year): term, estimate, low, high.
    Rows need teardown_date and analyst_house. Generalised least squares with random analysts and a random walk of prices, averaged
    over `RATIOS` of their spreads by restricted likelihood (a mixture of Student t). Two rows more than terms at least."""
    t = (rows["teardown_date"] - rows["teardown_date"].min()).dt.days.to_numpy() / 365.25
    design = np.column_stack([np.ones(len(t)), t, *([] if size is None else [np.log(rows[size])])])
    y, freedom = np.log(rows[cost].to_numpy(float)), len(t) - design.shape[1]
    if freedom < 2 or not np.isfinite(y).all() or not np.isfinite(design).all():
        raise ValueError(f"{len(t)} costings; expected {design.shape[1] + 2} or more with {cost} and size above zero")
    house = rows["analyst_house"].to_numpy()
    cover = np.eye(len(t)) + np.tensordot(RATIOS**2, [1.0 * (house[:, None] == house), np.minimum.outer(t, t)], 1)
    solved = np.linalg.solve(cover, np.c_[design, y])
    inverse, cross = np.linalg.inv(design.T @ solved[..., :-1]), design.T @ solved[..., -1:]
    slopes = (inverse @ cross)[..., 0]
    rest = np.maximum(solved[..., -1] @ y - (slopes * cross[..., 0]).sum(1), 1e-12)
    fit = (np.linalg.slogdet(inverse)[1] - np.linalg.slogdet(cover)[1] - freedom * np.log(rest)) / 2
    weight = np.exp(fit - fit.max()) / np.exp(fit - fit.max()).sum()
    scale = np.sqrt(np.diagonal(inverse, axis1=1, axis2=2) * rest[:, None] / freedom)

    def quantile(at: int, p: float) -> float:
        return brentq(lambda x: weight @ stats.t.cdf((x - slopes[:, at]) / scale[:, at], freedom) - p, -99, 99)

    terms, ends = ["trend", "elasticity"][: design.shape[1] - 1], ((1 - level) / 2, (1 + level) / 2)
    told = {term: (weight @ slopes[:, at], *(quantile(at, p) for p in ends)) for at, term in enumerate(terms, 1)}
    told["wander"] = (weight @ (RATIOS[:, 1] * np.sqrt(rest / freedom)), np.nan, np.nan)
    return pd.DataFrame(told, ["estimate", "low", "high"]).T.rename_axis("term")


def component_rates(components: pd.DataFrame, teardowns: pd.DataFrame, devices: pd.DataFrame) -> pd.DataFrame:
    """Yearly log trend of each component over teardowns of new phones (each once a house), size held where it is on file, and of the
    whole. `identified` as a price: only where size is all there is to buy (gigabytes), its elasticity may be 1 and
    `LEAST_COSTINGS` of two houses stand behind it; every other trend is progress in specification, not the decline of a part."""
    phones = teardowns[teardowns["device"].map(devices.set_index("device")["device_class"]) == "phone"]
    whole = phones.assign(cost_usd=phones["bom_usd"], spec_unit=None, component="whole phone").dropna(subset="bom_usd")
    lines = components[~components["partial"] & ~components["derived"]].drop(columns="derived").merge(phones, on="teardown_id")
    told = []
    for name, rows in pd.concat([whole, lines[~lines["component"].isin(["assembly", "other", "box_contents"])]]).groupby(
        "component"
    ):
        size = "spec_value" if rows["spec_unit"].notna().sum() >= 6 else None
        used = (rows if size is None else rows.dropna(subset=size)).sort_values("teardown_date")
        used = used.drop_duplicates(["device", "analyst_house"])
        if len(used) >= 6:
            fit, houses, unit = fit_trend(used, "cost_usd", size), used["analyst_house"].nunique(), used["spec_unit"].iloc[0]
            known = unit == "gb" and min(len(used) / LEAST_COSTINGS, houses / 2) >= 1
            known = known and fit.loc["elasticity", "low"] <= 1 <= fit.loc["elasticity", "high"]
            slope, more = fit["estimate"].get("elasticity"), (fit.loc["wander", "estimate"], bool(known))
            told.append((name, len(used), houses, unit, *fit.loc["trend"], slope, *more))
    names = ["label", "costings", "houses", "size", "estimate", "low", "high", "elasticity", "wander", "identified"]
    return pd.DataFrame(told, columns=names)


def bom_parts(components, teardowns, pairs, devices, decline: DeclineRate) -> pd.DataFrame:
    """Memory and display as `forecast_bom` wants them: mean share of the BOM; rate less the pooled one, memory's from the price of flash
    in the panel, the display's from same-part pairs; wander from the panel."""
    rates = component_rates(components, teardowns, devices).set_index("label")
    panels = pool_decline(clean_pairs(pairs, devices, **FIRST_RULE, component="display_touch"), costing_noise(pairs, devices))
    flash, display = rates.loc["nand"], rates.loc["display_touch"]
    phones = teardowns[teardowns["device"].isin(devices.query("device_class == 'phone'")["device"])]
    lines = components.query("not partial").merge(phones[["teardown_id", "bom_usd"]].dropna(), on="teardown_id")
    group = lines["component"].map({"nand": "memory", "dram": "memory", "memory_total": "memory", "display_touch": "display"})
    share = (lines["cost_usd"] / lines["bom_usd"]).groupby([group, lines["teardown_id"]]).sum().groupby(level=0).mean()
    told = [("memory", share["memory"], flash["estimate"] - decline.rate, (flash["high"] - flash["low"]) / 4, flash["wander"])]
    told += [("display", share["display"], panels.rate - decline.rate, panels.standard_error, display["wander"])]
    return pd.DataFrame(told, columns=["label", "share", "rate_gap", "se", "wander"])


def forecast_bom(months, cost_usd, rate_per_year, rng, *, parts=None, cost_month=0.0, correlation=0.3) -> np.ndarray:
    """BOM in dollars by draw and month since first sale, for `cost_usd` (one a draw) known at `cost_month` (a number, or one a draw).

    The whole changes at `rate_per_year` (logs, one a draw: `DeclineRate.draw`); `parts` (label; share, rate_gap and its se against the whole, wander a root
    year) deviate from it, the rest of the phone balancing them, with shocks of this correlation between parts. The sum is taken
    draw by draw: its mean is the expectation of a sum. Log changes are kept within 2, without which rates drawn from a Student t
    would have no mean. `correlation` is assumed."""
    months, cost = np.asarray(months, float), np.asarray(cost_usd, float)
    rate, known_at = np.reshape(rate_per_year, (-1, 1)), np.asarray(cost_month, float).reshape(-1, 1)
    years, grid = (months - known_at) / 12, np.union1d(months, known_at.mean())
    at, zero = np.searchsorted(grid, months), np.searchsorted(grid, known_at.mean())
    total, share_left, pull = 0.0, 1.0, np.zeros((len(cost), 1))
    common, step = rng.standard_normal((len(cost), len(grid))), np.sqrt(np.diff(grid, prepend=grid[0]) / 12)
    for part in [] if parts is None else parts.itertuples():
        gap = part.rate_gap + part.se * rng.standard_normal((len(cost), 1))
        shocks = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * rng.standard_normal(common.shape)
        walk = (part.wander * step * shocks).cumsum(1)
        total = total + part.share * np.exp(np.clip((rate + gap) * years + walk[:, at] - walk[:, [zero]], -2, 2))
        share_left, pull = share_left - part.share, pull - part.share * gap
    return cost[:, None] * (total + share_left * np.exp(np.clip((rate + pull / share_left) * years, -2, 2)))


def yearly_runs(prices: pd.DataFrame) -> dict[str, pd.Series]:
    """Series of yearly prices in dollars by year from a table of prices: geometric mean of a year, forecasts left out, each series cut at
    years without a price, three years or more; keys are series_id and first year."""
    runs = {}
    for name, group in prices[~prices["forecast"]].groupby("series_id"):
        means = np.exp(np.log(group["price_usd"]).groupby(group["date"].dt.year).mean())
        cut = {f"{name}_{run.index[0]}": run for _, run in means.groupby(means.index - np.arange(len(means)))}
        runs |= {key: run for key, run in cut.items() if len(run) >= 3}
    return runs


def by_date(economics: pd.DataFrame, item: str, country: str, days: pd.DatetimeIndex) -> np.ndarray:
    """The value of an item of economics.csv in force on each day (value added tax: share of the net price), NaN where none is on file."""
    value = np.full(len(days), np.nan)
    for row in economics[(economics["item"] == item) & (economics["country"] == country)].itertuples():
        value[(days >= row.valid_from) & ~(days > row.valid_to)] = row.value
    return value


def price_shares(teardowns: pd.DataFrame, devices: pd.DataFrame, economics: pd.DataFrame) -> pd.DataFrame:
    """BOM over net price, one row a teardown of a phone with both (adds brand, net_price_usd, share). Xiaomi's list prices are Chinese
    and hold value added tax at the rate of the day, taken out here; the others' are American and hold none."""
    phones = teardowns.merge(devices[["device", "brand", "device_class"]], on="device").query("device_class == 'phone'")
    phones = phones.dropna(subset=["bom_usd", "retail_price_usd"]).reset_index(drop=True)
    tax = (by_date(economics, "vat_rate", country, pd.DatetimeIndex(phones["teardown_date"])) for country in ("CN", "US"))
    net = phones["retail_price_usd"] / (1 + np.where(phones["brand"] == "xiaomi", *tax))
    return phones.assign(net_price_usd=net, share=phones["bom_usd"] / net)


def summarise_shares(shares: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Geometric mean share by brand of three phones or more (a phone's teardowns count once): label, brand, phones, estimate, low, high
    (t, logs), next_low and next_high for one more phone of the brand."""
    logs = np.log(shares["share"]).groupby([shares["brand"], shares["device"]]).mean().groupby(level=0)
    table = logs.agg(phones="size", mean="mean", sd="std").query("phones >= 3").reset_index()
    k, told = table["phones"], table.assign(label=table["brand"] + " (" + table["phones"].astype(str) + " phones)")
    told = told.assign(estimate=np.exp(table["mean"]))
    for name, sd in (("", table["sd"] / np.sqrt(k)), ("next_", table["sd"] * np.sqrt(1 + 1 / k))):
        reach = stats.t.ppf((1 + level) / 2, k - 1) * sd
        told = told.assign(**{f"{name}low": np.exp(table["mean"] - reach), f"{name}high": np.exp(table["mean"] + reach)})
    return told
