"""Turn environment.yml into the requirements that `make lock` resolves and pins.

    python .ci/environment.py requirements   the list, as pip reads it
    python .ci/environment.py fingerprint    its SHA-256, which the lock carries in its first line

conda reads environment.yml itself; this reader knows the forms used there and stops at any other. It needs PyYAML alone.
"""

import hashlib
import re
import sys
from pathlib import Path

import yaml

ENVIRONMENT = Path(__file__).resolve().parents[1] / "environment.yml"
PYPI_NAME = {"matplotlib-base": "matplotlib", "python-duckdb": "duckdb"}
REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.-]*) *(?P<version>(?:(?:>=|<=|==|!=|<|>)\d[\w.]*,?)*)"
)


def requirements(path: Path = ENVIRONMENT) -> list[str]:
    """List what environment.yml asks for, one pip requirement each, without python and pip themselves.

    Raises ValueError naming the file and the entry for a form that conda and pip would not read alike.
    """
    entries = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]:
        entries += entry["pip"] if isinstance(entry, dict) else [entry]
    found = []
    for entry in entries:
        match = REQUIREMENT.fullmatch(entry)
        if not match:
            raise ValueError(
                f"{path.name}: {entry!r}: expected a name and versions such as 'pandas >=3,<4'"
            )
        if match["name"] not in ("python", "pip"):
            found.append(PYPI_NAME.get(match["name"], match["name"]) + match["version"])
    return found


def fingerprint(path: Path = ENVIRONMENT) -> str:
    """Digest of the requirements: equal in the lock and here while the lock is up to date."""
    return hashlib.sha256("\n".join(requirements(path)).encode()).hexdigest()


if __name__ == "__main__":
    print(
        {"requirements": lambda: "\n".join(requirements()), "fingerprint": fingerprint}[
            sys.argv[1]
        ]()
    )
