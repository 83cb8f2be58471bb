"""Outcomes of launches: what other launches' outcomes say of weights, and each counts once."""

import numpy as np
import pandas as pd
import pytest

from analysis.evidence.count_outcomes import KINDS, OutcomeForecast, fit_log_factors

RNG = np.random.default_rng(1)


def forecast_of(launch, came, **medians):
    """A forecast of two kinds of belief of equal weight: draws about a median each."""
    draws = {
        kind: np.log(units) + 0.2 * RNG.standard_normal(400) for kind, units in medians.items()
    }
    beliefs = pd.DataFrame({"label": list(medians), "kind": list(medians)})
    return OutcomeForecast(
        launch=launch,
        as_of="2020-01-01",
        outcome=pd.Series({"week": 4.0, "units": came, "kind": "sold"}),
        beliefs=beliefs.assign(weight_after=1 / len(medians)),
        log_sold=draws,
        sold=np.exp(np.concatenate([*draws.values()])),
        last_rate=np.array([np.nan]),
    )


def test_without_outcomes_all_kinds_count_as_stated():
    assert fit_log_factors([]) == pytest.approx(np.zeros(len(KINDS)))


def test_a_kind_that_was_right_of_other_launches_counts_more_and_one_that_was_wrong_less():
    forecasts = [forecast_of(f"launch {n}", 1e6, word=1e6, lots=1e5) for n in range(6)]
    factor = pd.Series(fit_log_factors(forecasts), KINDS)
    assert factor["word"] > 0.5
    assert factor["lots"] < -0.5
    assert factor["parts"] == pytest.approx(0, abs=1e-3)
    one = forecasts[0].weights(factor.to_numpy())
    assert one.sum() == pytest.approx(1)
    assert one[0] > 0.7


def test_a_launch_of_many_outcomes_counts_as_much_as_one_of_a_single():
    many = [forecast_of("many", 1e6, word=1e6, lots=1e5)] * 20
    single = [forecast_of("single", 1e5, word=1e6, lots=1e5)]
    factor = pd.Series(fit_log_factors([*many, *single]), KINDS)
    assert factor["word"] == pytest.approx(factor["lots"], abs=0.1)


@pytest.mark.oracle("closed form")
def test_the_density_of_an_outcome_is_that_of_the_draws():
    forecast = forecast_of("launch", 1e6, word=1e6)
    normal = 0.98 / (0.2 * np.sqrt(2 * np.pi)) + 0.02 / (2 * np.sqrt(2 * np.pi))
    assert forecast.densities()[0] == pytest.approx(normal, rel=0.1)
