"""The example launch: its simulated log is what its script draws, and says so.

The interval of its study holds the number of people that it was drawn from.
"""

import numpy as np
import pandas as pd
import pytest
from example_log import PATH, PEOPLE, STOCK, example_log

from analysis.data import DATA, DataError, load_launch
from analysis.sellout import fit_arrival_count_laws, study_orders


def test_the_simulated_log_is_what_its_script_draws_and_every_row_says_that_it_is_simulated():
    assert PATH.read_text(encoding="utf-8") == example_log()
    assert pd.read_csv(PATH)["simulated"].eq("yes").all()
    assert (
        (DATA / "launches" / "example.yaml").read_text(encoding="utf-8").startswith("# Simulated")
    )


@pytest.mark.oracle("known truth")
def test_the_interval_of_the_example_holds_its_truth_and_every_row_is_accounted_for():
    study = study_orders(load_launch("example"))
    assert study.orders == STOCK
    assert STOCK <= study.low <= PEOPLE <= study.high < 2 * PEOPLE
    report = study.log.report.iloc[0]
    assert (
        report["rows_read"],
        report["orders_kept"],
        report["repeated"],
        report["cancelled"],
    ) == (2058, 2000, 25, 30)


def with_orders(tmp_path, text, **more):
    (tmp_path / "log.csv").write_text(text, encoding="utf-8")
    launch = load_launch("example")
    words = {word: value for word, value in launch.words.items() if not word.startswith("orders.")}
    object.__setattr__(launch, "words", words | {"orders.file": str(tmp_path / "log.csv")} | more)
    return launch


def test_a_log_with_stamps_to_the_second_is_taken_as_counts(tmp_path):
    times = pd.read_csv(PATH).query("status == 'paid'").drop_duplicates("order_id")["t_s"]
    seconds = pd.to_numeric(times, errors="coerce").dropna().clip(lower=0).astype(int)
    study = study_orders(with_orders(tmp_path, "t_s\n" + "\n".join(map(str, seconds))))
    fine = study_orders(load_launch("example"))
    assert study.laws.sale.counts is not None
    # Counted to the moment when the stock ran out the log says the same; finer stamps say 7 % less.
    edges = np.r_[np.arange(np.ceil(fine.ordered.times_s[-1])), fine.ordered.times_s[-1]]
    to_the_end = fit_arrival_count_laws(edges, np.histogram(fine.ordered.times_s, edges)[0])
    # Limits come from draws with errors of the laws, which move by a few per cent.
    assert study.high == pytest.approx(to_the_end.interval()[1], rel=0.03)
    assert study.high == pytest.approx(fine.high, rel=0.08)


def test_a_launch_without_a_log_has_no_study_and_a_log_of_two_sales_or_too_few_orders_is_refused(
    tmp_path,
):
    assert study_orders(load_launch("mi_9")) is None
    with pytest.raises(DataError, match=r"events a, b; expected the log of one sale"):
        study_orders(with_orders(tmp_path, "t_s,event\n" + "1.5,a\n2.5,b\n" * 5))
    many = "".join(f"1.5,e{number}\n" for number in range(1_000))
    with pytest.raises(DataError, match=r"and 980 more; expected the log of one sale"):
        study_orders(with_orders(tmp_path, f"t_s,event\n{many}"))
    with pytest.raises(DataError, match=r"log.csv: 2 orders; expected at least 3"):
        study_orders(with_orders(tmp_path, "t_s\n1.5\n2.5\n"))
    with pytest.raises(DataError, match="ordered_at or t_s"):
        study_orders(with_orders(tmp_path, "time\n1.5\n2.5\n"))
