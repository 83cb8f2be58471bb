"""A ceramic body of which many fail, against a metal one."""

import numpy as np
import pytest

from analysis import plan
from analysis.data import interval, load_launch
from analysis.margin import MarginPath


def flat_path(net_usd: float) -> MarginPath:
    """A phone whose parts cost 300 dollars and nothing else."""
    return MarginPath(
        months=np.arange(2.0),
        net_usd=np.full((500, 2), net_usd),
        items={"bom": np.full((500, 2), 300.0)},
        rate_per_year=np.zeros(500),
        bom_is_known=False,
    )


def test_a_ceramic_body_pays_from_its_cost_over_what_is_spare():
    items = ["body_ceramic_started_usd", "body_metal_usd"]
    started_usd, metal_usd = plan.draw_items(items, 500, 1)
    body = plan.compare_bodies(load_launch("mi_mix"), flat_path(330.0), 1e5, 1e9, 1)
    expected = interval(started_usd / (30 + metal_usd))
    assert body.break_even_yield.tolist() == expected.tolist()
    unit_margin_usd = 30 + metal_usd - started_usd / 0.05
    median_usd = np.quantile(unit_margin_usd, 0.5, method="inverted_cdf")
    assert body.loss_over_marketing == pytest.approx(-median_usd * 1e5 / 1e9)


def test_no_yield_makes_a_body_pay_that_is_dearer_than_what_is_spare():
    body = plan.compare_bodies(load_launch("mi_mix"), flat_path(130.0), 1e5, 1e9, 1)
    assert np.isinf(body.break_even_yield).all()


def test_a_phone_that_no_ceramic_body_held_up_has_no_comparison():
    assert plan.compare_bodies(load_launch("mi_9"), flat_path(330.0), 1e5, 1e9, 1) is None
