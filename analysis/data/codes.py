"""Codes of countries (ISO 3166) and currencies (ISO 4217), and the names that people write instead.

Names are those of Babel, which JupyterLab needs too. It is imported where a code is asked for.
"""

import os
from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

from .errors import DataError, quoted

if TYPE_CHECKING:
    from babel import Locale

NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}  # regions and placeholders of Babel
NO_CURRENCIES = {"XTS", "XXX"}
OTHER_NAMES = {  # names in common use that Babel has not
    "AMERICA": "US",
    "BRITAIN": "GB",
    "ENGLAND": "GB",
    "KOREA": "KR",
    "UK": "GB",
    "USA": "US",
    "WORLDWIDE": "WORLD",
    "DOLLAR": "USD",
    "DOLLARS": "USD",
    "RENMINBI": "CNY",
    "RMB": "CNY",
    "RUPEE": "INR",
    "RUPEES": "INR",
    "YEN": "JPY",
    "YUAN": "CNY",
}


@cache
def _english() -> "Locale":
    """Return Babel's names in English; DataError if the zone of TZ, which Babel reads, is none."""
    from babel import Locale  # noqa: PLC0415 (reads a large file)

    locale = Locale("en")
    try:
        locale.territories  # noqa: B018 (reads the file, and the zone of this machine with it)
    except (OSError, ValueError, LookupError):
        raise DataError(
            f"TZ = {quoted(os.environ.get('TZ', ''))}, in the environment; "
            "expected the name of a time zone, such as Europe/Berlin, or no TZ"
        ) from None
    return locale


@cache
def country_codes() -> dict[str, str]:
    """Return the names of all countries by their codes, with `WORLD` for several together."""
    names = _english().territories
    codes = {code for code in names if len(code) == 2 and code.isalpha()} - NO_COUNTRIES
    return {code: names[code] for code in sorted(codes)} | {"WORLD": "world"}


@cache
def currency_codes() -> dict[str, str]:
    """Return the names of all currencies by their codes, those that are gone too."""
    names = _english().currencies
    return {code: names[code] for code in sorted(set(names) - NO_CURRENCIES)}


def currencies_of(country: str, day: date) -> list[str]:
    """Return the currencies that were money in a country on a day; none where it is not known.

    Examples
    --------
    >>> currencies_of("DE", date(2019, 1, 1))
    ['EUR']
    """
    from babel.numbers import get_territory_currencies  # noqa: PLC0415 (as above)

    if country == "WORLD":
        return []
    return get_territory_currencies(country, day)


def code_of(word: str, codes: dict[str, str]) -> str:
    """Return the code that somebody meant who wrote a name or a sign; "" where none comes near.

    Parameters
    ----------
    word : str
        What was written for a code.
    codes : dict
        Names by code.

    Examples
    --------
    >>> code_of("Germany", country_codes()), code_of("euro", currency_codes())
    ('DE', 'EUR')
    """
    capitals = word.strip().upper()
    by_name = {name.upper(): code for code, name in codes.items()}
    for code in (capitals, OTHER_NAMES.get(capitals, ""), by_name.get(capitals, "")):
        if code in codes:
            return code
    code_of_sign = _code_of_sign(word.strip())
    if code_of_sign in codes:
        return code_of_sign
    nearest = get_close_matches(capitals, by_name, n=1, cutoff=0.75)
    return by_name[nearest[0]] if nearest else ""


def _code_of_sign(sign: str) -> str:
    """Return the currency of a sign such as the euro's; "" where there is none."""
    signs = _english().currency_symbols
    codes = [code for code, shown in signs.items() if shown == sign and code != sign]
    return codes[0] if codes else ""
