"""What-if panels: sliders over a study's own calculation in Lab, a table in reports."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial

import pandas as pd
from IPython.display import display

from .chart import Chart
from .figures import number_axis, plot_intervals
from .markup import for_lab
from .numbers import number, percent, with_range
from .page_words import in_page_currency, in_page_words, is_in_dollars
from .parts import Table, say, show

Calculation = Callable[..., pd.DataFrame]
"""Takes one value of each choice by name; gives rows of label, estimate, low, high."""


def what_if(
    question: str,
    measure: str,
    function: Calculation,
    labels: Mapping[str, str] | None = None,
    why_idle: Mapping[str, str] | None = None,
    **choices: Sequence,
) -> None:
    """Show a slider for each choice, and what `function` makes of them.

    In Lab the middle value of each choice is set first, and its result stays in grey below that
    of the values chosen. In a report a table stands in, in which one choice after the other takes
    its other values. A choice that changes nothing is named, with the reason; in Lab that is said
    once its slider was moved.

    Parameters
    ----------
    question, measure
        The title, and what is calculated with its unit.
    function
        The calculation, quick enough to follow a slider.
    labels
        What each choice is in words with its unit, as in {"price": "list price, yuan"}. One that
        begins with "share" or "change" is written in per cent.
    why_idle
        Why each choice may change nothing, as the end of a sentence, as in {"output": "fewer
        people want one than can be made"}.
    choices
        The values that each argument of `function` can take.
    """
    words = {name: (labels or {}).get(name, name.replace("_", " ")) for name in choices}
    if is_in_dollars(measure):
        function = partial(_in_page_currency, function)
    first = {name: values[len(values) // 2] for name, values in choices.items()}
    if os.environ.get("STATIC_REPORT"):
        _show_as_table(question, measure, function, words, first, choices, why_idle or {})
    else:
        _show_sliders(question, measure, function, words, choices, why_idle or {})


def _in_page_currency(function: Calculation, **values) -> pd.DataFrame:
    """Calculate in dollars, and give the results in the currency of the page."""
    result = function(**values)
    sums = {name: in_page_currency(result[name]) for name in ("estimate", "low", "high")}
    return result.assign(**sums)


def one_change_at_a_time(first: dict, choices: Mapping[str, Sequence]) -> list[dict]:
    """List the first values, then each choice's other values, the rest as at first."""
    changed = [
        first | {name: value}
        for name, values in choices.items()
        for value in values
        if value != first[name]
    ]
    return [first, *changed]


def _show_as_table(question, measure, function, words, first, choices, why_idle) -> None:
    """Show a row for each set of values, and say which choices change nothing and why."""
    trials = one_change_at_a_time(first, choices)
    results = pd.DataFrame([_in_words(function(**values)) for values in trials])
    idle = [name for name in choices if not _moves(name, trials, results)]
    if idle:
        say(_say_idle(idle, words, why_idle))
    values = pd.DataFrame(trials).rename(columns=words)
    shares = {label: values[label].map(percent) for label in values if _is_share(label)}
    table = values.assign(**shares).join(results)
    show(Table(table, f"{question} {measure[:1].upper()}{measure[1:]}"))


def _say_idle(idle: Sequence[str], words: Mapping[str, str], why: Mapping[str, str]) -> str:
    """Say which choices change nothing here, and why where a study knows."""
    sentence = f"This changes nothing here: {', '.join(words[name] for name in idle)}."
    reasons = dict.fromkeys(why[name] for name in idle if name in why)
    return " ".join([sentence, *(f"The reason: {reason}." for reason in reasons)])


def _in_words(result: pd.DataFrame) -> dict[str, str]:
    """Write each row of a result as its estimate with its interval, by label."""
    write = partial(number, digits=2)
    return {
        row.label: with_range(row.estimate, row.low, row.high, write=write)
        for row in result.itertuples()
    }


def _moves(name: str, trials: list[dict], results: pd.DataFrame) -> bool:
    """Return whether the result differs from the first where only this choice does."""
    changed = [values[name] != trials[0][name] for values in trials]
    return bool((results[changed] != results.iloc[0]).any(axis=None))


def _show_sliders(question, measure, function, words, choices, why_idle) -> None:
    """Show a slider for each choice, and a chart that follows them."""
    import ipywidgets  # noqa: PLC0415 (reports do without)

    shown = {name: in_page_words(label) for name, label in words.items()}
    sliders = {
        name: ipywidgets.SelectionSlider(
            description=shown[name],
            options=[(_choice_in_words(words[name], value), value) for value in values],
            value=values[len(values) // 2],
            style={"description_width": f"min({max(map(len, shown.values()))}ch, 55%)"},
            layout={"width": "min(52rem, 100%)"},
        )
        for name, values in choices.items()
    }
    picture = ipywidgets.HTML()  # an Output widget makes nbclient hang at times
    result_of = cache(function)  # a slider moved back need not wait again

    def values() -> dict:
        return {name: slider.value for name, slider in sliders.items()}

    first = result_of(**values())

    def redraw(idle: Sequence[str] = ()) -> None:
        note = _say_idle(idle, words, why_idle) if idle else ""
        picture.value = _compare(question, measure, result_of(**values()), first, note)

    def follow(name: str, change: Mapping) -> None:
        now, before = result_of(**values()), result_of(**values() | {name: change["old"]})
        redraw([name] if _in_words(now) == _in_words(before) else [])

    for name, slider in sliders.items():
        slider.observe(partial(follow, name), "value")
    redraw()
    display(ipywidgets.VBox([*sliders.values(), picture], _dom_classes=["what-if"]))


def _is_share(label: str) -> bool:
    """Say whether a choice is a share or a relative change, which people read in per cent."""
    return label.startswith(("share ", "change "))


def _choice_in_words(label: str, value: float) -> str:
    """Write a value of a choice: a sum in dollars in the currency of the page, a share in %."""
    if _is_share(label):
        return percent(value)
    return number(in_page_currency(value) if is_in_dollars(label) else value)


def _compare(question: str, measure: str, now: pd.DataFrame, first: pd.DataFrame, note: str) -> str:
    """Draw what comes of the values chosen, below each row in grey that of the first values."""
    rows = _with_first(now, first)

    def draw(axes):
        plot_intervals(axes, rows)
        number_axis(axes.xaxis)
        return axes

    chart = Chart(
        question,
        f"{measure.rstrip('.')}; grey: before a slider was moved",
        draw,
        now.to_string(index=False),
        rows,
        note,
        height_in=0.8 + 0.35 * len(rows),
    )
    return for_lab(chart.wide_html())


def _with_first(now: pd.DataFrame, first: pd.DataFrame) -> pd.DataFrame:
    """Put below each row, out of focus, the row of the first values in its place."""
    at_first = first.assign(label="at first", focus=False)
    rows = [now.assign(focus=True).reset_index(drop=True), at_first.reset_index(drop=True)]
    return pd.concat(rows).sort_index(kind="stable").reset_index(drop=True)
