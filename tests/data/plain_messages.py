"""What no message to a reader may contain: the words of parsers, libraries and tracebacks."""

import re

PARSERS_WORDS = re.compile(
    r"Traceback|pandas|duckdb|yaml\.|codec|<unicode string>|Invalid Input|Binder|csv\.Error|"
    r"openpyxl|magic bytes|ValueError|KeyError|block end|mapping values|scanner|while parsing|"
    r"token|tokeniz|NoneType|Errno|object at 0x|BadZip|\bEOF\b",
    re.I,
)
