"""Launch files, data/launches/*.yaml: which there are, and one of them loaded and checked.

`load_launch` and `list_launches` are what everybody calls. What a single field may hold is for
launch_fields.py; here is what holds between fields, and what comes from files that they name.
"""

import re
from pathlib import Path

import pandas as pd

from .errors import DataError, quoted, suggest
from .histories import read_history
from .launch import Launch, SourcedValue
from .launch_fields import LaunchFields, read_launch_fields, read_parameters, read_studies
from .launch_yaml import MOST_BYTES, compose_launch
from .tables import load_table
from .text_files import DATA, lies_below, path_below, read_text

LAUNCH_NAME = re.compile(r"[a-z0-9_]+")
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


def list_studies() -> list[str]:
    """Return the studies that there are, by the names of their notebooks."""
    notebooks = sorted((DATA.parent / "notebooks").glob("[0-9]_*.ipynb"))
    return [path.stem.split("_", 1)[1] for path in notebooks]


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
    """Load one launch file, checked against data/README.md.

    Parameters
    ----------
    launch : str
        The name of the file in data/launches, without .yaml.
    folder : Path
        The project's data/, or a copy of it.

    Returns
    -------
    Launch
        Its figures with their sources, its words, and its tables in order of their dates.

    Raises
    ------
    DataError
        For the first field that is wrong, with file, line, the value seen and what was expected;
        for a name that is no launch, with the nearest names.
    """
    name = f"data/launches/{launch}.yaml"
    fields = read_launch_fields(compose_launch(read_launch_text(launch, folder), name), name)
    drops = fields.table("drops")
    sales = fields.table("sales")
    supply_reports = fields.table("supply.reports")
    supply_sources = fields.table("supply.sources")
    price_cuts = fields.table("price.cuts")

    drops["device"] = drops["device"].astype(object).fillna(fields.words["device"])
    _check_report_periods(fields, supply_reports)
    _check_rounds(fields, drops)
    _check_data_files(fields, folder)
    sales = _take_sales_history(fields, folder, sales)
    costings = _take_bom_history(fields, folder)
    sales["reported"] = pd.to_datetime(sales["reported"]).fillna(sales["date"])
    known_studies = list_studies()
    loaded = Launch(
        launch=launch,
        drops=drops,
        sales=sales,
        supply_reports=supply_reports,
        supply_sources=supply_sources,
        price_cuts=price_cuts,
        observed_prices=fields.table("price.observed"),
        costings=costings,
        figures=fields.figures,
        words=fields.words,
        studies=read_studies(fields, known_studies),
        parameters=read_parameters(fields, known_studies),
    )
    _check_price_cuts(fields, loaded)
    _check_observed_prices(fields, loaded)
    _check_s_version(fields, loaded)
    return loaded


def _check_report_periods(fields: LaunchFields, reports: pd.DataFrame) -> None:
    """Refuse a report of supply that ends before it starts."""
    for row in reports[reports["period_end"] < reports["period_start"]].itertuples():
        raise DataError(
            f"{fields.place('supply.reports', row.Index)}: supply.reports: ends "
            f"{row.period_end.date()}, before its start {row.period_start.date()}"
        )


def _check_rounds(fields: LaunchFields, drops: pd.DataFrame) -> None:
    """Refuse a drop that names a market round and is another: in its device or its figures."""
    rounds = load_table("sale_rounds").set_index("round_id")
    for row in drops.dropna(subset="round").itertuples():
        place = fields.place("drops", row.Index)
        if row.round not in rounds.index:
            raise DataError(
                f"{place}: drops: round = {quoted(row.round)} is not in sale_rounds.csv"
                f"{suggest(row.round, rounds.index)}"
            )
        for column in SAME_AS_ROUND:
            in_file, in_table = getattr(row, column), rounds.at[row.round, column]
            both_empty = pd.isna(in_file) and pd.isna(in_table)
            if not both_empty and in_file != in_table:
                raise DataError(
                    f"{place}: drops: {row.round}.{column} = {in_file}; "
                    f"expected {in_table}, as in sale_rounds.csv"
                )


def _path_of(fields: LaunchFields, field: str, folder: Path) -> Path | None:
    """Return the data file that a field names, which lies below data/; None without the field."""
    if field not in fields.words:
        return None
    name = fields.words[field]
    return path_below(folder, name, f"{fields.place(field)}: {field} = {quoted(name)}")


def _check_data_files(fields: LaunchFields, folder: Path) -> None:
    """Refuse data files outside data/, and a history beside the fields that it stands for."""
    sales_file = _path_of(fields, "histories.sales", folder)
    bom_file = _path_of(fields, "histories.bom", folder)
    _path_of(fields, "orders.file", folder)
    _path_of(fields, "orders.requests_file", folder)
    counted_twice = sales_file and fields.lists.get("sales")
    costed_twice = bom_file and fields.figures["costs.bom_usd"].known
    if counted_twice or costed_twice:
        raise DataError(
            f"{fields.name}: histories tell what sales or costs.bom_usd tell too; "
            "expected sales: [], bom_usd: unknown"
        )


def _take_sales_history(fields: LaunchFields, folder: Path, sales: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of the sales history that the file names, else those of the file."""
    path = _path_of(fields, "histories.sales", folder)
    if path is None:
        return sales
    name = fields.words["histories.sales"]
    absent = {"kind": "sold", "scope": "model", "source": name}
    return read_history("Sales history", path).fillna(absent)


def _take_bom_history(fields: LaunchFields, folder: Path) -> pd.DataFrame:
    """Return the costings of the BOM history that the file names.

    The first of them stands in as `costs.bom_usd` and `costs.bom_date`.
    """
    path = _path_of(fields, "histories.bom", folder)
    if path is None:
        return pd.DataFrame()
    name = fields.words["histories.bom"]
    costings = read_history("BOM history", path)
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


def _check_price_cuts(fields: LaunchFields, launch: Launch) -> None:
    """Refuse a price cut that holds from before the first sale."""
    first_sale = launch.figure("first_sale").value or pd.NaT
    for row in launch.price_cuts[launch.price_cuts["date"] <= first_sale].itertuples():
        raise DataError(
            f"{fields.place('price.cuts', row.Index)}: price.cuts: {row.date.date()}; "
            "expected a day after first_sale"
        )


def _check_observed_prices(fields: LaunchFields, launch: Launch) -> None:
    """Refuse an observed price without its date, price or source, or from before the first sale."""
    first_sale = launch.figure("first_sale").value or pd.NaT
    for row in launch.observed_prices.itertuples():
        place = f"{fields.place('price.observed', row.Index)}: price.observed"
        if pd.isna([row.date, row.price_local, row.source]).any():
            raise DataError(f"{place}: expected date, price_local and source")
        if row.date < first_sale:
            raise DataError(f"{place}: {row.date.date()}; expected a day from first_sale on")


def _check_s_version(fields: LaunchFields, launch: Launch) -> None:
    """Refuse the price of an upgraded version whose first sale is not known."""
    priced = launch.figure("s_version.list_local").known
    if priced and not launch.figure("s_version.first_sale").known:
        raise DataError(
            f"{fields.place('s_version.list_local')}: s_version.list_local needs "
            "s_version.first_sale; expected its date"
        )
