"""Check all data behind some launches, or behind all: `python -m analysis.data [launch ...]`.

    make check LAUNCH=my_phone

Names may also come as the variable LAUNCH of the environment. Every error and every warning is
shown at once: file, line, what was found, what is expected. No notebook runs. `--logs` names the
function that says what keeps the study from an order log, as of `check_launch`.
"""

import argparse
import os
import pkgutil
import sys
from collections.abc import Callable

from .check import check_launch, check_tables
from .errors import DataError, named
from .launch import Launch
from .launch_file import list_launches, refused_launch_files


def main(names: list[str], problems_of_logs: Callable[[Launch], list[str]] | None = None) -> int:
    """Check launch by launch, a line for each problem; return how many files are wrong.

    A wrong market table makes every launch wrong. Files that are no launches are named, and wrong,
    where all are checked.
    """
    of_no_launch = [*check_tables(), *(() if names else refused_launch_files())]
    for problem in of_no_launch:
        print(problem, file=sys.stderr)
    wrong = len(of_no_launch)
    for name in names or list_launches():
        check = check_launch(name, problems_of_logs)
        for problem in check.problems:
            if problem not in of_no_launch:  # of a market table it was told above
                print(problem, file=sys.stderr)
        for warning in check.warnings:
            print(f"odd: {warning}")
        if check.problems:
            count = len(check.problems)
            words = "1 error" if count == 1 else f"{count} errors"
            print(f"{named(name)}: {words}", file=sys.stderr)
            wrong += 1
        else:
            print(f"data/launches/{name}.yaml {_verdict(len(check.warnings))}")
    return wrong


def _verdict(odd_things: int) -> str:
    """Say of a file without errors whether anything of it is odd."""
    if not odd_things:
        return "is as it should be"
    return f"has no errors; {odd_things} {'thing is' if odd_things == 1 else 'things are'} odd"


def _imported_when_called(name: str) -> Callable[[Launch], list[str]]:
    """Return a function by its name, module:function; most launches have no log and need none."""

    def call(launch: Launch) -> list[str]:
        return pkgutil.resolve_name(name)(launch)

    return call


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")  # whatever a terminal can show
    parser = argparse.ArgumentParser(prog="analysis.data")
    parser.add_argument("launches", nargs="*")
    parser.add_argument("--logs", type=_imported_when_called)
    options = parser.parse_args()
    names = options.launches or os.environ.get("LAUNCH", "").split()
    try:
        sys.exit(min(main(names, options.logs), 1))
    except DataError as err:  # the dictionary itself is wrong
        sys.exit(str(err))
