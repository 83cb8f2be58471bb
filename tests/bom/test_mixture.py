"""Mixtures of normals: quantiles by root, moments and draws by hand."""

import numpy as np
import pytest
from scipy import stats

from analysis.bom import Interval, NormalMixture


@pytest.mark.oracle("closed form")
def test_one_component_is_a_normal():
    normal = NormalMixture(np.ones(1), np.array([2.0]), np.array([0.5]))
    assert normal.interval(0.9) == pytest.approx(stats.norm(2, 0.5).ppf([0.05, 0.5, 0.95]))
    assert (normal.mean, normal.sd) == (2.0, 0.5)
    assert isinstance(normal.interval(), Interval)


@pytest.mark.oracle("slow version")
def test_quantiles_and_moments_are_those_of_many_draws():
    mixture = NormalMixture(np.array([0.3, 0.7]), np.array([-1.0, 1.0]), np.array([0.2, 1.0]))
    draws = mixture.draw(np.random.default_rng(1), 200_000)
    assert mixture.interval(0.8) == pytest.approx(np.quantile(draws, [0.1, 0.5, 0.9]), abs=0.02)
    assert (mixture.mean, mixture.sd) == pytest.approx((draws.mean(), draws.std()), abs=0.01)
    assert mixture.chance_below(0.4) == pytest.approx((draws < 0.4).mean(), abs=0.01)


def test_a_known_value_is_drawn_as_it_is_and_shifts():
    known = NormalMixture.at(-0.3).shifted(0.1)
    assert known.draw(np.random.default_rng(1), 3) == pytest.approx([-0.2] * 3)
    assert known.interval() == pytest.approx([-0.2] * 3, abs=1e-6)
