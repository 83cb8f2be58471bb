"""The runner of reports against `papermill` and `jupyter nbconvert` as commands."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ratios import Check, Line, Ratio, interleave, seconds_of

from analysis.data import list_launches, load_launch

ROOT = Path(__file__).resolve().parents[2]
AT_A_TIME = 2  # reports made side by side, by either way


def bench_reports() -> Iterator[Line]:
    """Make every report by commands, by our runner with plain kernels, and with forked ones."""
    names = [
        f"{launch}/{study}" for launch in list_launches() for study in load_launch(launch).studies
    ]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        seconds = interleave(
            {
                "commands": lambda: make_by_commands(out, names),
                "plain": lambda: make_by_runner(out, names, "--plain"),
                "forked": lambda: make_by_runner(out, names),
            },
            rounds=1,
        )
        pairs = [("plain", "commands", 3), ("forked", "commands", 6), ("forked", "plain", 1.5)]
        for ours, rival, least in pairs:
            yield Ratio(
                name=f"{len(names)} reports, {ours} kernels against {rival}",
                rival_s=seconds[rival],
                our_s=seconds[ours],
                least=least,
            )
        yield time_of_one_launch(out, names[:3])


def time_of_one_launch(out: Path, names: list[str]) -> Check:
    """Tell how long the reports of one launch take together, and the slowest alone."""
    together = seconds_of(lambda: make_by_runner(out, names))
    alone = max(seconds_of(lambda name=name: make_by_runner(out, [name])) for name in names)
    text = f"reports of one launch, together {together:.2f} s, the slowest alone {alone:.2f} s"
    return Check(text, is_asked=False)


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
    """Run a command quietly; a failure is an error."""
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
