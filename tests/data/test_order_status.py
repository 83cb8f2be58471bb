"""Status words of real shops are read rightly in seven languages, or listed as unknown."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from analysis.data import DataError, load_launch, order_times, read_orders
from analysis.data.launch_file import read_launch_text
from analysis.data.order_status import meaning_of_status

WORDS = {
    "cancelled": (
        "cancelled",
        "Canceled by customer",
        "ORDER_CANCELLED",
        "voided",
        "storniert",
        "Bestellung storniert",
        "widerrufen",
        "anulado",
        "Cancelado por el cliente",
        "annulée",
        "Annulé par le client",
        "cancelada",
        "已取消",
        "交易关闭",
        "रद्द किया गया",
        "कैंसिल",
        "Cancelled - not paid",
        "Cancelled (no stock)",
        "Cancelled: no payment received",
        "cancelled by customer request",
        "Storniert (nicht bezahlt)",
        "Cancelado a solicitud del cliente",
        "Annulé, pas payé",
        "已取消（未付款）",
        "cancelled, refund initiated",
    ),
    "refunded": (
        "Refunded",
        "rückerstattet",
        "Rueckerstattet",
        "reembolsado",
        "remboursé",
        "estornado",
        "已退款",
        "रिफंड",
        "धन वापसी",
    ),
    "returned": (
        "returned",
        "RTO",
        "Retoure",
        "zurückgegeben",
        "devuelto",
        "retournée",
        "devolvido",
        "退货",
        "वापस किया गया",
        "Returned, not restocked",
    ),
    "payment failed": (
        "paymentFailed",
        "payment-failed",
        "declined",
        "Zahlung fehlgeschlagen",
        "pago rechazado",
        "paiement refusé",
        "Pagamento não aprovado",
        "支付失败",
        "भुगतान विफल",
        "expired",
        "Expired, not paid",
        "Payment failure",
        "Payment failed, order cancelled",
        "Expired: cancelled by the shop",
        "Cancelled (refund failed)",
        "付款超时，订单取消",
    ),
    "bought": (
        "paid",
        "order complete",
        "bezahlt",
        "versandt",
        "pagado",
        "payée",
        "livrée",
        "pago",
        "entregue",
        "交易成功",
        "भुगतान सफल",
        "authorized",
        "partially_refunded",
        "teilweise erstattet",
        "部分退款",
    ),
    "open": (
        "pending",
        "partially_paid",
        "awaiting payment",
        "nicht bezahlt",
        "en attente",
        "未付款",
    ),
    "unknown": (
        "xy7",
        "refund requested",
        "refund requested, not approved",
        "refund declined",
        "refund failed",
        "failed to refund",
        "Refund failure",
        "refund rejected, item not returned",
        "paid (refund rejected)",
        "return denied",
        "cancellation rejected",
        "Stornierung abgelehnt",
        "reembolso rechazado",
        "remboursement refusé",
        "cancelamento recusado",
        "退款失败",
        "रिफंड अस्वीकृत",
        "return initiated",
        "refund in progress",
        "Rückgabe eingeleitet",
        "cancellation requested",
        "Refunded - partial shipment",
        "cancelled: no",
        "not cancelled",
        "no cancelado",
        "रद्द नहीं किया गया",
        "partially returned",
        "teilweise storniert",
        "部分退货",
        "申请退款",
        "returning customer",
        "normal",
    ),
    "no status": ("", "  ", None, np.nan, "--"),
}


@pytest.mark.parametrize(
    ("word", "meaning"), [(word, meaning) for meaning, words in WORDS.items() for word in words]
)
def test_a_status_of_a_shop_is_read_as_it_is_meant(word, meaning):
    assert meaning_of_status(word) == meaning


@pytest.fixture
def log_in_german(tmp_path):
    """Nine orders: three do not count in German, one word is nobody's."""
    words = ["bezahlt", "storniert", "Bezahlt", "Zahlung fehlgeschlagen", "bezahlt", "retourniert"]
    words += ["zurückgelegt", "bezahlt", ""]
    path = tmp_path / "log.csv"
    pd.DataFrame({"t_s": np.arange(9) + 0.5, "status": words}).to_csv(path, index=False)
    return path


def test_orders_that_a_german_shop_cancelled_do_not_count_and_every_word_is_listed(log_in_german):
    log = read_orders(log_in_german)
    assert log.report["cancelled"].item() == 3
    statuses = log.statuses.set_index("word")
    assert statuses.loc["bezahlt", ["rows", "meaning"]].tolist() == [4, "bought"]
    assert statuses.loc["zurückgelegt", "meaning"] == "unknown"
    assert log.statuses["rows"].sum() == 9


def test_words_of_the_caller_stand_alone_or_beside_those_that_are_known(log_in_german):
    alone = read_orders(log_in_german, cancelled=["zurückgelegt"])
    assert alone.report["cancelled"].item() == 1
    beside = read_orders(log_in_german, also_cancelled=["Zurückgelegt"])
    assert beside.report["cancelled"].item() == 4
    assert order_times(read_orders(log_in_german, cancelled=[])).size == 9


def test_a_log_without_statuses_lists_none(tmp_path):
    (tmp_path / "log.csv").write_text("t_s\n1\n2\n")
    assert read_orders(tmp_path / "log.csv").statuses is None


@pytest.mark.parametrize("kind", ["INTEGER", "DOUBLE", "BOOLEAN", "VARCHAR"])
def test_a_parquet_column_of_statuses_without_any_may_have_any_type(tmp_path, kind):
    """A program that writes a column in which no cell is filled has to choose one."""
    path = tmp_path / "log.parquet"
    duckdb.sql(f"SELECT 1.5 AS t_s, NULL::{kind} AS status").write_parquet(str(path))
    assert read_orders(path).report["orders_kept"].item() == 1
    if kind != "VARCHAR":
        duckdb.sql(f"SELECT 1.5 AS t_s, 1::{kind} AS status").write_parquet(str(path))
        with pytest.raises(DataError, match="status"):
            read_orders(path)


@pytest.fixture
def launch_with(copy):
    """Give a function that loads the example with one more line below orders."""

    def load(line):
        text = read_launch_text("example").replace("orders:\n", f"orders:\n  {line}\n")
        (copy / "launches" / "example.yaml").write_text(text, encoding="utf-8")
        return load_launch("example", copy)

    return load


def test_a_launch_file_names_the_words_of_its_shop(launch_with):
    launch = launch_with("cancelled: [zurückgelegt, 4]")
    assert launch.words["orders.cancelled"] == ("zurückgelegt", "4")
    assert launch_with("cancelled: []").words["orders.cancelled"] == ()
    with pytest.raises(DataError, match=r"yaml:\d+: orders.cancelled = 'offen'; expected words in"):
        launch_with("cancelled: offen")
    with pytest.raises(DataError, match=r"yaml:\d+: orders.cancelled = a block; expected a value"):
        launch_with("cancelled: [[offen]]")
