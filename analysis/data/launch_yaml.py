"""The YAML of launch files, read with limits before anything is expanded.

A launch file is a small text of fields and values. Of YAML it needs mappings, lists and single
values. Tags, which name types to build, and aliases of blocks, by which a few lines expand to
gigabytes, are refused while the file is only a stream of events. What the fields mean is for
launch_fields.py.
"""

import math
import re
from dataclasses import dataclass, field

import yaml

from .errors import DataError, Problems, named, one_line, quoted

MOST_BYTES = 1_000_000
YAML_TAGS = "tag:yaml.org,2002:"  # what the parser makes of !! before a tag
MOST_DEPTH = 10  # blocks and lists inside one another; the fields of a launch need four
MOST_ALIASES = 100  # each stands for a single value
MOST_VALUE_CHARACTERS = 20_000
MOST_NUMBER_CHARACTERS = 40
NOTHING = "tag:yaml.org,2002:null"
TEXTS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp")  # a day goes on as its text

MOST_BLOCKS = 100  # of a file with a fault, whose blocks are read one by one
NO_BLANK = re.compile(r"\s*(- )?(?P<field>[A-Za-z_]\w*):(?P<value>[^\s/].*)")  # name:Aurora 5
TOP_FIELD = re.compile(r"[A-Za-z_]\w*(?= *:)")  # at the start of a line

CAUSES = {  # what YAML says of a fault: what it is, in the order in which they are looked for
    "undefined alias": "a text that begins with * stands in quotes",
    "a single document": "there is a second document, after a line ---; expected one",
    "mapping values are not allowed": "a text with a colon and a blank in it stands in quotes",
    "could not find expected ':'": "this line, or the one before, has no colon and is no list",
    "cannot start any token": "a tab, or a text that begins with @, `, % or another sign of YAML; "
    "indent by blanks, and put the text in quotes",
    "found a tab": "a tab; indent by blanks",
    "unexpected end of stream": "a quote that was opened is not closed",
    "flow mapping": "a brace { is not closed, or a text in it needs quotes",
    "flow sequence": "a bracket [ is not closed, or a text in it needs quotes",
    "',' or '}'": "a brace { is not closed, or a text in it needs quotes",
    "',' or ']'": "a bracket [ is not closed, or a text in it needs quotes",
    "escape": "within double quotes a backslash is special; use single quotes",
    "expected key": "this line is not indented like its neighbours, or its text needs quotes",
    "'-' indicator": "this line is not indented like its neighbours, or lacks its -",
    "block": "this line is not indented like its neighbours, or its text needs quotes",
    "duplicate anchor": "a text that begins with & stands in quotes",
    "alias": "a text that begins with * stands in quotes",
    "anchor": "a text that begins with & stands in quotes",
    "control characters": "a control character, which no text may have",
    "special characters": "a control character, which no text may have",
}

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Composed:
    """A launch file as nodes, which know their line, and what of it could not be read."""

    root: yaml.Node
    unreadable: set[str] = field(default_factory=set)  # fields at the top with a fault in them


def compose_launch(text: str, name: str, problems: Problems) -> Composed:
    """Return the nodes of a launch file's text.

    After a fault in one field at the top, such as a brace that is not closed, the others are read
    one by one.

    Parameters
    ----------
    text : str
        The text of the file.
    name : str
        What an error calls the file.
    problems : Problems
        Where such a fault is noted.

    Raises
    ------
    DataError
        If nothing of the text is YAML, if it is empty, or has tags, aliases of blocks, or more
        depth, aliases or characters in a value than a launch file needs.
    """
    try:
        node = _compose(text, name)
    except _FaultError as err:
        return _compose_fields(text, name, problems, str(err))
    if node is None:
        raise DataError(f"{name}:1: the file is empty; expected the fields of a launch")
    return Composed(node)


class _FaultError(DataError):
    """A text that is no YAML."""


def _compose(text: str, name: str) -> yaml.Node | None:
    """Return the node of a text; _FaultError, with line and cause, if it is no YAML."""
    try:
        _check_events(text, name)
        return yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as err:
        cause = next(
            (cause for message, cause in CAUSES.items() if message in str(err)),
            "expected lines such as name: value",
        )
        fault = (
            _missing_blank(text, name, err) or f"{name}{_line_of(err)}: not a YAML file: {cause}"
        )
        raise _FaultError(fault) from None


