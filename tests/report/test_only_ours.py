"""Of a folder of reports only what was made there is overwritten, removed or packed.

One run at a time works in it.
"""

import json
import re
import subprocess
import sys
import time
import zipfile

import pytest
from project import PATIENCE_S, clean_environment

from analysis.report.folder import MANIFEST, MARK, Made, ReportsFolder, publish
from analysis.report.freshness import LARGE_BYTES, MISSING, Digests

EXECUTED = '{"metadata": {"report": {"name": "a/margin"}}}'  # what tells a notebook run here
BY_PAPERMILL = '{"metadata": {"papermill": {}}}'  # run by anybody


@pytest.fixture
def small(project):
    """A project with one study of two launches, and files of the user's among the reports."""
    project.set_studies("[margin]")
    project.mine = {
        "my_notes.html": "mine",
        "about.html": "<html>about</html>",
        "index.html": "<html>my own site</html>",
        "blog/post.ipynb": '{"cells": [], "metadata": {}}',
        "blog/post.html": "<html>post</html>",
        "mi_mix/own.txt": "mine",
        "mi_mix/own.failed.ipynb": "mine",
    }
    for name, text in project.mine.items():
        path = project.folder / "reports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return project


def assert_mine_stays(project):
    reports = project.folder / "reports"
    for name, text in project.mine.items():
        names = [name, "index.before.html"] if name == "index.html" else [name]
        assert text in [(reports / one).read_text() for one in names if (reports / one).exists()], (
            name
        )


def test_files_of_the_user_stay_when_reports_are_made_pruned_packed_and_cleaned(small):
    reports = small.folder / "reports"
    done = small.make("reports")
    assert done.returncode == 0, done.stderr
    assert "index.html was not made here: it is now index.before.html" in done.stdout
    assert_mine_stays(small)
    small.launch("mi_mix").unlink()
    assert small.make("zip").returncode == 0
    assert not (reports / "mi_mix" / "margin.html").exists()
    assert_mine_stays(small)
    with zipfile.ZipFile(small.folder / "reports.zip") as packed:
        names = ["claims.html", "index.html", "mi_9/margin.html", "mi_9/margin.ipynb"]
        assert sorted(packed.namelist()) == [f"reports/{name}" for name in names]
        assert packed.testzip() is None
    first = (small.folder / "reports.zip").read_bytes()
    small.make("zip")
    assert (small.folder / "reports.zip").read_bytes() == first, "the same bytes each time"
    assert small.make("clean").returncode == 0
    assert_mine_stays(small)
    left = {str(path.relative_to(reports)) for path in reports.rglob("*") if path.is_file()}
    assert left == {*small.mine, "index.before.html"} - {"index.html"}


def test_what_the_user_put_in_the_place_of_a_report_is_put_aside_and_never_removed(project):
    project.set_studies("[margin]")
    reports = project.folder / "reports"
    mine = {"mi_9/margin.ipynb": BY_PAPERMILL, "mi_9/margin.failed.ipynb": "mine"}
    (reports / "mi_9").mkdir(parents=True)
    for name, text in mine.items():
        (reports / name).write_text(text)
    done = project.make("reports")
    assert done.returncode == 0, done.stderr
    assert "margin.ipynb was not made here: it is now margin.before.ipynb" in done.stdout
    assert (reports / "mi_9" / "margin.before.ipynb").read_text() == mine["mi_9/margin.ipynb"]
    assert (reports / "mi_9" / "margin.failed.before.ipynb").read_text() == "mine"

    (reports / "mi_9" / "margin.html").write_text("my own page")  # over the one that was made
    (reports / "mi_mix" / "margin.html").write_text("my other page")
    with project.launch("mi_9").open("a", encoding="utf-8") as file:
        file.write("# one line more\n")
    assert project.make("reports", "LAUNCH=mi_9").returncode == 0
    assert (reports / "mi_9" / "margin.before.html").read_text() == "my own page"
    assert project.make("clean").returncode == 0
    assert (reports / "mi_mix" / "margin.html").read_text() == "my other page"
    assert not (reports / "mi_mix" / "margin.ipynb").exists()


def test_a_folder_in_which_nothing_else_is_goes_when_cleaned(project):
    project.set_studies("[margin]")
    assert project.make("reports", "LAUNCH=mi_9", "OUT=my site").returncode == 0
    assert (project.folder / "my site" / "mi_9" / "margin.html").exists()
    assert project.make("clean", "OUT=my site").returncode == 0
    assert not (project.folder / "my site").exists()
    assert project.make("clean").returncode == 0, "nothing to clean is no error"


