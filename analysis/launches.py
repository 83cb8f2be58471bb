"""Load and check launch files, data/launches/*.yaml: one launch each, every figure sourced, assumed with a range, or unknown."""

import hashlib
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import yaml

from .data import DATA, SLUG, DataError, data_checksum, load_table, read_dictionary, suggest
from .report.study import Preparation

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Figure:
    """One figure of a launch file: its value and range, and whether it is sourced, assumed or unknown."""

    value: float | str | pd.Timestamp | None
    basis: str  # sourced, assumed or unknown
    low: float | None = None
    high: float | None = None
    said: str = ""  # the address of the source, the reason of the assumption, or what was looked for
    note: str = ""

    @property
    def known(self) -> bool:
        return self.basis != UNKNOWN

    @property
    def number(self) -> float:
        """The value as a number; NaN where unknown."""
        return math.nan if self.value is None else float(self.value)


@dataclass(frozen=True)
class Launch:
    """One launch as its file tells it.

    `drops`, `sales`, `supply_reports` and `price_cuts` are tables with one row per entry (they may be empty);
    `figures` holds every single figure under its path in the file, such as "price.list_local".
    """

    launch: str
    name: str
    device: str
    market: str
    currency: str
    studies: tuple[str, ...]
    summary: str
    drops: pd.DataFrame
    sales: pd.DataFrame
    supply_reports: pd.DataFrame
    price_cuts: pd.DataFrame
    figures: dict[str, Figure]
    words: dict[str, str]  # plain words of the file by path, such as "supply.second_source.manufacturer"
    parameters: dict[str, dict]  # parameters of a study that the file sets, by study

    def figure(self, path: str) -> Figure:
        """The figure at a path such as "costs.bom_usd"; unknown where the file leaves it out."""
        return self.figures.get(path, Figure(None, UNKNOWN, said="not in the launch file"))

    def table(self) -> pd.DataFrame:
        """Every figure of the file, one a row: figure, value, low, high, basis, and its source or reason."""
        return pd.DataFrame(
            [(path, f.value, f.low, f.high, f.basis, f.said) for path, f in self.figures.items()],
            columns=["figure", "value", "low", "high", "basis", "source_or_reason"],
        )


# ---- readers: each turns one YAML node into a value, or fails naming the line ----


@dataclass
class _File:
    """What the readers share: where the file stands and what they gather on the way."""

    path: Path
    figures: dict[str, Figure]
    words: dict[str, str]

    def fail(self, node: yaml.Node, where: str, expected: str) -> None:
        found = f" = {node.value!r}" if isinstance(node, yaml.ScalarNode) else ""
        raise DataError(f"data/launches/{self.path.name}:{node.start_mark.line + 1}: {where}{found}; expected {expected}")


Reader = Callable[[_File, yaml.Node, str], object]


def _number(low: float = -math.inf, high: float = math.inf) -> Reader:
    def read(file, node, where):
        numeric = isinstance(node, yaml.ScalarNode) and node.tag.rsplit(":")[-1] in ("int", "float")
        value = float(yaml.safe_load(node.value)) if numeric else math.nan
        if not low <= value <= high or math.isinf(value):
            bounds = f" from {low:g}" * (low > -math.inf) + f" to {high:g}" * (high < math.inf)
            file.fail(node, where, f"a number{bounds} without unit or separators")
        return value

    return read


