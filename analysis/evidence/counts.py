"""How often the project's intervals held the truth, from the tables in data/evidence/.

The counts themselves are made by `make evidence` (the count_* modules), which takes hours; here
they are read, put on one scale and set beside the level that each interval promises. Which tables
there are, and which columns of them mean what, is listed in data/README.md under "Coverage
counted". Words and charts are in study.py.
"""

import ast
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from ..data import DataError
from ..data.text_files import read_csv_rows
from ..supply.shortage_class import PULL
from .cell_names import name_cell

ROOT = Path(__file__).resolve().parents[2]
AS_IT_IS = "methods unchanged since"
EARLIER = "methods changed since"
MISSING = "not counted yet"
MILESTONES = "milestone_forecasts"
IPHONES = "iphone_forecasts"
OUTCOMES = "launch_outcomes"
SHORTAGES = "shortage_left_out"
NO_LEVEL = "none"  # the level of a table that has scores and no range
NO_PAGE = "none"  # the page of a kind of range that serves tests alone
FEW_CASES = 100  # of its largest test, below which a kind of range rests on few
ROUNDED_TO = 9  # decimals of a share, far finer than a count: what differs beyond them is rounding


@dataclass(frozen=True)
class Count:
    """One kind of interval that was counted: a line of the list in data/README.md.

    Attributes
    ----------
    table : name of the file in data/evidence/, without .csv
    modules : modules of the method counted, whose digest each row carries, such as "bom.cost_laws"
    level : level of the interval, a number, the name of the column that holds it, or `NO_LEVEL`
    held : column with the share held, with yes and no where each row is one trial, or with a score
    trials : column with the number of trials, or the word "rows"
    label : name of the kind of interval
    cell : columns that tell one cell of the table from another; ("all",) for a table without cells
    page : study whose pages show ranges made in this way, or `NO_PAGE`
    """

    table: str
    modules: tuple[str, ...]
    level: str
    held: str
    trials: str
    label: str
    cell: tuple[str, ...]
    page: str

    @property
    def columns(self) -> set[str]:
        """The columns that its table must have."""
        named = {"code", self.held, self.trials, self.level, *self.cell}
        no_columns = {"rows", "all", NO_LEVEL}  # words of the list that stand for something else
        return {word for word in named - no_columns if not word[0].isdigit()}

    @property
    def one_row_a_trial(self) -> bool:
        """Whether each row of the table is one trial, so that shares are counted here."""
        return self.trials == "rows"


def list_counts(root: Path = ROOT) -> list[Count]:
    """Return every count that data/README.md lists, whether its table is there or not."""
    readme = (root / "data" / "README.md").read_text(encoding="utf-8")
    section = readme.split("\n## Coverage counted")[1].split("\n## ")[0]
    lines = re.findall(r"^\|.*\|$", section, re.M)[2:]  # after the header and its rule
    counts = []
    for line in lines:
        cells = [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]
        table, modules, level, held, trials, label, cell, page = cells
        counts.append(
            Count(
                table=table,
                modules=tuple(modules.split(", ")),
                level=level,
                held=held,
                trials=trials,
                label=label,
                cell=tuple(cell.split(", ")),
                page=page,
            )
        )
    return counts


def load_counts(root: Path = ROOT) -> dict[str, pd.DataFrame]:
    """Return the tables of counts that are there, by name; DataError for one that was cut."""
    tables = {}
    for count in list_counts(root):
        path = root / "data" / "evidence" / f"{count.table}.csv"
        if count.table not in tables and path.exists():
            tables[count.table] = _read_counts(path)
        if count.table in tables:
            _check_count(tables[count.table], count, path.name)
    return tables


def _check_count(table: pd.DataFrame, count: Count, file_name: str) -> None:
    """Refuse a table that lacks a column of a count, has a cell twice or a share that is none."""
    if missing := sorted(count.columns - set(table)):
        raise DataError(
            f"{file_name}:1: no column {', '.join(missing)}; expected those that data/README.md "
            "lists under Coverage counted"
        )
    cell = [] if count.cell == ("all",) else [*count.cell]
    is_twice = table.duplicated(cell or None)
    if is_twice.any():
        raise DataError(
            f"{file_name}:{is_twice.argmax() + 2}: the {', '.join(cell) or 'cells'} of an earlier "
            "line again; expected each once"
        )
    shares = pd.to_numeric(table[count.held], errors="coerce")
    is_no_share = ~shares.between(0, 1)
    if count.level != NO_LEVEL and is_no_share.any():
        line = is_no_share.argmax()
        raise DataError(
            f"{file_name}:{line + 2}: {count.held} = {table[count.held].iloc[line]!r}; "
            "expected a share, 0 to 1"
        )


