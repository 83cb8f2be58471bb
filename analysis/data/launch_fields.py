"""The fields of a launch file, each held against the dictionary, data/README.md.

`read_launch_fields` walks the nodes of one file to their end. Every problem names the file and the
line, and is noted while the walk goes on. What holds between fields is for launch_file.py.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NoReturn

import pandas as pd
import yaml

from .causes import cause_of
from .cells import CellReader, cell_reader
from .dictionary import read_fields
from .errors import MOST_PROBLEMS, DataError, Problems, listed, named, quoted, suggest
from .launch import UNKNOWN, SourcedValue
from .launch_yaml import NOTHING, Composed
from .text_files import DATA

FIELDS_OF_BASIS = {  # what is stated of a figure, by its basis; the first field tells which
    "sourced": ("value", "source"),
    "assumed": ("assumed", "low", "high", "reason"),
    UNKNOWN: (UNKNOWN,),
}
MAY_BE_STATED = ("low", "high", "note")
FIELDS_OF_FIGURE = tuple(dict.fromkeys(sum(FIELDS_OF_BASIS.values(), ())))
FORMS_OF_FIGURE = "expected {value, source}, {assumed, low, high, reason} or unknown"
COLUMN_TYPES = {  # of a column of a list, by the first word of its type; any other is of texts
    "date": pd.to_datetime,
    "integer": pd.to_numeric,
    "number": pd.to_numeric,
}


@dataclass
class LaunchFields:
    """The fields of one launch file, by their path."""

    name: str  # what an error calls the file
    problems: Problems = field(default_factory=Problems)  # noted while the file is read
    figures: dict[str, SourcedValue] = field(default_factory=dict)
    words: dict[str, str | float] = field(default_factory=dict)
    lists: dict[str, list[dict]] = field(default_factory=dict)  # entries: values by field
    nodes: dict[str, yaml.Node] = field(default_factory=dict)  # of studies and parameters
    lines: dict[str, int] = field(default_factory=dict)  # of fields, of entries by their number
    entry_lines: dict[str, list[int]] = field(default_factory=dict)  # of entries, by list
    wrong_entries: set[tuple[str, int]] = field(default_factory=set)  # list and number of entry
    wrong_blocks: set[str] = field(default_factory=set)  # those with a field that is wrong

    def place(self, path: str, entry: int | None = None) -> str:
        """Return file and line of a field, or of an entry of a list, for an error."""
        line = self.lines[path] if entry is None else self.entry_lines[path][entry]
        return f"{self.name}:{line}"

    def place_of_first(self, *paths: str) -> str:
        """Return file and line of the first of these fields that is there, or the first line."""
        line = next((self.lines[path] for path in paths if path in self.lines), 1)
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
            A column for every field that the dictionary has for the list; NaN or None where an
            entry has none that can be read. Dates out of order are noted as problems.
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
                self.problems.add(
                    f"{self.place(path, row.Index)}: {path}: {row.date.date()} stands after "
                    "a later date; expected dates in order"
                )
        return table


def read_launch_fields(composed: Composed, name: str, problems: Problems) -> LaunchFields:
    """Return the fields of a launch file; those that are wrong are not among them.

    Parameters
    ----------
    composed : Composed
        The composed file.
    name : str
        What an error calls the file.
    problems : Problems
        Where every field is noted that is unknown, missing, there twice or not of its type.
    """
    walker = _Walker(name, problems, composed.unreadable)
    with problems.noted():
        walker.read_block(composed.root, prefix="", row=None)
    return walker.result


def fail(node: yaml.Node, name: str, message: str) -> NoReturn:
    """Raise the DataError of a node, with the file's name and the node's line."""
    raise DataError(f"{name}:{node.start_mark.line + 1}: {message}")


class _Walker:
    """Walk the nodes of one launch file and gather its fields."""

    def __init__(self, name: str, problems: Problems, unreadable: set[str]):
        self.name = name
        self.problems = problems
        self.unreadable = unreadable  # fields at the top that are there, and wrong
        self.fields = read_fields()
        self.result = LaunchFields(name, problems)
        self.readers: dict[tuple[str, str], CellReader] = {}  # by type and unit
        # Blocks that hold a field which is never missing, such as price and costs.
        self.required_blocks = {
            path.split(".")[0]
            for path, column in self.fields.items()
            if column.required and "[" not in path
        }

    def fail(self, node: yaml.Node, message: str) -> NoReturn:
        """Raise the DataError of a node."""
        fail(node, self.name, message)

    def reader(self, kind: str, unit: str = "") -> CellReader:
        """Return the reader of a type and unit of the dictionary, made once a file."""
        if (kind, unit) not in self.readers:
            self.readers[kind, unit] = cell_reader(kind, DATA, unit)
        return self.readers[kind, unit]

    def read_block(self, node: yaml.Node, prefix: str, row: dict | None) -> None:
        """Read a mapping, its fields' paths begun by `prefix`; values of an entry go to `row`."""
        known, required = self.fields_below(prefix)
        block = prefix.rstrip(".")
        if not isinstance(node, yaml.MappingNode):
            self.fail(node, f"{block}: expected the fields {', '.join(sorted(known))}")
        seen = set() if block else set(self.unreadable)
        before = None
        for key, value in node.value:
            with self.problems.noted():
                name = self.name_of_field(key, value, prefix, known, before)
                if name in seen:
                    self.fail(key, f"{prefix}{name} stands twice")
                seen.add(name)
                if key.value in known:  # and not a word that is near a known one
                    self.read_field(value, prefix + name, row)
            before = value
        if missing := sorted(required - seen):
            self.fail(node, f"{block or 'the file'}: missing field {', '.join(missing)}")

    def name_of_field(
        self,
        key: yaml.Node,
        value: yaml.Node,
        prefix: str,
        known: set[str],
        before: yaml.Node | None,
    ) -> str:
        """Return the field that a key names; one that is misspelt is noted, and taken as meant.

        `before` is what stands before the key: a comma may have cut its number in two.
        """
        if not isinstance(key, yaml.ScalarNode):
            self.fail(key, f"a block as a field's name; expected one of {listed(sorted(known))}")
        if key.value in known:
            return key.value
        is_shown = len(self.problems) < MOST_PROBLEMS  # looking for names that come near takes time
        hint = suggest(key.value, known) if is_shown else ""
        if _is_nothing(value) and " " in key.value:
            hint = "; a text with a comma stands in quotes"
        elif _is_nothing(value) and key.value.isdigit() and isinstance(before, yaml.ScalarNode):
            hint = cause_of(f"{before.value},{key.value}", "integer") or hint
        self.problems.add(
            f"{self.name}:{key.start_mark.line + 1}: unknown field {prefix}{named(key.value)}{hint}"
        )
        nearest = get_close_matches(key.value[:60], known, n=1, cutoff=0.8) if is_shown else []
        return nearest[0] if nearest else key.value

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
            problems_before = len(self.problems)
            with self.problems.noted():
                self.read_block(node, f"{path}.", row)
            if len(self.problems) > problems_before:
                self.result.wrong_blocks.add(path)

    def read_single_field(self, node: yaml.Node, path: str, row: dict | None) -> None:
        """Read a field that holds one value, by its type."""
        kind, unit = self.fields[path].kind, self.fields[path].unit
        self.note_line(node, path, in_entry=row is not None)
        if kind == "words":  # studies and parameters, which are read apart
            self.result.nodes[path] = node
            return
        if kind == "list of texts":
            self.result.words[path] = self.read_texts(node, path)
            return
        if kind.startswith("figure "):
            problems_before = len(self.problems)
            figure = self.read_figure(node, path, self.reader(kind.removeprefix("figure "), unit))
            is_right = len(self.problems) == problems_before
            if figure is not None and is_right:
                self.result.figures[path] = figure
            return
        may_be_unknown = kind.endswith(" or unknown")
        if may_be_unknown and node.value == UNKNOWN:
            value = None
        else:
            reader = self.reader(kind.removesuffix(" or unknown"), unit)
            value = self.read_value(node, path, reader)
        if row is None:
            self.result.words[path] = value
        else:
            row[path.partition("].")[2]] = value

    def note_line(self, node: yaml.Node, path: str, in_entry: bool) -> None:
        """Note the line of a field; in an entry its path has the entry's number: drops[0].units."""
        if in_entry:
            name_of_list, _, name = path.partition("[].")
            number = len(self.result.lists[name_of_list])  # as many entries were read before it
            path = f"{name_of_list}[{number}].{name}"
        self.result.lines[path] = node.start_mark.line + 1

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
            row, problems_before = {}, len(self.problems)
            with self.problems.noted():
                self.read_block(entry, f"{path}[].", row)
            if len(self.problems) > problems_before:
                self.result.wrong_entries.add((path, len(entries)))
            entries.append(row)

    def read_value(self, node: yaml.Node, path: str, read: Callable[[str], object]) -> object:
        """Read one value, of the type that `read` reads."""
        if not isinstance(node, yaml.ScalarNode):
            self.fail(node, f"{path} = a block; expected a value")
        text = node.value.strip()
        try:
            if not text:
                raise ValueError("a value")
            value = read(text)
            if node.tag == NOTHING:  # null and ~ stand for nothing where no quotes are around them
                raise ValueError("a value; a text that is this word stands in quotes")
            return value
        except ValueError as err:
            self.fail(node, f"{path} = {quoted(node.value)}; expected {err}")

    def read_figure(self, node: yaml.Node, path: str, read: CellReader) -> SourcedValue | None:
        """Read a figure: sourced, assumed, unknown with what was sought, or the word unknown.

        None stands for one whose parts cannot all be read, which are noted.
        """
        if node.value == UNKNOWN:
            return SourcedValue(value=None, basis=UNKNOWN, source_or_reason="not published")
        if not isinstance(node, yaml.MappingNode):
            self.fail_without_parts(node, path)
        parts = self.parts_of_figure(node, path)
        basis = next((one for one, fields in FIELDS_OF_BASIS.items() if fields[0] in parts), "")
        if not basis:
            self.fail(node, f"{path}: {FORMS_OF_FIGURE}")
        expected = FIELDS_OF_BASIS[basis]
        if missing := [name for name in expected if name not in parts]:
            words = "is" if len(missing) == 1 else "are"
            self.problems.add(
                f"{self.name}:{node.start_mark.line + 1}: {path}: {' and '.join(missing)} {words} "
                f"missing; expected {{{', '.join(expected)}}}"
            )
        for name in set(parts) - {*expected, *MAY_BE_STATED}:
            self.problems.add(
                f"{self.name}:{parts[name].start_mark.line + 1}: {path}: {named(name)} beside "
                f"{expected[0]}; {FORMS_OF_FIGURE}"
            )
        return self.figure_of_parts(node, path, basis, parts, read)

    def figure_of_parts(
        self,
        node: yaml.Node,
        path: str,
        basis: str,
        parts: dict[str, yaml.Node],
        read: CellReader,
    ) -> SourcedValue | None:
        """Read the values of a figure's parts; None where one that is needed cannot be read."""
        expected = FIELDS_OF_BASIS[basis]
        readers = {"value": read, "assumed": read, "low": read, "high": read}
        readers["source"] = self.reader("source")
        stated = {}
        for name, part in parts.items():
            if name in (*expected, *MAY_BE_STATED):
                with self.problems.noted():
                    stated[name] = self.read_value(part, f"{path}.{name}", readers.get(name, str))
        if not set(expected) <= set(stated):
            return None
        value = None if basis == UNKNOWN else stated[expected[0]]
        low, high = stated.get("low"), stated.get("high")
        in_order = [end for end in (low, value, high) if end is not None]
        if in_order != sorted(in_order):
            ends = {"low": low, "value": value, "high": high}
            known = [f"{word} {_shown(end)}" for word, end in ends.items() if end is not None]
            self.fail(node, f"{path}: {', '.join(known)}; expected them in this order")
        return SourcedValue(
            value=value,
            basis=basis,
            low=low,
            high=high,
            source_or_reason=stated[expected[-1]],
            note=stated.get("note", ""),
        )

    def fail_without_parts(self, node: yaml.Node, path: str) -> NoReturn:
        """Raise the DataError of a figure that is a bare value, a list or nothing."""
        if not isinstance(node, yaml.ScalarNode) or _is_nothing(node):
            self.fail(node, f"{path}: {FORMS_OF_FIGURE}")
        kind = self.fields[path].kind
        cause_kind = "date" if "date" in kind else "number" if "number" in kind else ""
        unit = self.fields[path].unit
        cause = cause_of(node.value, cause_kind, unit) if cause_kind else ""
        self.fail(node, f"{path} = {quoted(node.value)}, a bare value; {FORMS_OF_FIGURE}{cause}")

    def parts_of_figure(self, node: yaml.MappingNode, path: str) -> dict[str, yaml.Node]:
        """Return the nodes of a figure's parts by their names.

        Where a comma without quotes cut a value in two, the two are put together again, and the
        cause is noted.
        """
        parts, last_name = {}, ""
        for key, part in node.value:
            name = str(key.value)
            is_rest = node.flow_style and _is_nothing(part) and last_name
            if is_rest and name not in (*FIELDS_OF_FIGURE, *MAY_BE_STATED):
                self.note_cut_value(key, path, last_name, parts[last_name], name)
                continue
            if name in parts:
                self.fail(key, f"{path}.{named(name)} stands twice")
            parts[name] = part
            last_name = name
        return parts

    def note_cut_value(
        self, node: yaml.Node, path: str, name: str, first: yaml.Node, rest: str
    ) -> None:
        """Note a value that a comma cut in two: a text without quotes, or a decimal comma."""
        before = str(first.value)
        place = f"{self.name}:{node.start_mark.line + 1}: {path}.{name}"
        is_number = before.strip("-").isdigit() and rest.isdigit()
        if is_number:
            cause = cause_of(f"{before},{rest}", "number")
            problem = f"{place} = {quoted(f'{before},{rest}')}; expected a number{cause}"
        else:
            text = f"{before}, {rest}"
            problem = (
                f"{place} = {quoted(text)}; a text with a comma stands in quotes: "
                f'{name}: "{quoted(text)[1:-1]}"'
            )
        self.problems.add(problem)


def _is_nothing(node: yaml.Node) -> bool:
    """Whether a field has a name and no value."""
    return isinstance(node, yaml.ScalarNode) and node.tag == NOTHING and not node.value.strip("~")


def _shown(value: object) -> str:
    """Return a value of a figure as its file would have it."""
    return str(value.date()) if isinstance(value, pd.Timestamp) else str(value)
