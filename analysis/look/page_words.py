"""The words of one page: the noun of what is sold, the currency of its sums, and the tense.

Rooms write of phones and compute in dollars, as most launches on file are phones costed in
dollars. A notebook says once what its own launch is (`speak_of`); whatever is shown after that, be
it a sentence, a table or a chart, says its noun and its currency instead. Other phones that it is
compared with are then devices. A name of brands, such as Fire Phone, stays, and so do the names of
the launch and what a table quotes of its file. Which noun, currency and names a launch has is for
the room `data`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

SIGNS = {  # of currencies that have one which readers know; others are written by their code
    "BRL": "R$",
    "CNY": "CN¥",
    "EUR": "€",
    "GBP": "£",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "USD": "$",
}
NAMES = {  # many of a currency, in a sentence
    "CNY": "yuan",
    "EUR": "euros",
    "GBP": "pounds",
    "INR": "rupees",
    "JPY": "yen",
    "USD": "dollars",
}
# The word, a part of a name such as phones_sold too, but not of a brand or of smartphone.
PHONE = re.compile(r"(?<![A-Za-z] (?=P))(?<![A-Za-z])([Aa]n? )?([Pp])hone(s?)(?![A-Za-z])")
# Others that a launch is compared with: phones, whatever the page is about.
OTHER_PHONES = re.compile(r"\b((?:[Oo]ther|[Cc]omparable|[Nn]ew|known) (?:[A-Z]\w+ )?)phone(s?)\b")
# A name that takes "an"; names such as OnePlus, Unit and Europa begin with a consonant's sound.
VOWEL_SOUND = re.compile(
    r"(?![Oo]ne(?![a-z])|[Oo]nce\b|[Uu]ni(?!n|m)|[Uu]se|[Ee]u|U[A-Z\d])[AEIOUaeiou]|[Hh]our"
)
DOLLARS = re.compile(r"\b(?:US )?dollars?\b")
IN_DOLLARS = re.compile(r"\$|\bdollars?\b|(?<![A-Za-z])usd$")  # of a label: its numbers are sums
DOLLAR_SIGN = re.compile(r"\$(?=\s|$|,)")  # in a unit, as in "profit, $ million"; no sum
# Columns that quote a launch file or a log: what somebody wrote stays as it was written.
QUOTING = ("source", "source_or_reason", "note", "maker", "manufacturer", "status", "device")


@dataclass(frozen=True)
class PageWords:
    """What a page is about: a noun with its plural, and a currency with its rate."""

    noun: str = "phone"
    plural: str = "phones"
    currency: str = "USD"  # ISO 4217
    local_per_usd: float = 1.0
    names: tuple[str, ...] = ()  # that hold a word of these, and stay as they are
    names_with_an: tuple[str, ...] = ()  # that begin with the sound of a vowel
    is_ahead: bool = False  # whether its first sale is still to come
    is_on_sale: bool = False  # whether it is being sold; if neither, its sales are over

    @property
    def sign(self) -> str:
        """The sign before a sum; the code where no sign is known."""
        return SIGNS.get(self.currency, f"{self.currency}\u00a0")

    @property
    def money(self) -> str:
        """The currency's name in a sentence, many of it."""
        return name_of_currency(self.currency)


def name_of_currency(code: str) -> str:
    """Return what many of a currency are called in a sentence; the code where no name is known."""
    return NAMES.get(code, code)


_page = PageWords()


def speak_of(
    noun: str = "phone",
    plural: str = "phones",
    *,
    currency: str = "USD",
    local_per_usd: float = 1.0,
    names: Sequence[str] = (),
    is_ahead: bool = False,
    is_on_sale: bool = False,
) -> None:
    """Have everything that is shown from now on speak of this product, in this currency.

    Parameters
    ----------
    noun, plural : str
        One of what is sold, and several: "console", "consoles".
    currency : str
        ISO 4217 code.
    local_per_usd : float
        Units of it for a dollar; sums are computed in dollars.
    names : sequence of str
        Names that stay as they are, such as that of a "Phone Dock" on a page of docks.
    is_ahead : bool
        Whether its first sale is still to come (`in_tense`).
    is_on_sale : bool
        Whether it has come, and the end of its sales has not.
    """
    global _page  # noqa: PLW0603 (a notebook is of one launch: its words hold for all it shows)
    _page = PageWords(
        noun, plural, currency, local_per_usd, is_ahead=is_ahead, is_on_sale=is_on_sale
    )
    changed = tuple(name for name in names if name and in_page_words(name) != name)
    with_an = tuple(name for name in names if VOWEL_SOUND.match(name))
    _page = replace(_page, names=changed, names_with_an=with_an)


