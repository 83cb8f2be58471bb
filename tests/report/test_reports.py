"""The runner and the Makefile: what is made when, what an error says, nothing half-made."""

import json
import re
import resource
import sys
from pathlib import Path

import pytest

from analysis.report import ReportError
from analysis.report.listing import read_listing
from analysis.report.one_report import check_parameters, notebook_of


def edit(path):
    """Change a text file's contents, but nothing that it says."""
    path.write_text(path.read_text(encoding="utf-8") + "\n# one line more\n", encoding="utf-8")


def seconds_of_children() -> float:
    """Seconds of a processor that processes started here have used, however busy the machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def stamps(project):
    return {
        page: (project.folder / "reports" / page).stat().st_mtime_ns
        for page in project.pages()
        if page not in ("index.html", "claims.html")
    }


def test_every_pair_of_launch_and_study_has_its_page_and_executed_notebook(rendered):
    pairs = {
        f"{launch}/{study}"
        for launch in ("mi_9", "mi_mix")
        for study in ("sellout_speed", "capacity", "margin", "release_plan")
    }
    assert rendered.pages() == {f"{pair}.html" for pair in pairs} | {"index.html", "claims.html"}
    for pair in pairs:
        notebook = json.loads((rendered.folder / "reports" / f"{pair}.ipynb").read_text())
        assert notebook["metadata"]["report"]["name"] == pair
        assert any(cell.get("outputs") for cell in notebook["cells"])
    index = (rendered.folder / "reports" / "index.html").read_text()
    assert all(f'href="{pair}.html"' in index for pair in pairs)


def test_a_page_has_question_answer_parameters_contents_folded_code_and_figures_with_alt_text(
    rendered,
):
    page = (rendered.folder / "reports" / "mi_9" / "margin.html").read_text()
    assert "<h1>A toy of margin?</h1>" in page
    assert "A toy answer for <strong>Xiaomi Mi 9</strong>" in page
    assert '<details class="code">' in page
    assert 'aria-label="A toy line that rises from one to two."' in page
    made_with = r"<p>Code checksum [0-9a-f]{12} \(analysis/\); numpy \d.*, scipy \d.*, pandas \d"
    assert re.search(made_with, page)


def test_made_again_nothing_is_done_and_at_once(rendered):
    before, began = stamps(rendered), seconds_of_children()
    done = rendered.run("make", "reports", f"PY={sys.executable}")
    took = seconds_of_children() - began
    assert done.returncode == 0
    assert "8 reports are up to date" in done.stdout
    assert stamps(rendered) == before
    assert took < 0.5


def test_a_changed_launch_a_new_one_a_removed_one_and_a_chosen_one(project):
    project.set_studies("[sellout_speed, margin]")
    assert project.make("reports", "LAUNCH=mi_mix").returncode == 0
    of_mi_mix = {"mi_mix/sellout_speed.html", "mi_mix/margin.html"}
    assert project.pages() == of_mi_mix | {"index.html", "claims.html"}
    assert project.make("-j2", "reports").returncode == 0
    before = stamps(project)
    edit(project.launch("mi_mix"))
    assert project.make("-j2", "reports").returncode == 0
    changed = {page for page, stamp in stamps(project).items() if stamp != before[page]}
    assert changed == of_mi_mix
    text = (
        project.launch("mi_9")
        .read_text()
        .replace("name: Xiaomi Mi 9", "name: My Phone")
        .replace("margin]", "capacity]")
    )
    project.launch("my_phone").write_text(text)
    project.launch("mi_mix").unlink()
    before = stamps(project)
    done = project.make("reports")
    assert done.returncode == 0, done.stderr
    assert {page for page in project.pages() if page.startswith("my_phone")} == {
        "my_phone/sellout_speed.html",
        "my_phone/capacity.html",
    }
    assert not (project.folder / "reports" / "mi_mix").exists()
    index = (project.folder / "reports" / "index.html").read_text()
    assert "My Phone" in index
    assert "Mi MIX" not in index
    assert {page: stamp for page, stamp in stamps(project).items() if page in before} == {
        page: stamp for page, stamp in before.items() if not page.startswith("mi_mix")
    }


def test_a_study_without_a_launch_is_made_once_and_goes_with_its_notebook(project):
    for launch in ("mi_9", "mi_mix"):
        text = project.launch(launch).read_text()
        project.launch(launch).write_text(
            re.sub(r"^studies: .*$", "studies: [margin]", text, flags=re.M)
        )
    path = project.write_notebook("5_evidence", "A toy of evidence?")
    path.write_text(
        path.read_text().replace("launch: str", "phone_name: str").replace("launch)", "phone_name)")
    )
    done = project.make("reports")
    assert done.returncode == 0, done.stderr
    assert project.pages() == {
        "mi_9/margin.html",
        "mi_mix/margin.html",
        "evidence.html",
        "index.html",
        "claims.html",
    }
    assert 'href="evidence.html"' in (project.folder / "reports" / "index.html").read_text()
    assert "up to date" in project.make("reports").stdout
    path.unlink()
    assert project.make("reports").returncode == 0
    assert "evidence.html" not in project.pages()
    assert 'href="evidence.html"' not in (project.folder / "reports" / "index.html").read_text()


def test_a_failing_notebook_fails_make_says_where_keeps_the_old_page_and_lets_the_others_finish(
    project,
):
    project.set_studies("[capacity, margin]")
    assert project.make("reports", "LAUNCH=mi_9").returncode == 0
    old = (project.folder / "reports" / "mi_9" / "capacity.html").read_bytes()
    project.write_notebook("2_capacity", "A toy that breaks?", "broken = 1\nbroken / 0")
    edit(project.launch("mi_9"))
    done = project.make("reports", "LAUNCH=mi_9")
    assert done.returncode != 0
    assert "FAILED mi_9/capacity: 2_capacity.ipynb, cell" in done.stderr
    assert "| broken / 0" in done.stderr
    assert "ZeroDivisionError: division by zero" in done.stderr
    assert (project.folder / "reports" / "mi_9" / "capacity.html").read_bytes() == old
    assert "[2/2]" in done.stdout
    assert "1 rendered, 1 failed" in done.stdout
    complaint = (
        "from analysis.data import DataError\n"
        "raise DataError('log.csv:3: units = -1; expected 1 or more')"
    )
    project.write_notebook("2_capacity", "A toy whose data are wrong?", complaint)
    kill = "import os\nimport signal\nos.kill(os.getpid(), signal.SIGKILL)"
    project.write_notebook("3_margin", "A toy that is killed?", kill)
    done = project.make("reports", "LAUNCH=mi_9")
    assert "FAILED mi_9/margin: its process was ended from outside" in done.stderr
    assert "Traceback" not in done.stderr
    assert "FAILED mi_9/capacity: log.csv:3: units = -1; expected 1 or more\n" in done.stderr
    assert "raise DataError" not in done.stderr, "an error of data is one line, without code"
    project.write_notebook("2_capacity", "A toy that is mended?")
    project.write_notebook("3_margin", "A toy that is mended?")
    assert project.make("reports", "LAUNCH=mi_9").returncode == 0
    assert not list((project.folder / "reports").rglob("*failed*"))


@pytest.mark.parametrize("status", [0, 3])
def test_a_cell_that_ends_its_process_makes_no_report(project, status):
    project.set_studies("[margin]")
    project.write_notebook("3_margin", "A toy that ends?", f"import os\nos._exit({status})")
    done = project.make("reports", "LAUNCH=mi_9")
    assert done.returncode != 0
    assert "FAILED mi_9/margin: its process was ended" in done.stderr
    assert "0 rendered, 1 failed" in done.stdout
    assert "mi_9/margin.html" not in project.pages()


@pytest.mark.parametrize("plain", [[], ["--plain"]])
@pytest.mark.parametrize("status", ["", "0"])
def test_a_notebook_that_a_cell_ends_makes_no_report_as_it_was_not_run_to_its_end(
    project, plain, status
):
    ends = f"import sys\nsys.exit({status})"
    project.write_notebook("3_margin", "A toy that leaves?", ends)
    prepare = "analysis.data.launches:prepare_report"
    command = [project.python, "-m", "analysis.report", "--prepare", prepare, *plain]
    done = project.run(*command, "mi_9/margin")
    assert done.returncode != 0
    assert "FAILED mi_9/margin: 3_margin.ipynb, cell 5:" in done.stderr
    assert "this cell ends the notebook; expected it to run to its last cell" in done.stderr
    assert "mi_9/margin.html" not in project.pages()
    assert (project.folder / "reports" / "mi_9" / "margin.failed.ipynb").exists()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (("currency: CNY", "curency: CNY"), "unknown field curency; did you mean currency"),
        (
            (
                "studies: [sellout_speed, capacity, margin, release_plan]",
                "parameters: {margin: {sed: 2}}\nstudies: [margin]",
            ),
            "no parameter 'sed'; did you mean seed",
        ),
        (
            (
                "studies: [sellout_speed, capacity, margin, release_plan]",
                "parameters: {margin: {seed: two}}\nstudies: [margin]",
            ),
            "seed = 'two' is of type str; expected int",
        ),
    ],
)
def test_bad_input_is_one_clear_error_before_a_cell_runs(project, spoil, told):
    path = project.launch("mi_9")
    path.write_text(path.read_text().replace(*spoil))
    done = project.make("reports", "LAUNCH=mi_9")
    assert done.returncode != 0
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not [page for page in project.pages() if page.startswith("mi_9")]


def test_an_unknown_launch_stops_make_and_offers_the_nearest_names(project):
    done = project.make("reports", "LAUNCH=mi9")
    assert done.returncode != 0
    assert re.search(r"there is no launch 'mi9'.*mi_9", done.stderr)


def test_a_lister_that_is_not_there_is_named():
    for lister in ("nosuch.py", "README.md", "analysis"):
        with pytest.raises(ReportError, match=f"--list {lister}: there is no such file of Python"):
            read_listing(Path(lister), [])


def test_an_unknown_study_and_a_wrong_type_of_parameter_are_named():
    with pytest.raises(ReportError, match="there is no study 'speed'; known: capacity"):
        notebook_of("speed")
    with pytest.raises(ReportError, match="expected bool"):
        check_parameters(notebook_of("margin"), {"quick": "yes"})
    with pytest.raises(ReportError, match="expected int"):
        check_parameters(notebook_of("margin"), {"seed": True})


def test_a_data_file_that_one_launch_names_makes_that_launch_stale_alone(project):
    project.set_studies("[margin]")
    with project.launch("mi_mix").open("a", encoding="utf-8") as file:
        file.write("\norders:\n  file: orders/my log.csv\n")
    log = project.folder / "data" / "orders" / "my log.csv"
    log.write_text("t_s\n1.5\n")
    done = project.make("reports")
    assert done.returncode == 0, done.stderr
    before = stamps(project)
    log.write_text("t_s\n1.5\n2.5\n")
    assert project.make("reports").returncode == 0
    changed = {page for page, stamp in stamps(project).items() if stamp != before[page]}
    assert changed == {"mi_mix/margin.html"}


def test_a_wrong_market_table_is_told_once_and_no_page_is_lost(pair):
    before = pair.pages()
    table = pair.folder / "data" / "market" / "claims.csv"
    table.write_text(table.read_text(encoding="utf-8") + "one,cell\n", encoding="utf-8")
    done = pair.make("reports")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert re.search(r"^FAILED mi_9/margin, mi_mix/margin: claims.csv:\d+: ", done.stderr, re.M)
    assert pair.pages() == before
