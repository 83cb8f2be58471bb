"""First drops against later sales: refitting without each device, and a known rank correlation."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from simulated_rounds import sale_round

from analysis.sellout import hit_or_miss
from analysis.sellout.hit_or_miss import rank_correlation


def speedy(speed, later):
    names = [f"d{i}" for i in range(len(speed))]
    drops = pd.DataFrame(
        [
            sale_round(name, units=1000, sellout_s=1000 / rate)
            for name, rate in zip(names, speed, strict=True)
        ]
    )
    counts = pd.DataFrame(
        {
            "device": names,
            "market": "CN",
            "kind": "sold",
            "cumulative": True,
            "units": later,
            "variant_or_lot": None,
        }
    )
    counts["period_end"] = pd.Timestamp("2014-06-01")
    return drops, counts, pd.DataFrame({"device": names, "scope": "model"})


@pytest.mark.oracle("slow version")
def test_the_error_of_left_out_devices_is_that_of_refitting_without_each():
    rng = np.random.default_rng(11)
    speed, later = np.exp(rng.normal(5, 2, 9)), np.exp(rng.normal(14, 1, 9))
    x, y = np.log(speed), np.log(later)
    line = [
        y[i] - np.polyval(np.polyfit(np.delete(x, i), np.delete(y, i), 1), x[i]) for i in range(9)
    ]
    mean = [y[i] - np.delete(y, i).mean() for i in range(9)]
    got = hit_or_miss(*speedy(speed, later)).table().set_index("term")["estimate"]
    assert got["error of a line by order rate"] == pytest.approx(np.sqrt(np.mean(np.square(line))))
    assert got["squared error saved by order rate"] == pytest.approx(
        1 - np.sum(np.square(line)) / np.sum(np.square(mean))
    )
    assert got["rank correlation of order rate and later sales"] == pytest.approx(
        stats.spearmanr(x, y).statistic
    )


@pytest.mark.oracle("closed form")
@pytest.mark.slow
def test_the_interval_of_a_rank_correlation_of_twelve_holds_the_truth():
    """Normal pairs of correlation 0.6 have rank correlation 6 / pi asin(0.3) (Pearson 1907)."""
    rng, held = np.random.default_rng(12), []
    for _ in range(1000):
        x, y = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 12).T
        _, low, high = rank_correlation(x, y)
        held.append(low <= 6 / np.pi * np.arcsin(0.3) <= high)
    assert np.mean(held) >= 0.93


def test_the_drop_itself_part_counts_series_and_other_markets_are_no_later_sales():
    drops, counts, devices = speedy(np.arange(1, 12), np.arange(11, 0, -1) * 10_000)
    counts.loc[0, "units"], counts.loc[1, "variant_or_lot"], counts.loc[2, "market"] = (
        1000,
        "one shop",
        "US",
    )
    counts.loc[3, "period_end"], devices.loc[4, "scope"] = pd.Timestamp("2014-01-09"), "brand_total"
    result = hit_or_miss(drops, counts, devices)
    assert result.devices["device"].tolist() == [f"d{i}" for i in range(5, 11)]
    assert result.table()["estimate"].iloc[0] == pytest.approx(-1)
    with pytest.raises(ValueError, match="expected at least 6"):
        hit_or_miss(drops, counts.head(9), devices)


def test_the_real_devices_are_about_a_dozen_and_tell_no_hit_from_a_miss(real_hits):
    result = real_hits
    rate = result.comparisons.iloc[0]
    assert 10 <= rate["devices"] <= 16
    assert rate["low"] < 0 < rate["high"]
    assert result.told_apart > abs(rate["estimate"])
