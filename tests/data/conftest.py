"""A copy of data/ to spoil; and every error that a test of this room meets is in our own words."""

import shutil

import pytest
from plain_messages import PARSERS_WORDS

from analysis.data import DATA, DataError


@pytest.fixture
def copy(tmp_path):
    """A copy of data/ whose files a test may spoil."""
    shutil.copytree(DATA, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def _errors_in_our_own_words(monkeypatch):
    """Note the text of each `DataError` of a test, and look for a parser's words in all of them."""
    texts = []

    def note(error, *parts):
        texts.extend(str(part) for part in parts)
        ValueError.__init__(error, *parts)

    monkeypatch.setattr(DataError, "__init__", note)
    yield
    foreign = [text for text in texts if PARSERS_WORDS.search(text)]
    assert not foreign
