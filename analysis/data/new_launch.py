"""Write a launch file that explains itself from the dictionary, data/README.md.

    make launch NAME=my_phone
    python -m analysis.data.new_launch my_phone

The name may also come as the variable NAME of the environment. What a field means is written
beside it in the dictionary's own words; the text itself is launch.yaml.j2.
"""

import json
import os
import re
import sys
from pathlib import Path

import jinja2

from .dictionary import read_fields
from .errors import DataError, one_line
from .launch_file import study_notebooks
from .report_list import takes_launch
from .tables import load_table
from .text_files import DATA

TEMPLATE = Path(__file__).with_name("launch.yaml.j2")
FIRST_STUDIES = ("margin",)  # what has an answer before any sale was timed and any output reported
LONGEST_NAME = 100
TAKEN_NAMES = ("index", "claims", "methods")  # by what lies beside the reports of launches
EXAMPLE_DAY, LATER_EXAMPLE_DAY = "2020-01-07", "2020-07-07"


def main(name: str) -> int:
    """Write data/launches/<name>.yaml, and a folder for histories.

    Returns
    -------
    int
        0, or 1 after one clear line if the name will not do; a file that is there stays as it is.
    """
    if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name) or len(name) > LONGEST_NAME:
        print(
            f"NAME={one_line(name, longest=60)}: expected lower-case letters, digits and single "
            f"underscores, {LONGEST_NAME} at most, such as NAME=my_phone",
            file=sys.stderr,
        )
        return 1
    if name in TAKEN_NAMES:
        print(f"NAME={name}: a page beside the reports has that name", file=sys.stderr)
        return 1
    try:
        text = launch_text(name)
        with (DATA / "launches" / f"{name}.yaml").open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        print(
            f"data/launches/{name}.yaml is there already; edit it, or choose another NAME",
            file=sys.stderr,
        )
        return 1
    except (DataError, OSError) as err:  # a dictionary that is wrong, or a disk that refuses
        print(f"data/launches/{name}.yaml is not written: {err}", file=sys.stderr)
        return 1
    (DATA / "histories").mkdir(exist_ok=True)
    print(
        f"wrote data/launches/{name}.yaml: put your figures in it, "
        f"then run make check LAUNCH={name} and make reports LAUNCH={name}"
    )
    return 0


def launch_text(name: str) -> str:
    """Return the text of a new launch file, which loads and makes reports as it stands.

    It knows of no country, tax, brand or royalty: what it assumes is wide, and says why.
    """
    studies = study_questions()
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        name=name,
        chosen=[study for study in FIRST_STUDIES if study in studies],
        fields=read_fields(),
        studies=studies,
        kinds=type_in_words,
        day=EXAMPLE_DAY,
        later=LATER_EXAMPLE_DAY,
    )


def study_questions() -> dict[str, str]:
    """Return the question of each study that takes a launch: the title of its notebook."""
    questions = {}
    for study, path in study_notebooks().items():
        if takes_launch(path):
            first_cell = json.loads(path.read_text(encoding="utf-8"))["cells"][0]
            title = "".join(first_cell["source"]).split("\n")[0]
            questions[study] = title.removeprefix("# ")
    return questions


def type_in_words(kind: str) -> str:
    """Return the type of a field; of one that takes the words of a table's column, those words."""
    match = re.fullmatch(r"in (\w+)\.(\w+)", kind)
    if match is None:
        return kind
    words = load_table(match[1])[match[2]].dropna().unique()
    return "one of " + ", ".join(sorted(words))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("NAME", "")))
