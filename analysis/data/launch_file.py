"""Launch files, data/launches/*.yaml: which there are, and one of them loaded and checked.

`load_launch` and `list_launches` are what everybody calls. What a single field may hold is for
launch_fields.py; here is what holds between fields, and what comes from files that they name.
"""

import re
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd

from .errors import DataError, Problems, quoted, suggest
from .histories import READ_AS, read_history
from .inputs import Findings, check_figures
from .inputs_time import check_times
from .inputs_units import check_units
from .launch import Launch, SourcedValue
from .launch_fields import LaunchFields, read_launch_fields
from .launch_studies import read_parameters, read_studies
from .launch_yaml import MOST_BYTES, compose_launch
from .report_list import takes_launch
from .tables import load_table
from .text_files import DATA, lies_below, path_below, read_text

LAUNCH_NAME = re.compile(r"[a-z0-9_]{1,100}")
EXPECTED_NAME = "expected a name of lower-case letters, digits and underscores"
SAME_AS_ROUND = (  # of a drop that is a market round: what has to agree with sale_rounds.csv
    "device",
    "date",
    "sellout_s",
    "sold_out",
    "units_sold",
    "window_s",
    "registrations",
)


def list_launches(folder: Path = DATA) -> list[str]:
    """Return the names of the launches that have a file, sorted.

    Files whose name will not do are left out; `refused_launch_files` says which and why.
    """
    return sorted(
        path.stem
        for path in (folder / "launches").glob("*.yaml")
        if LAUNCH_NAME.fullmatch(path.stem) and path.is_file()
    )


def refused_launch_files(folder: Path = DATA) -> list[str]:
    """Return why a file in data/launches is taken for no launch, one line a file."""
    lines = []
    for path in sorted((folder / "launches").glob("*.yaml")):
        if path.name.startswith("."):  # an editor's own
            continue
        if not LAUNCH_NAME.fullmatch(path.stem):
            lines.append(
                f"data/launches: {quoted(path.name)} is left out; {EXPECTED_NAME}, "
                "such as my_phone.yaml"
            )
        elif not path.is_file():
            lines.append(f"data/launches: {path.name} is left out; expected a regular file")
    return lines


def study_notebooks() -> dict[str, Path]:
    """Return the notebook of each study that there is, by study."""
    notebooks = sorted((DATA.parent / "notebooks").glob("[0-9]_*.ipynb"))
    return {path.stem.split("_", 1)[1]: path for path in notebooks}


def read_launch_text(launch: str, folder: Path = DATA) -> str:
    """Return the text of a launch file.

    Raises
    ------
    DataError
        If there is no such launch, or its file is not regular, below `folder` and of a sensible
        size.
    """
    if not LAUNCH_NAME.fullmatch(launch):
        raise DataError(
            f"launch {quoted(launch)}; {EXPECTED_NAME}{suggest(launch, list_launches(folder))}"
        )
    path = folder / "launches" / f"{launch}.yaml"
    if not path.exists() and lies_below(path, folder):
        raise DataError(
            f"there is no launch {quoted(launch)} in data/launches"
            f"{suggest(launch, list_launches(folder))}"
        )
    return read_text(path, f"data/launches/{launch}.yaml", folder, MOST_BYTES)


def load_launch(launch: str, folder: Path = DATA) -> Launch:
    """Load one launch file, checked against data/README.md and its inputs against each other.

    Parameters
    ----------
    launch : str
        The name of the file in data/launches, without .yaml.
    folder : Path
        The project's data/, or a copy of it.

    Returns
    -------
    Launch
        Its figures with their sources, its words, its tables in order of their dates, and its
        inputs that are odd beside one another.

    Raises
    ------
    DataError
        With a line for every problem of the file and of the histories that it names: file, line,
        the value seen and what was expected. For a name that is no launch, with the nearest names.
    """
    text = read_launch_text(launch, folder)
    return deepcopy(_load_checked(launch, text, folder, _state_of_files(folder)))


@cache
def _load_checked(launch: str, text: str, folder: Path, state: tuple) -> Launch:
    """Load and check a launch once for each text of its file and state of all files of data."""
    loaded, problems = _read_launch_of(launch, text, folder)
    problems.raise_all()
    return loaded


def _state_of_files(folder: Path) -> tuple:
    """Return which files of data and which notebooks there are, and when each was changed."""
    changed = []
    for path in sorted(folder.rglob("*")):
        with suppress(OSError):  # a link that leads nowhere, or a file that has just gone
            changed.append((path, path.stat().st_mtime_ns))
    return tuple(changed), tuple(study_notebooks())


def read_launch(launch: str, folder: Path = DATA) -> tuple[Launch, Problems]:
    """Return a launch of all that could be read of its file, and the problems of the rest.

    Where a field of orders is wrong, the launch names no order log.

    Parameters
    ----------
    launch : str
        The name of the file in data/launches, without .yaml.
    folder : Path
        The project's data/, or a copy of it.

    Raises
    ------
    DataError
        If there is no such file, or nothing of it can be read.
    """
    return _read_launch_of(launch, read_launch_text(launch, folder), folder)


def _read_launch_of(launch: str, text: str, folder: Path) -> tuple[Launch, Problems]:
    """Return what `read_launch` does, of the text of the file."""
    name = f"data/launches/{launch}.yaml"
    problems = Problems()
    composed = compose_launch(text, name, problems)
    fields = read_launch_fields(composed, name, problems)
    loaded = _launch_of_fields(launch, fields, folder)
    findings = Findings(fields)
    check_figures(loaded, findings)
    check_units(loaded, findings)
    check_times(loaded, findings)
    loaded = replace(loaded, odd_inputs=tuple(findings.odd))
    if "orders" in fields.wrong_blocks:
        loaded = _without_logs(loaded)
    return loaded, problems


