"""How well the fitted decline foretells what was left out, and what its priors and pairs do to it.

Leave-one-out errors beside two rivals, sensitivity to each influential device and each prior, the
rate by source of evidence, and what it would be if rises were published less often than falls.
The regression itself is `hierarchy`.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from .decline_evidence import NEWS, SOURCES
from .decline_priors import RISES
from .hierarchy import Decline, fit_evidence
from .mixture import NormalMixture
from .pairs import CostingNoise

MEAN_STEP = 1.0  # standard deviations by which the centre of a mean is moved, either way
SPREAD_STEP = np.log(2)  # a spread is doubled and halved
CHANCES_OF_A_RISE = (1.0, 0.75, 0.5, 0.25)


def leave_one_out(decline: Decline, clean_pairs: pd.DataFrame, noise: CostingNoise) -> pd.DataFrame:
    """Foretell every change of an entire product from all other devices, beside two rivals.

    All rows of a device are left out together, its parts too. The rivals are "no change" and the
    rate pooled from clean pairs of the other devices (`pool_decline`) over the years of the pair.

    Parameters
    ----------
    decline : Decline
        The fit to all evidence.
    clean_pairs : DataFrame
        As from `select_clean_pairs`, at least four.
    noise : CostingNoise
        As from `costing_noise`.

    Returns
    -------
    DataFrame
        One row a pair: label, source, years, log_change, low, predicted, high (95 %), held, pooled
        (what the pooled rate foretells), and is_clean.
    """
    from .decline import pool_decline  # noqa: PLC0415 (imports statsmodels, only for the rival)

    evidence = decline.evidence
    rows = []
    for index, row in evidence[evidence["source"].isin(NEWS)].iterrows():
        others = evidence[evidence["device"] != row["device"]]
        fit = fit_evidence(others, decline.shares, decline.priors)
        low, predicted, high = fit.predict(evidence.loc[[index]])[0].interval()
        pooled = pool_decline(clean_pairs[clean_pairs["device_a"] != row["device"]], noise)
        rows.append(
            {
                **row[["label", "source", "years", "log_change"]],
                "low": low,
                "predicted": predicted,
                "high": high,
                "held": low <= row["log_change"] <= high,
                "pooled": pooled.rate * row["years"],
                "is_clean": row["label"] in set(clean_pairs["pair_id"]),
            }
        )
    return pd.DataFrame(rows)


def score_left_out(left_out: pd.DataFrame) -> pd.DataFrame:
    """Score what `leave_one_out` foretold.

    Parameters
    ----------
    left_out : DataFrame
        As from `leave_one_out`.

    Returns
    -------
    DataFrame
        One row a set of pairs: pairs, root mean square error of the log change by this model, by
        the pooled rate and by no change, and how many 95 % intervals held.
    """
    is_console = left_out["source"] == "console"
    sets = {
        "clean pairs": left_out[left_out["is_clean"]],
        "phones and tablets": left_out[~is_console],
        "all": left_out,
    }
    rows = []
    for label, chosen in sets.items():
        change = chosen["log_change"]
        rows.append(
            {
                "set": label,
                "pairs": len(chosen),
                "error": _root_mean_square(change - chosen["predicted"]),
                "error_pooled": _root_mean_square(change - chosen["pooled"]),
                "error_no_change": _root_mean_square(change),
                "held": int(chosen["held"].sum()),
            }
        )
    return pd.DataFrame(rows)


def _root_mean_square(errors: pd.Series) -> float:
    """Root of the mean of squares."""
    return float(np.sqrt(np.mean(errors**2)))


def rate_by_source(decline: Decline, device_class: str = "phone") -> pd.DataFrame:
    """Fit the mean rate of a class to each source of evidence alone, and to none.

    Parameters
    ----------
    decline : Decline
        The fit to all evidence.
    device_class : str
        As in `Decline.class_rate`.

    Returns
    -------
    DataFrame
        One row a source, then "no evidence", "all together" and one more of the class: label, rows,
        estimate, low, high (logs a year, at the level of `decline`) and focus.
    """
    evidence = decline.evidence
    rows = []
    for source, words in SOURCES.items():
        if source == "revision":  # over weeks, they tell of noise and not of the rate
            continue
        chosen = evidence[evidence["source"] == source]
        fit = fit_evidence(chosen, decline.shares, decline.priors, decline.level)
        rows.append((words, len(chosen), fit.class_rate(device_class), False))
    nothing = fit_evidence(evidence.iloc[:0], decline.shares, decline.priors, decline.level)
    rows.append(("no evidence, assumptions alone", 0, nothing.class_rate(device_class), False))
    rows.append(("all together", len(evidence), decline.class_rate(device_class), True))
    one_more = decline.product(device_class=device_class)
    rows.append((f"one more {device_class}", len(evidence), one_more, True))
    return pd.DataFrame(
        [
            {"label": label, "rows": count, **_ends(rate, decline.level), "focus": focus}
            for label, count, rate, focus in rows
        ]
    )


def _ends(quantity: NormalMixture, level: float) -> dict[str, float]:
    """Median and ends of an interval, by the names that tables use."""
    low, mid, high = quantity.interval(level)
    return {"estimate": mid, "low": low, "high": high}


def sensitivity(decline: Decline) -> pd.DataFrame:
    """Fit the rate anew with each device left out, and with each prior changed.

    The centre of a mean moves by its standard deviation either way; a spread's median doubles and
    halves, and so do the standard deviations of all means together.

    Returns
    -------
    DataFrame
        One row a change, the strongest first: kind ("device left out" or "prior changed"), change,
        estimate, low, high (logs a year) and moved (of the estimate).
    """
    evidence = decline.evidence
    fits = {
        ("device left out", device): (evidence[evidence["device"] != device], decline.priors)
        for device in dict.fromkeys(evidence["device"])
    }
    for prior in decline.priors.means:
        step = MEAN_STEP * prior.width
        for words, change in {
            "one standard deviation lower": {"add": -step},
            "one standard deviation higher": {"add": step},
        }.items():
            priors = decline.priors.with_change(prior.key, **change)
            fits["prior changed", f"{prior.label}: {words}"] = (evidence, priors)
    for prior in decline.priors.spreads:
        if prior.law != "log-normal":
            continue
        for words, step in {"doubled": SPREAD_STEP, "halved": -SPREAD_STEP}.items():
            priors = decline.priors.with_change(prior.key, add=step)
            fits["prior changed", f"{prior.label}: {words}"] = (evidence, priors)
    middle = decline.rate.mid
    rows = []
    for (kind, change), (rows_used, priors) in fits.items():
        fit = fit_evidence(rows_used, decline.shares, priors, decline.level)
        ends = _ends(fit.class_rate(), decline.level)
        rows.append({"kind": kind, "change": change, **ends, "moved": ends["estimate"] - middle})
    return pd.DataFrame(rows).sort_values("moved", key=abs, ascending=False, ignore_index=True)


def rate_by_publication(decline: Decline) -> pd.DataFrame:
    """Ask what the rate would be if rises were published so often, a fall being 1.

    Returns
    -------
    DataFrame
        One row a chance of `CHANCES_OF_A_RISE`: chance, estimate, low, high (logs a year).
    """
    rows = []
    for chance in CHANCES_OF_A_RISE:
        spreads = [
            replace(prior, centre=chance, width=0.0) if prior.key == RISES.key else prior
            for prior in decline.priors.spreads
        ]
        priors = replace(decline.priors, spreads=tuple(spreads))
        fit = fit_evidence(decline.evidence, decline.shares, priors, decline.level)
        rows.append({"chance": chance, **_ends(fit.class_rate(), decline.level)})
    return pd.DataFrame(rows)
