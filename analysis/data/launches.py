"""Launches as other rooms use them, and what a report of a launch needs before it can be made.

    from analysis.data.launches import load_launch
    launch = load_launch("mi_9")

What a launch is stands in launch.py, how its file is read in launch_file.py. `prepare_report` is
what the runner of reports asks before it starts a notebook.
"""

import hashlib

import pandas as pd

from .codes import country_codes
from .dictionary import read_dictionary, read_fields
from .errors import DataError, Problems, one_line, quoted, suggest
from .inputs_log import find_odd_log
from .launch import NO_SALE, Launch, SourcedValue, as_day, as_known_on
from .launch_file import list_launches, load_launch, read_launch_text, refused_launch_files
from .tables import data_checksum, load_table
from .text_files import DATA

__all__ = [
    "Launch",
    "SourcedValue",
    "as_day",
    "as_known_on",
    "describe_launches",
    "list_launches",
    "load_launch",
    "prepare_report",
    "refused_launch_files",
]

PRICE_AND_COSTS = (
    "first_sale",
    "life_months",
    "price.list_local",
    "price.list_tax_share",
    "price.local_per_usd",
    "costs.bom_usd",  # or its share of the net price
    "costs.assembly_usd",
    "costs.royalty_share",
    "costs.channel_share",
    "costs.freight_warranty_usd",
)
RAMP = ("supply.start_units_per_month", "supply.full_units_per_month", "supply.ramp_weeks")
NEEDED_FIGURES = {  # figures that a study cannot do without, known or assumed
    "capacity": ("first_sale",),
    "margin": PRICE_AND_COSTS,
    "release_plan": PRICE_AND_COSTS + RAMP,
}
STUDY_NAMES = {  # in a word, by which the pages of one launch lead to one another
    "sellout_speed": "Demand",
    "capacity": "Supply",
    "margin": "Margin",
    "release_plan": "Plan",
}
COUNTRIES = {"GB": "Britain", "HK": "Hong Kong", "WORLD": "worldwide"}  # others: see codes.py
DATA_FILES = ("orders.file", "orders.requests_file", "histories.sales", "histories.bom")


def describe_launches() -> pd.DataFrame:
    """Return what there is to study: the launches that have a file, one a row.

    Returns
    -------
    DataFrame
        launch (the name that a notebook takes), name, product, market, first_sale (a day, or None
        where it is unknown) and studies, parted by commas.

    Raises
    ------
    DataError
        If a launch file is not as data/README.md has it.
    """
    launches = [load_launch(name) for name in list_launches()]
    return pd.DataFrame(
        {
            "launch": [one.launch for one in launches],
            "name": [one.name for one in launches],
            "product": [one.product.noun for one in launches],
            "market": [_country(one) for one in launches],
            "first_sale": [one.figure("first_sale").value for one in launches],
            "studies": [", ".join(one.studies) for one in launches],
        }
    )


def prepare_report(*names: str) -> dict:
    """Check all data that a report stands on, and return what its notebook and its page are given.

    Parameters
    ----------
    *names : str
        A launch and a study, or a study alone that is of no launch.

    Returns
    -------
    dict
        parameters (of the notebook), subject, detail, summary, order (by which an index sorts),
        footer, studies (of the launch, with their names) and files (of data of this launch alone,
        as paths below the project), as the runner of reports takes them.

    Raises
    ------
    DataError
        If a market table or the launch file is wrong, the file does not name the study, or a
        figure that the study needs is unknown.
    """
    for table in read_dictionary():
        load_table(table)
    if len(names) == 1:
        return {
            "parameters": {},
            "subject": "All launches",
            "detail": "methods held against cases not seen",
            "order": "~",
        }
    name, study = names
    launch = load_launch(name)
    _check_study(launch, study)
    text = read_launch_text(name)
    content = (DATA / "launches" / f"{name}.yaml").read_bytes()
    checksum = hashlib.sha256(content).hexdigest()[:12]
    return {
        "parameters": {"launch": name} | launch.parameters.get(study, {}),
        "subject": launch.name,
        "detail": _detail(launch, text),
        "summary": launch.words["summary"],
        "order": str(launch.figure("first_sale").value),
        "footer": (f"Data checksum {data_checksum()} (market tables), {checksum} (launch file).",),
        "studies": {one: STUDY_NAMES.get(one, one) for one in launch.studies},
        "files": tuple(f"data/{file}" for file in _own_files(launch)),
    }