def spoil_with_a_space(project):
    project.launch("a phone").write_bytes(project.launch("mi_9").read_bytes())


def spoil_with_a_folder(project):
    project.launch("folder").mkdir()


def spoil_with_a_link(project):
    project.launch("link").symlink_to("nowhere")


def spoil_with_a_link_out(project):
    (project.folder.parent / "outside.yaml").write_text("first line of another's file\n")
    project.launch("link").symlink_to(project.folder.parent / "outside.yaml")


def spoil_an_own_file(project):
    project.launch("mi_9").write_text("studies: [\n")


def spoil_by_moving_all_launches(project):
    (project.folder / "data" / "launches").rename(project.folder / "data" / "launches.old")


SPOILERS = [
    spoil_by_moving_all_launches,
    spoil_with_a_space,
    spoil_with_a_folder,
    spoil_with_a_link,
    spoil_with_a_link_out,
    spoil_an_own_file,
]


@pytest.mark.parametrize("spoil", SPOILERS, ids=lambda spoil: spoil.__name__)
def test_no_page_is_lost_after_an_error_and_the_error_is_one_line(pair, spoil):
    before = {page: (pair.folder / "reports" / page).read_bytes() for page in pair.pages()}
    spoil(pair)
    for words in ([], ["LAUNCH=mi_mix"]):
        done = pair.make("reports", *words)
        lines = [line for line in done.stderr.splitlines() if not line.startswith("make")]
        assert "first line" not in done.stderr
        if words and spoil is spoil_an_own_file:
            assert done.returncode == 0, "nobody asked for that launch"
        elif words and spoil is spoil_by_moving_all_launches:
            assert "there is no launch 'mi_mix' in data/launches" in done.stderr
        else:
            assert done.returncode != 0
            assert len(lines) == 1
            assert re.match(r"left out: data/launches\b", lines[0])
    assert {page: (pair.folder / "reports" / page).read_bytes() for page in pair.pages()} == before


def test_who_asks_for_a_file_that_was_left_out_is_told_why(pair):
    spoil_with_a_link_out(pair)
    done = pair.make("reports", "LAUNCH=link")
    assert done.returncode != 0
    assert "data/launches/'link.yaml': leads out of the folder data" in done.stderr


def test_pages_on_methods_stay_while_the_notebooks_are_away(pair):
    text = pair.folder / "notebooks" / "methods" / "margin.md"
    text.parent.mkdir()
    text.write_text("# How margins are made\n\nBy a toy.\n")
    assert pair.make("reports").returncode == 0
    assert "methods/margin.html" in pair.pages()
    before = pair.pages()
    (pair.folder / "notebooks").rename(pair.folder / "away")
    assert pair.make("reports").returncode != 0
    assert pair.pages() == before
    (pair.folder / "away").rename(pair.folder / "notebooks")
    text.unlink()
    assert pair.make("reports").returncode == 0
    assert "methods/margin.html" not in pair.pages()


def test_a_launch_that_is_gone_keeps_its_page_while_another_fails_and_then_goes(pair):
    pair.launch("mi_mix").unlink()
    good = pair.launch("mi_9").read_text(encoding="utf-8")
    pair.launch("mi_9").write_text(good.replace("currency: CNY", "curency: CNY"), encoding="utf-8")
    assert pair.make("reports").returncode != 0
    assert {"mi_9/margin.html", "mi_mix/margin.html"} <= pair.pages()
    index = (pair.folder / "reports" / "index.html").read_text(encoding="utf-8")
    assert index.count("the last try to make this report failed") == 1, (
        "the index says which page is of before"
    )
    pair.launch("mi_9").write_text(good, encoding="utf-8")
    assert pair.make("reports").returncode == 0
    assert pair.pages() == {"mi_9/margin.html", "index.html", "claims.html"}
    assert "failed" not in (pair.folder / "reports" / "index.html").read_text(encoding="utf-8")


def test_a_failed_notebook_is_never_packed_and_goes_when_its_report_works(project):
    project.set_studies("[margin]")
    project.write_notebook("3_margin", "A toy that breaks?", "1 / 0")
    assert project.make("reports", "LAUNCH=mi_9").returncode != 0
    failed = project.folder / "reports" / "mi_9" / "margin.failed.ipynb"
    assert json.loads(failed.read_text())["metadata"]["report"] == {"name": "mi_9/margin"}
    done = project.run(sys.executable, "-m", "analysis.report", "--zip", "reports.zip")
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(project.folder / "reports.zip") as packed:
        assert not [name for name in packed.namelist() if "failed" in name]
    project.write_notebook("3_margin", "A toy that is mended?")
    assert project.make("reports", "LAUNCH=mi_9").returncode == 0
    assert not failed.exists()


