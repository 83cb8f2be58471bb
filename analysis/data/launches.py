"""Load and check launch files, data/launches/*.yaml; their fields are described, and so checked, by data/README.md."""

import hashlib
import math
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import yaml

from .histories import read_history
from .tables import (
    DATA,
    DataError,
    cell_reader,
    data_checksum,
    load_table,
    read_dictionary,
    read_fields,
    suggest,
)

UNKNOWN = "unknown"
CONVERT = {
    "date": pd.to_datetime,
    "integer": pd.to_numeric,
    "number": pd.to_numeric,
}  # a column of a list, by its type
FORMS = {
    "sourced": ("value", "source"),
    "assumed": ("assumed", "low", "high", "reason"),
    UNKNOWN: (UNKNOWN,),
}  # basis: fields
# Figures that a study cannot do without, as a pattern of their paths.
MONEY = r"first_sale|life_months|price\.l.*|costs\.(bom_usd|assembly|royalty|channel|freight).*"
NEEDS = {
    "capacity": "first_sale",
    "margin": MONEY,
    "release_plan": rf"{MONEY}|supply\.(start|full|ramp)_.*",
}


@dataclass(frozen=True)
class Figure:
    """One figure of a launch file: its value and range, and whether it is sourced, assumed or unknown."""

    value: float | str | pd.Timestamp | None
    basis: str  # a key of FORMS
    low: float | None = None
    high: float | None = None
    said: str = (
        ""  # the address of the source, the reason of the assumption, or what was looked for
    )
    note: str = ""

    known = property(lambda self: self.basis != UNKNOWN)
    number = property(
        lambda self: math.nan if self.value is None else float(self.value)
    )  # NaN where unknown


@dataclass(frozen=True)
class Launch:
    """One launch as its file tells it: tables with a row an entry (they may be empty), and single entries by their path."""

    launch: str
    drops: pd.DataFrame
    sales: pd.DataFrame
    supply_reports: pd.DataFrame
    supply_sources: pd.DataFrame
    price_cuts: pd.DataFrame
    costings: pd.DataFrame  # the BOM by date, from a history of one's own
    figures: dict[str, Figure]  # by path, such as "price.list_local"
    words: dict[str, str]  # every plain word, by path
    studies: tuple[str, ...]
    parameters: dict[str, dict]  # parameters of a study that the file sets, by study

    name = property(lambda self: self.words["name"])
    device = property(lambda self: self.words["device"])
    market = property(lambda self: self.words["market"])
    currency = property(lambda self: self.words["currency"])

    def figure(self, path: str) -> Figure:
        """The figure at a path such as "costs.bom_usd"; unknown where the file leaves it out."""
        return self.figures.get(path, Figure(None, UNKNOWN, said="not in the launch file"))

    def table(self) -> pd.DataFrame:
        """Every figure of the file, one a row: figure, value, low, high, basis, and its source or reason."""
        rows = [(path, f.value, f.low, f.high, f.basis, f.said) for path, f in self.figures.items()]
        return pd.DataFrame(
            rows, columns=["figure", "value", "low", "high", "basis", "source_or_reason"]
        )


