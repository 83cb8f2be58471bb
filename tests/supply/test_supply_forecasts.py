"""Launches fitted under each belief: what a forecast may use, and what the outcome says of it."""

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.slow


def test_the_millionth_mi_9_as_known_on_3_march_moves_with_the_supply_prior(mi_9_early):
    dates = mi_9_early.dates.set_index("label")
    targets = [belief for belief in mi_9_early.beliefs if belief.kind == "target"]
    at_word = dates.loc[[belief.label for belief in targets if not belief.by_record], "estimate"]
    by_record = dates.loc[[belief.label for belief in targets if belief.by_record], "estimate"]
    assert by_record.min() > at_word.max()
    assert (dates["low"] <= dates["estimate"]).all()
    assert (dates["estimate"] <= dates["high"]).all()
    assert mi_9_early.launch.sales.empty  # nothing of what came later was known
    parts = dates.loc[[belief.label for belief in mi_9_early.beliefs if belief.kind == "parts"]]
    outcome = (pd.Timestamp("2019-03-31") - pd.Timestamp("2019-02-26")).days / 7
    assert (parts["low"] < outcome + 1).all()


def test_ten_thousand_a_month_never_reach_a_million_and_hold_the_report(mi_mix):
    limited = mi_mix.dates[mi_mix.dates["label"] != "no limit"]
    assert np.isinf(limited["estimate"]).all()
    month = mi_mix.fits["its parts, yields flat"].paths.supply_units[:, 8:12].sum(1) * 30.4 / 28
    low, high = np.quantile(month, [0.1, 0.9])
    assert low <= 10_000 <= high