def _without_logs(launch: Launch) -> Launch:
    """Return a launch that names no order log, as without all its words one is read wrongly."""
    words = {path: word for path, word in launch.words.items() if path != "orders.file"}
    return replace(launch, words=words, drops=launch.drops.assign(orders_file=None))


def _launch_of_fields(launch: str, fields: LaunchFields, folder: Path) -> Launch:
    """Put together a launch of the fields that could be read; problems go to `fields.problems`."""
    drops = fields.table("drops")
    drops["device"] = drops["device"].astype(object).fillna(fields.words.get("device"))
    _check_rounds(fields, drops)
    sales = fields.table("sales")
    costings, histories_read = pd.DataFrame(), {}
    with fields.problems.noted():
        sales = _take_sales_history(fields, folder, sales, histories_read)
    with fields.problems.noted():
        costings = _take_bom_history(fields, folder, histories_read)
    for field in ("orders.file", "orders.requests_file"):
        with fields.problems.noted():
            _path_of(fields, field, folder)
    sales["reported"] = pd.to_datetime(sales["reported"]).fillna(sales["date"])
    studies, parameters = (), {}
    known_studies = [name for name, path in study_notebooks().items() if takes_launch(path)]
    with fields.problems.noted():
        studies = read_studies(fields, known_studies)
    with fields.problems.noted():
        parameters = read_parameters(fields, known_studies)
    return Launch(
        launch=launch,
        drops=drops,
        sales=sales,
        supply_reports=fields.table("supply.reports"),
        supply_sources=fields.table("supply.sources"),
        price_cuts=fields.table("price.cuts"),
        observed_prices=fields.table("price.observed"),
        costings=costings,
        figures=fields.figures,
        words=fields.words,
        studies=studies,
        parameters=parameters,
        histories_read=histories_read,
        lines=fields.lines,
    )


def _check_rounds(fields: LaunchFields, drops: pd.DataFrame) -> None:
    """Note drops that name a market round and are another: in its device or its figures."""
    rounds = load_table("sale_rounds").set_index("round_id")
    for row in drops.dropna(subset="round").itertuples():
        if ("drops", row.Index) in fields.wrong_entries:
            continue
        place = fields.place("drops", row.Index)
        if row.round not in rounds.index:
            fields.problems.add(
                f"{place}: drops: round = {quoted(row.round)} is not in sale_rounds.csv"
                f"{suggest(row.round, rounds.index)}"
            )
            continue
        for column in SAME_AS_ROUND:
            in_file, in_table = getattr(row, column), rounds.at[row.round, column]
            both_empty = pd.isna(in_file) and pd.isna(in_table)
            if not both_empty and in_file != in_table:
                fields.problems.add(
                    f"{place}: drops: {row.round}.{column} = {in_file}; "
                    f"expected {in_table}, as in sale_rounds.csv"
                )


def _path_of(fields: LaunchFields, field: str, folder: Path) -> Path | None:
    """Return the data file that a field names, which lies below data/; None without the field."""
    if field not in fields.words:
        return None
    name = fields.words[field]
    return path_below(folder, name, f"{fields.place(field)}: {field} = {quoted(name)}")


def _read_history_of(fields: LaunchFields, field: str, kind: str, path: Path) -> pd.DataFrame:
    """Read a history that the file names; its problems name it from data/ on."""
    sheet = fields.words.get(f"histories.{field}_sheet")
    return read_history(kind, path, sheet, name=f"data/{fields.words[f'histories.{field}']}")


def _take_sales_history(
    fields: LaunchFields, folder: Path, sales: pd.DataFrame, histories_read: dict[str, str]
) -> pd.DataFrame:
    """Return the counts of the sales history that the file names, else those of the file."""
    path = _path_of(fields, "histories.sales", folder)
    if path is None:
        return sales
    if fields.lists.get("sales"):
        raise DataError(
            f"{fields.place('histories.sales')}: histories tell what sales tell too; "
            "expected sales: [], or no history of sales"
        )
    name = fields.words["histories.sales"]
    history = _read_history_of(fields, "sales", "Sales history", path)
    histories_read[name] = history.attrs[READ_AS]
    return history.fillna({"kind": "sold", "scope": "model", "source": name})


def _take_bom_history(
    fields: LaunchFields, folder: Path, histories_read: dict[str, str]
) -> pd.DataFrame:
    """Return the costings of the BOM history that the file names.

    The first of them stands in as `costs.bom_usd` and `costs.bom_date`.
    """
    path = _path_of(fields, "histories.bom", folder)
    if path is None:
        return pd.DataFrame()
    stated = fields.figures.get("costs.bom_usd")
    if stated is not None and stated.known:
        fields.problems.add(
            f"{fields.place('costs.bom_usd')}: histories tell what costs.bom_usd tells too; "
            "expected bom_usd: unknown, or no history of the BOM"
        )
    name = fields.words["histories.bom"]
    costings = _read_history_of(fields, "bom", "BOM history", path)
    histories_read[name] = costings.attrs[READ_AS]
    first = costings.astype(object).where(costings.notna(), None).iloc[0]
    fields.figures["costs.bom_usd"] = SourcedValue(
        value=first["bom_usd"],
        basis="sourced",
        low=first["low_usd"],
        high=first["high_usd"],
        source_or_reason=name,
    )
    fields.figures["costs.bom_date"] = SourcedValue(
        value=first["date"], basis="sourced", source_or_reason=name
    )
    return costings