def _missing_blank(text: str, name: str, err: yaml.YAMLError) -> str:
    """Say that a field has no blank after its colon, at a fault or just before it; "" if it has.

    Such a line is a text to YAML, which finds the fault in the next line that is none of it.
    """
    mark = getattr(err, "problem_mark", None) or getattr(err, "context_mark", None)
    if mark is None:
        return ""
    lines = list(enumerate(text.splitlines()[: mark.line + 1], start=1))
    filled = [
        (at, line) for at, line in lines if line.strip() and not line.lstrip().startswith("#")
    ]
    for at, line in reversed(filled[-2:]):
        if NO_BLANK.match(line):
            return _no_blank(name, at, line)
    return ""


def _no_blank(name: str, at: int, line: str) -> str:
    """Say how to write a line that has no blank after its colon."""
    field, value = NO_BLANK.match(line).group("field", "value")
    return (
        f"{name}:{at}: {quoted(line.strip())}; expected a blank after the colon: "
        f"{one_line(f'{field}: {value}', longest=60)}"
    )


def _compose_fields(text: str, name: str, problems: Problems, fault: str) -> Composed:
    """Read a text with a fault field by field, and note the fault of each that cannot be read."""
    lines = text.splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if TOP_FIELD.match(line)]
    if not 0 < len(starts) <= MOST_BLOCKS or "---" in text:
        raise DataError(fault)
    composed = Composed(yaml.MappingNode(tag="tag:yaml.org,2002:map", value=[]))
    composed.root.start_mark = yaml.Mark(name, 0, 0, 0, None, None)
    faults = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        try:
            block = _compose("\n" * start + "".join(lines[start:end]), name)
        except _FaultError as err:
            faults.append(str(err))
            composed.unreadable.add(TOP_FIELD.match(lines[start])[0])
            continue
        if isinstance(block, yaml.MappingNode):
            composed.root.value += block.value
        elif NO_BLANK.match(lines[start]):
            faults.append(_no_blank(name, start + 1, lines[start]))
            composed.unreadable.add(TOP_FIELD.match(lines[start])[0])
    if not composed.root.value:  # no field can be read: which are missing is nothing to say
        raise DataError(fault)
    for one in faults or [fault]:  # without one, the fault lies between the fields
        problems.add(one)
    return composed


def plain_value(node: yaml.Node, name: str, place: str) -> str | int | float | bool:
    """Return the value of a single value's node: a text, a number, true or false.

    Parameters
    ----------
    node : Node
        What was composed from a launch file.
    name, place : str
        What an error calls the file, and the field.

    Raises
    ------
    DataError
        If the node is a list or a block, is empty, or is a number of absurd size.
    """
    where = f"{name}:{node.start_mark.line + 1}: {place}"
    expected = "expected a text, a number, true or false"
    if not isinstance(node, yaml.ScalarNode) or node.tag == NOTHING:
        raise DataError(f"{where}: {expected}")
    if node.tag in TEXTS:
        return node.value
    try:
        if len(node.value) > MOST_NUMBER_CHARACTERS:
            raise ValueError("too many digits")
        value = yaml.constructor.SafeConstructor().construct_object(node)
    except (ValueError, yaml.YAMLError):
        value = None
    if not isinstance(value, (bool, int, float)) or not math.isfinite(value):
        raise DataError(f"{where} = {quoted(node.value)}; {expected}")
    return value


def _line_of(err: yaml.YAMLError) -> str:
    """Return where a YAML error stands as ":line", or nothing where it does not say."""
    mark = getattr(err, "problem_mark", None) or getattr(err, "context_mark", None)
    return f":{mark.line + 1}" if mark else ""


def _check_events(text: str, name: str) -> None:
    """Hold the YAML events against the limits, and read no further than the first fault."""
    depth = aliases = 0
    for event in yaml.parse(text, Loader=Loader):
        place = f"{name}:{event.start_mark.line + 1}"
        tag = getattr(event, "tag", None)
        if tag is not None:
            as_written = tag.replace(YAML_TAGS, "!!")
            raise DataError(
                f"{place}: a tag, {quoted(as_written)}; expected a plain value without one"
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MOST_DEPTH:
                raise DataError(
                    f"{place}: blocks or lists nested {depth} deep; expected {MOST_DEPTH}"
                )
            if event.anchor:
                raise DataError(
                    f"{place}: an anchor, &{named(event.anchor)}, on a block or list; "
                    "expected it on a single value"
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
            if aliases > MOST_ALIASES:
                raise DataError(f"{place}: more than {MOST_ALIASES} aliases; expected values")
        elif isinstance(event, yaml.ScalarEvent) and len(event.value) > MOST_VALUE_CHARACTERS:
            raise DataError(
                f"{place}: {quoted(event.value)}, {len(event.value):,} characters; "
                f"expected {MOST_VALUE_CHARACTERS:,} at most"
            )
