"""The house stays as planned: arrows between rooms go one way, what is public explains itself."""

import ast
import doctest
import importlib
import inspect
import json
import pkgutil
import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest

import analysis

ROOT = Path(__file__).resolve().parents[1]
STUDIES = ["sellout", "demand", "supply", "bom", "margin", "plan", "evidence"]
ROOMS = ["data", "look", *STUDIES]
# A room may import those to its left, and from `data` and `look` as analysis/__init__.py says.
MAY_IMPORT = {
    "data": {"data"},
    "look": {"look"},
    "report": {"look", "report"},
    **{room: {"data", "look", *STUDIES[: at + 1]} for at, room in enumerate(STUDIES)},
}
MODULES = sorted(module.name for module in pkgutil.walk_packages(analysis.__path__, "analysis."))


def path_of(module: str) -> Path:
    folder = ROOT.joinpath(*module.split("."))
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


def imported_modules(path: Path, package: str) -> set[str]:
    """Full names of the modules of analysis that a file imports, wherever the import stands."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1]
            stem = ".".join(base) if node.level else ""
            full = f"{stem}.{node.module}".strip(".") if node.module else stem
            names |= {full} | {f"{full}.{alias.name}" for alias in node.names}
    return {name for name in names if name.split(".")[0] == "analysis"}


def room_of(module: str) -> str:
    return [*module.split("."), ""][1]


@pytest.mark.parametrize("module", [name for name in MODULES if room_of(name) in MAY_IMPORT])
def test_a_room_imports_only_what_lies_to_its_left(module):
    path = path_of(module)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    rooms = {room_of(name) for name in imported_modules(path, package)} - {""}
    assert rooms <= MAY_IMPORT[room_of(module)], f"{module} imports {rooms}"


def test_the_test_of_arrows_sees_an_arrow_back_up(tmp_path):
    spoilt = tmp_path / "reports.py"
    spoilt.write_text("def f():\n    from ..plan.choose import choose_plan\n")
    rooms = {room_of(name) for name in imported_modules(spoilt, "analysis.supply")}
    assert not rooms - {""} <= MAY_IMPORT["supply"]


def test_every_folder_of_analysis_is_a_room_of_the_plan():
    folders = {
        path.name for path in (ROOT / "analysis").iterdir() if (path / "__init__.py").exists()
    }
    assert folders == set(MAY_IMPORT)
    assert [path.name for path in (ROOT / "analysis").glob("*.py")] == ["__init__.py"]


def test_no_notebook_reaches_into_what_runs_it():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        assert "analysis.report" not in code, path.name
        assert ".ci" not in code, path.name


def public_functions() -> list:
    """Every function and every method that a room offers: (name, function)."""
    offered = {}
    for room in ROOMS:
        package = importlib.import_module(f"analysis.{room}")
        for name in package.__all__:
            thing = inspect.unwrap(getattr(package, name))  # `lru_cache` hides a function
            if inspect.isfunction(thing):
                offered[f"{room}.{name}"] = thing
            elif inspect.isclass(thing):
                for member, attribute in vars(thing).items():
                    function = getattr(attribute, "__func__", attribute)  # of a class method
                    if inspect.isfunction(function) and not member.startswith("_"):
                        offered[f"{room}.{name}.{member}"] = function
    return sorted(offered.items())


def parameters_of(function) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]


def returns_something(function) -> bool:
    returned = inspect.signature(function).return_annotation
    return returned not in (inspect.Signature.empty, None, "None")


def errors_raised_in(function) -> set[str]:
    """Names of the errors that the function's own lines raise."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return {
        ast.unparse(node.exc).split("(")[0].split(".")[-1]
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and node.exc is not None
    }


def sections_of(docstring: str) -> dict[str, str]:
    """Text of each section of a docstring in numpydoc form, by its title."""
    _, *titles_and_texts = re.split(r"^(\w[\w ]*)\n-+\n", docstring, flags=re.M)
    return dict(zip(titles_and_texts[::2], titles_and_texts[1::2], strict=True))


def explained_parameters(docstring: str) -> list[str]:
    """Names that stand at the margin of the section on parameters: `low, high : float`."""
    section = sections_of(docstring).get("Parameters", "")
    lines = re.findall(r"^\S.*", section, re.M)
    return [name.strip(" *") for line in lines for name in line.split(" :")[0].split(",")]


PUBLIC = public_functions()


@pytest.mark.parametrize("function", [f for _, f in PUBLIC], ids=[name for name, _ in PUBLIC])
def test_what_is_public_says_what_comes_back_and_what_is_raised(function):
    text = inspect.getdoc(function) or ""
    assert text, "no docstring"
    says_return = re.search(r"^(Returns|Yields)\n-+$", text, re.M)
    # A summary whose verb names what comes back says it too: "Say" a sentence, "List" a list.
    says_return = says_return or re.match(r"(Return|Give|Show|Say|List|Whether|Draw)", text)
    assert says_return or not returns_something(function), "does not say what comes back"
    raised = errors_raised_in(function)
    assert all(name in text for name in raised), f"does not say that it raises {raised}"


TAKES_SEVERAL = {name: function for name, function in PUBLIC if len(parameters_of(function)) > 1}


@pytest.mark.parametrize("name", TAKES_SEVERAL)
def test_what_takes_several_parameters_explains_each_in_numpydoc_form(name):
    function = TAKES_SEVERAL[name]
    docstring = inspect.getdoc(function)
    assert sorted(explained_parameters(docstring)) == sorted(parameters_of(function))
    sections = sections_of(docstring)
    assert not returns_something(function) or {"Returns", "Yields"} & set(sections)
    assert not errors_raised_in(function) or "Raises" in sections


def test_every_room_says_in_its_docstring_what_it_is_for_and_offers_names():
    for room in ROOMS:
        package = importlib.import_module(f"analysis.{room}")
        assert len(package.__doc__.split()) >= 8, room
        assert len(package.__all__) == len({*package.__all__}), f"{room}: a name twice"
        assert [name for name in package.__all__ if not hasattr(package, name)] == [], room
        assert dir(package) == sorted(package.__all__), f"{room}: Tab shows what may be called"


# What notebooks of users call: these names stay where they are, whatever moves behind them.
NAMES_THAT_STAY = {
    "data": ["load_launch", "load_table"],
    "sellout": ["fit_arrivals", "fit_arrival_counts", "fit_arrival_laws", "unconstrain"],
    "demand": ["fit_bass", "forecast_launch"],
    "supply": ["explain_shortage"],
    "bom": ["fit_cost_law", "fit_decline"],
    "margin": ["newsvendor"],
    "plan": ["clearing_price"],
}


@pytest.mark.parametrize("room", NAMES_THAT_STAY)
def test_names_that_users_call_stay_where_they_are(room):
    offered = importlib.import_module(f"analysis.{room}").__all__
    assert set(NAMES_THAT_STAY[room]) <= set(offered)


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_are_right(module):
    if module.endswith("__main__"):
        pytest.skip("a command")
    result = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0


def test_no_line_of_code_is_wider_than_a_page():
    wide = [
        f"{path.relative_to(ROOT)}:{at}"
        for folder in ("analysis", "tests")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 100
    ]
    assert not wide


@pytest.mark.skipif(not (shutil.which("git") and (ROOT / ".git").exists()), reason="no clone")
def test_git_keeps_no_link_which_would_lead_out_of_the_project():
    kept = subprocess.run(
        ["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert kept
    assert [line for line in kept if line.startswith("120000")] == []