def test_of_two_runs_at_once_one_waits_and_says_so(project):
    project.set_studies("[margin]")
    go_on = project.folder / "go on"
    wait = f"import os, time\nwhile not os.path.exists({str(go_on)!r}):\n    time.sleep(0.05)"
    project.write_notebook("3_margin", "A toy that waits?", wait)
    command = ["make", "reports", f"PY={project.python}"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    settings = {"cwd": project.folder, "env": clean_environment()} | pipes
    first = subprocess.Popen(command, **settings)
    manifest = project.folder / "reports" / MANIFEST
    deadline = time.monotonic() + PATIENCE_S
    while not manifest.exists() and first.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    second = subprocess.Popen(command, **settings)
    assert "another run works in reports: waiting until it ends" in second.stdout.readline()
    go_on.touch()
    said, _ = first.communicate(timeout=PATIENCE_S)
    said_then, _ = second.communicate(timeout=PATIENCE_S)
    assert first.returncode == second.returncode == 0, said + said_then
    assert "2 rendered, 0 failed" in said
    assert "2 reports are up to date" in said_then


# ---- the folder and its manifest, without any run ----


def test_a_manifest_of_somebody_else_leads_nowhere(tmp_path):
    outside = tmp_path / "outside.html"
    outside.write_text("mine")
    out = tmp_path / "out"
    out.mkdir()
    for name in ("../outside", "/outside", "a/../../outside", "..", "a/b/c", "A", "a b", ""):
        made = {"format": 1, "reports": {name: {"digest": "", "files": [], "failed": False}}}
        rest = {"site_pages": [], "site_digest": "", "large_files": {}}
        (out / MANIFEST).write_text(json.dumps(made | rest))
        assert ReportsFolder(out).reports == {}, name
        rest["site_pages"] = [f"{name}.html"]
        (out / MANIFEST).write_text(json.dumps({"format": 1, "reports": {}} | rest))
        assert ReportsFolder(out).site_pages == [], name
    for text in ("", "[]", "{", '{"format": 2, "reports": {}}', '{"reports": [1]}', "\xff"):
        (out / MANIFEST).write_bytes(text.encode("latin1"))
        folder = ReportsFolder(out)
        assert folder.reports == {}, text
    folder.prune(set())
    folder.clean()
    assert outside.read_text() == "mine"


def test_what_is_pruned_is_what_the_manifest_lists_and_nobody_lists_any_more(tmp_path):
    folder = ReportsFolder(tmp_path)
    for name in ("a/margin", "b/margin", "evidence"):
        folder.reports[name] = Made(digest="1")
        publish(tmp_path, f"{name}.html", MARK)
        publish(tmp_path, f"{name}.ipynb", EXECUTED)
    publish(tmp_path, "c/margin.html", f"{MARK}, but not in the manifest")
    folder.reports["d/margin"] = Made(digest="1")
    publish(tmp_path, "d/margin.html", "in the manifest, but written over by somebody")
    publish(tmp_path, "d/margin.ipynb", BY_PAPERMILL)
    publish(tmp_path, "d/margin.failed.ipynb", EXECUTED)
    publish(tmp_path, "b/own.txt", "mine")
    assert folder.prune({"a/margin"}) == ["b/margin", "evidence", "d/margin"]
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    kept = {"a/margin.html", "a/margin.ipynb", "c/margin.html", "b/own.txt"}
    kept |= {"d/margin.html", "d/margin.ipynb"}
    assert left == kept


def test_a_digest_goes_by_contents_and_a_large_file_is_read_again_only_if_it_changed(tmp_path):
    (tmp_path / "small.csv").write_text("1")
    before = Digests(tmp_path, {}).of_file("small.csv")
    (tmp_path / "small.csv").write_text("1")  # another time, the same contents
    assert Digests(tmp_path, {}).of_file("small.csv") == before
    (tmp_path / "small.csv").write_text("2")
    assert Digests(tmp_path, {}).of_file("small.csv") != before
    with (tmp_path / "large.csv").open("wb") as large:
        large.truncate(LARGE_BYTES)
    remembered = {}
    digest = Digests(tmp_path, remembered).of_file("large.csv")
    remembered["large.csv"][2] = "as remembered"
    assert Digests(tmp_path, remembered).of_file("large.csv") == "as remembered"
    (tmp_path / "large.csv").touch()
    assert Digests(tmp_path, remembered).of_file("large.csv") == digest


def test_what_is_no_file_has_a_digest_too(tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("pipe", "link", "not there", ".", "a\0b"):
        assert Digests(tmp_path, {}).of_file(name) == MISSING


def test_pages_beside_the_reports_go_with_their_text_and_others_of_that_name_are_put_aside(
    tmp_path,
):
    folder = ReportsFolder(tmp_path)
    publish(tmp_path, "methods/margin.html", "mine")
    publish(tmp_path, "methods/margin.before.html", "mine too")
    publish(tmp_path, "index.ipynb", "mine")
    folder.claim_site_pages(["index.html", "methods/margin.html"])
    for page in folder.site_pages:
        publish(tmp_path, page, MARK)
    folder.claim_site_pages(["index.html"])
    folder.clean()
    texts = {
        str(path.relative_to(tmp_path)): path.read_text()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert texts == {
        "methods/margin.before_2.html": "mine",
        "methods/margin.before.html": "mine too",
        "index.ipynb": "mine",
    }


def test_a_launch_named_like_a_page_beside_the_reports_is_left_out(project):
    project.set_studies("[margin]")
    project.launch("methods").write_bytes(project.launch("mi_9").read_bytes())
    done = project.make("reports")
    assert done.returncode != 0
    assert "left out: methods/margin: this name is that of a page beside the reports" in done.stderr
    assert "mi_9/margin.html" in project.pages()
    assert not [page for page in project.pages() if page.startswith("methods")]


def test_a_folder_that_cannot_be_one_is_one_clear_line(project):
    (project.folder / "taken").write_text("a file of somebody", encoding="utf-8")
    for out in ("taken", "taken/below"):
        done = project.make("reports", "LAUNCH=mi_9", f"OUT={out}")
        lines = [line for line in done.stderr.splitlines() if not line.startswith("make")]
        assert done.returncode != 0
        assert len(lines) == 1
        assert re.match(rf"{out}.*; expected a folder to write in", lines[0])
    assert (project.folder / "taken").read_text(encoding="utf-8") == "a file of somebody"


@pytest.mark.parametrize("out", ["", "."])
def test_pages_are_not_strewn_over_the_project_itself(project, out):
    before = sorted(path.name for path in project.folder.iterdir())
    done = project.make("reports", "LAUNCH=mi_9", f"OUT={out}")
    assert done.returncode != 0
    assert "OUT: expected a folder of its own, such as OUT=reports" in done.stderr
    assert sorted(path.name for path in project.folder.iterdir()) == before


def test_the_zip_of_one_launch_holds_its_pages_their_index_and_methods_alone(project):
    methods = project.folder / "notebooks" / "methods"
    methods.mkdir()
    for study in ("capacity", "margin"):
        (methods / f"{study}.md").write_text(f"# How we read {study}\n\nBy a toy.\n")
    project.set_studies("[margin]")
    assert project.make("reports").returncode == 0
    page = (project.folder / "reports" / "methods" / "margin.html").read_text()
    assert "mi_9" in page
    done = project.make("zip", "LAUNCH=mi_mix")
    assert done.returncode == 0, done.stderr
    assert "open reports/index.html" in done.stdout
    with zipfile.ZipFile(project.folder / "reports.zip") as packed:
        texts = {name: packed.read(name).decode() for name in packed.namelist()}
    names = ["index.html", "methods/margin.html", "mi_mix/margin.html", "mi_mix/margin.ipynb"]
    assert sorted(texts) == [f"reports/{name}" for name in names]
    index, method = texts["reports/index.html"], texts["reports/methods/margin.html"]
    assert 'href="mi_mix/margin.html"' in index
    assert 'href="../mi_mix/margin.html"' in method
    assert not re.search("mi_9|Mi 9", index + method)


def test_a_zip_of_a_launch_without_reports_is_refused_and_the_zip_of_before_stays(pair):
    zipped = pair.folder / "reports.zip"
    zipped.write_text("of before")
    pack = [pair.python, "-m", "analysis.report", "--zip", "reports.zip", "--only"]
    done = pair.run(*pack, "mi_9 mi_typo")
    assert done.returncode != 0
    assert done.stderr == (
        "reports: no report of 'mi_typo' was made; there are those of mi_9, mi_mix\n"
    )
    assert zipped.read_text() == "of before"
