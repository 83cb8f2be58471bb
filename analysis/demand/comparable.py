"""What comparable launches say of one: those of its own class of products first, then all.

A phone is compared with phones alone, of which there are many on file. Launches of another class
are few, so its fits are drawn to those of all products: the fewer there are, the more.
"""

from __future__ import annotations

import pandas as pd

from ..data import Launch, load_table, shared
from ..data.products import MOBILE
from .milestones import milestone_sequences
from .prior import LaunchPrior, fit_prior
from .reference_class import ReferenceClass, fit_reference_class
from .targets import LEAST_OUTCOMES

LAST_DAY = "2199-12-31"


def family_of(launch: Launch) -> str:
    """Return the family of a launch's device; the device itself where it is not on file."""
    families = load_table("devices").set_index("device")["family"]
    return families.get(launch.device, launch.device)


def prior_of_class(
    family: str, classes: tuple[str, ...] = MOBILE, until: str = LAST_DAY
) -> LaunchPrior:
    """Return the prior of demand for a launch, without its own family, as known on a day.

    Parameters
    ----------
    family : str
        The family to leave out.
    classes : tuple of str
        Classes of devices.csv to compare with first: `Launch.product.compared_classes`.
    until : str
        ISO date after which no count is used.

    Returns
    -------
    LaunchPrior
        For a class other than phones, drawn to the prior of all products.
    """
    if classes == MOBILE:
        return shared(fit_prior)(milestone_sequences(family, until=until))
    of_all = shared(fit_prior)(_of_all(family, until))
    of_class = milestone_sequences(family, until=until, classes=classes)
    return shared(fit_prior)(_one_market_each(of_class), around=of_all)


def line_of_class(
    family: str, classes: tuple[str, ...] = MOBILE, until: str = LAST_DAY
) -> ReferenceClass:
    """Return how fast comparable launches sold, without a launch's own family, as known on a day.

    Parameters
    ----------
    family : str
        The family to leave out.
    classes : tuple of str
        Classes of devices.csv to compare with first: `Launch.product.compared_classes`.
    until : str
        ISO date after which no count is used.

    Returns
    -------
    ReferenceClass
        For a class other than phones, drawn to that of all products.
    """
    if classes == MOBILE:
        return shared(fit_reference_class)(milestone_sequences(family, until=until, least=1))
    of_all = shared(fit_reference_class)(_of_all(family, until, least=1))
    of_class = milestone_sequences(family, until=until, least=1, classes=classes)
    return shared(fit_reference_class)(_one_market_each(of_class), around=of_all)


def hits_of_class(hits: pd.DataFrame, family: str, classes: tuple[str, ...]) -> pd.DataFrame:
    """Select what became of other families' targets: of a class where enough are known, or all.

    A phone's are those of phones and of makers of their parts.
    """
    devices = load_table("devices").set_index("device")
    others = hits[hits["device"].map(devices["family"]) != family]
    device_class = others["device"].map(devices["device_class"])
    if classes == MOBILE:
        return others[device_class.isin((*MOBILE, "other"))]
    of_class = others[device_class.isin(classes)]
    return of_class if len(of_class) >= LEAST_OUTCOMES else others


def _of_all(family: str, until: str, least: int = 2) -> pd.DataFrame:
    """Return the sequences of every class."""
    every_class = tuple(sorted(load_table("devices")["device_class"].unique()))
    sequences = milestone_sequences(family, until=until, least=least, classes=every_class)
    return _one_market_each(sequences)


def _one_market_each(sequences: pd.DataFrame) -> pd.DataFrame:
    """Leave out a country's sequence of a device that is counted for the world as well."""
    world = sequences.loc[sequences["market"] == "WORLD", "device"]
    is_part = sequences["device"].isin(world) & (sequences["market"] != "WORLD")
    return sequences[~is_part].reset_index(drop=True)
