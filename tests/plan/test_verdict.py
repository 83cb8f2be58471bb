"""Why a phone was short: draws split by the signs of both margins."""

import numpy as np
import pytest

from analysis import plan


@pytest.fixture
def verdict() -> plan.Verdict:
    """Five draws of both margins, with hardly anybody leaving."""
    now, none = np.array([10.0, 10, -5, -5, -5]), np.zeros(5)
    return plan.weigh_explanations(
        margin_now_usd=now,
        margin_later_usd=np.array([30.0, 5, 20, -10, -2]),
        weeks=10,
        reneging_rate=none + 0.01,
        discount=none,
        marketing_usd=none + 2,
        ceiling=none + 0.5,
        inputs={"now": now},
    )


def test_the_verdict_splits_the_draws_by_the_signs_of_both_margins(verdict):
    assert verdict.waiting_pays.estimate == pytest.approx(2 / 5)
    assert verdict.waiting_pays_both_positive.estimate == pytest.approx(1 / 5)
    assert verdict.not_selling.estimate == pytest.approx(2 / 5)


def test_the_leave_rate_that_stops_waiting_needs_two_positive_margins(verdict):
    stops = verdict.stopping_leave_rate
    assert stops.undefined == pytest.approx(3 / 5)
    # From 10 to 5 dollars waiting never pays: a rate of 0, not a negative one.
    expected = np.quantile([np.log(3) / 10, 0], [0.1, 0.5, 0.9])
    assert [stops.low, stops.estimate, stops.high] == pytest.approx(expected.tolist())


def test_hype_needs_a_later_margin_to_be_paid_from(verdict):
    assert verdict.hype_sales_needed.undefined == pytest.approx(2 / 5)


def test_the_table_has_a_row_for_each_finding_by_its_name(verdict):
    table = verdict.table()
    assert table.loc["waiting_pays", "estimate"] == verdict.waiting_pays.estimate
    assert table.loc["ceiling", "moved_most"] == "its prior"