def _read_counts(path: Path) -> pd.DataFrame:
    """Read one table of counts, every line of it as wide as its header and the last one whole."""
    _, rows = read_csv_rows(path, path.parents[1])
    if not rows:
        raise DataError(f"{path.name}: no rows; expected the table that make evidence writes")
    if not path.read_bytes().endswith(b"\n"):
        raise DataError(
            f"{path.name}: its last line is cut; expected the table that make evidence writes"
        )
    return pd.read_csv(path, dtype={"code": str})  # a digest may be of digits alone


def module_path(module: str) -> Path:
    """Return the file of a module of analysis, such as "bom.cost_laws"."""
    return ROOT.joinpath("analysis", *module.split(".")).with_suffix(".py")


def code_hash(*modules: str) -> str:
    """Return a digest of modules as Python reads them, blind to comments and layout.

    Parameters
    ----------
    *modules : str
        Modules of analysis, such as "bom.cost_laws".

    Returns
    -------
    str
        Twelve hexadecimal digits.
    """
    texts = [module_path(module).read_text(encoding="utf-8") for module in modules]
    return hashlib.sha256("".join(map(_code_alone, texts)).encode()).hexdigest()[:12]


@cache
def _code_alone(text: str) -> str:
    """Return the text of a module without comments, docstrings and layout.

    Quotes are all alike, as versions of Python put others around the same f-string.
    """
    tree = ast.parse(text)
    for node in ast.walk(tree):
        documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        if documented and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return re.sub("[\"']+", "'", ast.unparse(tree))


def digest_of_count(table: str) -> str:
    """Return the digest of the code that a table counts, as data/README.md lists its modules.

    Parameters
    ----------
    table : str
        Name of a table of counts, such as "pair_coverage".

    Returns
    -------
    str
        Twelve hexadecimal digits.

    Raises
    ------
    ValueError
        If the table is not on the list.
    """
    for count in list_counts():
        if count.table == table:
            return code_hash(*count.modules)
    raise ValueError(f"{table!r} is not listed in data/README.md under Coverage counted")


def state_of_counts(root: Path = ROOT) -> pd.DataFrame:
    """Return, a row a table, how many rows it has and whether today's methods were counted.

    The digest in a table is of the methods counted. What draws its cases, a module of
    `analysis.evidence`, is in no digest.

    Returns
    -------
    DataFrame
        `table`, `rows`, `state` (one of `AS_IT_IS`, `EARLIER`, `MISSING`).
    """
    tables = load_counts(root)
    modules = {count.table: count.modules for count in list_counts(root)}
    rows = []
    for name, used in modules.items():
        table = tables.get(name)
        if table is None:
            state = MISSING
        elif all(module_path(module).exists() for module in used) and set(table["code"]) == {
            code_hash(*used)
        }:
            state = AS_IT_IS
        else:
            state = EARLIER
        rows.append({"table": name, "rows": 0 if table is None else len(table), "state": state})
    return pd.DataFrame(rows)


def coverage(root: Path = ROOT) -> pd.DataFrame:
    """Return how often each kind of interval held the truth, a row a cell of its table.

    A cell is short of its level when the whole interval of its share lies below the level: chance
    alone makes about one cell in forty short.

    Returns
    -------
    DataFrame
        `table`, `label`, `cell` (in words), `group` (cells of one group are drawn as one),
        `level` (share promised), `trials`, `estimate` (share held) with `low` and `high` (95 %,
        Wilson 1927), `short`.
    """
    tables = load_counts(root)
    parts = [
        _cells_of(count, tables[count.table])
        for count in list_counts(root)
        if count.table in tables and count.level != NO_LEVEL
    ]
    return with_wilson_interval(pd.concat(parts, ignore_index=True))


