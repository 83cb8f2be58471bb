"""A ceramic body of which many fail, against a metal one."""

import re
from dataclasses import replace

import numpy as np
import pytest

from analysis import margin
from analysis.data import SourcedValue, draw_split_normal, interval, load_launch, load_table
from analysis.margin import MarginPath
from analysis.margin.body import STREAM_OF_BODIES
from analysis.plan.body import compare_bodies
from analysis.plan.results_inputs import BodySection
from analysis.plan.words import in_millions


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
    rng = np.random.default_rng([1, STREAM_OF_BODIES])
    economics = load_table("economics").set_index("item")
    started_usd, metal_usd = (
        draw_split_normal(
            SourcedValue(value=item["value"], basis="assumed", low=item["low"], high=item["high"]),
            rng.standard_normal(500),
        )
        for _, item in economics.loc[["body_ceramic_started_usd", "body_metal_usd"]].iterrows()
    )
    body = compare_bodies(load_launch("mi_mix"), flat_path(330.0), 1e5, 1e9, 1)
    expected = interval(started_usd / (30 + metal_usd))
    assert body.break_even_yield.tolist() == expected.tolist()
    unit_margin_usd = 30 + metal_usd - started_usd / 0.05
    median_usd = np.quantile(unit_margin_usd, 0.5, method="inverted_cdf")
    assert body.loss_usd == pytest.approx(-median_usd * 1e5)
    section = BodySection(phone="Mi MIX", firm="Xiaomi", comparison=body)
    loss = f"the loss is {in_millions(-median_usd * 1e5)}"
    marketing = "a year of Xiaomi's marketing is $1 billion by a low figure."
    assert section.sentence().endswith(f"{loss}; {marketing}")
    assert replace(section, firm="").sentence().endswith(f"{loss}."), "nobody tells what it is"


def test_no_yield_makes_a_body_pay_that_is_dearer_than_what_is_spare():
    body = compare_bodies(load_launch("mi_mix"), flat_path(130.0), 1e5, 1e9, 1)
    assert np.isinf(body.break_even_yield).all()


def test_a_phone_that_no_ceramic_body_held_up_has_no_comparison():
    assert compare_bodies(load_launch("mi_9"), flat_path(330.0), 1e5, 1e9, 1) is None


@pytest.mark.parametrize("net_usd", [130.0, 330.0, 570.0, 5000.0])
@pytest.mark.parametrize("units", [1e-3, 5e4, 3e8])
def test_no_sum_of_a_body_is_written_with_an_exponent_or_as_more_than_it_is(net_usd, units):
    """A loss that was near nothing in some draws once stood as "1.8e-05 to 3.41 million"."""
    body = compare_bodies(load_launch("mi_mix"), flat_path(net_usd), units, 1e9, 1)
    words = BodySection(phone="Mi MIX", firm="Xiaomi", comparison=body).sentence()
    assert not re.search(r"\de[-+]\d", words)
    assert "nan" not in words
    assert "inf" not in words


def test_both_pages_cost_a_ceramic_body_by_one_model():
    path = flat_path(330.0)
    body = compare_bodies(load_launch("mi_mix"), path, 1e5, 1e9, 1)
    of_margin = margin.ceramic_body(load_launch("mi_mix"), path, 1)
    assert body.unit_margin_usd.tolist() == interval(of_margin.margin_at(0.05)).tolist()
    assert body.break_even_yield.tolist() == interval(of_margin.yield_that_pays()).tolist()
