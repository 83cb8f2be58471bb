"""A console of known truth, by two seeds: what its four studies say holds what was simulated.

What its pages look like is tested in `report/test_own_console.py`, on another seed.
"""

import numpy as np
import pytest
from console_launch import (
    LOG_SD_OF_ARRIVALS,
    MEDIAN_ARRIVAL_S,
    NAME,
    TRUTH,
    planned_supply,
    stop_week,
    weekly_sales,
    weeks_of,
    write_console,
)
from scipy.stats import lognorm

from analysis import bom, margin, plan, sellout, supply
from analysis.data import DATA, interval, load_launch
from analysis.sellout import order_logs, requests

SEEDS = [23, 47]
WEEKS_OF_LIFE = 104
HALF_UNTIL_WEEK = 13
PART_OF_COSTS = {"assembly": 14.0, "freight_warranty": 12.0}  # dollars a console
SHARES = {"royalty": 0.01, "channel": 0.06}  # of the net price
NET_USD = 399 / 1.19 / 0.86

pytestmark = pytest.mark.oracle("known truth")


@pytest.fixture(scope="module", params=SEEDS)
def seed(request) -> int:
    """A seed of the truth."""
    return request.param


@pytest.fixture(scope="module")
def launch(seed, tmp_path_factory):
    """The launch as its owner has it on file, and its log where the studies look for it."""
    data = tmp_path_factory.mktemp(f"console_{seed}") / "data"
    for name in ("launches", "orders"):
        (data / name).mkdir(parents=True)
    (data / "market").symlink_to(DATA / "market")
    (data / "README.md").symlink_to(DATA / "README.md")
    write_console(data, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order_logs, "DATA", data)
        patch.setattr(requests, "DATA", data)
        yield load_launch(NAME, data)


def true_margin(month: float) -> float:
    """The share of the net price that a unit truly leaves in a month."""
    fall = (1 - TRUTH["bom_falls_a_year"]) ** (month / 12)
    bom_usd = TRUTH["bom_at_first_sale_usd"] * fall
    return 1 - sum(SHARES.values()) - (bom_usd + sum(PART_OF_COSTS.values())) / NET_USD


def true_profit(released: np.ndarray) -> float:
    """What the life truly earns, in net prices of a unit, if a share of what can be made is."""
    sold = weekly_sales(planned_supply(WEEKS_OF_LIFE), released)["sold"]
    margins = [true_margin(week * 7 / 30.4) for week in range(WEEKS_OF_LIFE)]
    return float((sold * margins).sum())


def test_the_range_of_the_sale_with_a_log_holds_its_people(launch):
    """A sixth of them were served, so the log bounds them from below alone; its true law does more.

    Nothing in such a log tells that law from others that fit as well, and the range is of all.
    """
    study = sellout.study_orders(launch)
    people = TRUTH["people_of_third_sale"]
    assert study.orders < people / 5
    assert study.low <= people <= study.high
    lognormal = study.laws.table().set_index("law").loc["lognormal"]
    assert lognormal["low"] <= people <= lognormal["high"] < 4 * lognormal["low"]
    assert study.laws.weights["lognormal"] > 0.5


def test_orders_by_twice_the_clock_are_held(launch):
    study = sellout.study_orders(launch)
    twice_s = 2 * study.laws.closed_s
    share_by_then = lognorm.cdf(twice_s, LOG_SD_OF_ARRIVALS, scale=MEDIAN_ARRIVAL_S)
    low, _, high = study.arrived_by(twice_s, level=0.95)
    assert low <= share_by_then * TRUTH["people_of_third_sale"] <= high


def test_the_week_in_which_supply_stops_binding_is_held(launch, seed):
    outlook = supply.study_launch(launch, draws=400).forecasts.outlook
    low, _, high = interval(outlook.stop_week)
    assert low <= stop_week(weeks_of(seed)) <= high


@pytest.mark.parametrize("month", [0, 24])
def test_the_margin_of_a_unit_is_held_at_launch_and_after_two_years(launch, month):
    path = margin.study_launch(launch, bom.study_costs(launch), draws=2_000, seed=1).path
    low, _, high = interval(path.margin_share[:, np.abs(path.months - month).argmin()])
    assert low <= true_margin(month) <= high
    assert high - low < 0.3


def test_waiting_for_cheaper_parts_has_the_right_sign(launch):
    half_first = np.where(np.arange(WEEKS_OF_LIFE) < HALF_UNTIL_WEEK, 0.5, 1.0)
    truly_gains = true_profit(half_first) - true_profit(np.ones(WEEKS_OF_LIFE))
    delay = plan.study_launch(launch, draws=400, delay_weeks=HALF_UNTIL_WEEK).waiting.delay
    assert np.sign(delay.mean_usd) == np.sign(truly_gains)
    assert (delay.chance > 0.5) == (truly_gains > 0)
