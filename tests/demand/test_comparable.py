"""A launch is compared with its own class first; a class with few launches stays near all."""

import numpy as np
import pandas as pd
import pytest

from analysis.data import load_launch, load_table
from analysis.demand import fit_reference_class, milestone_sequences, target_hits
from analysis.demand.comparable import MOBILE, hits_of_class, line_of_class, prior_of_class

CONSOLES = ("console",)


def test_sequences_of_consoles_hold_no_phone_and_those_of_phones_no_console():
    device_class = load_table("devices").set_index("device")["device_class"]
    consoles = milestone_sequences(classes=CONSOLES)["device"].map(device_class)
    phones = milestone_sequences()["device"].map(device_class)
    assert set(consoles) == {"console"}
    assert "console" not in set(phones)


def test_units_shipped_that_later_sales_do_not_reach_lay_in_stock():
    """Sony shipped 5.5 million by March 2007 and had sold 5 million in August."""
    units = milestone_sequences(classes=CONSOLES).query(
        "device == 'playstation_3' and market == 'WORLD'"
    )["units"]
    assert 5_500_000 not in set(units)
    assert {3_570_000, 5_000_000} <= set(units)


def test_a_class_without_launches_is_that_of_all_but_less_sure():
    nothing_like_it = prior_of_class("none", ("car",))
    some_like_it = prior_of_class("none", CONSOLES)
    assert nothing_like_it.sequences == 0
    assert (nothing_like_it.sd[:4] > some_like_it.sd[:4] - 0.35).all()
    assert nothing_like_it.sd[0] > some_like_it.sd[0]
    assert line_of_class("none", ("car",)).level_error == pytest.approx(1.0)


@pytest.mark.oracle("known truth")
def test_a_class_with_many_launches_is_its_own_and_one_with_two_lies_between():
    """Partial pooling: the level moves from that of all to that of the class with its launches."""
    of_all = fit_reference_class(milestone_sequences(least=1))
    rng, levels = np.random.default_rng(3), []
    for launches in (0, 2, 60):
        rows = [
            (f"d{k}", "WORLD", weeks, 2e7 * (weeks / 8) ** 0.8 * np.exp(rng.normal(0, 0.1)))
            for k in range(launches)
            for weeks in (4.0, 8.0, 26.0)
        ]
        counts = pd.DataFrame(rows, columns=["device", "market", "weeks", "units"])
        levels.append(fit_reference_class(counts, around=of_all).level)
    assert levels[0] == pytest.approx(of_all.level, abs=0.01)
    assert levels[0] < levels[1] < levels[2]
    assert levels[2] == pytest.approx(np.log(2e7), abs=0.15)


def test_a_launch_is_held_against_the_targets_of_its_class_where_enough_are_known():
    hits = target_hits(load_table("capacity_reports"), load_table("device_sales"))
    device_class = load_table("devices").set_index("device")["device_class"]
    of_consoles = hits_of_class(hits, "nintendo_switch", CONSOLES)
    assert set(of_consoles["device"].map(device_class)) == {"console"}
    assert "nintendo_switch" not in set(of_consoles["device"])
    assert len(hits_of_class(hits, "none", ("car",))) == len(hits)
    of_phones = hits_of_class(hits, "mi_9", MOBILE)
    assert set(of_phones["device"].map(device_class)) == {"phone", "other"}


def test_the_class_of_a_launch_comes_from_its_file():
    assert load_launch("nintendo_switch").product.compared_classes == CONSOLES
    assert load_launch("mi_9").product.compared_classes == MOBILE
