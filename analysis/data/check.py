"""All data behind a launch, checked at once: its file, the files that it names, the market tables.

`make check LAUNCH=name` shows what comes of it. What a report needs before it is made is for
launches.py, which asks the same.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .dictionary import read_dictionary
from .errors import Problems
from .inputs_log import find_odd_log
from .launch import Launch
from .launch_file import read_launch, read_launch_text
from .launches import has_log, missing_for, placeholder_lines
from .tables import load_table
from .text_files import DATA

STUDY_OF_LOGS = "sellout_speed"


@dataclass(frozen=True)
class LaunchCheck:
    """What is wrong and what is odd about the data behind a launch."""

    name: str
    problems: tuple[str, ...]  # what keeps its reports from being made, a line each
    warnings: tuple[str, ...]  # what is odd, and how files were read, a line each


def check_launch(
    name: str, problems_of_logs: Callable[[Launch], list[str]] | None = None
) -> LaunchCheck:
    """Check all data behind a launch.

    Parameters
    ----------
    name : str
        The name of the file in data/launches, without .yaml.
    problems_of_logs : function, optional
        Tells what keeps the study from the order logs of a launch, a line each. It is asked where
        nothing else is wrong.

    Returns
    -------
    LaunchCheck
        Every problem and everything odd; with a file that cannot be read at all, that alone.
    """
    problems, warnings = Problems(), []
    with problems.noted():
        launch, of_file = read_launch(name)
        for line in of_file.lines:
            problems.add(line)
        odd = list(launch.odd_inputs)
        with problems.noted():
            odd += find_odd_log(launch)
        if not of_file.lines:
            for study in launch.studies:
                for missing in missing_for(launch, study):
                    problems.add(missing)
        is_studied = has_log(launch) and STUDY_OF_LOGS in launch.studies
        if problems_of_logs is not None and is_studied and not problems:
            for line in problems_of_logs(launch):
                problems.add(line)
        warnings = [f"{one.place}: {one.sentence}" for one in odd]
        place = f"data/launches/{name}.yaml"
        warnings += [f"{place}: {how}" for how in launch.histories_read.values() if how]
        warnings += _placeholders_left(name)
    return LaunchCheck(
        name=name,
        problems=tuple(_from_project(line) for line in problems.in_order()),
        warnings=tuple(_from_project(line) for line in warnings),
    )


def _placeholders_left(name: str) -> list[str]:
    """Return, in a line, where figures of the template are left in a launch file."""
    numbers = placeholder_lines(read_launch_text(name))
    if not numbers:
        return []
    several = "s" if len(numbers) > 1 else ""
    lines = f"line{several} {', '.join(map(str, numbers))}"
    return [
        f"data/launches/{name}.yaml:{numbers[0]}: Figures of the template are left where the file "
        f"says PLACEHOLDER: {lines}."
    ]


def check_tables() -> list[str]:
    """Return what is wrong with the market tables, a line each; nothing where all is right."""
    problems = Problems()
    for table in read_dictionary():
        with problems.noted():
            load_table(table)
    return problems.in_order()


def _from_project(line: str) -> str:
    """Return a line that names files from the project's folder on."""
    return line.replace(f"{DATA.parent}/", "")