def page_words() -> PageWords:
    """Return the words of the page as they are now."""
    return _page


def in_tense(past: str, ahead: str, on_sale: str | None = None) -> str:
    """Return the words that suit the page: of what was sold, will be sold, or is on sale now.

    Parameters
    ----------
    past : str
        Words of what is sold no more.
    ahead : str
        Words of what has not been sold yet.
    on_sale : str, optional
        Words of what is being sold; those of `ahead` where none are given, so whatever is true only
        before the first sale needs them.

    Returns
    -------
    str

    Examples
    --------
    >>> in_tense("It sold out.", "It will sell out.")
    'It sold out.'
    """
    if _page.is_on_sale:
        return ahead if on_sale is None else on_sale
    return ahead if _page.is_ahead else past


def in_page_currency(usd: float) -> float:
    """Return a sum in dollars in the currency of the page; an array or a column likewise."""
    return usd * _page.local_per_usd


def is_in_dollars(label: str) -> bool:
    """Say whether the numbers below a label are sums in dollars: "profit, $ million", "net_usd"."""
    return bool(IN_DOLLARS.search(str(label)))


def frame_in_page_currency(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its sums in dollars in the currency of the page.

    They are the numbers of columns whose name says dollars; a name that ends in usd says the
    currency of the page instead.
    """
    if _page.currency == "USD":
        return frame
    sums = [
        name for name in frame if is_in_dollars(name) and pd.api.types.is_numeric_dtype(frame[name])
    ]
    converted = frame.assign(**{str(name): in_page_currency(frame[name]) for name in sums})
    code = _page.currency.lower()
    return converted.rename(columns={name: re.sub("usd$", code, str(name)) for name in sums})


def in_page_words(text: str) -> str:
    """Return a text with the noun and the currency of the page.

    >>> speak_of("e-bike", "e-bikes", currency="EUR", local_per_usd=0.9)
    >>> in_page_words("A phone more; phones leave, in million dollars")
    'An e-bike more; e-bikes leave, in million euros'
    >>> speak_of()
    >>> in_page_words("A phone more")
    'A phone more'
    """
    for name in _page.names_with_an:
        text = re.sub(rf"\b([Aa])(\s)(?={_as_broken(name)}(?!\w))", r"\1n\2", text)
    if not _page.names:
        return _without_the_noun_twice(_say_words(text))
    parts = re.split(f"({'|'.join(map(_as_broken, _page.names))})", text)
    parts[::2] = map(_say_words, parts[::2])  # the others are names
    return _without_the_noun_twice("".join(parts))


def _as_broken(name: str) -> str:
    """Return the pattern of a name that a label may break into lines, or keep on one of them."""
    return r"\s".join(map(re.escape, name.split(" ")))


def cells_in_page_words(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts are in the words of the page, but for columns that quote."""
    if _page == PageWords():  # in which they are written
        return frame
    texts = frame.select_dtypes(exclude=["number", "bool", "datetime"]).columns
    in_words = frame.copy()
    for name in texts.difference(QUOTING, sort=False):
        cells = [in_page_words(cell) if isinstance(cell, str) else cell for cell in frame[name]]
        in_words[name] = pd.Series(cells, index=frame.index, dtype=object)
    return in_words


def _say_words(text: str) -> str:
    """Return a text, without a name in it, with the noun and the currency of the page."""
    if _page.noun != "phone":
        text = OTHER_PHONES.sub(r"\1device\2", text)
        text = PHONE.sub(_say_noun, text)
    if _page.currency != "USD":
        text = DOLLARS.sub(_page.money, text)
        text = DOLLAR_SIGN.sub(_page.sign.strip(), text)
    return text


def _without_the_noun_twice(text: str) -> str:
    """Return a text in which a name that ends in the noun takes its plural: Pocket Consoles."""
    noun, plural = _page.noun, _page.plural
    if noun == "phone":
        return text
    named = f"{noun[:1].upper()}{noun[1:]}"
    plural_in_name = f"{plural[:1].upper()}{plural[1:]}"
    text = text.replace(f" {named} {plural}", f" {plural_in_name}")
    return text.replace(f" {named} {noun} ", f" {named} ")


def _say_noun(found: re.Match) -> str:
    """Return the noun of the page for one that was found, with the article that suits it."""
    article, first_letter, several = found.groups()
    noun = _page.plural if several else _page.noun
    if first_letter.isupper():
        noun = noun[:1].upper() + noun[1:]
    if not article:
        return noun
    return f"{article[0]}{'n' if VOWEL_SOUND.match(noun) else ''} {noun}"
