"""The fields of a launch file, each held against the dictionary, data/README.md.

`read_launch_fields` walks the nodes of one file. Every error names the file and the line. What
holds between fields is for launch_file.py.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

import pandas as pd
import yaml

from .cells import CellReader, cell_reader
from .dictionary import read_fields
from .errors import DataError, listed, named, quoted, suggest
from .launch import UNKNOWN, SourcedValue
from .launch_yaml import plain_value
from .text_files import DATA

FIELDS_OF_BASIS = {  # what is stated of a figure, by its basis; the first field tells which
    "sourced": ("value", "source"),
    "assumed": ("assumed", "low", "high", "reason"),
    UNKNOWN: (UNKNOWN,),
}
MAY_BE_STATED = ("low", "high", "note")
COLUMN_TYPES = {  # of a column of a list, by the first word of its type; any other is of texts
    "date": pd.to_datetime,
    "integer": pd.to_numeric,
    "number": pd.to_numeric,
}


@dataclass
class LaunchFields:
    """The fields of one launch file, by their path."""

    name: str  # what an error calls the file
    figures: dict[str, SourcedValue] = field(default_factory=dict)
    words: dict[str, str | float] = field(default_factory=dict)
    lists: dict[str, list[dict]] = field(default_factory=dict)  # entries: values by field
    nodes: dict[str, yaml.Node] = field(default_factory=dict)  # of studies and parameters
    lines: dict[str, int] = field(default_factory=dict)  # of fields that stand once
    entry_lines: dict[str, list[int]] = field(default_factory=dict)  # of entries, by list

    def place(self, path: str, entry: int | None = None) -> str:
        """Return file and line of a field, or of an entry of a list, for an error."""
        line = self.lines[path] if entry is None else self.entry_lines[path][entry]
        return f"{self.name}:{line}"

    def table(self, path: str) -> pd.DataFrame:
        """Return the entries of a list as a table, its index the number of the entry.

        Parameters
        ----------
        path : str
            A list of the file, such as "supply.reports".

        Returns
        -------
        DataFrame
            A column for every field that the dictionary has for the list.

        Raises
        ------
        DataError
            If its dates are not in order.
        """
        prefix = f"{path}[]."
        kinds = {
            name.removeprefix(prefix): column.kind
            for name, column in read_fields().items()
            if name.startswith(prefix)
        }
        table = pd.DataFrame(self.lists.get(path, []), columns=list(kinds))
        for name, kind in kinds.items():
            as_type = COLUMN_TYPES.get(kind.split()[0], pd.Series)
            table[name] = as_type(table[name])
        if "date" in table:
            too_late = table["date"].diff() < pd.Timedelta(0)
            for row in table[too_late].itertuples():
                raise DataError(
                    f"{self.place(path, row.Index)}: {path}: {row.date.date()} stands after "
                    "a later date; expected dates in order"
                )
        return table


def read_launch_fields(root: yaml.Node, name: str) -> LaunchFields:
    """Return the fields of a launch file.

    Parameters
    ----------
    root : Node
        The composed file.
    name : str
        What an error calls the file.

    Raises
    ------
    DataError
        For the first field that is unknown, missing, there twice or not of its type.
    """
    walker = _Walker(name)
    walker.read_block(root, prefix="", row=None)
    return walker.result


def fail(node: yaml.Node, name: str, message: str) -> NoReturn:
    """Raise the DataError of a node, with the file's name and the node's line."""
    raise DataError(f"{name}:{node.start_mark.line + 1}: {message}")


class _Walker:
    """Walk the nodes of one launch file and gather its fields."""

    def __init__(self, name: str):
        self.name = name
        self.fields = read_fields()
        self.result = LaunchFields(name)
        self.readers: dict[str, CellReader] = {}
        # Blocks that hold a field which is never missing, such as price and costs.
        self.required_blocks = {
            path.split(".")[0]
            for path, column in self.fields.items()
            if column.required and "[" not in path
        }

    def fail(self, node: yaml.Node, message: str) -> NoReturn:
        """Raise the DataError of a node."""
        fail(node, self.name, message)

    def reader(self, kind: str) -> CellReader:
        """Return the reader of a type of the dictionary, made once a file."""
        if kind not in self.readers:
            self.readers[kind] = cell_reader(kind, DATA)
        return self.readers[kind]

    def read_block(self, node: yaml.Node, prefix: str, row: dict | None) -> None:
        """Read a mapping, its fields' paths begun by `prefix`; values of an entry go to `row`."""
        known, required = self.fields_below(prefix)
        block = prefix.rstrip(".")
        if not isinstance(node, yaml.MappingNode):
            self.fail(node, f"{block}: expected the fields {', '.join(sorted(known))}")
        seen = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.fail(
                    key, f"a block as a field's name; expected one of {listed(sorted(known))}"
                )
            name = key.value
            if name not in known:
                self.fail(key, f"unknown field {prefix}{named(name)}{suggest(name, known)}")
            if name in seen:
                self.fail(key, f"{prefix}{name} stands twice")
            seen.add(name)
            self.read_field(value, prefix + name, row)
        if missing := sorted(required - seen):
            self.fail(node, f"{block or 'the file'}: missing field {', '.join(missing)}")

    def fields_below(self, prefix: str) -> tuple[set[str], set[str]]:
        """Return the names that may stand in a block, and those that must."""
        known, required = set(), set()
        for path, column in self.fields.items():
            if path.startswith(prefix):
                name = re.split(r"[.\[]", path.removeprefix(prefix))[0]
                known.add(name)
                if column.required:
                    required.add(name)
        return known, required

    def read_field(self, node: yaml.Node, path: str, row: dict | None) -> None:
        """Read what stands at a path: one value, a list of entries or a block of fields."""
        if path in self.fields:
            self.read_single_field(node, path, row)
        elif any(name.startswith(f"{path}[].") for name in self.fields):
            self.read_list(node, path)
        elif node.value not in ("none", UNKNOWN) or path in self.required_blocks:
            self.read_block(node, f"{path}.", row)

    def read_single_field(self, node: yaml.Node, path: str, row: dict | None) -> None:
        """Read a field that holds one value, by its type."""
        kind = self.fields[path].kind
        if kind == "words":  # studies and parameters, which are read apart
            self.result.nodes[path] = node
            return
        if kind == "list of texts":
            self.result.words[path] = self.read_texts(node, path)
            return
        self.result.lines[path] = node.start_mark.line + 1
        if kind.startswith("figure "):
            reader = self.reader(kind.removeprefix("figure "))
            self.result.figures[path] = self.read_figure(node, path, reader)
            return
        may_be_unknown = kind.endswith(" or unknown")
        if may_be_unknown and node.value == UNKNOWN:
            value = None
        else:
            value = self.read_value(node, path, self.reader(kind.removesuffix(" or unknown")))
        if row is None:
            self.result.words[path] = value
        else:
            row[path.partition("].")[2]] = value

    def read_texts(self, node: yaml.Node, path: str) -> tuple[str, ...]:
        """Read a list of texts on one line, such as [storniert, offen]."""
        if not isinstance(node, yaml.SequenceNode):
            self.fail(
                node, f"{path} = {quoted(node.value)}; expected words in square brackets, or []"
            )
        return tuple(self.read_value(text, path, str) for text in node.value)

    def read_list(self, node: yaml.Node, path: str) -> None:
        """Read a list of entries, each a block of fields."""
        if not isinstance(node, yaml.SequenceNode):
            self.fail(
                node, f"{path}: expected a list, each entry on a line that starts with -, or []"
            )
        entries = self.result.lists[path] = []
        self.result.entry_lines[path] = [entry.start_mark.line + 1 for entry in node.value]
        for entry in node.value:
            row = {}
            self.read_block(entry, f"{path}[].", row)
            entries.append(row)

    def read_value(self, node: yaml.Node, path: str, read: Callable[[str], object]) -> object:
        """Read one value, of the type that `read` reads."""
        if not isinstance(node, yaml.ScalarNode):
            self.fail(node, f"{path} = a block; expected a value")
        text = node.value.strip()
        try:
            if not text:
                raise ValueError("a value")
            return read(text)
        except ValueError as err:
            self.fail(node, f"{path} = {quoted(node.value)}; expected {err}")

    def read_figure(self, node: yaml.Node, path: str, read: CellReader) -> SourcedValue:
        """Read a figure: sourced, assumed, unknown with what was sought, or the word unknown."""
        if node.value == UNKNOWN:
            return SourcedValue(value=None, basis=UNKNOWN, source_or_reason="not published")
        parts = self.parts_of_figure(node, path)
        basis = next(
            (basis for basis, fields in FIELDS_OF_BASIS.items() if fields[0] in parts), UNKNOWN
        )
        expected = FIELDS_OF_BASIS[basis]
        if not set(expected) <= set(parts) <= {*expected, *MAY_BE_STATED}:
            self.fail(
                node,
                f"{path}: expected {{value, source}}, {{assumed, low, high, reason}} or unknown",
            )
        readers = {"value": read, "assumed": read, "low": read, "high": read}
        readers["source"] = self.reader("source")
        stated = {
            name: self.read_value(part, f"{path}.{name}", readers.get(name, str))
            for name, part in parts.items()
        }
        value = None if basis == UNKNOWN else stated[expected[0]]
        low, high = stated.get("low"), stated.get("high")
        if low is not None and high is not None and not low <= stated[expected[0]] <= high:
            self.fail(
                node, f"{path}: low {low}, value {value}, high {high}; expected them in this order"
            )
        return SourcedValue(
            value=value,
            basis=basis,
            low=low,
            high=high,
            source_or_reason=stated[expected[-1]],
            note=stated.get("note", ""),
        )

    def parts_of_figure(self, node: yaml.Node, path: str) -> dict[str, yaml.Node]:
        """Return the nodes of a figure by the fields' names; none where it is no mapping."""
        parts = {}
        if isinstance(node, yaml.MappingNode):
            for key, part in node.value:
                name = str(key.value)
                if name in parts:
                    self.fail(key, f"{path}.{named(name)} stands twice")
                parts[name] = part
        return parts


