"""The BOM history of a launch as a pair of costings beside those of the market tables."""

import pandas as pd

from .launch import Launch

LEAST_DAYS = 92  # between first and last costing; less says little of a yearly rate


def add_own_pair(
    launch: Launch, pairs: pd.DataFrame, devices: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add the first and the last costing of a launch's own BOM history to the re-costed pairs.

    Parameters
    ----------
    launch : Launch
        The launch; without costings three months apart both tables come back as they are.
    pairs, devices : DataFrame
        The market tables `recosted_pairs` and `devices`.

    Returns
    -------
    pairs, devices : DataFrame
        `pairs` with one more row, `own_<launch>`: one house, one specification, parts alone.
        `devices` with the launch's device where it was not there, in the class of its product.
    """
    costings = launch.costings
    if len(costings) < 2:
        return pairs, devices
    first, last = costings.iloc[0], costings.iloc[-1]
    if (last["date"] - first["date"]).days < LEAST_DAYS:
        return pairs, devices

    own_pair = {
        "pair_id": f"own_{launch.launch}",
        "same_specification": "yes",
        "basis": "bom",
        "second_date": "stated",
        "device_a": launch.device,
        "stage_a": "final",
        "analyst_house_a": "own",
        "date_a": first["date"],
        "cost_a_usd": first["bom_usd"],
        "device_b": launch.device,
        "stage_b": "final",
        "analyst_house_b": "own",
        "date_b": last["date"],
        "cost_b_usd": last["bom_usd"],
    }
    own_device = {
        "device": launch.device,
        "family": launch.device,
        "device_class": launch.product.compared_classes[0],
    }
    all_pairs = pd.concat([pairs, pd.DataFrame([own_pair])], ignore_index=True)
    all_devices = pd.concat([devices, pd.DataFrame([own_device])])
    return all_pairs, all_devices.drop_duplicates("device")
