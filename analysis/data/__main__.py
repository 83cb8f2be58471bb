"""Check all data behind some launches, or behind all: `python -m analysis.data [launch ...]`."""

import sys

from . import DataError, list_launches, load_launch, prepare_report, refused_launch_files


def main(names: list[str]) -> int:
    """Check launch by launch, a line for each; return how many are wrong."""
    for refused in refused_launch_files():
        print(refused, file=sys.stderr)
    wrong = 0
    for name in names or list_launches():
        try:
            for study in load_launch(name).studies:
                prepare_report(name, study)
            print(f"data/launches/{name}.yaml is as it should be")
        except DataError as err:
            print(err, file=sys.stderr)
            wrong += 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
