"""The page of statements: what sources say, what our studies found, and whether these agree."""

from collections import Counter
from math import inf
from pathlib import Path

from markupsafe import Markup

from analysis.look import for_page

from . import study_of
from .figure_words import name_figure, say, say_edges
from .folder import publish
from .index import page_templates, read_reports
from .verdicts import Verdicts

# Which way a word leans: of a verdict of sources, or of what a figure says. Others: neither way.
LEAN = {
    "supported": 1,
    "partly_supported": 1,
    "contradicted": -1,
    "supports": 1,
    "contradicts": -1,
}
# What a figure says that the limit keeps from saying more.
LIMITED_WORDS = {
    "first_half": {"supports": "supports its first half"},  # one half refuted refutes the whole
    "selected": {"supports": "leans for it", "contradicts": "leans against it"},
    "simulation_error": {"supports": "leans for it", "contradicts": "leans against it"},
}
# By what sources say and what we find.
AGREEMENT = {
    (1, 1): "agree",
    (-1, -1): "agree",
    (1, -1): "disagree",
    (-1, 1): "disagree",
    (0, 0): "neither settles it",
    (1, 0): "our figure does not settle it",
    (-1, 0): "our figure does not settle it",
    (0, 1): "sources do not settle it",
    (0, -1): "sources do not settle it",
}
NUMBERS = {1: "one", 2: "two", 3: "three"}
# Why a figure is no check by itself.
LIMITS = {
    "first_half": "the figure tests the first half of the statement alone",
    "same_source": "this is what sources say, or worked out from it alone: no check",
    "selected": "only reported cases count, and those for it are reported more often",
    "simulation_error": "the interval is the error of simulating alone, not of what is assumed",
}
ADDED = "Checks that we added"  # the group of statements that no source text made


def write_statements(out: Path, statements: list[dict]) -> None:
    """Write out/claims.html.

    Parameters
    ----------
    out
        The folder of reports.
    statements
        Each has claim_id, group, claim, verdict, sources_for, sources_against, note, added. It
        may name `reports` ("subject/study") and the `quantity` published there, with the range
        (true_from, true_to) in which it would be true, and the `limit` (of LIMITS) of such a
        figure.
    """
    reports = {report["name"]: report for report in read_reports(out)}
    rows = [statement | set_against(statement, reports) for statement in statements]
    made_by_sources = [row for row in rows if not row["added"]]
    groups: dict[str, list[dict]] = {}
    for row in made_by_sources:
        groups.setdefault(row["group"], []).append(row)
    groups[ADDED] = [row for row in rows if row["added"]]
    page = page_templates().get_template("claims.html.j2")
    text = page.render(
        groups=groups,
        quantities=list_quantities(reports),
        rows=made_by_sources,
        opening=_opening(Verdicts(rows=made_by_sources)),
        agreement=Counter(row["agreement"] for row in made_by_sources),
        limits=LIMITS,
        name_figure=name_figure,
    )
    publish(out, "claims.html", text)


def _opening(verdicts: Verdicts) -> dict:
    """Give the parts of the first screen as HTML, and its question and answer as text."""
    screen = verdicts.first_screen()
    parts = {
        "answer": screen,
        "lead": verdicts.chart(),
        "facts": verdicts.facts(),
        "trust": verdicts.trust(),
    }
    html = {name: Markup(for_page(part.html(), name == "lead")) for name, part in parts.items()}
    return html | {"question": screen.question}


def set_against(statement: dict, reports: dict[str, dict]) -> dict:
    """Hold a statement against the figures of studies.

    Returns
    -------
    dict
        `found`: of each report that the statement names, figure, says, name, subject and question;
        and `agreement`: whether that agrees with the statement's sources.
    """
    figures = [look_up(statement, name, reports.get(name)) for name in statement["reports"]]
    return {"found": figures, "agreement": _agreement(statement, figures)}


