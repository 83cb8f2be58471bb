"""The prior of a launch: a known one found again, and nothing of the launch itself in it."""

import numpy as np
import pandas as pd
import pytest
from demand_cases import PRIOR

from analysis.demand import bass_share, fit_prior, milestone_sequences
from analysis.demand.counts import increments_of_counts

# Sd of the estimates over eight samples of fifty launches.
SAMPLING_SD_OF_MEANS = np.array([0.22, 0.15, 0.32, 0.26])
SAMPLING_SD_OF_SDS = np.array([0.17, 0.2, 0.1, 0.2])


def draw_sequences(launches, seed):
    """Counts of launches drawn from the prior, missed by its model error and their noise."""
    rng = np.random.default_rng(seed)
    people = PRIOR.parameters(rng.standard_normal((launches, 5)))
    weeks = np.array([1.0, 3, 6, 10, 15])
    sequences = []
    for k in range(launches):
        share = bass_share(weeks, people["p"][k], people["q"][k], people["initial_share"][k])
        increments, noise = increments_of_counts(people["potential"][k] * share[None])
        error = rng.normal(0, np.hypot(PRIOR.model_error, noise[0]))
        units = np.cumsum(increments[0] * np.exp(error))
        sequences.append(
            pd.DataFrame({"device": f"device_{k}", "market": "CN", "units": units, "weeks": weeks})
        )
    return pd.concat(sequences)


@pytest.mark.oracle("known truth")
@pytest.mark.slow
def test_the_prior_of_known_launches_is_found_again():
    prior = fit_prior(draw_sequences(50, seed=7))
    assert (np.abs(prior.mean - PRIOR.mean)[:4] < 3.5 * SAMPLING_SD_OF_MEANS).all()
    assert (np.abs(prior.sd - PRIOR.sd)[:4] < 3.5 * SAMPLING_SD_OF_SDS).all()
    assert prior.model_error == pytest.approx(0.3, abs=3.5 * 0.02)


def test_a_launch_and_its_family_stay_out_of_their_own_prior():
    everyone, others = milestone_sequences(), milestone_sequences("mi_9")
    assert "mi_9" not in set(others["device"])
    assert len(milestone_sequences("galaxy_s4")) < len(everyone)
    assert "redmi_note_8_series" not in set(milestone_sequences(until="2019-03-03")["device"])
    assert not {"redmi_all", "xiaomi_all", "motorola_all"} & set(everyone["device"])
    assert everyone.groupby(["device", "market"])["weeks"].is_monotonic_increasing.all()
