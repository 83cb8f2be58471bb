"""What every section of the supply page can do: say what was found, or show nothing."""

from __future__ import annotations

from ..look import Text


class Result:
    """A result of the page: `sentence` in words, `words` as a paragraph, none where it is empty."""

    def sentence(self) -> str:
        """Say what was found."""
        raise NotImplementedError

    def words(self) -> Text | None:
        """Show the sentence as a paragraph; None, which shows nothing, where there is none."""
        sentence = self.sentence()
        return Text(sentence) if sentence else None
