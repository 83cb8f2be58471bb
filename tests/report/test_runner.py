"""The runner gives the same bytes each time; an interrupt leaves no half page and no process."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from project import PATIENCE_S, clean_environment

from analysis.report import list_site_pages

INTERRUPTS = int(os.environ.get("INTERRUPTS", "4"))


def published(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix in (".html", ".ipynb")
    }


AGAIN = ("mi_9/sellout_speed", "mi_mix/capacity", "mi_3_india/margin")
ELSEWHERE = {"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu", "LC_ALL": "C"}


def test_cells_in_two_workers_and_cells_in_kernels_give_the_same_bytes(whole_project, tmp_path):
    """The first made all reports; these are made again elsewhere, with the pages beside them."""
    project = whole_project.copy_to(tmp_path / "again")
    reports = project.folder / "reports"
    first = published(reports)
    for name in AGAIN:
        (reports / f"{name}.html").unlink()
        (reports / f"{name}.ipynb").unlink()
    for name in list_site_pages():
        (reports / name).unlink()
    command = project.make("-n", "reports").stdout.strip()
    words = {"PY": sys.executable, "OUT": "reports", "JOBS": "1", "LAUNCH": ""}
    done = project.run(
        "sh", "-c", f"{command} --plain", env=clean_environment() | words | ELSEWHERE
    )
    assert done.returncode == 0, done.stderr
    assert f"{len(AGAIN)} rendered, 0 failed" in done.stdout
    assert published(reports) == first


def processes_in(folder: Path) -> list[int]:
    """Processes that work inside a folder, this one left out."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            inside = Path(os.readlink(entry / "cwd")).is_relative_to(folder)
            alive = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        except OSError:
            continue
        if inside and alive and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_interrupt_at_a_random_moment_leaves_no_half_page_and_no_process(project):
    rng = random.Random(7)
    project.set_studies("[capacity, margin]")
    for turn in range(INTERRUPTS):
        for launch in ("mi_9", "mi_mix"):  # so that there is something to make
            path = project.launch(launch)
            path.write_text(f"{path.read_text(encoding='utf-8')}# turn {turn}\n", encoding="utf-8")
        command = ["make", "reports", f"PY={sys.executable}"]
        started = subprocess.Popen(
            command,
            cwd=project.folder,
            env=clean_environment(),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(rng.uniform(0.2, 5))
        group, how = (
            os.getpgid(started.pid) if started.poll() is None else None,
            (signal.SIGINT, signal.SIGKILL)[turn % 2],
        )
        if group and turn % 4 < 2:
            os.killpg(group, how)  # as Ctrl-C does, or the kernel when memory runs out
        elif group:
            started.send_signal(how)  # make alone
            time.sleep(0.1)
            for pid in processes_in(project.folder):
                if b"-m\0analysis.report" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, how)
                    break
        started.wait(timeout=PATIENCE_S)
        deadline = time.monotonic() + 60
        while processes_in(project.folder) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert processes_in(project.folder) == [], f"turn {turn}: processes are left"
        for page in (project.folder / "reports").rglob("*.html"):
            assert page.read_text(encoding="utf-8").rstrip().endswith("</html>"), (
                f"turn {turn}: {page} is half a page"
            )
            if page.name not in ("index.html", "claims.html"):
                assert page.with_suffix(".ipynb").exists()
    done = project.make("reports")
    assert done.returncode == 0, done.stderr
    # Two studies of two launches, the index and the statements.
    assert len(project.pages()) == 2 * 2 + 2
    assert not (project.folder / "reports" / ".reports.work").exists()