def _text(file: _File, node: yaml.Node, where: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        file.fail(node, where, "a text")
    return node.value.strip()


def _slug(file: _File, node: yaml.Node, where: str) -> str:
    if not SLUG.fullmatch(_text(file, node, where)):
        file.fail(node, where, "lower-case letters, digits and single underscores")
    return node.value


def _day(file: _File, node: yaml.Node, where: str) -> pd.Timestamp:
    day = pd.to_datetime(_text(file, node, where), format="%Y-%m-%d", errors="coerce")
    if pd.isna(day) or not 1970 <= day.year <= 2035:
        file.fail(node, where, "an ISO date, yyyy-mm-dd")
    return day


def _source(file: _File, node: yaml.Node, where: str) -> str:
    if not _text(file, node, where).startswith(("https://", "http://")):
        file.fail(node, where, "a web address, https://...")
    return node.value


def _one_of(*words: str) -> Reader:
    def read(file, node, where):
        if _text(file, node, where) not in words:
            file.fail(node, where, f"one of {', '.join(words)}{suggest(node.value, words) if len(words) > 6 else ''}")
        return node.value

    return read


def _or_unknown(read: Reader) -> Reader:
    def read_known(file, node, where):
        return None if isinstance(node, yaml.ScalarNode) and node.value == UNKNOWN else read(file, node, where)

    return read_known


def _figure(read: Reader) -> Reader:
    """A figure: {value, source}, {assumed, low, high, reason}, {unknown: what was looked for}, or the word unknown."""
    sourced = {"value!": read, "source!": _source, "low": read, "high": read, "note": _text}
    assumed = {"assumed!": read, "low!": read, "high!": read, "reason!": _text, "note": _text}

    def read_figure(file, node, where):
        keys = {key.value for key, _ in node.value} if isinstance(node, yaml.MappingNode) else set()
        if isinstance(node, yaml.ScalarNode) and node.value == UNKNOWN:
            figure = Figure(None, UNKNOWN, said="not published")
        elif "assumed" in keys:
            f = _block(assumed)(file, node, where)
            figure = Figure(f["assumed"], "assumed", f["low"], f["high"], f["reason"], f["note"] or "")
        elif "value" in keys:
            f = _block(sourced)(file, node, where)
            figure = Figure(f["value"], "sourced", f["low"], f["high"], f["source"], f["note"] or "")
        elif UNKNOWN in keys:
            figure = Figure(None, UNKNOWN, said=_block({"unknown!": _text})(file, node, where)["unknown"])
        else:
            file.fail(node, where, "{value, source}, {assumed, low, high, reason}, {unknown: why} or unknown")
        if figure.low is not None and figure.high is not None and not figure.low <= figure.value <= figure.high:
            file.fail(node, where, f"low <= value <= high, not {figure.low}, {figure.value}, {figure.high}")
        file.figures[where] = figure
        return figure

    return read_figure


def _block(fields: dict[str, Reader]) -> Reader:
    """A mapping with these fields; a name that ends in ! must be there. An unknown or repeated name fails."""
    readers = {name.rstrip("!"): read for name, read in fields.items()}

    def read(file, node, where):
        if not isinstance(node, yaml.MappingNode):
            file.fail(node, where, f"the fields {', '.join(readers)}")
        got = dict.fromkeys(readers)
        seen = set()
        for key, value in node.value:
            path = f"{where}.{key.value}" if where else key.value
            if key.value not in readers:
                file.fail(key, f"field {path}", f"a known field{suggest(key.value, readers)}")
            if key.value in seen:
                file.fail(key, f"field {path}", "each field once")
            seen.add(key.value)
            got[key.value] = readers[key.value](file, value, path)
        missing = [name.rstrip("!") for name in fields if name.endswith("!") and name.rstrip("!") not in seen]
        if missing:
            file.fail(node, where or "the launch file", f"the missing field {', '.join(missing)}")
        return got

    return read


def _list_of(fields: dict[str, Reader]) -> Reader:
    def read(file, node, where):
        if not isinstance(node, yaml.SequenceNode):
            file.fail(node, where, "a list, each entry on a line that starts with -")
        rows = [_block(fields)(file, entry, f"{where}[{i + 1}]") for i, entry in enumerate(node.value)]
        table = pd.DataFrame(rows, columns=[name.rstrip("!") for name in fields])
        dates = [name for name in table if name in ("date", "period_start", "period_end", "reported")]
        numbers = [name for name in table if name in ("units", "sellout_s", "units_sold", "window_s", "registrations", "list_local")]
        return table.assign(
            **{name: pd.to_datetime(table[name]) for name in dates}, **{name: pd.to_numeric(table[name]) for name in numbers}
        )

    return read


def _studies(file: _File, node: yaml.Node, where: str) -> tuple[str, ...]:
    known = sorted(path.stem.split("_", 1)[1] for path in (DATA.parent / "notebooks").glob("[0-9]_*.ipynb"))
    if not isinstance(node, yaml.SequenceNode) or node.start_mark.line != node.end_mark.line or not node.value:
        file.fail(node, where, f"a list on one line, such as [{', '.join(known)}]")
    return tuple(_one_of(*known)(file, entry, where) for entry in node.value)


def _parameters(file: _File, node: yaml.Node, where: str) -> dict[str, dict]:
    given = yaml.safe_load(yaml.serialize(node))
    if not isinstance(given, dict) or not all(isinstance(values, dict) for values in given.values()):
        file.fail(node, where, "a study with its parameters, such as {capacity: {seed: 2}}")
    return given


def _word(file: _File, node: yaml.Node, where: str) -> str:
    file.words[where] = _text(file, node, where)
    return file.words[where]


def _second_source(file: _File, node: yaml.Node, where: str) -> object:
    if isinstance(node, yaml.ScalarNode):
        return _one_of("none", UNKNOWN)(file, node, where)
    dated = _figure(_day)
    return _block({"manufacturer!": _word, "announced": dated, "volume_from": dated, "note": _text})(file, node, where)


def _fields() -> dict[str, Reader]:
    """What a launch file may hold; the closed lists of words are those of the dictionary."""
    kinds = {c.name: _one_of(*c.kind[7:].replace(" ", "").split(",")) for c in read_dictionary()["capacity_reports"].columns
             if c.kind.startswith("one of")}  # fmt: skip
    positive, share, day = _figure(_number(0)), _figure(_number(0, 1)), _figure(_day)
    count = _or_unknown(_number(0))
    drop = {"round": _slug, "date!": _day, "units!": count, "sellout_s!": count, "sold_out!": _one_of("yes", "no", UNKNOWN),
            "units_sold": count, "window_s": count, "registrations": count, "source!": _source, "note": _text}  # fmt: skip
    sale = {"date!": _day, "units!": _number(0), "kind!": _one_of("sold", "shipped", "ordered"),
            "scope!": _one_of("model", "series"), "source!": _source, "note": _text}  # fmt: skip
    report = {"period_start!": _day, "period_end!": _or_unknown(_day), "units!": _number(0), "per!": kinds["per"], "kind!": kinds["kind"], "reported!": _day,
              "manufacturer": _text, "source!": _source, "note": _text}  # fmt: skip
    price = {"list_local!": positive, "list_tax_share!": share, "local_per_usd!": positive,
             "cuts!": _list_of({"date!": _day, "list_local!": _number(0), "source!": _source, "note": _text})}  # fmt: skip
    supply = {"bottleneck!": _figure(kinds["bottleneck"]), "reports!": _list_of(report), "yield_share": share,
              "second_source": _second_source}  # fmt: skip
    costs = {"bom_usd!": positive, "bom_date": day, "bom_share_of_net_price": positive, "stated_cost_local": positive,
             "assembly_usd!": positive, "royalty_share!": share, "channel_share!": share, "freight_warranty_usd!": positive}  # fmt: skip
    successor = {"name!": _word, "device": _slug, "first_sale!": day, "list_local!": positive, "note": _text}
    return {"name!": _text, "device!": _slug, "market!": _text, "currency!": _text, "studies!": _studies, "summary!": _text,
            "announced!": day, "first_sale!": day, "life_months!": positive, "price!": _block(price), "drops!": _list_of(drop),
            "sales!": _list_of(sale), "supply!": _block(supply), "costs!": _block(costs), "s_version": _block(successor),
            "parameters": _parameters}  # fmt: skip


def list_launches(folder: Path = DATA) -> list[str]:
    """Names of the launches that have a file, sorted."""
    return sorted(path.stem for path in (folder / "launches").glob("*.yaml"))


def load_launch(launch: str, folder: Path = DATA) -> Launch:
    """Load one launch file, every field checked.

    Raises DataError for an unknown launch (with the nearest names) and for the first field that is missing,
    misspelt, of the wrong type, out of range or out of order, with file and line.
    """
    path = folder / "launches" / f"{launch}.yaml"
    if not path.exists():
        raise DataError(f"there is no launch {launch!r} in data/launches{suggest(launch, list_launches(folder))}")
    file = _File(path, {}, {})
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as err:
        raise DataError(f"data/launches/{path.name}: not a YAML file in UTF-8: {' '.join(str(err).split())}") from None
    if node is None:
        raise DataError(f"data/launches/{path.name}:1: the file is empty; expected the fields of a launch")
    got = _block(_fields())(file, node, "")
    _check_order(path, got)
    plain = {name: got[name] for name in ("name", "device", "market", "currency", "studies", "summary", "drops", "sales")}
    return Launch(launch, **plain, supply_reports=got["supply"]["reports"], price_cuts=got["price"]["cuts"],
                  figures=file.figures, words=file.words, parameters=got["parameters"] or {})  # fmt: skip


def as_known_on(launch: Launch, day: str) -> Launch:
    """The launch as it was known on a day (ISO date): no drop, milestone, report or price cut told later. "" keeps all.

    Single figures (price, first sale, assumptions) stay as in the file. Raises DataError for a day that is no ISO date.
    """
    if not day:
        return launch
    cut = pd.to_datetime(day, format="%Y-%m-%d", errors="coerce")
    if pd.isna(cut):
        raise DataError(f"as_of = {day!r}; expected an ISO date, yyyy-mm-dd, or an empty text for all that is known")
    dated = {"drops": "date", "sales": "date", "supply_reports": "reported", "price_cuts": "date"}
    known = {name: table[table[column] <= cut] for name, column in dated.items() for table in [getattr(launch, name)]}
    return replace(launch, **known)


def _check_order(path: Path, got: dict) -> None:
    """Dates run forward, periods end after they start, and a drop named after a market round agrees with it."""
    dated = (("drops", got["drops"], "date"), ("sales", got["sales"], "date"), ("price.cuts", got["price"]["cuts"], "date"))
    for name, table, column in dated:
        if not table[column].is_monotonic_increasing:
            late = table[column][table[column].diff() < pd.Timedelta(0)].iloc[0].date()
            raise DataError(f"data/launches/{path.name}: {name}: {late} comes after a later date; expected dates in order")
    reports = got["supply"]["reports"]
    for row in reports[reports["period_end"] < reports["period_start"]].itertuples():
        raise DataError(f"data/launches/{path.name}: supply.reports[{row.Index + 1}]: ends on {row.period_end.date()}, "
                        f"before it starts on {row.period_start.date()}")  # fmt: skip
    rounds = load_table("sale_rounds").set_index("round_id")
    for row in got["drops"].dropna(subset="round").itertuples():
        if row.round not in rounds.index:
            raise DataError(f"data/launches/{path.name}: drops[{row.Index + 1}].round = {row.round!r}; expected a round_id "
                            f"of sale_rounds.csv{suggest(row.round, rounds.index)}")  # fmt: skip
        for column in ("date", "sellout_s", "sold_out", "units_sold", "window_s", "registrations"):
            here, there = getattr(row, column), rounds.at[row.round, column]
            if (pd.notna(here) or pd.notna(there)) and here != there:
                raise DataError(f"data/launches/{path.name}: drops[{row.Index + 1}].{column} = {here}; sale_rounds.csv has {there}")


def prepare_report(launch: str, study: str) -> Preparation:
    """Check all data that a report stands on, and give its notebook's parameters and the names its page bears.

    Raises DataError before any kernel starts: a table or the launch file is wrong, or the launch does not name the study.
    """
    for name in read_dictionary():
        load_table(name)
    loaded = load_launch(launch)
    if study not in loaded.studies:
        raise DataError(f"data/launches/{launch}.yaml: studies has no {study!r}{suggest(study, loaded.studies)}")
    first = loaded.figure("first_sale").value
    detail = f"{loaded.market}, first sale {first.date()}" if first is not None else loaded.market
    footer = f"Data checksum {data_checksum()} (market tables), {file_checksum(launch)} (launch file)."
    return Preparation({"launch": launch} | loaded.parameters.get(study, {}), loaded.name, detail, str(first), (footer,))


def file_checksum(launch: str, folder: Path = DATA) -> str:
    """Short SHA-256 of a launch file."""
    return hashlib.sha256((folder / "launches" / f"{launch}.yaml").read_bytes()).hexdigest()[:12]


if __name__ == "__main__":  # python -m analysis.launches [launch ...]: check the tables and these launch files, or all
    try:
        for table in read_dictionary():
            load_table(table)
        for name in sys.argv[1:] or list_launches():
            load_launch(name)
            print(f"data/launches/{name}.yaml is as it should be")
    except DataError as err:
        sys.exit(str(err))