class _Reader:
    """Walk the nodes of one launch file, each held against the fields of the dictionary."""

    def __init__(self, name: str):
        self.name, self.fields = name, read_fields()
        self.figures, self.words, self.lists, self.raw = {}, {}, {}, {}
        self.needed = {
            name.split(".")[0]
            for name, field in self.fields.items()
            if field.required and "[" not in name
        }

    def fail(self, node: yaml.Node, message: str) -> None:
        raise DataError(f"{self.name}:{node.start_mark.line + 1}: {message}")

    def block(self, node: yaml.Node, where: str, row: dict | None = None) -> None:
        """Read a mapping: every field known and once, every required one there."""
        inside = [
            (name.removeprefix(where), field.required)
            for name, field in self.fields.items()
            if name.startswith(where)
        ]
        here, needed = (
            {re.split(r"[.\[]", name)[0] for name, must in inside if must >= least}
            for least in (False, True)
        )
        if not isinstance(node, yaml.MappingNode):
            self.fail(node, f"{where.rstrip('.')}: expected the fields {', '.join(sorted(here))}")
        seen = {}
        for key, value in node.value:
            if key.value not in here:
                self.fail(key, f"unknown field {where}{key.value}{suggest(key.value, here)}")
            if seen.setdefault(key.value, key) is not key:
                self.fail(key, f"{where}{key.value} stands twice")
            self.entry(value, where + key.value, row)
        if missing := sorted(needed - seen.keys()):
            self.fail(
                node, f"{where.rstrip('.') or 'the file'}: missing field {', '.join(missing)}"
            )

    def entry(self, node: yaml.Node, where: str, row: dict | None) -> None:
        if where in self.fields:
            kind = self.fields[where].kind
            if kind.startswith("figure "):
                self.figures[where] = self.figure(node, where, cell_reader(kind[7:], DATA))
            elif kind == "words":
                self.raw[where] = (node, yaml.safe_load(yaml.serialize(node)))
            else:
                absent = kind.endswith(" or unknown") and node.value == UNKNOWN
                read = cell_reader(kind.removesuffix(" or unknown"), DATA)
                told, field = (
                    (self.words, where) if row is None else (row, where.partition("].")[2])
                )
                told[field] = None if absent else self.value(node, where, read)
        elif any(name.startswith(f"{where}[].") for name in self.fields):
            if not isinstance(node, yaml.SequenceNode):
                self.fail(
                    node,
                    f"{where}: expected a list, each entry on a line that starts with -, or []",
                )
            self.lists[where] = [{} for _ in node.value]
            for entry, cells in zip(node.value, self.lists[where], strict=True):
                self.block(entry, f"{where}[].", cells)
        elif node.value not in ("none", UNKNOWN) or where in self.needed:
            self.block(node, f"{where}.")

    def studies(self) -> tuple[tuple[str, ...], dict[str, dict]]:
        """The studies that the file names, and the parameters that it sets for them."""
        (node, studies), (place, given) = (
            self.raw["studies"],
            self.raw.get("parameters", (None, {})),
        )
        known = [
            path.stem.split("_", 1)[1]
            for path in sorted((DATA.parent / "notebooks").glob("[0-9]_*.ipynb"))
        ]
        if (
            not isinstance(studies, list)
            or node.start_mark.line != node.end_mark.line
            or not studies
        ):
            self.fail(node, f"studies: expected a list on one line, such as [{', '.join(known)}]")
        if not isinstance(given, dict) or not all(
            isinstance(values, dict) for values in given.values()
        ):
            self.fail(
                place,
                "parameters: expected a study with its parameters, such as {capacity: {seed: 2}}",
            )
        for at, where, study in [(node, "studies", one) for one in studies] + [
            (place, "parameters", one) for one in given
        ]:
            if study not in known:
                self.fail(at, f"{where} has {str(study)!r}{suggest(str(study), known)}")
        return tuple(studies), given

    def value(self, node: yaml.Node, where: str, read):
        try:
            if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
                raise ValueError("a value")
            return read(node.value.strip())
        except ValueError as err:
            found = repr(node.value) if isinstance(node, yaml.ScalarNode) else "a block"
            self.fail(node, f"{where} = {found}; expected {err}")

    def figure(self, node: yaml.Node, where: str, read) -> Figure:
        """{value, source}, {assumed, low, high, reason}, {unknown: what was looked for}, or the word unknown."""
        if node.value == UNKNOWN:
            return Figure(None, UNKNOWN, said="not published")
        parts = (
            {key.value: part for key, part in node.value}
            if isinstance(node, yaml.MappingNode)
            else {}
        )
        basis = next((basis for basis, form in FORMS.items() if form[0] in parts), UNKNOWN)
        if not {*(form := FORMS[basis])} <= {*parts} <= {*form, "low", "high", "note"}:
            self.fail(
                node,
                f"{where}: expected {{value, source}}, {{assumed, low, high, reason}} or unknown",
            )
        readers = dict.fromkeys(("value", "assumed", "low", "high"), read) | {
            "source": cell_reader("source", DATA)
        }
        got = {
            name: self.value(part, f"{where}.{name}", readers.get(name, str))
            for name, part in parts.items()
        }
        low, high, value = got.get("low"), got.get("high"), got[form[0]]
        if low is not None and high is not None and not low <= value <= high:
            self.fail(
                node, f"{where}: low {low}, value {value}, high {high}; expected them in this order"
            )
        return Figure(
            None if basis == UNKNOWN else value,
            basis,
            low,
            high,
            got[form[-1]],
            got.get("note", ""),
        )

    def table(self, where: str) -> pd.DataFrame:
        """The entries of a list, in order of their dates, as a table with every field of the dictionary as a column."""
        kinds = {
            name.split("].")[1]: f.kind
            for name, f in self.fields.items()
            if name.startswith(f"{where}[].")
        }
        table = pd.DataFrame(self.lists.get(where, []), columns=list(kinds))
        for name, kind in kinds.items():
            table[name] = CONVERT.get(kind.split()[0], pd.Series)(table[name])
        for late in (
            table["date"][table["date"].diff() < pd.Timedelta(0)] if "date" in table else []
        ):
            raise DataError(
                f"{self.name}: {where}: {late.date()} stands after a later date; expected dates in order"
            )
        return table


