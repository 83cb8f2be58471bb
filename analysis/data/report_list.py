"""Which reports there are to make, and which files each of them stands on.

The report runner asks `list_reports` at every start, so this module uses the standard library
alone and takes from a launch file nothing but plain words of its one line `studies: [...]`. A
file whose line is not that plain is left to the loader of launch files, whose error is that
launch's own. A name of a file becomes a path and an address, so only small letters, digits and
underscores pass.
"""

import json
import re
from difflib import get_close_matches
from pathlib import Path

SLUG = re.compile(r"[a-z0-9_]+")
STUDIES_LINE = re.compile(r"studies: \[([a-z0-9_]+(?:, *[a-z0-9_]+)*)\] *(?:#.*)?")
LARGEST_BYTES = 1_000_000  # of a launch file that is looked into here
LONGEST_QUOTE = 60  # characters of a name or message of others that are shown


def list_reports(root: Path, notebooks: dict[str, Path], only: list[str]) -> dict:
    """List every report of the launch files, and those of studies that take no launch.

    Parameters
    ----------
    root
        The project's folder.
    notebooks
        The notebook of each study, by study.
    only
        The launches asked for; all where it is empty. Files of others are not loaded.

    Returns
    -------
    dict
        `reports`, the files that each report alone stands on, by "launch/study" or "study";
        `common`, files that all of them stand on; `refused`, one line for each launch file that
        is left out; and `complete`, whether each launch file was understood.

    Raises
    ------
    LookupError
        If a launch asked for has no file.
    """
    launches, refused = find_launches(root)
    for name in only:
        if name not in launches:
            place = _place_of(f"{name}.yaml")
            why_refused = [line for line in refused if line.startswith(f"{place}:")]
            missing = f"there is no launch {_quote(name)} in data/launches"
            raise LookupError(*why_refused, f"{missing}{_suggest(name, launches)}")
    if not launches and not refused:
        refused.append("data/launches: no launch file is there; expected at least one")
    reports, complete = {}, not refused
    for name, path in launches.items():
        studies = read_plain_studies(path, notebooks)
        if not studies and only and name not in only:
            complete = False  # whatever it says, nobody asked
            continue
        if not studies:
            studies, fault = load_studies(name)
            refused += [fault] if fault else []
        for study in studies:
            reports[f"{name}/{study}"] = [f"data/launches/{path.name}"]
    tests = sorted(path.relative_to(root).as_posix() for path in root.glob("tests/**/test_*.py"))
    for study, notebook in notebooks.items():
        if not takes_launch(notebook):
            reports[study] = tests  # it lists what they hold methods against
    return {
        "reports": reports,
        "common": list_common_files(root),
        "refused": refused,
        "complete": complete and not refused,
    }


def find_launches(root: Path) -> tuple[dict[str, Path], list[str]]:
    """Find the launch files, by name; of those that cannot be one, a line each that says why."""
    data = (root / "data").resolve()
    launches, refused = {}, []
    for path in sorted((root / "data" / "launches").glob("*.yaml")):
        if path.name.startswith("."):  # an editor's own
            continue
        place = _place_of(path.name)
        if not SLUG.fullmatch(path.stem):
            expected = (
                "expected a name of small letters, digits and underscores, such as my_phone.yaml"
            )
            refused.append(f"{place}: {expected}")
        elif not path.is_file():
            refused.append(f"{place}: expected a file")
        elif not path.resolve().is_relative_to(data):
            refused.append(f"{place}: leads out of the folder data; expected a file in it")
        else:
            launches[path.stem] = path
    return launches, refused


def read_plain_studies(path: Path, known: dict[str, Path]) -> list[str]:
    """Read the words of a launch file's line `studies: [...]`; none where it is less plain."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            return []
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return []
    lines = [line for line in text.splitlines() if line.startswith("studies")]
    plain = STUDIES_LINE.fullmatch(lines[0]) if len(lines) == 1 else None
    studies = re.split(r", *", plain[1]) if plain else []
    return studies if all(study in known for study in studies) else []


def load_studies(name: str) -> tuple[list[str], str]:
    """Ask the loader for the studies of a launch: its studies, or none and the loader's error.

    A launch with wrong fields has studies all the same; what is wrong is told when they are made.
    """
    # Imported here because it takes a second, for which the plain case has no time.
    from analysis.data.launch_file import read_launch  # noqa: PLC0415 (slow to import)

    try:
        launch, problems = read_launch(name)
        return list(launch.studies), "" if launch.studies else "\n".join(problems.in_order())
    except ValueError as err:
        return [], str(err)
    except Exception as err:  # whatever a file can cause: the launches beside it are made
        message = " ".join(str(err).split())[:LONGEST_QUOTE]
        return [], f"data/launches/{name}.yaml: {type(err).__name__}: {message}"


def takes_launch(notebook: Path) -> bool:
    """Whether a notebook's parameters name a launch."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells]
    except (OSError, ValueError, KeyError, TypeError):
        return True  # the error is told when somebody makes its report
    return any(re.search(r"^launch: str", source, re.M) for source in sources)


def list_common_files(root: Path) -> list[str]:
    """List the files of data that every report stands on."""
    files = [root / "data" / "README.md"]
    for folder in ("market", "evidence"):
        files += (root / "data" / folder).glob("*.csv")
    return sorted(path.relative_to(root).as_posix() for path in files)


def _place_of(file: str) -> str:
    """Name a file in data/launches, for errors."""
    return f"data/launches/{_quote(file)}"


def _quote(text: str) -> str:
    """Quote a name of others, cut and with whatever a terminal would act on spelled out."""
    return ascii(text[:LONGEST_QUOTE])


def _suggest(name: str, known: dict[str, Path]) -> str:
    """Name the launches that come nearest, as a clause to end an error with."""
    similar = get_close_matches(name, known, n=3, cutoff=0.5)
    if similar:
        return f"; did you mean {', '.join(similar)}?"
    return f"; known: {', '.join(sorted(known))}"