def read_studies(fields: LaunchFields, known: list[str]) -> tuple[str, ...]:
    """Return the studies that a launch file names.

    Parameters
    ----------
    fields : LaunchFields
        The fields of the file.
    known : list of str
        The studies that there are.

    Raises
    ------
    DataError
        If they are no list on one line, or one of them is not there.
    """
    node = fields.nodes["studies"]
    is_filled_list = isinstance(node, yaml.SequenceNode) and node.value
    if not is_filled_list or node.start_mark.line != node.end_mark.line:
        expected = f"expected a list on one line, such as [{', '.join(known)}]"
        fail(node, fields.name, f"studies: {expected}")
    studies = [plain_value(study, fields.name, "studies") for study in node.value]
    for study in studies:
        if study not in known:
            fail(node, fields.name, f"studies has {quoted(study)}{suggest(study, known)}")
    return tuple(studies)


def read_parameters(fields: LaunchFields, known: list[str]) -> dict[str, dict]:
    """Return the parameters that a launch file sets, by study.

    `launch` is none of them, so that no page shows another launch's figures under its own name.
    Whether a notebook has a parameter, and of which type, the runner of reports checks.

    Parameters
    ----------
    fields : LaunchFields
        The fields of the file.
    known : list of str
        The studies that there are.

    Raises
    ------
    DataError
        If they are not single values by study and name, or a study is not there.
    """
    node = fields.nodes.get("parameters")
    if node is None:
        return {}
    expected = "expected a study with its parameters, such as {capacity: {seed: 2}}"
    if not isinstance(node, yaml.MappingNode):
        fail(node, fields.name, f"parameters: {expected}")
    parameters = {}
    for key, values in node.value:
        study = plain_value(key, fields.name, "parameters")
        if study not in known:
            fail(key, fields.name, f"parameters has {quoted(study)}{suggest(study, known)}")
        if study in parameters:
            fail(key, fields.name, f"parameters.{study} stands twice")
        if not isinstance(values, yaml.MappingNode):
            fail(values, fields.name, f"parameters.{study}: {expected}")
        parameters[study] = _read_parameters_of_study(fields.name, study, values)
    return parameters


def _read_parameters_of_study(name: str, study: str, values: yaml.MappingNode) -> dict:
    """Read the parameters of one study, by their names."""
    parameters = {}
    for key, value in values.value:
        parameter = plain_value(key, name, f"parameters.{study}")
        path = f"parameters.{study}.{named(parameter)}"
        if parameter == "launch":
            fail(
                key,
                name,
                f"{path}; expected no such parameter, "
                "as a report is of the launch that its file is named for",
            )
        if parameter in parameters:
            fail(key, name, f"{path} stands twice")
        parameters[parameter] = plain_value(value, name, path)
    return parameters