def _cells_of(count: Count, table: pd.DataFrame) -> pd.DataFrame:
    """Give the cells of one count, with the share held and the number of trials."""
    levels = table[count.level] if count.level in table else float(count.level)
    rows = table.assign(level=levels, estimate=table[count.held].astype(float))
    if count.one_row_a_trial:
        keys = ["level"] if count.cell == ("all",) else list(count.cell)
        means = rows.groupby(keys).agg(
            promised=("level", "first"), estimate=("estimate", "mean"), trials=("estimate", "size")
        )
        rows = means.rename(columns={"promised": "level"}).reset_index(drop=count.cell == ("all",))
    else:
        rows["trials"] = rows[count.trials]
    names = [name_cell(count.table, row) for row in rows.to_dict("records")]
    rows["cell"] = [name.cell for name in names]
    rows["group"] = [name.group for name in names]
    rows = rows.assign(table=count.table, label=count.label)
    return rows[["table", "label", "cell", "group", "level", "trials", "estimate"]]


def with_wilson_interval(cells: pd.DataFrame) -> pd.DataFrame:
    """Return cells with the 95 % interval of their share held, and whether it is short.

    Parameters
    ----------
    cells : DataFrame
        With `estimate` (share held), `trials` and `level` (share promised).

    Returns
    -------
    DataFrame
        The cells with `low`, `high` and `short`.
    """
    held = cells["estimate"] * cells["trials"]
    low, high = proportion_confint(held, cells["trials"], method="wilson")
    return cells.assign(low=low, high=high, short=high < cells["level"])


def by_interval(
    cells: pd.DataFrame, too_wide: float = 0.05, few_cases: int = FEW_CASES
) -> pd.DataFrame:
    """Return one row a kind of interval: how far its share held lies from the share promised.

    Parameters
    ----------
    cells : DataFrame
        The cells of `coverage`.
    too_wide : float
        A kind that on average holds so much more than it promises, or more, is called wide: 0.05
        calls a 95 % range wide that held every time.
    few_cases : int
        A kind whose largest cell has fewer trials than this is called wide as well: it could
        hardly have been shown short.

    Returns
    -------
    DataFrame
        `label`, `cells`, `estimate` (mean of share held less level), `low` (worst cell), `high`
        (best cell), `short` (cells short), `cases` (trials of the largest cell), `verdict`
        ("short", "wide" or "near" its level), `focus` (whether it is near).
    """
    excess = cells.assign(excess=cells["estimate"] - cells["level"])
    kinds = excess.groupby("label", sort=False).agg(
        cells=("excess", "size"),
        estimate=("excess", "mean"),
        low=("excess", "min"),
        high=("excess", "max"),
        short=("short", "sum"),
        cases=("trials", "max"),
    )
    # 1 - 0.95 is not quite 0.05 in binary fractions: rounded, no such rest decides.
    holds_too_much = kinds["estimate"].round(ROUNDED_TO) >= round(too_wide, ROUNDED_TO)
    wide = holds_too_much | (kinds["cases"] < few_cases)
    verdict = np.select([kinds["short"] > 0, wide], ["short", "wide"], "near")
    return kinds.reset_index().assign(verdict=verdict, focus=verdict == "near")


def page_of_kinds(root: Path = ROOT) -> dict[str, str]:
    """Return, by kind of range, the study whose pages show such ranges, or `NO_PAGE`."""
    return {count.label: count.page for count in list_counts(root)}


def pool_groups(cells: pd.DataFrame, label: str) -> pd.DataFrame:
    """Return the cells of the kinds of interval whose label starts so, pooled by their group.

    Returns
    -------
    DataFrame
        `label` (the group, with the kind behind it where there are several), `level`, `trials`,
        `estimate`, `low`, `high`, `short`, `worst` (share held in the worst of its cells).
    """
    rows = cells[cells["label"].str.startswith(label)]
    pooled = (
        rows.assign(held=rows["estimate"] * rows["trials"])
        .groupby(["label", "group"], sort=False)
        .agg(
            level=("level", "first"),
            held=("held", "sum"),
            trials=("trials", "sum"),
            worst=("estimate", "min"),
        )
        .reset_index()
    )
    pooled["estimate"] = pooled["held"] / pooled["trials"]
    names = pooled["group"]
    if pooled["label"].nunique() > 1:
        names = names + " (" + pooled["label"].str.rsplit(", ", n=1).str[-1] + ")"
    pooled = with_wilson_interval(pooled.assign(label=names))
    return pooled[["label", "level", "trials", "estimate", "low", "high", "short", "worst"]]