def list_launches(folder: Path = DATA) -> list[str]:
    """Names of the launches that have a file, sorted."""
    return sorted(path.stem for path in (folder / "launches").glob("*.yaml"))


def load_launch(launch: str, folder: Path = DATA) -> Launch:
    """Load one launch file, checked against data/README.md: DataError, with file and line, for the first field that is wrong."""
    path, name = folder / "launches" / f"{launch}.yaml", f"data/launches/{launch}.yaml"
    if not path.exists():
        raise DataError(
            f"there is no launch {launch!r} in data/launches{suggest(launch, list_launches(folder))}"
        )
    try:
        node = yaml.compose(
            path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )
    except (yaml.YAMLError, UnicodeDecodeError) as err:
        raise DataError(f"{name}: not a YAML file in UTF-8: {' '.join(str(err).split())}") from None
    if node is None:
        raise DataError(f"{name}:1: the file is empty; expected the fields of a launch")
    file = _Reader(name)
    file.block(node, "")
    lists = ("drops", "sales", "supply.reports", "supply.sources", "price.cuts")
    drops, sales, reports, sources, cuts = map(file.table, lists)
    drops["device"] = drops["device"].astype(object).fillna(file.words["device"])
    for row in reports[reports["period_end"] < reports["period_start"]].itertuples():
        raise DataError(
            f"{name}: supply.reports: ends {row.period_end.date()}, before its start {row.period_start.date()}"
        )
    _check_rounds(name, drops)
    sales, costings = _take_histories(file, folder, sales)
    loaded = Launch(
        launch,
        drops,
        sales,
        reports,
        sources,
        cuts,
        costings,
        file.figures,
        file.words,
        *file.studies(),
    )
    for day in cuts["date"][cuts["date"] <= (loaded.figure("first_sale").value or pd.NaT)]:
        raise DataError(f"{name}: price.cuts: {day.date()}; expected a day after first_sale")
    if (
        loaded.figure("s_version.list_local").known
        and not loaded.figure("s_version.first_sale").known
    ):
        raise DataError(
            f"{name}: s_version.list_local needs s_version.first_sale; expected its date"
        )
    return loaded