def _own_files(launch: Launch) -> list[str]:
    """Return the data files that a launch names, as paths below data/."""
    named = [launch.words[field] for field in DATA_FILES if launch.words.get(field)]
    return named + list(_logs_of_drops(launch).values())


def _logs_of_drops(launch: Launch) -> dict[int, str]:
    """Return the order logs that stand beside the drops of a launch, by the drop's entry."""
    return launch.drops["orders_file"].dropna().to_dict() if len(launch.drops) else {}


def has_log(launch: Launch) -> bool:
    """Whether a launch names an order log, for itself or for one of its drops."""
    return bool(launch.words.get("orders.file") or _logs_of_drops(launch))


def _check_study(launch: Launch, study: str) -> None:
    """Refuse a study that the launch file does not name, or has not the data for."""
    if study not in launch.studies:
        name = f"data/launches/{launch.launch}.yaml"
        raise DataError(f"{name}: studies has no {quoted(study)}{suggest(study, launch.studies)}")
    problems = Problems()
    for missing in missing_for(launch, study):
        problems.add(missing)
    if study == "sellout_speed":
        with problems.noted():
            find_odd_log(launch)
    problems.raise_all()


def missing_for(launch: Launch, study: str) -> list[str]:
    """Return what a launch lacks for one of its studies, a line each.

    Parameters
    ----------
    launch : Launch
        The launch.
    study : str
        A study, by its notebook's name without the number.
    """
    name = f"data/launches/{launch.launch}.yaml"
    lines = [
        f"{name}: {path} is unknown; {study} needs its value or an assumed range"
        for path in unknown_figures(launch, study)
    ]
    for entry, log in _logs_of_drops(launch).items():
        if not (DATA / log).is_file():
            place = launch.place(f"drops[{entry}].orders_file")
            lines.append(
                f"{place}: drops[].orders_file = {quoted(log)}; expected a file below data/, and "
                f"there is no {one_line(f'data/{log}')}"
            )
    if study == "sellout_speed" and not has_log(launch) and _timed_sales(launch).empty:
        lines.append(
            f"{launch.place('studies')}: sellout_speed needs sellout_s of a drop, or orders.file"
            f"{_why_no_sale(launch)}; give one of them, or take sellout_speed out of studies"
        )
    return lines


def _timed_sales(launch: Launch) -> pd.DataFrame:
    """Return the drops with seconds to sell out that are sales of the launch's own device."""
    lots = launch.own_lots
    return lots[lots["sellout_s"].gt(0)]


def _why_no_sale(launch: Launch) -> str:
    """Say, as a clause, why a drop with seconds to sell out is no sale; "" where none has them."""
    if not launch.drops["sellout_s"].gt(0).any():
        return ""
    return (
        "; a drop of another device, or whose units_basis is "
        f"{' or '.join(NO_SALE)}, is no sale of it"
    )


def unknown_figures(launch: Launch, study: str) -> list[str]:
    """Return the figures that a study needs and a launch lacks, in the order of the dictionary.

    Parameters
    ----------
    launch : Launch
        The launch.
    study : str
        A study, by its notebook's name without the number.
    """
    known = {path for path, figure in launch.figures.items() if figure.known}
    if "costs.bom_share_of_net_price" in known:
        known.add("costs.bom_usd")  # the share stands in for it
    needed = NEEDED_FIGURES.get(study, ())
    return [path for path in read_fields() if path in needed and path not in known]


def _country(launch: Launch) -> str:
    """Return the name of the country of a launch, as a page says it."""
    return COUNTRIES.get(launch.market) or country_codes()[launch.market]


def _detail(launch: Launch, text: str) -> str:
    """Return where and when the launch was, and how many placeholders its file still has."""
    first_sale = launch.figure("first_sale").value
    country = _country(launch)
    detail = country
    if first_sale is not None:
        detail = f"first sale on {first_sale.day} {first_sale:%B %Y} ({country})"
    placeholders = len(placeholder_lines(text))
    if placeholders:
        are = "placeholder is" if placeholders == 1 else "placeholders are"
        detail = f"{detail}; {placeholders} {are} not filled in yet"
    return detail


def placeholder_lines(text: str) -> list[int]:
    """Return the lines of a launch file whose figures are still those of the template."""
    lines = enumerate(text.split("\n"), start=1)
    return [number for number, line in lines if "PLACEHOLDER" in line.partition("#")[0]]