def share_held_by_kind(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the share held by each kind of interval over all its cells, with its 95 % interval.

    Cells of one kind may be counted on the same cases, so the interval is that of the largest cell.

    Returns
    -------
    DataFrame
        `label`, `level`, `estimate`, `low`, `high`, `trials` (of the largest cell).
    """
    kinds = (
        cells.assign(held=cells["estimate"] * cells["trials"])
        .groupby(["label", "level"], as_index=False)
        .agg(held=("held", "sum"), all_trials=("trials", "sum"), trials=("trials", "max"))
    )
    kinds["estimate"] = kinds["held"] / kinds["all_trials"]
    return with_wilson_interval(kinds)[["label", "level", "estimate", "low", "high", "trials"]]


def against_rivals(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return our error or score beside each plain rival's on the same real cases.

    Parameters
    ----------
    tables : dict
        The tables of `load_counts`.

    Returns
    -------
    DataFrame
        `case`, `cases`, `ours`, `rival`, `rivals`; root mean squared error of logs, mean interval
        score or mean CRPS (Gneiting and Raftery 2007): lower is better. Cases are those that the
        rival can forecast.
    """
    rows = []
    if MILESTONES in tables:
        table = tables[MILESTONES]
        for column in table.filter(regex="^log_error_"):
            rows.append(
                {
                    "case": "next sales count of a phone (error in logs)",
                    "cases": len(table),
                    "ours": root_mean_square(table["log_error"]),
                    "rival": column.removeprefix("log_error_").replace("_", " "),
                    "rivals": root_mean_square(table[column]),
                }
            )
    if IPHONES in tables:
        table = tables[IPHONES]
        for column in table.filter(regex="^score_"):
            rows.append(
                {
                    "case": "iPhones sold, years ahead (interval score)",
                    "cases": len(table),
                    "ours": table["score"].mean(),
                    "rival": column.removeprefix("score_").replace("_", " "),
                    "rivals": table[column].mean(),
                }
            )
    if OUTCOMES in tables:
        for column in tables[OUTCOMES].filter(regex="^crps_"):
            table = tables[OUTCOMES].dropna(subset=[column])
            rows.append(
                {
                    "case": "units of a launch by a later day (CRPS of logs)",
                    "cases": len(table),
                    "ours": table["crps"].mean(),
                    "rival": column.removeprefix("crps_").replace("_", " "),
                    "rivals": table[column].mean(),
                }
            )
    if SHORTAGES in tables:
        rows += _shortages_against_rivals(tables[SHORTAGES])
    return pd.DataFrame(rows, columns=["case", "cases", "ours", "rival", "rivals"])


def _shortages_against_rivals(table: pd.DataFrame) -> list[dict]:
    """Give both scores of shortages left out, with signs and of two rivals."""
    as_used = table[table["pull"] == PULL].set_index("cause")
    cases = {"all causes": "cause of a shortage", "held_back": "whether it was held back"}
    scores = {"log_score": "log score", "brier_score": "Brier score"}
    rivals = {"rate_alone": "rate of the list alone", "one_half": "one half"}
    return [
        {
            "case": f"{case} ({words})",
            "cases": int(as_used.loc[cause, "shortages"]),
            "ours": as_used.loc[cause, f"{score}_with_signs"],
            "rival": rival,
            "rivals": as_used.loc[cause, f"{score}_{column}"],
        }
        for cause, case in cases.items()
        for score, words in scores.items()
        for column, rival in rivals.items()
    ]


def root_mean_square(errors: pd.Series) -> float:
    """Return the root mean square of errors."""
    return float(np.sqrt(np.mean(errors**2)))


def list_oracles(root: Path = ROOT) -> pd.DataFrame:
    """Return the tests that hold a method against something that is right for another reason.

    They carry the mark `@pytest.mark.oracle("closed form")`, "published number", "slow version",
    "known truth" or "rival".

    Returns
    -------
    DataFrame
        `room`, `held against`, `what the test says`, in the order of files and lines.
    """
    rows = []
    for path in sorted((root / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                rows += [
                    {
                        "room": path.parent.name,
                        "held against": oracle,
                        "what the test says": node.name.removeprefix("test_").replace("_", " "),
                    }
                    for oracle in map(_oracle_of, node.decorator_list)
                    if oracle
                ]
    return pd.DataFrame(rows, columns=["room", "held against", "what the test says"])


def _oracle_of(decorator: ast.expr) -> str:
    """Give the word inside a decorator `pytest.mark.oracle("...")`, or nothing."""
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.oracle":
        return ast.literal_eval(decorator.args[0])
    return ""