def _agreement(statement: dict, figures: list[dict]) -> str:
    """Say whether these figures agree with what the statement's sources say."""
    says = [one["says"] for one in figures if one["figure"]]
    if not says:
        return "no figure of ours"
    if set(says) == {"context"}:
        return "shown for context"
    leans = Counter(LEAN.get(word, 0) for word in says)
    if len(leans) > 1:
        return _say_leans(leans)
    (lean,) = leans
    agreement = AGREEMENT[LEAN.get(statement["verdict"], 0), lean]
    if agreement == "agree" and statement["limit"] == "same_source":
        return "agree, same source: no check"
    return agreement


def _say_leans(leans: Counter) -> str:
    """Say how many figures lean which way, so that none that contradicts is passed over.

    >>> _say_leans(Counter({-1: 1, 0: 1}))
    'one figure against, one does not settle it'
    """
    words = {1: "for", -1: "against", 0: f"{'does' if leans[0] == 1 else 'do'} not settle it"}
    first, *others = [lean for lean in words if leans[lean]]
    figures = "figure" if leans[first] == 1 else "figures"
    parts = [f"{_in_words(leans[first])} {figures} {words[first]}"]
    parts += [f"{_in_words(leans[lean])} {words[lean]}" for lean in others]
    return ", ".join(parts)


def _in_words(count: int) -> str:
    """Write a small count as a word."""
    return NUMBERS.get(count, str(count))


def look_up(statement: dict, name: str, report: dict | None) -> dict:
    """Give the statement's figure in one report, in words, and what it says of the statement.

    Beside it stands the range in which the statement would be true. Where there is no figure, it
    is empty and `says` is the reason.
    """
    quantity = report["quantities"].get(statement["quantity"]) if report else None
    if not quantity:
        reason = f"publishes no {statement['quantity']}" if report else "not made yet"
        return {"figure": "", "says": f"{name}: {reason}", "name": name}
    says = judge(quantity, statement["true_from"], statement["true_to"])
    says = LIMITED_WORDS.get(statement["limit"], {}).get(says, says)
    edges = say_edges(quantity["unit"], statement["true_from"], statement["true_to"])
    return {
        "figure": say(quantity),
        "edges": edges,
        "says": says,
        "name": name,
        "subject": report["subject"],
        "question": report["question"],
    }


def judge(quantity: dict, true_from: float | None, true_to: float | None) -> str:
    """Say whether a quantity's interval lies inside, outside or across a range.

    Parameters
    ----------
    quantity
        estimate, low and high as texts; low and high are "nan" where it has no interval.
    true_from, true_to
        The range in which the statement is true, open where an end is None.

    Returns
    -------
    str
        "supports", "contradicts" or "does not settle"; "context" where there is no range.
    """
    if true_from is None and true_to is None:
        return "context"
    estimate = quantity["estimate"]
    low = float(estimate if quantity["low"] == "nan" else quantity["low"])
    high = float(estimate if quantity["high"] == "nan" else quantity["high"])
    least = -inf if true_from is None else true_from
    most = inf if true_to is None else true_to
    if least <= low and high <= most:
        return "supports"
    return "contradicts" if high < least or most < low else "does not settle"


def list_quantities(reports: dict[str, dict]) -> list[dict]:
    """List every published quantity.

    Returns
    -------
    list of dict
        By study and name: study, quantity, and `figures`, the reports of each figure in words (so
        one that is the same for several subjects is told once), each with its name and subject.
    """
    figures: dict[tuple[str, str], dict[str, list[dict]]] = {}
    for name, report in sorted(reports.items()):
        study = study_of(name)
        for quantity, values in report["quantities"].items():
            reports_by_figure = figures.setdefault((study, quantity), {})
            link = {"name": name, "subject": report["subject"]}
            reports_by_figure.setdefault(say(values), []).append(link)
    return [
        {"study": study, "quantity": quantity, "figures": reports_by_figure}
        for (study, quantity), reports_by_figure in sorted(figures.items())
    ]
