"""Prices of dealers and resellers that a launch file states."""

import re

import pandas as pd
import pytest

from analysis.data import DataError, as_known_on, load_launch
from analysis.data.text_files import DATA


def with_prices(folder, entries: str):
    """Write the Mi 9 with observed prices into a copy of the data folder, and load it."""
    launches = folder / "launches"
    launches.mkdir()
    text = (DATA / "launches" / "mi_9.yaml").read_text(encoding="utf-8")
    text = text.replace("  cuts: []\n", f"  cuts: []\n  observed:\n{entries}", 1)
    (launches / "mi_9.yaml").write_text(text, encoding="utf-8")
    return load_launch("mi_9", folder)


ENTRY = "    - {date: 2019-03-17, price_local: 3500, source: own records, note: asked}\n"


def test_observed_prices_are_a_table_of_the_launch_and_known_from_their_day_on(tmp_path):
    launch = with_prices(tmp_path, ENTRY)
    row = launch.observed_prices.iloc[0]
    assert (row["date"], row["price_local"]) == (pd.Timestamp("2019-03-17"), 3500)
    assert as_known_on(launch, "2019-03-01").observed_prices.empty
    assert load_launch("mi_9").observed_prices.empty


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2019-03-17", "2019-02-01", "expected a day from first_sale on"),
        ("price_local: 3500, ", "", "expected date, price_local and source"),
        ("3500", "-1", "price_local"),
    ],
)
def test_a_wrong_observed_price_is_refused_with_its_line(tmp_path, old, new, message):
    with pytest.raises(DataError, match=r"mi_9\.yaml:\d+.*" + re.escape(message)):
        with_prices(tmp_path, ENTRY.replace(old, new))
