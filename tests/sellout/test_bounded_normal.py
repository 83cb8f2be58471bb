"""Normal vectors within bounds: scipy's integrals, half normals, and a slow sampler agree."""

import numpy as np
import pytest
from scipy import stats

from analysis.sellout.bounded_normal import bound_normals, cut_normal, quantile_beyond


@pytest.mark.oracle("closed form")
def test_the_share_of_a_quadrant_is_that_of_sheppard():
    """P[both above 0] = 1/4 + asin(r) / 2 pi (Sheppard 1899)."""
    for correlation, error in ((-0.6, 0.01), (0.0, 1e-9), (0.5, 0.01), (0.9, 0.04)):
        covariance = np.array([[[1, correlation], [correlation, 1]]])
        quadrant = bound_normals(np.zeros((1, 2)), covariance, np.zeros(2), np.ones(2))
        exact = 0.25 + np.arcsin(correlation) / (2 * np.pi)
        assert np.exp(quadrant.log_probability[0]) == pytest.approx(exact, rel=error)


@pytest.mark.oracle("slow version")
def test_probability_mean_and_covariance_are_those_of_draws_within_the_bounds():
    rng = np.random.default_rng(5)
    spread = rng.standard_normal((4, 4))
    covariance = spread @ spread.T + 0.5 * np.eye(4)
    mean = np.array([0.5, -0.3, 0.2, 1.0])
    bound = np.array([0.0, 0.4, -1.0, 0.5])
    side = np.array([1, -1, 1, -1])
    within = bound_normals(mean[None], covariance[None], bound, side)
    draws = rng.multivariate_normal(mean, covariance, 400_000)
    draws_within = draws[(side * (draws - bound) > 0).all(axis=1)]
    assert np.exp(within.log_probability[0]) == pytest.approx(
        len(draws_within) / len(draws), rel=0.03
    )
    sd = draws_within.std(axis=0)
    assert within.mean[0] == pytest.approx(draws_within.mean(axis=0), abs=0.03 * sd.max())
    assert np.sqrt(np.diag(within.covariance[0])) == pytest.approx(sd, rel=0.05)


def test_many_vectors_at_once_are_what_each_is_alone_and_inputs_stay():
    rng = np.random.default_rng(6)
    mean = rng.standard_normal((3, 2))
    covariance = np.array([np.eye(2) + scale for scale in (0.1, 0.5, 0.9)])
    before = covariance.copy()
    together = bound_normals(mean, covariance, np.zeros(2), np.array([1, -1]))
    for i in range(3):
        alone = bound_normals(
            mean[i : i + 1], covariance[i : i + 1], np.zeros(2), np.array([1, -1])
        )
        assert together.mean[i] == pytest.approx(alone.mean[0], abs=1e-3)
    assert (covariance == before).all()


@pytest.mark.oracle("slow version")
def test_a_cut_normal_is_scipys():
    cut = cut_normal(np.array([1.0]), np.array([2.0]), np.array([1.5]), np.array([1]))
    scipys = stats.truncnorm((1.5 - 1) / 2, np.inf, loc=1, scale=2)
    assert cut.mean[0] == pytest.approx(scipys.mean())
    assert cut.variance[0] == pytest.approx(scipys.var())
    share = quantile_beyond(np.array([0.3]), 1.0, 2.0, 1.5, 1)
    assert scipys.sf(share[0]) == pytest.approx(0.3)
