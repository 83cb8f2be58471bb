"""The YAML of launch files, read with limits before anything is expanded.

A launch file is a small text of fields and values. Of YAML it needs mappings, lists and single
values. Tags, which name types to build, and aliases of blocks, by which a few lines expand to
gigabytes, are refused while the file is only a stream of events. What the fields mean is for
launch_fields.py.
"""

import math

import yaml

from .errors import DataError, named, one_line, quoted

MOST_BYTES = 1_000_000
MOST_DEPTH = 10  # blocks and lists inside one another; the fields of a launch need four
MOST_ALIASES = 100  # each stands for a single value
MOST_VALUE_CHARACTERS = 20_000
MOST_NUMBER_CHARACTERS = 40
NOTHING = "tag:yaml.org,2002:null"
TEXTS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp")  # a day goes on as its text

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def compose_launch(text: str, name: str) -> yaml.Node:
    """Return the node of a launch file's text; nodes know their line.

    Parameters
    ----------
    text : str
        The text of the file.
    name : str
        What an error calls the file.

    Raises
    ------
    DataError
        If the text is no YAML, is empty, or has tags, aliases of blocks, or more depth, aliases or
        characters in a value than a launch file needs.
    """
    try:
        _check_events(text, name)
        node = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as err:
        raise DataError(f"{name}{_line_of(err)}: not a YAML file: {one_line(err)}") from None
    except yaml.YAMLError as err:
        raise DataError(f"{name}: not a YAML file: {one_line(err)}") from None
    if node is None:
        raise DataError(f"{name}:1: the file is empty; expected the fields of a launch")
    return node


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


def _line_of(err: yaml.MarkedYAMLError) -> str:
    """Return where a YAML error stands as ":line", or nothing where it does not say."""
    mark = err.problem_mark or err.context_mark
    return f":{mark.line + 1}" if mark else ""


def _check_events(text: str, name: str) -> None:
    """Hold the YAML events against the limits, and read no further than the first fault."""
    depth = aliases = 0
    for event in yaml.parse(text, Loader=Loader):
        place = f"{name}:{event.start_mark.line + 1}"
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise DataError(f"{place}: a tag, {quoted(tag)}; expected a plain value without one")
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
