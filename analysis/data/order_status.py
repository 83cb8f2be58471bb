"""What the status words of an order log mean: bought, still open, gone, or not known.

Shops write statuses in their own language and their own words ("Canceled by customer", "storniert",
"pago rechazado"). Here the common words of seven languages are known by how they begin, and every
other word is listed as unknown. What becomes of an order with such a status is for orders.py.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import pandas as pd

GONE = ("cancelled", "refunded", "returned", "payment failed")  # the order does not count
BOUGHT, OPEN, UNKNOWN, NONE = "bought", "open", "unknown", "no status"

# How words begin, in small letters without accents; of Chinese, what a status holds anywhere. A
# space within one means two words in a row.
REFUSED = (  # alone they are of the payment; beside a refund, a return or a cancellation, of that
    *("failed", "declined", "rejected", "denied", "expired", "timed out"),
    *("fehlgeschlagen", "abgelehnt", "abgelaufen"),
    *("fallid", "rechazad", "denegad", "vencid", "caducad"),
    *("echoue", "echec", "refuse", "rejete", "expire"),
    *("recusad", "falhou", "falha", "negad", "nao aprovad", "expirad"),
    *("असफल", "विफल", "अस्वीकृत", "अस्वीकार"),
)
STEMS = {
    "payment failed": (
        *("payment fail", "payment declin", "payment reject", "payment error", "payment expired"),
        *("chargeback", "zahlung fehlgeschlagen", "pago fallido"),
        *REFUSED,
        *("支付失败", "付款失败", "扣款失败", "交易失败", "拒付", "支付超时", "付款超时"),
        *("支付失敗", "付款失敗", "交易失敗"),
    ),
    "cancelled": (
        *("cancel", "canceled", "void", "abort", "abandon", "revoked", "withdrawn"),
        *("storn", "annullier", "abgebrochen", "abbruch", "widerruf", "gekundigt"),
        *("anulad", "anulac", "annul", "cancelad", "cancelac"),
        *("取消", "交易关闭", "订单关闭", "已关闭", "作废", "撤销", "交易關閉", "已關閉", "撤銷"),
        *("रद्द", "रद", "निरस्त", "कैंसिल", "कैन्सल"),
    ),
    "refunded": (
        *("refund", "money back", "reimburs"),
        *("erstattet", "erstattung", "ruckerstatt", "rueckerstatt"),
        *("reembols", "rembours", "estorn", "reintegr"),
        *("退款", "已退款"),
        *("रिफंड", "रिफ़ंड", "धनवापसी", "धन वापस", "पैसे वापस"),
    ),
    "returned": (
        *("returned", "return", "rto", "sent back"),
        *("retour", "zuruckgeg", "zuruckges", "zuruckgen", "rucksend", "ruckgabe"),
        *("zurueckgeg", "zurueckges", "zurueckgen", "ruecksend", "rueckgabe"),
        *("devuelt", "devoluc", "devolv", "retourn", "renvoye"),
        *("退货", "退回", "退貨"),
        *("वापस", "लौटा"),
    ),
    OPEN: (
        *("pending", "awaiting", "on hold", "unpaid", "open", "new", "created", "placed"),
        *("processing", "in progress", "offen", "ausstehend", "in bearbeitung", "wartend"),
        *("pendiente", "en proceso", "en attente", "en cours", "pendente", "aguardando"),
        *("待付款", "待支付", "未付款", "待发货", "处理中", "लंबित", "प्रतीक्षा"),
    ),
    BOUGHT: (
        *("paid", "complete", "deliver", "shipped", "fulfil", "confirmed", "success", "captured"),
        *("accepted", "approved", "authorised", "authorized", "dispatched", "sold", "closed", "ok"),
        *("bezahlt", "versandt", "versendet", "verschickt", "geliefert", "zugestellt"),
        *("abgeschlossen", "bestatigt", "erledigt", "pagad", "enviad", "entregad", "completad"),
        *("confirmad", "finalizad", "aprobad", "aprovad", "paye", "expedie", "livre", "termine"),
        *("confirme", "pago", "concluid", "faturad", "entregue", "done"),
        *("已付款", "已支付", "已发货", "已完成", "交易成功", "已签收", "支付成功", "付款成功"),
        *("已確認", "已确认", "待评价"),
        *("भुगतान", "डिलीवर", "पूर्ण", "सफल", "भेजा", "पुष्टि"),
    ),
}
# These turn a word round or leave open whether it has come to that: such a status is unknown.
DOUBTS = (
    *("not", "no", "non", "un", "never", "request", "pending", "reversed"),
    *("initiated", "processing", "in progress", "failure", "unsuccessful", "error"),
    *("nicht", "kein", "beantragt", "angefragt", "eingeleitet", "sin", "solicit", "iniciad"),
    *("pas", "demande", "initie", "nao"),
    *("未", "没有", "申请", "退款失败", "退货失败", "取消失败", "拒绝退", "拒绝取消"),
    *("नहीं", "अनुरोध"),
)
# Part of an order was taken back, and the order stays.
TAKEN_BACK_IN_PART = (
    *("partially refunded", "partly refunded", "partial refund", "refunded partially"),
    *("teilweise erstattet", "teilweise ruckerstattet", "teilerstattet", "teilerstattung"),
    *("parcialmente reembolsad", "reembolso parcial", "partiellement rembours", "部分退款"),
)
PARTS = ("partial", "partly", "teil", "parcial", "partiel", "部分", "आंशिक")  # of an order alone
REVERSALS = ("cancelled", "refunded", "returned")  # what a seller may also refuse
# How words begin that say it has come to that: what a status goes on to say is why.
REVERSED = (
    *("cancelled", "canceled", "voided", "aborted", "abandoned", "revoked", "withdrawn"),
    *("refunded", "reimbursed", "returned", "sent back"),
    *("storniert", "annulliert", "abgebrochen", "widerrufen", "gekundigt", "retourniert"),
    *("erstattet", "ruckerstattet", "rueckerstattet"),
    *("zuruckgegeben", "zuruckgesendet", "zuruckgesandt", "zuruckgenommen"),
    *("anulad", "cancelad", "reembolsad", "devuelt"),
    *("annule", "rembourse", "retourne", "renvoye", "estornad", "devolvid"),
)
COMPLETE = (
    *REVERSED,
    *("failed", "declined", "rejected", "denied", "expired", "timed out"),
    *("fehlgeschlagen", "abgelehnt", "abgelaufen", "fallid", "rechazad", "denegad", "caducad"),
    *("refuse", "rejete", "expire", "recusad", "negad", "expirad"),
)
REVERSED_IN_CHINESE = "已(?:取消|退款|退货|退回|关闭|作废|撤销|退貨|關閉|撤銷)"
REVERSED_WORD = re.compile(rf" (?:{'|'.join(REVERSED)})[a-z]{{0,2}}(?= )|{REVERSED_IN_CHINESE}")
COMPLETE_WORD = re.compile(rf" (?:{'|'.join(COMPLETE)})[a-z]{{0,2}}(?= )|{REVERSED_IN_CHINESE}")
WHOLE_WORDS = (  # that begin many others: "no" begins normal, "new" newly
    *("not", "no", "non", "un", "sin", "pas", "nao", "new", "ok", "open", "sold", "rto", "return"),
    *("रद", "pago", "created", "placed", "closed"),
)
BETWEEN_WORDS = re.compile(r"[\s_\-/.,;:()\[\]|+#!?'\"]+")


def meaning_of_status(status: object) -> str:
    """Return what a status says of its order.

    Parameters
    ----------
    status : object
        The word or phrase, in any case; None or an empty text where there is none.

    Returns
    -------
    str
        One of "cancelled", "refunded", "returned", "payment failed" (the order does not count),
        "bought", "open" (not paid or not sent yet), "no status", or "unknown".

    Examples
    --------
    >>> [meaning_of_status(word) for word in ("Canceled by customer", "storniert", "已退款", "xy")]
    ['cancelled', 'cancelled', 'refunded', 'unknown']
    >>> meaning_of_status("refund requested"), meaning_of_status("refunded: customer's request")
    ('unknown', 'refunded')
    >>> meaning_of_status("payment declined"), meaning_of_status("refund declined")
    ('payment failed', 'unknown')
    """
    words = _plain_words(status)
    if not words:
        return NONE
    if _has_any(words, TAKEN_BACK_IN_PART):
        return BOUGHT
    if _is_refused_reversal(words):
        return UNKNOWN
    meanings = [meaning for meaning, stems in STEMS.items() if _has_any(words, stems)]
    meaning = meanings[0] if meanings else UNKNOWN
    # "Not approved" is known as a phrase of its own; another doubt leaves open what became of it.
    phrases = [stem for stem in STEMS.get(meaning, ()) if " " in stem]
    is_in_doubt = _has_any(words, PARTS) or _has_any(_without_reason(words), DOUBTS)
    if not is_in_doubt or _has_any(words, phrases):
        return meaning
    return OPEN if meaning in (BOUGHT, OPEN) else UNKNOWN


def _is_refused_reversal(words: str) -> bool:
    """Whether a refund, return or cancellation was refused, before any word that it was done."""
    reversed_at = REVERSED_WORD.search(words)
    stated = f"{words[: reversed_at.start()]} " if reversed_at else words
    stems = [stem for reversal in REVERSALS for stem in STEMS[reversal]]
    return _has_any(stated, REFUSED) and _has_any(stated, stems)


def _without_reason(words: str) -> str:
    """Return a status up to the word that says it has come to that, without the reason behind it.

    A lone word, as in "cancelled: no", is none; in Chinese a reason may be one.
    """
    complete = COMPLETE_WORD.search(words)
    if complete is None:
        return words
    behind = words[complete.end() :].split()
    is_lone_word = len(behind) == 1 and behind[0].isascii()
    return words if is_lone_word else f"{words[: complete.end()]} "


@lru_cache(maxsize=10_000)
def _plain_words(status: object) -> str:
    """Return a status as words in small letters, with one space before and after each."""
    text = "" if pd.isna(status) else str(status)
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)  # paymentFailed
    letters = unicodedata.normalize("NFKD", apart.casefold())
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = [word for word in BETWEEN_WORDS.split(letters) if word]
    return f" {' '.join(words)} " if words else ""


def _has_any(words: str, stems: Iterable[str]) -> bool:
    """Whether a status holds one of some stems, at the start of a word but for Chinese."""
    for stem in stems:
        plain = _plain_words(stem).strip()
        if any("一" <= letter <= "鿿" for letter in plain):
            is_held = plain in words
        elif stem in WHOLE_WORDS:
            is_held = f" {plain} " in words
        else:
            is_held = f" {plain}" in words
        if is_held:
            return True
    return False


def read_statuses(counts: pd.DataFrame, cancelled: Iterable[object] | None) -> pd.DataFrame:
    """Say of each status of a log how it is read.

    Parameters
    ----------
    counts : DataFrame
        word (the status as words are compared: in small letters; None where empty), status (as it
        stands in the log) and rows.
    cancelled : words, or None
        Words that mean a cancelled order, and no others; None: those that are known.

    Returns
    -------
    DataFrame
        The same with `meaning`, the most frequent first.
    """
    if cancelled is None:
        meanings = [meaning_of_status(status) for status in counts["status"]]
    else:
        named = set(plain_list(cancelled))
        meanings = ["cancelled" if word in named else BOUGHT for word in counts["word"]]
    statuses = counts.assign(meaning=pd.Series(meanings, index=counts.index, dtype=object))
    return statuses.sort_values(["rows", "word"], ascending=[False, True], ignore_index=True)


def plain_list(words: str | Iterable[object]) -> list[str]:
    """Return words as statuses are compared: trimmed, in small letters."""
    listed = [words] if isinstance(words, str) else list(words)
    return [str(word).strip().lower() for word in listed]
