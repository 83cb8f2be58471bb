"""Speed as ratios, each pair measured side by side and interleaved in one run: `make bench`, or `make bench ARGS=runner`."""

import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from analysis.launches import list_launches, load_launch  # noqa: E402

PYTHON = sys.executable
WORKERS = 2


def timed(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def interleave(rivals: dict, rounds: int) -> dict:
    """Time each rival once a round, in turn; the median of its rounds in seconds."""
    taken = {name: [] for name in rivals}
    for _ in range(rounds):
        for name, work in rivals.items():
            taken[name].append(timed(work))
    return {name: sorted(times)[len(times) // 2] for name, times in taken.items()}


def tell(name: str, slow: float, fast: float, wanted: float) -> bool:
    ratio = slow / fast
    print(
        f"{'HOLDS ' if ratio >= wanted else 'MISSED'} {name}: {ratio:.1f} times, at least {wanted:g} asked ({slow:.2f} s against {fast:.2f} s)"
    )
    return ratio >= wanted


def runner() -> bool:
    """The report runner against `papermill` and `jupyter nbconvert` as commands, the same reports, two at a time."""
    pairs = [f"{launch}/{study}" for launch in list_launches() for study in load_launch(launch).studies]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)

        def command(pair):
            launch, study = pair.split("/")
            notebook = next((ROOT / "notebooks").glob(f"?_{study}.ipynb"))
            executed = out / f"{launch}.{study}.ipynb"
            quiet = {"capture_output": True, "cwd": ROOT}
            subprocess.run(
                [PYTHON, "-m", "papermill", notebook, executed, "-p", "launch", launch, "-k", "python3"], check=True, **quiet
            )
            subprocess.run([PYTHON, "-m", "jupyter", "nbconvert", "--to", "html", executed], check=True, **quiet)

        def commands():
            with ThreadPoolExecutor(WORKERS) as pool:
                list(pool.map(command, pairs))

        def ours(*more, chosen=pairs):
            make = [PYTHON, "-m", "analysis.report", "--prepare", "analysis.launches:prepare_report", "--out", out / "ours"]
            subprocess.run([*make, "--jobs", str(WORKERS), *more, *chosen], check=True, capture_output=True, cwd=ROOT)

        took = interleave({"commands": commands, "plain": lambda: ours("--plain"), "forked": ours}, rounds=1)
        some = pairs[:3]
        alone = max(timed(lambda pair=pair: ours(pair, chosen=[])) for pair in some)
        print(
            f"       reports of one launch, together {timed(lambda: ours(*some, chosen=[])):.2f} s, the slowest alone {alone:.2f} s"
        )
    held = tell("runner, plain kernels, against commands", took["commands"], took["plain"], 3)
    held &= tell("runner, forked kernels, against commands", took["commands"], took["forked"], 6)
    return held & tell("forked against plain kernels", took["plain"], took["forked"], 1.5)


BENCHES = {"runner": runner}

if __name__ == "__main__":
    held = [BENCHES[name]() for name in sys.argv[1:] or BENCHES]
    sys.exit(not all(held))
