"""What is shown, in one look and one voice: parts of a page, charts, numbers, what-if panels.

Studies say what to show; this room knows nothing of them.
"""

from .chart import CHART, Chart, Charted, is_narrow
from .figures import (
    day_axis,
    dollar_axis,
    mark_value,
    number_axis,
    percent_axis,
    plot_band,
    plot_intervals,
)
from .labels import label_bar_end, label_end, label_point
from .markup import emphasise, for_page, keep_names_together
from .numbers import (
    day,
    dollars,
    exact,
    millions,
    number,
    part_of_month,
    percent,
    plural,
    span,
    with_range,
)
from .page_words import in_page_currency, in_page_words, in_tense, page_words, speak_of
from .panel import what_if
from .parts import (
    ANSWER,
    FACTS,
    QUANTITIES,
    TRUST,
    Facts,
    FirstScreen,
    Shown,
    Table,
    Text,
    Trust,
    publish,
    say,
    show,
    trust_in_words,
)
from .theme import COLOUR, use_house_style

__all__ = [
    "ANSWER",
    "CHART",
    "COLOUR",
    "FACTS",
    "QUANTITIES",
    "TRUST",
    "Chart",
    "Charted",
    "Facts",
    "FirstScreen",
    "Shown",
    "Table",
    "Text",
    "Trust",
    "day",
    "day_axis",
    "dollar_axis",
    "dollars",
    "emphasise",
    "exact",
    "for_page",
    "in_page_currency",
    "in_page_words",
    "in_tense",
    "is_narrow",
    "keep_names_together",
    "label_bar_end",
    "label_end",
    "label_point",
    "mark_value",
    "millions",
    "number",
    "number_axis",
    "page_words",
    "part_of_month",
    "percent",
    "percent_axis",
    "plot_band",
    "plot_intervals",
    "plural",
    "publish",
    "say",
    "show",
    "span",
    "speak_of",
    "trust_in_words",
    "use_house_style",
    "what_if",
    "with_range",
]


def __dir__() -> list[str]:
    """List what a notebook or a user may call: what Tab shows."""
    return __all__
