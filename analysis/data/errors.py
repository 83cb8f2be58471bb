"""The one error of wrong data, and how such an error quotes what somebody's file holds.

A message is one line: file, line, column or field, the value seen and what was expected. What it
quotes comes from a file that anybody may have written, so it is cut and shows no control character.
Whoever reads a file goes on after a fault and notes it in `Problems`, so that all are told at once.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

LONGEST_QUOTE = 60  # characters of a value that an error shows
MOST_NAMES = 20  # names that an error lists before it only counts the rest
MOST_ALIKE = 3  # problems that differ in line and values alone, before the rest is counted
MOST_PROBLEMS = 50  # that one error lists before it only counts the rest


class DataError(ValueError):
    """A data or launch file is not as its dictionary says.

    The text has a line for each problem: file, line, field, the value seen and what was expected.
    """

    @property
    def problems(self) -> tuple[str, ...]:
        """The lines of the text, each of them one problem."""
        return tuple(str(self).split("\n"))


class Problems:
    """The problems of one file, noted while it is read to its end."""

    def __init__(self):
        self._lines: dict[str, None] = {}  # in their order, each once

    @property
    def lines(self) -> list[str]:
        """The problems in the order in which they were noted."""
        return list(self._lines)

    def __len__(self) -> int:
        """Return how many problems were noted."""
        return len(self._lines)

    def add(self, problem: str) -> None:
        """Note a problem, once."""
        self._lines[problem] = None

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note the DataError that a block raises, and go on after the block."""
        try:
            yield
        except DataError as err:
            for problem in err.problems:
                self.add(problem)

    def raise_all(self) -> None:
        """Raise one DataError with every problem noted, in the order of lines; none raises none."""
        if self.lines:
            raise DataError("\n".join(self.in_order()))

    def in_order(self) -> list[str]:
        """Return the problems in the order of lines; of many alike the first, and a count.

        Of very many that are not alike, too.
        """
        lines = _with_alike_counted(sorted(self.lines, key=_place_of))
        more = len(lines) - MOST_PROBLEMS
        if more > 0:
            lines = [*lines[:MOST_PROBLEMS], f"and {more:,} more problems"]
        return lines


def _place_of(problem: str) -> tuple[str, int]:
    """Return file and line of a problem, by which problems are put in order."""
    match = re.match(r"(.*?):(\d+): ", problem)
    return (match[1], int(match[2])) if match else (problem.partition(":")[0], 0)


def _with_alike_counted(problems: list[str]) -> list[str]:
    """Return problems of which many are the same fault on other lines as the first of them."""
    alike = {}
    for problem in problems:
        alike.setdefault(_fault_of(problem), []).append(problem)
    lines = []
    for problem in problems:
        same = alike[_fault_of(problem)]
        if len(same) <= MOST_ALIKE:
            lines.append(problem)
        elif problem == same[0]:
            first_line, last_line = (_place_of(one)[1] for one in (same[0], same[-1]))
            up_to = f", up to line {last_line}" if last_line > first_line else ""
            lines.append(f"{problem}; {len(same) - 1:,} more like it{up_to}")
    return lines


def _fault_of(problem: str) -> str:
    """Return a problem without its line and the values that it shows; one without a line whole."""
    if re.match(r".*?:\d+: ", problem) is None:
        return problem
    return re.sub(r"'[^']*'|\"[^\"]*\"|\d[\d.,:-]*", "#", problem)


def quoted(value: object) -> str:
    """Return a value in quotes: cut at 60 characters, control characters escaped."""
    return repr(str(value)[:LONGEST_QUOTE])


def named(word: object) -> str:
    """Return a field's or column's name as it stands where it is plain, else in quotes and cut."""
    word = str(word)
    plain = word.replace("_", "").replace(".", "").replace("[]", "")
    is_short_word = plain.isascii() and plain.isalnum() and len(word) <= LONGEST_QUOTE
    return word if is_short_word else quoted(word)


def one_line(text: object, longest: int = 300) -> str:
    """Return a library's message as one line, cut, without control characters."""
    line = " ".join(str(text).split())
    return "".join(letter if letter.isprintable() else "?" for letter in line)[:longest]


def listed(names: Collection[object]) -> str:
    """Return names with commas between them; of more than twenty the rest is only counted."""
    shown = [named(name) for name in list(names)[:MOST_NAMES]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def suggest(word: object, known: Collection[str]) -> str:
    """Return the known names that come nearest to a word, as a clause to end an error message with.

    Parameters
    ----------
    word : object
        What was written.
    known : collection of str
        What would have been understood.

    Returns
    -------
    str
        At most three names; where none comes near, all that are known.

    Examples
    --------
    >>> suggest("mi9", ["mi_9", "redmi_note_7"])
    '; did you mean mi_9?'
    """
    return did_you_mean(word, known) or f"; known: {listed(sorted(known))}"


def did_you_mean(word: object, known: Collection[str]) -> str:
    """Return the three known names at most that come nearest to a word; "" where none comes near.

    It is a clause to end an error message with, as of `suggest`.
    """
    nearest = get_close_matches(str(word)[:LONGEST_QUOTE], known, n=3, cutoff=0.5)
    return f"; did you mean {', '.join(nearest)}?" if nearest else ""
