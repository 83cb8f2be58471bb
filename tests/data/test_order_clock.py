"""Openings that do not go with the orders are refused with the cause; zones are made explicit."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from analysis.data import DataError, names_zone, order_times, read_orders
from analysis.data.order_clock import as_moment, check_time_zone

OPENING = pd.Timestamp("2026-03-01 17:00:00")  # UTC; 18:00 in Berlin


@pytest.fixture
def write_log(tmp_path):
    """Give a function that writes orders at seconds after 18:00, as local time without a zone."""

    def write(times_s, hours_ahead=1.0, offset=""):
        stamps = OPENING + pd.Timedelta(hours=hours_ahead) + pd.to_timedelta(times_s, "s")
        texts = stamps.strftime("%Y-%m-%d %H:%M:%S.%f") + offset
        path = tmp_path / "log.csv"
        pd.DataFrame({"ordered_at": texts}).to_csv(path, index=False)
        return path

    return write


@pytest.fixture
def drop():
    """31,000 orders of 36,000 people, gone in some minutes."""
    rng = np.random.default_rng(3)
    return np.sort(rng.lognormal(np.log(250), 0.8, 3_600))[:3_100]


def test_a_log_in_local_time_with_an_opening_in_utc_is_refused_with_the_cause(write_log, drop):
    path = write_log(drop)
    with pytest.raises(DataError) as caught:
        read_orders(path, opened_at="2026-03-01T17:00:00Z")
    message = str(caught.value)
    assert "log.csv: opened_at = 2026-03-01 17:00:00 UTC" in message
    assert "first order came 1 h 0 min" in message
    assert "expected an opening about 2026-03-01 18:00:" in message
    assert "1 hour apart, as clocks of two time zones are, or the sale opened that much later" in (
        message
    )
    assert "time_zone: in the launch file" in message
    assert "\n" not in message


@pytest.mark.parametrize("hours", [2.0, 5.5, 8.0])
def test_a_log_opened_hours_early_is_refused_and_the_right_opening_is_not(write_log, drop, hours):
    path = write_log(drop, hours_ahead=hours)
    with pytest.raises(DataError, match=f"{hours:g} hours apart"):
        read_orders(path, opened_at=OPENING)
    right = OPENING + pd.Timedelta(hours=hours)
    assert order_times(read_orders(path, opened_at=right))[0] == pytest.approx(drop[0], abs=1e-6)


def test_a_log_west_of_its_opening_is_refused_with_the_cause(write_log, drop):
    path = write_log(drop, hours_ahead=-5)
    message = "3,100 of 3,100 orders came before it.*expected an opening at or before"
    earlier = "5 hours apart, as .*, or the sale opened that much earlier than opened_at says"
    with pytest.raises(DataError, match=f"{message}.*{earlier}"):
        read_orders(path, opened_at=OPENING)


def test_a_gap_of_another_day_names_no_time_zone(write_log, drop):
    path = write_log(drop, hours_ahead=24 * 7 + 0.4)
    with pytest.raises(DataError, match="the opening of another sale or day"):
        read_orders(path, opened_at=OPENING)


def test_a_time_zone_puts_local_stamps_and_the_opening_on_one_clock(write_log, drop):
    log = read_orders(write_log(drop), opened_at="2026-03-01T17:00Z", time_zone="Europe/Berlin")
    assert order_times(log)[0] == pytest.approx(drop[0], abs=1e-6)
    both = read_orders(write_log(drop), opened_at="2026-03-01 18:00", time_zone="Europe/Berlin")
    assert order_times(both).tolist() == order_times(log).tolist()
    with pytest.raises(DataError, match=r"time_zone = 'Berlin'; expected a zone such as Europe/B"):
        read_orders(write_log(drop), time_zone="Berlin")


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("Europe/Berlin", "2025-10-26 02"),  # it came twice
        ("Europe/Berlin", "2025-03-30 02"),  # it was left out
        ("America/New_York", "2025-11-02 01"),
        ("America/New_York", "2025-03-09 02"),
    ],
)
def test_an_opening_in_the_hour_in_which_clocks_change_is_read_as_the_stamps_of_the_log(
    tmp_path, zone, hour
):
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["ordered_at", *(f"{hour}:30:{s:02d}" for s in range(40))]) + "\n")
    log = read_orders(path, opened_at=f"{hour}:30:00", time_zone=zone)
    assert order_times(log).tolist() == list(range(40))


def test_a_time_zone_holds_for_timestamps_of_parquet_as_well(write_log, drop, tmp_path):
    cells = f"SELECT ordered_at::TIMESTAMP AS ordered_at FROM '{write_log(drop)}'"
    duckdb.sql(f"COPY ({cells}) TO '{tmp_path / 'log.parquet'}' (FORMAT parquet)")
    log = read_orders(
        tmp_path / "log.parquet", opened_at="2026-03-01T17:00Z", time_zone="Europe/Berlin"
    )
    assert order_times(log)[:5] == pytest.approx(drop[:5], abs=2e-6)
    assert log.report["orders_kept"].item() == len(drop)


def test_an_offset_in_the_stamps_needs_no_zone(write_log, drop):
    log = read_orders(write_log(drop, offset="+01:00"), opened_at="2026-03-01 17:00")
    assert order_times(log)[0] == pytest.approx(drop[0], abs=1e-6)
    assert names_zone(log.first_stamp)


@pytest.mark.parametrize("offset", ["+0100", " +0100", " +01:00", " +01"])
def test_an_offset_is_read_with_a_blank_before_it_or_without_its_colon(write_log, drop, offset):
    log = read_orders(write_log(drop, offset=offset), opened_at=f"2026-03-01 18:00:00{offset}")
    assert log.report["no_time"].item() == 0
    assert order_times(log)[0] == pytest.approx(drop[0], abs=1e-6)
    assert names_zone(log.first_stamp)


def test_slow_mornings_and_dead_minutes_are_no_fault_of_the_opening(write_log):
    """A sale that opens at midnight and is wanted in the morning; one whose server slept 5 min."""
    rng = np.random.default_rng(1)
    morning = 3600 * np.sort(rng.normal(12, 2.2, 2_000).clip(5.1, 30))
    assert len(order_times(read_orders(write_log(morning), opened_at=OPENING))) == 2_000
    slept = 300 + np.sort(rng.exponential(60, 2_000))
    opened_at = OPENING + pd.Timedelta(hours=1)
    assert len(order_times(read_orders(write_log(slept), opened_at=opened_at))) == 2_000


def test_few_orders_judge_no_opening(write_log):
    assert len(order_times(read_orders(write_log(np.arange(5.0)), opened_at=OPENING))) == 5


@pytest.mark.parametrize(
    ("stamp", "zone", "utc"),
    [
        ("2026-07-01 18:00", "Europe/Berlin", "2026-07-01T16:00:00+00:00"),
        ("2026-07-01T18:00+05:30", "Europe/Berlin", "2026-07-01T12:30:00+00:00"),
        ("2026-07-01 18:00", None, "2026-07-01T18:00:00+00:00"),
    ],
)
def test_a_stamp_is_a_moment_of_its_zone(stamp, zone, utc):
    assert as_moment(stamp, zone).isoformat() == utc
    assert check_time_zone(zone) == zone


@pytest.mark.parametrize(
    ("column", "stray", "told"),
    [
        ("t_s", 1_551_175_200, r"t_s = 1,551,175,200; expected .*; seconds since 1970 would look"),
        ("t_s", 1_551_175_200_000, "milliseconds since 1970 would look like that"),
        ("t_s", 30_000_000, "t_s = 30,000,000; expected the orders of one sale, 20,000,000 s "),
        ("ordered_at", "1970-01-01", "orders from 1970-01-01 .* an empty date becomes"),
        ("ordered_at", "2109-02-26", "to 2109-02-26 00:00:00 UTC; expected .*; a wrong date would"),
        ("ordered_at", "200000-01-01 00:00:00", "to 200000-01-01 00:00:00 UTC; expected "),
    ],
)
def test_one_order_that_is_years_away_is_refused_with_the_cause(tmp_path, column, stray, told):
    """Beside it all others would come at once, and seconds without orders fill the memory."""
    times = pd.date_range("2019-02-26 10:00", periods=50, freq="s")
    cells = [*range(50), stray] if column == "t_s" else [*times.astype(str), stray]
    path = tmp_path / "log.csv"
    pd.DataFrame({column: cells}).to_csv(path, index=False)
    with pytest.raises(DataError, match=f"log.csv: .*{told}"):
        read_orders(path)
