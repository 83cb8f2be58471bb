"""Bill of materials (BOM): its share of the price, and how fast the cost of the same phone falls."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

# Standard deviation of the log difference of two costings of one phone that differ by revision alone (data: recosted_pairs).
COSTING_NOISE_SD = 0.07
# Rules for a clean pair, written before any estimate; none of them looks at the direction of the change.
FIRST_RULE = {"spec": ("yes",), "classes": ("phone", "tablet"), "years": 0.25}
PAIR_SETS = {
    "same phone or tablet, same analyst, 3 months or more apart": FIRST_RULE,
    "the same, phones alone": FIRST_RULE | {"classes": ("phone",)},
    "the same, with consoles": FIRST_RULE | {"classes": ("phone", "tablet", "console")},
    "near specification admitted": FIRST_RULE | {"spec": ("yes", "near")},
    "any gap in time": FIRST_RULE | {"years": 0.0},
}


def clean_pairs(pairs: pd.DataFrame, devices: pd.DataFrame, spec: tuple, classes: tuple, years: float) -> pd.DataFrame:
    """One house's two costings of one phone that keep a rule of `PAIR_SETS`, with years, log_change, rate_per_year."""
    gap = (pairs["date_b"] - pairs["date_a"]).dt.days / 365.25
    keep = (
        pairs["same_specification"].isin(spec)
        & pairs["basis"].isin(["bom", "total"])
        & (pairs["analyst_house_a"] == pairs["analyst_house_b"])
        & (pairs[["stage_a", "stage_b"]] != "forecast").all(axis=1)
        & pairs["device_a"].map(devices.set_index("device")["device_class"]).isin(classes)
        & (gap >= years)
        & (gap > 0)
    )
    change = np.log(pairs["cost_b_usd"] / pairs["cost_a_usd"])
    return pairs.assign(years=gap, log_change=change, rate_per_year=change / gap)[keep].reset_index(drop=True)


