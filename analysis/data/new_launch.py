"""Write a launch file that explains itself from the dictionary in data/README.md: `make launch NAME=my_phone`."""

import json
import re
import sys
from pathlib import Path

import jinja2

from .tables import load_table, read_fields

ROOT = Path(__file__).resolve().parents[2]

STUDIES = ("margin",)  # what can be made before any sale was timed and any output told


def questions() -> dict[str, str]:
    """The question of each study that takes a launch, by the study's name: the title of its notebook."""
    told = {}
    for path in sorted((ROOT / "notebooks").glob("[0-9]_*.ipynb")):
        cells = [
            "".join(cell["source"])
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        ]
        if any(re.search(r"^launch: str", cell, re.M) for cell in cells):
            told[path.stem.split("_", 1)[1]] = cells[0].split("\n")[0].removeprefix("# ")
    return told


def kinds(kind: str) -> str:
    """The type of a field; of one that takes the words of a table's column, those words."""
    words = re.fullmatch(r"in (\w+)\.(\w+)", kind)
    return (
        "one of " + ", ".join(sorted(load_table(words[1])[words[2]].dropna().unique()))
        if words
        else kind
    )


def launch_text(name: str) -> str:
    """The text of a new launch file; assumed costs are those of economics.csv that hold in China, the latest of each item."""
    economics = (
        load_table("economics")
        .query("country in ('CN', 'WORLD') and basis == 'assumed'")
        .set_index("item")
    )
    economics = economics.sort_values("valid_from").groupby(level=0).tail(1).to_dict("index")
    template = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    studies = questions()
    told = {
        "fields": read_fields(),
        "economics": economics,
        "studies": studies,
        "kinds": kinds,
        "day": "2020-01-07",
        "later": "2020-07-07",
    }
    chosen = [study for study in STUDIES if study in studies]
    text = (Path(__file__).parent / "launch.yaml.j2").read_text(encoding="utf-8")
    return template.from_string(text).render(name=name, chosen=chosen, **told)


def main(name: str) -> int:
    """Write data/launches/<name>.yaml, never over a file that is there; 1 and one clear line if the name will not do."""
    path = ROOT / "data" / "launches" / f"{name}.yaml"
    if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name):
        print(
            f"NAME={name}: expected lower-case letters, digits and single underscores, such as NAME=my_phone",
            file=sys.stderr,
        )
    elif path.exists():
        print(
            f"data/launches/{name}.yaml is there already; edit it, or choose another NAME",
            file=sys.stderr,
        )
    else:
        path.write_text(launch_text(name), encoding="utf-8")
        (ROOT / "data" / "histories").mkdir(exist_ok=True)
        print(
            f"wrote data/launches/{name}.yaml: put your figures in it, then run make reports LAUNCH={name}"
        )
        return 0
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
