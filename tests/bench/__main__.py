"""Command: measure speed against plain rivals, each pair side by side in one run.

    make bench                    # all of them: minutes
    make bench ARGS=reports       # one of them

A line is printed as soon as it is known; the exit code is 1 where a line does not hold.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[2]
RIVALS = ("bom", "demand", "plan")  # folders of tests that hold the plain rivals
sys.path[:0] = [str(ROOT), *(str(ROOT / "tests" / room) for room in RIVALS)]

from bass_fits import bench_bass, bench_launch  # noqa: E402 (the paths come first)
from cost_hindcasts import bench_hindcasts  # noqa: E402 (the paths come first)
from order_logs import bench_order_logs  # noqa: E402 (the paths come first)
from release_plans import bench_plans  # noqa: E402 (the paths come first)
from report_runner import bench_reports  # noqa: E402 (the paths come first)

BENCHES = {
    "reports": bench_reports,
    "orders": bench_order_logs,
    "hindcasts": bench_hindcasts,
    "bass": bench_bass,
    "launch": bench_launch,
    "plans": bench_plans,
}


def main(names: list[str]) -> int:
    """Run the benches of these names, or all; give 1 where a line does not hold, 0 elsewhere."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        expected = f"expected some of {', '.join(BENCHES)}"
        print(f"{', '.join(unknown)}: no such bench; {expected}", file=sys.stderr)
        return 2
    all_hold = True
    for name in names or BENCHES:
        for line in BENCHES[name]():
            print(line, flush=True)
            all_hold &= line.holds
    return 0 if all_hold else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