@dataclass(frozen=True)
class DeclineRate:
    """Yearly rate at which the cost of one phone changes, in logs (negative: it falls), pooled over pairs."""

    rate: float
    low: float
    high: float
    between_sd: float  # spread of true rates between phones, per year
    predicted_low: float  # prediction interval for one more phone
    predicted_high: float
    level: float
    pairs: int
    standard_error: float
    results: object

    def table(self) -> pd.DataFrame:
        """term, estimate, low, high, unit."""
        rows = [
            ("yearly rate of the same phone", self.rate, self.low, self.high),
            ("the next phone", self.rate, self.predicted_low, self.predicted_high),
            ("spread between phones (sd)", self.between_sd, np.nan, np.nan),
        ]
        return pd.DataFrame([(*row, "log per year") for row in rows], columns=["term", "estimate", "low", "high", "unit"])

    def draw(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Rates of one more phone, one a draw: Student t around the pooled rate with spread and error together."""
        scale = np.hypot(self.between_sd, self.standard_error)
        return self.rate + scale * rng.standard_t(max(self.pairs - 2, 1), draws)


def pool_decline(pairs: pd.DataFrame, noise_sd: float = COSTING_NOISE_SD, level: float = 0.95) -> DeclineRate:
    """Pool the rates of `clean_pairs` with random effects (Paule-Mandel), Hartung-Knapp interval never below the plain one.

    A pair's sampling variance is noise_sd squared (of the log difference) over its years squared, so that short gaps
    lose their weight. Assumes pairs independent. The prediction interval has k - 2 degrees of freedom (Higgins,
    Thompson & Spiegelhalter 2009). Raises ValueError with fewer than three pairs.
    """
    if len(pairs) < 3:
        raise ValueError(f"{len(pairs)} clean pairs; expected at least 3")
    effect = pairs["rate_per_year"].to_numpy(float)
    variance = (noise_sd / pairs["years"].to_numpy(float)) ** 2
    fit = combine_effects(effect, variance, method_re="iterated", use_t=True)
    weight, between = 1 / (variance + fit.tau2), float(np.sqrt(fit.tau2))
    rate = float(np.sum(weight * effect) / np.sum(weight))
    inflation = max(1.0, np.sum(weight * (effect - rate) ** 2) / (len(effect) - 1))
    error = float(np.sqrt(inflation / np.sum(weight)))
    reach = stats.t.ppf((1 + level) / 2, len(effect) - 1) * error
    ahead = stats.t.ppf((1 + level) / 2, max(len(effect) - 2, 1)) * np.hypot(error, between)
    interval, prediction = (rate - reach, rate + reach), (rate - ahead, rate + ahead)
    return DeclineRate(rate, *interval, between, *prediction, level, len(effect), error, fit)


def forest(chosen: pd.DataFrame, decline: DeclineRate) -> pd.DataFrame:
    """Rows for an interval chart: each clean pair with its costing noise (95 %), then the pooled rate and the next phone."""
    reach = 1.96 * COSTING_NOISE_SD / chosen["years"]
    each = chosen.assign(label=chosen["device_a"].str.replace("_", " "), estimate=chosen["rate_per_year"], focus=False)
    each = each.assign(low=each["estimate"] - reach, high=each["estimate"] + reach).sort_values("estimate")
    pooled = decline.table().head(2).rename(columns={"term": "label"}).assign(focus=True)
    return pd.concat([each, pooled])[["label", "estimate", "low", "high", "focus"]]


def compare_pair_sets(pairs: pd.DataFrame, devices: pd.DataFrame) -> pd.DataFrame:
    """The pooled rate under every rule of `PAIR_SETS`, one row a rule: label, pairs, estimate, low, high, predicted, spread."""
    rows = []
    for label, rule in PAIR_SETS.items():
        fit = pool_decline(clean_pairs(pairs, devices, **rule))
        rows.append((label, fit.pairs, fit.rate, fit.low, fit.high, fit.predicted_low, fit.predicted_high, fit.between_sd))
    names = ["label", "pairs", "estimate", "low", "high", "predicted_low", "predicted_high", "spread_between_phones"]
    return pd.DataFrame(rows, columns=names)


def price_shares(teardowns: pd.DataFrame, devices: pd.DataFrame, economics: pd.DataFrame) -> pd.DataFrame:
    """BOM over net price, one row a teardown; Chinese list prices (Xiaomi's) are freed of their tax, American ones hold none."""
    named = teardowns.merge(devices[["device", "brand", "device_class"]], on="device")
    phones = named[(named["device_class"] == "phone") & named["bom_usd"].notna() & named["retail_price_usd"].notna()]
    tax = [vat_rate(economics, "CN" if row.brand == "xiaomi" else "US", row.teardown_date) for row in phones.itertuples()]
    net = phones["retail_price_usd"] / (1 + np.array(tax))
    return phones.assign(net_price_usd=net, share=phones["bom_usd"] / net).reset_index(drop=True)


def vat_rate(economics: pd.DataFrame, country: str, day: pd.Timestamp) -> float:
    """Value added tax in list prices of a country on a day, as a share of the net price; ValueError if none is on file."""
    rows = economics[(economics["item"] == "vat_rate") & (economics["country"] == country)]
    valid = rows[(pd.to_datetime(rows["valid_from"]) <= day) & ~(pd.to_datetime(rows["valid_to"]) < day)]
    if valid.empty:
        raise ValueError(f"economics.csv has no vat_rate of {country} on {day.date()}")
    return float(valid["value"].iloc[0])


def summarise_shares(shares: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Geometric mean share by brand (three phones or more) with its t interval: label, phones, estimate, low, high."""
    phones = shares.assign(log_share=np.log(shares["share"])).groupby(["brand", "device"])["log_share"].mean()
    rows = []
    for brand, logs in phones.groupby("brand"):
        if len(logs) >= 3:
            reach = stats.t.ppf((1 + level) / 2, len(logs) - 1) * logs.std() / np.sqrt(len(logs))
            ends = np.exp([logs.mean(), logs.mean() - reach, logs.mean() + reach])
            rows.append((f"{brand} ({len(logs)} phones)", len(logs), *ends))
    return pd.DataFrame(rows, columns=["label", "phones", "estimate", "low", "high"])
