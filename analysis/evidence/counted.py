"""The counts of coverage in data/evidence/*.csv: which there are, whether the code has changed since, how often each interval held."""

import ast
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

ROOT = Path(__file__).resolve().parents[2]


class Count(NamedTuple):
    """One line of the list of counts in data/README.md."""

    table: str
    modules: tuple[str, ...]  # of analysis, whose digest each row carries
    level: str  # of the interval: a number, or the column that holds it
    held: str  # column with the share held, or with yes and no where each row is a trial
    trials: str  # column with the number of trials, or the word rows
    label: str
    cell: tuple[str, ...]  # columns that name a cell


def code_hash(*names: str) -> str:
    """Digest of modules of analysis as Python reads them: comments, docstrings and layout aside."""
    trees = [
        ast.parse(
            (ROOT / "analysis" / f"{name.replace(chr(46), chr(47))}.py").read_text(encoding="utf-8")
        )
        for name in names
    ]
    for node in (node for tree in trees for node in ast.walk(tree)):
        if (
            isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return hashlib.sha256("".join(map(ast.unparse, trees)).encode()).hexdigest()[:12]


def list_counts(root: Path = ROOT) -> list[Count]:
    """Every count that data/README.md lists, in its order, whether its table is there or not."""
    text = (
        (root / "data" / "README.md")
        .read_text(encoding="utf-8")
        .split("\n## Coverage counted")[1]
        .split("\n## ")[0]
    )
    rows = [
        [cell.strip().replace("`", "") for cell in line[1:-1].split("|")]
        for line in re.findall(r"^\|.*\|$", text, re.M)[2:]
    ]
    return [
        Count(row[0], tuple(row[1].split(", ")), *row[2:6], tuple(row[6].split(", ")))
        for row in rows
    ]


def load_counts(root: Path = ROOT) -> dict[str, pd.DataFrame]:
    """The tables that are there, by name."""
    paths = {
        count.table: root / "data" / "evidence" / f"{count.table}.csv"
        for count in list_counts(root)
    }
    return {name: pd.read_csv(path) for name, path in paths.items() if path.exists()}


def state_of_counts(root: Path = ROOT) -> pd.DataFrame:
    """One row a table: its rows, and whether it was counted with the code as it is, with earlier code, or not yet."""
    tables, told = load_counts(root), {}
    for count in list_counts(root):
        found, state = tables.get(count.table), "not counted yet"
        if found is not None:
            here = all(
                (ROOT / "analysis" / f"{name.replace(chr(46), chr(47))}.py").exists()
                for name in count.modules
            )
            fits = here and set(found["code"]) == {code_hash(*count.modules)}
            state = "counted with the code as it is" if fits else "counted with earlier code"
        told[count.table] = {
            "table": count.table,
            "rows": 0 if found is None else len(found),
            "state": state,
        }
    return pd.DataFrame(told.values())


def coverage(root: Path = ROOT) -> pd.DataFrame:
    """One row a cell of every count: table, label, cell, level, trials, estimate (share held) with its 95 % interval (Wilson 1927),
    low and high, and `short`: the whole interval lies below the level."""
    tables, told = load_counts(root), []
    for count in (count for count in list_counts(root) if count.table in tables):
        table = tables[count.table]
        level = table[count.level] if count.level in table else float(count.level)
        table = table.assign(level=level, held_here=table[count.held].astype(float))
        if count.trials == "rows":
            grouped = table.groupby([*count.cell] if count.cell != ("all",) else "level")
            table = grouped.agg(
                level=("level", "first"),
                held_here=("held_here", "mean"),
                trials=("held_here", "size"),
            )
            table = table.reset_index(drop=count.cell == ("all",))
        else:
            table = table.assign(trials=table[count.trials])
        names = [name for name in count.cell if name in table]
        words = {
            name: {True: name.replace("_", " "), False: ""}
            for name in names
            if table[name].dtype == bool
        }
        cell = (
            table[names].replace(words).astype(str).agg(", ".join, axis=1).str.removesuffix(", ")
            if names
            else "all"
        )
        low, high = proportion_confint(
            table["held_here"] * table["trials"], table["trials"], method="wilson"
        )
        kept = table.assign(
            table=count.table,
            label=count.label,
            cell=cell,
            estimate=table["held_here"],
            low=low,
            high=high,
        )
        told.append(kept[["table", "label", "cell", "level", "trials", "estimate", "low", "high"]])
    return pd.concat(told, ignore_index=True).assign(short=lambda t: t["high"] < t["level"])


def list_oracles(root: Path = ROOT) -> pd.DataFrame:
    """Tests that hold a method against a closed form, a published number, a slow version or a rival: file and sentence, in order."""
    words, told = (
        r"published|exact|agrees|as_the|closed_form|slow|theorem|rival|peer|textbook|never_beats|same_as|equals|limit|plain_|recover",
        [],
    )
    build = (
        "data",
        "environment",
        "launches",
        "notebooks",
        "own_launch",
        "pages",
        "readme",
        "reports",
        "runner",
        "wording",
    )
    for path in sorted((root / "tests").glob("test_*.py")):
        if path.stem.removeprefix("test_") in build:
            continue
        names = re.findall(r"^def test_(\w+)", path.read_text(encoding="utf-8"), re.M)
        told += [
            (path.stem.removeprefix("test_"), name.replace("_", " "))
            for name in names
            if re.search(words, name)
        ]
    return pd.DataFrame(told, columns=["file", "what the test says"])


def by_interval(cells: pd.DataFrame) -> pd.DataFrame:
    """One row a kind of interval: label, cells, estimate (mean of share held less level), low (worst cell), high (best), cells short."""
    over = cells.assign(over=cells["estimate"] - cells["level"]).groupby("label", sort=False)
    told = over.agg(
        cells=("over", "size"),
        estimate=("over", "mean"),
        low=("over", "min"),
        high=("over", "max"),
        short=("short", "sum"),
    )
    return told.reset_index().assign(focus=lambda t: t["short"] == 0)


def by_cell(cells: pd.DataFrame, label: str, parts: int) -> pd.DataFrame:
    """Rows for a chart: cells of the intervals whose label starts so, pooled over all but the first `parts` parts of their cell."""
    rows = cells[cells["label"].str.startswith(label)]
    rows = rows.assign(
        held=rows["estimate"] * rows["trials"],
        part=rows["cell"].str.split(", ").str[:parts].str.join(", "),
    )
    told = rows.groupby(["label", "part"], sort=False).agg(
        level=("level", "first"), held=("held", "sum"), trials=("trials", "sum")
    )
    told = told.assign(estimate=told["held"] / told["trials"]).reset_index()
    low, high = proportion_confint(told["held"], told["trials"], method="wilson")
    several = told["label"].nunique() > 1
    names = told["part"] + (" (" + told["label"].str.split(", ").str[-1] + ")" if several else "")
    return told.assign(low=low, high=high, label=names)[
        ["label", "level", "trials", "estimate", "low", "high"]
    ]


def against_rivals(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Our error or score beside each rival's on the same real cases, where a table holds them: case, cases, ours, rival, theirs."""
    told = []
    if (table := tables.get("milestone_forecasts")) is not None:
        for name in (column for column in table if column.startswith("log_error_")):
            sizes = [(table[column] ** 2).mean() ** 0.5 for column in ("log_error", name)]
            told.append(
                (
                    "next milestone of a phone (log error)",
                    len(table),
                    sizes[0],
                    name[10:].replace("_", " "),
                    sizes[1],
                )
            )
    if (table := tables.get("iphone_forecasts")) is not None:
        rival = "last year with growth that fades"
        told.append(
            (
                "iPhones years ahead (interval score)",
                len(table),
                table["score"].mean(),
                rival,
                table["rival_score"].mean(),
            )
        )
    return pd.DataFrame(told, columns=["case", "cases", "ours", "rival", "rivals"])
