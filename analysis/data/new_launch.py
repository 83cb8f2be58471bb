"""Command: write a launch file that explains itself, `make launch NAME=my_phone`.

Its words are those of the dictionary in data/README.md, its assumed costs those of economics.csv.
"""

import json
import re
import sys
from pathlib import Path

import jinja2

from .tables import load_table, read_fields

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = Path(__file__).parent / "launch.yaml.j2"
NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
STUDIES = ("margin",)  # what can be made before any sale was timed and any output reported
FIRST_DAY, LATER_DAY = "2020-01-07", "2020-07-07"  # of the examples in the file


def list_questions() -> dict[str, str]:
    """Give the question of each study that takes a launch: the title of its notebook, by study."""
    questions = {}
    for path in sorted((ROOT / "notebooks").glob("[0-9]_*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells]
        if any(re.search(r"^launch: str", source, re.M) for source in sources):
            study = path.stem.split("_", 1)[1]
            questions[study] = sources[0].split("\n")[0].removeprefix("# ")
    return questions


def describe_kind(kind: str) -> str:
    """Say what a field holds; of one that takes the words of a table's column, list those words."""
    column = re.fullmatch(r"in (\w+)\.(\w+)", kind)
    if not column:
        return kind
    words = load_table(column[1])[column[2]].dropna().unique()
    return "one of " + ", ".join(sorted(words))


def assumed_costs() -> dict[str, dict]:
    """Give the assumed costs of economics.csv that hold in China, the latest of each, by item."""
    economics = load_table("economics")
    assumed = economics.query("country in ('CN', 'WORLD') and basis == 'assumed'")
    by_item = assumed.set_index("item").sort_values("valid_from").groupby(level=0)
    return by_item.tail(1).to_dict("index")


def launch_text(name: str) -> str:
    """Give the text of a new launch file, which loads as it stands."""
    questions = list_questions()
    templates = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    template = templates.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        name=name,
        chosen=[study for study in STUDIES if study in questions],
        fields=read_fields(),
        economics=assumed_costs(),
        studies=questions,
        kinds=describe_kind,
        day=FIRST_DAY,
        later=LATER_DAY,
    )


def main(name: str) -> int:
    """Write data/launches/<name>.yaml, never over a file that is there.

    Returns
    -------
    int
        The exit status: 1, after one clear line, if the name will not do.
    """
    path = ROOT / "data" / "launches" / f"{name}.yaml"
    if not NAME.fullmatch(name):
        expected = "lower-case letters, digits and single underscores, such as NAME=my_phone"
        print(f"NAME={name}: expected {expected}", file=sys.stderr)
        return 1
    if path.exists():
        advice = "edit it, or choose another NAME"
        print(f"data/launches/{name}.yaml is there already; {advice}", file=sys.stderr)
        return 1
    path.write_text(launch_text(name), encoding="utf-8")
    (ROOT / "data" / "histories").mkdir(exist_ok=True)
    next_step = f"put your figures in it, then run make reports LAUNCH={name}"
    print(f"wrote data/launches/{name}.yaml: {next_step}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
