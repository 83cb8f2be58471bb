"""The page of statements: what sources say of each, what the executed studies found, and whether the two agree. Knows nothing of phones."""

from collections import Counter
from math import isfinite, isinf, isnan
from pathlib import Path

import jinja2

from analysis.look.wording import number, percent, span

from . import TEMPLATE
from .page import publish, read_reports

LEAN = {
    "supported": 1,
    "partly_supported": 1,
    "contradicted": -1,
    "supports": 1,
    "contradicts": -1,
}  # every other word: neither way
AGREEMENT = {  # what sources say, what we find
    (1, 1): "agree", (-1, -1): "agree", (1, -1): "disagree", (-1, 1): "disagree", (0, 0): "neither settles it",
    (1, 0): "our figure does not settle it", (-1, 0): "our figure does not settle it",
    (0, 1): "sources do not settle it", (0, -1): "sources do not settle it",
}  # fmt: skip
TIMES = ("s", "days", "weeks", "months", "years")
LIMITS = {  # why a figure is no check by itself
    "same_source": "this is what sources say, or worked out from it alone: no check",
    "selected": "only reported cases count, and those for it are reported more often",
    "simulation_error": "the interval is the error of simulating alone, not of what is assumed",
}


def write_statements(out: Path, statements: list[dict]) -> None:
    """Write out/claims.html. A statement has claim_id, group, claim, verdict, sources_for, sources_against, note, added, and may name
    reports ("subject/study") and the quantity published there, with the range (true_from, true_to) in which it would be true, and the
    limit (of LIMITS) of such a figure."""
    reports = {report["name"]: report for report in read_reports(out)}
    rows = [statement | set_against(statement, reports) for statement in statements]
    groups = {}
    for row in rows:
        groups.setdefault("Checks that we added" if row["added"] else row["group"], []).append(row)
    groups["Checks that we added"] = groups.pop("Checks that we added", [])
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATE), autoescape=True, undefined=jinja2.StrictUndefined
    )
    names = {
        "groups": groups,
        "quantities": quantities(reports),
        "rows": [row for row in rows if not row["added"]],
    }
    names |= {
        word: Counter(row[word] for row in names["rows"]) for word in ("verdict", "agreement")
    }
    publish(
        out / "claims.html",
        environment.get_template("claims.html.j2").render(names | {"limits": LIMITS}),
        out / ".work",
    )


def set_against(statement: dict, reports: dict[str, dict]) -> dict:
    """What the studies' figures say of the statement (found: figure, says, name, question), and whether that agrees with its sources."""
    found = [look_up(statement, name, reports.get(name)) for name in statement["reports"]]
    said = {one["says"] for one in found if one["figure"]}
    if not said:
        return {"found": found, "agreement": "no figure of ours"}
    if said == {"context"}:
        return {"found": found, "agreement": "shown for context"}
    if {"supports", "contradicts"} <= said:
        return {"found": found, "agreement": "one figure for, one against"}
    leans = {LEAN.get(says, 0) for says in said}
    agreement = AGREEMENT[LEAN.get(statement["verdict"], 0), leans.pop() if len(leans) == 1 else 0]
    if agreement == "agree" and statement["limit"] == "same_source":
        agreement = "agree, same source: no check"
    return {"found": found, "agreement": agreement}


def look_up(statement: dict, name: str, report: dict | None) -> dict:
    """The statement's figure in one report, in words, and what it says; no figure and the reason where there is none."""
    found = (report or {"quantities": {}})["quantities"].get(statement["quantity"])
    if not found:
        why = f"publishes no {statement['quantity']}" if report else "not made yet"
        return {"figure": "", "says": f"{name}: {why}", "name": name, "question": ""}
    says = judge(found, statement["true_from"], statement["true_to"])
    if statement["limit"] in ("selected", "simulation_error"):
        says = {"supports": "leans for it", "contradicts": "leans against it"}.get(says, says)
    return {"figure": say(found), "says": says, "name": name, "question": report["question"]}


def judge(found: dict, true_from: float | None, true_to: float | None) -> str:
    """supports, contradicts or does not settle: the interval (or the figure that has none) inside, outside or across the range."""
    if true_from is None and true_to is None:
        return "context"
    ends = [
        float(found[end]) if found[end] != "nan" else float(found["estimate"])
        for end in ("low", "high")
    ]
    least, most = (
        -float("inf") if true_from is None else true_from,
        float("inf") if true_to is None else true_to,
    )
    if least <= ends[0] and ends[1] <= most:
        return "supports"
    return "contradicts" if ends[1] < least or most < ends[0] else "does not settle"


def say(found: dict) -> str:
    """A quantity in words: estimate, interval where it has one, unit; a time that never came says so. What a unit has behind a comma
    ("weeks, if supply is as planned") says under which assumption."""
    estimate, low, high = (float(found[part]) for part in ("estimate", "low", "high"))
    unit, *given = found["unit"].split(", ", 1)
    if unit == "share":
        said = percent(estimate) + ("" if isnan(low) else f" ({percent(low)} to {percent(high)})")
    elif isinf(estimate):
        said = f"not within the {unit} simulated" if unit in TIMES else "without limit"
        said += f" (at least {number(low)} {unit})" if isfinite(low) else ""
    else:
        said = f"{number(estimate)}{'' if isnan(low) else f' ({span(low, high)})'} {unit}"
    return ", ".join([said, *given])


def quantities(reports: dict[str, dict]) -> list[dict]:
    """Every published quantity by study and name: the figures of all subjects, told once where they are the same for several."""
    found = {}
    for name, report in sorted(reports.items()):
        for quantity, told in report["quantities"].items():
            found.setdefault((name.rsplit("/", 1)[-1], quantity), {}).setdefault(
                say(told), []
            ).append(name)
    return [
        {"study": study, "quantity": quantity, "figures": figures}
        for (study, quantity), figures in sorted(found.items())
    ]
