"""The sampler against posteriors known in closed form."""

import numpy as np
import pytest

from analysis.demand import sample_posterior


def test_the_sampler_knows_how_much_its_draws_are_worth():
    """Means over 60 seeds spread as the effective draws say; the posterior is normal."""
    runs = [
        sample_posterior(lambda z: -0.5 * ((z[:, 0] - 2) / 0.1) ** 2, 3, seed=seed)
        for seed in range(60)
    ]
    means = np.array([run.normals[:, 0].mean() for run in runs])
    effective = np.array([run.effective_draws for run in runs])
    sd = np.sqrt(1 / (1 + 100))
    assert means.mean() == pytest.approx(200 / 101, abs=4 * sd / np.sqrt(60 * 400))
    assert np.std([run.normals[:, 0].std() for run in runs]) < 0.1 * sd
    assert 0.5 < means.var() / (sd**2 / effective.mean()) < 2
    assert effective.min() >= 400


def test_where_nothing_was_seen_the_draws_are_the_prior():
    sample = sample_posterior(lambda z: np.zeros(len(z)), 2, draws=4000)
    assert sample.effective_draws >= 400
    assert sample.normals.mean(0) == pytest.approx([0, 0], abs=0.07)
    assert sample.normals.std(0) == pytest.approx([1, 1], abs=0.05)