def _take_histories(
    file: _Reader, folder: Path, sales: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sales and costings from the files that histories.sales and histories.bom name; the first costing becomes costs.bom_usd."""
    named, bom, costings = (
        file.words.get("histories.sales"),
        file.words.get("histories.bom"),
        pd.DataFrame(),
    )
    if (named and len(sales)) or (bom and file.figures["costs.bom_usd"].known):
        raise DataError(
            f"{file.name}: histories tell what sales or costs.bom_usd tell too; expected sales: [], bom_usd: unknown"
        )
    if named:
        sales = read_history("Sales history", folder / named).fillna(
            {"kind": "sold", "scope": "model", "source": named}
        )
    if bom:
        costings = read_history("BOM history", folder / bom)
        first = costings.astype(object).where(costings.notna(), None).iloc[0]
        file.figures["costs.bom_usd"] = Figure(
            first["bom_usd"], "sourced", first["low_usd"], first["high_usd"], bom
        )
        file.figures["costs.bom_date"] = Figure(first["date"], "sourced", said=bom)
    return sales.assign(reported=pd.to_datetime(sales["reported"]).fillna(sales["date"])), costings


def _check_rounds(name: str, drops: pd.DataFrame) -> None:
    """A drop that names a market round is that round: same device, and the same figures."""
    rounds = load_table("sale_rounds").set_index("round_id")
    for row in drops.dropna(subset="round").itertuples():
        if row.round not in rounds.index:
            raise DataError(
                f"{name}: drops: round = {row.round!r} is not in sale_rounds.csv{suggest(row.round, rounds.index)}"
            )
        for column in (
            "device",
            "date",
            "sellout_s",
            "sold_out",
            "units_sold",
            "window_s",
            "registrations",
        ):
            here, there = getattr(row, column), rounds.at[row.round, column]
            if (pd.notna(here) or pd.notna(there)) and here != there:
                raise DataError(
                    f"{name}: drops: {row.round}.{column} = {here}; expected {there}, as in sale_rounds.csv"
                )


def as_known_on(launch: Launch, day: str) -> Launch:
    """The launch without what came later than a day (see `as_day`); its announcement and first sale stay, as firms name them ahead."""
    cut = as_day(day)
    on = {
        "drops": "date",
        "price_cuts": "date",
        "sales": "reported",
        "supply_reports": "reported",
        "supply_sources": "known_on",
    }
    known = {
        name: getattr(launch, name)[lambda table, by=by: table[by] <= cut]
        for name, by in on.items()
    }
    later = {
        path
        for path, f in launch.figures.items()
        if isinstance(f.value, pd.Timestamp) and f.value > cut
    }
    unknown = dict.fromkeys(
        later - {"announced", "first_sale"}, Figure(None, UNKNOWN, said=f"not known on {day}")
    )
    return replace(launch, **known, figures=launch.figures | unknown)


def add_own_pair(
    launch: Launch, pairs: pd.DataFrame, devices: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pairs of costings and devices, with first and last costing of this launch's own history, if three months or more apart."""
    costings = launch.costings
    if len(costings) < 2 or (costings["date"].iloc[-1] - costings["date"].iloc[0]).days < 92:
        return pairs, devices
    pair = {
        "pair_id": f"own_{launch.launch}",
        "same_specification": "yes",
        "basis": "bom",
        "second_date": "stated",
    }
    for end, (date, cost) in zip(
        "ab", costings[["date", "bom_usd"]].iloc[[0, -1]].itertuples(index=False), strict=True
    ):
        pair |= {
            f"device_{end}": launch.device,
            f"stage_{end}": "final",
            f"analyst_house_{end}": "own",
        }
        pair |= {f"date_{end}": date, f"cost_{end}_usd": cost}
    own = pd.DataFrame(
        [{"device": launch.device, "family": launch.device, "device_class": "phone"}]
    )
    return pd.concat([pairs, pd.DataFrame([pair])], ignore_index=True), pd.concat(
        [devices, own]
    ).drop_duplicates("device")


def as_day(day: str) -> pd.Timestamp:
    """An ISO date as a day; "" is a day so late that nothing is cut. Raises DataError for anything else."""
    cut = pd.to_datetime(day or "2199-12-31", format="%Y-%m-%d", errors="coerce")
    if pd.isna(cut):
        raise DataError(
            f"as_of = {day!r}; expected an ISO date, yyyy-mm-dd, or an empty text for all that is known"
        )
    return cut


def prepare_report(*names: str) -> dict:
    """Check all data that a report, (launch, study) or (study,), stands on (DataError); its parameters and the names its page bears."""
    for table in read_dictionary():
        load_table(table)
    if len(names) == 1:
        return {
            "parameters": {},
            "subject": "All launches",
            "detail": "methods held against cases not seen",
            "order": "~",
        }
    launch, study = names
    loaded, path = load_launch(launch), DATA / "launches" / f"{launch}.yaml"
    if study not in loaded.studies:
        raise DataError(
            f"data/launches/{path.name}: studies has no {study!r}{suggest(study, loaded.studies)}"
        )
    if study == "sellout_speed" and not (
        loaded.drops["sellout_s"].gt(0).any() or "orders.file" in loaded.words
    ):
        raise DataError(
            f"data/launches/{path.name}: no drop has sellout_s and there is no orders.file; give one of them"
        )
    known = {
        name.replace("share_of_net_price", "usd")
        for name, figure in loaded.figures.items()
        if figure.known
    }  # for the BOM
    for field in read_fields():
        if field not in known and re.fullmatch(NEEDS.get(study, "-"), field):
            raise DataError(
                f"data/launches/{path.name}: {field} is unknown; {study} needs its value or an assumed range"
            )
    first, parameters = (
        loaded.figure("first_sale").value,
        {"launch": launch} | loaded.parameters.get(study, {}),
    )
    left = len(re.findall(r"^[^#\n]*PLACEHOLDER", path.read_text(encoding="utf-8"), re.M))
    detail = loaded.market if first is None else f"{loaded.market}, first sale {first.date()}"
    detail += f"; {left} placeholders are not filled in yet" * (left > 0)
    file = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    footer = f"Data checksum {data_checksum()} (market tables), {file} (launch file)."
    names = {
        "subject": loaded.name,
        "detail": detail,
        "summary": loaded.words["summary"],
        "order": str(first),
        "studies": tuple(loaded.studies),
    }
    # Files that this launch alone stands on: its reports are out of date when one of them changes.
    named = ("orders.file", "histories.sales", "histories.bom")
    files = tuple(f"data/{loaded.words[field]}" for field in named if loaded.words.get(field))
    return {"parameters": parameters, "footer": (footer,), "files": files, **names}


if (
    __name__ == "__main__"
):  # python -m analysis.launches [launch ...]: check all data behind these launches, or all
    try:
        for launch_name in sys.argv[1:] or list_launches():
            for study_name in load_launch(launch_name).studies:
                prepare_report(launch_name, study_name)
            print(f"data/launches/{launch_name}.yaml is as it should be")
    except DataError as err:
        sys.exit(str(err))
