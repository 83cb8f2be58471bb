"""The environment of those who have no conda: .venv, made from environment.lock.

python3 .ci/environment.py make           make .venv, unless it was made from today's lock
python3 .ci/environment.py make tests     the same, and add the tools of tests
python .ci/environment.py requirements    what environment.yml asks for, as pip reads it
python .ci/environment.py requirements in-use    the same without the tools of tests
python .ci/environment.py fingerprint     SHA-256 of the requirements, which begins the lock
python .ci/environment.py arrange LOCK IN_USE    the lock, with what IN_USE does not pin put last

conda reads environment.yml itself; the reader here knows the forms used there and stops at any
other. In the lock the tools of tests, and what they alone need, come last, so that who makes
reports installs a sixth less.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

try:
    import fcntl
except ImportError:  # there is none on Windows
    fcntl = None

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / "environment.yml"
PYPI_NAME = {"matplotlib-base": "matplotlib", "python-duckdb": "duckdb"}
REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.-]*) *(?P<version>(?:(?:>=|<=|==|!=|<|>)\d[\w.]*,?)*)"
)
TOOLS_OF_TESTS = {
    "pytest",
    "pytest-xdist",
    "hypothesis",
    "ruff",
    "playwright",
    "axe-playwright-python",
}
OLDEST_PYTHON, TOO_NEW_PYTHON = (3, 11), (3, 14)
FOR_TESTS = "# For tests alone:\n"  # parts the lock
INSTALL = [
    *("-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
    *("--require-hashes", "--no-deps", "--no-compile", "-r"),
]


def requirements(path: Path = ENVIRONMENT, left_out: Collection[str] = ()) -> list[str]:
    """List what environment.yml asks for, one pip requirement each, without python and pip.

    Packages named in `left_out` are left out too.

    Raises
    ------
    ValueError
        Naming the file and the entry, for a form that conda and pip would not read alike.
    """
    import yaml  # noqa: PLC0415 (`make` runs before there is anything but Python itself)

    entries = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]:
        entries += entry["pip"] if isinstance(entry, dict) else [entry]
    lines = []
    for entry in entries:
        match = REQUIREMENT.fullmatch(entry)
        if not match:
            expected = "expected a name and versions such as 'pandas >=3,<4'"
            raise ValueError(f"{path.name}: {entry!r}: {expected}")
        if match["name"] not in ("python", "pip", *left_out):
            lines.append(PYPI_NAME.get(match["name"], match["name"]) + match["version"])
    return lines


def fingerprint(path: Path = ENVIRONMENT) -> str:
    """Digest of the requirements: equal in the lock and here while the lock is up to date."""
    return hashlib.sha256("\n".join(requirements(path)).encode()).hexdigest()


def arrange(lock: str, in_use: str) -> str:
    """Put last in a lock, behind a line that says so, what is in use for tests alone.

    Parameters
    ----------
    lock
        Text of a lock, an entry a package with its hashes.
    in_use
        Text of a lock without the tools of tests; hashes are not needed.
    """
    head, *entries = re.split(r"^(?=[\w.-]+==)", lock, flags=re.M)
    names = set(re.findall(r"^([\w.-]+)==", in_use, re.M))
    for_use = [entry for entry in entries if entry.split("==")[0] in names]
    for_tests = [entry for entry in entries if entry.split("==")[0] not in names]
    return "".join([head, *for_use, FOR_TESTS, *for_tests])


def make(root: Path = ROOT, *, for_tests: bool = False) -> int:
    """Make root/.venv from root/environment.lock, unless it was made from that very lock.

    Parameters
    ----------
    root
        The project.
    for_tests
        Whether the tools of tests are needed too.

    Returns
    -------
    int
        The exit status: 1, after one line that says why, if there is no such environment.
    """
    with _one_at_a_time(root / "environment.lock"):
        _bring_back_what_was_interrupted(root)
        status = 0 if _is_made_from_lock(root) else _make_anew(root)
        if status == 0 and for_tests:
            status = _add_tools_of_tests(root)
        return status


def _make_anew(root: Path) -> int:
    """Make the environment; give the exit status.

    Scripts of an environment hold its path, so the new one is made in its place. The one of before
    stands beside it until the new one is whole, and comes back if that fails or was interrupted.
    """
    version = sys.version_info[:2]
    if not OLDEST_PYTHON <= version < TOO_NEW_PYTHON:
        print(f"Python 3.11 to 3.13 is needed, not {sys.version.split()[0]}", file=sys.stderr)
        return 1
    print("making .venv from environment.lock (once; a minute or two)", flush=True)
    environment, before = root / ".venv", root / ".venv.before"
    if environment.exists():
        environment.rename(before)
    else:
        environment.unlink(missing_ok=True)  # a link that leads nowhere
    try:
        _build(root)
    except BaseException as err:
        _remove(environment)
        _bring_back_what_was_interrupted(root)
        if not isinstance(err, (subprocess.CalledProcessError, OSError)):
            raise
        state = "the one of before is as it was" if environment.exists() else "there is none"
        hint = "; PY=./.venv/bin/python uses it as it is" if environment.exists() else ""
        print(f".venv could not be made: {_reason(err)}\n{state}{hint}", file=sys.stderr)
        return 1
    _remove(before)
    return 0


def _add_tools_of_tests(root: Path) -> int:
    """Add the tools of tests to the environment, unless they are in it; give the exit status."""
    lock, mark = root / "environment.lock", root / ".venv" / ".made_for_tests"
    if mark.is_file() and mark.read_text(encoding="utf-8") == _digest(lock):
        return 0
    print("adding the tools of tests to .venv (once)", flush=True)
    try:
        _install(root, lock.read_text(encoding="utf-8").partition(FOR_TESTS)[2])
        mark.write_text(_digest(lock), encoding="utf-8")
    except (subprocess.CalledProcessError, OSError) as err:
        print(f"the tools of tests could not be added: {_reason(err)}", file=sys.stderr)
        return 1
    return 0


def _reason(err: Exception) -> str:
    """Say what failed, with the last line of what it said where that was kept."""
    if not isinstance(err, subprocess.CalledProcessError):
        return str(err)
    step = "installing from environment.lock" if "pip" in err.cmd else "python -m venv"
    said = (err.stderr or "").strip().splitlines()[-1:]
    return "; ".join([f"{step} ended with status {err.returncode}", *said])


def _build(root: Path) -> None:
    """Make the environment; its mark, the digest of the lock, is written last."""
    # Not sys.executable: where that is the environment of before, it has just been moved away.
    python = getattr(sys, "_base_executable", None) or sys.executable
    # Of an interrupt that reaches it too it would show a traceback.
    make_empty = [python, "-m", "venv", str(root / ".venv")]
    subprocess.run(make_empty, check=True, stderr=subprocess.PIPE, text=True)
    lock = root / "environment.lock"
    _install(root, lock.read_text(encoding="utf-8").partition(FOR_TESTS)[0])
    (root / ".venv" / ".made").write_text(_digest(lock), encoding="utf-8")


def _install(root: Path, pins: str) -> None:
    """Install pinned packages into the environment, and compile them once for all."""
    inside = str(root / ".venv" / "bin" / "python")
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "part.lock"
        part.write_text(pins, encoding="utf-8")
        subprocess.run([inside, *INSTALL, str(part)], check=True, cwd=str(root))
    compile_all = [inside, "-m", "compileall", "-q", "-j0", str(root / ".venv" / "lib")]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(compile_all, check=False, **quiet)  # some packages hold files for other Pythons


def _is_made_from_lock(root: Path) -> bool:
    """Whether the environment's mark is the digest of the lock.

    An empty mark is of before there were digests: it counts if it is younger than the lock, and
    gets the digest.
    """
    lock, mark = root / "environment.lock", root / ".venv" / ".made"
    if not mark.is_file():
        return False
    if mark.stat().st_size == 0 and mark.stat().st_mtime >= lock.stat().st_mtime:
        with contextlib.suppress(OSError):  # an environment that cannot be written to
            mark.write_text(_digest(lock), encoding="utf-8")
        return True
    return mark.read_text(encoding="utf-8") == _digest(lock)


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _bring_back_what_was_interrupted(root: Path) -> None:
    """Put the environment of before in its place again, unless the new one is whole."""
    environment, before = root / ".venv", root / ".venv.before"
    if before.exists() and (environment / ".made").exists():
        _remove(before)
    elif before.exists():
        _remove(environment)
        before.rename(environment)


def _remove(folder: Path) -> None:
    """Remove a folder, or the link that stands for it."""
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


@contextlib.contextmanager
def _one_at_a_time(file: Path):
    """Wait while another process makes the environment of this lock."""
    with file.open("rb") as lock:
        if fcntl:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(words: list[str]) -> int:
    """Run the command that the first word names."""
    command, *rest = words or [""]
    if command == "make" and rest in ([], ["tests"]):
        try:
            return make(for_tests=bool(rest))
        except KeyboardInterrupt:
            print("interrupted: .venv is as it was before", file=sys.stderr)
            return 130
    if command == "requirements" and rest in ([], ["in-use"]):
        print("\n".join(requirements(left_out=TOOLS_OF_TESTS if rest else ())))
    elif command == "fingerprint" and not rest:
        print(fingerprint())
    elif command == "arrange" and len(rest) == 2:
        lock, names = (Path(path).read_text(encoding="utf-8") for path in rest)
        print(arrange(lock, names), end="")
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
