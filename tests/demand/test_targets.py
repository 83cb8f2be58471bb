"""Targets and what became of them: a share drawn from few outcomes, pairs of the real tables."""

import numpy as np
import pandas as pd
import pytest

from analysis.data import load_table
from analysis.demand import draw_target_ratio, target_hits
from analysis.demand.targets import LEAST_MASS_TARGET


@pytest.mark.oracle("known truth")
def test_a_share_of_targets_drawn_from_few_outcomes_holds_the_next_one():
    """Student t: with three known ratios, 80 % bands of the next hold it 80 % of the time."""
    rng, held = np.random.default_rng(1), []
    for _ in range(400):
        ratios = np.exp(rng.normal(-0.3, 0.4, 4))
        drawn = draw_target_ratio(pd.DataFrame({"ratio": ratios[:3]}), 2000, rng)
        low, high = np.quantile(drawn, [0.1, 0.9])
        held.append(low <= ratios[3] <= high)
    assert np.mean(held) == pytest.approx(0.8, abs=4 * 0.02)


def test_targets_are_matched_with_outcomes_told_later_of_like_length():
    hits = target_hits(load_table("capacity_reports"), load_table("device_sales"))
    assert (hits["report_date_made"] > hits["report_date"]).all()
    assert (hits["units_per_month"] >= LEAST_MASS_TARGET).all()
    assert hits.query("device == 'boe_flexible_oled'")["ratio"].min() == pytest.approx(17 / 50)
    assert not hits.duplicated(["device", "units_per_month", "report_date"]).any()


def test_a_count_that_grows_on_is_no_outcome_of_an_earlier_period():
    """Nintendo planned to sell 10 million Switches in a year and sold 15.05 million of them."""
    hits = target_hits(load_table("capacity_reports"), load_table("device_sales"))
    switch = hits.query("device == 'nintendo_switch'").set_index("report_date")
    assert switch.at[pd.Timestamp("2017-04-27"), "ratio"] == pytest.approx(15.05 / 10)


def test_a_count_of_one_country_is_no_outcome_of_a_target_for_the_world():
    hits = target_hits(load_table("capacity_reports"), load_table("device_sales"))
    first_winter = hits.query("device == 'playstation_3' and report_date < '2007-01-01'")
    made = first_winter["units_per_month_made"] * (141 / 30.4)  # days up to 31 March 2007
    assert made.tolist() == pytest.approx([5_500_000])
