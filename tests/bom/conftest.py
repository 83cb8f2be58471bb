"""What tests of the room of BOMs share: the tables on file and the rate pooled from them."""

from types import SimpleNamespace

import pandas as pd
import pytest

from analysis import bom
from analysis.data import load_table


@pytest.fixture(scope="session")
def tables() -> SimpleNamespace:
    """The market tables that BOMs are read from; tests leave them as they are."""
    return SimpleNamespace(
        devices=load_table("devices"),
        pairs=load_table("recosted_pairs"),
        teardowns=load_table("bom_teardowns"),
        components=load_table("bom_components"),
        economics=load_table("economics"),
    )


@pytest.fixture(scope="session")
def clean_pairs(tables) -> pd.DataFrame:
    """The pairs that the first rule lets in."""
    return bom.select_clean_pairs(tables.pairs, tables.devices)
