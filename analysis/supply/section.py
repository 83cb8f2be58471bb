"""What every section of the supply page can do: say what was found, or show nothing."""

from __future__ import annotations

import pandas as pd

from ..look import Table, Text


class Result:
    """A result of the page.

    `sentence` and `table` say what was found; `words` and `shown_table` show the same on a page,
    and are None, which shows nothing, where there is nothing to show for a launch.
    """

    def sentence(self) -> str:
        """Say what was found."""
        raise NotImplementedError

    def table(self) -> pd.DataFrame:
        """List what was found."""
        raise NotImplementedError

    def shown_table(self) -> Table | None:
        """Show what readers need of the table."""
        raise NotImplementedError

    def words(self) -> Text | None:
        """Show the sentence as a paragraph; None, which shows nothing, where there is none."""
        sentence = self.sentence()
        return Text(sentence) if sentence else None
