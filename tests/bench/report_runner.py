"""The runner of reports against `papermill` and `jupyter nbconvert` as commands."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ratios import Check, Line, Ratio, interleave, seconds_of

from analysis.data import load_launch

ROOT = Path(__file__).resolve().parents[2]
AT_A_TIME = 2  # reports made side by side, by either way
LAUNCHES = ["mi_9", "mi_mix"]  # of the ten, each with every study
MOST_S = 20  # for the reports of one launch


def bench_reports() -> Iterator[Line]:
    """Make reports by commands, and by our runner: in kernels, and in its workers."""
    of_launch = {
        launch: [f"{launch}/{study}" for study in load_launch(launch).studies]
        for launch in LAUNCHES
    }
    names = [name for reports in of_launch.values() for name in reports]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        make_by_runner(out, names)  # what launches share is computed and kept, for either way
        seconds = interleave(
            {
                "commands": lambda: make_by_commands(out, names),
                "kernels": lambda: make_by_runner(out, names, "--plain"),
                "workers": lambda: make_by_runner(out, names),
            },
            rounds=1,
        )
        pairs = [
            ("kernels", "commands", 1.2),
            ("workers", "commands", 2),
            ("workers", "kernels", 1.5),
        ]
        for ours, rival, least in pairs:
            yield Ratio(
                name=f"{len(names)} reports, by {ours} against by {rival}",
                rival_s=seconds[rival],
                our_s=seconds[ours],
                least=least,
            )
        launch, reports = next(iter(of_launch.items()))
        taken_s = seconds_of(lambda: make_by_runner(out, reports))
    text = f"{len(reports)} reports of {launch} in {taken_s:.1f} s ({MOST_S} allowed)"
    yield Check(text, taken_s <= MOST_S)


def make_by_runner(out: Path, names: list[str], *options: str) -> None:
    """Make reports with this project's runner."""
    command = [sys.executable, "-m", "analysis.report"]
    command += ["--prepare", "analysis.data.launches:prepare_report", "--out", str(out / "ours")]
    run([*command, "--jobs", str(AT_A_TIME), *options, *names])


def make_by_commands(out: Path, names: list[str]) -> None:
    """Make reports as one would without a runner, as many at a time."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(lambda name: make_by_command(out, name), names))


def make_by_command(out: Path, name: str) -> None:
    """Execute a notebook with papermill, and make a page of it with nbconvert."""
    launch, study = name.split("/")
    notebook = next((ROOT / "notebooks").glob(f"?_{study}.ipynb"))
    executed = str(out / f"{launch}.{study}.ipynb")
    papermill = [sys.executable, "-m", "papermill", str(notebook), executed]
    run([*papermill, "-p", "launch", launch, "-k", "python3"])
    run([sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", executed])


def run(command: list[str]) -> None:
    """Run a command quietly; a failure is an error that shows what the command said."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stdout}{done.stderr}")
